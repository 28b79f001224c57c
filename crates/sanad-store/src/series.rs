//! Bringing in files of indicators.

use std::collections::BTreeSet;

use sanad_core::Month;
use sanad_core::country::Country;
use sanad_core::observation::Observation;
use sanad_core::source::{Coverage, Source};
use sanad_source::series::Series;
use sanad_source::{
    displacement, districts, gdelt_months, plain, stop, ucdp_dyadic, vdem, wdi, wgi,
};

use crate::error::Result;
use crate::import::{
    Beside, Card, ImportReport, Incoming, Payload, Reading, file_name, foreign, read_whole,
};
use crate::observations::observation_table;
use crate::observatory::Observatory;

mod publisher;

use publisher::Publisher;

/// Formats of indicators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SeriesFormat {
    /// World Bank, Worldwide Governance Indicators.
    Wgi,
    /// Varieties of Democracy, country-years.
    Vdem,
    /// World Bank indicators, DataBank and bulk layouts.
    Wdi,
    /// Access Now's STOP: internet shutdowns.
    Keepiton,
    /// Indicators of districts in a long table.
    DistrictIndicators,
    /// IDMC's yearly table.
    Idmc,
    /// UNHCR's yearly tables.
    Unhcr,
    /// GDELT summed by country and month.
    GdeltMonths,
    /// UCDP Dyadic.
    UcdpDyadic,
    /// A plain table of observations.
    Plain,
}

/// What a caller knows about a file of indicators that the file does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeriesOptions {
    /// The columns to read, for formats that have more than anybody needs; the usual ones when
    /// empty.
    pub columns: Vec<String>,
}

impl Observatory {
    /// Imports a file of indicators as observations. A file that was compressed with gzip is
    /// unpacked.
    ///
    /// # Errors
    ///
    /// [`Error::Foreign`](crate::Error::Foreign) when the file is not of the format,
    /// [`Error::Strict`](crate::Error::Strict) when the import
    /// is strict and something had to be remarked upon; the observatory is then as it was before.
    pub fn import_series(
        &mut self,
        file: &Incoming<'_>,
        format: SeriesFormat,
        options: &SeriesOptions,
    ) -> Result<ImportReport> {
        let card = Card::read(file.card)?;
        let (bytes, sha256) = read_whole(file.path)?;
        let bytes = sanad_source::unpacked(bytes).map_err(|e| foreign(file.path, e))?;
        let iso3 = match self.newest_import("case") {
            Some(_) => self.case()?.iso3,
            None => String::new(),
        };
        let series = read(format, &bytes, options, &iso3).map_err(|e| foreign(file.path, e))?;
        let publisher = Publisher::of(format, &series);
        let version = card.version.clone().or_else(|| publisher.version(&file_name(file.path)));
        let usual = Source {
            id: publisher.id.to_owned(),
            released: version.as_deref().and_then(|version| publisher.released(version)),
            version: version.unwrap_or_else(|| format!("file-{}", &sha256[..8])),
            title: publisher.title.to_owned(),
            citation: publisher.citation.to_owned(),
            licence: publisher.licence.to_owned(),
            url: publisher.url.to_owned(),
            accessed: file.today,
            preliminary: false,
            coverage: coverage(&series.observations),
        };
        let source = card.or(usual);
        let beside = Beside {
            settings: match format {
                SeriesFormat::DistrictIndicators | SeriesFormat::Plain => iso3,
                _ => options.columns.join(","),
            },
            set_aside: series.set_aside.iter().map(|(&it, &n)| (it.to_owned(), n)).collect(),
            adds_to: source.version.starts_with("file-"),
        };
        let reading = Reading {
            format: publisher.format,
            source,
            sha256,
            rows_read: series.rows_read,
            records_kept: series.observations.len() as u64,
            deaths_in: 0,
            deaths_kept: 0,
            diagnostics: series.diagnostics,
        };
        let rows = series.observations;
        self.writer()?.take_in_with(file, reading, beside, || {
            Ok(vec![("observation", Payload::Table(observation_table(&rows)?))])
        })
    }
}

fn read(
    format: SeriesFormat,
    bytes: &[u8],
    options: &SeriesOptions,
    iso3: &str,
) -> sanad_source::Result<Series> {
    match format {
        SeriesFormat::Wdi => wdi::read(bytes),
        SeriesFormat::Keepiton => stop::read(bytes),
        SeriesFormat::DistrictIndicators => districts::read(bytes, iso3),
        SeriesFormat::Idmc => displacement::read(bytes, displacement::Publisher::Idmc),
        SeriesFormat::Unhcr => displacement::read(bytes, displacement::Publisher::Unhcr),
        SeriesFormat::GdeltMonths => gdelt_months::read(bytes),
        SeriesFormat::UcdpDyadic => ucdp_dyadic::read(bytes),
        SeriesFormat::Plain => plain::read_observations(bytes, iso3),
        SeriesFormat::Wgi => wgi::read(bytes),
        SeriesFormat::Vdem => vdem::read(bytes, &options.columns),
    }
}

/// The countries and months that observations are about.
pub(crate) fn coverage(rows: &[Observation]) -> Coverage {
    let iso3: BTreeSet<&str> = rows.iter().map(|row| row.place.iso3.as_str()).collect();
    let countries = iso3.into_iter().filter_map(|code| Country::of_code(code)?.gwno);
    let mut countries: Vec<i32> = countries.collect();
    countries.sort_unstable();
    Coverage {
        from: rows.iter().map(|row| Month::of(row.period.start())).min(),
        to: rows.iter().map(|row| Month::of(row.period.end())).max(),
        countries,
        inferred: true,
    }
}
