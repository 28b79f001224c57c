//! Whether files are as they were written, and the records in them.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::AsArray;
use datafusion::arrow::array::{BooleanArray, RecordBatch, StringArray};
use datafusion::arrow::compute::{concat_batches, filter_record_batch};

use crate::engine::read_parquet;
use crate::error::{Error, Result};
use crate::hash::Digest;
use crate::observatory::Observatory;
use crate::snapshot::{RecordFile, Snapshot};

/// Files that were found to be as they were written. Clones of an observatory share it, so that a
/// file is read for its hash once in a session.
#[derive(Debug, Clone, Default)]
pub(crate) struct Verified(Arc<Mutex<BTreeSet<(PathBuf, String)>>>);

impl Verified {
    /// Checks a file unless this session did.
    pub(crate) fn check(&self, path: &Path, digest: &Digest) -> Result<()> {
        let key = (path.to_owned(), digest.sha256.clone());
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&key) {
            return if path.is_file() { Ok(()) } else { Err(Error::damaged(path, MISSING)) };
        }
        check_file(path, digest)?;
        // A thread that failed with the lock in its hand left the set as it was.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
        Ok(())
    }
}

const MISSING: &str = "it is missing";

/// Refuses a file whose bytes are not those that were written.
pub(crate) fn check_file(path: &Path, digest: &Digest) -> Result<()> {
    let file = File::open(path).map_err(|e| Error::kept(path, e))?;
    let found = Digest::from_reader(file).map_err(|e| Error::kept(path, e))?;
    if found.bytes != digest.bytes {
        let problem = format!("it has {} bytes, expected {}", found.bytes, digest.bytes);
        return Err(Error::damaged(path, problem));
    }
    if found.sha256 != digest.sha256 {
        return Err(Error::damaged(path, "its bytes changed after they were written"));
    }
    Ok(())
}

/// Columns at the beginning of every table of records: where a row comes from.
pub(crate) const PROVENANCE: [&str; 3] = ["source", "version", "snapshot"];

impl Observatory {
    /// Path of a file of records that is as it was written.
    pub(crate) fn sound_file(&self, file: &RecordFile) -> Result<PathBuf> {
        let path = self.path(&file.path);
        match &file.digest {
            Some(digest) => self.verified().check(&path, digest)?,
            None if path.is_file() => {}
            None => return Err(Error::damaged(&path, MISSING)),
        }
        Ok(path)
    }

    /// A snapshot's files of one kind.
    pub(crate) fn record_files<'a>(
        &self,
        snapshot: &'a Snapshot,
        kind: &str,
    ) -> Result<&'a [RecordFile]> {
        let missing = || Error::damaged(self.folder(), format!("{} has no {kind}", snapshot.id));
        snapshot.files.get(kind).map(Vec::as_slice).ok_or_else(missing)
    }

    /// Path of a snapshot's only file of a kind that is kept as it came.
    pub(crate) fn record_path(&self, snapshot: &Snapshot, kind: &str) -> Result<PathBuf> {
        let files = self.record_files(snapshot, kind)?;
        let missing = || Error::damaged(self.folder(), format!("{} has no {kind}", snapshot.id));
        self.sound_file(files.first().ok_or_else(missing)?)
    }

    /// A snapshot's records of one kind, without the columns that say where they come from; the
    /// path is that of the first file, for messages.
    pub(crate) fn record_table(
        &self,
        snapshot: &Snapshot,
        kind: &str,
    ) -> Result<(PathBuf, RecordBatch)> {
        let mut tables = Vec::new();
        let files = self.record_files(snapshot, kind)?;
        for file in files {
            let path = self.sound_file(file)?;
            let table = read_parquet(&path)?;
            tables.push(without_provenance(&of_snapshot(&path, table, file, snapshot)?, file)?);
        }
        let first = self.record_path(snapshot, kind)?;
        let schema = tables.first().map(RecordBatch::schema);
        let schema = schema.ok_or_else(|| Error::damaged(&first, "it holds no table"))?;
        Ok((first, concat_batches(&schema, &tables)?))
    }
}

/// The rows of one snapshot in a file that several share.
fn of_snapshot(
    path: &Path,
    table: RecordBatch,
    file: &RecordFile,
    snapshot: &Snapshot,
) -> Result<RecordBatch> {
    if !file.shared {
        return Ok(table);
    }
    let names = table.column_by_name("snapshot").and_then(|names| names.as_string_opt::<i32>());
    let names: &StringArray =
        names.ok_or_else(|| Error::damaged(path, "its rows do not say where they come from"))?;
    let here: BooleanArray =
        names.iter().map(|name| Some(name == Some(snapshot.id.as_str()))).collect();
    Ok(filter_record_batch(&table, &here)?)
}

fn without_provenance(table: &RecordBatch, file: &RecordFile) -> Result<RecordBatch> {
    if !file.stamped {
        return Ok(table.clone());
    }
    let kept: Vec<usize> = (PROVENANCE.len()..table.num_columns()).collect();
    Ok(table.project(&kept)?)
}
