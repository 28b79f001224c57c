//! A foreign table into one with the fields of its kind.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use chrono::format::{Parsed, StrftimeItems, parse};
use sanad_core::country::Country;
use sanad_core::diagnostic::{Diagnostic, Issue};

use super::map::{Kind, Map};
use crate::dyads::identifier;
use crate::error::{Error, MissingColumn, Result};
use crate::sheet::{Row, Sheet, nearest};
use crate::value::{self, Value};

const EXPECTED: &str = "a table with a header";

/// A table with the fields of its kind as columns.
pub(super) struct Rewritten {
    pub(super) csv: Vec<u8>,
    /// Row in the foreign table of each row after the header.
    pub(super) rows: Vec<u64>,
    pub(super) rows_read: u64,
    pub(super) set_aside: BTreeMap<&'static str, u64>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Rewritten {
    /// The row in the foreign table of row `row` of the rewritten one.
    pub(super) fn row(&self, row: u64) -> u64 {
        let at = usize::try_from(row).unwrap_or(0).saturating_sub(2);
        self.rows.get(at).copied().unwrap_or(0)
    }
}

/// Rewrites `data` by `map`, without the rows whose identifier is among `deletions`.
pub(super) fn rewrite(data: &[u8], map: &Map, deletions: &BTreeSet<String>) -> Result<Rewritten> {
    let mut sheet = Sheet::open(data, EXPECTED, map.separator())?;
    let at = Columns::find(&sheet, map)?;
    let fields = written(map);
    let mut out = csv::Writer::from_writer(Vec::new());
    // Writing into memory cannot fail.
    let _ = out.write_record(&fields);
    let (mut rows, mut set_aside, mut remarks) = (Vec::new(), BTreeMap::new(), Vec::new());
    while let Some(row) = sheet.row()? {
        if let Some(what) = at.aside(&row, map, deletions) {
            *set_aside.entry(what).or_insert(0) += 1;
            continue;
        }
        let values: core::result::Result<BTreeMap<&str, String>, Box<Diagnostic>> = map
            .kind
            .fields()
            .iter()
            .map(|&field| Ok((field, at.value(&row, map, field)?)))
            .collect();
        match values {
            Err(remark) => remarks.push(*remark),
            Ok(mut values) => {
                complete(map.kind, &mut values);
                let record =
                    fields.iter().map(|field| values.get(field).map_or("", String::as_str));
                let _ = out.write_record(record);
                rows.push(row.number);
            }
        }
    }
    let (rows_read, diagnostics) = sheet.finish(remarks)?;
    let csv = out.into_inner().unwrap_or_default();
    Ok(Rewritten { csv, rows, rows_read, set_aside, diagnostics })
}

/// The columns of the rewritten table. A reader of events wants all of its own.
fn written(map: &Map) -> Vec<&'static str> {
    let fields = map.kind.fields().iter().copied();
    if map.kind == Kind::Events {
        fields.filter(|it| *it != "iso3").collect()
    } else {
        fields.collect()
    }
}

/// Where the columns that a map names stand.
struct Columns {
    of_field: BTreeMap<String, usize>,
    leave_out: Vec<(usize, String)>,
    deleted: Option<usize>,
}

impl Columns {
    fn find(sheet: &Sheet<'_>, map: &Map) -> Result<Self> {
        let deleted = map.deleted.as_ref().map(|it| &it.column);
        let named: BTreeSet<&String> =
            map.columns.values().chain(map.leave_out.keys()).chain(deleted).collect();
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
            leave_out: map.leave_out.keys().map(|name| (at(name), name.clone())).collect(),
            deleted: deleted.map(at),
        })
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
        if map.kind.dates().contains(&field) && !map.date_forms.is_empty() {
            return match map.date_forms.iter().find_map(|form| day(&text, form)) {
                Some(day) => Ok(day.to_string()),
                None => wrong(Issue::BadDate, "a date in a form that the map lists"),
            };
        }
        if let Some(factor) = map.scale.get(field) {
            return match value::decimal(text.as_bytes()) {
                Value::Is(number) => Ok(value::without_noise(number * factor).to_string()),
                Value::Missing => Ok(String::new()),
                Value::Wrong => wrong(Issue::WrongType, "a finite number"),
            };
        }
        if field == "id" && map.kind == Kind::Events {
            return Ok(identifier(text.as_bytes()).to_string());
        }
        Ok(text)
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
        let (code, name) = (get(values, "iso3").to_uppercase(), get(values, "country"));
        let country = Country::of_code(&code).or_else(|| Country::of_name(&name));
        if let Some(gwno) = country.and_then(|it| it.gwno) {
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
        let held = values.entry(field).or_default();
        if held.is_empty() {
            *held = value;
        }
    }
}
