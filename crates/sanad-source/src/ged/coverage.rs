//! What a file covers, read off its rows.

use std::collections::BTreeSet;

use sanad_core::Month;
use sanad_core::event::{Events, number_day};
use sanad_core::source::Coverage;

use super::release::Release;

/// Countries that occur; from January of the first year to December of the last for an annual
/// release (or one of unknown version), the months that its version states for a candidate
/// release. A candidate release also holds events that ended in the first days of the next month;
/// they do not make it cover that month.
pub(super) fn infer(events: &Events, release: Option<Release>) -> Coverage {
    let year = |day: Option<&i32>| day.map(|day| Month::from_date(number_day(*day)).year());
    let (first, last) = (year(events.end_day.iter().min()), year(events.end_day.iter().max()));
    let (from, to) = match release {
        Some(Release::Candidate { from, to }) => (Some(from), Some(to)),
        _ => (first.and_then(|y| Month::new(y, 1)), last.and_then(|y| Month::new(y, 12))),
    };
    Coverage {
        from,
        to,
        countries: events.country_id.iter().copied().collect::<BTreeSet<_>>().into_iter().collect(),
        inferred: true,
    }
}
