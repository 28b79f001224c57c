//! What every database has to do for a desk. Each function is one test over a place.

use sanad_desk::ledger::{FEWEST_LEAVES, Proof, commitment};
use sanad_desk::staff::{Member, Seat, SeatKey};
use sanad_desk::store::{
    AttachmentForm, DeskStore, Filing, KeptRelease, Opening, SealedAttachment, StoreError,
};
use sanad_desk::vault::{KeyPair, PasswordCost};
use sanad_desk::{FileId, Stage};

use super::{Filer, Place, TODAY, change_of, check_ledgers, padding, random_hash};

/// Makes a test of every function of this module over a place, or says why there is none.
macro_rules! suite_over {
    ($place:path) => {
        suite_over! { @ $place:
            a_filer_comes_back_reads_and_proves,
            the_same_receipt_twice_is_kept_once,
            of_several_filings_all_are_kept_or_none,
            a_day_is_closed_once_and_none_is_left_out,
            steps_beyond_a_days_leaves_wait_and_none_is_lost,
            a_deleted_file_is_gone_with_all_that_belongs_to_it,
            of_two_who_change_a_file_at_once_the_second_is_told,
            a_change_that_fails_leaves_nothing_behind,
            attachments_come_back_as_they_were_kept,
            who_opened_a_file_is_recorded_once_a_day,
            the_staff_is_kept_with_its_seats,
            a_code_is_good_once_also_for_two_who_come_together,
            no_quarter_is_released_twice,
            a_channels_filings_of_a_day_are_counted,
            a_desk_is_begun_once,
            a_backup_is_a_desk_with_the_same_head_and_the_same_files,
        }
    };
    (@ $place:path: $($case:ident),+ $(,)?) => {
        $(
            #[test]
            fn $case() {
                $place(|place| super::suite::$case(place));
            }
        )+
    };
}
pub(super) use suite_over;

pub(super) fn a_filer_comes_back_reads_and_proves(place: &dyn Place) {
    let mut store = place.open();
    let filer = Filer::new("an invented grievance");
    assert_eq!(store.file(&filer.filing).unwrap(), Filing::Kept);
    let stored = store.find(&filer.keys.lookup).unwrap().unwrap();
    assert_eq!(stored, filer.filing.file);
    store.change(&filer.change(&stored, "an invented answer")).unwrap();
    let line = store.close_day(TODAY, &padding(FEWEST_LEAVES)).unwrap().unwrap();
    drop(store);

    let mut store = place.open();
    let found = store.find(&filer.receipt.keys(&[5; 16], PasswordCost::FOR_TESTS).unwrap().lookup);
    let stored = found.unwrap().unwrap();
    assert_eq!(store.find_by_id(stored.id).unwrap().as_ref(), Some(&stored));
    assert_eq!((stored.course.stage, stored.revision), (Stage::Acknowledged, 1));
    let key = stored.wraps.open_for_filer(&stored.id.0, &filer.keys).unwrap();
    let entries = store.entries(stored.id).unwrap();
    assert_eq!(entries.len(), 2);
    let batches = store.inner_ledger().unwrap().batches;
    let (_, ledger) = check_ledgers(store.as_mut());
    for (sealed, text) in entries.iter().zip(["an invented grievance", "an invented answer"]) {
        let opened = sealed.open(&key, stored.id, stored.course.kind).unwrap();
        assert_eq!(opened.text.as_str(), text);
        let (place, path) =
            batches[0].1.path(commitment(&opened.salt.0, &opened.statement)).unwrap();
        let statement = opened.statement.to_text();
        let proof = Proof { statement, salt: opened.salt, ledger_day: line.day, place, path };
        assert_eq!(proof.check(&ledger), Ok(()));
    }
}

pub(super) fn the_same_receipt_twice_is_kept_once(place: &dyn Place) {
    let mut store = place.open();
    let filer = Filer::new("sent twice over a lost connection");
    assert_eq!(store.file(&filer.filing).unwrap(), Filing::Kept);
    assert_eq!(store.file(&filer.filing).unwrap(), Filing::KeptBefore);
    // The same receipt under another file's id: the page was sent again after the answer was lost.
    let mut again = Filer::new("the same text sealed anew").filing;
    again.file.lookup = filer.keys.lookup;
    assert_eq!(store.file(&again).unwrap(), Filing::KeptBefore);
    assert_eq!(store.files().unwrap().len(), 1);
    assert_eq!(check_ledgers(store.as_mut()).0, 1);
}

pub(super) fn of_several_filings_all_are_kept_or_none(place: &dyn Place) {
    let mut store = place.open();
    let mut filings: Vec<_> = (0..5).map(|_| Filer::new("from paper").filing).collect();
    // The last one has the id of the first: the database refuses it.
    filings[4].file.id = filings[0].file.id;
    assert!(store.file_all(&filings).is_err());
    assert!(store.files().unwrap().is_empty());
    assert_eq!(check_ledgers(store.as_mut()).0, 0);
    filings.pop();
    assert_eq!(store.file_all(&filings).unwrap(), [Filing::Kept; 4]);
    assert_eq!(store.file_all(&filings).unwrap(), [Filing::KeptBefore; 4]);
    assert_eq!(check_ledgers(store.as_mut()).0, 4);
}

pub(super) fn a_day_is_closed_once_and_none_is_left_out(place: &dyn Place) {
    let mut store = place.open();
    let day = |number| TODAY.saturating_add(jiff::Span::new().days(number));
    assert!(store.close_day(TODAY, &padding(FEWEST_LEAVES)).unwrap().is_some());
    assert!(store.close_day(TODAY, &padding(FEWEST_LEAVES)).unwrap().is_none(), "closed already");
    let few = store.close_day(day(1), &padding(FEWEST_LEAVES - 1));
    assert!(matches!(few, Err(StoreError::Padding { .. })), "a day is filled or not closed");
    assert!(store.close_day(day(2), &padding(FEWEST_LEAVES)).unwrap().is_none(), "leaves one out");
    assert!(store.close_day(day(1), &padding(FEWEST_LEAVES)).unwrap().is_some());
    assert_eq!(check_ledgers(store.as_mut()).1.days().len(), 2);
}

fn waiting(store: &mut dyn DeskStore) -> usize {
    let entries = store.inner_ledger().unwrap().entries;
    entries.iter().filter(|entry| entry.published.is_none()).count()
}

pub(super) fn steps_beyond_a_days_leaves_wait_and_none_is_lost(place: &dyn Place) {
    let mut store = place.open();
    let mut filer = Filer::new("many steps");
    filer.filing.commitments = (0..300).map(|_| random_hash()).collect();
    store.file(&filer.filing).unwrap();
    store.close_day(TODAY, &padding(FEWEST_LEAVES)).unwrap();
    assert_eq!(waiting(store.as_mut()), 44);
    store.close_day(TODAY.tomorrow().unwrap(), &padding(FEWEST_LEAVES)).unwrap();
    assert_eq!(waiting(store.as_mut()), 0);
    check_ledgers(store.as_mut());
}

pub(super) fn a_deleted_file_is_gone_with_all_that_belongs_to_it(place: &dyn Place) {
    let mut store = place.open();
    let (deleted, kept) = (Filer::new("to be deleted"), Filer::new("to be kept"));
    store.file(&deleted.filing).unwrap();
    store.file(&kept.filing).unwrap();
    let id = deleted.filing.file.id;
    store.note_opening(&Opening { file: id, member: "ann".to_owned(), day: TODAY }).unwrap();
    store.delete(id, TODAY, random_hash()).unwrap();
    assert!(store.find(&deleted.keys.lookup).unwrap().is_none());
    assert!(store.entries(id).unwrap().is_empty());
    assert!(store.openings(id).unwrap().is_empty());
    assert!(matches!(store.delete(id, TODAY, random_hash()), Err(StoreError::NoFile)));
    let change = change_of(deleted.filing.file, vec![], vec![]);
    assert!(matches!(store.change(&change), Err(StoreError::NoFile)));
    assert!(store.find(&kept.keys.lookup).unwrap().is_some());
    assert_eq!(check_ledgers(store.as_mut()).0, 3, "the tombstone is a step like any other");
}

pub(super) fn of_two_who_change_a_file_at_once_the_second_is_told(place: &dyn Place) {
    let mut store = place.open();
    let filer = Filer::new("two officers read it");
    store.file(&filer.filing).unwrap();
    let read = store.find(&filer.keys.lookup).unwrap().unwrap();
    store.change(&filer.change(&read, "the first")).unwrap();
    let second = store.change(&filer.change(&read, "the second"));
    assert!(matches!(second, Err(StoreError::ChangedMeanwhile)), "{second:?}");
    assert_eq!(store.entries(read.id).unwrap().len(), 2);
    assert_eq!(check_ledgers(store.as_mut()).0, 2);
}

pub(super) fn a_change_that_fails_leaves_nothing_behind(place: &dyn Place) {
    let mut store = place.open();
    let filer = Filer::new("one entry");
    store.file(&filer.filing).unwrap();
    let read = store.find(&filer.keys.lookup).unwrap().unwrap();
    // The entry has the number of one that is there.
    let mut change = change_of(read.clone(), filer.filing.entries.clone(), vec![random_hash()]);
    change.file.wraps.close();
    assert!(matches!(store.change(&change), Err(StoreError::Database(_))));
    assert_eq!(store.find(&filer.keys.lookup).unwrap(), Some(read));
    assert_eq!(check_ledgers(store.as_mut()).0, 1);
}

pub(super) fn attachments_come_back_as_they_were_kept(place: &dyn Place) {
    let mut store = place.open();
    let mut filer = Filer::new("with pictures");
    let attachment = |number, form, byte: u8| SealedAttachment {
        number,
        entry: 1,
        form,
        sealed: vec![byte; 70_000],
    };
    filer.filing.attachments = vec![
        attachment(1, AttachmentForm::CleanedCopy, 1),
        attachment(2, AttachmentForm::SealedOriginal, 0),
    ];
    store.file(&filer.filing).unwrap();
    let id = filer.filing.file.id;
    assert_eq!(store.attachments(id).unwrap(), filer.filing.attachments);
    store.delete(id, TODAY, random_hash()).unwrap();
    assert!(store.attachments(id).unwrap().is_empty());
}

pub(super) fn who_opened_a_file_is_recorded_once_a_day(place: &dyn Place) {
    let mut store = place.open();
    let filer = Filer::new("opened often");
    store.file(&filer.filing).unwrap();
    let file = filer.filing.file.id;
    let opening = |member: &str, day| Opening { file, member: member.to_owned(), day };
    let openings =
        [opening("ann", TODAY), opening("ben", TODAY), opening("ann", TODAY.tomorrow().unwrap())];
    for opening in openings.iter().chain(&openings) {
        store.note_opening(opening).unwrap();
    }
    assert_eq!(store.openings(file).unwrap(), openings);
    let unknown = Opening { file: FileId([9; 16]), ..opening("ann", TODAY) };
    assert!(store.note_opening(&unknown).is_err(), "of a file that is not there");
}

/// A member who holds a new seat.
fn seated(store: &mut dyn DeskStore, name: &str, seat: &str) -> Member {
    let (mut member, _) = Member::enrol(name, PasswordCost::FOR_TESTS).unwrap();
    let (seat, pair): (Seat, _) = (seat.parse().unwrap(), KeyPair::random().unwrap());
    store.keep_seat(&SeatKey { seat: seat.clone(), public: pair.public }).unwrap();
    member.give_seat(&seat, &pair.secret).unwrap();
    store.keep_member(&member).unwrap();
    member
}

pub(super) fn the_staff_is_kept_with_its_seats(place: &dyn Place) {
    let mut store = place.open();
    let ben = seated(store.as_mut(), "ben", "office/remedy");
    let ann = seated(store.as_mut(), "ann", "office/intake");
    drop(store);
    let mut store = place.open();
    assert_eq!(store.members().unwrap(), [ann.clone(), ben.clone()]);
    let seats = store.seats().unwrap();
    assert_eq!(seats.len(), 2);
    // A seat that is there keeps its key: files are wrapped to it.
    let public = KeyPair::random().unwrap().public;
    store.keep_seat(&SeatKey { public, ..seats[0].clone() }).unwrap();
    assert_eq!(store.seats().unwrap(), seats);
    let seat = ann.seats.keys().next().unwrap();
    store.withdraw_seat("ann", seat).unwrap();
    assert!(store.member("ann").unwrap().unwrap().seats.is_empty());
    assert!(matches!(store.withdraw_seat("ann", seat), Err(StoreError::NoMember)));
    store.remove_member("ben").unwrap();
    assert!(store.member("ben").unwrap().is_none());
    assert!(matches!(store.remove_member("ben"), Err(StoreError::NoMember)));
    assert_eq!(store.seats().unwrap(), seats, "seats stay");
}

pub(super) fn a_code_is_good_once_also_for_two_who_come_together(place: &dyn Place) {
    let mut store = place.open();
    seated(store.as_mut(), "ann", "office/intake");
    assert_eq!(store.note_failure("ann").unwrap(), 1);
    assert_eq!(store.note_failure("ann").unwrap(), 2);
    assert!(store.note_login("ann", 7).unwrap());
    assert!(!store.note_login("ann", 7).unwrap());
    assert!(!store.note_login("ann", 6).unwrap());
    let ann = store.member("ann").unwrap().unwrap();
    assert_eq!((ann.last_step, ann.failures), (Some(7), 0));
    assert!(matches!(store.note_failure("nobody"), Err(StoreError::NoMember)));
    assert!(!store.note_login("nobody", 1).unwrap());
}

pub(super) fn no_quarter_is_released_twice(place: &dyn Place) {
    let mut store = place.open();
    let release = |table: &str| KeptRelease {
        quarter: "2026-Q1".to_owned(),
        day: TODAY,
        table: table.to_owned(),
    };
    assert!(store.keep_release(&release("first\n")).unwrap());
    assert!(!store.keep_release(&release("second\n")).unwrap());
    assert_eq!(store.releases().unwrap(), [release("first\n")]);
}

pub(super) fn a_channels_filings_of_a_day_are_counted(place: &dyn Place) {
    let mut store = place.open();
    for _ in 0..3 {
        store.file(&Filer::new("counted").filing).unwrap();
    }
    assert_eq!(store.filings_on("complaints", TODAY).unwrap(), 3);
    assert_eq!(store.filings_on("complaints", TODAY.tomorrow().unwrap()).unwrap(), 0);
    assert_eq!(store.filings_on("harm", TODAY).unwrap(), 0);
}

pub(super) fn a_desk_is_begun_once(place: &dyn Place) {
    let first = place.open().founding().unwrap();
    assert_eq!(first.custodians.len(), 2);
    assert_eq!(place.open().founding().unwrap(), first);
}

pub(super) fn a_backup_is_a_desk_with_the_same_head_and_the_same_files(place: &dyn Place) {
    let there = tempfile::tempdir().unwrap();
    let mut store = place.open();
    let mut filer = Filer::new("in the backup");
    filer.filing.attachments = vec![SealedAttachment {
        number: 1,
        entry: 1,
        form: AttachmentForm::CleanedCopy,
        sealed: vec![8; 5_000],
    }];
    store.file(&filer.filing).unwrap();
    for _ in 0..70 {
        store.file(&Filer::new("another").filing).unwrap();
    }
    seated(store.as_mut(), "ann", "office/intake");
    store.close_day(TODAY, &padding(FEWEST_LEAVES)).unwrap();
    let path = there.path().join("desk.sqlite");
    store.back_up(&path).unwrap();
    assert_eq!(std::fs::read_dir(there.path()).unwrap().count(), 1, "one file, no log");
    let mut restored = sanad_desk::store::SqliteStore::open(&path).unwrap();
    let head = check_ledgers(store.as_mut()).1.head();
    assert_eq!(check_ledgers(&mut restored).1.head(), head);
    assert_eq!(restored.files().unwrap(), store.files().unwrap());
    assert_eq!(restored.founding().unwrap(), store.founding().unwrap());
    assert_eq!(restored.members().unwrap(), store.members().unwrap());
    assert_eq!(restored.inner_ledger().unwrap(), store.inner_ledger().unwrap());
    let id = filer.filing.file.id;
    assert_eq!(restored.entries(id).unwrap(), filer.filing.entries);
    assert_eq!(restored.attachments(id).unwrap(), filer.filing.attachments);
}
