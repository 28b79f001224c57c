//! `sanad interventions`.

use std::path::Path;

use clap::ValueEnum;
use sanad_case::{DeclaredIntervention, KindReading};
use sanad_evidence::intervention::RateRatio;
use sanad_store::{Columns, Table, export};

use crate::args::{InterventionTable, Interventions};
use crate::command::{print, subject};
use sanad_study::Error as StudyError;

use crate::error::{Error, Result};
use crate::progress::{Step, Terminal};
use sanad_study::Study;
use sanad_study::interventions::{Change, ChangeRow, Control, ControlRow, StartMonth};
use sanad_study::pictures::{change_figure, control_figures};

pub(crate) fn run(asked: &Interventions, threads: usize) -> Result<()> {
    let opened = subject::open(&asked.subject)?;
    let study = Study::read(&opened.observatory, threads, &Terminal::default())?;
    let chosen = choose(study.declared_interventions(), asked.id.as_deref())?;
    let step = Step::begin("compare before and after");
    let starts = asked.out.is_some() || asked.show == InterventionTable::Starts;
    let changes: Vec<ChangeRow> = chosen.iter().flat_map(|it| study.changes(it, starts)).collect();
    let districts = study.districts_of_today(&opened.observatory, threads)?;
    let controls: Vec<ControlRow> =
        chosen.iter().flat_map(|it| study.controls(it, &districts)).collect();
    step.end(&format!("{} interventions, {} series", chosen.len(), changes.len()));
    if let Some(folder) = &asked.out {
        write(&changes, &controls, folder)?;
        draw(&chosen, &changes, &controls, folder)?;
    }
    print(&table(&changes, &controls, asked.show)?, asked.format)
}

fn choose<'a>(
    declared: &'a [DeclaredIntervention],
    id: Option<&str>,
) -> Result<Vec<&'a DeclaredIntervention>> {
    if declared.is_empty() {
        return Err(Error::from(StudyError::CaseLacks { missing: "interventions" }));
    }
    let chosen: Vec<_> = declared.iter().filter(|it| id.is_none_or(|id| it.id == id)).collect();
    match (chosen.is_empty(), id) {
        (true, Some(id)) => Err(Error::Option {
            option: "--id",
            found: id.to_owned(),
            expected: "the id of an intervention; without --id all are listed",
        }),
        _ => Ok(chosen),
    }
}

fn write(changes: &[ChangeRow], controls: &[ControlRow], folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|source| {
        Error::from(StudyError::Write { what: folder.display().to_string(), source })
    })?;
    for &which in InterventionTable::value_variants() {
        let path = folder.join(format!("{}.csv", which.name()));
        export::write_file(&table(changes, controls, which)?, None, &path)?;
    }
    Ok(())
}

/// A picture of every series that could be fitted, and two of every comparison with other districts.
fn draw(
    chosen: &[&DeclaredIntervention],
    changes: &[ChangeRow],
    controls: &[ControlRow],
    folder: &Path,
) -> Result<()> {
    let step = Step::begin("draw the pictures");
    let title = |id: &str| chosen.iter().find(|it| it.id == id).map_or("", |it| &it.title);
    let mut drawn = Vec::new();
    for row in changes {
        drawn.extend(change_figure(row, title(&row.intervention))?);
    }
    for row in controls {
        drawn.extend(control_figures(row, title(&row.intervention))?);
    }
    for (name, figure) in &drawn {
        export::write_text(&folder.join(format!("{name}.svg")), figure.standalone_svg())?;
    }
    step.end(&format!("{} pictures in {}", drawn.len(), folder.display()));
    Ok(())
}

fn table(
    changes: &[ChangeRow],
    controls: &[ControlRow],
    which: InterventionTable,
) -> Result<Table> {
    match which {
        InterventionTable::Changes => change_table(changes),
        InterventionTable::Means => mean_table(changes),
        InterventionTable::Starts => start_table(changes),
        InterventionTable::Controls => control_table(controls),
    }
}

/// The columns that say which series a row is about.
fn named(rows: &[ChangeRow]) -> Columns {
    Columns::default()
        .text("intervention", rows.iter().map(|row| Some(&row.intervention)))
        .text("from_month", rows.iter().map(|row| Some(row.start.to_string())))
        .text("region", rows.iter().map(|row| Some(&row.region)))
        .text("measure", rows.iter().map(|row| Some(row.measure.name())))
        .text("not_told_apart", rows.iter().map(|row| row.reading.map(KindReading::as_str)))
}

/// What every series shows with other start months.
fn start_table(rows: &[ChangeRow]) -> Result<Table> {
    let fitted = rows.iter().filter_map(|row| Some((row, row.change.as_ref().ok()?)));
    let all: Vec<(&ChangeRow, &StartMonth)> = fitted
        .flat_map(|(row, change)| change.starts.iter().map(move |start| (row, start)))
        .collect();
    let number = |of: fn(&RateRatio) -> f64| {
        all.iter().map(|(_, start)| of(&start.after_horizon)).collect::<Vec<f64>>()
    };
    Ok(Columns::default()
        .text("intervention", all.iter().map(|(row, _)| Some(&row.intervention)))
        .text("region", all.iter().map(|(row, _)| Some(&row.region)))
        .text("measure", all.iter().map(|(row, _)| Some(row.measure.name())))
        .text("not_told_apart", all.iter().map(|(row, _)| row.reading.map(KindReading::as_str)))
        .text("declared_from_month", all.iter().map(|(row, _)| Some(row.start.to_string())))
        .text("from_month", all.iter().map(|(_, start)| Some(start.start.to_string())))
        .float64("ratio_after_year", number(|it| it.estimate))
        .float64("ratio_after_year_low", number(|it| it.interval.0))
        .float64("ratio_after_year_high", number(|it| it.interval.1))
        .float64("p_value", number(|it| it.p_value))
        .finish()?)
}

fn change_table(rows: &[ChangeRow]) -> Result<Table> {
    let number = |of: &dyn Fn(&Change) -> f64| {
        rows.iter().map(|row| row.change.as_ref().ok().map(of)).collect::<Vec<Option<f64>>>()
    };
    let ratio = |columns: Columns, name: &str, of: &dyn Fn(&Change) -> RateRatio| {
        columns
            .float64(name, number(&|it| of(it).estimate))
            .float64(&format!("{name}_low"), number(&|it| of(it).interval.0))
            .float64(&format!("{name}_high"), number(&|it| of(it).interval.1))
    };
    let whole = |of: &dyn Fn(&Change) -> i64| {
        rows.iter().map(|row| row.change.as_ref().ok().map(of)).collect::<Vec<Option<i64>>>()
    };
    let columns = ratio(named(rows), "level_ratio", &|it| it.level);
    let columns = ratio(columns, "growth_ratio", &|it| it.slope);
    let columns = ratio(columns, "ratio_after_year", &|it| it.after_horizon);
    Ok(columns
        .float64("p_value", number(&|it| it.after_horizon.p_value))
        .int64("placebo_dates_as_large", whole(&|it| it.placebos[0] as i64))
        .int64("placebo_dates", whole(&|it| it.placebos[1] as i64))
        .float64("autoregression", number(&|it| it.autoregression))
        .float64("share_told", rows.iter().map(|row| row.share_told).collect::<Vec<_>>())
        .text("remark", rows.iter().map(|row| row.change.as_ref().err().cloned()))
        .finish()?)
}

fn mean_table(rows: &[ChangeRow]) -> Result<Table> {
    let number = |of: fn([f64; 2]) -> Option<f64>| {
        rows.iter().map(|row| row.means.and_then(of)).collect::<Vec<Option<f64>>>()
    };
    let reason = |row: &ChangeRow| match row.means {
        None => Some("undefined: months before or after are not recorded"),
        Some([0.0, _]) => Some("ratio undefined: there were none before"),
        Some(_) => None,
    };
    Ok(named(rows)
        .float64("mean_before", number(|[before, _]| Some(before)))
        .float64("mean_after", number(|[_, after]| Some(after)))
        .float64("ratio", number(|[before, after]| (before != 0.0).then(|| after / before)))
        .text("remark", rows.iter().map(reason))
        .finish()?)
}

fn control_table(rows: &[ControlRow]) -> Result<Table> {
    let number = |of: fn(&Control) -> f64| {
        rows.iter().map(|row| row.found.as_ref().ok().map(of)).collect::<Vec<Option<f64>>>()
    };
    let whole = |of: fn(&Control) -> usize| {
        let found = rows.iter().map(|row| row.found.as_ref().ok().map(|it| of(it) as i64));
        found.collect::<Vec<Option<i64>>>()
    };
    Ok(Columns::default()
        .text("intervention", rows.iter().map(|row| Some(&row.intervention)))
        .text("districts", rows.iter().map(|row| Some(&row.treated)))
        .text("compared_with", rows.iter().map(|row| Some(row.others.word())))
        .float64("effect", number(|it| it.effect))
        .float64("p_value_in_place", number(|it| it.p_value))
        .float64("placebo_effect_low", number(|it| it.placebo_effects[0]))
        .float64("placebo_effect_high", number(|it| it.placebo_effects[1]))
        .float64("gap_before", number(|it| it.gap_before))
        .float64("gap_after", number(|it| it.gap_after))
        .int64("other_districts", whole(|it| it.donors))
        .int64("quarters_before", whole(|it| it.blocks[0]))
        .int64("quarters_after", whole(|it| it.blocks[1]))
        .int64("placebo_dates_as_large", whole(|it| it.time_placebos[0]))
        .int64("placebo_dates", whole(|it| it.time_placebos[1]))
        .text("weights", rows.iter().map(|row| row.found.as_ref().ok().map(|it| &it.weights)))
        .text("left_out", rows.iter().map(|row| Some(&row.left_out).filter(|it| !it.is_empty())))
        .text("remark", rows.iter().map(|row| row.found.as_ref().err().cloned()))
        .finish()?)
}
