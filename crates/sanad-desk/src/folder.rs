//! The folder of a desk: `desk.toml`, and the database beside it.

#![allow(clippy::disallowed_methods, reason = "the desk's own files are read here")]

use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::config::{ConfigError, DeskConfig};
use crate::store::{DeskStore, Founding, SqliteStore, StoreError};

/// Where the database of a desk is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// In the desk's folder, as a file of SQLite.
    InFolder,
    /// In PostgreSQL, by its address `postgres://…`.
    Postgres(String),
}

impl FromStr for Database {
    type Err = FolderError;

    /// Reads `postgres://…`.
    fn from_str(text: &str) -> Result<Database, FolderError> {
        match text.starts_with("postgres://") || text.starts_with("postgresql://") {
            true => Ok(Database::Postgres(text.to_owned())),
            false => Err(FolderError::NoDatabase),
        }
    }
}

/// A folder that holds a desk.
#[derive(Debug, Clone)]
pub struct DeskFolder {
    path: PathBuf,
    database: Database,
}

/// Why a folder's desk cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file cannot be read.
    #[error("{file}: {message}")]
    File {
        /// The file.
        file: String,
        /// What the system says.
        message: String,
    },
    /// `desk.toml` is faulty.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was given is no address of a database.
    #[error("expected an address such as postgres://desk@localhost/desk")]
    NoDatabase,
    /// The program was built without PostgreSQL.
    #[cfg(not(feature = "postgres"))]
    #[error(
        "this program was built for SQLite alone: build it with --features postgres, or leave --database out"
    )]
    WithoutPostgres,
    /// `desk.toml` says something else than what was decided when the desk began.
    #[error(
        "{file} says {found} for {what}, and this desk began with {expected}, which cannot be changed: write that, or begin another desk"
    )]
    Changed {
        /// The file.
        file: String,
        /// What differs.
        what: &'static str,
        /// What `desk.toml` says.
        found: String,
        /// What was decided.
        expected: String,
    },
}

impl DeskFolder {
    /// The desk in a folder. Nothing is read yet.
    pub fn new(path: &Path) -> DeskFolder {
        DeskFolder { path: path.to_owned(), database: Database::InFolder }
    }

    /// The same folder with its database elsewhere.
    #[must_use]
    pub fn with_database(self, database: Database) -> DeskFolder {
        DeskFolder { database, ..self }
    }

    /// Where the database is.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where `desk.toml` is.
    pub fn config_path(&self) -> PathBuf {
        self.path.join("desk.toml")
    }

    /// Where the database is, if it is one of SQLite.
    pub fn database_path(&self) -> PathBuf {
        self.path.join("desk.sqlite")
    }

    /// Reads and checks `desk.toml`.
    ///
    /// # Errors
    ///
    /// [`FolderError::File`] and [`FolderError::Config`].
    pub fn config(&self) -> Result<DeskConfig, FolderError> {
        let (path, file) = (self.config_path(), self.config_path().display().to_string());
        let text = std::fs::read_to_string(path).map_err(|error| FolderError::File {
            file: file.clone(),
            message: error.to_string(),
        })?;
        Ok(DeskConfig::read(&text, &file)?)
    }

    /// Opens the desk with its `desk.toml`, after comparing the two: a demonstration cannot be
    /// turned into a real desk, nor get other custodians, by changing a line of a file.
    ///
    /// # Errors
    ///
    /// [`FolderError`].
    pub fn open(&self) -> Result<(DeskConfig, Box<dyn DeskStore>), FolderError> {
        let config = self.config()?;
        let mut store: Box<dyn DeskStore> = match &self.database {
            Database::InFolder => Box::new(SqliteStore::open(&self.database_path())?),
            Database::Postgres(url) => open_postgres(url)?,
        };
        self.compare(&config, &store.founding()?)?;
        Ok((config, store))
    }

    /// Begins the desk in a database without one.
    ///
    /// # Errors
    ///
    /// [`StoreError::DeskExists`] where there is one.
    pub fn create(&self, founding: &Founding) -> Result<(), FolderError> {
        match &self.database {
            Database::InFolder => drop(SqliteStore::create(&self.database_path(), founding)?),
            Database::Postgres(url) => create_postgres(url, founding)?,
        }
        Ok(())
    }

    /// Fills the desk's database, which has to be empty, with the desk of a SQLite file.
    ///
    /// # Errors
    ///
    /// [`StoreError::DeskExists`] where there is a desk.
    pub(crate) fn fill_postgres(&self, from: &Path) -> Result<(), FolderError> {
        match &self.database {
            Database::InFolder => Ok(()),
            Database::Postgres(url) => fill_postgres(url, from),
        }
    }

    /// Compares `desk.toml` with what was decided when the desk began.
    fn compare(&self, config: &DeskConfig, founding: &Founding) -> Result<(), FolderError> {
        let mut custodians = config.custodians.clone();
        custodians.sort();
        let founded: Vec<String> = founding.custodians.keys().cloned().collect();
        let is_invented =
            |invented: bool| if invented { "invented = true" } else { "invented = false" };
        let pairs = [
            ("desk.name", config.name.clone(), founding.name.clone()),
            (
                "desk.invented",
                is_invented(config.is_invented).to_owned(),
                is_invented(founding.is_invented).to_owned(),
            ),
            ("desk.custodians", custodians.join(", "), founded.join(", ")),
        ];
        for (what, found, expected) in pairs {
            if found != expected {
                let file = self.config_path().display().to_string();
                return Err(FolderError::Changed { file, what, found, expected });
            }
        }
        Ok(())
    }
}

#[cfg(feature = "postgres")]
fn open_postgres(url: &str) -> Result<Box<dyn DeskStore>, FolderError> {
    Ok(Box::new(crate::store::PostgresStore::open(url)?))
}

#[cfg(feature = "postgres")]
fn create_postgres(url: &str, founding: &Founding) -> Result<(), FolderError> {
    crate::store::PostgresStore::create(url, founding)?;
    Ok(())
}

#[cfg(feature = "postgres")]
fn fill_postgres(url: &str, from: &Path) -> Result<(), FolderError> {
    crate::store::PostgresStore::fill(url, from)?;
    Ok(())
}

#[cfg(not(feature = "postgres"))]
fn open_postgres(_: &str) -> Result<Box<dyn DeskStore>, FolderError> {
    Err(FolderError::WithoutPostgres)
}

#[cfg(not(feature = "postgres"))]
fn create_postgres(_: &str, _: &Founding) -> Result<(), FolderError> {
    Err(FolderError::WithoutPostgres)
}

#[cfg(not(feature = "postgres"))]
fn fill_postgres(_: &str, _: &Path) -> Result<(), FolderError> {
    Err(FolderError::WithoutPostgres)
}
