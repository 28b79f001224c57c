//! Plans that are executed elsewhere than by the query engine in this program, such as on a cluster.
//!
//! This is the one seam between the plans and what executes them. Everything else here is the same
//! wherever a plan runs: which files it reads, that they are sound, and where its rows are kept.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::concat_batches;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::listing::ListingTable;
use datafusion::datasource::source_as_provider;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::{LogicalPlan, TableScan};
use datafusion::prelude::DataFrame;
use futures::future::BoxFuture;

use crate::error::{Error, Result};
use crate::observatory::Observatory;
use crate::session::file_url;

/// Executes plans in the place of the query engine in this program.
///
/// It is given plans that read Parquet files below the observatory's folder, by their absolute
/// paths, and call built-in functions alone. Whatever it runs on has to see the folder under the
/// same path. What reads no file, or one outside of the folder, is executed by this program.
pub trait PlanRunner: fmt::Debug + Send + Sync {
    /// Whether it can execute a plan; one that it cannot is executed by this program. All, unless
    /// said otherwise.
    fn takes(&self, plan: &LogicalPlan) -> bool {
        let _ = plan;
        true
    }

    /// The rows of a plan, the same in the same order as this program's engine would give.
    ///
    /// `plan` is not optimised. `state` has the settings of the session, and its memory pool bounds
    /// what the answer may hold here. Dropping the future gives the work up.
    ///
    /// # Errors
    ///
    /// See [`RunError`].
    fn rows(
        &self,
        state: SessionState,
        plan: LogicalPlan,
    ) -> BoxFuture<'static, core::result::Result<Vec<RecordBatch>, RunError>>;
}

/// Why a [`PlanRunner`] gave no rows.
#[derive(Debug)]
pub enum RunError {
    /// The plan was refused or failed, as it would in this program.
    Refused(Box<DataFusionError>),
    /// What executes plans is not to be reached, or did not come to an end.
    Unavailable {
        /// What happened, without a full stop. It follows a colon.
        reason: String,
        /// What to do about it, as [`Error::hint`] gives it.
        hint: String,
    },
}

impl From<RunError> for Error {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Refused(source) => Self::Query { source },
            RunError::Unavailable { reason, hint } => Self::Elsewhere { reason, hint },
        }
    }
}

/// Where the plans of an observatory are executed: in this program, unless a runner was given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Workplace {
    runner: Option<Arc<dyn PlanRunner>>,
    /// The address of the folder that the runner sees as well, with a slash at its end.
    folder: String,
}

impl Workplace {
    /// Where a runner executes what it can of the plans over files below `folder`.
    fn of_runner(runner: Arc<dyn PlanRunner>, folder: &Path) -> Result<Self> {
        let address = file_url(folder)?;
        let folder = format!("{}/", address.as_str().trim_end_matches('/'));
        Ok(Self { runner: Some(runner), folder })
    }

    /// The runner for a plan, if it is to be executed elsewhere.
    fn runner_of(&self, plan: &LogicalPlan) -> Result<Option<&Arc<dyn PlanRunner>>> {
        let Some(runner) = &self.runner else { return Ok(None) };
        Ok((reads_below(plan, &self.folder)? && runner.takes(plan)).then_some(runner))
    }

    /// All rows of a plan as one table if they come from elsewhere; the plan again if this program
    /// is to execute it.
    pub(crate) async fn collect(
        &self,
        frame: DataFrame,
    ) -> Result<core::result::Result<RecordBatch, DataFrame>> {
        let Some(runner) = self.runner_of(frame.logical_plan())? else { return Ok(Err(frame)) };
        let schema = Arc::clone(frame.schema().inner());
        let (state, plan) = frame.into_parts();
        let rows = runner.rows(state, plan).await?;
        Ok(Ok(concat_batches(&schema, &rows)?))
    }
}

/// Whether a plan reads files, and none but those below a folder. A question about the plan itself or
/// about the list of tables reads none, even where it names them.
fn reads_below(plan: &LogicalPlan, folder: &str) -> Result<bool> {
    let (mut inside, mut outside) = (false, false);
    plan.apply_with_subqueries(|node| {
        match node {
            LogicalPlan::TableScan(scan) => match is_below(scan, folder)? {
                true => inside = true,
                false => outside = true,
            },
            LogicalPlan::Explain(_) | LogicalPlan::Ddl(_) | LogicalPlan::Statement(_) => {
                outside = true;
            }
            _ => {}
        }
        Ok(if outside { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(inside && !outside)
}

/// Whether a table, or all tables of a view, are files below a folder.
fn is_below(scan: &TableScan, folder: &str) -> datafusion::error::Result<bool> {
    if let Some(view) = scan.source.get_logical_plan() {
        return reads_below(&view, folder)
            .map_err(|error| DataFusionError::External(Box::new(error)));
    }
    let table = source_as_provider(&scan.source)?;
    let files = table.downcast_ref::<ListingTable>();
    Ok(files.is_some_and(|files| {
        files.table_paths().iter().all(|path| path.as_str().starts_with(folder))
    }))
}

impl Observatory {
    /// This observatory with its plans executed by `runner`, as far as it takes them and they read
    /// files of the observatory's folder alone. Answers are the same and kept in the same place.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when the folder cannot be found.
    pub fn executed_by(mut self, runner: Arc<dyn PlanRunner>) -> Result<Self> {
        self.workplace = Workplace::of_runner(runner, self.folder())?;
        Ok(self)
    }
}
