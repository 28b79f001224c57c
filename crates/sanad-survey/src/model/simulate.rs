//! Answers drawn from the model, with every attitude drawn, nothing integrated: what the density is checked
//! against.

use rand_distr::{Distribution, StandardNormal};
use sanad_core::random::Stream;

use super::coordinates::{ModelShape, SupportParameters};
use crate::endorsement::{EndorsementAnswer, EndorsementExperiment, EndorsementQuestion};
use crate::error::{Error, Result};

/// What a respondent is asked: where, and by question which group is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RespondentArms {
    /// The place, from 0.
    pub place: usize,
    /// By question: `None` where it is not put, else the group that is named, if one is.
    pub arms: Vec<Option<Option<usize>>>,
}

impl ModelShape {
    /// Draws the answers of an experiment.
    ///
    /// # Errors
    /// If a respondent has another number of questions, or a place or group that does not exist.
    pub fn simulate(
        &self,
        parameters: &SupportParameters,
        respondents: &[RespondentArms],
        stream: &mut Stream,
    ) -> Result<EndorsementExperiment> {
        let mut questions: Vec<EndorsementQuestion> = self
            .categories()
            .iter()
            .map(|&categories| EndorsementQuestion { categories, answers: Vec::new() })
            .collect();
        for (index, respondent) in respondents.iter().enumerate() {
            let is_known = |arm: &Option<Option<usize>>| {
                arm.flatten().is_none_or(|group| group < self.endorsers())
            };
            if respondent.place >= self.places()
                || respondent.arms.len() != self.questions()
                || !respondent.arms.iter().all(is_known)
            {
                return Err(Error::entry("respondents", index, "of the model's shape"));
            }
            let mut normal = || -> f64 { StandardNormal.sample(stream) };
            let x = parameters.attitude[respondent.place] + normal();
            for (j, (question, arm)) in questions.iter_mut().zip(&respondent.arms).enumerate() {
                question.answers.push(arm.map(|endorser| {
                    let s = endorser.map_or(0.0, |k| {
                        let mean = parameters.support_on[k][j]
                            + parameters.support_in[k][respondent.place];
                        mean + parameters.respondent_spread[k] * normal()
                    });
                    let y = parameters.discrimination[j] * (x + s) + normal();
                    let category = parameters.cuts[j].iter().filter(|cut| y > **cut).count();
                    EndorsementAnswer { endorser, category }
                }));
            }
        }
        EndorsementExperiment::new(self.endorsers(), questions)
    }
}
