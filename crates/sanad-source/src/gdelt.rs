//! GDELT event files: 1.0 daily files with 57 columns, 1.0 with 58 (a link at the end), 2.0 with 61.
//! Separated by tabs, without a header. Source: GDELT Event Database, data format codebook 1.03
//! and 2.0.
//!
//! Kept: events between actors of two different states, of which one is the case's. Actors' states
//! are the three-letter country codes of CAMEO, turned into ISO 3166. Everything else is counted:
//! `rows of other dyads`, `rows within one state`, `rows with a state unknown`.
//!
//! | found | what happens |
//! | --- | --- |
//! | another number of fields than 57, 58 or 61, or than the first row has | left out, `field-count` |
//! | an identifier missing or no whole number | left out |
//! | an identifier that an earlier row has | left out, `duplicate-id` |
//! | a day missing, impossible, or outside 1946 to 2100 | left out, `bad-date` |
//! | a CAMEO code that is not of 2 to 4 digits, a quad class outside 1 to 4 | left out, `unknown-code` |
//! | Goldstein's score no number or outside −10 to 10 | kept without it, noted |
//!
//! Links, names of actors and places are not kept. Locations stand under FIPS codes, the fifth
//! system of country codes met here; they are not read.
//!
//! **How far to trust it.** Coding is by machine, from news; codes, actors and places are each
//! often wrong. Wang, Kennedy, Lazer and Ramakrishnan (2016), *Growing pains for global monitoring
//! of societal events*, Science 353(6307), checked records of protest by hand and found about 21 %
//! of GDELT's with a valid link to tell of a protest. Ward et al. (2013), *Comparing GDELT and
//! ICEWS event data*, find far more events in GDELT than in ICEWS for the same happenings. And the
//! number of events follows the number of articles the system reads, which grew by the year.
//! Read shares and changes, not numbers of happenings.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use sanad_core::country::Country;
use sanad_core::diagnostic::{Diagnostic, Issue};
use sanad_core::observation::DyadEvent;

use crate::dyads::{Dyads, goldstein};
use crate::error::{Error, Result};
use crate::format::{Content, Publication, SourceFormat};
use crate::sheet::{Row, Sheet};
use crate::value::{self, Value};

/// What a file of this format is, for messages.
const EXPECTED: &str =
    "a GDELT event file: 57, 58 or 61 fields separated by tabs, without a header";

/// The format.
pub const FORMAT: SourceFormat = SourceFormat::new(
    "gdelt",
    "GDELT event files, 1.0 and 2.0 (tab-separated); needs a case",
    Publication {
        id: "gdelt",
        title: "GDELT Event Database",
        citation: "Leetaru, K. and Schrodt, P. A. (2013), GDELT: Global Data on Events, Location \
            and Tone, 1979–2012, ISA Annual Convention; The GDELT Project, \
            https://www.gdeltproject.org. Coded by machine: of its protest records with a valid \
            link 21 % told of a protest (Wang et al. 2016, Science 353, 1502–1503)",
        licence: "free for any use with attribution to the GDELT Project and a link to it",
        url: "https://www.gdeltproject.org/data.html",
    },
    Content::Dyads(read),
);

/// Widths of the three layouts.
const WIDTHS: [usize; 3] = [57, 58, 61];

const ID: usize = 0;
const DAY: usize = 1;
const ACTOR_1: usize = 7;
const ACTOR_2: usize = 17;
const CODE: usize = 26;
const ROOT: usize = 28;
const QUAD: usize = 29;
const GOLDSTEIN: usize = 30;
const MENTIONS: usize = 31;

/// Reads an event file; keeps what touches the state `iso3`.
///
/// # Errors
///
/// [`Error::Empty`]; [`Error::Form`] when the first row has none of the three widths, or the file
/// is an archive, UTF-16 or a web page.
///
/// ```
/// let mut fields = vec![""; 58];
/// for (at, value) in [(0, "7"), (1, "20210304"), (7, "PAK"), (17, "AFG"), (26, "190"),
///     (28, "19"), (29, "4"), (30, "-10"), (31, "5"), (32, "1"), (33, "5")] {
///     fields[at] = value;
/// }
/// let dyads = sanad_source::gdelt::read(fields.join("\t").as_bytes(), "PAK")?;
/// assert_eq!(dyads.events[0].target_iso3, "AFG");
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn read(data: &[u8], iso3: &str) -> Result<Dyads> {
    let mut sheet = Sheet::bare(data, EXPECTED, b'\t')?;
    let mut dyads = Dyads::default();
    let mut diagnostics = Vec::new();
    let mut seen = BTreeSet::new();
    let mut width = None;
    while let Some(row) = sheet.any_row()? {
        let width = match width {
            Some(width) => width,
            None if WIDTHS.contains(&row.len()) => *width.insert(row.len()),
            None => return Err(no_layout(&row)),
        };
        if row.len() != width {
            let (found, expected) =
                (format!("{} fields", row.len()), format!("{width} fields, as in the first row"));
            diagnostics.push(Diagnostic::rejected(
                row.number,
                "",
                Issue::FieldCount,
                &found,
                &expected,
            ));
            continue;
        }
        match event(&row, iso3) {
            Ok(RowAttempt::Event(mut event, noted)) => {
                if seen.insert(event.id) {
                    event.source_row = row.number;
                    dyads.events.push(*event);
                    diagnostics.extend(noted);
                } else {
                    let found = event.id.to_string();
                    let (column, expected) = ("GLOBALEVENTID", "an identifier that occurs once");
                    let issue = Issue::DuplicateId;
                    diagnostics
                        .push(Diagnostic::rejected(row.number, column, issue, &found, expected));
                }
            }
            Ok(RowAttempt::Aside(what)) => dyads.aside(what),
            Err(diagnostic) => diagnostics.push(*diagnostic),
        }
    }
    let (rows_read, diagnostics) = sheet.finish(diagnostics)?;
    if rows_read == 0 {
        return Err(Error::Empty { expected: EXPECTED });
    }
    Ok(Dyads { rows_read, diagnostics, ..dyads })
}

/// A file whose rows have another number of fields.
fn no_layout(row: &Row) -> Error {
    let found = match row.len() {
        1 => "a file without tabs",
        _ => "a row with another number of fields",
    };
    let advice = "take the export files themselves, such as 20210304.export.CSV";
    Error::Form { found, expected: EXPECTED, advice }
}

/// A row read: an event, with what was noted of it, or why it is left out on purpose.
enum RowAttempt {
    Event(Box<DyadEvent>, Option<Diagnostic>),
    Aside(&'static str),
}

/// What a row is; a boxed remark when it is at fault.
fn event(row: &Row, iso3: &str) -> core::result::Result<RowAttempt, Box<Diagnostic>> {
    let wrong = |column: &str, at: usize, issue: Issue, expected: &str| {
        let found = row.text(at);
        Box::new(Diagnostic::rejected(row.number, column, issue, &found, expected))
    };
    let Value::Is(id) = value::whole(row.bytes(ID)) else {
        return Err(wrong("GLOBALEVENTID", ID, Issue::WrongType, "a whole number"));
    };
    let day = day(row.bytes(DAY))
        .ok_or_else(|| wrong("SQLDATE", DAY, Issue::BadDate, "a day such as 20210304"))?;
    let (source, target) = (state(row, ACTOR_1), state(row, ACTOR_2));
    if source.is_empty() || target.is_empty() {
        return Ok(RowAttempt::Aside("rows with a state unknown"));
    }
    if source == target {
        return Ok(RowAttempt::Aside("rows within one state"));
    }
    if source != iso3 && target != iso3 {
        return Ok(RowAttempt::Aside("rows of other dyads"));
    }
    let code = row.text(CODE).into_owned();
    if !(2..=4).contains(&code.len()) || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong("EventCode", CODE, Issue::UnknownCode, "a CAMEO code of 2 to 4 digits"));
    }
    let in_range = |at: usize, last: i64| match value::whole(row.bytes(at)) {
        Value::Is(number) if (1..=last).contains(&number) => Some(number as u8),
        _ => None,
    };
    let root_code = in_range(ROOT, 20)
        .ok_or_else(|| wrong("EventRootCode", ROOT, Issue::UnknownCode, "a code from 1 to 20"))?;
    let quad_class = in_range(QUAD, 4)
        .ok_or_else(|| wrong("QuadClass", QUAD, Issue::UnknownCode, "1, 2, 3 or 4"))?;
    let (goldstein, noted) = goldstein(row, GOLDSTEIN, "GoldsteinScale");
    let count = |at: usize| match value::whole(row.bytes(at)) {
        Value::Is(number) => u32::try_from(number).unwrap_or(0),
        _ => 0,
    };
    let event = DyadEvent {
        id,
        day,
        source_iso3: source,
        target_iso3: target,
        code,
        root_code,
        quad_class,
        goldstein,
        mentions: count(MENTIONS),
        sources: count(MENTIONS + 1),
        articles: count(MENTIONS + 2),
        source_row: row.number,
    };
    Ok(RowAttempt::Event(Box::new(event), noted))
}

/// ISO code of an actor's state; the code as it stands where it names a region; empty for none.
fn state(row: &Row, at: usize) -> String {
    let code = row.text(at);
    Country::of_code(&code).map_or_else(|| code.into_owned(), |country| country.iso3.to_owned())
}

/// A day written `20210304`.
fn day(bytes: &[u8]) -> Option<NaiveDate> {
    let digits = core::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()))?;
    let year: i32 = digits[..4].parse().ok().filter(|year| (1946..=2100).contains(year))?;
    NaiveDate::from_ymd_opt(year, digits[4..6].parse().ok()?, digits[6..].parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(width: usize, changes: &[(usize, &str)]) -> String {
        let mut fields = vec![""; width];
        let usual = [
            (ID, "7"),
            (DAY, "20210304"),
            (ACTOR_1, "PAK"),
            (ACTOR_2, "AFG"),
            (CODE, "190"),
            (ROOT, "19"),
            (QUAD, "4"),
            (GOLDSTEIN, "-10"),
            (MENTIONS, "5"),
            (32, "1"),
            (33, "4"),
        ];
        for (at, value) in usual.iter().chain(changes) {
            fields[*at] = value;
        }
        fields.join("\t") + "\n"
    }

    #[test]
    fn the_three_layouts_give_the_same_event() {
        let read = |width| read(line(width, &[]).as_bytes(), "PAK").unwrap().events;
        assert_eq!(read(57), read(58));
        assert_eq!(read(58), read(61));
        assert_eq!(read(61)[0].mentions, 5);
    }

    #[test]
    fn only_dyads_of_the_state_are_kept_and_the_others_counted() {
        let file = [
            line(58, &[]),
            line(58, &[(ID, "8"), (ACTOR_1, "IND"), (ACTOR_2, "PAK")]),
            line(58, &[(ID, "9"), (ACTOR_1, "IND")]),
            line(58, &[(ID, "10"), (ACTOR_2, "PAK")]),
            line(58, &[(ID, "11"), (ACTOR_2, "")]),
            line(58, &[]),
        ];
        let dyads = read(file.concat().as_bytes(), "PAK").unwrap();
        assert_eq!((dyads.events.len(), dyads.rows_read), (2, 6));
        assert_eq!(dyads.set_aside.values().copied().collect::<Vec<_>>(), [1, 1, 1]);
        assert_eq!(dyads.diagnostics[0].issue, Issue::DuplicateId);
    }

    #[test]
    fn faults_are_told() {
        let file = [
            line(58, &[]),
            line(58, &[(ID, "x")]),
            line(58, &[(ID, "2"), (DAY, "20210230")]),
            line(58, &[(ID, "3"), (CODE, "1x")]),
            line(58, &[(ID, "4"), (QUAD, "5")]),
            line(58, &[(ID, "5"), (GOLDSTEIN, "11")]),
            line(57, &[(ID, "6")]),
        ];
        let dyads = read(file.concat().as_bytes(), "PAK").unwrap();
        assert_eq!(dyads.events.len(), 2);
        let rows: Vec<u64> = dyads.diagnostics.iter().map(|diagnostic| diagnostic.row).collect();
        assert_eq!(rows, [2, 3, 4, 5, 6, 7]);
    }
}
