//! Reading, writing and reading again changes nothing.

use proptest::prelude::*;
use sanad_scenario::{
    Document, Graphical, Inputs, Kind, Limits, Model, ModelPart, RunSettings, Variable,
};
use sanad_scenario::{read_xmile, write_xmile};

use crate::file;

fn again(document: &Document) -> Document {
    read_xmile(write_xmile(document).as_bytes(), &Limits::default()).expect("own text is readable")
}

fn outcome(document: &Document) -> Vec<u64> {
    let model = Model::compile(document).expect("a model");
    let simulation = model.simulation(&[], &RunSettings::default()).expect("outputs");
    let results = simulation.run(2, &Inputs::new()).expect("a run");
    let outputs = 0..results.outputs().len();
    outputs.flat_map(|output| results.path(1, output)).map(f64::to_bits).collect()
}

#[test]
fn a_model_written_and_read_gives_the_same_text_and_the_same_bits() {
    let body = r#"<model_units><unit name="People"><alias>person</alias></unit></model_units>
        <dimensions><dim name="D"><elem name="a"/><elem name="b"/></dim><dim name="N" size="2"/></dimensions>
        <behavior><flow><non_negative/></flow></behavior>
        <model><variables><stock name="s &amp; &quot;t&quot;"><dimensions><dim name="D"/></dimensions>
        <element subscript="a"><eqn>1</eqn></element><element subscript="b"><eqn>1e-3 {x &lt; 1}</eqn></element>
        <inflow>f</inflow><units>people</units><doc>Line
        two</doc></stock><flow name="f"><dimensions><dim name="D"/></dimensions><eqn>0.1 + RANDOM(0,1)</eqn></flow>
        <aux name="g"><eqn>TIME</eqn><gf type="discrete"><xscale min="0" max="4"/><ypts>0.1,0.2,0.30000000000000004</ypts></gf></aux>
        <stock name="c"><eqn>9</eqn><inflow>h</inflow><outflow>o</outflow><conveyor discrete="true"><len>3</len></conveyor></stock>
        <flow name="h"><eqn>1/3</eqn></flow><flow name="o"/><group name="G"><entity name="g"/></group></variables>
        <views><view><aux name="g" x="1" y="2"/></view></views></model>"#;
    let text = file(0.0, 6.0, 0.1, body);
    let document = read_xmile(text.as_bytes(), &Limits::default()).expect("readable");
    let copy = again(&document);
    assert_eq!(write_xmile(&document), write_xmile(&copy));
    assert_eq!(document.models[0].variables, copy.models[0].variables);
    assert_eq!(outcome(&document), outcome(&copy));
}

#[test]
fn public_models_survive_the_round_trip() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let data = std::env::var_os("SANAD_DATA").map_or(root, std::path::PathBuf::from);
    for name in [
        "samples/SIR/SIR.stmx",
        "samples/teacup/teacup_w_diagram.xmile",
        "tests/lookups/test_lookups.xmile",
    ] {
        let Ok(bytes) = std::fs::read(data.join("sd-models").join(name)) else {
            eprintln!("skipped: no {name} under SANAD_DATA");
            continue;
        };
        let document = read_xmile(&bytes, &Limits::default()).expect("readable");
        let copy = again(&document);
        assert_eq!(write_xmile(&document), write_xmile(&copy), "{name}");
        assert_eq!(outcome(&document), outcome(&copy), "{name}");
    }
}

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z<>&\"'\\\\ü]([ -~ü\n\t]{0,18}[!-~])?"
}

proptest! {
    #[test]
    fn any_names_texts_and_numbers_survive(
        name in text(), equation in text(), doc in text(), y in prop::collection::vec(prop::num::f64::NORMAL, 1..5)
    ) {
        let graphical = Graphical { x_scale: Some((-0.5, 1e300)), y, ..Graphical::default() };
        let variable = Variable {
            name, kind: Kind::Auxiliary, equations: vec![equation], documentation: doc,
            graphical: Some(graphical), ..Variable::default()
        };
        let part = ModelPart { variables: vec![variable], ..ModelPart::default() };
        let document = Document { models: vec![part], ..Document::default() };
        let copy = again(&document);
        prop_assert_eq!(&document.models[0].variables, &copy.models[0].variables);
    }
}

/// Found by fuzzing: specifications among the variables were kept, and written where they count.
#[test]
fn what_means_nothing_where_it_stands_is_not_written_where_it_would() {
    let body = r#"<model><variables><aux name="a"><eqn>1</eqn></aux>
        <sim_specs><dt>one</dt></sim_specs><behavior/><variables/></variables></model>"#;
    let text = file(0.0, 1.0, 1.0, body);
    let document = read_xmile(text.as_bytes(), &Limits::default()).expect("readable");
    assert_eq!(write_xmile(&again(&document)), write_xmile(&document));
}

/// Found by fuzzing: such names were written as they came and could not be read again.
#[test]
fn what_cannot_name_an_element_or_attribute_is_refused() {
    for part in ["<non_negat/ >x</non_negat/>", "<doc a=b=\"1\"/>", "<1/>"] {
        let text = file(0.0, 1.0, 1.0, &format!("<model><variables>{part}</variables></model>"));
        assert!(read_xmile(text.as_bytes(), &Limits::default()).is_err(), "{part}");
    }
}
