//! Rings of GeoJSON into polygons, checked.

use geo::line_intersection::{LineIntersection, line_intersection};
use geo::orient::{Direction, Orient};
use geo::{Coord, Line, LineString, MultiPolygon, Polygon};
use geojson::{GeometryValue, Position};
use sanad_core::diagnostic::{Diagnostic, Issue};

use super::antimeridian::{self, Unwrapped};
use super::locate::PreparedArea;

/// The area of a feature, or nothing when no ring of it encloses one.
pub(super) fn shape(
    value: GeometryValue,
    number: u64,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<MultiPolygon<f64>> {
    let first = diagnostics.len();
    let polygons = match value {
        GeometryValue::Polygon { coordinates } => vec![coordinates],
        GeometryValue::MultiPolygon { coordinates } => coordinates,
        other => {
            let found = other.type_name();
            let expected = "a Polygon or MultiPolygon";
            let diagnostic =
                Diagnostic::rejected(number, "geometry", Issue::BadGeometry, found, expected);
            diagnostics.push(diagnostic);
            return None;
        }
    };
    let mut diagnostic = |found: &str, expected: &str| {
        let issue = Issue::BadGeometry;
        diagnostics.push(Diagnostic::noted(number, "geometry", issue, found, expected));
    };
    let polygons: Vec<Polygon<f64>> =
        polygons.iter().flat_map(|rings| parts_of(rings, &mut diagnostic)).collect();
    if polygons.is_empty() {
        diagnostic("no ring that encloses an area", "at least one");
        diagnostics[first..].iter_mut().for_each(|diagnostic| diagnostic.kept = false);
        return None;
    }
    Some(MultiPolygon(polygons).orient(Direction::Default))
}

/// Hears what was found and what was expected of a ring.
type RingDiagnostic<'a> = dyn FnMut(&str, &str) + 'a;

/// The polygon that rings make; several where it crosses the antimeridian, none where the outer
/// ring is left out.
fn parts_of(rings: &[Vec<Position>], diagnostic: &mut RingDiagnostic<'_>) -> Vec<Polygon<f64>> {
    let mut rings = rings.iter();
    let outer = rings.next().map(|outer| ring(outer, diagnostic)).unwrap_or_default();
    if outer.is_empty() {
        return Vec::new();
    }
    let holes: Vec<LineString<f64>> = rings.flat_map(|hole| ring(hole, diagnostic)).collect();
    if !holes.is_empty() {
        let filled = outer.iter().map(|ring| Polygon::new(ring.clone(), Vec::new())).collect();
        let outer = PreparedArea::new(&MultiPolygon(filled));
        for hole in holes.iter().filter(|hole| lies_outside(&outer, hole)) {
            let found = format!("a hole of {} points outside its polygon", hole.0.len());
            diagnostic(&found, "holes inside the outer ring");
        }
    }
    antimeridian::with_holes(outer, holes)
}

/// Whether some point of a hole lies outside its ring.
fn lies_outside(outer: &PreparedArea, hole: &LineString<f64>) -> bool {
    hole.0.iter().any(|point| !outer.holds(*point) && !outer.touches(*point))
}

/// The widest ring that is read with longitudes that go on beyond 180 degrees, in degrees.
const WIDEST_BEYOND: f64 = 90.0;

/// A ring of at least four points on the globe, closed, in the parts on either side of the
/// antimeridian; nothing when it cannot be one.
fn ring(positions: &[Position], diagnostic: &mut RingDiagnostic<'_>) -> Vec<LineString<f64>> {
    let Some(points) = closed(positions, diagnostic) else { return Vec::new() };
    let unwrapped = antimeridian::unwrapped(&points);
    let whole = if let Unwrapped::Crosses(whole) = &unwrapped { whole } else { &points };
    if let Some(at) = crossing(whole) {
        let found = format!("a ring that meets itself near {:.4}, {:.4}", at.x, at.y);
        diagnostic(&found, "a ring that does not; kept as it is");
    }
    match unwrapped {
        Unwrapped::Within | Unwrapped::MapEdge => vec![LineString(points)],
        Unwrapped::RoundPole => {
            diagnostic("a ring that goes round a pole", "an edge along the pole; kept as it is");
            vec![LineString(points)]
        }
        Unwrapped::Crosses(whole) => {
            let expected = "rings that are split there; it was split";
            diagnostic("a ring that crosses the antimeridian", expected);
            antimeridian::cut(&whole)
        }
    }
}

/// The points of a ring, the last the same as the first; nothing when they cannot make one.
fn closed(positions: &[Position], diagnostic: &mut RingDiagnostic<'_>) -> Option<Vec<Coord<f64>>> {
    let mut points: Vec<Coord<f64>> = Vec::with_capacity(positions.len() + 1);
    let beyond = goes_beyond(positions);
    for position in positions {
        let Some(point) = point(position, beyond) else {
            let found = format!("{:?}", position.as_slice());
            diagnostic(&found, "longitude -180 to 180, latitude -90 to 90; the ring is left out");
            return None;
        };
        if points.last() != Some(&point) {
            points.push(point);
        }
    }
    if points.first() != points.last() || points.len() == 1 {
        let found = format!("an open ring of {} points", positions.len());
        diagnostic(&found, "the last point to repeat the first; it was closed");
        points.extend(points.first().copied());
    }
    if points.len() < 4 {
        let found = format!("a ring of {} points", positions.len());
        diagnostic(&found, "at least 4, of which 3 differ; the ring is left out");
        return None;
    }
    Some(points)
}

/// Whether a ring's longitudes go on beyond 180 degrees, as some programs write what crosses the
/// antimeridian: none leaves two turns of the globe, and the ring is narrow enough to be an area.
fn goes_beyond(positions: &[Position]) -> bool {
    let longitudes =
        || positions.iter().filter_map(|position| position.as_slice().first().copied());
    let west = longitudes().fold(f64::INFINITY, f64::min);
    let east = longitudes().fold(f64::NEG_INFINITY, f64::max);
    east - west <= WIDEST_BEYOND && east.abs().max(west.abs()) <= 360.0
}

/// A position in degrees; nothing for one that is not on the globe.
fn point(position: &Position, beyond: bool) -> Option<Coord<f64>> {
    let [x, y] = *position.as_slice().first_chunk::<2>()?;
    let widest = if beyond { 360.0 } else { 180.0 };
    (x.abs() <= widest && y.abs() <= 90.0).then_some(Coord { x, y })
}

/// A point in which a closed ring meets itself, if there is one.
///
/// Segments are swept from west to east, each compared with those that begin before it ends.
fn crossing(points: &[Coord<f64>]) -> Option<Coord<f64>> {
    let count = points.len() - 1;
    let line = |at: usize| Line::new(points[at], points[at + 1]);
    let west = |at: usize| points[at].x.min(points[at + 1].x);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| west(a).total_cmp(&west(b)).then(a.cmp(&b)));
    for (rank, &a) in order.iter().enumerate() {
        let first = line(a);
        let east = first.start.x.max(first.end.x);
        for &b in order[rank + 1..].iter().take_while(|&&b| west(b) <= east) {
            let second = line(b);
            if !share_heights(&first, &second) {
                continue;
            }
            let neighbours = a.abs_diff(b) == 1 || a.abs_diff(b) == count - 1;
            match line_intersection(first, second) {
                Some(LineIntersection::SinglePoint { intersection, .. }) if !neighbours => {
                    return Some(intersection);
                }
                Some(LineIntersection::Collinear { intersection })
                    if !neighbours || intersection.start != intersection.end =>
                {
                    return Some(intersection.start);
                }
                _ => {}
            }
        }
    }
    None
}

/// Whether two lines have latitudes in common, without which they cannot cross.
fn share_heights(first: &Line<f64>, second: &Line<f64>) -> bool {
    let (low, high) = (first.start.y.min(first.end.y), first.start.y.max(first.end.y));
    second.start.y.max(second.end.y) >= low && second.start.y.min(second.end.y) <= high
}
