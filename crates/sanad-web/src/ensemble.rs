//! Scenarios that ran over the same members, in a form that can be kept.
//!
//! The study compares scenarios with references into the case. What is kept owns the case and says
//! which scenarios they are, so that a page, its figures and both of its tables come from one run.

use std::sync::Arc;

use sanad_case::DeclaredScenario;
use sanad_scenario::{Comparison, Inputs};
use sanad_study::model::ModelCase;
use sanad_study::scenarios::{Compared, ScenariosRequest};

use crate::fault::Fault;

/// Scenarios that ran over the same members, with the case that they are of.
pub(crate) struct ScenarioRun {
    /// The model, with the reader's own scenario where levers were moved.
    case: Arc<ModelCase>,
    /// The places of the scenarios among those of the case, the baseline first.
    scenarios: Vec<usize>,
    /// What they are compared by, in the order of the case's outcomes.
    comparisons: Vec<Comparison>,
    /// What the members were drawn with.
    inputs: Inputs,
    /// Bytes that it holds, about.
    bytes: usize,
}

impl ScenarioRun {
    /// Runs what is asked for.
    ///
    /// # Errors
    ///
    /// A fault that names the parameter for an unknown scenario or shock; those of running the model.
    pub(crate) fn new(case: Arc<ModelCase>, request: &ScenariosRequest<'_>) -> Result<Self, Fault> {
        let Compared { scenarios, outcomes, inputs } = case.compare(request)?;
        let all = &case.scenarios.scenarios;
        let place = |one: &DeclaredScenario| all.iter().position(|known| known.id == one.id);
        let scenarios: Vec<usize> = scenarios.into_iter().filter_map(place).collect();
        let comparisons: Vec<Comparison> = outcomes.into_iter().map(|(_, found)| found).collect();
        let months = usize::from(request.months) + 1;
        let outcomes = scenarios.len() * comparisons.len() * months;
        let drawn = case.priors.priors.len();
        let bytes = (outcomes + drawn) * request.members * size_of::<f64>();
        Ok(Self { scenarios, comparisons, inputs, bytes, case: Arc::clone(&case) })
    }

    /// The comparison, as the study's tables take it.
    pub(crate) fn compared(&self) -> Compared<'_> {
        let declared = &self.case.scenarios;
        Compared {
            scenarios: self.scenarios.iter().map(|&place| &declared.scenarios[place]).collect(),
            outcomes: declared.outcomes.iter().zip(self.comparisons.iter().cloned()).collect(),
            inputs: self.inputs.clone(),
        }
    }

    /// Bytes that it holds, about.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }
}
