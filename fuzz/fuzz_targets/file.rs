//! The bytes of an input as a file, for readers that take paths: one per process and name.

use std::path::PathBuf;

pub fn of(name: &str, data: &[u8]) -> PathBuf {
    let path = std::env::temp_dir().join(format!("sanad-fuzz-{}-{name}", std::process::id()));
    std::fs::write(&path, data).expect("a temporary file");
    path
}
