//! What is to be fetched: releases by name, by the publisher's own list, or made on request.
//!
//! | the wish | the data set has | what is fetched |
//! | --- | --- | --- |
//! | `id@version` | a release of that version | that release |
//! | `id@version` | a list | the release of that version in the list |
//! | `id@version` | an address with `{version}` | that address |
//! | `id` | a list | what the list makes newest |
//! | `id` | an address | what is made on request |
//! | `id` | releases | the last of them |

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sanad_core::country::Country;
use url::Url;

use crate::attempt::Server;
use crate::catalogue::{DataSet, KnownRelease};
use crate::download::Checks;
use crate::error::{Error, Result};
use crate::expected::Expectation;
use crate::lookup::ListedFile;
use crate::place::{file_name, name_in};

/// A source that somebody wants, and perhaps which release of it: `ucdp-ged` or `ucdp-ged@26.1`.
///
/// ```
/// let wish: sanad_fetch::Wish = "ucdp-ged@26.1".parse().unwrap();
/// assert_eq!(wish.source, "ucdp-ged");
/// assert_eq!(wish.version.as_deref(), Some("26.1"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The data set, by its name in the catalogue.
    pub source: String,
    /// The release; the newest ones when absent.
    pub version: Option<String>,
    /// What fills the gaps of this source's addresses, before the request's own values.
    pub values: BTreeMap<String, String>,
}

impl core::str::FromStr for Wish {
    type Err = core::convert::Infallible;

    fn from_str(text: &str) -> core::result::Result<Self, Self::Err> {
        let (source, version) = match text.split_once('@') {
            Some((source, version)) => (source, Some(version.to_owned())),
            None => (text, None),
        };
        Ok(Self { source: source.to_owned(), version, values: BTreeMap::new() })
    }
}

/// A file to fetch: where it is, how it is called, and what is known of it.
#[derive(Debug, Clone)]
pub(crate) struct FileTarget {
    pub(crate) version: Option<String>,
    pub(crate) url: Url,
    pub(crate) file: String,
    pub(crate) checks: Checks,
    pub(crate) licence: Option<String>,
    pub(crate) credit: Option<String>,
    pub(crate) released: Option<NaiveDate>,
    /// Whether the address is the catalogue's own, so that the token may go there.
    pub(crate) is_catalogued: bool,
}

/// GapValues by name, for the gaps of addresses and names.
pub(crate) struct GapValues<'a> {
    pub(crate) data_set: &'a str,
    pub(crate) by_name: &'a BTreeMap<String, String>,
}

impl GapValues<'_> {
    /// A text with its gaps filled in.
    ///
    /// # Errors
    ///
    /// [`Error::MissingValue`] for a gap without a value; [`Error::Address`] for a value that could
    /// change what an address means.
    pub(crate) fn fill(&self, text: &str) -> Result<String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, behind)) = after.split_once('}') else { break };
            let value = self.by_name.get(name).ok_or_else(|| Error::MissingValue {
                data_set: self.data_set.to_owned(),
                name: name.to_owned(),
            })?;
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+".contains(&byte);
            if value.is_empty() || !value.bytes().all(is_plain) || value.starts_with('.') {
                return Err(Error::Address {
                    address: value.clone(),
                    reason: format!("a value for {name} has letters, digits and . - _ +"),
                });
            }
            filled.push_str(before);
            filled.push_str(value);
            rest = behind;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

/// GapValues for the gaps that name a country: `iso3` and `ISO3`, `gwno` where the list has the country
/// as a state, and `country` as the Humanitarian Data Exchange spells it in names of data sets.
///
/// ```
/// use sanad_core::country::Country;
///
/// let values = sanad_fetch::country_values(&Country::of_code("COD").unwrap());
/// assert_eq!(values["iso3"], "cod");
/// assert_eq!(values["gwno"], "490");
/// ```
#[must_use]
pub fn country_values(country: &Country) -> BTreeMap<String, String> {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
    let name: String = country.name.to_lowercase().chars().map(plain).collect();
    let mut values = BTreeMap::from([
        ("iso3".to_owned(), country.iso3.to_lowercase()),
        ("ISO3".to_owned(), country.iso3.to_owned()),
        ("country".to_owned(), name),
    ]);
    values.extend(country.gwno.map(|gwno| ("gwno".to_owned(), gwno.to_string())));
    values
}

/// An address of the web.
pub(crate) fn address(text: &str) -> Result<Url> {
    let wrong = |reason: String| Error::Address { address: text.to_owned(), reason };
    let url = Url::parse(text).map_err(|error| wrong(error.to_string()))?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        _ => Err(wrong("expected http:// or https://".to_owned())),
    }
}

/// What can be said of a wish without asking anybody; wrong use shows here.
pub(crate) enum FetchPlan {
    /// These files.
    Targets(Vec<FileTarget>),
    /// The publisher's list must be read first.
    List(Url),
}

/// Plans a wish from the catalogue alone.
pub(crate) fn plan(data_set: &DataSet, wish: &Wish, values: &GapValues<'_>) -> Result<FetchPlan> {
    let known = |version: &str| data_set.releases.iter().find(|release| release.version == version);
    if let Some(release) = wish.version.as_deref().and_then(known) {
        return Ok(FetchPlan::Targets(vec![from_release(data_set, release, values)?]));
    }
    if let Some(lookup) = &data_set.lookup {
        return Ok(FetchPlan::List(address(&values.fill(lookup.url())?)?));
    }
    // What is made on request has the releases that it is asked for by name, or none.
    let is_by_version = data_set.url.as_ref().is_some_and(|url| url.contains("{version}"));
    if let Some(version) = wish.version.as_ref().filter(|_| !is_by_version) {
        return Err(unknown_release(data_set, version, &[]));
    }
    if let Some(url) = &data_set.url {
        let target = FileTarget {
            version: wish.version.clone(),
            url: address(&values.fill(url)?)?,
            file: String::new(),
            checks: Checks::default(),
            licence: None,
            credit: None,
            released: None,
            is_catalogued: true,
        };
        return Ok(FetchPlan::Targets(vec![named(data_set, target, values)?]));
    }
    match data_set.releases.last() {
        Some(release) => Ok(FetchPlan::Targets(vec![from_release(data_set, release, values)?])),
        None => Err(unknown_release(data_set, "newest", &[])),
    }
}

/// What a publisher's list makes of a wish.
pub(crate) fn from_list(
    server: &Server<'_>,
    data_set: &DataSet,
    wish: &Wish,
    values: &GapValues<'_>,
    list: &Url,
) -> Result<Vec<FileTarget>> {
    let Some(lookup) = &data_set.lookup else { return Ok(Vec::new()) };
    let bytes =
        server.document(list, &Expectation { kind: lookup.kind(), ..Expectation::default() })?;
    let fill = |text: &str| values.fill(text).unwrap_or_else(|_| text.to_owned());
    let found = lookup.read(&bytes, list, &fill).map_err(|found| Error::Content {
        address: server.shown(list),
        found,
        expected: "the publisher's list of releases".to_owned(),
    })?;
    let wanted: Vec<ListedFile> = match &wish.version {
        None => found,
        Some(version) => {
            let known: Vec<String> =
                found.iter().filter_map(|found| found.version.clone()).collect();
            let same = |listed: &ListedFile| listed.version.as_ref() == Some(version);
            let wanted: Vec<ListedFile> = found.into_iter().filter(same).collect();
            if wanted.is_empty() {
                return Err(unknown_release(data_set, version, &known));
            }
            wanted
        }
    };
    wanted.into_iter().map(|listed| from_listed(data_set, listed, values, list)).collect()
}

/// A file of a publisher's list. What the catalogue knows of the same version is held against it too.
fn from_listed(
    data_set: &DataSet,
    listed: ListedFile,
    values: &GapValues<'_>,
    list: &Url,
) -> Result<FileTarget> {
    let release = data_set
        .releases
        .iter()
        .find(|release| listed.version.as_deref() == Some(&*release.version));
    let mut checks = Checks { bytes: listed.bytes, sha256: None, md5: listed.md5 };
    if let Some(release) = release {
        checks.bytes = checks.bytes.or(release.bytes);
        checks.sha256 = release.sha256.clone();
        checks.md5 = checks.md5.or_else(|| release.md5.clone());
    }
    let url = address(&values.fill(&listed.address)?)?;
    let is_catalogued = url.origin() == list.origin();
    let target = FileTarget {
        version: listed.version,
        url,
        file: listed.file.unwrap_or_default(),
        checks,
        licence: listed.licence,
        credit: listed.credit,
        released: listed.released.or_else(|| release.and_then(|release| release.released)),
        is_catalogued,
    };
    named(data_set, target, values)
}

/// A release whose address the catalogue knows.
fn from_release(
    data_set: &DataSet,
    release: &KnownRelease,
    values: &GapValues<'_>,
) -> Result<FileTarget> {
    let checks =
        Checks { bytes: release.bytes, sha256: release.sha256.clone(), md5: release.md5.clone() };
    let target = FileTarget {
        version: Some(release.version.clone()),
        url: address(&values.fill(&release.url)?)?,
        file: String::new(),
        checks,
        licence: None,
        credit: None,
        released: release.released,
        is_catalogued: true,
    };
    named(data_set, target, values)
}

/// A target with the name that its file gets: the catalogue's, the list's, or the address's.
fn named(data_set: &DataSet, target: FileTarget, values: &GapValues<'_>) -> Result<FileTarget> {
    let stated = data_set.file.as_deref().map(|name| values.fill(name)).transpose()?;
    let listed = Some(target.file.clone()).filter(|name| !name.is_empty());
    let name = stated.or(listed).as_deref().map_or_else(|| name_in(&target.url), file_name);
    let file = name.ok_or_else(|| Error::Address {
        address: target.url.to_string(),
        reason: "no name for a file follows from it; the catalogue can give one".to_owned(),
    })?;
    Ok(FileTarget { file, ..target })
}

/// The error for a version that neither the catalogue nor the list has.
fn unknown_release(data_set: &DataSet, found: &str, listed: &[String]) -> Error {
    let known = data_set.releases.iter().map(|release| release.version.clone());
    Error::UnknownRelease {
        data_set: data_set.id.clone(),
        found: found.to_owned(),
        known: known.chain(listed.iter().cloned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_with_plain_values_only() {
        let fill = |text: &str, value: &str| {
            let by_name = BTreeMap::from([("iso3".to_owned(), value.to_owned())]);
            GapValues { data_set: "s", by_name: &by_name }.fill(text)
        };
        assert_eq!(fill("a/{iso3}/b", "pak").unwrap(), "a/pak/b");
        assert_eq!(fill("no gap", "pak").unwrap(), "no gap");
        assert!(matches!(fill("{gwno}", "pak"), Err(Error::MissingValue { .. })));
        for wrong in ["", "a/b", "..", "a?b", "a&page=2", "a b"] {
            assert!(matches!(fill("{iso3}", wrong), Err(Error::Address { .. })), "{wrong}");
        }
    }

    #[test]
    fn only_the_web_has_addresses() {
        assert!(address("https://example.org/a").is_ok());
        for wrong in ["file:///etc/passwd", "ftp://example.org/", "example.org", "https://", ""] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }
}
