//! Today's date: the machine's, or a fixed one for results that are to be made again.

use std::ffi::OsStr;

use chrono::{DateTime, Local, NaiveDate};

use crate::error::{Error, Result};

/// The variable that fixes the date, as <https://reproducible-builds.org/specs/source-date-epoch/>
/// describes it: seconds since 1970-01-01 00:00 UTC.
pub(crate) const EPOCH_VARIABLE: &str = "SOURCE_DATE_EPOCH";

/// The day that [`EPOCH_VARIABLE`] names in UTC, or the day by the machine's clock where the
/// variable is not set.
///
/// # Errors
/// [`Error::Epoch`] if the variable holds no whole number, or one beyond the calendar.
pub(crate) fn today() -> Result<NaiveDate> {
    match std::env::var_os(EPOCH_VARIABLE) {
        Some(seconds) => day_of_epoch(&seconds),
        None => Ok(Local::now().date_naive()),
    }
}

/// What a server asks for today's day. A date that cannot be read is said now, and not to the first reader.
///
/// # Errors
///
/// Those of [`today`].
pub(crate) fn clock() -> Result<fn() -> NaiveDate> {
    today()?;
    // The variable was readable a moment ago; should it change, the machine's own day is the truth.
    Ok(|| today().unwrap_or_else(|_| Local::now().date_naive()))
}

/// The day in UTC that lies so many seconds after 1970-01-01 00:00.
fn day_of_epoch(seconds: &OsStr) -> Result<NaiveDate> {
    let number = seconds.to_str().and_then(|text| text.parse::<i64>().ok());
    let moment = number.and_then(|number| DateTime::from_timestamp(number, 0));
    match moment {
        Some(moment) => Ok(moment.date_naive()),
        None => Err(Error::Epoch { found: seconds.to_string_lossy().into_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(seconds: &str) -> Option<String> {
        day_of_epoch(OsStr::new(seconds)).ok().map(|day| day.to_string())
    }

    #[test]
    fn seconds_since_1970_are_a_day_in_utc() {
        assert_eq!(day("0").as_deref(), Some("1970-01-01"));
        assert_eq!(day("-1").as_deref(), Some("1969-12-31"));
        assert_eq!(day("1767225599").as_deref(), Some("2025-12-31"));
        assert_eq!(day("1767225600").as_deref(), Some("2026-01-01"));
    }

    #[test]
    fn what_is_no_number_of_seconds_is_refused() {
        for wrong in ["", "today", "2026-01-01", "1.5", "1 767 225 600", "9223372036854775807"] {
            assert!(matches!(day_of_epoch(OsStr::new(wrong)), Err(Error::Epoch { .. })), "{wrong}");
        }
    }
}
