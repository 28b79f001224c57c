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
        Self { name, started: Instant::now(), spinner }
    }

    /// Shows how far the step has come, with the time that is left.
    fn advance(&self, done: usize, total: usize) {
        let Some(spinner) = self.spinner.as_ref().filter(|_| total > 0) else { return };
        let template = "{spinner} {msg} {percent} % ({eta} left)";
        if let Ok(style) = ProgressStyle::with_template(template) {
            spinner.set_style(style);
        }
        spinner.set_length(total as u64);
        spinner.set_position(done as u64);
    }

    /// Says that the step is done, and what came of it.
    pub(crate) fn end(self, outcome: &str) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
        say!("{:<34}{:>6.2} s  {outcome}", self.name, self.started.elapsed().as_secs_f64());
    }
}

/// Shows on stderr how far an analysis has come.
#[derive(Default)]
pub(crate) struct Terminal(Mutex<Option<Step>>);

impl Terminal {
    /// The step that runs, whatever happened to a thread that held it.
    fn step(&self) -> std::sync::MutexGuard<'_, Option<Step>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Progress for Terminal {
    fn begin(&self, step: &str) {
        *self.step() = Some(Step::begin(step));
    }

    fn advance(&self, done: usize, total: usize) {
        if let Some(step) = self.step().as_ref() {
            step.advance(done, total);
        }
    }

    fn end(&self, result: &str) {
        if let Some(step) = self.step().take() {
            step.end(result);
        }
    }

    fn note(&self, text: &str) {
        say!("note: {text}");
    }
}
