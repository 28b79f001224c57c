//! Synthetic control: a treated unit against the weighted mean of untreated ones that tracked it
//! before (A. Abadie, A. Diamond & J. Hainmueller, "Synthetic control methods for comparative case
//! studies", JASA 105, 2010).

use crate::error::{Error, check_len, check_values};
use sanad_numbers::dot;

/// Result of [`synthetic_control`].
#[derive(Debug, Clone, PartialEq)]
pub struct SyntheticControl {
    /// Weight of every donor, ≥ 0, summing to one.
    pub weights: Vec<f64>,
    /// The synthetic unit at every period.
    pub synthetic: Vec<f64>,
    /// Mean of treated less synthetic after the intervention.
    pub effect: f64,
    /// Root mean squared gap before.
    pub gap_before: f64,
    /// Root mean squared gap after.
    pub gap_after: f64,
    /// Placebos in place: every donor in turn treated as the unit, the others (without the treated
    /// unit) its donors.
    pub placebos: Vec<Placebo>,
    /// By placebo in place, the unit less its synthetic control at every period.
    pub placebo_gaps: Vec<Vec<f64>>,
    /// Rank of the treated unit's ratio of gaps among all units', over their number.
    pub p_value: f64,
}

/// A unit or a date at which nothing is supposed to have happened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placebo {
    /// Index of the donor, or of the period.
    pub index: usize,
    /// Its effect.
    pub effect: f64,
    /// Gap after over gap before.
    pub ratio: f64,
}

/// Compares `treated` with its synthetic control from period `start` on.
///
/// ```
/// use sanad_evidence::intervention::synthetic_control;
///
/// let wave = |phase: f64| (0..40).map(|t| 10.0 + (0.5 * f64::from(t) + phase).sin()).collect::<Vec<f64>>();
/// let donors = [wave(0.0), wave(1.0), wave(2.0)];
/// let treated: Vec<f64> = (0..40)
///     .map(|t| 0.5 * (donors[0][t] + donors[1][t]) - if t >= 30 { 4.0 } else { 0.0 })
///     .collect();
/// let found = synthetic_control(&treated, &donors, 30).unwrap();
/// assert!((found.effect + 4.0).abs() < 0.01);
/// assert!((found.weights[0] - 0.5).abs() < 0.01);
/// assert_eq!(found.p_value, 0.25);
/// ```
///
/// # Errors
/// If there are fewer than two donors, two periods before or one after, lengths differ, or a value is
/// not finite.
pub fn synthetic_control(
    treated: &[f64],
    donors: &[Vec<f64>],
    start: usize,
) -> Result<SyntheticControl, Error> {
    check(treated, donors, start)?;
    let own = Gap::new(treated, &donors.iter().collect::<Vec<_>>(), start);
    let (placebos, placebo_gaps): (Vec<Placebo>, Vec<Vec<f64>>) = (0..donors.len())
        .map(|index| {
            let others: Vec<&Vec<f64>> =
                donors.iter().enumerate().filter(|(k, _)| *k != index).map(|(_, d)| d).collect();
            let gap = Gap::new(&donors[index], &others, start);
            let gaps = donors[index].iter().zip(&gap.synthetic).map(|(y, s)| y - s).collect();
            (Placebo { index, effect: gap.effect, ratio: gap.ratio() }, gaps)
        })
        .unzip();
    let at_least = placebos.iter().filter(|placebo| placebo.ratio >= own.ratio()).count();
    Ok(SyntheticControl {
        p_value: (at_least + 1) as f64 / (placebos.len() + 1) as f64,
        weights: own.weights,
        synthetic: own.synthetic,
        effect: own.effect,
        gap_before: own.before,
        gap_after: own.after,
        placebos,
        placebo_gaps,
    })
}

/// Placebos in time: the same comparison on the periods before `start` only, as though the
/// intervention had come at each of `dates`.
///
/// # Errors
/// As [`synthetic_control`], for every date.
pub fn time_placebos(
    treated: &[f64],
    donors: &[Vec<f64>],
    start: usize,
    dates: &[usize],
) -> Result<Vec<Placebo>, Error> {
    check(treated, donors, start)?;
    let before: Vec<Vec<f64>> = donors.iter().map(|donor| donor[..start].to_vec()).collect();
    dates
        .iter()
        .map(|&index| {
            check(&treated[..start], &before, index)?;
            let gap = Gap::new(&treated[..start], &before.iter().collect::<Vec<_>>(), index);
            Ok(Placebo { index, effect: gap.effect, ratio: gap.ratio() })
        })
        .collect()
}

/// Refuses fewer than two donors, series of another length, and a start without months before and
/// after.
fn check(treated: &[f64], donors: &[Vec<f64>], start: usize) -> Result<(), Error> {
    if donors.len() < 2 {
        return Err(Error::too_little("a synthetic control", "donors", 2, donors.len()));
    }
    if start < 2 {
        return Err(Error::too_little("a synthetic control", "periods before", 2, start));
    }
    if treated.len() <= start {
        return Err(Error::too_little("a synthetic control", "periods", start + 1, treated.len()));
    }
    check_values("treated", treated, "finite", f64::is_finite)?;
    for donor in donors {
        check_len("donor", treated.len(), donor.len())?;
        check_values("donor", donor, "finite", f64::is_finite)?;
    }
    Ok(())
}

/// What a unit's synthetic control says of it.
struct Gap {
    weights: Vec<f64>,
    synthetic: Vec<f64>,
    effect: f64,
    before: f64,
    after: f64,
}

impl Gap {
    /// The weights w ≥ 0 with Σ w = 1 that bring Σ w x nearest to the unit before the start, and
    /// the gaps before and after (Abadie, Diamond and Hainmueller 2010).
    fn new(treated: &[f64], donors: &[&Vec<f64>], start: usize) -> Self {
        let weights = simplex_weights(&treated[..start], donors);
        let at = |t: usize| weights.iter().zip(donors).map(|(w, donor)| w * donor[t]).sum();
        let synthetic: Vec<f64> = (0..treated.len()).map(at).collect();
        let gaps: Vec<f64> = treated.iter().zip(&synthetic).map(|(y, s)| y - s).collect();
        let rms = |g: &[f64]| (dot(g, g) / g.len() as f64).sqrt();
        let after = &gaps[start..];
        Self {
            effect: after.iter().sum::<f64>() / after.len() as f64,
            before: rms(&gaps[..start]),
            after: rms(after),
            weights,
            synthetic,
        }
    }

    /// The gap after the start over the gap before, by which a unit is ranked among its placebos.
    fn ratio(&self) -> f64 {
        self.after / self.before.max(1e-12)
    }
}

/// Least squares over weights ≥ 0 that sum to one, by accelerated projected gradient (A. Beck &
/// M. Teboulle, SIAM J. Imaging Sci. 2, 2009).
fn simplex_weights(treated: &[f64], donors: &[&Vec<f64>]) -> Vec<f64> {
    let (n, periods) = (donors.len(), treated.len());
    let inner = |a: &[f64], b: &[f64]| dot(&a[..periods], &b[..periods]);
    let gram: Vec<Vec<f64>> =
        donors.iter().map(|a| donors.iter().map(|b| inner(a, b)).collect()).collect();
    let target: Vec<f64> = donors.iter().map(|donor| inner(donor, treated)).collect();
    // The trace bounds the largest eigenvalue.
    let bound = (0..n).map(|k| gram[k][k]).sum::<f64>().max(1e-300);
    let mut weights = vec![1.0 / n as f64; n];
    let (mut ahead, mut momentum) = (weights.clone(), 1.0_f64);
    for _ in 0..20_000 {
        let stepped: Vec<f64> =
            (0..n).map(|k| ahead[k] - (dot(&gram[k], &ahead) - target[k]) / bound).collect();
        let next = on_simplex(&stepped);
        let moved = next.iter().zip(&weights).fold(0.0_f64, |m, (a, b)| m.max((a - b).abs()));
        let slower = 0.5 * (1.0 + (1.0 + 4.0 * momentum * momentum).sqrt());
        let push = (momentum - 1.0) / slower;
        ahead = next.iter().zip(&weights).map(|(a, b)| a + push * (a - b)).collect();
        (weights, momentum) = (next, slower);
        if moved < 1e-12 {
            break;
        }
    }
    weights
}

/// The nearest point of the simplex (J. Duchi et al., ICML 2008).
fn on_simplex(point: &[f64]) -> Vec<f64> {
    let mut sorted = point.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let (mut sum, mut shift) = (0.0, 0.0);
    for (k, value) in sorted.iter().enumerate() {
        sum += value;
        let candidate = (sum - 1.0) / (k + 1) as f64;
        if value - candidate > 0.0 {
            shift = candidate;
        }
    }
    point.iter().map(|value| (value - shift).max(0.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn projections_lie_on_the_simplex_and_no_vertex_is_nearer(point in prop::collection::vec(-3.0..3.0_f64, 4)) {
            let found = on_simplex(&point);
            prop_assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let distance = |q: &[f64]| point.iter().zip(q).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
            for k in 0..4 {
                let mut vertex = vec![0.0; 4];
                vertex[k] = 1.0;
                let between: Vec<f64> = found.iter().zip(&vertex).map(|(a, b)| 0.99 * a + 0.01 * b).collect();
                prop_assert!(distance(&found) <= distance(&between) + 1e-9);
            }
        }
    }

    fn unit(k: usize) -> Vec<f64> {
        (0..60).map(|t| 20.0 + ((t * (k + 3)) as f64 * 0.37).sin() * 3.0 + k as f64).collect()
    }

    #[test]
    fn dates_before_the_intervention_show_no_effect() {
        let donors: Vec<Vec<f64>> = (0..5).map(unit).collect();
        let treated: Vec<f64> = (0..60)
            .map(|t| 0.3 * donors[1][t] + 0.7 * donors[4][t] + if t >= 40 { 5.0 } else { 0.0 })
            .collect();
        for placebo in time_placebos(&treated, &donors, 40, &[20, 30]).unwrap() {
            assert!(placebo.effect.abs() < 0.1, "{placebo:?}");
        }
        let found = synthetic_control(&treated, &donors, 40).unwrap();
        assert!((found.effect - 5.0).abs() < 0.1);
        for (placebo, gaps) in found.placebos.iter().zip(&found.placebo_gaps) {
            let mean = gaps[40..].iter().sum::<f64>() / 20.0;
            assert!(gaps.len() == 60 && (mean - placebo.effect).abs() < 1e-12);
        }
    }

    #[test]
    fn one_donor_is_too_few() {
        let found = synthetic_control(&[1.0; 9], &[vec![1.0; 9]], 4);
        assert!(found.unwrap_err().is_too_little_data());
    }
}
