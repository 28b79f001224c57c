//! The catalogue: publishers, their data sets, and where each release is to be had.
//!
//! A catalogue is a TOML text, so that an address that changed needs no new program. One is
//! [shipped](Catalogue::shipped) inside the program; a user's own file replaces it whole. Every
//! field is explained in `docs/fetching.md`, which a test compares with the fields read here.
//!
//! ```
//! let text = r#"
//! [[publisher]]
//! id = "bureau"
//! name = "Bureau of Statistics"
//! page = "https://example.org/statistics"
//!
//! [[source]]
//! id = "census"
//! publisher = "bureau"
//! title = "Census by district"
//! citation = "Bureau of Statistics (2099), Census"
//! licence = "CC-BY-4.0"
//! redistribution = "with-attribution"
//! [source.expected]
//! kind = "csv"
//! columns = ["district", "population"]
//! [[source.release]]
//! version = "2099"
//! url = "https://example.org/statistics/census-2099.csv"
//! "#;
//! let catalogue = sanad_fetch::Catalogue::parse(text)?;
//! assert_eq!(catalogue.find("census")?.0.releases.len(), 1);
//! # Ok::<(), sanad_fetch::Error>(())
//! ```

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::expected::Expectation;
use crate::lookup::Lookup;

/// The largest file that is taken when neither the catalogue nor the caller names another bound:
/// as much as an importer reads.
pub const DEFAULT_MAX_BYTES: u64 = 2 << 30;

/// Publishers and their data sets.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Who serves the data sets.
    #[serde(rename = "publisher")]
    pub publishers: Vec<DataPublisher>,
    /// What can be fetched.
    #[serde(rename = "source")]
    pub sources: Vec<DataSet>,
}

/// Who serves data sets, and how its server wants to be spoken to.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataPublisher {
    /// Short name that data sets refer to.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The page where a person finds the data.
    pub page: String,
    /// The secret that the server asks for, if it does.
    #[serde(default)]
    pub token: Option<TokenRule>,
    /// The program's name as sent to this server; `sanad/VERSION` when absent.
    #[serde(default)]
    pub user_agent: Option<String>,
    /// Seconds without a byte after which a connection counts as dead; 60 when absent.
    #[serde(default)]
    pub timeout_seconds: Option<u64>,
    /// Statuses by which this server says "too fast", besides 429 and 503.
    #[serde(default)]
    pub slow_down: Vec<u16>,
    /// Seconds of the first wait after a [`slow_down`](Self::slow_down) status; 2 when absent.
    #[serde(default)]
    pub slow_down_seconds: Option<f64>,
    /// Seconds between two pages of one answer; none when absent.
    #[serde(default)]
    pub pause_seconds: Option<f64>,
    /// How the server's pointers of Git LFS lead to the files themselves.
    #[serde(default)]
    pub large_files: Option<LargeFiles>,
}

/// A secret and how it is sent. The secret itself is never part of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRule {
    /// The environment variable that holds it.
    pub variable: String,
    /// The header that carries it.
    #[serde(default)]
    pub header: Option<String>,
    /// What stands before it in the header, such as `Bearer `.
    #[serde(default)]
    pub prefix: Option<String>,
    /// The key of the query that carries it, where no header does.
    #[serde(default)]
    pub query: Option<String>,
    /// The page where a person gets one.
    pub page: String,
}

/// Where the file itself lies when an address gives a pointer of Git LFS: the address with its
/// beginning replaced.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LargeFiles {
    /// Beginning of addresses that may give a pointer.
    pub from: String,
    /// What stands in its place for the file itself.
    pub to: String,
}

/// Whether rows of a data set may be passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Redistribution {
    /// Yes, with the attribution that the citation gives.
    WithAttribution,
    /// The conditions were not found or contradict each other: do not.
    Unclear,
    /// No.
    Forbidden,
}

/// How a program may get at a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Anybody may fetch it.
    #[default]
    Open,
    /// Only with the publisher's token.
    Token,
    /// A person must accept a licence, fill in a form or log in; no program should go around it.
    Person,
}

/// A data set and its conditions of use.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSet {
    /// The name under which it is fetched.
    pub id: String,
    /// The publisher, by id.
    pub publisher: String,
    /// The series that its releases belong to in an observatory; `id` when absent.
    #[serde(default)]
    pub series: Option<String>,
    /// The word of `sanad import` for its files; what has none is fetched and not imported.
    #[serde(default)]
    pub format: Option<String>,
    /// Title for people.
    pub title: String,
    /// How the publisher asks to be cited; a release may state another.
    pub citation: String,
    /// Licence, as an SPDX name where one exists.
    pub licence: String,
    /// Whether rows may be passed on.
    pub redistribution: Redistribution,
    /// How a program may get at it.
    #[serde(default)]
    pub access: Access,
    /// The page where a person gets it; the publisher's when absent.
    #[serde(default)]
    pub page: Option<String>,
    /// What a user should know.
    #[serde(default)]
    pub note: Option<String>,
    /// Whether it was ever fetched from the live service with this catalogue. False is honest.
    #[serde(default)]
    pub tried: bool,
    /// The address of what is made on request and has no releases, with `{…}` to be filled in.
    #[serde(default)]
    pub url: Option<String>,
    /// The name to keep an answer under, with `{…}` to be filled in; the address's when absent.
    #[serde(default)]
    pub file: Option<String>,
    /// Whether the server's `ETag` and `Last-Modified` mean anything; some change at every request.
    #[serde(default = "yes")]
    pub validators: bool,
    /// The largest answer that is taken, bytes.
    #[serde(default)]
    pub max_bytes: Option<u64>,
    /// What an answer must look like.
    #[serde(default)]
    pub expected: Expectation,
    /// How the publisher's own list of releases is read.
    #[serde(default)]
    pub lookup: Option<Lookup>,
    /// Releases whose addresses are known, oldest first.
    #[serde(default, rename = "release")]
    pub releases: Vec<KnownRelease>,
}

const fn yes() -> bool {
    true
}

/// A release whose address is known.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownRelease {
    /// The publisher's version.
    pub version: String,
    /// Its address.
    pub url: String,
    /// How this release is cited, where that differs.
    #[serde(default)]
    pub citation: Option<String>,
    /// The day it was published.
    #[serde(default)]
    pub released: Option<NaiveDate>,
    /// Its size, bytes.
    #[serde(default)]
    pub bytes: Option<u64>,
    /// Its SHA-256, hexadecimal.
    #[serde(default)]
    pub sha256: Option<String>,
    /// Its MD5, hexadecimal, where the publisher gives that.
    #[serde(default)]
    pub md5: Option<String>,
}

impl DataSet {
    /// The series that its releases belong to.
    #[must_use]
    pub fn series(&self) -> &str {
        self.series.as_deref().unwrap_or(&self.id)
    }

    /// How a release of `version` is cited.
    #[must_use]
    pub fn citation(&self, version: Option<&str>) -> &str {
        let release = self.releases.iter().find(|release| Some(&*release.version) == version);
        release.and_then(|release| release.citation.as_deref()).unwrap_or(&self.citation)
    }
}

impl Catalogue {
    /// The catalogue inside the program.
    ///
    /// ```
    /// let catalogue = sanad_fetch::Catalogue::shipped().unwrap();
    /// assert!(catalogue.find("ucdp-ged").is_ok());
    /// assert!(catalogue.find("rumours").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// None that a test would not have found.
    pub fn shipped() -> Result<Self> {
        Self::parse(include_str!("../catalogue.toml"))
    }

    /// Reads a catalogue.
    ///
    /// # Errors
    ///
    /// [`Error::Catalogue`] with the line where the text is no TOML, has an unknown field or lacks
    /// one; or with what contradicts what.
    pub fn parse(text: &str) -> Result<Self> {
        let catalogue: Self = toml::from_str(text)
            .map_err(|e| Error::Catalogue { problem: e.to_string().trim_end().to_owned() })?;
        match catalogue.contradiction() {
            None => Ok(catalogue),
            Some(problem) => Err(Error::Catalogue { problem }),
        }
    }

    /// The data set of a name, with its publisher.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSource`] with the names that there are.
    pub fn find(&self, id: &str) -> Result<(&DataSet, &DataPublisher)> {
        let data_set = self.sources.iter().find(|data_set| data_set.id == id);
        let found = data_set.and_then(|data_set| Some((data_set, self.publisher(data_set)?)));
        found.ok_or_else(|| Error::UnknownSource {
            found: id.to_owned(),
            known: self.sources.iter().map(|data_set| data_set.id.clone()).collect(),
        })
    }

    fn publisher(&self, data_set: &DataSet) -> Option<&DataPublisher> {
        self.publishers.iter().find(|publisher| publisher.id == data_set.publisher)
    }

    /// What is wrong with the catalogue as a whole, if anything.
    fn contradiction(&self) -> Option<String> {
        let mut ids = BTreeSet::new();
        for data_set in &self.sources {
            let id = &data_set.id;
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            if id.is_empty() || !id.bytes().all(is_plain) {
                return Some(format!(
                    "source {id:?}: expected letters, digits and hyphens, because it names a folder"
                ));
            }
            if !ids.insert(id) {
                return Some(format!("source {id:?} is listed twice"));
            }
            let Some(publisher) = self.publisher(data_set) else {
                return Some(format!("source {id:?}: no publisher {:?}", data_set.publisher));
            };
            if data_set.access == Access::Token && publisher.token.is_none() {
                return Some(format!(
                    "source {id:?} needs a token, and its publisher declares none"
                ));
            }
            let is_nowhere =
                data_set.url.is_none() && data_set.lookup.is_none() && data_set.releases.is_empty();
            if is_nowhere && data_set.access != Access::Person {
                return Some(format!("source {id:?} has no url, no lookup and no release"));
            }
        }
        let carried = |rule: &TokenRule| rule.header.is_some() != rule.query.is_some();
        let mut rules = self
            .publishers
            .iter()
            .filter_map(|publisher| Some((publisher, publisher.token.as_ref()?)));
        let (publisher, _) = rules.find(|(_, rule)| !carried(rule))?;
        Some(format!("publisher {:?}: a token has either a header or a query", publisher.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
[[publisher]]
id = "p"
name = "P"
page = "https://example.org/"
[[source]]
id = "s"
publisher = "p"
title = "S"
citation = "P"
licence = "CC-BY-4.0"
redistribution = "with-attribution"
url = "https://example.org/s.csv"
"#;

    #[test]
    fn the_shipped_catalogue_names_formats_that_can_be_imported() {
        for data_set in Catalogue::shipped().unwrap().sources {
            let Some(format) = data_set.format else { continue };
            assert!(sanad_source::registry::format(&format).is_some(), "{format}");
        }
    }

    #[test]
    fn what_contradicts_itself_is_refused_with_its_reason() {
        assert!(Catalogue::parse(SMALL).is_ok());
        for (from, to, reason) in [
            ("publisher = \"p\"", "publisher = \"q\"", "no publisher"),
            ("id = \"s\"", "id = \"../s\"", "names a folder"),
            ("url = \"https://example.org/s.csv\"", "", "no url"),
            ("licence", "license", "unknown field"),
            ("licence = \"CC-BY-4.0\"", "licence = \"x\"\naccess = \"token\"", "needs a token"),
        ] {
            let error = Catalogue::parse(&SMALL.replace(from, to)).unwrap_err();
            assert!(error.to_string().contains(reason), "{error}");
        }
    }
}
