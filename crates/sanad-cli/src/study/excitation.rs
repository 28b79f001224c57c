//! Does one kind of event bring another? The daily excitation model of the kinds that a case
//! declares, link by link.

use chrono::Datelike;
use sanad_core::random::Streams;
use sanad_cycle::Links;
use sanad_cycle::discrete::{
    Background, Fit, Kernel, Series, Settings, detectable_branching, fit, fit_target, link_test,
};

use super::kinds::Daily;
use crate::error::Result;

/// Lags that count, in days: the four weeks that claims speak of.
const HORIZON_DAYS: usize = 28;
/// Draws of the law of a link that is absent.
const DRAWS: u32 = 2000;
/// Half-life that a link without one is looked for with, in days.
const USUAL_HALF_LIFE_DAYS: f64 = 7.0;
const SEED: u64 = 1;

/// The fitted model of all kinds.
pub(crate) struct Excitation {
    series: Series,
    settings: Settings,
    fitted: Fit,
}

/// One link, from one kind to another.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Link {
    /// Mean number of events of the second kind that one of the first brings within the horizon.
    pub(crate) branching: f64,
    /// Standard error there; that of an absent link where the estimate is zero.
    pub(crate) error: f64,
    /// p-value of the link being absent.
    pub(crate) p_value: f64,
    /// Standard error of an absent link, which power rests on.
    pub(crate) error_when_absent: f64,
    /// Half-life in days, where there is a link.
    pub(crate) half_life_days: Option<f64>,
    /// Events of the first and of the second kind.
    pub(crate) events: [usize; 2],
    /// Share of the second kind's events that any link brings.
    pub(crate) endogenous_share: f64,
    /// Spectral radius of all links together.
    pub(crate) spectral_radius: f64,
}

impl Excitation {
    /// Fits all kinds: negative binomial, a knot of the trend a year, season, weekday, geometric
    /// kernels with a half-life per link, links among all kinds.
    pub(crate) fn fit(daily: &Daily) -> Result<Self> {
        let series = daily.series()?;
        let settings = Settings {
            kernel: Kernel::Geometric {
                shortest_days: 0.5,
                longest_days: HORIZON_DAYS as f64 / 2.0,
                horizon_days: HORIZON_DAYS,
                shared: false,
            },
            background: Background {
                first_weekday: Some(daily.cycle.from.weekday().num_days_from_monday() as usize),
                ..Background::default()
            },
            ..Settings::default()
        };
        let fitted = fit(&series, &settings)?;
        Ok(Self { series, settings, fitted })
    }

    /// One link with its test.
    pub(crate) fn link(&self, source: usize, target: usize) -> Result<Link> {
        let found = &self.fitted.targets()[target];
        let streams = Streams::new(SEED, "excitation");
        let test = link_test(
            &self.series,
            &self.settings,
            &self.fitted,
            (target, source),
            DRAWS,
            streams,
        )?;
        let branching = found.branching(source);
        let half_life_days = found.half_life_days(source).filter(|_| branching > 0.0);
        let kinds = self.series.extent().kinds;
        let mut allowed = vec![vec![true; kinds]; kinds];
        allowed[target][source] = false;
        let without = self.settings.with_links(Links::Custom(allowed));
        let absent = fit_target(&self.series, &without, target, &[])?;
        // At a level of 2.5 % and a power of one half the detectable effect is 1.96 errors.
        let detectable = detectable_branching(
            &self.series,
            &self.settings,
            &absent,
            (target, source),
            half_life_days.unwrap_or(USUAL_HALF_LIFE_DAYS),
            (0.025, 0.5),
        )?;
        let error_when_absent = detectable / 1.959_964;
        Ok(Link {
            branching,
            error: found.branching_error(source).unwrap_or(error_when_absent),
            p_value: test.p_value,
            error_when_absent,
            half_life_days,
            events: [self.series.total(source), self.series.total(target)],
            endogenous_share: found.endogenous_share(),
            spectral_radius: self.fitted.spectral_radius(),
        })
    }
}
