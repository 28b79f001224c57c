//! What several tests need: folders, imports, and columns as plain vectors.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use sanad_core::Month;
use sanad_store::{ImportFile, ImportReport, Observatory, Table, export};

pub(crate) const UCDP_PAKISTAN: &str = "ucdp/GEDEvent_v22_1_pakistan.csv";
pub(crate) const UCDP_CANDIDATE: &str = "ucdp/GEDEvent_v23_0_10.csv";
pub(crate) const DISTRICTS: &str = "boundaries/pak_adm2_codab_20220909.geojson";

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn case_of_pakistan() -> PathBuf {
    workspace().join("cases/pakistan")
}

/// A file of the public data sets, or nothing (and a printed reason) where they are not at hand.
pub(crate) fn real(file: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("SANAD_DATA")
        .map_or_else(|| workspace().join("../shared/data"), PathBuf::from);
    let path = folder.join(file);
    if !path.is_file() {
        eprintln!("skipped: {} is not here; SANAD_DATA names the folder", path.display());
        return None;
    }
    Some(path)
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

pub(crate) fn month(text: &str) -> Month {
    text.parse().expect("a month")
}

/// An empty observatory in a folder of its own.
pub(crate) fn empty() -> (tempfile::TempDir, Observatory) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let observatory = Observatory::open_or_new(folder.path().join("o")).expect("a new one");
    (folder, observatory)
}

pub(crate) fn incoming(path: &Path) -> ImportFile<'_> {
    ImportFile {
        path,
        card: None,
        strict: false,
        today: day("2026-01-31"),
        progress: &sanad_core::Silent,
    }
}

pub(crate) fn import_ged(observatory: &mut Observatory, path: &Path) -> ImportReport {
    observatory.import_ged(&incoming(path)).expect("a sound file")
}

pub(crate) fn import_pakistan(observatory: &mut Observatory) {
    observatory.import_case(&case_of_pakistan(), true, day("2026-01-31")).expect("a sound case");
}

/// The places and organisations of the case, without its ready-made figures.
pub(crate) fn import_pakistan_without_figures(observatory: &mut Observatory) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let written = |path: &Path| {
        path.extension().is_some_and(|extension| extension == "toml" || extension == "xmile")
    };
    for entry in fs::read_dir(case_of_pakistan()).expect("the case's folder") {
        let path = entry.expect("an entry").path();
        if written(&path) {
            let name = path.file_name().expect("a name");
            fs::copy(&path, folder.path().join(name)).expect("a file to copy");
        }
    }
    let card = fs::read_to_string(case_of_pakistan().join("case.toml")).expect("a case");
    let (before, figures) = card.split_once("[[figure]]").expect("a case with figures");
    let (_, after) = figures.split_once("[text]").expect("a case with a text");
    fs::write(folder.path().join("case.toml"), format!("{before}[text]{after}")).expect("a card");
    observatory.import_case(folder.path(), true, day("2026-01-31")).expect("a sound case");
}

pub(crate) fn numbers(table: &Table, column: &str) -> Vec<Option<f64>> {
    let array = table.column_by_name(column).unwrap_or_else(|| panic!("no column {column}"));
    let array = cast(array, &DataType::Float64).expect("numbers");
    array.as_primitive::<Float64Type>().iter().collect()
}

pub(crate) fn texts(table: &Table, column: &str) -> Vec<Option<String>> {
    let array = table.column_by_name(column).unwrap_or_else(|| panic!("no column {column}"));
    let array = cast(array, &DataType::Utf8).expect("texts");
    let array = array.as_string::<i32>();
    (0..array.len()).map(|row| array.is_valid(row).then(|| array.value(row).to_owned())).collect()
}

pub(crate) fn sum(table: &Table, column: &str) -> f64 {
    numbers(table, column).into_iter().flatten().sum()
}

/// A column of numbers by place and month.
pub(crate) fn by_place_and_month(table: &Table, column: &str) -> BTreeMap<(String, i32), f64> {
    let (places, months) = (texts(table, "place_id"), numbers(table, "month_id"));
    let keys = places.into_iter().zip(months).map(|(place, month)| {
        (place.expect("every row has a place"), month.expect("every row has a month") as i32)
    });
    keys.zip(numbers(table, column)).filter_map(|(key, value)| Some((key, value?))).collect()
}

pub(crate) fn csv_bytes(table: &Table) -> Vec<u8> {
    let mut bytes = Vec::new();
    export::write(table, export::Format::Csv, &mut bytes).expect("a table has a CSV form");
    bytes
}

/// All files below a folder with their bytes, but for the lock.
pub(crate) fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else if path.file_name().is_some_and(|name| name != ".lock") {
            let bytes = fs::read(&path).expect("a file of the observatory");
            found.insert(path, bytes);
        }
    }
    found
}

/// A row of a GED file; what a test does not care about has a plain value.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) violence: u8,
    pub(crate) sides: (i64, i64),
    pub(crate) where_prec: u8,
    pub(crate) adm1: String,
    pub(crate) adm2: String,
    pub(crate) point: Option<(f64, f64)>,
    pub(crate) country: i32,
    pub(crate) start: NaiveDate,
    pub(crate) end: NaiveDate,
    pub(crate) civilians: i32,
    pub(crate) others: i32,
    pub(crate) low: i32,
    pub(crate) high: i32,
}

impl Row {
    pub(crate) fn new(id: i64, on: &str, deaths: i32) -> Self {
        Self {
            id,
            violence: 1,
            sides: (1, 2),
            where_prec: 6,
            adm1: String::new(),
            adm2: String::new(),
            point: Some((30.0, 70.0)),
            country: 770,
            start: day(on),
            end: day(on),
            civilians: 0,
            others: deaths,
            low: deaths,
            high: deaths,
        }
    }

    pub(crate) fn best(&self) -> i32 {
        self.civilians + self.others
    }
}

/// Writes rows as a GED file.
pub(crate) fn write_ged(path: &Path, rows: &[Row]) {
    let mut text = "id,type_of_violence,conflict_new_id,dyad_new_id,side_a_new_id,side_a,\
        side_b_new_id,side_b,where_prec,adm_1,adm_2,latitude,longitude,country,country_id,\
        date_prec,date_start,date_end,deaths_a,deaths_b,deaths_civilians,deaths_unknown,best,\
        high,low\n"
        .to_owned();
    for row in rows {
        let (latitude, longitude) = row
            .point
            .map_or_else(Default::default, |(north, east)| (north.to_string(), east.to_string()));
        let fields = [
            row.id.to_string(),
            row.violence.to_string(),
            "1,1".to_owned(),
            row.sides.0.to_string(),
            format!("Side {}", row.sides.0),
            row.sides.1.to_string(),
            format!("Side {}", row.sides.1),
            row.where_prec.to_string(),
            row.adm1.clone(),
            row.adm2.clone(),
            latitude,
            longitude,
            format!("Country {}", row.country),
            row.country.to_string(),
            "1".to_owned(),
            row.start.to_string(),
            row.end.to_string(),
            format!("{},0,{},0", row.others, row.civilians),
            row.best().to_string(),
            row.high.to_string(),
            row.low.to_string(),
        ];
        text.push_str(&fields.join(","));
        text.push('\n');
    }
    fs::write(path, text).expect("a temporary file");
}
