//! The error of this crate.

use thiserror::Error as ThisError;

/// What can be wrong with a value that should name a month, a date or a place.
///
/// Every message says what was found and what was expected, so that a caller only has to add
/// where it was found.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// A text that should be a month is not one.
    #[error("found {found:?}, expected a month such as 2025-08")]
    Month {
        /// The text as it stood.
        found: String,
    },
    /// A text that should be a date or period is not one.
    #[error(
        "found {found:?}, expected a date such as 2025-08-14, 2025-08, 2025 or an interval \
         such as 2025-05/2025-06"
    )]
    Period {
        /// The text as it stood.
        found: String,
    },
    /// A period that ends before it starts.
    #[error("found {found:?}, expected an interval whose end is not before its start")]
    Backwards {
        /// The text as it stood.
        found: String,
    },
    /// A word outside a closed list.
    #[error("found {found:?}, expected one of {}", expected.trim_end_matches(", "))]
    Word {
        /// The text as it stood.
        found: String,
        /// The words of the list, joined by commas.
        expected: &'static str,
    },
    /// A place book that contradicts itself.
    #[error("place {place:?}: {problem}")]
    Place {
        /// The place's identifier.
        place: String,
        /// What is wrong and what would be right.
        problem: PlaceProblem,
    },
}

/// What is wrong with an entry of a place book.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum PlaceProblem {
    /// The identifier is used twice.
    #[error("listed twice, expected every id once")]
    Duplicate,
    /// A reference to a place that the book does not list.
    #[error("{field} names {found:?}, expected the id of a place in this book")]
    Unknown {
        /// The field that holds the reference.
        field: &'static str,
        /// The identifier that is not listed.
        found: String,
    },
    /// Shares of successors that do not add up to one.
    #[error("successor shares add up to {found}, expected 1")]
    Shares {
        /// The sum, as text.
        found: String,
    },
    /// A chain of places that leads back to its start.
    #[error("its chain of {field} leads back to itself")]
    Circular {
        /// `within`, `carved_from` or `successors`.
        field: &'static str,
    },
    /// A place that ended before a successor began.
    #[error(
        "ended on {ended}, and its successor {successor} begins on {begins}; expected it to begin \
         on the day after at the latest"
    )]
    Gap {
        /// The place's last day.
        ended: String,
        /// The successor.
        successor: String,
        /// The successor's first day.
        begins: String,
    },
    /// A place that ended without successors.
    #[error("has valid_to but no successors; say which places it became")]
    NoSuccessor,
}

/// The result of this crate's fallible functions.
pub type Result<T> = core::result::Result<T, Error>;
