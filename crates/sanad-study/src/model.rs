//! A case's model with its priors and levers, ready to run.
//!
//! The model's unit of time is the month, and time 0 is the month `origin` of `[calibration]` in
//! `priors.toml`. A member is one draw of all uncertain constants. It is run from `start` of the
//! record to time 0, and what its stocks then hold is where scenarios begin. A case without
//! `[calibration]` has no past to run through: its members begin where the model and the priors put
//! them.

use std::path::PathBuf;

use sanad_case::{
    Calibration, Document, Levers, Priors, Scenarios, read_levers, read_priors, read_scenarios,
};
use sanad_scenario::{
    CausalGraph, Distribution, Evidence, Inputs, Limits, Model, Results, RunSettings, Simulation,
    Vary, read_xmile,
};
use sanad_store::{Ensemble, Observatory};

use crate::error::{Error, Result};

/// What a case says about its model.
///
/// Four files make it: the model in XMILE, `priors.toml`, `levers.toml` and `scenarios.toml`.
/// `scenarios` may be added to before a comparison, as the web does with a reader's own levers.
pub struct ModelCase {
    /// The model as it was read, before it is compiled for a span of time.
    pub(crate) document: sanad_scenario::Document,
    /// Distributions of its parameters.
    pub priors: Priors,
    /// The same, as the ensemble draws them.
    pub vary: Vary,
    /// What can be moved.
    pub levers: Levers,
    /// What is compared.
    pub scenarios: Scenarios,
    /// The fitted members that the case ships; `None` where it ships none, and where those it ships
    /// are stale.
    posterior: Option<Ensemble>,
    /// Whether the case ships members that were fitted with another model or other priors.
    stale_posterior: bool,
}

/// Notes of an ensemble that say which files it was fitted with.
///
/// Each pair is the name of the note and the format under which the observatory knows the file.
/// Members count as belonging to the files at hand only where both hashes are those of the newest
/// imports.
pub const HASHES: [(&str, &str); 2] = [("model_sha256", "model"), ("priors_sha256", "priors")];

impl ModelCase {
    /// Reads and joins the files; levels are checked against the levers, and fitted members
    /// against the model and priors that they were fitted with.
    ///
    /// # Errors
    ///
    /// `Error::CaseLacks` for the first of the four files that is missing; `Error::Scenario` where
    /// the XMILE cannot be read; `Error::Case` where a hand-written file is wrong;
    /// `Error::Scenarios` where a scenario moves a lever that is not declared or beyond its range,
    /// or a prior is no distribution.
    pub fn read(observatory: &Observatory) -> Result<Self> {
        let file = |document: Document| {
            let missing = Error::CaseLacks { missing: document.name() };
            observatory.document(document)?.ok_or(missing)
        };
        let document = read_xmile(file(Document::Model)?.as_bytes(), &Limits::default())
            .map_err(fault("model.xmile"))?;
        let priors = read_priors(&file(Document::Priors)?)?;
        let levers = read_levers(&file(Document::Levers)?)?;
        let scenarios = read_scenarios(&file(Document::Scenarios)?)?;
        let vary = vary(&priors)?;
        let shipped = observatory.ensemble()?;
        let stale_posterior =
            shipped.as_ref().is_some_and(|shipped| !of_these_files(shipped, observatory));
        let posterior = shipped.filter(|_| !stale_posterior);
        let case = Self { document, priors, vary, levers, scenarios, posterior, stale_posterior };
        match case.lever_problem() {
            Some(problem) => Err(Error::Scenarios { problem }),
            None => Ok(case),
        }
    }

    /// What members drawn from the shipped ensemble, or else from the priors, rest on.
    ///
    /// `judgement_share` is the share of the parameters, 0 to 1, whose prior rests on judgement
    /// alone; a fit does not lower it, because it does not change what the prior rested on.
    pub fn evidence(&self) -> Evidence {
        let calibrated = self.posterior.is_some();
        Evidence { judgement_share: self.priors.judgement_share(), calibrated }
    }

    /// Fitted members that the case ships.
    pub const fn posterior(&self) -> Option<&Ensemble> {
        self.posterior.as_ref()
    }

    /// What a user should know about members, if anything. `None` where the members asked for are
    /// fresh and enough.
    pub fn note(&self, members: usize) -> Option<String> {
        if self.stale_posterior {
            return Some(
                "the shipped members were fitted with another model or other priors, so draws from \
                 the priors take their place; sanad calibrate fits them anew"
                    .to_owned(),
            );
        }
        let shipped = self.posterior.as_ref()?.members();
        (members > shipped).then(|| {
            format!("{shipped} members are shipped; beyond that they repeat and tell nothing new")
        })
    }

    /// What the model is fitted to.
    ///
    /// # Errors
    ///
    /// `Error::CaseLacks` where `priors.toml` has no `[calibration]`.
    pub fn calibration(&self) -> Result<&Calibration> {
        let missing = Error::CaseLacks { missing: "[calibration] in priors.toml" };
        self.priors.calibration.as_ref().ok_or(missing)
    }

    /// The model over a span of its time.
    ///
    /// `start` and `stop` are in months of the model's time, 0 being the calibration's origin; the
    /// step of integration stays that of the file.
    ///
    /// # Errors
    ///
    /// `Error::Scenario` with the variable and the place in its equation where the model does not
    /// compile.
    pub fn compiled(&self, start: f64, stop: f64) -> Result<Model> {
        let mut document = self.document.clone();
        (document.simulation.start, document.simulation.stop) = (start, stop);
        Model::compile(&document).map_err(fault("model.xmile"))
    }

    /// Months from the start of the runs through the record to time 0.
    fn months_past(&self) -> Result<f64> {
        let fit = self.calibration()?;
        Ok(f64::from(fit.origin.id() - fit.start.id()))
    }

    /// The model from the start of the record to time 0.
    ///
    /// # Errors
    ///
    /// As `calibration` and `compiled`.
    pub fn past(&self) -> Result<Model> {
        self.compiled(-self.months_past()?, 0.0)
    }

    /// The model's variables, in the order of the file.
    pub fn variables(&self) -> Vec<&sanad_scenario::Variable> {
        self.document.models.iter().flat_map(|part| &part.variables).collect()
    }

    /// The model's graph; its loops are left alone.
    ///
    /// An edge carries the sign of the effect and whether it is delayed. The span compiled is one
    /// month, which changes no edge.
    ///
    /// # Errors
    ///
    /// As `compiled`.
    pub fn graph(&self) -> Result<CausalGraph> {
        self.future(1)?.causal_graph(0).map_err(fault("model.xmile"))
    }

    /// The model from time 0 on, or without a record to run through from its own start on.
    ///
    /// # Errors
    ///
    /// As `compiled`.
    pub fn future(&self, months: u16) -> Result<Model> {
        let start = self.first_moment();
        self.compiled(start, start + f64::from(months))
    }

    /// The moment at which scenarios begin.
    pub(crate) fn first_moment(&self) -> f64 {
        match self.priors.calibration {
            Some(_) => 0.0,
            None => self.document.simulation.start,
        }
    }

    /// The seed that each of so many members comes from. Draws from priors do not depend on one
    /// another, so that three parts of them are draws of three seeds; fitted members say theirs, or
    /// are all of one.
    pub(crate) fn member_seeds(&self, members: usize) -> Vec<u64> {
        let Some(ensemble) = &self.posterior else {
            return (0..members).map(|member| (PARTS * member / members) as u64).collect();
        };
        let seeds = ensemble.columns.iter().find(|(name, _)| name == MEMBER_SEED);
        match seeds {
            Some((_, seeds)) => {
                seeds.iter().map(|seed| *seed as u64).cycle().take(members).collect()
            }
            None => vec![0; members],
        }
    }

    /// Members as they stand at time 0: parameters, and stocks as the past has left them.
    ///
    /// Fitted members are the shipped ones in their order, beginning again when more are asked for
    /// than there are; without them, members are draws from the priors. Each runs through the past,
    /// where the case has a record of it.
    ///
    /// The result holds a value for every member of every constant in `priors.toml`. With fitted
    /// members `seed` decides nothing; without, it decides the draws.
    ///
    /// # Errors
    ///
    /// `Error::Scenario` where a prior cannot be drawn from or a run through the past fails.
    pub fn members(&self, members: usize, seed: u64) -> Result<Inputs> {
        let drawn = match &self.posterior {
            None => self.vary.draw(members, seed).map_err(fault("priors.toml"))?,
            Some(ensemble) => repeated(ensemble, members),
        };
        match self.priors.calibration {
            Some(_) => self.carried(drawn, members),
            None => Ok(drawn),
        }
    }

    /// Inputs with the stocks where a run through the past leaves them.
    ///
    /// A constant whose name holds `_at_start` sets the initial value of the stock of that name
    /// without the suffix; only such stocks are carried over. The run saves the first and the last
    /// moment alone.
    fn carried(&self, drawn: Inputs, members: usize) -> Result<Inputs> {
        let past = self.past()?;
        let starts = self.vary.constants.keys().filter_map(|name| {
            let stock = name.replace("_at_start", "");
            (stock != *name).then_some((name.as_str(), stock))
        });
        let starts: Vec<(&str, String)> = starts.collect();
        let stocks: Vec<&str> = starts.iter().map(|(_, stock)| stock.as_str()).collect();
        let months = self.months_past()?;
        let settings = RunSettings { save_interval: Some(months), ..RunSettings::default() };
        let ends = simulation(&past, &stocks, &settings)?
            .run(members, &drawn)
            .map_err(fault("model.xmile"))?;
        let last = ends.times().len() - 1;
        Ok(starts
            .iter()
            .enumerate()
            .fold(drawn, |inputs, (at, (name, _))| inputs.set_each(name, ends.across(at, last))))
    }
}

/// A simulation that keeps some outputs.
///
/// `outputs` are names of variables; only these are kept, at the times that `settings` saves.
///
/// # Errors
///
/// `Error::Scenario` for an output that the model does not have.
pub fn simulation<'m>(
    model: &'m Model,
    outputs: &[&str],
    settings: &RunSettings,
) -> Result<Simulation<'m>> {
    model.simulation(outputs, settings).map_err(fault("model.xmile"))
}

/// Runs members.
///
/// # Errors
///
/// `Error::Scenario` where an input is no constant of the model or holds too few values, or where
/// the results would be larger than the engine's limit.
pub fn run(simulation: &Simulation<'_>, members: usize, inputs: &Inputs) -> Result<Results> {
    simulation.run(members, inputs).map_err(fault("model.xmile"))
}

/// Whether an ensemble was fitted with the model and priors that the observatory holds now, by
/// their hashes.
fn of_these_files(ensemble: &Ensemble, observatory: &Observatory) -> bool {
    HASHES.iter().all(|(note, format)| {
        ensemble.notes.get(*note).map(String::as_str) == observatory.newest_hash(format)
    })
}

/// The shipped members as inputs, beginning again from the first where more are asked for. The
/// distance from the record is no input and is left out.
fn repeated(ensemble: &Ensemble, members: usize) -> Inputs {
    let is_parameter = |name: &str| name != DISTANCE && name != MEMBER_SEED;
    let columns = ensemble.columns.iter().filter(|(name, _)| is_parameter(name));
    columns.fold(Inputs::new(), |inputs, (name, values)| {
        inputs.set_each(name, values.iter().copied().cycle().take(members).collect())
    })
}

/// The column of an ensemble that is no parameter. It holds each member's distance from the record.
pub const DISTANCE: &str = "distance";

/// Another: the seed by which a member was found, in an ensemble of several.
pub const MEMBER_SEED: &str = "member_seed";

/// Parts of an ensemble of draws from priors that are held against one another.
const PARTS: usize = 3;

/// The priors as distributions that the engine draws from, by the name of the constant.
fn vary(priors: &Priors) -> Result<Vary> {
    let mut vary = Vary::default();
    for prior in &priors.priors {
        let distribution: Distribution = prior
            .prior
            .clone()
            .try_into()
            .map_err(|e| Error::Scenarios { problem: format!("{}: {e}", prior.parameter) })?;
        vary.constants.insert(prior.parameter.clone(), distribution);
    }
    Ok(vary)
}

/// Makes an error of the engine one about a file of the case.
pub fn fault(file: &'static str) -> impl Fn(sanad_scenario::Error) -> Error {
    move |source| Error::Scenario { path: PathBuf::from(file), source: Box::new(source) }
}
