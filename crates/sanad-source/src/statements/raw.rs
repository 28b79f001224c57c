//! Rows of CSV and objects of JSON lines, as fields by name.

use std::collections::BTreeMap;

use sanad_core::diagnostic::{Diagnostic, Issue};
use sanad_core::missing::is_missing;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::form;
use crate::sheet::Sheet;
use crate::value::spreadsheet_day;

/// What a file of this format is, for messages.
const EXPECTED: &str = "coded statements (id, date, organisation, coder), as CSV or JSON lines";

/// The fields of a coded statement, the needed ones first; all others are passed over.
pub const STATEMENT_FIELDS: [&str; 14] = [
    "id",
    "date",
    "organisation",
    "coder",
    "outlet",
    "languages",
    "audiences",
    "medium",
    "target",
    "frames",
    "claimed_events",
    "claimed_from",
    "claimed_to",
    "link",
];

/// The fields that hold a day.
const DAYS: [&str; 3] = ["date", "claimed_from", "claimed_to"];

/// Whether a field says nothing. `na` is the code of Nauruan and `nan` that of Southern Min, so that
/// languages know only the words that are in capital letters.
fn is_nothing(field: &str, text: &str) -> bool {
    let language = field == "languages" && ["na", "nan"].contains(&text);
    is_missing(text) && !language
}

/// A row, field by field; lists are joined by semicolons.
#[derive(Debug, Default)]
pub(super) struct Raw {
    fields: BTreeMap<&'static str, String>,
    pub(super) row: u64,
}

impl Raw {
    /// A field without blanks around it; empty where it holds a word for nothing.
    pub(super) fn get(&self, field: &str) -> &str {
        let text = self.fields.get(field).map_or("", |text| text.trim());
        if is_nothing(field, text) { "" } else { text }
    }

    /// The entries of a list, separated by semicolons.
    pub(super) fn list(&self, field: &str) -> impl Iterator<Item = &str> {
        let parts = self.get(field).split(';').map(str::trim);
        parts.filter(move |text| !is_nothing(field, text))
    }
}

/// Rows, how many were read, and remarks about those that are none.
pub(super) fn rows(data: &[u8]) -> Result<(Vec<Raw>, u64, Vec<Diagnostic>)> {
    form::check_text(data, EXPECTED)?;
    let text = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
    if text.trim_ascii_start().starts_with(b"{") { objects(text) } else { table(data) }
}

/// Rows of a table as texts by field; cells of other columns are left unread, so that no text of a
/// message is kept.
fn table(data: &[u8]) -> Result<(Vec<Raw>, u64, Vec<Diagnostic>)> {
    let mut sheet = Sheet::open(data, EXPECTED, b',')?;
    sheet.require(["id", "date", "organisation", "coder"], EXPECTED)?;
    let doubled = sheet.doubled(STATEMENT_FIELDS);
    if !doubled.is_empty() {
        return Err(Error::DuplicateColumns { names: doubled });
    }
    let columns: Vec<_> =
        STATEMENT_FIELDS.iter().filter_map(|&field| Some((field, sheet.find(field)?))).collect();
    // A day that a spreadsheet saved is put in the form that a day has here.
    let date = sheet.find("date").unwrap_or_default();
    let at = DAYS.map(|field| sheet.find(field).unwrap_or(date));
    let orders = sheet.day_orders(at)?;
    let mut raws = Vec::new();
    while let Some(row) = sheet.row()? {
        let field = |&(field, column): &(&'static str, usize)| {
            let text = row.text(column);
            let order = DAYS.iter().position(|name| *name == field).map(|at| orders[at]);
            let day = order.and_then(|order| spreadsheet_day(&text, order));
            (field, day.map_or_else(|| text.into_owned(), |day| day.to_string()))
        };
        raws.push(Raw { fields: columns.iter().map(field).collect(), row: row.number });
    }
    let (rows_read, diagnostics) = sheet.finish(Vec::new())?;
    Ok((raws, rows_read, diagnostics))
}

/// One statement from each line of JSON.
fn objects(text: &[u8]) -> Result<(Vec<Raw>, u64, Vec<Diagnostic>)> {
    let (mut raws, mut rows_read, mut diagnostics) = (Vec::new(), 0, Vec::new());
    for (at, line) in text.split(|byte| *byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        rows_read += 1;
        let row = at as u64 + 1;
        match object(line) {
            Ok(fields) => raws.push(Raw { fields, row }),
            Err((field, issue, expected)) => {
                let found = format!("a line of {} bytes", line.len());
                diagnostics.push(Diagnostic::rejected(row, field, issue, &found, expected));
            }
        }
    }
    Ok((raws, rows_read, diagnostics))
}

/// Field, issue and expectation of a line that is no statement.
type StatementFault = (&'static str, Issue, &'static str);

/// The fields of a line, all as text.
fn object(line: &[u8]) -> core::result::Result<BTreeMap<&'static str, String>, StatementFault> {
    let value: Value = serde_json::from_slice(line)
        .map_err(|_| ("", Issue::WrongType, "one JSON object per line"))?;
    let Value::Object(object) = value else {
        return Err(("", Issue::WrongType, "one JSON object per line"));
    };
    let mut fields = BTreeMap::new();
    for field in STATEMENT_FIELDS {
        let wrong = (field, Issue::WrongType, "a text, a number, or a list of texts");
        let text = match object.get(field) {
            None | Some(Value::Null) => continue,
            Some(Value::Array(items)) => {
                let texts: Option<Vec<String>> = items.iter().map(plain).collect();
                texts.ok_or(wrong)?.join(";")
            }
            Some(one) => plain(one).ok_or(wrong)?,
        };
        fields.insert(field, text);
    }
    Ok(fields)
}

/// A value as text; nothing for a list or an object.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
