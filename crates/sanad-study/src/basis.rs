//! What the numbers rest on.

use sanad_brief::{Basis, PlacingLine, SourceLine};
use sanad_store::{Observatory, Snapshot, Tally, Unit};

use super::Study;
use super::geography::kind_of;

/// The sources with their versions and hashes, and how much of the record could be put into
/// places.
///
/// Lines on placing are given for the finest unit of the case and, where that is the district, for
/// the province too. Places of their day are meant: what could not be placed then is not placed by
/// looking at today's map.
pub(crate) fn basis(study: &Study, observatory: &Observatory) -> Basis {
    let mut sources: Vec<SourceLine> = observatory.snapshots().iter().map(source_line).collect();
    // Publishers' data before the case's own files; the sort is stable.
    sources.sort_by_key(|source| source.covers.is_none());
    let names = study.book.level_names();
    let finest = format!("{} of its day", kind_of(study.finest_unit()).one(names));
    let mut lines = vec![placing(study, &finest, &study.districts_then)];
    if study.finest_unit() == Unit::Adm2 {
        let province = format!("{} of its day", names.adm1.one);
        lines.push(placing(study, &province, &study.provinces_then));
    }
    let territory_note = study.outline.territory_note.clone();
    Basis { sources, placing: lines, months_apart: study.months_apart.clone(), territory_note }
}

/// Events and deaths by whether their place is known at this unit: `[placed, not placed]`, each a
/// sum over all months counted. A tally whose place is none of the case's counts as not placed.
fn placing(study: &Study, unit: &str, tallies: &[Tally]) -> PlacingLine {
    let sums = |of: fn(&Tally) -> f64| {
        tallies.iter().fold([0.0, 0.0], |mut sums, tally| {
            sums[usize::from(study.book.get(&tally.place_id).is_none())] += of(tally);
            sums
        })
    };
    PlacingLine {
        unit: unit.to_owned(),
        events: sums(|tally| tally.events),
        deaths: sums(|tally| tally.deaths_best),
    }
}

/// An import as the page lists it: rows read and records kept, so that what was left out shows, and
/// the first twelve digits of the file's SHA-256. `covers` is `None` for files of the case itself,
/// which state no months.
fn source_line(snapshot: &Snapshot) -> SourceLine {
    let source = &snapshot.source;
    SourceLine {
        label: source.label(),
        title: source.title.clone(),
        citation: source.citation.clone(),
        licence: source.licence.clone(),
        url: source.url.clone(),
        accessed: source.accessed,
        covers: source.coverage.from.zip(source.coverage.to).map(|(from, to)| [from, to]),
        rows: [snapshot.rows_read, snapshot.records_kept],
        diagnostics: snapshot.diagnostics.iter().map(|(issue, n)| (issue.clone(), *n)).collect(),
        sha256: snapshot.sha256[..12].to_owned(),
    }
}
