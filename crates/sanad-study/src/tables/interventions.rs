//! What changed at dated interventions.

use sanad_case::KindReading;
use sanad_evidence::intervention::RateRatio;
use sanad_store::{Columns, Table};

use crate::error::Result;
use crate::interventions::{Change, ChangeRow, Control, ControlRow, StartMonth};

/// The columns that say which series a row is about.
fn named(rows: &[ChangeRow]) -> Columns {
    Columns::default()
        .text("intervention", rows.iter().map(|row| Some(&row.intervention)))
        .text("from_month", rows.iter().map(|row| Some(row.start.to_string())))
        .text("region", rows.iter().map(|row| Some(&row.region)))
        .text("measure", rows.iter().map(|row| Some(row.measure.name())))
        .text("not_told_apart", rows.iter().map(|row| row.reading.map(KindReading::as_str)))
}

/// What every series shows with other start months: one row per series and month.
///
/// # Errors
///
/// None that a caller could cause.
pub fn start_table(rows: &[ChangeRow]) -> Result<Table> {
    let fitted = rows.iter().filter_map(|row| Some((row, row.change.as_ref().ok()?)));
    let all: Vec<(&ChangeRow, &StartMonth)> = fitted
        .flat_map(|(row, change)| change.starts.iter().map(move |start| (row, start)))
        .collect();
    let number = |of: fn(&RateRatio) -> f64| {
        all.iter().map(|(_, start)| of(&start.after_horizon)).collect::<Vec<f64>>()
    };
    Ok(Columns::default()
        .text("intervention", all.iter().map(|(row, _)| Some(&row.intervention)))
        .text("region", all.iter().map(|(row, _)| Some(&row.region)))
        .text("measure", all.iter().map(|(row, _)| Some(row.measure.name())))
        .text("not_told_apart", all.iter().map(|(row, _)| row.reading.map(KindReading::as_str)))
        .text("declared_from_month", all.iter().map(|(row, _)| Some(row.start.to_string())))
        .text("from_month", all.iter().map(|(_, start)| Some(start.start.to_string())))
        .float64("ratio_after_year", number(|ratio| ratio.ratio.value))
        .float64("ratio_after_year_low", number(|ratio| ratio.ratio.low))
        .float64("ratio_after_year_high", number(|ratio| ratio.ratio.high))
        .float64("p_value", number(|ratio| ratio.p_value))
        .finish()?)
}

/// One row per intervention, region and measure: ratios of rates at the start, of growth, and a
/// year in, with 95 % intervals and placebo dates; `note` says why there are none. `p_value` is of
/// the change a year in.
///
/// # Errors
///
/// None that a caller could cause.
pub fn change_table(rows: &[ChangeRow]) -> Result<Table> {
    let number = |of: &dyn Fn(&Change) -> f64| {
        rows.iter().map(|row| row.change.as_ref().ok().map(of)).collect::<Vec<Option<f64>>>()
    };
    let ratio = |columns: Columns, name: &str, of: &dyn Fn(&Change) -> RateRatio| {
        columns
            .float64(name, number(&|row| of(row).ratio.value))
            .float64(&format!("{name}_low"), number(&|row| of(row).ratio.low))
            .float64(&format!("{name}_high"), number(&|row| of(row).ratio.high))
    };
    let whole = |of: &dyn Fn(&Change) -> i64| {
        rows.iter().map(|row| row.change.as_ref().ok().map(of)).collect::<Vec<Option<i64>>>()
    };
    let columns = ratio(named(rows), "level_ratio", &|it| it.level);
    let columns = ratio(columns, "growth_ratio", &|it| it.slope);
    let columns = ratio(columns, "ratio_after_year", &|it| it.after_horizon);
    Ok(columns
        .float64("p_value", number(&|row| row.after_horizon.p_value))
        .int64("placebo_dates_as_large", whole(&|row| row.placebos[0] as i64))
        .int64("placebo_dates", whole(&|row| row.placebos[1] as i64))
        .float64("autoregression", number(&|row| row.autoregression))
        .float64("share_told", rows.iter().map(|row| row.share_told).collect::<Vec<_>>())
        .text("note", rows.iter().map(|row| row.change.as_ref().err().cloned()))
        .finish()?)
}

/// The same series as plain means a month before and after. A mean is over 24 months and has no
/// interval here.
///
/// # Errors
///
/// None that a caller could cause.
pub fn mean_table(rows: &[ChangeRow]) -> Result<Table> {
    let number = |of: fn([f64; 2]) -> Option<f64>| {
        rows.iter().map(|row| row.means.and_then(of)).collect::<Vec<Option<f64>>>()
    };
    let reason = |row: &ChangeRow| match row.means {
        None => Some("undefined: months before or after are not recorded"),
        Some([0.0, _]) => Some("ratio undefined: there were none before"),
        Some(_) => None,
    };
    Ok(named(rows)
        .float64("mean_before", number(|[before, _]| Some(before)))
        .float64("mean_after", number(|[_, after]| Some(after)))
        .float64("ratio", number(|[before, after]| (before != 0.0).then(|| after / before)))
        .text("note", rows.iter().map(reason))
        .finish()?)
}

/// Districts aimed at against a mix of others, with placebos in place and in time. Effects and gaps
/// are in means before; numbers are null where `note` says why there is no comparison.
///
/// # Errors
///
/// None that a caller could cause.
pub fn control_table(rows: &[ControlRow]) -> Result<Table> {
    let number = |of: fn(&Control) -> f64| {
        rows.iter().map(|row| row.found.as_ref().ok().map(of)).collect::<Vec<Option<f64>>>()
    };
    let whole = |of: fn(&Control) -> usize| {
        let found = rows.iter().map(|row| row.found.as_ref().ok().map(|found| of(found) as i64));
        found.collect::<Vec<Option<i64>>>()
    };
    Ok(Columns::default()
        .text("intervention", rows.iter().map(|row| Some(&row.intervention)))
        .text("districts", rows.iter().map(|row| Some(&row.treated)))
        .text("compared_with", rows.iter().map(|row| Some(row.others.as_str())))
        .float64("effect", number(|row| row.effect))
        .float64("p_value_in_place", number(|row| row.p_value))
        .float64("placebo_effect_low", number(|row| row.placebo_effects[0]))
        .float64("placebo_effect_high", number(|row| row.placebo_effects[1]))
        .float64("gap_before", number(|row| row.gap_before))
        .float64("gap_after", number(|row| row.gap_after))
        .int64("other_districts", whole(|row| row.donors))
        .int64("quarters_before", whole(|row| row.blocks[0]))
        .int64("quarters_after", whole(|row| row.blocks[1]))
        .int64("placebo_dates_as_large", whole(|row| row.time_placebos[0]))
        .int64("placebo_dates", whole(|row| row.time_placebos[1]))
        .text("weights", rows.iter().map(|row| row.found.as_ref().ok().map(|found| &found.weights)))
        .text("left_out", rows.iter().map(|row| Some(&row.left_out).filter(|row| !row.is_empty())))
        .text("note", rows.iter().map(|row| row.found.as_ref().err().cloned()))
        .finish()?)
}
