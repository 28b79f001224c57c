//! What the briefing tells of the case's model, scenarios and benchmarks.
//!
//! Scenarios are compared over the same members; the section shows differences, never levels alone,
//! and says what share of the model is judgement. Which variables the diagram shows, which two
//! scenarios are set against each other and what is better are declared by the case.

use sanad_brief::section::policy::{
    BenchmarkLine, Deciding, HorizonCell, ModelDiagram, Outcome, Paths, Policy, RestsOn,
    ScenarioLine,
};
use sanad_case::{Better, Document};
use sanad_core::Month;
use sanad_scenario::{Comparison, Polarity, ScenarioRow, canonical_name};
use sanad_store::Observatory;

use super::benchmarks::{Standing, standings};
use super::calibration::Record;
use super::model::ModelCase;
use super::scenarios::{Compared, ScenariosRequest};
use crate::error::Result;

/// Members of the briefing: enough for its bands, and quick. A share of members of one half then
/// has a standard error of about 1 %.
const MEMBERS: usize = 2000;
/// Months ahead that it compares at, and draws. The second is where two scenarios are set against
/// each other, the last where the paths end.
const HORIZONS: [u16; 3] = [12, 60, 120];
/// Months of the record that it draws before.
const PAST: i32 = 120;
/// Scenarios drawn as fans. More cannot be told apart in one chart; the table holds all.
const FANS: usize = 4;
/// Assumptions listed. They are the ones that decide most.
const LISTED: usize = 10;

/// The section, if the case has a model with priors, levers and scenarios. Without a record that the
/// model is fitted to, the scenarios begin in the month `as_of`.
///
/// `None` where one of the four files is missing.
///
/// # Errors
///
/// As `ModelCase::read` and `Record::read`, and where a scenario cannot be run.
pub(crate) fn policy(
    observatory: &Observatory,
    as_of: Month,
    threads: usize,
) -> Result<Option<Policy>> {
    let has = |document| Ok::<_, crate::error::Error>(observatory.document(document)?.is_some());
    for needed in [Document::Model, Document::Priors, Document::Levers, Document::Scenarios] {
        if !has(needed)? {
            return Ok(None);
        }
    }
    let case = ModelCase::read(observatory)?;
    let fit = case.priors.calibration.as_ref();
    let record = fit.map(|fit| Record::read(observatory, fit, threads)).transpose()?;
    let months = HORIZONS[HORIZONS.len() - 1];
    let compared = case.compare(&ScenariosRequest {
        members: MEMBERS,
        months,
        seed: 1,
        ..ScenariosRequest::default()
    })?;
    let benchmarks = match has(Document::Benchmarks)? {
        true => standings(observatory, as_of, threads)?.iter().map(benchmark).collect(),
        false => Vec::new(),
    };
    Ok(Some(Policy {
        rests_on: rests_on(&case),
        model: diagram(&case)?,
        paths: paths(&compared, record.as_ref(), as_of),
        outcomes: compared.outcomes.iter().map(|(declared, _)| outcome(declared)).collect(),
        horizons: HORIZONS.to_vec(),
        scenarios: lines(&compared),
        deciding: deciding(&case, &compared),
        benchmarks,
    }))
}

/// What the section's numbers rest on. Years and error of the fit are read from the notes of the
/// shipped members; `None` where there are none. The error factor is exp(tolerance): what a yearly
/// sum may be off by.
fn rests_on(case: &ModelCase) -> RestsOn {
    let evidence = case.evidence();
    let notes = case.posterior().map(|ensemble| &ensemble.notes);
    let last = notes.and_then(|notes| notes.get("fitted_to")?.parse::<Month>().ok());
    let first = case.priors.calibration.as_ref().map(|fit| fit.from);
    let error = notes.and_then(|notes| notes.get("tolerance")?.parse::<f64>().ok());
    RestsOn {
        judgement_share: evidence.judgement_share,
        parameters: case.priors.priors.len(),
        members: MEMBERS,
        fitted: first.zip(last).map(|(first, last)| [first.year(), last.year()]),
        error_factor: error.map(f64::exp),
    }
}

/// An outcome as the page names it.
fn outcome(declared: &sanad_case::DeclaredOutcome) -> Outcome {
    Outcome {
        variable: declared.variable.clone(),
        title: declared.title.clone(),
        less_is_better: declared.better == Better::Less,
    }
}

/// The variables that the case wants shown, and what acts on what among them. `None` where the case
/// wants none shown. Ways through variables that are not shown are folded into one arrow; a sign
/// that differs between ways is none.
fn diagram(case: &ModelCase) -> Result<Option<ModelDiagram>> {
    let shown = &case.scenarios.diagram;
    if shown.is_empty() {
        return Ok(None);
    }
    let whole = case.graph()?;
    let place = |name: &String| {
        whole.nodes.iter().position(|node| canonical_name(&node.name) == canonical_name(name))
    };
    let kept: Vec<usize> = shown.iter().filter_map(place).collect();
    let folded = whole.folded(&kept, 0);
    let sign = |polarity| match polarity {
        Polarity::Positive => Some(true),
        Polarity::Negative => Some(false),
        _ => None,
    };
    let effects = folded.edges.iter().filter(|edge| edge.from != edge.to);
    Ok(Some(ModelDiagram {
        variables: folded.nodes.iter().map(|node| node.name.replace('_', " ")).collect(),
        effects: effects
            .map(|edge| (edge.from, edge.to, sign(edge.polarity), edge.delayed))
            .collect(),
        size: whole.nodes.len(),
    }))
}

/// Fans of the first outcome by scenario and month, after the deaths recorded before. Without a
/// record the first month of the paths is `as_of`.
fn paths(compared: &Compared<'_>, record: Option<&Record>, as_of: Month) -> Paths {
    let (_, comparison) = &compared.outcomes[0];
    let months = comparison.times().len();
    let scenarios = compared.scenarios.iter().take(FANS).enumerate();
    let path = |at: usize| (1..months).map(|saved| comparison.row(at, saved).bands).collect();
    let recorded = record.map_or_else(Vec::new, |record| record.deaths_by_month(PAST));
    let last = record.map_or_else(|| as_of.plus(-1), Record::last_month);
    Paths {
        from: last.plus(1 - recorded.len() as i32),
        recorded,
        scenarios: scenarios.map(|(at, it)| (it.title.clone(), path(at))).collect(),
    }
}

/// A line per scenario, the baseline first, with a cell per outcome and horizon.
fn lines(compared: &Compared<'_>) -> Vec<ScenarioLine> {
    let line = |(at, scenario): (usize, &&sanad_case::DeclaredScenario)| ScenarioLine {
        title: scenario.title.clone(),
        note: scenario.note.clone(),
        outcomes: compared
            .outcomes
            .iter()
            .map(|(_, comparison)| {
                HORIZONS.iter().map(|months| cell(comparison, at, *months)).collect()
            })
            .collect(),
    };
    compared.scenarios.iter().enumerate().map(line).collect()
}

/// One scenario at one horizon: the median with the band of 95 %, and the difference from the
/// baseline within members; the baseline itself has none.
fn cell(comparison: &Comparison, scenario: usize, months: u16) -> HorizonCell {
    let row: ScenarioRow = comparison.row(scenario, usize::from(months));
    let is_baseline = row.probability_better.is_nan();
    HorizonCell {
        level: [row.bands[0], row.bands[3], row.bands[6]],
        difference: (!is_baseline).then_some(row.difference),
        better: (!is_baseline).then_some(row.probability_better),
        best: row.probability_best,
        regret: row.regret,
        order: row.ranking.as_str(),
    }
}

/// What decides between the two scenarios that the case names. It is asked five years ahead, of the
/// first outcome. `None` where the case names no two.
fn deciding(case: &ModelCase, compared: &Compared<'_>) -> Option<Deciding> {
    let named = case.scenarios.decide_between.as_ref()?;
    let position = |id: &String| compared.scenarios.iter().position(|scenario| scenario.id == *id);
    let pair = (position(&named[0])?, position(&named[1])?);
    let (_, comparison) = compared.outcomes.first()?;
    let months = HORIZONS[1];
    let saved = usize::from(months);
    let influences = comparison.influences(pair, saved, &compared.inputs);
    Some(Deciding {
        between: [pair.0, pair.1].map(|index| compared.scenarios[index].title.clone()),
        months,
        chance: comparison.pair(pair, saved).chance_better,
        parameters: influences
            .into_iter()
            .take(LISTED)
            .map(|influence| (influence.parameter, influence.first_order))
            .collect(),
    })
}

/// A benchmark as the page lists it: readings with their month, "not known" where there is none,
/// and the target with who set its date.
fn benchmark(standing: &Standing) -> BenchmarkLine {
    let declared = &standing.declared;
    let unit = declared.unit.as_str();
    let value = |value: f64| match unit {
        "yes" if value >= 1.0 => "yes".to_owned(),
        "yes" => "no".to_owned(),
        _ => format!("{value} {unit}"),
    };
    let known = |reading: Option<(Month, f64)>| {
        reading
            .map_or_else(|| "not known".to_owned(), |(when, it)| format!("{} ({when})", value(it)))
    };
    let at_most = standing.at_most.map_or_else(String::new, |most| {
        format!("; {} with all that are not told apart", value(most))
    });
    let due = match (declared.due, declared.due_set_by) {
        (Some(due), Some(by)) => format!(" by {due} (date of the {})", by.as_str()),
        _ => ", no date".to_owned(),
    };
    let records = declared.records.join(", ");
    let needs = declared.needs.as_ref().map(|needs| format!("needs {needs}"));
    BenchmarkLine {
        status: standing.status,
        title: declared.title.clone(),
        indicator: declared.indicator.clone(),
        known: [known(standing.baseline), known(standing.last) + &at_most],
        aim: format!("{}{due}", value(declared.target)),
        on_track: standing.on_track,
        records: [Some(records).filter(|it| !it.is_empty()), needs]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("; "),
    }
}
