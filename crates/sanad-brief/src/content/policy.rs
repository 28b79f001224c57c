//! Scenarios and commitments, as data.

use sanad_core::Month;

/// Scenarios of a model, compared over the same members.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// What every number of the section rests on.
    pub rests_on: RestsOn,
    /// The model's main variables and what acts on what; nothing where the case names none.
    pub model: Option<ModelDiagram>,
    /// The month that scenarios start from.
    pub start: Month,
    /// How the model did on years that it was not fitted to. It decides whether levels are shown.
    pub standing: ForecastStanding,
    /// The first outcome by month, as recorded and by scenario; shown where the model's standing
    /// allows.
    pub paths: Paths,
    /// What scenarios are compared by, in the order of [`ScenarioLine::outcomes`]; not empty.
    pub outcomes: Vec<Outcome>,
    /// Months after the start at which scenarios are compared.
    pub horizons: Vec<u16>,
    /// Scenarios, the baseline first.
    pub scenarios: Vec<ScenarioLine>,
    /// What decides between two scenarios; nothing where the case names no pair.
    pub deciding: Option<Deciding>,
    /// Commitments and steps; empty where the case has none.
    pub benchmarks: Vec<BenchmarkLine>,
}

/// What an ensemble rests on; no number of the section is shown without it.
#[derive(Debug, Clone, PartialEq)]
pub struct RestsOn {
    /// Share of parameters whose prior is judgement alone, 0 to 1.
    pub judgement_share: f64,
    /// Parameters.
    pub parameters: usize,
    /// Members.
    pub members: usize,
    /// Seeds that the members come from. An order of scenarios is held against all of them.
    pub seeds: usize,
    /// First and last year that members were fitted to; nothing for draws from priors.
    pub fitted: Option<[i32; 2]>,
    /// The typical error of a member in a year, as a factor, when fitted.
    pub error_factor: Option<f64>,
}

/// How a model did on years that it was not fitted to, beside carrying the last fitted year on.
///
/// A model that does no better has no levels to show: what it says about a month is worth less than
/// last year's number. Its structure, and how the order of scenarios depends on its assumptions,
/// remain to be shown.
#[derive(Debug, Clone, PartialEq)]
pub enum ForecastStanding {
    /// It was not compared.
    NotCompared,
    /// It was compared, place by place.
    Compared(Vec<HeldOutLine>),
}

/// One place's years that a model was not fitted to.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldOutLine {
    /// The place's name.
    pub place: String,
    /// First and last year.
    pub years: [i32; 2],
    /// The model's root mean squared error of log(1 + count).
    pub error: f64,
    /// The same of carrying the last fitted year on.
    pub carried_on: f64,
}

impl ForecastStanding {
    /// Whether the model was compared and is nowhere worse than carrying the last year on.
    #[must_use]
    pub fn shows_levels(&self) -> bool {
        match self {
            Self::NotCompared => false,
            Self::Compared(lines) => {
                !lines.is_empty() && lines.iter().all(|line| line.error <= line.carried_on)
            }
        }
    }

    /// What it lets a page show, and why, in whole sentences.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::NotCompared => format!(
                "No level of an outcome is shown: nobody has compared this model with carrying the \
                 last year on, over years that it had not seen. {WITHHELD}"
            ),
            Self::Compared(lines) if self.shows_levels() => format!(
                "Over years that it had not seen, the model does no worse than carrying the last year \
                 before them on: {}.",
                errors(lines)
            ),
            Self::Compared(lines) => format!(
                "No level of an outcome is shown, because the model does worse than carrying the last \
                 year on, over years that it had not seen: {}. {WITHHELD}",
                errors(lines)
            ),
        }
    }
}

/// What is shown of a model that has no level to show.
const WITHHELD: &str = "So nothing here says how much of an outcome a month will have. What is shown is \
    what the account says acts on what, and how the order of scenarios depends on its assumptions.";

/// The errors of a model beside those of carrying on, place by place.
fn errors(lines: &[HeldOutLine]) -> String {
    let line = |line: &HeldOutLine| {
        format!(
            "{}, {} to {}, an error of {:.2} in log(1 + count) against {:.2}",
            line.place, line.years[0], line.years[1], line.error, line.carried_on
        )
    };
    lines.iter().map(line).collect::<Vec<_>>().join("; ")
}

/// A model folded to its main variables.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelDiagram {
    /// Names.
    pub variables: Vec<String>,
    /// Effects: from, to, whether more gives more (nothing where ways disagree), and whether it
    /// builds up over time.
    pub effects: Vec<(usize, usize, Option<bool>, bool)>,
    /// Variables of the whole model.
    pub size: usize,
}

/// What scenarios are compared by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The model's variable.
    pub variable: String,
    /// What it is, as the case words it: "deaths a month".
    pub title: String,
    /// Whether less of it is better; otherwise more is.
    pub less_is_better: bool,
}

impl Outcome {
    /// "less" or "more", whichever is better.
    pub(crate) const fn better(&self) -> &'static str {
        if self.less_is_better { "less" } else { "more" }
    }
}

/// The first outcome by month.
#[derive(Debug, Clone, PartialEq)]
pub struct Paths {
    /// The first month drawn.
    pub from: Month,
    /// What was recorded from then on.
    pub recorded: Vec<f64>,
    /// The scenarios drawn: title and, from the month after the record, quantiles at 2.5, 10, 25,
    /// 50, 75, 90 and 97.5 %.
    pub scenarios: Vec<(String, Vec<[f64; 7]>)>,
}

/// One scenario beside the baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioLine {
    /// Title.
    pub title: String,
    /// What it stands for.
    pub note: String,
    /// By outcome, by horizon.
    pub outcomes: Vec<Vec<HorizonCell>>,
}

/// A scenario at a horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HorizonCell {
    /// Median with the band of 95 %.
    pub level: [f64; 3],
    /// Difference from the baseline within members, with its band of 95 %; nothing for the baseline.
    pub difference: Option<[f64; 3]>,
    /// Share of members in which it is better than the baseline.
    pub better: Option<f64>,
    /// Share of members in which no other scenario is better.
    pub best: f64,
    /// Mean of what the member's best scenario would have spared.
    pub regret: f64,
    /// "better", "worse", "not supported by the assumptions" or "baseline".
    pub order: &'static str,
}

/// Where a commitment or step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The last reading is on the right side of the target.
    Met,
    /// It is not, and the date has not come or there is none.
    Open,
    /// It is not, and the date has passed.
    Overdue,
    /// The last reading is more than three years old, and things move faster than that.
    Stale,
    /// No data at hand say.
    Unmeasurable,
    /// No data at hand say, and the date has passed.
    OverdueUnmeasurable,
}

impl Status {
    /// Its name in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Open => "open",
            Self::Overdue => "overdue",
            Self::Stale => "not measured lately",
            Self::Unmeasurable => "unmeasurable",
            Self::OverdueUnmeasurable => "overdue, unmeasurable",
        }
    }
}

/// Which assumptions decide between two scenarios.
#[derive(Debug, Clone, PartialEq)]
pub struct Deciding {
    /// The two scenarios.
    pub between: [String; 2],
    /// Months after the start.
    pub months: u16,
    /// Share of members in which the first is better.
    pub chance: f64,
    /// Whether the members support that order, or the other one.
    pub is_supported: bool,
    /// Parameters with their share of the variance of the difference, largest first.
    pub parameters: Vec<(String, f64)>,
}

/// A commitment or step.
#[derive(Debug, Clone, PartialEq)]
pub struct BenchmarkLine {
    /// Where it stands.
    pub status: Status,
    /// What was committed to or asked for.
    pub title: String,
    /// What is measured.
    pub indicator: String,
    /// First and last known value in words.
    pub known: [String; 2],
    /// Target and date in words.
    pub aim: String,
    /// The chance that it is met when due, if the trend goes on.
    pub on_track: Option<f64>,
    /// Records that bear on it, and the data that would measure it.
    pub records: String,
}

impl Policy {
    /// Title of the scenario that the others are compared with.
    pub(crate) fn baseline(&self) -> &str {
        self.scenarios.first().map_or("", |line| line.title.as_str())
    }
}

impl RestsOn {
    /// One sentence for the foot of every figure.
    pub(crate) fn sentence(&self) -> String {
        let fitted = match self.fitted {
            Some([from, to]) => format!("{} members fitted to {from}–{to}", self.members),
            None => format!("{} draws from priors that no record has narrowed", self.members),
        };
        format!(
            "{fitted}; {:.0} % of the {} parameters rest on judgement alone.",
            100.0 * self.judgement_share,
            self.parameters
        )
    }
}
