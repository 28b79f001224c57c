//! What a person reads on stderr.

use std::error::Error as _;

use sanad_store::ImportReport;

use crate::error::Error;

/// Prints an error with its causes and what to do.
pub(crate) fn error(error: &Error) {
    let message = error.message();
    talk!("error: {message}");
    let mut cause = error.source();
    let mut said = message;
    while let Some(reason) = cause {
        // Some libraries repeat a cause in the words of what it causes.
        let reason_text = reason.to_string();
        if !said.contains(&reason_text) {
            talk!("  because: {reason_text}");
            said = reason_text;
        }
        cause = reason.source();
    }
    if let Some(hint) = error.hint() {
        talk!("hint: {hint}");
    }
}

/// Prints a remark.
pub(crate) fn note(text: &str) {
    talk!("note: {text}");
}

/// Prints what an import did.
pub(crate) fn import(report: &ImportReport, show: usize) {
    let snapshot = &report.snapshot;
    if report.already {
        talk!(
            "{}: the same bytes are in the observatory as {}; nothing changed",
            snapshot.file,
            snapshot.id
        );
        return;
    }
    for path in &report.restored {
        talk!("{}: wrote {} again, which was missing or damaged", snapshot.file, path.display());
    }
    talk!("{} imported as {}", snapshot.file, snapshot.id);
    talk!("  rows read      {:>9}", snapshot.rows_read);
    talk!("  records kept   {:>9}", snapshot.records_kept);
    for (what, count) in &snapshot.set_aside {
        talk!("  {what:<15}{count:>9}");
    }
    let total: u64 = snapshot.diagnostics.values().sum();
    talk!("  diagnostics    {total:>9}");
    for (issue, count) in &snapshot.diagnostics {
        talk!("    {issue:<18}{count:>5}");
    }
    if snapshot.deaths_in != 0 || snapshot.deaths_kept != 0 {
        talk!("  deaths in      {:>9}", snapshot.deaths_in);
        talk!("  deaths kept    {:>9}", snapshot.deaths_kept);
    }
    let coverage = &snapshot.source.coverage;
    if let (Some(from), Some(to)) = (coverage.from, coverage.to) {
        let how = if coverage.inferred { ", read off the file" } else { "" };
        let countries = coverage.countries.len();
        talk!("  covers         {from} to {to}, countries: {countries}{how}");
    }
    if let Some(replaced) = &report.replaces {
        talk!("  replaces       {replaced}, which stays readable with --as-of");
    }
    for diagnostic in report.diagnostics.iter().take(show) {
        talk!("  {diagnostic}");
    }
    if report.diagnostics.len() > show {
        let left = report.diagnostics.len() - show;
        talk!(
            "  … and {left} more; all of them: sanad sql --observatory DIR \"SELECT * FROM diagnostics\""
        );
    }
}
