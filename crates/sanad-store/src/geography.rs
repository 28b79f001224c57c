//! Boundaries and locations as the observatory keeps them. Shapes are kept as well-known binary, so
//! that other programs read them.

use std::sync::Arc;

use chrono::NaiveDate;
use datafusion::arrow::array::{Array, AsArray, BinaryArray, RecordBatch};
use datafusion::arrow::datatypes::{Date32Type, Float64Type, Int32Type, Int64Type, UInt8Type};
use sanad_core::event::{day_number, number_day};
use sanad_core::place::Level;
use sanad_core::source::{Coverage, Source};
use sanad_source::boundaries::{
    self, Boundaries, Boundary, NamedAttributes, decode_wkb, encode_wkb,
};

use crate::error::{Error, Result};
use crate::import::{ImportExtras, ImportFile, ImportReport, Payload, Reading, source_of};
use crate::observatory::Observatory;
use crate::read_file::{foreign, read_unpacked};
use crate::snapshot::Snapshot;
use crate::table::{Columns, LocationRow};

impl Observatory {
    /// Imports boundaries: GeoJSON with OCHA COD-AB or geoBoundaries attributes. The series is
    /// named after the finest level in the file, so that districts do not replace provinces.
    ///
    /// # Errors
    ///
    /// [`Error::Foreign`] when the file is not such a file; bad rings are diagnostics.
    pub fn import_boundaries(&mut self, file: &ImportFile<'_>) -> Result<ImportReport> {
        let (bytes, sha256) = read_unpacked(file.path)?;
        let read = boundaries::read(bytes.as_slice()).map_err(|e| foreign(file.path, e))?;
        self.take_in_boundaries(file, read, sha256, String::new())
    }

    /// Imports boundaries of a known scheme of which the finest are places of `level` in the case.
    /// For a country whose publisher counts levels otherwise than the case.
    ///
    /// # Errors
    ///
    /// As [`import_boundaries`](Self::import_boundaries).
    pub fn import_boundaries_at(
        &mut self,
        file: &ImportFile<'_>,
        level: Level,
    ) -> Result<ImportReport> {
        let (bytes, sha256) = read_unpacked(file.path)?;
        let read = boundaries::read(bytes.as_slice()).map_err(|e| foreign(file.path, e))?;
        let settings = format!("level {}", level.as_str());
        self.take_in_boundaries(file, read.finest_at(level), sha256, settings)
    }

    /// Imports boundaries whose attributes follow no known scheme, by the names given. `names` says
    /// which attribute is the id, the name and so on.
    ///
    /// # Errors
    ///
    /// As [`import_boundaries`](Self::import_boundaries).
    pub fn import_named_boundaries(
        &mut self,
        file: &ImportFile<'_>,
        names: &NamedAttributes,
    ) -> Result<ImportReport> {
        let (bytes, sha256) = read_unpacked(file.path)?;
        let read = boundaries::read_named(bytes.as_slice(), names);
        let read = read.map_err(|e| foreign(file.path, e))?;
        self.take_in_boundaries(file, read, sha256, names.to_string())
    }

    /// Writes boundaries that were read; `settings` says by which attributes and at which level, so that
    /// a file that was read by wrong ones can be imported anew. The version is the latest day on which one of them is said
    /// to be valid, else the beginning of the hash.
    fn take_in_boundaries(
        &mut self,
        file: &ImportFile<'_>,
        read: boundaries::Reading,
        sha256: String,
        settings: String,
    ) -> Result<ImportReport> {
        let valid_on = read.boundaries.iter().filter_map(|boundary| boundary.valid_on).max();
        let level = read.boundaries.iter().map(|boundary| boundary.level).max();
        let usual = Source {
            id: format!("boundaries-{}", level.map_or("none", Level::as_str)),
            version: valid_on.map_or_else(|| sha256[..8].to_owned(), |day| day.to_string()),
            title: boundaries::FORMAT.publication.title.to_owned(),
            citation: if settings.starts_with("name=") {
                "as the publisher of the file asks".to_owned()
            } else {
                boundaries::FORMAT.publication.citation.to_owned()
            },
            licence: boundaries::FORMAT.publication.licence.to_owned(),
            url: String::new(),
            accessed: file.today,
            released: valid_on,
            preliminary: false,
            date_rule: None,
            coverage: Coverage::default(),
        };
        let reading = Reading {
            format: "boundaries",
            source: source_of(file, usual)?,
            sha256,
            rows_read: read.features_read,
            records_kept: read.boundaries.len() as u64,
            deaths_in: 0,
            deaths_kept: 0,
            diagnostics: read.diagnostics,
        };
        let table = || Ok(vec![("boundary", Payload::Table(boundary_table(&read.boundaries)?))]);
        let extras = ImportExtras { settings, ..ImportExtras::default() };
        self.writer()?.take_in_with(file, reading, extras, table)
    }

    /// The boundaries known on `as_of`: of each series the newest version. Nothing when there are
    /// none. Of versions that are equally new, the one imported last.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when a kept file is not as it was written.
    pub fn boundaries(&self, as_of: Option<NaiveDate>) -> Result<Option<Boundaries>> {
        let mut list = Vec::new();
        for snapshot in self.boundary_snapshots(as_of) {
            list.extend(self.read_boundaries(snapshot)?);
        }
        Ok((!list.is_empty()).then(|| Boundaries::new(list)))
    }

    /// The imports that [`boundaries`](Self::boundaries) reads.
    pub(crate) fn boundary_snapshots(&self, as_of: Option<NaiveDate>) -> Vec<&Snapshot> {
        let all: Vec<&Snapshot> = self.known("boundaries", as_of).collect();
        let newer = |one: &Snapshot, at: usize| {
            all.iter().enumerate().any(|(other, candidate)| {
                let order = candidate.source.precedence(&one.source);
                candidate.source.id == one.source.id
                    && (order.is_gt() || (order.is_eq() && other > at))
            })
        };
        let current = all.iter().enumerate().filter(|(at, one)| !newer(one, *at));
        current.map(|(_, snapshot)| *snapshot).collect()
    }

    /// The boundaries of one import.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when a column is missing or a shape cannot be read.
    fn read_boundaries(&self, snapshot: &Snapshot) -> Result<Vec<Boundary>> {
        let (path, batch) = self.record_table(snapshot, "boundary")?;
        let damaged = |problem: &str| Error::damaged(&path, problem);
        let text = |name: &str| {
            let column = batch.column_by_name(name).and_then(|c| c.as_string_opt::<i32>());
            column.ok_or_else(|| damaged("a column of text is missing"))
        };
        let (levels, ids, names, parents) =
            (text("level")?, text("place_id")?, text("place")?, text("within")?);
        let days = batch
            .column_by_name("valid_on")
            .and_then(|column| column.as_primitive_opt::<Date32Type>())
            .ok_or_else(|| damaged("the column valid_on is missing"))?;
        let shapes = batch
            .column_by_name("wkb")
            .and_then(|column| column.as_binary_opt::<i32>())
            .ok_or_else(|| damaged("the column wkb is missing"))?;
        (0..batch.num_rows())
            .map(|row| {
                let some = |column: &datafusion::arrow::array::StringArray| {
                    column.is_valid(row).then(|| column.value(row).to_owned())
                };
                Ok(Boundary {
                    level: levels.value(row).parse().map_err(|e| Error::damaged(&path, e))?,
                    id: ids.value(row).to_owned(),
                    name: names.value(row).to_owned(),
                    parent: some(parents),
                    valid_on: days.is_valid(row).then(|| number_day(days.value(row))),
                    shape: decode_wkb(shapes.value(row)).map_err(|e| Error::damaged(&path, e))?,
                })
            })
            .collect()
    }

    /// The distinct locations of a snapshot of violence. A missing coordinate is NaN.
    pub(crate) fn locations(&self, snapshot: &Snapshot) -> Result<Vec<LocationRow>> {
        let (path, batch) = self.record_table(snapshot, "location")?;
        let column = |name: &str| {
            let missing = || Error::damaged(&path, format!("the column {name} is missing"));
            batch.column_by_name(name).ok_or_else(missing)
        };
        let other = |name: &str| Error::damaged(&path, format!("{name} is of another type"));
        let text = |name: &str| column(name)?.as_string_opt::<i32>().ok_or_else(|| other(name));
        let degree =
            |name: &str| column(name)?.as_primitive_opt::<Float64Type>().ok_or_else(|| other(name));
        let ids = column("location_id")?.as_primitive_opt::<Int64Type>();
        let ids = ids.ok_or_else(|| other("location_id"))?;
        let countries = column("country_id")?.as_primitive_opt::<Int32Type>();
        let countries = countries.ok_or_else(|| other("country_id"))?;
        let precisions = column("where_prec")?.as_primitive_opt::<UInt8Type>();
        let precisions = precisions.ok_or_else(|| other("where_prec"))?;
        let (north, east) = (degree("latitude")?, degree("longitude")?);
        let (adm1, adm2, place) = (text("adm1")?, text("adm2")?, text("place_id")?);
        let degrees = |column: &datafusion::arrow::array::Float64Array, row| {
            if column.is_valid(row) { column.value(row) } else { f64::NAN }
        };
        let row = |row| LocationRow {
            id: ids.value(row),
            country_id: countries.value(row),
            adm1: adm1.value(row).to_owned(),
            adm2: adm2.value(row).to_owned(),
            where_prec: precisions.value(row),
            latitude: degrees(north, row),
            longitude: degrees(east, row),
            place_id: place.is_valid(row).then(|| place.value(row).to_owned()),
        };
        Ok((0..batch.num_rows()).map(row).collect())
    }
}

/// Boundaries as a table: `level`, `place_id`, `place`, `within`, `valid_on`, `wkb`.
fn boundary_table(list: &[Boundary]) -> Result<RecordBatch> {
    let shapes: Vec<Vec<u8>> = list.iter().map(|boundary| encode_wkb(&boundary.shape)).collect();
    let shapes = BinaryArray::from_iter_values(shapes);
    Columns::default()
        .text("level", list.iter().map(|boundary| Some(boundary.level.as_str())))
        .text("place_id", list.iter().map(|boundary| Some(&boundary.id)))
        .text("place", list.iter().map(|boundary| Some(&boundary.name)))
        .text("within", list.iter().map(|boundary| boundary.parent.as_ref()))
        .date("valid_on", list.iter().map(|b| b.valid_on.map(day_number)).collect::<Vec<_>>())
        .add("wkb", Arc::new(shapes))
        .finish()
}
