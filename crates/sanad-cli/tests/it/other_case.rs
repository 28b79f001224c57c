//! A case that shares nothing with the one that is shipped: provinces and no districts, a model with
//! one outcome and two scenarios, a family of its own, no text, no chronicle and no claims; and a
//! case of records alone. No command may stumble over what they do not have.

use std::fmt::Write as _;

use crate::support::{Lab, OBSERVATORY, Outcome, header, row};

const CASE: &str = r#"id = "river"
title = "Riverland"
country = "R"
iso3 = "RVL"
gwno = 475
current_on = "2022-01-01"
state = "gov"

[files]
model = "model.xmile"
priors = "priors.toml"
levers = "levers.toml"
scenarios = "scenarios.toml"
"#;

const PLACES: &str = r#"[[place]]
id = "R"
name = "Riverland"
level = "country"
gwno = 475

[[place]]
id = "R1"
name = "Delta"
longitude = 6.2
latitude = 5.1
level = "adm1"
within = "R"

[[place]]
id = "R2"
name = "Upland"
longitude = 7.5
latitude = 6.4
level = "adm1"
within = "R"
"#;

const ACTORS: &str = r#"[[family]]
id = "herders"
title = "Herders"

[[actor]]
id = "gov"
name = "Government of Riverland"
kind = "state"
family = "state"
ucdp_ids = [84]

[[actor]]
id = "herders-union"
name = "Union of Herders"
kind = "armed-organisation"
family = "herders"
ucdp_ids = [900]
"#;

const MODEL: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
  <header><vendor>x</vendor><product version="1">x</product></header>
  <sim_specs method="RK4" time_units="Month"><start>0</start><stop>4</stop><dt>0.5</dt></sim_specs>
  <model><variables>
    <stock name="Dry_wells"><eqn>10</eqn><inflow>drying</inflow><outflow>dug</outflow></stock>
    <flow name="drying"><eqn>loss</eqn></flow>
    <flow name="dug"><eqn>digging * Dry_wells</eqn></flow>
    <aux name="loss"><eqn>1</eqn></aux>
    <aux name="digging"><eqn>0.05</eqn></aux>
  </variables></model>
</xmile>
"#;

const PRIORS: &str = r#"[[prior]]
parameter = "loss"
unit = "wells/month"
basis = "judgement"
claim = "none"
prior = { distribution = "uniform", low = 0.5, high = 1.5 }
note = "Invented."
"#;

const LEVERS: &str = r#"[[lever]]
id = "dig"
title = "Digging wells"
parameter = "digging"
lowest = 0
highest = 0.2
today = 0.05
delay_months = 3
cost = "low"
acts_on = ["Dry_wells"]
claims = []
note = "Share of dry wells dug again in a month."
"#;

const SCENARIOS: &str = r#"baseline = "as-now"
outcomes = [{ variable = "Dry_wells", title = "dry wells", better = "less", matters = 0.5 }]
[[scenario]]
id = "more-wells"
title = "More wells"
levels = { dig = 0.1 }
note = "Twice as much."
[[scenario]]
id = "as-now"
title = "As now"
levels = {}
note = "Nothing moves."
"#;

/// Commands that need nothing but records, and those that need the model.
const ON_RECORDS: [&[&str]; 12] = [
    &["panel", "--unit", "adm1", "--from", "2020-01", "--to", "2021-12"],
    &["panel", "--unit", "country", "--from", "2020-01", "--to", "2021-12"],
    &["why", "--unit", "adm1", "--place", "R1", "--month", "2021-03"],
    &["sql", "SELECT count(*) AS n FROM events"],
    &["sources"],
    &["observations"],
    &["network"],
    &["counts", "--country", "475", "--out", "counts.parquet"],
    &["forecast", "--unit", "adm1", "--steps", "1..3", "--draws", "100"],
    &["forecast", "--unit", "country", "--steps", "1..3", "--draws", "100"],
    &["backtest", "--unit", "adm1", "--steps", "1..2", "--windows", "2018..2019", "--out", "tried"],
    &["brief", "--out", "brief.html"],
];
const ON_A_MODEL: [&[&str]; 2] = [&["scenario"], &["scenario", "--sensitivity"]];

/// Commands that say in a line what they need, and the file that they name.
const IN_WANT: [(&[&str], &str); 8] = [
    (&["claims"], "claims.toml"),
    (&["cycle"], "cycle.toml"),
    (&["interventions"], "cycle.toml"),
    (&["fronts"], "indicators.toml"),
    (&["narrative"], "codebook.toml"),
    (&["benchmarks"], "benchmarks.toml"),
    (&["calibrate"], "priors.toml"),
    (&["forecast", "--unit", "adm2", "--steps", "1..3"], "places.toml"),
];

/// Eighteen years of events in two provinces, one of them called as a source calls it.
fn events() -> String {
    let mut text = header() + "\n";
    let mut id = 0;
    for year in 2004..2022 {
        for month in 1..=12 {
            for _ in 0..(year * 7 + month * 5) % 4 {
                id += 1;
                let (deaths, day) = (id * 13 % 5, 1 + id % 27);
                let number = |value: i32| value.to_string();
                let date = format!("{year}-{month:02}-{day:02}");
                let changes = [
                    ("id", number(id)),
                    ("side_a_new_id", "84".to_owned()),
                    ("side_a", "Government of Riverland".to_owned()),
                    ("side_b_new_id", "900".to_owned()),
                    ("side_b", "Union of Herders".to_owned()),
                    ("adm_1", if id % 3 == 0 { "Upland" } else { "Delta state" }.to_owned()),
                    ("adm_2", String::new()),
                    ("country", "Riverland".to_owned()),
                    ("country_id", "475".to_owned()),
                    ("date_start", date.clone()),
                    ("date_end", date),
                    ("deaths_a", number(deaths)),
                    ("deaths_b", "1".to_owned()),
                    ("best", number(deaths + 1)),
                    ("high", number(deaths + 3)),
                    ("low", number(deaths)),
                ];
                let changes: Vec<(&str, &str)> =
                    changes.iter().map(|(name, value)| (*name, value.as_str())).collect();
                writeln!(text, "{}", row(&changes)).expect("text grows");
            }
        }
    }
    text
}

/// A folder with an observatory of the case; `with_model` or of its records alone.
fn lab(with_model: bool) -> Lab {
    let lab = Lab::bare();
    let bare = CASE.split("[files]").next().unwrap_or_default();
    lab.write("case/case.toml", if with_model { CASE } else { bare });
    lab.write("case/places.toml", PLACES);
    lab.write("case/actors.toml", ACTORS);
    lab.write("case/model.xmile", MODEL);
    lab.write("case/priors.toml", PRIORS);
    lab.write("case/levers.toml", LEVERS);
    lab.write("case/scenarios.toml", SCENARIOS);
    lab.write("GEDEvent_v22_1.csv", events());
    lab.done(&["import", "case", "case"]);
    lab.done(&["import", "ucdp-ged", "GEDEvent_v22_1.csv"]);
    lab
}

fn observe(lab: &Lab, command: &[&str]) -> Outcome {
    lab.run(&[command, &["--observatory", OBSERVATORY]].concat())
}

fn page(lab: &Lab) -> String {
    std::fs::read_to_string(lab.path("brief.html")).expect("a briefing was written")
}

fn works(lab: &Lab, command: &[&str]) {
    let done = observe(lab, command);
    assert_eq!(done.code, Some(0), "{command:?}: {}", done.stderr);
}

#[test]
fn every_command_works_on_another_case_or_names_the_file_that_it_needs() {
    let lab = lab(true);
    ON_RECORDS.iter().chain(&ON_A_MODEL).for_each(|command| works(&lab, command));
    for (command, file) in IN_WANT {
        let done = observe(&lab, command);
        assert_eq!(done.code, Some(1), "{command:?}: {}", done.stderr);
        assert!(done.stderr.contains(file), "{command:?} does not name {file}: {}", done.stderr);
    }
}

#[test]
fn records_alone_are_enough_for_what_counts_and_forecasts() {
    let lab = lab(false);
    ON_RECORDS.iter().for_each(|command| works(&lab, command));
    let page = page(&lab);
    for (section, file) in [
        ("Three fronts", "indicators.toml"),
        ("The text on trial", "claims.toml"),
        ("What policies might change", "a model in XMILE"),
        ("Chronicle", "under chronicle in case.toml"),
    ] {
        let expected = format!("<b>{section}</b>: {file}");
        let is_told =
            page.contains(&expected) || page.contains(&format!("<b>{section}</b>: files"));
        assert!(is_told, "the page does not say what {section} needs");
    }
}

#[test]
fn the_briefing_of_another_case_has_no_word_of_the_one_that_is_shipped() {
    let lab = lab(true);
    works(&lab, &["brief", "--out", "brief.html"]);
    let page = page(&lab);
    for own in ["Riverland", "Delta", "Herders", "Dry wells", "More wells", "by province"] {
        assert!(page.contains(own), "the page does not say {own}");
    }
    for strange in ["Pakistan", "essay", "Kashmir", "district of", "today's course", "egitimacy on"]
    {
        assert!(!page.contains(strange), "the page says {strange}");
    }
    // "Delta state" is Delta: nothing is left unplaced.
    let placed =
        observe(&lab, &["panel", "--unit", "adm1", "--from", "2021-01", "--to", "2021-12"]);
    assert!(placed.stdout.contains("R1"));
}

#[test]
fn a_family_that_no_actor_has_is_refused_where_it_is_named() {
    let lab = Lab::bare();
    lab.write("case/case.toml", CASE.split("[files]").next().unwrap_or_default());
    lab.write("case/places.toml", PLACES);
    lab.write("case/actors.toml", ACTORS.replace("family = \"herders\"", "family = \"shepherds\""));
    let done = observe(&lab, &["import", "case", "case"]);
    assert_eq!(done.code, Some(1));
    assert!(done.stderr.contains("names the family \"shepherds\""), "{}", done.stderr);
    assert!(done.stderr.contains("line 12"), "{}", done.stderr);
}

#[test]
fn an_import_says_which_names_found_no_place_and_its_hint_works() {
    let lab = lab(false);
    lab.write("strange_v22_2.csv", events().replace(",Upland,", ",Uplande,"));
    let done = observe(&lab, &["import", "ucdp-ged", "strange_v22_2.csv"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.stderr.contains("have names that no place has"), "{}", done.stderr);
    assert!(done.stderr.contains("\"Uplande\": 108 events"), "{}", done.stderr);
    // What is printed to paste is pasted.
    let alias: String = done
        .stderr
        .lines()
        .skip_while(|line| !line.trim_start().starts_with("[[alias]]"))
        .take(3)
        .map(|line| line.trim_start().to_owned() + "\n")
        .collect();
    lab.write("case/places.toml", format!("{PLACES}\n{alias}"));
    let again = observe(&lab, &["import", "case", "case"]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(!again.stderr.contains("no place has"), "{}", again.stderr);
}
