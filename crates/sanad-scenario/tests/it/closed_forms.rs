//! Models with a known solution: the error falls with the method's order, and nothing is lost.

use sanad_scenario::Method;

use crate::{compile, file, of, run, variables};

const EXPONENTIAL: &str = r#"<stock name="x"><eqn>1</eqn><outflow>decay</outflow></stock>
    <flow name="decay"><eqn>x * 0.7</eqn></flow>"#;
const LOGISTIC: &str = r#"<stock name="x"><eqn>0.1</eqn><inflow>growth</inflow></stock>
    <flow name="growth"><eqn>1.3 * x * (1 - x)</eqn></flow>"#;
const OSCILLATOR: &str = r#"<stock name="x"><eqn>1</eqn><inflow>dx</inflow></stock>
    <stock name="v"><eqn>0</eqn><outflow>force</outflow></stock>
    <flow name="dx"><eqn>v</eqn></flow><flow name="force"><eqn>4 * x</eqn></flow>"#;

fn error(body: &str, name: &str, dt: f64, method: Method, exact: f64) -> f64 {
    let model = compile(&file(0.0, 2.0, dt, &variables(body)));
    let last = of(&run(&model, method), name);
    (last[last.len() - 1] - exact).abs()
}

/// Observed order from halving the step twice.
fn assert_order(body: &str, name: &str, exact: f64) {
    for (method, order, dt) in
        [(Method::Euler, 1.0, 0.015_625), (Method::Rk2, 2.0, 0.031_25), (Method::Rk4, 4.0, 0.062_5)]
    {
        let coarse = error(body, name, dt, method, exact);
        let fine = error(body, name, dt / 2.0, method, exact);
        let observed = (coarse / fine).log2();
        println!("{name} {method:?}: error {coarse:.3e} → {fine:.3e}, order {observed:.3}");
        assert!((observed - order).abs() < 0.15, "{method:?} {name}: order {observed}");
    }
}

#[test]
fn exponential_decay_converges_at_the_order_of_each_method() {
    assert_order(EXPONENTIAL, "x", (-1.4_f64).exp());
}

#[test]
fn logistic_growth_converges_at_the_order_of_each_method() {
    assert_order(LOGISTIC, "x", 1.0 / (1.0 + 9.0 * (-2.6_f64).exp()));
}

#[test]
fn the_harmonic_oscillator_converges_at_the_order_of_each_method() {
    assert_order(OSCILLATOR, "x", 4.0_f64.cos());
}

/// The response of an n-th order delay or smooth of time τ to a unit step is the distribution
/// function of an Erlang distribution with n stages and mean τ.
fn erlang(order: i32, tau: f64, time: f64) -> f64 {
    let rate = f64::from(order) * time / tau;
    let mut term = 1.0;
    let mut sum = 0.0;
    for k in 0..order {
        if k > 0 {
            term *= rate / f64::from(k);
        }
        sum += term;
    }
    1.0 - sum * (-rate).exp()
}

#[test]
fn delays_and_smooths_of_order_n_converge_to_the_erlang_response() {
    for order in [1, 3, 5] {
        let exact = erlang(order, 1.5, 2.0);
        for function in ["DELAYN", "SMTHN"] {
            let body = format!(
                r#"<aux name="x"><eqn>{function}(input, 1.5, {order}, 0)</eqn></aux>
                   <aux name="input"><eqn>1</eqn></aux>"#
            );
            assert_order(&body, "x", exact);
        }
    }
}

#[test]
fn named_orders_are_the_general_function_at_that_order() {
    let body = r#"<aux name="input"><eqn>5 + STEP(3, 4)</eqn></aux>
        <aux name="a"><eqn>SMTH3(input, 6) - SMTHN(input, 6, 3)</eqn></aux>
        <aux name="b"><eqn>DELAY3(input, 6) - DELAYN(input, 6, 3)</eqn></aux>
        <aux name="c"><eqn>SMTH1(input, 6) - SMTHN(input, 6, 1)</eqn></aux>
        <aux name="d"><eqn>DELAY1(input, 6) - DELAYN(input, 6, 1)</eqn></aux>"#;
    let model = compile(&file(0.0, 20.0, 0.25, &variables(body)));
    for method in [Method::Euler, Method::Rk2, Method::Rk4] {
        let results = run(&model, method);
        for name in ["a", "b", "c", "d"] {
            assert!(of(&results, name).iter().all(|&value| value == 0.0));
        }
    }
}

#[test]
fn a_delay_in_equilibrium_stays_there() {
    let body =
        r#"<aux name="a"><eqn>DELAY3(7, 5)</eqn></aux><aux name="s"><eqn>SMTH3(7, 5)</eqn></aux>"#;
    let model = compile(&file(0.0, 40.0, 0.25, &variables(body)));
    let results = run(&model, Method::Rk4);
    for name in ["a", "s"] {
        assert!(of(&results, name).iter().all(|value| (value - 7.0).abs() < 1e-12));
    }
}

#[test]
fn a_closed_system_keeps_its_total() {
    let body = r#"<stock name="s"><eqn>990</eqn><outflow>f</outflow></stock>
        <stock name="i"><eqn>10</eqn><inflow>f</inflow><outflow>g</outflow></stock>
        <stock name="r"><eqn>0</eqn><inflow>g</inflow><outflow>h</outflow></stock>
        <stock name="w"><eqn>3</eqn><inflow>h</inflow></stock>
        <flow name="f"><eqn>0.4 * s * i / 1000</eqn></flow>
        <flow name="g"><eqn>i / 7</eqn></flow><flow name="h"><eqn>r / 30</eqn></flow>
        <aux name="total"><eqn>s + i + r + w</eqn></aux>"#;
    let model = compile(&file(0.0, 500.0, 0.0625, &variables(body)));
    for method in [Method::Euler, Method::Rk2, Method::Rk4] {
        let worst = of(&run(&model, method), "total")
            .into_iter()
            .map(|total| (total / 1003.0 - 1.0).abs())
            .fold(0.0, f64::max);
        println!("{method:?}: total off by {worst:.1e}");
        assert!(worst < 1e-9, "{method:?} {worst}");
    }
}

#[test]
fn non_negative_stocks_pass_on_only_what_they_hold() {
    let body = r#"<stock name="a"><eqn>10</eqn><outflow>f</outflow><outflow>g</outflow><non_negative/></stock>
        <stock name="b"><eqn>0</eqn><inflow>f</inflow></stock>
        <stock name="c"><eqn>0</eqn><inflow>g</inflow></stock>
        <flow name="f"><eqn>3</eqn></flow><flow name="g"><eqn>1.5</eqn></flow>"#;
    let model = compile(&file(0.0, 5.0, 1.0, &variables(body)));
    let results = run(&model, Method::Euler);
    assert_eq!(of(&results, "a"), [10.0, 5.5, 1.0, 0.0, 0.0, 0.0]);
    assert_eq!(of(&results, "b"), [0.0, 3.0, 6.0, 7.0, 7.0, 7.0]);
    assert_eq!(of(&results, "c"), [0.0, 1.5, 3.0, 3.0, 3.0, 3.0]);
}
