//! Many members: the same bits however they are run, and draws with the distribution asked for.

use sanad_scenario::{Distribution, Inputs, Method, RunSettings, Vary};

use crate::{compile, file, variables};

const MODEL: &str = r#"<stock name="s"><eqn>100</eqn><inflow>f</inflow><outflow>g</outflow></stock>
    <flow name="f"><eqn>rate * s * (1 - s / size) + NORMAL(0, noise)</eqn></flow>
    <flow name="g"><eqn>SMTH3(s, 4) * 0.02 + DELAY(s, 3) * 0.01</eqn></flow>
    <aux name="rate"><eqn>0.3</eqn></aux><aux name="size"><eqn>1000</eqn></aux><aux name="noise"><eqn>2</eqn></aux>"#;

fn vary() -> Vary {
    let mut vary = Vary::default();
    let uniform = Distribution::Uniform { low: 0.1, high: 0.5 };
    vary.constants.insert("rate".into(), uniform);
    vary.constants.insert("Size".into(), Distribution::LogNormal { median: 1000.0, sigma: 0.2 });
    vary
}

fn bits(results: &sanad_scenario::Results) -> Vec<u64> {
    let members = 0..results.members();
    members.flat_map(|member| results.path(member, 0)).map(f64::to_bits).collect()
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let model = compile(&file(0.0, 30.0, 0.25, &variables(MODEL)));
    for method in [Method::Euler, Method::Rk4] {
        let settings = RunSettings { method: Some(method), seed: 5, ..RunSettings::default() };
        let simulation = model.simulation(&["s"], &settings).expect("outputs");
        let inputs = vary().draw(300, 5).expect("draws");
        let with = |threads: usize| {
            let pool =
                rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            bits(&pool.install(|| simulation.run(300, &inputs).expect("a run")))
        };
        let one = with(1);
        assert_eq!(one, with(2));
        assert_eq!(one, with(7));
    }
}

#[test]
fn a_member_is_the_same_alone_and_among_others() {
    let model = compile(&file(0.0, 30.0, 0.25, &variables(MODEL)));
    let simulation = model.simulation(&["s"], &RunSettings::default()).expect("outputs");
    let inputs = vary().draw(200, 1).expect("draws");
    let many = simulation.run(200, &inputs).expect("a run");
    let few = simulation.run(5, &inputs).expect("a run");
    for member in 0..5 {
        assert_eq!(many.path(member, 0), few.path(member, 0));
    }
}

#[test]
fn another_constant_leaves_the_draws_of_the_first_as_they_were() {
    let both = vary().draw(50, 9).expect("draws");
    let mut alone = vary();
    alone.constants.remove("Size");
    let alone = alone.draw(80, 9).expect("draws");
    for member in 0..50 {
        assert_eq!(both.value("rate", member), alone.value("rate", member));
    }
}

#[test]
fn distributions_have_their_mean_and_spread() {
    let cases: [(Distribution, f64, f64); 7] = [
        (Distribution::Uniform { low: 2.0, high: 6.0 }, 4.0, 16.0 / 12.0),
        (Distribution::Triangular { low: 0.0, mode: 1.0, high: 5.0 }, 2.0, 21.0 / 18.0),
        (
            Distribution::Normal {
                mean: 3.0,
                standard_deviation: 2.0,
                low: f64::NEG_INFINITY,
                high: f64::INFINITY,
            },
            3.0,
            4.0,
        ),
        (Distribution::Beta { alpha: 2.0, beta: 3.0, low: 0.0, high: 10.0 }, 4.0, 4.0),
        (
            Distribution::LogNormal { median: 1.0, sigma: 0.5 },
            0.125_f64.exp(),
            (0.25_f64.exp() - 1.0) * 0.25_f64.exp(),
        ),
        (Distribution::Choice { values: vec![0.0, 1.0], weights: vec![3.0, 1.0] }, 0.25, 0.1875),
        (
            Distribution::LogUniform { low: 1.0, high: std::f64::consts::E },
            std::f64::consts::E - 1.0,
            0.242_036,
        ),
    ];
    for (distribution, mean, variance) in cases {
        let vary = Vary { constants: [("x".to_owned(), distribution.clone())].into() };
        let inputs = vary.draw(40_000, 3).expect("draws");
        let values: Vec<f64> = (0..40_000).filter_map(|member| inputs.value("x", member)).collect();
        let found = values.iter().sum::<f64>() / 40_000.0;
        let spread = values.iter().map(|value| (value - found).powi(2)).sum::<f64>() / 39_999.0;
        // Four standard errors of the mean; the variance within five per cent.
        assert!(
            (found - mean).abs() < 4.0 * (variance / 40_000.0).sqrt(),
            "{distribution:?}: mean {found}"
        );
        assert!((spread / variance - 1.0).abs() < 0.05, "{distribution:?}: variance {spread}");
    }
}

#[test]
fn impossible_distributions_are_refused() {
    let bad = [
        Distribution::Uniform { low: 2.0, high: 1.0 },
        Distribution::Triangular { low: 0.0, mode: 9.0, high: 5.0 },
        Distribution::Normal { mean: 0.0, standard_deviation: 1.0, low: 50.0, high: 60.0 },
        Distribution::LogNormal { median: -1.0, sigma: 1.0 },
        Distribution::Beta { alpha: 0.0, beta: 1.0, low: 0.0, high: 1.0 },
        Distribution::Choice { values: vec![], weights: vec![] },
    ];
    for distribution in bad {
        let vary = Vary { constants: [("x".to_owned(), distribution)].into() };
        assert!(vary.draw(3, 1).expect_err("refused").is_settings());
    }
}

#[test]
fn quantiles_interpolate_order_statistics() {
    let model = compile(&file(0.0, 1.0, 1.0, &variables(r#"<aux name="x"><eqn>0</eqn></aux>"#)));
    let simulation = model.simulation(&["x"], &RunSettings::default()).expect("outputs");
    let inputs =
        Inputs::new().set_each("x", (0..101).map(|value| f64::from(100 - value)).collect());
    let quantiles =
        simulation.run(101, &inputs).expect("a run").quantiles(&[0.0, 0.025, 0.5, 0.905, 1.0]);
    assert_eq!(quantiles.at(0, 1), [0.0, 2.5, 50.0, 90.5, 100.0]);
    assert_eq!(quantiles.missing(0, 1), 0);
}

#[test]
fn members_without_a_number_are_counted() {
    let body = r#"<aux name="x"><eqn>0</eqn></aux><aux name="y"><eqn>SQRT(x)</eqn></aux>"#;
    let model = compile(&file(0.0, 0.0, 1.0, &variables(body)));
    let simulation = model.simulation(&["y"], &RunSettings::default()).expect("outputs");
    let inputs = Inputs::new().set_each("x", vec![4.0, -1.0, 9.0]);
    let quantiles = simulation.run(3, &inputs).expect("a run").quantiles(&[0.5]);
    assert_eq!((quantiles.at(0, 0), quantiles.missing(0, 0)), (&[2.5][..], 1));
}

#[test]
fn random_functions_differ_by_member_and_seed_and_repeat_with_a_seed_of_their_own() {
    let body = r#"<aux name="x"><eqn>RANDOM(0, 1)</eqn></aux><aux name="fixed"><eqn>NORMAL(0, 1, 77)</eqn></aux>"#;
    let model = compile(&file(0.0, 50.0, 1.0, &variables(body)));
    let run = |seed| {
        let settings = RunSettings { seed, ..RunSettings::default() };
        model
            .simulation(&["x", "fixed"], &settings)
            .expect("outputs")
            .run(20, &Inputs::new())
            .expect("a run")
    };
    let (first, second) = (run(1), run(2));
    assert_ne!(first.path(0, 0), second.path(0, 0));
    assert_ne!(first.path(0, 0), first.path(1, 0));
    assert_eq!(first.path(0, 1), second.path(3, 1));
    assert_eq!(first, run(1));
    let all: Vec<f64> = (0..20).flat_map(|member| first.path(member, 0)).collect();
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    assert!((mean - 0.5).abs() < 0.04, "{mean}");
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let model = compile(&file(0.0, 3.0, 1.0, &variables(MODEL)));
    assert!(
        model.simulation(&["nothing"], &RunSettings::default()).expect_err("refused").is_settings()
    );
    let simulation = model.simulation(&["s"], &RunSettings::default()).expect("outputs");
    for inputs in [
        Inputs::new().set("f", 1.0),
        Inputs::new().set("nothing", 1.0),
        Inputs::new().set_each("rate", vec![1.0]),
    ] {
        assert!(simulation.run(5, &inputs).expect_err("refused").is_settings());
    }
}
