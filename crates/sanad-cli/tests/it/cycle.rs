//! The excitation study and the interventions of the first case, from a bare clone.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::SANAD;

fn sanad(command: &str, more: &[&str]) -> Output {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan");
    Command::new(SANAD).arg(command).arg(case).args(more).output().expect("the program starts")
}

fn rows(output: &Output) -> Vec<serde_json::Value> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

const SHORT: [&str; 8] = [
    "--kinds",
    "islamist-attacks,baloch-attacks,repression",
    "--from",
    "2013",
    "--to",
    "2015-12-31",
    "--format",
    "json",
];

#[test]
fn links_are_the_same_bits_on_one_thread_and_on_two() {
    let with = |threads| sanad("cycle", &[&SHORT[..], &["--threads", threads]].concat());
    let (one, two) = (with("1"), with("2"));
    assert_eq!(one.stdout, two.stdout);
    let rows = rows(&one);
    let link = |from: &str, to: &str| {
        rows.iter().find(|row| row["from"] == from && row["to"] == to).expect("a link")
    };
    let own = link("islamist-attacks", "islamist-attacks");
    let number = |name: &str| own[name].as_f64().unwrap();
    assert!(number("branching_low") <= number("branching"));
    assert!(number("branching") <= number("branching_high"));
    assert!((0.0..=1.0).contains(&number("p_value")) && number("smallest_found") > 0.0);
    let absent = link("repression", "islamist-attacks");
    assert!(absent.get("branching").is_none(), "{absent}");
    assert!(absent["note"].as_str().unwrap().contains("records one more event"), "{absent}");
}

#[test]
fn an_intervention_has_its_change_by_region_with_placebos_and_says_what_is_too_short() {
    let all = rows(&sanad("interventions", &["--format", "json"]));
    let of = |id: &str, region: &str, measure: &str| {
        all.iter()
            .find(|row| {
                row["intervention"] == id && row["region"] == region && row["measure"] == measure
            })
            .expect("a row")
    };
    let row = of("zarb-e-azb", "national", "islamist-attacks");
    assert_eq!(row["from_month"], "2014-07");
    let number = |name: &str| row[name].as_f64().unwrap();
    for name in ["level_ratio", "growth_ratio", "ratio_after_year"] {
        assert!(number(&format!("{name}_low")) < number(name), "{row}");
        assert!(number(name) < number(&format!("{name}_high")), "{row}");
    }
    assert!(number("placebo_dates_as_large") <= number("placebo_dates"));
    let short = of("kabul-2021", "northwest", "events");
    assert!(short["note"].as_str().unwrap().contains("at least 8 periods"), "{short}");
    assert!(of("kabul-2021", "national", "national months")["p_value"].is_number());
}

#[test]
fn districts_aimed_at_stand_against_others_and_parts_of_a_region_add_up() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let request = ["--id", "zarb-e-azb", "--show", "controls", "--out", out, "--format", "json"];
    let controls = rows(&sanad("interventions", &request));
    let with: Vec<&str> =
        controls.iter().map(|row| row["compared_with"].as_str().unwrap()).collect();
    assert_eq!(with, ["all others", "others not reached"]);
    let number = |row: usize, name: &str| controls[row][name].as_f64().unwrap();
    for (at, row) in controls.iter().enumerate() {
        let (p, others) = (number(at, "p_value_in_place"), number(at, "other_districts"));
        assert!((p * (others + 1.0)).round() >= 1.0 && p <= 1.0, "{row:?}");
    }
    assert!(number(1, "other_districts") < number(0, "other_districts"));
    let left_out = controls[1]["left_out"].as_str().unwrap();
    let mix = controls[1]["weights"].as_str().unwrap();
    let names = mix.split(", ").map(|one| one.rsplit_once(' ').unwrap().0);
    assert!(left_out.contains("Khyber") && !mix.is_empty());
    names.for_each(|name| assert!(!left_out.contains(name), "{name} is left out and in the mix"));
    for picture in ["control_all", "placebos_not-reached", "northwest_islamist-attacks"] {
        let path = folder.path().join(format!("zarb-e-azb_{picture}.svg"));
        let svg = std::fs::read_to_string(&path).unwrap();
        assert!(svg.starts_with("<svg") && !svg.contains("NaN"), "{picture}");
    }
    let means = std::fs::read_to_string(folder.path().join("means.csv")).unwrap();
    let before = |region: &str| -> f64 {
        let row = means.lines().find(|line| line.contains(&format!(",{region},events,"))).unwrap();
        row.split(',').nth(5).unwrap().parse().unwrap()
    };
    assert!((before("kp-settled") + before("fata") - before("northwest")).abs() < 1e-9);
    assert!(before("karachi") <= before("sindh") && before("sindh") <= before("national"));
}

#[test]
fn days_kinds_and_interventions_that_are_not_there_are_refused_with_what_is() {
    let refused = |command: &str, more: &[&str]| {
        let output = sanad(command, more);
        assert_eq!(output.status.code(), Some(2), "{more:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused("cycle", &["--from", "1990"]).contains("within those of the case"));
    assert!(refused("cycle", &["--kinds", "storms"]).contains("storms"));
    assert!(refused("cycle", &["--from", "soon"]).contains("a day such as 2014-06-15"));
    assert!(refused("interventions", &["--id", "none"]).contains("the id of an intervention"));
}

#[test]
fn every_event_of_a_year_is_of_one_kind_or_not_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let with = |threads| sanad("kinds", &["--out", out, "--format", "json", "--threads", threads]);
    let (one, two) = (with("1"), with("2"));
    assert_eq!(one.stdout, two.stdout);
    let rows = rows(&one);
    let year = |name: &str| -> Vec<_> { rows.iter().filter(|row| row["year"] == name).collect() };
    let sum = |name: &str, column: &str| -> f64 {
        year(name).iter().map(|row| row[column].as_f64().unwrap()).sum()
    };
    assert_eq!(sum("all", "events"), 6_416.0);
    assert!((sum("2009", "share_of_events") - 1.0).abs() < 1e-9);
    let rest = year("2009").into_iter().find(|row| row["kind"] == "not-told-apart").unwrap();
    assert!(rest["share_of_events"].as_f64().unwrap() > 0.4, "{rest}");
    let expected = std::fs::read_to_string(folder.path().join("told.csv")).unwrap();
    assert!(expected.contains("2018,islamist-attacks,42,4,"), "the target of a benchmark");
    let harm = std::fs::read_to_string(folder.path().join("harm.csv")).unwrap();
    // Of these, 39 operations and 374 events of any fighting fall in 2004 to 2021.
    assert!(harm.lines().last().unwrap().starts_with("all,0,40,376,"), "{harm}");
}

#[test]
fn kinds_that_are_not_told_apart_are_read_each_way_in_tables() {
    let links = rows(&sanad("cycle", &SHORT));
    let readings = |from: &str, to: &str| -> Vec<&str> {
        let rows = links.iter().filter(|row| row["from"] == from && row["to"] == to);
        rows.map(|row| row["not_told_apart"].as_str().unwrap()).collect()
    };
    // Two kinds of attack alone: taking the rest for operations changes nothing.
    assert_eq!(readings("islamist-attacks", "islamist-attacks"), ["left-out", "all-attacks"]);
    let all = rows(&sanad("interventions", &["--id", "zarb-e-azb", "--format", "json"]));
    let of = |measure: &str| -> Vec<&serde_json::Value> {
        let national = all.iter().filter(|row| row["region"] == "national");
        national.filter(|row| row["measure"] == measure).collect()
    };
    let operations = of("state-operations");
    let read: Vec<_> = operations.iter().map(|row| row["not_told_apart"].clone()).collect();
    assert_eq!(read, ["left-out", "all-operations"]);
    assert!((0.0..1.0).contains(&operations[0]["share_told"].as_f64().unwrap()));
    assert!(of("events")[0].get("not_told_apart").is_none_or(|of| of.is_null()));
    let starts = ["--id", "zarb-e-azb", "--show", "starts", "--format", "json"];
    let starts = rows(&sanad("interventions", &starts));
    let months: Vec<_> = starts
        .iter()
        .filter(|row| row["region"] == "northwest" && row["measure"] == "events")
        .map(|row| row["from_month"].as_str().unwrap())
        .collect();
    assert_eq!((months.len(), months[0], months[48]), (49, "2012-07", "2016-07"));
}

#[test]
fn what_an_organisation_did_in_a_month_stays_within_its_intervals() {
    let request = ["--organisations", "ttp,bla", "--from", "2010-01", "--format", "json"];
    let with = |threads| sanad("capability", &[&request[..], &["--threads", threads]].concat());
    let (one, two) = (with("1"), with("2"));
    assert_eq!(one.stdout, two.stdout);
    let rows = rows(&one);
    assert!(rows.len() > 100, "{} rows", rows.len());
    let mut several = 0.0;
    for row in &rows {
        let number = |name: &str| row[name].as_f64();
        let attacks = number("attacks").unwrap();
        assert!(number("attacks_low").unwrap() <= attacks, "{row}");
        assert!(attacks <= number("attacks_high").unwrap(), "{row}");
        assert_eq!(attacks > 0.0, number("deaths_per_attack").is_some(), "{row}");
        assert!(number("districts").unwrap() <= attacks, "{row}");
        let days = number("days_in_several_districts").unwrap();
        assert!(2.0 * days <= attacks, "two districts take two attacks: {row}");
        if let (Some(state), Some(others)) =
            (number("share_on_state"), number("share_on_civilians"))
        {
            assert!((state + others - 1.0).abs() < 1e-9, "{row}");
        }
        several += days;
    }
    assert!(several > 0.0);
    let refused = sanad("capability", &["--organisations", "storms"]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn means_of_attack_are_those_that_the_chronicle_and_imported_tables_code() {
    let means = ["--show", "means", "--format", "json"];
    let told = rows(&sanad("capability", &means));
    let drone = told.iter().find(|row| row["means"] == "drone").expect("a drone is told of");
    assert_eq!(
        (drone["organisation"].as_str(), drone["source"].as_str()),
        (Some("ttp"), Some("chronicle"))
    );
    assert_eq!(drone["from"], "2025-05");
    assert!(told.iter().all(|row| row["organisation"] != "gov-iran"), "no state is among them");

    let folder = tempfile::tempdir().expect("a folder");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let run = |arguments: &[&str]| {
        Command::new(SANAD)
            .args(arguments)
            .args(["--observatory", "obs"])
            .current_dir(folder.path())
            .output()
            .expect("the program starts")
    };
    let path = |of: &str| root.join(of).display().to_string();
    assert!(run(&["import", "case", &path("cases/pakistan")]).status.success());
    let row = |id: &str, day: &str, kind: &str, actor: &str| {
        format!(
            "{id},{day},1,Political violence,Explosions/Remote violence,{kind},{actor},Police Forces of Pakistan (2022-),\
             State forces-Rebel group,586,Pakistan,Balochistan,Quetta,30.2,67.0,1,2"
        )
    };
    let header = "event_id_cnty,event_date,time_precision,disorder_type,event_type,sub_event_type,actor1,actor2,\
        interaction,iso,country,admin1,admin2,latitude,longitude,geo_precision,fatalities";
    let file = [
        header.to_owned(),
        row("X1", "2026-01-05", "Suicide bomb", "Pakistani Taliban"),
        row("X2", "2026-01-06", "Armed clash", "Pakistani Taliban"),
        row("X3", "2026-01-07", "Air/drone strike", "Military Forces of Pakistan (2022-)"),
        row("X4", "2026-01-08", "Grenade", "Somebody else"),
    ];
    std::fs::write(folder.path().join("export.csv"), file.join("\n") + "\n").expect("a file");
    let imported = run(&["import", "table", "export.csv", "--map", &path("maps/acled.toml")]);
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    let coded = rows(&run(&[&["capability", "--from", "2026-01"][..], &means].concat()));
    let coded: Vec<String> = coded
        .iter()
        .filter(|row| row["source"] == "acled")
        .map(|row| {
            let text =
                |name: &str| row.get(name).and_then(|it| it.as_str()).unwrap_or("-").to_owned();
            let numbers = ["with_means", "events", "not_coded"].map(|name| row[name].to_string());
            format!("{} {} {}", text("organisation"), text("means"), numbers.join(" "))
        })
        .collect();
    assert_eq!(coded, ["- grenade 1 1 0", "ttp explosive 1 2 1", "ttp suicide 1 2 1"]);
}
