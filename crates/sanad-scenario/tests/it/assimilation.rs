//! Members that go through a record: the exact answer where there is one, known truths where not.

use sanad_core::random::{Stream, Streams};
use sanad_numbers::{mean, normal_of_two, poisson, variance};
use sanad_scenario::{
    AssimilatedEnsemble, Distribution, Inputs, Magnitude, Model, ObservationDensity,
    ObservationRecord, ProcessNoise, RunSettings, StateSpace, Vary,
};

use crate::{compile, file, variables};

/// A level that moves with its trend, which fades.
const TREND: &str = r#"<stock name="level"><eqn>0</eqn><inflow>rise</inflow></stock>
    <flow name="rise"><eqn>trend</eqn></flow>
    <stock name="trend"><eqn>0</eqn><outflow>fading</outflow></stock>
    <flow name="fading"><eqn>trend * (1 - memory)</eqn></flow><aux name="memory"><eqn>0.9</eqn></aux>"#;

/// A stock that grows or shrinks, counted in each step.
const COUNTS: &str = r#"<stock name="capability"><eqn>20</eqn><inflow>growth</inflow></stock>
    <flow name="growth"><eqn>rate * capability</eqn></flow><aux name="rate"><eqn>0</eqn></aux>
    <aux name="attacks"><eqn>capability</eqn></aux><aux name="spread"><eqn>0.2</eqn></aux>"#;

fn number(value: f64) -> Magnitude {
    Magnitude::Number(value)
}

fn normal_noise(standard_deviation: f64) -> ProcessNoise {
    ProcessNoise::Normal { standard_deviation: number(standard_deviation) }
}

fn space(
    stocks: &[(&str, ProcessNoise)],
    observations: &[(&str, ObservationDensity)],
) -> StateSpace {
    StateSpace {
        stocks: stocks.iter().map(|(name, one)| ((*name).to_owned(), one.clone())).collect(),
        observations: observations
            .iter()
            .map(|(name, one)| ((*name).to_owned(), one.clone()))
            .collect(),
    }
}

fn record(name: &str, rows: &[(f64, f64)]) -> ObservationRecord {
    let values = rows.iter().map(|(_, value)| Some(*value)).collect();
    ObservationRecord {
        times: rows.iter().map(|(time, _)| *time).collect(),
        series: [(name.to_owned(), values)].into(),
    }
}

fn settings(seed: u64) -> RunSettings {
    RunSettings { seed, ..RunSettings::default() }
}

/// Mean and variance of an output over the members by their weights.
fn moments(found: &AssimilatedEnsemble, output: usize, saved: usize) -> (f64, f64) {
    let (values, weights) = found.across(output, saved);
    let mean: f64 = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
    let squares = values.iter().zip(weights).map(|(value, weight)| weight * (value - mean).powi(2));
    (mean, squares.sum())
}

/// The exact filter of [`TREND`] (Kalman 1960): state x = (level, trend), transition F = (1 1; 0 a),
/// noise of variances q, observation of the level with variance r, start of variances p.
struct Kalman {
    mean: [f64; 2],
    covariance: [[f64; 2]; 2],
    log_likelihood: f64,
}

impl Kalman {
    fn predict(&mut self, memory: f64, noise: [f64; 2]) {
        let [level, trend] = self.mean;
        self.mean = [level + trend, memory * trend];
        let [[a, b], [_, c]] = self.covariance;
        let cross = memory * (b + c);
        self.covariance =
            [[a + 2.0 * b + c + noise[0], cross], [cross, memory * memory * c + noise[1]]];
    }

    fn update(&mut self, observed: f64, variance: f64) {
        let [[a, b], [_, c]] = self.covariance;
        let spread = a + variance;
        let error = observed - self.mean[0];
        self.log_likelihood -=
            0.5 * ((core::f64::consts::TAU * spread).ln() + error * error / spread);
        let gain = [a / spread, b / spread];
        self.mean = [self.mean[0] + gain[0] * error, self.mean[1] + gain[1] * error];
        let cross = b - gain[0] * b;
        self.covariance = [[a - gain[0] * a, cross], [cross, c - gain[1] * b]];
    }
}

#[test]
fn a_linear_model_with_normal_noise_is_filtered_as_the_exact_filter_does() {
    const MEMBERS: usize = 20_000;
    const STEPS: usize = 30;
    let model = compile(&file(0.0, STEPS as f64, 1.0, &variables(TREND)));
    let density = ObservationDensity::Normal { standard_deviation: number(1.5) };
    let noise = [("level", normal_noise(0.4)), ("trend", normal_noise(0.3))];
    let space = space(&noise, &[("level", density)]);
    // A path that nobody drew, with rows that are missing and a jump that the model hardly allows.
    let observed: Vec<(f64, f64)> = (0..25_u8)
        .filter(|step| step % 6 != 4)
        .map(|step| {
            let time = f64::from(step);
            (time, 4.0 * (time / 5.0).sin() + 0.3 * time + if step == 13 { 4.0 } else { 0.0 })
        })
        .collect();
    let streams = Streams::new(11, "test: start");
    let start = |place: u32, spread: f64| -> Vec<f64> {
        (0..MEMBERS as u32)
            .map(|member| spread * normal_of_two(&mut streams.at(place, 0, member)))
            .collect()
    };
    let inputs = Inputs::new().set_each("level", start(0, 2.0)).set_each("trend", start(1, 0.5));
    let assimilation = model.assimilation(&["level", "trend"], &space, &settings(3)).unwrap();
    let found = assimilation.run(MEMBERS, &inputs, &record("level", &observed)).unwrap();

    let mut exact =
        Kalman { mean: [0.0; 2], covariance: [[4.0, 0.0], [0.0, 0.25]], log_likelihood: 0.0 };
    for step in 0..=STEPS {
        if let Some((_, value)) = observed.iter().find(|(time, _)| *time == step as f64) {
            exact.update(*value, 2.25);
        }
        for output in 0..2 {
            let (mean, variance) = moments(&found, output, step);
            let spread = exact.covariance[output][output].sqrt();
            let error = (mean - exact.mean[output]) / spread;
            // A mean of 20,000 draws that are worth some 2,000: five standard errors.
            assert!(error.abs() < 0.1, "step {step} output {output}: mean off by {error} spreads");
            let ratio = variance / (spread * spread);
            assert!((ratio - 1.0).abs() < 0.12, "step {step} output {output}: variance {ratio}");
        }
        exact.predict(0.9, [0.16, 0.09]);
    }
    let error = found.log_evidence() - exact.log_likelihood;
    println!("log evidence {:.3}, exact {:.3}", found.log_evidence(), exact.log_likelihood);
    assert!(error.abs() < 0.15, "log evidence off by {error}");
    assert_eq!(found.steps().len(), observed.len());
    assert!(found.steps().last().unwrap().is_resampled);
}

#[test]
fn the_log_evidence_of_independent_counts_is_their_likelihood() {
    let model = compile(&file(0.0, 4.0, 1.0, &variables(COUNTS)));
    let dispersion = Magnitude::Variable("spread".into());
    let density = ObservationDensity::NegativeBinomial { dispersion };
    let space = space(&[], &[("attacks", density.clone())]);
    let rows = [(0.0, 18.0), (1.0, 31.0), (3.0, 12.0)];
    let assimilation = model.assimilation(&[], &space, &settings(1)).unwrap();
    let found = assimilation.run(50, &Inputs::new(), &record("attacks", &rows)).unwrap();
    // Size 5 and mean 20: chance (Γ(y + 5)/Γ(5)/y!) · 0.2⁵ · 0.8ʸ.
    let factorial = |n: u32| (1..=n).map(f64::from).map(f64::ln).sum::<f64>();
    let exact: f64 = [18, 31, 12]
        .map(|y: u32| {
            factorial(y + 4) - factorial(4) - factorial(y)
                + 5.0 * 0.2_f64.ln()
                + f64::from(y) * 0.8_f64.ln()
        })
        .iter()
        .sum();
    assert!((found.log_evidence() - exact).abs() < 1e-9, "{} {exact}", found.log_evidence());
    // All members are alike, so that none was dropped.
    assert!(found.steps().iter().all(|step| (step.effective_members - 50.0).abs() < 1e-6));
}

/// A draw from a log-normal distribution.
fn log_normal(median: f64, sigma: f64, stream: &mut Stream) -> f64 {
    median * (sigma * normal_of_two(stream)).exp()
}

#[test]
fn bands_hold_known_truths_as_often_as_they_say() {
    const STEPS: usize = 36;
    const KNOWN: usize = 30;
    const WORLDS: u32 = 150;
    let model = compile(&file(0.0, STEPS as f64, 1.0, &variables(COUNTS)));
    let noise = ProcessNoise::LogNormal { sigma: number(0.15) };
    let dispersion = number(0.2);
    let density = ObservationDensity::NegativeBinomial { dispersion };
    let space = space(&[("capability", noise)], &[("attacks", density)]);
    let mut vary = Vary::default();
    let priors = &mut vary.constants;
    priors.insert("capability".into(), Distribution::LogNormal { median: 20.0, sigma: 0.5 });
    priors.insert("rate".into(), Distribution::Uniform { low: -0.05, high: 0.05 });
    let assimilation = model.assimilation(&["capability"], &space, &settings(9)).unwrap();
    let inputs = vary.draw(500, 4).unwrap();
    let (mut states, mut counts, mut forecasts) = (Vec::new(), Vec::new(), Vec::new());
    for world in 0..WORLDS {
        // The truth comes from the priors and the same equations, drawn here and not by the engine.
        let mut stream = Streams::new(77, "test: worlds").at(0, 0, world);
        let mut capability = log_normal(20.0, 0.5, &mut stream);
        let rate = 0.1 * stream.open01() - 0.05;
        let mut truth = Vec::new();
        for _ in 0..=STEPS {
            let gamma: f64 = rand_gamma(5.0, &mut stream) / 5.0;
            truth.push((capability, poisson(capability * gamma, &mut stream) as f64));
            capability =
                capability * (1.0 + rate) * log_normal((-0.01125_f64).exp(), 0.15, &mut stream);
        }
        let rows: Vec<(f64, f64)> = (0..=KNOWN).map(|step| (step as f64, truth[step].1)).collect();
        let found = assimilation.run(500, &inputs, &record("attacks", &rows)).unwrap();
        let bands = found.quantiles(&[0.05, 0.95]);
        let holds = |output: usize, step: usize, value: f64| {
            let band = bands.at(output, step);
            f64::from(u8::from(band[0] <= value && value <= band[1]))
        };
        states.extend([10, 20, KNOWN].map(|step| holds(0, step, truth[step].0)));
        forecasts.push(holds(0, STEPS, truth[STEPS].0));
        counts.push(holds(1, STEPS, truth[STEPS].1));
    }
    let (states, forecasts, counts) = (mean(&states), mean(&forecasts), mean(&counts));
    println!(
        "bands of 90 % hold: states {states:.3}, forecasts {forecasts:.3}, counts {counts:.3}"
    );
    // 450 and 150 trials: three standard errors are 0.042 and 0.073; counts are whole numbers, so
    // that bands of them hold a little more.
    assert!((states - 0.9).abs() < 0.05, "{states}");
    assert!((forecasts - 0.9).abs() < 0.075, "{forecasts}");
    assert!(counts > 0.83 && counts < 0.99, "{counts}");
}

/// A gamma draw of a whole shape: the sum of as many exponential ones.
fn rand_gamma(shape: f64, stream: &mut Stream) -> f64 {
    (0..shape as u32).map(|_| -stream.open01().ln()).sum()
}

/// Delays whose lag differs from member to member, a smooth, a conveyor and a random function.
const REMEMBERS: &str = r#"<stock name="s"><eqn>10</eqn><inflow>f</inflow><outflow>g</outflow></stock>
    <flow name="f"><eqn>rate * s + NORMAL(0, 0.1)</eqn></flow>
    <flow name="g"><eqn>SMTH3(s, 4) * 0.02 + DELAY(s, lag) * 0.01</eqn></flow>
    <stock name="belt"><eqn>6</eqn><inflow>f2</inflow><outflow>out</outflow>
      <conveyor><len>lag</len></conveyor></stock>
    <flow name="f2"><eqn>s / 10</eqn></flow><flow name="out"/>
    <aux name="rate"><eqn>0.1</eqn></aux><aux name="lag"><eqn>3</eqn></aux>
    <aux name="seen"><eqn>s + out + belt</eqn></aux>"#;

fn remembering_inputs(members: usize) -> Inputs {
    Inputs::new()
        .set_each("rate", (0..members).map(|member| 0.02 + 0.001 * (member % 97) as f64).collect())
        .set_each("lag", (0..members).map(|member| 1.0 + (member % 7) as f64).collect())
}

fn bits(found: &AssimilatedEnsemble) -> Vec<u64> {
    let lines = found.lines();
    let paths = (0..found.members())
        .flat_map(|member| (0..found.outputs().len()).flat_map(move |output| [(member, output)]));
    let bits = paths.flat_map(|(member, output)| lines.path(member, output)).map(f64::to_bits);
    bits.chain([found.log_evidence().to_bits()]).collect()
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let model = compile(&file(0.0, 24.0, 0.5, &variables(REMEMBERS)));
    let density = ObservationDensity::Normal { standard_deviation: number(1.0) };
    let space = space(&[("s", normal_noise(0.5))], &[("seen", density)]);
    let rows: Vec<(f64, f64)> =
        (1..20_u8).map(|row| (f64::from(row), 16.0 + f64::from(row % 5))).collect();
    for method in [sanad_scenario::Method::Euler, sanad_scenario::Method::Rk4] {
        let settings = RunSettings { method: Some(method), seed: 5, ..RunSettings::default() };
        let assimilation = model.assimilation(&["s", "belt", "out"], &space, &settings).unwrap();
        let inputs = remembering_inputs(300);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| bits(&assimilation.run(300, &inputs, &record("seen", &rows)).unwrap()))
        };
        let one = with(1);
        assert_eq!(one, with(2));
        assert_eq!(one, with(7));
        assert_ne!(one, {
            let other = RunSettings { seed: 6, ..settings.clone() };
            let other = model.assimilation(&["s", "belt", "out"], &space, &other).unwrap();
            bits(&other.run(300, &inputs, &record("seen", &rows)).unwrap())
        });
    }
}

#[test]
fn without_noise_and_record_members_are_those_of_a_plain_run() {
    let model = compile(&file(0.0, 24.0, 0.5, &variables(REMEMBERS)));
    let inputs = remembering_inputs(100);
    let settings = RunSettings { save_interval: Some(2.0), seed: 8, ..RunSettings::default() };
    let plain = model.simulation(&["s", "out"], &settings).unwrap().run(100, &inputs).unwrap();
    let assimilation =
        model.assimilation(&["s", "out"], &StateSpace::default(), &settings).unwrap();
    let found = assimilation.run(100, &inputs, &ObservationRecord::default()).unwrap();
    assert_eq!(found.lines(), plain);
    assert_eq!((found.log_evidence(), found.ancestors()), (0.0, 100));
    let shares = [0.025, 0.3, 0.5, 1.0];
    let (weighted, equal) = (found.quantiles(&shares), plain.quantiles(&shares));
    for saved in 0..plain.times().len() {
        crate::assert_near(weighted.at(0, saved), equal.at(0, saved), 1e-12);
    }
}

#[test]
fn a_member_drawn_anew_brings_its_constants_delays_and_belts_along() {
    // No chance but that of drawing anew: what a member becomes follows from where it came from.
    let still = REMEMBERS.replace(" + NORMAL(0, 0.1)", "");
    let model = compile(&file(0.0, 24.0, 0.5, &variables(&still)));
    let outputs = ["rate", "lag", "s", "belt", "out"];
    let density = ObservationDensity::Normal { standard_deviation: number(0.2) };
    let space = space(&[], &[("seen", density)]);
    let inputs = remembering_inputs(200);
    let assimilation = model.assimilation(&outputs, &space, &settings(2)).unwrap();
    let rows = [(4.0, 19.0), (8.0, 21.5), (12.0, 26.0)];
    let found = assimilation.run(200, &inputs, &record("seen", &rows)).unwrap();
    assert!(found.ancestors() < 60 && found.ancestors() > 1, "{}", found.ancestors());
    let lines = found.lines();
    let end = lines.times().len() - 1;
    let own =
        Inputs::new().set_each("rate", lines.across(0, end)).set_each("lag", lines.across(1, end));
    let plain = model.simulation(&outputs, &settings(2)).unwrap().run(200, &own).unwrap();
    for member in 0..200 {
        for output in 0..outputs.len() {
            assert_eq!(lines.path(member, output), plain.path(member, output), "{member} {output}");
        }
    }
}

#[test]
fn noise_on_one_stock_changes_no_draw_of_another() {
    let model = compile(&file(0.0, 12.0, 1.0, &variables(TREND)));
    let path = |stocks: &[(&str, ProcessNoise)]| {
        let assimilation =
            model.assimilation(&["trend"], &space(stocks, &[]), &settings(4)).unwrap();
        let found = assimilation.run(20, &Inputs::new(), &ObservationRecord::default()).unwrap();
        found.lines().path(3, 0)
    };
    let trend = ("trend", normal_noise(0.3));
    let alone = path(std::slice::from_ref(&trend));
    assert_eq!(alone, path(&[("level", normal_noise(1.0)), trend]));
    assert!(variance(&alone) > 0.0);
}

#[test]
fn a_stock_without_flows_is_a_constant_that_is_learnt() {
    let walk = COUNTS.replace(
        r#"<aux name="rate"><eqn>0</eqn></aux>"#,
        r#"<stock name="rate"><eqn>0</eqn></stock>"#,
    );
    let model = compile(&file(0.0, 60.0, 1.0, &variables(&walk)));
    let noise = [
        ("rate", normal_noise(0.002)),
        ("capability", ProcessNoise::LogNormal { sigma: number(0.02) }),
    ];
    let space = space(&noise, &[("attacks", ObservationDensity::Poisson)]);
    let mut vary = Vary::default();
    vary.constants.insert("rate".into(), Distribution::Uniform { low: -0.1, high: 0.1 });
    let rows: Vec<(f64, f64)> =
        (0..=60_i32).map(|step| (f64::from(step), (20.0 * 1.03_f64.powi(step)).round())).collect();
    let assimilation = model.assimilation(&["rate"], &space, &settings(6)).unwrap();
    let found =
        assimilation.run(1000, &vary.draw(1000, 1).unwrap(), &record("attacks", &rows)).unwrap();
    let band = found.quantiles(&[0.05, 0.95]).at(0, 60).to_vec();
    assert!(band[0] < 0.03 && 0.03 < band[1] && band[1] - band[0] < 0.04, "{band:?}");
}

fn refused(model: &Model, space: &StateSpace, record: &ObservationRecord) -> String {
    let outcome = model
        .assimilation(&[], space, &settings(1))
        .and_then(|assimilation| assimilation.run(16, &Inputs::new(), record));
    let error = outcome.expect_err("a refusal");
    assert!(error.is_settings(), "{error}");
    error.to_string()
}

#[test]
fn what_cannot_be_assimilated_is_refused_with_its_name_time_and_value() {
    let model = compile(&file(0.0, 4.0, 0.5, &variables(COUNTS)));
    let poisson = || ("attacks", ObservationDensity::Poisson);
    let fine = || record("attacks", &[(1.0, 20.0)]);
    let noisy = |name, noise| refused(&model, &space(&[(name, noise)], &[poisson()]), &fine());
    let lines = [
        noisy("rate", normal_noise(1.0)),
        noisy("anger", normal_noise(1.0)),
        noisy("capability", normal_noise(0.0)),
        noisy("capability", ProcessNoise::LogNormal { sigma: Magnitude::Variable("anger".into()) }),
        refused(&model, &StateSpace::default(), &fine()),
        refused(&model, &space(&[], &[poisson()]), &record("attacks", &[(1.2, 20.0)])),
        refused(&model, &space(&[], &[poisson()]), &record("attacks", &[(5.0, 20.0)])),
        refused(&model, &space(&[], &[poisson()]), &record("attacks", &[(1.0, 2.5)])),
        refused(&model, &space(&[], &[poisson()]), &record("attacks", &[(2.0, 1.0), (1.0, 1.0)])),
        refused(
            &model,
            &space(&[], &[("rate", ObservationDensity::Poisson)]),
            &record("rate", &[(1.0, 3.0)]),
        ),
        {
            let mut short = fine();
            short.times.push(2.0);
            refused(&model, &space(&[], &[poisson()]), &short)
        },
        {
            let mut twice = fine();
            twice.series.insert("Attacks".into(), vec![Some(20.0)]);
            refused(&model, &space(&[], &[poisson()]), &twice)
        },
    ];
    insta::assert_snapshot!(lines.join("\n"), @"
    rate is not a stock that noise can be laid on
    anger is not a variable of the model
    capability: the size of its noise is 0, expected a number above 0
    capability: the size of its noise is anger, which is not a variable of the model
    attacks is observed and has no density
    found an observation at time 1.2, expected one on a step of 0.5 from 0 to 4
    found an observation at time 5, expected one on a step of 0.5 from 0 to 4
    attacks at time 1: found 2.5, expected a whole number from 0 on
    time 1 does not come after the one before it
    at time 1 no member can have given rate = 3; more members, wider densities or priors, or more process noise may
    attacks has 1 values for 2 times
    attacks is observed twice
    ");
}
