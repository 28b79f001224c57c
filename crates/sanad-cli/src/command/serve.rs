//! `sanad serve`.

// The server takes the study's error as it is, once, when it starts.
#![allow(clippy::result_large_err)]

use sanad_store::StatementLimits;
use sanad_study::Error as StudyError;
use sanad_web::{OpenObservatory, Server, Settings, Today, asked_to_end};

use crate::args::{Serve, Subject};
use crate::command::{clock, subject};
use crate::error::{Error, Result};
use crate::report::{self, say};

pub(crate) fn run(serve: &Serve, threads: usize) -> Result<()> {
    subject::check(&serve.subject)?;
    let settings = Settings {
        listen: serve.listen,
        hosts: serve.allow_host.clone(),
        threads,
        at_once: usize::from(serve.at_once),
        statement: StatementLimits { memory_mib: serve.sql_memory, seconds: serve.sql_time },
        ..Settings::new(Today::ByClock(clock()?))
    };
    let server = Server::bind(settings)?;
    say!("listening on http://{}/  (Ctrl-C ends it)", server.address());
    if !server.address().ip().is_loopback() {
        report::note(
            "other machines can reach this address, without an account and without encryption; a \
             proxy in front of it can add both (docs/serve.md)",
        );
    }
    let request = Subject {
        case: serve.subject.case.clone(),
        observatory: serve.subject.observatory.clone(),
    };
    server.run(move || open(&request), asked_to_end())?;
    say!("ended");
    Ok(())
}

/// Opens what is served, on the server's own thread. What goes wrong is said here and on every page.
fn open(request: &Subject) -> core::result::Result<OpenObservatory, StudyError> {
    let failure = |error: Error| {
        report::error(&error);
        match error {
            Error::Study(error) => *error,
            other => StudyError::Write {
                what: "the observatory's copy of the case".to_owned(),
                source: std::io::Error::other(other.to_string()),
            },
        }
    };
    let opened = subject::open(request).map_err(failure)?;
    Ok(OpenObservatory { observatory: opened.observatory.clone(), keep: Some(Box::new(opened)) })
}
