//! `indicators.toml`: what the fronts are measured by.

use sanad_core::Period;
use sanad_core::actor::Family;
use sanad_core::chronicle::{Front, KnownIds};
use sanad_core::place::Level;
use serde::Deserialize;

use super::event_kinds::EventKind;
use super::{families, position};
use crate::error::{Contradiction, Error, Result};

mod check;
mod method;

pub use method::{
    AlternativeRules, GapRule, JoinRule, MethodRules, OutlierRule, ScaleRule, WeightRule,
};

const DOCUMENT: &str = "indicators.toml";

/// The indicators of a case and the settings they are joined with.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicators {
    /// No index where the share of the weight that has data is below this, 0 to 1.
    pub evidence_floor: f64,
    /// The months whose values set the scales of indicators without goalposts.
    pub reference: Period,
    /// The months in which the chronicle is dense enough to be counted.
    pub chronicle_covers: Period,
    /// How far places differ around the value of a country or province that stands for them:
    /// standard deviation as a share of the scale, 0 to 1.
    pub spread_within: f64,
    /// Every weight is varied by up to this share when intervals are drawn, 0 to 1.
    pub weight_spread: f64,
    /// Draws of the Monte-Carlo run.
    pub draws: usize,
    /// Seed of the Monte-Carlo run.
    pub seed: u64,
    /// How indicators are joined; min-max, carried values, declared weights and arithmetic means
    /// when absent.
    #[serde(default)]
    pub method: MethodRules,
    /// Ways that are as good; both means when absent.
    #[serde(default)]
    pub alternatives: AlternativeRules,
    /// Pillars.
    #[serde(rename = "pillar")]
    pub pillars: Vec<Pillar>,
    /// Indicators.
    #[serde(rename = "indicator")]
    pub indicators: Vec<DeclaredIndicator>,
}

/// A pillar of a front.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pillar {
    /// Short name.
    pub id: String,
    /// The front it belongs to.
    pub front: Front,
    /// Title for people.
    pub title: String,
    /// Weight in the front, above 0.
    #[serde(default = "one")]
    pub weight: f64,
}

/// What an indicator counts among violent events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// Events.
    Events,
    /// Deaths, best estimate, with the low and the high one.
    Deaths,
    /// Deaths of civilians, best estimate.
    CivilianDeaths,
    /// Districts in which there was an event.
    Districts,
}

/// Whose violence is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sides {
    /// At least one side is an armed organisation outside any state.
    Organisation,
    /// One side is the case's own state; of one-sided violence, the side that acts.
    OwnState,
    /// One side is another state.
    OtherState,
    /// No side is a state.
    NoState,
}

/// Which way an indicator moves its front's index of strain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strain {
    /// More of it is more strain.
    #[default]
    Raises,
    /// More of it is less strain.
    Lowers,
}

/// How long a stretch one value stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnitOfTime {
    /// A day.
    Day,
    /// A month.
    Month,
    /// A year.
    Year,
}

/// The scale on which values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScaleOf {
    /// As they are.
    Linear,
    /// ln(1 + x).
    Log,
}

/// An indicator.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredIndicator {
    /// Short name.
    pub id: String,
    /// The pillar it belongs to.
    pub pillar: String,
    /// Title for people, with the unit.
    pub title: String,
    /// Whether more of it is more strain.
    #[serde(default)]
    pub strain: Strain,
    /// How fine the place is that a value is about.
    pub unit_of_place: Level,
    /// How long a stretch a value is about, before months are added up.
    pub unit_of_time: UnitOfTime,
    /// Levels of place on which it is used; every level when empty.
    #[serde(default)]
    pub levels: Vec<Level>,
    /// Months that are added up, the last being the month itself.
    #[serde(default = "one_month")]
    pub window_months: usize,
    /// Months from a period's end to the day its value can be known.
    pub release_lag_months: u32,
    /// Months from a period's end after which a value no longer stands for the present.
    pub max_age_months: u32,
    /// The scale.
    pub scale: ScaleOf,
    /// Lowest and highest value of the scale, in the value's unit; those of the reference months
    /// when absent.
    #[serde(default)]
    pub goalposts: Option<[f64; 2]>,
    /// Standard error of a value whose source gives none, in the value's unit.
    #[serde(default)]
    pub assumed_error: f64,
    /// Standard error of a value whose source gives none, as a share of the value.
    #[serde(default)]
    pub relative_error: f64,
    /// Weight inside the pillar, above 0.
    #[serde(default = "one")]
    pub weight: f64,
    /// Whether its values are what people said in a survey.
    #[serde(default, rename = "survey")]
    pub is_survey: bool,
    /// Why it belongs to the front.
    pub reason: String,
    /// Series of the source its data come from.
    pub source: String,
    /// How the source, and what is assumed about its errors, is cited.
    pub citation: String,
    /// Its values are counted among violent events by place.
    #[serde(default)]
    pub count: Option<CountOf>,
    /// Its values are counted in the chronicle, for the whole country.
    #[serde(default)]
    pub from_chronicle: Option<ChronicleSource>,
    /// Its values are read from a series of observations.
    #[serde(default)]
    pub series: Option<SeriesOf>,
    /// Its values are computed from events between states.
    #[serde(default)]
    pub dyad: Option<DyadOf>,
    /// Its values are given by a statement over the observatory's tables.
    #[serde(default)]
    pub sql: Option<SqlOf>,
}

impl Indicators {
    /// Checks that every family that an indicator counts is a general one or that of an actor.
    ///
    /// # Errors
    ///
    /// [`Error::Contradiction`] with the line of the indicator.
    pub fn check_families(self, text: &str, known: &KnownIds) -> Result<Self> {
        let counted = self.indicators.iter().filter_map(|indicator| {
            let count = indicator.count.as_ref()?;
            Some((indicator.id.as_str(), &count.families[..]))
        });
        families::check_all(DOCUMENT, text, counted, known)?;
        Ok(self)
    }
}

/// A count of violent events.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountOf {
    /// What is counted.
    pub quantity: Quantity,
    /// UCDP's types of violence that count; all when empty.
    #[serde(default)]
    pub violence: Vec<u8>,
    /// Whose violence counts; everybody's when absent.
    #[serde(default)]
    pub sides: Option<Sides>,
    /// Families of which at least one side must be; any when empty.
    #[serde(default)]
    pub families: Vec<Family>,
    /// Actors of which at least one must be a side; any when empty.
    #[serde(default)]
    pub actors: Vec<String>,
    /// Kinds of event that count, by the rules of `case.toml`; every event when empty. What may be of
    /// such a kind and is not told apart bounds the count from above.
    #[serde(default)]
    pub kinds: Vec<EventKind>,
}

impl CountOf {
    /// Whether it counts by kind and by something that counts of kinds do not know.
    fn mixes_kinds(&self) -> bool {
        let others = self.violence.is_empty()
            && self.sides.is_none()
            && self.families.is_empty()
            && self.actors.is_empty();
        let countable = matches!(self.quantity, Quantity::Events | Quantity::Deaths);
        !(self.kinds.is_empty() || others && countable)
    }
}

/// Records of the chronicle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChronicleSelection {
    /// Statements.
    Statements,
    /// Acts that tighten.
    TighteningActs,
    /// Relations that are conflict.
    ConflictRelations,
}

/// A count of records of the chronicle.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChronicleSource {
    /// Which records.
    pub records: ChronicleSelection,
    /// Kinds of act or relation that count; all when empty.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Actors of whom at least one must take part; any when empty.
    #[serde(default)]
    pub actors: Vec<String>,
}

/// A series of observations.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesOf {
    /// The source's code of the indicator.
    pub indicator: String,
    /// ISO 3166-1 alpha-3 code of the country it is about; the case's own when absent.
    #[serde(default)]
    pub country: Option<String>,
    /// ISO 3166-1 alpha-3 code of the other country, for what lies between two.
    #[serde(default)]
    pub partner: Option<String>,
    /// Items that count, such as a survey; all when empty. Several values of a place and period
    /// are averaged.
    #[serde(default)]
    pub items: Vec<String>,
    /// Whether values are added up by the day they begin, over the window; otherwise each stands
    /// for its period.
    #[serde(default)]
    pub added_up: bool,
    /// The value of a period that the series covers but does not list.
    #[serde(default)]
    pub absent: Option<f64>,
    /// What the series covers; what its sources say they cover when absent.
    #[serde(default)]
    pub covers: Option<Period>,
}

/// What is computed from the events between the case's state and another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DyadMeasure {
    /// Share of verbal and material conflict among all events.
    ConflictShare,
    /// Goldstein's score, mean of all events, −10 to 10.
    MeanGoldstein,
}

/// A measure of the events between the case's state and another.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DyadOf {
    /// ISO 3166-1 alpha-3 code of the other state.
    pub partner: String,
    /// What is computed.
    pub measure: DyadMeasure,
    /// Fewest events in the window from which it is computed.
    pub min_events: usize,
}

/// A statement over the observatory's tables.
///
/// It gives `date_from`, `date_to` (texts or dates) and `value`, and may give `place_id` (absent
/// or null for the country), `standard_error`, `low` and `high`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SqlOf {
    /// One SELECT.
    pub statement: String,
    /// Tables it reads; where the observatory lacks one there is no value.
    pub tables: Vec<String>,
}

/// The one place that an indicator's values come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Origin<'a> {
    /// Counted among violent events by place.
    Count(&'a CountOf),
    /// Counted in the chronicle.
    ChronicleSelection(&'a ChronicleSource),
    /// Read from a series of observations.
    Series(&'a SeriesOf),
    /// Computed from events between states.
    Dyad(&'a DyadOf),
    /// Given by a statement.
    Sql(&'a SqlOf),
}

impl DeclaredIndicator {
    /// Where its values come from.
    ///
    /// `None` only for a value that was not read by [`read_indicators`], which refuses indicators
    /// with no table or several.
    #[must_use]
    pub fn origin(&self) -> Option<Origin<'_>> {
        let tables = [
            self.count.as_ref().map(Origin::Count),
            self.from_chronicle.as_ref().map(Origin::ChronicleSelection),
            self.series.as_ref().map(Origin::Series),
            self.dyad.as_ref().map(Origin::Dyad),
            self.sql.as_ref().map(Origin::Sql),
        ];
        let mut named = tables.into_iter().flatten();
        named.next().filter(|_| named.next().is_none())
    }

    /// Whether it is used when places are of this level.
    #[must_use]
    pub fn is_used_at(&self, level: Level) -> bool {
        self.levels.is_empty() || self.levels.contains(&level)
    }
}

const fn one() -> f64 {
    1.0
}

const fn one_month() -> usize {
    1
}

/// Reads `indicators.toml`.
///
/// # Errors
///
/// [`Error::Toml`] with line and field; [`Error::Empty`]; [`Error::Contradiction`] for a name
/// listed twice, a pillar that is not there, an indicator whose values come from nowhere or from
/// several tables, a method that has no interval or is not among its alternatives, and numbers
/// outside their ranges.
pub fn read_indicators(text: &str) -> Result<Indicators> {
    let indicators: Indicators = position::parse(DOCUMENT, text)?;
    match indicators.fault() {
        None => Ok(indicators),
        Some((entry, problem)) => {
            let named = text.find(&format!("id = \"{entry}\""));
            let found = named.or_else(|| text.find(&format!("[{entry}]")));
            let line = found.map_or(1, |offset| position::line(text, offset));
            Err(Error::Contradiction { document: DOCUMENT, line, problem })
        }
    }
}

fn wrong(entry: &str, wrong: &'static str) -> (String, Contradiction) {
    (entry.to_owned(), Contradiction::Untestable { entry: entry.to_owned(), wrong })
}
