//! The ways of a filer: choose, write, send; come back, read, add, accept, appeal, prove, delete.
//!
//! # The receipt
//!
//! The receipt is drawn when the form is shown, and stands in the form. It travels in the bodies of
//! requests alone, never in an address, which browsers and proxies keep. The server keeps none of
//! it: not when the form is shown, and not afterwards.
//!
//! A line that breaks while a filing is sent leaves the filer not knowing whether it arrived. So
//! sending again is always right: the same receipt with the same text is kept once, and with
//! another text that text is added. For that the receipt must not change when a form comes back
//! with a reason, and it does not.
//!
//! # What answers tell
//!
//! Whoever has no receipt learns nothing: a wrong receipt is answered like one of a file that was
//! deleted. A refusal repeats nothing of what was sent, except that the form of a filing comes back
//! with the text, because its writer would lose it otherwise.
//!
//! No cookie is set or read. There is nothing that another site could make a filer's browser do
//! with it: everything takes a receipt.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use maud::Markup;

use super::answer::{HtmlPage, download, read_form};
use super::form::{FormField, MOST_LETTERS, TypedForm, typed_number, western_digits};
use super::house::DeskHouse;
use super::office::{
    FiledContent, FilingDraft, OfficeFault, OpenedCase, Received, Resolve, Rules, When,
};
use super::page::filer as page;
use super::page::layout::DeskFrame;
use crate::config::Channel;
use crate::process::{Role, Step};
use crate::text::{Language, Phrases};
use crate::vault::{Receipt, ReceiptKeys, VaultError};

/// The house with a language.
#[derive(Clone)]
pub(super) struct Speaking {
    /// The house.
    pub(super) house: Arc<DeskHouse>,
    /// The language in which it answers.
    pub(super) language: Language,
}

impl Speaking {
    /// The frame of pages in this language.
    fn frame(&self) -> DeskFrame<'_> {
        DeskFrame { config: &self.house.config, language: self.language }
    }

    /// A page that says in the language why something was not done. Nothing that was sent is repeated
    /// in it.
    fn refused(&self, status: StatusCode, reason: &str) -> Response {
        HtmlPage { status, markup: page::refused(&self.frame(), reason) }.into_response()
    }

    /// What a filer is told of a fault of the desk. What it was is not said: it could hold what
    /// was sent.
    fn faulty(&self, fault: &OfficeFault) -> Response {
        let says = self.language.phrases();
        let (status, reason) = match fault {
            OfficeFault::Full => (StatusCode::SERVICE_UNAVAILABLE, says.full),
            OfficeFault::NoFile | OfficeFault::NotAllowed => (StatusCode::NOT_FOUND, says.no_file),
            OfficeFault::NotNow => (StatusCode::CONFLICT, says.not_now),
            OfficeFault::Broken(_) => (StatusCode::INTERNAL_SERVER_ERROR, says.broken),
        };
        self.refused(status, reason)
    }

    /// The answer when the desk has too much to do: 503, and nothing was kept.
    fn busy(&self) -> Response {
        self.refused(StatusCode::SERVICE_UNAVAILABLE, self.language.phrases().busy)
    }

    /// The answer where there is no page: 404.
    fn no_page(&self) -> Response {
        self.refused(StatusCode::NOT_FOUND, self.language.phrases().not_found)
    }
}

/// `GET /LANG`: what the desk is, and the ways into it.
pub(super) async fn home(State(speaking): State<Speaking>) -> HtmlPage {
    HtmlPage::ok(page::home(&speaking.frame()))
}

/// `GET /LANG/file`: the open channels with who receives and which languages are read there.
pub(super) async fn channels(State(speaking): State<Speaking>) -> HtmlPage {
    HtmlPage::ok(page::channels(&speaking.frame()))
}

/// `GET /LANG/receipt`: the form in which a filer types the receipt.
pub(super) async fn return_form(State(speaking): State<Speaking>) -> HtmlPage {
    HtmlPage::ok(page::return_form(&speaking.frame(), None))
}

/// The channel of an id that takes files. One that is closed is answered like one that is not there.
fn open_channel<'a>(speaking: &'a Speaking, id: &str) -> Option<&'a Channel> {
    speaking.house.config.channel(id).filter(|channel| channel.is_open)
}

/// `GET /LANG/file/CHANNEL`: the form with a new receipt, which is shown before anything is sent.
/// Nothing is kept of it: a receipt that is never sent leaves no trace.
pub(super) async fn filing_form(
    State(speaking): State<Speaking>,
    Path(channel): Path<String>,
) -> Response {
    let Some(channel) = open_channel(&speaking, &channel) else { return speaking.no_page() };
    match Receipt::random() {
        Ok(receipt) => HtmlPage::ok(page::filing_form(&speaking.frame(), channel, &receipt, None))
            .into_response(),
        Err(error) => speaking.faulty(&error.into()),
    }
}

const FILING_FIELDS: [FormField; 7] = [
    FormField::Line("receipt"),
    FormField::Line("noted"),
    FormField::Line("district"),
    FormField::Line("year"),
    FormField::Line("month"),
    FormField::Line("day"),
    FormField::Text("text"),
];

/// What of a form can be kept, or the sentence that says why it cannot.
fn check_filing(
    form: &TypedForm,
    channel: &Channel,
    says: &'static Phrases,
) -> Result<FiledContent, &'static str> {
    if !channel.districts.iter().any(|district| district == form.get("district")) {
        return Err(says.needs_district);
    }
    let part = |name| typed_number(form.get(name)).map_err(|_| says.needs_date);
    let when = When::typed(part("year")?, part("month")?, part("day")?).ok_or(says.needs_date)?;
    let text = check_text(form.get("text"), says)?;
    if !form.is_ticked("noted") {
        return Err(says.needs_noted);
    }
    Ok(FiledContent::new(when, text))
}

/// The text without blanks at its ends, or the sentence that says why it cannot be kept. It is
/// never cut: what is too long is refused whole, and comes back.
fn check_text<'a>(text: &'a str, says: &'static Phrases) -> Result<&'a str, &'static str> {
    match text.trim() {
        "" => Err(says.needs_text),
        text if text.chars().count() > MOST_LETTERS => Err(says.text_too_long),
        text => Ok(text),
    }
}

/// `POST /LANG/file/CHANNEL`: keeps the filing and shows the receipt once more.
///
/// Answers 200 when it is kept, also when it was kept before; 422 with the form and everything that
/// was typed when something is missing; 503 with the form when the channel is full or the desk has
/// too much to do. In every answer but 200 nothing was kept.
pub(super) async fn file(
    State(speaking): State<Speaking>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let says = speaking.language.phrases();
    let Some(channel) = open_channel(&speaking, &channel).cloned() else {
        return speaking.no_page();
    };
    let form = match read_form(&headers, body, &FILING_FIELDS).await {
        Ok(form) => form,
        Err(unread) => return speaking.refused(unread.status(), says.bad_form),
    };
    let Ok(receipt) = Receipt::read(form.get("receipt")) else {
        return speaking.refused(StatusCode::BAD_REQUEST, says.bad_form);
    };
    let again = |status, reason: &str| {
        let markup =
            page::filing_form(&speaking.frame(), &channel, &receipt, Some((&form, reason)));
        HtmlPage { status, markup }.into_response()
    };
    let content = match check_filing(&form, &channel, says) {
        Ok(content) => content,
        Err(reason) => return again(StatusCode::UNPROCESSABLE_ENTITY, reason),
    };
    let (sent, asked) = (receipt.clone(), channel.clone());
    let district = form.get("district").to_owned();
    let work = move |house: &DeskHouse| receive(house, &asked, &district, content, &sent);
    match speaking.house.work(work).await {
        None => again(StatusCode::SERVICE_UNAVAILABLE, says.busy),
        Some(Err(OfficeFault::Full)) => again(StatusCode::SERVICE_UNAVAILABLE, says.full),
        Some(Err(fault)) => speaking.faulty(&fault),
        Some(Ok(received)) => {
            let said = match received {
                Received::Kept => says.sent_lead,
                Received::KeptBefore => says.sent_before,
                Received::Added => says.sent_added,
            };
            HtmlPage::ok(page::sent(&speaking.frame(), &receipt, said)).into_response()
        }
    }
}

/// Derives the keys of the receipt and hands the filing to the office. Blocks: the derivation takes
/// memory and time, and the store waits for the disk.
fn receive(
    house: &DeskHouse,
    channel: &Channel,
    district: &str,
    content: FiledContent,
    receipt: &Receipt,
) -> Result<Received, OfficeFault> {
    let keys = house.receipt_keys(receipt)?;
    let today = house.today();
    let rules = Rules { config: &house.config, founding: &house.founding, seats: &house.seats };
    let author = Role::Filer;
    let draft = FilingDraft { channel, district, content, keys: &keys, author };
    house.office(today)?.receive(&rules, &draft, today)
}

/// A form of the filer's own file, read.
struct OwnForm {
    /// The receipt that it carries.
    receipt: Receipt,
    /// All of its fields, the receipt too.
    form: TypedForm,
}

/// Reads a form that carries the receipt, or answers why it cannot be read.
async fn own_form(
    speaking: &Speaking,
    headers: &HeaderMap,
    body: Body,
    fields: &[FormField],
) -> Result<OwnForm, Response> {
    let says = speaking.language.phrases();
    let form = read_form(headers, body, fields).await;
    let form = form.map_err(|unread| speaking.refused(unread.status(), says.bad_form))?;
    match Receipt::read(form.get("receipt")) {
        Ok(receipt) => Ok(OwnForm { receipt, form }),
        Err(_) => {
            let markup = page::return_form(&speaking.frame(), Some(says.bad_receipt));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Err(HtmlPage { status, markup }.into_response())
        }
    }
}

/// Does something with the own file and shows it afterwards.
async fn do_and_show(
    speaking: &Speaking,
    receipt: Receipt,
    deed: impl FnOnce(&DeskHouse, &ReceiptKeys) -> Result<(), OfficeFault> + Send + 'static,
) -> Response {
    let says = speaking.language.phrases();
    let given = receipt.clone();
    let work = move |house: &DeskHouse| -> Result<(OpenedCase, Option<OfficeFault>), OfficeFault> {
        let keys = house.receipt_keys(&given)?;
        let refusal = match deed(house, &keys) {
            Err(OfficeFault::NotNow) => Some(OfficeFault::NotNow),
            done => done.map(|()| None)?,
        };
        let case = house.office(house.today())?.open_own(&keys)?;
        Ok((case, refusal))
    };
    let shown = |case: &OpenedCase, reason| -> Markup {
        page::status(&speaking.frame(), &receipt, case, reason)
    };
    match speaking.house.work(work).await {
        None => speaking.busy(),
        Some(Err(OfficeFault::NoFile)) => {
            let markup = page::return_form(&speaking.frame(), Some(says.no_file));
            HtmlPage { status: StatusCode::NOT_FOUND, markup }.into_response()
        }
        Some(Err(fault)) => speaking.faulty(&fault),
        Some(Ok((case, None))) => HtmlPage::ok(shown(&case, None)).into_response(),
        Some(Ok((case, Some(_)))) => {
            let markup = shown(&case, Some(says.not_now));
            HtmlPage { status: StatusCode::CONFLICT, markup }.into_response()
        }
    }
}

/// `POST /LANG/receipt`: where the own file stands. 404 where no file has this receipt, which says
/// no more than that.
pub(super) async fn status(
    State(speaking): State<Speaking>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match own_form(&speaking, &headers, body, &[FormField::Line("receipt")]).await {
        Err(refusal) => refusal,
        Ok(own) => do_and_show(&speaking, own.receipt, |_, _| Ok(())).await,
    }
}

const TEXT_FIELDS: [FormField; 2] = [FormField::Line("receipt"), FormField::Text("text")];

/// Reads a form of the own file with a text that has to be there.
async fn own_text(
    speaking: &Speaking,
    headers: &HeaderMap,
    body: Body,
) -> Result<(Receipt, String), Response> {
    let own = own_form(speaking, headers, body, &TEXT_FIELDS).await?;
    match check_text(own.form.get("text"), speaking.language.phrases()) {
        Ok(text) => Ok((own.receipt, text.to_owned())),
        Err(reason) => Err(speaking.refused(StatusCode::UNPROCESSABLE_ENTITY, reason)),
    }
}

/// `POST /LANG/receipt/add`: adds a text to the own file. 409 where the file is closed.
pub(super) async fn add(
    State(speaking): State<Speaking>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (receipt, text) = match own_text(&speaking, &headers, body).await {
        Ok(own) => own,
        Err(refusal) => return refusal,
    };
    let deed = move |house: &DeskHouse, keys: &ReceiptKeys| {
        let today = house.today();
        house.office(today)?.add(keys, &text, today)
    };
    do_and_show(&speaking, receipt, deed).await
}

/// `POST /LANG/receipt/accept`: accepts the answer. 409 where there is none to accept.
pub(super) async fn accept(
    State(speaking): State<Speaking>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match own_form(&speaking, &headers, body, &[FormField::Line("receipt")]).await {
        Err(refusal) => refusal,
        Ok(own) => take(&speaking, own.receipt, Step::Accept, String::new()).await,
    }
}

/// `POST /LANG/receipt/appeal`: asks the next body to look, with the reasons. 409 where the stage has
/// no appeal.
pub(super) async fn appeal(
    State(speaking): State<Speaking>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match own_text(&speaking, &headers, body).await {
        Err(refusal) => refusal,
        Ok((receipt, text)) => take(&speaking, receipt, Step::Appeal, text).await,
    }
}

/// Takes one of the two steps of filers and shows the file afterwards.
async fn take(speaking: &Speaking, receipt: Receipt, step: Step, text: String) -> Response {
    let deed = move |house: &DeskHouse, keys: &ReceiptKeys| {
        let resolve = Resolve { step, text: &text, assignee: None };
        let today = house.today();
        house.office(today)?.take_own(&house.config, keys, &resolve, today)
    };
    do_and_show(speaking, receipt, deed).await
}

/// `POST /LANG/receipt/proof`: the proof of one entry as a file. 409 while the entry waits for the
/// ledger of its day.
pub(super) async fn prove(
    State(speaking): State<Speaking>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let fields = [FormField::Line("receipt"), FormField::Line("entry")];
    let own = match own_form(&speaking, &headers, body, &fields).await {
        Ok(own) => own,
        Err(refusal) => return refusal,
    };
    let says = speaking.language.phrases();
    let Ok(number) = western_digits(own.form.get("entry")).parse::<u32>() else {
        return speaking.refused(StatusCode::BAD_REQUEST, says.bad_form);
    };
    let work = move |house: &DeskHouse| {
        let keys = house.receipt_keys(&own.receipt)?;
        house.office(house.today())?.prove_own(&keys, number)
    };
    match speaking.house.work(work).await {
        None => speaking.busy(),
        Some(Err(fault)) => speaking.faulty(&fault),
        Some(Ok(None)) => speaking.refused(StatusCode::CONFLICT, says.not_in_ledger),
        Some(Ok(Some(proof))) => download(&format!("proof-{number}.txt"), proof.to_text()),
    }
}

/// `POST /LANG/receipt/delete`: destroys the own file, if the box is ticked. The answer holds the only
/// lines by which the entry that is left in the ledger can be known.
pub(super) async fn delete(
    State(speaking): State<Speaking>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let fields = [FormField::Line("receipt"), FormField::Line("sure")];
    let own = match own_form(&speaking, &headers, body, &fields).await {
        Ok(own) => own,
        Err(refusal) => return refusal,
    };
    let says = speaking.language.phrases();
    if !own.form.is_ticked("sure") {
        return speaking.refused(StatusCode::UNPROCESSABLE_ENTITY, says.needs_sure);
    }
    let work = move |house: &DeskHouse| {
        let keys = house.receipt_keys(&own.receipt)?;
        let today = house.today();
        house.office(today)?.delete_own(&keys, today)
    };
    match speaking.house.work(work).await {
        None => speaking.busy(),
        Some(Err(fault)) => speaking.faulty(&fault),
        Some(Ok(tombstone)) => {
            HtmlPage::ok(page::deleted(&speaking.frame(), &tombstone)).into_response()
        }
    }
}

/// What is answered where there is no page.
pub(super) fn nothing_here(house: &Arc<DeskHouse>, language: Language) -> Response {
    Speaking { house: Arc::clone(house), language }.no_page()
}

impl From<&VaultError> for OfficeFault {
    /// Whatever was wrong with a key is a fault of the desk here: no receipt was tried yet.
    fn from(error: &VaultError) -> OfficeFault {
        OfficeFault::Broken(error.to_string())
    }
}
