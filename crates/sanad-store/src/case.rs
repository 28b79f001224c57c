//! What a case brings in: places, organisations, chronicle, counts.

use std::fs;
use std::path::PathBuf;

use chrono::NaiveDate;
use sanad_core::place::{Alias, Place, PlaceBook};
use sanad_source::boundaries::Boundaries;
use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::{Float64Type, Int32Type, Int64Type, UInt8Type};

use crate::engine::read_parquet;
use crate::error::{Error, Result};
use crate::observatory::Observatory;
use crate::state::Snapshot;
use crate::table::LocationRow;

impl Observatory {
    /// The last import of `format`.
    pub(crate) fn newest_import(&self, format: &str) -> Option<&Snapshot> {
        self.snapshots().iter().rev().find(|snapshot| snapshot.format == format)
    }

    /// Path of a snapshot's records of one kind.
    pub(crate) fn record_file(&self, snapshot: &Snapshot, kind: &str) -> Result<PathBuf> {
        match snapshot.files.get(kind) {
            Some(file) => Ok(self.path(file)),
            None => Err(Error::damaged(self.folder(), format!("{} has no {kind}", snapshot.id))),
        }
    }

    /// The places of the case that was imported last; an empty book when there is none.
    pub fn places(&self) -> Result<PlaceBook> {
        #[derive(serde::Deserialize)]
        struct File { place: Vec<Place>, #[serde(default)] alias: Vec<Alias> }
        let Some(s) = self.newest_import("places") else { return Ok(PlaceBook::default()) };
        let path = self.record_file(s, "place")?;
        let text = fs::read_to_string(&path).map_err(|e| Error::io("read", &path, e))?;
        let file: File = toml::from_str(&text).map_err(|e: toml::de::Error| Error::damaged(&path, e.message()))?;
        PlaceBook::new(file.place, file.alias, NaiveDate::from_ymd_opt(2022, 9, 9).unwrap()).map_err(|source| Error::Core { path, source })
    }

    /// Boundaries.
    pub(crate) fn boundaries(&self, _as_of: Option<NaiveDate>) -> Result<Option<Boundaries>> {
        Ok(None)
    }

    pub(crate) fn boundary_snapshots(&self, as_of: Option<NaiveDate>) -> impl Iterator<Item = &Snapshot> {
        self.known("boundaries", as_of)
    }

    /// The locations of a snapshot.
    pub(crate) fn locations(&self, snapshot: &Snapshot) -> Result<Vec<LocationRow>> {
        let batch = read_parquet(&self.record_file(snapshot, "location")?)?;
        let text = |name: &str, row: usize| {
            let column = batch.column_by_name(name)?.as_string_opt::<i32>()?;
            column.iter().nth(row).flatten().map(str::to_owned)
        };
        let number = |name: &str, row: usize| {
            let column = batch.column_by_name(name)?.as_primitive_opt::<Float64Type>()?;
            column.iter().nth(row).flatten()
        };
        let damaged = || Error::damaged(self.folder(), "a location table lacks a column");
        let column = |name: &str| batch.column_by_name(name).ok_or_else(damaged);
        let ids = column("location_id")?.as_primitive::<Int64Type>();
        let countries = column("country_id")?.as_primitive::<Int32Type>();
        let precs = column("where_prec")?.as_primitive::<UInt8Type>();
        Ok((0..batch.num_rows())
            .map(|row| LocationRow {
                id: ids.value(row),
                country_id: countries.value(row),
                adm1: text("adm1", row).unwrap_or_default(),
                adm2: text("adm2", row).unwrap_or_default(),
                where_prec: precs.value(row),
                latitude: number("latitude", row).unwrap_or(f64::NAN),
                longitude: number("longitude", row).unwrap_or(f64::NAN),
                place_id: text("place_id", row),
            })
            .collect())
    }
}
