//! What a case brings in: places, organisations, chronicle and ready-made figures.
//!
//! Every file that people wrote is kept as it came, under a format of its own name, and read again
//! when it is asked for: the case in the observatory is the text that was imported, not what this
//! version of the program made of it.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use datafusion::arrow::array::RecordBatch;
use sanad_case::{
    Case, Chronicle, DeclaredFamily, Document, Indicators, Outline, check_theatres, read_actors,
    read_case, read_chronicle, read_families, read_indicators, read_outline, read_places,
};
use sanad_core::actor::Actor;
use sanad_core::chronicle::ChronicleRecord;
use sanad_core::chronicle::KnownIds;
use sanad_core::event::DateRule;
use sanad_core::place::PlaceBook;
use sanad_core::source::Coverage;
use sanad_core::{Progress, Silent};
use sanad_source::country_months::CountryMonth;

use crate::chronicle::chronicle_payloads;
use crate::error::{Error, Missing, Result};
use crate::hand_written::{own_source, read_text};
use crate::import::{ImportFile, ImportReport, Payload, Reading, hand_written, source_of};
use crate::inside::file_in;
use crate::observatory::{Observatory, Writer};
use crate::read_file::{foreign, read_unpacked};
use crate::series::{SeriesOptions, stage_series};
use crate::shipped::unknown_format;
use crate::snapshot::Snapshot;
use crate::table::Columns;

impl Observatory {
    /// Imports a case: the card `case.toml` in `folder` and every file it names. The whole case
    /// becomes visible at once. Files are read in the order of the card; the first that is at fault
    /// ends the import, and nothing of it stays. A file whose bytes are there already is not
    /// written again.
    ///
    /// # Errors
    ///
    /// [`Error::Foreign`] when card, places or organisations are not right as a whole; entries of
    /// the chronicle that cannot be records are diagnostics.
    pub fn import_case(
        &mut self,
        folder: &Path,
        strict: bool,
        today: NaiveDate,
    ) -> Result<Vec<ImportReport>> {
        self.import_case_reporting(folder, strict, today, &Silent)
    }

    /// As [`import_case`](Self::import_case); `progress` hears of every file of the case.
    ///
    /// # Errors
    ///
    /// As [`import_case`](Self::import_case).
    pub fn import_case_reporting(
        &mut self,
        folder: &Path,
        strict: bool,
        today: NaiveDate,
        progress: &dyn Progress,
    ) -> Result<Vec<ImportReport>> {
        let (writer, reports) = (self.writer()?, Vec::new());
        let mut import = CaseImport { writer, folder, strict, today, reports, files: 1, progress };
        let case = import.card()?;
        import.files = files_of(&case);
        let known = import.declared(&case)?;
        import.shipped(&case, &known)?;
        import.publish()
    }

    /// Imports a chronicle written by hand. Places and organisations it names must be those of the
    /// case in the observatory. It replaces the chronicle of its series, which is the file's name
    /// unless a card says another, and leaves those of others.
    ///
    /// # Errors
    ///
    /// [`Error::Foreign`] when the file is not TOML of that form; [`Error::Lacks`] when no case
    /// has been imported.
    pub fn import_chronicle(&mut self, file: &ImportFile<'_>) -> Result<ImportReport> {
        let mut writer = self.writer()?;
        let book = writer.observatory().places()?;
        if book.is_empty() {
            return Err(Error::Lacks { missing: Missing::Places });
        }
        let known = KnownIds::from_case(&book, &writer.observatory().actors()?);
        let report = stage_chronicle(&mut writer, file, &known)?;
        writer.publish(report.publication())?;
        Ok(report)
    }

    /// Imports violence that somebody has summed by country and month. The case in the observatory
    /// says which country it is about. The months that it covers are those that it has.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`] when no case has been imported; [`Error::Foreign`] when the file is not of
    /// that form.
    pub fn import_country_months(&mut self, file: &ImportFile<'_>) -> Result<ImportReport> {
        let case = self.case()?;
        let mut writer = self.writer()?;
        let report = stage_country_months(&mut writer, file, &case)?;
        writer.publish(report.publication())?;
        Ok(report)
    }

    /// The card of the case that was imported last. Read anew from the kept file each time.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`] when there is none.
    pub fn case(&self) -> Result<Case> {
        let snapshot =
            self.newest_import("case").ok_or(Error::Lacks { missing: Missing::Places })?;
        let (path, text) = self.kept_text(snapshot, "case")?;
        read_case(&text).map_err(|e| Error::damaged(&path, e))
    }

    /// The places of the case that was imported last; an empty book when there is none. Read once
    /// for as long as card and list are the same texts.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when the kept file is not as it was imported.
    pub fn places(&self) -> Result<PlaceBook> {
        let Some(snapshot) = self.newest_import("places") else {
            return Ok(PlaceBook::default());
        };
        let (path, text) = self.kept_text(snapshot, "places")?;
        let card = self.newest_import("case").ok_or(Error::Lacks { missing: Missing::Places })?;
        let texts = [self.kept_text(card, "case")?.1, text];
        self.read_places().book(texts, |text| {
            let case = self.case()?;
            read_places(text)
                .and_then(|places| places.into_book(case.current_on))
                .map(|book| {
                    book.with_source_levels(case.levels)
                        .with_level_names(case.level_names)
                        .with_finest_level(case.finest_level)
                })
                .map_err(|e| Error::damaged(&path, e))
        })
    }

    /// The organisations and states of the case that was imported last. Empty when no case was
    /// imported.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when the kept file is not as it was imported.
    pub fn actors(&self) -> Result<Vec<Actor>> {
        let Some(snapshot) = self.newest_import("actors") else { return Ok(Vec::new()) };
        let (path, text) = self.kept_text(snapshot, "actors")?;
        read_actors(&text).map_err(|e| Error::damaged(&path, e))
    }

    /// The families of organisations that the case that was imported last tells apart, in the order
    /// in which charts list them: the general ones, then those that it declares.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when the kept file is not as it was imported.
    pub fn families(&self) -> Result<Vec<DeclaredFamily>> {
        let Some(snapshot) = self.newest_import("actors") else { return Ok(Vec::new()) };
        let (path, text) = self.kept_text(snapshot, "actors")?;
        read_families(&text).map_err(|e| Error::damaged(&path, e))
    }

    /// The case's own names of organisations and states, by UCDP's number. Where UCDP names an
    /// organisation after a person, the case does not. Columns: `ucdp_id`, `label`, and where the
    /// actor ended and has a neutral name for the time after it, `until_month` and `later`. An
    /// actor of several numbers has a row for each.
    pub(crate) fn actor_labels(&self) -> Result<RecordBatch> {
        let actors = self.actors()?;
        let all: Vec<(i64, &Actor)> = actors
            .iter()
            .flat_map(|actor| actor.ucdp_ids.iter().map(move |&id| (id, actor)))
            .collect();
        let until = |actor: &Actor| actor.later_name().map(|(month, _)| month.id());
        Columns::default()
            .int64("ucdp_id", all.iter().map(|one| one.0).collect::<Vec<_>>())
            .text("label", all.iter().map(|one| Some(one.1.label())))
            .int32("until_month", all.iter().map(|one| until(one.1)).collect::<Vec<_>>())
            .text("later", all.iter().map(|one| one.1.later_name().map(|(_, name)| name)))
            .finish()
    }

    /// The indicators of the case that was imported last, if it declares any. `None` also when no
    /// case was imported.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when the kept file is not as it was imported.
    pub fn indicators(&self) -> Result<Option<Indicators>> {
        let Some(snapshot) = self.newest_import("indicators") else { return Ok(None) };
        let (path, text) = self.kept_text(snapshot, "indicators")?;
        read_indicators(&text).map(Some).map_err(|e| Error::damaged(&path, e))
    }

    /// The text of a further file of the case that was imported last, if it has one. `None` when
    /// the present card does not name such a file, even if an earlier import of the case did.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when the kept file is not as it was imported.
    pub fn document(&self, document: Document) -> Result<Option<String>> {
        let named = self.case()?.files.contains_key(&document);
        let Some(snapshot) = self.newest_import(document.name()).filter(|_| named) else {
            return Ok(None);
        };
        Ok(Some(self.kept_text(snapshot, document.name())?.1))
    }

    /// The outline of the briefing of the case that was imported last; an empty one when it has
    /// none. Places and organisations that it names are checked against the case's.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when the kept file is not as it was imported.
    pub fn outline(&self) -> Result<Outline> {
        let Some(snapshot) = self.newest_import("outline") else { return Ok(Outline::default()) };
        let (path, text) = self.kept_text(snapshot, "outline")?;
        let known = KnownIds::from_case(&self.places()?, &self.actors()?);
        read_outline(&text, &known).map_err(|e| Error::damaged(&path, e))
    }

    /// The records of every chronicle: of each series, the file that was imported last.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when a kept file is not as it was imported.
    pub fn chronicle(&self) -> Result<Vec<ChronicleRecord>> {
        let known = KnownIds::from_case(&self.places()?, &self.actors()?);
        let mut all = Chronicle::default();
        for snapshot in self.current_chronicles() {
            let (path, text) = self.kept_text(snapshot, "chronicle")?;
            all.append(read_chronicle(&text, &known).map_err(|e| Error::damaged(&path, e))?);
        }
        Ok(all.records)
    }

    /// The last import of each series of chronicle, oldest first. Which one counts is decided by
    /// the order of imports, not by dates.
    pub(crate) fn current_chronicles(&self) -> Vec<&Snapshot> {
        let all: Vec<&Snapshot> = self.known("chronicle", None).collect();
        let later = |at: usize, id: &str| all[at + 1..].iter().any(|other| other.source.id == id);
        let current = all.iter().enumerate().filter(|(at, s)| !later(*at, &s.source.id));
        current.map(|(_, snapshot)| *snapshot).collect()
    }

    /// The last import of `format`. By the order of imports; the day that a source says plays no
    /// part.
    pub(crate) fn newest_import(&self, format: &str) -> Option<&Snapshot> {
        self.snapshots().iter().rev().find(|snapshot| snapshot.format == format)
    }

    /// Path and text of a file that is kept as it came.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when it is gone, changed or no text.
    fn kept_text(&self, snapshot: &Snapshot, kind: &str) -> Result<(PathBuf, String)> {
        let path = self.record_path(snapshot, kind)?;
        let text = fs::read_to_string(&path).map_err(|e| Error::kept(&path, e))?;
        Ok((path, text))
    }
}

/// A case on its way into the observatory: its files are read, checked and staged one by one, and
/// become visible together.
struct CaseImport<'a> {
    writer: Writer<'a>,
    folder: &'a Path,
    strict: bool,
    today: NaiveDate,
    reports: Vec<ImportReport>,
    /// How many files the case names, its card among them.
    files: usize,
    /// Hears of every file.
    progress: &'a dyn Progress,
}

/// How many files a case has, its card among them.
fn files_of(case: &Case) -> usize {
    let single = [case.indicators.as_ref(), case.brief.as_ref()].into_iter().flatten().count();
    let lists = [case.files.len(), case.chronicle.len(), case.figures.len()];
    // The card, places and organisations.
    3 + single + lists.into_iter().sum::<usize>()
}

/// A hand-written file of a case that has been read, with the hash of its bytes.
struct HandWritten {
    path: PathBuf,
    text: String,
    sha256: String,
}

impl CaseImport<'_> {
    /// Stages the card `case.toml`.
    ///
    /// # Errors
    ///
    /// [`Error::Case`] when it is not right; [`Error::Io`] when it is not there.
    fn card(&mut self) -> Result<Case> {
        let file = self.open("case.toml")?;
        let case = read_case(&file.text).map_err(|e| hand_written(&file.path, e))?;
        self.keep(&case, "case", "toml", file)?;
        Ok(case)
    }

    /// Stages what the case declares in files of its own, and gives the ids that it declares.
    /// Places and organisations first, because every other file names them.
    fn declared(&mut self, case: &Case) -> Result<KnownIds> {
        let book = self.stage(case, &case.places, "places", |text| {
            let book = read_places(text).and_then(|places| places.into_book(case.current_on))?;
            Ok(book.with_source_levels(case.levels.clone()))
        })?;
        let actors = self.stage(case, &case.actors, "actors", read_actors)?;
        let known = KnownIds::from_case(&book, &actors);
        check_theatres(&case.theatres, &known)
            .map_err(|e| hand_written(&self.folder.join("case.toml"), e))?;
        if let Some(name) = &case.indicators {
            self.stage(case, name, "indicators", |text| {
                read_indicators(text)?.check_families(text, &known)
            })?;
        }
        if let Some(name) = &case.brief {
            self.stage(case, name, "outline", |text| read_outline(text, &known))?;
        }
        for (&document, name) in &case.files {
            let file = self.open(name)?;
            document.check(&file.text, &known).map_err(|e| hand_written(&file.path, e))?;
            self.keep(case, document.name(), document.ending(), file)?;
        }
        for name in &case.chronicle {
            let path = file_in(self.folder, name)?;
            let file = ImportFile {
                path: &path,
                card: None,
                strict: self.strict,
                today: self.today,
                progress: &Silent,
            };
            let report = stage_chronicle(&mut self.writer, &file, &known)?;
            self.read(report);
        }
        Ok(known)
    }

    /// Stages the ready-made tables that the case ships. Each with its card, which says whose
    /// numbers they are.
    fn shipped(&mut self, case: &Case, known: &KnownIds) -> Result<()> {
        for figure in &case.figures {
            let path = file_in(self.folder, &figure.file)?;
            let card = file_in(self.folder, &figure.card)?;
            let (strict, today) = (self.strict, self.today);
            let file =
                ImportFile { path: &path, card: Some(&card), strict, today, progress: &Silent };
            let report = stage_shipped(&mut self.writer, &file, &figure.format, (case, known))?;
            self.read(report);
        }
        Ok(())
    }

    /// Makes everything that was staged visible at once.
    fn publish(mut self) -> Result<Vec<ImportReport>> {
        self.writer.publish(self.reports.iter().filter_map(ImportReport::publication))?;
        Ok(self.reports)
    }

    /// A file of the case's folder with its hash.
    ///
    /// # Errors
    ///
    /// [`Error::Outside`] when the name leads out of the folder.
    fn open(&self, name: &str) -> Result<HandWritten> {
        let path = file_in(self.folder, name)?;
        let (text, sha256) = read_text(&path)?;
        Ok(HandWritten { path, text, sha256 })
    }

    /// Reads a TOML file of the case, stages it as it came, and gives what it says.
    fn stage<T>(
        &mut self,
        case: &Case,
        name: &str,
        kind: &'static str,
        read: impl FnOnce(&str) -> sanad_case::Result<T>,
    ) -> Result<T> {
        let file = self.open(name)?;
        let read = read(&file.text).map_err(|e| hand_written(&file.path, e))?;
        self.keep(case, kind, "toml", file)?;
        Ok(read)
    }

    /// Stages a hand-written file as it came, under its kind and ending. An entry is a line that
    /// begins with `[[`, which is how these files list things.
    fn keep(
        &mut self,
        case: &Case,
        kind: &'static str,
        ending: &'static str,
        file: HandWritten,
    ) -> Result<()> {
        let HandWritten { path, text, sha256 } = file;
        let incoming = ImportFile {
            path: &path,
            card: None,
            strict: self.strict,
            today: self.today,
            progress: &Silent,
        };
        let id = format!("{}-{kind}", case.id);
        let entries = text.lines().filter(|line| line.starts_with("[[")).count() as u64;
        let reading = Reading {
            format: kind,
            source: own_source(&incoming, id, format!("{}: {kind}", case.title), &sha256),
            sha256,
            rows_read: entries,
            records_kept: entries,
            deaths_in: 0,
            deaths_kept: 0,
            diagnostics: Vec::new(),
        };
        let bytes = || Ok(vec![(kind, Payload::Bytes(ending, text.into_bytes()))]);
        let report = self.writer.stage(&incoming, reading, bytes)?;
        self.read(report);
        Ok(())
    }

    /// Keeps what was staged of one more file. Progress hears of it.
    fn read(&mut self, report: ImportReport) {
        self.reports.push(report);
        self.progress.advance(self.reports.len().min(self.files), self.files);
    }
}

/// Stages a chronicle: its text as it came, and its records as tables by kind. The series is named
/// after the file, without its ending.
///
/// # Errors
///
/// [`Error::Case`] when the file as a whole is at fault; a faulty entry is a diagnostic.
fn stage_chronicle(
    writer: &mut Writer<'_>,
    file: &ImportFile<'_>,
    known: &KnownIds,
) -> Result<ImportReport> {
    let (text, hash) = read_text(file.path)?;
    let chronicle = read_chronicle(&text, known).map_err(|e| hand_written(file.path, e))?;
    let name = file.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let usual = own_source(file, name, "Chronicle written by hand".to_owned(), &hash);
    let reading = Reading {
        format: "chronicle",
        source: source_of(file, usual)?,
        sha256: hash,
        rows_read: chronicle.entries_read,
        records_kept: chronicle.records.len() as u64,
        deaths_in: 0,
        deaths_kept: 0,
        diagnostics: chronicle.diagnostics,
    };
    writer.stage(file, reading, || {
        let mut payloads = chronicle_payloads(&chronicle.records)?;
        payloads.push(("chronicle", Payload::Bytes("toml", text.into_bytes())));
        Ok(payloads)
    })
}

/// Stages a ready-made table by the word for its form.
///
/// # Errors
///
/// [`Error::Unknown`] for a form that is none; otherwise what its reader says.
fn stage_shipped(
    writer: &mut Writer<'_>,
    file: &ImportFile<'_>,
    format: &str,
    (case, known): (&Case, &KnownIds),
) -> Result<ImportReport> {
    match format {
        "counts" => crate::counts::stage_counts(writer, file, case.gwno),
        "ablation" => crate::ablation::stage_ablation(writer, file, case.gwno, |hash| {
            own_source(file, "ablation".to_owned(), "Forecasts with and without".to_owned(), hash)
        }),
        crate::trials::TRIALS => crate::trials::stage_trials(writer, file, case.gwno, |hash| {
            own_source(file, format.to_owned(), "Trials of the forecast".to_owned(), hash)
        }),
        crate::gap_forecast::GAP_FORECAST => {
            crate::gap_forecast::stage_gap_forecast(writer, file, case.gwno, |hash| {
                let title = "Districts forecast across a gap".to_owned();
                own_source(file, format.to_owned(), title, hash)
            })
        }
        "country-months" => stage_country_months(writer, file, case),
        "month-series" => {
            crate::month_series::stage_month_series(writer, file, case.gwno, |hash| {
                own_source(file, "month-series".to_owned(), "Counts by month".to_owned(), hash)
            })
        }
        "conflict-counts" => {
            crate::conflicts::stage_conflict_counts(writer, file, case.gwno, known, |hash| {
                own_source(
                    file,
                    "conflict-counts".to_owned(),
                    "Counts by conflict".to_owned(),
                    hash,
                )
            })
        }
        "observations" => {
            let format = &sanad_source::plain::FORMAT;
            stage_series(writer, file, format, (&SeriesOptions::default(), &case.iso3))
        }
        "day-counts" => crate::days::stage_day_counts(writer, file, case.gwno, |hash| {
            own_source(file, "day-counts".to_owned(), "Counts by day".to_owned(), hash)
        }),
        "ensemble" => crate::ensemble::stage_ensemble(writer, file, case.gwno, |hash| {
            own_source(file, "ensemble".to_owned(), "Members of the fitted model".to_owned(), hash)
        }),
        other => Err(unknown_format(other)),
    }
}

/// Stages counts by country and month. Without a card they are those of the publisher's data set,
/// counted by the day an event began.
fn stage_country_months(
    writer: &mut Writer<'_>,
    file: &ImportFile<'_>,
    case: &Case,
) -> Result<ImportReport> {
    let (bytes, hash) = read_unpacked(file.path)?;
    let read =
        sanad_source::country_months::read(bytes.as_slice()).map_err(|e| foreign(file.path, e))?;
    let months = read.months;
    let coverage = Coverage {
        from: months.iter().map(|row| row.month).min(),
        to: months.iter().map(|row| row.month).max(),
        countries: vec![case.gwno],
        inferred: true,
    };
    let data_set = sanad_source::country_months::FORMAT.publication;
    let mut usual = own_source(file, data_set.id.to_owned(), data_set.title.to_owned(), &hash);
    usual.coverage = coverage;
    usual.date_rule = Some(DateRule::Start);
    usual.citation = data_set.citation.to_owned();
    usual.licence = data_set.licence.to_owned();
    usual.url = data_set.url.to_owned();
    let deaths = months.iter().map(|row| row.deaths_best).sum();
    let reading = Reading {
        format: "country-months",
        source: source_of(file, usual)?,
        sha256: hash,
        rows_read: read.rows_read,
        records_kept: months.len() as u64,
        deaths_in: deaths,
        deaths_kept: deaths,
        diagnostics: read.diagnostics,
    };
    writer.stage(file, reading, || Ok(vec![("country_month", country_month_payload(&months)?)]))
}

/// National months as a table; deaths by type are null where the release does not tell them apart.
fn country_month_payload(months: &[CountryMonth]) -> Result<Payload> {
    let ints = |of: fn(&CountryMonth) -> i64| months.iter().map(of).collect::<Vec<_>>();
    let known = |of: fn(&CountryMonth) -> Option<i64>| months.iter().map(of).collect::<Vec<_>>();
    let by_type = |violence: usize| {
        months.iter().map(|row| Some(row.deaths_by_type?[violence])).collect::<Vec<_>>()
    };
    let batch: RecordBatch = Columns::default()
        .text("country_iso3", months.iter().map(|row| Some(&row.country)))
        .int32("month_id", months.iter().map(|row| row.month.id()).collect::<Vec<_>>())
        .text("month", months.iter().map(|row| Some(row.month.to_string())))
        .int64("events", ints(|row| row.events))
        .int64("deaths_best", ints(|row| row.deaths_best))
        .int64("deaths_high", known(|row| row.deaths_high))
        .int64("deaths_civilians", known(|row| row.deaths_civilians))
        .int64("state_based_events", ints(|row| row.state_based_events))
        .int64("non_state_events", ints(|row| row.non_state_events))
        .int64("one_sided_events", ints(|row| row.one_sided_events))
        .int64("state_based_deaths", by_type(0))
        .int64("non_state_deaths", by_type(1))
        .int64("one_sided_deaths", by_type(2))
        .finish()?;
    Ok(Payload::Table(batch))
}
