//! One tree, grown on a random part of the rows.

use sanad_core::random::{Stream, Streams};

use super::Forest;
use super::table::{CODES, TrainingTable};
use crate::score::{IGN_EDGES, index_below};

/// Bins of the outcome.
const BINS: usize = IGN_EDGES.len();

/// A split or a leaf.
#[derive(Debug, Clone)]
enum TreeNode {
    /// Rows with a code at most `below` in `column` go left.
    Split { column: usize, at_most: u8, left: u32, right: u32 },
    /// Rows of the table, in its order.
    Leaf(Vec<u32>),
}

/// A grown tree.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    nodes: Vec<TreeNode>,
}

impl Tree {
    /// A tree grown on a random part of the rows.
    pub(super) fn grown(
        settings: &Forest,
        table: &TrainingTable,
        streams: Streams,
        tree: u32,
    ) -> Self {
        let mut stream = streams.at(u32::MAX, tree, 0);
        let share = settings.tree_rows as f64 / table.rows().max(1) as f64;
        let mut rows: Vec<u32> =
            (0..table.rows() as u32).filter(|_| share >= 1.0 || stream.open01() < share).collect();
        if rows.is_empty() {
            rows = (0..table.rows() as u32).collect();
        }
        let mut grown = Self { nodes: vec![TreeNode::Leaf(rows)] };
        let mut next = 0;
        while next < grown.nodes.len() {
            grown.split(next, settings, table, &mut stream);
            next += 1;
        }
        grown
    }

    /// The rows of the leaf that a coded row falls into.
    pub(super) fn leaf(&self, row: &[u8]) -> &[u32] {
        let mut at = 0;
        loop {
            match &self.nodes[at] {
                TreeNode::Leaf(rows) => return rows,
                TreeNode::Split { column, at_most, left, right } => {
                    at = if row[*column] <= *at_most { *left } else { *right } as usize;
                }
            }
        }
    }

    /// Splits a leaf if there is anything to gain.
    fn split(
        &mut self,
        node: usize,
        settings: &Forest,
        table: &TrainingTable,
        stream: &mut Stream,
    ) {
        let TreeNode::Leaf(rows) = &self.nodes[node] else { return };
        if rows.len() < 2 * settings.leaf_rows {
            return;
        }
        let tried: Vec<usize> =
            (0..settings.tried).map(|_| index_below(stream, table.columns())).collect();
        let best = tried
            .into_iter()
            .filter_map(|column| best_cut(rows, column, settings.leaf_rows, table))
            .fold(None, |best: Option<Cut>, cut| match best {
                Some(best) if best.gain >= cut.gain => Some(best),
                _ => Some(cut),
            });
        let Some(Cut { column, at_most, .. }) = best else { return };
        let (left, right) = rows.iter().partition(|&&row| table.code(row, column) <= at_most);
        let next = self.nodes.len() as u32;
        self.nodes.extend([TreeNode::Leaf(left), TreeNode::Leaf(right)]);
        self.nodes[node] = TreeNode::Split { column, at_most, left: next, right: next + 1 };
    }
}

/// A way to part rows in two.
#[derive(Debug, Clone, Copy)]
struct Cut {
    gain: f64,
    column: usize,
    at_most: u8,
}

/// The cut of a column that lowers the summed entropy most, if any does.
fn best_cut(rows: &[u32], column: usize, leaf_rows: usize, table: &TrainingTable) -> Option<Cut> {
    let mut counts = [[0_u32; BINS]; CODES];
    for &row in rows {
        counts[usize::from(table.code(row, column))][usize::from(table.bin(row))] += 1;
    }
    let mut right = [0_u32; BINS];
    for code in &counts {
        right.iter_mut().zip(code).for_each(|(sum, count)| *sum += count);
    }
    let whole = spread(&right);
    let mut left = [0_u32; BINS];
    let (mut taken, mut best) = (0, None);
    for (code, of_code) in counts.iter().enumerate() {
        let here: u32 = of_code.iter().sum();
        if here == 0 {
            continue;
        }
        taken += here as usize;
        for (bin, count) in of_code.iter().enumerate() {
            left[bin] += count;
            right[bin] -= count;
        }
        if taken < leaf_rows {
            continue;
        }
        if rows.len() - taken < leaf_rows {
            break;
        }
        let gain = whole - spread(&left) - spread(&right);
        if gain > best.map_or(1e-9, |cut: Cut| cut.gain) {
            best = Some(Cut { gain, column, at_most: code as u8 });
        }
    }
    best
}

/// Number of rows times the entropy of their bins, in nats.
fn spread(counts: &[u32; BINS]) -> f64 {
    let whole = f64::from(counts.iter().sum::<u32>());
    let each = |&count: &u32| match count {
        0 => 0.0,
        count => f64::from(count) * f64::from(count).ln(),
    };
    whole * whole.max(1.0).ln() - counts.iter().map(each).sum::<f64>()
}
