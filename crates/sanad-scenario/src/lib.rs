//! System-dynamics models in XMILE, compiled to run as ensembles.
#![warn(missing_docs)]

mod compile;
mod document;
mod engine;
mod equation;
mod error;
mod graph;
mod limits;
mod name;
mod results;
mod simulation;
mod units;
mod vary;
mod xmile;

pub use compile::Model;
pub use document::*;
pub use error::{Error, Problem, Span};
pub use graph::{CausalEdge, CausalGraph, CausalNode, Loop, LoopKind, Polarity};
pub use limits::Limits;
pub use name::canonical_name;
pub use results::{Quantiles, Results};
pub use simulation::{Inputs, RunSettings, Simulation};
pub use units::{Unit, UnitReport};
pub use vary::{Distribution, Vary};
pub use xmile::{XmlElement, read_xmile, write_xmile};
