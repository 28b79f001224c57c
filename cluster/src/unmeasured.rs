//! Carries out a part of a plan as Ballista does, without the measurements of each operator.
//!
//! The scheduler of Ballista 55.0.0 adds the measurements of a stage's parts up before it takes note of
//! where their rows are. Parts of a union have different numbers of operators, which it takes for an
//! error: the part counts as done, and its rows are lost without a word. Parts that report no
//! measurements do not come that way.

use std::fmt;
use std::sync::Arc;

use ballista_core::JobId;
use ballista_core::serde::protobuf::{
    RuntimeStatsReport, ShuffleWritePartition, TaskColumnStats, WindowStateReport,
};
use ballista_executor::execution_engine::{
    DefaultExecutionEngine, ExecutionEngine, QueryStageExecutor,
};
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::MetricsSet;
use datafusion::prelude::SessionConfig;

use crate::connections::Connections;

/// Ballista's engine, whose parts report no measurements.
pub(crate) struct Unmeasured(DefaultExecutionEngine);

impl Unmeasured {
    /// An engine without connections yet.
    pub(crate) fn new() -> Self {
        Self(DefaultExecutionEngine::with_client_pool(Arc::new(Connections::new())))
    }
}

impl ExecutionEngine for Unmeasured {
    fn create_query_stage_exec(
        &self,
        job_id: JobId,
        stage_id: usize,
        task_id: usize,
        global_output_partition_ids: Vec<usize>,
        plan: Arc<dyn ExecutionPlan>,
        work_dir: &str,
        config: &SessionConfig,
    ) -> Result<Arc<dyn QueryStageExecutor>> {
        let part = self.0.create_query_stage_exec(
            job_id,
            stage_id,
            task_id,
            global_output_partition_ids,
            plan,
            work_dir,
            config,
        )?;
        Ok(Arc::new(UnmeasuredPart(part)))
    }
}

#[derive(Debug)]
struct UnmeasuredPart(Arc<dyn QueryStageExecutor>);

impl fmt::Display for UnmeasuredPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[async_trait::async_trait]
impl QueryStageExecutor for UnmeasuredPart {
    async fn execute_query_stage(
        &self,
        task_id: usize,
        context: Arc<TaskContext>,
    ) -> Result<Vec<ShuffleWritePartition>> {
        self.0.execute_query_stage(task_id, context).await
    }

    fn collect_plan_metrics(&self) -> Vec<MetricsSet> {
        Vec::new()
    }

    fn collect_runtime_stats_reports(&self) -> Vec<RuntimeStatsReport> {
        self.0.collect_runtime_stats_reports()
    }

    fn collect_window_state_reports(&self) -> Result<Vec<WindowStateReport>> {
        self.0.collect_window_state_reports()
    }

    fn collect_column_stats(&self) -> Vec<TaskColumnStats> {
        self.0.collect_column_stats()
    }
}
