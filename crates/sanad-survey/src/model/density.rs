//! The log density of the model with all attitudes of respondents integrated out, and its gradient.

use std::collections::BTreeMap;

use sanad_numbers::{normal_density, normal_tails};

use super::GRID_REACH;
use super::coordinates::{ModelShape, Slopes, SupportParameters};
use crate::endorsement::EndorsementExperiment;
use crate::error::{Error, Result};
use crate::sampler::LogDensity;

/// Points of the grid over x. Their distance of 0.4 keeps the rule's error under 10⁻⁵ for answers that four
/// questions with β = 1.5 narrow x down to.
const POINTS: usize = 31;
/// Distance of the grid's points.
const STEP: f64 = 2.0 * GRID_REACH / (POINTS as f64 - 1.0);
/// The smallest probability of an answer: keeps its logarithm's slope finite far out on the grid.
const SMALLEST: f64 = 1e-290;

/// A question as one arm in one place hears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Variant {
    question: usize,
    /// The group and the place, where a group is named; support differs between places, a question does not.
    named: Option<(usize, usize)>,
}

/// Respondents who cannot be told apart: same place, arms and answers.
#[derive(Debug, Clone)]
struct AnswerPattern {
    place: usize,
    number: f64,
    /// Variant and answer.
    answers: Vec<(usize, usize)>,
}

/// The answers of an experiment, counted by pattern.
#[derive(Debug, Clone)]
pub(super) struct Patterns {
    variants: Vec<Variant>,
    patterns: Vec<AnswerPattern>,
}

impl Patterns {
    pub(super) fn new(
        experiment: &EndorsementExperiment,
        places: Option<&[usize]>,
    ) -> Result<Self> {
        let respondents = experiment.respondents();
        if let Some(places) = places
            && places.len() != respondents
        {
            return Err(Error::shape("places", respondents, places.len()));
        }
        let mut numbers: BTreeMap<Variant, usize> = BTreeMap::new();
        let mut counts: BTreeMap<(usize, Vec<(usize, usize)>), f64> = BTreeMap::new();
        for i in 0..respondents {
            let place = places.map_or(0, |places| places[i]);
            let mut answers = Vec::new();
            for (question, asked) in experiment.questions().iter().enumerate() {
                let Some(answer) = asked.answers[i] else { continue };
                let named = answer.endorser.map(|group| (group, place));
                let next = numbers.len();
                let variant = *numbers.entry(Variant { question, named }).or_insert(next);
                answers.push((variant, answer.category));
            }
            if !answers.is_empty() {
                *counts.entry((place, answers)).or_insert(0.0) += 1.0;
            }
        }
        let mut variants = vec![Variant { question: 0, named: None }; numbers.len()];
        for (variant, number) in numbers {
            variants[number] = variant;
        }
        let patterns = counts
            .into_iter()
            .map(|((place, answers), number)| AnswerPattern { place, number, answers })
            .collect();
        Ok(Self { variants, patterns })
    }
}

/// Probabilities of the answers to a variant over the grid, and what their slopes need.
#[derive(Debug, Clone, Default)]
struct VariantTable {
    /// P_l(x), by answer and point.
    probability: Vec<[f64; POINTS]>,
    /// φ at each cut, by cut and point.
    density: Vec<[f64; POINTS]>,
    /// Expected respondents with the answer at the point, given what they answered.
    expected: Vec<[f64; POINTS]>,
}

/// The log density at coordinates with standard normal priors.
pub(super) struct SupportDensity<'a> {
    shape: &'a ModelShape,
    patterns: &'a Patterns,
    tables: Vec<VariantTable>,
}

/// How a named group moves and blurs the answers to a question.
#[derive(Debug, Clone, Copy)]
struct Shift {
    /// λ + γ.
    support: f64,
    /// ω.
    spread: f64,
    /// 1 / √(1 + β² ω²).
    shrink: f64,
}

impl<'a> SupportDensity<'a> {
    pub(super) fn new(shape: &'a ModelShape, patterns: &'a Patterns) -> Self {
        let table = |variant: &Variant| {
            let answers = shape.categories()[variant.question];
            VariantTable {
                probability: vec![[0.0; POINTS]; answers],
                density: vec![[0.0; POINTS]; answers - 1],
                expected: vec![[0.0; POINTS]; answers],
            }
        };
        let tables = patterns.variants.iter().map(table).collect();
        Self { shape, patterns, tables }
    }

    /// ln ∏_i ∫ N(x; δ_g, 1) ∏_j P_j(y_ij | x) dx. Leaves the expected respondents in the tables and gives,
    /// by place, Σ_i E[x_i − δ_g | y_i], the slope by δ_g.
    fn log_likelihood(&mut self, parameters: &SupportParameters) -> Option<(f64, Vec<f64>)> {
        let law: Vec<[f64; POINTS]> =
            parameters.attitude.iter().map(|&delta| grid_law(delta)).collect();
        let mut attitude = vec![0.0; law.len()];
        let mut sum = 0.0;
        for pattern in &self.patterns.patterns {
            let mut share = law[pattern.place];
            for &(variant, answer) in &pattern.answers {
                let probability = &self.tables[variant].probability[answer];
                share.iter_mut().zip(probability).for_each(|(share, p)| *share *= p);
            }
            let total: f64 = share.iter().sum();
            if !(total > 0.0 && total.is_finite()) {
                return None;
            }
            sum += pattern.number * total.ln();
            let scale = pattern.number / total;
            share.iter_mut().for_each(|share| *share *= scale);
            for &(variant, answer) in &pattern.answers {
                let expected = &mut self.tables[variant].expected[answer];
                expected.iter_mut().zip(&share).for_each(|(sum, share)| *sum += share);
            }
            let delta = parameters.attitude[pattern.place];
            let apart = share.iter().enumerate().map(|(q, share)| share * (grid(q) - delta));
            attitude[pattern.place] += apart.sum::<f64>();
        }
        Some((sum, attitude))
    }

    fn fill(&mut self, parameters: &SupportParameters) {
        for (table, variant) in self.tables.iter_mut().zip(&self.patterns.variants) {
            let shift = shift(parameters, variant);
            let beta = parameters.discrimination[variant.question];
            let cuts = &parameters.cuts[variant.question];
            table.expected.iter_mut().for_each(|row| row.fill(0.0));
            for q in 0..POINTS {
                let middle = beta * (grid(q) + shift.support);
                let mut last = normal_tails(f64::NEG_INFINITY);
                let mut is_upper = false;
                for (l, cut) in cuts.iter().enumerate() {
                    let t = (cut - middle) * shift.shrink;
                    let tails = normal_tails(t);
                    table.density[l][q] = normal_density(t);
                    // Above the middle the upper tails have the digits.
                    let p =
                        if is_upper { last.above - tails.above } else { tails.below - last.below };
                    table.probability[l][q] = p.max(SMALLEST);
                    is_upper = t > 0.0;
                    last = tails;
                }
                table.probability[cuts.len()][q] = last.above.max(SMALLEST);
            }
        }
    }

    /// Slopes of the log likelihood. With t_l = (c_l − β (x + s)) r and r = 1 / √(1 + β² ω²):
    /// ∂ ln P_l / ∂t_l = φ(t_l) / P_l and ∂ ln P_{l+1} / ∂t_l = −φ(t_l) / P_{l+1}; ∂t/∂c = r,
    /// ∂t/∂s = −β r, ∂t/∂β = −(x + s) r − (c − β (x + s)) β ω² r³, ∂t/∂ω = −(c − β (x + s)) β² ω r³.
    fn slopes(&self, parameters: &SupportParameters, attitude: Vec<f64>) -> Slopes {
        let groups = self.shape.endorsers();
        let mut slopes = Slopes {
            cuts: parameters.cuts.iter().map(|cuts| vec![0.0; cuts.len()]).collect(),
            discrimination: vec![0.0; self.shape.questions()],
            support_on: vec![vec![0.0; self.shape.questions()]; groups],
            support_in: vec![vec![0.0; self.shape.places()]; groups],
            respondent_spread: vec![0.0; groups],
            attitude,
        };
        for (table, variant) in self.tables.iter().zip(&self.patterns.variants) {
            let (j, shift) = (variant.question, shift(parameters, variant));
            let beta = parameters.discrimination[j];
            let cubed = shift.shrink.powi(3);
            let (mut by_support, mut by_spread) = (0.0, 0.0);
            for (l, cut) in parameters.cuts[j].iter().enumerate() {
                for q in 0..POINTS {
                    let rate = |l: usize| table.expected[l][q] / table.probability[l][q];
                    let by_t = table.density[l][q] * (rate(l) - rate(l + 1));
                    let x = grid(q) + shift.support;
                    let apart = cut - beta * x;
                    let narrowing = beta * shift.spread * cubed;
                    slopes.cuts[j][l] += by_t * shift.shrink;
                    slopes.discrimination[j] -=
                        by_t * (x * shift.shrink + apart * shift.spread * narrowing);
                    by_support -= by_t * beta * shift.shrink;
                    by_spread -= by_t * apart * beta * narrowing;
                }
            }
            if let Some((group, place)) = variant.named {
                slopes.support_on[group][j] += by_support;
                slopes.support_in[group][place] += by_support;
                slopes.respondent_spread[group] += by_spread;
            }
        }
        slopes
    }
}

impl LogDensity for SupportDensity<'_> {
    fn dimension(&self) -> usize {
        self.shape.dimension()
    }

    fn evaluate(&mut self, z: &[f64], gradient: &mut [f64]) -> Option<f64> {
        let parameters = self.shape.parameters(z).ok()?;
        self.fill(&parameters);
        let (likelihood, attitude) = self.log_likelihood(&parameters)?;
        let slopes = self.slopes(&parameters, attitude);
        self.shape.pull_back(z, &parameters, &slopes, gradient);
        for (slope, z) in gradient.iter_mut().zip(z) {
            *slope -= z;
        }
        let prior: f64 = z.iter().map(|z| z * z).sum();
        let density = likelihood - 0.5 * prior;
        (density.is_finite() && gradient.iter().all(|slope| slope.is_finite())).then_some(density)
    }
}

fn shift(parameters: &SupportParameters, variant: &Variant) -> Shift {
    let Some((group, place)) = variant.named else {
        return Shift { support: 0.0, spread: 0.0, shrink: 1.0 };
    };
    let spread = parameters.respondent_spread[group];
    let beta = parameters.discrimination[variant.question];
    Shift {
        support: parameters.support_on[group][variant.question]
            + parameters.support_in[group][place],
        spread,
        shrink: (1.0 + (beta * spread).powi(2)).sqrt().recip(),
    }
}

/// A point of the grid over x.
fn grid(q: usize) -> f64 {
    q as f64 * STEP - GRID_REACH
}

/// The weights of N(δ, 1) on the grid.
fn grid_law(delta: f64) -> [f64; POINTS] {
    core::array::from_fn(|q| STEP * normal_density(grid(q) - delta))
}

#[cfg(test)]
mod tests {
    use sanad_core::random::Streams;

    use super::super::simulate::RespondentArms;
    use super::*;

    /// A small experiment with places, two groups and questions of different length.
    fn experiment(shape: &ModelShape) -> (EndorsementExperiment, Vec<usize>) {
        let parameters = shape.parameters(&vec![0.2; shape.dimension()]).unwrap();
        let respondents: Vec<RespondentArms> = (0..60)
            .map(|i| RespondentArms {
                place: i % 3,
                arms: vec![Some((i % 2 == 0).then_some(i % 4 / 2)), Some((i % 5 < 3).then_some(1))],
            })
            .collect();
        let mut stream = Streams::new(4, "density").at(0, 0, 0);
        let experiment = shape.simulate(&parameters, &respondents, &mut stream).unwrap();
        (experiment, respondents.iter().map(|respondent| respondent.place).collect())
    }

    #[test]
    fn the_gradient_equals_finite_differences() {
        let shape = ModelShape::new(vec![3, 5], 2, 3).unwrap();
        let (experiment, places) = experiment(&shape);
        let patterns = Patterns::new(&experiment, Some(&places)).unwrap();
        let mut density = SupportDensity::new(&shape, &patterns);
        let number = shape.dimension();
        let z: Vec<f64> = (0..number).map(|k| 0.7 * (k as f64 * 1.7).sin()).collect();
        let mut gradient = vec![0.0; number];
        density.evaluate(&z, &mut gradient).unwrap();
        for k in 0..number {
            let mut value = |step: f64| {
                let mut moved = z.clone();
                moved[k] += step;
                density.evaluate(&moved, &mut vec![0.0; number]).unwrap()
            };
            let difference = (value(1e-4) - value(-1e-4)) / 2e-4;
            assert!((difference - gradient[k]).abs() < 1e-5, "{k}: {difference} {}", gradient[k]);
        }
    }

    #[test]
    fn the_likelihood_of_one_answer_is_that_of_a_normal_law() {
        use crate::endorsement::{EndorsementAnswer, EndorsementQuestion};
        let shape = ModelShape::new(vec![2], 1, 1).unwrap();
        let z = [0.4, 0.6, 0.5, 0.0, 1.0, -0.3];
        let parameters = shape.parameters(&z).unwrap();
        for endorser in [None, Some(0)] {
            let answers = vec![Some(EndorsementAnswer { endorser, category: 0 })];
            let question = EndorsementQuestion { categories: 2, answers };
            let experiment = EndorsementExperiment::new(1, vec![question]).unwrap();
            let patterns = Patterns::new(&experiment, None).unwrap();
            let mut density = SupportDensity::new(&shape, &patterns);
            let found = density.evaluate(&z, &mut [0.0; 6]).unwrap();
            // β (x + s) + ε with both integrated: normal about β λ with variance 1 + β² (1 + ω²).
            let beta = parameters.discrimination[0];
            let (lambda, omega) = match endorser {
                None => (0.0, 0.0),
                Some(_) => (parameters.support_on[0][0], parameters.respondent_spread[0]),
            };
            let scale = (1.0 + beta.powi(2) * (1.0 + omega * omega)).sqrt();
            let below = normal_tails((parameters.cuts[0][0] - beta * lambda) / scale).below;
            let prior: f64 = z.iter().map(|z| z * z).sum();
            assert!((found - (below.ln() - 0.5 * prior)).abs() < 1e-9, "{endorser:?}");
        }
    }
}
