//! A user's own queries agree with the panel.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sanad_store::{Observatory, PanelRequest, Unit};

use crate::support::{
    Row, by_place_and_month, case_of_pakistan, csv_bytes, day, empty, import_ged,
    import_pakistan_without_figures, month, numbers, sum, texts, write_ged,
};

/// A yearly release, a revision of it in which deaths rose, and a month that follows, with events
/// known to a district, to a province, to the country, and in a neighbour's half of a cell.
fn three_releases() -> (tempfile::TempDir, Observatory) {
    let (folder, mut observatory) = empty();
    import_pakistan_without_figures(&mut observatory);
    let write = |name: &str, rows: &[Row]| {
        let path = folder.path().join(name);
        write_ged(&path, rows);
        path
    };
    let placed = |id: i64, on: &str, deaths: i32| {
        let named = |where_prec, adm1: &str, adm2: &str, country| Row {
            where_prec,
            adm1: adm1.to_owned(),
            adm2: adm2.to_owned(),
            point: Some((34.1, 71.2)),
            country,
            ..Row::new(id, on, deaths)
        };
        match id % 4 {
            0 => named(1, "Khyber Pakhtunkhwa province", "Peshawar district", 770),
            1 => named(4, "Punjab province", "", 770),
            2 => named(6, "", "", 770),
            _ => named(1, "Nangarhar province", "", 700),
        }
    };
    let year = |more: i32| -> Vec<Row> {
        (0..36)
            .map(|id| placed(id, &format!("2020-{:02}-11", id % 12 + 1), id as i32 % 7 + more))
            .collect()
    };
    import_ged(&mut observatory, &write("GEDEvent_v21_1.csv", &year(1)));
    import_ged(&mut observatory, &write("GEDEvent_v22_1.csv", &year(3)));
    let later: Vec<Row> = (0..4).map(|id| placed(100 + id, "2023-10-05", 20)).collect();
    import_ged(&mut observatory, &write("GEDEvent_v23_0_10.csv", &later));
    (folder, observatory)
}

fn query_of(observatory: &Observatory, statement: &str) -> sanad_store::Table {
    observatory.sql(statement, 1).unwrap()
}

#[test]
fn a_naive_sum_over_events_is_the_total_of_the_panel() {
    let (_folder, observatory) = three_releases();
    let (from, to) = observatory.covered_months("ucdp-ged").unwrap();
    let total = sum(&query_of(&observatory, "SELECT sum(deaths_best) AS d FROM events"), "d");
    let every = sum(&query_of(&observatory, "SELECT sum(deaths_best) AS d FROM events_all"), "d");
    for (unit, column) in [
        (Unit::Country, "country_place_id"),
        (Unit::Adm1, "province_id"),
        (Unit::Adm2, "district_id"),
        (Unit::Priogrid, "CAST(priogrid_gid AS VARCHAR)"),
    ] {
        let panel = observatory.panel(&PanelRequest::new(unit, from, to), 1).unwrap();
        assert_eq!(total, sum(&panel, "deaths_best"), "{unit:?}");
        let statement = format!(
            "SELECT {column} AS place_id, month_end AS month_id, sum(deaths_best) AS deaths_best \
             FROM events WHERE {column} IS NOT NULL GROUP BY {column}, month_end"
        );
        let found = by_place_and_month(&query_of(&observatory, &statement), "deaths_best");
        let mut expected: BTreeMap<(String, i32), f64> = BTreeMap::new();
        let places = texts(&panel, "place_id");
        let rows =
            places.iter().zip(numbers(&panel, "month_id")).zip(numbers(&panel, "deaths_best"));
        for ((place, month), deaths) in rows {
            let (Some(place), Some(month), Some(deaths)) = (place, month, deaths) else { continue };
            if !place.starts_with("unplaced") && deaths > 0.0 {
                *expected.entry((place.clone(), month as i32)).or_default() += deaths;
            }
        }
        assert!(!expected.is_empty());
        assert_eq!(found, expected, "{unit:?}");
        let table = query_of(&observatory, &format!("SELECT * FROM panel_{}", unit.as_str()));
        assert_eq!(csv_bytes(&table), csv_bytes(&panel));
    }
    let replaced = "SELECT sum(deaths_best) AS d FROM events_all WHERE NOT in_effect";
    assert_eq!(every - total, sum(&query_of(&observatory, replaced), "d"));
    assert!(every > total);
    let sides = query_of(&observatory, "SELECT DISTINCT side_a AS s FROM events_all");
    assert_eq!(texts(&sides, "s"), [Some("UCDP actor 1".to_owned())]);
}

#[test]
fn the_list_of_tables_has_stable_names_and_no_internals() {
    let (_folder, observatory) = three_releases();
    let request = PanelRequest::new(Unit::Adm1, month("2020-01"), month("2020-12"));
    let kept = csv_bytes(&observatory.panel(&request, 1).unwrap());
    let list = "SELECT table_name AS t FROM information_schema.tables \
                WHERE table_schema = 'public' ORDER BY t";
    let names: Vec<String> =
        texts(&query_of(&observatory, list), "t").into_iter().flatten().collect();
    let expected = [
        "diagnostics",
        "events",
        "events_all",
        "organisations",
        "panel_adm1",
        "panel_adm2",
        "panel_country",
        "panel_priogrid",
        "places",
        "sources",
    ];
    for name in expected {
        assert!(names.iter().any(|it| it == name), "{name} is not in {names:?}");
    }
    let hashed = |name: &&String| name.rsplit('_').next().is_some_and(|end| end.len() == 16);
    assert_eq!(names.iter().find(hashed), None, "{names:?}");
    let columns = "SELECT column_name AS c FROM information_schema.columns \
                   WHERE table_name = 'panel_adm1' ORDER BY ordinal_position";
    let listed: Vec<String> =
        texts(&query_of(&observatory, columns), "c").into_iter().flatten().collect();
    let panel = query_of(&observatory, "SELECT * FROM panel_adm1");
    let schema = panel.schema();
    let own: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(listed, own);
    // A result of other settings is a table under its folder's name.
    let folders = fs::read_dir(observatory.folder().join("results")).unwrap();
    let tables = folders.map(|folder| {
        let name = folder.unwrap().file_name().to_string_lossy().replace('-', "_");
        csv_bytes(&query_of(&observatory, &format!("SELECT * FROM {name}")))
    });
    assert!(tables.into_iter().any(|table| table == kept));
}

#[test]
fn events_of_the_first_layout_show_no_name_that_a_source_gives_a_side() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/layout-1");
    let folder = tempfile::tempdir().unwrap();
    copy(&data, &folder.path().join("o"));
    let observatory = Observatory::open(folder.path().join("o")).unwrap();
    let text =
        String::from_utf8(csv_bytes(&query_of(&observatory, "SELECT * FROM events_all"))).unwrap();
    assert!(text.contains("UCDP actor 325") && text.contains("Government of X"), "{text}");
    assert!(!text.contains("Some organisation"), "{text}");
    let total = sum(&query_of(&observatory, "SELECT sum(deaths_best) AS d FROM events"), "d");
    let (from, to) = observatory.covered_months("ucdp-ged").unwrap();
    let panel = observatory.panel(&PanelRequest::new(Unit::Adm2, from, to), 1).unwrap();
    assert_eq!(total, sum(&panel, "deaths_best"));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn counts_that_a_case_ships_add_up_as_the_panel_does() {
    let (_folder, mut observatory) = empty();
    observatory.import_case(&case_of_pakistan(), true, day("2026-01-31")).unwrap();
    let (from, to) = observatory.covered_months("ucdp-ged").unwrap();
    let panel = observatory.panel(&PanelRequest::new(Unit::Adm1, from, to), 1).unwrap();
    let total = "SELECT sum(deaths_best) AS d FROM counts";
    assert_eq!(sum(&query_of(&observatory, total), "d"), sum(&panel, "deaths_best"));
}

#[test]
fn events_after_the_end_of_a_government_have_a_neutral_name() {
    let (folder, mut observatory) = empty();
    import_pakistan_without_figures(&mut observatory);
    let path = folder.path().join("GEDEvent_v24_1.csv");
    let row = |id, on: &str| Row { sides: (130, 142), country: 700, ..Row::new(id, on, 3) };
    write_ged(&path, &[row(1, "2021-08-10"), row(2, "2021-09-10"), row(3, "2023-05-01")]);
    import_ged(&mut observatory, &path);
    let sides = query_of(&observatory, "SELECT side_a AS s FROM events ORDER BY date_end");
    let names = ["Afghanistan (to 2021)", "Government of Afghanistan", "Government of Afghanistan"];
    let names = names.map(|name| Some(name.to_owned()));
    assert_eq!(texts(&sides, "s"), names);
    let request = PanelRequest {
        organisations: sanad_store::Organisations::Only(vec![130]),
        ..PanelRequest::new(Unit::Country, month("2021-08"), month("2021-09"))
    };
    let panel = observatory.panel(&PanelRequest { countries: vec![700], ..request }, 1).unwrap();
    assert_eq!(texts(&panel, "organisation"), names[..2]);
    let why = |text: &str| {
        let request = PanelRequest::new(Unit::Country, month(text), month(text));
        observatory.why(&request, "GW700", month(text), "deaths_best", 1).unwrap()
    };
    assert_eq!(texts(&why("2021-08"), "side_a"), names[..1]);
    assert_eq!(texts(&why("2023-05"), "side_a"), names[1..2]);
}
