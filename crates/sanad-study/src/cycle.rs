//! The excitation study of a case: every kind of record, link by link, with what the record could
//! have shown.
//!
//! The model is that of the claims: daily national counts per kind, negative binomial, with a
//! background of trend, season and weekday, and geometric kernels that reach 28 days. Where the
//! claims test the links that they name, this study prints every link, with the power of its test
//! and what it could be confused with, so that an empty cell can be told from an absent effect.
//! Kinds that the case sets `extra` get a model beside the base, never a place in it: the claims'
//! model stays what was declared.

use std::sync::OnceLock;

use rayon::prelude::*;
use sanad_case::{DeclaredKind, KindReading};
use sanad_core::random::Streams;
use sanad_cycle::discrete::{
    Background, Comparison, Counts, Extent, LinkDiagnosis, Mixing, Profile, Record, Sampling,
    Series, compare, detectable_branching, diagnose, fit_target, percentile_interval, pit,
    sample_posterior,
};
use sanad_cycle::{KsTest, Links, ks_uniform};
use sanad_evidence::power_at;
use sanad_numbers::{NORMAL_95, median};

use super::excitation::{DRAWS, Excitation, FEWEST_EVENTS, SEED, USUAL_HALF_LIFE_DAYS};
use super::kinds::Daily;
use crate::error::Result;
use sanad_core::{Parts, Progress};

/// Branching coefficient that matters, as in the rules of verdicts. One event in twenty then brings
/// another.
const SIZE_THAT_MATTERS: f64 = 0.05;
/// Level of one side of a two-sided test at 5 %, as `detectable_branching` takes it, and the power
/// that is asked for.
const LEVEL_AND_POWER: (f64, f64) = (0.025, 0.8);
/// Records that a kind beside the base must have to be a cause in a model. With fewer, the row says
/// how many it would take.
const FEWEST_CAUSES: usize = 20;
/// Records strewn at random to learn what a record of a kind that has none could show, and how far
/// from days of the effect's own events: in quiet years a record would seem to show more. The
/// number is scaled away afterwards: the smallest coefficient found falls with the root of the
/// number of records.
const STREWN: usize = 100;
/// How far, in days to either side, a strewn event may lie from an event of the kind it is strewn
/// around.
const STREWN_WITHIN_DAYS: f64 = 60.0;
/// Correlation of two kinds' effects from which they are called confounded. A common bar (C. F.
/// Dormann et al., "Collinearity", Ecography 36, 2013), at which half of the variance is shared.
const CONFOUNDED_FROM: f64 = 0.7;

/// What was found, as rows: the main model comes first, then models of extra kinds, then the same
/// under other readings of events that are not told apart.
pub struct CycleStudy {
    /// A row for each link of each model. Kinds that no model could hold have rows too, without a
    /// coefficient and with a note.
    pub links: Vec<LinkRow>,
    /// A row for each kind as an effect. Of a model about an extra kind, the row of that kind
    /// alone.
    pub kinds: Vec<KindRow>,
    /// No links, self-excitation only, all links; nothing where it could not be computed.
    pub models: Option<Comparison>,
    /// A row for each model and method. The main model has a second row where the posterior was
    /// sampled.
    pub whole: Vec<WholeRow>,
    /// Links at other shares; empty unless asked for. Also empty where the counts at hand were not
    /// made with those shares.
    pub explored: Vec<ExploredRow>,
}

/// One link of one model.
///
/// A row without a branching coefficient was not fitted; `note` then says why, and `smallest_found`
/// what could have been seen, where that can be said.
#[derive(Debug, Clone, Default)]
pub struct LinkRow {
    /// "base", "chosen", or the kind that the model is about. "chosen" stands for a model of the
    /// kinds that a request names.
    pub model: String,
    /// How events that are not told apart are read.
    pub reading: KindReading,
    /// Identifier of the kind that is the cause.
    pub from: String,
    /// Identifier of the kind that is the effect.
    pub to: String,
    /// Events of the cause.
    pub events_from: usize,
    /// Events of the effect.
    pub events_to: usize,
    /// Expected events of the effect that one event of the cause brings; `None` where not fitted.
    /// Not negative; 0 says that the likelihood is greatest without the link.
    pub branching: Option<f64>,
    /// Lower end of its 95 % interval. Cut at 0.
    pub low: Option<f64>,
    /// Upper end of its 95 % interval.
    pub high: Option<f64>,
    /// Days within which half of the effect comes. Between 0.5 and 14; `None` where the coefficient
    /// is 0.
    pub half_life_days: Option<f64>,
    /// Its 95 % interval. It stops at the bounds that a half-life may have.
    pub half_life_range_days: Option<(f64, f64)>,
    /// Of the test that the coefficient is zero. Rao's score test, with the law of the absent link
    /// drawn 2,000 times. Not adjusted for the number of links.
    pub p_value: Option<f64>,
    /// Power of a test at 5 % against the size that matters. From 0 to 1, against a coefficient of
    /// 0.05.
    pub power: Option<f64>,
    /// Smallest coefficient that a test at 5 % finds with probability 0.8.
    pub smallest_found: Option<f64>,
    /// Share of the source's information left once background and other kinds are fitted. From 0 to
    /// 1; near 0 the source's effect looks like trend or like other kinds.
    pub information_kept: Option<f64>,
    /// The kind whose effect can hardly be told from this one's. Several, where there are, with
    /// commas between their identifiers.
    pub confounded_with: Option<String>,
    /// Quantiles 2.5, 50 and 97.5 % of the posterior, where it was sampled. Of the main model with
    /// what is not told apart left out.
    pub posterior: Option<[f64; 3]>,
    /// Lower end, estimate and upper end of the profile among all kinds, where it was asked for.
    /// The estimate is that of the profile's joint fit of all kinds, which need not equal
    /// `branching`.
    pub profile: Option<[f64; 3]>,
    /// What a reader has to know of the row.
    pub note: Option<String>,
}

/// One kind as an effect.
///
/// It says how well the model holds for the kind's own days.
#[derive(Debug, Clone)]
pub struct KindRow {
    /// The model.
    pub model: String,
    /// How events that are not told apart are read.
    pub reading: KindReading,
    /// Share of the events that can be told to be of the kind; nothing where none are at issue.
    /// From 0 to 1, over the days of the cycle.
    pub share_told: Option<f64>,
    /// Identifier of the kind.
    pub id: String,
    /// Events of the kind.
    pub events: usize,
    /// Those whose day is not known. They are known to a span of days and enter the likelihood as
    /// such.
    pub events_of_uncertain_day: usize,
    /// Share of its events that links explain, 0 to 1. The rest is background. `None` for kinds
    /// with fewer than a hundred events, whose links are not fitted.
    pub endogenous_share: Option<f64>,
    /// Size parameter of the negative binomial law; `None` for Poisson counts.
    pub count_size: Option<f64>,
    /// Whether residuals are uniform, as they are when the model holds. A small p-value says that
    /// the model does not hold; the residuals of counts are spread at random within their steps.
    pub uniformity: Option<KsTest>,
}

/// All kinds of a model together.
///
/// A radius below 1 with its whole interval says that a burst dies out by itself.
#[derive(Debug, Clone)]
pub struct WholeRow {
    /// The model.
    pub model: String,
    /// How events that are not told apart are read.
    pub reading: KindReading,
    /// How the interval was found. Either "posterior", or "maximum likelihood": draws from the
    /// estimates' joint normal law, in which a link estimated at zero stays there.
    pub method: &'static str,
    /// Largest eigenvalue of the branching matrix; from 1 on, events would multiply without end.
    pub spectral_radius: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end of its 95 % interval.
    pub high: f64,
    /// Probability that the radius is above 1. The share of draws, 0 to 1.
    pub p_above_one: f64,
    /// Share of all events that links explain, 0 to 1. Kinds count by their events. `None` for a
    /// posterior.
    pub endogenous_share: Option<f64>,
    /// How well the chains have mixed, where the posterior was sampled. Numbers of chains that have
    /// not mixed are not to be relied on.
    pub mixing: Option<Mixing>,
}

/// One link with another share of the dead between attack and operation. Where the line between two
/// kinds is drawn is a rule of the case; a finding that hangs on it shows here.
#[derive(Debug, Clone)]
pub struct ExploredRow {
    /// The share of the dead from which an event counts as an operation, 0 to 1.
    pub share: f64,
    /// The link at that share.
    pub link: LinkRow,
}

/// What is asked of a study.
pub struct CycleRequest<'a> {
    /// Kinds in place of the case's; empty for the case's own. Named kinds make one model "chosen",
    /// without extra kinds and without other shares.
    pub kinds: &'a [String],
    /// Whether to sample the posterior. Four chains with 400 draws to warm up and 500 that are
    /// kept, of the main model alone.
    pub bayes: bool,
    /// Whether to profile the links. Each link's interval is searched by itself, with all else
    /// fitted anew.
    pub profile: bool,
    /// Whether to fit at the other shares that the case declares. The shares stand under `explore`
    /// in `cycle.toml`.
    pub explore: bool,
}

impl CycleStudy {
    /// Fits the models and gathers their results, first with events that are not told apart left out,
    /// then under every other reading that changes the counts. Posterior, profiles and other shares
    /// are those of the first.
    ///
    /// `progress` hears of every kind fitted and every link tested. Links run in parallel and come
    /// back in order, so that rows do not depend on threads.
    ///
    /// # Errors
    ///
    /// `Error::Uncovered` where a month of the cycle's days is covered by no release;
    /// `Error::Cycle` where a model cannot be fitted at all. A single link that cannot be tested is
    /// a row with a note.
    pub fn estimate(
        daily: &Daily,
        request: &CycleRequest<'_>,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let kinds: Vec<&str> = match request.kinds {
            [] => daily.cycle.kinds.iter().map(|kind| kind.id.as_str()).collect(),
            some => some.iter().map(String::as_str).collect(),
        };
        let days = [daily.cycle.from, daily.cycle.to];
        let mut study = Self::under_one_reading(daily, request, progress)?;
        for reading in daily.readings(&kinds, days).into_iter().skip(1) {
            let plain =
                CycleRequest { kinds: request.kinds, bayes: false, profile: false, explore: false };
            let other = Self::under_one_reading(&daily.under(reading), &plain, progress)?;
            let Self { links, kinds, whole, .. } = other;
            study.links.extend(links.into_iter().map(|row| LinkRow { reading, ..row }));
            study.kinds.extend(kinds.into_iter().map(|row| KindRow { reading, ..row }));
            study.whole.extend(whole.into_iter().map(|row| WholeRow { reading, ..row }));
        }
        for row in &mut study.kinds {
            let declared = daily.cycle.kind(&row.id).map(|kind| &daily.cycle.kinds[kind]);
            if declared.is_some_and(DeclaredKind::may_hold_rest) {
                row.share_told = daily.told_share(&row.id, days).share();
            }
        }
        Ok(study)
    }

    /// The models with events that are not told apart read in one way. Rows are named as the
    /// reading "left out"; the caller puts the true reading in.
    fn under_one_reading(
        daily: &Daily,
        request: &CycleRequest<'_>,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let chosen = !request.kinds.is_empty();
        let (name, base) =
            if chosen { ("chosen", daily.only(request.kinds)) } else { ("base", daily.base()) };
        progress.begin("fit the links");
        // Each kind's rate, each link's test, and the comparison of the whole.
        let kinds = base.cycle.kinds.len();
        let parts = Parts::new(progress, kinds + kinds * kinds + 1);
        let after_each = || parts.done();
        let model = FittedModel::fit(name, &base, &after_each)?;
        let mut study = Self {
            links: model.links(|_, _| true, &after_each),
            kinds: model.kinds()?,
            models: model.comparison(),
            whole: vec![model.whole()],
            explored: Vec::new(),
        };
        parts.done();
        let counted = base.series()?;
        for kind in base.cycle.kinds.iter().filter(|kind| !model.ids.contains(&kind.id)) {
            let records = base.cycle.kind(&kind.id).map_or(0, |at| counted.total(at));
            study.links.extend(model.could_have_shown(&kind.id, records));
        }
        progress.end(&format!("spectral radius {:.2}", study.whole[0].spectral_radius));
        if request.profile {
            study.profile(&model, progress)?;
        }
        if request.bayes {
            study.sample(&model, progress)?;
        }
        if !chosen {
            study.extra(daily, &model, progress)?;
        }
        if request.explore && !chosen {
            study.explore(daily, progress)?;
        }
        Ok(study)
    }

    /// Profile intervals of the model's links, adjusted for the backgrounds of all kinds. A link
    /// whose interval cannot be found has none, and the progress says of how many.
    fn profile(&mut self, model: &FittedModel, progress: &dyn Progress) -> Result<()> {
        progress.begin("profile the links");
        let Excitation { series, settings, fitted } = &model.excitation;
        let profile = Profile::new(series, settings, fitted)?;
        let branching = profile.branching();
        let total = self.links.iter().filter(|row| row.branching.is_some()).count();
        let parts = Parts::new(progress, total);
        let links = self.links.par_iter_mut().filter(|row| row.branching.is_some());
        let failed = links
            .filter_map(|row| {
                let link = model.position(row)?;
                let ends = profile.interval(link).ok();
                parts.done();
                row.profile = ends.map(|(low, high)| [low, branching[link], high]);
                ends.is_none().then_some(())
            })
            .count();
        let radius = profile.spectral_radius();
        progress.end(&match failed {
            0 => format!("spectral radius {radius:.2}"),
            _ => format!("spectral radius {radius:.2}; no interval found for {failed} links"),
        });
        Ok(())
    }

    /// Draws from the posterior of the main model, with how well the chains mixed. Medians and the
    /// 2.5 and 97.5 % quantiles of the draws are kept, not the draws.
    fn sample(&mut self, model: &FittedModel, progress: &dyn Progress) -> Result<()> {
        progress.begin("sample the posterior");
        let Excitation { series, settings, fitted } = &model.excitation;
        let streams = Streams::new(SEED, "posterior");
        let found = sample_posterior(series, settings, fitted, Sampling::default(), streams)?;
        let range = percentile_interval(&found.spectral_radius, 0.95).unwrap_or_default();
        self.whole.push(WholeRow {
            model: model.name.clone(),
            reading: KindReading::LeftOut,
            method: "posterior",
            spectral_radius: median(&found.spectral_radius),
            low: range.0,
            high: range.1,
            p_above_one: found.probability_explosive(),
            endogenous_share: None,
            mixing: Some(found.mixing),
        });
        for row in self.links.iter_mut().filter(|row| row.branching.is_some()) {
            let Some((to, from)) = model.position(row) else { continue };
            let draws = found.coefficient(to, from);
            let range = percentile_interval(&draws, 0.95).unwrap_or_default();
            row.posterior = Some([range.0, median(&draws), range.1]);
        }
        progress.end(&format!(
            "P(radius > 1) {:.3}; {}",
            found.probability_explosive(),
            describe_mixing(&found.mixing)
        ));
        Ok(())
    }

    /// Each kind beside the base in a model of its own, or what its records could have shown. Such
    /// a model holds the kind and all of the base that do not overlap with it; a kind that is a
    /// part of another would explain it. Only links from and to the extra kind are kept.
    fn extra(&mut self, daily: &Daily, base: &FittedModel, progress: &dyn Progress) -> Result<()> {
        let kinds: Vec<_> = daily.cycle.kinds.iter().filter(|kind| kind.extra).collect();
        progress.begin("fit kinds beside them");
        for (done, kind) in kinds.iter().enumerate() {
            progress.advance(done, kinds.len());
            let with = |other: &str| {
                let base = daily.cycle.kinds.iter().find(|kind| kind.id == other);
                other == kind.id
                    || base.is_some_and(|base| !base.extra && !kind.overlaps.contains(&base.id))
            };
            let ids: Vec<String> = daily
                .cycle
                .kinds
                .iter()
                .map(|kind| kind.id.clone())
                .filter(|id| with(id))
                .collect();
            let of_kind = daily.only(&ids);
            let own = of_kind.series()?;
            let at = of_kind.cycle.kind(&kind.id).unwrap_or(0);
            if own.total(at) < FEWEST_CAUSES {
                self.links.extend(base.could_have_shown(&kind.id, own.total(at)));
                continue;
            }
            let model = FittedModel::fit(&kind.id, &of_kind, &|| ())?;
            self.links.extend(model.links(|from, to| from == at || to == at, &|| ()));
            self.kinds.extend(model.kinds()?.into_iter().filter(|row| row.id == kind.id));
            self.whole.push(model.whole());
        }
        progress.end(&format!("{} kinds", kinds.len()));
        Ok(())
    }

    /// The links at other shares of the dead from which an event counts as an operation. A share
    /// that the counts were not made with is passed over.
    fn explore(&mut self, daily: &Daily, progress: &dyn Progress) -> Result<()> {
        progress.begin("try other shares");
        let shares = &daily.cycle.explore.shares;
        for (done, &share) in shares.iter().enumerate() {
            progress.advance(done, shares.len());
            let Some(other) = daily.at_share(share) else { continue };
            let model = FittedModel::fit("base", &other, &|| ())?;
            let links = model.links(|_, _| true, &|| ()).into_iter();
            self.explored.extend(links.map(|link| ExploredRow { share, link }));
        }
        progress.end(&format!("{} shares", daily.cycle.explore.shares.len()));
        Ok(())
    }
}

/// A fitted model with its name and kinds.
struct FittedModel {
    /// "base", "chosen", or the kind that the model is about.
    name: String,
    /// Identifiers of the kinds fitted, in the order of the series.
    ids: Vec<String>,
    excitation: Excitation,
    /// What strewn records would show, by effect; the same for every kind that has too few.
    strewn: OnceLock<Vec<Option<f64>>>,
}

impl FittedModel {
    /// Fits the kinds that have events; a background cannot be fitted to fewer than two.
    /// `after_each` is called after every kind. Kinds that drop out get rows by `could_have_shown`.
    fn fit(name: &str, daily: &Daily, after_each: &(dyn Fn() + Sync)) -> Result<Self> {
        let all = daily.series()?;
        let some = |id: &str| daily.cycle.kind(id).is_some_and(|kind| all.total(kind) >= 2);
        let ids: Vec<String> =
            daily.cycle.kinds.iter().map(|kind| kind.id.clone()).filter(|id| some(id)).collect();
        let daily = &daily.only(&ids);
        Ok(Self {
            name: name.to_owned(),
            ids: daily.cycle.kinds.iter().map(|kind| kind.id.clone()).collect(),
            excitation: Excitation::fit_reporting(daily, after_each)?,
            strewn: OnceLock::new(),
        })
    }

    /// Target and source of a row among the model's kinds; nothing for a row about another kind.
    fn position(&self, row: &LinkRow) -> Option<(usize, usize)> {
        let at = |id: &str| self.ids.iter().position(|other| other == id);
        Some((at(&row.to)?, at(&row.from)?))
    }

    /// The rows of the links that are wanted, in the order of kinds; `after_each` is called after
    /// every one. By effect, then by cause.
    fn links(
        &self,
        wanted: impl Fn(usize, usize) -> bool,
        after_each: &(dyn Fn() + Sync),
    ) -> Vec<LinkRow> {
        let all =
            (0..self.ids.len()).flat_map(|to| (0..self.ids.len()).map(move |from| (from, to)));
        let pairs: Vec<(usize, usize)> = all.filter(|&(from, to)| wanted(from, to)).collect();
        let diagnoses = self.diagnoses(&pairs);
        let one = |(from, to): (usize, usize)| {
            let row = self.link(from, to, diagnoses[to].as_ref());
            after_each();
            row
        };
        pairs.into_par_iter().map(one).collect()
    }

    /// A row with the names and events of both kinds, its numbers still missing.
    fn named(&self, from: usize, to: usize) -> LinkRow {
        let series = &self.excitation.series;
        LinkRow {
            model: self.name.clone(),
            from: self.ids[from].clone(),
            to: self.ids[to].clone(),
            events_from: series.total(from),
            events_to: series.total(to),
            ..LinkRow::default()
        }
    }

    /// What can be told apart among the links into each effect of these pairs, by effect: the same for all of
    /// its causes. `None` for other effects, for those with too few events, and where the background itself
    /// cannot be told apart. Taken at a half-life of seven days and without any link.
    fn diagnoses(&self, pairs: &[(usize, usize)]) -> Vec<Option<LinkDiagnosis>> {
        let Excitation { series, settings, .. } = &self.excitation;
        let wanted = |to: &usize| pairs.iter().any(|(_, effect)| effect == to);
        let of_effect = |to: usize| {
            let is_estimated = wanted(&to) && series.total(to) >= FEWEST_EVENTS;
            is_estimated
                .then(|| diagnose(series, settings, to, USUAL_HALF_LIFE_DAYS).ok())
                .flatten()
        };
        (0..self.ids.len()).into_par_iter().map(of_effect).collect()
    }

    /// One link's branching coefficient with interval and test; of a kind with too few events
    /// only the smallest effect that could have been found.
    fn link(&self, from: usize, to: usize, diagnosis: Option<&LinkDiagnosis>) -> LinkRow {
        let row = self.named(from, to);
        if row.events_to < FEWEST_EVENTS {
            let smallest_found = self.least_for_a_rare_effect(from, to);
            let note = "too few events as an effect; with a constant background no smaller \
                          coefficient would be found";
            return LinkRow { smallest_found, note: Some(note.to_owned()), ..row };
        }
        let link = match self.excitation.link(from, to) {
            Ok(link) => link,
            Err(error) => return LinkRow { note: Some(error.to_string()), ..row },
        };
        let (kept, confounded_with) =
            diagnosis.map_or((None, None), |found| self.separation(from, found));
        LinkRow {
            branching: Some(link.branching),
            // Wald's interval, branching ± 1.96 standard errors; a coefficient is never negative.
            low: Some((link.branching - NORMAL_95 * link.error).max(0.0)),
            high: Some(link.branching + NORMAL_95 * link.error),
            half_life_days: link.half_life_days,
            half_life_range_days: link.half_life_range_days,
            p_value: Some(link.p_value),
            power: Some(power_at(SIZE_THAT_MATTERS, link.error)),
            // z₀.₉₇₅ + z₀.₈ = 1.959964 + 0.841621: the coefficient whose estimate passes a
            // two-sided test at 5 % four times out of five.
            smallest_found: Some(2.801_585 * link.error),
            information_kept: kept,
            confounded_with,
            ..row
        }
    }

    /// How much of a source's information is its own, and the kinds that it cannot be told from.
    fn separation(&self, from: usize, found: &LinkDiagnosis) -> (Option<f64>, Option<String>) {
        let at = found.sources.iter().position(|&source| source == from);
        let others: Vec<&str> = found
            .confounded(CONFOUNDED_FROM)
            .into_iter()
            .filter_map(|(a, b)| match (a == from, b == from) {
                (true, _) => Some(b),
                (_, true) => Some(a),
                _ => None,
            })
            .map(|other| self.ids[other].as_str())
            .collect();
        let names = (!others.is_empty()).then(|| others.join(", "));
        (at.map(|at| found.information_kept[at]), names)
    }

    /// The smallest coefficient found into a rare kind, had it no trend and no season to be told
    /// from: a lower bound. `None` where one of the two kinds has no events, or the effect fewer
    /// than two.
    fn least_for_a_rare_effect(&self, from: usize, to: usize) -> Option<f64> {
        let Excitation { series, settings, .. } = &self.excitation;
        if series.total(to) < 2 || series.total(from) == 0 {
            return None;
        }
        let plain = sanad_cycle::discrete::Settings {
            background: Background::constant(),
            counts: Counts::Poisson,
            links: Links::None,
            ..settings.clone()
        };
        let without = fit_target(series, &plain, to).ok()?;
        detectable_branching(
            series,
            &plain,
            &without,
            (to, from),
            USUAL_HALF_LIFE_DAYS,
            LEVEL_AND_POWER,
        )
        .ok()
    }

    /// Each kind's events, the share that events bring, and how well the model fits its days.
    ///
    /// # Errors
    ///
    /// `Error::Cycle` where the residuals of a kind cannot be computed.
    fn kinds(&self) -> Result<Vec<KindRow>> {
        let Excitation { series, settings, fitted } = &self.excitation;
        let streams = Streams::new(SEED, "transform");
        let row = |kind: usize| {
            let estimated = series.total(kind) >= FEWEST_EVENTS;
            let target = &fitted.targets()[kind];
            let mut stream = streams.at(kind as u32, 0, 0);
            let values = pit(series, settings, target, kind, &mut stream)?;
            Ok(KindRow {
                model: self.name.clone(),
                reading: KindReading::LeftOut,
                share_told: None,
                id: self.ids[kind].clone(),
                events: series.total(kind),
                events_of_uncertain_day: series.undated(kind),
                endogenous_share: estimated.then(|| target.endogenous_share()),
                count_size: target.count_size(),
                uniformity: Some(ks_uniform(&values)),
            })
        };
        (0..self.ids.len()).map(row).collect()
    }

    /// No links, links to itself and all links, compared by likelihood. `None` where one of the
    /// three models cannot be fitted.
    fn comparison(&self) -> Option<Comparison> {
        let Excitation { series, settings, .. } = &self.excitation;
        compare(series, settings, DRAWS, Streams::new(SEED, "comparison")).ok()
    }

    /// The spectral radius with its interval, and how much of the violence events bring about. Σₖ
    /// sₖ nₖ / Σₖ nₖ, with nₖ the events of a kind and sₖ the share of them that links explain.
    fn whole(&self) -> WholeRow {
        let Excitation { series, fitted, .. } = &self.excitation;
        let radii = fitted.spectral_radii(DRAWS, Streams::new(SEED, "radius"));
        let range = percentile_interval(&radii, 0.95).unwrap_or_default();
        let above = radii.iter().filter(|radius| **radius > 1.0).count();
        let events = |kind: usize| series.total(kind) as f64;
        let brought: f64 = fitted
            .targets()
            .iter()
            .enumerate()
            .map(|(kind, target)| target.endogenous_share() * events(kind))
            .sum();
        WholeRow {
            model: self.name.clone(),
            reading: KindReading::LeftOut,
            method: "maximum likelihood",
            spectral_radius: fitted.spectral_radius(),
            low: range.0,
            high: range.1,
            p_above_one: above as f64 / radii.len() as f64,
            endogenous_share: Some(brought / (0..self.ids.len()).map(events).sum::<f64>()),
            mixing: None,
        }
    }

    /// What a kind with too few records could have shown: how many records, within two months of
    /// events of the effect, it takes to find one more event each.
    ///
    /// `records` is how many the kind has; with 0 no smallest coefficient can be given. There is a
    /// row per effect with a hundred events or more.
    fn could_have_shown(&self, id: &str, records: usize) -> Vec<LinkRow> {
        let has_many = |to: usize| self.excitation.series.total(to) >= FEWEST_EVENTS;
        let least = self.strewn.get_or_init(|| {
            let of_effect = |to| has_many(to).then(|| self.strewn_detectable(to)).flatten();
            (0..self.ids.len()).into_par_iter().map(of_effect).collect()
        });
        let row = |to: usize| {
            // The error falls with 1/√n: a coefficient b found with n records takes n·b² records to
            // be found at 1.
            let needed = least[to].map(|least| STREWN as f64 * least * least);
            let smallest_found =
                needed.filter(|_| records > 0).map(|n| (n / records as f64).sqrt());
            let note = needed.map(|needed| {
                format!(
                    "too few records in these days; with about {:.0} records one more event for \
                     each would be found",
                    needed.ceil()
                )
            });
            LinkRow {
                model: id.to_owned(),
                from: id.to_owned(),
                to: self.ids[to].clone(),
                events_from: records,
                events_to: self.excitation.series.total(to),
                smallest_found,
                note,
                ..LinkRow::default()
            }
        };
        (0..self.ids.len()).filter(|&to| has_many(to)).map(row).collect()
    }

    /// The smallest coefficient that strewn records would show. A hundred records are put on random
    /// days within two months of the effect's own events; the fitted model without them then says
    /// how large a coefficient would have to be.
    fn strewn_detectable(&self, to: usize) -> Option<f64> {
        let Excitation { series, settings, fitted } = &self.excitation;
        let extent = series.extent();
        let mut records: Vec<Record> =
            (0..extent.kinds).flat_map(|kind| series.records(kind).to_vec()).collect();
        let mut stream = Streams::new(SEED, "strewn").at(to as u32, 0, 0);
        let own = series.records(to);
        let strewn: Vec<Record> = (0..STREWN)
            .map(|_| {
                let event = own[(stream.open01() * own.len() as f64) as usize % own.len()];
                let day =
                    event.first_day as f64 + STREWN_WITHIN_DAYS * (2.0 * stream.open01() - 1.0);
                Record::on_day(extent.kinds, 0, (day.max(0.0) as usize).min(extent.days - 1))
            })
            .collect();
        records.extend(strewn);
        let wider = Extent { kinds: extent.kinds + 1, ..extent };
        let series = Series::new(wider, &records).ok()?;
        detectable_branching(
            &series,
            settings,
            &fitted.targets()[to],
            (to, extent.kinds),
            USUAL_HALF_LIFE_DAYS,
            LEVEL_AND_POWER,
        )
        .ok()
    }
}

/// What to think of the chains.
fn describe_mixing(mixing: &Mixing) -> String {
    let numbers = format!(
        "largest R̂ {:.3}, at least {:.0} effective draws ({:.0} in the tails), divergences: {}",
        mixing.largest_r_hat,
        mixing.fewest_effective_draws,
        mixing.fewest_tail_draws,
        mixing.divergences
    );
    if mixing.is_good() {
        numbers
    } else {
        format!("{numbers}. The chains have not mixed: do not rely on the posterior")
    }
}
