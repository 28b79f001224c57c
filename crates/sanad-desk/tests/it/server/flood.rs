//! Shares of a channel: filings that bring a proof of work, and filings that bring nothing.

use std::process::Command;

use sanad_desk::DeskConfig;
use sanad_desk::server::proof_of_work::{NO_ANSWER, WORK_BITS};
use sanad_desk::store::DeskStore as _;
use sha2::{Digest as _, Sha256};

use super::browser::{Browser, Reply};
use super::{TestDesk, demo_config, filing};
use crate::store::places_of;

const FORM: &str = "/en/file/complaints";

/// The demonstration's desk, whose channel of complaints takes so many in a day, and so many of them
/// without a proof of work.
fn config(filings_a_day: u32, plain_a_day: u32) -> DeskConfig {
    let mut config = demo_config();
    let channel = &mut config.channels[0];
    (channel.filings_a_day, channel.plain_a_day) = (filings_a_day, plain_a_day);
    config
}

/// The first answer to a puzzle, found as the page's script finds it.
fn first_answer(puzzle: &str, bits: u32) -> String {
    let numbers = 0_u64..;
    let mut answers = numbers.map(|number| format!("{number:016x}"));
    let is_answer = |answer: &String| {
        let hash = Sha256::new().chain_update(puzzle).chain_update(answer).finalize();
        u32::from_be_bytes(hash[..4].try_into().unwrap()) >> (32 - bits) == 0
    };
    answers.find(is_answer).unwrap()
}

/// The puzzle of a form.
fn puzzle(form: &Reply) -> String {
    let (_, rest) = form.body.split_once("data-puzzle=\"").expect(&form.body);
    let (puzzle, rest) = rest.split_once('"').unwrap();
    assert!(rest.starts_with(&format!(" data-bits=\"{WORK_BITS}\"")), "{rest}");
    puzzle.to_owned()
}

/// A receipt with the answer to its puzzle.
struct Solved {
    receipt: String,
    puzzle: String,
    answer: String,
}

fn solve(browser: &mut Browser) -> Solved {
    let form = browser.get(FORM);
    let (receipt, puzzle) = (form.hidden("receipt"), puzzle(&form));
    let answer = first_answer(&puzzle, WORK_BITS);
    Solved { receipt, puzzle, answer }
}

fn send(browser: &mut Browser, receipt: &str, answer: &str) -> Reply {
    let mut fields = filing(receipt, "an invented grievance");
    fields[7].1 = answer;
    browser.post(FORM, &fields)
}

fn send_plain(browser: &mut Browser) -> u16 {
    let receipt = browser.get(FORM).hidden("receipt");
    send(browser, &receipt, NO_ANSWER).status
}

#[test]
fn a_flood_without_work_leaves_the_share_of_those_who_bring_it_and_the_other_way_round() {
    let mut desk = TestDesk::with(config(5, 2));
    let mut browser = desk.browser();
    let solved: Vec<Solved> = (0..4).map(|_| solve(&mut browser)).collect();
    let plain: Vec<u16> = (0..4).map(|_| send_plain(&mut browser)).collect();
    assert_eq!(plain, [200, 200, 503, 503]);
    let worked = |one: &Solved| send(&mut desk.browser(), &one.receipt, &one.answer).status;
    let worked: Vec<u16> = solved.iter().map(worked).collect();
    assert_eq!(worked, [200, 200, 200, 503]);
    desk.file("harm", "another channel goes on");
    // The next day begins anew, and the reserve is not taken by those who bring work.
    desk.set_day("2026-03-03");
    let solved: Vec<Solved> = (0..4).map(|_| solve(&mut browser)).collect();
    let worked: Vec<u16> = solved
        .iter()
        .map(|one| send(&mut desk.browser(), &one.receipt, &one.answer).status)
        .collect();
    assert_eq!(worked, [200, 200, 200, 503]);
    assert_eq!(send_plain(&mut browser), 200, "the reserve is there");
    // After a restart nobody knows who brought what: the reserve is whole, and the number holds.
    desk.end();
    desk.serve();
    let mut browser = desk.browser();
    assert_eq!([send_plain(&mut browser), send_plain(&mut browser)], [200, 503]);
}

#[test]
fn an_answer_is_good_for_its_receipt_channel_day_and_process_and_once() {
    let mut desk = TestDesk::with(config(9, 1));
    let mut browser = desk.browser();
    let [good, spent, old, older] = [(); 4].map(|()| solve(&mut browser));
    assert_eq!(send_plain(&mut browser), 200, "what comes without an answer now is refused");
    let other = browser.get(FORM).hidden("receipt");
    let mut wrong = vec![NO_ANSWER.to_owned(), String::new(), "x".repeat(16), "1".repeat(200)];
    wrong.extend([good.answer.to_uppercase().replace('0', "O"), format!(" {}", good.answer)]);
    for answer in &wrong {
        assert_eq!(send(&mut browser, &good.receipt, answer).status, 503, "{answer}");
    }
    assert_eq!(send(&mut browser, &other, &good.answer).status, 503, "another receipt");
    let again = send(&mut browser, &good.receipt, NO_ANSWER);
    assert_eq!(puzzle(&again), good.puzzle, "a form that comes back has its puzzle");
    assert_eq!(send(&mut browser, &good.receipt, &good.answer).status, 200);
    let doubled = send(&mut browser, &good.receipt, &good.answer);
    assert!(doubled.body.contains("nothing was doubled"), "{}", doubled.body);
    // Who files, deletes and files again under one receipt works once for each.
    assert_eq!(send(&mut browser, &spent.receipt, &spent.answer).status, 200);
    let fields = [("receipt", spent.receipt.as_str()), ("sure", "yes")];
    assert_eq!(browser.post("/en/receipt/delete", &fields).status, 200);
    assert_eq!(send(&mut browser, &spent.receipt, &spent.answer).status, 503);
    desk.end();
    desk.serve();
    let mut browser = desk.browser();
    assert_eq!(send_plain(&mut browser), 200);
    assert_eq!(send(&mut browser, &older.receipt, &older.answer).status, 503, "another process");
    desk.set_day("2026-03-03");
    assert_eq!(send_plain(&mut browser), 200);
    assert_eq!(send(&mut browser, &old.receipt, &old.answer).status, 503, "another day");
}

#[test]
fn nothing_of_a_proof_is_kept_and_a_file_does_not_tell_whether_there_was_one() {
    let desk = TestDesk::start();
    let mut browser = desk.browser();
    let solved = solve(&mut browser);
    assert_eq!(send(&mut browser, &solved.receipt, &solved.answer).status, 200);
    assert_eq!(send_plain(&mut browser), 200);
    let files = desk.store().files().unwrap();
    let [with, mut without] = <[_; 2]>::try_from(files).unwrap();
    assert_ne!(with.lookup, without.lookup);
    (without.id, without.lookup) = (with.id, with.lookup);
    without.wraps = with.wraps.clone();
    assert_eq!(with, without, "all but keys is alike");
    let bytes: Vec<u8> = (0..16)
        .map(|place| u8::from_str_radix(&solved.puzzle[2 * place..2 * place + 2], 16).unwrap())
        .collect();
    let marks: [&[u8]; 3] = [solved.puzzle.as_bytes(), solved.answer.as_bytes(), &bytes];
    assert_eq!(places_of(&marks, desk.folder.path()), []);
    // What is sent is as long without an answer, and the page asks for nothing more.
    let form = browser.get(FORM);
    assert_eq!(form.hidden("work").len(), solved.answer.len());
    assert_eq!(form.body.matches("<script").count(), 1);
    assert!(!form.body.contains(" src="));
}

#[test]
fn only_a_form_with_a_share_for_work_has_a_script_and_its_policy_names_that_one_alone() {
    let desk = TestDesk::with(config(5, 5));
    let mut browser = desk.browser();
    let script_of = |reply: &Reply| {
        let policy = reply.header("content-security-policy").unwrap().to_owned();
        policy
            .split_once(" script-src ")
            .map(|(_, rest)| rest.split(';').next().unwrap().to_owned())
    };
    let form = browser.get(FORM);
    assert!(!form.body.contains("<script") && !form.body.contains("data-puzzle"));
    assert_eq!(script_of(&form), None);
    assert_eq!((0..6).map(|_| send_plain(&mut browser)).filter(|it| *it == 200).count(), 5);
    for path in ["/en", "/en/file", "/en/receipt", "/en/record", "/staff", "/"] {
        assert_eq!(script_of(&browser.get(path)), None, "{path}");
    }
    let form = browser.get("/ur/file/harm");
    let (_, rest) = form.body.split_once("<script>").unwrap();
    let digest = Sha256::digest(rest.split_once("</script>").unwrap().0);
    let allowed = script_of(&form).unwrap();
    assert!(allowed.starts_with("'sha256-") && !allowed.contains(' '), "{allowed}");
    assert_eq!(from_base64(allowed.trim_matches('\'').trim_start_matches("sha256-")), &digest[..]);
    // A form that comes back has it too.
    let receipt = form.hidden("receipt");
    let again = browser.post("/ur/file/harm", &filing(&receipt, " "));
    assert_eq!((again.status, script_of(&again)), (422, Some(allowed)));
}

/// The bytes of a text in base 64 (RFC 4648, 4).
fn from_base64(text: &str) -> Vec<u8> {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let value = |byte: u8| letters.iter().position(|letter| *letter == byte).unwrap() as u32;
    let mut bytes = Vec::new();
    for group in text.trim_end_matches('=').as_bytes().chunks(4) {
        let bits = group.iter().fold(0, |bits, byte| bits << 6 | value(*byte));
        let bits = bits << (6 * (4 - group.len()));
        bytes.extend(&bits.to_be_bytes()[1..group.len()]);
    }
    bytes
}

#[test]
fn the_script_of_the_page_finds_the_first_answer() {
    let script = include_str!("../../../src/server/page/proof-of-work.js");
    for (puzzle, bits) in [("00".repeat(16), 8), ("5a".repeat(16), 12), ("f0".repeat(16), 14)] {
        let stub = format!(
            "class HTMLInputElement {{}}\n\
             const field = Object.assign(new HTMLInputElement(), {{ value: '{NO_ANSWER}' }});\n\
             const form = {{ dataset: {{ puzzle: '{puzzle}', bits: '{bits}' }}, elements: {{ namedItem: () => field }} }};\n\
             const document = {{ querySelector: () => form, getElementById: () => ({{}}) }};\n\
             {script}\n\
             const wait = () => field.value === '{NO_ANSWER}' ? setTimeout(wait, 5) : console.log(field.value);\n\
             wait();\n"
        );
        let Ok(output) = Command::new("node").args(["-e", &stub]).output() else {
            println!("skipped: there is no Node");
            return;
        };
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said, first_answer(&puzzle, bits), "{puzzle}: {errors}");
    }
}
