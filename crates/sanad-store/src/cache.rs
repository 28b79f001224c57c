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
    /// SHA-256 of the plan by which it was computed: its SQL, and the version of the rules by
    /// which the tables that it names are made.
    pub plan: String,
    /// Settings, as `word=value`.
    pub settings: String,
    /// Snapshots by id.
    pub inputs: Vec<String>,
    /// Version of the program.
    pub program: String,
}

impl Manifest {
    /// A manifest of this version of the program. `plan` is the text of the plan, or a text that
    /// changes whenever the rules do.
    #[must_use]
    pub fn new(name: &str, plan: &str, settings: String, inputs: Vec<String>) -> Self {
        let program = format!("sanad {}", env!("CARGO_PKG_VERSION"));
        let plan = sha256(plan.as_bytes());
        Self { name: name.to_owned(), plan, settings, inputs, program }
    }

    /// The name under which the result is kept: its name and the hash of all it follows from.
    ///
    /// ```
    /// use sanad_store::Manifest;
    ///
    /// let manifest = |plan| Manifest::new("panel-adm1", plan, "unit=adm1".into(), vec![]);
    /// assert!(manifest("SELECT 1").key().starts_with("panel-adm1-"));
    /// assert_ne!(manifest("SELECT 1").key(), manifest("SELECT 2").key());
    /// ```
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}-{}", self.name, &sha256(self.text().as_bytes())[..16])
    }

    /// Everything that the result follows from as one text: a line per entry, with its length, so
    /// that no two manifests have the same text. Words and order are fixed here, because what is
    /// kept is found by them.
    fn text(&self) -> String {
        let entries = [
            ("name", &self.name),
            ("plan", &self.plan),
            ("settings", &self.settings),
            ("program", &self.program),
        ];
        let inputs = self.inputs.iter().map(|id| ("input", id));
        let lines = entries.into_iter().chain(inputs);
        lines.map(|(word, value)| format!("{word} {} {value}\n", value.len())).collect()
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
    /// What `compute` gives, [`Error::Io`] when the result cannot be written, and
    /// [`Error::Damaged`] when a record that the result follows from is gone: a number without
    /// its records could not be traced.
    pub fn result(
        &self,
        manifest: &Manifest,
        compute: impl FnOnce() -> Result<RecordBatch>,
    ) -> Result<RecordBatch> {
        self.check_records(&manifest.inputs)?;
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

    /// Refuses inputs of which a file is gone.
    fn check_records(&self, inputs: &[String]) -> Result<()> {
        let named = self.snapshots().iter().filter(|snapshot| inputs.contains(&snapshot.id));
        let files = named.flat_map(|snapshot| snapshot.files.values());
        let mut paths = files.map(|file| self.path(file));
        match paths.find(|path| !path.is_file()) {
            Some(path) => Err(Error::damaged(&path, "it is missing")),
            None => Ok(()),
        }
    }

    /// The results that are kept, with the path of each table, in order of their keys. A result
    /// that cannot be read any more does not count: it is computed again when it is asked for.
    /// Nor does one of an earlier program that named its results by another rule.
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
            let Ok(manifest) = toml::from_str::<Manifest>(&text) else { continue };
            let named = entry.file_name().is_some_and(|name| *name == *manifest.key());
            if named && is_parquet(&table) {
                found.push((manifest, table));
            }
        }
        found.sort_by_key(|(manifest, _): &(Manifest, PathBuf)| manifest.key());
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            name: "panel-adm1".to_owned(),
            plan: "p".to_owned(),
            settings: "unit=adm1 from=2020-01".to_owned(),
            inputs: vec!["a".to_owned(), "b".to_owned()],
            program: "sanad 0.1.0".to_owned(),
        }
    }

    #[test]
    fn the_key_is_made_of_words_that_the_names_of_fields_do_not_decide() {
        let text = "name 10 panel-adm1\nplan 1 p\nsettings 22 unit=adm1 from=2020-01\n\
                    program 11 sanad 0.1.0\ninput 1 a\ninput 1 b\n";
        assert_eq!(manifest().text(), text);
        assert_eq!(manifest().key(), format!("panel-adm1-{}", &sha256(text.as_bytes())[..16]));
    }

    #[test]
    fn every_entry_changes_the_key_and_none_can_pass_for_another() {
        let joined = vec!["a\ninput 1 b".to_owned()];
        let others = [
            Manifest { name: "panel-adm2".to_owned(), ..manifest() },
            Manifest { plan: "q".to_owned(), ..manifest() },
            Manifest { settings: "unit=adm1".to_owned(), ..manifest() },
            Manifest { inputs: vec!["b".to_owned(), "a".to_owned()], ..manifest() },
            Manifest { inputs: joined, ..manifest() },
            Manifest { program: "sanad 0.2.0".to_owned(), ..manifest() },
        ];
        let mut keys: Vec<String> = others.iter().chain([&manifest()]).map(Manifest::key).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), others.len() + 1);
    }
}
