//! `claims.toml`: the causal claims of a text, each with the test that would tell.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use sanad_core::Month;
use sanad_core::actor::Family;
use sanad_core::chronicle::Front;
use serde::Deserialize;

use super::{NOT_A_TYPE, Quantity, Sides, are_types_of_violence, families, position};
use crate::error::{Contradiction, Error, Result};
use sanad_core::chronicle::KnownIds;

const DOCUMENT: &str = "claims.toml";

const NOT_BY_MONTH: &str =
    "a later test is an intervention, an association or a comparison, which count by month";

/// The claims of a case, what they run between and the series that their tests count.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// What the arrows of the causal map run between, clockwise.
    #[serde(rename = "concept")]
    pub concepts: Vec<Concept>,
    /// Monthly series that tests name.
    #[serde(default, rename = "series")]
    pub series: Vec<CountedSeries>,
    /// The claims.
    #[serde(rename = "claim")]
    pub claims: Vec<Claim>,
}

/// A node of the causal map.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concept {
    /// Short name.
    pub id: String,
    /// Title for people.
    pub title: String,
}

/// Where a monthly series comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeriesSource {
    /// The counts by today's province.
    #[default]
    Places,
    /// The national months, which know neither sides nor places.
    National,
    /// A series by month that the case ships, of the same id.
    Shipped,
    /// Counts by month and pair of sides that the case ships, wherever the sides fought.
    Pairs,
}

/// A monthly count of violence.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountedSeries {
    /// Short name.
    pub id: String,
    /// What is counted, for people.
    pub title: String,
    /// Where it comes from.
    #[serde(default)]
    pub source: SeriesSource,
    /// What is counted: events, deaths or civilian deaths.
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
    /// Actors that must not be a side.
    #[serde(default)]
    pub without_actors: Vec<String>,
    /// Today's provinces that count; the whole country when empty.
    #[serde(default)]
    pub places: Vec<String>,
}

/// Whether more of the cause gives more or less of the effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// More gives more.
    More,
    /// More gives less.
    Less,
}

/// What a claim expects of the outcome that its test looks at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expects {
    /// It rises.
    #[default]
    Rise,
    /// It falls.
    Fall,
}

/// A first and a last month.
pub type Months = [Month; 2];

/// The test of a claim, with its parameters. Months are inclusive.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "procedure", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Test {
    /// Daily cross-excitation between two kinds of record that the case declares.
    Excitation {
        /// The kind that is said to bring the other.
        source: String,
        /// The kind that is said to be brought.
        target: String,
        /// Smallest branching coefficient that matters.
        size_that_matters: f64,
        /// What to keep in mind.
        limits: String,
    },
    /// A change of level and slope of a monthly series at a date.
    Intervention {
        /// The series.
        series: String,
        /// First month after the date.
        start: Month,
        /// First month used.
        from: Month,
        /// Last month used.
        to: Month,
        /// How many months after the start the change is read.
        horizon_months: u32,
        /// Which way the claim says it goes.
        expects: Expects,
        /// Smallest log ratio that matters.
        size_that_matters: f64,
        /// What to keep in mind.
        limits: String,
    },
    /// A monthly series on earlier months of another.
    Association {
        /// The series of the cause.
        cause: String,
        /// The series of the outcome.
        outcome: String,
        /// First month of the outcome used.
        from: Month,
        /// Last month used.
        to: Month,
        /// First and last lag whose mean counts, in months.
        lags: [u32; 2],
        /// Series that are held constant, at the same lags.
        controls: Vec<String>,
        /// Which way the claim says it goes.
        #[serde(default)]
        expects: Expects,
        /// Smallest log ratio that matters, for twice as much of the cause.
        size_that_matters: f64,
        /// What to keep in mind.
        limits: String,
    },
    /// Monthly means of two periods.
    Comparison {
        /// The series.
        series: String,
        /// The earlier period.
        before: Months,
        /// The later period.
        after: Months,
        /// Which way the claim says it goes.
        expects: Expects,
        /// Smallest log ratio that matters.
        size_that_matters: f64,
        /// What to keep in mind.
        limits: String,
    },
    /// Coordinated days of a family before and after alliances, against shifted dates.
    NetworkPermutation {
        /// The family.
        family: Family,
        /// Days of the alliances.
        alliances: Vec<NaiveDate>,
        /// First day used.
        from: NaiveDate,
        /// Last day used.
        to: NaiveDate,
        /// Districts hit on one day that make it coordinated.
        districts: usize,
        /// Days counted before and after each alliance.
        window_days: u32,
        /// Smallest difference that matters, in coordinated days per 100 days.
        size_that_matters: f64,
        /// What to keep in mind.
        limits: String,
    },
    /// What a front's series save of the forecast's error.
    ForecastAblation {
        /// The front that is left out and put back.
        front: Front,
        /// Smallest share of the error that matters.
        size_that_matters: f64,
        /// What to keep in mind.
        limits: String,
    },
    /// Nothing at hand bears on the claim.
    None {
        /// The data that would make it testable.
        needs: String,
    },
}

impl Test {
    /// The word for the procedure in files.
    #[must_use]
    pub const fn procedure(&self) -> &'static str {
        match self {
            Self::Excitation { .. } => "excitation",
            Self::Intervention { .. } => "intervention",
            Self::Association { .. } => "association",
            Self::Comparison { .. } => "comparison",
            Self::NetworkPermutation { .. } => "network-permutation",
            Self::ForecastAblation { .. } => "forecast-ablation",
            Self::None { .. } => "none",
        }
    }

    /// The smallest effect that matters, in the unit of the procedure.
    #[must_use]
    pub const fn size_that_matters(&self) -> Option<f64> {
        match self {
            Self::Excitation { size_that_matters, .. }
            | Self::Intervention { size_that_matters, .. }
            | Self::Association { size_that_matters, .. }
            | Self::Comparison { size_that_matters, .. }
            | Self::NetworkPermutation { size_that_matters, .. }
            | Self::ForecastAblation { size_that_matters, .. } => Some(*size_that_matters),
            Self::None { .. } => None,
        }
    }

    /// What to keep in mind; nothing without a test.
    #[must_use]
    pub fn limits(&self) -> &str {
        match self {
            Self::Excitation { limits, .. }
            | Self::Intervention { limits, .. }
            | Self::Association { limits, .. }
            | Self::Comparison { limits, .. }
            | Self::NetworkPermutation { limits, .. }
            | Self::ForecastAblation { limits, .. } => limits,
            Self::None { .. } => "",
        }
    }

    /// The monthly series that it names.
    fn series(&self) -> Vec<&str> {
        match self {
            Self::Intervention { series, .. } | Self::Comparison { series, .. } => vec![series],
            Self::Association { cause, outcome, controls, .. } => {
                [cause, outcome].into_iter().chain(controls).map(String::as_str).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What about the parameters can never work.
    fn fault(&self) -> Option<&'static str> {
        if self.size_that_matters().is_some_and(|size| !(size.is_finite() && size > 0.0)) {
            return Some("size_that_matters is not above zero");
        }
        match self {
            Self::Intervention { start, from, to, .. } if !(from < start && start <= to) => {
                Some("start does not lie between from and to")
            }
            Self::Intervention { horizon_months, .. } if !(1..=240).contains(horizon_months) => {
                Some("horizon_months is not 1 to 240")
            }
            Self::Association { from, to, .. } if to < from => Some("to lies before from"),
            Self::Association { lags, .. } if lags[0] < 1 || lags[1] < lags[0] || lags[1] > 240 => {
                Some("lags are not two months from 1 to 240, the smaller first")
            }
            Self::Comparison { before, after, .. }
                if before[1] < before[0] || after[1] < after[0] || after[0] <= before[1] =>
            {
                Some("the later period does not follow the earlier one")
            }
            Self::NetworkPermutation { alliances, from, to, .. }
                if alliances.is_empty() || alliances.iter().any(|day| day < from || to < day) =>
            {
                Some("no alliance is given, or one lies outside from and to")
            }
            Self::NetworkPermutation { districts, window_days, .. }
                if *districts == 0 || !(1..=3_660).contains(window_days) =>
            {
                Some("districts is not 1 or more, or window_days not 1 to 3660")
            }
            _ => None,
        }
    }
}

/// What others found that bears on a claim.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prior {
    /// The work.
    pub cite: String,
    /// What it found, in one sentence of ours.
    pub found: String,
}

/// A causal claim of the text.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Short name: lower-case letters, digits and hyphens.
    pub id: String,
    /// The claim in one sentence of ours.
    pub wording: String,
    /// Paragraphs of the text that make it.
    pub paragraphs: Vec<u32>,
    /// Footnotes of the text there.
    #[serde(default)]
    pub footnotes: Vec<u32>,
    /// The concept that is the cause.
    pub from: String,
    /// The concept that is the effect.
    pub to: String,
    /// Whether more of the one gives more or less of the other.
    pub sign: Sign,
    /// How long it takes, as far as the text lets one tell.
    pub delay: String,
    /// Whether the mechanism takes longer than the test looks: what is not seen at once does not
    /// contradict it.
    #[serde(default)]
    pub slow: bool,
    /// How the text has it work.
    pub mechanism: String,
    /// Fronts it bears on.
    pub fronts: Vec<Front>,
    /// The test that would tell.
    pub test: Test,
    /// Tests of the same claim on months after those of its test, which were declared before these
    /// months were looked at. They can take a verdict away, never give one.
    #[serde(default)]
    pub later: Vec<Test>,
    /// What others found.
    #[serde(default)]
    pub prior: Vec<Prior>,
}

impl Claims {
    /// The series of that name.
    #[must_use]
    pub fn series(&self, id: &str) -> Option<&CountedSeries> {
        self.series.iter().find(|series| series.id == id)
    }

    /// Position of the concept of that name.
    #[must_use]
    pub fn concept(&self, id: &str) -> Option<usize> {
        self.concepts.iter().position(|concept| concept.id == id)
    }

    fn check(&self, known: &KnownIds) -> core::result::Result<(), (String, Contradiction)> {
        once("concept", self.concepts.iter().map(|concept| &concept.id))?;
        once("series", self.series.iter().map(|series| &series.id))?;
        once("claim", self.claims.iter().map(|claim| &claim.id))?;
        for series in &self.series {
            named(&series.id, "place", &series.places, |id| known.places.contains(id))?;
            let actors = series.actors.iter().chain(&series.without_actors);
            named(&series.id, "actor", actors, |id| known.actors.contains(id))?;
            has_families(&series.id, &series.families, known)?;
            let countable = [Quantity::Events, Quantity::Deaths, Quantity::CivilianDeaths];
            let by_pairs = series.source == SeriesSource::Pairs;
            if by_pairs
                && (series.quantity == Quantity::CivilianDeaths || !series.places.is_empty())
            {
                return Err(untestable(
                    &series.id,
                    "counts by pair of sides know neither places nor civilian-deaths",
                ));
            }
            if series.source == SeriesSource::National
                && series.quantity == Quantity::CivilianDeaths
            {
                return Err(untestable(
                    &series.id,
                    "national months count events and deaths, not civilian-deaths",
                ));
            }
            if !countable.contains(&series.quantity) {
                return Err(untestable(
                    &series.id,
                    "a series counts events, deaths or civilian-deaths",
                ));
            }
            if !are_types_of_violence(&series.violence) {
                return Err(untestable(&series.id, NOT_A_TYPE));
            }
        }
        for claim in &self.claims {
            if let Test::NetworkPermutation { family, .. } = &claim.test {
                has_families(&claim.id, core::slice::from_ref(family), known)?;
            }
        }
        self.claims.iter().try_for_each(|claim| self.check_claim(claim))
    }

    fn check_claim(&self, claim: &Claim) -> core::result::Result<(), (String, Contradiction)> {
        named(&claim.id, "concept", [&claim.from, &claim.to], |id| self.concept(id).is_some())?;
        named(&claim.id, "series", claim.test.series(), |id| self.series(id).is_some())?;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if claim.id.is_empty() || !claim.id.bytes().all(plain) {
            return Err(untestable(&claim.id, "an id is lower-case letters, digits and hyphens"));
        }
        if claim.from == claim.to {
            return Err(untestable(&claim.id, "from and to are the same concept"));
        }
        for later in &claim.later {
            named(&claim.id, "series", later.series(), |id| self.series(id).is_some())?;
            if later.series().is_empty() {
                return Err(untestable(&claim.id, NOT_BY_MONTH));
            }
        }
        let mut tests = core::iter::once(&claim.test).chain(&claim.later);
        tests.find_map(Test::fault).map_or(Ok(()), |fault| Err(untestable(&claim.id, fault)))
    }
}

fn has_families(
    entry: &str,
    families: &[Family],
    known: &KnownIds,
) -> core::result::Result<(), (String, Contradiction)> {
    families::check(entry, families, known).map_err(|problem| (entry.to_owned(), problem))
}

fn untestable(entry: &str, wrong: &'static str) -> (String, Contradiction) {
    (entry.to_owned(), Contradiction::Untestable { entry: entry.to_owned(), wrong })
}

fn once<'a>(
    kind: &'static str,
    ids: impl Iterator<Item = &'a String>,
) -> core::result::Result<(), (String, Contradiction)> {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err((id.clone(), Contradiction::Twice { kind, id: id.clone() }));
        }
    }
    Ok(())
}

fn named<T: AsRef<str>>(
    entry: &str,
    kind: &'static str,
    ids: impl IntoIterator<Item = T>,
    has: impl Fn(&str) -> bool,
) -> core::result::Result<(), (String, Contradiction)> {
    match ids.into_iter().find(|id| !has(id.as_ref())) {
        None => Ok(()),
        Some(id) => {
            let (entry, id) = (entry.to_owned(), id.as_ref().to_owned());
            Err((entry.clone(), Contradiction::Unknown { entry, kind, id }))
        }
    }
}

/// Reads `claims.toml` and checks that every name in it is known.
///
/// # Errors
///
/// [`Error::Toml`] with line and field; [`Error::Empty`]; [`Error::Contradiction`] for an id listed
/// twice, a name the case does not have, or a test that cannot run as declared.
pub fn read_claims(text: &str, known: &KnownIds) -> Result<Claims> {
    let claims: Claims = position::parse(DOCUMENT, text)?;
    claims.check(known).map_err(|(entry, problem)| Error::Contradiction {
        document: DOCUMENT,
        line: line_of(text, &entry),
        problem,
    })?;
    Ok(claims)
}

/// The line of the last entry with this id; 1 when it cannot be found.
fn line_of(text: &str, id: &str) -> usize {
    let wanted = format!("id = \"{id}\"");
    text.rfind(&wanted).map_or(1, |at| position::line(text, at))
}
