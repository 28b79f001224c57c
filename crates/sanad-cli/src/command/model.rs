//! `sanad model`.

#![allow(clippy::print_stderr)]

use std::path::Path;

use sanad_figure::{CausalDiagram, Heading, Link, LinkState, causal_diagram};
use sanad_scenario::{CausalGraph, Kind, Loop, LoopKind, Model, Polarity};
use sanad_store::{Columns, export};

use crate::args::{ModelArgs, ModelCheck, ModelCommand, ModelGraph};
use crate::command::print;
use crate::command::simulate::{compile, of_file, read};
use crate::error::{Error, Result};
use crate::progress::Step;

/// The most variables that a diagram can show.
const DRAWN: usize = 16;
/// Feedback loops that are looked for when a diagram is drawn.
const LOOPS: usize = 200;

pub(crate) fn run(asked: &ModelArgs) -> Result<()> {
    match &asked.what {
        ModelCommand::Check(asked) => check(asked),
        ModelCommand::Graph(asked) => graph(asked),
    }
}

/// Errors stop the command with exit code 1; units that do not balance are rows of the table, as
/// are loops.
fn check(asked: &ModelCheck) -> Result<()> {
    let document = read(&asked.model)?;
    for note in &document.notes {
        eprintln!("remark: {note}");
    }
    let model = Model::compile(&document).map_err(|e| of_file(&asked.model, e))?;
    let units = document.check_units().map_err(|e| of_file(&asked.model, e))?;
    let graph = model.causal_graph(asked.loops).map_err(|e| of_file(&asked.model, e))?;
    let all = model.variables().len();
    eprintln!("{all} variables, {} constants, {} loops", constants(&graph), graph.loops.len());
    eprintln!(
        "units: {} checked, {} do not balance, {} variables have none",
        units.checked,
        units.problems.len(),
        units.without_units.len()
    );
    if !graph.loops_complete {
        eprintln!("remark: there are more loops; raise --loops to see them");
    }
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
    let table = Columns::default()
        .text("what", column(0))
        .text("variable", column(1))
        .text("finding", column(2))
        .finish()?;
    print(&table, asked.format)
}

fn kind_of(found: &Loop) -> &'static str {
    match found.kind {
        LoopKind::Reinforcing => "reinforcing loop",
        LoopKind::Balancing => "balancing loop",
        LoopKind::Unclear => "loop of unclear sign",
    }
}

fn constants(graph: &CausalGraph) -> usize {
    graph.nodes.iter().filter(|node| node.is_constant).count()
}

fn graph(asked: &ModelGraph) -> Result<()> {
    let step = Step::begin("read and trace the model");
    let model = compile(&asked.model)?;
    let graph = model.causal_graph(LOOPS).map_err(|e| of_file(&asked.model, e))?;
    step.end(&format!("{} effects, {} loops", graph.edges.len(), graph.loops.len()));
    let ending = asked.out.extension().and_then(|ending| ending.to_str());
    match ending {
        Some("graphml") => Ok(export::write_text(&asked.out, &graph.to_graphml())?),
        Some("svg") => {
            let text = diagram(&graph, &asked.model, asked.constants)?;
            Ok(export::write_text(&asked.out, &text)?)
        }
        _ => Err(Error::Option {
            option: "--out",
            found: asked.out.display().to_string(),
            expected: "a name that ends in .svg or .graphml",
        }),
    }
}

/// The diagram: every variable where they are few, otherwise the stocks and what leads from one
/// to another.
fn diagram(graph: &CausalGraph, path: &Path, constants: bool) -> Result<String> {
    let wanted: Vec<usize> =
        (0..graph.nodes.len()).filter(|&n| constants || !graph.nodes[n].is_constant).collect();
    let stocks: Vec<usize> =
        wanted.iter().copied().filter(|&n| graph.nodes[n].kind == Kind::Stock).collect();
    let (shown, said) = match wanted.len() {
        0..=DRAWN => (wanted, "Every variable."),
        _ => (stocks, "Stocks, and what leads from one to another through other variables."),
    };
    if shown.is_empty() || shown.len() > DRAWN {
        return Err(Error::TooManyToDraw { found: shown.len(), limit: DRAWN });
    }
    let names: Vec<String> = shown.iter().map(|&n| graph.nodes[n].name.clone()).collect();
    let links: Vec<Link> = links(graph, &shown);
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let reinforcing =
        graph.loops.iter().filter(|found| found.kind == LoopKind::Reinforcing).count();
    let balancing = graph.loops.iter().filter(|found| found.kind == LoopKind::Balancing).count();
    let title = format!(
        "{file}: {} feedback loops, {reinforcing} reinforcing and {balancing} balancing",
        graph.loops.len()
    );
    let caption = format!(
        "{said} + more leads to more, − more leads to less, as seen on the model's own run."
    );
    let heading =
        Heading::new("model", &title, &caption, "Variables on an oval, effects as arrows.");
    let figure = causal_diagram(&heading, &CausalDiagram { concepts: &names, links: &links })
        .map_err(sanad_brief::Error::from)?;
    Ok(figure.standalone_svg().to_owned())
}

/// Effects between the variables shown, through any that are not.
fn links(graph: &CausalGraph, shown: &[usize]) -> Vec<Link> {
    let mut links = Vec::new();
    for (from, &start) in shown.iter().enumerate() {
        for (to, polarity) in reached(graph, shown, start).into_iter().enumerate() {
            let Some(polarity) = polarity.filter(|_| to != from) else { continue };
            links.push(Link {
                from,
                to,
                positive: polarity != Polarity::Negative,
                state: LinkState::Stated,
                note: format!("{} {}", polarity.sign(), graph.nodes[start].name),
            });
        }
    }
    links
}

/// The polarity with which `start` reaches each variable shown, side by side over all paths that
/// pass no other variable shown; every variable in between counts once.
fn reached(graph: &CausalGraph, shown: &[usize], start: usize) -> Vec<Option<Polarity>> {
    let mut found: Vec<Option<Polarity>> = vec![None; shown.len()];
    let mut known: Vec<Option<Polarity>> = vec![None; graph.nodes.len()];
    let mut open = vec![(start, Polarity::Positive)];
    while let Some((node, so_far)) = open.pop() {
        for edge in graph.edges.iter().filter(|edge| edge.from == node) {
            let polarity = so_far.then(edge.polarity);
            if let Some(at) = shown.iter().position(|&other| other == edge.to) {
                found[at] = Some(found[at].map_or(polarity, |before| before.beside(polarity)));
                continue;
            }
            let joined = known[edge.to].map_or(polarity, |before| before.beside(polarity));
            if known[edge.to] != Some(joined) {
                known[edge.to] = Some(joined);
                open.push((edge.to, joined));
            }
        }
    }
    found
}
