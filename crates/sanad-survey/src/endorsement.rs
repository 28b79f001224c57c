//! Endorsement experiments: differences of means.
//!
//! Respondents say how far they approve of a policy, on a scale of ordered answers. To some the policy is
//! said to be endorsed by a group, chosen at random. People who fear to speak about the group can answer
//! about the policy; what the group's name changes in the mean answer is what they feel about the group
//! (Bullock, Imai & Shapiro 2011, section 2).

use crate::design::{Contrast, SampleDesign, SurveyEstimate};
use crate::error::{Error, Result};

/// A respondent's answer to one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndorsementAnswer {
    /// The group that was named, from 0; `None` in the control arm.
    pub endorser: Option<usize>,
    /// The answer, from 0, the least approval, on.
    pub category: usize,
}

/// One question about a policy: by respondent the answer, `None` where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndorsementQuestion {
    /// How many answers the question offers, at least 2.
    pub categories: usize,
    /// By respondent.
    pub answers: Vec<Option<EndorsementAnswer>>,
}

/// Questions about policies that groups endorse.
///
/// ```
/// use sanad_survey::{EndorsementAnswer, EndorsementExperiment, EndorsementQuestion, SampleDesign};
///
/// let answer = |endorser, category| Some(EndorsementAnswer { endorser, category });
/// let answers = vec![answer(None, 4), answer(None, 2), answer(Some(0), 2), answer(Some(0), 1)];
/// let question = EndorsementQuestion { categories: 5, answers };
/// let experiment = EndorsementExperiment::new(1, vec![question])?;
/// let design = SampleDesign::simple(4)?;
/// // Answers are numbered from 1: means of 4 without and 2.5 with the name.
/// assert_eq!(experiment.control_mean(&design, 0)?.value, 4.0);
/// assert_eq!(experiment.difference(&design, 0, 0)?.value, -1.5);
/// # Ok::<(), sanad_survey::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndorsementExperiment {
    endorsers: usize,
    questions: Vec<EndorsementQuestion>,
}

/// A group's differences, pooled over questions.
#[derive(Debug, Clone, PartialEq)]
pub struct PooledDifference {
    /// The pooled difference. Its standard error counts that one respondent's answers to several questions
    /// go together.
    pub estimate: SurveyEstimate,
    /// The standard error that the questions would give if their errors were independent, 1 / √Σ 1/V_j.
    /// Papers often print this one; it is too small where a respondent answers several questions.
    pub standard_error_if_independent: f64,
    /// By question that has the group's arm: the question and its difference.
    pub by_question: Vec<(usize, SurveyEstimate)>,
}

impl EndorsementExperiment {
    /// An experiment with `endorsers` groups.
    ///
    /// # Errors
    /// If there is no group or question, questions have answers of different numbers of respondents, or an
    /// answer names a category or group that does not exist.
    pub fn new(endorsers: usize, questions: Vec<EndorsementQuestion>) -> Result<Self> {
        if endorsers == 0 {
            return Err(Error::argument("endorsers", "at least 1"));
        }
        let Some(first) = questions.first() else {
            return Err(Error::argument("questions", "at least one"));
        };
        let respondents = first.answers.len();
        for question in &questions {
            if question.categories < 2 {
                return Err(Error::argument("categories", "at least 2"));
            }
            if question.answers.len() != respondents {
                return Err(Error::shape("answers", respondents, question.answers.len()));
            }
            let is_known = |answer: &EndorsementAnswer| {
                answer.category < question.categories
                    && answer.endorser.is_none_or(|group| group < endorsers)
            };
            let wrong = |answer: &Option<EndorsementAnswer>| answer.is_some_and(|a| !is_known(&a));
            if let Some(index) = question.answers.iter().position(wrong) {
                return Err(Error::entry("answers", index, "of a known category and group"));
            }
        }
        Ok(Self { endorsers, questions })
    }

    /// How many groups endorse.
    #[must_use]
    pub fn endorsers(&self) -> usize {
        self.endorsers
    }

    /// The questions.
    #[must_use]
    pub fn questions(&self) -> &[EndorsementQuestion] {
        &self.questions
    }

    /// How many respondents there are, with and without answers.
    #[must_use]
    pub fn respondents(&self) -> usize {
        self.questions[0].answers.len()
    }

    /// The mean answer of the control arm, answers numbered from 1.
    ///
    /// # Errors
    /// Those of [`SampleDesign::mean`]; if the question does not exist.
    pub fn control_mean(&self, design: &SampleDesign, question: usize) -> Result<SurveyEstimate> {
        let answers = self.question(question)?.answers.iter();
        let control = answers.map(|a| a.filter(|a| a.endorser.is_none()).map(score));
        design.mean(&control.collect::<Vec<_>>())
    }

    /// The mean answer with the group's name less that of the control arm, in steps of the scale. Above 0
    /// the name makes people approve more.
    ///
    /// # Errors
    /// Those of [`SampleDesign::difference`]; if the question does not exist.
    pub fn difference(
        &self,
        design: &SampleDesign,
        question: usize,
        endorser: usize,
    ) -> Result<SurveyEstimate> {
        Ok(self.contrast(design, question, endorser)?.estimate)
    }

    /// The differences of a group over all questions, weighted by the inverse of their variances:
    /// d = Σ_j d_j / V_j / Σ_j 1 / V_j. With weights a_j = (1/V_j) / Σ 1/V its variance is
    /// Σ_j a_j² V_j + 2 Σ_{j<l} a_j a_l C_jl, where C_jl is the covariance of the linearised differences:
    /// a respondent of the control arm counts in several of them.
    ///
    /// Questions on which an arm has answers in fewer than two sampling units are passed over.
    ///
    /// # Errors
    /// If no question is left, or a length does not fit.
    pub fn pooled(&self, design: &SampleDesign, endorser: usize) -> Result<PooledDifference> {
        let mut parts: Vec<(usize, Contrast)> = Vec::new();
        for question in 0..self.questions.len() {
            match self.contrast(design, question, endorser) {
                Ok(part) if part.variance > 0.0 => parts.push((question, part)),
                Ok(_) => {}
                Err(error) if error.is_too_little_data() => {}
                Err(error) => return Err(error),
            }
        }
        if parts.is_empty() {
            return Err(Error::too_little("a pooled difference", "questions that vary", 1, 0));
        }
        let precision: f64 = parts.iter().map(|(_, part)| 1.0 / part.variance).sum();
        let weight = |part: &Contrast| 1.0 / part.variance / precision;
        let value = parts.iter().map(|(_, part)| weight(part) * part.estimate.value).sum::<f64>();
        let mut variance = 0.0;
        for (at, (_, left)) in parts.iter().enumerate() {
            variance += weight(left).powi(2) * left.variance;
            for (_, right) in &parts[..at] {
                let together = design.covariance(&left.influence, &right.influence);
                variance += 2.0 * weight(left) * weight(right) * together;
            }
        }
        let estimate = self.pooled_estimate(design, endorser, value, variance.max(0.0), &parts);
        let by_question = parts.iter().map(|(question, part)| (*question, part.estimate)).collect();
        let standard_error_if_independent = precision.sqrt().recip();
        Ok(PooledDifference { estimate, standard_error_if_independent, by_question })
    }

    fn pooled_estimate(
        &self,
        design: &SampleDesign,
        endorser: usize,
        value: f64,
        variance: f64,
        parts: &[(usize, Contrast)],
    ) -> SurveyEstimate {
        let estimates = || parts.iter().map(|(_, part)| &part.estimate);
        let degrees_of_freedom = estimates().map(|e| e.degrees_of_freedom).min().unwrap_or(1);
        let counts = |i: usize| {
            parts.iter().any(|(question, _)| {
                let answer = self.questions[*question].answers[i];
                answer.is_some_and(|a| a.endorser.is_none_or(|group| group == endorser))
            })
        };
        let reach = design.quantile(degrees_of_freedom) * variance.sqrt();
        SurveyEstimate {
            value,
            standard_error: variance.sqrt(),
            low: value - reach,
            high: value + reach,
            design_effect: None,
            respondents: (0..self.respondents()).filter(|&i| counts(i)).count(),
            clusters: estimates().map(|e| e.clusters).max().unwrap_or(0),
            lonely_strata: estimates().map(|e| e.lonely_strata).max().unwrap_or(0),
            degrees_of_freedom,
        }
    }

    fn contrast(
        &self,
        design: &SampleDesign,
        question: usize,
        endorser: usize,
    ) -> Result<Contrast> {
        let answers = &self.question(question)?.answers;
        let values: Vec<Option<f64>> = answers.iter().map(|a| a.map(score)).collect();
        let arm = |answer: &EndorsementAnswer| match answer.endorser {
            None => Some(false),
            Some(group) if group == endorser => Some(true),
            Some(_) => None,
        };
        let treated: Vec<Option<bool>> = answers.iter().map(|a| a.as_ref().and_then(arm)).collect();
        design.contrast(&values, &treated)
    }

    fn question(&self, question: usize) -> Result<&EndorsementQuestion> {
        self.questions.get(question).ok_or(Error::argument("question", "one that exists"))
    }
}

/// Answers are numbered from 1, as questionnaires print them.
fn score(answer: EndorsementAnswer) -> f64 {
    answer.category as f64 + 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(rows: &[(Option<usize>, usize)]) -> EndorsementQuestion {
        let answer = |&(endorser, category)| Some(EndorsementAnswer { endorser, category });
        EndorsementQuestion { categories: 5, answers: rows.iter().map(answer).collect() }
    }

    #[test]
    fn questions_that_the_same_people_answer_give_a_wider_error() {
        let rows: Vec<(Option<usize>, usize)> =
            (0..40).map(|i| ((i % 2 == 0).then_some(0), (i / 2) % 5)).collect();
        let design = SampleDesign::simple(40).unwrap();
        let one = EndorsementExperiment::new(1, vec![question(&rows)]).unwrap();
        let twice = EndorsementExperiment::new(1, vec![question(&rows); 2]).unwrap();
        let [one, twice] = [one, twice].map(|it| it.pooled(&design, 0).unwrap());
        assert_eq!(one.estimate.standard_error, one.standard_error_if_independent);
        // A question put twice tells nothing new.
        let halved = one.standard_error_if_independent / 2.0_f64.sqrt();
        assert!((twice.standard_error_if_independent - halved).abs() < 1e-12);
        let ratio = twice.estimate.standard_error / one.estimate.standard_error;
        assert!((ratio - 1.0).abs() < 0.02, "{ratio}");
    }

    #[test]
    fn questions_are_weighted_by_the_inverse_of_their_variances() {
        let sharp = question(&[(None, 1), (None, 2), (Some(0), 3), (Some(0), 4)]);
        let blunt = question(&[(None, 0), (None, 4), (Some(0), 0), (Some(0), 4)]);
        let both = EndorsementExperiment::new(1, vec![sharp, blunt]).unwrap();
        let found = both.pooled(&SampleDesign::simple(4).unwrap(), 0).unwrap();
        // d = 2 with V = 1/2, and d = 0 with V = 8: (2 · 2 + 0) / (2 + 1/8).
        assert!((found.estimate.value - 4.0 / 2.125).abs() < 1e-12, "{found:?}");
        assert!((found.standard_error_if_independent - 2.125_f64.sqrt().recip()).abs() < 1e-12);
    }

    #[test]
    fn a_group_that_nobody_was_asked_about_has_no_difference() {
        let rows = [(None, 1), (None, 2), (Some(0), 3), (Some(0), 4)];
        let experiment = EndorsementExperiment::new(2, vec![question(&rows)]).unwrap();
        let design = SampleDesign::simple(4).unwrap();
        assert!(experiment.pooled(&design, 1).unwrap_err().is_too_little_data());
        assert!(EndorsementExperiment::new(1, vec![question(&[(Some(1), 0)])]).is_err());
        assert!(EndorsementExperiment::new(1, vec![question(&[(None, 5)])]).is_err());
    }
}
