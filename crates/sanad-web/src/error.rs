//! What keeps the workbench from starting.
//!
//! What is wrong with a single request is a `Fault` and answered; an error here ends the program.

use std::net::SocketAddr;

use thiserror::Error as ThisError;

/// What keeps the workbench from starting, or ends it.
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
            Self::Threads { .. } => None,
        }
    }
}

/// The result of starting and running.
pub type Result<T> = core::result::Result<T, Error>;
