//! Laying places out as one square tile each, near where they are, groups kept together.
//!
//! Steps: (1) centroids are projected with cos(latitude) and scaled so that tiles fill the groups'
//! extent; (2) overlapping unit squares push each other apart, neighbours pull together; (3) an assignment by the Hungarian
//! method (Kuhn 1955, Munkres 1957) gives every place one cell of a grid at least total squared
//! distance; (4) swaps and moves, accepted by simulated annealing from a fixed random sequence,
//! trade squared distance against compact, connected groups; (5) within each group the Hungarian
//! method assigns places to the group's cells again, which cannot break its shape. Every group is
//! in one piece in the end, whatever its shape on the map.
//! The same input gives the same layout.

use std::collections::BTreeMap;

use pathfinding::kuhn_munkres::kuhn_munkres_min;
use pathfinding::matrix::Matrix;

use crate::error::{Error, check};

/// A place to lay out.
#[derive(Debug, Clone, PartialEq)]
pub struct Centroid {
    /// Degrees east, −180 to 180.
    pub lon: f64,
    /// Degrees north, −90 to 90.
    pub lat: f64,
    /// Index of its group.
    pub group: usize,
}

/// Where each tile lies.
#[derive(Debug, Clone, PartialEq)]
pub struct TileLayout {
    /// Column (from the west) and row (from the north) of each place, in the order given, from 0.
    pub cells: Vec<[usize; 2]>,
    /// Group of each place, as given.
    pub groups: Vec<usize>,
    /// Number of columns and rows.
    pub extent: [usize; 2],
    /// How true the layout is to the map.
    pub quality: TileQuality,
}

/// How true a tile layout is to the map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TileQuality {
    /// Mean distance of tiles from their places after the best scale and shift, in tile widths.
    pub displacement_mean_tiles: f64,
    /// Share of neighbouring pairs of places (Gabriel graph of the centroids) whose tiles touch at
    /// a side or corner.
    pub neighbours_kept: f64,
    /// Mean angle between the bearing of a neighbouring pair on the map and in tiles, degrees.
    pub bearing_error_mean_degrees: f64,
    /// Groups whose tiles do not form one piece (by sides or corners): 0 in a good layout.
    pub groups_broken: usize,
}

/// Lays out places as tiles.
///
/// Errors when there is no place, a coordinate is not finite or out of range.
pub fn tile_layout(places: &[Centroid]) -> Result<TileLayout, Error> {
    check::not_empty("places", places)?;
    for p in places {
        check::finite("longitude and latitude", [p.lon, p.lat])?;
        check::within("longitude", p.lon, -180.0, 180.0)?;
        check::within("latitude", p.lat, -90.0, 90.0)?;
    }
    let mapped = project(places);
    let relaxed = relax(scaled(&mapped), places);
    let (columns, rows, shifted) = grid(&relaxed);
    let groups: Vec<usize> = places.iter().map(|p| p.group).collect();
    let mut board = Board::assign(shifted, groups.clone(), columns, rows);
    board.anneal();
    board.join_groups();
    board.mend();
    board.polish();
    let cells = trim(&board);
    let extent = [0, 1].map(|k| cells.iter().map(|c| c[k]).max().unwrap_or(0) + 1);
    let quality = quality(&mapped, &cells, &groups);
    Ok(TileLayout { cells, groups, extent, quality })
}

/// Degrees as plane coordinates: longitudes shortened by the cosine of the mean latitude,
/// latitudes downwards.
fn project(places: &[Centroid]) -> Vec<[f64; 2]> {
    let mid = places.iter().map(|p| p.lat).sum::<f64>() / places.len() as f64;
    let k = mid.to_radians().cos();
    places.iter().map(|p| [p.lon * k, -p.lat]).collect()
}

/// Scale at which the median distance to the third nearest neighbour is a tile and a bit.
fn scaled(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut third: Vec<f64> = points
        .iter()
        .map(|p| {
            let mut d: Vec<f64> = points.iter().map(|q| gap(*p, *q)).collect();
            d.sort_by(f64::total_cmp);
            d[d.len().min(4) - 1]
        })
        .collect();
    third.sort_by(f64::total_cmp);
    let typical = third[third.len() / 2];
    let s = if typical > 0.0 { 1.12 / typical } else { 1.0 };
    points.iter().map(|p| [p[0] * s, p[1] * s]).collect()
}

/// Distance between two points.
fn gap(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Unit squares push each other apart along the lesser overlap; members of a group drift together.
fn relax(mut at: Vec<[f64; 2]>, places: &[Centroid]) -> Vec<[f64; 2]> {
    let pairs = gabriel(&at);
    for _ in 0..240 {
        draw_in(&mut at, places);
        pull(&mut at, &pairs);
        for i in 0..at.len() {
            for j in 0..i {
                push(&mut at, i, j);
            }
        }
    }
    at
}

/// Moves every place a little towards the middle of its group.
fn draw_in(at: &mut [[f64; 2]], places: &[Centroid]) {
    let mut centre: BTreeMap<usize, ([f64; 2], f64)> = BTreeMap::new();
    for (p, place) in at.iter().zip(places) {
        let e = centre.entry(place.group).or_insert(([0.0; 2], 0.0));
        *e = ([e.0[0] + p[0], e.0[1] + p[1]], e.1 + 1.0);
    }
    for (p, place) in at.iter_mut().zip(places) {
        let (sum, count) = centre[&place.group];
        for k in 0..2 {
            p[k] += 0.012 * (sum[k] / count - p[k]);
        }
    }
}

/// Neighbours on the map that drifted apart are pulled together again.
fn pull(at: &mut [[f64; 2]], pairs: &[(usize, usize)]) {
    for (i, j) in pairs {
        let d = gap(at[*i], at[*j]);
        if d <= 1.2 {
            continue;
        }
        let pace = 0.08 * (d - 1.2) / d;
        let step = [pace * (at[*j][0] - at[*i][0]), pace * (at[*j][1] - at[*i][1])];
        at[*i] = [at[*i][0] + step[0], at[*i][1] + step[1]];
        at[*j] = [at[*j][0] - step[0], at[*j][1] - step[1]];
    }
}

/// Moves two overlapping unit squares apart, along the side on which they overlap least.
fn push(at: &mut [[f64; 2]], i: usize, j: usize) {
    let d = [at[i][0] - at[j][0], at[i][1] - at[j][1]];
    let over = [1.0 - d[0].abs(), 1.0 - d[1].abs()];
    if over[0] <= 0.0 || over[1] <= 0.0 {
        return;
    }
    let k = usize::from(over[1] < over[0]);
    let way = if d[k] >= 0.0 { 1.0 } else { -1.0 };
    at[i][k] += way * over[k] * 0.3;
    at[j][k] -= way * over[k] * 0.3;
}

/// A grid that holds all places with room to move, and each place's position on it.
fn grid(at: &[[f64; 2]]) -> (usize, usize, Vec<[f64; 2]>) {
    let low = [0, 1].map(|k| at.iter().map(|p| p[k]).fold(f64::INFINITY, f64::min));
    let high = [0, 1].map(|k| at.iter().map(|p| p[k]).fold(f64::NEG_INFINITY, f64::max));
    let mut size = [0, 1].map(|k| (high[k] - low[k]).ceil() as usize + 3);
    let side = (at.len() as f64).sqrt().ceil() as usize;
    size = size.map(|s| s.max(side));
    let shifted = at.iter().map(|p| [p[0] - low[0] + 1.0, p[1] - low[1] + 1.0]).collect();
    (size[0], size[1], shifted)
}

/// A fixed random sequence (SplitMix64, Steele et al. 2014): only the layout's search uses it.
struct Sequence(u64);

impl Sequence {
    /// The next number of the sequence: SplitMix64 (G. L. Steele, D. Lea and C. H. Flood, OOPSLA
    /// 2014).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// A number in [0, 1).
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A cell without a tile.
const EMPTY: usize = usize::MAX;
/// What two tiles side by side are worth beyond [`TOUCHING`] where they are of one group, in squared
/// tile widths.
const TOGETHER: f64 = 1.8;
/// What two tiles side by side are worth whatever their groups, in squared tile widths.
const TOUCHING: f64 = 1.4;
/// Moves of the annealing.
const MOVES: usize = 90_000;
/// Moves of the repair of broken groups.
const MENDS: usize = 8_000;
/// What a piece of a group beyond its first costs in the repair, in squared tile widths.
const PIECE: f64 = 14.0;

/// Tiles on a grid while the layout is searched.
struct Board {
    wanted: Vec<[f64; 2]>,
    groups: Vec<usize>,
    columns: usize,
    rows: usize,
    cell_of: Vec<usize>,
    tile_at: Vec<usize>,
}

impl Board {
    /// Puts each tile on a cell of its own so that the squared distances add up to least
    /// (Hungarian method).
    fn assign(wanted: Vec<[f64; 2]>, groups: Vec<usize>, columns: usize, rows: usize) -> Self {
        let all: Vec<usize> = (0..columns * rows).collect();
        let tiles: Vec<usize> = (0..wanted.len()).collect();
        let mut board = Board {
            cell_of: vec![0; wanted.len()],
            tile_at: vec![EMPTY; all.len()],
            wanted,
            groups,
            columns,
            rows,
        };
        let chosen = board.cheapest(&tiles, &all);
        board.place(&tiles, &chosen);
        board
    }

    /// Squared distance of a tile on a cell from where it would like to be.
    fn distance(&self, tile: usize, cell: usize) -> f64 {
        let (c, r) = (cell % self.columns, cell / self.columns);
        let [x, y] = self.wanted[tile];
        (x - c as f64).powi(2) + (y - r as f64).powi(2)
    }

    /// Cells for tiles at least total squared distance.
    fn cheapest(&self, tiles: &[usize], cells: &[usize]) -> Vec<usize> {
        let costs = tiles.iter().map(|t| {
            cells
                .iter()
                .map(|c| (self.distance(*t, *c) * 1000.0).round() as i64)
                .collect::<Vec<_>>()
        });
        match Matrix::from_rows(costs) {
            Ok(matrix) => kuhn_munkres_min(&matrix).1.iter().map(|i| cells[*i]).collect(),
            Err(_) => cells[..tiles.len()].to_vec(),
        }
    }

    /// Puts these tiles on these cells.
    fn place(&mut self, tiles: &[usize], cells: &[usize]) {
        for (t, c) in tiles.iter().zip(cells) {
            self.cell_of[*t] = *c;
            self.tile_at[*c] = *t;
        }
    }

    /// The cells beside a cell, with or without those at its corners.
    fn around(&self, cell: usize, corners: bool) -> impl Iterator<Item = usize> + use<> {
        /// Sides first, then corners.
        const STEPS: [(isize, isize); 8] =
            [(0, -1), (-1, 0), (1, 0), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1)];
        let (columns, rows) = (self.columns as isize, self.rows as isize);
        let (c, r) = ((cell % self.columns) as isize, (cell / self.columns) as isize);
        STEPS.into_iter().take(if corners { 8 } else { 4 }).filter_map(move |(dc, dr)| {
            let (c, r) = (c + dc, r + dr);
            let inside = c >= 0 && r >= 0 && c < columns && r < rows;
            inside.then(|| (r * columns + c) as usize)
        })
    }

    /// What a cell contributes: the squared distance of its tile less the worth of its sides.
    fn energy(&self, cell: usize) -> f64 {
        let tile = self.tile_at[cell];
        if tile == EMPTY {
            return 0.0;
        }
        let worth: f64 = self
            .around(cell, false)
            .filter(|c| self.tile_at[*c] != EMPTY)
            .map(|c| {
                let same = self.groups[self.tile_at[c]] == self.groups[tile];
                TOUCHING + if same { TOGETHER } else { 0.0 }
            })
            .sum();
        self.distance(tile, cell) - worth
    }

    /// Exchanges what stands on two cells.
    fn swap(&mut self, a: usize, b: usize) {
        self.tile_at.swap(a, b);
        for cell in [a, b] {
            if self.tile_at[cell] != EMPTY {
                self.cell_of[self.tile_at[cell]] = cell;
            }
        }
    }

    /// Exchanges cells at random, worse ones ever more rarely: a group's tiles come together
    /// without moving far (simulated annealing, S. Kirkpatrick and others, Science 220, 1983).
    fn anneal(&mut self) {
        let mut dice = Sequence(1);
        for step in 0..MOVES {
            let heat = 1.6 * (1.0 - step as f64 / MOVES as f64).powi(2) + 1e-3;
            let a = self.cell_of[dice.below(self.cell_of.len())];
            let reach: Vec<usize> = self.around(a, true).collect();
            let mut b = reach[dice.below(reach.len())];
            if dice.below(3) == 0 {
                let further: Vec<usize> = self.around(b, true).collect();
                b = further[dice.below(further.len())];
            }
            if a == b {
                continue;
            }
            let before = self.energy(a) + self.energy(b);
            self.swap(a, b);
            let change = self.energy(a) + self.energy(b) - before;
            if change > 0.0 && dice.unit() >= (-change / heat).exp() {
                self.swap(a, b);
            }
        }
    }

    /// Pieces of a group joined by sides, greatest first.
    fn pieces(&self, group: usize) -> Vec<Vec<usize>> {
        let cells = (0..self.cell_of.len()).filter(|t| self.groups[*t] == group);
        pieces(cells.map(|t| self.cell_of[t]).collect(), |c| self.around(c, false).collect())
    }

    /// Moves stray tiles to their group: a stray changes places with a tile or an empty cell beside
    /// the group's greatest piece, the cheapest change first, as long as no other group breaks.
    fn join_groups(&mut self) {
        let mut groups = self.groups.clone();
        groups.sort_unstable();
        groups.dedup();
        for _ in 0..self.cell_of.len() {
            let broken = groups.iter().copied().find(|g| self.pieces(*g).len() > 1);
            let Some(group) = broken else { return };
            if !self.join(group) {
                return;
            }
        }
    }

    /// Moves one tile of a group so that its pieces become fewer; whether one was found.
    fn join(&mut self, group: usize) -> bool {
        let found = self.pieces(group);
        let total = self.broken_sides();
        let mut best: Option<(f64, usize, usize)> = None;
        for stray in found[1..].iter().flatten() {
            let neighbours: Vec<usize> =
                found[0].iter().flat_map(|c| self.around(*c, false)).collect();
            for near in neighbours {
                if self.tile_at[near] != EMPTY && self.groups[self.tile_at[near]] == group {
                    continue;
                }
                let before = self.energy(*stray) + self.energy(near);
                self.swap(*stray, near);
                let change = self.energy(*stray) + self.energy(near) - before;
                if self.broken_sides() < total && best.is_none_or(|b| change < b.0) {
                    best = Some((change, *stray, near));
                }
                self.swap(*stray, near);
            }
        }
        match best {
            Some((_, a, b)) => self.swap(a, b),
            None => return false,
        }
        true
    }

    /// How many pieces the groups are in beyond one each.
    fn broken_sides(&self) -> usize {
        let mut groups = self.groups.clone();
        groups.sort_unstable();
        groups.dedup();
        groups.iter().map(|g| self.pieces(*g).len() - 1).sum()
    }

    /// Where joining step by step fails: annealing that pays for every broken piece, and if even
    /// that fails, groups one after the other along a serpentine, which cannot break any.
    fn mend(&mut self) {
        let mut dice = Sequence(2);
        let mut broken = self.broken_sides();
        for step in 0..MENDS {
            if broken == 0 {
                return;
            }
            let heat = 3.0 * (1.0 - step as f64 / MENDS as f64) + 0.05;
            let a = self.cell_of[self.restless(&mut dice)];
            let reach: Vec<usize> = self.around(a, true).collect();
            let b = reach[dice.below(reach.len())];
            let before = self.energy(a) + self.energy(b);
            self.swap(a, b);
            let now = self.broken_sides();
            let change =
                self.energy(a) + self.energy(b) - before + PIECE * (now as f64 - broken as f64);
            if change > 0.0 && dice.unit() >= (-change / heat).exp() {
                self.swap(a, b);
            } else {
                broken = now;
            }
        }
        if self.broken_sides() > 0 {
            self.serpentine();
        }
    }

    /// A tile to move: half the time any, else one of a broken group.
    fn restless(&self, dice: &mut Sequence) -> usize {
        let tile = dice.below(self.cell_of.len());
        if dice.below(2) == 0 || self.pieces(self.groups[tile]).len() > 1 {
            return tile;
        }
        dice.below(self.cell_of.len())
    }

    /// A last resort that cannot fail: group after group along columns, every other one backwards.
    fn serpentine(&mut self) {
        let mut order: Vec<usize> = (0..self.groups.len()).collect();
        order.sort_by_key(|t| self.groups[*t]);
        let rows = (order.len() as f64).sqrt().ceil().min(self.rows as f64) as usize;
        self.tile_at.fill(EMPTY);
        for (i, tile) in order.into_iter().enumerate() {
            let (column, along) = (i / rows, i % rows);
            let row = if column % 2 == 0 { along } else { rows - 1 - along };
            let cell = row * self.columns + column;
            self.cell_of[tile] = cell;
            self.tile_at[cell] = tile;
        }
    }

    /// Within each group, gives tiles the cells on which their distances add up to least.
    fn polish(&mut self) {
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (tile, group) in self.groups.iter().enumerate() {
            members.entry(*group).or_default().push(tile);
        }
        for tiles in members.values() {
            let mut cells: Vec<usize> = tiles.iter().map(|t| self.cell_of[*t]).collect();
            cells.sort_unstable();
            let chosen = self.cheapest(tiles, &cells);
            self.place(tiles, &chosen);
        }
    }
}

/// Connected pieces of a set of cells, greatest first.
fn pieces(mut cells: Vec<usize>, around: impl Fn(usize) -> Vec<usize>) -> Vec<Vec<usize>> {
    cells.sort_unstable();
    let mut seen = vec![false; cells.len()];
    let mut out: Vec<Vec<usize>> = Vec::new();
    for start in 0..cells.len() {
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        let mut piece = vec![cells[start]];
        let mut next = 0;
        while next < piece.len() {
            for c in around(piece[next]) {
                if let Ok(i) = cells.binary_search(&c)
                    && !std::mem::replace(&mut seen[i], true)
                {
                    piece.push(c);
                }
            }
            next += 1;
        }
        out.push(piece);
    }
    out.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    out
}

/// Cells counted from the leftmost column and the topmost row that are used.
fn trim(board: &Board) -> Vec<[usize; 2]> {
    let at: Vec<[usize; 2]> =
        board.cell_of.iter().map(|c| [c % board.columns, c / board.columns]).collect();
    let low = [0, 1].map(|k| at.iter().map(|p| p[k]).min().unwrap_or(0));
    at.iter().map(|p| [p[0] - low[0], p[1] - low[1]]).collect()
}

/// Pairs of points with no third point inside the circle on their diameter.
fn gabriel(points: &[[f64; 2]]) -> Vec<(usize, usize)> {
    let free = |i: usize, j: usize| {
        let mid = [(points[i][0] + points[j][0]) / 2.0, (points[i][1] + points[j][1]) / 2.0];
        let radius = gap(points[i], points[j]) / 2.0;
        (0..points.len()).all(|k| k == i || k == j || gap(points[k], mid) >= radius)
    };
    (0..points.len())
        .flat_map(|i| (0..i).map(move |j| (j, i)))
        .filter(|(j, i)| free(*j, *i))
        .collect()
}

/// How true a layout is: neighbours kept, directions kept, groups in one piece.
fn quality(mapped: &[[f64; 2]], cells: &[[usize; 2]], groups: &[usize]) -> TileQuality {
    let tiles: Vec<[f64; 2]> = cells.iter().map(|c| [c[0] as f64, c[1] as f64]).collect();
    let pairs = gabriel(mapped);
    let touch = |(i, j): &&(usize, usize)| {
        cells[*i][0].abs_diff(cells[*j][0]) <= 1 && cells[*i][1].abs_diff(cells[*j][1]) <= 1
    };
    let bearing = |p: &[[f64; 2]], i: usize, j: usize| (p[j][1] - p[i][1]).atan2(p[j][0] - p[i][0]);
    let turned: f64 = pairs
        .iter()
        .map(|(i, j)| {
            let d = (bearing(mapped, *i, *j) - bearing(&tiles, *i, *j)).abs();
            d.min(std::f64::consts::TAU - d).to_degrees()
        })
        .sum();
    let count = pairs.len().max(1) as f64;
    let kept =
        if pairs.is_empty() { 1.0 } else { pairs.iter().filter(touch).count() as f64 / count };
    TileQuality {
        displacement_mean_tiles: displacement(mapped, &tiles),
        neighbours_kept: kept,
        bearing_error_mean_degrees: turned / count,
        groups_broken: broken(cells, groups),
    }
}

/// Mean distance after the least-squares scale and shift of the map onto the tiles.
fn displacement(mapped: &[[f64; 2]], tiles: &[[f64; 2]]) -> f64 {
    let count = tiles.len() as f64;
    let mean = |p: &[[f64; 2]], k: usize| p.iter().map(|q| q[k]).sum::<f64>() / count;
    let (a, b) = ([mean(mapped, 0), mean(mapped, 1)], [mean(tiles, 0), mean(tiles, 1)]);
    let (mut cross, mut own) = (0.0, 0.0);
    for (m, t) in mapped.iter().zip(tiles) {
        for k in 0..2 {
            cross += (m[k] - a[k]) * (t[k] - b[k]);
            own += (m[k] - a[k]).powi(2);
        }
    }
    let s = if own > 0.0 { cross / own } else { 1.0 };
    let off = mapped
        .iter()
        .zip(tiles)
        .map(|(m, t)| gap([(m[0] - a[0]) * s, (m[1] - a[1]) * s], [t[0] - b[0], t[1] - b[1]]));
    off.sum::<f64>() / count
}

/// Number of groups in more than one piece.
fn broken(cells: &[[usize; 2]], groups: &[usize]) -> usize {
    let mut by_group: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    /// Cells of a row apart, so that one number names a cell.
    const ROW: usize = 1 << 16;
    for (c, g) in cells.iter().zip(groups) {
        by_group.entry(*g).or_default().push((c[1] + 1) * ROW + c[0] + 1);
    }
    let around = |c: usize| {
        let near =
            [c - ROW - 1, c - ROW, c - ROW + 1, c - 1, c + 1, c + ROW - 1, c + ROW, c + ROW + 1];
        near.to_vec()
    };
    by_group.into_values().filter(|v| pieces(v.clone(), around).len() > 1).count()
}
