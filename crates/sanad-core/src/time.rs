//! Months and periods.

use core::fmt;
use core::ops::RangeInclusive;
use core::str::FromStr;

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A calendar month, held as the VIEWS `month_id`: (year − 1980) · 12 + month, so that January
/// 1980 is 1.
///
/// ```
/// use sanad_core::Month;
///
/// let month: Month = "2025-08".parse()?;
/// assert_eq!(month.id(), 548);
/// assert_eq!(month.to_string(), "2025-08");
/// assert_eq!(Month::from_id(1).to_string(), "1980-01");
/// # Ok::<(), sanad_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month(i32);

impl Month {
    /// The month with this `month_id`. Months before 1980 have identifiers below 1.
    #[must_use]
    pub const fn from_id(id: i32) -> Self {
        Self(id)
    }

    /// The month `month` (1 to 12) of `year`, or nothing for another number.
    #[must_use]
    pub fn new(year: i32, month: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, 1).map(Self::from_date)
    }

    /// The month that contains `day`.
    #[must_use]
    pub fn from_date(day: NaiveDate) -> Self {
        Self((day.year() - 1980) * 12 + day.month() as i32)
    }

    /// The VIEWS `month_id`.
    #[must_use]
    pub const fn id(self) -> i32 {
        self.0
    }

    /// The year.
    #[must_use]
    pub const fn year(self) -> i32 {
        1980 + (self.0 - 1).div_euclid(12)
    }

    /// The month of the year, 1 to 12.
    #[must_use]
    pub const fn month(self) -> u32 {
        (self.0 - 1).rem_euclid(12) as u32 + 1
    }

    /// The month's first day.
    #[must_use]
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year(), self.month(), 1).unwrap_or(NaiveDate::MIN)
    }

    /// The month's last day.
    #[must_use]
    pub fn last_day(self) -> NaiveDate {
        self.first_day() + Months::new(1) - Days::new(1)
    }

    /// The month `count` months later (earlier when negative).
    #[must_use]
    pub const fn plus(self, count: i32) -> Self {
        Self(self.0 + count)
    }

    /// All months from `first` to `last`, both included; empty when `last` is before `first`.
    pub fn range(first: Self, last: Self) -> impl DoubleEndedIterator<Item = Self> + Clone {
        let ids: RangeInclusive<i32> = first.0..=last.0;
        ids.map(Self)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}", self.year(), self.month())
    }
}

impl FromStr for Month {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::Month { found: text.to_owned() };
        let (year, month) = text.trim().split_once('-').ok_or_else(wrong)?;
        if year.len() != 4 || month.len() != 2 {
            return Err(wrong());
        }
        let year = year.parse().map_err(|_| wrong())?;
        let month = month.parse().map_err(|_| wrong())?;
        Self::new(year, month).ok_or_else(wrong)
    }
}

impl TryFrom<String> for Month {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

/// How exactly a [`Period`] was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// One day.
    Day,
    /// One calendar month.
    Month,
    /// One calendar year.
    Year,
    /// From one day to another: the record happened in it, or lasted through it.
    Interval,
}

impl Precision {
    /// The word that files use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
            Self::Interval => "interval",
        }
    }
}

/// When a record happened, no more exactly than its source says.
///
/// Written in ISO 8601: a day, a month, a year, or two of these joined by a slash.
///
/// ```
/// use sanad_core::{Period, Precision};
///
/// let period: Period = "2025-05/2025-06".parse()?;
/// assert_eq!(period.start().to_string(), "2025-05-01");
/// assert_eq!(period.end().to_string(), "2025-06-30");
/// assert_eq!(period.precision(), Precision::Interval);
/// # Ok::<(), sanad_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    start: NaiveDate,
    end: NaiveDate,
    precision: Precision,
}

impl Period {
    /// One day.
    #[must_use]
    pub const fn day(day: NaiveDate) -> Self {
        Self { start: day, end: day, precision: Precision::Day }
    }

    /// One calendar month.
    #[must_use]
    pub fn month(month: Month) -> Self {
        Self { start: month.first_day(), end: month.last_day(), precision: Precision::Month }
    }

    /// One calendar year, or nothing for a year that no calendar has.
    #[must_use]
    pub fn year(year: i32) -> Option<Self> {
        Some(Self {
            start: NaiveDate::from_ymd_opt(year, 1, 1)?,
            end: NaiveDate::from_ymd_opt(year, 12, 31)?,
            precision: Precision::Year,
        })
    }

    /// From `start` to `end`, both included; nothing when the end is before the start.
    #[must_use]
    pub fn between(start: NaiveDate, end: NaiveDate) -> Option<Self> {
        match start.cmp(&end) {
            core::cmp::Ordering::Less => Some(Self { start, end, precision: Precision::Interval }),
            core::cmp::Ordering::Equal => Some(Self::day(start)),
            core::cmp::Ordering::Greater => None,
        }
    }

    /// The first day.
    #[must_use]
    pub const fn start(self) -> NaiveDate {
        self.start
    }

    /// The last day.
    #[must_use]
    pub const fn end(self) -> NaiveDate {
        self.end
    }

    /// How exactly the period was given.
    #[must_use]
    pub const fn precision(self) -> Precision {
        self.precision
    }

    fn simple(text: &str) -> Option<Self> {
        let digits = |part: &str, length: usize| {
            (part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| part.parse::<i32>().ok())
                .flatten()
        };
        let parts: Vec<&str> = text.split('-').collect();
        let year = digits(parts.first()?, 4)?;
        let month = |part: &str| digits(part, 2).and_then(|month| Month::new(year, month as u32));
        match parts[1..] {
            [] => Some(Self {
                start: NaiveDate::from_ymd_opt(year, 1, 1)?,
                end: NaiveDate::from_ymd_opt(year, 12, 31)?,
                precision: Precision::Year,
            }),
            [part] => month(part).map(|month| Self {
                start: month.first_day(),
                end: month.last_day(),
                precision: Precision::Month,
            }),
            [part, day] => {
                let month = month(part)?;
                NaiveDate::from_ymd_opt(year, month.month(), digits(day, 2)? as u32).map(Self::day)
            }
            _ => None,
        }
    }
}

impl FromStr for Period {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::Period { found: text.to_owned() };
        let Some((first, last)) = text.trim().split_once('/') else {
            return Self::simple(text.trim()).ok_or_else(wrong);
        };
        let start = Self::simple(first).ok_or_else(wrong)?.start;
        let end = Self::simple(last).ok_or_else(wrong)?.end;
        if end < start {
            return Err(Error::Backwards { found: text.to_owned() });
        }
        Ok(Self { start, end, precision: Precision::Interval })
    }
}

impl fmt::Display for Period {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.precision {
            Precision::Day => write!(out, "{}", self.start),
            Precision::Month => write!(out, "{}", Month::from_date(self.start)),
            Precision::Year => write!(out, "{:04}", self.start.year()),
            Precision::Interval => write!(out, "{}/{}", self.start, self.end),
        }
    }
}

impl TryFrom<String> for Period {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_month_survives_its_text_and_its_days(id in -1200_i32..4000) {
            let month = Month::from_id(id);
            prop_assert_eq!(Month::from_date(month.first_day()), month);
            prop_assert_eq!(Month::from_date(month.last_day()), month);
            prop_assert_eq!(month.plus(1).first_day(), month.last_day() + Days::new(1));
            if month.year() >= 1000 {
                prop_assert_eq!(month.to_string().parse::<Month>().unwrap(), month);
            }
        }

        #[test]
        fn no_text_makes_a_period_panic(text in "\\PC{0,24}") {
            let _ = text.parse::<Period>();
            let _ = text.parse::<Month>();
        }
    }

    #[test]
    fn periods_keep_the_precision_they_were_given_with() {
        for text in ["2025-08-14", "2025-08", "2025", "2025-08-21/2025-08-31"] {
            assert_eq!(text.parse::<Period>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_not_a_date_is_refused() {
        for text in ["", "2025-13", "2025-02-30", "25-02-03", "2025-8", "August 2025", "2025/2024"]
        {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }
}
