//! What can go wrong, as one opaque type with predicates.

use thiserror::Error;

/// Why a forecast or a score could not be made.
///
/// The kinds are not public; ask with the predicates. Nothing in this crate fails on the *values*
/// of a series: gaps, spikes and short histories are data.
///
/// ```
/// use sanad_forecast::Panel;
///
/// let error = Panel::new(121, 2, 3, vec![0.0; 5]).unwrap_err();
/// assert!(error.is_shape());
/// assert_eq!(error.to_string(), "target has 5 values where 6 were expected");
/// ```
#[derive(Debug, Error)]
#[error(transparent)]
pub struct Error(#[from] ForecastFault);

/// What went wrong.
#[derive(Debug, Error)]
pub(crate) enum ForecastFault {
    #[error("{what} has {found} values where {expected} were expected")]
    Shape { what: &'static str, found: usize, expected: usize },
    #[error("{what} is {value}; it must be {rule}")]
    Setting { what: &'static str, value: String, rule: &'static str },
    #[error("month {month} is outside the panel, which has {months} months")]
    Month { month: usize, months: usize },
    #[error("the history up to month {origin} is too short: {needs}")]
    History { origin: usize, needs: &'static str },
    #[error("the component model '{model}' failed")]
    Component { model: String, source: Box<Error> },
}

impl Error {
    /// An array of another length than expected.
    pub(crate) fn shape(what: &'static str, found: usize, expected: usize) -> Self {
        Self(ForecastFault::Shape { what, found, expected })
    }

    /// A setting outside its range.
    pub(crate) fn setting(what: &'static str, value: impl ToString, rule: &'static str) -> Self {
        Self(ForecastFault::Setting { what, value: value.to_string(), rule })
    }

    /// A month that the panel does not have.
    pub(crate) fn month(month: usize, months: usize) -> Self {
        Self(ForecastFault::Month { month, months })
    }

    /// An origin with too short a past.
    pub(crate) fn history(origin: usize, needs: &'static str) -> Self {
        Self(ForecastFault::History { origin, needs })
    }

    /// A failure of one of several models, with its name.
    pub(crate) fn component(model: &str, source: Error) -> Self {
        Self(ForecastFault::Component { model: model.to_owned(), source: Box::new(source) })
    }

    /// Whether arrays given together did not fit each other.
    #[must_use]
    pub fn is_shape(&self) -> bool {
        matches!(self.root(), ForecastFault::Shape { .. })
    }

    /// Whether a setting was out of its range.
    #[must_use]
    pub fn is_setting(&self) -> bool {
        matches!(self.root(), ForecastFault::Setting { .. })
    }

    /// Whether a month lay outside the panel, or too little lay before it.
    #[must_use]
    pub fn is_history(&self) -> bool {
        matches!(self.root(), ForecastFault::Month { .. } | ForecastFault::History { .. })
    }

    /// The fault itself, below the names of models that passed it on.
    fn root(&self) -> &ForecastFault {
        match &self.0 {
            ForecastFault::Component { source, .. } => source.root(),
            kind => kind,
        }
    }
}

/// Refuses an array of another length than expected.
pub(crate) fn same_len(what: &'static str, found: usize, expected: usize) -> Result<(), Error> {
    if found == expected { Ok(()) } else { Err(Error::shape(what, found, expected)) }
}
