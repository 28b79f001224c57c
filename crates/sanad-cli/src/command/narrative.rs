//! `sanad narrative` and `sanad agreement`.

use sanad_evidence::statements::agreement::Bootstrap;
use sanad_study::agreement::coder_agreement;
use sanad_study::tables::{agreement_table, narrative_table};
use sanad_study::{Study, narrative};

use crate::args::{AgreementArgs, NarrativeArgs};
use crate::command::{print, subject};
use crate::error::Result;
use crate::progress::{Step, Terminal};
use crate::report;

pub(crate) fn narrative(request: &NarrativeArgs, threads: usize) -> Result<()> {
    let opened = subject::open(&request.subject)?;
    let study = Study::read(&opened.observatory, threads, &Terminal::default())?;
    let step = Step::begin("measure the narrative front");
    let found = narrative::measure(&study, &opened.observatory, threads)?;
    step.end(&format!("{} statements, from the {}", found.statements, found.basis));
    if !found.unknown_frames.is_empty() {
        let frames = found.unknown_frames.join(", ");
        report::note(&format!("frames that the codebook does not have, left out: {frames}"));
    }
    print(&narrative_table(&found.rows)?, request.format)
}

/// Agreement of coders on a file with one row per coding.
pub(crate) fn agreement(request: &AgreementArgs) -> Result<()> {
    let bootstrap = Bootstrap { resamples: request.resamples, level: 0.9, seed: request.seed };
    let lines = coder_agreement(&request.file, &request.column, &bootstrap)?;
    print(&agreement_table(&lines)?, request.format)
}
