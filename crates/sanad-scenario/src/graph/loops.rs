//! Feedback loops: the elementary circuits of the graph.
//!
//! Elementary means that no variable comes twice. Their number can grow exponentially with the size
//! of a model, so that the search is bounded twice: by the loops asked for and by its moves.

use std::collections::BTreeMap;

use pathfinding::prelude::strongly_connected_components;

use crate::graph::{CausalEdge, Polarity};

/// What a loop does to a change. By the number of negative links on the way round: even
/// strengthens, odd works against. How strong a loop is, and when it dominates, is not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoopKind {
    /// Strengthens it.
    Reinforcing,
    /// Works against it.
    Balancing,
    /// Changes sides, or was not seen to act. One link of mixed or unseen polarity is enough.
    Unclear,
}

/// A feedback loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loop {
    /// Places of its variables, each acting on the next and the last on the first. The lowest place
    /// comes first; no place comes twice.
    pub nodes: Vec<usize>,
    /// Reinforcing or balancing.
    pub kind: LoopKind,
    /// Number of its effects that build up over time. At least one in a loop that acts within a
    /// single element: without a state on the way the model would not compile.
    pub delays: usize,
}

/// Moves of the search before it is cut off. A move follows one link. The bound does not depend on
/// the machine, so that the same model gives the same loops everywhere.
const MOVES: usize = 2_000_000;

/// All loops, shortest first, and whether the search was complete.
///
/// Depth-first search for the circuits through each vertex among the vertices from it onwards in
/// its strongly connected component, as in D. B. Johnson, "Finding all the elementary circuits of a
/// directed graph", SIAM Journal on Computing 4 (1975), without its bookkeeping of blocked vertices
/// but with a bound on the work. Johnson's blocking spares repeated walks into dead ends; the bound
/// on moves stands in for it.
pub(super) fn find(nodes: usize, edges: &[CausalEdge], most: usize) -> (Vec<Loop>, bool) {
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); nodes];
    let mut effects = BTreeMap::new();
    for edge in edges {
        next[edge.from].push(edge.to);
        effects.insert((edge.from, edge.to), edge);
    }
    let every: Vec<usize> = (0..nodes).collect();
    let mut component = vec![0; nodes];
    for (number, members) in
        strongly_connected_components(&every, |&node| next[node].clone()).iter().enumerate()
    {
        for &member in members {
            component[member] = number;
        }
    }
    let mut search =
        LoopSearch { next: &next, component: &component, found: Vec::new(), moves: 0, most };
    for start in 0..nodes {
        search.circuits(start);
    }
    let complete = !search.is_over();
    let mut loops: Vec<Loop> =
        search.found.into_iter().map(|circuit| describe(circuit, &effects)).collect();
    loops.sort_by(|a, b| a.nodes.len().cmp(&b.nodes.len()).then(a.nodes.cmp(&b.nodes)));
    (loops, complete)
}

/// A loop with its sign, the product of those of its effects, and its delays. `effects` has every
/// link of the circuit.
fn describe(nodes: Vec<usize>, effects: &BTreeMap<(usize, usize), &CausalEdge>) -> Loop {
    let pairs = (0..nodes.len()).map(|place| (nodes[place], nodes[(place + 1) % nodes.len()]));
    let mut polarity = Polarity::Positive;
    let mut delays = 0;
    for edge in pairs.filter_map(|pair| effects.get(&pair)) {
        polarity = polarity.then(edge.polarity);
        delays += usize::from(edge.delayed);
    }
    let kind = match polarity {
        Polarity::Positive => LoopKind::Reinforcing,
        Polarity::Negative => LoopKind::Balancing,
        _ => LoopKind::Unclear,
    };
    Loop { nodes, kind, delays }
}

/// The search of [`find`], under way: what leads where, which vertices reach one another, what was
/// found, and how many moves it took.
struct LoopSearch<'a> {
    /// By vertex, where its links lead.
    next: &'a [Vec<usize>],
    /// By vertex, the number of its strongly connected component.
    component: &'a [usize],
    /// Circuits found, each from its lowest vertex on.
    found: Vec<Vec<usize>>,
    moves: usize,
    most: usize,
}

impl LoopSearch<'_> {
    /// Whether the search has found, or tried, as much as it may. One circuit more than `most` is
    /// found, to know that there are more.
    fn is_over(&self) -> bool {
        self.moves >= MOVES || self.found.len() > self.most
    }

    /// Circuits whose lowest vertex is `start`.
    fn circuits(&mut self, start: usize) {
        let mut path = vec![(start, 0)];
        let mut on_path = vec![false; self.next.len()];
        on_path[start] = true;
        while let Some((node, place)) = path.last_mut() {
            if self.is_over() {
                self.found.truncate(self.most);
                self.moves = MOVES;
                return;
            }
            let Some(&to) = self.next[*node].get(*place) else {
                on_path[*node] = false;
                path.pop();
                continue;
            };
            *place += 1;
            self.moves += 1;
            if to == start {
                self.found.push(path.iter().map(|(node, _)| *node).collect());
            } else if to > start && self.component[to] == self.component[start] && !on_path[to] {
                on_path[to] = true;
                path.push((to, 0));
            }
        }
    }
}
