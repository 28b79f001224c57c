//! Rings that cross the antimeridian, cut there as RFC 7946, section 3.1.9 asks of a publisher.

use geo::{BoundingRect, Coord, LineString, Polygon};

/// Degrees of the whole globe.
const GLOBE: f64 = 360.0;

/// A ring with continuous longitudes.
pub(super) enum Unwrapped {
    /// No step is longer than half the globe and no point lies beyond 180 degrees.
    Within,
    /// The ring leaves the globe on one side; longitudes go on beyond 180 degrees.
    Crosses(Vec<Coord<f64>>),
    /// The ring goes round a pole, so that no longitudes are continuous.
    RoundPole,
    /// The ring follows the edge of the map from one end to the other, along a pole.
    MapEdge,
}

/// Makes the longitudes of a closed ring continuous: a step of more than half the globe is taken the
/// short way.
pub(super) fn unwrapped(points: &[Coord<f64>]) -> Unwrapped {
    let long = |pair: &[Coord<f64>]| (pair[1].x - pair[0].x).abs() > GLOBE / 2.0;
    let steps = || points.windows(2).filter(|pair| long(pair));
    if steps().next().is_none() && points.iter().all(|point| point.x.abs() <= GLOBE / 2.0) {
        return Unwrapped::Within;
    }
    let mut shift = 0.0;
    let mut whole = Vec::with_capacity(points.len());
    whole.extend(points.first());
    for pair in points.windows(2) {
        if long(pair) {
            shift -= GLOBE.copysign(pair[1].x - pair[0].x);
        }
        whole.push(Coord { x: pair[1].x + shift, y: pair[1].y });
    }
    // The antimeridian is one meridian under two names.
    whole.dedup();
    if shift == 0.0 && whole.iter().any(|point| point.x != whole[0].x) {
        return Unwrapped::Crosses(whole);
    }
    let along_edge = |pair: &[Coord<f64>]| (pair[1].x - pair[0].x).abs() == GLOBE;
    if steps().all(along_edge) { Unwrapped::MapEdge } else { Unwrapped::RoundPole }
}

/// Cuts a ring with continuous longitudes into the parts that lie on one map from -180 to 180.
pub(super) fn cut(ring: &[Coord<f64>]) -> Vec<LineString<f64>> {
    let turns = [-1.0, 0.0, 1.0];
    let parts = turns.iter().map(|turn| {
        let (west, east) = (turn * GLOBE - GLOBE / 2.0, turn * GLOBE + GLOBE / 2.0);
        let part = beyond(&beyond(ring, west, 1.0), east, -1.0);
        part.into_iter()
            .map(|point| Coord { x: point.x - turn * GLOBE, y: point.y })
            .collect::<Vec<_>>()
    });
    parts.filter(|part| encloses_an_area(part)).map(LineString).collect()
}

/// Puts holes, each on one map, into the polygons of the outer rings that were cut.
pub(super) fn with_holes(
    outer: Vec<LineString<f64>>,
    holes: Vec<LineString<f64>>,
) -> Vec<Polygon<f64>> {
    let mut polygons: Vec<Polygon<f64>> =
        outer.into_iter().map(|ring| Polygon::new(ring, Vec::new())).collect();
    for hole in holes {
        let bounds = |polygon: &Polygon<f64>| polygon.bounding_rect();
        let inside = |polygon: &Polygon<f64>| {
            bounds(polygon).is_some_and(|all| {
                hole.0.iter().all(|point| (all.min().x..=all.max().x).contains(&point.x))
            })
        };
        // A hole in none of them lies outside of the outer ring and takes nothing away.
        if let Some(polygon) = polygons.iter().position(inside).and_then(|at| polygons.get_mut(at))
        {
            polygon.interiors_push(hole);
        }
    }
    polygons
}

/// The part of a closed ring with `side · x ≥ side · meridian`, closed along the meridian
/// (Sutherland and Hodgman 1974).
fn beyond(ring: &[Coord<f64>], meridian: f64, side: f64) -> Vec<Coord<f64>> {
    let inside = |point: Coord<f64>| side * (point.x - meridian) >= 0.0;
    let mut part = Vec::with_capacity(ring.len());
    for pair in ring.windows(2) {
        if inside(pair[0]) {
            part.push(pair[0]);
        }
        if inside(pair[0]) != inside(pair[1]) {
            let share = (meridian - pair[0].x) / (pair[1].x - pair[0].x);
            part.push(Coord { x: meridian, y: pair[0].y + share * (pair[1].y - pair[0].y) });
        }
    }
    part.dedup();
    if part.first() != part.last() {
        part.extend(part.first().copied());
    }
    part
}

/// Whether a ring has three points that do not lie on one line, so that it bounds something.
fn encloses_an_area(ring: &[Coord<f64>]) -> bool {
    let differs = |of: fn(&Coord<f64>) -> f64| ring.iter().any(|it| of(it) != of(&ring[0]));
    ring.len() > 3 && differs(|point| point.x) && differs(|point| point.y)
}
