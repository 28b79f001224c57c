//! When counts are released: by the calendar, whatever there is to count.

use jiff::civil::{Date, date};

/// Three months of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quarter {
    /// The year.
    pub year: i16,
    /// 1 to 4.
    pub number: i8,
}

impl Quarter {
    /// The quarter of a day.
    ///
    /// ```
    /// use jiff::civil::date;
    /// use sanad_desk::release::{Quarter, release_day};
    ///
    /// let quarter = Quarter::holding(date(2026, 5, 17));
    /// assert_eq!(quarter.to_string(), "2026-Q2");
    /// assert_eq!(release_day(quarter, 60), date(2026, 8, 29));
    /// ```
    pub fn holding(day: Date) -> Quarter {
        Quarter { year: day.year(), number: (day.month() - 1) / 3 + 1 }
    }

    /// The last day.
    pub fn last_day(self) -> Date {
        date(self.year, self.number * 3, 1).last_of_month()
    }
}

impl std::fmt::Display for Quarter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-Q{}", self.year, self.number)
    }
}

/// Text that is no quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a quarter such as 2026-Q1")]
pub struct NoQuarter;

impl std::str::FromStr for Quarter {
    type Err = NoQuarter;

    /// Reads what `Display` writes.
    fn from_str(text: &str) -> Result<Quarter, NoQuarter> {
        let (year, number) = text.split_once("-Q").ok_or(NoQuarter)?;
        let (year, number) = (year.parse(), number.parse());
        let quarter =
            Quarter { year: year.map_err(|_| NoQuarter)?, number: number.map_err(|_| NoQuarter)? };
        let is_quarter = (1..=4).contains(&quarter.number) && quarter.to_string() == text;
        if is_quarter { Ok(quarter) } else { Err(NoQuarter) }
    }
}

/// The day on which a quarter's counts are released: a fixed number of days after its last.
pub fn release_day(quarter: Quarter, delay_days: u16) -> Date {
    quarter.last_day().saturating_add(jiff::Span::new().days(i64::from(delay_days)))
}
