//! The crate's error: what was wrong with the input, or what could not be computed.

/// What went wrong, with the name of the argument or the computation.
///
/// A message never holds an answer of a respondent: it names the argument, the position and the rule.
/// Ask the predicates rather than matching on text.
///
/// ```
/// use sanad_survey::SampleDesign;
///
/// let error = SampleDesign::new(vec![1.0, -2.0], None, None).unwrap_err();
/// assert!(error.is_invalid_input());
/// assert_eq!(error.to_string(), "weights[1] must be a finite number, 0 or more");
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(transparent)]
pub struct Error {
    kind: Kind,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
enum Kind {
    #[error("{what} has length {found}, expected {expected}")]
    Shape { what: &'static str, expected: usize, found: usize },
    #[error("{what}[{index}] must be {requirement}")]
    Entry { what: &'static str, index: usize, requirement: &'static str },
    #[error("{what} must be {requirement}")]
    Argument { what: &'static str, requirement: &'static str },
    #[error("{what} needs at least {needed} {unit}, found {found}")]
    TooLittle { what: &'static str, unit: &'static str, needed: usize, found: usize },
    #[error("the sampler failed at {what}")]
    Sampler { what: &'static str },
}

impl Error {
    /// True if an argument has the wrong shape or an entry outside its range.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        matches!(self.kind, Kind::Shape { .. } | Kind::Entry { .. } | Kind::Argument { .. })
    }

    /// True if there are fewer respondents or sampling units than an interval needs.
    #[must_use]
    pub fn is_too_little_data(&self) -> bool {
        matches!(self.kind, Kind::TooLittle { .. })
    }

    pub(crate) fn shape(what: &'static str, expected: usize, found: usize) -> Self {
        Self { kind: Kind::Shape { what, expected, found } }
    }

    pub(crate) fn entry(what: &'static str, index: usize, requirement: &'static str) -> Self {
        Self { kind: Kind::Entry { what, index, requirement } }
    }

    pub(crate) fn argument(what: &'static str, requirement: &'static str) -> Self {
        Self { kind: Kind::Argument { what, requirement } }
    }

    pub(crate) fn too_little(
        what: &'static str,
        unit: &'static str,
        needed: usize,
        found: usize,
    ) -> Self {
        Self { kind: Kind::TooLittle { what, unit, needed, found } }
    }

    pub(crate) fn sampler(what: &'static str) -> Self {
        Self { kind: Kind::Sampler { what } }
    }
}

/// The result of this crate's fallible functions.
pub type Result<T> = core::result::Result<T, Error>;
