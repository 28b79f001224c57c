//! The case's rules for joining indicators, as settings of the index, its intervals and its
//! sensitivity.
//!
//! Words of `indicators.toml` are turned into the types of `sanad-front`; no choice is made here
//! but the level of intervals, 90 %.

use sanad_case::{GapRule, Indicators, JoinRule, OutlierRule, ScaleRule, WeightRule};
use sanad_core::Month;
use sanad_front::treat::Winsorising;
use sanad_front::{
    Aggregation, Alternatives, Imputation, Method, Normalisation, Treatment, Uncertainty, Weighting,
};

use super::grid::Grid;

/// The method that gives the index. The reference months that lie outside the grid are cut off.
pub(super) fn method(declared: &Indicators, grid: &Grid) -> Method {
    let month = |day| grid.position(Month::from_date(day));
    let first = month(declared.reference.start()).unwrap_or(0);
    let last = month(declared.reference.end()).map_or(grid.months, |position| position + 1);
    let rules = &declared.method;
    Method {
        treatment: treatment(rules.outliers),
        imputation: imputation(rules.missing),
        normalisation: normalisation(rules.normalisation, declared),
        weighting: weighting(rules.weights),
        aggregation: aggregation(rules.aggregation),
        evidence_floor: declared.evidence_floor,
        reference_months: Some(first..last),
        ..Method::default()
    }
}

/// The Monte-Carlo run behind intervals. It takes one place after the other, so that outranking,
/// which compares places, is left to the sensitivity analysis.
pub(super) fn uncertainty(declared: &Indicators) -> Uncertainty {
    let mut alternatives = alternatives(declared);
    alternatives.aggregations.retain(|way| *way != Aggregation::Outranking);
    Uncertainty {
        draws: declared.draws,
        seed: declared.seed,
        level: 0.9,
        alternatives,
        ..Uncertainty::default()
    }
}

/// What of the method is as good as what was chosen. Each draw of an interval takes one of each,
/// and weights are varied by up to `weight_spread`.
pub(super) fn alternatives(declared: &Indicators) -> Alternatives {
    let rules = &declared.alternatives;
    Alternatives {
        treatments: rules.outliers.iter().copied().map(treatment).collect(),
        imputations: rules.missing.iter().copied().map(imputation).collect(),
        normalisations: rules
            .normalisation
            .iter()
            .map(|&rule| normalisation(rule, declared))
            .collect(),
        weightings: rules.weights.iter().copied().map(weighting).collect(),
        aggregations: rules.aggregation.iter().copied().map(aggregation).collect(),
        weight_spread: declared.weight_spread,
    }
}

/// What is done with outliers, as `sanad-front` knows it.
fn treatment(rule: OutlierRule) -> Treatment {
    match rule {
        OutlierRule::Keep => Treatment::None,
        OutlierRule::Winsorise => Treatment::Winsorise(Winsorising::default()),
    }
}

/// What is done with gaps, as `sanad-front` knows it.
const fn imputation(rule: GapRule) -> Imputation {
    match rule {
        GapRule::Leave => Imputation::None,
        GapRule::Carry => Imputation::LastValue,
        GapRule::Em => Imputation::ExpectationMaximisation,
    }
}

/// How values come to one scale, as `sanad-front` knows it.
fn normalisation(rule: ScaleRule, declared: &Indicators) -> Normalisation {
    match rule {
        ScaleRule::MinMax => Normalisation::MinMax,
        // A case that names z-scores without points is refused when it is read; the index refuses
        // what is not a number as well.
        ScaleRule::ZScore => Normalisation::ZScore {
            points_per_sd: declared.method.points_per_sd.unwrap_or(f64::NAN),
        },
        ScaleRule::Rank => Normalisation::Rank,
    }
}

/// Where weights come from, as `sanad-front` knows it.
const fn weighting(rule: WeightRule) -> Weighting {
    match rule {
        WeightRule::Declared => Weighting::Given,
        WeightRule::Equal => Weighting::Equal,
        WeightRule::Pca => Weighting::PrincipalComponents,
        WeightRule::BenefitOfTheDoubt => Weighting::BenefitOfTheDoubt,
    }
}

/// How indicators are joined, as `sanad-front` knows it.
const fn aggregation(rule: JoinRule) -> Aggregation {
    match rule {
        JoinRule::Arithmetic => Aggregation::Arithmetic,
        JoinRule::Geometric => Aggregation::Geometric,
        JoinRule::Outranking => Aggregation::Outranking,
    }
}
