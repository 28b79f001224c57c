//! The folder: opening it, writing to it one at a time, reading it without a lock.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveDate;
use sanad_core::source::Source;

use crate::durable::{self, UNFINISHED};
use crate::error::{Error, Result};
use crate::session::Sessions;
use crate::state::{Snapshot, State};

/// An observatory as it was at one moment. Later imports do not change it; open it again to see
/// them.
#[derive(Debug, Clone)]
pub struct Observatory {
    folder: PathBuf,
    state: State,
    /// What answers questions; clones share it.
    sessions: Sessions,
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
            Some(state) => Ok(Self { folder, state, sessions: Sessions::default() }),
            None => Err(Error::NotAnObservatory { path: folder }),
        }
    }

    /// Opens the observatory in `folder`, or a new and empty one where there is none. Nothing is
    /// written before the first import.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), except that a missing observatory is not an error;
    /// [`Error::Occupied`] when there is none and the folder holds something else.
    pub fn open_or_new(folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        let state = match State::load(&folder)? {
            Some(state) => state,
            None => check_unoccupied(&folder).map(|()| State::default())?,
        };
        Ok(Self { folder, state, sessions: Sessions::default() })
    }

    pub(crate) const fn sessions(&self) -> &Sessions {
        &self.sessions
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
        let path = self.folder.join(LOCK);
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
        let writer = Writer { observatory: self, staged: Vec::new(), _lock: lock };
        writer.sweep();
        Ok(writer)
    }
}

/// The one process that may write, for as long as this value lives.
pub(crate) struct Writer<'a> {
    observatory: &'a mut Observatory,
    /// Files that are written and not yet visible.
    staged: Vec<PathBuf>,
    _lock: File,
}

impl Drop for Writer<'_> {
    /// Removes what was staged and never published: the import failed on the way.
    fn drop(&mut self) {
        let named = self.named_files();
        for path in self.staged.iter().filter(|path| !named.contains(*path)) {
            // A leftover that cannot be removed does no harm: nothing refers to it.
            let _ = fs::remove_file(path);
        }
    }
}

impl Writer<'_> {
    pub(crate) fn observatory(&self) -> &Observatory {
        self.observatory
    }

    /// Remembers a file that becomes visible with the next [`publish`](Self::publish).
    pub(crate) fn staged(&mut self, path: PathBuf) {
        self.staged.push(path);
    }

    /// The snapshot that was made from bytes with this hash, read as `format` with `settings`.
    pub(crate) fn find(&self, format: &str, sha256: &str, settings: &str) -> Option<&Snapshot> {
        self.observatory.snapshots().iter().rev().find(|snapshot| {
            snapshot.format == format && snapshot.sha256 == sha256 && snapshot.settings == settings
        })
    }

    /// Adds snapshots whose files are already on the disk, all at once. One that is there already
    /// becomes the newest.
    pub(crate) fn publish(&mut self, snapshots: Vec<Snapshot>) -> Result<()> {
        if snapshots.is_empty() {
            return Ok(());
        }
        for snapshot in &snapshots {
            write_card(&self.observatory.folder, snapshot)?;
        }
        let mut next = self.observatory.state.clone();
        next.generation += 1;
        next.snapshots.retain(|known| snapshots.iter().all(|new| new.id != known.id));
        next.snapshots.extend(snapshots);
        next.publish(&self.observatory.folder)?;
        self.observatory.state = next;
        Ok(())
    }

    /// Files of records that a state names.
    fn named_files(&self) -> BTreeSet<PathBuf> {
        let snapshots = self.observatory.snapshots().iter();
        let files = snapshots.flat_map(|snapshot| snapshot.files.values());
        files.map(|file| self.observatory.path(file)).collect()
    }

    /// Removes unfinished files and record files that no state names.
    ///
    /// Derived tables and results are written by readers, who hold no lock: an unfinished file
    /// there is left alone until it is old enough to be nobody's.
    fn sweep(&self) {
        let folder = &self.observatory.folder;
        let named = self.named_files();
        for path in files_below(folder, 3) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let of_readers =
                ["derived", "results"].iter().any(|it| path.starts_with(folder.join(it)));
            let unfinished = name.starts_with(UNFINISHED) && (!of_readers || is_old(&path));
            let unnamed = path.starts_with(folder.join("records")) && !named.contains(&path);
            if unfinished || unnamed {
                // A leftover that cannot be removed does no harm: nothing refers to it.
                let _ = fs::remove_file(&path);
            }
        }
    }
}

/// The file that the one writer holds.
const LOCK: &str = ".lock";

/// What an observatory's folder holds; also what a first import leaves that was killed.
const OWN: [&str; 6] = [LOCK, "records", "sources", "states", "derived", "results"];

/// How old an unfinished file of a reader is before it counts as left behind.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

fn is_old(path: &Path) -> bool {
    let modified = fs::metadata(path).and_then(|metadata| metadata.modified());
    modified.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > ABANDONED))
}

/// Refuses a folder that holds somebody's other files: an observatory in it would mix with them.
fn check_unoccupied(folder: &Path) -> Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(Error::io("read", folder, e)),
    };
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let foreign =
        names.filter(|name| !OWN.contains(&name.as_str()) && !name.starts_with(UNFINISHED));
    match foreign.min() {
        Some(found) => Err(Error::Occupied { path: folder.to_owned(), found }),
        None => Ok(()),
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
