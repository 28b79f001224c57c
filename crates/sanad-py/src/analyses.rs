//! The analyses of a case, each as a table with the columns of the command of its name.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use sanad_core::place::Level;
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
use sanad_study::outcome::{Outcomes, Target, draws_table, finest_unit, of_observatory};
use sanad_study::outlook::{Outlook, Settings};
use sanad_study::pictures::{change_figure, control_figures};
use sanad_study::scenarios::ScenariosRequest;
use sanad_study::{Error as StudyError, Study, evaluation, scoring, tables};

use crate::call_error::{CallError, CallResult};

/// An analysis that the case has no files for.
fn lacks(missing: &'static str) -> CallError {
    StudyError::CaseLacks { missing }.into()
}

/// Which table of the fronts.
#[derive(Clone)]
pub(crate) enum FrontsTable {
    /// The index of every place and month.
    Index { first: Option<Month>, last: Option<Month> },
    /// What the indices of a place in a month are made of.
    Contributions { place: String, month: Month },
    /// How much each uncertain choice moves each place.
    Sensitivity { month: Month },
    /// The indicators, and where each has values.
    Indicators,
}

impl FrontsTable {
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
        joined: &FrontsResult,
    ) -> CallResult<Table> {
        Ok(match self {
            Self::Index { first, last } => {
                let first = first.unwrap_or(joined.grid.from);
                let last = last.unwrap_or_else(|| joined.grid.month(joined.grid.months - 1));
                fronts::front_table(study, reading, joined, [first, last])?
            }
            Self::Contributions { place, month } => {
                fronts::contributions(study, reading, joined, place, *month)?
            }
            Self::Sensitivity { month } => {
                fronts::sensitivity_table(study, reading, joined, *month)?
            }
            Self::Indicators => fronts::indicator_table(reading, joined)?,
        })
    }
}

/// The fronts measured, and the table asked for.
pub(crate) fn fronts(
    study: &Study,
    observatory: &Observatory,
    (level, as_of): (Level, Option<NaiveDate>),
    table: &FrontsTable,
    threads: usize,
    progress: &dyn Progress,
) -> CallResult<Table> {
    let declared = study.declared().ok_or_else(|| lacks("indicators"))?;
    let reading = Reading::new(declared, level);
    table.check(fronts::span(study, &reading), progress)?;
    progress.begin("measure the fronts");
    let joined =
        fronts::join(study, &reading, observatory, FrontsRequest { level, as_of, threads })?;
    table.table(study, &reading, &joined)
}

/// Which table of the cycle.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum CycleShown {
    Links,
    Kinds,
    Models,
    Whole,
    Explored,
}

/// Which estimates of the cycle.
pub(crate) struct CycleAsked {
    pub(crate) shown: CycleShown,
    pub(crate) kinds: Vec<String>,
    pub(crate) days: [Option<NaiveDate>; 2],
    pub(crate) profile: bool,
    pub(crate) bayes: bool,
    pub(crate) explore: bool,
}

impl CycleAsked {
    /// Puts the days and kinds that were asked for in place of the case's.
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
    asked: &CycleAsked,
    threads: usize,
    progress: &dyn Progress,
) -> CallResult<Table> {
    let daily = Daily::read(observatory, threads)?;
    let mut daily = daily.ok_or_else(|| lacks("daily counts"))?;
    asked.narrow(&mut daily)?;
    let request = CycleRequest {
        kinds: &asked.kinds,
        bayes: asked.bayes,
        profile: asked.profile,
        explore: asked.explore || asked.shown == CycleShown::Explored,
    };
    let study = CycleStudy::estimate(&daily, &request, progress)?;
    Ok(match asked.shown {
        CycleShown::Links => tables::link_table(&study)?,
        CycleShown::Kinds => tables::kind_table(&study)?,
        CycleShown::Models => tables::model_table(&study)?,
        CycleShown::Whole => tables::whole_table(&study)?,
        CycleShown::Explored => tables::explored_table(&study)?,
    })
}

/// Which table of interventions.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum InterventionsShown {
    Changes,
    Controls,
    Means,
    Starts,
}

/// The interventions of the case that have the id, or all.
fn chosen<'a>(
    study: &'a Study,
    id: Option<&str>,
) -> CallResult<Vec<&'a sanad_case::DeclaredIntervention>> {
    let declared = study.declared_interventions();
    if declared.is_empty() {
        return Err(lacks("interventions"));
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
    (shown, id): (InterventionsShown, Option<&str>),
    threads: usize,
    progress: &dyn Progress,
) -> CallResult<Table> {
    let chosen = chosen(study, id)?;
    progress.begin("compare before and after");
    if shown == InterventionsShown::Controls {
        let districts = interventions::districts_of_today(study, observatory, threads)?;
        let rows: Vec<_> =
            chosen.iter().flat_map(|one| interventions::controls(study, one, &districts)).collect();
        return Ok(tables::control_table(&rows)?);
    }
    let starts = shown == InterventionsShown::Starts;
    let rows: Vec<_> =
        chosen.iter().flat_map(|one| interventions::changes(study, one, starts)).collect();
    Ok(match shown {
        InterventionsShown::Means => tables::mean_table(&rows)?,
        InterventionsShown::Starts => tables::start_table(&rows)?,
        _ => tables::change_table(&rows)?,
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
            drawn.extend(control_figures(row, &one.title)?);
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
    let trial = sanad_study::claims::trial(study, progress).ok_or_else(|| lacks("claims"))?;
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
    let trial = sanad_study::claims::trial(study, progress).ok_or_else(|| lacks("claims"))?;
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
pub(crate) enum LevelsShown {
    Stretches,
    Months,
    Theatres,
    GapTrial,
    GapForecast,
}

/// At which level the months are known.
pub(crate) fn levels_table(
    observatory: &Observatory,
    shown: LevelsShown,
    request: &LevelsRequest,
    threads: usize,
    progress: &dyn Progress,
) -> CallResult<Table> {
    let gap = GapTrialRequest::default();
    match shown {
        LevelsShown::Stretches => {
            Ok(tables::stretch_table(&levels(observatory, request, threads)?)?)
        }
        LevelsShown::Months => {
            Ok(tables::level_month_table(&levels(observatory, request, threads)?)?)
        }
        LevelsShown::Theatres => {
            Ok(tables::hit_rate_table(&levels(observatory, request, threads)?)?)
        }
        LevelsShown::GapTrial => {
            let found = gap_trial(observatory, &gap, threads, progress)?;
            Ok(scoring::table(&found.lines)?)
        }
        LevelsShown::GapForecast => {
            let is_better = gap_trial(observatory, &gap, threads, progress)?.is_better;
            let found = match is_better {
                true => forecast_after_gap(observatory, &gap, threads, progress)?,
                false => None,
            };
            if !is_better {
                progress.note(
                    "the forecast lost its trial (\"gap trial\"), so that no district is forecast",
                );
            }
            Ok(tables::gap_table(&found.map_or_else(Vec::new, |found| found.rows))?)
        }
    }
}

/// A forecast that is asked for.
pub(crate) struct ForecastAsked {
    pub(crate) unit: Unit,
    pub(crate) target: String,
    pub(crate) model: String,
    pub(crate) request: Request,
    pub(crate) as_of: Option<NaiveDate>,
}

/// What a forecast gives: the summary, and the draws as files of the field hold them.
pub(crate) struct ForecastFound {
    pub(crate) summary: Table,
    pub(crate) draws: Table,
    pub(crate) explanations: Option<Table>,
}

/// A forecast from the last month known.
pub(crate) fn forecast(
    observatory: &Observatory,
    asked: &ForecastAsked,
    explain: bool,
    threads: usize,
    progress: &dyn Progress,
) -> CallResult<ForecastFound> {
    let model = sanad::by_name(&asked.model).ok_or_else(|| {
        CallError::argument("model", format!("{:?}", asked.model), &sanad::names().join(", "))
    })?;
    progress.begin("count deaths by place");
    let (case, book) = (observatory.case()?, observatory.places()?);
    // Provinces and the country are sums of districts, so that all levels agree in every draw.
    let modelled = match asked.unit {
        Unit::Priogrid | Unit::Adm2 => asked.unit,
        _ => finest_unit(&book),
    };
    let target = Target::by_name(&asked.target)?;
    let outcomes = of_observatory(observatory, modelled, target, asked.as_of, threads)?;
    asked.request.check_size(outcomes.places.len(), 1).map_err(StudyError::from)?;
    progress.begin(&format!("forecast with {}", asked.model));
    let settings = Settings { model: model.as_ref(), request: &asked.request };
    let outlook = Outlook::from_outcomes(outcomes, settings)?;
    if let Some(gaps) = outlook.recent_gaps() {
        progress
            .note(&format!("{gaps} of the last 12 months are covered by no version of the source"));
    }
    let explanations = explain.then(|| outlook.explanations(settings)).transpose()?;
    let (places, draws) = outlook.at(asked.unit, &case.country, &book)?;
    let summary = tables::forecast_table(&places, outlook.first_month(), &draws)?;
    let (column, places) = match (asked.unit, case.views_country_id) {
        (Unit::Country, Some(number)) => {
            let numbered = places.iter().map(|place| sanad_study::outcome::Place {
                id: number.to_string(),
                ..place.clone()
            });
            ("country_id", numbered.collect())
        }
        (Unit::Priogrid, _) => ("priogrid_gid", places),
        _ => ("place_id", places),
    };
    let draws = draws_table(column, &places, outlook.first_month().id(), &draws)?;
    Ok(ForecastFound { summary, draws, explanations })
}

/// A back-test that is asked for.
pub(crate) struct BacktestAsked {
    pub(crate) unit: Unit,
    pub(crate) target: String,
    pub(crate) models: Vec<String>,
    pub(crate) windows: WindowRequest,
    pub(crate) request: Request,
    pub(crate) seed: u64,
    pub(crate) vintages: bool,
    /// How the call reads, for the report.
    pub(crate) described: String,
}

/// What a back-test gives.
pub(crate) struct BacktestFound {
    pub(crate) scores: Table,
    pub(crate) places: Table,
    pub(crate) report: String,
}

impl BacktestAsked {
    fn material(
        &self,
        observatory: &Observatory,
        threads: usize,
        progress: &dyn Progress,
    ) -> CallResult<BacktestInput> {
        progress.begin("count deaths by place");
        let target = Target::by_name(&self.target)?;
        let outcomes: Outcomes = of_observatory(observatory, self.unit, target, None, threads)?;
        let windows = backtest::windows(self.windows, &outcomes.panel)?;
        let vintages = match self.vintages {
            true => {
                let counted = (self.unit, target);
                backtest::vintages(observatory, counted, &outcomes, &windows, threads)?
            }
            false => Vec::new(),
        };
        let plural = match self.unit {
            Unit::Country => "countries",
            Unit::Adm1 => "provinces",
            Unit::Adm2 => "districts",
            Unit::Priogrid => "grid cells",
        };
        let label = format!("{} by today's {plural}", target.name);
        Ok(BacktestInput { outcomes, vintages, label })
    }
}

/// Forecasts of past years, scored.
pub(crate) fn run_backtest(
    observatory: &Observatory,
    asked: &BacktestAsked,
    threads: usize,
    progress: &dyn Progress,
) -> CallResult<BacktestFound> {
    let unknown = |found: String| {
        let mut names = sanad::names();
        names.push("names joined by +".to_owned());
        CallError::argument("model", format!("{found:?}"), &names.join(", "))
    };
    let models = backtest::models(&asked.models).map_err(unknown)?;
    let input = asked.material(observatory, threads, progress)?;
    let windows = backtest::windows(asked.windows, &input.outcomes.panel)?;
    let cells = windows.len() * models.len();
    asked.request.check_size(input.outcomes.places.len(), cells).map_err(StudyError::from)?;
    let done: Vec<Backtest> = backtest::run(&models, &input, &windows, &asked.request, progress)?;
    let years: BTreeSet<i32> = backtest::unscored_years(&windows, &done).into_iter().collect();
    for year in years {
        progress.note(&format!(
            "window {year}: the series has no month of it, so that nothing was scored"
        ));
    }
    progress.begin("score and report");
    let lines = backtest::lines(&input, &windows, &done, asked.seed, progress)?;
    let report = evaluation::page(&evaluation::EvaluatedRun {
        series: &input.label,
        command: &asked.described,
        done: &done,
        lines: &lines,
    })?;
    Ok(BacktestFound {
        scores: scoring::table(&lines)?,
        places: backtest::place_table(&input, &done)?,
        report,
    })
}

/// Scenarios that are asked for.
pub(crate) struct ScenariosAsked {
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
    asked: &ScenariosAsked,
    progress: &dyn Progress,
) -> CallResult<Table> {
    let case = ModelCase::read(observatory)?;
    progress.begin("run the scenarios");
    let members = usize::from(asked.members);
    let months = asked.horizon.iter().copied().max().unwrap_or_default();
    let compared = case.compare(&ScenariosRequest {
        named: &asked.named,
        against: asked.against.as_deref(),
        shock: asked.shock.as_deref(),
        members,
        months,
        seed: asked.seed,
    })?;
    if let Some(note) = case.note(members) {
        progress.note(&note);
    }
    Ok(match asked.sensitivity {
        true => tables::influence_table(&compared, months)?,
        false => tables::scenario_table(&compared, &asked.horizon)?,
    })
}
