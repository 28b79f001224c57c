//! What can go wrong, and where.
//!
//! There are two levels. A [`Problem`] is a fault of one variable, and compiling gathers as many of
//! them as it can, so that a file is mended in one round. An [`Error`] is why reading, compiling or
//! running gave nothing; [`Error::problems`] takes it apart where it is made of problems. Messages
//! are whole sentences in lower case without a full stop, and quote names as the model spells them.

use std::fmt;

use sanad_core::escape::is_hidden;

/// A place in the equation text of a variable, in bytes. Always within one equation: offsets count
/// from its first byte, not from the file's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// Bytes from `start` up to `end`.
    pub(crate) fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The span from the start of one to the end of the other. In either order; what lies between
    /// belongs to it.
    pub(crate) fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// One fault of one variable: what is wrong, and the place in its equation when there is one.
///
/// `Display` gives the variable, the message, and where there is a place the line of the equation
/// with a mark under it.
///
/// ```
/// use sanad_scenario::{Limits, Model, read_xmile};
///
/// let text = r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
///   <model><variables><aux name="harm"><eqn>2 * harmm</eqn></aux></variables></model></xmile>"#;
/// let document = read_xmile(text.as_bytes(), &Limits::default())?;
/// let error = Model::compile(&document).unwrap_err();
/// let problem = &error.problems()[0];
/// assert_eq!((problem.variable(), problem.line_and_column()), ("harm", Some((1, 5))));
/// assert!(problem.is_unknown_name());
/// assert_eq!(problem.message(), "harmm is not defined; did you mean harm?");
/// # Ok::<(), sanad_scenario::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    kind: ProblemKind,
    variable: String,
    message: String,
    equation: String,
    span: Option<Span>,
}

/// The kinds of [`Problem`] that a caller may want to tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProblemKind {
    /// The text is no equation, or a function is called with too few or too many arguments.
    Syntax,
    /// A name, function or flow that nothing defines.
    Unknown,
    /// A value, connection or module that comes back to itself.
    Circular,
    /// Subscripts or dimensions that do not fit.
    Array,
    /// Understood and not simulated here.
    Unsupported,
    /// An equation, curve or setting that has to be there is not.
    Missing,
    /// Beyond one of the [`Limits`](crate::Limits).
    Limit,
    /// A name that is defined twice.
    Duplicate,
    /// Units of measure that disagree or cannot be read.
    Units,
    /// It runs, with numbers that may not be meant.
    Numerics,
}

impl Problem {
    /// A fault without a variable or place; [`at`](Self::at) and [`of`](Self::of) give it those.
    pub(crate) fn new(kind: ProblemKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            variable: String::new(),
            message: message.into(),
            equation: String::new(),
            span: None,
        }
    }

    /// Gives the fault its place, unless it has one or belongs to another variable's equation.
    /// Faults travel outwards through nested expressions; the innermost place is the one that is
    /// kept.
    pub(crate) fn at(mut self, span: Span) -> Self {
        if self.variable.is_empty() {
            self.span.get_or_insert(span);
        }
        self
    }

    /// The fault with the variable and the equation that it is in, unless it has them.
    pub(crate) fn of(mut self, variable: &str, equation: &str) -> Self {
        if self.variable.is_empty() {
            self.variable = variable.to_owned();
            self.equation = equation.to_owned();
        }
        self
    }

    /// The variable at fault, as the model spells it; empty when no variable is concerned.
    #[must_use]
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// What is wrong, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The place in the equation, if the fault is inside one.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.span
    }

    /// Line and column of the place in the equation, from one, in characters. `None` where the
    /// fault is not inside an equation.
    #[must_use]
    pub fn line_and_column(&self) -> Option<(usize, usize)> {
        let (line, column, _) = excerpt(&self.equation, self.span?.start);
        Some((line, column))
    }

    /// Whether the equation cannot be read at all.
    #[must_use]
    pub fn is_syntax(&self) -> bool {
        self.kind == ProblemKind::Syntax
    }

    /// Whether the equation uses a name that nothing defines. Also functions, flows of stocks,
    /// modules' models and ends of connections.
    #[must_use]
    pub fn is_unknown_name(&self) -> bool {
        self.kind == ProblemKind::Unknown
    }

    /// Whether the value depends on itself within one moment. Also connections that lead in a
    /// circle and a module that contains itself.
    #[must_use]
    pub fn is_circular(&self) -> bool {
        self.kind == ProblemKind::Circular
    }

    /// Whether units of measure disagree.
    #[must_use]
    pub fn is_units(&self) -> bool {
        self.kind == ProblemKind::Units
    }

    /// Whether one of the [`Limits`](crate::Limits) was exceeded.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        self.kind == ProblemKind::Limit
    }

    /// Whether the model runs, but with numbers that may not be meant (see
    /// [`Model::numerical_problems`](crate::Model::numerical_problems)).
    #[must_use]
    pub fn is_numerical(&self) -> bool {
        self.kind == ProblemKind::Numerics
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.variable.is_empty() {
            write!(f, "{}: ", self.variable)?;
        }
        write!(f, "{}", self.message)?;
        let Some(span) = self.span.filter(|_| !self.equation.is_empty()) else { return Ok(()) };
        let (line, column, text) = excerpt(&self.equation, span.start);
        if line > 1 {
            write!(f, " (line {line}, column {column})")?;
        } else {
            write!(f, " (column {column})")?;
        }
        write!(f, "\n    {text}\n    {}^", " ".repeat(marker_offset(&text, column)))
    }
}

/// Most characters of an equation that a message shows. With the indent of four it fits a terminal
/// of 80 columns.
const EXCERPT_CHARACTERS: usize = 76;

/// Line and column (from one, in characters) of a byte offset, and the text around it. Of a long
/// line the text begins at a multiple of ten characters before the place, with an ellipsis in
/// front. Characters that would not show or would turn the writing direction become spaces.
fn excerpt(equation: &str, offset: usize) -> (usize, usize, String) {
    let mut offset = offset.min(equation.len());
    while !equation.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &equation[..offset];
    let line_start = before.rfind('\n').map_or(0, |place| place + 1);
    let line = before.matches('\n').count() + 1;
    let column = equation[line_start..offset].chars().count() + 1;
    let text = equation[line_start..].lines().next().unwrap_or("");
    let skip = column.saturating_sub(EXCERPT_CHARACTERS / 2) / 10 * 10;
    let shown: String = text
        .chars()
        .skip(skip)
        .take(EXCERPT_CHARACTERS)
        .map(|character| if is_hidden(character) { ' ' } else { character })
        .collect();
    let text = if skip > 0 { format!("…{shown}") } else { shown };
    (line, column, text)
}

/// Where the mark under an excerpt goes: excerpts of long lines begin later.
fn marker_offset(text: &str, column: usize) -> usize {
    if text.starts_with('…') {
        let skip = column.saturating_sub(EXCERPT_CHARACTERS / 2) / 10 * 10;
        column - skip
    } else {
        column - 1
    }
}

/// Why a model could not be read, compiled or run.
///
/// Opaque, with questions in place of variants: whether it is the file
/// ([`is_file`](Self::is_file)), the settings of a run ([`is_settings`](Self::is_settings)), a
/// limit ([`is_limit`](Self::is_limit)), or faults of single variables
/// ([`problems`](Self::problems)). The source of the error is the XML reader's own where there is
/// one.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] ErrorKind);

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ErrorKind {
    #[error("line {line}: the XML is not well formed")]
    Xml { line: usize, source: quick_xml::Error },
    #[error("line {line}: the XML is not well formed: {message}")]
    Malformed { line: usize, message: String },
    #[error("line {line}: {message}")]
    Document { line: usize, message: String },
    #[error("the file is {found}, not XMILE; {advice}")]
    OtherFormat { found: &'static str, advice: &'static str },
    #[error("{}", list(.0))]
    Model(Vec<Problem>),
    #[error("{0}")]
    Settings(String),
    #[error("the {what} needs {request}, and the limit is {limit}")]
    TooLarge { what: &'static str, request: usize, limit: usize },
}

/// Faults below one another.
fn list(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

impl Error {
    /// A model that does not say what it has to, at a line of the file.
    pub(crate) fn document(line: usize, message: impl Into<String>) -> Self {
        ErrorKind::Document { line, message: message.into() }.into()
    }

    /// A text that is not XML, at a line of the file.
    pub(crate) fn malformed(line: usize, message: impl Into<String>) -> Self {
        ErrorKind::Malformed { line, message: message.into() }.into()
    }

    /// A file of another program.
    pub(crate) fn other_format(found: &'static str, advice: &'static str) -> Self {
        ErrorKind::OtherFormat { found, advice }.into()
    }

    /// Settings that a run cannot use.
    pub(crate) fn settings(message: impl Into<String>) -> Self {
        ErrorKind::Settings(message.into()).into()
    }

    /// A model beyond a limit.
    pub(crate) fn too_large(what: &'static str, request: usize, limit: usize) -> Self {
        ErrorKind::TooLarge { what, request, limit }.into()
    }

    /// The faults of single variables, if that is why the model does not compile. Empty for every
    /// other error; in the order in which they were found, which is not always that of the file.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        match &self.0 {
            ErrorKind::Model(problems) => problems,
            _ => &[],
        }
    }

    /// Whether the file is not XMILE text that can be read. Not well formed, not XMILE, another
    /// program's format, or without what XMILE asks for. A file that is too large is a limit.
    #[must_use]
    pub fn is_file(&self) -> bool {
        matches!(
            self.0,
            ErrorKind::Xml { .. }
                | ErrorKind::Malformed { .. }
                | ErrorKind::Document { .. }
                | ErrorKind::OtherFormat { .. }
        )
    }

    /// Whether a run was asked for with settings that make no sense for the model. A time that is
    /// not finite or does not rise, a name that is no constant or variable, a column that is too
    /// short, a distribution that is none.
    #[must_use]
    pub fn is_settings(&self) -> bool {
        matches!(self.0, ErrorKind::Settings(_))
    }

    /// Whether the model or the run exceeds one of the [`Limits`](crate::Limits).
    #[must_use]
    pub fn is_limit(&self) -> bool {
        matches!(self.0, ErrorKind::TooLarge { .. })
            || self.problems().iter().any(Problem::is_limit)
    }
}

impl From<Vec<Problem>> for Error {
    fn from(problems: Vec<Problem>) -> Self {
        ErrorKind::Model(problems).into()
    }
}
