//! From a number of the panel back to the records behind it. The records are found by the same plan
//! that counted them, so that the parts add up to the number by construction.

use datafusion::arrow::array::RecordBatch;
use sanad_core::Month;
use sanad_core::event::day_number;
use sanad_core::place::{Level, Place};
use sanad_core::source::EffectiveSpan;

use crate::contributions::Contributions;
use crate::counts::label_sql;
use crate::error::{Error, Result};
use crate::observatory::Observatory;
use crate::panel::{PanelRequest, measure_sql};
use crate::session::Catalog;
use crate::vintage::Vintage;

impl Observatory {
    /// The records behind one number of a panel: those of `place` in `month` that count towards
    /// `measure`.
    ///
    /// `place` is a place's id or name. Columns: `source`, `version`, `licence`, `file`,
    /// `source_row` (the header being row 1), `event_id`, dates, sides, the source's own words for
    /// the place, `method` (what the placing rests on), `share` (the part of the record that counts
    /// here, 0 to 1) and `contribution`, which adds up to the number. Upper and lower case are the
    /// same; of several places of one name, it is the first that the panel lists in that month.
    /// Rows come in the order of last day, source, version and row. Records that add nothing to the
    /// measure are left out.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] for a place or measure that the panel does not have;
    /// [`Error::NotCovered`] where no version of the series covers the month: then the panel has no
    /// number, and an empty table would say that nothing was recorded; otherwise as
    /// [`panel`](Self::panel).
    pub fn why(
        &self,
        request: &PanelRequest,
        place: &str,
        month: Month,
        measure: &str,
        threads: usize,
    ) -> Result<RecordBatch> {
        let (condition, column) = measure_sql(measure)?;
        let request = PanelRequest { from: month, to: month, ..request.clone() };
        let contributions = Contributions::new(self, &request)?;
        let catalog = self.catalog(threads)?;
        contributions.register(&catalog)?;
        let numbers = place_numbers(&catalog, &request, place)?;
        self.check_coverage(&request, place, month)?;
        let scale = contributions.scale();
        self.register_records(&catalog, "location", "location", &contributions.snapshots())?;
        catalog.query(&format!(
            "SELECT * FROM (SELECT v.source, v.version, v.licence, v.file, \
             c.source_row, c.event_id, c.date_start, c.date_end, c.type_of_violence, \
             {} AS side_a, {} AS side_b, l.adm1, l.adm2, c.where_prec, c.method, \
             CAST(c.weight AS DOUBLE) / {scale}.0 AS share, c.{column} AS {measure}, \
             CAST(c.{column} * c.weight AS DOUBLE) / {scale}.0 AS contribution \
             FROM contributions c JOIN release v ON c.snapshot_no = v.snapshot_no \
             JOIN location l ON c.snapshot = l.snapshot AND c.location_id = l.location_id \
             LEFT JOIN actor_label aa ON aa.ucdp_id = c.side_a_id \
             LEFT JOIN actor_label ab ON ab.ucdp_id = c.side_b_id \
             WHERE c.place_no IN ({}) AND c.month_id = {} AND {condition}) \
             WHERE {measure} <> 0 ORDER BY date_end, source, version, source_row",
            label_sql("aa", "c.side_a", "c.month_id"),
            label_sql("ab", "c.side_b", "c.month_id"),
            numbers.join(", "),
            month.id(),
        ))
    }
}

impl Observatory {
    /// Refuses a month that no version covers for the country of the place. For a place that the
    /// case does not list, a month that is covered anywhere will do.
    fn check_coverage(&self, request: &PanelRequest, place: &str, month: Month) -> Result<()> {
        let vintage = Vintage::new(self, &request.series, request.as_of)?;
        let country = self.country_of(place)?;
        let here: Vec<&EffectiveSpan> = vintage
            .effective_spans
            .iter()
            .filter(|span_in_effect| {
                country.is_none_or(|country| span_in_effect.country == country)
            })
            .collect();
        if here
            .iter()
            .any(|span_in_effect| span_in_effect.from <= month && month <= span_in_effect.to)
        {
            return Ok(());
        }
        let stretch =
            |span_in_effect: &&EffectiveSpan| match span_in_effect.from == span_in_effect.to {
                true => span_in_effect.from.to_string(),
                false => format!("{} to {}", span_in_effect.from, span_in_effect.to),
            };
        let mut covered: Vec<String> = here.iter().map(stretch).collect();
        covered.dedup();
        if covered.len() > STRETCHES_LISTED || country.is_none() {
            covered.truncate(STRETCHES_LISTED);
        }
        Err(Error::NotCovered {
            place: place.to_owned(),
            month,
            series: request.series.clone(),
            covered: if covered.is_empty() { "nothing".to_owned() } else { covered.join(", ") },
        })
    }

    /// Gleditsch–Ward number of the country of a place, by its id or name; nothing for a place that
    /// the case does not list, such as a grid cell.
    fn country_of(&self, place: &str) -> Result<Option<i32>> {
        let book = self.places()?;
        let named = |known: &&Place| {
            known.id.eq_ignore_ascii_case(place)
                || known.name.to_lowercase() == place.to_lowercase()
        };
        let known = book.iter().find(named);
        let country = known.and_then(|known| book.at_level(&known.id, Level::Country));
        Ok(country.and_then(|country| country.gwno))
    }
}

/// Stretches of covered months that an error lists. More would not be read.
const STRETCHES_LISTED: usize = 12;

/// The numbers of the place that a user means by an id or a name, among those listed in the month of
/// the request. A grid cell has one for each country in it.
///
/// # Errors
///
/// [`Error::Unknown`] with up to five places that begin with the same three letters.
fn place_numbers(catalog: &Catalog, request: &PanelRequest, place: &str) -> Result<Vec<String>> {
    let month = request.to;
    let quoted = place.replace('\'', "''").to_lowercase();
    let listed = format!(
        "(from_day IS NULL OR from_day <= {}) AND (to_day IS NULL OR to_day >= {})",
        day_number(month.last_day()),
        day_number(month.first_day()),
    );
    let found = catalog.query(&format!(
        "SELECT CAST(place_no AS VARCHAR) AS place_no FROM listed WHERE {listed} AND place_id IN \
         (SELECT place_id FROM listed WHERE {listed} \
         AND (lower(place_id) = '{quoted}' OR lower(place) = '{quoted}') ORDER BY place_no LIMIT 1) \
         ORDER BY place_no"
    ))?;
    if found.num_rows() > 0 {
        return Ok(crate::engine::texts(&found, 0));
    }
    let start: String = place.to_lowercase().chars().take(3).collect();
    let start = start.replace('\'', "''");
    let near = catalog.query(&format!(
        "SELECT DISTINCT place || ' (' || place_id || ')' AS name FROM listed \
         WHERE {listed} AND (lower(place) LIKE '{start}%' OR lower(place_id) LIKE '{start}%') \
         ORDER BY name LIMIT 5"
    ))?;
    Err(Error::Unknown {
        what: "place",
        found: place.to_owned(),
        nearest: crate::engine::texts(&near, 0),
    })
}
