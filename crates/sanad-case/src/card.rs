//! `case.toml`: what is studied, and which files say so.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use sanad_core::Month;
use sanad_core::chronicle::KnownIds;
use sanad_core::place::{Level, LevelNames, SourceLevels};
use serde::{Deserialize, Deserializer, Serialize};

use super::document::Document;
use super::event_kinds::EventKinds;
use super::position;
use crate::error::{Contradiction, Error, Result};

const DOCUMENT: &str = "case.toml";

/// The card of a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Short name, such as `pakistan`.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Identifier of the country among the case's places.
    pub country: String,
    /// ISO 3166-1 alpha-3 code of the country.
    pub iso3: String,
    /// Gleditsch–Ward number of the country.
    pub gwno: i32,
    /// The country's number in VIEWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views_country_id: Option<i32>,
    /// The day whose places count as today's.
    pub current_on: NaiveDate,
    /// Series whose events the case's figures are computed from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_source: Option<String>,
    /// By series id, what the levels of a source's places are in the case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub levels: BTreeMap<String, SourceLevels>,
    /// What the places of the two levels are called.
    #[serde(default)]
    pub level_names: LevelNames,
    /// The finest level of map, forecast and briefing; the finest that has places where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finest_level: Option<Level>,
    /// First month of those figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures_from: Option<Month>,
    /// Last month of those figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures_to: Option<Month>,
    /// File of places, in the case's folder.
    #[serde(default = "places_file", deserialize_with = "file_name")]
    pub places: String,
    /// File of actors, in the case's folder.
    #[serde(default = "actors_file", deserialize_with = "file_name")]
    pub actors: String,
    /// The case's own state among its actors, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// File of indicators, in the case's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "optional_file_name")]
    pub indicators: Option<String>,
    /// Outline of the briefing, in the case's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "optional_file_name")]
    pub brief: Option<String>,
    /// Further files in the case's folder, by what they are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[serde(deserialize_with = "document_names")]
    pub files: BTreeMap<Document, String>,
    /// Files of the chronicle, in the case's folder.
    #[serde(default, deserialize_with = "file_names")]
    pub chronicle: Vec<String>,
    /// Sets of provinces that a conflict's name implies.
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "theatre")]
    pub theatres: Vec<Theatre>,
    /// Ready-made figures, each with the card of the source it was computed from.
    #[serde(default, rename = "figure")]
    pub figures: Vec<Figure>,
    /// What `sanad update` fetches and imports, in this order.
    #[serde(default, rename = "update", skip_serializing_if = "Vec::is_empty")]
    pub updates: Vec<DeclaredUpdate>,
    /// The text that the chronicle follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
    /// Kinds of event, by who is on each side and who died.
    #[serde(default, rename = "kind", skip_serializing_if = "EventKinds::is_empty")]
    pub kinds: EventKinds,
    /// What the case takes facts and figures from.
    #[serde(default, rename = "reference")]
    pub references: Vec<Reference>,
}

impl Case {
    /// The series that the case's violence is counted from: its [`event_source`](Self::event_source),
    /// or else `ucdp-ged`.
    #[must_use]
    pub fn series(&self) -> String {
        self.event_source.clone().unwrap_or_else(|| "ucdp-ged".to_owned())
    }
}

/// A set of provinces in which certain conflicts are fought.
///
/// Where a source names the conflict and not the place, the conflict's name implies the theatre. How
/// often that is right is measured where both are known, and said beside every such number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theatre {
    /// Short name: lower-case letters, digits and hyphens.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Identifiers of today's provinces that belong to it.
    pub provinces: Vec<String>,
    /// Names of the conflicts, as the source writes them, that imply it.
    pub conflicts: Vec<String>,
}

/// A file of ready-made figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The file, in the case's folder.
    #[serde(deserialize_with = "file_name")]
    pub file: String,
    /// What it is: `counts`, `day-counts`, `country-months`, `conflict-counts`, `ensemble` or
    /// `ablation`.
    pub format: String,
    /// The card of its source, in the case's folder.
    #[serde(deserialize_with = "file_name")]
    pub card: String,
}

/// A source that the case is brought up to date from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredUpdate {
    /// Its name in the catalogue of publishers.
    pub source: String,
    /// The release; the newest ones when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// What fills the gaps of its addresses, with what the country gives.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// The columns to read, for a format with more than anybody needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
}

/// A text that a chronicle follows paragraph by paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Authors.
    pub authors: Vec<String>,
    /// Title.
    pub title: String,
    /// Publisher.
    pub publisher: String,
    /// Year of publication.
    pub year: i32,
    /// Where it can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// How many paragraphs it has.
    pub paragraphs: u32,
    /// How many footnotes it has.
    pub footnotes: u32,
}

/// A source of facts and figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Short name of the series.
    pub id: String,
    /// The publisher's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How the publisher asks to be cited.
    pub citation: String,
    /// Licence, as an SPDX name where one exists.
    pub licence: String,
    /// Where it was obtained.
    pub url: String,
    /// The day it was obtained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accessed: Option<NaiveDate>,
    /// What was taken from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_for: Option<String>,
}

fn places_file() -> String {
    "places.toml".to_owned()
}

fn actors_file() -> String {
    "actors.toml".to_owned()
}

fn file_name<'de, D: Deserializer<'de>>(input: D) -> core::result::Result<String, D::Error> {
    let name = String::deserialize(input)?;
    if is_file_name(&name) { Ok(name) } else { Err(not_a_name(&name)) }
}

fn optional_file_name<'de, D: Deserializer<'de>>(
    input: D,
) -> core::result::Result<Option<String>, D::Error> {
    file_name(input).map(Some)
}

fn file_names<'de, D: Deserializer<'de>>(input: D) -> core::result::Result<Vec<String>, D::Error> {
    let names = Vec::<String>::deserialize(input)?;
    match names.iter().find(|name| !is_file_name(name)) {
        None => Ok(names),
        Some(name) => Err(not_a_name(name)),
    }
}

fn document_names<'de, D: Deserializer<'de>>(
    input: D,
) -> core::result::Result<BTreeMap<Document, String>, D::Error> {
    let names = BTreeMap::<Document, String>::deserialize(input)?;
    match names.values().find(|name| !is_file_name(name)) {
        None => Ok(names),
        Some(name) => Err(not_a_name(name)),
    }
}

/// Whether `name` is that of a file in the case's folder: no other folder can be reached by it.
fn is_file_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', ':', '\0'])
}

fn not_a_name<E: serde::de::Error>(name: &str) -> E {
    E::custom(format_args!("found {name:?}, expected the name of a file in the case's folder"))
}

/// Whether the theatres of a case are made of its places, none of them twice.
///
/// # Errors
///
/// [`Error::Contradiction`](crate::Error::Contradiction) for an id, a province or a conflict that occurs
/// twice, and for a province that the case does not have.
pub fn check_theatres(theatres: &[Theatre], known: &KnownIds) -> Result<()> {
    let wrong = |problem| Error::Contradiction { document: "case.toml", line: 1, problem };
    let mut seen = BTreeSet::new();
    for theatre in theatres {
        let ids = [("theatre", &theatre.id)].into_iter();
        let provinces = theatre.provinces.iter().map(|id| ("province of a theatre", id));
        let conflicts = theatre.conflicts.iter().map(|name| ("conflict of a theatre", name));
        for (kind, id) in ids.chain(provinces.clone()).chain(conflicts) {
            if !seen.insert((kind, id)) {
                return Err(wrong(Contradiction::Twice { kind, id: id.clone() }));
            }
        }
        if let Some((kind, id)) = provinces.clone().find(|(_, id)| !known.places.contains(*id)) {
            let (entry, id) = (theatre.id.clone(), id.clone());
            return Err(wrong(Contradiction::Unknown { entry, kind, id }));
        }
    }
    Ok(())
}

/// Reads `case.toml`.
///
/// # Errors
///
/// [`Error::Toml`](crate::Error::Toml) with line and field when a field is missing, unknown or of
/// another form; [`Error::Empty`](crate::Error::Empty);
/// [`Error::Contradiction`](crate::Error::Contradiction) for a kind of event whose rule cannot be.
///
/// ```
/// let case = sanad_case::read_case(
///     "id = \"x\"\ntitle = \"X\"\ncountry = \"XX\"\niso3 = \"XXX\"\ngwno = 1\n\
///      current_on = \"2022-09-09\"",
/// )?;
/// assert_eq!(case.places, "places.toml");
/// # Ok::<(), sanad_case::Error>(())
/// ```
pub fn read_case(text: &str) -> Result<Case> {
    let case: Case = position::parse(DOCUMENT, text)?;
    match case.kinds.fault() {
        None => Ok(case),
        Some((kind, problem)) => {
            let start = text.find(&format!("kind = \"{}\"", kind.as_str()));
            let line = start.map_or(1, |start| position::line(text, start));
            Err(Error::Contradiction { document: DOCUMENT, line, problem })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn theatre(id: &str, province: &str, conflict: &str) -> Theatre {
        Theatre {
            id: id.to_owned(),
            title: id.to_owned(),
            provinces: vec![province.to_owned()],
            conflicts: vec![conflict.to_owned()],
        }
    }

    #[test]
    fn a_province_and_a_conflict_belong_to_one_theatre() {
        let places = ["X1".to_owned(), "X2".to_owned()].into();
        let known = KnownIds { places, ..KnownIds::default() };
        let check = |second| check_theatres(&[theatre("north", "X1", "X: North"), second], &known);
        assert!(check(theatre("south", "X2", "X: South")).is_ok());
        for wrong in [
            theatre("north", "X2", "X: South"),
            theatre("south", "X1", "X: South"),
            theatre("south", "X2", "X: North"),
            theatre("south", "X3", "X: South"),
        ] {
            assert!(check(wrong.clone()).unwrap_err().is_contradiction(), "{wrong:?}");
        }
    }
}
