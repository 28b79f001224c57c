//! Writing so that a process killed anywhere leaves the old file or the new one.
//!
//! The order is what does it: write under another name, flush the file, rename it, flush the
//! folder. A rename replaces the old file in one step; without the flush before it, a power cut
//! could leave the new name with no bytes, and without the one after it the old name.

use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::disk::{self, NewFile};
use crate::error::{Error, Result};
use crate::hash::Digest;

/// Prefix of files that are being written; nothing refers to them. The process's number and a count
/// follow, then the name they are to have.
pub(crate) const UNFINISHED: &str = ".unfinished-";

/// Writes a file under an unfinished name, flushes it to the disk, then renames it to `path` and
/// flushes the folder. Says what was written. Folders that are missing are made.
///
/// # Errors
///
/// [`Error::Io`] for the first call that failed; the unfinished file is then removed where that is
/// possible. What `write` gives.
pub(crate) fn replace(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<NewFile>) -> Result<()>,
) -> Result<Digest> {
    let folder = folder_of(path);
    create_folder(&folder)?;
    let (unfinished, file) = create_unfinished(path)?;
    let result = write_flushed(file, &unfinished, write).and_then(|digest| {
        disk::rename(&unfinished, path).map_err(|e| Error::io("rename", path, e))?;
        flush_folder(&folder)?;
        Ok(digest)
    });
    if result.is_err() {
        // The error that is reported is the first one; a leftover is swept by the next writer.
        let _ = disk::remove(&unfinished);
    }
    result
}

/// Replaces `path` by `bytes`.
pub(crate) fn replace_bytes(path: &Path, bytes: &[u8]) -> Result<Digest> {
    replace(path, |file| file.write_all(bytes).map_err(|e| Error::io("write", path, e)))
}

/// Writes through a buffer of 1 MiB, so that small writes are few calls, and flushes.
fn write_flushed(
    file: NewFile,
    path: &Path,
    write: impl FnOnce(&mut BufWriter<NewFile>) -> Result<()>,
) -> Result<Digest> {
    let mut buffered = BufWriter::with_capacity(1 << 20, file);
    write(&mut buffered)?;
    let file = buffered.into_inner().map_err(|e| Error::io("write", path, e.into_error()))?;
    file.finish(path).map_err(|e| Error::io("write", path, e))
}

/// The folder of a file; the present one for a bare name.
fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Opens a file that nobody else has: neither another thread, nor another process, nor a killed
/// one whose number this process was given again.
fn create_unfinished(path: &Path) -> Result<(PathBuf, NewFile)> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let unfinished = format!("{UNFINISHED}{}-{count}-{name}", std::process::id());
        let unfinished = folder_of(path).join(unfinished);
        match NewFile::create(&unfinished) {
            Ok(file) => return Ok((unfinished, file)),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            Err(e) => return Err(Error::io("write", path, e)),
        }
    }
}

/// Creates a folder and those it lies in, each flushed to the one it lies in.
pub(crate) fn create_folder(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder_of(folder);
    create_folder(&parent)?;
    match disk::create_folder(folder) {
        Ok(()) => flush_folder(&parent),
        // Another process may have been faster.
        Err(e) if e.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(e) => Err(Error::io("create", folder, e)),
    }
}

/// Moves a file to a place below `aside`, out of the way and not lost. It keeps its path relative
/// to `root` there.
pub(crate) fn set_aside(root: &Path, aside: &Path, path: &Path) -> Result<()> {
    let relative = path.strip_prefix(root).unwrap_or(path);
    let target = aside.join(relative);
    create_folder(&folder_of(&target))?;
    disk::rename(path, &target).map_err(|e| Error::io("rename", path, e))
}

/// Flushes a folder, so that the names in it are kept.
pub(crate) fn flush_folder(folder: &Path) -> Result<()> {
    disk::flush_folder(folder).map_err(|e| Error::io("flush", folder, e))
}
