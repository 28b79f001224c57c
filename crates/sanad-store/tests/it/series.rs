//! Indicators: import, vintages, places and the chain behind a value.

use sanad_store::{
    DyadFormat, DyadRequest, ObservationRequest, Observatory, SeriesFormat, SeriesOptions,
};

use crate::support::{day, empty, import_pakistan_without_figures, incoming, real};

fn import(observatory: &mut Observatory, path: &std::path::Path, format: SeriesFormat) {
    let report = observatory.import_series(&incoming(path), format, &SeriesOptions::default());
    assert!(!report.expect("a sound file").already);
}

fn corruption(observatory: &Observatory, as_of: Option<&str>) -> Vec<(f64, String)> {
    let request = ObservationRequest {
        countries: vec!["PAK".to_owned()],
        from: Some(day("2021-01-01")),
        to: Some(day("2021-12-31")),
        as_of: as_of.map(day),
        ..ObservationRequest::of_indicator("vdem", "v2x_pubcorr")
    };
    let found = observatory.observations(&request).unwrap();
    found.into_iter().map(|one| (one.observation.value, one.version)).collect()
}

#[test]
fn two_vintages_of_an_index_coexist_and_each_speaks_on_its_day() {
    let (folder, mut observatory) = empty();
    let header = "country_text_id,year,country_name,v2x_pubcorr,v2x_other\n";
    let old = folder.path().join("vdem_v13_x.csv");
    std::fs::write(&old, format!("{header}PAK,2021,Pakistan,0.304,0.5\nPAK,2022,Pakistan,0.3,\n"))
        .unwrap();
    let new = folder.path().join("vdem_v14_x.csv");
    std::fs::write(&new, format!("{header}PAK,2021,Pakistan,0.182,\nPAK,2023,Pakistan,0.2,\n"))
        .unwrap();
    import(&mut observatory, &new, SeriesFormat::Vdem);
    import(&mut observatory, &old, SeriesFormat::Vdem);
    assert_eq!(corruption(&observatory, None), [(0.182, "14".to_owned())]);
    assert_eq!(corruption(&observatory, Some("2023-12-31")), [(0.304, "13".to_owned())]);
    assert_eq!(corruption(&observatory, Some("2023-01-31")), []);
    // The newer version has the index from 2021 to 2023 and no value for 2022: none returns.
    let all = ObservationRequest::of_indicator("vdem", "v2x_pubcorr");
    let years: Vec<String> = observatory
        .observations(&all)
        .unwrap()
        .iter()
        .map(|one| one.observation.period.to_string())
        .collect();
    assert_eq!(years, ["2021", "2023"]);
    // It has no value of the other index at all: the older version goes on speaking.
    let other = ObservationRequest::of_indicator("vdem", "v2x_other");
    assert_eq!(observatory.observations(&other).unwrap().len(), 1);
}

#[test]
fn the_published_vintages_of_vdem_coexist() {
    let files = ["vdem_v13_six_indices_1968_2022.csv", "vdem_v14_six_indices_1968_2023.csv"];
    let paths: Vec<_> =
        files.iter().filter_map(|file| real(&format!("indicators/{file}"))).collect();
    let [old, new] = &paths[..] else { return };
    let (_folder, mut observatory) = empty();
    import(&mut observatory, old, SeriesFormat::Vdem);
    import(&mut observatory, new, SeriesFormat::Vdem);
    assert_eq!(corruption(&observatory, Some("2023-12-31")), [(0.304, "13".to_owned())]);
    assert_eq!(corruption(&observatory, Some("2024-12-31")), [(0.182, "14".to_owned())]);
}

#[test]
fn a_value_keeps_its_error_its_place_and_its_chain() {
    let (folder, mut observatory) = empty();
    import_pakistan_without_figures(&mut observatory);
    let path = folder.path().join("wgi.csv");
    let text = "code,countryname,year,vae,vas,pve,pvs,gee,ges,rqe,rqs,rle,rls,cce,ccs\n\
        PAK,Pakistan,2021,-0.85,0.13,,,,,,,,,,\nROM,Romania,2021,0.5,0.1,,,,,,,,,,\n";
    std::fs::write(&path, text).unwrap();
    import(&mut observatory, &path, SeriesFormat::Wgi);
    let found = observatory.observations(&ObservationRequest::of_indicator("wgi", "VA.EST"));
    let found = found.unwrap();
    assert_eq!(found[0].observation.standard_error, Some(0.13));
    assert_eq!(found[0].place_id.as_deref(), Some(observatory.case().unwrap().country.as_str()));
    assert_eq!((found[1].observation.place.iso3.as_str(), &found[1].place_id), ("ROU", &None));
    let snapshot = observatory.snapshots().last().unwrap();
    assert_eq!((&found[0].snapshot, found[0].observation.source_row), (&snapshot.id, 2));
    assert_eq!(snapshot.set_aside["empty cells"], 10);
    assert!(snapshot.source.coverage.covers(770, "2021-05".parse().unwrap()));
}

#[test]
fn another_list_of_columns_is_another_reading_of_the_same_bytes() {
    let (folder, mut observatory) = empty();
    let path = folder.path().join("vdem_v14.csv");
    std::fs::write(&path, "country_text_id,year,v2x_a,v2x_b\nPAK,2021,0.1,0.2\n").unwrap();
    let only = SeriesOptions { columns: vec!["v2x_a".to_owned()] };
    let mut import = |options: &SeriesOptions| {
        let report = observatory.import_series(&incoming(&path), SeriesFormat::Vdem, options);
        let report = report.unwrap();
        (report.already, report.snapshot.records_kept)
    };
    assert_eq!(import(&only), (false, 1));
    assert_eq!(import(&SeriesOptions::default()), (false, 2));
    assert_eq!(import(&only), (true, 1));
}

#[test]
fn events_between_states_add_up_over_files_and_are_counted_once() {
    let (folder, mut observatory) = empty();
    import_pakistan_without_figures(&mut observatory);
    let header = "id,date,source_iso3,target_iso3,code,quad_class,articles\n";
    let mut import = |name: &str, rows: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("{header}{rows}")).unwrap();
        observatory.import_dyads(&incoming(&path), DyadFormat::Plain).unwrap();
    };
    import("a.csv", "1,2021-03-04,PAK,AFG,190,4,3\n2,2021-03-04,PAK,AFG,190,4,9\n");
    import("b.csv", "2,2021-03-04,PAK,AFG,190,4,9\n3,2021-03-05,IND,PAK,042,1,1\n");
    let ids = |request: &DyadRequest| {
        let found = observatory.dyad_events(request).unwrap();
        found.into_iter().map(|one| one.event.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(&DyadRequest::default()), [1, 2, 3]);
    assert_eq!(ids(&DyadRequest { one_a_day: true, ..DyadRequest::default() }), [2, 3]);
    let india = DyadRequest { state: Some("IND".to_owned()), ..DyadRequest::default() };
    assert_eq!(ids(&india), [3]);
}
