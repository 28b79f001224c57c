//! Results of the analyses.
//!
//! Each address gives a table that the command of its route prints. `show` picks one of the tables
//! of an analysis; all of them are made from one result, which the edition keeps.

use std::sync::Arc;

use sanad_brief::section::claims::TriedClaim;
use sanad_case::DeclaredScenario;
use sanad_core::Month;
use sanad_store::Table;
use sanad_study::capability::{self as organisations, CapabilityRequest};
use sanad_study::fronts;
use sanad_study::fronts::Reading;
use sanad_study::model::ModelCase;
use sanad_study::narrative;
use sanad_study::network::network as network_of;
use sanad_study::outlook::modelled_unit;
use sanad_study::scenarios::{ScenariosRequest as ScenarioOptions, own_id};
use sanad_study::{benchmarks as standing, means, tables};

use crate::ensemble::ScenarioRun;
use crate::fault::Fault;
use crate::query::{Kind, Parameter};
use crate::scene::{AS_OF, Scene, level_of, unit_of};

/// Parameters of the fronts: the level, which of the four tables, months for the index, and the
/// place and month that `parts` and `sensitivity` are about.
pub(crate) static FRONTS: [Parameter; 7] = [
    Parameter::with_default(
        "unit",
        Kind::Choice(&["adm1", "adm2"]),
        "adm1",
        "The first level below the country (adm1) or the second (adm2).",
    ),
    Parameter::with_default(
        "show",
        Kind::Choice(&["index", "indicators", "parts", "sensitivity"]),
        "index",
        "Indices by place and month; the indicators; what the indices of one place in one month are \
         made of (parts); or what they hang on in one month (sensitivity).",
    ),
    Parameter::optional("from", Kind::Month, "First month; without it the first measured."),
    Parameter::optional("to", Kind::Month, "Last month; without it the last measured."),
    Parameter::optional("place", Kind::Text, "Of parts: the place, by id or name."),
    Parameter::optional("month", Kind::Month, "Of parts and sensitivity: the month."),
    AS_OF,
];

/// Parameters of the forecast. Draws, steps and seed are fixed, so that the same question has the
/// same answer.
pub(crate) static FORECAST: [Parameter; 4] = [
    Parameter::with_default(
        "unit",
        Kind::Choice(&["country", "adm1", "adm2", "priogrid"]),
        "adm1",
        "What the rows stand for; the first level (adm1) and the country are sums of their finest places, draw by draw.",
    ),
    Parameter::with_default(
        "target",
        Kind::Choice(&["ged_sb", "ged_ns", "ged_os", "deaths"]),
        "ged_sb",
        "Deaths in state-based, non-state or one-sided violence, or in all three.",
    ),
    Parameter::with_default(
        "model",
        Kind::Choice(&MODELS),
        "sanad",
        "The model; the others are what it is compared with.",
    ),
    AS_OF,
];

/// Models that are offered: those that answer within seconds.
const MODELS: [&str; 6] = [
    "sanad",
    "zeros",
    "own-last-12",
    "neighbours-last-12",
    "exponential-history",
    "smoothed-history",
];

/// Which table of the cycle is shown.
pub(crate) static CYCLE: [Parameter; 1] = [Parameter::with_default(
    "show",
    Kind::Choice(&["links", "kinds", "models", "whole"]),
    "links",
    "Links between kinds of event; how well each kind's days are told; models with fewer links; or \
     the cycle as a whole.",
)];

/// Which table, and of which intervention; of all when none is named.
pub(crate) static INTERVENTIONS: [Parameter; 2] = [
    Parameter::with_default(
        "show",
        Kind::Choice(&["changes", "means", "controls"]),
        "changes",
        "Interrupted series; plain means before and after; or places aimed at against a mix of others.",
    ),
    Parameter::optional("id", Kind::Text, "One intervention."),
];

/// Parameters of a comparison of scenarios; `lever-ID` for any number of levers makes one more.
pub(crate) static SCENARIO: [Parameter; 8] = [
    Parameter::optional(
        "scenario",
        Kind::Text,
        "Ids of scenarios joined by commas; all when absent.",
    ),
    Parameter::optional("against", Kind::Text, "The scenario that the others are compared with."),
    Parameter::optional("shock", Kind::Text, "A shock laid over each, by its id."),
    Parameter::with_default("members", Kind::Whole(1, 2000), "400", "Members of the ensemble."),
    Parameter::with_default(
        "horizon",
        Kind::Wholes(1, 120),
        "12,60,120",
        "Months after the start at which they are compared.",
    ),
    Parameter::with_default("seed", Kind::Whole(0, 1_000_000), "1", "Seed of the draws."),
    Parameter::with_default(
        "show",
        Kind::Choice(&["paths", "influences"]),
        "paths",
        "Outcomes by horizon; or what decides the difference from the baseline at the last horizon.",
    ),
    Parameter::optional(
        "lever",
        Kind::Named,
        "A scenario of your own: lever-ID=LEVEL for each lever that is moved; it is called own, or \
         own-2 and so on where the case has a scenario of that name.",
    ),
];

/// The month as of which benchmarks stand.
pub(crate) static BENCHMARKS: [Parameter; 1] = [Parameter::optional(
    "as_of",
    Kind::Month,
    "The month at whose end they stand; this one when absent.",
)];

/// The month of the network.
pub(crate) static NETWORK: [Parameter; 1] = [Parameter::optional(
    "month",
    Kind::Month,
    "A row for each organisation in this month; without it a row for each month of change.",
)];

/// Parameters of capability: which table, which organisation and which months.
pub(crate) static CAPABILITY: [Parameter; 4] = [
    Parameter::with_default(
        "show",
        Kind::Choice(&["months", "ties", "means"]),
        "months",
        "A row for each organisation and month; alliances, memberships, mergers and splits by date; or \
         coded means of attack.",
    ),
    Parameter::optional("organisation", Kind::Text, "One organisation, by its id."),
    Parameter::optional("from", Kind::Month, "First month; without it the first counted."),
    Parameter::optional("to", Kind::Month, "Last month; without it the last counted."),
];

/// The identifier of a claim, part of the path.
pub(crate) static CLAIM: [Parameter; 1] =
    [Parameter::required("id", Kind::Text, "The claim's id.")];

/// The fronts by place and month, their indicators, parts or sensitivity.
///
/// # Errors
///
/// `NotFound` where the case has no indicators; `WrongRequest` for `parts` without place and month,
/// for `sensitivity` without a month, and for a place or month that is not measured.
pub(crate) fn fronts(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    let (query, edition) = (scene.query, scene.edition);
    let study = edition.study(scene.steps)?;
    let lacks = sanad_study::Error::CaseLacks { missing: "indicators" };
    let declared = study.declared().ok_or(lacks)?;
    let level = level_of(query.word("unit"));
    let reading = Reading::new(declared, level);
    let joined = edition.fronts(&study, &reading, level, query.day("as_of"), scene.steps)?;
    let needs = |name: &'static str| {
        Fault::parameter(name, "", "a value").with_hint("this table is about one place or month")
    };
    let month = || query.month("month").ok_or_else(|| needs("month"));
    let show = query.word("show");
    let key = format!("fronts {}", query.address(""));
    edition.table(&key, || {
        Ok(match show {
            "indicators" => fronts::indicator_table(&reading, &joined)?,
            "parts" => {
                let place = query.text("place").ok_or_else(|| needs("place"))?;
                fronts::contributions(&study, &reading, &joined, place, month()?)?
            }
            "sensitivity" => fronts::sensitivity_table(&study, &reading, &joined, month()?)?,
            _ => {
                let last = joined.grid.month(joined.grid.months - 1);
                let first = query.month("from").unwrap_or(joined.grid.from);
                fronts::front_table(
                    &study,
                    &reading,
                    &joined,
                    [first, query.month("to").unwrap_or(last)],
                )?
            }
        })
    })
}

/// The forecast by place and month.
///
/// The finest places of the case are forecast once, or grid cells where these are asked for;
/// coarser levels are sums of the same draws.
///
/// # Errors
///
/// `NotFound` where nothing can be put into places of the unit; those of the forecast.
pub(crate) fn forecast(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    let (query, edition) = (scene.query, scene.edition);
    let unit = unit_of(query.word("unit"));
    let modelled = modelled_unit(unit, &edition.facts()?.book);
    let (target, model) = (query.word("target"), query.word("model"));
    let outlook = edition.outlook(modelled, target, model, query.day("as_of"), scene.steps)?;
    edition.table(&format!("forecast {}", query.address("")), || {
        Ok(outlook.by_unit(unit, &edition.observatory)?.summary()?)
    })
}

/// All claims with their verdicts.
///
/// # Errors
///
/// `NotFound` where the case has no `claims.toml`.
pub(crate) fn claims(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    let trial = scene.edition.trial(scene.steps)?;
    let trial = trial.as_ref().as_ref();
    let trial = trial.ok_or(sanad_study::Error::CaseLacks { missing: "claims" })?;
    scene.edition.table("claims", || {
        let all: Vec<&TriedClaim> = trial.claims.iter().collect();
        Ok(tables::claim_table(trial, &all)?)
    })
}

/// One claim with its verdict.
///
/// All are tried for it, because its adjusted p depends on the others.
///
/// # Errors
///
/// `NotFound` where the case has no claims, or none with this identifier.
pub(crate) fn claim(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    let trial = scene.edition.trial(scene.steps)?;
    let trial = trial.as_ref().as_ref();
    let trial = trial.ok_or(sanad_study::Error::CaseLacks { missing: "claims" })?;
    let id = scene.query.word("id");
    let found = trial.claims.iter().find(|claim| claim.id == id);
    let found = found.ok_or_else(|| Fault::not_found("claim", id, "/claims"))?;
    scene.edition.table(&format!("claim {id}"), || Ok(tables::claim_table(trial, &[found])?))
}

/// What the fit of the cycle found.
///
/// # Errors
///
/// `NotFound` where the case counts no kinds of event by day, or the smaller models could not be
/// fitted; those of the fit.
pub(crate) fn cycle(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    let study = scene.edition.cycle(scene.steps)?;
    let show = scene.query.word("show");
    scene.edition.table(&format!("cycle {show}"), || {
        Ok(match show {
            "kinds" => tables::kind_table(&study)?,
            "models" => tables::model_table(&study)?,
            "whole" => tables::whole_table(&study)?,
            _ => tables::link_table(&study)?,
        })
    })
}

/// What changed at interventions.
///
/// # Errors
///
/// `NotFound` where the case declares none, or none with this identifier.
pub(crate) fn interventions(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    let all = scene.edition.interventions(scene.steps)?;
    let (id, show) = (scene.query.text("id"), scene.query.word("show"));
    let is_asked = |intervention: &str| id.is_none_or(|id| id == intervention);
    let changes: Vec<_> =
        all.changes.iter().filter(|row| is_asked(&row.intervention)).cloned().collect();
    let controls: Vec<_> =
        all.controls.iter().filter(|row| is_asked(&row.intervention)).cloned().collect();
    if let Some(id) = id.filter(|_| changes.is_empty() && controls.is_empty()) {
        return Err(Fault::not_found("intervention", id, "/interventions"));
    }
    scene.edition.table(&format!("interventions {show} {id:?}"), || {
        Ok(match show {
            "means" => tables::mean_table(&changes)?,
            "controls" => tables::control_table(&controls)?,
            _ => tables::change_table(&changes)?,
        })
    })
}

/// The case's model, and the scenario of the query's levers where it moves some.
pub(crate) struct ModelWithLevers {
    /// The model. The scenario of the query is the last of its scenarios.
    pub(crate) case: Arc<ModelCase>,
    /// The id of that scenario; `None` where the query moves no lever.
    pub(crate) own: Option<String>,
}

/// The case's model; with a scenario of the query's own levers, where it moves some. Levers that
/// are not named stay where they are today.
///
/// # Errors
///
/// A fault for a lever that the case does not have, and for a level outside of its range.
pub(crate) fn model_with_levers(scene: &Scene<'_>) -> Result<ModelWithLevers, Fault> {
    let levels = scene.query.named("lever");
    if levels.is_empty() {
        return Ok(ModelWithLevers { case: scene.edition.model()?, own: None });
    }
    let mut case = ModelCase::read(&scene.edition.observatory)?;
    for (id, level) in &levels {
        let lever = case.levers.named(id).filter(|lever| case.has_element(lever, id));
        let lever = lever.ok_or_else(|| Fault::not_found("lever", id, "/scenarios"))?;
        if !(lever.lowest..=lever.highest).contains(level) {
            let expected = format!("a level from {} to {}", lever.lowest, lever.highest);
            return Err(Fault::parameter(&format!("lever-{id}"), &level.to_string(), &expected));
        }
    }
    let own = own_id(&case.scenarios.scenarios);
    case.scenarios.scenarios.push(DeclaredScenario {
        id: own.clone(),
        title: "Your own".to_owned(),
        levels: levels.into_iter().map(|(id, level)| (id.to_owned(), level)).collect(),
        schedule: Vec::new(),
        note: "The levels of the address.".to_owned(),
    });
    Ok(ModelWithLevers { case: Arc::new(case), own: Some(own) })
}

/// The horizons that a query asks for, in months and ascending; at least one.
///
/// # Errors
///
/// A fault that names the parameter where there is none, or one is no number of months.
pub(crate) fn horizons(scene: &Scene<'_>) -> Result<Vec<u16>, Fault> {
    let asked = scene.query.wholes("horizon").into_iter();
    let found: Result<Vec<u16>, _> = asked.map(u16::try_from).collect();
    let found = found.ok().filter(|months| !months.is_empty());
    let expected = "numbers of months, such as 12,36";
    found.ok_or_else(|| Fault::parameter("horizon", scene.query.word("horizon"), expected))
}

/// The last of the horizons that a query asks for, with which its run ends.
///
/// # Errors
///
/// Those of [`horizons`].
fn last_horizon(scene: &Scene<'_>) -> Result<u16, Fault> {
    let none = || Fault::parameter("horizon", "", "a number of months");
    horizons(scene)?.last().copied().ok_or_else(none)
}

/// Runs what a query asks for over the same members, once for all that is made of it.
///
/// The run ends with the last horizon asked for.
///
/// # Errors
///
/// A fault that names the parameter for an unknown scenario or shock; those of running the model.
pub(crate) fn scenario_run(
    scene: &Scene<'_>,
    case: &Arc<ModelCase>,
) -> Result<Arc<ScenarioRun>, Fault> {
    let query = scene.query;
    let named: Vec<String> = query
        .text("scenario")
        .map_or_else(Vec::new, |list| list.split(',').map(|id| id.trim().to_owned()).collect());
    let options = ScenarioOptions {
        named: &named,
        against: query.text("against"),
        shock: query.text("shock"),
        members: query.count("members")?,
        months: last_horizon(scene)?,
        seed: query.count("seed")? as u64,
    };
    let pairs = query.pairs();
    let levers: Vec<_> = pairs.iter().filter(|(name, _)| name.starts_with("lever-")).collect();
    let key = format!(
        "{named:?} {:?} {:?} {} {} {} {levers:?}",
        options.against, options.shock, options.members, options.months, options.seed
    );
    scene.edition.ensemble(&key, || ScenarioRun::new(Arc::clone(case), &options))
}

/// Scenarios compared over the same members.
///
/// # Errors
///
/// `NotFound` where the case has no model with priors, levers and scenarios; those of
/// `model_with_levers` and `scenario_run`.
pub(crate) fn scenario(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    scene.edition.table(&format!("scenario {}", scene.query.address("")), || {
        let case = model_with_levers(scene)?.case;
        let run = scenario_run(scene, &case)?;
        let compared = run.compared();
        Ok(match scene.query.word("show") {
            "influences" => tables::influence_table(&compared, last_horizon(scene)?)?,
            _ => tables::scenario_table(&compared, &horizons(scene)?)?,
        })
    })
}

/// Where commitments and steps stand.
///
/// # Errors
///
/// `NotFound` where the case has no `benchmarks.toml`.
pub(crate) fn benchmarks(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    let as_of = scene.query.month("as_of").unwrap_or(Month::from_date(scene.today));
    let edition = scene.edition;
    edition.table(&format!("benchmarks {as_of}"), || {
        let found = standing::standings(&edition.observatory, as_of, edition.threads)?;
        Ok(tables::benchmark_table(&found)?)
    })
}

/// Measures of statements: mixes of frames, synchrony and claims against the record, as `sanad narrative` has
/// them. A case without coded statements is measured by those that its chronicle tells of.
///
/// # Errors
///
/// `NotFound` where the case has no codebook.
pub(crate) fn narrative(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    let edition = scene.edition;
    let study = edition.study(scene.steps)?;
    edition.table("narrative", || {
        let found = narrative::measure(&study, &edition.observatory, edition.threads)?;
        Ok(tables::narrative_table(&found.rows)?)
    })
}

/// What organisations did by month, by what means, and their dated ties.
///
/// Months and ties are those of `sanad capability`; means are as the chronicle and imported tables of events
/// code them, and none is inferred. Nothing is computed here: each table is the study's own.
///
/// # Errors
///
/// A fault for an organisation that the case does not list, and where the case declares no kinds of event by
/// day, from which months and ties are counted.
pub(crate) fn capability(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    let (query, edition) = (scene.query, scene.edition);
    let facts = edition.facts()?;
    let asked = query.text("organisation");
    if let Some(id) = asked.filter(|id| facts.actors.iter().all(|actor| actor.id != **id)) {
        return Err(Fault::not_found("organisation", id, "/organisations"));
    }
    let request = CapabilityRequest {
        organisations: asked.map(str::to_owned).into_iter().collect(),
        from: query.month("from"),
        to: query.month("to"),
    };
    edition.table(&format!("capability {}", query.address("")), || {
        let (observatory, threads) = (&edition.observatory, edition.threads);
        let shown = query.word("show");
        if shown == "means" {
            return Ok(tables::means_table(&means::means(observatory, &request, threads)?)?);
        }
        let counted = organisations::capability(observatory, &request, threads)?;
        Ok(match shown {
            "ties" => tables::dated_tie_table(&counted.ties)?,
            _ => tables::capability_table(&counted.months)?,
        })
    })
}

/// The organisations' network.
///
/// A case without ties gives a table without rows.
///
/// # Errors
///
/// Those of reading the case, and of ties that end before they begin.
pub(crate) fn network(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    let facts = scene.edition.facts()?;
    let month = scene.query.month("month");
    scene.edition.table(&format!("network {month:?}"), || {
        let found = network_of(&facts.actors, &facts.chronicle)?;
        Ok(match month {
            Some(month) => tables::organisation_table(&found, month)?,
            None => tables::tie_month_table(&found)?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_of_the_reader_has_an_id_that_no_scenario_of_the_case_has() {
        let declared = |id: &str| DeclaredScenario {
            id: id.to_owned(),
            title: id.to_owned(),
            levels: std::collections::BTreeMap::new(),
            schedule: Vec::new(),
            note: String::new(),
        };
        assert_eq!(own_id(&[declared("restraint")]), "own");
        assert_eq!(own_id(&[declared("own"), declared("own-2")]), "own-3");
    }
}
