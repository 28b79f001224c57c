//! What a person reads on stderr.

use std::error::Error as _;
use std::io::Write as _;

use sanad_core::escape::lines;

use sanad_store::{ImportReport, PlacingReport, UnknownName};

use crate::error::Error;

/// Writes a line of talk to stderr, without what a terminal would obey. Talk that cannot be written is
/// dropped: a full disk or a closed pipe behind stderr is no reason to fail.
pub(crate) fn talk(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", lines(text));
}

/// Formats a line of talk and [writes](talk()) it.
macro_rules! say {
    ($($part:tt)*) => { $crate::report::talk(&format!($($part)*)) };
}
pub(crate) use say;

/// Prints an error with its causes and what to do.
pub(crate) fn error(error: &Error) {
    let message = error.message();
    say!("error: {message}");
    let mut cause = error.source();
    let mut said = message;
    while let Some(reason) = cause {
        // Some libraries repeat a cause in the words of what it causes.
        let reason_text = reason.to_string();
        if !said.contains(&reason_text) {
            say!("  because: {reason_text}");
            said = reason_text;
        }
        cause = reason.source();
    }
    if let Some(hint) = error.hint() {
        say!("hint: {hint}");
    }
}

/// Prints a remark.
pub(crate) fn note(text: &str) {
    say!("note: {text}");
}

/// Prints what an import did.
pub(crate) fn import(report: &ImportReport, show: usize) {
    let snapshot = &report.snapshot;
    if report.already {
        say!(
            "{}: the same bytes are in the observatory as {}; nothing changed",
            snapshot.file,
            snapshot.id
        );
        return;
    }
    for path in &report.restored {
        say!("{}: wrote {} again, which was missing or damaged", snapshot.file, path.display());
    }
    say!("{} imported as {}", snapshot.file, snapshot.id);
    say!("  rows read      {:>9}", snapshot.rows_read);
    say!("  records kept   {:>9}", snapshot.records_kept);
    for (what, count) in &snapshot.set_aside {
        say!("  {what:<15}{count:>9}");
    }
    let total: u64 = snapshot.diagnostics.values().sum();
    say!("  diagnostics    {total:>9}");
    for (issue, count) in &snapshot.diagnostics {
        say!("    {issue:<18}{count:>5}");
    }
    if snapshot.deaths_in != 0 || snapshot.deaths_kept != 0 {
        say!("  deaths in      {:>9}", snapshot.deaths_in);
        say!("  deaths kept    {:>9}", snapshot.deaths_kept);
    }
    let coverage = &snapshot.source.coverage;
    if let (Some(from), Some(to)) = (coverage.from, coverage.to) {
        let how = if coverage.inferred { ", read off the file" } else { "" };
        let countries = coverage.countries.len();
        say!("  covers         {from} to {to}, countries: {countries}{how}");
    }
    if let Some(replaced) = &report.replaces {
        say!("  replaces       {replaced}, which stays readable with --as-of");
    }
    for diagnostic in report.diagnostics.iter().take(show) {
        say!("  {diagnostic}");
    }
    // A file that is read in parts reports no more than its first.
    let left = total.saturating_sub(report.diagnostics.len().min(show) as u64);
    if left > 0 {
        say!(
            "  … and {left} more; all of them: sanad sql --observatory DIR \"SELECT * FROM diagnostics\""
        );
    }
}

/// Names that are shown, and offered as aliases.
const NAMES_SHOWN: usize = 5;

/// Prints what of an import found no place in the case, and aliases that would place it.
pub(crate) fn placing(file: &str, report: &PlacingReport) {
    let [events, deaths] = report.unplaced;
    if events == 0 {
        return;
    }
    let [all_events, all_deaths] = report.total;
    say!(
        "{file}: {events} of {all_events} events of the case's country and {deaths} of {all_deaths} deaths have names \
         that no place has:"
    );
    for unknown in report.names.iter().take(NAMES_SHOWN) {
        let [events, deaths] = unknown.size;
        say!("    {:?}: {events} events, {deaths} deaths", unknown.name);
    }
    if report.names.len() > NAMES_SHOWN {
        say!("    … and {} more names", report.names.len() - NAMES_SHOWN);
    }
    let alike: Vec<(&UnknownName, &[String; 2])> = report
        .names
        .iter()
        .take(NAMES_SHOWN)
        .filter_map(|unknown| Some((unknown, unknown.nearest.as_ref()?)))
        .collect();
    if alike.is_empty() {
        say!(
            "  hint: name them in the case's places.toml, as places or as [[alias]], and import the case again"
        );
        return;
    }
    say!(
        "  hint: if these are the same places, add to the case's places.toml and import the case again:"
    );
    for (unknown, [id, name]) in alike {
        say!("    [[alias]]  # {name}\n    name = {:?}\n    place = {id:?}", unknown.name);
    }
}
