//! Every number in the tables of the pages is one of the tables that programs get, in the same row. That
//! those are what the commands print is held in the tests of the commands.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::support::SHARED;

/// A row of a table for programs.
type Row = Map<String, Value>;

fn rows(address: &str) -> Vec<Row> {
    let reply = SHARED.get(address);
    assert_eq!(reply.status, 200, "{address}: {}", reply.text());
    let rows = reply.json().as_array().unwrap().clone();
    rows.into_iter().map(|row| row.as_object().unwrap().clone()).collect()
}

/// The rows of all tables of a page, each with the text of its cells.
fn shown(page: &str) -> Vec<Vec<String>> {
    let bodies = page.split("<tbody>").skip(1).filter_map(|rest| rest.split("</tbody>").next());
    let rows = bodies.flat_map(|body| body.split("<tr>").skip(1));
    rows.map(|row| {
        let cells = row.split("<td").skip(1).filter_map(|rest| rest.split_once('>'));
        cells.map(|(_, cell)| bare(cell.split("</td>").next().unwrap())).collect()
    })
    .collect()
}

/// The text of a piece of HTML.
fn bare(html: &str) -> String {
    let text: String =
        html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&amp;", "&").trim().to_owned()
}

/// A number as a page shows it.
#[derive(Debug, PartialEq)]
struct ShownNumber {
    value: f64,
    decimals: usize,
    is_percent: bool,
}

/// The numbers of a cell.
fn numbers(cell: &str) -> Vec<ShownNumber> {
    let letters: Vec<char> = cell.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        if !letters[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        let is_part = |at: usize| {
            let next = letters.get(at + 1).is_some_and(char::is_ascii_digit);
            letters[at].is_ascii_digit() || (next && matches!(letters[at], ',' | '.'))
        };
        while at < letters.len() && is_part(at) {
            at += 1;
        }
        let text: String = letters[start..at].iter().filter(|letter| **letter != ',').collect();
        let sign = start.checked_sub(1).map(|before| letters[before]);
        let sign = if matches!(sign, Some('-' | '−')) { -1.0 } else { 1.0 };
        found.push(ShownNumber {
            // A version, such as 26.0.5, is no number and is like none.
            value: sign * text.parse().unwrap_or(f64::NAN),
            decimals: text.split_once('.').map_or(0, |(_, decimals)| decimals.len()),
            is_percent: letters[at..].iter().collect::<String>().trim_start().starts_with('%'),
        });
    }
    found
}

/// Whether a number of a program's row is shown so.
fn is_shown(number: &ShownNumber, value: f64) -> bool {
    let value = if number.is_percent { 100.0 * value } else { value };
    let half = 0.5 * 10_f64.powi(-i32::try_from(number.decimals).unwrap());
    (value - number.value).abs() <= half * (1.0 + 1e-6) + 1e-9
}

/// Whether everything in a cell stands in a row: its text, or each of its numbers. A chance is never
/// shown as certain or impossible.
fn stands_in(cell: &str, row: &Row) -> bool {
    let words = || row.values().filter_map(Value::as_str);
    if words().any(|word| word.split_whitespace().eq(cell.split_whitespace())) {
        return true;
    }
    let values: Vec<f64> = row.values().filter_map(Value::as_f64).collect();
    numbers(cell).iter().all(|number| {
        let is_bound = number.is_percent && (cell.contains("under") || cell.contains("over"));
        is_bound || values.iter().any(|value| is_shown(number, *value))
    })
}

/// Holds the tables of a page to rows. Gives how many numbers there were.
fn every_number_stands(path: &str, rows: &[Row]) -> usize {
    first_columns_stand(path, rows, usize::MAX)
}

/// Holds the first columns of a page's tables to rows. Gives how many numbers there were.
fn first_columns_stand(path: &str, rows: &[Row], columns: usize) -> usize {
    let reply = SHARED.get(path);
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    let mut count = 0;
    for mut cells in shown(&reply.text()) {
        cells.truncate(columns);
        let found = rows.iter().any(|row| cells.iter().all(|cell| stands_in(cell, row)));
        assert!(found, "{path}: no row of the tables has {cells:?}");
        count += cells.iter().map(|cell| numbers(cell).len()).sum::<usize>();
    }
    count
}

#[test]
fn a_number_that_is_not_the_rows_is_noticed() {
    let Value::Object(row) =
        json!({"place": "North", "month": "2021-05", "share": 0.254, "low": -1.5})
    else {
        panic!("a row")
    };
    for cell in ["North", "2021-05", "25 %", "−1.5", "–", "", "25 % (-1.5 to −1.5)", "what it is"]
    {
        assert!(stands_in(cell, &row), "{cell}");
    }
    for cell in ["2021-06", "26 %", "1.5", "25", "−1.6", "25 % (−1.4 to −1.5)"] {
        assert!(!stands_in(cell, &row), "{cell}");
    }
}

#[test]
fn numbers_of_the_pages_are_those_of_the_tables_in_the_same_row() {
    let mut count = 0;
    for (page, tables) in [
        ("/fronts?month=2021-10", &["/api/v1/fronts.json?from=2021-10&to=2021-10"][..]),
        (
            "/fronts?unit=adm2&month=2021-10",
            &["/api/v1/fronts.json?unit=adm2&from=2021-10&to=2021-10"],
        ),
        (
            "/fronts/parts?place=PK2&month=2021-10",
            &["/api/v1/fronts.json?show=parts&place=PK2&month=2021-10"],
        ),
        ("/fronts/indicators", &["/api/v1/fronts.json?show=indicators"]),
        (
            "/forecast?unit=adm2&as_of=2026-01-01",
            &["/api/v1/forecast.json?unit=adm2&as_of=2026-01-01"],
        ),
        ("/forecast?as_of=2026-01-01", &["/api/v1/forecast.json?as_of=2026-01-01"]),
        ("/cycle", &["/api/v1/cycle.json"]),
        ("/cycle?show=kinds", &["/api/v1/cycle.json?show=kinds"]),
        ("/cycle?show=whole", &["/api/v1/cycle.json?show=whole"]),
        ("/interventions", &["/api/v1/interventions.json"]),
        ("/interventions?show=means", &["/api/v1/interventions.json?show=means"]),
        ("/interventions?show=controls", &["/api/v1/interventions.json?show=controls"]),
        ("/scenarios?horizon=12", &["/api/v1/scenario.json?horizon=12"]),
        (
            "/scenarios?horizon=12&lever-redress=1",
            &["/api/v1/scenario.json?horizon=12&lever-redress=1"],
        ),
        ("/benchmarks", &["/api/v1/benchmarks.json"]),
        ("/benchmarks?as_of=2025-06", &["/api/v1/benchmarks.json?as_of=2025-06"]),
        ("/chronicle", &["/api/v1/chronicle.json"]),
        (
            "/why?place=PK2&month=2021-10&unit=adm1",
            &["/api/v1/why.json?place=PK2&month=2021-10&unit=adm1"],
        ),
        (
            "/sql?q=SELECT%20COUNT%28%2A%29%20AS%20rows%20FROM%20places",
            &["/api/v1/sql.json?q=SELECT%20COUNT%28%2A%29%20AS%20rows%20FROM%20places"],
        ),
    ] {
        let rows: Vec<Row> = tables.iter().flat_map(|address| rows(address)).collect();
        let here = every_number_stands(page, &rows);
        assert!(here > 0, "{page} has no number");
        count += here;
    }
    // The last column is what a parameter rests on, in the words of the case.
    let influences = rows("/api/v1/scenario.json?show=influences&horizon=12");
    count += first_columns_stand("/why/scenario?horizon=12", &influences, 5);
    let listed = shown(&SHARED.get("/why/scenario?horizon=12").text()).len();
    let differences: BTreeSet<String> = influences
        .iter()
        .map(|row| format!("{} {} {}", row["outcome"], row["scenario"], row["month"]))
        .collect();
    assert!(differences.len() > 1 && influences.len() > 5 * differences.len());
    assert_eq!(listed, 5 * differences.len(), "the largest five of each difference");
    println!("{count} numbers compared");
    assert!(count > 2000, "{count}");
}

/// Sums of measures over the months of a panel, by place.
fn sums(address: &str) -> BTreeMap<String, Row> {
    let mut sums: BTreeMap<String, Row> = BTreeMap::new();
    for row in rows(address) {
        let id = row["place_id"].as_str().unwrap().to_owned();
        let place = row["place"].clone();
        let sum = sums.entry(id).or_insert_with(|| Row::from_iter([("place".to_owned(), place)]));
        for (name, value) in &row {
            if let Some(value) =
                value.as_f64().filter(|_| name.contains("deaths") || name.contains("events"))
            {
                let so_far = sum.get(name).and_then(Value::as_f64).unwrap_or(0.0);
                sum.insert(name.clone(), (so_far + value).into());
            }
        }
    }
    sums
}

#[test]
fn sums_on_the_map_are_those_of_the_panel() {
    for (page, measure, panel) in [
        (
            "/map?from=2014-01&to=2014-12",
            "deaths_best",
            "/api/v1/panel.json?from=2014-01&to=2014-12&places=current",
        ),
        (
            "/map?unit=adm1&measure=events&from=2014-01&to=2014-12",
            "events",
            "/api/v1/panel.json?unit=adm1&from=2014-01&to=2014-12&places=current",
        ),
        (
            "/map?unit=adm1&measure=one_sided_deaths_low&from=2014-01&to=2014-01",
            "one_sided_deaths_low",
            "/api/v1/panel.json?unit=adm1&from=2014-01&to=2014-01&places=current",
        ),
    ] {
        // Of the measure alone: another measure of the place may be the same number by chance.
        let rows: Vec<Row> = sums(panel)
            .into_values()
            .map(|sum| {
                let value = sum.get(measure).cloned().unwrap_or(Value::Null);
                Row::from_iter([
                    ("place".to_owned(), sum["place"].clone()),
                    (measure.to_owned(), value),
                ])
            })
            .collect();
        assert!(every_number_stands(page, &rows) > 1, "{page}");
    }
}

#[test]
fn the_months_and_the_forecast_of_a_place_are_those_of_the_tables() {
    for (place, unit) in [("PK2", "adm1"), ("PK", "country")] {
        let panel = format!("/api/v1/panel.json?unit={unit}&from=2023-01&places=current");
        let own = |row: &Row| row["place_id"] == place;
        let mut known: Vec<Row> = rows(&panel).into_iter().filter(own).collect();
        for row in &mut known {
            // The page shows events and all deaths.
            row.retain(|name, _| {
                ["month", "events", "deaths_low", "deaths_best", "deaths_high", "source"]
                    .contains(&name.as_str())
            });
        }
        let forecast = format!("/api/v1/forecast.json?unit={unit}");
        known.extend(rows(&forecast).into_iter().filter(own));
        let count = every_number_stands(&format!("/place/{place}"), &known);
        assert!(count > 24 * 4, "{place}: {count}");

        let mut behind: Vec<Row> = rows(&panel).into_iter().filter(own).collect();
        for row in &mut behind {
            row.retain(|name, _| {
                ["month", "state_based_deaths_best", "source"].contains(&name.as_str())
            });
        }
        behind.extend(rows(&forecast).into_iter().filter(own));
        let count = every_number_stands(&format!("/why/forecast?place={place}"), &behind);
        assert!(count > 36, "{place}: {count}");
    }
}

#[test]
fn two_sides_and_their_difference_are_sums_of_the_panel() {
    let page =
        "/compare?place_a=PK2&from_a=2014-01&to_a=2014-12&place_b=PK2&from_b=2021-01&to_b=2021-12";
    let side = |year: &str| {
        let panel =
            format!("/api/v1/panel.json?unit=adm1&from={year}-01&to={year}-12&places=current");
        sums(&panel).remove("PK2").unwrap()
    };
    let (a, b) = (side("2014"), side("2021"));
    let measures: Vec<&String> = a.keys().filter(|name| *name != "place").collect();
    assert!(measures.len() >= 17, "{measures:?}");
    let rows: Vec<Row> = measures
        .into_iter()
        .map(|name| {
            let [a, b] = [&a, &b].map(|side| side[name].as_f64().unwrap());
            Row::from_iter(
                [("a", a), ("b", b), ("change", b - a)]
                    .map(|(name, value)| (name.to_owned(), Value::from(value))),
            )
        })
        .collect();
    assert_eq!(every_number_stands(page, &rows), 3 * 17);
}

#[test]
fn the_years_of_an_organisation_are_sums_of_the_panel() {
    let page = SHARED.get("/organisation/ttp").text();
    let start = page.find("/api/v1/panel.json?").expect("a link to the panel");
    let link = page[start..].split('"').next().unwrap().replace("&amp;", "&");
    let mut years: BTreeMap<String, [f64; 2]> = BTreeMap::new();
    for row in rows(&link).iter().filter(|row| row["place_id"] != "unplaced:elsewhere") {
        let year = years.entry(row["month"].as_str().unwrap()[..4].to_owned()).or_default();
        for (sum, name) in year.iter_mut().zip(["events", "deaths_best"]) {
            *sum += row.get(name).and_then(Value::as_f64).unwrap_or(0.0);
        }
    }
    // Left out because nothing covers them, not because nothing happened.
    assert!(page.contains("unknown and not quiet: 2022, 2023, 2024, 2025."), "{page}");
    let mut count = 0;
    for cells in shown(&page) {
        let Some(sums) = cells[0].get(..4).and_then(|year| years.get(year)) else { continue };
        let [_, events, deaths] = &cells[..] else { continue };
        assert_eq!([numbers(events)[0].value, numbers(deaths)[0].value], *sums, "{cells:?}");
        count += 1;
    }
    assert!(count > 5, "{count}");
}

#[test]
fn what_a_claims_page_says_of_its_test_is_in_the_table_of_claims() {
    let tried = rows("/api/v1/claims.json");
    let mut count = 0;
    for claim in tried.iter().filter(|claim| claim.contains_key("p_value")) {
        let id = claim["claim"].as_str().unwrap();
        for cells in shown(&SHARED.get(&format!("/claims/{id}")).text()) {
            let name = match cells[0].as_str() {
                "p" => "p_value",
                "p, adjusted for all claims tested" => "p_adjusted",
                "Power against the size that matters" => "power",
                _ => continue,
            };
            let [number] = &numbers(&cells[1])[..] else { panic!("{id}: {cells:?}") };
            assert!(is_shown(number, claim[name].as_f64().unwrap()), "{id}: {cells:?}");
            count += 1;
        }
    }
    assert!(count >= 9, "{count}");
}
