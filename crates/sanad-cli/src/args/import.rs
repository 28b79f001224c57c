//! `sanad import`.

use std::path::PathBuf;
use std::sync::LazyLock;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use sanad_source::registry::{FORMATS, SourceFormat};

use super::{AttributeList, Folder};

/// What a file to import is: a public format, or what somebody writes for a case.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ImportFormat {
    /// A format of the registry.
    Public(&'static SourceFormat),
    /// A chronicle written by hand.
    Chronicle,
    /// The folder of a case.
    Case,
}

impl ValueEnum for ImportFormat {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: LazyLock<Vec<ImportFormat>> = LazyLock::new(|| {
            let public = FORMATS.iter().copied().map(ImportFormat::Public);
            public.chain([ImportFormat::Chronicle, ImportFormat::Case]).collect()
        });
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Public(format) => PossibleValue::new(format.word).help(format.help),
            Self::Chronicle => {
                PossibleValue::new("chronicle").help("A chronicle written by hand (TOML)")
            }
            Self::Case => PossibleValue::new("case")
                .help("A case: its places, organisations, chronicle and figures (a folder)"),
        })
    }
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
    /// The map of a table's or a survey's columns (TOML)
    #[arg(long, value_name = "FILE", required_if_eq_any([("format", "table"), ("format", "survey")]))]
    pub(crate) map: Option<PathBuf>,
    /// Identifiers that the publisher of a table has taken back: one per line, or a CSV
    #[arg(long, value_name = "FILE", requires = "map")]
    pub(crate) deletions: Option<PathBuf>,
    /// The attributes of borders, where they are not those of OCHA or geoBoundaries:
    /// name=ATTRIBUTE,code=ATTRIBUTE, and parent=, parent-name=; level=adm1 or adm2 (adm1 when absent)
    #[arg(long, value_name = "LIST")]
    pub(crate) attributes: Option<AttributeList>,
    /// Fail on any diagnostic and leave the observatory as it was
    #[arg(long)]
    pub(crate) strict: bool,
    /// How many diagnostics to show in full
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) show: usize,
}
