//! `sanad fetch`, and what `sanad update` shares with it.

use std::collections::BTreeMap;
use std::path::Path;

use sanad_core::country::Country;
use sanad_fetch::{
    Catalogue, ClientOptions, FetchRequest, FetchStatus, FileRow, Redistribution, SystemClock,
    Wish, country_values,
};
use sanad_store::{Columns, Table};
use sanad_study::Error as StudyError;

use crate::args::{Fetch, NetworkArgs};
use crate::command::{print, today};
use crate::error::{Error, Result};
use crate::progress::Terminal;
use crate::report::{self, say};

pub(crate) fn run(fetch: &Fetch) -> Result<()> {
    let mut values = BTreeMap::new();
    if let Some(code) = &fetch.country {
        let country = Country::of_code(&code.to_uppercase()).ok_or_else(|| Error::Option {
            option: "--country",
            found: code.clone(),
            expected: "an ISO 3166-1 code, such as PAK",
        })?;
        values.extend(country_values(&country));
    }
    let wish = |text: &String| {
        let Ok(wish) = text.parse::<Wish>();
        wish
    };
    let wishes: Vec<Wish> = fetch.sources.iter().map(wish).collect();
    let rows = fetched(&fetch.network, &wishes, values, &fetch.into)?;
    complain(&rows)
}

/// Fetches what is wished for, prints a row for each file, and says what was not to be had.
pub(crate) fn fetched(
    network: &NetworkArgs,
    wishes: &[Wish],
    mut values: BTreeMap<String, String>,
    into: &Path,
) -> Result<Vec<FileRow>> {
    values.extend(stated_values(&network.set)?);
    let catalogue = catalogue(network.catalogue.as_deref())?;
    let request = FetchRequest {
        catalogue: &catalogue,
        wishes,
        into,
        values,
        variable: &|name| std::env::var(name).ok(),
        today: today()?,
        seed: network.seed,
        is_dry_run: network.dry_run,
        max_bytes: network.max_bytes,
        client: ClientOptions { proxy: network.proxy.clone() },
    };
    let rows = sanad_fetch::fetch(&request, &SystemClock, &Terminal::default())?;
    print(&table(&rows)?, network.format)?;
    rows.iter().for_each(report_row);
    Ok(rows)
}

/// Fails when a file was not to be had.
pub(crate) fn complain(rows: &[FileRow]) -> Result<()> {
    match rows.iter().filter(|row| row.error.is_some()).count() {
        0 => Ok(()),
        missing => Err(Error::NotToBeHad { missing, total: rows.len() }),
    }
}

fn catalogue(path: Option<&Path>) -> Result<Catalogue> {
    let Some(path) = path else { return Ok(Catalogue::shipped()?) };
    let text = std::fs::read_to_string(path)
        .map_err(|source| Error::Catalogue { path: path.to_owned(), source })?;
    Ok(Catalogue::parse(&text)?)
}

/// Values by name, as in NAME=VALUE.
fn stated_values(given: &[String]) -> Result<BTreeMap<String, String>> {
    let pair = |text: &String| {
        let pair =
            text.split_once('=').filter(|(name, value)| !name.is_empty() && !value.is_empty());
        pair.map(|(name, value)| (name.to_owned(), value.to_owned())).ok_or_else(|| Error::Option {
            option: "--set",
            found: text.clone(),
            expected: "NAME=VALUE, such as level=ADM1",
        })
    };
    given.iter().map(pair).collect()
}

fn table(rows: &[FileRow]) -> Result<Table> {
    let text = |of: fn(&FileRow) -> Option<String>| rows.iter().map(of);
    let shown = |row: &FileRow| row.file.as_ref().map(|path| path.display().to_string());
    Ok(Columns::default()
        .text("source", text(|row| Some(row.source.clone())))
        .text("release", text(|row| row.release.clone()))
        .text("file", rows.iter().map(shown))
        .text("bytes", text(|row| row.bytes.map(|bytes| bytes.to_string())))
        .text("sha256", text(|row| row.sha256.clone()))
        .text("status", text(|row| Some(row.status.as_str().to_owned())))
        .text("address", text(|row| row.address.clone()))
        .finish()?)
}

/// Says of a file what its row does not.
fn report_row(row: &FileRow) {
    let name = match &row.release {
        Some(release) => format!("{} {release}", row.source),
        None => row.source.clone(),
    };
    for note in &row.notes {
        report::note(&format!("{name}: {note}"));
    }
    if let Some(error) = &row.error {
        say!("{name} was not to be had: {error}");
        if let Some(hint) = error.hint() {
            say!("  hint: {hint}");
        }
        say!("  a person gets it from {}", row.page);
    } else if row.status != FetchStatus::Planned
        && row.redistribution != Redistribution::WithAttribution
    {
        report::note(&format!(
            "{name}: its rows are not to be passed on (licence: {})",
            row.licence
        ));
    }
}

impl From<sanad_fetch::Error> for Error {
    fn from(source: sanad_fetch::Error) -> Self {
        Self::Fetch(Box::new(source))
    }
}

/// What stands in a case's folder under a name.
pub(crate) fn case_text(case: &Path) -> Result<String> {
    std::fs::read_to_string(case.join("case.toml")).map_err(|_| {
        Error::from(StudyError::NotACase { path: case.to_owned(), missing: "case.toml" })
    })
}
