//! Bringing in coded statements, and any table by a map. A map is a TOML file that says which
//! column of a table is what: with it, a data set that has no reader of its own is read without a
//! line of code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::NaiveDate;
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use sanad_core::Month;
use sanad_core::actor::Actor;
use sanad_core::chronicle::KnownIds;
use sanad_core::event::{Events, day_number};
use sanad_core::source::{Coverage, Source};
use sanad_core::statement::CodedStatement;
use sanad_source::statements;
use sanad_source::survey::{self, SurveyMap};
use sanad_source::table::{self, LargeTable, Map, MapSource, Records, Typed};

use crate::card::Card;
use crate::chronicle::chronicle_payloads;
use crate::dyads::dyad_table;
use crate::engine::read_parquet;
use crate::error::{Error, Missing, Result};
use crate::export::{self, Format};
use crate::external::temporal_texts;
use crate::hash::{HashingReader, sha256};
use crate::import::{
    ImportExtras, ImportFile, ImportReport, Payload, Payloads, Reading, event_payloads,
};
use crate::large_import::{LOOK_STEP, LargeFile, Stopped, open_again};
use crate::observations::{Reader, observation_table};
use crate::observatory::Observatory;
use crate::read_file::{
    READ_STEP, foreign, metadata_of, read_small_text, read_unpacked, read_whole,
};
use crate::series::coverage;
use crate::table::Columns;

/// A coded statement with the chain it came by. Only codes are kept: who spoke, when, to whom, in
/// which frames, and a link; no text of the statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coded {
    /// The coding; its `source_row` is a row of the snapshot's file.
    pub statement: CodedStatement,
    /// Series of the source.
    pub series: String,
    /// The snapshot that holds it. Its id.
    pub snapshot: String,
}

impl Observatory {
    /// Imports a corpus of coded statements, CSV or JSON lines. Files of one series add to each
    /// other.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`] when no case has been imported: the organisations are those of a case.
    /// [`Error::Foreign`], [`Error::Strict`].
    pub fn import_statements(&mut self, file: &ImportFile<'_>) -> Result<ImportReport> {
        let known = self.known_of_case()?;
        let (bytes, sha256) = read_unpacked(file.path)?;
        let read = statements::read(&bytes, &known.actors).map_err(|e| foreign(file.path, e))?;
        let usual = Source {
            id: "statements".to_owned(),
            version: format!("file-{}", &sha256[..8]),
            title: "Coded statements".to_owned(),
            citation: "not stated; give a card".to_owned(),
            licence: "not stated".to_owned(),
            url: String::new(),
            accessed: file.today,
            released: None,
            preliminary: false,
            date_rule: None,
            coverage: statement_coverage(&read.statements),
        };
        let reading = Reading {
            format: "statements",
            source: Card::read(file.card)?.or(usual),
            sha256,
            rows_read: read.rows_read,
            records_kept: read.statements.len() as u64,
            deaths_in: 0,
            deaths_kept: 0,
            diagnostics: read.diagnostics,
        };
        let rows = read.statements;
        let extras = ImportExtras { adds_to: true, ..ImportExtras::default() };
        self.writer()?.take_in_with(file, reading, extras, || {
            Ok(vec![("coded_statement", Payload::Table(statement_table(&rows)?))])
        })
    }

    /// Imports a CSV or Parquet file by a map of its columns. `deletions` is a file of identifiers
    /// that the publisher has taken back. The map's bytes and those of `deletions` are part of the
    /// import's name, so that the same file read by another map is another import.
    ///
    /// # Errors
    ///
    /// [`Error::Foreign`] when the map or the file is at fault, [`Error::Lacks`] when statements,
    /// acts or events between states are read without a case, [`Error::Strict`].
    pub fn import_table(
        &mut self,
        file: &ImportFile<'_>,
        map: &Path,
        deletions: Option<&Path>,
    ) -> Result<ImportReport> {
        let text = read_small_text(map)?;
        let parsed = Map::parse(&text).map_err(|e| foreign(map, e))?;
        let mut settings = format!("map {}", &sha256(text.as_bytes())[..12]);
        let deleted = match deletions {
            None => BTreeSet::new(),
            Some(path) => {
                let (bytes, hash) = read_unpacked(path)?;
                settings.push_str(&format!(" deletions {}", &hash[..12]));
                let column = parsed.columns.get("id").map_or("id", String::as_str);
                table::read_deletions(&bytes, column).map_err(|e| foreign(path, e))?
            }
        };
        let (known, iso3) = match self.newest_import("case") {
            Some(_) => (self.known_of_case()?, self.case()?.iso3),
            None => Default::default(),
        };
        if iso3.is_empty() && needs_case(parsed.kind) {
            return Err(Error::Lacks { missing: Missing::Places });
        }
        let is_events = parsed.kind == table::Kind::Events;
        if is_events && self.is_read_in_parts(file.path, WHOLE_TABLE_BYTES)? {
            return self.import_table_in_parts(file, &parsed, &deleted, settings);
        }
        let (bytes, hash) = read_whole(file.path)?;
        let (bytes, typed) = as_csv(bytes, file.path, &parsed)?;
        file.progress.begin(READ_STEP);
        let mut read =
            table::read_typed(&bytes, &typed, &parsed, &deleted, &known, &iso3, file.progress)
                .map_err(|e| foreign(file.path, e))?;
        file.progress.end("");
        if let Records::Events(ged) = &mut read.records {
            let mut used = BTreeSet::new();
            self.side_numbers()?.give(&mut ged.events, &mut used);
            settings.push_str(&side_settings(&used));
        }
        let card = Card::read(file.card)?;
        let source = card.or(map_source(&parsed.source, &hash, file.today, covered(&read.records)));
        let extras = ImportExtras {
            settings,
            set_aside: read.set_aside.iter().map(|(&it, &n)| (it.to_owned(), n)).collect(),
            adds_to: parsed.source.adds_to,
        };
        let (deaths_in, deaths_kept) = match &read.records {
            Records::Events(ged) => (ged.deaths_in, ged.deaths_kept),
            _ => (0, 0),
        };
        let series = source.id.clone();
        let reading = Reading {
            format: format_of(&read.records),
            source,
            sha256: hash,
            rows_read: read.rows_read,
            records_kept: kept(&read.records),
            deaths_in,
            deaths_kept,
            diagnostics: read.diagnostics,
        };
        let records = read.records;
        self.writer()?.take_in_with(file, reading, extras, || payloads(records, &series))
    }

    /// Imports the respondents of a survey by a map, as estimates: no row is kept, and no cell under ten.
    ///
    /// # Errors
    ///
    /// [`Error::Foreign`] when the map or the file is at fault, [`Error::Strict`].
    pub fn import_survey(&mut self, file: &ImportFile<'_>, map: &Path) -> Result<ImportReport> {
        let text = read_small_text(map)?;
        let parsed = SurveyMap::parse(&text).map_err(|e| foreign(map, e))?;
        let (bytes, hash) = read_unpacked(file.path)?;
        let read = survey::read(&bytes, &parsed).map_err(|e| foreign(file.path, e))?;
        let covered = coverage(&read.observations);
        let usual = map_source(&parsed.source, &hash, file.today, covered);
        let extras = ImportExtras {
            settings: format!("map {}", &sha256(text.as_bytes())[..12]),
            set_aside: read.set_aside.iter().map(|(&it, &n)| (it.to_owned(), n)).collect(),
            adds_to: parsed.source.adds_to,
        };
        let reading = Reading {
            format: survey::FORMAT.word,
            source: Card::read(file.card)?.or(usual),
            sha256: hash,
            rows_read: read.rows_read,
            records_kept: read.observations.len() as u64,
            deaths_in: 0,
            deaths_kept: 0,
            diagnostics: read.diagnostics,
        };
        let rows = read.observations;
        self.writer()?.take_in_with(file, reading, extras, || {
            Ok(vec![("observation", Payload::Table(observation_table(&rows)?))])
        })
    }

    /// The codings of statements, in order of date, message and coder. A coding that several files
    /// of a series have is taken from the one that comes first by
    /// [`precedence`](Source::precedence). Two coders of one message are two codings.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when a kept file is not as it was written.
    pub fn coded_statements(&self, as_of: Option<NaiveDate>) -> Result<Vec<Coded>> {
        let mut snapshots: Vec<_> = self.holding("coded_statement", as_of).collect();
        snapshots.sort_by(|a, b| b.source.precedence(&a.source));
        let mut found = BTreeMap::new();
        for snapshot in snapshots {
            let (path, batch) = self.record_table(snapshot, "coded_statement")?;
            for statement in read(&Reader { batch: &batch, path: &path })? {
                let series = snapshot.source.id.clone();
                let key = (
                    statement.date.start(),
                    series.clone(),
                    statement.id.clone(),
                    statement.coder.clone(),
                );
                let snapshot = snapshot.id.clone();
                found.entry(key).or_insert(Coded { statement, series, snapshot });
            }
        }
        Ok(found.into_values().collect())
    }

    /// Imports a table of events by a map in parts.
    fn import_table_in_parts(
        &mut self,
        file: &ImportFile<'_>,
        map: &Map,
        deletions: &BTreeSet<String>,
        settings: String,
    ) -> Result<ImportReport> {
        let (path, progress) = (file.path, file.progress);
        let numbers = self.side_numbers()?;
        let bytes = metadata_of(path)?.len();
        progress.begin(LOOK_STEP);
        let mut input = HashingReader::new(open_again(path)?);
        let table = LargeTable::judge(&mut input, bytes, map, progress);
        let table = table.map_err(|e| foreign(path, e))?;
        let sha256 = input.finish().map_err(|e| Error::io("read", path, e))?;
        progress.end("");
        let card = Card::read(file.card)?;
        let large = LargeFile {
            format: EVENTS_OF_TABLE,
            sha256: sha256.clone(),
            settings,
            source: &|covered| {
                card.clone().or(map_source(&map.source, &sha256, file.today, covered))
            },
            used_sides: numbers.used_of(table.sides()),
            numbers,
            adds_to: map.source.adds_to,
        };
        self.writer()?.take_in_parts(file, &large, |known, each| {
            progress.begin(READ_STEP);
            let input = open_again(path)?;
            let read = table.read_parts(input, bytes, deletions, progress, known, each);
            let totals = read.map_err(|stopped: Stopped| stopped.into_error(path))?;
            progress.end("");
            Ok(Some(totals))
        })
    }

    /// The numbers that sides of a table have by their names; none without a case.
    fn side_numbers(&self) -> Result<SideNumbers> {
        match self.newest_import("case") {
            Some(_) => Ok(SideNumbers::of(&self.actors()?)),
            None => Ok(SideNumbers::default()),
        }
    }

    /// Ids of the case's places and organisations.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`] when no case was imported.
    fn known_of_case(&self) -> Result<KnownIds> {
        if self.newest_import("case").is_none() {
            return Err(Error::Lacks { missing: Missing::Places });
        }
        Ok(KnownIds::from_case(&self.places()?, &self.actors()?))
    }
}

/// The numbers of the case's organisations by every name they have, without regard to case. A name that
/// two organisations have numbers none.
#[derive(Debug, Default)]
pub(crate) struct SideNumbers(BTreeMap<String, Option<i64>>);

impl SideNumbers {
    /// The numbers of these organisations.
    fn of(actors: &[Actor]) -> Self {
        let mut numbers: BTreeMap<String, Option<i64>> = BTreeMap::new();
        for actor in actors {
            let Some(&id) = actor.ucdp_ids.first() else { continue };
            let own = [&actor.name].into_iter().chain(&actor.short);
            for name in own.chain(&actor.ucdp_names).chain(&actor.aliases) {
                let known = numbers.entry(name.trim().to_lowercase()).or_insert(Some(id));
                *known = known.filter(|known| *known == id);
            }
        }
        Self(numbers)
    }

    /// The number of a side by its name, with how that is noted.
    fn number(&self, name: &str) -> Option<(i64, String)> {
        let name = name.trim().to_lowercase();
        let number = (*self.0.get(&name)?)?;
        Some((number, format!("{name}={number}")))
    }

    /// How the names among these are numbered.
    fn used_of(&self, names: &BTreeSet<String>) -> BTreeSet<String> {
        names.iter().filter_map(|name| self.number(name)).map(|(_, noted)| noted).collect()
    }

    /// Gives sides without a number the one of the case's organisation whose name they have: names of
    /// sides are not kept where they may be a person's, so that a side is known by its number alone. Adds
    /// to `used` which names were numbered how.
    pub(crate) fn give(&self, events: &mut Events, used: &mut BTreeSet<String>) {
        let Events { side_a, side_a_id, side_b, side_b_id, .. } = events;
        for (names, ids) in [(side_a, side_a_id), (side_b, side_b_id)] {
            let numbers: Vec<_> = names.values.iter().map(|name| self.number(name)).collect();
            for (row, id) in ids.iter_mut().enumerate().filter(|(_, id)| **id < 0) {
                if let Some((number, noted)) = &numbers[names.codes[row] as usize] {
                    *id = *number;
                    if !used.contains(noted) {
                        used.insert(noted.clone());
                    }
                }
            }
        }
    }
}

/// What is added to the settings of an import for the names of sides that were numbered.
pub(crate) fn side_settings(used: &BTreeSet<String>) -> String {
    if used.is_empty() {
        return String::new();
    }
    let listed: Vec<&str> = used.iter().map(String::as_str).collect();
    format!(" sides {}", &sha256(listed.join("\n").as_bytes())[..12])
}

/// Whether records of this kind name organisations or states, which are those of a case.
const fn needs_case(kind: table::Kind) -> bool {
    matches!(kind, table::Kind::Statements | table::Kind::Acts | table::Kind::DyadEvents)
}

/// The bytes of a CSV, and which of its columns have types; a Parquet file is turned into one. A
/// Parquet file is known by its first four bytes, whatever its name.
///
/// # Errors
///
/// [`Error::Table`] when it cannot be read, or the map names a separator, which no Parquet file
/// has.
fn as_csv(bytes: Vec<u8>, path: &Path, map: &Map) -> Result<(Vec<u8>, Typed)> {
    if !bytes.starts_with(b"PAR1") {
        let bytes = sanad_source::unpacked(bytes).map_err(|e| foreign(path, e))?;
        return Ok((bytes, Typed::default()));
    }
    let batch = read_parquet(path).map_err(|e| match e {
        Error::Damaged { path, problem } => Error::Table { path, problem },
        other => other,
    })?;
    if map.separator() != b',' {
        let problem = "it is a Parquet file, and the map names a separator".to_owned();
        return Err(Error::Table { path: path.to_owned(), problem });
    }
    let batch = with_bytes_as_text(&batch, path, map)?;
    let (batch, typed) = with_dates_as_text(&batch)?;
    let mut out = Vec::new();
    export::write(&batch, Format::Csv, &mut out)?;
    Ok((out, typed))
}

/// The table with its columns of bytes as texts: some programs write texts so. Written as CSV they would
/// be digits of base sixteen, some of which are numbers as well.
///
/// # Errors
///
/// [`Error::Table`] for a column of the map that holds bytes which are no text.
fn with_bytes_as_text(batch: &RecordBatch, path: &Path, map: &Map) -> Result<RecordBatch> {
    let schema = batch.schema();
    let mut columns = Vec::new();
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        let is_named = map.named().any(|name| name == field.name());
        let texts = if is_named && is_bytes(column.data_type()) {
            let strict = CastOptions { safe: false, ..CastOptions::default() };
            cast_with_options(column, &DataType::Utf8, &strict).map_err(|_| Error::Table {
                path: path.to_owned(),
                problem: format!("column {} holds bytes, expected texts or numbers", field.name()),
            })?
        } else {
            column.clone()
        };
        columns.push((field.name().clone(), texts, true));
    }
    Ok(RecordBatch::try_from_iter_with_nullable(columns)?)
}

/// Whether a column holds bytes, plain or kept once each.
fn is_bytes(kind: &DataType) -> bool {
    match kind {
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => true,
        DataType::FixedSizeBinary(_) => true,
        DataType::Dictionary(_, values) => is_bytes(values),
        _ => false,
    }
}

/// The table with its columns of dates and times as texts in ISO 8601, and which columns have types.
fn with_dates_as_text(batch: &RecordBatch) -> Result<(RecordBatch, Typed)> {
    let mut typed = Typed::default();
    let schema = batch.schema();
    let mut columns = Vec::new();
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        let texts = temporal_texts(column)?;
        if texts.is_some() {
            typed.dates.insert(field.name().clone());
        }
        if column.data_type().is_numeric() {
            typed.numbers.insert(field.name().clone());
        }
        columns.push((field.name().clone(), texts.unwrap_or_else(|| column.clone()), true));
    }
    Ok((RecordBatch::try_from_iter_with_nullable(columns)?, typed))
}

/// The card that a map writes, with the beginning of the file's hash as version.
fn map_source(source: &MapSource, sha256: &str, accessed: NaiveDate, coverage: Coverage) -> Source {
    Source {
        id: source.id.clone(),
        version: format!("file-{}", &sha256[..8]),
        title: source.title.clone(),
        citation: source.citation.clone(),
        licence: source.licence.clone(),
        url: source.url.clone(),
        accessed,
        released: None,
        preliminary: false,
        date_rule: None,
        coverage,
    }
}

/// The largest table of events that is read as a whole, which takes some ten times as much memory. 32 MiB.
const WHOLE_TABLE_BYTES: u64 = 32 << 20;

/// The format under which events of a table are kept.
const EVENTS_OF_TABLE: &str = "table-events";

/// The format under which records of a table are kept.
const fn format_of(records: &Records) -> &'static str {
    match records {
        Records::Events(_) => EVENTS_OF_TABLE,
        Records::Observations(_) => "table-observations",
        Records::Statements(_) => "table-statements",
        Records::Acts(_) => "table-acts",
        Records::Dyads(_) => "table-dyad-events",
    }
}

/// How many records were kept.
fn kept(records: &Records) -> u64 {
    let count = match records {
        Records::Events(ged) => ged.events.len(),
        Records::Observations(series) => series.observations.len(),
        Records::Statements(all) => all.statements.len(),
        Records::Acts(acts) => acts.records.len(),
        Records::Dyads(dyads) => dyads.events.len(),
    };
    count as u64
}

/// The countries and months that records are about; acts say none.
fn covered(records: &Records) -> Coverage {
    match records {
        Records::Events(ged) => ged.coverage.clone(),
        Records::Observations(series) => coverage(&series.observations),
        Records::Statements(all) => statement_coverage(&all.statements),
        Records::Acts(_) => Coverage::default(),
        Records::Dyads(dyads) => crate::dyads::coverage(&dyads.events),
    }
}

/// Records as tables by kind. An act cites its row of the file.
fn payloads(records: Records, series: &str) -> Result<Payloads> {
    let one = |kind: &'static str, table: RecordBatch| Ok(vec![(kind, Payload::Table(table))]);
    match records {
        Records::Events(ged) => event_payloads(ged.events, series),
        Records::Observations(it) => one("observation", observation_table(&it.observations)?),
        Records::Statements(it) => one("coded_statement", statement_table(&it.statements)?),
        Records::Acts(mut acts) => {
            for (record, row) in acts.records.iter_mut().zip(&acts.rows) {
                record.entry.cite = Some(format!("row {row} of the source's file"));
            }
            chronicle_payloads(&acts.records)
        }
        Records::Dyads(it) => one("dyad_event", dyad_table(&it.events)?),
    }
}

/// First and last month; statements are of no country.
fn statement_coverage(rows: &[CodedStatement]) -> Coverage {
    Coverage {
        from: rows.iter().map(|row| Month::from_date(row.date.start())).min(),
        to: rows.iter().map(|row| Month::from_date(row.date.end())).max(),
        countries: Vec::new(),
        inferred: true,
    }
}

/// Codings as a table; lists are joined by semicolons.
fn statement_table(rows: &[CodedStatement]) -> Result<RecordBatch> {
    let list = |of: fn(&CodedStatement) -> &Vec<String>| {
        rows.iter().map(move |row| Some(of(row).join(";")).filter(|text| !text.is_empty()))
    };
    let days = |of: fn(sanad_core::Period) -> NaiveDate| {
        rows.iter().map(|row| day_number(of(row.date))).collect::<Vec<_>>()
    };
    Columns::default()
        .text("id", rows.iter().map(|row| Some(&row.id)))
        .text("coder", rows.iter().map(|row| Some(&row.coder)))
        .text("date", rows.iter().map(|row| Some(row.date.to_string())))
        .date("date_start", days(sanad_core::Period::start))
        .date("date_end", days(sanad_core::Period::end))
        .text("organisation", rows.iter().map(|row| Some(&row.organisation)))
        .text("outlet", rows.iter().map(|row| row.outlet.as_ref()))
        .text("languages", list(|row| &row.languages))
        .text("audiences", list(|row| &row.audiences))
        .text("medium", rows.iter().map(|row| row.medium.as_ref()))
        .text("target", rows.iter().map(|row| row.target.as_ref()))
        .text("frames", list(|row| &row.frames))
        .int64(
            "claimed_events",
            rows.iter().map(|row| row.claimed_events.map(i64::from)).collect::<Vec<_>>(),
        )
        .text("claimed_period", rows.iter().map(|row| row.claimed_period.map(|p| p.to_string())))
        .text("link", rows.iter().map(|row| row.link.as_ref()))
        .int64("source_row", rows.iter().map(|row| row.source_row as i64).collect::<Vec<_>>())
        .finish()
}

/// Rows of a table that [`statement_table`] made.
///
/// # Errors
///
/// [`Error::Damaged`] when a column is missing or a date is none.
fn read(columns: &Reader<'_>) -> Result<Vec<CodedStatement>> {
    let text = |name: &str| columns.texts(name);
    let (id, coder, date) = (text("id")?, text("coder")?, text("date")?);
    let (organisation, outlet) = (text("organisation")?, text("outlet")?);
    let (languages, audiences) = (text("languages")?, text("audiences")?);
    let (medium, target, frames) = (text("medium")?, text("target")?, text("frames")?);
    let (period, link) = (text("claimed_period")?, text("link")?);
    let whole = |name: &str| {
        let column = columns.cast(name, &DataType::Int64)?;
        Ok::<_, Error>(column.as_primitive::<Int64Type>().clone())
    };
    let (claimed, rows) = (whole("claimed_events")?, whole("source_row")?);
    let some = |column: &datafusion::arrow::array::StringArray, at: usize| {
        column.is_valid(at).then(|| column.value(at).to_owned())
    };
    let list = |column: &datafusion::arrow::array::StringArray, at: usize| {
        let text = some(column, at).unwrap_or_default();
        text.split(';').filter(|split| !split.is_empty()).map(str::to_owned).collect()
    };
    let damaged = || Error::damaged(columns.path, "a date that is none");
    let row = |at: usize| {
        Ok(CodedStatement {
            id: id.value(at).to_owned(),
            date: date.value(at).parse().map_err(|_| damaged())?,
            organisation: organisation.value(at).to_owned(),
            outlet: some(&outlet, at),
            languages: list(&languages, at),
            audiences: list(&audiences, at),
            medium: some(&medium, at),
            target: some(&target, at),
            frames: list(&frames, at),
            claimed_events: claimed.is_valid(at).then(|| claimed.value(at) as u32),
            claimed_period: some(&period, at)
                .map(|text| text.parse().map_err(|_| damaged()))
                .transpose()?,
            link: some(&link, at),
            coder: coder.value(at).to_owned(),
            source_row: rows.value(at) as u64,
        })
    };
    (0..columns.batch.num_rows()).map(row).collect()
}
