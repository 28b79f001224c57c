//! Real data for the tests that have it, and made-up panels for the rest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use sanad_forecast::{Draws, Panel};

/// The folder of real data, if this machine has it.
fn folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("SANAD_DATA").map_or_else(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// A file of the real data; says so and gives `None` where it is absent.
pub(crate) fn file(name: &str) -> Option<PathBuf> {
    let path = folder().map(|folder| folder.join("forecast").join(name));
    let found = path.filter(|path| path.is_file());
    if found.is_none() {
        eprintln!("skipped: {name} is not on this machine (set SANAD_DATA to its folder)");
    }
    found
}

/// The VIEWS country-month series, places in order of `country_id`.
pub(crate) fn country_months() -> Option<Panel> {
    let path = file("views_ged_sb_long_1990_2021.csv")?;
    let mut cells: BTreeMap<u32, BTreeMap<i32, f64>> = BTreeMap::new();
    for record in csv::Reader::from_path(path).unwrap().records() {
        let record = record.unwrap();
        let country = record[3].parse().unwrap();
        let of = cells.entry(country).or_default();
        of.insert(record[0].parse().unwrap(), record[5].parse().unwrap());
    }
    let target = cells
        .values()
        .flat_map(|of| (121..=504).map(|month| of.get(&month).copied().unwrap_or(f64::NAN)))
        .collect();
    Some(Panel::new(121, cells.len(), 384, target).unwrap())
}

/// Rows of a challenge file by (country, month), draws in order.
fn rows(path: &Path, value: &str) -> BTreeMap<(i64, i64), Vec<f64>> {
    let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut cells: BTreeMap<(i64, i64), Vec<f64>> = BTreeMap::new();
    for row in reader.get_row_iter(None).unwrap() {
        let row = row.unwrap();
        let number = |wanted: &str| {
            let column = row.get_column_iter().find(|(name, _)| *name == wanted).unwrap();
            match column.1 {
                Field::Int(x) => f64::from(*x),
                Field::Long(x) => *x as f64,
                Field::Double(x) => *x,
                other => panic!("{wanted} is {other}"),
            }
        };
        let key = (number("country_id") as i64, number("month_id") as i64);
        cells.entry(key).or_default().push(number(value));
    }
    cells
}

/// Draws and outcomes of a challenge window, cell by cell.
pub(crate) fn challenge(draws: &str, actuals: &str) -> Option<(Draws, Vec<f64>)> {
    let (draws, actuals) = (file(draws)?, file(actuals)?);
    let (draws, actuals) = (rows(&draws, "outcome"), rows(&actuals, "ged_sb"));
    assert!(draws.keys().eq(actuals.keys()));
    let size = draws.values().next().unwrap().len();
    let values = draws.values().flatten().map(|&x| x as u32).collect();
    let draws = Draws::from_values(actuals.len() / 12, 12, size, values).unwrap();
    Some((draws, actuals.into_values().flatten().collect()))
}
