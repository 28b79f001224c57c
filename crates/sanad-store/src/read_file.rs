//! Files from outside, each with an end and no larger than a bound, and their hash.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use sanad_core::Progress;

use crate::error::{Error, Result};
use crate::hash::sha256;

/// The largest file that is read: several times the largest that the publishers of these formats
/// ship. 2 GiB, before unpacking.
pub(crate) const FILE_BYTES: u64 = 2 << 30;

/// An error about a file of somebody else's, with the reader's reason.
pub(crate) fn foreign(path: &Path, source: sanad_source::Error) -> Error {
    Error::Foreign { path: path.to_owned(), source: Box::new(source) }
}

/// Opens a file that has an end and is not too large.
///
/// # Errors
///
/// [`Error::Io`] for a folder, a device or what cannot be opened; [`Error::Foreign`] beyond
/// [`FILE_BYTES`].
pub(crate) fn open_file(path: &Path) -> Result<File> {
    if metadata_of(path)?.len() > FILE_BYTES {
        return Err(too_large(path));
    }
    File::open(path).map_err(|e| Error::io("read", path, e))
}

/// What the system says of a file that has an end.
///
/// # Errors
///
/// [`Error::Io`] for a folder or a device.
pub(crate) fn metadata_of(path: &Path) -> Result<fs::Metadata> {
    let metadata = fs::metadata(path).map_err(|e| Error::io("read", path, e))?;
    if metadata.is_dir() {
        let reason = std::io::Error::new(
            std::io::ErrorKind::IsADirectory,
            "it is a folder, expected a file",
        );
        return Err(Error::io("read", path, reason));
    }
    if is_endless(&metadata) {
        let reason = std::io::Error::new(
            std::io::ErrorKind::InvalidInput,
            "it is a device, expected a file",
        );
        return Err(Error::io("read", path, reason));
    }
    Ok(metadata)
}

/// Whether there may be no end to what a file gives: a device such as `/dev/zero`. What comes through
/// a pipe is bounded while it is read.
fn is_endless(metadata: &fs::Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = metadata.file_type();
        kind.is_char_device() || kind.is_block_device() || kind.is_socket()
    }
    #[cfg(not(unix))]
    !metadata.is_file()
}

/// An error about a file of more than [`FILE_BYTES`].
pub(crate) fn too_large(path: &Path) -> Error {
    foreign(path, sanad_source::Error::TooLarge { limit_bytes: FILE_BYTES })
}

/// The name of a file without its folder; empty for a path that ends in `..`.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What [`ImportFile::progress`] hears that the reading of a file is called.
pub(crate) const READ_STEP: &str = "read, MiB";

/// A reader that says how many MiB have come. At most once for each MiB.
pub(crate) struct CountingReader<'a, R> {
    pub(crate) inner: R,
    /// How many bytes came so far.
    pub(crate) read: u64,
    /// How many bytes there are.
    pub(crate) bytes: u64,
    pub(crate) progress: &'a dyn Progress,
}

impl<R: Read> Read for CountingReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let before = self.read >> 20;
        self.read += count as u64;
        if self.read >> 20 != before {
            let all = (self.bytes.max(self.read) >> 20) + 1;
            self.progress.advance((self.read >> 20) as usize, all as usize);
        }
        Ok(count)
    }
}

/// A file's bytes and their hash, for the smaller formats.
///
/// # Errors
///
/// [`Error::Io`]; [`Error::Foreign`] when there are more than [`FILE_BYTES`].
pub(crate) fn read_whole(path: &Path) -> Result<(Vec<u8>, String)> {
    read_bounded(open_file(path)?, path)
}

/// As [`read_whole`], with the bytes unpacked where the file is an archive. The hash is that of the
/// file.
pub(crate) fn read_unpacked(path: &Path) -> Result<(Vec<u8>, String)> {
    let (bytes, hash) = read_whole(path)?;
    Ok((sanad_source::unpacked(bytes).map_err(|e| foreign(path, e))?, hash))
}

/// All bytes of a reader and their hash; `path` is for messages.
///
/// # Errors
///
/// [`Error::Io`]; [`Error::Foreign`] when there are more than [`FILE_BYTES`].
pub(crate) fn read_bounded(input: impl Read, path: &Path) -> Result<(Vec<u8>, String)> {
    let mut bytes = Vec::new();
    input.take(FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|e| Error::io("read", path, e))?;
    if bytes.len() as u64 > FILE_BYTES {
        return Err(too_large(path));
    }
    let hash = sha256(&bytes);
    Ok((bytes, hash))
}

/// The text of a small file that somebody wrote: a card, a map.
///
/// # Errors
///
/// [`Error::Io`] when it cannot be read or is not UTF-8.
pub(crate) fn read_small_text(path: &Path) -> Result<String> {
    let (bytes, _) = read_whole(path)?;
    String::from_utf8(bytes).map_err(|e| {
        let reason = std::io::Error::new(std::io::ErrorKind::InvalidData, e);
        Error::io("read", path, reason)
    })
}
