//! A real browser, where one is at hand.

use std::process::Command;

use crate::support::SHARED;

/// The browser's own words for what the page became, at a width.
fn dump(path: &str, width: u32) -> Option<String> {
    let profile = tempfile::tempdir().unwrap();
    let run = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "--timeout=20000"])
        .arg(format!("--window-size={width},900"))
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("http://{}{path}", SHARED.address))
        .output();
    match run {
        Ok(output) if output.status.success() => {
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Ok(output) => {
            println!("skipped: chromium failed: {}", String::from_utf8_lossy(&output.stderr));
            None
        }
        Err(error) => {
            println!("skipped: no chromium on this machine ({error})");
            None
        }
    }
}

#[test]
fn a_browser_shows_the_map_and_follows_a_number_to_its_records() {
    // Computed before, so that the browser meets the finished page.
    for path in ["/map?unit=adm1", "/why?place=PK2&month=2021-10&unit=adm1"] {
        assert_eq!(SHARED.get(path).status, 200);
    }
    let Some(map) = dump("/map?unit=adm1", 360) else { return };
    assert!(map.contains("<svg") && map.contains("Most, by name"), "{map}");
    let Some(why) = dump("/why?place=PK2&month=2021-10&unit=adm1", 360) else { return };
    assert!(
        why.contains("Counts here") && why.contains("source_row") || why.contains("Row"),
        "{why}"
    );
}
