//! Borders.

use std::collections::BTreeMap;

use geo::{Coord, LineString, MultiPolygon, Polygon};
use proptest::prelude::*;
use sanad_core::diagnostic::Issue;
use sanad_core::place::Level;
use sanad_source::boundaries::{
    Boundaries, Boundary, NamedAttributes, decode_wkb, encode_wkb, read, read_named,
};
use sanad_source::ged;

use crate::data;

/// A file with one feature per pair of properties and coordinates.
pub(crate) fn file(features: &[(&str, &str)]) -> String {
    let features: Vec<String> = features
        .iter()
        .map(|(properties, geometry)| {
            format!(r#"{{"type":"Feature","properties":{properties},"geometry":{geometry}}}"#)
        })
        .collect();
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
}

fn square(west: f64, south: f64, side: f64) -> String {
    let (east, north) = (west + side, south + side);
    format!(
        "[[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}],[{west},{south}]]"
    )
}

fn district(code: &str) -> String {
    format!(r#"{{"ADM2_EN":"{code}","ADM2_PCODE":"{code}","ADM1_PCODE":"P"}}"#)
}

fn polygon(rings: &[String]) -> String {
    format!(r#"{{"type":"Polygon","coordinates":[{}]}}"#, rings.join(","))
}

#[test]
fn attributes_of_ocha_and_geo_boundaries_are_told_apart() {
    let shape = polygon(&[square(0.0, 0.0, 1.0)]);
    let text = file(&[
        (r#"{"ADM0_EN":"A","ADM0_PCODE":"XX","validOn":"2022-09-09","date":"2022-09-02"}"#, &shape),
        (
            r#"{"ADM1_FR":"B","ADM1_PCODE":"XX1","ADM0_PCODE":"XX","date":"2022-09-02T00:00:00"}"#,
            &shape,
        ),
        (r#"{"adm2_name":"C","adm2_pcode":"XX101","adm1_pcode":"XX1","adm0_pcode":"XX"}"#, &shape),
        (
            r#"{"shapeName":"D","shapeISO":"XX-D","shapeID":"9","shapeGroup":"XXX","shapeType":"ADM1"}"#,
            &shape,
        ),
        (
            r#"{"shapeName":"E","shapeISO":"","shapeID":"9B","shapeGroup":"XXX","shapeType":"ADM2"}"#,
            &shape,
        ),
        (
            r#"{"shapeName":"F","shapeISO":"XXX","shapeID":"1","shapeGroup":"XXX","shapeType":"ADM0"}"#,
            &shape,
        ),
    ]);
    let reading = read(text.as_bytes()).unwrap();
    let described: Vec<String> = reading
        .boundaries
        .iter()
        .map(|boundary| {
            let day = boundary.valid_on.map_or_else(|| "-".to_owned(), |day| day.to_string());
            format!(
                "{} {} {} {} {day}",
                boundary.level,
                boundary.id,
                boundary.name,
                boundary.parent.as_deref().unwrap_or("-")
            )
        })
        .collect();
    assert_eq!(
        described,
        [
            "country XX A - 2022-09-09",
            "adm1 XX1 B XX 2022-09-02",
            "adm2 XX101 C XX1 -",
            "adm1 XX-D D XXX -",
            "adm2 9B E - -",
            "country XXX F - -",
        ]
    );
    assert!(reading.diagnostics.is_empty());
}

/// The key and name of each feature of geoBoundaries with these attributes, and remarks.
fn keys_of(features: &[&str]) -> (Vec<String>, Vec<String>) {
    let shape = polygon(&[square(0.0, 0.0, 1.0)]);
    let features: Vec<(&str, &str)> =
        features.iter().map(|feature| (*feature, shape.as_str())).collect();
    let reading = read(file(&features).as_bytes()).unwrap();
    let keys = reading
        .boundaries
        .iter()
        .map(|boundary| format!("{} {}", boundary.level, boundary.id))
        .collect();
    let diagnostic = |diagnostic: &sanad_core::diagnostic::Diagnostic| {
        format!(
            "{} {} {}",
            diagnostic.column,
            diagnostic.issue.as_str(),
            if diagnostic.kept { "kept" } else { "left out" }
        )
    };
    (keys, reading.diagnostics.iter().map(diagnostic).collect())
}

fn province(name: &str, iso: &str, id: &str) -> String {
    format!(
        r#"{{"shapeName":"{name}","shapeISO":"{iso}","shapeID":"{id}","shapeGroup":"CIV","shapeType":"ADM1"}}"#
    )
}

#[test]
fn a_filler_is_no_key_of_a_province() {
    for filler in ["ADM1", "adm1", "", "NA", "N/A", "nan", "null", "None", "-", "CIV", "CI"] {
        let features: Vec<String> =
            (1..4).map(|n| province(&format!("P{n}"), filler, &format!("4427B{n}"))).collect();
        let features: Vec<&str> = features.iter().map(String::as_str).collect();
        let (keys, diagnostics) = keys_of(&features);
        assert_eq!(keys, ["adm1 4427B1", "adm1 4427B2", "adm1 4427B3"], "{filler}");
        assert!(diagnostics.is_empty(), "{filler}: {diagnostics:?}");
    }
}

#[test]
fn a_key_is_used_only_where_one_feature_has_it() {
    let [a, b, c] = [("A", "CI-AB", "1"), ("B", "CI-AB", "2"), ("C", "CI-ZZ", "3")]
        .map(|(n, i, d)| province(n, i, d));
    let (keys, diagnostics) = keys_of(&[&a, &b, &c]);
    assert_eq!(keys, ["adm1 1", "adm1 2", "adm1 CI-ZZ"]);
    assert_eq!(diagnostics, ["shapeISO duplicate-id kept"; 2]);
    // An identifier that all features share is a filler too; the names tell them apart.
    let [a, b, c] = ["A", "B", "C"].map(|name| province(name, "ADM1", "0"));
    let (keys, diagnostics) = keys_of(&[&a, &b, &c]);
    assert_eq!(keys, ["adm1 A", "adm1 B", "adm1 C"]);
    assert_eq!(diagnostics, ["shapeID duplicate-id kept"; 3]);
    // A remark names the column of the key that was used.
    let [a, b] = ["A", "B"].map(|name| province(name, "ADM1", "7"));
    let (keys, diagnostics) = keys_of(&[&a, &b]);
    assert_eq!(keys, ["adm1 7"]);
    assert_eq!(diagnostics, ["shapeID duplicate-id left out"]);
}

#[test]
fn countries_of_a_global_file_are_known_by_their_group() {
    let country = |group: &str, more: &str| {
        format!(r#"{{"shapeGroup":"{group}","shapeType":"ADM0","shapeName":"{group} name"{more}}}"#)
    };
    let [a, b, c] = [
        country("PAK", ""),
        country("AFG", r#","shapeISO":"ADM0","shapeID":"9""#),
        country("133", r#","shapeISO":"None""#),
    ];
    let (keys, diagnostics) = keys_of(&[&a, &b, &c]);
    assert_eq!(keys, ["country PAK", "country AFG", "country 133"]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
}

#[test]
fn a_filler_in_a_finer_code_makes_no_feature_a_district() {
    let of = |n: u8, finer: &str| {
        format!(
            r#"{{"ADM1_EN":"P{n}","ADM1_PCODE":"XX{n}","ADM0_PCODE":"XX","ADM2_PCODE":"{finer}"}}"#
        )
    };
    for filler in ["NA", "N/A", "-", "ADM2", "null", "not yet", "0"] {
        let features = [of(1, filler), of(2, filler), of(3, filler)];
        let (keys, diagnostics) = keys_of(&features.each_ref().map(String::as_str));
        assert_eq!(keys, ["adm1 XX1", "adm1 XX2", "adm1 XX3"], "{filler}");
        assert!(diagnostics.is_empty(), "{filler}: {diagnostics:?}");
    }
}

#[test]
fn a_name_that_is_spelt_like_a_word_for_nothing_stays_and_namibia_is_a_country() {
    let shape = polygon(&[square(0.0, 0.0, 1.0)]);
    let text = file(&[
        (r#"{"ADM1_EN":"Nan","ADM1_PCODE":"TH55","ADM0_PCODE":"TH"}"#, &shape),
        (r#"{"ADM0_EN":"Namibia","ADM0_PCODE":"NA"}"#, &shape),
        (r#"{"ADM1_EN":"N/A","ADM1_PCODE":"NA01","ADM0_PCODE":"NA"}"#, &shape),
    ]);
    let reading = read(text.as_bytes()).unwrap();
    let described =
        |boundary: &Boundary| format!("{} {} in {:?}", boundary.id, boundary.name, boundary.parent);
    assert_eq!(
        reading.boundaries.iter().map(described).collect::<Vec<_>>(),
        [r#"TH55 Nan in Some("TH")"#, "NA Namibia in None", r#"NA01 NA01 in Some("NA")"#,]
    );
    assert_eq!(reading.diagnostics.len(), 1);
}

/// The area in square degrees, with what was said about it.
fn area_of(rings: &[&str]) -> (f64, Boundaries, Vec<String>) {
    use geo::Area;
    let rings: Vec<String> = rings.iter().map(|ring| (*ring).to_owned()).collect();
    let reading = read(file(&[(&district("F"), &polygon(&rings))]).as_bytes()).unwrap();
    let found = reading.diagnostics.iter().map(|diagnostic| diagnostic.found.clone()).collect();
    let area = reading.boundaries.iter().map(|boundary| boundary.shape.unsigned_area()).sum();
    (area, Boundaries::new(reading.boundaries), found)
}

#[test]
fn a_ring_that_crosses_the_antimeridian_is_split_there() {
    let crosses = ["a ring that crosses the antimeridian"];
    for ring in [
        "[[179,-17],[-179,-17],[-179,-16],[179,-16],[179,-17]]",
        "[[-179,-16],[179,-16],[179,-17],[-179,-17],[-179,-16]]",
        "[[179,-17],[180,-17],[-180,-17],[-179,-17],[-179,-16],[-180,-16],[180,-16],[179,-16],[179,-17]]",
        // The same with longitudes that go on.
        "[[179,-17],[181,-17],[181,-16],[179,-16],[179,-17]]",
        "[[-181,-17],[-179,-17],[-179,-16],[-181,-16],[-181,-17]]",
    ] {
        let (area, boundaries, found) = area_of(&[ring]);
        assert_eq!(found, crosses, "{ring}");
        assert!((area - 2.0).abs() < 1e-9, "{ring}: {area}");
        let at = |longitude: f64| boundaries.locate(-16.5, longitude, Level::Adm2).is_some();
        assert!(at(179.5) && at(-179.5) && !at(0.0) && !at(178.5), "{ring}");
    }
    // A hole on the far side, written from the other end.
    let (area, boundaries, found) = area_of(&[
        "[[178,-18],[-178,-18],[-178,-15],[178,-15],[178,-18]]",
        "[[-179.5,-17],[-179.5,-16],[-178.5,-16],[-178.5,-17],[-179.5,-17]]",
        "[[179.5,-17],[179.5,-16],[-179.9,-16],[-179.9,-17],[179.5,-17]]",
    ]);
    assert_eq!(found, ["a ring that crosses the antimeridian"; 2]);
    assert!((area - (12.0 - 1.0 - 0.6)).abs() < 1e-9, "{area}");
    assert_eq!(boundaries.locate(-16.5, -179.0, Level::Adm2), None);
    assert_eq!(boundaries.locate(-16.5, 179.8, Level::Adm2), None);
    assert_eq!(boundaries.locate(-16.5, 178.5, Level::Adm2), Some("F"));
}

#[test]
fn what_was_split_by_its_publisher_or_reaches_a_pole_stays_as_it_is() {
    let (area, _, found) = area_of(&["[[-180,-90],[180,-90],[180,-80],[-180,-80],[-180,-90]]"]);
    assert_eq!((area, found.len()), (3600.0, 0));
    let (area, _, found) = area_of(&["[[179,-17],[180,-17],[180,-16],[179,-16],[179,-17]]"]);
    assert_eq!((area, found.len()), (1.0, 0));
    let (_, _, found) = area_of(&["[[-170,-80],[0,-75],[170,-80],[-170,-80]]"]);
    assert_eq!(found, ["a ring that goes round a pole"]);
}

#[test]
fn a_hole_is_no_part_of_its_district_whichever_way_its_ring_runs() {
    let hole = square(1.0, 1.0, 1.0);
    let turned = "[[1,1],[1,2],[2,2],[2,1],[1,1]]".to_owned();
    for hole in [hole, turned] {
        let shape = polygon(&[square(0.0, 0.0, 3.0), hole]);
        let reading = read(file(&[(&district("A"), &shape)]).as_bytes()).unwrap();
        assert!(reading.diagnostics.is_empty());
        assert_eq!(reading.boundaries[0].rings().filter(|(hole, _)| *hole).count(), 1);
        let boundaries = Boundaries::new(reading.boundaries);
        assert_eq!(boundaries.locate(0.5, 0.5, Level::Adm2), Some("A"));
        assert_eq!(boundaries.locate(1.5, 1.5, Level::Adm2), None);
        assert_eq!(boundaries.locate(0.5, 0.5, Level::Adm1), None);
        assert_eq!(boundaries.locate(f64::NAN, 0.5, Level::Adm2), None);
    }
}

#[test]
fn a_point_on_a_shared_border_goes_to_the_first_identifier() {
    let (left, right) = (polygon(&[square(0.0, 0.0, 1.0)]), polygon(&[square(1.0, 0.0, 1.0)]));
    let orders = [[("B", &left), ("A", &right)], [("A", &right), ("B", &left)]];
    for order in orders {
        let features = order.map(|(code, shape)| (district(code), shape.clone()));
        let text = file(&features.each_ref().map(|(a, b)| (a.as_str(), b.as_str())));
        let boundaries = Boundaries::new(read(text.as_bytes()).unwrap().boundaries);
        assert_eq!(boundaries.locate(0.5, 1.0, Level::Adm2), Some("A"));
        assert_eq!(boundaries.locate(0.0, 0.5, Level::Adm2), Some("B"));
        assert_eq!(boundaries.locate(0.5, 0.5, Level::Adm2), Some("B"));
    }
}

#[test]
fn published_districts_are_read_without_a_remark() {
    let features = [("pak_adm0", 1), ("pak_adm1", 7), ("pak_adm2", 160)];
    for (name, count) in features {
        let Some(file) = data::open(&format!("boundaries/{name}_codab_20220909.geojson")) else {
            return;
        };
        let reading = read(file).unwrap();
        assert_eq!((reading.boundaries.len(), reading.features_read), (count, count as u64));
        assert_eq!(reading.diagnostics, []);
        let valid_on = "2022-09-09".parse().ok();
        assert!(reading.boundaries.iter().all(|boundary| boundary.valid_on == valid_on));
    }
}

/// Why districts are never found by geometry alone: these counts are what geometry makes of them,
/// and an independent ray-casting program gives the same.
#[test]
fn geometry_alone_puts_events_into_the_wrong_districts() {
    let (Some(events), Some(borders)) = (
        data::open("ucdp/GEDEvent_v22_1_pakistan.csv"),
        data::open("boundaries/pak_adm2_codab_20220909.geojson"),
    ) else {
        return;
    };
    let events = ged::read(events, &ged::Options::default()).unwrap().events;
    let boundaries = Boundaries::new(read(borders).unwrap().boundaries);
    let mut counts = BTreeMap::<(String, String), u32>::new();
    for at in 0..events.len() {
        let id = boundaries.locate(events.latitude[at], events.longitude[at], Level::Adm2);
        let found = id.map(|id| boundaries.get(Level::Adm2, id).unwrap().name.clone());
        let named = events.adm2.get(at).to_owned();
        *counts.entry((named, found.unwrap_or_default())).or_default() += 1;
    }
    let count = |named: &str, found: &str| {
        let it = counts.iter().filter(|((have, place), _)| have.contains(named) && place == found);
        it.map(|(_, count)| count).sum::<u32>()
    };
    assert_eq!(count("", ""), 93);
    assert_eq!(count("Karachi", "South Karachi"), 337);
    assert_eq!(count("Khyber agency", "Peshawar"), 111);
    assert_eq!(count("Khyber agency", "Khyber"), 460);
    assert_eq!(count("Bajaur", "Malakand"), 39);
    assert_eq!(count("FR Kohat", "Kohat"), 74);
    assert_eq!(count("Dera Bugti", "Gwadar"), 24);
}

fn star(points: &[(f64, f64)]) -> MultiPolygon<f64> {
    let ring = points.iter().enumerate().map(|(at, (turn, radius))| {
        let angle = (at as f64 + turn) / points.len() as f64 * core::f64::consts::TAU;
        Coord { x: 70.0 + radius * angle.cos(), y: 30.0 + radius * angle.sin() }
    });
    MultiPolygon(vec![Polygon::new(LineString(ring.collect()), Vec::new())])
}

/// Even-odd ray casting, written down independently.
fn inside(ring: &[Coord<f64>], x: f64, y: f64) -> bool {
    ring.windows(2).fold(false, |odd, pair| {
        let (a, b) = (pair[0], pair[1]);
        let crosses = (a.y > y) != (b.y > y) && x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x;
        odd != crosses
    })
}

proptest! {
    #[test]
    fn a_point_is_in_the_polygon_that_ray_casting_finds(
        points in prop::collection::vec((0.0_f64..0.9, 0.5_f64..5.0), 3..40),
        x in 64.0_f64..76.0,
        y in 24.0_f64..36.0,
    ) {
        let shape = star(&points);
        let expected = inside(&shape.0[0].exterior().0, x, y);
        let boundaries = Boundaries::new(vec![Boundary {
            level: Level::Adm2,
            id: "A".into(),
            name: "A".into(),
            parent: None,
            valid_on: None,
            shape,
        }]);
        prop_assert_eq!(boundaries.locate(y, x, Level::Adm2).is_some(), expected);
    }

    #[test]
    fn a_star_does_not_meet_itself_and_a_star_with_two_points_exchanged_is_checked(
        points in prop::collection::vec((0.0_f64..0.9, 0.5_f64..5.0), 5..30),
        swap in any::<bool>(),
    ) {
        let mut ring = star(&points).0[0].exterior().0.clone();
        if swap {
            ring.swap(1, 2);
        }
        let brute = meets_itself(&ring);
        let coordinates: Vec<String> =
            ring.iter().map(|point| format!("[{:?},{:?}]", point.x, point.y)).collect();
        let shape = polygon(&[format!("[{}]", coordinates.join(","))]);
        let reading = read(file(&[(&district("A"), &shape)]).as_bytes()).unwrap();
        let noted = reading.diagnostics.iter().any(|diagnostic| diagnostic.issue == Issue::BadGeometry && diagnostic.kept);
        prop_assert_eq!(noted, brute);
        prop_assert!(swap || !brute);
    }

    #[test]
    fn shapes_survive_well_known_binary(
        points in prop::collection::vec((0.0_f64..0.9, 0.5_f64..5.0), 3..40),
        copies in 0_usize..4,
    ) {
        let shape = MultiPolygon(vec![star(&points).0[0].clone(); copies]);
        let bytes = encode_wkb(&shape);
        prop_assert_eq!(decode_wkb(&bytes).unwrap(), shape);
        for end in 0..bytes.len().min(200) {
            prop_assert!(decode_wkb(&bytes[..end]).is_err());
        }
    }

    #[test]
    fn bytes_of_no_file_are_an_error_and_never_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        prop_assert!(read(&bytes[..]).is_err());
        let _ = decode_wkb(&bytes);
    }

    #[test]
    fn a_damaged_file_never_panics(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        end in any::<prop::sample::Index>(),
    ) {
        let shape = polygon(&[square(0.0, 0.0, 3.0), square(1.0, 1.0, 1.0)]);
        let mut bytes = file(&[(&district("A"), &shape)]).into_bytes();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = read(&bytes[..]);
        let _ = read(&bytes[..end.index(bytes.len())]);
    }
}

/// Whether any two segments that are not neighbours have a point in common, by signed areas.
fn meets_itself(ring: &[Coord<f64>]) -> bool {
    let side = |a: Coord<f64>, b: Coord<f64>, c: Coord<f64>| {
        (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
    };
    let count = ring.len() - 1;
    (0..count).any(|i| {
        (i + 2..count).filter(|j| i > 0 || *j + 1 < count).any(|j| {
            let (a, b, c, d) = (ring[i], ring[i + 1], ring[j], ring[j + 1]);
            side(a, b, c) * side(a, b, d) <= 0.0 && side(c, d, a) * side(c, d, b) <= 0.0
        })
    })
}

#[test]
fn attributes_that_a_person_names_are_read_whatever_their_case_and_form() {
    let [one, two, three] = [0.0, 2.0, 4.0].map(|west| polygon(&[square(west, 0.0, 1.0)]));
    let text = file(&[
        (r#"{"Label": "North", "CODE": 7.0, "reg": 190, "reg_label": "Region"}"#, &one),
        (r#"{"Label": null, "CODE": 8, "reg": 190, "reg_label": "Region"}"#, &two),
        (r#"{"Label": "No code", "CODE": null, "reg": 190, "reg_label": "Region"}"#, &three),
    ]);
    let mut names = NamedAttributes {
        name: "label".to_owned(),
        code: "code".to_owned(),
        parent: Some("REG".to_owned()),
        parent_name: Some("reg_label".to_owned()),
        level: Level::Adm2,
    };
    let reading = read_named(text.as_bytes(), &names).unwrap();
    let kept: Vec<(&str, &str, Option<&str>)> = reading
        .boundaries
        .iter()
        .map(|one| (one.id.as_str(), one.name.as_str(), one.parent.as_deref()))
        .collect();
    assert_eq!(kept, [("7", "North", Some("190")), ("8", "8", Some("190"))]);
    assert_eq!(reading.parent_names["190"], "Region");
    assert_eq!(reading.diagnostics.iter().filter(|diagnostic| !diagnostic.kept).count(), 1);
    "title".clone_into(&mut names.name);
    let error = read_named(text.as_bytes(), &names).unwrap_err();
    assert!(error.is_layout());
    assert!(error.to_string().contains("\"title\"; found CODE, Label, reg, reg_label"), "{error}");
}

#[test]
fn the_point_that_stands_for_a_place_lies_in_it() {
    // Two islands on both sides of the antimeridian, whose centroid is half a world away.
    let (one, two) = (square(179.0, 0.0, 1.0), square(-175.0, 0.0, 1.0));
    let islands = format!(r#"{{"type":"MultiPolygon","coordinates":[[{one}],[{two}]]}}"#);
    let text = file(&[(r#"{"ADM1_EN":"I","ADM1_PCODE":"I1"}"#, &islands)]);
    let reading = read(text.as_bytes()).unwrap();
    let [longitude, latitude] = reading.boundaries[0].point_inside().unwrap();
    let boundaries = Boundaries::new(reading.boundaries);
    assert_eq!(boundaries.locate(latitude, longitude, Level::Adm1), Some("I1"));
}
