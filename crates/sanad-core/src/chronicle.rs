//! Dated records written by hand from a text: a case's chronicle.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::actor::{Actor, Family, TieKind, words};
use crate::event::Means;
use crate::place::PlaceBook;
use crate::time::Period;

words! {
    /// The three fronts on which legitimacy is contested.
    Front {
        /// Militant narrative warfare.
        Narrative = "narrative",
        /// Domestic governance.
        Governance = "governance",
        /// Relations with neighbours.
        Regional = "regional",
    }
}

words! {
    /// What an act does to civic space or to grievance.
    ActEffect {
        /// It narrows civic space or adds to grievance.
        Tightens = "tightens",
        /// It widens civic space or answers grievance.
        Eases = "eases",
        /// Neither, or not known.
        Neutral = "neutral",
    }
}

words! {
    /// What a relation between states expresses.
    RelationEffect {
        /// Conflict.
        Conflict = "conflict",
        /// Cooperation.
        Cooperation = "cooperation",
        /// Neither, or both.
        Neutral = "neutral",
    }
}

/// What every record of a chronicle has, whatever its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Identifier, unique in the chronicle.
    pub id: String,
    /// When it happened, as exactly as the text says.
    pub when: Period,
    /// Paragraph of the text.
    pub paragraph: u32,
    /// Footnotes of the text.
    #[serde(default)]
    pub footnotes: Vec<u32>,
    /// One neutral line in our own words.
    pub summary: String,
    /// Places, by id.
    #[serde(default)]
    pub places: Vec<String>,
    /// Organisations and states, by id.
    #[serde(default)]
    pub actors: Vec<String>,
    /// Fronts it bears on.
    #[serde(default)]
    pub fronts: Vec<Front>,
    /// Where it comes from, when not from the text alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cite: Option<String>,
    /// A neutral remark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What sets the kinds of record apart.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Detail {
    /// Violence.
    Event(EventDetail),
    /// A public message of an organisation, as metadata and coded frames; never its text.
    Statement(StatementDetail),
    /// What a state does at home.
    Act(ActDetail),
    /// What happens between states.
    Relation(RelationDetail),
    /// What happens between organisations.
    Tie(TieDetail),
    /// A value of an indicator.
    Observation(ObservationDetail),
}

impl Detail {
    /// The word for the kind of record.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Event(_) => "event",
            Self::Statement(_) => "statement",
            Self::Act(_) => "act",
            Self::Relation(_) => "relation",
            Self::Tie(_) => "tie",
            Self::Observation(_) => "observation",
        }
    }
}

/// A record of a chronicle.
#[derive(Debug, Clone, PartialEq)]
pub struct ChronicleRecord {
    /// What every record has.
    pub entry: Entry,
    /// What this kind of record has.
    pub detail: Detail,
}

/// Violence as a text tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventDetail {
    /// What happened: attack, operation, strike, clash.
    pub event_kind: String,
    /// The side that acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side_a: Option<String>,
    /// The side it was directed at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side_b: Option<String>,
    /// Deaths as the text gives them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deaths_best: Option<u32>,
    /// Low estimate of deaths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deaths_low: Option<u32>,
    /// High estimate of deaths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deaths_high: Option<u32>,
    /// By what means the side that acted did it, where the text or the source cited says so.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub means: BTreeSet<Means>,
}

/// A public message as metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementDetail {
    /// The organisation that speaks.
    pub organisation: String,
    /// The outlet it speaks through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet: Option<String>,
    /// Languages.
    #[serde(default)]
    pub languages: Vec<String>,
    /// Audiences addressed.
    #[serde(default)]
    pub audiences: Vec<String>,
    /// Medium: video, audio, magazine, booklet, online.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medium: Option<String>,
    /// Whom the message is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Coded frames.
    #[serde(default)]
    pub frames: Vec<String>,
    /// How many events the organisation claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_events: Option<u32>,
    /// First day of the claim's period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_from: Option<Period>,
    /// Last day of the claim's period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_to: Option<Period>,
    /// Length of the claim's period in months, where its days are not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_months: Option<u32>,
}

/// What a state does at home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActDetail {
    /// The state or institution.
    pub by: String,
    /// What it does: ban, arrest, shutdown, talks, reform and so on.
    pub act_kind: String,
    /// The organisation or movement concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub toward: Option<String>,
    /// What it does to civic space or grievance.
    pub effect: ActEffect,
}

/// What happens between states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelationDetail {
    /// The state that acts.
    pub from_state: String,
    /// The state it is directed at.
    pub to_state: String,
    /// What happens: strike, demarche, talks, closure and so on.
    pub relation_kind: String,
    /// Conflict or cooperation.
    pub effect: RelationEffect,
}

/// What happens between organisations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TieDetail {
    /// One organisation.
    pub a: String,
    /// The other.
    pub b: String,
    /// How they are tied.
    pub tie_kind: TieKind,
    /// When the tie ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Period>,
    /// Who says so, where the tie is an allegation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alleged_by: Option<String>,
}

/// A value of an indicator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObservationDetail {
    /// The indicator.
    pub indicator: String,
    /// The value as given.
    pub value: f64,
    /// Low bound, where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// High bound, where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// Unit.
    pub unit: String,
    /// "over", "about", "up to" or "nearly", as the text has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparator: Option<String>,
}

/// The identifiers that entries of a case may refer to.
///
/// ```
/// use sanad_core::chronicle::KnownIds;
///
/// let known = KnownIds { places: ["X1".to_owned()].into(), ..KnownIds::default() };
/// assert!(known.places.contains("X1") && known.actors.is_empty());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownIds {
    /// Places.
    pub places: BTreeSet<String>,
    /// Organisations and states.
    pub actors: BTreeSet<String>,
    /// Families of those, beside the general ones.
    pub families: BTreeSet<Family>,
}

impl KnownIds {
    /// The identifiers of a case's places and actors, and the families that its actors have.
    #[must_use]
    pub fn from_case(places: &PlaceBook, actors: &[Actor]) -> Self {
        Self {
            places: places.iter().map(|place| place.id.clone()).collect(),
            actors: actors.iter().map(|actor| actor.id.clone()).collect(),
            families: actors.iter().map(|actor| actor.family.clone()).collect(),
        }
    }

    /// Whether a family is a general one or that of an actor of the case.
    #[must_use]
    pub fn has_family(&self, family: &Family) -> bool {
        family.general_title().is_some() || self.families.contains(family)
    }
}
