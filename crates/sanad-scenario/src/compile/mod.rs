//! From a document to a [`Model`]: names resolved, arrays taken apart, circles found.
//!
//! In this order: the names of all models and modules are gathered ([`scope`]), flows are put to
//! their stocks ([`variables`]), every element of every variable is lowered to scalar expressions
//! in one graph ([`lower`], [`ir`]), and the order of evaluation is looked for ([`order`]). States
//! inside delays, smooths and macros are made on the way, so that the list of cells grows while it
//! is worked through. Faults are gathered and reported together; one of a limit ends the work at
//! once.

mod array;
mod builtin;
mod call;
pub(crate) mod device;
mod function;
pub(crate) mod ir;
pub(crate) mod lower;
pub(crate) mod order;
mod scalar;
pub(crate) mod scope;
pub(crate) mod table;
pub(crate) mod time_scale;
mod variables;

use std::collections::BTreeMap;

use crate::document::{Document, SimulationSpecs};
use crate::error::{Error, Problem, ProblemKind};
use crate::limits::Limits;
use crate::name::canonical_name;
use ir::{CellId, Graph};
use lower::{Cell, CellKind, Constant, Lowerer};
use order::{Phase, order};
use scope::NameTable;
use table::Table;

/// A checked model, ready to be simulated any number of times. It does not change: inputs, seed and
/// method belong to a run. A model is read by any number of runs at once.
///
/// Every element of every array is a *variable* here, named `name[element, …]`; variables of
/// submodels are named `module.name`. Names are matched as XMILE matches identifiers: case and
/// the kind of white space do not matter.
///
/// ```
/// use sanad_scenario::{Limits, Model, read_xmile};
/// let text = r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
///   <model><variables><aux name="Birth Rate"><eqn>0.03</eqn></aux></variables></model></xmile>"#;
/// let model = Model::compile(&read_xmile(text.as_bytes(), &Limits::default())?)?;
/// assert_eq!(model.constant("birth_rate"), Some(0.03));
/// # Ok::<(), sanad_scenario::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Model {
    pub(crate) specs: SimulationSpecs,
    pub(crate) limits: Limits,
    /// Names and shapes of everything that has a name.
    pub(crate) world: NameTable,
    /// All expressions; nodes after those they read.
    pub(crate) graph: Graph,
    /// Elements of variables, and behind them the states inside functions.
    pub(crate) cells: Vec<Cell>,
    pub(crate) tables: Vec<Table>,
    pub(crate) constants: Vec<Constant>,
    pub(crate) devices: Vec<device::DeviceSpec>,
    /// What is read as the rules say and may not be meant; no error.
    pub(crate) suspicions: Vec<Problem>,
    pub(crate) time_scales: Vec<time_scale::TimeScale>,
    /// Canonical names of the visible cells.
    names: BTreeMap<String, CellId>,
}

impl Model {
    /// Compiles with the default [`Limits`].
    ///
    /// ```
    /// use sanad_scenario::{Limits, Model, read_xmile};
    ///
    /// let text = r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
    ///   <model><variables>
    ///     <aux name="a"><eqn>b + 1</eqn></aux><aux name="b"><eqn>a / 2</eqn></aux>
    ///   </variables></model></xmile>"#;
    /// let error = Model::compile(&read_xmile(text.as_bytes(), &Limits::default())?).unwrap_err();
    /// assert!(error.problems()[0].is_circular());
    /// # Ok::<(), sanad_scenario::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// All faults found, each with its variable and place.
    pub fn compile(document: &Document) -> Result<Self, Error> {
        Self::compile_with(document, &Limits::default(), &BTreeMap::new())
    }

    /// Compiles with limits of the caller's, and with some variables replaced by constants: a
    /// computed variable that a run is to set must be named in `frozen` with the value it takes by
    /// default. An element of an array is named `name[element]`. A frozen stock begins with its
    /// value and still accumulates its flows.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use sanad_scenario::{Inputs, Limits, Model, RunSettings, read_xmile};
    ///
    /// let text = r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
    ///   <sim_specs><start>0</start><stop>1</stop><dt>1</dt></sim_specs>
    ///   <model><variables>
    ///     <aux name="pay"><eqn>TIME + 5</eqn></aux><aux name="loyalty"><eqn>pay * 2</eqn></aux>
    ///   </variables></model></xmile>"#;
    /// let document = read_xmile(text.as_bytes(), &Limits::default())?;
    /// let lever = BTreeMap::from([("pay".to_owned(), 7.0)]);
    /// let model = Model::compile_with(&document, &Limits::default(), &lever)?;
    /// let simulation = model.simulation(&["loyalty"], &RunSettings::default())?;
    /// assert_eq!(simulation.run(1, &Inputs::new())?.path(0, 0), [14.0, 14.0]);
    /// assert_eq!(simulation.run(1, &Inputs::new().set("pay", 9.0))?.path(0, 0), [18.0, 18.0]);
    /// # Ok::<(), sanad_scenario::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// All faults found, each with its variable and place; a name in `frozen` that is no variable.
    /// Settings of the simulation that make no run, too: a step that is not positive, a stop before
    /// the start, too many steps.
    pub fn compile_with(
        document: &Document,
        limits: &Limits,
        frozen: &BTreeMap<String, f64>,
    ) -> Result<Self, Error> {
        check_specs(&document.simulation, limits)?;
        let document = &*function::with_models_as_macros(document);
        let world = NameTable::new(document, limits)?;
        let mut lowerer = Lowerer::new(document, limits, world);
        lowerer.frozen =
            frozen.iter().map(|(name, &value)| (canonical_name(name), value)).collect();
        let mut problems = Vec::new();
        let mut structure = variables::Structure::default();
        lowerer.extend_structure(&mut structure, 0, &mut problems);
        let driven = lowerer.prepare_devices(&structure, &mut problems);
        let mut next = 0;
        let mut known_entities = lowerer.world.entities.len();
        while next < lowerer.cells.len() {
            if let Err(fault) = lowerer.lower_cell(next as CellId, &structure, &driven) {
                let stop = fault.is_limit();
                problems.push(fault);
                if stop {
                    break;
                }
            }
            if lowerer.world.entities.len() > known_entities {
                lowerer.extend_structure(&mut structure, known_entities, &mut problems);
                known_entities = lowerer.world.entities.len();
            }
            next += 1;
        }
        if !problems.is_empty() {
            return Err(problems.into());
        }
        let model = Self::assemble(lowerer);
        model.check_frozen(frozen)?;
        model.check_order()?;
        Ok(model)
    }

    /// The model that was lowered. Names are those of visible cells that have a value: no graphical
    /// functions that others call, no states.
    fn assemble(lowerer: Lowerer<'_>) -> Self {
        let mut model = Self {
            specs: lowerer.document.simulation.clone(),
            limits: *lowerer.limits,
            world: lowerer.world,
            graph: lowerer.graph,
            cells: lowerer.cells,
            tables: lowerer.tables,
            constants: lowerer.constants,
            devices: lowerer.devices,
            suspicions: lowerer.suspicions,
            time_scales: lowerer.time_scales,
            names: BTreeMap::new(),
        };
        model.graph.finish();
        let visible = |cell: &Cell| !cell.hidden && cell.kind != CellKind::Pending;
        let named = (0..model.cells.len()).filter(|&id| visible(&model.cells[id]));
        let names = named.map(|id| (canonical_name(&model.cell_name(id as CellId)), id as CellId));
        model.names = names.collect();
        model
    }

    /// Refuses constants to be held that the model does not have.
    fn check_frozen(&self, frozen: &BTreeMap<String, f64>) -> Result<(), Error> {
        match frozen.keys().find(|name| self.constant(name).is_none()) {
            Some(name) => Err(Error::settings(format!("{name} cannot be set: it is no variable"))),
            None => Ok(()),
        }
    }

    /// Finds circles in the start values and in the step. The two are apart, because a stock waits
    /// for its initial equation at the start and for nothing in a step.
    fn check_order(&self) -> Result<(), Error> {
        let all = || 0..self.cells.len() as CellId;
        for (phase, when) in [(Phase::Step, "value"), (Phase::Start, "initial value")] {
            if let Err(circle) = order(&self.graph, &self.cells, all(), phase) {
                return Err(vec![self.circular(&circle, when)].into());
            }
        }
        Ok(())
    }

    /// Variables that wait for one another. The message lists the first eight on the way round.
    fn circular(&self, circle: &[CellId], when: &str) -> Problem {
        /// Names of a circle that a message lists.
        const SHOWN: usize = 8;
        let mut names: Vec<String> = circle.iter().map(|&cell| self.cell_name(cell)).collect();
        names.dedup();
        let start = names[0].clone();
        if names.len() > SHOWN {
            let rest = names.len() - SHOWN;
            names.truncate(SHOWN);
            names.push(format!("… {rest} more …"));
        }
        let path = format!("{} → {start}", names.join(" → "));
        let message = format!("its {when} depends on itself without a stock in between: {path}");
        Problem::new(ProblemKind::Circular, message).of(&start, "")
    }

    /// The name of a variable's element. Of a hidden cell it is the name of the variable that it
    /// belongs to.
    pub(crate) fn cell_name(&self, cell: CellId) -> String {
        let cell = &self.cells[cell as usize];
        self.world.cell_name(&self.world.entities[cell.entity], cell.place)
    }

    /// A variable's element by its name.
    pub(crate) fn find(&self, name: &str) -> Option<CellId> {
        self.names.get(&canonical_name(name)).copied()
    }

    /// Names of all variables with a value, in the order of the file, array elements in row-major
    /// order. As spelled, those of modules with the modules' names in front; states inside
    /// functions and macros are not among them.
    #[must_use]
    pub fn variables(&self) -> Vec<String> {
        let visible = |cell: &&CellId| !self.cells[**cell as usize].hidden;
        let mut cells: Vec<CellId> = self.names.values().filter(visible).copied().collect();
        cells.sort_unstable();
        cells.into_iter().map(|cell| self.cell_name(cell)).collect()
    }

    /// Names of the elements of an array variable, or the name of a scalar or element, as the model
    /// spells them; empty if there is no such variable.
    #[must_use]
    pub fn elements(&self, name: &str) -> Vec<String> {
        let canonical = canonical_name(name);
        if let Some(&cell) = self.names.get(&canonical) {
            return vec![self.cell_name(cell)];
        }
        let of_array =
            |entity: &&scope::Entity| canonical_name(&entity.path) == canonical && !entity.hidden;
        let found = self.world.entities.iter().find(of_array);
        found.map_or_else(Vec::new, |entity| {
            (0..entity.cells).map(|place| self.world.cell_name(entity, place)).collect()
        })
    }

    /// Names and values of the variables and initial values that are plain numbers in the model,
    /// which a run may set. In the order of the file. A number with a sign is one, an expression of
    /// numbers is not; what goes into a graphical function is not, either. Frozen variables are
    /// among them, with the values they were given.
    #[must_use]
    pub fn constants(&self) -> Vec<(String, f64)> {
        let shown =
            self.constants.iter().filter(|constant| !self.cells[constant.cell as usize].hidden);
        shown.map(|constant| (self.cell_name(constant.cell), constant.value)).collect()
    }

    /// The value of a constant in the model. `None` if the name is no variable, an array, or
    /// computed. Of a stock it is the initial value.
    #[must_use]
    pub fn constant(&self, name: &str) -> Option<f64> {
        let place = self.constant_place(name)?;
        Some(self.constants[place].value)
    }

    /// Position of a constant by its name. Among [`Model::constants`], hidden ones included.
    pub(crate) fn constant_place(&self, name: &str) -> Option<usize> {
        let cell = self.find(name)?;
        self.constants.iter().position(|constant| constant.cell == cell)
    }

    /// Simulation settings of the model's file. Method and save interval may be others in a run.
    #[must_use]
    pub fn simulation_specs(&self) -> &SimulationSpecs {
        &self.specs
    }
}

/// Refuses times that do not rise and too many steps.
fn check_specs(specs: &SimulationSpecs, limits: &Limits) -> Result<(), Error> {
    let step = specs.step();
    let finite = specs.start.is_finite() && specs.stop.is_finite() && step.is_finite();
    if !finite || step <= 0.0 {
        return Err(Error::settings(format!("the step {step} is not a positive number")));
    }
    if specs.stop < specs.start {
        let message =
            format!("the run stops at {} before it starts at {}", specs.stop, specs.start);
        return Err(Error::settings(message));
    }
    let steps = (specs.stop - specs.start) / step;
    if steps > limits.steps as f64 {
        return Err(Error::too_large("number of steps", steps.min(1e18) as usize, limits.steps));
    }
    Ok(())
}
