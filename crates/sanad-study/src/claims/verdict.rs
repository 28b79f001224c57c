//! From what the tests gave under each reading to one verdict on each claim.
//!
//! The rule itself is `sanad_evidence::VerdictRule`. Around it stand reasons for which *supported*
//! or *contradicted* is computed and not printed: too few events told apart, readings that differ,
//! other months of the same event, earlier starts and placebo dates that show as much. Each is a
//! sentence on the claim's page.

use sanad_brief::section::claims::{Finding, ReadingVerdict};
use sanad_case::{Claim, KindReading};
use sanad_core::Estimate;
use sanad_core::Verdict;
use sanad_evidence::{VerdictRule, benjamini_yekutieli, is_likely_too_large, power_at};

use super::procedure::{Reason, TestEvidence};

/// Smallest share of cause and effect that must be told before a verdict is printed. Below one
/// half, most of what a verdict speaks of could be something else.
const FEWEST_TOLD: f64 = 0.5;
/// Largest share of placebo dates that may show as much as a supported date. Where no placebo date
/// could be tried, this check does not speak.
const MOST_PLACEBOS: f64 = 0.1;

/// What the tests of one claim come to.
pub(super) struct Judgement {
    /// The verdict that is printed.
    pub(super) verdict: Verdict,
    /// What the first reading that could run found.
    pub(super) finding: Option<Finding>,
    /// What data it would take, of a claim that is not testable.
    pub(super) needs: Option<String>,
    /// By reading, where there are several and the test depends on them.
    pub(super) readings: Vec<ReadingVerdict>,
    /// Why a verdict that the numbers alone would give is not printed, in sentences.
    pub(super) withheld: Vec<String>,
    /// Share of cause and effect that can be told. Cause before effect, each with its title and a
    /// share from 0 to 1.
    pub(super) told_apart: Vec<(String, f64)>,
}

/// One claim under one reading.
struct ReadClaim {
    /// What the rule says, before anything is withheld.
    verdict: Verdict,
    /// Effect, adjusted p-value and power; `None` where the test could not run.
    finding: Option<Finding>,
}

/// Judges every claim. `runs` holds, by reading, what each test gave, in the order of the claims.
/// The first reading leaves out what is not told apart; p-values are adjusted within a reading.
pub(super) fn judge(
    claims: &[Claim],
    readings: &[KindReading],
    runs: &[Vec<Result<TestEvidence, Reason>>],
) -> Vec<Judgement> {
    let adjusted: Vec<Vec<f64>> = runs.iter().map(|run| adjust(run, None)).collect();
    let one = |(place, claim): (usize, &Claim)| {
        let found: Vec<ReadClaim> = runs
            .iter()
            .zip(&adjusted)
            .map(|(run, adjusted)| decide(claim, run[place].as_ref().ok(), adjusted[place]))
            .collect();
        let window = runs.first().and_then(|run| window(claim, run, place));
        combine(place, readings, runs, found, window)
    };
    claims.iter().enumerate().map(one).collect()
}

/// Adjusted p-values of a family, with another p-value in one place where that is asked. Tests that
/// could not run do not count in the number of tests.
fn adjust(run: &[Result<TestEvidence, Reason>], other: Option<(usize, f64)>) -> Vec<f64> {
    let mut p_values: Vec<f64> =
        run.iter().map(|run| run.as_ref().map_or(f64::NAN, |run| run.p_value)).collect();
    if let Some((place, p_value)) = other {
        p_values[place] = p_value;
    }
    benjamini_yekutieli(&p_values)
}

/// What the months of the other window give, with its p-value in the family. `None` where the case
/// gives the event no other months.
fn window(
    claim: &Claim,
    run: &[Result<TestEvidence, Reason>],
    place: usize,
) -> Option<(String, Verdict)> {
    let (months, second) = &**run[place].as_ref().ok()?.checks.other_window.as_ref()?;
    let adjusted = adjust(run, Some((place, second.p_value)));
    let verdict = decide(claim, Some(second), adjusted[place]).verdict;
    Some((format!("{} to {}", months[0], months[1]), verdict))
}

/// The verdict of the rule on one test, before anything is withheld. A mechanism that is declared
/// slow cannot be contradicted by an absent effect.
fn decide(claim: &Claim, evidence: Option<&TestEvidence>, adjusted_p: f64) -> ReadClaim {
    let finding = evidence.map(|evidence| finding(claim, evidence, adjusted_p));
    let found = finding.as_ref().map(|finding| sanad_evidence::Finding {
        effect: finding.effect.value,
        interval: (finding.effect.low, finding.effect.high),
        size_that_matters: finding.size_that_matters,
        adjusted_p: finding.adjusted_p,
        power: finding.power,
    });
    let rule = VerdictRule::default();
    let rule = if claim.slow { rule.for_slow_mechanism() } else { rule };
    let verdict = rule.decide(found);
    ReadClaim { verdict, finding }
}

/// What a test found, with the size that matters and the power against it. The power is the
/// procedure's own where it has one, and else Φ(size / error − 1.96).
fn finding(claim: &Claim, evidence: &TestEvidence, adjusted_p: f64) -> Finding {
    let size_that_matters = claim.test.size_that_matters().unwrap_or(f64::NAN);
    let power = evidence.power.unwrap_or_else(|| power_at(size_that_matters, evidence.error));
    Finding {
        effect: Estimate::new(evidence.interval.0, evidence.effect, evidence.interval.1),
        unit: evidence.unit,
        falls: evidence.falls,
        size_that_matters,
        p_value: evidence.p_value,
        adjusted_p,
        power,
        is_likely_too_large: is_likely_too_large(evidence.effect, evidence.error, power),
        details: evidence.details.clone(),
        chart: evidence.chart.clone(),
    }
}

/// One verdict from those under every reading of events that are not told apart: it stands only
/// where all agree.
///
/// Verdicts by reading are listed only where some reading gave another result than the first. Where
/// readings differ, or a reason speaks against it, the verdict is *inconclusive* and the reasons
/// stand in `withheld`.
fn combine(
    place: usize,
    readings: &[KindReading],
    runs: &[Vec<Result<TestEvidence, Reason>>],
    found: Vec<ReadClaim>,
    window: Option<(String, Verdict)>,
) -> Judgement {
    let depends = runs.iter().skip(1).any(|run| run[place] != runs[0][place]);
    let by_reading: Vec<ReadingVerdict> = readings
        .iter()
        .zip(&found)
        .filter(|_| depends)
        .map(|(reading, run)| ReadingVerdict {
            reading: reading.as_str(),
            title: reading.title(),
            verdict: run.verdict,
            effect: run.finding.as_ref().map(|finding| finding.effect),
            adjusted_p: run.finding.as_ref().map(|finding| finding.adjusted_p),
        })
        .collect();
    let runs_of_claim: Vec<&TestEvidence> =
        runs.iter().filter_map(|run| run[place].as_ref().ok()).collect();
    let first = found.first().map_or(Verdict::NotTestable, |run| run.verdict);
    let mut withheld = Vec::new();
    let same = found.iter().all(|run| run.verdict == first);
    let mut verdict = if same { first } else { Verdict::Inconclusive };
    if !same {
        withheld.push(differing(&by_reading));
    }
    let evidence = runs_of_claim.first().copied();
    for reason in evidence.map_or_else(Vec::new, |evidence| against(evidence, verdict, window)) {
        verdict = Verdict::Inconclusive;
        withheld.push(reason);
    }
    let needs = runs.first().and_then(|run| run[place].as_ref().err().cloned());
    Judgement {
        verdict,
        finding: found.into_iter().find_map(|run| run.finding),
        needs: needs.filter(|_| verdict == Verdict::NotTestable),
        readings: by_reading,
        withheld,
        told_apart: evidence.map_or_else(Vec::new, |evidence| evidence.checks.told_apart.clone()),
    }
}

/// The verdict under each reading, in one sentence.
fn differing(readings: &[ReadingVerdict]) -> String {
    let each: Vec<String> = readings
        .iter()
        .map(|reading| format!("{}: {}", reading.title, reading.verdict.as_str()))
        .collect();
    format!(
        "The verdict does not hold under every reading of the events that are not told apart ({}).",
        each.join("; ")
    )
}

/// Why a verdict that holds under every reading is not printed. Earlier starts and placebo dates
/// speak against *supported* alone: they are about whether the date is what shows.
fn against(
    evidence: &TestEvidence,
    verdict: Verdict,
    window: Option<(String, Verdict)>,
) -> Vec<String> {
    let checks = &evidence.checks;
    let mut reasons = Vec::new();
    if !matches!(verdict, Verdict::Supported | Verdict::Contradicted) {
        return reasons;
    }
    let word = verdict.as_str();
    for (title, share) in checks.told_apart.iter().filter(|(_, share)| *share < FEWEST_TOLD) {
        reasons.push(format!(
            "Only {:.0} % of the {title} can be told, so that {word} is not printed.",
            100.0 * share
        ));
    }
    if let Some((months, other)) = window.filter(|(_, other)| *other != verdict) {
        reasons.push(format!(
            "On the months that the case gives the same event elsewhere, {months}, it would be {}, not {word}.",
            other.as_str()
        ));
    }
    if verdict != Verdict::Supported {
        return reasons;
    }
    if let [first, ..] = &checks.earlier_starts[..] {
        reasons.push(format!(
            "The series shows at least as much from {first}, half a year or more before, so that the date is not what shows."
        ));
    }
    match checks.placebos {
        Some([_, 0]) => reasons.push(
            "No placebo date could be tried, so that nothing shows how often chance gives as much."
                .to_owned(),
        ),
        Some([as_large, all]) if as_large as f64 > MOST_PLACEBOS * all as f64 => {
            reasons.push(format!("{as_large} of {all} placebo dates show as much."));
        }
        _ => {}
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::procedure::Checks;
    use sanad_brief::section::claims::EffectUnit;
    use sanad_core::Month;
    use sanad_core::chronicle::KnownIds;
    use sanad_core::place::PlaceBook;

    const CLAIM: &str = "[[concept]]\nid = \"a\"\ntitle = \"A\"\n[[concept]]\nid = \"b\"\ntitle = \"B\"\n\
        [[claim]]\nid = \"x\"\nwording = \"A gives B.\"\nparagraphs = [1]\nfrom = \"a\"\nto = \"b\"\n\
        sign = \"more\"\ndelay = \"weeks\"\nmechanism = \"None.\"\nfronts = []\n[claim.test]\n\
        procedure = \"excitation\"\nsource = \"a\"\ntarget = \"b\"\nsize_that_matters = 0.05\n\
        limits = \"None.\"\n";

    fn claim(slow: bool) -> Claim {
        let known = KnownIds::from_case(&PlaceBook::default(), &[]);
        let mut claims = sanad_case::read_claims(CLAIM, &known).unwrap().claims;
        Claim { slow, ..claims.remove(0) }
    }

    fn evidence(effect: f64, error: f64) -> TestEvidence {
        TestEvidence {
            effect,
            interval: (effect - 2.0 * error, effect + 2.0 * error),
            p_value: if effect > 3.0 * error { 0.001 } else { 0.9 },
            error,
            power: None,
            unit: EffectUnit::Branching,
            falls: false,
            details: Vec::new(),
            chart: None,
            checks: Checks::default(),
        }
    }

    /// The judgement on one claim, by reading.
    fn judged(slow: bool, found: &[Result<TestEvidence, Reason>]) -> Judgement {
        let runs: Vec<_> = found.iter().map(|found| vec![found.clone()]).collect();
        judge(&[claim(slow)], &KindReading::ALL[..found.len()], &runs).remove(0)
    }

    #[test]
    fn a_verdict_is_printed_only_where_every_reading_gives_it() {
        let (there, vague) = (Ok(evidence(0.5, 0.1)), Ok(evidence(0.1, 0.1)));
        let same = judged(false, &[there.clone(), Ok(evidence(0.6, 0.1))]);
        assert_eq!((same.verdict, same.withheld.len()), (Verdict::Supported, 0));
        assert_eq!(same.readings.len(), 2);
        let alike = judged(false, &[there.clone(), there.clone()]);
        assert!(alike.readings.is_empty(), "no reading changes the result");
        let differs = judged(false, &[there.clone(), vague, there.clone()]);
        assert_eq!(differs.verdict, Verdict::Inconclusive);
        assert!(differs.withheld[0].contains("all of them attacks: inconclusive"));
        let lacking = judged(false, &[Err("Days.".to_owned()), there]);
        assert_eq!(lacking.verdict, Verdict::Inconclusive);
        assert!(lacking.finding.is_some() && lacking.needs.is_none());
        let none = judged(false, &[Err("Days.".to_owned()), Err("More.".to_owned())]);
        assert_eq!((none.verdict, none.needs.as_deref()), (Verdict::NotTestable, Some("Days.")));
    }

    #[test]
    fn what_is_not_seen_at_once_does_not_contradict_a_slow_mechanism() {
        let absent = || [Ok(evidence(0.0, 0.005))];
        assert_eq!(judged(false, &absent()).verdict, Verdict::Contradicted);
        assert_eq!(judged(true, &absent()).verdict, Verdict::Inconclusive);
        assert_eq!(judged(true, &[Ok(evidence(-0.5, 0.1))]).verdict, Verdict::Contradicted);
    }

    #[test]
    fn shares_dates_and_windows_keep_a_verdict_from_being_printed() {
        let with = |checks| judged(false, &[Ok(TestEvidence { checks, ..evidence(0.5, 0.1) })]);
        let reason = |judgement: Judgement| {
            assert_eq!(judgement.verdict, Verdict::Inconclusive);
            judgement.withheld.join(" ")
        };
        let told_apart =
            |share| Checks { told_apart: vec![("attacks".to_owned(), share)], ..Checks::default() };
        assert_eq!(with(told_apart(0.6)).verdict, Verdict::Supported);
        assert!(reason(with(told_apart(0.4))).contains("Only 40 % of the attacks"));
        let month: Month = "2020-03".parse().unwrap();
        let early = Checks { earlier_starts: vec![month], ..Checks::default() };
        assert!(reason(with(early)).contains("from 2020-03"));
        let placebos = |found| Checks { placebos: Some(found), ..Checks::default() };
        assert_eq!(with(placebos([1, 10])).verdict, Verdict::Supported);
        assert!(reason(with(placebos([2, 10]))).contains("2 of 10 placebo dates"));
        assert!(reason(with(placebos([0, 0]))).contains("No placebo date could be tried"));
        let other = |effect| Checks {
            other_window: Some(Box::new(([month, month], evidence(effect, 0.1)))),
            ..Checks::default()
        };
        assert_eq!(with(other(0.5)).verdict, Verdict::Supported);
        assert!(reason(with(other(0.1))).contains("would be inconclusive, not supported"));
    }
}
