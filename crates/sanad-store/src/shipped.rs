//! Files of a case, read as importing the case would read them, and not kept. For checking a case
//! folder without an observatory.

use std::path::Path;

use sanad_source::registry::SeriesSettings;

use crate::card::Card;
use crate::counts::CountTable;
use crate::error::{Error, Result};
use crate::import::hand_written;
use crate::read_file::{foreign, read_whole};

/// The forms of ready-made tables that a case may ship. By the word that a case's card uses.
pub const SHIPPED_FORMATS: [&str; 10] = [
    "counts",
    "country-months",
    "conflict-counts",
    "observations",
    "day-counts",
    "ensemble",
    "ablation",
    "month-series",
    crate::trials::TRIALS,
    crate::gap_forecast::GAP_FORECAST,
];

/// Reads a ready-made table of a case, of one of [`SHIPPED_FORMATS`], and gives its number of rows.
/// Sides of conflict counts are not held to a case's organisations here.
///
/// # Errors
///
/// As importing it: [`Error::Figures`] for a table that is not as its form says, [`Error::Unknown`] for
/// another form.
pub fn check_shipped(path: &Path, format: &str) -> Result<u64> {
    let rows = match format {
        "counts" => CountTable::read(path)?.rows(),
        "conflict-counts" => crate::conflicts::read_shipped(path, None)?.0.len(),
        "observations" => {
            let (bytes, _) = read_whole(path)?;
            let read = sanad_source::plain::FORMAT.series(&bytes, &SeriesSettings::default());
            let read = read.ok_or_else(|| unknown_format(format))?;
            read.map_err(|e| foreign(path, e))?.0.observations.len()
        }
        "day-counts" => crate::days::read_shipped(path)?.len(),
        "ensemble" => crate::ensemble::read_shipped(path)?.members(),
        "ablation" => {
            let (bytes, _) = read_whole(path)?;
            sanad_case::ablation::read(&bytes).map_err(|e| hand_written(path, e))?.rows.len()
        }
        crate::trials::TRIALS => {
            let (bytes, _) = read_whole(path)?;
            sanad_case::trials::read(&bytes).map_err(|e| hand_written(path, e))?.rows.len()
        }
        crate::gap_forecast::GAP_FORECAST => {
            let (bytes, _) = read_whole(path)?;
            sanad_case::gap_forecast::read(&bytes).map_err(|e| hand_written(path, e))?.rows.len()
        }
        "month-series" => {
            let (bytes, _) = read_whole(path)?;
            let series = sanad_case::month_series::read(&bytes);
            let series = series.map_err(|e| hand_written(path, e))?;
            series.iter().map(|series| series.values.len()).sum()
        }
        "country-months" => {
            let (bytes, _) = read_whole(path)?;
            let bytes = sanad_source::unpacked(bytes).map_err(|e| foreign(path, e))?;
            let read = sanad_source::country_months::read(bytes.as_slice());
            read.map_err(|e| foreign(path, e))?.months.len()
        }
        other => return Err(unknown_format(other)),
    };
    Ok(rows as u64)
}

/// A form of ready-made table that is none.
pub(crate) fn unknown_format(found: &str) -> Error {
    Error::Unknown {
        what: "format of figures",
        found: found.to_owned(),
        nearest: SHIPPED_FORMATS.map(str::to_owned).to_vec(),
    }
}

/// Reads the card of a source. It is not kept, only checked.
///
/// # Errors
///
/// [`Error::Card`] when it is none.
pub fn check_card(path: &Path) -> Result<()> {
    Card::read(Some(path)).map(drop)
}
