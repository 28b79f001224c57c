//! Constants set in a document, and the text that other programs open.

use sanad_scenario::{Document, Limits, Method, Model, read_xmile, write_xmile};

use crate::{file, of, run, variables};

fn document(body: &str) -> Document {
    read_xmile(file(0.0, 1.0, 1.0, body).as_bytes(), &Limits::default()).expect("readable XMILE")
}

fn changed(document: &Document, constants: &[(&str, f64)]) -> Document {
    let constants: Vec<(String, f64)> =
        constants.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    let changed = document.with_constants(&constants).expect("constants");
    read_xmile(write_xmile(&changed).as_bytes(), &Limits::default()).expect("own text is readable")
}

const ARRAY: &str = r#"<dimensions><dim name="D"><elem name="a"/><elem name="b"/></dim></dimensions>
    <model><variables>
    <aux name="all"><dimensions><dim name="D"/></dimensions><eqn>1</eqn></aux>
    <stock name="listed"><dimensions><dim name="D"/></dimensions><eqn>1, -2.5</eqn></stock>
    <aux name="mixed"><dimensions><dim name="D"/></dimensions><element subscript="a"><eqn>3</eqn></element>
    <element subscript="b"><eqn>TIME + 1</eqn></element></aux>
    <aux name="k"><eqn>4 {four}</eqn></aux></variables></model>"#;

#[test]
fn a_written_model_runs_with_the_constants_that_were_set() {
    let document = document(ARRAY);
    let settings = [("all[b]", 7.0), ("listed[a]", 9.0), ("mixed[a]", -6.0), ("K", 1e-7)];
    let results =
        run(&Model::compile(&changed(&document, &settings)).expect("a model"), Method::Euler);
    for (name, value) in [
        ("all[a]", 1.0),
        ("all[b]", 7.0),
        ("listed[a]", 9.0),
        ("listed[b]", -2.5),
        ("mixed[a]", -6.0),
        ("mixed[b]", 1.0),
        ("k", 1e-7),
    ] {
        assert_eq!(of(&results, name)[0], value, "{name}");
    }
    let whole = Model::compile(&changed(&document, &[("listed", 5.0)])).expect("a model");
    assert_eq!([whole.constant("listed[a]"), whole.constant("listed[b]")], [Some(5.0); 2]);
}

#[test]
fn what_is_no_constant_cannot_be_set() {
    let document = document(ARRAY);
    for (name, value, why) in [
        ("mixed", 1.0, "computed by the model"),
        ("nothing", 1.0, "not a variable"),
        ("k", f64::NAN, "not finite"),
    ] {
        let fault = document.with_constants(&[(name.to_owned(), value)]).expect_err("refused");
        assert!(fault.is_settings() && fault.to_string().contains(why), "{fault}");
    }
}

#[test]
fn a_constant_of_a_submodel_is_set_where_one_module_uses_it() {
    let body = |more: &str| {
        format!(
            r#"<model><variables><module name="Sub"/>{more}</variables></model>
            <model name="Sub"><variables><aux name="x"><eqn>2</eqn></aux></variables></model>"#
        )
    };
    let one = changed(&document(&body("")), &[("sub.x", 8.0)]);
    assert_eq!(Model::compile(&one).expect("a model").constant("sub.x"), Some(8.0));
    let two = document(&body(r#"<module name="Other" simlin:model_name="Sub"/>"#));
    let fault = two.with_constants(&[("sub.x".to_owned(), 8.0)]).expect_err("refused");
    assert!(fault.to_string().contains("several modules"), "{fault}");
}

#[test]
fn every_prefix_of_a_written_file_is_declared() {
    let body =
        variables(r#"<aux name="x"><eqn>1</eqn><acme:note acme:kind="y">z</acme:note></aux>"#);
    let text = file(0.0, 1.0, 1.0, &body)
        .replace("<xmile ", r#"<xmile xmlns:acme="http://acme.example/" "#);
    let read = read_xmile(text.as_bytes(), &Limits::default()).expect("readable");
    assert!(write_xmile(&read).contains(r#"xmlns:acme="http://acme.example/""#));
    let undeclared = document(&body);
    assert!(write_xmile(&undeclared).contains(r#"xmlns:acme="urn:acme""#));
    assert!(!write_xmile(&document(ARRAY)).contains("xmlns:"));
}
