//! The level of a place times the errors that such levels made before.

use rayon::prelude::*;
use sanad_core::random::Streams;
use sanad_numbers::{normal_cdf, normal_of_two};

use crate::draws::{Draws, Request, bounded};
use crate::error::Error;
use crate::feature::{Features, at};
use crate::hurdle::{Hurdle, largest, largest_anywhere};
use crate::model::Model;
use crate::panel::Past;
use crate::regime_of_place::{REGIMES, regime_of_series};

/// Draws ln(1 + count) as the place's level, ln(1 + its mean at a half-life of three months), plus
/// an error that places of the same regime made at the same step before the origin.
///
/// Nothing is fitted: the errors are those seen, so that a war is neither drawn back further than
/// wars have fallen nor stretched further than they have grown. A regime with fewer than
/// sixty errors at a step draws zeros.
///
/// Draws are joint over steps as those of [`Hurdle`] are: a latent normal that the steps of a draw
/// share in part gives the rank of the error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelErrors {
    /// Months between the past origins whose errors count.
    pub stride_months: usize,
    /// Months of history before the first of them.
    pub burn_in_months: usize,
    /// Correlation between steps of the latent normal, in [0, 1).
    pub step_correlation: f64,
}

impl Default for LevelErrors {
    fn default() -> Self {
        Self { stride_months: 3, burn_in_months: 24, step_correlation: 0.5 }
    }
}

/// The fewest errors to draw from.
const ENOUGH: usize = 60;

/// Which weighted mean is the level: the second of the features' half-lives, three months.
const LEVEL: usize = at::LEVEL + 1;

impl LevelErrors {
    /// Refuses a stride that leaves nothing and a correlation outside [0, 1).
    fn check(&self) -> Result<(), Error> {
        if self.stride_months == 0 {
            return Err(Error::setting("stride_months", 0, "at least 1"));
        }
        if !(0.0..1.0).contains(&self.step_correlation) {
            return Err(Error::setting("step_correlation", self.step_correlation, "in [0, 1)"));
        }
        Ok(())
    }

    /// Past errors by regime and step, ascending: ln(1 + count) − level.
    fn errors(&self, past: &Past<'_>, features: &Features, request: &Request) -> Vec<Vec<f64>> {
        let months = past.origin() + 1;
        let regimes: Vec<usize> = (0..past.places())
            .into_par_iter()
            .flat_map_iter(|place| {
                let series = past.series(place);
                (0..months).map(move |month| regime_of_series(&series[..=month]))
            })
            .collect();
        let mut errors = vec![Vec::new(); REGIMES * request.steps_len()];
        let first = *request.steps().start();
        let spacing = (self.stride_months, self.burn_in_months);
        for (place, month, step) in features.learnable(past, request, spacing) {
            let regime = regimes[place * months + month];
            let level = features.of_place(place, month)[LEVEL];
            let error = past.series(place)[month + step].ln_1p() - level;
            errors[regime * request.steps_len() + step - first].push(error);
        }
        errors.par_iter_mut().for_each(|own| own.sort_unstable_by(f64::total_cmp));
        errors
    }
}

impl Model for LevelErrors {
    fn name(&self) -> String {
        "level-errors".to_owned()
    }

    fn forecast(&self, past: &Past<'_>, request: &Request) -> Result<Draws, Error> {
        self.check()?;
        let features = Features::of(past);
        let errors = self.errors(past, &features, request);
        let highest = largest_anywhere(past);
        let purpose = format!("{}/{}", self.name(), past.origin_month_id());
        let streams = Streams::new(request.seed(), &purpose);
        let (common, own) = (self.step_correlation.sqrt(), (1.0 - self.step_correlation).sqrt());
        Ok(Draws::by_place(past.places(), request, |place, out| {
            let regime = regime_of_series(past.series(place));
            let level = features.of_place(place, past.origin())[LEVEL];
            let cap = Hurdle::place_cap(largest(past, place), highest);
            let latent = |draw: usize| normal_of_two(&mut streams.at(place as u32, 0, draw as u32));
            let shared: Vec<f64> = (0..request.draws()).map(latent).collect();
            let cells = out.chunks_mut(request.draws()).enumerate();
            for ((index, cell), step) in cells.zip(request.steps()) {
                let seen = &errors[regime * request.steps_len() + index];
                if seen.len() < ENOUGH {
                    continue;
                }
                let mut stream = streams.at(place as u32, step as u32, 0);
                for (slot, shared) in cell.iter_mut().zip(&shared) {
                    let uniform = normal_cdf(common * shared + own * normal_of_two(&mut stream));
                    let rank = ((uniform * seen.len() as f64) as usize).min(seen.len() - 1);
                    *slot = bounded((level + seen[rank]).exp_m1().max(0.0), cap);
                }
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::Panel;

    #[test]
    fn places_that_doubled_before_are_forecast_to_double() {
        // A hundred places whose level doubles every four months from 1: at step 4 twice as much. One
        // more has seen so many deaths that the cap does not hold them.
        let series = |_| (0..60).map(|month| 2_f64.powf(f64::from(month % 40) / 4.0).round());
        let target = (0..100).flat_map(series).chain([9_000.0; 60]).collect();
        let panel = Panel::new(1, 101, 60, target).unwrap();
        let past = panel.up_to(35).unwrap();
        let request = Request::new(4..=4, 100, 1).unwrap();
        let draws = LevelErrors { stride_months: 1, ..LevelErrors::default() }
            .forecast(&past, &request)
            .unwrap();
        let mut cell = draws.cell(0, 0).to_vec();
        cell.sort_unstable();
        let truth = 2_f64.powf(39.0 / 4.0);
        assert!((f64::from(cell[50]) / truth - 1.0).abs() < 0.15, "{} {truth}", cell[50]);
    }

    #[test]
    fn a_regime_that_was_hardly_seen_draws_zeros() {
        let panel = Panel::new(1, 1, 30, vec![500.0; 30]).unwrap();
        let request = Request::new(1..=2, 20, 1).unwrap();
        let draws = LevelErrors::default().forecast(&panel.up_to(29).unwrap(), &request).unwrap();
        assert!(draws.values().iter().all(|&x| x == 0));
    }
}
