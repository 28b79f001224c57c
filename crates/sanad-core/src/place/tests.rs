//! Places carried through time, and locations resolved.

use super::*;
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn place(id: &str, name: &str, level: Level, within: &str) -> Place {
    Place {
        id: id.into(),
        name: name.into(),
        level,
        within: Some(within.to_owned()).filter(|id| !id.is_empty()),
        gwno: None,
        longitude: None,
        latitude: None,
        valid_from: None,
        valid_to: None,
        successors: Vec::new(),
        share_basis: None,
        composite: false,
        carved_from: None,
        short: None,
        disputed: false,
        cite: None,
        note: None,
    }
}

fn became(mut place: Place, last: &str, next: &[(&str, f64)]) -> Place {
    place.valid_to = last.parse().ok();
    place.successors =
        next.iter().map(|&(place, share)| Successor { place: place.into(), share }).collect();
    place
}

fn since(mut place: Place, first: &str, carved_from: Option<&str>) -> Place {
    place.valid_from = Some(day(first));
    place.carved_from = carved_from.map(str::to_owned);
    place
}

fn book() -> PlaceBook {
    let merger = "2018-05-30";
    let mut city =
        became(place("CITY", "Karachi", Level::Adm2, "P2"), "", &[("EAST", 0.6), ("WEST", 0.4)]);
    city.composite = true;
    let places = vec![
        place("X", "Country", Level::Country, ""),
        place("P1", "Khyber Pakhtunkhwa", Level::Adm1, "X"),
        place("P2", "Sindh", Level::Adm1, "X"),
        became(place("T", "Tribal Areas", Level::Adm1, "X"), merger, &[("P1", 1.0)]),
        became(place("AG", "Bajaur agency", Level::Adm2, "T"), merger, &[("BA", 1.0)]),
        since(place("BA", "Bajaur", Level::Adm2, "P1"), "2018-05-31", None),
        became(place("KH", "Khyber agency", Level::Adm2, "T"), merger, &[("PE", 1.0)]),
        place("PE", "Peshawar", Level::Adm2, "P1"),
        place("P3", "Capital Territory", Level::Adm1, "X"),
        place("CD", "Capital", Level::Adm2, "P3"),
        became(
            place("CH", "Chitral", Level::Adm2, "P1"),
            "2018-11-19",
            &[("CU", 0.4), ("CL", 0.6)],
        ),
        since(place("CU", "Upper Chitral", Level::Adm2, "P1"), "2018-11-20", None),
        since(place("CL", "Lower Chitral", Level::Adm2, "P1"), "2018-11-20", None),
        place("CG", "Chagai", Level::Adm2, "P2"),
        since(place("NU", "Nushki", Level::Adm2, "P2"), "2004-01-01", Some("CG")),
        city,
        place("EAST", "Karachi East", Level::Adm2, "P2"),
        place("WEST", "Karachi West", Level::Adm2, "P2"),
    ];
    let alias = |name: &str, place: &str| Alias {
        name: name.into(),
        place: place.into(),
        source: None,
        from: None,
        to: None,
        note: None,
    };
    let aliases = vec![alias("FATA", "T"), alias("Khyber Pakhtunkwa province", "P1")];
    PlaceBook::new(places, aliases, day("2022-09-09")).unwrap()
}

fn somewhere<'a>(adm1: &'a str, adm2: &'a str, where_prec: u8) -> Location<'a> {
    Location {
        source: "ucdp-ged",
        adm1: Some(adm1).filter(|name| !name.is_empty()),
        adm2: Some(adm2).filter(|name| !name.is_empty()),
        reach: Reach::of_where_prec(where_prec).unwrap(),
        polygon: None,
    }
}

#[test]
fn an_agency_becomes_its_district_on_the_day_of_the_merger() {
    let book = book();
    for name in ["Bajaur agency", "Bajaur"] {
        let location = somewhere("FATA", name, 1);
        let found = |on: &str| {
            let placing = book.resolve(&location, day(on));
            let named = placing.adm2.unwrap();
            let shares = book.on_day(named, day(on));
            assert_eq!(shares.len(), 1);
            (shares[0].0.clone(), book.today(named)[0].0.clone())
        };
        assert_eq!(found("2018-05-30"), ("AG".into(), "BA".into()), "{name}");
        assert_eq!(found("2018-05-31"), ("BA".into(), "BA".into()), "{name}");
    }
    let province = |on| book.on_day(book.resolve(&somewhere("FATA", "", 4), on).adm1.unwrap(), on);
    assert_eq!(province(day("2010-01-01"))[0].0, "T");
    assert_eq!(province(day("2020-01-01"))[0].0, "P1");
}

#[test]
fn a_place_not_yet_cut_out_is_its_parent_on_the_day_and_itself_today() {
    let book = book();
    assert_eq!(book.on_day("NU", day("1990-06-01")), [("CG".to_owned(), WHOLE_PPM)]);
    assert_eq!(book.today("NU"), [("NU".to_owned(), WHOLE_PPM)]);
}

#[test]
fn a_split_is_shared_out_and_a_composite_only_today() {
    let book = book();
    let chitral = book.today("CH");
    assert_eq!(chitral, [("CL".to_owned(), 600_000), ("CU".to_owned(), 400_000)]);
    assert_eq!(book.on_day("EAST", day("2010-01-01")), [("CITY".to_owned(), WHOLE_PPM)]);
    assert_eq!(book.on_day("CITY", day("2020-01-01")), [("CITY".to_owned(), WHOLE_PPM)]);
    assert_eq!(book.today("CITY").len(), 2);
    let listed: Vec<&str> =
        book.in_force(Level::Adm2, day("2010-01-01")).map(|place| place.id.as_str()).collect();
    assert_eq!(listed, ["AG", "CD", "CG", "CH", "CITY", "KH", "NU", "PE"]);
    assert!(book.current(Level::Adm2).all(|place| place.id != "CITY" && place.id != "AG"));
}

#[test]
fn nothing_is_placed_finer_than_its_precision_allows() {
    let book = book();
    let on = day("2010-01-01");
    for (where_prec, adm2, adm1) in
        [(3, Some("PE"), Some("P1")), (4, None, Some("P1")), (5, None, Some("P1")), (6, None, None)]
    {
        let mut location = somewhere("Khyber Pakhtunkwa province", "Peshawar district", where_prec);
        location.polygon = Some("PE");
        let placing = book.resolve(&location, on);
        assert_eq!((placing.adm2, placing.adm1), (adm2, adm1), "where_prec {where_prec}");
    }
}

#[test]
fn the_name_wins_over_the_polygon_and_the_province_must_agree_with_it() {
    let book = book();
    let on = day("2010-01-01");
    let mut named = somewhere("FATA", "Bajaur agency", 2);
    named.polygon = Some("PE");
    assert_eq!(book.resolve(&named, on).adm2, Some("AG"));
    let mut unnamed = somewhere("Khyber Pakhtunkwa province", "", 2);
    unnamed.polygon = Some("PE");
    assert_eq!(book.resolve(&unnamed, on).method, Method::Geometry);
    let mut elsewhere = somewhere("Sindh", "", 2);
    elsewhere.polygon = Some("PE");
    assert_eq!(book.resolve(&elsewhere, on).adm2, None);
    assert_eq!(book.resolve(&elsewhere, on).adm1, Some("P2"));
    let mut tribal = somewhere("FATA", "", 2);
    tribal.polygon = Some("BA");
    assert_eq!(book.resolve(&tribal, on).adm2, Some("BA"));
    assert_eq!(book.on_day("BA", on)[0].0, "AG");
}

#[test]
fn a_province_of_one_district_is_enough_to_know_the_district() {
    let book = book();
    let on = day("2010-01-01");
    let placing = book.resolve(&somewhere("Capital Territory", "", 3), on);
    assert_eq!((placing.adm2, placing.method), (Some("CD"), Method::OnlyDistrict));
    let coarse = book.resolve(&somewhere("Capital Territory", "", 4), on);
    assert_eq!((coarse.adm2, coarse.adm1), (None, Some("P3")));
}

#[test]
fn a_book_that_contradicts_itself_is_refused() {
    let build = |places| PlaceBook::new(places, Vec::new(), day("2022-01-01")).unwrap_err();
    let twice = place("A", "A", Level::Country, "");
    assert!(build(vec![twice.clone(), twice]).to_string().contains("listed twice"));
    let lost = place("A", "A", Level::Adm1, "B");
    assert!(build(vec![lost]).to_string().contains("within names"));
    let uneven = became(place("A", "A", Level::Adm2, ""), "2000-01-01", &[("A", 0.5)]);
    assert!(build(vec![uneven]).to_string().contains("add up to 0.500000"));
    let circle = became(place("A", "A", Level::Adm2, ""), "2000-01-01", &[("A", 1.0)]);
    assert!(build(vec![circle]).to_string().contains("leads back"));
    let gone = became(place("A", "A", Level::Adm2, ""), "2000-01-01", &[("B", 1.0)]);
    let late = since(place("B", "B", Level::Adm2, ""), "2000-01-03", None);
    assert!(build(vec![gone, late]).to_string().contains("begins on 2000-01-03"));
    let ended = became(place("A", "A", Level::Adm2, ""), "2000-01-01", &[]);
    assert!(build(vec![ended]).to_string().contains("which places it became"));
}

proptest! {
    #[test]
    fn shares_are_whole_and_never_negative(weights in prop::collection::vec(0.0_f64..1e9, 1..40)) {
        let parts = apportion(&weights);
        prop_assert_eq!(parts.iter().sum::<i64>(), WHOLE_PPM);
        prop_assert!(parts.iter().all(|part| *part >= 0));
    }

    #[test]
    fn carrying_a_place_keeps_the_whole_on_places_in_force(
        at in 0_usize..18,
        days in 0_u64..20_000,
    ) {
        let book = book();
        let id = book.iter().nth(at).unwrap().id.clone();
        let on = day("1980-01-01") + Days::new(days);
        let shares = book.on_day(&id, on);
        prop_assert_eq!(shares.iter().map(|share| share.1).sum::<i64>(), WHOLE_PPM);
        for (part, _) in shares {
            prop_assert!(book.get(&part).unwrap().is_valid_on(on), "{id} on {on} gave {part}");
        }
    }
}

#[test]
fn a_source_whose_first_level_is_the_districts_is_placed_by_it() {
    let places = vec![
        place("X", "Country", Level::Country, ""),
        place("P", "Province", Level::Adm1, "X"),
        place("D", "Name of D", Level::Adm2, "P"),
        place("E", "Name of E", Level::Adm2, "P"),
    ];
    let book = PlaceBook::new(places, Vec::new(), day("2022-09-09")).unwrap();
    let location = Location {
        source: "s",
        adm1: Some("Name of D"),
        adm2: None,
        // The source knows its own first level and no more.
        reach: Reach::Province,
        polygon: None,
    };
    let on = day("2020-01-01");
    assert_eq!(book.resolve(&location, on).adm2, None);
    let levels = SourceLevels { adm1: Level::Adm2, adm2: Level::Adm2 };
    let book = book.with_source_levels([("s".to_owned(), levels)].into());
    assert_eq!(book.resolve(&location, on).adm2, Some("D"));
    assert_eq!(book.resolve(&location, on).adm1, Some("P"));
    // Another source keeps the case's levels.
    assert_eq!(book.resolve(&Location { source: "t", ..location }, on).adm2, None);
}

#[test]
fn a_second_level_that_is_finer_than_the_cases_districts_names_none_of_them() {
    let places = vec![
        place("X", "Country", Level::Country, ""),
        place("R", "Region", Level::Adm1, "X"),
        place("D", "Sultan", Level::Adm2, "R"),
        place("E", "Other", Level::Adm2, "R"),
    ];
    let levels = SourceLevels { adm1: Level::Adm2, adm2: Level::Adm2 };
    let book = PlaceBook::new(places, Vec::new(), day("2022-09-09")).unwrap();
    let book = book.with_source_levels([("s".to_owned(), levels)].into());
    let location = Location {
        source: "s",
        adm1: Some("Other province"),
        adm2: Some("Sultan municipality"),
        reach: Reach::District,
        polygon: None,
    };
    assert_eq!(book.resolve(&location, day("2020-01-01")).adm2, Some("E"));
}

#[test]
fn of_two_districts_with_one_name_the_one_in_the_named_province_is_meant() {
    let places = vec![
        place("X", "Country", Level::Country, ""),
        place("P", "North", Level::Adm1, "X"),
        place("Q", "South", Level::Adm1, "X"),
        place("P1", "San Juan", Level::Adm2, "P"),
        place("Q1", "San Juan", Level::Adm2, "Q"),
        place("Q2", "Else", Level::Adm2, "Q"),
    ];
    let book = PlaceBook::new(places, Vec::new(), day("2022-09-09")).unwrap();
    let at = |adm1| {
        let location = Location {
            source: "s",
            adm1,
            adm2: Some("San Juan municipality"),
            reach: Reach::District,
            polygon: None,
        };
        book.resolve(&location, day("2020-01-01")).adm2.map(str::to_owned)
    };
    assert_eq!(at(Some("South province")).as_deref(), Some("Q1"));
    assert_eq!(at(Some("North province")).as_deref(), Some("P1"));
    assert_eq!(at(None).as_deref(), Some("P1"));
}

#[test]
fn a_point_in_a_provinces_polygon_is_placed_where_the_source_names_nothing() {
    let places = vec![
        place("X", "Country", Level::Country, ""),
        place("P", "North", Level::Adm1, "X"),
        place("Q", "South", Level::Adm1, "X"),
    ];
    let book = PlaceBook::new(places, Vec::new(), day("2022-09-09")).unwrap();
    let at = |adm1, reach| {
        let location = Location { source: "s", adm1, adm2: None, reach, polygon: Some("P") };
        let placing = book.resolve(&location, day("2020-01-01"));
        (placing.adm1.map(str::to_owned), placing.method)
    };
    assert_eq!(at(None, Reach::Province), (Some("P".to_owned()), Method::Geometry));
    assert_eq!(at(Some("South"), Reach::Province), (Some("Q".to_owned()), Method::ProvinceName));
    assert_eq!(at(Some("Nowhere"), Reach::Province), (None, Method::Unplaced));
    assert_eq!(at(None, Reach::Region), (None, Method::Unplaced));
}
