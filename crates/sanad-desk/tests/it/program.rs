//! The program: what it says, and with which exit code.

use std::path::Path;
use std::process::{Command, Output};

use jiff::civil::date;
use sanad_desk::NO_AUDIT;
use sanad_desk::ledger::{DayBatch, Hash256, Ledger};

fn run(arguments: &[&Path], options: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sanad-desk"));
    command.args(options).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_ledger_is_verified_without_an_account_and_a_cut_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    let mut ledger = Ledger::new("Invented desk");
    let batch = DayBatch::fill(&[], || Hash256([4; 32]));
    ledger.append(date(2026, 1, 1), batch.root()).unwrap();
    let short = ledger.to_text();
    ledger.append(date(2026, 1, 2), batch.root()).unwrap();
    let head = ledger.head().to_hex();
    std::fs::write(&path, ledger.to_text()).unwrap();
    let output = run(&[&path], &["verify", "--head", &head, "--reaches", "2026-01-02"]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("2 days, 0 proofs, head {head}\n"));
    std::fs::write(&path, short).unwrap();
    for options in [["verify", "--head", head.as_str()], ["verify", "--reaches", "2026-01-02"]] {
        let output = run(&[&path], &options);
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains("it was cut off"), "{}", said(&output));
    }
}

#[test]
fn every_start_says_that_there_was_no_audit() {
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/desk.toml");
    let output = run(&[Path::new(demo)], &["check"]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(said(&output), format!("{NO_AUDIT}\n"));
}

#[test]
fn wrong_use_has_an_exit_code_of_its_own() {
    assert_eq!(run(&[], &["serve"]).status.code(), Some(2), "there is no server yet");
    assert_eq!(run(&[Path::new("/nowhere")], &["check"]).status.code(), Some(1));
}
