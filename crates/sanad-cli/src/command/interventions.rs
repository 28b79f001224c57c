//! `sanad interventions`.

use std::path::Path;

use sanad_brief::section::interventions::{Lines, figure};
use sanad_core::Month;
use sanad_cycle::intervention::RateRatio;
use sanad_store::{Columns, Table, export};

use crate::args;
use crate::command::{print, subject};
use crate::error::{Error, Result};
use crate::progress::Step;
use crate::study::Study;
use crate::study::interventions::{Looked, Placebos, READ_AFTER_MONTHS};

pub(crate) fn run(asked: &args::Interventions, threads: usize) -> Result<()> {
    let opened = subject::open(&asked.subject)?;
    let study = Study::read(&opened.observatory, threads)?;
    let step = Step::begin("look at the interventions");
    let looked = study.interventions(&opened.observatory, asked.id.as_deref(), threads)?;
    step.end(&format!("{} interventions", looked.len()));
    let rows = rows(&looked);
    if let Some(folder) = &asked.out {
        write(&looked, &rows, folder)?;
    }
    print(&table(&rows)?, asked.format)
}

/// One number about one intervention and region.
#[derive(Debug, Clone, Default)]
struct Line {
    intervention: String,
    region: String,
    measure: &'static str,
    method: &'static str,
    quantity: String,
    estimate: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    p_value: Option<f64>,
    placebos: Option<Placebos>,
    basis: String,
}

fn rows(looked: &[Looked]) -> Vec<Line> {
    let mut rows = Vec::new();
    for one in looked {
        let [from, to] = one.months;
        if one.regions.is_empty() {
            rows.push(Line {
                intervention: one.intervention.id.clone(),
                method: "interrupted series",
                basis: format!("{from} to {to}: fewer than 8 months on a side"),
                ..Line::default()
            });
        }
        for (region, series) in &one.regions {
            let [from, to] = series.months;
            let line = |quantity: &str, basis: String| Line {
                intervention: one.intervention.id.clone(),
                region: region.id.clone(),
                measure: series.measure,
                method: "interrupted series",
                quantity: quantity.to_owned(),
                basis,
                ..Line::default()
            };
            let (before, after) = series.counted.split_at(series.start);
            for (name, months) in [("a month before", before), ("a month after", after)] {
                let basis = format!("{} months", months.len());
                let mean = months.iter().sum::<f64>() / months.len().max(1) as f64;
                rows.push(Line { method: "counted", estimate: Some(mean), ..line(name, basis) });
            }
            let Some(fit) = &series.fit else {
                rows.push(line("rate ratio at once", "too few events to fit".to_owned()));
                continue;
            };
            let basis = || format!("{from} to {to}, autoregression {:.2}", fit.autoregression);
            let ratio = |quantity: &str, ratio: &RateRatio, placebos| Line {
                estimate: Some(ratio.estimate),
                low: Some(ratio.interval.0),
                high: Some(ratio.interval.1),
                p_value: Some(ratio.p_value),
                placebos,
                ..line(quantity, basis())
            };
            let later = format!("rate ratio after {READ_AFTER_MONTHS} months");
            rows.push(ratio("rate ratio at once", &fit.level, None));
            rows.push(ratio("slope ratio per month", &fit.slope, None));
            let change = fit.change_at(READ_AFTER_MONTHS);
            rows.push(ratio(&later, &change, Some(series.placebos)));
        }
        rows.extend(one.controls.iter().flat_map(|(region, control)| {
            let line = Line {
                intervention: one.intervention.id.clone(),
                region: region.id.clone(),
                measure: "events",
                method: "synthetic control",
                quantity: "change, in shares of the mean before".to_owned(),
                ..Line::default()
            };
            match control {
                Err(problem) => vec![Line { basis: problem.clone(), ..line }],
                Ok(control) => {
                    let found = &control.found;
                    let as_large = (found.p_value * (found.placebos.len() + 1) as f64).round();
                    let places =
                        Placebos { dates: found.placebos.len(), as_large: as_large as usize - 1 };
                    let basis = format!(
                        "{} donor districts by quarter; gap before {:.2}, after {:.2}; mean before \
                         {:.1} a month",
                        control.donors.len(),
                        found.gap_before,
                        found.gap_after,
                        control.mean_before
                    );
                    vec![
                        Line {
                            estimate: Some(found.effect),
                            p_value: Some(found.p_value),
                            placebos: Some(places),
                            basis,
                            ..line.clone()
                        },
                        Line {
                            quantity: "gap after over gap before, against other dates".to_owned(),
                            estimate: Some(found.gap_after / found.gap_before.max(1e-12)),
                            placebos: Some(control.dates),
                            basis: "dates before the start".to_owned(),
                            ..line
                        },
                    ]
                }
            }
        }));
    }
    rows
}

fn table(rows: &[Line]) -> Result<Table> {
    let number = |of: fn(&Line) -> Option<f64>| rows.iter().map(of).collect::<Vec<Option<f64>>>();
    let text = |of: fn(&Line) -> &str| {
        rows.iter().map(move |row| Some(of(row)).filter(|it| !it.is_empty()))
    };
    Ok(Columns::default()
        .text("intervention", text(|row| &row.intervention))
        .text("region", text(|row| &row.region))
        .text("measure", text(|row| row.measure))
        .text("method", text(|row| row.method))
        .text("quantity", text(|row| &row.quantity))
        .float64("estimate", number(|row| row.estimate))
        .float64("low", number(|row| row.low))
        .float64("high", number(|row| row.high))
        .float64("p_value", number(|row| row.p_value))
        .float64("placebos", number(|row| row.placebos.map(|it| it.dates as f64)))
        .float64("placebos_as_large", number(|row| row.placebos.map(|it| it.as_large as f64)))
        .text("basis", text(|row| &row.basis))
        .finish()?)
}

fn write(looked: &[Looked], rows: &[Line], folder: &Path) -> Result<()> {
    let step = Step::begin("write tables and pictures");
    std::fs::create_dir_all(folder)
        .map_err(|source| Error::Write { what: folder.display().to_string(), source })?;
    export::write_file(&table(rows)?, None, &folder.join("interventions.csv"))?;
    export::write_file(&paths(looked)?, None, &folder.join("months.csv"))?;
    export::write_file(&weights(looked)?, None, &folder.join("weights.csv"))?;
    let mut pictures = 0;
    for one in looked {
        for (region, series) in &one.regions {
            let Some(fit) = &series.fit else { continue };
            let known = |values: &[f64]| values.iter().copied().map(Some).collect::<Vec<_>>();
            let after = fit.without.iter().enumerate();
            let lines = Lines {
                id: format!(
                    "{}-{}-{}",
                    one.intervention.id,
                    region.id,
                    series.measure.replace(' ', "-")
                ),
                title: format!(
                    "{}: {} in {}",
                    one.intervention.title, series.measure, region.title
                ),
                note: one.intervention.note.clone(),
                from: series.months[0],
                months_each: 1,
                unit: format!("{} a month", series.measure),
                lines: vec![
                    ("counted".to_owned(), known(&series.counted)),
                    ("fitted".to_owned(), known(&fit.with)),
                    (
                        "had nothing changed".to_owned(),
                        after.map(|(at, it)| (at >= series.start).then_some(*it)).collect(),
                    ),
                ],
            };
            draw(&lines, folder)?;
            pictures += 1;
        }
        for (region, control) in &one.controls {
            let Ok(control) = control else { continue };
            let known = |values: &[f64]| values.iter().copied().map(Some).collect::<Vec<_>>();
            let lines = Lines {
                id: format!("{}-{}-synthetic", one.intervention.id, region.id),
                title: format!(
                    "{}: {} and its synthetic control",
                    one.intervention.title, region.title
                ),
                note: one.intervention.note.clone(),
                from: one.months[0],
                months_each: 3,
                unit: "events a quarter, shares of the mean before".to_owned(),
                lines: vec![
                    (region.title.clone(), known(&control.treated)),
                    ("synthetic control".to_owned(), known(&control.found.synthetic)),
                ],
            };
            draw(&lines, folder)?;
            pictures += 1;
        }
    }
    step.end(&format!("3 tables, {pictures} pictures"));
    Ok(())
}

fn draw(lines: &Lines, folder: &Path) -> Result<()> {
    let path = folder.join(format!("{}.svg", lines.id));
    Ok(export::write_text(&path, figure(lines)?.standalone_svg())?)
}

/// What was counted and fitted, month by month.
fn paths(looked: &[Looked]) -> Result<Table> {
    let mut columns: [Vec<Option<String>>; 4] = Default::default();
    let mut values: [Vec<Option<f64>>; 3] = Default::default();
    for one in looked {
        for (region, series) in &one.regions {
            for (at, counted) in series.counted.iter().enumerate() {
                let month: Month = series.months[0].plus(at as i32);
                columns[0].push(Some(one.intervention.id.clone()));
                columns[1].push(Some(region.id.clone()));
                columns[2].push(Some(series.measure.to_owned()));
                columns[3].push(Some(month.to_string()));
                values[0].push(Some(*counted));
                values[1].push(series.fit.as_ref().map(|fit| fit.with[at]));
                values[2].push(series.fit.as_ref().map(|fit| fit.without[at]));
            }
        }
    }
    let [intervention, region, measure, month] = columns;
    let [counted, fitted, without] = values;
    Ok(Columns::default()
        .text("intervention", intervention)
        .text("region", region)
        .text("measure", measure)
        .text("month", month)
        .float64("counted", counted)
        .float64("fitted", fitted)
        .float64("had_nothing_changed", without)
        .finish()?)
}

/// Which districts a synthetic control is made of, and what each gives as a placebo.
fn weights(looked: &[Looked]) -> Result<Table> {
    let mut columns: [Vec<Option<String>>; 3] = Default::default();
    let mut values: [Vec<Option<f64>>; 3] = Default::default();
    for one in looked {
        for (region, control) in &one.controls {
            let Ok(control) = control else { continue };
            for (at, donor) in control.donors.iter().enumerate() {
                let placebo = control.found.placebos[at];
                columns[0].push(Some(one.intervention.id.clone()));
                columns[1].push(Some(region.id.clone()));
                columns[2].push(Some(donor.clone()));
                values[0].push(Some(control.found.weights[at]));
                values[1].push(Some(placebo.effect));
                values[2].push(Some(placebo.ratio));
            }
        }
    }
    let [intervention, region, donor] = columns;
    let [weight, effect, ratio] = values;
    Ok(Columns::default()
        .text("intervention", intervention)
        .text("region", region)
        .text("donor", donor)
        .float64("weight", weight)
        .float64("placebo_effect", effect)
        .float64("placebo_gap_ratio", ratio)
        .finish()?)
}
