//! What a conveyor or queue is made of, once its equations are lowered.

use crate::compile::ir::NodeId;

/// A conveyor or queue of one array element.
#[derive(Debug, Clone)]
pub(crate) enum DeviceSpec {}

/// Placeholder use of the node type until devices hold nodes.
pub(crate) type Input = NodeId;
