//! Long work: off Python's thread, with the interpreter's lock released, heard of and stoppable.
//!
//! The work runs on a thread of its own that never touches Python. The calling thread waits without the
//! interpreter's lock, looks every twentieth of a second whether Ctrl-C was pressed, and shows what the work says of
//! its progress. So Ctrl-C ends the call at once, however seldom the work says anything, and the work itself ends the next
//! time that it does.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use pyo3::prelude::*;
use sanad_core::Progress;

use crate::call_error::{CallResult, interrupted};

/// How long the calling thread waits before it looks for Ctrl-C.
const PATIENCE: Duration = Duration::from_millis(50);

/// Stack of the thread that works, in bytes: as large as a main thread's.
const STACK: usize = 8 << 20;

/// What the work says.
enum News {
    Begin(String),
    Advance(usize, usize),
    End(String),
    Note(String),
}

/// Sends on what the work says, and ends the work where nobody waits for it any more.
struct ProgressLine {
    news: Sender<News>,
    is_stopped: Arc<AtomicBool>,
}

/// What unwinds the stack of work that is to end: no failure, so that nothing is printed.
struct StopUnwind;

impl ProgressLine {
    fn send(&self, news: News) {
        if self.is_stopped.load(Ordering::Relaxed) {
            // The only way out of an analysis that reports: it unwinds as after a panic, through rayon too, drops what
            // it holds, and prints nothing.
            resume_unwind(Box::new(StopUnwind));
        }
        // Nobody hears it once the caller has gone.
        let _ = self.news.send(news);
    }
}

impl Progress for ProgressLine {
    fn begin(&self, step: &str) {
        self.send(News::Begin(step.to_owned()));
    }

    fn advance(&self, done: usize, total: usize) {
        self.send(News::Advance(done, total));
    }

    fn end(&self, result: &str) {
        self.send(News::End(result.to_owned()));
    }

    fn note(&self, text: &str) {
        self.send(News::Note(text.to_owned()));
    }
}

/// Shows what the work says: `sanad._progress.Display`, which uses tqdm where it is installed.
struct Display<'py>(Option<Bound<'py, PyAny>>);

impl<'py> Display<'py> {
    fn new(py: Python<'py>) -> PyResult<Self> {
        let made = py.import("sanad._progress")?.getattr("display")?.call0()?;
        Ok(Self((!made.is_none()).then_some(made)))
    }

    fn show(&self, news: News) -> PyResult<()> {
        let Some(display) = &self.0 else { return Ok(()) };
        match news {
            News::Begin(step) => display.call_method1("begin", (step,)),
            News::Advance(done, total) => display.call_method1("advance", (done, total)),
            News::End(result) => display.call_method1("end", (result,)),
            News::Note(text) => display.call_method1("note", (text,)),
        }?;
        Ok(())
    }

    /// Shows all that was said so far; of several counts the last.
    fn show_all(&self, first: News, news: &Receiver<News>) -> PyResult<()> {
        let mut last = first;
        while let Ok(next) = news.try_recv() {
            if !matches!((&last, &next), (News::Advance(..), News::Advance(..))) {
                self.show(last)?;
            }
            last = next;
        }
        self.show(last)
    }

    fn close(&self) -> PyResult<()> {
        match &self.0 {
            Some(display) => display.call_method0("close").map(|_| ()),
            None => Ok(()),
        }
    }
}

/// Runs `work` off the calling thread and waits for it, with the interpreter's lock released.
///
/// # Errors
/// What the work returns; `KeyboardInterrupt` within a twentieth of a second after Ctrl-C.
pub(crate) fn run<T, F>(py: Python<'_>, work: F) -> PyResult<T>
where
    T: Send + 'static,
    F: FnOnce(&dyn Progress) -> CallResult<T> + Send + 'static,
{
    let display = Display::new(py)?;
    let (sender, news) = channel();
    let is_stopped = Arc::new(AtomicBool::new(false));
    let line = ProgressLine { news: sender, is_stopped: Arc::clone(&is_stopped) };
    let thread = thread::Builder::new().stack_size(STACK).spawn(move || work(&line))?;
    let heard = listen(py, news, &display);
    let closed = display.close();
    if let Err(error) = heard.and(closed) {
        is_stopped.store(true, Ordering::Relaxed);
        return Err(error);
    }
    match py.detach(|| thread.join()) {
        Ok(found) => found.map_err(PyErr::from),
        Err(payload) if payload.is::<StopUnwind>() => Err(interrupted()),
        Err(payload) => resume_unwind(payload),
    }
}

/// Hears the work until it is done.
fn listen(py: Python<'_>, mut news: Receiver<News>, display: &Display<'_>) -> PyResult<()> {
    loop {
        // Handed over and back, because a receiver cannot be shared between threads.
        let (heard, back) = py.detach(move || (news.recv_timeout(PATIENCE), news));
        news = back;
        match heard {
            Ok(first) => display.show_all(first, &news)?,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        py.check_signals()?;
    }
}

/// Computes with arrays that Python owns, with the interpreter's lock released; for work of at most seconds.
pub(crate) fn compute_detached<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> CallResult<T> + Send,
) -> PyResult<T> {
    py.detach(work).map_err(PyErr::from)
}
