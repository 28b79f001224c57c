//! The folder: opening it, writing to it one at a time, reading it without a lock.
//!
//! What is in it:
//!
//! - `CURRENT`, the pointer that names the newest state, and `states/` with the last few states,
//!   the pages of imports that they share, and a copy of the pointer;
//! - `records/<kind>/series=<id>/…`, the records of imports, never changed once they are named;
//! - `sources/`, a card for each import that says all a state says of it;
//! - `derived/`, `results/` and `answers/`, what can be computed again;
//! - `aside/`, what nothing referred to, for a few states; `.lock`, which the one writer holds.
//!
//! Readers take no lock: a state names files that are never written to, so that what was opened
//! stays as it was while somebody imports.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveDate;

use crate::card::is_under_other_card;
use crate::disk;
use crate::durable::{self, UNFINISHED};
use crate::elsewhere::Workplace;
use crate::engine::read_parquet;
use crate::error::{Error, Result};
use crate::hash::Digest;
use crate::pointer::{Pointer, PointerFile};
use crate::read_places::ReadPlaces;
use crate::session::Sessions;
use crate::shelf::Shelf;
use crate::snapshot::Snapshot;
use crate::state::{KEPT_STATES, State, StateName};
use crate::verify::VerifiedFiles;

/// An observatory as it was at one moment. Later imports do not change it; open it again to see
/// them. Its own imports are the exception: they leave it at the state that they made. Cloning is
/// cheap, since clones share threads, caches and what was checked.
#[derive(Debug, Clone)]
pub struct Observatory {
    folder: PathBuf,
    state: State,
    /// What answers questions; clones share it.
    sessions: Sessions,
    /// Where plans are executed.
    pub(crate) workplace: Workplace,
    /// Files that were checked; clones share it.
    verified: VerifiedFiles,
    /// Where computed tables are kept; clones share it.
    shelf: Shelf,
    /// The places that were read last; clones share it.
    read_places: ReadPlaces,
    /// Above how many bytes files of events are read in parts, where somebody said so.
    parts_above_bytes: Option<u64>,
}

impl Observatory {
    /// An observatory at a state that was read.
    pub(crate) fn new(folder: PathBuf, state: State) -> Self {
        let shelf = Shelf::new(&folder);
        let (sessions, verified) = (Sessions::default(), VerifiedFiles::default());
        let (workplace, read_places) = (Workplace::default(), ReadPlaces::default());
        Self {
            folder,
            state,
            sessions,
            workplace,
            verified,
            shelf,
            read_places,
            parts_above_bytes: None,
        }
    }

    /// Opens the observatory in `folder`. Reads the pointer, the state and its pages, each checked
    /// against its hash. Files of records are checked when they are first read.
    ///
    /// # Errors
    ///
    /// [`Error::NotAnObservatory`] when the folder holds none; [`Error::Damaged`] when its files
    /// are not as this program writes them.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        check_path(&folder)?;
        match State::load(&folder)? {
            Some(state) => Ok(Self::new(folder, state)),
            None => Err(Error::NotAnObservatory { path: folder }),
        }
    }

    /// Opens the folder again as it is now, with plans executed where this observatory's are.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn reopen(&self) -> Result<Self> {
        let mut newer = Self::open(&self.folder)?;
        newer.workplace = self.workplace.clone();
        newer.parts_above_bytes = self.parts_above_bytes;
        Ok(newer)
    }

    /// Opens the observatory in `folder`, or a new and empty one where there is none. Nothing is
    /// written before the first import. A folder that a killed first import left behind counts as
    /// empty.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), except that a missing observatory is not an error;
    /// [`Error::Occupied`] when there is none and the folder holds something else.
    pub fn open_or_new(folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        check_path(&folder)?;
        let state = match State::load(&folder)? {
            Some(state) => state,
            None => check_unoccupied(&folder).map(|()| State::default())?,
        };
        Ok(Self::new(folder, state))
    }

    pub(crate) const fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    pub(crate) const fn workplace(&self) -> &Workplace {
        &self.workplace
    }

    pub(crate) const fn verified(&self) -> &VerifiedFiles {
        &self.verified
    }

    pub(crate) const fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    pub(crate) const fn read_places(&self) -> &ReadPlaces {
        &self.read_places
    }

    pub(crate) const fn state(&self) -> &State {
        &self.state
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// This observatory, which reads files of events of more than `bytes` bytes in parts, with memory that
    /// does not grow with them. The records are the same as if they were read as a whole, which takes less
    /// time. Usual are 256 MiB for UCDP GED and 32 MiB for a table by a map.
    #[must_use]
    pub fn with_parts_above(mut self, bytes: u64) -> Self {
        self.parts_above_bytes = Some(bytes);
        self
    }

    /// Above how many bytes files of events are read in parts; `usual` where nobody said.
    pub(crate) fn parts_above(&self, usual: u64) -> u64 {
        self.parts_above_bytes.unwrap_or(usual)
    }

    /// This observatory with the imports of `other` after its own, as if they had been made here,
    /// and nothing written. Files of the other are read where they are, so that its folder must
    /// stay. An import that both have counts once, among the other's.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when the folder of the other cannot be found.
    pub fn followed_by(&self, other: &Self) -> Result<Self> {
        let folder = &other.folder;
        let whole = std::path::absolute(folder).map_err(|e| Error::io("find", folder, e))?;
        let mut joined = self.clone();
        let known = &mut joined.state.snapshots;
        known.retain(|own| other.snapshots().iter().all(|newer| newer.id != own.id));
        for snapshot in other.snapshots() {
            let mut newer = snapshot.clone();
            for file in newer.files.values_mut().flatten() {
                file.path = whole.join(&file.path);
            }
            known.push(newer);
        }
        Ok(joined)
    }

    /// All imports, oldest first, also those that newer versions have replaced. In the order in
    /// which they became visible. One that was made again, as when a case goes back to an earlier
    /// text, stands last.
    #[must_use]
    pub fn snapshots(&self) -> &[Snapshot] {
        &self.state.snapshots
    }

    /// Counts up with every import. Also with every other change, such as a compaction; 0 before
    /// the first.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.state.generation
    }

    /// Whether the folder has by now another state than this one. A pointer that cannot be read
    /// counts as none: what is open stays readable. One small file is read for this.
    #[must_use]
    pub fn has_newer_state(&self) -> bool {
        match Pointer::read(&Pointer::path(&self.folder)) {
            Ok(PointerFile::Pointer(now)) => now.generation() != self.generation(),
            _ => false,
        }
    }

    /// The imports of `format` that were known on `as_of` (all of them when it is `None`), oldest
    /// first. From which day a source is known,
    /// [`known_from`](sanad_core::source::Source::known_from) says.
    pub fn known<'a>(
        &'a self,
        format: &'a str,
        as_of: Option<NaiveDate>,
    ) -> impl Iterator<Item = &'a Snapshot> {
        self.snapshots().iter().filter(move |snapshot| {
            snapshot.format == format && as_of.is_none_or(|day| snapshot.source.known_from() <= day)
        })
    }

    /// The newest import of `format` known on `as_of`, by the sources' own order of versions. Of
    /// any series; of equal ones the one imported last. `None` where there is none.
    #[must_use]
    pub fn newest<'a>(&'a self, format: &'a str, as_of: Option<NaiveDate>) -> Option<&'a Snapshot> {
        self.known(format, as_of).max_by(|a, b| a.source.precedence(&b.source))
    }

    /// Path of a file that a snapshot names. A path that is absolute, as after
    /// [`followed_by`](Self::followed_by), stays as it is.
    #[must_use]
    pub fn path(&self, relative: &Path) -> PathBuf {
        self.folder.join(relative)
    }

    /// Becomes the only writer. Files that a killed writer left behind are moved aside.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when another process is writing; as [`open`](Self::open) when the folder
    /// holds a damaged observatory.
    pub(crate) fn writer(&mut self) -> Result<Writer<'_>> {
        let lock = Lock::take(&self.folder)?;
        // What was read before the lock was taken may be out of date.
        self.state = State::load(&self.folder)?.unwrap_or_default();
        let writer = Writer { observatory: self, staged: Vec::new(), _lock: lock };
        writer.sweep();
        Ok(writer)
    }

    /// Turns the files of an observatory of the first layout into those of this one: each file
    /// gets the hash that it has now, once it was read as a whole. One that cannot be read gets
    /// none, and is an error when it is needed.
    fn add_hashes(&self, snapshots: &mut [Snapshot]) {
        let files = snapshots.iter_mut().flat_map(|snapshot| snapshot.files.values_mut().flatten());
        for file in files.filter(|file| file.digest.is_none()) {
            let path = self.folder.join(&file.path);
            if file.is_table() && read_parquet(&path).is_err() {
                continue;
            }
            file.digest = disk::read(&path).ok().map(|bytes| Digest::from_bytes(&bytes));
        }
    }
}

/// What a writer makes visible.
pub(crate) enum PendingState {
    /// An import that becomes the newest, whether it was there before or not.
    Newest(Snapshot),
    /// An import whose files were written again; it keeps its place.
    Restored(Snapshot),
}

/// The lock of the one writer.
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, and makes the folder where there is none. The system gives it up when the
    /// process ends, however it ends.
    pub(crate) fn take(folder: &Path) -> Result<Self> {
        durable::create_folder(folder)?;
        let path = folder.join(LOCK);
        let file = disk::open_lock(&path).map_err(|e| Error::io("create", &path, e))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::Busy { path: folder.to_owned() }),
            Err(TryLockError::Error(e)) => Err(Error::io("lock", &path, e)),
        }
    }
}

/// The one process that may write, for as long as this value lives. What is staged and not
/// published is removed when it is dropped.
pub(crate) struct Writer<'a> {
    observatory: &'a mut Observatory,
    /// Files that are written and not yet visible.
    staged: Vec<PathBuf>,
    _lock: Lock,
}

impl Drop for Writer<'_> {
    /// Removes what was staged and never published: the import failed on the way.
    fn drop(&mut self) {
        let named = files_named_by(self.observatory.snapshots());
        for path in self.staged.iter().filter(|path| !named.contains(*path)) {
            // A leftover that cannot be removed does no harm: nothing refers to it.
            let _ = disk::remove(&self.observatory.path(path));
        }
    }
}

impl Writer<'_> {
    pub(crate) fn observatory(&self) -> &Observatory {
        self.observatory
    }

    /// Moves a file of records, given relative to the folder, out of the way.
    pub(crate) fn set_aside(&self, path: &Path) -> Result<()> {
        let whole = self.observatory.path(path);
        if whole.exists() {
            durable::set_aside(self.observatory.folder(), &self.aside(), &whole)
        } else {
            Ok(())
        }
    }

    /// Where files are moved to, by the number of the state that was then the newest.
    fn aside(&self) -> PathBuf {
        let generation = self.observatory.state.generation;
        self.observatory.folder.join(ASIDE).join(format!("{generation:08}"))
    }

    /// Remembers a file, relative to the folder, that becomes visible with the next
    /// [`publish`](Self::publish).
    pub(crate) fn staged(&mut self, path: PathBuf) {
        self.staged.push(path);
    }

    /// The snapshot that was made from bytes with this hash, read as `format` with `settings`.
    pub(crate) fn find(&self, format: &str, sha256: &str, settings: &str) -> Option<&Snapshot> {
        self.observatory.snapshots().iter().rev().find(|snapshot| {
            snapshot.format == format && snapshot.sha256 == sha256 && snapshot.settings == settings
        })
    }

    /// Makes changes visible, all at once. Nothing is written where nothing changes. Small files
    /// are merged afterwards, when there are many.
    pub(crate) fn publish(
        &mut self,
        changes: impl IntoIterator<Item = PendingState>,
    ) -> Result<()> {
        let mut next = self.observatory.snapshots().to_vec();
        let mut changed = BTreeSet::new();
        for change in changes {
            let snapshot = match change {
                PendingState::Newest(snapshot) => {
                    next.retain(|known| {
                        known.id != snapshot.id && !is_under_other_card(known, &snapshot)
                    });
                    next.push(snapshot.clone());
                    snapshot
                }
                PendingState::Restored(snapshot) => {
                    if let Some(known) = next.iter_mut().find(|known| known.id == snapshot.id) {
                        known.clone_from(&snapshot);
                    }
                    snapshot
                }
            };
            changed.insert(snapshot.id);
        }
        if changed.is_empty() {
            return Ok(());
        }
        self.replace(next, &changed)?;
        self.compact_when_due();
        Ok(())
    }

    /// Makes `snapshots` all that the observatory holds, with new cards for those whose ids are `changed`.
    ///
    /// When this fails the disk is asked what became of it, so that nothing is removed that a
    /// pointer names by now.
    pub(crate) fn replace(
        &mut self,
        mut snapshots: Vec<Snapshot>,
        changed: &BTreeSet<String>,
    ) -> Result<()> {
        let folder = self.observatory.folder.clone();
        let generation = self.observatory.state.generation + 1;
        self.observatory.add_hashes(&mut snapshots);
        let mut next = self.observatory.state.followed_by(generation, snapshots);
        let cards = next.snapshots.iter().filter(|snapshot| changed.contains(&snapshot.id));
        let mut cards = cards.map(|snapshot| ImportCard::new(snapshot, generation));
        let cards = cards.try_for_each(|card| card.write(&folder));
        match cards.and_then(|()| next.publish(&folder)) {
            Ok(()) if next.is_on_disk(&folder) => self.observatory.state = next,
            written => {
                match State::load(&folder) {
                    Ok(state) => self.observatory.state = state.unwrap_or_default(),
                    // Nobody knows what is visible: whatever was written stays.
                    Err(_) => self.staged.clear(),
                }
                return written.and_then(|()| {
                    Err(Error::damaged(&folder, "it is not as it was written a moment ago"))
                });
            }
        }
        self.observatory.state.prune(&folder, KEPT_STATES);
        Ok(())
    }

    /// Removes unfinished files, and moves aside the files that no state on the disk names.
    ///
    /// Derived tables and results are written by readers, who hold no lock: an unfinished file
    /// there is left alone until it is old enough to be nobody's.
    pub(crate) fn sweep(&self) {
        let folder = &self.observatory.folder;
        let aside = self.aside();
        let leftovers = Leftovers::find(self.observatory.state(), folder);
        // What cannot be moved or removed does no harm: nothing refers to it.
        for path in leftovers.unnamed {
            let _ = durable::set_aside(folder, &aside, &path);
        }
        for path in leftovers.unfinished {
            let _ = disk::remove(&path);
        }
        self.clear_aside(KEPT_STATES);
    }

    /// Removes what was moved aside, but for the last `kept` states. The numbers of folders are
    /// those of states.
    pub(crate) fn clear_aside(&self, kept: u64) {
        let folder = self.observatory.folder.join(ASIDE);
        let oldest = (self.observatory.state.generation + 1).saturating_sub(kept);
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.parse().is_ok_and(|generation: u64| generation < oldest) {
                let _ = disk::remove_folder(&entry.path());
            }
        }
    }
}

/// Files of a folder that nothing refers to. Files of records, states beyond the newest, and
/// unfinished files; what else is in the folder is nobody's business here.
pub(crate) struct Leftovers {
    /// Whole files that no state on the disk names.
    pub(crate) unnamed: Vec<PathBuf>,
    /// Files that nobody finished.
    pub(crate) unfinished: Vec<PathBuf>,
}

impl Leftovers {
    /// Those of `folder`, whose newest state is `newest`.
    pub(crate) fn find(newest: &State, folder: &Path) -> Self {
        let names = StateName::list(folder);
        let older = names.iter().filter(|name| name.generation < newest.generation);
        let older = newest.snapshots_of(folder, older);
        let named = files_named_by(older.iter().chain(&newest.snapshots));
        // A state beyond the newest is one that a killed writer did not make visible.
        let beyond = names.iter().filter(|name| name.generation > newest.generation);
        let beyond: BTreeSet<PathBuf> = beyond.map(|name| name.path(folder)).collect();
        let mut found = Self { unnamed: Vec::new(), unfinished: Vec::new() };
        for path in files_below(folder, 6) {
            let relative = path.strip_prefix(folder).unwrap_or(&path);
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let of_readers =
                ["derived", "results", "answers"].iter().any(|kept| relative.starts_with(kept));
            if name.starts_with(UNFINISHED) {
                if !of_readers || is_old(&path) {
                    found.unfinished.push(path);
                }
            } else if beyond.contains(&path)
                || (relative.starts_with("records") && !named.contains(relative))
            {
                found.unnamed.push(path);
            }
        }
        found
    }
}

/// Files of records that snapshots name, relative to the folder.
fn files_named_by<'a>(snapshots: impl IntoIterator<Item = &'a Snapshot>) -> BTreeSet<PathBuf> {
    let files = snapshots.into_iter().flat_map(|snapshot| snapshot.files.values().flatten());
    files.map(|file| file.path.clone()).collect()
}

/// The file that the one writer holds.
const LOCK: &str = ".lock";

/// What an observatory's folder holds; also what a first import leaves that was killed.
const OWN: [&str; 7] = [LOCK, ASIDE, "records", "sources", "states", "derived", "results"];

/// Where files go that nothing refers to, before they are removed.
const ASIDE: &str = "aside";

/// Refuses a folder whose path the query engine could not name. It has to be UTF-8 without control
/// characters.
fn check_path(folder: &Path) -> Result<()> {
    let whole = std::path::absolute(folder).map_err(|e| Error::io("find", folder, e))?;
    match whole.to_str() {
        Some(text) if !text.chars().any(char::is_control) => Ok(()),
        _ => Err(Error::Path { path: folder.to_owned() }),
    }
}

/// How old an unfinished file of a reader is before it counts as left behind. A day; no table takes
/// as long to write.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// Whether a file was last written more than [`ABANDONED`] ago; not where that cannot be told.
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

/// Files of a folder and of those within it, `depth` levels down, in order of their paths.
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

/// The card of an import: everything that a state says of it, so that a state that is lost can be
/// made again. A TOML file for each import, in `sources/`; the state has the same, so that a lost
/// card is no loss either.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct ImportCard {
    /// Number of the state with which the import became visible.
    pub(crate) generation: u64,
    /// The import.
    #[serde(flatten)]
    pub(crate) snapshot: Snapshot,
}

impl ImportCard {
    pub(crate) fn new(snapshot: &Snapshot, generation: u64) -> Self {
        Self { generation, snapshot: snapshot.clone() }
    }

    /// The card's file.
    pub(crate) fn path(folder: &Path, id: &str) -> PathBuf {
        folder.join("sources").join(format!("{id}.toml"))
    }

    /// Writes the card, whole or not at all.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let path = Self::path(folder, &self.snapshot.id);
        let text = toml::to_string(self).map_err(|e| Error::damaged(&path, e))?;
        durable::replace_bytes(&path, text.as_bytes()).map(drop)
    }
}
