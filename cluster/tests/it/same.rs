//! The same bytes from a cluster as from the program alone.

use std::fs;

use crate::support::{Cluster, Lab, alone, lab};

/// Words of the scheduler's log that a job ends with.
const FINISHED: &str = "Job finished successfully";

/// Asks here and there, and gives how many jobs the cluster did for it.
fn same(lab: &Lab, cluster: &Cluster, arguments: &[&str]) -> usize {
    let here = lab.ask(arguments, None);
    let before = cluster.logged(FINISHED);
    let there = lab.ask(arguments, Some(&cluster.address()));
    let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(
        (there.status.code(), words(&there.stdout)),
        (here.status.code(), words(&here.stdout)),
        "{arguments:?}\nhere: {}\nthere: {}",
        words(&here.stderr),
        words(&there.stderr),
    );
    assert_eq!(there.stdout, here.stdout, "{arguments:?}");
    assert!(here.status.success(), "{arguments:?}: {}", words(&here.stderr));
    cluster.logged(FINISHED) - before
}

/// As [`same`], for a question that the cluster has to have answered.
fn same_there(lab: &Lab, cluster: &Cluster, arguments: &[&str]) {
    assert!(same(lab, cluster, arguments) > 0, "the cluster was not asked: {arguments:?}");
}

/// Panels over every unit, rule, form and split.
fn panels(lab: &Lab, cluster: &Cluster) {
    let span = ["panel", "--from", "2019-01", "--to", "2021-12"];
    let panel = |options: &[&str]| same_there(lab, cluster, &[&span, options].concat());
    for unit in ["country", "adm1", "adm2", "priogrid"] {
        panel(&["--unit", unit]);
    }
    for form in ["json", "md", "table"] {
        panel(&["--unit", "adm1", "--format", form]);
    }
    panel(&["--unit", "adm1", "--date-rule", "spread"]);
    panel(&["--unit", "adm2", "--date-rule", "start", "--places", "current"]);
    panel(&["--unit", "adm1", "--organisation", "each"]);
    panel(&["--unit", "country", "--organisation", "325,141"]);
    panel(&["--unit", "adm1", "--country", "770", "--as-of", "2023-06-30"]);
    parquet_panel(lab, cluster);
}

/// A panel as a Parquet file.
fn parquet_panel(lab: &Lab, cluster: &Cluster) {
    let folder = tempfile::tempdir().unwrap();
    let [here, there] = ["here", "there"].map(|name| folder.path().join(format!("{name}.parquet")));
    for (file, address) in [(&here, None), (&there, Some(cluster.address()))] {
        let file = file.to_str().unwrap();
        let span =
            ["panel", "--unit", "adm2", "--from", "2010-01", "--to", "2021-12", "--out", file];
        let done = lab.ask(&span, address.as_deref());
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    assert_eq!(fs::read(here).unwrap(), fs::read(there).unwrap(), "a Parquet file");
}

/// The records behind numbers.
fn records(lab: &Lab, cluster: &Cluster) {
    for (unit, place) in [("adm1", "Balochistan"), ("country", "Pakistan")] {
        for form in ["csv", "json"] {
            let of = ["why", "--unit", unit, "--measure", "deaths_best", "--format", form];
            let of = [of.as_slice(), &["--place", place, "--month", "2021-08"]].concat();
            same_there(lab, cluster, &of);
        }
    }
}

/// Statements whose answer has one order, as each is sorted by all that it shows.
const STATEMENTS: [&str; 19] = [
    "SELECT COUNT(*) AS events, SUM(deaths_best) AS deaths FROM events",
    "SELECT type_of_violence, COUNT(*) AS n, MIN(date_start) AS first, MAX(date_end) AS last \
     FROM events GROUP BY type_of_violence ORDER BY type_of_violence",
    "SELECT event_id, date_start, side_b, deaths_best FROM events \
     ORDER BY deaths_best DESC, event_id LIMIT 20",
    "SELECT p.place, COUNT(*) AS n FROM events e JOIN places p ON e.province_id = p.place_id \
     GROUP BY p.place ORDER BY p.place",
    "SELECT p.place_id, COUNT(e.event_id) AS n FROM places p LEFT JOIN events e \
     ON e.district_id = p.place_id GROUP BY p.place_id ORDER BY p.place_id",
    "SELECT DISTINCT province_id FROM events ORDER BY province_id",
    "SELECT province_id FROM events INTERSECT SELECT place_id FROM places ORDER BY 1",
    "SELECT place_id FROM places EXCEPT SELECT province_id FROM events ORDER BY 1",
    "SELECT place_id FROM places WHERE place_id NOT IN (SELECT province_id FROM events) ORDER BY 1",
    "SELECT place_id FROM places WHERE place_id NOT IN \
     (SELECT province_id FROM events WHERE province_id IS NOT NULL) ORDER BY 1",
    "SELECT place_id FROM places p WHERE EXISTS \
     (SELECT 1 FROM events e WHERE e.province_id = p.place_id AND e.deaths_best > 20) ORDER BY 1",
    "SELECT event_id, deaths_best FROM events \
     WHERE deaths_best > (SELECT AVG(deaths_best) FROM events) * 10 ORDER BY event_id",
    "SELECT event_id, SUM(deaths_best) OVER (PARTITION BY province_id ORDER BY date_end, event_id) \
     AS running FROM events ORDER BY event_id LIMIT 500",
    "SELECT event_id, ROW_NUMBER() OVER (ORDER BY deaths_best DESC, event_id) AS place FROM events \
     ORDER BY event_id LIMIT 500",
    "WITH m AS (SELECT month_end AS m, SUM(deaths_best) AS d FROM events GROUP BY month_end) \
     SELECT a.m, a.d, b.d AS before FROM m a LEFT JOIN m b ON a.m = b.m + 1 ORDER BY a.m",
    "SELECT month_id, place_id, deaths_best, events FROM panel_adm1 WHERE events > 0 \
     ORDER BY month_id, place_id",
    "SELECT substr(side_b, 1, 6) AS word, COUNT(*) AS n FROM events \
     WHERE regexp_like(side_b, '^[A-Z]') GROUP BY 1 HAVING COUNT(*) > 3 ORDER BY n DESC, word",
    "SELECT date_trunc('year', date_end) AS year, COUNT(DISTINCT district_id) AS districts, \
     MEDIAN(deaths_best) AS middle FROM events GROUP BY 1 ORDER BY 1",
    "SELECT source, version, COUNT(*) AS n, COUNT(in_effect) AS m FROM events_all \
     GROUP BY source, version ORDER BY source, version",
];

/// Unions, whose branches have different numbers of steps and parts.
const UNIONS: [&str; 6] = [
    "SELECT 'e' AS what, COUNT(*) AS n FROM events UNION ALL SELECT 'p', COUNT(*) FROM places \
     UNION ALL SELECT 's', COUNT(*) FROM sources ORDER BY 1",
    "SELECT province_id AS id, SUM(deaths_best) AS n FROM events GROUP BY 1 UNION ALL \
     SELECT place_id, NULL FROM places ORDER BY 1, 2",
    "SELECT side, COUNT(*) AS n FROM (SELECT side_a AS side FROM events UNION ALL SELECT side_b \
     FROM events WHERE side_b <> side_a) GROUP BY side ORDER BY n DESC, side LIMIT 30",
    "SELECT province_id FROM events UNION SELECT place_id FROM places ORDER BY 1",
    "SELECT p.place, u.n FROM places p JOIN (SELECT province_id AS id, COUNT(*) AS n FROM events \
     GROUP BY 1 UNION ALL SELECT district_id, COUNT(*) FROM events GROUP BY 1) u \
     ON p.place_id = u.id ORDER BY p.place, u.n",
    "SELECT MAX(n) AS n FROM (SELECT COUNT(*) AS n FROM events UNION ALL SELECT MAX(deaths_best) \
     FROM events UNION ALL SELECT COUNT(*) FROM places WHERE place LIKE 'B%')",
];

/// Joins that are no equalities: for a row of one side it matters whether any row of the other fits.
const UNEQUAL_JOINS: [&str; 4] = [
    "SELECT a.event_id, COUNT(b.event_id) AS n FROM (SELECT * FROM events WHERE deaths_best > 30) a \
     LEFT JOIN (SELECT * FROM events WHERE deaths_best > 60) b ON a.deaths_best < b.deaths_best \
     AND a.date_end < b.date_end GROUP BY a.event_id ORDER BY a.event_id",
    "SELECT a.event_id AS a, b.event_id AS b FROM (SELECT * FROM events WHERE deaths_best > 70) a \
     FULL JOIN (SELECT * FROM events WHERE deaths_best > 60) b ON a.deaths_best + 100 < b.deaths_best \
     ORDER BY 1, 2",
    "SELECT a.event_id FROM events a WHERE a.deaths_best > 30 AND NOT EXISTS (SELECT 1 FROM events b \
     WHERE b.deaths_best > a.deaths_best AND b.date_end > a.date_end) ORDER BY 1",
    "SELECT a.event_id FROM events a WHERE a.deaths_best > 30 AND EXISTS (SELECT 1 FROM events b \
     WHERE b.deaths_best > 2 * a.deaths_best AND b.date_end > a.date_end) ORDER BY 1",
];

/// Questions that the program answers itself, whatever it is told.
const HERE: [&str; 4] = [
    "SELECT table_name FROM information_schema.tables ORDER BY 1",
    "SELECT 1 + 1 AS two",
    "WITH RECURSIVE r AS (SELECT 1 AS n, COUNT(*) AS c FROM places \
     UNION ALL SELECT n + 1, c FROM r WHERE n < 5) SELECT n, c FROM r ORDER BY n",
    "EXPLAIN SELECT COUNT(*) FROM events",
];

fn statements(lab: &Lab, cluster: &Cluster) {
    for statement in STATEMENTS.iter().chain(&UNIONS).chain(&UNEQUAL_JOINS) {
        same_there(lab, cluster, &["sql", statement]);
    }
    same(lab, cluster, &["sql", "SELECT event_id FROM events WHERE false ORDER BY event_id"]);
    for statement in &HERE[..3] {
        assert_eq!(same(lab, cluster, &["sql", statement]), 0, "{statement}");
    }
    // How often the program's own engine reads ahead is no business of the cluster.
    let shown = lab.ask(&["sql", HERE[3]], Some(&cluster.address()));
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
}

#[test]
fn two_workers_give_the_panels_and_records_of_the_program_alone() {
    let _alone = alone();
    let (lab, cluster) = (lab(), Cluster::start(2));
    panels(lab, &cluster);
    records(lab, &cluster);
}

#[test]
fn two_workers_give_the_answers_to_statements_of_the_program_alone() {
    let _alone = alone();
    let (lab, cluster) = (lab(), Cluster::start(2));
    statements(lab, &cluster);
}

#[test]
fn four_workers_give_the_bytes_of_the_program_alone() {
    let _alone = alone();
    let (lab, cluster) = (lab(), Cluster::start(4));
    let parts = ["--threads", "5"];
    for unit in ["country", "adm1", "adm2", "priogrid"] {
        let span = ["panel", "--unit", unit, "--from", "2015-01", "--to", "2021-12"];
        same_there(lab, &cluster, &[span.as_slice(), &parts].concat());
    }
    for statement in STATEMENTS[..15].iter().chain(&UNEQUAL_JOINS) {
        same_there(lab, &cluster, &["sql", statement, "--threads", "5"]);
    }
}

#[test]
fn tallies_of_analyses_are_the_same() {
    let _alone = alone();
    let (lab, cluster) = (lab(), Cluster::start(2));
    for command in [
        ["fronts", "--format", "csv"].as_slice(),
        &["capability", "--format", "csv"],
        &["levels", "--format", "csv"],
    ] {
        same_there(lab, &cluster, command);
    }
}

#[test]
fn a_statement_that_fails_fails_in_the_same_way() {
    let _alone = alone();
    let (lab, cluster) = (lab(), Cluster::start(2));
    for statement in [
        "SELECT nothing FROM events",
        "SELECT 1 / (deaths_best - deaths_best) AS x FROM events ORDER BY x",
        "DROP TABLE events",
    ] {
        let here = lab.ask(&["sql", statement], None);
        let there = lab.ask(&["sql", statement], Some(&cluster.address()));
        assert_eq!(there.status.code(), here.status.code(), "{statement}");
        assert!(!there.status.success() && there.stdout.is_empty(), "{statement}");
        let first = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes).lines().next().unwrap_or_default().to_owned()
        };
        assert_eq!(first(&there.stderr), first(&here.stderr), "{statement}");
    }
}
