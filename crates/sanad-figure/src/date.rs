//! Dates as they are known: to the day, the month or the year.

use crate::error::{Error, check};
use crate::scale::month_name;

/// A date with its precision: a missing day or month is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Year.
    pub year: i32,
    /// Month, 1 to 12, where known.
    pub month: Option<u32>,
    /// Day, 1 to 31, where known (then the month is known as well).
    pub day: Option<u32>,
}

impl Date {
    /// A date known to the day.
    pub fn day(year: i32, month: u32, day: u32) -> Self {
        Date { year, month: Some(month), day: Some(day) }
    }

    /// A date known to the month.
    pub fn month(year: i32, month: u32) -> Self {
        Date { year, month: Some(month), day: None }
    }

    /// A date known to the year.
    pub fn year(year: i32) -> Self {
        Date { year, month: None, day: None }
    }

    /// Refuses years beyond ten thousand and numbers that are no month or day.
    pub(crate) fn check(self, what: &str) -> Result<(), Error> {
        check::within(&format!("year of {what}"), f64::from(self.year), -10_000.0, 10_000.0)?;
        check::within(&format!("month of {what}"), f64::from(self.month.unwrap_or(1)), 1.0, 12.0)?;
        check::within(&format!("day of {what}"), f64::from(self.day.unwrap_or(1)), 1.0, 31.0)
    }

    /// First moment it can mean, in years.
    pub(crate) fn start(self) -> f64 {
        let month = f64::from(self.month.unwrap_or(1) - 1);
        let day = f64::from(self.day.unwrap_or(1) - 1) / 31.0;
        f64::from(self.year) + (month + day) / 12.0
    }

    /// Last moment it can mean, in years.
    pub(crate) fn end(self) -> f64 {
        self.start()
            + match (self.month, self.day) {
                (Some(_), Some(_)) => 1.0 / 372.0,
                (Some(_), None) => 1.0 / 12.0,
                _ => 1.0,
            }
    }

    /// `14 Jun 2014`, `Jun 2014`, `2014`.
    pub(crate) fn text(self) -> String {
        match (self.month, self.day) {
            (Some(m), Some(d)) => format!("{d} {} {}", month_name(m), self.year),
            (Some(m), None) => format!("{} {}", month_name(m), self.year),
            _ => self.year.to_string(),
        }
    }

    /// `2014-06-14`, `2014-06`, `2014`.
    pub(crate) fn iso(self) -> String {
        match (self.month, self.day) {
            (Some(m), Some(d)) => format!("{}-{m:02}-{d:02}", self.year),
            (Some(m), None) => format!("{}-{m:02}", self.year),
            _ => self.year.to_string(),
        }
    }
}

/// `Jun 2014 to Feb 2017`, or the one date.
pub(crate) fn span_text(from: Date, until: Option<Date>) -> String {
    match until {
        Some(u) if u != from => format!("{} to {}", from.text(), u.text()),
        _ => from.text(),
    }
}
