//! What a model knows of a place in a month: levels of its own history at several half-lives,
//! time since violence, recent peak, its neighbours, the world, and the panel's covariates.

use rayon::prelude::*;
use sanad_numbers::PlaceMonthGrid;

use crate::draws::Request;
use crate::panel::Past;

/// Half-lives of the weighted histories, in months.
pub(crate) const HALF_LIVES_MONTHS: [f64; 6] = [1.0, 3.0, 6.0, 12.0, 36.0, 120.0];

/// Features of weighted history: four families of weighted history
const OWN: usize = 4 * HALF_LIVES_MONTHS.len();

/// Where each feature stands in a vector.
pub(crate) mod at {
    use super::OWN;

    /// ln(1 + weighted mean), one per half-life.
    pub(crate) const LEVEL: usize = 0;
    /// Weighted mean of ln(1 + value), one per half-life.
    pub(crate) const LOG_LEVEL: usize = 6;
    /// Weighted share of months with any death, one per half-life.
    pub(crate) const SHARE: usize = 12;
    /// Weighted standard deviation of ln(1 + value), one per half-life.
    pub(crate) const UNREST: usize = 18;
    /// ln(1 + months since the last death).
    pub(crate) const SINCE: usize = OWN;
    /// ln(1 + largest value of the last 12 months).
    pub(crate) const PEAK: usize = OWN + 1;
    /// Mean LEVEL at half-life 6 of the neighbours.
    pub(crate) const NEIGHBOURS: usize = OWN + 2;
    /// Mean SHARE at half-life 6 of the neighbours.
    pub(crate) const NEIGHBOURS_SHARE: usize = OWN + 3;
    /// Mean SHARE at half-life 12 of all places.
    pub(crate) const WORLD: usize = OWN + 4;
    /// First covariate.
    pub(crate) const COVARIATES: usize = OWN + 5;
}

/// Months since the last death, for a place that has none on record.
const NEVER_MONTHS: f64 = 240.0;

/// Features of every place and month up to the origin.
#[derive(Debug, Clone)]
pub(crate) struct Features {
    width: usize,
    grid: PlaceMonthGrid,
    values: Vec<f64>,
    /// Whether the place's value of that month is known.
    known: Vec<bool>,
}

impl Features {
    /// The features of every place and month up to the origin.
    pub(crate) fn of(past: &Past<'_>) -> Self {
        let width = at::COVARIATES + past.covariates();
        let grid = PlaceMonthGrid { places: past.places(), months: past.origin() + 1 };
        let mut values = vec![0.0; grid.cells() * width];
        values
            .par_chunks_mut(grid.months * width)
            .enumerate()
            .for_each(|(place, out)| own_features(past, place, width, out));
        let known = (0..past.places())
            .flat_map(|place| past.series(place).iter().map(|value| !value.is_nan()))
            .collect();
        let mut features = Self { width, grid, values, known };
        features.add_surroundings(past);
        features
    }

    /// The features of a place in a month.
    pub(crate) fn of_place(&self, place: usize, month: usize) -> &[f64] {
        let start = self.grid.cell(place, month) * self.width;
        &self.values[start..start + self.width]
    }

    /// Whether the target is known there.
    pub(crate) fn known(&self, place: usize, month: usize) -> bool {
        self.known[self.grid.cell(place, month)]
    }

    /// (place, month, step) of the cells that a model may learn from: every `stride_months` back
    /// from the origin to `burn_in_months`, known at the month, and known at the step after it,
    /// which lies at or before the origin.
    pub(crate) fn learnable<'a>(
        &'a self,
        past: &'a Past<'_>,
        request: &Request,
        (stride_months, burn_in_months): (usize, usize),
    ) -> impl Iterator<Item = (usize, usize, usize)> + 'a {
        request
            .steps()
            .filter_map(|step| Some((step, past.origin().checked_sub(step)?)))
            .flat_map(move |(step, last)| {
                let months = (burn_in_months..=last).rev().step_by(stride_months);
                months.map(move |month| (month, step))
            })
            .flat_map(move |(month, step)| (0..past.places()).map(move |p| (p, month, step)))
            .filter(move |&(place, month, step)| {
                self.known(place, month) && !past.series(place)[month + step].is_nan()
            })
    }

    /// Number of features of a place in a month.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// The features that look at neighbours and at all places.
    fn add_surroundings(&mut self, past: &Past<'_>) {
        let at_month = |place: usize, month: usize, feature: usize| {
            self.values[self.grid.cell(place, month) * self.width + feature]
        };
        let places = past.places();
        let world: Vec<f64> = (0..self.grid.months)
            .map(|month| {
                let shares = (0..places).map(|place| at_month(place, month, at::SHARE + 3));
                shares.sum::<f64>() / places as f64
            })
            .collect();
        let around: Vec<[f64; 2]> = (0..places * self.grid.months)
            .map(|cell| {
                let (place, month) = (cell / self.grid.months, cell % self.grid.months);
                let near = past.neighbours(place);
                let mean = |feature| {
                    let values = near.iter().map(|&n| at_month(n as usize, month, feature));
                    values.sum::<f64>() / near.len().max(1) as f64
                };
                [mean(at::LEVEL + 2), mean(at::SHARE + 2)]
            })
            .collect();
        for (cell, row) in self.values.chunks_mut(self.width).enumerate() {
            [row[at::NEIGHBOURS], row[at::NEIGHBOURS_SHARE]] = around[cell];
            row[at::WORLD] = world[cell % self.grid.months];
        }
    }
}

/// Fills a place's own features, month by month, each from what came up to that month.
fn own_features(past: &Past<'_>, place: usize, width: usize, out: &mut [f64]) {
    let series = past.series(place);
    let mut sums = [[0.0_f64; 5]; HALF_LIVES_MONTHS.len()];
    let mut since = NEVER_MONTHS;
    for (month, (&value, row)) in series.iter().zip(out.chunks_mut(width)).enumerate() {
        since = if value > 0.0 { 0.0 } else { (since + 1.0).min(NEVER_MONTHS) };
        for (index, (sum, half_life)) in sums.iter_mut().zip(HALF_LIVES_MONTHS).enumerate() {
            update(sum, value, (-1.0 / half_life).exp2());
            let weight = sum[4].max(1e-9);
            row[at::LEVEL + index] = (sum[0] / weight).ln_1p();
            row[at::LOG_LEVEL + index] = sum[1] / weight;
            row[at::SHARE + index] = sum[2] / weight;
            let mean = sum[1] / weight;
            row[at::UNREST + index] = (sum[3] / weight - mean * mean).max(0.0).sqrt();
        }
        row[at::SINCE] = since.ln_1p();
        let year = &series[month.saturating_sub(11)..=month];
        row[at::PEAK] = year.iter().fold(0.0_f64, |peak, &v| peak.max(v)).ln_1p();
        for covariate in 0..past.covariates() {
            let value = past.covariate(covariate, place)[month];
            row[at::COVARIATES + covariate] = if value.is_nan() { 0.0 } else { value };
        }
    }
}

/// Decays the sums of value, log value, any death, squared log value and weight, then adds a month if known.
fn update(sums: &mut [f64; 5], value: f64, decay: f64) {
    let added = if value.is_nan() {
        [0.0; 5]
    } else {
        [value, value.ln_1p(), f64::from(u8::from(value > 0.0)), value.ln_1p().powi(2), 1.0]
    };
    for (sum, add) in sums.iter_mut().zip(added) {
        *sum = *sum * decay + add;
    }
}
