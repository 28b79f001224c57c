//! A corpus of public messages as coders noted them: CSV with a header, or one JSON object per
//! line.
//!
//! | column | what |
//! | --- | --- |
//! | `id` * | the message: letters, digits, `.`, `_`, `-`, up to 60. The same in every coder's row |
//! | `date` * | `2025-08-14`, `2025-08`, `2025` or two of these joined by a slash |
//! | `organisation` * | an actor of the case |
//! | `coder` * | a short code such as `c1`, up to 12 letters, never a name |
//! | `outlet`, `target` | actors of the case |
//! | `languages` | ISO 639 codes |
//! | `audiences`, `frames` | slugs of the codebook |
//! | `medium` | a slug |
//! | `claimed_events` | a whole number |
//! | `claimed_from`, `claimed_to` | first and last date of what is claimed; both or neither |
//! | `link` | where news or an analysis tells of it |
//!
//! Lists are joined by semicolons in CSV; in JSON they may be lists. Other columns are not read, so
//! that a message's words stay outside even where a file has them.
//!
//! **Links.** Kept only to a host on the list of news, research and public bodies in
//! [`NEWS_HOSTS`], as `https`, without query and fragment. Every other link is left out and the
//! row kept, with a remark that does not repeat the link: most are ways to an outlet. Diagnostics
//! about other texts do not repeat them either.

use std::collections::{BTreeMap, BTreeSet};

use sanad_core::Period;
use sanad_core::diagnostic::{Diagnostic, Issue};
use sanad_core::statement::CodedStatement;

use crate::error::Result;
use crate::format::{Content, Publication, SourceFormat};

mod link;
mod raw;

pub use link::NEWS_HOSTS;
pub use raw::STATEMENT_FIELDS;
use raw::{Raw, rows};

/// The format.
pub const FORMAT: SourceFormat = SourceFormat::new(
    "statements",
    "Coded statements of organisations (CSV or JSON lines); needs a case",
    Publication {
        id: "statements",
        title: "Coded statements",
        citation: "not stated; give a card",
        licence: "not stated",
        url: "",
    },
    Content::Statements,
);

/// A corpus, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statements {
    /// The codings kept, in the order of the file.
    pub statements: Vec<CodedStatement>,
    /// Rows or objects of the file.
    pub rows_read: u64,
    /// Remarks, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a corpus. `actors` are the actors of the case.
///
/// # Errors
///
/// [`Error::Empty`](crate::Error::Empty), [`Error::Form`](crate::Error::Form), and those of a
/// header that lacks or doubles a column. A bad row or object is a diagnostic.
///
/// ```
/// let actors = ["org-a".to_owned()].into();
/// let file = "id,date,organisation,coder,frames,link\n\
///     m1,2025-05-02,org-a,c1,governance-failure;state-excess,https://www.reuters.com/world/x\n";
/// let corpus = sanad_source::statements::read(file.as_bytes(), &actors)?;
/// assert_eq!(corpus.statements[0].frames.len(), 2);
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn read(data: &[u8], actors: &BTreeSet<String>) -> Result<Statements> {
    let (raws, rows_read, mut diagnostics) = rows(data)?;
    let mut statements = Vec::new();
    let mut seen = BTreeSet::new();
    for raw in raws {
        let mut row_diagnostics = Vec::new();
        let reader = StatementReader { raw: &raw, actors };
        match reader.statement(&mut row_diagnostics) {
            Ok(one) if seen.insert((one.id.clone(), one.coder.clone())) => statements.push(one),
            Ok(_) => {
                let expected = "one row per message and coder";
                row_diagnostics =
                    vec![reader.rejected("id", Issue::DuplicateId, raw.get("id"), expected)];
            }
            Err(diagnostic) => row_diagnostics = vec![*diagnostic],
        }
        diagnostics.extend(row_diagnostics);
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.row);
    Ok(Statements { statements, rows_read, diagnostics })
}

/// A value, or why the statement is left out.
type Checked<T> = core::result::Result<T, Box<Diagnostic>>;

/// A raw statement with the organisations that it may name.
struct StatementReader<'a> {
    raw: &'a Raw,
    actors: &'a BTreeSet<String>,
}

impl StatementReader<'_> {
    /// The statement with all its fields checked; what is only odd is noted.
    fn statement(&self, row_diagnostics: &mut Vec<Diagnostic>) -> Checked<CodedStatement> {
        Ok(CodedStatement {
            id: self.word("id", 60, true)?.ok_or_else(|| self.missing("id"))?,
            date: self.period("date")?.ok_or_else(|| self.missing("date"))?,
            organisation: self
                .actor("organisation")?
                .ok_or_else(|| self.missing("organisation"))?,
            outlet: self.actor("outlet")?,
            languages: self.words("languages", 8)?,
            audiences: self.words("audiences", 60)?,
            medium: self.word("medium", 60, false)?,
            target: self.actor("target")?,
            frames: self.words("frames", 60)?,
            claimed_events: self.count("claimed_events")?,
            claimed_period: self.claimed_period()?,
            link: self.link(row_diagnostics),
            coder: self.word("coder", 12, false)?.ok_or_else(|| self.missing("coder"))?,
            source_row: self.raw.row,
        })
    }

    /// The diagnostic of a field, without the field's text where that may be a message's own
    /// words.
    fn rejected(&self, field: &str, issue: Issue, found: &str, expected: &str) -> Diagnostic {
        // A text that does not fit may be a message's own words, or a way to an outlet: said is
        // how long it is.
        let simple = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let plain = found.len() <= 24 && found.bytes().all(simple);
        let long = format!("a text of {} characters", found.chars().count());
        let found = if plain { found } else { long.as_str() };
        Diagnostic::rejected(self.raw.row, field, issue, found, expected)
    }

    /// The same, to be returned.
    fn wrong(&self, field: &str, issue: Issue, found: &str, expected: &str) -> Box<Diagnostic> {
        Box::new(self.rejected(field, issue, found, expected))
    }

    /// A field that must be filled and is not.
    fn missing(&self, field: &str) -> Box<Diagnostic> {
        self.wrong(field, Issue::Missing, "", "a value")
    }

    /// A short word: small letters, digits and hyphens; identifiers may have more.
    fn word(&self, field: &str, longest: usize, identifier: bool) -> Checked<Option<String>> {
        let text = self.raw.get(field);
        if text.is_empty() {
            return Ok(None);
        }
        self.check(field, text, longest, identifier)?;
        Ok(Some(text.to_owned()))
    }

    /// Refuses a text that is too long, or no identifier where one is asked for.
    fn check(&self, field: &str, text: &str, longest: usize, identifier: bool) -> Checked<()> {
        let slug = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let fits =
            |b: u8| slug(b) || (identifier && (b.is_ascii_uppercase() || b == b'.' || b == b'_'));
        if text.len() <= longest && text.bytes().all(fits) {
            return Ok(());
        }
        let expected = format!("small letters, digits and hyphens, at most {longest}");
        Err(self.wrong(field, Issue::UnknownCode, text, &expected))
    }

    /// The entries of a list, each checked.
    fn words(&self, field: &str, longest: usize) -> Checked<Vec<String>> {
        let mut all = Vec::new();
        for text in self.raw.list(field) {
            self.check(field, text, longest, false)?;
            if !all.iter().any(|known| known == text) {
                all.push(text.to_owned());
            }
        }
        Ok(all)
    }

    /// An organisation of the case; nothing for an empty field.
    fn actor(&self, field: &str) -> Checked<Option<String>> {
        let text = self.raw.get(field);
        if text.is_empty() {
            return Ok(None);
        }
        if self.actors.contains(text) {
            return Ok(Some(text.to_owned()));
        }
        Err(self.wrong(field, Issue::UnknownReference, text, "the id of an actor of the case"))
    }

    /// A day, a month or a year; nothing for an empty field.
    fn period(&self, field: &str) -> Checked<Option<Period>> {
        let text = self.raw.get(field);
        if text.is_empty() {
            return Ok(None);
        }
        let expected = "a date such as 2025-08-14, 2025-08 or 2025";
        let period = text.parse().map_err(|_| self.wrong(field, Issue::BadDate, text, expected))?;
        Ok(Some(period))
    }

    /// From when to when the statement claims events; both or neither.
    fn claimed_period(&self) -> Checked<Option<Period>> {
        match (self.period("claimed_from")?, self.period("claimed_to")?) {
            (None, None) => Ok(None),
            (Some(from), Some(to)) => {
                let expected = "a date not before claimed_from";
                let found = self.raw.get("claimed_to");
                Period::between(from.start(), to.end())
                    .map(Some)
                    .ok_or_else(|| self.wrong("claimed_to", Issue::Backwards, found, expected))
            }
            (None, _) => Err(self.missing("claimed_from")),
            (_, None) => Err(self.missing("claimed_to")),
        }
    }

    /// A whole number; nothing for an empty field.
    fn count(&self, field: &str) -> Checked<Option<u32>> {
        let text = self.raw.get(field);
        if text.is_empty() {
            return Ok(None);
        }
        let wrong = |_| self.wrong(field, Issue::WrongType, text, "a whole number, 0 or more");
        text.parse().map(Some).map_err(wrong)
    }

    fn link(&self, row_diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
        let text = self.raw.get("link");
        if text.is_empty() {
            return None;
        }
        let kept = link::admissible(text);
        if kept.is_none() {
            let expected = "https to a host on the list of news and research; the link is not kept";
            let issue = Issue::UnknownReference;
            row_diagnostics.push(Diagnostic::noted(
                self.raw.row,
                "link",
                issue,
                "a link",
                expected,
            ));
        }
        kept
    }
}

/// How many messages each coder coded, in order.
#[must_use]
pub fn count_by_coder(statements: &[CodedStatement]) -> BTreeMap<&str, u64> {
    let mut counts = BTreeMap::new();
    for one in statements {
        *counts.entry(one.coder.as_str()).or_insert(0) += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actors() -> BTreeSet<String> {
        ["org-a", "out-a", "gov"].map(str::to_owned).into()
    }

    #[test]
    fn both_forms_give_the_same_codings() {
        let csv = "id,date,organisation,outlet,languages,audiences,medium,target,frames,\
            claimed_events,claimed_from,claimed_to,link,coder,text\n\
            m1,2025-05-02,org-a,out-a,ur;en,women,video,gov,state-excess;state-excess,12,\
            2025-05,2025-06,https://www.dawn.com/news/1?utm=x#y,c1,Words of a message\n\
            m1,2025-05-02,org-a,,,,,,,,,,,c2,\n";
        let json = r#"{"id":"m1","date":"2025-05-02","organisation":"org-a","outlet":"out-a",
"languages":["ur","en"],"audiences":"women","medium":"video","target":"gov","frames":["state-excess"],
"claimed_events":12,"claimed_from":"2025-05","claimed_to":"2025-06","link":"https://www.dawn.com/news/1",
"coder":"c1","text":"Words of a message"}"#.replace('\n', "")
            + "\n\n" + r#"{"id":"m1","date":"2025-05-02","organisation":"org-a","coder":"c2","outlet":null}"#;
        let from_csv = read(csv.as_bytes(), &actors()).unwrap();
        let from_json = read(json.as_bytes(), &actors()).unwrap();
        assert_eq!(from_csv.diagnostics, []);
        assert_eq!(from_json.diagnostics, []);
        let without_rows = |all: Statements| {
            let each = all.statements.into_iter();
            each.map(|one| CodedStatement { source_row: 0, ..one }).collect::<Vec<_>>()
        };
        let first = &from_csv.statements[0];
        assert_eq!(first.link.as_deref(), Some("https://www.dawn.com/news/1"));
        assert_eq!(first.claimed_period.unwrap().end().to_string(), "2025-06-30");
        assert_eq!(without_rows(from_csv), without_rows(from_json));
    }

    #[test]
    fn words_of_a_message_get_neither_into_records_nor_into_remarks() {
        let words = "Rise up, all of you";
        let mut kept = Vec::new();
        for field in ["id", "coder", "frames", "medium", "organisation", "target", "date", "link"] {
            let value = |name: &str, usual: &str| {
                if name == field { format!("\"{words}\"") } else { usual.to_owned() }
            };
            let row = [
                value("id", "m1"),
                value("coder", "c1"),
                value("frames", ""),
                value("medium", ""),
                value("organisation", "org-a"),
                value("target", ""),
                value("date", "2025"),
                value("link", ""),
            ];
            let file = format!(
                "id,coder,frames,medium,organisation,target,date,link\n{}\n",
                row.join(",")
            );
            let corpus = read(file.as_bytes(), &actors()).unwrap();
            assert_eq!(corpus.diagnostics.len(), 1, "{field}");
            let shown = format!("{corpus:?}");
            assert!(!shown.contains("Rise"), "{field}: {shown}");
            kept.push(corpus.statements.len());
        }
        assert_eq!(kept, [0, 0, 0, 0, 0, 0, 0, 1]);
    }
}
