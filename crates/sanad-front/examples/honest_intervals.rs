//! Do 90 % intervals cover the truth nine times in ten?
//!
//! Panels are made from known latent values; errors, gaps and ages are put on them as declared;
//! the index of the latent values is the truth that intervals should cover. Run it with
//!
//! ```text
//! cargo run --release -p sanad-front --example honest_intervals
//! ```
//!
//! The printed table is kept in `docs/front-method.md`.
#![allow(clippy::print_stdout)]

use rand_distr::{Distribution, Poisson, StandardNormal};
use sanad_core::random::{Stream, Streams};
use sanad_front::{
    Framework, Imputation, Indicator, Method, Node, NoisyEnds, Normalisation, Panel, Transform,
    Uncertainty, index, intervals,
};

const PLACES: usize = 20;
const MONTHS: usize = 36;
const INDICATORS: usize = 9;
const REPLICATES: u32 = 30;
const DRAWS: usize = 600;

/// How one indicator is observed.
#[derive(Clone, Copy, PartialEq)]
enum Sight {
    StandardError(f64),
    /// A count whose log-rate is the latent value.
    Count,
    /// A count that sources put between a low and a high number.
    Bounds,
    /// Seen every twelfth month, with a standard error.
    Yearly(f64),
    /// One value in four is missing at random.
    Gaps(f64),
}

struct Scenario {
    name: &'static str,
    sights: [Sight; INDICATORS],
    normalisation: Normalisation,
    imputation: Imputation,
    goalposts: bool,
}

fn scenarios() -> Vec<Scenario> {
    use Sight::{Bounds, Count, Gaps, StandardError, Yearly};
    let z = Normalisation::ZScore { points_per_sd: 15.0 };
    let all = |sight: Sight| [sight; INDICATORS];
    let scenario = |name, sights, normalisation, imputation, goalposts| Scenario {
        name,
        sights,
        normalisation,
        imputation,
        goalposts,
    };
    let mixed = [
        StandardError(0.4),
        Count,
        Gaps(0.2),
        Count,
        Yearly(0.2),
        Bounds,
        StandardError(0.3),
        Gaps(0.3),
        Yearly(0.3),
    ];
    vec![
        scenario(
            "standard errors, goalposts",
            all(StandardError(0.4)),
            Normalisation::MinMax,
            Imputation::None,
            true,
        ),
        scenario(
            "standard errors, min-max",
            all(StandardError(0.4)),
            Normalisation::MinMax,
            Imputation::None,
            false,
        ),
        scenario(
            "standard errors, distance to target",
            all(StandardError(0.4)),
            Normalisation::DistanceToTarget,
            Imputation::None,
            false,
        ),
        scenario("standard errors, z-score", all(StandardError(0.4)), z, Imputation::None, false),
        scenario(
            "standard errors, rank",
            all(StandardError(0.4)),
            Normalisation::Rank,
            Imputation::None,
            false,
        ),
        scenario("counts, goalposts", all(Count), Normalisation::MinMax, Imputation::None, true),
        scenario(
            "counts between bounds, goalposts",
            all(Bounds),
            Normalisation::MinMax,
            Imputation::None,
            true,
        ),
        scenario(
            "yearly, carried, goalposts",
            all(Yearly(0.3)),
            Normalisation::MinMax,
            Imputation::LastValue,
            true,
        ),
        scenario("yearly, carried, z-score", all(Yearly(0.3)), z, Imputation::LastValue, false),
        scenario(
            "gaps imputed, goalposts",
            all(Gaps(0.3)),
            Normalisation::MinMax,
            Imputation::ExpectationMaximisation,
            true,
        ),
        scenario(
            "gaps imputed, z-score",
            all(Gaps(0.3)),
            z,
            Imputation::ExpectationMaximisation,
            false,
        ),
        scenario(
            "all of these, goalposts",
            mixed,
            Normalisation::MinMax,
            Imputation::ExpectationMaximisation,
            true,
        ),
        scenario("all of these, z-score", mixed, z, Imputation::ExpectationMaximisation, false),
    ]
}

fn normal(stream: &mut Stream) -> f64 {
    StandardNormal.sample(stream)
}

/// Latent values by indicator, place, month: a common part per place that wanders, and an own
/// part per indicator that wanders; about standard normal across the panel.
fn latent(replicate: u32) -> Vec<f64> {
    let streams = Streams::new(u64::from(replicate), "latent");
    let mut values = vec![0.0; INDICATORS * PLACES * MONTHS];
    for place in 0..PLACES {
        let mut common_stream = streams.at(place as u32, 0, 0);
        let common = walk(&mut common_stream, 0.8, 0.06);
        for indicator in 0..INDICATORS {
            let mut stream = streams.at(place as u32, 1 + indicator as u32, 0);
            let own = walk(&mut stream, 0.6, 0.08);
            for month in 0..MONTHS {
                values[(indicator * PLACES + place) * MONTHS + month] = common[month] + own[month];
            }
        }
    }
    values
}

fn walk(stream: &mut Stream, start: f64, step: f64) -> Vec<f64> {
    let mut level = start * normal(stream);
    (0..MONTHS)
        .map(|_| {
            level += step * normal(stream);
            level
        })
        .collect()
}

/// Log-rate of a count whose latent value is `value`: a handful a month, some thirty at the top.
fn log_rate(value: f64) -> f64 {
    1.6 + 0.8 * value
}

/// The panel as it would be with perfect sight, in the units of each indicator.
fn truth(scenario: &Scenario, latent: &[f64]) -> Panel {
    let cells = PLACES * MONTHS;
    let values = latent
        .iter()
        .enumerate()
        .map(|(at, &value)| match scenario.sights[at / cells] {
            Sight::Count | Sight::Bounds => log_rate(value).exp(),
            _ => value,
        })
        .collect();
    Panel::from_values(PLACES, MONTHS, INDICATORS, values).expect("lengths agree")
}

fn observed(scenario: &Scenario, latent: &[f64], replicate: u32) -> Panel {
    let streams = Streams::new(u64::from(replicate), "observed data");
    let mut panel = Panel::new(PLACES, MONTHS, INDICATORS);
    for indicator in 0..INDICATORS {
        for place in 0..PLACES {
            for month in 0..MONTHS {
                let value = latent[(indicator * PLACES + place) * MONTHS + month];
                let mut stream = streams.at(place as u32, month as u32, indicator as u32);
                see(
                    &mut panel,
                    scenario.sights[indicator],
                    (place, month, indicator),
                    value,
                    &mut stream,
                );
            }
        }
    }
    panel
}

fn see(
    panel: &mut Panel,
    sight: Sight,
    (place, month, indicator): (usize, usize, usize),
    value: f64,
    stream: &mut Stream,
) {
    let (seen, error) = match sight {
        Sight::StandardError(error) => (value + error * normal(stream), error),
        Sight::Yearly(error) if month % 12 == 0 => (value + error * normal(stream), error),
        Sight::Gaps(error) if stream.open01() >= 0.25 => (value + error * normal(stream), error),
        Sight::Yearly(_) | Sight::Gaps(_) => return,
        Sight::Count => {
            let count = Poisson::new(log_rate(value).exp()).expect("positive").sample(stream);
            (count, 0.0)
        }
        Sight::Bounds => {
            return bounded(panel, (place, month, indicator), log_rate(value).exp(), stream);
        }
    };
    panel.set(place, month, indicator, seen).expect("inside");
    if error > 0.0 {
        panel.set_standard_error(place, month, indicator, error).expect("inside");
    }
}

/// A report of low, best and high such that the truth is a triangular draw between them.
fn bounded(
    panel: &mut Panel,
    (place, month, indicator): (usize, usize, usize),
    rate: f64,
    stream: &mut Stream,
) {
    // The truth stands at a triangular quantile q of (0.7, 1, 1.6) · best, so best = rate / q.
    let (low, high) = (0.7_f64, 1.6_f64);
    let uniform = stream.open01();
    let turn = (1.0 - low) / (high - low);
    let quantile = if uniform < turn {
        low + (uniform * (high - low) * (1.0 - low)).sqrt()
    } else {
        high - ((1.0 - uniform) * (high - low) * (high - 1.0)).sqrt()
    };
    let best = rate / quantile;
    panel.set(place, month, indicator, best).expect("inside");
    panel.set_bounds(place, month, indicator, low * best, high * best).expect("encloses");
}

fn framework(scenario: &Scenario) -> Framework {
    let mut builder = Framework::builder()
        .front("f", 1.0)
        .front("g", 1.0)
        .pillar("p0", "f", 1.0)
        .pillar("p1", "f", 1.0)
        .pillar("p2", "g", 1.0);
    for (k, sight) in scenario.sights.iter().enumerate() {
        let count = matches!(sight, Sight::Count | Sight::Bounds);
        let mut indicator = Indicator::new(format!("i{k}"), format!("p{}", k / 3))
            .weight(1.0 + (k % 3) as f64)
            .max_age_months(if matches!(sight, Sight::Yearly(_)) { 12 } else { 0 })
            .poisson(*sight == Sight::Count);
        if count {
            indicator = indicator.transform(Transform::Log1p);
        }
        if scenario.normalisation == Normalisation::DistanceToTarget {
            indicator = indicator.target(5.0);
        }
        if scenario.goalposts {
            indicator = if count {
                indicator.goalposts(0.0, 100.0)
            } else {
                indicator.goalposts(-5.0, 5.0)
            };
        }
        builder = builder.indicator(indicator);
    }
    builder.build().expect("holds together")
}

#[derive(Default)]
struct Tally {
    cells: u32,
    covered: u32,
    width: f64,
}

fn main() {
    println!("{:<34}{:>10}{:>10}{:>10}{:>12}", "scenario", "pillar", "front", "overall", "width");
    for scenario in scenarios() {
        let mut tallies = [Tally::default(), Tally::default(), Tally::default()];
        for replicate in 0..REPLICATES {
            run(&scenario, replicate, &mut tallies);
        }
        let share = |tally: &Tally| 100.0 * f64::from(tally.covered) / f64::from(tally.cells);
        println!(
            "{:<34}{:>9.1}%{:>9.1}%{:>9.1}%{:>12.2}",
            scenario.name,
            share(&tallies[0]),
            share(&tallies[1]),
            share(&tallies[2]),
            tallies[2].width / f64::from(tallies[2].cells)
        );
    }
}

fn run(scenario: &Scenario, replicate: u32, tallies: &mut [Tally; 3]) {
    let framework = framework(scenario);
    let latent = latent(replicate);
    let method = Method {
        normalisation: scenario.normalisation,
        imputation: scenario.imputation,
        evidence_floor: 0.3,
        ..Method::default()
    };
    let complete = Method { imputation: Imputation::None, ..method.clone() };
    let target = index(&truth(scenario, &latent), &framework, &complete).expect("fits");
    // Scales between noisy ends are run as well, to show what they cover.
    let uncertainty = Uncertainty {
        draws: DRAWS,
        seed: 1000 + u64::from(replicate),
        noisy_ends: NoisyEnds::Flag,
        ..Uncertainty::default()
    };
    let panel = observed(scenario, &latent, replicate);
    let found = intervals(&panel, &framework, &method, &uncertainty).expect("fits");
    for node in framework.nodes() {
        let tally = match node {
            Node::Pillar(_) => &mut tallies[0],
            Node::Front(_) => &mut tallies[1],
            Node::Overall => &mut tallies[2],
        };
        for place in 0..PLACES {
            for month in 0..MONTHS {
                let truth = target.value(node, place, month).expect("complete");
                if let Some(interval) = found.interval(node, place, month) {
                    tally.cells += 1;
                    tally.covered += u32::from(interval.low <= truth && truth <= interval.high);
                    tally.width += interval.high - interval.low;
                }
            }
        }
    }
}
