//! The pages, figures and tables as a folder of files, for a web host or a memory stick.
//!
//! Everything is asked of the router that answers a browser, so that figures, tables and documents
//! are the served bytes. Pages differ in what cannot work without the program: their links lead to
//! files, and forms give way to the lists of words that they hold. A run stays under its day for
//! ever; `latest` leads to the newest, and a page and a feed say what changed since the one before.

mod choice;
mod folder;
mod notice;
mod page;
mod parallel;
mod render;
mod run;
mod target;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use chrono::NaiveDate;
use sanad_study::Progress;
use serde_json::Value;

use crate::edition::{Facts, OpenObservatory};
use crate::error::{Error, Result};
use crate::fault::Fault;
use crate::house::{House, Settings, Today};
use crate::page::layout::{self, PageFrame};
use crate::page::style::style_address;
use crate::server::{router, runtime};
use choice::Choice;
use folder::{OutFolder, RECORD, Staging};
use notice::NamedRun;
use page::{FileMap, relinked};
use parallel::side_by_side;
use render::{HOST, Rendered, ask, render};
use run::{Changes, RunRecord};

/// How a folder is published.
#[derive(Debug, Clone)]
pub struct PublishSettings {
    /// Threads of the query engine; 0 for as many as the machine has. Numbers do not depend on it.
    pub threads: usize,
    /// How many of the last covered months have the records behind their numbers published. The
    /// numbers of earlier months stand without a link.
    pub months_of_records: u16,
    /// Today, for the name of the run, benchmarks and their dates.
    pub today: NaiveDate,
}

impl PublishSettings {
    /// Settings for a whole case: the records of all months that a place's page lists.
    #[must_use]
    pub const fn new(today: NaiveDate) -> Self {
        Self { threads: 0, months_of_records: 24, today }
    }
}

/// What was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The folder of the run.
    pub folder: PathBuf,
    /// Pages.
    pub pages: usize,
    /// Files, pages among them.
    pub files: usize,
    /// Bytes of all files.
    pub bytes: usize,
    /// What changed since the run before, in a sentence each. Empty for a first run.
    pub changes: Vec<String>,
    /// Whether it is a new run. The same state of the same day by the same program is not published
    /// twice.
    pub is_new: bool,
}

/// How long an answer is waited for: no reader waits, and the fit of a large case takes its time.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Publishes an observatory into a folder.
///
/// The folder is made where it is missing. A program that is killed leaves in it what was there
/// before, or the new run; the pages that lead to the newest run are replaced last, each in one step.
///
/// # Errors
///
/// [`Error::Observatory`] where the observatory has no readable case, [`Error::Answer`] where a page
/// or table fails, [`Error::Occupied`] for a folder that holds other things than runs,
/// [`Error::Publishing`] while another program publishes into it, [`Error::SameFile`],
/// [`Error::Row`], [`Error::Broken`], [`Error::Folder`], and [`Error::Threads`].
pub fn publish(
    settings: &PublishSettings,
    opened: OpenObservatory,
    out: &Path,
    progress: &dyn Progress,
) -> Result<Published> {
    let house = house(settings, opened)?;
    let unreadable = |fault: Fault| Error::Observatory { what: fault.what };
    let edition = house.edition().map_err(unreadable)?;
    let facts = edition.facts().map_err(unreadable)?;
    let folder = OutFolder::take(out)?;
    let before = runs(&folder)?;
    let run = RunRecord {
        day: settings.today,
        state: edition.key.clone(),
        program: format!("sanad {}", env!("CARGO_PKG_VERSION")),
        case: facts.case.title.clone(),
        months_of_records: settings.months_of_records,
        before: before.first().map(|known| known.name.clone()),
        ..RunRecord::default()
    };
    if let Some(same) = before.iter().find(|known| known.run.is_same(&run)) {
        // A run that was killed at its very end may have left the pages that lead to it behind.
        point(&folder, &before)?;
        return Ok(already(out, same));
    }
    let name = folder.name_for(run.day);
    let staging = folder.begin()?;
    let records_from = facts.last().plus(1 - i32::from(settings.months_of_records));
    let router = router(&house);
    let asked = asked(&router, Choice { records_from }, &facts, &staging, progress);
    let RouterAnswers { rendered, tables: [panel, claims, benchmarks, forecast] } =
        runtime()?.block_on(asked)?;
    let mut run = run
        .with_panel(&panel)?
        .with_claims(&claims)?
        .with_benchmarks(&benchmarks)?
        .with_forecast(&forecast)?;
    let changes = before.first().map(|known| Changes::between(&known.run, &run));
    run.changes = changes.as_ref().map(Changes::sentences).unwrap_or_default();
    progress.begin("write the pages");
    let writing = Writing { name: &name, threads: settings.threads, staging: &staging, progress };
    let bytes = written(&rendered, (&run, changes.as_ref()), &writing)?;
    progress.end(&format!("{} pages", rendered.pages.len() + 1));
    progress.begin("put the run in its place");
    folder.place(staging, &name)?;
    progress.end(&name);
    let published = Published {
        folder: out.join(&name),
        pages: rendered.pages.len() + 1,
        files: rendered.count() + OWN_FILES,
        bytes: rendered.bytes + bytes,
        changes: run.changes.clone(),
        is_new: true,
    };
    let runs: Vec<NamedRun> = [NamedRun { name, run }].into_iter().chain(before).collect();
    point(&folder, &runs)?;
    Ok(published)
}

/// Files of a run that no address leads to: the style sheet, the page of changes and the record.
const OWN_FILES: usize = 3;

/// A house that nobody reaches but this program, over the observatory as it is now.
fn house(settings: &PublishSettings, opened: OpenObservatory) -> Result<Arc<House>> {
    let served = Settings {
        listen: ([127, 0, 0, 1], 80).into(),
        hosts: vec![HOST.to_owned()],
        threads: settings.threads,
        patience: PATIENCE,
        are_answers_compressed: false,
        ..Settings::new(Today::Fixed(settings.today))
    };
    House::of_one_state(served, opened)
}

/// What was asked of the router.
struct RouterAnswers {
    /// The pages and files.
    rendered: Rendered,
    /// The tables of [`tables_of`]; null where the observatory has no data for one.
    tables: [Value; 4],
}

/// Asks the router for every page and for what a run tells of itself.
///
/// # Errors
///
/// Those of [`render`] and of [`ask`].
async fn asked(
    router: &Router,
    choice: Choice,
    facts: &Facts,
    staging: &Staging,
    progress: &dyn Progress,
) -> Result<RouterAnswers> {
    progress.begin("ask for every page");
    let rendered = render(router, choice, staging, progress).await?;
    let mut tables = [const { Value::Null }; 4];
    for (table, address) in tables.iter_mut().zip(tables_of(facts)) {
        let reply = ask(router.clone(), address.clone()).await?;
        *table = match reply.status {
            200 => serde_json::from_slice(&reply.bytes).map_err(|_| Error::Broken)?,
            // The observatory has no data for it.
            404 => Value::Null,
            _ => return Err(reply.into_error(address)),
        };
    }
    progress.end(&format!("{} pages, {} files", rendered.pages.len(), rendered.count()));
    Ok(RouterAnswers { rendered, tables })
}

/// The runs of a folder, newest first.
///
/// # Errors
///
/// [`Error::Folder`] where the folder cannot be listed, [`Error::Record`] for the record of a run that
/// cannot be read: a run that is passed over would be compared with and listed no more.
fn runs(folder: &OutFolder) -> Result<Vec<NamedRun>> {
    let records = folder.records()?.into_iter().rev();
    let read = records.map(|(name, text)| match serde_json::from_str(&text) {
        Ok(run) => Ok(NamedRun { name, run }),
        Err(source) => Err(Error::Record { path: folder.record_of(&name), source }),
    });
    read.collect()
}

/// What is said where the same was published before.
fn already(out: &Path, same: &NamedRun) -> Published {
    Published {
        folder: out.join(&same.name),
        pages: 0,
        files: 0,
        bytes: 0,
        changes: same.run.changes.clone(),
        is_new: false,
    }
}

/// Addresses of the tables that a run tells of itself by: the panel by places of the first level over
/// all covered months, the claims, the benchmarks, and the forecast of the finest places.
fn tables_of(facts: &Facts) -> [String; 4] {
    let [first, last] = [facts.first(), facts.last()].map(|month| month.to_string());
    let unit = match facts.finest() {
        sanad_store::Unit::Adm2 => "adm2",
        sanad_store::Unit::Country => "country",
        _ => "adm1",
    };
    let span = [("unit", "adm1"), ("from", &*first), ("to", &*last), ("places", "current")];
    [
        target::table("/api/v1/panel", &span),
        target::table("/api/v1/claims", &[]),
        target::table("/api/v1/benchmarks", &[]),
        target::table("/api/v1/forecast", &[("unit", unit)]),
    ]
}

/// The address that the page of changes has among the pages of a run, and its file.
const CHANGES: [&str; 2] = ["/changes", "changes.html"];

/// Where the pages of a run are written, and by how many.
struct Writing<'a> {
    /// The name of the run.
    name: &'a str,
    /// Threads; 0 for as many as the machine has.
    threads: usize,
    /// The run, as far as it is.
    staging: &'a Staging,
    /// Who hears how far it has come.
    progress: &'a dyn Progress,
}

impl Writing<'_> {
    /// The threads, at least one.
    fn threads(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        }
    }
}

/// Writes the pages of a run with its page of changes and its record. Gives the bytes written.
fn written(
    rendered: &Rendered,
    (run, changes): (&RunRecord, Option<&Changes>),
    writing: &Writing<'_>,
) -> Result<usize> {
    let frame = PageFrame {
        title: "What changed since the run before",
        case: &run.case,
        path: CHANGES[0],
        state: &run.state,
        again: None,
        has_script: false,
    };
    let told = layout::page(&frame, &notice::changes(run, changes));
    let own = [(CHANGES[1], &told)];
    let pages = rendered.pages.iter().map(|(file, page)| (file.as_str(), page));
    let pages: Vec<(&str, &String)> = pages.chain(own).collect();
    let file_of = |address: &str| match address {
        "/changes" => Some(CHANGES[1].to_owned()),
        address => rendered.file_of(address),
    };
    let done = AtomicUsize::new(0);
    let sizes = side_by_side(&pages, writing.threads(), |(file, page)| {
        let map = FileMap { file_of: &file_of, from: file, run: writing.name };
        let page = dated(&relinked(page, &map), file, run);
        writing.staging.write(file, page.as_bytes())?;
        writing.progress.advance(done.fetch_add(1, Ordering::Relaxed) + 1, pages.len());
        Ok(page.len())
    })?;
    let record = serde_json::to_string(run).map_err(|_| Error::Broken)?;
    writing.staging.write(RECORD, record.as_bytes())?;
    Ok(sizes.iter().sum::<usize>() + record.len())
}

/// A page with when it was published and with the ways to the changes, the other runs and the feed.
fn dated(page: &str, file: &str, run: &RunRecord) -> String {
    let out = "../".repeat(file.matches('/').count() + 1);
    let changes = target::way(file, CHANGES[1]);
    let feed = format!(
        "<link rel=\"alternate\" type=\"application/atom+xml\" href=\"{out}feed.atom\"></head>"
    );
    let told = format!(
        "<footer class=\"foot\"><p>Published on {} · <a href=\"{changes}\">what changed since the run before</a> · \
         <a href=\"{out}index.html\">all runs</a></p>",
        run.day
    );
    page.replacen("</head>", &feed, 1).replacen("<footer class=\"foot\">", &told, 1)
}

/// Writes what leads to the runs, newest first: the feed, the list and last the page that leads to the
/// newest. Each is replaced in one step.
fn point(folder: &OutFolder, runs: &[NamedRun]) -> Result<()> {
    let Some(newest) = runs.first() else { return Ok(()) };
    let (name, run) = (&newest.name, &newest.run);
    let frame = PageFrame {
        title: "Published runs",
        case: &run.case,
        path: "/runs",
        state: &run.state,
        again: None,
        has_script: false,
    };
    let list = layout::page(&frame, &notice::list(runs));
    let file_of = |address: &str| match address.strip_prefix("/runs/") {
        Some("feed") => Some("feed.atom".to_owned()),
        Some(run) if run.ends_with("/changes") => Some(format!("{run}.html")),
        Some(run) => Some(format!("{run}/index.html")),
        None if address == style_address() => Some(format!("{name}{address}")),
        None => Some(format!("{name}/{}", target::PublishTarget::of_address(address)?.file())),
    };
    let map = FileMap { file_of: &file_of, from: "index.html", run: name };
    folder.replace("feed.atom", &notice::feed(runs))?;
    folder.replace("index.html", &relinked(&list, &map))?;
    folder.replace("latest/index.html", &notice::latest(name))
}
