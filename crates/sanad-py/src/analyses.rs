//! The analyses of a case, each as a table with the columns of the command of its name.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use sanad_core::{Month, Progress};
use sanad_evidence::network::Network;
use sanad_forecast::{Backtest, Request, sanad};
use sanad_store::{Observatory, Table, Unit};
use sanad_study::backtest::{self, BacktestInput, WindowRequest};
use sanad_study::cycle::{CycleRequest, CycleStudy};
use sanad_study::fronts::{self, FrontsRequest, FrontsResult, Reading};
use sanad_study::gap::{GapTrialRequest, forecast_after_gap, gap_trial};
use sanad_study::interventions;
use sanad_study::kinds::Daily;
use sanad_study::levels::{LevelsRequest, levels};
use sanad_study::model::ModelCase;
use sanad_study::outcome::{DrawPlaces, Target, finest_unit, of_observatory};
use sanad_study::outlook::{Outlook, Settings};
use sanad_study::pictures::{change_figure, control_figures};
use sanad_study::scenarios::ScenariosRequest;
use sanad_study::{Error as StudyError, Study, evaluation, hard_case, scoring, tables};

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
            let is_better = gap_trial(observatory, &gap, threads, progress)?.is_better;
            let found = match is_better {
                true => forecast_after_gap(observatory, &gap, threads, progress)?,
                false => None,
            };
            if !is_better {
                progress.note(
                    "the forecast lost its trial (\"gap-trial\"), so that no district is forecast",
                );
            }
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
    progress.begin("count deaths by place");
    let (case, book) = (observatory.case()?, observatory.places()?);
    // Provinces and the country are sums of districts, so that all levels agree in every draw.
    let modelled = match plan.unit {
        Unit::Priogrid | Unit::Adm2 => plan.unit,
        _ => finest_unit(&book),
    };
    let target = Target::by_name(&plan.target)?;
    let outcomes = of_observatory(observatory, modelled, target, plan.as_of, threads)?;
    plan.request.check_size(outcomes.places.len(), 1).map_err(StudyError::from)?;
    progress.begin(&format!("forecast with {}", plan.model));
    let settings = Settings { model: model.as_ref(), request: &plan.request };
    let outlook = Outlook::from_outcomes(outcomes, settings)?;
    if let Some(gaps) = outlook.recent_gaps() {
        progress
            .note(&format!("{gaps} of the last 12 months are covered by no version of the source"));
    }
    let explanations = match explain {
        true => Some(outlook.explanations(settings)?),
        false => None,
    };
    let (places, draws) = outlook.at(plan.unit, &case.country, &book)?;
    let summary = tables::forecast_table(&places, outlook.first_month(), &draws)?;
    let named = DrawPlaces::new(plan.unit, places, case.views_country_id);
    let draws = named.table(outlook.first_month().id(), &draws)?;
    Ok(ForecastTables { summary, draws, explanations })
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

impl BacktestPlan {
    /// The series to forecast, and what was known of it at each origin where that is wanted.
    fn input(
        &self,
        observatory: &Observatory,
        threads: usize,
        progress: &dyn Progress,
    ) -> CallResult<BacktestInput> {
        progress.begin("count deaths by place");
        let target = Target::by_name(&self.target)?;
        let outcomes = of_observatory(observatory, self.unit, target, None, threads)?;
        let windows = backtest::windows(self.windows, &outcomes.panel)?;
        let vintages = match self.vintages {
            true => {
                let counted = (self.unit, target);
                backtest::vintages(observatory, counted, &outcomes, &windows, threads)?
            }
            false => Vec::new(),
        };
        let label = format!("{} by today's {}", target.name, self.unit.plural());
        Ok(BacktestInput { outcomes, vintages, label })
    }
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
    let input = plan.input(observatory, threads, progress)?;
    let windows = backtest::windows(plan.windows, &input.outcomes.panel)?;
    let cells = windows.len() * models.len();
    plan.request.check_size(input.outcomes.places.len(), cells).map_err(StudyError::from)?;
    let done: Vec<Backtest> = backtest::run(&models, &input, &windows, &plan.request, progress)?;
    let years: BTreeSet<i32> = backtest::unscored_years(&windows, &done).into_iter().collect();
    for year in years {
        progress.note(&format!(
            "window {year}: the series has no month of it, so that nothing was scored"
        ));
    }
    progress.begin("score and report");
    let seed = plan.request.seed();
    let lines = backtest::lines(&input, &windows, &done, seed, progress)?;
    let named = backtest::named(&done);
    let report = evaluation::page(&evaluation::EvaluatedRun {
        series: &input.label,
        command: &plan.windows.description(&plan.request, plan.vintages),
        done: &done,
        lines: &lines,
    })?;
    Ok(BacktestResult {
        scores: scoring::table(&lines)?,
        places: backtest::place_table(&input, &done)?,
        hard_cases: hard_case::table(&input.outcomes.panel, &named, seed)?,
        report,
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
