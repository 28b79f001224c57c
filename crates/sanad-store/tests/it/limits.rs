//! What a user's own statement may use, and many snapshots in one table.

use std::time::{Duration, Instant};

use sanad_store::{Observatory, PanelRequest, StatementLimits, Unit};

use crate::support::{Row, csv_bytes, import_ged, month, numbers, write_ged};

/// An observatory with `imports` releases of a month each, and one event in each.
fn months(imports: i64) -> (tempfile::TempDir, Observatory) {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let mut observatory = Observatory::open_or_new(folder.path().join("o")).unwrap();
    for number in 0..imports {
        let (year, of_year) = (number / 12, number % 12 + 1);
        let file = folder.path().join(format!("GEDEvent_v{}_0_{of_year}.csv", 10 + year));
        write_ged(&file, &[Row::new(number, &format!("{}-{of_year:02}-04", 2010 + year), 1)]);
        import_ged(&mut observatory, &file);
    }
    (folder, observatory)
}

fn tight() -> StatementLimits {
    StatementLimits { memory_mib: 64, seconds: 20 }
}

/// A text doubled so many times.
fn doubled(text: &str, times: usize) -> String {
    let inner = format!("SELECT {text} || CAST(random() AS VARCHAR) AS t");
    (0..times).fold(inner, |query, _| format!("SELECT t || t AS t FROM ({query})"))
}

#[test]
fn statements_that_would_take_all_memory_or_time_are_errors_that_say_the_bound() {
    let (_folder, observatory) = months(3);
    let started = Instant::now();
    let numbers = "(SELECT value FROM generate_series(1, 1000000))";
    for statement in [
        format!("SELECT * FROM {numbers} a CROSS JOIN {numbers} b"),
        format!("SELECT COUNT(*) FROM {numbers} a, {numbers} b WHERE a.value + b.value = 1"),
        "SELECT repeat('x', 2000000000) AS x".to_owned(),
        doubled("'x'", 40),
        format!("SELECT array_agg(a.value) FROM {numbers} a CROSS JOIN {numbers} b"),
    ] {
        let limits = StatementLimits { seconds: 2, ..tight() };
        match observatory.sql_within(&statement, 2, &limits) {
            Ok(_) => panic!("{statement} has an answer"),
            Err(error) => {
                let text = error.to_string();
                let bounds = ["the bound is 64 MiB", "the bound is 2 s", "cannot be answered"];
                assert!(bounds.iter().any(|bound| text.contains(bound)), "{statement}: {text}");
            }
        }
    }
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    assert!(observatory.sql("SELECT COUNT(*) FROM events", 1).is_ok(), "the session goes on");
}

#[test]
fn a_text_that_is_longer_than_the_engine_can_address_is_an_error_and_no_panic() {
    let (_folder, observatory) = months(1);
    let text = "SELECT sum(length(t)) FROM (SELECT lpad('x', 1000000) || \
                CAST(value AS VARCHAR) AS t FROM generate_series(1, 4000))";
    let limits = StatementLimits { memory_mib: 4096, seconds: 120 };
    let error = observatory.sql_within(text, 1, &limits).unwrap_err().to_string();
    assert!(error.contains("the bound is 2 GiB"), "{error}");
    assert!(observatory.sql("SELECT COUNT(*) FROM events", 1).is_ok(), "the session goes on");
}

#[test]
fn sorting_more_than_the_memory_goes_on_in_files() {
    let (_folder, observatory) = months(1);
    let statement = "SELECT MAX(n) AS n FROM (SELECT value, row_number() OVER (ORDER BY \
                     -value, CAST(value AS VARCHAR) || 'abcdefghijklmnopqrstuvwxyz') AS n \
                     FROM generate_series(1, 400000))";
    let rows =
        observatory.sql_within(statement, 1, &StatementLimits { memory_mib: 24, seconds: 120 });
    assert_eq!(numbers(&rows.unwrap(), "n"), [Some(400_000.0)]);
}

#[test]
fn deep_statements_are_refused_before_planning_and_shallow_ones_are_planned() {
    let (_folder, observatory) = months(1);
    let chain = |one: &str, with: &str, count: usize| vec![one; count].join(with);
    for (one, with, shape) in [
        ("event_id = 1", " OR ", "SELECT COUNT(*) FROM events WHERE {}"),
        ("event_id", " + ", "SELECT {} AS n FROM events"),
        ("SELECT 1 AS n", " UNION ALL ", "{}"),
        ("SELECT 1 AS n", " UNION ", "{}"),
        ("events", ", ", "SELECT 1 FROM {}"),
    ] {
        let statement = |count| shape.replace("{}", &chain(one, with, count));
        for count in [1_000, 3_000, 50_000] {
            let error = observatory.sql(&statement(count), 1).unwrap_err().to_string();
            assert!(error.contains("the bound is"), "{one}{with}: {error}");
        }
        if with != ", " {
            observatory.sql(&statement(150), 1).unwrap();
        }
    }
    let nested = format!("SELECT {}1{} AS n", "(".repeat(2_000), ")".repeat(2_000));
    assert!(observatory.sql(&nested, 1).is_err());
    let list: Vec<String> = (0..5_000).map(|id| id.to_string()).collect();
    let listed = format!("SELECT COUNT(*) FROM events WHERE event_id IN ({})", list.join(", "));
    observatory.sql(&listed, 1).unwrap();
}

/// How many imports are tried; `SANAD_SNAPSHOTS` asks for more.
fn snapshots() -> i64 {
    std::env::var("SANAD_SNAPSHOTS").ok().and_then(|count| count.parse().ok()).unwrap_or(96)
}

#[test]
fn hundreds_of_snapshots_are_one_table() {
    let imports = snapshots();
    let begun = Instant::now();
    let (_folder, observatory) = months(imports);
    let started = Instant::now();
    let rows = observatory.sql("SELECT COUNT(*) AS n, SUM(deaths_best) AS d FROM events", 1);
    let rows = rows.unwrap();
    let all = Some(imports as f64);
    assert_eq!((numbers(&rows, "n")[0], numbers(&rows, "d")[0]), (all, all));
    let counted = started.elapsed();
    let request = PanelRequest::new(Unit::Country, month("2010-01"), month("2017-12"));
    let panel = observatory.panel(&request, 1).unwrap();
    assert!(numbers(&panel, "deaths_best").iter().all(|deaths| *deaths == Some(1.0)));
    let why = observatory.why(&request, "GW770", month("2016-03"), "deaths_best", 1).unwrap();
    assert_eq!(why.num_rows(), 1, "{}", String::from_utf8_lossy(&csv_bytes(&why)));
    eprintln!(
        "{imports} imports in {:.1} s; then a sum in {:.2} s, a panel and its records in {:.2} s",
        (started - begun).as_secs_f64(),
        counted.as_secs_f64(),
        (started.elapsed() - counted).as_secs_f64()
    );
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}

#[test]
fn a_panel_of_too_many_rows_is_refused_with_the_bound() {
    let (_folder, observatory) = months(2);
    let long = PanelRequest::new(Unit::Country, month("0001-01"), month("9999-12"));
    let before = Instant::now();
    let result = observatory.panel(&long, 1);
    assert!(before.elapsed() < Duration::from_secs(60), "{:?}", before.elapsed());
    let error = result.unwrap_err().to_string();
    assert!(error.contains("the bound is"), "{error}");
}
