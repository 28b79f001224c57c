//! Varieties of Democracy, country-years, by a list of columns.
//!
//! Columns `country_text_id` (ISO 3166-1 alpha-3, with a few codes of V-Dem's own), `year`, and
//! any indicators. Where a column `x_codelow` and `x_codehigh` (68 % credible interval) or `x_sd`
//! (posterior standard deviation) stand beside `x`, they are the bounds and the standard error.
//! Source: V-Dem codebook, *Measurement model output*.
//!
//! Without a list, the indices are read: every column that begins with `v2x` and is no part of
//! another one. Indices run from 0 to 1. Their directions differ: the codebook's `v2x_pubcorr` runs
//! from less to more corrupt, and some extracts turn it around. Values are kept as they stand; a
//! case declares the direction.
//!
//! Years before a state exists are empty cells, which are counted and give no observation.

use sanad_core::diagnostic::Issue;

use crate::error::{Error, MissingColumn, Result};
use crate::series::{Gather, Series, country_by_code, observation};
use crate::sheet::{Sheet, nearest};

const EXPECTED: &str = "V-Dem country-years (country_text_id, year, v2x_pubcorr and others)";

/// What is added to an indicator's name for columns that are about its uncertainty or form.
const PARTS: [&str; 10] = [
    "_codelow",
    "_codehigh",
    "_sd",
    "_mean",
    "_ord",
    "_ord_codelow",
    "_ord_codehigh",
    "_osp_sd",
    "_nr",
    "_3C",
];

/// Reads country-years. `columns` names the indicators; without any, the indices are read.
///
/// # Errors
///
/// [`Error::Empty`], [`Error::Form`], [`Error::OtherTable`] when the file has neither keys nor
/// indices, [`Error::MissingColumns`] when a key or one of `columns` is not there,
/// [`Error::DuplicateColumns`].
///
/// ```
/// let file = "country_text_id,year,country_name,v2x_pubcorr\nPAK,2021,Pakistan,0.182\n";
/// let series = sanad_source::vdem::read(file.as_bytes(), &[])?;
/// assert_eq!(series.observations[0].value, 0.182);
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn read(data: &[u8], columns: &[String]) -> Result<Series> {
    let mut sheet = Sheet::open(data, EXPECTED, b',')?;
    let [code, year] = sheet.require(["country_text_id", "year"], EXPECTED)?;
    let country = sheet.find("country_name");
    let wanted = if columns.is_empty() { indices(sheet.header()) } else { columns.to_vec() };
    let measured = measured(&sheet, &wanted)?;
    let mut all = Gather::default();
    while let Some(row) = sheet.row()? {
        let text = row.text(code);
        if text.is_empty() {
            all.reject(&row, "country_text_id", Issue::Missing, "", "V-Dem's code of a country");
            continue;
        }
        let Some(period) = all.year(&row, year, "year") else { continue };
        let name = country.map_or_else(Default::default, |at| row.text(at));
        row.note_bad_text(&[(code, "country_text_id")], &mut all.remarks);
        let place = country_by_code(&text, &name);
        for (indicator, at, [low, high, error]) in &measured {
            let Some(value) = all.number(&row, *at, indicator) else { continue };
            let mut one = observation(indicator, &place, period, value, &row);
            if indicator.starts_with("v2x") {
                one.unit = "0 to 1".to_owned();
            }
            one.low = all.beside(&row, *low, indicator);
            one.high = all.beside(&row, *high, indicator);
            one.standard_error = all.standard_error(&row, *error, indicator);
            all.keep(&row, indicator, one);
        }
    }
    all.finish(sheet)
}

/// The names of indices in a header.
fn indices(header: &[String]) -> Vec<String> {
    let index =
        |name: &&String| name.starts_with("v2x") && !PARTS.iter().any(|part| name.ends_with(part));
    header.iter().filter(index).cloned().collect()
}

type Measured = (String, usize, [Option<usize>; 3]);

/// Where each indicator stands, with its bounds and its standard error.
fn measured(sheet: &Sheet<'_>, wanted: &[String]) -> Result<Vec<Measured>> {
    if wanted.is_empty() {
        let found = crate::sheet::excerpt(sheet.header());
        return Err(Error::OtherTable { found, expected: EXPECTED });
    }
    let missing: Vec<MissingColumn> = wanted
        .iter()
        .filter(|name| sheet.find(name).is_none())
        .map(|name| MissingColumn {
            name: name.clone().into(),
            nearest: nearest(name, sheet.header(), &[]),
        })
        .collect();
    if !missing.is_empty() {
        return Err(Error::MissingColumns { missing });
    }
    let doubled = sheet.doubled(wanted.iter().map(String::as_str));
    if !doubled.is_empty() {
        return Err(Error::DuplicateColumns { names: doubled });
    }
    let of = |name: &String| {
        let at = sheet.find(name)?;
        let beside = ["_codelow", "_codehigh", "_sd"];
        Some((name.clone(), at, beside.map(|part| sheet.find(&format!("{name}{part}")))))
    };
    Ok(wanted.iter().filter_map(of).collect())
}
