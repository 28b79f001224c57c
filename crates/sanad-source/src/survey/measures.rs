//! What is estimated: each measure says which respondents answer it, whether a group of them is large enough
//! to be published, and what they say.

use std::collections::BTreeMap;

use sanad_survey::{
    ChainLengths, EndorsementAnswer, EndorsementExperiment, EndorsementQuestion, ListAnswer,
    ListExperiment, SampleDesign, SupportModel, SurveyEstimate,
};

use super::FEWEST_RESPONDENTS;
use super::map::{EndorsedPolicy, EndorsementDesign, ListDesign, SurveyMap};
use super::rows::Respondents;

/// Long enough that the published experiment of 2009 mixes; half of it is sometimes too short.
const MODEL_CHAINS: ChainLengths = ChainLengths { chains: 4, warmup: 600, draws: 1000 };

/// An estimate of a measure, before it has a place and a period.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NamedEstimate {
    /// Code of the indicator.
    pub(super) id: String,
    /// Its name for people.
    pub(super) title: String,
    /// The unit of value, error and bounds.
    pub(super) unit: &'static str,
    /// The estimate.
    pub(super) value: f64,
    /// Its standard error.
    pub(super) standard_error: f64,
    /// Low end of the 90 % interval.
    pub(super) low: f64,
    /// High end of the 90 % interval.
    pub(super) high: f64,
    /// How many people it rests on, ten or more.
    pub(super) respondents: usize,
}

/// What a measure says of a cell.
#[derive(Debug, Default)]
pub(super) struct CellEstimates {
    /// In the order of the map.
    pub(super) estimates: Vec<NamedEstimate>,
    /// Measurement models whose chains have not mixed, so that they say nothing.
    pub(super) unmixed_models: u64,
}

/// Whether a cell is the whole country or one of its places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CellScope {
    /// The whole country: finer estimates of an experiment are made there alone.
    Country,
    /// A place inside it.
    Place,
}

/// Something that is measured in cells: groups of respondents of one place and period.
pub(super) trait CellMeasure {
    /// The column that remarks about it name.
    fn column(&self) -> &str;
    /// Whether a respondent answers it.
    fn is_answered(&self, respondent: usize) -> bool;
    /// Whether ten or more stand behind every number that the estimates of `members` would give away.
    fn is_publishable(&self, members: &[usize]) -> bool;
    /// The estimates for `members`, a yes or no by respondent.
    fn estimates(
        &self,
        design: &SampleDesign,
        members: &[bool],
        scope: CellScope,
    ) -> sanad_survey::Result<CellEstimates>;
}

/// Everything that the map asks of the respondents.
pub(super) fn measures<'a>(
    respondents: &'a Respondents,
    map: &'a SurveyMap,
) -> Vec<Box<dyn CellMeasure + 'a>> {
    let mut by_column: BTreeMap<&str, ColumnMeasure<'a>> = BTreeMap::new();
    for share in &map.shares {
        let column = by_column
            .entry(&share.column)
            .or_insert_with(|| ColumnMeasure::new(&share.column, respondents));
        let counts = numbers(respondents, share.counts.iter());
        column.shares.push(ColumnShare { id: &share.id, title: &share.title, counts });
    }
    for mean in &map.means {
        let column = by_column
            .entry(&mean.column)
            .or_insert_with(|| ColumnMeasure::new(&mean.column, respondents));
        let values = mean.answers.iter();
        let values = values.filter_map(|(code, value)| Some((respondents.number(code)?, *value)));
        let is_binary = mean.answers.len() == 2;
        let values = values.collect();
        column.means.push(ColumnMean { id: &mean.id, title: &mean.title, values, is_binary });
    }
    let columns =
        by_column.into_values().map(|by_column| Box::new(by_column) as Box<dyn CellMeasure + 'a>);
    let endorsements = map.endorsements.iter();
    let endorsements = endorsements.map(|design| EndorsementMeasure::new(design, respondents));
    let lists = map.lists.iter().map(|design| ListMeasure::new(design, respondents));
    columns
        .chain(endorsements.map(|endorsement| Box::new(endorsement) as Box<dyn CellMeasure + 'a>))
        .chain(lists.map(|list| Box::new(list) as Box<dyn CellMeasure + 'a>))
        .collect()
}

/// The numbers of codes that somebody gave.
fn numbers<'c>(respondents: &Respondents, codes: impl Iterator<Item = &'c String>) -> Vec<u32> {
    codes.filter_map(|code| respondents.number(code)).collect()
}

/// A share of a column's answers.
struct ColumnShare<'a> {
    id: &'a str,
    title: &'a str,
    counts: Vec<u32>,
}

/// A mean of a column's answers.
struct ColumnMean<'a> {
    id: &'a str,
    title: &'a str,
    values: BTreeMap<u32, f64>,
    is_binary: bool,
}

/// All shares and means of a column: what may be published of it is decided once.
struct ColumnMeasure<'a> {
    name: &'a str,
    answers: &'a [Option<u32>],
    shares: Vec<ColumnShare<'a>>,
    means: Vec<ColumnMean<'a>>,
}

impl<'a> ColumnMeasure<'a> {
    fn new(name: &'a str, respondents: &'a Respondents) -> Self {
        Self { name, answers: respondents.column(name), shares: Vec::new(), means: Vec::new() }
    }

    /// What the shares, and the means of two answers, tell of an answer.
    fn told_apart(&self, answer: u32) -> Vec<bool> {
        let shares = self.shares.iter().map(|share| share.counts.contains(&answer));
        let means = self.means.iter().filter(|mean| mean.is_binary);
        let means = means.map(|mean| mean.values.keys().next() == Some(&answer));
        shares.chain(means).collect()
    }
}

impl CellMeasure for ColumnMeasure<'_> {
    fn column(&self) -> &str {
        self.name
    }

    fn is_answered(&self, respondent: usize) -> bool {
        self.answers[respondent].is_some()
    }

    fn is_publishable(&self, members: &[usize]) -> bool {
        let mut groups: BTreeMap<Vec<bool>, usize> = BTreeMap::new();
        for answer in members.iter().filter_map(|&i| self.answers[i]) {
            *groups.entry(self.told_apart(answer)).or_insert(0) += 1;
        }
        // A share of all or of nobody says what everyone answered.
        let tells_apart = !self.shares.is_empty() || self.means.iter().any(|mean| mean.is_binary);
        groups.values().all(|&number| number >= FEWEST_RESPONDENTS)
            && groups.len() >= if tells_apart { 2 } else { 1 }
    }

    fn estimates(
        &self,
        design: &SampleDesign,
        members: &[bool],
        _: CellScope,
    ) -> sanad_survey::Result<CellEstimates> {
        let inside = || members.iter().zip(self.answers);
        let mut found = Vec::new();
        for share in &self.shares {
            let answers: Vec<Option<bool>> = inside()
                .map(|(is_member, answer)| {
                    answer.filter(|_| *is_member).map(|answer| share.counts.contains(&answer))
                })
                .collect();
            found.push(named(share.id, share.title, "share", design.share(&answers)?));
        }
        for mean in &self.means {
            let values: Vec<Option<f64>> = inside()
                .map(|(is_member, answer)| {
                    answer.filter(|_| *is_member).and_then(|a| mean.values.get(&a).copied())
                })
                .collect();
            found.push(named(mean.id, mean.title, "mean", design.mean(&values)?));
        }
        Ok(CellEstimates { estimates: found, unmixed_models: 0 })
    }
}

/// An endorsement experiment.
struct EndorsementMeasure<'a> {
    design: &'a EndorsementDesign,
    /// Id and name of each group, in the order of their numbers.
    groups: Vec<(&'a String, &'a String)>,
    /// All respondents' answers, of whom a cell takes its own.
    questions: Vec<EndorsementQuestion>,
    /// What remarks name in place of a column, of which it has several.
    column: String,
}

impl<'a> EndorsementMeasure<'a> {
    fn new(design: &'a EndorsementDesign, respondents: &Respondents) -> Self {
        let groups: Vec<(&String, &String)> = design.endorsers.iter().collect();
        let questions: Vec<EndorsementQuestion> = design
            .questions
            .iter()
            .map(|question| EndorsementQuestion {
                categories: design.answers.len(),
                answers: endorsement_answers(design, question, &groups, respondents),
            })
            .collect();
        let column = design.id.clone();
        Self { design, groups, questions, column }
    }

    /// The answers of some respondents; with `is_any_name` every group's name counts as the same.
    fn experiment(
        &self,
        members: &[bool],
        is_any_name: bool,
    ) -> sanad_survey::Result<EndorsementExperiment> {
        let one = |answer: EndorsementAnswer| EndorsementAnswer {
            endorser: answer.endorser.map(|group| if is_any_name { 0 } else { group }),
            ..answer
        };
        let inside = |question: &EndorsementQuestion| EndorsementQuestion {
            categories: question.categories,
            answers: members
                .iter()
                .zip(&question.answers)
                .map(|(is_member, answer)| answer.filter(|_| *is_member).map(one))
                .collect(),
        };
        let endorsers = if is_any_name { 1 } else { self.groups.len() };
        EndorsementExperiment::new(endorsers, self.questions.iter().map(inside).collect())
    }

    /// Differences of each group, pooled, and for the country by question as well.
    fn group_estimates(
        &self,
        sample: &SampleDesign,
        experiment: &EndorsementExperiment,
        scope: CellScope,
    ) -> sanad_survey::Result<Vec<NamedEstimate>> {
        let mut found = Vec::new();
        for (group, (id, name)) in self.groups.iter().enumerate() {
            let pooled = experiment.pooled(sample, group)?;
            let id = format!("{}_{id}", self.design.id);
            let title = format!("{}: {name}", self.design.title);
            found.push(named(&id, &title, "steps of the scale", pooled.estimate));
            for (question, estimate) in pooled.by_question {
                if scope == CellScope::Country {
                    let question = &self.design.questions[question].id;
                    let (id, title) = (format!("{id}_{question}"), format!("{title}, {question}"));
                    found.push(named(&id, &title, "steps of the scale", estimate));
                }
            }
        }
        Ok(found)
    }

    /// Support by the measurement model; nothing where the chains have not mixed.
    fn model_estimates(
        &self,
        experiment: &EndorsementExperiment,
        respondents: usize,
    ) -> sanad_survey::Result<Option<Vec<NamedEstimate>>> {
        let model = SupportModel::new(experiment, None)?;
        let streams = sanad_core::random::Streams::new(self.design.seed, "endorsement model");
        let posterior = model.sample(MODEL_CHAINS, streams)?;
        if !posterior.mixing.is_good() {
            return Ok(None);
        }
        let one = |(group, (id, name)): (usize, &(&String, &String))| {
            let support = posterior.support_over_questions(group);
            NamedEstimate {
                id: format!("{}_{id}_model", self.design.id),
                title: format!("{}: {name}, measurement model", self.design.title),
                unit: "standard deviations of attitude",
                value: support.value,
                standard_error: support.standard_error,
                low: support.low,
                high: support.high,
                respondents,
            }
        };
        Ok(Some(self.groups.iter().enumerate().map(one).collect()))
    }
}

impl CellMeasure for EndorsementMeasure<'_> {
    fn column(&self) -> &str {
        &self.column
    }

    fn is_answered(&self, respondent: usize) -> bool {
        self.questions.iter().any(|question| question.answers[respondent].is_some())
    }

    fn is_publishable(&self, members: &[usize]) -> bool {
        let enough = |question: &EndorsementQuestion, policy: &EndorsedPolicy| {
            let number = |endorser: Option<usize>| {
                let answers = members.iter().filter_map(|&i| question.answers[i]);
                answers.filter(|answer| answer.endorser == endorser).count()
            };
            let arms = self.groups.iter().enumerate();
            let arms = arms.filter(|(_, (id, _))| policy.arms.contains_key(*id));
            let named = arms.map(|(group, _)| number(Some(group)));
            named.chain(Some(number(None))).all(|number| number >= FEWEST_RESPONDENTS)
        };
        self.questions.iter().zip(&self.design.questions).all(|(q, policy)| enough(q, policy))
    }

    fn estimates(
        &self,
        sample: &SampleDesign,
        members: &[bool],
        scope: CellScope,
    ) -> sanad_survey::Result<CellEstimates> {
        let any = self.experiment(members, true)?.pooled(sample, 0)?.estimate;
        let unit = "steps of the scale";
        let mut found = vec![named(&self.design.id, &self.design.title, unit, any)];
        let experiment = self.experiment(members, false)?;
        found.extend(self.group_estimates(sample, &experiment, scope)?);
        let mut unmixed_models = 0;
        if self.design.model && scope == CellScope::Country {
            match self.model_estimates(&experiment, any.respondents)? {
                Some(of_model) => found.extend(of_model),
                None => unmixed_models = 1,
            }
        }
        Ok(CellEstimates { estimates: found, unmixed_models })
    }
}

/// By respondent, the answer to a policy and the arm it was given in. Who answered in two arms of one question
/// answered in none: the file contradicts itself there.
fn endorsement_answers(
    design: &EndorsementDesign,
    question: &EndorsedPolicy,
    groups: &[(&String, &String)],
    respondents: &Respondents,
) -> Vec<Option<EndorsementAnswer>> {
    let categories: Vec<Option<u32>> =
        design.answers.iter().map(|code| respondents.number(code)).collect();
    let category = |answer: u32| categories.iter().position(|code| *code == Some(answer));
    let arms: Vec<(Option<usize>, &String)> = groups
        .iter()
        .enumerate()
        .filter_map(|(group, (id, _))| Some((Some(group), question.arms.get(*id)?)))
        .chain(Some((None, &question.control)))
        .collect();
    let one = |i: usize| -> Option<EndorsementAnswer> {
        if let (Some(column), Some(treatment)) = (&question.column, &question.treatment) {
            let arm = respondents.column(treatment)[i]?;
            let category = category(respondents.column(column)[i]?)?;
            let found = arms.iter().find(|(_, code)| respondents.number(code) == Some(arm))?;
            return Some(EndorsementAnswer { endorser: found.0, category });
        }
        let answered = arms.iter().filter_map(|(endorser, column)| {
            let category = category(respondents.column(column)[i]?)?;
            Some(EndorsementAnswer { endorser: *endorser, category })
        });
        let answered: Vec<EndorsementAnswer> = answered.take(2).collect();
        if let [only] = answered[..] { Some(only) } else { None }
    };
    (0..respondents.len()).map(|i| one(i).filter(|_| respondents.has_weight(i))).collect()
}

/// A list experiment.
struct ListMeasure<'a> {
    design: &'a ListDesign,
    answers: Vec<Option<ListAnswer>>,
}

impl<'a> ListMeasure<'a> {
    fn new(design: &'a ListDesign, respondents: &Respondents) -> Self {
        let counts: Vec<Option<u32>> = (0..=design.control_items + 1)
            .map(|count| respondents.number(&count.to_string()))
            .collect();
        let arms = [&design.control, &design.treated].map(|code| respondents.number(code));
        let (column, treatment) =
            (respondents.column(&design.column), respondents.column(&design.treatment));
        let one = |i: usize| -> Option<ListAnswer> {
            let (answer, arm) = (column[i]?, treatment[i]?);
            let count = counts.iter().position(|code| *code == Some(answer))?;
            let is_treated = if arms[1] == Some(arm) { true } else { arms[0] != Some(arm) };
            let most = design.control_items + usize::from(is_treated);
            (count <= most).then_some(ListAnswer { is_treated, count })
        };
        let answers =
            (0..respondents.len()).map(|i| one(i).filter(|_| respondents.has_weight(i))).collect();
        Self { design, answers }
    }
}

impl CellMeasure for ListMeasure<'_> {
    fn column(&self) -> &str {
        &self.design.column
    }

    fn is_answered(&self, respondent: usize) -> bool {
        self.answers[respondent].is_some()
    }

    fn is_publishable(&self, members: &[usize]) -> bool {
        [false, true].into_iter().all(|arm| {
            let answers = members.iter().filter_map(|&i| self.answers[i]);
            answers.filter(|answer| answer.is_treated == arm).count() >= FEWEST_RESPONDENTS
        })
    }

    fn estimates(
        &self,
        sample: &SampleDesign,
        members: &[bool],
        _: CellScope,
    ) -> sanad_survey::Result<CellEstimates> {
        let inside = members.iter().zip(&self.answers);
        let answers = inside.map(|(is_member, answer)| answer.filter(|_| *is_member)).collect();
        let experiment = ListExperiment::new(self.design.control_items, answers)?;
        let estimate = experiment.difference(sample)?;
        let estimates = vec![named(&self.design.id, &self.design.title, "share", estimate)];
        Ok(CellEstimates { estimates, unmixed_models: 0 })
    }
}

/// An estimate with its indicator.
fn named(id: &str, title: &str, unit: &'static str, estimate: SurveyEstimate) -> NamedEstimate {
    NamedEstimate {
        id: id.to_owned(),
        title: title.to_owned(),
        unit,
        value: estimate.value,
        standard_error: estimate.standard_error,
        low: estimate.low,
        high: estimate.high,
        respondents: estimate.respondents,
    }
}
