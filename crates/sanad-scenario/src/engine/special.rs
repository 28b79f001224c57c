//! Built-in functions of the moment: test inputs, ranks and draws.

use rand_distr::{Distribution, Exp1, Poisson, StandardNormal};
use sanad_core::random::Streams;

use crate::compile::ir::{Draw, Special};

/// What a function may know besides its arguments.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub time: f64,
    pub dt: f64,
    pub step: u32,
    pub streams: Streams,
}

/// Slack for comparing times: a millionth of a step.
const SLACK: f64 = 1e-6;

pub(crate) fn evaluate(special: Special, given: &[f64], moment: &Moment, member: u32) -> f64 {
    let now = moment.time + moment.dt * SLACK;
    match special {
        Special::Step => {
            if now >= given[1] {
                given[0]
            } else {
                0.0
            }
        }
        Special::Ramp => {
            if now < given[1] {
                0.0
            } else {
                given[0] * (moment.time.min(given[2]) - given[1]).max(0.0)
            }
        }
        Special::Pulse => pulse(given, moment, now),
        Special::PulseTrain => pulse_train(given, moment, now),
        Special::Rank => rank(given),
        Special::Random { draw, site, seeded } => random(draw, site, seeded, given, moment, member),
    }
}

/// magnitude/DT during the step that holds the first time, and every `interval` after it.
fn pulse(given: &[f64], moment: &Moment, now: f64) -> f64 {
    let [magnitude, first, interval] = *given else { return f64::NAN };
    if now < first {
        return 0.0;
    }
    let since = now - first;
    let phase = if interval > 0.0 { since % interval } else { since };
    if phase < moment.dt { magnitude / moment.dt } else { 0.0 }
}

/// One during `width` from `start`, again every `interval`, not after `end`.
fn pulse_train(given: &[f64], moment: &Moment, now: f64) -> f64 {
    let [start, width, interval, end] = *given else { return f64::NAN };
    if now < start || moment.time > end {
        return 0.0;
    }
    let phase = if interval > 0.0 { (now - start) % interval } else { now - start };
    f64::from(u8::from(phase < width.max(moment.dt)))
}

/// Index (from one) of the element of that rank in ascending order; zero if there is no such rank.
fn rank(given: &[f64]) -> f64 {
    let count = (given.len() - 1) / 2;
    let (values, ties) = given[1..].split_at(count);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| {
        values[a].total_cmp(&values[b]).then(ties[a].total_cmp(&ties[b])).then(a.cmp(&b))
    });
    let wanted = given[0].round();
    if wanted >= 1.0 && wanted <= count as f64 {
        order[wanted as usize - 1] as f64 + 1.0
    } else {
        0.0
    }
}

/// A draw keyed by its call, step and member; a seed in the call makes it the same for every run
/// and member.
fn random(draw: Draw, site: u32, seeded: bool, given: &[f64], moment: &Moment, member: u32) -> f64 {
    let (mut stream, given) = if seeded {
        let seed = given[0].clamp(0.0, u32::MAX.into()) as u64;
        (Streams::new(seed, "scenario: seeded call").at(0, moment.step, 0), &given[1..])
    } else {
        (moment.streams.at(site, moment.step, member), given)
    };
    match draw {
        Draw::Uniform => given[0] + (given[1] - given[0]) * stream.open01(),
        Draw::Exponential => given[0] * Distribution::<f64>::sample(&Exp1, &mut stream),
        Draw::Normal => {
            let standard: f64 = StandardNormal.sample(&mut stream);
            given[0] + given[1] * standard
        }
        Draw::LogNormal => log_normal(given, StandardNormal.sample(&mut stream)),
        Draw::Poisson => {
            // The mean is per unit of time (section 3.5.2); one step sees its share.
            let mean = given[0] * moment.dt;
            match Poisson::new(mean) {
                Ok(distribution) => distribution.sample(&mut stream) / moment.dt,
                Err(_) if mean == 0.0 => 0.0,
                Err(_) => f64::NAN,
            }
        }
    }
}

/// From the mean and standard deviation of the log-normal itself.
fn log_normal(given: &[f64], standard: f64) -> f64 {
    let [mean, deviation] = *given else { return f64::NAN };
    let variance = (1.0 + (deviation / mean).powi(2)).ln();
    (mean.ln() - variance / 2.0 + variance.sqrt() * standard).exp()
}
