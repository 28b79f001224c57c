//! Which versions of the case's source some months are counted from, in words.

use sanad_case::Case;
use sanad_core::Month;
use sanad_store::{InEffect, Observatory};

use crate::error::{Error, Result};

/// The versions in effect for the months, joined: "UCDP GED 22.1 and UCDP GED 26.0.1".
///
/// # Errors
///
/// [`Error::NoMonths`] where none covers any of them.
pub(crate) fn of_months(
    observatory: &Observatory,
    case: &Case,
    months: [Month; 2],
) -> Result<String> {
    joined(once(&in_effect(observatory, case, months)?)).ok_or(Error::NoMonths)
}

/// The versions of these stretches, joined; empty where there are none.
pub(crate) fn labels(stretches: &[InEffect]) -> String {
    joined(once(stretches)).unwrap_or_default()
}

/// Labels in order of time, each once: a release may be in effect in several stretches.
fn once(stretches: &[InEffect]) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    for stretch in stretches {
        if !labels.contains(&stretch.label) {
            labels.push(stretch.label.clone());
        }
    }
    labels
}

/// The same with the months of each version: "UCDP GED 22.1 (1989-01 to 2021-12) and …". A single
/// version needs no months.
///
/// # Errors
///
/// As [`of_months`].
pub(crate) fn with_months(
    observatory: &Observatory,
    case: &Case,
    months: [Month; 2],
) -> Result<String> {
    let stretches = in_effect(observatory, case, months)?;
    if let [only] = &stretches[..] {
        return Ok(only.label.clone());
    }
    let one = |stretch: &InEffect| match stretch.months {
        [from, to] if from == to => format!("{} ({from})", stretch.label),
        [from, to] => format!("{} ({from} to {to})", stretch.label),
    };
    joined(stretches.iter().map(one).collect()).ok_or(Error::NoMonths)
}

/// The versions of the case's series in effect for its country in these months, as known now.
fn in_effect(observatory: &Observatory, case: &Case, months: [Month; 2]) -> Result<Vec<InEffect>> {
    Ok(observatory.in_effect(&case.series(), case.gwno, months, None)?)
}

/// "a, b and c"; `None` of nothing.
fn joined(mut labels: Vec<String>) -> Option<String> {
    let last = labels.pop()?;
    match labels.is_empty() {
        true => Some(last),
        false => Some(format!("{} and {last}", labels.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_joined_as_in_a_sentence() {
        let join =
            |labels: &[&str]| joined(labels.iter().map(|label| (*label).to_owned()).collect());
        assert_eq!(join(&[]), None);
        assert_eq!(join(&["a"]).as_deref(), Some("a"));
        assert_eq!(join(&["a", "b", "c"]).as_deref(), Some("a, b and c"));
    }
}
