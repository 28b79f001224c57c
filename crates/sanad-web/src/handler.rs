//! From a request to an answer: what is asked, whether it is known already, and how long to wait.
//!
//! The order is: check the address; take the newest edition; send a page on to its one address;
//! answer 304 where the client has this very answer; take a kept answer; and else wait for the
//! work, a page for a moment and a program for longer. The edition is taken once, so that nothing
//! in an answer is of another state.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use chrono::NaiveDate;
use sanad_figure::Figure;
use sanad_store::Table;

use crate::answer::{Answer, OutputFormat, table_answer};
use crate::documents::PAGING;
use crate::edition::{Edition, answer_key};
use crate::fault::{Fault, FaultKind};
use crate::figure_data::figure_table;
use crate::house::House;
use crate::jobs::{Job, JobOutcome, JobSteps, Ticket};
use crate::page::layout::{self, PageFrame};
use crate::query::{Query, decoded_pairs};
use crate::route::{Answers, Route, with_ending, without_ending};
use crate::routes::ROUTES;
use crate::scene::Scene;

/// What a route and an address ask for, checked.
struct Inquiry {
    /// The route that the path belongs to.
    route: &'static Route,
    /// Parameters of the route, those of the path among them.
    query: Query,
    /// Which part of a table is asked for; empty for pages and documents.
    paging: Query,
    /// The form: by the ending of the address, and else by what the route gives and the client
    /// accepts.
    form: OutputFormat,
    /// The figure that an address of a page's picture or data names. `None` for the first figure.
    figure: Option<String>,
    /// The path as it was asked, without its ending.
    path: String,
}

/// How long a page waits before it shows how far the work has come. After that a reader sees steps
/// in place of nothing.
const PAGE_PATIENCE: Duration = Duration::from_millis(1500);
/// Seconds after which a page that waits asks again.
const PAGE_AGAIN: u32 = 2;

/// The path of the list of kept results.
const RESULTS: &str = "/api/v1/results";

/// Answers one request of a route, in the form that the address's ending asks for, if it has one.
///
/// `values` are the parts of the path that stand for parameters, decoded. A fault is a page where a
/// page was asked for, and else a problem document.
pub(crate) async fn answer(
    house: Arc<House>,
    route: &'static Route,
    ending: Option<OutputFormat>,
    values: Vec<(String, String)>,
    request: Parts,
) -> Response {
    let path = request.uri.path().to_owned();
    // The ending of a path that ends in a parameter stands in its value.
    let is_file = |form: &OutputFormat| without_ending(&path, *form).is_some();
    let is_for_people = route.is_page() && !route.forms().iter().any(is_file);
    let answered = respond(&house, route, ending, values, &request).await;
    answered.unwrap_or_else(|fault| refuse(&house, &fault, &path, is_for_people))
}

/// The answer, or what is wrong.
///
/// # Errors
///
/// Those of reading the request, of an observatory that is not open, of a pool that is full, and of
/// the computation; `NotReady` where a program has waited as long as the settings say.
async fn respond(
    house: &Arc<House>,
    route: &'static Route,
    ending: Option<OutputFormat>,
    values: Vec<(String, String)>,
    request: &Parts,
) -> Result<Response, Fault> {
    let question = read(route, ending, values, request)?;
    let edition = house.edition()?;
    let day = house.settings.today.day();
    let address = question.address();
    let is_page = question.form == OutputFormat::Html;
    let asked = request.uri.path_and_query().map_or("", |whole| whole.as_str());
    if is_page && asked != address {
        return Ok(moved(&address));
    }
    let state = state_of(route, &edition).await?;
    let key = answer_key(&state, &address, question.form.ending(), day);
    let is_result = route.path.starts_with("/api/v1/results/");
    if is_known(&request.headers, &key) {
        return Ok(headed(Response::new(Body::empty()), &key, is_result, StatusCode::NOT_MODIFIED));
    }
    let own = (Arc::clone(house), Arc::clone(&edition));
    let work = move |steps: &JobSteps| {
        let moment = AnswerMoment { state: &state, day };
        let answer = compute(&own.0, &own.1, (&question, &moment), steps)?;
        Ok(if own.0.settings.are_answers_compressed { answer.compressed() } else { answer })
    };
    let job = match house.jobs.ask(&key, work)? {
        Ticket::Kept(answer) => return Ok(send(&answer, &key, is_result, &request.headers)),
        Ticket::Open(job) => job,
    };
    let patience = if is_page { PAGE_PATIENCE } else { house.settings.patience };
    match job.wait(patience).await {
        Some(outcome) => finished(outcome, &key, is_result, &request.headers),
        None if is_page => Ok(waiting(&edition, &job, &address)),
        None => Err(Fault::new(FaultKind::NotReady, "the answer is still being computed")
            .with_hint("ask again in a few seconds: what is computed is kept")),
    }
}

/// The state that an answer of a route belongs to: the edition's, but for the list of kept results,
/// to which something may be added at any time. That list is read off the threads that answer.
///
/// # Errors
///
/// Those of reading the list.
async fn state_of(route: &Route, edition: &Arc<Edition>) -> Result<String, Fault> {
    if route.path != RESULTS {
        return Ok(edition.key.clone());
    }
    let own = Arc::clone(edition);
    let read = tokio::task::spawn_blocking(move || own.state_of_results()).await;
    read.unwrap_or_else(|_| Err(Fault::new(FaultKind::Failed, "the results could not be listed")))
}

/// The outcome of work as a response.
fn finished(
    outcome: JobOutcome,
    key: &str,
    is_result: bool,
    headers: &HeaderMap,
) -> Result<Response, Fault> {
    outcome.map(|answer| send(&answer, key, is_result, headers))
}

impl Inquiry {
    /// The one address of what is asked, without the ending of its form. Two requests that ask for
    /// the same have the same, whatever the order of their parameters.
    fn address(&self) -> String {
        let own = self.route.address(&self.query);
        let figure = self.figure.as_deref().map(|figure| ("figure", figure));
        let extra: Vec<(&str, &str)> = self.paging.pairs().into_iter().chain(figure).collect();
        let joined = crate::query::address("", &extra);
        match (joined.is_empty(), own.contains('?')) {
            (true, _) => own,
            (false, true) => format!("{own}&{}", &joined[1..]),
            (false, false) => format!("{own}{joined}"),
        }
    }
}

/// Reads what a request asks for. `values` are those of the path, decoded; the last of them may end
/// in a form.
///
/// # Errors
///
/// `WrongRequest` for a parameter that does not fit; `NotAcceptable` for a table in none of the
/// forms that the client accepts.
fn read(
    route: &'static Route,
    ending: Option<OutputFormat>,
    values: Vec<(String, String)>,
    request: &Parts,
) -> Result<Inquiry, Fault> {
    let mut form = ending;
    let mut pairs = Vec::new();
    for (name, mut value) in values {
        // The last part of a path may end in the form that is asked for.
        let ended = |one: &OutputFormat| Some((*one, without_ending(&value, *one)?.len()));
        if let Some((found, length)) = route.forms().iter().find_map(ended)
            && form.is_none()
        {
            value.truncate(length);
            form = Some(found);
        }
        pairs.push((name, value));
    }
    let asked = request.uri.path();
    let bare = form.and_then(|form| without_ending(asked, form));
    let path = bare.unwrap_or(asked).to_owned();
    pairs.extend(decoded_pairs(request.uri.query().unwrap_or_default())?);
    let mut figure = None;
    if route.is_page() && form.is_some() {
        figure = take(&mut pairs, "figure");
    }
    let (paging, own): (Vec<_>, Vec<_>) = pairs
        .into_iter()
        .partition(|(name, _)| route.is_table() && PAGING.iter().any(|one| one.name == name));
    let form = match (route.answers, form) {
        (Answers::Document(_), _) => OutputFormat::Json,
        (Answers::Table(_), Some(form)) => form,
        (Answers::Table(_), None) => negotiated(&request.headers)?,
        (_, form) => form.unwrap_or(OutputFormat::Html),
    };
    Ok(Inquiry {
        route,
        query: Query::check(route.parameters, &own)?,
        paging: Query::check(&PAGING, &paging)?,
        form,
        figure,
        path,
    })
}

/// Takes the first pair of a name out of the list.
fn take(pairs: &mut Vec<(String, String)>, name: &str) -> Option<String> {
    let position = pairs.iter().position(|(known, _)| known == name)?;
    Some(pairs.remove(position).1)
}

/// The form of a table by the `Accept` header.
///
/// # Errors
///
/// `NotAcceptable` with the four forms that there are.
fn negotiated(headers: &HeaderMap) -> Result<OutputFormat, Fault> {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    OutputFormat::of_accept(accept).ok_or_else(|| {
        Fault::new(FaultKind::NotAcceptable, format!("found {:?}", accept.unwrap_or_default()))
            .in_place("header Accept")
            .with_hint("accept application/json, text/csv, application/vnd.apache.parquet or application/vnd.apache.arrow.file, or end the address in .json, .csv, .parquet or .arrow")
    })
}

/// What an answer is of.
struct AnswerMoment<'a> {
    /// The state that it belongs to.
    state: &'a str,
    /// The day on which it is asked for.
    day: NaiveDate,
}

/// Computes an answer, on a thread of the pool. A page is computed once for itself and for the files
/// of its figures.
///
/// # Errors
///
/// Those of the page, table or document.
fn compute(
    house: &House,
    edition: &Edition,
    (question, moment): (&Inquiry, &AnswerMoment<'_>),
    steps: &JobSteps,
) -> Result<Answer, Fault> {
    let in_path = question.route.names_in_path();
    let scene = Scene {
        edition,
        query: &question.query,
        path: &question.path,
        in_path: &in_path,
        steps,
        today: moment.day,
        statement: house.settings.statement,
        statement_rows: house.settings.statement_rows,
        patience: house.settings.patience,
    };
    let address = question.route.address(&question.query);
    let page = match question.route.answers {
        Answers::Table(make) => return part(&*make(&scene)?, question, moment.state),
        Answers::Document(make) => {
            return Ok(Answer::new(OutputFormat::Json, make(&scene, ROUTES)?.into_bytes()));
        }
        Answers::Page(make) => edition.page(&address, moment.day, || make(&scene))?,
        Answers::Guide(make) => edition.page(&address, moment.day, || make(&scene, ROUTES))?,
    };
    if question.form != OutputFormat::Html {
        return picture(&page, question);
    }
    let facts = edition.facts()?;
    let frame = PageFrame {
        title: &page.title,
        case: &facts.case.title,
        path: &question.path,
        state: &edition.key,
        again: None,
        has_script: page.has_levers,
    };
    Ok(Answer::new(OutputFormat::Html, layout::page(&frame, &page.body).into_bytes()))
}

/// A figure of a page, as a picture or as its data.
///
/// Its figures are those that the reader sees.
///
/// # Errors
///
/// `NotFound` with the identifiers of the page's figures.
fn picture(page: &crate::page::PageContent, question: &Inquiry) -> Result<Answer, Fault> {
    let asked = question.figure.as_deref();
    let found = match asked {
        Some(id) => page.figures.iter().find(|figure| figure.id == id),
        None => page.figures.first(),
    };
    let figure = found.ok_or_else(|| {
        let known: Vec<&str> = page.figures.iter().map(|figure| figure.id.as_str()).collect();
        Fault::new(FaultKind::NotFound, format!("no figure {:?} on this page", asked.unwrap_or("")))
            .in_place("parameter figure")
            .with_hint(format!("figures of this page: {}", known.join(", ")))
    })?;
    match question.form {
        OutputFormat::Csv => Ok(Answer::new(OutputFormat::Csv, figure.csv.clone().into_bytes())),
        OutputFormat::Parquet => table_answer(&figure_table(&figure.csv)?, OutputFormat::Parquet),
        OutputFormat::Png => Ok(Answer::new(OutputFormat::Png, pixels(figure)?)),
        _ => Ok(Answer::new(OutputFormat::Svg, figure.standalone_svg().as_bytes().to_vec())),
    }
}

/// A figure as PNG.
///
/// # Errors
///
/// `TooLarge` for a figure with more pixels than one picture may have; its SVG is what helps.
fn pixels(figure: &Figure) -> Result<Vec<u8>, Fault> {
    figure.standalone_png().map_err(|error| match error {
        sanad_figure::Error::TooLarge { .. } => Fault::new(FaultKind::TooLarge, error.to_string())
            .in_place("parameter figure")
            .with_hint("take the same address with the ending .svg"),
        other => other.into(),
    })
}

/// A table from its cursor on, with the address of what follows.
///
/// Without `limit` the part is all that follows the cursor. The next part has the length of this
/// one, in the same form. A cursor names the state that the rows are of.
///
/// # Errors
///
/// Those of the cursor, and `TooLarge`.
fn part(table: &Table, question: &Inquiry, state: &str) -> Result<Answer, Fault> {
    let rows = table.num_rows();
    let start = match question.paging.text("cursor") {
        Some(cursor) => row_of(cursor, state, rows)?,
        None => 0,
    };
    let limit = question.paging.whole("limit").and_then(|limit| usize::try_from(limit).ok());
    let length = limit.map_or(rows - start, |limit| limit.min(rows - start));
    let mut answer = table_answer(&table.slice(start, length), question.form)?;
    answer.rows = Some(rows);
    if start + length < rows {
        let cursor = cursor_of(start + length, state);
        let limit = length.to_string();
        let mut pairs: Vec<(&str, &str)> = question.query.pairs();
        pairs.retain(|(name, _)| !question.route.names_in_path().contains(name));
        pairs.extend([("limit", limit.as_str()), ("cursor", cursor.as_str())]);
        let path = with_ending(&question.path, question.form);
        answer.next = Some(crate::query::address(&path, &pairs));
    }
    Ok(answer)
}

/// Where a part begins, and the state that the rows are of. It is opaque to clients, who follow it
/// as it stands.
fn cursor_of(row: usize, state: &str) -> String {
    format!("{row}.{state}")
}

/// The row of a cursor, at most `rows`.
///
/// # Errors
///
/// `Gone` for a cursor of another state; `WrongRequest` for one that this server did not make.
fn row_of(cursor: &str, state: &str, rows: usize) -> Result<usize, Fault> {
    let wrong = || Fault::parameter("cursor", cursor, "the cursor of a Link header, as it stands");
    let (row, of_state) = cursor.split_once('.').ok_or_else(wrong)?;
    let row: usize = row.parse().map_err(|_| wrong())?;
    if of_state != state {
        return Err(Fault::new(
            FaultKind::Gone,
            "the cursor belongs to an earlier state of the observatory",
        )
        .in_place("parameter cursor")
        .with_hint("begin again without a cursor"));
    }
    if row > rows { Err(wrong()) } else { Ok(row) }
}

/// Whether the client has the answer of this key, by its `If-None-Match`: weak tags and the tags of
/// compressed bodies count.
fn is_known(headers: &HeaderMap, key: &str) -> bool {
    let sent = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    sent.is_some_and(|sent| {
        sent.split(',').any(|tag| {
            let tag = tag.trim().trim_start_matches("W/").trim_matches('"');
            tag == key || tag.strip_suffix("-gz") == Some(key)
        })
    })
}

/// Sends a finished answer, compressed where that is accepted. A compressed body has a tag of its
/// own, because its bytes are others.
fn send(answer: &Answer, key: &str, is_result: bool, headers: &HeaderMap) -> Response {
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let is_gzip_accepted = accepts.is_some_and(|accepts| {
        accepts.split(',').any(|part| {
            let mut words = part.split(';').map(str::trim);
            words.next() == Some("gzip") && words.next() != Some("q=0")
        })
    });
    let small = answer.gzip.as_ref().filter(|_| is_gzip_accepted);
    let body = small.unwrap_or(&answer.body).clone();
    let tag = if small.is_some() { format!("{key}-gz") } else { key.to_owned() };
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = headed(Response::new(Body::from(body)), &tag, is_result, status);
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.media));
    if small.is_some() {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Some(rows) = answer.rows {
        out.insert("sanad-rows", HeaderValue::from(rows));
    }
    let link = answer.next.as_ref().map(|next| format!("<{next}>; rel=\"next\""));
    if let Some(link) = link.and_then(|link| HeaderValue::from_str(&link).ok()) {
        out.insert(header::LINK, link);
    }
    response
}

/// A result under its key never changes; all else is asked for again, which a tag makes cheap. A
/// cache has to tell answers apart by what the client accepts.
fn headed(mut response: Response, tag: &str, is_result: bool, status: StatusCode) -> Response {
    *response.status_mut() = status;
    let cache = if is_result { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept, accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{tag}\"")) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// To the one address of a question, so that everybody shares the same. 303, without a body.
fn moved(address: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(location) = HeaderValue::from_str(address) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// The page of work that is not finished: it asks again by itself. 202, and kept by no cache.
fn waiting(edition: &Edition, job: &Job, address: &str) -> Response {
    let path = address.split('?').next().unwrap_or(address);
    let case = edition.facts().map_or_else(|_| String::new(), |facts| facts.case.title.clone());
    let frame = PageFrame {
        title: "One moment",
        case: &case,
        path,
        state: &edition.key,
        again: Some(PAGE_AGAIN),
        has_script: false,
    };
    let page = layout::page(&frame, &layout::waiting(&job.steps.so_far()));
    html(StatusCode::ACCEPTED, page)
}

/// A page that is of this moment alone and is kept by no cache.
fn html(status: StatusCode, page: String) -> Response {
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(OutputFormat::Html.media()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Says what is wrong, as a page or as a problem document. An observatory that is still being
/// opened is 202 for people, whose browser asks again after a second, and 503 for programs. Nothing
/// of a refusal is cached.
pub(crate) fn refuse(house: &House, fault: &Fault, path: &str, is_for_people: bool) -> Response {
    let is_opening = is_for_people && fault.problem == FaultKind::NotReady;
    // For people it is a page like others, which asks again by itself.
    let status = match is_opening {
        true => StatusCode::ACCEPTED,
        false => StatusCode::from_u16(fault.problem.status()).unwrap_or(StatusCode::BAD_REQUEST),
    };
    let mut response = if is_for_people {
        let edition = house.edition().ok();
        let facts = edition.as_ref().and_then(|edition| edition.facts().ok());
        let frame = PageFrame {
            title: fault.problem.title(),
            case: facts.as_ref().map_or("", |facts| facts.case.title.as_str()),
            path,
            state: edition.as_ref().map_or("", |edition| edition.key.as_str()),
            again: is_opening.then_some(1),
            has_script: false,
        };
        html(status, layout::page(&frame, &layout::fault(fault)))
    } else {
        let mut response = Response::new(Body::from(fault.to_json(path)));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    };
    let headers = response.headers_mut();
    match fault.problem {
        FaultKind::Busy => {
            drop(headers.insert(header::RETRY_AFTER, HeaderValue::from_static("30")))
        }
        FaultKind::NotReady => {
            drop(headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2")));
        }
        FaultKind::WrongMethod => {
            drop(headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD")));
        }
        _ => {}
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_belongs_to_one_state_and_to_rows_that_there_are() {
        let cursor = cursor_of(500, "state-1");
        assert_eq!(row_of(&cursor, "state-1", 1000), Ok(500));
        assert_eq!(row_of(&cursor, "state-2", 1000).unwrap_err().problem, FaultKind::Gone);
        assert_eq!(row_of(&cursor, "state-1", 400).unwrap_err().problem, FaultKind::WrongRequest);
        for wrong in ["", "500", "x.state-1", "-1.state-1", "99999999999999999999.state-1"] {
            assert_eq!(row_of(wrong, "state-1", 9).unwrap_err().problem, FaultKind::WrongRequest);
        }
    }

    #[test]
    fn a_tag_is_known_in_every_way_of_sending_it() {
        for (sent, is) in [
            ("\"answer-1\"", true),
            ("W/\"answer-1\"", true),
            ("\"answer-1-gz\"", true),
            ("\"other\", \"answer-1\"", true),
            ("\"answer-12\"", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_str(sent).unwrap());
            assert_eq!(is_known(&headers, "answer-1"), is, "{sent}");
        }
    }
}
