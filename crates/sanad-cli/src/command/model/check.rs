//! `sanad model check`.

use sanad_scenario::{CausalGraph, Inputs, Loop, LoopKind, RunSettings, UnitReport};
use sanad_store::{Columns, Table};

use super::file::ModelFile;
use crate::args::ModelCheck;
use crate::command::print;
use crate::error::{Error, Result};
use crate::report::say;

/// Errors stop the command with exit code 1; units that do not balance are rows of the table, as
/// are loops.
pub(crate) fn run(request: &ModelCheck) -> Result<()> {
    let file = ModelFile::read(&request.model)?;
    for note in &file.document.notes {
        say!("note: {note}");
    }
    let model = file.compile()?;
    let numerical = model
        .numerical_problems(1, &Inputs::new(), &RunSettings::default())
        .map_err(|source| file.fault(source))?;
    for problem in &numerical {
        say!("note: {problem}");
    }
    let units = file.document.check_units().map_err(|source| file.fault(source))?;
    let graph = model.causal_graph(request.loops).map_err(|source| file.fault(source))?;
    let constants = graph.nodes.iter().filter(|node| node.is_constant).count();
    let values = model.variables().len();
    say!("{values} variables, {constants} constants, {} loops", graph.loops.len());
    say!(
        "units: {} checked, {} do not balance, {} variables have none",
        units.checked,
        units.problems.len(),
        units.without_units.len()
    );
    if !graph.loops_complete {
        say!("note: there are more loops; raise --loops to see them");
    }
    if request.strict && !units.problems.is_empty() {
        for problem in &units.problems {
            say!("units: {problem}");
        }
        return Err(Error::Units { path: file.path, count: units.problems.len() });
    }
    print(&findings(&units, &graph)?, request.format)
}

/// A row for each equation whose units do not balance, variable without units, and loop.
fn findings(units: &UnitReport, graph: &CausalGraph) -> Result<Table> {
    let mut rows: Vec<[String; 3]> = Vec::new();
    for problem in &units.problems {
        rows.push(["units".to_owned(), problem.variable().to_owned(), problem.to_string()]);
    }
    for name in &units.without_units {
        let said = "it has no units, so that it is not checked".to_owned();
        rows.push(["no units".to_owned(), name.clone(), said]);
    }
    for (found, line) in graph.loops.iter().zip(graph.loop_lines()) {
        rows.push([kind_of(found).to_owned(), graph.nodes[found.nodes[0]].name.clone(), line]);
    }
    let column = |at: usize| rows.iter().map(move |row| Some(row[at].clone()));
    Ok(Columns::default()
        .text("what", column(0))
        .text("variable", column(1))
        .text("finding", column(2))
        .finish()?)
}

fn kind_of(found: &Loop) -> &'static str {
    match found.kind {
        LoopKind::Reinforcing => "reinforcing loop",
        LoopKind::Balancing => "balancing loop",
        LoopKind::Unclear => "loop of unclear sign",
    }
}
