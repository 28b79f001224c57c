//! `sanad capability`.

use sanad_store::{Observatory, Table};
use sanad_study::capability::{self, Capability, CapabilityRequest};
use sanad_study::{means, tables};

use crate::args::{CapabilityArgs, CapabilityTable};
use crate::command::{print, subject};
use crate::error::{Error, Result};
use crate::progress::Step;

pub(crate) fn run(options: &CapabilityArgs, threads: usize) -> Result<()> {
    let opened = subject::open(&options.subject)?;
    let known = opened.observatory.actors()?;
    if let Some(id) =
        options.organisations.iter().find(|id| known.iter().all(|known| known.id != **id))
    {
        return Err(Error::Option {
            option: "--organisations",
            found: id.clone(),
            expected: "ids of the case's organisations, joined by commas",
        });
    }
    let request = CapabilityRequest {
        organisations: options.organisations.clone(),
        from: options.from,
        to: options.to,
    };
    let counted = || counted(&opened.observatory, &request, threads);
    let table = match options.show {
        CapabilityTable::Months => tables::capability_table(&counted()?.months)?,
        CapabilityTable::Ties => tables::dated_tie_table(&counted()?.ties)?,
        CapabilityTable::Means => means_of(&opened.observatory, &request, threads)?,
    };
    print(&table, options.format)
}

fn counted(
    observatory: &Observatory,
    request: &CapabilityRequest,
    threads: usize,
) -> Result<Capability> {
    let step = Step::begin("count attacks by organisation");
    let found = capability::capability(observatory, request, threads)?;
    step.end(&format!("{} months of organisations", found.months.len()));
    Ok(found)
}

fn means_of(
    observatory: &Observatory,
    request: &CapabilityRequest,
    threads: usize,
) -> Result<Table> {
    let step = Step::begin("gather coded means of attack");
    let rows = means::means(observatory, request, threads)?;
    step.end(&format!("{} rows", rows.len()));
    Ok(tables::means_table(&rows)?)
}
