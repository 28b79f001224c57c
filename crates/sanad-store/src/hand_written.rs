//! Files that the project's own people wrote: their text and their card. That they are cited in one
//! way is what tells them from files of others.

use std::path::Path;

use sanad_core::source::{Coverage, Source};

use crate::error::{Error, Result};
use crate::import::ImportFile;
use crate::read_file::read_whole;

/// How a file is cited that the project's own people wrote.
pub(crate) const BY_HAND: &str = "written by hand; each entry names where it comes from";

/// The text of a file and the hash of its bytes.
///
/// # Errors
///
/// [`Error::Io`] when it cannot be read or is not UTF-8.
pub(crate) fn read_text(path: &Path) -> Result<(String, String)> {
    let (bytes, hash) = read_whole(path)?;
    let text = String::from_utf8(bytes).map_err(|e| {
        let problem = format!("it is not UTF-8 text: {}; save it as UTF-8", e.utf8_error());
        Error::io("read", path, std::io::Error::new(std::io::ErrorKind::InvalidData, problem))
    })?;
    Ok((text, hash))
}

/// The card of a file that the project's own people wrote. Its version is the beginning of the
/// hash of its bytes.
pub(crate) fn own_source(file: &ImportFile<'_>, id: String, title: String, hash: &str) -> Source {
    Source {
        id,
        version: hash[..8].to_owned(),
        title,
        citation: BY_HAND.to_owned(),
        licence: "MIT OR Apache-2.0".to_owned(),
        url: String::new(),
        accessed: file.today,
        released: None,
        preliminary: false,
        date_rule: None,
        coverage: Coverage::default(),
    }
}
