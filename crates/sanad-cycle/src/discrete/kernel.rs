//! Kernels by whole days of lag. Lag 0 carries no excitation: within a day the order of events is
//! not known, so events of one day cannot be told to excite each other.
//!
//! A geometric kernel of half-life h and horizon H has the mass
//!
//! g(l) = (1 − q) q^(l − 1) / (1 − q^H) on the lags l = 1 … H, with q = 2^(−1 / h),
//!
//! so that it adds up to one whatever the half-life and a weight is a number of events per event. It is
//! what an exponential kernel of continuous time becomes when days are all that is known. A flat kernel
//! has the mass 1 / (b − a) on the lags a + 1 … b; several side by side make a step function that no
//! half-life has to describe.

use core::f64::consts::LN_2;

use crate::error::{Error, check_values};

/// How the effect of an event is spread over the days after it. Every shape has mass one up to
/// its horizon, so that its weight is a mean number of events set off.
#[derive(Debug, Clone, PartialEq)]
pub enum Kernel {
    /// g(l) ∝ 2^(−l/h) for lags 1..=horizon, the half-life h estimated.
    Geometric {
        /// Smallest half-life allowed, in days, > 0.
        shortest_days: f64,
        /// Largest half-life allowed, in days.
        longest_days: f64,
        /// Last lag, in days.
        horizon_days: usize,
        /// One half-life for all links into a target rather than one per link. Then a link's
        /// half-life is known (from the others) even when the link is absent.
        shared: bool,
    },
    /// A mixture of geometric kernels of known half-lives with estimated weights.
    Mixture {
        /// Half-lives in days, > 0.
        half_lives_days: Vec<f64>,
        /// Last lag, in days.
        horizon_days: usize,
    },
    /// Any shape constant between the given lags: bin k covers lags `edges[k]..edges[k + 1]`.
    FreeForm {
        /// Increasing lags in days, the first at least 1; the last is one past the horizon.
        edges_days: Vec<usize>,
    },
}

impl Kernel {
    /// A geometric kernel per link, half-lives from half a day to 60 days, horizon 365 days.
    #[must_use]
    pub fn geometric() -> Self {
        Self::Geometric { shortest_days: 0.5, longest_days: 60.0, horizon_days: 365, shared: false }
    }

    /// Whether a half-life is among the parameters.
    pub(super) fn has_free_half_life(&self) -> bool {
        matches!(self, Self::Geometric { .. })
    }

    /// Whether all links share one half-life.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self, Self::Geometric { shared: true, .. })
    }

    /// The weighted parts a link is made of, given the half-life if it is free.
    pub(super) fn shapes(&self, half_life_days: f64) -> Vec<Shape> {
        match self {
            Self::Geometric { horizon_days, .. } => {
                vec![Shape::Geometric { half_life_days, horizon: *horizon_days }]
            }
            Self::Mixture { half_lives_days, horizon_days } => half_lives_days
                .iter()
                .map(|&h| Shape::Geometric { half_life_days: h, horizon: *horizon_days })
                .collect(),
            Self::FreeForm { edges_days } => {
                edges_days.windows(2).map(|bin| Shape::Flat { from: bin[0], to: bin[1] }).collect()
            }
        }
    }

    /// Number of weights per link.
    #[must_use]
    pub fn weights(&self) -> usize {
        self.shapes(1.0).len()
    }

    /// Refuses half-lives and horizons that are not positive, or bounds in the wrong order.
    pub(super) fn check(&self) -> Result<(), Error> {
        let positive = |h: f64| h > 0.0 && h.is_finite();
        match self {
            Self::Geometric { shortest_days, longest_days, horizon_days, .. } => {
                check_horizon(*horizon_days)?;
                let ordered = shortest_days <= longest_days;
                check_values(
                    "half-life bounds",
                    &[*shortest_days, *longest_days],
                    "positive and ordered",
                    |h| positive(h) && ordered,
                )
            }
            Self::Mixture { half_lives_days, horizon_days } => {
                check_horizon(*horizon_days)?;
                check_values("half_lives_days", half_lives_days, "positive", positive)
            }
            Self::FreeForm { edges_days } => {
                let edges: Vec<f64> = edges_days.iter().map(|&edge| edge as f64).collect();
                let rising = edges_days.windows(2).all(|bin| bin[0] < bin[1]) && edges.len() > 1;
                check_values("edges_days", &edges, "1 to 36525 and increasing", |e| {
                    is_horizon(e) && rising
                })
            }
        }
    }
}

/// Refuses an empty horizon, and one beyond a hundred years.
fn check_horizon(days: usize) -> Result<(), Error> {
    check_values("horizon_days", &[days as f64], "1 to 36525", is_horizon)
}

/// Whether a lag lies within a hundred years.
fn is_horizon(days: f64) -> bool {
    (1.0..=36_525.0).contains(&days)
}

/// One unit-mass shape over lags ≥ 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Shape {
    Geometric { half_life_days: f64, horizon: usize },
    Flat { from: usize, to: usize },
}

impl Shape {
    /// The mass at each lag from 1 on.
    pub(super) fn weights(self) -> Vec<f64> {
        match self {
            Self::Geometric { half_life_days, horizon } => {
                let fall = (-LN_2 / half_life_days).exp();
                let scale = (1.0 - fall) / (1.0 - fall.powi(horizon as i32));
                (0..horizon).map(|lag| scale * fall.powi(lag as i32)).collect()
            }
            Self::Flat { from, to } => {
                let height = 1.0 / (to - from) as f64;
                (1..to).map(|lag| if lag < from { 0.0 } else { height }).collect()
            }
        }
    }

    /// The source series of one place convolved with the shape, in one pass.
    pub(super) fn filter(self, source: &[f64], out: &mut [f64]) {
        self.filter_together([source], [out]);
    }

    /// Derivative of the filtered series in the natural logarithm of the half-life.
    pub(super) fn filter_slope(self, source: &[f64], out: &mut [f64]) {
        self.filter_slopes_together([source], [out]);
    }

    /// As [`Shape::filter`] for several series of one length: a step of one recursion need not wait
    /// for the step before, but only for that of the others.
    pub(super) fn filter_together<const N: usize>(
        self,
        sources: [&[f64]; N],
        outs: [&mut [f64]; N],
    ) {
        match self {
            Self::Geometric { half_life_days, horizon } => {
                geometric(half_life_days, horizon, sources, outs);
            }
            Self::Flat { from, to } => {
                for (source, out) in sources.into_iter().zip(outs) {
                    flat(from, to, source, out);
                }
            }
        }
    }

    /// As [`Shape::filter_slope`] for several series of one length.
    pub(super) fn filter_slopes_together<const N: usize>(
        self,
        sources: [&[f64]; N],
        outs: [&mut [f64]; N],
    ) {
        match self {
            Self::Geometric { half_life_days, horizon } => {
                geometric_slope(half_life_days, horizon, sources, outs);
            }
            Self::Flat { .. } => outs.into_iter().for_each(|out| out.fill(0.0)),
        }
    }
}

/// Convolution with g(u) = (1 − q) q^(u − 1) / (1 − q^H) for u = 1 … H, where q = 2^(−1 /
/// half-life): each day's sum follows from the day before, s(t) = q s(t − 1) + S(t − 1) − q^H S(t
/// − 1 − H), in one pass over N series at once.
fn geometric<const N: usize>(
    half_life_days: f64,
    horizon: usize,
    sources: [&[f64]; N],
    outs: [&mut [f64]; N],
) {
    let fall = (-LN_2 / half_life_days).exp();
    let dropped = fall.powi(horizon as i32);
    let scale = (1.0 - fall) / (1.0 - dropped);
    let mut sums = [0.0; N];
    for day in 0..sources[0].len() {
        for k in 0..N {
            outs[k][day] = scale * sums[k];
            sums[k] = fall * sums[k] + sources[k][day];
            if day >= horizon {
                sums[k] -= dropped * sources[k][day - horizon];
            }
        }
    }
}

/// The derivative of [`geometric`] in the logarithm θ of the half-life h. With dq/dθ = q ln 2 /
/// h, the recursion is differentiated term by term, so that it costs one more pass.
fn geometric_slope<const N: usize>(
    half_life_days: f64,
    horizon: usize,
    sources: [&[f64]; N],
    outs: [&mut [f64]; N],
) {
    let h = horizon as f64;
    let fall = (-LN_2 / half_life_days).exp();
    let dropped = fall.powi(horizon as i32);
    let scale = (1.0 - fall) / (1.0 - dropped);
    // Derivatives in ρ = fall, then the chain to ln(half-life): dρ/d ln h = ρ ln 2 / h.
    let scale_slope = -1.0 / (1.0 - dropped) + scale * h * dropped / (fall * (1.0 - dropped));
    let chain = fall * LN_2 / half_life_days;
    let (mut sums, mut slopes) = ([0.0; N], [0.0; N]);
    for day in 0..sources[0].len() {
        for k in 0..N {
            outs[k][day] = chain * (scale * slopes[k] + scale_slope * sums[k]);
            slopes[k] = sums[k] + fall * slopes[k];
            sums[k] = fall * sums[k] + sources[k][day];
            if day >= horizon {
                sums[k] -= dropped * sources[k][day - horizon];
                slopes[k] -= h * dropped / fall * sources[k][day - horizon];
            }
        }
    }
}

/// Convolution with a height of 1 / (to − from) on the days from + 1 to `to`: a running sum.
fn flat(from: usize, to: usize, source: &[f64], out: &mut [f64]) {
    let height = 1.0 / (to - from) as f64;
    let mut sum = 0.0;
    for day in 0..source.len() {
        if day >= from {
            sum += source[day - from];
        }
        if day >= to {
            sum -= source[day - to];
        }
        out[day] = height * sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shapes() -> impl Strategy<Value = Shape> {
        prop_oneof![
            (0.3..40.0_f64, 1..30_usize)
                .prop_map(|(half_life_days, horizon)| Shape::Geometric { half_life_days, horizon }),
            (1..6_usize, 1..6_usize).prop_map(|(from, by)| Shape::Flat { from, to: from + by }),
        ]
    }

    proptest! {
        #[test]
        fn filtering_together_gives_the_bits_of_filtering_alone(
            shape in shapes(),
            left in prop::collection::vec(0.0..5.0_f64, 60),
            right in prop::collection::vec(0.0..5.0_f64, 60),
        ) {
            let alone = |source: &[f64]| {
                let (mut plain, mut slope) = (vec![0.0; 60], vec![0.0; 60]);
                shape.filter(source, &mut plain);
                shape.filter_slope(source, &mut slope);
                (plain, slope)
            };
            let (mut a, mut b) = (alone(&[0.0; 60]), alone(&[0.0; 60]));
            shape.filter_together([&left, &right], [&mut a.0, &mut b.0]);
            shape.filter_slopes_together([&left, &right], [&mut a.1, &mut b.1]);
            prop_assert_eq!((a, b), (alone(&left), alone(&right)));
        }

        #[test]
        fn weights_sum_to_one(shape in shapes()) {
            prop_assert!((shape.weights().iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }

        #[test]
        fn filtering_equals_the_convolution(shape in shapes(), source in prop::collection::vec(0.0..5.0_f64, 60)) {
            let weights = shape.weights();
            let mut fast = vec![0.0; 60];
            shape.filter(&source, &mut fast);
            for day in 0..60 {
                let slow: f64 = (1..=weights.len().min(day)).map(|lag| weights[lag - 1] * source[day - lag]).sum();
                prop_assert!((fast[day] - slow).abs() < 1e-10, "{day}: {} {slow}", fast[day]);
            }
        }

        #[test]
        fn the_slope_equals_a_finite_difference(h in 0.3..40.0_f64, horizon in 2..30_usize, source in prop::collection::vec(0.0..5.0_f64, 60)) {
            let at = |log: f64| {
                let mut out = vec![0.0; 60];
                Shape::Geometric { half_life_days: log.exp(), horizon }.filter(&source, &mut out);
                out
            };
            let mut slope = vec![0.0; 60];
            Shape::Geometric { half_life_days: h, horizon }.filter_slope(&source, &mut slope);
            let (up, down) = (at(h.ln() + 1e-5), at(h.ln() - 1e-5));
            for day in 0..60 {
                prop_assert!((slope[day] - (up[day] - down[day]) / 2e-5).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn kernels_out_of_range_are_refused() {
        let bad = [
            Kernel::Mixture { half_lives_days: vec![0.0], horizon_days: 10 },
            Kernel::Mixture { half_lives_days: vec![1.0], horizon_days: 0 },
            Kernel::Mixture { half_lives_days: vec![1.0], horizon_days: usize::MAX },
            Kernel::FreeForm { edges_days: vec![0, 2] },
            Kernel::FreeForm { edges_days: vec![1, usize::MAX] },
            Kernel::FreeForm { edges_days: vec![2, 2] },
            Kernel::Geometric {
                shortest_days: 3.0,
                longest_days: 1.0,
                horizon_days: 9,
                shared: false,
            },
        ];
        for kernel in bad {
            assert!(kernel.check().unwrap_err().is_invalid_input(), "{kernel:?}");
        }
    }
}
