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

const NOISE: &str = "[stock.Grievance]\ndistribution = \"log_normal\"\nsigma = 0.2\n\n\
    [observation.Grievance]\ndistribution = \"normal\"\nstandard_deviation = 0.5\n";
const OBSERVED: &str = "time,Grievance\n0,10\n1,14\n1.5,\n2,19\n";

#[test]
fn members_go_through_a_record_and_end_where_it_ends() {
    let lab = lab();
    lab.write("noise.toml", NOISE);
    lab.write("observed.csv", OBSERVED);
    let run = |more: &[&str]| {
        let usual =
            ["simulate", "model.xmile", "--assimilate", "observed.csv", "--noise", "noise.toml"];
        let kept = ["--members", "400", "--save", "Grievance", "--save-every", "1"];
        let done = lab.run(&[&usual[..], &kept, more].concat());
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        done
    };
    let done = run(&["--quantiles", "0.05,0.5,0.95", "--threads", "1"]);
    assert!(
        done.stderr.contains("400 members through 3 observations, log evidence"),
        "{}",
        done.stderr
    );
    assert!(done.stderr.contains("effective members"), "{}", done.stderr);
    assert_eq!(done.stdout, run(&["--quantiles", "0.05,0.5,0.95", "--threads", "2"]).stdout);
    let quantile = |variable: &str, time: &str, share: &str| -> f64 {
        let wanted = format!("{variable},{time},{share},");
        let line = done.stdout.lines().find(|line| line.starts_with(&wanted)).expect(&wanted);
        line.split(',').nth(3).unwrap().parse().unwrap()
    };
    // The plain run falls from ten; the record rises to nineteen, and so do the members.
    assert!((quantile("Grievance", "2.0", "0.5") - 19.0).abs() < 1.0);
    let width = |time| quantile("Grievance", time, "0.95") - quantile("Grievance", time, "0.05");
    assert!(width("2.0") < 2.0 && width("4.0") > 2.0 * width("2.0"), "{}", done.stdout);
    assert!(quantile("observed(Grievance)", "4.0", "0.5").is_finite());
    let full = run(&["--full", "--format", "json"]);
    assert_eq!(rows(&full).len(), 400 * 5);
}

#[test]
fn constants_are_learnt_from_a_record_and_members_are_draws_of_them() {
    let lab = lab();
    lab.write("noise.toml", NOISE.replace("0.2", "0.02"));
    // What grows by a tenth a month for six months.
    let table: String = (0..=12)
        .map(|step| format!("{},{}\n", 0.5 * f64::from(step), 10.0 * 1.05_f64.powi(step)))
        .collect();
    lab.write("observed.csv", format!("time,Grievance\n{table}"));
    lab.write("wide.toml", "[harm]\ndistribution = \"uniform\"\nlow = 0\nhigh = 1\n");
    let run = |more: &[&str]| {
        let files =
            ["--assimilate", "observed.csv", "--noise", "noise.toml", "--vary", "wide.toml"];
        let learn =
            ["--learn", "--draws", "300", "--members", "200", "--method", "euler", "--stop", "8"];
        let usual = ["simulate", "model.xmile", "--save", "Grievance", "--save-every", "1"];
        let done = lab.run(&[&usual[..], &files, &learn, more].concat());
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        done
    };
    let done = run(&["--learnt", "learnt.csv", "--quantiles", "0.05,0.5,0.95", "--threads", "1"]);
    assert!(
        done.stderr.contains("4 chains of 300 draws, 13 observations, 1 constants"),
        "{}",
        done.stderr
    );
    assert!(done.stderr.contains("largest R-hat"), "{}", done.stderr);
    let learnt = std::fs::read_to_string(lab.path("learnt.csv")).unwrap();
    let mut lines = learnt.lines();
    let header = "constant,mean,standard_deviation,quantile_0.05,quantile_0.5,quantile_0.95,r_hat,effective_draws,effective_tail_draws";
    assert_eq!(lines.next(), Some(header));
    let row: Vec<&str> = lines.next().unwrap().split(',').collect();
    let numbers: Vec<f64> = row[1..].iter().map(|cell| cell.parse().unwrap()).collect();
    // Steps of half a month: harm less a quarter is 0.1. A uniform prior's standard deviation is 0.29.
    assert!(row[0] == "harm" && (numbers[0] - 0.35).abs() < 0.03 && numbers[1] < 0.05, "{learnt}");
    let again = run(&["--learnt", "again.csv", "--quantiles", "0.05,0.5,0.95", "--threads", "2"]);
    assert_eq!(again.stdout, done.stdout);
    assert_eq!(std::fs::read_to_string(lab.path("again.csv")).unwrap(), learnt);
    let full = rows(&run(&["--full", "--format", "json"]));
    assert_eq!(full.len(), 200 * 9);
    let at = |time: f64| -> Vec<f64> {
        let rows = full.iter().filter(|row| row["time"] == time);
        rows.map(|row| row["Grievance"].as_f64().unwrap()).collect()
    };
    // Members end where the record ends, and go on from there.
    assert!(at(6.0).iter().all(|value| (value - 10.0 * 1.05_f64.powi(12)).abs() < 3.0));
    assert!(at(8.0).iter().all(|value| *value > 15.0));
    let refuse = |name: &str, more: &[&str]| {
        let files = ["--assimilate", "observed.csv", "--noise", "noise.toml", "--learn"];
        lab.refused(name, &[&["simulate", "model.xmile"][..], &files, more].concat());
    };
    refuse("learn-without-priors", &["--members", "9"]);
    let wide = ["--vary", "wide.toml", "--stop", "8", "--members", "900"];
    refuse("learn-runge-kutta", &[&wide[..], &["--method", "rk4"]].concat());
    refuse("learn-too-few-draws", &[&wide[..], &["--draws", "20"]].concat());
    refuse("learn-one-chain", &[&wide[..], &["--chains", "1"]].concat());
    refuse("learn-ending", &[&wide[..], &["--learnt", "learnt.doc"]].concat());
}

#[test]
fn a_record_that_cannot_be_assimilated_is_refused_with_its_place() {
    let lab = lab();
    lab.write("noise.toml", NOISE);
    lab.write("observed.csv", OBSERVED);
    let tables = [
        ("time", OBSERVED.replace("1,14", "1.2,14")),
        ("order", OBSERVED.replace("2,19", "0.5,19")),
        ("number", OBSERVED.replace("14", "much")),
        ("width", OBSERVED.replace("1,14", "1,14,5")),
        ("variable", OBSERVED.replace("Grievance", "Anger")),
        ("header", OBSERVED.replace("time", "when")),
        ("impossible", OBSERVED.replace("14", "-1e300")),
        ("nothing", String::new()),
    ];
    let simulate = |name: &str, observed: &str, noise: &str, members: &str| {
        let files = ["--assimilate", observed, "--noise", noise, "--members", members];
        lab.refused(name, &[&["simulate", "model.xmile"][..], &files].concat());
    };
    for (name, table) in &tables {
        let file = format!("{name}.csv");
        lab.write(&file, table);
        simulate(&format!("assimilate-{name}"), &file, "noise.toml", "50");
    }
    lab.write("density.toml", NOISE.replace("\"normal\"", "\"cauchy\""));
    lab.write("stock.toml", NOISE.replace("stock.Grievance", "stock.harm"));
    simulate("assimilate-density", "observed.csv", "density.toml", "50");
    simulate("assimilate-stock", "observed.csv", "stock.toml", "50");
    simulate("assimilate-one-member", "observed.csv", "noise.toml", "1");
    lab.refused(
        "assimilate-no-noise",
        &["simulate", "model.xmile", "--assimilate", "observed.csv"],
    );
}

fn rows(done: &crate::support::Outcome) -> Vec<serde_json::Value> {
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    serde_json::from_str(&done.stdout).expect("a JSON array")
}

#[test]
fn quantiles_are_those_of_the_members() {
    let lab = lab();
    let run = |more: &[&str]| {
        let usual = ["simulate", "model.xmile", "--members", "99", "--vary", "vary.toml"];
        let kept = ["--save", "grievance,harm", "--save-every", "4", "--format", "json"];
        rows(&lab.run(&[&usual[..], &kept, more].concat()))
    };
    let members = run(&["--full"]);
    assert_eq!(members.len(), 99 * 2);
    let mut last: Vec<f64> = members
        .iter()
        .filter(|row| row["time"] == 4.0)
        .map(|row| row["Grievance"].as_f64().unwrap())
        .collect();
    last.sort_by(f64::total_cmp);
    let bands = run(&["--quantiles", "0,0.5,1"]);
    let found: Vec<f64> = bands
        .iter()
        .filter(|row| row["time"] == 4.0 && row["variable"] == "Grievance")
        .map(|row| row["value"].as_f64().unwrap())
        .collect();
    assert_eq!(found, [last[0], last[49], last[98]]);
    assert!(bands.iter().any(|row| row["variable"] == "harm"), "constants can be kept");
}

#[test]
fn what_is_set_holds_also_where_the_model_computes_it() {
    let lab = lab();
    let usual = ["simulate", "model.xmile", "--save", "Grievance,fading"];
    let done = lab.run(&[&usual[..], &["--set", "fading=2", "--set", "harm=0"]].concat());
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.stderr.contains("the model computes fading"), "{}", done.stderr);
    assert_eq!(last(&done.stdout), ["4.0", "2.0", "2.0"]);
    let varied = "[fading]\ndistribution = \"fixed\"\nvalue = 1\n";
    lab.write("fading.toml", varied);
    let more = ["--set", "harm=0", "--vary", "fading.toml", "--stop", "2", "--dt", "0.25"];
    let done = lab.run(&[&usual[..], &more].concat());
    assert_eq!(last(&done.stdout), ["2.0", "8.0", "1.0"]);
}

#[test]
fn an_array_is_set_whole_or_by_element_and_its_elements_draw_for_themselves() {
    let lab = lab();
    lab.write(
        "array.xmile",
        MODEL.replace("<model>", "<dimensions><dim name=\"D\" size=\"2\"/></dimensions><model>").replace(
            "<aux name=\"memory\">",
            "<aux name=\"rate\"><dimensions><dim name=\"D\"/></dimensions><eqn>1</eqn></aux><aux name=\"memory\">",
        ),
    );
    lab.write(
        "rate.toml",
        VARY.replace("harm", "rate") + "[\"rate[2]\"]\ndistribution = \"fixed\"\nvalue = 9\n",
    );
    let run = |more: &[&str]| {
        let usual = ["simulate", "array.xmile", "--save", "rate[1],rate[2]", "--format", "json"];
        rows(&lab.run(&[&usual[..], more].concat())).pop().unwrap()
    };
    let row = run(&["--set", "rate=3", "--set", "rate[1]=4"]);
    assert_eq!((&row["rate[1]"], &row["rate[2]"]), (&4.0.into(), &3.0.into()));
    let row = run(&["--vary", "rate.toml"]);
    let first = row["rate[1]"].as_f64().unwrap();
    assert!((0.1..0.4).contains(&first) && row["rate[2]"] == 9.0, "{row}");
}

#[test]
fn units_that_do_not_balance_fail_a_strict_check() {
    let lab = lab();
    lab.write("units.xmile", MODEL.replace("<units>1/Month</units>", "<units>1</units>"));
    let check = ["model", "check", "units.xmile"];
    let found = rows(&lab.run(&[&check[..], &["--format", "json"]].concat()));
    assert!(found.iter().any(|row| row["what"] == "units" && row["variable"] == "arising"));
    lab.refused("model-units", &[&check[..], &["--strict"]].concat());
}

#[test]
fn variables_are_listed_with_what_a_run_may_set() {
    let found = rows(&lab().run(&["model", "variables", "model.xmile", "--format", "json"]));
    let harm = found.iter().find(|row| row["variable"] == "harm").unwrap();
    assert_eq!((&harm["kind"], &harm["constant"]), (&"auxiliary".into(), &0.2.into()));
    assert_eq!(found.len(), 5);
}

#[test]
fn effects_can_be_folded_to_the_variables_that_matter() {
    let lab = lab();
    let graph = |more: &[&str]| lab.run(&[&["model", "graph", "model.xmile"][..], more].concat());
    assert_eq!(rows(&graph(&["--format", "json"])).len(), 6);
    let folded = rows(&graph(&["--keep", "harm,Grievance", "--format", "json"]));
    let link = |from: &str, to: &str| {
        let found = folded.iter().find(|row| row["from"] == from && row["to"] == to);
        found.map(|row| (row["polarity"].as_str().unwrap(), row["delayed"].as_bool().unwrap()))
    };
    assert_eq!(link("harm", "Grievance"), Some(("+", true)));
    assert_eq!(link("Grievance", "Grievance"), Some(("±", true)));
    assert_eq!(folded.len(), 2);
    lab.refused("model-graph-unknown", &["model", "graph", "model.xmile", "--keep", "anger,harn"]);
}

#[test]
fn every_command_of_the_guide_runs() {
    let lab = Lab::bare();
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    for file in std::fs::read_dir(docs.join("examples")).expect("the examples") {
        let path = file.expect("a file").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        lab.write(&format!("docs/examples/{name}"), std::fs::read(&path).expect("an example"));
    }
    let guide = std::fs::read_to_string(docs.join("scenario-engine.md")).expect("the guide");
    let mut ran = 0;
    for line in guide.lines().filter_map(|line| line.strip_prefix("sanad ")) {
        let line = line.split(" #").next().unwrap_or_default();
        let quoted = line.split('"').enumerate().flat_map(|(at, part)| match at % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        });
        let words: Vec<String> = quoted.collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let done = lab.run(&words);
        assert_eq!(done.code, Some(0), "sanad {line}\n{}", done.stderr);
        ran += 1;
    }
    assert!(ran >= 8, "{ran}");
}

#[test]
fn a_model_is_written_with_constants_set_and_runs_as_with_the_setting() {
    let lab = lab();
    let done =
        lab.run(&["model", "write", "model.xmile", "--out", "new.xmile", "--set", "harm=0.25"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let run = |more: &[&str]| lab.run(&[&["simulate"][..], more].concat()).stdout;
    assert_eq!(run(&["new.xmile"]), run(&["model.xmile", "--set", "harm=0.25"]));
    assert_ne!(run(&["new.xmile"]), run(&["model.xmile"]));
    for more in [["fading=2", "new.xmile"], ["anger=2", "new.xmile"], ["harm=2", "new.csv"]] {
        let done = lab.run(&["model", "write", "model.xmile", "--set", more[0], "--out", more[1]]);
        assert_ne!(done.code, Some(0), "{more:?}");
    }
}

#[test]
fn a_delay_shorter_than_the_step_is_said_on_stderr() {
    let lab = lab();
    lab.write("fast.xmile", MODEL.replace("<eqn>0.2</eqn>", "<eqn>SMTH1(0.2, 0.1)</eqn>"));
    for command in [&["simulate", "fast.xmile"][..], &["model", "check", "fast.xmile"]] {
        let done = lab.run(command);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        assert!(done.stderr.contains("harm: SMTH1 takes a time of 0.1"), "{}", done.stderr);
    }
}

#[test]
fn a_model_of_vensim_is_told_to_be_exported() {
    let lab = lab();
    lab.write("model.mdl", "{UTF-8}\nx = 1 ~~|\n");
    let done = lab.run(&["simulate", "model.mdl"]);
    assert_eq!(done.code, Some(1));
    assert!(done.stderr.contains("a Vensim model (.mdl), not XMILE"), "{}", done.stderr);
}
