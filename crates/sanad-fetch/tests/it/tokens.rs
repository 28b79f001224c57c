//! A token goes to the one server that it is for, and is shown nowhere.

use sanad_fetch::FetchStatus;

use crate::server::{Reply, Server, file};
use crate::support::{Lab, TABLE, catalogue, table};

/// The token of these tests; no letter of it may be seen where it does not belong.
const TOKEN: &str = "tOkEn/with+signs=99";
const IN_HEADER: &str = "[publisher.token]\nvariable = \"UCDP_API_TOKEN\"\nheader = \"x-ucdp-access-token\"\npage = \"https://example.org/token\"\n";
const IN_QUERY: &str = "[publisher.token]\nvariable = \"UCDP_API_TOKEN\"\nquery = \"client_id\"\npage = \"https://example.org/token\"\n";
const NEEDED: &str = "access = \"token\"\n";

fn lab() -> Lab {
    let mut lab = Lab::new();
    lab.environment.insert("UCDP_API_TOKEN".to_owned(), TOKEN.to_owned());
    lab
}

fn is_hidden(text: &str) -> bool {
    !["tOkEn", "signs"].iter().any(|part| text.contains(part))
}

#[test]
fn a_token_is_sent_in_its_header_or_query_and_written_nowhere() {
    for (rule, is_in_header) in [(IN_HEADER, true), (IN_QUERY, false)] {
        let server = Server::start(|asked| file(asked, &table(5), "\"one\""));
        let lab = lab();
        let text = catalogue(&server.url("/data.csv?x=1"), &format!("{NEEDED}{TABLE}"), rule);
        let (row, _) = lab.had(&text);
        let asked = &server.asked()[0];
        match is_in_header {
            true => assert_eq!(asked.header("x-ucdp-access-token"), Some(TOKEN)),
            false => assert!(
                asked.path.contains("client_id=tOkEn%2Fwith%2Bsigns%3D99"),
                "{}",
                asked.path
            ),
        }
        assert!(is_hidden(&format!("{row:?}")));
        assert!(is_hidden(&lab.everything()), "{}", lab.everything());
    }
}

#[test]
fn without_the_token_nobody_is_asked_and_the_page_for_it_is_named() {
    let server = Server::start(|_| Reply::ok("x"));
    let lab = Lab::new();
    let row = lab.row(&catalogue(&server.url("/x.csv"), &format!("{NEEDED}{TABLE}"), IN_HEADER));
    let error = row.error.unwrap();
    assert!(error.to_string().contains("UCDP_API_TOKEN is not set"), "{error}");
    assert!(error.hint().unwrap().contains("https://example.org/token"));
    assert!(server.asked().is_empty());
}

#[test]
fn a_redirect_to_another_host_does_not_carry_the_token() {
    for (rule, status) in [(IN_HEADER, 302), (IN_QUERY, 301), (IN_HEADER, 307)] {
        let server =
            Server::start_knowing(move |asked, base| match asked.path.starts_with("/data.csv") {
                // A careless server puts the token it was given into the address that it sends to.
                true => {
                    let query = asked.path.split_once('?').map_or("", |pair| pair.1);
                    let other = base.replace("127.0.0.1", "localhost");
                    Reply::redirect(status, &format!("{other}/elsewhere?{query}"))
                }
                false => file(asked, &table(5), "\"one\""),
            });
        let lab = lab();
        lab.had(&catalogue(&server.url("/data.csv"), &format!("{NEEDED}{TABLE}"), rule));
        let second = &server.asked()[1];
        assert!(second.path.starts_with("/elsewhere"));
        assert!(is_hidden(&format!("{second:?}")), "{second:?}");
        assert!(is_hidden(&lab.everything()));
    }
}

#[test]
fn a_list_that_names_a_file_on_another_host_does_not_get_the_token_there() {
    let server = Server::start_knowing(|asked, base| match asked.path.as_str() {
        "/list" => {
            let other = base.replace("127.0.0.1", "localhost");
            Reply::ok(format!("{} {} {other}/data.csv", table(5).len(), "a".repeat(32)))
        }
        _ => Reply::ok(table(5)),
    });
    let source = format!(
        "{TABLE}[source.lookup]\nkind = \"listing\"\nurl = \"{}\"\nsuffix = \".csv\"\n",
        server.url("/list")
    );
    let text = catalogue("X", &source, IN_HEADER).replace("url = \"X\"\n", "");
    let row = lab().row(&text);
    // The sum of the list is invented, so that the file is refused; what counts is what was asked.
    assert_eq!(row.status, FetchStatus::NotToBeHad);
    assert_eq!(server.asked()[0].header("x-ucdp-access-token"), Some(TOKEN));
    assert!(is_hidden(&format!("{:?}", server.asked()[1])));
}

#[test]
fn messages_do_not_show_a_token_that_the_server_repeats() {
    for status in [401, 403, 400, 404] {
        let server = Server::start(move |asked| {
            let said = format!("no {TOKEN} here, {:?}", asked.path);
            Reply::new(status, said)
        });
        let message = lab().refused(&catalogue(
            &server.url("/data.csv"),
            &format!("{NEEDED}{TABLE}"),
            IN_QUERY,
        ));
        assert!(is_hidden(&message), "{message}");
        assert!(message.contains("[token]"), "{message}");
    }
}

#[test]
fn a_token_is_not_sent_over_plain_http_to_the_world() {
    let message = lab().refused(&catalogue(
        "http://data.example.org/x.csv",
        &format!("{NEEDED}{TABLE}"),
        IN_HEADER,
    ));
    assert!(message.contains("no token is sent"), "{message}");
}

#[test]
fn a_token_that_is_refused_is_told_from_one_that_may_not_see_this() {
    for (status, body, words) in [
        (
            401,
            "API token required. Add header: x-ucdp-access-token: <your-token>",
            "the token is missing",
        ),
        (403, "{\"message\":\"Access denied\"}", "the account has no access"),
    ] {
        let server = Server::start(move |_| Reply::new(status, body));
        let message = lab().refused(&catalogue(
            &server.url("/x.csv"),
            &format!("{NEEDED}{TABLE}"),
            IN_HEADER,
        ));
        assert!(message.contains(words), "{message}");
    }
}
