//! Work that takes time: computed once however many ask, at most so many at a time, off the threads that
//! answer, and dropped when nobody waits for it.
//!
//! Work is named by the key of its answer. Whoever asks for a key that is queued or running joins
//! those who wait; the answer is kept under the key within a bound of bytes, the least recently
//! asked for going first. A fault is given to all who wait and not kept. A panic of an analysis is
//! caught and becomes a fault, so that it costs one answer and not the server.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use sanad_study::Progress;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::answer::Answer;
use crate::error::{Error, Result};
use crate::fault::{Fault, FaultKind};
use crate::memo::lock;

/// An answer, or what is wrong. Both can be given to many. A fault that nobody waited any more is
/// no end: asking again begins the work anew.
pub(crate) type JobOutcome = core::result::Result<Arc<Answer>, Fault>;

/// A computation that can be run once, on any thread.
type Work = Box<dyn FnOnce(&JobSteps) -> core::result::Result<Answer, Fault> + Send>;

/// How far a piece of work has come. A page that waits reads them while the work writes.
#[derive(Debug, Default)]
pub(crate) struct JobSteps(Mutex<Vec<Step>>);

/// A step of a piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// What is done.
    pub(crate) name: String,
    /// Parts done and all parts, where they are counted. `None` until the first part is done.
    pub(crate) parts: Option<[usize; 2]>,
    /// What came of it, once it is done. In a few words.
    pub(crate) result: Option<String>,
}

impl JobSteps {
    /// The steps so far. The last one is under way unless it has a result.
    pub(crate) fn so_far(&self) -> Vec<Step> {
        lock(&self.0).clone()
    }
}

impl Progress for JobSteps {
    fn begin(&self, step: &str) {
        lock(&self.0).push(Step { name: step.to_owned(), parts: None, result: None });
    }

    fn advance(&self, done: usize, total: usize) {
        if let Some(step) = lock(&self.0).last_mut() {
            step.parts = Some([done, total]);
        }
    }

    fn end(&self, result: &str) {
        if let Some(step) = lock(&self.0).last_mut() {
            step.result = Some(result.to_owned());
        }
    }
}

/// A piece of work that somebody has asked for. It is shared by the queue, the thread that works
/// and the requests that wait.
pub(crate) struct Job {
    /// The key of its answer.
    key: String,
    /// How far it has come.
    pub(crate) steps: JobSteps,
    /// What is to be done; `None` once a thread has begun it.
    work: Mutex<Option<Work>>,
    /// `None` until it is done.
    outcome: watch::Sender<Option<JobOutcome>>,
    /// Requests that wait for it now.
    waiting: AtomicUsize,
    /// When somebody last asked.
    asked: Mutex<Instant>,
}

/// How long a piece of work that nobody waits for any more is still wanted: a page that asks again every
/// two seconds is somebody.
const WANTED: Duration = Duration::from_secs(15);

impl Job {
    /// Whether somebody waits for it now, or asked a moment ago.
    fn is_wanted(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) > 0 || lock(&self.asked).elapsed() < WANTED
    }

    /// Waits for the outcome, for at most `patience`; nothing when it is not there by then. The
    /// work goes on when the patience ends.
    pub(crate) async fn wait(self: &Arc<Self>, patience: Duration) -> Option<JobOutcome> {
        let _waiter = Waiter::new(self);
        let mut outcome = self.outcome.subscribe();
        let done = tokio::time::timeout(patience, outcome.wait_for(Option::is_some)).await;
        done.ok()?.ok()?.clone()
    }
}

/// Counts one who waits, for as long as the value lives: a request whose client has gone is dropped.
struct Waiter<'a>(&'a Job);

impl<'a> Waiter<'a> {
    /// One more who waits.
    fn new(job: &'a Job) -> Self {
        job.waiting.fetch_add(1, Ordering::SeqCst);
        Self(job)
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        *lock(&self.0.asked) = Instant::now();
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A kept answer with the number of the question that asked for it last.
struct Kept {
    /// What is kept.
    answer: Arc<Answer>,
    /// The number of that question.
    last: u64,
}

/// What is queued, running and kept, under one lock.
#[derive(Default)]
struct JobState {
    /// Work that no thread has begun, first come first.
    queue: VecDeque<Arc<Job>>,
    /// Queued and running, by key.
    open: BTreeMap<String, Arc<Job>>,
    /// Finished answers by key.
    kept: BTreeMap<String, Kept>,
    /// Their size together, with their keys.
    kept_bytes: usize,
    /// Questions so far, which is the clock by which answers grow old.
    questions: u64,
    /// Whether the pool ends: threads take no further work.
    is_closed: bool,
}

/// What the threads of the pool and those who ask share.
struct Shared {
    /// The state, locked for moments only.
    state: Mutex<JobState>,
    /// Wakes a thread when there is work, and all of them at the end.
    wake: Condvar,
    /// Bounds that do not change while the server runs.
    bounds: Bounds,
}

/// Bounds of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Computations at a time.
    pub(crate) at_once: usize,
    /// Computations that may wait for their turn.
    pub(crate) queued: usize,
    /// Bytes of answers that are kept.
    pub(crate) kept_bytes: usize,
}

/// What asking for work gives. A full queue gives none.
pub(crate) enum Ticket {
    /// The answer is kept.
    Kept(Arc<Answer>),
    /// It is queued or computed.
    Open(Arc<Job>),
}

/// The pool: threads that compute, the queue before them, and the answers behind them.
pub(crate) struct Jobs(Arc<Shared>);

/// Stack of a thread that computes. What is not used takes no memory. Plans of the query engine are
/// deep.
const STACK_BYTES: usize = 16 << 20;

impl Jobs {
    /// Starts the threads.
    ///
    /// # Errors
    ///
    /// `Error::Threads` where one cannot be started.
    pub(crate) fn start(bounds: Bounds) -> Result<Self> {
        let shared = Arc::new(Shared { state: Mutex::default(), wake: Condvar::new(), bounds });
        for _ in 0..bounds.at_once.max(1) {
            let own = Arc::clone(&shared);
            let thread = std::thread::Builder::new()
                .name("sanad-work".to_owned())
                .stack_size(STACK_BYTES)
                .spawn(move || work(&own));
            thread.map_err(|source| Error::Threads { what: "the analyses", source })?;
        }
        Ok(Self(shared))
    }

    /// The answer of a key, or the work that will give it. Work for the same key is not begun
    /// twice. `work` runs on a thread of the pool, later or never.
    ///
    /// # Errors
    ///
    /// [`FaultKind::Busy`] when as many wait as may.
    pub(crate) fn ask(
        &self,
        key: &str,
        work: impl FnOnce(&JobSteps) -> core::result::Result<Answer, Fault> + Send + 'static,
    ) -> core::result::Result<Ticket, Fault> {
        let mut state = lock(&self.0.state);
        state.questions += 1;
        let last = state.questions;
        if let Some(kept) = state.kept.get_mut(key) {
            kept.last = last;
            return Ok(Ticket::Kept(Arc::clone(&kept.answer)));
        }
        if let Some(open) = state.open.get(key) {
            *lock(&open.asked) = Instant::now();
            return Ok(Ticket::Open(Arc::clone(open)));
        }
        if state.queue.len() >= self.0.bounds.queued {
            let what = format!("{} questions wait for their turn", state.queue.len());
            return Err(Fault::new(FaultKind::Busy, what).with_hint("ask again in a minute"));
        }
        let job = Arc::new(Job {
            key: key.to_owned(),
            steps: JobSteps::default(),
            work: Mutex::new(Some(Box::new(work))),
            outcome: watch::Sender::new(None),
            waiting: AtomicUsize::new(0),
            asked: Mutex::new(Instant::now()),
        });
        state.open.insert(key.to_owned(), Arc::clone(&job));
        state.queue.push_back(Arc::clone(&job));
        drop(state);
        self.0.wake.notify_one();
        Ok(Ticket::Open(job))
    }

    /// Forgets the answers that are kept: they belong to a state that is no longer the newest. Work
    /// under way is finished and kept under its old key, which nobody asks for any more.
    pub(crate) fn forget(&self) {
        let mut state = lock(&self.0.state);
        state.kept.clear();
        state.kept_bytes = 0;
    }
}

impl Drop for Jobs {
    /// Ends the threads once they have done what they are doing.
    fn drop(&mut self) {
        lock(&self.0.state).is_closed = true;
        self.0.wake.notify_all();
    }
}

/// What a thread of the pool does. It ends when the pool is closed. Work that nobody wants any more
/// is not begun.
fn work(shared: &Shared) {
    while let Some(job) = next(shared) {
        let outcome = match job.is_wanted() {
            true => run(&job),
            false => Err(Fault::new(FaultKind::NotReady, "nobody waited for the answer any more")
                .with_hint("ask again")),
        };
        let mut state = lock(&shared.state);
        state.open.remove(&job.key);
        if let Ok(answer) = &outcome {
            keep(&mut state, shared.bounds.kept_bytes, &job.key, answer);
        }
        drop(state);
        job.outcome.send_replace(Some(outcome));
    }
}

/// The next work of the queue, waited for; `None` once the pool is closed.
fn next(shared: &Shared) -> Option<Arc<Job>> {
    let mut state = lock(&shared.state);
    loop {
        if state.is_closed {
            return None;
        }
        if let Some(job) = state.queue.pop_front() {
            return Some(job);
        }
        state = shared.wake.wait(state).unwrap_or_else(std::sync::PoisonError::into_inner);
    }
}

/// Does the work, whatever comes of it. A panic is told as a defect; its message is in the log.
fn run(job: &Job) -> JobOutcome {
    let Some(work) = lock(&job.work).take() else {
        return Err(Fault::new(FaultKind::Failed, "the work was begun twice"));
    };
    match catch_unwind(AssertUnwindSafe(|| work(&job.steps))) {
        Ok(outcome) => outcome.map(Arc::new),
        Err(_) => Err(Fault::new(FaultKind::Failed, "the program met a defect of its own")
            .with_hint("its message is in the server's log; please report it with this address")),
    }
}

/// Keeps an answer and lets the oldest go until all fit. An answer larger than the whole room is
/// not kept.
fn keep(state: &mut JobState, most: usize, key: &str, answer: &Arc<Answer>) {
    let size = answer.size() + key.len();
    if size > most {
        return;
    }
    let kept = Kept { answer: Arc::clone(answer), last: state.questions };
    if let Some(before) = state.kept.insert(key.to_owned(), kept) {
        state.kept_bytes -= before.answer.size() + key.len();
    }
    state.kept_bytes += size;
    while state.kept_bytes > most {
        let oldest = state.kept.iter().min_by_key(|(_, kept)| kept.last);
        let Some(key) = oldest.map(|(key, _)| key.clone()) else { return };
        if let Some(gone) = state.kept.remove(&key) {
            state.kept_bytes -= gone.answer.size() + key.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::answer::OutputFormat;

    const BOUNDS: Bounds = Bounds { at_once: 1, queued: 2, kept_bytes: 1000 };

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
    }

    fn answered(jobs: &Jobs, key: &str, text: &'static str) -> String {
        let asked =
            jobs.ask(key, move |_| Ok(Answer::new(OutputFormat::Csv, text.as_bytes().to_vec())));
        let answer = match asked.unwrap() {
            Ticket::Kept(answer) => answer,
            Ticket::Open(job) => {
                runtime().block_on(job.wait(Duration::from_secs(10))).unwrap().unwrap()
            }
        };
        String::from_utf8(answer.body.to_vec()).unwrap()
    }

    #[test]
    fn an_answer_is_kept_until_others_need_the_room_and_a_failure_is_not() {
        let jobs = Jobs::start(BOUNDS).unwrap();
        assert_eq!(answered(&jobs, "a", "one"), "one");
        assert_eq!(answered(&jobs, "a", "two"), "one");
        jobs.forget();
        assert_eq!(answered(&jobs, "a", "three"), "three");
        let Ok(Ticket::Open(job)) =
            jobs.ask("b", |_| Err(Fault::new(FaultKind::TooLarge, "too much")))
        else {
            panic!("not kept")
        };
        let outcome = runtime().block_on(job.wait(Duration::from_secs(10))).unwrap();
        assert_eq!(outcome.unwrap_err().what, "too much");
        assert_eq!(answered(&jobs, "b", "now"), "now");
    }

    #[test]
    fn work_for_one_key_is_begun_once_and_beyond_the_queue_the_pool_is_busy() {
        let jobs = Jobs::start(BOUNDS).unwrap();
        let (release, held) = mpsc::channel::<()>();
        let first = jobs.ask("slow", move |steps| {
            steps.begin("wait");
            let _ = held.recv();
            Ok(Answer::new(OutputFormat::Csv, b"slow".to_vec()))
        });
        let Ok(Ticket::Open(first)) = first else { panic!("not open") };
        while first.steps.so_far().is_empty() {
            std::thread::yield_now();
        }
        let Ok(Ticket::Open(again)) = jobs.ask("slow", |_| panic!("begun twice")) else {
            panic!("not open")
        };
        assert!(Arc::ptr_eq(&first, &again));
        for key in ["x", "y"] {
            assert!(jobs.ask(key, |_| Ok(Answer::new(OutputFormat::Csv, Vec::new()))).is_ok());
        }
        let busy = jobs.ask("z", |_| Ok(Answer::new(OutputFormat::Csv, Vec::new())));
        assert!(busy.is_err_and(|fault| fault.problem == FaultKind::Busy));
        assert!(runtime().block_on(first.wait(Duration::from_millis(1))).is_none());
        release.send(()).unwrap();
        assert!(runtime().block_on(again.wait(Duration::from_secs(10))).unwrap().is_ok());
    }

    #[test]
    fn a_panic_is_an_answer_and_the_next_question_is_answered() {
        let jobs = Jobs::start(BOUNDS).unwrap();
        let Ok(Ticket::Open(job)) = jobs.ask("a", |_| panic!("a test's own panic")) else {
            panic!("not open")
        };
        let outcome = runtime().block_on(job.wait(Duration::from_secs(10))).unwrap();
        assert_eq!(outcome.unwrap_err().problem, FaultKind::Failed);
        assert_eq!(answered(&jobs, "b", "next"), "next");
    }

    #[test]
    fn what_nobody_waits_for_is_not_computed() {
        let jobs = Jobs::start(BOUNDS).unwrap();
        let (release, held) = mpsc::channel::<()>();
        let blocked = jobs.ask("slow", move |_| {
            let _ = held.recv();
            Ok(Answer::new(OutputFormat::Csv, Vec::new()))
        });
        assert!(blocked.is_ok());
        let Ok(Ticket::Open(job)) = jobs.ask("left", |_| panic!("computed for nobody")) else {
            panic!("not open")
        };
        let Some(long_ago) = Instant::now().checked_sub(2 * WANTED) else { return };
        *lock(&job.asked) = long_ago;
        release.send(()).unwrap();
        let mut outcome = job.outcome.subscribe();
        let done = runtime().block_on(async move {
            outcome.wait_for(Option::is_some).await.map(|outcome| outcome.clone())
        });
        assert_eq!(done.unwrap().unwrap().unwrap_err().problem, FaultKind::NotReady);
    }
}
