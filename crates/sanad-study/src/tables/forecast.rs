//! Forecasts as numbers: their draws summed up.

use sanad_core::Month;
use sanad_forecast::Draws;
use sanad_numbers::smallest_covering;
use sanad_store::{Columns, Table};

use crate::error::Result;
use crate::outcome::Place;

/// Quantiles shown, in percent.
const SHOWN_PERCENT: [u32; 5] = [5, 25, 50, 75, 95];

/// Mean, chances of at least 1 and 25 deaths, and quantiles, by place and month. `first` is the
/// month of the first step. Quantiles are counts that were drawn: the smallest that at least that
/// share of draws does not exceed.
///
/// # Errors
///
/// None that a caller could cause.
pub fn forecast_table(places: &[Place], first: Month, draws: &Draws) -> Result<Table> {
    let cells = || (0..draws.places()).flat_map(|p| (0..draws.steps()).map(move |s| (p, s)));
    let sorted: Vec<Vec<u32>> = cells()
        .map(|(place, step)| {
            let mut cell = draws.cell(place, step).to_vec();
            cell.sort_unstable();
            cell
        })
        .collect();
    let share = |least: u32| -> Vec<f64> {
        let above = |cell: &Vec<u32>| cell.len() - cell.partition_point(|&x| x < least);
        sorted.iter().map(|cell| above(cell) as f64 / cell.len() as f64).collect()
    };
    let mean =
        |cell: &Vec<u32>| cell.iter().map(|&x| f64::from(x)).sum::<f64>() / cell.len() as f64;
    let month = |step: usize| first.plus(step as i32);
    let mut columns = Columns::default()
        .text("place_id", cells().map(|(place, _)| Some(&places[place].id)))
        .text("place", cells().map(|(place, _)| Some(&places[place].name)))
        .int32("month_id", cells().map(|(_, step)| month(step).id()).collect::<Vec<_>>())
        .text("month", cells().map(|(_, step)| Some(month(step).to_string())))
        .float64("mean", sorted.iter().map(mean).collect::<Vec<_>>())
        .float64("probability_1", share(1))
        .float64("probability_25", share(25));
    for percent in SHOWN_PERCENT {
        let share = f64::from(percent) / 100.0;
        let of = |cell: &Vec<u32>| smallest_covering(cell, share).map_or(0, i64::from);
        let values: Vec<i64> = sorted.iter().map(of).collect();
        columns = columns.int64(&format!("quantile_{percent:02}"), values);
    }
    Ok(columns.finish()?)
}
