//! Times the index, its intervals and its Sobol indices on a panel of 160 districts × 240 months ×
//! 40 indicators; `bench/front/run.py` runs it against numpy on the same panel.
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use std::time::Instant;

/// Prints wall-clock seconds and, where the system tells it, processor seconds of one step.
struct Clock {
    name: &'static str,
    start: Instant,
    cpu: Option<f64>,
}

impl Clock {
    fn start(name: &'static str) -> Self {
        Self { name, start: Instant::now(), cpu: cpu_seconds() }
    }

    fn stop(self) {
        println!("{}_seconds {:.3}", self.name, self.start.elapsed().as_secs_f64());
        if let (Some(before), Some(after)) = (self.cpu, cpu_seconds()) {
            println!("{}_cpu_seconds {:.3}", self.name, after - before);
        }
    }
}

/// User and system time of this process on Linux, in hundredths of a second.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / 100.0)
}

use sanad_front::sobol::Design;
use sanad_front::{
    Aggregation, Alternatives, Framework, Indicator, Method, Node, NoisyEnds, Normalisation, Panel,
    Quantity, Question, Uncertainty, index, intervals, sensitivity,
};

const PLACES: usize = 160;
const MONTHS: usize = 240;
const INDICATORS: usize = 40;
const PILLARS: usize = 10;

/// Smooth made-up values, one in ten a gap; `bench/front/numpy_peer.py` has the same formula.
fn value(place: usize, month: usize, indicator: usize) -> f64 {
    if (place * 31 + month * 17 + indicator * 13 + place * month).is_multiple_of(10) {
        return f64::NAN;
    }
    let (p, m, i) = (place as f64, month as f64, indicator as f64);
    (0.7 * p + 0.3 * i).sin() * 4.0 + (0.05 * m + 0.9 * i).cos() * 2.0 + (1.3 * p * (i + 1.0)).sin()
}

fn panel() -> Panel {
    let mut values = Vec::with_capacity(PLACES * MONTHS * INDICATORS);
    for indicator in 0..INDICATORS {
        for place in 0..PLACES {
            values.extend((0..MONTHS).map(|month| value(place, month, indicator)));
        }
    }
    let mut panel = Panel::from_values(PLACES, MONTHS, INDICATORS, values).expect("lengths agree");
    for indicator in 0..INDICATORS {
        let error = 0.2 + 0.01 * indicator as f64;
        for place in 0..PLACES {
            for month in 0..MONTHS {
                panel.set_standard_error(place, month, indicator, error).expect("inside");
            }
        }
    }
    panel
}

fn framework() -> Framework {
    let mut builder = Framework::builder().front("f0", 1.0).front("f1", 2.0).front("f2", 1.0);
    for pillar in 0..PILLARS {
        builder = builder.pillar(format!("p{pillar}"), format!("f{}", pillar % 3), 1.0);
    }
    (0..INDICATORS)
        .fold(builder, |builder, k| {
            let weight = 1.0 + (k % 3) as f64;
            let pillar = format!("p{}", k / (INDICATORS / PILLARS));
            builder.indicator(Indicator::new(format!("i{k}"), pillar).weight(weight))
        })
        .build()
        .expect("holds together")
}

fn main() {
    let (panel, framework) = (panel(), framework());
    let method = Method {
        normalisation: Normalisation::ZScore { points_per_sd: 15.0 },
        correct_scale_for_errors: false,
        ..Method::default()
    };
    let clock = Clock::start("index");
    let plain = index(&panel, &framework, &method).expect("fits");
    clock.stop();
    println!("index_mean {:.9}", mean(|p, m| plain.value(Node::Overall, p, m)));

    let alternatives = Alternatives {
        normalisations: vec![Normalisation::MinMax, Normalisation::ZScore { points_per_sd: 15.0 }],
        aggregations: vec![Aggregation::Arithmetic, Aggregation::Geometric],
        weight_spread: 0.25,
        ..Alternatives::default()
    };
    for (name, alternatives) in
        [("errors", Alternatives::default()), ("alternatives", alternatives.clone())]
    {
        // The scales without goalposts are those that numpy computes; only speed is measured.
        let noisy_ends = NoisyEnds::Flag;
        let uncertainty = Uncertainty { alternatives, noisy_ends, ..Uncertainty::default() };
        let clock = Clock::start(name);
        let found = intervals(&panel, &framework, &method, &uncertainty).expect("fits");
        clock.stop();
        let width = |p, m| found.interval(Node::Overall, p, m).map(|i| i.high - i.low);
        println!("{name}_width {:.4}", mean(width));
    }

    let question = Question {
        node: Node::Overall,
        month: MONTHS - 1,
        alternatives,
        errors_by_pillar: true,
        design: Design { points: 512, seed: 1 },
    };
    let clock = Clock::start("sobol");
    let found = sensitivity(&panel, &framework, &method, &question).expect("fits");
    clock.stop();
    for (at, factor) in found.factors().iter().enumerate().take(4) {
        let total = found.mean_total(at, Quantity::Value).expect("varies");
        println!("sobol_total {factor:?} {total:.3}");
    }
}

fn mean(value: impl Fn(usize, usize) -> Option<f64>) -> f64 {
    let known: Vec<f64> =
        (0..PLACES * MONTHS).filter_map(|at| value(at / MONTHS, at % MONTHS)).collect();
    known.iter().sum::<f64>() / known.len() as f64
}
