//! What every reader of indicators gives: observations, and what became of the rest.

use std::collections::{BTreeMap, BTreeSet};

use sanad_core::Period;
use sanad_core::country::Country;
use sanad_core::diagnostic::{Diagnostic, Issue};
use sanad_core::observation::{GivenPlace, Observation};

use crate::error::{Error, Result};
use crate::number::{NumberEvidence, NumberForm};
use crate::sheet::{Row, Sheet};
use crate::value::{self, Value};

/// A file of indicators, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// The values, in the order of the file.
    pub observations: Vec<Observation>,
    /// Rows of the file without the header; blank lines do not count.
    pub rows_read: u64,
    /// What is in the file and no observation, and no fault either: cells without a value, rows of
    /// notes. By what it is.
    pub set_aside: BTreeMap<&'static str, u64>,
    /// Remarks, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}

/// Cells that hold nothing, or a word for nothing.
pub(crate) const EMPTY: &str = "empty cells";

/// First and last year that an observation may have.
const YEARS: core::ops::RangeInclusive<i64> = 1700..=2100;

/// What no two observations of a file may share.
type SeriesKey = (String, String, String, String, String, Period);

/// Gathers the observations of a file and remarks about it.
#[derive(Debug, Default)]
pub(crate) struct Gather {
    observations: Vec<Observation>,
    set_aside: BTreeMap<&'static str, u64>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    seen: BTreeSet<SeriesKey>,
    /// Words of the publisher for a cell without a value, beside those that everybody uses.
    nothing: &'static [&'static str],
    /// What cells with commas say about the form of their column.
    commas: BTreeMap<usize, (String, NumberEvidence)>,
    /// What stops the whole file.
    failure: Option<Error>,
}

impl Gather {
    /// Counts something that is neither a record nor a fault.
    pub(crate) fn aside(&mut self, what: &'static str) {
        *self.set_aside.entry(what).or_insert(0) += 1;
    }

    /// Remarks that a row was left out.
    pub(crate) fn reject(
        &mut self,
        row: &Row,
        column: &str,
        issue: Issue,
        found: &str,
        expected: &str,
    ) {
        self.diagnostics.push(Diagnostic::rejected(row.number, column, issue, found, expected));
    }

    /// A gatherer for a publisher with words of its own for a cell without a value.
    pub(crate) fn with_words_for_nothing(nothing: &'static [&'static str]) -> Self {
        Self { nothing, ..Self::default() }
    }

    /// Remarks that a cell was read with care, or did without something, in a row that was kept.
    pub(crate) fn note(
        &mut self,
        row: &Row,
        column: &str,
        issue: Issue,
        found: &str,
        expected: &str,
    ) {
        self.diagnostics.push(Diagnostic::noted(row.number, column, issue, found, expected));
    }

    /// Keeps an observation, unless one of the same indicator, place, partner, item and period is
    /// there.
    pub(crate) fn keep(&mut self, row: &Row, column: &str, one: Observation) {
        let place = format!(
            "{}\u{1f}{}\u{1f}{}\u{1f}{}",
            one.place.iso3, one.place.code, one.place.within, one.place.name
        );
        let level = one.place.level.as_str().to_owned();
        let key = (
            one.indicator.clone(),
            place,
            level,
            one.partner_iso3.clone(),
            one.item.clone(),
            one.period,
        );
        if self.seen.insert(key) {
            self.observations.push(one);
        } else {
            let place = if one.place.name.is_empty() { &one.place.code } else { &one.place.name };
            let parts =
                [&one.indicator, place, &one.partner_iso3, &one.item, &one.period.to_string()];
            let said: Vec<&str> =
                parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
            let found = said.join(" ");
            let expected = "one value of an indicator for a place and period";
            self.reject(row, column, Issue::DuplicateId, &found, expected);
        }
    }

    /// A number in a cell, without the noise of floating-point arithmetic. An empty cell is counted,
    /// and so is one with a word for nothing; one with another content is left out.
    pub(crate) fn number(&mut self, row: &Row, column: usize, name: &str) -> Option<f64> {
        let bytes = row.bytes(column);
        let word = |word: &&str| bytes == word.as_bytes();
        if ["..", "...", "#N/A"].iter().chain(self.nothing).any(word) {
            self.aside(EMPTY);
            return None;
        }
        match self.decimal(row, column, name) {
            Value::Is(number) => Some(value::without_noise(number)),
            Value::Missing => {
                self.aside(EMPTY);
                None
            }
            Value::Wrong => {
                self.reject(row, name, Issue::WrongType, &row.text(column), "a finite number");
                None
            }
        }
    }

    /// A number in the form of its column. Where the column has none, the file fails.
    fn decimal(&mut self, row: &Row, column: usize, name: &str) -> Value<f64> {
        let bytes = row.bytes(column);
        if bytes.contains(&b',') {
            let known = self
                .commas
                .entry(column)
                .or_insert_with(|| (name.to_owned(), NumberEvidence::default()));
            known.1.add(row.number, bytes);
        }
        row.decimal(column, name).unwrap_or_else(|error| {
            self.failure.get_or_insert(error);
            Value::Wrong
        })
    }

    /// A number that stands beside a value and may be missing without a remark.
    pub(crate) fn optional_number(
        &mut self,
        row: &Row,
        column: Option<usize>,
        name: &str,
    ) -> Option<f64> {
        let column = column?;
        match self.decimal(row, column, name) {
            Value::Is(number) => Some(value::without_noise(number)),
            Value::Missing => None,
            Value::Wrong if [&b".."[..], b"...", b"#N/A"].contains(&row.bytes(column)) => None,
            Value::Wrong => {
                self.note(row, name, Issue::WrongType, &row.text(column), "a finite number");
                None
            }
        }
    }

    /// A standard error: 0 or more.
    pub(crate) fn standard_error(
        &mut self,
        row: &Row,
        column: Option<usize>,
        name: &str,
    ) -> Option<f64> {
        let number = self.optional_number(row, column, name)?;
        if number < 0.0 {
            self.note(row, name, Issue::OutOfRange, &number.to_string(), "0 or more");
            return None;
        }
        Some(number)
    }

    /// A count: a whole number, 0 or more. Floating-point noise below a millionth (`22.9999999`)
    /// is taken off.
    pub(crate) fn count(&mut self, row: &Row, column: usize, name: &str) -> Option<f64> {
        let number = self.number(row, column, name)?;
        let whole = number.round();
        if whole < 0.0 || (number - whole).abs() > 1e-6 {
            let found = row.text(column);
            self.reject(row, name, Issue::OutOfRange, &found, "a whole number, 0 or more");
            return None;
        }
        Some(whole)
    }

    /// The year of a row, also written as a program does that held it as a float (`1990.0`).
    pub(crate) fn year(&mut self, row: &Row, column: usize, name: &str) -> Option<Period> {
        let year = match value::whole(row.bytes(column)) {
            Value::Is(year) if YEARS.contains(&year) => Period::year(year as i32),
            _ => None,
        };
        if year.is_none() {
            let issue = if row.bytes(column).is_empty() { Issue::Missing } else { Issue::BadDate };
            self.reject(row, name, issue, &row.text(column), "a year from 1700 to 2100");
        }
        year
    }

    /// The file, read. What is said of a row of which no value was kept says so.
    ///
    /// # Errors
    ///
    /// [`Error::HeaderOnly`]; [`Error::NumberForm`] when cells of a column contradict each other
    /// about what a comma is.
    pub(crate) fn finish(self, sheet: Sheet<'_>) -> Result<Series> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        if !sheet.judges_numbers() {
            for (column, evidence) in self.commas.values() {
                evidence.check(column, NumberForm::ENGLISH)?;
            }
        }
        let (rows_read, mut diagnostics) = sheet.finish(self.diagnostics)?;
        let (observations, set_aside) = (self.observations, self.set_aside);
        let kept: BTreeSet<u64> = observations.iter().map(|one| one.source_row).collect();
        for diagnostic in &mut diagnostics {
            let row_kept = kept.contains(&diagnostic.row);
            diagnostic.of_cell = row_kept && !diagnostic.kept;
            diagnostic.kept &= row_kept;
        }
        Ok(Series { observations, rows_read, set_aside, diagnostics })
    }
}

/// A country, or a group of countries, by a source's code and name.
pub(crate) fn country_by_code(code: &str, name: &str) -> GivenPlace {
    let iso3 = Country::of_code(code).map_or("", |country| country.iso3);
    GivenPlace::country(iso3, code, name)
}

/// An observation with nothing but what each has.
pub(crate) fn observation(
    indicator: &str,
    place: &GivenPlace,
    period: Period,
    value: f64,
    row: &Row,
) -> Observation {
    Observation {
        indicator: indicator.to_owned(),
        indicator_name: indicator.to_owned(),
        unit: String::new(),
        place: place.clone(),
        partner_iso3: String::new(),
        item: String::new(),
        period,
        value,
        standard_error: None,
        low: None,
        high: None,
        source_row: row.number,
    }
}
