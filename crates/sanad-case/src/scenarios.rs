//! `priors.toml`, `levers.toml` and `scenarios.toml`: what a case's model may assume, what can be
//! moved in it, and which movements are compared.

use std::collections::{BTreeMap, BTreeSet};

use sanad_core::Month;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::position;
use crate::error::{Contradiction, Error, Result};

/// What a parameter's prior rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// An estimate from records of the case.
    Estimate,
    /// A published study, cited.
    Study,
    /// Nothing but judgement.
    Judgement,
}

/// The priors of a model's parameters.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Priors {
    /// What the model is fitted to, if it is.
    #[serde(default)]
    pub calibration: Option<Calibration>,
    /// One per constant of the model, arrays taken apart.
    #[serde(rename = "prior")]
    pub priors: Vec<DeclaredPrior>,
}

/// The record that a model is fitted to, by years.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The month that the model's time 0 stands for; time is in months. The record ends there.
    pub origin: Month,
    /// The month that runs through the record start from.
    pub start: Month,
    /// The first month that is compared; the first of a year.
    pub from: Month,
    /// The last month of the fit that is checked on the months after it; the last of a year.
    pub check_after: Month,
    /// Kinds of `cycle.toml` whose events and deaths are counted.
    pub kinds: Vec<String>,
    /// What is compared with what.
    #[serde(rename = "target")]
    pub targets: Vec<Target>,
}

/// The violence of one place, in the record and in the model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Today's province.
    pub place: String,
    /// What it is, for people.
    pub title: String,
    /// The model's variable of events a month.
    pub events: String,
    /// The model's variable of deaths a month.
    pub deaths: String,
}

/// What one parameter may be.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredPrior {
    /// The constant of the model.
    pub parameter: String,
    /// Its unit.
    pub unit: String,
    /// What the prior rests on.
    pub basis: Basis,
    /// Id of the claim that the parameter gives a size to.
    pub claim: String,
    /// The distribution, as the engine reads it: `distribution` and its parameters.
    pub prior: toml::Table,
    /// Where a study is found; needed for [`Basis::Study`].
    pub cite: Option<String>,
    /// What is behind the numbers.
    pub note: String,
}

impl Priors {
    /// Parameters that rest on judgement alone, over all parameters: 0 to 1.
    #[must_use]
    pub fn judgement_share(&self) -> f64 {
        let guessed = self.priors.iter().filter(|prior| prior.basis == Basis::Judgement).count();
        guessed as f64 / self.priors.len().max(1) as f64
    }
}

/// What moving a lever costs, in three classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cost {
    /// Within a ministry's or a province's means.
    Low,
    /// A programme of its own.
    Medium,
    /// A change of course for the whole state.
    High,
}

/// The levers of a model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Levers {
    /// The levers.
    #[serde(rename = "lever")]
    pub levers: Vec<Lever>,
}

/// Something that a policy can move.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lever {
    /// Short name.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// The constant of the model that holds its level.
    pub parameter: String,
    /// Lowest level.
    pub lowest: f64,
    /// Highest level.
    pub highest: f64,
    /// Level at the start.
    pub today: f64,
    /// Mean delay before a change has its effect, in months.
    pub delay_months: f64,
    /// Cost class.
    pub cost: Cost,
    /// Variables that it acts on.
    pub acts_on: Vec<String>,
    /// Ids of the claims that speak for or against it.
    pub claims: Vec<String>,
    /// What the levels mean.
    pub note: String,
}

/// Which direction of an outcome is the better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    /// Less is better.
    Less,
    /// More is better.
    More,
}

/// What scenarios are compared by.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredOutcome {
    /// The variable of the model.
    pub variable: String,
    /// What it is, for people.
    pub title: String,
    /// Its better direction.
    pub better: Better,
    /// The smallest difference that matters, in the variable's unit; a smaller one is a tie.
    pub matters: f64,
}

/// Scenarios, and shocks that can be laid over each.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenarios {
    /// Id of the scenario that the others are compared with.
    pub baseline: String,
    /// What they are compared by.
    pub outcomes: Vec<DeclaredOutcome>,
    /// Ids of two scenarios for which the briefing says which assumptions decide between them.
    #[serde(default)]
    pub decide_between: Option<[String; 2]>,
    /// Variables of the model that its diagram shows; no diagram when empty.
    #[serde(default)]
    pub diagram: Vec<String>,
    /// The scenarios.
    #[serde(rename = "scenario")]
    pub scenarios: Vec<DeclaredScenario>,
    /// Shocks.
    #[serde(default, rename = "shock")]
    pub shocks: Vec<DeclaredShock>,
    /// How the model did on years that it was not fitted to; empty where nobody has looked.
    #[serde(default)]
    pub held_out: Vec<HeldOutYears>,
}

/// One place's years that a model was not fitted to, and how far from the record it was in them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldOutYears {
    /// The place's name, for people.
    pub place: String,
    /// First and last year.
    pub years: [i32; 2],
    /// The model's root mean squared error of log(1 + count).
    pub error: f64,
    /// The same of carrying the last fitted year on.
    pub carried_on: f64,
}

/// Where levers are put.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredScenario {
    /// Short name.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Level by lever; levers not named stay where they stood. A lever may have an element of its constant in
    /// brackets, whose level stands above that of the lever as a whole.
    pub levels: BTreeMap<String, f64>,
    /// Levels over some months, which stand above `levels` while they last.
    #[serde(default)]
    pub schedule: Vec<LeverPeriod>,
    /// What it stands for.
    pub note: String,
}

/// The id of a lever and, in brackets, one element of its constant.
///
/// A lever whose constant is an array moves in all elements under its id, and in one of them under the
/// id with the element behind it. The element is `None` where no brackets are, and where they are
/// not closed at the end the text is an id that no lever has.
///
/// ```
/// assert_eq!(sanad_case::lever_and_element("redress"), ("redress", None));
/// assert_eq!(sanad_case::lever_and_element("redress[north]"), ("redress", Some("north")));
/// ```
#[must_use]
pub fn lever_and_element(name: &str) -> (&str, Option<&str>) {
    let parts = name.strip_suffix(']').and_then(|name| name.split_once('['));
    parts.map_or((name, None), |(id, element)| (id, Some(element)))
}

/// A lever put at a level, for some months or throughout.
///
/// Read from a table of `scenarios.toml`, or from the short form `LEVER=LEVEL@FROM..TO`; months
/// count from their beginning to their end, and an end that is left out is that of the run.
///
/// ```
/// use sanad_case::LeverPeriod;
///
/// let period: LeverPeriod = "redress=0.5@2026-06..2028-12".parse()?;
/// assert_eq!((period.lever.as_str(), period.level), ("redress", 0.5));
/// assert_eq!(period.to_string(), "redress=0.5@2026-06..2028-12");
/// assert_eq!("redress=1".parse::<LeverPeriod>()?.from, None);
/// assert!("redress=0.5@2028-12..2026-06".parse::<LeverPeriod>().is_err());
/// # Ok::<(), sanad_case::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeverPeriod {
    /// The lever's id; with an element of its constant in brackets where it moves in that one alone.
    pub lever: String,
    /// Its level.
    pub level: f64,
    /// The first month; the start of the run when absent.
    #[serde(default)]
    pub from: Option<Month>,
    /// The last month; the end of the run when absent.
    #[serde(default)]
    pub to: Option<Month>,
}

impl core::str::FromStr for LeverPeriod {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::from_short_form(text).ok_or_else(|| Error::LeverPeriod { found: text.to_owned() })
    }
}

impl core::fmt::Display for LeverPeriod {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(out, "{}={}", self.lever, self.level)?;
        let month = |month: Option<Month>| month.map_or_else(String::new, |it| it.to_string());
        match (self.from, self.to) {
            (None, None) => Ok(()),
            (from, to) => write!(out, "@{}..{}", month(from), month(to)),
        }
    }
}

impl LeverPeriod {
    /// Reads `LEVER=LEVEL` or `LEVER=LEVEL@FROM..TO`; nothing where a part is missing or no number,
    /// or where the months are the wrong way round.
    fn from_short_form(text: &str) -> Option<Self> {
        let (lever, rest) = text.split_once('=')?;
        let (level, months) = match rest.split_once('@') {
            Some((level, months)) => (level, months.split_once("..")?),
            None => (rest, ("", "")),
        };
        let month = |text: &str| match text.trim() {
            "" => Some(None),
            text => text.parse().ok().map(Some),
        };
        let level: f64 = level.trim().parse().ok()?;
        let (from, to) = (month(months.0)?, month(months.1)?);
        let period = Self { lever: lever.trim().to_owned(), level, from, to };
        let is_sound = !period.lever.is_empty() && level.is_finite() && period.is_in_order();
        is_sound.then_some(period)
    }

    /// Whether it ends no sooner than it begins.
    #[must_use]
    pub fn is_in_order(&self) -> bool {
        !matches!((self.from, self.to), (Some(from), Some(to)) if to < from)
    }

    /// Whether it has a month in common with another.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let ends_before = |one: &Self, other: &Self| matches!((one.to, other.from), (Some(to), Some(from)) if to < from);
        !ends_before(self, other) && !ends_before(other, self)
    }
}

/// A happening from outside.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredShock {
    /// Short name.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Constants of the model that it sets.
    pub sets: BTreeMap<String, f64>,
}

/// What is wrong with an entry: its name and what about it.
type ScenarioFault = Option<(String, &'static str)>;

/// Parses a document and tells the fault of an entry with the line that `key` names it on.
fn read<T: DeserializeOwned>(
    document: &'static str,
    key: &str,
    text: &str,
    fault: impl Fn(&T) -> ScenarioFault,
) -> Result<T> {
    let parsed: T = position::parse(document, text)?;
    let Some((entry, wrong)) = fault(&parsed) else { return Ok(parsed) };
    let named = || text.rfind(&format!("{key} = \"{entry}\""));
    let at = text.find(&format!("[{entry}]")).or_else(named);
    let line = at.map_or(1, |at| position::line(text, at));
    Err(Error::Contradiction {
        document,
        line,
        problem: Contradiction::Untestable { entry, wrong },
    })
}

/// The first name that occurs a second time.
fn twice<'a>(names: impl Iterator<Item = &'a String>) -> ScenarioFault {
    let mut seen = BTreeSet::new();
    let again = names.into_iter().find(|name| !seen.insert(name.as_str()))?;
    Some((again.clone(), "is listed twice"))
}

/// Reads `priors.toml`. Whether a distribution can be drawn from is for the engine to say.
///
/// # Errors
///
/// [`Error::Toml`] with line and field; [`Error::Empty`]; [`Error::Contradiction`] for a parameter
/// listed twice, a study without a citation, or a record to fit to whose months are out of order.
pub fn read_priors(text: &str) -> Result<Priors> {
    read("priors.toml", "parameter", text, |read: &Priors| {
        twice(read.priors.iter().map(|prior| &prior.parameter))
            .or_else(|| {
                let bare =
                    |prior: &&DeclaredPrior| prior.basis == Basis::Study && prior.cite.is_none();
                let found = read.priors.iter().find(bare)?;
                Some((found.parameter.clone(), "rests on a study and cites none"))
            })
            .or_else(|| {
                let fit = read.calibration.as_ref()?;
                let whole = |month: Month, number| month.month() == number;
                let sound = fit.start < fit.from
                    && fit.from < fit.check_after
                    && fit.check_after < fit.origin
                    && whole(fit.from, 1)
                    && [fit.check_after, fit.origin].iter().all(|it| whole(*it, 12))
                    && !fit.targets.is_empty();
                let wrong = "is over months that are out of order, not whole years, or to nothing";
                (!sound).then(|| ("calibration".to_owned(), wrong))
            })
    })
}

/// Reads `levers.toml`.
///
/// # Errors
///
/// [`Error::Toml`] with line and field; [`Error::Empty`]; [`Error::Contradiction`] for a lever listed
/// twice, levels that are out of order, or a delay below zero.
pub fn read_levers(text: &str) -> Result<Levers> {
    read("levers.toml", "id", text, |read: &Levers| {
        twice(read.levers.iter().map(|lever| &lever.id)).or_else(|| {
            let ordered = |lever: &Lever| {
                lever.lowest < lever.highest
                    && (lever.highest - lever.lowest).is_finite()
                    && (lever.lowest..=lever.highest).contains(&lever.today)
            };
            let prompt = |lever: &Lever| lever.delay_months >= 0.0 && lever.delay_months < 1e4;
            read.levers.iter().find_map(|lever| {
                let wrong = match (ordered(lever), prompt(lever)) {
                    (false, _) => "lowest, today and highest are out of order",
                    (true, false) => "delay_months is not 0 or more",
                    (true, true) => return None,
                };
                Some((lever.id.clone(), wrong))
            })
        })
    })
}

/// Reads `scenarios.toml`.
///
/// # Errors
///
/// [`Error::Toml`] with line and field; [`Error::Empty`]; [`Error::Contradiction`] for a scenario or
/// a shock listed twice, a baseline that is not listed, no outcome, a pair to decide between that is
/// not two of the scenarios, or a number that is none.
pub fn read_scenarios(text: &str) -> Result<Scenarios> {
    read("scenarios.toml", "id", text, |read: &Scenarios| {
        if !read.scenarios.iter().any(|scenario| scenario.id == read.baseline) {
            return Some((read.baseline.clone(), "is the baseline and not a scenario"));
        }
        if read.outcomes.is_empty() {
            return Some((read.baseline.clone(), "has no outcome to be compared by"));
        }
        twice(read.scenarios.iter().map(|scenario| &scenario.id))
            .or_else(|| read.undecidable())
            .or_else(|| read.untimely())
            .or_else(|| twice(read.shocks.iter().map(|shock| &shock.id)))
            .or_else(|| read.unmeasurable())
    })
}

impl DeclaredScenario {
    /// What is wrong with the months of its schedule, if anything.
    #[must_use]
    pub fn untimely(&self) -> Option<&'static str> {
        if !self.schedule.iter().all(LeverPeriod::is_in_order) {
            return Some("moves a lever over months that end before they begin");
        }
        let twice = self.schedule.iter().enumerate().any(|(at, one)| {
            let same = |other: &&LeverPeriod| other.lever == one.lever && other.overlaps(one);
            self.schedule[at + 1..].iter().any(|other| same(&other))
        });
        twice.then_some("moves a lever twice in one month")
    }
}

impl Scenarios {
    /// What is wrong with the pair to decide between.
    fn undecidable(&self) -> ScenarioFault {
        let [one, other] = self.decide_between.as_ref()?;
        let listed = |id: &String| self.scenarios.iter().any(|scenario| scenario.id == *id);
        match [one, other].into_iter().find(|id| !listed(id)) {
            Some(id) => Some((id.clone(), "is to be decided between and is not a scenario")),
            None => (one == other).then(|| (one.clone(), "is to be decided from itself")),
        }
    }

    /// What is wrong with the months of a schedule.
    fn untimely(&self) -> ScenarioFault {
        self.scenarios.iter().find_map(|scenario| {
            let wrong = scenario.untimely()?;
            Some((scenario.id.clone(), wrong))
        })
    }

    /// What names a number that is infinite or none.
    fn unmeasurable(&self) -> ScenarioFault {
        let finite = |of: &BTreeMap<String, f64>| of.values().all(|level| level.is_finite());
        let outcome = self
            .outcomes
            .iter()
            .find(|outcome| !(outcome.matters >= 0.0 && outcome.matters.is_finite()));
        let scenario = self.scenarios.iter().find(|scenario| {
            !finite(&scenario.levels)
                || scenario.schedule.iter().any(|period| !period.level.is_finite())
        });
        let held_out = self.held_out.iter().find(|years| {
            let is_error = |error: f64| error.is_finite() && error >= 0.0;
            !(is_error(years.error)
                && is_error(years.carried_on)
                && years.years[0] <= years.years[1])
        });
        let shock = self.shocks.iter().find(|shock| !finite(&shock.sets));
        outcome
            .map(|outcome| {
                (outcome.variable.clone(), "matters from a difference that is not 0 or more")
            })
            .or_else(|| Some((scenario?.id.clone(), "has a level that is no finite number")))
            .or_else(|| Some((shock?.id.clone(), "sets a constant to no finite number")))
            .or_else(|| {
                let wrong = "was held out with an error that is none, or over no years";
                Some((held_out?.place.clone(), wrong))
            })
    }

    /// The first level that names no lever or lies outside its range: scenario, lever, what is wrong.
    #[must_use]
    pub fn misplaced<'a>(&'a self, levers: &Levers) -> Option<(&'a str, &'a str, &'static str)> {
        let levels = self.scenarios.iter().flat_map(|scenario| {
            let always = scenario.levels.iter().map(|(lever, level)| (lever, *level));
            let timed = scenario.schedule.iter().map(|period| (&period.lever, period.level));
            always.chain(timed).map(|(lever, level)| (scenario.id.as_str(), lever, level))
        });
        levels.into_iter().find_map(|(scenario, id, level)| {
            let fault = levers.level_fault(id, level)?;
            Some((scenario, id.as_str(), fault.as_str()))
        })
    }
}

/// What is wrong with a level that a scenario gives a lever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevelFault {
    /// The case has no such lever.
    UnknownLever,
    /// The level lies outside of the lever's range.
    OutsideRange,
}

impl LevelFault {
    /// The rest of a sentence that begins with the lever.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownLever => "is not a lever",
            Self::OutsideRange => "is put outside its range",
        }
    }
}

impl Levers {
    /// The lever that a name of a level means, with or without an element in brackets. Whether the
    /// constant has the element is for the model to say.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Lever> {
        let (id, _) = lever_and_element(name);
        self.levers.iter().find(|lever| lever.id == id)
    }

    /// What is wrong with putting a lever at a level; `None` where nothing is.
    #[must_use]
    pub fn level_fault(&self, name: &str, level: f64) -> Option<LevelFault> {
        match self.named(name) {
            None => Some(LevelFault::UnknownLever),
            Some(lever) if !(lever.lowest..=lever.highest).contains(&level) => {
                Some(LevelFault::OutsideRange)
            }
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVER: &str = "[[lever]]\nid = \"a\"\ntitle = \"A\"\nparameter = \"a_level\"\nlowest = 0\nhighest = 1\ntoday = 0\ndelay_months = 6\ncost = \"low\"\nacts_on = []\nclaims = []\nnote = \"None.\"\n";
    const SCENARIOS: &str = "baseline = \"now\"\noutcomes = [{ variable = \"x\", title = \"X\", better = \"less\", matters = 1 }]\n[[scenario]]\nid = \"now\"\ntitle = \"Now\"\nlevels = {}\nnote = \"None.\"\n[[scenario]]\nid = \"more\"\ntitle = \"More\"\nlevels = { a = 0.5 }\nnote = \"None.\"\n";
    const PRIOR: &str = "[[prior]]\nparameter = \"p\"\nunit = \"1\"\nbasis = \"judgement\"\nclaim = \"c\"\nprior = { distribution = \"fixed\", value = 1 }\nnote = \"None.\"\n";

    #[test]
    fn the_share_of_judgement_counts_parameters() {
        let known = PRIOR.replace("\"p\"", "\"q\"").replace("judgement", "estimate");
        let priors = read_priors(&format!("{PRIOR}{known}")).unwrap();
        assert_eq!(priors.judgement_share(), 0.5);
    }

    #[test]
    fn faults_are_told_with_their_line() {
        let study = PRIOR.replace("judgement", "study");
        let refused = read_priors(&study).unwrap_err().to_string();
        assert_eq!(refused, "priors.toml line 2: \"p\": rests on a study and cites none");
        let twice = read_levers(&format!("{LEVER}{LEVER}")).unwrap_err().to_string();
        assert_eq!(twice, "levers.toml line 14: \"a\": is listed twice");
        let fit = "[calibration]\norigin = \"2023-12\"\nstart = \"2004-01\"\nfrom = \"2003-01\"\ncheck_after = \"2015-12\"\nkinds = []\ntarget = []\n";
        let unsound = read_priors(&format!("{PRIOR}{fit}")).unwrap_err().to_string();
        assert!(unsound.starts_with("priors.toml line 8: \"calibration\""), "{unsound}");
        assert!(read_levers(&LEVER.replace("today = 0", "today = 2")).is_err());
        assert!(read_levers(&LEVER.replace("cost", "price")).is_err());
        assert!(read_levers(&LEVER.replace("highest = 1", "highest = inf")).is_err());
        assert!(read_levers(&LEVER.replace("delay_months = 6", "delay_months = nan")).is_err());
        assert!(read_scenarios(&SCENARIOS.replace("a = 0.5", "a = nan")).is_err());
        assert!(read_scenarios(&SCENARIOS.replace("matters = 1", "matters = -1")).is_err());
        assert!(
            read_scenarios(&SCENARIOS.replace("baseline = \"now\"", "baseline = \"x\"")).is_err()
        );
    }

    #[test]
    fn a_pair_to_decide_between_is_two_listed_scenarios() {
        let pair = |pair: &str| read_scenarios(&format!("decide_between = {pair}\n{SCENARIOS}"));
        assert!(pair("[\"now\", \"more\"]").is_ok());
        let strange = pair("[\"now\", \"less\"]").unwrap_err().to_string();
        assert!(strange.contains("\"less\": is to be decided between"), "{strange}");
        assert!(pair("[\"now\", \"now\"]").is_err());
        assert!(pair("[\"now\"]").is_err());
    }

    #[test]
    fn levels_over_months_are_read_from_a_table_and_in_short() {
        let timed = |schedule: &str| {
            read_scenarios(
                &SCENARIOS.replace("a = 0.5 }", &format!("a = 0.5 }}\nschedule = [{schedule}]")),
            )
        };
        let read = timed(
            r#"{ lever = "a", level = 1, from = "2026-06", to = "2028-12" }, { lever = "a", level = 0, from = "2029-01" }"#,
        );
        let schedule = read.unwrap().scenarios[1].schedule.clone();
        assert_eq!(schedule[0], "a=1@2026-06..2028-12".parse().unwrap());
        assert_eq!(schedule[1].to_string(), "a=0@2029-01..");
        let twice = timed(
            r#"{ lever = "a", level = 1, to = "2028-12" }, { lever = "a", level = 0, from = "2028-12" }"#,
        );
        assert!(twice.unwrap_err().to_string().contains("moves a lever twice in one month"));
        assert!(timed(r#"{ lever = "a", level = 1, from = "2028-12", to = "2026-06" }"#).is_err());
        assert!(timed(r#"{ lever = "a", level = nan }"#).is_err());
        let levers = read_levers(LEVER).unwrap();
        let far = timed(r#"{ lever = "a", level = 3 }"#).unwrap();
        assert_eq!(far.misplaced(&levers), Some(("more", "a", "is put outside its range")));
        for text in ["a", "a=", "=1", "a=x", "a=1@", "a=1@2026-06", "a=1@2026-13..", "a=inf"] {
            assert!(text.parse::<LeverPeriod>().is_err(), "{text}");
        }
        assert_eq!("a=1@..2027-01".parse::<LeverPeriod>().unwrap().from, None);
    }

    #[test]
    fn held_out_years_have_errors() {
        let held = |error: &str| {
            format!(
                "{SCENARIOS}[[held_out]]\nplace = \"North\"\nyears = [2014, 2021]\nerror = {error}\ncarried_on = 1.2\n"
            )
        };
        let read = read_scenarios(&held("1.8")).unwrap();
        assert_eq!((read.held_out[0].error, read.held_out[0].carried_on), (1.8, 1.2));
        let refused = read_scenarios(&held("nan")).unwrap_err().to_string();
        assert!(
            refused.contains("\"North\": was held out with an error that is none"),
            "{refused}"
        );
    }

    #[test]
    fn a_level_must_be_of_a_lever_and_within_its_range() {
        let levers = read_levers(LEVER).unwrap();
        assert_eq!(read_scenarios(SCENARIOS).unwrap().misplaced(&levers), None);
        let far = read_scenarios(&SCENARIOS.replace("a = 0.5", "a = 1.5")).unwrap();
        assert_eq!(far.misplaced(&levers), Some(("more", "a", "is put outside its range")));
        let other = read_scenarios(&SCENARIOS.replace("a = 0.5", "b = 0.5")).unwrap();
        assert_eq!(other.misplaced(&levers), Some(("more", "b", "is not a lever")));
    }

    #[test]
    fn a_level_may_be_of_one_element_of_a_lever() {
        let levers = read_levers(LEVER).unwrap();
        let of = |name: &str, level: f64| {
            let levels = format!("\"{name}\" = {level}");
            read_scenarios(&SCENARIOS.replace("a = 0.5", &levels)).unwrap()
        };
        assert_eq!(of("a[north]", 0.5).misplaced(&levers), None);
        let far = of("a[north]", 1.5);
        assert_eq!(far.misplaced(&levers), Some(("more", "a[north]", "is put outside its range")));
        for strange in ["b[north]", "a[north", "a]north["] {
            let found = of(strange, 0.5);
            assert_eq!(found.misplaced(&levers), Some(("more", strange, "is not a lever")));
        }
        let period: LeverPeriod = "a[north]=0.5@2026-06..2028-12".parse().unwrap();
        assert_eq!((period.lever.as_str(), period.level), ("a[north]", 0.5));
    }
}
