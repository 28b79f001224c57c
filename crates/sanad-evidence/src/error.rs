//! The crate's error: what was wrong with the input, or what a computation could not do.

/// What went wrong, with the name of the argument or computation it happened in.
///
/// Ask the predicates rather than matching on text.
///
/// ```
/// use sanad_evidence::association::compare_means;
///
/// let short = compare_means(&[1.0; 3], &[2.0; 3]).unwrap_err();
/// assert!(short.is_too_little_data());
/// assert!(short.to_string().contains("at least 8"));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(transparent)]
pub struct Error {
    kind: EvidenceFault,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
enum EvidenceFault {
    #[error("{what} has length {found}, expected {expected}")]
    Shape { what: &'static str, expected: usize, found: usize },
    #[error("{what}[{index}] = {value}: must be {requirement}")]
    Value { what: &'static str, index: usize, value: f64, requirement: &'static str },
    #[error("{what}: {problem}")]
    Setting { what: &'static str, problem: &'static str },
    #[error("{what} needs at least {needed} {unit}, found {found}")]
    TooLittle { what: &'static str, unit: &'static str, needed: usize, found: usize },
    #[error("{what} is singular: the data do not identify every parameter")]
    Singular { what: &'static str },
    #[error(transparent)]
    Numbers(sanad_numbers::Error),
}

/// A result of this crate.
pub type Result<T, E = Error> = core::result::Result<T, E>;

impl Error {
    /// True if an argument has the wrong shape, or a value or setting lies outside its range.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        matches!(
            self.kind,
            EvidenceFault::Shape { .. }
                | EvidenceFault::Value { .. }
                | EvidenceFault::Setting { .. }
        )
    }

    /// True if there are fewer observations than the computation needs.
    #[must_use]
    pub fn is_too_little_data(&self) -> bool {
        matches!(self.kind, EvidenceFault::TooLittle { .. })
    }

    /// True if an iteration stopped before it met its tolerance.
    #[must_use]
    pub fn is_no_convergence(&self) -> bool {
        matches!(&self.kind, EvidenceFault::Numbers(error) if error.is_no_convergence())
    }

    /// True if the data do not identify the parameters (a singular information matrix).
    #[must_use]
    pub fn is_singular(&self) -> bool {
        matches!(self.kind, EvidenceFault::Singular { .. })
    }

    /// An array of another length than expected.
    pub(crate) fn shape(what: &'static str, expected: usize, found: usize) -> Self {
        EvidenceFault::Shape { what, expected, found }.into()
    }

    /// A value outside its range, with its position.
    pub(crate) fn value(
        what: &'static str,
        index: usize,
        value: f64,
        requirement: &'static str,
    ) -> Self {
        EvidenceFault::Value { what, index, value, requirement }.into()
    }

    /// A setting outside its range.
    pub(crate) fn setting(what: &'static str, problem: &'static str) -> Self {
        EvidenceFault::Setting { what, problem }.into()
    }

    /// Too few of something to compute with.
    pub(crate) fn too_little(
        what: &'static str,
        unit: &'static str,
        needed: usize,
        found: usize,
    ) -> Self {
        EvidenceFault::TooLittle { what, unit, needed, found }.into()
    }

    /// Data that leave a combination of parameters open.
    pub(crate) fn singular(what: &'static str) -> Self {
        EvidenceFault::Singular { what }.into()
    }
}

impl From<sanad_numbers::Error> for Error {
    fn from(error: sanad_numbers::Error) -> Self {
        EvidenceFault::Numbers(error).into()
    }
}

impl From<EvidenceFault> for Error {
    fn from(kind: EvidenceFault) -> Self {
        Self { kind }
    }
}

/// Fails unless `found == expected`.
pub(crate) fn check_len(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if expected == found {
        Ok(())
    } else {
        Err(EvidenceFault::Shape { what, expected, found }.into())
    }
}

/// Fails at the first value for which `accept` is false.
pub(crate) fn check_values(
    what: &'static str,
    values: &[f64],
    requirement: &'static str,
    accept: impl Fn(f64) -> bool,
) -> Result<(), Error> {
    match values.iter().position(|&value| !accept(value)) {
        Some(index) => Err(Error::value(what, index, values[index], requirement)),
        None => Ok(()),
    }
}
