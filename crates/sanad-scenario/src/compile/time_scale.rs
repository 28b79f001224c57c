//! How fast delays, smooths and conveyors change, to be compared with the step of a run.

use crate::compile::ir::{CellId, NodeId};

/// The time over which a built-in function or a conveyor acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TimeScale {
    /// The cell whose equation holds it.
    pub owner: CellId,
    /// The function's name, or what it is of the variable.
    pub name: String,
    /// The time.
    pub time: NodeId,
    pub pace: ScaleDivision,
}

/// What the time is divided into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScaleDivision {
    /// First-order stages in a row.
    Stages(usize),
    /// Steps to look back.
    Lag,
    /// Slots of a belt.
    Belt,
}
