//! From a number of the panel back to the records behind it. The records are found by the same plan
//! that counted them, so that the parts add up to the number by construction.
//!
//! One plan gives the records of a month with every place that they count in. The records behind each
//! number of the month, of whatever place and measure, are rows of it.

use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::compute::{cast, filter_record_batch};
use datafusion::arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema};
use sanad_core::Month;
use sanad_core::event::day_number;
use sanad_core::place::Level;
use sanad_core::source::EffectiveSpan;

use crate::contributions::Contributions;
use crate::counts::label_sql;
use crate::error::{Error, Result};
use crate::observatory::Observatory;
use crate::panel::{PanelRequest, SUMMED, measure_of};
use crate::session::Catalog;
use crate::view::View;
use crate::vintage::Vintage;

/// The records that count in one month, each once for every place that it counts in.
///
/// The records behind every number of that month are rows of it, so that one plan serves them all.
#[derive(Debug, Clone)]
pub struct MonthRecords {
    /// The month.
    month: Month,
    /// The series of the source.
    series: String,
    /// The records, in the order of last day, source, version, row and place.
    records: RecordBatch,
    /// The places that the panel lists in the month, in its order.
    listed: Vec<PlaceOfMonth>,
    /// The places of the case, with the names that a user may give them.
    named: Vec<NamedPlace>,
    /// Which months a version of the series covers, by country.
    covered: Vec<EffectiveSpan>,
}

/// A place that the panel lists in a month.
#[derive(Debug, Clone)]
struct PlaceOfMonth {
    /// Its number in the plan. A grid cell has one for each country in it.
    number: i64,
    id: String,
    name: String,
}

impl PlaceOfMonth {
    /// Whether a user means it by a text in lower case.
    fn is_meant(&self, place: &str) -> bool {
        self.id.to_lowercase() == place || self.name.to_lowercase() == place
    }

    /// Whether its id or its name begins with a text in lower case.
    fn begins_with(&self, start: &str) -> bool {
        self.name.to_lowercase().starts_with(start) || self.id.to_lowercase().starts_with(start)
    }
}

/// A place of the case as users name it, with its country.
#[derive(Debug, Clone)]
struct NamedPlace {
    id: String,
    name: String,
    /// Gleditsch–Ward number of the country; `None` where the case does not say it.
    country: Option<i32>,
}

impl Observatory {
    /// The records behind one number of a panel: those of `place` in `month` that count towards
    /// `measure`. As [`month_records`](Self::month_records) gives them, which serves several numbers of
    /// one month.
    ///
    /// # Errors
    ///
    /// Those of [`month_records`](Self::month_records) and of [`MonthRecords::why`].
    pub fn why(
        &self,
        request: &PanelRequest,
        place: &str,
        month: Month,
        measure: &str,
        threads: usize,
    ) -> Result<RecordBatch> {
        measure_of(measure)?;
        self.month_records(request, month, threads)?.why(place, measure)
    }

    /// The records that count in a month, from which those behind each of its numbers are picked.
    /// Months of the request are not looked at.
    ///
    /// # Errors
    ///
    /// As [`panel`](Self::panel).
    pub fn month_records(
        &self,
        request: &PanelRequest,
        month: Month,
        threads: usize,
    ) -> Result<MonthRecords> {
        let request = PanelRequest { from: month, to: month, ..request.clone() };
        let contributions = Contributions::new(self, &request)?;
        let catalog = self.catalog(threads)?;
        contributions.register(&catalog)?;
        self.register_records(&catalog, "location", "location", &contributions.snapshots())?;
        let vintage = Vintage::new(self, &request.series, request.as_of)?;
        Ok(MonthRecords {
            month,
            records: catalog.query(&records_sql(month, contributions.scale()))?,
            listed: listed(&catalog, self.folder(), month)?,
            named: self.named_places()?,
            covered: vintage.effective_spans,
            series: request.series,
        })
    }

    /// The places of the case as users name them, in its order.
    fn named_places(&self) -> Result<Vec<NamedPlace>> {
        let book = self.places()?;
        let country = |id: &str| book.at_level(id, Level::Country).and_then(|one| one.gwno);
        let named = book.iter().map(|place| NamedPlace {
            id: place.id.clone(),
            name: place.name.clone(),
            country: country(&place.id),
        });
        Ok(named.collect())
    }
}

/// The part of a record that counts in a place, in the columns of the plan.
fn contribution_name(column: &str) -> String {
    format!("{column} here")
}

/// The plan that gives the records of a month with their places. `scale` is one in the unit of the
/// weights.
fn records_sql(month: Month, scale: i64) -> String {
    let parts: Vec<String> = SUMMED
        .iter()
        .map(|column| {
            let name = contribution_name(column);
            format!("c.{column}, CAST(c.{column} * c.weight AS DOUBLE) / {scale}.0 AS \"{name}\"")
        })
        .collect();
    format!(
        "SELECT v.source, v.version, v.licence, v.file, \
         c.source_row, c.event_id, c.date_start, c.date_end, c.type_of_violence, \
         {} AS side_a, {} AS side_b, l.adm1, l.adm2, c.where_prec, c.method, \
         CAST(c.weight AS DOUBLE) / {scale}.0 AS share, c.place_no, {} \
         FROM contributions c JOIN release v ON c.snapshot_no = v.snapshot_no \
         JOIN location l ON c.snapshot = l.snapshot AND c.location_id = l.location_id \
         LEFT JOIN actor_label aa ON aa.ucdp_id = c.side_a_id \
         LEFT JOIN actor_label ab ON ab.ucdp_id = c.side_b_id \
         WHERE c.month_id = {} \
         ORDER BY c.date_end, v.source, v.version, c.source_row, c.place_no, c.method",
        label_sql("aa", "c.side_a", "c.month_id"),
        label_sql("ab", "c.side_b", "c.month_id"),
        parts.join(", "),
        month.id(),
    )
}

/// The places that the panel lists in a month, by number.
///
/// # Errors
///
/// [`Error::Damaged`] when a place has no number, id or name.
fn listed(catalog: &Catalog, folder: &Path, month: Month) -> Result<Vec<PlaceOfMonth>> {
    let found = catalog.query(&format!(
        "SELECT place_no, place_id, place FROM listed \
         WHERE (from_day IS NULL OR from_day <= {}) AND (to_day IS NULL OR to_day >= {}) \
         ORDER BY place_no",
        day_number(month.last_day()),
        day_number(month.first_day()),
    ))?;
    let view = View::new(&found);
    let places = || -> Option<Vec<PlaceOfMonth>> {
        let (ids, names) = (view.texts("place_id")?, view.texts("place")?);
        let labels = ids.into_iter().zip(names);
        let numbers = numbers(&found, "place_no").ok()?.into_iter();
        let place = |(number, (id, name)): (Option<i64>, (Option<String>, Option<String>))| {
            Some(PlaceOfMonth { number: number?, id: id?, name: name? })
        };
        numbers.zip(labels).map(place).collect()
    };
    places().ok_or_else(|| Error::damaged(folder, "places without a number, an id or a name"))
}

/// A column of whole numbers; null where there is none.
fn numbers(table: &RecordBatch, name: &str) -> Result<Vec<Option<i64>>> {
    let column = cast(table.column(table.schema().index_of(name)?), &DataType::Int64)?;
    Ok(column.as_primitive::<Int64Type>().iter().collect())
}

/// Columns of [`records_sql`] that say where a record comes from and how it is placed. They are those
/// of the answer, before the measure.
const DESCRIBING: usize = 16;

impl MonthRecords {
    /// The records behind one number of the month: those of `place` that count towards `measure`.
    ///
    /// `place` is a place's id or name. Columns: `source`, `version`, `licence`, `file`,
    /// `source_row` (the header being row 1), `event_id`, dates, sides, the source's own words for
    /// the place, `method` (what the placing rests on), `share` (the part of the record that counts
    /// here, 0 to 1), the measure and `contribution`, which adds up to the number. Upper and lower case
    /// are the same; of several places of one name, it is the first that the panel lists in that month.
    /// Rows come in the order of last day, source, version and row. Records that add nothing to the
    /// measure are left out.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] for a place or measure that the panel does not have;
    /// [`Error::NotCovered`] where no version of the series covers the month: then the panel has no
    /// number, and an empty table would say that nothing was recorded.
    pub fn why(&self, place: &str, measure: &str) -> Result<RecordBatch> {
        let (violence, column) = measure_of(measure)?;
        let places = self.numbers_of(place)?;
        self.check_coverage(place)?;
        let mask = self.mask(&places, violence, column)?;
        let found = filter_record_batch(&self.records, &mask)?;
        let schema = found.schema();
        let [counted, contribution] =
            [column.to_owned(), contribution_name(column)].map(|name| schema.index_of(&name));
        let (counted, contribution) = (counted?, contribution?);
        let chosen: Vec<usize> = (0..DESCRIBING).chain([counted, contribution]).collect();
        let named = |position: usize| -> Field {
            let field = schema.field(position).clone();
            match position {
                one if one == counted => field.with_name(measure),
                one if one == contribution => field.with_name("contribution"),
                _ => field,
            }
        };
        let fields: Vec<Field> = chosen.iter().map(|&position| named(position)).collect();
        let schema = Schema::new_with_metadata(fields, schema.metadata().clone());
        let columns = chosen.iter().map(|&position| Arc::clone(found.column(position))).collect();
        Ok(RecordBatch::try_new(Arc::new(schema), columns)?)
    }

    /// Bytes that it holds.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let listed = self.listed.iter().map(|one| one.id.len() + one.name.len());
        let named = self.named.iter().map(|one| one.id.len() + one.name.len());
        self.records.get_array_memory_size()
            + size_of_val(&*self.listed)
            + size_of_val(&*self.named)
            + size_of_val(&*self.covered)
            + listed.chain(named).sum::<usize>()
    }

    /// Which rows count in these places towards a measure.
    fn mask(&self, places: &[i64], violence: Option<u8>, column: &str) -> Result<BooleanArray> {
        let table = &self.records;
        let here = numbers(table, "place_no")?;
        let kinds = numbers(table, "type_of_violence")?;
        let counted = cast(table.column(table.schema().index_of(column)?), &DataType::Float64)?;
        let counted = counted.as_primitive::<Float64Type>();
        let counts = |row: usize| {
            here[row].is_some_and(|number| places.contains(&number))
                && violence.is_none_or(|kind| kinds[row] == Some(i64::from(kind)))
                && counted.is_valid(row)
                && counted.value(row) != 0.0
        };
        Ok((0..table.num_rows()).map(|row| Some(counts(row))).collect())
    }

    /// The numbers of the place that a user means by an id or a name. A grid cell has one for each
    /// country in it.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] with up to five places that begin with the same three letters.
    fn numbers_of(&self, place: &str) -> Result<Vec<i64>> {
        let wanted = place.to_lowercase();
        if let Some(found) = self.listed.iter().find(|one| one.is_meant(&wanted)) {
            let same = self.listed.iter().filter(|one| one.id == found.id);
            return Ok(same.map(|one| one.number).collect());
        }
        let start: String = wanted.chars().take(3).collect();
        let near = self.listed.iter().filter(|one| one.begins_with(&start));
        let mut nearest: Vec<String> =
            near.map(|one| format!("{} ({})", one.name, one.id)).collect();
        nearest.sort();
        nearest.dedup();
        nearest.truncate(NEAREST_LISTED);
        Err(Error::Unknown { what: "place", found: place.to_owned(), nearest })
    }

    /// Refuses a month that no version covers for the country of the place. For a place that the
    /// case does not list, a month that is covered anywhere will do.
    fn check_coverage(&self, place: &str) -> Result<()> {
        let country = self.country_of(place);
        let is_here = |span: &&EffectiveSpan| country.is_none_or(|one| span.country == one);
        let here: Vec<&EffectiveSpan> = self.covered.iter().filter(is_here).collect();
        if here.iter().any(|span| span.from <= self.month && self.month <= span.to) {
            return Ok(());
        }
        let stretch = |span: &&EffectiveSpan| match span.from == span.to {
            true => span.from.to_string(),
            false => format!("{} to {}", span.from, span.to),
        };
        let mut covered: Vec<String> = here.iter().map(stretch).collect();
        covered.dedup();
        if covered.len() > STRETCHES_LISTED || country.is_none() {
            covered.truncate(STRETCHES_LISTED);
        }
        Err(Error::NotCovered {
            place: place.to_owned(),
            month: self.month,
            series: self.series.clone(),
            covered: if covered.is_empty() { "nothing".to_owned() } else { covered.join(", ") },
        })
    }

    /// Gleditsch–Ward number of the country of a place, by its id or name; nothing for a place that
    /// the case does not list, such as a grid cell.
    fn country_of(&self, place: &str) -> Option<i32> {
        let is_named = |known: &&NamedPlace| {
            known.id.eq_ignore_ascii_case(place)
                || known.name.to_lowercase() == place.to_lowercase()
        };
        self.named.iter().find(is_named)?.country
    }
}

/// Stretches of covered months that an error lists. More would not be read.
const STRETCHES_LISTED: usize = 12;
/// Places that an error offers in the place of one that is not known.
const NEAREST_LISTED: usize = 5;
