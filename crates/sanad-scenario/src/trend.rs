//! Where a few readings point: the chance that a target is met, if their trend goes on.

use rand_distr::{Distribution as _, StudentT};
use sanad_core::random::Streams;

use crate::compare::Aim;

/// Readings that a trend needs.
const FEWEST: usize = 4;
/// Draws of the reading at the date.
const DRAWS: u32 = 4000;

/// The chance that the reading at `due` is on the right side of `target`, if a straight line through
/// the logarithm of one more than the readings goes on and scatters as before: the predictive
/// distribution of least squares, which is Student's t. Nothing with fewer than four readings, with
/// readings at one time only, or with one that is below zero.
///
/// `readings` are pairs of time and value; time and `due` are in one unit, such as years. The chance
/// knows of no plan and no change of course, and a reading so far ahead that the line has little to
/// say gives a chance near the middle.
#[must_use]
pub fn on_track(
    readings: &[(f64, f64)],
    due: f64,
    target: f64,
    aim: Aim,
    seed: u64,
) -> Option<f64> {
    let sound = |&(time, value): &(f64, f64)| time.is_finite() && value.is_finite() && value >= 0.0;
    if readings.len() < FEWEST || !readings.iter().all(sound) || target < 0.0 {
        return None;
    }
    let count = readings.len() as f64;
    let logs: Vec<f64> = readings.iter().map(|(_, value)| value.ln_1p()).collect();
    let (time, level) = (
        readings.iter().map(|(time, _)| time).sum::<f64>() / count,
        logs.iter().sum::<f64>() / count,
    );
    let spread: f64 = readings.iter().map(|(at, _)| (at - time).powi(2)).sum();
    if spread <= 0.0 {
        return None;
    }
    let slope =
        readings.iter().zip(&logs).map(|((at, _), log)| (at - time) * log).sum::<f64>() / spread;
    let line = |at: f64| level + slope * (at - time);
    let residual: f64 =
        readings.iter().zip(&logs).map(|((at, _), log)| (log - line(*at)).powi(2)).sum();
    let variance = residual / (count - 2.0);
    let scale = (variance * (1.0 + 1.0 / count + (due - time).powi(2) / spread)).sqrt();
    let student = StudentT::new(count - 2.0).ok()?;
    let streams = Streams::new(seed, "scenario: trend");
    // A count is a whole number: half a unit above a target of nothing is still nothing.
    let bound = (target + if aim == Aim::Less { 0.5 } else { 0.0 }).ln_1p();
    let met = |draw: u32| {
        let value = line(due) + scale * student.sample(&mut streams.at(0, 0, draw));
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
    fn too_little_to_draw_a_line_through_gives_nothing() {
        assert_eq!(on_track(&falling()[..3], 9.0, 10.0, Aim::Less, 1), None);
        assert_eq!(on_track(&[(1.0, 2.0); 5], 9.0, 10.0, Aim::Less, 1), None);
        let mut broken = falling();
        broken[2].1 = -1.0;
        assert_eq!(on_track(&broken, 9.0, 10.0, Aim::Less, 1), None);
    }
}
