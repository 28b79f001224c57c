//! The leaves of a day and their root.

use super::hash::Hash256;

/// The fewest leaves of a day, and those of a desk that says nothing of it.
///
/// A desk decides once, when it begins, how many leaves every day has, in use or not. What happens
/// beyond them waits for the next day, so that the size of the tree tells how much a desk can take,
/// which is public anyway, and never how much happened. Sizes that followed the days would tell.
pub const FEWEST_LEAVES: usize = 256;
/// The most leaves of a day: half a megabyte of them is kept for every day.
pub const MOST_LEAVES: usize = 16_384;

/// Whether every day of a ledger can have so many leaves: a power of two between the two bounds.
///
/// ```
/// use sanad_desk::ledger::is_leaf_count;
///
/// assert!(is_leaf_count(256) && is_leaf_count(4_096));
/// assert!(!is_leaf_count(128) && !is_leaf_count(300));
/// ```
pub fn is_leaf_count(leaves: usize) -> bool {
    (FEWEST_LEAVES..=MOST_LEAVES).contains(&leaves) && leaves.is_power_of_two()
}

/// The commitments of a day, filled up and in the order of their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayBatch {
    leaves: Vec<Hash256>,
}

impl DayBatch {
    /// Commitments in place of as many hashes of a padding, which has one for every leaf of a day (see
    /// [`is_leaf_count`]) and has to be random: 32 bytes each that nobody can tell from a commitment.
    /// Sorting by value takes from a leaf's place what it could tell. Commitments beyond the leaves are
    /// left out.
    pub fn fill(commitments: &[Hash256], padding: &[Hash256]) -> DayBatch {
        let mut leaves = padding.to_vec();
        for (leaf, commitment) in leaves.iter_mut().zip(commitments) {
            *leaf = *commitment;
        }
        leaves.sort_unstable();
        DayBatch { leaves }
    }

    /// A batch from its leaves as they were kept. Nothing when their number is not that of the
    /// ledger's days, or their order not that of a batch.
    pub fn from_leaves(leaves: Vec<Hash256>, expected: usize) -> Option<DayBatch> {
        (leaves.len() == expected && leaves.is_sorted()).then_some(DayBatch { leaves })
    }

    /// All leaves in order.
    pub fn leaves(&self) -> &[Hash256] {
        &self.leaves
    }

    /// The root of the tree over the leaves.
    pub fn root(&self) -> Hash256 {
        let mut level: Vec<Hash256> = self.leaves.iter().map(|leaf| leaf_hash(*leaf)).collect();
        while level.len() > 1 {
            level = level.chunks_exact(2).map(|pair| node_hash(pair[0], pair[1])).collect();
        }
        level[0]
    }

    /// The place of a commitment and the hashes from its leaf's neighbour up to below the root;
    /// nothing when it is not in the batch.
    pub fn path(&self, commitment: Hash256) -> Option<(usize, Vec<Hash256>)> {
        let place = self.leaves.binary_search(&commitment).ok()?;
        let mut level: Vec<Hash256> = self.leaves.iter().map(|leaf| leaf_hash(*leaf)).collect();
        let (mut at_level, mut path) = (place, Vec::new());
        while level.len() > 1 {
            path.push(level[at_level ^ 1]);
            level = level.chunks_exact(2).map(|pair| node_hash(pair[0], pair[1])).collect();
            at_level /= 2;
        }
        Some((place, path))
    }
}

/// Leaves and nodes hash under different names, so that no node passes for a leaf (RFC 6962, 2.1).
pub(super) fn leaf_hash(commitment: Hash256) -> Hash256 {
    Hash256::over("sanad-desk leaf 1", &[&commitment.0])
}

pub(super) fn node_hash(left: Hash256, right: Hash256) -> Hash256 {
    Hash256::over("sanad-desk node 1", &[&left.0, &right.0])
}
