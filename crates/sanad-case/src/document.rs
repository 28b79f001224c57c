//! The further files that a case may have, named under `[files]` in `case.toml`.

use serde::{Deserialize, Serialize};

use super::families;
use crate::error::Result;
use sanad_core::chronicle::KnownIds;

/// What a further file of a case is. An observatory keeps each as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Document {
    /// Frames, audiences and outlets that statements are coded with.
    Codebook,
    /// Kinds of record whose mutual excitation is estimated.
    Cycle,
    /// Causal claims and the test of each.
    Claims,
    /// A system-dynamics model in XMILE.
    Model,
    /// What each parameter of the model may be.
    Priors,
    /// Policy levers of the model.
    Levers,
    /// Scenarios: which levers are moved when.
    Scenarios,
    /// Commitments with baseline, target and date.
    Benchmarks,
}

impl Document {
    /// Every kind of further file.
    pub const ALL: [Self; 8] = [
        Self::Codebook,
        Self::Cycle,
        Self::Claims,
        Self::Model,
        Self::Priors,
        Self::Levers,
        Self::Scenarios,
        Self::Benchmarks,
    ];

    /// The word for it in `case.toml` and in an observatory.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Codebook => "codebook",
            Self::Cycle => "cycle",
            Self::Claims => "claims",
            Self::Model => "model",
            Self::Priors => "priors",
            Self::Levers => "levers",
            Self::Scenarios => "scenarios",
            Self::Benchmarks => "benchmarks",
        }
    }

    /// The ending under which it is kept.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Model => "xmile",
            _ => "toml",
        }
    }

    /// Checks that a file is right as a whole before it is taken in.
    ///
    /// # Errors
    ///
    /// What its reader says.
    pub fn check(self, text: &str, known: &KnownIds) -> Result<()> {
        match self {
            Self::Claims => super::read_claims(text, known).map(drop),
            Self::Codebook => super::read_codebook(text).map(drop),
            Self::Cycle => {
                let cycle = super::read_cycle(text)?;
                let kinds = cycle.kinds.iter().map(|kind| (kind.id.as_str(), &kind.families[..]));
                let dated = cycle.interventions.iter();
                let dated = dated.map(|dated| (dated.id.as_str(), &dated.families[..]));
                families::check_all("cycle.toml", text, kinds.chain(dated), known)
            }
            Self::Priors => super::read_priors(text).map(drop),
            Self::Levers => super::read_levers(text).map(drop),
            Self::Scenarios => super::read_scenarios(text).map(drop),
            Self::Benchmarks => super::read_benchmarks(text).map(drop),
            Self::Model => Ok(()),
        }
    }
}
