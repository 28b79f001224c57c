//! Bringing in files of indicators. Formats are rows of a registry: what tells one from another is
//! a function from bytes to observations, and the card of its publisher.

use std::collections::BTreeSet;

use sanad_core::Month;
use sanad_core::country::Country;
use sanad_core::observation::Observation;
use sanad_core::source::{Coverage, Source};
use sanad_source::registry::{SeriesSettings, SourceFormat};

use crate::card::Card;
use crate::error::{Error, Result};
use crate::import::{ImportExtras, ImportFile, ImportReport, Payload, Reading};
use crate::observations::observation_table;
use crate::observatory::{Observatory, Writer};
use crate::read_file::{READ_STEP, file_name, foreign, read_unpacked};

/// What a caller knows about a file of indicators that the file does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeriesOptions {
    /// The columns to read, for formats that have more than anybody needs; the usual ones when
    /// empty. Names as the format's header has them.
    pub columns: Vec<String>,
}

impl Observatory {
    /// Imports a file of indicators as observations. A file that was packed with gzip or as a ZIP
    /// archive is unpacked. The report of a file whose version is not known names no release that
    /// it replaces.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`](crate::Error::Unknown) for a format of other records;
    /// [`Error::Foreign`](crate::Error::Foreign) when the file is not of the format,
    /// [`Error::Strict`](crate::Error::Strict) when the import
    /// is strict and something had to be remarked upon; the observatory is then as it was before.
    pub fn import_series(
        &mut self,
        file: &ImportFile<'_>,
        format: &SourceFormat,
        options: &SeriesOptions,
    ) -> Result<ImportReport> {
        let iso3 = match self.newest_import("case") {
            Some(_) => self.case()?.iso3,
            None => String::new(),
        };
        let mut writer = self.writer()?;
        let report = stage_series(&mut writer, file, format, (options, &iso3))?;
        writer.publish(report.publication())?;
        Ok(report)
    }
}

/// Stages a file of indicators; `iso3` is the case's country, and may be empty.
///
/// # Errors
///
/// As [`Observatory::import_series`].
pub(crate) fn stage_series(
    writer: &mut Writer<'_>,
    file: &ImportFile<'_>,
    format: &SourceFormat,
    (options, iso3): (&SeriesOptions, &str),
) -> Result<ImportReport> {
    let card = Card::read(file.card)?;
    let (bytes, sha256) = read_unpacked(file.path)?;
    file.progress.begin(READ_STEP);
    let settings = SeriesSettings { columns: &options.columns, iso3, progress: file.progress };
    let Some(read) = format.series(&bytes, &settings) else {
        return Err(Error::Unknown {
            what: "format of values",
            found: format.word.to_owned(),
            nearest: Vec::new(),
        });
    };
    let (series, publisher) = read.map_err(|e| foreign(file.path, e))?;
    file.progress.end("");
    let version = card.version.clone().or_else(|| (format.version)(&file_name(file.path)));
    let usual = Source {
        id: publisher.id.to_owned(),
        released: version.as_deref().and_then(format.released),
        version: version.unwrap_or_else(|| format!("file-{}", &sha256[..8])),
        title: publisher.title.to_owned(),
        citation: publisher.citation.to_owned(),
        licence: publisher.licence.to_owned(),
        url: publisher.url.to_owned(),
        accessed: file.today,
        preliminary: false,
        date_rule: None,
        coverage: coverage(&series.observations),
    };
    let source = card.or(usual);
    let extras = ImportExtras {
        settings: if format.lacks_country { iso3.to_owned() } else { options.columns.join(",") },
        set_aside: series.set_aside.iter().map(|(&it, &n)| (it.to_owned(), n)).collect(),
        adds_to: source.version.starts_with("file-"),
    };
    let reading = Reading {
        format: format.word,
        source,
        sha256,
        rows_read: series.rows_read,
        records_kept: series.observations.len() as u64,
        deaths_in: 0,
        deaths_kept: 0,
        diagnostics: series.diagnostics,
    };
    let rows = series.observations;
    writer.stage_with(file, reading, extras, || {
        Ok(vec![("observation", Payload::Table(observation_table(&rows)?))])
    })
}

/// The countries and months that observations are about. Countries without a Gleditsch–Ward number
/// are left out.
pub(crate) fn coverage(rows: &[Observation]) -> Coverage {
    let iso3: BTreeSet<&str> = rows.iter().map(|row| row.place.iso3.as_str()).collect();
    let countries = iso3.into_iter().filter_map(|code| Country::of_code(code)?.gwno);
    let mut countries: Vec<i32> = countries.collect();
    countries.sort_unstable();
    Coverage {
        from: rows.iter().map(|row| Month::from_date(row.period.start())).min(),
        to: rows.iter().map(|row| Month::from_date(row.period.end())).max(),
        countries,
        inferred: true,
    }
}
