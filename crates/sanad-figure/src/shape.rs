//! Regions as shared arcs, so that simplifying keeps neighbours' borders together.
//!
//! Rings are cut where three or more borders meet (as in TopoJSON, Bostock 2012); each arc is
//! simplified once (Douglas & Peucker 1973) and used by both sides.

use std::collections::BTreeMap;

/// A point in millionths of a degree, which can be compared exactly.
type ShapeKey = [i64; 2];

/// Degrees are compared at a millionth (about 0.1 m).
const GRAIN: f64 = 1e6;

/// An arc with the regions on its sides.
#[derive(Debug, Clone)]
pub(crate) struct Arc {
    pub(crate) points: Vec<[f64; 2]>,
    pub(crate) owners: Vec<usize>,
}

/// All arcs, and each region's rings as arc numbers with direction (true: as stored).
#[derive(Debug, Clone)]
pub(crate) struct Topology {
    pub(crate) arcs: Vec<Arc>,
    pub(crate) rings: Vec<Vec<Vec<(usize, bool)>>>,
}

/// A ring as keys, repeated points left out.
fn keyed(ring: &[[f64; 2]]) -> Vec<ShapeKey> {
    let mut keys: Vec<ShapeKey> =
        ring.iter().map(|p| p.map(|v| (v * GRAIN).round() as i64)).collect();
    keys.dedup();
    while keys.len() > 1 && keys.first() == keys.last() {
        keys.pop();
    }
    keys
}

/// The first two neighbours of a vertex, and whether there are more.
type Around = (Option<ShapeKey>, Option<ShapeKey>, bool);

/// Remembers a neighbour of a point; with a third one the point is where borders meet.
fn note(around: &mut Around, other: ShapeKey) {
    match around {
        (Some(a), _, _) if *a == other => {}
        (_, Some(b), _) if *b == other => {}
        (a @ None, _, _) => *a = Some(other),
        (_, b @ None, _) => *b = Some(other),
        (_, _, more) => *more = true,
    }
}

/// Builds arcs from the rings of each region.
pub(crate) fn topology<'a, I>(regions: I) -> Topology
where
    I: Iterator<Item = Vec<&'a [[f64; 2]]>>,
{
    let keyed: Vec<Vec<Vec<ShapeKey>>> = regions
        .map(|rings| rings.into_iter().map(keyed).filter(|r| r.len() >= 3).collect())
        .collect();
    let mut around: BTreeMap<ShapeKey, Around> = BTreeMap::new();
    for ring in keyed.iter().flatten() {
        for (i, p) in ring.iter().enumerate() {
            let entry = around.entry(*p).or_default();
            note(entry, ring[(i + ring.len() - 1) % ring.len()]);
            note(entry, ring[(i + 1) % ring.len()]);
        }
    }
    let mut builder = ShapeBuilder { around, known: BTreeMap::new(), arcs: Vec::new() };
    let rings = keyed
        .iter()
        .enumerate()
        .map(|(region, rings)| rings.iter().map(|r| builder.ring(region, r)).collect())
        .collect();
    Topology { arcs: builder.arcs, rings }
}

/// Borders that regions share, found by points: an arc runs from one meeting point to the next
/// and is kept once, whichever region it is walked from.
struct ShapeBuilder {
    around: BTreeMap<ShapeKey, Around>,
    known: BTreeMap<(ShapeKey, ShapeKey, ShapeKey, usize), usize>,
    arcs: Vec<Arc>,
}

impl ShapeBuilder {
    /// A ring as arcs, each with whether it is walked backwards.
    fn ring(&mut self, region: usize, ring: &[ShapeKey]) -> Vec<(usize, bool)> {
        let is_end = |i: usize| self.around.get(&ring[i]).is_some_and(|a| a.2);
        let ends: Vec<usize> = (0..ring.len()).filter(|i| is_end(*i)).collect();
        let Some(first) = ends.first() else {
            return vec![self.arc(region, closed(ring))];
        };
        let mut out = Vec::with_capacity(ends.len());
        for (k, from) in ends.iter().enumerate() {
            let to = ends.get(k + 1).copied().unwrap_or(first + ring.len());
            let points: Vec<ShapeKey> = (*from..=to).map(|i| ring[i % ring.len()]).collect();
            out.push(self.arc(region, points));
        }
        out
    }

    /// The arc of these points, new or known from the other side.
    fn arc(&mut self, region: usize, points: Vec<ShapeKey>) -> (usize, bool) {
        let last = points.len() - 1;
        let (head, tail) = ((points[0], points[1]), (points[last], points[last - 1]));
        let forward = head <= tail;
        let (a, b) = if forward { head } else { tail };
        let end = if forward { points[last] } else { points[0] };
        let id = match self.known.get(&(a, b, end, points.len())) {
            Some(id) => *id,
            None => {
                let mut kept: Vec<[f64; 2]> =
                    points.iter().map(|p| p.map(|v| v as f64 / GRAIN)).collect();
                if !forward {
                    kept.reverse();
                }
                self.arcs.push(Arc { points: kept, owners: Vec::new() });
                self.known.insert((a, b, end, points.len()), self.arcs.len() - 1);
                self.arcs.len() - 1
            }
        };
        self.arcs[id].owners.push(region);
        (id, forward)
    }
}

/// A ring without junctions as one closed arc from its least vertex, in its least direction.
fn closed(ring: &[ShapeKey]) -> Vec<ShapeKey> {
    let start = (0..ring.len()).min_by_key(|i| ring[*i]).unwrap_or(0);
    (0..=ring.len()).map(|i| ring[(start + i) % ring.len()]).collect()
}

/// Douglas–Peucker: keeps the ends and every point further than `tolerance` from the line kept so
/// far. A closed line is cut at its furthest point first.
pub(crate) fn simplify(points: &[[f64; 2]], tolerance: f64) -> Vec<[f64; 2]> {
    if points.len() < 3 {
        return points.to_vec();
    }
    let last = points.len() - 1;
    let mut keep = vec![false; points.len()];
    (keep[0], keep[last]) = (true, true);
    let mut todo = vec![(0, last)];
    while let Some((a, b)) = todo.pop() {
        let far = (a + 1..b)
            .map(|i| (i, off(points[i], points[a], points[b])))
            .fold((0, -1.0), |m, e| if e.1 > m.1 { e } else { m });
        if far.1 > tolerance {
            keep[far.0] = true;
            todo.push((a, far.0));
            todo.push((far.0, b));
        }
    }
    points.iter().zip(&keep).filter(|(_, k)| **k).map(|(p, _)| *p).collect()
}

/// Distance of a point from a segment.
fn off(p: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let d = [b[0] - a[0], b[1] - a[1]];
    let length = d[0] * d[0] + d[1] * d[1];
    let t = if length > 0.0 {
        (((p[0] - a[0]) * d[0] + (p[1] - a[1]) * d[1]) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (p[0] - a[0] - t * d[0]).hypot(p[1] - a[1] - t * d[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64) -> Vec<[f64; 2]> {
        vec![[x, 0.0], [x + 1.0, 0.0], [x + 1.0, 0.5], [x + 1.0, 1.0], [x, 1.0], [x, 0.5], [x, 0.0]]
    }

    #[test]
    fn neighbours_share_one_arc() {
        let (a, b) = (square(0.0), square(1.0));
        let t = topology([vec![a.as_slice()], vec![b.as_slice()]].into_iter());
        let shared: Vec<&Arc> = t.arcs.iter().filter(|a| a.owners.len() == 2).collect();
        assert_eq!(shared.len(), 1);
        assert_eq!(shared[0].points.len(), 3);
        assert_eq!(t.arcs.len(), 3);
    }

    #[test]
    fn simplified_lines_stay_within_the_tolerance() {
        let wave: Vec<[f64; 2]> =
            (0..400).map(|i| [f64::from(i) * 0.1, (f64::from(i) * 0.07).sin() * 5.0]).collect();
        let kept = simplify(&wave, 0.3);
        assert!(kept.len() < 80);
        for p in &wave {
            let near = kept.windows(2).map(|w| off(*p, w[0], w[1])).fold(f64::MAX, f64::min);
            assert!(near <= 0.3 + 1e-9);
        }
    }
}
