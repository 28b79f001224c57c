//! A magnitude per place, each place one square tile near where it is.

use std::collections::BTreeMap;

use crate::axis::{Occurrence, capital, class_legend, ranked_list};
use crate::colour;
use crate::csv::{Csv, cell};
use crate::error::{Error, check};
use crate::figure::{DrawingSheet, Figure, Heading, Size};
use crate::scale::Classes;
use crate::svg::{Anchor, Canvas, n};
use crate::text;
use crate::tiles::TileLayout;

/// One place of a [`TileMap`].
#[derive(Debug, Clone, PartialEq)]
pub struct Tile {
    /// Full name: tooltip, list, CSV.
    pub name: String,
    /// Up to three or four letters, drawn in the tile.
    pub abbreviation: String,
    /// The value; `None` is missing and hatched.
    pub value: Option<f64>,
}

/// Input of [`tile_map`].
#[derive(Debug, Clone)]
pub struct TileMap<'a> {
    /// The places, in the order of the layout.
    pub tiles: &'a [Tile],
    /// Where they lie: from [`crate::tile_layout`], computed once for all maps of a case.
    pub layout: &'a TileLayout,
    /// Name of each group, indexed by the layout's groups.
    pub groups: &'a [String],
    /// Classes of the shades.
    pub classes: &'a Classes,
    /// What a value is, for legend and list: "deaths, best estimate".
    pub unit: &'a str,
    /// How many of the greatest values are listed beside the map, by name.
    pub listed: usize,
}

/// Draws a tile map with the greatest values listed by name beside it (below it on a phone, where
/// tiles carry no letters).
///
/// Values are at least 0. Missing tiles are hatched; zero is white. CSV: `place, abbreviation,
/// group, column, row, value`.
///
/// # Errors
///
/// Without tiles, with a layout for another number of tiles, or a value below zero.
///
/// ```
/// use sanad_figure::{
///     Centroid, Classes, Format, Heading, Tile, TileMap, tile_layout, tile_map,
/// };
///
/// let place = |lon, lat| Centroid { lon, lat, group: 0 };
/// let layout = tile_layout(&[place(71.5, 34.0), place(67.0, 30.2)])?;
/// let tile = |name: &str, value| Tile {
///     name: name.to_owned(),
///     abbreviation: name[..2].to_owned(),
///     value,
/// };
/// let figure = tile_map(
///     &Heading::new("districts", "Where deaths were", "Twelve months.", "One tile each."),
///     &TileMap {
///         tiles: &[tile("North", Some(12.0)), tile("South", None)],
///         layout: &layout,
///         groups: &["Country".to_owned()],
///         classes: &Classes::log_like(12.0, Format::Count),
///         unit: "deaths",
///         listed: 1,
///     },
/// )?;
/// assert!(figure.svg.contains("no data"));
/// # Ok::<(), sanad_figure::Error>(())
/// ```
pub fn tile_map(heading: &Heading, map: &TileMap<'_>) -> Result<Figure, Error> {
    validate(map)?;
    let mut sheet = DrawingSheet::new(heading)?.in_a_row();
    sheet.both_sized(|canvas, size| [size.pick(520.0, 328.0), draw(canvas, map, size)]);
    let entries = greatest(map);
    if !entries.is_empty() {
        let title = format!("Most {}", map.unit);
        sheet.both_sized(|canvas, size| {
            let width = size.pick(224.0, 328.0);
            [width, ranked_list(canvas, &title, &entries, map.classes, [0.0, width])]
        });
    }
    Ok(sheet.finish(data(map)))
}

/// Refuses a layout for another number of tiles, and values that are not finite or below zero.
fn validate(map: &TileMap<'_>) -> Result<(), Error> {
    check::not_empty("tiles", map.tiles)?;
    check::len("tile layout", map.tiles.len(), map.layout.cells.len())?;
    for (i, tile) in map.tiles.iter().enumerate() {
        check::optional(&format!("value of {}", tile.name), &[tile.value])?;
        check::within(
            &format!("value of {}", tile.name),
            tile.value.unwrap_or(0.0),
            0.0,
            f64::MAX,
        )?;
        check::index("group of a tile", map.layout.groups[i], map.groups.len())?;
    }
    Ok(())
}

/// The greatest values with name and group, which a list beside the map spells out.
fn greatest(map: &TileMap<'_>) -> Vec<(String, String, f64)> {
    let mut all: Vec<(usize, f64)> = map
        .tiles
        .iter()
        .enumerate()
        .filter_map(|(i, t)| t.value.filter(|v| *v > 0.0).map(|v| (i, v)))
        .collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let entry = |(i, v): &(usize, f64)| {
        (map.tiles[*i].name.clone(), map.groups[map.layout.groups[*i]].clone(), *v)
    };
    all.iter().take(map.listed).map(entry).collect()
}

/// Where the tiles go: origin and side of a cell.
struct TileBoard {
    left: f64,
    top: f64,
    side: f64,
}

impl TileBoard {
    /// The upper left corner of a cell.
    fn corner(&self, cell: [usize; 2]) -> [f64; 2] {
        [self.left + cell[0] as f64 * self.side, self.top + cell[1] as f64 * self.side]
    }
}

/// The tiles with borders of groups, names and key; returns the drawing's height.
fn draw(c: &mut Canvas, map: &TileMap<'_>, size: Size) -> f64 {
    let width = size.pick(520.0, 328.0);
    let values: Vec<Option<f64>> = map.tiles.iter().map(|t| t.value).collect();
    c.text([2.0, 14.0], Anchor::Start, size.label(), "sf-strong", &capital(map.unit));
    let legend = class_legend(c, map.classes, Occurrence::of(&values), [2.0, 22.0], width, size);
    let labels = size.label() + 6.0;
    let board = TileBoard {
        left: 2.0,
        top: 26.0 + legend + labels,
        side: ((width - 4.0) / map.layout.extent[0] as f64).min(44.0),
    };
    for (tile, at) in map.tiles.iter().zip(&map.layout.cells) {
        draw_tile(c, map, tile, board.corner(*at), board.side, size);
    }
    let outline = outlines(map.layout, &board);
    let stroke =
        format!(r#"fill="none" stroke="{}" stroke-width="2" stroke-linecap="square""#, colour::INK);
    c.path(&outline, &stroke, "");
    group_labels(c, map, &board, size, width)
}

/// One tile in the colour of its class, with its letters.
fn draw_tile(c: &mut Canvas, map: &TileMap<'_>, tile: &Tile, at: [f64; 2], side: f64, size: Size) {
    let fill = match tile.value {
        Some(v) => map.classes.fill(v).to_owned(),
        None => c.hatch(),
    };
    let said = tile.value.map_or("no data".to_owned(), |v| map.classes.format().text(v));
    let tip = format!("{}: {said}", tile.name);
    let edge = format!(r#"stroke="{}" stroke-width="0.6""#, colour::OUTLINE);
    c.rect([at[0] + 1.0, at[1] + 1.0, side - 2.0, side - 2.0], &fill, &edge, &tip);
    if !size.is_wide() {
        return;
    }
    let font = 11.5;
    let class = match tile.value {
        None => "sf-halo",
        Some(v) if colour::text_on(map.classes.fill(v)) == colour::WHITE => "sf-white",
        Some(_) => "",
    };
    let letters = text::fit(&tile.abbreviation, font, side + 1.0, false);
    c.text([at[0] + side / 2.0, at[1] + side / 2.0 + 4.2], Anchor::Middle, font, class, &letters);
}

/// Sides between tiles of different groups, and between a tile and nothing.
fn outlines(layout: &TileLayout, board: &TileBoard) -> String {
    let group: BTreeMap<[usize; 2], usize> =
        layout.cells.iter().copied().zip(layout.groups.iter().copied()).collect();
    let mut d = String::new();
    for (cell, own) in &group {
        let [x, y] = board.corner(*cell);
        let s = board.side;
        let other = |dc: isize, dr: isize| {
            let col = cell[0].checked_add_signed(dc)?;
            let row = cell[1].checked_add_signed(dr)?;
            group.get(&[col, row]).copied()
        };
        if other(-1, 0) != Some(*own) {
            d.push_str(&format!("M{} {}V{}", n(x), n(y), n(y + s)));
        }
        if other(0, -1) != Some(*own) {
            d.push_str(&format!("M{} {}H{}", n(x), n(y), n(x + s)));
        }
        if other(1, 0).is_none() {
            d.push_str(&format!("M{} {}V{}", n(x + s), n(y), n(y + s)));
        }
        if other(0, 1).is_none() {
            d.push_str(&format!("M{} {}H{}", n(x), n(y + s), n(x + s)));
        }
    }
    d
}

/// Each group's name on free ground beside its tiles. A group with no such ground close by is named
/// where there is some, or below the map, with a line to its tiles. Returns where the drawing ends.
fn group_labels(
    c: &mut Canvas,
    map: &TileMap<'_>,
    board: &TileBoard,
    size: Size,
    width: f64,
) -> f64 {
    let mut taken: Vec<[f64; 4]> = map
        .layout
        .cells
        .iter()
        .map(|cell| board.corner(*cell))
        .map(|p| [p[0], p[1], p[0] + board.side, p[1] + board.side])
        .collect();
    let mut order: Vec<usize> = (0..map.groups.len()).collect();
    order.sort_by_key(|g| std::cmp::Reverse(map.layout.groups.iter().filter(|x| *x == g).count()));
    let mut bottom = board.top + map.layout.extent[1] as f64 * board.side + size.label() + 6.0;
    let mut distant = Vec::new();
    for g in order {
        let cells: Vec<[f64; 2]> = own_cells(map.layout, g).map(|p| board.corner(p)).collect();
        let spot = best_spot(&map.groups[g], &cells, board, &taken, [width, bottom], size);
        match spot.filter(|s| s.away < 1.2 * board.side) {
            Some(spot) => {
                write_name(c, &spot, size);
                taken.push(spot.rectangle());
            }
            None if cells.is_empty() => {}
            None => distant.push((g, cells)),
        }
    }
    for (g, cells) in distant {
        let name = &map.groups[g];
        let spot = best_spot(name, &cells, board, &taken, [width, bottom], size)
            .unwrap_or_else(|| below(name, bottom, size, width));
        lead(c, &spot, &cells, board.side);
        write_name(c, &spot, size);
        taken.push(spot.rectangle());
        bottom = bottom.max(spot.rectangle()[3]);
    }
    bottom
}

/// A group's name in its lines.
fn write_name(c: &mut Canvas, spot: &Spot, size: Size) {
    for (i, line) in spot.lines.iter().enumerate() {
        let y = spot.at[1] + size.label() * (0.95 + 1.12 * i as f64);
        c.text([spot.at[0], y], Anchor::Start, size.label(), "sf-strong sf-halo", line);
    }
}

/// A thin line from a name to the nearest tile of its group, with a dot at its end. It ends at a corner
/// of the tile, and runs between tiles where a corner lies straight across from the name, so that it
/// crosses no letters.
fn lead(c: &mut Canvas, spot: &Spot, cells: &[[f64; 2]], side: f64) {
    let [left, top, right, bottom] = spot.rectangle();
    let corners = |tile: &[f64; 2]| {
        let [x, y] = *tile;
        [[x, y], [x + side, y], [x, y + side], [x + side, y + side]]
    };
    let from = |corner: [f64; 2]| {
        let edge = [corner[0].clamp(left, right), corner[1].clamp(top, bottom)];
        let is_straight = (0..2).any(|axis| (edge[axis] - corner[axis]).abs() < f64::EPSILON);
        let away = (corner[0] - edge[0]).hypot(corner[1] - edge[1]);
        (if is_straight { away } else { away + side }, edge, corner)
    };
    let reached = cells.iter().flat_map(corners).map(from);
    let Some((_, edge, corner)) = reached.min_by(|a, b| a.0.total_cmp(&b.0)) else { return };
    let stroke = format!(r#"fill="none" stroke="{}" stroke-width="1""#, colour::INK);
    c.path(
        &format!("M{} {}L{} {}", n(edge[0]), n(edge[1]), n(corner[0]), n(corner[1])),
        &stroke,
        "",
    );
    let dot = format!(r#"fill="{}" stroke="{}" stroke-width="0.8""#, colour::INK, colour::WHITE);
    c.circle(corner, (side / 6.0).min(2.5), &dot, "");
}

/// The place of a name for which the map has no free ground: a line of its own below.
fn below(name: &str, bottom: f64, size: Size, width: f64) -> Spot {
    let font = size.label();
    let lines = wrap_bold(name, font, width - 4.0);
    let wide = lines.iter().map(|l| text::width(l, font, true)).fold(0.0, f64::max) + 2.0;
    let high = font * (1.12 * lines.len() as f64 + 0.1);
    Spot { away: f64::INFINITY, at: [2.0, bottom + 2.0], size: [wide, high], lines }
}

/// The cells of one group.
fn own_cells(layout: &TileLayout, group: usize) -> impl Iterator<Item = [usize; 2]> + '_ {
    layout.cells.iter().zip(&layout.groups).filter(move |(_, g)| **g == group).map(|(p, _)| *p)
}

/// A place for a group's name: how far from the group, where, and how large.
struct Spot {
    away: f64,
    at: [f64; 2],
    size: [f64; 2],
    lines: Vec<String>,
}

impl Spot {
    /// Left, top, right and bottom.
    fn rectangle(&self) -> [f64; 4] {
        [self.at[0], self.at[1], self.at[0] + self.size[0], self.at[1] + self.size[1]]
    }
}

/// The free rectangle nearest to the group's tiles, tried on one and on two lines.
fn best_spot(
    name: &str,
    cells: &[[f64; 2]],
    board: &TileBoard,
    taken: &[[f64; 4]],
    room: [f64; 2],
    size: Size,
) -> Option<Spot> {
    let font = size.label();
    let whole = text::width(name, font, true);
    let longest = name.split(' ').map(|w| text::width(w, font, true)).fold(0.0, f64::max);
    let mut best: Option<(f64, Spot)> = None;
    for wide in [whole + 1.0, (whole * 0.62).max(longest + 1.0), longest + 1.0] {
        let lines = wrap_bold(name, font, wide);
        let w = lines.iter().map(|l| text::width(l, font, true)).fold(0.0, f64::max) + 2.0;
        let h = font * (1.12 * lines.len() as f64 + 0.1);
        for at in candidates(room, board, [w, h]) {
            let own = [at[0], at[1], at[0] + w, at[1] + h];
            if taken.iter().any(|t| overlaps(own, *t)) {
                continue;
            }
            let (away, centred) = reach(own, cells, board.side);
            let score = away + 0.25 * centred + 2.0 * lines.len() as f64;
            if best.as_ref().is_none_or(|b| score < b.0 - 1e-9) {
                best = Some((score, Spot { away, at, size: [w, h], lines: lines.clone() }));
            }
        }
    }
    best.map(|b| b.1)
}

/// A bold name in lines of at most this width.
fn wrap_bold(name: &str, font: f64, wide: f64) -> Vec<String> {
    text::wrap(name, font * 1.07, wide.max(1.0))
}

/// Where a name of this size may stand: the points of a grid over the drawing.
fn candidates(room: [f64; 2], board: &TileBoard, size: [f64; 2]) -> Vec<[f64; 2]> {
    let step = 6.0;
    let (top, right, bottom) = (board.top - 18.0, room[0] - size[0], room[1] - size[1]);
    let columns = ((right.max(0.0)) / step) as usize + 1;
    let rows = (((bottom - top).max(0.0)) / step) as usize + 1;
    (0..rows)
        .flat_map(|r| (0..columns).map(move |c| [c as f64 * step, top + r as f64 * step]))
        .filter(|p| p[0] <= right && p[1] <= bottom)
        .collect()
}

/// Whether two rectangles touch, with a little room between them.
fn overlaps(a: [f64; 4], b: [f64; 4]) -> bool {
    a[0] < b[2] + 3.0 && b[0] < a[2] + 3.0 && a[1] < b[3] + 1.0 && b[1] < a[3] + 1.0
}

/// Distance of a label to the nearest tile of the group, and of its middle to the group's centre.
fn reach(label: [f64; 4], cells: &[[f64; 2]], side: f64) -> (f64, f64) {
    let gap = |lo: f64, hi: f64, a: f64, b: f64| (a - hi).max(lo - b).max(0.0);
    let near = cells
        .iter()
        .map(|p| {
            gap(label[0], label[2], p[0], p[0] + side).hypot(gap(
                label[1],
                label[3],
                p[1],
                p[1] + side,
            ))
        })
        .fold(f64::INFINITY, f64::min);
    let count = cells.len().max(1) as f64;
    let centre = [0, 1].map(|k| cells.iter().map(|p| p[k] + side / 2.0).sum::<f64>() / count);
    let mid = [(label[0] + label[2]) / 2.0, (label[1] + label[3]) / 2.0];
    (near, (mid[0] - centre[0]).hypot(mid[1] - centre[1]))
}

/// The tiles as CSV.
fn data(map: &TileMap<'_>) -> String {
    let mut csv = Csv::new(&["place", "abbreviation", "group", "column", "row", "value"]);
    for (i, tile) in map.tiles.iter().enumerate() {
        let [column, row] = map.layout.cells[i];
        csv.row([
            tile.name.clone(),
            tile.abbreviation.clone(),
            map.groups[map.layout.groups[i]].clone(),
            column.to_string(),
            row.to_string(),
            cell(tile.value),
        ]);
    }
    csv.finish()
}
