//! `sanad brief`.

use sanad_store::export;

use crate::args::Brief;
use crate::command::{subject, today};
use crate::error::Result;
use crate::progress::{Step, Terminal};
use sanad_study::{BriefOptions, Study};

pub(crate) fn run(brief: &Brief, threads: usize) -> Result<()> {
    let opened = subject::open(&brief.subject)?;
    let study = Study::read(&opened.observatory, threads, &Terminal::default())?;
    let options = BriefOptions { day: today()?, quick: brief.quick, threads };
    let briefing = sanad_study::brief(&study, &opened.observatory, options, &Terminal::default())?;
    let step = Step::begin("draw and write");
    let page = sanad_brief::render(&briefing)?;
    export::write_text(&brief.out, &page)?;
    step.end(&format!("{} ({} kB)", brief.out.display(), page.len() / 1000));
    Ok(())
}
