//! A foreign table into one with the fields of its kind.
//!
//! It is read twice. The first reading looks at whole columns and decides how their numbers and dates
//! are read ([`FieldColumns::judge`]); the second writes each row anew, with numbers in plain decimals and
//! days in ISO 8601, so that the reader of the kind has nothing left to decide.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use chrono::format::{Parsed, StrftimeItems, parse};
use sanad_core::Progress;
use sanad_core::country::Country;
use sanad_core::diagnostic::{Diagnostic, Issue};
use sanad_core::event::{Means, Words};

use super::Typed;
use super::map::{Kind, MEANS, Map};
use crate::dyads::identifier;
use crate::error::{Error, MissingColumn, Result};
use crate::number::{NumberEvidence, NumberForm};
use crate::sheet::{Row, Sheet, nearest};
use crate::value::{self, DayEvidence, DayOrder, Value, spreadsheet_day};

/// What a file of this kind is, for messages.
const EXPECTED: &str = "a table with a header";

/// A table with the fields of its kind as columns.
pub(super) struct FieldTable {
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

    /// The means of attack of these rows of the rewritten table; `None` where the map gives none.
    pub(super) fn means_of(&self, rows: &[u32]) -> Option<Words> {
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
    let mut at = FieldColumns::find(&sheet, map)?;
    at.judge(&sheet, typed, map)?;
    let hashed = map.kind == Kind::Events;
    let fields = written(map);
    let mut out = csv::Writer::from_writer(Vec::new());
    // Writing into memory cannot fail.
    let _ = out.write_record(&fields);
    let (mut rows, mut ids, mut means) = (Vec::new(), Vec::new(), Vec::new());
    let (mut set_aside, mut diagnostics) = (BTreeMap::new(), Vec::new());
    let named = at.named(map);
    let texts: Vec<(usize, &str)> = named.iter().map(|(at, name)| (*at, name.as_str())).collect();
    while let Some(row) = sheet.row()? {
        if let Some(what) = at.aside(&row, map, deletions) {
            *set_aside.entry(what).or_insert(0) += 1;
            continue;
        }
        let values: core::result::Result<BTreeMap<&str, String>, Box<Diagnostic>> = map
            .kind
            .fields()
            .iter()
            .filter(|field| **field != MEANS)
            .map(|&field| Ok((field, at.value(&row, map, field)?)))
            .collect();
        match values {
            Err(diagnostic) => diagnostics.push(*diagnostic),
            Ok(mut values) => {
                row.note_bad_text(&texts, &mut diagnostics);
                complete(map.kind, &mut values);
                let record =
                    fields.iter().map(|field| values.get(field).map_or("", String::as_str));
                let _ = out.write_record(record);
                rows.push(row.number);
                if gives_means(map) {
                    means.push(at.means(&row, map, &mut diagnostics));
                }
                if hashed {
                    ids.push(at.id(&row, map));
                }
            }
        }
    }
    let (rows_read, diagnostics) = sheet.finish(diagnostics)?;
    let csv = out.into_inner().unwrap_or_default();
    Ok(FieldTable { csv, rows, ids, means, rows_read, set_aside, diagnostics })
}

/// Whether a map says by what means events were made.
pub(super) fn gives_means(map: &Map) -> bool {
    map.columns.contains_key(MEANS) || map.fixed.contains_key(MEANS)
}

/// The table, from the header on that has every column of the map.
fn open<'a>(data: &'a [u8], map: &Map) -> Result<Sheet<'a>> {
    let named: Vec<&str> = map.named().map(String::as_str).collect();
    Sheet::open_below(data, EXPECTED, map.separator(), &named)
}

/// The columns of the rewritten table. A reader of events wants all of its own.
fn written(map: &Map) -> Vec<&'static str> {
    let fields = map.kind.fields().iter().copied();
    if map.kind == Kind::Events {
        fields.filter(|field| !["iso3", MEANS].contains(field)).collect()
    } else {
        fields.collect()
    }
}

/// How the dates of a column are read.
#[derive(Debug, Clone)]
enum Days {
    /// By one of the map's forms, the one first that reads a cell.
    Forms(Vec<String>),
    /// In ISO 8601, or as a spreadsheet saved them.
    Written(DayOrder),
    /// In ISO 8601, because the column holds dates by its type.
    Typed,
}

/// Where the columns that a map names stand, and how they are read.
struct FieldColumns {
    of_field: BTreeMap<String, usize>,
    days: BTreeMap<&'static str, Days>,
    /// Fields whose columns hold numbers by their type.
    typed_numbers: BTreeSet<String>,
    leave_out: Vec<(usize, String)>,
    deleted: Option<usize>,
}

impl FieldColumns {
    /// The columns that a map names.
    ///
    /// # Errors
    /// If one of them is not there.
    fn find(sheet: &Sheet<'_>, map: &Map) -> Result<Self> {
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
            return Err(Error::MissingColumns { missing });
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
        let column = |field: &'static str| Some((field, *self.of_field.get(field)?));
        let of = |fields: &'static [&'static str]| -> Vec<(&'static str, usize)> {
            let plain = |field: &&&str| !map.words.contains_key(**field);
            fields.iter().filter(plain).filter_map(|field| column(field)).collect()
        };
        let is_of = |field: &str, columns: &BTreeSet<String>| {
            map.columns.get(field).is_some_and(|name| columns.contains(name))
        };
        let (of_type, dates): (Vec<_>, Vec<_>) =
            of(map.kind.dates()).into_iter().partition(|(field, _)| is_of(field, &typed.dates));
        let mut numbers = of(map.kind.numbers());
        numbers.retain(|(field, _)| !is_of(field, &typed.numbers));
        let mut evidence = vec![NumberEvidence::default(); numbers.len()];
        let mut days = vec![DayEvidence::default(); dates.len()];
        let mut forms = vec![Forms::of(map); dates.len()];
        sheet.each_row(|row| {
            for ((_, at), evidence) in numbers.iter().zip(&mut evidence) {
                evidence.add(row.number, row.bytes(*at));
            }
            for (at, (_, column)) in dates.iter().enumerate() {
                days[at].add(row.number, row.bytes(*column));
                forms[at].add(row.number, &row.text(*column));
            }
        })?;
        let name = |field: &str| format!("{field} ({})", map.columns[field]);
        for ((field, _), evidence) in numbers.iter().zip(&evidence) {
            evidence.check(&name(field), map.number_form())?;
        }
        let typed_numbers = map.columns.keys().filter(|field| is_of(field, &typed.numbers));
        let typed_numbers = typed_numbers.cloned().collect();
        self.days.extend(of_type.iter().map(|(field, _)| (*field, Days::Typed)));
        self.typed_numbers = typed_numbers;
        if !map.date_forms.is_empty() {
            for ((field, _), forms) in dates.iter().zip(forms) {
                self.days.insert(field, Days::Forms(forms.settle(&name(field))?));
            }
            return Ok(());
        }
        let names: Vec<String> = dates.iter().map(|(field, _)| name(field)).collect();
        let named: Vec<(&str, &DayEvidence)> =
            names.iter().map(String::as_str).zip(&days).collect();
        for ((field, _), order) in dates.iter().zip(DayEvidence::orders(&named)?) {
            self.days.insert(field, Days::Written(order));
        }
        Ok(())
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

    /// The value of a field, in the words of its kind.
    fn value(
        &self,
        row: &Row,
        map: &Map,
        field: &str,
    ) -> core::result::Result<String, Box<Diagnostic>> {
        let text = match self.of_field.get(field) {
            Some(&at) => row.text(at).into_owned(),
            None => return Ok(map.fixed.get(field).cloned().unwrap_or_default()),
        };
        let column = format!("{field} ({})", map.columns[field]);
        // A text of a message must not get into remarks either.
        let found = if map.kind == Kind::Statements { "a text" } else { &text };
        let wrong = |issue, expected: &str| {
            Err(Box::new(Diagnostic::rejected(row.number, &column, issue, found, expected)))
        };
        if let Some(words) = map.words.get(field) {
            return match words.get(&text) {
                Some(word) => Ok(word.clone()),
                None => wrong(Issue::UnknownCode, "a word that the map lists"),
            };
        }
        if text.is_empty() {
            return Ok(text);
        }
        match self.days.get(field) {
            Some(Days::Forms(forms)) => {
                return match forms.iter().find_map(|form| day(&text, form)) {
                    Some(day) => Ok(day.to_string()),
                    None => wrong(Issue::BadDate, "a date in a form that the map lists"),
                };
            }
            Some(Days::Written(order)) => {
                if let Some(day) = spreadsheet_day(&text, *order) {
                    return Ok(day.to_string());
                }
            }
            Some(Days::Typed) => return Ok(text.get(..10).unwrap_or(&text).to_owned()),
            None => {}
        }
        let is_typed = self.typed_numbers.contains(field);
        let form = if is_typed { NumberForm::PLAIN } else { map.number_form() };
        if map.kind.numbers().contains(&field) || map.scale.contains_key(field) {
            let factor = map.scale.get(field);
            match (form.read(text.as_bytes()), factor) {
                (Value::Is(number), Some(factor)) => {
                    return Ok(value::without_noise(number * factor).to_string());
                }
                (Value::Is(number), None) if form != NumberForm::PLAIN => {
                    return Ok(number.to_string());
                }
                (Value::Wrong, _) if factor.is_some() || is_of_another_form(&text) => {
                    return wrong(Issue::WrongType, &expected_number(form));
                }
                (Value::Missing, Some(_)) => return Ok(String::new()),
                _ => {}
            }
        }
        if field == "id" && map.kind == Kind::Events {
            return Ok(identifier(text.as_bytes()).to_string());
        }
        Ok(text)
    }
}

/// Whether a text is a number with a decimal point or a decimal comma.
fn is_of_another_form(text: &str) -> bool {
    let is = |form: NumberForm| matches!(form.read(text.as_bytes()), Value::Is(_));
    is(NumberForm::ENGLISH) || is(NumberForm::CONTINENTAL)
}

/// How numbers of this form are written, for messages.
fn expected_number(form: NumberForm) -> String {
    let decimal = if form.decimal == ',' { "comma" } else { "point" };
    let thousands = match form.thousands {
        Some(mark) => format!("{mark:?} between thousands"),
        None => "nothing between thousands".to_owned(),
    };
    format!(
        "a finite number with a decimal {decimal} and {thousands}; where the column has another \
         form, the map says so with decimal and thousands"
    )
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

/// A date written in `form`.
fn day(text: &str, form: &str) -> Option<NaiveDate> {
    let mut parsed = Parsed::new();
    parse(&mut parsed, text, StrftimeItems::new(form)).ok()?;
    parsed.to_naive_date().ok()
}

/// Fills in what follows from other fields, where an event does not say it itself.
fn complete(kind: Kind, values: &mut BTreeMap<&str, String>) {
    if kind != Kind::Events {
        return;
    }
    let get = |values: &BTreeMap<&str, String>, field: &str| {
        values.get(field).cloned().unwrap_or_default()
    };
    if get(values, "country_id").is_empty() {
        let (given, name) = (get(values, "iso3"), get(values, "country"));
        let country = Country::of_code(&given.to_uppercase())
            .or_else(|| Country::of_name(&given))
            .or_else(|| Country::of_name_or_code(&name));
        if let Some(gwno) = country.and_then(|country| country.gwno) {
            values.insert("country_id", gwno.to_string());
        }
    }
    let parts = ["deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown"];
    let best = get(values, "best");
    if parts.iter().all(|part| get(values, part).is_empty()) {
        values.insert("deaths_unknown", best.clone());
    }
    let start = get(values, "date_start");
    let usual = parts.into_iter().map(|part| (part, "0".to_owned())).chain([
        ("low", best.clone()),
        ("high", best),
        ("date_end", start),
        ("date_prec", "1".to_owned()),
        ("where_prec", "6".to_owned()),
    ]);
    for (field, value) in usual {
        let kept = values.entry(field).or_default();
        if kept.is_empty() {
            *kept = value;
        }
    }
}
