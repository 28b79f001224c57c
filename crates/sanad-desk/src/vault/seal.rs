//! Sealing with a key, and to a public key.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hpke::{Deserializable as _, Kem as _, OpModeR, OpModeS, Serializable as _};
use zeroize::Zeroizing;

use super::VaultError;

type Exchange = hpke::kem::X25519HkdfSha256;
type Derivation = hpke::kdf::HkdfSha256;
type Cipher = hpke::aead::ChaCha20Poly1305;

/// Bytes of the nonce of XChaCha20: long enough to be drawn at random for every sealing.
const NONCE_BYTES: usize = 24;
/// Bytes of an encapsulated X25519 key.
const EXCHANGE_BYTES: usize = 32;

/// Random bytes of the operating system.
///
/// # Errors
///
/// [`VaultError::NoRandomness`].
pub fn random_bytes<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| VaultError::NoRandomness)?;
    Ok(bytes)
}

/// A key of 32 bytes, wiped from memory when it is dropped, and never printed.
#[derive(Clone)]
pub struct SecretKey(Zeroizing<[u8; 32]>);

impl SecretKey {
    /// A new random key.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoRandomness`].
    pub fn random() -> Result<SecretKey, VaultError> {
        random_bytes().map(SecretKey::new)
    }

    /// A key of given bytes.
    pub fn new(bytes: [u8; 32]) -> SecretKey {
        SecretKey(Zeroizing::new(bytes))
    }

    /// A key of a slice of 32 bytes.
    ///
    /// # Errors
    ///
    /// [`VaultError::NotOpened`] for any other length.
    pub fn from_slice(bytes: &[u8]) -> Result<SecretKey, VaultError> {
        bytes.try_into().map(SecretKey::new).map_err(|_| VaultError::NotOpened)
    }

    /// The bytes of the key.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(not shown)")
    }
}

/// The public half of a [`KeyPair`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicKey(pub [u8; 32]);

/// An X25519 key pair.
#[derive(Debug, Clone)]
pub struct KeyPair {
    /// What may be known.
    pub public: PublicKey,
    /// What may not.
    pub secret: SecretKey,
}

impl KeyPair {
    /// A new random pair.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoRandomness`].
    pub fn random() -> Result<KeyPair, VaultError> {
        // The key is derived from 32 random bytes as RFC 9180, 7.1.3, says.
        let material = Zeroizing::new(random_bytes::<32>()?);
        let (secret, public) = Exchange::derive_keypair(material.as_slice());
        let mut bytes = Zeroizing::new([0; 32]);
        secret.write_exact(bytes.as_mut_slice());
        let secret = SecretKey::new(*bytes);
        let public = public.to_bytes().as_slice().try_into().map_err(|_| VaultError::NotOpened)?;
        Ok(KeyPair { public: PublicKey(public), secret })
    }
}

/// Seals bytes with a key. `context` is bound to them and has to be the same when they are opened.
///
/// ```
/// use sanad_desk::vault::{SecretKey, open, seal};
///
/// let key = SecretKey::random()?;
/// let sealed = seal(&key, b"file 7, entry 1", b"invented text")?;
/// assert_eq!(*open(&key, b"file 7, entry 1", &sealed)?, b"invented text");
/// // Sealed bytes that were moved elsewhere do not open.
/// assert!(open(&key, b"file 8, entry 1", &sealed).is_err());
/// # Ok::<(), sanad_desk::vault::VaultError>(())
/// ```
///
/// # Errors
///
/// [`VaultError::NoRandomness`].
pub fn seal(key: &SecretKey, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, VaultError> {
    let nonce = random_bytes::<NONCE_BYTES>()?;
    let payload = Payload { msg: plain, aad: context };
    let sealed = cipher(key)?.encrypt(&XNonce::from(nonce), payload);
    let mut bytes = nonce.to_vec();
    bytes.extend(sealed.map_err(|_| VaultError::NotOpened)?);
    Ok(bytes)
}

/// Opens what [`seal`] made.
///
/// # Errors
///
/// [`VaultError::NotOpened`] for another key, another context, or changed bytes.
pub fn open(
    key: &SecretKey,
    context: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(VaultError::NotOpened)?;
    let payload = Payload { msg: sealed, aad: context };
    let plain = cipher(key)?.decrypt(&XNonce::from(*nonce), payload);
    plain.map(Zeroizing::new).map_err(|_| VaultError::NotOpened)
}

fn cipher(key: &SecretKey) -> Result<XChaCha20Poly1305, VaultError> {
    XChaCha20Poly1305::new_from_slice(key.bytes()).map_err(|_| VaultError::NotOpened)
}

/// Seals bytes to a public key, so that only its pair opens them.
///
/// # Errors
///
/// [`VaultError::NotOpened`] for bytes that are no public key.
pub fn seal_to(to: &PublicKey, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, VaultError> {
    let failed = |_| VaultError::NotOpened;
    let public = <Exchange as hpke::Kem>::PublicKey::from_bytes(&to.0).map_err(failed)?;
    let (exchange, sealed) = hpke::single_shot_seal::<Cipher, Derivation, Exchange>(
        &OpModeS::Base,
        &public,
        HPKE_USE,
        plain,
        context,
    )
    .map_err(failed)?;
    let mut bytes = exchange.to_bytes().to_vec();
    bytes.extend(sealed);
    Ok(bytes)
}

/// Opens what [`seal_to`] made.
///
/// # Errors
///
/// [`VaultError::NotOpened`] for another key, another context, or changed bytes.
pub fn open_from(
    secret: &SecretKey,
    context: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let failed = |_| VaultError::NotOpened;
    let (exchange, sealed) =
        sealed.split_first_chunk::<EXCHANGE_BYTES>().ok_or(VaultError::NotOpened)?;
    let exchange = <Exchange as hpke::Kem>::EncappedKey::from_bytes(exchange).map_err(failed)?;
    let secret = <Exchange as hpke::Kem>::PrivateKey::from_bytes(secret.bytes()).map_err(failed)?;
    let plain = hpke::single_shot_open::<Cipher, Derivation, Exchange>(
        &OpModeR::Base,
        &secret,
        &exchange,
        HPKE_USE,
        sealed,
        context,
    );
    plain.map(Zeroizing::new).map_err(failed)
}

/// Binds HPKE's keys to this use.
const HPKE_USE: &[u8] = b"sanad-desk wrap 1";
