//! Backups: a folder with a copy of the database, `desk.toml`, and a list of both with their
//! hashes. What was damaged is refused before anything of it is used.
//!
//! A backup is as sealed as the desk's own disk: content is, and kinds, channels, districts, days
//! and stages are not. Keep it on an encrypted medium, and destroy it after `backup_days`, because
//! it holds the keys of what is deleted later.

#![allow(clippy::disallowed_methods, reason = "backups are files")]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::folder::{Database, DeskFolder, FolderError};
use crate::ledger::{EntryChain, EntryFault, Hash256};
use crate::store::{DeskStore, InnerLedger, StoreError};

/// The first line of the list.
const FORMAT: &str = "sanad-desk backup 1";
/// The file of the list.
const LIST: &str = "backup.txt";
/// The files that are listed.
const FILES: [&str; 2] = ["desk.sqlite", "desk.toml"];

/// Why a backup cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file cannot be read or written.
    #[error("{path}: {message}")]
    File {
        /// The file.
        path: String,
        /// What the system says.
        message: String,
    },
    /// Something is there already.
    #[error("{0} is there already; nothing was written")]
    Occupied(String),
    /// The list of a backup cannot be read.
    #[error(
        "{0} is not a whole backup: it has no list that can be read. A backup that was interrupted is to be made anew"
    )]
    NoList(String),
    /// A file is not what the list says.
    #[error(
        "the backup is damaged: {file} has {found}, and the list says {expected}. Use another backup"
    )]
    Damaged {
        /// The file.
        file: String,
        /// What is there.
        found: String,
        /// What has to be there.
        expected: String,
    },
    /// The database in the backup is not sound.
    #[error("the backup is damaged: {0}. Use another backup")]
    Unsound(String),
    /// The desk cannot be opened.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger does not hold.
    #[error("the ledger does not hold: {0}")]
    Ledger(#[from] EntryFault),
}

/// What a backup or a restored desk holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupSummary {
    /// The head of the public ledger.
    pub head: Hash256,
    /// Its days.
    pub days: usize,
    /// Files at the desk.
    pub files: usize,
}

/// Writes a backup into a folder that is not there yet. The folder gets its name when it is whole:
/// what a kill leaves behind is called `….partial`.
///
/// # Errors
///
/// [`BackupError`].
pub fn back_up(folder: &DeskFolder, to: &Path) -> Result<BackupSummary, BackupError> {
    let (_, mut store) = folder.open()?;
    let partial = begin_partial(to)?;
    store.back_up(&partial.join(FILES[0]))?;
    // What is copied is what is read back: the desk may go on meanwhile.
    let mut copy = crate::store::SqliteStore::open(&partial.join(FILES[0]))?;
    let summary = sound(&mut copy)?;
    close_copy(copy, &partial)?;
    copy_durably(&folder.config_path(), &partial.join(FILES[1]))?;
    write_durably(&partial.join(LIST), list_of(&partial, &summary)?.as_bytes())?;
    finish_partial(&partial, to)?;
    Ok(summary)
}

/// Makes a desk of a backup, in a folder that is not there yet.
///
/// # Errors
///
/// [`BackupError::Damaged`] and the others. Nothing is left in the folder's place then.
pub fn restore(from: &Path, folder: &DeskFolder) -> Result<BackupSummary, BackupError> {
    let (expected, to) = (check_files(from)?, folder.path());
    let partial = begin_partial(to)?;
    for file in FILES {
        copy_durably(&from.join(file), &partial.join(file))?;
    }
    let (_, mut store) = DeskFolder::new(&partial).open()?;
    let summary = sound(store.as_mut())?;
    drop(store);
    if summary != expected {
        return Err(BackupError::Unsound("its ledger has another head than the list".to_owned()));
    }
    if *folder.database() != Database::InFolder {
        // All of it in one transaction, so that a kill leaves an empty database.
        folder.fill_postgres(&partial.join(FILES[0]))?;
        fs::remove_file(partial.join(FILES[0])).map_err(|error| failed(&partial, &error))?;
    }
    finish_partial(&partial, to)?;
    Ok(summary)
}

/// A desk's ledgers, checked.
fn sound(store: &mut dyn DeskStore) -> Result<BackupSummary, BackupError> {
    store.check_pages()?;
    let InnerLedger { entries, batches } = store.inner_ledger()?;
    let ledger = store.ledger()?;
    EntryChain::check(&entries, &batches, &ledger)?;
    Ok(BackupSummary {
        head: ledger.head(),
        days: ledger.days().len(),
        files: store.files()?.len(),
    })
}

/// Closes a copy so that it is one file again.
fn close_copy(copy: crate::store::SqliteStore, folder: &Path) -> Result<(), BackupError> {
    copy.close()?;
    for end in ["-wal", "-shm"] {
        let path = folder.join(format!("{}{end}", FILES[0]));
        if path.exists() {
            return Err(BackupError::Unsound(format!("{} was left", path.display())));
        }
    }
    Ok(())
}

fn list_of(folder: &Path, summary: &BackupSummary) -> Result<String, BackupError> {
    let BackupSummary { head, days, files } = summary;
    let mut text = format!("{FORMAT}\nhead {}\ndays {days}\nfiles {files}\n", head.to_hex());
    for file in FILES {
        let (size, hash) = size_and_hash(&folder.join(file))?;
        let _ = writeln!(text, "file {file} {size} {}", hash.to_hex());
    }
    let end = Hash256(Sha256::digest(text.as_bytes()).into());
    let _ = writeln!(text, "end {}", end.to_hex());
    Ok(text)
}

/// Compares every file of a backup with its list, and gives what the list says of the desk.
fn check_files(from: &Path) -> Result<BackupSummary, BackupError> {
    let no_list = || BackupError::NoList(from.display().to_string());
    let text = fs::read_to_string(from.join(LIST)).map_err(|_| no_list())?;
    let lines: Vec<&str> = text.lines().collect();
    let field = |line: usize, word: &str| {
        lines.get(line).and_then(|line| line.strip_prefix(word)).ok_or_else(no_list)
    };
    let summary = BackupSummary {
        head: Hash256::from_hex(field(1, "head ")?).map_err(|_| no_list())?,
        days: field(2, "days ")?.parse().map_err(|_| no_list())?,
        files: field(3, "files ")?.parse().map_err(|_| no_list())?,
    };
    for (line, file) in (4..).zip(FILES) {
        let expected = field(line, &format!("file {file} "))?;
        let (size, hash) = size_and_hash(&from.join(file))?;
        let found = format!("{size} {}", hash.to_hex());
        if found != expected {
            let (file, expected) = (file.to_owned(), expected.to_owned());
            return Err(BackupError::Damaged { file, found, expected });
        }
    }
    // Every file is as listed, so the list is made anew from them and from what it says.
    if list_of(from, &summary)? == text { Ok(summary) } else { Err(no_list()) }
}

fn begin_partial(to: &Path) -> Result<PathBuf, BackupError> {
    if to.exists() {
        return Err(BackupError::Occupied(to.display().to_string()));
    }
    // A path that ends in `..` names no folder that could be made.
    let Some(name) = to.file_name() else {
        return Err(failed(to, &io::Error::from(io::ErrorKind::InvalidFilename)));
    };
    let mut name = name.to_owned();
    name.push(".partial");
    let partial = to.with_file_name(name);
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(|error| failed(&partial, &error))?;
    }
    make_private_folder(&partial).map_err(|error| failed(&partial, &error))?;
    Ok(partial)
}

fn finish_partial(partial: &Path, to: &Path) -> Result<(), BackupError> {
    sync(partial)?;
    fs::rename(partial, to).map_err(|error| failed(to, &error))?;
    match to.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => sync(parent),
        None => sync(Path::new(".")),
    }
}

/// Makes a folder that nobody but its owner can look into.
pub(crate) fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes a new empty file that nobody but its owner can read.
pub(crate) fn make_private_file(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn copy_durably(from: &Path, to: &Path) -> Result<(), BackupError> {
    let mut source = File::open(from).map_err(|error| failed(from, &error))?;
    let mut copy = make_private_file(to).map_err(|error| failed(to, &error))?;
    io::copy(&mut source, &mut copy).map_err(|error| failed(to, &error))?;
    copy.sync_all().map_err(|error| failed(to, &error))
}

/// Writes a new private file and waits for the disk.
pub(crate) fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), BackupError> {
    let mut file = make_private_file(path).map_err(|error| failed(path, &error))?;
    io::Write::write_all(&mut file, bytes).map_err(|error| failed(path, &error))?;
    file.sync_all().map_err(|error| failed(path, &error))
}

fn sync(folder: &Path) -> Result<(), BackupError> {
    let opened = File::open(folder).map_err(|error| failed(folder, &error))?;
    opened.sync_all().map_err(|error| failed(folder, &error))
}

fn size_and_hash(path: &Path) -> Result<(u64, Hash256), BackupError> {
    let mut file = File::open(path).map_err(|error| failed(path, &error))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut size = 0;
    loop {
        match io::Read::read(&mut file, &mut buffer).map_err(|error| failed(path, &error))? {
            0 => return Ok((size, Hash256(hasher.finalize().into()))),
            count => {
                hasher.update(&buffer[..count]);
                size += count as u64;
            }
        }
    }
}

fn failed(path: &Path, error: &io::Error) -> BackupError {
    BackupError::File { path: path.display().to_string(), message: error.to_string() }
}
