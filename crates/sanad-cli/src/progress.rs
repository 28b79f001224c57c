//! Progress on stderr: a bar or spinner on a terminal, a line per step elsewhere.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::report::say;
use indicatif::{ProgressBar, ProgressStyle};
use sanad_core::escape::line;
use sanad_study::Progress;

/// One step of a longer piece of work.
pub(crate) struct Step {
    name: String,
    started: Instant,
    spinner: Option<ProgressBar>,
    /// What is done within the step, and since when.
    part: Mutex<Option<(String, Instant)>>,
}

impl Step {
    /// Says that a step begins.
    pub(crate) fn begin(name: impl Into<String>) -> Self {
        let name = name.into();
        let spinner = std::io::stderr().is_terminal().then(|| {
            let spinner = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
                spinner.set_style(style);
            }
            spinner.set_message(line(&name).into_owned());
            spinner.enable_steady_tick(Duration::from_millis(120));
            spinner
        });
        Self { name, started: Instant::now(), spinner, part: Mutex::new(None) }
    }

    /// Shows how far the step, or the part of it that runs, has come.
    fn show(&self, counted: Option<[usize; 2]>) {
        let Some(bar) = &self.spinner else { return };
        let part = locked(&self.part);
        let (name, since) = match &*part {
            Some((part, since)) => (format!("{}: {part}", self.name), *since),
            None => (self.name.clone(), self.started),
        };
        let shown = match counted {
            Some([done, total]) => advanced(&name, done, total, since.elapsed()),
            None => name,
        };
        bar.set_message(line(&shown).into_owned());
    }

    /// Takes the step off the terminal: what came of it is said elsewhere, or is nothing.
    pub(crate) fn clear(self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }

    /// Says that the step is done, and what came of it.
    pub(crate) fn end(self, outcome: &str) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
        say!("{:<34}{:>6.2} s  {outcome}", self.name, self.started.elapsed().as_secs_f64());
    }
}

/// What is behind a lock, whatever happened to a thread that held it.
fn locked<T>(lock: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Work that is one step to a person may have parts of its own; they are shown while they run.
impl Progress for Step {
    fn begin(&self, part: &str) {
        *locked(&self.part) = Some((part.to_owned(), Instant::now()));
        self.show(None);
    }

    fn advance(&self, done: usize, total: usize) {
        self.show(Some([done, total]));
    }

    fn end(&self, _result: &str) {
        *locked(&self.part) = None;
    }

    fn note(&self, text: &str) {
        say!("note: {text}");
    }
}

/// A step with its count, and with the time left once that can be told: as long for each part as for
/// those that are done.
fn advanced(name: &str, done: usize, total: usize, elapsed: Duration) -> String {
    let counted = format!("{name}: {done} of {total}");
    if done == 0 || done >= total {
        return counted;
    }
    let seconds = elapsed.as_secs_f64() / done as f64 * (total - done) as f64;
    match seconds.round() as u64 {
        seconds @ 0..=99 => format!("{counted}, some {seconds} s left"),
        seconds => format!("{counted}, some {} min left", seconds.div_ceil(60)),
    }
}

/// Shows on stderr how far an analysis has come.
#[derive(Default)]
pub(crate) struct Terminal(Mutex<Option<Step>>);

impl Progress for Terminal {
    fn begin(&self, step: &str) {
        *locked(&self.0) = Some(Step::begin(step));
    }

    fn advance(&self, done: usize, total: usize) {
        if let Some(step) = &*locked(&self.0) {
            step.advance(done, total);
        }
    }

    fn end(&self, result: &str) {
        let step = locked(&self.0).take();
        if let Some(step) = step {
            step.end(result);
        }
    }

    fn note(&self, text: &str) {
        say!("note: {text}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_says_how_much_is_done_and_how_long_the_rest_takes() {
        let after = |done, seconds| advanced("fit", done, 10, Duration::from_secs(seconds));
        assert_eq!(after(0, 3), "fit: 0 of 10");
        assert_eq!(after(2, 8), "fit: 2 of 10, some 32 s left");
        assert_eq!(after(1, 20), "fit: 1 of 10, some 3 min left");
        assert_eq!(after(10, 50), "fit: 10 of 10");
    }
}
