//! Shares, means and differences of means under the design of a sample.
//!
//! The estimators are ratios of weighted sums, and their variances come from Taylor linearisation with
//! primary sampling units (PSUs) taken as drawn with replacement (W. G. Cochran, *Sampling Techniques*,
//! 3rd ed. 1977, chapters 6 and 11; S. L. Lohr, *Sampling: Design and Analysis*, 3rd ed. 2022, chapter 9).

use std::collections::{BTreeMap, BTreeSet};

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::error::{Error, Result};

/// The coverage that intervals are meant to have, unless [`SampleDesign::with_level`] says otherwise.
pub const INTERVAL_LEVEL: f64 = 0.9;

const SHARE: &str = "a share";
const MEAN: &str = "a mean";
const DIFFERENCE: &str = "a difference of means";

/// How respondents were drawn: their weights, strata and clusters.
///
/// # Variance
///
/// With u the linearised value of a respondent (what the estimate moves by when the respondent's weight
/// grows by its own size), u_hc its sum over PSU c of stratum h, and n_h the PSUs of the stratum,
///
/// V = Σ_h n_h / (n_h − 1) · Σ_c (u_hc − ū_h)².
///
/// A sub-population is estimated as a domain of the whole sample: respondents outside have u = 0 and
/// their PSUs still count in n_h (Cochran 1977, section 2.13; Lohr 2022, section 4.3).
///
/// **Strata with one PSU.** Nothing tells how PSUs differ within such a stratum. Its PSU is set against the
/// mean of all PSUs of the sample: (u_h1 − ū)² with ū the mean over all PSUs. Because PSUs of one stratum
/// are more alike than PSUs of different strata, this errs towards a wider interval. How many strata this
/// concerned is part of every estimate.
///
/// Without clusters every respondent is a PSU.
///
/// ```
/// use sanad_survey::SampleDesign;
///
/// // Two strata of two clusters each, two respondents in a cluster, equal weights.
/// let design = SampleDesign::new(
///     vec![1.0; 8],
///     Some(vec![0, 0, 0, 0, 1, 1, 1, 1]),
///     Some(vec![0, 0, 1, 1, 0, 0, 1, 1]),
/// )?;
/// let trust = [true, true, true, false, true, false, false, false].map(Some);
/// let share = design.share(&trust)?;
/// assert_eq!((share.value, share.clusters), (0.5, 4));
/// // Cluster sums of u are 1/8, 0 and 0, −1/8: V = 2 · (2 + 2) · (1/16)² = 1/32.
/// assert!((share.standard_error - (1.0_f64 / 32.0).sqrt()).abs() < 1e-12);
/// # Ok::<(), sanad_survey::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SampleDesign {
    weights: Vec<f64>,
    /// By respondent, the number of the PSU.
    unit: Vec<usize>,
    /// By PSU, the number of its stratum.
    stratum: Vec<usize>,
    /// By stratum, its PSUs.
    units_in: Vec<usize>,
    /// Whether there are neither strata nor clusters.
    is_plain: bool,
    level: f64,
}

/// An estimate from a sample, with the error that its design brings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurveyEstimate {
    /// The estimate: a share (0 to 1), a mean or a difference.
    pub value: f64,
    /// Its standard error under the design, 0 or more.
    pub standard_error: f64,
    /// Low end of the interval.
    pub low: f64,
    /// High end of the interval.
    pub high: f64,
    /// The design effect: the variance over that of a simple random sample of as many respondents.
    /// `None` where the latter is zero, and for differences.
    pub design_effect: Option<f64>,
    /// Respondents who count in it.
    pub respondents: usize,
    /// PSUs with such respondents.
    pub clusters: usize,
    /// Strata with such respondents and one PSU only in the whole sample.
    pub lonely_strata: usize,
    /// Degrees of freedom of the interval: PSUs with such respondents less their strata, at least 1.
    pub degrees_of_freedom: usize,
}

/// Who counts in an estimate, by PSU and stratum.
#[derive(Debug, Clone, Copy)]
struct Support {
    respondents: usize,
    clusters: usize,
    lonely_strata: usize,
    degrees_of_freedom: usize,
}

impl SampleDesign {
    /// A design from weights (finite, 0 or more, one of them positive), strata and clusters by respondent.
    /// A cluster is named within its stratum: the same number in two strata is two clusters.
    ///
    /// # Errors
    /// If lengths differ, a weight is out of range or all weights are zero.
    pub fn new(
        weights: Vec<f64>,
        strata: Option<Vec<u32>>,
        clusters: Option<Vec<u32>>,
    ) -> Result<Self> {
        let number = weights.len();
        let is_weight = |weight: &f64| weight.is_finite() && *weight >= 0.0;
        if let Some(index) = weights.iter().position(|weight| !is_weight(weight)) {
            return Err(Error::entry("weights", index, "a finite number, 0 or more"));
        }
        if !weights.iter().any(|weight| *weight > 0.0) {
            return Err(Error::argument("weights", "positive for some respondent"));
        }
        let is_plain = strata.is_none() && clusters.is_none();
        let strata = same_length("strata", strata, number)?.unwrap_or_else(|| vec![0; number]);
        let clusters = same_length("clusters", clusters, number)?;
        let clusters = clusters.unwrap_or_else(|| (0..number as u32).collect());
        let mut numbers: BTreeMap<(u32, u32), usize> = BTreeMap::new();
        for key in strata.iter().zip(&clusters) {
            let next = numbers.len();
            numbers.entry((*key.0, *key.1)).or_insert(next);
        }
        let unit: Vec<usize> =
            strata.iter().zip(&clusters).map(|(s, c)| numbers[&(*s, *c)]).collect();
        let mut stratum_numbers: BTreeMap<u32, usize> = BTreeMap::new();
        let mut stratum = vec![0; numbers.len()];
        for (&(name, _), &psu) in &numbers {
            let next = stratum_numbers.len();
            stratum[psu] = *stratum_numbers.entry(name).or_insert(next);
        }
        let mut units_in = vec![0; stratum_numbers.len()];
        stratum.iter().for_each(|&of_unit| units_in[of_unit] += 1);
        Ok(Self { weights, unit, stratum, units_in, is_plain, level: INTERVAL_LEVEL })
    }

    /// A simple random sample with equal weights.
    ///
    /// # Errors
    /// If there is no respondent.
    pub fn simple(respondents: usize) -> Result<Self> {
        Self::new(vec![1.0; respondents], None, None)
    }

    /// The same with intervals of another level, within 0 and 1.
    ///
    /// # Errors
    /// If the level is outside.
    pub fn with_level(self, level: f64) -> Result<Self> {
        if !(level > 0.0 && level < 1.0) {
            return Err(Error::argument("level", "between 0 and 1"));
        }
        Ok(Self { level, ..self })
    }

    /// Respondents of the whole sample.
    #[must_use]
    pub fn respondents(&self) -> usize {
        self.weights.len()
    }

    /// Strata of the whole sample with one PSU only.
    #[must_use]
    pub fn lonely_strata(&self) -> usize {
        self.units_in.iter().filter(|&&units| units == 1).count()
    }

    /// The mean of those who have a value, with a symmetric interval.
    ///
    /// # Errors
    /// If lengths differ, or fewer than two PSUs have a value with a weight.
    pub fn mean(&self, values: &[Option<f64>]) -> Result<SurveyEstimate> {
        self.check("values", values.len())?;
        let support = self.support(MEAN, |i| values[i].is_some())?;
        let (mean, influence) = self.linearised(values);
        let variance = self.covariance(&influence, &influence);
        let reach = self.quantile(support.degrees_of_freedom) * variance.sqrt();
        let bounds = [mean - reach, mean + reach];
        Ok(self.estimate(mean, variance, bounds, support, self.simple_variance(values, mean)))
    }

    /// The share of those who say yes among those who answer, with an interval on the logit's scale:
    /// logit p ± t · se / (p (1 − p)), which stays within 0 and 1 (Korn & Graubard, *Analysis of Health
    /// Surveys*, 1999, section 3.3). Where all answer alike, the exact bound of Clopper and Pearson takes
    /// its place, with Kish's effective number (Σw)² / Σw² for the respondents.
    ///
    /// # Errors
    /// If lengths differ, or fewer than two PSUs have an answer with a weight.
    pub fn share(&self, answers: &[Option<bool>]) -> Result<SurveyEstimate> {
        self.check("answers", answers.len())?;
        let values: Vec<Option<f64>> =
            answers.iter().map(|answer| answer.map(|yes| f64::from(u8::from(yes)))).collect();
        let support = self.support(SHARE, |i| values[i].is_some())?;
        let (share, influence) = self.linearised(&values);
        let variance = self.covariance(&influence, &influence);
        let is_mixed = share > 0.0 && share < 1.0;
        let bounds = if is_mixed {
            let reach = self.quantile(support.degrees_of_freedom) * variance.sqrt();
            logit_bounds(share, reach)
        } else {
            self.one_sided_bounds(share, &values)
        };
        let simple = self.simple_variance(&values, share);
        Ok(self.estimate(share, variance, bounds, support, simple))
    }

    /// The mean of the treated less the mean of the others, of those who have a value and an arm.
    ///
    /// In a plain design (no strata, no clusters) the arms are the strata, which gives Neyman's variance
    /// s₁²/n₁ + s₀²/n₀ where weights are equal. Otherwise PSUs are summed over both arms, because an arm is
    /// assigned within them.
    ///
    /// # Errors
    /// If lengths differ, or an arm has values with a weight in fewer than two PSUs.
    pub fn difference(
        &self,
        values: &[Option<f64>],
        treated: &[Option<bool>],
    ) -> Result<SurveyEstimate> {
        Ok(self.contrast(values, treated)?.estimate)
    }

    /// A difference with its linearised values, for combinations of several differences.
    pub(crate) fn contrast(
        &self,
        values: &[Option<f64>],
        treated: &[Option<bool>],
    ) -> Result<Contrast> {
        self.check("values", values.len())?;
        self.check("treated", treated.len())?;
        let arm = |wanted: bool| -> Vec<Option<f64>> {
            let pairs = values.iter().zip(treated);
            pairs.map(|(value, arm)| value.filter(|_| *arm == Some(wanted))).collect()
        };
        let arms = [arm(false), arm(true)];
        let supports = [0, 1].map(|a| self.support(DIFFERENCE, |i| arms[a][i].is_some()));
        let [control, with_treatment] = supports;
        let (control, with_treatment) = (control?, with_treatment?);
        let [(base, mut influence), (mean, of_treated)] =
            [self.linearised(&arms[0]), self.linearised(&arms[1])];
        for (sum, treated) in influence.iter_mut().zip(&of_treated) {
            *sum = treated - *sum;
        }
        let variance = if self.is_plain {
            arms.iter().map(|values| self.variance_within(values, &influence)).sum()
        } else {
            self.covariance(&influence, &influence)
        };
        let both = self.support(DIFFERENCE, |i| arms.iter().any(|values| values[i].is_some()))?;
        let fewest = control.degrees_of_freedom.min(with_treatment.degrees_of_freedom);
        let support = Support { degrees_of_freedom: fewest, ..both };
        let value = mean - base;
        let reach = self.quantile(fewest) * variance.sqrt();
        let bounds = [value - reach, value + reach];
        let estimate = self.estimate(value, variance, bounds, support, None);
        Ok(Contrast { estimate, variance, influence })
    }

    /// The variance of a sum of linearised values over those of one arm, a stratum by itself.
    fn variance_within(&self, values: &[Option<f64>], influence: &[f64]) -> f64 {
        let members = values.iter().zip(influence).filter(|(value, _)| value.is_some());
        let of_arm: Vec<f64> = members.map(|(_, u)| *u).collect();
        of_arm.len() as f64 * sanad_numbers::variance(&of_arm)
    }

    /// Σ_h n_h / (n_h − 1) · Σ_c (a_hc − ā_h)(b_hc − b̄_h), with lonely PSUs against the mean of all.
    pub(crate) fn covariance(&self, left: &[f64], right: &[f64]) -> f64 {
        let totals = [left, right].map(|values| self.totals(values));
        let centres = totals.each_ref().map(|totals| self.centres(totals));
        let product = |psu: usize| -> f64 {
            let stratum = self.stratum[psu];
            let apart = |side: usize| totals[side][psu] - centres[side][stratum];
            let units = self.units_in[stratum] as f64;
            let correction = if units > 1.0 { units / (units - 1.0) } else { 1.0 };
            correction * apart(0) * apart(1)
        };
        (0..self.stratum.len()).map(product).sum()
    }

    /// Sums by PSU.
    fn totals(&self, values: &[f64]) -> Vec<f64> {
        let mut totals = vec![0.0; self.stratum.len()];
        for (&psu, value) in self.unit.iter().zip(values) {
            totals[psu] += value;
        }
        totals
    }

    /// By stratum, the mean of its PSUs' totals; of all PSUs' where it has one alone.
    fn centres(&self, totals: &[f64]) -> Vec<f64> {
        let mut centres = vec![0.0; self.units_in.len()];
        for (&stratum, total) in self.stratum.iter().zip(totals) {
            centres[stratum] += total / self.units_in[stratum] as f64;
        }
        let overall = totals.iter().sum::<f64>() / totals.len() as f64;
        for (centre, &units) in centres.iter_mut().zip(&self.units_in) {
            if units == 1 {
                *centre = overall;
            }
        }
        centres
    }

    /// The weighted mean R of those who have a value, and by respondent u = w (y − R) / Σw.
    fn linearised(&self, values: &[Option<f64>]) -> (f64, Vec<f64>) {
        let weighted = || self.weights.iter().zip(values).filter_map(|(w, y)| Some((*w, (*y)?)));
        let total: f64 = weighted().map(|(w, _)| w).sum();
        let mean = weighted().map(|(w, y)| w * y).sum::<f64>() / total;
        let pairs = self.weights.iter().zip(values);
        let influence = pairs.map(|(w, y)| y.map_or(0.0, |y| w * (y - mean) / total)).collect();
        (mean, influence)
    }

    /// The variance of the mean in a simple random sample of as many: Σw (y − R)² / Σw / (n − 1).
    fn simple_variance(&self, values: &[Option<f64>], mean: f64) -> Option<f64> {
        let (mut squares, mut total, mut number) = (0.0, 0.0, 0.0);
        for (w, y) in self.weights.iter().zip(values).filter_map(|(w, y)| Some((*w, (*y)?))) {
            squares += w * (y - mean).powi(2);
            total += w;
            number += 1.0;
        }
        let variance = squares / total / (number - 1.0);
        (variance > 0.0).then_some(variance)
    }

    /// Bounds of a share of 0 or 1.
    fn one_sided_bounds(&self, share: f64, values: &[Option<f64>]) -> [f64; 2] {
        let weights = self.weights.iter().zip(values).filter(|(_, y)| y.is_some()).map(|(w, _)| *w);
        let (total, squares) = weights.fold((0.0, 0.0), |(t, s), w| (t + w, s + w * w));
        let effective = total * total / squares;
        // P(no yes of n) = (1 − p)ⁿ is α / 2 at the upper bound.
        let far = 1.0 - (0.5 * (1.0 - self.level)).powf(1.0 / effective);
        if share == 0.0 { [0.0, far] } else { [1.0 - far, 1.0] }
    }

    fn support(&self, what: &'static str, counts: impl Fn(usize) -> bool) -> Result<Support> {
        let members: Vec<usize> =
            (0..self.weights.len()).filter(|&i| counts(i) && self.weights[i] > 0.0).collect();
        let units: BTreeSet<usize> = members.iter().map(|&i| self.unit[i]).collect();
        if units.len() < 2 {
            let unit = if self.is_plain { "respondents" } else { "primary sampling units" };
            return Err(Error::too_little(what, unit, 2, units.len()));
        }
        let strata: BTreeSet<usize> = units.iter().map(|&psu| self.stratum[psu]).collect();
        Ok(Support {
            respondents: members.len(),
            clusters: units.len(),
            lonely_strata: strata.iter().filter(|&&stratum| self.units_in[stratum] == 1).count(),
            degrees_of_freedom: units.len().saturating_sub(strata.len()).max(1),
        })
    }

    fn estimate(
        &self,
        value: f64,
        variance: f64,
        [low, high]: [f64; 2],
        support: Support,
        simple: Option<f64>,
    ) -> SurveyEstimate {
        SurveyEstimate {
            value,
            standard_error: variance.sqrt(),
            low,
            high,
            design_effect: simple.map(|simple| variance / simple),
            respondents: support.respondents,
            clusters: support.clusters,
            lonely_strata: support.lonely_strata,
            degrees_of_freedom: support.degrees_of_freedom,
        }
    }

    /// Student's t at the upper end of the level.
    pub(crate) fn quantile(&self, degrees_of_freedom: usize) -> f64 {
        let probability = 0.5 * (1.0 + self.level);
        StudentsT::new(0.0, 1.0, degrees_of_freedom as f64)
            .map_or(f64::NAN, |law| law.inverse_cdf(probability))
    }

    fn check(&self, what: &'static str, found: usize) -> Result<()> {
        let expected = self.weights.len();
        if found == expected { Ok(()) } else { Err(Error::shape(what, expected, found)) }
    }
}

/// A difference of means with what each respondent contributes to it.
#[derive(Debug, Clone)]
pub(crate) struct Contrast {
    pub(crate) estimate: SurveyEstimate,
    pub(crate) variance: f64,
    pub(crate) influence: Vec<f64>,
}

/// The ends of logit p ± reach / (p (1 − p)), as shares.
fn logit_bounds(share: f64, reach: f64) -> [f64; 2] {
    let logit = (share / (1.0 - share)).ln();
    let half = reach / (share * (1.0 - share));
    [logit - half, logit + half].map(|end| 1.0 / (1.0 + (-end).exp()))
}

fn same_length(
    what: &'static str,
    labels: Option<Vec<u32>>,
    expected: usize,
) -> Result<Option<Vec<u32>>> {
    match labels {
        Some(labels) if labels.len() != expected => Err(Error::shape(what, expected, labels.len())),
        labels => Ok(labels),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(left: f64, right: f64) {
        assert!((left - right).abs() < 1e-9, "{left} {right}");
    }

    #[test]
    fn a_simple_sample_has_the_textbook_errors() {
        let design = SampleDesign::simple(5).unwrap();
        let found = design.mean(&[1.0, 2.0, 3.0, 4.0, 5.0].map(Some)).unwrap();
        // s² / n = 2.5 / 5; t with 4 degrees of freedom at 95 % is 2.131847.
        near(found.value, 3.0);
        near(found.standard_error, 0.5_f64.sqrt());
        assert!((found.high - (3.0 + 2.131_846_786 * 0.5_f64.sqrt())).abs() < 1e-6, "{found:?}");
        near(found.design_effect.unwrap(), 1.0);
        assert_eq!((found.respondents, found.clusters, found.degrees_of_freedom), (5, 5, 4));
    }

    #[test]
    fn weights_move_the_share_and_its_error() {
        let design = SampleDesign::new(vec![3.0, 1.0, 1.0, 1.0], None, None).unwrap();
        let found = design.share(&[Some(true), Some(false), Some(false), Some(true)]).unwrap();
        // p = 4/6; u = 3·(1/3)/6, −(2/3)/6 twice, (1/3)/6; V = 4/3 · Σu² = 4/3 · 18/324.
        near(found.value, 2.0 / 3.0);
        near(found.standard_error, (4.0_f64 / 3.0 * 18.0 / 324.0).sqrt());
        assert!(found.low > 0.0 && found.high < 1.0);
        // p (1 − p) / (n − 1) = 2/27 is the same.
        near(found.design_effect.unwrap(), 1.0);
    }

    #[test]
    fn a_lonely_unit_is_set_against_the_mean_of_all() {
        let strata = Some(vec![0, 0, 0, 0, 1]);
        let design = SampleDesign::new(vec![1.0; 5], strata, None).unwrap();
        assert_eq!(design.lonely_strata(), 1);
        let found = design.mean(&[1.0, 2.0, 3.0, 4.0, 5.0].map(Some)).unwrap();
        // u = (y − 3) / 5. Stratum 0: 4/3 · Σ(u + 0.1)² = 4/3 · 0.2; stratum 1: 0.4², as ū is 0.
        near(found.standard_error.powi(2), 4.0 / 3.0 * 0.2 + 0.16);
        assert_eq!(found.lonely_strata, 1);
    }

    #[test]
    fn a_domain_keeps_the_units_of_the_whole_sample() {
        let design = SampleDesign::new(vec![1.0; 6], None, Some(vec![0, 0, 1, 1, 2, 2])).unwrap();
        let values = [Some(1.0), Some(3.0), Some(5.0), None, None, None];
        let found = design.mean(&values).unwrap();
        // R = 3; PSU totals of u are −2/3, 2/3, 0; V = 3/2 · 8/9.
        near(found.standard_error.powi(2), 1.5 * 8.0 / 9.0);
        assert_eq!((found.respondents, found.clusters, found.degrees_of_freedom), (3, 2, 1));
    }

    #[test]
    fn one_cluster_gives_no_interval() {
        let design = SampleDesign::new(vec![1.0; 4], None, Some(vec![0, 0, 1, 1])).unwrap();
        let error = design.share(&[Some(true), Some(false), None, None]).unwrap_err();
        assert!(error.is_too_little_data(), "{error}");
    }

    #[test]
    fn a_share_of_nobody_has_an_exact_upper_bound() {
        let design = SampleDesign::simple(20).unwrap();
        let found = design.share(&[Some(false); 20]).unwrap();
        assert_eq!((found.value, found.low), (0.0, 0.0));
        near(found.high, 1.0 - 0.05_f64.powf(0.05));
        let all = design.share(&[Some(true); 20]).unwrap();
        near(all.low, 0.05_f64.powf(0.05));
        assert_eq!((all.value, all.high, all.design_effect), (1.0, 1.0, None));
    }

    #[test]
    fn a_difference_has_neymans_error() {
        let design = SampleDesign::simple(7).unwrap();
        let values = [1.0, 2.0, 3.0, 2.0, 4.0, 6.0, 8.0].map(Some);
        let treated = [false, false, false, true, true, true, true].map(Some);
        let found = design.difference(&values, &treated).unwrap();
        // s₀² / 3 = 1/3; s₁² / 4 = (20/3) / 4.
        near(found.value, 3.0);
        near(found.standard_error.powi(2), 1.0 / 3.0 + 5.0 / 3.0);
        assert_eq!(found.respondents, 7);
    }
}
