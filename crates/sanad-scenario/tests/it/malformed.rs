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
