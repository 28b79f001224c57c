//! Records that were opened: an observatory's, or those of a case that was read into a temporary one.

use std::path::Path;
use std::sync::OnceLock;

use chrono::NaiveDate;
use sanad_core::Progress;
use sanad_store::{Observatory, ScratchFolder};
use sanad_study::{Error as StudyError, Study};

use crate::call_error::CallResult;

/// An opened record, shared with the threads that work on it.
pub(crate) struct OpenedRecord {
    pub(crate) observatory: Observatory,
    /// What was read of it for the analyses of a case, once that was asked for.
    study: OnceLock<Study>,
    pub(crate) threads: usize,
    pub(crate) today: NaiveDate,
    /// Where the files of a case were read into; goes with this value.
    _scratch: Option<ScratchFolder>,
}

impl OpenedRecord {
    /// The records of an observatory as they are.
    pub(crate) const fn new(observatory: Observatory, threads: usize, today: NaiveDate) -> Self {
        Self { observatory, study: OnceLock::new(), threads, today, _scratch: None }
    }

    /// What the analyses of a case read, read when it is first asked for.
    pub(crate) fn study(&self, progress: &dyn Progress) -> CallResult<&Study> {
        if let Some(study) = self.study.get() {
            return Ok(study);
        }
        // Two threads that ask first at the same time both read; what they read is the same.
        let study = Study::read(&self.observatory, self.threads, progress)?;
        Ok(self.study.get_or_init(|| study))
    }
}

/// Where a case and the records to read with it lie, and the day on which it is read.
pub(crate) struct CaseSource<'a> {
    pub(crate) case: &'a Path,
    pub(crate) observatory: Option<&'a Path>,
    pub(crate) today: NaiveDate,
}

impl CaseSource<'_> {
    /// Reads the case into a temporary folder that goes with the result, over the records of the observatory if
    /// one is named.
    pub(crate) fn open(&self, threads: usize, progress: &dyn Progress) -> CallResult<OpenedRecord> {
        let Self { case, today, .. } = *self;
        if !case.join("case.toml").is_file() {
            return Err(StudyError::NotACase { path: case.to_owned(), missing: "case.toml" }.into());
        }
        let records = self.observatory.map(Observatory::open).transpose()?;
        let folder = ScratchFolder::new()?;
        let mut imported = Observatory::open_or_new(folder.path())?;
        progress.begin("read the case's files");
        let reports = imported.import_case_reporting(case, false, today, progress)?;
        for report in reports.iter().filter(|report| !report.diagnostics.is_empty()) {
            let count = report.diagnostics.len();
            progress.note(&format!("{}: {count} diagnostics", report.snapshot.file));
        }
        let observatory = match records {
            Some(records) => records.followed_by(&imported)?,
            None => imported,
        };
        let opened = OpenedRecord::new(observatory, threads, today);
        Ok(OpenedRecord { _scratch: Some(folder), ..opened })
    }
}
