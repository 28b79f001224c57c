//! What people say in surveys: shares and means with design-based errors, and two experiments for
//! questions that people fear to answer.
//!
//! - [`SampleDesign`]: shares, means and differences under weights, strata and clusters, by Taylor
//!   linearisation.
//! - [`EndorsementExperiment`]: a policy is approved of, with or without the name of a group that
//!   endorses it; what the name changes is support for the group. Differences of means by question and
//!   pooled.
//! - [`SupportModel`]: the same experiment as a measurement model over all questions, after W. Bullock,
//!   K. Imai & J. N. Shapiro, "Statistical analysis of endorsement experiments: measuring support for
//!   militant groups in Pakistan", Political Analysis 19 (2011), sampled by the No-U-Turn Sampler.
//! - [`ListExperiment`]: people say how many items of a list hold for them, with or without a sensitive
//!   one; difference in means and the checks of G. Blair & K. Imai, "Statistical analysis of list
//!   experiments", Political Analysis 20 (2012).
//!
//! # What it does not do
//!
//! It reads no file, asks no clock, and knows no place, question or group by name: arrays and numbers in,
//! estimates with intervals out. It decides nothing about which groups of respondents are too small to
//! publish; who calls it does. No error repeats an answer.

mod design;
mod endorsement;
mod error;
mod list;
mod model;
mod sampler;

pub use design::{INTERVAL_LEVEL, SampleDesign, SurveyEstimate};
pub use endorsement::{
    EndorsementAnswer, EndorsementExperiment, EndorsementQuestion, PooledDifference,
};
pub use error::{Error, Result};
pub use list::{JointType, ListAnswer, ListChecks, ListExperiment};
pub use model::{
    ModelShape, RespondentArms, SupportEstimate, SupportModel, SupportParameters, SupportPosterior,
};
pub use sampler::ChainLengths;
pub use sanad_numbers::mixing::Mixing;
