//! Files of events of any size, read in parts.
//!
//! A file that is read as a whole is hashed while it is read, and everything about it is known before the
//! first record is written. Of a file that is too large for that the hash comes first, because records
//! carry the name of their import. What else only the whole file tells (which number of a day is the month,
//! which identifiers come again, which sides the case can number) is *assumed*: the file is read, written
//! under unfinished names, and where an assumption was wrong, what was written is dropped and the file is read again with
//! what is now known. Nothing is published before all of it is right.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use sanad_core::source::{Coverage, Source};
use sanad_source::ged::{self, EventPart, Foreknowledge, PartTotals};

use crate::card::{Card, with_card};
use crate::error::{Error, Result};
use crate::event_files::EventFiles;
use crate::foreign::{SideNumbers, side_settings};
use crate::hash::Digest;
use crate::import::{ImportFile, ImportReport, ged_source, snapshot_id};
use crate::observatory::{Observatory, Writer};
use crate::read_file::{CountingReader, READ_STEP, file_name, foreign, metadata_of};
use crate::repeated_ids::RepeatedIds;
use crate::snapshot::Snapshot;

/// What [`ImportFile::progress`] hears that the first reading of a large file is called.
pub(crate) const LOOK_STEP: &str = "look at the whole file, MiB";

/// What is known of a large file once its bytes are hashed.
pub(crate) struct LargeFile<'a> {
    pub(crate) format: &'static str,
    pub(crate) sha256: String,
    /// What decides how the file is read, but for the names of sides.
    pub(crate) settings: String,
    /// Its source, by what it covers.
    pub(crate) source: &'a dyn Fn(Coverage) -> Source,
    /// The numbers that sides have by their names, and how the names that may be in the file are
    /// numbered.
    pub(crate) numbers: SideNumbers,
    pub(crate) used_sides: BTreeSet<String>,
    /// Whether the file adds to others of its series instead of replacing them.
    pub(crate) adds_to: bool,
}

/// Why reading a file in parts ended early: for a fault of the file, or where its records go.
pub(crate) enum Stopped {
    File(sanad_source::Error),
    Store(Error),
}

impl From<sanad_source::Error> for Stopped {
    fn from(error: sanad_source::Error) -> Self {
        Self::File(error)
    }
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl Stopped {
    /// The error about the file at `path`.
    pub(crate) fn into_error(self, path: &Path) -> Error {
        match self {
            Self::File(error) => foreign(path, error),
            Self::Store(error) => error,
        }
    }
}

/// Takes a part of a file in.
pub(crate) type EachPart<'a> = dyn FnMut(EventPart) -> core::result::Result<(), Stopped> + 'a;

/// Opens a file that was looked at before.
pub(crate) fn open_again(path: &Path) -> Result<File> {
    File::open(path).map_err(|e| Error::io("read", path, e))
}

/// What came of one reading of a file.
enum OneReading {
    /// All of it is right.
    Whole(Box<WrittenParts>),
    /// It has to be read again with what is known by now.
    Again,
    /// Sides have these numbers, and not those that were assumed.
    OtherSides(BTreeSet<String>),
}

/// All parts of a file, written under unfinished names.
struct WrittenParts {
    files: EventFiles,
    totals: PartTotals,
}

impl Observatory {
    /// Whether a file of events is too large to be read as a whole, and such that it need not be: a
    /// packed one is unpacked in memory, and a Parquet file is read whole.
    pub(crate) fn is_read_in_parts(&self, path: &Path, usual_bytes: u64) -> Result<bool> {
        let metadata = metadata_of(path)?;
        if !metadata.is_file() || metadata.len() <= self.parts_above(usual_bytes) {
            return Ok(false);
        }
        let mut start = Vec::new();
        let read = open_again(path)?.take(4).read_to_end(&mut start);
        read.map_err(|e| Error::io("read", path, e))?;
        Ok(!sanad_source::is_packed(&start) && start != b"PAR1")
    }

    /// Imports a GED file in parts.
    pub(crate) fn import_ged_in_parts(
        &mut self,
        file: &ImportFile<'_>,
        card: Card,
        version: Option<String>,
    ) -> Result<ImportReport> {
        let (path, progress) = (file.path, file.progress);
        let bytes = metadata_of(path)?.len();
        ged::check_beginning(open_again(path)?).map_err(|e| foreign(path, e))?;
        let counted = |step| {
            progress.begin(step);
            open_again(path).map(|inner| CountingReader { inner, read: 0, bytes, progress })
        };
        let digest = Digest::from_reader(counted(LOOK_STEP)?);
        let sha256 = digest.map_err(|e| Error::io("read", path, e))?.sha256;
        progress.end("");
        let large = LargeFile {
            format: ged::FORMAT.word,
            sha256: sha256.clone(),
            settings: String::new(),
            source: &|covered| {
                card.clone().or(ged_source(version.clone(), &sha256, file.today, covered))
            },
            numbers: SideNumbers::default(),
            used_sides: BTreeSet::new(),
            adds_to: false,
        };
        let options = ged::Options { version: version.clone() };
        self.writer()?.take_in_parts(file, &large, |known, each| {
            let read = ged::read_parts(counted(READ_STEP)?, &options, known, each);
            let totals = read.map_err(|stopped: Stopped| stopped.into_error(path))?;
            progress.end("");
            Ok(totals)
        })
    }
}

impl Writer<'_> {
    /// Writes the records of a large file and makes them visible, unless the same bytes are there. `read`
    /// reads all of it with what is known, as often as it is asked.
    ///
    /// # Errors
    ///
    /// As for a file that is read as a whole.
    pub(crate) fn take_in_parts(
        &mut self,
        file: &ImportFile<'_>,
        large: &LargeFile<'_>,
        mut read: impl FnMut(&mut Foreknowledge, &mut EachPart<'_>) -> Result<Option<PartTotals>>,
    ) -> Result<ImportReport> {
        let mut known = Foreknowledge::default();
        let mut sides = large.used_sides.clone();
        loop {
            let settings = self.settings_of(file, large, &sides)?;
            let there = self.find(large.format, &large.sha256, &settings).cloned();
            if let Some(snapshot) = &there
                && self.broken_files(snapshot).is_empty()
            {
                return Ok(already_there(snapshot.clone()));
            }
            match self.attempt(large, &settings, &sides, &mut known, &mut read)? {
                OneReading::Again => {}
                OneReading::OtherSides(used) => sides = used,
                OneReading::Whole(written) => {
                    if there.is_none() {
                        refuse(file, &written)?;
                    }
                    let report = self.stage_parts(file, large, settings, *written, there)?;
                    self.publish(report.publication())?;
                    return Ok(report);
                }
            }
        }
    }

    /// What decides how the file is read; with the card where the same bytes are there under another one.
    fn settings_of(
        &self,
        file: &ImportFile<'_>,
        large: &LargeFile<'_>,
        sides: &BTreeSet<String>,
    ) -> Result<String> {
        let settings = format!("{}{}", large.settings, side_settings(sides));
        let (Some(card), Some(there)) =
            (file.card, self.find(large.format, &large.sha256, &settings))
        else {
            return Ok(settings);
        };
        // The same bytes cover the same.
        let source = (large.source)(there.source.coverage.clone());
        let is_same = Source { accessed: source.accessed, ..there.source.clone() } == source;
        if is_same { Ok(settings) } else { with_card(settings, card) }
    }

    /// Reads the file once, and writes its records under unfinished names.
    fn attempt(
        &self,
        large: &LargeFile<'_>,
        settings: &str,
        sides: &BTreeSet<String>,
        known: &mut Foreknowledge,
        read: &mut impl FnMut(&mut Foreknowledge, &mut EachPart<'_>) -> Result<Option<PartTotals>>,
    ) -> Result<OneReading> {
        let source = (large.source)(Coverage::default());
        let id = snapshot_id(&source, &large.sha256, settings);
        let folder = self.observatory().folder().to_owned();
        let mut files = EventFiles::begin(&folder, &id, &source)?;
        let (mut ids, mut used) = (RepeatedIds::new(&folder), BTreeSet::new());
        let seeks_repeated = !known.has_repeated();
        let totals = read(known, &mut |mut part: EventPart| {
            if seeks_repeated {
                ids.add(&part.events.id)?;
            }
            large.numbers.give(&mut part.events, &mut used);
            Ok(files.add(part)?)
        })?;
        let Some(totals) = totals else { return Ok(OneReading::Again) };
        if seeks_repeated {
            let repeated = ids.repeated()?;
            if !repeated.is_empty() {
                known.set_repeated(repeated);
                return Ok(OneReading::Again);
            }
        }
        if used != *sides {
            return Ok(OneReading::OtherSides(used));
        }
        Ok(OneReading::Whole(Box::new(WrittenParts { files, totals })))
    }

    /// Gives the files their names, without making them visible. `there` is the import of the same bytes
    /// of which files are missing or damaged.
    fn stage_parts(
        &mut self,
        file: &ImportFile<'_>,
        large: &LargeFile<'_>,
        settings: String,
        written: WrittenParts,
        there: Option<Snapshot>,
    ) -> Result<ImportReport> {
        let restored = there.as_ref().map_or_else(Vec::new, |there| self.broken_files(there));
        for path in &restored {
            self.set_aside(path)?;
        }
        let WrittenParts { files, totals } = written;
        file.progress.begin("write records");
        let (files, remarks) = files.finish(|path| self.staged(path))?;
        file.progress.end("");
        if let Some(there) = there {
            let snapshot = Snapshot { files, ..there };
            let diagnostics = remarks.first;
            return Ok(ImportReport {
                snapshot,
                already: false,
                replaces: None,
                diagnostics,
                restored,
            });
        }
        let source = (large.source)(totals.coverage);
        let counts = remarks.by_issue.iter().map(|(issue, n)| (issue.as_str().to_owned(), *n));
        let set_aside = totals.set_aside.iter().map(|(&what, n)| (what.to_owned(), *n));
        let snapshot = Snapshot {
            id: snapshot_id(&source, &large.sha256, &settings),
            format: large.format.to_owned(),
            file: file_name(file.path),
            sha256: large.sha256.clone(),
            imported: file.today,
            rows_read: totals.rows_read,
            records_kept: totals.records_kept,
            deaths_in: totals.deaths_in,
            deaths_kept: totals.deaths_kept,
            diagnostics: counts.collect(),
            set_aside: set_aside.collect(),
            settings,
            files,
            source,
        };
        let replaces = if large.adds_to { None } else { self.replaced_by(&snapshot) };
        Ok(ImportReport {
            snapshot,
            already: false,
            replaces,
            diagnostics: remarks.first,
            restored,
        })
    }
}

/// The report on bytes that are there, as they were written.
fn already_there(snapshot: Snapshot) -> ImportReport {
    ImportReport {
        snapshot,
        already: true,
        replaces: None,
        diagnostics: Vec::new(),
        restored: Vec::new(),
    }
}

/// Refuses a file of which nothing is kept, and one with remarks where the import is strict.
fn refuse(file: &ImportFile<'_>, written: &WrittenParts) -> Result<()> {
    let (remarks, kept) = (written.files.remarks(), written.totals.records_kept);
    let Some(first) = remarks.first.first() else { return Ok(()) };
    let (path, count, first) = (file.path.to_owned(), remarks.total(), Box::new(first.clone()));
    if file.strict {
        return Err(Error::Strict { path, count, first });
    }
    if kept == 0 {
        return Err(Error::Nothing { path, count, first });
    }
    Ok(())
}
