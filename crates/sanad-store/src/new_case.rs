//! The files that a new case is made from, read as an import reads them, and its folder. Nothing
//! here needs an observatory: a new case is made before there is one.

use std::collections::BTreeMap;
use std::path::Path;

use sanad_core::Progress;
use sanad_source::boundaries::{self, NamedAttributes};
use sanad_source::ged::Ged;

use crate::disk;
use crate::durable;
use crate::error::{Error, Result};
use crate::hash::version_of_bytes;
use crate::import::{read_events, version_in_name};
use crate::read_file::{file_name, foreign, read_unpacked};

/// A file of events, read and not kept.
#[derive(Debug)]
pub struct EventFile {
    /// What it holds.
    pub ged: Ged,
    /// The publisher's version, where its name says it.
    pub version: Option<String>,
    /// The version under which an import keeps it. The publisher's, else the beginning of the hash.
    pub imported_version: String,
}

/// Reads a file of events, packed or not, as importing it would. `progress` hears how many MiB are read.
///
/// # Errors
///
/// [`Error::Io`]; [`Error::Foreign`] when it is no such file.
pub fn read_event_file(path: &Path, progress: &dyn Progress) -> Result<EventFile> {
    let (ged, sha256, version) = read_events(path, version_in_name(&file_name(path)), progress)?;
    let imported_version = version.clone().unwrap_or_else(|| version_of_bytes(&sha256));
    Ok(EventFile { ged, version, imported_version })
}

/// Reads a file of borders, packed or not, by the attributes of a known scheme or by those named.
///
/// # Errors
///
/// [`Error::Io`]; [`Error::Foreign`] when it is no such file.
pub fn read_boundary_file(
    path: &Path,
    names: Option<&NamedAttributes>,
) -> Result<boundaries::Reading> {
    let (bytes, _) = read_unpacked(path)?;
    let read = match names {
        Some(names) => boundaries::read_named(bytes.as_slice(), names),
        None => boundaries::read(bytes.as_slice()),
    };
    read.map_err(|e| foreign(path, e))
}

/// Writes texts into a folder that is there. Each under its name, whole or not at all; one that is
/// there is replaced.
///
/// # Errors
///
/// [`Error::Io`].
pub fn write_texts(folder: &Path, files: &BTreeMap<&'static str, String>) -> Result<()> {
    for (name, text) in files {
        durable::replace_bytes(&folder.join(name), text.as_bytes())?;
    }
    Ok(())
}

/// Gives a finished folder the name that it is to have, which nothing may have yet. One rename, so
/// that nobody sees a case half made. Both have to be on one file system.
///
/// # Errors
///
/// [`Error::Io`].
pub fn place_folder(finished: &Path, folder: &Path) -> Result<()> {
    if folder.symlink_metadata().is_ok() {
        let taken = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
        return Err(Error::io("write", folder, taken));
    }
    disk::rename(finished, folder).map_err(|e| Error::io("write", folder, e))
}
