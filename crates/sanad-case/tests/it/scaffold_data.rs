//! The scaffold of a new case, over real files where a machine has them.
#![allow(clippy::print_stderr)]

use std::collections::BTreeMap;
use std::io::Read as _;

use sanad_case::{Placed, Scaffold, ScaffoldRequest, scaffold};
use sanad_core::Month;
use sanad_core::country::Country;
use sanad_core::event::number_day;
use sanad_core::place::Level;
use sanad_source::boundaries::{self, Boundaries, NamedAttributes, Reading};
use sanad_source::ged::{self, Ged};

use crate::data;

fn made(code: &str, ged: &Ged, boundaries: Option<&Reading>) -> Scaffold {
    scaffold(&ScaffoldRequest {
        id: "new",
        country: Country::of_code(code).unwrap(),
        events: &ged.events,
        version: None,
        imported_version: "file-1",
        coverage: &ged.coverage,
        ged_file: "events.csv",
        boundaries,
        boundaries_file: boundaries.map(|_| "areas.geojson"),
        today: "2026-01-01".parse().unwrap(),
    })
    .unwrap()
}

fn philippines() -> Option<Ged> {
    let file = data::open("philippines/conflict_data_phl.csv")?;
    let ged = ged::read(file, &ged::Options::default()).unwrap();
    assert_eq!((ged.rows_read, ged.events.len(), ged.deaths_kept), (4_035, 4_035, 20_511));
    Some(ged)
}

fn provinces(parent: Option<&str>) -> Option<Reading> {
    let file = data::open("philippines/phl_adm2.geojson")?;
    let names = NamedAttributes {
        name: "adm2_en".to_owned(),
        code: "adm2_pcode".to_owned(),
        parent: parent.map(str::to_owned),
        parent_name: None,
        level: Level::Adm1,
    };
    Some(boundaries::read_named(file, &names).unwrap())
}

fn told(what: &str, made: &Scaffold) -> f64 {
    let Placed { deaths, known_deaths, placed_deaths, .. } = made.placed;
    let share = made.placed.share().unwrap();
    eprintln!(
        "{what}: {placed_deaths} of {known_deaths} deaths with a known place ({:.2} %), of {deaths} in all",
        share * 100.0
    );
    share
}

#[test]
fn nearly_all_deaths_with_a_known_place_in_the_philippines_are_placed() {
    let Some(ged) = philippines() else { return };
    let Some((plain, below)) = provinces(None).zip(provinces(Some("adm1_psgc"))) else { return };
    for (what, borders) in
        [("names alone", None), ("provinces", Some(&plain)), ("regions", Some(&below))]
    {
        let made = made("PHL", &ged, borders);
        assert_eq!((made.placed.events, made.placed.deaths), (4_035, 20_511));
        assert!(told(what, &made) >= 0.95, "{what}");
        // Persons after whom UCDP calls some sides; towns may be called after others.
        for name in
            ["Honasan", "Zumel", "Caludtiag", "Karon", "Abdulkarim", "Ahalul", "Ampatuan", "Maute"]
        {
            assert!(!made.files["actors.toml"].contains(name), "{name}");
        }
    }
    // 88 areas in 17 regions that are codes, and the places of older names.
    let made = made("PHL", &ged, Some(&below));
    assert_eq!((made.places[0], made.boundary_level), (17, Some(Level::Adm2)));
    assert!(made.places[1] >= 88, "{:?}", made.places);
}

#[test]
fn months_of_the_first_day_in_india_are_those_that_others_counted() {
    let (Some(file), Some(mut months)) = (
        data::open("india/ucdp_events_india_1989_2026.csv"),
        data::open("ucdp/ucdp_country_month_1989_2024.csv"),
    ) else {
        return;
    };
    let ged = ged::read(file, &ged::Options::default()).unwrap();
    assert_eq!((ged.rows_read, ged.events.len()), (18_338, 18_338));
    let mut counted: BTreeMap<String, [i64; 2]> = BTreeMap::new();
    for index in 0..ged.events.len() {
        let month = Month::from_date(number_day(ged.events.start_day[index])).to_string();
        let sum = counted.entry(month).or_default();
        sum[0] += 1;
        sum[1] += i64::from(ged.events.deaths_best[index]);
    }
    let mut text = String::new();
    months.read_to_string(&mut text).unwrap();
    let (mut compared, mut equal) = (0, 0);
    for line in text.lines().filter(|line| line.starts_with("IND,")) {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |at: usize| fields[at].parse::<f64>().unwrap() as i64;
        compared += 1;
        let found = counted.get(fields[1]).copied().unwrap_or_default();
        equal += i32::from(found == [number(2), number(3)]);
    }
    assert_eq!((compared, equal), (432, 432));
}

#[test]
fn states_of_india_hold_the_points_that_lie_in_them() {
    let (Some(file), Some(areas)) = (
        data::open("india/ucdp_events_india_1989_2026.csv"),
        data::open("india/india_admin1.geojson"),
    ) else {
        return;
    };
    let ged = ged::read(file, &ged::Options::default()).unwrap();
    let names = NamedAttributes {
        name: "name".to_owned(),
        code: "iso_3166_2".to_owned(),
        parent: None,
        parent_name: None,
        level: Level::Adm1,
    };
    let reading = boundaries::read_named(areas, &names).unwrap();
    let made = made("IND", &ged, Some(&reading));
    assert_eq!((made.places, made.boundary_level), ([36, 0], Some(Level::Adm1)));
    assert!(made.files["places.toml"].contains("id = \"IN-AS\"\nname = \"Assam\""));
    told("states by points", &made);
    let borders = Boundaries::new(reading.boundaries);
    let points = || (0..ged.events.len()).filter(|index| ged.events.where_prec[*index] <= 4);
    let outside = points().filter(|&index| {
        borders
            .locate(ged.events.latitude[index], ged.events.longitude[index], Level::Adm1)
            .is_none()
    });
    let (outside, all) = (outside.count(), points().count());
    eprintln!(
        "{outside} of {all} points ({:.2} %) lie in no state",
        100.0 * outside as f64 / all as f64
    );
    assert!(outside * 20 < all, "{outside} of {all}");
    assert!(made.placed.share().unwrap() > 0.95);
}
