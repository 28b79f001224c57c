//! The log-posterior of one target's parameters and its gradient.

use super::background::{Best, Search};
use super::coordinates::Coordinates;
use super::table::AdjustmentTable;
use crate::discrete::fit::TargetFit;
use crate::discrete::likelihood::TargetProblem;
use sanad_numbers::dot;

/// What the chains of one target share.
pub(super) struct SampledTarget {
    pub(super) problem: TargetProblem,
    table: Option<AdjustmentTable>,
}

impl SampledTarget {
    /// A kind's likelihood, with its adjustment tabulated so that it costs little at each step.
    pub(super) fn new(problem: TargetProblem) -> Self {
        let table = problem.adjusts().map(|adjust| AdjustmentTable::new(adjust, &problem.layout));
        Self { problem, table }
    }
}

/// The density over the coordinates of one target.
pub(super) struct Density<'a> {
    target: &'a SampledTarget,
    coordinates: Coordinates<'a>,
    background: Search<'a>,
}

impl<'a> Density<'a> {
    pub(super) fn new(target: &'a SampledTarget, fit: &TargetFit) -> Self {
        let layout = &target.problem.layout;
        Self {
            target,
            coordinates: Coordinates::new(layout),
            background: Search::new(&target.problem, &fit.x[..layout.first_weight()]),
        }
    }

    /// The coordinates that the density is a function of.
    pub(super) fn coordinates(&self) -> &Coordinates<'a> {
        &self.coordinates
    }

    /// The log-density up to a constant, and its gradient; `None` where it cannot be computed.
    ///
    /// The likelihood is taken at the best background, whose own movement does not change it to first
    /// order (the envelope theorem).
    pub(super) fn at(&mut self, z: &[f64]) -> Option<(f64, Vec<f64>)> {
        let (parameters, slopes) = self.coordinates.parameters(z);
        let Best { x, cells, log_prior } = self.background.best(&parameters)?;
        let (mut value, mut gradient) = self.target.problem.value_and_slope(&x, &cells);
        value += log_prior;
        if let Some(table) = &self.target.table {
            let (adjustment, by_parameter) = table.at(&x)?;
            value += adjustment;
            by_parameter.into_iter().for_each(|(k, slope)| gradient[k] += slope);
        }
        let inner = &gradient[self.target.problem.layout.first_weight()..];
        let gradient: Vec<f64> =
            inner.iter().zip(&slopes).zip(z).map(|((g, slope), z)| g * slope - z).collect();
        let finite = value.is_finite() && gradient.iter().all(|g| g.is_finite());
        finite.then(|| (value - 0.5 * dot(z, z), gradient))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discrete::{Background, Extent, Record, Series, Settings, fit};

    fn series() -> Series {
        let extent = Extent { kinds: 2, places: 1, days: 500 };
        let mut records: Vec<Record> = (0..1500)
            .filter(|k| k * 7919 % 17 < 5 + k / 300)
            .map(|k| Record::on_day(k % 2, 0, k / 3))
            .collect();
        records.push(Record { last_day: 60, ..Record::on_day(0, 0, 40) });
        Series::new(extent, &records).unwrap()
    }

    #[test]
    fn the_density_gradient_equals_finite_differences() {
        let series = series();
        let background = Background { knot_days: Some(100.0), ..Background::default() };
        let settings = Settings { background, ..Settings::default() };
        let found = fit(&series, &settings).unwrap();
        let fit = &found.targets()[0];
        let target = SampledTarget::new(TargetProblem::new(&series, &settings, 0).unwrap());
        let mut density = Density::new(&target, fit);
        for shift in [-0.8, 0.0, 0.4] {
            let z: Vec<f64> =
                density.coordinates().of(fit, 1.5).iter().map(|z| 0.7 * z + shift).collect();
            let slope = density.at(&z).unwrap().1;
            for k in 0..z.len() {
                let mut at = |by: f64| {
                    let mut moved = z.clone();
                    moved[k] += by;
                    density.at(&moved).unwrap().0
                };
                let expected = (at(1e-3) - at(-1e-3)) / 2e-3;
                let gap = (expected - slope[k]).abs();
                assert!(gap < 1e-3 * (1.0 + expected.abs()), "{k}: {expected} {}", slope[k]);
            }
        }
    }

    #[test]
    fn the_density_does_not_depend_on_the_way_there() {
        let series = series();
        let found = fit(&series, &Settings::default()).unwrap();
        let fit = &found.targets()[1];
        let target =
            SampledTarget::new(TargetProblem::new(&series, &Settings::default(), 1).unwrap());
        let z = vec![0.3; Coordinates::new(&target.problem.layout).dimension()];
        let mut density = Density::new(&target, fit);
        let straight = density.at(&z).unwrap().0;
        density.at(&vec![-1.5; z.len()]).unwrap();
        density.at(&vec![1.2; z.len()]).unwrap();
        assert!((density.at(&z).unwrap().0 - straight).abs() < 1e-6);
    }
}
