//! SHA-256 with a name for each use, and its hexadecimal form.

use sha2::{Digest as _, Sha256};

/// A SHA-256 value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash256(pub [u8; 32]);

/// Text that is not 64 small hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 64 hexadecimal digits in small letters")]
pub struct HexError;

impl Hash256 {
    /// Hashes parts under the name of a use. Name and parts carry their lengths, so that no two
    /// different lists of parts hash alike.
    pub fn over(name: &str, parts: &[&[u8]]) -> Hash256 {
        let mut hasher = Sha256::new();
        for part in std::iter::once(name.as_bytes()).chain(parts.iter().copied()) {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        Hash256(hasher.finalize().into())
    }

    /// 64 hexadecimal digits in small letters.
    pub fn to_hex(self) -> String {
        use std::fmt::Write as _;
        self.0.iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// The value of 64 hexadecimal digits.
    ///
    /// # Errors
    ///
    /// [`HexError`] for anything else, capitals included: a value has one way to be written.
    pub fn from_hex(text: &str) -> Result<Hash256, HexError> {
        let digits = text.as_bytes();
        let value = |digit: u8| match digit {
            b'0'..=b'9' => Ok(digit - b'0'),
            b'a'..=b'f' => Ok(digit - b'a' + 10),
            _ => Err(HexError),
        };
        if digits.len() != 64 {
            return Err(HexError);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = (value(pair[0])? << 4) | value(pair[1])?;
        }
        Ok(Hash256(bytes))
    }
}

impl std::fmt::Debug for Hash256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_are_cut_elsewhere_hash_differently() {
        assert_ne!(Hash256::over("x", &[b"ab", b"c"]), Hash256::over("x", &[b"a", b"bc"]));
        assert_ne!(Hash256::over("x", &[b"a"]), Hash256::over("xa", &[]));
    }

    #[test]
    fn a_digest_has_one_way_to_be_written() {
        let digest = Hash256::over("x", &[]);
        assert_eq!(Hash256::from_hex(&digest.to_hex()), Ok(digest));
        assert_eq!(Hash256::from_hex(&digest.to_hex().to_uppercase()), Err(HexError));
        assert_eq!(Hash256::from_hex("00"), Err(HexError));
    }
}
