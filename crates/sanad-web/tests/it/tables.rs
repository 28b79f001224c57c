//! Tables: their forms, parts, tags, description, and a meaning for every column.

use std::collections::BTreeSet;

use crate::support::SHARED;

const PANEL: &str = "/api/v1/panel?unit=adm1&from=2021-01&to=2021-12";

#[test]
fn a_table_comes_in_the_form_of_its_ending_or_of_what_is_accepted() {
    let csv = SHARED.get("/api/v1/panel.csv?unit=adm1&from=2021-01&to=2021-12");
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.text().starts_with("month_id,month,unit,place_id"), "{}", csv.text());
    assert_eq!(SHARED.ask(PANEL, &[("Accept", "text/csv")]).body, csv.body);
    let parquet = SHARED.ask(PANEL, &[("Accept", "application/vnd.apache.parquet")]);
    assert_eq!(&parquet.body[..4], b"PAR1");
    let arrow = SHARED.get("/api/v1/panel.arrow?unit=adm1&from=2021-01&to=2021-12");
    assert_eq!(&arrow.body[..6], b"ARROW1");
    let picture = SHARED.ask(PANEL, &[("Accept", "image/png")]);
    assert_eq!((picture.status, picture.header("content-type")), (406, "application/problem+json"));
}

#[test]
fn parts_of_a_table_join_to_the_whole() {
    let whole = SHARED.get(PANEL).json();
    let mut link = format!("{PANEL}&limit=40");
    let mut joined = Vec::new();
    let mut parts = 0;
    loop {
        let reply = SHARED.get(&link);
        assert_eq!(reply.header("sanad-rows"), whole.as_array().unwrap().len().to_string());
        joined.extend(reply.json().as_array().unwrap().iter().cloned());
        parts += 1;
        let Some(next) = reply.header("link").strip_suffix(">; rel=\"next\"") else { break };
        link = next.trim_start_matches('<').to_owned();
    }
    assert!(parts > 2 && joined == *whole.as_array().unwrap(), "{parts}");
    let other = SHARED.get(&format!("{PANEL}&limit=40&cursor=40.state-of-another-day"));
    assert!(other.status == 410 && other.json()["do"] == "begin again without a cursor");
}

#[test]
fn a_tag_spares_the_answer_until_something_changes() {
    let first = SHARED.get(PANEL);
    let tag = first.header("etag");
    assert!(!tag.is_empty() && first.header("cache-control") == "no-cache");
    let again = SHARED.ask(PANEL, &[("If-None-Match", tag)]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    let other =
        SHARED.ask("/api/v1/panel?unit=adm1&from=2020-01&to=2021-12", &[("If-None-Match", tag)]);
    assert_eq!(other.status, 200);
}

#[test]
fn what_is_compressed_is_the_same() {
    let small = SHARED.ask(PANEL, &[("Accept-Encoding", "br, gzip")]);
    assert_eq!(small.header("content-encoding"), "gzip");
    assert!(small.header("etag").ends_with("-gz\""));
    let mut text = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&*small.body), &mut text).unwrap();
    assert_eq!(text, SHARED.get(PANEL).body);
}

#[test]
fn a_kept_result_has_an_address_whose_bytes_do_not_change() {
    let csv = SHARED.get("/api/v1/panel.csv?unit=adm1&from=2021-01&to=2021-12").body;
    let results = SHARED.get("/api/v1/results").json();
    let key = results.as_array().unwrap().iter().find_map(|row| {
        let settings = row["settings"].as_str()?;
        let is_ours = settings.starts_with(
            "unit=adm1 from=2021-01 to=2021-12 date-rule=end places=contemporary as-of=now",
        );
        is_ours.then(|| row["key"].as_str().map(str::to_owned)).flatten()
    });
    let key = key.expect("the panel is kept under its key");
    let kept = SHARED.get(&format!("/api/v1/results/{key}.csv"));
    assert_eq!(kept.body, csv);
    assert!(kept.header("cache-control").contains("immutable"));
    for wrong in ["/api/v1/results/nothing", "/api/v1/results/..%2f..%2fCURRENT"] {
        assert_eq!(SHARED.get(wrong).status, 404, "{wrong}");
    }
}

#[test]
fn the_list_of_kept_results_is_not_the_one_of_before_once_another_is_kept() {
    let kept = |list: &serde_json::Value| {
        let ours = "unit=adm2 from=2003-03 to=2003-05";
        let rows = list.as_array().unwrap().iter();
        rows.filter(|row| row["settings"].as_str().is_some_and(|said| said.starts_with(ours)))
            .count()
    };
    let before = SHARED.get("/api/v1/results");
    assert_eq!(kept(&before.json()), 0);
    let panel = SHARED.get("/api/v1/panel?unit=adm2&from=2003-03&to=2003-05");
    assert_eq!(panel.status, 200);
    let tag = before.header("etag");
    let after = SHARED.ask("/api/v1/results", &[("If-None-Match", tag)]);
    assert_eq!(after.status, 200);
    assert_eq!(kept(&after.json()), 1);
}

/// Tables as they are described, each with what it needs to be asked.
fn described() -> Vec<String> {
    let description = SHARED.get("/api/v1/openapi.json").json();
    assert_eq!(description["openapi"], "3.1.0");
    let paths = description["paths"].as_object().unwrap();
    let tables = paths.iter().filter(|(path, _)| path.ends_with(".csv"));
    let needs = |path: &str| match path {
        "/api/v1/why.csv" => "?place=PK2&month=2021-10&unit=adm1".to_owned(),
        "/api/v1/sql.csv" => "?q=SELECT%20sha256%20FROM%20sources".to_owned(),
        "/api/v1/fronts.csv" => "?from=2021-10&to=2021-12".to_owned(),
        "/api/v1/scenario.csv" => "?members=50&horizon=12".to_owned(),
        _ => String::new(),
    };
    let mut all: Vec<String> = tables.map(|(path, _)| format!("{path}{}", needs(path))).collect();
    all.extend(
        [
            "/api/v1/fronts.csv?show=parts&place=PK2&month=2021-10",
            "/api/v1/fronts.csv?show=indicators",
            "/api/v1/network.csv?month=2021-10",
            "/api/v1/cycle.csv?show=kinds",
            "/api/v1/cycle.csv?show=whole",
            "/api/v1/interventions.csv?show=means",
            "/api/v1/interventions.csv?show=controls",
            "/api/v1/capability.csv?show=ties",
            "/api/v1/capability.csv?show=means",
            "/api/v1/panel.csv?unit=country&organisation=each&from=2021-01&to=2021-12",
        ]
        .map(str::to_owned),
    );
    all
}

#[test]
fn every_table_that_is_described_is_answered_and_every_column_has_a_meaning() {
    let codebook = SHARED.get("/api/v1/codebook").json();
    let known: BTreeSet<(String, String)> = codebook
        .as_array()
        .unwrap()
        .iter()
        .map(|row| ["table", "column"].map(|name| row[name].as_str().unwrap().to_owned()).into())
        .collect();
    let tables = described();
    assert!(tables.len() > 20, "{tables:?}");
    for address in tables {
        let reply = SHARED.get(&address);
        assert_eq!(reply.status, 200, "{address}: {}", reply.text());
        let table = address.trim_start_matches("/api/v1/").split('.').next().unwrap();
        for column in reply.text().lines().next().unwrap().split(',') {
            let has = |table: &str| known.contains(&(table.to_owned(), column.to_owned()));
            assert!(has(table) || has("*"), "{address}: {column} has no meaning in the codebook");
        }
    }
}

#[test]
fn the_catalogue_lists_tables_and_sources() {
    let catalogue = SHARED.get("/catalogue.json").json();
    let sets = catalogue["dcat:dataset"].as_array().unwrap();
    assert!(sets.iter().any(|set| set["dct:identifier"] == "/api/v1/panel"));
    assert!(sets.iter().any(|set| set["dct:license"].is_string()));
}

#[test]
fn a_statement_has_bounds_and_reads_nothing_but_the_observatory() {
    let ask = |statement: &str| {
        SHARED.get(&format!(
            "/api/v1/sql?q={}",
            statement
                .replace('%', "%25")
                .replace(' ', "%20")
                .replace('+', "%2B")
                .replace('&', "%26")
        ))
    };
    let count = ask("SELECT COUNT(*) AS rows FROM places");
    assert!(count.json()[0]["rows"].as_i64().unwrap() > 100);
    let many = ask("SELECT a.place_id FROM places a CROSS JOIN places b");
    assert_eq!((many.status, &many.json()["where"]), (413, &"parameter q".into()));
    for refused in [
        "DROP TABLE places",
        "INSERT INTO places VALUES (1)",
        "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'",
        "COPY places TO '/tmp/x.csv'",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SET datafusion.execution.batch_size = 1",
        "SELECT 1; SELECT 2",
        "SELECT",
        "SELECT repeat('x', 1000000000)",
    ] {
        let reply = ask(refused);
        assert_eq!(reply.status, 400, "{refused}: {}", reply.text());
        assert!(!reply.json()["do"].as_str().unwrap().is_empty(), "{refused}");
    }
}
