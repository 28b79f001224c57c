//! What is kept, as the rest of the desk sees it.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::course::FileCourse;
use crate::entry::{FileId, SealedEntry};
use crate::ledger::{DayBatch, Hash256, LedgerEntry};
use crate::vault::{PasswordCost, PublicKey, VaultError, Wraps, random_bytes};

/// What is decided once, when a desk begins, and never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Founding {
    /// The desk's name, which stands in the ledger's header.
    pub name: String,
    /// Whether everything in the desk is invented. Nothing in the program can change it.
    pub is_invented: bool,
    /// The salt of receipts. See [`Receipt::keys`](crate::vault::Receipt::keys).
    pub receipt_salt: [u8; 16],
    /// What the derivation of a receipt costs.
    pub receipt_cost: PasswordCost,
    /// The leaves of every day of the ledger: see [`is_leaf_count`](crate::ledger::is_leaf_count).
    pub leaves: usize,
    /// The custodians' public keys by name.
    pub custodians: BTreeMap<String, PublicKey>,
}

impl Founding {
    /// The founding of a new desk, with a salt of its own.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoRandomness`].
    pub fn draw(
        name: &str,
        is_invented: bool,
        leaves: usize,
        custodians: BTreeMap<String, PublicKey>,
    ) -> Result<Founding, VaultError> {
        Ok(Founding {
            name: name.to_owned(),
            is_invented,
            receipt_salt: random_bytes()?,
            receipt_cost: PasswordCost::RECEIPT,
            leaves,
            custodians,
        })
    }
}

/// A file as it is kept. Nothing in it is finer than a day, and nothing says who filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Its id.
    pub id: FileId,
    /// What the receipt leads to: see [`ReceiptKeys`](crate::vault::ReceiptKeys).
    pub lookup: [u8; 32],
    /// The channel.
    pub channel: String,
    /// The district.
    pub district: String,
    /// The day of filing.
    pub filed_on: Date,
    /// Whether a deadline was ever missed.
    pub has_missed: bool,
    /// Where it stands.
    pub course: FileCourse,
    /// The member of the staff to whom it is given.
    pub assignee: Option<String>,
    /// The day on which it was found closed. The store sets it; what is given is not looked at.
    pub closed_on: Option<Date>,
    /// How often it was changed since it was filed.
    pub revision: u32,
    /// Who can open it.
    pub wraps: Wraps,
}

/// What became of a filing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filing {
    /// It is kept.
    Kept,
    /// It was kept before: the filer sent it twice, and nothing was doubled.
    KeptBefore,
}

/// What changes in a file, all at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// The file as it is afterwards, with the `revision` that it was read with.
    pub file: StoredFile,
    /// What is written into it.
    pub entries: Vec<SealedEntry>,
    /// What is attached.
    pub attachments: Vec<SealedAttachment>,
    /// What goes into the ledger, in order.
    pub commitments: Vec<Hash256>,
    /// The day.
    pub day: Date,
}

/// What an attachment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AttachmentForm {
    /// A copy that was made anew from pixels. The desk may show it.
    CleanedCopy,
    /// What the filer sent, byte by byte. The desk never shows it; it can be handed to an inquiry.
    SealedOriginal,
}

impl AttachmentForm {
    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            AttachmentForm::CleanedCopy => "cleaned-copy",
            AttachmentForm::SealedOriginal => "sealed-original",
        }
    }

    /// The form that a word stands for.
    pub fn from_word(word: &str) -> Option<AttachmentForm> {
        [AttachmentForm::CleanedCopy, AttachmentForm::SealedOriginal]
            .into_iter()
            .find(|form| form.as_str() == word)
    }
}

/// An attachment as it is kept: bytes, name and kind of picture are sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedAttachment {
    /// Its number within the file, from 1.
    pub number: u32,
    /// The number of the entry that it belongs to.
    pub entry: u32,
    /// What it is.
    pub form: AttachmentForm,
    /// The bytes, sealed with the file's key and bound to file, number and form.
    pub sealed: Vec<u8>,
}

/// That somebody opened a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Opening {
    /// The file.
    pub file: FileId,
    /// Who opened it.
    pub member: String,
    /// The day.
    pub day: Date,
}

/// Counts that were released, as they were released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRelease {
    /// The quarter, such as `2026-Q1`.
    pub quarter: String,
    /// The day on which they fell due.
    pub day: Date,
    /// The table as CSV: see [`to_csv`](crate::release::to_csv).
    pub table: String,
}

/// What an auditor sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InnerLedger {
    /// Every step in the order of entry.
    pub entries: Vec<LedgerEntry>,
    /// The leaves of each day that is closed.
    pub batches: Vec<(Date, DayBatch)>,
}
