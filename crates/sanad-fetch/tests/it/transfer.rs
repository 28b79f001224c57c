//! Bytes on their way: cut, resumed, unchanged, redirected, too many, too late.

use std::time::Duration;

use sanad_fetch::FetchStatus;

use crate::server::{Reply, Server, file};
use crate::support::{Lab, TABLE, archive, catalogue, sha256, table};

const ETAG: &str = "\"one\"";

#[test]
fn a_file_comes_whole_with_its_card_and_nothing_else_under_its_name() {
    let bytes = table(50);
    let sent = bytes.clone();
    let server = Server::start(move |asked| file(asked, &sent, ETAG));
    let lab = Lab::new();
    let (row, had) = lab.had(&catalogue(&server.url("/data.csv"), TABLE, ""));
    assert_eq!((row.status, had), (FetchStatus::Fetched, bytes));
    assert_eq!(lab.finished().len(), 1);
    let card = std::fs::read_to_string(row.card.unwrap()).unwrap();
    for line in [
        "id = \"s\"",
        "citation = \"P (2099)\"",
        "licence = \"CC-BY-4.0\"",
        "accessed = \"2026-11-29\"",
    ] {
        assert!(card.contains(line), "{card}");
    }
    assert_eq!(server.asked()[0].method, "GET");
    assert!(server.asked()[0].header("user-agent").unwrap().starts_with("sanad/"));
}

#[test]
fn a_file_that_the_publisher_has_not_changed_is_not_sent_again() {
    let bytes = table(50);
    let server = Server::start(move |asked| file(asked, &bytes, ETAG));
    let (lab, text) = (Lab::new(), catalogue(&server.url("/data.csv"), TABLE, ""));
    lab.had(&text);
    assert_eq!(lab.had(&text).0.status, FetchStatus::Unchanged);
    assert_eq!(server.asked()[1].header("if-none-match"), Some(ETAG));
    // A file that somebody changed on this disk is not taken for the publisher's.
    std::fs::write(&lab.finished()[0], "id,date_start,best\n").unwrap();
    assert_eq!(lab.had(&text).0.status, FetchStatus::Fetched);
    assert_eq!(server.asked()[2].header("if-none-match"), None);
}

#[test]
fn a_day_of_change_serves_where_there_is_no_tag() {
    const DAY: &str = "Mon, 08 Jun 2026 10:00:00 GMT";
    let server = Server::start(move |asked| match asked.header("if-modified-since") {
        Some(DAY) => Reply::new(304, ""),
        _ => Reply::ok(table(5)).with("last-modified", DAY),
    });
    let (lab, text) = (Lab::new(), catalogue(&server.url("/data.csv"), TABLE, ""));
    lab.had(&text);
    assert_eq!(lab.had(&text).0.status, FetchStatus::Unchanged);
}

#[test]
fn a_file_cut_at_every_kth_byte_is_the_same_in_the_end() {
    let bytes = archive(&[("GEDEvent_v99_1.csv", &table(6000))]);
    assert!(bytes.len() > 12_000, "{} bytes are too few to cut", bytes.len());
    let expected = sha256(&bytes);
    for step in [997, 4095, 4096, 4097] {
        let sent = bytes.clone();
        let server = Server::start(move |asked| {
            let reply = file(asked, &sent, ETAG);
            if reply.body.len() > step { reply.cut(step) } else { reply }
        });
        let text =
            catalogue(&server.url("/ged991-csv.zip"), "[source.expected]\nkind = \"zip\"\n", "");
        let (row, _) = Lab::new().had(&text);
        let found = (row.status, row.sha256.as_deref());
        assert_eq!(found, (FetchStatus::Resumed, Some(&*expected)), "{step}");
        assert_eq!(server.asked().len(), bytes.len().div_ceil(step), "{step}");
    }
}

#[test]
fn one_byte_at_a_time_is_the_same_in_the_end() {
    let bytes = table(4);
    let sent = bytes.clone();
    let server = Server::start(move |asked| {
        let reply = file(asked, &sent, ETAG);
        if reply.body.len() > 1 { reply.cut(1) } else { reply }
    });
    assert_eq!(Lab::new().had(&catalogue(&server.url("/data.csv"), TABLE, "")).1, bytes);
}

#[test]
fn a_part_of_a_version_that_has_been_replaced_is_not_joined_to_the_new_one() {
    let (old, new) = (table(3000), table(3001));
    let sent = new.clone();
    let server = Server::start(move |asked| match asked.before {
        0 => file(asked, &old, "\"old\"").cut(20_000),
        _ => file(asked, &sent, "\"new\""),
    });
    let lab = Lab::new();
    assert_eq!(lab.had(&catalogue(&server.url("/data.csv"), TABLE, "")).1, new);
    assert_eq!(server.asked()[1].header("if-range"), Some("\"old\""));
}

#[test]
fn a_server_that_mixes_parts_of_two_versions_is_asked_for_the_whole_again() {
    // It ignores If-Range, and the new version is as long as the old one.
    let (old, new) = (table(3000), table(3000).to_ascii_uppercase());
    let checked = sha256(&new);
    let sent = new.clone();
    let server = Server::start(move |asked| match asked.before {
        0 => file(asked, &old, ETAG).cut(20_000),
        _ => file(asked, &sent, ETAG),
    });
    let lab = Lab::new();
    let release = format!(
        "[[source.release]]\nversion = \"1\"\nurl = \"{}\"\nsha256 = \"{checked}\"\n",
        server.url("/data.csv")
    );
    let text = crate::support::listed(&format!("{TABLE}{release}"));
    assert_eq!(lab.had(&text).1, new);
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn without_a_validator_a_cut_file_begins_anew() {
    let bytes = table(3000);
    let sent = bytes.clone();
    let server = Server::start(move |asked| match asked.before {
        0 => Reply::ok(sent.clone()).cut(20_000),
        _ => Reply::ok(sent.clone()),
    });
    let lab = Lab::new();
    assert_eq!(lab.had(&catalogue(&server.url("/data.csv"), TABLE, "")).1, bytes);
    assert_eq!(server.asked()[1].header("range"), None);
}

#[test]
fn a_part_that_does_not_begin_where_the_last_one_ended_is_not_joined() {
    let bytes = table(3000);
    let sent = bytes.clone();
    let server = Server::start(move |asked| match asked.before {
        0 => file(asked, &sent, ETAG).cut(20_000),
        1 => Reply::new(206, &sent[100..])
            .with("content-range", &format!("bytes 100-{}/{}", sent.len() - 1, sent.len())),
        _ => file(asked, &sent, ETAG),
    });
    let lab = Lab::new();
    assert_eq!(lab.had(&catalogue(&server.url("/data.csv"), TABLE, "")).1, bytes);
    assert_eq!(server.asked()[2].header("range"), None);
}

#[test]
fn a_server_that_keeps_cutting_is_given_up_and_the_next_run_goes_on_from_the_part() {
    let bytes = table(3000);
    let sent = bytes.clone();
    let server = Server::start(move |asked| match asked.before {
        0 => file(asked, &sent, ETAG).cut(20_000),
        1..6 => file(asked, &sent, ETAG).cut(0),
        _ => file(asked, &sent, ETAG),
    });
    let (lab, text) = (Lab::new(), catalogue(&server.url("/data.csv"), TABLE, ""));
    assert!(lab.refused(&text).contains("after 6 attempts"));
    let (row, had) = lab.had(&text);
    assert_eq!((row.status, had), (FetchStatus::Resumed, bytes));
    assert_eq!(server.asked()[6].header("range"), Some("bytes=20000-"));
}

#[test]
fn a_wrong_size_and_a_wrong_sum_are_refused() {
    let server = Server::start(|asked| file(asked, &table(5), ETAG));
    for (check, word) in [
        ("bytes = 7", "size in bytes"),
        (&*format!("sha256 = \"{}\"", "0".repeat(64)), "SHA-256"),
        (&*format!("md5 = \"{}\"", "0".repeat(32)), "MD5"),
    ] {
        let release = format!(
            "[[source.release]]\nversion = \"1\"\nurl = \"{}\"\n{check}\n",
            server.url("/data.csv")
        );
        let message = Lab::new().refused(&crate::support::listed(&format!("{TABLE}{release}")));
        assert!(message.contains(word), "{message}");
    }
}

#[test]
fn a_release_whose_sum_is_known_and_right_is_not_asked_for_again() {
    let bytes = table(5);
    let sum = sha256(&bytes);
    let server = Server::start(move |asked| file(asked, &bytes, ETAG));
    let release = format!(
        "[[source.release]]\nversion = \"1\"\nurl = \"{}\"\nsha256 = \"{sum}\"\n",
        server.url("/data.csv")
    );
    let (lab, text) = (Lab::new(), crate::support::listed(&format!("{TABLE}{release}")));
    lab.had(&text);
    assert_eq!(lab.had(&text).0.status, FetchStatus::Unchanged);
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn what_is_too_large_is_refused_whether_it_says_so_or_not() {
    for has_length in [true, false] {
        let server = Server::start(move |_| {
            let reply = Reply::ok(table(20_000));
            if has_length { reply } else { reply.without_length() }
        });
        let mut lab = Lab::new();
        lab.max_bytes = Some(100_000);
        let message = lab.refused(&catalogue(&server.url("/data.csv"), TABLE, ""));
        assert!(message.contains("more than 100000 bytes"), "{message}");
        assert!(!lab.path().join("s/data.csv.part").exists());
    }
}

#[test]
fn a_file_changed_under_the_same_version_is_taken_and_said() {
    let server = Server::start(|asked| match asked.before {
        0 => file(asked, &table(5), "\"a\""),
        _ => file(asked, &table(6), "\"b\""),
    });
    let release =
        format!("[[source.release]]\nversion = \"1\"\nurl = \"{}\"\n", server.url("/data.csv"));
    let (lab, text) = (Lab::new(), crate::support::listed(&format!("{TABLE}{release}")));
    lab.had(&text);
    let (row, _) = lab.had(&text);
    assert_eq!(row.status, FetchStatus::Fetched);
    assert!(row.notes[0].contains("same version"), "{:?}", row.notes);
}

#[test]
fn a_server_that_is_busy_is_asked_again_when_it_says() {
    let server = Server::start(|asked| match asked.before {
        0 => Reply::new(429, "slow down").with("retry-after", "7"),
        1 => Reply::new(503, "").with("retry-after", "Sun, 29 Nov 2026 12:01:00 GMT"),
        2 => Reply::new(502, "bad gateway"),
        _ => file(asked, &table(5), ETAG),
    });
    let lab = Lab::new();
    lab.had(&catalogue(&server.url("/data.csv"), TABLE, ""));
    let waits = lab.clock.waits();
    assert_eq!(waits[..2], [Duration::from_secs(7), Duration::from_secs(60)]);
    assert!(waits[2] > Duration::from_secs(4) && waits[2] < Duration::from_secs(12), "{waits:?}");
}

#[test]
fn a_server_that_asks_for_too_long_a_wait_is_left_alone() {
    let server = Server::start(|_| Reply::new(429, "").with("retry-after", "86400"));
    let lab = Lab::new();
    let message = lab.refused(&catalogue(&server.url("/data.csv"), TABLE, ""));
    assert!(message.contains("429"), "{message}");
    assert_eq!((server.asked().len(), lab.clock.waits().len()), (1, 0));
}

#[test]
fn a_server_that_fails_every_time_is_given_up_with_its_status() {
    let server = Server::start(|_| Reply::new(500, "oh\nno"));
    let message = Lab::new().refused(&catalogue(&server.url("/data.csv"), TABLE, ""));
    assert!(message.contains("answered 500 (\"oh no\")"), "{message}");
    assert_eq!(server.asked().len(), 6);
}

#[test]
fn a_server_that_is_not_there_is_given_up_with_the_number_of_attempts() {
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let message =
        Lab::new().refused(&catalogue(&format!("http://127.0.0.1:{port}/x.csv"), TABLE, ""));
    assert!(message.contains("after 6 attempts"), "{message}");
}

#[test]
fn a_server_that_falls_silent_counts_as_cut_and_is_resumed() {
    let bytes = table(3000);
    let sent = bytes.clone();
    let server = Server::start(move |asked| match asked.before {
        0 => file(asked, &sent, ETAG).pausing(20_000, Duration::from_secs(5)),
        _ => file(asked, &sent, ETAG),
    });
    let text = catalogue(&server.url("/data.csv"), TABLE, "")
        .replace("timeout_seconds = 2", "timeout_seconds = 1");
    let (row, had) = Lab::new().had(&text);
    assert_eq!((row.status, had), (FetchStatus::Resumed, bytes));
}

#[test]
fn redirects_are_followed_to_other_hosts_and_signed_addresses() {
    let server = Server::start_knowing(|asked, base| {
        let other = base.replace("127.0.0.1", "localhost");
        match asked.path.as_str() {
            "/data.csv" => Reply::redirect(302, &format!("{other}/signed?x={}", asked.before)),
            _ => {
                file(asked, &table(3000), ETAG).cut(if asked.before < 3 { 20_000 } else { 1 << 20 })
            }
        }
    });
    let (row, had) = Lab::new().had(&catalogue(&server.url("/data.csv"), TABLE, ""));
    assert_eq!((row.status, had), (FetchStatus::Resumed, table(3000)));
    // Each attempt begins at the address of the catalogue.
    assert_eq!(server.asked()[2].path, "/data.csv");
    assert_eq!(row.address, Some(server.url("/data.csv")));
}

#[test]
fn redirects_that_lead_nowhere_are_refused() {
    for (location, words) in [
        ("/data.csv", "in a circle"),
        ("file:///etc/passwd", "no page of the web"),
        ("http://", "no address"),
    ] {
        let server = Server::start(move |_| Reply::redirect(302, location));
        let message = Lab::new().refused(&catalogue(&server.url("/data.csv"), TABLE, ""));
        assert!(message.contains(words), "{message}");
    }
    let server = Server::start(|asked| Reply::redirect(307, &format!("/{}", asked.before)));
    let message = Lab::new().refused(&catalogue(&server.url("/data.csv"), TABLE, ""));
    assert!(message.contains("more than 10 times"), "{message}");
    let server = Server::start(|_| Reply::new(301, ""));
    let message = Lab::new().refused(&catalogue(&server.url("/data.csv"), TABLE, ""));
    assert!(message.contains("without saying where"), "{message}");
}

#[test]
fn https_without_certificates_or_without_the_feature_fails_with_a_reason() {
    // Whatever listens there speaks no TLS.
    let server = Server::start(|_| Reply::ok("x"));
    let message =
        Lab::new().refused(&catalogue(&server.url("/x.csv").replace("http:", "https:"), TABLE, ""));
    let known = ["built without the feature tls", "https cannot be used", "could not be read"];
    assert!(known.iter().any(|words| message.contains(words)), "{message}");
}

#[test]
fn a_dry_run_asks_nobody_and_writes_nothing() {
    let server = Server::start(|asked| file(asked, &table(5), ETAG));
    let mut lab = Lab::new();
    lab.is_dry_run = true;
    let row = lab.row(&catalogue(&server.url("/data.csv"), TABLE, ""));
    assert_eq!((row.status, row.address), (FetchStatus::Planned, Some(server.url("/data.csv"))));
    assert!(server.asked().is_empty());
    assert!(!lab.path().join("s").exists());
}

#[test]
fn two_processes_do_not_write_the_same_file() {
    let server = Server::start(|asked| file(asked, &table(5), ETAG));
    let lab = Lab::new();
    std::fs::create_dir_all(lab.path().join("s")).unwrap();
    let held = std::fs::File::create(lab.path().join("s/.lock")).unwrap();
    held.try_lock().unwrap();
    let message = lab.refused(&catalogue(&server.url("/data.csv"), TABLE, ""));
    assert!(message.contains("another process"), "{message}");
    drop(held);
    lab.had(&catalogue(&server.url("/data.csv"), TABLE, ""));
}

#[test]
fn one_source_that_fails_does_not_stop_the_others_and_wrong_use_stops_all() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/bad.csv" => Reply::new(404, ""),
        _ => file(asked, &table(5), ETAG),
    });
    let text = catalogue(&server.url("/bad.csv"), TABLE, "");
    let second = text
        .split("[[source]]")
        .nth(1)
        .unwrap()
        .replace("id = \"s\"", "id = \"t\"")
        .replace("/bad.csv", "/good.csv");
    let text = format!("{text}\n[[source]]{second}");
    let lab = Lab::new();
    let rows = lab.try_fetch(&text, &["s", "t"]).unwrap();
    assert_eq!([rows[0].status, rows[1].status], [FetchStatus::NotToBeHad, FetchStatus::Fetched]);
    let asked = server.asked().len();
    for wrong in ["u", "s@9"] {
        let error = lab.try_fetch(&text, &["s", wrong]).unwrap_err();
        assert!(error.is_wrong_use(), "{error}");
    }
    assert_eq!(server.asked().len(), asked);
}
