//! `sanad case`.

use std::fs;
use std::path::Path;

use sanad_case::{COUNTS_FILE, Placed, Scaffold, ScaffoldRequest, scaffold};
use sanad_core::country::Country;
use sanad_core::diagnostic::Diagnostic;
use sanad_core::place::Level;
use sanad_source::boundaries::{NamedAttributes, Reading};
use sanad_store::{EventFile, ImportFile, Observatory, ScratchFolder, export};
use sanad_study::{Error as StudyError, Progress as _, Study, gap_shipped, latest};
use tempfile::TempDir;

use crate::args::{CaseArgs, CaseCommand, CaseNew, CaseTrials, Form};
use crate::command::{check_ending, print, subject, today};
use crate::error::{Error, Result};
use crate::progress::{Step, Terminal};
use crate::report::{self, say};

/// Diagnostics that are shown of each file.
const SHOWN: usize = 5;

pub(crate) fn run(request: &CaseArgs, threads: usize) -> Result<()> {
    match &request.what {
        CaseCommand::New(new) => make(new, threads),
        CaseCommand::Trials(trials) => try_forecast(trials, threads),
        CaseCommand::GapForecast(forecast) => forecast_districts(forecast, threads),
    }
}

/// Forecasts the districts that a briefing prints across a gap of years.
fn forecast_districts(request: &CaseTrials, threads: usize) -> Result<()> {
    request.out.as_deref().map_or(Ok(()), check_ending)?;
    let opened = subject::open(&request.subject)?;
    let table = gap_shipped::districts_to_ship(&opened.observatory, threads, &Terminal::default())?;
    let Some(table) = table else {
        say!(
            "note: nothing is written: there are no years in which only theatres are known, or the forecast lost \
             its trial (`sanad levels CASE --table gap-trial`)"
        );
        return Ok(());
    };
    match &request.out {
        Some(path) => Ok(export::write_file(&table, None, path)?),
        None => print(&table, Form::Csv),
    }
}

/// Tries the forecast of a briefing on past years.
fn try_forecast(request: &CaseTrials, threads: usize) -> Result<()> {
    request.out.as_deref().map_or(Ok(()), check_ending)?;
    let opened = subject::open(&request.subject)?;
    let study = Study::read(&opened.observatory, threads, &Terminal::default())?;
    let progress = Terminal::default();
    progress.begin("try the forecast on past years");
    let table = latest::trials(&study, &opened.observatory, &progress)?;
    let table = table.ok_or(StudyError::CaseLacks { missing: "final national months" })?;
    progress.end(&format!("{} months scored", table.num_rows()));
    match &request.out {
        Some(path) => Ok(export::write_file(&table, None, path)?),
        None => print(&table, Form::Csv),
    }
}

/// Makes the case in a folder near the one that is wanted, which gets its name when all is done, as do
/// the folders above it: a run that fails leaves nothing.
fn make(new: &CaseNew, threads: usize) -> Result<()> {
    let country = country(&new.country)?;
    let (existing, name) = target(&new.folder)?;
    let step = Step::begin(format!("read {}", new.ged.display()));
    let events = sanad_store::read_event_file(&new.ged, &step)?;
    step.end(&format!("{} events", events.ged.events.len()));
    diagnostics(&new.ged, &events.ged.diagnostics);
    let borders = borders(new)?;
    let made = scaffolded(new, country, &name, &events, borders.as_ref())?;
    let unfinished =
        temporary(tempfile::Builder::new().prefix(".sanad-case-").tempdir_in(existing))?;
    let folder = unfinished.path().join(&name);
    fs::create_dir(&folder)
        .map_err(|source| StudyError::Write { what: folder.display().to_string(), source })?;
    count(new, &made, &folder, country, threads)?;
    sanad_store::write_texts(&folder, &made.files)?;
    if let Some(above) = new.folder.parent() {
        fs::create_dir_all(above)
            .map_err(|source| StudyError::Write { what: above.display().to_string(), source })?;
    }
    sanad_store::place_folder(&folder, &new.folder)?;
    tell(new, &made);
    Ok(())
}

fn country(text: &str) -> Result<Country> {
    let found = Country::of_name_or_code(text);
    let found = found.or_else(|| Country::of_code(&text.trim().to_uppercase()));
    found.ok_or_else(|| Error::Option {
        option: "--country",
        found: text.to_owned(),
        expected: "a code of ISO 3166 such as MLI, or a country's name in English",
    })
}

/// The folder that exists and in or below which the new one will stand, and the new one's name.
fn target(folder: &Path) -> Result<(&Path, String)> {
    let wrong =
        |expected| Error::Option { option: "DIR", found: folder.display().to_string(), expected };
    let name = folder.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| wrong("the name of a folder"))?;
    if folder.symlink_metadata().is_ok() {
        return Err(wrong("a folder that does not exist yet; nothing is written over"));
    }
    let above = folder.ancestors().skip(1);
    let here = |above: &'_ Path| above.as_os_str().is_empty() || above.symlink_metadata().is_ok();
    let existing = above.into_iter().find(|above| here(above)).unwrap_or_else(|| Path::new("."));
    let existing = if existing.as_os_str().is_empty() { Path::new(".") } else { existing };
    if !existing.is_dir() {
        return Err(wrong("a folder below folders; one of those above it is a file"));
    }
    Ok((existing, name.to_owned()))
}

fn borders(new: &CaseNew) -> Result<Option<Reading>> {
    let Some(path) = &new.boundaries else { return Ok(None) };
    let step = Step::begin(format!("read {}", path.display()));
    let names = attributes(new, Level::Adm1);
    let reading = sanad_store::read_boundary_file(path, names.as_ref())?;
    step.end(&format!("{} areas", reading.boundaries.len()));
    diagnostics(path, &reading.diagnostics);
    Ok(Some(reading))
}

fn attributes(new: &CaseNew, level: Level) -> Option<NamedAttributes> {
    let names = new.attributes.as_ref()?.named(level)?;
    Some(NamedAttributes { level, ..names })
}

fn diagnostics(path: &Path, found: &[Diagnostic]) {
    if found.is_empty() {
        return;
    }
    say!("{}: {} diagnostics", path.display(), found.len());
    for diagnostic in found.iter().take(SHOWN) {
        say!("  {diagnostic}");
    }
    if found.len() > SHOWN {
        say!("  … and {} more", found.len() - SHOWN);
    }
}

fn scaffolded(
    new: &CaseNew,
    country: Country,
    name: &str,
    events: &EventFile,
    borders: Option<&Reading>,
) -> Result<Scaffold> {
    let file_name =
        |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let boundaries_file = new.boundaries.as_deref().map(file_name);
    let request = ScaffoldRequest {
        id: name,
        country,
        events: &events.ged.events,
        version: events.version.as_deref(),
        imported_version: &events.imported_version,
        coverage: &events.ged.coverage,
        ged_file: &file_name(&new.ged),
        boundaries: borders,
        boundaries_file: boundaries_file.as_deref(),
        today: today()?,
    };
    let made = scaffold(&request);
    made.map_err(|source| {
        let about_borders = source.is_form();
        let path = new.boundaries.as_ref().filter(|_| about_borders).unwrap_or(&new.ged);
        Error::from(sanad_store::Error::Case { path: path.clone(), source: Box::new(source) })
    })
}

/// Counts the events by the places of the new case, so that it can be read without them.
fn count(
    new: &CaseNew,
    made: &Scaffold,
    folder: &Path,
    country: Country,
    threads: usize,
) -> Result<()> {
    let step = Step::begin("count");
    let uncounted = ScratchFolder::new()?;
    let place = ScratchFolder::new()?;
    let mut files = made.files.clone();
    files.insert("case.toml", made.case_without_counts.clone());
    sanad_store::write_texts(uncounted.path(), &files)?;
    let mut observatory = Observatory::open_or_new(place.path())?;
    observatory.import_case(uncounted.path(), false, today()?)?;
    let incoming = |path| -> Result<ImportFile<'_>> {
        Ok(ImportFile { path, card: None, strict: false, today: today()?, progress: &step })
    };
    if let (Some(path), Some(level)) = (&new.boundaries, made.boundary_level) {
        let file = incoming(path)?;
        match attributes(new, level) {
            Some(names) => observatory.import_named_boundaries(&file, &names)?,
            None => observatory.import_boundaries_at(&file, level)?,
        };
    }
    observatory.import_ged(&incoming(&new.ged)?)?;
    let table = observatory.counts("ucdp-ged", country.gwno.unwrap_or_default(), None, threads)?;
    export::write_file(&table, None, &folder.join(COUNTS_FILE))?;
    step.end(&format!("{} rows", table.num_rows()));
    Ok(())
}

fn temporary(made: std::io::Result<TempDir>) -> Result<TempDir> {
    made.map_err(|source| {
        Error::from(StudyError::Write { what: "a temporary folder".to_owned(), source })
    })
}

/// Says what was made, what is left to decide, and what can be run on it at once.
fn tell(new: &CaseNew, made: &Scaffold) {
    let folder = new.folder.display();
    let [provinces, districts] = made.places;
    say!("wrote {folder}");
    say!("  places of the first level   {provinces:>6}");
    say!("  places of the second level  {districts:>6}");
    say!("  organisations               {:>6}", made.organisations);
    say!(
        "  of these with a number for a name, because the source's may be a person's {:>6}",
        made.numbered
    );
    say!("  lines left to decide        {:>6}", made.decisions);
    let Placed { events, deaths, known_deaths, placed_deaths } = made.placed;
    say!("  events of the country       {events:>6}, with {deaths} deaths");
    match made.placed.share() {
        Some(share) => say!(
            "  placed                      {placed_deaths:>6} of {known_deaths} deaths with a known place ({:.1} %)",
            share * 100.0
        ),
        None => report::note("no event has a known place"),
    }
    if made.places == [0, 0] {
        report::note("the file of events names no place; --boundaries gives the case its places");
    }
    say!("what is left to decide: grep -n '^# decide' {folder}/*.toml");
    say!("at once:  sanad brief {folder}");
    say!("          sanad forecast {folder} --unit country --steps 1..6");
    say!("by event: sanad import case {folder} --observatory OBSERVATORY");
    if let (Some(path), Some(level)) = (&new.boundaries, made.boundary_level) {
        let list = new.attributes.as_ref().map_or_else(String::new, ToString::to_string);
        let list = format!(" --attributes {list}level={level}");
        say!(
            "          sanad import boundaries {}{list} --observatory OBSERVATORY",
            path.display()
        );
    }
    say!("          sanad import ucdp-ged {} --observatory OBSERVATORY", new.ged.display());
}
