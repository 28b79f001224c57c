//! Tables as programs and people write them: what is read, what is a diagnostic, and nothing in silence.

use std::collections::BTreeSet;

use sanad_core::chronicle::KnownIds;
use sanad_core::diagnostic::Issue;
use sanad_core::place::Level;
use sanad_source::series::Series;
use sanad_source::table::{Map, Records, read};
use sanad_source::{districts, plain, stop, vdem, wgi};

const MAP: &str = "kind = \"observations\"\n\
    columns = { indicator = \"indicator\", date = \"date\", value = \"value\", iso3 = \"iso3\" }\n\
    source = { id = \"own\", title = \"O\", citation = \"O\", licence = \"CC0-1.0\", url = \"\" }\n";

/// Reads rows by the map; with what `more` adds to it.
fn mapped(data: impl AsRef<[u8]>, more: &str) -> Series {
    let map = Map::parse(&format!("{MAP}{more}")).unwrap();
    let table = read(data.as_ref(), &map, &BTreeSet::new(), &KnownIds::default(), "PAK").unwrap();
    match table.records {
        Records::Observations(mut series) => {
            series.diagnostics = table.diagnostics;
            series
        }
        other => panic!("{other:?}"),
    }
}

/// The value of one cell, or the reason why it was left out.
fn value(cell: &str) -> Result<f64, Option<Issue>> {
    let found = mapped(format!("indicator,date,value,iso3\na,2020,\"{cell}\",PAK\n"), "");
    match found.observations.first() {
        Some(one) => Ok(one.value),
        None => Err(found.diagnostics.first().map(|diagnostic| diagnostic.issue)),
    }
}

#[test]
fn a_number_is_read_as_it_is_meant_or_is_a_diagnostic() {
    for (cell, number) in [
        ("1e5", 1e5),
        ("1E-2", 0.01),
        ("+1.5", 1.5),
        ("\u{2212}2.5", -2.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("007", 7.0),
    ] {
        assert_eq!(value(cell), Ok(number), "{cell}");
    }
    for cell in ["5-", "(5)", "5%", "1'234.5", "1 234.5", "1\u{202f}234", "0x10", "inf", "\u{663}"]
    {
        assert_eq!(value(cell), Err(Some(Issue::WrongType)), "{cell}");
    }
    for cell in ["", "..", "n/a", "NA", "NaN", "null", "#N/A"] {
        assert_eq!(value(cell), Err(None), "{cell} is no value");
    }
}

#[test]
fn a_year_that_a_program_held_as_a_float_is_a_year() {
    let found =
        plain::read_observations(b"indicator,date,value,iso3\na,2020.0,1,PAK\n", "").unwrap();
    assert_eq!(found.observations[0].period, sanad_core::Period::year(2020).unwrap());
    for date in ["2020.5", "20200.0", "44259", "44259.0", "2020-Q1", "2020/21", "202003"] {
        let text = format!("indicator,date,value,iso3\na,{date},1,PAK\n");
        let found = plain::read_observations(text.as_bytes(), "").unwrap();
        assert!(found.observations.is_empty(), "{date}");
        assert_eq!(found.diagnostics[0].issue, Issue::BadDate, "{date}");
    }
}

#[test]
fn a_country_is_known_by_its_code_or_its_name_in_either_column() {
    let text = "indicator,date,value,iso3\na,2020,1,Pakistan\na,2021,1,pk\na,2022,1,PAK\n";
    for series in [mapped(text, ""), plain::read_observations(text.as_bytes(), "").unwrap()] {
        let places: Vec<(&str, &str)> = series
            .observations
            .iter()
            .map(|one| (one.place.iso3.as_str(), one.place.name.as_str()))
            .collect();
        assert_eq!(places, [("PAK", "Pakistan"); 3]);
    }
    let text = "indicator,date,value,iso3\na,2020,1,Atlantis\na,2021,1,586\n";
    let found = plain::read_observations(text.as_bytes(), "").unwrap();
    let issues: Vec<Issue> = found.diagnostics.iter().map(|diagnostic| diagnostic.issue).collect();
    assert_eq!(issues, [Issue::UnknownReference; 2]);
}

#[test]
fn a_text_that_is_no_utf8_is_never_kept_in_silence() {
    let bytes = b"indicator,date,value,iso3\n\xe9,2020,1,PAK\n";
    for series in [mapped(bytes, ""), plain::read_observations(bytes, "").unwrap()] {
        assert_eq!(series.observations.len(), 1);
        assert_eq!(series.diagnostics[0].issue, Issue::BadText);
        assert!(series.diagnostics[0].column.starts_with("indicator"));
    }
}

#[test]
fn a_number_outside_of_what_its_publisher_can_mean_is_left_out() {
    let header = "codeindyr,code,countryname,year,indicator,estimate,stddev,nsource,pctrank,\
                  pctranklower,pctrankupper\n";
    let row = |estimate: &str, rank: &str| {
        format!("{header}x,PAK,Pakistan,2022,va,{estimate},0.1,11,{rank},14.5,27.0\n")
    };
    let found = wgi::read(row("-0.9", "20.1").as_bytes()).unwrap();
    assert_eq!((found.observations.len(), found.diagnostics.len()), (2, 0));
    let found = wgi::read(row("-999", "200").as_bytes()).unwrap();
    let issues: Vec<Issue> = found.diagnostics.iter().map(|diagnostic| diagnostic.issue).collect();
    assert_eq!((found.observations.len(), issues), (0, vec![Issue::OutOfRange; 2]));
}

#[test]
fn a_number_that_stands_for_none_is_no_value_of_v_dem() {
    let read = |name: &str, cell: &str| {
        let text = format!("country_text_id,year,{name}\nPAK,2021,0.5\nPAK,2022,{cell}\n");
        let found = vdem::read(text.as_bytes(), &[name.to_owned()]).unwrap();
        let issues: Vec<Issue> =
            found.diagnostics.iter().map(|diagnostic| diagnostic.issue).collect();
        (found.observations.len(), issues)
    };
    for (name, cell) in [("v2x_polyarchy", "-999"), ("v2x_polyarchy", "1.5"), ("e_x", "-999")] {
        assert_eq!(read(name, cell), (1, vec![Issue::OutOfRange]), "{name} {cell}");
    }
    for (name, cell) in [("v2x_regime", "3"), ("e_x", "-3.2"), ("v2x_polyarchy", "1")] {
        assert_eq!(read(name, cell), (2, Vec::new()), "{name} {cell}");
    }
}

/// R writes `NA` and pandas `nan` into columns of names too; Nan is a province of Thailand.
#[test]
fn a_word_for_nothing_is_no_place_and_a_place_that_is_spelt_like_one_stays() {
    let file = "indicator,date,value,iso3,adm1,adm2,unit,item,partner_iso3,date_end\n\
        a,2021,1,PAK,Punjab,NA,NA,nan,NA,NA\n\
        a,2022,2,PAK,NaN,N/A,persons,x,IND,2023\n\
        a,2023,3,THA,Nan,-,,,,\n\
        NA,2024,4,PAK,,,,,,\n\
        a,2024,5,NA,,,,,,\n";
    let read = plain::read_observations(file.as_bytes(), "").unwrap();
    let places: Vec<_> = read
        .observations
        .iter()
        .map(|one| (one.place.level, one.place.iso3.as_str(), one.place.name.as_str()))
        .collect();
    assert_eq!(
        places,
        [
            (Level::Adm1, "PAK", "Punjab"),
            (Level::Country, "PAK", "Pakistan"),
            (Level::Adm1, "THA", "Nan"),
            (Level::Country, "NAM", "Namibia"),
        ]
    );
    let first = &read.observations[0];
    assert!(first.unit.is_empty() && first.item.is_empty() && first.partner_iso3.is_empty());
    assert_eq!(read.observations[1].partner_iso3, "IND");
    let rejected: Vec<_> =
        read.diagnostics.iter().map(|one| (one.row, one.issue, one.kept)).collect();
    assert_eq!(rejected, [(5, Issue::Missing, false)]);

    let file = "province,district,indicator,year,value\n\
        North,NA,Poverty,2014,1\nNA,Hill,Poverty,2015,2\nNorth,Nan,Poverty,2016,3\n";
    let read = districts::read(file.as_bytes(), "PAK").unwrap();
    let places: Vec<_> = read
        .observations
        .iter()
        .map(|one| (one.place.within.as_str(), one.place.name.as_str()))
        .collect();
    assert_eq!(places, [("", "Hill"), ("North", "Nan")]);
    assert_eq!(read.diagnostics[0].issue, Issue::Missing);

    let file = "start_date,end_date,country,geo_scope,area_name\n\
        2021-04-16,2021-04-17,Pakistan,NA,NA\n";
    let read = stop::read(file.as_bytes()).unwrap();
    assert_eq!(read.observations[0].item, "unknown: ");
}
