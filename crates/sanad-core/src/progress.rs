//! Who hears how far long work has come.

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

/// Nobody hears.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _step: &str) {}

    fn end(&self, _result: &str) {}
}
