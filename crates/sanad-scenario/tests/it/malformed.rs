//! What people see when a model is wrong.

use sanad_scenario::{Limits, Model, read_xmile};

use crate::{file, variables};

fn message(text: &str) -> String {
    let limits =
        Limits { steps: 100_000, array_elements: 10_000, operations: 50_000, ..Limits::default() };
    match read_xmile(text.as_bytes(), &limits) {
        Err(fault) => {
            let cause =
                std::error::Error::source(&fault).map(|cause| format!("\n  because: {cause}"));
            format!("{fault}{}", cause.unwrap_or_default())
        }
        Ok(document) => match Model::compile_with(&document, &limits, &Default::default()) {
            Err(fault) => fault.to_string(),
            Ok(_) => "no fault was found".to_owned(),
        },
    }
}

fn with(body: &str) -> String {
    message(&file(0.0, 10.0, 1.0, &variables(body)))
}

fn aux(equation: &str) -> String {
    let known = r#"<aux name="Birth rate"><eqn>1</eqn></aux><gf name="curve"><xscale min="0" max="1"/><ypts>0,1</ypts></gf>"#;
    with(&format!(r#"{known}<aux name="x"><eqn>{equation}</eqn></aux>"#))
}

fn arrayed(equation: &str) -> String {
    message(&file(
        0.0,
        10.0,
        1.0,
        &format!(
            r#"<dimensions><dim name="D"><elem name="a"/><elem name="b"/></dim></dimensions>
        <model><variables><aux name="v"><dimensions><dim name="D"/></dimensions><eqn>1</eqn></aux>
        <aux name="x"><eqn>{equation}</eqn></aux></variables></model>"#
        ),
    ))
}

#[test]
fn every_fault_says_what_where_and_why() {
    let deep = "(".repeat(300);
    let huge = file(
        0.0,
        1.0,
        1.0,
        r#"<dimensions><dim name="D" size="9999"/></dimensions><model><variables>
        <aux name="x"><dimensions><dim name="D"/><dim name="D"/></dimensions><eqn>1</eqn></aux></variables></model>"#,
    );
    let cases: Vec<(&str, String)> = vec![
        ("empty file", message("")),
        ("not XML", message("stock: 5")),
        ("another root element", message("<html><body/></html>")),
        ("no model", message("<xmile><header/></xmile>")),
        ("file ends inside an element", message("<xmile><model><variables>\n<aux name=\"x\">")),
        ("closing tag that closes nothing", message("<xmile><model></views></model></xmile>")),
        ("not UTF-8", message_of_bytes(b"<xmile>\n\xff</xmile>")),
        ("undefined entity", message("<xmile><model>&nope;</model></xmile>")),
        ("variable without name", with("<aux><eqn>1</eqn></aux>")),
        (
            "step that is not a number",
            message(&file(0.0, 1.0, 1.0, "<model/>").replace("<dt>1", "<dt>soon")),
        ),
        ("step of zero", message(&file(0.0, 1.0, 0.0, "<model/>"))),
        ("stop before start", message(&file(5.0, 1.0, 1.0, "<model/>"))),
        ("too many steps", message(&file(0.0, 1.0, 1e-9, "<model/>"))),
        ("array too large", message(&huge)),
        ("XML nested too deep", message(&format!("<xmile>{}", "<a>".repeat(100)))),
        ("oven", with(r#"<stock name="s"><eqn>1</eqn><oven/></stock>"#)),
        ("operator without operand", aux("Birth_rate + * 2")),
        ("parenthesis left open", aux("(1 + Birth_rate")),
        ("THEN without IF", aux("1 THEN 2 ELSE 3")),
        ("IF without ELSE", aux("IF 1 THEN 2")),
        ("unknown character", aux("Birth_rate ? 2")),
        ("comment left open", aux("1 {why")),
        ("quoted name left open", aux("\"Birth rate + 1")),
        ("equation nested too deep", aux(&deep)),
        ("unknown name", aux("2 * Brith_rate")),
        ("unknown function", aux("CONFUSE(1)")),
        ("wrong number of arguments", aux("SMTH1(Birth_rate)")),
        ("variable used as a function", aux("Birth_rate(2)")),
        ("function without argument", aux("curve + 1")),
        ("order that is not known before the run", aux("SMTHN(1, 2, TIME)")),
        ("no equation", with(r#"<aux name="x"/>"#)),
        (
            "name defined twice",
            with(r#"<aux name="a b"><eqn>1</eqn></aux><aux name="A_B"><eqn>2</eqn></aux>"#),
        ),
        (
            "circular values",
            with(
                r#"<aux name="a"><eqn>b + 1</eqn></aux><aux name="b"><eqn>c</eqn></aux><aux name="c"><eqn>a * 2</eqn></aux>"#,
            ),
        ),
        (
            "circular initial values",
            with(r#"<stock name="s"><eqn>t</eqn></stock><stock name="t"><eqn>s</eqn></stock>"#),
        ),
        (
            "flow that is not defined",
            with(r#"<stock name="s"><eqn>1</eqn><inflow>nowhere</inflow></stock>"#),
        ),
        (
            "curve with uneven points",
            with(r#"<aux name="x"><eqn>1</eqn><gf><xpts>0,1,2</xpts><ypts>0,1</ypts></gf></aux>"#),
        ),
        (
            "curve that goes back",
            with(
                r#"<aux name="x"><eqn>TIME</eqn><gf><xpts>0,2,1</xpts><ypts>0,1,2</ypts></gf></aux>"#,
            ),
        ),
        ("array without subscript", arrayed("v + 1")),
        ("too many subscripts", arrayed("v[a, b]")),
        ("unknown element", arrayed("v[c]")),
        ("range outside an array function", arrayed("v[*] + 1")),
        ("range outside the dimension", arrayed("SUM(v[1:5])")),
        (
            "dimension that does not exist",
            with(r#"<aux name="x"><dimensions><dim name="Q"/></dimensions><eqn>1</eqn></aux>"#),
        ),
        ("module without model", with(r#"<module name="Sub"/>"#)),
        (
            "macro without end",
            message(&file(
                0.0,
                1.0,
                1.0,
                r#"<macro name="LOOP"><parm>x</parm><eqn>LOOP(x + 1)</eqn></macro>
            <model><variables><aux name="x"><eqn>LOOP(1)</eqn></aux></variables></model>"#,
            )),
        ),
        (
            "conveyor without transit time",
            with(
                r#"<stock name="s"><eqn>1</eqn><outflow>o</outflow><conveyor/></stock><flow name="o"/>"#,
            ),
        ),
    ];
    assert!(cases.len() >= 30);
    let shown: Vec<String> =
        cases.iter().map(|(what, said)| format!("## {what}\n{said}\n")).collect();
    for (what, said) in &cases {
        assert_ne!(said, "no fault was found", "{what}");
    }
    insta::assert_snapshot!(shown.join("\n"));
}

fn message_of_bytes(bytes: &[u8]) -> String {
    read_xmile(bytes, &Limits::default()).expect_err("not text").to_string()
}

#[test]
fn an_empty_item_in_a_list_of_points_is_refused_with_its_place() {
    let curve = |points: &str| {
        with(&format!(
            r#"<aux name="x"><eqn>TIME</eqn><gf><xscale min="0" max="2"/>{points}</gf></aux>"#
        ))
    };
    let fault = curve("<ypts>0,,4</ypts>");
    assert!(fault.contains("<ypts>: item 2 of the list is empty"), "{fault}");
    for sound in ["<ypts>0,1,4,</ypts>", "<ypts sep=\" \">0  1 4 </ypts>"] {
        assert_eq!(curve(sound), "no fault was found", "{sound}");
    }
}

#[test]
fn what_can_hold_once_and_stands_twice_is_refused_and_not_overwritten() {
    let gf = r#"<gf><xscale min="0" max="4"/><ypts>0,1</ypts></gf>"#;
    let d = r#"<dimensions><dim name="D"/></dimensions>"#;
    let element = |name: &str| format!(r#"<element subscript="{name}"><eqn>1</eqn></element>"#);
    let arrayed = |elements: &str| {
        let body = format!(r#"<aux name="a">{d}{elements}</aux>"#);
        let dimension =
            r#"<dimensions><dim name="D"><elem name="x"/><elem name="y"/></dim></dimensions>"#;
        message(&file(0.0, 4.0, 1.0, &format!("{dimension}{}", variables(&body))))
    };
    let stock = |flows: &str| {
        with(&format!(
            r#"<stock name="S"><eqn>3</eqn>{flows}</stock><flow name="f"><eqn>2</eqn></flow>"#
        ))
    };
    let module = |inner: &str, connections: &str| {
        let submodel = format!(r#"<model name="C"><variables>{inner}</variables></model>"#);
        let body = format!(
            r#"<aux name="p"><eqn>1</eqn></aux><aux name="q"><eqn>2</eqn></aux><module name="C">{connections}</module>"#
        );
        message(&file(0.0, 4.0, 1.0, &format!("{}{submodel}", variables(&body))))
    };
    let input = r#"<aux name="n" access="input"><eqn>1</eqn></aux>"#;
    let specs = "<sim_specs><start>0</start><start>2</start><stop>4</stop></sim_specs><model><variables/></model>";
    let xmile = |body: &str| {
        message(&format!(
            r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">{body}</xmile>"#
        ))
    };
    let named = r#"<model name="C"><variables/></model>"#;
    for (said, expected) in [
        (with(&format!(r#"<aux name="g"><eqn>1</eqn>{gf}{gf}</aux>"#)), "<aux> g has <gf> twice"),
        (
            with(r#"<aux name="g"><eqn>1</eqn><init_eqn>1</init_eqn><init_eqn>2</init_eqn></aux>"#),
            "<aux> g has <init_eqn> twice",
        ),
        (
            with(r#"<aux name="g"><eqn>1</eqn><gf><ypts>0,1</ypts><ypts>0,2</ypts></gf></aux>"#),
            "<gf> has <ypts> twice",
        ),
        (stock("<inflow>f</inflow><inflow>F</inflow>"), "<stock> S has <inflow> F twice"),
        (stock("<outflow>f</outflow><outflow>f</outflow>"), "<stock> S has <outflow> f twice"),
        (
            arrayed(&format!("{}{}{}", element("x"), element("y"), element("X"))),
            "[X] is defined twice",
        ),
        (arrayed(&format!("{}{}{}", element("x"), element("y"), element("z"))), "D has no z"),
        (arrayed(&element("x, y")), "[x, y] has 2 subscripts, and the variable 1 dimensions"),
        (
            module(input, r#"<connect to="C.n" from="p"/><connect to="N" from="q"/>"#),
            "C.n: the input is connected to two values",
        ),
        (
            module(input, r#"<connect to="C.n" from="p"/><connect to="C.n" from="p"/>"#),
            "no fault was found",
        ),
        (xmile(specs), "<sim_specs> has <start> twice"),
        (xmile(&format!("<model/>{named}{named}")), "two models have the name C"),
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
}
