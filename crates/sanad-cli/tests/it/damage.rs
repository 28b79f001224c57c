//! Observatories whose files were damaged by something else than this program.

use std::path::PathBuf;

use crate::support::{Lab, OBSERVATORY, events, row};

const PANEL: [&str; 9] = [
    "panel",
    "--unit",
    "adm2",
    "--from",
    "2021-01",
    "--to",
    "2021-12",
    "--observatory",
    OBSERVATORY,
];

/// The files of an observatory whose path contains all of `parts`; there must be some.
fn files(lab: &Lab, parts: &[&str]) -> Vec<(PathBuf, Vec<u8>)> {
    let holds = |path: &PathBuf| parts.iter().all(|part| path.to_string_lossy().contains(part));
    let found: Vec<_> = lab.contents().into_iter().filter(|(path, _)| holds(path)).collect();
    assert!(!found.is_empty(), "no file {parts:?}");
    found
}

/// Changes every file that matches, then asks for a panel; it must be refused.
fn damaged(name: &str, parts: &[&str], change: impl Fn(&[u8]) -> Option<Vec<u8>>) {
    let lab = Lab::new();
    for (path, bytes) in files(&lab, parts) {
        match change(&bytes) {
            Some(bytes) => lab.write(path.to_str().unwrap(), bytes),
            None => std::fs::remove_file(lab.path(path.to_str().unwrap())).unwrap(),
        }
    }
    lab.refused(name, &PANEL);
}

fn half(bytes: &[u8]) -> Option<Vec<u8>> {
    Some(bytes[..bytes.len() / 2].to_vec())
}

fn text(text: &str) -> impl Fn(&[u8]) -> Option<Vec<u8>> {
    let bytes = text.as_bytes().to_vec();
    move |_| Some(bytes.clone())
}

#[test]
fn a_damaged_pointer_or_state_is_told() {
    damaged("damage-pointer-empty", &["CURRENT"], text(""));
    damaged("damage-pointer-words", &["CURRENT"], text("the newest"));
    damaged("damage-pointer-to-nothing", &["CURRENT"], text("17\n"));
    damaged("damage-pointer-missing", &["CURRENT"], |_| None);
    damaged("damage-state-cut", &["states"], half);
    damaged("damage-state-empty", &["states"], text(""));
    damaged("damage-state-not-text", &["states"], |_| Some(vec![0xff, 0xfe, 0, 1]));
    damaged("damage-state-of-the-future", &["states"], text("layout = 99\ngeneration = 2\n"));
}

#[test]
fn damaged_records_are_told() {
    damaged("damage-events-cut", &["records", "event"], half);
    damaged("damage-events-empty", &["records", "event"], text(""));
    damaged("damage-events-missing", &["records", "event"], |_| None);
    damaged("damage-locations-cut", &["records", "location"], half);
    damaged("damage-places-cut", &["records", "places"], half);
    damaged("damage-places-missing", &["records", "places"], |_| None);
}

#[test]
fn no_single_damaged_byte_makes_the_program_panic() {
    let lab = Lab::new();
    for (path, bytes) in files(&lab, &["records", "parquet"]) {
        if !path.to_string_lossy().contains("/event/")
            && !path.to_string_lossy().contains("/location/")
        {
            continue;
        }
        for at in (0..bytes.len()).step_by(bytes.len() / 12) {
            let mut broken = bytes.clone();
            broken[at] ^= 0xff;
            lab.write(path.to_str().unwrap(), broken);
            let _ = std::fs::remove_dir_all(lab.path("observatory/derived"));
            let _ = std::fs::remove_dir_all(lab.path("observatory/results"));
            let outcome = lab.run(&PANEL);
            // A byte that no checksum covers may go unseen; a crash may not.
            assert!(matches!(outcome.code, Some(0 | 1)), "byte {at} of {}", path.display());
            assert!(!outcome.stderr.contains("panicked"), "byte {at}: {}", outcome.stderr);
        }
        lab.write(path.to_str().unwrap(), bytes);
    }
}

#[test]
fn what_was_computed_and_then_damaged_is_computed_again() {
    let lab = Lab::new();
    let first = lab.run(&PANEL);
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    for (path, bytes) in
        files(&lab, &["derived"]).into_iter().chain(files(&lab, &["results", "parquet"]))
    {
        lab.write(path.to_str().unwrap(), &bytes[..bytes.len() / 2]);
    }
    assert_eq!(lab.run(&PANEL).stdout, first.stdout);
    for (path, _) in files(&lab, &["results", "manifest"]) {
        lab.write(path.to_str().unwrap(), "");
    }
    let counted = ["sql", "SELECT COUNT(*) FROM events", "--observatory", OBSERVATORY];
    assert_eq!(lab.run(&counted).code, Some(0));
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written_to_is_told() {
    use std::os::unix::fs::PermissionsExt;

    let lab = Lab::new();
    lab.write("next.csv", events(&[row(&[])]));
    let folders = ["", "/records", "/records/event", "/states", "/sources"];
    let all = |mode: u32| {
        for folder in folders {
            let path = lab.path(&format!("{OBSERVATORY}{folder}"));
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    all(0o555);
    let probe = lab.path("observatory/probe");
    if std::fs::write(&probe, "").is_ok() {
        std::fs::remove_file(&probe).unwrap();
        all(0o755);
        eprintln!("skipped: this user may write anywhere");
        return;
    }
    let import = ["import", "ucdp-ged", "next.csv", "--observatory", OBSERVATORY];
    let outcome = lab.run(&import);
    lab.refused("damage-folder-read-only", &import);
    all(0o755);
    assert_eq!(outcome.code, Some(1));
}
