//! Tables that follow from others: computed once, kept under the hash of all they follow from.
//!
//! A folder under the key of a manifest holds the tables and, written last, `manifest.toml` with
//! the hash of each. A folder without it, or with a file of other bytes, does not count. Readers
//! write here without a lock: two that compute the same write the same bytes, and each file appears
//! whole by a rename.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::Schema;
use serde::{Deserialize, Serialize};

use crate::durable;
use crate::engine::read_parquet;
use crate::error::{Error, Result};
use crate::hash::{Digest, sha256};
use crate::observatory::Observatory;
use crate::shelf::Shelf;
use crate::table::write_parquet;
use crate::verify::{VerifiedFiles, check_file};

/// What a result was computed from, so that it can be traced and need not be computed again. It is
/// also in the metadata of every kept file, under `sanad.manifest`, so that a file says where it
/// comes from when it has left the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// What was computed. A short name such as `panel-adm1`; it begins the key.
    pub name: String,
    /// SHA-256 of the plan by which it was computed: its SQL, and the version of the rules by
    /// which the tables that it names are made.
    pub plan: String,
    /// Settings, as `word=value`. Of the request; the order of the words is fixed, since it is
    /// hashed.
    pub settings: String,
    /// Snapshots by id. All whose records, places or boundaries decide the result, in a fixed
    /// order.
    pub inputs: Vec<String>,
    /// Version of the program. A newer program computes its results anew.
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

    /// The manifest as it stands in files. `path` is the file's, for the error.
    fn to_toml(&self, path: &Path) -> Result<String> {
        toml::to_string(self).map_err(|e| Error::damaged(path, e))
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

/// A manifest as it is kept: with what the bytes of its tables must be. The file `manifest.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KeptManifest {
    #[serde(flatten)]
    manifest: Manifest,
    /// Digests by name of table.
    tables: BTreeMap<String, Digest>,
}

/// What is kept of computed tables, and the folder's name for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeptKind {
    /// Tables that plans use.
    Derived,
    /// Results that are shown.
    Results,
    /// Answers to whole questions, each with its notes.
    Answers,
}

impl KeptKind {
    /// The folder's name below the observatory or the cache.
    const fn folder(self) -> &'static str {
        match self {
            Self::Derived => "derived",
            Self::Results => "results",
            Self::Answers => "answers",
        }
    }
}

/// A computed table as it will be read from its kept file: with the manifest in its metadata, so that
/// whoever exports it gets the same bytes the first time and later.
fn with_manifest(table: &RecordBatch, manifest: &Manifest) -> Result<RecordBatch> {
    let text = manifest.to_toml(Path::new(MANIFEST))?;
    let schema = table.schema();
    let mut metadata = schema.metadata().clone();
    metadata.insert(MANIFEST_NOTE.to_owned(), text);
    let schema = Schema::new_with_metadata(schema.fields().clone(), metadata);
    Ok(RecordBatch::try_new(Arc::new(schema), table.columns().to_vec())?)
}

/// Writes tables into a folder, each with the manifest as metadata, and the manifest after them.
///
/// # Errors
///
/// [`Error::Io`] when a file cannot be written.
fn write_tables(
    folder: &Path,
    manifest: &Manifest,
    tables: &[(String, RecordBatch)],
) -> Result<()> {
    let path = folder.join(MANIFEST);
    let text = manifest.to_toml(&path)?;
    let notes = [(MANIFEST_NOTE, text.as_str())];
    let mut kept = KeptManifest { manifest: manifest.clone(), tables: BTreeMap::new() };
    for (name, table) in tables {
        let digest = write_parquet(&table_path(folder, name), table, &notes)?;
        kept.tables.insert(name.clone(), digest);
    }
    let text = toml::to_string(&kept).map_err(|e| Error::damaged(&path, e))?;
    durable::replace_bytes(&path, text.as_bytes()).map(drop)
}

/// The file that makes a folder of tables count.
const MANIFEST: &str = "manifest.toml";

/// What a file of a kept table calls the manifest that it carries.
pub(crate) const MANIFEST_NOTE: &str = "sanad.manifest";

/// The name of the one table of a result.
const TABLE: &str = "table";

/// Where the table `name` of a kept folder is.
pub(crate) fn table_path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.parquet"))
}

/// The manifest of a folder; nothing where it is missing or cannot be read.
fn read_manifest(folder: &Path) -> Option<KeptManifest> {
    let text = fs::read_to_string(folder.join(MANIFEST)).ok()?;
    toml::from_str(&text).ok()
}

/// Keeps tables and then their manifest, which makes them count. Gives the folder they are in.
pub(crate) fn keep(
    shelf: &Shelf,
    kind: KeptKind,
    manifest: &Manifest,
    tables: &[(String, RecordBatch)],
) -> Result<PathBuf> {
    let folder = Path::new(kind.folder()).join(manifest.key());
    shelf.keep(&folder, |folder| write_tables(folder, manifest, tables))
}

/// The folder in which tables of this manifest are kept, whole and as they were written. The
/// observatory is looked at before the user's cache. A folder of the same name whose manifest says
/// something else does not count.
pub(crate) fn find_kept(
    shelf: &Shelf,
    verified: &VerifiedFiles,
    kind: KeptKind,
    manifest: &Manifest,
    names: &[String],
) -> Option<PathBuf> {
    let places = shelf.places().into_iter();
    let mut folders = places.map(|place| place.join(kind.folder()).join(manifest.key()));
    folders.find(|folder| {
        read_manifest(folder).is_some_and(|kept| {
            kept.manifest == *manifest
                && names.iter().all(|name| is_kept(verified, folder, &kept, name))
        })
    })
}

/// Whether a table of a kept folder is there, as it was written.
fn is_kept(verified: &VerifiedFiles, folder: &Path, kept: &KeptManifest, name: &str) -> bool {
    let digest = kept.tables.get(name);
    digest.is_some_and(|digest| verified.check(&table_path(folder, name), digest).is_ok())
}

impl Observatory {
    /// The folder in which tables of this manifest are kept, whole and as they were written.
    fn find_kept(&self, kind: KeptKind, manifest: &Manifest, names: &[String]) -> Option<PathBuf> {
        find_kept(self.shelf(), self.verified(), kind, manifest, names)
    }

    /// Paths of derived tables; `compute` runs only when one of them is missing or is not as it was
    /// written. `compute` gives the tables in the order of `names`.
    ///
    /// # Errors
    ///
    /// What `compute` gives; [`Error::Io`] when they cannot be kept.
    pub(crate) fn derived(
        &self,
        manifest: &Manifest,
        names: &[String],
        compute: impl FnOnce() -> Result<Vec<RecordBatch>>,
    ) -> Result<Vec<PathBuf>> {
        let folder = match self.find_kept(KeptKind::Derived, manifest, names) {
            Some(folder) => folder,
            None => {
                let tables: Vec<_> = names.iter().cloned().zip(compute()?).collect();
                keep(self.shelf(), KeptKind::Derived, manifest, &tables)?
            }
        };
        Ok(names.iter().map(|name| table_path(&folder, name)).collect())
    }

    /// A result kept under `results/`; `compute` runs only when it is not there or is not as it was
    /// written. Where the observatory cannot be written to, it is kept in the user's cache folder.
    /// The records that it follows from are checked first, each once in a session.
    ///
    /// # Errors
    ///
    /// What `compute` gives, [`Error::Io`] when the result cannot be written, and
    /// [`Error::Damaged`] when a record that the result follows from is gone or damaged: a number
    /// without its records could not be traced.
    pub fn result(
        &self,
        manifest: &Manifest,
        compute: impl FnOnce() -> Result<RecordBatch>,
    ) -> Result<RecordBatch> {
        self.check_records(&manifest.inputs)?;
        let names = [TABLE.to_owned()];
        // Nothing is lost with a result: what cannot be read is computed again.
        if let Some(folder) = self.find_kept(KeptKind::Results, manifest, &names)
            && let Ok(batch) = read_parquet(&table_path(&folder, TABLE))
        {
            return Ok(batch);
        }
        let table = (TABLE.to_owned(), compute()?);
        keep(self.shelf(), KeptKind::Results, manifest, core::slice::from_ref(&table))?;
        with_manifest(&table.1, manifest)
    }

    /// Where the table of a kept result is.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when it is not there: call it after [`result`](Self::result).
    pub(crate) fn result_file(&self, manifest: &Manifest) -> Result<PathBuf> {
        let folder = self.find_kept(KeptKind::Results, manifest, &[TABLE.to_owned()]);
        let missing = || Error::damaged(self.folder(), "a result is gone that was kept just now");
        folder.map(|folder| table_path(&folder, TABLE)).ok_or_else(missing)
    }

    /// Refuses inputs of which a file is gone or damaged. Names that are no snapshot of the
    /// observatory are passed over.
    pub(crate) fn check_records(&self, inputs: &[String]) -> Result<()> {
        let named = self.snapshots().iter().filter(|snapshot| inputs.contains(&snapshot.id));
        let mut files = named.flat_map(|snapshot| snapshot.files.values().flatten());
        files.try_for_each(|file| self.sound_file(file).map(drop))
    }

    /// The results that are kept, with the path of each table, in order of their keys. A result
    /// that is not as it was written does not count: it is computed again when it is asked for.
    /// Nor does one of an earlier program that named its results by another rule.
    ///
    /// # Errors
    ///
    /// None today; what can go wrong with one result does not keep others from being listed.
    pub fn results(&self) -> Result<Vec<(Manifest, PathBuf)>> {
        let mut found = BTreeMap::new();
        for folder in self.kept_folders(KeptKind::Results) {
            let Some(kept) = read_manifest(&folder) else { continue };
            let key = kept.manifest.key();
            let named = folder.file_name().is_some_and(|name| *name == *key);
            if named && is_kept(self.verified(), &folder, &kept, TABLE) {
                found.entry(key).or_insert((kept.manifest, table_path(&folder, TABLE)));
            }
        }
        Ok(found.into_values().collect())
    }

    /// Folders of one kind in the observatory and the user's cache; nothing where there are none.
    fn kept_folders(&self, kind: KeptKind) -> Vec<PathBuf> {
        let places = self.shelf().places().into_iter().map(|place| place.join(kind.folder()));
        let entries = places.flat_map(|place| fs::read_dir(place).into_iter().flatten().flatten());
        entries.map(|entry| entry.path()).collect()
    }

    /// Folders of computed tables in the observatory that are not as they were written, or that no
    /// manifest describes.
    pub(crate) fn broken_folders(&self) -> Vec<PathBuf> {
        let here = [KeptKind::Derived, KeptKind::Results, KeptKind::Answers]
            .into_iter()
            .flat_map(|kind| self.kept_folders(kind));
        let broken = |folder: &PathBuf| {
            read_manifest(folder).is_none_or(|kept| {
                kept.tables
                    .iter()
                    .any(|(name, digest)| check_file(&table_path(folder, name), digest).is_err())
            })
        };
        here.filter(|folder| folder.starts_with(self.folder())).filter(broken).collect()
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
