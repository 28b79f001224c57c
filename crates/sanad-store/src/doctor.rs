//! Checking an observatory as a whole, and repairing what can be repaired.
//!
//! [`examine`] only looks: at the pointer and its state, at every file of records by its hash, at
//! cards, computed tables and leftovers. [`repair`] looks and mends in the same order, so that what
//! it says it did was there to be done. Neither can bring back the bytes of a damaged record:
//! importing the source again does that.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::disk;
use crate::durable;
use crate::engine::read_parquet;
use crate::error::{Error, Result};
use crate::observatory::{ImportCard, Leftovers, Lock, Observatory};
use crate::pointer::{Pointer, PointerFile};
use crate::snapshot::{RecordFile, Snapshot};
use crate::state::{LAYOUT, State, StateName};
use crate::verify::check_file;

/// What a finding means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Something is lost or cannot be believed. A number may be missing or wrong until it is
    /// mended.
    Damage,
    /// Nothing is lost. Order is restored by a repair, or by the next import.
    Remark,
}

impl Severity {
    /// The word that tables use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Damage => "damage",
            Self::Remark => "remark",
        }
    }
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it means.
    pub severity: Severity,
    /// The file or folder, relative to the observatory.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: String,
    /// What to do, or what was done.
    pub remedy: String,
    /// Whether it was repaired.
    pub repaired: bool,
}

/// What an examination found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Examination {
    /// What is not as it should be, in order of importance. First pointer and state, then records,
    /// then what can be made again.
    pub findings: Vec<Finding>,
    /// Record files that were read as a whole. Each once, also where several imports share it.
    pub files: u64,
    /// Bytes of those files. As the state says them; files of the first layout count as none.
    pub bytes: u64,
}

impl Examination {
    /// Whether something is lost that was not repaired. Remarks alone are no damage.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.findings.iter().any(|one| one.severity == Severity::Damage && !one.repaired)
    }
}

/// Checks everything that the observatory in `folder` holds against the hashes it was written
/// with. Changes nothing.
///
/// # Errors
///
/// [`Error::NotAnObservatory`] when there is none.
pub fn examine(folder: &Path) -> Result<Examination> {
    let mut doctor = Doctor { folder, repairs: false, found: Examination::default() };
    doctor.examine()?;
    Ok(doctor.found)
}

/// As [`examine`], and repairs what can be repaired without the sources: the pointer, the state from
/// earlier states and cards, cards, computed tables, and leftovers. Nothing is deleted that a
/// state could name.
///
/// # Errors
///
/// As [`examine`]; [`Error::Busy`] when another process is writing.
pub fn repair(folder: &Path) -> Result<Examination> {
    if !folder.is_dir() {
        return Err(Error::NotAnObservatory { path: folder.to_owned() });
    }
    let _lock = Lock::take(folder)?;
    let mut doctor = Doctor { folder, repairs: true, found: Examination::default() };
    doctor.examine()?;
    Ok(doctor.found)
}

struct Doctor<'a> {
    folder: &'a Path,
    /// Whether to repair what can be repaired.
    repairs: bool,
    found: Examination,
}

impl Doctor<'_> {
    /// Looks at everything in turn. A state that cannot be believed is replaced by the best that
    /// can be found, so that the rest can be looked at, too.
    ///
    /// # Errors
    ///
    /// [`Error::NotAnObservatory`] when there is nothing to examine.
    fn examine(&mut self) -> Result<()> {
        let state = match State::load(self.folder) {
            Ok(Some(state)) => state,
            Ok(None) if self.is_started() => {
                self.leftovers(&State::default());
                return Ok(());
            }
            Ok(None) => {
                return Err(Error::NotAnObservatory { path: self.folder.to_owned() });
            }
            Err(Error::Damaged { path, problem }) => self.state(&path, problem)?,
            Err(other) => return Err(other),
        };
        self.records(&state);
        self.layout(&state)?;
        self.copy(&state);
        self.cards(&state);
        self.computed(&state);
        self.leftovers(&state);
        Ok(())
    }

    /// Whether a first import was killed here.
    fn is_started(&self) -> bool {
        ["records", "states"].iter().any(|name| self.folder.join(name).is_dir())
    }

    /// Adds a finding that is not repaired yet.
    fn finding(
        &mut self,
        severity: Severity,
        path: &Path,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> &mut Finding {
        let path = path.strip_prefix(self.folder).unwrap_or(path).to_owned();
        let (problem, remedy) = (problem.into(), remedy.into());
        self.found.findings.push(Finding { severity, path, problem, remedy, repaired: false });
        let last = self.found.findings.len() - 1;
        &mut self.found.findings[last]
    }

    /// Repairs a finding that was reported last, if this examination repairs. A repair that fails
    /// leaves the finding as it is, with the reason as its remedy.
    fn mend(&mut self, done: &str, repair: impl FnOnce() -> Result<()>) {
        if !self.repairs {
            return;
        }
        let result = repair();
        if let Some(last) = self.found.findings.last_mut() {
            match result {
                Ok(()) => {
                    last.repaired = true;
                    last.remedy = done.to_owned();
                }
                Err(e) => last.remedy = format!("could not be repaired: {e}"),
            }
        }
    }

    /// A pointer or state that cannot be believed: the newest state that is whole, with the imports
    /// after it whose cards and files are whole. The number of the mended state is above every
    /// number seen, so that no reader takes an old one for newer.
    fn state(&mut self, path: &Path, problem: String) -> Result<State> {
        let names = StateName::list(self.folder);
        let whole = names.iter().rev().find_map(|name| State::read_named(self.folder, name).ok());
        let mut best = whole.map(|(state, _)| state).unwrap_or_default();
        let recovered = self.recovered(&best);
        let (kept, more) = (best.snapshots.len(), recovered.len());
        best.snapshots.extend(recovered);
        let remedy = format!(
            "sanad doctor --repair goes back to state {} with {kept} imports, and {more} more \
             from their cards",
            best.generation
        );
        self.finding(Severity::Damage, path, problem, remedy);
        let last = names.last().map_or(0, |name| name.generation);
        let pointers = [Pointer::path(self.folder), Pointer::copy_path(self.folder)];
        let pointed = pointers.iter().filter_map(|path| match Pointer::read(path) {
            Ok(PointerFile::Pointer(pointer)) => Some(pointer.generation()),
            _ => None,
        });
        let generation = pointed.chain([last, best.generation]).max().unwrap_or(last) + 1;
        let mut mended = State::default().followed_by(generation, best.snapshots);
        let done = format!("state {generation} has {kept} imports and {more} from their cards");
        let folder = self.folder;
        self.mend(&done, || {
            let aside = folder.join("aside").join(format!("{generation:08}"));
            for pointer in pointers.iter().filter(|path| path.exists()) {
                durable::set_aside(folder, &aside, pointer)?;
            }
            mended.publish(folder)
        });
        Ok(mended)
    }

    /// Imports that a state lacks and whose cards and files are whole, in the order in which they
    /// became visible.
    fn recovered(&self, state: &State) -> Vec<Snapshot> {
        let mut found: BTreeMap<(u64, String), Snapshot> = BTreeMap::new();
        for card in self.all_cards() {
            let known = state.snapshots.iter().any(|one| one.id == card.snapshot.id);
            let mut files = card.snapshot.files.values().flatten();
            if !known && files.all(|file| self.check(file).is_ok()) {
                found.insert((card.generation, card.snapshot.id.clone()), card.snapshot);
            }
        }
        found.into_values().collect()
    }

    /// Every card that can be read, in no order.
    fn all_cards(&self) -> Vec<ImportCard> {
        let entries = fs::read_dir(self.folder.join("sources")).into_iter().flatten().flatten();
        let texts = entries.filter_map(|entry| fs::read_to_string(entry.path()).ok());
        texts.filter_map(|text| toml::from_str(&text).ok()).collect()
    }

    /// Whether a file is as it was written; of the first layout, whether it can be read.
    fn check(&self, file: &RecordFile) -> Result<()> {
        let path = self.folder.join(&file.path);
        match &file.digest {
            Some(digest) => check_file(&path, digest),
            None if file.is_table() => read_parquet(&path).map(drop),
            None => disk::read(&path).map(drop).map_err(|e| Error::kept(&path, e)),
        }
    }

    /// Every file of records. Damage is said with the file that has to be imported again.
    fn records(&mut self, state: &State) {
        let mut seen = std::collections::BTreeSet::new();
        for snapshot in &state.snapshots {
            for file in snapshot.files.values().flatten() {
                if !seen.insert(&file.path) {
                    continue;
                }
                self.found.files += 1;
                self.found.bytes += file.digest.as_ref().map_or(0, |digest| digest.bytes);
                if let Err(error) = self.check(file) {
                    let problem = match error {
                        Error::Damaged { problem, .. } => problem,
                        other => other.to_string(),
                    };
                    let remedy = format!(
                        "import {} ({}) again: that writes the file anew",
                        snapshot.file, snapshot.format
                    );
                    self.finding(Severity::Damage, &file.path, problem, remedy);
                }
            }
        }
    }

    /// Says that the layout is the first one.
    fn layout(&mut self, state: &State) -> Result<()> {
        if state.layout == LAYOUT {
            return Ok(());
        }
        let problem = format!("layout {}, without hashes of its files", state.layout);
        let remedy = "sanad compact, or the next import, brings it to the present layout";
        self.finding(Severity::Remark, &Pointer::path(self.folder), problem, remedy);
        Ok(())
    }

    /// The copy of the pointer, which only warns.
    fn copy(&mut self, state: &State) {
        let (path, copy) = (Pointer::path(self.folder), Pointer::copy_path(self.folder));
        let (Ok(pointer), Ok(found)) = (Pointer::read(&path), Pointer::read(&copy)) else { return };
        if state.layout != LAYOUT || pointer == found {
            return;
        }
        let remedy = "sanad doctor --repair writes it again";
        self.finding(Severity::Remark, &copy, "it is not the copy of CURRENT", remedy);
        let folder = self.folder;
        self.mend("written again", || match &pointer {
            PointerFile::Pointer(pointer) => pointer.write_copy(folder),
            _ => Ok(()),
        });
    }

    /// The cards, which say what the state says.
    fn cards(&mut self, state: &State) {
        if state.layout != LAYOUT {
            return;
        }
        for snapshot in &state.snapshots {
            let path = ImportCard::path(self.folder, &snapshot.id);
            let text = fs::read_to_string(&path).unwrap_or_default();
            let card: Option<ImportCard> = toml::from_str(&text).ok();
            if card.is_some_and(|card| card.snapshot == *snapshot) {
                continue;
            }
            let remedy = "sanad doctor --repair writes it again from the state";
            self.finding(Severity::Remark, &path, "it is not what the state says", remedy);
            let (folder, card) = (self.folder, ImportCard::new(snapshot, state.generation));
            self.mend("written again", || card.write(folder));
        }
    }

    /// Tables that can be computed again.
    fn computed(&mut self, state: &State) {
        let observatory = Observatory::new(self.folder.to_owned(), state.clone());
        for folder in observatory.broken_folders() {
            let remedy = "it is computed again when it is needed";
            self.finding(Severity::Remark, &folder, "it is not as it was written", remedy);
            self.mend("removed", || {
                disk::remove_folder(&folder).map_err(|e| Error::io("remove", &folder, e))
            });
        }
    }

    /// What nothing refers to. Whole files are moved aside, unfinished ones removed.
    fn leftovers(&mut self, state: &State) {
        let leftovers = Leftovers::find(state, self.folder);
        let aside = self.folder.join("aside").join(format!("{:08}", state.generation));
        for path in leftovers.unnamed {
            let remedy = "sanad doctor --repair, or the next import, moves it aside";
            self.finding(Severity::Remark, &path, "no state names it", remedy);
            let folder = self.folder;
            self.mend("moved aside", || durable::set_aside(folder, &aside, &path));
        }
        for path in leftovers.unfinished {
            let remedy = "sanad doctor --repair, or the next import, removes it";
            self.finding(Severity::Remark, &path, "nobody finished it", remedy);
            self.mend("removed", || disk::remove(&path).map_err(|e| Error::io("remove", &path, e)));
        }
    }
}
