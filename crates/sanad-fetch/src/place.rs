//! Where a file lies, what lies next to it, and writing that is whole or not there.
//!
//! ```text
//! DIR/ucdp-ged/ged261-csv.zip                the file, whole and checked
//! DIR/ucdp-ged/ged261-csv.zip.card.toml      its card, for an importer
//! DIR/ucdp-ged/ged261-csv.zip.fetched.toml   what the server said of it, and its SHA-256
//! DIR/ucdp-ged/ged261-csv.zip.part           what has come so far
//! DIR/ucdp-ged/ged261-csv.zip.part.toml      how far, and from where
//! DIR/ucdp-ged/.lock                         taken while a process writes here
//! ```

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use md5::Md5;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use crate::error::{Error, Result};

/// The longest name of a file that is taken from a server, bytes.
const NAME_BYTES: usize = 180;

/// Where a file and its companions lie.
#[derive(Debug, Clone)]
pub(crate) struct FilePlace {
    folder: PathBuf,
    name: String,
}

impl FilePlace {
    /// The place of a file called `name`, which [`file_name`] made.
    pub(crate) fn new(folder: &Path, name: &str) -> Self {
        Self { folder: folder.to_owned(), name: name.to_owned() }
    }

    /// The finished file.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// What has come so far.
    pub(crate) fn part(&self) -> PathBuf {
        self.companion("part")
    }

    /// How far it has come, and from where.
    pub(crate) fn state(&self) -> PathBuf {
        self.companion("part.toml")
    }

    /// The card with citation, licence and day of access, as an importer reads it.
    pub(crate) fn card(&self) -> PathBuf {
        self.companion("card.toml")
    }

    /// What the server said of the finished file.
    pub(crate) fn receipt(&self) -> PathBuf {
        self.companion("fetched.toml")
    }

    /// A file that belongs to this one.
    fn companion(&self, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", self.name))
    }

    /// Takes the folder for this process, until the value is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] while another process has it.
    pub(crate) fn lock(&self) -> Result<File> {
        fs::create_dir_all(&self.folder).map_err(|e| Error::file("create", &self.folder, e))?;
        let path = self.folder.join(".lock");
        let file = File::create(&path).map_err(|e| Error::file("create", &path, e))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(fs::TryLockError::WouldBlock) => Err(Error::Busy { path: self.file() }),
            Err(fs::TryLockError::Error(e)) => Err(Error::file("lock", &path, e)),
        }
    }

    /// Removes what came half.
    pub(crate) fn discard(&self) {
        // What cannot be removed is overwritten by the next attempt.
        let _ = fs::remove_file(self.state());
        let _ = fs::remove_file(self.part());
    }

    /// Makes the part the finished file, at once.
    pub(crate) fn publish(&self) -> Result<()> {
        let part = self.part();
        let flushed = File::open(&part).and_then(|file| file.sync_all());
        flushed.map_err(|e| Error::file("flush", &part, e))?;
        fs::rename(&part, self.file()).map_err(|e| Error::file("rename", &part, e))?;
        flush_folder(&self.folder);
        let _ = fs::remove_file(self.state());
        Ok(())
    }
}

/// How far a file has come, and from where. What lies in the part beyond `flushed_bytes` may not have
/// reached the disk and is cut off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartState {
    pub(crate) address: String,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
    pub(crate) total_bytes: Option<u64>,
    pub(crate) flushed_bytes: u64,
    /// Of pages: the next one's address.
    pub(crate) next: Option<String>,
    /// Of pages: the next one's number.
    pub(crate) number: u64,
    /// Of pages: those that have come.
    pub(crate) pages: u64,
}

/// What the server said of a finished file, and what it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Receipt {
    pub(crate) address: String,
    pub(crate) version: Option<String>,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

/// Reads a small file of ours; nothing where it is not there or not ours.
pub(crate) fn read_toml<T: DeserializeOwned>(path: &Path) -> Option<T> {
    toml::from_str(&fs::read_to_string(path).ok()?).ok()
}

/// Writes a small file of ours, whole or not at all.
pub(crate) fn write_toml<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    let text = toml::to_string(value)
        .map_err(|e| Error::file("write", path, io::Error::other(e.to_string())))?;
    let unfinished = path.with_extension("toml.unfinished");
    let written = File::create(&unfinished).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|e| Error::file("write", &unfinished, e))?;
    fs::rename(&unfinished, path).map_err(|e| Error::file("rename", &unfinished, e))
}

/// A rename is durable once its folder is flushed. Where a folder cannot be flushed (Windows) the
/// rename is still atomic.
fn flush_folder(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

/// Size and sums of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileSums {
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
    pub(crate) md5: String,
}

/// Reads a file once and sums it.
pub(crate) fn sums(path: &Path) -> io::Result<FileSums> {
    let mut file = File::open(path)?;
    let (mut sha256, mut md5, mut bytes) = (Sha256::new(), Md5::new(), 0);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(FileSums {
                bytes,
                sha256: hex(&sha256.finalize()),
                md5: hex(&md5.finalize()),
            });
        }
        bytes += count as u64;
        sha256.update(&buffer[..count]);
        md5.update(&buffer[..count]);
    }
}

/// Bytes as hexadecimal digits in small letters.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A name for a file on this disk from what a server or a catalogue calls it: no folder can be
/// reached by it, and it is not hidden.
pub(crate) fn file_name(text: &str) -> Option<String> {
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean = |letter: char| match letter {
        letter if letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_' | '+') => letter,
        _ => '_',
    };
    let name: String = last.chars().map(clean).collect();
    let name = name.trim_start_matches(['.', '_']).trim_end_matches('.');
    let end = (0..=NAME_BYTES.min(name.len())).rev().find(|&end| name.is_char_boundary(end))?;
    let name = &name[..end];
    (!name.is_empty()).then(|| name.to_owned())
}

/// The name at the end of an address.
pub(crate) fn name_in(url: &Url) -> Option<String> {
    file_name(url.path_segments()?.rfind(|segment| !segment.is_empty())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_reaches_another_folder() {
        assert_eq!(file_name("../../etc/passwd").as_deref(), Some("passwd"));
        assert_eq!(file_name("..\\..\\x.csv").as_deref(), Some("x.csv"));
        assert_eq!(file_name(".hidden").as_deref(), Some("hidden"));
        assert_eq!(
            file_name("V-Dem-CY-Full+Others-v16.csv").as_deref(),
            Some("V-Dem-CY-Full+Others-v16.csv")
        );
        assert_eq!(file_name("a b\0c?.csv").as_deref(), Some("a_b_c_.csv"));
        assert_eq!(file_name(&"ä".repeat(300)).map(|name| name.len()), Some(180));
        for nothing in ["", "..", "/", "a/", "___"] {
            assert_eq!(file_name(nothing), None, "{nothing}");
        }
    }
}
