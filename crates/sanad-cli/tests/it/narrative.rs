//! Statements and their coders: measures of a small corpus, and agreement on a published example.

use serde_json::Value;

use crate::support::{ACTORS, CASE, Lab, OBSERVATORY};

const CODEBOOK: &str = r#"
[[frame]]
id = "land"
title = "Land"
definition = "D."
includes = "I."
excludes = "E."
example = "X."

[[frame]]
id = "rival"
title = "Rival"
definition = "D."
includes = "I."
excludes = "E."
example = "X."
measures = "rivals"

[[audience]]
id = "women"
title = "Women"
definition = "D."
includes = "I."
excludes = "E."
example = "X."
measures = "women"
"#;

const ARMED: &str = r#"
[[actor]]
id = "one"
name = "One"
kind = "armed-organisation"
family = "unknown"

[[actor]]
id = "two"
name = "Two"
kind = "armed-organisation"
family = "unknown"
"#;

fn rows(lab: &Lab, arguments: &[&str]) -> Vec<Value> {
    let done = lab.run(&[arguments, &["--format", "json"]].concat());
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    serde_json::from_str(&done.stdout).unwrap()
}

/// A corpus of four months in which both organisations change their theme together.
fn lab() -> Lab {
    let lab = Lab::new();
    let case = format!("{CASE}\n[files]\ncodebook = \"codebook.toml\"\n");
    let actors = format!("{ACTORS}{ARMED}");
    lab.write_case(
        "case",
        &[("case.toml", &case), ("codebook.toml", CODEBOOK), ("actors.toml", &actors)],
    );
    let mut corpus =
        "id,date,organisation,frames,audiences,claimed_events,claimed_period,coder\n".to_owned();
    for (month, frame) in [(1, "land"), (2, "rival"), (3, "land"), (4, "rival")] {
        for who in ["one", "two"] {
            let audience = if who == "one" && month == 1 { "women" } else { "" };
            let claim = if month == 1 { "8,2021-01" } else { "," };
            corpus.push_str(&format!(
                "{who}{month},2021-0{month}-05,{who},{frame},{audience},{claim},c1\n"
            ));
        }
    }
    lab.write("corpus.csv", corpus);
    for arguments in [["case", "case"], ["statements", "corpus.csv"]] {
        let done =
            lab.run(&[&["import"][..], &arguments, &["--observatory", OBSERVATORY]].concat());
        assert_eq!(done.code, Some(0), "{}", done.stderr);
    }
    lab
}

#[test]
fn a_corpus_is_measured_by_the_codebook() {
    let lab = lab();
    let rows = rows(&lab, &["narrative", "--observatory", OBSERVATORY]);
    let of = |measure: &str, organisation: &str| {
        let found = rows
            .iter()
            .find(|row| row["measure"] == measure && row["organisation"] == organisation);
        found.unwrap_or_else(|| panic!("{measure} of {organisation}"))
    };
    assert_eq!(of("statements", "One")["value"], 4.0);
    assert_eq!(of("share that delegitimises rivals", "One")["value"], 0.5);
    assert_eq!(of("share that reaches out to women", "One")["value"], 0.25);
    assert_eq!(of("share that reaches out to women", "Two")["value"], 0.0);
    assert!(
        (of("effective number of frames", "Two")["value"].as_f64().unwrap() - 2.0).abs() < 1e-9
    );
    let apart = of("frame mixes apart, bits", "One");
    assert_eq!((&apart["value"], &apart["about"]), (&Value::from(0.0), &Value::from("Two")));
    assert!(apart["by_chance"].as_f64().unwrap() > 0.2);
    // Neither organisation has a number in the record: eight claimed stand against none recorded.
    let claim = of("events claimed over recorded", "One");
    assert!(claim["note"].as_str().unwrap().starts_with("8 claimed"), "{claim}");
    assert!(claim["value"].is_null());
}

/// Krippendorff (2011), *Computing Krippendorff's Alpha-Reliability*, example C: four observers,
/// twelve units, gaps; nominal 0.743.
#[test]
fn agreement_gives_the_published_alpha() {
    let table = [
        ("a", "1 2 3 3 2 1 4 1 2 . . ."),
        ("b", "1 2 3 3 2 2 4 1 2 5 . 3"),
        ("c", ". 3 3 3 2 3 4 2 2 5 1 ."),
        ("d", "1 2 3 3 2 4 4 1 2 5 1 ."),
    ];
    let mut file = "id,coder,frames\n".to_owned();
    for (coder, codes) in table {
        for (unit, code) in codes.split(' ').enumerate().filter(|(_, code)| *code != ".") {
            file.push_str(&format!("u{unit},{coder},{code}\n"));
        }
    }
    let lab = Lab::bare();
    lab.write("codings.csv", file);
    let rows = rows(&lab, &["agreement", "codings.csv"]);
    let nominal = rows.iter().find(|row| row["distance"] == "nominal").unwrap();
    let alpha = nominal["alpha"].as_f64().unwrap();
    assert!((alpha - 0.743).abs() < 0.0005, "{alpha}");
    assert!(nominal["low_90"].as_f64().unwrap() < alpha);
    assert!(alpha < nominal["high_90"].as_f64().unwrap());
}

#[test]
fn codings_without_coders_are_refused() {
    let lab = Lab::bare();
    lab.write("codings.csv", "id,frames\nu1,a\n");
    let done = lab.run(&["agreement", "codings.csv"]);
    assert_eq!(done.code, Some(1));
    assert!(done.stderr.contains("it has no column coder"), "{}", done.stderr);
}

fn agreement(codings: &str) -> Vec<Value> {
    let lab = Lab::bare();
    lab.write("codings.csv", format!("id,coder,frames\n{codings}"));
    rows(&lab, &["agreement", "codings.csv"])
}

#[test]
fn a_word_for_nothing_is_no_code() {
    for word in ["", " ", "NA", "N/A", "n/a", "nan", "NaN", "null", "-", "<NA>", "NA;NA"] {
        let codings = format!("u1,a,x\nu2,a,x\nu3,a,y\nu1,b,x\nu2,b,{word}\nu3,b,y\n");
        let row = &agreement(&codings)[0];
        assert_eq!(
            (&row["alpha"], &row["units"]),
            (&Value::from(1.0), &Value::from(2)),
            "{word:?}"
        );
    }
    // A coder who saw none of the codes says so.
    let row = &agreement("u1,a,x\nu2,a,none\nu1,b,x\nu2,b,none\n")[0];
    assert_eq!((&row["alpha"], &row["units"]), (&Value::from(1.0), &Value::from(2)));
    let row = &agreement("u1,a,x\nu2,a,none\nu1,b,x\nu2,b,x\n")[0];
    assert!(row["alpha"].as_f64().unwrap() < 1.0, "{row}");
}

#[test]
fn a_second_coding_of_a_unit_by_a_coder_is_an_error_with_both_rows() {
    let lab = Lab::bare();
    let refused = |codings: &str| {
        lab.write("codings.csv", format!("id,coder,frames\n{codings}"));
        let done = lab.run(&["agreement", "codings.csv"]);
        assert_eq!(done.code, Some(1), "{}", done.stderr);
        done.stderr
    };
    for second in ["u1,a,y", "u1,a,x", "u1, a ,NA"] {
        let said = refused(&format!("u1,a,x\nu1,b,x\n{second}\n"));
        assert!(said.contains("row 4") && said.contains("first in row 2"), "{said}");
    }
    let said = refused("u1,a,x\n,b,x\n");
    assert!(said.contains("row 3, column id: no value"), "{said}");
    let said = refused("u1,NA,x\nu1,b,x\n");
    assert!(said.contains("row 2, column coder: no value"), "{said}");
}

#[test]
fn agreement_that_is_undefined_says_why() {
    let note = |codings: &str| {
        let rows = agreement(codings);
        assert!(rows.iter().all(|row| row["alpha"].is_null()), "{rows:?}");
        rows[0]["note"].as_str().unwrap().to_owned()
    };
    assert_eq!(note("u1,a,x\nu1,b,x\nu2,a,x\nu2,b,x\n"), "undefined: only one code occurs");
    assert_eq!(note("u1,a,x\nu2,b,x\nu3,a,NA\n"), "undefined: no unit has two codes");
    assert_eq!(note("u1,a,NA\nu1,b,NA\n"), "undefined: no unit has two codes");
}
