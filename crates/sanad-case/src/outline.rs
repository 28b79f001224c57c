//! `brief.toml`: what a case wants its briefing to compare and to mark.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use sanad_core::Month;
use serde::Deserialize;

use super::position;
use crate::error::{Contradiction, Error, Result};
use sanad_core::chronicle::KnownIds;

const DOCUMENT: &str = "brief.toml";

/// What a briefing of the case shows beside what every briefing shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outline {
    /// Events that are marked in the charts over time.
    #[serde(default, rename = "marker")]
    pub markers: Vec<Marker>,
    /// Periods that are compared.
    #[serde(default, rename = "comparison")]
    pub comparisons: Vec<Comparison>,
    /// The headline of the page; the case's title alone when empty.
    #[serde(default)]
    pub headline: String,
    /// What a reader must know about the territory shown.
    #[serde(default)]
    pub territory_note: String,
}

/// A dated event to be marked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marker {
    /// The day.
    pub day: NaiveDate,
    /// A few words.
    pub label: String,
}

/// Periods compared by region.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Short name: lower-case letters, digits and hyphens.
    pub id: String,
    /// What is compared.
    pub title: String,
    /// What to keep in mind when reading it.
    pub note: String,
    /// The periods, in order of time.
    #[serde(rename = "period")]
    pub periods: Vec<PeriodOf>,
    /// The regions.
    #[serde(rename = "region")]
    pub regions: Vec<RegionOf>,
}

/// A period of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodOf {
    /// Name.
    pub label: String,
    /// First month.
    pub from: Month,
    /// Last month.
    pub to: Month,
}

/// A region of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionOf {
    /// Name.
    pub label: String,
    /// A country, province or district of the case, by id.
    pub place: String,
}

impl Comparison {
    fn fault(&self, known: &KnownIds) -> Option<Contradiction> {
        let wrong = |wrong| Some(Contradiction::Untestable { entry: self.id.clone(), wrong });
        if self.periods.iter().any(|period| period.to < period.from) {
            return wrong("a period ends before it begins");
        }
        if self.periods.windows(2).any(|pair| pair[1].from <= pair[0].to) {
            return wrong("the periods are not in the order of time, or overlap");
        }
        let strange = self.regions.iter().find(|region| !known.places.contains(&region.place))?;
        let (entry, id) = (self.id.clone(), strange.place.clone());
        Some(Contradiction::Unknown { entry, kind: "place", id })
    }
}

/// Reads `brief.toml` and checks that every place in it is known.
///
/// # Errors
///
/// [`Error::Toml`] with line and field; [`Error::Empty`]; [`Error::Contradiction`] for a comparison
/// listed twice, periods that run backwards or overlap, and places that the case does not have.
pub fn read_outline(text: &str, known: &KnownIds) -> Result<Outline> {
    let outline: Outline = position::parse(DOCUMENT, text)?;
    let mut seen = BTreeSet::new();
    let fault = outline.comparisons.iter().find_map(|one| {
        let (kind, id) = ("comparison", one.id.clone());
        let twice = !seen.insert(one.id.as_str());
        let twice = twice.then_some(Contradiction::Twice { kind, id });
        Some((&one.id, twice.or_else(|| one.fault(known))?))
    });
    let Some((entry, problem)) = fault else { return Ok(outline) };
    let at = text.rfind(&format!("id = \"{entry}\""));
    let line = at.map_or(1, |at| position::line(text, at));
    Err(Error::Contradiction { document: DOCUMENT, line, problem })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[[comparison]]\nid = \"a\"\ntitle = \"A\"\nnote = \"N.\"\n\
        period = [{ label = \"1\", from = \"2012-06\", to = \"2014-05\" }, \
        { label = \"2\", from = \"2014-06\", to = \"2016-12\" }]\n\
        region = [{ label = \"R\", place = \"PK\" }]\n";

    #[test]
    fn comparisons_are_of_places_of_the_case_and_of_periods_in_order() {
        let known = KnownIds { places: ["PK".to_owned()].into(), ..KnownIds::default() };
        assert_eq!(read_outline(TEXT, &known).unwrap().comparisons.len(), 1);
        let refused = |from: &str, to: &str| {
            read_outline(&TEXT.replacen(from, to, 1), &known).unwrap_err().to_string()
        };
        assert_eq!(
            refused("\"PK\"", "\"PK77\""),
            "brief.toml line 2: \"a\" names the place \"PK77\", which the case does not have"
        );
        assert!(refused("2014-05", "2012-05").contains("ends before it begins"));
        assert!(refused("2014-06", "2014-05").contains("order of time"));
        assert!(read_outline(&TEXT.repeat(2), &known).unwrap_err().to_string().contains("twice"));
    }
}
