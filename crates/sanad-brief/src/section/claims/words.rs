//! Findings as sentences.

use super::{EffectUnit, Finding, TriedClaim, Verdict};
use crate::words::fixed;

/// Below this power an effect that is found is likely to be found too large.
const LOW_POWER: f64 = 0.5;
const TOO_LARGE: &str = " The test had little power against the size that matters, so that the true effect is likely smaller than found.";

/// "33 % more", "12 % fewer": what a log ratio in the claim's direction does to the outcome.
fn change(log: f64, falls: bool) -> String {
    let percent = 100.0 * ((if falls { -log } else { log }).exp() - 1.0);
    match percent {
        p if p >= 300.0 => format!("{} times as many", fixed(1.0 + p / 100.0, 1)),
        p if p >= 0.0 => format!("{} % more", fixed(p, 0)),
        p => format!("{} % fewer", fixed(-p, 0)),
    }
}

fn amount(finding: &Finding, value: f64) -> String {
    match finding.unit {
        EffectUnit::LogRatio | EffectUnit::LogRatioPerDoubling => change(value, finding.falls),
        EffectUnit::Branching => fixed(value, 2),
        EffectUnit::DaysPerHundred => fixed(value, 1),
        EffectUnit::ShareOfError => format!("{} %", fixed(100.0 * value, 1)),
    }
}

/// "12 % fewer (95 % interval 30 % fewer to 11 % more)", in the unit of the test.
pub(super) fn effect(finding: &Finding) -> String {
    let Finding { effect, .. } = finding;
    let what = match finding.unit {
        EffectUnit::LogRatio => "",
        EffectUnit::LogRatioPerDoubling => " for twice as much of the cause",
        EffectUnit::Branching => " brought by each event of the first kind",
        EffectUnit::DaysPerHundred => " more coordinated days in 100",
        EffectUnit::ShareOfError => " of the forecast's error saved",
    };
    format!(
        "{}{what} (95 % interval {} to {})",
        amount(finding, effect.value),
        amount(finding, effect.low),
        amount(finding, effect.high),
    )
}

/// The size that matters, in the unit of the test.
pub(super) fn size(finding: &Finding) -> String {
    let size = amount(finding, finding.size_that_matters);
    match finding.unit {
        EffectUnit::LogRatioPerDoubling => format!("{size} for twice as much of the cause"),
        _ => size,
    }
}

/// A p-value without false precision.
pub(super) fn p_value(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { fixed(p, 3) }
}

/// One plain sentence: verdict and why.
pub(super) fn verdict(claim: &TriedClaim) -> String {
    let Some(found) = &claim.finding else {
        return format!(
            "Not testable with the data at hand. It would take: {}",
            claim.needs.as_deref().unwrap_or("data that the case does not have.")
        );
    };
    let effect = effect(found);
    match claim.verdict {
        Verdict::Supported => format!(
            "Supported: {effect}; adjusted p {}. The record shows the pattern that the claim predicts; it does not show that the mechanism is the one named.{}",
            p_value(found.adjusted_p),
            if found.power < LOW_POWER { TOO_LARGE } else { "" }
        ),
        Verdict::Contradicted if found.effect.high < 0.0 => {
            format!("Contradicted: the record goes the other way, {effect}.")
        }
        Verdict::Contradicted => format!(
            "Contradicted: {effect}; an effect of the size that matters ({}) would have been seen with a probability of {} %.",
            size(found),
            fixed(100.0 * found.power, 0)
        ),
        _ => format!(
            "Inconclusive: {effect}; adjusted p {}. The test would have found an effect of the size that matters ({}) with a probability of {} %.",
            p_value(found.adjusted_p),
            size(found),
            fixed(100.0 * found.power, 0)
        ),
    }
}
