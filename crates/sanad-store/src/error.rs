//! The error of this crate.

use std::path::{Path, PathBuf};

use sanad_core::diagnostic::Diagnostic;
use thiserror::Error as ThisError;

/// What can go wrong with an observatory. Messages say what and where; [`hint`](Self::hint) says
/// what to do. Errors of readers keep the cause, which has row and column.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("cannot {action} {path}")]
    Io {
        /// What was tried: "read", "write", "create", "rename".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// A file that the user named is not written over.
    #[error("{path} is not written: {refusal}")]
    Output {
        /// The file.
        path: PathBuf,
        /// What it is, and what to do.
        refusal: &'static str,
    },
    /// A file that a case or a state names is not in its folder.
    #[error("{path} leads out of its folder, to {target}")]
    Outside {
        /// The file as it is named.
        path: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// The folder is not an observatory.
    #[error("{path} is not an observatory: it has no file CURRENT")]
    NotAnObservatory {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds other files and no observatory.
    #[error("{path} is not an observatory and not empty: it holds {found}")]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// One of the files or folders in it.
        found: String,
    },
    /// No version of the series covers the month.
    #[error("{place} in {month}: not covered by any version of {series}")]
    NotCovered {
        /// The place asked for.
        place: String,
        /// The month.
        month: sanad_core::Month,
        /// The series.
        series: String,
        /// The months that are covered, in words.
        covered: String,
    },
    /// Another process is writing.
    #[error("another process is writing to {path}")]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// A file of the observatory is not as this program writes it.
    #[error("{path} is damaged: {problem}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        problem: String,
    },
    /// The path of an observatory is none that the query engine can name.
    #[error(
        "{path:?} cannot be the folder of an observatory: its path has a control character or is not UTF-8"
    )]
    Path {
        /// The folder.
        path: PathBuf,
    },
    /// A change became visible, and the disk did not confirm that it is kept.
    #[error("the change is visible, but the disk did not confirm that it keeps {path}")]
    Unconfirmed {
        /// The file that makes it visible.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// More was asked for than a stated bound allows.
    #[error("{what}: found {found}, and the bound is {bound}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much was asked for.
        found: String,
        /// How much there may be.
        bound: String,
    },
    /// A file from outside could not be read as the format it was given as.
    #[error("{path}")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, where, and what to do.
        #[source]
        source: Box<sanad_source::Error>,
    },
    /// A file of a case could not be read.
    #[error("{path}")]
    Case {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, where, and what to do.
        #[source]
        source: Box<sanad_case::Error>,
    },
    /// A file of ready-made figures is not as `sanad counts` writes it.
    #[error("{path} is not a table of counts: {problem}")]
    Figures {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        problem: String,
    },
    /// A table from outside is not what it was given as.
    #[error("{path}: {problem}")]
    Table {
        /// The file.
        path: PathBuf,
        /// What was found, where, and what was expected.
        problem: String,
    },
    /// A source card could not be read.
    #[error("{path} is not a source card: {problem}")]
    Card {
        /// The card.
        path: PathBuf,
        /// What does not fit.
        problem: String,
    },
    /// A value of the core does not hold together.
    #[error("{path}")]
    Core {
        /// The file it came from.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: sanad_core::Error,
    },
    /// The import was strict and rows had to be remarked upon.
    #[error("{path}: {first}; diagnostics: {count}, and a strict import allows none")]
    Strict {
        /// The file.
        path: PathBuf,
        /// How many diagnostics there were.
        count: u64,
        /// The first of them.
        first: Box<Diagnostic>,
    },
    /// A file of the right form of which nothing could be kept.
    #[error("{path}: {first}; diagnostics: {count}, and nothing in the file could be kept")]
    Nothing {
        /// The file.
        path: PathBuf,
        /// How many diagnostics there were.
        count: u64,
        /// The first of them.
        first: Box<Diagnostic>,
    },
    /// The observatory lacks what the request needs.
    #[error("the observatory holds {missing}")]
    Lacks {
        /// What is missing and how to bring it in.
        missing: Missing,
    },
    /// A name that the observatory does not know.
    #[error("no {what} {found:?}")]
    Unknown {
        /// "place", "source", "measure", "organisation".
        what: &'static str,
        /// The name as given.
        found: String,
        /// Names that come close, best first.
        nearest: Vec<String>,
    },
    /// A user's statement was refused.
    #[error("the statement cannot be answered")]
    Statement {
        /// The engine's reason.
        #[source]
        source: Box<datafusion::error::DataFusionError>,
    },
    /// What executes plans in the place of this program gave no answer.
    #[error("the query was not answered: {reason}")]
    Elsewhere {
        /// What happened.
        reason: String,
        /// What to do about it.
        hint: String,
    },
    /// The query engine refused or failed.
    #[error("the query failed")]
    Query {
        /// The engine's reason.
        #[source]
        source: Box<datafusion::error::DataFusionError>,
    },
}

/// What an observatory can lack. Its text follows "the observatory holds".
#[derive(Debug, Clone, Copy, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum Missing {
    /// No events or counts of violence.
    #[error("no events of this source on that day")]
    Events,
    /// No list of places.
    #[error("no list of places, so nothing can be put into provinces or districts")]
    Places,
    /// Counts that are ready-made by the month of the last day, and no single events.
    #[error(
        "only ready-made counts for these months, made by the month an event ended in, so that \
         no other date rule can be applied"
    )]
    DateRule,
}

impl Error {
    /// What the user can do about it, if that can be said. One sentence in lower case without a
    /// full stop, with a command where one helps.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotAnObservatory { path } => format!(
                "an import makes one: sanad import ucdp-ged FILE --observatory {}",
                path.display()
            ),
            Self::Occupied { .. } => {
                "name a folder that is empty or does not exist; an import makes it an observatory"
                    .to_owned()
            }
            Self::Outside { .. } => "put the file itself into the folder".to_owned(),
            Self::Path { .. } => "rename the folder, or name another".to_owned(),
            Self::Busy { .. } => "wait for it to end, then try again".to_owned(),
            Self::Figures { .. } => {
                "make it again: sanad counts --observatory DIR --country NUMBER --out FILE"
                    .to_owned()
            }
            Self::Card { .. } => {
                "a card is a TOML file with id, version, title, citation, licence, url and accessed"
                    .to_owned()
            }
            Self::Strict { .. } => {
                "nothing was changed; leave out --strict to keep what is sound and count what is not"
                    .to_owned()
            }
            Self::Nothing { .. } => {
                "nothing was changed; check that the file is of the format it was given as"
                    .to_owned()
            }
            Self::Statement { .. } => {
                "write one SELECT; SELECT table_name, column_name FROM information_schema.columns \
                 lists what there is"
                    .to_owned()
            }
            Self::Lacks { missing: Missing::Places } => {
                "import a case first: sanad import case FOLDER --observatory DIR".to_owned()
            }
            Self::NotCovered { series, month, covered, .. } => format!(
                "covered: {covered}; import a release of {series} that holds {month} (sanad import \
                 FORMAT FILE --observatory DIR)"
            ),
            Self::Lacks { missing: Missing::Events } => {
                "import some: sanad import ucdp-ged FILE --observatory DIR; \
                 sanad sources --observatory DIR lists what is there"
                    .to_owned()
            }
            Self::Lacks { missing: Missing::DateRule } => {
                "use --date-rule end, or import the events: sanad import ucdp-ged FILE".to_owned()
            }
            Self::Unknown { nearest, .. } if !nearest.is_empty() => {
                format!("did you mean {}?", nearest.join(", "))
            }
            Self::Damaged { .. } => {
                "nothing was changed; sanad doctor --observatory DIR says what is damaged and what \
                 can be done, and importing a source again restores its records"
                    .to_owned()
            }
            Self::Unconfirmed { .. } => {
                "check the disk, then run sanad doctor --observatory DIR".to_owned()
            }
            Self::TooLarge { .. } => "ask for less, or in parts".to_owned(),
            Self::Elsewhere { hint, .. } => hint.clone(),
            Self::Io { source, .. } => return io_hint(source.kind()).map(str::to_owned),
            _ => return None,
        })
    }

    /// Whether the caller asked for something that no observatory has, as opposed to something that
    /// this one lacks: an unknown measure, or a file whose ending names no known form. Asking for
    /// more than a stated bound counts as well.
    #[must_use]
    pub fn is_wrong_use(&self) -> bool {
        matches!(
            self,
            Self::Unknown { what: "measure" | "file format for", .. } | Self::TooLarge { .. }
        )
    }

    /// An error of the system, with what was tried.
    pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }

    /// An error about a file that the observatory itself should hold, whole.
    pub(crate) fn kept(path: &Path, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::NotFound => Self::damaged(path, "it is missing"),
            std::io::ErrorKind::InvalidData => Self::damaged(path, "it is not text"),
            _ => Self::io("read", path, source),
        }
    }

    /// A file that is not as this program writes it.
    pub(crate) fn damaged(path: &Path, problem: impl ToString) -> Self {
        Self::Damaged { path: path.to_owned(), problem: problem.to_string() }
    }
}

/// What to do about the system's reason, where that can be said.
const fn io_hint(kind: std::io::ErrorKind) -> Option<&'static str> {
    match kind {
        std::io::ErrorKind::NotFound => Some("check that the path is spelt right"),
        std::io::ErrorKind::PermissionDenied => Some("check who may read and write there"),
        std::io::ErrorKind::StorageFull => Some("make room on the disk, then try again"),
        _ => None,
    }
}

impl From<datafusion::error::DataFusionError> for Error {
    fn from(source: datafusion::error::DataFusionError) -> Self {
        Self::Query { source: Box::new(source) }
    }
}

impl From<datafusion::arrow::error::ArrowError> for Error {
    fn from(source: datafusion::arrow::error::ArrowError) -> Self {
        datafusion::error::DataFusionError::from(source).into()
    }
}

impl From<datafusion::parquet::errors::ParquetError> for Error {
    fn from(source: datafusion::parquet::errors::ParquetError) -> Self {
        datafusion::error::DataFusionError::from(source).into()
    }
}

/// The result of this crate's fallible functions.
pub type Result<T> = core::result::Result<T, Error>;
