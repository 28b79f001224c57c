//! Laws of the scores, each against a definition written out the slow way.

use proptest::prelude::*;
use sanad_forecast::score::{
    BootstrapSettings, CellScores, Ecdf, IGN_EDGES, Metric, PitHistogram, Reliability, ScoreTable,
    Tally, crps, crps_sample, mean_interval, paired, skill_by_place,
};
use sanad_forecast::{Draws, Panel};

/// Counts of every size a score meets: mostly small, some beyond the tally's table.
fn counts() -> impl Strategy<Value = Vec<u32>> {
    let one = prop_oneof![5 => 0..5_u32, 3 => 0..300_u32, 1 => 0..100_000_u32];
    prop::collection::vec(one, 1..60)
}

fn outcome() -> impl Strategy<Value = f64> {
    prop_oneof![0..5_u32, 0..300_u32, 0..100_000_u32].prop_map(f64::from)
}

/// E|X − y| − ½ E|X − X′| over all pairs.
fn crps_by_pairs(draws: &[f64], y: f64) -> f64 {
    let n = draws.len() as f64;
    let near: f64 = draws.iter().map(|x| (x - y).abs()).sum();
    let apart: f64 = draws.iter().flat_map(|a| draws.iter().map(move |b| (a - b).abs())).sum();
    near / n - apart / (2.0 * n * n)
}

fn as_floats(draws: &[u32]) -> Vec<f64> {
    draws.iter().map(|&x| f64::from(x)).collect()
}

/// NumPy's default quantile.
fn quantile_by_sorting(draws: &[u32], level: f64) -> f64 {
    let mut sorted = as_floats(draws);
    sorted.sort_by(f64::total_cmp);
    let position = level * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[position.floor() as usize], sorted[position.ceil() as usize]);
    low + (high - low) * position.fract()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()))
}

proptest! {
    #[test]
    fn crps_is_that_over_all_pairs(draws in counts(), y in outcome()) {
        let slow = crps_by_pairs(&as_floats(&draws), y);
        prop_assert!(close(crps(&Ecdf::from_draws(&draws), y), slow));
        prop_assert!(close(crps_sample(&as_floats(&draws), y), slow));
    }

    #[test]
    fn log1p_crps_is_the_crps_of_logs(draws in counts(), y in outcome()) {
        let scores = CellScores::from_draws(&mut Tally::default(), &draws, y).unwrap();
        let logs: Vec<f64> = draws.iter().map(|&x| f64::from(x).ln_1p()).collect();
        prop_assert!(close(scores.log1p_crps, crps_by_pairs(&logs, y.ln_1p())));
    }

    #[test]
    fn tail_crps_is_the_crps_of_what_lies_above_the_threshold(draws in counts(), y in outcome()) {
        let scores = CellScores::from_draws(&mut Tally::default(), &draws, y).unwrap();
        let above: Vec<f64> = draws.iter().map(|&x| f64::from(x).max(25.0)).collect();
        prop_assert!(close(scores.tail_crps, crps_by_pairs(&above, y.max(25.0))));
    }

    #[test]
    fn ignorance_counts_the_draws_in_the_outcomes_bin(draws in counts(), y in outcome()) {
        let bin = |x: f64| (0..11).rev().find(|&b| x >= IGN_EDGES[b]).unwrap();
        let hits = draws.iter().filter(|&&x| bin(f64::from(x)) == bin(y)).count() as f64;
        let expected = -((hits + 1.0) / (draws.len() as f64 + 11.0)).log2();
        let scores = CellScores::from_draws(&mut Tally::default(), &draws, y).unwrap();
        prop_assert!(close(scores.ign, expected));
    }

    #[test]
    fn intervals_and_quantiles_are_those_of_the_sorted_draws(draws in counts(), y in outcome()) {
        let scores = CellScores::from_draws(&mut Tally::default(), &draws, y).unwrap();
        let q = |level| quantile_by_sorting(&draws, level);
        let (low, high) = (q(0.05), q(0.95));
        let missed = (low - y).max(0.0) + (y - high).max(0.0);
        prop_assert!(close(scores.mis_90, high - low + 20.0 * missed));
        prop_assert_eq!(scores.covered[2] == 1.0, missed < 1e-9);
        for (level, found) in [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95].iter().zip(scores.quantile) {
            let gap = y - q(*level);
            let expected = 2.0 * (level * gap).max((level - 1.0) * gap);
            prop_assert!(close(found, expected));
        }
    }

    #[test]
    fn probabilities_and_pit_are_shares_of_the_draws(draws in counts(), y in outcome()) {
        let scores = CellScores::from_draws(&mut Tally::default(), &draws, y).unwrap();
        let share = |holds: &dyn Fn(f64) -> bool| {
            draws.iter().filter(|&&x| holds(f64::from(x))).count() as f64 / draws.len() as f64
        };
        prop_assert!(close(scores.probability_1, share(&|x| x >= 1.0)));
        prop_assert!(close(scores.probability_25, share(&|x| x >= 25.0)));
        prop_assert!(close(scores.pit[0], share(&|x| x < y)));
        prop_assert!(close(scores.pit[1], share(&|x| x <= y)));
        let event = if y >= 1.0 { 1.0 } else { 0.0 };
        prop_assert!(close(scores.brier_1, (share(&|x| x >= 1.0) - event).powi(2)));
    }

    #[test]
    fn a_tally_forgets_what_it_held_before(first in counts(), second in counts()) {
        let mut tally = Tally::default();
        tally.of(&first);
        prop_assert_eq!(tally.of(&second), &Ecdf::from_draws(&second));
    }

    #[test]
    fn scores_do_not_depend_on_the_order_of_draws(draws in counts(), y in outcome()) {
        let mut turned = draws.clone();
        turned.reverse();
        let mut tally = Tally::default();
        let a = CellScores::from_draws(&mut tally, &draws, y);
        prop_assert_eq!(a, CellScores::from_draws(&mut tally, &turned, y));
    }
}

/// Two windows of three places and two steps; the model is off by `miss` in the first place.
fn table(miss: u32) -> ScoreTable {
    let draws =
        Draws::from_values(3, 2, 2, vec![miss, miss, miss, miss, 5, 5, 5, 5, 0, 0, 0, 0]).unwrap();
    let observed = [0.0, 0.0, 7.0, 5.0, 0.0, f64::NAN];
    let mut table = ScoreTable::of_window(10, 3, &draws, &observed).unwrap();
    table.append(ScoreTable::of_window(22, 3, &draws, &observed).unwrap());
    table
}

#[test]
fn cells_without_an_outcome_are_left_out() {
    assert_eq!(table(0).rows().len(), 10);
    assert_eq!(table(0).mean(Metric::Crps), 0.4);
    assert_eq!(table(0).mean_over_windows(Metric::Crps), 0.4);
}

#[test]
fn a_paired_difference_is_the_difference_of_the_means_and_vanishes_against_itself() {
    let settings = BootstrapSettings::default();
    let difference = paired(&table(3), &table(0), Metric::Crps, settings).unwrap();
    assert!((difference.mean.value - 1.2).abs() < 1e-12);
    assert!(
        difference.mean.low <= difference.mean.value
            && difference.mean.value <= difference.mean.high
    );
    assert_eq!(difference.share_negative, 0.0);
    let itself = paired(&table(3), &table(3), Metric::Crps, settings).unwrap();
    assert_eq!(itself.mean.triple(), [0.0; 3]);
}

#[test]
fn the_bootstrap_over_places_covers_the_mean_of_dependent_cells() {
    // Cells of a place share its level, so treating cells as independent would be far too narrow.
    let covered = (0..200_u32)
        .filter(|&trial| {
            let streams = sanad_core::random::Streams::new(u64::from(trial), "coverage");
            let cells = (0..40_u32).flat_map(|place| {
                let level = streams.at(place, 0, 0).open01() - 0.5;
                (0..12).map(move |_| (place, level))
            });
            let (places, values): (Vec<u32>, Vec<f64>) = cells.unzip();
            let settings = BootstrapSettings { resamples: 400, ..BootstrapSettings::default() };
            let found = mean_interval(&places, &values, settings).unwrap();
            found.mean.low <= 0.0 && 0.0 <= found.mean.high
        })
        .count();
    assert!((160..=195).contains(&covered), "90 % interval held the mean {covered} times of 200");
}

#[test]
fn skill_is_named_only_where_the_reference_can_be_beaten() {
    let skill = skill_by_place(&table(3), &table(1), Metric::Crps);
    assert_eq!(skill[0].skill, Some(-2.0));
    assert_eq!(skill[1].skill, Some(0.0));
    assert_eq!(skill[2].skill, None);
    assert_eq!((skill[2].place, skill[2].months), (2, 2));
}

/// A calibrated forecaster: outcomes are drawn from the law the draws come from.
fn calibrated() -> ScoreTable {
    let streams = sanad_core::random::Streams::new(9, "calibrated");
    let geometric = |u: f64, mean: f64| ((1.0 - u).ln() / (mean / (1.0 + mean)).ln()) as u32;
    let mean = |place: u32| 0.2 + f64::from(place % 10);
    let values = (0..3_000_u32)
        .flat_map(|place| {
            let mut stream = streams.at(place, 0, 0);
            (0..200).map(move |_| geometric(stream.open01(), mean(place))).collect::<Vec<_>>()
        })
        .collect();
    let observed: Vec<f64> = (0..3_000)
        .map(|place| f64::from(geometric(streams.at(place, 1, 0).open01(), mean(place))))
        .collect();
    let draws = Draws::from_values(3_000, 1, 200, values).unwrap();
    ScoreTable::of_window(0, 1, &draws, &observed).unwrap()
}

#[test]
fn a_calibrated_forecaster_has_a_flat_pit_and_a_reliable_diagram() {
    let table = calibrated();
    let pit = PitHistogram::from_table(&table, 10).mass;
    assert!((pit.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    assert!(pit.iter().all(|mass| (mass - 0.1).abs() < 0.02), "{pit:?}");
    let diagram = Reliability::of_any(&table, 10);
    assert!(diagram.reliability < 0.002, "{diagram:?}");
    let brier = table.mean(Metric::Brier1);
    let decomposed = diagram.reliability - diagram.resolution + diagram.uncertainty;
    assert!((brier - decomposed).abs() < 0.01, "{brier} {decomposed}");
}

#[test]
fn wrong_shapes_and_settings_are_errors_that_say_which() {
    assert!(Draws::from_values(1, 1, 3, vec![1]).unwrap_err().is_shape());
    let bad = Panel::new(1, 1, 1, vec![-1.0]).unwrap_err();
    assert_eq!(bad.to_string(), "a target value is -1; it must be a finite count ≥ 0, or NaN");
    let none = BootstrapSettings { resamples: 0, ..BootstrapSettings::default() };
    assert!(mean_interval(&[0], &[1.0], none).unwrap_err().is_setting());
}
