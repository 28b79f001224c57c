//! Every published file at hand imports, with the counts that `docs/sources.md` prints.

use std::path::Path;

use sanad_source::registry::SourceFormat;
use sanad_source::{
    displacement, districts, gdelt, gdelt_months, stop, ucdp_dyadic, vdem, wdi, wgi,
};
use sanad_store::{ImportReport, ObservationRequest, Observatory, SeriesOptions};

use crate::support::{
    DISTRICTS, UCDP_CANDIDATE, UCDP_PAKISTAN, empty, import_ged, import_pakistan_without_figures,
    incoming, real, workspace,
};

/// File, rows read, records kept, diagnostics.
type Expected = (&'static str, u64, u64, u64);

const SERIES: [(&SourceFormat, Expected); 13] = [
    (&wdi::FORMAT, ("indicators/wdi_extract3.csv", 2826, 20199, 0)),
    (&wdi::FORMAT, ("indicators/wdi_extract_Data.csv", 4345, 65063, 0)),
    (&wdi::FORMAT, ("indicators/wdi_growth.csv", 439, 5822, 0)),
    (&wgi::FORMAT, ("indicators/wgidataset.csv", 4922, 56754, 0)),
    (&vdem::FORMAT, ("indicators/vdem_v13_six_indices_1968_2022.csv", 8627, 51762, 0)),
    (&vdem::FORMAT, ("indicators/vdem_v14_six_indices_1968_2023.csv", 8796, 52776, 0)),
    (&stop::FORMAT, ("shutdowns/keepiton_2016_2022_all.csv", 1118, 1921, 21)),
    (&stop::FORMAT, ("shutdowns/keepiton_2016_2022_pakistan.csv", 41, 73, 2)),
    (&displacement::IDMC, ("displacement/idmc.csv", 934, 934, 0)),
    (&displacement::UNHCR, ("displacement/unhcr_population_pak_afg.csv", 5163, 41308, 0)),
    (&displacement::UNHCR, ("displacement/unhcr_returns_pak_afg.csv", 1025, 1172, 0)),
    (&gdelt_months::FORMAT, ("gdelt/gdelt_country_month_1985_2024.csv", 2880, 8640, 0)),
    (&ucdp_dyadic::FORMAT, ("ucdp/Dyadic_v24_1.csv", 3357, 3361, 0)),
];

const GDELT: [Expected; 3] = [
    ("gdelt/gdelt1_events_57col.tsv", 201, 0, 0),
    ("gdelt/gdelt1_events_58col.tsv", 509, 4, 0),
    ("gdelt/gdelt2_sample_8rows_transcribed_61col.tsv", 8, 0, 0),
];

const BOUNDARIES: [Expected; 4] = [
    ("boundaries/pak_adm0_codab_20220909.geojson", 1, 1, 0),
    ("boundaries/pak_adm1_codab_20220909.geojson", 7, 7, 0),
    (DISTRICTS, 160, 160, 0),
    ("boundaries/pak_adm2_codab_20220909_simplified005.geojson", 160, 160, 0),
];

fn counted(report: &ImportReport, file: &'static str) -> Expected {
    let snapshot = &report.snapshot;
    assert_eq!(report.diagnostics.len() as u64, snapshot.diagnostics.values().sum::<u64>());
    assert!(!snapshot.source.citation.is_empty() && !snapshot.source.licence.is_empty());
    (file, snapshot.rows_read, snapshot.records_kept, report.diagnostics.len() as u64)
}

/// Imports one file and compares its counts; then, that the page of sources prints them.
fn check(expected: Expected, import: impl FnOnce(&Path) -> ImportReport) {
    if let Some(path) = real(expected.0) {
        assert_eq!(counted(&import(&path), expected.0), expected);
    }
    let page = std::fs::read_to_string(workspace().join("docs/sources.md")).unwrap();
    let name = expected.0.rsplit('/').next().unwrap();
    let row = page.lines().find(|line| line.contains(&format!("| `{name}` |")));
    let row = row.unwrap_or_else(|| panic!("docs/sources.md has no row for {name}"));
    let cells: Vec<u64> =
        row.split('|').filter_map(|cell| cell.trim().replace(',', "").parse().ok()).collect();
    assert_eq!(cells[..3], [expected.1, expected.2, expected.3], "{row}");
}

fn case() -> (tempfile::TempDir, Observatory) {
    let (folder, mut observatory) = empty();
    import_pakistan_without_figures(&mut observatory);
    (folder, observatory)
}

#[test]
fn every_file_of_indicators_imports_with_the_counts_that_are_printed() {
    let (_folder, mut observatory) = case();
    for (format, expected) in SERIES {
        check(expected, |path| {
            let options = SeriesOptions::default();
            observatory.import_series(&incoming(path), format, &options).unwrap()
        });
    }
}

#[test]
fn indicators_of_districts_import_and_every_district_is_a_place_of_the_case() {
    let (_folder, mut observatory) = case();
    let expected = ("indicators/pak_district_indicators.csv.gz", 102_362, 102_362, 0);
    check(expected, |path| {
        let options = SeriesOptions::default();
        let format = &districts::FORMAT;
        observatory.import_series(&incoming(path), format, &options).unwrap()
    });
    let request = ObservationRequest::of_indicator("district-indicators", "Poverty Rate (%)");
    let found = observatory.observations(&request).unwrap();
    assert!(found.iter().all(|one| one.place_id.is_some()));
}

#[test]
fn every_file_of_events_and_borders_imports_with_the_counts_that_are_printed() {
    let (_folder, mut observatory) = case();
    for expected in GDELT {
        check(expected, |path| observatory.import_dyads(&incoming(path), &gdelt::FORMAT).unwrap());
    }
    for expected in BOUNDARIES {
        check(expected, |path| observatory.import_boundaries(&incoming(path)).unwrap());
    }
    check((UCDP_PAKISTAN, 6416, 6416, 200), |path| import_ged(&mut observatory, path));
    check((UCDP_CANDIDATE, 2391, 2391, 15), |path| import_ged(&mut observatory, path));
    check(("ucdp/ucdp_country_month_1989_2024.csv", 1728, 1728, 0), |path| {
        observatory.import_country_months(&incoming(path)).unwrap()
    });
}
