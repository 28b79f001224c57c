//! Assimilation: members that go through a record and end where the record ends.
//!
//! A model with process noise on its stocks and densities of what is observed ([`StateSpace`]) is a
//! state space. With x the state (stocks, delays, constants that members drew), y what is observed
//! and t the steps of the run:
//!
//! ```text
//! xₜ₊₁ ~ p(xₜ₊₁ | xₜ)      the model's step, then noise on its stocks
//! yₜ   ~ p(yₜ | xₜ)        the density of each observed variable, independent given the state
//! ```
//!
//! It is filtered by particles: N. J. Gordon, D. J. Salmond and A. F. M. Smith, "Novel approach to
//! nonlinear/non-Gaussian Bayesian state estimation", IEE Proceedings F 140 (1993), with systematic
//! resampling and stored paths as in G. Kitagawa, "Monte Carlo filter and smoother for non-Gaussian
//! nonlinear state space models", Journal of Computational and Graphical Statistics 5 (1996). A
//! member is a particle. In each step with observations its weight W is multiplied by p(yₜ | xₜ);
//! the weights' sum before they are made to add up to one is p(yₜ | y before t), whose logarithms
//! add up to the **log evidence** of the record. The **effective number of members** is 1/ΣW². Where
//! it falls below half of the members, and at the last row of the record, members are drawn anew by
//! their weights. From there on the run is a forecast in which all members weigh the same.
//!
//! For a linear model with normal noise the exact answer is the filter of R. E. Kalman, "A new
//! approach to linear filtering and prediction problems", Journal of Basic Engineering 82 (1960);
//! the tests hold means, variances and log evidence to it within the error of the draws.
//!
//! ```
//! use sanad_scenario::{
//!     Inputs, Limits, Magnitude, Model, ObservationDensity, ObservationRecord, ProcessNoise,
//!     RunSettings, StateSpace, read_xmile,
//! };
//!
//! let text = r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
//!   <sim_specs><start>0</start><stop>6</stop><dt>1</dt></sim_specs>
//!   <model><variables><stock name="capability"><eqn>10</eqn></stock></variables></model></xmile>"#;
//! let model = Model::compile(&read_xmile(text.as_bytes(), &Limits::default())?)?;
//! let mut space = StateSpace::default();
//! let noise = ProcessNoise::LogNormal { sigma: Magnitude::Number(0.3) };
//! space.stocks.insert("capability".into(), noise);
//! space.observations.insert("capability".into(), ObservationDensity::Poisson);
//! let mut record = ObservationRecord { times: vec![1.0, 2.0, 3.0, 4.0], ..Default::default() };
//! record.series.insert("capability".into(), [20.0, 25.0, 30.0, 40.0].map(Some).to_vec());
//!
//! let assimilation = model.assimilation(&["capability"], &space, &RunSettings::default())?;
//! let found = assimilation.run(1000, &Inputs::new(), &record)?;
//! let median = found.quantiles(&[0.5]).at(0, 6)[0];
//! assert!(median > 28.0 && median < 45.0, "{median}");
//! assert_eq!(found.steps().len(), 4);
//! # Ok::<(), sanad_scenario::Error>(())
//! ```
//!
//! # What it does not do
//!
//! In [`Assimilation::run`] constants that members drew do not move: each time members are drawn anew,
//! fewer values of them are left ([`AssimilatedEnsemble::ancestors`] says how many). Constants that a
//! long record is to teach are learnt by [`Assimilation::learn`], whose sets of parameters have moves
//! of their own, by [`Assimilation::sample`], whose chains move parameters and paths at random, or by
//! [`Assimilation::sample_by_gradient`], whose chains follow the gradient of their density: with hundreds of months of noise it is
//! the one of the three that gets anywhere. An observation is of a moment; what is counted over a month is a variable of a model with a step of
//! a month, or a stock that is emptied.

mod chains;
mod changed_inputs;
mod ensemble;
mod filter;
mod gradient;
mod hamiltonian;
mod learn;
mod paths;
mod record;
mod set_filter;
mod slopes;
mod state_space;
mod weights;

use std::collections::BTreeMap;

use sanad_core::random::Streams;
use sanad_core::{Progress, Silent};

pub use chains::{ChainSettings, SampledPaths};
pub use ensemble::{AssimilatedEnsemble, AssimilationStep};
pub use hamiltonian::{ChainReport, GradientDraws, GradientProgress, GradientSettings};
pub use learn::{FollowedSets, LearningSettings, LearningStep, LearntSets};
pub use record::ObservationRecord;
pub use state_space::{Magnitude, ObservationDensity, ProcessNoise, StateSpace};

use filter::{FilterSetup, MagnitudeSource, NoisyStock, ObservedVariable, ParticleFilter};
use record::StepObservations;

use crate::compile::Model;
use crate::compile::ir::CellId;
use crate::compile::lower::CellKind;
use crate::engine::program::Register;
use crate::error::Error;
use crate::name::canonical_name;
use crate::results::Results;
use crate::simulation::{Inputs, NARROW, RunSettings, Simulation, WIDE};

/// How near a time has to be to a step to belong to it, as a share of the step.
const SLACK: f64 = 1e-6;

/// A model made ready to go through records.
///
/// Made by [`Model::assimilation`], and good for any number of records and inputs.
#[derive(Debug, Clone)]
pub struct Assimilation<'m> {
    simulation: Simulation<'m>,
    setup: FilterSetup,
    /// Outputs, and after them what would be observed.
    outputs: Vec<String>,
}

impl Model {
    /// Prepares runs through a record that keep the variables named in `outputs` (all where none is
    /// named; an array's name keeps all its elements).
    ///
    /// # Errors
    ///
    /// If an output, an observed variable or a magnitude is not a single variable of the model, a
    /// stock with noise is no stock, or a magnitude that is a number is not above zero.
    pub fn assimilation(
        &self,
        outputs: &[&str],
        space: &StateSpace,
        settings: &RunSettings,
    ) -> Result<Assimilation<'_>, Error> {
        let kept = self.expand(outputs)?;
        let mut cells: Vec<CellId> = kept.iter().filter_map(|name| self.find(name)).collect();
        let stocks = self.by_element(&space.stocks)?;
        let observed = self.by_element(&space.observations)?;
        cells.extend(stocks.iter().map(|(_, cell, _)| *cell));
        cells.extend(observed.iter().map(|(_, cell, _)| *cell));
        let magnitudes = stocks.iter().map(|(name, _, noise)| (name, Some(noise.magnitude())));
        let magnitudes =
            magnitudes.chain(observed.iter().map(|(name, _, density)| (name, density.magnitude())));
        for (name, magnitude) in magnitudes {
            cells
                .extend(magnitude.map(|one| self.magnitude_cell(name, one)).transpose()?.flatten());
        }
        let simulation = self.prepared(kept.clone(), &cells, settings)?;
        let kept_cells = KeptCells::new(self, &cells, &simulation);
        let streams = |what: &str, name: &str| {
            Streams::new(settings.seed, &format!("scenario: {what} {}", canonical_name(name)))
        };
        let mut setup = FilterSetup {
            outputs: simulation.run.outputs[..kept.len()].to_vec(),
            ..FilterSetup::default()
        };
        for (name, cell, noise) in &stocks {
            let CellKind::Stock { non_negative, .. } = self.cells[*cell as usize].kind else {
                let message = format!("{name} is not a stock that noise can be laid on");
                return Err(Error::settings(message));
            };
            setup.stocks.push(NoisyStock {
                state: kept_cells.register(name, *cell)?,
                non_negative,
                noise: (*noise).clone(),
                magnitude: kept_cells.magnitude(name, noise.magnitude())?,
                streams: streams("noise of", name),
            });
        }
        for (name, cell, density) in &observed {
            setup.observed.push(ObservedVariable {
                name: name.clone(),
                register: kept_cells.register(name, *cell)?,
                density: (*density).clone(),
                magnitude: match density.magnitude() {
                    Some(magnitude) => kept_cells.magnitude(name, magnitude)?,
                    // A Poisson count has no size besides its mean, and its density reads none.
                    None => MagnitudeSource::Number(f64::NAN),
                },
                streams: streams("observation of", name),
            });
        }
        let drawn = setup.observed.iter().map(|variable| format!("observed({})", variable.name));
        let outputs = kept.into_iter().chain(drawn).collect();
        Ok(Assimilation { simulation, setup, outputs })
    }

    /// Declarations by single variable, in the order of the model's cells: one of a whole array holds
    /// for each of its elements that has none of its own.
    ///
    /// # Errors
    /// If a name is no variable of the model.
    fn by_element<'d, T>(
        &self,
        declared: &'d BTreeMap<String, T>,
    ) -> Result<Vec<(String, CellId, &'d T)>, Error> {
        let mut found: BTreeMap<CellId, (String, bool, &T)> = BTreeMap::new();
        for (name, declaration) in declared {
            let elements = self.elements(name);
            if elements.is_empty() {
                return Err(Error::settings(format!("{name} is not a variable of the model")));
            }
            let is_own =
                elements.len() == 1 && canonical_name(&elements[0]) == canonical_name(name);
            for element in elements {
                let Some(cell) = self.find(&element) else { continue };
                if is_own || found.get(&cell).is_none_or(|(_, is_own, _)| !is_own) {
                    found.insert(cell, (element, is_own, declaration));
                }
            }
        }
        Ok(found.into_iter().map(|(cell, (name, _, one))| (name, cell, one)).collect())
    }

    /// The cell of a magnitude that is a variable; none of one that is a number.
    ///
    /// # Errors
    /// If it is a number that is not above zero, or no single variable of the model.
    fn magnitude_cell(&self, of: &str, magnitude: &Magnitude) -> Result<Option<CellId>, Error> {
        match magnitude {
            Magnitude::Number(number) if *number > 0.0 && number.is_finite() => Ok(None),
            Magnitude::Number(number) => Err(Error::settings(format!(
                "{of}: the size of its noise is {number}, expected a number above 0"
            ))),
            Magnitude::Variable(name) => self.find(name).map(Some).ok_or_else(|| {
                let message = format!(
                    "{of}: the size of its noise is {name}, which is not a variable of the model"
                );
                Error::settings(message)
            }),
        }
    }
}

/// The registers of the cells that a simulation was prepared with.
struct KeptCells<'m> {
    model: &'m Model,
    registers: BTreeMap<CellId, Register>,
}

impl<'m> KeptCells<'m> {
    /// `cells` are those that `simulation` was prepared with, in their order.
    fn new(model: &'m Model, cells: &[CellId], simulation: &Simulation<'_>) -> Self {
        let registers = simulation.run.outputs.iter().copied();
        Self { model, registers: cells.iter().copied().zip(registers).collect() }
    }

    /// # Errors
    /// If the run does not keep the cell.
    fn register(&self, name: &str, cell: CellId) -> Result<Register, Error> {
        let found = self.registers.get(&cell).copied();
        found.ok_or_else(|| Error::settings(format!("{name} is not kept by the run")))
    }

    /// Where the size of `owner`'s noise comes from.
    ///
    /// # Errors
    /// If it is a variable that the run does not keep.
    fn magnitude(&self, owner: &str, magnitude: &Magnitude) -> Result<MagnitudeSource, Error> {
        match magnitude {
            Magnitude::Number(number) => Ok(MagnitudeSource::Number(*number)),
            Magnitude::Variable(name) => {
                let cell = self.model.magnitude_cell(owner, magnitude)?.ok_or_else(|| {
                    Error::settings(format!("{owner}: {name} is not a variable of the model"))
                })?;
                Ok(MagnitudeSource::Register(self.register(name, cell)?))
            }
        }
    }
}

impl Assimilation<'_> {
    /// Names of the outputs, arrays taken apart, and after them `observed(NAME)` of each variable
    /// with a density.
    #[must_use]
    pub fn outputs(&self) -> &[String] {
        &self.outputs
    }

    /// The step of the run that a time belongs to; `None` where it lies between steps, before the
    /// start or after the stop.
    #[must_use]
    pub fn step_at(&self, time: f64) -> Option<usize> {
        let specs = self.simulation.model.simulation_specs();
        let steps = (time - specs.start) / specs.step();
        let step = steps.round();
        let is_on_a_step = (steps - step).abs() <= SLACK;
        (is_on_a_step && step >= 0.0 && step <= self.simulation.steps as f64)
            .then_some(step as usize)
    }

    /// The density of an observed variable by its name, as identifiers are matched.
    #[must_use]
    pub fn density(&self, name: &str) -> Option<&ObservationDensity> {
        let place = self.observed_place(name)?;
        Some(&self.setup.observed[place].density)
    }

    /// Names of the variables with a density.
    pub fn observed(&self) -> impl Iterator<Item = &str> {
        self.setup.observed.iter().map(|variable| variable.name.as_str())
    }

    fn observed_place(&self, name: &str) -> Option<usize> {
        let wanted = canonical_name(name);
        self.setup.observed.iter().position(|known| canonical_name(&known.name) == wanted)
    }

    /// Takes `members` members through a record and on to the stop of the run.
    ///
    /// The result depends on the model, the inputs, the record, the settings' seed and the number of
    /// members, and on nothing else. Unlike in a plain run it does depend on how many members there
    /// are, since they are drawn anew from among one another.
    ///
    /// # Errors
    ///
    /// If there is no member, an input is not a constant of the model or has too few values, a row of
    /// the record is not on a step of the run or not after the one before it, a value is none that
    /// its density can have, no member can give a row, or the results exceed the limit.
    pub fn run(
        &self,
        members: usize,
        inputs: &Inputs,
        record: &ObservationRecord,
    ) -> Result<AssimilatedEnsemble, Error> {
        self.run_reporting(members, inputs, record, &Silent)
    }

    /// As [`run`](Self::run); `progress` hears how many steps are done.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn run_reporting(
        &self,
        members: usize,
        inputs: &Inputs,
        record: &ObservationRecord,
        progress: &dyn Progress,
    ) -> Result<AssimilatedEnsemble, Error> {
        if members == 0 {
            return Err(Error::settings("an assimilation needs at least one member"));
        }
        let rows = self.aligned(record)?;
        if members <= NARROW {
            self.filter::<NARROW>(members, inputs, &rows, progress)
        } else {
            self.filter::<WIDE>(members, inputs, &rows, progress)
        }
    }

    /// The record by steps of the run; rows without a value are left out.
    fn aligned(&self, record: &ObservationRecord) -> Result<Vec<StepObservations>, Error> {
        let mut series = Vec::new();
        for (name, values) in &record.series {
            let place = self
                .observed_place(name)
                .ok_or_else(|| Error::settings(format!("{name} is observed and has no density")))?;
            if values.len() != record.times.len() {
                let (found, rows) = (values.len(), record.times.len());
                let message = format!("{name} has {found} values for {rows} times");
                return Err(Error::settings(message));
            }
            // Two spellings of one name would count its density twice.
            if series.iter().any(|(known, _)| *known == place) {
                return Err(Error::settings(format!("{name} is observed twice")));
            }
            series.push((place, values));
        }
        let mut found: Vec<StepObservations> = Vec::new();
        let mut before = None;
        for (row, &time) in record.times.iter().enumerate() {
            let step = self.step_at(time).ok_or_else(|| self.between_steps(time))?;
            if before.is_some_and(|before| before >= step) {
                return Err(Error::settings(format!(
                    "time {time} does not come after the one before it"
                )));
            }
            before = Some(step);
            let given = series.iter().filter_map(|(place, values)| Some((*place, values[row]?)));
            let values: Vec<(usize, f64)> = given.collect();
            for &(place, value) in &values {
                let variable = &self.setup.observed[place];
                if let Some(expected) = variable.density.expected(value) {
                    let message = format!(
                        "{} at time {time}: found {value}, expected {expected}",
                        variable.name
                    );
                    return Err(Error::settings(message));
                }
            }
            if !values.is_empty() {
                found.push(StepObservations { step, values });
            }
        }
        Ok(found)
    }

    /// The error of a time that belongs to no step.
    fn between_steps(&self, time: f64) -> Error {
        let specs = self.simulation.model.simulation_specs();
        let (start, stop, dt) = (specs.start, specs.stop, specs.step());
        Error::settings(format!(
            "found an observation at time {time}, expected one on a step of {dt} from {start} to {stop}"
        ))
    }

    /// Filters in blocks of W members, on all threads; which block a member is in changes no bit.
    fn filter<const W: usize>(
        &self,
        members: usize,
        inputs: &Inputs,
        record: &[StepObservations],
        progress: &dyn Progress,
    ) -> Result<AssimilatedEnsemble, Error> {
        let simulation = &self.simulation;
        let given = simulation.given(members, inputs)?;
        let plan = simulation.plan(&given, &|_| ());
        let blocks = members.div_ceil(W);
        let size = [self.outputs.len(), W, plan.saves(), blocks];
        let kept = size.into_iter().fold(1_usize, usize::saturating_mul);
        let limit = simulation.model.limits.kept_values;
        if kept > limit {
            return Err(Error::too_large("ensemble", kept, limit));
        }
        let mut results = Results::default();
        results.prepare(simulation.times(), &self.outputs, members, W, kept);
        let filter =
            ParticleFilter::<W>::begin(&plan, &self.setup, &given, members, simulation.seed)?;
        let course = filter.run(record, &mut results.data, progress)?;
        Ok(AssimilatedEnsemble {
            results,
            weights: course.weights,
            parents: course.parents,
            steps: course.steps,
        })
    }
}
