//! Where the fronts stand and what statements show, as data.

use sanad_core::Estimate;
use sanad_core::Month;
use sanad_core::chronicle::Front;

/// Where every front stands in the last month that has an index, and a year earlier.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The front.
    pub front: Front,
    /// The month.
    pub month: Month,
    /// By province: index a year earlier and in the month, with their 90 % intervals.
    pub index: Vec<[Option<Estimate>; 2]>,
    /// By province: evidence share in the month, 0 to 1.
    pub evidence_share: Vec<f64>,
    /// By province: evidence share a year earlier; empty where that month is not measured.
    pub evidence_before: Vec<f64>,
    /// What the front measures, part by part, in the case's order.
    pub parts: Vec<FrontPart>,
    /// What the places' values and ranks hang on, most first.
    pub swings: Vec<Swing>,
}

/// One part of what a front measures: a pillar.
#[derive(Debug, Clone, PartialEq)]
pub struct FrontPart {
    /// Its title.
    pub title: String,
    /// Its declared share of the front's weight, 0 to 1.
    pub weight: f64,
    /// Share of its own weight that has data in the front's last month, mean over provinces, 0 to 1.
    pub evidence_share: f64,
    /// The same in the newest month that is measured, which may have too little for an index of the front.
    pub evidence_newest: f64,
    /// Its lowest and highest index among the provinces in the front's last month; nothing without data.
    pub index: Option<[f64; 2]>,
}

/// How much of the variance of a front's index goes with one uncertain choice.
#[derive(Debug, Clone, PartialEq)]
pub struct Swing {
    /// The choice.
    pub choice: String,
    /// Total Sobol index on the value, mean over places, about 0 to 1.
    pub of_value: f64,
    /// Total Sobol index on the rank; `None` where no rank changes.
    pub of_rank: Option<f64>,
}

/// The narrative front's statements.
#[derive(Debug, Clone, PartialEq)]
pub struct NarrativePanels {
    /// What they are taken from.
    pub basis: String,
    /// Statements of armed organisations.
    pub statements: usize,
    /// By organisation: statements, share that delegitimises rivals, share that reaches out to
    /// women.
    pub organisations: Vec<(String, usize, Option<Estimate>, Option<Estimate>)>,
    /// Two organisations, common months, distance of their mixes, by chance, p-value.
    pub in_step: Vec<InStep>,
    /// Claims of numbers of events, each with what the record says.
    pub claims: Vec<ClaimedNumber>,
    /// Organisation and what its operations of the last year show.
    pub operations: Vec<(String, String)>,
}

/// How far the frame mixes of two organisations lie apart.
#[derive(Debug, Clone, PartialEq)]
pub struct InStep {
    /// The organisations.
    pub organisations: [String; 2],
    /// Months in which both spoke.
    pub months: usize,
    /// Mean Jensen–Shannon divergence in bits, 0 to 1.
    pub apart_bits: f64,
    /// The same by chance.
    pub by_chance_bits: f64,
    /// Share of rearrangements that are as close.
    pub p_value: f64,
}

/// A number of events that an organisation claims.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedNumber {
    /// The organisation.
    pub organisation: String,
    /// The months claimed for, where told.
    pub months: Option<[Month; 2]>,
    /// Claimed over recorded, where the record covers the months.
    pub ratio: Option<Estimate>,
    /// What was claimed and recorded, in words.
    pub note: String,
}
