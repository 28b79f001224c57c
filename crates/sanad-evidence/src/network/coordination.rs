//! Do coordinated days become more frequent after an alliance?

use std::collections::BTreeSet;

use rand_core::Rng;
use sanad_core::random::Streams;

use crate::coordinated::coordinated_days;
use crate::error::{Error, check_values};

/// An attack: which day, in which place, by an organisation of which family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attack {
    /// Day from the start of the period.
    pub day: u32,
    /// Place.
    pub place: u32,
    /// Family.
    pub family: u32,
}

/// Settings of [`coordination_test`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoordinationSettings {
    /// Length of the period, in days.
    pub days: u32,
    /// Number of different places attacked on one day that makes it coordinated.
    pub places: usize,
    /// Days counted before and after an alliance.
    pub window_days: u32,
    /// Number of permutations.
    pub permutations: u32,
}

/// Result of [`coordination_test`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoordinationTest {
    /// Coordinated days per day within the window after the alliances.
    pub rate_after: f64,
    /// The same before them.
    pub rate_before: f64,
    /// Share of random sets of dates, as many in number, whose rise is at least as large.
    pub p_value: f64,
    /// Twice the smaller of the shares of random sets of dates whose rise is at least as large or
    /// at most as large; at most 1.
    pub p_two_sided: f64,
    /// Standard deviation of the rise over the random sets of dates.
    pub spread: f64,
}

/// Days on which one family attacked at least `places` different places.
#[must_use]
pub fn days_of_family(attacks: &[Attack], family: u32, places: usize) -> BTreeSet<u32> {
    let own = attacks.iter().filter(|attack| attack.family == family);
    let hits: BTreeSet<(u32, u32)> = own.map(|attack| (attack.day, attack.place)).collect();
    coordinated_days(hits.into_iter().map(|(day, _)| day).collect(), places).into_iter().collect()
}

/// Tests whether coordinated days of `family` rise after the `alliances` (days), against dates
/// shifted together at random around the period, which keeps both the gaps between the alliances
/// and the clustering of the attacks.
///
/// # Errors
/// If the period or the window is empty, or no alliance is given or one is outside the period.
pub fn coordination_test(
    attacks: &[Attack],
    family: u32,
    alliances: &[u32],
    settings: CoordinationSettings,
    streams: Streams,
) -> Result<CoordinationTest, Error> {
    let CoordinationSettings { days, window_days, permutations, .. } = settings;
    check_values("window_days", &[f64::from(window_days)], "at least 1", |w| w >= 1.0)?;
    check_values("days", &[f64::from(days)], "above twice the window", |d| {
        d > 2.0 * f64::from(window_days)
    })?;
    if alliances.is_empty() {
        return Err(Error::too_little("the coordination test", "alliances", 1, 0));
    }
    let inside: Vec<f64> = alliances.iter().map(|&day| f64::from(day)).collect();
    check_values("alliances", &inside, "inside the period", |day| day < f64::from(days))?;
    let hits = days_of_family(attacks, family, settings.places);
    let (rate_before, rate_after) = rates(&hits, alliances, settings);
    let mut stream = streams.at(family, 0, 0);
    let rise = rate_after - rate_before;
    let rises: Vec<f64> = (0..permutations)
        .map(|_| {
            let shift = (stream.next_u64() % u64::from(days)) as u32;
            let moved: Vec<u32> = alliances.iter().map(|day| (day + shift) % days).collect();
            let (before, after) = rates(&hits, &moved, settings);
            after - before
        })
        .collect();
    let share = |holds: &dyn Fn(f64) -> bool| {
        let found = rises.iter().filter(|&&other| holds(other)).count();
        (found + 1) as f64 / f64::from(permutations + 1)
    };
    let p_value = share(&|other| other >= rise - 1e-12);
    let below = share(&|other| other <= rise + 1e-12);
    Ok(CoordinationTest {
        rate_after,
        rate_before,
        p_value,
        p_two_sided: (2.0 * p_value.min(below)).min(1.0),
        spread: standard_deviation(&rises),
    })
}

/// √(Σ (x − x̄)² / n).
fn standard_deviation(values: &[f64]) -> f64 {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt()
}

/// Coordinated days per observed day before and after.
fn rates(hits: &BTreeSet<u32>, alliances: &[u32], settings: CoordinationSettings) -> (f64, f64) {
    let rate = |ranges: Vec<(u32, u32)>| {
        let observed: u32 = ranges.iter().map(|(from, to)| to - from).sum();
        let found: usize = ranges.iter().map(|&(from, to)| hits.range(from..to).count()).sum();
        found as f64 / f64::from(observed.max(1))
    };
    let w = settings.window_days;
    let before = alliances.iter().map(|&day| (day.saturating_sub(w), day)).collect();
    let after = alliances.iter().map(|&day| (day, (day + w).min(settings.days))).collect();
    (rate(before), rate(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: CoordinationSettings =
        CoordinationSettings { days: 2000, places: 2, window_days: 180, permutations: 499 };

    /// Two places hit on one day with the given chance.
    fn attacks(chance: impl Fn(u32) -> f64, seed: u64) -> Vec<Attack> {
        let mut stream = Streams::new(seed, "attacks").at(0, 0, 0);
        (0..2000)
            .filter(|&day| stream.open01() < chance(day))
            .flat_map(|day| [0, 1].map(|place| Attack { day, place, family: 0 }))
            .collect()
    }

    #[test]
    fn a_day_is_coordinated_by_places_of_one_family() {
        let hit = |day, place, family| Attack { day, place, family };
        let all =
            [hit(1, 0, 0), hit(1, 0, 0), hit(2, 0, 0), hit(2, 1, 1), hit(3, 0, 0), hit(3, 4, 0)];
        assert_eq!(days_of_family(&all, 0, 2), BTreeSet::from([3]));
    }

    #[test]
    fn a_rise_after_the_alliance_is_found() {
        let rise = attacks(|day| if (1000..1180).contains(&day) { 0.3 } else { 0.02 }, 1);
        let found = coordination_test(&rise, 0, &[1000], SETTINGS, Streams::new(3, "p")).unwrap();
        assert!(found.p_value < 0.05 && found.rate_after > 5.0 * found.rate_before, "{found:?}");
        assert!(found.p_two_sided >= found.p_value && found.spread > 0.0, "{found:?}");
    }

    #[test]
    fn a_fall_after_the_alliance_is_seen_from_both_sides_only() {
        let fall = attacks(|day| if (820..1000).contains(&day) { 0.3 } else { 0.02 }, 1);
        let found = coordination_test(&fall, 0, &[1000], SETTINGS, Streams::new(3, "p")).unwrap();
        assert!(found.p_value > 0.9 && found.p_two_sided < 0.05, "{found:?}");
    }

    #[test]
    fn without_a_rise_the_test_rejects_at_its_level() {
        let rejected = (0..200)
            .filter(|&seed| {
                let flat = attacks(|_| 0.1, seed);
                let settings = CoordinationSettings { permutations: 99, ..SETTINGS };
                let found = coordination_test(&flat, 0, &[700], settings, Streams::new(seed, "p"));
                found.unwrap().p_value <= 0.05
            })
            .count();
        // Binomial(200, 0.05): mean 10, standard deviation 3.1.
        assert!((2..=20).contains(&rejected), "{rejected} of 200");
    }

    #[test]
    fn no_alliance_is_too_little_data() {
        let found = coordination_test(&[], 0, &[], SETTINGS, Streams::new(3, "p"));
        assert!(found.unwrap_err().is_too_little_data());
    }
}
