//! SHA-256 of what passes through. For finding out what changed by accident and for names of what
//! was computed; it keeps nobody out who may write to the folder.

use std::io::{self, Read};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Bytes handed to the hashing thread at a time, and how many such blocks may wait for it. 1 MiB,
/// and 16 of them: more than that and the reader waits.
const BLOCK_BYTES: usize = 1 << 20;
const QUEUED_BLOCKS: usize = 16;

/// The SHA-256 of bytes, in hexadecimal.
#[must_use]
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// What a file's bytes must be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// SHA-256 of the bytes, in hexadecimal.
    pub sha256: String,
    /// How many bytes there are.
    pub bytes: u64,
}

impl Digest {
    /// The digest of bytes in memory.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self { sha256: sha256(bytes), bytes: bytes.len() as u64 }
    }

    /// The digest of what a reader gives.
    pub(crate) fn from_reader(mut reader: impl Read) -> io::Result<Self> {
        let mut hasher = Hasher::default();
        let mut block = vec![0; BLOCK_BYTES];
        loop {
            match reader.read(&mut block) {
                Ok(0) => return Ok(hasher.finish()),
                Ok(count) => hasher.update(&block[..count]),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }
}

/// Hashes and counts bytes as they come.
#[derive(Default)]
pub(crate) struct Hasher {
    state: Sha256,
    bytes: u64,
}

impl Hasher {
    /// Adds bytes.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.state.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// The digest of all bytes that were added.
    pub(crate) fn finish(self) -> Digest {
        Digest { sha256: hexadecimal(&self.state.finalize()), bytes: self.bytes }
    }
}

/// Two lower-case letters a byte.
fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A reader that hashes what it reads, on a thread of its own so that parsing need not wait.
pub(crate) struct HashingReader<R> {
    inner: R,
    /// Where blocks go; taken when the last was sent, so that the thread ends.
    blocks: Option<SyncSender<Vec<u8>>>,
    /// The hashing thread, which gives the hash.
    worker: Option<JoinHandle<String>>,
}

impl<R: Read> HashingReader<R> {
    /// Starts the hashing thread.
    pub(crate) fn new(inner: R) -> Self {
        let (blocks, received) = sync_channel::<Vec<u8>>(QUEUED_BLOCKS);
        let worker = std::thread::spawn(move || {
            let mut hasher = Sha256::new();
            for block in received {
                hasher.update(&block);
            }
            hexadecimal(&hasher.finalize())
        });
        Self { inner, blocks: Some(blocks), worker: Some(worker) }
    }

    /// What it reads from.
    pub(crate) const fn get_ref(&self) -> &R {
        &self.inner
    }

    /// Reads what is left and gives the hash of everything.
    pub(crate) fn finish(mut self) -> io::Result<String> {
        io::copy(&mut self, &mut io::sink())?;
        drop(self.blocks.take());
        let worker = self.worker.take().map(JoinHandle::join);
        match worker {
            Some(Ok(hash)) => Ok(hash),
            _ => Err(io::Error::other("the hashing thread ended early")),
        }
    }
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if let Some(blocks) = &self.blocks {
            for piece in buffer[..count].chunks(BLOCK_BYTES) {
                let sent = blocks.send(piece.to_vec());
                sent.map_err(|_| io::Error::other("the hashing thread ended early"))?;
            }
        }
        Ok(count)
    }
}

/// The version of a file that does not say its publisher's. The beginning of its hash, so that
/// other bytes are another version.
pub(crate) fn version_of_bytes(sha256: &str) -> String {
    format!("file-{}", &sha256[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_in_pieces_hashes_like_reading_at_once() {
        let bytes: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
        let mut reader = HashingReader::new(bytes.as_slice());
        let mut first = [0_u8; 777];
        reader.read_exact(&mut first).unwrap();
        assert_eq!(reader.finish().unwrap(), sha256(&bytes));
        // NIST's example for the text "abc".
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(b"abc"), abc);
    }
}
