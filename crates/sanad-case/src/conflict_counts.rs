//! Counts of events by period, type of violence and conflict, without places, which a case ships for
//! months of which no source tells where events happened.
//!
//! A CSV with a header; columns by name:
//!
//! | column | meaning |
//! | --- | --- |
//! | `period` | a month (`2025-03`) or a day (`2025-03-14`) |
//! | `where` | `country`: what happened in the case's country; `anywhere`: what the sides did to each other wherever they fought |
//! | `violence` | UCDP's type, 1 to 3 |
//! | `conflict` | the source's name of the conflict; may be empty |
//! | `side_a`, `side_b` | actors of the case, by id; may be empty |
//! | `events`, `deaths_best` | whole numbers, 0 or more |
//!
//! A period, conflict and pair of sides that is not listed and lies in the months that the file's card
//! covers had no events.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use sanad_core::Month;
use sanad_source::sheet::{Row, Sheet};

use crate::error::{Error, Result};

const EXPECTED: &str = "counts by conflict (period, where, violence, conflict, side_a, side_b, \
    events, deaths_best)";

const COLUMNS: [&str; 8] =
    ["period", "where", "violence", "conflict", "side_a", "side_b", "events", "deaths_best"];

/// Where the events of a count happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// In the case's country.
    Country,
    /// Wherever the sides fought: a part may lie abroad.
    Anywhere,
}

impl Area {
    /// Its word in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Anywhere => "anywhere",
        }
    }

    /// The area with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Country, Self::Anywhere].into_iter().find(|area| area.as_str() == word)
    }
}

/// Events of one type in one conflict and period.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConflictCount {
    /// The month.
    pub month: Month,
    /// The day, where the count is about one.
    pub day: Option<NaiveDate>,
    /// Where the events happened.
    pub area: Area,
    /// UCDP's type of violence, 1 to 3.
    pub violence: u8,
    /// The source's name of the conflict; empty where it is not told.
    pub conflict: String,
    /// The first side, by its id among the case's actors; empty where it is not told.
    pub side_a: String,
    /// The second side, likewise.
    pub side_b: String,
    /// Events.
    pub events: i64,
    /// Deaths, best estimate.
    pub deaths_best: i64,
}

/// Reads a file of counts by conflict; `is_actor` says which ids the case has.
///
/// # Errors
///
/// [`Error::Table`] for a file that is empty or no such table; [`Error::Row`] for a cell that cannot
/// be what its column says, a side that the case does not list, and a count given twice.
///
/// ```
/// let file = "period,where,violence,conflict,side_a,side_b,events,deaths_best\n\
///     2025-03,anywhere,1,North: Government,state,group,3,9\n";
/// let counts = sanad_case::conflict_counts::read(file.as_bytes(), |id| id != "stranger")?;
/// assert_eq!((counts[0].events, counts[0].day), (3, None));
/// # Ok::<(), sanad_case::Error>(())
/// ```
pub fn read(data: &[u8], is_actor: impl Fn(&str) -> bool) -> Result<Vec<ConflictCount>> {
    let mut sheet = Sheet::open(data, EXPECTED, b',')?;
    let positions = sheet.require(COLUMNS, EXPECTED)?;
    let (mut counts, mut seen) = (Vec::new(), BTreeSet::new());
    while let Some(row) = sheet.any_row()? {
        let count = read_row(&row, &positions)
            .ok_or_else(|| wrong(row.number, "a cell that is no count"))?;
        for side in [&count.side_a, &count.side_b] {
            if !side.is_empty() && !is_actor(side) {
                return Err(wrong(row.number, "a side that is no actor of the case"));
            }
        }
        let key = ConflictCount { events: 0, deaths_best: 0, ..count.clone() };
        if !seen.insert(key) {
            return Err(wrong(row.number, "a count a second time"));
        }
        counts.push(count);
    }
    Ok(counts)
}

const fn wrong(row: u64, found: &'static str) -> Error {
    Error::Row { row, found, expected: EXPECTED, advice: "correct the row" }
}

fn read_row(row: &Row, positions: &[usize; COLUMNS.len()]) -> Option<ConflictCount> {
    let text = |column: usize| row.text(positions[column]).into_owned();
    let whole = |column: usize| text(column).parse().ok().filter(|count: &i64| *count >= 0);
    let period = text(0);
    let day: Option<NaiveDate> = period.parse().ok();
    let month = match day {
        Some(day) => Month::from_date(day),
        None => period.parse().ok()?,
    };
    Some(ConflictCount {
        month,
        day,
        area: Area::from_word(&text(1))?,
        violence: text(2).parse().ok().filter(|of| (1..=3).contains(of))?,
        conflict: text(3),
        side_a: text(4),
        side_b: text(5),
        events: whole(6)?,
        deaths_best: whole(7)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(rows: &str) -> String {
        format!("{}\n{rows}", COLUMNS.join(","))
    }

    #[test]
    fn a_day_lies_in_its_month_and_empty_names_stay_empty() {
        let counts = read(file("2025-03-14,country,3,,,,2,5\n").as_bytes(), |_| false).unwrap();
        assert_eq!(counts[0].month.to_string(), "2025-03");
        assert_eq!(counts[0].day.map(|day| day.to_string()).as_deref(), Some("2025-03-14"));
        assert!(counts[0].conflict.is_empty());
    }

    #[test]
    fn a_stranger_a_double_and_a_count_below_zero_are_refused() {
        for (rows, found) in [
            ("2025-03,anywhere,1,N,x,y,1,1\n", "no actor"),
            ("2025-03,country,1,N,,,1,1\n2025-03,country,1,N,,,2,2\n", "second time"),
            ("2025-03,country,1,N,,,-1,1\n", "no count"),
            ("2025-03,elsewhere,1,N,,,1,1\n", "no count"),
            ("2025-13,country,1,N,,,1,1\n", "no count"),
        ] {
            let error = read(file(rows).as_bytes(), |_| false).unwrap_err();
            assert!(error.to_string().contains(found), "{rows}: {error}");
        }
    }
}
