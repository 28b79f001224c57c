//! The check of units.

use sanad_scenario::{Limits, UnitReport, read_xmile};

use crate::file;

fn report(body: &str) -> UnitReport {
    let units = r#"<model_units><unit name="People"><alias>person</alias></unit></model_units>"#;
    let text = file(0.0, 1.0, 1.0, &format!("{units}<model><variables>{body}</variables></model>"));
    let document = read_xmile(text.as_bytes(), &Limits::default()).expect("readable");
    document.check_units().expect("checkable")
}

const SOUND: &str = r#"<stock name="p"><eqn>100</eqn><inflow>births</inflow><units>people</units></stock>
    <flow name="births"><eqn>p * rate * EXP(-p / room)</eqn><units>person/month</units></flow>
    <aux name="rate"><eqn>0.03</eqn><units>1/month</units></aux>
    <aux name="room"><eqn>SMTH1(MAX(p, 0), delay) * 2</eqn><units>People</units></aux>
    <aux name="delay"><eqn>3</eqn><units>months</units></aux>"#;

#[test]
fn a_balanced_model_has_no_complaints() {
    let report = report(SOUND);
    assert_eq!(report.problems, []);
    assert_eq!(report.checked, 5);
    assert!(report.without_units.is_empty());
}

#[test]
fn imbalances_name_variable_and_place() {
    let found = report(&SOUND.replace("p * rate", "(p + rate) * rate"));
    let shown: Vec<String> = found.problems.iter().map(ToString::to_string).collect();
    assert_eq!(shown.len(), 1, "{shown:?}");
    assert!(shown[0].starts_with("births: the two sides differ: people and 1/months"), "{shown:?}");
    assert!(found.problems[0].is_units());
}

#[test]
fn flows_must_be_per_unit_of_time() {
    let found = report(&SOUND.replace("person/month", "person/year"));
    let shown: Vec<String> = found.problems.iter().map(ToString::to_string).collect();
    assert!(shown.iter().any(|line| line.contains("should be in people/months")), "{shown:?}");
}

#[test]
fn functions_of_pure_numbers_refuse_units() {
    let found = report(&SOUND.replace("EXP(-p / room)", "EXP(-p)"));
    assert!(found.problems[0].message().contains("EXP is given people"));
}

#[test]
fn variables_without_units_are_listed_not_judged() {
    let found = report(&format!(
        r#"{SOUND}<aux name="x"><eqn>p + rate * y</eqn></aux><aux name="y"><eqn>2</eqn></aux>"#
    ));
    assert_eq!(found.without_units, ["x", "y"]);
}

#[test]
fn a_literal_with_a_sign_is_a_whole_exponent() {
    let squared = |equation: &str| {
        report(&format!(
            r#"{SOUND}<aux name="x"><eqn>{equation}</eqn><units>1/people^2</units></aux>"#
        ))
    };
    assert_eq!(squared("p^-2").problems, []);
    assert_eq!(squared("1 / p^+2").problems, []);
    assert_eq!(squared("p^-1.5").problems.len(), 1);
}
