//! What days bring, also while the server is down.

use jiff::civil::date;
use sanad_desk::Clock as _;
use sanad_desk::ledger::{EntryChain, Ledger, Proof};
use sanad_desk::store::DeskStore as _;

use super::TestDesk;

#[test]
fn a_deadline_that_passes_while_the_server_is_down_is_missed_in_public_and_the_next_body_has_the_file()
 {
    let mut desk = TestDesk::start();
    let receipt = desk.file("complaints", "an invented grievance");
    desk.end();
    // Five working days after Monday the 2nd are Monday the 9th; the desk comes back on the 12th.
    desk.set_day("2026-03-12");
    desk.serve();
    let mut filer = desk.browser();
    let status = filer.post("/en/receipt", &[("receipt", &receipt)]).body;
    assert!(
        status.contains("A deadline was missed") && status.contains("Ombuds Office"),
        "{status}"
    );
    assert!(status.contains("datetime=\"2026-03-10\""), "the day on which it happened");
    let (mut intake, mut ombuds) = (desk.logged_in("intake"), desk.logged_in("ombuds-intake"));
    assert!(desk.listed(&mut intake).is_empty());
    assert_eq!(desk.listed(&mut ombuds).len(), 1);
    let file = desk.store().files().unwrap().remove(0);
    assert!(file.has_missed);

    // Every day has its line, and the next day holds what was missed.
    desk.set_day("2026-03-13");
    let ledger = Ledger::read(&filer.get("/ledger.txt").body).unwrap();
    let days: Vec<_> = ledger.days().iter().map(|line| line.day).collect();
    assert_eq!((days.len(), days[0], days[11]), (12, date(2026, 3, 1), date(2026, 3, 12)));
    let fields = [("receipt", receipt.as_str()), ("entry", "2")];
    let proof = Proof::read(&filer.post("/en/receipt/proof", &fields).body).unwrap();
    assert_eq!((proof.check(&ledger), proof.ledger_day), (Ok(()), date(2026, 3, 12)));
    assert!(proof.statement.contains("deed missed\nday 2026-03-10\n"), "{}", proof.statement);
}

#[test]
fn a_server_that_stays_up_does_the_same_as_one_that_was_down_and_nothing_twice() {
    let histories: Vec<Vec<(String, String)>> = [true, false]
        .into_iter()
        .map(|stays_up| {
            let mut desk = TestDesk::start();
            desk.file("complaints", "an invented grievance");
            for day in 3..=26 {
                if stays_up {
                    desk.set_day(&format!("2026-03-{day:02}"));
                    for _ in 0..2 {
                        assert_eq!(desk.browser().get("/en/record").status, 200);
                    }
                }
            }
            desk.end();
            desk.set_day("2026-03-26");
            desk.serve();
            assert_eq!(desk.browser().get("/en").status, 200);
            let mut store = desk.store();
            let file = store.files().unwrap().remove(0);
            let inner = store.inner_ledger().unwrap();
            let ledger = store.ledger().unwrap();
            EntryChain::check(&inner.entries, &inner.batches, &ledger).unwrap();
            assert_eq!(ledger.days().len(), 25);
            let entries = store.entries(file.id).unwrap();
            entries
                .iter()
                .map(|entry| (entry.head.deed.clone(), entry.head.day.to_string()))
                .collect()
        })
        .collect();
    assert_eq!(histories[0], histories[1]);
    // At the last body it stays overdue, and is missed there once.
    let missed: Vec<_> = histories[0].iter().filter(|(deed, _)| deed == "missed").collect();
    assert_eq!(missed.len(), 2, "{missed:?}");
}

#[test]
fn counts_are_released_once_when_they_fall_due_and_a_later_deletion_changes_nothing() {
    let desk = TestDesk::start();
    let receipts: Vec<String> =
        (0..11).map(|_| desk.file("complaints", "an invented grievance")).collect();
    let mut browser = desk.browser();
    // The quarter ends on the 31st of March, and 60 days later its counts are released.
    desk.set_day("2026-05-29");
    assert_eq!(browser.get("/counts.csv").body, "");
    desk.set_day("2026-05-30");
    let released = browser.get("/counts.csv").body;
    assert!(released.contains("2026-Q1,") && released.contains(",11,invented"), "{released}");
    assert!(browser.get("/en/record").body.contains("2026-Q1"));
    let fields = [("receipt", receipts[0].as_str()), ("sure", "yes")];
    assert_eq!(browser.post("/en/receipt/delete", &fields).status, 200);
    desk.set_day("2026-06-30");
    assert_eq!(browser.get("/counts.csv").body, released);
}

#[test]
fn a_clock_that_goes_backwards_brings_nothing_again() {
    let desk = TestDesk::start();
    desk.file("complaints", "an invented grievance");
    desk.set_day("2026-03-12");
    let mut browser = desk.browser();
    let before = browser.get("/ledger.txt").body;
    desk.set_day("2026-03-05");
    assert_eq!(browser.get("/ledger.txt").body, before);
    desk.file("complaints", "filed while the clock was wrong");
    desk.set_day("2026-03-12");
    assert_eq!(browser.get("/ledger.txt").body, before);
    assert_eq!(desk.clock.today(&desk.zone()), date(2026, 3, 12));
}
