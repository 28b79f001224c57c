//! The error of this crate: why a file was not to be had.

use std::io;
use std::path::PathBuf;

use thiserror::Error as ThisError;

/// Why a file was not to be had.
///
/// One value is about one file; a request for several files gives a row with such an error for each that
/// was not to be had.
///
/// No message holds a token: what comes from a server or a library is
/// [redacted](crate::Secret::redact) before it gets here.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// The catalogue cannot be used.
    #[error("the catalogue cannot be used: {problem}")]
    Catalogue {
        /// What is wrong, and where.
        problem: String,
    },
    /// No data set has that name.
    #[error("the catalogue has no source {found:?}, only {}", known.join(", "))]
    UnknownSource {
        /// The name asked for.
        found: String,
        /// Names that there are.
        known: Vec<String>,
    },
    /// No release has that version.
    #[error("{data_set} has no release {found:?}, only {}", known.join(", "))]
    UnknownRelease {
        /// The data set.
        data_set: String,
        /// The version asked for.
        found: String,
        /// Versions that there are.
        known: Vec<String>,
    },
    /// An address has a gap that nobody filled in.
    #[error("{data_set} needs a value for {{{name}}}")]
    MissingValue {
        /// The data set.
        data_set: String,
        /// Name of the gap.
        name: String,
    },
    /// A person must get it.
    #[error("{data_set} is for a person to get: {reason}")]
    ForPerson {
        /// The data set.
        data_set: String,
        /// What a program may not do in a person's place.
        reason: String,
    },
    /// The publisher's token is needed and not there.
    #[error("{data_set} needs a token, and {variable} is not set")]
    NoToken {
        /// The data set.
        data_set: String,
        /// The environment variable.
        variable: String,
        /// The page where a person gets one.
        page: String,
    },
    /// The server answered with a status that ends the matter.
    #[error("{address} answered {status}{}: {meaning}", quoted(said))]
    Status {
        /// The address, without a token.
        address: String,
        /// The status.
        status: u16,
        /// What that means here.
        meaning: Meaning,
        /// The beginning of what the server said, on one line.
        said: String,
    },
    /// What came is not what was to come.
    #[error("{address} gave {found}, expected {expected}")]
    Content {
        /// The address, without a token.
        address: String,
        /// What came.
        found: String,
        /// What was to come.
        expected: String,
    },
    /// What came is larger than it may be.
    #[error("{address} gives more than {limit_bytes} bytes, the most that is taken")]
    TooLarge {
        /// The address, without a token.
        address: String,
        /// The bound.
        limit_bytes: u64,
    },
    /// What came has another checksum than the publisher or the catalogue says.
    #[error("{address} gave a file with the {kind} {found}, expected {expected}")]
    Checksum {
        /// The address, without a token.
        address: String,
        /// `SHA-256`, `MD5` or `size in bytes`.
        kind: &'static str,
        /// Of what came.
        found: String,
        /// As stated.
        expected: String,
    },
    /// The connection failed, was cut or went silent, and further attempts did not help.
    #[error("{address} could not be read after {attempts} attempts: {reason}")]
    Connection {
        /// The address, without a token.
        address: String,
        /// Attempts made.
        attempts: u32,
        /// The last reason.
        reason: String,
    },
    /// An address leads nowhere, or where it must not.
    #[error("{address} {problem}")]
    Redirect {
        /// The address, without a token.
        address: String,
        /// What is wrong.
        problem: String,
    },
    /// An address cannot be used.
    #[error("{address:?} is no address: {reason}")]
    Address {
        /// The text.
        address: String,
        /// Why.
        reason: String,
    },
    /// https was asked of a program that was built without it.
    #[error("{address} needs https, and this program was built without the feature tls")]
    NoTls {
        /// The address, without a token.
        address: String,
    },
    /// https does not work on this machine.
    #[error("https cannot be used: {reason}")]
    Tls {
        /// Why.
        reason: String,
    },
    /// Another process writes the same file.
    #[error("{} is being written by another process", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was to be done.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

/// What a status means, given who answered what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Meaning {
    /// The token is missing or wrong.
    Token,
    /// The token is right and the account may not see this.
    Account,
    /// A filter in front of the server refuses the program by its name.
    UserAgent,
    /// There is nothing at the address.
    Missing,
    /// Asked too often; also what some servers call a bad request.
    TooFast,
    /// The server is at fault.
    Server,
    /// The request does not please the server.
    Request,
}

impl core::fmt::Display for Meaning {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Token => "the token is missing, wrong or no longer valid",
            Self::Account => "the account has no access to this data",
            Self::UserAgent => "a filter refuses programs, perhaps by their name",
            Self::Missing => "nothing is there; the address may have changed",
            Self::TooFast => "too many requests, or a parameter that it does not know",
            Self::Server => "the server failed",
            Self::Request => "it refuses the request",
        })
    }
}

fn quoted(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(" ({said:?})") }
}

impl Error {
    /// Whether the request could not have worked anywhere: a name, a version or a value is wrong.
    #[must_use]
    pub const fn is_wrong_use(&self) -> bool {
        matches!(
            self,
            Self::Catalogue { .. }
                | Self::UnknownSource { .. }
                | Self::UnknownRelease { .. }
                | Self::MissingValue { .. }
                | Self::Address { .. }
        )
    }

    /// What the user can do about it, where the error itself knows.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::MissingValue { name, .. } => Some(format!(
                "give it with --set {name}=VALUE; --country CODE fills in those of a country"
            )),
            Self::NoToken { variable, page, .. } => {
                Some(format!("ask for a token at {page}, then set {variable} in the environment"))
            }
            Self::Status { meaning: Meaning::Missing, .. } => Some(
                "look the address up on the publisher's page and put it into a catalogue of your \
                 own: --catalogue FILE"
                    .to_owned(),
            ),
            Self::NoTls { .. } => {
                Some("build it with the feature tls, which is on by default".to_owned())
            }
            Self::Tls { .. } => {
                let hint = "install the system's certificates (often called ca-certificates), or name a file \
                            with those to trust in SSL_CERT_FILE";
                Some(hint.to_owned())
            }
            Self::Busy { .. } => Some("wait until it is done, or stop it".to_owned()),
            _ => None,
        }
    }

    pub(crate) fn file(action: &'static str, path: &std::path::Path, source: io::Error) -> Self {
        Self::File { action, path: path.to_owned(), source }
    }
}

/// The result of this crate's fallible functions.
pub type Result<T> = core::result::Result<T, Error>;
