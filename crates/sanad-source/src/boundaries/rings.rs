//! Rings of GeoJSON into polygons, checked.

use geo::line_intersection::{LineIntersection, line_intersection};
use geo::orient::{Direction, Orient};
use geo::{Coord, Line, LineString, MultiPolygon, Polygon};
use geojson::{GeometryValue, Position};
use sanad_core::diagnostic::{Diagnostic, Issue};

use super::locate::Prepared;

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
            let remark =
                Diagnostic::rejected(number, "geometry", Issue::BadGeometry, found, expected);
            diagnostics.push(remark);
            return None;
        }
    };
    let mut remark = |found: &str, expected: &str| {
        let issue = Issue::BadGeometry;
        diagnostics.push(Diagnostic::noted(number, "geometry", issue, found, expected));
    };
    let polygons: Vec<Polygon<f64>> =
        polygons.iter().filter_map(|rings| polygon(rings, &mut remark)).collect();
    if polygons.is_empty() {
        remark("no ring that encloses an area", "at least one");
        diagnostics[first..].iter_mut().for_each(|remark| remark.kept = false);
        return None;
    }
    Some(MultiPolygon(polygons).orient(Direction::Default))
}

type Remark<'a> = dyn FnMut(&str, &str) + 'a;

fn polygon(rings: &[Vec<Position>], remark: &mut Remark<'_>) -> Option<Polygon<f64>> {
    let mut rings = rings.iter();
    let outer = ring(rings.next()?, remark)?;
    let holes: Vec<LineString<f64>> = rings.filter_map(|hole| ring(hole, remark)).collect();
    if !holes.is_empty() {
        let filled = MultiPolygon(vec![Polygon::new(outer.clone(), Vec::new())]);
        let outer = Prepared::new(&filled);
        for hole in holes.iter().filter(|hole| lies_outside(&outer, hole)) {
            let found = format!("a hole of {} points outside its polygon", hole.0.len());
            remark(&found, "holes inside the outer ring");
        }
    }
    Some(Polygon::new(outer, holes))
}

fn lies_outside(outer: &Prepared, hole: &LineString<f64>) -> bool {
    hole.0.iter().any(|point| !outer.holds(*point) && !outer.touches(*point))
}

/// A ring of at least four points on the globe, closed; nothing when it cannot be one.
fn ring(positions: &[Position], remark: &mut Remark<'_>) -> Option<LineString<f64>> {
    let mut points: Vec<Coord<f64>> = Vec::with_capacity(positions.len() + 1);
    for position in positions {
        let Some(point) = point(position) else {
            let found = format!("{:?}", position.as_slice());
            remark(&found, "longitude -180 to 180, latitude -90 to 90; the ring is left out");
            return None;
        };
        if points.last() != Some(&point) {
            points.push(point);
        }
    }
    if points.first() != points.last() || points.len() == 1 {
        let found = format!("an open ring of {} points", positions.len());
        remark(&found, "the last point to repeat the first; it was closed");
        points.extend(points.first().copied());
    }
    if points.len() < 4 {
        let found = format!("a ring of {} points", positions.len());
        remark(&found, "at least 4, of which 3 differ; the ring is left out");
        return None;
    }
    if let Some(at) = crossing(&points) {
        let found = format!("a ring that meets itself near {:.4}, {:.4}", at.x, at.y);
        remark(&found, "a ring that does not; kept as it is");
    }
    Some(LineString(points))
}

fn point(position: &Position) -> Option<Coord<f64>> {
    let [x, y] = *position.as_slice().first_chunk::<2>()?;
    (x.abs() <= 180.0 && y.abs() <= 90.0).then_some(Coord { x, y })
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

fn share_heights(first: &Line<f64>, second: &Line<f64>) -> bool {
    let (low, high) = (first.start.y.min(first.end.y), first.start.y.max(first.end.y));
    second.start.y.max(second.end.y) >= low && second.start.y.min(second.end.y) <= high
}
