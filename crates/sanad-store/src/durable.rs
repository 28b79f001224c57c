//! Writing so that a process killed anywhere leaves the old file or the new one.

use std::fs::{self, File};
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

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
    create_folder(&folder)?;
    let (unfinished, file) = create_unfinished(path)?;
    let result = write_synced(file, &unfinished, write).and_then(|value| {
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
    file: File,
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<T>,
) -> Result<T> {
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

/// Opens a file that nobody else has: neither another thread, nor another process, nor a killed
/// one whose number this process was given again.
fn create_unfinished(path: &Path) -> Result<(PathBuf, File)> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let unfinished = format!("{UNFINISHED}{}-{count}-{name}", std::process::id());
        let unfinished = folder_of(path).join(unfinished);
        match File::create_new(&unfinished) {
            Ok(file) => return Ok((unfinished, file)),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            Err(e) => return Err(Error::io("write", path, e)),
        }
    }
}

/// Creates a folder and those it lies in, each flushed to the one it lies in.
fn create_folder(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder_of(folder);
    create_folder(&parent)?;
    match fs::create_dir(folder) {
        Ok(()) => sync_folder(&parent),
        // Another process may have been faster.
        Err(e) if e.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(e) => Err(Error::io("create", folder, e)),
    }
}

fn sync_folder(folder: &Path) -> Result<()> {
    // Folders cannot be opened for flushing on every system; where they can, a failure counts.
    if cfg!(unix) {
        let handle = File::open(folder).map_err(|e| Error::io("open", folder, e))?;
        handle.sync_all().map_err(|e| Error::io("write", folder, e))?;
    }
    Ok(())
}
