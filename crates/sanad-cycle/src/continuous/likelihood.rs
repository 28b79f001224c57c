//! The exact log-likelihood of one kind, with gradient and Hessian, in one pass over the events.
//!
//! For target i and source j the three sums over earlier events
//! R = Σ e^(−βu), S = Σ u e^(−βu), T = Σ u² e^(−βu) (u the time since) are carried from one target
//! event to the next; R gives the rate, S and T its derivatives in β.

use rayon::prelude::*;

use super::{Events, Hawkes};
use crate::error::{Error, check_len};
use sanad_numbers::Matrix;

/// Values that are multiplied before one logarithm is taken for all: as many mantissas below 2 have a
/// product below 2²⁵⁶, which a number of double precision holds.
const CHUNK: usize = 256;

/// The log-likelihood of `events` under `process`, all kinds together.
///
/// # Errors
/// If the numbers of kinds differ.
pub fn log_likelihood(process: &Hawkes, events: &Events) -> Result<f64, Error> {
    check_len("events", process.kinds(), events.kinds())?;
    let parts: Vec<f64> = (0..process.kinds())
        .into_par_iter()
        .map(|target| TargetParameters::of(process, target).value(events, target))
        .collect();
    Ok(parts.iter().sum())
}

/// The log-likelihood of one kind's events given the past of all kinds, and its derivatives.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetGradient {
    /// Log-likelihood.
    pub log_likelihood: f64,
    /// Derivative in the target's baseline rate.
    pub baseline: f64,
    /// Derivatives in the target's row of the branching matrix.
    pub branching: Vec<f64>,
    /// Derivatives in the target's row of the decays.
    pub decay: Vec<f64>,
}

/// The log-likelihood of one kind and its gradient.
///
/// # Errors
/// If the numbers of kinds differ.
pub fn target_gradient(
    process: &Hawkes,
    events: &Events,
    target: usize,
) -> Result<TargetGradient, Error> {
    check_len("events", process.kinds(), events.kinds())?;
    let kinds = process.kinds();
    let found = TargetParameters::of(process, target).derivatives(events, target);
    Ok(TargetGradient {
        log_likelihood: found.value,
        baseline: found.gradient[0],
        branching: found.gradient[1..=kinds].to_vec(),
        decay: found.gradient[kinds + 1..].to_vec(),
    })
}

/// One row of the parameters: μ, then n and β per source.
#[derive(Debug, Clone)]
pub(super) struct TargetParameters {
    pub(super) baseline: f64,
    pub(super) branching: Vec<f64>,
    pub(super) decay: Vec<f64>,
}

/// Value, gradient and Hessian in (μ, n₁.., β₁..).
pub(super) struct TargetDerivatives {
    pub(super) value: f64,
    pub(super) gradient: Vec<f64>,
    pub(super) hessian: Matrix,
}

impl TargetParameters {
    /// One kind's part of a process.
    pub(super) fn of(process: &Hawkes, target: usize) -> Self {
        Self {
            baseline: process.baseline()[target],
            branching: process.branching().row(target).to_vec(),
            decay: process.decay().row(target).to_vec(),
        }
    }

    /// Number of kinds that may excite this one.
    fn sources(&self) -> usize {
        self.branching.len()
    }

    /// The rates at the target's events, handed chunk by chunk to `visit`.
    fn each_chunk<const ORDER: usize>(
        &self,
        events: &Events,
        target: usize,
        mut visit: impl FnMut(&[f64], &[DecaySums]),
    ) {
        let times = events.times(target);
        let mut carried: Vec<Carried> = (0..self.sources()).map(|_| Carried::default()).collect();
        let mut sums: Vec<DecaySums> = (0..self.sources()).map(|_| DecaySums::default()).collect();
        let mut rates = [0.0; CHUNK];
        for chunk in times.chunks(CHUNK) {
            let rates = &mut rates[..chunk.len()];
            rates.fill(self.baseline);
            for source in 0..self.sources() {
                let weight = self.branching[source] * self.decay[source];
                if weight == 0.0 && ORDER == 0 {
                    continue;
                }
                let out = &mut sums[source];
                carried[source].advance::<ORDER>(
                    self.decay[source],
                    chunk,
                    events.times(source),
                    out,
                );
                for (rate, r) in rates.iter_mut().zip(&out.r) {
                    *rate += weight * r;
                }
            }
            visit(rates, &sums);
        }
    }

    /// Log-likelihood alone.
    pub(super) fn value(&self, events: &Events, target: usize) -> f64 {
        let mut log_rates = LogSum::default();
        self.each_chunk::<0>(events, target, |rates, _| log_rates.add(rates));
        log_rates.total() - self.compensator(events, events.span())
    }

    /// Expected number of target events up to `until` given the events before it.
    pub(super) fn compensator(&self, events: &Events, until: f64) -> f64 {
        let mut sum = self.baseline * until;
        for source in 0..self.sources() {
            if self.branching[source] > 0.0 {
                let tail = Tail::<0>::of(self.decay[source], events.times(source), until);
                sum += self.branching[source] * (tail.count - tail.r);
            }
        }
        sum
    }

    /// Log-likelihood with gradient and Hessian.
    pub(super) fn derivatives(&self, events: &Events, target: usize) -> TargetDerivatives {
        let d = self.sources();
        let mut log_rates = LogSum::default();
        let mut gradient = vec![0.0; 1 + 2 * d];
        let mut hessian = Matrix::zeros(1 + 2 * d, 1 + 2 * d);
        let mut slopes = vec![0.0; 1 + 2 * d];
        self.each_chunk::<2>(events, target, |rates, sums| {
            log_rates.add(rates);
            for (k, rate) in rates.iter().enumerate() {
                let inverse = 1.0 / rate;
                slopes[0] = inverse;
                for (j, sum) in sums.iter().enumerate() {
                    let (n, beta) = (self.branching[j], self.decay[j]);
                    let (r, s, t) = (sum.r[k], sum.s[k], sum.t[k]);
                    let cross = r - beta * s;
                    slopes[1 + j] = beta * r * inverse;
                    slopes[1 + d + j] = n * cross * inverse;
                    hessian[(1 + d + j, 1 + j)] += cross * inverse;
                    hessian[(1 + d + j, 1 + d + j)] += n * (beta * t - 2.0 * s) * inverse;
                }
                for (sum, slope) in gradient.iter_mut().zip(&slopes) {
                    *sum += slope;
                }
                hessian.add_outer_lower(-1.0, &slopes);
            }
        });
        let value =
            log_rates.total() - self.subtract_compensator(events, &mut gradient, &mut hessian);
        hessian.mirror_lower();
        TargetDerivatives { value, gradient, hessian }
    }

    /// Takes the compensator's derivatives off; returns its value.
    fn subtract_compensator(
        &self,
        events: &Events,
        gradient: &mut [f64],
        hessian: &mut Matrix,
    ) -> f64 {
        let d = self.sources();
        gradient[0] -= events.span();
        let mut value = self.baseline * events.span();
        for j in 0..d {
            let tail = Tail::<2>::of(self.decay[j], events.times(j), events.span());
            let n = self.branching[j];
            value += n * (tail.count - tail.r);
            gradient[1 + j] -= tail.count - tail.r;
            gradient[1 + d + j] -= n * tail.s;
            hessian[(1 + d + j, 1 + j)] -= tail.s;
            hessian[(1 + d + j, 1 + d + j)] += n * tail.t;
        }
        value
    }

    /// Rates at every target event.
    #[cfg(test)]
    pub(super) fn rates(&self, events: &Events, target: usize) -> Vec<f64> {
        let mut out = Vec::new();
        self.each_chunk::<0>(events, target, |rates, _| out.extend_from_slice(rates));
        out
    }
}

/// One kind's likelihood where all decays are known: the sums over earlier events are taken once,
/// and what is left is a rate linear in (μ, n₁..).
pub(super) struct KnownDecays {
    sources: usize,
    /// β R per target event and source, the events one after the other.
    weighted: Vec<f64>,
    /// Offspring per unit of n that fall before the end, by source.
    fallen: Vec<f64>,
    span: f64,
}

impl KnownDecays {
    /// The sums of the past at every event, which do not change while the decays are known.
    pub(super) fn new(decay: &[f64], events: &Events, target: usize) -> Self {
        let (sources, times) = (decay.len(), events.times(target));
        let mut weighted = vec![0.0; times.len() * sources];
        for (source, &beta) in decay.iter().enumerate() {
            let mut carried = Carried::default();
            let column = weighted[source..].iter_mut().step_by(sources);
            for (&now, out) in times.iter().zip(column) {
                carried.step::<0>(beta, now, events.times(source));
                *out = beta * carried.r;
            }
        }
        let fallen = (0..sources).map(|source| {
            let tail = Tail::<0>::of(decay[source], events.times(source), events.span());
            tail.count - tail.r
        });
        Self { sources, weighted, fallen: fallen.collect(), span: events.span() }
    }

    /// λ(t) = μ + Σⱼ nⱼ βⱼ Rⱼ(t), from one event's row of βⱼ Rⱼ.
    fn rate(&self, x: &[f64], row: &[f64]) -> f64 {
        row.iter().zip(&x[1..]).fold(x[0], |rate, (weighted, n)| rate + n * weighted)
    }

    /// The expected number of events over the span, ∫₀ᵀ λ = μ T + Σⱼ nⱼ Σ_l (1 − e^(−βⱼ (T −
    /// t_l))): the log-likelihood is Σ ln λ(t_k) less this (Ozaki 1979).
    fn compensator(&self, x: &[f64]) -> f64 {
        let offspring = self.fallen.iter().zip(&x[1..]).map(|(fallen, n)| n * fallen);
        x[0] * self.span + offspring.sum::<f64>()
    }

    /// Log-likelihood at (μ, n₁..); what follows in `x` is not looked at.
    pub(super) fn value(&self, x: &[f64]) -> f64 {
        let mut log_rates = LogSum::default();
        let mut rates = [0.0; CHUNK];
        for chunk in self.weighted.chunks(CHUNK * self.sources) {
            let rows = chunk.chunks_exact(self.sources);
            let count = rows.len();
            rates.iter_mut().zip(rows).for_each(|(rate, row)| *rate = self.rate(x, row));
            log_rates.add(&rates[..count]);
        }
        log_rates.total() - self.compensator(x)
    }

    /// Log-likelihood, gradient and Hessian; derivatives in the decays are left at zero.
    pub(super) fn derivatives(&self, x: &[f64]) -> TargetDerivatives {
        let used = 1 + self.sources;
        let mut log_rates = LogSum::default();
        let mut rates = [0.0; CHUNK];
        let mut gradient = vec![0.0; x.len()];
        let mut curvature = Matrix::zeros(used, used);
        let mut slopes = vec![0.0; used];
        for chunk in self.weighted.chunks(CHUNK * self.sources) {
            let rows = chunk.chunks_exact(self.sources);
            let count = rows.len();
            for (rate, row) in rates.iter_mut().zip(rows) {
                *rate = self.rate(x, row);
                let inverse = 1.0 / *rate;
                slopes[0] = inverse;
                slopes[1..].iter_mut().zip(row).for_each(|(slope, w)| *slope = w * inverse);
                gradient.iter_mut().zip(&slopes).for_each(|(sum, slope)| *sum += slope);
                curvature.add_outer_lower(-1.0, &slopes);
            }
            log_rates.add(&rates[..count]);
        }
        gradient[0] -= self.span;
        gradient[1..used].iter_mut().zip(&self.fallen).for_each(|(sum, fallen)| *sum -= fallen);
        curvature.mirror_lower();
        let mut hessian = Matrix::zeros(x.len(), x.len());
        for (row, column) in (0..used).flat_map(|row| (0..used).map(move |column| (row, column))) {
            hessian[(row, column)] = curvature[(row, column)];
        }
        let value = log_rates.total() - self.compensator(x);
        TargetDerivatives { value, gradient, hessian }
    }
}

/// R, S and T at the target events of one chunk.
#[derive(Debug, Clone, Default)]
struct DecaySums {
    r: Vec<f64>,
    s: Vec<f64>,
    t: Vec<f64>,
}

/// The sums at the last target event, and how many source events they hold.
#[derive(Debug, Clone, Default)]
struct Carried {
    time: f64,
    r: f64,
    s: f64,
    t: f64,
    seen: usize,
}

impl Carried {
    /// The sums R, S and T of one source at every target event, as far as derivatives of this
    /// order need them.
    fn advance<const ORDER: usize>(
        &mut self,
        decay: f64,
        targets: &[f64],
        sources: &[f64],
        out: &mut DecaySums,
    ) {
        out.r.clear();
        out.s.clear();
        out.t.clear();
        for &now in targets {
            self.step::<ORDER>(decay, now, sources);
            out.r.push(self.r);
            if ORDER == 2 {
                out.s.push(self.s);
                out.t.push(self.t);
            }
        }
    }

    /// Carries the sums over a gap u: R ← e^(−βu) R, S ← e^(−βu) (S + u R) and T ← e^(−βu) (T +
    /// 2u S + u² R), then takes in the sources in between.
    #[inline]
    fn step<const ORDER: usize>(&mut self, decay: f64, now: f64, sources: &[f64]) {
        let gap = now - self.time;
        let fall = (-decay * gap).exp();
        if ORDER == 2 {
            self.t = fall * (self.t + gap * (2.0 * self.s + gap * self.r));
            self.s = fall * (self.s + gap * self.r);
        }
        self.r *= fall;
        while self.seen < sources.len() && sources[self.seen] < now {
            let since = now - sources[self.seen];
            let left = (-decay * since).exp();
            self.r += left;
            if ORDER == 2 {
                self.s += since * left;
                self.t += since * since * left;
            }
            self.seen += 1;
        }
        self.time = now;
    }
}

/// The same sums over all source events before one instant, for the compensator.
struct Tail<const ORDER: usize> {
    count: f64,
    r: f64,
    s: f64,
    t: f64,
}

impl<const ORDER: usize> Tail<ORDER> {
    /// Backwards in time, so that the walk ends where the terms vanish.
    fn of(decay: f64, sources: &[f64], until: f64) -> Self {
        let count = sources.partition_point(|&time| time < until);
        let mut out = Self { count: count as f64, r: 0.0, s: 0.0, t: 0.0 };
        for &time in sources[..count].iter().rev() {
            let since = until - time;
            if decay * since > 60.0 {
                break;
            }
            let left = (-decay * since).exp();
            out.r += left;
            if ORDER == 2 {
                out.s += since * left;
                out.t += since * since * left;
            }
        }
        out
    }
}

/// Σ ln over many positive numbers with one logarithm per chunk: exponents are summed as integers
/// and mantissas multiplied, which loses no accuracy.
#[derive(Debug, Clone, Default)]
struct LogSum {
    logs: f64,
}

impl LogSum {
    /// Adds logarithms through products: the values are multiplied and a logarithm is taken once
    /// for many, their exponents counted apart so that the product neither overflows nor
    /// vanishes.
    fn add(&mut self, values: &[f64]) {
        let mut product = 1.0;
        let mut exponents = 0_i64;
        for &value in values {
            if !(f64::MIN_POSITIVE..=f64::MAX).contains(&value) {
                self.logs += value.ln();
                continue;
            }
            let bits = value.to_bits();
            exponents += (bits >> 52) as i64 - 1023;
            product *= f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
        }
        // CHUNK mantissas below 2 each stay below 2^256.
        self.logs += product.ln() + exponents as f64 * core::f64::consts::LN_2;
    }

    /// The sum of the logarithms.
    fn total(&self) -> f64 {
        self.logs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_decays_give_the_same_likelihood_and_derivatives() {
        let times = (0..2).map(|kind| {
            (0..700).map(|k| f64::from(k) * 1.3 + f64::from(k * (kind + 3) % 7) * 0.1).collect()
        });
        let events = Events::new(times.collect(), 1000.0).unwrap();
        let parameters =
            TargetParameters { baseline: 0.4, branching: vec![0.3, 0.2], decay: vec![1.1, 0.4] };
        let known = KnownDecays::new(&parameters.decay, &events, 1);
        let x = [0.4, 0.3, 0.2, 1.1_f64.ln(), 0.4_f64.ln()];
        let (mine, plain) = (known.derivatives(&x), parameters.derivatives(&events, 1));
        assert!((mine.value / plain.value - 1.0).abs() < 1e-12);
        assert!((known.value(&x) / plain.value - 1.0).abs() < 1e-12);
        for row in 0..3 {
            assert!((mine.gradient[row] - plain.gradient[row]).abs() < 1e-8);
            for column in 0..3 {
                let gap = mine.hessian[(row, column)] - plain.hessian[(row, column)];
                assert!(gap.abs() < 1e-8 * plain.hessian[(row, column)].abs().max(1.0));
            }
        }
    }

    fn processes() -> impl Strategy<Value = Hawkes> {
        let square = |range: core::ops::Range<f64>| prop::collection::vec(range, 4);
        (prop::collection::vec(0.05..1.0_f64, 2), square(0.01..0.6), square(0.2..4.0)).prop_map(
            |(baseline, n, beta)| {
                let matrix = |v: &[f64]| Matrix::from_rows(&[v[..2].to_vec(), v[2..].to_vec()]);
                Hawkes::new(baseline, matrix(&n), matrix(&beta)).unwrap()
            },
        )
    }

    fn events() -> impl Strategy<Value = Events> {
        // Times on a coarse grid, so that ties within and between kinds occur.
        let kind = || prop::collection::vec(0..200_u32, 0..40);
        (kind(), kind()).prop_map(|(a, b)| {
            let sorted = |mut v: Vec<u32>| {
                v.sort_unstable();
                v.into_iter().map(|t| f64::from(t) * 0.1).collect::<Vec<f64>>()
            };
            Events::new(vec![sorted(a), sorted(b)], 20.5).unwrap()
        })
    }

    fn brute_rate(process: &Hawkes, events: &Events, target: usize, now: f64) -> f64 {
        let mut rate = process.baseline()[target];
        for source in 0..2 {
            let (n, beta) =
                (process.branching()[(target, source)], process.decay()[(target, source)]);
            for &time in events.times(source) {
                if time < now {
                    rate += n * beta * (-beta * (now - time)).exp();
                }
            }
        }
        rate
    }

    fn brute_log_likelihood(process: &Hawkes, events: &Events) -> f64 {
        let mut sum = 0.0;
        for target in 0..2 {
            for &now in events.times(target) {
                sum += brute_rate(process, events, target, now).ln();
            }
            sum -= process.baseline()[target] * events.span();
            for source in 0..2 {
                let (n, beta) =
                    (process.branching()[(target, source)], process.decay()[(target, source)]);
                for &time in events.times(source) {
                    sum += n * (-beta * (events.span() - time)).exp_m1();
                }
            }
        }
        sum
    }

    fn moved(process: &Hawkes, target: usize, k: usize, by: f64) -> Hawkes {
        let mut out = process.clone();
        match k {
            0 => out.baseline[target] += by,
            1 | 2 => out.branching[(target, k - 1)] += by,
            _ => out.decay[(target, k - 3)] += by,
        }
        out
    }

    proptest! {
        #[test]
        fn recursion_equals_the_double_sum(process in processes(), events in events()) {
            let fast = log_likelihood(&process, &events).unwrap();
            let slow = brute_log_likelihood(&process, &events);
            prop_assert!((fast - slow).abs() <= 1e-10 * (1.0 + slow.abs()), "{fast} {slow}");
            let rates = TargetParameters::of(&process, 0).rates(&events, 0);
            for (rate, &now) in rates.iter().zip(events.times(0)) {
                prop_assert!((rate - brute_rate(&process, &events, 0, now)).abs() < 1e-10);
            }
        }

        #[test]
        fn gradient_and_hessian_equal_finite_differences(process in processes(), events in events(), target in 0..2_usize) {
            let at = |p: &Hawkes| TargetParameters::of(p, target).derivatives(&events, target);
            let here = at(&process);
            for k in 0..5 {
                let h = 1e-5;
                let (up, down) = (at(&moved(&process, target, k, h)), at(&moved(&process, target, k, -h)));
                let slope = (up.value - down.value) / (2.0 * h);
                prop_assert!((slope - here.gradient[k]).abs() < 1e-5 * (1.0 + slope.abs() + here.value.abs()), "{k}: {slope} {}", here.gradient[k]);
                for l in 0..5 {
                    let curve = (up.gradient[l] - down.gradient[l]) / (2.0 * h);
                    let scale = 1.0 + curve.abs() + here.gradient[l].abs();
                    prop_assert!((curve - here.hessian[(k, l)]).abs() < 1e-4 * scale, "{k},{l}: {curve} {}", here.hessian[(k, l)]);
                }
            }
        }
    }
}
