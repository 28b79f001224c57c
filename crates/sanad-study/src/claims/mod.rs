//! The claims of a case on trial: every test is run, multiplicity reckoned with, and the rule of
//! `docs/verdict-rules.md` applied.

mod procedure;
mod series;
mod told;

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use sanad_brief::Measured;
use sanad_brief::section::claims::{Branching, Finding, Trial, TriedClaim, Verdict};
use sanad_case::{Claim, Claims, Sign};
use sanad_evidence::{VerdictRule, benjamini_yekutieli, power_at};

use super::excitation::Excitation;
use super::{Progress, Study};
use procedure::{Evidence, Lack};

impl Study {
    /// Tries every claim; nothing when the case has none. `progress` hears of each claim that was tried.
    pub fn trial(&self, progress: &dyn Progress) -> Option<Trial> {
        let claims = self.claims.as_ref()?;
        let fitted = self.excitation_model();
        let tried = AtomicUsize::new(0);
        let evidence: Vec<Result<Evidence, Lack>> = claims
            .claims
            .par_iter()
            .map(|claim| {
                let evidence = self.try_test(claims, fitted.as_ref(), &claim.test);
                let done = tried.fetch_add(1, Ordering::Relaxed) + 1;
                progress.advance(done, claims.claims.len());
                evidence
            })
            .collect();
        let p_values: Vec<f64> =
            evidence.iter().map(|it| it.as_ref().map_or(f64::NAN, |it| it.p_value)).collect();
        let adjusted = benjamini_yekutieli(&p_values);
        let tried = claims.claims.iter().zip(evidence).zip(adjusted);
        let tried = tried
            .map(|((claim, evidence), adjusted)| self.tried(claims, claim, evidence, adjusted));
        Some(Trial {
            text: self.text(),
            source: format!("{}, {} to {}", self.source, self.months[0], self.months[1]),
            concepts: claims.concepts.iter().map(|concept| concept.title.clone()).collect(),
            claims: tried.collect(),
            branching: fitted
                .as_ref()
                .and_then(|it| it.as_ref().ok())
                .and_then(|it| self.branching(it)),
        })
    }

    fn branching(&self, fitted: &Excitation) -> Option<Branching> {
        let cycle = &self.daily.as_ref()?.cycle;
        let kinds = 0..cycle.kinds.len();
        let row = |source: usize| kinds.clone().map(|to| fitted.estimate(source, to)).collect();
        Some(Branching {
            kinds: cycle.kinds.iter().map(|kind| kind.title.clone()).collect(),
            model: format!(
                "Mean number of events with the 95 % interval, all of {}, {} to {}; kinds by the rules of \
                 the case. An effect in time is not yet a cause; a kind that holds another, as operations \
                 hold those in which civilians died, shares its effect with it. Source: {}.",
                self.case.title, cycle.from, cycle.to, self.source
            ),
            values: kinds.clone().map(row).collect(),
            spectral_radius: fitted.spectral_radius(),
        })
    }

    fn tried(
        &self,
        claims: &Claims,
        claim: &Claim,
        evidence: Result<Evidence, Lack>,
        adjusted_p: f64,
    ) -> TriedClaim {
        let (finding, needs) = match evidence {
            Ok(evidence) => (Some(finding(claim, evidence, adjusted_p)), None),
            Err(needs) => (None, Some(needs)),
        };
        let verdict = decide(finding.as_ref());
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
            test: told::test(
                claims,
                self.daily.as_ref().map(|daily| &daily.cycle),
                &claim.test,
                [&self.source, &self.national_source],
            ),
            verdict,
            finding: finding.filter(|_| verdict != Verdict::NotTestable),
            limits: claim.test.limits().to_owned(),
            needs,
            prior: claim.prior.iter().map(|it| (it.cite.clone(), it.found.clone())).collect(),
        }
    }
}

fn finding(claim: &Claim, evidence: Evidence, adjusted_p: f64) -> Finding {
    let size_that_matters = claim.test.size_that_matters().unwrap_or(f64::NAN);
    Finding {
        effect: Measured {
            low: evidence.interval.0,
            value: evidence.effect,
            high: evidence.interval.1,
        },
        unit: evidence.unit,
        falls: evidence.falls,
        size_that_matters,
        p_value: evidence.p_value,
        adjusted_p,
        power: evidence.power.unwrap_or_else(|| power_at(size_that_matters, evidence.error)),
        details: evidence.details,
        chart: evidence.chart,
    }
}

fn decide(finding: Option<&Finding>) -> Verdict {
    let found = finding.map(|it| sanad_evidence::Finding {
        effect: it.effect.value,
        interval: (it.effect.low, it.effect.high),
        size_that_matters: it.size_that_matters,
        adjusted_p: it.adjusted_p,
        power: it.power,
    });
    match VerdictRule::default().decide(found) {
        sanad_evidence::Verdict::Supported => Verdict::Supported,
        sanad_evidence::Verdict::Contradicted => Verdict::Contradicted,
        sanad_evidence::Verdict::Inconclusive => Verdict::Inconclusive,
        sanad_evidence::Verdict::NotTestable => Verdict::NotTestable,
    }
}
