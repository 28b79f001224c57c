//! The claims of a case on trial: every test is run, multiplicity reckoned with, and the rule of
//! `docs/verdict-rules.md` applied.
//!
//! A claim has one test with a size that matters, declared before it is run. Three layers lie
//! between a test and a verdict: all p-values of a reading are adjusted together (Benjamini and
//! Yekutieli), so that asking for one claim runs all; where events are not told apart, every
//! reading that changes a count is tried; and months after those of a verdict, declared beforehand,
//! can take it away. What the record cannot answer is *inconclusive* with the power the test had,
//! or *not testable* with what it would take.

mod later;
mod procedure;
mod series;
mod verdict;
mod wording;

use rayon::prelude::*;
use sanad_brief::section::claims::{Branching, Trial, TriedClaim};
use sanad_case::{Claim, Claims, Sign, Test};
use sanad_core::Verdict;

use super::excitation::Excitation;
use super::levels::by_pair;
use super::{Progress, Study};
use procedure::{ReadDays, Reason, TestEvidence};
use sanad_core::Parts;
use verdict::{Judgement, judge};

/// Tries every claim; nothing when the case has none. `progress` hears of each claim that was tried.
///
/// Claims come back in the order of `claims.toml`. A test that cannot run is no error: its claim is
/// not testable and says what data it needs.
pub fn trial(study: &Study, progress: &dyn Progress) -> Option<Trial> {
    let claims = study.claims.as_ref()?;
    let readings = procedure::day_readings(study).len();
    let parts = Parts::new(progress, readings + claims.claims.len() * readings.max(1));
    let advance = || parts.done();
    let days = procedure::read_days(study, &advance);
    let first = evidence(study, claims, days.first(), None, &advance);
    let others =
        days.iter().skip(1).map(|days| evidence(study, claims, Some(days), Some(&first), &advance));
    let runs: Vec<Vec<Result<TestEvidence, Reason>>> =
        core::iter::once(first.clone()).chain(others.collect::<Vec<_>>()).collect();
    let readings: Vec<_> = days.iter().map(|days| days.reading).collect();
    let judged = judge(&claims.claims, &readings, &runs);
    let judged = judged.into_iter().zip(later::findings(study, claims));
    let all = claims.claims.iter().zip(judged).map(|(claim, (mut judgement, later))| {
        later::withhold(&mut judgement, later.as_ref());
        TriedClaim { later, ..tried(study, claims, claim, judgement) }
    });
    let fitted = days.first().and_then(|days| days.fitted.as_ref().ok());
    Some(Trial {
        text: crate::briefing::text(&study.case),
        source: format!("{}, {} to {}", study.source, study.months[0], study.months[1]),
        concepts: claims.concepts.iter().map(|concept| concept.title.clone()).collect(),
        claims: all.collect(),
        branching: fitted.and_then(|fitted| branching(study, fitted, &days)),
    })
}

/// What each test gives; `advance` is called after each. Under another reading than the first,
/// tests that count no kinds are not run again. The result has one entry per claim, in their order.
fn evidence(
    study: &Study,
    claims: &Claims,
    days: Option<&ReadDays>,
    first: Option<&Vec<Result<TestEvidence, Reason>>>,
    advance: &(dyn Fn() + Sync),
) -> Vec<Result<TestEvidence, Reason>> {
    let one = |(place, claim): (usize, &Claim)| {
        let found = match first {
            Some(first) if !counts_kinds(&claim.test) => first[place].clone(),
            _ => crate::claims::procedure::try_test(study, claims, days, &claim.test),
        };
        advance();
        found
    };
    claims.claims.par_iter().enumerate().map(one).collect()
}

/// How events that are not told apart bear on the matrix, in words. `None` where no reading changes
/// a count.
fn not_told_apart(study: &Study, days: &[ReadDays]) -> Option<String> {
    let daily = study.daily.as_ref()?;
    let window = [daily.cycle.from, daily.cycle.to];
    let shares: Vec<String> = daily
        .cycle
        .kinds
        .iter()
        .filter(|kind| kind.may_hold_rest())
        .filter_map(|kind| {
            let share = daily.told_share(&kind.id, window).share()?;
            Some(format!("{:.0} % of {}", 100.0 * share, kind.title))
        })
        .collect();
    let radii: Vec<String> = days
        .iter()
        .skip(1)
        .filter_map(|read| {
            let radius = read.fitted.as_ref().ok()?.spectral_radius();
            Some(format!("{radius:.2} with {}", read.reading.title()))
        })
        .collect();
    (!radii.is_empty()).then(|| {
        format!(
            " Events that the source does not tell apart are left out; {} can be told. Spectral \
             radius {}.",
            shares.join(", "),
            radii.join(", ")
        )
    })
}

/// The branching matrix of the cycle's kinds for the page, with how much of the record cannot be
/// told apart. Rows are causes and columns effects; a cell is empty where the effect has too few
/// events.
fn branching(study: &Study, fitted: &Excitation, days: &[ReadDays]) -> Option<Branching> {
    let cycle = &study.daily.as_ref()?.cycle;
    let rest = not_told_apart(study, days).unwrap_or_default();
    let kinds = 0..cycle.kinds.len();
    let row = |source: usize| kinds.clone().map(|to| fitted.estimate(source, to)).collect();
    Some(Branching {
        kinds: cycle.kinds.iter().map(|kind| kind.title.clone()).collect(),
        model: format!(
            "Mean number of events with the 95 % interval, all of {}, {} to {}; kinds by the rules of \
             the case. An effect in time is not yet a cause; a kind that holds another, as operations \
             hold those in which civilians died, shares its effect with it.{rest} Source: {}.",
            study.case.title, cycle.from, cycle.to, study.source
        ),
        values: kinds.clone().map(row).collect(),
        spectral_radius: fitted.spectral_radius(),
    })
}

/// A claim with its verdict, as the page shows it. A claim that is not testable shows no finding,
/// even where another reading had one.
fn tried(study: &Study, claims: &Claims, claim: &Claim, judgement: Judgement) -> TriedClaim {
    let Judgement { verdict, finding, needs, readings, withheld, told_apart } = judgement;
    TriedClaim {
        id: claim.id.clone(),
        wording: claim.wording.clone(),
        paragraphs: claim.paragraphs.clone(),
        footnotes: claim.footnotes.clone(),
        from: claims.concept(&claim.from).unwrap_or(0),
        to: claims.concept(&claim.to).unwrap_or(0),
        positive: claim.sign == Sign::More,
        delay: claim.delay.clone(),
        mechanism: claim.mechanism.clone(),
        fronts: claim.fronts.clone(),
        procedure: claim.test.procedure(),
        test: test_in_words(study, claims, &claim.test),
        verdict,
        finding: finding.filter(|_| verdict != Verdict::NotTestable),
        limits: claim.test.limits().to_owned(),
        needs,
        prior: claim.prior.iter().map(|prior| (prior.cite.clone(), prior.found.clone())).collect(),
        readings,
        withheld,
        told_apart,
        later: None,
    }
}

/// A declared test as sentences.
fn test_in_words(study: &Study, claims: &Claims, test: &Test) -> String {
    let pairs: Vec<&str> =
        by_pair(&study.conflicts).map(|release| release.label.as_str()).collect();
    let wording = wording::TestWording {
        claims,
        cycle: study.daily.as_ref().map(|daily| &daily.cycle),
        places: &study.source,
        national: &study.national_source,
        pairs: &pairs.join(", "),
        shipped: &study.shipped_series,
    };
    wording.test(test)
}

/// Whether a test counts kinds of event, so that it depends on what is not told apart.
const fn counts_kinds(test: &Test) -> bool {
    matches!(test, Test::Excitation { .. } | Test::NetworkPermutation { .. })
}
