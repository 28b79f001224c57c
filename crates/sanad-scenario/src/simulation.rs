//! Running a model: one program, many members.
//!
//! Members are run in blocks, side by side in the lanes of the processor's vectors, and blocks on
//! all threads of rayon's pool. Which block and lane a member is in changes none of its bits: no
//! operation runs across lanes, and random numbers are keyed by the member's own number.

use core::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use sanad_core::random::Streams;
use sanad_core::{Progress, Silent};

use crate::compile::Model;
use crate::compile::ir::CellId;
use crate::document::Method;
use crate::engine::block::{Plan, run_block};
use crate::engine::kernel::Lanes;
use crate::engine::program::{Program, run_program, start_program};
use crate::error::Error;
use crate::results::Results;

/// Members per block of an ensemble, and of a run with few members. One instruction is read for all
/// of them, so that its cost is shared by 64.
pub(crate) const WIDE: usize = 64;
/// Members that are run side by side where there are few. A run of one member does the work of
/// eight, not of 64.
pub(crate) const NARROW: usize = 8;

/// How a model is run. Start, stop and step belong to the document, because equations may use them:
/// change [`SimulationSpecs`](crate::SimulationSpecs) before compiling. `Default` is the model's
/// own method and save interval, and seed 0.
///
/// ```
/// use sanad_scenario::{Method, RunSettings};
///
/// let settings = RunSettings { method: Some(Method::Rk4), seed: 7, ..RunSettings::default() };
/// assert_eq!(settings.save_interval, None);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunSettings {
    /// Integration method; `None` is the model's own. An error of the method's choice shows in no
    /// message: halve the step, or take another method, and compare.
    pub method: Option<Method>,
    /// Time between saved rows; `None` is the model's own, else every step. In the model's unit of
    /// time; rounded to whole steps, at least one. Steps in between are computed and not kept.
    pub save_interval: Option<f64>,
    /// Seed of the model's random functions. It has no part in the draws of [`Vary`](crate::Vary),
    /// which take a seed of their own, nor in calls that name a seed.
    pub seed: u64,
}

/// Constants that a run sets: the same for all members, or one value per member.
///
/// Names are matched as XMILE matches identifiers when a run starts; the name of an array has to be
/// given element by element (`name[element]`, see [`Model::elements`]). What may be set is what
/// [`Model::constants`] lists: plain numbers in the model, initial values of stocks among them.
/// Anything else is refused by [`Simulation::run`], unless it was frozen when the model was
/// compiled ([`Model::compile_with`]). Values are not checked: a run takes NaN for what it is.
///
/// ```
/// use sanad_scenario::Inputs;
///
/// let baseline = Inputs::new().set("delay", 6.0).set_each("rate", vec![0.1, 0.2, 0.3]);
/// let lever = baseline.and(Inputs::new().set("delay", 3.0));
/// assert_eq!(lever.value("delay", 0), Some(3.0));
/// assert_eq!(lever.value("rate", 2), Some(0.3));
/// assert_eq!(lever.value("rate", 3), None);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Inputs {
    columns: Vec<(String, InputColumn)>,
}

/// One constant's value: the same for all members, or one for each. `Each` holds the members'
/// values from member 0 on; more than there are members do no harm.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum InputColumn {
    Same(f64),
    Each(Vec<f64>),
}

impl Inputs {
    /// Nothing set: every member is the model as written.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a constant for all members. The last setting of a name counts. Nothing is checked here;
    /// a name that the model does not have is an error of the run.
    #[must_use]
    pub fn set(mut self, name: &str, value: f64) -> Self {
        self.columns.push((name.to_owned(), InputColumn::Same(value)));
        self
    }

    /// Sets a constant member by member. Too few values are an error of the run, which knows how
    /// many members there are.
    #[must_use]
    pub fn set_each(mut self, name: &str, values: Vec<f64>) -> Self {
        self.columns.push((name.to_owned(), InputColumn::Each(values)));
        self
    }

    /// These settings, and `others` after them. Where both set a name, `others` counts: that is how
    /// a lever is laid over the draws of an ensemble.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.columns.extend(others.columns);
        self
    }

    /// Names that are set, in the order given. A name that was set twice comes twice.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// Whether a constant is set member by member.
    pub(crate) fn is_by_member(&self) -> bool {
        self.columns.iter().any(|(_, column)| matches!(column, InputColumn::Each(_)))
    }

    /// The value of a name for a member, if it is set. The last setting counts. Here, unlike in a
    /// run, names are compared letter by letter, and a member beyond the values that were given has
    /// none.
    #[must_use]
    pub fn value(&self, name: &str, member: usize) -> Option<f64> {
        let found = self.columns.iter().rev().find(|(set, _)| set == name)?;
        match &found.1 {
            InputColumn::Same(value) => Some(*value),
            InputColumn::Each(values) => values.get(member).copied(),
        }
    }
}

impl InputColumn {
    /// The value of a member.
    fn at(&self, member: usize) -> f64 {
        match self {
            Self::Same(value) => *value,
            Self::Each(values) => values[member.min(values.len() - 1)],
        }
    }
}

/// A model made ready to produce certain outputs.
///
/// Made by [`Model::simulation`], and good for any number of runs with other inputs. Only what the
/// outputs follow from is computed, so that fewer outputs are a faster run.
#[derive(Debug, Clone)]
pub struct Simulation<'m> {
    pub(crate) model: &'m Model,
    outputs: Vec<String>,
    /// One step, with what never changes during a run apart.
    pub(crate) run: Program,
    /// The start values of the states that `run` needs.
    start: Program,
    method: Method,
    /// Whole steps from start to stop; rows are `steps / save_every + 1`.
    pub(crate) steps: usize,
    /// Steps between saved rows, at least one.
    pub(crate) save_every: usize,
    pub(crate) seed: u64,
}

/// The constants of a run: what the model says, and what members set.
pub(crate) struct GivenConstants<'i> {
    /// Values of the model's constants.
    defaults: Vec<f64>,
    /// Constants that members set: place among the defaults, in the order of `columns`.
    varied: Vec<usize>,
    columns: Vec<(usize, &'i InputColumn)>,
}

impl GivenConstants<'_> {
    /// Constants that members set: their places among the model's constants.
    pub(crate) fn varied(&self) -> &[usize] {
        &self.varied
    }

    /// A member's values of them, in their order.
    pub(crate) fn member(&self, member: usize) -> Vec<f64> {
        self.columns.iter().map(|(_, column)| column.at(member)).collect()
    }

    /// A block's values of the varied constants, from the member `first` on; places beyond the last
    /// of `members` repeat it. One entry for each column, in their order.
    pub(crate) fn lanes<const W: usize>(&self, first: usize, members: usize) -> Vec<Lanes<W>> {
        let fill = |column: &InputColumn| {
            let mut lanes = Lanes::ZERO;
            for (lane, value) in lanes.0.iter_mut().enumerate() {
                *value = column.at((first + lane).min(members - 1));
            }
            lanes
        };
        self.columns.iter().map(|(_, column)| fill(column)).collect()
    }
}

impl Model {
    /// Prepares runs that keep the variables named in `outputs`; an array's name keeps all its
    /// elements, and an empty list keeps every variable. The same name may come twice, and is then
    /// kept twice.
    ///
    /// ```
    /// use sanad_scenario::{Limits, Model, RunSettings, read_xmile};
    ///
    /// let text = r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
    ///   <sim_specs><start>0</start><stop>12</stop><dt>0.25</dt></sim_specs>
    ///   <dimensions><dim name="front"><elem name="a"/><elem name="b"/></dim></dimensions>
    ///   <model><variables><aux name="Strain"><dimensions><dim name="front"/></dimensions>
    ///     <eqn>TIME</eqn></aux></variables></model></xmile>"#;
    /// let model = Model::compile(&read_xmile(text.as_bytes(), &Limits::default())?)?;
    /// let yearly = RunSettings { save_interval: Some(6.0), ..RunSettings::default() };
    /// let simulation = model.simulation(&["strain"], &yearly)?;
    /// assert_eq!(simulation.outputs(), ["Strain[a]", "Strain[b]"]);
    /// assert_eq!(simulation.times(), [0.0, 6.0, 12.0]);
    /// assert!(model.simulation(&["trust"], &yearly).is_err());
    /// # Ok::<(), sanad_scenario::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If an output is not a variable of the model, or the save interval is not a positive number.
    pub fn simulation(
        &self,
        outputs: &[&str],
        settings: &RunSettings,
    ) -> Result<Simulation<'_>, Error> {
        let outputs = self.expand(outputs)?;
        let cells: Vec<CellId> = outputs.iter().filter_map(|name| self.find(name)).collect();
        self.prepared(outputs, &cells, settings)
    }

    /// Runs members for the values of single cells, named or not, saving as seldom as it takes to
    /// keep no more than about `kept` numbers. At least the start is saved. The save interval of
    /// `settings` has no part in it, but has to be a positive number.
    pub(crate) fn run_cells(
        &self,
        cells: &[CellId],
        members: usize,
        inputs: &Inputs,
        settings: &RunSettings,
        kept: usize,
        progress: &dyn Progress,
    ) -> Result<Results, Error> {
        let outputs = cells.iter().map(|&cell| self.cell_name(cell)).collect();
        let mut simulation = self.prepared(outputs, cells, settings)?;
        let per_row = cells.len() * members.next_multiple_of(WIDE);
        let rows = (kept / per_row.max(1)).max(1);
        simulation.save_every = (simulation.steps + 1).div_ceil(rows);
        simulation.run_reporting(members, inputs, progress)
    }

    /// A run of these cells, ready to be repeated. `outputs` names `cells` one by one.
    ///
    /// # Errors
    ///
    /// If the save interval is not a positive number.
    pub(crate) fn prepared(
        &self,
        outputs: Vec<String>,
        cells: &[CellId],
        settings: &RunSettings,
    ) -> Result<Simulation<'_>, Error> {
        let run = run_program(self, cells)?;
        let start = start_program(self, &run.states)?;
        let dt = self.specs.step();
        let steps = self.specs.whole_steps();
        let interval = settings.save_interval.or(self.specs.save_interval).unwrap_or(dt);
        if !(interval > 0.0 && interval.is_finite()) {
            return Err(Error::settings(format!("the save interval {interval} is not positive")));
        }
        Ok(Simulation {
            model: self,
            outputs,
            run,
            start,
            method: settings.method.unwrap_or(self.specs.method),
            steps,
            save_every: ((interval / dt).round() as usize).max(1),
            seed: settings.seed,
        })
    }

    /// The names of variables, an array's name standing for all its elements; all where none are
    /// given.
    ///
    /// # Errors
    /// If a name is no variable of the model.
    pub(crate) fn expand(&self, names: &[&str]) -> Result<Vec<String>, Error> {
        if names.is_empty() {
            return Ok(self.variables());
        }
        let mut found = Vec::new();
        for name in names {
            let elements = self.elements(name);
            if elements.is_empty() {
                return Err(Error::settings(format!("{name} is not a variable of the model")));
            }
            found.extend(elements);
        }
        Ok(found)
    }
}

impl Simulation<'_> {
    /// Times of the saved rows. start + step number × dt, computed anew for each row, so that no
    /// rounding adds up. The start is always among them.
    #[must_use]
    pub fn times(&self) -> Vec<f64> {
        let (start, dt) = (self.model.specs.start, self.model.specs.step());
        (0..=self.steps).step_by(self.save_every).map(|step| start + step as f64 * dt).collect()
    }

    /// Names of the outputs, arrays taken apart.
    #[must_use]
    pub fn outputs(&self) -> &[String] {
        &self.outputs
    }

    /// How many instructions one step of one block takes. Of the outputs of this simulation: what
    /// they do not follow from is not computed. For comparing models and settings; how long an
    /// instruction takes depends on what it does.
    #[must_use]
    pub fn instructions_per_step(&self) -> usize {
        self.run.step.len() + self.run.updates.len()
    }

    /// Runs `members` members and keeps every output at every saved time. No member is a run
    /// without numbers, not an error.
    ///
    /// A member's numbers depend on the model, its inputs, the seed and its own number only: not on
    /// how many members there are, nor on how many threads run them.
    ///
    /// # Errors
    ///
    /// If an input is not a constant of the model or has too few values, or the results exceed the
    /// limit. So is a delay that would remember more numbers than
    /// [`Limits::kept_values`](crate::Limits::kept_values).
    pub fn run(&self, members: usize, inputs: &Inputs) -> Result<Results, Error> {
        self.run_reporting(members, inputs, &Silent)
    }

    /// As [`run`](Self::run); `progress` hears how many members are done, or, where all of them run
    /// side by side, how many steps. Only [`Progress::advance`] is called, from any thread and not
    /// in order; beginning and ending the step is the caller's.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn run_reporting(
        &self,
        members: usize,
        inputs: &Inputs,
        progress: &dyn Progress,
    ) -> Result<Results, Error> {
        let mut results = Results::default();
        self.run_blocks_of(members, inputs, &mut results, progress)?;
        Ok(results)
    }

    /// Like [`run`](Self::run), into results whose memory is used again. Worth it where many runs
    /// of one shape follow one another: memory that is asked for anew has to be cleared and faulted
    /// in by the system.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run); the results are then of no use.
    pub fn run_into(
        &self,
        members: usize,
        inputs: &Inputs,
        results: &mut Results,
    ) -> Result<(), Error> {
        self.run_blocks_of(members, inputs, results, &Silent)
    }

    /// Chooses how many members run side by side: one narrow block where all fit into it.
    fn run_blocks_of(
        &self,
        members: usize,
        inputs: &Inputs,
        results: &mut Results,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        if members <= NARROW {
            self.run_blocks::<NARROW>(members, inputs, results, progress)
        } else {
            self.run_blocks::<WIDE>(members, inputs, results, progress)
        }
    }

    /// Runs the members in blocks of W side by side, on all threads; which block a member is in
    /// changes no bit of its result. Each block writes a part of the results of its own. Where
    /// several blocks fail, the error is that of the first.
    fn run_blocks<const W: usize>(
        &self,
        members: usize,
        inputs: &Inputs,
        results: &mut Results,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let given = self.given(members, inputs)?;
        let blocks = members.div_ceil(W);
        let in_one_block = |step| progress.advance(step, self.steps);
        let plan = self.plan(&given, if blocks == 1 { &in_one_block } else { &|_| () });
        let row = self.outputs.len() * W;
        let block_size = row.saturating_mul(plan.saves());
        let kept = block_size.saturating_mul(blocks);
        let limit = self.model.limits.kept_values;
        if kept > limit {
            return Err(Error::too_large("ensemble", kept, limit));
        }
        results.prepare(self.times(), &self.outputs, members, W, kept);
        let done = AtomicUsize::new(0);
        let outcome: Vec<Result<(), Error>> = results
            .data
            .par_chunks_mut(block_size.max(1))
            .enumerate()
            .map(|(block, rows)| {
                let first = block * W;
                let lanes = given.lanes::<W>(first, members);
                run_block::<W>(&plan, first, &lanes, rows)?;
                if blocks > 1 {
                    let before = done.fetch_add(W, Ordering::Relaxed);
                    progress.advance((before + W).min(members), members);
                }
                Ok(())
            })
            .collect();
        outcome.into_iter().collect()
    }

    /// The constants of a run of so many members.
    ///
    /// # Errors
    ///
    /// As [`columns`](Self::columns).
    pub(crate) fn given<'i>(
        &self,
        members: usize,
        inputs: &'i Inputs,
    ) -> Result<GivenConstants<'i>, Error> {
        let columns = self.columns(members, inputs)?;
        Ok(GivenConstants {
            defaults: self.model.constants.iter().map(|constant| constant.value).collect(),
            varied: columns.iter().map(|(place, _)| *place).collect(),
            columns,
        })
    }

    /// What blocks of members run by. `after_steps` hears of steps that are done.
    pub(crate) fn plan<'a>(
        &'a self,
        given: &'a GivenConstants<'_>,
        after_steps: &'a (dyn Fn(usize) + Sync),
    ) -> Plan<'a> {
        Plan {
            run: &self.run,
            start: &self.start,
            tables: &self.model.tables,
            devices: &self.model.devices,
            defaults: &given.defaults,
            varied: &given.varied,
            method: self.method,
            start_time: self.model.specs.start,
            dt: self.model.specs.step(),
            steps: self.steps,
            save_every: self.save_every,
            streams: Streams::new(self.seed, "scenario: model"),
            history_limit: self.model.limits.kept_values,
            after_steps,
        }
    }

    /// The columns by place among the model's constants; the last setting of a constant counts.
    ///
    /// # Errors
    ///
    /// If a name is no constant, or a column has fewer values than there are members.
    fn columns<'i>(
        &self,
        members: usize,
        inputs: &'i Inputs,
    ) -> Result<Vec<(usize, &'i InputColumn)>, Error> {
        let mut columns: Vec<(usize, &InputColumn)> = Vec::new();
        for (name, column) in &inputs.columns {
            let place = self.model.constant_place(name).ok_or_else(|| {
                let why = match self.model.find(name) {
                    Some(_) => "is computed by the model; freeze it to set it",
                    None => "is not a variable of the model",
                };
                Error::settings(format!("{name} {why}"))
            })?;
            if let InputColumn::Each(values) = column
                && values.len() < members
            {
                let message = format!("{name} has {} values for {members} members", values.len());
                return Err(Error::settings(message));
            }
            columns.retain(|(known, _)| *known != place);
            columns.push((place, column));
        }
        Ok(columns)
    }
}
