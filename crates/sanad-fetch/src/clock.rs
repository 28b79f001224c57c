//! Time as this crate meets it, so that a test need not wait.
//!
//! Only waits between attempts go through here; timeouts of a connection are the operating system's.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// Tells the time and waits.
pub trait Clock: Sync {
    /// Now.
    fn now(&self) -> DateTime<Utc>;

    /// Waits.
    fn wait(&self, time: Duration);
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from(std::time::SystemTime::now())
    }

    fn wait(&self, time: Duration) {
        std::thread::sleep(time);
    }
}
