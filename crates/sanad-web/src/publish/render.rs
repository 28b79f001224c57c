//! Everything that a run publishes, asked of the same router that answers a browser.
//!
//! The way begins at the overview and follows links. A thing is asked for once, whatever leads to
//! it; several are asked for at a time. Files are written as they come, pages are kept until it is
//! known which of their links lead to something.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use sanad_study::Progress;
use tokio::task::JoinSet;
use tower_service::Service;

use super::choice::Choice;
use super::folder::Staging;
use super::page::{links, without_questions};
use super::target::{PublishTarget, file_of_asset};
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
            (500.., _) => {
                let what = String::from_utf8_lossy(&bytes).chars().take(400).collect();
                return Err(Error::Answer { address, status, what });
            }
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
}

impl Rendered {
    /// The file of an address, where it is published.
    pub(super) fn file_of(&self, address: &str) -> Option<String> {
        if let Some(asset) = file_of_asset(address) {
            return Some(asset);
        }
        self.files.get(&PublishTarget::of_address(address)?.address()).cloned()
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
/// What the server refuses for want of data is left out, and its links become plain text; a page
/// that says what is missing is published as it is, because every page's navigation leads to it.
///
/// # Errors
///
/// [`Error::Answer`] for the first answer that failed, [`Error::SameFile`] where two addresses
/// would be one file, and those of writing.
pub(super) async fn render(
    router: &Router,
    choice: Choice,
    staging: &mut Staging,
    progress: &dyn Progress,
) -> Result<Rendered> {
    let mut way = Way { choice, found: BTreeSet::new(), queue: VecDeque::new() };
    let mut rendered = Rendered { pages: BTreeMap::new(), files: BTreeMap::new(), bytes: 0 };
    let mut names = BTreeMap::new();
    let style = ask(router.clone(), style_address().to_owned()).await?;
    staging.write(style_address().trim_start_matches('/'), &style.bytes)?;
    if let Some(start) = PublishTarget::of_address("/") {
        way.add(start);
    }
    let mut asked: JoinSet<Result<(PublishTarget, Reply)>> = JoinSet::new();
    loop {
        while asked.len() < AT_ONCE
            && let Some(target) = way.queue.pop_front()
        {
            let (router, address) = (router.clone(), target.address());
            asked.spawn(async move { Ok((target, ask(router, address).await?)) });
        }
        let Some(next) = asked.join_next().await else { return Ok(rendered) };
        let (target, reply) = next.map_err(|_| Error::Broken)??;
        progress.advance(rendered.files.len(), way.found.len());
        let is_whole = reply.status == 200 || (target.is_page() && reply.status == 404);
        if !is_whole {
            continue;
        }
        let file = target.file();
        if let Some(other) = names.insert(file.to_ascii_lowercase(), target.address()) {
            return Err(Error::SameFile { addresses: [other, target.address()] });
        }
        rendered.files.insert(target.address(), file.clone());
        if target.is_page() {
            rendered.pages.insert(file, way.follow(&target, &reply.text()));
        } else {
            staging.write(&file, &reply.bytes)?;
            rendered.bytes += reply.bytes.len();
        }
    }
}

/// What was found so far, and what of it is still to be asked for.
struct Way {
    /// What is followed.
    choice: Choice,
    /// Addresses that were found.
    found: BTreeSet<String>,
    /// What is to be asked for.
    queue: VecDeque<PublishTarget>,
}

impl Way {
    /// Adds what was not found before.
    fn add(&mut self, target: PublishTarget) {
        if self.found.insert(target.address()) {
            self.queue.push_back(target);
        }
    }

    /// Takes up what a page leads to. Gives the page without its questions.
    fn follow(&mut self, target: &PublishTarget, page: &str) -> String {
        let choice = self.choice;
        let page = without_questions(page, target, &|one| choice.is_published(one, target, ""));
        for link in links(&page) {
            let led = PublishTarget::of_address(&link.address);
            if let Some(to) = led.filter(|to| choice.is_published(to, target, &link.text)) {
                self.add(to);
            }
        }
        page
    }
}
