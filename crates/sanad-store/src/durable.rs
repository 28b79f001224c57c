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
    write: impl FnOnce(&mut UnfinishedFile) -> Result<()>,
) -> Result<Digest> {
    // So that small writes are few calls.
    let mut file = UnfinishedFile::create(path, 1 << 20)?;
    write(&mut file)?;
    file.finish()
}

/// A file under an unfinished name, in its last folder. Dropped before it is
/// [finished](Self::finish) it is removed where that is possible; else the next writer sweeps it.
pub(crate) struct UnfinishedFile {
    /// The name that it is to have.
    path: PathBuf,
    unfinished: PathBuf,
    /// Taken when it is flushed.
    file: Option<BufWriter<NewFile>>,
    is_finished: bool,
}

impl UnfinishedFile {
    /// Begins the file that is to become `path`, written through a buffer of `buffer_bytes`. Folders that
    /// are missing are made.
    pub(crate) fn create(path: &Path, buffer_bytes: usize) -> Result<Self> {
        create_folder(&folder_of(path))?;
        let (unfinished, file) = create_unfinished(path)?;
        let file = Some(BufWriter::with_capacity(buffer_bytes, file));
        Ok(Self { path: path.to_owned(), unfinished, file, is_finished: false })
    }

    /// Flushes it to the disk, gives it its name, which another file may have so far, and flushes the
    /// folder. Says what was written.
    pub(crate) fn finish(mut self) -> Result<Digest> {
        let path = &self.path;
        let closed = self.file.take().ok_or_else(|| std::io::Error::other("it was finished"));
        let file = closed.and_then(|file| file.into_inner().map_err(|e| e.into_error()));
        let unfinished = &self.unfinished;
        let digest = file
            .and_then(|file| file.finish(unfinished))
            .map_err(|e| Error::io("write", unfinished, e))?;
        disk::rename(unfinished, path).map_err(|e| Error::io("rename", path, e))?;
        self.is_finished = true;
        flush_folder(&folder_of(path))?;
        Ok(digest)
    }
}

impl Write for UnfinishedFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.as_mut().map_or(Ok(0), |file| file.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for UnfinishedFile {
    fn drop(&mut self) {
        if !self.is_finished {
            // Closed before it is removed: some systems keep a file that is open.
            drop(self.file.take().map(BufWriter::into_parts));
            // The error that is reported is the first one; a leftover is swept by the next writer.
            let _ = disk::remove(&self.unfinished);
        }
    }
}

/// Replaces `path` by `bytes`.
pub(crate) fn replace_bytes(path: &Path, bytes: &[u8]) -> Result<Digest> {
    replace(path, |file| file.write_all(bytes).map_err(|e| Error::io("write", path, e)))
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
