//! `sanad scenario`.

use sanad_scenario::{Comparison, Influence, ScenarioRow};
use sanad_store::{Columns, Table, export};

use crate::args::Scenario;
use crate::command::{check_ending, print, subject};
use crate::error::{Error, Result};
use crate::progress::Step;
use sanad_study::model::ModelCase;
use sanad_study::scenarios::{Asked, Compared};

pub(crate) fn run(asked: &Scenario) -> Result<()> {
    asked.out.as_deref().map_or(Ok(()), check_ending)?;
    let opened = subject::open(&asked.subject)?;
    let case = ModelCase::read(&opened.observatory)?;
    let step = Step::begin("run the scenarios");
    let members = usize::from(asked.members);
    let compared = case.compare(&Asked {
        named: &asked.scenario,
        against: asked.against.as_deref(),
        shock: asked.shock.as_deref(),
        members,
        months: last(&asked.horizon),
        seed: asked.seed,
    })?;
    if let Some(remark) = case.remark(members) {
        talk!("remark: {remark}");
    }
    step.end(&format!("{} scenarios over {members} members", compared.scenarios.len()));
    let table = if asked.sensitivity {
        influences(&compared, last(&asked.horizon))?
    } else {
        paths(&compared, &asked.horizon)?
    };
    match &asked.out {
        Some(path) => Ok(export::write_file(&table, None, path)?),
        None => print(&table, asked.format),
    }
}

fn last(horizons: &[u16]) -> u16 {
    horizons.iter().copied().max().unwrap_or_default()
}

/// The saved time of a horizon in months after the start.
fn saved(comparison: &Comparison, horizon: u16) -> Result<usize> {
    let times = comparison.times();
    let wanted = times[0] + f64::from(horizon);
    times.iter().position(|time| (time - wanted).abs() < 1e-9).ok_or_else(|| Error::Option {
        option: "--horizon",
        found: horizon.to_string(),
        expected: "months after the start within the model's span",
    })
}

/// One row per outcome, horizon and scenario. Each says what it rests on: the rows cannot be had
/// without it.
fn paths(compared: &Compared<'_>, horizons: &[u16]) -> Result<Table> {
    let mut rows: Vec<(&str, ScenarioRow)> = Vec::new();
    for (outcome, comparison) in &compared.outcomes {
        for horizon in horizons {
            let at = comparison.at(saved(comparison, *horizon)?);
            rows.extend(at.into_iter().map(|row| (outcome.variable.as_str(), row)));
        }
    }
    let number = |of: &dyn Fn(&ScenarioRow) -> f64| {
        let value = |(_, row): &(&str, ScenarioRow)| Some(of(row)).filter(|it| !it.is_nan());
        rows.iter().map(value).collect::<Vec<Option<f64>>>()
    };
    let id = |row: &ScenarioRow| Some(compared.scenarios[row.scenario].id.as_str());
    Ok(Columns::default()
        .text("outcome", rows.iter().map(|(outcome, _)| Some(*outcome)))
        .float64("month", number(&|row| row.time))
        .text("scenario", rows.iter().map(|(_, row)| id(row)))
        .float64("median", number(&|row| row.bands[3]))
        .float64("low_50", number(&|row| row.bands[2]))
        .float64("high_50", number(&|row| row.bands[4]))
        .float64("low_80", number(&|row| row.bands[1]))
        .float64("high_80", number(&|row| row.bands[5]))
        .float64("low_95", number(&|row| row.bands[0]))
        .float64("high_95", number(&|row| row.bands[6]))
        .float64("difference", number(&|row| row.difference[1]))
        .float64("difference_low_95", number(&|row| row.difference[0]))
        .float64("difference_high_95", number(&|row| row.difference[2]))
        .float64("probability_better", number(&|row| row.probability_better))
        .float64("probability_best", number(&|row| row.probability_best))
        .float64("regret", number(&|row| row.regret))
        .text("order", rows.iter().map(|(_, row)| Some(row.ranking.word())))
        .float64("width_95", number(&|row| row.width_95))
        .float64("judgement_share", number(&|row| row.evidence.judgement_share))
        .text("ensemble", rows.iter().map(|(_, row)| Some(row.evidence.ensemble())))
        .finish()?)
}

/// What decides the difference of each scenario from the baseline at a horizon.
fn influences(compared: &Compared<'_>, horizon: u16) -> Result<Table> {
    let mut rows: Vec<(&str, &str, Influence)> = Vec::new();
    for (outcome, comparison) in &compared.outcomes {
        let saved = saved(comparison, horizon)?;
        for (at, scenario) in compared.scenarios.iter().enumerate().skip(1) {
            let found = comparison.influences((at, 0), saved, &compared.inputs);
            let named = |it| (outcome.variable.as_str(), scenario.id.as_str(), it);
            rows.extend(found.into_iter().map(named));
        }
    }
    let number = |of: &dyn Fn(&Influence) -> f64| {
        rows.iter().map(|(_, _, row)| Some(of(row))).collect::<Vec<Option<f64>>>()
    };
    Ok(Columns::default()
        .text("outcome", rows.iter().map(|row| Some(row.0)))
        .float64("month", vec![Some(f64::from(horizon)); rows.len()])
        .text("scenario", rows.iter().map(|row| Some(row.1)))
        .text("parameter", rows.iter().map(|row| Some(row.2.parameter.as_str())))
        .float64("first_order", number(&|row| row.first_order))
        .float64("width_95", number(&|row| row.width_95))
        .float64("judgement_share", number(&|row| row.evidence.judgement_share))
        .text("ensemble", rows.iter().map(|row| Some(row.2.evidence.ensemble())))
        .finish()?)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use sanad_store::Observatory;

    use super::*;
    use crate::args::Form;

    const FORMS: [Form; 5] = [Form::Table, Form::Csv, Form::Json, Form::Parquet, Form::Md];

    fn case() -> (tempfile::TempDir, ModelCase) {
        let folder = tempfile::tempdir().unwrap();
        let mut observatory = Observatory::open_or_new(folder.path()).unwrap();
        let case = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan");
        let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 27).unwrap();
        observatory.import_case(&case, true, day).unwrap();
        let case = ModelCase::read(&observatory).unwrap();
        (folder, case)
    }

    #[test]
    fn no_form_of_any_result_is_without_its_share_of_judgement_and_its_width() {
        let (_folder, case) = case();
        let share = case.evidence().judgement_share;
        assert!(share > 0.0 && share < 1.0);
        let compared =
            case.compare(&Asked { members: 400, months: 12, ..Asked::default() }).unwrap();
        let tables = [paths(&compared, &[12]).unwrap(), influences(&compared, 12).unwrap()];
        for table in &tables {
            for form in FORMS {
                let mut bytes = Vec::new();
                export::write(table, form.into(), &mut bytes).unwrap();
                let text = String::from_utf8_lossy(&bytes);
                for needed in ["judgement_share", "width_95", "ensemble", "posterior"] {
                    assert!(text.contains(needed), "{form:?} lacks {needed}");
                }
                let told = format!("{share:.5}");
                let is_told = text.contains(&told[..told.len() - 1]);
                assert!(is_told || form == Form::Parquet, "{form:?} lacks {told}");
            }
        }
    }

    #[test]
    fn the_number_of_threads_changes_nothing_and_members_do() {
        let (_folder, case) = case();
        let named = ["repression".to_owned()];
        let bands = |members: usize, threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let compared = case
                    .compare(&Asked { named: &named, members, months: 24, ..Asked::default() })
                    .unwrap();
                compared.outcomes[0].1.at(24)[1].bands
            })
        };
        assert_eq!(bands(200, 1), bands(200, 2));
        assert_ne!(bands(200, 1), bands(100, 1));
    }

    #[test]
    fn a_shock_adds_deaths_in_its_month_and_an_unknown_one_is_refused() {
        let (_folder, case) = case();
        let deaths = |shock| {
            let named = ["repression".to_owned()];
            let compared = case
                .compare(&Asked {
                    named: &named,
                    shock,
                    members: 32,
                    months: 14,
                    ..Asked::default()
                })
                .unwrap();
            compared.outcomes[0].1.at(12)[0].bands[3]
        };
        // In each of two theatres the attack kills as many as the model's shock_size.
        let more = deaths(Some("mass-casualty-attack")) - deaths(None);
        assert!((more - 150.0).abs() < 1e-6, "{more}");
        let few = Asked { members: 8, months: 12, ..Asked::default() };
        assert!(case.compare(&Asked { shock: Some("comet"), ..few }).is_err());
        assert!(case.compare(&Asked { against: Some("comet"), ..few }).is_err());
        assert!(case.compare(&Asked { named: &["comet".to_owned()], ..few }).is_err());
    }

    #[test]
    fn the_order_of_two_scenarios_turns_round_with_the_one_compared_with() {
        let (_folder, case) = case();
        let share = |named: &str, against| {
            let named = [named.to_owned()];
            let asked = Asked { named: &named, against: Some(against), ..Asked::default() };
            let compared = case.compare(&Asked { members: 300, months: 60, ..asked }).unwrap();
            assert_eq!(compared.scenarios.len(), 2);
            compared.outcomes[0].1.at(60)[1].probability_better
        };
        let one = share("legitimacy-first", "kinetic-only");
        let other = share("kinetic-only", "legitimacy-first");
        assert!((one + other - 1.0).abs() < 1e-12 && one != other, "{one} {other}");
    }
}
