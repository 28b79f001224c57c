//! A model as a causal graph: who acts on whom, in which direction, with what delay, in which loops.
//!
//! Two variables are linked where the equation of one reads the other, directly or through the
//! states inside a delay or smooth. Signs are not read off the equations but seen: each cause is
//! moved a little on the model's own run, and the effect's change is watched. That works for
//! curves, conditions and tables alike, and says honestly that a link was never seen to act.

mod fold;
mod loops;
mod polarity;
mod write;

use std::collections::BTreeMap;

use crate::compile::Model;
use crate::compile::ir::{CellId, NodeId};
use crate::compile::lower::CellKind;
use crate::compile::order::cells_read;
use crate::document::Kind;
use crate::error::Error;
use polarity::ReferenceRun;

pub use loops::{Loop, LoopKind};

/// Direction of an effect.
///
/// ```
/// use sanad_scenario::Polarity;
///
/// assert_eq!(Polarity::Negative.then(Polarity::Negative), Polarity::Positive);
/// assert_eq!(Polarity::Positive.in_parallel_with(Polarity::Negative), Polarity::Mixed);
/// assert_eq!(Polarity::Unseen.then(Polarity::Positive).sign(), "?");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polarity {
    /// More leads to more.
    Positive,
    /// More leads to less.
    Negative,
    /// Both were seen on the reference run. At different moments, or on different pairs of array
    /// elements.
    Mixed,
    /// No effect was seen on the reference run. It may still act elsewhere: behind a threshold that
    /// the run does not come near, or where it is not multiplied by zero.
    Unseen,
}

impl Polarity {
    /// The polarity of one effect after another. The product of signs; an effect that was not seen
    /// hides the whole way.
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        match (self, next) {
            (Self::Unseen, _) | (_, Self::Unseen) => Self::Unseen,
            (Self::Mixed, _) | (_, Self::Mixed) => Self::Mixed,
            (a, b) if a == b => Self::Positive,
            _ => Self::Negative,
        }
    }

    /// The polarity of two effects side by side. Signs that differ are mixed, whichever is the
    /// stronger; one that was not seen leaves the other.
    #[must_use]
    pub fn in_parallel_with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unseen, seen) | (seen, Self::Unseen) => seen,
            (a, b) if a == b => a,
            _ => Self::Mixed,
        }
    }

    /// `+`, `-`, `±` or `?`.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Positive => "+",
            Self::Negative => "-",
            Self::Mixed => "±",
            Self::Unseen => "?",
        }
    }
}

/// A variable in the graph; an array is one node. States inside built-in functions and variables of
/// macros are no nodes, nor are graphical functions that others call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CausalNode {
    /// Name with its modules'. As spelled, joined by dots.
    pub name: String,
    /// Stock, flow or auxiliary.
    pub kind: Kind,
    /// Number of elements. One for a scalar.
    pub elements: usize,
    /// Whether it is a plain number. What a run may set. A stock is none, whatever its initial
    /// value; an array is one if an element of it is.
    pub is_constant: bool,
    /// Units as spelled. `None` if the model does not say.
    pub units: Option<String>,
}

/// An effect of one variable on another. At most one for each pair and direction: the effects
/// between elements of two arrays are put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CausalEdge {
    /// Place of the cause among the nodes.
    pub from: usize,
    /// Place of the effect.
    pub to: usize,
    /// Direction.
    pub polarity: Polarity,
    /// Whether the effect builds up over time: into a stock, or through a delay or smooth. Not if
    /// one of the ways between the two acts at once.
    pub delayed: bool,
}

/// Variables, effects and feedback loops.
///
/// Places in edges and loops count from zero among the nodes. The graph does not change with the
/// inputs of a run: it is that of the model as written.
///
/// ```
/// use sanad_scenario::{Limits, LoopKind, Model, read_xmile};
///
/// let text = r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
///   <sim_specs><start>0</start><stop>5</stop><dt>1</dt></sim_specs>
///   <model><variables>
///     <stock name="anger"><eqn>2</eqn><outflow>fading</outflow></stock>
///     <flow name="fading"><eqn>anger / memory</eqn></flow><aux name="memory"><eqn>4</eqn></aux>
///   </variables></model></xmile>"#;
/// let model = Model::compile(&read_xmile(text.as_bytes(), &Limits::default())?)?;
/// let graph = model.causal_graph(100)?;
/// assert_eq!(graph.nodes.len(), 3);
/// assert_eq!((graph.loops.len(), graph.loops[0].kind), (1, LoopKind::Balancing));
/// assert!(graph.loops_complete);
/// assert_eq!(graph.loop_lines(), ["B1: anger → fading (delays: 1)"]);
/// # Ok::<(), sanad_scenario::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CausalGraph {
    /// Variables in the order of the file.
    pub nodes: Vec<CausalNode>,
    /// Effects by cause and effect. Sorted by the place of the cause, then of the effect.
    pub edges: Vec<CausalEdge>,
    /// Feedback loops, shortest first. Those of one length in the order of their variables' places.
    pub loops: Vec<Loop>,
    /// Whether all loops were found before the search was cut off. If not, `loops` are those met
    /// first, not the most important.
    pub loops_complete: bool,
}

/// What an edge is made of while it is gathered.
#[derive(Debug, Clone, Copy)]
struct Effect {
    polarity: Polarity,
    delayed: bool,
    /// Pairs of elements that had a part in the polarity so far.
    pairs: usize,
}

/// Pairs of array elements that are looked at for the polarity of one edge. The first ones met; a
/// link between two arrays of a thousand elements would otherwise be looked at a million times.
const PAIRS: usize = 32;

impl Model {
    /// The causal graph with at most `max_loops` feedback loops. Variables that are constants are
    /// causes like others. Random functions draw the same at both ends of a move, so that chance is
    /// no effect.
    ///
    /// Polarity is the sign of the change of the effect when the cause alone is moved a little, by
    /// 0.1 % and by 10 % either way, at moments spread over the model's own run; an effect that
    /// is never seen there says so. For a stock, the effect is on its net flow.
    ///
    /// # Errors
    ///
    /// If the model's own run exceeds a limit.
    pub fn causal_graph(&self, max_loops: usize) -> Result<CausalGraph, Error> {
        let reference = ReferenceRun::new(self)?;
        let places = self.node_places();
        let mut effects: BTreeMap<(usize, usize), Effect> = BTreeMap::new();
        for (cell, found) in self.cells.iter().enumerate() {
            if found.hidden || !places.contains_key(&found.entity) {
                continue;
            }
            self.causes(&reference, &places, cell as CellId, &mut effects);
        }
        let edges: Vec<CausalEdge> = effects
            .into_iter()
            .map(|((from, to), effect)| CausalEdge {
                from,
                to,
                polarity: effect.polarity,
                delayed: effect.delayed,
            })
            .collect();
        let nodes = self.causal_nodes(&places);
        let (loops, loops_complete) = loops::find(nodes.len(), &edges, max_loops);
        Ok(CausalGraph { nodes, edges, loops, loops_complete })
    }

    /// Visible variables, by entity, in order. The place among the nodes, by the variable's own
    /// number.
    fn node_places(&self) -> BTreeMap<usize, usize> {
        let shown = self.world.entities.iter().enumerate();
        let shown = shown.filter(|(_, entity)| entity.cells > 0 && !entity.hidden);
        shown.enumerate().map(|(place, (id, _))| (id, place)).collect()
    }

    /// The variables as nodes, elements of an array together.
    fn causal_nodes(&self, places: &BTreeMap<usize, usize>) -> Vec<CausalNode> {
        let constant: Vec<usize> = self
            .constants
            .iter()
            .map(|constant| self.cells[constant.cell as usize].entity)
            .collect();
        places
            .keys()
            .map(|&id| {
                let entity = &self.world.entities[id];
                CausalNode {
                    name: entity.path.clone(),
                    kind: entity.variable.kind,
                    elements: entity.cells,
                    is_constant: entity.variable.kind != Kind::Stock && constant.contains(&id),
                    units: entity.variable.units.clone(),
                }
            })
            .collect()
    }

    /// Adds the effects on one cell, following states inside functions back to variables. Each
    /// state inside a function is followed once from each place it is met at, so that a chain of
    /// stages ends where its input begins.
    fn causes(
        &self,
        reference: &ReferenceRun<'_>,
        places: &BTreeMap<usize, usize>,
        cell: CellId,
        effects: &mut BTreeMap<(usize, usize), Effect>,
    ) {
        let to = places[&self.cells[cell as usize].entity];
        let mut stack = vec![(cell, Polarity::Positive, false)];
        let mut visited = std::collections::BTreeSet::new();
        while let Some((at, after, delayed)) = stack.pop() {
            for (node, stored) in self.influences(at) {
                let mut read = Vec::new();
                cells_read(&self.graph, node, &mut read);
                for cause in read {
                    let found = &self.cells[cause as usize];
                    let delayed = delayed || stored;
                    if found.hidden {
                        if cause != at && visited.insert((at, cause)) {
                            let polarity = reference.polarity(node, cause).then(after);
                            stack.push((cause, polarity, delayed));
                        }
                        continue;
                    }
                    let Some(&from) = places.get(&found.entity) else { continue };
                    let effect = effects.entry((from, to)).or_insert(Effect {
                        polarity: Polarity::Unseen,
                        delayed,
                        pairs: 0,
                    });
                    effect.delayed &= delayed;
                    if effect.pairs < PAIRS {
                        effect.pairs += 1;
                        let polarity = reference.polarity(node, cause).then(after);
                        effect.polarity = effect.polarity.in_parallel_with(polarity);
                    }
                }
            }
        }
    }

    /// The expressions a cell follows from, and whether they act through a state. What is only read
    /// at the start has no effect here: the initial value of a stock is no cause of it.
    fn influences(&self, cell: CellId) -> Vec<(NodeId, bool)> {
        match &self.cells[cell as usize].kind {
            CellKind::Value(node) | CellKind::Active { value: node, .. } => vec![(*node, false)],
            CellKind::Stock { net, .. } => vec![(*net, true)],
            CellKind::Previous { input, .. } => vec![(*input, true)],
            CellKind::Delay { input, lag, .. } => vec![(*input, true), (*lag, true)],
            CellKind::Device { device, .. } => {
                self.devices[*device].inputs().into_iter().map(|node| (node, true)).collect()
            }
            CellKind::Initial(_) | CellKind::Pending => Vec::new(),
        }
    }
}
