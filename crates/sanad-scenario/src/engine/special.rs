//! Built-in functions of the moment: test inputs, ranks and draws. They are evaluated member by
//! member. Arguments come in the order that [`Special`] names.

use rand_distr::{Distribution, Exp1, Poisson, StandardNormal};
use sanad_core::random::{Stream, Streams};

use crate::compile::ir::{Draw, Special};

/// What a function may know besides its arguments.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// The time of this evaluation; within a Runge–Kutta step that of the stage.
    pub time: f64,
    pub dt: f64,
    /// Steps since the start; the same in all stages of a step.
    pub step: u32,
    /// Random streams of the run's seed.
    pub streams: Streams,
}

/// Slack for comparing times: a millionth of a step. So that a pulse at 0.3 comes in the step that
/// it should, though 3 · 0.1 is a little more than 0.3.
const SLACK: f64 = 1e-6;

/// A function of time or chance for one member.
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
        Special::Random { draw, site, seeded, bounded } => {
            let (mut stream, given) = random_stream(site, seeded, given, moment, member);
            let (given, bounds) = given.split_at(given.len() - if bounded { 2 } else { 0 });
            match *bounds {
                [least, most] => truncated(draw, given, [least, most], moment, &mut stream),
                _ => random(draw, given, moment, &mut stream),
            }
        }
    }
}

/// magnitude/DT during the step that holds the first time, and every `interval` after it. So that a
/// stock which it fills by Euler's method gains the magnitude. Without an interval above zero it
/// comes once.
fn pulse(given: &[f64], moment: &Moment, now: f64) -> f64 {
    let [magnitude, first, interval] = *given else { return f64::NAN };
    if now < first {
        return 0.0;
    }
    let since = now - first;
    let phase = if interval > 0.0 { since % interval } else { since };
    if phase < moment.dt { magnitude / moment.dt } else { 0.0 }
}

/// One during `width` from `start`, again every `interval`, not after `end`. At least for one step.
fn pulse_train(given: &[f64], moment: &Moment, now: f64) -> f64 {
    let [start, width, interval, end] = *given else { return f64::NAN };
    if now < start || moment.time > end {
        return 0.0;
    }
    let phase = if interval > 0.0 { (now - start) % interval } else { now - start };
    f64::from(u8::from(phase < width.max(moment.dt)))
}

/// Index (from one) of the element of that rank in ascending order; zero if there is no such rank.
/// Ties are decided by the second array, then by the order of the elements; the rank is rounded.
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

/// The stream of a draw, keyed by its call, step and member, and the arguments after the seed; a
/// seed in the call makes the stream the same for every run and member. Two calls that name the
/// same seed draw the same numbers. A seed is cut to a whole number from 0 to 2³² − 1.
fn random_stream<'g>(
    site: u32,
    seeded: bool,
    given: &'g [f64],
    moment: &Moment,
    member: u32,
) -> (Stream, &'g [f64]) {
    if seeded {
        let seed = given[0].clamp(0.0, u32::MAX.into()) as u64;
        (Streams::new(seed, "scenario: seeded call").at(0, moment.step, 0), &given[1..])
    } else {
        (moment.streams.at(site, moment.step, member), given)
    }
}

/// Draws until one lies within the bounds; a bound that is not a number is none. Where so many miss
/// that there is as good as nothing between the bounds, the nearer bound.
fn truncated(
    draw: Draw,
    given: &[f64],
    [least, most]: [f64; 2],
    moment: &Moment,
    stream: &mut Stream,
) -> f64 {
    /// Draws from a bounded distribution after which the bound itself is taken.
    const TRIES: usize = 1000;
    let mut drawn = random(draw, given, moment, stream);
    for _ in 1..TRIES {
        let is_outside = drawn < least || drawn > most;
        if !is_outside {
            return drawn;
        }
        drawn = random(draw, given, moment, stream);
    }
    // `max` and `min` take a bound that is not a number for none.
    drawn.max(least).min(most)
}

/// A draw of this distribution. Parameters: exponential mean; log-normal and normal mean and
/// standard deviation; Poisson mean per unit of time; triangular least, mode, most; uniform least,
/// most.
fn random(draw: Draw, given: &[f64], moment: &Moment, stream: &mut Stream) -> f64 {
    match draw {
        Draw::Triangular => triangular(given, stream.open01()),
        Draw::Uniform => given[0] + (given[1] - given[0]) * stream.open01(),
        Draw::Exponential => given[0] * Distribution::<f64>::sample(&Exp1, stream),
        Draw::Normal => {
            let standard: f64 = StandardNormal.sample(stream);
            given[0] + given[1] * standard
        }
        Draw::LogNormal => log_normal(given, StandardNormal.sample(stream)),
        Draw::Poisson => {
            // The mean is per unit of time (section 3.5.2); one step sees its share.
            let mean = given[0] * moment.dt;
            match Poisson::new(mean) {
                Ok(distribution) => distribution.sample(stream) / moment.dt,
                Err(_) if mean == 0.0 => 0.0,
                Err(_) => f64::NAN,
            }
        }
    }
}

/// The value of a triangular distribution at a share u of it: a + √(u (b − a)(m − a)) below the
/// mode m, b − √((1 − u)(b − a)(b − m)) above.
fn triangular(given: &[f64], share: f64) -> f64 {
    let [low, mode, high] = *given else { return f64::NAN };
    if !(low <= mode && mode <= high) {
        return f64::NAN;
    }
    let width = high - low;
    if share * width < mode - low {
        low + (share * width * (mode - low)).sqrt()
    } else {
        high - ((1.0 - share) * width * (high - mode)).sqrt()
    }
}

/// From the mean and standard deviation of the log-normal itself. With mean m and deviation s: σ² =
/// ln(1 + s²/m²), μ = ln m − σ²/2, and the value exp(μ + σ·z).
fn log_normal(given: &[f64], standard: f64) -> f64 {
    let [mean, deviation] = *given else { return f64::NAN };
    let variance = (1.0 + (deviation / mean).powi(2)).ln();
    (mean.ln() - variance / 2.0 + variance.sqrt() * standard).exp()
}
