//! Where a few readings point: the chance that a target is met, if they go on as they did.
//!
//! A yardstick for commitments that have a baseline, a target and a date, and only yearly readings:
//! no model of the world, only what the readings themselves say when they are carried on.

use rand_distr::{Distribution as _, StudentT};
use sanad_core::random::Streams;

use crate::compare::Aim;

/// Readings that it takes. With four there are three steps, and after the drift two degrees of
/// freedom for their scatter.
const FEWEST: usize = 4;
/// Draws of the reading at the date. The chance is a share of them, so that its own error is below
/// 0.01 (√(1/4/4000) = 0.008).
const DRAWS: u32 = 4000;

/// The chance that the reading at `due` is on the right side of `target`, if the readings go on as
/// they did: a random walk with drift in the logarithm of one more than the reading, whose steps
/// scatter as those between the readings did, with the drift's own uncertainty (Student's t).
/// Nothing with fewer than four readings, with times that do not ascend, with a reading or a target
/// below zero, with a number that is not finite, or with a date that is not after the last.
///
/// `readings` are pairs of time and value; time and `due` are in one unit, such as years. The chance
/// knows of no plan and no change of course.
///
/// With y = ln(1 + reading), n readings over a span T and a date that lies h after the last: the
/// drift is δ = (yₙ − y₁)/T, the variance per unit of time σ² = Σ (Δy − δ·Δt)²/Δt / (n − 2), and
/// the reading at the date yₙ + δ·h + √(σ²·(h + h²/T)) · t with Student's t of n − 2 degrees of
/// freedom; h²/T is what the drift's own error adds. One is added before the logarithm so that a
/// reading of zero has one.
///
/// The target is met at or below it ([`Aim::Less`]) or at or above it. Where the readings and the
/// target are all whole numbers they are taken for counts, and a value that rounds to the target is
/// at it: less than half a unit above is near enough. Shares and other measures get no such grace. The same arguments give the
/// same chance, whatever else is drawn.
///
/// ```
/// use sanad_scenario::{Aim, on_track};
///
/// let killed = [(2019.0, 120.0), (2020.0, 90.0), (2021.0, 70.0), (2022.0, 50.0), (2023.0, 38.0)];
/// let halved = on_track(&killed, 2025.0, 60.0, Aim::Less, 1).unwrap();
/// let none = on_track(&killed, 2025.0, 0.0, Aim::Less, 1).unwrap();
/// assert!(halved > 0.9 && none < 0.1);
/// assert_eq!(on_track(&killed[..3], 2025.0, 60.0, Aim::Less, 1), None);
/// ```
#[must_use]
pub fn on_track(
    readings: &[(f64, f64)],
    due: f64,
    target: f64,
    aim: Aim,
    seed: u64,
) -> Option<f64> {
    let sound = |&(time, value): &(f64, f64)| time.is_finite() && value.is_finite() && value >= 0.0;
    let ascending = readings.windows(2).all(|pair| pair[0].0 < pair[1].0);
    let in_reach = due.is_finite() && target.is_finite() && target >= 0.0;
    if readings.len() < FEWEST || !readings.iter().all(sound) || !ascending || !in_reach {
        return None;
    }
    let (first, last) = (readings.first()?, readings.last()?);
    let (span, ahead) = (last.0 - first.0, due - last.0);
    if ahead <= 0.0 {
        return None;
    }
    let drift = (last.1.ln_1p() - first.1.ln_1p()) / span;
    let steps = readings.windows(2).map(|pair| {
        let gap = pair[1].0 - pair[0].0;
        (pair[1].1.ln_1p() - pair[0].1.ln_1p() - drift * gap).powi(2) / gap
    });
    let freedom = (readings.len() - 2) as f64;
    let variance = steps.sum::<f64>() / freedom;
    let scale = (variance * (ahead + ahead * ahead / span)).sqrt();
    let middle = last.1.ln_1p() + drift * ahead;
    let student = StudentT::new(freedom).ok()?;
    let streams = Streams::new(seed, "scenario: trend");
    // A count is a whole number: half a unit above a target of nothing is still nothing.
    let is_whole = |value: f64| value.fract() == 0.0;
    let are_counts = is_whole(target) && readings.iter().all(|reading| is_whole(reading.1));
    let grace = if are_counts && aim == Aim::Less { 0.5 } else { 0.0 };
    let bound = (target + grace).ln_1p();
    let met = |draw: u32| {
        let value = middle + scale * student.sample(&mut streams.at(0, 0, draw));
        match aim {
            Aim::Less => value <= bound,
            Aim::More => value >= bound,
        }
    };
    Some((0..DRAWS).filter(|&draw| met(draw)).count() as f64 / f64::from(DRAWS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn falling() -> Vec<(f64, f64)> {
        (0_i32..8)
            .map(|year| (f64::from(year), 100.0 * 0.7_f64.powi(year) + f64::from(year % 2)))
            .collect()
    }

    #[test]
    fn a_steady_fall_will_go_below_a_level_that_it_nears_and_not_above_one_it_left() {
        let below = on_track(&falling(), 9.0, 10.0, Aim::Less, 1).unwrap();
        let above = on_track(&falling(), 9.0, 50.0, Aim::More, 1).unwrap();
        assert!(below > 0.95 && above < 0.02, "{below} {above}");
    }

    #[test]
    fn far_ahead_a_level_series_says_little() {
        let level = [(0.0, 10.0), (1.0, 14.0), (2.0, 8.0), (3.0, 12.0)];
        let chance = on_track(&level, 40.0, 10.0, Aim::Less, 1).unwrap();
        assert!((0.2..0.8).contains(&chance), "{chance}");
    }

    #[test]
    fn too_little_to_go_on_gives_nothing() {
        assert_eq!(on_track(&falling()[..3], 9.0, 10.0, Aim::Less, 1), None);
        assert_eq!(on_track(&[(1.0, 2.0); 5], 9.0, 10.0, Aim::Less, 1), None);
        assert_eq!(on_track(&falling(), 7.0, 10.0, Aim::Less, 1), None);
        let mut broken = falling();
        broken[2].1 = -1.0;
        assert_eq!(on_track(&broken, 9.0, 10.0, Aim::Less, 1), None);
    }

    #[test]
    fn a_target_or_date_that_is_no_number_gives_nothing() {
        for wrong in [f64::NAN, f64::INFINITY] {
            assert_eq!(on_track(&falling(), 9.0, wrong, Aim::Less, 1), None);
            assert_eq!(on_track(&falling(), wrong, 10.0, Aim::More, 1), None);
        }
    }

    #[test]
    fn a_share_gets_no_grace_above_its_target_and_a_count_gets_half_a_unit() {
        let shares = [(0.0, 0.31), (1.0, 0.3), (2.0, 0.31), (3.0, 0.3)];
        let share = on_track(&shares, 4.0, 0.1, Aim::Less, 1).unwrap();
        assert!(share < 0.05, "{share}");
        let counts = [(0.0, 0.0), (1.0, 0.0), (2.0, 1.0), (3.0, 0.0)];
        let count = on_track(&counts, 4.0, 0.0, Aim::Less, 1).unwrap();
        assert!(count > 0.6, "{count}");
    }
}
