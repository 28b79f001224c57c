//! One field's bytes into one value.

use chrono::NaiveDate;
use sanad_core::event::day_number;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value<T> {
    /// Nothing, or a word for nothing.
    Missing,
    /// A value.
    Is(T),
    /// Something else.
    Wrong,
}

/// The words for nothing that spreadsheets, R, pandas and SQL leave behind.
pub(crate) fn is_missing(bytes: &[u8]) -> bool {
    const WORDS: [&[u8]; 5] = [b"na", b"nan", b"null", b"none", b"n/a"];
    bytes.is_empty()
        || (bytes.len() <= 4 && WORDS.iter().any(|word| bytes.eq_ignore_ascii_case(word)))
}

/// A whole number; also as programs write one that held it as a float (`12.0`, `1e+05`).
pub(crate) fn whole(bytes: &[u8]) -> Value<i64> {
    if let Some(number) = digits(bytes) {
        return Value::Is(number);
    }
    if is_missing(bytes) {
        return Value::Missing;
    }
    match decimal(bytes) {
        Value::Is(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
            Value::Is(number as i64)
        }
        _ => Value::Wrong,
    }
}

/// Up to 18 digits without a sign.
fn digits(bytes: &[u8]) -> Option<i64> {
    if bytes.is_empty() || bytes.len() > 18 {
        return None;
    }
    bytes.iter().try_fold(0_i64, |number, byte| {
        byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0'))
    })
}

/// A finite number with a decimal point.
pub(crate) fn decimal(bytes: &[u8]) -> Value<f64> {
    if is_missing(bytes) {
        return Value::Missing;
    }
    let text = core::str::from_utf8(bytes).ok();
    match text.and_then(|text| text.parse::<f64>().ok()) {
        Some(number) if number.is_finite() => Value::Is(number),
        _ => Value::Wrong,
    }
}

/// A number with the noise of floating-point arithmetic taken off: where a decimal of at most 12
/// significant digits is nearer than four units in the last place, it is that decimal
/// (`0.30400000000000005` is 0.304). Other numbers stay as they are to the last bit.
pub(crate) fn without_noise(number: f64) -> f64 {
    let short: f64 = format!("{number:.11e}").parse().unwrap_or(number);
    if (short - number).abs() <= number.abs() * 4.0 * f64::EPSILON { short } else { number }
}

/// A day as days since 1970-01-01.
///
/// The codebook's form is `2021-01-05`, with or without a time of day after it. Dates with
/// slashes, as spreadsheets save them, are read only where day and month cannot be exchanged.
/// Years outside 1946 to 2100 are refused: UCDP's data begin in 1946.
pub(crate) fn day(bytes: &[u8]) -> Value<i32> {
    if is_missing(bytes) {
        return Value::Missing;
    }
    let date = iso_date(bytes).or_else(|| slashed_date(bytes));
    match date.filter(|(year, ..)| (1946..=2100).contains(year)) {
        Some((year, month, day)) => NaiveDate::from_ymd_opt(year, month, day)
            .map_or(Value::Wrong, |day| Value::Is(day_number(day))),
        None => Value::Wrong,
    }
}

fn iso_date(bytes: &[u8]) -> Option<(i32, u32, u32)> {
    let (date, time) = bytes.split_at_checked(10)?;
    if date[4] != b'-' || date[7] != b'-' || !is_time(time) {
        return None;
    }
    let number = |part: &[u8]| digits(part).map(|number| number as u32);
    Some((number(&date[..4])? as i32, number(&date[5..7])?, number(&date[8..])?))
}

fn slashed_date(bytes: &[u8]) -> Option<(i32, u32, u32)> {
    let text = core::str::from_utf8(bytes).ok()?;
    let (date, time) = text.split_at(text.find(' ').unwrap_or(text.len()));
    if !is_time(time.as_bytes()) {
        return None;
    }
    let parts: Vec<&str> = date.split('/').collect();
    let [first, second, year] = parts[..] else { return None };
    if year.len() != 4 || first.len() > 2 || second.len() > 2 {
        return None;
    }
    let number = |part: &str| digits(part.as_bytes()).map(|number| number as u32);
    let (first, second, year) = (number(first)?, number(second)?, number(year)? as i32);
    match (first > 12, second > 12) {
        (true, false) => Some((year, second, first)),
        (false, true) => Some((year, first, second)),
        _ if first == second => Some((year, first, second)),
        _ => None,
    }
}

/// Nothing, or a blank or `T` and a time of day.
fn is_time(bytes: &[u8]) -> bool {
    let Some((separator, time)) = bytes.split_first() else { return true };
    matches!(separator, b' ' | b'T')
        && time.contains(&b':')
        && time
            .iter()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'Z' | b'+' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanad_core::event::number_day;

    #[test]
    fn noise_is_taken_off_and_nothing_else() {
        for (number, expected) in [
            (0.304_000_000_000_000_05, 0.304),
            (22.999_999_999_999_996, 23.0),
            (1.0 - 0.696, 0.304),
            (-1.645_391_106_605_53, -1.645_391_106_605_53),
            (0.1 + 0.2, 0.3),
            (1.0 / 3.0, 1.0 / 3.0),
            (0.0, 0.0),
        ] {
            assert_eq!(without_noise(number), expected);
        }
    }

    #[test]
    fn days_are_read_in_the_codebooks_form_and_never_guessed() {
        let read = |text: &str| match day(text.as_bytes()) {
            Value::Is(number) => number_day(number).to_string(),
            other => format!("{other:?}"),
        };
        for text in [
            "2021-01-05",
            "2021-01-05 00:00:00.000",
            "2021-01-05T00:00:00Z",
            "5/1/2021 x",
            "5/1/2021",
            "2021-02-30",
            "1900-01-01",
            "20210105",
            "5.1.2021",
        ] {
            let expected = if text.starts_with("2021-01-05") { "2021-01-05" } else { "Wrong" };
            assert_eq!(read(text), expected, "{text}");
        }
        assert_eq!(read("25/1/2021"), "2021-01-25");
        assert_eq!(read("1/25/2021 0:00:00"), "2021-01-25");
        assert_eq!(read("3/3/2021"), "2021-03-03");
        assert_eq!(read("NULL"), "Missing");
    }

    #[test]
    fn numbers_that_programs_wrote_as_floats_are_still_whole() {
        for (text, expected) in [
            ("12", Value::Is(12)),
            ("12.0", Value::Is(12)),
            ("1e+05", Value::Is(100_000)),
            ("-1", Value::Is(-1)),
            ("", Value::Missing),
            ("NA", Value::Missing),
            ("12.5", Value::Wrong),
            ("1e30", Value::Wrong),
            ("inf", Value::Wrong),
            ("1,000", Value::Wrong),
        ] {
            assert_eq!(whole(text.as_bytes()), expected, "{text}");
        }
    }
}
