//! From a case, an observatory or both to an observatory that holds the case, without a change to the one
//! that is read.

use std::path::{Path, PathBuf};

use sanad_store::{Observatory, ScratchFolder};

use crate::args::Subject;
use crate::command::{self, today};
use sanad_study::Error as StudyError;

use crate::error::{Error, Result};
use crate::progress::Step;
use crate::report;

/// An observatory that holds the case. What the case brings stands in a folder that goes when this
/// value does.
pub(crate) struct Opened {
    pub(crate) observatory: Observatory,
    /// What was said of the files of the case that was named.
    pub(crate) diagnostics: usize,
    _scratch: Option<ScratchFolder>,
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

/// Opens what a command is about. A case that is named takes the place of the one in the observatory,
/// for this command: only `sanad import` changes an observatory.
pub(crate) fn open(subject: &Subject) -> Result<Opened> {
    check(subject)?;
    let records = subject.observatory.as_deref().map(command::open).transpose()?;
    let Some(case) = &subject.case else {
        // One of the two is there: the command line asks for it.
        let lacking = || StudyError::NotACase { path: PathBuf::new(), missing: "case.toml" };
        let observatory = records.ok_or_else(|| Error::from(lacking()))?;
        return Ok(Opened { observatory, diagnostics: 0, _scratch: None });
    };
    let folder = ScratchFolder::new()?;
    let mut of_case = Observatory::open_or_new(folder.path())?;
    let diagnostics = read_case(&mut of_case, case)?;
    let observatory = match records {
        Some(records) => records.followed_by(&of_case)?,
        None => of_case,
    };
    Ok(Opened { observatory, diagnostics, _scratch: Some(folder) })
}

/// Reads a case, and says how many diagnostics there were.
fn read_case(observatory: &mut Observatory, case: &Path) -> Result<usize> {
    let step = Step::begin("read the case's files");
    let reports = observatory.import_case_reporting(case, false, today()?, &step)?;
    let diagnostics: usize = reports.iter().map(|report| report.diagnostics.len()).sum();
    step.end(&format!("{} files, {diagnostics} diagnostics", reports.len()));
    for report in reports.iter().filter(|report| !report.diagnostics.is_empty()) {
        report::import(report, 5);
    }
    Ok(diagnostics)
}
