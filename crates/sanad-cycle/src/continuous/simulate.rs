//! Exact simulation by the branching construction: immigrants at the baseline rates, and every
//! event's children by its kernels (A. G. Hawkes & D. Oakes, "A cluster process representation of
//! a self-exciting process", J. Appl. Prob. 11, 1974).

use rand_distr::{Distribution, Exp1};
use sanad_core::random::Stream;
use sanad_numbers::poisson;

use super::{Events, Hawkes};
use crate::error::{Error, check_values};

/// Draws the events of `process` on 0..=`span`, starting from an empty past.
///
/// ```
/// use sanad_core::random::Streams;
/// use sanad_cycle::{Matrix, continuous::{Hawkes, simulate}};
///
/// let one = |value| Matrix::from_rows(&[vec![value]]);
/// let process = Hawkes::new(vec![0.5], one(0.5), one(1.0)).unwrap();
/// let events = simulate(&process, 1000.0, 1_000_000, &mut Streams::new(1, "doc").at(0, 0, 0)).unwrap();
/// // The stationary rate is 0.5 / (1 − 0.5) = 1 per unit of time.
/// assert!((events.total() as f64 - 1000.0).abs() < 300.0);
/// ```
///
/// # Errors
/// If the span is not positive, or more than `limit` events occur.
pub fn simulate(
    process: &Hawkes,
    span: f64,
    limit: usize,
    stream: &mut Stream,
) -> Result<Events, Error> {
    check_values("span", &[span], "positive and finite", |v| v > 0.0 && v.is_finite())?;
    let mut queue: Vec<(usize, f64)> = Vec::new();
    for (kind, &rate) in process.baseline().iter().enumerate() {
        for _ in 0..poisson(rate * span, stream) {
            queue.push((kind, span * stream.open01()));
        }
    }
    let mut done = 0;
    while done < queue.len() {
        if queue.len() > limit {
            return Err(Error::too_many("the simulation", limit));
        }
        let (source, time) = queue[done];
        for target in 0..process.kinds() {
            for _ in 0..poisson(process.branching()[(target, source)], stream) {
                let wait: f64 = Exp1.sample(stream);
                let child = time + wait / process.decay()[(target, source)];
                if child <= span {
                    queue.push((target, child));
                }
            }
        }
        done += 1;
    }
    let mut times = vec![Vec::new(); process.kinds()];
    for (kind, time) in queue {
        times[kind].push(time);
    }
    times.iter_mut().for_each(|kind| kind.sort_by(f64::total_cmp));
    Events::new(times, span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::continuous::residuals;
    use crate::goodness::ks_exponential;
    use sanad_core::random::Streams;
    use sanad_numbers::Matrix;

    fn process() -> Hawkes {
        let branching = Matrix::from_rows(&[vec![0.5, 0.2], vec![0.1, 0.4]]);
        let decay = Matrix::from_rows(&[vec![1.5, 0.5], vec![1.0, 3.0]]);
        Hawkes::new(vec![0.3, 0.4], branching, decay).unwrap()
    }

    /// Thinning (Ogata 1981), written from the rate alone: the check on the branching construction.
    fn thin(process: &Hawkes, span: f64, stream: &mut Stream) -> Vec<Vec<f64>> {
        let mut times: Vec<Vec<f64>> = vec![Vec::new(); 2];
        let rate = |times: &[Vec<f64>], now: f64, target: usize| {
            let mut rate = process.baseline()[target];
            for (source, past) in times.iter().enumerate() {
                let beta = process.decay()[(target, source)];
                let heights: f64 = past.iter().map(|t| (-beta * (now - t)).exp()).sum();
                rate += process.branching()[(target, source)] * beta * heights;
            }
            rate
        };
        let mut now = 0.0;
        loop {
            let bound = rate(&times, now, 0) + rate(&times, now, 1);
            let wait: f64 = Exp1.sample(stream);
            now += wait / bound;
            if now > span {
                return times;
            }
            let pick = stream.open01() * bound;
            let first = rate(&times, now, 0);
            if pick < first {
                times[0].push(now);
            } else if pick < first + rate(&times, now, 1) {
                times[1].push(now);
            }
        }
    }

    #[test]
    fn branching_and_thinning_give_the_same_mean_and_variance_of_counts() {
        let process = process();
        let streams = Streams::new(5, "hawkes");
        let moments = |counts: &[f64]| {
            let mean = counts.iter().sum::<f64>() / counts.len() as f64;
            let square = counts.iter().map(|c| (c - mean).powi(2)).sum::<f64>();
            (mean, square / (counts.len() - 1) as f64)
        };
        let sets = 600;
        let tree: Vec<f64> = (0..sets)
            .map(|k| {
                let events = simulate(&process, 30.0, 100_000, &mut streams.at(k, 0, 0)).unwrap();
                events.times(0).len() as f64
            })
            .collect();
        let thinned: Vec<f64> = (0..sets)
            .map(|k| thin(&process, 30.0, &mut streams.at(k, 1, 0))[0].len() as f64)
            .collect();
        let ((mean_a, var_a), (mean_b, var_b)) = (moments(&tree), moments(&thinned));
        let error = ((var_a + var_b) / f64::from(sets)).sqrt();
        assert!((mean_a - mean_b).abs() < 4.0 * error, "{mean_a} {mean_b} ± {error}");
        assert!((var_a / var_b).ln().abs() < 0.4, "{var_a} {var_b}");
    }

    #[test]
    fn residuals_of_the_true_model_are_exponential_at_the_nominal_rate() {
        let process = process();
        let streams = Streams::new(6, "hawkes");
        let rejected = (0..600)
            .filter(|&k| {
                let events = simulate(&process, 150.0, 100_000, &mut streams.at(k, 0, 0)).unwrap();
                ks_exponential(&residuals(&process, &events, 0).unwrap()).p_value < 0.05
            })
            .count();
        // Binomial(600, 0.05): mean 30, standard deviation 5.3.
        assert!((14..=46).contains(&rejected), "{rejected} of 600");
    }

    #[test]
    fn residuals_of_a_wrong_model_are_rejected() {
        let events = simulate(&process(), 3000.0, 100_000, &mut Streams::new(7, "h").at(0, 0, 0));
        let events = events.unwrap();
        let none = Matrix::zeros(2, 2);
        let rate = events.times(0).len() as f64 / 3000.0;
        let poisson = Hawkes::new(vec![rate, rate], none, process().decay().clone()).unwrap();
        let found = ks_exponential(&residuals(&poisson, &events, 0).unwrap());
        assert!(found.p_value < 1e-6, "{found:?}");
    }

    #[test]
    fn an_explosive_process_stops_at_the_limit() {
        let one = |value| Matrix::from_rows(&[vec![value]]);
        let process = Hawkes::new(vec![1.0], one(1.5), one(5.0)).unwrap();
        let found = simulate(&process, 1000.0, 5000, &mut Streams::new(1, "h").at(0, 0, 0));
        assert!(found.unwrap_err().is_explosive());
    }
}
