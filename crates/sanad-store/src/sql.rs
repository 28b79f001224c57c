//! The observatory as tables for a user's own queries.
//!
//! Only the tables that a statement names are made, and only for that statement. They are the same
//! files that the panel counts, read by the same placing and the same releases in effect.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use datafusion::arrow::array::{ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Date32Type, Float64Type};
use datafusion::error::DataFusionError;
use sanad_core::Period;
use sanad_core::event::number_day;

use crate::cache::Manifest;
use crate::error::{Error, Result};
use crate::event_tables::{ALL, EVENT_FORMATS};
use crate::limits::{StatementLimits, check_statement};
use crate::observatory::Observatory;
use crate::panel::{PanelRequest, panel_columns};
use crate::placing::Unit;
use crate::session::{Catalog, TableNames};
use crate::snapshot::Snapshot;
use crate::table::Columns;

/// Kinds of record that a chronicle holds, each a table of its own. Kind and table.
pub(crate) const CHRONICLE_KINDS: [(&str, &str); 6] = [
    ("narrated_event", "narrated_events"),
    ("statement", "statements"),
    ("act", "acts"),
    ("relation", "relations"),
    ("tie", "ties"),
    ("narrated_observation", "narrated_observations"),
];

/// Kinds of record that files of others hold, each a table of its own. Kind and table.
const FOREIGN_KINDS: [(&str, &str); 6] = [
    ("country_month", "country_months"),
    ("conflict_count", "conflict_counts"),
    ("observation", "observations"),
    ("dyad_event", "dyad_events"),
    ("coded_statement", "coded_statements"),
    ("diagnostic", "diagnostics"),
];

/// Units whose panels are tables, as `panel_<unit>`.
const PANELS: [Unit; 4] = [Unit::Country, Unit::Adm1, Unit::Adm2, Unit::Priogrid];

/// Tables that follow from the imports themselves.
const OWN_TABLES: [&str; 3] = ["sources", "places", "organisations"];

/// Version of what the rows of [`OWN_TABLES`] say; count it up when they come to say more or else.
const TABLE_RULES: &str = "tables 3";

impl Observatory {
    /// Runs one read-only SQL statement over the observatory's records and results. The dialect is
    /// DataFusion's, near PostgreSQL's. `threads` is 0 for as many as the machine has.
    ///
    /// Tables: `events` and `counts` hold the records in effect, with the place at each level
    /// (`country_place_id`, `province_id`, `district_id`, `priogrid_gid`) that the panel puts them into,
    /// so that their sums are those of the panel; `events_all` and `counts_all` those of every release,
    /// with `in_effect`. `panel_country`, `panel_adm1`, `panel_adm2` and `panel_priogrid` are the panels
    /// of the case's series over all covered months. `observations`, `dyad_events`, `coded_statements`,
    /// `country_months` and `conflict_counts` have `source`, `version` and `snapshot` as well; of
    /// chronicles `narrated_events`, `statements`, `acts`, `relations`, `ties`,
    /// `narrated_observations`; `diagnostics`, `sources`, `places`, `organisations` (UCDP's numbers with the case's names:
    /// sides of `events` are numbers where their names may be persons'). A kept result is a table under
    /// its folder's name with `_` for `-`, and is not listed.
    /// `information_schema.columns` lists columns.
    ///
    /// # Errors
    ///
    /// [`Error::Statement`] when the statement is not valid SQL over these tables, or would change
    /// something; [`Error::TooLarge`] when it needs more than the usual [`StatementLimits`].
    pub fn sql(&self, statement: &str, threads: usize) -> Result<RecordBatch> {
        self.sql_within(statement, threads, &StatementLimits::default())
    }

    /// As [`sql`](Self::sql), within limits of the caller's.
    ///
    /// # Errors
    ///
    /// As [`sql`](Self::sql).
    pub fn sql_within(
        &self,
        statement: &str,
        threads: usize,
        limits: &StatementLimits,
    ) -> Result<RecordBatch> {
        check_statement(statement)?;
        let catalog = self.limited_catalog(threads, limits)?;
        let named = catalog.names(statement);
        self.register_tables(&catalog, &named)?;
        catalog.query_read_only(statement).map_err(|e| refused(e, limits))
    }

    /// Makes the tables that a statement names, or all when it may look at the list.
    fn register_tables(&self, catalog: &Catalog, named: &TableNames) -> Result<()> {
        let wanted = |name: &str| named.lists_all || named.names.contains(name);
        for (formats, table) in [(&EVENT_FORMATS[..], "events"), (&["counts"][..], "counts")] {
            if wanted(table) || wanted(&format!("{table}{ALL}")) {
                self.register_events(catalog, formats, table)?;
            }
        }
        let all: Vec<&Snapshot> = self.snapshots().iter().collect();
        for (kind, table) in CHRONICLE_KINDS.into_iter().chain(FOREIGN_KINDS) {
            if wanted(table) {
                self.register_records(catalog, table, kind, &all)?;
            }
        }
        if OWN_TABLES.iter().any(|table| wanted(table)) {
            self.register_own(catalog)?;
        }
        self.register_panels(catalog, named)?;
        if !named.names.is_subset(&catalog.tables()) {
            self.register_results(catalog, &named.names)?;
        }
        Ok(())
    }

    /// Registers the panels that a statement names, each over all covered months of the case's series.
    /// One that is only listed is not computed: it has its columns and no rows.
    fn register_panels(&self, catalog: &Catalog, named: &TableNames) -> Result<()> {
        let series = match self.newest_import("case") {
            Some(_) => self.case()?.series(),
            None => "ucdp-ged".to_owned(),
        };
        let Ok((from, to)) = self.covered_months(&series) else { return Ok(()) };
        let has_places = !self.places()?.is_empty();
        let by_name = |unit: &Unit| matches!(unit, Unit::Adm1 | Unit::Adm2);
        for unit in PANELS.iter().copied().filter(|unit| has_places || !by_name(unit)) {
            let name = format!("panel_{}", unit.as_str());
            if named.names.contains(&name) {
                let series = series.clone();
                let request = PanelRequest { series, ..PanelRequest::new(unit, from, to) };
                catalog.register(&name, &self.panel_file(&request, catalog.threads())?)?;
            } else if named.lists_all {
                let column = |(name, kind)| format!("CAST(NULL AS {kind}) AS {name}");
                let columns: Vec<String> = panel_columns().map(column).collect();
                catalog.define(&name, &format!("SELECT {} WHERE false", columns.join(", ")))?;
            }
        }
        Ok(())
    }

    /// Registers the kept results that a statement names. Under the folder's name with `_` for `-`.
    fn register_results(&self, catalog: &Catalog, names: &BTreeSet<String>) -> Result<()> {
        for (manifest, path) in self.results()? {
            let table = manifest.key().replace('-', "_");
            if names.contains(&table) {
                catalog.register(&table, &path)?;
            }
        }
        Ok(())
    }

    /// Registers the tables of sources and places, which follow from all imports.
    fn register_own(&self, catalog: &Catalog) -> Result<()> {
        let inputs = self.snapshots().iter().map(|snapshot| snapshot.id.clone()).collect();
        let manifest = Manifest::new("tables", TABLE_RULES, String::new(), inputs);
        let names = OWN_TABLES.map(str::to_owned);
        let paths = self.derived(&manifest, &names, || {
            Ok(vec![self.source_table()?, self.place_table()?, self.actor_labels()?])
        })?;
        for (name, path) in OWN_TABLES.iter().zip(&paths) {
            catalog.register(name, path)?;
        }
        Ok(())
    }

    /// The sources as a table: one row per import, oldest first. Days and months are texts; counts
    /// of rows and deaths are those of the import.
    ///
    /// # Errors
    ///
    /// [`Error::Query`](crate::Error::Query) when the table cannot be built.
    pub fn source_table(&self) -> Result<RecordBatch> {
        let all = self.snapshots();
        let text = |of: fn(&Snapshot) -> String| all.iter().map(move |s| Some(of(s)));
        let month = |of: fn(&Snapshot) -> Option<sanad_core::Month>| {
            all.iter().map(move |s| of(s).map(|month| month.to_string()))
        };
        Columns::default()
            .text("source", text(|s| s.source.id.clone()))
            .text("version", text(|s| s.source.version.clone()))
            .text("format", text(|s| s.format.clone()))
            .text("title", text(|s| s.source.title.clone()))
            .text("licence", text(|s| s.source.licence.clone()))
            .text("citation", text(|s| s.source.citation.clone()))
            .text("url", text(|s| s.source.url.clone()))
            .text("accessed", text(|s| s.source.accessed.to_string()))
            .text("known_from", text(|s| s.source.known_from().to_string()))
            .text("covers_from", month(|s| s.source.coverage.from))
            .text("covers_to", month(|s| s.source.coverage.to))
            .int64("rows_read", all.iter().map(|s| s.rows_read as i64).collect::<Vec<_>>())
            .int64("records_kept", all.iter().map(|s| s.records_kept as i64).collect::<Vec<_>>())
            .int64("deaths_in", all.iter().map(|s| s.deaths_in).collect::<Vec<_>>())
            .int64("deaths_kept", all.iter().map(|s| s.deaths_kept).collect::<Vec<_>>())
            .text("file", text(|s| s.file.clone()))
            .text("sha256", text(|s| s.sha256.clone()))
            .text("snapshot", text(|s| s.id.clone()))
            .finish()
    }

    /// The sources as a table for the eye, no wider than 100 letters: one row per import, oldest
    /// first, long texts cut. [`source_table`](Self::source_table) has all that is known.
    ///
    /// # Errors
    ///
    /// As [`source_table`](Self::source_table).
    pub fn source_list(&self) -> Result<RecordBatch> {
        let all = self.snapshots();
        let covers = |one: &Snapshot| {
            let coverage = &one.source.coverage;
            coverage.from.zip(coverage.to).map(|(from, to)| format!("{from} to {to}"))
        };
        Columns::default()
            .text("source", all.iter().map(|one| Some(cut(&one.source.id, 18))))
            .text("version", all.iter().map(|one| Some(cut(&one.source.version, 12))))
            .text("covers", all.iter().map(covers))
            .int64("records", all.iter().map(|one| one.records_kept as i64).collect::<Vec<_>>())
            .int64("deaths", all.iter().map(|one| one.deaths_kept).collect::<Vec<_>>())
            .text("licence", all.iter().map(|one| Some(cut(&one.source.licence, 14))))
            .finish()
    }

    /// The case's places, those of earlier days among them.
    fn place_table(&self) -> Result<RecordBatch> {
        let book = self.places()?;
        let all: Vec<_> = book.iter().collect();
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
        Columns::default()
            .text("place_id", all.iter().map(|p| Some(&p.id)))
            .text("place", all.iter().map(|p| Some(&p.name)))
            .text("level", all.iter().map(|p| Some(p.level.as_str())))
            .text("within", all.iter().map(|p| p.within.as_ref()))
            .text("valid_from", all.iter().map(|p| day(p.valid_from)))
            .text("valid_to", all.iter().map(|p| day(p.valid_to)))
            .float64("latitude", all.iter().map(|p| p.latitude).collect::<Vec<_>>())
            .float64("longitude", all.iter().map(|p| p.longitude).collect::<Vec<_>>())
            .finish()
    }
}

/// The first letters of a text, with a mark where some are left out. At most `letters`, the mark
/// included.
fn cut(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    text.chars().take(letters - 1).chain(['…']).collect()
}

/// The engine's refusal in this crate's words. Memory that ran out is a bound that was met;
/// anything else is the statement's fault.
fn refused(error: Error, limits: &StatementLimits) -> Error {
    match error {
        Error::Query { source } if is_exhausted(&source) => limits.too_large("the statement"),
        Error::Query { source } => Error::Statement { source },
        other => other,
    }
}

/// Whether the engine ran out of the memory that it was given.
fn is_exhausted(error: &DataFusionError) -> bool {
    matches!(error.find_root(), DataFusionError::ResourcesExhausted(_))
}

/// A value that a statement gives, of a place or of the whole country.
#[derive(Debug, Clone, PartialEq)]
pub struct StatedValue {
    /// The place of the case; `None` for the country.
    pub place_id: Option<String>,
    /// The period it is about.
    pub period: Period,
    /// The value; finite.
    pub value: f64,
    /// Standard error, where the statement gives one.
    pub standard_error: Option<f64>,
    /// Low and high bound, where the statement gives both.
    pub bounds: Option<[f64; 2]>,
}

impl Observatory {
    /// The values that a statement gives over [`sql`](Self::sql)'s tables: columns `date_from`,
    /// `date_to` and `value`, and where it has them `place_id`, `standard_error`, `low`, `high`.
    /// Rows without a day or a finite value are left out. Nothing where the observatory lacks one
    /// of `tables`. A standard error below zero counts as none; bounds are widened to hold the
    /// value.
    ///
    /// # Errors
    ///
    /// [`Error::Statement`] when the statement is not valid or lacks a column.
    pub fn stated_values(
        &self,
        statement: &str,
        tables: &[String],
        threads: usize,
    ) -> Result<Vec<StatedValue>> {
        if !tables.iter().all(|table| self.has_table(table)) {
            return Ok(Vec::new());
        }
        let batch = self.sql(statement, threads)?;
        let columns = AnswerColumns { batch: &batch };
        let (from, to) = (columns.days("date_from")?, columns.days("date_to")?);
        let value = columns.needed("value")?;
        let error = columns.numbers("standard_error")?;
        let (low, high) = (columns.numbers("low")?, columns.numbers("high")?);
        let place = columns.texts("place_id")?;
        let row = |at: usize| {
            let value = value[at].filter(|value| value.is_finite())?;
            Some(StatedValue {
                place_id: place[at].clone(),
                period: Period::between(from[at]?, to[at]?)?,
                value,
                standard_error: error[at].filter(|error| *error >= 0.0 && error.is_finite()),
                bounds: low[at].zip(high[at]).map(|(low, high)| [low.min(value), high.max(value)]),
            })
        };
        Ok((0..batch.num_rows()).filter_map(row).collect())
    }

    /// Whether the observatory holds records that a table is made of. Panels, `counts` and kept
    /// results count as missing.
    fn has_table(&self, table: &str) -> bool {
        let table = table.strip_suffix(ALL).unwrap_or(table);
        let kinds = CHRONICLE_KINDS.into_iter().chain(FOREIGN_KINDS);
        let kind = kinds.into_iter().find(|(_, name)| *name == table).map_or(table, |kind| kind.0);
        match kind {
            "sources" | "places" | "organisations" => true,
            "events" => {
                self.snapshots().iter().any(|snapshot| snapshot.files.contains_key("event"))
            }
            kind => self.snapshots().iter().any(|snapshot| snapshot.files.contains_key(kind)),
        }
    }
}

/// Columns of a statement's answer, by name.
struct AnswerColumns<'a> {
    batch: &'a RecordBatch,
}

impl AnswerColumns<'_> {
    /// A column as a type; nothing where there is none.
    fn cast(&self, name: &str, kind: &DataType) -> Result<Option<ArrayRef>> {
        let column = self.batch.column_by_name(name);
        let cast = column.map(|column| datafusion::arrow::compute::cast(column, kind));
        let message = |e| Error::Statement { source: Box::new(DataFusionError::from(e)) };
        cast.transpose().map_err(message)
    }

    /// A column of numbers; all missing where there is none.
    fn numbers(&self, name: &str) -> Result<Vec<Option<f64>>> {
        let column = self.cast(name, &DataType::Float64)?;
        let blank = || vec![None; self.batch.num_rows()];
        Ok(column
            .map_or_else(blank, |column| column.as_primitive::<Float64Type>().iter().collect()))
    }

    /// A column of numbers that has to be there.
    fn needed(&self, name: &str) -> Result<Vec<Option<f64>>> {
        self.require(name)?;
        self.numbers(name)
    }

    /// A column of days that has to be there.
    fn days(&self, name: &str) -> Result<Vec<Option<NaiveDate>>> {
        self.require(name)?;
        let column = self.cast(name, &DataType::Date32)?;
        let days = column.iter().flat_map(|column| column.as_primitive::<Date32Type>().iter());
        Ok(days.map(|day| day.map(number_day)).collect())
    }

    /// A column of texts; all missing where there is none.
    fn texts(&self, name: &str) -> Result<Vec<Option<String>>> {
        let Some(column) = self.cast(name, &DataType::Utf8)? else {
            return Ok(vec![None; self.batch.num_rows()]);
        };
        Ok(column.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect())
    }

    /// Refuses an answer without a column.
    fn require(&self, name: &str) -> Result<()> {
        let lacking = || format!("the statement gives no column {name}");
        match self.batch.column_by_name(name) {
            Some(_) => Ok(()),
            None => Err(Error::Statement { source: Box::new(DataFusionError::Plan(lacking())) }),
        }
    }
}
