//! `sanad update`: fetch what a case names, import it, brief.

use std::collections::BTreeMap;
use std::path::Path;

use sanad_case::{Case, read_case};
use sanad_core::country::Country;
use sanad_fetch::{FileRow, Wish, country_values};
use sanad_source::registry;

use crate::args::{Brief, Folder, Import, ImportFormat, Subject, UpdateArgs};
use crate::command::{brief, fetch, import};
use crate::error::{Error, Result};
use crate::report;

/// Diagnostics of an import that are shown.
const DIAGNOSTICS_SHOWN: usize = 5;

pub(crate) fn run(update: &UpdateArgs, threads: usize) -> Result<()> {
    let case = read_case(&fetch::case_text(&update.case)?)?;
    if case.updates.is_empty() {
        return Err(Error::NothingToUpdate { path: update.case.join("case.toml") });
    }
    let rows = fetch::fetched(&update.network, &wishes(&case), values(&case), &update.into)?;
    if update.network.dry_run {
        return Ok(());
    }
    // A briefing without anything new would look like one with it.
    if rows.iter().all(|row| row.file.is_none()) {
        return fetch::complain(&rows);
    }
    import::run(&import_of(update, ImportFormat::Case, &update.case, None))?;
    for row in &rows {
        import_row(update, &case, row)?;
    }
    let subject = Subject { case: None, observatory: Some(update.observatory.clone()) };
    brief::run(&Brief { subject, out: update.out.clone(), quick: update.quick }, threads)?;
    fetch::complain(&rows)
}

fn wishes(case: &Case) -> Vec<Wish> {
    let wish = |update: &sanad_case::DeclaredUpdate| Wish {
        source: update.source.clone(),
        version: update.release.clone(),
        values: update.values.clone(),
    };
    case.updates.iter().map(wish).collect()
}

/// What the case's country fills in; its own Gleditsch–Ward number counts, whatever a list says.
fn values(case: &Case) -> BTreeMap<String, String> {
    let mut values = Country::of_code(&case.iso3).map_or_else(
        || {
            let iso3 = ("iso3".to_owned(), case.iso3.to_lowercase());
            BTreeMap::from([iso3, ("ISO3".to_owned(), case.iso3.clone())])
        },
        |country| country_values(&country),
    );
    values.insert("gwno".to_owned(), case.gwno.to_string());
    values
}

/// Imports a file that is whole and checked; only such files have a path in their row.
fn import_row(update: &UpdateArgs, case: &Case, row: &FileRow) -> Result<()> {
    let (Some(file), Some(word)) = (&row.file, &row.format) else {
        if row.file.is_some() {
            report::note(&format!("{} was fetched and has no importer of its own", row.source));
        }
        return Ok(());
    };
    let format = registry::format(word).ok_or_else(|| Error::Option {
        option: "--catalogue",
        found: format!("the format {word} of {}", row.source),
        expected: "a word of sanad import",
    })?;
    let columns = case.updates.iter().find(|declared| declared.source == row.source);
    let columns = columns.map(|declared| declared.columns.clone()).unwrap_or_default();
    let import = import_of(update, ImportFormat::Public(format), file, row.card.as_deref());
    import::run(&Import { columns, ..import })
}

fn import_of(
    update: &UpdateArgs,
    format: ImportFormat,
    file: &Path,
    card: Option<&Path>,
) -> Import {
    Import {
        format,
        files: vec![file.to_owned()],
        folder: Folder { observatory: update.observatory.clone() },
        card: card.map(Path::to_owned),
        attributes: None,
        columns: Vec::new(),
        map: None,
        deletions: None,
        strict: false,
        show: DIAGNOSTICS_SHOWN,
    }
}
