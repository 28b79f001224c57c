//! On which days, and in which districts as the source names them, an actor's events fell.

use chrono::NaiveDate;
use datafusion::arrow::array::AsArray;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type};
use sanad_core::event::number_day;

use crate::error::{Error, Result};
use crate::observatory::Observatory;

impl Observatory {
    /// Days and districts of the events of any of `sides` that are known to the day and to the
    /// district, in order, each pair once. Several versions of a source add to each other. Nothing
    /// where the observatory holds no events. Sides are the source's numbers of actors, either of
    /// the two. Known to the day means one day with UCDP's date precision 1; known to the district,
    /// a precision of places up to 3 and a district that is named.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when a kept file is not as it was written.
    pub fn event_days(&self, sides: &[i64], threads: usize) -> Result<Vec<(NaiveDate, String)>> {
        if sides.is_empty() || !self.holds_events() {
            return Ok(Vec::new());
        }
        let sides = sides.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let batch = self.query_events(
            &format!(
                "SELECT DISTINCT date_start, CAST(adm2 AS VARCHAR) AS district FROM events \
                 WHERE (side_a_id IN ({sides}) OR side_b_id IN ({sides})) \
                 AND date_start = date_end AND date_prec = 1 AND where_prec <= 3 \
                 AND adm2 IS NOT NULL ORDER BY date_start, district"
            ),
            threads,
        )?;
        let damaged = |e: datafusion::arrow::error::ArrowError| Error::damaged(self.folder(), e);
        let days = cast(batch.column(0), &DataType::Date32).map_err(damaged)?;
        let districts = cast(batch.column(1), &DataType::Utf8).map_err(damaged)?;
        let (days, districts) = (days.as_primitive::<Date32Type>(), districts.as_string::<i32>());
        let row = |at: usize| (number_day(days.value(at)), districts.value(at).to_owned());
        Ok((0..days.len()).map(row).collect())
    }
}
