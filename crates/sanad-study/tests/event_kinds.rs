//! Kinds of event of the first case: every event in exactly one, and the record recounted.
#![allow(clippy::disallowed_methods, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{Datelike, NaiveDate};
use sanad_case::{DeadBySide, EventKind, EventSides, KindReading, Side};
use sanad_core::actor::Family;
use sanad_store::{DayCount, EventRow, ImportFile, Observatory};
use sanad_study::kind_years::{KindYearsRequest, kind_years};
use sanad_study::kinds::{Classifier, Daily};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 31).expect("a day")
}

fn observatory(folder: &Path) -> Observatory {
    let mut observatory = Observatory::open_or_new(folder).expect("a new observatory");
    observatory.import_case(&workspace().join("cases/pakistan"), false, day()).expect("the case");
    observatory
}

/// The events of the source, or nothing (and a printed reason) where they are not at hand.
fn events() -> Option<PathBuf> {
    let folder = std::env::var_os("SANAD_DATA")
        .map_or_else(|| workspace().join("../shared/data"), PathBuf::from);
    let path = folder.join("ucdp/GEDEvent_v22_1_pakistan.csv");
    if !path.is_file() {
        eprintln!("skipped: {} is not here; SANAD_DATA names the folder", path.display());
        return None;
    }
    Some(path)
}

fn with_events(folder: &Path) -> Option<Observatory> {
    let path = events()?;
    let mut observatory = observatory(folder);
    let incoming = ImportFile {
        path: &path,
        card: None,
        strict: false,
        today: day(),
        progress: &sanad_core::Silent,
    };
    observatory.import_ged(&incoming).expect("a sound file");
    Some(observatory)
}

/// Every event that a source could give with few dead: all sides and types, 0 to 4 dead a side.
fn conceivable() -> impl Iterator<Item = EventSides> {
    let dead = (0..5_i64.pow(4)).map(|code| {
        let digit = |place: u32| code / 5_i64.pow(place) % 5;
        let [a, b, civilians, unknown] = [0, 1, 2, 3].map(digit);
        DeadBySide { a, b, civilians, unknown, best: a + b + civilians + unknown }
    });
    dead.flat_map(|dead| {
        (1..=3).flat_map(move |violence| {
            Side::ALL.into_iter().flat_map(move |a| {
                Side::ALL.map(|b| EventSides { violence, a, b, dead }).into_iter()
            })
        })
    })
}

#[test]
fn no_conceivable_event_meets_the_rules_of_two_kinds() {
    let folder = tempfile::tempdir().unwrap();
    let case = observatory(folder.path()).case().unwrap();
    let mut seen = 0;
    for event in conceivable() {
        for kinds in [case.kinds.clone(), case.kinds.at_share(0.8)] {
            let met: Vec<EventKind> = kinds
                .rules
                .iter()
                .filter(|rule| rule.takes(&event))
                .map(|rule| rule.kind)
                .collect();
            assert!(met.len() <= 1, "{event:?} is {met:?}");
            let expected = met.first().copied().unwrap_or(EventKind::NotToldApart);
            assert_eq!(kinds.kind_of(&event), expected, "{event:?}");
        }
        seen += 1;
    }
    assert_eq!(seen, 625 * 3 * 16);
}

/// What counted as an attack by an Islamist organisation while the rule asked only for less than half
/// of the dead on side B: types 1 and 3 with such an organisation as a side.
fn was_attack(classifier: &Classifier, families: &[Family], event: &EventRow) -> bool {
    matches!(event.violence, 1 | 3)
        && classifier.has_family(families, event)
        && classifier.sides_of(event).dead.share_of_b() < 0.5
}

#[test]
fn the_attacks_of_the_former_rule_are_parted_as_they_were_recounted() {
    let folder = tempfile::tempdir().unwrap();
    let Some(observatory) = with_events(folder.path()) else { return };
    let classifier =
        Classifier::from_case(&observatory.case().unwrap(), &observatory.actors().unwrap())
            .unwrap();
    let all = observatory.country_events("ucdp-ged", 770, 0).unwrap();
    let families = ["islamist", "transnational", "sectarian"].map(Family::new);
    let attacks: Vec<&EventRow> = all
        .iter()
        .filter(|event| (2004..=2021).contains(&event.from.year()))
        .filter(|event| was_attack(&classifier, &families, event))
        .collect();
    let count = |of: &dyn Fn(&EventRow) -> bool| attacks.iter().filter(|attack| of(attack)).count();
    let kind = |kind: EventKind| count(&|it| classifier.kind_of(it) == kind);
    let by_other_state =
        |event_row: &EventRow| classifier.sides_of(event_row).a == Side::OtherState;
    // Of the own state, nobody of the state dead: mostly of unknown side, mostly civilians, nobody.
    let open = |event_row: &EventRow| {
        classifier.kind_of(event_row) == EventKind::NotToldApart && !by_other_state(event_row)
    };
    let mostly = |dead: i64, it: &EventRow| it.deaths_best > 0 && 2 * dead >= it.deaths_best;
    let unknown =
        |event_row: &EventRow| open(event_row) && mostly(event_row.deaths_unknown, event_row);
    let civilians = |event_row: &EventRow| {
        open(event_row) && !unknown(event_row) && mostly(event_row.deaths_civilians, event_row)
    };
    let found = [
        attacks.len(),
        kind(EventKind::OneSidedViolence),
        kind(EventKind::Attack),
        count(&by_other_state),
        count(&unknown),
        count(&civilians),
        count(&|it| open(it) && it.deaths_best == 0),
    ];
    eprintln!("all, one-sided, attacks, by other states, unknown, civilians, nobody: {found:?}");
    let recounted = [2_893, 470, 1_128, 320, 729, 129, 117];
    for (found, recounted) in found.into_iter().zip(recounted) {
        assert!(found.abs_diff(recounted) <= 2, "{found}, recounted {recounted}");
    }
    assert_eq!(kind(EventKind::Operation), 0, "no attack of the former rule is an operation");
}

#[test]
fn kinds_and_what_is_not_told_apart_add_up_to_all_events_in_every_year() {
    let folder = tempfile::tempdir().unwrap();
    let Some(observatory) = with_events(folder.path()) else { return };
    let all = observatory.country_events("ucdp-ged", 770, 0).unwrap();
    let daily = Daily::read(&observatory, 0).unwrap().unwrap();
    let years = kind_years(&daily, KindYearsRequest::default()).unwrap();
    let sums = |year: Option<i32>| {
        let rows = years.events.iter().filter(|row| row.year == year);
        rows.fold((0, 0, 0.0), |sum, row| {
            (sum.0 + row.events, sum.1 + row.deaths_best, sum.2 + row.share_of_events)
        })
    };
    for year in 1989..=2021 {
        let own = all.iter().filter(|event| event.to.year() == year);
        let expected = own.fold((0, 0), |sum, it| (sum.0 + 1, sum.1 + it.deaths_best));
        let (events, deaths, share) = sums(Some(year));
        assert_eq!((events, deaths), expected, "{year}");
        assert!((share - 1.0).abs() < 1e-12, "{year}");
    }
    let (events, deaths, _) = sums(None);
    assert_eq!((events, deaths), (6_416, all.iter().map(|it| it.deaths_best).sum()));
    let remainders: i64 = years
        .events
        .iter()
        .filter(|event| event.year.is_none())
        .map(|event| event.remainders)
        .sum();
    assert_eq!(remainders, all.iter().filter(|it| it.is_remainder()).count() as i64);

    // Fighting of the own state in which civilians died, 2004 to 2021: 374 events, 39 of them operations.
    let request = KindYearsRequest { from: Some(2004), to: Some(2021) };
    let since = kind_years(&daily, request).unwrap().harm;
    let harm = since.iter().find(|row| row.year.is_none()).unwrap();
    assert_eq!((harm.ascribed, harm.in_operations, harm.in_any_fighting), (0, 39, 374));
    assert!(since.iter().all(|since| {
        since.ascribed <= since.in_operations && since.in_operations <= since.in_any_fighting
    }));
}

#[test]
fn what_the_case_ships_is_what_the_events_of_the_source_give() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let Some(counted) = with_events(folders[0].path()) else { return };
    let shipped = observatory(folders[1].path());
    let of = |observatory| Daily::read(observatory, 1).unwrap().unwrap().counts;
    let (shipped, counted) = (of(&shipped), of(&counted));
    assert_eq!(shipped.len(), counted.len());
    assert!(shipped == counted, "the shipped days are to be counted again");
}

#[test]
fn the_readings_bound_what_is_not_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let daily = Daily::read(&observatory(folder.path()), 1).unwrap().unwrap();
    let days = [daily.cycle.from, daily.cycle.to];
    let events = |reading: KindReading, kind: &str| -> i64 {
        let read = daily.under(reading);
        let own = read.counts.iter().filter(|count| count.kind == kind);
        own.filter(|own| own.to >= days[0] && own.from <= days[1]).map(|own| own.events).sum()
    };
    let [left_out, attacks, operations] = KindReading::ALL;
    for (kind, reading) in [("islamist-attacks", attacks), ("state-operations", operations)] {
        let told = daily.told_share(kind, days);
        assert!(told.rest > 0 && told.told > 0, "{kind}");
        assert_eq!(events(left_out, kind), told.told);
        assert_eq!(events(reading, kind), told.told + told.rest);
        let other = if reading == attacks { operations } else { attacks };
        assert_eq!(events(other, kind), told.told);
    }
    assert_eq!(daily.readings(&["repression"], days), [left_out]);
    assert_eq!(daily.readings(&["islamist-attacks"], days), [left_out, attacks]);
    let remainders =
        daily.under(attacks).counts.iter().filter(|count| count.is_remainder()).count();
    assert_eq!(remainders, 0, "a remainder of a report is of no day");
}

/// The theatre of a province, as the plan of the monthly model has it.
fn theatre(place_id: &str) -> Option<usize> {
    match place_id {
        "PK5" | "PK-FATA" => Some(0),
        "PK2" => Some(1),
        _ => None,
    }
}

/// Attacks and operations in both theatres, then the deaths of both kinds, by month after 1989-01.
fn monthly_counts(counts: &[DayCount]) -> BTreeMap<i32, [i64; 6]> {
    let mut months: BTreeMap<i32, [i64; 6]> = BTreeMap::new();
    for count in counts.iter().filter(|count| !count.is_remainder()) {
        let first_column = match count.kind.as_str() {
            "islamist-attacks" | "baloch-attacks" => 0,
            "state-operations" => 2,
            _ => continue,
        };
        let Some(theatre) = theatre(&count.place_id) else { continue };
        let month =
            months.entry((count.to.year() - 1989) * 12 + count.to.month0() as i32).or_default();
        month[first_column + theatre] += count.events;
        month[4 + theatre] += count.deaths_best;
    }
    months
}

#[test]
fn the_record_of_the_monthly_model_is_counted_from_the_days_that_the_case_ships() {
    let folder = tempfile::tempdir().unwrap();
    let counts = observatory(folder.path()).shipped_day_counts().unwrap();
    let counted = monthly_counts(&counts);
    let path = workspace().join("docs/models/pakistan-monthly/observed.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let mut total = 0;
    for line in text.lines().skip(1) {
        let cells: Vec<i64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        let month = counted.get(&(cells[0] as i32)).copied().unwrap_or_default();
        assert_eq!(cells[1..], month, "month {}", cells[0]);
        total += cells[1..3].iter().sum::<i64>();
    }
    assert!(total > 1000, "{total}");
}

/// The theatre of the monthly model in which a conflict of the tables by pair of sides is fought.
fn conflict_theatre(conflict: &str) -> Option<usize> {
    match conflict {
        "Pakistan: Government" => Some(0),
        "Pakistan: Balochistan" => Some(1),
        _ => None,
    }
}

/// Events, then deaths, in both theatres by month after 1989-01, from the tables by pair of sides: the last release that covers a month.
fn months_by_conflict() -> BTreeMap<i32, [i64; 4]> {
    let mut months: BTreeMap<i32, [i64; 4]> = BTreeMap::new();
    for (release, covered) in [("26.1", 0..444), ("26.0.5", 444..449)] {
        let path = workspace().join(format!("cases/pakistan/dyad-months-{release}.csv"));
        let text = std::fs::read_to_string(path).unwrap();
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let (year, month) = cells[0].split_once('-').unwrap();
            let time =
                (year.parse::<i32>().unwrap() - 1989) * 12 + month.parse::<i32>().unwrap() - 1;
            let Some(theatre) = conflict_theatre(cells[3]).filter(|_| covered.contains(&time))
            else {
                continue;
            };
            let counted = months.entry(time).or_default();
            counted[theatre] += cells[6].parse::<i64>().unwrap();
            counted[2 + theatre] += cells[7].parse::<i64>().unwrap();
        }
    }
    months
}

#[test]
fn the_months_held_out_from_the_monthly_model_are_those_of_the_tables_by_pair_that_the_case_ships()
{
    let counted = months_by_conflict();
    let text =
        std::fs::read_to_string(workspace().join("docs/models/pakistan-monthly/measured.csv"))
            .unwrap();
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("time,attacks[northwest],attacks[balochistan],deaths[northwest],deaths[balochistan]")
    );
    let rows: Vec<Vec<i64>> =
        lines.map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect()).collect();
    assert_eq!(rows.len(), 449, "1989-01 to 2026-05");
    for row in &rows {
        let month = counted.get(&(row[0] as i32)).copied().unwrap_or_default();
        assert_eq!(row[1..], month, "month {}", row[0]);
    }
    assert_eq!(rows.last().unwrap()[3..], [221, 72], "deaths of May 2026");
}
