//! Observatories that go with the program that made them.

use std::path::Path;

use crate::error::{Error, Result};

/// How the name of a scratch folder begins.
const BEGINNING: &str = ".sanad-scratch-";

/// A temporary folder for an observatory that nobody needs once this value is dropped, such as the one that a
/// case is read into for a single question.
///
/// Nothing below it is flushed to the disk: what a power cut would take was to go anyway. Reading a case writes some
/// hundred small files, and a slow or busy disk takes seconds to flush them. In all else an observatory in it
/// is like any other.
///
/// ```
/// use sanad_store::{Observatory, ScratchFolder};
///
/// let folder = ScratchFolder::new()?;
/// let observatory = Observatory::open_or_new(folder.path())?;
/// assert!(observatory.snapshots().is_empty());
/// # Ok::<(), sanad_store::Error>(())
/// ```
#[derive(Debug)]
pub struct ScratchFolder(tempfile::TempDir);

impl ScratchFolder {
    /// Makes an empty folder where the system keeps temporary files.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when it cannot be made.
    pub fn new() -> Result<Self> {
        let made = tempfile::Builder::new().prefix(BEGINNING).tempdir();
        made.map(Self).map_err(|e| Error::io("create", Path::new("a temporary folder"), e))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// Whether a path is a scratch folder or lies below one.
pub(crate) fn is_scratch(path: &Path) -> bool {
    path.iter().any(|part| part.as_encoded_bytes().starts_with(BEGINNING.as_bytes()))
}
