//! Events between states in a plain table, for sources such as POLECAT and ICEWS.
//!
//! Columns: `id`, `date` (2021-03-04), `source_iso3`, `target_iso3`, `code`, `quad_class` (1 to 4,
//! or the words `verbal cooperation`, `material cooperation`, `verbal conflict`,
//! `material conflict`), and, where there are any, `root_code` (1 to 20), `goldstein`,
//! `mentions`, `sources`, `articles`. Other columns are not read. An identifier that is no whole
//! number is hashed to one. What is kept follows the rules of [`gdelt`](crate::gdelt).
//!
//! POLECAT is coded by machine too; Halterman et al. (2023), *PLOVER and POLECAT: a new political
//! event ontology and dataset*, describes the scheme and its validation.

use std::collections::{BTreeMap, BTreeSet};

use sanad_core::country::Country;
use sanad_core::diagnostic::{Diagnostic, Issue};
use sanad_core::event::number_day;
use sanad_core::observation::DyadEvent;

use crate::error::Result;
use crate::format::{Content, Publication, SourceFormat};
use crate::sheet::{Row, Sheet};
use crate::value::{self, DayOrder, Value, WrittenDay};

/// A file of events between states, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dyads {
    /// The events kept, in the order of the file.
    pub events: Vec<DyadEvent>,
    /// Rows of the file without a header.
    pub rows_read: u64,
    /// Rows that are sound and about something else, by what.
    pub set_aside: BTreeMap<&'static str, u64>,
    /// Remarks, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}

impl Dyads {
    /// Counts an event that is left out on purpose.
    pub(crate) fn aside(&mut self, what: &'static str) {
        *self.set_aside.entry(what).or_insert(0) += 1;
    }
}

/// What a file of this format is, for messages.
const EXPECTED: &str =
    "events between states (id, date, source_iso3, target_iso3, code, quad_class)";

/// The format.
pub const FORMAT: SourceFormat = SourceFormat::new(
    "dyad-events",
    "Events between states in a plain table, for POLECAT and the like (CSV); needs a case",
    Publication {
        id: "dyad-events",
        title: "Events between states",
        citation: "not stated; give a card",
        licence: "not stated",
        url: "",
    },
    Content::Dyads(read),
);

/// The fields of an event between states, the needed ones first.
pub const DYAD_FIELDS: [&str; 11] = [
    "id",
    "date",
    "source_iso3",
    "target_iso3",
    "code",
    "quad_class",
    "root_code",
    "goldstein",
    "mentions",
    "sources",
    "articles",
];

/// The quad classes in words, in their order.
const QUADS: [&str; 4] =
    ["verbal cooperation", "material cooperation", "verbal conflict", "material conflict"];

/// The columns that a file must have, then those that it may have.
#[derive(Debug, Clone, Copy)]
struct At {
    id: usize,
    date: usize,
    order: DayOrder,
    source: usize,
    target: usize,
    code: usize,
    quad: usize,
    root: Option<usize>,
    goldstein: Option<usize>,
    counts: [Option<usize>; 3],
}

/// Reads the table; keeps what touches the state `iso3`.
///
/// # Errors
///
/// [`Error::Empty`](crate::Error::Empty), [`Error::Form`](crate::Error::Form) and those of a header
/// that lacks or doubles a column.
///
/// ```
/// let file = "id,date,source_iso3,target_iso3,code,quad_class\n\
///     e1,2023-05-02,PAK,IRN,AGREE,verbal cooperation\n";
/// let dyads = sanad_source::dyads::read(file.as_bytes(), "PAK")?;
/// assert_eq!(dyads.events[0].quad_class, 1);
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn read(data: &[u8], iso3: &str) -> Result<Dyads> {
    let mut sheet = Sheet::open(data, EXPECTED, b',')?;
    let [id, date, source, target, code, quad] = sheet
        .require(["id", "date", "source_iso3", "target_iso3", "code", "quad_class"], EXPECTED)?;
    let counts = ["mentions", "sources", "articles"].map(|name| sheet.find(name));
    let (root, goldstein) = (sheet.find("root_code"), sheet.find("goldstein"));
    let [order] = sheet.day_orders([date])?;
    let at = At { id, date, order, source, target, code, quad, root, goldstein, counts };
    let mut dyads = Dyads::default();
    let mut diagnostics = Vec::new();
    let mut seen = BTreeSet::new();
    while let Some(row) = sheet.row()? {
        let states = (state(&row, at.source), state(&row, at.target));
        if states.0 == states.1 {
            let empty = states.0.is_empty();
            dyads.aside(if empty { "rows with a state unknown" } else { "rows within one state" });
            continue;
        }
        if states.0 != iso3 && states.1 != iso3 {
            dyads.aside("rows of other dyads");
            continue;
        }
        match event(&row, &at, states) {
            Ok((event, noted)) if seen.insert(event.id) => {
                dyads.events.push(event);
                diagnostics.extend(noted);
            }
            Ok(_) => {
                let (found, expected) = (row.text(at.id), "an identifier that occurs once");
                let issue = Issue::DuplicateId;
                diagnostics.push(Diagnostic::rejected(row.number, "id", issue, &found, expected));
            }
            Err(diagnostic) => diagnostics.push(*diagnostic),
        }
    }
    let (rows_read, diagnostics) = sheet.finish(diagnostics)?;
    Ok(Dyads { rows_read, diagnostics, ..dyads })
}

/// A state's code, brought to three letters where it is known.
fn state(row: &Row, at: usize) -> String {
    let code = row.text(at).to_uppercase();
    Country::of_code(&code).map_or(code, |country| country.iso3.to_owned())
}

/// An event between two states from a row: one without an identifier, a day, a code or a class is
/// rejected; a score that is wrong is noted and left empty.
fn event(
    row: &Row,
    at: &At,
    (source_iso3, target_iso3): (String, String),
) -> core::result::Result<(DyadEvent, Option<Diagnostic>), Box<Diagnostic>> {
    let wrong = |column: &str, at: usize, issue: Issue, expected: &str| {
        Box::new(Diagnostic::rejected(row.number, column, issue, &row.text(at), expected))
    };
    if row.bytes(at.id).is_empty() {
        return Err(wrong("id", at.id, Issue::Missing, "an identifier"));
    }
    let Value::Is(day) = WrittenDay::of(row.bytes(at.date)).in_order(at.order) else {
        return Err(wrong("date", at.date, Issue::BadDate, "a day such as 2021-03-04"));
    };
    let code = row.text(at.code).into_owned();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || " -_".contains(letter);
    if code.is_empty() || code.len() > 40 || !code.chars().all(plain) {
        let expected = "a code of the source's scheme, up to 40 letters";
        return Err(wrong("code", at.code, Issue::UnknownCode, expected));
    }
    let Some(quad_class) = quad(row.bytes(at.quad)) else {
        return Err(wrong("quad_class", at.quad, Issue::UnknownCode, "1 to 4, or its words"));
    };
    let root_code = match at.root.map(|column| value::whole(row.bytes(column))) {
        Some(Value::Is(root)) if (1..=20).contains(&root) => root as u8,
        None | Some(Value::Missing) => 0,
        Some(_) => {
            let column = at.root.unwrap_or_default();
            return Err(wrong("root_code", column, Issue::UnknownCode, "1 to 20"));
        }
    };
    let (score, noted) = at.goldstein.map_or((None, None), |at| goldstein(row, at, "goldstein"));
    let count = |at: Option<usize>| match at.map(|at| value::whole(row.bytes(at))) {
        Some(Value::Is(number)) => u32::try_from(number).unwrap_or(0),
        _ => 0,
    };
    let event = DyadEvent {
        id: identifier(row.bytes(at.id)),
        day: number_day(day),
        source_iso3,
        target_iso3,
        code,
        root_code,
        quad_class,
        goldstein: score,
        mentions: count(at.counts[0]),
        sources: count(at.counts[1]),
        articles: count(at.counts[2]),
        source_row: row.number,
    };
    Ok((event, noted))
}

/// Goldstein's score, or a note when it is none.
pub(crate) fn goldstein(row: &Row, at: usize, column: &str) -> (Option<f64>, Option<Diagnostic>) {
    let expected = "a score from -10 to 10";
    let note = |issue| Diagnostic::noted(row.number, column, issue, &row.text(at), expected);
    match value::decimal(row.bytes(at)) {
        Value::Is(score) if (-10.0..=10.0).contains(&score) => (Some(score), None),
        Value::Is(_) => (None, Some(note(Issue::OutOfRange))),
        Value::Missing => (None, None),
        Value::Wrong => (None, Some(note(Issue::WrongType))),
    }
}

/// GDELT's class of an event, 1 to 4: verbal or material, cooperation or conflict.
fn quad(bytes: &[u8]) -> Option<u8> {
    if let Value::Is(number) = value::whole(bytes) {
        return (1..=4).contains(&number).then_some(number as u8);
    }
    let word = |it: &str| bytes.eq_ignore_ascii_case(it.as_bytes());
    QUADS.iter().position(|it| word(it)).map(|at| at as u8 + 1)
}

/// A whole number as it stands; another identifier as a number made from its bytes.
pub(crate) fn identifier(bytes: &[u8]) -> i64 {
    if let Value::Is(number) = value::whole(bytes) {
        return number;
    }
    // FNV-1a, 64 bits, of which 53: a number of that size survives any program.
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |state, byte| {
        (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (hash >> 11) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_kept_counted_or_remarked_upon() {
        let file = "id,date,source_iso3,target_iso3,code,quad_class,goldstein,root_code\n\
            1,2023-05-02,PAK,IND,190,4,-10,19\n\
            1,2023-05-02,PAK,IND,190,4,-10,19\n\
            2,2023-05-02,AFG,PAK,COERCE,Material Conflict,99,\n\
            3,2023-05-02,AFG,IND,190,4,,\n\
            4,2023-05-32,AFG,PAK,190,4,,\n\
            5,2023-05-02,AFG,PAK,190,7,,\n\
            ,2023-05-02,AFG,PAK,190,4,,\n\
            6,2023-05-02,AFG,PAK,190,4,,21\n";
        let dyads = read(file.as_bytes(), "PAK").unwrap();
        assert_eq!((dyads.events.len(), dyads.rows_read), (2, 8));
        assert_eq!(dyads.set_aside["rows of other dyads"], 1);
        let issues: Vec<Issue> =
            dyads.diagnostics.iter().map(|diagnostic| diagnostic.issue).collect();
        use Issue::{BadDate, DuplicateId, Missing, OutOfRange, UnknownCode};
        assert_eq!(issues, [DuplicateId, OutOfRange, BadDate, UnknownCode, Missing, UnknownCode]);
    }
}
