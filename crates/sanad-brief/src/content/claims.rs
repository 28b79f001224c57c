//! What tests found of the claims, as data.

use sanad_core::Estimate;
use sanad_core::Month;
use sanad_core::Verdict;
use sanad_core::chronicle::Front;

/// What an effect is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectUnit {
    /// Log of a ratio of rates.
    LogRatio,
    /// Log of the factor for twice as much of the cause.
    LogRatioPerDoubling,
    /// Events of the second kind brought by one of the first.
    Branching,
    /// Coordinated days per 100 days.
    DaysPerHundred,
    /// Share of a forecast's error.
    ShareOfError,
}

/// What the test of a claim found. Numbers are in the claim's own direction: positive is what the
/// claim says.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Estimate with its 95 % interval.
    pub effect: Estimate,
    /// Unit of the effect.
    pub unit: EffectUnit,
    /// Whether the claim says that the outcome falls.
    pub falls: bool,
    /// Smallest effect that matters.
    pub size_that_matters: f64,
    /// Two-sided p-value of no effect.
    pub p_value: f64,
    /// The same, adjusted for the number of claims tested.
    pub adjusted_p: f64,
    /// Probability that the test finds an effect of the size that matters, 0 to 1.
    pub power: f64,
    /// Whether the effect is likely smaller than found, as with what passes a test of little power.
    pub is_likely_too_large: bool,
    /// What else the analysis gave: name and value.
    pub details: Vec<(String, String)>,
    /// The months looked at, with what was fitted.
    pub chart: Option<TrialChart>,
}

/// A monthly series with what a test made of it.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialChart {
    /// First month.
    pub from: Month,
    /// Unit of the values.
    pub unit: String,
    /// Lines: name and value per month.
    pub lines: Vec<(String, Vec<Option<f64>>)>,
}

/// A claim with its verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct TriedClaim {
    /// Short name.
    pub id: String,
    /// The claim in one sentence.
    pub wording: String,
    /// Paragraphs of the text.
    pub paragraphs: Vec<u32>,
    /// Footnotes of the text.
    pub footnotes: Vec<u32>,
    /// Index of the concept that is the cause.
    pub from: usize,
    /// Index of the concept that is the effect.
    pub to: usize,
    /// Whether more of the cause gives more of the effect.
    pub positive: bool,
    /// How long it takes.
    pub delay: String,
    /// How the text has it work.
    pub mechanism: String,
    /// Fronts it bears on.
    pub fronts: Vec<Front>,
    /// The procedure of its test.
    pub procedure: &'static str,
    /// The test and its data in one paragraph; what was asked of the data.
    pub test: String,
    /// The verdict.
    pub verdict: Verdict,
    /// What was found; nothing where it is not testable.
    pub finding: Option<Finding>,
    /// What to keep in mind.
    pub limits: String,
    /// The data that would make it testable, or why the test could not run.
    pub needs: Option<String>,
    /// Works of others and what they found.
    pub prior: Vec<(String, String)>,
    /// The verdict under each reading of events that are not told apart; empty where none depends on it.
    pub readings: Vec<ReadingVerdict>,
    /// Why a verdict that the numbers alone would give is not printed, in sentences.
    pub withheld: Vec<String>,
    /// Names of cause and effect with the share of each that can be told, 0 to 1.
    pub told_apart: Vec<(String, f64)>,
    /// What later months say of it, where the case declares tests on them.
    pub later: Option<LaterFinding>,
}

/// What later months say of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaterAgreement {
    /// They tell what the claim says.
    Agrees,
    /// They tell the opposite.
    Disagrees,
    /// They do not tell.
    DoesNotTell,
}

impl LaterAgreement {
    /// The words for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Disagrees => "disagrees",
            Self::DoesNotTell => "does not tell",
        }
    }
}

/// The tests of a claim on months after those that its verdict rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct LaterFinding {
    /// What they say together.
    pub agreement: LaterAgreement,
    /// Each of them.
    pub tests: Vec<LaterTest>,
}

/// A test on later months. Numbers are in the claim's own direction.
#[derive(Debug, Clone, PartialEq)]
pub struct LaterTest {
    /// The test and its data in words.
    pub test: String,
    /// Estimate with its 95 % interval; nothing where the test could not run.
    pub effect: Option<Estimate>,
    /// Two-sided p-value, adjusted by Holm's method for all later tests of the case.
    pub adjusted_p: Option<f64>,
    /// What else the analysis gave: name and value.
    pub details: Vec<(String, String)>,
    /// Why it could not run.
    pub needs: Option<String>,
}

/// A verdict under one reading of the events that are not told apart.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadingVerdict {
    /// The word for the reading in tables.
    pub reading: &'static str,
    /// What it does with those events.
    pub title: &'static str,
    /// The verdict.
    pub verdict: Verdict,
    /// The estimate with its 95 % interval, where the test can run.
    pub effect: Option<Estimate>,
    /// The adjusted p-value there.
    pub adjusted_p: Option<f64>,
}

/// How many events of one kind one event of another brings, for all pairs of kinds.
#[derive(Debug, Clone, PartialEq)]
pub struct Branching {
    /// Names of the kinds.
    pub kinds: Vec<String>,
    /// The days looked at, and the model, in words.
    pub model: String,
    /// Mean number with its 95 % interval, by cause, then effect; `None` where too few events of the
    /// effect let a link be estimated. Bounds that are not a number: estimated at zero.
    pub values: Vec<Vec<Option<Estimate>>>,
    /// Spectral radius of the matrix: above 1 nothing would end by itself.
    pub spectral_radius: f64,
}

/// All claims of a text on trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// The text, as a citation.
    pub text: String,
    /// The source of the counts, with its version and months.
    pub source: String,
    /// What the arrows run between, clockwise.
    pub concepts: Vec<String>,
    /// The claims, in the order of the case.
    pub claims: Vec<TriedClaim>,
    /// The kinds of event that bring each other, where days are at hand.
    pub branching: Option<Branching>,
}

impl Trial {
    /// How many claims have a verdict.
    ///
    /// ```
    /// use sanad_brief::section::claims::Trial;
    /// use sanad_core::Verdict;
    ///
    /// let trial = Trial {
    ///     text: "A text".to_owned(),
    ///     source: "UCDP GED 25.1".to_owned(),
    ///     concepts: vec!["grievance".to_owned(), "violence".to_owned()],
    ///     claims: Vec::new(),
    ///     branching: None,
    /// };
    /// assert_eq!(trial.count(Verdict::Supported), 0);
    /// ```
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.claims.iter().filter(|claim| claim.verdict == verdict).count()
    }
}
