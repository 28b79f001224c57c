//! Bringing a foreign file in: read, count, write durably, then make it visible at once.
//!
//! Every import goes the same way. The file is read as a whole and hashed; what is known already by
//! its bytes and settings is only checked. Otherwise its records are written into files of their
//! own, with the columns that say where they come from, and a snapshot of them joins the state by
//! one rename. Until then nothing that was open before has changed, and a failure on the way leaves
//! nothing behind.
//!
//! Rows in and records kept are counted, and so are their deaths, so that a reader of the report
//! can see that nothing was lost in silence.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use rayon::prelude::*;
use sanad_case::Document;
use sanad_core::diagnostic::{Diagnostic, count_by_issue};
use sanad_core::event::{DateRule, Events, Words, day_number, number_day};
use sanad_core::source::{Coverage, Source};
use sanad_core::{Parts, Progress};
use sanad_source::ged;

use datafusion::arrow::array::RecordBatch;

use crate::card::{Card, with_card};
use crate::durable::replace_bytes;
use crate::engine::read_parquet;
use crate::error::{Error, Result};
use crate::hash::{Digest, HashingReader, version_of_bytes};
use crate::observatory::{Observatory, PendingState, Writer};
use crate::read_file::{
    CountingReader, FILE_BYTES, READ_STEP, file_name, foreign, open_file, read_bounded, too_large,
};
use crate::records::{YearPart, parts, place, plain, source_notes, stamped};
use crate::snapshot::{Files, RecordFile, Snapshot};
use crate::table::{
    Columns, diagnostic_table, event_table, location_table, locations, write_parquet,
};
use crate::verify::check_file;

/// A file to bring in.
#[derive(Debug, Clone, Copy)]
pub struct ImportFile<'a> {
    /// The file.
    pub path: &'a Path,
    /// Its source card, if there is one. What it states stands above what the format and the file's
    /// name say.
    pub card: Option<&'a Path>,
    /// Whether any diagnostic is a failure. Then nothing is written.
    pub strict: bool,
    /// The day of the import; also the day of access when no card states one.
    pub today: NaiveDate,
    /// Hears how much of the file is read and how many files of records are written.
    pub progress: &'a dyn Progress,
}

/// What an import did. Sums of rows and deaths are in the [`snapshot`](Self::snapshot).
#[derive(Debug, Clone)]
pub struct ImportReport {
    /// The snapshot that holds the file now.
    pub snapshot: Snapshot,
    /// Whether the same bytes were there already, so that nothing changed.
    pub already: bool,
    /// The version of the same source that was in effect before for a part of its months, if any.
    pub replaces: Option<String>,
    /// Every diagnostic about the file, in the order of the file. Of one that is read in parts the first
    /// 10,000, and none where it was there already; how many there are the snapshot says.
    pub diagnostics: Vec<Diagnostic>,
    /// Files of records, relative to the observatory's folder, that were missing or damaged and
    /// that this import of the same bytes wrote again.
    pub restored: Vec<PathBuf>,
}

impl ImportReport {
    /// What the import changes, if anything. Bytes that were there and had to be written again keep
    /// their place among the imports.
    pub(crate) fn publication(&self) -> Option<PendingState> {
        let snapshot = || self.snapshot.clone();
        match self.already {
            true => None,
            false if !self.restored.is_empty() && self.replaces.is_none() => {
                Some(PendingState::Restored(snapshot()))
            }
            false => Some(PendingState::Newest(snapshot())),
        }
    }
}

/// A file that has been read and counted, and not yet written. Deaths are best estimates; both
/// numbers are zero for records that have none.
pub(crate) struct Reading {
    pub(crate) format: &'static str,
    pub(crate) source: Source,
    pub(crate) sha256: String,
    pub(crate) rows_read: u64,
    pub(crate) records_kept: u64,
    pub(crate) deaths_in: i64,
    pub(crate) deaths_kept: i64,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Reading {
    /// A file of `rows` rows without deaths that is kept as it came: every row is a record and none has a
    /// diagnostic.
    pub(crate) fn as_it_came(
        format: &'static str,
        source: Source,
        sha256: String,
        rows: u64,
    ) -> Self {
        Self {
            format,
            source,
            sha256,
            rows_read: rows,
            records_kept: rows,
            deaths_in: 0,
            deaths_kept: 0,
            diagnostics: Vec::new(),
        }
    }
}

/// What belongs to a reading of some formats alone.
#[derive(Debug, Default)]
pub(crate) struct ImportExtras {
    /// What decided how the file was read, beside its bytes. Part of what an import is known by.
    pub(crate) settings: String,
    /// What is in the file and neither a record nor a fault. By what it is, with numbers.
    pub(crate) set_aside: BTreeMap<String, u64>,
    /// Whether the file adds to others of its series instead of replacing them.
    pub(crate) adds_to: bool,
}

/// A file of records to be written: its kind, its ending and how.
pub(crate) enum Payload {
    /// A table, as Parquet.
    Table(RecordBatch),
    /// Bytes as they came.
    Bytes(&'static str, Vec<u8>),
}

/// Records by kind.
pub(crate) type Payloads = Vec<(&'static str, Payload)>;

/// Writes one table of records, with the source's card as metadata.
fn write_table(path: &Path, rows: &RecordBatch, source: &Source) -> Result<Digest> {
    let notes = source_notes(source);
    let notes = notes.each_ref().map(|(key, value)| (*key, value.as_str()));
    write_parquet(path, rows, &notes)
}

/// An error about a file of a case.
pub(crate) fn hand_written(path: &Path, error: sanad_case::Error) -> Error {
    Error::Case { path: path.to_owned(), source: Box::new(error) }
}

impl Writer<'_> {
    /// Writes the records of a reading and makes them visible, unless the same bytes are there.
    pub(crate) fn take_in(
        &mut self,
        file: &ImportFile<'_>,
        reading: Reading,
        payloads: impl FnOnce() -> Result<Payloads>,
    ) -> Result<ImportReport> {
        self.take_in_with(file, reading, ImportExtras::default(), payloads)
    }

    /// As [`take_in`](Self::take_in), for a reading that was made with settings or set something
    /// aside.
    pub(crate) fn take_in_with(
        &mut self,
        file: &ImportFile<'_>,
        reading: Reading,
        extras: ImportExtras,
        payloads: impl FnOnce() -> Result<Payloads>,
    ) -> Result<ImportReport> {
        let report = self.stage_with(file, reading, extras, payloads)?;
        self.publish(report.publication())?;
        Ok(report)
    }

    /// Writes the records of a reading, without making them visible. `payloads` is asked only when
    /// they have to be written.
    pub(crate) fn stage(
        &mut self,
        file: &ImportFile<'_>,
        reading: Reading,
        payloads: impl FnOnce() -> Result<Payloads>,
    ) -> Result<ImportReport> {
        self.stage_with(file, reading, ImportExtras::default(), payloads)
    }

    /// Writes the records of a reading that was made with settings or set something aside.
    ///
    /// # Errors
    ///
    /// [`Error::Strict`] when the import is strict and has a diagnostic; [`Error::Nothing`] when it
    /// has and no record was kept; [`Error::Io`] when a file cannot be written.
    pub(crate) fn stage_with(
        &mut self,
        file: &ImportFile<'_>,
        reading: Reading,
        extras: ImportExtras,
        payloads: impl FnOnce() -> Result<Payloads>,
    ) -> Result<ImportReport> {
        let mut extras = extras;
        if let Some(card) = file.card
            && self.is_other_card(&reading, &extras.settings)
        {
            extras.settings = with_card(extras.settings, card)?;
        }
        if let Some(known) = self.find(reading.format, &reading.sha256, &extras.settings).cloned() {
            return self.keep_known(known, reading.diagnostics, payloads);
        }
        if file.strict && !reading.diagnostics.is_empty() {
            let (count, first) = counted(&reading.diagnostics);
            return Err(Error::Strict { path: file.path.to_owned(), count, first });
        }
        if reading.records_kept == 0 && !reading.diagnostics.is_empty() {
            let (count, first) = counted(&reading.diagnostics);
            return Err(Error::Nothing { path: file.path.to_owned(), count, first });
        }
        let id = snapshot_id(&reading.source, &reading.sha256, &extras.settings);
        let files = self.write_all(file, &id, &reading, payloads)?;
        let counts = count_by_issue(&reading.diagnostics);
        let snapshot = Snapshot {
            id,
            format: reading.format.to_owned(),
            file: file_name(file.path),
            sha256: reading.sha256,
            imported: file.today,
            rows_read: reading.rows_read,
            records_kept: reading.records_kept,
            deaths_in: reading.deaths_in,
            deaths_kept: reading.deaths_kept,
            diagnostics: counts.iter().map(|(i, n)| (i.as_str().to_owned(), *n)).collect(),
            set_aside: extras.set_aside,
            settings: extras.settings,
            files,
            source: reading.source,
        };
        let replaces = if extras.adds_to { None } else { self.replaced_by(&snapshot) };
        Ok(ImportReport {
            snapshot,
            already: false,
            replaces,
            diagnostics: reading.diagnostics,
            restored: Vec::new(),
        })
    }

    /// Whether these bytes are there under a card that says something else of them: a corrected card
    /// makes another import of the same bytes.
    fn is_other_card(&self, reading: &Reading, settings: &str) -> bool {
        let same_but_day = |known: &Snapshot| {
            Source { accessed: reading.source.accessed, ..known.source.clone() } == reading.source
        };
        let known = self.find(reading.format, &reading.sha256, settings);
        known.is_some_and(|known| !same_but_day(known))
    }

    /// Bytes that were imported before: their files are checked, and those that are missing or
    /// damaged are written again.
    fn keep_known(
        &mut self,
        mut known: Snapshot,
        diagnostics: Vec<Diagnostic>,
        payloads: impl FnOnce() -> Result<Payloads>,
    ) -> Result<ImportReport> {
        let replaces = self.put_back(&known);
        let restored = self.broken_files(&known);
        if !restored.is_empty() {
            for path in &restored {
                self.set_aside(path)?;
            }
            let broken =
                |files: &[RecordFile]| files.iter().any(|file| restored.contains(&file.path));
            let kinds: Vec<String> = known
                .files
                .iter()
                .filter(|(_, files)| broken(files.as_slice()))
                .map(|(kind, _)| kind.clone())
                .collect();
            for (kind, payload) in all_payloads(payloads, &diagnostics)? {
                if kinds.iter().any(|broken| broken == kind) {
                    let files = self.write(&known.id, kind, payload, &known.source)?;
                    known.files.insert(kind.to_owned(), files);
                }
            }
        }
        let already = replaces.is_none() && restored.is_empty();
        Ok(ImportReport { snapshot: known, already, replaces, diagnostics, restored })
    }

    /// Files of a snapshot that are not as they were written.
    pub(crate) fn broken_files(&self, snapshot: &Snapshot) -> Vec<PathBuf> {
        let files = snapshot.files.values().flatten();
        let broken = |file: &&RecordFile| {
            let path = self.observatory().path(&file.path);
            match &file.digest {
                Some(digest) => check_file(&path, digest).is_err(),
                None if file.is_table() => read_parquet(&path).is_err(),
                None => !path.is_file(),
            }
        };
        files.filter(broken).map(|file| file.path.clone()).collect()
    }

    /// A file written by hand has no version of its own: the one imported last counts. So does the
    /// last reading of the same borders, by whichever attributes. The label of what counts now, if
    /// `known` is such a file or reading and came before it.
    fn put_back(&self, known: &Snapshot) -> Option<String> {
        let by_hand = ["case", "places", "actors", "chronicle", "indicators", "outline"]
            .into_iter()
            .chain(Document::ALL.map(Document::name))
            .any(|format| format == known.format);
        let of_series =
            |other: &&Snapshot| other.format == known.format && other.source.id == known.source.id;
        let last = self.observatory().snapshots().iter().rev().find(of_series)?;
        let is_other_reading = known.format == "boundaries" && last.sha256 == known.sha256;
        ((by_hand || is_other_reading) && last.id != known.id).then(|| last.source.label())
    }

    /// Writes the records of a reading and the diagnostics about them, as snapshot `id`.
    fn write_all(
        &mut self,
        file: &ImportFile<'_>,
        id: &str,
        reading: &Reading,
        payloads: impl FnOnce() -> Result<Payloads>,
    ) -> Result<Files> {
        file.progress.begin("write records, tables");
        let payloads = all_payloads(payloads, &reading.diagnostics)?;
        let parts = Parts::new(file.progress, payloads.len());
        let mut files = Files::new();
        for (kind, payload) in payloads {
            files.insert(kind.to_owned(), self.write(id, kind, payload, &reading.source)?);
            parts.done();
        }
        file.progress.end("");
        Ok(files)
    }

    /// Writes the files of one kind of record. Bytes are one file as they came; a table may become
    /// a file a year.
    fn write(
        &mut self,
        id: &str,
        kind: &str,
        payload: Payload,
        source: &Source,
    ) -> Result<Vec<RecordFile>> {
        let table = match payload {
            Payload::Table(table) => table,
            Payload::Bytes(ending, bytes) => {
                let path = Path::new("records").join(kind).join(format!("{id}.{ending}"));
                let digest = replace_bytes(&self.observatory().path(&path), &bytes)?;
                self.staged(path.clone());
                return Ok(vec![RecordFile {
                    digest: Some(digest),
                    ..RecordFile::of_first_layout(path)
                }]);
            }
        };
        self.write_records(id, kind, table, source)
    }

    /// Writes a table of records, with the columns that say where they come from. The files of its parts
    /// are written side by side; of several that fail the first in their order is the error.
    pub(crate) fn write_records(
        &mut self,
        id: &str,
        kind: &str,
        table: RecordBatch,
        source: &Source,
    ) -> Result<Vec<RecordFile>> {
        let name = format!("{id}.parquet");
        let parts: Vec<(PathBuf, YearPart)> = parts(kind, &table)
            .into_iter()
            .map(|part| (place(kind, &source.id, part.years, &name), part))
            .collect();
        parts.iter().for_each(|(path, _)| self.staged(path.clone()));
        let observatory = self.observatory();
        let write = |(path, part): &(PathBuf, YearPart)| {
            let rows = stamped(&part.records(&table)?, source, id)?;
            let digest = Some(write_table(&observatory.path(path), &rows, source)?);
            let (path, years) = (path.clone(), part.years);
            Ok(RecordFile { path, digest, years, stamped: true, shared: false })
        };
        // One part stays on this thread, where nothing has to wait for another.
        let written: Vec<Result<RecordFile>> = match parts.as_slice() {
            [part] => vec![write(part)],
            parts => parts.par_iter().map(write).collect(),
        };
        written.into_iter().collect()
    }

    /// The label of the version that a new one takes months from: the newest of its series, final
    /// or preliminary as the new one is, if the two overlap in a country and the new one comes
    /// first.
    pub(crate) fn replaced_by(&self, snapshot: &Snapshot) -> Option<String> {
        let earlier = self.observatory().snapshots().iter().filter(|known| {
            known.format == snapshot.format
                && known.source.id == snapshot.source.id
                && known.source.preliminary == snapshot.source.preliminary
        });
        let last = earlier.max_by(|a, b| a.source.precedence(&b.source))?;
        let overlaps = last.source.coverage.countries.iter().any(|country| {
            snapshot.source.coverage.countries.contains(country)
                && last.source.coverage.from <= snapshot.source.coverage.to
                && snapshot.source.coverage.from <= last.source.coverage.to
        });
        (overlaps && snapshot.source.precedence(&last.source).is_ge()).then(|| last.source.label())
    }
}

/// How many diagnostics there are, and the first; there must be one.
fn counted(diagnostics: &[Diagnostic]) -> (u64, Box<Diagnostic>) {
    (diagnostics.len() as u64, Box::new(diagnostics[0].clone()))
}

/// The name of a snapshot: series, version, the beginning of the hash, and that of the settings.
/// Twelve digits of the hash and six of the settings' are enough to tell imports of one series
/// apart, and short enough to be read.
pub(crate) fn snapshot_id(source: &Source, sha256: &str, settings: &str) -> String {
    let Source { id, version, .. } = source;
    let id = format!("{}-{}-{}", plain(id), plain(version), &sha256[..12]);
    if settings.is_empty() {
        return id;
    }
    format!("{id}-{}", &crate::hash::sha256(settings.as_bytes())[..6])
}

/// The records with the diagnostics about them.
fn all_payloads(
    payloads: impl FnOnce() -> Result<Payloads>,
    diagnostics: &[Diagnostic],
) -> Result<Payloads> {
    let mut all = payloads()?;
    all.push(("diagnostic", Payload::Table(diagnostic_table(diagnostics)?)));
    Ok(all)
}

impl Observatory {
    /// Imports a UCDP GED file, annual or candidate. A version that the card does not state is read
    /// from the file's name, or from the name of what a packed file holds.
    ///
    /// # Errors
    ///
    /// [`Error::Foreign`] when the file is not such a file, [`Error::Strict`] when the import is
    /// strict and a row had to be remarked upon; the observatory is then as it was before.
    pub fn import_ged(&mut self, file: &ImportFile<'_>) -> Result<ImportReport> {
        let card = Card::read(file.card)?;
        let version = card.version.clone().or_else(|| version_in_name(&file_name(file.path)));
        if self.is_read_in_parts(file.path, WHOLE_GED_BYTES)? {
            return self.import_ged_in_parts(file, card, version);
        }
        let (read, sha256, version) = read_events(file.path, version, file.progress)?;
        let source = card.or(ged_source(version, &sha256, file.today, read.coverage));
        let series = source.id.clone();
        let reading = Reading {
            format: ged::FORMAT.word,
            source,
            sha256,
            rows_read: read.rows_read,
            records_kept: read.events.len() as u64,
            deaths_in: read.deaths_in,
            deaths_kept: read.deaths_kept,
            diagnostics: read.diagnostics,
        };
        let events = read.events;
        self.writer()?.take_in(file, reading, || event_payloads(events, &series))
    }
}

/// The largest file of GED that is read as a whole: a whole release fits, and takes as much memory as it
/// has bytes. 256 MiB.
const WHOLE_GED_BYTES: u64 = 256 << 20;

/// What is known of a GED file without a card.
pub(crate) fn ged_source(
    version: Option<String>,
    sha256: &str,
    accessed: NaiveDate,
    coverage: Coverage,
) -> Source {
    let release = version.as_deref().and_then(ged::Release::parse);
    let data_set = ged::FORMAT.publication;
    Source {
        id: data_set.id.to_owned(),
        citation: ged::citation(version.as_deref()),
        version: version.unwrap_or_else(|| version_of_bytes(sha256)),
        title: data_set.title.to_owned(),
        licence: data_set.licence.to_owned(),
        url: data_set.url.to_owned(),
        accessed,
        released: None,
        preliminary: release.is_some_and(ged::Release::is_preliminary),
        date_rule: None,
        coverage,
    }
}

/// Events as three tables: their distinct locations, the months of those that last into another,
/// and the events themselves.
pub(crate) fn event_payloads(events: Events, series: &str) -> Result<Payloads> {
    let spread = spread_table(&events)?;
    let (rows, ids) = locations(&events, series);
    // Codes are given in the order in which names come first.
    let own = |names: &Words| (0..names.values.len()).collect::<Vec<_>>();
    let (first, second) = (own(&events.side_a), own(&events.side_b));
    Ok(vec![
        ("location", Payload::Table(location_table(&rows)?)),
        ("spread", Payload::Table(spread)),
        ("event", Payload::Table(event_table(events, ids, [&first, &second])?)),
    ])
}

/// The months of every event that lasts into another month, with the part that falls in each and
/// the last day of the event in that month. Columns: `event_id`, `month_id`, `share_ppm`
/// (millionths, which add up to one million) and `last_day` (days since 1970-01-01).
pub(crate) fn spread_table(events: &Events) -> Result<RecordBatch> {
    let mut rows: Vec<(i64, i32, i64, i32)> = Vec::new();
    for at in 0..events.len() {
        let (start_day, end_day) = (events.start_day[at], events.end_day[at]);
        // No event inside one month can be longer than this; spares the calendar for most.
        if start_day == end_day {
            continue;
        }
        let parts = DateRule::Spread.months(number_day(start_day), number_day(end_day));
        if parts.len() > 1 {
            rows.extend(parts.into_iter().map(|(month, ppm)| {
                let last_day = day_number(month.last_day()).min(end_day);
                (events.id[at], month.id(), ppm, last_day)
            }));
        }
    }
    Columns::default()
        .int64("event_id", rows.iter().map(|row| row.0).collect::<Vec<_>>())
        .int32("month_id", rows.iter().map(|row| row.1).collect::<Vec<_>>())
        .int64("share_ppm", rows.iter().map(|row| row.2).collect::<Vec<_>>())
        .int32("last_day", rows.iter().map(|row| row.3).collect::<Vec<_>>())
        .finish()
}

/// The version in a file name such as `GEDEvent_v22_1.csv` or `ged231.csv`. `None` of a name that
/// holds none.
pub(crate) fn version_in_name(name: &str) -> Option<String> {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem).to_ascii_lowercase();
    let dotted = |text: &str| {
        let digits: String = text
            .chars()
            .take_while(|letter| letter.is_ascii_digit() || *letter == '_' || *letter == '.')
            .collect();
        let version = digits.trim_matches(['_', '.']).replace('_', ".");
        ged::Release::parse(&version).map(|_| version)
    };
    let after_v = name.to_ascii_lowercase();
    let marked = after_v.match_indices('v').find_map(|(at, _)| dotted(&after_v[at + 1..]));
    let packed = || {
        let digits: String =
            stem.strip_prefix("ged")?.chars().take_while(char::is_ascii_digit).collect();
        (digits.len() == 3).then(|| format!("{}.{}", &digits[..2], &digits[2..]))
    };
    marked.or_else(packed)
}

/// Reads a file of events and hashes it. One that is packed is unpacked in memory, and says its
/// version by the name of what it holds where its own name does not. Gives events, hash and
/// version.
pub(crate) fn read_events(
    path: &Path,
    version: Option<String>,
    progress: &dyn Progress,
) -> Result<(ged::Ged, String, Option<String>)> {
    let options = |version: &Option<String>| ged::Options { version: version.clone() };
    progress.begin(READ_STEP);
    let mut file = open_file(path)?;
    let bytes = file.metadata().map_err(|e| Error::io("read", path, e))?.len();
    let mut start = Vec::new();
    (&mut file).take(4).read_to_end(&mut start).map_err(|e| Error::io("read", path, e))?;
    let whole = start.as_slice().chain(file);
    if sanad_source::is_packed(&start) {
        let (bytes, sha256) = read_bounded(whole, path)?;
        let inside = || sanad_source::member_name(&bytes).and_then(|name| version_in_name(&name));
        let version = version.or_else(inside);
        let bytes = sanad_source::unpacked(bytes).map_err(|e| foreign(path, e))?;
        let read = ged::read(bytes.as_slice(), &options(&version)).map_err(|e| foreign(path, e))?;
        return Ok((read, sha256, version));
    }
    let counted = CountingReader { inner: whole, read: 0, bytes, progress };
    let mut input = HashingReader::new(counted.take(FILE_BYTES + 1));
    let read = ged::read(&mut input, &options(&version)).map_err(|e| foreign(path, e))?;
    if input.get_ref().limit() == 0 {
        return Err(too_large(path));
    }
    let sha256 = input.finish().map_err(|e| Error::io("read", path, e))?;
    progress.end("");
    Ok((read, sha256, version))
}

/// The file's card, with `usual` where it is silent.
///
/// # Errors
///
/// [`Error::Card`] when the card is none.
pub(crate) fn source_of(file: &ImportFile<'_>, usual: Source) -> Result<Source> {
    Ok(Card::read(file.card)?.or(usual))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_off_the_publishers_file_names() {
        for (name, version) in [
            ("GEDEvent_v22_1_pakistan.csv", Some("22.1")),
            ("GEDEvent_v23_0_10.csv", Some("23.0.10")),
            ("GEDEvent_v23_01_23_03.csv", Some("23.01.23.03")),
            ("ged231.csv", Some("23.1")),
            ("ged231-csv.csv", Some("23.1")),
            ("conflict_data_pak.csv", None),
            ("events.csv", None),
        ] {
            assert_eq!(version_in_name(name).as_deref(), version, "{name}");
        }
    }
}
