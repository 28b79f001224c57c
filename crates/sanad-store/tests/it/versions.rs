//! Importing twice, versions that replace each other, and what was known on a day.

use std::fs;
use std::path::Path;

use sanad_core::event::DateRule;
use sanad_store::{Observatory, PanelRequest, Unit};

use crate::support::{
    Row, contents, day, empty, import_ged, import_pakistan, incoming, month, numbers, sum, texts,
    write_ged,
};

fn request(as_of: Option<&str>) -> PanelRequest {
    PanelRequest {
        as_of: as_of.map(day),
        ..PanelRequest::new(Unit::Country, month("2020-01"), month("2023-12"))
    }
}

fn deaths(observatory: &Observatory, as_of: Option<&str>) -> f64 {
    sum(&observatory.panel(&request(as_of), 0).unwrap(), "deaths_best")
}

/// Imports rows as a version of UCDP GED that was released on a day.
fn import_version(
    observatory: &mut Observatory,
    folder: &Path,
    version: &str,
    released: &str,
    rows: &[Row],
) {
    let (file, card) = (folder.join(format!("{version}.csv")), folder.join("card.toml"));
    write_ged(&file, rows);
    fs::write(&card, format!("version = \"{version}\"\nreleased = \"{released}\"\n")).unwrap();
    let file = sanad_store::ImportFile { card: Some(&card), ..incoming(&file) };
    observatory.import_ged(&file).unwrap();
}

#[test]
fn importing_the_same_bytes_again_changes_nothing_on_the_disk() {
    let (folder, mut observatory) = empty();
    let file = folder.path().join("GEDEvent_v22_1.csv");
    write_ged(&file, &[Row::new(1, "2021-03-04", 5)]);
    import_pakistan(&mut observatory);
    assert!(!import_ged(&mut observatory, &file).already);
    let before = contents(observatory.folder());
    let generation = observatory.generation();

    assert!(import_ged(&mut observatory, &file).already);
    import_pakistan(&mut observatory);
    let renamed = folder.path().join("GEDEvent_v99_1.csv");
    fs::copy(&file, &renamed).unwrap();
    assert!(import_ged(&mut observatory, &renamed).already);
    assert_eq!(observatory.generation(), generation);
    assert_eq!(contents(observatory.folder()), before);
}

#[test]
fn a_newer_version_speaks_now_and_the_older_one_as_of_its_day() {
    let (folder, mut observatory) = empty();
    let old = [Row::new(1, "2021-03-04", 5), Row::new(2, "2020-06-01", 1)];
    let new =
        [Row::new(1, "2021-03-04", 7), Row::new(2, "2020-06-01", 1), Row::new(3, "2022-01-01", 2)];
    import_version(&mut observatory, folder.path(), "22.1", "2022-06-01", &old);
    assert_eq!(deaths(&observatory, None), 6.0);
    import_version(&mut observatory, folder.path(), "23.1", "2023-06-01", &new);
    assert_eq!(deaths(&observatory, None), 10.0);
    assert_eq!(deaths(&observatory, Some("2023-06-01")), 10.0);
    assert_eq!(deaths(&observatory, Some("2023-05-31")), 6.0);
    let too_early = observatory.panel(&request(Some("2022-05-31")), 0).unwrap_err();
    assert!(too_early.hint().unwrap().contains("sanad import"));
}

#[test]
fn the_order_in_which_versions_come_in_does_not_matter() {
    let old = [Row::new(1, "2021-03-04", 5)];
    let new = [Row::new(1, "2021-03-04", 7)];
    let (folder, mut observatory) = empty();
    import_version(&mut observatory, folder.path(), "23.1", "2023-06-01", &new);
    import_version(&mut observatory, folder.path(), "22.1", "2022-06-01", &old);
    assert_eq!(deaths(&observatory, None), 7.0);
    assert_eq!(deaths(&observatory, Some("2022-12-31")), 5.0);
}

#[test]
fn a_final_version_replaces_a_candidate_only_where_it_covers() {
    let (folder, mut observatory) = empty();
    let candidate = [Row::new(9, "2022-11-03", 40), Row::new(10, "2022-12-03", 4)];
    let next = [Row::new(11, "2023-01-03", 8)];
    import_version(&mut observatory, folder.path(), "22.11.22.12", "2023-01-15", &candidate);
    import_version(&mut observatory, folder.path(), "23.0.1", "2023-02-15", &next);
    assert_eq!(deaths(&observatory, None), 52.0);
    import_version(
        &mut observatory,
        folder.path(),
        "23.1",
        "2023-06-01",
        &[Row::new(9, "2022-11-03", 30)],
    );
    assert_eq!(deaths(&observatory, None), 38.0);
    assert_eq!(deaths(&observatory, Some("2023-03-01")), 52.0);

    let panel = observatory.panel(&request(None), 0).unwrap();
    let by_month: Vec<(String, Option<f64>, Option<String>)> = texts(&panel, "month")
        .into_iter()
        .flatten()
        .zip(numbers(&panel, "deaths_best"))
        .zip(texts(&panel, "source"))
        .map(|((month, deaths), source)| (month, deaths, source))
        .collect();
    let of = |wanted: &str| {
        let row = by_month.iter().find(|row| row.0 == wanted).unwrap();
        (row.1, row.2.clone().unwrap_or_default())
    };
    assert_eq!(of("2021-12"), (None, String::new()));
    assert_eq!(of("2022-01"), (Some(0.0), "ucdp-ged 23.1".to_owned()));
    assert_eq!(of("2022-11"), (Some(30.0), "ucdp-ged 23.1".to_owned()));
    assert_eq!(of("2022-12"), (Some(0.0), "ucdp-ged 23.1".to_owned()));
    assert_eq!(of("2023-01"), (Some(8.0), "ucdp-ged 23.0.1".to_owned()));
    assert_eq!(of("2023-02"), (None, String::new()));
}

#[test]
fn events_speak_before_counts_of_the_same_version_whenever_they_were_obtained() {
    let (folder, mut observatory) = empty();
    import_pakistan(&mut observatory);
    let counted = deaths(&observatory, None);
    assert!(counted > 0.0);
    let counts_days = [request(None), PanelRequest { date_rule: DateRule::Start, ..request(None) }];
    assert!(observatory.panel(&counts_days[1], 0).is_err(), "counts know the last day alone");
    let events = [Row::new(1, "2021-03-04", 5), Row::new(2, "1989-03-04", 1)];
    import_version(&mut observatory, folder.path(), "22.1", "2000-01-01", &events);
    for request in counts_days {
        let of_2021 = PanelRequest { from: month("2021-01"), to: month("2021-12"), ..request };
        assert_eq!(sum(&observatory.panel(&of_2021, 0).unwrap(), "deaths_best"), 5.0);
    }
}

#[test]
fn a_chronicle_put_back_to_an_earlier_text_counts_again() {
    let (folder, mut observatory) = empty();
    import_pakistan(&mut observatory);
    let path = folder.path().join("notes.toml");
    let entry = |id: &str| {
        format!(
            "[[relation]]\nid = \"{id}\"\nwhen = \"2025-03\"\nparagraph = 1\nfootnotes = []\n\
             summary = \"Talks.\"\nplaces = []\nactors = []\nfronts = []\n\
             from_state = \"gov-pakistan\"\nto_state = \"gov-pakistan\"\n\
             relation_kind = \"talks\"\neffect = \"cooperation\"\n"
        )
    };
    let mut import = |id: &str| {
        fs::write(&path, entry(id)).unwrap();
        let report = observatory.import_chronicle(&incoming(&path)).unwrap();
        assert_eq!(report.diagnostics, []);
        let ids: Vec<String> = observatory
            .chronicle()
            .unwrap()
            .into_iter()
            .map(|record| record.entry.id)
            .filter(|id| id.ends_with("-note"))
            .collect();
        (report.already, ids)
    };
    assert_eq!(import("first-note"), (false, vec!["first-note".to_owned()]));
    assert_eq!(import("second-note"), (false, vec!["second-note".to_owned()]));
    assert_eq!(import("first-note"), (false, vec!["first-note".to_owned()]));
    assert_eq!(import("first-note"), (true, vec!["first-note".to_owned()]));
}

#[test]
fn a_folder_with_other_files_is_not_made_an_observatory() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("records")).unwrap();
    fs::write(folder.path().join("records/mine.csv"), "a").unwrap();
    fs::write(folder.path().join("thesis.md"), "b").unwrap();
    let before = contents(folder.path());
    let error = Observatory::open_or_new(folder.path()).unwrap_err();
    assert!(error.to_string().contains("thesis.md"), "{error}");
    assert_eq!(contents(folder.path()), before);
}

#[test]
fn a_missing_pointer_is_told_from_a_missing_observatory() {
    let (folder, mut observatory) = empty();
    for number in 1..=2 {
        let file = folder.path().join(format!("GEDEvent_v2{number}_1.csv"));
        write_ged(&file, &[Row::new(number, "2019-03-04", 5)]);
        import_ged(&mut observatory, &file);
    }
    fs::remove_file(observatory.folder().join("CURRENT")).unwrap();
    let error = Observatory::open_or_new(observatory.folder()).unwrap_err();
    assert!(error.to_string().contains("damaged"), "{error}");
}
