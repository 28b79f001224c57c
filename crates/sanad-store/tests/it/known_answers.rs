//! Sums that others have published, from the same records.

use std::collections::BTreeMap;

use sanad_case::conflict_counts::{Area, ConflictCount};
use sanad_core::Month;
use sanad_core::event::DateRule;
use sanad_store::{EventRow, Observatory, PanelRequest, Unit, count_days};

use crate::support::{
    UCDP_CANDIDATE, UCDP_PAKISTAN, case_of_pakistan, day, empty, import_ged, import_pakistan,
    month, numbers, real, sum, texts,
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

/// Events and deaths of Pakistan in a year, by the month of the first day, as known on a day.
fn national_year(observatory: &Observatory, year: i32, as_of: Option<&str>) -> (i64, i64) {
    let as_of = as_of.map(day);
    let series = observatory.country_months(("PAK", 770), as_of).unwrap();
    let months: Vec<_> = series.months.iter().filter(|row| row.month.year() == year).collect();
    assert_eq!(months.len(), 12, "{year}");
    (months.iter().map(|row| row.events).sum(), months.iter().map(|row| row.deaths_best).sum())
}

#[test]
fn the_case_knows_the_national_years_in_both_vintages() {
    let (_folder, mut observatory) = empty();
    observatory.import_case(&case_of_pakistan(), false, day("2026-11-29")).unwrap();
    assert_eq!(national_year(&observatory, 2025, None), (1127, 3331));
    assert_eq!(national_year(&observatory, 2024, None), (733, 1969));
    assert_eq!(national_year(&observatory, 2024, Some("2026-11-23")), (687, 1885));
    let series = observatory.national_months().unwrap();
    assert_eq!(series.date_rule, Some(DateRule::Start));
    let last = series.months.last().unwrap();
    assert_eq!((last.month.to_string().as_str(), last.is_preliminary), ("2026-05", true));
    let early = series.months.iter().filter(|row| row.month.year() == 2026);
    let sums = early.fold((0, 0), |sum, row| (sum.0 + row.events, sum.1 + row.deaths_best));
    assert_eq!(sums, (455, 1553));
}

#[test]
fn months_by_pair_of_sides_are_counted_wherever_the_sides_fought() {
    let (_folder, mut observatory) = empty();
    observatory.import_case(&case_of_pakistan(), false, day("2026-11-29")).unwrap();
    let releases = observatory.conflict_counts(770, None).unwrap();
    let deaths = |year: i32, conflict: &str| -> i64 {
        let counts = releases.iter().flat_map(|release| &release.counts);
        let here = counts.filter(|count| {
            count.month.year() == year && count.area == Area::Anywhere && count.conflict == conflict
        });
        here.map(|count| count.deaths_best).sum()
    };
    let between_states = [2024, 2025, 2026].map(|year| deaths(year, "Afghanistan - Pakistan"));
    assert_eq!(between_states, [61, 178, 528]);
    let of_pakistan = ["Pakistan: Government", "Pakistan: Balochistan", "Pakistan: Islamic State"];
    let in_conflicts: i64 = of_pakistan.iter().map(|conflict| deaths(2022, conflict)).sum();
    let in_country: i64 = observatory
        .national_months()
        .unwrap()
        .months
        .iter()
        .filter(|row| row.month.year() == 2022)
        .map(|row| row.deaths_by_type.unwrap()[0])
        .sum();
    assert_eq!((in_conflicts, in_country), (678, 640));
}

#[test]
fn the_days_of_2025_are_preliminary_and_know_no_place() {
    let (_folder, mut observatory) = empty();
    observatory.import_case(&case_of_pakistan(), false, day("2026-11-29")).unwrap();
    let releases = observatory.conflict_counts(770, None).unwrap();
    let days = releases.iter().find(|one| one.source.id == "ucdp-conflict-daily").unwrap();
    assert!(days.source.preliminary && days.counts.iter().all(|count| count.day.is_some()));
    let sum = |of: fn(&ConflictCount) -> i64| days.counts.iter().map(of).sum::<i64>();
    assert_eq!((sum(|it| it.events), sum(|it| it.deaths_best)), (1132, 3351));
}

/// The shipped months against the compilations that they were taken from.
#[test]
fn shipped_months_equal_those_they_were_taken_from() {
    let Some(path) = real("ucdp/country_month_ged26_1_four_countries_1989_2026_05.csv") else {
        return;
    };
    let (_folder, mut observatory) = empty();
    observatory.import_case(&case_of_pakistan(), false, day("2026-11-29")).unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    let mut compared = 0;
    for (iso3, gwno) in [("PAK", 770), ("AFG", 700), ("IND", 750), ("IRN", 630)] {
        let series = observatory.country_months((iso3, gwno), None).unwrap();
        let mut given: BTreeMap<Month, [i64; 6]> = BTreeMap::new();
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let whole = |at: usize| cells[at].parse::<i64>().unwrap();
            if whole(0) == i64::from(gwno) {
                let month = Month::new(whole(2) as i32, whole(3) as u32).unwrap();
                given.insert(month, [4, 5, 6, 7, 8, 9].map(whole));
            }
        }
        assert_eq!(series.months.len(), 449, "{iso3}");
        for row in &series.months {
            let cells = given.get(&row.month).copied().unwrap_or_default();
            let [sb, ns, os] = row.events_by_type;
            let deaths = row.deaths_by_type.unwrap();
            assert_eq!(
                [sb, deaths[0], ns, deaths[1], os, deaths[2]],
                cells,
                "{iso3} {}",
                row.month
            );
            compared += 1;
        }
    }
    assert_eq!(compared, 4 * 449);
}
