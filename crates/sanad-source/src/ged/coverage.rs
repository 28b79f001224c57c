//! What a file covers, read off its rows.

use std::collections::BTreeSet;

use sanad_core::Month;
use sanad_core::event::{Events, number_day};
use sanad_core::source::Coverage;

use super::release::Release;

/// The first and the last day on which events ended, and where they were. Grows with the events that are
/// [added](Self::add) and holds none of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct EventExtent {
    first_day: Option<i32>,
    last_day: Option<i32>,
    countries: BTreeSet<i32>,
}

impl EventExtent {
    /// What these events cover.
    pub(crate) fn of(events: &Events) -> Self {
        let mut extent = Self::default();
        extent.add(events);
        extent
    }

    /// Takes further events in.
    pub(crate) fn add(&mut self, events: &Events) {
        let (first, last) = (events.end_day.iter().min(), events.end_day.iter().max());
        self.first_day = self.first_day.into_iter().chain(first.copied()).min();
        self.last_day = self.last_day.max(last.copied());
        self.countries.extend(&events.country_id);
    }

    /// The months from the first event to the last, and the countries.
    pub(crate) fn months(&self) -> Coverage {
        Coverage {
            from: self.first_day.map(month_of),
            to: self.last_day.map(month_of),
            countries: self.countries.iter().copied().collect(),
            inferred: true,
        }
    }
}

fn month_of(day: i32) -> Month {
    Month::from_date(number_day(day))
}

/// Countries that occur, and the months that the file covers whether something happened in them or not:
///
/// - a candidate release covers the months that its version states. It also holds events that ended
///   in the first days of the next month; they do not make it cover that month;
/// - an annual release covers whole years. One with events of its year of release or later was
///   joined with others, and is read as a file of unknown version;
/// - a file of unknown version covers the months from its first event to its last. It may go on,
///   but nothing says so, and a month that nothing covers is not one without violence. The data set
///   begins with 1989, so that a file with events of that year begins with its January.
pub(super) fn infer(extent: &EventExtent, release: Option<Release>) -> Coverage {
    let seen = extent.months();
    let (first, last) = (seen.from, seen.to);
    let (from, to) = match release {
        Some(Release::Candidate { from, to }) => (Some(from), Some(to)),
        Some(Release::Annual { year }) if last.is_some_and(|last| last.year() < year) => {
            let january = first.and_then(|first| Month::new(first.year(), 1));
            (january, last.and_then(|last| Month::new(last.year(), 12)))
        }
        _ => (first.map(|first| first.min(beginning_of(first))), last),
    };
    Coverage { from, to, ..seen }
}

/// January of the data set's first year, 1989, for a month of that year; else the month.
fn beginning_of(first: Month) -> Month {
    Month::new(1989, 1).filter(|_| first.year() == 1989).unwrap_or(first)
}
