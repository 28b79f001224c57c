//! Answers that are kept, so that the same question about the same files is computed once.

use sanad_store::{Answer, AnswerShelf, KeptQuestion, Observatory};

use crate::args::Subject;
use crate::command::subject::{self, Opened};
use crate::command::today;
use crate::error::Result;
use crate::report;

/// What a command asks, without the subject and without the form on stdout.
pub(crate) struct Asked<'a> {
    /// The command.
    pub(crate) command: &'a str,
    /// Version of the rules by which it is answered, to be counted up when they change.
    pub(crate) rules: &'a str,
    /// The options that the answer depends on.
    pub(crate) options: String,
}

/// The answer that is kept for these files, or what `compute` gives, which is kept for the next time. Its notes are
/// said in both cases.
pub(crate) fn answer(
    subject: &Subject,
    asked: &Asked<'_>,
    compute: impl FnOnce(&Opened) -> Result<Answer>,
) -> Result<Answer> {
    subject::check(subject)?;
    let settings = format!("{} on {}", asked.options, today()?);
    let question = KeptQuestion { name: asked.command, rules: asked.rules, settings: &settings };
    let answers = answers(subject);
    let kept = answers.as_ref().and_then(|answers| answers.find(&question));
    let answer = match kept {
        Some(answer) => answer,
        None => {
            let opened = subject::open(subject)?;
            let answer = compute(&opened)?;
            // What is said of a case's files stands in no answer, so that they are read again.
            if let Some(answers) = answers.filter(|_| opened.diagnostics == 0) {
                // Nothing is lost with an answer that cannot be kept: it is computed the next time.
                let _ = answers.keep(&question, &answer);
            }
            answer
        }
    };
    answer.notes.iter().for_each(|note| report::note(note));
    Ok(answer)
}

/// Where answers about the subject are kept. What cannot be read is said when it is opened to compute.
fn answers(subject: &Subject) -> Option<AnswerShelf> {
    let observatory = subject.observatory.as_ref().map(Observatory::open).transpose().ok()?;
    AnswerShelf::about(subject.case.as_deref(), observatory.as_ref()).ok().flatten()
}
