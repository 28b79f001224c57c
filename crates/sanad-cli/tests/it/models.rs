//! `simulate` and `model` as a user meets them.

use crate::support::Lab;

/// Violence that feeds on itself and is held back, with one rate that is random.
const MODEL: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
  <header><vendor>x</vendor><product version="1">x</product></header>
  <sim_specs method="RK4" time_units="Month"><start>0</start><stop>4</stop><dt>0.5</dt></sim_specs>
  <model><variables>
    <stock name="Grievance"><eqn>10</eqn><inflow>arising</inflow><outflow>fading</outflow><units>grievance</units></stock>
    <flow name="arising"><eqn>harm * Grievance</eqn><units>grievance/Month</units></flow>
    <flow name="fading"><eqn>Grievance / memory</eqn><units>grievance/Month</units></flow>
    <aux name="harm"><eqn>0.2</eqn><units>1/Month</units></aux>
    <aux name="memory"><eqn>4</eqn><units>Month</units></aux>
  </variables></model>
</xmile>
"#;

const VARY: &str = "[harm]\ndistribution = \"uniform\"\nlow = 0.1\nhigh = 0.4\n";

fn lab() -> Lab {
    let lab = Lab::bare();
    lab.write("model.xmile", MODEL);
    lab.write("vary.toml", VARY);
    lab
}

fn last(csv: &str) -> Vec<String> {
    csv.lines().last().unwrap_or_default().split(',').map(str::to_owned).collect()
}

#[test]
fn one_run_is_the_closed_form_and_a_setting_changes_it() {
    let lab = lab();
    let value = |more: &[&str]| -> f64 {
        let usual = ["simulate", "model.xmile", "--save", "Grievance"];
        let done = lab.run(&[&usual[..], more].concat());
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        last(&done.stdout)[1].parse().expect("a number")
    };
    assert!((value(&[]) - 10.0 * (-0.05_f64 * 4.0).exp()).abs() < 1e-6);
    assert!((value(&["--set", "harm=0.25"]) - 10.0).abs() < 1e-9);
    assert!((value(&["--method", "euler"]) - 10.0 * 0.975_f64.powi(8)).abs() < 1e-9);
}

#[test]
fn an_ensemble_is_the_same_on_any_number_of_threads_and_lies_between_its_bounds() {
    let lab = lab();
    let run = |threads: &str| {
        let done = lab.run(&[
            "simulate",
            "model.xmile",
            "--members",
            "200",
            "--vary",
            "vary.toml",
            "--save",
            "Grievance",
            "--quantiles",
            "0,0.5,1",
            "--threads",
            threads,
        ]);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        done.stdout
    };
    let table = run("1");
    assert_eq!(table, run("2"));
    let highest: f64 = last(&table)[3].parse().expect("a number");
    assert!(highest > 10.0 && highest <= 10.0 * (0.15_f64 * 4.0).exp() + 1e-6, "{highest}");
}

#[test]
fn a_check_lists_loops_and_a_graph_is_written_in_both_forms() {
    let lab = lab();
    let done = lab.run(&["model", "check", "model.xmile", "--format", "csv"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.stderr.contains("5 checked, 0 do not balance"), "{}", done.stderr);
    assert!(done.stdout.contains("reinforcing loop") && done.stdout.contains("balancing loop"));
    for (file, part) in [("graph.svg", "<svg"), ("graph.graphml", "<graphml")] {
        let done = lab.run(&["model", "graph", "model.xmile", "--out", file]);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        let text = std::fs::read_to_string(lab.path(file)).expect("a file");
        assert!(text.contains(part), "{file}");
    }
}

#[test]
fn a_faulty_model_or_setting_is_refused_with_its_place() {
    let lab = lab();
    let broken = |from: &str, to: &str| MODEL.replace(from, to);
    lab.write("unknown.xmile", broken("harm * Grievance", "harm * Anger"));
    lab.write(
        "circular.xmile",
        broken("<eqn>0.2</eqn>", "<eqn>memory * 0.05</eqn>")
            .replace("<eqn>4</eqn>", "<eqn>harm * 20</eqn>"),
    );
    lab.write("syntax.xmile", broken("Grievance / memory", "Grievance / (memory"));
    lab.write("cut.xmile", &MODEL[..300]);
    lab.write("empty.xmile", "");
    lab.write("other.toml", "[harm]\ndistribution = \"cauchy\"\n");
    lab.write("nothing.toml", "[anger]\ndistribution = \"fixed\"\nvalue = 1\n");
    for name in ["unknown", "circular", "syntax", "cut", "empty", "missing"] {
        let file = format!("{name}.xmile");
        lab.refused(&format!("model-{name}"), &["model", "check", file.as_str()]);
    }
    let simulate = |name: &str, more: &[&str]| {
        lab.refused(name, &[&["simulate", "model.xmile"][..], more].concat());
    };
    simulate("simulate-unknown-constant", &["--set", "anger=1"]);
    simulate("simulate-no-number", &["--set", "harm=much"]);
    simulate("simulate-unknown-output", &["--save", "Anger"]);
    simulate("simulate-no-members", &["--members", "0"]);
    simulate("simulate-bad-quantiles", &["--members", "9", "--quantiles", "0.5,2"]);
    simulate("simulate-unknown-distribution", &["--members", "9", "--vary", "other.toml"]);
    simulate("simulate-vary-unknown", &["--members", "9", "--vary", "nothing.toml"]);
    simulate("simulate-bad-step", &["--save-every", "0"]);
    lab.refused("model-graph-ending", &["model", "graph", "model.xmile", "--out", "graph.png"]);
}
