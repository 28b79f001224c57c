//! Who can open a file, and who cannot.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use sanad_desk::Role;
use sanad_desk::vault::{
    Holder, KeyPair, Password, PasswordCost, PasswordRecord, PublicKey, Receipt, ReceiptError,
    ReceiptKeys, SecretKey, VaultError, Wraps, open, open_from, recover, seal, seal_to,
};

const FILE: &[u8] = b"file 1";

/// A file's key with everybody who may hold a wrap of it.
struct People {
    key: SecretKey,
    filer: ReceiptKeys,
    intake: KeyPair,
    custodians: BTreeMap<&'static str, KeyPair>,
    wraps: Wraps,
}

fn people() -> People {
    let key = SecretKey::random().unwrap();
    let receipt = Receipt::random().unwrap();
    let filer = receipt.keys(&[1; 16], PasswordCost::FOR_TESTS).unwrap();
    let intake = KeyPair::random().unwrap();
    let custodians: BTreeMap<_, _> =
        ["ann", "ben", "cid"].into_iter().map(|name| (name, KeyPair::random().unwrap())).collect();
    let publics: BTreeMap<String, PublicKey> =
        custodians.iter().map(|(name, pair)| ((*name).to_owned(), pair.public)).collect();
    let mut wraps = Wraps::begin(&key, FILE, &filer, &publics).unwrap();
    wraps.add_seat(&key, FILE, ("office", Role::Intake), &intake.public).unwrap();
    People { key, filer, intake, custodians, wraps }
}

#[test]
fn an_open_file_opens_for_its_seat_its_filer_and_any_two_custodians() {
    let people = people();
    let same = |found: SecretKey| assert_eq!(found.bytes(), people.key.bytes());
    same(people.wraps.open_for_filer(FILE, &people.filer).unwrap());
    let seat = ("office", Role::Intake);
    same(people.wraps.open_for_seat(FILE, seat, &people.intake.secret).unwrap());
    for (first, second) in [("ann", "ben"), ("ann", "cid"), ("ben", "cid")] {
        let outer = &people.custodians[first].secret;
        let opened = people.wraps.open_outer(FILE, (first, second), outer).unwrap();
        same(recover(FILE, &opened, &people.custodians[second].secret).unwrap());
    }
    assert_eq!(people.wraps.0.len(), 5, "no other wrap");
}

#[test]
fn no_key_opens_a_wrap_that_is_not_its_own() {
    let people = people();
    let mut secrets = vec![people.intake.secret.clone(), SecretKey::random().unwrap()];
    secrets.extend(people.custodians.values().map(|pair| pair.secret.clone()));
    let mut opened = BTreeSet::new();
    for (holder, sealed) in &people.wraps.0 {
        for (place, secret) in secrets.iter().enumerate() {
            if let Ok(inner) = open_from(secret, FILE, sealed) {
                opened.insert((holder.clone(), place));
                // One custodian alone holds what is still sealed to the other.
                if matches!(holder, Holder::Custodians { .. }) {
                    assert_ne!(inner.as_slice(), people.key.bytes());
                    assert!(recover(FILE, &inner, secret).is_err());
                }
            }
            assert!(open_from(secret, b"file 2", sealed).is_err(), "bound to its file");
        }
    }
    // The seat opens one; ann opens two outer layers, ben one, cid none.
    assert_eq!(opened.len(), 4, "{opened:?}");
}

#[test]
fn a_closed_file_opens_for_nobody_at_the_desk() {
    let mut people = people();
    people.wraps.close();
    let seat = ("office", Role::Intake);
    let found = people.wraps.open_for_seat(FILE, seat, &people.intake.secret);
    assert_eq!(found.unwrap_err(), VaultError::NotOpened);
    assert!(people.wraps.open_for_filer(FILE, &people.filer).is_ok());
    assert!(people.wraps.0.keys().all(|holder| !matches!(holder, Holder::Seat { .. })));
}

#[test]
fn changed_bytes_another_key_and_another_context_do_not_open() {
    let (key, pair) = (SecretKey::random().unwrap(), KeyPair::random().unwrap());
    let sealed = seal(&key, b"here", b"invented").unwrap();
    let wrapped = seal_to(&pair.public, b"here", b"invented").unwrap();
    for place in 0..sealed.len().max(wrapped.len()) {
        for (bytes, is_wrapped) in [(&sealed, false), (&wrapped, true)] {
            let mut bytes = bytes.clone();
            let Some(byte) = bytes.get_mut(place) else { continue };
            *byte ^= 1;
            let is_open = match is_wrapped {
                true => open_from(&pair.secret, b"here", &bytes).is_ok(),
                false => open(&key, b"here", &bytes).is_ok(),
            };
            assert!(!is_open, "byte {place}");
        }
    }
    assert!(open(&SecretKey::random().unwrap(), b"here", &sealed).is_err());
    assert!(open(&key, b"there", &sealed).is_err());
    assert!(open(&key, b"here", &sealed[..10]).is_err());
    assert_ne!(sealed, seal(&key, b"here", b"invented").unwrap(), "a nonce of its own each time");
}

#[test]
fn a_password_opens_its_own_record_alone() {
    assert!(Password::new("short").is_none());
    assert!(Password::new(&"x".repeat(2_000)).is_none(), "not cut, but refused");
    let password = Password::new("an invented password").unwrap();
    let (record, key) = PasswordRecord::create(&password, PasswordCost::FOR_TESTS).unwrap();
    assert_eq!(record.unlock(&password).unwrap().bytes(), key.bytes());
    let other = Password::new("an invented passwort").unwrap();
    assert_eq!(record.unlock(&other).unwrap_err(), VaultError::NotOpened);
    assert_ne!(&record.check, key.bytes(), "the key is not kept");
}

#[test]
fn the_standard_cost_is_that_of_rfc_9106_and_fits_into_a_small_machine() {
    let password = Password::new("an invented password").unwrap();
    assert_eq!(PasswordCost::STANDARD.memory_kib, 65_536);
    assert!(PasswordRecord::create(&password, PasswordCost::STANDARD).is_ok());
}

#[test]
fn nothing_secret_is_printed_by_debug() {
    let receipt = Receipt::random().unwrap();
    let keys = receipt.keys(&[1; 16], PasswordCost::FOR_TESTS).unwrap();
    let shown = format!("{receipt:?} {:?} {:?}", keys.key, KeyPair::random().unwrap().secret);
    assert_eq!(shown, "Receipt(not shown) SecretKey(not shown) SecretKey(not shown)");
}

#[test]
fn receipts_have_five_groups_and_every_digit_is_as_likely() {
    let mut counts = [0_u32; 10];
    for _ in 0..500 {
        let receipt = Receipt::random().unwrap();
        let text = receipt.to_groups();
        assert_eq!(text.split(' ').map(str::len).collect::<Vec<_>>(), [4; 5]);
        for digit in text.bytes().filter(u8::is_ascii_digit) {
            counts[usize::from(digit - b'0')] += 1;
        }
    }
    // 10,000 digits: 1,000 each with a standard deviation of 30. Six of them are one in 10^9.
    assert!(counts.iter().all(|count| count.abs_diff(1_000) < 180), "{counts:?}");
}

#[test]
fn what_is_no_receipt_is_answered_with_a_reason() {
    assert_eq!(Receipt::read("12 34").unwrap_err(), ReceiptError::Length(4));
    assert_eq!(Receipt::read(&"1".repeat(21)).unwrap_err(), ReceiptError::Length(21));
    assert_eq!(Receipt::read("12ab").unwrap_err(), ReceiptError::NotDigits);
}

proptest! {
    #[test]
    fn a_receipt_in_any_digits_and_groups_is_the_same(digits in "[0-9]{20}", zero in 0_usize..3) {
        let first = [0x30_u32, 0x660, 0x6f0][zero];
        let typed: String = digits
            .bytes()
            .flat_map(|digit| {
                let letter = char::from_u32(first + u32::from(digit - b'0')).unwrap();
                [letter, if digit == b'3' { '-' } else { ' ' }, '\u{200f}']
            })
            .collect();
        let read = Receipt::read(&typed).unwrap();
        prop_assert_eq!(read.to_groups().replace(' ', ""), digits);
    }

    #[test]
    fn no_text_makes_the_reader_of_receipts_fall(text in any::<String>()) {
        let _ = Receipt::read(&text);
    }
}
