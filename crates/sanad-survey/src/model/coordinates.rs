//! The model's parameters, and the coordinates in which their priors are standard normal.

use crate::error::{Error, Result};

/// Middle of the prior of the first cut, by answer beyond the second.
const FIRST_CUT_STEP: f64 = -0.4;
/// Standard deviation of the prior of the first cut.
const FIRST_CUT_SPREAD: f64 = 1.5;
/// Standard deviation of the priors of logarithms.
const LOG_SPREAD: f64 = 0.5;
/// Middles of the priors of positive parameters.
const CUT_STEP: f64 = 0.8;
const QUESTION_SPREAD: f64 = 0.6;
const RESPONDENT_SPREAD: f64 = 0.5;
const PLACE_SPREAD: f64 = 0.3;

/// How many questions with how many answers, groups and places a model has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelShape {
    categories: Vec<usize>,
    endorsers: usize,
    places: usize,
}

/// Parameters of the model, in the units of [`SupportModel`](crate::SupportModel).
#[derive(Debug, Clone, PartialEq)]
pub struct SupportParameters {
    /// c_jl, by question: cut points in rising order, one fewer than answers.
    pub cuts: Vec<Vec<f64>>,
    /// β_j, by question: how far an answer hangs on x.
    pub discrimination: Vec<f64>,
    /// θ_k, by group.
    pub support: Vec<f64>,
    /// λ_jk, by group and question.
    pub support_on: Vec<Vec<f64>>,
    /// γ_gk, by group and place; zero where there is one place.
    pub support_in: Vec<Vec<f64>>,
    /// ω_k, by group.
    pub respondent_spread: Vec<f64>,
    /// φ_k, by group.
    pub question_spread: Vec<f64>,
    /// τ_k, by group; zero where there is one place.
    pub place_spread: Vec<f64>,
    /// δ_g, by place; zero where there is one place.
    pub attitude: Vec<f64>,
    /// σ; zero where there is one place.
    pub attitude_spread: f64,
}

/// Slopes of the log likelihood by the parameters that it names.
#[derive(Debug, Clone, Default)]
pub(super) struct Slopes {
    pub(super) cuts: Vec<Vec<f64>>,
    pub(super) discrimination: Vec<f64>,
    pub(super) support_on: Vec<Vec<f64>>,
    pub(super) support_in: Vec<Vec<f64>>,
    pub(super) respondent_spread: Vec<f64>,
    pub(super) attitude: Vec<f64>,
}

impl ModelShape {
    /// A shape: answers of each question (at least 2), groups and places (at least 1).
    ///
    /// # Errors
    /// If a number is smaller.
    pub fn new(categories: Vec<usize>, endorsers: usize, places: usize) -> Result<Self> {
        if categories.is_empty() || categories.iter().any(|&answers| answers < 2) {
            return Err(Error::argument(
                "categories",
                "at least 2 answers of at least one question",
            ));
        }
        if endorsers == 0 || places == 0 {
            return Err(Error::argument("endorsers and places", "at least 1"));
        }
        Ok(Self { categories, endorsers, places })
    }

    /// How many questions there are.
    #[must_use]
    pub fn questions(&self) -> usize {
        self.categories.len()
    }

    /// Answers that a question offers.
    #[must_use]
    pub fn categories(&self) -> &[usize] {
        &self.categories
    }

    /// How many groups there are.
    #[must_use]
    pub fn endorsers(&self) -> usize {
        self.endorsers
    }

    /// How many places there are.
    #[must_use]
    pub fn places(&self) -> usize {
        self.places
    }

    /// How many coordinates the parameters have.
    #[must_use]
    pub fn dimension(&self) -> usize {
        let of_questions: usize = self.categories.iter().sum();
        let of_places = if self.places > 1 { 1 + self.places } else { 0 };
        of_questions + self.endorsers * (3 + self.questions() + of_places) + of_places
    }

    /// The parameters at coordinates `z`, whose priors are standard normal and independent.
    ///
    /// # Errors
    /// If there are more or fewer than [`dimension`](Self::dimension).
    pub fn parameters(&self, z: &[f64]) -> Result<SupportParameters> {
        if z.len() != self.dimension() {
            return Err(Error::shape("z", self.dimension(), z.len()));
        }
        let mut rest = z;
        let mut take = |number: usize| {
            let (taken, left) = rest.split_at(number);
            rest = left;
            taken
        };
        let mut parameters = SupportParameters {
            cuts: Vec::new(),
            discrimination: Vec::new(),
            support: Vec::new(),
            support_on: Vec::new(),
            support_in: Vec::new(),
            respondent_spread: Vec::new(),
            question_spread: Vec::new(),
            place_spread: Vec::new(),
            attitude: vec![0.0; self.places],
            attitude_spread: 0.0,
        };
        for &answers in &self.categories {
            let z = take(answers);
            parameters.cuts.push(cuts(&z[..answers - 1], answers));
            parameters.discrimination.push(positive(1.0, z[answers - 1]));
        }
        for _ in 0..self.endorsers {
            let z = take(3 + self.questions());
            let (theta, phi) = (z[0], positive(QUESTION_SPREAD, z[1]));
            parameters.support.push(theta);
            parameters.question_spread.push(phi);
            parameters.respondent_spread.push(positive(RESPONDENT_SPREAD, z[2]));
            parameters.support_on.push(z[3..].iter().map(|z| theta + phi * z).collect());
            if self.places > 1 {
                let z = take(1 + self.places);
                let tau = positive(PLACE_SPREAD, z[0]);
                parameters.place_spread.push(tau);
                parameters.support_in.push(z[1..].iter().map(|z| tau * z).collect());
            } else {
                parameters.place_spread.push(0.0);
                parameters.support_in.push(vec![0.0]);
            }
        }
        if self.places > 1 {
            let z = take(1 + self.places);
            parameters.attitude_spread = positive(PLACE_SPREAD, z[0]);
            parameters.attitude = z[1..].iter().map(|z| parameters.attitude_spread * z).collect();
        }
        Ok(parameters)
    }

    /// The slopes by the coordinates, from those by the parameters at `z` (the chain rule, block by block).
    pub(super) fn pull_back(
        &self,
        z: &[f64],
        parameters: &SupportParameters,
        slopes: &Slopes,
        gradient: &mut [f64],
    ) {
        let mut at = 0;
        for (j, &answers) in self.categories.iter().enumerate() {
            let cuts = &parameters.cuts[j];
            // c_l is the first cut and the steps up to l, so that step l moves every cut from l on.
            let mut from_here = 0.0;
            for l in (0..answers - 1).rev() {
                from_here += slopes.cuts[j][l];
                gradient[at + l] = match l {
                    0 => FIRST_CUT_SPREAD * from_here,
                    _ => LOG_SPREAD * (cuts[l] - cuts[l - 1]) * from_here,
                };
            }
            gradient[at + answers - 1] =
                LOG_SPREAD * parameters.discrimination[j] * slopes.discrimination[j];
            at += answers;
        }
        for k in 0..self.endorsers {
            let (phi, questions) = (parameters.question_spread[k], self.questions());
            let by_question = &slopes.support_on[k];
            let z_of = &z[at + 3..at + 3 + questions];
            gradient[at] = by_question.iter().sum();
            let spread: f64 = by_question.iter().zip(z_of).map(|(slope, z)| slope * z).sum();
            gradient[at + 1] = LOG_SPREAD * phi * spread;
            gradient[at + 2] =
                LOG_SPREAD * parameters.respondent_spread[k] * slopes.respondent_spread[k];
            for (slot, slope) in gradient[at + 3..].iter_mut().zip(by_question) {
                *slot = phi * slope;
            }
            at += 3 + questions;
            if self.places > 1 {
                let scale = parameters.place_spread[k];
                scaled(&z[at..], scale, &slopes.support_in[k], &mut gradient[at..]);
                at += 1 + self.places;
            }
        }
        if self.places > 1 {
            scaled(&z[at..], parameters.attitude_spread, &slopes.attitude, &mut gradient[at..]);
        }
    }
}

/// Slopes by the coordinates of a scale and of the values that it multiplies.
fn scaled(z: &[f64], scale: f64, slopes: &[f64], gradient: &mut [f64]) {
    let along: f64 = slopes.iter().zip(&z[1..]).map(|(slope, z)| slope * z).sum();
    gradient[0] = LOG_SPREAD * scale * along;
    for (slot, slope) in gradient[1..].iter_mut().zip(slopes) {
        *slot = scale * slope;
    }
}

/// A positive parameter with a log-normal prior about `middle`.
fn positive(middle: f64, z: f64) -> f64 {
    middle * (LOG_SPREAD * z).exp()
}

fn cuts(z: &[f64], answers: usize) -> Vec<f64> {
    let mut cut = FIRST_CUT_STEP * (answers as f64 - 2.0) + FIRST_CUT_SPREAD * z[0];
    let mut cuts = vec![cut];
    for step in &z[1..] {
        cut += positive(CUT_STEP, *step);
        cuts.push(cut);
    }
    cuts
}
