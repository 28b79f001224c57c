//! Working days, and the days on which deadlines fall.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};

/// Which days count towards a deadline: some weekdays, less the holidays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingDays {
    weekdays: BTreeSet<i8>,
    holidays: BTreeSet<Date>,
}

impl WorkingDays {
    /// Working weekdays less holidays, or nothing when no weekday is a working day: no deadline
    /// could then ever fall.
    pub fn new(weekdays: &[Weekday], holidays: BTreeSet<Date>) -> Option<WorkingDays> {
        let weekdays: BTreeSet<i8> =
            weekdays.iter().map(|weekday| weekday.to_monday_one_offset()).collect();
        (!weekdays.is_empty()).then_some(WorkingDays { weekdays, holidays })
    }

    /// Whether a day counts.
    pub fn is_working(&self, day: Date) -> bool {
        self.weekdays.contains(&day.weekday().to_monday_one_offset())
            && !self.holidays.contains(&day)
    }

    /// The `count`th working day after a day; the day itself does not count. Zero gives the day
    /// itself. At the end of the calendar (the year 9999) the last day is given.
    ///
    /// ```
    /// use jiff::civil::{Weekday, date};
    /// use sanad_desk::WorkingDays;
    ///
    /// let weekdays = [Weekday::Monday, Weekday::Tuesday];
    /// let days = WorkingDays::new(&weekdays, [date(2026, 1, 6)].into()).unwrap();
    /// // Monday the 5th is the first, Tuesday the 6th a holiday, Monday the 12th the second.
    /// assert_eq!(days.after(date(2026, 1, 2), 2), date(2026, 1, 12));
    /// ```
    pub fn after(&self, day: Date, count: u16) -> Date {
        self.walk(day, count, Date::tomorrow)
    }

    /// The `count`th working day before a day; the day itself does not count.
    pub fn before(&self, day: Date, count: u16) -> Date {
        self.walk(day, count, Date::yesterday)
    }

    fn walk(&self, day: Date, count: u16, step: fn(Date) -> Result<Date, jiff::Error>) -> Date {
        let (mut day, mut counted) = (day, 0);
        while counted < count {
            let Ok(next) = step(day) else { return day };
            day = next;
            counted += u16::from(self.is_working(day));
        }
        day
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn any_days() -> impl Strategy<Value = WorkingDays> {
        let weekdays = proptest::collection::btree_set(1_i8..=7, 1..=7);
        let holidays = proptest::collection::btree_set(0_i32..400, 0..60);
        (weekdays, holidays).prop_map(|(weekdays, holidays)| {
            let weekdays: Vec<Weekday> = weekdays
                .into_iter()
                .map(|offset| Weekday::from_monday_one_offset(offset).unwrap())
                .collect();
            let day = |offset| date(2026, 1, 1).saturating_add(jiff::Span::new().days(offset));
            WorkingDays::new(&weekdays, holidays.into_iter().map(day).collect()).unwrap()
        })
    }

    proptest! {
        #[test]
        fn as_many_working_days_lie_up_to_a_deadline_as_it_names(
            days in any_days(), offset in 0_i32..300, count in 1_u16..30
        ) {
            let start = date(2026, 1, 1).saturating_add(jiff::Span::new().days(offset));
            let due = days.after(start, count);
            let mut counted = 0;
            let mut day = start;
            while day < due {
                day = day.tomorrow().unwrap();
                counted += u16::from(days.is_working(day));
            }
            prop_assert_eq!(counted, count);
            prop_assert!(days.is_working(due));
        }
    }

    #[test]
    fn without_a_working_weekday_there_is_no_calendar() {
        assert_eq!(WorkingDays::new(&[], BTreeSet::new()), None);
    }

    #[test]
    fn the_end_of_the_calendar_ends_the_walk() {
        let days = WorkingDays::new(&[Weekday::Monday], BTreeSet::new()).unwrap();
        assert_eq!(days.after(date(9999, 12, 30), 3), date(9999, 12, 31));
    }
}
