//! Pages that are written from the program or the case, and held to it by a test.

use std::fs;
use std::path::PathBuf;

/// Fails unless the page at `path`, from the root of the repository, is `expected`. With
/// INSTA_UPDATE=always it is written first. `test` names the test that does so.
pub(crate) fn hold(path: &str, expected: &str, test: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    if std::env::var("INSTA_UPDATE").is_ok_and(|mode| mode == "always") {
        fs::write(&file, expected).unwrap();
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    let differs = expected.lines().zip(found.lines().chain(std::iter::repeat("")));
    let first = differs.enumerate().find(|(_, (expected, found))| expected != found);
    assert!(
        found == expected,
        "{path} is out of date, first at {first:?}; INSTA_UPDATE=always cargo test -p sanad-cli \
         {test} writes it anew"
    );
}
