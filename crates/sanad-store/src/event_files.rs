//! Events of a file of any length into files of records, part by part.
//!
//! What is held does not grow with the file: rows wait until they fill a row group, and never more than
//! [`WAITING_ROWS`] of events at once. What does grow is a number for each distinct location and a name for
//! each distinct side.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{RecordBatch, UInt64Array};
use datafusion::arrow::compute::{cast, concat_batches, take_record_batch};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use indexmap::IndexSet;
use rayon::prelude::*;
use sanad_core::diagnostic::{Diagnostic, Issue};
use sanad_core::event::{Events, Words};
use sanad_core::source::Source;
use sanad_source::ged::EventPart;

use crate::durable::UnfinishedFile;
use crate::error::Result;
use crate::import::spread_table;
use crate::records::{SPLIT_ROWS, place, rows_by_year, source_notes, stamped};
use crate::snapshot::{Files, RecordFile};
use crate::table::{
    GROUP_ROWS, GroupWriter, diagnostic_table, event_table, location_table, locations,
};

/// Rows of events that wait for their row group to be full, over all years together; then those of the year
/// with most are written as a smaller one. 524,288: some 70 MB, and at most as much again that lists hold in
/// reserve.
const WAITING_ROWS: usize = 1 << 19;

/// Remarks that are held beside being written: what a report shows.
const HELD_REMARKS: usize = 10_000;

/// Bytes of the buffer of each file; whole columns are written at once.
const BUFFER_BYTES: usize = 1 << 16;

/// Where files of an import go, and what is said in them.
struct ImportTarget {
    root: PathBuf,
    snapshot: String,
    source: Source,
}

/// A file of records that is not finished.
struct OpenFile {
    path: PathBuf,
    years: Option<[i32; 2]>,
    writer: GroupWriter<UnfinishedFile>,
}

impl OpenFile {
    /// Begins the file of rows with this schema.
    fn begin(
        target: &ImportTarget,
        kind: &str,
        years: Option<[i32; 2]>,
        schema: &SchemaRef,
    ) -> Result<Self> {
        let name = format!("{}.parquet", target.snapshot);
        let path = place(kind, &target.source.id, years, &name);
        let file = UnfinishedFile::create(&target.root.join(&path), BUFFER_BYTES)?;
        let none = RecordBatch::new_empty(Arc::clone(schema));
        let schema = stamped(&none, &target.source, &target.snapshot)?.schema();
        let notes = source_notes(&target.source);
        let notes = notes.each_ref().map(|(key, value)| (*key, value.as_str()));
        Ok(Self { path, years, writer: GroupWriter::new(file, &schema, &notes)? })
    }

    /// Writes rows as a row group.
    fn add(&mut self, rows: &RecordBatch, target: &ImportTarget) -> Result<()> {
        self.writer.add(&stamped(rows, &target.source, &target.snapshot)?)
    }

    /// Gives the file its name, which has to be staged before.
    fn finish(self) -> Result<RecordFile> {
        let file = self.writer.finish()?;
        let digest = Some(file.finish()?);
        Ok(RecordFile { path: self.path, digest, years: self.years, stamped: true, shared: false })
    }
}

/// Rows that wait to be written.
#[derive(Default)]
struct WaitingRows {
    tables: Vec<RecordBatch>,
    rows: usize,
}

impl WaitingRows {
    fn add(&mut self, table: RecordBatch) {
        self.rows += table.num_rows();
        self.tables.push(table);
    }

    /// Takes the first `count` rows out; `count` is no more than there are, and not zero.
    fn take(&mut self, count: usize) -> Result<RecordBatch> {
        let schema = self.tables[0].schema();
        let all = concat_batches(&schema, &std::mem::take(&mut self.tables))?;
        self.rows -= count;
        if self.rows > 0 {
            // A copy: a slice would hold on to all of it, and so would a table joined from one slice.
            let left = UInt64Array::from_iter_values((count as u64..).take(self.rows));
            self.tables.push(take_record_batch(&all, &left)?);
        }
        Ok(all.slice(0, count))
    }
}

/// Records of one kind in one file.
struct OneFile {
    kind: &'static str,
    file: OpenFile,
    waiting: WaitingRows,
}

impl OneFile {
    /// Begins the file; `none` is a table without rows.
    fn begin(target: &ImportTarget, kind: &'static str, none: &RecordBatch) -> Result<Self> {
        let file = OpenFile::begin(target, kind, None, &none.schema())?;
        Ok(Self { kind, file, waiting: WaitingRows::default() })
    }

    fn add(&mut self, table: RecordBatch, target: &ImportTarget) -> Result<()> {
        if table.num_rows() > 0 {
            self.waiting.add(table);
        }
        while self.waiting.rows >= GROUP_ROWS {
            self.file.add(&self.waiting.take(GROUP_ROWS)?, target)?;
        }
        Ok(())
    }

    fn finish(
        mut self,
        target: &ImportTarget,
        staged: &mut impl FnMut(PathBuf),
    ) -> Result<(String, Vec<RecordFile>)> {
        if self.waiting.rows > 0 {
            self.file.add(&self.waiting.take(self.waiting.rows)?, target)?;
        }
        staged(self.file.path.clone());
        Ok((self.kind.to_owned(), vec![self.file.finish()?]))
    }
}

/// Events in a file a year, or in one file where they are few.
struct YearFiles {
    /// A table without rows.
    none: RecordBatch,
    /// Rows while they may still be few.
    unsplit: WaitingRows,
    is_split: bool,
    years: BTreeMap<i32, (OpenFile, WaitingRows)>,
    waiting_rows: usize,
}

impl YearFiles {
    fn new(none: RecordBatch) -> Self {
        let unsplit = WaitingRows::default();
        Self { none, unsplit, is_split: false, years: BTreeMap::new(), waiting_rows: 0 }
    }

    fn add(&mut self, table: RecordBatch, target: &ImportTarget) -> Result<()> {
        if self.is_split {
            return self.split(&table, target);
        }
        self.unsplit.add(table);
        if self.unsplit.rows <= SPLIT_ROWS {
            return Ok(());
        }
        self.is_split = true;
        let tables = std::mem::take(&mut self.unsplit.tables);
        tables.iter().try_for_each(|table| self.split(table, target))
    }

    /// Gives rows to the files of their years.
    fn split(&mut self, table: &RecordBatch, target: &ImportTarget) -> Result<()> {
        let rows = rows_by_year(table);
        let is_one = rows.len() == 1;
        for (year, rows) in rows {
            let of_year = match is_one {
                true => table.clone(),
                false => with_own_words(&take_record_batch(table, &UInt64Array::from(rows))?)?,
            };
            let (file, waiting) = match self.years.entry(year) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let years = Some([year, year]);
                    let file = OpenFile::begin(target, "event", years, &table.schema())?;
                    new.insert((file, WaitingRows::default()))
                }
            };
            self.waiting_rows += of_year.num_rows();
            waiting.add(of_year);
            while waiting.rows >= GROUP_ROWS {
                file.add(&waiting.take(GROUP_ROWS)?, target)?;
                self.waiting_rows -= GROUP_ROWS;
            }
        }
        while self.waiting_rows > WAITING_ROWS {
            self.write_longest(target)?;
        }
        Ok(())
    }

    /// Writes the rows of the year in which most wait.
    fn write_longest(&mut self, target: &ImportTarget) -> Result<()> {
        let longest = self.years.values_mut().max_by_key(|(_, waiting)| waiting.rows);
        let Some((file, waiting)) = longest else { return Ok(()) };
        self.waiting_rows -= waiting.rows;
        file.add(&waiting.take(waiting.rows)?, target)
    }

    fn finish(
        self,
        target: &ImportTarget,
        staged: &mut impl FnMut(PathBuf),
    ) -> Result<(String, Vec<RecordFile>)> {
        let mut files = Vec::new();
        if !self.is_split {
            let all = concat_batches(&self.none.schema(), &self.unsplit.tables)?;
            let years = rows_by_year(&all);
            let span = years.first_key_value().zip(years.last_key_value());
            let years = span.map(|((&first, _), (&last, _))| [first, last]);
            let mut file = OpenFile::begin(target, "event", years, &all.schema())?;
            if all.num_rows() > 0 {
                file.add(&all, target)?;
            }
            staged(file.path.clone());
            files.push(file.finish()?);
        }
        self.years.values().for_each(|(file, _)| staged(file.path.clone()));
        let years: Vec<(OpenFile, WaitingRows)> = self.years.into_values().collect();
        // Side by side; of several that fail the first in their order is the error.
        let finish = |(mut file, mut waiting): (OpenFile, WaitingRows)| {
            if waiting.rows > 0 {
                file.add(&waiting.take(waiting.rows)?, target)?;
            }
            file.finish()
        };
        let finished: Vec<Result<RecordFile>> = years.into_par_iter().map(finish).collect();
        files.extend(finished.into_iter().collect::<Result<Vec<RecordFile>>>()?);
        Ok(("event".to_owned(), files))
    }
}

/// The table with texts of its own rows alone: one that waits long would hold those of all rows that came
/// with it.
fn with_own_words(table: &RecordBatch) -> Result<RecordBatch> {
    let columns = table.columns().iter().map(|column| match column.data_type() {
        kind @ DataType::Dictionary(_, values) => cast(&cast(column, values)?, kind),
        _ => Ok(Arc::clone(column)),
    });
    let columns = columns.collect::<core::result::Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_new(table.schema(), columns)?)
}

/// The files of an import of events, while its parts come in.
pub(crate) struct EventFiles {
    target: ImportTarget,
    /// Locations that are written.
    locations: IndexSet<i64>,
    /// Names of side A and side B in the order in which they came first.
    names: [IndexSet<String>; 2],
    location: OneFile,
    spread: OneFile,
    diagnostic: OneFile,
    event: Option<YearFiles>,
    remarks: RemarkCounts,
}

/// How many remarks there are of each kind, and the first of them.
#[derive(Debug, Default)]
pub(crate) struct RemarkCounts {
    pub(crate) by_issue: BTreeMap<Issue, u64>,
    pub(crate) first: Vec<Diagnostic>,
}

impl RemarkCounts {
    /// How many there are.
    pub(crate) fn total(&self) -> u64 {
        self.by_issue.values().sum()
    }
}

impl EventFiles {
    /// Begins the files of `snapshot` in the observatory's folder `root`.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io) when a file cannot be made; the same of everything below.
    pub(crate) fn begin(root: &Path, snapshot: &str, source: &Source) -> Result<Self> {
        let target = ImportTarget {
            root: root.to_owned(),
            snapshot: snapshot.to_owned(),
            source: source.clone(),
        };
        let none = Events::default();
        Ok(Self {
            locations: IndexSet::new(),
            names: [Words::default(), Words::default()]
                .map(|words| words.values.into_iter().collect()),
            location: OneFile::begin(&target, "location", &location_table(&[])?)?,
            spread: OneFile::begin(&target, "spread", &spread_table(&none)?)?,
            diagnostic: OneFile::begin(&target, "diagnostic", &diagnostic_table(&[])?)?,
            event: None,
            remarks: RemarkCounts::default(),
            target,
        })
    }

    /// Takes in the part that follows.
    pub(crate) fn add(&mut self, part: EventPart) -> Result<()> {
        for diagnostic in &part.diagnostics {
            *self.remarks.by_issue.entry(diagnostic.issue).or_insert(0) += 1;
            if self.remarks.first.len() < HELD_REMARKS {
                self.remarks.first.push(diagnostic.clone());
            }
        }
        let target = &self.target;
        self.diagnostic.add(diagnostic_table(&part.diagnostics)?, target)?;
        let events = part.events;
        if events.is_empty() {
            return Ok(());
        }
        self.spread.add(spread_table(&events)?, target)?;
        let (mut rows, ids) = locations(&events, &target.source.id);
        rows.retain(|row| self.locations.insert(row.id));
        self.location.add(location_table(&rows)?, target)?;
        let sides = [&events.side_a, &events.side_b];
        let [first, second] = &mut self.names;
        let positions = [numbered(first, sides[0]), numbered(second, sides[1])];
        let table = event_table(events, ids, [&positions[0], &positions[1]])?;
        let none = || YearFiles::new(RecordBatch::new_empty(table.schema()));
        let files = self.event.get_or_insert_with(none);
        files.add(table, target)
    }

    /// What was remarked so far.
    pub(crate) const fn remarks(&self) -> &RemarkCounts {
        &self.remarks
    }

    /// Gives all files their names; `staged` hears each before.
    pub(crate) fn finish(self, mut staged: impl FnMut(PathBuf)) -> Result<(Files, RemarkCounts)> {
        let (target, staged) = (&self.target, &mut staged);
        let event = match self.event {
            Some(files) => files,
            None => YearFiles::new(event_table(Events::default(), Vec::new(), [&[0], &[0]])?),
        };
        let files = [
            self.location.finish(target, staged)?,
            self.spread.finish(target, staged)?,
            event.finish(target, staged)?,
            self.diagnostic.finish(target, staged)?,
        ];
        Ok((files.into_iter().collect(), self.remarks))
    }
}

/// The numbers of names, by their codes, among all names of the file.
fn numbered(known: &mut IndexSet<String>, words: &Words) -> Vec<usize> {
    let number = |name: &String| match known.get_index_of(name) {
        Some(number) => number,
        None => known.insert_full(name.clone()).0,
    };
    words.values.iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::Int64Array;

    use super::*;
    use crate::table::Columns;

    #[test]
    fn rows_that_wait_do_not_hold_those_that_are_written() {
        let numbers = (0..100_000).collect::<Vec<i64>>();
        let table = Columns::default().int64("number", numbers).finish().unwrap();
        let mut waiting = WaitingRows::default();
        waiting.add(table);
        let written = waiting.take(99_990).unwrap();
        assert_eq!((written.num_rows(), waiting.rows), (99_990, 10));
        assert!(waiting.tables[0].get_array_memory_size() < 10_000);
        let left = waiting.take(10).unwrap();
        assert_eq!(left.column(0).as_ref(), &(99_990..100_000).collect::<Int64Array>());
        assert!(waiting.tables.is_empty());
    }
}
