//! Derived tables that put the records of a series into places: Parquet files that plans name.
//!
//! A plan cannot look up names or polygons. So each distinct location of a source is placed once,
//! here, and kept as a table: on which days it means which place, with which share. The plan then
//! joins records to it by number.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use datafusion::arrow::array::{Array, AsArray, Int32Array, RecordBatch};
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::{DataType, Int32Type};
use sanad_core::Month;
use sanad_core::event::number_day;
use sanad_core::source::EffectiveSpan;

use crate::cache::Manifest;
use crate::engine::read_parquet;
use crate::error::{Error, Missing, Result};
use crate::observations::Reader;
use crate::observatory::Observatory;
use crate::placing::{ListedPlace, Placer, PlacesOf, Unit};
use crate::session::Catalog;
use crate::table::Columns;
use crate::vintage::Vintage;

/// Version of the rules by which these tables are made. Count it up when the same records and
/// places come to give other rows: what was kept under the earlier number is then made again.
pub(crate) const RULES: &str = "places 3";

/// The tables: which place a location of a snapshot means on which days; the places, with their
/// numbers and the days on which they are listed; the case's names of organisations; which snapshot
/// counts where and when; and what is said of each snapshot. In the order in which `tables` makes
/// them.
const TABLES: [&str; 5] = ["placing", LISTED, "actor_label", "in_effect", "release"];

/// The table of places.
const LISTED: &str = "listed";

/// The join that puts records `r` in effect into the places of their last day.
pub(crate) const PLACED: &str = "JOIN placing p ON p.snapshot_no = e.snapshot_no \
     AND r.location_id = p.location_id \
     AND CAST(r.date_end AS INT) BETWEEN p.from_day AND p.to_day";

/// Records of one series, to be put into the places of one unit. What is made depends on the unit,
/// on which places are meant, and on the imports; not on months.
pub(crate) struct PlaceTables<'a> {
    pub(crate) observatory: &'a Observatory,
    pub(crate) vintage: &'a Vintage<'a>,
    pub(crate) unit: Unit,
    pub(crate) places_of: PlacesOf,
    /// The day whose boundaries are used; today's when `None`.
    pub(crate) as_of: Option<NaiveDate>,
}

impl<'a> PlaceTables<'a> {
    /// Tables of the finest places that the source names, whatever the day. A record of a province
    /// alone is then in the province.
    pub(crate) const fn by_name(
        observatory: &'a Observatory,
        vintage: &'a Vintage<'a>,
        as_of: Option<NaiveDate>,
    ) -> Self {
        Self { observatory, vintage, unit: Unit::Adm2, places_of: PlacesOf::Named, as_of }
    }

    /// Makes [`TABLES`] tables of `catalog`.
    pub(crate) fn register(&self, catalog: &Catalog) -> Result<()> {
        let paths = self.files()?;
        TABLES.iter().zip(&paths).try_for_each(|(name, path)| catalog.register(name, path))
    }

    /// Makes the grid a table of `catalog`: every listed place in every month from `from` to `to`,
    /// with the version in effect.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] when it would have too many months or rows.
    pub(crate) fn register_grid(&self, catalog: &Catalog, from: Month, to: Month) -> Result<()> {
        let settings = format!("{} from={from} to={to}", self.settings());
        let manifest = Manifest::new("grid", RULES, settings, self.inputs());
        let paths = self.observatory.derived(&manifest, &["grid".to_owned()], || {
            let listed = self.listed()?;
            check_size(listed.len(), from, to)?;
            Ok(vec![self.grid(&listed, from, to)?])
        })?;
        catalog.register("grid", &paths[0])
    }

    /// Ids of the snapshots that placing follows from: the records, the places and the boundaries.
    pub(crate) fn inputs(&self) -> Vec<String> {
        // The case's card is among them because it says which day's places are today's.
        let geography = ["case", "places", "actors"]
            .into_iter()
            .filter_map(|format| self.observatory.newest_import(format))
            .chain(self.observatory.boundary_snapshots(self.as_of));
        let records = self.vintage.snapshots.iter().copied();
        records.chain(geography).map(|snapshot| snapshot.id.clone()).collect()
    }

    /// Unit and places in words, for manifests.
    fn settings(&self) -> String {
        format!("unit={} places={}", self.unit.as_str(), self.places_of.as_str())
    }

    /// The tables with the file of each.
    pub(crate) fn named_files(&self) -> Result<Vec<(&'static str, PathBuf)>> {
        Ok(TABLES.into_iter().zip(self.files()?).collect())
    }

    /// The files of [`TABLES`].
    fn files(&self) -> Result<Vec<PathBuf>> {
        let names = TABLES.map(str::to_owned);
        let manifest = Manifest::new("placing", RULES, self.settings(), self.inputs());
        self.observatory.derived(&manifest, &names, || self.tables())
    }

    /// The places of the table `listed`, by number.
    fn listed(&self) -> Result<Vec<ListedPlace>> {
        let files = self.files()?;
        let listed = TABLES.iter().zip(&files).find(|(name, _)| **name == LISTED);
        listed.map_or_else(|| Ok(Vec::new()), |(_, path)| read_listed(path))
    }

    /// Makes the tables.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`] when provinces or districts are asked for without a list of places.
    fn tables(&self) -> Result<Vec<RecordBatch>> {
        let book = self.observatory.places()?;
        let by_name = matches!(self.unit, Unit::Adm1 | Unit::Adm2);
        if by_name && self.places_of != PlacesOf::Named && book.is_empty() {
            return Err(Error::Lacks { missing: Missing::Places });
        }
        let boundaries = self.observatory.boundaries(self.as_of)?;
        let mut placer = Placer::new(&book, boundaries.as_ref(), self.unit, self.places_of);
        let mut placing = Vec::new();
        for (number, snapshot) in self.vintage.snapshots.iter().enumerate() {
            let locations = self.observatory.locations(snapshot)?;
            placing.push(placer.place(number as i32, &snapshot.source.id, &locations)?);
        }
        let schema = placing.first().map(RecordBatch::schema);
        let schema = schema.ok_or(Error::Lacks { missing: Missing::Events })?;
        Ok(vec![
            concat_batches(&schema, &placing)?,
            // After the last location: countries and cells are listed as locations name them.
            placer.listed_table()?,
            self.observatory.actor_labels()?,
            self.vintage.in_effect_table()?,
            self.vintage.release_table()?,
        ])
    }
}

/// The most months that a panel may span: from the first year that any source of the field covers
/// to well beyond every forecast.
const MAX_MONTHS: u64 = 12 * 1_000;

/// The most rows that a panel may have. At some 400 bytes a row this is 4 GB of memory.
const MAX_ROWS: u64 = 10_000_000;

/// Refuses a grid that would not fit, before it is made. Places that are listed in a part of the
/// months only count as if they were in all.
fn check_size(places: usize, from: Month, to: Month) -> Result<()> {
    let months = (i64::from(to.id()) - i64::from(from.id()) + 1).max(0).unsigned_abs();
    let rows = months.saturating_mul(places as u64);
    let (what, found, bound) = if months > MAX_MONTHS {
        ("months of the panel", months, MAX_MONTHS)
    } else if rows > MAX_ROWS {
        ("rows of the panel", rows, MAX_ROWS)
    } else {
        return Ok(());
    };
    Err(Error::TooLarge { what, found: found.to_string(), bound: bound.to_string() })
}

/// A month of the grid, with all that is said of it in many rows.
struct GridMonth {
    month: Month,
    /// As shown: 2025-08.
    text: String,
    first_day: NaiveDate,
    last_day: NaiveDate,
}

impl GridMonth {
    fn new(month: Month) -> Self {
        let (first_day, last_day) = (month.first_day(), month.last_day());
        Self { month, text: month.to_string(), first_day, last_day }
    }

    /// Whether the place is listed on some day of the month.
    fn overlaps(&self, place: &ListedPlace) -> bool {
        place.from.is_none_or(|from| from <= self.last_day)
            && place.to.is_none_or(|to| self.first_day <= to)
    }
}

/// A row of the grid. A place in a month, with the label of the version in effect; none where
/// nothing covers it.
struct GridRow<'a> {
    number: i32,
    place: &'a ListedPlace,
    month: &'a GridMonth,
    source: Option<&'a str>,
}

impl PlaceTables<'_> {
    /// Every place in every month in which it is listed; one of no known country is covered by
    /// nothing.
    fn grid(&self, listed: &[ListedPlace], from: Month, to: Month) -> Result<RecordBatch> {
        let labels = self.vintage.labels();
        let months: Vec<GridMonth> = Month::range(from, to).map(GridMonth::new).collect();
        let effective_spans = self.effective_spans_by_country();
        let mut rows = Vec::with_capacity(listed.len() * months.len());
        for (number, place) in listed.iter().enumerate() {
            let country = place.country.and_then(|country| effective_spans.get(&country));
            let effective_spans = country.map_or(&[][..], Vec::as_slice);
            for month in months.iter().filter(|month| month.overlaps(place)) {
                let covers = |span_in_effect: &&&EffectiveSpan| {
                    span_in_effect.from <= month.month && month.month <= span_in_effect.to
                };
                let source = effective_spans
                    .iter()
                    .find(covers)
                    .map(|span_in_effect| labels[span_in_effect.source].as_str());
                rows.push(GridRow { number: number as i32, place, month, source });
            }
        }
        grid_table(&rows)
    }

    /// Stretches with a version in effect by country.
    fn effective_spans_by_country(&self) -> BTreeMap<i32, Vec<&EffectiveSpan>> {
        let mut found: BTreeMap<i32, Vec<&EffectiveSpan>> = BTreeMap::new();
        for span_in_effect in &self.vintage.effective_spans {
            found.entry(span_in_effect.country).or_default().push(span_in_effect);
        }
        found
    }
}

/// The grid as a table, one row for each [`GridRow`].
fn grid_table(rows: &[GridRow<'_>]) -> Result<RecordBatch> {
    Columns::default()
        .int32("place_no", rows.iter().map(|row| row.number).collect::<Vec<_>>())
        .text("place_id", rows.iter().map(|row| Some(&row.place.id)))
        .text("place", rows.iter().map(|row| Some(&row.place.name)))
        .text("within", rows.iter().map(|row| row.place.within.as_ref()))
        .int32("country_id", rows.iter().map(|row| row.place.country).collect::<Vec<_>>())
        .int32("month_id", rows.iter().map(|row| row.month.month.id()).collect::<Vec<_>>())
        .text("month", rows.iter().map(|row| Some(&row.month.text)))
        .text("source", rows.iter().map(|row| row.source))
        .finish()
}

/// The places of a table `listed`, by number.
///
/// # Errors
///
/// [`Error::Damaged`] when a column is missing.
fn read_listed(path: &Path) -> Result<Vec<ListedPlace>> {
    let batch = read_parquet(path)?;
    let columns = Reader { batch: &batch, path };
    let whole = |name: &str| {
        let column = columns.cast(name, &DataType::Int32)?;
        Ok::<_, Error>(column.as_primitive::<Int32Type>().clone())
    };
    let (id, name, within) =
        (columns.texts("place_id")?, columns.texts("place")?, columns.texts("within")?);
    let (country, from, to) = (whole("country_id")?, whole("from_day")?, whole("to_day")?);
    let some = |column: &Int32Array, row: usize| column.is_valid(row).then(|| column.value(row));
    let place = |row: usize| ListedPlace {
        id: id.value(row).to_owned(),
        name: name.value(row).to_owned(),
        within: within.is_valid(row).then(|| within.value(row).to_owned()),
        country: some(&country, row),
        from: some(&from, row).map(number_day),
        to: some(&to, row).map(number_day),
    };
    Ok((0..batch.num_rows()).map(place).collect())
}
