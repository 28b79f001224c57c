//! SHA-256 of what passes through.

use std::io::{self, Read};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use sha2::{Digest, Sha256};

/// Bytes handed to the hashing thread at a time, and how many such blocks may wait for it.
const BLOCK_BYTES: usize = 1 << 20;
const QUEUED_BLOCKS: usize = 16;

/// The SHA-256 of bytes, in hexadecimal.
#[must_use]
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A reader that hashes what it reads, on a thread of its own so that parsing need not wait.
pub(crate) struct HashingReader<R> {
    inner: R,
    blocks: Option<SyncSender<Vec<u8>>>,
    worker: Option<JoinHandle<String>>,
}

impl<R: Read> HashingReader<R> {
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
