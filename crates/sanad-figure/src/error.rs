//! What can be wrong with the numbers handed to a form.

/// Why a figure cannot be drawn.
///
/// Every variant names the argument (`what`) in the words of the form's own fields, so that the
/// caller can repeat it to a person.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A list that a form needs has no element.
    #[error("{what}: nothing to draw, the list is empty")]
    Empty {
        /// The argument.
        what: &'static str,
    },
    /// Two lists that describe the same things differ in length.
    #[error("{what}: expected {expected} values, found {found}")]
    LengthMismatch {
        /// The argument, with the name of its row or series.
        what: String,
        /// Length of the list it must match.
        expected: usize,
        /// Length it has.
        found: usize,
    },
    /// A number is NaN or infinite. Missing values are `None`, never NaN.
    #[error("{what}: value {index} is not a finite number (missing values are given as None)")]
    NotFinite {
        /// The argument.
        what: String,
        /// Position in the list, from 0.
        index: usize,
    },
    /// A number lies outside the range that the form can show.
    #[error("{what}: {value} is outside {low} to {high}")]
    OutOfRange {
        /// The argument.
        what: String,
        /// The value found.
        value: f64,
        /// Least value allowed.
        low: f64,
        /// Greatest value allowed.
        high: f64,
    },
    /// An interval whose bounds are not in order (low ≤ mid ≤ high).
    #[error("{what}: interval {index} is not in order (low ≤ middle ≤ high)")]
    Disordered {
        /// The argument.
        what: String,
        /// Position in the list, from 0.
        index: usize,
    },
    /// An index points at nothing.
    #[error("{what}: index {index} points past the end of a list of {len}")]
    NoSuchIndex {
        /// The argument.
        what: &'static str,
        /// The index given.
        index: usize,
        /// Length of the list it points into.
        len: usize,
    },
    /// A picture would have more pixels than one may have.
    #[error(
        "the picture would be {} × {} pixels, and the bound is {most} in all",
        size[0],
        size[1]
    )]
    TooLarge {
        /// Width and height in pixels.
        size: [u32; 2],
        /// Pixels that one picture may have.
        most: u64,
    },
    /// A drawing that cannot be made into pixels, which is a defect of this crate.
    #[error("the drawing cannot be made into pixels: {why}")]
    NotDrawn {
        /// What was wrong.
        why: String,
    },
    /// A figure's id is not a lowercase letter followed by lowercase letters, digits and hyphens.
    #[error(
        "figure id {id:?}: use a lowercase letter, then lowercase letters, digits and hyphens, so that ids stay unique and safe in one HTML file"
    )]
    BadId {
        /// The id given.
        id: String,
    },
}

impl Error {
    /// True when the figure cannot be drawn because there is nothing to draw: a caller may then
    /// write a sentence in its place.
    pub fn is_empty_input(&self) -> bool {
        matches!(self, Error::Empty { .. })
    }

    /// True when a number is not finite, out of range or disordered: the data are at fault, not
    /// the call.
    pub fn is_bad_number(&self) -> bool {
        matches!(
            self,
            Error::NotFinite { .. } | Error::OutOfRange { .. } | Error::Disordered { .. }
        )
    }
}

/// Checks shared by the forms.
pub(crate) mod check {
    use super::Error;

    /// Refuses an empty list.
    pub(crate) fn not_empty<T>(what: &'static str, list: &[T]) -> Result<(), Error> {
        if list.is_empty() { Err(Error::Empty { what }) } else { Ok(()) }
    }

    /// Refuses a list of another length than expected.
    pub(crate) fn len(what: &str, expected: usize, found: usize) -> Result<(), Error> {
        if expected == found {
            return Ok(());
        }
        Err(Error::LengthMismatch { what: what.to_owned(), expected, found })
    }

    /// Refuses values that are infinite or not numbers.
    pub(crate) fn finite<I: IntoIterator<Item = f64>>(what: &str, values: I) -> Result<(), Error> {
        match values.into_iter().position(|v| !v.is_finite()) {
            Some(index) => Err(Error::NotFinite { what: what.to_owned(), index }),
            None => Ok(()),
        }
    }

    /// Refuses values that are infinite or not numbers; missing ones are fine.
    pub(crate) fn optional(what: &str, values: &[Option<f64>]) -> Result<(), Error> {
        match values.iter().position(|v| v.is_some_and(|v| !v.is_finite())) {
            Some(index) => Err(Error::NotFinite { what: what.to_owned(), index }),
            None => Ok(()),
        }
    }

    /// Refuses a number outside a closed range.
    pub(crate) fn within(what: &str, value: f64, low: f64, high: f64) -> Result<(), Error> {
        if (low..=high).contains(&value) {
            return Ok(());
        }
        Err(Error::OutOfRange { what: what.to_owned(), value, low, high })
    }

    /// Refuses a position past the end of a list.
    pub(crate) fn index(what: &'static str, index: usize, len: usize) -> Result<(), Error> {
        if index < len { Ok(()) } else { Err(Error::NoSuchIndex { what, index, len }) }
    }

    /// Every value finite, and each triple low ≤ middle ≤ high.
    pub(crate) fn ordered<I>(what: &str, triples: I) -> Result<(), Error>
    where
        I: IntoIterator<Item = [f64; 3]>,
    {
        for (index, t) in triples.into_iter().enumerate() {
            if t.iter().any(|v| !v.is_finite()) {
                return Err(Error::NotFinite { what: what.to_owned(), index });
            }
            if t[0] > t[1] || t[1] > t[2] {
                return Err(Error::Disordered { what: what.to_owned(), index });
            }
        }
        Ok(())
    }
}
