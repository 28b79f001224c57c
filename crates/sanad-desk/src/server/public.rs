//! What everybody can see: channels and deadlines, released counts, the ledger, how to check it.
//!
//! The ledger and the counts are the same for everybody, need no account, and are sent as files. Who
//! fetches them is not recorded. An operator who publishes them elsewhere too lets readers compare.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::answer::{HtmlPage, download};
use super::filer::Speaking;
use super::house::DeskHouse;
use super::office::OfficeFault;
use super::page::layout::DeskFrame;
use super::page::{filer as filer_page, public as page};
use crate::text::Language;

/// The desk in every language.
pub(super) async fn start(State(house): State<Arc<DeskHouse>>) -> HtmlPage {
    HtmlPage::ok(page::start(&house.config))
}

/// `GET /LANG/record`: channels and deadlines, what was released, and the last lines of the ledger.
pub(super) async fn record(State(speaking): State<Speaking>) -> Response {
    let read = |house: &DeskHouse| -> Result<_, OfficeFault> {
        let mut office = house.office(house.today())?;
        let releases = office.store().releases()?;
        let days = office.ledger().days();
        let last = days[days.len().saturating_sub(page::LAST_DAYS)..].to_vec();
        Ok((releases, last))
    };
    let Speaking { house, language } = &speaking;
    let frame = DeskFrame { config: &house.config, language: *language };
    match house.work(read).await {
        Some(Ok((releases, days))) => {
            HtmlPage::ok(page::record(&frame, &releases, &days)).into_response()
        }
        _ => broken(&frame),
    }
}

/// The answer when the store cannot be read now.
fn broken(frame: &DeskFrame<'_>) -> Response {
    let markup = filer_page::refused(frame, frame.says().busy);
    HtmlPage { status: StatusCode::SERVICE_UNAVAILABLE, markup }.into_response()
}

/// `GET /LANG/verify`: how to check the ledger on a machine of one's own.
pub(super) async fn verify(State(speaking): State<Speaking>) -> HtmlPage {
    let Speaking { house, language } = &speaking;
    HtmlPage::ok(page::verify(&DeskFrame { config: &house.config, language: *language }))
}

/// The public ledger as a file.
pub(super) async fn ledger(State(house): State<Arc<DeskHouse>>) -> Response {
    let read = |house: &DeskHouse| -> Result<String, OfficeFault> {
        Ok(house.office(house.today())?.ledger().to_text())
    };
    match house.work(read).await {
        Some(Ok(text)) => download("ledger.txt", text),
        _ => broken(&DeskFrame { config: &house.config, language: Language::English }),
    }
}

/// Every released table, one after the other, as CSV.
pub(super) async fn counts(State(house): State<Arc<DeskHouse>>) -> Response {
    let read = |house: &DeskHouse| -> Result<_, OfficeFault> {
        Ok(house.office(house.today())?.store().releases()?)
    };
    match house.work(read).await {
        Some(Ok(releases)) => download("counts.csv", page::counts_as_csv(&releases)),
        _ => broken(&DeskFrame { config: &house.config, language: Language::English }),
    }
}
