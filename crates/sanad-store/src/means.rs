//! Events by the means of attack that their source codes.

use std::collections::BTreeSet;

use sanad_core::Month;
use sanad_core::event::Means;

use crate::error::{Error, Result};
use crate::event_tables::EVENT_FORMATS;
use crate::observatory::Observatory;
use crate::place_tables::PlaceTables;
use crate::view::View;
use crate::vintage::{IN_EFFECT, Vintage};

/// Events of one side in one month that a source codes with the same means of attack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeansCount {
    /// Series of the source.
    pub series: String,
    /// Number of side A, the side that acted; nothing where the source has none for it.
    pub side_a_id: Option<i64>,
    /// Its name as it is kept: none that may be a person's.
    pub side_a: String,
    /// The month of the last day.
    pub month: Month,
    /// The means; none where none is coded.
    pub means: BTreeSet<Means>,
    /// Events.
    pub events: i64,
}

impl Observatory {
    /// Events in effect of a country, by side A, month and means, of every source that codes means of
    /// attack; ordered by source, month, side and means. Sources that code none are left out.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`] when there are no places; [`Error::Damaged`] when a kept file is not as it was written.
    pub fn coded_means(&self, country: i32, threads: usize) -> Result<Vec<MeansCount>> {
        let mut rows = Vec::new();
        for series in self.series_of(&EVENT_FORMATS) {
            rows.extend(self.coded_means_of(&series, country, threads)?);
        }
        Ok(rows)
    }

    fn coded_means_of(
        &self,
        series: &str,
        country: i32,
        threads: usize,
    ) -> Result<Vec<MeansCount>> {
        let vintage = Vintage::new(self, series, None)?;
        let catalog = self.catalog(threads)?;
        let events: Vec<_> = vintage
            .in_effect()
            .into_iter()
            .filter(|snapshot| EVENT_FORMATS.contains(&snapshot.format.as_str()))
            .collect();
        let is_there = self.register_records(&catalog, "record", "event", &events)?;
        if !is_there || !catalog.columns("record")?.iter().any(|name| name == "means") {
            return Ok(Vec::new());
        }
        PlaceTables::by_name(self, &vintage, None).register(&catalog)?;
        let batch = catalog.query(&format!(
            "SELECT r.side_a_id, CAST(r.side_a AS VARCHAR) AS side_a, r.month_end, \
             CAST(r.means AS VARCHAR) AS means, COUNT(*) AS events FROM record r {IN_EFFECT} \
             WHERE r.country_id = {country} GROUP BY 1, 2, 3, 4 \
             ORDER BY r.month_end, side_a, r.side_a_id, means"
        ))?;
        counts(series, &batch).ok_or_else(|| {
            Error::damaged(self.folder(), "events with a month or a means of attack that is none")
        })
    }
}

/// The rows of the query; nothing where one cannot be what its column says.
fn counts(series: &str, batch: &crate::Table) -> Option<Vec<MeansCount>> {
    let view = View::new(batch);
    let (sides, months) = (view.numbers("side_a_id")?, view.numbers("month_end")?);
    let (names, means) = (view.texts("side_a")?, view.texts("means")?);
    let events = view.numbers("events")?;
    let row = |at: usize| {
        Some(MeansCount {
            series: series.to_owned(),
            side_a_id: sides[at].map(|id| id as i64),
            side_a: names[at].clone().unwrap_or_default(),
            month: Month::from_id(months[at]? as i32),
            means: Means::parse_list(means[at].as_deref().unwrap_or_default()).ok()?,
            events: events[at]? as i64,
        })
    };
    (0..view.rows()).map(row).collect()
}
