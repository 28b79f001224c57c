//! From a case, an observatory or both to an observatory that holds the case.

use std::path::Path;

use sanad_store::Observatory;
use tempfile::TempDir;

use crate::args::Subject;
use crate::command::today;
use sanad_study::Error as StudyError;

use crate::error::{Error, Result};
use crate::progress::Step;
use crate::report;

/// An observatory that holds the case. A case alone stands in a folder that goes when this value
/// does.
pub(crate) struct Opened {
    pub(crate) observatory: Observatory,
    _temporary: Option<TempDir>,
}

/// Refuses a folder that is no case, before anything is done for it.
pub(crate) fn check(subject: &Subject) -> Result<()> {
    match &subject.case {
        Some(case) if !case.join("case.toml").is_file() => {
            Err(Error::from(StudyError::NotACase { path: case.clone(), missing: "case.toml" }))
        }
        _ => Ok(()),
    }
}

/// Opens what a command is about, and brings the case in where one is named.
pub(crate) fn open(subject: &Subject) -> Result<Opened> {
    check(subject)?;
    let (mut observatory, temporary) = match &subject.observatory {
        Some(folder) => (Observatory::open(folder)?, None),
        None => {
            let folder = tempfile::tempdir().map_err(|source| {
                Error::from(StudyError::Write { what: "a temporary folder".to_owned(), source })
            })?;
            (Observatory::open_or_new(folder.path())?, Some(folder))
        }
    };
    if let Some(case) = &subject.case {
        import_case(&mut observatory, case)?;
    }
    Ok(Opened { observatory, _temporary: temporary })
}

fn import_case(observatory: &mut Observatory, case: &Path) -> Result<()> {
    let step = Step::begin("import the case");
    let reports = observatory.import_case(case, false, today()?)?;
    let remarks: usize = reports.iter().map(|report| report.diagnostics.len()).sum();
    step.end(&format!("{} files, {remarks} diagnostics", reports.len()));
    for report in reports.iter().filter(|report| !report.diagnostics.is_empty()) {
        report::import(report, 5);
    }
    Ok(())
}
