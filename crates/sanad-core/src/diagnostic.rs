//! What a reader of a foreign file has to say about it, as data.

use std::collections::BTreeMap;

use crate::escape::is_hidden;

/// The reasons a row or a value can be remarked upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Issue {
    /// A required value is empty.
    Missing,
    /// The value is not of the column's type.
    WrongType,
    /// A date that no calendar has, or in another form.
    BadDate,
    /// An end before its start.
    Backwards,
    /// A number outside what the codebook allows.
    OutOfRange,
    /// Low, best and high estimates out of order.
    EstimateOrder,
    /// Latitude or longitude that no place has.
    BadCoordinate,
    /// A row with more or fewer fields than the header.
    FieldCount,
    /// An identifier that the file holds already.
    DuplicateId,
    /// Text that is not UTF-8; what could be read was kept.
    BadText,
    /// A reference to something that is not listed.
    UnknownReference,
    /// A code or word outside its list.
    UnknownCode,
    /// Geometry that does not enclose an area, crosses itself or is not closed.
    BadGeometry,
}

impl Issue {
    /// The word that summaries and files use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::WrongType => "wrong-type",
            Self::BadDate => "bad-date",
            Self::Backwards => "backwards",
            Self::OutOfRange => "out-of-range",
            Self::EstimateOrder => "estimate-order",
            Self::BadCoordinate => "bad-coordinate",
            Self::FieldCount => "field-count",
            Self::DuplicateId => "duplicate-id",
            Self::BadText => "bad-text",
            Self::UnknownReference => "unknown-reference",
            Self::UnknownCode => "unknown-code",
            Self::BadGeometry => "bad-geometry",
        }
    }
}

/// One remark about one place in one file: where, what was found, what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Row of the file: in a table the header is row 1; in a text the line, from 1; in a
    /// collection the number of the item, from 1. 0 for the file as a whole.
    pub row: u64,
    /// Column or field.
    pub column: String,
    /// The reason.
    pub issue: Issue,
    /// What stood there, cut to [`Diagnostic::FOUND_CHARS`] characters; in a column of numbers or dates
    /// as [`number_excerpt`] gives it.
    pub found: String,
    /// What should have stood there.
    pub expected: String,
    /// Whether what it is about was kept all the same: the row as a record, or in a table with several
    /// values a row the cell as a value.
    pub kept: bool,
    /// Whether it is about one of several values of a row, of which others were kept.
    pub of_cell: bool,
}

impl Diagnostic {
    /// The longest excerpt of a foreign file that a diagnostic repeats, in characters.
    pub const FOUND_CHARS: usize = 60;

    /// A remark about a row, or a cell, that was *not* kept.
    #[must_use]
    pub fn rejected(row: u64, column: &str, issue: Issue, found: &str, expected: &str) -> Self {
        Self::new(row, column, issue, found, expected, false)
    }

    /// A remark about a row that was kept.
    #[must_use]
    pub fn noted(row: u64, column: &str, issue: Issue, found: &str, expected: &str) -> Self {
        Self::new(row, column, issue, found, expected, true)
    }

    fn new(row: u64, column: &str, issue: Issue, found: &str, expected: &str, kept: bool) -> Self {
        let found = if is_of_a_number(issue) { number_excerpt(found) } else { found.to_owned() };
        let excerpt: String = found.chars().take(Self::FOUND_CHARS).collect();
        let mut shown = hidden_replaced(&excerpt);
        if found.chars().nth(Self::FOUND_CHARS).is_some() {
            shown.push('…');
        }
        Self {
            row,
            column: hidden_replaced(column),
            issue,
            found: shown,
            expected: expected.to_owned(),
            kept,
            of_cell: false,
        }
    }
}

/// Whether an issue is about a value that is a number or a date, or about text that has no form. What
/// stands there instead is no name to look up: it may be a headline, or a person.
const fn is_of_a_number(issue: Issue) -> bool {
    matches!(
        issue,
        Issue::WrongType
            | Issue::BadDate
            | Issue::Backwards
            | Issue::OutOfRange
            | Issue::EstimateOrder
            | Issue::BadCoordinate
            | Issue::BadText
    )
}

/// Words that may stand in a number or a date, in small letters; single letters may as well.
const WORDS_OF_NUMBERS: [&str; 34] = [
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "am",
    "pm",
    "utc",
    "gmt",
    "na",
    "nan",
    "null",
    "none",
    "inf",
    "infinity",
];

/// What stands in a column of numbers or dates, as a message may repeat it: itself where it is made
/// like a number or a date, and otherwise its kind and length. A text that slipped into such a column
/// may be a headline, or name a person.
///
/// ```
/// use sanad_core::diagnostic::number_excerpt;
///
/// assert_eq!(number_excerpt("12,5"), "12,5");
/// assert_eq!(number_excerpt("31-Feb-2021"), "31-Feb-2021");
/// assert_eq!(number_excerpt("three villagers"), "a text of 15 characters");
/// ```
#[must_use]
pub fn number_excerpt(found: &str) -> String {
    let is_word = |word: &str| {
        word.chars().count() < 2 || WORDS_OF_NUMBERS.iter().any(|it| it.eq_ignore_ascii_case(word))
    };
    let is_number = found.split(|letter: char| !letter.is_alphabetic()).all(is_word);
    // A reader that has already said what it found describes it so.
    let is_description = found == "a value"
        || ["a text of ", "a line of "].iter().any(|it| found.starts_with(it))
        || (found.starts_with("invalid type: ") && !found.contains(['"', '`']));
    let length = found.chars().count();
    if is_description || (is_number && length <= Diagnostic::FOUND_CHARS) {
        found.to_owned()
    } else {
        format!("a text of {length} characters")
    }
}

/// Breaks are replaced too: what was found must not look like another value.
fn hidden_replaced(text: &str) -> String {
    text.chars().map(|letter| if is_hidden(letter) { '\u{fffd}' } else { letter }).collect()
}

impl core::fmt::Display for Diagnostic {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let verdict = match (self.kept, self.of_cell) {
            (true, _) => "kept",
            (false, true) => "left out",
            (false, false) => "row left out",
        };
        write!(
            out,
            "row {}, column {}: found {:?}, expected {} ({}, {verdict})",
            self.row,
            self.column,
            self.found,
            self.expected,
            self.issue.as_str()
        )
    }
}

/// Counts diagnostics by reason, in a fixed order.
///
/// ```
/// use sanad_core::diagnostic::{count_by_issue, Diagnostic, Issue};
///
/// let remarks = [Diagnostic::rejected(3, "best", Issue::OutOfRange, "-1", "0 or more")];
/// assert_eq!(count_by_issue(&remarks)[&Issue::OutOfRange], 1);
/// ```
#[must_use]
pub fn count_by_issue(diagnostics: &[Diagnostic]) -> BTreeMap<Issue, u64> {
    let mut counts = BTreeMap::new();
    for diagnostic in diagnostics {
        *counts.entry(diagnostic.issue).or_insert(0) += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_binary_findings_are_cut_and_cleaned() {
        let found = format!("\u{0}{}", "x".repeat(500));
        let diagnostic = Diagnostic::rejected(2, "id", Issue::UnknownCode, &found, "a code");
        assert_eq!(diagnostic.found.chars().count(), Diagnostic::FOUND_CHARS + 1);
        assert!(diagnostic.found.starts_with('\u{fffd}'));
    }

    #[test]
    fn words_in_a_column_of_numbers_or_dates_are_never_repeated() {
        let shown = |found: &str| {
            Diagnostic::rejected(2, "best", Issue::WrongType, found, "a number").found
        };
        for words in
            ["Jane Roe", "many", "5 killed", "2021-01-05 by Roe", "روز", "1; Roe", "NA Roe"]
        {
            let length = words.chars().count();
            assert_eq!(shown(words), format!("a text of {length} characters"));
        }
        for number in
            ["-1", "1.234,5", "1e30", "12x", "31-Feb-2021", "2021-01-05T00:00:00Z", "NaN", ""]
        {
            assert_eq!(shown(number), number);
        }
        assert_eq!(shown(&"7".repeat(90)), "a text of 90 characters");
        assert_eq!(shown("a line of 12 bytes"), "a line of 12 bytes");
    }
}
