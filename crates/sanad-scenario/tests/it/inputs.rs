//! Files as tools write them: connected inputs, lists of values, parameters listed twice, equations
//! for the start.

use std::collections::BTreeMap;

use sanad_scenario::{Document, Limits, Method, Model, read_xmile};

use crate::{assert_near, compile, file, of, run, variables};

fn document(text: &str) -> Document {
    read_xmile(text.as_bytes(), &Limits::default()).expect("readable XMILE")
}

fn refusal(text: &str) -> String {
    Model::compile(&document(text)).expect_err("a fault").to_string()
}

/// A root with a source model of a stock, a flow and an auxiliary, and a model whose input is
/// declared as `input` and connected to `from`.
fn connected(input: &str, from: &str) -> String {
    let body = format!(
        r#"<model><variables><module name="Herd"/><module name="Farm">
        <connect to="Farm.Animals" from="{from}"/></module><stock name="Barn"><eqn>6</eqn></stock></variables></model>
        <model name="Herd"><variables><stock name="Cows" access="output"><eqn>40</eqn><inflow>calving</inflow></stock>
        <flow name="calving" access="output"><eqn>Cows / 8</eqn></flow>
        <aux name="double" access="output"><eqn>Cows * 2</eqn></aux></variables></model>
        <model name="Farm"><variables>{input}<aux name="milk"><eqn>Animals * 3</eqn></aux></variables></model>"#
    );
    file(0.0, 2.0, 1.0, &body)
}

#[test]
fn a_connected_input_has_its_sources_values_whatever_kind_either_is() {
    let sources = [
        ("Herd.Cows", [40.0, 45.0, 50.625]),
        ("Herd.calving", [5.0, 5.625, 6.328_125]),
        ("Herd.double", [80.0, 90.0, 101.25]),
        ("Barn", [6.0; 3]),
        (".Barn", [6.0; 3]),
    ];
    let inputs = ["stock", "flow", "aux"];
    let equations =
        ["", "<eqn>1</eqn>", "<eqn/>", "<eqn>{ from the herd }</eqn>", "<eqn>1,5</eqn>"];
    for (from, expected) in sources {
        for kind in inputs {
            for equation in equations {
                let input = format!(r#"<{kind} name="Animals" access="input">{equation}</{kind}>"#);
                let results = run(&compile(&connected(&input, from)), Method::Euler);
                assert_eq!(of(&results, "farm.animals"), expected, "{kind} from {from}");
                let milk = expected.map(|animals| animals * 3.0);
                assert_eq!(of(&results, "farm.milk"), milk, "{kind} from {from}");
            }
        }
    }
}

#[test]
fn a_connected_input_stock_is_neither_filled_nor_held_at_zero() {
    let input = r#"<stock name="Animals" access="input"><eqn>1</eqn><inflow>bought</inflow><non_negative/></stock>
        <flow name="bought"><eqn>100</eqn></flow>"#;
    let results = run(&compile(&connected(input, "Herd.Cows")), Method::Rk4);
    assert_eq!(of(&results, "farm.animals"), of(&results, "herd.cows"));
}

#[test]
fn a_connected_input_may_be_declared_as_a_conveyor() {
    let input = r#"<stock name="Animals" access="input"><eqn>1</eqn><conveyor><len>4</len></conveyor></stock>"#;
    let results = run(&compile(&connected(input, "Herd.Cows")), Method::Euler);
    assert_eq!(of(&results, "farm.animals"), [40.0, 45.0, 50.625]);
}

#[test]
fn inputs_pass_through_nested_modules() {
    let body = r#"<model><variables><stock name="Cows"><eqn>8</eqn><inflow>calving</inflow></stock>
        <flow name="calving"><eqn>2</eqn></flow>
        <module name="Outer"><connect to="Outer.x" from="Cows"/></module></variables></model>
        <model name="Outer"><variables><stock name="x" access="input"/>
        <module name="Inner"><connect to="Inner.y" from="x"/></module></variables></model>
        <model name="Inner"><variables><stock name="y" access="input"><eqn>{ghost}</eqn></stock>
        <aux name="z"><eqn>y + 1</eqn></aux></variables></model>"#;
    let results = run(&compile(&file(0.0, 2.0, 1.0, body)), Method::Euler);
    assert_eq!(of(&results, "outer.inner.z"), [9.0, 11.0, 13.0]);
}

#[test]
fn arrays_are_connected_element_by_element() {
    let body = r#"<dimensions><dim name="D"><elem name="a"/><elem name="b"/></dim></dimensions>
        <model><variables><module name="Herd"/><module name="Farm"><connect to="Farm.x" from="Herd.Cows"/></module>
        </variables></model>
        <model name="Herd"><variables><stock name="Cows" access="output"><dimensions><dim name="D"/></dimensions>
        <eqn>3, 4</eqn><inflow>f</inflow></stock><flow name="f"><dimensions><dim name="D"/></dimensions><eqn>D</eqn></flow>
        </variables></model>
        <model name="Farm"><variables><stock name="x" access="input"><dimensions><dim name="D"/></dimensions><eqn>0</eqn></stock>
        <aux name="y"><eqn>SUM(x)</eqn></aux></variables></model>"#;
    let results = run(&compile(&file(0.0, 2.0, 1.0, body)), Method::Euler);
    assert_eq!(of(&results, "farm.x[b]"), [4.0, 6.0, 8.0]);
    assert_eq!(of(&results, "farm.y"), [7.0, 10.0, 13.0]);
}

#[test]
fn a_graphical_function_comes_through_a_connected_input() {
    let body = r#"<model><variables><gf name="curve"><xscale min="0" max="2"/><ypts>5,6,9</ypts></gf>
        <module name="Sub"><connect to="Sub.shape" from="curve"/></module></variables></model>
        <model name="Sub"><variables><aux name="shape" access="input"/><aux name="y"><eqn>LOOKUP(shape, TIME)</eqn></aux>
        </variables></model>"#;
    let results = run(&compile(&file(0.0, 2.0, 1.0, body)), Method::Euler);
    assert_eq!(of(&results, "sub.y"), [5.0, 6.0, 9.0]);
}

#[test]
fn an_input_that_nothing_is_connected_to_keeps_its_own_equation() {
    let body = r#"<model><variables><module name="Sub"/></variables></model>
        <model name="Sub"><variables><stock name="x" access="input"><eqn>{if alone} 7</eqn></stock></variables></model>"#;
    assert_eq!(of(&run(&compile(&file(0.0, 1.0, 1.0, body)), Method::Euler), "sub.x")[0], 7.0);
    let empty = body.replace("{if alone} 7", "{from elsewhere}");
    assert!(refusal(&file(0.0, 1.0, 1.0, &empty)).contains("there is no equation"));
}

#[test]
fn connections_in_a_circle_are_refused() {
    let body = r#"<model><variables><module name="Sub"><connect to="Sub.a" from="Sub.b"/>
        <connect to="Sub.b" from="Sub.c"/><connect to="Sub.c" from="Sub.a"/></module></variables></model>
        <model name="Sub"><variables><aux name="a" access="input"/><stock name="b" access="input"/>
        <aux name="c" access="input"/><aux name="y"><eqn>LOOKUP(a, 1)</eqn></aux></variables></model>"#;
    let said = refusal(&file(0.0, 1.0, 1.0, body));
    assert!(said.contains("lead in a circle"), "{said}");
}

#[test]
fn a_stock_whose_start_is_computed_can_be_given_another() {
    let body = r#"<stock name="s"><eqn>2 * k</eqn><inflow>f</inflow></stock><flow name="f"><eqn>1</eqn></flow>
        <aux name="k"><eqn>5</eqn></aux>"#;
    let document = document(&file(0.0, 2.0, 1.0, &variables(body)));
    let frozen = BTreeMap::from([("s".to_owned(), 3.0)]);
    let model = Model::compile_with(&document, &Limits::default(), &frozen).expect("a model");
    assert_eq!(of(&run(&model, Method::Euler), "s"), [3.0, 4.0, 5.0]);
}

#[test]
fn a_list_must_have_one_value_for_each_element() {
    let array = |own: &str| {
        let body = format!(
            r#"<dimensions><dim name="D"><elem name="a"/><elem name="b"/></dim></dimensions>
            <model><variables>{own}</variables></model>"#
        );
        file(0.0, 1.0, 1.0, &body)
    };
    let of_two = |kind: &str, equation: &str| {
        array(&format!(
            r#"<{kind} name="v"><dimensions><dim name="D"/></dimensions>{equation}</{kind}>"#
        ))
    };
    let scalar = |kind: &str, equation: &str| {
        file(0.0, 1.0, 1.0, &variables(&format!(r#"<{kind} name="v">{equation}</{kind}>"#)))
    };
    for kind in ["stock", "flow", "aux"] {
        for equation in ["100,5", "0,02*TIME", "2*1,5", "TIME, 1", "1;2"] {
            let said = refusal(&scalar(kind, &format!("<eqn>{equation}</eqn>")));
            assert!(
                said.contains("2 values are listed for one value"),
                "{kind} {equation}: {said}"
            );
        }
        let said = refusal(&of_two(kind, "<eqn>1,5,7</eqn>"));
        assert!(said.contains("3 values are listed for 2 elements"), "{kind}: {said}");
        let said = refusal(&of_two(kind, "<eqn>TIME,5,7</eqn>"));
        assert!(said.contains("3 values are listed for 2 elements"), "{kind}: {said}");
        // An element's own equation is one value, even where there are as many as elements.
        let own = r#"<element subscript="a"><eqn>1,5</eqn></element><element subscript="b"><eqn>2</eqn></element>"#;
        let said = refusal(&of_two(kind, own));
        assert!(said.contains("2 values are listed for one value"), "{kind}: {said}");
    }
    let results = run(&compile(&of_two("stock", "<eqn>1,5</eqn>")), Method::Euler);
    assert_eq!([of(&results, "v[a]")[0], of(&results, "v[b]")[0]], [1.0, 5.0]);
}

#[test]
fn a_decimal_comma_is_named_where_it_shows() {
    let said =
        refusal(&file(0.0, 1.0, 1.0, &variables(r#"<aux name="x"><eqn>0,02 * 3</eqn></aux>"#)));
    assert!(said.contains("a decimal is written with a point"), "{said}");
    assert!(said.contains("column 3"), "{said}");
    let said =
        refusal(&file(0.0, 1.0, 1.0, &variables(r#"<aux name="x"><eqn>1, TIME</eqn></aux>"#)));
    assert!(!said.contains("point"), "{said}");
}

#[test]
fn other_texts_of_a_variable_are_one_value_too() {
    let belt = |len: &str| {
        format!(
            r#"<stock name="s"><eqn>1</eqn><outflow>o</outflow><conveyor><len>{len}</len></conveyor></stock><flow name="o"/>"#
        )
    };
    let said = refusal(&file(0.0, 1.0, 1.0, &variables(&belt("2,5"))));
    assert!(said.contains("2 values are listed for one value"), "{said}");
    let initial = r#"<aux name="x"><eqn>1</eqn><init_eqn>2,5</init_eqn></aux>"#;
    assert!(refusal(&file(0.0, 1.0, 1.0, &variables(initial))).contains("2 values"));
    for (eqn, default) in [("x, 1", "1"), ("x", "1,5")] {
        let body = format!(
            r#"<macro name="M"><parm default="{default}">x</parm><eqn>{eqn}</eqn></macro>
            <model><variables><aux name="y"><eqn>M()</eqn></aux></variables></model>"#
        );
        assert!(refusal(&file(0.0, 1.0, 1.0, &body)).contains("2 values are listed for one value"));
    }
}

const DOUBLING: &str =
    r#"<model><variables><aux name="y"><eqn>SCALED(TIME + 1, 3)</eqn></aux></variables></model>"#;

fn scaled(inside: &str) -> String {
    let body = format!(
        r#"{DOUBLING}<macro name="SCALED"><eqn>out</eqn><parm>x</parm><parm>k</parm><variables>
        {inside}<aux name="out" access="output"><eqn>x * k</eqn></aux></variables></macro>"#
    );
    file(0.0, 2.0, 1.0, &body)
}

#[test]
fn a_macros_parameter_may_be_listed_among_its_variables() {
    for inside in [
        "",
        r#"<aux name="X" access="input"><eqn>5</eqn></aux><aux name="k" access="input"><eqn>2</eqn></aux>"#,
        r#"<flow name="x" access="input"/><stock name="k" access="input"><eqn>9</eqn></stock>"#,
        r#"<aux name="k"/>"#,
    ] {
        let results = run(&compile(&scaled(inside)), Method::Euler);
        assert_eq!(of(&results, "y"), [3.0, 6.0, 9.0], "{inside}");
    }
}

#[test]
fn a_name_that_a_macro_defines_twice_is_named_without_an_excerpt() {
    let said = refusal(&scaled(r#"<aux name="k"><eqn>2</eqn></aux>"#));
    assert_eq!(said, "SCALED.k: the name is defined twice");
}

#[test]
fn an_equation_for_the_start_breaks_a_circle_of_starts() {
    let body = r#"<stock name="Fleet"><eqn>wanted</eqn><inflow>buying</inflow></stock>
        <flow name="buying"><eqn>(wanted - Fleet) / 2</eqn></flow>
        <aux name="wanted"><eqn>Fleet * 1.5</eqn><init_eqn>40</init_eqn></aux>"#;
    for method in [Method::Euler, Method::Rk4] {
        let results = run(&compile(&file(0.0, 2.0, 1.0, &variables(body))), method);
        let (fleet, wanted) = (of(&results, "fleet"), of(&results, "wanted"));
        assert_eq!([fleet[0], wanted[0]], [40.0, 40.0]);
        assert_near(&wanted[1..], &[fleet[1] * 1.5, fleet[2] * 1.5], 1e-12);
    }
}

#[test]
fn what_the_start_needs_and_what_a_step_needs_are_told_apart() {
    // At the start a is b and b is 5; afterwards b is a.
    let body = r#"<stock name="s"><eqn>1</eqn></stock>
        <aux name="a"><eqn>s * 2</eqn><init_eqn>b</init_eqn></aux>
        <aux name="b"><eqn>a</eqn><init_eqn>5</init_eqn></aux>"#;
    let results = run(&compile(&file(0.0, 1.0, 1.0, &variables(body))), Method::Euler);
    assert_eq!(of(&results, "a"), [5.0, 2.0]);
    assert_eq!(of(&results, "b"), [5.0, 2.0]);
    // Without a stock or a start's equation a circle stays one.
    let body =
        r#"<aux name="a"><eqn>b</eqn><init_eqn>1</init_eqn></aux><aux name="b"><eqn>a</eqn></aux>"#;
    assert!(refusal(&file(0.0, 1.0, 1.0, &variables(body))).contains("depends on itself"));
}

#[test]
fn bounds_of_a_flow_hold_at_the_start_too() {
    let body = r#"<stock name="s"><eqn>3</eqn><outflow>f</outflow><non_negative/></stock>
        <flow name="f"><eqn>1</eqn><init_eqn>8</init_eqn><non_negative/></flow>
        <flow name="g"><eqn>1</eqn><init_eqn>-8</init_eqn><non_negative/></flow>"#;
    let results = run(&compile(&file(0.0, 1.0, 1.0, &variables(body))), Method::Euler);
    assert_eq!(of(&results, "f")[0], 3.0);
    assert_eq!(of(&results, "g")[0], 0.0);
}

#[test]
fn an_arrayed_flow_is_summed_into_a_stock_without_its_dimension() {
    let body = r#"<dimensions><dim name="R"><elem name="N"/><elem name="S"/></dim><dim name="K" size="3"/></dimensions>
        <model><variables><stock name="Pool"><eqn>100</eqn><outflow>leave</outflow></stock>
        <flow name="leave"><dimensions><dim name="R"/><dim name="K"/></dimensions><eqn>R * 10 + K</eqn></flow>
        <stock name="Q"><dimensions><dim name="R"/></dimensions><eqn>0</eqn><inflow>leave</inflow></stock>
        <aux name="total"><eqn>Pool + SUM(Q)</eqn></aux></variables></model>"#;
    for method in [Method::Euler, Method::Rk2, Method::Rk4] {
        let results = run(&compile(&file(0.0, 2.0, 1.0, body)), method);
        assert_eq!(of(&results, "q[n]"), [0.0, 36.0, 72.0]);
        assert_eq!(of(&results, "q[s]"), [0.0, 66.0, 132.0]);
        assert_eq!(of(&results, "total"), [100.0; 3]);
    }
}

#[test]
fn a_flow_between_elements_leaves_by_its_first_and_arrives_by_its_last_dimension() {
    let body = r#"<dimensions><dim name="R"><elem name="N"/><elem name="S"/></dim></dimensions>
        <model><variables><stock name="From"><dimensions><dim name="R"/></dimensions><eqn>10</eqn><outflow>move</outflow></stock>
        <stock name="To"><dimensions><dim name="R"/></dimensions><eqn>0</eqn><inflow>move</inflow></stock>
        <flow name="move"><dimensions><dim name="R"/><dim name="R"/></dimensions>
        <element subscript="N,N"><eqn>0</eqn></element><element subscript="N,S"><eqn>3</eqn></element>
        <element subscript="S,N"><eqn>1</eqn></element><element subscript="S,S"><eqn>0</eqn></element></flow></variables></model>"#;
    let results = run(&compile(&file(0.0, 1.0, 1.0, body)), Method::Euler);
    assert_eq!([of(&results, "from[n]")[1], of(&results, "from[s]")[1]], [7.0, 9.0]);
    assert_eq!([of(&results, "to[n]")[1], of(&results, "to[s]")[1]], [1.0, 3.0]);
}

#[test]
fn an_arrayed_flow_fills_a_conveyor_without_its_dimension() {
    let body = |limit: &str| {
        format!(
            r#"<dimensions><dim name="R" size="2"/></dimensions><model><variables>
            <stock name="belt"><eqn>0</eqn><inflow>in</inflow><outflow>out</outflow><conveyor><len>2</len>{limit}</conveyor></stock>
            <flow name="in"><dimensions><dim name="R"/></dimensions><eqn>R</eqn></flow><flow name="out"/></variables></model>"#
        )
    };
    let results = run(&compile(&file(0.0, 3.0, 1.0, &body(""))), Method::Euler);
    assert_eq!(of(&results, "out"), [0.0, 0.0, 3.0, 3.0]);
    let said = refusal(&file(0.0, 3.0, 1.0, &body("<capacity>1</capacity>")));
    assert!(said.contains("dimensions that it lacks"), "{said}");
}

/// Small inputs made after faults that were seen in use, where their folder is at hand.
#[test]
fn inputs_that_were_once_got_wrong_give_their_right_values() {
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/faults/xmile");
    if !folder.is_dir() {
        eprintln!("skipped: no folder shared/faults/xmile beside the repository");
        return;
    }
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("the file");
    let first =
        |name: &str, variable: &str| of(&run(&compile(&read(name)), Method::Euler), variable)[0];
    for name in ["modstock2.xmile", "modstock3.xmile", "modaux2.xmile"] {
        assert_eq!(first(name, "cost.people"), 200.0, "{name}");
        assert_eq!(first(name, "cost.wages"), 600.0, "{name}");
    }
    for name in ["loc.xmile", "c2.xmile", "c3.xmile", "l3.xmile"] {
        assert!(refusal(&read(name)).contains("values are listed"), "{name}");
    }
    assert_eq!(first("delay_n_vensim.xmile", "dv"), 2.0);
    assert_eq!(first("ai.xmile", "cap"), 50.0);
    let pairs = ["macroparm.xmile", "macroparm_ok.xmile"]
        .map(|name| of(&run(&compile(&read(name)), Method::Euler), "y"));
    assert_eq!(pairs[0], pairs[1]);
    assert_eq!(first("mean.xmile", "m"), 1.5);
    assert_eq!(first("arrflow.xmile", "pool"), 100.0);
    let delayed = compile(&read("sde771.xmile"));
    let found = delayed
        .numerical_problems(1, &Default::default(), &Default::default())
        .expect("diagnostics");
    assert!(found.iter().any(|problem| problem.to_string().contains("DELAY3")));
}
