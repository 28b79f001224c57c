//! `sanad brief`.

use std::path::Path;

use sanad_store::{Observatory, export};

use crate::args::Brief;
use crate::command::today;
use crate::error::{Error, Result};
use crate::progress::Step;
use crate::report;
use crate::study::Study;

pub(crate) fn run(brief: &Brief, threads: usize) -> Result<()> {
    if !brief.case.join("case.toml").is_file() {
        return Err(Error::NotACase { path: brief.case.clone(), missing: "case.toml" });
    }
    match &brief.observatory {
        Some(folder) => {
            let mut observatory = Observatory::open(folder)?;
            import_case(&mut observatory, &brief.case)?;
            write(&observatory, brief, threads)
        }
        None => {
            let folder = tempfile::tempdir()
                .map_err(|source| Error::Write { what: "a temporary folder".to_owned(), source })?;
            let mut observatory = Observatory::open_or_new(folder.path())?;
            import_case(&mut observatory, &brief.case)?;
            write(&observatory, brief, threads)
        }
    }
}

fn import_case(observatory: &mut Observatory, case: &Path) -> Result<()> {
    let step = Step::begin("import the case");
    let reports = observatory.import_case(case, false, today())?;
    let remarks: usize = reports.iter().map(|report| report.diagnostics.len()).sum();
    step.end(&format!("{} files, {remarks} diagnostics", reports.len()));
    for report in reports.iter().filter(|report| !report.diagnostics.is_empty()) {
        report::import(report, 5);
    }
    Ok(())
}

fn write(observatory: &Observatory, brief: &Brief, threads: usize) -> Result<()> {
    let study = Study::read(observatory, threads)?;
    let briefing = study.brief(observatory, today())?;
    let step = Step::begin("draw and write");
    let page = sanad_brief::render(&briefing)?;
    export::write_text(&brief.out, &page)?;
    step.end(&format!("{} ({} kB)", brief.out.display(), page.len() / 1000));
    Ok(())
}
