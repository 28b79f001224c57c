//! The public ledger: what is in it can be proven, what is changed is found, and it tells nothing.

use std::process::Command;
use std::sync::LazyLock;

use jiff::civil::{Date, date};
use proptest::prelude::*;
use sanad_desk::ledger::{
    DayBatch, EntryChain, EntryFault, FEWEST_LEAVES, Hash256, Ledger, LedgerEntry, LedgerFault,
    MOST_LEAVES, Proof, Statement, commitment, content_digest,
};
use sanad_desk::{FileKind, Stage};

/// A stream of digests from a seed, in place of the random ones.
fn digests(seed: u64) -> impl FnMut() -> Hash256 {
    let mut count = 0_u64;
    move || {
        count += 1;
        Hash256::over("test", &[&seed.to_be_bytes(), &count.to_be_bytes()])
    }
}

fn statement(number: u64, day: Date) -> Statement {
    let content = content_digest(&[3; 32], &format!("invented text {number}"));
    Statement { kind: FileKind::Harm, stage: Stage::Filed, deed: "file".to_owned(), day, content }
}

/// A ledger with its batches, its entries, and a proof of each entry.
struct Kept {
    ledger: Ledger,
    batches: Vec<(Date, DayBatch)>,
    entries: Vec<LedgerEntry>,
    proofs: Vec<Proof>,
}

/// Days with so many steps each.
fn kept(steps: &[usize], seed: u64) -> Kept {
    kept_with(FEWEST_LEAVES, steps, seed)
}

/// The same with another number of leaves a day.
fn kept_with(leaves: usize, steps: &[usize], seed: u64) -> Kept {
    let mut random = digests(seed);
    let mut kept = Kept {
        ledger: Ledger::new("Invented desk", leaves),
        batches: Vec::new(),
        entries: Vec::new(),
        proofs: Vec::new(),
    };
    let mut chain = EntryChain::start();
    let mut day = date(2026, 2, 26);
    for &count in steps {
        let salts: Vec<Hash256> = (0..count).map(|_| random()).collect();
        let made: Vec<Hash256> = (0..count)
            .map(|number| commitment(&salts[number].0, &statement(number as u64, day)))
            .collect();
        let padding: Vec<Hash256> = (0..leaves).map(|_| random()).collect();
        let batch = DayBatch::fill(&made, &padding);
        kept.ledger.append(day, batch.root()).unwrap();
        for (number, &commitment) in made.iter().enumerate() {
            let published = Some(day);
            kept.entries.push(LedgerEntry { published, ..chain.push(day, commitment) });
            let (place, path) = batch.path(commitment).unwrap();
            let statement = statement(number as u64, day).to_text();
            kept.proofs.push(Proof {
                statement,
                salt: salts[number],
                ledger_day: day,
                place,
                path,
            });
        }
        kept.batches.push((day, batch));
        day = day.tomorrow().unwrap();
    }
    kept
}

#[test]
fn every_step_can_be_proven_and_the_chain_holds() {
    let kept = kept(&[3, 0, 12, 1], 1);
    let read = Ledger::read(&kept.ledger.to_text()).unwrap();
    assert_eq!(read, kept.ledger);
    for proof in &kept.proofs {
        let proof = Proof::read(&proof.to_text()).unwrap();
        assert_eq!(proof.check(&read), Ok(()));
    }
    let end = EntryChain::check(&kept.entries, &kept.batches, &read).unwrap();
    assert_eq!(end.number, 16);
}

#[test]
fn any_other_byte_anywhere_in_a_ledger_is_found() {
    let ledger = kept(&[2, 1, 0, 3], 2).ledger;
    let text = ledger.to_text().into_bytes();
    for place in 0..text.len() {
        for other in [b'0', b'f', b' ', b'\n', b'Z', text[place] ^ 1] {
            if text[place] == other {
                continue;
            }
            let mut changed = text.clone();
            changed[place] = other;
            let Ok(changed) = String::from_utf8(changed) else { continue };
            let found = Ledger::read(&changed)
                .and_then(|changed| changed.check_end(Some(ledger.head()), None));
            assert!(found.is_err(), "byte {place} as {other}");
        }
    }
}

#[test]
fn any_other_byte_anywhere_in_a_proof_is_found() {
    let kept = kept(&[5], 3);
    let text = kept.proofs[2].to_text().into_bytes();
    for place in 0..text.len() {
        for other in [b'0', b'f', b' ', b'\n', text[place] ^ 1] {
            let mut changed = text.clone();
            changed[place] = other;
            let Ok(changed) = String::from_utf8(changed) else { continue };
            if changed.as_bytes() != text {
                let passes =
                    Proof::read(&changed).is_ok_and(|proof| proof.check(&kept.ledger).is_ok());
                assert!(!passes, "byte {place} as {other}");
            }
        }
    }
}

static NINE_DAYS: LazyLock<Kept> = LazyLock::new(|| kept(&[1, 0, 2, 3, 0, 0, 1, 4, 1], 1));
static THREE_DAYS: LazyLock<Kept> = LazyLock::new(|| kept(&[4, 0, 7], 9));

/// What somebody who can write the file may do to its days.
#[derive(Debug, Clone)]
enum Mutation {
    Remove(usize),
    Double(usize),
    Swap(usize, usize),
    CutTo(usize),
    /// Another root on a day, and all hashes after it made anew.
    WriteAnew(usize),
}

fn any_mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        (0_usize..9).prop_map(Mutation::Remove),
        (0_usize..9).prop_map(Mutation::Double),
        (0_usize..9, 0_usize..9).prop_map(|(one, other)| Mutation::Swap(one, other)),
        (0_usize..9).prop_map(Mutation::CutTo),
        (0_usize..9).prop_map(Mutation::WriteAnew),
    ]
}

fn mutated(ledger: &Ledger, mutation: &Mutation) -> String {
    let text = ledger.to_text();
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut days = lines.split_off(3);
    match *mutation {
        Mutation::Remove(day) => drop(days.remove(day)),
        Mutation::Double(day) => days.insert(day, days[day]),
        Mutation::Swap(one, other) => days.swap(one, other),
        Mutation::CutTo(day) => days.truncate(day),
        Mutation::WriteAnew(changed) => {
            let mut other = Ledger::new("Invented desk", ledger.leaves());
            for (place, line) in ledger.days().iter().enumerate() {
                let root = if place == changed { Hash256([7; 32]) } else { line.root };
                other.append(line.day, root).unwrap();
            }
            return other.to_text();
        }
    }
    lines.concat() + &days.concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn gaps_doubles_orders_cuts_and_whole_rewritings_are_found(
        mutation in any_mutation()
    ) {
        let ledger = &NINE_DAYS.ledger;
        let changed = mutated(ledger, &mutation);
        prop_assume!(changed != ledger.to_text());
        // Somebody noted the head, or knows what day it is.
        let head = Ledger::read(&changed)
            .and_then(|read| read.check_end(Some(ledger.head()), None));
        prop_assert!(head.is_err(), "{:?}", mutation);
        if let Mutation::CutTo(_) = mutation {
            let day = Ledger::read(&changed)
                .and_then(|read| read.check_end(None, Some(date(2026, 3, 6))));
            prop_assert!(matches!(day, Err(LedgerFault::EndsEarly { .. })), "{:?}", day);
        }
    }

    #[test]
    fn a_changed_inner_ledger_is_found(
        place in 0_usize..11, other in 0_usize..11, way in 0..6
    ) {
        let Kept { ledger, batches, entries, .. } = &*THREE_DAYS;
        let (mut batches, mut entries) = (batches.clone(), entries.clone());
        match way {
            0 => drop(entries.remove(place.min(9))),
            1 => entries.swap(place, other),
            2 => entries[place].commitment = Hash256([1; 32]),
            3 => entries[place].published = Some(date(2026, 2, 27)),
            4 => entries[place].day = date(2026, 1, 1),
            _ => {
                let mut random = digests(place as u64);
                let padding = [(); FEWEST_LEAVES].map(|()| random());
                batches[2].1 = DayBatch::fill(&[], &padding);
            }
        }
        let is_changed = !(way == 1 && place == other);
        prop_assert_eq!(EntryChain::check(&entries, &batches, ledger).is_err(), is_changed);
    }
}

#[test]
fn an_entry_that_was_never_published_where_it_says_is_named() {
    let mut kept = kept(&[4, 0], 9);
    kept.entries[1].published = Some(date(2026, 2, 27));
    assert_eq!(
        EntryChain::check(&kept.entries, &kept.batches, &kept.ledger),
        Err(EntryFault::NotInBatch(2))
    );
}

#[test]
fn quiet_days_and_busy_days_look_alike() {
    for leaves in [FEWEST_LEAVES, 1_024] {
        let quiet = kept_with(leaves, &[0, 0, 1], 4);
        let busy = kept_with(leaves, &[200, leaves, 90], 5);
        let lengths =
            |kept: &Kept| -> Vec<usize> { kept.ledger.to_text().lines().map(str::len).collect() };
        assert_eq!(lengths(&quiet), lengths(&busy));
        for (_, batch) in quiet.batches.iter().chain(&busy.batches) {
            assert_eq!(batch.leaves().len(), leaves);
        }
        let mut proofs = quiet.proofs.iter().chain(&busy.proofs);
        assert!(proofs.all(|proof| proof.path.len() == leaves.ilog2() as usize));
    }
}

#[test]
fn a_ledger_of_larger_days_is_proven_and_checked_and_its_size_cannot_be_changed() {
    for leaves in [512, 1_024, MOST_LEAVES] {
        let kept = kept_with(leaves, &[3, 1], 11);
        let text = kept.ledger.to_text();
        let read = Ledger::read(&text).unwrap();
        assert_eq!(read, kept.ledger);
        for proof in &kept.proofs {
            let proof = Proof::read(&proof.to_text()).unwrap();
            assert_eq!(proof.check(&read), Ok(()));
            // A proof of another height does not lead to the root.
            let mut shorter = proof.clone();
            shorter.path.pop();
            assert!(shorter.check(&read).is_err());
        }
        let said = format!("leaves {leaves}");
        for other in
            ["leaves 256", "leaves 300", "leaves 128", "leaves 32768", "leaves 0512", "leaves +512"]
        {
            assert!(Ledger::read(&text.replace(&said, other)).is_err(), "{other}");
        }
    }
}

#[test]
fn what_does_not_fit_into_a_day_is_left_for_the_next() {
    let mut random = digests(6);
    let many: Vec<Hash256> = (0..FEWEST_LEAVES + 5).map(|_| random()).collect();
    let padding = [(); FEWEST_LEAVES].map(|()| random());
    let batch = DayBatch::fill(&many, &padding);
    assert_eq!(batch.leaves().len(), FEWEST_LEAVES);
    assert!(batch.path(many[FEWEST_LEAVES - 1]).is_some());
    assert!(batch.path(many[FEWEST_LEAVES]).is_none());
}

#[test]
fn the_place_of_a_leaf_tells_nothing_of_how_many_there_are() {
    // Over many days with one step each, its place is spread over all leaves.
    let places: Vec<usize> = (0..200).map(|seed| kept(&[1], seed).proofs[0].place).collect();
    let mean = places.iter().sum::<usize>() as f64 / 200.0;
    // The mean of 200 places evenly spread over 0 to 255 is 127.5 with a standard error of 5.2.
    assert!((mean - 127.5).abs() < 20.0, "{mean}");
}

/// What the verifier in Python says, or nothing where there is no python3.
fn python(arguments: &[&std::ffi::OsStr]) -> Option<bool> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/desk-verify.py");
    let output = Command::new("python3").arg(script).args(arguments).output().ok()?;
    match output.status.code() {
        Some(code @ (0 | 1)) => Some(code == 0),
        code => panic!("{code:?}: {}", String::from_utf8_lossy(&output.stderr)),
    }
}

#[test]
fn the_verifier_in_python_agrees_on_what_holds_and_on_what_was_changed() {
    let folder = tempfile::tempdir().unwrap();
    let (ledger_path, proof_path) = (folder.path().join("ledger"), folder.path().join("proof"));
    let mut kept = kept(&[2, 0, 3], 8);
    let head = kept.ledger.head().to_hex();
    let mut cases = vec![(kept.ledger.to_text(), kept.proofs[4].to_text())];
    for mutation in [
        Mutation::Remove(1),
        Mutation::Double(1),
        Mutation::Swap(0, 2),
        Mutation::CutTo(2),
        Mutation::WriteAnew(1),
    ] {
        cases.push((mutated(&kept.ledger, &mutation), kept.proofs[0].to_text()));
    }
    kept.proofs[1].place ^= 1;
    cases.push((kept.ledger.to_text(), kept.proofs[1].to_text()));
    cases
        .push((kept.ledger.to_text().replace("2026-02-27", "2026-2-27"), kept.proofs[0].to_text()));
    cases.push((kept.ledger.to_text(), kept.proofs[0].to_text().replace("harm", "warning")));
    cases.push((
        kept.ledger.to_text().replace("leaves 256", "leaves 512"),
        kept.proofs[0].to_text(),
    ));
    for (place, (ledger, proof)) in cases.iter().enumerate() {
        std::fs::write(&ledger_path, ledger).unwrap();
        std::fs::write(&proof_path, proof).unwrap();
        let arguments =
            [ledger_path.as_os_str(), proof_path.as_os_str(), "--head".as_ref(), head.as_ref()];
        let Some(python) = python(&arguments) else {
            println!("skipped: there is no python3");
            return;
        };
        let known = Some(Hash256::from_hex(&head).unwrap());
        let rust = Ledger::read(ledger).is_ok_and(|read| {
            read.check_end(known, None).is_ok()
                && Proof::read(proof).is_ok_and(|proof| proof.check(&read).is_ok())
        });
        assert_eq!(rust, place == 0, "case {place}");
        assert_eq!(python, rust, "case {place}");
    }
    // A ledger of larger days, and a proof of the wrong height for it.
    let larger = kept_with(1_024, &[2], 12);
    let mut short = larger.proofs[0].clone();
    short.path.truncate(8);
    for (proof, holds) in [(&larger.proofs[0], true), (&short, false)] {
        std::fs::write(&ledger_path, larger.ledger.to_text()).unwrap();
        std::fs::write(&proof_path, proof.to_text()).unwrap();
        assert_eq!(python(&[ledger_path.as_os_str(), proof_path.as_os_str()]), Some(holds));
    }
}
