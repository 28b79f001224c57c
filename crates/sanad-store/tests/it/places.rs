//! Real events in the right places, and the known traps of their names and points.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::OnceLock;

use chrono::NaiveDate;
use sanad_core::Month;
use sanad_core::event::DateRule;
use sanad_core::place::{Level, Location, Method, PlaceBook, Reach, fold_name, priogrid_gid};
use sanad_source::boundaries::Boundaries;
use sanad_store::{Observatory, PanelRequest, PlacesOf, Unit};

use crate::support::{
    DISTRICTS, UCDP_PAKISTAN, by_place_and_month, case_of_pakistan, empty, import_ged,
    import_pakistan, incoming, month, numbers, real, sum, texts,
};

/// An event of the real file and the places it was put into.
struct Placed {
    end: NaiveDate,
    start: NaiveDate,
    adm1: Option<String>,
    adm2: Option<String>,
    where_prec: u8,
    point: (f64, f64),
    deaths: f64,
    /// The district that the source means, and the one in force on the last day.
    named: Option<String>,
    district: Option<String>,
    province: Option<String>,
    method: Method,
    polygon: Option<String>,
}

/// The real events, places and boundaries in one observatory, made once for all tests here.
struct Real {
    _folder: tempfile::TempDir,
    observatory: Observatory,
    book: PlaceBook,
    boundaries: Boundaries,
    events: Vec<Placed>,
}

fn real_events() -> Option<&'static Real> {
    static REAL: OnceLock<Option<Real>> = OnceLock::new();
    REAL.get_or_init(|| {
        let (ged, districts) = (real(UCDP_PAKISTAN)?, real(DISTRICTS)?);
        let (folder, mut observatory) = empty();
        import_pakistan(&mut observatory);
        import_ged(&mut observatory, &ged);
        observatory.import_boundaries(&incoming(&districts)).expect("sound boundaries");
        let book = observatory.places().unwrap();
        let boundaries = observatory.boundaries(None).unwrap().unwrap();
        let events = place_all(&observatory, &book, &boundaries);
        Some(Real { _folder: folder, observatory, book, boundaries, events })
    })
    .as_ref()
}

fn place_all(observatory: &Observatory, book: &PlaceBook, boundaries: &Boundaries) -> Vec<Placed> {
    let table = observatory
        .sql(
            "SELECT CAST(date_start AS VARCHAR) AS date_start, CAST(date_end AS VARCHAR) AS \
             date_end, adm1, adm2, where_prec, latitude, longitude, deaths_best FROM events \
             ORDER BY source_row",
            0,
        )
        .unwrap();
    let (starts, ends) = (texts(&table, "date_start"), texts(&table, "date_end"));
    let (adm1, adm2) = (texts(&table, "adm1"), texts(&table, "adm2"));
    let (norths, easts) = (numbers(&table, "latitude"), numbers(&table, "longitude"));
    let (precisions, deaths) = (numbers(&table, "where_prec"), numbers(&table, "deaths_best"));
    (0..table.num_rows())
        .map(|row| {
            let end = ends[row].as_ref().unwrap().parse().unwrap();
            let where_prec = precisions[row].unwrap() as u8;
            let point = (norths[row].unwrap(), easts[row].unwrap());
            let polygon = boundaries.locate(point.0, point.1, Level::Adm2);
            let location = Location {
                source: "ucdp-ged",
                adm1: adm1[row].as_deref(),
                adm2: adm2[row].as_deref(),
                reach: Reach::of_where_prec(where_prec).unwrap(),
                polygon,
            };
            let placing = book.resolve(&location, end);
            let in_force = |id: &str| {
                let shares = book.on_day(id, end);
                assert_eq!(shares.len(), 1, "{id} on {end}");
                book.get(&shares[0].0).filter(|p| p.is_valid_on(end)).map(|p| p.id.clone())
            };
            Placed {
                end,
                start: starts[row].as_ref().unwrap().parse().unwrap(),
                adm1: adm1[row].clone(),
                adm2: adm2[row].clone(),
                where_prec,
                point,
                deaths: deaths[row].unwrap(),
                named: placing.adm2.map(str::to_owned),
                district: placing.adm2.and_then(in_force),
                province: placing.adm1.and_then(in_force),
                method: placing.method,
                polygon: polygon.map(str::to_owned),
            }
        })
        .collect()
}

fn all_months(unit: Unit) -> PanelRequest {
    PanelRequest::new(unit, month("1988-01"), month("2021-12"))
}

/// Sum over the rows of places, and over the rows of what is not placed.
fn placed_and_not(real: &Real, request: &PanelRequest, column: &str) -> (f64, f64) {
    let panel = real.observatory.panel(request, 0).unwrap();
    let mut sums = (0.0, 0.0);
    for (place, value) in texts(&panel, "place_id").iter().zip(numbers(&panel, column)) {
        let unplaced = place.as_ref().unwrap().starts_with("unplaced");
        *(if unplaced { &mut sums.1 } else { &mut sums.0 }) += value.unwrap_or(0.0);
    }
    sums
}

#[test]
fn nearly_every_event_whose_district_is_known_is_put_into_one_of_its_day() {
    let Some(real) = real_events() else { return };
    let count = |holds: &dyn Fn(&Placed) -> bool| real.events.iter().filter(|e| holds(e)).count();
    let district = count(&|e| e.district.is_some());
    let province = count(&|e| e.district.is_none() && e.province.is_some());
    let neither = count(&|e| e.district.is_none() && e.province.is_none());
    let known = count(&|e| e.where_prec <= 3);
    let placed = count(&|e| e.where_prec <= 3 && e.district.is_some());
    eprintln!(
        "of {} events: district {district}, province only {province}, neither {neither}; \
         of {known} with where_prec 1 to 3: {placed} in a district of their day",
        real.events.len()
    );
    assert_eq!((real.events.len(), known), (6_416, 6_102));
    assert!(placed * 100 >= known * 99, "{placed} of {known}");
    for event in real.events.iter().filter(|event| event.district.is_some()) {
        let place = real.book.get(event.district.as_ref().unwrap()).unwrap();
        assert_eq!(place.level, Level::Adm2);
        assert!(place.is_valid_on(event.end), "{} on {}", place.id, event.end);
    }
    assert_eq!((district, province, neither), (PLACED.0, PLACED.1, PLACED.2));

    let total = real.events.len() as f64;
    let (in_districts, _) = placed_and_not(real, &all_months(Unit::Adm2), "events");
    let (in_provinces, nowhere) = placed_and_not(real, &all_months(Unit::Adm1), "events");
    assert_eq!(in_districts, district as f64, "the panel and the place book agree");
    assert_eq!((in_provinces, nowhere), (total - neither as f64, neither as f64));
}

/// District, province only, neither. Of the 45, 36 are fuzzy regions of which the source names no
/// province, and 9 are the country.
const PLACED: (usize, usize, usize) = (6_102, 269, 45);

#[test]
fn districts_agree_with_the_names_that_the_source_gives() {
    let Some(real) = real_events() else { return };
    let text = fs::read_to_string(case_of_pakistan().join("places.toml")).unwrap();
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let fold = |name: &str| fold_name(name, &["agency", "district", "province"]);
    for alias in sanad_case::read_places(&text).unwrap().aliases {
        names.entry(fold(&alias.name)).or_default().insert(alias.place);
    }
    for place in real.book.iter().filter(|place| place.level == Level::Adm2) {
        names.entry(fold(&place.name)).or_default().insert(place.id.clone());
    }
    let (mut named, mut agreeing, mut polygons, mut same_polygon) = (0, 0, 0, 0);
    let mut differing: BTreeSet<String> = BTreeSet::new();
    for event in real.events.iter().filter(|event| event.where_prec <= 3) {
        let Some(name) = &event.adm2 else { continue };
        named += 1;
        let meant = names.get(&fold(name)).cloned().unwrap_or_default();
        let of_day: BTreeSet<String> = meant
            .iter()
            .flat_map(|id| real.book.on_day(id, event.end))
            .map(|part| part.0)
            .collect();
        if event.district.as_ref().is_some_and(|id| of_day.contains(id)) {
            agreeing += 1;
        } else {
            differing.insert(name.clone());
        }
        if let Some(polygon) = &event.polygon {
            polygons += 1;
            same_polygon += usize::from(
                meant.iter().any(|id| real.book.today(id).iter().any(|part| part.0 == *polygon)),
            );
        }
    }
    eprintln!(
        "{named} events name a district, {agreeing} are in it; by polygon alone {same_polygon} of \
         {polygons}; differing: {differing:?}"
    );
    assert!(agreeing * 100 >= named * 99, "{agreeing} of {named}");
    assert!(
        same_polygon * 100 < polygons * 99,
        "points alone would do: {same_polygon} of {polygons}"
    );
}

/// Events that the source names `name`, which must be at least `count`; their points lie in
/// `polygon` (if the trap says so) and they must be put into `expected` all the same.
fn name_wins(name: &str, count: usize, polygon: &str, at_least: usize, expected: &str) {
    let Some(real) = real_events() else { return };
    let named: Vec<&Placed> = real
        .events
        .iter()
        .filter(|e| e.adm2.as_deref() == Some(name) && e.where_prec <= 3)
        .collect();
    assert!(named.len() >= count, "{} events of {name}", named.len());
    let astray = named.iter().filter(|event| {
        let id = event.polygon.as_deref().unwrap_or_default();
        real.book.get(id).is_some_and(|place| place.name == polygon)
    });
    let astray = astray.count();
    assert!(astray >= at_least, "{astray} points of {name} lie in {polygon}");
    for event in named {
        let of_day = &real.book.on_day(expected, event.end)[0].0;
        assert_eq!(event.district.as_ref(), Some(of_day), "{name} on {}", event.end);
        assert_eq!(event.method, Method::DistrictName);
    }
}

#[test]
fn karachi_is_one_place_of_its_day_and_several_districts_today() {
    let Some(real) = real_events() else { return };
    name_wins("Karachi district", 1, "South Karachi", 0, "PK7-KARACHI");
    let karachi: Vec<&Placed> =
        real.events.iter().filter(|e| e.named.as_deref() == Some("PK7-KARACHI")).collect();
    let mut polygons: BTreeMap<&str, usize> = BTreeMap::new();
    for event in &karachi {
        *polygons.entry(event.polygon.as_deref().unwrap_or("none")).or_default() += 1;
    }
    eprintln!("{} events of Karachi, by polygon {polygons:?}", karachi.len());
    assert!(karachi.iter().all(|event| event.district.as_deref() == Some("PK7-KARACHI")));
    let deaths: f64 = karachi.iter().map(|event| event.deaths).sum();
    let of_day = real.observatory.panel(&all_months(Unit::Adm2), 0).unwrap();
    let today = PanelRequest { places_of: PlacesOf::Current, ..all_months(Unit::Adm2) };
    let today = real.observatory.panel(&today, 0).unwrap();
    let sum_of = |panel, column, ids: &[&str]| -> f64 {
        let cells = by_place_and_month(panel, column);
        cells.iter().filter(|((id, _), _)| ids.contains(&id.as_str())).map(|(_, v)| v).sum()
    };
    assert_eq!(sum_of(&of_day, "deaths_best", &["PK7-KARACHI"]), deaths);
    let parts: Vec<&str> =
        real.book.get("PK7-KARACHI").unwrap().successors.iter().map(|s| s.place.as_str()).collect();
    assert!(parts.len() >= 6);
    let shared = sum_of(&today, "shared_deaths_best", &parts);
    assert!((shared - deaths).abs() < 1e-6, "{shared} of {deaths} marked as shared out");
}

#[test]
fn khyber_agency_is_not_peshawar() {
    name_wins("Khyber agency", 100, "Peshawar", 100, "PK-FATA-KHYBER");
}

#[test]
fn bajaur_agency_is_not_malakand() {
    name_wins("Bajaur agency", 100, "Malakand", 39, "PK-FATA-BAJAUR");
}

#[test]
fn the_frontier_region_of_kohat_is_not_kohat() {
    name_wins("FR Kohat", 70, "Kohat", 70, "PK-FR-KOHAT");
}

#[test]
fn dera_bugti_is_not_gwadar() {
    let Some(real) = real_events() else { return };
    let bugti = real.book.iter().find(|place| place.name == "Dera Bugti").unwrap().id.clone();
    name_wins("Dera Bugti district", 100, "Gwadar", 24, &bugti);
}

#[test]
fn points_outside_every_district_are_placed_by_name() {
    let Some(real) = real_events() else { return };
    let outside: Vec<&Placed> = real.events.iter().filter(|e| e.polygon.is_none()).collect();
    let named: Vec<&&Placed> = outside.iter().filter(|e| e.district.is_some()).collect();
    eprintln!("{} points outside every district, {} placed by name", outside.len(), named.len());
    assert_eq!(outside.len(), 93);
    assert!(named.iter().all(|event| event.method != Method::Geometry));
    assert!(outside.iter().filter(|e| e.where_prec <= 3).all(|event| event.district.is_some()));
    assert_eq!(real.boundaries.len(), 160);
}

#[test]
fn the_tribal_areas_are_in_khyber_pakhtunkhwa_from_the_day_of_the_merger() {
    let Some(real) = real_events() else { return };
    let tribal: Vec<&Placed> = real
        .events
        .iter()
        .filter(|e| e.adm1.as_deref() == Some("Federally Administered Tribal Areas"))
        .collect();
    assert_eq!(tribal.len(), 3_378);
    let merger: NaiveDate = "2018-05-31".parse().unwrap();
    let after = tribal.iter().filter(|event| event.end >= merger).count();
    eprintln!("{} events say FATA, {after} of them after the merger", tribal.len());
    assert!(after > 0);
    for event in &tribal {
        if let Some(province) = event.province.as_deref() {
            let expected = if event.end < merger { "PK-FATA" } else { "PK5" };
            assert_eq!(province, expected, "{:?} on {}", event.adm2, event.end);
        }
        if let Some(district) = event.district.as_deref() {
            assert!(real.book.get(district).unwrap().is_valid_on(event.end));
        }
    }
    let panel = real.observatory.panel(&all_months(Unit::Adm1), 0).unwrap();
    let cells = by_place_and_month(&panel, "events");
    let last = cells.keys().filter(|(place, _)| place == "PK-FATA").map(|key| key.1).max();
    assert_eq!(last, Some(month("2018-05").id()));
}

#[test]
fn fuzzy_regions_and_the_country_are_in_no_district_and_no_cell() {
    let Some(real) = real_events() else { return };
    let of = |least: u8| real.events.iter().filter(move |event| event.where_prec >= least);
    assert!(of(4).all(|event| event.district.is_none() && event.named.is_none()));
    let fuzzy: Vec<&Placed> = of(5).filter(|event| event.where_prec == 5).collect();
    let country: Vec<&Placed> = of(6).collect();
    assert_eq!((fuzzy.len(), country.len()), (245, 9));
    assert_eq!(country.iter().map(|event| event.deaths).sum::<f64>(), 2_258.0);
    assert!(country.iter().all(|event| event.province.is_none()));

    let (_, not_in_districts) = placed_and_not(real, &all_months(Unit::Adm2), "deaths_best");
    let expected: f64 = of(1).filter(|e| e.district.is_none()).map(|e| e.deaths).sum();
    assert_eq!(not_in_districts, expected);
    let (in_cells, in_none) = placed_and_not(real, &all_months(Unit::Priogrid), "deaths_best");
    assert_eq!(in_none, of(4).map(|event| event.deaths).sum::<f64>());
    assert_eq!(in_cells + in_none, of(1).map(|event| event.deaths).sum::<f64>());

    // Cell by cell, against the points themselves.
    let mut expected: BTreeMap<String, f64> = BTreeMap::new();
    for event in real.events.iter().filter(|event| event.where_prec <= 3) {
        let cell = priogrid_gid(event.point.0, event.point.1).unwrap();
        *expected.entry(cell.to_string()).or_default() += event.deaths;
    }
    let panel = real.observatory.panel(&all_months(Unit::Priogrid), 0).unwrap();
    let mut found: BTreeMap<String, f64> = BTreeMap::new();
    for ((place, _), deaths) in by_place_and_month(&panel, "deaths_best") {
        if !place.starts_with("unplaced") {
            *found.entry(place).or_default() += deaths;
        }
    }
    assert_eq!(found, expected);
}

#[test]
fn events_of_several_days_keep_their_deaths_under_every_rule() {
    let Some(real) = real_events() else { return };
    let days = real.events.iter().filter(|event| event.start != event.end).count();
    let crossing = |event: &&Placed| Month::from_date(event.start) != Month::from_date(event.end);
    let months = real.events.iter().filter(crossing).count();
    assert_eq!((days, months), (348, 39));
    let total: f64 = real.events.iter().map(|event| event.deaths).sum();
    for rule in [DateRule::End, DateRule::Start, DateRule::Spread] {
        for unit in [Unit::Country, Unit::Adm1, Unit::Adm2, Unit::Priogrid] {
            let request = PanelRequest { date_rule: rule, ..all_months(unit) };
            let panel = real.observatory.panel(&request, 0).unwrap();
            let millionths = numbers(&panel, "deaths_best").into_iter().flatten();
            let millionths: i64 = millionths.map(|deaths| (deaths * 1e6).round() as i64).sum();
            let found = millionths as f64 / 1e6;
            assert!(
                (found - total).abs() < 1e-3,
                "{} by {rule}: {found} of {total}",
                unit.as_str()
            );
            if rule != DateRule::Spread {
                assert_eq!(sum(&panel, "deaths_best"), total, "{} by {rule}", unit.as_str());
            }
        }
    }
}
