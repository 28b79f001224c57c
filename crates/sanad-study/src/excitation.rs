//! Does one kind of event bring another? The daily excitation model of the kinds that a case
//! declares, link by link.
//!
//! The expected number of events of kind i on day t is
//!
//! > λᵢ(t) = exp(levelᵢ + fᵢ(t)) + Σⱼ nᵢⱼ Σ_{l = 1 … 28} gᵢⱼ(l) Nⱼ(t − l)
//!
//! with a background of trend, season and weekday fᵢ, the counts Nⱼ of every kind, and a kernel g
//! that halves every hᵢⱼ days and adds up to 1 over the lags. nᵢⱼ is the branching coefficient: how
//! many events of i one of j brings within four weeks. The model, its likelihood and its sources
//! stand in `sanad_cycle::discrete`; here its settings are fixed once, for the claims and for the
//! study of the cycle. An effect in time beyond the background is not yet a cause.

use chrono::Datelike;
use sanad_core::Estimate;
use sanad_core::random::Streams;
use sanad_cycle::Links;
use sanad_cycle::discrete::{
    Background, Fit, Kernel, Series, Settings, detectable_branching, fit_reporting, fit_target,
    link_test,
};
use sanad_numbers::NORMAL_95;

use super::kinds::Daily;
use crate::error::{Error, Result};

/// Lags that count, in days: the four weeks that claims speak of. What an event brings later than
/// that is background.
const HORIZON_DAYS: usize = 28;
/// Half-lives that a link may have, in days. Days are the grain of the record; below half a day
/// nothing can be told.
const SHORTEST_DAYS: f64 = 0.5;
/// Longest half-life that is tried: half the horizon, beyond which a kernel is cut off.
const LONGEST_DAYS: f64 = HORIZON_DAYS as f64 / 2.0;
/// Draws of the law of a link that is absent. A p-value of 0.05 then has a standard error of √(0.05
/// · 0.95 / 2000) = 0.005.
pub(super) const DRAWS: u32 = 2000;
/// Events that a kind must have for links into it to be estimated: its background alone has some
/// thirty parameters.
pub(super) const FEWEST_EVENTS: usize = 100;
/// Half-life that a link without one is looked for with, in days. A half-life cannot be estimated
/// for a link that is absent.
pub(super) const USUAL_HALF_LIFE_DAYS: f64 = 7.0;
/// Seed of every draw here.
pub(super) const SEED: u64 = 1;

/// The fitted model of all kinds.
pub(crate) struct Excitation {
    /// One national series of days per kind.
    pub(super) series: Series,
    /// The settings of the fit: laws, kernel, background and which links are allowed.
    pub(super) settings: Settings,
    /// The fit, a target per kind.
    pub(super) fitted: Fit,
}

/// One link, from one kind to another.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ExcitationLink {
    /// Mean number of events of the second kind that one of the first brings within the horizon.
    /// Not negative.
    pub branching: f64,
    /// Standard error there; where the estimate is zero, that of the absent link. In events of the
    /// second kind per event of the first.
    pub error: f64,
    /// p-value of the link being absent. By Rao's score test (`link_test`), with 2,000 draws of the
    /// law of the absent link.
    pub p_value: f64,
    /// Half-life in days, where there is a link.
    pub half_life_days: Option<f64>,
    /// Its 95 % interval, within what the kernel allows.
    pub half_life_range_days: Option<(f64, f64)>,
    /// Events of the first and of the second kind. Of the days of the cycle.
    pub events: [usize; 2],
    /// Share of the second kind's events that any link brings. From 0 to 1.
    pub endogenous_share: f64,
    /// Spectral radius of all links together. The same for every link of a fit.
    pub spectral_radius: f64,
}

impl Excitation {
    /// Fits all kinds: negative binomial, a knot of the trend a year, season, weekday, geometric
    /// kernels with a half-life per link, links among all kinds.
    ///
    /// Links run into kinds with a hundred events or more, from kinds that have any; a kind with
    /// fewer is a cause only. The country is one place.
    ///
    /// # Errors
    ///
    /// `Error::Uncovered` where a month of the cycle's days is covered by no release;
    /// `Error::Cycle` where a kind cannot be fitted.
    pub(crate) fn fit(daily: &Daily) -> Result<Self> {
        Self::fit_reporting(daily, &|| ())
    }

    /// As [`fit`](Self::fit); `after_each` is called after every kind.
    pub(crate) fn fit_reporting(daily: &Daily, after_each: &(dyn Fn() + Sync)) -> Result<Self> {
        let series = daily.series()?;
        let kinds = series.extent().kinds;
        let many = |kind: usize| series.total(kind) >= FEWEST_EVENTS;
        let any = |kind: usize| series.total(kind) > 0;
        let settings = Settings {
            links: Links::Custom(
                (0..kinds)
                    .map(|target| (0..kinds).map(|from| many(target) && any(from)).collect())
                    .collect(),
            ),
            kernel: Kernel::Geometric {
                shortest_days: SHORTEST_DAYS,
                longest_days: LONGEST_DAYS,
                horizon_days: HORIZON_DAYS,
                shared: false,
            },
            background: Background {
                first_weekday: Some(daily.cycle.from.weekday().num_days_from_monday() as usize),
                ..Background::default()
            },
            ..Settings::default()
        };
        let fitted = fit_reporting(&series, &settings, after_each)?;
        Ok(Self { series, settings, fitted })
    }

    /// Spectral radius of the branching matrix.
    pub(crate) fn spectral_radius(&self) -> f64 {
        self.fitted.spectral_radius()
    }

    /// One link's coefficient with its 95 % interval, cut at zero; nothing where the effect has too
    /// few events, and bounds that are not a number where the estimate is zero. Without a test, so
    /// that a matrix of all kinds is quick.
    pub(crate) fn estimate(&self, source: usize, target: usize) -> Option<Estimate> {
        if !self.settings.links.allows(target, source) {
            return None;
        }
        let found = &self.fitted.targets()[target];
        let value = found.branching(source);
        let reach = found.branching_error(source).map_or(f64::NAN, |error| NORMAL_95 * error);
        let low = if reach.is_nan() { f64::NAN } else { (value - reach).max(0.0) };
        Some(Estimate { low, value, high: value + reach })
    }

    /// One link with its test.
    ///
    /// The half-life's interval is h · exp(±1.96 s) with s the standard error of ln h, cut at what
    /// the kernel allows.
    ///
    /// # Errors
    ///
    /// `Error::TooFew` where the second kind has fewer than a hundred events; `Error::Cycle` where
    /// the test cannot be computed.
    pub(crate) fn link(&self, source: usize, target: usize) -> Result<ExcitationLink> {
        let events = [source, target].map(|kind| self.series.total(kind));
        if events[1] < FEWEST_EVENTS {
            return Err(Error::TooFew { found: events[1], expected: FEWEST_EVENTS });
        }
        let found = &self.fitted.targets()[target];
        let streams = Streams::new(SEED, "excitation");
        let test = link_test(&self.series, &self.settings, (target, source), DRAWS, streams)?;
        let branching = found.branching(source);
        let half_life_days = found.half_life_days(source).filter(|_| branching > 0.0);
        let half_life_range_days = half_life_days.and_then(|days| {
            let spread = (NORMAL_95 * found.log_half_life_error(source)?).exp();
            Some(((days / spread).max(SHORTEST_DAYS), (days * spread).min(LONGEST_DAYS)))
        });
        let error = match found.branching_error(source) {
            Some(error) => error,
            None => self.error_when_absent(source, target)?,
        };
        Ok(ExcitationLink {
            branching,
            error,
            p_value: test.p_value,
            half_life_days,
            half_life_range_days,
            events,
            endogenous_share: found.endogenous_share(),
            spectral_radius: self.fitted.spectral_radius(),
        })
    }
    /// Standard error of a link that is not there, from the information that the record has on it.
    ///
    /// An estimate at the bound has no curvature to take an error from; the detectable effect is
    /// z₀.₉₇₅ + z_power errors, and z of a power of one half is 0.
    fn error_when_absent(&self, source: usize, target: usize) -> Result<f64> {
        let kinds = self.series.extent().kinds;
        let allowed = |to: usize, from: usize| {
            self.settings.links.allows(to, from) && (to, from) != (target, source)
        };
        let links = (0..kinds).map(|to| (0..kinds).map(|from| allowed(to, from)).collect());
        let without = self.settings.with_links(Links::Custom(links.collect()));
        let absent = fit_target(&self.series, &without, target)?;
        // At a level of 2.5 % and a power of one half the detectable effect is 1.96 errors.
        let detectable = detectable_branching(
            &self.series,
            &self.settings,
            &absent,
            (target, source),
            USUAL_HALF_LIFE_DAYS,
            (0.025, 0.5),
        )?;
        Ok(detectable / NORMAL_95)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Days, NaiveDate};
    use sanad_case::{Cycle, DeclaredKind, EventKind, Explore};
    use sanad_store::DayCount;

    fn kind(id: &str) -> DeclaredKind {
        DeclaredKind {
            id: id.to_owned(),
            title: id.to_owned(),
            note: String::new(),
            events: vec![EventKind::Attack],
            families: Vec::new(),
            civilians_killed: false,
            from_chronicle: None,
            act_effect: None,
            relation_effect: None,
            extra: false,
            overlaps: Vec::new(),
        }
    }

    /// Causes at random; an effect two days after half of them, and a few effects without a cause.
    fn daily() -> Daily {
        let from = NaiveDate::from_ymd_opt(2015, 1, 1).unwrap();
        let mut stream = Streams::new(3, "test").at(0, 0, 0);
        let mut counts = Vec::new();
        let mut add = |kind: &str, day: u64| {
            let day = from + Days::new(day);
            counts.push(DayCount {
                kind: kind.to_owned(),
                from: day,
                to: day,
                place_id: String::new(),
                events: 1,
                deaths_best: 1,
                districts: 1,
            });
        };
        for day in 0..1000 {
            if stream.open01() < 0.25 {
                add("cause", day);
                if stream.open01() < 0.5 {
                    add("effect", day + 2);
                }
            }
            if stream.open01() < 0.05 {
                add("effect", day);
            }
        }
        let to = from + Days::new(1001);
        let kinds = vec![kind("cause"), kind("effect"), kind("rare")];
        let cycle = Cycle {
            from,
            to,
            explore: Explore::default(),
            kinds,
            interventions: Vec::new(),
            regions: Vec::new(),
        };
        let months = [cycle.from, cycle.to].map(sanad_core::Month::from_date);
        let covered = sanad_core::Month::range(months[0], months[1]).collect();
        Daily { cycle, counts, covered }
    }

    #[test]
    fn a_link_is_found_in_its_direction_and_not_against_it() {
        let mut daily = daily();
        let known = daily.counts.clone();
        daily.counts.extend(
            known
                .iter()
                .take(30)
                .map(|count| DayCount { kind: "rare".to_owned(), ..count.clone() }),
        );
        let model = Excitation::fit(&daily).unwrap();
        let there = model.link(0, 1).unwrap();
        assert!((there.branching - 0.5).abs() < 2.5 * there.error, "{there:?}");
        assert!(there.p_value < 0.01, "{there:?}");
        let back = model.link(1, 0).unwrap();
        assert!(back.p_value > 0.01 && back.branching < 0.3, "{back:?}");
        assert!(back.error > 0.0 && back.error.is_finite(), "{back:?}");
        assert!(matches!(model.link(0, 2), Err(Error::TooFew { found: 30, .. })));
    }

    #[test]
    fn days_outside_those_looked_at_do_not_count_and_spans_are_cut() {
        let mut daily = daily();
        let all = daily.series().unwrap().total(0);
        let first = daily.counts.iter().find(|count| count.kind == "cause").unwrap().clone();
        let early = NaiveDate::from_ymd_opt(2014, 12, 20).unwrap();
        daily.counts.push(DayCount { from: early, to: early, ..first.clone() });
        assert_eq!(daily.series().unwrap().total(0), all);
        daily.counts.push(DayCount { from: early, ..first });
        assert_eq!(daily.series().unwrap().total(0), all + 1);
    }
}
