//! `cycle.toml`: the kinds of record whose mutual excitation is estimated, and the dated
//! interventions that are looked at.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use sanad_core::Month;
use sanad_core::actor::Family;
use sanad_core::chronicle::{ActEffect, RelationEffect};
use serde::Deserialize;

use super::event_kinds::{EventKind, KindReading};
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
    /// What is tried in place of the declared rules.
    #[serde(default)]
    pub explore: Explore,
    /// Kinds.
    #[serde(rename = "kind")]
    pub kinds: Vec<DeclaredKind>,
    /// Dated interventions.
    #[serde(default, rename = "intervention")]
    pub interventions: Vec<DeclaredIntervention>,
    /// Regions in which interventions are looked at.
    #[serde(default, rename = "region")]
    pub regions: Vec<DeclaredRegion>,
}

/// What is tried in place of the declared rules, to see how much hangs on them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explore {
    /// Shares of side B among the deaths in place of the declared ones, 0 to 1.
    pub shares: Vec<f64>,
}

/// A region: places that count together.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredRegion {
    /// Short name: lower-case letters, digits and hyphens.
    pub id: String,
    /// What it is, for people.
    pub title: String,
    /// Places of any level and day that are in it, by id; empty for the whole country.
    #[serde(default)]
    pub places: Vec<String>,
    /// Places inside those that are not in it.
    #[serde(default)]
    pub without: Vec<String>,
}

/// Something that happened on a day, before and after which counts are compared.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredIntervention {
    /// Short name: lower-case letters, digits and hyphens.
    pub id: String,
    /// What it is, for people.
    pub title: String,
    /// The day it began.
    pub on: NaiveDate,
    /// What else fell into the same months.
    pub note: String,
    /// First month used.
    pub from: Month,
    /// Last month used.
    pub to: Month,
    /// Kinds whose events are counted by day, each by itself.
    pub kinds: Vec<String>,
    /// Families of which at least one must be a side in counts by place and month.
    pub families: Vec<Family>,
    /// Districts that it was aimed at, by id, for a comparison with other districts; empty for none.
    #[serde(default)]
    pub treated: Vec<String>,
    /// Districts that the comparison leaves out, because it reached them as well.
    #[serde(default)]
    pub no_donors: Vec<NoDonors>,
}

/// Districts that are no fair comparison, and why.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoDonors {
    /// The districts, by id.
    pub places: Vec<String>,
    /// Why what happened to them is no picture of what would have happened otherwise.
    pub reason: String,
}

impl DeclaredIntervention {
    /// The first whole month after its day.
    #[must_use]
    pub fn start(&self) -> Month {
        Month::from_date(self.on).plus(i32::from(self.on.day() > 1))
    }
}

/// Kinds of chronicle record that may be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChronicleKind {
    /// Public messages of organisations.
    Statement,
    /// Acts of a state at home.
    Act,
    /// What happens between states.
    Relation,
}

/// A kind whose records are counted by day: events of declared kinds, or records of the chronicle.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredKind {
    /// Short name: lower-case letters, digits and hyphens.
    pub id: String,
    /// What it is, for people.
    pub title: String,
    /// What the rule can get wrong.
    pub note: String,
    /// Kinds of event of the case that count, of which one must be an event's.
    #[serde(default)]
    pub events: Vec<EventKind>,
    /// Families of which at least one side must be; any when empty.
    #[serde(default)]
    pub families: Vec<Family>,
    /// Whether a civilian must have been killed.
    #[serde(default)]
    pub civilians_killed: bool,
    /// Records of the chronicle instead of a source's events.
    #[serde(default)]
    pub from_chronicle: Option<ChronicleKind>,
    /// What an act must do.
    #[serde(default)]
    pub act_effect: Option<ActEffect>,
    /// What a relation must express.
    #[serde(default)]
    pub relation_effect: Option<RelationEffect>,
    /// Whether the kind stands beside the model that claims are tested with, in a model of its own.
    #[serde(default)]
    pub extra: bool,
    /// Kinds that this one holds a part of; they are left out of its model.
    #[serde(default)]
    pub overlaps: Vec<String>,
}

impl DeclaredKind {
    /// The name that the kind is counted under with another share of side B among the deaths.
    #[must_use]
    pub fn id_at_share(id: &str, share: f64) -> String {
        format!("{id}@{share}")
    }

    /// The name that the kind is counted under together with what is not told apart.
    #[must_use]
    pub fn id_with_rest(id: &str) -> String {
        format!("{id}+{}", EventKind::NotToldApart.as_str())
    }

    /// Whether events that are not told apart may be of the kind.
    #[must_use]
    pub fn may_hold_rest(&self) -> bool {
        KindReading::ALL.iter().any(|&reading| self.holds_rest(reading))
    }

    /// Whether events that are not told apart count under a reading.
    #[must_use]
    pub fn holds_rest(&self, reading: KindReading) -> bool {
        reading.taken_for().is_some_and(|kind| self.events.contains(&kind))
    }
}

impl Cycle {
    /// Position of the kind of that name.
    #[must_use]
    pub fn kind(&self, id: &str) -> Option<usize> {
        self.kinds.iter().position(|kind| kind.id == id)
    }

    /// The same days with some of the kinds only.
    #[must_use]
    pub fn only(&self, keep: impl Fn(&DeclaredKind) -> bool) -> Self {
        let kinds = self.kinds.iter().filter(|kind| keep(kind)).cloned().collect();
        Self { kinds, ..self.clone() }
    }

    /// The same days with the kinds that claims are tested with.
    #[must_use]
    pub fn base(&self) -> Self {
        self.only(|kind| !kind.extra)
    }

    fn fault(&self) -> Option<(String, Contradiction)> {
        let wrong = |entry: &str, wrong| {
            (entry.to_owned(), Contradiction::Untestable { entry: entry.to_owned(), wrong })
        };
        if self.to < self.from {
            return Some(wrong("cycle", "to lies before from"));
        }
        if self.explore.shares.iter().any(|share| !(0.0..=1.0).contains(share)) {
            return Some(wrong("cycle", "a share lies outside 0 to 1"));
        }
        self.kind_fault().or_else(|| self.intervention_fault())
    }

    fn kind_fault(&self) -> Option<(String, Contradiction)> {
        let wrong = |entry: &str, wrong| {
            (entry.to_owned(), Contradiction::Untestable { entry: entry.to_owned(), wrong })
        };
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
            if kind.events.is_empty() == kind.from_chronicle.is_none() {
                let what = "expected kinds of event, or records of the chronicle, and not both";
                return Some(wrong(&kind.id, what));
            }
            if kind.events.contains(&EventKind::NotToldApart) {
                return Some(wrong(&kind.id, "what is not told apart is counted by reading"));
            }
            if EventKind::ALL.iter().any(|event| event.as_str() == kind.id) {
                return Some(wrong(&kind.id, "the id is that of a kind of event"));
            }
            if kind.overlaps.iter().any(|other| self.kind(other).is_none() || *other == kind.id) {
                return Some(wrong(&kind.id, "overlaps names no other kind"));
            }
            let from_chronicle = (kind.from_chronicle, kind.act_effect, kind.relation_effect);
            let fits = match from_chronicle {
                (Some(ChronicleKind::Act), _, None) | (Some(ChronicleKind::Relation), None, _) => {
                    true
                }
                (_, act, relation) => act.is_none() && relation.is_none(),
            };
            (!fits).then(|| wrong(&kind.id, "an effect is asked of records that have none"))
        })
    }

    fn intervention_fault(&self) -> Option<(String, Contradiction)> {
        let mut regions = BTreeSet::new();
        let again = self.regions.iter().find(|region| !regions.insert(&region.id));
        if let Some(region) = again {
            let twice = Contradiction::Twice { kind: "region", id: region.id.clone() };
            return Some((region.id.clone(), twice));
        }
        let mut seen = BTreeSet::new();
        self.interventions.iter().find_map(|intervention| {
            if !seen.insert(&intervention.id) {
                let twice =
                    Contradiction::Twice { kind: "intervention", id: intervention.id.clone() };
                return Some((intervention.id.clone(), twice));
            }
            let what = if !(intervention.from < intervention.start()
                && intervention.start() < intervention.to)
            {
                "its day does not lie between from and to"
            } else if intervention.kinds.is_empty()
                || intervention.kinds.iter().any(|id| self.kind(id).is_none())
            {
                "kinds names no kind"
            } else if intervention
                .no_donors
                .iter()
                .any(|no_donor| no_donor.places.is_empty() || no_donor.reason.is_empty())
            {
                "no_donors gives no places or no reason"
            } else if intervention
                .no_donors
                .iter()
                .flat_map(|no_donor| &no_donor.places)
                .any(|id| intervention.treated.contains(id))
            {
                "no_donors names a district that is treated"
            } else {
                return None;
            };
            let wrong = Contradiction::Untestable { entry: intervention.id.clone(), wrong: what };
            Some((intervention.id.clone(), wrong))
        })
    }
}

/// Reads `cycle.toml`.
///
/// # Errors
///
/// [`Error::Toml`] with line and field; [`Error::Empty`]; [`Error::Contradiction`] for a kind listed
/// or an intervention listed twice, days that run backwards, a share outside 0 to 1, an effect asked of
/// records that have none, or the name of a kind that is not there.
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

    const CYCLE: &str = "from = \"2004-01-01\"\nto = \"2021-12-31\"\n\n[[kind]]\nid = \"a\"\ntitle = \"A\"\nnote = \"None.\"\nevents = [\"operation\"]\n";

    #[test]
    fn what_is_not_told_apart_counts_where_a_reading_takes_it_for_the_kind() {
        let cycle = read_cycle(CYCLE).unwrap();
        let kind = &cycle.kinds[0];
        let holds = KindReading::ALL.map(|reading| kind.holds_rest(reading));
        assert_eq!((holds, kind.may_hold_rest()), ([false, false, true], true));
        assert_eq!(DeclaredKind::id_with_rest("a"), "a+not-told-apart");
        assert_eq!(DeclaredKind::id_at_share("a", 0.7), "a@0.7");
        assert!(cycle.base().kinds.len() == 1 && cycle.only(|_| false).kinds.is_empty());
    }

    #[test]
    fn kinds_are_read_and_faults_told_with_their_line() {
        let cycle = read_cycle(CYCLE).unwrap();
        assert_eq!((cycle.kind("a"), cycle.kind("b")), (Some(0), None));
        let refused = |from, to| read_cycle(&CYCLE.replacen(from, to, 1)).unwrap_err().to_string();
        assert_eq!(
            refused("\"operation\"", "\"not-told-apart\""),
            "cycle.toml line 5: \"a\": what is not told apart is counted by reading"
        );
        assert!(refused("\"operation\"", "").contains("and not both"));
        assert!(refused("\"operation\"", "\"raid\"").contains("cycle.toml line"));
        assert!(refused("id = \"a\"", "id = \"attack\"").contains("kind of event"));
        assert!(refused("2021-12-31", "2001-12-31").contains("to lies before from"));
        assert!(refused("note", "remark").contains("cycle.toml line"));
        let with = |more: &str| read_cycle(&format!("{CYCLE}{more}"));
        assert!(with("act_effect = \"eases\"\n").unwrap_err().to_string().contains("have none"));
        assert!(with("overlaps = [\"b\"]\n").unwrap_err().to_string().contains("no other kind"));
        let dated = "\n[[intervention]]\nid = \"x\"\ntitle = \"X\"\non = \"2014-06-15\"\nnote = \"None.\"\nfrom = \"2010-01\"\nto = \"2018-05\"\nkinds = [\"a\"]\nfamilies = []\n";
        assert_eq!(with(dated).unwrap().interventions[0].start().to_string(), "2014-07");
        let early = dated.replace("2014-06-15", "2009-06-15");
        assert!(with(&early).unwrap_err().to_string().contains("between from and to"));
        let nobody = dated.replace("[\"a\"]", "[\"c\"]");
        assert!(with(&nobody).unwrap_err().to_string().contains("names no kind"));
        let donors =
            |more: &str| with(&format!("{dated}treated = [\"p\"]\nno_donors = [{more}]\n"));
        let left_out = "{ places = [\"q\"], reason = \"Fighting.\" }";
        assert_eq!(donors(left_out).unwrap().interventions[0].no_donors[0].places, ["q"]);
        let itself = donors(&left_out.replace("\"q\"", "\"p\"")).unwrap_err();
        assert!(itself.to_string().contains("a district that is treated"));
        let silent = donors(&left_out.replace("Fighting.", "")).unwrap_err();
        assert!(silent.to_string().contains("no reason"));
        let twice = format!(
            "{CYCLE}\n[[kind]]\nid = \"a\"\ntitle = \"A\"\nnote = \"None.\"\nevents = [\"attack\"]\n"
        );
        assert!(read_cycle(&twice).unwrap_err().to_string().contains("is listed twice"));
    }
}
