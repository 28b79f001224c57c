//! How the fields of a row get their values: worked out once for a table, and followed for every row.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sanad_core::country::Country;
use sanad_core::diagnostic::{Diagnostic, Issue};

use super::map::{EVENT_FIELDS, Kind, Map};
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

/// Where fields stand among those of events, and so among their rules.
const COUNTRY_ID: usize = event_field("country_id");
const ISO3: usize = event_field("iso3");
const COUNTRY: usize = event_field("country");
const DEATHS_UNKNOWN: usize = event_field("deaths_unknown");
/// Deaths by side; of all four nothing is known where they are empty.
const PARTS: [usize; 4] = [
    event_field("deaths_a"),
    event_field("deaths_b"),
    event_field("deaths_civilians"),
    DEATHS_UNKNOWN,
];
const BEST: usize = event_field("best");
const LOW: usize = event_field("low");
const HIGH: usize = event_field("high");
const DATE_START: usize = event_field("date_start");
const DATE_END: usize = event_field("date_end");
const DATE_PREC: usize = event_field("date_prec");
const WHERE_PREC: usize = event_field("where_prec");

/// The position of a field of events. It is worked out when this is compiled, and what is none does not compile.
const fn event_field(name: &str) -> usize {
    let mut at = 0;
    while at < EVENT_FIELDS.len() {
        if is_same(EVENT_FIELDS[at].as_bytes(), name.as_bytes()) {
            return at;
        }
        at += 1;
    }
    panic!("no field of events has this name")
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// What follows from other fields, where an event does not say it itself.
pub(super) struct EventDefaults {
    /// The number of the country, where every row has the same one.
    fixed_country: Option<Option<String>>,
}

impl EventDefaults {
    /// By the rules of the fields of events, in their order.
    pub(super) fn of(rules: &[FieldRule<'_>]) -> Self {
        let is_fixed = [ISO3, COUNTRY].iter().all(|&at| rules[at].column.is_none());
        let fixed = || country_of(rules[ISO3].fixed, rules[COUNTRY].fixed);
        Self { fixed_country: is_fixed.then(fixed) }
    }

    /// Fills in what is empty.
    pub(super) fn fill_in<'r>(&'r self, values: &mut [Cow<'r, str>]) {
        if values[COUNTRY_ID].is_empty() {
            let found = match &self.fixed_country {
                Some(known) => known.as_deref().map(Cow::Borrowed),
                None => country_of(&values[ISO3], &values[COUNTRY]).map(Cow::Owned),
            };
            if let Some(number) = found {
                values[COUNTRY_ID] = number;
            }
        }
        let best = values[BEST].clone();
        if PARTS.iter().all(|&part| values[part].is_empty()) {
            // Nothing says on which side they died.
            values[DEATHS_UNKNOWN].clone_from(&best);
        }
        let start = values[DATE_START].clone();
        let usual = [
            (LOW, best.clone()),
            (HIGH, best),
            (DATE_END, start),
            (DATE_PREC, Cow::Borrowed("1")),
            (WHERE_PREC, Cow::Borrowed("6")),
        ];
        let none = PARTS.map(|part| (part, Cow::Borrowed("0")));
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
