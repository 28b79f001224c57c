//! Tests of claims on months after those that their verdicts rest on.
//!
//! Such tests are declared before their months are looked at. They are judged together, by Holm's
//! adjustment over all of them, and can take a verdict away but give none.

use sanad_brief::section::claims::{LaterAgreement, LaterFinding, LaterTest};
use sanad_case::{Claim, Claims};
use sanad_core::{Estimate, Verdict};
use sanad_evidence::holm;

use super::procedure::{Reason, TestEvidence, try_test};
use super::test_in_words;
use super::verdict::Judgement;
use crate::Study;

/// Largest adjusted p-value at which a later test agrees or disagrees. The adjusted p-values are
/// Holm's: none of the later tests agrees or disagrees by chance in more than one trial of twenty.
const LEVEL: f64 = 0.05;

/// What the later tests of each claim found, in the order of the claims; nothing for a claim
/// without such tests. Later tests are of series; those that need kinds by day cannot run here and
/// say so.
pub(super) fn findings(study: &Study, claims: &Claims) -> Vec<Option<LaterFinding>> {
    let runs: Vec<Vec<Result<TestEvidence, Reason>>> = claims
        .claims
        .iter()
        .map(|claim| claim.later.iter().map(|test| try_test(study, claims, None, test)).collect())
        .collect();
    let p_values: Vec<f64> = runs
        .iter()
        .flatten()
        .map(|run| run.as_ref().map_or(f64::NAN, |evidence| evidence.p_value))
        .collect();
    let mut adjusted = holm(&p_values).into_iter();
    let judged = |(claim, runs): (&Claim, Vec<Result<TestEvidence, Reason>>)| {
        let tests: Vec<LaterTest> = claim
            .later
            .iter()
            .zip(runs)
            .zip(adjusted.by_ref())
            .map(|((test, run), adjusted_p)| {
                later_test(test_in_words(study, claims, test), run, adjusted_p)
            })
            .collect();
        let agreement = agreement(&tests)?;
        Some(LaterFinding { agreement, tests })
    };
    claims.claims.iter().zip(runs).map(judged).collect()
}

/// Takes a verdict away that later months speak against.
///
/// *Supported* becomes *inconclusive* where later months disagree, *contradicted* where they agree;
/// the sentence that says so is added to the reasons.
pub(super) fn withhold(judgement: &mut Judgement, later: Option<&LaterFinding>) {
    let Some(later) = later else { return };
    if !matches!(judgement.verdict, Verdict::Supported | Verdict::Contradicted) {
        return;
    }
    let against = match judgement.verdict {
        Verdict::Supported => LaterAgreement::Disagrees,
        _ => LaterAgreement::Agrees,
    };
    if later.agreement == against {
        judgement.withheld.push(format!(
            "Later months tell the other way, so that {} is not printed.",
            judgement.verdict.as_str()
        ));
        judgement.verdict = Verdict::Inconclusive;
    }
}

/// A later test as the page shows it. A test that could not run shows what it needs, and no
/// p-value.
fn later_test(test: String, run: Result<TestEvidence, Reason>, adjusted_p: f64) -> LaterTest {
    let found = run.as_ref().ok();
    LaterTest {
        test,
        effect: found.map(|found| Estimate::new(found.interval.0, found.effect, found.interval.1)),
        adjusted_p: found.map(|_| adjusted_p),
        details: found.map_or_else(Vec::new, |found| found.details.clone()),
        needs: run.err(),
    }
}

/// What all tests of a claim say together; nothing without a test. Tests that differ do not tell.
fn agreement(tests: &[LaterTest]) -> Option<LaterAgreement> {
    let first = tests.first().map(says)?;
    let all_say = tests.iter().all(|test| says(test) == first);
    Some(if all_say { first } else { LaterAgreement::DoesNotTell })
}

/// What one test says. An effect is positive where it is what the claim says. A test that could not
/// run does not tell.
fn says(test: &LaterTest) -> LaterAgreement {
    match (test.effect, test.adjusted_p) {
        (Some(effect), Some(p)) if p <= LEVEL && effect.value > 0.0 => LaterAgreement::Agrees,
        (Some(effect), Some(p)) if p <= LEVEL && effect.value < 0.0 => LaterAgreement::Disagrees,
        _ => LaterAgreement::DoesNotTell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(effect: f64, adjusted_p: f64) -> LaterTest {
        let effect = Some(Estimate::new(effect - 0.1, effect, effect + 0.1));
        LaterTest {
            test: String::new(),
            effect,
            adjusted_p: Some(adjusted_p),
            details: Vec::new(),
            needs: None,
        }
    }

    #[test]
    fn later_months_agree_or_disagree_only_where_all_tests_do() {
        assert_eq!(agreement(&[]), None);
        assert_eq!(agreement(&[found(0.3, 0.01)]), Some(LaterAgreement::Agrees));
        assert_eq!(agreement(&[found(-0.3, 0.01)]), Some(LaterAgreement::Disagrees));
        assert_eq!(agreement(&[found(0.3, 0.06)]), Some(LaterAgreement::DoesNotTell));
        let mixed = [found(0.3, 0.01), found(0.3, 0.2)];
        assert_eq!(agreement(&mixed), Some(LaterAgreement::DoesNotTell));
        let lacking = later_test(String::new(), Err("Counts.".to_owned()), f64::NAN);
        assert_eq!(agreement(&[found(0.3, 0.01), lacking]), Some(LaterAgreement::DoesNotTell));
    }

    #[test]
    fn later_months_take_a_verdict_away_and_give_none() {
        let judgement = |verdict| Judgement {
            verdict,
            finding: None,
            needs: None,
            readings: Vec::new(),
            withheld: Vec::new(),
            told_apart: Vec::new(),
        };
        let later = |agreement| LaterFinding { agreement, tests: Vec::new() };
        let after = |verdict, agreement| {
            let mut judged = judgement(verdict);
            withhold(&mut judged, Some(&later(agreement)));
            (judged.verdict, judged.withheld.len())
        };
        assert_eq!(
            after(Verdict::Supported, LaterAgreement::Disagrees),
            (Verdict::Inconclusive, 1)
        );
        assert_eq!(after(Verdict::Supported, LaterAgreement::DoesNotTell), (Verdict::Supported, 0));
        assert_eq!(
            after(Verdict::Contradicted, LaterAgreement::Agrees),
            (Verdict::Inconclusive, 1)
        );
        assert_eq!(
            after(Verdict::Inconclusive, LaterAgreement::Agrees),
            (Verdict::Inconclusive, 0)
        );
    }
}
