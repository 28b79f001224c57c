//! The excitation study of a case: every kind of record, link by link, with what the record could
//! have shown.

use rayon::prelude::*;
use sanad_case::{DeclaredKind, KindReading};
use sanad_core::random::Streams;
use sanad_cycle::discrete::{
    Background, Comparison, Counts, Extent, Mixing, Profile, Record, Sampling, Series, compare,
    detectable_branching, diagnose, fit_target, percentile_interval, pit, sample_posterior,
};
use sanad_cycle::{KsTest, Links, ks_uniform};
use sanad_evidence::power_at;
use sanad_numbers::{NORMAL_95, median};

use super::excitation::{DRAWS, Excitation, FEWEST_EVENTS, SEED, USUAL_HALF_LIFE_DAYS};
use super::kinds::Daily;
use crate::error::Result;
use sanad_core::{Parts, Progress};

/// Branching coefficient that matters, as in the rules of verdicts.
const SIZE_THAT_MATTERS: f64 = 0.05;
/// Level of a two-sided test, one side of it; power that is asked for.
const LEVEL_AND_POWER: (f64, f64) = (0.025, 0.8);
/// Records that a kind beside the base must have to be a cause in a model.
const FEWEST_CAUSES: usize = 20;
/// Records strewn at random to learn what a record of a kind that has none could show, and how far
/// from days of the effect's own events: in quiet years a record would seem to show more.
const STREWN: usize = 100;
/// How far, in days to either side, a strewn event may lie from an event of the kind it is strewn
/// around.
const STREWN_WITHIN_DAYS: f64 = 60.0;
/// Correlation of two kinds' effects from which they are called confounded.
const CONFOUNDED_FROM: f64 = 0.7;

/// The study.
pub struct CycleStudy {
    /// A row for each link of each model.
    pub links: Vec<LinkRow>,
    /// A row for each kind as an effect.
    pub kinds: Vec<KindRow>,
    /// No links, self-excitation only, all links; nothing where it could not be computed.
    pub models: Option<Comparison>,
    /// A row for each model and method.
    pub whole: Vec<WholeRow>,
    /// Links at other shares; empty unless asked for.
    pub explored: Vec<ExploredRow>,
}

/// One link of one model.
#[derive(Debug, Clone, Default)]
pub struct LinkRow {
    /// "base", "chosen", or the kind that the model is about.
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
    pub branching: Option<f64>,
    /// Lower end of its 95 % interval.
    pub low: Option<f64>,
    /// Upper end of its 95 % interval.
    pub high: Option<f64>,
    /// Days within which half of the effect comes.
    pub half_life_days: Option<f64>,
    /// Its 95 % interval.
    pub half_life_range_days: Option<(f64, f64)>,
    /// Of the test that the coefficient is zero.
    pub p_value: Option<f64>,
    /// Power of a test at 5 % against the size that matters.
    pub power: Option<f64>,
    /// Smallest coefficient that a test at 5 % finds with probability 0.8.
    pub smallest_found: Option<f64>,
    /// Share of the source's information left once background and other kinds are fitted.
    pub information_kept: Option<f64>,
    /// The kind whose effect can hardly be told from this one's.
    pub confounded_with: Option<String>,
    /// Quantiles 2.5, 50 and 97.5 % of the posterior, where it was sampled.
    pub posterior: Option<[f64; 3]>,
    /// Lower end, estimate and upper end of the profile among all kinds, where it was asked for.
    pub profile: Option<[f64; 3]>,
    /// What a reader has to know of the row.
    pub note: Option<String>,
}

/// One kind as an effect.
#[derive(Debug, Clone)]
pub struct KindRow {
    /// The model.
    pub model: String,
    /// How events that are not told apart are read.
    pub reading: KindReading,
    /// Share of the events that can be told to be of the kind; nothing where none are at issue.
    pub share_told: Option<f64>,
    /// Identifier of the kind.
    pub id: String,
    /// Events of the kind.
    pub events: usize,
    /// Those whose day is not known.
    pub events_of_uncertain_day: usize,
    /// Share of its events that links explain, 0 to 1.
    pub endogenous_share: Option<f64>,
    /// Size parameter of the negative binomial law; `None` for Poisson counts.
    pub count_size: Option<f64>,
    /// Whether residuals are uniform, as they are when the model holds.
    pub uniformity: Option<KsTest>,
}

/// All kinds of a model together.
#[derive(Debug, Clone)]
pub struct WholeRow {
    /// The model.
    pub model: String,
    /// How events that are not told apart are read.
    pub reading: KindReading,
    /// How the interval was found.
    pub method: &'static str,
    /// Largest eigenvalue of the branching matrix; from 1 on, events would multiply without end.
    pub spectral_radius: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end of its 95 % interval.
    pub high: f64,
    /// Probability that the radius is above 1.
    pub p_above_one: f64,
    /// Share of all events that links explain, 0 to 1.
    pub endogenous_share: Option<f64>,
    /// How well the chains have mixed, where the posterior was sampled.
    pub mixing: Option<Mixing>,
}

/// One link with another share of the dead between attack and operation.
#[derive(Debug, Clone)]
pub struct ExploredRow {
    /// The share of the dead from which an event counts as an operation, 0 to 1.
    pub share: f64,
    /// The link at that share.
    pub link: LinkRow,
}

/// What is asked of a study.
pub struct CycleRequest<'a> {
    /// Kinds in place of the case's; empty for the case's own.
    pub kinds: &'a [String],
    /// Whether to sample the posterior.
    pub bayes: bool,
    /// Whether to profile the links.
    pub profile: bool,
    /// Whether to fit at the other shares that the case declares.
    pub explore: bool,
}

impl CycleStudy {
    /// Fits the models and gathers their results, first with events that are not told apart left out,
    /// then under every other reading that changes the counts. Posterior, profiles and other shares
    /// are those of the first.
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

    /// The models with events that are not told apart read in one way.
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
        for kind in base.cycle.kinds.iter().filter(|kind| !model.ids.contains(&kind.id)) {
            study.links.extend(model.could_have_shown(&kind.id, 0));
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

    /// Profile intervals of the model's links, adjusted for the backgrounds of all kinds.
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

    /// Draws from the posterior of the main model, with how well the chains mixed.
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

    /// Each kind beside the base in a model of its own, or what its records could have shown.
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

    /// The links at other shares of the dead from which an event counts as an operation.
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
    name: String,
    ids: Vec<String>,
    excitation: Excitation,
}

impl FittedModel {
    /// Fits the kinds that have events; a background cannot be fitted to fewer than two.
    /// `after_each` is called after every kind.
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
        })
    }

    /// Target and source of a row among the model's kinds; nothing for a row about another kind.
    fn position(&self, row: &LinkRow) -> Option<(usize, usize)> {
        let at = |id: &str| self.ids.iter().position(|other| other == id);
        Some((at(&row.to)?, at(&row.from)?))
    }

    /// The rows of the links that are wanted, in the order of kinds; `after_each` is called after every
    /// one.
    fn links(
        &self,
        wanted: impl Fn(usize, usize) -> bool,
        after_each: &(dyn Fn() + Sync),
    ) -> Vec<LinkRow> {
        let all =
            (0..self.ids.len()).flat_map(|to| (0..self.ids.len()).map(move |from| (from, to)));
        let pairs: Vec<(usize, usize)> = all.filter(|&(from, to)| wanted(from, to)).collect();
        let one = |(from, to)| {
            let row = self.link(from, to);
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

    /// One link's branching coefficient with interval and test; of a kind with too few events
    /// only the smallest effect that could have been found.
    fn link(&self, from: usize, to: usize) -> LinkRow {
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
        let (kept, confounded_with) = self.separation(from, to);
        LinkRow {
            branching: Some(link.branching),
            low: Some((link.branching - NORMAL_95 * link.error).max(0.0)),
            high: Some(link.branching + NORMAL_95 * link.error),
            half_life_days: link.half_life_days,
            half_life_range_days: link.half_life_range_days,
            p_value: Some(link.p_value),
            power: Some(power_at(SIZE_THAT_MATTERS, link.error)),
            smallest_found: Some(2.801_585 * link.error),
            information_kept: kept,
            confounded_with,
            ..row
        }
    }

    /// How much of a source's information is its own, and the kinds that it cannot be told from.
    fn separation(&self, from: usize, to: usize) -> (Option<f64>, Option<String>) {
        let Excitation { series, settings, .. } = &self.excitation;
        let Ok(found) = diagnose(series, settings, to, USUAL_HALF_LIFE_DAYS) else {
            return (None, None);
        };
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
    /// from: a lower bound.
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

    /// No links, links to itself and all links, compared by likelihood.
    fn comparison(&self) -> Option<Comparison> {
        let Excitation { series, settings, .. } = &self.excitation;
        compare(series, settings, DRAWS, Streams::new(SEED, "comparison")).ok()
    }

    /// The spectral radius with its interval, and how much of the violence events bring about.
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
    fn could_have_shown(&self, id: &str, records: usize) -> Vec<LinkRow> {
        let row = |to: usize| {
            let needed = self.strewn_detectable(to).map(|least| STREWN as f64 * least * least);
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
        let targets: Vec<usize> = (0..self.ids.len())
            .filter(|&to| self.excitation.series.total(to) >= FEWEST_EVENTS)
            .collect();
        targets.into_par_iter().map(row).collect()
    }

    /// The smallest coefficient that strewn records would show.
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
