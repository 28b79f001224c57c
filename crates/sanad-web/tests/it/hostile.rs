//! What nobody should send: clear refusals, no failure, nothing read outside.

use crate::support::{SHARED, send};

/// CellValues that have broken parsers.
const VALUES: [&str; 25] = [
    "",
    "%00",
    "%ff%fe",
    "%",
    "%zz",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%252e%252e%252f",
    "<script>alert(1)</script>",
    "%3Cscript%3E",
    "'%20OR%20'1'='1",
    "';DROP%20TABLE%20places;--",
    "-1",
    "99999999999999999999999",
    "1e309",
    "NaN",
    "9999-99",
    "0000-00",
    "2021-05-05T00:00:00Z",
    "%F0%9F%92%A5",
    "%E2%80%AE",
    "%0d%0aSet-Cookie:%20x=1",
    "a,b,c,,,",
    "null",
    "true",
    "{{7*7}}",
];

/// Parameters of several kinds, each on an address that takes it.
const PLACES: [&str; 9] = [
    "/api/v1/panel?from=",
    "/api/v1/panel?unit=",
    "/api/v1/panel?organisation=",
    "/api/v1/panel?source=",
    "/api/v1/why?month=2021-10&place=",
    "/api/v1/network?month=",
    "/api/v1/panel?from=2021-01&to=2021-01&cursor=",
    "/place/",
    "/api/v1/results/",
];

fn is_refused_in_good_order(path: &str) {
    let reply = SHARED.get(path);
    assert!((200..500).contains(&reply.status), "{path}: {} {}", reply.status, reply.text());
    let text = reply.text();
    assert!(!text.contains("root:x:"), "{path}");
    assert!(!text.contains("<script>alert(1)</script>"), "{path}");
    assert!(reply.header("set-cookie").is_empty(), "{path}");
    // What is no address at all is refused before anybody looks at it, without a word.
    if path.contains('<') {
        assert!(reply.status == 400 && reply.body.is_empty(), "{path}");
        return;
    }
    if reply.status >= 400 && path.starts_with("/api/v1/") {
        let problem = reply.json();
        assert_eq!(problem["status"], reply.status, "{path}");
        assert!(!problem["detail"].as_str().unwrap().is_empty(), "{path}");
    }
}

#[test]
fn two_hundred_hostile_values_are_answered_in_good_order() {
    let mut count = 0;
    for place in PLACES {
        for value in VALUES {
            is_refused_in_good_order(&format!("{place}{}", value.replace(' ', "%20")));
            count += 1;
        }
    }
    assert!(count >= 200, "{count}");
}

#[test]
fn paths_that_lead_out_and_parameters_that_are_none_are_refused() {
    for path in [
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/../../CURRENT",
        "/assets/style-0.css",
        "/claims/..%2f..%2fx",
        "/api/v2/panel",
        "/api/v1/panel.xlsx",
        "/api/v1/panel.png",
        "/map.gif?figure=map",
        "/map.png?figure=map&scale=1000",
        "/map.png?figure=map&width=99999999",
        "/map.png?figure=..%2f..%2fmap",
        "//evil.example/",
        "/map?colour=red",
        "/map?unit=adm1&unit=adm2",
        "/map?from=2021-12&to=2021-01",
        "/map?from=1800-01&to=2199-12",
        "/api/v1/panel?limit=0",
        "/api/v1/panel?limit=10000001",
        "/api/v1/scenario?members=100000",
        "/api/v1/scenario?horizon=1,2,3,4,5,6,7,8,9,10,11,12,13",
    ] {
        let reply = SHARED.get(path);
        assert!((400..500).contains(&reply.status), "{path}: {} {}", reply.status, reply.text());
    }
}

#[test]
fn other_hosts_other_methods_and_long_addresses_are_refused() {
    let own = SHARED.address.to_string();
    let ask = |head: String| send(SHARED.address, head.as_bytes()).status;
    for host in ["evil.example", "evil.example:8700", "localhost", "127.0.0.1:1", ""] {
        assert_eq!(
            ask(format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")),
            421,
            "{host}"
        );
    }
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        let head = format!("{method} /map HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\n\r\n");
        assert_eq!(ask(head), 405, "{method}");
    }
    let long = "x".repeat(64_000);
    assert_eq!(
        ask(format!("GET /map?from={long} HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\n\r\n")),
        414
    );
    let head = format!("HEAD / HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\n\r\n");
    let reply = send(SHARED.address, head.as_bytes());
    assert!(reply.body.is_empty() && reply.status < 400);
}

#[test]
fn bytes_that_are_no_request_end_their_connection_and_no_other() {
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\0\0\0\0\0\0\0\0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: \x01\r\n\r\n",
    ] {
        let status = send(SHARED.address, bytes).status;
        assert!(status == 0 || (400..500).contains(&status), "{status}");
    }
    // Half-open connections that say nothing keep nobody from being answered.
    let silent: Vec<_> =
        (0..50).map(|_| std::net::TcpStream::connect(SHARED.address).unwrap()).collect();
    assert_eq!(SHARED.get("/about").status, 200);
    drop(silent);
}

#[test]
fn every_answer_has_the_headers_that_keep_a_browser_in_bounds() {
    for path in ["/about", "/nothing", "/api/v1/sources", "/api/v1/panel?unit=x"] {
        let reply = SHARED.get(path);
        let policy = reply.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("referrer-policy"), "no-referrer", "{path}");
        assert!(reply.header("set-cookie").is_empty(), "{path}");
    }
}

#[test]
fn a_figure_as_a_file_may_be_embedded_elsewhere_and_nothing_else_may() {
    let policy = "cross-origin-resource-policy";
    let pictures = ["/map.png?figure=map", "/map.svg?figure=map"].map(|address| {
        let figure = SHARED.get(address);
        assert_eq!(figure.header(policy), "cross-origin", "{address}");
        let again = SHARED.ask(address, &[("If-None-Match", figure.header("etag"))]);
        assert_eq!((again.status, again.header(policy)), (304, "cross-origin"), "{address}");
        figure
    });
    let [_, figure] = pictures;
    // Its colours stand in the file, and nothing else in it may act.
    let security = figure.header("content-security-policy");
    assert!(figure.text().contains("<style>") && security.contains("style-src 'unsafe-inline'"));
    assert!(security.starts_with("default-src 'none';") && !security.contains("script"));
    let others = ["/map.csv?figure=map", "/map.svg?figure=nothing", "/map.png?figure=nothing"];
    for path in ["/map", "/api/v1/sources"].into_iter().chain(others) {
        assert_eq!(SHARED.get(path).header(policy), "same-origin", "{path}");
    }
}
