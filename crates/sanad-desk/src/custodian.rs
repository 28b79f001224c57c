//! How a custodian keeps a key: a small text file, sealed under a password that was drawn.

use zeroize::Zeroizing;

use crate::staff::drawn_password;
use crate::vault::{
    KeyPair, Password, PasswordCost, PasswordRecord, PublicKey, SecretKey, VaultError, open, seal,
};

/// The first line of every key file.
const FORMAT: &str = "sanad-desk custodian 1";

/// A custodian's key pair as a text that only a drawn password opens, with that password.
///
/// ```
/// use sanad_desk::custodian::{opened_key, sealed_key};
/// use sanad_desk::vault::{KeyPair, Password, PasswordCost};
///
/// let pair = KeyPair::random()?;
/// let (text, password) = sealed_key("ann", &pair, PasswordCost::FOR_TESTS)?;
/// let password = Password::new(&password).unwrap();
/// let (name, opened) = opened_key(&text, &password)?;
/// assert_eq!(name, "ann");
/// assert_eq!(opened.secret.bytes(), pair.secret.bytes());
/// // A key that was renamed does not open.
/// assert!(opened_key(&text.replace("ann", "ben"), &password).is_err());
/// # Ok::<(), sanad_desk::vault::VaultError>(())
/// ```
///
/// # Errors
///
/// [`VaultError`] of the sealing.
pub fn sealed_key(
    name: &str,
    pair: &KeyPair,
    cost: PasswordCost,
) -> Result<(String, Zeroizing<String>), VaultError> {
    let password_text = drawn_password()?;
    let password = Password::new(&password_text).ok_or(VaultError::NotDerived)?;
    let (record, key) = PasswordRecord::create(&password, cost)?;
    let sealed = seal(&key, &context(name, pair.public), pair.secret.bytes())?;
    let text = format!(
        "{FORMAT}\nname {name}\npublic {}\nmemory {}\npasses {}\nsalt {}\ncheck {}\nsealed {}\n",
        hex(&pair.public.0),
        cost.memory_kib,
        cost.passes,
        hex(&record.salt),
        hex(&record.check),
        hex(&sealed),
    );
    Ok((text, password_text))
}

/// The custodian's name and key pair, from the text of a key file.
///
/// # Errors
///
/// [`VaultError::NotOpened`] for another password or another text.
pub fn opened_key(text: &str, password: &Password) -> Result<(String, KeyPair), VaultError> {
    let lines: Vec<&str> = text.lines().collect();
    let field = |line: usize, word: &str| {
        lines.get(line).and_then(|line| line.strip_prefix(word)).ok_or(VaultError::NotOpened)
    };
    if !field(0, FORMAT)?.is_empty() {
        return Err(VaultError::NotOpened);
    }
    let number = |line, word| field(line, word)?.parse().map_err(|_| VaultError::NotOpened);
    let (name, public) = (field(1, "name ")?.to_owned(), PublicKey(array(field(2, "public ")?)?));
    let record = PasswordRecord {
        cost: PasswordCost { memory_kib: number(3, "memory ")?, passes: number(4, "passes ")? },
        salt: array(field(5, "salt ")?)?,
        check: array(field(6, "check ")?)?,
    };
    let key = record.unlock(password)?;
    let sealed = unhex(field(7, "sealed ")?)?;
    let secret = SecretKey::from_slice(&open(&key, &context(&name, public), &sealed)?)?;
    Ok((name, KeyPair { public, secret }))
}

fn context(name: &str, public: PublicKey) -> Vec<u8> {
    [b"sanad-desk custodian 1\0".as_slice(), &public.0, name.as_bytes()].concat()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Result<Vec<u8>, VaultError> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return Err(VaultError::NotOpened);
    }
    let byte = |pair: &[u8; 2]| {
        let digits = std::str::from_utf8(pair).map_err(|_| VaultError::NotOpened)?;
        u8::from_str_radix(digits, 16).map_err(|_| VaultError::NotOpened)
    };
    pairs.iter().map(byte).collect()
}

fn array<const N: usize>(text: &str) -> Result<[u8; N], VaultError> {
    unhex(text)?.try_into().map_err(|_| VaultError::NotOpened)
}
