//! The graph among some of its variables, with what runs through the others folded into links.
//!
//! A model of a hundred variables has more links than a page shows. Folded onto its stocks, or onto
//! the dozen variables that a text names, it keeps who acts on whom and in which direction.

use std::collections::BTreeMap;

use crate::graph::{CausalEdge, CausalGraph, Polarity, loops};

/// What reaches a variable from a cause, over all ways there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PathEffect {
    polarity: Polarity,
    delayed: bool,
}

impl PathEffect {
    /// The effect of two ways at once: signs that differ leave it open, and it is delayed where
    /// both are.
    fn in_parallel_with(self, other: Self) -> Self {
        Self {
            polarity: self.polarity.in_parallel_with(other.polarity),
            delayed: self.delayed && other.delayed,
        }
    }
}

impl CausalGraph {
    /// The graph of the variables at `kept`, in that order.
    ///
    /// A link stands for every way from one kept variable to another that passes no third one. Its
    /// polarity is the product along a way, mixed where ways disagree; it is delayed when every way
    /// is. Loops are those of the folded graph: one of them may stand for several of the whole, and
    /// a loop that passes no kept variable is not among them. A place that does not exist, or comes
    /// twice, is passed over. A cause that acts on itself through variables that are left out has a
    /// link to itself, and with it a loop of one variable.
    #[must_use]
    pub fn folded(&self, kept: &[usize], max_loops: usize) -> Self {
        let mut places: Vec<usize> = Vec::new();
        for &place in kept.iter().filter(|&&place| place < self.nodes.len()) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        let new: BTreeMap<usize, usize> =
            places.iter().enumerate().map(|(new, &old)| (old, new)).collect();
        let mut next: Vec<Vec<&CausalEdge>> = vec![Vec::new(); self.nodes.len()];
        for edge in &self.edges {
            next[edge.from].push(edge);
        }
        let mut edges = Vec::new();
        for (from, &cause) in places.iter().enumerate() {
            let reached = reach(cause, &next, &new);
            edges.extend(reached.into_iter().map(|(to, found)| CausalEdge {
                from,
                to,
                polarity: found.polarity,
                delayed: found.delayed,
            }));
        }
        let (loops, complete) = loops::find(places.len(), &edges, max_loops);
        Self {
            nodes: places.iter().map(|&place| self.nodes[place].clone()).collect(),
            edges,
            loops,
            loops_complete: complete,
        }
    }
}

/// Kept variables that `cause` acts on, by their new places. A variable that is left out is passed
/// again only when what is known of it has changed.
///
/// Effects only grow (unseen, one sign, mixed) and delays only fall away, so the search ends.
fn reach(
    cause: usize,
    next: &[Vec<&CausalEdge>],
    new: &BTreeMap<usize, usize>,
) -> BTreeMap<usize, PathEffect> {
    let mut ends: BTreeMap<usize, PathEffect> = BTreeMap::new();
    let mut through: BTreeMap<usize, PathEffect> = BTreeMap::new();
    let mut open = vec![(cause, PathEffect { polarity: Polarity::Positive, delayed: false })];
    while let Some((at, so_far)) = open.pop() {
        for edge in &next[at] {
            let found = PathEffect {
                polarity: so_far.polarity.then(edge.polarity),
                delayed: so_far.delayed || edge.delayed,
            };
            let (known, key) = match new.get(&edge.to) {
                Some(&place) => (&mut ends, place),
                None => (&mut through, edge.to),
            };
            let before = known.get(&key).copied();
            let after = before.map_or(found, |before| before.in_parallel_with(found));
            if before != Some(after) {
                known.insert(key, after);
                if !new.contains_key(&edge.to) {
                    open.push((edge.to, after));
                }
            }
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;
    use crate::graph::{CausalNode, LoopKind};

    fn graph(nodes: usize, edges: &[(usize, usize, Polarity, bool)]) -> CausalGraph {
        let node = |place: usize| CausalNode {
            name: place.to_string(),
            kind: Kind::Auxiliary,
            elements: 1,
            is_constant: false,
            units: None,
        };
        let edge = |&(from, to, polarity, delayed)| CausalEdge { from, to, polarity, delayed };
        CausalGraph {
            nodes: (0..nodes).map(node).collect(),
            edges: edges.iter().map(edge).collect(),
            ..CausalGraph::default()
        }
    }

    use Polarity::{Mixed, Negative, Positive};

    #[test]
    fn signs_multiply_along_a_way_and_disagree_between_ways() {
        let whole = graph(
            5,
            &[
                (0, 1, Negative, false),
                (1, 4, Negative, true),
                (0, 2, Positive, false),
                (2, 3, Negative, false),
                (3, 4, Negative, false),
            ],
        );
        let folded = whole.folded(&[4, 0], 10);
        assert_eq!(folded.nodes.iter().map(|node| &*node.name).collect::<Vec<_>>(), ["4", "0"]);
        let expected = CausalEdge { from: 1, to: 0, polarity: Positive, delayed: false };
        assert_eq!(folded.edges, [expected]);

        let against = graph(
            4,
            &[
                (0, 1, Negative, true),
                (1, 3, Positive, false),
                (0, 2, Positive, true),
                (2, 3, Positive, false),
            ],
        );
        let expected = CausalEdge { from: 0, to: 1, polarity: Mixed, delayed: true };
        assert_eq!(against.folded(&[0, 3], 10).edges, [expected]);
    }

    #[test]
    fn loops_through_what_is_folded_stay_and_a_circle_of_it_ends() {
        let whole = graph(
            4,
            &[
                (0, 1, Positive, false),
                (1, 2, Negative, false),
                (2, 1, Negative, false),
                (2, 0, Positive, true),
                (3, 3, Positive, false),
            ],
        );
        let folded = whole.folded(&[0, 7, 0], 10);
        assert_eq!(folded.nodes.len(), 1);
        assert_eq!(folded.loops.len(), 1);
        assert_eq!(folded.loops[0].kind, LoopKind::Balancing);
        assert_eq!(folded.loops[0].delays, 1);
    }
}
