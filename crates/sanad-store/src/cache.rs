//! Tables that follow from others: computed once, kept under the hash of all they follow from.

use std::fs;
use std::path::PathBuf;

use datafusion::arrow::array::RecordBatch;
use serde::{Deserialize, Serialize};

use crate::durable;
use crate::engine::{is_parquet, read_parquet};
use crate::error::{Error, Result};
use crate::hash::sha256;
use crate::observatory::Observatory;
use crate::table::write_parquet;

/// What a result was computed from, so that it can be traced and need not be computed again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// What was computed.
    pub name: String,
    /// Settings in words.
    pub settings: String,
    /// Snapshots by id.
    pub inputs: Vec<String>,
    /// Version of the program.
    pub program: String,
}

impl Manifest {
    /// A manifest of this version of the program.
    #[must_use]
    pub fn new(name: &str, settings: String, inputs: Vec<String>) -> Self {
        let program = format!("sanad {}", env!("CARGO_PKG_VERSION"));
        Self { name: name.to_owned(), settings, inputs, program }
    }

    /// The name under which the result is kept: its name and the hash of all it follows from.
    #[must_use]
    pub fn key(&self) -> String {
        let text = format!("{self:?}");
        format!("{}-{}", self.name, &sha256(text.as_bytes())[..16])
    }
}

impl Observatory {
    fn derived_path(&self, key: &str, table: &str) -> PathBuf {
        self.folder().join("derived").join(key).join(format!("{table}.parquet"))
    }

    /// Paths of derived tables; `compute` runs only when one of them is missing or is no Parquet
    /// file any more.
    pub(crate) fn derived(
        &self,
        manifest: &Manifest,
        tables: &[String],
        compute: impl FnOnce() -> Result<Vec<RecordBatch>>,
    ) -> Result<Vec<PathBuf>> {
        let key = manifest.key();
        let paths: Vec<PathBuf> =
            tables.iter().map(|table| self.derived_path(&key, table)).collect();
        if !paths.iter().all(|path| is_parquet(path)) {
            for (path, batch) in paths.iter().zip(compute()?) {
                write_parquet(path, &batch, &[])?;
            }
        }
        Ok(paths)
    }

    /// A result kept under `results/`; `compute` runs only when it is not there or cannot be
    /// read any more.
    ///
    /// # Errors
    ///
    /// What `compute` gives, and [`Error::Io`] when the result cannot be written.
    pub fn result(
        &self,
        manifest: &Manifest,
        compute: impl FnOnce() -> Result<RecordBatch>,
    ) -> Result<RecordBatch> {
        let folder = self.folder().join("results").join(manifest.key());
        let table = folder.join("table.parquet");
        // Nothing is lost with a result: what cannot be read is computed again.
        if table.is_file()
            && let Ok(batch) = read_parquet(&table)
        {
            return Ok(batch);
        }
        let batch = compute()?;
        let path = folder.join("manifest.toml");
        let text = toml::to_string(manifest).map_err(|e| Error::damaged(&path, e))?;
        durable::replace_bytes(&path, text.as_bytes())?;
        // The table last: a result without its manifest would have no chain.
        write_parquet(&table, &batch, &[("sanad.manifest", &text)])?;
        Ok(batch)
    }

    /// The results that are kept, with the path of each table, in order of their keys. A result
    /// that cannot be read any more does not count: it is computed again when it is asked for.
    ///
    /// # Errors
    ///
    /// None today; what can go wrong with one result does not keep others from being listed.
    pub fn results(&self) -> Result<Vec<(Manifest, PathBuf)>> {
        let folder = self.folder().join("results");
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let mut found = Vec::new();
        for entry in entries.map(|entry| entry.path()) {
            let (path, table) = (entry.join("manifest.toml"), entry.join("table.parquet"));
            let text = fs::read_to_string(&path).unwrap_or_default();
            if let Ok(manifest) = toml::from_str(&text)
                && is_parquet(&table)
            {
                found.push((manifest, table));
            }
        }
        found.sort_by_key(|(manifest, _): &(Manifest, PathBuf)| manifest.key());
        Ok(found)
    }
}
