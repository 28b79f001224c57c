//! Real data for the tests that have it, and made-up panels for the rest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use parquet::column::reader::ColumnReader;
use parquet::file::reader::{FileReader, SerializedFileReader};
use sanad_forecast::{Draws, Panel};

/// The folder of real data, if this machine has it.
fn folder() -> Option<PathBuf> {
    let usual_folder = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("SANAD_DATA").map_or_else(usual_folder, PathBuf::from);
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

/// A column of a challenge file, whatever its width. Columns of these files have no nulls.
fn column(reader: &dyn FileReader, name: &str) -> Vec<f64> {
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let index = schema.columns().iter().position(|column| column.name() == name).unwrap();
    let (mut out, mut definitions) = (Vec::new(), Vec::new());
    for group in 0..reader.num_row_groups() {
        let rows = reader.metadata().row_group(group).num_rows() as usize;
        let mut read = |column: ColumnReader| match column {
            ColumnReader::Int32ColumnReader(mut typed) => {
                let mut values = Vec::new();
                typed.read_records(rows, Some(&mut definitions), None, &mut values).unwrap();
                out.extend(values.into_iter().map(f64::from));
            }
            ColumnReader::Int64ColumnReader(mut typed) => {
                let mut values = Vec::new();
                typed.read_records(rows, Some(&mut definitions), None, &mut values).unwrap();
                out.extend(values.into_iter().map(|x| x as f64));
            }
            ColumnReader::DoubleColumnReader(mut typed) => {
                let mut values = Vec::new();
                typed.read_records(rows, Some(&mut definitions), None, &mut values).unwrap();
                out.extend(values);
            }
            _ => panic!("{name} is not a number"),
        };
        read(reader.get_row_group(group).unwrap().get_column_reader(index).unwrap());
    }
    out
}

/// Rows of a challenge file by (country, month), draws in the file's order.
fn rows(path: &Path, value: &str) -> BTreeMap<(i64, i64), Vec<f64>> {
    let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
    let (countries, months) = (column(&reader, "country_id"), column(&reader, "month_id"));
    let values = column(&reader, value);
    assert!(countries.len() == values.len() && months.len() == values.len());
    let mut cells: BTreeMap<(i64, i64), Vec<f64>> = BTreeMap::new();
    for ((country, month), value) in countries.iter().zip(&months).zip(values) {
        cells.entry((*country as i64, *month as i64)).or_default().push(value);
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
