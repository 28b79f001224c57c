//! The error of this crate: what stops a whole file.

use std::borrow::Cow;

use thiserror::Error as ThisError;

use crate::toml_text::TomlProblem;

/// What stops the reading of a whole file.
///
/// A message says where in the file, what was found, what was expected and what to do; the
/// caller adds the file's name. What concerns one row only is a
/// [`Diagnostic`](sanad_core::diagnostic::Diagnostic) instead.
///
/// ```
/// use sanad_source::ged;
///
/// let error = ged::read(&b""[..], &ged::Options::default()).unwrap_err();
/// assert!(error.is_empty());
/// ```
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// The bytes stopped coming.
    #[error(
        "reading stopped after {read_bytes} bytes; check the disk and the file, then try again"
    )]
    Read {
        /// How many bytes had come.
        read_bytes: u64,
        /// What the system says.
        #[source]
        cause: std::io::Error,
    },
    /// There is nothing in the file.
    #[error(
        "the file is empty, expected {expected}; leave it out where it is optional, otherwise obtain or write it again"
    )]
    Empty {
        /// What a file of this format holds.
        expected: &'static str,
    },
    /// A table with a header and no row.
    #[error(
        "row 1 is a header of {columns} columns and no row follows, expected at least one; \
         obtain or write the file again"
    )]
    HeaderOnly {
        /// How many columns the header has.
        columns: usize,
    },
    /// The bytes are of another kind of file.
    #[error("found {found}, expected {expected}; {advice}")]
    Form {
        /// What the bytes look like.
        found: &'static str,
        /// What a file of this format is.
        expected: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// An archive without a file of data, or with several.
    #[error(
        "the archive holds {}, expected one table or one GeoJSON file; unpack it and give the file \
         that is meant", list_names(.found)
    )]
    Members {
        /// Names of its members.
        found: Vec<String>,
    },
    /// A header without the columns that a record needs.
    #[error("row 1 lacks {}; expected the official column names in any order", list_missing(.missing))]
    MissingColumns {
        /// The columns that are not there.
        missing: Vec<MissingColumn>,
    },
    /// A header without the columns that a map names.
    #[error("row 1 lacks {}; expected the columns that the map names, in any order", list_missing(.missing))]
    MissingMapped {
        /// The columns that are not there.
        missing: Vec<MissingColumn>,
    },
    /// A header that shares hardly any column with the format.
    #[error(
        "row 1 has the columns {}, expected those of {expected}; check that this is the right file",
        list_names(.found)
    )]
    OtherTable {
        /// The first names of the header, quoted and cut short.
        found: Vec<String>,
        /// What a file of this format holds, with some of its columns.
        expected: &'static str,
    },
    /// A header in which a column that a record needs occurs twice.
    #[error("row 1 has {} more than once, expected every column once; remove the one that is not the publisher's", .names.join(", "))]
    DuplicateColumns {
        /// Their names.
        names: Vec<String>,
    },
    /// A record that no sensible file has; most often a quotation mark that is never closed.
    #[error(
        "row {row} is longer than {limit_bytes} bytes, expected a row of text; look for a \
         quotation mark that is not closed in it or just before it"
    )]
    RowTooLong {
        /// The row, the header being row 1.
        row: u64,
        /// The longest row that is read.
        limit_bytes: usize,
    },
    /// A column whose numbers can be read in two ways, and nothing in it says in which.
    #[error("column {column}: {}; {}", numbers_found(*.row, .found, .against), NUMBERS_ADVICE)]
    NumberForm {
        /// The column.
        column: String,
        /// A row whose cell is one number with a decimal point and another with a decimal comma.
        row: u64,
        /// The cell.
        found: String,
        /// A row and cell of the same column that contradict it.
        against: Option<(u64, String)>,
    },
    /// A column of days that could be day/month or month/day, and nothing in it says which.
    #[error("column {column}: {}; {}", days_found(*.row, .found, .against), DAYS_ADVICE)]
    DateOrder {
        /// The column.
        column: String,
        /// A row of which day and month can be exchanged, or that contradicts another.
        row: u64,
        /// Its cell.
        found: String,
        /// A row and cell of the same column that can only be read in the other order.
        against: Option<(u64, String)>,
    },
    /// The file is larger than this reader takes into memory.
    #[error("the file has more than {limit_bytes} bytes, expected fewer; simplify or split it")]
    TooLarge {
        /// The largest file that is read.
        limit_bytes: u64,
    },
    /// Not JSON, or cut off.
    #[error("line {line}, column {column}: this is not JSON; obtain the file again")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the parser says.
        #[source]
        cause: serde_json::Error,
    },
    /// JSON, but not a collection of features.
    #[error(
        "found {found}, expected a GeoJSON FeatureCollection with Polygon or MultiPolygon features"
    )]
    NotFeatures {
        /// What was found.
        found: String,
    },
    /// Features that none of the known schemes describes.
    #[error(
        "no feature has attributes of a known scheme; found {}; expected OCHA COD-AB \
         (ADM2_PCODE, ADM2_EN) or geoBoundaries (shapeID, shapeName, shapeType)", list_names(.found)
    )]
    Attributes {
        /// Names of the attributes of the first features.
        found: Vec<String>,
    },
    /// Features without an attribute that was named.
    #[error(
        "no feature has the attribute {name:?}; found {}; name one of these", list_names(.found)
    )]
    NoAttribute {
        /// The attribute that was named.
        name: String,
        /// Names of the attributes of the first features.
        found: Vec<String>,
    },
    /// Bytes that are not a polygon in well-known binary.
    #[error(
        "byte {offset}: {found}, expected a two-dimensional MultiPolygon in little-endian well-known binary"
    )]
    Wkb {
        /// Where.
        offset: usize,
        /// What was found there.
        found: &'static str,
    },
    /// A hand-written file that is not TOML, or not of the form its reader expects.
    #[error("{document} {problem}")]
    Toml {
        /// Which file.
        document: &'static str,
        /// What is wrong, and where.
        problem: TomlProblem,
    },
    /// A map that gives a field its kind does not have, or gives it twice or not at all where it
    /// says more about it.
    #[error(
        "the map names the field {found:?}{}; expected a field of {kind}, once, under columns or \
         fixed", near(.nearest)
    )]
    MapField {
        /// What the rows are.
        kind: &'static str,
        /// The name in the map.
        found: String,
        /// The field that may have been meant.
        nearest: Option<String>,
    },
    /// A map without a field that every row of its kind needs.
    #[error("the map does not give {field}; expected it under columns or fixed, as {kind} need it")]
    MapLacks {
        /// What the rows are.
        kind: &'static str,
        /// The field.
        field: &'static str,
    },
    /// A word in a map that the list of its field does not have.
    #[error("the map's {field}: {cause}")]
    MapWord {
        /// The field.
        field: &'static str,
        /// The word, and the list.
        cause: sanad_core::Error,
    },
    /// A map of a survey that cannot be meant.
    #[error("the map's part {part:?}: {problem}")]
    SurveyMap {
        /// The question, experiment or table of the map.
        part: String,
        /// What is wrong, and what is expected.
        problem: &'static str,
    },
    /// A map with a separator that no reader knows.
    #[error("the map has the separator {found:?}, expected a comma, semicolon, tabulator or bar")]
    MapSeparator {
        /// The separator in the map.
        found: char,
    },
    /// A map with marks of numbers that no reader knows, or with the same for both.
    #[error(
        "the map has decimal {decimal:?}{}, expected a point or a comma for decimal, and for \
         thousands the other one, a blank, an apostrophe or nothing", thousands_of(.thousands)
    )]
    MapNumbers {
        /// What stands before the decimals.
        decimal: char,
        /// What stands between groups of three digits.
        thousands: Option<char>,
    },
}

/// A column that is not there, and what may have been meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingColumn {
    /// Its official name.
    pub name: Cow<'static, str>,
    /// The nearest name in the header, if one is near.
    pub nearest: Option<String>,
}

/// What to do where one column writes its numbers in two ways.
const NUMBERS_ADVICE: &str = "expected one form in the whole column; say which in the map with \
    decimal and thousands, or save the file again with decimal points and nothing between thousands";
/// What to do where the order of day and month cannot be told.
const DAYS_ADVICE: &str = "expected days such as 2020-02-13, or one day after the 12th to tell the \
    order; obtain the file again from its publisher without opening it in a spreadsheet, or give its \
    date columns the form YYYY-MM-DD there and save it again";

/// The number that does not fit, and the one it disagrees with.
fn numbers_found(row: u64, found: &str, against: &Option<(u64, String)>) -> String {
    let found = excerpt_of(found);
    match against {
        Some((other, text)) => format!(
            "row {row} has {found:?} and row {other} has {:?}, which are numbers of two forms",
            excerpt_of(text)
        ),
        None => format!(
            "{found:?} in row {row} is one number with a decimal point and another \
            with a decimal comma, and no row of the column tells which is meant"
        ),
    }
}

/// The day that does not fit, and the one it disagrees with.
fn days_found(row: u64, found: &str, against: &Option<(u64, String)>) -> String {
    let found = excerpt_of(found);
    match against {
        Some((other, text)) => format!(
            "row {row} has {found:?} and row {other} has {:?}, one with the month first and one with \
             the day",
            excerpt_of(text)
        ),
        None => format!(
            "day and month of {found:?} in row {row} can be exchanged, and no row of the column tells \
             which comes first"
        ),
    }
}

/// A cell for a message, cut to its first characters.
fn excerpt_of(text: &str) -> String {
    let clean = |letter: char| if letter.is_control() { '\u{fffd}' } else { letter };
    text.chars().take(40).map(clean).collect()
}

/// The mark between thousands, where there is one.
fn thousands_of(thousands: &Option<char>) -> String {
    thousands.map_or_else(String::new, |mark| format!(" and thousands {mark:?}"))
}

/// The column that a missing one may be misspelt as.
fn near(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |name| format!(" (did it mean {name:?}?)"))
}

/// The columns that are missing, each with the nearest that is there.
fn list_missing(missing: &[MissingColumn]) -> String {
    let each = missing.iter().map(|column| match &column.nearest {
        Some(nearest) => format!("{} (found {nearest:?})", column.name),
        None => column.name.clone().into_owned(),
    });
    each.collect::<Vec<_>>().join(", ")
}

/// Names in a row, or that there are none.
fn list_names(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

impl Error {
    /// Whether the file held nothing to read: no byte, or a header alone.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self, Self::Empty { .. } | Self::HeaderOnly { .. })
    }

    /// Whether the bytes could not be fetched, as opposed to being wrong.
    #[must_use]
    pub const fn is_read(&self) -> bool {
        matches!(self, Self::Read { .. })
    }

    /// Whether the file is of another kind or another encoding than its reader expects.
    #[must_use]
    pub const fn is_form(&self) -> bool {
        matches!(
            self,
            Self::Form { .. }
                | Self::Members { .. }
                | Self::Json { .. }
                | Self::NotFeatures { .. }
                | Self::Wkb { .. }
        )
    }

    /// Whether columns, attributes or fields are missing, doubled, unknown or of no one form.
    #[must_use]
    pub const fn is_layout(&self) -> bool {
        matches!(
            self,
            Self::MissingColumns { .. }
                | Self::MissingMapped { .. }
                | Self::OtherTable { .. }
                | Self::DuplicateColumns { .. }
                | Self::Attributes { .. }
                | Self::NoAttribute { .. }
                | Self::Toml { .. }
                | Self::MapField { .. }
                | Self::MapLacks { .. }
                | Self::MapWord { .. }
                | Self::SurveyMap { .. }
                | Self::MapSeparator { .. }
                | Self::MapNumbers { .. }
                | Self::NumberForm { .. }
                | Self::DateOrder { .. }
        )
    }

    /// Whether a size limit was passed.
    #[must_use]
    pub const fn is_limit(&self) -> bool {
        matches!(self, Self::RowTooLong { .. } | Self::TooLarge { .. })
    }
}

/// The result of this crate's fallible functions.
pub type Result<T> = core::result::Result<T, Error>;
