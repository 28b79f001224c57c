//! Asking again: what may pass, what does not, and what a status means.
//!
//! | status | meaning | then |
//! | --- | --- | --- |
//! | 401 | the token is missing or wrong | the end |
//! | 403 with HTML, or without a token; 406; 202 from a firewall | a filter refuses programs | the end |
//! | 403 with other words, and a token | the account may not see this | the end |
//! | 404, 410 | nothing is there any more | the end |
//! | 429, and what a publisher's `slow_down` lists | too fast | wait, ask again |
//! | 408, 425, 5xx, 202 and 204 | the server's fault | wait, ask again |
//! | others | the request is refused | the end |
//!
//! An attempt that brought new bytes counts as the first one, so that a file may be cut as often as
//! its length allows; attempts that bring nothing end after six.

use std::io::Read;
use std::time::Duration;

use url::Url;

use crate::catalogue::DataPublisher;
use crate::client::{Answer, Client, Failure, HttpRequest, shown};
use crate::clock::Clock;
use crate::error::{Error, Meaning, Result};
use crate::expected::Expectation;
use crate::inspect::{Start, look_at_start};
use crate::retry::{ATTEMPTS, Backoff, PATIENCE_SECONDS, retry_after};
use crate::secret::{Secret, redacted};

/// Seconds without a byte after which a connection counts as dead.
const TIMEOUT_SECONDS: u64 = 60;
/// Bytes of a refusal that are read for its words.
const SAID_BYTES: u64 = 2048;
/// Bytes of a page or a list that are read.
pub(crate) const DOCUMENT_BYTES: u64 = 256 << 20;

/// Whom to ask, and how patiently.
#[derive(Clone, Copy)]
pub(crate) struct Server<'a> {
    pub(crate) client: &'a Client,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) publisher: &'a DataPublisher,
    pub(crate) secret: Option<&'a Secret>,
    pub(crate) user_agent: &'a str,
    pub(crate) seed: u64,
}

/// What came of one attempt.
pub(crate) enum Attempt<T> {
    /// It worked.
    Done(T),
    /// It did not, and may the next time.
    Again(Again),
    /// It did not, and will not.
    Failed(Error),
}

/// Why to ask again.
pub(crate) struct Again {
    pub(crate) error: Error,
    /// What the server asks to wait.
    pub(crate) wait: Option<Duration>,
    /// Whether this is the server's way to say "too fast".
    pub(crate) is_too_fast: bool,
    /// Whether new bytes came, so that the next attempt begins further on.
    pub(crate) has_progressed: bool,
}

impl<T> From<Failure> for Attempt<T> {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Lasting(error) => Self::Failed(error),
            Failure::Passing(reason) => Self::Again(Again {
                error: Error::Connection { address: String::new(), attempts: 0, reason },
                wait: None,
                is_too_fast: false,
                has_progressed: false,
            }),
        }
    }
}

impl<'a> Server<'a> {
    /// A request of this server, with the patience that the catalogue gives it.
    pub(crate) fn request(
        &self,
        url: &'a Url,
        headers: &'a [(&'static str, String)],
    ) -> HttpRequest<'a> {
        let seconds = self.publisher.timeout_seconds.unwrap_or(TIMEOUT_SECONDS);
        HttpRequest {
            url,
            secret: self.secret,
            user_agent: self.user_agent,
            timeout: Duration::from_secs(seconds),
            headers,
        }
    }

    /// An address for a message: without a token, a user and a password.
    pub(crate) fn shown(&self, url: &Url) -> String {
        shown(self.secret, url)
    }

    /// Asks until it works, or until the attempts that bring nothing new are used up.
    pub(crate) fn until_done<T>(
        &self,
        url: &Url,
        mut attempt: impl FnMut() -> Attempt<T>,
    ) -> Result<T> {
        let mut failures = 0;
        loop {
            let again = match attempt() {
                Attempt::Done(value) => return Ok(value),
                Attempt::Failed(error) => return Err(error),
                Attempt::Again(again) => again,
            };
            failures = if again.has_progressed { 1 } else { failures + 1 };
            let is_too_long = again.wait.is_some_and(|wait| wait.as_secs() > PATIENCE_SECONDS);
            if failures >= ATTEMPTS || is_too_long {
                return Err(self.given_up(url, again.error, failures));
            }
            let first_seconds =
                again.is_too_fast.then_some(self.publisher.slow_down_seconds).flatten();
            let ours = Backoff { seed: self.seed, first_seconds }.wait(failures);
            self.clock.wait(again.wait.map_or(ours, |theirs| theirs.max(Duration::from_secs(1))));
        }
    }

    fn given_up(&self, url: &Url, error: Error, failures: u32) -> Error {
        match error {
            Error::Connection { reason, .. } => {
                Error::Connection { address: self.shown(url), attempts: failures, reason }
            }
            other => other,
        }
    }

    /// A whole answer of bounded size, for lists and pages.
    pub(crate) fn document(&self, url: &Url, expected: &Expectation) -> Result<Vec<u8>> {
        self.until_done(url, || self.document_once(url, expected))
    }

    fn document_once(&self, url: &Url, expected: &Expectation) -> Attempt<Vec<u8>> {
        let answer = match self.client.get(&self.request(url, &[])) {
            Ok(answer) => answer,
            Err(failure) => return failure.into(),
        };
        if answer.status != 200 {
            return self.refused(url, answer);
        }
        let stated = answer.length();
        let mut bytes = Vec::new();
        let mut body = answer.body.take(DOCUMENT_BYTES + 1);
        if let Err(error) = body.read_to_end(&mut bytes) {
            return Failure::Passing(redacted(self.secret, &error.to_string())).into();
        }
        if bytes.len() as u64 > DOCUMENT_BYTES {
            return Attempt::Failed(Error::TooLarge {
                address: self.shown(url),
                limit_bytes: DOCUMENT_BYTES,
            });
        }
        if stated.is_some_and(|length| length != bytes.len() as u64) {
            return Failure::Passing("the connection was cut".to_owned()).into();
        }
        match look_at_start(&bytes[..bytes.len().min(crate::inspect::START_BYTES)], expected) {
            Start::Sound => Attempt::Done(bytes),
            Start::Strange(found) => Attempt::Failed(self.content(url, found, expected)),
            Start::Pointer(_) => {
                Attempt::Failed(self.content(url, "a pointer of Git LFS".to_owned(), expected))
            }
        }
    }

    /// The error for an answer that is something else than was expected.
    pub(crate) fn content(&self, url: &Url, found: String, expected: &Expectation) -> Error {
        Error::Content {
            address: self.shown(url),
            found: redacted(self.secret, &found),
            expected: expected.described(),
        }
    }

    /// What an answer means that is not the data, by the table at the head of this module.
    ///
    /// Of the body only the beginning is read, for the message; a page of HTML is not repeated there.
    pub(crate) fn refused<T>(&self, url: &Url, answer: Answer) -> Attempt<T> {
        let status = answer.status;
        let wait =
            answer.header("retry-after").and_then(|text| retry_after(text, self.clock.now()));
        let is_challenge = answer.header("x-amzn-waf-action").is_some();
        let mut said = Vec::new();
        // The words are for the message alone; what cannot be read is left out.
        let _ = answer.body.take(SAID_BYTES).read_to_end(&mut said);
        let is_html = matches!(
            look_at_start(&said, &Expectation::default()), Start::Strange(found) if found.contains("HTML")
        );
        let is_own_slow_down = self.publisher.slow_down.contains(&status);
        let meaning = match status {
            200 | 202 | 204 if is_challenge => Meaning::UserAgent,
            401 => Meaning::Token,
            403 if is_html || self.secret.is_none() => Meaning::UserAgent,
            403 => Meaning::Account,
            406 => Meaning::UserAgent,
            404 | 410 => Meaning::Missing,
            429 => Meaning::TooFast,
            _ if is_own_slow_down => Meaning::TooFast,
            200 | 202 | 204 | 408 | 425 | 500.. => Meaning::Server,
            _ => Meaning::Request,
        };
        let error = Error::Status {
            address: self.shown(url),
            status,
            meaning,
            said: if is_html { "a page of HTML".to_owned() } else { self.one_line(&said) },
        };
        match meaning {
            Meaning::TooFast | Meaning::Server => Attempt::Again(Again {
                error,
                wait,
                is_too_fast: is_own_slow_down,
                has_progressed: false,
            }),
            _ => Attempt::Failed(error),
        }
    }

    /// The beginning of what a server said, without line breaks, controls and tokens.
    fn one_line(&self, said: &[u8]) -> String {
        let text = String::from_utf8_lossy(said);
        let words: Vec<&str> = text.split_whitespace().collect();
        let plain = words.join(" ");
        let short: String = plain.chars().filter(|letter| !letter.is_control()).collect();
        redacted(self.secret, &short).chars().take(160).collect()
    }
}
