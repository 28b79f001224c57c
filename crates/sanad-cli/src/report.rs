//! What a person reads on stderr.

#![allow(clippy::print_stderr)]

use std::error::Error as _;

use sanad_store::{ImportReport, PlacingReport, UnknownName};

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

/// Names that are shown, and offered as aliases.
const NAMES_SHOWN: usize = 5;

/// Prints what of an import found no place in the case, and aliases that would place it.
pub(crate) fn placing(file: &str, report: &PlacingReport) {
    let [events, deaths] = report.unplaced;
    if events == 0 {
        return;
    }
    let [all_events, all_deaths] = report.total;
    eprintln!(
        "{file}: {events} of {all_events} events of the case's country and {deaths} of {all_deaths} deaths have names \
         that no place has:"
    );
    for unknown in report.names.iter().take(NAMES_SHOWN) {
        let [events, deaths] = unknown.size;
        eprintln!("    {:?}: {events} events, {deaths} deaths", unknown.name);
    }
    if report.names.len() > NAMES_SHOWN {
        eprintln!("    … and {} more names", report.names.len() - NAMES_SHOWN);
    }
    let alike: Vec<(&UnknownName, &[String; 2])> = report
        .names
        .iter()
        .take(NAMES_SHOWN)
        .filter_map(|unknown| Some((unknown, unknown.nearest.as_ref()?)))
        .collect();
    if alike.is_empty() {
        eprintln!(
            "  hint: name them in the case's places.toml, as places or as [[alias]], and import the case again"
        );
        return;
    }
    eprintln!(
        "  hint: if these are the same places, add to the case's places.toml and import the case again:"
    );
    for (unknown, [id, name]) in alike {
        eprintln!("    [[alias]]  # {name}\n    name = {:?}\n    place = {id:?}", unknown.name);
    }
}
