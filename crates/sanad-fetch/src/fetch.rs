//! From what somebody wants to files in a folder, with a row for each.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use sanad_core::Progress;
use serde::Serialize;
use url::Url;

use crate::attempt::Server;
use crate::catalogue::{
    Access, Catalogue, DEFAULT_MAX_BYTES, DataPublisher, DataSet, Redistribution,
};
use crate::client::{Client, ClientOptions};
use crate::clock::Clock;
use crate::download::{Download, How, WantedFile, download};
use crate::error::{Error, Result};
use crate::expected::FileKind;
use crate::pages::download_pages;
use crate::place::{FilePlace, write_toml};
use crate::plan::{FetchPlan, FileTarget, GapValues, Wish, from_list, plan};
use crate::secret::Secret;

/// What this program calls itself, unless the catalogue says otherwise for a publisher.
const USER_AGENT: &str = concat!("sanad/", env!("CARGO_PKG_VERSION"));

/// What to fetch, whereto and how.
pub struct FetchRequest<'a> {
    /// The catalogue.
    pub catalogue: &'a Catalogue,
    /// What is wanted, in this order.
    pub wishes: &'a [Wish],
    /// The folder; each source gets one of its own inside.
    pub into: &'a Path,
    /// What fills the gaps of addresses, such as `iso3`.
    pub values: BTreeMap<String, String>,
    /// Looks a variable of the environment up.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The day of access, for cards.
    pub today: NaiveDate,
    /// Seed of the jitter of waits.
    pub seed: u64,
    /// Whether to say what would be asked for, and ask nobody.
    pub is_dry_run: bool,
    /// The largest file taken, bytes, where that is less than the catalogue allows.
    pub max_bytes: Option<u64>,
    /// Proxy.
    pub client: ClientOptions,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchStatus {
    /// It came whole.
    Fetched,
    /// It came in pieces, the first of which were there already or came before a cut.
    Resumed,
    /// The one that is there is still the publisher's.
    Unchanged,
    /// It would be asked for; this was a dry run.
    Planned,
    /// It was not to be had; the row's error says why.
    NotToBeHad,
}

impl FetchStatus {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fetched => "fetched",
            Self::Resumed => "resumed",
            Self::Unchanged => "unchanged",
            Self::Planned => "would be fetched",
            Self::NotToBeHad => "not to be had",
        }
    }
}

/// What became of one file.
#[derive(Debug)]
pub struct FileRow {
    /// The data set.
    pub source: String,
    /// The release, where it has a name.
    pub release: Option<String>,
    /// The file on this disk; only where it is whole and checked.
    pub file: Option<PathBuf>,
    /// Its card, for an importer.
    pub card: Option<PathBuf>,
    /// The word of `sanad import` for it.
    pub format: Option<String>,
    /// Its address, without a token.
    pub address: Option<String>,
    /// Its size.
    pub bytes: Option<u64>,
    /// Its SHA-256, hexadecimal.
    pub sha256: Option<String>,
    /// What became of it.
    pub status: FetchStatus,
    /// Its licence.
    pub licence: String,
    /// Whether rows of it may be passed on.
    pub redistribution: Redistribution,
    /// The page where a person gets it.
    pub page: String,
    /// What a user should know.
    pub notes: Vec<String>,
    /// Why it was not to be had.
    pub error: Option<Error>,
}

/// A card as an importer reads it.
#[derive(Debug, Serialize)]
struct FileCard<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    title: &'a str,
    citation: String,
    licence: &'a str,
    url: String,
    accessed: NaiveDate,
    #[serde(skip_serializing_if = "Option::is_none")]
    released: Option<NaiveDate>,
}

/// A wish with what the catalogue says of it.
struct ResolvedWish<'a> {
    data_set: &'a DataSet,
    publisher: &'a DataPublisher,
    wish: &'a Wish,
    values: BTreeMap<String, String>,
    secret: Option<Secret>,
}

impl ResolvedWish<'_> {
    fn values(&self) -> GapValues<'_> {
        GapValues { data_set: &self.data_set.id, by_name: &self.values }
    }
}

/// Fetches what is wanted. What is not to be had is a row with its error, and the others go on.
///
/// ```
/// use std::collections::BTreeMap;
/// use sanad_core::Silent;
/// use sanad_fetch::{Catalogue, ClientOptions, FetchRequest, FetchStatus, SystemClock, fetch};
///
/// let catalogue = Catalogue::shipped()?;
/// let request = FetchRequest {
///     catalogue: &catalogue,
///     wishes: &["ucdp-ged@26.1".parse().unwrap()],
///     into: "downloads".as_ref(),
///     values: BTreeMap::new(),
///     variable: &|name| std::env::var(name).ok(),
///     today: "2026-11-29".parse().unwrap(),
///     seed: 1,
///     is_dry_run: true,
///     max_bytes: None,
///     client: ClientOptions::default(),
/// };
/// let rows = fetch(&request, &SystemClock, &Silent)?;
/// assert_eq!(rows[0].status, FetchStatus::Planned);
/// # Ok::<(), sanad_fetch::Error>(())
/// ```
///
/// # Errors
///
/// Before anything is asked of anybody: [`Error::UnknownSource`], [`Error::UnknownRelease`],
/// [`Error::MissingValue`], [`Error::Address`].
pub fn fetch(
    request: &FetchRequest<'_>,
    clock: &dyn Clock,
    progress: &dyn Progress,
) -> Result<Vec<FileRow>> {
    let orders = orders(request)?;
    for order in orders.iter().filter(|order| order.data_set.access != Access::Person) {
        plan(order.data_set, order.wish, &order.values())?;
    }
    let client = Client::new(&request.client)?;
    let session = FetchSession { request, client: &client, clock, progress };
    Ok(orders.iter().flat_map(|order| session.rows(order)).collect())
}

/// Looks every wish up, with its values and its secret, before anything is asked of anybody.
fn orders<'a>(request: &'a FetchRequest<'_>) -> Result<Vec<ResolvedWish<'a>>> {
    let order = |wish: &'a Wish| {
        let (data_set, publisher) = request.catalogue.find(&wish.source)?;
        let mut values = request.values.clone();
        values.extend(wish.values.clone());
        values.extend(wish.version.clone().map(|version| ("version".to_owned(), version)));
        let secret = publisher.token.as_ref().and_then(|rule| {
            let value = (request.variable)(&rule.variable)?;
            Secret::new(rule, &value)
        });
        Ok(ResolvedWish { data_set, publisher, wish, values, secret })
    };
    request.wishes.iter().map(order).collect()
}

struct FetchSession<'a> {
    request: &'a FetchRequest<'a>,
    client: &'a Client,
    clock: &'a dyn Clock,
    progress: &'a dyn Progress,
}

impl FetchSession<'_> {
    fn rows(&self, order: &ResolvedWish<'_>) -> Vec<FileRow> {
        if let Some(error) = not_for_programs(order) {
            return vec![failed(order, None, error)];
        }
        let server = self.server(order);
        let targets = match self.targets(&server, order) {
            Ok(Targets::Known(targets, notes)) => (targets, notes),
            Ok(Targets::Listed(list)) => return vec![planned_list(order, &server, &list)],
            Err(error) => return vec![failed(order, None, error)],
        };
        let (targets, notes) = targets;
        let mut rows: Vec<FileRow> =
            targets.iter().map(|target| self.row(&server, order, target)).collect();
        if let Some(first) = rows.first_mut() {
            first.notes.splice(0..0, notes);
        }
        rows
    }

    fn server<'b>(&'b self, order: &'b ResolvedWish<'_>) -> Server<'b> {
        Server {
            client: self.client,
            clock: self.clock,
            publisher: order.publisher,
            secret: order.secret.as_ref(),
            user_agent: order.publisher.user_agent.as_deref().unwrap_or(USER_AGENT),
            seed: self.request.seed,
        }
    }

    /// The files of an order, by the publisher's list where it has one. A list that cannot be read
    /// is no reason to miss a release whose address is known.
    fn targets(&self, server: &Server<'_>, order: &ResolvedWish<'_>) -> Result<Targets> {
        let values = order.values();
        let list = match plan(order.data_set, order.wish, &values)? {
            FetchPlan::Targets(targets) => return Ok(Targets::Known(targets, Vec::new())),
            FetchPlan::List(list) if self.request.is_dry_run => return Ok(Targets::Listed(list)),
            FetchPlan::List(list) => list,
        };
        match from_list(server, order.data_set, order.wish, &values, &list) {
            Ok(targets) => Ok(Targets::Known(targets, Vec::new())),
            Err(error) => {
                let newest =
                    order.data_set.releases.last().filter(|_| order.wish.version.is_none());
                let Some(release) = newest else { return Err(error) };
                let version = Some(release.version.clone());
                let wish = Wish { version, ..order.wish.clone() };
                let FetchPlan::Targets(targets) = plan(order.data_set, &wish, &values)? else {
                    return Err(error);
                };
                let note = format!(
                    "the publisher's list of releases could not be used ({error}); this is the \
                     newest release that the catalogue knows"
                );
                Ok(Targets::Known(targets, vec![note]))
            }
        }
    }

    fn row(&self, server: &Server<'_>, order: &ResolvedWish<'_>, target: &FileTarget) -> FileRow {
        let secret = server.secret.filter(|_| target.is_catalogued);
        let server = Server { secret, ..*server };
        if self.request.is_dry_run {
            return FileRow {
                address: Some(server.shown(&target.url)),
                status: FetchStatus::Planned,
                ..blank(order, target.version.clone())
            };
        }
        let label = target.version.as_deref().unwrap_or(&target.file);
        self.progress.begin(&format!("fetch {} {label}", order.data_set.id));
        let folder = self.request.into.join(&order.data_set.id);
        let place = FilePlace::new(&folder, &target.file);
        let done = self.download(&server, order, target, &place).and_then(|done| {
            self.write_card(&server, order, target, &place, done.how).map(|()| done)
        });
        let row = match done {
            Ok(done) => succeeded(order, target, &place, server.shown(&target.url), done),
            Err(error) => failed(order, Some(target), error),
        };
        self.progress.end(row.status.as_str());
        row
    }

    fn download(
        &self,
        server: &Server<'_>,
        order: &ResolvedWish<'_>,
        target: &FileTarget,
        place: &FilePlace,
    ) -> Result<Download> {
        let data_set = order.data_set;
        let allowed_bytes = data_set.max_bytes.unwrap_or(DEFAULT_MAX_BYTES);
        let wanted = WantedFile {
            url: &target.url,
            expected: &data_set.expected,
            checks: &target.checks,
            has_validators: data_set.validators,
            limit_bytes: self.request.max_bytes.map_or(allowed_bytes, |max| max.min(allowed_bytes)),
            version: target.version.as_deref(),
        };
        match data_set.expected.envelope.filter(|_| data_set.expected.kind == FileKind::Pages) {
            Some(envelope) => download_pages(server, &wanted, envelope, place, self.progress),
            None => download(server, &wanted, place, self.progress),
        }
    }

    /// Writes the card of a file; that of an unchanged file keeps its day of access.
    fn write_card(
        &self,
        server: &Server<'_>,
        order: &ResolvedWish<'_>,
        target: &FileTarget,
        place: &FilePlace,
        how: How,
    ) -> Result<()> {
        let path = place.card();
        if how == How::Unchanged && is_younger(&path, &place.file()) {
            return Ok(());
        }
        let data_set = order.data_set;
        let citation = data_set.citation(target.version.as_deref());
        let credit = target.credit.as_ref().map(|credit| format!("{citation}; source: {credit}"));
        let card = FileCard {
            id: data_set.series(),
            version: target.version.as_deref(),
            title: &data_set.title,
            citation: credit.unwrap_or_else(|| citation.to_owned()),
            licence: target.licence.as_deref().unwrap_or(&data_set.licence),
            url: server.shown(&target.url),
            accessed: self.request.today,
            released: target.released,
        };
        write_toml(&path, &card)
    }
}

/// Whether a card was written after the bytes of its file: an older one is that of an earlier version, whose
/// process was killed before it wrote the new card.
fn is_younger(card: &Path, file: &Path) -> bool {
    let written = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    written(card).zip(written(file)).is_some_and(|(card, file)| card >= file)
}

/// What a wish comes to: files, with notes for the first; or a list that a dry run does not read.
enum Targets {
    Known(Vec<FileTarget>, Vec<String>),
    Listed(Url),
}

/// Why a program should not even ask, if it should not.
fn not_for_programs(order: &ResolvedWish<'_>) -> Option<Error> {
    let data_set = order.data_set;
    match data_set.access {
        Access::Open => None,
        Access::Person => Some(Error::ForPerson {
            data_set: data_set.id.clone(),
            reason: data_set
                .note
                .clone()
                .unwrap_or_else(|| "it asks for a licence, a form or a login".to_owned()),
        }),
        Access::Token if order.secret.is_some() => None,
        Access::Token => order.publisher.token.as_ref().map(|rule| Error::NoToken {
            data_set: data_set.id.clone(),
            variable: rule.variable.clone(),
            page: rule.page.clone(),
        }),
    }
}

/// A row of a file that is not there.
fn blank(order: &ResolvedWish<'_>, release: Option<String>) -> FileRow {
    let data_set = order.data_set;
    FileRow {
        source: data_set.id.clone(),
        release,
        file: None,
        card: None,
        format: data_set.format.clone(),
        address: None,
        bytes: None,
        sha256: None,
        status: FetchStatus::NotToBeHad,
        licence: data_set.licence.clone(),
        redistribution: data_set.redistribution,
        page: data_set.page.clone().unwrap_or_else(|| order.publisher.page.clone()),
        notes: Vec::new(),
        error: None,
    }
}

fn failed(order: &ResolvedWish<'_>, target: Option<&FileTarget>, error: Error) -> FileRow {
    FileRow { error: Some(error), ..blank(order, target.and_then(|target| target.version.clone())) }
}

fn planned_list(order: &ResolvedWish<'_>, server: &Server<'_>, list: &Url) -> FileRow {
    let newest = "the publisher's list of releases would be read first, to find the newest";
    FileRow {
        address: Some(server.shown(list)),
        status: FetchStatus::Planned,
        notes: vec![newest.to_owned()],
        ..blank(order, order.wish.version.clone())
    }
}

/// The row of a file that is there.
fn succeeded(
    order: &ResolvedWish<'_>,
    target: &FileTarget,
    place: &FilePlace,
    address: String,
    done: Download,
) -> FileRow {
    // A file that a row names is there: nothing else may be imported.
    debug_assert!(fs::metadata(place.file()).is_ok_and(|metadata| metadata.len() == done.bytes));
    let mut row = blank(order, target.version.clone());
    if let Some(licence) = &target.licence {
        row.licence.clone_from(licence);
    }
    FileRow {
        file: Some(place.file()),
        card: Some(place.card()),
        address: Some(address),
        bytes: Some(done.bytes),
        sha256: Some(done.sha256),
        status: match done.how {
            How::Whole => FetchStatus::Fetched,
            How::Resumed => FetchStatus::Resumed,
            How::Unchanged => FetchStatus::Unchanged,
        },
        notes: done.notes,
        ..row
    }
}
