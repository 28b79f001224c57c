//! Against `tick` 0.8.0.2 and scipy: `bench/cycle/reference.py` wrote the numbers.

use sanad_cycle::continuous::{
    Decays, Events, FitSettings, Hawkes, fit, log_likelihood, target_gradient,
};
use sanad_cycle::{Links, Matrix};

const FIXTURE: &str = include_str!("../fixtures/hawkes_reference.csv");
const SPAN: f64 = 300.0;

fn values(name: &str) -> Vec<f64> {
    let line = FIXTURE.lines().find(|line| line.split(',').next() == Some(name)).expect(name);
    line.split(',').skip(1).map(|value| value.parse().unwrap()).collect()
}

fn events(set: &str) -> Events {
    let kind = |k: usize| values(&format!("{set}_times_{k}"));
    Events::new(vec![kind(0), kind(1)], SPAN).unwrap()
}

fn square(values: &[f64]) -> Matrix {
    Matrix::from_rows(&[values[..2].to_vec(), values[2..4].to_vec()])
}

fn truth(decay: [f64; 4]) -> Hawkes {
    Hawkes::new(vec![0.35, 0.25], square(&[0.45, 0.2, 0.15, 0.35]), square(&decay)).unwrap()
}

fn assert_relative(found: f64, expected: f64, tolerance: f64) {
    let gap = (found - expected).abs() / expected.abs();
    assert!(gap < tolerance, "{found} against {expected}: relative gap {gap:e}");
}

#[test]
fn log_likelihood_and_gradient_equal_those_of_tick() {
    let (process, events) = (truth([1.5; 4]), events("shared"));
    let found = log_likelihood(&process, &events).unwrap();
    assert_relative(found, values("tick_log_likelihood_at_truth")[0], 1e-9);
    let expected = values("tick_gradient_at_truth");
    for target in 0..2 {
        let gradient = target_gradient(&process, &events, target).unwrap();
        assert_relative(gradient.baseline, expected[target], 1e-8);
        for source in 0..2 {
            assert_relative(gradient.branching[source], expected[2 + 2 * target + source], 1e-8);
        }
    }
}

#[test]
fn parameters_equal_those_of_tick_when_decays_are_known() {
    let settings = FitSettings { links: Links::Full, decays: Decays::Fixed(square(&[1.5; 4])) };
    let found = fit(&events("shared"), &settings).unwrap();
    let expected = values("tick_fit");
    for target in 0..2 {
        assert_relative(found.process.baseline()[target], expected[target], 1e-4);
        for source in 0..2 {
            let n = found.process.branching()[(target, source)];
            assert_relative(n, expected[2 + 2 * target + source], 1e-4);
        }
    }
    assert_relative(found.log_likelihood, values("tick_fit_log_likelihood")[0], 1e-9);
}

#[test]
fn parameters_equal_those_of_scipy_when_decays_are_estimated() {
    let decays = Decays::Estimated { start: 1.0, lower: 0.01, upper: 100.0 };
    let found = fit(&events("links"), &FitSettings { links: Links::Full, decays }).unwrap();
    let expected = values("links_fit");
    for target in 0..2 {
        assert_relative(found.process.baseline()[target], expected[target], 1e-3);
        for source in 0..2 {
            let at = 2 + 2 * target + source;
            assert_relative(found.process.branching()[(target, source)], expected[at], 1e-3);
            assert_relative(found.process.decay()[(target, source)], expected[4 + at], 1e-3);
        }
    }
    assert_relative(found.log_likelihood, values("links_fit_log_likelihood")[0], 1e-9);
    let at_truth = log_likelihood(&truth([1.5, 0.6, 1.0, 2.5]), &events("links")).unwrap();
    assert_relative(at_truth, values("links_log_likelihood_at_truth")[0], 1e-9);
}
