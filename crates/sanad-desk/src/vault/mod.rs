//! Keys: who can read a file, and who no longer can.
//!
//! No cipher and no protocol here is ours. Content is sealed with XChaCha20-Poly1305. Keys are
//! wrapped to public keys by HPKE (RFC 9180: X25519, HKDF-SHA256, ChaCha20-Poly1305). Passwords
//! and receipts become keys by Argon2id (RFC 9106). Second factors are TOTP (RFC 6238).
//!
//! Every file has a random key. While the file is open, the key is wrapped to the seats (body and
//! role) that work on it, to every pair of custodians, and under the filer's receipt. Closing a
//! file drops the wraps to seats: from then on the server cannot read it with all its staff logged
//! in, two custodians together can, and the filer can. Deleting drops every wrap.

mod password;
mod receipt;
mod seal;
mod totp;
mod wraps;

pub use password::{Password, PasswordCost, PasswordRecord};
pub use receipt::{Receipt, ReceiptError, ReceiptKeys};
pub use seal::{KeyPair, PublicKey, SecretKey, open, open_from, random_bytes, seal, seal_to};
pub use totp::{TotpSecret, code_at};
pub use wraps::{Holder, Wraps, recover};

/// Why something cannot be sealed or opened. What was wrong with a key or a text is not told:
/// whoever tries keys must not learn from the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The key does not fit, or the sealed bytes were changed.
    #[error("this cannot be opened with this key, or it was changed")]
    NotOpened,
    /// The operating system gave no random numbers.
    #[error("the system gives no random numbers; nothing was sealed")]
    NoRandomness,
    /// Memory for the key derivation is missing, or its settings are out of range.
    #[error("a key cannot be derived: too little memory, or settings out of range")]
    NotDerived,
}
