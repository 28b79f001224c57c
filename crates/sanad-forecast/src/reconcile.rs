//! Draws of places that belong together: dependence between places, and totals that add up.
//!
//! Models draw each place by itself. A province's total would then be far too certain, because
//! districts rise and fall together. [`shuffle_by_history`] rearranges the draws so that the ranks
//! move together as they did in the past, without changing any place's distribution; [`totals`]
//! then adds the districts up within each draw, so that parts and whole agree exactly.

use rayon::prelude::*;
use sanad_core::random::Streams;

use crate::draws::{Draws, Request};
use crate::error::{Error, same_len};
use crate::panel::Past;
use crate::score::index_below;

/// Rearranges the draws within each place and step by the Schaake shuffle (Clark et al. 2004).
///
/// For each draw a stretch of past months is picked, the same for all places, and the draws of each
/// cell are given the ranks of the values that stretch had there. Equal values (quiet months) are
/// ranked by chance, one chance per place and draw for all steps.
///
/// # Errors
/// If the draws are not of the panel's places and the request's steps, or the past is shorter than
/// the steps.
pub fn shuffle_by_history(
    past: &Past<'_>,
    draws: &Draws,
    request: &Request,
) -> Result<Draws, Error> {
    same_len("places of the draws", draws.places(), past.places())?;
    same_len("steps of the draws", draws.steps(), request.steps_len())?;
    same_len("draws", draws.draws(), request.draws())?;
    let Some(starts) = (past.origin() + 2).checked_sub(draws.steps()).filter(|&n| n > 0) else {
        return Err(Error::history(past.origin(), "at least as many months as steps"));
    };
    let purpose = format!("shuffle/{}", past.origin_month_id());
    let streams = Streams::new(request.seed(), &purpose);
    let start: Vec<usize> = (0..draws.draws())
        .map(|draw| index_below(&mut streams.at(u32::MAX, 0, draw as u32), starts))
        .collect();
    Ok(Draws::by_place(draws.places(), request, |place, out| {
        let chance: Vec<f64> = (0..draws.draws())
            .map(|draw| streams.at(place as u32, 1, draw as u32).open01())
            .collect();
        let series = past.series(place);
        for (step, cell) in out.chunks_mut(draws.draws()).enumerate() {
            let key = |draw: usize| {
                let value = series[start[draw] + step];
                if value.is_nan() { 0.0 } else { value }
            };
            let mut order: Vec<usize> = (0..draws.draws()).collect();
            order.sort_unstable_by(|&a, &b| {
                key(a).total_cmp(&key(b)).then(chance[a].total_cmp(&chance[b])).then(a.cmp(&b))
            });
            let mut sorted = draws.cell(place, step).to_vec();
            sorted.sort_unstable();
            for (draw, value) in order.into_iter().zip(sorted) {
                cell[draw] = value;
            }
        }
    }))
}

/// The total of each group, draw by draw; groups are numbered from 0 to the largest in `groups`.
///
/// ```
/// use sanad_forecast::{Draws, reconcile};
///
/// let districts = Draws::from_values(3, 1, 2, vec![1, 2, 10, 20, 5, 5])?;
/// let provinces = reconcile::totals(&districts, &[0, 0, 1])?;
/// assert_eq!(provinces.cell(0, 0), [11, 22]);
/// assert_eq!(provinces.cell(1, 0), [5, 5]);
/// # Ok::<(), sanad_forecast::Error>(())
/// ```
///
/// # Errors
/// If `groups` is not one entry per place.
pub fn totals(draws: &Draws, groups: &[u32]) -> Result<Draws, Error> {
    same_len("groups", groups.len(), draws.places())?;
    let count = groups.iter().max().map_or(0, |&last| last as usize + 1);
    let cells = draws.steps() * draws.draws();
    let mut values = vec![0_u32; count * cells];
    values.par_chunks_mut(cells.max(1)).enumerate().for_each(|(group, out)| {
        let members = (0..draws.places()).filter(|&place| groups[place] as usize == group);
        for place in members {
            let part = &draws.values()[place * cells..(place + 1) * cells];
            out.iter_mut().zip(part).for_each(|(sum, x)| *sum = sum.saturating_add(*x));
        }
    });
    Draws::from_values(count, draws.steps(), draws.draws(), values)
}
