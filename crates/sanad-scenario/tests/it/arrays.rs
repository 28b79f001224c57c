//! Arrays: elements, slices, array functions.

use sanad_scenario::Method;

use crate::{compile, file, of, run};

fn results(body: &str) -> sanad_scenario::Results {
    let dimensions = r#"<dimensions>
        <dim name="Place"><elem name="North"/><elem name="South"/></dim>
        <dim name="Kind"><elem name="a"/><elem name="b"/><elem name="c"/></dim>
        <dim name="Sub"><elem name="a"/><elem name="c"/></dim><dim name="N" size="3"/></dimensions>"#;
    let text =
        file(0.0, 1.0, 1.0, &format!("{dimensions}<model><variables>{body}</variables></model>"));
    run(&compile(&text), Method::Euler)
}

const M: &str = r#"<aux name="m"><dimensions><dim name="Place"/><dim name="Kind"/></dimensions>
    <eqn>10 * Place + Kind</eqn></aux>"#;
const K: &str =
    r#"<aux name="k"><dimensions><dim name="Kind"/></dimensions><eqn>5, 3, 9</eqn></aux>"#;

fn scalar(equation: &str) -> f64 {
    let found = results(&format!(r#"{M}{K}<aux name="x"><eqn>{equation}</eqn></aux>"#));
    of(&found, "x")[0]
}

fn by_kind(equation: &str) -> Vec<f64> {
    let found = results(&format!(
        r#"{M}{K}<aux name="x"><dimensions><dim name="Kind"/></dimensions><eqn>{equation}</eqn></aux>"#
    ));
    ["a", "b", "c"].iter().map(|element| of(&found, &format!("x[{element}]"))[0]).collect()
}

#[test]
fn elements_are_named_numbered_or_computed() {
    assert_eq!(scalar("m[North, b]"), 12.0);
    assert_eq!(scalar("m[2, 3]"), 23.0);
    assert_eq!(scalar("m[1 + 1, k[b]]"), 23.0);
    assert_eq!(scalar("m[North, TIME + 2]"), 12.0);
    assert_eq!(scalar("m[Place.South, Kind.c]"), 23.0);
    assert_eq!(scalar("m(4)"), 21.0);
    assert_eq!(scalar("Kind.c"), 3.0);
}

#[test]
fn an_index_outside_gives_zero() {
    assert_eq!(scalar("m[North, 4]"), 0.0);
    assert_eq!(scalar("m[North, TIME + 9]"), 0.0);
}

#[test]
fn array_functions_run_over_slices() {
    assert_eq!(scalar("SUM(m)"), 102.0);
    assert_eq!(scalar("SUM(m[North, *])"), 36.0);
    assert_eq!(scalar("SUM(m[*, b])"), 34.0);
    assert_eq!(scalar("SUM(m[North, 2:3])"), 25.0);
    assert_eq!(scalar("SUM(m[North, Sub.*])"), 24.0);
    assert_eq!(scalar("MEAN(k)"), 17.0 / 3.0);
    assert_eq!(scalar("MAX(k)"), 9.0);
    assert_eq!(scalar("MIN(k[*], 4)"), 3.0);
    assert_eq!(scalar("PROD(k)"), 135.0);
    assert_eq!(scalar("SIZE(Kind)"), 3.0);
    assert_eq!(scalar("SIZE(m) + SIZE(m[North, *])"), 9.0);
    assert_eq!(scalar("SUM(k[*] * m[South, *])"), 5.0 * 21.0 + 3.0 * 22.0 + 9.0 * 23.0);
    assert!((scalar("STDDEV(k)") - (56.0_f64 / 9.0).sqrt()).abs() < 1e-12);
}

#[test]
fn rank_gives_the_place_of_the_nth_smallest() {
    assert_eq!(scalar("RANK(k, 1)"), 2.0);
    assert_eq!(scalar("RANK(k, SIZE(k))"), 3.0);
    assert_eq!(scalar("RANK(k, 4)"), 0.0);
}

#[test]
fn apply_to_all_equations_bind_dimension_names() {
    assert_eq!(by_kind("k"), [5.0, 3.0, 9.0]);
    assert_eq!(by_kind("k[Kind] + Kind"), [6.0, 5.0, 12.0]);
    assert_eq!(by_kind("SUM(m[*, Kind])"), [32.0, 34.0, 36.0]);
    assert_eq!(by_kind("MAX(k, 4)"), [5.0, 4.0, 9.0]);
    assert_eq!(by_kind("k / SUM(k)"), [5.0 / 17.0, 3.0 / 17.0, 9.0 / 17.0]);
    assert_eq!(by_kind("SUM(k[*]) - k[@1]"), [12.0, 14.0, 8.0]);
    assert_eq!(by_kind("m[North, Kind]"), [11.0, 12.0, 13.0]);
}

#[test]
fn arrays_are_transposed_by_name_operator_and_position() {
    for equation in ["m", "m'", "m[Place, Kind]", "m[@2, @1]"] {
        let found = results(&format!(
            r#"{M}<aux name="t"><dimensions><dim name="Kind"/><dim name="Place"/></dimensions>
            <eqn>{equation}</eqn></aux>"#
        ));
        assert_eq!(of(&found, "t[c, North]")[0], 13.0, "{equation}");
        assert_eq!(of(&found, "t[a, South]")[0], 21.0, "{equation}");
    }
}

#[test]
fn a_square_array_is_transposed_by_the_operator() {
    let found = results(
        r#"<aux name="s"><dimensions><dim name="N"/><dim name="N"/></dimensions><eqn>10*@1</eqn></aux>"#
            .replace("10*@1", "TIME + 1")
            .as_str(),
    );
    assert_eq!(of(&found, "s[3, 1]")[0], 1.0);
}

#[test]
fn elements_may_have_equations_and_curves_of_their_own() {
    let found = results(
        r#"<aux name="x"><dimensions><dim name="Kind"/></dimensions>
        <element subscript="a"><eqn>TIME + 1</eqn></element><element subscript="b"><eqn>2</eqn></element>
        <element subscript="c"><eqn>x[a] * 100</eqn></element></aux>
        <aux name="y"><dimensions><dim name="Place"/></dimensions><eqn>0.5</eqn>
        <element subscript="North"><gf><xscale min="0" max="1"/><ypts>0,8</ypts></gf></element>
        <element subscript="South"><gf><xscale min="0" max="1"/><ypts>10,20</ypts></gf></element></aux>"#,
    );
    assert_eq!(of(&found, "x[c]"), [100.0, 200.0]);
    assert_eq!(of(&found, "y[North]")[0], 4.0);
    assert_eq!(of(&found, "y[South]")[0], 15.0);
}

#[test]
fn stocks_and_flows_are_arrayed_together() {
    let found = results(
        r#"<stock name="s"><dimensions><dim name="Kind"/></dimensions><eqn>Kind</eqn><inflow>f</inflow></stock>
        <flow name="f"><dimensions><dim name="Kind"/></dimensions><eqn>s * Kind</eqn></flow>"#,
    );
    assert_eq!(
        [of(&found, "s[a]")[1], of(&found, "s[b]")[1], of(&found, "s[c]")[1]],
        [2.0, 6.0, 12.0]
    );
}

#[test]
fn a_subrange_defines_its_elements_and_a_bare_element_is_its_number() {
    let text = file(
        0.0,
        1.0,
        1.0,
        r#"<dimensions><dim name="Layer"><elem name="L 1"/><elem name="L 2"/><elem name="L 3"/></dim>
        <dim name="Lower"><elem name="L 2"/><elem name="L 3"/></dim></dimensions><model><variables>
        <aux name="x"><dimensions><dim name="Layer"/></dimensions><element subscript="Lower"><eqn>5</eqn></element>
        <element subscript="L 3"><eqn>7</eqn></element><element subscript="1"><eqn>1</eqn></element></aux>
        <aux name="y"><dimensions><dim name="Layer"/></dimensions><eqn>IF Layer = L_2 THEN x[L_3] ELSE 0</eqn></aux>
        <aux name="z"><dimensions><dim name="Lower"/></dimensions><eqn>IF Lower = L_2 THEN 1 ELSE 0</eqn></aux>
        </variables></model>"#,
    );
    let results = run(&compile(&text), Method::Euler);
    let first = |name: &str| of(&results, name)[0];
    assert_eq!(["x[L 1]", "x[L 2]", "x[L 3]"].map(first), [1.0, 5.0, 7.0]);
    assert_eq!(["y[L 1]", "y[L 2]", "y[L 3]"].map(first), [0.0, 7.0, 0.0]);
    assert_eq!(["z[L 2]", "z[L 3]"].map(first), [1.0, 0.0]);
}

#[test]
fn an_array_of_curves_without_equations_is_an_array_of_functions() {
    let text = file(
        1.0,
        2.0,
        1.0,
        r#"<dimensions><dim name="D"><elem name="a"/><elem name="b"/></dim></dimensions><model><variables>
        <aux name="t"><dimensions><dim name="D"/></dimensions>
        <element subscript="a"><gf><xpts>0,4</xpts><ypts>0,8</ypts></gf></element>
        <element subscript="b"><gf><xscale min="0" max="4"/><ypts>0,40</ypts></gf></element></aux>
        <aux name="y"><dimensions><dim name="D"/></dimensions><eqn>LOOKUP(t[D], TIME)</eqn></aux>
        <aux name="z"><eqn>t[b](TIME) + LOOKUP(t[a], 3)</eqn></aux></variables></model>"#,
    );
    let results = run(&compile(&text), Method::Euler);
    assert_eq!(["y[a]", "y[b]", "z"].map(|name| of(&results, name)[1]), [4.0, 20.0, 26.0]);
}

#[test]
fn the_least_and_greatest_of_an_array_with_a_gap_are_no_numbers_wherever_it_is() {
    for gaps in ["SQRT(-1), 3, 9", "5, SQRT(-1), 9", "5, 3, SQRT(-1)"] {
        let body = format!(
            r#"<aux name="g"><dimensions><dim name="Kind"/></dimensions><eqn>{gaps}</eqn></aux>
            <aux name="least"><eqn>MIN(g)</eqn></aux><aux name="greatest"><eqn>MAX(g)</eqn></aux>"#
        );
        let found = results(&body);
        assert!(of(&found, "least")[0].is_nan() && of(&found, "greatest")[0].is_nan(), "{gaps}");
    }
}
