//! The order in which cells can be evaluated, and the circles that forbid one. Without recursion,
//! so that a long chain of variables does not exhaust the stack.

use crate::compile::ir::{CellId, Graph, NodeId, Op, operands};
use crate::compile::lower::{Cell, CellKind};

/// Which dependencies count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// At the start, when a stock is its initial equation.
    Start,
    /// In a later moment, when stocks and other states are known.
    Step,
}

/// The cells whose values `node` reads directly, in order of appearance. Each node is looked at
/// once, and a cell is not looked through.
pub(crate) fn cells_read(graph: &Graph, node: NodeId, found: &mut Vec<CellId>) {
    let mut stack = vec![node];
    let mut seen = std::collections::BTreeSet::new();
    while let Some(node) = stack.pop() {
        if !seen.insert(node) {
            continue;
        }
        match graph.op(node) {
            Op::Cell(cell) => found.push(*cell),
            op => {
                let mark = stack.len();
                operands(op, &mut |operand| stack.push(operand));
                stack[mark..].reverse();
            }
        }
    }
}

/// The expression a cell's value follows from in a phase; none if it is known already.
pub(crate) fn expression(cell: &Cell, phase: Phase) -> Option<NodeId> {
    match (&cell.kind, phase) {
        (CellKind::Value(node) | CellKind::Active { value: node, .. }, Phase::Step)
        | (CellKind::Value(node), Phase::Start) => Some(*node),
        (
            CellKind::Stock { initial, .. }
            | CellKind::Previous { initial, .. }
            | CellKind::Delay { initial, .. }
            | CellKind::Device { initial, .. }
            | CellKind::Initial(initial)
            | CellKind::Active { initial, .. },
            Phase::Start,
        ) => Some(*initial),
        _ => None,
    }
}

/// Cells in an order in which each follows those it reads; `roots` and all they need. Depth first
/// from each root in turn; the same roots give the same order.
///
/// # Errors
///
/// The cells of a circle, each reading the next.
pub(crate) fn order(
    graph: &Graph,
    cells: &[Cell],
    roots: impl IntoIterator<Item = CellId>,
    phase: Phase,
) -> Result<Vec<CellId>, Vec<CellId>> {
    /// Not visited.
    const NEW: u8 = 0;
    /// Being visited: to meet it again is a circle.
    const OPEN: u8 = 1;
    /// Visited, with all that it needs.
    const DONE: u8 = 2;
    let mut state = vec![NEW; cells.len()];
    let mut sorted = Vec::new();
    for root in roots {
        let mut stack: Vec<(CellId, Vec<CellId>, usize)> = Vec::new();
        let mut enter = Some(root);
        loop {
            if let Some(cell) = enter.take()
                && state[cell as usize] == NEW
            {
                let mut reads = Vec::new();
                if let Some(node) = expression(&cells[cell as usize], phase) {
                    cells_read(graph, node, &mut reads);
                }
                state[cell as usize] = OPEN;
                stack.push((cell, reads, 0));
            }
            let Some((cell, reads, next)) = stack.last_mut() else { break };
            match reads.get(*next) {
                Some(&read) => {
                    *next += 1;
                    if state[read as usize] == OPEN {
                        let from = stack.iter().position(|(open, ..)| *open == read).unwrap_or(0);
                        return Err(stack[from..].iter().map(|(open, ..)| *open).collect());
                    }
                    enter = Some(read);
                }
                None => {
                    state[*cell as usize] = DONE;
                    sorted.push(*cell);
                    stack.pop();
                }
            }
        }
    }
    Ok(sorted)
}
