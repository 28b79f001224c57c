//! Findings as sentences.

use super::{EffectUnit, Finding, LaterAgreement, TriedClaim};
use crate::words::fixed;
use sanad_core::Verdict;

/// Added to an effect that a test of little power let pass.
const TOO_LARGE: &str = " The test had little power against the size that matters, and the estimate lies near its edge: the true effect is likely smaller than found.";

/// "33 % more", "12 % fewer": what a log ratio in the claim's direction does to the outcome.
fn change(log: f64, falls: bool) -> String {
    let percent = 100.0 * ((if falls { -log } else { log }).exp() - 1.0);
    match percent {
        p if p >= 300.0 => format!("{} times as many", fixed(1.0 + p / 100.0, 1)),
        p if p >= 0.0 => format!("{} % more", fixed(p, 0)),
        p => format!("{} % fewer", fixed(-p, 0)),
    }
}

/// A value in the words of its unit.
fn amount(finding: &Finding, value: f64) -> String {
    let written = match finding.unit {
        EffectUnit::LogRatio | EffectUnit::LogRatioPerDoubling => change(value, finding.falls),
        EffectUnit::Branching => fixed(value, 2),
        EffectUnit::DaysPerHundred => fixed(value, 1),
        EffectUnit::ShareOfError => format!("{} %", fixed(100.0 * value, 1)),
    };
    written.replace('-', "−")
}

/// "12 % fewer (95 % interval 30 % fewer to 11 % more)", in the unit of the test.
pub(crate) fn effect(finding: &Finding) -> String {
    let Finding { effect, .. } = finding;
    let what = match finding.unit {
        EffectUnit::LogRatio => "",
        EffectUnit::LogRatioPerDoubling => " for twice as much of the cause",
        EffectUnit::Branching => " more of the effect within four weeks of each event of the cause",
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
pub(crate) fn size(finding: &Finding) -> String {
    let size = amount(finding, finding.size_that_matters);
    match finding.unit {
        EffectUnit::LogRatioPerDoubling => format!("{size} for twice as much of the cause"),
        _ => size,
    }
}

/// A p-value without false precision.
pub(crate) fn p_value(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { fixed(p, 3) }
}

/// Verdict and why, with what keeps a stronger one from being printed.
pub(crate) fn verdict(claim: &TriedClaim) -> String {
    let mut sentences = vec![decided(claim)];
    sentences.extend(claim.withheld.iter().cloned());
    sentences.extend(claim.later.iter().map(|later| agreement(later.agreement).to_owned()));
    sentences.join(" ")
}

/// What later months say, in a sentence.
pub(crate) const fn agreement(agreement: LaterAgreement) -> &'static str {
    match agreement {
        LaterAgreement::Agrees => "Later months agree with the claim.",
        LaterAgreement::Disagrees => "Later months disagree with the claim.",
        LaterAgreement::DoesNotTell => "Later months neither confirm nor refute the claim.",
    }
}

/// One plain sentence: verdict and why.
fn decided(claim: &TriedClaim) -> String {
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
            if found.is_likely_too_large { TOO_LARGE } else { "" }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(low: f64, value: f64, high: f64, falls: bool) -> Finding {
        Finding {
            effect: sanad_core::Estimate { low, value, high },
            unit: EffectUnit::LogRatio,
            falls,
            size_that_matters: 0.22,
            p_value: 0.001,
            adjusted_p: 0.004,
            power: 0.3,
            is_likely_too_large: false,
            details: Vec::new(),
            chart: None,
        }
    }

    fn verdict_of(found: Finding) -> String {
        verdict(&TriedClaim {
            id: "c1".to_owned(),
            wording: "Attacks fell.".to_owned(),
            paragraphs: vec![1],
            footnotes: Vec::new(),
            from: 0,
            to: 1,
            positive: false,
            delay: "months".to_owned(),
            mechanism: String::new(),
            fronts: Vec::new(),
            procedure: "intervention",
            test: String::new(),
            verdict: Verdict::Supported,
            finding: Some(found),
            limits: String::new(),
            needs: None,
            prior: Vec::new(),
            readings: Vec::new(),
            withheld: Vec::new(),
            told_apart: Vec::new(),
            later: None,
        })
    }

    #[test]
    fn effects_are_told_as_what_happens_to_the_outcome() {
        let fall = finding(0.5, core::f64::consts::LN_2, 0.9, true);
        assert_eq!(effect(&fall), "50 % fewer (95 % interval 39 % fewer to 59 % fewer)");
        let rise = finding(-0.1, 1.609_438, 2.0, false);
        assert_eq!(
            effect(&rise),
            "5.0 times as many (95 % interval 10 % fewer to 7.4 times as many)"
        );
        assert_eq!(size(&fall), "20 % fewer");
    }

    #[test]
    fn an_effect_that_is_likely_too_large_is_said_to_be() {
        let plain = finding(0.1, 0.5, 0.9, false);
        let large = Finding { is_likely_too_large: true, ..plain.clone() };
        assert!(!verdict_of(plain).contains("the true effect is likely smaller"));
        assert!(verdict_of(large).contains("the true effect is likely smaller"));
    }

    #[test]
    fn what_rounds_to_zero_has_no_sign() {
        assert_eq!([fixed(-0.000_4, 3), fixed(-0.000_6, 3)], ["0.000", "-0.001"]);
    }

    #[test]
    fn p_values_have_no_false_precision() {
        assert_eq!([p_value(0.000_2), p_value(0.044_1)], ["< 0.001", "0.044"]);
    }
}
