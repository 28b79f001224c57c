//! What keeps the workbench from starting, and a folder from being published.
//!
//! What is wrong with a single request is a `Fault` and answered; an error here ends the program.

use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error as ThisError;

/// What keeps the workbench from starting, or ends it; and what keeps a folder from being published.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// The address cannot be listened on. The port is taken, the address is not of this machine, or
    /// the user may not listen there.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// Threads could not be started. The system has no more threads or memory to give.
    #[error("cannot start threads for {what}")]
    Threads {
        /// What they are for.
        what: &'static str,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The observatory holds no case that can be read.
    #[error("the observatory cannot be published: {what}")]
    Observatory {
        /// What is wrong with it.
        what: String,
    },
    /// A page or table failed that was to be published. Nothing was published.
    #[error("{address} was answered with {status}: {what}")]
    Answer {
        /// Its address on a server.
        address: String,
        /// The status of the answer.
        status: u16,
        /// What the answer says.
        what: String,
    },
    /// The folder to publish into holds other things than published runs.
    #[error("{} holds {name:?}, which is no published run", path.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// The first of the other things.
        name: String,
    },
    /// Another program publishes into the folder.
    #[error("another program publishes into {}", path.display())]
    Publishing {
        /// The folder.
        path: PathBuf,
    },
    /// Two addresses would be one file on a disk that takes capitals for small letters.
    #[error("{} and {} would be one file", addresses[0], addresses[1])]
    SameFile {
        /// The two addresses.
        addresses: [String; 2],
    },
    /// A row of a table that a run tells of itself by does not have what it has to, which is a defect of
    /// this program.
    #[error("a row of the program's own table has no {column}")]
    Row {
        /// The column.
        column: &'static str,
    },
    /// A request of this program to itself came to nothing, which is a defect of its own.
    #[error("a request of the program to itself came to nothing")]
    Broken,
    /// A file of the folder cannot be written or read.
    #[error("cannot write or read {}", path.display())]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The record of an earlier run is damaged.
    #[error("{} is no record of a run", path.display())]
    Record {
        /// The record.
        path: PathBuf,
        /// What does not fit, with its line.
        #[source]
        source: serde_json::Error,
    },
}

impl Error {
    /// What the user can do about it, if that can be said.
    ///
    /// ```
    /// use std::io::{Error as IoError, ErrorKind};
    ///
    /// let source = IoError::from(ErrorKind::AddrInUse);
    /// let error = sanad_web::Error::Listen { address: ([127, 0, 0, 1], 8700).into(), source };
    /// assert!(error.hint().unwrap().contains("--listen"));
    /// ```
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Listen { source, .. } if source.kind() == std::io::ErrorKind::AddrInUse => {
                Some("another program listens there; name another port: --listen 127.0.0.1:8701")
            }
            Self::Listen { .. } => Some("name an address of this machine: --listen 127.0.0.1:8700"),
            Self::Occupied { .. } => {
                Some("name an empty folder, or one that was published into before")
            }
            Self::Publishing { .. } => Some("wait for it to end"),
            Self::Folder { .. } => {
                Some("check that the folder may be written to and that the disk has room")
            }
            Self::Record { .. } => {
                Some("put it back from a copy, or remove the folder of that run")
            }
            Self::Observatory { .. } => {
                Some("name a case, or an observatory that one was imported into")
            }
            Self::Threads { .. }
            | Self::Answer { .. }
            | Self::SameFile { .. }
            | Self::Row { .. }
            | Self::Broken => None,
        }
    }
}

/// The result of starting and running.
pub type Result<T> = core::result::Result<T, Error>;
