//! `sanad publish` as a person runs it: what it says, a second run, and a run that is killed.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Lab, OBSERVATORY, events, row};

const PUBLISH: [&str; 5] = ["publish", "--observatory", OBSERVATORY, "--out", "site"];

/// The run that `latest` leads to; nothing where there is none yet.
fn newest(lab: &Lab) -> Option<String> {
    let page = fs::read_to_string(lab.path("site/latest/index.html")).ok()?;
    let run = page.split("url=../").nth(1)?.split('/').next()?.to_owned();
    for file in ["index.html", "changes.html", "map.html", "run.json", "api/v1/panel.csv"] {
        let path = lab.path("site").join(&run).join(file);
        assert!(path.is_file(), "{} is not there", path.display());
    }
    Some(run)
}

/// Names of the runs.
fn runs(site: &Path) -> Vec<String> {
    let entries: Vec<fs::DirEntry> =
        fs::read_dir(site).map(|entries| entries.flatten().collect()).unwrap_or_default();
    let names = entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("20")).collect();
    names.sort();
    names
}

#[test]
fn a_run_says_where_to_begin_and_the_same_state_is_not_published_twice() {
    let lab = Lab::new();
    let first = lab.run(&PUBLISH);
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    assert!(first.stderr.contains("begin at site/latest/index.html"), "{}", first.stderr);
    let run = newest(&lab).expect("a run");
    let again = lab.run(&PUBLISH);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(again.stderr.contains("nothing changed"), "{}", again.stderr);
    assert_eq!(runs(&lab.path("site")), [run]);
    let other = lab.run(&["publish", "--observatory", OBSERVATORY, "--out", OBSERVATORY]);
    assert_eq!(other.code, Some(1));
    assert!(other.stderr.contains("hint: name an empty folder"), "{}", other.stderr);
}

#[test]
fn a_run_that_is_killed_anywhere_leaves_the_old_folder_or_the_new() {
    let lab = Lab::new();
    let begun = Instant::now();
    assert_eq!(lab.run(&PUBLISH).code, Some(0));
    let whole = begun.elapsed();
    for round in 1..=4_u32 {
        let id = (2000 + round).to_string();
        let file = format!("GEDEvent_v{}_1.csv", 22 + round);
        lab.write(&file, events(&[row(&[("id", &id)])]));
        lab.done(&["import", "ucdp-ged", &file]);
        let before = newest(&lab);
        let all = runs(&lab.path("site"));
        let mut command = lab.command(&PUBLISH);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole.mul_f64(f64::from(round) / 4.0).max(Duration::from_millis(20)));
        child.kill().unwrap();
        child.wait().unwrap();
        let after = runs(&lab.path("site"));
        assert!(after.starts_with(&all) && after.len() <= all.len() + 1, "{all:?} {after:?}");
        let latest = newest(&lab);
        assert!(latest == before || latest.as_ref() == after.last(), "{latest:?}");
        let next = lab.run(&PUBLISH);
        assert_eq!(next.code, Some(0), "round {round}: {}", next.stderr);
        let found = runs(&lab.path("site"));
        assert_eq!(found.len(), all.len() + 1, "round {round}: {found:?}");
        assert_eq!(newest(&lab).as_ref(), found.last());
        assert!(!lab.path("site/.unfinished").exists());
    }
}
