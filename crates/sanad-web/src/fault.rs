//! What is wrong with a request, or with its answer: for programs as a problem document (RFC 9457), for
//! people as a page.
//!
//! A fault says four things: its kind, with a status and a title that never change; what was found
//! and what was expected; where, as the name of a parameter; and what to do. It is computed for a
//! request and never kept.

use std::error::Error as StdError;
use std::path::Path;

use serde_json::json;

/// The kinds of problem, each with its status and a title that never changes. Programs tell kinds
/// by `type`, which holds the kind's name, and need not read sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// A parameter is unknown, doubled, missing, or of the wrong form. Asking again the same way is
    /// of no use.
    WrongRequest,
    /// No such page, place, claim or organisation; or the observatory has no data for it. The hint
    /// says how the case would come to have it, or which address lists what there is.
    NotFound,
    /// Only GET and HEAD are answered.
    WrongMethod,
    /// None of the forms that the request accepts is offered.
    NotAcceptable,
    /// The request names another host than this one.
    WrongHost,
    /// The address is longer than the bound.
    TooLong,
    /// The answer would need more time, memory, rows or bytes than the bounds allow. Fewer months,
    /// places or rows may fit.
    TooLarge,
    /// The state that a cursor belongs to is no longer the newest. A part of one table and a part
    /// of another would not make one.
    Gone,
    /// Too much work is waiting. Retry-After says thirty seconds.
    Busy,
    /// The observatory is still being opened, or the answer is still being computed. Retry-After
    /// says two seconds; what is computed is kept.
    NotReady,
    /// The analysis failed. The analysis, or the program itself; the record may be damaged.
    Failed,
}

impl FaultKind {
    /// Every kind, for the description of the interface.
    pub(crate) const ALL: [Self; 11] = [
        Self::WrongRequest,
        Self::NotFound,
        Self::WrongMethod,
        Self::NotAcceptable,
        Self::WrongHost,
        Self::TooLong,
        Self::TooLarge,
        Self::Gone,
        Self::Busy,
        Self::NotReady,
        Self::Failed,
    ];

    /// Status, name in the address of the kind, title. Statuses are those of RFC 9110.
    const fn facts(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::WrongRequest => (400, "wrong-request", "The request does not fit"),
            Self::NotFound => (404, "not-found", "There is no such thing here"),
            Self::WrongMethod => (405, "wrong-method", "Only reading is offered"),
            Self::NotAcceptable => (406, "not-acceptable", "Not offered in this form"),
            Self::WrongHost => (421, "wrong-host", "This host is not served here"),
            Self::TooLong => (414, "too-long", "The address is too long"),
            Self::TooLarge => (413, "too-large", "The answer would be too large"),
            Self::Gone => (410, "gone", "The observatory has changed since"),
            Self::Busy => (503, "busy", "Too many questions are waiting"),
            Self::NotReady => (503, "not-ready", "The answer is not ready"),
            Self::Failed => (500, "failed", "The analysis failed"),
        }
    }

    /// The status of an answer that says so.
    pub(crate) const fn status(self) -> u16 {
        self.facts().0
    }

    /// Its name in addresses.
    pub(crate) const fn name(self) -> &'static str {
        self.facts().1
    }

    /// Its title.
    pub(crate) const fn title(self) -> &'static str {
        self.facts().2
    }
}

/// A refusal or failure: what, where, and what to do. It can be cloned, because several may wait
/// for the same work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The kind.
    pub(crate) problem: FaultKind,
    /// What is wrong, with what was found and what was expected. A sentence without its full stop.
    pub(crate) what: String,
    /// Where: a parameter, a place in the address. Empty where it is about the request as a whole.
    pub(crate) place: String,
    /// What to do about it. Empty where nothing can be advised.
    pub(crate) hint: String,
}

impl Fault {
    /// A fault of a kind; where and what to do are added by `in_place` and `with_hint`.
    pub(crate) fn new(problem: FaultKind, what: impl Into<String>) -> Self {
        Self { problem, what: what.into(), place: String::new(), hint: String::new() }
    }

    /// A parameter that does not fit. `expected` goes into the sentence as it is: "a month such as
    /// 2021-05".
    pub(crate) fn parameter(name: &str, found: &str, expected: &str) -> Self {
        let found: String = found.chars().take(FOUND_SHOWN).collect();
        Self::new(FaultKind::WrongRequest, format!("found {found:?}, expected {expected}"))
            .in_place(format!("parameter {name}"))
    }

    /// Something that is not there; `list` is the address that lists what is.
    pub(crate) fn not_found(what: &str, found: &str, list: &str) -> Self {
        let found: String = found.chars().take(FOUND_SHOWN).collect();
        Self::new(FaultKind::NotFound, format!("no {what} {found:?}"))
            .with_hint(format!("{list} lists what there is"))
    }

    /// The same fault with where it lies, in place of what it said before.
    pub(crate) fn in_place(self, place: impl Into<String>) -> Self {
        Self { place: place.into(), ..self }
    }

    /// The same fault with what to do, in place of what it said before.
    pub(crate) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    /// The problem document, RFC 9457: `type`, `title`, `status`, `detail`, `instance`, and ours:
    /// `where` and `do`. `instance` is the path of the request. `type` is an address on this server
    /// that explains the kind.
    pub(crate) fn to_json(&self, instance: &str) -> String {
        let document = json!({
            "type": format!("/api#problem-{}", self.problem.name()),
            "title": self.problem.title(),
            "status": self.problem.status(),
            "detail": self.what,
            "instance": instance,
            "where": self.place,
            "do": self.hint,
        });
        document.to_string()
    }
}

/// Letters of a wrong value that are said back. A value may be as long as an address.
const FOUND_SHOWN: usize = 120;

/// An error with its causes in one text, each once. From the outermost to the innermost, joined by
/// colons.
fn with_causes(error: &dyn StdError) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(reason) = cause {
        let text = reason.to_string();
        if !said.contains(&text) {
            said = format!("{said}: {text}");
        }
        cause = reason.source();
    }
    said
}

/// The file that an error is about, where it is one of those that carry its path.
fn file_of(error: &sanad_study::Error) -> Option<&Path> {
    use sanad_store::Error as Store;
    use sanad_study::Error as Study;
    match error {
        Study::Read { path, .. } | Study::Scenario { path, .. } => Some(path),
        Study::Store(
            Store::Io { path, .. }
            | Store::Output { path, .. }
            | Store::Outside { path, .. }
            | Store::NotAnObservatory { path }
            | Store::Occupied { path, .. }
            | Store::Busy { path }
            | Store::Damaged { path, .. }
            | Store::Path { path }
            | Store::Unconfirmed { path, .. }
            | Store::Foreign { path, .. }
            | Store::Case { path, .. }
            | Store::Figures { path, .. }
            | Store::Table { path, .. }
            | Store::Card { path, .. }
            | Store::Core { path, .. }
            | Store::Strict { path, .. }
            | Store::Nothing { path, .. },
        ) => Some(path),
        _ => None,
    }
}

/// A text without the folders of this machine: every absolute path becomes its last part. `file`
/// is a path that is known to be in the text and may hold blanks; other paths end at a blank, a
/// quotation mark, a bracket, a comma, a semicolon or a colon. What has one part only, such as the
/// address of a page, stays.
fn without_folders(text: &str, file: Option<&Path>) -> String {
    const BEFORE: &str = "\"'`(“‘";
    const AFTER: &str = "\"'`)”’,;:";
    let mut text = text.replace("file:///", "/");
    if let Some((path, name)) = file.and_then(|path| Some((path, path.file_name()?))) {
        text = text.replace(&path.display().to_string(), &name.to_string_lossy());
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    let mut last = ' ';
    while let Some(letter) = rest.chars().next() {
        let is_start = letter == '/' && (last.is_whitespace() || BEFORE.contains(last));
        let ends = |one: char| one.is_whitespace() || AFTER.contains(one);
        let length = match is_start {
            true => rest.find(ends).unwrap_or(rest.len()),
            false => letter.len_utf8(),
        };
        let (part, after) = rest.split_at(length);
        let name = part.trim_end_matches('/').rsplit('/').next().unwrap_or(part);
        let has_folder = is_start && part.trim_matches('/').contains('/');
        out.push_str(if has_folder { name } else { part });
        (rest, last) = (after, part.chars().next_back().unwrap_or(' '));
    }
    out
}

/// By way of the study's error, so that one place decides on the kind.
impl From<sanad_store::Error> for Fault {
    fn from(error: sanad_store::Error) -> Self {
        sanad_study::Error::from(error).into()
    }
}

/// A figure that cannot be drawn is a failure of this program.
impl From<sanad_figure::Error> for Fault {
    fn from(error: sanad_figure::Error) -> Self {
        sanad_study::Error::from(error).into()
    }
}

/// A part of the briefing that cannot be drawn is a failure of this program.
impl From<sanad_brief::Error> for Fault {
    fn from(error: sanad_brief::Error) -> Self {
        sanad_study::Error::from(error).into()
    }
}

/// A setting out of range is a wrong request, all else a failure.
impl From<sanad_forecast::Error> for Fault {
    fn from(error: sanad_forecast::Error) -> Self {
        sanad_study::Error::from(error).into()
    }
}

/// What the case or its record does not have is `NotFound`; what could have worked nowhere, and a
/// statement of SQL that cannot be read, is `WrongRequest`; a bound that was met is `TooLarge`; the
/// rest is `Failed`. The error's own hint is what to do. Files are named without their folders,
/// which are nobody's business who asks.
impl From<sanad_study::Error> for Fault {
    fn from(error: sanad_study::Error) -> Self {
        use sanad_store::Error as Store;
        use sanad_study::Error as Study;
        let problem = match &error {
            Study::Store(Store::TooLarge { .. }) => FaultKind::TooLarge,
            Study::Store(Store::Statement { .. }) => FaultKind::WrongRequest,
            Study::Store(
                Store::Unknown { .. } | Store::NotCovered { .. } | Store::Lacks { .. },
            )
            | Study::NoMonths
            | Study::NoCells
            | Study::NoPlaces { .. }
            | Study::Uncovered { .. }
            | Study::CaseLacks { .. }
            | Study::TooFew { .. } => FaultKind::NotFound,
            other if other.is_wrong_use() => FaultKind::WrongRequest,
            _ => FaultKind::Failed,
        };
        let place = match &error {
            Study::Request { field, .. } => format!("parameter {field}"),
            Study::Store(Store::Statement { .. }) => "parameter q".to_owned(),
            _ => String::new(),
        };
        let file = file_of(&error);
        let hint = without_folders(&error.hint().unwrap_or_default(), file);
        let what = without_folders(&with_causes(&error), file);
        Self::new(problem, what).in_place(place).with_hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_document_has_the_members_of_rfc_9457_and_says_where_and_what_to_do() {
        let fault = Fault::parameter("from", "x\"y", "a month").with_hint("write it as 2021-05");
        let json: serde_json::Value =
            serde_json::from_str(&fault.to_json("/api/v1/panel")).unwrap();
        assert_eq!(json["status"], 400);
        assert_eq!(json["type"], "/api#problem-wrong-request");
        assert_eq!(json["instance"], "/api/v1/panel");
        assert_eq!(json["where"], "parameter from");
        assert_eq!(json["do"], "write it as 2021-05");
        assert_eq!(json["detail"], "found \"x\\\"y\", expected a month");
    }

    #[test]
    fn a_fault_names_a_file_and_not_the_folders_of_the_machine() {
        let damaged = sanad_store::Error::Damaged {
            path: "/srv/John Smith/observatory/tables/a.parquet".into(),
            problem: "Object at location file:///srv/x/b.parquet: 'rows' (/srv/x/c.toml)"
                .to_owned(),
        };
        let fault = Fault::from(damaged);
        assert_eq!(
            fault.what,
            "a.parquet is damaged: Object at location b.parquet: 'rows' (c.toml)"
        );
        let none = sanad_store::Error::NotAnObservatory { path: "/srv/John Smith/folder".into() };
        let fault = Fault::from(none);
        let said = format!("{} {}", fault.what, fault.hint);
        assert!(!said.contains("/srv") && fault.hint.ends_with("--observatory folder"), "{said}");
        let kept = "/places lists what there is; 1/2, http://host/a/b and a/b stay";
        assert_eq!(without_folders(kept, None), kept);
    }

    #[test]
    fn what_the_case_lacks_is_not_found_and_a_wrong_statement_is_a_wrong_request() {
        let lacks = Fault::from(sanad_study::Error::CaseLacks { missing: "claims" });
        assert_eq!(lacks.problem, FaultKind::NotFound);
        assert!(!lacks.hint.is_empty());
        let bound = sanad_store::Error::TooLarge {
            what: "the time for the statement",
            found: "more".to_owned(),
            bound: "10 s".to_owned(),
        };
        assert_eq!(Fault::from(bound).problem.status(), 413);
    }
}
