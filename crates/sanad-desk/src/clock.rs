//! What day it is, from the machine or from a test.

use std::sync::Mutex;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A source of the present moment. Only what asks a `Clock` knows the time; the rules of the desk
/// take days as arguments.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// The day in a zone at the present moment.
    fn today(&self, zone: &TimeZone) -> Date {
        self.now().to_zoned_datetime(zone.clone()).date()
    }
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that shows what it was set to, and stands still.
///
/// ```
/// use jiff::tz::TimeZone;
/// use sanad_desk::{Clock, SetClock};
///
/// let clock = SetClock::new("2026-01-01T20:30:00Z".parse()?);
/// // In a zone five hours ahead the new day has begun.
/// assert_eq!(clock.today(&TimeZone::UTC).to_string(), "2026-01-01");
/// assert_eq!(clock.today(&TimeZone::get("Asia/Karachi")?).to_string(), "2026-01-02");
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug)]
pub struct SetClock {
    shown: Mutex<Timestamp>,
}

impl SetClock {
    /// A clock that shows a moment.
    pub fn new(moment: Timestamp) -> SetClock {
        SetClock { shown: Mutex::new(moment) }
    }

    /// Sets the clock, forwards or backwards.
    pub fn set(&self, moment: Timestamp) {
        *self.shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = moment;
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
