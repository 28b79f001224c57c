//! `sanad import`.

use std::path::Path;

use sanad_core::place::Level;
use sanad_core::{Parts, Progress};
use sanad_source::registry::Content;
use sanad_store::{ImportFile, ImportReport, Observatory, SeriesOptions, Snapshot};

use crate::args::{AttributeList, Import, ImportFormat};
use crate::command::today;
use crate::error::{Error, Result};
use crate::progress::Step;
use crate::report;

pub(crate) fn run(import: &Import) -> Result<()> {
    if import.card.is_some() && import.files.len() > 1 {
        return Err(Error::Option {
            option: "--card",
            found: format!("one card for {} files", import.files.len()),
            expected: "one file, because a card describes one version of one source",
        });
    }
    let mut observatory = Observatory::open_or_new(&import.folder.observatory)?;
    for (done, path) in import.files.iter().enumerate() {
        let counted = match import.files.len() {
            1 => String::new(),
            files => format!(" ({} of {files})", done + 1),
        };
        let step = Step::begin(format!("import {}{counted}", path.display()));
        let reports = one(&mut observatory, import, path, &step)?;
        step.end("done");
        for done in &reports {
            report::import(done, import.show);
        }
        let kept = observatory.snapshots();
        let (new, is_case) = (&reports, matches!(import.format, ImportFormat::Case));
        let is_concerned = |snapshot: &&Snapshot| {
            is_case || new.iter().any(|report| report.snapshot.id == snapshot.id)
        };
        place(&observatory, kept.iter().filter(is_concerned))?;
    }
    Ok(())
}

/// Says how many of the records of each snapshot have found their place.
fn place<'a>(
    observatory: &Observatory,
    snapshots: impl Iterator<Item = &'a Snapshot>,
) -> Result<()> {
    let snapshots: Vec<&Snapshot> = snapshots.collect();
    let step = Step::begin("look for the places of the records");
    let parts = Parts::new(&step, snapshots.len());
    let mut found = Vec::new();
    for snapshot in snapshots {
        found.extend(observatory.placing_report(snapshot)?.map(|placing| (snapshot, placing)));
        parts.done();
    }
    step.clear();
    for (snapshot, placing) in found {
        report::placing(&snapshot.file, &placing);
    }
    Ok(())
}

fn one(
    observatory: &mut Observatory,
    import: &Import,
    path: &Path,
    progress: &dyn Progress,
) -> Result<Vec<ImportReport>> {
    let (card, strict, today) = (import.card.as_deref(), import.strict, today()?);
    let file = ImportFile { path, card, strict, today, progress };
    let format = match import.format {
        ImportFormat::Public(format) => format,
        ImportFormat::Chronicle => return Ok(vec![observatory.import_chronicle(&file)?]),
        ImportFormat::Case => {
            return Ok(observatory.import_case_reporting(path, strict, today, progress)?);
        }
    };
    let report = match format.content {
        Content::Series { .. } => {
            let options = SeriesOptions { columns: import.columns.clone() };
            observatory.import_series(&file, format, &options)?
        }
        Content::Statements => observatory.import_statements(&file)?,
        Content::Table => {
            let map = import.map.as_deref().unwrap_or_else(|| Path::new(""));
            observatory.import_table(&file, map, import.deletions.as_deref())?
        }
        Content::Survey => {
            let map = import.map.as_deref().unwrap_or_else(|| Path::new(""));
            observatory.import_survey(&file, map)?
        }
        Content::CountryMonths => observatory.import_country_months(&file)?,
        Content::Dyads(_) => observatory.import_dyads(&file, format)?,
        Content::Events => observatory.import_ged(&file)?,
        Content::Boundaries => {
            let list = import.attributes.as_ref();
            let names = list.and_then(|list| list.named(Level::Adm1));
            match (names, list.and_then(AttributeList::level)) {
                (Some(names), _) => observatory.import_named_boundaries(&file, &names)?,
                (None, Some(level)) => observatory.import_boundaries_at(&file, level)?,
                (None, None) => observatory.import_boundaries(&file)?,
            }
        }
    };
    Ok(vec![report])
}
