//! The folder that is published into: a run is written aside and takes its place in one step.
//!
//! A program that is killed leaves a folder whose name begins with a dot, which nothing leads to and
//! the next run removes; what readers find is what they found before. Files are written to the disk
//! before the step, so that a power cut does not leave their names without their bytes.
#![allow(clippy::disallowed_methods, reason = "a folder for readers is written and read here")]

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use chrono::NaiveDate;

use super::parallel::side_by_side;
use crate::error::{Error, Result};
use crate::memo::lock;

/// Where a run is written before it is whole.
const UNFINISHED: &str = ".unfinished";
/// The file that keeps two programs from publishing at once.
const LOCK: &str = ".lock";
/// The file in which a run tells of itself.
pub(super) const RECORD: &str = "run.json";

/// An error of a file.
fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::Folder { path, source }
}

/// The folder, locked for this program.
pub(super) struct OutFolder {
    /// Where it is.
    path: PathBuf,
    /// What keeps others out; it is let go with the value.
    _lock: File,
}

impl OutFolder {
    /// Takes the folder, which is made where it is missing. What a killed run left is removed.
    ///
    /// # Errors
    ///
    /// [`Error::Occupied`] for a folder that holds other things than runs, [`Error::Publishing`]
    /// while another program publishes into it, and [`Error::Folder`].
    pub(super) fn take(path: &Path) -> Result<Self> {
        fs::create_dir_all(path).map_err(failed(path))?;
        let place = path.join(LOCK);
        let strange = names(path)?.into_iter().find(|name| !is_ours(name));
        // Where runs are, others may lay a file beside them.
        if let Some(name) = strange.filter(|_| !place.exists()) {
            return Err(Error::Occupied { path: path.to_owned(), name });
        }
        let lock = File::create(&place).map_err(failed(&place))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Publishing { path: path.to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(failed(&place)(source)),
        }
        let left = path.join(UNFINISHED);
        if left.exists() {
            fs::remove_dir_all(&left).map_err(failed(&left))?;
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// The records of all runs, oldest first, each with the name of its folder. A folder without a
    /// record is no run and passed over.
    ///
    /// # Errors
    ///
    /// [`Error::Folder`] where the folder cannot be listed or a record not be read.
    pub(super) fn records(&self) -> Result<Vec<(String, String)>> {
        let mut runs: Vec<(RunName, String)> = Vec::new();
        for name in names(&self.path)? {
            let Some(run) = RunName::of_text(&name) else { continue };
            let path = self.record_of(&name);
            match fs::read_to_string(&path) {
                Ok(text) => runs.push((run, text)),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(failed(&path)(error)),
            }
        }
        runs.sort();
        Ok(runs.into_iter().map(|(name, text)| (name.to_string(), text)).collect())
    }

    /// Where the record of a run stands.
    pub(super) fn record_of(&self, name: &str) -> PathBuf {
        self.path.join(name).join(RECORD)
    }

    /// A name for a run of a day: the day, and a number behind it where the day has a run already.
    pub(super) fn name_for(&self, day: NaiveDate) -> String {
        let mut run = RunName { day, number: 1 };
        while self.path.join(run.to_string()).exists() {
            run.number += 1;
        }
        run.to_string()
    }

    /// A place for a run that is not whole yet.
    ///
    /// # Errors
    ///
    /// [`Error::Folder`].
    pub(super) fn begin(&self) -> Result<Staging> {
        let path = self.path.join(UNFINISHED);
        fs::create_dir(&path).map_err(failed(&path))?;
        Ok(Staging { path, written: Mutex::default() })
    }

    /// Puts a whole run in its place.
    ///
    /// # Errors
    ///
    /// [`Error::Folder`]; the run is then not there.
    pub(super) fn place(&self, staging: Staging, name: &str) -> Result<()> {
        staging.flush()?;
        let target = self.path.join(name);
        fs::rename(&staging.path, &target).map_err(failed(&target))?;
        flush_folder(&self.path)
    }

    /// Replaces a small file that leads to the runs, in one step.
    ///
    /// # Errors
    ///
    /// [`Error::Folder`]; the file is then as it was.
    pub(super) fn replace(&self, name: &str, text: &str) -> Result<()> {
        let path = self.path.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed(folder))?;
        }
        let aside = self.path.join(format!("{UNFINISHED}-file"));
        let mut file = File::create(&aside).map_err(failed(&aside))?;
        file.write_all(text.as_bytes()).map_err(failed(&aside))?;
        file.sync_all().map_err(failed(&aside))?;
        fs::rename(&aside, &path).map_err(failed(&path))?;
        flush_folder(&self.path)
    }
}

/// Flushes the names in a folder. Systems that cannot are left as they are.
fn flush_folder(path: &Path) -> Result<()> {
    if cfg!(unix) {
        File::open(path).and_then(|folder| folder.sync_all()).map_err(failed(path))?;
    }
    Ok(())
}

/// The names in a folder.
fn names(path: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(path).map_err(failed(path))?;
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.map_err(failed(path))?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Names of files and folders at the top that are ours.
const OWN: [&str; 4] = [LOCK, "index.html", "latest", "feed.atom"];

/// Whether a name at the top of the folder is one that this program gives.
fn is_ours(name: &str) -> bool {
    OWN.contains(&name) || name.starts_with(UNFINISHED) || RunName::of_text(name).is_some()
}

/// The name of a run: a day, and which of the day's runs it is, from 1 on. Names are in order of
/// time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct RunName {
    /// The day.
    day: NaiveDate,
    /// Which of the day's runs.
    number: u32,
}

impl RunName {
    /// The name that a text is; `None` for any other text.
    fn of_text(text: &str) -> Option<Self> {
        let (day, rest) = text.split_at_checked(10)?;
        let number = match rest {
            "" => 1,
            rest => rest.strip_prefix('-')?.parse().ok().filter(|number| *number > 1)?,
        };
        let name = Self { day: day.parse().ok()?, number };
        (name.to_string() == text).then_some(name)
    }
}

impl core::fmt::Display for RunName {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.number {
            1 => write!(out, "{}", self.day),
            number => write!(out, "{}-{number}", self.day),
        }
    }
}

/// A run that is being written.
pub(super) struct Staging {
    /// Its folder.
    path: PathBuf,
    /// The files and folders so far.
    written: Mutex<Written>,
}

/// What was written of a run.
#[derive(Default)]
struct Written {
    /// Files.
    files: Vec<PathBuf>,
    /// Folders that are there.
    folders: BTreeSet<PathBuf>,
}

/// Files that are flushed at a time. A disk joins what several ask of it into one step.
const FLUSHED_AT_ONCE: usize = 16;

impl Staging {
    /// Writes a file of the run; `name` has slashes between folders. Several threads may write.
    ///
    /// # Errors
    ///
    /// [`Error::Folder`].
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.path.join(name);
        if let Some(folder) = path.parent()
            && !lock(&self.written).folders.contains(folder)
        {
            fs::create_dir_all(folder).map_err(failed(folder))?;
            lock(&self.written).folders.insert(folder.to_owned());
        }
        fs::write(&path, bytes).map_err(failed(&path))?;
        lock(&self.written).files.push(path);
        Ok(())
    }

    /// Flushes all files to the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Folder`] for one of those that cannot be flushed.
    fn flush(&self) -> Result<()> {
        let written = lock(&self.written);
        let flush = |file: &PathBuf| {
            let opened = File::open(file).map_err(failed(file))?;
            opened.sync_all().map_err(failed(file))
        };
        side_by_side(&written.files, FLUSHED_AT_ONCE, flush).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_named_by_their_day_and_stand_in_order_of_time() {
        let folder = tempfile::tempdir().unwrap();
        let out = OutFolder::take(folder.path()).unwrap();
        let day = NaiveDate::from_ymd_opt(2026, 1, 31).unwrap();
        assert_eq!(out.name_for(day), "2026-01-31");
        for name in ["2026-01-31-10", "2026-01-31", "2026-01-31-2", "2025-12-31"] {
            let staging = out.begin().unwrap();
            staging.write(RECORD, name.as_bytes()).unwrap();
            out.place(staging, name).unwrap();
        }
        assert_eq!(out.name_for(day), "2026-01-31-3");
        let names: Vec<String> = out.records().unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["2025-12-31", "2026-01-31", "2026-01-31-2", "2026-01-31-10"]);
        for none in ["2026-01-31-1", "2026-01-31-", "2026-1-31", "2026-01-31x", "latest", "é"] {
            assert_eq!(RunName::of_text(none), None, "{none}");
        }
    }

    #[test]
    fn what_a_killed_run_left_goes_and_what_is_not_ours_stays() {
        let folder = tempfile::tempdir().unwrap();
        let out = OutFolder::take(folder.path()).unwrap();
        let staging = out.begin().unwrap();
        staging.write("place/a.html", b"half").unwrap();
        drop(staging);
        assert!(matches!(OutFolder::take(folder.path()), Err(Error::Publishing { .. })));
        drop(out);
        let out = OutFolder::take(folder.path()).unwrap();
        assert!(!folder.path().join(UNFINISHED).exists() && out.records().unwrap().is_empty());
        let other = tempfile::tempdir().unwrap();
        fs::write(other.path().join("letter.txt"), "dear").unwrap();
        let refused = OutFolder::take(other.path());
        assert!(matches!(refused, Err(Error::Occupied { name, .. }) if name == "letter.txt"));
    }

    #[test]
    fn a_pointer_is_replaced_in_one_step() {
        let folder = tempfile::tempdir().unwrap();
        let out = OutFolder::take(folder.path()).unwrap();
        for text in ["one", "two"] {
            out.replace("latest/index.html", text).unwrap();
            let found = fs::read_to_string(folder.path().join("latest/index.html")).unwrap();
            assert_eq!(found, text);
        }
    }
}
