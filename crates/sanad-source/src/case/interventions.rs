//! `interventions.toml`: dated interventions whose traces are looked for in the record.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use sanad_core::Month;
use serde::Deserialize;

use super::{Known, position};
use crate::error::{Contradiction, Error, Result};

const DOCUMENT: &str = "interventions.toml";

/// Interventions and the regions they are looked for in.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interventions {
    /// Kinds of `cycle.toml` that together are called attacks, counted by day and province.
    #[serde(default)]
    pub attacks: Vec<String>,
    /// Regions, the whole country among them if it is to be shown.
    #[serde(rename = "region")]
    pub regions: Vec<Region>,
    /// Interventions.
    #[serde(rename = "intervention")]
    pub interventions: Vec<Intervention>,
}

/// A region, by today's places.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Short name: lower-case letters, digits and hyphens.
    pub id: String,
    /// What it is called, for people.
    pub title: String,
    /// Places of the case that make it up.
    pub places: Vec<String>,
    /// Districts that are taken out of them.
    #[serde(default)]
    pub without: Vec<String>,
    /// Today's provinces that make it up, for attacks, which are counted by province and day; none
    /// where it is no sum of them.
    #[serde(default)]
    pub provinces: Vec<String>,
}

/// A dated intervention.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intervention {
    /// Short name: lower-case letters, digits and hyphens.
    pub id: String,
    /// What it is called, for people.
    pub title: String,
    /// The day it began.
    pub day: NaiveDate,
    /// First month looked at.
    pub from: Month,
    /// Last month looked at.
    pub to: Month,
    /// What else changed, and what a reader must know.
    pub note: String,
    /// Where the day is from.
    pub cite: String,
    /// Regions that it was meant for, each compared with untreated districts; none for an
    /// intervention that met the whole country.
    #[serde(default)]
    pub treated: Vec<String>,
    /// Regions that cannot stand in for what would have been, because the intervention reached
    /// them as well.
    #[serde(default)]
    pub no_donors: Vec<String>,
}

impl Interventions {
    /// The region of that name.
    #[must_use]
    pub fn region(&self, id: &str) -> Option<&Region> {
        self.regions.iter().find(|region| region.id == id)
    }

    fn fault(&self, known: &Known) -> Option<(String, Contradiction)> {
        let wrong = |entry: &str, wrong| {
            (entry.to_owned(), Contradiction::Untestable { entry: entry.to_owned(), wrong })
        };
        let mut seen = BTreeSet::new();
        let ids = self.regions.iter().map(|it| ("region", &it.id));
        let ids = ids.chain(self.interventions.iter().map(|it| ("intervention", &it.id)));
        for (kind, id) in ids {
            if !seen.insert((kind, id)) {
                return Some((id.clone(), Contradiction::Twice { kind, id: id.clone() }));
            }
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            if id.is_empty() || !id.bytes().all(plain) {
                return Some(wrong(id, "an id is lower-case letters, digits and hyphens"));
            }
        }
        for region in &self.regions {
            let mut places = region.places.iter().chain(&region.without).chain(&region.provinces);
            if region.places.is_empty() {
                return Some(wrong(&region.id, "a region has at least one place"));
            }
            if places.any(|place| !known.places.contains(place)) {
                return Some(wrong(&region.id, "a place is not among the case's places"));
            }
        }
        self.interventions.iter().find_map(|it| {
            let start = Month::of(it.day);
            let mut named = it.treated.iter().chain(&it.no_donors);
            if it.from >= start || start >= it.to {
                return Some(wrong(&it.id, "its day must lie between from and to"));
            }
            let unknown = named.any(|id| self.region(id).is_none());
            unknown.then(|| wrong(&it.id, "a region is named that is not declared"))
        })
    }
}

/// Reads `interventions.toml`. `known` are the places of the case.
///
/// # Errors
///
/// [`Error::Toml`] with line and field; [`Error::Empty`]; [`Error::Contradiction`] for an id given
/// twice, an unknown place or region, or a day outside the months looked at.
pub fn read_interventions(text: &str, known: &Known) -> Result<Interventions> {
    let read: Interventions = position::parse(DOCUMENT, text)?;
    match read.fault(known) {
        None => Ok(read),
        Some((entry, problem)) => {
            let at = text.find(&format!("id = \"{entry}\""));
            let line = at.map_or(1, |at| position::line(text, at));
            Err(Error::Contradiction { document: DOCUMENT, line, problem })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[[region]]\nid = \"north\"\ntitle = \"North\"\nplaces = [\"X1\"]\n\n\
        [[intervention]]\nid = \"push\"\ntitle = \"A push\"\nday = \"2014-06-15\"\n\
        from = \"2012-01\"\nto = \"2016-12\"\nnote = \"None.\"\ncite = \"Here\"\n\
        treated = [\"north\"]\n";

    fn known() -> Known {
        Known { places: ["X1".to_owned()].into(), ..Known::default() }
    }

    #[test]
    fn interventions_are_read_and_faults_told_with_their_line() {
        let read = read_interventions(TEXT, &known()).unwrap();
        assert_eq!(read.region("north").unwrap().places, ["X1"]);
        let refused =
            |from, to| read_interventions(&TEXT.replacen(from, to, 1), &known()).unwrap_err();
        for (from, to, told) in [
            ("[\"X1\"]", "[\"X9\"]", "line 2: \"north\": a place is not among"),
            ("[\"X1\"]", "[]", "line 2: \"north\": a region has at least"),
            ("[\"north\"]", "[\"south\"]", "line 7: \"push\": a region is named"),
            ("2016-12", "2014-06", "line 7: \"push\": its day must lie"),
            ("id = \"push\"", "id = \"A push\"", "an id is lower-case"),
            ("note = ", "remark = ", "interventions.toml line"),
        ] {
            let message = refused(from, to).to_string();
            assert!(message.contains(told), "{message}");
        }
    }
}
