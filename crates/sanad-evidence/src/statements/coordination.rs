//! Days on which several places were hit, against what chance gives.
//!
//! An event-day is a day on which an organisation (or several allied ones, taken together) struck
//! a place. Chance keeps, for every place and window of days, the number of event-days and deals
//! them to random days of the window: tempo and reach stay, only their coincidence is broken.
//! The test is of coincidence, not of intent: anniversaries, weather and the days on which a
//! source reports bring events together as well.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use sanad_core::random::{Stream, Streams};
use serde::{Deserialize, Serialize};

use crate::coordinated::coordinated_days;
use crate::error::{Error, Result};

/// Settings of the test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// A day counts as coordinated from this many places on, ≥ 2.
    pub min_places: usize,
    /// Days per window inside which event-days are dealt out, ≥ 2.
    pub window_days: u32,
    /// Rearrangements, ≥ 19.
    pub permutations: usize,
    /// Seed.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { min_places: 3, window_days: 30, permutations: 999, seed: 1 }
    }
}

/// Coordinated days, observed and by chance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Coordination {
    /// Days with enough places.
    pub days: usize,
    /// Mean of such days by chance.
    pub chance_days: f64,
    /// Central 90 % of such days by chance.
    pub chance_low_days: f64,
    /// See `chance_low_days`.
    pub chance_high_days: f64,
    /// Share of rearrangements, the observed one included, with at least as many.
    pub p_value: f64,
}

/// Counts the days on which at least `min_places` places were hit and compares with chance.
///
/// `events` are (day, place) with days counted from the start of the period (0 ≤ day < `days`);
/// several events of one place and day are one event-day. The last window may be shorter.
///
/// # Errors
/// A day outside the period, or settings outside their ranges.
pub fn coincidence_test(
    events: &[(u32, u32)],
    days: u32,
    settings: &Settings,
) -> Result<Coordination> {
    if settings.min_places < 2 || settings.window_days < 2 || settings.permutations < 19 {
        return Err(Error::setting(
            "coordination",
            "min_places and window_days must be 2 or more, permutations 19 or more",
        ));
    }
    if let Some(&(day, _)) = events.iter().find(|(day, _)| *day >= days) {
        return Err(Error::shape("day", days as usize, day as usize));
    }
    let event_days: BTreeSet<(u32, u32)> = events.iter().copied().collect();
    let count = |days: Vec<u32>| coordinated_days(days, settings.min_places).len();
    let observed = count(event_days.iter().map(|(day, _)| *day).collect());
    let groups = groups(&event_days, settings.window_days);
    let streams = Streams::new(settings.seed, "coordination");
    let mut by_chance: Vec<f64> = (0..settings.permutations)
        .into_par_iter()
        .map(|draw| {
            let mut stream = streams.at(0, 0, draw as u32);
            let dealt = groups.iter().flat_map(|(&(window, _), &number)| {
                deal(window, number, days, settings.window_days, &mut stream)
            });
            count(dealt.collect()) as f64
        })
        .collect();
    let as_many = by_chance.iter().filter(|&&other| other >= observed as f64).count();
    let chance_days = sanad_numbers::mean(&by_chance);
    let [low, _, high] = sanad_numbers::central(&mut by_chance, 0.05);
    Ok(Coordination {
        days: observed,
        chance_days,
        chance_low_days: low,
        chance_high_days: high,
        p_value: (1 + as_many) as f64 / (1 + settings.permutations) as f64,
    })
}

/// Event-days per (window, place).
fn groups(event_days: &BTreeSet<(u32, u32)>, window_days: u32) -> BTreeMap<(u32, u32), u32> {
    let mut groups = BTreeMap::new();
    for (day, place) in event_days {
        *groups.entry((day / window_days, *place)).or_insert(0) += 1;
    }
    groups
}

/// `number` different days of a window, by Floyd's sampling.
fn deal(
    window: u32,
    number: u32,
    days: u32,
    window_days: u32,
    stream: &mut Stream,
) -> BTreeSet<u32> {
    let start = window * window_days;
    let length = window_days.min(days - start);
    let mut dealt = BTreeSet::new();
    for last in length - number..length {
        let picked = start + (stream.open01() * f64::from(last + 1)) as u32;
        if !dealt.insert(picked) {
            dealt.insert(start + last);
        }
    }
    dealt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_planned_together_stand_out() {
        let mut events: Vec<(u32, u32)> =
            (0..10).flat_map(|day| (0..4).map(move |place| (day * 30 + 7, place))).collect();
        events.extend((0..40).map(|k| ((k * 37) % 300, k % 6)));
        let found = coincidence_test(&events, 300, &Settings::default()).expect("fits");
        assert!(found.days >= 10 && found.p_value < 0.01, "{found:?}");
        assert!(found.chance_high_days < 10.0);
    }

    /// Days dealt at random must give small p-values no more often than they say.
    #[test]
    fn days_dealt_at_random_do_not_stand_out() {
        let settings = Settings { permutations: 99, min_places: 2, ..Settings::default() };
        let trials = 200;
        let rejected = (0..trials)
            .filter(|&trial| {
                let mut stream = Streams::new(trial, "days").at(0, 0, 0);
                let events: Vec<(u32, u32)> =
                    (0..60).map(|k| ((stream.open01() * 180.0) as u32, k % 5)).collect();
                coincidence_test(&events, 180, &settings).expect("fits").p_value <= 0.1
            })
            .count();
        assert!(rejected as f64 / trials as f64 <= 0.15, "{rejected}");
    }

    /// Two places, one event-day each in a window of two days: they meet half of the time.
    #[test]
    fn chance_by_hand() {
        let settings = Settings { min_places: 2, window_days: 2, permutations: 4000, seed: 3 };
        let found = coincidence_test(&[(0, 0), (0, 1)], 2, &settings).expect("fits");
        assert_eq!(found.days, 1);
        assert!((found.chance_days - 0.5).abs() < 0.03 && (found.p_value - 0.5).abs() < 0.03);
    }

    #[test]
    fn days_outside_the_period_are_refused() {
        let found = coincidence_test(&[(9, 0)], 9, &Settings::default());
        assert!(found.is_err_and(|error| error.is_invalid_input()));
    }
}
