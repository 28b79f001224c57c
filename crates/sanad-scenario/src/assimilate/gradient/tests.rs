#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test reads the shipped model and prints what it found"
)]

use std::collections::BTreeMap;

use rand_distr::{Distribution as _, StandardNormal};
use sanad_core::random::{Stream, Streams};

use super::*;
use crate::assimilate::hamiltonian::GradientChains;
use crate::assimilate::{GradientSettings, ObservationRecord, StateSpace};
use crate::{Distribution, Inputs, Limits, RunSettings, Vary, read_xmile};

/// A model with these variables over eight steps, its noise and densities, its priors.
struct SmallModel {
    model: Model,
    space: StateSpace,
    priors: Vary,
    record: ObservationRecord,
}

const STEPS: usize = 8;

fn compile(body: &str, dt: f64) -> Model {
    let stop = STEPS as f64 * dt;
    let text = format!(
        r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
        <sim_specs><start>0</start><stop>{stop}</stop><dt>{dt}</dt></sim_specs>
        <dimensions><dim name="side"><elem name="a"/><elem name="b"/></dim></dimensions>
        <model><variables>{body}</variables></model></xmile>"#
    );
    let document = read_xmile(text.as_bytes(), &Limits::default()).expect("readable XMILE");
    Model::compile(&document).unwrap_or_else(|fault| panic!("{fault}"))
}

fn toml<T: serde::de::DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).expect("TOML")
}

impl SmallModel {
    /// `seen` are the observed variables with their values, the same at every second step.
    fn new(body: &str, space: &str, priors: &str, seen: &[(&str, f64)]) -> Self {
        Self::with_step(body, 0.5, space, priors, seen)
    }

    fn with_step(body: &str, dt: f64, space: &str, priors: &str, seen: &[(&str, f64)]) -> Self {
        let times: Vec<f64> = (1..=STEPS / 2).map(|row| row as f64 * 2.0 * dt).collect();
        let series = seen.iter().map(|(name, value)| {
            (
                (*name).to_owned(),
                times.iter().map(|time| Some(value + (value * time).round())).collect(),
            )
        });
        let series: BTreeMap<String, Vec<Option<f64>>> = series.collect();
        Self {
            model: compile(body, dt),
            space: toml(space),
            priors: toml(priors),
            record: ObservationRecord { times, series },
        }
    }

    fn error(&self, settings: &RunSettings) -> String {
        self.with(settings, |_| ()).expect_err("no gradient").to_string()
    }

    /// Runs something with the density.
    fn with<T>(
        &self,
        settings: &RunSettings,
        run: impl FnOnce(&DensitySetup<'_, '_>) -> T,
    ) -> Result<T, Error> {
        let assimilation = self.model.assimilation(&[], &self.space, settings)?;
        let streams = Streams::new(1, "test");
        assimilation.with_sampler(&self.priors, &Inputs::new(), &self.record, streams, |sampler| {
            Ok(run(&DensitySetup::new(&self.model, sampler)?))
        })
    }

    /// The largest difference between the gradient and central differences at a random position, as a share of the
    /// derivative or of one.
    fn worst(&self, seed: u64, scale: f64) -> f64 {
        self.with(&RunSettings::default(), |density| {
            let mut stream = Streams::new(seed, "test: position").at(0, 0, 0);
            worst(density, &mut stream, scale, 1)
        })
        .unwrap_or_else(|fault| panic!("{fault}"))
    }
}

/// Positions drawn from the priors, closer to the middle by `scale`.
fn position(density: &DensitySetup<'_, '_>, stream: &mut Stream, scale: f64) -> Vec<f64> {
    let mut draw = || -> f64 { StandardNormal.sample(stream) };
    (0..density.dimension()).map(|_| scale * draw()).collect()
}

/// By the difference of four points, whose error is of the fourth order of the step. Every `every`-th coordinate.
fn worst(density: &DensitySetup<'_, '_>, stream: &mut Stream, scale: f64, every: usize) -> f64 {
    const STEP: f64 = 2e-4;
    let mut evaluator = PathDensity::<8>::new(density);
    let at = position(density, stream, scale);
    let found = evaluator.evaluate(&[&at]).unwrap().remove(0);
    assert!(found.log_density.is_finite(), "{found:?}");
    let mut worst: f64 = 0.0;
    for place in (0..at.len()).step_by(every) {
        let moved = [-2.0, -1.0, 1.0, 2.0].map(|steps| {
            let mut moved = at.clone();
            moved[place] += steps * STEP;
            moved
        });
        let logs = evaluator.evaluate(&moved.each_ref().map(Vec::as_slice)).unwrap();
        let log = |place: usize| logs[place].log_density;
        let difference = (8.0 * (log(2) - log(1)) - (log(3) - log(0))) / (12.0 * STEP);
        let error = (found.gradient[place] - difference).abs() / difference.abs().max(1.0);
        if error > 1e-6 {
            println!("coordinate {place}: {} and {difference}", found.gradient[place]);
        }
        worst = worst.max(error);
    }
    worst
}

/// A level that forgets, and is seen with a spread that is learnt.
const FORGETS: &str = r#"<stock name="level"><eqn>start</eqn><outflow>fading</outflow></stock>
    <flow name="fading"><eqn>level * (1 - memory)</eqn></flow><aux name="start"><eqn>1</eqn></aux>
    <aux name="memory"><eqn>0.9</eqn></aux><aux name="spread"><eqn>1</eqn></aux>"#;
const FORGETS_SPACE: &str = "[stock.level]\ndistribution = 'normal'\nstandard_deviation = 'spread'\n\
    [observation.level]\ndistribution = 'normal'\nstandard_deviation = 'spread'";
const FORGETS_PRIORS: &str = "memory = { distribution = 'uniform', low = 0, high = 1 }\n\
    spread = { distribution = 'log_normal', median = 1, sigma = 0.5 }\n\
    start = { distribution = 'triangular', low = -1, mode = 0, high = 4 }";

fn forgets() -> SmallModel {
    SmallModel::new(FORGETS, FORGETS_SPACE, FORGETS_PRIORS, &[("level", 0.4)])
}

#[test]
fn a_linear_model_has_the_gradient_of_central_differences() {
    for seed in 0..4 {
        let worst = forgets().worst(seed, 1.0);
        assert!(worst < 1e-7, "{worst}");
    }
}

/// Capability with log-normal noise, pressure that is cut off at zero, counts of both kinds; every kind of prior.
const COUNTED: &str = r#"<stock name="capability"><eqn>start</eqn><inflow>change</inflow></stock>
    <flow name="change"><eqn>capability * (growth - 0.5 * pressure) + fixed</eqn></flow>
    <stock name="pressure"><eqn>0.1</eqn><inflow>pressing</inflow><non_negative/></stock>
    <flow name="pressing"><eqn>0.3 * (0.3 - pressure) - drain</eqn></flow>
    <aux name="drain"><eqn>0.2</eqn></aux><aux name="fixed"><eqn>3</eqn></aux>
    <aux name="growth"><eqn>0</eqn></aux><aux name="start"><eqn>5</eqn></aux><aux name="jump"><eqn>0.3</eqn></aux>
    <aux name="attacks"><eqn>capability</eqn></aux><aux name="operations"><eqn>0.05 + 4 * pressure</eqn></aux>
    <aux name="alpha"><eqn>0.4</eqn></aux>"#;
const COUNTED_SPACE: &str = "[stock.capability]\ndistribution = 'log_normal'\nsigma = 'jump'\n\
    [stock.pressure]\ndistribution = 'normal'\nstandard_deviation = 'jump'\n\
    [observation.attacks]\ndistribution = 'negative_binomial'\ndispersion = 'alpha'\n\
    [observation.operations]\ndistribution = 'poisson'\n\
    [observation.capability]\ndistribution = 'log_normal'\nsigma = 'alpha'";
const COUNTED_PRIORS: &str = "growth = { distribution = 'normal', mean = 0, standard_deviation = 0.1 }\n\
    start = { distribution = 'log_uniform', low = 1, high = 9 }\n\
    drain = { distribution = 'uniform', low = 0, high = 1 }\n\
    fixed = { distribution = 'fixed', value = 1 }\n\
    alpha = { distribution = 'log_normal', median = 0.4, sigma = 0.5 }\n\
    jump = { distribution = 'log_normal', median = 0.3, sigma = 0.4 }";

fn counted() -> SmallModel {
    let seen = [("attacks", 3.0), ("operations", 1.0), ("capability", 4.0)];
    SmallModel::new(COUNTED, COUNTED_SPACE, COUNTED_PRIORS, &seen)
}

#[test]
fn counts_and_a_stock_that_is_cut_off_have_the_gradient_of_central_differences() {
    let mut cut = 0;
    for seed in 0..8 {
        let world = counted();
        let worst = world.worst(seed, 1.0);
        assert!(worst < 1e-6, "seed {seed}: {worst}");
        cut += world
            .with(&RunSettings::default(), |density| {
                let mut stream = Streams::new(seed, "test: position").at(0, 0, 0);
                let at = position(density, &mut stream, 1.0);
                let mut evaluator = PathDensity::<8>::new(density);
                let found = evaluator.evaluate(&[&at]).unwrap().remove(0);
                // A fixed parameter is no coordinate.
                assert_eq!(density.dimension(), 5 + 2 * STEPS);
                // Noise below a cut moves nothing but its own prior.
                let noise = found.gradient.iter().zip(&at).skip(5);
                noise.filter(|(slope, normal)| **slope == -**normal).count()
            })
            .unwrap();
    }
    assert!(cut > 4, "{cut}");
}

/// Every function with a derivative, delays, tables, arrays, states inside functions.
const ALL: &str = r#"<stock name="x"><eqn>exp(a) - 0.5</eqn><inflow>gain</inflow><outflow>loss</outflow></stock>
    <flow name="gain"><eqn>0.3 * tanh(0.1 * (sin(x) + cos(a * x) + tan(0.3 * a) + tanh(x) + sinh(0.2 * b) + cosh(0.1 * x)
        + arcsin(0.3 * a) + arccos(0.2 * b) + arctan(x) + sqrt(4 + x) + ln(5 + x) + log10(6 + x + a)
        + abs(x - b) + max(x, b) + min(x, a, b) + (3 + a) ^ (b / 2) + x ^ 2 + x ^ 3
        + int(2 * x) + round(x) + ((x + a) mod (2 + b)) + (if x > a then x * b else a / (3 + b))
        + (if x &lt; -50 then ln(x) * b else b) + safediv(x, 2 + b) + curve(x) + steps(x) + line(4 * a)
        + values[1 + int(time) - 2 * int(time / 2)] + delay(x * b, 1) + delay1(x, 2 + b) + smth3(x, 1.5, a)
        + previous(x, a) + init(x) + (x &gt; 0 and b &gt; 0) + step(1, 2) * x))</eqn></flow>
    <flow name="loss"><eqn>0.3 * x * (1 + 0.2 * b)</eqn></flow>
    <aux name="values"><dimensions><dim name="side"/></dimensions><element subscript="a"><eqn>x * a</eqn></element>
        <element subscript="b"><eqn>b - x</eqn></element></aux>
    <aux name="curve"><eqn>time</eqn><gf><xpts>-2,0,1,3</xpts><ypts>0,1,3,2</ypts></gf></aux>
    <aux name="steps"><eqn>time</eqn><gf type="discrete"><xpts>-2,0,1,3</xpts><ypts>0,1,3,2</ypts></gf></aux>
    <aux name="line"><eqn>time</eqn><gf type="extrapolate"><xpts>-1,0,1</xpts><ypts>0,1,3</ypts></gf></aux>
    <aux name="a"><eqn>0.5</eqn></aux><aux name="b"><eqn>0.5</eqn></aux>
    <aux name="seen"><eqn>x + values[a] * b</eqn></aux><aux name="size"><eqn>0.3 + 0.1 * abs(x)</eqn></aux>"#;
const ALL_SPACE: &str = "[stock.x]\ndistribution = 'normal'\nstandard_deviation = 'size'\n\
    [observation.seen]\ndistribution = 'normal'\nstandard_deviation = 'size'";
const ALL_PRIORS: &str = "a = { distribution = 'normal', mean = 0.5, standard_deviation = 0.3 }\n\
    b = { distribution = 'log_normal', median = 0.7, sigma = 0.3 }";

#[test]
fn every_function_with_a_rule_has_the_gradient_of_central_differences() {
    let world = SmallModel::new(ALL, ALL_SPACE, ALL_PRIORS, &[("seen", 0.7)]);
    let found: Vec<f64> = (0..20).map(|seed| world.worst(seed, 0.7)).collect();
    println!("{found:?}");
    // A step of a difference may lie across a jump of INT, ROUND, MOD, IF or a discrete curve; a wrong rule would show everywhere.
    assert!(found.iter().filter(|worst| **worst < 1e-6).count() >= 14, "{found:?}");
}

/// A random expression of some depth over x, a, b and numbers.
fn expression(depth: u32, stream: &mut Stream) -> String {
    let pick = (stream.open01() * 12.0) as usize;
    if depth == 0 || pick == 0 {
        let leaf = (stream.open01() * 4.0) as usize;
        return ["x", "a", "b", "0.7"][leaf.min(3)].to_owned();
    }
    let mut one = || expression(depth - 1, stream);
    match pick {
        1 => format!("({} + {})", one(), one()),
        2 => format!("({} - {})", one(), one()),
        3 => format!("({} * {})", one(), one()),
        4 => format!("({} / (2 + abs({})))", one(), one()),
        5 => format!("tanh({})", one()),
        6 => format!("exp(-abs({}))", one()),
        7 => format!("max({}, {})", one(), one()),
        8 => format!("min({}, {})", one(), one()),
        9 => format!("(if {} > {} then {} else {})", one(), one(), one(), one()),
        10 => format!("sqrt(1 + abs({}))", one()),
        _ => format!("(-{})", one()),
    }
}

#[test]
fn random_models_have_the_gradient_of_central_differences() {
    let (mut worst_of_all, mut smooth): (f64, usize) = (0.0, 0);
    for number in 0..60 {
        let mut stream = Streams::new(11, "test: expressions").at(0, 0, number);
        let body = format!(
            r#"<stock name="x"><eqn>a</eqn><inflow>gain</inflow></stock>
            <stock name="y"><eqn>{}</eqn><inflow>other</inflow><non_negative/></stock>
            <flow name="gain"><eqn>tanh({}) - x / 2</eqn></flow><flow name="other"><eqn>tanh({}) - y / 3</eqn></flow>
            <aux name="a"><eqn>0.5</eqn></aux><aux name="b"><eqn>0.5</eqn></aux><aux name="size"><eqn>0.4</eqn></aux>
            <aux name="seen"><eqn>{} + y</eqn></aux>"#,
            expression(2, &mut stream),
            expression(5, &mut stream).replace("0.7", "y"),
            expression(5, &mut stream),
            expression(4, &mut stream),
        )
        .replace(" > ", " &gt; ");
        let priors =
            format!("{ALL_PRIORS}\nsize = {{ distribution = 'uniform', low = 0.1, high = 1 }}");
        let world = SmallModel::new(&body, ALL_SPACE, &priors, &[("seen", 0.6)]);
        let worst = world.worst(u64::from(number), 1.0);
        worst_of_all = worst_of_all.max(worst);
        // A step of a difference may lie across a branch.
        smooth += usize::from(worst < 1e-5);
    }
    println!("{smooth} of 60 within 1e-5, the worst {worst_of_all:e}");
    assert!(smooth >= 58, "{smooth}");
}

#[test]
fn the_monthly_model_has_the_gradient_of_central_differences() {
    let text = |file: &str| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/models/pakistan-monthly/");
        std::fs::read_to_string(format!("{folder}{file}")).unwrap()
    };
    let document = read_xmile(text("model.xmile").as_bytes(), &Limits::default()).unwrap();
    // Invented counts: what happens to be in the record is none of this test's concern.
    let mut record = ObservationRecord::default();
    let names = ["attacks", "state_operations", "deaths"];
    let mut stream = Streams::new(3, "test: counts").at(0, 0, 0);
    for month in 0..240 {
        record.times.push(f64::from(month));
        for name in names {
            for theatre in ["northwest", "balochistan"] {
                let count = (3.0 * stream.open01() * f64::from(month) / 60.0).floor();
                record.series.entry(format!("{name}[{theatre}]")).or_default().push(Some(count));
            }
        }
    }
    let world = SmallModel {
        model: Model::compile(&document).unwrap(),
        space: toml(&text("noise.toml")),
        priors: toml(&text("priors.toml")),
        record,
    };
    let found = world.with(&RunSettings::default(), |density| {
        assert_eq!(density.dimension(), 48 + 4 * 239);
        let mut stream = Streams::new(5, "test: position").at(0, 0, 0);
        // All parameters and every seventh draw of noise, at three places.
        [0.2, 0.5, 0.8].map(|scale| worst(density, &mut stream, scale, 7))
    });
    let found = found.unwrap();
    println!("largest errors {found:?}");
    assert!(found.iter().all(|worst| *worst < 1e-5), "{found:?}");
}

#[test]
fn a_member_has_the_same_bits_in_any_lane_and_width() {
    let world = counted();
    let found = world.with(&RunSettings::default(), |density| {
        let mut stream = Streams::new(2, "test: position").at(0, 0, 0);
        let places: Vec<Vec<f64>> = (0..8).map(|_| position(density, &mut stream, 1.0)).collect();
        let places: Vec<&[f64]> = places.iter().map(Vec::as_slice).collect();
        let mut wide = PathDensity::<8>::new(density);
        let together = wide.evaluate(&places).unwrap();
        // What was found before is used again, and changes nothing.
        assert_eq!(together, wide.evaluate(&places).unwrap());
        let mut single = PathDensity::<1>::new(density);
        for (place, together) in places.iter().zip(&together) {
            assert_eq!(&single.evaluate(&[place]).unwrap()[0], together);
            assert_eq!(&wide.evaluate(&[place]).unwrap()[0], together);
        }
        let (particle, noise) = density.split(places[0]);
        let back = density.position(&particle, &noise);
        assert!(back.iter().zip(places[0]).all(|(back, place)| (back - place).abs() < 1e-12));
    });
    found.unwrap();
}

#[test]
fn chains_side_by_side_go_the_same_ways_as_alone() {
    let world = counted();
    let found = world.with(&RunSettings::default(), |density| {
        let mut stream = Streams::new(6, "test: position").at(0, 0, 0);
        let starts: Vec<Vec<f64>> = (0..5).map(|_| position(density, &mut stream, 1.0)).collect();
        let settings = GradientSettings { warmup: 20, draws: 10, ..GradientSettings::default() };
        let streams = Streams::new(8, "test: chains");
        let chains = GradientChains { density, streams, settings: &settings, report: &|_| () };
        let alone = chains.courses(&starts, 1).unwrap();
        assert_eq!(alone, chains.courses(&starts, 8).unwrap());
        assert_eq!(alone, chains.courses(&starts, 2).unwrap());
        assert_ne!(alone[0], alone[1]);
        // A chain that cannot begin is an error, and nobody waits for it.
        let mut broken = starts;
        broken[3][0] = f64::NAN;
        assert!(chains.courses(&broken, 8).is_err());
    });
    found.unwrap();
}

#[test]
fn the_density_is_that_of_chains_without_gradients() {
    let world = counted();
    let found = world.with(&RunSettings::default(), |density| {
        let mut stream = Streams::new(4, "test: position").at(0, 0, 0);
        let at = position(density, &mut stream, 1.0);
        let own = PathDensity::<8>::new(density).evaluate(&[&at]).unwrap().remove(0);
        (density.split(&at), own.log_density + 0.5 * at.iter().map(|x| x * x).sum::<f64>())
    });
    let ((particle, noise), own) = found.unwrap();
    let assimilation =
        world.model.assimilation(&[], &world.space, &RunSettings::default()).unwrap();
    let streams = Streams::new(1, "test");
    let inputs = Inputs::new();
    let other =
        assimilation.with_sampler(&world.priors, &inputs, &world.record, streams, |sampler| {
            sampler.log_observed(&particle, &noise)
        });
    let other = other.unwrap();
    assert!((own - other).abs() < 1e-9 * own.abs(), "{own} {other}");
}

#[test]
fn what_has_no_derivative_is_refused_with_the_variable_and_the_reason() {
    let own = RunSettings::default();
    let replaced = |from: &str, to: &str| {
        let body = FORGETS.replace(from, to);
        SmallModel::with_step(&body, 1.0, FORGETS_SPACE, FORGETS_PRIORS, &[("level", 0.4)])
            .error(&own)
    };
    let message = replaced("level * (1 - memory)", "RAMP(memory, 1, 3)");
    assert!(message.starts_with("fading: RAMP depends here on what is learnt"), "{message}");
    let message = replaced("<eqn>start</eqn>", "<eqn>STEP(start, 0)</eqn>");
    assert!(message.starts_with("level: STEP"), "{message}");
    // What the time alone moves needs no rule.
    let body = FORGETS.replace("level * (1 - memory)", "level * (1 - memory) * STEP(1, 2)");
    let world = SmallModel::new(&body, FORGETS_SPACE, FORGETS_PRIORS, &[("level", 0.4)]);
    assert!(world.worst(1, 1.0) < 1e-7);
    let conveyor = r#"<stock name="belt"><eqn>0</eqn><inflow>onto</inflow><outflow>off</outflow>
        <conveyor><len>3</len></conveyor></stock><flow name="onto"><eqn>memory</eqn></flow>
        <flow name="off"/><stock name="level">"#;
    let body = FORGETS
        .replace("<stock name=\"level\">", conveyor)
        .replace("level * (1 - memory)", "level * (1 - memory) - off");
    let world = SmallModel::with_step(&body, 1.0, FORGETS_SPACE, FORGETS_PRIORS, &[("level", 0.4)]);
    let message = world.error(&own);
    assert!(message.contains("a conveyor or queue depends here on what is learnt"), "{message}");
    let settings = RunSettings { method: Some(Method::Rk4), ..RunSettings::default() };
    assert!(forgets().error(&settings).contains("Euler"));
}

#[test]
fn a_place_where_the_record_is_impossible_has_no_density() {
    let body = FORGETS.replace(
        "<aux name=\"spread\">",
        "<aux name=\"mean\"><eqn>level</eqn></aux><aux name=\"spread\">",
    );
    let space = "[observation.mean]\ndistribution = 'poisson'";
    let mut world = SmallModel::new(&body, space, FORGETS_PRIORS, &[("mean", 2.0)]);
    let low = Distribution::Uniform { low: -3.0, high: 3.0 };
    world.priors.constants.insert("start".into(), low);
    let found = world.with(&RunSettings::default(), |density| {
        let places = [vec![0.0, 0.0, -1.0], vec![0.0, 0.0, 1.0]];
        let places: Vec<&[f64]> = places.iter().map(Vec::as_slice).collect();
        let found = PathDensity::<8>::new(density).evaluate(&places).unwrap();
        [found[0].log_density, found[1].log_density]
    });
    let found = found.unwrap();
    assert!(found[0] == f64::NEG_INFINITY && found[1].is_finite(), "{found:?}");
}
