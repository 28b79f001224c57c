//! `sanad network`.

use std::path::Path;

use sanad_core::Month;
use sanad_evidence::network::{Network, gexf, graphml};
use sanad_store::{Table, export};

use crate::args;
use crate::codebook;
use crate::command::{print_defined, save, subject};
use crate::error::{Error, Result};
use crate::progress::Step;
use sanad_study::network::{months_of_change, network};
use sanad_study::tables::{organisation_table, tie_month_table};

pub(crate) fn run(request: &args::OrganisationNetworkArgs) -> Result<()> {
    let ending = request.out.as_deref().map(NetworkEnding::of).transpose()?;
    let opened = subject::open(&request.subject)?;
    let step = Step::begin("the organisations' network");
    let found = network(&opened.observatory.actors()?, &opened.observatory.chronicle()?)?;
    step.end(&format!(
        "{} organisations, {} ties",
        found.organisations().len(),
        found.ties().len()
    ));
    let last = || months_of_change(&found).last().copied().map(Month::from_id);
    match (ending, request.out.as_deref()) {
        (Some(NetworkEnding::Gexf), Some(path)) => Ok(export::write_text(path, &gexf(&found))?),
        (Some(NetworkEnding::Graphml), Some(path)) => {
            let month = request.month.or_else(last).map_or(0, Month::id);
            Ok(export::write_text(path, &graphml(&found, month))?)
        }
        (Some(NetworkEnding::Table), Some(path)) => {
            save(&table(&found, request.month)?, request.format, path)
        }
        _ => print_defined(&table(&found, request.month)?, request.format, &codebook::NETWORK),
    }
}

enum NetworkEnding {
    Gexf,
    Graphml,
    Table,
}

impl NetworkEnding {
    fn of(path: &Path) -> Result<Self> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("gexf") => Ok(Self::Gexf),
            Some("graphml") => Ok(Self::Graphml),
            _ if export::Format::of_path(path).is_some() => Ok(Self::Table),
            _ => Err(Error::Option {
                option: "--out",
                found: path.display().to_string(),
                expected: "a name that ends in .gexf, .graphml, .csv, .parquet, .json or .md",
            }),
        }
    }
}

fn table(network: &Network, month: Option<Month>) -> Result<Table> {
    Ok(match month {
        Some(month) => organisation_table(network, month)?,
        None => tie_month_table(network)?,
    })
}
