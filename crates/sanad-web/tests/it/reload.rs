//! An import while readers ask: no answer is lost, and none mixes two states.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sanad_store::Observatory;

use crate::support::{Workbench, case_folder, copy, day};

/// What stands between two texts.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    page.split(before).nth(1).and_then(|rest| rest.split(after).next()).unwrap_or_default()
}

#[test]
fn an_import_in_the_middle_loses_no_answer_and_mixes_no_two_states() {
    let workbench = Workbench::start();
    let title = |page: &str| between(page, "<dt>Case</dt><dd>", "<").to_owned();
    let state = |page: &str| between(page, "State of the observatory: ", " ").to_owned();
    let first = workbench.get("/about").text();
    let before = (title(&first), state(&first));
    assert!(!before.0.is_empty() && !before.1.is_empty(), "{first}");
    let changed = tempfile::tempdir().unwrap();
    copy(&case_folder(), changed.path());
    let card = changed.path().join("case.toml");
    let text = fs::read_to_string(&card).unwrap();
    fs::write(
        &card,
        text.replacen(&format!("title = \"{}\"", before.0), "title = \"Another title\"", 1),
    )
    .unwrap();
    let is_over = AtomicBool::new(false);
    let seen = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut seen = Vec::new();
            while !is_over.load(Ordering::SeqCst) {
                let reply = workbench.get("/about");
                assert_eq!(reply.status, 200, "{}", reply.text());
                seen.push((title(&reply.text()), state(&reply.text())));
                std::thread::sleep(Duration::from_millis(5));
            }
            seen
        });
        let mut observatory = Observatory::open(workbench.folder.path()).unwrap();
        observatory.import_case(changed.path(), false, day()).unwrap();
        for _ in 0..100 {
            std::thread::sleep(Duration::from_millis(100));
            if title(&workbench.get("/about").text()) == "Another title" {
                break;
            }
        }
        is_over.store(true, Ordering::SeqCst);
        reader.join().unwrap()
    });
    let last = workbench.get("/about").text();
    let after = (title(&last), state(&last));
    assert_eq!(after.0, "Another title");
    assert_ne!(after.1, before.1);
    assert!(seen.len() > 10);
    for answer in seen {
        assert!(answer == before || answer == after, "{answer:?}");
    }
}
