//! The map of a survey: what its columns are, and what may be learnt from them.

use std::collections::{BTreeMap, BTreeSet};

use sanad_core::Period;
use sanad_core::country::Country;
use sanad_core::place::Level;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::table::MapSource;
use crate::toml_text;

/// The map of a survey's columns.
///
/// Codes are compared as they stand in the cells, without blanks around them; a whole number may be written as
/// a program does that held it as a float (`5.0` for 5).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurveyMap {
    /// Whose survey it is: what a card says, without the version.
    pub source: MapSource,
    /// What stands between the fields; a comma when absent.
    #[serde(default)]
    pub separator: Option<char>,
    /// How respondents were drawn.
    #[serde(default)]
    pub sample: SurveySample,
    /// Where they live.
    pub place: SurveyPlace,
    /// When they were asked.
    pub time: SurveyTime,
    /// Column to codes: only respondents with one of them are read, for files of many countries.
    #[serde(default)]
    pub keep: BTreeMap<String, Vec<String>>,
    /// Codes that mean no answer, in every question; an empty cell always does.
    #[serde(default)]
    pub missing: Vec<String>,
    /// Shares of answers.
    #[serde(default, rename = "share")]
    pub shares: Vec<ShareQuestion>,
    /// Means of answers.
    #[serde(default, rename = "mean")]
    pub means: Vec<MeanQuestion>,
    /// Endorsement experiments.
    #[serde(default, rename = "endorsement")]
    pub endorsements: Vec<EndorsementDesign>,
    /// List experiments.
    #[serde(default, rename = "list")]
    pub lists: Vec<ListDesign>,
}

/// How respondents were drawn. Without a column respondents weigh the same, are one stratum, or are drawn one
/// by one.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurveySample {
    /// The column of the weight.
    #[serde(default)]
    pub weight: Option<String>,
    /// Columns that together name the stratum.
    #[serde(default)]
    pub strata: Vec<String>,
    /// The column that names the cluster (primary sampling unit) within the stratum.
    #[serde(default)]
    pub cluster: Option<String>,
}

/// Where respondents live.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurveyPlace {
    /// ISO 3166-1 alpha-3 code of the country.
    pub iso3: String,
    /// The column of the place inside the country.
    #[serde(default)]
    pub column: Option<String>,
    /// How fine those places are.
    #[serde(default)]
    pub level: Option<Level>,
    /// Code to name of the place. A code that is not listed is a place that is not told.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
}

/// When respondents were asked: one period for all, or a column.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurveyTime {
    /// The period in which all were asked, such as `2009` or `2009-04/2009-05`.
    #[serde(default)]
    pub period: Option<Period>,
    /// The column of a day, month or year in ISO 8601.
    #[serde(default)]
    pub column: Option<String>,
    /// What estimates are made for: months or years of the column.
    #[serde(default)]
    pub unit: SurveyUnit,
}

/// The stretch of time that an estimate is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SurveyUnit {
    /// A month.
    #[default]
    Month,
    /// A year.
    Year,
}

/// The share of those who give one of some answers.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareQuestion {
    /// Code of the indicator.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// The column.
    pub column: String,
    /// The codes that are answers.
    pub answers: Vec<String>,
    /// Those of them that count.
    pub counts: Vec<String>,
    /// Codes that mean no answer to this question.
    #[serde(default)]
    pub missing: Vec<String>,
}

/// The mean of an answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeanQuestion {
    /// Code of the indicator.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// The column.
    pub column: String,
    /// Code to the number that it stands for.
    pub answers: BTreeMap<String, f64>,
    /// Codes that mean no answer to this question.
    #[serde(default)]
    pub missing: Vec<String>,
}

/// An endorsement experiment. Indicators are `id` for any group's name, `id_group` for each group, and
/// `id_group_question` for each question, the last for the whole country alone.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndorsementDesign {
    /// Code of the indicator.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// Group to its name for people.
    pub endorsers: BTreeMap<String, String>,
    /// The codes that are answers, from least approval to most.
    pub answers: Vec<String>,
    /// Codes that mean no answer.
    #[serde(default)]
    pub missing: Vec<String>,
    /// Whether the measurement model is sampled too, as `id_group_model`. It takes a minute or so.
    #[serde(default)]
    pub model: bool,
    /// Seed of the model's random draws.
    #[serde(default)]
    pub seed: u64,
    /// The policies.
    #[serde(rename = "question")]
    pub questions: Vec<EndorsedPolicy>,
}

/// A question about a policy: a column for each arm, or one column and another that names the arm.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndorsedPolicy {
    /// Short name.
    pub id: String,
    /// The column of the answers, where another names the arm.
    #[serde(default)]
    pub column: Option<String>,
    /// The column that names the arm.
    #[serde(default)]
    pub treatment: Option<String>,
    /// The column of those who hear no name; with `treatment`, its code for them.
    pub control: String,
    /// Group to the column of those who hear its name; with `treatment`, to its code for them.
    pub arms: BTreeMap<String, String>,
}

/// A list experiment: the share for whom the sensitive item holds.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListDesign {
    /// Code of the indicator.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// The column of the count.
    pub column: String,
    /// The column that names the arm.
    pub treatment: String,
    /// Its code for those whose list has not the sensitive item.
    pub control: String,
    /// Its code for those whose list has it.
    pub treated: String,
    /// Items of the list without the sensitive one.
    pub control_items: usize,
    /// Codes that mean no answer.
    #[serde(default)]
    pub missing: Vec<String>,
}

impl SurveyMap {
    /// Reads a map.
    ///
    /// # Errors
    ///
    /// [`Error::Toml`] with line and field; [`Error::SurveyMap`] for what cannot be meant;
    /// [`Error::MapSeparator`].
    ///
    /// ```
    /// let map = sanad_source::survey::SurveyMap::parse(
    ///     "source = { id = \"x\", title = \"X\", citation = \"X\", licence = \"CC0-1.0\", url = \"\" }\n\
    ///      place = { iso3 = \"PAK\" }\n\
    ///      time = { period = \"2018\" }\n\
    ///      [[share]]\n\
    ///      id = \"trusts_courts\"\n\
    ///      title = \"trusts the courts\"\n\
    ///      column = \"Q70\"\n\
    ///      answers = [\"1\", \"2\", \"3\", \"4\"]\n\
    ///      counts = [\"1\", \"2\"]\n",
    /// )?;
    /// assert_eq!(map.shares[0].id, "trusts_courts");
    /// # Ok::<(), sanad_source::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self> {
        if toml_text::is_blank(text) {
            return Err(Error::Empty { expected: "TOML in UTF-8" });
        }
        let map: Self =
            toml_text::parse(text).map_err(|problem| Error::Toml { document: "map", problem })?;
        if let Some(found) = map.separator.filter(|found| !",;\t|".contains(*found)) {
            return Err(Error::MapSeparator { found });
        }
        map.check_frame()?;
        map.check_identifiers()?;
        map.shares.iter().try_for_each(ShareQuestion::check)?;
        map.means.iter().try_for_each(MeanQuestion::check)?;
        map.endorsements.iter().try_for_each(EndorsementDesign::check)?;
        map.lists.iter().try_for_each(ListDesign::check)?;
        map.check_common_columns().map(|()| map)
    }

    /// Place and time: a country that exists, places with names, and one way to tell the time.
    fn check_frame(&self) -> Result<()> {
        if Country::of_code(&self.place.iso3).is_none() {
            return wrong("place", "iso3 is no ISO 3166-1 alpha-3 code");
        }
        let is_complete = self.place.level.is_some_and(|level| level != Level::Country)
            && !self.place.names.is_empty();
        if self.place.column.is_some() && !is_complete {
            return wrong(
                "place",
                "a column needs a level below the country and the names of its codes",
            );
        }
        if self.time.period.is_some() == self.time.column.is_some() {
            return wrong("time", "give a period or a column, not both");
        }
        Ok(())
    }

    /// Ids become codes of indicators, so that each is plain and stands for one thing.
    fn check_identifiers(&self) -> Result<()> {
        let questions =
            self.shares.iter().map(|share| &share.id).chain(self.means.iter().map(|mean| &mean.id));
        let designs = self.endorsements.iter().map(|endorsement| &endorsement.id);
        let designs = designs.chain(self.lists.iter().map(|list| &list.id));
        let mut seen = BTreeSet::new();
        for id in questions.chain(designs) {
            if !is_slug(id) {
                return wrong(id, "an id has small letters, digits, - and _");
            }
            if !seen.insert(id) {
                return wrong(id, "the id is there twice");
            }
        }
        if seen.is_empty() { wrong("map", "it names no question") } else { Ok(()) }
    }

    /// Shares and means of one column have to have the same answers: what may be published of them is decided
    /// for the column.
    fn check_common_columns(&self) -> Result<()> {
        let mut answers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let shares =
            self.shares.iter().map(|share| (&share.id, &share.column, share.answer_codes()));
        let means = self.means.iter().map(|mean| (&mean.id, &mean.column, mean.answer_codes()));
        for (id, column, codes) in shares.chain(means) {
            let first = answers.entry(column).or_insert_with(|| codes.clone());
            if *first != codes {
                return wrong(id, "questions of one column must have the same answers");
            }
        }
        Ok(())
    }

    /// What stands between the fields.
    #[must_use]
    pub fn separator(&self) -> u8 {
        self.separator.and_then(|separator| u8::try_from(separator).ok()).unwrap_or(b',')
    }

    /// Every column that it names, once.
    pub(super) fn columns(&self) -> BTreeSet<&str> {
        let sample = &self.sample;
        let frame = sample.weight.iter().chain(&sample.strata).chain(&sample.cluster);
        let frame =
            frame.chain(&self.place.column).chain(&self.time.column).chain(self.keep.keys());
        let questions = self.shares.iter().map(|share| &share.column);
        let questions = questions.chain(self.means.iter().map(|mean| &mean.column));
        let lists = self.lists.iter().flat_map(|list| [&list.column, &list.treatment]);
        let policies = self.endorsements.iter().flat_map(|endorsement| &endorsement.questions);
        let policies = policies.flat_map(EndorsedPolicy::columns);
        frame.chain(questions).chain(lists).chain(policies).map(String::as_str).collect()
    }
}

impl ShareQuestion {
    /// The codes that are answers.
    pub(super) fn answer_codes(&self) -> BTreeSet<&str> {
        self.answers.iter().map(String::as_str).collect()
    }

    /// A share of all answers is no share.
    fn check(&self) -> Result<()> {
        let answers = self.answer_codes();
        let counts: BTreeSet<&str> = self.counts.iter().map(String::as_str).collect();
        if counts.is_empty() || !counts.is_subset(&answers) || counts.len() == answers.len() {
            return wrong(&self.id, "counts names some of the answers, not none and not all");
        }
        Ok(())
    }
}

impl MeanQuestion {
    /// The codes that are answers.
    pub(super) fn answer_codes(&self) -> BTreeSet<&str> {
        self.answers.keys().map(String::as_str).collect()
    }

    /// A mean needs numbers that can differ.
    fn check(&self) -> Result<()> {
        if self.answers.len() < 2 || !self.answers.values().all(|value| value.is_finite()) {
            return wrong(&self.id, "answers has two codes or more, each with a finite number");
        }
        Ok(())
    }
}

impl EndorsementDesign {
    /// Groups, questions and arms have to fit each other, and no two arms may be one.
    fn check(&self) -> Result<()> {
        let answers: BTreeSet<&String> = self.answers.iter().collect();
        if answers.len() < 2 || answers.len() != self.answers.len() {
            return wrong(&self.id, "answers has two codes or more, each once");
        }
        if self.endorsers.is_empty() || self.questions.is_empty() {
            return wrong(&self.id, "it needs endorsers and questions");
        }
        let names = self.endorsers.keys().chain(self.questions.iter().map(|question| &question.id));
        if !names.into_iter().all(|name| is_slug(name)) {
            return wrong(&self.id, "groups and questions have small letters, digits, - and _");
        }
        let ids: BTreeSet<&String> = self.questions.iter().map(|question| &question.id).collect();
        if ids.len() != self.questions.len() {
            return wrong(&self.id, "two questions have one id");
        }
        for question in &self.questions {
            if question.column.is_some() != question.treatment.is_some() {
                return wrong(&question.id, "give column and treatment, or neither");
            }
            let is_known = |group: &String| self.endorsers.contains_key(group);
            if question.arms.is_empty() || !question.arms.keys().all(is_known) {
                return wrong(&question.id, "arms names groups that are among the endorsers");
            }
            let arms: BTreeSet<&String> =
                question.arms.values().chain(Some(&question.control)).collect();
            if arms.len() != question.arms.len() + 1 {
                return wrong(&question.id, "two arms have one column or code");
            }
        }
        Ok(())
    }
}

impl EndorsedPolicy {
    /// The columns that it needs.
    fn columns(&self) -> Vec<&String> {
        match (&self.column, &self.treatment) {
            (Some(column), Some(treatment)) => vec![column, treatment],
            _ => self.arms.values().chain(Some(&self.control)).collect(),
        }
    }
}

impl ListDesign {
    /// A list of a few dozen items at most, and two arms.
    fn check(&self) -> Result<()> {
        if self.control_items == 0 || self.control_items > 50 {
            return wrong(&self.id, "control_items is a number from 1 to 50");
        }
        if self.control == self.treated {
            return wrong(&self.id, "control and treated are two codes");
        }
        Ok(())
    }
}

/// What cannot be meant, and in which part of the map.
fn wrong<T>(part: &str, problem: &'static str) -> Result<T> {
    Err(Error::SurveyMap { part: part.to_owned(), problem })
}

/// Whether a text can be a code of an indicator: small letters, digits, `-` and `_`.
fn is_slug(text: &str) -> bool {
    let is_plain = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
    };
    !text.is_empty() && text.bytes().all(is_plain)
}
