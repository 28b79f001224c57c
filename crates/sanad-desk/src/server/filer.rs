//! The ways of a filer: choose, write, send; come back, read, add, attach, accept, appeal, prove,
//! delete.
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
//! deleted. A refusal repeats nothing of what was sent, except that a form with a text comes back
//! with it, because its writer would lose it otherwise.
//!
//! No cookie is set or read. There is nothing that another site could make a filer's browser do
//! with it: everything takes a receipt.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use maud::Markup;
use zeroize::Zeroizing;

use super::answer::{self, HtmlPage, PageNeed, Unread, download, read_form, read_upload};
use super::form::{FormField, MOST_LETTERS, TypedForm, typed_number, western_digits};
use super::house::{DeskHouse, LookedAt};
use super::office::{
    Backing, FiledContent, FilingDraft, OfficeFault, OpenedCase, PictureDraft, Received, Resolve,
    Rules, When, picture_mark,
};
use super::page::filer::{self as page, OwnTextForm, UnsentText};
use super::page::layout::DeskFrame;
use super::proof_of_work::Puzzle;
use super::upload::{UploadFields, UploadedForm};
use crate::attachment::AttachmentRefused;
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
        let (status, reason) = self.fault_in_words(fault);
        self.refused(status, reason)
    }

    /// The status of a fault and its sentence.
    fn fault_in_words(&self, fault: &OfficeFault) -> (StatusCode, &'static str) {
        let says = self.language.phrases();
        match fault {
            OfficeFault::Full => (StatusCode::SERVICE_UNAVAILABLE, says.full),
            OfficeFault::NoFile | OfficeFault::NotAllowed => (StatusCode::NOT_FOUND, says.no_file),
            OfficeFault::NotNow => (StatusCode::CONFLICT, says.not_now),
            OfficeFault::Broken(_) => (StatusCode::INTERNAL_SERVER_ERROR, says.broken),
        }
    }

    /// The form that attaches, with why something was not attached. The receipt has not to be typed
    /// again.
    fn attach_again(&self, receipt: &Receipt, (status, reason): (StatusCode, &str)) -> Response {
        let markup = page::attach_again(&self.frame(), receipt, reason);
        HtmlPage { status, markup }.into_response()
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

/// The puzzle of a receipt on a channel's form today; nothing where the channel takes all filings out
/// of one number.
fn puzzle(speaking: &Speaking, channel: &Channel, receipt: &Receipt) -> Option<Puzzle> {
    let house = &speaking.house;
    let puzzle = || house.puzzles.puzzle(&channel.id, house.today(), receipt);
    channel.has_work_share().then(puzzle)
}

/// A channel's form, as it is shown first or comes back with the reason. It alone has a script.
fn form_page(
    speaking: &Speaking,
    channel: &Channel,
    receipt: &Receipt,
    (status, typed): (StatusCode, Option<(&TypedForm, &str)>),
) -> Response {
    let puzzle = puzzle(speaking, channel, receipt);
    let blank = page::BlankForm { channel, receipt, puzzle };
    let markup = page::filing_form(&speaking.frame(), &blank, typed);
    let mut response = HtmlPage { status, markup }.into_response();
    if puzzle.is_some() {
        response.extensions_mut().insert(PageNeed::ProofOfWork);
    }
    response
}

/// `GET /LANG/file/CHANNEL`: the form with a new receipt, which is shown before anything is sent.
/// Nothing is kept of it: a receipt that is never sent leaves no trace.
pub(super) async fn filing_form(
    State(speaking): State<Speaking>,
    Path(channel): Path<String>,
) -> Response {
    let Some(channel) = open_channel(&speaking, &channel) else { return speaking.no_page() };
    match Receipt::random() {
        Ok(receipt) => form_page(&speaking, channel, &receipt, (StatusCode::OK, None)),
        Err(error) => speaking.faulty(&error.into()),
    }
}

const FILING_FIELDS: [FormField; 8] = [
    FormField::Line("receipt"),
    FormField::Line("noted"),
    FormField::Line("work"),
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
        form_page(&speaking, &channel, &receipt, (status, Some((&form, reason))))
    };
    let content = match check_filing(&form, &channel, says) {
        Ok(content) => content,
        Err(reason) => return again(StatusCode::UNPROCESSABLE_ENTITY, reason),
    };
    let solved = puzzle(&speaking, &channel, &receipt)
        .filter(|puzzle| puzzle.is_solved_by(form.get("work")));
    let backing = solved.map_or(Backing::Nothing, Backing::Work);
    let filing = SentFiling {
        channel: channel.clone(),
        district: form.get("district").to_owned(),
        content,
        receipt: receipt.clone(),
        backing,
    };
    let work = move |house: &DeskHouse| receive(house, filing);
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

/// A filing that can be kept, as it was sent.
struct SentFiling {
    channel: Channel,
    district: String,
    content: FiledContent,
    receipt: Receipt,
    backing: Backing,
}

/// Derives the keys of the receipt and hands the filing to the office. Blocks: the derivation takes
/// memory and time, and the store waits for the disk.
fn receive(house: &DeskHouse, filing: SentFiling) -> Result<Received, OfficeFault> {
    let SentFiling { channel, district, content, receipt, backing } = filing;
    let keys = house.receipt_keys(&receipt)?;
    let today = house.today();
    let rules = Rules { config: &house.config, founding: &house.founding, seats: &house.seats };
    let (channel, district, author) = (&channel, district.as_str(), Role::Filer);
    let draft = FilingDraft { channel, district, content, keys: &keys, author, backing };
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

/// The own file after something was done with it, and why it was not done where it was not.
struct DoneCase {
    /// The file as it is now.
    case: OpenedCase,
    /// The status and the sentence of a refusal.
    refusal: Option<(StatusCode, &'static str)>,
}

impl DoneCase {
    /// Does something with the own file and opens it afterwards.
    fn after(
        house: &DeskHouse,
        keys: &ReceiptKeys,
        says: &'static Phrases,
        deed: impl FnOnce(&DeskHouse, &ReceiptKeys) -> Result<(), OfficeFault>,
    ) -> Result<DoneCase, OfficeFault> {
        let refusal = match deed(house, keys) {
            Err(OfficeFault::NotNow) => Some((StatusCode::CONFLICT, says.not_now)),
            Err(OfficeFault::Full) => Some((StatusCode::SERVICE_UNAVAILABLE, says.pictures_full)),
            done => done.map(|()| None)?,
        };
        let case = house.office(house.today())?.open_own(keys)?;
        Ok(DoneCase { case, refusal })
    }
}

/// Does something with the own file and shows it afterwards, with the reason where it was not done.
async fn do_and_show(
    speaking: &Speaking,
    receipt: Receipt,
    deed: impl FnOnce(&DeskHouse, &ReceiptKeys) -> Result<(), OfficeFault> + Send + 'static,
) -> Response {
    let (given, says) = (receipt.clone(), speaking.language.phrases());
    let work = move |house: &DeskHouse| {
        let keys = house.receipt_keys(&given)?;
        DoneCase::after(house, &keys, says, deed)
    };
    let done = speaking.house.work(work).await;
    show(speaking, &receipt, done)
}

/// The page of the own file after something was done with it. `None` stands for a desk that had too
/// much to do.
fn show(
    speaking: &Speaking,
    receipt: &Receipt,
    done: Option<Result<DoneCase, OfficeFault>>,
) -> Response {
    let says = speaking.language.phrases();
    let shown = |case: &OpenedCase, reason| -> Markup {
        page::status(&speaking.frame(), receipt, case, reason)
    };
    match done {
        None => speaking.busy(),
        Some(Err(OfficeFault::NoFile)) => {
            let markup = page::return_form(&speaking.frame(), Some(says.no_file));
            HtmlPage { status: StatusCode::NOT_FOUND, markup }.into_response()
        }
        Some(Err(fault)) => speaking.faulty(&fault),
        Some(Ok(DoneCase { case, refusal: None })) => {
            HtmlPage::ok(shown(&case, None)).into_response()
        }
        Some(Ok(DoneCase { case, refusal: Some((status, reason)) })) => {
            HtmlPage { status, markup: shown(&case, Some(reason)) }.into_response()
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

/// Reads a form of the own file with a text, keeps the text, and shows the file. What cannot be kept
/// comes back in its form with the reason: a filer has it nowhere else.
async fn send_text(
    speaking: Speaking,
    headers: &HeaderMap,
    body: Body,
    form: OwnTextForm,
) -> Response {
    let says = speaking.language.phrases();
    let OwnForm { receipt, form: sent } =
        match own_form(&speaking, headers, body, &TEXT_FIELDS).await {
            Ok(own) => own,
            Err(refusal) => return refusal,
        };
    let again = |status, reason, is_surely_not_kept| {
        let unsent = UnsentText { form, text: sent.get("text"), reason, is_surely_not_kept };
        let markup = page::text_again(&speaking.frame(), &receipt, &unsent);
        HtmlPage { status, markup }.into_response()
    };
    let text = match check_text(sent.get("text"), says) {
        Ok(text) => Zeroizing::new(text.to_owned()),
        Err(reason) => return again(StatusCode::UNPROCESSABLE_ENTITY, reason, true),
    };
    let given = receipt.clone();
    let work = move |house: &DeskHouse| {
        let keys = house.receipt_keys(&given)?;
        DoneCase::after(house, &keys, says, |house, keys| keep_text(house, keys, form, &text))
    };
    match speaking.house.work(work).await {
        None => again(StatusCode::SERVICE_UNAVAILABLE, says.busy, true),
        Some(Ok(DoneCase { refusal: Some((status, reason)), .. })) => again(status, reason, true),
        Some(Err(fault)) => {
            let (status, reason) = speaking.fault_in_words(&fault);
            again(status, reason, !matches!(fault, OfficeFault::Broken(_)))
        }
        done => show(&speaking, &receipt, done),
    }
}

/// Adds a text to the own file, or appeals with it.
fn keep_text(
    house: &DeskHouse,
    keys: &ReceiptKeys,
    form: OwnTextForm,
    text: &str,
) -> Result<(), OfficeFault> {
    let today = house.today();
    let mut office = house.office(today)?;
    match form {
        OwnTextForm::Add => office.add(keys, text, today),
        OwnTextForm::Appeal => {
            let resolve = Resolve { step: Step::Appeal, text, assignee: None };
            office.take_own(&house.config, keys, &resolve, today)
        }
    }
}

/// `POST /LANG/receipt/add`: adds a text to the own file. 409 where the file is closed.
pub(super) async fn add(
    State(speaking): State<Speaking>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    send_text(speaking, &headers, body, OwnTextForm::Add).await
}

const PICTURE_FIELDS: UploadFields<'_> =
    UploadFields { lines: &["receipt", "original"], file: "picture" };

/// Reads a form with a picture, or answers why it cannot be read. Nothing is repeated of it.
async fn own_picture_form(
    speaking: &Speaking,
    headers: &HeaderMap,
    body: Body,
) -> Result<(Receipt, UploadedForm), Response> {
    let says = speaking.language.phrases();
    let form = read_upload(headers, body, PICTURE_FIELDS).await.map_err(|unread| {
        let is_large = unread.status() == Unread::TooLarge.status();
        let reason = if is_large { says.picture_large } else { says.bad_form };
        speaking.refused(unread.status(), reason)
    })?;
    let Ok(receipt) = Receipt::read(form.get("receipt")) else {
        let markup = page::return_form(&speaking.frame(), Some(says.bad_receipt));
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Err(HtmlPage { status, markup }.into_response());
    };
    match form.file.is_empty() {
        true => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Err(speaking.attach_again(&receipt, (status, says.needs_picture)))
        }
        false => Ok((receipt, form)),
    }
}

/// `POST /LANG/receipt/attach`: attaches a copy of a picture to the own file, and the sealed original
/// where the filer wants it.
///
/// Answers 200 with the file, also when the same picture was there before; 409 where the file is
/// closed; 413 and 422 where it is no picture that can be kept; 503 where there is no room now, in
/// the file, the channel or the memory. Whoever has no receipt is turned away before the picture is
/// looked at.
pub(super) async fn attach(
    State(speaking): State<Speaking>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Ok(_room) = speaking.house.uploads.try_acquire() else { return speaking.busy() };
    let (receipt, form) = match own_picture_form(&speaking, &headers, body).await {
        Ok(sent) => sent,
        Err(refusal) => return refusal,
    };
    let (keeps_original, says) = (form.is_ticked("original"), speaking.language.phrases());
    let (given, bytes) = (receipt.clone(), form.file);
    // The keys are derived once, which is dear, and go from one piece of work to the next.
    let work = move |house: &DeskHouse| {
        let keys = house.receipt_keys(&given)?;
        let (today, mark) = (house.today(), picture_mark(&keys, &bytes));
        let is_new =
            house.office(today)?.has_to_attach(&house.config, &keys, mark, keeps_original, today);
        Ok::<_, OfficeFault>(match is_new {
            Ok(true) => Ok((keys, mark, bytes)),
            known => Err(DoneCase::after(house, &keys, says, |_, _| known.map(drop))),
        })
    };
    let busy = (StatusCode::SERVICE_UNAVAILABLE, says.busy);
    let (keys, mark, bytes) = match speaking.house.work(work).await {
        None => return speaking.attach_again(&receipt, busy),
        Some(Err(fault)) => return speaking.faulty(&fault),
        Some(Ok(Ok(new))) => new,
        Some(Ok(Err(known))) => return show(&speaking, &receipt, Some(known)),
    };
    let Some(looked_at) = speaking.house.look_at(bytes).await else {
        return speaking.attach_again(&receipt, busy);
    };
    let draft = match picture_draft(looked_at, keeps_original, says) {
        Ok((copy, original)) => PictureDraft { copy, original, mark },
        Err(reason) => {
            return speaking.attach_again(&receipt, (StatusCode::UNPROCESSABLE_ENTITY, reason));
        }
    };
    let deed = move |house: &DeskHouse, keys: &ReceiptKeys| {
        let today = house.today();
        let rules = Rules { config: &house.config, founding: &house.founding, seats: &house.seats };
        house.office(today)?.attach(&rules, keys, &draft, today)
    };
    let work = move |house: &DeskHouse| DoneCase::after(house, &keys, says, deed);
    let done = speaking.house.work(work).await;
    show(&speaking, &receipt, done)
}

/// A copy of a picture, and its original.
type PictureParts = (Option<crate::attachment::CleanedPicture>, Option<Zeroizing<Vec<u8>>>);

/// What is kept of a file that was looked at, or the sentence that says why nothing is. What is no
/// picture is kept sealed alone, and only if the filer wants that.
fn picture_draft(
    looked_at: LookedAt,
    keeps_original: bool,
    says: &'static Phrases,
) -> Result<PictureParts, &'static str> {
    let LookedAt { bytes, copy } = looked_at;
    let original = keeps_original.then_some(bytes);
    match copy {
        Ok(copy) => Ok((Some(copy), original)),
        Err(AttachmentRefused::Empty) => Err(says.needs_picture),
        Err(AttachmentRefused::TooLarge { .. }) => Err(says.picture_large),
        Err(_) if original.is_some() => Ok((None, original)),
        Err(AttachmentRefused::TooManyPixels { .. }) => Err(says.picture_large),
        Err(AttachmentRefused::Kind) => Err(says.picture_kind),
        Err(AttachmentRefused::Damaged) => Err(says.picture_damaged),
    }
}

/// `POST /LANG/receipt/picture`: the copy of a picture of the own file. 404 for another number and for
/// an original.
pub(super) async fn picture(
    State(speaking): State<Speaking>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let fields = [FormField::Line("receipt"), FormField::Line("number")];
    let own = match own_form(&speaking, &headers, body, &fields).await {
        Ok(own) => own,
        Err(refusal) => return refusal,
    };
    let Ok(number) = western_digits(own.form.get("number")).parse::<u32>() else {
        return speaking.refused(StatusCode::BAD_REQUEST, speaking.language.phrases().bad_form);
    };
    let work = move |house: &DeskHouse| {
        let keys = house.receipt_keys(&own.receipt)?;
        house.office(house.today())?.own_picture(&keys, number)
    };
    match speaking.house.work(work).await {
        None => speaking.busy(),
        Some(Err(fault)) => speaking.faulty(&fault),
        Some(Ok(bytes)) => answer::picture(&bytes),
    }
}

/// `POST /LANG/receipt/accept`: accepts the answer. 409 where there is none to accept.
pub(super) async fn accept(
    State(speaking): State<Speaking>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let own = match own_form(&speaking, &headers, body, &[FormField::Line("receipt")]).await {
        Ok(own) => own,
        Err(refusal) => return refusal,
    };
    let deed = |house: &DeskHouse, keys: &ReceiptKeys| {
        let resolve = Resolve { step: Step::Accept, text: "", assignee: None };
        let today = house.today();
        house.office(today)?.take_own(&house.config, keys, &resolve, today)
    };
    do_and_show(&speaking, own.receipt, deed).await
}

/// `POST /LANG/receipt/appeal`: asks the next body to look, with the reasons. 409 where the stage has
/// no appeal.
pub(super) async fn appeal(
    State(speaking): State<Speaking>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    send_text(speaking, &headers, body, OwnTextForm::Appeal).await
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
