//! The wraps of a file's key: one for each who may open the file.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::VaultError;
use super::receipt::ReceiptKeys;
use super::seal::{PublicKey, SecretKey, open, open_from, seal, seal_to};
use crate::process::Role;

/// Who holds a wrap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// Whoever sits in a role of a body.
    Seat {
        /// The body.
        body: String,
        /// The role.
        role: Role,
    },
    /// Two custodians together, by name, the first name first.
    Custodians {
        /// The outer one.
        first: String,
        /// The inner one.
        second: String,
    },
    /// The filer, by the receipt.
    Filer,
}

impl Holder {
    /// The holder as a word. Ids of bodies and names of custodians have no slash.
    pub fn to_word(&self) -> String {
        match self {
            Holder::Seat { body, role } => format!("seat/{body}/{}", role.as_str()),
            Holder::Custodians { first, second } => format!("custodians/{first}/{second}"),
            Holder::Filer => "filer".to_owned(),
        }
    }

    /// The holder that a word stands for.
    pub fn from_word(word: &str) -> Option<Holder> {
        let fields: Vec<&str> = word.split('/').collect();
        let own = |text: &str| text.to_owned();
        match fields[..] {
            ["filer"] => Some(Holder::Filer),
            ["custodians", first, second] => {
                Some(Holder::Custodians { first: own(first), second: own(second) })
            }
            ["seat", body, role] => {
                Some(Holder::Seat { body: own(body), role: Role::from_word(role)? })
            }
            _ => None,
        }
    }
}

/// The wraps of one file's key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wraps(pub BTreeMap<Holder, Vec<u8>>);

impl Wraps {
    /// Wraps a file's key under the filer's receipt and to every pair of custodians.
    /// `file` is bound to every wrap.
    ///
    /// # Errors
    ///
    /// [`VaultError`] of the sealing.
    pub fn begin(
        key: &SecretKey,
        file: &[u8],
        receipt: &ReceiptKeys,
        custodians: &BTreeMap<String, PublicKey>,
    ) -> Result<Wraps, VaultError> {
        let mut wraps = Wraps::default();
        wraps.0.insert(Holder::Filer, seal(&receipt.key, file, key.bytes())?);
        for (second, inner) in custodians {
            for (first, outer) in custodians.iter().take_while(|(first, _)| *first < second) {
                let sealed = seal_to(outer, file, &seal_to(inner, file, key.bytes())?)?;
                let (first, second) = (first.clone(), second.clone());
                wraps.0.insert(Holder::Custodians { first, second }, sealed);
            }
        }
        Ok(wraps)
    }

    /// Wraps the key to a seat as well.
    ///
    /// # Errors
    ///
    /// [`VaultError`] of the sealing.
    pub fn add_seat(
        &mut self,
        key: &SecretKey,
        file: &[u8],
        seat: (&str, Role),
        to: &PublicKey,
    ) -> Result<(), VaultError> {
        let sealed = seal_to(to, file, key.bytes())?;
        self.0.insert(Holder::Seat { body: seat.0.to_owned(), role: seat.1 }, sealed);
        Ok(())
    }

    /// Drops the wraps to every seat: what closing a file does.
    pub fn close(&mut self) {
        self.0.retain(|holder, _| !matches!(holder, Holder::Seat { .. }));
    }

    /// The file's key for a filer.
    ///
    /// # Errors
    ///
    /// [`VaultError::NotOpened`] for another receipt or another file.
    pub fn open_for_filer(
        &self,
        file: &[u8],
        receipt: &ReceiptKeys,
    ) -> Result<SecretKey, VaultError> {
        let sealed = self.0.get(&Holder::Filer).ok_or(VaultError::NotOpened)?;
        SecretKey::from_slice(&open(&receipt.key, file, sealed)?)
    }

    /// The file's key for a seat.
    ///
    /// # Errors
    ///
    /// [`VaultError::NotOpened`] where the seat has no wrap, or for another key.
    pub fn open_for_seat(
        &self,
        file: &[u8],
        seat: (&str, Role),
        secret: &SecretKey,
    ) -> Result<SecretKey, VaultError> {
        let holder = Holder::Seat { body: seat.0.to_owned(), role: seat.1 };
        let sealed = self.0.get(&holder).ok_or(VaultError::NotOpened)?;
        SecretKey::from_slice(&open_from(secret, file, sealed)?)
    }

    /// The outer layer of a wrap to two custodians, opened by the first of them: what the second
    /// needs to [`recover`] the key. It tells the first nothing.
    ///
    /// # Errors
    ///
    /// [`VaultError::NotOpened`] where there is no such pair, or for another key.
    pub fn open_outer(
        &self,
        file: &[u8],
        pair: (&str, &str),
        first_secret: &SecretKey,
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let holder = Holder::Custodians { first: pair.0.to_owned(), second: pair.1.to_owned() };
        open_from(first_secret, file, self.0.get(&holder).ok_or(VaultError::NotOpened)?)
    }
}

/// The file's key, by the second custodian from what the first opened.
///
/// # Errors
///
/// [`VaultError::NotOpened`] for another key or another file.
pub fn recover(
    file: &[u8],
    opened: &[u8],
    second_secret: &SecretKey,
) -> Result<SecretKey, VaultError> {
    SecretKey::from_slice(&open_from(second_secret, file, opened)?)
}
