//! Codes of six digits that change every thirty seconds (RFC 6238 over RFC 4226).

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::VaultError;
use super::seal::random_bytes;

/// Seconds for which a code stands.
const STEP_SECONDS: u64 = 30;
/// Letters of base 32 (RFC 4648, 6), in which authenticator programs take a secret.
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The secret that a second factor and the desk share.
#[derive(Clone)]
pub struct TotpSecret(Zeroizing<[u8; 20]>);

impl TotpSecret {
    /// A new random secret of 160 bits, as RFC 4226, 4, recommends.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoRandomness`].
    pub fn random() -> Result<TotpSecret, VaultError> {
        random_bytes().map(TotpSecret::new)
    }

    /// A secret of given bytes.
    pub fn new(bytes: [u8; 20]) -> TotpSecret {
        TotpSecret(Zeroizing::new(bytes))
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// The secret in base 32, to be typed into an authenticator program.
    pub fn to_base32(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(32));
        // 20 bytes are four groups of 40 bits, eight letters each.
        for group in self.0.chunks_exact(5) {
            let bits = group.iter().fold(0_u64, |bits, &byte| (bits << 8) | u64::from(byte));
            for place in (0..8).rev() {
                text.push(char::from(LETTERS[((bits >> (5 * place)) & 31) as usize]));
            }
        }
        text
    }

    /// The secret of a text of 32 letters of base 32, as [`TotpSecret::to_base32`] writes it.
    pub fn from_base32(text: &str) -> Option<TotpSecret> {
        let mut bytes = Zeroizing::new([0; 20]);
        let letters: &[u8; 32] = text.as_bytes().try_into().ok()?;
        for (group, place) in letters.chunks_exact(8).zip((0..).step_by(5)) {
            let mut bits = 0_u64;
            for letter in group {
                let value = LETTERS.iter().position(|known| known == letter)?;
                bits = (bits << 5) | value as u64;
            }
            // Eight letters are 40 bits: five bytes, the highest first.
            bytes[place..place + 5].copy_from_slice(&bits.to_be_bytes()[3..]);
        }
        Some(TotpSecret(bytes))
    }

    /// The step of a code that stands at a time, or stood one step before or after, if it is later
    /// than the last one that was used: a code is good once.
    pub fn accept(&self, code: &str, seconds: u64, last_step: Option<u64>) -> Option<u64> {
        let now = seconds / STEP_SECONDS;
        let steps = [now.saturating_sub(1), now, now + 1];
        let matches = |step: &u64| -> bool {
            let expected = code_at(self, step * STEP_SECONDS);
            expected.as_bytes().ct_eq(code.as_bytes()).into()
        };
        let found = steps.into_iter().filter(matches).max()?;
        last_step.is_none_or(|last| found > last).then_some(found)
    }
}

/// The code of six digits at a number of seconds since 1970.
pub fn code_at(secret: &TotpSecret, seconds: u64) -> String {
    let counter = (seconds / STEP_SECONDS).to_be_bytes();
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret.bytes()) else { return String::new() };
    mac.update(&counter);
    let hash = mac.finalize().into_bytes();
    // RFC 4226, 5.3: the low four bits of the last byte choose four bytes, without the sign bit.
    let place = usize::from(hash[19] & 15);
    let chosen =
        hash[place..place + 4].iter().fold(0_u32, |bits, &byte| (bits << 8) | u32::from(byte));
    format!("{:06}", (chosen & 0x7fff_ffff) % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, for SHA-1; the last six of its eight digits.
        let secret = TotpSecret::new(*b"12345678901234567890");
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(&secret, seconds), code);
        }
    }

    #[test]
    fn base_32_is_that_of_the_standard() {
        // RFC 4648, 10, gives no vector of 20 bytes; this is its "fooba" four times.
        let secret = TotpSecret::new(*b"foobafoobafoobafooba");
        let text = secret.to_base32();
        assert_eq!(text.as_str(), "MZXW6YTBMZXW6YTBMZXW6YTBMZXW6YTB");
        assert_eq!(TotpSecret::from_base32(&text).unwrap().bytes(), secret.bytes());
        for wrong in ["", "MZXW6YTB", "mzxw6ytbmzxw6ytbmzxw6ytbmzxw6ytb"] {
            assert!(TotpSecret::from_base32(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_code_is_good_once_and_for_a_minute_and_a_half() {
        let secret = TotpSecret::new([9; 20]);
        let code = code_at(&secret, 3_000);
        let step = secret.accept(&code, 3_000, None).unwrap();
        assert_eq!(secret.accept(&code, 3_000, Some(step)), None);
        assert_eq!(secret.accept(&code, 3_045, None), Some(step));
        assert_eq!(secret.accept(&code, 3_090, None), None);
        assert_eq!(secret.accept("", 3_000, None), None);
    }
}
