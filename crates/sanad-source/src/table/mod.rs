//! Any table, by a map that names its columns.
//!
//! A [`Map`] says what the rows are, which column is which field, in what forms dates stand, what
//! the words of a column mean, which rows are about something else, and which ones the publisher
//! has taken back. The table is rewritten with the fields of its kind and read by that kind's own
//! reader, so that every rule of that reader holds. Rows in records and remarks are those of the
//! foreign table.
//!
//! Rows that are counted and give neither record nor remark: `rows deleted`, `rows left out`.

use std::collections::{BTreeMap, BTreeSet};

use sanad_core::diagnostic::Diagnostic;
use sanad_core::{Progress, Silent};

use crate::dyads::Dyads;
use crate::error::Result;
use crate::format::{Content, Publication, SourceFormat};
use crate::ged::{self, EventExtent, Ged};
use crate::plain::{Acts, read_acts, read_observations};
use crate::series::Series;
use crate::statements::Statements;
use crate::{dyads, statements};
use sanad_core::chronicle::KnownIds;

mod field_rule;
mod large;
mod map;
mod rewrite;

pub use large::LargeTable;
pub use map::{Deleted, EVENT_FIELDS, Kind, Map, MapSource};
use rewrite::{FieldTable, rewrite};

/// The format. What a file belongs to is said by its map.
pub const FORMAT: SourceFormat = SourceFormat::new(
    "table",
    "Any table (CSV or Parquet) by a map of its columns, given with --map",
    Publication {
        id: "table",
        title: "A table by a map",
        citation: "as the map says",
        licence: "as the map says",
        url: "",
    },
    Content::Table,
);

/// What the rows of a table became.
#[derive(Debug, Clone)]
pub enum Records {
    /// Events of violence.
    Events(Box<Ged>),
    /// Values of indicators.
    Observations(Series),
    /// Coded messages.
    Statements(Statements),
    /// Acts of states.
    Acts(Acts),
    /// Events between states.
    Dyads(Dyads),
}

/// The columns of a table whose types say what their cells are, by name. What a map says of the form
/// of texts does not concern them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// Columns of dates; their cells are in ISO 8601.
    pub dates: BTreeSet<String>,
    /// Columns of numbers; their cells have a decimal point and nothing between thousands.
    pub numbers: BTreeSet<String>,
}

/// A table, read.
#[derive(Debug, Clone)]
pub struct Table {
    /// The records, with the rows of the foreign table.
    pub records: Records,
    /// Rows of the table without the header.
    pub rows_read: u64,
    /// Rows that are sound and no record, by what they are.
    pub set_aside: BTreeMap<&'static str, u64>,
    /// Remarks, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a table by a map. `deletions` are identifiers that the publisher has taken back, as they
/// stand in the column of `id`. `known` are actors and places of the case and `iso3` its country;
/// statements and acts need the first, events between states the second.
///
/// # Errors
///
/// [`Error::MissingMapped`](crate::Error::MissingMapped) and
/// [`Error::DuplicateColumns`](crate::Error::DuplicateColumns) for the columns of the map;
/// [`Error::NumberForm`](crate::Error::NumberForm) and [`Error::DateOrder`](crate::Error::DateOrder)
/// for a column that cannot be settled;
/// [`Error::Empty`](crate::Error::Empty), [`Error::HeaderOnly`](crate::Error::HeaderOnly),
/// [`Error::Form`](crate::Error::Form). A bad row is a diagnostic.
pub fn read(
    data: &[u8],
    map: &Map,
    deletions: &BTreeSet<String>,
    known: &KnownIds,
    iso3: &str,
) -> Result<Table> {
    read_typed(data, &Typed::default(), map, deletions, known, iso3, &Silent)
}

/// As [`read`], for a table of which some columns have types, as a Parquet file says it. `progress`
/// hears how many MiB of it are read.
///
/// # Errors
///
/// As [`read`].
pub fn read_typed(
    data: &[u8],
    typed: &Typed,
    map: &Map,
    deletions: &BTreeSet<String>,
    known: &KnownIds,
    iso3: &str,
    progress: &dyn Progress,
) -> Result<Table> {
    let mut rewritten = rewrite(data, typed, map, deletions, progress)?;
    let (records, found) = records(&rewritten, map.kind, known, iso3)?;
    let diagnostics = remarks(&mut rewritten, found, map);
    let mut set_aside = rewritten.set_aside;
    let further = match &records {
        Records::Observations(series) => &series.set_aside,
        Records::Dyads(dyads) => &dyads.set_aside,
        _ => &BTreeMap::new(),
    };
    for (&what, &count) in further {
        *set_aside.entry(what).or_insert(0) += count;
    }
    Ok(Table { rows_read: rewritten.rows_read, set_aside, diagnostics, records })
}

/// All remarks about a table, in the order of its rows: those on its cells and those that the reader of
/// its kind `found`. The former are taken out of the table.
fn remarks(rewritten: &mut FieldTable, mut found: Vec<Diagnostic>, map: &Map) -> Vec<Diagnostic> {
    found.iter_mut().for_each(|diagnostic| rewritten.name_duplicate(diagnostic));
    let mut diagnostics = core::mem::take(&mut rewritten.diagnostics);
    diagnostics.extend(of_the_map(found, map).into_iter().map(|diagnostic| named(diagnostic, map)));
    diagnostics.sort_by_key(|diagnostic| diagnostic.row);
    diagnostics
}

/// Remarks without those about fields that the map does not give: that every row lacks a
/// coordinate is no news, and a field that was filled in from another only repeats its fault. One
/// that alone left a row out stays.
fn of_the_map(diagnostics: Vec<Diagnostic>, map: &Map) -> Vec<Diagnostic> {
    let given = |diagnostic: &Diagnostic| {
        map.columns.contains_key(&diagnostic.column) || map.fixed.contains_key(&diagnostic.column)
    };
    let point =
        |diagnostic: &Diagnostic| matches!(diagnostic.column.as_str(), "latitude" | "longitude");
    let rows = |which: &dyn Fn(&Diagnostic) -> bool| {
        diagnostics
            .iter()
            .filter(|diagnostic| !diagnostic.kept && which(diagnostic))
            .map(|diagnostic| diagnostic.row)
            .collect::<BTreeSet<_>>()
    };
    let said = rows(&given);
    let other = rows(&|it| !point(it));
    let repeats = |diagnostic: &Diagnostic| {
        diagnostic.kept
            || said.contains(&diagnostic.row)
            || (point(diagnostic) && other.contains(&diagnostic.row))
    };
    let stays = |diagnostic: &Diagnostic| {
        given(diagnostic) || diagnostic.column.is_empty() || !repeats(diagnostic)
    };
    let stays: Vec<bool> = diagnostics.iter().map(stays).collect();
    diagnostics.into_iter().zip(stays).filter(|(_, stays)| *stays).map(|(it, _)| it).collect()
}

/// A remark with the foreign column beside the field.
fn named(diagnostic: Diagnostic, map: &Map) -> Diagnostic {
    let column = match map.columns.get(&diagnostic.column) {
        Some(column) => format!("{} ({column})", diagnostic.column),
        None => diagnostic.column.clone(),
    };
    Diagnostic { column, ..diagnostic }
}

/// The records of a rewritten table and the remarks about them, with the rows of the foreign one.
fn records(
    rewritten: &FieldTable,
    kind: Kind,
    known: &KnownIds,
    iso3: &str,
) -> Result<(Records, Vec<Diagnostic>)> {
    let csv = rewritten.csv.as_slice();
    let none = rewritten.rows.is_empty();
    let row = |row: u64| rewritten.row(row);
    let (records, mut diagnostics) = match kind {
        Kind::Events => {
            let mut ged =
                if none { no_events() } else { ged::read(csv, &ged::Options::default())? };
            rewritten.finish_events(&mut ged.events);
            let seen = EventExtent::of(&ged.events).months();
            (ged.coverage.from, ged.coverage.to) = (seen.from, seen.to);
            let diagnostics = core::mem::take(&mut ged.diagnostics);
            (Records::Events(Box::new(ged)), diagnostics)
        }
        Kind::Observations => {
            let mut series = if none { Series::default() } else { read_observations(csv, iso3)? };
            series.observations.iter_mut().for_each(|one| one.source_row = row(one.source_row));
            let diagnostics = core::mem::take(&mut series.diagnostics);
            (Records::Observations(series), diagnostics)
        }
        Kind::Statements => {
            let mut all =
                if none { Statements::default() } else { statements::read(csv, &known.actors)? };
            all.statements.iter_mut().for_each(|one| one.source_row = row(one.source_row));
            let diagnostics = core::mem::take(&mut all.diagnostics);
            (Records::Statements(all), diagnostics)
        }
        Kind::Acts => {
            let mut acts = if none { Acts::default() } else { read_acts(csv, known)? };
            acts.rows.iter_mut().for_each(|at| *at = row(*at));
            let diagnostics = core::mem::take(&mut acts.diagnostics);
            (Records::Acts(acts), diagnostics)
        }
        Kind::DyadEvents => {
            let mut all = if none { Dyads::default() } else { dyads::read(csv, iso3)? };
            all.events.iter_mut().for_each(|one| one.source_row = row(one.source_row));
            let diagnostics = core::mem::take(&mut all.diagnostics);
            (Records::Dyads(all), diagnostics)
        }
    };
    diagnostics.iter_mut().for_each(|diagnostic| diagnostic.row = row(diagnostic.row));
    Ok((records, diagnostics))
}

fn no_events() -> Ged {
    Ged {
        events: Default::default(),
        rows_read: 0,
        diagnostics: Vec::new(),
        deaths_in: 0,
        deaths_kept: 0,
        coverage: Default::default(),
        release: None,
    }
}

/// The identifiers of a list of deletions: one per line, or the column `id_column` of a CSV.
///
/// # Errors
///
/// [`Error::Empty`](crate::Error::Empty), [`Error::Form`](crate::Error::Form);
/// [`Error::RowTooLong`](crate::Error::RowTooLong).
pub fn read_deletions(data: &[u8], id_column: &str) -> Result<BTreeSet<String>> {
    if data.trim_ascii().is_empty() {
        // A list of which nothing was deleted.
        return Ok(BTreeSet::new());
    }
    let mut sheet = crate::sheet::Sheet::bare(data, "a list of identifiers", b',')?;
    let mut at = None;
    let mut ids = BTreeSet::new();
    while let Some(row) = sheet.any_row()? {
        if row.is_tags() {
            continue;
        }
        let column = match at {
            Some(column) => column,
            None => {
                let named = (0..row.len()).find(|&it| row.text(it).eq_ignore_ascii_case(id_column));
                at = Some(named.unwrap_or(0));
                if named.is_some() {
                    continue;
                }
                0
            }
        };
        let id = row.text(column);
        if !id.is_empty() {
            ids.insert(id.into_owned());
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests;
