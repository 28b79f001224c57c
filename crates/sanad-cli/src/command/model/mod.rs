//! `sanad model`.

mod check;
pub(crate) mod file;
mod graph;
pub(crate) mod learn;
pub(crate) mod record;
mod write;

use sanad_scenario::{CausalNode, Kind};
use sanad_store::{Columns, Table};

use crate::args::{ModelArgs, ModelCommand, ModelVariables};
use crate::command::print;
use crate::error::Result;
use file::ModelFile;

pub(crate) fn run(request: &ModelArgs) -> Result<()> {
    match &request.what {
        ModelCommand::Check(check) => check::run(check),
        ModelCommand::Variables(request) => variables(request),
        ModelCommand::Graph(graph) => graph::run(graph),
        ModelCommand::Write(write) => write::run(write),
    }
}

/// A row for each variable; of an array, for each element.
fn variables(request: &ModelVariables) -> Result<()> {
    let file = ModelFile::read(&request.model)?;
    let model = file.compile()?;
    let graph = model.causal_graph(0).map_err(|source| file.fault(source))?;
    let mut rows: Vec<(String, &CausalNode)> = Vec::new();
    for node in &graph.nodes {
        rows.extend(model.elements(&node.name).into_iter().map(|name| (name, node)));
    }
    let table: Table = Columns::default()
        .text("variable", rows.iter().map(|(name, _)| Some(name)))
        .text("kind", rows.iter().map(|(_, node)| Some(kind(node.kind))))
        .text("units", rows.iter().map(|(_, node)| node.units.as_deref().map(str::trim)))
        .float64(
            "constant",
            rows.iter().map(|(name, _)| model.constant(name)).collect::<Vec<Option<f64>>>(),
        )
        .finish()?;
    print(&table, request.format)
}

/// A kind of variable, in a word.
fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Stock => "stock",
        Kind::Flow => "flow",
        Kind::Auxiliary => "auxiliary",
        Kind::GraphicalFunction => "graphical function",
        Kind::Module => "module",
    }
}
