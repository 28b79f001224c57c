//! Words of a call as the analyses take them.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use pyo3::prelude::*;
use sanad_core::Month;
use sanad_core::event::DateRule;
use sanad_core::place::Level;
use sanad_store::{Organisations, PanelRequest, PlacesOf, Unit};

use crate::call_error::{CallError, CallResult};

/// Numbers of the months from 0001-01 to 9999-12, the years that texts can name:
/// (year − 1980) · 12 + month.
const MONTH_IDS: RangeInclusive<i32> = (1 - 1980) * 12 + 1..=(9999 - 1980) * 12 + 12;

/// A month: "2019-05", a `datetime.date`, or its month_id.
pub(crate) fn month(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Month> {
    if let Ok(id) = given.extract::<i32>() {
        return match MONTH_IDS.contains(&id) {
            true => Ok(Month::from_id(id)),
            false => {
                Err(CallError::argument(name, id, "a month_id of a year from 1 to 9999").into())
            }
        };
    }
    let text: String = given.str()?.extract()?;
    let day = text.get(..10).and_then(|day| day.parse::<NaiveDate>().ok());
    let month = day.map(Month::from_date).or_else(|| text.parse().ok());
    Ok(month
        .ok_or_else(|| CallError::argument(name, format!("{text:?}"), "a month such as 2019-05"))?)
}

/// A month that need not be given.
pub(crate) fn optional_month(
    name: &str,
    given: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<Month>> {
    given.map(|given| month(name, given)).transpose()
}

/// A day: "2019-05-17" or a `datetime.date`.
pub(crate) fn day(name: &str, given: &Bound<'_, PyAny>) -> PyResult<NaiveDate> {
    let text: String = given.str()?.extract()?;
    let day = text.get(..10).and_then(|day| day.parse().ok());
    Ok(day.ok_or_else(|| {
        CallError::argument(name, format!("{text:?}"), "a day such as 2019-05-17")
    })?)
}

/// A day that need not be given.
pub(crate) fn optional_day(
    name: &str,
    given: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<NaiveDate>> {
    given.map(|given| day(name, given)).transpose()
}

/// The choice of a word among several.
pub(crate) fn choice<T: Copy>(name: &str, word: &str, known: &[(&str, T)]) -> CallResult<T> {
    let found = known.iter().find(|(known, _)| *known == word);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        CallError::argument(name, format!("{word:?}"), &words.join(", "))
    })
}

/// What a row stands for.
pub(crate) fn unit(word: &str) -> CallResult<Unit> {
    let units = [Unit::Country, Unit::Adm1, Unit::Adm2, Unit::Priogrid];
    choice("unit", word, &units.map(|unit| (unit.as_str(), unit)))
}

/// A level at which the fronts are measured.
pub(crate) fn level(word: &str) -> CallResult<Level> {
    choice("unit", word, &[("adm1", Level::Adm1), ("adm2", Level::Adm2)])
}

/// What a panel is made of, in the words of a call.
pub(crate) struct PanelSelection<'a, 'py> {
    pub(crate) unit: &'a str,
    pub(crate) date_rule: &'a str,
    pub(crate) places: &'a str,
    pub(crate) as_of: Option<&'a Bound<'py, PyAny>>,
    pub(crate) source: &'a str,
    pub(crate) countries: Vec<i32>,
}

impl PanelSelection<'_, '_> {
    /// The request for a panel from `first` to `last`.
    pub(crate) fn request(&self, first: Month, last: Month) -> PyResult<PanelRequest> {
        let rules =
            [("end", DateRule::End), ("start", DateRule::Start), ("spread", DateRule::Spread)];
        let places = [("contemporary", PlacesOf::Contemporary), ("current", PlacesOf::Current)];
        Ok(PanelRequest {
            date_rule: choice("date_rule", self.date_rule, &rules)?,
            places_of: choice("places", self.places, &places)?,
            as_of: optional_day("as_of", self.as_of)?,
            series: self.source.to_owned(),
            countries: self.countries.clone(),
            ..PanelRequest::new(unit(self.unit)?, first, last)
        })
    }
}

/// How organisations are told apart: not, "each", or those of these numbers.
pub(crate) fn organisations(given: Option<&Bound<'_, PyAny>>) -> PyResult<Organisations> {
    let Some(given) = given else { return Ok(Organisations::Together) };
    if given.extract::<String>().is_ok_and(|word| word == "each") {
        return Ok(Organisations::Each);
    }
    let numbers = given.extract().map_err(|_| {
        CallError::argument("organisations", given, "\"each\", or a list of actor numbers")
    })?;
    Ok(Organisations::Only(numbers))
}

/// A month of the year from its number.
pub(crate) fn month_of_year(number: u32) -> CallResult<u32> {
    match number {
        1..=12 => Ok(number),
        other => Err(CallError::argument("train_end", other, "a month's number, 1 to 12")),
    }
}
