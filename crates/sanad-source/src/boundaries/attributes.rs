//! Attributes of features under the schemes of OCHA COD-AB and geoBoundaries.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use geo::MultiPolygon;
use sanad_core::diagnostic::{Diagnostic, Issue};
use sanad_core::place::Level;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::Boundary;

/// What the attributes of a feature say.
pub(super) struct Described {
    pub(super) level: Level,
    pub(super) id: String,
    pub(super) id_column: &'static str,
    name: Option<String>,
    parent: Option<String>,
    valid_on: Option<NaiveDate>,
    bad_date: Option<String>,
}

/// Why the attributes of a feature describe no place.
pub(super) struct Refusal {
    pub(super) column: &'static str,
    pub(super) issue: Issue,
    pub(super) found: String,
    pub(super) expected: &'static str,
    /// Whether the attributes follow a known scheme all the same.
    pub(super) known_scheme: bool,
}

impl Described {
    /// A remark about what is missing but can be done without.
    pub(super) fn remark(&self, number: u64) -> Vec<Diagnostic> {
        let name = self.name.is_none().then(|| {
            let expected = "a name; the identifier stands in";
            Diagnostic::noted(number, "name", Issue::Missing, "", expected)
        });
        let date = self.bad_date.as_ref().map(|found| {
            let expected = "a day such as 2022-09-09; counted as not stated";
            Diagnostic::noted(number, "validOn", Issue::BadDate, found, expected)
        });
        name.into_iter().chain(date).collect()
    }

    pub(super) fn with_shape(self, shape: MultiPolygon<f64>) -> Boundary {
        Boundary {
            level: self.level,
            name: self.name.unwrap_or_else(|| self.id.clone()),
            id: self.id,
            parent: self.parent,
            valid_on: self.valid_on,
            shape,
        }
    }
}

/// Reads the attributes of a feature.
pub(super) fn describe(properties: &Map<String, Value>) -> Result<Described, Refusal> {
    let attributes = Attributes(
        properties
            .iter()
            .filter_map(|(key, value)| Some((key.to_lowercase(), text(value)?)))
            .collect(),
    );
    match attributes.get("shapetype") {
        Some(kind) => attributes.geo_boundaries(kind),
        None => attributes.cod_ab(),
    }
}

/// The names of the attributes of the first features.
pub(super) fn names(features: &[&RawValue]) -> Vec<String> {
    let mut names = BTreeSet::new();
    for feature in features.iter().take(3) {
        let properties = serde_json::from_str::<Value>(feature.get())
            .ok()
            .and_then(|feature| feature.get("properties")?.as_object().cloned());
        names.extend(properties.into_iter().flat_map(|properties| {
            properties.into_iter().map(|(key, _)| key.chars().take(40).collect::<String>())
        }));
    }
    names.into_iter().take(20).collect()
}

fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty() && text != "None").then_some(text)
}

/// Attributes that say something, names in lower case.
struct Attributes(Vec<(String, String)>);

impl Attributes {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn cod_ab(&self) -> Result<Described, Refusal> {
        let level = (0..=5_u8).rev().find(|level| self.get(&format!("adm{level}_pcode")).is_some());
        let Some(number) = level else {
            return Err(Refusal {
                column: "ADM2_PCODE",
                issue: Issue::Missing,
                found: String::new(),
                expected: "ADMn_PCODE (OCHA COD-AB) or shapeType (geoBoundaries)",
                known_scheme: false,
            });
        };
        let code = |number: u8| self.get(&format!("adm{number}_pcode")).map(str::to_owned);
        let (valid_on, bad_date) = self.valid_on();
        Ok(Described {
            level: level_of(number).ok_or_else(|| finer("ADMn_PCODE", number))?,
            id: code(number).unwrap_or_default(),
            id_column: "ADMn_PCODE",
            name: self.cod_ab_name(number),
            parent: number.checked_sub(1).and_then(code),
            valid_on,
            bad_date,
        })
    }

    /// English first, then any other language, in the order of the feature.
    fn cod_ab_name(&self, number: u8) -> Option<String> {
        let named = |ending: &str| self.get(&format!("adm{number}_{ending}"));
        let prefix = format!("adm{number}_");
        let other = || {
            let ending = |key: &str| key.strip_prefix(&prefix).map(str::len);
            self.0.iter().find(|(key, _)| ending(key) == Some(2)).map(|(_, value)| value.as_str())
        };
        named("en").or_else(|| named("name")).or_else(other).map(str::to_owned)
    }

    /// The day the border was in force, and what stood there if it is no day.
    fn valid_on(&self) -> (Option<NaiveDate>, Option<String>) {
        let found = ["validon", "valid_on", "date"].iter().find_map(|name| self.get(name));
        let Some(found) = found else { return (None, None) };
        let day = found.get(..10).and_then(|day| day.parse().ok());
        let bad = day.is_none().then(|| found.to_owned());
        (day, bad)
    }

    fn geo_boundaries(&self, kind: &str) -> Result<Described, Refusal> {
        let number = kind.to_uppercase().strip_prefix("ADM").and_then(|n| n.parse::<u8>().ok());
        let Some(number) = number else {
            let expected = "ADM0, ADM1 or ADM2";
            return Err(refuse("shapeType", Issue::UnknownCode, kind.to_owned(), expected));
        };
        let level = level_of(number).ok_or_else(|| finer("shapeType", number))?;
        let group = self.get("shapegroup");
        let iso = self.get("shapeiso").filter(|iso| level == Level::Country || Some(*iso) != group);
        let Some(id) = iso.or_else(|| self.get("shapeid")) else {
            return Err(refuse("shapeID", Issue::Missing, String::new(), "an identifier"));
        };
        Ok(Described {
            level,
            id: id.to_owned(),
            id_column: "shapeID",
            name: self.get("shapename").map(str::to_owned),
            parent: group.filter(|_| level == Level::Adm1).map(str::to_owned),
            valid_on: None,
            bad_date: None,
        })
    }
}

const fn level_of(number: u8) -> Option<Level> {
    match number {
        0 => Some(Level::Country),
        1 => Some(Level::Adm1),
        2 => Some(Level::Adm2),
        _ => None,
    }
}

fn finer(column: &'static str, number: u8) -> Refusal {
    let expected = "level 0 (country), 1 (province) or 2 (district)";
    refuse(column, Issue::UnknownCode, format!("level {number}"), expected)
}

fn refuse(column: &'static str, issue: Issue, found: String, expected: &'static str) -> Refusal {
    Refusal { column, issue, found, expected, known_scheme: true }
}
