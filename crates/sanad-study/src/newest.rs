//! The newest months counted by place, where months that nothing covers lie before them.
//!
//! A monthly release after a gap tells of a few months whose neighbours are unknown. They are shown
//! by themselves, with the months that are missing, and enter no change and no trend.

use sanad_case::Case;
use sanad_core::Month;
use sanad_store::{Observatory, PanelRequest, PlacesOf, Tally, Unit};

use super::coverage::stretches;
use super::sources;
use crate::error::Result;
use crate::outcome::at_home;

/// Months that are looked at: the last one covered and the eleven before it. Fewer where the months
/// in a row end less than a year before.
const LOOKED_AT: i32 = 12;

/// The covered months among the last twelve, and what was recorded in them.
pub(super) struct NewestMonths {
    /// Covered months, as stretches.
    pub(super) months: Vec<[Month; 2]>,
    /// Months that nothing covers, as stretches.
    pub(super) missing: Vec<[Month; 2]>,
    /// The versions that they are counted from.
    pub(super) source: String,
    /// Whether one of these is preliminary. Its counts may still be revised.
    pub(super) is_preliminary: bool,
    /// Violence by today's province in the covered months. Tallies of months that nothing covers
    /// are taken out.
    pub(super) provinces: Vec<Tally>,
    /// The same by the finest unit of the case.
    pub(super) finest: Vec<Tally>,
}

/// Counts the newest months; nothing where they belong to the months in a row that are `shown`.
///
/// `covered` ascends and holds every covered month; `shown` is the run that series are made of.
///
/// # Errors
///
/// Those of counting in the store.
pub(super) fn read(
    observatory: &Observatory,
    case: &Case,
    finest: Unit,
    covered: &[Month],
    shown: [Month; 2],
    threads: usize,
) -> Result<Option<NewestMonths>> {
    let Some(&last) = covered.last().filter(|last| **last > shown[1]) else { return Ok(None) };
    let first = last.plus(1 - LOOKED_AT).max(shown[1].plus(1));
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for month in Month::range(first, last) {
        let list = if covered.binary_search(&month).is_ok() { &mut known } else { &mut unknown };
        list.push(month);
    }
    let tallies = |unit| -> Result<Vec<Tally>> {
        let request = PanelRequest {
            places_of: PlacesOf::Current,
            series: case.series(),
            ..PanelRequest::new(unit, first, last)
        };
        let mut tallies = at_home(observatory, &request, threads)?;
        // An event that a neighbouring month's release dates into an uncovered month does not make
        // that month known.
        tallies.retain(|tally| known.binary_search(&tally.month).is_ok());
        Ok(tallies)
    };
    let in_effect = observatory.in_effect(&case.series(), case.gwno, [first, last], None)?;
    Ok(Some(NewestMonths {
        months: stretches(&known),
        missing: stretches(&unknown),
        source: sources::of_months(observatory, case, [first, last])?,
        is_preliminary: in_effect.iter().any(|stretch| stretch.is_preliminary),
        provinces: tallies(Unit::Adm1)?,
        finest: tallies(finest)?,
    }))
}
