//! Indicators: import, vintages, places and the chain behind a value.

use sanad_source::registry::SourceFormat;
use sanad_source::{dyads, vdem, wgi};
use sanad_store::{
    DyadRequest, ObservationRequest, Observatory, PanelRequest, SeriesOptions, Unit,
};

use crate::support::{
    contents, day, empty, import_pakistan_without_figures, incoming, month, real, sum,
};

fn import(observatory: &mut Observatory, path: &std::path::Path, format: &SourceFormat) {
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
    import(&mut observatory, &new, &vdem::FORMAT);
    import(&mut observatory, &old, &vdem::FORMAT);
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
    // It has no value of the other index at all: the older version stays in effect.
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
    import(&mut observatory, old, &vdem::FORMAT);
    import(&mut observatory, new, &vdem::FORMAT);
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
    import(&mut observatory, &path, &wgi::FORMAT);
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
        let report = observatory.import_series(&incoming(&path), &vdem::FORMAT, options);
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
        observatory.import_dyads(&incoming(&path), &dyads::FORMAT).unwrap();
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

#[test]
fn a_table_of_events_counts_in_the_panel_under_its_own_series() {
    let (folder, mut observatory) = empty();
    import_pakistan_without_figures(&mut observatory);
    let path = folder.path().join("events.csv");
    let text = "code,day,kind,dead,where\nx1,2021-03-04,1,5,PAK\nx2,2021-03-05,1,2,PAK\n";
    std::fs::write(&path, text).unwrap();
    let map = folder.path().join("map.toml");
    let text = "kind = \"events\"\n\
        source = { id = \"own\", title = \"O\", citation = \"O\", licence = \"CC0-1.0\", url = \"\" }\n\
        columns = { id = \"code\", date_start = \"day\", type_of_violence = \"kind\", \
        best = \"dead\", iso3 = \"where\" }\n";
    std::fs::write(&map, text).unwrap();
    let deletions = folder.path().join("gone.txt");
    std::fs::write(&deletions, "x2\n").unwrap();
    let deaths = |observatory: &Observatory| {
        let request = PanelRequest {
            series: "own".to_owned(),
            ..PanelRequest::new(Unit::Country, month("2021-03"), month("2021-03"))
        };
        sum(&observatory.panel(&request, 0).unwrap(), "deaths_best")
    };
    observatory.import_table(&incoming(&path), &map, None).unwrap();
    assert_eq!(deaths(&observatory), 7.0);
    let report = observatory.import_table(&incoming(&path), &map, Some(&deletions)).unwrap();
    assert_eq!(report.snapshot.set_aside["rows deleted"], 1);
    assert_eq!(deaths(&observatory), 5.0);
    let rows = |table: &str| observatory.sql(&format!("SELECT * FROM {table}"), 0).unwrap();
    assert_eq!(rows("events_all").num_rows(), 3);
    assert_eq!(sum(&rows("events"), "deaths_best"), 5.0);
}

#[test]
fn codings_come_back_with_their_chain_and_no_link_to_an_outlet() {
    let (folder, mut observatory) = empty();
    import_pakistan_without_figures(&mut observatory);
    let path = folder.path().join("corpus.csv");
    let text = "id,date,organisation,coder,languages,frames,claimed_events,claimed_from,\
        claimed_to,link\n\
        m1,2025-07-01,ttp,c1,ur;ps,state-excess,600,2025-05,2025-06,https://www.dawn.com/news/1\n\
        m1,2025-07-01,ttp,c2,ur,,,,,https://t.me/canary-9f1c\n";
    std::fs::write(&path, text).unwrap();
    let report = observatory.import_statements(&incoming(&path)).unwrap();
    assert_eq!(report.diagnostics.len(), 1);
    let coded = observatory.coded_statements(None).unwrap();
    assert_eq!(coded.len(), 2);
    assert_eq!(coded[0].statement.languages, ["ur", "ps"]);
    assert_eq!(coded[0].statement.claimed_period.unwrap().to_string(), "2025-05-01/2025-06-30");
    assert_eq!(coded[0].snapshot, report.snapshot.id);
    assert_eq!(coded[1].statement.link, None);
    let kept = contents(observatory.folder());
    assert!(kept.values().all(|bytes| !bytes.windows(11).any(|part| part == b"canary-9f1c")));
}

#[test]
fn a_parquet_file_is_read_by_a_map_like_a_csv() {
    let (folder, mut observatory) = empty();
    let table = sanad_store::Columns::default()
        .text("Series", [Some("a"), Some("a")])
        .int32("Year", vec![2020, 2021])
        .float64("Value", vec![Some(0.5), None])
        .finish()
        .unwrap();
    let path = folder.path().join("values.parquet");
    sanad_store::export::write_file(&table, None, &path).unwrap();
    let map = folder.path().join("map.toml");
    let text = "kind = \"observations\"\n\
        source = { id = \"own\", title = \"O\", citation = \"O\", licence = \"CC0-1.0\", url = \"\" }\n\
        columns = { indicator = \"Series\", date = \"Year\", value = \"Value\" }\n\
        fixed = { iso3 = \"PAK\" }\n";
    std::fs::write(&map, text).unwrap();
    let report = observatory.import_table(&incoming(&path), &map, None).unwrap();
    assert_eq!((report.snapshot.rows_read, report.snapshot.records_kept), (2, 1));
    let found = observatory.observations(&ObservationRequest::of_indicator("own", "a")).unwrap();
    assert_eq!(found[0].observation.value, 0.5);
}

#[test]
fn a_parquet_column_of_bytes_is_read_as_the_text_it_holds() {
    use std::sync::Arc;

    use datafusion::arrow::array::{ArrayRef, BinaryArray, Int32Array, StringArray};
    let (folder, mut observatory) = empty();
    let map = folder.path().join("map.toml");
    let text = "kind = \"observations\"\n\
        source = { id = \"own\", title = \"O\", citation = \"O\", licence = \"CC0-1.0\", url = \"\" }\n\
        columns = { indicator = \"Series\", date = \"Year\", value = \"Value\" }\n\
        fixed = { iso3 = \"PAK\" }\n";
    std::fs::write(&map, text).unwrap();
    let mut import = |value: &[u8]| {
        let columns: [(&str, ArrayRef); 3] = [
            ("Series", Arc::new(StringArray::from(vec!["a"]))),
            ("Year", Arc::new(Int32Array::from(vec![2020]))),
            ("Value", Arc::new(BinaryArray::from(vec![value]))),
        ];
        let table = sanad_store::Table::try_from_iter(columns).unwrap();
        let path = folder.path().join("values.parquet");
        sanad_store::export::write_file(&table, None, &path).unwrap();
        observatory.import_table(&incoming(&path), &map, None).map(drop)
    };
    // In base sixteen these would be 312e35, a number.
    import(b"1.5").unwrap();
    let error = import(b"\xff\xfe").unwrap_err().to_string();
    assert!(error.contains("column Value holds bytes"), "{error}");
    let found = observatory.observations(&ObservationRequest::of_indicator("own", "a")).unwrap();
    assert_eq!(found[0].observation.value, 1.5);
}
