//! Who hears how far long work has come.

use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering};

/// Hears how far long work has come: a bar on a terminal, a line on a page, nobody.
///
/// Steps do not overlap: each [`begin`](Self::begin) is followed by its [`end`](Self::end) before
/// the next one, unless the work fails. Calls may come from any thread.
///
/// ```
/// use std::sync::Mutex;
/// use sanad_core::Progress;
///
/// #[derive(Default)]
/// struct Log(Mutex<Vec<String>>);
/// impl Progress for Log {
///     fn begin(&self, step: &str) {
///         self.0.lock().unwrap().push(step.to_owned());
///     }
///     fn end(&self, _result: &str) {}
/// }
///
/// let log = Log::default();
/// log.begin("count violence by place");
/// assert_eq!(log.0.lock().unwrap().len(), 1);
/// ```
pub trait Progress: Sync {
    /// A step begins.
    fn begin(&self, step: &str);

    /// Of the step that began last, `done` of `total` parts are done.
    fn advance(&self, done: usize, total: usize) {
        let _ = (done, total);
    }

    /// The step that began last is done; `result` says in a few words what came of it.
    fn end(&self, result: &str);

    /// Something that a reader of the result should know, such as what had to be left out.
    fn note(&self, text: &str) {
        let _ = text;
    }
}

impl fmt::Debug for dyn Progress + '_ {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Progress")
    }
}

/// Counts the parts of one step that are done, from any thread.
///
/// ```
/// use sanad_core::{Parts, Silent};
///
/// let parts = Parts::new(&Silent, 2);
/// parts.done();
/// parts.done();
/// assert_eq!(parts.count(), 2);
/// ```
#[derive(Debug)]
pub struct Parts<'a> {
    progress: &'a dyn Progress,
    done: AtomicUsize,
    total: usize,
}

impl<'a> Parts<'a> {
    /// Nothing of `total` parts is done yet; `progress` hears so.
    #[must_use]
    pub fn new(progress: &'a dyn Progress, total: usize) -> Self {
        progress.advance(0, total);
        Self { progress, done: AtomicUsize::new(0), total }
    }

    /// One more part is done.
    pub fn done(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        self.progress.advance(done.min(self.total), self.total);
    }

    /// How many parts are done.
    #[must_use]
    pub fn count(&self) -> usize {
        self.done.load(Ordering::Relaxed)
    }
}

/// Nobody hears.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _step: &str) {}

    fn end(&self, _result: &str) {}
}
