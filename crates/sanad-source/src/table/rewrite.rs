//! A foreign table into one with the fields of its kind.
//!
//! It is read twice. The first reading looks at whole columns and decides how their numbers and dates
//! are read ([`FieldColumns::judge`]); the second writes each row anew, with numbers in plain decimals and
//! days in ISO 8601, so that the reader of the kind has nothing left to decide.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use chrono::format::{Parsed, StrftimeItems, parse};
use chrono::{Datelike, NaiveDate};
use rayon::prelude::*;
use sanad_core::Progress;
use sanad_core::diagnostic::{Diagnostic, Issue};
use sanad_core::event::{Events, Means, Words};

use super::Typed;
use super::field_rule::{EventDefaults, FieldRule};
use super::map::{Kind, MEANS, Map};
use crate::error::{Error, MissingColumn, Result};
use crate::number::NumberEvidence;
use crate::sheet::{Row, Sheet, nearest};
use crate::value::{DayEvidence, DayOrder};

/// What a file of this kind is, for messages.
const EXPECTED: &str = "a table with a header";

/// A table, or a stretch of its rows, with the fields of its kind as columns.
#[derive(Default)]
pub(super) struct FieldTable {
    /// Its header and its rows.
    pub(super) csv: Vec<u8>,
    /// Row in the foreign table of each row after the header.
    pub(super) rows: Vec<u64>,
    /// Identifiers of the foreign table, row by row, where the rewritten one has numbers in their
    /// place.
    ids: Vec<String>,
    /// Means of attack row by row, where the map gives them.
    pub(super) means: Vec<String>,
    pub(super) rows_read: u64,
    pub(super) set_aside: BTreeMap<&'static str, u64>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl FieldTable {
    /// Adds rows that follow, without their header.
    fn append(&mut self, mut later: Self) {
        self.csv.append(&mut later.csv);
        self.rows.append(&mut later.rows);
        self.ids.append(&mut later.ids);
        self.means.append(&mut later.means);
        self.diagnostics.append(&mut later.diagnostics);
        for (what, count) in later.set_aside {
            *self.set_aside.entry(what).or_insert(0) += count;
        }
    }

    /// Names a duplicate by the identifier that the foreign table has, not by the number that was
    /// made of it. The remark has a row of the foreign table.
    pub(super) fn name_duplicate(&self, diagnostic: &mut Diagnostic) {
        if diagnostic.issue != Issue::DuplicateId || diagnostic.column != "id" {
            return;
        }
        let id = self.rows.binary_search(&diagnostic.row).ok().and_then(|at| self.ids.get(at));
        if let Some(id) = id {
            let expected = "an identifier that no earlier row has";
            *diagnostic =
                Diagnostic::rejected(diagnostic.row, "id", diagnostic.issue, id, expected);
        }
    }

    /// Gives events that were read of the rewritten table their means of attack and their rows in the
    /// foreign one.
    pub(super) fn finish_events(&self, events: &mut Events) {
        events.means = self.means_of(&events.row);
        for at in &mut events.row {
            *at = u32::try_from(self.row(u64::from(*at))).unwrap_or(u32::MAX);
        }
    }

    /// The means of attack of these rows of the rewritten table; `None` where the map gives none.
    fn means_of(&self, rows: &[u32]) -> Option<Words> {
        if self.means.is_empty() {
            return None;
        }
        let mut words = Words::default();
        let mut codes = BTreeMap::from([("", 0)]);
        for &row in rows {
            // The header is row 1.
            let position = (row as usize).saturating_sub(2);
            let text = self.means.get(position).map_or("", String::as_str);
            let code = *codes.entry(text).or_insert_with(|| {
                words.values.push(text.to_owned());
                words.values.len() as u32 - 1
            });
            words.codes.push(code);
        }
        Some(words)
    }

    /// The row in the foreign table of row `row` of the rewritten one.
    pub(super) fn row(&self, row: u64) -> u64 {
        let at = usize::try_from(row).unwrap_or(0).saturating_sub(2);
        self.rows.get(at).copied().unwrap_or(0)
    }
}

/// Rewrites `data` by `map`, without the rows whose identifier is among `deletions`.
pub(super) fn rewrite(
    data: &[u8],
    typed: &Typed,
    map: &Map,
    deletions: &BTreeSet<String>,
    progress: &dyn Progress,
) -> Result<FieldTable> {
    let mut sheet = open(data, map)?;
    sheet.report_to(progress);
    let mut columns = FieldColumns::find(&sheet, map)?;
    columns.judge(&sheet, typed, map)?;
    let rewriter = Rewriter::new(&columns, map, deletions);
    let mut table = rewriter.rows(&mut sheet, usize::MAX)?;
    let diagnostics = core::mem::take(&mut table.diagnostics);
    (table.rows_read, table.diagnostics) = sheet.finish(diagnostics)?;
    Ok(table)
}

/// Rows that are rewritten side by side, and rows that one task rewrites.
const BATCH_ROWS: usize = 1 << 14;
const TASK_ROWS: usize = 1 << 10;

/// Writes rows anew, by columns that are judged.
pub(super) struct Rewriter<'a> {
    columns: &'a FieldColumns,
    map: &'a Map,
    deletions: &'a BTreeSet<String>,
    /// How each field of the kind gets its value; what is not written helps to fill in others.
    rules: Vec<FieldRule<'a>>,
    /// The rules whose values are written, by position.
    written: Vec<usize>,
    /// How events are filled in, where they are.
    events: Option<EventDefaults>,
    /// Columns of texts, with their names for remarks.
    texts: Vec<(usize, String)>,
}

impl<'a> Rewriter<'a> {
    pub(super) fn new(
        columns: &'a FieldColumns,
        map: &'a Map,
        deletions: &'a BTreeSet<String>,
    ) -> Self {
        let fields = map.kind.fields().iter().filter(|field| **field != MEANS);
        let rules: Vec<FieldRule<'a>> =
            fields.map(|&field| FieldRule::of(columns, map, field)).collect();
        let is_of_events = map.kind == Kind::Events;
        // A reader of events wants all of its own columns, and takes countries by their number.
        let is_written = |at: &usize| !(is_of_events && rules[*at].field == "iso3");
        let written = (0..rules.len()).filter(is_written).collect();
        let events = is_of_events.then(|| EventDefaults::of(&rules));
        Self { columns, map, deletions, written, events, rules, texts: columns.named(map) }
    }

    /// The next rows of a sheet, at least `least` of them unless it ends before, and remarks on them.
    /// Those on rows of another width stay with the sheet.
    pub(super) fn rows<R: Read>(
        &self,
        sheet: &mut Sheet<'_, R>,
        least: usize,
    ) -> Result<FieldTable> {
        let mut table = FieldTable::default();
        let mut header = csv::Writer::from_writer(Vec::new());
        // Writing into memory cannot fail.
        let _ = header.write_record(self.written.iter().map(|&at| self.rules[at].field));
        table.csv = header.into_inner().unwrap_or_default();
        let batch_rows = BATCH_ROWS.min(least);
        loop {
            let mut batch = Vec::new();
            while batch.len() < batch_rows {
                let Some(row) = sheet.row()? else { break };
                batch.push(row);
            }
            table.rows_read += batch.len() as u64;
            let pieces: Vec<FieldTable> =
                batch.par_chunks(TASK_ROWS).map(|rows| self.rewritten(rows)).collect();
            pieces.into_iter().for_each(|piece| table.append(piece));
            if batch.len() < batch_rows || table.rows_read >= least as u64 {
                return Ok(table);
            }
        }
    }

    /// Rows anew, without a header.
    fn rewritten(&self, rows: &[Row]) -> FieldTable {
        let mut table = FieldTable::default();
        let mut out = csv::Writer::from_writer(Vec::new());
        let texts: Vec<(usize, &str)> =
            self.texts.iter().map(|(at, name)| (*at, name.as_str())).collect();
        for row in rows {
            if let Some(what) = self.columns.aside(row, self.map, self.deletions) {
                *table.set_aside.entry(what).or_insert(0) += 1;
                continue;
            }
            match self.values(row) {
                Err(diagnostic) => table.diagnostics.push(*diagnostic),
                Ok(values) => {
                    row.note_bad_text(&texts, &mut table.diagnostics);
                    // Writing into memory cannot fail.
                    let _ = out.write_record(self.written.iter().map(|&at| values[at].as_bytes()));
                    table.rows.push(row.number);
                    if gives_means(self.map) {
                        let means = self.columns.means(row, self.map, &mut table.diagnostics);
                        table.means.push(means);
                    }
                    if self.map.kind == Kind::Events {
                        table.ids.push(self.columns.id(row, self.map));
                    }
                }
            }
        }
        table.csv = out.into_inner().unwrap_or_default();
        table
    }

    /// The values of a row by rule, with what follows from others.
    fn values<'r>(
        &'r self,
        row: &'r Row,
    ) -> core::result::Result<Vec<Cow<'r, str>>, Box<Diagnostic>> {
        let values = self.rules.iter().map(|rule| rule.value(row));
        let mut values = values.collect::<core::result::Result<Vec<_>, _>>()?;
        if let Some(events) = &self.events {
            events.fill_in(&mut values);
        }
        Ok(values)
    }
}

/// Whether a map says by what means events were made.
pub(super) fn gives_means(map: &Map) -> bool {
    map.columns.contains_key(MEANS) || map.fixed.contains_key(MEANS)
}

/// The table, from the header on that has every column of the map.
pub(super) fn open<'a>(data: &'a [u8], map: &Map) -> Result<Sheet<'a>> {
    let named: Vec<&str> = map.named().map(String::as_str).collect();
    Sheet::open_below(data, EXPECTED, map.separator(), &named)
}

/// How the dates of a column are read.
#[derive(Debug, Clone)]
pub(super) enum Days {
    /// By one of the map's forms, the one first that reads a cell.
    Forms(Vec<String>),
    /// In ISO 8601, or as a spreadsheet saved them.
    Written(DayOrder),
    /// In ISO 8601, because the column holds dates by its type.
    Typed,
}

/// Where the columns that a map names stand, and how they are read.
pub(super) struct FieldColumns {
    pub(super) of_field: BTreeMap<String, usize>,
    pub(super) days: BTreeMap<&'static str, Days>,
    /// Fields whose columns hold numbers by their type.
    pub(super) typed_numbers: BTreeSet<String>,
    leave_out: Vec<(usize, String)>,
    deleted: Option<usize>,
}

impl FieldColumns {
    /// The columns that a map names.
    ///
    /// # Errors
    /// If one of them is not there.
    pub(super) fn find(sheet: &Sheet<'_>, map: &Map) -> Result<Self> {
        let named: BTreeSet<&String> = map.named().collect();
        let missing: Vec<MissingColumn> = named
            .iter()
            .filter(|name| sheet.find(name).is_none())
            .map(|name| MissingColumn {
                name: (*name).clone().into(),
                nearest: nearest(name, sheet.header(), &[]),
            })
            .collect();
        if !missing.is_empty() {
            return Err(Error::MissingMapped { missing });
        }
        let doubled = sheet.doubled(named.iter().map(|name| name.as_str()));
        if !doubled.is_empty() {
            return Err(Error::DuplicateColumns { names: doubled });
        }
        let at = |name: &String| sheet.find(name).unwrap_or_default();
        Ok(Self {
            of_field: map.columns.iter().map(|(field, name)| (field.clone(), at(name))).collect(),
            days: BTreeMap::new(),
            typed_numbers: BTreeSet::new(),
            leave_out: map.leave_out.keys().map(|name| (at(name), name.clone())).collect(),
            deleted: map.deleted.as_ref().map(|deleted| at(&deleted.column)),
        })
    }

    /// The columns that the map reads, with their names for diagnostics; none of statements, whose words
    /// must not get into them.
    fn named(&self, map: &Map) -> Vec<(usize, String)> {
        let columns = self.of_field.iter().filter(|_| map.kind != Kind::Statements);
        columns.map(|(field, at)| (*at, format!("{field} ({})", map.columns[field]))).collect()
    }

    /// Decides for whole columns how their numbers and dates are read.
    ///
    /// # Errors
    ///
    /// [`Error::NumberForm`], [`Error::DateOrder`] for a column that cannot be settled.
    fn judge(&mut self, sheet: &Sheet<'_>, typed: &Typed, map: &Map) -> Result<()> {
        let mut evidence = ColumnEvidence::of(self, typed, map);
        sheet.each_row(|row| evidence.add(row))?;
        evidence.settle(self, map)
    }

    /// Which number is the month in the days of `date_start` and `date_end` once they are written anew.
    /// Those of a column that was settled are in ISO 8601 by then, but for what it cannot settle; what
    /// the map itself gives is as it stands there.
    ///
    /// # Errors
    ///
    /// [`Error::DateOrder`] where the map gives days that cannot be told.
    pub(super) fn day_orders(&self, map: &Map) -> Result<[DayOrder; 2]> {
        let order = |field: &'static str| -> Result<Option<DayOrder>> {
            if let Some(days) = self.days.get(field) {
                let settled =
                    if let Days::Written(order) = days { *order } else { DayOrder::MonthFirst };
                return Ok(Some(settled));
            }
            let meant = map.words.get(field).into_iter().flat_map(BTreeMap::values);
            let mut evidence = DayEvidence::default();
            let mut is_given = false;
            for text in meant.chain(map.fixed.get(field)) {
                is_given = true;
                evidence.add(0, text.as_bytes());
            }
            let order = DayEvidence::orders(&[(field, &evidence)])?[0];
            Ok(is_given.then_some(order))
        };
        let start = order("date_start")?.unwrap_or(DayOrder::MonthFirst);
        Ok([start, order("date_end")?.unwrap_or(start)])
    }

    /// The identifier of a row as the foreign table has it.
    fn id(&self, row: &Row, map: &Map) -> String {
        let fixed = || map.fixed.get("id").cloned().unwrap_or_default();
        self.of_field.get("id").map_or_else(fixed, |&at| row.text(at).into_owned())
    }

    /// Why a row is left out without being at fault.
    fn aside(&self, row: &Row, map: &Map, deletions: &BTreeSet<String>) -> Option<&'static str> {
        let id = self.of_field.get("id").map(|&at| row.text(at));
        let listed = id.is_some_and(|id| deletions.contains(id.as_ref()));
        let marked = self.deleted.zip(map.deleted.as_ref()).is_some_and(|(at, deleted)| {
            deleted.words.iter().any(|word| word.eq_ignore_ascii_case(&row.text(at)))
        });
        if listed || marked {
            return Some("rows deleted");
        }
        let other = self.leave_out.iter().any(|(at, name)| {
            map.leave_out[name].iter().any(|word| word.as_str() == row.text(*at))
        });
        other.then_some("rows left out")
    }

    /// The means of attack of an event, joined by semicolons. What cannot be read is noted, and the event
    /// is kept without means: its dead and its place do not depend on them.
    fn means(&self, row: &Row, map: &Map, diagnostics: &mut Vec<Diagnostic>) -> String {
        let Some(&column) = self.of_field.get(MEANS) else {
            let fixed = map.fixed.get(MEANS).map_or("", String::as_str);
            return Means::parse_list(fixed).map_or_else(|_| String::new(), |it| Means::join(&it));
        };
        let text = row.text(column);
        let meant = match map.words.get(MEANS) {
            // An empty cell codes nothing, whether the map lists it or not.
            Some(words) => {
                words.get(text.as_ref()).map(String::as_str).or(text.is_empty().then_some(""))
            }
            None => Some(text.as_ref()),
        };
        if let Some(Ok(means)) = meant.map(Means::parse_list) {
            return Means::join(&means);
        }
        let listed: Vec<&str> = Means::ALL.iter().map(|means| means.as_str()).collect();
        let expected = match map.words.contains_key(MEANS) {
            true => "a word that the map lists; kept without means of attack".to_owned(),
            false => {
                format!("words of {} joined by semicolons; kept without them", listed.join(", "))
            }
        };
        let name = format!("{MEANS} ({})", map.columns[MEANS]);
        diagnostics.push(Diagnostic::noted(
            row.number,
            &name,
            Issue::UnknownCode,
            &text,
            &expected,
        ));
        String::new()
    }
}

/// What the cells of the columns say of how they are read.
pub(super) struct ColumnEvidence<'a> {
    /// Columns of numbers, by field, with what their cells say.
    numbers: Vec<(&'static str, usize, NumberEvidence)>,
    /// Columns of dates, by field, with what their cells say.
    dates: Vec<(&'static str, usize, DayEvidence, Forms<'a>)>,
    /// Fields of dates whose columns hold dates by their type.
    typed_dates: Vec<&'static str>,
    /// Fields whose columns hold numbers by their type.
    typed_numbers: BTreeSet<String>,
}

impl<'a> ColumnEvidence<'a> {
    /// Before any row.
    pub(super) fn of(columns: &FieldColumns, typed: &Typed, map: &'a Map) -> Self {
        let of = |fields: &'static [&'static str]| {
            let plain = fields.iter().filter(|field| !map.words.contains_key(**field));
            plain.filter_map(|&field| Some((field, *columns.of_field.get(field)?)))
        };
        let is_of = |field: &str, columns: &BTreeSet<String>| {
            map.columns.get(field).is_some_and(|name| columns.contains(name))
        };
        let (typed_dates, dates): (Vec<_>, Vec<_>) =
            of(map.kind.dates()).partition(|(field, _)| is_of(field, &typed.dates));
        let numbers = of(map.kind.numbers()).filter(|(field, _)| !is_of(field, &typed.numbers));
        let typed_numbers = map.columns.keys().filter(|field| is_of(field, &typed.numbers));
        Self {
            numbers: numbers.map(|(field, at)| (field, at, NumberEvidence::default())).collect(),
            dates: dates
                .into_iter()
                .map(|(field, at)| (field, at, DayEvidence::default(), Forms::of(map)))
                .collect(),
            typed_dates: typed_dates.into_iter().map(|(field, _)| field).collect(),
            typed_numbers: typed_numbers.cloned().collect(),
        }
    }

    /// Takes the cells of a row into account.
    pub(super) fn add(&mut self, row: &Row) {
        for (_, at, evidence) in &mut self.numbers {
            evidence.add(row.number, row.bytes(*at));
        }
        for (_, at, days, forms) in &mut self.dates {
            days.add(row.number, row.bytes(*at));
            forms.add(row.number, &row.text(*at));
        }
    }

    /// Tells `columns` how they are read.
    ///
    /// # Errors
    ///
    /// [`Error::NumberForm`], [`Error::DateOrder`] for a column that cannot be settled.
    pub(super) fn settle(self, columns: &mut FieldColumns, map: &Map) -> Result<()> {
        let name = |field: &str| format!("{field} ({})", map.columns[field]);
        for (field, _, evidence) in &self.numbers {
            evidence.check(&name(field), map.number_form())?;
        }
        columns.days.extend(self.typed_dates.iter().map(|field| (*field, Days::Typed)));
        columns.typed_numbers = self.typed_numbers;
        if !map.date_forms.is_empty() {
            for (field, _, _, forms) in self.dates {
                columns.days.insert(field, Days::Forms(forms.settle(&name(field))?));
            }
            return Ok(());
        }
        let names: Vec<String> = self.dates.iter().map(|(field, ..)| name(field)).collect();
        let days = self.dates.iter().map(|(_, _, days, _)| days);
        let named: Vec<(&str, &DayEvidence)> = names.iter().map(String::as_str).zip(days).collect();
        for ((field, ..), order) in self.dates.iter().zip(DayEvidence::orders(&named)?) {
            columns.days.insert(field, Days::Written(order));
        }
        Ok(())
    }
}

/// Two forms of dates of a map, with a cell that they read as different days and the cells that only
/// one of them reads. These decide which of the two the column has.
#[derive(Debug, Clone, Default)]
struct Rivals {
    both: Option<(u64, String)>,
    first: Option<(u64, String)>,
    second: Option<(u64, String)>,
}

/// The map's forms of dates, held against the cells of a column.
#[derive(Debug, Clone)]
struct Forms<'a> {
    forms: &'a [String],
    rivals: BTreeMap<(usize, usize), Rivals>,
}

impl<'a> Forms<'a> {
    fn of(map: &'a Map) -> Self {
        Self { forms: &map.date_forms, rivals: BTreeMap::new() }
    }

    /// Takes a cell into account.
    fn add(&mut self, row: u64, text: &str) {
        if self.forms.len() < 2 || text.is_empty() {
            return;
        }
        let days: Vec<Option<NaiveDate>> = self.forms.iter().map(|form| day(text, form)).collect();
        for second in 1..days.len() {
            for first in 0..second {
                let rivals = self.rivals.entry((first, second)).or_default();
                let slot = match (days[first], days[second]) {
                    (Some(one), Some(other)) if one != other => &mut rivals.both,
                    (Some(_), None) => &mut rivals.first,
                    (None, Some(_)) => &mut rivals.second,
                    _ => continue,
                };
                slot.get_or_insert_with(|| (row, text.chars().take(64).collect()));
            }
        }
    }

    /// The forms to try in order. Of two that read a cell as different days, the one goes that reads
    /// no cell alone.
    fn settle(self, column: &str) -> Result<Vec<String>> {
        let mut gone = BTreeSet::new();
        for ((first, second), rivals) in self.rivals {
            let Some((row, found)) = rivals.both else { continue };
            match (rivals.first, rivals.second) {
                (Some(_), None) => drop(gone.insert(second)),
                (None, Some(_)) => drop(gone.insert(first)),
                (None, None) => {
                    let column = column.to_owned();
                    return Err(Error::DateOrder { column, row, found, against: None });
                }
                (Some((row, found)), against) => {
                    let column = column.to_owned();
                    return Err(Error::DateOrder { column, row, found, against });
                }
            }
        }
        let stays = |(at, _): &(usize, &String)| !gone.contains(at);
        Ok(self.forms.iter().enumerate().filter(stays).map(|(_, form)| form.clone()).collect())
    }
}

/// A date written in `form`. `%Y` would take the 24 of "3 Feb 24" for a year of its own; a form with
/// `%y` reads it.
pub(super) fn day(text: &str, form: &str) -> Option<NaiveDate> {
    let mut parsed = Parsed::new();
    parse(&mut parsed, text, StrftimeItems::new(form)).ok()?;
    parsed.to_naive_date().ok().filter(|day| day.year() >= 1000)
}
