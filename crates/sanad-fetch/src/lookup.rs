//! A publisher's own list of what there is: a page of links, a catalogue's answer, a list of files.
//!
//! What is read here comes from a server and is not trusted: addresses that it names must lead to
//! the web, names of files are cleaned before use, and of a long list only a bounded part is looked at.
//!
//! # Why a list at all
//!
//! Addresses of releases cannot be derived. UCDP publishes consolidated candidate files for some
//! quarters and not for others; a file of the Humanitarian Data Exchange gets another number each time
//! it is published; the World Bank's archives have a number in the names of their members. A program
//! that builds addresses stands still without noticing.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sanad_core::Month;
use sanad_source::ged::Release;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::expected::FileKind;
use crate::pattern::NamePattern;

/// Where and how a publisher lists what there is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Lookup {
    /// UCDP's page of links.
    UcdpLinks {
        /// The page.
        url: String,
        /// What an address ends with; `{version}` stands for the version.
        pattern: String,
        /// The same of the final releases, for a series of preliminary ones: what these cover
        /// already is not taken.
        #[serde(default)]
        finals: Option<String>,
    },
    /// CKAN's `package_show`, as the Humanitarian Data Exchange has it.
    Ckan {
        /// The request.
        url: String,
        /// The name of the resource or of its file, with `*` for what varies.
        resource: String,
    },
    /// geoBoundaries' answer for one country and level.
    Geoboundaries {
        /// The request.
        url: String,
    },
    /// Dataverse's answer for a data set.
    Dataverse {
        /// The request.
        url: String,
        /// The name of the file, with `*` for what varies; the newest of those that match is taken.
        file: String,
        /// The address of a file; `{id}` stands for its number.
        download: String,
    },
    /// Lines of size, MD5 and address, as GDELT 2 has them.
    Listing {
        /// The list.
        url: String,
        /// What the address ends with.
        suffix: String,
    },
    /// Lines of MD5 and name, as GDELT 1 has them; the last name that matches is taken.
    Checksums {
        /// The list.
        url: String,
        /// The name, with `*` for what varies.
        file: String,
        /// The address of a file; `{name}` stands for its name.
        download: String,
    },
    /// VIEWS' list of runs; the newest forecast is taken.
    Runs {
        /// The list.
        url: String,
        /// The address of a run; `{run}` stands for its name.
        download: String,
    },
}

/// A file that a publisher lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedFile {
    /// Its version, where the list says one.
    pub version: Option<String>,
    /// Its address.
    pub address: String,
    /// Its name, where that is not in the address.
    pub file: Option<String>,
    /// Its size, bytes.
    pub bytes: Option<u64>,
    /// Its MD5, hexadecimal.
    pub md5: Option<String>,
    /// Its licence, where that differs by file.
    pub licence: Option<String>,
    /// Its own source, to be cited with the publisher.
    pub credit: Option<String>,
    /// The day it was published, where the list says one.
    pub released: Option<NaiveDate>,
}

/// The most lines or links of a list.
const MOST: usize = 1_000_000;

impl Lookup {
    /// The address of the list, with `{…}` to be filled in.
    #[must_use]
    pub fn url(&self) -> &str {
        match self {
            Self::UcdpLinks { url, .. }
            | Self::Ckan { url, .. }
            | Self::Geoboundaries { url }
            | Self::Dataverse { url, .. }
            | Self::Listing { url, .. }
            | Self::Checksums { url, .. }
            | Self::Runs { url, .. } => url,
        }
    }

    /// What a list itself is.
    pub(crate) const fn kind(&self) -> FileKind {
        match self {
            Self::UcdpLinks { .. } => FileKind::Page,
            Self::Listing { .. } | Self::Checksums { .. } => FileKind::Any,
            _ => FileKind::Json,
        }
    }

    /// The files that a list names and that are to be fetched, oldest first; `base` is the list's own
    /// address, and `fill` fills gaps such as `{iso3}` in names.
    ///
    /// # Errors
    ///
    /// In a few words, what was found instead of a list with such a file.
    pub fn read(
        &self,
        bytes: &[u8],
        base: &Url,
        fill: &dyn Fn(&str) -> String,
    ) -> Result<Vec<ListedFile>, String> {
        let text = String::from_utf8_lossy(bytes);
        let found = match self {
            Self::UcdpLinks { pattern, finals, .. } => {
                ucdp_links(&text, base, pattern, finals.as_deref())
            }
            Self::Ckan { resource, .. } => ckan(&json(bytes)?, &fill(resource))?,
            Self::Geoboundaries { .. } => geoboundaries(&json(bytes)?)?,
            Self::Dataverse { file, download, .. } => dataverse(&json(bytes)?, file, download)?,
            Self::Listing { suffix, .. } => listing(&text, suffix),
            Self::Checksums { file, download, .. } => checksums(&text, file, download),
            Self::Runs { download, .. } => runs(&json(bytes)?, download)?,
        };
        if found.is_empty() {
            return Err("a list without the file that is looked for".to_owned());
        }
        Ok(found)
    }
}

fn json(bytes: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("what is no JSON ({error})"))
}

/// Addresses of a page of HTML, in its order, made whole.
///
/// Only `href="…"` is looked for: a page of links needs no parser, and what is no link does no harm,
/// because every address must match a pattern afterwards.
fn links(page: &str, base: &Url) -> Vec<Url> {
    let parts = page.split("href=").skip(1).take(MOST);
    let quoted = parts.filter_map(|part| {
        let quote = part.chars().next().filter(|letter| matches!(letter, '"' | '\''))?;
        part[1..].split(quote).next()
    });
    quoted.filter_map(|link| base.join(link.trim()).ok()).collect()
}

/// The version in an address that ends as `pattern` says, such as `/ged/ged{version}-csv.zip`.
/// Nothing but digits and underscores can be one: look-alikes on the page are passed over.
fn version_in(url: &Url, pattern: &str) -> Option<String> {
    let (before, after) = pattern.split_once("{version}")?;
    let rest = url.path().strip_suffix(after)?;
    let start = rest.rfind(before)? + before.len();
    let digits = &rest[start..];
    let is_plain = |byte: u8| byte.is_ascii_digit() || byte == b'_';
    if digits.is_empty() || !digits.bytes().all(is_plain) {
        return None;
    }
    // The annual release 26.1 is called 261 in its address.
    Some(match digits.len() {
        3 if !digits.contains('_') => format!("{}.{}", &digits[..2], &digits[2..]),
        _ => digits.replace('_', "."),
    })
}

/// Releases that a page of UCDP links to: the newest annual one, or the open months.
fn ucdp_links(page: &str, base: &Url, pattern: &str, finals: Option<&str>) -> Vec<ListedFile> {
    let links = links(page, base);
    let matching = |pattern: &str| -> Vec<(Release, String, Url)> {
        let known = |url: &Url| {
            let version = version_in(url, pattern)?;
            Some((Release::parse(&version)?, version, url.clone()))
        };
        links.iter().filter_map(known).collect()
    };
    let listed = |(_, version, url): (Release, String, Url)| ListedFile {
        version: Some(version),
        address: url.into(),
        ..ListedFile::default()
    };
    let year = |release: &Release| match release {
        Release::Annual { year } => Some(*year),
        Release::Candidate { .. } => None,
    };
    let Some(finals) = finals else {
        let newest = matching(pattern).into_iter().max_by_key(|(release, ..)| year(release));
        return newest.map(listed).into_iter().collect();
    };
    // An annual release covers the years before the one in its name.
    let first_open = matching(finals).iter().filter_map(|(release, ..)| year(release)).max();
    open_months(matching(pattern), first_open).into_iter().map(listed).collect()
}

/// Of candidate releases, those that together cover the months which no annual release covers: of a
/// year the longest consolidated one, and the months after it. Sorted by month as a number, so that
/// the tenth month comes after the ninth.
fn open_months<T>(
    releases: Vec<(Release, String, T)>,
    first_open_year: Option<i32>,
) -> Vec<(Release, String, T)> {
    let mut by_span: BTreeMap<(Month, core::cmp::Reverse<Month>), (Release, String, T)> =
        BTreeMap::new();
    let newest_year =
        releases.iter().filter_map(|(release, ..)| span(*release)).map(|(_, to)| to.year()).max();
    let first_year = first_open_year.or(newest_year);
    for entry in releases {
        let Some((from, to)) = span(entry.0) else { continue };
        if first_year.is_none_or(|year| from.year() >= year) {
            by_span.entry((from, core::cmp::Reverse(to))).or_insert(entry);
        }
    }
    let mut covered: Option<Month> = None;
    let mut taken = Vec::new();
    for ((from, core::cmp::Reverse(to)), entry) in by_span {
        if covered.is_none_or(|covered| from > covered) {
            covered = Some(to);
            taken.push(entry);
        }
    }
    taken
}

/// First and last month of a candidate release.
const fn span(release: Release) -> Option<(Month, Month)> {
    match release {
        Release::Candidate { from, to } => Some((from, to)),
        Release::Annual { .. } => None,
    }
}

/// A text of an object, where it is one and not empty.
fn string(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The resource of a data set, by the name that it or its file has. Its address is new each time.
fn ckan(answer: &Value, resource: &str) -> Result<Vec<ListedFile>, String> {
    if answer.get("success") != Some(&Value::Bool(true)) {
        return Err("an error of the catalogue instead of a data set".to_owned());
    }
    let result = answer.get("result").ok_or("an answer without a result")?;
    let resources = result.get("resources").and_then(Value::as_array);
    let resources = resources.ok_or("a data set without a list of resources")?;
    let pattern = NamePattern::new(resource);
    let matching = resources.iter().take(MOST).find(|entry| {
        let name = string(entry, "name").unwrap_or_default();
        let address = string(entry, "url").unwrap_or_default();
        pattern.matches(&name) || pattern.matches(address.rsplit('/').next().unwrap_or_default())
    });
    let Some(entry) = matching else { return Ok(Vec::new()) };
    let address = string(entry, "url").ok_or("a resource without an address")?;
    // The hash is often empty and its kind is not said, so that it is no check. The size is that of
    // the last upload through the catalogue and lags behind for files that lie elsewhere.
    Ok(vec![ListedFile {
        address,
        released: string(entry, "last_modified").and_then(|day| day.get(..10)?.parse().ok()),
        licence: string(result, "license_id"),
        credit: string(result, "dataset_source"),
        ..ListedFile::default()
    }])
}

/// The file of one country and level, with its own licence and source. All values are texts.
fn geoboundaries(answer: &Value) -> Result<Vec<ListedFile>, String> {
    let entry = match answer {
        Value::Array(entries) if entries.len() == 1 => &entries[0],
        Value::Array(_) => return Err("boundaries of many countries at once".to_owned()),
        other => other,
    };
    let address = string(entry, "gjDownloadURL").ok_or("an answer without gjDownloadURL")?;
    Ok(vec![ListedFile {
        version: string(entry, "boundaryID"),
        address,
        licence: string(entry, "boundaryLicense"),
        credit: string(entry, "boundarySource"),
        ..ListedFile::default()
    }])
}

/// The newest file of a data set that is not restricted, by name, with size and MD5.
fn dataverse(answer: &Value, file: &str, download: &str) -> Result<Vec<ListedFile>, String> {
    if string(answer, "status").as_deref() != Some("OK") {
        return Err("an error of the archive instead of a data set".to_owned());
    }
    let version = answer.get("data").and_then(|data| data.get("latestVersion"));
    let files = version.and_then(|version| version.get("files")).and_then(Value::as_array);
    let files = files.ok_or("a data set without a list of files")?;
    let pattern = NamePattern::new(file);
    let mut found: Vec<(String, ListedFile)> = Vec::new();
    for entry in files.iter().take(MOST) {
        let Some(data) = entry.get("dataFile") else { continue };
        let Some(name) = string(data, "filename") else { continue };
        let Some(id) = data.get("id").and_then(Value::as_u64) else { continue };
        let is_open = entry.get("restricted") != Some(&Value::Bool(true));
        if is_open && pattern.matches(&name) {
            let listed = ListedFile {
                version: string(data, "creationDate"),
                address: download.replace("{id}", &id.to_string()),
                file: Some(name.clone()),
                bytes: data.get("filesize").and_then(Value::as_u64),
                md5: string(data, "md5").filter(|hash| is_md5(hash)),
                ..ListedFile::default()
            };
            found.push((name, listed));
        }
    }
    Ok(found
        .into_iter()
        .max_by(|left, right| left.0.cmp(&right.0))
        .map(|found| found.1)
        .into_iter()
        .collect())
}

fn is_md5(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The last line of a list whose address ends as it should.
fn listing(text: &str, suffix: &str) -> Vec<ListedFile> {
    let entry = |line: &str| {
        let mut words = line.split_whitespace();
        let bytes = words.next()?.parse().ok()?;
        let md5 = words.next().filter(|hash| is_md5(hash))?.to_owned();
        let address = words.next().filter(|address| address.ends_with(suffix))?.to_owned();
        Some(ListedFile { address, bytes: Some(bytes), md5: Some(md5), ..ListedFile::default() })
    };
    text.lines().take(MOST).filter_map(entry).last().into_iter().collect()
}

/// The last name of a list that matches, in the order of names.
fn checksums(text: &str, file: &str, download: &str) -> Vec<ListedFile> {
    let pattern = NamePattern::new(file);
    let entry = |line: &str| {
        let mut words = line.split_whitespace();
        let md5 = words.next().filter(|hash| is_md5(hash))?.to_owned();
        let name = words.next().filter(|name| pattern.matches(name))?.to_owned();
        Some((name, md5))
    };
    let newest = text.lines().take(MOST).filter_map(entry).max();
    let listed = |(name, md5): (String, String)| ListedFile {
        address: download.replace("{name}", &name),
        md5: Some(md5),
        file: Some(name),
        ..ListedFile::default()
    };
    newest.map(listed).into_iter().collect()
}

/// The newest run of a fatalities model by (year, month, model, issue); the list is in the order of
/// the alphabet and has names of other kinds.
fn runs(answer: &Value, download: &str) -> Result<Vec<ListedFile>, String> {
    let runs = answer.get("runs").and_then(Value::as_array).ok_or("an answer without runs")?;
    let names = runs.iter().take(MOST).filter_map(Value::as_str);
    let newest = names.filter_map(|name| Some((run_order(name)?, name))).max();
    let listed = |(_, name): (_, &str)| ListedFile {
        version: Some(name.to_owned()),
        address: download.replace("{run}", name),
        file: Some(format!("{name}.csv")),
        ..ListedFile::default()
    };
    Ok(newest.map(listed).into_iter().collect())
}

/// Year, month, model and issue of `fatalities003_2026_08_t01`. A run of month 0 is none.
fn run_order(name: &str) -> Option<(u32, u32, u32, u32)> {
    let parts: Vec<&str> = name.strip_prefix("fatalities")?.split('_').collect();
    let [model, year, month, issue] = parts[..] else { return None };
    let number = |text: &str, digits: usize| {
        let is_plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_plain { text.parse::<u32>().ok() } else { None }
    };
    let month = number(month, 2).filter(|month| (1..=12).contains(month))?;
    Some((number(year, 4)?, month, number(model, 3)?, number(issue.strip_prefix('t')?, 2)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Url {
        Url::parse("https://example.org/downloads/").unwrap()
    }

    fn read(lookup: &Lookup, text: &str) -> Result<Vec<ListedFile>, String> {
        lookup.read(text.as_bytes(), &base(), &str::to_owned)
    }

    fn candidates(links: &[&str], finals: bool) -> Vec<String> {
        let page: String = links.iter().map(|link| format!("<a href=\"{link}\">x</a>")).collect();
        let lookup = Lookup::UcdpLinks {
            url: String::new(),
            pattern: "/candidateged/GEDEvent_v{version}.csv".to_owned(),
            finals: finals.then(|| "/ged/ged{version}-csv.zip".to_owned()),
        };
        let found = read(&lookup, &page).unwrap_or_default();
        found.into_iter().filter_map(|listed| listed.version).collect()
    }

    #[test]
    fn candidate_releases_are_those_that_no_longer_one_covers_in_the_order_of_months() {
        let links = [
            "ged/ged261-csv.zip",
            "candidateged/GEDEvent_v26_0_10.csv",
            "candidateged/GEDEvent_v26_0_9.csv",
            "candidateged/GEDEvent_v26_0_6.csv",
            "candidateged/GEDEvent_v26_01_26_03.csv",
            "candidateged/GEDEvent_v26_01_26_06.csv",
            "candidateged/GEDEvent_v25_0_12.csv",
            "vpp/GEDEvent_v26_1_4_1101_2512.csv",
            "candidateged/GEDevent_v26_0_11.xlsx",
        ];
        assert_eq!(candidates(&links, true), ["26.01.26.06", "26.0.9", "26.0.10"]);
    }

    #[test]
    fn before_the_annual_release_comes_the_candidates_of_two_years_are_taken() {
        let links = [
            "ged/ged251-csv.zip",
            "candidateged/GEDEvent_v26_0_1.csv",
            "candidateged/GEDEvent_v25_01_25_12.csv",
        ];
        assert_eq!(candidates(&links, true), ["25.01.25.12", "26.0.1"]);
    }

    #[test]
    fn the_newest_annual_release_is_found_by_number() {
        let lookup = Lookup::UcdpLinks {
            url: String::new(),
            pattern: "/ged/ged{version}-csv.zip".to_owned(),
            finals: None,
        };
        let page = "<a href='ged/ged251-csv.zip'><a href=\"/x/ged/ged261-csv.zip\"><a href=\"ged261-xlsx.zip\">";
        let found = read(&lookup, page).unwrap();
        assert_eq!(found[0].version.as_deref(), Some("26.1"));
        assert_eq!(found[0].address, "https://example.org/x/ged/ged261-csv.zip");
        assert!(read(&lookup, "<html>nothing</html>").is_err());
    }

    #[test]
    fn a_resource_is_found_by_name_whatever_its_number_is_today() {
        let lookup =
            Lookup::Ckan { url: String::new(), resource: "conflict_data_*.csv".to_owned() };
        let json = r#"{"success":true,"result":{"license_id":"cc-by-igo","resources":[
            {"name":"read me","url":"https://example.org/a/readme.txt"},
            {"name":"Data","url":"https://example.org/7/conflict_data_exl.csv","last_modified":"2099-06-20T10"}]}}"#;
        let found = read(&lookup, json).unwrap();
        assert_eq!(found[0].address, "https://example.org/7/conflict_data_exl.csv");
        assert_eq!(found[0].released.unwrap().to_string(), "2099-06-20");
        assert!(read(&lookup, r#"{"success":false,"error":{"message":"Not found"}}"#).is_err());
    }

    #[test]
    fn runs_are_ordered_by_their_parts_and_foreign_names_are_passed_over() {
        let lookup = Lookup::Runs {
            url: String::new(),
            download: "https://example.org/{run}/cm/sb".to_owned(),
        };
        let json = r#"{"runs":["escwa_2091_02_01","fatalities003_2025_10_t01","fatalities002_2025_10_t01",
            "fatalities001_2022_00_t01","fatalities003_2025_09_t02","predictors_fatalities003_0000_00",
            "r_2091_12_01"]}"#;
        let found = read(&lookup, json).unwrap();
        assert_eq!(found[0].version.as_deref(), Some("fatalities003_2025_10_t01"));
    }

    #[test]
    fn lists_of_files_give_the_checks_to_hold_a_file_to() {
        let hash = "a".repeat(32);
        let lookup = Lookup::Listing { url: String::new(), suffix: ".export.CSV.zip".to_owned() };
        let text = format!(
            "12 {hash} http://example.org/1.export.CSV.zip\n13 {hash} http://example.org/1.gkg.csv.zip\n"
        );
        let found = read(&lookup, &text).unwrap();
        assert_eq!((found[0].bytes, found[0].md5.as_deref()), (Some(12), Some(hash.as_str())));
        let lookup = Lookup::Checksums {
            url: String::new(),
            file: "*.export.CSV.zip".to_owned(),
            download: "http://example.org/events/{name}".to_owned(),
        };
        let text = format!(
            "{hash}  20990102.export.CSV.zip\n{hash}  20990101.export.CSV.zip\n{hash}  2012.zip\n"
        );
        assert_eq!(
            read(&lookup, &text).unwrap()[0].address,
            "http://example.org/events/20990102.export.CSV.zip"
        );
    }

    #[test]
    fn boundaries_bring_their_own_licence() {
        let lookup = Lookup::Geoboundaries { url: String::new() };
        let json = r#"{"boundaryID":"EXL-1","gjDownloadURL":"https://example.org/x.geojson","boundaryLicense":"ODbL"}"#;
        assert_eq!(read(&lookup, json).unwrap()[0].licence.as_deref(), Some("ODbL"));
        assert!(read(&lookup, "[]").is_err());
    }

    #[test]
    fn an_archive_gives_its_newest_open_file() {
        let lookup = Lookup::Dataverse {
            url: String::new(),
            file: "ngecEvents.*.DV.txt".to_owned(),
            download: "https://example.org/{id}".to_owned(),
        };
        let file = |id: u32, name: &str, closed: bool| {
            format!(
                r#"{{"restricted":{closed},"dataFile":{{"id":{id},"filename":"{name}","filesize":5,"md5":"{}"}}}}"#,
                "d".repeat(32)
            )
        };
        let files = [
            file(1, "ngecEvents.2.DV.txt", false),
            file(2, "ngecEvents.1.DV.txt", false),
            file(3, "ngecEvents.3.DV.txt", true),
        ];
        let json = format!(
            r#"{{"status":"OK","data":{{"latestVersion":{{"files":[{}]}}}}}}"#,
            files.join(",")
        );
        let found = read(&lookup, &json).unwrap();
        assert_eq!(found[0].address, "https://example.org/1");
        assert_eq!(found[0].bytes, Some(5));
    }
}
