//! Writing so that a process killed anywhere leaves the old file or the new one.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Prefix of files that are being written; nothing refers to them.
pub(crate) const UNFINISHED: &str = ".unfinished-";

/// Writes a file under an unfinished name, flushes it to the disk, then renames it to `path` and
/// flushes the folder.
pub(crate) fn replace<T>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<T>,
) -> Result<T> {
    let folder = folder_of(path);
    fs::create_dir_all(&folder).map_err(|e| Error::io("create", &folder, e))?;
    let unfinished = unfinished_name(path);
    let result = write_synced(&unfinished, write).and_then(|value| {
        fs::rename(&unfinished, path).map_err(|e| Error::io("rename", path, e))?;
        sync_folder(&folder)?;
        Ok(value)
    });
    if result.is_err() {
        // The error that is reported is the first one; a leftover is swept by the next writer.
        let _ = fs::remove_file(&unfinished);
    }
    result
}

/// Replaces `path` by `bytes`.
pub(crate) fn replace_bytes(path: &Path, bytes: &[u8]) -> Result<()> {
    replace(path, |file| file.write_all(bytes).map_err(|e| Error::io("write", path, e)))
}

fn write_synced<T>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<T>,
) -> Result<T> {
    let file = File::create(path).map_err(|e| Error::io("create", path, e))?;
    let mut buffered = BufWriter::with_capacity(1 << 20, file);
    let value = write(&mut buffered)?;
    let file = buffered.into_inner().map_err(|e| Error::io("write", path, e.into_error()))?;
    file.sync_all().map_err(|e| Error::io("write", path, e))?;
    Ok(value)
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn unfinished_name(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    folder_of(path).join(format!("{UNFINISHED}{}-{name}", std::process::id()))
}

fn sync_folder(folder: &Path) -> Result<()> {
    // Folders cannot be opened for flushing on every system; where they can, a failure counts.
    if cfg!(unix) {
        let handle = File::open(folder).map_err(|e| Error::io("open", folder, e))?;
        handle.sync_all().map_err(|e| Error::io("write", folder, e))?;
    }
    Ok(())
}
