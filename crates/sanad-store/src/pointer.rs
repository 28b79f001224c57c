//! The small file that names the newest state, and its copy. The checksum in it tells a pointer
//! that was damaged from one that names a damaged state.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::disk;
use crate::durable;
use crate::error::{Error, Result};
use crate::hash::sha256;

/// Digits of the checksum at the end of a pointer, and of the hash in the name of a state. 16 of
/// 64: chance does not make two files of one folder share them.
pub(crate) const SHORT: usize = 16;

/// Which state is the newest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pointer {
    /// As this program writes it: the number of the state and the SHA-256 of its file.
    Checked {
        /// Number of the state.
        generation: u64,
        /// SHA-256 of the state's file, in hexadecimal.
        sha256: String,
    },
    /// As the first layout had it: the number alone.
    Number(u64),
}

/// What stands where a pointer should.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PointerFile {
    /// No file.
    Nothing,
    /// A file that is no pointer.
    Unreadable,
    /// A pointer.
    Pointer(Pointer),
}

impl Pointer {
    /// The file that decides what is visible.
    pub(crate) fn path(folder: &Path) -> PathBuf {
        folder.join("CURRENT")
    }

    /// A second one, written after the first: it shows when the first is lost or older than it
    /// should be.
    pub(crate) fn copy_path(folder: &Path) -> PathBuf {
        folder.join("states").join("pointer")
    }

    /// The number of the state.
    pub(crate) const fn generation(&self) -> u64 {
        match self {
            Self::Checked { generation, .. } | Self::Number(generation) => *generation,
        }
    }

    /// The pointer as text: number, hash, and a checksum of the two.
    fn text(&self) -> String {
        match self {
            Self::Number(generation) => format!("{generation}\n"),
            Self::Checked { generation, sha256: hash } => {
                let body = format!("{generation:08} {hash}");
                format!("{body} {}\n", &sha256(body.as_bytes())[..SHORT])
            }
        }
    }

    /// A pointer of a text; nothing unless it would be written so, checksum included.
    fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let found = match words[..] {
            [number] => Self::Number(number.parse().ok()?),
            [number, hash, _] => {
                Self::Checked { generation: number.parse().ok()?, sha256: hash.to_owned() }
            }
            _ => return None,
        };
        (found.text().trim_end() == text.trim_end()).then_some(found)
    }

    /// Reads a pointer.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when there is a file and it cannot be read.
    pub(crate) fn read(path: &Path) -> Result<PointerFile> {
        match disk::read(path) {
            Ok(bytes) => {
                let text = String::from_utf8(bytes).unwrap_or_default();
                Ok(Self::parse(&text).map_or(PointerFile::Unreadable, PointerFile::Pointer))
            }
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(PointerFile::Nothing),
            Err(e) => Err(Error::io("read", path, e)),
        }
    }

    /// Makes a state the newest one, by one rename; then writes the copy.
    ///
    /// # Errors
    ///
    /// [`Error::Unconfirmed`] when the pointer has its new name and the folder could not be
    /// flushed: the disk did not say whether it keeps the name.
    pub(crate) fn publish(&self, folder: &Path) -> Result<()> {
        let path = Self::path(folder);
        let written = durable::replace_bytes(&path, self.text().as_bytes());
        let visible =
            || Self::read(&path).is_ok_and(|found| found == PointerFile::Pointer(self.clone()));
        match written {
            Err(Error::Io { source, .. }) if visible() => {
                return Err(Error::Unconfirmed { path, source });
            }
            other => other?,
        };
        // The copy only warns of a pointer that is lost or older; without it the state is as good.
        let _ = self.write_copy(folder);
        Ok(())
    }

    /// Writes the copy.
    pub(crate) fn write_copy(&self, folder: &Path) -> Result<()> {
        durable::replace_bytes(&Self::copy_path(folder), self.text().as_bytes()).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointer() -> Pointer {
        Pointer::Checked { generation: 3, sha256: sha256(b"a state") }
    }

    #[test]
    fn a_pointer_is_read_as_it_was_written() {
        assert_eq!(Pointer::parse(&pointer().text()), Some(pointer()));
        assert_eq!(Pointer::parse("3\n"), Some(Pointer::Number(3)));
        for text in ["", "\n", "the newest", "3 4", "-3", "3.0"] {
            assert_eq!(Pointer::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn no_bit_of_a_pointer_can_change_unseen() {
        let text = pointer().text().into_bytes();
        for byte in 0..text.len() - 1 {
            for bit in 0..8 {
                let mut broken = text.clone();
                broken[byte] ^= 1 << bit;
                let broken = String::from_utf8_lossy(&broken).into_owned();
                assert_eq!(Pointer::parse(&broken), None, "byte {byte}, bit {bit}: {broken}");
            }
        }
    }
}
