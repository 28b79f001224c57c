//! `sanad counts`.

use sanad_store::{day_table, export};

use crate::args::CountsArgs;
use crate::command::{check_ending, open};
use sanad_study::Error as StudyError;

use crate::error::{Error, Result};
use crate::progress::Step;
use sanad_study::kinds;

pub(crate) fn run(counts: &CountsArgs, threads: usize) -> Result<()> {
    check_ending(&counts.out)?;
    let observatory = open(&counts.folder.observatory)?;
    let step = Step::begin("counts");
    let table = if counts.days {
        let kinds = kinds::declared(&observatory)?
            .ok_or(Error::from(StudyError::CaseLacks { missing: "cycle" }))?;
        let of = (counts.source.as_str(), counts.country);
        day_table(&kinds::count(&observatory, &kinds, of, threads)?)?
    } else {
        observatory.counts(&counts.source, counts.country, None, threads)?
    };
    export::write_file(&table, None, &counts.out)?;
    step.end(&format!("{} rows", table.num_rows()));
    Ok(())
}
