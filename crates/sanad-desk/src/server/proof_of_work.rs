//! Proof of work: what a browser in which scripts run brings against floods, and what of it is kept,
//! which is nothing.
//!
//! The form of a filing has a puzzle. The answer is a number for which
//!
//! > SHA-256(puzzle ‖ answer) begins with [`WORK_BITS`] zero bits,
//!
//! both written as hexadecimal digits in small letters, 32 and 16 of them, so that one block of the
//! hash holds them. It takes 2^20 tries on average. A script on the page counts upwards from zero
//! while the filer writes (`browser/proof-of-work.ts`), and so every browser that finds an answer
//! finds the same one: it tells nothing of the browser. Where no script runs, the field keeps its
//! sixteen zeros, and the form is as long on the line as it is with an answer.
//!
//! The server keeps no puzzles. One is made of the desk's key of this process, the day, the channel
//! and the receipt (RFC 2104, HMAC with SHA-256), and made again when the form comes back. So an answer
//! is good for one receipt, in one channel, on one day: a store of them cannot be prepared.
//!
//! # What this does not do
//!
//! It stops floods by programs that do not read the page, and makes others dearer, not impossible: a
//! graphics card solves a thousand a second. A harder puzzle would keep old telephones out, and one
//! that becomes harder as files come in would tell everybody how many came. So what cannot be flooded
//! by any number of answers is the share of a channel that takes filings without one
//! ([`Channel::plain_a_day`](crate::config::Channel::plain_a_day)), and the other way round.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::vault::{Receipt, VaultError, random_bytes};

/// Zero bits with which the hash of an answer begins: a second or two on a telephone of today,
/// a minute on one whose browser compiles no scripts, and a filing takes some minutes to write.
pub const WORK_BITS: u32 = 20;

/// The field of a form that no script has filled: as long as an answer.
pub const NO_ANSWER: &str = "0000000000000000";

/// Bytes of a puzzle.
const PUZZLE_BYTES: usize = 16;
/// Bytes of the key: a block of SHA-256.
const KEY_BYTES: usize = 64;

/// The key of which puzzles are made. It ends with the process; an answer that comes after a restart
/// is none, and its filing one without.
pub(super) struct PuzzleKey(Zeroizing<[u8; KEY_BYTES]>);

/// The puzzle of one receipt, in one channel, on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Puzzle([u8; PUZZLE_BYTES]);

impl PuzzleKey {
    /// A random key.
    pub(super) fn random() -> Result<PuzzleKey, VaultError> {
        Ok(PuzzleKey(Zeroizing::new(random_bytes()?)))
    }

    /// The puzzle of a receipt.
    pub(super) fn puzzle(&self, channel: &str, day: Date, receipt: &Receipt) -> Puzzle {
        let mut mac = Hmac::<Sha256>::new((&*self.0).into());
        // Ids of channels have no blanks, and days and receipts have one length each.
        for part in [channel.as_bytes(), b" ", day.to_string().as_bytes(), b" "] {
            mac.update(part);
        }
        mac.update(receipt.to_groups().as_bytes());
        let code = mac.finalize().into_bytes();
        let mut puzzle = [0; PUZZLE_BYTES];
        puzzle.copy_from_slice(&code[..PUZZLE_BYTES]);
        Puzzle(puzzle)
    }
}

impl Puzzle {
    /// 32 hexadecimal digits in small letters, as the page has them.
    pub(crate) fn to_hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether a field of a form is an answer.
    pub(crate) fn is_solved_by(self, answer: &str) -> bool {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if answer.len() != NO_ANSWER.len() || !answer.bytes().all(is_digit) {
            return false;
        }
        let hash = Sha256::new().chain_update(self.to_hex()).chain_update(answer).finalize();
        let first = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
        first.leading_zeros() >= WORK_BITS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn receipt(text: &str) -> Receipt {
        Receipt::read(text).unwrap()
    }

    #[test]
    fn a_puzzle_is_that_of_one_key_channel_day_and_receipt() {
        let key = PuzzleKey(Zeroizing::new([1; KEY_BYTES]));
        let (day, one) = (date(2026, 3, 2), receipt("1234 5678 9012 3456 7890"));
        let puzzle = key.puzzle("complaints", day, &one);
        assert_eq!(key.puzzle("complaints", day, &one), puzzle);
        let other = receipt("1234 5678 9012 3456 7891");
        for another in [
            PuzzleKey(Zeroizing::new([2; KEY_BYTES])).puzzle("complaints", day, &one),
            key.puzzle("harm", day, &one),
            key.puzzle("complaints", date(2026, 3, 3), &one),
            key.puzzle("complaints", day, &other),
        ] {
            assert_ne!(another, puzzle);
        }
    }

    #[test]
    fn an_answer_is_sixteen_small_digits_whose_hash_begins_with_zeros() {
        let puzzle = Puzzle([7; PUZZLE_BYTES]);
        let answer = (0_u64..).map(|number| format!("{number:016x}"));
        let answer = answer.into_iter().find(|answer| puzzle.is_solved_by(answer)).unwrap();
        let hash = Sha256::digest(format!("{}{answer}", "07".repeat(PUZZLE_BYTES)));
        assert_eq!((hash[0], hash[1], hash[2] >> 4), (0, 0, 0), "{answer}");
        assert!(!Puzzle([8; PUZZLE_BYTES]).is_solved_by(&answer));
        for wrong in ["", NO_ANSWER, &answer[1..], &format!("0{answer}"), &answer.to_uppercase()] {
            let is_right = wrong == answer || wrong == NO_ANSWER && answer == NO_ANSWER;
            assert_eq!(puzzle.is_solved_by(wrong), is_right, "{wrong}");
        }
    }
}
