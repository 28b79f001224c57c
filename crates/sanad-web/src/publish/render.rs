//! Everything that a run publishes, asked of the same router that answers a browser.
//!
//! The way begins at the overview and follows links. A thing is asked for once, whatever leads to
//! it; several are asked for at a time, and read by whoever asked. Files are written as they come,
//! pages are kept until it is known which of their links lead to something.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use sanad_study::Progress;
use serde_json::Value;
use tokio::task::JoinSet;
use tower_service::Service;

use super::choice::Choice;
use super::folder::Staging;
use super::page::{links, without_questions};
use super::target::{KnownAddresses, PublishTarget, file_of_asset};
use crate::error::{Error, Result};
use crate::page::style::style_address;

/// The host that requests name: the one of the address that [`super::publish`] gives its house.
pub(super) const HOST: &str = "127.0.0.1";

/// What the router said.
pub(super) struct Reply {
    /// The status.
    pub(super) status: u16,
    /// The body.
    pub(super) bytes: Vec<u8>,
}

impl Reply {
    /// The body as text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The error that it is as the answer of an address: what a problem document says is wrong and
    /// where, and the beginning of any other answer.
    pub(super) fn into_error(self, address: String) -> Error {
        let problem: Value = serde_json::from_slice(&self.bytes).unwrap_or_default();
        let said = ["detail", "where"].map(|name| problem[name].as_str().unwrap_or_default());
        let what = match said {
            ["", _] => self.text().chars().take(400).collect(),
            [what, ""] => what.to_owned(),
            [what, place] => format!("{what}, in {place}"),
        };
        Error::Answer { address, status: self.status, what }
    }
}

/// Asks the router once, and again while the answer is computed. A page that moves to its one
/// address is followed.
pub(super) async fn ask(mut router: Router, mut address: String) -> Result<Reply> {
    loop {
        let request = Request::builder().uri(address.as_str()).header(header::HOST, HOST);
        let request = request.body(Body::empty()).map_err(|_| Error::Broken)?;
        let response = match router.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let status = response.status().as_u16();
        let place = response.headers().get(header::LOCATION);
        let place = place.and_then(|place| place.to_str().ok()).map(str::to_owned);
        let bytes = to_bytes(response.into_body(), usize::MAX).await;
        let bytes = bytes.map_err(|_| Error::Broken)?.to_vec();
        match (status, place) {
            // Such a page waits for a moment itself before it says that it is not ready.
            (202, _) => {}
            (303, Some(place)) => address = place,
            (500.., _) => return Err(Reply { status, bytes }.into_error(address)),
            _ => return Ok(Reply { status, bytes }),
        }
    }
}

/// What was rendered.
pub(super) struct Rendered {
    /// Pages by the name of their file, with links to the server and without questions.
    pub(super) pages: BTreeMap<String, String>,
    /// Names of all files, those of pages among them, by address.
    files: BTreeMap<String, String>,
    /// Bytes of the files that are no pages.
    pub(super) bytes: usize,
    /// What the addresses on pages lead to.
    addresses: Arc<KnownAddresses>,
}

impl Rendered {
    /// The file of an address, where it is published.
    pub(super) fn file_of(&self, address: &str) -> Option<String> {
        if let Some(asset) = file_of_asset(address) {
            return Some(asset);
        }
        self.files.get(&self.addresses.target(address)?.address).cloned()
    }

    /// Files in all.
    pub(super) fn count(&self) -> usize {
        self.files.len()
    }
}

/// Requests under way at a time: the pool has some work while the last bytes of another are
/// written. It lies below what the pool lets wait.
const AT_ONCE: usize = 8;

/// Renders all that can be reached from the overview.
///
/// A table that the observatory has no data for is left out, and links to it become plain text; a page
/// that says what is missing is published as it is, because every page's navigation leads to it.
/// Nothing else may be missing.
///
/// # Errors
///
/// [`Error::Answer`] for the first answer that failed or was refused, [`Error::SameFile`] where two
/// addresses would be one file, and those of writing.
pub(super) async fn render(
    router: &Router,
    choice: Choice,
    staging: &Staging,
    progress: &dyn Progress,
) -> Result<Rendered> {
    let addresses = Arc::new(KnownAddresses::default());
    let mut way = Way::default();
    let mut rendered = Rendered {
        pages: BTreeMap::new(),
        files: BTreeMap::new(),
        bytes: 0,
        addresses: Arc::clone(&addresses),
    };
    let mut names = BTreeMap::new();
    let style = ask(router.clone(), style_address().to_owned()).await?;
    staging.write(style_address().trim_start_matches('/'), &style.bytes)?;
    way.add(addresses.target("/"));
    let mut asked: JoinSet<Result<Found>> = JoinSet::new();
    loop {
        while asked.len() < AT_ONCE
            && let Some(target) = way.queue.pop_front()
        {
            asked.spawn(found(router.clone(), target, choice, Arc::clone(&addresses)));
        }
        let Some(next) = asked.join_next().await else { return Ok(rendered) };
        let Found { target, content } = next.map_err(|_| Error::Broken)??;
        progress.advance(rendered.files.len(), way.found.len());
        let file = target.file();
        match content {
            FoundContent::NoData => continue,
            FoundContent::File(bytes) => {
                staging.write(&file, &bytes)?;
                rendered.bytes += bytes.len();
            }
            FoundContent::Page { page, links } => {
                rendered.pages.insert(file.clone(), page);
                links.into_iter().for_each(|link| way.add(Some(link)));
            }
        }
        if let Some(other) = names.insert(file.to_ascii_lowercase(), target.address.clone()) {
            return Err(Error::SameFile { addresses: [other, target.address.clone()] });
        }
        rendered.files.insert(target.address.clone(), file);
    }
}

/// An answer, read.
struct Found {
    /// What was asked for.
    target: Arc<PublishTarget>,
    /// What it is.
    content: FoundContent,
}

/// What an answer is to the folder.
enum FoundContent {
    /// A page without its questions, and what of its links is followed.
    Page {
        /// The page, with links to the server.
        page: String,
        /// What it leads to.
        links: Vec<Arc<PublishTarget>>,
    },
    /// A figure, table or document.
    File(Vec<u8>),
    /// A table that the observatory has no data for.
    NoData,
}

/// Asks for a target and reads what comes.
///
/// # Errors
///
/// Those of [`ask`]; [`Error::Answer`] for a refusal that does not say that there are no data.
async fn found(
    router: Router,
    target: Arc<PublishTarget>,
    choice: Choice,
    addresses: Arc<KnownAddresses>,
) -> Result<Found> {
    let reply = ask(router, target.address.clone()).await?;
    let content = match reply.status {
        200 | 404 if target.is_page() => page(&reply.text(), &target, choice, &addresses),
        200 => FoundContent::File(reply.bytes),
        // A page that stands shows its figures, so that none of them is missing for want of data.
        404 if !target.is_figure() => FoundContent::NoData,
        _ => return Err(reply.into_error(target.address.clone())),
    };
    Ok(Found { target, content })
}

/// A page without its questions, with what of its links is followed.
fn page(
    text: &str,
    target: &PublishTarget,
    choice: Choice,
    addresses: &KnownAddresses,
) -> FoundContent {
    let page = without_questions(text, target, &|one| choice.is_published(one, target, ""));
    let led = links(&page).into_iter().filter_map(|link| {
        let to = addresses.target(&link.address)?;
        choice.is_published(&to, target, &link.text).then_some(to)
    });
    FoundContent::Page { links: led.collect(), page }
}

/// What was found so far, and what of it is still to be asked for.
#[derive(Default)]
struct Way {
    /// Addresses that were found.
    found: BTreeSet<String>,
    /// What is to be asked for.
    queue: VecDeque<Arc<PublishTarget>>,
}

impl Way {
    /// Adds what was not found before. Figures come first: the page that they are of was computed a
    /// moment ago.
    fn add(&mut self, target: Option<Arc<PublishTarget>>) {
        let Some(target) = target else { return };
        if !self.found.insert(target.address.clone()) {
            return;
        }
        match target.is_figure() {
            true => self.queue.push_front(target),
            false => self.queue.push_back(target),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::response::IntoResponse as _;
    use axum::routing::get;
    use sanad_core::Month;

    use super::*;

    /// What a router that refuses everything with a status makes of an address.
    fn refused(address: &str, status: u16) -> Result<Found> {
        let problem = r#"{"detail": "too many rows", "where": "parameter limit"}"#;
        let status = StatusCode::from_u16(status).unwrap();
        let router =
            Router::new().fallback(get(move || async move { (status, problem).into_response() }));
        let target = Arc::new(PublishTarget::of_address(address).unwrap());
        let choice = Choice { records_from: Month::new(2025, 1).unwrap() };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(found(router, target, choice, Arc::default()))
    }

    #[test]
    fn a_table_without_data_is_left_out_and_a_page_that_says_so_stands() {
        let table = refused("/api/v1/claims.csv", 404).unwrap();
        assert!(matches!(table.content, FoundContent::NoData));
        let page = refused("/claims", 404).unwrap();
        assert!(matches!(page.content, FoundContent::Page { .. }));
    }

    #[test]
    fn any_other_refusal_ends_the_run_and_says_what_and_where() {
        for (address, status) in [
            ("/api/v1/claims.csv", 400),
            ("/api/v1/claims.csv", 410),
            ("/api/v1/claims.csv", 413),
            ("/claims", 400),
            ("/map.svg?figure=map", 404),
            ("/catalogue.json", 500),
        ] {
            let Err(Error::Answer { address: told, status: found, what }) =
                refused(address, status)
            else {
                panic!("{address} {status} was let pass")
            };
            assert_eq!((told.as_str(), found), (address, status));
            assert_eq!(what, "too many rows, in parameter limit");
        }
    }

    #[test]
    fn figures_are_asked_for_right_after_their_page() {
        let known = KnownAddresses::default();
        let mut way = Way::default();
        for address in ["/map", "/claims", "/map.svg?figure=map", "/map", "/claims#here"] {
            way.add(known.target(address));
        }
        let asked: Vec<&str> = way.queue.iter().map(|one| one.address.as_str()).collect();
        assert_eq!(asked, ["/map.svg?figure=map", "/map", "/claims"]);
        assert!(known.target("/nothing").is_none());
    }
}
