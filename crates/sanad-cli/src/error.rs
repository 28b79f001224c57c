//! What can go wrong in a command.

use std::path::PathBuf;

use thiserror::Error as ThisError;

use crate::command::EPOCH_VARIABLE;

/// What can go wrong in a command.
#[derive(Debug, ThisError)]
pub(crate) enum Error {
    /// The analysis was refused or failed.
    #[error(transparent)]
    Study(Box<sanad_study::Error>),
    /// A publisher's catalogue or a request for a file is wrong.
    #[error(transparent)]
    Fetch(Box<sanad_fetch::Error>),
    /// A catalogue cannot be read.
    #[error("cannot read the catalogue {}", path.display())]
    Catalogue {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Files were not to be had.
    #[error("{missing} of {total} files were not to be had")]
    NotToBeHad {
        /// How many.
        missing: usize,
        /// How many were asked for.
        total: usize,
    },
    /// A case names nothing to fetch.
    #[error("{} says nothing under [[update]]", path.display())]
    NothingToUpdate {
        /// The case's card.
        path: PathBuf,
    },
    /// The workbench cannot be served.
    #[error(transparent)]
    Web(#[from] sanad_web::Error),
    /// An option's value does not fit.
    #[error("{option}: found {found:?}, expected {expected}")]
    Option {
        /// The option.
        option: &'static str,
        /// Its value.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A table that cannot be read.
    #[error("cannot read the table {}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<sanad_source::Error>,
    },
    /// A file of noise and densities that cannot be read.
    #[error("{} does not declare the noise of stocks and the densities of observations", path.display())]
    Noise {
        /// The file.
        path: PathBuf,
        /// What does not fit, with its line.
        source: Box<toml::de::Error>,
    },
    /// A cell of a table that does not fit.
    #[error("{}, row {row}, column {column}: found {found:?}, expected {expected}", path.display())]
    Cell {
        /// The file.
        path: PathBuf,
        /// The row, the header being row 1.
        row: u64,
        /// The column's name.
        column: String,
        /// What stands there.
        found: String,
        /// What should.
        expected: String,
    },
    /// A month outside of what is measured.
    #[error(
        "{option}: found {found}, expected a month from {first} to {last}, the months that are measured"
    )]
    Months {
        /// The option.
        option: &'static str,
        /// The month asked for.
        found: sanad_core::Month,
        /// First month measured.
        first: sanad_core::Month,
        /// Last month measured.
        last: sanad_core::Month,
    },
    /// A binary form was asked for on a terminal.
    #[error("Parquet is not written to a terminal")]
    BinaryToTerminal,
    /// A diagram would have nothing, or too much, to show.
    #[error("{found} variables cannot be drawn, expected 1 to {limit}")]
    TooManyToDraw {
        /// Variables that would be drawn.
        found: usize,
        /// The most that a diagram shows.
        limit: usize,
    },
    /// A model has no such variable.
    #[error("{}: {name} is not a variable of the model", path.display())]
    NoVariable {
        /// The name asked for.
        name: String,
        /// The model's file.
        path: PathBuf,
        /// Names like it.
        nearest: Vec<String>,
    },
    /// Units of a model do not balance.
    #[error("{}: the units of {count} equations do not balance", path.display())]
    Units {
        /// The model's file.
        path: PathBuf,
        /// How many.
        count: usize,
    },
    /// An observatory has damage that was not repaired.
    #[error("{} is damaged", path.display())]
    Damage {
        /// The observatory's folder.
        path: PathBuf,
    },
    /// A cluster was named, and this program knows none.
    #[error("--cluster: this program executes every question itself")]
    NoCluster,
    /// The variable that fixes the date holds no moment.
    #[error("{EPOCH_VARIABLE}: found {found:?}, expected a whole number of seconds since 1970")]
    Epoch {
        /// What the variable holds.
        found: String,
    },
}

impl From<sanad_study::Error> for Error {
    fn from(source: sanad_study::Error) -> Self {
        Self::Study(Box::new(source))
    }
}

/// What a crate below the study says reaches a user through the study's own errors.
macro_rules! through_study {
    ($($source:ty),+) => {$(
        impl From<$source> for Error {
            fn from(source: $source) -> Self {
                sanad_study::Error::from(source).into()
            }
        }
    )+};
}

through_study!(
    sanad_store::Error,
    sanad_case::Error,
    sanad_front::Error,
    sanad_forecast::Error,
    sanad_cycle::Error,
    sanad_evidence::Error,
    sanad_figure::Error,
    sanad_brief::Error
);

impl Error {
    /// Whether the command could not have worked anywhere, as opposed to failing here.
    pub(crate) fn is_wrong_use(&self) -> bool {
        match self {
            Self::Study(error) => error.is_wrong_use(),
            Self::Fetch(error) => error.is_wrong_use(),
            Self::Option { .. }
            | Self::Months { .. }
            | Self::Epoch { .. }
            | Self::NoCluster
            | Self::BinaryToTerminal => true,
            Self::Web(_)
            | Self::Table { .. }
            | Self::Noise { .. }
            | Self::Cell { .. }
            | Self::TooManyToDraw { .. }
            | Self::NoVariable { .. }
            | Self::Units { .. }
            | Self::Catalogue { .. }
            | Self::NotToBeHad { .. }
            | Self::NothingToUpdate { .. }
            | Self::Damage { .. } => false,
        }
    }

    /// The message, in this door's words: a field of a request is an option of the same name.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Study(error) if matches!(**error, sanad_study::Error::Request { .. }) => {
                format!("--{error}")
            }
            _ => self.to_string(),
        }
    }

    /// What the user can do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Study(error) => error.hint(),
            Self::Fetch(error) => error.hint(),
            Self::NothingToUpdate { .. } => Some(
                "add [[update]] with source = \"ucdp-candidate\", or another source of \
                 docs/fetching.md"
                    .to_owned(),
            ),
            Self::Web(error) => error.hint().map(str::to_owned),
            Self::Epoch { .. } => Some(
                "unset it for the machine's date, or set a number, such as 1767225600 for \
                 2026-01-01"
                    .to_owned(),
            ),
            Self::Damage { path } => Some(format!(
                "sanad doctor --repair --observatory {} repairs what can be repaired; importing a \
                 source again restores its records",
                path.display()
            )),
            Self::NoCluster => Some(
                "sanad-cluster takes the same commands and has it: cargo install --path cluster; see \
                 docs/cluster.md"
                    .to_owned(),
            ),
            Self::BinaryToTerminal => Some("redirect it to a file, or use --out".to_owned()),
            Self::TooManyToDraw { .. } => {
                Some("name what to draw: --keep NAME,NAME; or write .graphml, for Gephi".to_owned())
            }
            Self::NoVariable { nearest, path, .. } if nearest.is_empty() => {
                Some(format!("sanad model variables {} lists them", path.display()))
            }
            Self::NoVariable { nearest, .. } => {
                Some(format!("did you mean {}?", nearest.join(" or ")))
            }
            Self::Option { .. }
            | Self::Table { .. }
            | Self::Noise { .. }
            | Self::Cell { .. }
            | Self::Months { .. }
            | Self::Units { .. }
            | Self::Catalogue { .. }
            | Self::NotToBeHad { .. } => None,
        }
    }
}

pub(crate) type Result<T> = core::result::Result<T, Error>;
