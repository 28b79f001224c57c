//! Requests that no browser of good will sends: clear answers, no panic, nothing kept.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use sanad_desk::store::DeskStore as _;

use super::browser::{EDGE, form_body, upload_body};
use super::{TestDesk, filing};

/// A request as bytes, and the statuses with which it may be refused. Zero stands for a connection
/// that is closed without an answer.
type Hostile = (String, Vec<u8>, &'static [u16]);

fn post(path: &str, body: &[u8], lines: &str) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: desk.example\r\nConnection: close\r\nContent-Length: {}\r\n{lines}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

/// Bodies that are no form of the page.
fn bad_bodies() -> Vec<(String, Vec<u8>)> {
    let receipt = "1234 5678 9012 3456 7890";
    let good = form_body(&filing(receipt, "an invented text"));
    let mut bodies: Vec<(String, Vec<u8>)> = [
        "%",
        "%%%",
        "=",
        "&",
        "&&&&",
        "receipt",
        "receipt=%",
        "receipt=%zz",
        "receipt=%0",
        "a=1",
        "receipt=1&receipt=2",
        "__proto__=1",
        "receipt[]=1",
        "text=%00",
        "text=%ff%fe",
        "text=%c0%af",
        "text=%ed%a0%80",
        "text=%f5%80%80%80",
        "text=%1b%5b2J",
        "receipt=%E2%80%AE1",
        "district=..%2f",
        "year=99999999999999999999",
        "receipt=1%0a2",
        "receipt=<b>",
        "text=\u{7f}",
    ]
    .into_iter()
    .map(|body| (format!("body {body:?}"), body.as_bytes().to_vec()))
    .collect();
    bodies.push(("json".into(), b"{\"receipt\":\"1234\"}".to_vec()));
    bodies.push((
        "xml".into(),
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"
            .to_vec(),
    ));
    bodies.push(("raw bytes".into(), (0..=255).collect()));
    bodies.push(("utf-16".into(), good.encode_utf16().flat_map(u16::to_le_bytes).collect()));
    bodies.push(("bom".into(), [b"\xef\xbb\xbf".as_slice(), good.as_bytes()].concat()));
    bodies.push(("unknown field".into(), format!("{good}&admin=1").into_bytes()));
    bodies.push(("doubled field".into(), format!("{good}&text=2").into_bytes()));
    bodies.push(("seventeen fields".into(), vec![b'&'; 17]));
    bodies.push(("long line".into(), format!("receipt={}", "1".repeat(5_000)).into_bytes()));
    bodies
}

/// Forms with a file that no browser writes.
fn hostile_uploads() -> Vec<Hostile> {
    let good = upload_body(&[("receipt", "1234 5678 9012 3456 7890")], b"\x89PNG\r\n\x1a\n");
    let text = String::from_utf8_lossy(&good).into_owned();
    let kind = format!("Content-Type: multipart/form-data; boundary={EDGE}\r\n");
    let path = "/en/receipt/attach";
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("no end", good[..good.len() - 6].to_vec()),
        ("no beginning", good[3..].to_vec()),
        ("no parts", format!("--{EDGE}--").into_bytes()),
        ("another edge", text.replace(EDGE, "x").into_bytes()),
        ("another field", text.replace("\"receipt\"", "\"admin\"").into_bytes()),
        (
            "a file as a line",
            text.replace("\"receipt\"", "\"receipt\"; filename=\"x\"").into_bytes(),
        ),
        (
            "a line as the file",
            text.replace("; filename=\"DCIM/Canary holiday.jpg\"", "").into_bytes(),
        ),
        ("a name that ends its quotes", text.replace("DCIM", "a\"; x=\"").into_bytes()),
        ("a name in another code", text.replace("; filename=", "; filename*=").into_bytes()),
        ("a header more", text.replace("Content-Type", "Content-Transfer-Encoding").into_bytes()),
        ("a folded header", text.replace("; name", ";\r\n name").into_bytes()),
        ("a long head", text.replace("DCIM", &"a".repeat(4_000)).into_bytes()),
        ("lines ended by half", text.replace("\r\n", "\n").into_bytes()),
        (
            "many parts",
            text.replace("--\r\n", &format!("\r\n\r\n--{EDGE}").repeat(40)).into_bytes(),
        ),
        ("raw bytes", (0..=255).collect()),
        ("nothing", Vec::new()),
    ];
    let mut requests: Vec<Hostile> = bodies
        .into_iter()
        .map(|(name, body)| {
            let statuses: &[u16] = &[400, 413, 422];
            (format!("{path} {name}"), post(path, &body, &kind), statuses)
        })
        .collect();
    // Nobody has the receipt: the picture is not looked at.
    requests.push((format!("{path} whole"), post(path, &good, &kind), &[404]));
    requests.push((format!("{path} as a form"), post(path, b"receipt=1", FORM), &[403]));
    let huge = vec![b'x'; 12 << 20];
    requests.push((format!("{path} huge"), post(path, &huge, &kind), &[413, 0]));
    requests
}

fn hostile_requests() -> Vec<Hostile> {
    let mut requests: Vec<Hostile> = Vec::new();
    for path in [
        "/en/file/complaints",
        "/ur/receipt",
        "/ps/receipt/add",
        "/en/receipt/delete",
        "/staff/login",
    ] {
        for (name, body) in bad_bodies() {
            let statuses: &[u16] = &[400, 403, 422];
            requests.push((format!("{path} {name}"), post(path, &body, FORM), statuses));
        }
        let huge = vec![b'x'; 400 << 10];
        requests.push((format!("{path} huge"), post(path, &huge, FORM), &[413, 0]));
        let other = "Content-Type: multipart/form-data; boundary=x\r\n";
        requests.push((format!("{path} multipart"), post(path, b"--x--", other), &[403]));
        requests.push((format!("{path} without a type"), post(path, b"receipt=1", ""), &[403]));
        let chunked = format!(
            "POST {path} HTTP/1.1\r\nHost: desk.example\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n{FORM}\r\n"
        );
        let endless = format!(
            "{chunked}{}0\r\n\r\n",
            format!("10000\r\n{}\r\n", "x".repeat(0x10000)).repeat(4)
        );
        requests.push((format!("{path} chunks without end"), endless.into_bytes(), &[413, 0]));
        let broken = format!("{chunked}zz\r\nreceipt=1\r\n0\r\n\r\n");
        requests.push((format!("{path} broken chunks"), broken.into_bytes(), &[400, 408, 0]));
    }
    requests.extend(hostile_uploads());
    for (line, statuses) in [
        ("GET / HTTP/1.1\r\nHost: evil.example", &[421][..]),
        ("GET / HTTP/1.1\r\nHost: desk.example.evil.example", &[421]),
        ("GET / HTTP/1.1", &[421]),
        ("GET http://evil.example/ HTTP/1.1\r\nHost: desk.example", &[421]),
        ("DELETE /en/receipt HTTP/1.1\r\nHost: desk.example", &[405]),
        ("TRACE / HTTP/1.1\r\nHost: desk.example", &[405]),
        ("OPTIONS * HTTP/1.1\r\nHost: desk.example", &[405]),
        ("CONNECT evil.example:443 HTTP/1.1\r\nHost: desk.example", &[405, 421, 400]),
        ("PUT /en/file/complaints HTTP/1.1\r\nHost: desk.example", &[405]),
        ("GET /en/receipt?receipt=12345678901234567890 HTTP/1.1\r\nHost: desk.example", &[400]),
        ("GET /en/../../etc/passwd HTTP/1.1\r\nHost: desk.example", &[404]),
        ("GET /en/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: desk.example", &[404]),
        ("GET /en/file/%00 HTTP/1.1\r\nHost: desk.example", &[404]),
        ("GET /en/file/%ff HTTP/1.1\r\nHost: desk.example", &[400, 404]),
        ("GET /en/file/<script> HTTP/1.1\r\nHost: desk.example", &[400, 404]),
        ("GET /staff/file/zz HTTP/1.1\r\nHost: desk.example", &[401]),
        ("GET /staff/file/00000000000000000000000000000000 HTTP/1.1\r\nHost: desk.example", &[401]),
        ("GET /staff/ledger HTTP/1.1\r\nHost: desk.example\r\nCookie: __Host-desk=1", &[401]),
        ("GET /staff/ledger HTTP/1.1\r\nHost: desk.example\r\nCookie: __Host-desk", &[401]),
        ("GET /en/receipt/delete HTTP/1.1\r\nHost: desk.example", &[405]),
        ("GET /staff/login HTTP/1.1\r\nHost: desk.example", &[405]),
        ("GET / HTTP/9.9\r\nHost: desk.example", &[400, 505, 0]),
        ("BREW /pot HTTP/1.1\r\nHost: desk.example", &[405]),
        ("\u{0}\u{1}\u{2}", &[400, 0]),
        ("\u{16}\u{3}\u{1}\u{2}", &[400, 0]),
    ] {
        let bytes = format!("{line}\r\nConnection: close\r\n\r\n").into_bytes();
        requests.push((line.to_owned(), bytes, statuses));
    }
    let long = format!(
        "GET /{} HTTP/1.1\r\nHost: desk.example\r\nConnection: close\r\n\r\n",
        "a".repeat(1_000)
    );
    requests.push(("a long address".into(), long.into_bytes(), &[414]));
    let head = format!("GET / HTTP/1.1\r\nHost: desk.example\r\nX: {}\r\n\r\n", "a".repeat(40_000));
    requests.push(("a long head".into(), head.into_bytes(), &[431, 0]));
    let many = format!("GET / HTTP/1.1\r\nHost: desk.example\r\n{}\r\n", "X: 1\r\n".repeat(300));
    requests.push(("many lines".into(), many.into_bytes(), &[431, 0]));
    requests
}

#[test]
fn more_than_a_hundred_hostile_requests_are_refused_and_the_desk_goes_on() {
    let desk = TestDesk::start();
    let requests = hostile_requests();
    assert!(requests.len() > 100, "{}", requests.len());
    for (name, bytes, statuses) in requests {
        let reply = desk.browser().exchange(&bytes);
        assert!(statuses.contains(&reply.status), "{name}: {} {}", reply.status, reply.body);
        for word in ["panicked", "src/", "SQLITE", "thread '"] {
            assert!(!reply.body.contains(word), "{name}: {}", reply.body);
        }
    }
    assert!(desk.store().files().unwrap().is_empty(), "nothing was kept");
    desk.file("complaints", "the desk goes on");
}

#[test]
fn what_is_written_is_shown_as_text_and_never_becomes_part_of_a_page() {
    let desk = TestDesk::start();
    let text = "<script>alert(1)</script> \" onfocus=x ' &lt; {{7*7}} \u{202e}turned";
    let receipt = desk.file("complaints", text);
    let status = desk.browser().post("/en/receipt", &[("receipt", &receipt)]).body;
    assert!(status.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{status}");
    assert!(!status.contains("<script"));
    let mut intake = desk.logged_in("intake");
    let address = desk.listed(&mut intake).pop().unwrap();
    assert!(!intake.get(&address).body.contains("<script"));
    // A form that comes back carries what was typed.
    let mut fields = filing(&receipt, text);
    fields[2].1 = "\"><script>";
    let again = desk.browser().post("/en/file/complaints", &fields).body;
    assert!(again.matches("<script").count() == 1 && again.contains("&lt;script&gt;alert(1)"));
    assert!(!again.contains("<script>alert") && !again.contains("\"><script>"));
}

#[test]
fn slow_senders_do_not_keep_others_from_the_desk() {
    let desk = TestDesk::start();
    let address = desk.serving.as_ref().unwrap().address;
    let slow: Vec<TcpStream> = (0..40)
        .map(|place| {
            let mut stream = TcpStream::connect(address).unwrap();
            let head = if place % 2 == 0 {
                "GET /en HTTP/1.1\r\nHo".to_owned()
            } else {
                format!("POST /en/receipt HTTP/1.1\r\nHost: desk.example\r\n{FORM}Content-Length: 100\r\n\r\nreceipt=1")
            };
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    let begun = Instant::now();
    desk.file("complaints", "an invented grievance");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    drop(slow);
}
