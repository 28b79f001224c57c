//! `sanad model graph`.

use std::path::Path;

use sanad_figure::{CausalDiagram, Heading, Link, LinkState, causal_diagram};
use sanad_scenario::{CausalGraph, CausalNode, Kind, LoopKind, Polarity, canonical_name};
use sanad_store::{Columns, Table, export};

use super::file::{ModelFile, names};
use crate::args::ModelGraph;
use crate::command::{print, save};
use crate::error::{Error, Result};
use crate::progress::Step;
use crate::report::say;

/// Variables that a diagram can hold.
const MOST_DRAWN: usize = 16;

pub(crate) fn run(request: &ModelGraph) -> Result<()> {
    let ending = request.out.as_deref().map(GraphEnding::of).transpose()?;
    let file = ModelFile::read(&request.model)?;
    let model = file.compile()?;
    let step = Step::begin("trace the model");
    let whole = model.causal_graph(request.loops).map_err(|source| file.fault(source))?;
    step.end(&format!(
        "{} variables, {} effects, {} loops",
        whole.nodes.len(),
        whole.edges.len(),
        whole.loops.len()
    ));
    let graph = match places(&file, &whole, &names(&request.keep))? {
        Some(kept) => whole.folded(&kept, request.loops),
        None => whole,
    };
    if !graph.loops_complete {
        say!(
            "note: there are more loops than the {} listed; --loops looks for more, --keep \
             folds them",
            graph.loops.len()
        );
    }
    match (ending, request.out.as_deref()) {
        (Some(GraphEnding::Graphml), Some(path)) => {
            Ok(export::write_text(path, &graph.to_graphml())?)
        }
        (Some(GraphEnding::Svg), Some(path)) => {
            let shown =
                if request.keep.is_empty() { &drawn_by_default(&graph, request)? } else { &graph };
            Ok(export::write_text(path, &drawing(&file, shown)?)?)
        }
        (Some(GraphEnding::Table), Some(path)) => save(&effects(&graph)?, request.format, path),
        _ => print(&effects(&graph)?, request.format),
    }
}

enum GraphEnding {
    Svg,
    Graphml,
    Table,
}

impl GraphEnding {
    fn of(path: &Path) -> Result<Self> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("svg") => Ok(Self::Svg),
            Some("graphml") => Ok(Self::Graphml),
            _ if export::Format::of_path(path).is_some() => Ok(Self::Table),
            _ => Err(Error::Option {
                option: "--out",
                found: path.display().to_string(),
                expected: "a name that ends in .svg, .graphml, .csv, .parquet, .json or .md",
            }),
        }
    }
}

/// Places of the variables named; nothing when none are.
fn places(file: &ModelFile, graph: &CausalGraph, named: &[String]) -> Result<Option<Vec<usize>>> {
    let place = |name: &String| {
        let wanted = canonical_name(name);
        let found = graph.nodes.iter().position(|node| canonical_name(&node.name) == wanted);
        found.ok_or_else(|| file.unknown(name, graph.nodes.iter().map(|node| &node.name)))
    };
    let found: Vec<usize> = named.iter().map(place).collect::<Result<_>>()?;
    Ok((!found.is_empty()).then_some(found))
}

/// What is drawn when nobody says: what changes and, where that is too much, the stocks.
fn drawn_by_default(whole: &CausalGraph, request: &ModelGraph) -> Result<CausalGraph> {
    let places = |wanted: &dyn Fn(&CausalNode) -> bool| -> Vec<usize> {
        (0..whole.nodes.len()).filter(|&at| wanted(&whole.nodes[at])).collect()
    };
    let mut shown = places(&|node| request.constants || !node.is_constant);
    if shown.len() > MOST_DRAWN {
        shown = places(&|node| node.kind == Kind::Stock);
        say!("note: only stocks are drawn; --keep names other variables");
    }
    if shown.is_empty() || shown.len() > MOST_DRAWN {
        return Err(Error::TooManyToDraw { found: shown.len(), limit: MOST_DRAWN });
    }
    Ok(whole.folded(&shown, request.loops))
}

/// The diagram as SVG.
fn drawing(file: &ModelFile, graph: &CausalGraph) -> Result<String> {
    if graph.nodes.len() > MOST_DRAWN {
        return Err(Error::TooManyToDraw { found: graph.nodes.len(), limit: MOST_DRAWN });
    }
    let concepts: Vec<String> = graph.nodes.iter().map(|node| spelt(&node.name)).collect();
    let arrows: Vec<Link> = graph
        .edges
        .iter()
        .filter(|edge| edge.from != edge.to)
        .map(|edge| Link {
            from: edge.from,
            to: edge.to,
            polarity: drawn(edge.polarity),
            delayed: edge.delayed,
            state: LinkState::Modelled,
            note: if edge.delayed { "over time" } else { "at once" }.to_owned(),
        })
        .collect();
    let chart = CausalDiagram { concepts: &concepts, links: &arrows };
    Ok(causal_diagram(&heading(file, graph), &chart)?.standalone_svg().to_owned())
}

fn heading(file: &ModelFile, graph: &CausalGraph) -> Heading {
    let name = match file.document.name.trim() {
        "" => file.path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned()),
        name => name.to_owned(),
    };
    let count = |kind| graph.loops.iter().filter(|found| found.kind == kind).count();
    let alone = graph.edges.iter().filter(|edge| edge.from == edge.to).count();
    let (reinforcing, balancing) = (count(LoopKind::Reinforcing), count(LoopKind::Balancing));
    let more = if graph.loops_complete { "" } else { " or more" };
    let title = format!(
        "{name}: {reinforcing} reinforcing and {balancing} balancing loops{more} among {} variables",
        graph.nodes.len()
    );
    let alone = match alone {
        0 => String::new(),
        1 => " One effect of a variable on itself is not drawn.".to_owned(),
        more => format!(" {more} effects of a variable on itself are not drawn."),
    };
    let caption = format!(
        "Effects follow from the equations; signs are those seen on the model's own run.{alone}"
    );
    let description = "Variables on an oval joined by arrows with the sign of the effect beside the \
                       head; two strokes cross an arrow whose effect builds up over time.";
    Heading::new("causal-loops", &title, &caption, description)
}

/// A name for people: white space instead of the underscores that stand for it.
fn spelt(name: &str) -> String {
    name.replace("\\n", " ").replace('_', " ")
}

fn drawn(polarity: Polarity) -> sanad_figure::Polarity {
    match polarity {
        Polarity::Positive => sanad_figure::Polarity::Positive,
        Polarity::Negative => sanad_figure::Polarity::Negative,
        Polarity::Mixed => sanad_figure::Polarity::Mixed,
        Polarity::Unseen => sanad_figure::Polarity::Unknown,
    }
}

/// A row for each effect.
fn effects(graph: &CausalGraph) -> Result<Table> {
    let name = |at: usize| Some(graph.nodes[at].name.as_str());
    Ok(Columns::default()
        .text("from", graph.edges.iter().map(|edge| name(edge.from)))
        .text("to", graph.edges.iter().map(|edge| name(edge.to)))
        .text("polarity", graph.edges.iter().map(|edge| Some(edge.polarity.sign())))
        .flag("delayed", graph.edges.iter().map(|edge| edge.delayed).collect::<Vec<_>>())
        .finish()?)
}
