//! The leaves of a day and their root.

use super::hash::Hash256;

/// Leaves of every day, in use or not. A power of two. What happens beyond it waits for the next
/// day, so that the size of the tree never tells how much happened.
pub const BATCH_LEAVES: usize = 256;

/// The commitments of a day, filled up and in the order of their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayBatch {
    leaves: Vec<Hash256>,
}

impl DayBatch {
    /// Fills commitments up to [`BATCH_LEAVES`] with what `padding` gives, which has to be random:
    /// 32 bytes that nobody can tell from a commitment. Sorting by value takes from a leaf's place
    /// what it could tell. Commitments beyond the size are left out: see [`DayBatch::taken`].
    pub fn fill(commitments: &[Hash256], mut padding: impl FnMut() -> Hash256) -> DayBatch {
        let mut leaves: Vec<Hash256> = commitments[..DayBatch::taken(commitments.len())].to_vec();
        while leaves.len() < BATCH_LEAVES {
            leaves.push(padding());
        }
        leaves.sort_unstable();
        DayBatch { leaves }
    }

    /// How many of a number of waiting commitments a batch takes.
    pub fn taken(waiting: usize) -> usize {
        waiting.min(BATCH_LEAVES)
    }

    /// A batch from its leaves as they were kept. Nothing when their number or order is not that
    /// of a batch.
    pub fn from_leaves(leaves: Vec<Hash256>) -> Option<DayBatch> {
        (leaves.len() == BATCH_LEAVES && leaves.is_sorted()).then_some(DayBatch { leaves })
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
