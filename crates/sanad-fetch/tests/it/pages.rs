//! Pages of JSON: first numbers, last pages, errors with 200, repeats, and going on after a cut.

use std::time::Duration;

use sanad_fetch::FetchStatus;

use crate::server::{Asked, Reply, Server};
use crate::support::{Lab, catalogue};

fn expected(envelope: &str, unique: &str) -> String {
    format!(
        "file = \"rows.csv\"\n[source.expected]\nkind = \"pages\"\nenvelope = \"{envelope}\"\n{unique}"
    )
}

const UNIQUE: &str = "unique = \"id\"\ncolumns = [\"id\"]\n";

/// UCDP's pages over the rows 1 to `rows`, two a page, counted from 0.
fn ucdp(asked: &Asked, base: &str, rows: u64) -> Reply {
    let page = query(asked, "page").unwrap_or(0);
    let last = rows.div_ceil(2).saturating_sub(1);
    if page > last {
        // Past the end this server fails, as some clients report.
        return Reply::new(500, "");
    }
    let ids: Vec<String> = (page * 2 + 1..=(page * 2 + 2).min(rows))
        .map(|id| format!("{{\"id\":{id},\"best\":null}}"))
        .collect();
    let next = if page < last {
        format!("{base}/api?pagesize=2&page={}", page + 1)
    } else {
        String::new()
    };
    Reply::ok(format!(
        "{{\"TotalCount\":{rows},\"TotalPages\":{},\"PreviousPageUrl\":\"\",\"NextPageUrl\":\"{next}\",\"Result\":[{}]}}",
        last + 1,
        ids.join(",")
    ))
}

fn query(asked: &Asked, name: &str) -> Option<u64> {
    let query = asked.path.split_once('?')?.1;
    query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))?.parse().ok())
}

fn ids(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let column = text.lines().next().unwrap().split(',').position(|name| name == "id").unwrap();
    text.lines().skip(1).map(|line| line.split(',').nth(column).unwrap().to_owned()).collect()
}

#[test]
fn pages_that_count_from_0_lose_no_row_and_nobody_asks_past_the_end() {
    for rows in [1, 2, 5] {
        let server = Server::start_knowing(move |asked, base| ucdp(asked, base, rows));
        let text = catalogue(&server.url("/api?pagesize=2"), &expected("ucdp", UNIQUE), "");
        let (_, bytes) = Lab::new().had(&text);
        assert_eq!(ids(&bytes), (1..=rows).map(|id| id.to_string()).collect::<Vec<_>>());
        assert_eq!(server.asked()[0].path, "/api?pagesize=2");
    }
}

#[test]
fn pages_that_count_from_1_follow_their_numbers() {
    let server = Server::start(|asked| {
        let page = query(asked, "page").unwrap_or(1);
        Reply::ok(format!(
            "[{{\"page\":{page},\"pages\":3,\"per_page\":1,\"total\":3}},[{{\"id\":{page},\"country\":{{\"id\":\"XL\"}}}}]]"
        ))
    });
    let text = catalogue(&server.url("/api?format=json"), &expected("world-bank", UNIQUE), "");
    let (_, bytes) = Lab::new().had(&text);
    assert_eq!(String::from_utf8_lossy(&bytes), "country.id,id\nXL,1\nXL,2\nXL,3\n");
    assert_eq!(server.asked()[1].path, "/api?format=json&page=2");
}

#[test]
fn pages_end_with_an_empty_one_where_nothing_else_ends_them() {
    let server = Server::start(|asked| match query(asked, "page").unwrap_or(1) {
        page @ 1..=2 => Reply::ok(format!("{{\"status\":200,\"data\":[{{\"id\":{page}}}]}}")),
        _ => Reply::ok("{\"status\":200,\"data\":[]}"),
    });
    let text = catalogue(&server.url("/api?limit=1"), &expected("acled", UNIQUE), "");
    assert_eq!(ids(&Lab::new().had(&text).1), ["1", "2"]);
}

#[test]
fn a_total_that_is_a_list_is_not_used() {
    let server = Server::start(|asked| {
        let page = query(asked, "page").unwrap_or(1);
        Reply::ok(format!(
            "{{\"page\":{page},\"short-url\":\"\",\"maxPages\":2,\"total\":[],\"items\":[{{\"id\":{page},\"oip\":\"-\"}}]}}"
        ))
    });
    let text = catalogue(&server.url("/api"), &expected("unhcr", UNIQUE), "");
    assert_eq!(ids(&Lab::new().had(&text).1), ["1", "2"]);
}

#[test]
fn an_error_that_comes_with_200_is_no_table() {
    for (envelope, body, words) in [
        (
            "world-bank",
            "[{\"message\":[{\"id\":\"120\",\"value\":\"The provided parameter value is not valid\"}]}]",
            "not valid",
        ),
        (
            "world-bank",
            "[{\"message\":[{\"id\":\"175\",\"value\":\"It may have been deleted or archived.\"}]}]",
            "archived",
        ),
        ("world-bank", "[{\"page\":0,\"pages\":0,\"total\":0},null]", "no rows"),
        (
            "world-bank",
            "<?xml version=\"1.0\"?><html><head><title>Request Error</title></head></html>",
            "a page of HTML",
        ),
        ("acled", "{\"message\":\"Access denied\"}", "Access denied"),
        ("idmc", "{\"detail\":\"Client is not registered.\"}", "not registered"),
        (
            "dtm",
            "{\"isSuccess\":false,\"result\":[],\"errorMessages\":[\"bad operation\"]}",
            "bad operation",
        ),
        (
            "ucdp",
            "{\"TotalCount\":0,\"TotalPages\":0,\"NextPageUrl\":\"\",\"Result\":[]}",
            "no rows",
        ),
        ("ucdp", "", "nothing"),
    ] {
        let server = Server::start(move |_| Reply::ok(body));
        let message =
            Lab::new().refused(&catalogue(&server.url("/api"), &expected(envelope, ""), ""));
        assert!(message.contains(words), "{envelope}: {message}");
    }
}

#[test]
fn throttling_that_comes_as_400_is_waited_out_and_given_up_in_the_end() {
    let slow = "slow_down = [400]\nslow_down_seconds = 30\npause_seconds = 1\n";
    let server = Server::start_knowing(|asked, base| match asked.before {
        1 | 2 => Reply::new(400, "Bad Request"),
        _ => ucdp(asked, base, 5),
    });
    let (lab, source) = (Lab::new(), expected("ucdp", UNIQUE));
    let (_, bytes) = lab.had(&catalogue(&server.url("/api?pagesize=2"), &source, slow));
    assert_eq!(ids(&bytes).len(), 5);
    let waits = lab.clock.waits();
    assert!(waits.iter().any(|wait| *wait == Duration::from_secs(1)), "{waits:?}");
    assert!(waits.iter().any(|wait| *wait > Duration::from_secs(29)), "{waits:?}");
    // A parameter that the server does not know looks the same: both causes are named.
    let server = Server::start(|_| Reply::new(400, "Bad Request"));
    let message = Lab::new().refused(&catalogue(&server.url("/api"), &source, slow));
    assert!(message.contains("too many requests, or a parameter"), "{message}");
    // For a server that does not do so, 400 is an answer.
    let server = Server::start(|_| Reply::new(400, "Bad Request"));
    Lab::new().refused(&catalogue(&server.url("/api"), &source, ""));
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn rows_that_come_twice_stand_once_and_missing_rows_are_noticed() {
    let page = |ids: &str, next: &str| {
        let rows: Vec<String> = ids.split(' ').map(|id| format!("{{\"id\":{id}}}")).collect();
        format!("{{\"TotalCount\":3,\"NextPageUrl\":{next},\"Result\":[{}]}}", rows.join(","))
    };
    let (first, sound, short) =
        (page("1 2", "\"/api?page=1\""), page("2 3", "null"), page("2 1", "\"\""));
    for (second, is_sound) in [(sound, true), (short, false)] {
        let first = first.clone();
        let server = Server::start(move |asked| match query(asked, "page") {
            None => Reply::ok(first.clone()),
            Some(_) => Reply::ok(second.clone()),
        });
        let text = catalogue(&server.url("/api"), &expected("ucdp", UNIQUE), "");
        let lab = Lab::new();
        if is_sound {
            let (row, bytes) = lab.had(&text);
            assert_eq!(ids(&bytes), ["1", "2", "3"]);
            assert!(row.notes[0].contains("stand once"), "{:?}", row.notes);
        } else {
            let message = lab.refused(&text);
            assert!(message.contains("2 different rows where it states 3"), "{message}");
        }
    }
}

#[test]
fn a_next_page_on_another_server_or_the_same_page_again_is_not_followed() {
    for (next, words) in
        [("http://localhost:1/api", "another server"), ("/api?page=1", "names itself")]
    {
        let server = Server::start(move |_| {
            Reply::ok(format!("{{\"NextPageUrl\":\"{next}\",\"Result\":[{{\"id\":1}}]}}"))
        });
        let message =
            Lab::new().refused(&catalogue(&server.url("/api"), &expected("ucdp", ""), ""));
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn rows_without_a_column_that_is_needed_are_refused() {
    let server =
        Server::start(|_| Reply::ok("{\"NextPageUrl\":\"\",\"Result\":[{\"identifier\":1}]}"));
    let message =
        Lab::new().refused(&catalogue(&server.url("/api"), &expected("ucdp", UNIQUE), ""));
    assert!(message.contains("rows without id"), "{message}");
}

#[test]
fn pages_go_on_where_they_stopped() {
    let server = Server::start_knowing(|asked, base| match asked.before {
        2..=7 => Reply::new(503, ""),
        _ => ucdp(asked, base, 7),
    });
    let (lab, text) =
        (Lab::new(), catalogue(&server.url("/api?pagesize=2"), &expected("ucdp", UNIQUE), ""));
    assert!(lab.refused(&text).contains("503"));
    let (row, bytes) = lab.had(&text);
    assert_eq!(row.status, FetchStatus::Resumed);
    assert_eq!(ids(&bytes), ["1", "2", "3", "4", "5", "6", "7"]);
    assert!(server.asked()[8].path.ends_with("page=2"), "{}", server.asked()[8].path);
    let again = lab.had(&text).0;
    assert_eq!(again.status, FetchStatus::Unchanged);
}
