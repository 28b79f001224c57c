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
    /// What stood there, cut to [`Diagnostic::FOUND_CHARS`] characters.
    pub found: String,
    /// What should have stood there.
    pub expected: String,
    /// Whether the row was kept as a record all the same.
    pub kept: bool,
}

impl Diagnostic {
    /// The longest excerpt of a foreign file that a diagnostic repeats, in characters.
    pub const FOUND_CHARS: usize = 60;

    /// A remark about a row that was *not* kept.
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
        }
    }
}

/// Breaks are replaced too: what was found must not look like another value.
fn hidden_replaced(text: &str) -> String {
    text.chars().map(|letter| if is_hidden(letter) { '\u{fffd}' } else { letter }).collect()
}

impl core::fmt::Display for Diagnostic {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let verdict = if self.kept { "kept" } else { "row left out" };
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
        let diagnostic = Diagnostic::rejected(2, "id", Issue::WrongType, &found, "a number");
        assert_eq!(diagnostic.found.chars().count(), Diagnostic::FOUND_CHARS + 1);
        assert!(diagnostic.found.starts_with('\u{fffd}'));
    }
}
