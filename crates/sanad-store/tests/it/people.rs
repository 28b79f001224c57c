//! What the project ships and what an observatory keeps names organisations and states, never
//! persons.

use std::collections::BTreeSet;
use std::path::Path;

use sanad_store::{Observatory, Organisations, PanelRequest, Unit};

use crate::support::{day, incoming, month};

#[test]
fn the_sides_of_shipped_counts_have_the_names_that_the_case_gives_them() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan");
    let folder = tempfile::tempdir().unwrap();
    let mut observatory = Observatory::open_or_new(folder.path()).unwrap();
    observatory.import_case(&case, true, "2026-01-01".parse().unwrap()).unwrap();
    let actors = observatory.actors().unwrap();
    let later = actors.iter().filter_map(|actor| Some(actor.later_name()?.1));
    let labels = actors.iter().map(|actor| actor.label()).chain(later);
    let listed: BTreeSet<String> = labels.map(str::to_owned).collect();
    let sides = observatory
        .sql("SELECT side_a AS side FROM counts UNION SELECT side_b FROM counts", 1)
        .unwrap();
    let mut text = Vec::new();
    sanad_store::export::write(&sides, sanad_store::export::Format::Json, &mut text).unwrap();
    let sides: Vec<serde_json::Value> = serde_json::from_slice(&text).unwrap();
    assert!(sides.len() > 50, "{}", sides.len());
    for side in sides.iter().filter_map(|row| row["side"].as_str()) {
        assert!(side == "Civilians" || listed.contains(side), "{side} is not a name of the case");
    }
}

/// Sides that UCDP calls after persons, and words that slipped into columns of numbers and dates.
const PERSONS: &str = "\
id,type_of_violence,conflict_new_id,dyad_new_id,side_a_new_id,side_a,side_b_new_id,side_b,where_prec,adm_1,adm_2,latitude,longitude,country,country_id,date_prec,date_start,date_end,deaths_a,deaths_b,deaths_civilians,deaths_unknown,best,high,low
1,2,1,1,323,Forces of Jane Roe,324,Supporters of Jane Roe,6,,,30,70,Pakistan,770,1,2021-02-01,2021-02-01,1,0,0,0,1,1,1
2,2,1,1,323,Forces of Jane Roe,,Roe faction,6,,,30,70,Pakistan,770,1,2021-02-02,2021-02-02,1,0,0,0,1,1,1
3,3,1,1,140,Government of Pakistan,9999,Civilians,6,,,30,70,Pakistan,770,1,2021-02-03,2021-02-03,0,0,1,0,1,1,1
4,3,1,1,140,Government of Pakistan,9999,Civilians,6,,,30,70,Pakistan,770,1,2021-02-03,2021-02-03,0,0,1,0,Jane Roe,1,1
5,3,1,1,140,Government of Pakistan,9999,Civilians,6,,,30,70,Pakistan,770,1,the day Jane Roe died,2021-02-03,0,0,1,0,1,1,1
6,3,1,Jane Roe,140,Government of Pakistan,9999,Civilians,6,,,Roe,70,Pakistan,770,1,2021-02-04,2021-02-04,0,0,1,0,1,1,1
";

fn as_text(table: &sanad_store::Table) -> String {
    let mut bytes = Vec::new();
    sanad_store::export::write(table, sanad_store::export::Format::Csv, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn an_observatory_holds_no_name_of_a_person_that_its_source_gives() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ged.csv");
    std::fs::write(&file, PERSONS).unwrap();
    let root = folder.path().join("o");
    let mut observatory = Observatory::open_or_new(&root).unwrap();
    let report = observatory.import_ged(&incoming(&file)).unwrap();
    assert_eq!(report.snapshot.records_kept, 4, "{:?}", report.diagnostics);
    let texts_of = |observatory: &Observatory, place: &str| {
        let request = PanelRequest {
            organisations: Organisations::Each,
            ..PanelRequest::new(Unit::Country, month("2021-02"), month("2021-02"))
        };
        let country = PanelRequest { organisations: Organisations::Together, ..request.clone() };
        [
            as_text(&observatory.sql("SELECT * FROM events ORDER BY event_id", 1).unwrap()),
            as_text(&observatory.sql("SELECT * FROM diagnostics", 1).unwrap()),
            as_text(&observatory.panel(&request, 1).unwrap()),
            as_text(&observatory.why(&country, place, month("2021-02"), "deaths_best", 1).unwrap()),
        ]
    };
    let shown = texts_of(&observatory, "GW770");
    for text in &shown {
        assert!(!text.contains("Roe"), "{text}");
    }
    for table in [&shown[0], &shown[2], &shown[3]] {
        assert!(table.contains("UCDP actor 323"), "{table}");
        assert!(table.contains("Government of Pakistan"), "{table}");
    }
    assert!(shown[0].contains("unlisted side") && shown[0].contains("Civilians"), "{}", shown[0]);
    assert!(shown[1].contains("a text of 8 characters"), "{}", shown[1]);
    for path in files(&root) {
        let bytes = std::fs::read(&path).unwrap();
        let holds = bytes.windows(3).any(|part| part == b"Roe");
        assert!(!holds, "{} holds the name", path.display());
    }
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan");
    observatory.import_case(&case, false, day("2026-01-01")).unwrap();
    let listed = "SELECT label FROM organisations WHERE ucdp_id = 142";
    let label = as_text(&observatory.sql(listed, 1).unwrap());
    assert!(label.contains("Pakistan"), "{label}");
    assert!(texts_of(&observatory, "Pakistan").iter().all(|text| !text.contains("Roe")));
}
