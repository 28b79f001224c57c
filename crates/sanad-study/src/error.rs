//! What can go wrong in an analysis.
//!
//! Errors of the crates below stay behind `#[source]` or `#[from]`, so that a door can print the
//! chain of causes. Where an analysis can say for one row why it has no number, it does so in the
//! row and fails not at all: errors are for what leaves no result.

use std::path::PathBuf;

use thiserror::Error as ThisError;

/// What can go wrong in an analysis.
///
/// No message names an option of a command line: a request has fields, and a door says how it calls them.
///
/// `is_wrong_use` parts what could have worked nowhere from what failed here, and `hint` says what
/// can be done. A door maps the first to its exit code or status.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// The observatory refused or failed.
    #[error(transparent)]
    Store(#[from] sanad_store::Error),
    /// The fronts could not be measured. The pure crate names the indicator, weight or setting at
    /// fault.
    #[error("the fronts cannot be measured as the case declares them")]
    Front(#[from] sanad_front::Error),
    /// A forecast or a score could not be made. This covers settings out of range, panels without
    /// history and tables without a common cell.
    #[error("the forecast cannot be made")]
    Forecast(#[from] sanad_forecast::Error),
    /// The observatory covers no month of the country. Nothing can be counted by place then;
    /// national months, the chronicle and the model may still be there.
    #[error("the observatory covers no month of the country")]
    NoMonths,
    /// Grid cells were asked for, and the records have no coordinates. Counts that a case ships
    /// know provinces and districts at best.
    #[error("nothing can be put into grid cells: ready-made counts have no coordinates")]
    NoCells,
    /// Days are to be counted in a month that nothing covers.
    ///
    /// A day without an event in such a month would be taken for quiet; it is unknown.
    #[error(
        "{month} is covered by no version of the source; the days asked for are {from} to {to}"
    )]
    Uncovered {
        /// The first such month.
        month: sanad_core::Month,
        /// First month asked for.
        from: sanad_core::Month,
        /// Last month asked for.
        to: sanad_core::Month,
    },
    /// The case lists no places of the unit.
    #[error("the case lists no places of the unit {unit}")]
    NoPlaces {
        /// The unit.
        unit: &'static str,
    },
    /// A window that the series cannot answer. A window asks for its training month, or for the
    /// months that a trial hides before it.
    #[error("the window {year} cannot be forecast: {problem}")]
    Window {
        /// The year asked for.
        year: i32,
        /// Why, with the months that there are.
        problem: String,
    },
    /// A file could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// A model is at fault, or cannot be run as asked.
    #[error("{}", path.display())]
    Scenario {
        /// The model's file.
        path: PathBuf,
        /// What is wrong, with the variable and the place in its equation.
        #[source]
        source: Box<sanad_scenario::Error>,
    },
    /// The files about a case's model do not fit together. Examples are a scenario that moves a
    /// lever beyond its range, a prior that is no distribution, and a benchmark that names a record
    /// which the chronicle does not have.
    #[error("the case's model, levers and scenarios do not fit together: {problem}")]
    Scenarios {
        /// Which entry, and what is wrong with it.
        problem: String,
    },
    /// A file of distributions could not be read.
    #[error("{} is not a list of distributions", path.display())]
    Vary {
        /// The file.
        path: PathBuf,
        /// What does not fit, with its line.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A figure could not be drawn.
    #[error("the figure cannot be drawn")]
    Figure(#[from] sanad_figure::Error),
    /// The briefing could not be drawn.
    #[error(transparent)]
    Brief(#[from] sanad_brief::Error),
    /// stdout or a temporary folder failed.
    #[error("cannot write {what}")]
    Write {
        /// "stdout" or the file.
        what: String,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// A field of a request does not fit. The names of fields are those of the request's struct, or
    /// of the parameter of a door that stands for it.
    #[error("{field}: found {found:?}, expected {expected}")]
    Request {
        /// The field.
        field: &'static str,
        /// Its value.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The case has no file of a kind that the command is about.
    #[error("the case has no {missing}")]
    CaseLacks {
        /// The kind of file.
        missing: &'static str,
    },
    /// Too few events for the test of a link. A link is not estimated then; its smallest effect
    /// that could have been found still is.
    #[error("found {found} events of the second kind, expected at least {expected}")]
    TooFew {
        /// How many there are.
        found: usize,
        /// How many there have to be.
        expected: usize,
    },
    /// The analysis failed.
    #[error(transparent)]
    Cycle(#[from] sanad_cycle::Error),
    /// A measure of the record or of statements failed.
    #[error(transparent)]
    Evidence(#[from] sanad_evidence::Error),
    /// A hand-written file of the case is wrong.
    #[error(transparent)]
    Case(#[from] sanad_case::Error),
    /// The folder is not a case.
    #[error("{} is not a case: it has no file {missing}", path.display())]
    NotACase {
        /// The folder.
        path: PathBuf,
        /// The file that is missing.
        missing: &'static str,
    },
}

/// Of a calibration: what it draws from are the case's priors.
///
/// Errors that arise elsewhere are given their file by `model::fault`.
impl From<sanad_scenario::Error> for Error {
    fn from(source: sanad_scenario::Error) -> Self {
        Self::Scenario { path: "priors.toml".into(), source: Box::new(source) }
    }
}

impl Error {
    /// Whether the command could not have worked anywhere, as opposed to failing here.
    ///
    /// The match names every variant: a new one does not compile until somebody has decided.
    #[must_use]
    pub fn is_wrong_use(&self) -> bool {
        match self {
            Self::Store(error) => error.is_wrong_use(),
            Self::Request { .. } => true,
            Self::Forecast(error) => error.is_setting(),
            Self::Scenario { source, .. } => source.is_settings(),
            Self::Write { .. }
            | Self::NotACase { .. }
            | Self::NoMonths
            | Self::NoCells
            | Self::NoPlaces { .. }
            | Self::Uncovered { .. }
            | Self::Read { .. }
            | Self::Vary { .. }
            | Self::Scenarios { .. }
            | Self::Figure(_)
            | Self::Window { .. }
            | Self::Front(_)
            | Self::CaseLacks { .. }
            | Self::TooFew { .. }
            | Self::Cycle(_)
            | Self::Evidence(_)
            | Self::Case(_)
            | Self::Brief(_) => false,
        }
    }

    /// What the user can do about it.
    ///
    /// `None` where the message itself says what to change, or where nothing but a longer record
    /// could help.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Store(error) => error.hint(),
            Self::CaseLacks { missing } => Some(way_to_have(missing)),
            Self::Uncovered { month, .. } => Some(format!(
                "import a release that covers {month}, or declare days in the case that lie in covered \
                 months: from and to in cycle.toml, from and origin under [calibration] in priors.toml"
            )),
            Self::NoPlaces { .. } => Some(
                "ask for a coarser unit, or list places of this level in places.toml and import the \
                 case again"
                    .to_owned(),
            ),
            Self::NotACase { .. } => Some("name a folder with a case.toml in it; cases/ holds one to start from".to_owned()),
            Self::Vary { .. } => Some(
                "one table per constant: [name] with distribution = \"uniform\", low and high, or \
                 another of docs/scenario-engine.md"
                    .to_owned(),
            ),
            Self::NoCells => Some(
                "import the events, then name the observatory: sanad import ucdp-ged FILE \
                 --observatory DIR"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

/// The result of this crate's fallible functions.
pub type Result<T> = core::result::Result<T, Error>;

/// How a case comes to have what is missing.
///
/// Words that name several files or a table are answered one by one; any other word is taken for a
/// file that `case.toml` names under `[files]` by that word.
fn way_to_have(missing: &str) -> String {
    match missing {
        "indicators" => "write them and name the file in case.toml: indicators = \"indicators.toml\"; \
             it stands before the first table"
            .to_owned(),
        "model" => "name a model in XMILE in case.toml, under [files]: model = \"model.xmile\"".to_owned(),
        "interventions" => "declare them as [[intervention]] in the case's cycle.toml".to_owned(),
        "[calibration] in priors.toml" => {
            "add the table [calibration] to the case's priors.toml; cases/README.md lists its fields"
                .to_owned()
        }
        "kinds of event" | "counts by kind of event" => {
            "declare them as [[kind]] in case.toml, and import the events that are told apart by them"
                .to_owned()
        }
        "final national months" => {
            "name violence by country and month in case.toml as a [[figure]] of the format country-months".to_owned()
        }
        "daily counts" | "counts by day" | "counts of organisations by day" => {
            "declare kinds of event in cycle.toml, named under [files] in case.toml, and import the \
             events that are counted"
                .to_owned()
        }
        "model whose smaller models could be fitted" => {
            "leave out --show models; the other tables need no smaller model".to_owned()
        }
        file => format!("write it and name it in case.toml, under [files]: {file} = \"{file}.toml\""),
    }
}
