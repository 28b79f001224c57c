//! Plans that are executed elsewhere: which ones, with what answers, and what is said when there are none.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::arrow::array::RecordBatch;
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::DataFrame;
use sanad_store::{Error, Observatory, PlanRunner, RunError};

use crate::sessions::{answers, forget, observatory};
use crate::support::{csv_bytes, empty, import_pakistan};

/// An engine beside the observatory's own. It counts what it is given.
#[derive(Debug, Default)]
struct Beside {
    plans: AtomicUsize,
    /// Whether it has nobody to do the work.
    deserted: bool,
}

type Rows = Pin<Box<dyn Future<Output = Result<Vec<RecordBatch>, RunError>> + Send>>;

impl PlanRunner for Beside {
    fn takes(&self, plan: &LogicalPlan) -> bool {
        !plan.to_string().contains("refused")
    }

    fn rows(&self, state: SessionState, plan: LogicalPlan) -> Rows {
        self.plans.fetch_add(1, Ordering::Relaxed);
        if self.deserted {
            let (reason, hint) = ("nobody is there".to_owned(), "ask somebody else".to_owned());
            return Box::pin(async { Err(RunError::Unavailable { reason, hint }) });
        }
        Box::pin(async {
            let rows = DataFrame::new(state, plan).collect().await;
            rows.map_err(|error| RunError::Refused(Box::new(error)))
        })
    }
}

impl Beside {
    fn plans(&self) -> usize {
        self.plans.load(Ordering::Relaxed)
    }
}

#[test]
fn answers_are_the_same_and_kept_in_the_same_place() {
    let (_folder, here) = observatory();
    let beside = Arc::new(Beside::default());
    let there = here.clone().executed_by(Arc::clone(&beside) as Arc<dyn PlanRunner>).unwrap();
    let expected = answers(&here);
    forget(&here);
    assert_eq!(answers(&there), expected);
    let asked = beside.plans();
    assert!(asked >= expected.len(), "{asked} plans");
    // What was kept from there is found here, and needs no plan.
    let panels = |one: &Observatory| answers(one)[..2].to_vec();
    assert_eq!(panels(&here), expected[..2]);
    assert_eq!(beside.plans(), asked);
    let again = there.reopen().unwrap();
    assert_eq!(answers(&again), expected);
    assert!(beside.plans() > asked, "it was opened again without what executes its plans");
}

#[test]
fn what_reads_no_file_or_one_outside_of_the_folder_stays_here() {
    let (_folder, here) = observatory();
    let beside = Arc::new(Beside::default());
    let there = here.executed_by(Arc::clone(&beside) as Arc<dyn PlanRunner>).unwrap();
    for statement in [
        "SELECT 1 + 1 AS two",
        "SELECT table_name FROM information_schema.tables",
        "EXPLAIN SELECT COUNT(*) FROM places",
        "SELECT COUNT(*) AS refused FROM places",
        "SELECT p.place FROM places p JOIN information_schema.tables t ON p.place = t.table_name",
    ] {
        there.sql(statement, 2).unwrap();
        assert_eq!(beside.plans(), 0, "{statement}");
    }
    there.sql("SELECT COUNT(*) FROM places WHERE place IN (SELECT place FROM places)", 2).unwrap();
    assert_eq!(beside.plans(), 1);

    let (_elsewhere, mut of_case) = empty();
    import_pakistan(&mut of_case);
    let joined = there.followed_by(&of_case).unwrap();
    let counted = "SELECT COUNT(*) AS n, SUM(events) AS events FROM counts_all";
    assert_eq!(
        csv_bytes(&joined.sql(counted, 2).unwrap()),
        csv_bytes(&of_case.sql(counted, 2).unwrap())
    );
    assert_eq!(beside.plans(), 1, "its file lies in another folder");
}

#[test]
fn a_runner_that_has_nobody_is_an_error_with_advice() {
    let (_folder, here) = observatory();
    let there = here.executed_by(Arc::new(Beside { deserted: true, ..Beside::default() })).unwrap();
    let error = there.sql("SELECT COUNT(*) FROM places", 2).unwrap_err();
    assert!(matches!(error, Error::Elsewhere { .. }), "{error:?}");
    assert_eq!(error.to_string(), "the query was not answered: nobody is there");
    assert_eq!(error.hint().as_deref(), Some("ask somebody else"));
    assert!(!error.is_wrong_use());
}
