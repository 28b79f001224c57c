//! What a file covers, read off its rows.

use std::collections::BTreeSet;

use sanad_core::Month;
use sanad_core::event::{Events, number_day};
use sanad_core::source::Coverage;

use super::release::Release;

/// Countries that occur; from January of the first year to December of the last for an annual
/// release (or one of unknown version), from the first month to the last for a candidate release.
pub(super) fn infer(events: &Events, release: Option<Release>) -> Coverage {
    let month = |day: Option<&i32>| day.map(|day| Month::of(number_day(*day)));
    let (first, last) = (month(events.end_day.iter().min()), month(events.end_day.iter().max()));
    let candidate = release.is_some_and(Release::is_preliminary);
    let of_year = |month: Month, number| Month::new(month.year(), number).unwrap_or(month);
    Coverage {
        from: first.map(|month| if candidate { month } else { of_year(month, 1) }),
        to: last.map(|month| if candidate { month } else { of_year(month, 12) }),
        countries: events.country_id.iter().copied().collect::<BTreeSet<_>>().into_iter().collect(),
        inferred: true,
    }
}
