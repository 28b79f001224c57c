//! Submodels and macros.

use sanad_scenario::Method;

use crate::{compile, file, of, path, run};

#[test]
fn modules_take_inputs_and_give_outputs() {
    let body = r#"<model><variables>
        <module name="Hares"><connect to="Hares.Area" from=".Land"/></module>
        <aux name="Land"><eqn>7</eqn></aux>
        <aux name="density"><eqn>Hares.count / Land</eqn></aux></variables></model>
        <model name="Hares"><variables><aux name="Area" access="input"><eqn>1</eqn></aux>
        <stock name="count" access="output"><eqn>Area * 2</eqn><inflow>births</inflow></stock>
        <flow name="births"><eqn>count * 0.5</eqn></flow></variables></model>"#;
    let results = run(&compile(&file(0.0, 1.0, 1.0, body)), Method::Euler);
    assert_eq!(of(&results, "hares.count"), [14.0, 21.0]);
    assert_eq!(of(&results, "density"), [2.0, 3.0]);
}

#[test]
fn unqualified_inputs_and_outputs_connect_as_in_the_standard() {
    let body = r#"<model><variables>
        <module name="Sub_Model"><connect to="Input" from=".Root_Output"/>
        <connect to=".Root_Input" from="Sub_Model.Output"/></module>
        <aux name="Root_Output" access="output"><eqn>3</eqn></aux>
        <aux name="Root_Input" access="input"/></variables></model>
        <model name="Sub_Model"><variables><aux name="Input" access="input"/>
        <aux name="Output" access="output"><eqn>Input * 10</eqn></aux></variables></model>"#;
    let results = run(&compile(&file(0.0, 1.0, 1.0, body)), Method::Euler);
    assert_eq!(of(&results, "root_input")[0], 30.0);
}

const FACTORIAL: &str = r#"<macro name="FACT"><parm>x</parm><eqn>IF x &lt;= 1 THEN 1 ELSE x * FACT(x - 1)</eqn></macro>"#;

#[test]
fn macros_are_functions_and_may_call_themselves() {
    let body = format!(
        r#"{FACTORIAL}<macro name="LOGB"><parm>x</parm><parm default="10">base</parm><eqn>LN(x)/LN(base)</eqn></macro>
        <model><variables><aux name="f"><eqn>FACT(5)</eqn></aux><aux name="l"><eqn>LOGB(256, 2) + LOGB(100)</eqn></aux>
        </variables></model>"#
    );
    let results = run(&compile(&file(0.0, 1.0, 1.0, &body)), Method::Euler);
    assert_eq!(of(&results, "f")[0], 120.0);
    assert!((of(&results, "l")[0] - 10.0).abs() < 1e-12);
}

#[test]
fn every_use_of_a_macro_has_stocks_of_its_own() {
    let body = r#"<macro name="SMOOTH9"><parm>input</parm><parm>time</parm><parm default="input">initial</parm>
        <eqn>level</eqn><variables><stock name="level"><eqn>initial</eqn><inflow>change</inflow></stock>
        <flow name="change"><eqn>(input - level) / time</eqn></flow></variables></macro>
        <model><variables><aux name="a"><eqn>SMOOTH9(STEP(1, 1), 3) - SMTH1(STEP(1, 1), 3)</eqn></aux>
        <aux name="b"><eqn>SMOOTH9(TIME, 2, 5) - SMTH1(TIME, 2, 5)</eqn></aux></variables></model>"#;
    let model = compile(&file(0.0, 9.0, 0.25, body));
    for method in [Method::Euler, Method::Rk4] {
        let results = run(&model, method);
        for name in ["a", "b"] {
            assert!(of(&results, name).iter().all(|&difference| difference == 0.0), "{name}");
        }
    }
}

#[test]
fn deep_expressions_in_recursive_macros_are_refused_before_the_stack_ends() {
    let deep = format!("{}LOOP(x + 1){}", "-(1 + ".repeat(60), ")".repeat(60));
    let body = format!(
        r#"<macro name="LOOP"><parm>x</parm><eqn>{deep}</eqn></macro>
        <model><variables><aux name="x"><eqn>LOOP(1)</eqn></aux></variables></model>"#
    );
    let text = file(0.0, 1.0, 1.0, &body);
    let document =
        sanad_scenario::read_xmile(text.as_bytes(), &Default::default()).expect("readable");
    assert!(sanad_scenario::Model::compile(&document).expect_err("refused").is_limit());
}

#[test]
fn macros_take_arrays() {
    let body = r#"<dimensions><dim name="D" size="4"/></dimensions>
        <macro name="FIND"><parm>A</parm><parm>value</parm><parm default="1">i</parm>
        <eqn>IF i &gt; SIZE(A) THEN 0 ELSE IF A[i] = value THEN i ELSE FIND(A, value, i + 1)</eqn></macro>
        <model><variables><aux name="v"><dimensions><dim name="D"/></dimensions><eqn>4, 8, 15, 16</eqn></aux>
        <aux name="x"><eqn>FIND(v, 15)</eqn></aux><aux name="none"><eqn>FIND(v, 99)</eqn></aux></variables></model>"#;
    let results = run(&compile(&file(0.0, 1.0, 1.0, body)), Method::Euler);
    assert_eq!([of(&results, "x")[0], of(&results, "none")[0]], [3.0, 0.0]);
}

#[test]
fn names_are_matched_whatever_their_case_and_spaces() {
    let body = r#"<aux name="Flow w/ (odd)  NAME"><eqn>2</eqn></aux>
        <aux name="x"><eqn>"flow W/ (odd)_name" * 3</eqn></aux>"#;
    assert_eq!(path(0.0, 1.0, 1.0, body, "X")[0], 6.0);
}

#[test]
fn a_named_model_with_one_output_is_called_like_a_function() {
    let text = file(
        0.0,
        4.0,
        1.0,
        r#"<model><variables><aux name="y"><eqn>Total Of(TIME, 2) + scaled(3)</eqn></aux></variables></model>
        <model name="Total Of"><variables><aux name="what" access="input"><eqn>0</eqn></aux>
        <aux name="times" access="input"><eqn>0</eqn></aux>
        <stock name="so far" access="output"><eqn>0</eqn><inflow>more</inflow></stock>
        <flow name="more"><eqn>what * times</eqn></flow></variables></model>
        <model name="scaled"><variables><aux name="x" access="input"><eqn>0</eqn></aux>
        <aux name="out" access="output"><eqn>x / 2</eqn></aux></variables></model>"#,
    );
    assert_eq!(of(&run(&compile(&text), Method::Euler), "y"), [1.5, 1.5, 3.5, 7.5, 13.5]);
}
