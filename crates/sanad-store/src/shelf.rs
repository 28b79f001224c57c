//! Where computed tables are kept. An observatory may lie on a disk that only others may write to,
//! and is asked all the same.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::durable;
use crate::error::{Error, Result};
use crate::hash::sha256;

/// Where computed tables are kept: in the observatory, or where it cannot be written to, in the
/// user's cache folder, or else in a temporary folder.
#[derive(Debug, Clone)]
pub(crate) struct Shelf {
    /// The observatory, or the folder of a case.
    subject: PathBuf,
    /// Whether nothing may be written to the folder itself.
    only_outside: bool,
    /// The other place, once it was needed.
    other: Arc<OnceLock<OtherPlace>>,
}

/// A place for a folder that cannot be written to.
#[derive(Debug)]
struct OtherPlace {
    path: PathBuf,
    /// Removed when the last clone of the observatory goes.
    _temporary: Option<tempfile::TempDir>,
}

impl Shelf {
    /// A place in an observatory.
    pub(crate) fn new(observatory: &Path) -> Self {
        Self { subject: observatory.to_owned(), only_outside: false, other: Arc::default() }
    }

    /// A place for tables about a folder that is only read.
    pub(crate) fn outside(subject: &Path) -> Self {
        Self { only_outside: true, ..Self::new(subject) }
    }

    /// Folders in which tables may be kept. In the order in which they are looked at; they need not
    /// exist.
    pub(crate) fn places(&self) -> Vec<PathBuf> {
        let other = self.other.get().map(|other| other.path.clone());
        let other = other.or_else(|| user_cache(&self.subject));
        let inside = (!self.only_outside).then(|| self.subject.clone());
        inside.into_iter().chain(other).collect()
    }

    /// The place for a folder that cannot be written to. Chosen once; the user's cache if it can be
    /// made, else a temporary folder, whose tables last as long as the observatory is open.
    fn other(&self) -> Result<PathBuf> {
        if let Some(other) = self.other.get() {
            return Ok(other.path.clone());
        }
        let other = match user_cache(&self.subject) {
            Some(path) if durable::create_folder(&path).is_ok() => {
                OtherPlace { path, _temporary: None }
            }
            _ => {
                let folder = tempfile::tempdir()
                    .map_err(|e| Error::io("create", Path::new("a temporary folder"), e))?;
                OtherPlace { path: folder.path().to_owned(), _temporary: Some(folder) }
            }
        };
        Ok(self.other.get_or_init(|| other).path.clone())
    }

    /// Writes to a folder of the observatory, given relative to it; where that may not be written
    /// to, to the same folder of the other place. Says which folder it was.
    pub(crate) fn keep(
        &self,
        folder: &Path,
        write: impl Fn(&Path) -> Result<()>,
    ) -> Result<PathBuf> {
        let elsewhere = || {
            let elsewhere = self.other()?.join(folder);
            write(&elsewhere).map(|()| elsewhere)
        };
        if self.only_outside {
            return elsewhere();
        }
        let here = self.subject.join(folder);
        match write(&here) {
            Err(Error::Io { source, .. }) if is_forbidden(&source) => elsewhere(),
            other => other.map(|()| here),
        }
    }
}

/// Whether the system does not let this user write there, as opposed to a disk that is full or
/// broken.
fn is_forbidden(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
}

/// The user's cache folder for a folder, if the system names one. `XDG_CACHE_HOME`, `LOCALAPPDATA`
/// or `HOME/.cache`, then `sanad` and the hash of the folder's full path. Nothing for a folder that
/// is not there.
fn user_cache(subject: &Path) -> Option<PathBuf> {
    let folder =
        |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let caches = folder("XDG_CACHE_HOME")
        .or_else(|| folder("LOCALAPPDATA"))
        .or_else(|| folder("HOME").map(|home| home.join(".cache")))?;
    let whole = fs::canonicalize(subject).ok()?;
    let name = sha256(whole.to_string_lossy().as_bytes());
    Some(caches.join("sanad").join(&name[..16]))
}
