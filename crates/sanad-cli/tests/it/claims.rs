//! The claims of the first case on trial, and the organisations' network, from a bare clone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{Lab, SANAD, header, row};

fn case_of_pakistan() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan")
}

/// The case without its daily counts: estimating excitation takes longer than a test may, and has
/// tests of its own.
fn without_days() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(case_of_pakistan()).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let card = folder.path().join("case.toml");
    let text = fs::read_to_string(&card).unwrap();
    let figure = "[[figure]]\nfile = \"ucdp-ged-days.parquet\"\nformat = \"day-counts\"\ncard = \"ucdp-ged-days.toml\"\n";
    assert!(text.contains(figure));
    fs::write(&card, text.replace(figure, "")).unwrap();
    folder
}

fn sanad(command: &str, more: &[&str]) -> Output {
    let case = without_days();
    Command::new(SANAD)
        .arg(command)
        .arg(case.path())
        .args(more)
        .output()
        .expect("the program starts")
}

fn rows(output: &Output) -> Vec<serde_json::Value> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_claim_has_a_verdict_with_what_it_rests_on() {
    let rows = rows(&sanad("claims", &["--format", "json"]));
    let declared = fs::read_to_string(case_of_pakistan().join("claims.toml")).unwrap();
    assert_eq!(rows.len(), declared.matches("\n[[claim]]\n").count());
    for row in &rows {
        let verdict = row["verdict"].as_str().unwrap();
        let daily =
            ["excitation", "network-permutation"].contains(&row["procedure"].as_str().unwrap());
        assert!(!daily || verdict == "not testable", "without daily counts: {row}");
        if verdict == "not testable" {
            let needs = row["needs"].as_str().unwrap_or_default();
            assert!(needs.len() > 10 && row.get("effect").is_none(), "{row}");
            continue;
        }
        assert!(["supported", "contradicted", "inconclusive"].contains(&verdict), "{row}");
        let number = |name: &str| row[name].as_f64().unwrap();
        let (low, effect, high) = (number("effect_low"), number("effect"), number("effect_high"));
        assert!(low <= effect && effect <= high, "{row}");
        assert!(number("p_adjusted") >= number("p_value"), "{row}");
        let whole =
            low > 0.0 && number("p_adjusted") <= 0.05 && high >= number("size_that_matters");
        let withheld = row.get("withheld").is_some_and(|row| row.is_string());
        assert_eq!(verdict == "supported", whole && !withheld, "{row}");
        assert!((0.0..=1.0).contains(&number("power")), "{row}");
    }
}

#[test]
fn pages_map_and_table_are_the_same_on_one_thread_and_on_two() {
    let folder = tempfile::tempdir().unwrap();
    let written = |threads: &str| {
        let out = folder.path().join(threads);
        let output = sanad("claims", &["--threads", threads, "--out", out.to_str().unwrap()]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let mut files: Vec<(PathBuf, Vec<u8>)> = fs::read_dir(&out)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.file_name().unwrap().into(), fs::read(path).unwrap()))
            .collect();
        files.sort();
        files
    };
    let (one, two) = (written("1"), written("2"));
    assert!(one.len() >= 38, "{} files", one.len());
    assert!(one == two);
    let pages =
        one.iter().filter(|file| file.0.extension().is_some_and(|extension| extension == "html"));
    for (name, bytes) in pages {
        let page = String::from_utf8_lossy(bytes);
        for forbidden in ["<script", "<link", "http://", "https://", "NaN", " inf "] {
            let page = page.replace("http://www.w3.org/2000/svg", "");
            assert!(!page.contains(forbidden), "{}: {forbidden}", name.display());
        }
    }
}

#[test]
fn an_ablation_is_used_while_it_belongs_to_the_case_and_else_the_page_says_what_to_run() {
    let of = |folder: &Path, id: &str| {
        let output = Command::new(SANAD)
            .args(["claims", folder.to_str().unwrap(), "--format", "json", "--claim", id])
            .output()
            .expect("the program starts");
        rows(&output).remove(0)
    };
    let case = without_days();
    let id = "governance-strain-precedes-violence";
    let tested = of(case.path(), id);
    assert_ne!(tested["verdict"], "not testable", "the shipped ablation is of other files");
    let number = |name: &str| tested[name].as_f64().unwrap();
    assert!(number("effect_low") < number("effect") && number("effect") < number("effect_high"));
    assert_eq!(tested["procedure"], "forecast-ablation");
    let other = of(case.path(), "narrative-strain-precedes-violence");
    assert!(other["needs"].as_str().unwrap().contains("narrative front"), "{other}");

    let indicators = case.path().join("indicators.toml");
    let text = fs::read_to_string(&indicators).unwrap();
    fs::write(&indicators, text + "# Another file.\n").unwrap();
    let stale = of(case.path(), id);
    assert_eq!(stale["verdict"], "not testable");
    let needs = stale["needs"].as_str().unwrap();
    assert!(needs.contains("indicators") && needs.contains("sanad ablation"), "{needs}");
}

#[test]
fn a_monthly_release_after_the_counts_of_the_case_leaves_its_ablation_in_use() {
    let (case, lab) = (without_days(), Lab::bare());
    lab.done(&["import", "case", case.path().to_str().unwrap()]);
    let event = row(&[("date_start", "2023-10-05"), ("date_end", "2023-10-05")]);
    lab.write("GEDEvent_v23_0_10.csv", [header(), event].join("\n"));
    lab.done(&["import", "ucdp-ged", "GEDEvent_v23_0_10.csv"]);
    let id = "governance-strain-precedes-violence";
    let expected = lab.done(&["claims", "--format", "json", "--claim", id]);
    let tested: Vec<serde_json::Value> = serde_json::from_str(&expected).unwrap();
    assert_ne!(tested[0]["verdict"], "not testable", "{expected}");
}

#[test]
fn a_verdict_does_not_depend_on_which_claim_is_asked_for() {
    let all = rows(&sanad("claims", &["--format", "json"]));
    let tested = all.iter().find(|row| row["verdict"] != "not testable").unwrap();
    let id = tested["claim"].as_str().unwrap();
    let alone = rows(&sanad("claims", &["--format", "json", "--claim", id]));
    assert_eq!(alone, std::slice::from_ref(tested));
    assert_eq!(sanad("claims", &["--claim", "no-such-claim"]).status.code(), Some(2));
}

#[test]
fn the_network_holds_organisations_of_the_case_and_no_person() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ties.gexf");
    assert!(sanad("network", &["--out", path.to_str().unwrap()]).status.success());
    let gexf = fs::read_to_string(&path).unwrap();
    let actors = fs::read_to_string(case_of_pakistan().join("actors.toml")).unwrap();
    let actors: toml::Table = actors.parse().unwrap();
    let names: Vec<&str> = actors["actor"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|actor| ["name", "short"].map(|field| actor.get(field)?.as_str()))
        .flatten()
        .collect();
    let labels: Vec<&str> =
        gexf.split(" label=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(labels.len() >= 20, "{}", labels.len());
    for label in labels {
        assert!(names.contains(&label), "{label} is no actor of the case");
    }
    // A node has a family and a tie has a kind; there is no room for a person.
    let titles: Vec<&str> =
        gexf.split(" title=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(titles, ["family", "tie"]);
}

#[test]
fn the_network_of_a_month_lists_every_organisation_and_changes_with_an_alliance() {
    let connected = |month: &str| {
        let rows = rows(&sanad("network", &["--month", month, "--format", "json"]));
        let found = rows.iter().find(|row| row["organisation"] == "BLA").expect("a row");
        found["component_size"].as_i64().unwrap()
    };
    assert!(connected("2018-10") < connected("2018-12"));
    let path = tempfile::tempdir().unwrap().path().join("ties.xml");
    let refused = sanad("network", &["--out", path.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(2));
}
