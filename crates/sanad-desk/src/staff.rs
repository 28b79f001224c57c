//! Who works at the desk: seats, their keys, and the members of the staff who hold them.
//!
//! A *seat* is a role at a body. It has a key pair: files are wrapped to its public key, so that
//! whoever comes to the seat later can read what is open. The secret key is sealed to each member
//! who holds the seat. A *member* has a password; what it unlocks are the member's own secret key
//! and the secret of the second factor, so that a stolen database holds neither.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use zeroize::Zeroizing;

use crate::process::Role;
use crate::vault::{
    KeyPair, Password, PasswordCost, PasswordRecord, PublicKey, SecretKey, TotpSecret, VaultError,
    open, open_from, random_bytes, seal, seal_to,
};

/// A role at a body.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seat {
    /// The body's id, or [`Seat::WHOLE_DESK`].
    pub body: String,
    /// The role.
    pub role: Role,
}

impl Seat {
    /// Stands in place of a body for those who work for the whole desk: auditors, partners.
    pub const WHOLE_DESK: &str = "desk";
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.body, self.role.as_str())
    }
}

/// Text that is no seat.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no seat: expected BODY/ROLE, such as complaints-office/intake")]
pub struct NoSeat(pub String);

impl FromStr for Seat {
    type Err = NoSeat;

    /// Reads `BODY/ROLE`.
    ///
    /// ```
    /// use sanad_desk::{Role, staff::Seat};
    ///
    /// let seat: Seat = "complaints-office/intake".parse()?;
    /// assert_eq!(seat.role, Role::Intake);
    /// assert!("complaints-office/filer".parse::<Seat>().is_err(), "nobody is hired as a filer");
    /// # Ok::<(), sanad_desk::staff::NoSeat>(())
    /// ```
    fn from_str(text: &str) -> Result<Seat, NoSeat> {
        let no_seat = || NoSeat(text.to_owned());
        let (body, role) = text.split_once('/').ok_or_else(no_seat)?;
        let role = Role::from_word(role).ok_or_else(no_seat)?;
        let is_staff = !matches!(role, Role::Filer | Role::Clock);
        let seat = Seat { body: body.to_owned(), role };
        if is_staff && !body.is_empty() { Ok(seat) } else { Err(no_seat()) }
    }
}

/// A seat with what is public of its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatKey {
    /// The seat.
    pub seat: Seat,
    /// Its public key.
    pub public: PublicKey,
}

/// A member of the staff, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The name with which the member logs in.
    pub name: String,
    /// What is kept of the password.
    pub password: PasswordRecord,
    /// The member's public key.
    pub public: PublicKey,
    /// The secret of the second factor and the member's secret key, under the password.
    pub sealed: Vec<u8>,
    /// The secret key of each seat that the member holds, sealed to the member.
    pub seats: BTreeMap<Seat, Vec<u8>>,
    /// The step of the last code that was used.
    pub last_step: Option<u64>,
    /// Failed logins since the last good one.
    pub failures: u32,
}

/// What is said once to a new member and kept nowhere.
pub struct FirstSecrets {
    /// The password: 25 letters and digits in groups of five, 125 bits.
    pub password: Zeroizing<String>,
    /// The secret for an authenticator program.
    pub totp: TotpSecret,
}

/// What a member's password unlocks.
pub struct UnlockedMember {
    /// The secret of the second factor. Nobody may do anything before a code was right.
    pub totp: TotpSecret,
    /// The secret keys of the member's seats.
    pub seats: BTreeMap<Seat, SecretKey>,
}

/// Bytes of a [`TotpSecret`].
const TOTP_BYTES: usize = 20;

impl Member {
    /// A new member without a seat, with a password and a second factor that were drawn.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoRandomness`] or [`VaultError::NotDerived`].
    pub fn enrol(name: &str, cost: PasswordCost) -> Result<(Member, FirstSecrets), VaultError> {
        let (password_text, totp) = (drawn_password()?, TotpSecret::random()?);
        let password = Password::new(&password_text).ok_or(VaultError::NotDerived)?;
        let (record, key) = PasswordRecord::create(&password, cost)?;
        let pair = KeyPair::random()?;
        let mut secrets = Zeroizing::new(totp.bytes().to_vec());
        secrets.extend_from_slice(pair.secret.bytes());
        let member = Member {
            name: name.to_owned(),
            password: record,
            public: pair.public,
            sealed: seal(&key, &member_context(name), &secrets)?,
            seats: BTreeMap::new(),
            last_step: None,
            failures: 0,
        };
        Ok((member, FirstSecrets { password: password_text, totp }))
    }

    /// Gives the member a seat whose secret key is at hand.
    ///
    /// # Errors
    ///
    /// [`VaultError`] of the sealing.
    pub fn give_seat(&mut self, seat: &Seat, secret: &SecretKey) -> Result<(), VaultError> {
        let sealed = seal_to(&self.public, &self.seat_context(seat), secret.bytes())?;
        self.seats.insert(seat.clone(), sealed);
        Ok(())
    }

    /// What a password unlocks.
    ///
    /// # Errors
    ///
    /// [`VaultError::NotOpened`] for another password.
    pub fn unlock(&self, password: &Password) -> Result<UnlockedMember, VaultError> {
        let key = self.password.unlock(password)?;
        let secrets = open(&key, &member_context(&self.name), &self.sealed)?;
        let (totp, secret) =
            secrets.split_first_chunk::<TOTP_BYTES>().ok_or(VaultError::NotOpened)?;
        let secret = SecretKey::from_slice(secret)?;
        let mut seats = BTreeMap::new();
        for (seat, sealed) in &self.seats {
            let opened = open_from(&secret, &self.seat_context(seat), sealed)?;
            seats.insert(seat.clone(), SecretKey::from_slice(&opened)?);
        }
        Ok(UnlockedMember { totp: TotpSecret::new(*totp), seats })
    }

    fn seat_context(&self, seat: &Seat) -> Vec<u8> {
        // Neither ids nor names hold a zero byte.
        format!("sanad-desk seat 1\0{}\0{seat}", self.name).into_bytes()
    }
}

fn member_context(name: &str) -> Vec<u8> {
    format!("sanad-desk member 1\0{name}").into_bytes()
}

/// Letters of base 32 without those that are mistaken for one another when copied by hand.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz123456789";

/// A password of 25 letters in groups of five: 32^25 are 125 bits.
pub(crate) fn drawn_password() -> Result<Zeroizing<String>, VaultError> {
    let bytes = Zeroizing::new(random_bytes::<25>()?);
    let mut text = Zeroizing::new(String::with_capacity(29));
    for (place, byte) in bytes.iter().enumerate() {
        if place > 0 && place % 5 == 0 {
            text.push('-');
        }
        // 256 is a multiple of 32: every letter is equally likely.
        text.push(char::from(LETTERS[usize::from(byte % 32)]));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_unlocks_the_seats_that_were_given_and_no_other_password_does() {
        let (mut member, first) = Member::enrol("ann", PasswordCost::FOR_TESTS).unwrap();
        let (seat, pair) = ("office/intake".parse().unwrap(), KeyPair::random().unwrap());
        member.give_seat(&seat, &pair.secret).unwrap();
        let password = Password::new(&first.password).unwrap();
        let unlocked = member.unlock(&password).unwrap();
        assert_eq!(unlocked.seats[&seat].bytes(), pair.secret.bytes());
        assert_eq!(unlocked.totp.bytes(), first.totp.bytes());
        let other = Password::new(&drawn_password().unwrap()).unwrap();
        assert!(member.unlock(&other).is_err());
        // What is kept cannot be given to another name.
        member.name = "ben".to_owned();
        assert!(member.unlock(&password).is_err());
    }

    #[test]
    fn letters_of_a_drawn_password_are_all_different_and_none_is_doubtful() {
        let letters: std::collections::BTreeSet<u8> = LETTERS.iter().copied().collect();
        assert_eq!(letters.len(), 32);
        for doubtful in [b'0', b'o', b'i', b'l'] {
            assert!(!letters.contains(&doubtful), "{}", char::from(doubtful));
        }
    }
}
