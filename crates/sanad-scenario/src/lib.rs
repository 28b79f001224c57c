//! System-dynamics models in XMILE 1.0, compiled to run as ensembles.
//!
//! A model file becomes a [`Document`] ([`read_xmile`]), a document becomes a checked [`Model`]
//! ([`Model::compile`]), a model becomes a [`Simulation`] that keeps the outputs asked for, and a
//! simulation runs any number of members at once: constants set by hand ([`Inputs`]) or drawn
//! from distributions ([`Vary`]), results kept in full ([`Results`]) or as [`Quantiles`]. With noise
//! on its stocks and densities of what is observed ([`StateSpace`]) a model goes through a record
//! ([`Assimilation`]), so that every member ends where the record ends.
//!
//! ```
//! use sanad_scenario::{Distribution, Limits, Model, RunSettings, Vary, read_xmile};
//!
//! let text = r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
//!   <sim_specs method="RK4"><start>0</start><stop>10</stop><dt>0.25</dt></sim_specs>
//!   <model><variables>
//!     <stock name="Grievance"><eqn>1</eqn><inflow>arising</inflow><outflow>fading</outflow></stock>
//!     <flow name="arising"><eqn>harm * Grievance</eqn></flow>
//!     <flow name="fading"><eqn>Grievance / memory</eqn></flow>
//!     <aux name="harm"><eqn>0.2</eqn></aux><aux name="memory"><eqn>4</eqn></aux>
//!   </variables></model></xmile>"#;
//! let model = Model::compile(&read_xmile(text.as_bytes(), &Limits::default())?)?;
//! let mut vary = Vary::default();
//! vary.constants.insert("harm".into(), Distribution::Uniform { low: 0.1, high: 0.4 });
//!
//! let simulation = model.simulation(&["grievance"], &RunSettings::default())?;
//! let results = simulation.run(500, &vary.draw(500, 7)?)?;
//! let bands = results.quantiles(&[0.05, 0.5, 0.95]);
//! let last = bands.at(0, results.times().len() - 1);
//! assert!(last[0] < 1.0 && last[2] > 1.0);
//! # Ok::<(), sanad_scenario::Error>(())
//! ```
//!
//! # What is understood
//!
//! Stocks, flows (uni and bi), auxiliaries, non-negative stocks and flows, graphical functions
//! (continuous, extrapolated, discrete; inline, named, called), arrays with slices, ranges,
//! transposition and array functions, modules, macros (recursive ones when the depth is known
//! before the run), named models called like functions, conveyors with leakage, capacity and
//! arrest, queues with overflow, groups, units with checking, and every built-in function of the
//! standard; Euler, second- and fourth-order Runge–Kutta. A few functions of other programs that
//! converted files contain are understood too, with the arguments in the order of their own
//! program (`SAFEDIV`, `IF_THEN_ELSE`, `SAMPLE_IF_TRUE`, `PULSE_TRAIN`, `DELAY_N`, `SMOOTH_N`,
//! `LOOKUPINV`, `NPV`, `PMT`, `TRIANGULAR`, …), and so is what converters write: `NOT` behind its operand, a
//! subrange as the subscript of an element's equation, an element's bare name as its number.
//!
//! Where the standard leaves a choice:
//!
//! - A non-negative stock limits its own outflows, in order, to what it holds; a flow that drains
//!   several stocks is not limited, and those stocks are held at zero.
//! - `DELAY` looks back a whole number of steps, at least one, by the lag of the step before.
//! - `POISSON(mean)` draws the arrivals of one step and gives them as a rate.
//! - `TREND` divides by the size of the average, so that it keeps its sign below zero.
//! - `STDDEV` is that of a population.
//! - A flow with dimensions that its stock lacks is summed over them, so that nothing is lost
//!   between stocks of different dimensions; of a dimension that it has twice, the first is the
//!   upstream stock's and the last the downstream stock's.
//! - `DERIVN` is a backward difference, zero until as many steps are past as its order; `ENDVAL` is
//!   what it is in a first run; `NPV` of two or three arguments adds up stream · (1 + rate)^−(t − t₀).
//! - Least and most of a random function cut its distribution off.
//! - A conveyor's leakage fraction, capacity and arrest act one step after they change.
//! - Random functions are drawn once per step; a seed in the call makes the sequence the same for
//!   every member and every run.
//!
//! # What it does not do
//!
//! It opens no file and reads no clock. It does not read Vensim's `.mdl` (a reader of it would fill
//! a [`Document`]), models split over several files, encrypted models, macros or submodels with
//! simulation settings of their own, option filters, event posters or ovens; each of these is an
//! error that says so, except event posters, which have no effect on values. It draws no picture:
//! [`CausalGraph`] is the data for one. It knows no case: what a model is
//! fitted to ([`calibrate`]) is for the caller to say.
//!
//! # Same bits
//!
//! A member's numbers depend on the model, its inputs, the seed and its own number, and on nothing
//! else: not on the number of threads or members, nor on the width of the processor's vectors.
//! Between platforms they may differ in the last bit where the platform's `exp`, `ln`, `sin` and
//! the like do.

#![warn(missing_docs)]

mod assimilate;
mod calibrate;
mod compare;
mod compile;
mod constants;
mod document;
mod engine;
mod equation;
mod error;
mod graph;
mod limits;
mod moves;
mod name;
mod numerics;
mod results;
mod simulation;
mod trend;
mod units;
mod vary;
mod xmile;

pub use assimilate::{
    AssimilatedEnsemble, Assimilation, AssimilationStep, ChainReport, ChainSettings, FollowedSets,
    GradientDraws, GradientProgress, GradientSettings, LearningSettings, LearningStep, LearntSets,
    Magnitude, ObservationDensity, ObservationRecord, ProcessNoise, SampledPaths, StateSpace,
};
pub use calibrate::{CalibrationSettings, Posterior, Round, calibrate};
pub use compare::{Aim, Comparison, Evidence, Influence, LEAST_SEEDS, Pair, Ranking, ScenarioRow};
pub use compile::Model;
pub use document::{
    Behavior, Connection, Conveyor, Dimension, Document, Element, Graphical, Group, Interpolation,
    Kind, Leak, Macro, Method, ModelPart, SimulationSpecs, UnitDefinition, Variable,
};
pub use error::{Error, Problem, Span};
pub use graph::{CausalEdge, CausalGraph, CausalNode, Loop, LoopKind, Polarity};
pub use limits::Limits;
pub use name::canonical_name;
pub use results::{Quantiles, Results};
pub use simulation::{Inputs, RunSettings, Simulation};
pub use trend::on_track;
pub use units::{Unit, UnitReport};
pub use vary::{Distribution, Vary};
pub use xmile::{XmlElement, read_xmile, write_xmile};
