//! The analyses of a case, each as a table with the columns of the command of its name.

use chrono::NaiveDate;
use sanad_core::{Month, Progress};
use sanad_evidence::network::Network;
use sanad_forecast::{Request, sanad};
use sanad_store::{Observatory, Table, Unit};
use sanad_study::backtest::{self, BacktestInput, BacktestSeries, PlannedBacktest, WindowRequest};
use sanad_study::cycle::{CycleRequest, CycleStudy};
use sanad_study::fronts::{self, FrontsRequest, FrontsResult, Reading};
use sanad_study::gap::{GapTrialRequest, gap_trial, tried_forecast};
use sanad_study::interventions;
use sanad_study::kinds::Daily;
use sanad_study::levels::{LevelsRequest, levels};
use sanad_study::model::ModelCase;
use sanad_study::outcome::Target;
use sanad_study::outlook::{Outlook, OutlookRequest, Settings};
use sanad_study::pictures::{change_figure, control_figures};
use sanad_study::scenarios::ScenariosRequest;
use sanad_study::{Error as StudyError, Study, scoring, tables};

use crate::call_error::{CallError, CallResult};

/// The error of an analysis that the case has no files for.
fn missing(files: &'static str) -> CallError {
    StudyError::CaseLacks { missing: files }.into()
}

/// Which table of the fronts.
#[derive(Clone)]
pub(crate) enum FrontOutput {
    /// The index of every place and month.
    Index { first: Option<Month>, last: Option<Month> },
    /// What the indices of a place in a month are made of.
    Contributions { place: String, month: Month },
    /// How much each uncertain choice moves each place.
    Sensitivity { month: Month },
    /// The indicators, and where each has values.
    Indicators,
}

impl FrontOutput {
    /// Refuses months that the fronts are not measured for.
    fn check(&self, [start, end]: [Month; 2], progress: &dyn Progress) -> CallResult<()> {
        let outside = |name: &str, month: Month| {
            let expected = format!("a month from {start} to {end}, the months that are measured");
            Err(CallError::argument(name, month, &expected))
        };
        match self {
            Self::Index { first: Some(first), .. } if *first > end => outside("first", *first),
            Self::Index { last: Some(last), .. } if *last < start => outside("last", *last),
            Self::Index { last: Some(last), .. } if *last > end => {
                progress.note(&format!(
                    "the fronts end in {end}; nothing is measured from then to {last}"
                ));
                Ok(())
            }
            Self::Contributions { month, .. } | Self::Sensitivity { month }
                if !(start..=end).contains(month) =>
            {
                outside("month", *month)
            }
            _ => Ok(()),
        }
    }

    fn table(
        &self,
        study: &Study,
        reading: &Reading<'_>,
        measured: &FrontsResult,
    ) -> CallResult<Table> {
        Ok(match self {
            Self::Index { first, last } => {
                let first = first.unwrap_or(measured.grid.from);
                let last = last.unwrap_or_else(|| measured.grid.month(measured.grid.months - 1));
                fronts::front_table(study, reading, measured, [first, last])?
            }
            Self::Contributions { place, month } => {
                fronts::contributions(study, reading, measured, place, *month)?
            }
            Self::Sensitivity { month } => {
                fronts::sensitivity_table(study, reading, measured, *month)?
            }
            Self::Indicators => fronts::indicator_table(reading, measured)?,
        })
    }
}

/// The table `table` of the fronts, measured as `request` says.
pub(crate) fn fronts(
    study: &Study,
    observatory: &Observatory,
    request: FrontsRequest,
    table: &FrontOutput,
    progress: &dyn Progress,
) -> CallResult<Table> {
    let declared = study.declared().ok_or_else(|| missing("indicators"))?;
    let reading = Reading::new(declared, request.level);
    table.check(fronts::span(study, &reading), progress)?;
    progress.begin("measure the fronts");
    let measured = fronts::join(study, &reading, observatory, request)?;
    table.table(study, &reading, &measured)
}

/// Which table of the cycle.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum CycleOutput {
    Links,
    Kinds,
    Models,
    Whole,
    Explored,
}

/// Which estimates of the cycle, and which table of them.
pub(crate) struct CyclePlan {
    pub(crate) table: CycleOutput,
    pub(crate) kinds: Vec<String>,
    pub(crate) days: [Option<NaiveDate>; 2],
    pub(crate) profile: bool,
    pub(crate) bayes: bool,
    pub(crate) explore: bool,
}

impl CyclePlan {
    /// Puts the plan's days in place of the case's, and refuses kinds that the case does not have.
    fn narrow(&self, daily: &mut Daily) -> CallResult<()> {
        let (start, end) = (daily.cycle.from, daily.cycle.to);
        for (name, day) in ["first_day", "last_day"].into_iter().zip(self.days) {
            if let Some(day) = day.filter(|day| *day < start || *day > end) {
                return Err(CallError::argument(
                    name,
                    day,
                    &format!("a day from {start} to {end}"),
                ));
            }
        }
        daily.cycle.from = self.days[0].unwrap_or(start);
        daily.cycle.to = self.days[1].unwrap_or(end);
        if daily.cycle.to <= daily.cycle.from {
            return Err(CallError::argument("last_day", daily.cycle.to, "a day after first_day"));
        }
        match self.kinds.iter().find(|id| daily.cycle.kind(id).is_none()) {
            Some(id) => Err(CallError::argument("kinds", id, "kinds of the case's cycle")),
            None => Ok(()),
        }
    }
}

/// The cycle of events, estimated.
pub(crate) fn cycle(
    observatory: &Observatory,
    plan: &CyclePlan,
    threads: usize,
    progress: &dyn Progress,
) -> CallResult<Table> {
    let daily = Daily::read(observatory, threads)?;
    let mut daily = daily.ok_or_else(|| missing("daily counts"))?;
    plan.narrow(&mut daily)?;
    let request = CycleRequest {
        kinds: &plan.kinds,
        bayes: plan.bayes,
        profile: plan.profile,
        explore: plan.explore || plan.table == CycleOutput::Explored,
    };
    let study = CycleStudy::estimate(&daily, &request, progress)?;
    Ok(match plan.table {
        CycleOutput::Links => tables::link_table(&study)?,
        CycleOutput::Kinds => tables::kind_table(&study)?,
        CycleOutput::Models => tables::model_table(&study)?,
        CycleOutput::Whole => tables::whole_table(&study)?,
        CycleOutput::Explored => tables::explored_table(&study)?,
    })
}

/// Which table of interventions.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum InterventionOutput {
    Changes,
    Controls,
    Means,
    Starts,
}

/// Which interventions, and which table of them.
pub(crate) struct InterventionRequest {
    pub(crate) table: InterventionOutput,
    /// One intervention; all where none is named.
    pub(crate) id: Option<String>,
}

/// The interventions of the case that have the id, or all.
fn chosen<'a>(
    study: &'a Study,
    id: Option<&str>,
) -> CallResult<Vec<&'a sanad_case::DeclaredIntervention>> {
    let declared = study.declared_interventions();
    if declared.is_empty() {
        return Err(missing("interventions"));
    }
    let chosen: Vec<_> = declared.iter().filter(|one| id.is_none_or(|id| one.id == id)).collect();
    match (chosen.is_empty(), id) {
        (true, Some(id)) => {
            let ids: Vec<&str> = declared.iter().map(|one| one.id.as_str()).collect();
            Err(CallError::argument("id", format!("{id:?}"), &ids.join(", ")))
        }
        _ => Ok(chosen),
    }
}

/// What changed at the dates that the case declares.
pub(crate) fn interventions(
    study: &Study,
    observatory: &Observatory,
    request: &InterventionRequest,
    threads: usize,
    progress: &dyn Progress,
) -> CallResult<Table> {
    let chosen = chosen(study, request.id.as_deref())?;
    progress.begin("compare before and after");
    if request.table == InterventionOutput::Controls {
        let districts = interventions::districts_of_today(study, observatory, threads)?;
        let rows: Vec<_> =
            chosen.iter().flat_map(|one| interventions::controls(study, one, &districts)).collect();
        return Ok(tables::control_table(&rows)?);
    }
    let starts = request.table == InterventionOutput::Starts;
    let rows: Vec<_> =
        chosen.iter().flat_map(|one| interventions::changes(study, one, starts)).collect();
    Ok(match request.table {
        InterventionOutput::Means => tables::mean_table(&rows)?,
        InterventionOutput::Starts => tables::start_table(&rows)?,
        InterventionOutput::Changes | InterventionOutput::Controls => tables::change_table(&rows)?,
    })
}

/// A picture of every series that could be fitted, and two of every comparison with other districts.
pub(crate) fn intervention_figures(
    study: &Study,
    observatory: &Observatory,
    id: Option<&str>,
    threads: usize,
) -> CallResult<Vec<sanad_figure::Figure>> {
    let chosen = chosen(study, id)?;
    let districts = interventions::districts_of_today(study, observatory, threads)?;
    let mut drawn = Vec::new();
    for one in &chosen {
        for row in &interventions::changes(study, one, false) {
            drawn.extend(change_figure(row, &one.title)?);
        }
    }
    for one in &chosen {
        for row in &interventions::controls(study, one, &districts) {
            drawn.extend(control_figures(row, &one.title, study.finest_name())?);
        }
    }
    Ok(drawn.into_iter().map(|(_, figure)| figure).collect())
}

/// The claims of the case on trial; all are tested, because verdicts reckon with one another.
pub(crate) fn claims(
    study: &Study,
    claim: Option<&str>,
    progress: &dyn Progress,
) -> CallResult<Table> {
    progress.begin("try the claims");
    let trial = sanad_study::claims::trial(study, progress).ok_or_else(|| missing("claims"))?;
    let shown: Vec<_> =
        trial.claims.iter().filter(|one| claim.is_none_or(|id| one.id == id)).collect();
    if let (true, Some(id)) = (shown.is_empty(), claim) {
        let ids: Vec<&str> = trial.claims.iter().map(|one| one.id.as_str()).collect();
        return Err(CallError::argument("claim", format!("{id:?}"), &ids.join(", ")));
    }
    Ok(tables::claim_table(&trial, &shown)?)
}

/// The text's causal map, with what the record says of each claim.
pub(crate) fn causal_map(
    study: &Study,
    progress: &dyn Progress,
) -> CallResult<sanad_figure::Figure> {
    progress.begin("try the claims");
    let trial = sanad_study::claims::trial(study, progress).ok_or_else(|| missing("claims"))?;
    Ok(sanad_brief::section::claims::causal_map(&trial)?)
}

/// The organisations' network: every month of change, or one month.
pub(crate) fn network(observatory: &Observatory, month: Option<Month>) -> CallResult<Table> {
    let found: Network =
        sanad_study::network::network(&observatory.actors()?, &observatory.chronicle()?)?;
    Ok(match month {
        Some(month) => tables::organisation_table(&found, month)?,
        None => tables::tie_month_table(&found)?,
    })
}

/// Which table of levels.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum LevelOutput {
    Stretches,
    Months,
    Theatres,
    GapTrial,
    GapForecast,
}

/// At which level the months are known.
pub(crate) fn levels_table(
    observatory: &Observatory,
    table: LevelOutput,
    request: &LevelsRequest,
    threads: usize,
    progress: &dyn Progress,
) -> CallResult<Table> {
    let gap = GapTrialRequest::default();
    match table {
        LevelOutput::Stretches => {
            Ok(tables::stretch_table(&levels(observatory, request, threads)?)?)
        }
        LevelOutput::Months => {
            Ok(tables::level_month_table(&levels(observatory, request, threads)?)?)
        }
        LevelOutput::Theatres => {
            Ok(tables::hit_rate_table(&levels(observatory, request, threads)?)?)
        }
        LevelOutput::GapTrial => {
            let found = gap_trial(observatory, &gap, threads, progress)?;
            Ok(scoring::table(&found.lines)?)
        }
        LevelOutput::GapForecast => {
            let found = tried_forecast(observatory, &gap, threads, progress)?;
            Ok(tables::gap_table(&found.map_or_else(Vec::new, |found| found.rows))?)
        }
    }
}

/// Which forecast to make.
pub(crate) struct ForecastPlan {
    pub(crate) unit: Unit,
    pub(crate) target: String,
    pub(crate) model: String,
    pub(crate) request: Request,
    pub(crate) as_of: Option<NaiveDate>,
}

/// What a forecast gives: the summary, and the draws as files of the field hold them.
pub(crate) struct ForecastTables {
    pub(crate) summary: Table,
    pub(crate) draws: Table,
    pub(crate) explanations: Option<Table>,
}

/// A forecast from the last month known.
pub(crate) fn forecast(
    observatory: &Observatory,
    plan: &ForecastPlan,
    explain: bool,
    threads: usize,
    progress: &dyn Progress,
) -> CallResult<ForecastTables> {
    let model = sanad::by_name(&plan.model).ok_or_else(|| {
        CallError::argument("model", format!("{:?}", plan.model), &sanad::names().join(", "))
    })?;
    let settings = Settings { model: model.as_ref(), request: &plan.request };
    let asked = OutlookRequest {
        unit: plan.unit,
        target: Target::by_name(&plan.target)?,
        as_of: plan.as_of,
        settings,
    };
    let outlook = Outlook::of_observatory(observatory, &asked, threads, progress)?;
    let explanations = match explain {
        true => Some(outlook.explanations(settings)?),
        false => None,
    };
    let forecast = outlook.by_unit(plan.unit, observatory)?;
    Ok(ForecastTables { summary: forecast.summary()?, draws: forecast.draw_table()?, explanations })
}

/// Which back-test to make.
pub(crate) struct BacktestPlan {
    pub(crate) unit: Unit,
    pub(crate) target: String,
    pub(crate) models: Vec<String>,
    pub(crate) windows: WindowRequest,
    pub(crate) request: Request,
    pub(crate) vintages: bool,
}

/// What a back-test gives.
pub(crate) struct BacktestResult {
    pub(crate) scores: Table,
    pub(crate) places: Table,
    pub(crate) hard_cases: Table,
    pub(crate) report: String,
}

/// Forecasts of past years, scored.
pub(crate) fn run_backtest(
    observatory: &Observatory,
    plan: &BacktestPlan,
    threads: usize,
    progress: &dyn Progress,
) -> CallResult<BacktestResult> {
    let unknown = |found: String| {
        let mut names = sanad::names();
        names.push("names joined by +".to_owned());
        CallError::argument("model", format!("{found:?}"), &names.join(", "))
    };
    let models = backtest::models(&plan.models).map_err(unknown)?;
    let counted = BacktestSeries {
        unit: plan.unit,
        target: Target::by_name(&plan.target)?,
        by_vintage: plan.vintages,
    };
    let input =
        BacktestInput::of_observatory(observatory, counted, plan.windows, threads, progress)?;
    let planned = PlannedBacktest::new(&models, &input, plan.windows, &plan.request)?;
    let scored = planned.run(progress)?.score(progress)?;
    Ok(BacktestResult {
        scores: scoring::table(&scored.lines)?,
        places: scored.place_table()?,
        hard_cases: scored.hard_case_table()?,
        report: scored.report()?,
    })
}

/// Which scenarios to run, and over which members.
pub(crate) struct ScenarioPlan {
    pub(crate) named: Vec<String>,
    pub(crate) against: Option<String>,
    pub(crate) shock: Option<String>,
    pub(crate) members: u16,
    pub(crate) horizon: Vec<u16>,
    pub(crate) seed: u64,
    pub(crate) sensitivity: bool,
}

/// The case's scenarios over the same members.
pub(crate) fn scenario(
    observatory: &Observatory,
    plan: &ScenarioPlan,
    progress: &dyn Progress,
) -> CallResult<Table> {
    let case = ModelCase::read(observatory)?;
    progress.begin("run the scenarios");
    let members = usize::from(plan.members);
    let months = plan.horizon.iter().copied().max().unwrap_or_default();
    let compared = case.compare(&ScenariosRequest {
        named: &plan.named,
        against: plan.against.as_deref(),
        shock: plan.shock.as_deref(),
        members,
        months,
        seed: plan.seed,
    })?;
    if let Some(note) = case.note(members) {
        progress.note(&note);
    }
    Ok(match plan.sensitivity {
        true => tables::influence_table(&compared, months)?,
        false => tables::scenario_table(&compared, &plan.horizon)?,
    })
}
