//! The files of the case that the project ships.
#![allow(clippy::disallowed_methods, clippy::print_stderr)]

use std::path::Path;

/// A file of the case of Pakistan.
pub(crate) fn case_text(name: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan").join(name);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("skipped: no file {}", path.display());
    }
    text
}
