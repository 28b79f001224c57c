//! What the briefing tells of the case's model, scenarios and benchmarks.

use sanad_brief::section::policy::{
    BenchmarkLine, Deciding, HorizonCell, ModelDiagram, Paths, Policy, RestsOn, ScenarioLine,
};
use sanad_case::Document;
use sanad_core::Month;
use sanad_scenario::{Comparison, Polarity, ScenarioRow, canonical_name};
use sanad_store::Observatory;

use super::benchmarks::{Standing, standings};
use super::calibration::Record;
use super::model::ModelCase;
use super::scenarios::{Asked, Compared};
use crate::error::Result;

/// Members of the briefing: enough for its bands, and quick.
const MEMBERS: usize = 2000;
/// Months ahead that it compares at, and draws.
const HORIZONS: [u16; 3] = [12, 60, 120];
/// Months of the record that it draws before.
const PAST: i32 = 120;
/// Scenarios drawn as fans.
const FANS: usize = 4;
/// Assumptions listed.
const LISTED: usize = 10;
/// What the diagram shows of the model.
const SHOWN: [&str; 12] = [
    "grievance",
    "narrative_credibility",
    "narrative_legitimacy",
    "governance_legitimacy",
    "regional_legitimacy",
    "hostility",
    "talks",
    "capability",
    "events",
    "pressure",
    "excess",
    "repression",
];

/// The section, if the case has a model, priors, levers, scenarios and a record to set them beside.
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
    let Some(fit) = &case.priors.calibration else { return Ok(None) };
    let record = Record::read(observatory, fit, threads)?;
    let months = HORIZONS[HORIZONS.len() - 1];
    let compared =
        case.compare(&Asked { members: MEMBERS, months, seed: 1, ..Asked::default() })?;
    let benchmarks = match has(Document::Benchmarks)? {
        true => standings(observatory, as_of, threads)?.iter().map(benchmark).collect(),
        false => Vec::new(),
    };
    Ok(Some(Policy {
        rests_on: rests_on(&case),
        model: diagram(&case)?,
        paths: paths(&compared, &record),
        horizons: HORIZONS.to_vec(),
        scenarios: lines(&compared),
        deciding: deciding(&compared),
        benchmarks,
    }))
}

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

fn diagram(case: &ModelCase) -> Result<ModelDiagram> {
    let whole = case.graph()?;
    let place = |name: &&str| {
        whole.nodes.iter().position(|node| canonical_name(&node.name) == canonical_name(name))
    };
    let kept: Vec<usize> = SHOWN.iter().filter_map(place).collect();
    let folded = whole.folded(&kept, 0);
    let sign = |polarity| match polarity {
        Polarity::Positive => Some(true),
        Polarity::Negative => Some(false),
        _ => None,
    };
    let effects = folded.edges.iter().filter(|edge| edge.from != edge.to);
    Ok(ModelDiagram {
        variables: folded.nodes.iter().map(|node| node.name.replace('_', " ")).collect(),
        effects: effects
            .map(|edge| (edge.from, edge.to, sign(edge.polarity), edge.delayed))
            .collect(),
        size: whole.nodes.len(),
    })
}

fn paths(compared: &Compared<'_>, record: &Record) -> Paths {
    let (outcome, comparison) = &compared.outcomes[0];
    let months = comparison.times().len();
    let scenarios = compared.scenarios.iter().take(FANS).enumerate();
    let path = |at: usize| (1..months).map(|saved| comparison.row(at, saved).bands).collect();
    let recorded = record.deaths_by_month(PAST);
    Paths {
        outcome: outcome.title.clone(),
        from: record.last_month().plus(1 - recorded.len() as i32),
        recorded,
        scenarios: scenarios.map(|(at, it)| (it.title.clone(), path(at))).collect(),
    }
}

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

fn cell(comparison: &Comparison, scenario: usize, months: u16) -> HorizonCell {
    let row: ScenarioRow = comparison.row(scenario, usize::from(months));
    let is_baseline = row.probability_better.is_nan();
    HorizonCell {
        level: [row.bands[0], row.bands[3], row.bands[6]],
        difference: (!is_baseline).then_some(row.difference),
        better: (!is_baseline).then_some(row.probability_better),
        best: row.probability_best,
        regret: row.regret,
        order: row.ranking.word(),
    }
}

/// What decides between the third and the second scenario: in the case at hand, legitimacy first
/// and force alone.
fn deciding(compared: &Compared<'_>) -> Deciding {
    let last = compared.scenarios.len() - 1;
    let pair = (2.min(last), 1.min(last));
    let (_, comparison) = &compared.outcomes[0];
    let months = HORIZONS[1];
    let saved = usize::from(months);
    let found = comparison.influences(pair, saved, &compared.inputs);
    Deciding {
        between: [pair.0, pair.1].map(|at| compared.scenarios[at].title.clone()),
        months,
        chance: comparison.pair(pair, saved).chance_better,
        parameters: found
            .into_iter()
            .take(LISTED)
            .map(|it| (it.parameter, it.first_order))
            .collect(),
    }
}

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
    let due = match (declared.due, declared.due_set_by) {
        (Some(due), Some(by)) => format!(" by {due} (date of the {})", by.word()),
        _ => ", no date".to_owned(),
    };
    let records = declared.records.join(", ");
    let needs = declared.needs.as_ref().map(|needs| format!("needs {needs}"));
    BenchmarkLine {
        status: standing.status.word(),
        title: declared.title.clone(),
        indicator: declared.indicator.clone(),
        known: [known(standing.baseline), known(standing.last)],
        aim: format!("{}{due}", value(declared.target)),
        on_track: standing.on_track,
        records: [Some(records).filter(|it| !it.is_empty()), needs]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("; "),
    }
}
