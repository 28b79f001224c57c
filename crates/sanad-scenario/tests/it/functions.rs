//! Built-in functions against values worked out by hand from the standard's definitions.

use crate::{assert_near, path};

fn aux(equation: &str) -> Vec<f64> {
    path(0.0, 5.0, 1.0, &format!(r#"<aux name="x"><eqn>{equation}</eqn></aux>"#), "x")
}

#[test]
fn modulo_and_integer_part_are_floored() {
    assert_eq!(aux("INT(-1.5)")[0], -2.0);
    assert_eq!(aux("-7 MOD 3")[0], 2.0);
    assert_eq!(aux("7 MOD -3")[0], -2.0);
    assert_eq!(aux("(-7) - (INT(-7/3)*3 + -7 MOD 3)")[0], 0.0);
}

#[test]
fn operators_bind_as_the_standard_says() {
    assert_eq!(aux("-2^2")[0], -4.0);
    assert_eq!(aux("2^3^2")[0], 512.0);
    assert_eq!(aux("IF 1 &lt; 2 AND NOT 0 OR 0 THEN 5 ELSE 6")[0], 5.0);
    assert_eq!(aux("1 {not 2} + 3")[0], 4.0);
    assert_eq!(aux("10 - 4 - 3")[0], 3.0);
}

#[test]
fn test_inputs_start_on_time() {
    assert_eq!(aux("STEP(6, 3)"), [0.0, 0.0, 0.0, 6.0, 6.0, 6.0]);
    assert_eq!(aux("RAMP(2, 2)"), [0.0, 0.0, 0.0, 2.0, 4.0, 6.0]);
    assert_eq!(aux("PULSE(20, 1, 2)"), [0.0, 20.0, 0.0, 20.0, 0.0, 20.0]);
    assert_eq!(aux("PULSE(20, 1)"), [0.0, 20.0, 0.0, 0.0, 0.0, 0.0]);
    let fine = path(0.0, 2.0, 0.1, r#"<aux name="x"><eqn>PULSE(5, 0.3, 0.7)</eqn></aux>"#, "x");
    let places: Vec<usize> = (0..fine.len()).filter(|&k| fine[k] > 0.0).collect();
    assert_eq!(places, [3, 10, 17]);
    assert!((fine[3] - 50.0).abs() < 1e-12);
}

#[test]
fn memory_functions_look_back() {
    assert_eq!(aux("PREVIOUS(TIME * 2, -1)"), [-1.0, 0.0, 2.0, 4.0, 6.0, 8.0]);
    assert_eq!(aux("PREVIOUS(SELF, 1) + 1"), [2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    assert_eq!(aux("INIT(TIME + 4)"), [4.0; 6]);
    assert_eq!(aux("DELAY(TIME, 2)"), [0.0, 0.0, 0.0, 1.0, 2.0, 3.0]);
    assert_eq!(aux("DELAY(TIME, 2, 9)"), [9.0, 9.0, 0.0, 1.0, 2.0, 3.0]);
    assert_eq!(aux("DELAY(TIME, TIME)"), [0.0, 0.0, 1.0, 1.0, 1.0, 1.0]);
}

#[test]
fn a_varying_lag_looks_back_from_the_step_before() {
    // The lag in force at a moment is the one of the step before it.
    assert_eq!(
        aux("DELAY(TIME * 10, IF TIME &lt; 3 THEN 1 ELSE 3)"),
        [0.0, 0.0, 10.0, 20.0, 10.0, 20.0]
    );
}

#[test]
fn trend_and_forecast_of_steady_growth_find_its_rate() {
    let body = r#"<stock name="q"><eqn>10</eqn><inflow>g</inflow></stock><flow name="g"><eqn>q*0.02</eqn></flow>
        <aux name="t"><eqn>TREND(q, 4, 0.02)</eqn></aux><aux name="f"><eqn>FORCST(q, 4, 10, 0.02)</eqn></aux>"#;
    let trend = path(0.0, 100.0, 0.125, body, "t");
    assert_near(&[trend[0], trend[800]], &[0.02, 0.02], 1e-3);
    let ahead = path(0.0, 100.0, 0.125, body, "f");
    let now = path(0.0, 100.0, 0.125, body, "q");
    assert!((ahead[800] / now[800] - 1.2).abs() < 1e-2);
}

#[test]
fn mathematical_functions_agree_with_the_language() {
    assert_near(
        &[aux("ARCTAN(1)*4 - PI")[0], aux("LOG10(1000)")[0], aux("SQRT(2)^2")[0]],
        &[0.0, 3.0, 2.0],
        1e-15,
    );
    assert_near(
        &[aux("EXP(LN(5))")[0], aux("MAX(3, MIN(9, 7))")[0], aux("ABS(-3)")[0]],
        &[5.0, 7.0, 3.0],
        1e-15,
    );
    assert_eq!(aux("1/INF")[0], 0.0);
    assert_eq!(aux("SAFEDIV(1, 0, 7) + 4 // 0")[0], 7.0);
}

#[test]
fn graphical_functions_are_inline_named_or_called() {
    let body = r#"<gf name="curve" type="extrapolate"><xscale min="0" max="2"/><ypts>0,1,4</ypts></gf>
        <aux name="y"><eqn>curve(TIME)</eqn></aux>
        <aux name="inline"><eqn>TIME</eqn><gf><xpts>0,2</xpts><ypts>10,20</ypts></gf></aux>
        <aux name="by_reference"><eqn>TIME</eqn><gf name="curve"/></aux>
        <aux name="z"><eqn>LOOKUP(inline, 1)</eqn></aux>"#;
    assert_eq!(path(0.0, 3.0, 1.0, body, "y"), [0.0, 1.0, 4.0, 7.0]);
    assert_eq!(path(0.0, 3.0, 1.0, body, "inline"), [10.0, 15.0, 20.0, 20.0]);
    assert_eq!(path(0.0, 3.0, 1.0, body, "by_reference"), [0.0, 1.0, 4.0, 7.0]);
    assert_eq!(path(0.0, 3.0, 1.0, body, "z")[0], 15.0);
}

#[test]
fn min_and_max_with_what_is_no_number_are_none_in_any_order() {
    for function in ["MIN", "MAX"] {
        // The first two are computed when the model is compiled, the others when it runs.
        for missing in ["SQRT(-1)", "SQRT(-1 - TIME)"] {
            for arguments in [format!("{missing}, 3"), format!("3, {missing}")] {
                let found = aux(&format!("{function}({arguments})"));
                assert!(found.iter().all(|value| value.is_nan()), "{function}({arguments})");
            }
        }
    }
}
