//! Every address against its own description: statuses, media types, shapes; and what is generated from
//! the description to break it.

use serde_json::Value;

use crate::support::{Reply, SHARED};

/// The description, once.
fn description() -> Value {
    SHARED.get("/api/v1/openapi.json").json()
}

/// An answer has a status, a media type and a shape that its operation describes.
fn is_as_described(address: &str, operation: &Value, reply: &Reply) {
    let status = reply.status.to_string();
    let described = &operation["responses"][&status];
    let said: String = reply.text().chars().take(300).collect();
    assert!(described.is_object(), "{address}: {status} is not described: {said}");
    let media = reply.header("content-type").split(';').next().unwrap_or_default().to_owned();
    let content = described["content"].as_object();
    let is_described = |content: &serde_json::Map<String, Value>| {
        content.keys().any(|known| known.split(';').next() == Some(media.as_str()))
    };
    assert!(content.is_some_and(is_described), "{address}: {status} as {media} is not described");
    match media.as_str() {
        "application/problem+json" => is_a_problem(address, reply),
        "application/json" if address.contains("openapi") || address.contains("catalogue") => {
            assert!(reply.json().is_object(), "{address}");
        }
        "application/json" => {
            let rows = reply.json();
            let rows = rows.as_array().unwrap_or_else(|| panic!("{address} is no array"));
            assert!(rows.iter().all(Value::is_object), "{address}");
            let whole: usize = reply.header("sanad-rows").parse().unwrap();
            assert!(rows.len() <= whole, "{address}");
        }
        "text/csv" => {
            let text = String::from_utf8(reply.body.clone()).expect("UTF-8");
            assert!(!text.lines().next().unwrap_or_default().is_empty(), "{address}");
        }
        "application/vnd.apache.parquet" => {
            let marks = [reply.body.get(..4), reply.body.rchunks(4).next()];
            assert_eq!(marks, [Some(&b"PAR1"[..]); 2], "{address}");
        }
        _ => assert_eq!(reply.body.get(..6), Some(&b"ARROW1"[..]), "{address}"),
    }
}

/// A problem document has the members that the description requires, and no others.
fn is_a_problem(address: &str, reply: &Reply) {
    let schema = description()["components"]["schemas"]["Problem"].clone();
    let problem = reply.json();
    let members = problem.as_object().unwrap();
    for name in schema["required"].as_array().unwrap() {
        let name = name.as_str().unwrap();
        let kind = schema["properties"][name]["type"].as_str().unwrap();
        let is_kind = match kind {
            "integer" => members[name].is_u64(),
            _ => members[name].is_string(),
        };
        assert!(is_kind, "{address}: {name} is no {kind}");
    }
    let known = schema["properties"].as_object().unwrap();
    assert!(members.keys().all(|name| known.contains_key(name)), "{address}: {problem}");
    let kinds = schema["properties"]["type"]["enum"].as_array().unwrap();
    assert!(kinds.contains(&problem["type"]), "{address}: {}", problem["type"]);
    assert_eq!(problem["status"], reply.status, "{address}");
    let path = address.split('?').next().unwrap();
    assert_eq!(problem["instance"], path, "{address}");
    assert!(!problem["detail"].as_str().unwrap().is_empty(), "{address}");
}

/// A value that a parameter takes, by its schema; a small one where numbers are work.
fn sound(name: &str, schema: &Value) -> String {
    match name {
        "q" => return "SELECT%20place_id%20FROM%20places%20LIMIT%203".to_owned(),
        "place" => return "PK2".to_owned(),
        "key" => return "nothing".to_owned(),
        "members" => return "20".to_owned(),
        "horizon" => return "12".to_owned(),
        "limit" => return "3".to_owned(),
        _ => {}
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.last().unwrap().as_str().unwrap().to_owned();
    }
    match (schema["format"].as_str(), schema["pattern"].as_str()) {
        (Some("date"), _) => "2026-01-01".to_owned(),
        (_, Some(pattern)) if pattern.contains("{4}") => "2021-10".to_owned(),
        (_, Some(_)) => "12".to_owned(),
        _ if schema["type"] == "integer" => schema["minimum"].to_string(),
        _ => "nothing".to_owned(),
    }
}

/// The address of an operation with its required parameters and, where it is named, one more.
fn address_of(path: &str, operation: &Value, more: Option<(&str, &str)>) -> String {
    let mut path = path.to_owned();
    let mut pairs: Vec<String> = Vec::new();
    for one in operation["parameters"].as_array().unwrap() {
        let name = one["name"].as_str().unwrap();
        let mut given = more.filter(|(known, _)| *known == name).map(|(_, value)| value.to_owned());
        // All months of the fronts are many.
        if given.is_none() && path.contains("/fronts") && ["from", "to"].contains(&name) {
            given = Some("2021-10".to_owned());
        }
        let value = given.clone().unwrap_or_else(|| sound(name, &one["schema"]));
        if one["in"] == "path" {
            path = path.replace(&format!("{{{name}}}"), &value);
        } else if one["required"] == true || given.is_some() {
            pairs.push(format!("{name}={value}"));
        }
    }
    match pairs.is_empty() {
        true => path,
        false => format!("{path}?{}", pairs.join("&")),
    }
}

#[test]
fn every_address_answers_as_it_is_described_in_every_form_and_with_each_parameter() {
    let description = description();
    let mut count = 0;
    for (path, item) in description["paths"].as_object().unwrap() {
        let operation = &item["get"];
        let bare = address_of(path, operation, None);
        is_as_described(&bare, operation, &SHARED.get(&bare));
        count += 1;
        // Endings are of one table: each parameter is tried without one.
        if path.rsplit('/').next().is_some_and(|last| last.contains('.')) {
            continue;
        }
        for one in operation["parameters"].as_array().unwrap() {
            let (name, schema) = (one["name"].as_str().unwrap(), &one["schema"]);
            if one["in"] == "path" || schema["type"] == "object" {
                continue;
            }
            let value = sound(name, schema);
            let address = address_of(path, operation, Some((name, &value)));
            is_as_described(&address, operation, &SHARED.get(&address));
            count += 1;
        }
    }
    assert!(count > 150, "{count}");
}

/// Pieces that have broken parsers, to be put together. Each is written as it stands in an address.
const PIECES: [&str; 32] = [
    "",
    "a",
    "PK2",
    "2021-10",
    "-",
    "..%2f",
    "%2e%2e/",
    "%00",
    "%0d%0aX:%20y",
    "%ff",
    "%c0%ae",
    "%",
    "%2",
    "+",
    "'",
    "%22",
    "%3Cb%3E",
    ";",
    "--",
    "%7B%7B7*7%7D%7D",
    "$(id)",
    "%60id%60",
    "9999999999999999999",
    "1e400",
    "NaN",
    "%E2%80%AE",
    "%F0%9F%92%A5",
    "%CC%81%CC%81%CC%81",
    "|",
    "\\",
    "file:///etc/passwd",
    "%2Fetc%2Fpasswd",
];

/// Numbers that look like chance and are the same in every run (the generator of Lehmer, modulo 2³¹ − 1).
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        usize::try_from(self.0).unwrap() % bound
    }

    /// Some pieces in a row; now and then a great many.
    fn value(&mut self) -> String {
        let count = if self.below(12) == 0 { 200 + self.below(800) } else { 1 + self.below(4) };
        (0..count).map(|_| PIECES[self.below(PIECES.len())]).collect()
    }
}

/// What comes is an answer or a refusal that is described, and nothing of the machine is in it.
fn is_in_good_order(address: &str, operation: Option<&Value>, reply: &Reply) {
    let shown: String = address.chars().take(300).collect();
    assert!((200..500).contains(&reply.status), "{shown}: {} {}", reply.status, reply.text());
    let text = reply.text();
    for leak in ["root:x:", "panicked", "/.cargo/", env!("CARGO_MANIFEST_DIR")] {
        assert!(!text.contains(leak), "{shown}: {leak}");
    }
    assert!(reply.header("x").is_empty() && reply.header("set-cookie").is_empty(), "{shown}");
    if reply.header("content-type") == "application/problem+json" {
        assert!(!reply.json()["detail"].as_str().unwrap().is_empty(), "{shown}");
    }
    if let Some(operation) = operation.filter(|_| !reply.body.is_empty()) {
        let status = reply.status.to_string();
        let known = operation["responses"].as_object().unwrap().contains_key(&status);
        assert!(known || reply.status == 414, "{shown}: {status} is not described");
    }
}

#[test]
fn generated_values_for_every_parameter_are_answered_in_good_order() {
    let description = description();
    let mut draws = Draws(20_260_131);
    let mut count = 0;
    for (path, item) in description["paths"].as_object().unwrap() {
        if path.rsplit('/').next().is_some_and(|last| last.contains('.') && !last.ends_with(".csv"))
        {
            continue;
        }
        let operation = &item["get"];
        for one in operation["parameters"].as_array().unwrap() {
            let name = one["name"].as_str().unwrap();
            for _ in 0..2 {
                let value = draws.value();
                let address = address_of(path, operation, Some((name, &value)));
                is_in_good_order(&address, Some(operation), &SHARED.get(&address));
                count += 1;
            }
        }
    }
    assert!(count >= 200, "{count}");
}

#[test]
fn generated_paths_and_headers_are_answered_in_good_order() {
    let mut draws = Draws(7);
    for _ in 0..120 {
        let start = ["/", "/api/v1/", "/place/", "/claims/", "/assets/", "/api/v1/results/"];
        let path = format!("{}{}", start[draws.below(start.len())], draws.value());
        is_in_good_order(&path, None, &SHARED.get(&path));
    }
    let names =
        ["Accept", "Accept-Encoding", "If-None-Match", "Range", "Cookie", "Referer", "Origin"];
    for _ in 0..80 {
        let (name, value) = (names[draws.below(names.len())], draws.value());
        let reply = SHARED.ask("/api/v1/places?limit=1", &[(name, &value)]);
        is_in_good_order(&format!("{name}: {value}"), None, &reply);
    }
}

#[test]
fn generated_statements_read_nothing_but_the_observatory() {
    let heads = [
        "SELECT * FROM ",
        "SELECT COUNT(*) FROM ",
        "WITH x AS (SELECT 1) SELECT * FROM ",
        "TABLE ",
        "EXPLAIN SELECT * FROM ",
    ];
    let tables = [
        "'/etc/passwd'",
        "\"/etc/passwd\"",
        "'file:///etc/passwd'",
        "read_csv('/etc/passwd')",
        "read_parquet('/')",
        "\"../CURRENT\"",
        "generate_series('a', 'b')",
        "information_schema.df_settings",
        "places, '/proc/self/environ'",
        "(SELECT * FROM '/etc/shadow') AS x",
    ];
    let tails = ["", "; DROP TABLE places", " INTO OUTFILE '/tmp/x'", " LIMIT 5"];
    let mut count = 0;
    for head in heads {
        for table in tables {
            for tail in tails {
                let statement = format!("{head}{table}{tail}");
                let encoded: String =
                    statement.bytes().map(|byte| format!("%{byte:02X}")).collect();
                let address = format!("/api/v1/sql?q={encoded}");
                let reply = SHARED.get(&address);
                is_in_good_order(&statement, None, &reply);
                count += 1;
            }
        }
    }
    assert_eq!(count, 200);
}
