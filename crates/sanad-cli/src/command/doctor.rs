//! `sanad doctor` and `sanad compact`.

use sanad_store::doctor::{Examination, Finding, examine, repair};
use sanad_store::{Columns, Observatory, Table};

use crate::args::{Compact, DoctorArgs};
use crate::command::print;
use crate::error::{Error, Result};
use crate::progress::Step;

/// One million bytes.
const MEGABYTE: f64 = 1e6;

pub(crate) fn doctor(request: &DoctorArgs) -> Result<()> {
    let step = Step::begin("check every file");
    let folder = &request.folder.observatory;
    let examined = if request.repair { repair(folder)? } else { examine(folder)? };
    let megabytes = examined.bytes as f64 / MEGABYTE;
    let found = examined.findings.len();
    step.end(&format!("{} files, {megabytes:.1} MB, findings: {found}", examined.files));
    print(&findings(&examined)?, request.format)?;
    if examined.is_damaged() {
        return Err(Error::Damage { path: folder.clone() });
    }
    Ok(())
}

/// A row for each finding.
fn findings(examined: &Examination) -> Result<Table> {
    let all = &examined.findings;
    let text = |of: fn(&Finding) -> String| all.iter().map(move |one| Some(of(one)));
    Ok(Columns::default()
        .text("what", text(|one| one.severity.as_str().to_owned()))
        .text("file", text(|one| one.path.display().to_string()))
        .text("problem", text(|one| one.problem.clone()))
        .text("remedy", text(|one| one.remedy.clone()))
        .flag("repaired", all.iter().map(|one| one.repaired).collect::<Vec<_>>())
        .finish()?)
}

pub(crate) fn compact(request: &Compact) -> Result<()> {
    let step = Step::begin("compact");
    let done = Observatory::open(&request.folder.observatory)?.compact()?;
    let [before, after] = [done.bytes_before, done.bytes_after].map(|it| it as f64 / MEGABYTE);
    step.end(&format!(
        "{} files of {before:.1} MB became {} files of {after:.1} MB",
        done.files_before, done.files_after
    ));
    Ok(())
}
