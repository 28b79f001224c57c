//! Merging the files of many small imports, and removing what nothing needs any more.
//!
//! A daily import of a few rows is a file of its own, and a plan opens each. Merged files hold the
//! rows of several imports; a row says in its first columns whose it is, so that each import still
//! has its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::Schema;

use crate::engine::read_parquet;
use crate::error::Result;
use crate::hash::sha256;
use crate::observatory::{Observatory, Writer};
use crate::pointer::SHORT;
use crate::records::place;
use crate::snapshot::{RecordFile, Snapshot};
use crate::state::LAYOUT;
use crate::table::write_parquet;

/// A file below this size is small. 1 MiB.
const SMALL_BYTES: u64 = 1 << 20;

/// Small files are merged into files of about this size. 32 MiB.
const MERGED_BYTES: u64 = 32 << 20;

/// As many small files of one kind and series make an import merge them. Fewer are left alone by an
/// import; [`Observatory::compact`] merges them from two on.
const DUE: usize = 64;

/// What a compaction did. Counted over the whole folder, computed tables included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compaction {
    /// Files in the observatory's folder before.
    pub files_before: u64,
    /// Files after.
    pub files_after: u64,
    /// Bytes in the observatory's folder before.
    pub bytes_before: u64,
    /// Bytes after.
    pub bytes_after: u64,
}

/// Small files by kind and series.
type Groups = BTreeMap<(String, String), Vec<RecordFile>>;

/// Files whose tables have the same columns.
struct Alike<'a> {
    files: Vec<&'a RecordFile>,
    tables: Vec<RecordBatch>,
}

impl Observatory {
    /// Merges the record files of small imports, brings an observatory of the first layout to the
    /// present one, and removes earlier states and files that nothing names. What every import
    /// holds stays as it is: each keeps its rows, its card and its day.
    ///
    /// A program that has the observatory open has to open it again.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`](crate::Error::Damaged) when a file is not as it was written; nothing is
    /// then removed. [`Error::Busy`](crate::Error::Busy) when another process is writing. Every
    /// file is checked before and after.
    pub fn compact(&mut self) -> Result<Compaction> {
        let mut writer = self.writer()?;
        let folder = writer.observatory().folder().to_owned();
        let (files_before, bytes_before) = size_of(&folder);
        writer.check_all()?;
        writer.stamp_all()?;
        writer.merge(2)?;
        writer.check_all()?;
        writer.forget();
        let (files_after, bytes_after) = size_of(&folder);
        Ok(Compaction { files_before, files_after, bytes_before, bytes_after })
    }
}

impl Writer<'_> {
    /// Merges small files once there are many. An import that was published stays published when
    /// this fails; the next one tries again.
    pub(crate) fn compact_when_due(&mut self) {
        let _ = self.merge(DUE);
    }

    /// Checks every file of records against its hash, each once in a session.
    fn check_all(&self) -> Result<()> {
        let files = self.observatory().snapshots().iter().flat_map(|one| one.files.values());
        files.flatten().try_for_each(|file| self.observatory().sound_file(file).map(drop))
    }

    /// Writes tables again that do not say in their rows where they come from, and gives the state
    /// the present layout. They are those of the first layout.
    fn stamp_all(&mut self) -> Result<()> {
        let mut snapshots = self.observatory().snapshots().to_vec();
        let mut changed = BTreeSet::new();
        for (position, snapshot) in snapshots.iter_mut().enumerate() {
            let old =
                |files: &Vec<RecordFile>| files.iter().any(|file| file.is_table() && !file.stamped);
            let kinds: Vec<String> = snapshot
                .files
                .iter()
                .filter(|(_, files)| old(files))
                .map(|file| file.0.clone())
                .collect();
            for kind in kinds {
                let (_, table) = self.observatory().record_table(snapshot, &kind)?;
                let files = self.write_records(&snapshot.id, &kind, table, &snapshot.source)?;
                snapshot.files.insert(kind, files);
                changed.insert(position);
            }
        }
        if changed.is_empty() && self.observatory().state().layout == LAYOUT {
            return Ok(());
        }
        // Cards of the first layout say less.
        let all = snapshots.iter().map(|snapshot| snapshot.id.clone()).collect();
        self.replace(snapshots, &all)
    }

    /// Merges the small files of each kind and series of which there are at least `due`. The old
    /// files stay until nothing names them.
    fn merge(&mut self, due: usize) -> Result<()> {
        let mut snapshots = self.observatory().snapshots().to_vec();
        let mut merged: BTreeMap<PathBuf, RecordFile> = BTreeMap::new();
        for ((kind, series), files) in small_files(&snapshots) {
            if files.len() < due {
                continue;
            }
            for batch in batches(files) {
                self.merge_files(&kind, &series, &batch, &mut merged)?;
            }
        }
        if merged.is_empty() {
            return Ok(());
        }
        let mut changed = BTreeSet::new();
        for snapshot in &mut snapshots {
            if put_merged(snapshot, &merged) {
                changed.insert(snapshot.id.clone());
            }
        }
        self.replace(snapshots, &changed)
    }

    /// Merges files of equal columns into one; where columns differ, into several.
    fn merge_files(
        &mut self,
        kind: &str,
        series: &str,
        files: &[RecordFile],
        merged: &mut BTreeMap<PathBuf, RecordFile>,
    ) -> Result<()> {
        let mut alike: Vec<Alike<'_>> = Vec::new();
        for file in files {
            let table = read_parquet(&self.observatory().sound_file(file)?)?;
            let fields = |other: &RecordBatch| other.schema().fields() == table.schema().fields();
            match alike.iter_mut().find(|group| group.tables.first().is_some_and(fields)) {
                Some(group) => {
                    group.files.push(file);
                    group.tables.push(table);
                }
                None => alike.push(Alike { files: vec![file], tables: vec![table] }),
            }
        }
        for group in alike.iter().filter(|group| group.files.len() > 1) {
            let file = self.write_merged(kind, series, &group.files, &group.tables)?;
            merged.extend(group.files.iter().map(|old| (old.path.clone(), file.clone())));
        }
        Ok(())
    }

    /// Writes the rows of several files of equal columns as one, under a name made of their hashes;
    /// the years are those that all of them span.
    fn write_merged(
        &mut self,
        kind: &str,
        series: &str,
        files: &[&RecordFile],
        tables: &[RecordBatch],
    ) -> Result<RecordFile> {
        let hashes = files.iter().filter_map(|file| file.digest.as_ref());
        let hashes: Vec<&str> = hashes.map(|digest| digest.sha256.as_str()).collect();
        let name = format!("merged-{}.parquet", &sha256(hashes.join(" ").as_bytes())[..SHORT]);
        let years = files.iter().filter_map(|file| file.years);
        let years = years.reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])]);
        let path = place(kind, series, years, &name);
        // Without the metadata of the first file, which concerns one source alone.
        let schema = Arc::new(Schema::new(tables[0].schema().fields().clone()));
        let tables = tables
            .iter()
            .map(|table| RecordBatch::try_new(Arc::clone(&schema), table.columns().to_vec()));
        let table = concat_batches(&schema, &tables.collect::<core::result::Result<Vec<_>, _>>()?)?;
        let notes = self.notes(files);
        let notes: Vec<(&str, &str)> =
            notes.iter().map(|(key, value)| (*key, value.as_str())).collect();
        self.staged(path.clone());
        let digest = write_parquet(&self.observatory().path(&path), &table, &notes)?;
        Ok(RecordFile { path, digest: Some(digest), years, stamped: true, shared: true })
    }

    /// The cards of all sources in a merged file, as its metadata. Each entry lists what the
    /// sources say, once each.
    fn notes(&self, files: &[&RecordFile]) -> Vec<(&'static str, String)> {
        let snapshots = self.observatory().snapshots();
        let holds = |snapshot: &&Snapshot| {
            let mut own = snapshot.files.values().flatten();
            own.any(|file| files.iter().any(|merged| merged.path == file.path))
        };
        let sources: Vec<_> = snapshots.iter().filter(holds).map(|one| &one.source).collect();
        let distinct = |values: Vec<String>| {
            let values: BTreeSet<String> = values.into_iter().collect();
            values.into_iter().collect::<Vec<_>>().join("; ")
        };
        vec![
            ("sanad.source", distinct(sources.iter().map(|one| one.label()).collect())),
            ("sanad.citation", distinct(sources.iter().map(|one| one.citation.clone()).collect())),
            ("sanad.licence", distinct(sources.iter().map(|one| one.licence.clone()).collect())),
            ("sanad.url", distinct(sources.iter().map(|one| one.url.clone()).collect())),
        ]
    }

    /// Removes states but the newest, and every file that it does not name. Also what was moved
    /// aside, and empty folders.
    fn forget(&self) {
        let folder = self.observatory().folder();
        self.observatory().state().prune(folder, 1);
        self.sweep();
        self.clear_aside(0);
        remove_empty(&folder.join("records"));
    }
}

/// Small tables by kind and series, in the order of their imports, each once. Files without the
/// columns that say whose a row is are left out.
fn small_files(snapshots: &[Snapshot]) -> Groups {
    let mut groups = Groups::new();
    let mut seen = BTreeSet::new();
    for snapshot in snapshots {
        for (kind, files) in &snapshot.files {
            let small = |file: &&RecordFile| {
                file.stamped
                    && file.digest.as_ref().is_some_and(|digest| digest.bytes < SMALL_BYTES)
            };
            for file in files.iter().filter(small) {
                if seen.insert(&file.path) {
                    let group = groups.entry((kind.clone(), snapshot.source.id.clone()));
                    group.or_default().push(file.clone());
                }
            }
        }
    }
    groups
}

/// Files in stretches of about [`MERGED_BYTES`].
fn batches(files: Vec<RecordFile>) -> Vec<Vec<RecordFile>> {
    let mut all = vec![Vec::new()];
    let mut bytes = 0;
    for file in files {
        let size = file.digest.as_ref().map_or(0, |digest| digest.bytes);
        if bytes + size > MERGED_BYTES {
            all.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        if let Some(last) = all.last_mut() {
            last.push(file);
        }
    }
    all
}

/// Puts merged files in the place of those they were made of; whether any was.
fn put_merged(snapshot: &mut Snapshot, merged: &BTreeMap<PathBuf, RecordFile>) -> bool {
    let mut changed = false;
    for files in snapshot.files.values_mut() {
        for file in files.iter_mut() {
            if let Some(new) = merged.get(&file.path) {
                *file = new.clone();
                changed = true;
            }
        }
        files.dedup();
    }
    changed
}

/// Files below a folder and their bytes. What cannot be looked at counts as nothing.
fn size_of(folder: &Path) -> (u64, u64) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.fold((0, 0), |(files, bytes), entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => {
            let (more, larger) = size_of(&entry.path());
            (files + more, bytes + larger)
        }
        Ok(metadata) => (files + 1, bytes + metadata.len()),
        Err(_) => (files, bytes),
    })
}

/// Removes folders that hold nothing.
fn remove_empty(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            remove_empty(&entry.path());
            // A folder that holds something stays.
            let _ = fs::remove_dir(entry.path());
        }
    }
}
