//! The receipt: 20 digits that only the filer has.

use zeroize::Zeroizing;

use super::VaultError;
use super::password::PasswordCost;
use super::seal::{SecretKey, random_bytes};

/// Digits of a receipt. 10^20 receipts are 66.4 bits.
const DIGITS: usize = 20;

/// A receipt, wiped from memory when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt(Zeroizing<[u8; DIGITS]>);

/// Why a text is no receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Something else than digits, blanks and dashes stands in it.
    #[error("a receipt has digits alone; blanks and dashes between them do no harm")]
    NotDigits,
    /// It is too short or too long.
    #[error("a receipt has 20 digits, and this has {0}")]
    Length(usize),
}

impl Receipt {
    /// A new random receipt. Every receipt is equally likely.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoRandomness`].
    pub fn random() -> Result<Receipt, VaultError> {
        let mut digits = Zeroizing::new([0; DIGITS]);
        for digit in digits.iter_mut() {
            // 250 is the largest multiple of ten in a byte: above it some digits would be likelier.
            *digit = loop {
                let [byte] = random_bytes::<1>()?;
                if byte < 250 {
                    break byte % 10;
                }
            };
        }
        Ok(Receipt(digits))
    }

    /// The receipt that somebody typed: western, Arabic-Indic or eastern digits, with blanks,
    /// dashes and marks of direction between them.
    ///
    /// ```
    /// use sanad_desk::vault::Receipt;
    ///
    /// let western = Receipt::read("1234 5678 9012 3456 7890")?;
    /// let eastern = Receipt::read("۱۲۳۴-۵۶۷۸-۹۰۱۲-۳۴۵۶-۷۸۹۰")?;
    /// assert!(western == eastern);
    /// # Ok::<(), sanad_desk::vault::ReceiptError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ReceiptError`].
    pub fn read(text: &str) -> Result<Receipt, ReceiptError> {
        let mut digits = Zeroizing::new([0; DIGITS]);
        let mut count = 0;
        for letter in text.chars() {
            match letter {
                ' ' | '-' | '\u{2013}' | '\u{a0}' | '\t' | '\r' | '\n' => continue,
                '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                    continue;
                }
                _ => {}
            }
            let value = digit_value(letter).ok_or(ReceiptError::NotDigits)?;
            if let Some(digit) = digits.get_mut(count) {
                *digit = value;
            }
            count += 1;
        }
        if count == DIGITS { Ok(Receipt(digits)) } else { Err(ReceiptError::Length(count)) }
    }

    /// The receipt in five groups of four digits, to be shown to the filer and to nobody else.
    pub fn to_groups(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(24));
        for (place, digit) in self.0.iter().enumerate() {
            if place > 0 && place % 4 == 0 {
                text.push(' ');
            }
            text.push(char::from(b'0' + digit));
        }
        text
    }

    /// What a receipt opens: where its file is found, and the key under which the file's key lies.
    /// `salt` is the desk's own, so that nobody can try receipts against two desks at once.
    ///
    /// # Errors
    ///
    /// [`VaultError::NotDerived`].
    pub fn keys(&self, salt: &[u8; 16], cost: PasswordCost) -> Result<ReceiptKeys, VaultError> {
        let derived = cost.derive(self.0.as_slice(), salt)?;
        let (mut lookup, mut key) = ([0; 32], Zeroizing::new([0; 32]));
        lookup.copy_from_slice(&derived[..32]);
        key.copy_from_slice(&derived[32..]);
        Ok(ReceiptKeys { lookup, key: SecretKey::new(*key) })
    }
}

impl std::fmt::Debug for Receipt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Receipt(not shown)")
    }
}

/// What a receipt opens.
#[derive(Debug, Clone)]
pub struct ReceiptKeys {
    /// Kept with the file. It tells neither the receipt nor the key.
    pub lookup: [u8; 32],
    /// Not kept.
    pub key: SecretKey,
}

fn digit_value(letter: char) -> Option<u8> {
    let from = |zero: char| u8::try_from(u32::from(letter) - u32::from(zero)).ok();
    match letter {
        '0'..='9' => from('0'),
        '\u{660}'..='\u{669}' => from('\u{660}'),
        '\u{6f0}'..='\u{6f9}' => from('\u{6f0}'),
        _ => None,
    }
}
