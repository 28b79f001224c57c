//! A magnitude per region on true shapes.

use crate::axis::{Occurrence, capital, class_legend, ranked_list};
use crate::csv::{Csv, cell};
use crate::error::{Error, check};
use crate::figure::{DrawingSheet, Figure, Heading, Size};
use crate::scale::Classes;
use crate::shape::{Topology, simplify, topology};
use crate::svg::{Anchor, Canvas, n};
use crate::text;

/// A polygon: its outer ring, then its holes; points are longitude and latitude in degrees.
pub type Polygon = Vec<Vec<[f64; 2]>>;

/// One region of a [`Choropleth`].
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// Name.
    pub name: String,
    /// Index of its group (province).
    pub group: usize,
    /// Its polygons.
    pub polygons: Vec<Polygon>,
    /// Its value; `None` is hatched.
    pub value: Option<f64>,
}

/// A line drawn over the map: a boundary, a line of control.
#[derive(Debug, Clone, PartialEq)]
pub struct Boundary {
    /// Longitude and latitude in degrees.
    pub points: Vec<[f64; 2]>,
    /// Drawn dashed.
    pub disputed: bool,
}

/// Input of [`choropleth`].
#[derive(Debug, Clone)]
pub struct Choropleth<'a> {
    /// The regions.
    pub regions: &'a [Region],
    /// Name of each group.
    pub groups: &'a [String],
    /// Groups whose boundaries are disputed: dashed.
    pub disputed: &'a [usize],
    /// Further lines.
    pub boundaries: &'a [Boundary],
    /// Classes of the shades.
    pub classes: &'a Classes,
    /// What a value is.
    pub unit: &'a str,
    /// How many of the greatest values are listed by name.
    pub listed: usize,
    /// Simplification tolerance in drawing units (the map is 500 wide); 0.4 keeps a map of 160
    /// districts well under 200 kB.
    pub tolerance: f64,
}

/// Width of the map, in drawing units.
const WIDTH: f64 = 500.0;
/// Room around the map.
const MARGIN: f64 = 4.0;
/// Area under which an island is not drawn unless it is all a region has, square units.
const SPECK: f64 = 1.5;

/// Draws regions shaded by value, equirectangular with the cosine of the middle latitude.
///
/// Shared borders are simplified once, so no gaps open. For that, neighbours must share the vertices
/// of their border, as authoritative files do; in a file simplified region by region, parts of
/// inner borders have one region on each side of a gap and are drawn like outer ones. Missing is hatched, zero white. Islands
/// under one and a half square units are left out unless they are all a region has. CSV: `region, group,
/// value`.
///
/// # Errors
///
/// Without regions or shapes, with groups that are not listed, values below zero, or positions that
/// are no degrees.
///
/// ```
/// use sanad_figure::{Choropleth, Classes, Format, Heading, Region, choropleth};
///
/// let square = vec![vec![[60.0, 30.0], [61.0, 30.0], [61.0, 31.0], [60.0, 31.0], [60.0, 30.0]]];
/// let figure = choropleth(
///     &Heading::new("map", "Where deaths were", "Twelve months.", "One region."),
///     &Choropleth {
///         regions: &[Region {
///             name: "North".to_owned(),
///             group: 0,
///             polygons: vec![square],
///             value: Some(3.0),
///         }],
///         groups: &["Country".to_owned()],
///         disputed: &[],
///         boundaries: &[],
///         classes: &Classes::log_like(3.0, Format::Count),
///         unit: "deaths",
///         listed: 1,
///         tolerance: 0.5,
///     },
/// )?;
/// assert!(figure.csv.contains("North,Country,3"));
/// # Ok::<(), sanad_figure::Error>(())
/// ```
pub fn choropleth(heading: &Heading, map: &Choropleth<'_>) -> Result<Figure, Error> {
    validate(map)?;
    let frame = Frame::around(map)?;
    let mut sheet = DrawingSheet::new(heading)?.in_a_row();
    let values: Vec<Option<f64>> = map.regions.iter().map(|r| r.value).collect();
    let mut canvas = sheet.shared_canvas();
    draw(&mut canvas, map, &frame);
    sheet.add_shared(canvas, [WIDTH, frame.height]);
    let entries = greatest(map);
    let title = format!("Most {}", map.unit);
    sheet.both_sized(|canvas, size| {
        let width = size.pick(236.0, 328.0);
        let mut height = legend(canvas, map, &values, width, size);
        if !entries.is_empty() {
            height = ranked_list(canvas, &title, &entries, map.classes, [height + 8.0, width]);
        }
        [width, height]
    });
    Ok(sheet.finish(data(map)))
}

/// Refuses a map without regions, values below zero, positions that are not degrees, and groups that
/// are not listed.
fn validate(map: &Choropleth<'_>) -> Result<(), Error> {
    check::not_empty("regions", map.regions)?;
    check::within("tolerance", map.tolerance, 0.0, 50.0)?;
    for r in map.regions {
        check::index("group of a region", r.group, map.groups.len())?;
        check::optional(&format!("value of {}", r.name), &[r.value])?;
        check::within(&format!("value of {}", r.name), r.value.unwrap_or(0.0), 0.0, f64::MAX)?;
        for p in r.polygons.iter().flatten().flatten() {
            check_point(&r.name, *p)?;
        }
    }
    for p in map.boundaries.iter().flat_map(|b| &b.points) {
        check_point("boundary", *p)?;
    }
    map.disputed.iter().try_for_each(|g| check::index("disputed group", *g, map.groups.len()))
}

/// Refuses a point that is not a longitude and a latitude.
fn check_point(name: &str, p: [f64; 2]) -> Result<(), Error> {
    check::finite(&format!("shape of {name}"), p)?;
    check::within(&format!("longitude in {name}"), p[0], -180.0, 180.0)?;
    check::within(&format!("latitude in {name}"), p[1], -90.0, 90.0)
}

/// The map's projection onto the drawing.
struct Frame {
    low: [f64; 2],
    scale: [f64; 2],
    height: f64,
}

impl Frame {
    /// A frame around all shapes: the plate carrée projection with longitudes shortened by the
    /// cosine of the middle latitude.
    ///
    /// # Errors
    /// If there are no shapes.
    fn around(map: &Choropleth<'_>) -> Result<Self, Error> {
        let all = || {
            let shapes = map.regions.iter().flat_map(|r| r.polygons.iter().flatten().flatten());
            shapes.chain(map.boundaries.iter().flat_map(|b| &b.points))
        };
        check::not_empty("shapes of the regions", &all().take(1).collect::<Vec<_>>())?;
        let low = [0, 1].map(|k| all().map(|p| p[k]).fold(f64::INFINITY, f64::min));
        let high = [0, 1].map(|k| all().map(|p| p[k]).fold(f64::NEG_INFINITY, f64::max));
        let cos = ((low[1] + high[1]) / 2.0).to_radians().cos().max(0.05);
        let across = ((high[0] - low[0]) * cos).max(1e-9);
        let up = (high[1] - low[1]).max(1e-9);
        let s = ((WIDTH - 2.0 * MARGIN) / across).min((1000.0 - 2.0 * MARGIN) / up);
        Ok(Frame { low: [low[0], high[1]], scale: [s * cos, s], height: up * s + 2.0 * MARGIN })
    }

    /// The drawing position of a longitude and a latitude.
    fn at(&self, p: [f64; 2]) -> [f64; 2] {
        [
            MARGIN + (p[0] - self.low[0]) * self.scale[0],
            MARGIN + (self.low[1] - p[1]) * self.scale[1],
        ]
    }
}

/// Regions in the colours of their classes, then borders of groups and disputed lines.
fn draw(c: &mut Canvas, map: &Choropleth<'_>, frame: &Frame) {
    let shapes = map
        .regions
        .iter()
        .map(|r| r.polygons.iter().flatten().map(Vec::as_slice).collect::<Vec<&[[f64; 2]]>>());
    let topology = topology(shapes);
    let lines: Vec<Vec<[f64; 2]>> = topology
        .arcs
        .iter()
        .map(|a| {
            simplify(&a.points.iter().map(|p| frame.at(*p)).collect::<Vec<_>>(), map.tolerance)
        })
        .collect();
    let mut areas = vec![(0.0, [0.0; 2]); map.groups.len()];
    c.open("sf-map");
    for (i, region) in map.regions.iter().enumerate() {
        let rings = rings(&topology, &lines, i);
        for ring in &rings {
            add_area(&mut areas[region.group], ring);
        }
        let paint = region.value.map_or_else(|| c.hatch(), |v| map.classes.fill(v).to_owned());
        let said = region.value.map_or("no data".to_owned(), |v| map.classes.format().text(v));
        let d: String = rings.iter().map(|r| ring_path(r)).collect();
        c.path(
            &d,
            &format!(r#"fill="{paint}" fill-rule="evenodd""#),
            &format!("{}: {said}", region.name),
        );
    }
    c.close();
    borders(c, map, &topology, &lines);
    for b in map.boundaries {
        let line =
            simplify(&b.points.iter().map(|p| frame.at(*p)).collect::<Vec<_>>(), map.tolerance);
        let class = if b.disputed { "sf-disputed" } else { "sf-border" };
        c.path(&open_path(&line), &format!(r#"class="{class}""#), "");
    }
    names(c, map, &areas, frame);
}

/// The outlines of a region from its simplified arcs, specks left out.
fn rings(topology: &Topology, lines: &[Vec<[f64; 2]>], region: usize) -> Vec<Vec<[f64; 2]>> {
    let mut all: Vec<(f64, Vec<[f64; 2]>)> = topology.rings[region]
        .iter()
        .map(|arcs| {
            let mut ring: Vec<[f64; 2]> = Vec::new();
            for (id, forward) in arcs {
                let line = &lines[*id];
                let skip = usize::from(!ring.is_empty());
                if *forward {
                    ring.extend(line.iter().skip(skip));
                } else {
                    ring.extend(line.iter().rev().skip(skip));
                }
            }
            (signed(&ring).0.abs(), ring)
        })
        .collect();
    let greatest = all.iter().map(|r| r.0).fold(0.0, f64::max);
    all.retain(|r| r.0 >= SPECK || r.0 >= greatest);
    all.into_iter().map(|r| r.1).collect()
}

/// Signed area and area-weighted sum of positions.
fn signed(ring: &[[f64; 2]]) -> (f64, [f64; 2]) {
    let mut out = (0.0, [0.0; 2]);
    for (i, p) in ring.iter().enumerate() {
        let q = ring[(i + 1) % ring.len()];
        let cross = (p[0] * q[1] - q[0] * p[1]) / 2.0;
        out.0 += cross;
        for k in 0..2 {
            out.1[k] += (p[k] + q[k]) * cross / 3.0;
        }
    }
    out
}

/// Adds a ring's area and moment to the sums from which the centroid comes.
fn add_area(sum: &mut (f64, [f64; 2]), ring: &[[f64; 2]]) {
    let (area, moment) = signed(ring);
    let sign = if area < 0.0 { -1.0 } else { 1.0 };
    sum.0 += area.abs();
    sum.1 = [sum.1[0] + sign * moment[0], sum.1[1] + sign * moment[1]];
}

/// A path of relative steps in tenths; steps are differences of rounded positions, so they do not
/// drift.
fn relative(points: &[[f64; 2]]) -> String {
    let tenths = |p: &[f64; 2]| p.map(|v| (v * 10.0).round() as i64);
    let mut d = String::new();
    let mut last = [0, 0];
    for (i, p) in points.iter().map(tenths).enumerate() {
        let step = [p[0] - last[0], p[1] - last[1]];
        if i > 0 && step == [0, 0] {
            continue;
        }
        let [x, y] = step.map(|v| n(v as f64 / 10.0));
        let gap = if y.starts_with('-') { "" } else { " " };
        d.push_str(if i == 0 { "M" } else { "l" });
        d.push_str(&format!("{x}{gap}{y}"));
        last = p;
    }
    d
}

/// A closed ring as path data.
fn ring_path(ring: &[[f64; 2]]) -> String {
    format!("{}z", relative(ring))
}

/// A line as path data; nothing for a single point.
fn open_path(line: &[[f64; 2]]) -> String {
    if line.len() < 2 { String::new() } else { relative(line) }
}

/// Borders between groups and to the outside; disputed ones dashed.
fn borders(c: &mut Canvas, map: &Choropleth<'_>, topology: &Topology, lines: &[Vec<[f64; 2]>]) {
    let (mut solid, mut dashed) = (String::new(), String::new());
    for (arc, line) in topology.arcs.iter().zip(lines) {
        let mut groups: Vec<usize> = arc.owners.iter().map(|r| map.regions[*r].group).collect();
        let is_outer = groups.len() == 1;
        groups.dedup();
        let is_speck = line.first() == line.last() && signed(line).0.abs() < SPECK;
        if is_speck || (!is_outer && groups.len() < 2) {
            continue;
        }
        let to =
            if groups.iter().any(|g| map.disputed.contains(g)) { &mut dashed } else { &mut solid };
        to.push_str(&open_path(line));
    }
    c.path(&solid, r#"class="sf-border""#, "");
    c.path(&dashed, r#"class="sf-disputed""#, "");
}

/// Where a name may stand, from its group's centre outwards.
const NUDGES: [[f64; 2]; 9] = [
    [0.0, 0.0],
    [0.0, 12.0],
    [0.0, -12.0],
    [24.0, 0.0],
    [-24.0, 0.0],
    [36.0, 16.0],
    [-36.0, 16.0],
    [36.0, -16.0],
    [48.0, 24.0],
];

/// Names of groups at their centres of area or close by, the greatest first, where they do not
/// collide; a small group whose name would stand in its neighbour goes without.
fn names(c: &mut Canvas, map: &Choropleth<'_>, areas: &[(f64, [f64; 2])], frame: &Frame) {
    let grown = 17.0;
    let mut order: Vec<usize> = (0..areas.len()).filter(|g| areas[*g].0 > 0.0).collect();
    order.sort_by(|a, b| areas[*b].0.total_cmp(&areas[*a].0));
    let mut taken: Vec<[f64; 4]> = Vec::new();
    for g in order {
        let name = &map.groups[g];
        let half = text::width(name, grown, true) / 2.0;
        let centre = [areas[g].1[0] / areas[g].0, areas[g].1[1] / areas[g].0];
        let reach = 14.0 + 1.3 * areas[g].0.sqrt();
        let mut near = NUDGES.iter().filter(|d| d[0].hypot(d[1]) <= reach);
        let spot = near.find_map(|d| {
            let x = (centre[0] + d[0]).clamp(half, (WIDTH - half).max(half));
            let y = (centre[1] + d[1]).clamp(grown, frame.height - 4.0);
            let own = [x - half, y - grown, x + half, y + 4.0];
            let hit =
                |t: &[f64; 4]| own[0] < t[2] && t[0] < own[2] && own[1] < t[3] && t[1] < own[3];
            (!taken.iter().any(hit)).then_some((own, [x, y]))
        });
        let Some((own, at)) = spot else { continue };
        taken.push(own);
        c.text(at, Anchor::Middle, 13.0, "sf-strong sf-halo sf-grow", name);
    }
}

/// The classes with their colours and, where they occur, the hatching of missing values; returns
/// the height.
fn legend(
    c: &mut Canvas,
    map: &Choropleth<'_>,
    values: &[Option<f64>],
    width: f64,
    size: Size,
) -> f64 {
    let unit = text::fit(&capital(map.unit), size.label(), width, true);
    c.text([0.0, 14.0], Anchor::Start, size.label(), "sf-strong", &unit);
    24.0 + class_legend(c, map.classes, Occurrence::of(values), [1.0, 22.0], width, size)
}

/// The greatest values with name and group, which a list beside the map spells out.
fn greatest(map: &Choropleth<'_>) -> Vec<(String, String, f64)> {
    let mut all: Vec<&Region> =
        map.regions.iter().filter(|r| r.value.is_some_and(|v| v > 0.0)).collect();
    all.sort_by(|a, b| b.value.unwrap_or(0.0).total_cmp(&a.value.unwrap_or(0.0)));
    all.into_iter()
        .take(map.listed)
        .map(|r| (r.name.clone(), map.groups[r.group].clone(), r.value.unwrap_or(0.0)))
        .collect()
}

/// The values as CSV.
fn data(map: &Choropleth<'_>) -> String {
    let mut csv = Csv::new(&["region", "group", "value"]);
    for r in map.regions {
        csv.row([r.name.clone(), map.groups[r.group].clone(), cell(r.value)]);
    }
    csv.finish()
}
