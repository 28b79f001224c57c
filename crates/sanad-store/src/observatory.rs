//! The folder: opening it, writing to it one at a time, reading it without a lock.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use sanad_core::source::Source;

use crate::durable::{self, UNFINISHED};
use crate::error::{Error, Result};
use crate::state::{Snapshot, State};

/// An observatory as it was at one moment. Later imports do not change it; open it again to see
/// them.
#[derive(Debug, Clone)]
pub struct Observatory {
    folder: PathBuf,
    state: State,
}

impl Observatory {
    /// Opens the observatory in `folder`.
    ///
    /// # Errors
    ///
    /// [`Error::NotAnObservatory`] when the folder holds none; [`Error::Damaged`] when its files
    /// are not as this program writes them.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        match State::load(&folder)? {
            Some(state) => Ok(Self { folder, state }),
            None => Err(Error::NotAnObservatory { path: folder }),
        }
    }

    /// Opens the observatory in `folder`, or a new and empty one where there is none. Nothing is
    /// written before the first import.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), except that a missing observatory is not an error.
    pub fn open_or_new(folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        let state = State::load(&folder)?.unwrap_or_default();
        Ok(Self { folder, state })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All imports, oldest first, also those that newer versions have replaced.
    #[must_use]
    pub fn snapshots(&self) -> &[Snapshot] {
        &self.state.snapshots
    }

    /// Counts up with every import.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.state.generation
    }

    /// The imports of `format` that were known on `as_of` (all of them when it is `None`),
    /// oldest first.
    pub fn known<'a>(
        &'a self,
        format: &'a str,
        as_of: Option<NaiveDate>,
    ) -> impl Iterator<Item = &'a Snapshot> {
        self.snapshots().iter().filter(move |snapshot| {
            snapshot.format == format && as_of.is_none_or(|day| snapshot.source.known_from() <= day)
        })
    }

    /// The newest import of `format` known on `as_of`, by the sources' own order of versions.
    #[must_use]
    pub fn newest<'a>(&'a self, format: &'a str, as_of: Option<NaiveDate>) -> Option<&'a Snapshot> {
        self.known(format, as_of).max_by(|a, b| a.source.precedence(&b.source))
    }

    /// Path of a file that a snapshot names.
    #[must_use]
    pub fn path(&self, relative: &Path) -> PathBuf {
        self.folder.join(relative)
    }

    /// Becomes the only writer. Files that a killed writer left behind are removed.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when another process is writing.
    pub(crate) fn writer(&mut self) -> Result<Writer<'_>> {
        fs::create_dir_all(&self.folder).map_err(|e| Error::io("create", &self.folder, e))?;
        let path = self.folder.join(".lock");
        let lock = File::create(&path).map_err(|e| Error::io("create", &path, e))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Busy { path: self.folder.clone() });
            }
            Err(TryLockError::Error(e)) => return Err(Error::io("lock", &path, e)),
        }
        // What was read before the lock was taken may be out of date.
        self.state = State::load(&self.folder)?.unwrap_or_default();
        let writer = Writer { observatory: self, _lock: lock };
        writer.sweep();
        Ok(writer)
    }
}

/// The one process that may write, for as long as this value lives.
pub(crate) struct Writer<'a> {
    observatory: &'a mut Observatory,
    _lock: File,
}

impl Writer<'_> {
    pub(crate) fn observatory(&self) -> &Observatory {
        self.observatory
    }

    /// The snapshot that was made from bytes with this hash, read as `format`.
    pub(crate) fn find(&self, format: &str, sha256: &str) -> Option<&Snapshot> {
        let known = self.observatory.snapshots().iter();
        known.rev().find(|snapshot| snapshot.format == format && snapshot.sha256 == sha256)
    }

    /// Adds snapshots whose files are already on the disk, all at once.
    pub(crate) fn publish(&mut self, snapshots: Vec<Snapshot>) -> Result<()> {
        if snapshots.is_empty() {
            return Ok(());
        }
        for snapshot in &snapshots {
            write_card(&self.observatory.folder, snapshot)?;
        }
        let mut next = self.observatory.state.clone();
        next.generation += 1;
        next.snapshots.extend(snapshots);
        next.publish(&self.observatory.folder)?;
        self.observatory.state = next;
        Ok(())
    }

    /// Removes unfinished files and record files that no state names.
    fn sweep(&self) {
        let named: BTreeSet<PathBuf> = self
            .observatory
            .snapshots()
            .iter()
            .flat_map(|snapshot| snapshot.files.values())
            .map(|file| self.observatory.path(file))
            .collect();
        for path in files_below(&self.observatory.folder, 3) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let of_records = path.starts_with(self.observatory.folder.join("records"));
            if name.starts_with(UNFINISHED) || (of_records && !named.contains(&path)) {
                // A leftover that cannot be removed does no harm: nothing refers to it.
                let _ = fs::remove_file(&path);
            }
        }
    }
}

fn files_below(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        if path.is_dir() {
            if depth > 0 {
                found.extend(files_below(&path, depth - 1));
            }
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn write_card(folder: &Path, snapshot: &Snapshot) -> Result<()> {
    #[derive(serde::Serialize)]
    struct Card<'a> {
        file: &'a str,
        sha256: &'a str,
        source: &'a Source,
    }
    let path = folder.join("sources").join(format!("{}.toml", snapshot.id));
    let card = Card { file: &snapshot.file, sha256: &snapshot.sha256, source: &snapshot.source };
    let text = toml::to_string(&card).map_err(|e| Error::damaged(&path, e))?;
    durable::replace_bytes(&path, text.as_bytes())
}
