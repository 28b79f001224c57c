//! What is written into a file: sealed text, with the salts by which it is in the ledger.

use jiff::civil::Date;
use zeroize::Zeroizing;

use crate::ledger::{Hash256, Statement, commitment, content_digest};
use crate::process::{FileKind, Role, Stage};
use crate::vault::{SecretKey, VaultError, open, random_bytes, seal};

/// The id of a file: random, and no way to its receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileId(pub [u8; 16]);

/// What an entry is about, next to its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryHead {
    /// Its number within the file, from 1.
    pub number: u32,
    /// Who wrote it.
    pub author: Role,
    /// What was done: see [`Statement`].
    pub deed: String,
    /// The stage afterwards.
    pub stage: Stage,
    /// The day.
    pub day: Date,
}

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedEntry {
    /// What is not sealed.
    pub head: EntryHead,
    /// Salts and text, sealed with the file's key and bound to file and number.
    pub sealed: Vec<u8>,
}

/// An entry that was opened.
pub struct OpenedEntry {
    /// What was written.
    pub text: Zeroizing<String>,
    /// What the ledger holds of it.
    pub statement: Statement,
    /// The salt of its commitment.
    pub salt: Hash256,
}

/// Bytes of the two salts before the text.
const SALTS: usize = 64;
/// Texts are filled up to a multiple of this many bytes, so that the size of what is kept tells
/// little of their length.
const BLOCK: usize = 1024;

impl SealedEntry {
    /// Seals a text and gives the commitment that has to go into the ledger with it.
    ///
    /// # Errors
    ///
    /// [`VaultError`] of the sealing.
    pub fn seal(
        key: &SecretKey,
        file: FileId,
        kind: FileKind,
        head: EntryHead,
        text: &str,
    ) -> Result<(SealedEntry, Hash256), VaultError> {
        let (salt, content_salt) = (random_bytes::<32>()?, random_bytes::<32>()?);
        let committed = commitment(&salt, &statement(kind, &head, &content_salt, text));
        let mut plain = Zeroizing::new(Vec::with_capacity(SALTS + text.len() + BLOCK));
        plain.extend_from_slice(&salt);
        plain.extend_from_slice(&content_salt);
        plain.extend_from_slice(text.as_bytes());
        // One byte that no text holds marks its end; zeros follow (ISO 7816-4).
        plain.push(0x80);
        let filled = plain.len().next_multiple_of(BLOCK);
        plain.resize(filled, 0);
        let sealed = seal(key, &context(file, head.number), &plain)?;
        Ok((SealedEntry { head, sealed }, committed))
    }

    /// An entry of the desk's clock, which has no file's key: what a day brought about, and no
    /// text. Nothing in it is secret but what its commitment hides from whoever sees the ledger
    /// alone; the salts lie open in the database, next to a head that says the same.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoRandomness`].
    pub fn record(kind: FileKind, head: EntryHead) -> Result<(SealedEntry, Hash256), VaultError> {
        let (salt, content_salt) = (random_bytes::<32>()?, random_bytes::<32>()?);
        let committed = commitment(&salt, &statement(kind, &head, &content_salt, ""));
        let sealed = [salt, content_salt].concat();
        Ok((SealedEntry { head, sealed }, committed))
    }

    /// Opens an entry of a file.
    ///
    /// # Errors
    ///
    /// [`VaultError::NotOpened`] for another key, file or number, or changed bytes.
    pub fn open(
        &self,
        key: &SecretKey,
        file: FileId,
        kind: FileKind,
    ) -> Result<OpenedEntry, VaultError> {
        // What is sealed is longer by a whole block: no sealed entry passes for the clock's.
        let plain = match self.sealed.len() == SALTS && self.head.author == Role::Clock {
            true => Zeroizing::new([self.sealed.as_slice(), &[0x80]].concat()),
            false => open(key, &context(file, self.head.number), &self.sealed)?,
        };
        let (salts, rest) = plain.split_first_chunk::<SALTS>().ok_or(VaultError::NotOpened)?;
        let end = rest.iter().rposition(|&byte| byte != 0).ok_or(VaultError::NotOpened)?;
        let text = std::str::from_utf8(&rest[..end]).map_err(|_| VaultError::NotOpened)?;
        let (mut salt, mut content_salt) = ([0; 32], [0; 32]);
        salt.copy_from_slice(&salts[..32]);
        content_salt.copy_from_slice(&salts[32..]);
        Ok(OpenedEntry {
            statement: statement(kind, &self.head, &content_salt, text),
            text: Zeroizing::new(text.to_owned()),
            salt: Hash256(salt),
        })
    }
}

fn context(file: FileId, number: u32) -> Vec<u8> {
    [b"sanad-desk entry 1".as_slice(), &file.0, &number.to_be_bytes()].concat()
}

fn statement(kind: FileKind, head: &EntryHead, salt: &[u8; 32], text: &str) -> Statement {
    let content = content_digest(salt, text);
    Statement { kind, stage: head.stage, deed: head.deed.clone(), day: head.day, content }
}
