//! Real files, where a machine has them.
#![allow(clippy::disallowed_methods, clippy::print_stderr)]

use std::fs::File;
use std::path::PathBuf;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file of the folder of real data: `SANAD_DATA`, else `../shared/data` beside the workspace.
pub(crate) fn open(name: &str) -> Option<File> {
    let folder =
        std::env::var_os("SANAD_DATA").map_or_else(|| root().join("../shared/data"), PathBuf::from);
    let path = folder.join(name);
    let file = File::open(&path).ok();
    if file.is_none() {
        eprintln!("skipped: no file {}", path.display());
    }
    file
}
