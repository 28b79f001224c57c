//! Pages: whole, without scripts, with links that hold and numbers that are those of the tables.

use std::collections::BTreeSet;

use std::fs;
use std::path::Path;

use crate::support::{SHARED, Workbench, case_folder, copy};

/// Every page that is answered within seconds on a slow machine. The record of past forecasts takes longer,
/// and is left out by naming a day.
const PAGES: [&str; 27] = [
    "/",
    "/map",
    "/map?unit=adm1&measure=events&from=2014-01&to=2014-12",
    "/places",
    "/place/PK2",
    "/organisations",
    "/organisation/ttp",
    "/fronts",
    "/fronts/parts?place=PK2&month=2021-10",
    "/fronts/indicators",
    "/forecast?as_of=2026-01-01&unit=adm2",
    "/cycle?show=kinds",
    "/interventions",
    "/claims",
    "/scenarios?lever-redress=1&horizon=12",
    "/benchmarks",
    "/chronicle",
    "/sources",
    "/compare",
    "/why?place=PK2&month=2021-10&unit=adm1",
    "/why/forecast?place=PK2&as_of=2026-01-01",
    "/why/claim?id=wins-feed-narratives",
    "/why/scenario?horizon=12",
    "/sql",
    "/data",
    "/api",
    "/about",
];

fn page(path: &str) -> String {
    let reply = SHARED.get(path);
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    assert_eq!(reply.header("content-type"), "text/html; charset=utf-8", "{path}");
    reply.text()
}

/// Addresses that a page leads to.
fn links(page: &str) -> BTreeSet<String> {
    let parts = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    parts
        .map(|link| link.replace("&amp;", "&").split('#').next().unwrap_or("").to_owned())
        .collect()
}

/// The shape of an address: its path with identifiers left out, and the names of its parameters.
fn shape(link: &str) -> String {
    let (path, query) = link.split_once('?').unwrap_or((link, ""));
    let parts: Vec<&str> = path.split('/').collect();
    let path = match parts[..] {
        ["", kind @ ("place" | "organisation" | "claims"), id] => {
            let ending = id.rsplit_once('.').map_or("", |rsplit_once| rsplit_once.1);
            format!("/{kind}/*.{ending}")
        }
        _ => path.to_owned(),
    };
    let names: Vec<&str> =
        query.split('&').map(|pair| pair.split('=').next().unwrap_or("")).collect();
    format!("{path}?{}", names.join("&"))
}

#[test]
fn every_page_is_whole_without_scripts_and_every_kind_of_link_holds() {
    let mut shapes = BTreeSet::new();
    for path in PAGES {
        let page = page(path);
        assert!(page.ends_with("</html>"), "{path}");
        for absent in [" style=\"", "<style", "href=\"http", "src=\"http", "onclick"] {
            assert!(!page.contains(absent), "{path}: {absent}");
        }
        // The one script of this server, on the page with levers; nothing stands in it on the page.
        let scripts: Vec<&str> = page.split("<script").skip(1).collect();
        assert_eq!(scripts.len(), usize::from(page.contains("data-today=")), "{path}");
        for script in scripts {
            let is_ours = script.starts_with(" src=\"/assets/workbench-");
            assert!(is_ours && script.contains(" defer></script>"), "{path}");
        }
        assert_eq!(page.matches("<h1").count(), 1, "{path}");
        for link in links(&page) {
            // The record of past forecasts takes long; its page has a place in the navigation.
            if link.is_empty() || link.starts_with("/forecast") || !shapes.insert(shape(&link)) {
                continue;
            }
            let reply = SHARED.get(&link);
            assert_eq!(reply.status, 200, "{path} leads to {link}: {}", reply.text());
        }
    }
    assert!(shapes.len() > 60, "{}", shapes.len());
}

#[test]
fn a_number_on_a_page_is_the_one_of_the_table_and_leads_to_records_that_add_up_to_it() {
    let table = SHARED.get("/api/v1/panel.json?unit=adm1&from=2026-01&to=2026-01&places=current");
    let rows = table.json();
    let row = rows.as_array().unwrap().iter().find(|row| row["place_id"] == "PK2").unwrap();
    let deaths = row["deaths_best"].as_f64().unwrap();
    assert!(deaths > 0.0);
    let place = page("/place/PK2");
    let link = links(&place)
        .into_iter()
        .find(|link| link.contains("month=2026-01") && !link.contains("measure="))
        .expect("a link from the month to its records");
    let shown = format!("{}\">{deaths:.0}</a>", link.replace('&', "&amp;"));
    assert!(place.contains(&shown), "{shown}");
    assert!(page(&link).contains(&format!("<b>{deaths:.0}</b>")));
    let records = SHARED.get(&link.replace("/why?", "/api/v1/why.json?")).json();
    let parts = records.as_array().unwrap().iter();
    let sum: f64 = parts.map(|row| row["contribution"].as_f64().unwrap()).sum();
    assert!((sum - deaths).abs() < 1e-9, "{sum} {deaths}");
}

#[test]
fn a_figure_has_its_picture_and_its_data_under_its_own_address() {
    let map = page("/map");
    assert!(map.contains("/map.svg?figure=map") && map.contains("/map.csv?figure=map"));
    let parquet = SHARED.get("/map.parquet?figure=map");
    assert_eq!(parquet.header("content-type"), "application/vnd.apache.parquet");
    assert_eq!([parquet.body.get(..4), parquet.body.rchunks(4).next()], [Some(&b"PAR1"[..]); 2]);
    let picture = SHARED.get("/map.svg?figure=map");
    assert_eq!(picture.header("content-type"), "image/svg+xml");
    assert!(picture.text().starts_with("<svg "));
    let pixels = SHARED.get("/map.png?figure=map");
    assert_eq!(pixels.header("content-type"), "image/png");
    assert!(pixels.body.starts_with(b"\x89PNG\r\n\x1a\n"));
    // The first chunk of a PNG begins with its width: three pixels for each of 784 units.
    assert_eq!(pixels.body[16..20], 2352_u32.to_be_bytes());
    assert!(pixels.body == SHARED.ask("/map.png?figure=map", &[("Accept-Encoding", "gzip")]).body);
    let data = SHARED.get("/map.csv?figure=map").text();
    assert!(data.starts_with("place,abbreviation,group,column,row,value"), "{data}");
    for ending in ["svg", "png", "csv", "parquet"] {
        for (page, figure) in [("/map", "map"), ("/place/PK2", "months")] {
            let none = SHARED.get(&format!("{page}.{ending}?figure=nothing"));
            assert_eq!(
                (none.status, none.header("content-type")),
                (404, "application/problem+json")
            );
            assert!(none.text().contains(&format!("figures of this page: {figure}")));
        }
    }
}

#[test]
fn every_figure_of_a_page_has_a_link_to_its_pixels() {
    for path in PAGES {
        let page = page(path);
        let shown = page.matches("<figure ").count();
        let leads = |link: &&String| link.split('?').next().unwrap_or("").ends_with(".png");
        assert_eq!(links(&page).iter().filter(leads).count(), shown, "{path}");
    }
}

#[test]
fn the_same_question_leads_to_one_address() {
    let reply = SHARED.ask("/map?measure=deaths_best&unit=adm1&from=&as_of=", &[]);
    assert_eq!((reply.status, reply.header("location")), (303, "/map?unit=adm1"));
    let reply = SHARED.ask("/scenarios?lever-redress=1.0&lever-kinetic=0.50&members=400", &[]);
    assert_eq!(reply.header("location"), "/scenarios?lever-kinetic=0.5&lever-redress=1");
}

#[test]
fn a_lever_that_the_case_does_not_have_or_cannot_stand_there_is_refused() {
    let unknown = SHARED.get("/scenarios?lever-magic=1&horizon=12");
    assert!(unknown.status == 404 && unknown.text().contains("magic"));
    let nowhere = SHARED.get("/scenarios?lever-redress%5Bsindh%5D=1&horizon=12");
    assert_eq!(nowhere.status, 404);
    let beyond = SHARED.get("/scenarios?lever-redress=7&horizon=12");
    assert!(beyond.status == 400 && beyond.text().contains("from 0 to 1"), "{}", beyond.text());
    let moved = SHARED.get("/api/v1/scenario?scenario=own&lever-redress=1&horizon=12&members=50");
    assert!(moved.text().contains("\"scenario\":\"own\""), "{}", moved.text());
}

#[test]
fn the_form_of_levers_is_answered_when_it_is_sent_whole_as_a_browser_without_scripts_sends_it() {
    let page = SHARED.get("/scenarios").text();
    let names = page.split("name=\"lever-").skip(1).filter_map(|rest| rest.split('"').next());
    let fields: Vec<String> = names.map(|name| format!("lever-{name}=")).collect();
    let alone = fields.iter().filter(|field| field.contains('[')).count();
    assert!(alone > 0 && alone < fields.len(), "{fields:?}");
    let encoded = fields.join("&").replace('[', "%5B").replace(']', "%5D");
    let whole = SHARED.get(&format!("/scenarios?{encoded}&shock=&against=&members=400"));
    assert_eq!(whole.status, 200, "{} fields", fields.len());
}

#[test]
fn links_to_the_numbers_of_a_page_keep_its_day_of_knowledge() {
    for path in [
        "/map?unit=adm1&from=2024-01&to=2024-12&as_of=2026-01-01",
        "/place/PK2?as_of=2026-01-01",
        "/forecast?as_of=2026-01-01&unit=adm2",
        "/fronts?as_of=2026-01-01",
        "/fronts/parts?place=PK2&month=2021-10&as_of=2026-01-01",
    ] {
        let links = links(&page(path));
        let numbers = |link: &&String| {
            ["/api/v1/panel", "/api/v1/forecast", "/api/v1/fronts", "/why?", "/fronts/parts"]
                .iter()
                .any(|start| link.starts_with(start))
        };
        let all: Vec<&String> = links.iter().filter(numbers).collect();
        assert!(all.len() > 3, "{path}: {links:?}");
        for link in all {
            assert!(link.contains("as_of=2026-01-01"), "{path} leads to {link}");
        }
    }
}

#[test]
fn months_that_were_not_covered_on_a_day_are_named_on_that_days_map() {
    let span = "unit=adm1&from=2026-01&to=2026-02";
    assert!(!page(&format!("/map?{span}")).contains("are covered by no version"));
    let earlier = page(&format!("/map?{span}&as_of=2026-01-01"));
    assert!(
        earlier.contains("covered by no version of the source known on 2026-01-01"),
        "{earlier}"
    );
    // A figure that is downloaded stands alone.
    let figure = |span: &str| SHARED.get(&format!("/map.svg?figure=map&unit=adm1&{span}")).text();
    let in_part = figure("from=2025-03&to=2026-02");
    assert!(in_part.contains("Sums are over the 2 of 12"), "{in_part}");
    assert!(figure("from=2025-03&to=2025-04").contains("No month of it is covered."));
    assert!(!figure("from=2026-01&to=2026-02").contains("covered"));
}

#[test]
fn organisations_and_chronicle_need_no_record_of_violence() {
    let folder = tempfile::tempdir().unwrap();
    copy(&case_folder(), folder.path());
    without_counts(folder.path());
    let workbench = Workbench::over(folder.path());
    assert_eq!(workbench.get("/").status, 404);
    for path in ["/organisations", "/chronicle"] {
        let reply = workbench.get(path);
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        assert!(reply.text().contains("<figure"), "{path}");
        assert_eq!(figures(&reply.text()), figures(&page(path)), "{path}");
    }
}

/// Takes the ready-made counts by place out of the copy of a case.
fn without_counts(case: &Path) {
    let card = case.join("case.toml");
    let text = fs::read_to_string(&card).unwrap();
    let mut blocks = text.split("[[figure]]");
    let head = blocks.next().unwrap_or_default().to_owned();
    let kept = blocks.filter(|block| !block.contains("format = \"counts\""));
    let kept: String = kept.map(|block| format!("[[figure]]{block}")).collect();
    fs::write(&card, format!("{head}{kept}")).unwrap();
}

/// The drawings of a page.
fn figures(page: &str) -> Vec<String> {
    let parts = page.split("<div class=\"picture\">").skip(1);
    parts.map(|rest| rest.split("<figcaption").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn places_are_called_by_the_words_of_the_case() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/philippines");
    let workbench = Workbench::over(&case);
    for path in ["/map?unit=adm1", "/why"] {
        let page = workbench.get(path).text();
        assert!(
            page.contains(">regions</option>") && page.contains(">provinces</option>"),
            "{path}"
        );
        assert!(!page.contains("district"), "{path}");
    }
    assert!(workbench.get("/place/100000000").text().contains("<dd>Region"));
    let own = page("/place/PK2");
    assert!(own.contains("<dd>Province<") && !own.contains("territory</dd>"));
}

#[test]
fn the_interfaces_page_says_how_long_this_server_lets_a_program_wait() {
    assert!(page("/api").contains("longer than 30 seconds"));
}
