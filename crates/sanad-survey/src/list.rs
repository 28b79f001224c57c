//! List experiments: the difference in means, and what would make it wrong.
//!
//! Respondents say how many of a list of items hold for them, not which. The list of half of them, chosen at
//! random, has a sensitive item more. The difference of the mean counts is the share for whom the sensitive
//! item holds, if nobody lies and the longer list changes no other answer (Blair & Imai 2012, section 2).

use sanad_numbers::normal_tails;

use crate::design::{SampleDesign, SurveyEstimate};
use crate::error::{Error, Result};

/// A respondent's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListAnswer {
    /// Whether the list had the sensitive item.
    pub is_treated: bool,
    /// How many items hold.
    pub count: usize,
}

/// A list experiment.
///
/// ```
/// use sanad_survey::{ListAnswer, ListExperiment, SampleDesign};
///
/// let answer = |is_treated, count| Some(ListAnswer { is_treated, count });
/// let answers = vec![
///     answer(false, 0), answer(false, 1), answer(false, 2), answer(false, 1),
///     answer(true, 1), answer(true, 1), answer(true, 2), answer(true, 2),
/// ];
/// let experiment = ListExperiment::new(2, answers)?;
/// assert_eq!(experiment.difference(&SampleDesign::simple(8)?)?.value, 0.5);
/// # Ok::<(), sanad_survey::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListExperiment {
    control_items: usize,
    answers: Vec<Option<ListAnswer>>,
}

/// What would make the difference in means of a list experiment wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct ListChecks {
    /// Share of the control arm for whom no item holds. With the sensitive item added they can only say yes
    /// by naming it, and may say 0 instead (floor effect).
    pub floor: SurveyEstimate,
    /// Share of the control arm for whom every item holds. A true answer would give the sensitive one away,
    /// and they may say one less (ceiling effect).
    pub ceiling: SurveyEstimate,
    /// The share of each type of respondent that the counts imply.
    pub joint_types: Vec<JointType>,
    /// p-value of the hypothesis that no type has a negative share, that is, that the longer list changed no
    /// answer about the other items: Bonferroni's, the smallest one-sided p-value times their number. Small
    /// values speak against the experiment.
    pub no_design_effect_p: f64,
}

/// Respondents with `count` control items, for whom the sensitive item holds or not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JointType {
    /// Control items that hold.
    pub count: usize,
    /// Whether the sensitive item holds.
    pub is_affirming: bool,
    /// The estimated share; below 0 by chance or because the experiment failed.
    pub share: f64,
    /// Its standard error.
    pub standard_error: f64,
}

impl ListExperiment {
    /// An experiment with `control_items` items beside the sensitive one; `answers` by respondent.
    ///
    /// # Errors
    /// If there is no control item, or somebody counts more items than the list had.
    pub fn new(control_items: usize, answers: Vec<Option<ListAnswer>>) -> Result<Self> {
        if control_items == 0 {
            return Err(Error::argument("control_items", "at least 1"));
        }
        let is_too_many =
            |answer: &ListAnswer| answer.count > control_items + usize::from(answer.is_treated);
        let wrong = |answer: &Option<ListAnswer>| answer.as_ref().is_some_and(is_too_many);
        if let Some(index) = answers.iter().position(wrong) {
            return Err(Error::entry("answers", index, "no more than the items of the list"));
        }
        Ok(Self { control_items, answers })
    }

    /// The difference of the mean counts: the share for whom the sensitive item holds, with Neyman's variance
    /// in a simple sample. It may lie outside 0 and 1 by chance; it is not cut.
    ///
    /// # Errors
    /// Those of [`SampleDesign::difference`].
    pub fn difference(&self, design: &SampleDesign) -> Result<SurveyEstimate> {
        self.arms_differ(design, |answer| answer.count as f64)
    }

    /// Floor, ceiling, and the test for a design effect.
    ///
    /// With F₀ and F₁ the shares of the control and treated arm that count y or fewer, the share of those with
    /// y control items and the sensitive one is F₀(y) − F₁(y), of those without it F₁(y) − F₀(y − 1) (Blair &
    /// Imai 2012, table 1 and section 3.1). They propose a test over all that selects the moments that matter;
    /// Bonferroni's, used here, errs towards finding no effect.
    ///
    /// # Errors
    /// Those of [`SampleDesign::difference`] and [`SampleDesign::share`].
    pub fn checks(&self, design: &SampleDesign) -> Result<ListChecks> {
        let control = |wanted: usize| -> Result<SurveyEstimate> {
            let answer = |a: &ListAnswer| (!a.is_treated).then_some(a.count == wanted);
            let answers = self.answers.iter().map(|a| a.as_ref().and_then(answer));
            design.share(&answers.collect::<Vec<_>>())
        };
        let mut joint_types = Vec::new();
        for count in 0..=self.control_items {
            for is_affirming in [true, false] {
                joint_types.push(self.joint_type(design, count, is_affirming)?);
            }
        }
        let tested: Vec<f64> = joint_types
            .iter()
            .filter(|joint_type| !self.cannot_be_negative(joint_type))
            .map(p_below_zero)
            .collect();
        let smallest = tested.iter().copied().fold(1.0, f64::min);
        Ok(ListChecks {
            floor: control(0)?,
            ceiling: control(self.control_items)?,
            joint_types,
            no_design_effect_p: (smallest * tested.len() as f64).min(1.0),
        })
    }

    fn joint_type(
        &self,
        design: &SampleDesign,
        count: usize,
        is_affirming: bool,
    ) -> Result<JointType> {
        // Treated arm less control arm: F₁(y) − F₀(y), or F₁(y) − F₀(y − 1).
        let is_below = |answer: ListAnswer| {
            let is_counted = if answer.is_treated || is_affirming {
                answer.count <= count
            } else {
                answer.count < count
            };
            f64::from(u8::from(is_counted))
        };
        let found = self.arms_differ(design, is_below)?;
        let share = if is_affirming { -found.value } else { found.value };
        Ok(JointType { count, is_affirming, share, standard_error: found.standard_error })
    }

    /// Whether the share of a type is a share of one arm, and so 0 or more whatever was answered.
    fn cannot_be_negative(&self, joint: &JointType) -> bool {
        (joint.is_affirming && joint.count == self.control_items)
            || (!joint.is_affirming && joint.count == 0)
    }

    fn arms_differ(
        &self,
        design: &SampleDesign,
        value: impl Fn(ListAnswer) -> f64,
    ) -> Result<SurveyEstimate> {
        let values: Vec<Option<f64>> = self.answers.iter().map(|a| a.map(&value)).collect();
        let treated: Vec<Option<bool>> =
            self.answers.iter().map(|a| a.map(|a| a.is_treated)).collect();
        design.difference(&values, &treated)
    }
}

/// The one-sided p-value of a share that is 0 or more.
fn p_below_zero(joint: &JointType) -> f64 {
    if joint.standard_error > 0.0 {
        normal_tails(joint.share / joint.standard_error).below
    } else if joint.share < 0.0 {
        0.0
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn experiment(control: &[usize], treated: &[usize]) -> ListExperiment {
        let of = |counts: &[usize], is_treated| -> Vec<Option<ListAnswer>> {
            counts.iter().map(|&count| Some(ListAnswer { is_treated, count })).collect()
        };
        ListExperiment::new(3, [of(control, false), of(treated, true)].concat()).unwrap()
    }

    #[test]
    fn the_types_of_respondents_add_up() {
        let found = experiment(&[0, 1, 1, 2, 3, 3], &[0, 1, 2, 2, 3, 4]);
        let design = SampleDesign::simple(12).unwrap();
        let checks = found.checks(&design).unwrap();
        let total: f64 = checks.joint_types.iter().map(|joint_type| joint_type.share).sum();
        assert!((total - 1.0).abs() < 1e-12, "{checks:?}");
        let affirming: f64 = checks
            .joint_types
            .iter()
            .filter(|joint_type| joint_type.is_affirming)
            .map(|joint_type| joint_type.share)
            .sum();
        assert!((affirming - found.difference(&design).unwrap().value).abs() < 1e-12);
        assert!((checks.floor.value - 1.0 / 6.0).abs() < 1e-12);
        assert!((checks.ceiling.value - 2.0 / 6.0).abs() < 1e-12);
        assert_eq!(checks.no_design_effect_p, 1.0);
    }

    #[test]
    fn a_longer_list_that_lowers_other_answers_is_noticed() {
        let design = SampleDesign::simple(200).unwrap();
        let low = experiment(&[2; 100], &[1; 100]).checks(&design).unwrap();
        assert!(low.no_design_effect_p < 1e-6, "{low:?}");
        let mixed: Vec<usize> = (0..100).map(|i| i % 4).collect();
        let sound = experiment(&mixed, &mixed).checks(&design).unwrap();
        assert!(sound.no_design_effect_p > 0.5, "{sound:?}");
    }

    #[test]
    fn nobody_counts_more_items_than_the_list_has() {
        let answer = |is_treated| vec![Some(ListAnswer { is_treated, count: 4 })];
        assert!(ListExperiment::new(3, answer(true)).is_ok());
        assert!(ListExperiment::new(3, answer(false)).unwrap_err().is_invalid_input());
    }
}
