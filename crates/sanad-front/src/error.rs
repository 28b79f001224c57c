//! The crate's one error type.

use thiserror::Error as Derive;

/// What went wrong, with enough detail to mend the input.
///
/// The kinds are told apart by predicates ([`Error::is_shape`], [`Error::is_framework`],
/// [`Error::is_setting`], [`Error::is_data`]); the message names the offending item.
#[derive(Debug, Clone, PartialEq, Derive)]
#[error(transparent)]
pub struct Error(#[from] Kind);

#[derive(Debug, Clone, PartialEq, Derive)]
pub(crate) enum Kind {
    #[error("{what}: expected {expected}, found {found}")]
    Shape { what: &'static str, expected: usize, found: usize },
    #[error("framework: {problem} ({name})")]
    Framework { name: String, problem: &'static str },
    #[error("setting {name}: {problem}")]
    Setting { name: &'static str, problem: &'static str },
    #[error("indicator {indicator}: {problem}")]
    Data { indicator: String, problem: &'static str },
    #[error("pillar {pillar}: {problem}")]
    Pillar { pillar: String, problem: &'static str },
}

impl Error {
    /// Arrays do not fit each other or an index lies outside its array.
    #[must_use]
    pub fn is_shape(&self) -> bool {
        matches!(self.0, Kind::Shape { .. })
    }

    /// The hierarchy of indicators, pillars and fronts does not hold together.
    #[must_use]
    pub fn is_framework(&self) -> bool {
        matches!(self.0, Kind::Framework { .. })
    }

    /// A setting lies outside its range, or two settings cannot be combined.
    #[must_use]
    pub fn is_setting(&self) -> bool {
        matches!(self.0, Kind::Setting { .. })
    }

    /// The values themselves do not allow what was asked.
    #[must_use]
    pub fn is_data(&self) -> bool {
        matches!(self.0, Kind::Data { .. } | Kind::Pillar { .. })
    }

    pub(crate) fn shape(what: &'static str, expected: usize, found: usize) -> Self {
        Self(Kind::Shape { what, expected, found })
    }

    pub(crate) fn framework(name: impl Into<String>, problem: &'static str) -> Self {
        Self(Kind::Framework { name: name.into(), problem })
    }

    pub(crate) fn setting(name: &'static str, problem: &'static str) -> Self {
        Self(Kind::Setting { name, problem })
    }

    pub(crate) fn pillar(pillar: impl Into<String>, problem: &'static str) -> Self {
        Self(Kind::Pillar { pillar: pillar.into(), problem })
    }

    pub(crate) fn data(indicator: impl Into<String>, problem: &'static str) -> Self {
        Self(Kind::Data { indicator: indicator.into(), problem })
    }
}

/// A result of this crate.
pub type Result<T> = core::result::Result<T, Error>;
