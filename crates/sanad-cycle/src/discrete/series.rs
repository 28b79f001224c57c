//! Day-dated records as the model sees them: daily counts where the day is known, intervals where
//! it is not.

use crate::error::{Error, check_values};

/// One event: its kind and place, the days it may have happened on, its size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Record {
    /// Index of the kind of event.
    pub kind: usize,
    /// Index of the place.
    pub place: usize,
    /// First day it may have happened on, counted from the start of the series.
    pub first_day: usize,
    /// Last such day; equal to `first_day` when the day is known.
    pub last_day: usize,
    /// Size of the event (deaths, say), ≥ 0; matters only to a model with marks.
    pub size: f64,
}

impl Record {
    /// An event on a known day, of size zero.
    #[must_use]
    pub fn on_day(kind: usize, place: usize, day: usize) -> Self {
        Self { kind, place, first_day: day, last_day: day, size: 0.0 }
    }
}

/// Number of kinds, places and days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Kinds of event.
    pub kinds: usize,
    /// Places.
    pub places: usize,
    /// Days.
    pub days: usize,
}

impl Extent {
    /// Cells (place × day) of one kind.
    #[must_use]
    pub fn cells(self) -> usize {
        self.places * self.days
    }
}

/// Records of several kinds over places and days.
///
/// Cells run over the days of the first place, then of the second, and so on.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    extent: Extent,
    records: Vec<Vec<Record>>,
    counts: Vec<Vec<u32>>,
}

/// An event known only to an interval of days: a range of cells in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DayInterval {
    pub(super) first: usize,
    pub(super) last: usize,
}

impl Series {
    /// Sorts records into kinds, places and days.
    ///
    /// ```
    /// use sanad_cycle::discrete::{Extent, Record, Series};
    ///
    /// let extent = Extent { kinds: 1, places: 1, days: 10 };
    /// let known = Record::on_day(0, 0, 4);
    /// let vague = Record { last_day: 6, ..Record::on_day(0, 0, 0) };
    /// let series = Series::new(extent, &[known, known, vague]).unwrap();
    /// assert_eq!(series.counts(0)[4], 2);
    /// assert_eq!(series.total(0), 3);
    /// assert_eq!(series.undated(0), 1);
    /// ```
    ///
    /// # Errors
    /// If an index is outside the extent, an interval runs backwards, or a size is negative.
    pub fn new(extent: Extent, records: &[Record]) -> Result<Self, Error> {
        let mut sorted = vec![Vec::new(); extent.kinds];
        let mut counts = vec![vec![0_u32; extent.cells()]; extent.kinds];
        for (index, record) in records.iter().enumerate() {
            check_record(extent, index, record)?;
            sorted[record.kind].push(*record);
            if record.first_day == record.last_day {
                counts[record.kind][record.place * extent.days + record.first_day] += 1;
            }
        }
        Ok(Self { extent, records: sorted, counts })
    }

    /// A series from daily counts, `counts[kind][place · days + day]`, all days known and all
    /// sizes zero.
    ///
    /// # Errors
    /// If a kind's counts have the wrong length.
    pub fn from_counts(extent: Extent, counts: &[Vec<u32>]) -> Result<Self, Error> {
        crate::error::check_len("counts", extent.kinds, counts.len())?;
        let mut records = Vec::new();
        for (kind, cells) in counts.iter().enumerate() {
            crate::error::check_len("counts of a kind", extent.cells(), cells.len())?;
            for (cell, &count) in cells.iter().enumerate() {
                let record = Record::on_day(kind, cell / extent.days, cell % extent.days);
                records.extend((0..count).map(|_| record));
            }
        }
        Self::new(extent, &records)
    }

    /// Kinds, places and days.
    #[must_use]
    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// Records of one kind, in the order given.
    #[must_use]
    pub fn records(&self, kind: usize) -> &[Record] {
        &self.records[kind]
    }

    /// Counts of one kind's events of known day, by cell.
    #[must_use]
    pub fn counts(&self, kind: usize) -> &[u32] {
        &self.counts[kind]
    }

    /// Number of one kind's events, whether their day is known or not.
    #[must_use]
    pub fn total(&self, kind: usize) -> usize {
        self.records[kind].len()
    }

    /// Number of one kind's events whose day is not known.
    #[must_use]
    pub fn undated(&self, kind: usize) -> usize {
        self.records[kind].iter().filter(|r| r.first_day < r.last_day).count()
    }

    /// The cells in which each event of unknown day may lie, first and last, all in one place.
    pub(super) fn intervals(&self, kind: usize) -> Vec<DayInterval> {
        let cell = |record: &Record, day: usize| record.place * self.extent.days + day;
        self.records[kind]
            .iter()
            .filter(|r| r.first_day < r.last_day)
            .map(|r| DayInterval { first: cell(r, r.first_day), last: cell(r, r.last_day) })
            .collect()
    }
}

/// Refuses a record outside the extent, with days in the wrong order or a size that is no number
/// ≥ 0.
fn check_record(extent: Extent, index: usize, record: &Record) -> Result<(), Error> {
    let bound = |value: usize, limit: usize, requirement: &'static str| {
        if value < limit {
            Ok(())
        } else {
            Err(Error::value("records", index, value as f64, requirement))
        }
    };
    bound(record.kind, extent.kinds, "of a kind within the extent")?;
    bound(record.place, extent.places, "in a place within the extent")?;
    bound(record.last_day, extent.days, "on a day within the extent")?;
    bound(record.first_day, record.last_day + 1, "first seen no later than its last day")?;
    check_values("size", &[record.size], "at least 0 and finite", |s| s >= 0.0 && s.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_outside_the_extent_are_refused() {
        let extent = Extent { kinds: 1, places: 2, days: 5 };
        let good = Record::on_day(0, 1, 4);
        assert!(Series::new(extent, &[good]).is_ok());
        for bad in [
            Record { kind: 1, ..good },
            Record { place: 2, ..good },
            Record { last_day: 5, ..good },
            Record { last_day: 3, ..good },
            Record { size: -1.0, ..good },
            Record { size: f64::NAN, ..good },
        ] {
            assert!(Series::new(extent, &[bad]).unwrap_err().is_invalid_input(), "{bad:?}");
        }
    }
}
