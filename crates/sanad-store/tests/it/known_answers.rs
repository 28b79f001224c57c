//! Sums that others have published, from the same records.

use std::collections::BTreeMap;

use sanad_core::event::DateRule;
use sanad_store::{EventRow, PanelRequest, Unit, count_days};

use crate::support::{
    UCDP_CANDIDATE, UCDP_PAKISTAN, empty, import_ged, import_pakistan, month, numbers, real, sum,
    texts,
};

const VIEWS: &str = "forecast/views_ged_sb_long_1990_2021.csv";
/// Pakistan's number in VIEWS.
const PAKISTAN: &str = "136";

/// VIEWS `ged_sb` of Pakistan by month.
fn views() -> Option<BTreeMap<i32, f64>> {
    let mut reader = csv::Reader::from_path(real(VIEWS)?).expect("a CSV file");
    let header = reader.headers().expect("a header").clone();
    let at = |name: &str| header.iter().position(|have| have == name).expect("a column of VIEWS");
    let (month, country, deaths) = (at("month_id"), at("country_id"), at("ged_sb"));
    let rows = reader.records().map(|row| row.expect("a row"));
    let rows = rows.filter(|row| &row[country] == PAKISTAN);
    Some(rows.map(|row| (row[month].parse().unwrap(), row[deaths].parse().unwrap())).collect())
}

#[test]
fn state_based_deaths_by_last_day_equal_those_of_views_in_every_month() {
    let (Some(ged), Some(views)) = (real(UCDP_PAKISTAN), views()) else { return };
    let (_folder, mut observatory) = empty();
    let report = import_ged(&mut observatory, &ged);
    assert_eq!((report.snapshot.rows_read, report.snapshot.records_kept), (6_416, 6_416));
    assert_eq!(report.snapshot.deaths_in, report.snapshot.deaths_kept);
    assert_eq!(views.len(), 384);

    let matching = |rule| {
        let request = PanelRequest {
            date_rule: rule,
            ..PanelRequest::new(Unit::Country, month("1990-01"), month("2021-12"))
        };
        let panel = observatory.panel(&request, 0).unwrap();
        let deaths = numbers(&panel, "state_based_deaths_best");
        assert_eq!(deaths.len(), 384);
        let months = numbers(&panel, "month_id").into_iter().flatten();
        let same =
            months.zip(&deaths).filter(|(id, deaths)| views[&(*id as i32)] == deaths.unwrap());
        (same.count(), deaths.iter().flatten().sum::<f64>())
    };
    let (by_end, deaths) = matching(DateRule::End);
    let (by_start, _) = matching(DateRule::Start);
    eprintln!("equal to VIEWS: {by_end} of 384 by end, {by_start} by start; {deaths} deaths");
    assert_eq!((by_end, deaths, by_start), (384, 34_962.0, 356));
}

#[test]
fn every_row_of_a_candidate_release_becomes_a_record() {
    let Some(candidate) = real(UCDP_CANDIDATE) else { return };
    let (_folder, mut observatory) = empty();
    let report = import_ged(&mut observatory, &candidate);
    let source = &report.snapshot.source;
    assert_eq!((report.snapshot.rows_read, report.snapshot.records_kept), (2_391, 2_391));
    assert!(source.preliminary);
    assert_eq!(source.version, "23.0.10");

    let request = PanelRequest::new(Unit::Country, month("2023-09"), month("2023-11"));
    let panel = observatory.panel(&request, 0).unwrap();
    let pakistan: Vec<Option<f64>> = texts(&panel, "place_id")
        .iter()
        .zip(numbers(&panel, "events"))
        .filter(|(place, _)| place.as_deref() == Some("GW770"))
        .map(|(_, events)| events)
        .collect();
    assert_eq!(sum(&panel, "deaths_best"), report.snapshot.deaths_kept as f64);
    // Some events of the release end in November; they count, but the month is not covered.
    assert_eq!(pakistan, [None, Some(55.0), None]);
}

#[test]
fn events_of_a_country_hold_the_sides_and_the_dead_of_the_source() {
    let Some(ged) = real(UCDP_PAKISTAN) else { return };
    let mut reader = csv::Reader::from_path(&ged).expect("a CSV file");
    let header = reader.headers().expect("a header").clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let number = |row: &csv::StringRecord, name: &str| -> i64 {
        let at = header.iter().position(|have| have == name).expect("a column of GED");
        row[at].parse::<f64>().expect("a number") as i64
    };
    let columns = [
        "type_of_violence",
        "date_prec",
        "deaths_a",
        "deaths_b",
        "deaths_civilians",
        "deaths_unknown",
        "best",
    ];
    let expected = columns.map(|name| rows.iter().map(|row| number(row, name)).sum::<i64>());

    let (_folder, mut observatory) = empty();
    import_pakistan(&mut observatory);
    assert!(!observatory.holds_events());
    import_ged(&mut observatory, &ged);
    assert!(observatory.holds_events());
    let events = observatory.country_events("ucdp-ged", 770, 0).unwrap();
    assert_eq!((events.len(), rows.len()), (6_416, 6_416));
    let sum = |of: fn(&EventRow) -> i64| events.iter().map(of).sum::<i64>();
    let found = [
        sum(|it| i64::from(it.violence)),
        sum(|it| i64::from(it.date_prec)),
        sum(|it| it.deaths_a),
        sum(|it| it.deaths_b),
        sum(|it| it.deaths_civilians),
        sum(|it| it.deaths_unknown),
        sum(|it| it.deaths_best),
    ];
    assert_eq!(found, expected);
    let all = events.iter().map(|event| ("all".to_owned(), event));
    let counted = count_days(all, &observatory.places().unwrap());
    let sums = counted.iter().fold((0, 0), |sum, it| (sum.0 + it.events, sum.1 + it.deaths_best));
    assert_eq!(sums, (6_416, expected[6]), "no event is lost between days and provinces");
}
