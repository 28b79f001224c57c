//! What was observed, and the steps of a run that it belongs to.

use std::collections::BTreeMap;

/// Observations of a model's variables: a time per row, a series per variable.
///
/// ```
/// use sanad_scenario::ObservationRecord;
///
/// let mut record = ObservationRecord { times: vec![0.0, 1.0, 2.0], ..Default::default() };
/// record.series.insert("attacks".into(), vec![Some(3.0), None, Some(5.0)]);
/// assert_eq!(record.observed(), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ObservationRecord {
    /// Times of the rows, in the model's unit of time, rising; each on a step of the run.
    pub times: Vec<f64>,
    /// By variable a value for each row, and none where nothing was observed.
    pub series: BTreeMap<String, Vec<Option<f64>>>,
}

impl ObservationRecord {
    /// How many values there are.
    #[must_use]
    pub fn observed(&self) -> usize {
        self.series.values().flatten().flatten().count()
    }
}

/// The observations of one step: which variable, and its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StepObservations {
    /// The step of the run.
    pub(crate) step: usize,
    /// Place of the variable among those observed, and what was observed.
    pub(crate) values: Vec<(usize, f64)>,
}
