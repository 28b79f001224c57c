//! Attaching: a picture at a time, to a file that is there, by whoever has its receipt.
//!
//! The text of a file comes first and a picture after it, in a request of its own, because a line
//! that breaks under ten megabytes must not take the text with it. The same picture sent again is
//! kept once.
//!
//! # Limits
//!
//! A file takes [`MOST_PICTURES`] and a channel as many in a day as it takes files, so that a flood
//! of pictures fills no disk: at most `filings_a_day` times twenty megabytes.

use jiff::civil::Date;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::case::allow;
use super::content::ATTACH;
use super::{
    AttachedCopy, AttachedParts, CaseChange, Office, OfficeFault, Officer, OpenedCase, Rules,
};
use crate::attachment::{
    CleanedPicture, SealOriginalError, open_cleaned, seal_cleaned, seal_original,
};
use crate::config::DeskConfig;
use crate::entry::FileId;
use crate::ledger::Hash256;
use crate::process::Role;
use crate::server::access::{Action, Relation};
use crate::vault::ReceiptKeys;

/// The most times that something is attached to one file.
const MOST_PICTURES: usize = 8;

/// What a filer attaches, after it was looked at.
pub(crate) struct PictureDraft {
    /// The copy; nothing where the file is no picture that the desk reads.
    pub(crate) copy: Option<CleanedPicture>,
    /// What was sent, byte by byte, where the filer wants it kept.
    pub(crate) original: Option<Zeroizing<Vec<u8>>>,
    /// What [`picture_mark`] gives for what was sent.
    pub(crate) mark: Hash256,
}

/// By what a file that is sent twice is known. The receipt's key is part of it: whoever has the same
/// picture, from a telephone for example, and not the receipt, cannot find out by it who sent it.
pub(crate) fn picture_mark(keys: &ReceiptKeys, bytes: &[u8]) -> Hash256 {
    Hash256::over("sanad-desk attached 1", &[keys.key.bytes(), bytes])
}

/// What the entry of a copy says that no receipt sent: a demonstration's.
pub(crate) fn attached_text(number: u32, copy: &CleanedPicture) -> String {
    let copy = attached_copy(number, copy);
    AttachedParts { copy: Some(copy), original: None, mark: Hash256([0; 32]) }.to_sealed_text()
}

/// What an entry says of a copy.
fn attached_copy(number: u32, copy: &CleanedPicture) -> AttachedCopy {
    let CleanedPicture { width, height, bytes } = copy;
    let digest = Hash256(Sha256::digest(bytes).into());
    AttachedCopy { number, width: *width, height: *height, digest }
}

/// What was attached to a file so far, in order.
fn attached(case: &OpenedCase) -> Vec<AttachedParts> {
    let read = |entry: &super::ReadEntry| AttachedParts::read(&entry.head, &entry.text);
    case.entries.iter().filter_map(read).collect()
}

impl Office {
    /// Whether something has still to be attached to the file of a receipt: false where it is there
    /// already. Nothing is changed.
    ///
    /// # Errors
    ///
    /// [`OfficeFault::NotNow`] for a closed file, [`OfficeFault::Full`] where the file or its channel
    /// takes no more.
    pub(crate) fn has_to_attach(
        &mut self,
        config: &DeskConfig,
        keys: &ReceiptKeys,
        mark: Hash256,
        keeps_original: bool,
        today: Date,
    ) -> Result<bool, OfficeFault> {
        let case = self.open_own(keys)?;
        self.room_for(config, &case, mark, keeps_original, today)
    }

    /// Whether an attachment is new to an opened file, if there is room for it.
    fn room_for(
        &mut self,
        config: &DeskConfig,
        case: &OpenedCase,
        mark: Hash256,
        keeps_original: bool,
        today: Date,
    ) -> Result<bool, OfficeFault> {
        allow(&case.file, Role::Filer, Action::Add, Relation::Unassigned)?;
        let before = attached(case);
        let is_same = |parts: &AttachedParts| {
            parts.mark == mark && (parts.original.is_some() || !keeps_original)
        };
        if before.iter().any(is_same) {
            return Ok(false);
        }
        // A channel that is gone from desk.toml takes nothing new.
        let most = config.channel(&case.file.channel).map_or(0, |channel| channel.filings_a_day);
        let today = self.attached_today(&case.file.channel, today)?;
        match before.len() < MOST_PICTURES && today < u64::from(most) {
            true => Ok(true),
            false => Err(OfficeFault::Full),
        }
    }

    /// How often something was attached today by way of a channel.
    fn attached_today(&mut self, channel: &str, today: Date) -> Result<u64, OfficeFault> {
        match self.attached.get(channel) {
            Some(attached) => Ok(*attached),
            None => Ok(self.store.deeds_on(channel, ATTACH, today)?),
        }
    }

    /// Attaches something to the file of a receipt. What is there already is not attached again.
    ///
    /// # Errors
    ///
    /// As [`Office::has_to_attach`], and what the store and the vault say.
    pub(crate) fn attach(
        &mut self,
        rules: &Rules<'_>,
        keys: &ReceiptKeys,
        draft: &PictureDraft,
        today: Date,
    ) -> Result<(), OfficeFault> {
        let case = self.open_own(keys)?;
        let PictureDraft { copy, original, mark } = draft;
        if !self.room_for(rules.config, &case, *mark, original.is_some(), today)? {
            return Ok(());
        }
        let mut number: u32 = attached(&case).iter().map(AttachedParts::count).sum();
        let (id, entry) = (case.file.id, case.last_number() + 1);
        let mut parts = AttachedParts { copy: None, original: None, mark: *mark };
        let mut sealed = Vec::new();
        if let Some(copy) = copy {
            number += 1;
            sealed.push(seal_cleaned(&case.key, id, number, entry, copy)?);
            parts.copy = Some(attached_copy(number, copy));
        }
        if let Some(bytes) = original {
            number += 1;
            let custodians = &rules.founding.custodians;
            sealed.push(seal_original(id, number, entry, bytes, keys, custodians)?);
            parts.original = Some(number);
        }
        let channel = case.file.channel.clone();
        let attached = self.attached_today(&channel, today)?;
        let mut change = CaseChange::begin(case.file.clone(), case.last_number(), today);
        change.write(&case.key, Role::Filer, ATTACH, &parts.to_sealed_text())?;
        change.change.attachments = sealed;
        self.store.change(&change.change)?;
        self.attached.insert(channel, attached + 1);
        Ok(())
    }

    /// The bytes of a copy of the file of a receipt. An original is not there.
    pub(crate) fn own_picture(
        &mut self,
        keys: &ReceiptKeys,
        number: u32,
    ) -> Result<Zeroizing<Vec<u8>>, OfficeFault> {
        let case = self.open_own(keys)?;
        self.picture(&case, number)
    }

    /// The bytes of a copy, from a seat of an officer who may open the file. That it was opened is
    /// recorded before anything is shown.
    pub(crate) fn picture_from_seat(
        &mut self,
        config: &DeskConfig,
        id: FileId,
        number: u32,
        officer: &Officer<'_>,
        today: Date,
    ) -> Result<Zeroizing<Vec<u8>>, OfficeFault> {
        let (case, _) = self.open_from_seat(config, id, officer, Action::Open, today)?;
        self.picture(&case, number)
    }

    /// The bytes of a copy of an opened file. Originals have keys of their own, and do not open here.
    fn picture(
        &mut self,
        case: &OpenedCase,
        number: u32,
    ) -> Result<Zeroizing<Vec<u8>>, OfficeFault> {
        let found = self.store.attachment(case.file.id, number)?.ok_or(OfficeFault::NoFile)?;
        Ok(open_cleaned(&case.key, case.file.id, &found)?)
    }
}

impl From<SealOriginalError> for OfficeFault {
    /// The size was looked at before: what is refused here is a fault of the desk.
    fn from(error: SealOriginalError) -> OfficeFault {
        OfficeFault::Broken(error.to_string())
    }
}
