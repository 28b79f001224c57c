//! Passwords, by Argon2id.

use argon2::{Algorithm, Argon2, Params, Version};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::VaultError;
use super::seal::{SecretKey, random_bytes};

/// What a derivation costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl PasswordCost {
    /// RFC 9106, 4, second recommended option: 64 MiB and three passes.
    pub const STANDARD: PasswordCost = PasswordCost { memory_kib: 64 * 1024, passes: 3 };
    /// For receipts, which have 66 random bits where a password has few: 8 MiB and one pass.
    pub const RECEIPT: PasswordCost = PasswordCost { memory_kib: 8 * 1024, passes: 1 };
    /// For tests alone: no protection.
    pub const FOR_TESTS: PasswordCost = PasswordCost { memory_kib: 8, passes: 1 };

    /// Derives 64 bytes from a secret and a salt.
    pub(super) fn derive(
        self,
        secret: &[u8],
        salt: &[u8],
    ) -> Result<Zeroizing<[u8; 64]>, VaultError> {
        let params = Params::new(self.memory_kib, self.passes, 1, Some(64));
        let params = params.map_err(|_| VaultError::NotDerived)?;
        let mut bytes = Zeroizing::new([0; 64]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(secret, salt, bytes.as_mut_slice())
            .map_err(|_| VaultError::NotDerived)?;
        Ok(bytes)
    }
}

/// A password as it was typed, wiped from memory when it is dropped.
pub struct Password(Zeroizing<String>);

impl Password {
    /// The fewest characters of a password (ASVS 5.0, 6.2.1, asks for 8 and advises 15).
    pub const LEAST: usize = 15;
    /// The most bytes: what is longer is refused, not cut.
    pub const MOST: usize = 1024;

    /// A password, if it is neither too short nor too long.
    pub fn new(text: &str) -> Option<Password> {
        let is_good = text.chars().count() >= Password::LEAST && text.len() <= Password::MOST;
        is_good.then(|| Password(Zeroizing::new(text.to_owned())))
    }
}

/// What is kept of a password: salt, cost and a check value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordRecord {
    /// Random, of each password its own.
    pub salt: [u8; 16],
    /// The cost with which it was derived.
    pub cost: PasswordCost,
    /// The second half of what was derived. The first is the key, and is not kept.
    pub check: [u8; 32],
}

impl PasswordRecord {
    /// The record of a new password, and the key that it stands for.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoRandomness`] or [`VaultError::NotDerived`].
    pub fn create(
        password: &Password,
        cost: PasswordCost,
    ) -> Result<(PasswordRecord, SecretKey), VaultError> {
        let salt = random_bytes()?;
        let derived = cost.derive(password.0.as_bytes(), &salt)?;
        let (key, check) = halves(&derived);
        Ok((PasswordRecord { salt, cost, check }, key))
    }

    /// The key of a password.
    ///
    /// # Errors
    ///
    /// [`VaultError::NotOpened`] for another password; the time taken does not depend on how much
    /// of it was right.
    pub fn unlock(&self, password: &Password) -> Result<SecretKey, VaultError> {
        let derived = self.cost.derive(password.0.as_bytes(), &self.salt)?;
        let (key, check) = halves(&derived);
        let is_right: bool = check.ct_eq(&self.check).into();
        if is_right { Ok(key) } else { Err(VaultError::NotOpened) }
    }
}

fn halves(derived: &[u8; 64]) -> (SecretKey, [u8; 32]) {
    let (mut key, mut check) = (Zeroizing::new([0; 32]), [0; 32]);
    key.copy_from_slice(&derived[..32]);
    check.copy_from_slice(&derived[32..]);
    (SecretKey::new(*key), check)
}
