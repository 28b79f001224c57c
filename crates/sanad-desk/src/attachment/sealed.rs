//! Attachments as they are kept.
//!
//! A cleaned copy is sealed with the file's key: who can read the file can see it. An original has
//! a key of its own, which is wrapped to the filer and to every pair of custodians and to no seat:
//! nobody at the desk can open it.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::AttachmentRefused;
use super::picture::{CleanedPicture, MOST_BYTES};
use crate::entry::FileId;
use crate::store::{AttachmentForm, SealedAttachment};
use crate::vault::{
    Holder, PublicKey, ReceiptKeys, SecretKey, VaultError, Wraps, open, recover, seal,
};

/// What is kept is filled up to a multiple of this many bytes, so that its size tells little.
const BLOCK: usize = 64 * 1024;

/// Seals a copy with the file's key.
///
/// # Errors
///
/// [`VaultError`] of the sealing.
pub fn seal_cleaned(
    key: &SecretKey,
    file: FileId,
    number: u32,
    entry: u32,
    picture: &CleanedPicture,
) -> Result<SealedAttachment, VaultError> {
    let form = AttachmentForm::CleanedCopy;
    let sealed = seal(key, &context(file, number, form), &filled(&picture.bytes))?;
    Ok(SealedAttachment { number, entry, form, sealed })
}

/// Opens a copy: the bytes of a PNG.
///
/// # Errors
///
/// [`VaultError::NotOpened`] for another key, file or number, changed bytes, or an original.
pub fn open_cleaned(
    key: &SecretKey,
    file: FileId,
    attachment: &SealedAttachment,
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    if attachment.form != AttachmentForm::CleanedCopy {
        return Err(VaultError::NotOpened);
    }
    let place = context(file, attachment.number, attachment.form);
    unfilled(open(key, &place, &attachment.sealed)?)
}

/// Seals an original under a key of its own, for the filer and for any two custodians together. Its
/// bytes are not looked at.
///
/// # Errors
///
/// [`SealOriginalError`].
pub fn seal_original(
    file: FileId,
    number: u32,
    entry: u32,
    bytes: &[u8],
    receipt: &ReceiptKeys,
    custodians: &BTreeMap<String, PublicKey>,
) -> Result<SealedAttachment, SealOriginalError> {
    if bytes.is_empty() {
        return Err(AttachmentRefused::Empty.into());
    }
    if bytes.len() > MOST_BYTES {
        return Err(AttachmentRefused::TooLarge { found: bytes.len(), most: MOST_BYTES }.into());
    }
    let form = AttachmentForm::SealedOriginal;
    let place = context(file, number, form);
    let key = SecretKey::random()?;
    let wraps = Wraps::begin(&key, &place, receipt, custodians)?;
    let mut sealed = Vec::new();
    push_number(&mut sealed, wraps.0.len())?;
    for (holder, wrap) in &wraps.0 {
        push_part(&mut sealed, holder.to_word().as_bytes())?;
        push_part(&mut sealed, wrap)?;
    }
    sealed.extend(seal(&key, &place, &filled(bytes))?);
    Ok(SealedAttachment { number, entry, form, sealed })
}

/// Why an original cannot be sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealOriginalError {
    /// Of its size.
    #[error(transparent)]
    Refused(#[from] AttachmentRefused),
    /// Of the vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// The wraps of an original's own key, for [`recover_original`].
///
/// # Errors
///
/// [`VaultError::NotOpened`] for anything but an original as it was sealed.
pub fn original_wraps(attachment: &SealedAttachment) -> Result<Wraps, VaultError> {
    Ok(parts_of(attachment)?.0)
}

/// Opens an original for the filer.
///
/// # Errors
///
/// [`VaultError::NotOpened`] for another receipt, file or number.
pub fn open_original_for_filer(
    file: FileId,
    attachment: &SealedAttachment,
    receipt: &ReceiptKeys,
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let (wraps, body) = parts_of(attachment)?;
    let place = context(file, attachment.number, attachment.form);
    let key = wraps.open_for_filer(&place, receipt)?;
    unfilled(open(&key, &place, body)?)
}

/// Opens an original for two custodians: the first opens the outer layer, the second the inner one.
///
/// # Errors
///
/// [`VaultError::NotOpened`] for other keys or another pair.
pub fn recover_original(
    file: FileId,
    attachment: &SealedAttachment,
    first: (&str, &SecretKey),
    second: (&str, &SecretKey),
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let (wraps, body) = parts_of(attachment)?;
    let place = context(file, attachment.number, attachment.form);
    let opened = wraps.open_outer(&place, (first.0, second.0), first.1)?;
    let key = recover(&place, &opened, second.1)?;
    unfilled(open(&key, &place, body)?)
}

fn context(file: FileId, number: u32, form: AttachmentForm) -> Vec<u8> {
    let form = form.as_str().as_bytes();
    [b"sanad-desk attachment 1".as_slice(), &file.0, &number.to_be_bytes(), form].concat()
}

fn filled(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    // The end is marked as in an entry: one byte, then zeros (ISO 7816-4).
    let mut plain = Zeroizing::new(Vec::with_capacity(bytes.len() + BLOCK));
    plain.extend_from_slice(bytes);
    plain.push(0x80);
    let whole = plain.len().next_multiple_of(BLOCK);
    plain.resize(whole, 0);
    plain
}

fn unfilled(mut plain: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let end = plain.iter().rposition(|&byte| byte != 0).ok_or(VaultError::NotOpened)?;
    if plain[end] != 0x80 {
        return Err(VaultError::NotOpened);
    }
    plain.truncate(end);
    Ok(plain)
}

fn push_number(bytes: &mut Vec<u8>, number: usize) -> Result<(), VaultError> {
    let number = u16::try_from(number).map_err(|_| VaultError::NotDerived)?;
    bytes.extend(number.to_be_bytes());
    Ok(())
}

fn push_part(bytes: &mut Vec<u8>, part: &[u8]) -> Result<(), VaultError> {
    push_number(bytes, part.len())?;
    bytes.extend(part);
    Ok(())
}

fn parts_of(attachment: &SealedAttachment) -> Result<(Wraps, &[u8]), VaultError> {
    if attachment.form != AttachmentForm::SealedOriginal {
        return Err(VaultError::NotOpened);
    }
    let (mut wraps, mut rest) = (BTreeMap::new(), attachment.sealed.as_slice());
    for _ in 0..take_number(&mut rest)? {
        let holder =
            std::str::from_utf8(take_part(&mut rest)?).map_err(|_| VaultError::NotOpened)?;
        let holder = Holder::from_word(holder).ok_or(VaultError::NotOpened)?;
        wraps.insert(holder, take_part(&mut rest)?.to_vec());
    }
    Ok((Wraps(wraps), rest))
}

fn take_number(rest: &mut &[u8]) -> Result<usize, VaultError> {
    let (number, after) = rest.split_first_chunk::<2>().ok_or(VaultError::NotOpened)?;
    *rest = after;
    Ok(usize::from(u16::from_be_bytes(*number)))
}

fn take_part<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], VaultError> {
    let length = take_number(rest)?;
    let (part, after) = rest.split_at_checked(length).ok_or(VaultError::NotOpened)?;
    *rest = after;
    Ok(part)
}
