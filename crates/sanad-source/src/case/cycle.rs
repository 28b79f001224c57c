//! `cycle.toml`: the kinds of event whose mutual excitation is estimated.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use sanad_core::actor::Family;
use serde::Deserialize;

use super::position;
use crate::error::{Contradiction, Error, Result};

const DOCUMENT: &str = "cycle.toml";

/// The kinds of a case and the days they are looked at.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cycle {
    /// First day used.
    pub from: NaiveDate,
    /// Last day used.
    pub to: NaiveDate,
    /// Kinds.
    #[serde(rename = "kind")]
    pub kinds: Vec<DeclaredKind>,
}

/// A kind of event, by rule.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredKind {
    /// Short name: lower-case letters, digits and hyphens.
    pub id: String,
    /// What it is, for people.
    pub title: String,
    /// What the rule can get wrong.
    pub note: String,
    /// UCDP's types of violence; all when empty.
    #[serde(default)]
    pub violence: Vec<u8>,
    /// Families of which at least one side must be; any when empty.
    #[serde(default)]
    pub families: Vec<Family>,
    /// Whether side A must be the case's own state.
    #[serde(default)]
    pub by_own_state: bool,
    /// Smallest share of side B among the deaths, 0 to 1.
    #[serde(default)]
    pub side_b_share_from: Option<f64>,
    /// Share of side B among the deaths from which an event no longer counts, 0 to 1.
    #[serde(default)]
    pub side_b_share_below: Option<f64>,
    /// Whether a civilian must have been killed.
    #[serde(default)]
    pub civilians_killed: bool,
}

impl Cycle {
    /// Position of the kind of that name.
    #[must_use]
    pub fn kind(&self, id: &str) -> Option<usize> {
        self.kinds.iter().position(|kind| kind.id == id)
    }

    fn fault(&self) -> Option<(String, Contradiction)> {
        let wrong = |entry: &str, wrong| {
            (entry.to_owned(), Contradiction::Untestable { entry: entry.to_owned(), wrong })
        };
        if self.to < self.from {
            return Some(wrong("cycle", "to lies before from"));
        }
        let mut seen = BTreeSet::new();
        self.kinds.iter().find_map(|kind| {
            if !seen.insert(&kind.id) {
                let twice = Contradiction::Twice { kind: "kind", id: kind.id.clone() };
                return Some((kind.id.clone(), twice));
            }
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            if kind.id.is_empty() || !kind.id.bytes().all(plain) {
                let what = "an id is lower-case letters, digits and hyphens";
                return Some(wrong(&kind.id, what));
            }
            let shares = [kind.side_b_share_from, kind.side_b_share_below];
            let outside = shares.into_iter().flatten().any(|share| !(0.0..=1.0).contains(&share));
            outside.then(|| wrong(&kind.id, "a share lies outside 0 to 1"))
        })
    }
}

/// Reads `cycle.toml`.
///
/// # Errors
///
/// [`Error::Toml`] with line and field; [`Error::Empty`]; [`Error::Contradiction`] for a kind listed
/// twice, days that run backwards, or a share outside 0 to 1.
pub fn read_cycle(text: &str) -> Result<Cycle> {
    let cycle: Cycle = position::parse(DOCUMENT, text)?;
    match cycle.fault() {
        None => Ok(cycle),
        Some((entry, problem)) => {
            let at = text.rfind(&format!("id = \"{entry}\""));
            let line = at.map_or(1, |at| position::line(text, at));
            Err(Error::Contradiction { document: DOCUMENT, line, problem })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CYCLE: &str = "from = \"2004-01-01\"\nto = \"2021-12-31\"\n\n[[kind]]\nid = \"a\"\ntitle = \"A\"\nnote = \"None.\"\nviolence = [1]\nside_b_share_from = 0.5\n";

    #[test]
    fn kinds_are_read_and_faults_told_with_their_line() {
        let cycle = read_cycle(CYCLE).unwrap();
        assert_eq!((cycle.kind("a"), cycle.kind("b")), (Some(0), None));
        let refused = |from, to| read_cycle(&CYCLE.replacen(from, to, 1)).unwrap_err().to_string();
        assert_eq!(
            refused("= 0.5", "= 1.5"),
            "cycle.toml line 5: \"a\": a share lies outside 0 to 1"
        );
        assert!(refused("2021-12-31", "2001-12-31").contains("to lies before from"));
        assert!(refused("note", "remark").contains("cycle.toml line"));
        let twice = format!("{CYCLE}\n[[kind]]\nid = \"a\"\ntitle = \"A\"\nnote = \"None.\"\n");
        assert!(read_cycle(&twice).unwrap_err().to_string().contains("is listed twice"));
    }
}
