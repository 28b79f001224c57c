//! Attributes of features under the schemes of OCHA COD-AB and geoBoundaries.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use geo::MultiPolygon;
use sanad_core::diagnostic::{Diagnostic, Issue};
use sanad_core::missing::is_missing_name;
use sanad_core::place::Level;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::Boundary;

/// What the attributes of a feature say.
pub(super) struct FeatureAttributes {
    pub(super) level: Level,
    pub(super) id: String,
    pub(super) id_column: &'static str,
    passed_over: Option<PassedOver>,
    name: Option<String>,
    parent: Option<String>,
    valid_on: Option<NaiveDate>,
    bad_date: Option<String>,
}

/// A key that identifies no feature, and was passed over for another.
struct PassedOver {
    column: &'static str,
    issue: Issue,
    found: String,
    expected: &'static str,
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

impl FeatureAttributes {
    /// A remark about what is missing but can be done without.
    pub(super) fn diagnostic(&self, number: u64) -> Vec<Diagnostic> {
        let name = self.name.is_none().then(|| {
            let expected = "a name; the identifier stands in";
            Diagnostic::noted(number, "name", Issue::Missing, "", expected)
        });
        let date = self.bad_date.as_ref().map(|found| {
            let expected = "a day such as 2022-09-09; counted as not stated";
            Diagnostic::noted(number, "validOn", Issue::BadDate, found, expected)
        });
        let key = self
            .passed_over
            .as_ref()
            .map(|key| Diagnostic::noted(number, key.column, key.issue, &key.found, key.expected));
        key.into_iter().chain(name).chain(date).collect()
    }

    /// The boundary that these attributes name.
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

/// Reads the attributes of a feature, with what the whole file says about its keys.
pub(super) fn describe(
    attributes: &Attributes,
    keys: &FileKeys,
) -> Result<FeatureAttributes, Refusal> {
    match attributes.get("shapetype") {
        Some(kind) => attributes.geo_boundaries(kind, keys),
        None => attributes.cod_ab(keys),
    }
}

/// The attributes of a file that follows no known scheme, by the names that a person gives; their case
/// does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedAttributes {
    /// The attribute that holds a place's name.
    pub name: String,
    /// The one that holds its code.
    pub code: String,
    /// The one that holds the code of the place it lies in, if there is one.
    pub parent: Option<String>,
    /// The one that holds that place's name.
    pub parent_name: Option<String>,
    /// How fine the places of the file are.
    pub level: Level,
}

impl NamedAttributes {
    /// Every attribute that is named.
    pub(super) fn each(&self) -> impl Iterator<Item = &str> {
        let optional = [&self.parent, &self.parent_name];
        let optional = optional.into_iter().flatten().map(String::as_str);
        [self.name.as_str(), self.code.as_str()].into_iter().chain(optional)
    }
}

/// As the option of commands has them: `name=NAME,code=CODE,parent=REGION,level=adm2`.
impl core::fmt::Display for NamedAttributes {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "name={},code={}", self.name, self.code)?;
        if let Some(parent) = &self.parent {
            write!(f, ",parent={parent}")?;
        }
        if let Some(parent_name) = &self.parent_name {
            write!(f, ",parent-name={parent_name}")?;
        }
        write!(f, ",level={}", self.level.as_str())
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

/// A property as a text: a number as it is written, nothing for anything nested or missing.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Attributes that say something, names in lower case.
pub(super) struct Attributes(Vec<(String, String)>);

impl Attributes {
    /// The attributes of a feature. A value that is a word for nothing is left out; `NA` as the code
    /// of a country is Namibia.
    pub(super) fn new(properties: &Map<String, Value>) -> Self {
        let said = |name: &str, value: &str| {
            let namibia = name == "adm0_pcode" && value == "NA";
            namibia || !is_missing_name(value)
        };
        let named = properties.iter().filter_map(|(key, value)| {
            let (name, value) = (key.to_lowercase(), text(value)?);
            said(&name, &value).then_some((name, value))
        });
        Self(named.collect())
    }

    /// The property of this name, whatever the case of its letters in the file.
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether the feature has a property of this name with something in it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.get(&name.to_lowercase()).is_some()
    }

    /// A code, without the decimals that a program gives a whole number.
    fn code(&self, name: &str) -> Option<String> {
        let code = self.get(&name.to_lowercase())?;
        let is_whole = |whole: &&str| whole.bytes().all(|byte| byte.is_ascii_digit());
        let whole = code.strip_suffix(".0").filter(is_whole);
        Some(whole.unwrap_or(code).to_owned())
    }

    /// Reads the attributes that a person named.
    pub(super) fn named(&self, names: &NamedAttributes) -> Result<FeatureAttributes, Refusal> {
        let Some(id) = self.code(&names.code) else {
            return Err(refuse("code", Issue::Missing, String::new(), "the code of a place"));
        };
        Ok(FeatureAttributes {
            level: names.level,
            id,
            id_column: "code",
            passed_over: None,
            name: self.get(&names.name.to_lowercase()).map(str::to_owned),
            parent: names.parent.as_ref().and_then(|parent| self.code(parent)),
            valid_on: self.valid_on().0,
            bad_date: None,
        })
    }

    /// The code and name of the place that a feature lies in, where both are there.
    pub(super) fn parent(&self, names: Option<&NamedAttributes>) -> Option<(String, String)> {
        if let Some(names) = names {
            let code = self.code(names.parent.as_ref()?)?;
            let name = self.get(&names.parent_name.as_ref()?.to_lowercase())?;
            return Some((code, name.to_owned()));
        }
        let finest = (1..=5_u8).rev().find(|number| self.has(&pcode(*number)))?;
        let code = self.get(&pcode(finest - 1))?.to_owned();
        Some((code, self.cod_ab_name(finest - 1)?))
    }

    /// Reads the attributes that OCHA gives its boundaries: P-codes and names by level.
    fn cod_ab(&self, keys: &FileKeys) -> Result<FeatureAttributes, Refusal> {
        let code = |number: u8| {
            self.get(&pcode(number)).filter(|code| !is_level_word(code)).map(str::to_owned)
        };
        let has_code = |number: &u8| code(*number).is_some();
        // A finer code that the whole file shares is a filler, if a coarser one tells features apart.
        let filler = |number: u8| {
            let coarser = || (0..number).any(|it| has_code(&it) && !keys.is_shared(&pcode(it)));
            keys.is_shared(&pcode(number)) && coarser()
        };
        let mut levels = (0..=5_u8).rev().filter(|number| !filler(*number));
        let Some((number, id)) = levels.find_map(|number| Some((number, code(number)?))) else {
            return Err(Refusal {
                column: "ADM2_PCODE",
                issue: Issue::Missing,
                found: String::new(),
                expected: "ADMn_PCODE (OCHA COD-AB) or shapeType (geoBoundaries)",
                known_scheme: false,
            });
        };
        let (valid_on, bad_date) = self.valid_on();
        Ok(FeatureAttributes {
            level: level_of(number).ok_or_else(|| finer("ADMn_PCODE", number))?,
            id,
            id_column: "ADMn_PCODE",
            passed_over: None,
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

    /// The type of shape under geoBoundaries' scheme; empty under OCHA's.
    fn kind(&self) -> String {
        self.get("shapetype").unwrap_or_default().to_uppercase()
    }

    /// The day the border was in force, and what stood there if it is no day.
    fn valid_on(&self) -> (Option<NaiveDate>, Option<String>) {
        let found = ["validon", "valid_on", "date"].iter().find_map(|name| self.get(name));
        let Some(found) = found else { return (None, None) };
        let day = found.get(..10).and_then(|day| day.parse().ok());
        let bad = day.is_none().then(|| found.to_owned());
        (day, bad)
    }

    /// Reads the attributes that geoBoundaries gives its files: a name, and one of several keys of which
    /// only those count that identify a feature of this file.
    fn geo_boundaries(&self, kind: &str, keys: &FileKeys) -> Result<FeatureAttributes, Refusal> {
        let number = kind.to_uppercase().strip_prefix("ADM").and_then(|n| n.parse::<u8>().ok());
        let Some(number) = number else {
            let expected = "ADM0, ADM1 or ADM2";
            return Err(refuse("shapeType", Issue::UnknownCode, kind.to_owned(), expected));
        };
        let level = level_of(number).ok_or_else(|| finer("shapeType", number))?;
        let FeatureKey { id, column, passed_over } = self.geo_boundaries_key(level, keys)?;
        let group = self.get("shapegroup").filter(|group| !is_level_word(group));
        Ok(FeatureAttributes {
            level,
            id,
            id_column: column,
            passed_over,
            name: self.get("shapename").map(str::to_owned),
            parent: group.filter(|_| level == Level::Adm1).map(str::to_owned),
            valid_on: None,
            bad_date: None,
        })
    }

    /// The key of a feature of geoBoundaries: the ISO code where it is one and occurs once; else for
    /// a country its group, which is the only key of CGAZ; else `shapeID`; else the name.
    fn geo_boundaries_key(&self, level: Level, keys: &FileKeys) -> Result<FeatureKey, Refusal> {
        let is_code = if level == Level::Country { is_iso3 } else { is_subdivision };
        let iso = self.get("shapeiso").filter(|iso| is_code(iso));
        if let Some(iso) = iso.filter(|iso| keys.is_unique("shapeiso", iso, self)) {
            return Ok(FeatureKey::new(iso, "shapeISO"));
        }
        let passed_over = iso.map(|iso| PassedOver {
            column: "shapeISO",
            issue: Issue::DuplicateId,
            found: iso.to_owned(),
            expected: "a code that one feature has; the next key is used",
        });
        let group = self.get("shapegroup").filter(|_| level == Level::Country);
        if let Some(group) = group.filter(|group| keys.is_unique("shapegroup", group, self)) {
            return Ok(FeatureKey { passed_over, ..FeatureKey::new(group, "shapeGroup") });
        }
        let usable = |id: &&str| !is_level_word(id) && !keys.is_filler("shapeid", id, self);
        if let Some(id) = self.get("shapeid").filter(usable) {
            return Ok(FeatureKey { passed_over, ..FeatureKey::new(id, "shapeID") });
        }
        if let Some(group) = group {
            return Ok(FeatureKey::new(group, "shapeGroup"));
        }
        let found = self.get("shapeid").unwrap_or_default().to_owned();
        match self.get("shapename").filter(|name| keys.is_unique("shapename", name, self)) {
            // A name for a key is better than a province lost, where the file has a filler for a key.
            Some(name) if !found.is_empty() => {
                let expected = "an identifier that one feature has; the name stands in";
                let issue = Issue::DuplicateId;
                let passed_over = Some(PassedOver { column: "shapeID", issue, found, expected });
                Ok(FeatureKey { passed_over, ..FeatureKey::new(name, "shapeName") })
            }
            _ => Err(refuse("shapeID", Issue::Missing, found, "an identifier")),
        }
    }
}

/// The key of a feature and the column that it stands in.
struct FeatureKey {
    id: String,
    column: &'static str,
    passed_over: Option<PassedOver>,
}

impl FeatureKey {
    fn new(id: &str, column: &'static str) -> Self {
        Self { id: id.to_owned(), column, passed_over: None }
    }
}

/// How often the keys of a file occur. A key identifies a feature only where no other has it.
#[derive(Default)]
pub(super) struct FileKeys {
    /// Features with a key of this name, type of shape and value.
    counts: BTreeMap<[String; 3], usize>,
    /// Features of each type of shape; the type is empty under OCHA's scheme.
    features: BTreeMap<String, usize>,
}

impl FileKeys {
    /// Features from which on a key that all of them share is a filler.
    const SHARED: usize = 3;

    /// Counts a feature by what it has.
    pub(super) fn add(&mut self, attributes: &Attributes) {
        let kind = attributes.kind();
        *self.features.entry(kind.clone()).or_default() += 1;
        let keys = attributes.0.iter().filter(|(name, _)| {
            name.ends_with("_pcode")
                || ["shapeiso", "shapeid", "shapegroup", "shapename"].contains(&name.as_str())
        });
        for (name, value) in keys {
            *self.counts.entry([name.clone(), kind.clone(), value.clone()]).or_default() += 1;
        }
    }

    /// How many features of the file have this value of this property.
    fn count(&self, name: &str, value: &str, attributes: &Attributes) -> usize {
        let key = [name.to_owned(), attributes.kind(), value.to_owned()];
        self.counts.get(&key).copied().unwrap_or_default()
    }

    /// Whether this value stands at one feature of the file alone, so that it can be a key.
    fn is_unique(&self, name: &str, value: &str, attributes: &Attributes) -> bool {
        self.count(name, value, attributes) == 1
    }

    /// Whether every feature of this type, three or more, has this value.
    fn is_filler(&self, name: &str, value: &str, attributes: &Attributes) -> bool {
        let features = self.features.get(&attributes.kind()).copied().unwrap_or_default();
        features >= Self::SHARED && self.count(name, value, attributes) == features
    }

    /// Whether all features of OCHA's scheme, three or more, have the same value.
    fn is_shared(&self, name: &str) -> bool {
        let features = self.features.get("").copied().unwrap_or_default();
        let first = [name.to_owned(), String::new(), String::new()];
        let shared = |(key, count): (&[String; 3], &usize)| {
            key[0] == name && key[1].is_empty() && *count == features
        };
        features >= Self::SHARED && self.counts.range(first..).next().is_some_and(shared)
    }
}

/// The column in which OCHA keeps the code of a level.
fn pcode(number: u8) -> String {
    format!("adm{number}_pcode")
}

/// Whether a value is the name of a level, as geoBoundaries fills `shapeISO` where there is no code.
fn is_level_word(value: &str) -> bool {
    let digits =
        value.get(..3).filter(|start| start.eq_ignore_ascii_case("adm")).map(|_| &value[3..]);
    digits.is_some_and(|digits| digits.len() <= 1 && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// ISO 3166-1 alpha-3 in form.
fn is_iso3(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// ISO 3166-2 in form: a country's letters, a hyphen, one to three letters or digits.
fn is_subdivision(code: &str) -> bool {
    code.split_once('-').is_some_and(|(country, part)| {
        (2..=3).contains(&country.len())
            && country.bytes().all(|byte| byte.is_ascii_alphabetic())
            && (1..=3).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// The level with this number.
const fn level_of(number: u8) -> Option<Level> {
    match number {
        0 => Some(Level::Country),
        1 => Some(Level::Adm1),
        2 => Some(Level::Adm2),
        _ => None,
    }
}

/// The refusal of a feature whose code is of a finer level than its file.
fn finer(column: &'static str, number: u8) -> Refusal {
    let expected = "level 0 (country), 1 (province) or 2 (district)";
    refuse(column, Issue::UnknownCode, format!("level {number}"), expected)
}

/// A refusal of one feature: which property, what is wrong with it, what was found and expected.
fn refuse(column: &'static str, issue: Issue, found: String, expected: &'static str) -> Refusal {
    Refusal { column, issue, found, expected, known_scheme: true }
}
