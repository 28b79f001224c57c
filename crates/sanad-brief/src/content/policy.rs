//! Scenarios and commitments, as data.

use sanad_core::Month;

/// Scenarios of a model, compared over the same members.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// What every number of the section rests on.
    pub rests_on: RestsOn,
    /// The model's main variables and what acts on what; nothing where the case names none.
    pub model: Option<ModelDiagram>,
    /// The first outcome by month, as recorded and by scenario.
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
    /// First and last year that members were fitted to; nothing for draws from priors.
    pub fitted: Option<[i32; 2]>,
    /// The typical error of a member in a year, as a factor, when fitted.
    pub error_factor: Option<f64>,
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

impl Paths {
    /// The month that scenarios start from.
    pub(crate) fn last_recorded(&self) -> Month {
        self.from.plus(self.recorded.len() as i32 - 1)
    }
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
