//! One field's bytes into one value.

use chrono::NaiveDate;
use sanad_core::event::{day_number, number_day};

use crate::error::{Error, Result};

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
    /// Words that stand for a missing value, in any case.
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

/// First and last year that an event may have: UCDP's data begin in 1946.
const EVENT_YEARS: core::ops::RangeInclusive<i32> = 1946..=2100;

/// A day as it is written, before it is known which of two numbers is the month.
///
/// Reading goes in three steps: every cell is read into this form, a column's cells are gathered as
/// [`DayEvidence`], and when its order is known each cell is turned into a day
/// ([`in_order`](Self::in_order)). So no cell is ever decided by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WrittenDay {
    /// A day, as days since 1970-01-01.
    Is(i32),
    /// Two numbers and a year, as spreadsheets save a day: `2/13/2020`.
    Numbers(u32, u32, i32),
    /// Nothing, or a word for nothing.
    Missing,
    /// No day.
    Wrong,
}

/// Which of two numbers is the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DayOrder {
    MonthFirst,
    DayFirst,
    /// Neither: most of the column's days are written so that nobody has to ask.
    Unsettled,
}

impl WrittenDay {
    /// Reads a field.
    ///
    /// The codebook's form is `2021-01-05`, with or without a time of day after it. Days with
    /// slashes, points or hyphens and the year last are as spreadsheets save them. Years outside
    /// 1946 to 2100 are refused.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        if is_missing(bytes) {
            return Self::Missing;
        }
        let day = |(year, month, day): (i32, u32, u32)| {
            let date = NaiveDate::from_ymd_opt(year, month, day);
            date.filter(|_| EVENT_YEARS.contains(&year))
                .map_or(Self::Wrong, |day| Self::Is(day_number(day)))
        };
        if let Some(date) = iso_date(bytes) {
            return day(date);
        }
        match numbers_of_a_day(bytes) {
            Some([year, month, last]) if year > 31 => day((year as i32, month, last)),
            Some([first, second, year]) if EVENT_YEARS.contains(&(year as i32)) => {
                Self::Numbers(first, second, year as i32)
            }
            _ => Self::Wrong,
        }
    }

    /// The day in an order that is known.
    pub(crate) fn in_order(self, order: DayOrder) -> Value<i32> {
        match self {
            Self::Is(day) => Value::Is(day),
            Self::Missing => Value::Missing,
            Self::Wrong => Value::Wrong,
            Self::Numbers(first, second, year) => {
                let (month, day) = match order {
                    DayOrder::MonthFirst => (first, second),
                    DayOrder::DayFirst => (second, first),
                    DayOrder::Unsettled if first == second => (first, second),
                    DayOrder::Unsettled => return Value::Wrong,
                };
                NaiveDate::from_ymd_opt(year, month, day)
                    .map_or(Value::Wrong, |day| Value::Is(day_number(day)))
            }
        }
    }
}

/// A day that a spreadsheet saved with two numbers and the year; nothing for another text.
pub(crate) fn spreadsheet_day(text: &str, order: DayOrder) -> Option<NaiveDate> {
    let written = WrittenDay::of(text.as_bytes());
    match (written, written.in_order(order)) {
        (WrittenDay::Numbers(..), Value::Is(day)) => Some(number_day(day)),
        _ => None,
    }
}

/// What the cells of a column say about the order of day and month, the first of each kind, with row
/// and text for a message.
///
/// `2/13/2020` can only have the month first, `13/2/2020` only the day; `2/1/2020` can have either and
/// `3/3/2020` is the same day in both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DayEvidence {
    month_first: Option<(u64, String)>,
    day_first: Option<(u64, String)>,
    either: Option<(u64, String)>,
    /// How many cells need an order, and how many need none.
    needing: u64,
    plain: u64,
}

impl DayEvidence {
    /// Takes a cell into account.
    pub(crate) fn add(&mut self, row: u64, bytes: &[u8]) {
        self.add_written(row, bytes, WrittenDay::of(bytes));
    }

    /// Takes a cell that has been read into account.
    pub(crate) fn add_written(&mut self, row: u64, bytes: &[u8], written: WrittenDay) {
        match written {
            WrittenDay::Numbers(..) => {}
            WrittenDay::Is(_) => {
                self.plain += 1;
                return;
            }
            WrittenDay::Missing | WrittenDay::Wrong => return,
        }
        let [month_first, day_first] =
            [DayOrder::MonthFirst, DayOrder::DayFirst].map(|order| written.in_order(order));
        let slot = match (month_first, day_first) {
            (Value::Is(one), Value::Is(other)) if one != other => {
                self.needing += 1;
                &mut self.either
            }
            (Value::Is(_), Value::Wrong) => &mut self.month_first,
            (Value::Wrong, Value::Is(_)) => &mut self.day_first,
            _ => return,
        };
        let cell = &bytes[..bytes.len().min(64)];
        slot.get_or_insert_with(|| (row, String::from_utf8_lossy(cell).into_owned()));
    }

    /// Adds what was found in rows that follow, of which the first has number `offset`.
    pub(crate) fn append(&mut self, later: Self, offset: u64) {
        let moved = |seen: Option<(u64, String)>| seen.map(|(row, text)| (row + offset, text));
        self.month_first = self.month_first.take().or_else(|| moved(later.month_first));
        self.day_first = self.day_first.take().or_else(|| moved(later.day_first));
        self.either = self.either.take().or_else(|| moved(later.either));
        self.needing += later.needing;
        self.plain += later.plain;
    }

    /// The order of several columns of one file: a row that can be read in one order only settles
    /// its column, and a column without such a row follows the others. Where a few cells need an order
    /// in a column of which most days are in ISO 8601, and nothing settles it, these few are no days.
    ///
    /// # Errors
    ///
    /// [`Error::DateOrder`] when rows of a column contradict each other, or when no row settles what
    /// most of a column needs.
    pub(crate) fn orders(columns: &[(&str, &Self)]) -> Result<Vec<DayOrder>> {
        let own: Vec<Option<DayOrder>> =
            columns.iter().map(|(name, evidence)| evidence.own(name)).collect::<Result<_>>()?;
        let has = |order| own.contains(&Some(order));
        let others = match (has(DayOrder::MonthFirst), has(DayOrder::DayFirst)) {
            (true, false) => Some(DayOrder::MonthFirst),
            (false, true) => Some(DayOrder::DayFirst),
            _ => None,
        };
        let each = columns.iter().zip(own).map(|((name, evidence), own)| {
            match (own.or(others), &evidence.either) {
                (Some(order), _) => Ok(order),
                (None, Some(_)) if evidence.needing <= evidence.plain => Ok(DayOrder::Unsettled),
                (None, Some((row, found))) => Err(Error::DateOrder {
                    column: (*name).to_owned(),
                    row: *row,
                    found: found.clone(),
                    against: None,
                }),
                (None, None) => Ok(DayOrder::MonthFirst),
            }
        });
        each.collect()
    }

    /// The order that the column settles by itself: by a day above 12 in one of the two places.
    fn own(&self, column: &str) -> Result<Option<DayOrder>> {
        match (&self.month_first, &self.day_first) {
            (Some((row, found)), Some(against)) => Err(Error::DateOrder {
                column: column.to_owned(),
                row: *row,
                found: found.clone(),
                against: Some(against.clone()),
            }),
            (Some(_), None) => Ok(Some(DayOrder::MonthFirst)),
            (None, Some(_)) => Ok(Some(DayOrder::DayFirst)),
            (None, None) => Ok(None),
        }
    }
}

/// Year, month and day of a text that begins as `2020-02-13`; the day is not yet checked against the
/// calendar.
fn iso_date(bytes: &[u8]) -> Option<(i32, u32, u32)> {
    let (date, time) = bytes.split_at_checked(10)?;
    if date[4] != b'-' || date[7] != b'-' || !is_time(time) {
        return None;
    }
    let number = |part: &[u8]| digits(part).map(|number| number as u32);
    Some((number(&date[..4])? as i32, number(&date[5..7])?, number(&date[8..])?))
}

/// The three numbers of a day with the year last (or first, with slashes), between slashes, points
/// or hyphens, with or without a time of day after it.
fn numbers_of_a_day(bytes: &[u8]) -> Option<[u32; 3]> {
    let text = core::str::from_utf8(bytes).ok()?;
    let (date, time) = text.split_at(text.find(' ').unwrap_or(text.len()));
    if !is_time(time.as_bytes()) {
        return None;
    }
    let mark = ['/', '.', '-'].into_iter().find(|mark| date.contains(*mark))?;
    let mut parts = date.split(mark);
    let all = [parts.next()?, parts.next()?, parts.next()?];
    let short = |part: &str| (1..=2).contains(&part.len());
    let year_last = short(all[0]) && short(all[1]) && all[2].len() == 4;
    let year_first = all[0].len() == 4 && short(all[1]) && short(all[2]);
    if parts.next().is_some() || !(year_last || year_first) {
        return None;
    }
    let [first, second, third] = all.map(|part| digits(part.as_bytes()).map(|digit| digit as u32));
    Some([first?, second?, third?])
}

/// Nothing, or a blank or `T` and a time of day, as spreadsheets write it also with AM or PM.
fn is_time(bytes: &[u8]) -> bool {
    let Some((separator, time)) = bytes.split_first() else { return true };
    let halves = [&b" AM"[..], b" PM", b" am", b" pm"];
    let time = halves.iter().find_map(|half| time.strip_suffix(*half)).unwrap_or(time);
    matches!(separator, b' ' | b'T')
        && time.contains(&b':')
        && time
            .iter()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'Z' | b'+' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let read = |text: &str| match WrittenDay::of(text.as_bytes()) {
            WrittenDay::Is(number) => number_day(number).to_string(),
            other => format!("{other:?}"),
        };
        for text in [
            "2021-01-05",
            "2021-01-05 00:00:00.000",
            "2021-01-05T00:00:00Z",
            "5/1/2021 x",
            "2021-02-30",
            "1900-01-01",
            "5/1/1900",
            "20210105",
            "5/1/21",
            "1/2/3/2021",
        ] {
            let expected = if text.starts_with("2021-01-05") { "2021-01-05" } else { "Wrong" };
            assert_eq!(read(text), expected, "{text}");
        }
        assert_eq!(read("2021/1/5"), "2021-01-05");
        for text in ["5/1/2021", "5.1.2021", "05-01-2021 0:00:00", "5/1/2021 12:00:00 AM"] {
            assert_eq!(read(text), "Numbers(5, 1, 2021)", "{text}");
        }
        assert_eq!(read("NULL"), "Missing");
    }

    #[test]
    fn a_row_that_can_be_read_in_one_order_only_settles_a_column_and_its_neighbours() {
        let evidence = |cells: &[&str]| {
            let mut evidence = DayEvidence::default();
            (2..).zip(cells).for_each(|(row, cell)| evidence.add(row, cell.as_bytes()));
            evidence
        };
        let orders = |start: &[&str], end: &[&str]| {
            let columns = [("start", &evidence(start)), ("end", &evidence(end))];
            DayEvidence::orders(&columns).map_err(|error| error.to_string())
        };
        use DayOrder::{DayFirst, MonthFirst};
        assert_eq!(orders(&["2/1/2020", "2/13/2020"], &["2/2/2020"]), Ok(vec![MonthFirst; 2]));
        assert_eq!(orders(&["31.1.2020"], &["1.2.2020"]), Ok(vec![DayFirst; 2]));
        assert_eq!(orders(&["13/2/2020"], &["2/13/2020"]), Ok(vec![DayFirst, MonthFirst]));
        assert_eq!(orders(&["2020-02-01"], &["3/3/2020"]), Ok(vec![MonthFirst; 2]));
        let few = orders(&["2/1/2020", "2020-02-01", "2020-02-03"], &[]);
        assert_eq!(few, Ok(vec![DayOrder::Unsettled, MonthFirst]));
        let error = orders(&["2/1/2020", "3/3/2020"], &["2020-02-01"]).unwrap_err();
        assert!(error.contains("start") && error.contains("2/1/2020"), "{error}");
        let error = orders(&["13/1/2020", "1/13/2020"], &[]).unwrap_err();
        assert!(error.contains("row 2") && error.contains("row 3"), "{error}");
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
