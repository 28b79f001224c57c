//! The crate's error: what was wrong with the input, or what a computation could not do.

/// What went wrong, with the name of the argument or computation it happened in.
///
/// Ask the predicates rather than matching on text.
///
/// ```
/// use sanad_cycle::continuous::Events;
///
/// let unsorted = Events::new(vec![vec![2.0, 1.0]], 10.0).unwrap_err();
/// assert!(unsorted.is_invalid_input());
/// assert!(unsorted.to_string().contains("sorted"));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(transparent)]
pub struct Error {
    kind: CycleFault,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
enum CycleFault {
    #[error("{what} has length {found}, expected {expected}")]
    Shape { what: &'static str, expected: usize, found: usize },
    #[error("{what}[{index}] = {value}: must be {requirement}")]
    Value { what: &'static str, index: usize, value: f64, requirement: &'static str },
    #[error("{what} needs at least {needed} {unit}, found {found}")]
    TooLittle { what: &'static str, unit: &'static str, needed: usize, found: usize },
    #[error(transparent)]
    Numbers(sanad_numbers::Error),
    #[error("{what} is singular: the data do not identify every parameter")]
    Singular { what: &'static str },
    #[error("the sampler failed at {what}")]
    Sampler { what: &'static str },
    #[error(
        "{what} produced more than {limit} events; the process is explosive or the span too long"
    )]
    TooMany { what: &'static str, limit: usize },
}

impl Error {
    /// True if an argument has the wrong shape or holds a value outside its range.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        matches!(self.kind, CycleFault::Shape { .. } | CycleFault::Value { .. })
    }

    /// True if there are fewer observations than the computation needs.
    #[must_use]
    pub fn is_too_little_data(&self) -> bool {
        matches!(self.kind, CycleFault::TooLittle { .. })
    }

    /// True if an iteration stopped before it met its tolerance.
    #[must_use]
    pub fn is_no_convergence(&self) -> bool {
        matches!(&self.kind, CycleFault::Numbers(error) if error.is_no_convergence())
    }

    /// True if the data do not identify the parameters (a singular information matrix).
    #[must_use]
    pub fn is_singular(&self) -> bool {
        matches!(self.kind, CycleFault::Singular { .. })
    }

    /// True if a simulation ran over its limit of events.
    #[must_use]
    pub fn is_explosive(&self) -> bool {
        matches!(self.kind, CycleFault::TooMany { .. })
    }

    /// A value outside its range, with its position.
    pub(crate) fn value(
        what: &'static str,
        index: usize,
        value: f64,
        requirement: &'static str,
    ) -> Self {
        CycleFault::Value { what, index, value, requirement }.into()
    }

    /// Too few of something to compute with.
    pub(crate) fn too_little(
        what: &'static str,
        unit: &'static str,
        needed: usize,
        found: usize,
    ) -> Self {
        CycleFault::TooLittle { what, unit, needed, found }.into()
    }

    /// Data that leave a combination of parameters open.
    pub(crate) fn singular(what: &'static str) -> Self {
        CycleFault::Singular { what }.into()
    }

    /// A sampler that cannot go on.
    pub(crate) fn sampler(what: &'static str) -> Self {
        CycleFault::Sampler { what }.into()
    }

    /// A simulation that grows beyond its limit.
    pub(crate) fn too_many(what: &'static str, limit: usize) -> Self {
        CycleFault::TooMany { what, limit }.into()
    }
}

impl From<sanad_numbers::Error> for Error {
    fn from(error: sanad_numbers::Error) -> Self {
        CycleFault::Numbers(error).into()
    }
}

impl From<CycleFault> for Error {
    fn from(kind: CycleFault) -> Self {
        Self { kind }
    }
}

/// Fails unless `found == expected`.
pub(crate) fn check_len(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(CycleFault::Shape { what, expected, found }.into()) }
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
