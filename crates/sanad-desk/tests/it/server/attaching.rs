//! Pictures on pages: what is kept of them, who sees what, and what is refused.

use sanad_desk::attachment::clean;
use sanad_desk::store::{AttachmentForm, DeskStore as _};
use sanad_desk::text::Language;

use super::browser::{Browser, Reply};
use super::{TestDesk, demo_config};
use crate::attachment::{jpeg, png};
use crate::numbers::Numbers;

const MARK: &[u8] = b"PLANTEDMARK";

/// A JPEG with a mark in its metadata.
fn marked_jpeg(seed: u64) -> Vec<u8> {
    let plain = jpeg(&mut Numbers(seed), 48, 32);
    let length = (2 + MARK.len() as u16).to_be_bytes();
    [&plain[..2], &[0xff, 0xfe], &length, MARK, &plain[2..]].concat()
}

fn attach(browser: &mut Browser, receipt: &str, picture: &[u8], keeps_original: bool) -> Reply {
    let mut lines = vec![("receipt", receipt)];
    if keeps_original {
        lines.push(("original", "yes"));
    }
    browser.post_file("/en/receipt/attach", &lines, picture)
}

fn holds(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|window| window == mark)
}

#[test]
fn a_filer_attaches_a_picture_and_sees_and_the_investigator_sees_the_copy_alone() {
    let desk = TestDesk::start();
    let receipt = desk.file("complaints", "an invented grievance");
    let mut filer = desk.browser();
    let sent = marked_jpeg(1);
    let reply = attach(&mut filer, &receipt, &sent, true);
    assert_eq!(reply.status, 200, "{}", reply.body);
    for shown in ["Picture attached", "48 × 32", "The original, sealed", "Show the copy"] {
        assert!(reply.body.contains(shown), "{shown}: {}", reply.body);
    }
    assert!(!reply.body.contains("holiday"), "the name of the file is nowhere");
    let expected = clean(&sent).unwrap().bytes;
    let fields = [("receipt", receipt.as_str()), ("number", "1")];
    let own = filer.post("/en/receipt/picture", &fields);
    assert_eq!(own.header("content-type"), Some("image/png"));
    assert_eq!(own.header("cache-control"), Some("no-store"));
    assert!(own.bytes == expected && !holds(&own.bytes, MARK));
    assert!(filer.cookies.is_empty());

    let mut intake = desk.logged_in("intake");
    let address = desk.listed(&mut intake).pop().unwrap();
    let page = intake.get(&address);
    let source = format!("{address}/picture/1");
    assert!(page.body.contains(&format!("<img src=\"{source}\"")), "{}", page.body);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("img-src 'self'") && policy.starts_with("default-src 'none'"));
    let shown = intake.get(&source);
    assert_eq!((shown.status, shown.bytes == expected), (200, true));
    // The original has a key of its own, that no seat has: it is answered like nothing.
    for number in ["2", "3", "0", "x", "-1"] {
        assert_eq!(intake.get(&format!("{address}/picture/{number}")).status, 403, "{number}");
        let fields = [("receipt", receipt.as_str()), ("number", number)];
        let status = filer.post("/en/receipt/picture", &fields).status;
        assert!([400, 404].contains(&status), "{number}: {status}");
    }
    for other in ["harm-intake", "auditor", "custodian", "partner"] {
        assert_eq!(desk.logged_in(other).get(&source).status, 403, "{other}");
    }
    assert_eq!(desk.browser().get(&source).status, 401);
    let file = desk.store().files().unwrap().remove(0);
    let kept = desk.store().attachments(file.id).unwrap();
    let forms: Vec<AttachmentForm> = kept.iter().map(|one| one.form).collect();
    assert_eq!(forms, [AttachmentForm::CleanedCopy, AttachmentForm::SealedOriginal]);
    assert!(kept.iter().all(|one| !holds(&one.sealed, MARK) && !holds(&one.sealed, b"IHDR")));
    assert_eq!(desk.store().openings(file.id).unwrap().len(), 1, "the opening is recorded");
}

#[test]
fn a_picture_that_is_sent_again_after_a_lost_line_is_kept_once_and_its_entry_is_in_the_ledger() {
    let desk = TestDesk::start();
    let receipt = desk.file("complaints", "an invented grievance");
    let mut filer = desk.browser();
    let picture = marked_jpeg(2);
    for _ in 0..3 {
        assert_eq!(attach(&mut filer, &receipt, &picture, false).status, 200);
    }
    let file = desk.store().files().unwrap().remove(0);
    assert_eq!(desk.store().attachments(file.id).unwrap().len(), 1);
    // With the original wanted it is more than what was kept.
    for _ in 0..2 {
        assert_eq!(attach(&mut filer, &receipt, &picture, true).status, 200);
    }
    let numbers: Vec<u32> =
        desk.store().attachments(file.id).unwrap().iter().map(|one| one.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    desk.set_day("2026-03-03");
    let fields = [("receipt", receipt.as_str()), ("entry", "2")];
    let proof = filer.post("/en/receipt/proof", &fields);
    assert!(proof.body.contains("deed attach\nday 2026-03-02\n"), "{}", proof.body);
}

#[test]
fn what_is_no_picture_is_refused_or_kept_sealed_alone_and_the_file_stays_as_it_was() {
    let desk = TestDesk::start();
    let receipt = desk.file("complaints", "an invented grievance");
    let mut filer = desk.browser();
    let film = b"\0\0\0\x18ftypmp42 an invented film".to_vec();
    let mut broken = marked_jpeg(3);
    broken.truncate(60);
    let wide = png(1, 1, &[0; 3]);
    let wide =
        [&wide[..16], &60_000_u32.to_be_bytes(), &60_000_u32.to_be_bytes(), &wide[24..]].concat();
    let large = vec![b'x'; 10 * 1024 * 1024 + 1];
    for (bytes, status, reason) in [
        (&film, 422, "neither a PNG nor a JPEG"),
        (&broken, 422, "damaged"),
        (&Vec::new(), 422, "Choose a file"),
        (&large, 422, "too large"),
    ] {
        let reply = attach(&mut filer, &receipt, bytes, false);
        assert_eq!(reply.status, status, "{reason}");
        assert!(reply.body.contains(reason), "{reason}: {}", reply.body);
        assert_eq!(reply.hidden("receipt"), receipt, "another can be chosen from there");
    }
    let reply = attach(&mut filer, &receipt, &wide, false);
    assert_eq!(reply.status, 422, "{}", reply.body);
    let file = desk.store().files().unwrap().remove(0);
    assert!(desk.store().attachments(file.id).unwrap().is_empty());
    let sealed = attach(&mut filer, &receipt, &film, true);
    assert_eq!(sealed.status, 200);
    assert!(sealed.body.contains("The original, sealed") && !sealed.body.contains("Show the copy"));
    let mut intake = desk.logged_in("intake");
    let address = desk.listed(&mut intake).pop().unwrap();
    assert!(
        intake.get(&address).body.contains("it is sealed and was not looked at")
            || intake.get(&address).body.contains("It is sealed and was not looked at")
    );
    assert_eq!(intake.get(&format!("{address}/picture/1")).status, 403);
    // Without a receipt nothing is looked at, and a closed file takes nothing.
    let nobody = attach(&mut filer, "1234 5678 9012 3456 7890", &marked_jpeg(4), false);
    assert_eq!(nobody.status, 404);
    assert_eq!(attach(&mut filer, "12", &marked_jpeg(4), false).status, 422);
}

#[test]
fn a_file_and_a_channel_take_so_many_pictures_and_filing_goes_on() {
    let mut config = demo_config();
    config.channels[0].filings_a_day = 10;
    let mut desk = TestDesk::with(config);
    let receipts = [desk.file("complaints", "one"), desk.file("complaints", "two")];
    let mut filer = desk.browser();
    for seed in 0..8 {
        assert_eq!(attach(&mut filer, &receipts[0], &marked_jpeg(seed), false).status, 200);
    }
    let ninth = attach(&mut filer, &receipts[0], &marked_jpeg(8), false);
    assert_eq!(ninth.status, 503);
    assert!(
        ninth.body.contains("There is no room for it") && ninth.body.contains("Where your file")
    );
    // One that is there already is answered all the same.
    assert_eq!(attach(&mut filer, &receipts[0], &marked_jpeg(7), false).status, 200);
    for (seed, status) in [(20, 200), (21, 200), (22, 503)] {
        let reply = attach(&mut filer, &receipts[1], &marked_jpeg(seed), false);
        assert_eq!(reply.status, status, "{seed}");
    }
    // Counted anew after a start, from what is kept.
    desk.end();
    desk.serve();
    let mut filer = desk.browser();
    assert_eq!(attach(&mut filer, &receipts[1], &marked_jpeg(23), false).status, 503);
    let harm = desk.file("harm", "another channel goes on");
    assert_eq!(attach(&mut filer, &harm, &marked_jpeg(24), false).status, 200);
    desk.file("complaints", "filing goes on");
    desk.set_day("2026-03-03");
    assert_eq!(attach(&mut filer, &receipts[1], &marked_jpeg(23), false).status, 200);
}

#[test]
fn pages_with_pictures_are_small_in_every_language_and_hold_none() {
    let desk = TestDesk::start();
    let receipt = desk.file("complaints", "an invented grievance");
    let mut filer = desk.browser();
    for seed in 0..8 {
        attach(&mut filer, &receipt, &marked_jpeg(seed), true);
    }
    for language in Language::ALL {
        let address = format!("/{}/receipt", language.tag());
        let page = filer.post(&address, &[("receipt", &receipt)]).body;
        assert!(page.len() < 30 << 10, "{}: {}", language.tag(), page.len());
        assert!(page.contains(language.phrases().attach_hint) && !page.contains("<img"));
        assert!(page.contains("enctype=\"multipart/form-data\""));
    }
}

#[test]
fn a_custodian_sees_how_to_recover_and_that_it_was_done_and_no_content_and_is_asked_for_no_key() {
    let desk = TestDesk::start();
    let receipt = desk.file("complaints", "an invented grievance");
    attach(&mut desk.browser(), &receipt, &marked_jpeg(1), true);
    let mut custodian = desk.logged_in("custodian");
    let list = custodian.get("/staff").body;
    let (_, rest) = list
        .split_once("/recovery")
        .map(|_| list.split_once("href=\"/staff/file/").unwrap())
        .unwrap();
    let address = format!("/staff/file/{}/recovery", &rest[..32]);
    let page = custodian.get(&address);
    assert_eq!(page.status, 200);
    for shown in [
        "custodian-one lends, custodian-two opens",
        "--attachment 2",
        "Never type a key or its password into a page.",
        "Never.",
        &rest[..32],
    ] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(!page.body.contains("an invented grievance"));
    let (_, main) = page.body.split_once("<main>").unwrap();
    assert!(!main.contains("<input") && !main.contains("<textarea"), "it asks for nothing");
    for other in ["intake", "investigator", "auditor", "partner"] {
        assert_eq!(desk.logged_in(other).get(&address).status, 403, "{other}");
    }
}
