//! The files of a snapshot's records, checked before they are read. Every reader of records comes
//! through here, so that none sees bytes that are not those that were written.

use std::path::{Path, PathBuf};

use datafusion::arrow::array::{AsArray, BooleanArray, RecordBatch, StringArray};
use datafusion::arrow::compute::{concat_batches, filter_record_batch};

use crate::engine::read_parquet;
use crate::error::{Error, Result};
use crate::observatory::Observatory;
use crate::records::PROVENANCE;
use crate::snapshot::{RecordFile, Snapshot};
use crate::verify::MISSING;

impl Observatory {
    /// Path of a file of records that is as it was written. Each file is hashed once in a session.
    /// Of the first layout, which has no hashes, it is enough that the file is there.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when it is gone or other than it was written.
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
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when it has none of that kind.
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
    /// path is that of the first file, for messages. Rows are in the order of the file that was
    /// imported, but that events of many years are year by year.
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

/// The rows of one snapshot in a file that several share. All rows of a file that is the snapshot's
/// own.
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

/// The table without its first columns, where they say whose a row is.
fn without_provenance(table: &RecordBatch, file: &RecordFile) -> Result<RecordBatch> {
    if !file.stamped {
        return Ok(table.clone());
    }
    let kept: Vec<usize> = (PROVENANCE.len()..table.num_columns()).collect();
    Ok(table.project(&kept)?)
}
