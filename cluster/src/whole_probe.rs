//! A rule of planning without which some joins would count rows once for every part.
//!
//! A nested loop join holds its left side whole and reads its right side in parts. For a row of the left
//! side it has to know whether *any* part matched: `LEFT`, `FULL`, and semi and anti joins of the left
//! side. Within one process the parts share a note of that. On a cluster they are in several processes,
//! each of which would hand out the rows that its own part did not match. So the right side of such a
//! join is brought together first. Ballista does the same for hash joins, and not for these.

use std::sync::Arc;

use datafusion::common::JoinType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult as _, TreeNode as _};
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::joins::NestedLoopJoinExec;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, ExecutionPlan, ExecutionPlanProperties as _, ReplaceChildrenOptions,
};

/// Brings the right side of a nested loop join together where its left side asks for it.
#[derive(Debug)]
pub(crate) struct WholeProbe;

impl PhysicalOptimizerRule for WholeProbe {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let Some(join) = node.downcast_ref::<NestedLoopJoinExec>() else {
                return Ok(Transformed::no(node));
            };
            if !notes_matches(*join.join_type()) || is_whole(join.right()) {
                return Ok(Transformed::no(node));
            }
            let right: Arc<dyn ExecutionPlan> =
                Arc::new(CoalescePartitionsExec::new(Arc::clone(join.right())));
            let left = Arc::clone(join.left());
            let recompute = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
            Ok(Transformed::yes(node.replace_children(vec![left, right], recompute)?))
        })
        .data()
    }

    fn name(&self) -> &'static str {
        "whole_probe"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Whether a side is brought together already. One part is not enough: a file may become several.
fn is_whole(side: &Arc<dyn ExecutionPlan>) -> bool {
    side.is::<CoalescePartitionsExec>() && side.output_partitioning().partition_count() == 1
}

/// Whether rows of the left side are handed out by what did or did not match them.
const fn notes_matches(kind: JoinType) -> bool {
    matches!(
        kind,
        JoinType::Left
            | JoinType::Full
            | JoinType::LeftSemi
            | JoinType::LeftAnti
            | JoinType::LeftMark
    )
}
