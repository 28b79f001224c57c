//! Answers: a page with a status, or a text to be kept; and the reading of forms, within a size and
//! a time.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::Markup;
use std::time::Duration;
use zeroize::Zeroizing;

use super::form::{FormFault, FormField, MOST_FORM_BYTES, TypedForm};
use super::upload::{MOST_UPLOAD_BYTES, UploadFields, UploadedForm};
use crate::attachment::CleanedPicture;

/// How long a form may take to arrive: the largest takes half a minute at 50 kbit/s.
const BODY_PATIENCE: Duration = Duration::from_secs(120);

/// How long a form with a picture may take to arrive: some five megabytes at 50 kbit/s.
const UPLOAD_PATIENCE: Duration = Duration::from_secs(15 * 60);

/// What a page needs besides its style. It marks the answer, and the guard lets the policy say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageNeed {
    /// Pictures of this desk.
    Pictures,
    /// The one script, which finds the answer to the puzzle of a form.
    ProofOfWork,
}

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

/// A copy of a picture, made anew by the desk.
pub(super) fn picture(bytes: &[u8]) -> Response {
    let mut response = Response::new(Body::from(bytes.to_vec()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CleanedPicture::MEDIA_TYPE));
    let disposition = HeaderValue::from_static("inline; filename=\"copy.png\"");
    headers.insert(header::CONTENT_DISPOSITION, disposition);
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
    let bytes = read_bytes(most_bytes, BODY_PATIENCE, headers, body).await?;
    TypedForm::read_up_to(most_bytes, &bytes, fields).map_err(Unread::Form)
}

/// Reads the form of a request that carries a file.
pub(super) async fn read_upload(
    headers: &HeaderMap,
    body: Body,
    fields: UploadFields<'_>,
) -> Result<UploadedForm, Unread> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default().to_owned();
    let bytes = read_bytes(MOST_UPLOAD_BYTES, UPLOAD_PATIENCE, headers, body).await?;
    UploadedForm::read(&kind, &bytes, fields).map_err(Unread::Form)
}

/// The bytes of a body, within a size and a time.
async fn read_bytes(
    most_bytes: usize,
    patience: Duration,
    headers: &HeaderMap,
    body: Body,
) -> Result<Zeroizing<Vec<u8>>, Unread> {
    let said = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let said = said.and_then(|value| value.parse::<u64>().ok());
    if said.is_some_and(|bytes| bytes > most_bytes as u64) {
        return Err(Unread::TooLarge);
    }
    let bytes = tokio::time::timeout(patience, to_bytes(body, most_bytes)).await;
    let bytes = bytes.map_err(|_| Unread::Broken)?.map_err(|error| {
        // axum gives one type for both; only a body beyond the bound names the limit.
        let is_limit = std::error::Error::source(&error)
            .is_some_and(|source| source.to_string().contains("length limit"));
        if is_limit { Unread::TooLarge } else { Unread::Broken }
    })?;
    // The server's own copy is wiped; what the network's buffers held is not ours to wipe.
    Ok(Zeroizing::new(bytes.to_vec()))
}
