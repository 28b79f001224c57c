//! What is said on stderr: errors, and what Ballista logs.

use std::io::{Read as _, Write as _};

use log::{LevelFilter, Log, Metadata, Record};

/// Why a process of the cluster could not do its work.
#[derive(Debug)]
pub(crate) struct Problem {
    /// What happened, without a full stop.
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) hint: Option<String>,
}

impl Problem {
    /// A problem without advice.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), hint: None }
    }

    /// With advice.
    pub(crate) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// Says what went wrong, and gives the exit code.
pub(crate) fn failed(what: &str, hint: Option<&str>) -> u8 {
    say(&format!("error: {what}"));
    if let Some(hint) = hint {
        say(&format!("hint: {hint}"));
    }
    1
}

/// Says a line on stderr.
pub(crate) fn say(line: &str) {
    // Where nobody listens any more, there is nothing to be done about it.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Ballista's log on stderr.
struct Stderr {
    /// Whether this is the scheduler, and ends where it lost track of a job.
    schedules: bool,
}

impl Log for Stderr {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let words = record.args().to_string();
        say(&format!("{} {}: {words}", record.level(), record.target()));
        if self.schedules && has_lost_track(&words) {
            say("error: the scheduler lost track of a job and ends, so that no answer lacks rows");
            std::process::exit(LOST_TRACK);
        }
    }

    fn flush(&self) {}
}

/// The exit code of a scheduler that lost track of a job.
const LOST_TRACK: i32 = 70;

/// Whether words of Ballista's scheduler say that it could not take note of parts that are done. It
/// goes on then, with the parts counted as done and their rows forgotten. What comes from a worker that
/// counts as lost is rightly not taken note of: its parts are done again.
fn has_lost_track(words: &str) -> bool {
    words.starts_with("Failed to update") && !words.contains("Not executor with ID")
}

/// Lets Ballista's log be read: all of it, or errors alone. Of a scheduler it is read here as well.
pub(crate) fn log_to_stderr(verbose: bool, schedules: bool) {
    let logger = Box::new(Stderr { schedules });
    // It can be set only once, and this process runs one command.
    if log::set_boxed_logger(logger).is_ok() {
        log::set_max_level(if verbose { LevelFilter::Info } else { LevelFilter::Error });
    }
}

/// Ends this process when its stdin ends.
pub(crate) fn end_with_stdin() {
    std::thread::spawn(|| {
        let mut byte = [0];
        // Nothing is written to it: reading comes to an end when the other side is gone.
        while std::io::stdin().read(&mut byte).is_ok_and(|read| read > 0) {}
        std::process::exit(0);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheduler_that_lost_track_of_parts_is_told_from_one_that_ignores_a_lost_worker() {
        let lost = "Failed to update 1 task statuses for Executor a: Internal(\"Error updating task \
                    metrics to stage 26, task metrics array size 7\")";
        assert!(has_lost_track(lost));
        let late = "Failed to update 2 task statuses for Executor a: Internal(\"Not executor with ID a \
                    found\")";
        assert!(!has_lost_track(late));
        assert!(!has_lost_track("Job failed: [1]"));
    }
}
