//! What a person reads on stderr.

#![allow(clippy::print_stderr)]

use std::error::Error as _;

use sanad_store::ImportReport;

use crate::error::Error;

/// Prints an error with its causes and what to do.
pub(crate) fn error(error: &Error) {
    let message = error.message();
    eprintln!("error: {message}");
    let mut cause = error.source();
    let mut said = message;
    while let Some(reason) = cause {
        // Some libraries repeat a cause in the words of what it causes.
        let reason_text = reason.to_string();
        if !said.contains(&reason_text) {
            eprintln!("  because: {reason_text}");
            said = reason_text;
        }
        cause = reason.source();
    }
    if let Some(hint) = error.hint() {
        eprintln!("hint: {hint}");
    }
}

/// Prints a remark.
pub(crate) fn note(text: &str) {
    eprintln!("note: {text}");
}

/// Prints what an import did.
pub(crate) fn import(report: &ImportReport, show: usize) {
    let snapshot = &report.snapshot;
    if report.already {
        eprintln!(
            "{}: the same bytes are in the observatory as {}; nothing changed",
            snapshot.file, snapshot.id
        );
        return;
    }
    eprintln!("{} imported as {}", snapshot.file, snapshot.id);
    eprintln!("  rows read      {:>9}", snapshot.rows_read);
    eprintln!("  records kept   {:>9}", snapshot.records_kept);
    for (what, count) in &snapshot.set_aside {
        eprintln!("  {what:<15}{count:>9}");
    }
    let total: u64 = snapshot.diagnostics.values().sum();
    eprintln!("  diagnostics    {total:>9}");
    for (issue, count) in &snapshot.diagnostics {
        eprintln!("    {issue:<18}{count:>5}");
    }
    if snapshot.deaths_in != 0 || snapshot.deaths_kept != 0 {
        eprintln!("  deaths in      {:>9}", snapshot.deaths_in);
        eprintln!("  deaths kept    {:>9}", snapshot.deaths_kept);
    }
    let coverage = &snapshot.source.coverage;
    if let (Some(from), Some(to)) = (coverage.from, coverage.to) {
        let how = if coverage.inferred { ", read off the file" } else { "" };
        let countries = coverage.countries.len();
        eprintln!("  covers         {from} to {to}, countries: {countries}{how}");
    }
    if let Some(replaced) = &report.replaces {
        eprintln!("  replaces       {replaced}, which stays readable with --as-of");
    }
    for diagnostic in report.diagnostics.iter().take(show) {
        eprintln!("  {diagnostic}");
    }
    if report.diagnostics.len() > show {
        let left = report.diagnostics.len() - show;
        eprintln!(
            "  … and {left} more; all of them: sanad sql --observatory DIR \"SELECT * FROM diagnostics\""
        );
    }
}
