//! Events and ready-made counts as tables for queries: with the place at each level and whether a
//! row is in effect, by the same placing and the same vintages as the panel.
//!
//! Each series has its own placing and vintage, so that a table of several series is a union of one
//! select for each. A row that was shared out between places has none in its columns: only the
//! panel, which counts parts, can show it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use datafusion::arrow::array::RecordBatch;

use crate::counts::label_sql;
use crate::error::Result;
use crate::observatory::Observatory;
use crate::place_tables::PlaceTables;
use crate::placing::{PlacesOf, Unit};
use crate::session::Catalog;
use crate::snapshot::Snapshot;
use crate::vintage::Vintage;

/// Formats whose records are single events.
pub(crate) const EVENT_FORMATS: [&str; 2] = ["ucdp-ged", "table-events"];

/// Ending of the table that holds every release.
pub(crate) const ALL: &str = "_all";

/// Levels at which a row has a place: the unit, and what its columns for the id and name are
/// called. Cells have a number and no name.
const LEVELS: [(Unit, &str, Option<&str>); 4] = [
    // The records have a column `country` of their own, the name that the source gives.
    (Unit::Country, "country_place_id", None),
    (Unit::Adm1, "province_id", Some("province")),
    (Unit::Adm2, "district_id", Some("district")),
    (Unit::Priogrid, "priogrid_gid", None),
];

impl Observatory {
    /// Registers `name`, the records of these formats that are in effect, and `name_all`, those of
    /// every release. Without such records there are no tables.
    pub(crate) fn register_events(
        &self,
        catalog: &Catalog,
        formats: &[&str],
        name: &str,
    ) -> Result<()> {
        let parts = self.catalog(catalog.threads())?;
        let mut selects = Vec::new();
        for series in self.series_of(formats) {
            let number = selects.len();
            selects.extend(self.select_series(&parts, formats, &series, number)?);
        }
        if selects.is_empty() {
            return Ok(());
        }
        let whole = selects.join(" UNION ALL BY NAME ");
        catalog.define_over(&parts, &format!("{name}{ALL}"), &whole)?;
        catalog.define_over(&parts, name, &format!("SELECT * FROM ({whole}) WHERE in_effect"))
    }

    /// Answers a question about the events of every release, as they are kept, in the table
    /// `events`. With `adm1` and `adm2`, the source's own words for the place. Rows of several
    /// releases of one event come several times.
    pub(crate) fn query_events(&self, select: &str, threads: usize) -> Result<RecordBatch> {
        let all: Vec<&Snapshot> =
            self.snapshots().iter().filter(|snapshot| is_of(snapshot, &EVENT_FORMATS)).collect();
        let catalog = self.catalog(threads)?;
        self.register_records(&catalog, "record", "event", &all)?;
        self.register_records(&catalog, "location", "location", &all)?;
        let words = "SELECT r.*, l.adm1, l.adm2 FROM record r JOIN location l \
                     ON r.snapshot = l.snapshot AND r.location_id = l.location_id";
        catalog.query(&format!("WITH events AS ({words}) {select}"))
    }

    /// Ids of the series that have imports of these formats.
    pub(crate) fn series_of(&self, formats: &[&str]) -> BTreeSet<String> {
        let all = self.snapshots().iter().filter(|snapshot| is_of(snapshot, formats));
        all.map(|snapshot| snapshot.source.id.clone()).collect()
    }

    /// The select of one series over tables of its own, which end in `number`; nothing where it
    /// holds no records. Where the case lists no places, the columns of provinces and districts are
    /// null.
    fn select_series(
        &self,
        parts: &Catalog,
        formats: &[&str],
        series: &str,
        number: usize,
    ) -> Result<Option<String>> {
        let vintage = Vintage::new(self, series, None)?;
        let all: Vec<&Snapshot> =
            vintage.snapshots.iter().copied().filter(|snapshot| is_of(snapshot, formats)).collect();
        let named = |table: &str| format!("{table}_{number}");
        if !self.register_records(parts, &named("record"), "event", &all)? {
            return Ok(None);
        }
        self.register_records(parts, &named("location"), "location", &all)?;
        let mut select = EventSelect::new(parts.columns(&named("record"))?, number);
        let has_places = !self.places()?.is_empty();
        for (unit, id, name) in LEVELS {
            let by_name = matches!(unit, Unit::Adm1 | Unit::Adm2);
            if by_name && !has_places {
                select.add_unknown(id, name);
                continue;
            }
            let places_of = PlacesOf::Contemporary;
            let tables =
                PlaceTables { observatory: self, vintage: &vintage, unit, places_of, as_of: None };
            self.register_places(parts, &tables.named_files()?, unit, number)?;
            select.add_level(unit, id, name);
        }
        Ok(Some(select.sql()))
    }

    /// Registers the tables of a unit; those that do not depend on it once, with the country's.
    fn register_places(
        &self,
        parts: &Catalog,
        files: &[(&str, PathBuf)],
        unit: Unit,
        number: usize,
    ) -> Result<()> {
        for (table, path) in files {
            if matches!(*table, "placing" | "listed") {
                parts.register(&format!("{table}_{}_{number}", unit.as_str()), path)?;
            } else if unit == Unit::Country {
                parts.register(&format!("{table}_{number}"), path)?;
            }
        }
        Ok(())
    }
}

/// Whether a snapshot was read as one of these formats.
fn is_of(snapshot: &Snapshot, formats: &[&str]) -> bool {
    formats.contains(&snapshot.format.as_str())
}

/// The select of one series, level by level.
struct EventSelect {
    /// Expressions with the names they get, in their order.
    columns: Vec<String>,
    /// Joins, one for each level.
    joins: String,
    /// Ending of the names of the series' own tables.
    number: usize,
}

impl EventSelect {
    /// With the columns of the table of records. Names of sides are those that may be shown: the
    /// case's own, or what stands for a name that may be a person's.
    fn new(records: Vec<String>, number: usize) -> Self {
        let column = |name: String| match name.as_str() {
            "side_a" => format!("{} AS side_a", label_sql("aa", "r.side_a", "r.month_end")),
            "side_b" => format!("{} AS side_b", label_sql("ab", "r.side_b", "r.month_end")),
            _ => format!("r.{name}"),
        };
        // The cell of a point counts only where the point is known so finely: a level adds it.
        let records = records.into_iter().filter(|name| name != "priogrid_gid");
        let words = ["adm1", "adm2", "latitude", "longitude", "place_id"];
        let words = words.map(|name| format!("l.{name}"));
        Self { columns: records.map(column).chain(words).collect(), joins: String::new(), number }
    }

    /// The place at a level on the day that the row ended; null where it is not known so finely, or is
    /// shared out between several places.
    fn add_level(&mut self, unit: Unit, id: &str, name: Option<&str>) {
        let (level, number) = (unit.as_str(), self.number);
        let shown = match unit {
            // A plan may look at the number before it leaves out what is in no cell.
            Unit::Priogrid => format!("TRY_CAST({level}.place_id AS BIGINT)"),
            _ => format!("{level}.place_id"),
        };
        self.columns.push(format!("{shown} AS {id}"));
        self.columns.extend(name.map(|name| format!("{level}.place AS {name}")));
        self.joins.push_str(&format!(
            " LEFT JOIN (SELECT p.snapshot_no, p.location_id, p.from_day, p.to_day, t.place_id, \
             t.place FROM placing_{level}_{number} p JOIN listed_{level}_{number} t \
             ON p.place_no = t.place_no WHERE NOT p.shared AND t.place_id NOT LIKE 'unplaced:%') \
             {level} ON {level}.snapshot_no = v.snapshot_no AND {level}.location_id = r.location_id \
             AND CAST(r.date_end AS INT) BETWEEN {level}.from_day AND {level}.to_day"
        ));
    }

    /// The columns of a level of which the case lists no places.
    fn add_unknown(&mut self, id: &str, name: Option<&str>) {
        let columns = [Some(id), name].into_iter().flatten();
        self.columns.extend(columns.map(|column| format!("CAST(NULL AS VARCHAR) AS {column}")));
    }

    /// The whole select: every row of the records, with `in_effect`.
    fn sql(&self) -> String {
        let Self { columns, joins, number } = self;
        format!(
            "SELECT {}, e.snapshot IS NOT NULL AS in_effect FROM record_{number} r \
             JOIN location_{number} l ON r.snapshot = l.snapshot AND r.location_id = l.location_id \
             JOIN release_{number} v ON v.snapshot = r.snapshot \
             LEFT JOIN in_effect_{number} e ON r.snapshot = e.snapshot \
             AND r.country_id = e.country_id AND r.month_end BETWEEN e.from_month AND e.to_month \
             LEFT JOIN actor_label_{number} aa ON aa.ucdp_id = r.side_a_id \
             LEFT JOIN actor_label_{number} ab ON ab.ucdp_id = r.side_b_id{joins}",
            columns.join(", ")
        )
    }
}
