//! `sanad interventions`.

use std::path::Path;

use clap::ValueEnum;
use sanad_case::DeclaredIntervention;
use sanad_core::place::LevelName;
use sanad_store::{Table, export};

use crate::args::{InterventionTable, Interventions};
use crate::command::{print, subject};
use sanad_study::Error as StudyError;
use sanad_study::interventions;

use crate::error::{Error, Result};
use crate::progress::{Step, Terminal};
use sanad_study::Study;
use sanad_study::interventions::{ChangeRow, ControlRow};
use sanad_study::pictures::{change_figure, control_figures};
use sanad_study::tables;

pub(crate) fn run(request: &Interventions, threads: usize) -> Result<()> {
    let opened = subject::open(&request.subject)?;
    let study = Study::read(&opened.observatory, threads, &Terminal::default())?;
    let chosen = choose(study.declared_interventions(), request.id.as_deref())?;
    let step = Step::begin("compare before and after");
    let starts = request.out.is_some() || request.show == InterventionTable::Starts;
    let changes: Vec<ChangeRow> =
        chosen.iter().flat_map(|chosen| interventions::changes(&study, chosen, starts)).collect();
    let districts = interventions::districts_of_today(&study, &opened.observatory, threads)?;
    let controls: Vec<ControlRow> = chosen
        .iter()
        .flat_map(|chosen| interventions::controls(&study, chosen, &districts))
        .collect();
    step.end(&format!("{} interventions, {} series", chosen.len(), changes.len()));
    if let Some(folder) = &request.out {
        write(&changes, &controls, folder)?;
        let pictures = Pictures { chosen: &chosen, places: study.finest_name() };
        draw(&pictures, &changes, &controls, folder)?;
    }
    print(&table(&changes, &controls, request.show)?, request.format)
}

fn choose<'a>(
    declared: &'a [DeclaredIntervention],
    id: Option<&str>,
) -> Result<Vec<&'a DeclaredIntervention>> {
    if declared.is_empty() {
        return Err(Error::from(StudyError::CaseLacks { missing: "interventions" }));
    }
    let chosen: Vec<_> =
        declared.iter().filter(|declared| id.is_none_or(|id| declared.id == id)).collect();
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

/// What pictures are drawn of.
struct Pictures<'a> {
    /// The interventions.
    chosen: &'a [&'a DeclaredIntervention],
    /// What the case calls the places that are compared.
    places: &'a LevelName,
}

/// A picture of every series that could be fitted, and two of every comparison with other districts.
fn draw(
    pictures: &Pictures<'_>,
    changes: &[ChangeRow],
    controls: &[ControlRow],
    folder: &Path,
) -> Result<()> {
    let step = Step::begin("draw the pictures");
    let title = |id: &str| {
        let chosen = pictures.chosen.iter().find(|chosen| chosen.id == id);
        chosen.map_or("", |chosen| &chosen.title)
    };
    let mut drawn = Vec::new();
    for row in changes {
        drawn.extend(change_figure(row, title(&row.intervention))?);
    }
    for row in controls {
        drawn.extend(control_figures(row, title(&row.intervention), pictures.places)?);
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
    Ok(match which {
        InterventionTable::Changes => tables::change_table(changes)?,
        InterventionTable::Means => tables::mean_table(changes)?,
        InterventionTable::Starts => tables::start_table(changes)?,
        InterventionTable::Controls => tables::control_table(controls)?,
    })
}
