//! What an observatory holds: one small immutable file per state, pages of imports that states
//! share, and a pointer to the newest state.
//!
//! A state is a TOML file `states/<number>-<hash>.toml` that lists every import. It is written once
//! and never changed; the next change writes the next state and then turns the pointer to it.
//! Whoever reads a state sees all of a change or nothing of it, and a process killed between the
//! two leaves a state that nobody points to.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::disk;
use crate::durable;
use crate::error::{Error, Result};
use crate::hash::{Digest, sha256};
use crate::inside::is_below;
use crate::pointer::{Pointer, PointerFile, SHORT};
use crate::snapshot::Snapshot;

/// Version of the folder's layout that this program writes.
pub(crate) const LAYOUT: u32 = 2;

/// The layout without hashes, which is read and turned into the newer one by the next writer.
pub(crate) const FIRST_LAYOUT: u32 = 1;

/// Imports of a page. A state lists pages by name and only the imports after the last full page in
/// full, so that the states of many imports do not grow with the square of their number. 32 imports
/// a page.
const PAGE_SNAPSHOTS: usize = 32;

/// Newest states that stay on the disk. An earlier one holds nothing that these do not. Eight, so
/// that a reader that was about to read one still finds it, and a repair has something to go back
/// to.
pub(crate) const KEPT_STATES: u64 = 8;

/// How often a reader looks again when a writer was faster. Each time a whole import has to have
/// been faster than the reading of a few small files.
const ATTEMPTS: usize = 5;

/// All that an observatory holds at one moment. `Default` is the state before the first import,
/// which is on no disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    /// The layout it was read from.
    pub(crate) layout: u32,
    /// Counts up with every change.
    pub(crate) generation: u64,
    /// All imports, oldest first.
    pub(crate) snapshots: Vec<Snapshot>,
    /// The pages on the disk that hold the first of them.
    pages: Vec<PageName>,
}

impl Default for State {
    fn default() -> Self {
        Self { layout: LAYOUT, generation: 0, snapshots: Vec::new(), pages: Vec::new() }
    }
}

/// A state as its file has it.
#[derive(Debug, Serialize, Deserialize)]
struct StateFile {
    layout: u32,
    generation: u64,
    #[serde(default, rename = "page", skip_serializing_if = "Vec::is_empty")]
    pages: Vec<PageName>,
    #[serde(default, rename = "snapshot")]
    snapshots: Vec<Snapshot>,
}

/// Where a page is and what its bytes must be. Relative to the observatory's folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PageName {
    path: PathBuf,
    #[serde(flatten)]
    digest: Digest,
}

/// Imports that many states share.
#[derive(Debug, Serialize, Deserialize)]
struct Page {
    #[serde(rename = "snapshot")]
    snapshots: Vec<Snapshot>,
}

/// The name of a state's file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StateName {
    /// Number of the state.
    pub(crate) generation: u64,
    /// The beginning of the hash of its bytes; none in the first layout.
    pub(crate) hash: Option<String>,
}

impl StateName {
    /// The name of a state's file; nothing of another file's.
    fn parse(name: &str) -> Option<Self> {
        let stem = name.strip_suffix(".toml")?;
        let (number, hash) = match stem.split_once('-') {
            Some((number, hash)) => (number, Some(hash.to_owned())),
            None => (stem, None),
        };
        Some(Self { generation: number.parse().ok()?, hash })
    }

    /// The name of the state that a pointer names.
    fn new(pointer: &Pointer) -> Self {
        let hash = match pointer {
            Pointer::Checked { sha256, .. } => Some(sha256.chars().take(SHORT).collect()),
            Pointer::Number(_) => None,
        };
        Self { generation: pointer.generation(), hash }
    }

    /// The state's file.
    pub(crate) fn path(&self, folder: &Path) -> PathBuf {
        let hash = self.hash.as_ref().map_or_else(String::new, |hash| format!("-{hash}"));
        folder.join("states").join(format!("{:08}{hash}.toml", self.generation))
    }

    /// The states on the disk, in order of their numbers.
    pub(crate) fn list(folder: &Path) -> Vec<Self> {
        let entries = fs::read_dir(folder.join("states")).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut found: Vec<Self> = names.filter_map(|name| Self::parse(&name)).collect();
        found.sort();
        found
    }
}

impl State {
    /// Reads the newest state of `folder`, or nothing when there is no observatory.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when the pointer is missing or older than it must be, or when it, the
    /// state or a page are not as they were written.
    pub(crate) fn load(folder: &Path) -> Result<Option<Self>> {
        let mut attempt = 1;
        loop {
            // In this order a writer at work can only make the pointer newer than the others.
            let last = StateName::list(folder).pop();
            let copy = Pointer::read(&Pointer::copy_path(folder)).unwrap_or(PointerFile::Nothing);
            let pointer = match Pointer::read(&Pointer::path(folder))? {
                PointerFile::Nothing => return Self::none_in(folder, last.as_ref(), &copy),
                PointerFile::Unreadable => {
                    let problem = "it is no pointer to a state with its checksum";
                    return Err(Error::damaged(&Pointer::path(folder), problem));
                }
                PointerFile::Pointer(pointer) => pointer,
            };
            check_newest(folder, &pointer, last.as_ref(), &copy)?;
            match Self::read(folder, &pointer) {
                // A writer that was faster may have removed it as one of the oldest.
                Err(_) if attempt < ATTEMPTS && is_replaced(folder, &pointer) => attempt += 1,
                other => return other.map(Some),
            }
        }
    }

    /// No pointer: no observatory, unless something is there that only comes after one.
    fn none_in(
        folder: &Path,
        last: Option<&StateName>,
        copy: &PointerFile,
    ) -> Result<Option<Self>> {
        // A first import that was killed leaves the first state without a pointer to it.
        let started = last.is_none_or(|name| name.generation < 2 && name.hash.is_some());
        if started && *copy == PointerFile::Nothing {
            return Ok(None);
        }
        let problem = "it is missing, and there are states to point to";
        Err(Error::damaged(&Pointer::path(folder), problem))
    }

    /// Reads the state that a pointer names.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when its bytes are not those that the pointer names, or it cannot be
    /// read.
    pub(crate) fn read(folder: &Path, pointer: &Pointer) -> Result<Self> {
        let path = StateName::new(pointer).path(folder);
        let bytes = disk::read(&path).map_err(|e| Error::kept(&path, e))?;
        if let Pointer::Checked { sha256: expected, .. } = pointer
            && sha256(&bytes) != *expected
        {
            return Err(Error::damaged(&path, "its bytes are not those that CURRENT names"));
        }
        Self::parse(folder, &path, bytes)
    }

    /// Reads a state by the name of its file, for when no pointer can be believed.
    pub(crate) fn read_named(folder: &Path, name: &StateName) -> Result<(Self, Pointer)> {
        let path = name.path(folder);
        let bytes = disk::read(&path).map_err(|e| Error::kept(&path, e))?;
        let hash = sha256(&bytes);
        let pointer = match &name.hash {
            Some(start) if !hash.starts_with(start) => {
                return Err(Error::damaged(&path, "its bytes are not those that its name says"));
            }
            Some(_) => Pointer::Checked { generation: name.generation, sha256: hash },
            None => Pointer::Number(name.generation),
        };
        Ok((Self::parse(folder, &path, bytes)?, pointer))
    }

    /// A state of the bytes of its file, with its pages.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when it is no state, is of a layout that this program does not know, or a
    /// page is not as it was written; [`Error::Outside`] when it names files of another folder.
    fn parse(folder: &Path, path: &Path, bytes: Vec<u8>) -> Result<Self> {
        let text = String::from_utf8(bytes).map_err(|_| Error::damaged(path, "it is not text"))?;
        let file: StateFile =
            toml::from_str(&text).map_err(|e| Error::damaged(path, e.message()))?;
        if file.layout != LAYOUT && file.layout != FIRST_LAYOUT {
            let problem = format!("layout {}, and this program reads {LAYOUT}", file.layout);
            return Err(Error::damaged(path, problem));
        }
        let mut snapshots = Vec::new();
        for page in &file.pages {
            snapshots.extend(page.read(folder)?);
        }
        snapshots.extend(file.snapshots.iter().cloned());
        let StateFile { layout, generation, pages, .. } = file;
        let state = Self { layout, generation, snapshots, pages };
        state.check_paths(folder)?;
        Ok(state)
    }

    /// A state is a file that anybody may have written: it names files of its own folder alone.
    fn check_paths(&self, folder: &Path) -> Result<()> {
        let ids = self.snapshots.iter().map(|snapshot| Path::new(&snapshot.id));
        let files = self.snapshots.iter().flat_map(Snapshot::paths);
        match ids.chain(files).find(|path| !is_below(path)) {
            Some(path) => Err(Error::Outside { path: folder.join(path), target: path.to_owned() }),
            None => Ok(()),
        }
    }

    /// Imports that some of these states list, in no order and perhaps more than once; each page is
    /// read once, and those of this state are left out. What cannot be read counts as empty.
    pub(crate) fn snapshots_of<'a>(
        &self,
        folder: &Path,
        names: impl IntoIterator<Item = &'a StateName>,
    ) -> Vec<Snapshot> {
        let texts = names.into_iter().filter_map(|name| fs::read_to_string(name.path(folder)).ok());
        let files = texts.filter_map(|text| toml::from_str::<StateFile>(&text).ok());
        let (mut found, mut pages) = (Vec::new(), Vec::new());
        for file in files {
            found.extend(file.snapshots);
            pages.extend(file.pages);
        }
        pages.sort_by(|a, b| a.path.cmp(&b.path));
        pages.dedup();
        pages.retain(|page| !self.pages.contains(page));
        found.extend(pages.iter().filter_map(|page| page.read(folder).ok()).flatten());
        found
    }

    /// What follows on this state, with pages that are on the disk already where they hold the same
    /// imports. A page is kept as long as all its imports are the same, and those of all pages
    /// before it.
    pub(crate) fn followed_by(&self, generation: u64, snapshots: Vec<Snapshot>) -> Self {
        let pages = self.pages.iter().enumerate();
        let same = pages.take_while(|(number, _)| {
            let page = number * PAGE_SNAPSHOTS..(number + 1) * PAGE_SNAPSHOTS;
            self.snapshots.get(page.clone()).is_some_and(|old| snapshots.get(page) == Some(old))
        });
        let pages = same.map(|(_, name)| name.clone()).collect();
        Self { layout: LAYOUT, generation, snapshots, pages }
    }

    /// Makes this state the newest one: first pages and the state's own file, then the pointer.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] for the first call of the disk that failed; [`Error::Unconfirmed`] when the
    /// state is visible and may not be kept.
    pub(crate) fn publish(&mut self, folder: &Path) -> Result<()> {
        let full = self.snapshots.len() / PAGE_SNAPSHOTS * PAGE_SNAPSHOTS;
        let (paged, rest) = self.snapshots.split_at(full);
        for page in paged.chunks(PAGE_SNAPSHOTS).skip(self.pages.len()) {
            self.pages.push(PageName::write(folder, page)?);
        }
        let file = StateFile {
            layout: LAYOUT,
            generation: self.generation,
            pages: self.pages.clone(),
            snapshots: rest.to_vec(),
        };
        let states = folder.join("states");
        let text = toml::to_string(&file).map_err(|e| Error::damaged(&states, e))?;
        let pointer =
            Pointer::Checked { generation: self.generation, sha256: sha256(text.as_bytes()) };
        let path = StateName::new(&pointer).path(folder);
        durable::replace_bytes(&path, text.as_bytes())?;
        pointer.publish(folder)
    }

    /// Whether this state, which was just published, is on the disk as it was written.
    pub(crate) fn is_on_disk(&self, folder: &Path) -> bool {
        let named = match Pointer::read(&Pointer::path(folder)) {
            Ok(PointerFile::Pointer(pointer)) if pointer.generation() == self.generation => pointer,
            _ => return false,
        };
        let path = StateName::new(&named).path(folder);
        let state = disk::read(&path).map(|bytes| sha256(&bytes));
        let sound = match &named {
            Pointer::Checked { sha256: expected, .. } => state.is_ok_and(|hash| hash == *expected),
            Pointer::Number(_) => false,
        };
        sound && self.pages.iter().all(|page| page.is_on_disk(folder))
    }

    /// Removes states but for the `kept` newest, and the pages that none of those name. This state
    /// must be the newest on the disk and whole.
    ///
    /// What cannot be removed does no harm: nothing refers to it.
    pub(crate) fn prune(&self, folder: &Path, kept: u64) {
        let oldest = (self.generation + 1).saturating_sub(kept);
        let (old, young): (Vec<_>, Vec<_>) =
            StateName::list(folder).into_iter().partition(|name| name.generation < oldest);
        let named = young.iter().map(|name| pages_named_by(&name.path(folder)));
        // A state that cannot be read may name any page.
        let Some(named) = named.collect::<Option<Vec<_>>>() else { return };
        let named: BTreeSet<PathBuf> = named.into_iter().flatten().collect();
        let entries = fs::read_dir(folder.join("states")).into_iter().flatten().flatten();
        let pages = entries.map(|entry| Path::new("states").join(entry.file_name()));
        let is_page = |path: &PathBuf| path.to_string_lossy().contains("page-");
        let unnamed = pages.filter(|path| is_page(path) && !named.contains(path));
        let old = old.iter().map(|name| name.path(folder));
        for path in old.chain(unnamed.map(|path| folder.join(path))) {
            let _ = disk::remove(&path);
        }
    }
}

/// The pages that a state's file names, if it can be read.
fn pages_named_by(path: &Path) -> Option<Vec<PathBuf>> {
    let text = fs::read_to_string(path).ok()?;
    let file: StateFile = toml::from_str(&text).ok()?;
    Some(file.pages.into_iter().map(|page| page.path).collect())
}

/// Refuses a pointer that is older than what else is on the disk.
fn check_newest(
    folder: &Path,
    pointer: &Pointer,
    last: Option<&StateName>,
    copy: &PointerFile,
) -> Result<()> {
    let generation = pointer.generation();
    let newer = match (pointer, copy) {
        (_, PointerFile::Pointer(copy)) if copy.generation() > generation => {
            Some(copy.generation())
        }
        (Pointer::Checked { .. }, PointerFile::Pointer(copy))
            if copy.generation() == generation && copy != pointer =>
        {
            Some(generation)
        }
        _ => None,
    };
    // A writer that was killed leaves one state that is not visible yet. The first layout cannot
    // tell it from one that was.
    let unseen = u64::from(matches!(pointer, Pointer::Checked { .. }));
    let beyond = last.map(|name| name.generation).filter(|&last| last > generation + unseen);
    match newer.or(beyond) {
        Some(newer) => {
            let problem = format!("it names state {generation}, and there is state {newer}");
            Err(Error::damaged(&Pointer::path(folder), problem))
        }
        None => Ok(()),
    }
}

/// Whether the pointer has changed since it was read.
fn is_replaced(folder: &Path, pointer: &Pointer) -> bool {
    match Pointer::read(&Pointer::path(folder)) {
        Ok(PointerFile::Pointer(now)) => now != *pointer,
        _ => false,
    }
}

impl PageName {
    /// Writes a page under the hash of its bytes, unless it is there.
    fn write(folder: &Path, snapshots: &[Snapshot]) -> Result<Self> {
        let states = folder.join("states");
        let page = Page { snapshots: snapshots.to_vec() };
        let text = toml::to_string(&page).map_err(|e| Error::damaged(&states, e))?;
        let digest = Digest::from_bytes(text.as_bytes());
        let path = Path::new("states").join(format!("page-{}.toml", &digest.sha256[..SHORT]));
        let name = Self { path, digest };
        if !name.is_on_disk(folder) {
            durable::replace_bytes(&folder.join(&name.path), text.as_bytes())?;
        }
        Ok(name)
    }

    fn is_on_disk(&self, folder: &Path) -> bool {
        let bytes = disk::read(&folder.join(&self.path));
        bytes.is_ok_and(|bytes| Digest::from_bytes(&bytes) == self.digest)
    }

    /// The imports of the page.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when its bytes are not those that the state names.
    fn read(&self, folder: &Path) -> Result<Vec<Snapshot>> {
        let path = folder.join(&self.path);
        let bytes = disk::read(&path).map_err(|e| Error::kept(&path, e))?;
        if Digest::from_bytes(&bytes) != self.digest {
            return Err(Error::damaged(&path, "its bytes are not those that the state names"));
        }
        let text = String::from_utf8(bytes).map_err(|_| Error::damaged(&path, "it is not text"))?;
        let page: Page = toml::from_str(&text).map_err(|e| Error::damaged(&path, e.message()))?;
        Ok(page.snapshots)
    }
}
