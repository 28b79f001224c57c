//! The chronicle of a case, entry by entry.

use std::collections::BTreeSet;

use sanad_core::chronicle::{
    ActDetail, ChronicleRecord, Detail, Entry, EventDetail, KnownIds, ObservationDetail,
    RelationDetail, StatementDetail, TieDetail,
};
use sanad_core::diagnostic::{Diagnostic, Issue};
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::position;
use crate::error::{Error, Result};

const DOCUMENT: &str = "chronicle";

/// The fields of [`Entry`]; all others belong to the kind of record.
const ENTRY_FIELDS: [&str; 10] = [
    "id",
    "when",
    "paragraph",
    "footnotes",
    "summary",
    "places",
    "actors",
    "fronts",
    "cite",
    "note",
];

/// A chronicle, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chronicle {
    /// The entries kept, in the order of the file.
    pub records: Vec<ChronicleRecord>,
    /// Entries in the file.
    pub entries_read: u64,
    /// Remarks; `row` is the line in the file.
    pub diagnostics: Vec<Diagnostic>,
}

impl Chronicle {
    /// Adds the records of another file of the same chronicle. Records whose id came before are
    /// left out with a remark.
    pub fn append(&mut self, other: Self) {
        let mut ids: BTreeSet<String> =
            self.records.iter().map(|record| record.entry.id.clone()).collect();
        self.entries_read += other.entries_read;
        self.diagnostics.extend(other.diagnostics);
        for record in other.records {
            if ids.insert(record.entry.id.clone()) {
                self.records.push(record);
            } else {
                self.diagnostics.push(repeated(0, &record.entry.id));
            }
        }
    }
}

/// Reads one file of a chronicle: `chronicle.toml`, `ties.toml`.
///
/// An entry is left out with a diagnostic when a field is missing, misspelt or of another form,
/// its date is none, a word is outside its list, its id came before, or it refers to a place or
/// an actor that `known` does not list.
///
/// # Errors
///
/// [`Error::Toml`] when the file is not TOML or has something else than arrays of entries at its
/// top; [`Error::Empty`].
///
/// ```
/// use sanad_core::chronicle::KnownIds;
/// use sanad_case::read_chronicle;
///
/// let text = r#"
/// [[act]]
/// id = "p01-ban"
/// when = "2024-10"
/// paragraph = 1
/// summary = "A movement is banned."
/// by = "gov"
/// act_kind = "ban"
/// effect = "tightens"
/// "#;
/// let known = KnownIds { actors: ["gov".to_owned()].into(), ..KnownIds::default() };
/// assert_eq!(read_chronicle(text, &known)?.records.len(), 1);
/// assert_eq!(read_chronicle(text, &KnownIds::default())?.diagnostics.len(), 1);
/// # Ok::<(), sanad_case::Error>(())
/// ```
pub fn read_chronicle(text: &str, known: &KnownIds) -> Result<Chronicle> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(Error::Empty { expected: "TOML in UTF-8" });
    }
    let wrong = |cause| position::wrong(DOCUMENT, text, &cause);
    let document = DeTable::parse(text).map_err(wrong)?.into_inner();
    let mut entries = Vec::new();
    for (kind, list) in document {
        let kind = EntryKind::of(kind.get_ref()).ok_or_else(|| wrong(unknown_kind(&kind)))?;
        let span = list.span();
        match list.into_inner() {
            DeValue::Array(list) => entries.extend(list.into_iter().map(|entry| (kind, entry))),
            _ => return Err(wrong(not_a_list(span))),
        }
    }
    entries.sort_by_key(|(_, entry)| entry.span().start);
    let (lines, ids, read) = (position::Lines::new(text), BTreeSet::new(), Chronicle::default());
    let mut reader = ChronicleReader { text, lines, known, ids, read };
    for (kind, entry) in entries {
        reader.entry(kind, entry);
    }
    Ok(reader.read)
}

fn unknown_kind(kind: &Spanned<toml::de::DeString<'_>>) -> toml::de::Error {
    let message = format!(
        "found entries of kind {:?}, expected event, statement, act, relation, tie or observation",
        kind.get_ref()
    );
    error_at(message, kind.span())
}

fn not_a_list(span: core::ops::Range<usize>) -> toml::de::Error {
    error_at("found a single value, expected a list of entries such as [[event]]".into(), span)
}

fn error_at(message: String, span: core::ops::Range<usize>) -> toml::de::Error {
    #[derive(Debug)]
    struct Refuse;
    impl<'de> Deserialize<'de> for Refuse {
        fn deserialize<D: serde::Deserializer<'de>>(
            input: D,
        ) -> core::result::Result<Self, D::Error> {
            let message = String::deserialize(input)?;
            Err(serde::de::Error::custom(message))
        }
    }
    let value = Spanned::new(span, DeValue::String(message.into()));
    match Refuse::deserialize(ValueDeserializer::from(value)) {
        Err(error) => error,
        Ok(Refuse) => serde::de::Error::custom("an entry that cannot be read"),
    }
}

#[derive(Debug, Clone, Copy)]
enum EntryKind {
    Event,
    Statement,
    Act,
    Relation,
    Tie,
    Observation,
}

impl EntryKind {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "event" => Self::Event,
            "statement" => Self::Statement,
            "act" => Self::Act,
            "relation" => Self::Relation,
            "tie" => Self::Tie,
            "observation" => Self::Observation,
            _ => return None,
        })
    }

    fn detail(
        self,
        fields: ValueDeserializer<'_>,
    ) -> core::result::Result<Detail, toml::de::Error> {
        Ok(match self {
            Self::Event => Detail::Event(EventDetail::deserialize(fields)?),
            Self::Statement => Detail::Statement(StatementDetail::deserialize(fields)?),
            Self::Act => Detail::Act(ActDetail::deserialize(fields)?),
            Self::Relation => Detail::Relation(RelationDetail::deserialize(fields)?),
            Self::Tie => Detail::Tie(TieDetail::deserialize(fields)?),
            Self::Observation => Detail::Observation(ObservationDetail::deserialize(fields)?),
        })
    }
}

struct ChronicleReader<'a> {
    text: &'a str,
    lines: position::Lines,
    known: &'a KnownIds,
    ids: BTreeSet<String>,
    read: Chronicle,
}

impl ChronicleReader<'_> {
    fn entry(&mut self, kind: EntryKind, entry: Spanned<DeValue<'_>>) {
        self.read.entries_read += 1;
        let line = self.lines.line(entry.span().start) as u64;
        match record(kind, entry) {
            Ok(record) => self.keep(line, record),
            Err(error) => {
                let diagnostic = self.diagnostic(line, &error);
                self.read.diagnostics.push(diagnostic);
            }
        }
    }

    /// A parser's error as a remark about its line and field.
    fn diagnostic(&self, line: u64, error: &toml::de::Error) -> Diagnostic {
        let offset = error.span().map(|span| span.start);
        let at = offset.map_or(line, |offset| self.lines.line(offset) as u64);
        let message = position::message(self.text, error);
        let field = offset.and_then(|offset| position::field(self.text, offset));
        let quoted = message.split('`').nth(1).unwrap_or_default();
        let (column, found, expected) = if message.starts_with("missing field") {
            (quoted, "", "a value".to_owned())
        } else if message.starts_with("unknown field") {
            (quoted, quoted, split(&message).1.replace('`', ""))
        } else {
            let (found, expected) = split(&message);
            (field.unwrap_or("entry"), found, expected)
        };
        Diagnostic::rejected(at.max(line), column, issue(&message), found, &expected)
    }

    fn keep(&mut self, line: u64, record: ChronicleRecord) {
        let first = self.read.diagnostics.len();
        for (column, id, known) in references(&record, self.known) {
            if !known.contains(id) {
                let expected = "the id of a listed place or actor";
                let issue = Issue::UnknownReference;
                let diagnostic = Diagnostic::rejected(line, column, issue, id, expected);
                self.read.diagnostics.push(diagnostic);
            }
        }
        self.read.diagnostics.extend(number_remarks(line, &record));
        if self.ids.contains(&record.entry.id) {
            self.read.diagnostics.push(repeated(line, &record.entry.id));
        }
        let new = &mut self.read.diagnostics[first..];
        if new.iter().any(|diagnostic| !diagnostic.kept) {
            new.iter_mut().for_each(|diagnostic| diagnostic.kept = false);
        } else {
            self.ids.insert(record.entry.id.clone());
            self.read.records.push(record);
        }
    }
}

/// Every identifier that a record refers to, with its field and the list it must be in.
fn references<'r>(
    record: &'r ChronicleRecord,
    known: &'r KnownIds,
) -> Vec<(&'static str, &'r str, &'r BTreeSet<String>)> {
    let entry = &record.entry;
    let places = entry.places.iter().map(|id| ("places", id.as_str(), &known.places));
    let actors = entry.actors.iter().map(|id| ("actors", id.as_str(), &known.actors));
    let of_kind = match &record.detail {
        Detail::Event(it) => vec![("side_a", it.side_a.as_ref()), ("side_b", it.side_b.as_ref())],
        Detail::Statement(it) => vec![
            ("organisation", Some(&it.organisation)),
            ("outlet", it.outlet.as_ref()),
            ("target", it.target.as_ref()),
        ],
        Detail::Act(it) => vec![("by", Some(&it.by)), ("toward", it.toward.as_ref())],
        Detail::Relation(it) => {
            vec![("from_state", Some(&it.from_state)), ("to_state", Some(&it.to_state))]
        }
        Detail::Tie(it) => {
            vec![("a", Some(&it.a)), ("b", Some(&it.b)), ("alleged_by", it.alleged_by.as_ref())]
        }
        _ => Vec::new(),
    };
    let of_kind =
        of_kind.into_iter().filter_map(|(column, id)| Some((column, id?.as_str(), &known.actors)));
    places.chain(actors).chain(of_kind).collect()
}

/// One entry's table into a record: the fields of every record, and those of its kind.
fn record(
    kind: EntryKind,
    entry: Spanned<DeValue<'_>>,
) -> core::result::Result<ChronicleRecord, toml::de::Error> {
    let span = entry.span();
    let DeValue::Table(fields) = entry.into_inner() else {
        return Err(error_at("found a value, expected an entry with fields".to_owned(), span));
    };
    let (mut common, mut own) = (DeTable::new(), DeTable::new());
    for (key, value) in fields {
        let part =
            if ENTRY_FIELDS.contains(&key.get_ref().as_ref()) { &mut common } else { &mut own };
        part.insert(key, value);
    }
    let fields = |table| ValueDeserializer::from(Spanned::new(span.clone(), DeValue::Table(table)));
    Ok(ChronicleRecord {
        entry: Entry::deserialize(fields(common))?,
        detail: kind.detail(fields(own))?,
    })
}

fn repeated(line: u64, id: &str) -> Diagnostic {
    let expected = "an id that no earlier entry has";
    Diagnostic::rejected(line, "id", Issue::DuplicateId, id, expected)
}

/// What the parsers' and the core's messages speak of.
fn issue(message: &str) -> Issue {
    let starts = |words: &str| message.starts_with(words);
    if starts("missing field") {
        Issue::Missing
    } else if starts("unknown field") {
        Issue::UnknownCode
    } else if message.contains("end is not before its start") {
        Issue::Backwards
    } else if message.contains("expected a date") {
        Issue::BadDate
    } else if message.contains("expected one of") {
        Issue::UnknownCode
    } else {
        Issue::WrongType
    }
}

/// A message of the form "found …, expected …" in two; others are told as found.
fn split(message: &str) -> (&str, String) {
    let (found, expected) =
        message.split_once(", expected ").unwrap_or((message, "an entry of the documented form"));
    (found.strip_prefix("found ").unwrap_or(found).trim_matches('"'), expected.to_owned())
}

/// Remarks about numbers that do not fit each other.
fn number_remarks(line: u64, record: &ChronicleRecord) -> Vec<Diagnostic> {
    let order = |column: &str, low: Option<f64>, best: Option<f64>, high: Option<f64>| {
        let above = |a: Option<f64>, b: Option<f64>| a.zip(b).is_some_and(|(a, b)| a > b);
        (above(low, best) || above(best, high) || above(low, high)).then(|| {
            let found = format!("{low:?}, {best:?}, {high:?}").replace("Some", "");
            let expected = "low, best and high in this order";
            Diagnostic::noted(line, column, Issue::EstimateOrder, &found, expected)
        })
    };
    match &record.detail {
        Detail::Event(it) => {
            let deaths = [it.deaths_low, it.deaths_best, it.deaths_high].map(|n| n.map(f64::from));
            order("deaths_best", deaths[0], deaths[1], deaths[2]).into_iter().collect()
        }
        Detail::Observation(it) => {
            let numbers = [Some(it.value), it.low, it.high];
            let strange = numbers.into_iter().flatten().find(|number| !number.is_finite());
            let strange = strange.map(|number| {
                let expected = "a finite number";
                let found = number.to_string();
                Diagnostic::rejected(line, "value", Issue::OutOfRange, &found, expected)
            });
            strange.into_iter().chain(order("value", it.low, Some(it.value), it.high)).collect()
        }
        Detail::Statement(it) => backwards(line, it).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn backwards(line: u64, statement: &StatementDetail) -> Option<Diagnostic> {
    let (from, to) = statement.claimed_from.zip(statement.claimed_to)?;
    let expected = "a day not before claimed_from";
    (to.end() < from.start()).then(|| {
        Diagnostic::rejected(line, "claimed_to", Issue::Backwards, &to.to_string(), expected)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_every_entry_are_those_of_the_core() {
        let entry = Entry {
            id: String::new(),
            when: "2025".parse().unwrap(),
            paragraph: 1,
            footnotes: Vec::new(),
            summary: String::new(),
            places: Vec::new(),
            actors: Vec::new(),
            fronts: Vec::new(),
            cite: Some(String::new()),
            note: Some(String::new()),
        };
        let table = toml::Table::try_from(&entry).unwrap();
        let mut fields: Vec<&str> = ENTRY_FIELDS.to_vec();
        fields.sort_unstable();
        assert_eq!(table.keys().map(String::as_str).collect::<Vec<_>>(), fields);
    }
}
