//! Values of indicators, and what happens between two states, as other people's files give them.

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::place::Level;
use crate::time::Period;

/// Where an observation was made, as its source says it.
///
/// What it means among the places of a case is decided when it is read back, so that a better
/// list of places needs no second import.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GivenPlace {
    /// How fine it is.
    pub level: Level,
    /// ISO 3166-1 alpha-3 code of the country; empty for a group of countries or the world.
    pub iso3: String,
    /// The source's own code, such as `PAK`, `ROM` or `WLD`; empty where it gives none.
    pub code: String,
    /// The source's own name of the place.
    pub name: String,
    /// The source's own name of what it lies in: the province of a district.
    pub within: String,
}

impl GivenPlace {
    /// A country, or a group of countries where `iso3` is empty.
    #[must_use]
    pub fn country(iso3: &str, code: &str, name: &str) -> Self {
        Self {
            level: Level::Country,
            iso3: iso3.to_owned(),
            code: code.to_owned(),
            name: name.to_owned(),
            within: String::new(),
        }
    }
}

/// The code under which an indicator is kept, whichever of its codes a file or a request has: the
/// World Bank spells its governance indicators `GOV_WGI_RL.EST` since 2025, `RL.EST` before, and
/// `GOV_WGI_RL_EST` in one of its databases.
///
/// ```
/// use sanad_core::observation::indicator_code;
///
/// assert_eq!(indicator_code("GOV_WGI_RL.EST"), "RL.EST");
/// assert_eq!(indicator_code("GOV_WGI_GE_PER_RNK"), "GE.PER.RNK");
/// assert_eq!(indicator_code("SP.POP.TOTL"), "SP.POP.TOTL");
/// ```
#[must_use]
pub fn indicator_code(code: &str) -> Cow<'_, str> {
    match code.strip_prefix("GOV_WGI_").or_else(|| code.strip_prefix("WB_WGI_")) {
        Some(rest) if rest.contains('_') => Cow::Owned(rest.replace('_', ".")),
        Some(rest) => Cow::Borrowed(rest),
        None => Cow::Borrowed(code),
    }
}

/// A value of an indicator in a place and a period.
///
/// Numbers are in the source's own unit and direction: whether higher is better is declared by a
/// case, never here.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The source's code of the indicator, such as `v2x_pubcorr` or `FP.CPI.TOTL.ZG`.
    pub indicator: String,
    /// The source's name of the indicator.
    pub indicator_name: String,
    /// Unit, where the source states one.
    pub unit: String,
    /// Where.
    pub place: GivenPlace,
    /// ISO 3166-1 alpha-3 code of the other country, for what lies between two: a country of
    /// asylum, the other side of an interstate dyad. Empty where there is none.
    pub partner_iso3: String,
    /// What sets values of one indicator, place and period apart, where a source has several: the
    /// number of a dyad, a survey, an area below the level. Empty where nothing does.
    pub item: String,
    /// When; as exactly as the source says.
    pub period: Period,
    /// The value; finite.
    pub value: f64,
    /// Standard error, where the source gives one; 0 or more.
    pub standard_error: Option<f64>,
    /// Low bound, where the source gives one.
    pub low: Option<f64>,
    /// High bound, where the source gives one.
    pub high: Option<f64>,
    /// Row in the source's file, the header being row 1; 0 for what is computed from many rows.
    pub source_row: u64,
}

/// What one state's actors do to another's, coded from news: an event of GDELT, POLECAT or the
/// like. No link, headline or name of a person is held.
#[derive(Debug, Clone, PartialEq)]
pub struct DyadEvent {
    /// The source's identifier.
    pub id: i64,
    /// The day it is dated.
    pub day: NaiveDate,
    /// ISO 3166-1 alpha-3 code of the state whose actor acts.
    pub source_iso3: String,
    /// ISO 3166-1 alpha-3 code of the state whose actor is acted upon.
    pub target_iso3: String,
    /// CAMEO code of the event, such as `190`, or a word where the source has its own scheme.
    pub code: String,
    /// CAMEO root code, 1 to 20; 0 where the source's scheme has none.
    pub root_code: u8,
    /// 1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict.
    pub quad_class: u8,
    /// Goldstein's score, −10 (most conflictual) to 10.
    pub goldstein: Option<f64>,
    /// Mentions in all sources.
    pub mentions: u32,
    /// Sources with a mention.
    pub sources: u32,
    /// Articles with a mention.
    pub articles: u32,
    /// Row in the source's file.
    pub source_row: u64,
}

impl DyadEvent {
    /// What makes two codings of one report the same for the filter "one a day": day, both
    /// states and code. Source: Schrodt (2012), *CAMEO Conflict and Mediation Event Observations
    /// codebook*, on duplicate reports.
    #[must_use]
    pub fn one_a_day_key(&self) -> (NaiveDate, &str, &str, &str) {
        (self.day, &self.source_iso3, &self.target_iso3, &self.code)
    }
}
