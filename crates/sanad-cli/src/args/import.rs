//! `sanad import`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Folder;

/// The formats that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportFormat {
    /// UCDP Georeferenced Event Dataset, annual or candidate, or its HDX export (CSV)
    UcdpGed,
    /// Boundaries with OCHA COD-AB or geoBoundaries attributes (GeoJSON)
    Boundaries,
    /// A chronicle written by hand (TOML)
    Chronicle,
    /// World Bank, Worldwide Governance Indicators with standard errors (CSV)
    Wgi,
    /// Varieties of Democracy, country-years (CSV)
    Vdem,
    /// World Bank indicators, DataBank or bulk layout (CSV)
    Wdi,
    /// Access Now's STOP data on internet shutdowns, sheets of 2016 to 2022 (CSV)
    Keepiton,
    /// Indicators of districts in a long table (CSV, also gzipped)
    DistrictIndicators,
    /// IDMC's yearly table of internal displacement (CSV)
    Idmc,
    /// UNHCR's yearly tables of population or returns (CSV)
    Unhcr,
    /// UCDP Dyadic (CSV)
    UcdpDyadic,
    /// UCDP's violence summed by country and month (CSV); needs a case
    CountryMonths,
    /// GDELT summed by country and month (CSV)
    GdeltMonths,
    /// Observations in a plain table (CSV)
    Observations,
    /// Coded statements of organisations (CSV or JSON lines); needs a case
    Statements,
    /// Any table (CSV or Parquet) by a map of its columns, given with --map
    Table,
    /// GDELT event files, 1.0 and 2.0 (tab-separated); needs a case
    Gdelt,
    /// Events between states in a plain table, for POLECAT and the like (CSV); needs a case
    DyadEvents,
    /// A case: its places, organisations, chronicle and figures (a folder)
    Case,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// What the files are
    pub(crate) format: ImportFormat,
    /// The files, or the folder of a case
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// A card with citation, licence, url and day of access
    #[arg(long, value_name = "FILE")]
    pub(crate) card: Option<PathBuf>,
    /// The columns to read, joined by commas, for a format with more than anybody needs (vdem)
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) columns: Vec<String>,
    /// The map of a table's columns (TOML)
    #[arg(long, value_name = "FILE", required_if_eq("format", "table"))]
    pub(crate) map: Option<PathBuf>,
    /// Identifiers that the publisher of a table has taken back: one per line, or a CSV
    #[arg(long, value_name = "FILE", requires = "map")]
    pub(crate) deletions: Option<PathBuf>,
    /// Fail on any diagnostic and leave the observatory as it was
    #[arg(long)]
    pub(crate) strict: bool,
    /// How many diagnostics to show in full
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) show: usize,
}
