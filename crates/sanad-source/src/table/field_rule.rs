//! How the fields of a row get their values: worked out once for a table, and followed for every row.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sanad_core::country::Country;
use sanad_core::diagnostic::{Diagnostic, Issue};

use super::map::{Kind, Map};
use super::rewrite::{Days, FieldColumns, day};
use crate::dyads::identifier;
use crate::number::NumberForm;
use crate::sheet::Row;
use crate::value::{self, Value, spreadsheet_day};

/// How one field gets its value.
pub(super) struct FieldRule<'a> {
    pub(super) field: &'static str,
    /// The column that it stands in; nothing where every row has the same value.
    column: Option<usize>,
    /// The value that every row has otherwise; empty where the map gives none.
    fixed: &'a str,
    /// Field and column, for remarks.
    name: String,
    words: Option<&'a BTreeMap<String, String>>,
    days: Option<&'a Days>,
    /// Whether it is a number, in which form and by what it is multiplied.
    is_number: bool,
    form: NumberForm,
    factor: Option<f64>,
    /// Whether it is the identifier of an event, which is kept as a number.
    is_event_id: bool,
    /// Whether its text must not get into remarks: it may be a message.
    is_hidden: bool,
}

impl<'a> FieldRule<'a> {
    /// How `field` gets its value by a map.
    pub(super) fn of(columns: &'a FieldColumns, map: &'a Map, field: &'static str) -> Self {
        let is_typed = columns.typed_numbers.contains(field);
        let column_name = map.columns.get(field).map_or("", String::as_str);
        Self {
            field,
            column: columns.of_field.get(field).copied(),
            fixed: map.fixed.get(field).map_or("", String::as_str),
            name: format!("{field} ({column_name})"),
            words: map.words.get(field),
            days: columns.days.get(field),
            is_number: map.kind.numbers().contains(&field) || map.scale.contains_key(field),
            form: if is_typed { NumberForm::PLAIN } else { map.number_form() },
            factor: map.scale.get(field).copied(),
            is_event_id: field == "id" && map.kind == Kind::Events,
            is_hidden: map.kind == Kind::Statements,
        }
    }

    /// The value in a row, in the words of its kind.
    pub(super) fn value<'r>(
        &'r self,
        row: &'r Row,
    ) -> core::result::Result<Cow<'r, str>, Box<Diagnostic>> {
        let Some(column) = self.column else { return Ok(Cow::Borrowed(self.fixed)) };
        let text = row.text(column);
        if let Some(words) = self.words {
            return match words.get(text.as_ref()) {
                Some(word) => Ok(Cow::Borrowed(word)),
                None => {
                    Err(self.wrong(row, &text, Issue::UnknownCode, "a word that the map lists"))
                }
            };
        }
        if text.is_empty() {
            return Ok(text);
        }
        match self.days {
            Some(Days::Forms(forms)) => {
                return match forms.iter().find_map(|form| day(&text, form)) {
                    Some(day) => Ok(Cow::Owned(day.to_string())),
                    None => {
                        let expected = "a date in a form that the map lists";
                        Err(self.wrong(row, &text, Issue::BadDate, expected))
                    }
                };
            }
            Some(Days::Written(order)) => {
                if let Some(day) = spreadsheet_day(&text, *order) {
                    return Ok(Cow::Owned(day.to_string()));
                }
            }
            Some(Days::Typed) => {
                return Ok(Cow::Owned(text.get(..10).unwrap_or(&text).to_owned()));
            }
            None => {}
        }
        if self.is_number {
            return self.number(row, text);
        }
        if self.is_event_id {
            return Ok(Cow::Owned(identifier(text.as_bytes()).to_string()));
        }
        Ok(text)
    }

    /// A number with a decimal point, in the unit of its kind.
    fn number<'r>(
        &self,
        row: &Row,
        text: Cow<'r, str>,
    ) -> core::result::Result<Cow<'r, str>, Box<Diagnostic>> {
        match (self.form.read(text.as_bytes()), self.factor) {
            (Value::Is(number), Some(factor)) => {
                Ok(Cow::Owned(value::without_noise(number * factor).to_string()))
            }
            (Value::Is(number), None) if self.form != NumberForm::PLAIN => {
                Ok(Cow::Owned(number.to_string()))
            }
            (Value::Wrong, factor) if factor.is_some() || is_of_another_form(&text) => {
                Err(self.wrong(row, &text, Issue::WrongType, &expected_number(self.form)))
            }
            (Value::Missing, Some(_)) => Ok(Cow::Borrowed("")),
            _ => Ok(text),
        }
    }

    /// The remark on a row that is left out for this field.
    fn wrong(&self, row: &Row, text: &str, issue: Issue, expected: &str) -> Box<Diagnostic> {
        let found = if self.is_hidden { "a text" } else { text };
        Box::new(Diagnostic::rejected(row.number, &self.name, issue, found, expected))
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

/// What follows from other fields, where an event does not say it itself. Numbers are positions of
/// fields.
pub(super) struct EventDefaults {
    country_id: usize,
    iso3: usize,
    country: usize,
    /// The number of the country, where every row has the same one.
    fixed_country: Option<Option<String>>,
    parts: [usize; 4],
    best: usize,
    low: usize,
    high: usize,
    date_start: usize,
    date_end: usize,
    date_prec: usize,
    where_prec: usize,
}

impl EventDefaults {
    /// Of events with these fields.
    pub(super) fn of(rules: &[FieldRule<'_>]) -> Self {
        // Every kind of field is among those of events.
        let at = |name: &str| rules.iter().position(|rule| rule.field == name).unwrap_or_default();
        let (iso3, country) = (at("iso3"), at("country"));
        let is_fixed = [iso3, country].iter().all(|&at| rules[at].column.is_none());
        Self {
            country_id: at("country_id"),
            iso3,
            country,
            fixed_country: is_fixed.then(|| country_of(rules[iso3].fixed, rules[country].fixed)),
            parts: ["deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown"].map(at),
            best: at("best"),
            low: at("low"),
            high: at("high"),
            date_start: at("date_start"),
            date_end: at("date_end"),
            date_prec: at("date_prec"),
            where_prec: at("where_prec"),
        }
    }

    /// Fills in what is empty.
    pub(super) fn fill_in<'r>(&'r self, values: &mut [Cow<'r, str>]) {
        if values[self.country_id].is_empty() {
            let found = match &self.fixed_country {
                Some(known) => known.as_deref().map(Cow::Borrowed),
                None => country_of(&values[self.iso3], &values[self.country]).map(Cow::Owned),
            };
            if let Some(number) = found {
                values[self.country_id] = number;
            }
        }
        let best = values[self.best].clone();
        if self.parts.iter().all(|&part| values[part].is_empty()) {
            // Nothing says on which side they died.
            values[self.parts[3]].clone_from(&best);
        }
        let start = values[self.date_start].clone();
        let usual = [
            (self.low, best.clone()),
            (self.high, best),
            (self.date_end, start),
            (self.date_prec, Cow::Borrowed("1")),
            (self.where_prec, Cow::Borrowed("6")),
        ];
        let none = self.parts.map(|part| (part, Cow::Borrowed("0")));
        for (at, value) in none.into_iter().chain(usual) {
            if values[at].is_empty() {
                values[at] = value;
            }
        }
    }
}

/// The Gleditsch–Ward number of a country by its code or its name; nothing where it has none.
fn country_of(given: &str, name: &str) -> Option<String> {
    let country = Country::of_code(&given.to_uppercase())
        .or_else(|| Country::of_name(given))
        .or_else(|| Country::of_name_or_code(name));
    country.and_then(|country| country.gwno).map(|number| number.to_string())
}
