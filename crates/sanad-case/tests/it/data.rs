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

/// A file of the folder of real data: `SANAD_DATA`, else `../shared/data` beside the workspace.
pub(crate) fn open(name: &str) -> Option<std::fs::File> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("SANAD_DATA").map_or(beside, std::path::PathBuf::from);
    let path = folder.join(name);
    let file = std::fs::File::open(&path).ok();
    if file.is_none() {
        eprintln!("skipped: no file {}", path.display());
    }
    file
}
