//! Which identifiers come more than once, among any number of them and in little memory.
//!
//! Identifiers are dealt out to shares by a hash, so that equal ones meet in one share. A share that has
//! filled its buffer goes to a temporary file; in the end each share is read and sorted by itself.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rayon::slice::ParallelSliceMut;

use crate::error::{Error, Result};

/// How many shares there are. Of 100 million identifiers each has 400,000, which are 3 MB.
const SHARES: usize = 256;

/// Identifiers that a share holds before they are written: 8 MB for all shares together.
const BLOCK_IDS: usize = 1 << 12;
const BLOCK_BYTES: usize = BLOCK_IDS * size_of::<i64>();

/// Identifiers seen so far. Takes 8 bytes of the disk for each beyond the first million, in a file that has
/// no name and is gone with the process.
pub(crate) struct RepeatedIds {
    folder: PathBuf,
    shares: Vec<Vec<i64>>,
    /// The share of each block of the file.
    blocks: Vec<u8>,
    file: Option<File>,
}

impl RepeatedIds {
    /// None so far; a temporary file will be in `folder`.
    pub(crate) fn new(folder: &Path) -> Self {
        let shares = vec![Vec::new(); SHARES];
        Self { folder: folder.to_owned(), shares, blocks: Vec::new(), file: None }
    }

    /// Takes identifiers in.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when the temporary file cannot be written.
    pub(crate) fn add(&mut self, ids: &[i64]) -> Result<()> {
        for &id in ids {
            let share = share_of(id);
            self.shares[usize::from(share)].push(id);
            if self.shares[usize::from(share)].len() == BLOCK_IDS {
                self.spill(share).map_err(|e| self.error("write", e))?;
            }
        }
        Ok(())
    }

    /// The identifiers that came more than once, in no order.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when the temporary file cannot be read.
    pub(crate) fn repeated(mut self) -> Result<Vec<i64>> {
        let mut found = Vec::new();
        for share in 0..=u8::MAX {
            let ids = self.all_of(share).map_err(|e| self.error("read", e))?;
            let again = ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
            found.extend(again);
        }
        found.dedup();
        Ok(found)
    }

    /// Writes what a share holds.
    fn spill(&mut self, share: u8) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile_in(&self.folder)?),
        };
        let ids = &mut self.shares[usize::from(share)];
        let bytes: Vec<u8> = ids.drain(..).flat_map(i64::to_le_bytes).collect();
        file.write_all(&bytes)?;
        self.blocks.push(share);
        Ok(())
    }

    /// All identifiers of a share, sorted.
    fn all_of(&mut self, share: u8) -> io::Result<Vec<i64>> {
        let mut ids = std::mem::take(&mut self.shares[usize::from(share)]);
        let mut block = vec![0; BLOCK_BYTES];
        let own = self.blocks.iter().enumerate().filter(|(_, of)| **of == share);
        for (number, _) in own {
            let Some(file) = &mut self.file else { break };
            file.seek(SeekFrom::Start((number * BLOCK_BYTES) as u64))?;
            file.read_exact(&mut block)?;
            let words = block.as_chunks::<{ size_of::<i64>() }>().0;
            ids.extend(words.iter().map(|bytes| i64::from_le_bytes(*bytes)));
        }
        ids.par_sort_unstable();
        Ok(ids)
    }

    fn error(&self, action: &'static str, reason: io::Error) -> Error {
        Error::io(action, &self.folder.join("a temporary file"), reason)
    }
}

/// The share of an identifier: the first eight bits of a product that mixes all of its bits upwards
/// (D. E. Knuth's multiplicative hashing, by 2^64 over the golden ratio).
const fn share_of(id: i64) -> u8 {
    ((id as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_again_is_found_in_memory_and_on_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let few: Vec<i64> = (0..1000).collect();
        // Enough that every share has been written more than once.
        let many: Vec<i64> = (0..3_000_000).map(|id| id * 7 - 9_000_000).collect();
        for (ids, again) in [(&few, [3, 999]), (&many, [-9_000_000, 7 * 2_999_999 - 9_000_000])] {
            let mut seen = RepeatedIds::new(folder.path());
            seen.add(ids).unwrap();
            seen.add(&again).unwrap();
            seen.add(&again[..1]).unwrap();
            assert_eq!(seen.file.is_some(), ids.len() > 1000);
            let mut found = seen.repeated().unwrap();
            found.sort_unstable();
            assert_eq!(found, again);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
    }
}
