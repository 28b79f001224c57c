//! The scaffold of a new case, over countries that are invented.

use core::fmt::Write as _;

use sanad_case::{Scaffold, ScaffoldRequest, read_actors, read_case, read_places, scaffold};
use sanad_core::country::Country;
use sanad_core::place::{Level, Location, PlaceBook, Reach};
use sanad_source::boundaries::{self, NamedAttributes, Reading};
use sanad_source::ged::{self, Ged};

/// An event: what it says of place, sides and deaths.
#[derive(Clone, Copy)]
struct Event {
    adm1: &'static str,
    adm2: &'static str,
    precision: u8,
    /// Degrees north and east.
    point: [f64; 2],
    side_b: (&'static str, i64),
    deaths: u32,
    day: &'static str,
}

const USUAL: Event = Event {
    adm1: "North province",
    adm2: "Hill district",
    precision: 1,
    point: [0.5, 0.5],
    side_b: ("ABC", 500),
    deaths: 1,
    day: "2010-03-01",
};

fn read(events: &[Event]) -> Ged {
    let mut file =
        "id,type_of_violence,side_a_new_id,side_a,side_b_new_id,side_b,where_prec,adm_1,adm_2,\
         latitude,longitude,country,country_id,date_start,date_end,best\n"
            .to_owned();
    for (number, event) in (1..).zip(events) {
        let Event { adm1, adm2, precision, point, side_b, deaths, day } = event;
        let _ = writeln!(
            file,
            "{number},1,72,Government of Mali,{},{},{precision},{adm1},{adm2},{},{},Mali,432,{day},{day},{deaths}",
            side_b.1, side_b.0, point[0], point[1]
        );
    }
    ged::read(file.as_bytes(), &ged::Options::default()).unwrap()
}

fn made_of(ged: &Ged, boundaries: Option<&Reading>) -> Scaffold {
    scaffold(&request(ged, boundaries)).unwrap()
}

fn request<'a>(ged: &'a Ged, boundaries: Option<&'a Reading>) -> ScaffoldRequest<'a> {
    ScaffoldRequest {
        id: "Some Country",
        country: Country::of_code("MLI").unwrap(),
        events: &ged.events,
        version: None,
        imported_version: "file-1",
        coverage: &ged.coverage,
        ged_file: "events.csv",
        boundaries,
        boundaries_file: boundaries.map(|_| "areas.geojson"),
        today: "2026-01-01".parse().unwrap(),
    }
}

fn book(made: &Scaffold) -> PlaceBook {
    let case = read_case(&made.files["case.toml"]).unwrap();
    let places = read_places(&made.files["places.toml"]).unwrap();
    places.into_book(case.current_on).unwrap().with_source_levels(case.levels)
}

/// The finest place of an event.
fn place_of(book: &PlaceBook, event: &Event) -> Option<String> {
    let location = Location {
        source: "ucdp-ged",
        adm1: Some(event.adm1).filter(|name| !name.is_empty()),
        adm2: Some(event.adm2).filter(|name| !name.is_empty()),
        reach: Reach::of_where_prec(event.precision).unwrap(),
        polygon: None,
    };
    let placing = book.resolve(&location, event.day.parse().unwrap());
    let found = placing.adm2.or(placing.adm1)?;
    Some(book.get(found).unwrap().name.clone())
}

/// Squares of one degree on the equator, from west to east, with these properties.
fn areas(properties: &[&str]) -> String {
    let feature = |(west, properties): (usize, &&str)| {
        let east = west + 1;
        format!(
            "{{\"type\":\"Feature\",\"properties\":{properties},\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":\
             [[[{west},0],[{east},0],[{east},1],[{west},1],[{west},0]]]}}}}"
        )
    };
    let features: Vec<String> = properties.iter().enumerate().map(feature).collect();
    format!("{{\"type\":\"FeatureCollection\",\"features\":[{}]}}", features.join(","))
}

fn named(parent: bool) -> NamedAttributes {
    NamedAttributes {
        name: "label".to_owned(),
        code: "code".to_owned(),
        parent: parent.then(|| "region".to_owned()),
        parent_name: None,
        level: Level::Adm1,
    }
}

fn four_areas(parent: bool) -> Reading {
    let file = areas(&[
        r#"{"label":"North","code":"A1","region":"10"}"#,
        r#"{"label":"Nariño","code":"A2","region":"10"}"#,
        r#"{"label":"Upper Delta","code":"A3","region":"20"}"#,
        r#"{"label":"Lower Delta","code":"A4","region":"20"}"#,
    ]);
    boundaries::read_named(file.as_bytes(), &named(parent)).unwrap()
}

#[test]
fn without_borders_places_come_from_names_and_points_at_both_levels() {
    let second =
        Event { adm1: "Söuth province", adm2: "Hill district", point: [3.0, 4.0], ..USUAL };
    let third = Event { adm2: "Vale", ..second };
    let events = [USUAL, Event { adm2: "Lake", ..USUAL }, second, third];
    let made = made_of(&read(&events), None);
    assert_eq!((made.places, made.placed.share()), ([2, 3 + 1], Some(1.0)));
    let book = book(&made);
    let south = book.iter().find(|place| place.name == "Söuth").unwrap();
    assert_eq!(
        (south.id.as_str(), south.latitude, south.longitude),
        ("ML-south", Some(3.0), Some(4.0))
    );
    // Two districts have one name, each in its own province.
    let hills: Vec<&str> =
        book.iter().filter(|place| place.name == "Hill").map(|place| place.id.as_str()).collect();
    assert_eq!(hills, ["ML-north-hill", "ML-south-hill"]);
    let hill = |event: &Event| {
        let location = Location {
            source: "ucdp-ged",
            adm1: Some(event.adm1),
            adm2: Some(event.adm2),
            reach: Reach::District,
            polygon: None,
        };
        book.resolve(&location, "2010-03-01".parse().unwrap()).adm2.map(str::to_owned)
    };
    assert_eq!(hill(&second).as_deref(), Some("ML-south-hill"));
}

#[test]
fn a_source_with_one_level_only_gives_a_case_of_one_level() {
    let first =
        [USUAL, Event { adm1: "South province", ..USUAL }].map(|it| Event { adm2: "", ..it });
    let made = made_of(&read(&first), None);
    assert_eq!((made.places, made.placed.share()), ([2, 0], Some(1.0)));
    // The same where the names stand in the other column.
    let second = [USUAL, Event { adm2: "Vale", ..USUAL }].map(|it| Event { adm1: "", ..it });
    let made = made_of(&read(&second), None);
    assert_eq!((made.places, made.placed.share()), ([2, 0], Some(1.0)));
}

#[test]
fn a_district_that_is_the_only_one_named_in_its_province_is_left_to_a_person() {
    let made = made_of(&read(&[USUAL, Event { adm2: "", ..USUAL }]), None);
    assert_eq!(made.places, [1, 0]);
    let places = &made.files["places.toml"];
    assert!(places.contains("# decide: \"Hill district\" (1 events, 1 deaths)"), "{places}");
}

#[test]
fn what_has_no_known_place_is_not_counted_as_one() {
    let at_sea = Event { precision: 7, deaths: 10, ..USUAL };
    let country = Event { adm1: "", adm2: "", precision: 6, deaths: 20, ..USUAL };
    let region = Event { adm1: "", adm2: "", precision: 5, deaths: 30, ..USUAL };
    let named_region = Event { adm2: "", precision: 5, deaths: 2, ..USUAL };
    let made = made_of(&read(&[USUAL, at_sea, country, region, named_region]), None);
    let placed = made.placed;
    assert_eq!((placed.events, placed.deaths), (5, 63));
    assert_eq!((placed.known_deaths, placed.placed_deaths), (3, 3));
}

#[test]
fn borders_give_codes_and_the_points_that_lie_in_them() {
    let events = [
        USUAL,
        Event { adm1: "Narino department", adm2: "", point: [0.5, 1.5], ..USUAL },
        Event { adm1: "Old Nar", adm2: "", point: [0.6, 1.6], ..USUAL },
    ];
    let reading = four_areas(false);
    let made = made_of(&read(&events), Some(&reading));
    assert_eq!((made.places[0], made.boundary_level), (4, Some(Level::Adm1)));
    assert_eq!(made.placed.share(), Some(1.0));
    let book = book(&made);
    let point = book.get("A2").unwrap();
    assert_eq!((point.longitude, point.latitude), (Some(1.5), Some(0.5)));
    assert_eq!(place_of(&book, &events[1]).as_deref(), Some("Nariño"));
    assert_eq!(place_of(&book, &events[2]).as_deref(), Some("Nariño"));
    let places = &made.files["places.toml"];
    assert!(
        places.contains(
            "# decide: place: Nariño holds 1 of the 1 points that events give under this name\n[[alias]]"
        ),
        "{places}"
    );
}

#[test]
fn regions_that_are_codes_alone_are_a_level_that_a_person_must_name() {
    let events =
        [USUAL, Event { adm1: "Nariño", adm2: "North municipality", point: [0.5, 1.5], ..USUAL }];
    let reading = four_areas(true);
    let made = made_of(&read(&events), Some(&reading));
    assert_eq!((made.places, made.boundary_level), ([2, 4], Some(Level::Adm2)));
    let book = book(&made);
    // A municipality that is called as another province is does not take its events there.
    assert_eq!(place_of(&book, &events[1]).as_deref(), Some("Nariño"));
    assert_eq!(book.parent("A2").unwrap().name, "Region 10");
    let places = &made.files["places.toml"];
    assert!(
        places.contains(
            "# decide: name: the file has this region's code alone; it holds North, Nariño"
        )
    );
}

#[test]
fn a_name_that_several_areas_share_becomes_a_place_with_these_as_parts() {
    let events = [
        Event { adm1: "Delta", adm2: "", point: [0.5, 2.5], day: "1999-01-01", ..USUAL },
        Event { adm1: "Delta", adm2: "", point: [0.5, 3.5], day: "2001-05-06", ..USUAL },
    ];
    let reading = four_areas(false);
    let made = made_of(&read(&events), Some(&reading));
    let composite = book(&made).get("ML-delta").unwrap().clone();
    assert!(composite.composite && composite.valid_to.is_none());
    let parts: Vec<&str> = composite.successors.iter().map(|part| part.place.as_str()).collect();
    assert_eq!(parts, ["A3", "A4"]);
    assert_eq!(made.placed.share(), Some(1.0));
    // Where the source names a part as well, the whole ended with its last event.
    let part =
        Event { adm1: "Upper Delta", adm2: "", point: [0.5, 2.4], day: "2005-01-01", ..USUAL };
    let made = made_of(&read(&[events[0], events[1], part]), Some(&reading));
    let ended = book(&made).get("ML-delta").unwrap().clone();
    assert_eq!((ended.composite, ended.valid_to), (false, "2001-05-06".parse().ok()));
}

#[test]
fn a_name_that_joins_the_names_of_two_areas_is_both_of_them() {
    let old = Event { adm1: "North-Nariño province", adm2: "", precision: 4, ..USUAL };
    let reading = four_areas(false);
    let made = made_of(&read(&[old, old, old]), Some(&reading));
    let joined = book(&made).get("ML-north-narino").unwrap().clone();
    let parts: Vec<&str> = joined.successors.iter().map(|part| part.place.as_str()).collect();
    assert_eq!(parts, ["A1", "A2"]);
}

#[test]
fn a_point_that_many_events_share_says_once_where_a_name_is() {
    // The source's own point of the whole, and two villages elsewhere.
    let own = Event { adm1: "Old Delta", adm2: "", precision: 4, point: [0.5, 1.5], ..USUAL };
    let village = Event { precision: 1, point: [0.2, 2.2], ..own };
    let mut events = vec![own; 10];
    events.extend([village, Event { point: [0.4, 2.6], ..village }]);
    let reading = four_areas(false);
    let made = made_of(&read(&events), Some(&reading));
    let shared = book(&made).get("ML-old-delta").unwrap().clone();
    let parts: Vec<&str> = shared.successors.iter().map(|part| part.place.as_str()).collect();
    assert_eq!(parts, ["A2", "A3"]);
}

#[test]
fn borders_of_another_country_are_refused() {
    let elsewhere = Event { point: [40.0, 40.0], ..USUAL };
    let reading = four_areas(false);
    let ged = read(&[elsewhere, elsewhere, USUAL]);
    let refused = scaffold(&request(&ged, Some(&reading))).unwrap_err();
    assert!(refused.is_form(), "{refused}");
    assert!(refused.to_string().contains("fewer than half of the country's events"), "{refused}");
    let ged = read(&[elsewhere, USUAL]);
    assert!(scaffold(&request(&ged, Some(&reading))).is_ok());
}

#[test]
fn what_a_file_covers_is_left_to_decide_where_its_version_is_not_known() {
    let ged = read(&[USUAL, Event { day: "2012-06-05", ..USUAL }]);
    let made = made_of(&ged, None);
    let card = &made.files["ucdp-ged-counts.toml"];
    assert!(card.contains("from = \"2010-03\"\nto = \"2012-06\""), "{card}");
    assert!(card.contains("# decide: from and to") && card.contains("# decide: version"), "{card}");
    let made = scaffold(&ScaffoldRequest { version: Some("25.1"), ..request(&ged, None) }).unwrap();
    assert!(!made.files["ucdp-ged-counts.toml"].contains("# decide: from and to"));
}

#[test]
fn borders_of_districts_lie_in_the_provinces_that_events_name() {
    let events = [
        Event { adm1: "Plain province", adm2: "North", ..USUAL },
        Event { adm1: "Plain province", adm2: "Nariño", point: [0.5, 1.5], ..USUAL },
        Event { adm1: "Shore province", adm2: "Lower Delta", point: [0.5, 3.5], ..USUAL },
    ];
    let reading = four_areas(false);
    let made = made_of(&read(&events), Some(&reading));
    assert_eq!((made.places, made.boundary_level), ([2, 4], Some(Level::Adm2)));
    let book = book(&made);
    let within = |id: &str| book.parent(id).unwrap().name.clone();
    assert_eq!([within("A1"), within("A2"), within("A4")], ["Plain", "Plain", "Shore"]);
    // No event names the province of the third: it is that of its nearest neighbour, to be checked.
    let places = &made.files["places.toml"];
    assert!(places.contains("# decide: within: no event names its province"), "{places}");
}

#[test]
fn numbers_that_count_areas_and_regions_alike_are_told_apart() {
    let file = areas(&[
        r#"{"label":"North","code":1.0,"region":1}"#,
        r#"{"label":"South","code":2,"region":2}"#,
    ]);
    let reading = boundaries::read_named(file.as_bytes(), &named(true)).unwrap();
    let made = made_of(&read(&[USUAL]), Some(&reading));
    let book = book(&made);
    assert_eq!(book.parent("1").unwrap().id, "R1");
}

#[test]
fn an_organisation_has_a_name_only_where_that_cannot_be_a_persons() {
    let sides = [("ABC", 500), ("Forces of Jane Roe", 501), ("Roe clan", 502), ("Civilians", 1)];
    let events = sides.map(|side_b| Event { side_b, ..USUAL });
    let made = made_of(&read(&events), None);
    for (name, text) in &made.files {
        assert!(!text.contains("Roe"), "{name} names a person");
    }
    let actors = read_actors(&made.files["actors.toml"]).unwrap();
    let names: Vec<(&str, &[i64], &str)> = actors
        .iter()
        .map(|one| (one.name.as_str(), one.ucdp_ids.as_slice(), one.family.as_str()))
        .collect();
    assert_eq!(
        names,
        [
            ("Government of Mali", &[72][..], "state"),
            ("ABC", &[500][..], "unknown"),
            ("UCDP actor 501", &[501][..], "unknown"),
            ("UCDP actor 502", &[502][..], "unknown"),
        ]
    );
    assert_eq!((made.organisations, made.numbered), (4, 2));
    // What is known of each, for whoever decides upon its family.
    assert!(made.files["README.md"].contains("| ABC | 500 | 1 | 1 | 2010–2010 |"));
    assert!(
        made.files["actors.toml"]
            .contains("# 1 events, 1 deaths, 2010, types of violence 1\n# decide: kind")
    );
}

#[test]
fn a_country_without_events_is_refused_with_those_that_have_some() {
    let ged = read(&[USUAL]);
    let country = Country::of_code("PER").unwrap();
    let error = scaffold(&ScaffoldRequest { country, ..request(&ged, None) }).unwrap_err();
    let said = error.to_string();
    assert!(said.contains("no event lies in Peru (Gleditsch–Ward number 135)"), "{said}");
    assert!(said.contains("MLI (1)"), "{said}");
}

#[test]
fn names_that_would_break_a_file_of_the_case_do_not() {
    let odd = Event { adm1: "\"A \\ \"\"quoted\"\" # name\"", adm2: "\"line\nbreak\"", ..USUAL };
    let made = made_of(&read(&[odd, Event { adm2: "Other", ..odd }]), None);
    assert_eq!(made.placed.share(), Some(1.0));
    assert_eq!(book(&made).iter().filter(|place| place.level == Level::Adm2).count(), 2);
}

#[test]
fn places_on_both_sides_of_the_antimeridian_have_points_between_them() {
    let west = Event { point: [-16.0, -179.0], adm2: "", ..USUAL };
    let east = Event { point: [-16.0, 179.0], adm2: "", ..USUAL };
    let made = made_of(&read(&[west, east]), None);
    let longitude = book(&made).get("ML-north").unwrap().longitude.unwrap();
    assert!(longitude.abs() > 179.5, "{longitude}");
}
