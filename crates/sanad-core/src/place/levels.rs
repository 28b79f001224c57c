//! The two levels of place below the country: what a source's are in a case, and what people call them.

use serde::{Deserialize, Deserializer, Serialize};

use super::Level;

/// What a source's own two levels of place are in a case: some sources file a region as the first
/// level where a case has the province there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SourceLevels {
    /// What the source's first level below the country is.
    pub adm1: Level,
    /// What its second level is.
    pub adm2: Level,
}

impl Default for SourceLevels {
    fn default() -> Self {
        Self { adm1: Level::Adm1, adm2: Level::Adm2 }
    }
}

/// What places of a level are called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelName {
    /// One of them, such as `province`.
    #[serde(deserialize_with = "few_words")]
    pub one: String,
    /// Several of them, such as `provinces`.
    #[serde(deserialize_with = "few_words")]
    pub several: String,
}

impl LevelName {
    fn new(one: &str, several: &str) -> Self {
        Self { one: one.to_owned(), several: several.to_owned() }
    }
}

/// What a case calls the places of its two levels, in sentences for people: provinces and districts
/// where it does not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LevelNames {
    /// Places of the first level below the country.
    pub adm1: LevelName,
    /// Places of the second.
    pub adm2: LevelName,
}

impl Default for LevelNames {
    fn default() -> Self {
        Self {
            adm1: LevelName::new("province", "provinces"),
            adm2: LevelName::new("district", "districts"),
        }
    }
}

/// A name of a few words on one line.
fn few_words<'de, D: Deserializer<'de>>(input: D) -> core::result::Result<String, D::Error> {
    let words = String::deserialize(input)?;
    let is_plain = words.trim() == words && !words.contains(char::is_control);
    if is_plain && (1..=40).contains(&words.chars().count()) {
        return Ok(words);
    }
    Err(serde::de::Error::custom(format_args!(
        "found {words:?}, expected a word or a few, such as \"province\""
    )))
}
