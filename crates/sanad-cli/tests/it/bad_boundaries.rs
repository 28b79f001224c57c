//! Boundary files that are not as their publisher made them.

use crate::support::{Lab, OBSERVATORY};

const SQUARE: &str = "[[0,0],[1,0],[1,1],[0,1],[0,0]]";

fn feature(id: &str, geometry: &str) -> String {
    format!(
        "{{\"type\":\"Feature\",\"properties\":{{\"ADM2_PCODE\":\"{id}\",\"ADM2_EN\":\"{id} name\",\
         \"validOn\":\"2022-09-09\"}},\"geometry\":{geometry}}}"
    )
}

fn polygon(rings: &str) -> String {
    format!("{{\"type\":\"Polygon\",\"coordinates\":[{rings}]}}")
}

fn collection(features: &[String]) -> String {
    format!("{{\"type\":\"FeatureCollection\",\"features\":[{}]}}", features.join(",\n"))
}

fn refused(name: &str, bytes: impl AsRef<[u8]>) {
    let lab = Lab::new();
    lab.write("bad.geojson", bytes);
    lab.refused(name, &["import", "boundaries", "bad.geojson", "--observatory", OBSERVATORY]);
}

fn noted(name: &str, features: &[String]) {
    let lab = Lab::new();
    lab.write("bad.geojson", collection(features));
    lab.noted(name, "boundaries", "bad.geojson");
}

#[test]
fn files_that_are_no_collection_of_areas_are_refused() {
    let sound = collection(&[feature("X11", &polygon(SQUARE))]);
    refused("boundaries-empty", "");
    refused("boundaries-not-json", "ADM2_PCODE,ADM2_EN\nX11,Hill\n");
    refused("boundaries-truncated", &sound[..sound.len() / 2]);
    refused("boundaries-no-features", collection(&[]));
    refused("boundaries-single-feature", feature("X11", &polygon(SQUARE)));
    refused(
        "boundaries-nested-too-deep",
        format!("{{\"type\":\"FeatureCollection\",\"features\":{}", "[".repeat(100_000)),
    );
    let utf16: Vec<u8> = sound.encode_utf16().flat_map(u16::to_le_bytes).collect();
    refused("boundaries-utf16", [&b"\xff\xfe"[..], &utf16].concat());
    refused("boundaries-kml", "<?xml version=\"1.0\"?><kml></kml>");
    refused("boundaries-zip", "PK\u{3}\u{4}....");
}

#[test]
fn another_reference_system_or_scheme_is_refused() {
    let sound = collection(&[feature("X11", &polygon(SQUARE))]);
    let crs = "{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\
               \"urn:ogc:def:crs:EPSG::3857\"}},";
    refused(
        "boundaries-other-reference-system",
        sound.replacen("{\"type\":\"FeatureCollection\",", crs, 1),
    );
    refused(
        "boundaries-unknown-attributes",
        sound.replace("ADM2_PCODE", "CODE").replace("ADM2_EN", "NAME"),
    );
    let metres =
        polygon("[[7400000,3500000],[7500000,3500000],[7500000,3600000],[7400000,3500000]]");
    refused("boundaries-metres", collection(&[feature("X11", &metres)]));
}

#[test]
fn rings_that_enclose_nothing_or_cross_themselves_are_told() {
    noted(
        "boundaries-crossing-itself",
        &[feature("X11", &polygon("[[0,0],[1,1],[1,0],[0,1],[0,0]]"))],
    );
    noted("boundaries-not-closed", &[feature("X11", &polygon("[[0,0],[1,0],[1,1],[0,1]]"))]);
    let hole = format!("{SQUARE},[[5,5],[6,5],[6,6],[5,5]]");
    noted("boundaries-hole-outside", &[feature("X11", &polygon(&hole))]);
    noted(
        "boundaries-too-few-points",
        &[feature("X11", &polygon("[[0,0],[1,1],[0,0]]")), feature("X12", &polygon(SQUARE))],
    );
    noted(
        "boundaries-no-area",
        &[
            feature("X10", &polygon(SQUARE)),
            feature("X11", "{\"type\":\"Point\",\"coordinates\":[0,0]}"),
            feature("X12", "null"),
            feature("X13", "{\"type\":\"Polygon\",\"coordinates\":[]}"),
            feature("X14", "{\"type\":\"Polygon\",\"coordinates\":[[[0,\"x\"]]]}"),
        ],
    );
}

#[test]
fn areas_that_occur_twice_count_once() {
    let twice = feature("X11", &polygon(SQUARE));
    noted("boundaries-duplicate-ids", &[twice.clone(), twice]);
}
