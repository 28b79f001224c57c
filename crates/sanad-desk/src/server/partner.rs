//! The way of a partner: an organisation that files for people who have no phone or cannot write.
//!
//! What was taken down on paper comes as a table ([`read_paper`]). It is sent twice. The first time
//! it is checked, and the page shows a receipt for every row, to be handed to each person; nothing
//! is kept. The second time the same table comes with these receipts and is kept, whole or not at
//! all. So a line that breaks loses no receipt, and sending again doubles nothing: it is the filer's
//! way, for many at once.
//!
//! A partner sees what was filed in the moment of filing and never again: there is no list of what a
//! partner filed, and the file does not say which partner it was.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use zeroize::Zeroizing;

use super::answer::HtmlPage;
use super::form::{FormField, MOST_TABLE_FORM_BYTES};
use super::house::DeskHouse;
use super::office::{Backing, FiledContent, FilingDraft, OfficeFault, Rules, When};
use super::page::partner as page;
use super::session::StaffSession;
use super::staff::{HouseState, busy, current, faulty, refused, session, session_form_up_to};
use crate::config::Channel;
use crate::partner::{PaperFiling, PaperRefused, read_paper};
use crate::process::Role;
use crate::store::Filing;
use crate::vault::{Receipt, ReceiptKeys, VaultError};

/// What every text of a partner begins with: consent is part of what is sealed and in the ledger.
const CONSENT: &str = "Taken down by a partner, who says that the person was asked and agreed.";

/// `GET /staff/partner`: the form for a table.
pub(super) async fn start(State(house): HouseState, headers: HeaderMap) -> Response {
    let session = match session(&house, &headers) {
        Ok(session) => session,
        Err(refusal) => return *refusal,
    };
    match house.work(move |house| of_partner(house, &session)).await {
        None => busy(&house),
        Some(Err(fault)) => faulty(&house, &fault),
        Some(Ok(session)) => {
            HtmlPage::ok(page::table_form(&house.config, &session, "", None)).into_response()
        }
    }
}

/// The session of somebody who is a partner now.
fn of_partner(house: &DeskHouse, session: &StaffSession) -> Result<StaffSession, OfficeFault> {
    let session = current(house, session)?;
    if session.holds(Role::Partner) { Ok(session) } else { Err(OfficeFault::NotAllowed) }
}

/// What comes of looking at a table.
enum CheckedTable {
    /// It is sound, and each row has a receipt now.
    Sound(Vec<PaperFiling>, Vec<Receipt>),
    /// It has faults.
    Faulty(PaperRefused),
}

/// `POST /staff/partner`: checks a table and shows the receipts. Nothing is kept. 422 with every
/// fault where the table is not sound.
pub(super) async fn check(State(house): HouseState, headers: HeaderMap, body: Body) -> Response {
    let fields = [FormField::Line("form"), FormField::Text("table")];
    let sent = session_form_up_to(MOST_TABLE_FORM_BYTES, &house, &headers, body, &fields).await;
    let (session, form) = match sent {
        Ok(sent) => sent,
        Err(refusal) => return refusal,
    };
    let table = Zeroizing::new(form.get("table").to_owned());
    let looked = table.clone();
    let work = move |house: &DeskHouse| {
        let session = of_partner(house, &session)?;
        let checked = match read_paper(looked.as_bytes(), &house.config) {
            Err(refusal) => CheckedTable::Faulty(refusal),
            Ok(filings) => {
                let receipts: Result<Vec<Receipt>, VaultError> =
                    filings.iter().map(|_| Receipt::random()).collect();
                CheckedTable::Sound(filings, receipts?)
            }
        };
        Ok::<_, OfficeFault>((session, checked))
    };
    match house.work(work).await {
        None => busy(&house),
        Some(Err(fault)) => faulty(&house, &fault),
        Some(Ok((session, CheckedTable::Faulty(refusal)))) => {
            let markup = page::table_form(&house.config, &session, &table, Some(&refusal));
            HtmlPage { status: StatusCode::UNPROCESSABLE_ENTITY, markup }.into_response()
        }
        Some(Ok((session, CheckedTable::Sound(filings, receipts)))) => {
            let markup = page::receipts(&house.config, &session, &table, &filings, &receipts);
            HtmlPage::ok(markup).into_response()
        }
    }
}

/// `POST /staff/partner/send`: keeps a table with the receipts that were shown, whole or not at all.
pub(super) async fn send(State(house): HouseState, headers: HeaderMap, body: Body) -> Response {
    let fields = [FormField::Line("form"), FormField::Text("table"), FormField::Text("receipts")];
    let sent = session_form_up_to(MOST_TABLE_FORM_BYTES, &house, &headers, body, &fields).await;
    let (session, form) = match sent {
        Ok(sent) => sent,
        Err(refusal) => return refusal,
    };
    let Some(receipts) = receipts_of(form.get("receipts")) else {
        let reason = "The receipts did not arrive as the page made them. Nothing was kept.";
        return refused(&house, StatusCode::BAD_REQUEST, reason);
    };
    let table = Zeroizing::new(form.get("table").to_owned());
    let work = move |house: &DeskHouse| {
        let session = of_partner(house, &session)?;
        let filings = read_paper(table.as_bytes(), &house.config);
        let filings = filings.map_err(|_| OfficeFault::NotNow)?;
        if filings.len() != receipts.len() {
            return Err(OfficeFault::NotNow);
        }
        let kept = keep(house, &filings, &receipts)?;
        Ok((session, kept))
    };
    match house.work(work).await {
        None => busy(&house),
        Some(Err(OfficeFault::Full)) => {
            let reason = "One of the channels cannot take all of this today. Nothing was kept. Try again tomorrow with the same page.";
            refused(&house, StatusCode::SERVICE_UNAVAILABLE, reason)
        }
        Some(Err(fault)) => faulty(&house, &fault),
        Some(Ok((session, kept))) => {
            let before = kept.iter().filter(|filing| **filing == Filing::KeptBefore).count();
            let markup = page::kept(&house.config, &session, kept.len(), before);
            HtmlPage::ok(markup).into_response()
        }
    }
}

/// The receipts of a form, one in each line; nothing where one is none, or stands there twice.
fn receipts_of(text: &str) -> Option<Vec<Receipt>> {
    let mut receipts: Vec<Receipt> = Vec::new();
    for line in text.lines() {
        let receipt = Receipt::read(line).ok()?;
        if receipts.contains(&receipt) {
            return None;
        }
        receipts.push(receipt);
    }
    Some(receipts)
}

/// Keeps filings under their receipts. Derives as many keys as there are rows: this takes seconds
/// for a full table.
fn keep(
    house: &DeskHouse,
    filings: &[PaperFiling],
    receipts: &[Receipt],
) -> Result<Vec<Filing>, OfficeFault> {
    let keys: Result<Vec<ReceiptKeys>, VaultError> =
        receipts.iter().map(|receipt| house.receipt_keys(receipt)).collect();
    let keys = keys?;
    let channels: Option<Vec<&Channel>> =
        filings.iter().map(|filing| house.config.channel(&filing.channel)).collect();
    // The table was read against the same channels.
    let channels = channels.ok_or(OfficeFault::NotNow)?;
    let parts = filings.iter().zip(&keys).zip(channels);
    let drafts: Vec<FilingDraft<'_>> = parts
        .map(|((filing, keys), channel)| {
            let text = Zeroizing::new(format!("{CONSENT}\n\n{}", filing.text.as_str()));
            let content = FiledContent::new(When::Unsaid, &text);
            let (district, author) = (filing.district.as_str(), Role::Partner);
            FilingDraft { channel, district, content, keys, author, backing: Backing::Partner }
        })
        .collect();
    let today = house.today();
    let rules = Rules { config: &house.config, founding: &house.founding, seats: &house.seats };
    house.office(today)?.receive_all(&rules, &drafts, today)
}
