//! The error of this crate: what stops the reading of a whole file of a case.

use sanad_source::toml_text::TomlProblem;
use thiserror::Error as ThisError;

/// What stops the reading of a whole file of a case.
///
/// A message says where in the file, what was found, what was expected and what to do; the caller
/// adds the file's name. What concerns one entry of the chronicle only is a
/// [`Diagnostic`](sanad_core::diagnostic::Diagnostic) instead.
///
/// ```
/// let error = sanad_case::read_case("").unwrap_err();
/// assert!(error.is_empty());
/// ```
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing in the file.
    #[error("the file is empty, expected {expected}; write it, or leave it out of the case")]
    Empty {
        /// What a file of this kind holds.
        expected: &'static str,
    },
    /// The file is not TOML, or not of the form its reader expects.
    #[error("{document} {problem}")]
    Toml {
        /// Which file of the case.
        document: &'static str,
        /// What is wrong, and where.
        problem: TomlProblem,
    },
    /// The file contradicts itself or the rest of the case.
    #[error("{document} line {line}: {problem}")]
    Contradiction {
        /// Which file of the case.
        document: &'static str,
        /// Line, from 1, of the entry concerned.
        line: usize,
        /// What contradicts what.
        problem: Contradiction,
    },
    /// The file holds something that it cannot hold as a whole.
    #[error("found {found}, expected {expected}; {advice}")]
    Form {
        /// What was found.
        found: &'static str,
        /// What a file of this kind is.
        expected: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// A row that holds something that no row of this kind of file can hold.
    #[error("row {row}: found {found}, expected {expected}; {advice}")]
    Row {
        /// The row, the header being row 1.
        row: u64,
        /// What was found.
        found: &'static str,
        /// What a file of this kind is.
        expected: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// Counts by month without a row for one of their months.
    #[error(
        "the series {series:?} leaves a month out, {month}, expected a row for each; give every month a \
         row, 0 where there was none"
    )]
    Gap {
        /// The series.
        series: String,
        /// The first month without a row.
        month: sanad_core::Month,
    },
    /// A file of events without any of the country that a new case is made of.
    #[error(
        "no event lies in {country}{}; the file has {}; name one of these countries, or give another file",
        .gwno.map_or_else(|| ", which has no Gleditsch–Ward number".to_owned(), |gwno| format!(" (Gleditsch–Ward number {gwno})")),
        if .found.is_empty() { "no event that could be read".to_owned() } else { .found.join(", ") }
    )]
    NoEvents {
        /// The country's name.
        country: String,
        /// Its Gleditsch–Ward number.
        gwno: Option<i32>,
        /// Countries of the file, those with most events first, with their number.
        found: Vec<String>,
    },
    /// A text that is no lever's level over months.
    #[error(
        "found {found:?}, expected LEVER=LEVEL or LEVER=LEVEL@FROM..TO, such as redress=0.5@2026-06..2028-12"
    )]
    LeverPeriod {
        /// The text.
        found: String,
    },
    /// A table of the case cannot be read.
    #[error(transparent)]
    Table(#[from] sanad_source::Error),
}

/// What contradicts what in a hand-written file.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum Contradiction {
    /// Places that do not agree with each other.
    #[error(transparent)]
    Places(#[from] sanad_core::Error),
    /// An actor listed twice.
    #[error("actor {id:?} is listed twice, expected every id once")]
    ActorTwice {
        /// Its identifier.
        id: String,
    },
    /// A UCDP number that two actors have.
    #[error(
        "actors {first:?} and {second:?} both have the UCDP number {number}, expected one of them"
    )]
    NumberTwice {
        /// The number.
        number: i64,
        /// The actor listed first.
        first: String,
        /// The actor listed second.
        second: String,
    },
    /// An entry listed twice.
    #[error("{kind} {id:?} is listed twice, expected every id once")]
    Twice {
        /// What it is: a claim, a series, a concept.
        kind: &'static str,
        /// Its identifier.
        id: String,
    },
    /// An entry that names something the case does not have.
    #[error("{entry:?} names the {kind} {id:?}, which the case does not have")]
    Unknown {
        /// The entry that names it.
        entry: String,
        /// What it would be.
        kind: &'static str,
        /// The identifier.
        id: String,
    },
    /// An entry of a family that is neither general nor declared.
    #[error(
        "{entry:?} names the family {family:?}, expected a general one ({}) or one declared under \
         [[family]] in actors.toml",
        general_families()
    )]
    Family {
        /// The entry that names it.
        entry: String,
        /// The word for the family.
        family: String,
    },
    /// A test that cannot run as it is declared.
    #[error("{entry:?}: {wrong}")]
    Untestable {
        /// The claim.
        entry: String,
        /// What is wrong, and what is expected.
        wrong: &'static str,
    },
    /// An actor that ends before it begins.
    #[error("actor {id:?} ends in {to}, expected an end not before its beginning in {from}")]
    ActorBackwards {
        /// Its identifier.
        id: String,
        /// When it begins.
        from: sanad_core::Period,
        /// When it ends.
        to: sanad_core::Period,
    },
}

impl Error {
    /// Whether the file held nothing to read: no byte, or a header alone.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        match self {
            Self::Table(error) => error.is_empty(),
            _ => matches!(self, Self::Empty { .. }),
        }
    }

    /// Whether fields or columns are missing, doubled or unknown.
    #[must_use]
    pub const fn is_layout(&self) -> bool {
        match self {
            Self::Table(error) => error.is_layout(),
            _ => matches!(self, Self::Toml { .. }),
        }
    }

    /// Whether a file is of another kind than it has to be.
    #[must_use]
    pub const fn is_form(&self) -> bool {
        matches!(self, Self::Form { .. } | Self::Row { .. } | Self::Gap { .. })
    }

    /// Whether the file contradicts itself or the rest of the case.
    #[must_use]
    pub const fn is_contradiction(&self) -> bool {
        matches!(self, Self::Contradiction { .. })
    }
}

/// The result of this crate's fallible functions.
pub type Result<T> = core::result::Result<T, Error>;

fn general_families() -> String {
    sanad_core::actor::Family::GENERAL.map(|(word, _)| word).join(", ")
}
