//! Errors of the libraries as Python exceptions: what was found, because of what, what to do.

use std::error::Error as StdError;

use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// Why a call failed, in words, before it becomes an exception.
#[derive(Debug)]
pub(crate) struct CallError {
    /// What was found and what was expected.
    message: String,
    /// The causes below it, nearest first.
    causes: Vec<String>,
    /// What the caller can do.
    hint: Option<String>,
    /// Whether the call could not have worked anywhere: `UsageError`, which is a `ValueError`.
    is_wrong_use: bool,
}

impl CallError {
    /// A failure from an error and the chain of its causes; a cause that repeats what was said is left out.
    fn from_error(error: &dyn StdError, hint: Option<String>, is_wrong_use: bool) -> Self {
        let message = error.to_string();
        let (mut causes, mut last, mut cause) = (Vec::new(), message.clone(), error.source());
        while let Some(reason) = cause {
            let text = reason.to_string();
            if !last.contains(&text) {
                causes.push(text.clone());
                last = text;
            }
            cause = reason.source();
        }
        Self { message, causes, hint, is_wrong_use }
    }

    /// An argument that does not fit.
    pub(crate) fn argument(name: &str, found: impl core::fmt::Display, expected: &str) -> Self {
        Self {
            message: format!("{name}: found {found}, expected {expected}"),
            causes: Vec::new(),
            hint: None,
            is_wrong_use: true,
        }
    }

    /// The exception of `sanad._errors` that says the same.
    fn exception(self, py: Python<'_>) -> PyResult<PyErr> {
        let name = if self.is_wrong_use { "UsageError" } else { "SanadError" };
        let class = py.import("sanad._errors")?.getattr(name)?;
        let value = class.call1((self.message, PyTuple::new(py, self.causes)?, self.hint))?;
        Ok(PyErr::from_value(value))
    }
}

impl From<CallError> for PyErr {
    fn from(failure: CallError) -> Self {
        Python::attach(|py| failure.exception(py).unwrap_or_else(|error| error))
    }
}

/// Gives each pure library's error its way to an exception, with the question whether the caller is at fault.
macro_rules! from_pure {
    ($($source:ty: $is_wrong_use:expr),+ $(,)?) => {$(
        impl From<$source> for CallError {
            fn from(error: $source) -> Self {
                let is_wrong_use: fn(&$source) -> bool = $is_wrong_use;
                Self::from_error(&error, None, is_wrong_use(&error))
            }
        }
    )+};
}

from_pure!(
    sanad_cycle::Error: |error| error.is_invalid_input(),
    sanad_evidence::Error: |error| error.is_invalid_input(),
    sanad_forecast::Error: |error| !error.is_history(),
    sanad_front::Error: |_| true,
    sanad_scenario::Error: |error| error.is_settings(),
    serde_json::Error: |_| true,
);

impl From<sanad_study::Error> for CallError {
    fn from(error: sanad_study::Error) -> Self {
        Self::from_error(&error, error.hint(), error.is_wrong_use())
    }
}

/// What a crate below the study says reaches Python through the study's own errors.
macro_rules! through_study {
    ($($source:ty),+ $(,)?) => {$(
        impl From<$source> for CallError {
            fn from(source: $source) -> Self {
                sanad_study::Error::from(source).into()
            }
        }
    )+};
}

through_study!(sanad_store::Error, sanad_figure::Error, sanad_brief::Error);

impl From<std::io::Error> for CallError {
    fn from(error: std::io::Error) -> Self {
        Self::from_error(&error, None, false)
    }
}

/// The exception for Ctrl-C, where work was stopped that nobody waits for any more.
pub(crate) fn interrupted() -> PyErr {
    PyKeyboardInterrupt::new_err(())
}

/// What the functions of this crate return before they meet Python.
pub(crate) type CallResult<T> = Result<T, CallError>;
