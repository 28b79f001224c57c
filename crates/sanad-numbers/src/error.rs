//! The crate's error: what a computation could not do.

/// What went wrong, with the name of the computation it happened in.
///
/// Ask the predicates rather than matching on text.
///
/// ```
/// use sanad_numbers::Error;
///
/// let error = Error::no_convergence("the fit", 500);
/// assert!(error.is_no_convergence());
/// assert_eq!(error.to_string(), "the fit did not converge in 500 iterations");
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(transparent)]
pub struct Error {
    kind: NumbersFault,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
enum NumbersFault {
    #[error("{what} did not converge in {iterations} iterations")]
    NoConvergence { what: &'static str, iterations: usize },
}

impl Error {
    /// True if an iteration stopped before it met its tolerance.
    #[must_use]
    pub fn is_no_convergence(&self) -> bool {
        matches!(self.kind, NumbersFault::NoConvergence { .. })
    }

    /// An iteration that stopped before it met its tolerance; `what` names the computation in a
    /// sentence ("the fit").
    #[must_use]
    pub fn no_convergence(what: &'static str, iterations: usize) -> Self {
        Self { kind: NumbersFault::NoConvergence { what, iterations } }
    }
}
