//! Whether files are as they were written. A disk or a hand can change a file at any time, so that
//! the check is made when a file is read and not when the observatory is opened.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::hash::Digest;

/// Files that were found to be as they were written. Clones of an observatory share it, so that a
/// file is read for its hash once in a session. A file that changes after its check goes unnoticed
/// until the observatory is opened anew.
#[derive(Debug, Clone, Default)]
pub(crate) struct VerifiedFiles(Arc<Mutex<BTreeSet<(PathBuf, String)>>>);

impl VerifiedFiles {
    /// Checks a file unless this session did. That it is still there is looked at each time.
    pub(crate) fn check(&self, path: &Path, digest: &Digest) -> Result<()> {
        let key = (path.to_owned(), digest.sha256.clone());
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&key) {
            return if path.is_file() { Ok(()) } else { Err(Error::damaged(path, MISSING)) };
        }
        check_file(path, digest)?;
        // A thread that failed with the lock in its hand left the set as it was.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
        Ok(())
    }
}

/// What is said of a file that is not there.
pub(crate) const MISSING: &str = "it is missing";

/// Refuses a file whose bytes are not those that were written.
///
/// # Errors
///
/// [`Error::Damaged`] with what differs, its length before its hash.
pub(crate) fn check_file(path: &Path, digest: &Digest) -> Result<()> {
    let file = File::open(path).map_err(|e| Error::kept(path, e))?;
    let found = Digest::from_reader(file).map_err(|e| Error::kept(path, e))?;
    if found.bytes != digest.bytes {
        let problem = format!("it has {} bytes, expected {}", found.bytes, digest.bytes);
        return Err(Error::damaged(path, problem));
    }
    if found.sha256 != digest.sha256 {
        return Err(Error::damaged(path, "its bytes changed after they were written"));
    }
    Ok(())
}
