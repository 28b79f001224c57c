//! The ways of the staff: log in, list, open, write, take steps; auditors, custodians.
//!
//! # The login
//!
//! A login takes a name, a password and a code. The password unlocks the member's secret key and
//! the secret of the second factor; nothing else does, so a stolen database lets nobody check a
//! code. The order is: may the name try now; is the password right; is the code right; was the
//! code used before. The last is one step of the store, so that of two who send the same code at
//! the same time one gets in.
//!
//! A name that nobody has costs as much time as one that somebody has. After three failures a name
//! waits, longer each time, up to a quarter of an hour; after thirty failures in a minute, of
//! whatever names, everybody waits until the minute is over. So somebody who sends many wrong
//! logins keeps the staff out for as long as they are sent. That is meant: the other choice lets
//! passwords be tried.
//!
//! # The session
//!
//! A session is in memory, with the secret keys of the member's seats, and ends with the process.
//! Its cookie is bound to this host, to TLS or loopback, and to requests that this site began; the
//! session itself is bound to what the browser calls itself. Every form carries a secret of the
//! session. At every request the store is asked whether the member still holds the seats.
//!
//! # What is recorded
//!
//! That a member opened a file is kept with the file, once a day, before anything is shown. Steps
//! and messages are entries of the file. Requests are not recorded, and refused ones neither: who
//! tries other bodies' files leaves no trace. An operator who wants one has to weigh it against
//! what such a list tells whoever takes the machine.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use zeroize::Zeroizing;

use super::access::Action;
use super::answer::{self, HtmlPage, PageNeed, download, read_form, read_form_up_to};
use super::form::{FormField, MOST_FORM_BYTES, MOST_LETTERS, TypedForm, western_digits};
use super::house::DeskHouse;
use super::office::{OfficeFault, Officer, Resolve, body_of, step_named};
use super::page::staff as page;
use super::session::{SessionToken, StaffSession, new_token};
use crate::entry::FileId;
use crate::process::{Role, Step, steps_open_to};
use crate::staff::Member;
use crate::vault::{Password, PasswordCost, PasswordRecord};

/// The cookie of a session. `__Host-` binds it to this host, to the whole of it, and to lines that
/// browsers trust: TLS, or loopback.
const SESSION_COOKIE: &str = "__Host-desk";
/// The cookie that binds the form of the login to the browser that asked for it.
const LOGIN_COOKIE: &str = "__Host-desk-login";
/// The longest name of a member.
const MOST_NAME_BYTES: usize = 64;

/// What the handlers of the staff get.
pub(super) type HouseState = State<Arc<DeskHouse>>;

/// The value of a cookie. Where a name comes twice, the first counts: `__Host-` names cannot be set by
/// other hosts.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter();
    let pairs = lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(';'));
    let mut values = pairs.filter_map(|pair| pair.trim().split_once('='));
    values.find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// An answer that sets a cookie for a number of seconds; zero takes it away.
fn with_cookie(mut response: Response, name: &str, value: &str, seconds: u32) -> Response {
    let text =
        format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={seconds}");
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// What the browser calls itself. Kept as a digest, in memory, for as long as the session.
fn agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Sends a browser to a page after a form was taken, so that reloading does not send it again.
fn see_other(address: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(value) = HeaderValue::from_str(address) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

/// A page that says why something was not done.
pub(super) fn refused(house: &DeskHouse, status: StatusCode, reason: &str) -> Response {
    HtmlPage { status, markup: page::refused(&house.config, reason) }.into_response()
}

/// As [`refused`], with the text that was sent, if there is one, to be copied.
fn refused_with(house: &DeskHouse, (status, reason): (StatusCode, &str), text: &str) -> Response {
    match text.is_empty() {
        true => refused(house, status, reason),
        false => {
            HtmlPage { status, markup: page::unsent(&house.config, reason, text) }.into_response()
        }
    }
}

/// What the staff is told of a fault.
pub(super) fn faulty(house: &DeskHouse, fault: &OfficeFault) -> Response {
    let (status, reason) = fault_in_words(fault);
    refused(house, status, reason)
}

/// The status of a fault and its sentence. A file that is not there and one that is for others are
/// answered alike.
fn fault_in_words(fault: &OfficeFault) -> (StatusCode, &'static str) {
    match fault {
        // Whether there is such a file is not said to whom it is not for.
        OfficeFault::NoFile | OfficeFault::NotAllowed | OfficeFault::Full => (
            StatusCode::FORBIDDEN,
            "This is not for your seat, or it is closed, or there is no such file.",
        ),
        OfficeFault::NotNow => (
            StatusCode::CONFLICT,
            "This is not possible now. Somebody else may have changed the file; open it again.",
        ),
        OfficeFault::Broken(_) => {
            (StatusCode::INTERNAL_SERVER_ERROR, "The desk has a fault. Ask its operator.")
        }
    }
}

/// What is said when the desk has too much to do.
const BUSY: (StatusCode, &str) =
    (StatusCode::SERVICE_UNAVAILABLE, "The desk has too much to do. Try again.");

/// The answer when the desk has too much to do: nothing was done.
pub(super) fn busy(house: &DeskHouse) -> Response {
    refused(house, BUSY.0, BUSY.1)
}

/// What is said to whom has no session.
const NO_SESSION: (StatusCode, &str) =
    (StatusCode::UNAUTHORIZED, "You are not logged in, or your session is over.");

/// Whether a browser says that a request comes from a page of this desk. Then what it brings can be
/// shown again, also when its session is over: no other site can make this page show something.
fn is_said_to_be_own(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin")
}

/// The session of a request, or the way to the login.
pub(super) fn session(
    house: &DeskHouse,
    headers: &HeaderMap,
) -> Result<StaffSession, Box<Response>> {
    let now = house.clock.now();
    let token = cookie(headers, SESSION_COOKIE);
    let found = token.and_then(|token| house.sessions().find(token, agent(headers), now));
    found.ok_or_else(|| Box::new(refused(house, NO_SESSION.0, NO_SESSION.1)))
}

/// The session of a request with the form that it sends, which has to carry the session's secret.
async fn session_form(
    house: &DeskHouse,
    headers: &HeaderMap,
    body: Body,
    fields: &[FormField],
) -> Result<(StaffSession, TypedForm), Response> {
    session_form_up_to(MOST_FORM_BYTES, house, headers, body, fields).await
}

/// As [`session_form`], for forms that may have a number of bytes.
pub(super) async fn session_form_up_to(
    most_bytes: usize,
    house: &DeskHouse,
    headers: &HeaderMap,
    body: Body,
    fields: &[FormField],
) -> Result<(StaffSession, TypedForm), Response> {
    let session = match session(house, headers) {
        Ok(session) => session,
        // Who wrote for longer than a session lasts gets the text back.
        Err(_) if is_said_to_be_own(headers) => {
            let form = read_form_up_to(most_bytes, headers, body, fields).await.ok();
            let text = form.as_ref().map_or("", |form| form.get("text"));
            return Err(refused_with(house, NO_SESSION, text));
        }
        Err(refusal) => return Err(*refusal),
    };
    let form = read_form_up_to(most_bytes, headers, body, fields).await.map_err(|unread| {
        refused(house, unread.status(), "The form did not arrive as this page makes it.")
    })?;
    if session.is_own_form(form.get("form")) {
        Ok((session, form))
    } else {
        let reason = "The form is not one of this session. Open the page again.";
        Err(refused(house, StatusCode::FORBIDDEN, reason))
    }
}

/// The login, or the start of who is logged in.
pub(super) async fn start(State(house): HouseState, headers: HeaderMap) -> Response {
    match session(&house, &headers) {
        Err(_) => login_form(&house, None, StatusCode::OK),
        Ok(session) => list(house, session).await,
    }
}

/// The login with a new secret, in the form and in a cookie: a form of another site has none.
fn login_form(house: &DeskHouse, reason: Option<&str>, status: StatusCode) -> Response {
    let Ok(token) = new_token() else { return busy(house) };
    let markup = page::login(&house.config, &token, reason);
    with_cookie(HtmlPage { status, markup }.into_response(), LOGIN_COOKIE, &token, 600)
}

const LOGIN_FIELDS: [FormField; 4] = [
    FormField::Line("form"),
    FormField::Line("name"),
    FormField::Line("password"),
    FormField::Line("code"),
];

/// What was typed into the login.
struct Credentials {
    /// The name; nobody may have it.
    name: String,
    /// The password, as long or short as it was typed.
    password: Zeroizing<String>,
    /// The code in western digits.
    code: Zeroizing<String>,
    /// What the browser calls itself.
    agent: String,
}

/// `POST /staff/login`: opens a session for a name, a password and a code.
///
/// Answers 303 to the list, 401 where one of the three is wrong, and 429 where there were too many
/// failures. Which of the three was wrong is not said, and takes the same time.
pub(super) async fn log_in(State(house): HouseState, headers: HeaderMap, body: Body) -> Response {
    let form = match read_form(&headers, body, &LOGIN_FIELDS).await {
        Ok(form) => form,
        Err(unread) => return refused(&house, unread.status(), "This is no form of the login."),
    };
    let sent = form.get("form");
    if sent.is_empty() || cookie(&headers, LOGIN_COOKIE) != Some(sent) {
        let reason = "The login was not begun in this browser. Try again.";
        return login_form(&house, Some(reason), StatusCode::FORBIDDEN);
    }
    let credentials = Credentials {
        name: form.get("name").to_owned(),
        password: Zeroizing::new(form.get("password").to_owned()),
        code: Zeroizing::new(western_digits(form.get("code").trim())),
        agent: agent(&headers).to_owned(),
    };
    match house.work(move |house| check(house, &credentials)).await {
        None => busy(&house),
        Some(Ok(token)) => {
            let response = with_cookie(see_other("/staff"), SESSION_COOKIE, &token, 4 * 3600);
            with_cookie(response, LOGIN_COOKIE, "", 0)
        }
        Some(Err(Denied::Broken(fault))) => faulty(&house, &fault),
        Some(Err(Denied::Wait)) => {
            let reason = "Too many failed logins. Wait, and try again later.";
            login_form(&house, Some(reason), StatusCode::TOO_MANY_REQUESTS)
        }
        Some(Err(Denied::Wrong)) => {
            // What was wrong is not said.
            let reason = "Name, password or code is wrong, or the code was used before.";
            login_form(&house, Some(reason), StatusCode::UNAUTHORIZED)
        }
    }
}

/// Why a login did not succeed.
enum Denied {
    /// Too many failures came before; nothing was looked at.
    Wait,
    /// Name, password or code is wrong, or the code was used.
    Wrong,
    /// The desk has a fault.
    Broken(OfficeFault),
}

/// A fault of the desk, which is no failure of whoever logs in.
fn broken(error: impl Into<OfficeFault>) -> Denied {
    Denied::Broken(error.into())
}

/// Checks a login: first whether the name may try at all, then password and code, then, in one step
/// of the store, that the code was not used before.
fn check(house: &DeskHouse, credentials: &Credentials) -> Result<SessionToken, Denied> {
    let (now, today) = (house.clock.now(), house.today());
    let name = credentials.name.as_str();
    let is_name = !name.is_empty() && name.len() <= MOST_NAME_BYTES;
    let member = match is_name {
        true => house.office(today).map_err(broken)?.store().member(name).map_err(broken)?,
        false => None,
    };
    let failures = member.as_ref().map_or(0, |member| member.failures);
    if !house.sessions().may_try(name, failures, now) {
        return Err(Denied::Wait);
    }
    // A name that nobody has takes as long as one that somebody has.
    let unlocked = match &member {
        Some(member) => unlock(member, credentials),
        None => unlock_nobody(credentials),
    };
    let seconds = u64::try_from(now.as_second()).unwrap_or(0);
    let opened = unlocked.zip(member).and_then(|(unlocked, member)| {
        let step = unlocked.totp.accept(&credentials.code, seconds, member.last_step)?;
        Some((unlocked, step))
    });
    let mut office = house.office(today).map_err(broken)?;
    let Some((unlocked, step)) = opened else {
        if is_name {
            // Nobody of this name is no fault here.
            let _ = office.store().note_failure(name);
        }
        drop(office);
        house.sessions().note_failure(name, now);
        return Err(Denied::Wrong);
    };
    if !office.store().note_login(name, step).map_err(broken)? {
        return Err(Denied::Wrong);
    }
    drop(office);
    let token = house.sessions().log_in(name, unlocked.seats, &credentials.agent, now);
    token.map_err(broken)
}

/// What the password of a member unlocks.
fn unlock(member: &Member, credentials: &Credentials) -> Option<crate::staff::UnlockedMember> {
    let password = Password::new(&credentials.password)?;
    member.unlock(&password).ok()
}

/// Derives a key as for somebody, and finds nothing.
fn unlock_nobody(credentials: &Credentials) -> Option<crate::staff::UnlockedMember> {
    let password = Password::new(&credentials.password)?;
    let record = PasswordRecord { salt: [0; 16], cost: PasswordCost::STANDARD, check: [0; 32] };
    let _ = record.unlock(&password);
    None
}

/// `POST /staff/logout`: ends the session and asks the browser to forget everything of the desk.
pub(super) async fn log_out(State(house): HouseState, headers: HeaderMap, body: Body) -> Response {
    match session_form(&house, &headers, body, &[FormField::Line("form")]).await {
        Err(refusal) => refusal,
        Ok(_) => {
            if let Some(token) = cookie(&headers, SESSION_COOKIE) {
                house.sessions().log_out(token);
            }
            let mut response = with_cookie(see_other("/staff"), SESSION_COOKIE, "", 0);
            let clear = HeaderValue::from_static("\"cache\", \"cookies\", \"storage\"");
            response.headers_mut().insert("clear-site-data", clear);
            response
        }
    }
}

/// Whether a session still stands for somebody with these seats: who was taken off the staff, or
/// off a seat, loses it at the next request.
pub(super) fn current(
    house: &DeskHouse,
    session: &StaffSession,
) -> Result<StaffSession, OfficeFault> {
    let member = house.office(house.today())?.store().member(&session.member)?;
    let Some(member) = member else {
        house.sessions().end_all_of(&session.member);
        return Err(OfficeFault::NotAllowed);
    };
    let mut current = session.clone();
    current.seats.retain(|seat, _| member.seats.contains_key(seat));
    Ok(current)
}

/// The member of a session, as the office knows the staff.
fn officer(session: &StaffSession) -> Officer<'_> {
    Officer { name: &session.member, seats: &session.seats }
}

/// The list of the files of the own seats. Auditors and custodians see all files, without content.
async fn list(house: Arc<DeskHouse>, session: StaffSession) -> Response {
    let work = move |house: &DeskHouse| {
        let session = current(house, &session)?;
        let mut office = house.office(house.today())?;
        let files = office.files_for(&house.config, &officer(&session))?;
        let all = match session.holds(Role::Auditor) || session.holds(Role::Custodian) {
            true => office.store().files()?,
            false => Vec::new(),
        };
        Ok::<_, OfficeFault>(page::list(&house.config, &session, &files, &all))
    };
    match house.work(work).await {
        None => busy(&house),
        Some(Err(fault)) => faulty(&house, &fault),
        Some(Ok(markup)) => HtmlPage::ok(markup).into_response(),
    }
}

/// The id of a file in an address: 32 hexadecimal digits in small letters.
fn file_id(text: &str) -> Option<FileId> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() != 32 || !text.bytes().all(is_digit) {
        return None;
    }
    let mut bytes = [0; 16];
    for (byte, place) in bytes.iter_mut().zip((0..32).step_by(2)) {
        *byte = u8::from_str_radix(&text[place..place + 2], 16).ok()?;
    }
    Some(FileId(bytes))
}

/// `GET /staff/file/ID`: the file, if it is for one of the own seats. That it was opened is recorded
/// before anything is shown.
pub(super) async fn open(
    State(house): HouseState,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let (session, id) = match (session(&house, &headers), file_id(&id)) {
        (Err(refusal), _) => return *refusal,
        (Ok(_), None) => return faulty(&house, &OfficeFault::NoFile),
        (Ok(session), Some(id)) => (session, id),
    };
    let work = move |house: &DeskHouse| {
        let session = current(house, &session)?;
        let today = house.today();
        let mut office = house.office(today)?;
        let officer = officer(&session);
        let (case, relation) =
            office.open_from_seat(&house.config, id, &officer, Action::Open, today)?;
        let body = body_of(&house.config, &case.file).to_owned();
        let investigators = office.investigators(&body)?;
        let course = &case.file.course;
        let mut steps: Vec<Step> = Vec::new();
        for seat in session.seats.keys().filter(|seat| seat.body == body) {
            let open = steps_open_to(course.kind, course.stage, seat.role);
            let may = |step: &Step| {
                let action = Action::Take(*step);
                super::access::is_allowed(seat.role, action, course.kind, course.stage, relation)
            };
            steps.extend(open.into_iter().filter(may));
        }
        Ok::<_, OfficeFault>(page::case(&house.config, &session, &case, &steps, &investigators))
    };
    match house.work(work).await {
        None => busy(&house),
        Some(Err(fault)) => faulty(&house, &fault),
        Some(Ok(markup)) => {
            let mut response = HtmlPage::ok(markup).into_response();
            response.extensions_mut().insert(PageNeed::Pictures);
            response
        }
    }
}

/// `GET /staff/file/ID/picture/NUMBER`: the copy of a picture, if the file is for one of the own seats.
/// An original is answered like a number that is not there.
pub(super) async fn picture(
    State(house): HouseState,
    Path((id, number)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let session = match session(&house, &headers) {
        Ok(session) => session,
        Err(refusal) => return *refusal,
    };
    let work = move |house: &DeskHouse| {
        let session = current(house, &session)?;
        let id = file_id(&id).ok_or(OfficeFault::NoFile)?;
        let number = number.parse().map_err(|_| OfficeFault::NoFile)?;
        let (today, officer) = (house.today(), officer(&session));
        house.office(today)?.picture_from_seat(&house.config, id, number, &officer, today)
    };
    match house.work(work).await {
        None => busy(&house),
        Some(Err(fault)) => faulty(&house, &fault),
        Some(Ok(bytes)) => answer::picture(&bytes),
    }
}

/// Does something with a file from a seat and shows the list afterwards. A text that was not kept comes
/// back.
async fn act(
    house: Arc<DeskHouse>,
    id: &str,
    (session, text): (StaffSession, Zeroizing<String>),
    deed: impl FnOnce(&DeskHouse, &StaffSession, FileId) -> Result<(), OfficeFault> + Send + 'static,
) -> Response {
    let Some(file) = file_id(id) else { return faulty(&house, &OfficeFault::NoFile) };
    let work = move |house: &DeskHouse| {
        let session = current(house, &session)?;
        deed(house, &session, file)
    };
    match house.work(work).await {
        None => refused_with(&house, BUSY, &text),
        Some(Err(fault)) => refused_with(&house, fault_in_words(&fault), &text),
        Some(Ok(())) => see_other("/staff"),
    }
}

/// Steps whose text the filer waits for.
fn needs_text(step: Step) -> bool {
    use Step::{
        Answer, DecideCompensation, PublishFindings, RecordAccountability, RecordOutcome, Share,
    };
    // A warning is shared with somebody: the text says with whom.
    matches!(
        step,
        Answer
            | PublishFindings
            | DecideCompensation
            | RecordAccountability
            | RecordOutcome
            | Share
    )
}

/// Whether a text of the staff can be kept.
fn is_text_good(text: &str, is_needed: bool) -> bool {
    text.chars().count() <= MOST_LETTERS && !(is_needed && text.trim().is_empty())
}

/// `POST /staff/file/ID/step/STEP`: takes a step, if the table has it for one of the own seats.
///
/// Answers 303 to the list, 403 where the file or the step is not for the own seats, 409 where somebody
/// else was faster, and 422 where a text is missing that the filer waits for.
pub(super) async fn take(
    State(house): HouseState,
    Path((id, step)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let fields = [FormField::Line("form"), FormField::Text("text"), FormField::Line("assignee")];
    let (session, form) = match session_form(&house, &headers, body, &fields).await {
        Ok(sent) => sent,
        Err(refusal) => return refusal,
    };
    let Some(step) = step_named(&step) else {
        return refused(&house, StatusCode::NOT_FOUND, "There is no such step.");
    };
    let text = Zeroizing::new(form.get("text").trim().to_owned());
    if !is_text_good(&text, needs_text(step)) {
        let reason = "Write what the filer waits for, in at most 12,000 letters.";
        return refused_with(&house, (StatusCode::UNPROCESSABLE_ENTITY, reason), &text);
    }
    let typed = text.clone();
    let assignee = Some(form.get("assignee").to_owned()).filter(|name| !name.is_empty());
    let deed = move |house: &DeskHouse, session: &StaffSession, file| {
        let resolve = Resolve { step, text: &text, assignee: assignee.as_deref() };
        let (today, officer) = (house.today(), officer(session));
        house.office(today)?.take_from_seat(&house.config, file, &officer, &resolve, today)
    };
    act(house, &id, (session, typed), deed).await
}

/// `POST /staff/file/ID/note`: writes to the filer without a step.
pub(super) async fn note(
    State(house): HouseState,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let fields = [FormField::Line("form"), FormField::Text("text")];
    let (session, form) = match session_form(&house, &headers, body, &fields).await {
        Ok(sent) => sent,
        Err(refusal) => return refusal,
    };
    let text = Zeroizing::new(form.get("text").trim().to_owned());
    if !is_text_good(&text, true) {
        let reason = "Write something, in at most 12,000 letters.";
        return refused_with(&house, (StatusCode::UNPROCESSABLE_ENTITY, reason), &text);
    }
    let typed = text.clone();
    let deed = move |house: &DeskHouse, session: &StaffSession, file| {
        let (today, officer) = (house.today(), officer(session));
        house.office(today)?.note_from_seat(&house.config, file, &officer, &text, today)
    };
    act(house, &id, (session, typed), deed).await
}

/// Something for those who hold a role of the whole desk.
async fn for_role<T: Send + 'static>(
    role: Role,
    house: &Arc<DeskHouse>,
    headers: &HeaderMap,
    job: impl FnOnce(&DeskHouse, &StaffSession) -> Result<T, OfficeFault> + Send + 'static,
) -> Result<T, Response> {
    let session = session(house, headers).map_err(|refusal| *refusal)?;
    let work = move |house: &DeskHouse| {
        let session = current(house, &session)?;
        match session.holds(role) {
            true => job(house, &session),
            false => Err(OfficeFault::NotAllowed),
        }
    };
    match house.work(work).await {
        None => Err(busy(house)),
        Some(done) => done.map_err(|fault| faulty(house, &fault)),
    }
}

/// `GET /staff/file/ID/openings`: who opened a file on which day, and what was done with it.
pub(super) async fn openings(
    State(house): HouseState,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let job = move |house: &DeskHouse, session: &StaffSession| {
        let id = file_id(&id).ok_or(OfficeFault::NoFile)?;
        let mut office = house.office(house.today())?;
        office.store().find_by_id(id)?.ok_or(OfficeFault::NoFile)?;
        let openings = office.store().openings(id)?;
        let heads = office.store().entries(id)?.into_iter().map(|entry| entry.head).collect();
        Ok(page::openings(&house.config, session, id, &openings, heads))
    };
    match for_role(Role::Auditor, &house, &headers, job).await {
        Err(refusal) => refusal,
        Ok(markup) => HtmlPage::ok(markup).into_response(),
    }
}

/// `GET /staff/file/ID/recovery`: how two custodians recover a file on machines of their own, and on
/// which days somebody did. No key and no password is asked for here.
pub(super) async fn recovery(
    State(house): HouseState,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let job = move |house: &DeskHouse, session: &StaffSession| {
        let id = file_id(&id).ok_or(OfficeFault::NoFile)?;
        let mut office = house.office(house.today())?;
        let file = office.store().find_by_id(id)?.ok_or(OfficeFault::NoFile)?;
        let originals = office.store().originals(id)?;
        let heads = office.store().entries(id)?.into_iter().map(|entry| entry.head);
        let recovered = heads.filter(|head| head.deed == "recover").map(|head| head.day).collect();
        let recovery = page::Recovery { file: &file, originals, recovered };
        Ok(page::recovery(&house.config, session, &recovery))
    };
    match for_role(Role::Custodian, &house, &headers, job).await {
        Err(refusal) => refusal,
        Ok(markup) => HtmlPage::ok(markup).into_response(),
    }
}

/// `GET /staff/ledger`: the inner ledger as a file, checked against the public one.
pub(super) async fn inner_ledger(State(house): HouseState, headers: HeaderMap) -> Response {
    let job = |house: &DeskHouse, _: &StaffSession| {
        let mut office = house.office(house.today())?;
        let inner = office.store().inner_ledger()?;
        let end = crate::ledger::EntryChain::check(&inner.entries, &inner.batches, office.ledger());
        let said = match end {
            Ok(end) => format!("checked: {} entries, end {}\n", end.number, end.hash.to_hex()),
            Err(fault) => format!("NOT SOUND: {fault}\n"),
        };
        let mut text = format!("sanad-desk inner ledger 1\n{said}");
        for entry in &inner.entries {
            let published =
                entry.published.map_or_else(|| "waits".to_owned(), |day| day.to_string());
            let (commitment, hash) = (entry.commitment.to_hex(), entry.hash.to_hex());
            let line = format!("{} {} {commitment} {hash} {published}\n", entry.number, entry.day);
            text.push_str(&line);
        }
        Ok(text)
    };
    match for_role(Role::Auditor, &house, &headers, job).await {
        Err(refusal) => refusal,
        Ok(text) => download("inner-ledger.txt", text),
    }
}
