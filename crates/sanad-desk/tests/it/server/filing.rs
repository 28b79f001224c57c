//! The ways of a filer.

use sanad_desk::Matter;
use sanad_desk::ledger::{Ledger, Proof};
use sanad_desk::store::DeskStore as _;
use sanad_desk::text::Language;

use super::{TestDesk, demo_config, filing};

/// Bytes of a page, at most.
const MOST_PAGE_BYTES: usize = 30 << 10;

fn eastern(text: &str) -> String {
    Language::Pashto.digits(text)
}

#[test]
fn a_filer_files_comes_back_adds_and_reads_without_an_account_a_cookie_or_a_script() {
    let desk = TestDesk::start();
    let mut browser = desk.browser();
    assert!(browser.get("/en/file").body.contains("href=\"/en/file/complaints\""));
    let form = browser.get("/en/file/complaints");
    let receipt = form.hidden("receipt");
    assert_eq!(receipt.len(), 24, "five groups of four digits");
    for group in receipt.split(' ') {
        assert!(form.body.contains(&format!("<span>{group}</span>")), "shown before sending");
    }
    let sent = browser.post("/en/file/complaints", &filing(&receipt, "an invented grievance"));
    assert_eq!(sent.status, 200, "{}", sent.body);
    assert!(sent.body.contains("Your file is kept"));

    let status = browser.post("/en/receipt", &[("receipt", &receipt)]);
    assert_eq!(status.status, 200);
    for shown in
        ["an invented grievance", "Received, not read yet", "Complaints Office", "2026-03-09"]
    {
        assert!(status.body.contains(shown), "{shown}");
    }
    let added = browser.post("/en/receipt/add", &[("receipt", &receipt), ("text", "and more")]);
    assert!(added.body.contains("and more"), "{}", added.body);
    // Eastern digits and any grouping open the same file.
    let typed = eastern(&receipt.replace(' ', "-"));
    let status = browser.post("/ur/receipt", &[("receipt", &typed)]);
    assert!(status.body.contains("an invented grievance"), "{}", status.body);
    assert!(browser.cookies.is_empty(), "filers get no cookie");
}

#[test]
fn what_is_sent_again_after_a_lost_line_is_kept_once_and_nothing_of_it_is_lost() {
    let desk = TestDesk::start();
    let mut browser = desk.browser();
    let receipt = desk.file("complaints", "the first text");
    let address = "/en/file/complaints";
    let again = browser.post(address, &filing(&receipt, "the first text"));
    assert!(again.body.contains("nothing was doubled"), "{}", again.body);
    let changed = browser.post(address, &filing(&receipt, "a changed text"));
    assert!(changed.body.contains("was added to it"), "{}", changed.body);
    let changed = browser.post(address, &filing(&receipt, "a changed text"));
    assert!(changed.body.contains("nothing was doubled"), "{}", changed.body);
    let mut store = desk.store();
    let files = store.files().unwrap();
    assert_eq!((files.len(), store.entries(files[0].id).unwrap().len()), (1, 2));
    for _ in 0..2 {
        browser.post("/en/receipt/add", &[("receipt", &receipt), ("text", "once")]);
    }
    assert_eq!(store.entries(files[0].id).unwrap().len(), 3);
}

#[test]
fn a_form_that_cannot_be_kept_comes_back_with_the_text_the_receipt_and_the_reason() {
    let desk = TestDesk::start();
    let mut browser = desk.browser();
    let receipt = browser.get("/en/file/complaints").hidden("receipt");
    let long = "x".repeat(12_001);
    for (field, value, reason) in [
        ("district", "", "Choose a district"),
        ("district", "elsewhere", "Choose a district"),
        ("month", "13", "does not exist"),
        ("day", "2", "does not exist"),
        ("year", "soon", "does not exist"),
        ("text", " \n ", "Write something"),
        ("text", long.as_str(), "too long"),
        ("noted", "", "tick the box"),
    ] {
        let mut fields = filing(&receipt, "an invented grievance");
        for entry in &mut fields {
            if entry.0 == field {
                entry.1 = value;
            }
        }
        let reply = browser.post("/en/file/complaints", &fields);
        assert_eq!(reply.status, 422, "{field} {value}");
        assert!(reply.body.contains(reason), "{field} {value}");
        assert_eq!(reply.hidden("receipt"), receipt);
        assert!(field == "text" || reply.body.contains("an invented grievance"), "{field}");
    }
    assert_eq!(desk.store().files().unwrap().len(), 0);
}

#[test]
fn a_text_that_cannot_be_added_comes_back_with_the_reason() {
    let desk = TestDesk::start();
    let mut browser = desk.browser();
    let receipt = desk.file("complaints", "an invented grievance");
    let long = format!("an invented addition {}", "x".repeat(12_001));
    for (path, receipt, text, status, reason) in [
        ("/en/receipt/add", &*receipt, &*long, 422, "too long"),
        ("/ur/receipt/appeal", &*receipt, "an invented addition", 409, "ممکن نہیں"),
        ("/en/receipt/add", "0000 0000 0000 0000 0000", "an invented addition", 404, "no file"),
    ] {
        let reply = browser.post(path, &[("receipt", receipt), ("text", text)]);
        assert_eq!(reply.status, status, "{path}");
        assert!(
            reply.body.contains(reason) && reply.body.contains("an invented addition"),
            "{path}"
        );
        assert_eq!(reply.hidden("receipt"), receipt, "it can be sent again from there");
        assert!(reply.body.contains(&format!("action=\"{path}\"")), "{path}");
    }
    let file = desk.store().files().unwrap().remove(0);
    assert_eq!(desk.store().entries(file.id).unwrap().len(), 1);
}

#[test]
fn dates_are_kept_as_precisely_as_they_were_typed_in_any_digits() {
    let desk = TestDesk::start();
    let mut browser = desk.browser();
    for (year, month, day, shown) in
        [("۲۰۲۶", "۲", "", "2026-02"), ("٢٠٢٥", "", "", "2025"), ("2026", "1", "۳۱", "2026-01-31")]
    {
        let receipt = browser.get("/ps/file/complaints").hidden("receipt");
        let mut fields = filing(&receipt, "text");
        (fields[3].1, fields[4].1, fields[5].1) = (year, month, day);
        assert_eq!(browser.post("/ps/file/complaints", &fields).status, 200);
        let status = browser.post("/en/receipt", &[("receipt", &receipt)]).body;
        assert!(status.contains(&format!("<bdi dir=\"ltr\">{shown}</bdi>")), "{status}");
    }
}

#[test]
fn the_proof_of_the_own_entry_holds_against_the_public_ledger_from_the_next_day_on() {
    let desk = TestDesk::start();
    let mut browser = desk.browser();
    let receipt = desk.file("complaints", "an invented grievance");
    let fields = [("receipt", receipt.as_str()), ("entry", "1")];
    assert_eq!(browser.post("/en/receipt/proof", &fields).status, 409, "not in the ledger yet");
    desk.set_day("2026-03-03");
    let reply = browser.post("/en/receipt/proof", &fields);
    assert_eq!(reply.header("content-disposition"), Some("attachment; filename=\"proof-1.txt\""));
    let ledger = Ledger::read(&browser.get("/ledger.txt").body).unwrap();
    let proof = Proof::read(&reply.body).unwrap();
    assert_eq!(proof.check(&ledger), Ok(()));
    assert!(proof.statement.contains("deed file\nday 2026-03-02\n"), "{}", proof.statement);
    let fields = [("receipt", receipt.as_str()), ("entry", "2")];
    assert_eq!(browser.post("/en/receipt/proof", &fields).status, 404);
}

#[test]
fn what_is_deleted_is_gone_for_the_filer_and_the_desk() {
    let desk = TestDesk::start();
    let mut browser = desk.browser();
    let receipt = desk.file("complaints", "an invented grievance");
    let unsure = browser.post("/en/receipt/delete", &[("receipt", &receipt)]);
    assert_eq!(unsure.status, 422);
    let fields = [("receipt", receipt.as_str()), ("sure", "yes")];
    let deleted = browser.post("/en/receipt/delete", &fields);
    assert!(deleted.body.contains("deed delete\n") && deleted.body.contains("salt "));
    assert_eq!(browser.post("/en/receipt", &[("receipt", &receipt)]).status, 404);
    assert_eq!(browser.post("/en/receipt/delete", &fields).status, 404);
    assert!(desk.store().files().unwrap().is_empty());
}

#[test]
fn a_wrong_receipt_and_one_that_nobody_has_are_told_apart_and_neither_tells_more() {
    let desk = TestDesk::start();
    let mut browser = desk.browser();
    for (receipt, status) in [
        ("1234", 422),
        ("1234 5678 9012 3456 789x", 422),
        ("", 422),
        ("0000 0000 0000 0000 0000", 404),
        ("123456789012345678901", 422),
    ] {
        let reply = browser.post("/en/receipt", &[("receipt", receipt)]);
        assert_eq!(reply.status, status, "{receipt}");
    }
}

#[test]
fn a_channel_of_one_matter_says_so_in_every_language() {
    let mut config = demo_config();
    config.channels[0].matter = Some(Matter::Detention);
    let desk = TestDesk::with(config);
    let mut browser = desk.browser();
    for (language, matter) in [("en", "Complaint: detention"), ("ur", "حراست"), ("ps", "توقیف")]
    {
        for rest in ["file", "file/complaints", "record"] {
            let page = browser.get(&format!("/{language}/{rest}")).body;
            assert!(page.contains(matter), "{language} {rest}");
        }
        assert!(!browser.get(&format!("/{language}/file/harm")).body.contains(matter));
    }
}

#[test]
fn a_flood_closes_its_own_channel_for_the_day_and_no_other() {
    let mut config = demo_config();
    config.channels[0].filings_a_day = 3;
    let mut desk = TestDesk::with(config);
    let receipts: Vec<String> = (0..3).map(|_| desk.file("complaints", "flood")).collect();
    let mut browser = desk.browser();
    let late = browser.get("/en/file/complaints").hidden("receipt");
    let full = |browser: &mut super::browser::Browser| {
        let reply = browser.post("/en/file/complaints", &filing(&late, "a late text"));
        assert!(reply.status != 503 || reply.body.contains("no more files today"));
        assert!(reply.status != 503 || reply.body.contains("a late text"), "the text comes back");
        reply.status
    };
    assert_eq!(full(&mut browser), 503);
    desk.file("harm", "another channel goes on");
    // Deleting gives no place back.
    let fields = [("receipt", receipts[0].as_str()), ("sure", "yes")];
    assert_eq!(browser.post("/en/receipt/delete", &fields).status, 200);
    assert_eq!(full(&mut browser), 503);
    desk.file("warnings", "another channel goes on");
    // Whoever filed before can still come back and send again.
    assert_eq!(browser.post("/en/receipt", &[("receipt", &receipts[1])]).status, 200);
    let again = browser.post("/en/file/complaints", &filing(&receipts[1], "flood"));
    assert_eq!(again.status, 200);
    desk.end();
    desk.set_day("2026-03-03");
    desk.serve();
    assert_eq!(full(&mut desk.browser()), 200, "the next day takes filings again");
}

#[test]
fn every_page_is_small_in_its_language_and_says_what_it_has_to() {
    let desk = TestDesk::start();
    let receipt = desk.file("complaints", "an invented grievance");
    desk.set_day("2026-03-03");
    let mut browser = desk.browser();
    for language in Language::ALL {
        let (tag, says) = (language.tag(), language.phrases());
        let mut pages = Vec::new();
        for rest in [
            "",
            "/file",
            "/file/complaints",
            "/file/harm",
            "/file/warnings",
            "/receipt",
            "/record",
            "/verify",
        ] {
            pages.push((rest, browser.get(&format!("/{tag}{rest}"))));
        }
        pages.push(("status", browser.post(&format!("/{tag}/receipt"), &[("receipt", &receipt)])));
        for (rest, page) in pages {
            assert_eq!(page.status, 200, "{tag} {rest}");
            assert!(page.body.len() < MOST_PAGE_BYTES, "{tag} {rest}: {}", page.body.len());
            let head = format!("<html lang=\"{tag}\" dir=\"{}\">", language.direction().as_str());
            assert!(page.body.contains(&head), "{tag} {rest}");
            assert!(page.body.contains(says.no_audit) && page.body.contains(says.invented));
            let marks = [says.not_reviewed, Language::English.phrases().not_reviewed];
            for mark in marks {
                assert_eq!(page.body.contains(mark), !language.is_reviewed(), "{tag} {rest}");
            }
            // The one script stands in the form alone: see `flood`.
            let scripts = usize::from(rest.starts_with("/file/"));
            assert_eq!(page.body.matches("<script").count(), scripts, "{tag} {rest}");
            for absent in [
                "http://",
                "https://",
                "javascript:",
                " style=",
                " onclick",
                "<img",
                "<link",
                " src=",
            ] {
                assert!(!page.body.contains(absent), "{tag} {rest} has {absent}");
            }
            for sentences in sanad_desk::text::NOT_PROTECTED {
                let is_form = rest.starts_with("/file/");
                assert_eq!(
                    page.body.contains(sentences[language as usize]),
                    is_form,
                    "{tag} {rest}"
                );
            }
        }
    }
}

#[test]
fn every_answer_forbids_keeping_framing_other_scripts_and_telling_others() {
    let desk = TestDesk::start();
    let mut browser = desk.browser();
    for (path, status) in [
        ("/", 200),
        ("/en", 200),
        ("/ps/file/complaints", 200),
        ("/nowhere", 404),
        ("/staff", 200),
        ("/ledger.txt", 200),
        ("/en?x=1", 400),
    ] {
        let reply = browser.get(path);
        assert_eq!(reply.status, status, "{path}");
        for (name, value) in [
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("strict-transport-security", "max-age=63072000; includeSubDomains"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{path}");
        }
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
        assert_eq!(reply.header("server"), None);
        assert_eq!(reply.header("set-cookie").is_some(), path == "/staff", "{path}");
    }
}
