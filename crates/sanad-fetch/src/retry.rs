//! How long to wait before asking again.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sanad_core::random::Streams;

/// Attempts without a single new byte after which a file is given up.
pub(crate) const ATTEMPTS: u32 = 6;
/// Seconds of the first wait; each further one is twice as long.
const FIRST_SECONDS: f64 = 2.0;
/// The longest wait of ours, seconds.
const LONGEST_SECONDS: f64 = 120.0;
/// The longest wait that a server may ask for, seconds; beyond it the file is given up.
pub(crate) const PATIENCE_SECONDS: u64 = 900;

/// Waits between attempts: exponential, with jitter from a seed, so that many users do not come
/// back at the same moment and a test can say how long it would take.
///
/// The wait before attempt *k* is `first · 2^(k−1) · u` with *u* uniform on (0.5, 1.5): half the
/// spread that "full jitter" has, so that a wait is never next to nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff {
    pub(crate) seed: u64,
    pub(crate) first_seconds: Option<f64>,
}

impl Backoff {
    /// The wait after `failures` attempts, 1 or more, that failed.
    pub(crate) fn wait(&self, failures: u32) -> Duration {
        let jitter = 0.5 + Streams::new(self.seed, "fetch: backoff").at(0, failures, 0).open01();
        let doubled = f64::from(2_u32.saturating_pow(failures.saturating_sub(1).min(16)));
        let seconds = self.first_seconds.unwrap_or(FIRST_SECONDS) * doubled * jitter;
        Duration::from_secs_f64(seconds.clamp(0.0, LONGEST_SECONDS * 1.5))
    }
}

/// What `Retry-After` says: seconds, or a moment (RFC 9110, 10.2.3), from `now` on.
pub(crate) fn retry_after(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = DateTime::parse_from_rfc2822(text).ok()?.with_timezone(&Utc);
    Some((moment - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_follow_from_the_seed() {
        let waits = |seed| {
            (1..=5).map(move |n| Backoff { seed, first_seconds: None }.wait(n).as_secs_f64())
        };
        assert!(waits(1).eq(waits(1)));
        assert!(!waits(1).eq(waits(2)));
        for (wait, middle) in waits(7).zip([2.0, 4.0, 8.0, 16.0, 32.0]) {
            assert!(wait > 0.5 * middle && wait < 1.5 * middle, "{wait} around {middle}");
        }
        let last = Backoff { seed: 1, first_seconds: Some(30.0) }.wait(1000);
        assert!(last <= Duration::from_secs(180));
    }

    #[test]
    fn a_server_asks_to_wait_by_seconds_or_until_a_moment() {
        let now = DateTime::parse_from_rfc3339("2026-11-29T12:00:00Z").unwrap().with_timezone(&Utc);
        let after = |text| retry_after(text, now).map(|wait| wait.as_secs());
        assert_eq!(after("120"), Some(120));
        assert_eq!(after("Sun, 29 Nov 2026 12:00:30 GMT"), Some(30));
        assert_eq!(after("Sun, 29 Nov 2026 11:00:00 GMT"), Some(0));
        for nonsense in ["", "soon", "-5", "1.5", "Sun, 31 Feb 2026 12:00:30 GMT"] {
            assert_eq!(after(nonsense), None, "{nonsense}");
        }
    }
}
