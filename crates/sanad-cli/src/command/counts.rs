//! `sanad counts`.

use sanad_store::{Observatory, export};

use crate::args::Counts;
use crate::command::check_ending;
use crate::error::Result;
use crate::progress::Step;

pub(crate) fn run(counts: &Counts, threads: usize) -> Result<()> {
    check_ending(&counts.out)?;
    let observatory = Observatory::open(&counts.folder.observatory)?;
    let step = Step::begin("counts");
    let table = observatory.counts(&counts.source, counts.country, None, threads)?;
    export::write_file(&table, None, &counts.out)?;
    step.end(&format!("{} rows", table.num_rows()));
    Ok(())
}
