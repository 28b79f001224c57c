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

use chrono::NaiveDate;
use sanad_core::diagnostic::Issue;

use crate::error::{Error, MissingColumn, Result};
use crate::format::{Content, Publication, SeriesSettings, SourceFormat, TableLayout};
use crate::series::{Gather, Series, country_by_code, observation};
use crate::sheet::{Sheet, nearest};

/// What a file of this format is, for messages.
const EXPECTED: &str = "V-Dem country-years (country_text_id, year, v2x_pubcorr and others)";

/// The format.
pub const FORMAT: SourceFormat = SourceFormat {
    version: version_after_v,
    released,
    ..SourceFormat::new(
        "vdem",
        "Varieties of Democracy, country-years (CSV)",
        Publication {
            id: "vdem",
            title: "Varieties of Democracy, country-years",
            citation: "Coppedge, M. et al., V-Dem [Country-Year] Dataset, Varieties of Democracy \
                (V-Dem) Project; Pemstein, D. et al., The V-Dem Measurement Model: Latent Variable \
                Analysis for Cross-National and Cross-Temporal Expert-Coded Data, V-Dem Working \
                Paper 21",
            licence: "CC-BY-SA-4.0",
            url: "https://www.v-dem.net/data/the-v-dem-dataset/",
        },
        Content::Series { expected: EXPECTED, layouts: &[COUNTRY_YEARS] },
    )
};

/// One row for each country and year.
const COUNTRY_YEARS: TableLayout = TableLayout {
    known_by: &["country_text_id", "year"],
    publication: |_| None,
    read: |sheet, settings| country_years(sheet, settings.columns),
};

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
    FORMAT.observations(data, &SeriesSettings { columns, ..SeriesSettings::default() })
}

/// V-Dem brings out version N in March of the year 2010 + N; the last of March is taken, so that
/// nothing counts as known too early.
fn released(version: &str) -> Option<NaiveDate> {
    let number: i32 = version.split('.').next()?.parse().ok()?;
    (5..=40).contains(&number).then(|| NaiveDate::from_ymd_opt(2010 + number, 3, 31))?
}

/// The digits after the last `v` that digits follow: `vdem_v13_x.csv`, `V-Dem-CY-Full-v14.csv`.
pub(crate) fn version_after_v(name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    let digits = |at: usize| {
        let rest = &name[at + 1..];
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && !"._".contains(letter));
        let version = rest[..end.unwrap_or(rest.len())].trim_end_matches(['.', '_']);
        (!version.is_empty()).then(|| version.replace('_', "."))
    };
    name.rmatch_indices('v').find_map(|(at, _)| digits(at))
}

/// One observation per index, country and year, with the bounds and the deviation of the index.
fn country_years(mut sheet: Sheet<'_>, columns: &[String]) -> Result<Series> {
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
        row.note_bad_text(&[(code, "country_text_id")], &mut all.diagnostics);
        let place = country_by_code(&text, &name);
        for (indicator, at, [low, high, error]) in &measured {
            let Some(value) = all.number(&row, *at, indicator) else { continue };
            let is_index = is_index(indicator);
            if (is_index && !(0.0..=1.0).contains(&value)) || NO_VALUES.contains(&value) {
                let expected = if is_index { "0 to 1" } else { "a value, which this is not" };
                all.reject(&row, indicator, Issue::OutOfRange, &row.text(*at), expected);
                continue;
            }
            let mut one = observation(indicator, &place, period, value, &row);
            if is_index {
                one.unit = "0 to 1".to_owned();
            }
            one.low = all.optional_number(&row, *low, indicator);
            one.high = all.optional_number(&row, *high, indicator);
            one.standard_error = all.standard_error(&row, *error, indicator);
            all.keep(&row, indicator, one);
        }
    }
    all.finish(sheet)
}

/// Numbers that stand for a missing value in copies that others made; no variable of V-Dem has them.
const NO_VALUES: [f64; 3] = [-999.0, -9_999.0, -99_999.0];

/// Whether a variable is one of the indices, which lie between 0 and 1; kinds of regime are ordinal.
fn is_index(name: &str) -> bool {
    name.starts_with("v2x") && !name.starts_with("v2x_regime")
}

/// The names of indices in a header.
fn indices(header: &[String]) -> Vec<String> {
    let index =
        |name: &&String| name.starts_with("v2x") && !PARTS.iter().any(|part| name.ends_with(part));
    header.iter().filter(index).cloned().collect()
}

/// A measure with its column and those of its low end, high end and standard error.
type MeasureColumns = (String, usize, [Option<usize>; 3]);

/// Where each indicator stands, with its bounds and its standard error.
fn measured(sheet: &Sheet<'_>, wanted: &[String]) -> Result<Vec<MeasureColumns>> {
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
        let optional_number = ["_codelow", "_codehigh", "_sd"];
        Some((name.clone(), at, optional_number.map(|part| sheet.find(&format!("{name}{part}")))))
    };
    Ok(wanted.iter().filter_map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_off_names_and_dated_by_their_year() {
        for (name, version) in [
            ("vdem_v13_six_indices_1968_2022.csv", Some("13")),
            ("V-Dem-CY-Full+Others-v14.csv", Some("14")),
            ("V-Dem-CY-Core-v11.1.csv", Some("11.1")),
            ("Dyadic_v24_1.csv", Some("24.1")),
            ("vdem.csv", None),
        ] {
            assert_eq!(version_after_v(name).as_deref(), version, "{name}");
        }
        assert_eq!(released("14").unwrap().to_string(), "2024-03-31");
        assert_eq!(released("file-0a1b"), None);
        assert_eq!((crate::wgi::FORMAT.version)("wgi_v3.csv"), None);
    }
}
