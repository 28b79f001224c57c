//! What went wrong on the way to an answer, and whether another attempt may help.
//!
//! Ballista says why a job failed in words alone, so that it is words that are looked for here.

use datafusion::error::DataFusionError;
use sanad_store::RunError;

use crate::doubts::{DONE_AGAIN, NO_WORKERS, STANDS_STILL, WORKER_LOST};

/// Why an attempt gave no rows.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The plan cannot be answered, here or there.
    Refused(DataFusionError),
    /// Nobody listens where the scheduler should be.
    NoScheduler(String),
    /// A process or a connection was lost. Another attempt may find others.
    Lost(String),
    /// The cluster gave the job up, or has nobody to do it.
    GivenUp(String),
    /// Too little memory on a worker.
    Memory(String),
    /// A worker does not see a file of the observatory.
    Unseen(String),
}

/// Words of an error that say that a process, a connection or a disk was lost on the way.
const LOST: [&str; 18] = [
    WORKER_LOST,
    DONE_AGAIN,
    "FetchFailed",
    "Fetch failed",
    "fetch partition",
    "transport error",
    "tcp connect error",
    "onnection refused",
    "ConnectionRefused",
    "GrpcConnectionError",
    "Executor lost",
    "ExecutorLost",
    "Stream closed without job completing",
    "error reading a body",
    "h2 protocol error",
    "No space left",
    "StorageFull",
    "code: 'The service is currently unavailable'",
];

/// Words of an error that say that the cluster gave up.
const GIVEN_UP: [&str; 4] =
    [NO_WORKERS, STANDS_STILL, "all executors were lost", "failed: Cancelled"];

impl Failure {
    /// The failure that an error of Ballista or of the engine means.
    pub(crate) fn of(error: DataFusionError) -> Self {
        let words = error.to_string();
        let says = |any: &[&str]| any.iter().any(|some| words.contains(some));
        if says(&GIVEN_UP) {
            Self::GivenUp(words)
        } else if says(&LOST) {
            Self::Lost(words)
        } else if says(&["Resources exhausted", "ResourcesExhausted"]) {
            match error.find_root() {
                // The bound of the answer here, not that of a worker.
                DataFusionError::ResourcesExhausted(_) => Self::Refused(error),
                _ => Self::Memory(words),
            }
        } else if says(&["No such file or directory", "Object at location", "NotFound"]) {
            Self::Unseen(words)
        } else {
            Self::Refused(error)
        }
    }

    /// Whether another attempt may succeed where this one failed.
    pub(crate) const fn may_pass(&self) -> bool {
        matches!(self, Self::Lost(_))
    }

    /// The error for the store, with what to do about it.
    pub(crate) fn into_error(self, address: &str) -> RunError {
        let (reason, hint) = match self {
            Self::Refused(error) => return RunError::Refused(Box::new(error)),
            Self::NoScheduler(why) => (
                format!("no scheduler answers at {address}: {why}"),
                "start one with sanad-cluster cluster start, or leave out --cluster to answer here"
                    .to_owned(),
            ),
            Self::Lost(why) => (
                format!("the cluster lost a part of the work again and again: {}", short(&why)),
                "see that its workers run and have room on their disks, then ask again".to_owned(),
            ),
            Self::GivenUp(why) => (
                format!("the cluster gave up: {}", reworded(&why)),
                "see that its workers run, then ask again; a part that takes longer needs a larger \
                 --patience of the scheduler, or more parts (--threads)"
                    .to_owned(),
            ),
            Self::Memory(why) => (
                format!("a worker had too little memory: {}", short(&why)),
                "give the workers more (--memory), or cut the work into more parts (--threads)"
                    .to_owned(),
            ),
            Self::Unseen(why) => (
                format!("the scheduler or a worker does not see a file: {}", short(&why)),
                "the observatory's folder has to lie under the same path on all machines of the \
                 cluster, and to be writable where the question is asked"
                    .to_owned(),
            ),
        };
        RunError::Unavailable { reason, hint }
    }
}

/// The scheduler's words for giving up, without the job that they are about.
fn reworded(why: &str) -> String {
    if [NO_WORKERS, "all executors were lost"].iter().any(|words| why.contains(words)) {
        return NO_WORKERS.to_owned();
    }
    match why.find(STANDS_STILL) {
        Some(at) => short(&why[at..]),
        None => "the job was cancelled".to_owned(),
    }
}

/// Letters of an error that are shown. Ballista nests the same words several times.
const SHOWN: usize = 300;

/// The first letters of an error, on one line.
fn short(words: &str) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &str) -> Failure {
        Failure::of(DataFusionError::Execution(words.to_owned()))
    }

    #[test]
    fn what_may_pass_is_told_from_what_will_not() {
        assert!(of("Job 1 failed: FetchFailed(\"a\", 1, 2, \"gone\")").may_pass());
        assert!(of("status: Unavailable, transport error").may_pass());
        assert!(of(&format!("Job 1 failed: {WORKER_LOST}")).may_pass());
        assert!(of("Job 1 failed: IoError: No space left on device (os error 28)").may_pass());
        for lasting in [
            "Job 1 failed: Cancelled",
            "Job 1 failed: the cluster has no workers",
            "Job 1 failed: no part of it was finished for 600 s",
            "Job 1 failed: all executors were lost and no executor re-registered within 15s",
            "Job 1 failed: Arrow error: Divide by zero error",
            "Job 1 failed: Object at location /o/x.parquet not found",
            "Job 1 failed: Resources exhausted: Failed to allocate",
        ] {
            assert!(!of(lasting).may_pass(), "{lasting}");
        }
    }

    #[test]
    fn what_the_statement_is_to_blame_for_stays_an_error_of_the_engine() {
        let error = of("Job 1 failed: Divide by zero error").into_error("http://h:1");
        assert!(matches!(error, RunError::Refused(_)), "{error:?}");
        let bound = DataFusionError::ResourcesExhausted("the rows of the answer".to_owned());
        let error = Failure::of(bound).into_error("http://h:1");
        assert!(matches!(error, RunError::Refused(_)), "{error:?}");
    }

    #[test]
    fn long_words_are_cut_between_letters() {
        let words = "é ".repeat(1_000);
        assert_eq!(short(&words).chars().count(), SHOWN + 1);
        assert_eq!(short("a\n  b"), "a b");
    }
}
