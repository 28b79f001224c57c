//! The ways of the staff.

use jiff::SignedDuration;
use sanad_desk::store::DeskStore as _;
use sanad_desk::{Clock as _, Role};

use super::browser::Browser;
use super::{TestDesk, demo_config};

fn later(desk: &TestDesk, minutes: i64) {
    let now = desk.clock.now();
    desk.clock.set(now.checked_add(SignedDuration::from_mins(minutes)).unwrap());
}

/// Takes a step on the only file that somebody sees.
fn take(desk: &TestDesk, browser: &mut Browser, step: &str, further: &[(&str, &str)]) -> u16 {
    let address = desk.listed(browser).pop().expect("a file in the list");
    let token = browser.get(&address).hidden("form");
    let mut fields = vec![("form", token.as_str())];
    fields.extend_from_slice(further);
    browser.post(&format!("{address}/step/{step}"), &fields).status
}

#[test]
fn a_grievance_goes_the_whole_way_and_closing_takes_the_staff_off_it() {
    let desk = TestDesk::start();
    let receipt = desk.file("complaints", "an invented grievance");
    let (mut intake, mut investigator) = (desk.logged_in("intake"), desk.logged_in("investigator"));
    let mut remedy = desk.logged_in("remedy");
    assert_eq!(take(&desk, &mut intake, "acknowledge", &[]), 303);
    let assign = [("assignee", "investigator"), ("text", "please look into this")];
    assert_eq!(take(&desk, &mut intake, "assign", &assign), 303);
    assert_eq!(take(&desk, &mut investigator, "begin-inquiry", &[]), 303);
    assert_eq!(take(&desk, &mut remedy, "answer", &[]), 422, "an answer has a text");
    assert_eq!(take(&desk, &mut remedy, "answer", &[("text", "an invented answer")]), 303);

    let mut filer = desk.browser();
    let status = filer.post("/en/receipt", &[("receipt", &receipt)]).body;
    for shown in
        ["an invented answer", "please look into this", "I accept the answer", "Opened and read"]
    {
        assert!(status.contains(shown), "{shown}: {status}");
    }
    assert!(!status.contains("investigator</bdi>"), "names of the staff are not shown to filers");
    assert_eq!(filer.post("/en/receipt/accept", &[("receipt", &receipt)]).status, 200);
    assert_eq!(filer.post("/en/receipt/accept", &[("receipt", &receipt)]).status, 409);
    let address = desk.listed(&mut intake).pop().unwrap();
    assert_eq!(take(&desk, &mut intake, "close", &[]), 303);
    for browser in [&mut intake, &mut investigator, &mut remedy] {
        assert!(desk.listed(browser).is_empty());
        assert_eq!(browser.get(&address).status, 403);
    }
    let status = filer.post("/ps/receipt", &[("receipt", &receipt)]);
    assert!(status.body.contains("an invented answer"), "the filer still reads");
    assert!(!status.body.contains("/ps/receipt/add"));
    let added = filer.post("/ps/receipt/add", &[("receipt", &receipt), ("text", "more")]);
    assert_eq!(added.status, 409);
}

#[test]
fn an_appeal_goes_to_the_next_body_and_takes_the_first_one_off_the_file() {
    let desk = TestDesk::start();
    let receipt = desk.file("complaints", "an invented grievance");
    let (mut intake, mut investigator) = (desk.logged_in("intake"), desk.logged_in("investigator"));
    let (mut remedy, mut ombuds) = (desk.logged_in("remedy"), desk.logged_in("ombuds-intake"));
    take(&desk, &mut intake, "acknowledge", &[]);
    take(&desk, &mut intake, "assign", &[("assignee", "investigator")]);
    take(&desk, &mut investigator, "begin-inquiry", &[]);
    take(&desk, &mut remedy, "answer", &[("text", "no")]);
    assert!(desk.listed(&mut ombuds).is_empty());
    let mut filer = desk.browser();
    let fields = [("receipt", receipt.as_str()), ("text", "they did not look")];
    assert_eq!(filer.post("/en/receipt/appeal", &fields).status, 200);
    for browser in [&mut intake, &mut investigator, &mut remedy] {
        assert!(desk.listed(browser).is_empty());
    }
    let file = desk.store().files().unwrap().remove(0);
    let bodies: Vec<String> = file.wraps.0.keys().map(|holder| format!("{holder:?}")).collect();
    assert!(!bodies.iter().any(|holder| holder.contains("complaints-office")), "{bodies:?}");
    let address = desk.listed(&mut ombuds).pop().unwrap();
    assert!(ombuds.get(&address).body.contains("they did not look"));
    assert_eq!(
        take(&desk, &mut ombuds, "assign", &[("assignee", "investigator")]),
        409,
        "of another body"
    );
    assert_eq!(take(&desk, &mut ombuds, "assign", &[("assignee", "ombuds-investigator")]), 303);
}

#[test]
fn a_file_that_is_given_to_one_investigator_is_closed_to_the_other_until_that_one_leaves() {
    let desk = TestDesk::start();
    desk.file("complaints", "an invented grievance");
    let (mut intake, mut first) = (desk.logged_in("intake"), desk.logged_in("investigator"));
    let mut second = desk.logged_in("second-investigator");
    take(&desk, &mut intake, "acknowledge", &[]);
    let address = desk.listed(&mut second).pop().expect("not given to anybody yet");
    take(&desk, &mut intake, "assign", &[("assignee", "investigator")]);
    assert_eq!(second.get(&address).status, 403);
    assert!(desk.listed(&mut second).is_empty());
    assert_eq!(first.get(&address).status, 200);
    let mut store = desk.store();
    store
        .withdraw_seat("investigator", &"complaints-office/investigator".parse().unwrap())
        .unwrap();
    assert_eq!(first.get(&address).status, 403, "at the next request");
    assert_eq!(second.get(&address).status, 200, "somebody has to be able to go on");
    store.remove_member("second-investigator").unwrap();
    assert_eq!(second.get(&address).status, 403);
    assert_eq!(second.get("/staff").status, 200, "the login");
}

#[test]
fn who_opened_which_file_is_recorded_and_the_auditor_sees_it_and_no_content() {
    let desk = TestDesk::start();
    let receipt = desk.file("complaints", "an invented grievance");
    let (mut intake, mut auditor) = (desk.logged_in("intake"), desk.logged_in("auditor"));
    let address = desk.listed(&mut intake).pop().unwrap();
    assert!(intake.get(&address).body.contains("an invented grievance"));
    let page = auditor.get(&format!("{address}/openings"));
    assert!(page.body.contains("<bdi>intake</bdi> · 2026-03-02"), "{}", page.body);
    assert!(!page.body.contains("an invented grievance"));
    assert_eq!(auditor.get(&address).status, 403);
    assert_eq!(intake.get(&format!("{address}/openings")).status, 403);
    let mut filer = desk.browser();
    let status = filer.post("/en/receipt", &[("receipt", &receipt)]).body;
    assert!(status.contains("Opened and read"), "{status}");
    let ledger = auditor.get("/staff/ledger");
    assert!(ledger.body.contains("checked: 1 entries"), "{}", ledger.body);
    assert_eq!(intake.get("/staff/ledger").status, 403);
    assert_eq!(desk.browser().get("/staff/ledger").status, 401);
}

#[test]
fn a_message_reaches_the_filer_without_a_step() {
    let desk = TestDesk::start();
    let receipt = desk.file("warnings", "an invented warning");
    let mut intake = desk.logged_in("ombuds-intake");
    let address = desk.listed(&mut intake).pop().unwrap();
    let token = intake.get(&address).hidden("form");
    let note = format!("{address}/note");
    let fields = [("form", token.as_str()), ("text", "when did you see it?")];
    assert_eq!(intake.post(&note, &fields).status, 303);
    assert_eq!(intake.post(&note, &[("form", &token), ("text", " ")]).status, 422);
    let status = desk.browser().post("/en/receipt", &[("receipt", &receipt)]).body;
    assert!(status.contains("when did you see it?") && status.contains("Received, not read yet"));
}

#[test]
fn a_login_takes_name_password_and_a_code_that_was_not_used_and_says_not_what_was_wrong() {
    let desk = TestDesk::start();
    let mut browser = desk.browser();
    let password = desk.people["intake"].password.clone();
    let mut said = std::collections::BTreeSet::new();
    for (name, password, is_code_right) in [
        ("intake", "not the password of anybody", true),
        ("intake", password.as_str(), false),
        ("nobody", password.as_str(), true),
        ("intake", "short", true),
        ("", password.as_str(), true),
    ] {
        let code = if is_code_right { desk.code("intake") } else { "000000".to_owned() };
        let reply = desk.log_in(&mut browser, name, password, &code);
        assert_eq!(reply.status, 401, "{name}");
        said.insert(reply.body.replace(&reply.hidden("form"), ""));
        later(&desk, 1);
    }
    assert_eq!(said.len(), 1, "what was wrong is not said");
    let code = desk.code("intake");
    assert_eq!(desk.log_in(&mut browser, "intake", &password, &code).status, 303);
    let mut other = desk.browser();
    assert_eq!(desk.log_in(&mut other, "intake", &password, &code).status, 401, "used before");
    assert_eq!(browser.get("/staff").status, 200);
}

#[test]
fn after_three_failures_a_name_has_to_wait_also_with_the_right_password_and_others_need_not() {
    let desk = TestDesk::start();
    let mut browser = desk.browser();
    let password = desk.people["intake"].password.clone();
    for _ in 0..3 {
        let reply = desk.log_in(&mut browser, "intake", "not the password of anybody", "000000");
        assert_eq!(reply.status, 401);
    }
    let code = desk.code("intake");
    assert_eq!(desk.log_in(&mut browser, "intake", &password, &code).status, 429);
    desk.logged_in("remedy");
    let code = desk.code("intake");
    assert_eq!(desk.log_in(&mut browser, "intake", &password, &code).status, 303, "a minute later");
}

#[test]
fn a_name_that_nobody_has_is_made_to_wait_like_one_that_somebody_has() {
    let desk = TestDesk::start();
    let mut browser = desk.browser();
    let statuses = ["auditor", "nobody"].map(|name| {
        let mut attempt =
            || desk.log_in(&mut browser, name, "not the password of anybody", "000000").status;
        [attempt(), attempt(), attempt(), attempt()]
    });
    assert_eq!(statuses, [[401, 401, 401, 429]; 2]);
}

#[test]
fn a_text_that_was_not_kept_comes_back_also_when_the_session_is_over() {
    let desk = TestDesk::start();
    desk.file("complaints", "an invented grievance");
    let mut intake = desk.logged_in("intake");
    let file = desk.listed(&mut intake).pop().unwrap();
    let token = intake.get(&file).hidden("form");
    let text = "an invented answer that took long <b>";
    // A step that somebody else has taken in the meantime.
    let step = format!("{file}/step/acknowledge");
    assert_eq!(intake.post(&step, &[("form", &token), ("text", "first")]).status, 303);
    let late = intake.post(&step, &[("form", &token), ("text", text)]);
    assert_eq!(late.status, 409);
    assert!(late.body.contains("answer that took long &lt;b&gt;</textarea>"), "{}", late.body);
    later(&desk, 21);
    let body = format!("form={token}&text=an+invented+answer");
    let note = format!("{file}/note");
    let own = "Sec-Fetch-Site: same-origin\r\n";
    let over = intake.post_body(&note, body.as_bytes(), own);
    assert!(
        over.status == 401 && over.body.contains("an invented answer</textarea>"),
        "{}",
        over.body
    );
    // A browser that does not say where the form comes from gets nothing back.
    let over = intake.post_body(&note, body.as_bytes(), "");
    assert!(over.status == 401 && !over.body.contains("an invented answer"), "{}", over.body);
}

#[test]
fn a_session_is_bound_to_its_browser_its_secret_and_its_time() {
    let desk = TestDesk::start();
    desk.file("complaints", "an invented grievance");
    let mut intake = desk.logged_in("intake");
    let address = desk.listed(&mut intake).pop().unwrap();
    let cookie = intake.cookies["__Host-desk"].clone();
    assert!(!intake.cookies.contains_key("__Host-desk-login"));
    // Without the secret of the session a form is nothing.
    let step = format!("{address}/step/acknowledge");
    assert_eq!(intake.post(&step, &[]).status, 403);
    assert_eq!(intake.post(&step, &[("form", &"0".repeat(64))]).status, 403);
    let token = intake.get(&address).hidden("form");
    let cross = "Sec-Fetch-Site: cross-site\r\n";
    let body = format!("form={token}");
    assert_eq!(intake.post_body(&step, body.as_bytes(), cross).status, 403);
    // Another browser with the same cookie ends the session.
    let mut thief = desk.browser();
    thief.agent = "another browser".to_owned();
    thief.cookies.insert("__Host-desk".to_owned(), cookie);
    assert_eq!(thief.get(&address).status, 401);
    assert_eq!(intake.get(&address).status, 401);

    let mut intake = desk.logged_in("intake");
    later(&desk, 19);
    assert_eq!(intake.get(&address).status, 200);
    later(&desk, 21);
    assert_eq!(intake.get(&address).status, 401);

    let mut intake = desk.logged_in("intake");
    let token = intake.get(&address).hidden("form");
    let cookies = intake.cookies.clone();
    let out = intake.post("/staff/logout", &[("form", &token)]);
    assert_eq!((out.status, out.header("clear-site-data").is_some()), (303, true));
    intake.cookies = cookies;
    assert_eq!(intake.get(&address).status, 401, "the old cookie is worth nothing");
}

#[test]
fn cookies_go_to_this_host_alone_over_trusted_lines_and_to_no_script() {
    let desk = TestDesk::start();
    let reply = desk.browser().get("/staff");
    let cookie = reply.header("set-cookie").unwrap();
    for word in ["__Host-desk-login=", "Path=/", "Secure", "HttpOnly", "SameSite=Strict"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    let mut browser = desk.browser();
    let fields = [("form", "x"), ("name", "intake"), ("password", "x"), ("code", "1")];
    assert_eq!(browser.post("/staff/login", &fields).status, 403, "not begun in this browser");
}

#[test]
fn a_server_whose_open_channel_cannot_deliver_does_not_start() {
    use sanad_desk::server::{DeskServer, DeskServerSettings, OpenedDesk, ServeError};
    let mut desk = TestDesk::with(demo_config());
    desk.end();
    let seat = "ombuds-office/remedy".parse().unwrap();
    desk.store().withdraw_seat("ombuds-remedy", &seat).unwrap();
    let settings = |listen: &str, is_behind_proxy| DeskServerSettings {
        listen: listen.parse().unwrap(),
        hosts: Vec::new(),
        is_behind_proxy,
        connections: 1,
    };
    let server = DeskServer::bind(settings("127.0.0.1:0", false)).unwrap();
    let store = Box::new(desk.store());
    let clock = std::sync::Arc::clone(&desk.clock) as _;
    let opened = OpenedDesk { config: desk.config.clone(), store, clock };
    match server.run(opened, async {}) {
        Err(ServeError::Lacks { channel, seats }) => {
            assert_eq!((channel.as_str(), seats[0].role), ("complaints", Role::Remedy));
        }
        other => panic!("{other:?}"),
    }
    let reachable = DeskServer::bind(settings("0.0.0.0:0", false));
    assert!(matches!(reachable, Err(ServeError::Reachable(_))), "no TLS, no network");
    assert!(DeskServer::bind(settings("0.0.0.0:0", true)).is_ok());
}
