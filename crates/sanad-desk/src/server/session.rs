//! Who of the staff is logged in. Sessions live in memory alone and end with the process.
//!
//! With a session the server holds the secret keys of the seats of whoever is logged in: it has to,
//! because it opens the files for them. Whoever rules the running machine gets these keys, and with
//! them the open files of those bodies. Short sessions keep that small; they do not end it.
//!
//! Times here are moments, not days, and are forgotten with the session.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::process::Role;
use crate::staff::Seat;
use crate::vault::{SecretKey, VaultError, random_bytes};

/// A session ends after this long without a request.
pub(super) const IDLE: SignedDuration = SignedDuration::from_mins(20);
/// A session ends after this long in any case.
pub(super) const LONGEST: SignedDuration = SignedDuration::from_hours(4);
/// Failed logins of one name before the next has to wait.
const FREE_FAILURES: u32 = 3;
/// The longest wait after failures of one name. A longer one would let anybody lock somebody out.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(15);
/// Failed logins of all names in a minute after which every login waits.
const FAILURES_A_MINUTE: usize = 30;
/// How long failures of a name are remembered here. With the number a minute, some 43,000 names at most.
const FAILURES_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// 32 random bytes in hexadecimal digits.
pub(super) type SessionToken = Zeroizing<String>;

/// A new random token.
pub(super) fn new_token() -> Result<SessionToken, VaultError> {
    let bytes = Zeroizing::new(random_bytes::<32>()?);
    Ok(Zeroizing::new(crate::ledger::Hash256(*bytes).to_hex()))
}

/// Somebody who is logged in.
#[derive(Clone)]
pub(super) struct StaffSession {
    /// The member's name.
    pub(super) member: String,
    /// The secret keys of the member's seats.
    pub(super) seats: BTreeMap<Seat, SecretKey>,
    /// What every form of the session has to carry.
    pub(super) form_token: SessionToken,
    /// When it began.
    begun: Timestamp,
    /// When its last request came.
    seen: Timestamp,
    /// A digest of the browser's name, to which the session is bound.
    agent: [u8; 32],
}

impl StaffSession {
    /// Whether a form carries the session's secret.
    pub(super) fn is_own_form(&self, sent: &str) -> bool {
        self.form_token.as_bytes().ct_eq(sent.as_bytes()).into()
    }

    /// Whether one of the seats has a role.
    pub(super) fn holds(&self, role: Role) -> bool {
        self.seats.keys().any(|seat| seat.role == role)
    }

    /// Whether the session was idle or open for too long.
    fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.seen) > IDLE || now.duration_since(self.begun) > LONGEST
    }
}

/// All sessions, and the failures of logins.
pub(super) struct StaffSessions {
    /// By the digest of the token: who reads this memory by accident finds no token.
    open: BTreeMap<[u8; 32], StaffSession>,
    /// The failures of each name that was tried, whether somebody has it or not: a name that nobody has
    /// is made to wait like any other, so that nobody learns by it who is on the staff.
    failed: BTreeMap<String, FailedLogins>,
    /// Failures of the last minute.
    recent: Vec<Timestamp>,
    /// When the process began: failures that the store knows count from here.
    begun: Timestamp,
}

/// The failed logins of one name since the last that succeeded.
#[derive(Clone, Copy)]
struct FailedLogins {
    /// How many.
    count: u32,
    /// When the last was.
    last: Timestamp,
}

/// A SHA-256 value. What goes in is long and random, or not secret.
fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

impl StaffSessions {
    /// No sessions yet.
    pub(super) fn begin(now: Timestamp) -> StaffSessions {
        StaffSessions {
            open: BTreeMap::new(),
            failed: BTreeMap::new(),
            recent: Vec::new(),
            begun: now,
        }
    }

    /// Logs a member in, ends the member's other sessions, and gives the token for the cookie.
    pub(super) fn log_in(
        &mut self,
        member: &str,
        seats: BTreeMap<Seat, SecretKey>,
        agent: &str,
        now: Timestamp,
    ) -> Result<SessionToken, VaultError> {
        let (token, form_token) = (new_token()?, new_token()?);
        self.end_all_of(member);
        self.failed.remove(member);
        let (begun, seen) = (now, now);
        let member = member.to_owned();
        let session = StaffSession { member, seats, form_token, begun, seen, agent: digest(agent) };
        self.open.insert(digest(&token), session);
        Ok(token)
    }

    /// The session of a token, if it is not over and comes from the same browser.
    pub(super) fn find(
        &mut self,
        token: &str,
        agent: &str,
        now: Timestamp,
    ) -> Option<StaffSession> {
        let key = digest(token);
        let session = self.open.get_mut(&key)?;
        if session.is_over(now) || session.agent != digest(agent) {
            self.open.remove(&key);
            return None;
        }
        session.seen = now;
        Some(session.clone())
    }

    /// Ends the session of a token.
    pub(super) fn log_out(&mut self, token: &str) {
        self.open.remove(&digest(token));
    }

    /// Ends every session of a member.
    pub(super) fn end_all_of(&mut self, member: &str) {
        self.open.retain(|_, session| session.member != member);
    }

    /// Ends what is over.
    pub(super) fn sweep(&mut self, now: Timestamp) {
        self.open.retain(|_, session| !session.is_over(now));
        self.failed.retain(|_, failed| now.duration_since(failed.last) <= FAILURES_KEPT);
    }

    /// Whether a name may try to log in now, after the failures that the store and this process know,
    /// whichever are more: from the fourth on each wait is twice the one before, from 30 seconds to a
    /// quarter of an hour.
    pub(super) fn may_try(&mut self, name: &str, failures: u32, now: Timestamp) -> bool {
        self.recent.retain(|failed| now.duration_since(*failed) < SignedDuration::from_mins(1));
        if self.recent.len() >= FAILURES_A_MINUTE {
            return false;
        }
        // Failures that are known from before this process began count from its beginning.
        let (last, failures) = match self.failed.get(name) {
            Some(failed) => (failed.last, failures.max(failed.count)),
            None => (self.begun, failures),
        };
        let Some(doublings) = failures.checked_sub(FREE_FAILURES) else { return true };
        let seconds = 30_i64.saturating_mul(1 << doublings.min(10));
        let wait = SignedDuration::from_secs(seconds).min(LONGEST_WAIT);
        now.duration_since(last) >= wait
    }

    /// Notes that a login failed.
    pub(super) fn note_failure(&mut self, name: &str, now: Timestamp) {
        let before = self.failed.get(name).map_or(0, |failed| failed.count);
        let failed = FailedLogins { count: before.saturating_add(1), last: now };
        self.failed.insert(name.to_owned(), failed);
        self.recent.push(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    #[test]
    fn a_session_ends_when_it_is_idle_or_old_or_moves_to_another_browser() {
        let mut sessions = StaffSessions::begin(at(0));
        let log_in = |sessions: &mut StaffSessions, now| {
            sessions.log_in("ann", BTreeMap::new(), "browser", now).unwrap()
        };
        let token = log_in(&mut sessions, at(0));
        assert!(sessions.find(&token, "browser", at(1_200)).is_some());
        assert!(sessions.find(&token, "browser", at(2_401)).is_none(), "idle");
        let token = log_in(&mut sessions, at(0));
        for minutes in (15..=240).step_by(15) {
            assert!(sessions.find(&token, "browser", at(60 * minutes)).is_some());
        }
        assert!(sessions.find(&token, "browser", at(60 * 241)).is_none(), "old");
        let token = log_in(&mut sessions, at(0));
        assert!(sessions.find(&token, "another browser", at(1)).is_none());
        assert!(sessions.find(&token, "browser", at(1)).is_none(), "it ended at that");
    }

    #[test]
    fn a_new_login_ends_the_one_before_and_a_token_is_good_as_it_is_alone() {
        let mut sessions = StaffSessions::begin(at(0));
        let first = sessions.log_in("ann", BTreeMap::new(), "b", at(0)).unwrap();
        let second = sessions.log_in("ann", BTreeMap::new(), "b", at(1)).unwrap();
        assert!(sessions.find(&first, "b", at(2)).is_none());
        assert!(sessions.find(&second[1..], "b", at(2)).is_none());
        let session = sessions.find(&second, "b", at(2)).unwrap();
        assert!(session.is_own_form(&session.form_token) && !session.is_own_form(""));
        sessions.log_out(&second);
        assert!(sessions.find(&second, "b", at(2)).is_none());
    }

    #[test]
    fn who_guesses_has_to_wait_longer_each_time_and_never_more_than_a_quarter_of_an_hour() {
        let mut sessions = StaffSessions::begin(at(0));
        sessions.note_failure("ann", at(0));
        for (failures, wait) in [(1, 0), (2, 0), (3, 30), (4, 60), (5, 120), (9, 900), (4_000, 900)]
        {
            assert!(wait == 0 || !sessions.may_try("ann", failures, at(wait - 1)), "{failures}");
            assert!(sessions.may_try("ann", failures, at(wait)), "{failures}");
        }
    }

    #[test]
    fn who_guesses_under_many_names_has_to_wait_too() {
        let mut sessions = StaffSessions::begin(at(0));
        for name in 0..30 {
            assert!(sessions.may_try("ann", 0, at(1)));
            sessions.note_failure(&format!("name {name}"), at(1));
        }
        assert!(!sessions.may_try("ann", 0, at(2)));
        assert!(sessions.may_try("ann", 0, at(61)));
    }
}
