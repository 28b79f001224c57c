//! How fast delays, smooths and conveyors change, to be compared with the step of a run. Gathered
//! while equations are lowered, and compared by
//! [`Model::numerical_problems`](crate::Model::numerical_problems).

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
    /// What has to be no shorter than a step.
    pub pace: ScaleDivision,
}

/// What the time is divided into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScaleDivision {
    /// First-order stages in a row. Each has an equal part of the time.
    Stages(usize),
    /// Steps to look back. At least one.
    Lag,
    /// Slots of a belt.
    Belt,
}
