//! Answers: a page with a status, or a text to be kept; and the reading of forms, within a size and
//! a time.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::Markup;
use std::time::Duration;
use zeroize::Zeroizing;

use super::form::{FormFault, FormField, MOST_FORM_BYTES, TypedForm};

/// How long a form may take to arrive: the largest takes half a minute at 50 kbit/s.
const BODY_PATIENCE: Duration = Duration::from_secs(120);

/// A page.
pub(super) struct HtmlPage {
    /// The status: 200, or that of the refusal that the page explains.
    pub(super) status: StatusCode,
    /// The whole page.
    pub(super) markup: Markup,
}

impl HtmlPage {
    /// A page that was asked for and is there: status 200.
    pub(super) fn ok(markup: Markup) -> HtmlPage {
        HtmlPage { status: StatusCode::OK, markup }
    }
}

impl IntoResponse for HtmlPage {
    /// The page as an answer. Headers that every answer has are added by the guard.
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.markup.into_string()));
        *response.status_mut() = self.status;
        let kind = HeaderValue::from_static("text/html; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    }
}

/// A text that a browser keeps as a file instead of showing it; `name` has letters, digits, points
/// and dashes alone.
pub(super) fn download(name: &str, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// Why no form could be read from a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// It is larger than any form.
    TooLarge,
    /// It did not arrive in time, or broke off.
    Broken,
    /// It is no form of the page.
    Form(FormFault),
}

impl Unread {
    /// The status of the refusal: 413 for what is too large, 408 for what did not arrive in time, and
    /// 400 for what is no form of the page.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Unread::TooLarge | Unread::Form(FormFault::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            Unread::Broken => StatusCode::REQUEST_TIMEOUT,
            Unread::Form(_) => StatusCode::BAD_REQUEST,
        }
    }
}

/// Reads the form of a request.
pub(super) async fn read_form(
    headers: &HeaderMap,
    body: Body,
    fields: &[FormField],
) -> Result<TypedForm, Unread> {
    read_form_up_to(MOST_FORM_BYTES, headers, body, fields).await
}

/// Reads the form of a request that may have a number of bytes.
pub(super) async fn read_form_up_to(
    most_bytes: usize,
    headers: &HeaderMap,
    body: Body,
    fields: &[FormField],
) -> Result<TypedForm, Unread> {
    let said = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let said = said.and_then(|value| value.parse::<u64>().ok());
    if said.is_some_and(|bytes| bytes > most_bytes as u64) {
        return Err(Unread::TooLarge);
    }
    let bytes = tokio::time::timeout(BODY_PATIENCE, to_bytes(body, most_bytes)).await;
    let bytes = bytes.map_err(|_| Unread::Broken)?.map_err(|error| {
        // axum gives one type for both; only a body beyond the bound names the limit.
        let is_limit = std::error::Error::source(&error)
            .is_some_and(|source| source.to_string().contains("length limit"));
        if is_limit { Unread::TooLarge } else { Unread::Broken }
    })?;
    // The server's own copy is wiped; what the network's buffers held is not ours to wipe.
    let bytes = Zeroizing::new(bytes.to_vec());
    TypedForm::read_up_to(most_bytes, &bytes, fields).map_err(Unread::Form)
}
