//! Every address of the server.
//!
//! No address has a question mark, and none holds a receipt or a text. What asks with another method
//! than an address has is refused by the router, and what has no address is answered in the language
//! that the address begins with.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::routing::{get, post};

use super::filer::{self, Speaking, nothing_here};
use super::guard::guard;
use super::house::DeskHouse;
use super::{partner, public, staff};
use crate::text::Language;

/// The router of all addresses.
pub(super) fn router(house: &Arc<DeskHouse>) -> Router {
    let mut router = for_everybody(house).merge(for_staff(house));
    for language in Language::ALL {
        let speaking = Speaking { house: Arc::clone(house), language };
        router = router.nest(&format!("/{}", language.tag()), in_language(speaking));
    }
    let (own, guarded) = (Arc::clone(house), Arc::clone(house));
    router
        .fallback(move |request: Request| {
            let house = Arc::clone(&own);
            async move { nothing_here(&house, language_of(request.uri().path())) }
        })
        .layer(from_fn(move |request: Request, next: Next| {
            guard(Arc::clone(&guarded), request, next)
        }))
}

/// The language that an address begins with.
fn language_of(path: &str) -> Language {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    Language::from_tag(first).unwrap_or(Language::English)
}

/// The addresses of one language. None of them sets or reads a cookie.
fn in_language(speaking: Speaking) -> Router {
    Router::new()
        .route("/", get(filer::home))
        .route("/file", get(filer::channels))
        .route("/file/{channel}", get(filer::filing_form).post(filer::file))
        .route("/receipt", get(filer::return_form).post(filer::status))
        .route("/receipt/add", post(filer::add))
        .route("/receipt/accept", post(filer::accept))
        .route("/receipt/appeal", post(filer::appeal))
        .route("/receipt/proof", post(filer::prove))
        .route("/receipt/delete", post(filer::delete))
        .route("/record", get(public::record))
        .route("/verify", get(public::verify))
        .with_state(speaking)
}

/// The addresses without a language.
fn for_everybody(house: &Arc<DeskHouse>) -> Router {
    Router::new()
        .route("/", get(public::start))
        .route("/ledger.txt", get(public::ledger))
        .route("/counts.csv", get(public::counts))
        .with_state(Arc::clone(house))
}

/// The addresses of the staff. Each handler asks for the session itself.
fn for_staff(house: &Arc<DeskHouse>) -> Router {
    Router::new()
        .route("/staff", get(staff::start))
        .route("/staff/login", post(staff::log_in))
        .route("/staff/logout", post(staff::log_out))
        .route("/staff/ledger", get(staff::inner_ledger))
        .route("/staff/partner", get(partner::start).post(partner::check))
        .route("/staff/partner/send", post(partner::send))
        .route("/staff/file/{id}", get(staff::open))
        .route("/staff/file/{id}/note", post(staff::note))
        .route("/staff/file/{id}/step/{step}", post(staff::take))
        .route("/staff/file/{id}/openings", get(staff::openings))
        .with_state(Arc::clone(house))
}
