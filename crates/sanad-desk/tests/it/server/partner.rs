//! The way of a partner.

use sanad_desk::store::DeskStore as _;

use super::{TestDesk, demo_config};

const TABLE: &str = "channel,district,consent,text\ncomplaints,upper-valley,yes,\"an invented text, with a comma\nand a second line\"\nharm,salt-hills,yes,another invented text\n";

/// The text of a hidden field of several lines.
fn hidden_text(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("<textarea name=\"{name}\" hidden>\n")).expect(page);
    rest.split("</textarea>").next().unwrap().replace("&quot;", "\"")
}

#[test]
fn a_partner_files_for_others_with_receipts_that_are_shown_before_anything_is_kept() {
    let desk = TestDesk::start();
    let mut partner = desk.logged_in("partner");
    let token = partner.get("/staff/partner").hidden("form");
    let shown = partner.post("/staff/partner", &[("form", &token), ("table", TABLE)]);
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(desk.store().files().unwrap().is_empty(), "nothing is kept yet");
    let (table, receipts) =
        (hidden_text(&shown.body, "table"), hidden_text(&shown.body, "receipts"));
    assert_eq!(table, TABLE);
    let fields =
        [("form", token.as_str()), ("table", table.as_str()), ("receipts", receipts.as_str())];
    let kept = partner.post("/staff/partner/send", &fields);
    assert!(kept.body.contains("2 files are kept."), "{}", kept.body);
    let again = partner.post("/staff/partner/send", &fields);
    assert!(again.body.contains("2 of them were kept before"), "{}", again.body);
    assert_eq!(desk.store().files().unwrap().len(), 2);
    let first = receipts.lines().next().unwrap();
    let status = desk.browser().post("/en/receipt", &[("receipt", first)]).body;
    for shown in ["an invented text, with a comma", "was asked and agreed", "Partner organisation"]
    {
        assert!(status.contains(shown), "{shown}: {status}");
    }
}

#[test]
fn a_table_with_a_fault_or_with_other_receipts_keeps_nothing() {
    let desk = TestDesk::start();
    let mut partner = desk.logged_in("partner");
    let token = partner.get("/staff/partner").hidden("form");
    let without_consent = TABLE.replace("salt-hills,yes", "salt-hills,");
    let reply = partner.post("/staff/partner", &[("form", &token), ("table", &without_consent)]);
    assert_eq!(reply.status, 422);
    assert!(
        reply.body.contains("without the person") && reply.body.contains("another invented text")
    );
    for (receipts, status) in [
        ("1234 5678 9012 3456 7890", 409),
        ("1234 5678 9012 3456 7890\n1234 5678 9012 3456 7890", 400),
        ("1\n2", 400),
        ("", 409),
    ] {
        let fields = [("form", token.as_str()), ("table", TABLE), ("receipts", receipts)];
        assert_eq!(partner.post("/staff/partner/send", &fields).status, status, "{receipts}");
    }
    assert!(desk.store().files().unwrap().is_empty());
}

#[test]
fn only_partners_file_for_others_and_only_what_a_channel_can_take() {
    let mut config = demo_config();
    config.channels[1].filings_a_day = 1;
    let desk = TestDesk::with(config);
    for name in ["intake", "investigator", "remedy", "auditor", "custodian"] {
        let mut browser = desk.logged_in(name);
        let token = browser.get("/staff").hidden("form");
        assert_eq!(browser.get("/staff/partner").status, 403, "{name}");
        let fields = [("form", token.as_str()), ("table", TABLE)];
        assert_eq!(browser.post("/staff/partner", &fields).status, 403, "{name}");
        let fields = [fields[0], fields[1], ("receipts", "1234 5678 9012 3456 7890")];
        assert_eq!(browser.post("/staff/partner/send", &fields).status, 403, "{name}");
    }
    assert_eq!(desk.browser().get("/staff/partner").status, 401);
    let mut partner = desk.logged_in("partner");
    let token = partner.get("/staff").hidden("form");
    let table = format!("{TABLE}harm,salt-hills,yes,one too many\n");
    let receipts = "1234 5678 9012 3456 7890\n2234 5678 9012 3456 7890\n3234 5678 9012 3456 7890";
    let fields = [("form", token.as_str()), ("table", table.as_str()), ("receipts", receipts)];
    assert_eq!(partner.post("/staff/partner/send", &fields).status, 503);
    assert!(desk.store().files().unwrap().is_empty(), "whole or not at all");
}
