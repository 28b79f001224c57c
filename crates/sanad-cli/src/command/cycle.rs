//! `sanad cycle`.

use std::path::Path;

use chrono::NaiveDate;
use clap::ValueEnum;
use sanad_cycle::discrete::{Mixing, ModelScore};
use sanad_store::{Columns, Table, export};

use crate::args::{Cycle, CycleTable};
use crate::command::{print, subject};
use sanad_study::Error as StudyError;

use crate::error::{Error, Result};
use crate::progress::{Step, Terminal};
use sanad_study::cycle::{Asked, CycleStudy, LinkRow};
use sanad_study::kinds::Daily;

pub(crate) fn run(cycle: &Cycle, threads: usize) -> Result<()> {
    let opened = subject::open(&cycle.subject)?;
    let step = Step::begin("count kinds by day");
    let daily = Daily::read(&opened.observatory, threads)?;
    let mut daily = daily.ok_or(Error::from(StudyError::CaseLacks { missing: "daily counts" }))?;
    step.end(&format!("{} kinds", daily.cycle.kinds.len()));
    narrow(&mut daily, cycle)?;
    let explore = cycle.explore || cycle.show == CycleTable::Explored;
    let asked = Asked { kinds: &cycle.kinds, bayes: cycle.bayes, profile: cycle.profile, explore };
    let study = CycleStudy::of(&daily, &asked, &Terminal::default())?;
    if let Some(folder) = &cycle.out {
        write(&study, folder)?;
    }
    print(&table(&study, cycle.show)?, cycle.format)
}

/// Days and kinds that were asked for in place of the case's.
fn narrow(daily: &mut Daily, cycle: &Cycle) -> Result<()> {
    let wrong = |option, found: &dyn ToString, expected| Error::Option {
        option,
        found: found.to_string(),
        expected,
    };
    let within = "a day within those of the case's cycle";
    let days = [daily.cycle.from, daily.cycle.to];
    let inside = |day: &NaiveDate| days[0] <= *day && *day <= days[1];
    if let Some(from) = cycle.from.filter(|day| !inside(day)) {
        return Err(wrong("--from", &from, within));
    }
    if let Some(to) = cycle.to.filter(|day| !inside(day)) {
        return Err(wrong("--to", &to, within));
    }
    daily.cycle.from = cycle.from.unwrap_or(days[0]);
    daily.cycle.to = cycle.to.unwrap_or(days[1]);
    if daily.cycle.to <= daily.cycle.from {
        return Err(wrong("--to", &daily.cycle.to, "a day after --from"));
    }
    match cycle.kinds.iter().find(|id| daily.cycle.kind(id).is_none()) {
        Some(id) => Err(wrong("--kinds", id, "kinds of the case's cycle, joined by commas")),
        None => Ok(()),
    }
}

fn write(study: &CycleStudy, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|source| {
        Error::from(StudyError::Write { what: folder.display().to_string(), source })
    })?;
    for &which in CycleTable::value_variants() {
        let path = folder.join(format!("{}.csv", which.name()));
        export::write_file(&table(study, which)?, None, &path)?;
    }
    Ok(())
}

fn table(study: &CycleStudy, which: CycleTable) -> Result<Table> {
    match which {
        CycleTable::Links => {
            Ok(link_columns(Columns::default(), &study.links.iter().collect::<Vec<_>>())
                .finish()?)
        }
        CycleTable::Explored => {
            let shares: Vec<f64> = study.explored.iter().map(|row| row.share).collect();
            let links: Vec<&LinkRow> = study.explored.iter().map(|row| &row.link).collect();
            Ok(link_columns(Columns::default().float64("share", shares), &links).finish()?)
        }
        CycleTable::Kinds => kinds(study),
        CycleTable::Models => models(study),
        CycleTable::Whole => whole(study),
    }
}

fn link_columns(columns: Columns, rows: &[&LinkRow]) -> Columns {
    let text = |of: fn(&LinkRow) -> &str| rows.iter().map(move |row| Some(of(row).to_owned()));
    let whole =
        |of: fn(&LinkRow) -> usize| rows.iter().map(|row| of(row) as i64).collect::<Vec<i64>>();
    let number = |of: &dyn Fn(&LinkRow) -> Option<f64>| {
        rows.iter().map(|row| of(row)).collect::<Vec<Option<f64>>>()
    };
    columns
        .text("model", text(|row| &row.model))
        .text("not_told_apart", text(|row| row.reading.as_str()))
        .text("from", text(|row| &row.from))
        .text("to", text(|row| &row.to))
        .int64("events_from", whole(|row| row.events_from))
        .int64("events_to", whole(|row| row.events_to))
        .float64("branching", number(&|row| row.branching))
        .float64("branching_low", number(&|row| row.low))
        .float64("branching_high", number(&|row| row.high))
        .float64("p_value", number(&|row| row.p_value))
        .float64("half_life_days", number(&|row| row.half_life_days))
        .float64("half_life_days_low", number(&|row| Some(row.half_life_range_days?.0)))
        .float64("half_life_days_high", number(&|row| Some(row.half_life_range_days?.1)))
        .float64("power", number(&|row| row.power))
        .float64("smallest_found", number(&|row| row.smallest_found))
        .float64("information_kept", number(&|row| row.information_kept))
        .text("confounded_with", rows.iter().map(|row| row.confounded_with.clone()))
        .float64("profile_low", number(&|row| Some(row.profile?[0])))
        .float64("profile_branching", number(&|row| Some(row.profile?[1])))
        .float64("profile_high", number(&|row| Some(row.profile?[2])))
        .float64("posterior_low", number(&|row| Some(row.posterior?[0])))
        .float64("posterior_median", number(&|row| Some(row.posterior?[1])))
        .float64("posterior_high", number(&|row| Some(row.posterior?[2])))
        .text("remark", rows.iter().map(|row| row.remark.clone()))
}

fn kinds(study: &CycleStudy) -> Result<Table> {
    let rows = &study.kinds;
    let fit = |of: fn(&sanad_cycle::KsTest) -> f64| {
        rows.iter().map(|row| row.uniformity.as_ref().map(of)).collect::<Vec<Option<f64>>>()
    };
    Ok(Columns::default()
        .text("model", rows.iter().map(|row| Some(&row.model)))
        .text("not_told_apart", rows.iter().map(|row| Some(row.reading.as_str())))
        .text("kind", rows.iter().map(|row| Some(&row.id)))
        .float64("share_told", rows.iter().map(|row| row.share_told).collect::<Vec<Option<f64>>>())
        .int64("events", rows.iter().map(|row| row.events as i64).collect::<Vec<i64>>())
        .int64(
            "events_of_uncertain_day",
            rows.iter().map(|row| row.events_of_uncertain_day as i64).collect::<Vec<i64>>(),
        )
        .float64(
            "endogenous_share",
            rows.iter().map(|row| row.endogenous_share).collect::<Vec<Option<f64>>>(),
        )
        .float64("count_size", rows.iter().map(|row| row.count_size).collect::<Vec<Option<f64>>>())
        .float64("ks_statistic", fit(|test| test.statistic))
        .float64("ks_p_value", fit(|test| test.p_value))
        .finish()?)
}

fn models(study: &CycleStudy) -> Result<Table> {
    let Some(found) = &study.models else {
        return Err(Error::from(StudyError::CaseLacks {
            missing: "model whose smaller models could be fitted",
        }));
    };
    let scores = [found.none, found.self_only, found.full];
    let tests = [None, Some(found.self_against_none), Some(found.full_against_self)];
    let number = |of: fn(&ModelScore) -> f64| scores.iter().map(of).collect::<Vec<f64>>();
    Ok(Columns::default()
        .text("model", ["no links", "self-excitation", "all links"].map(Some))
        .float64("log_likelihood", number(|it| it.log_likelihood))
        .int64("parameters", scores.iter().map(|it| it.parameters as i64).collect::<Vec<i64>>())
        .float64("aic", number(|it| it.aic))
        .float64("bic", number(|it| it.bic))
        .float64("likelihood_ratio", tests.map(|test| Some(test?.statistic)).to_vec())
        .float64("p_value", tests.map(|test| Some(test?.p_value)).to_vec())
        .finish()?)
}

fn whole(study: &CycleStudy) -> Result<Table> {
    let rows = &study.whole;
    let number =
        |of: fn(&sanad_study::cycle::WholeRow) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
    let mixing = |of: &dyn Fn(&Mixing) -> f64| {
        rows.iter().map(|row| row.mixing.as_ref().map(of)).collect::<Vec<Option<f64>>>()
    };
    let divergences: Vec<Option<i64>> =
        rows.iter().map(|row| Some(i64::from(row.mixing?.divergences))).collect();
    Ok(Columns::default()
        .text("model", rows.iter().map(|row| Some(&row.model)))
        .text("not_told_apart", rows.iter().map(|row| Some(row.reading.as_str())))
        .text("method", rows.iter().map(|row| Some(row.method)))
        .float64("spectral_radius", number(|row| row.spectral_radius))
        .float64("spectral_radius_low", number(|row| row.low))
        .float64("spectral_radius_high", number(|row| row.high))
        .float64("p_above_one", number(|row| row.p_above_one))
        .float64(
            "endogenous_share",
            rows.iter().map(|row| row.endogenous_share).collect::<Vec<Option<f64>>>(),
        )
        .float64("largest_r_hat", mixing(&|it| it.largest_r_hat))
        .float64("effective_draws", mixing(&|it| it.fewest_effective_draws))
        .float64("tail_draws", mixing(&|it| it.fewest_tail_draws))
        .int64("divergences", divergences)
        .finish()?)
}
