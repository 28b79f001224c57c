//! Causal graphs, polarity and loops.

use sanad_scenario::{LoopKind, Polarity};

use crate::{compile, file, variables};

const BODY: &str = r#"<stock name="population"><eqn>100</eqn><inflow>births</inflow><outflow>deaths</outflow></stock>
    <flow name="births"><eqn>population * fertility</eqn></flow>
    <flow name="deaths"><eqn>population / life</eqn></flow>
    <aux name="life"><eqn>50 * crowding</eqn></aux>
    <aux name="crowding"><eqn>SMTH3(population / 1000, 10)</eqn><gf><xscale min="0" max="2"/><ypts>1,0.6,0.2</ypts></gf></aux>
    <aux name="fertility"><eqn>0.04</eqn></aux><aux name="wave"><eqn>SIN(population)</eqn></aux>"#;

fn graph() -> sanad_scenario::CausalGraph {
    compile(&file(0.0, 200.0, 0.5, &variables(BODY))).causal_graph(100).expect("a graph")
}

fn edge(from: &str, to: &str) -> (Polarity, bool) {
    let graph = graph();
    let place = |name: &str| graph.nodes.iter().position(|node| node.name == name).expect("a node");
    let (from, to) = (place(from), place(to));
    let edge = graph.edges.iter().find(|edge| edge.from == from && edge.to == to).expect("an edge");
    (edge.polarity, edge.delayed)
}

#[test]
fn effects_have_their_sign_and_delay() {
    assert_eq!(edge("births", "population"), (Polarity::Positive, true));
    assert_eq!(edge("deaths", "population"), (Polarity::Negative, true));
    assert_eq!(edge("population", "births"), (Polarity::Positive, false));
    assert_eq!(edge("life", "deaths"), (Polarity::Negative, false));
    assert_eq!(edge("population", "crowding"), (Polarity::Negative, true));
    assert_eq!(edge("population", "wave").0, Polarity::Mixed);
}

#[test]
fn loops_are_found_with_their_kind() {
    let graph = graph();
    assert!(graph.loops_complete);
    let kinds: Vec<(LoopKind, usize)> =
        graph.loops.iter().map(|found| (found.kind, found.nodes.len())).collect();
    assert_eq!(
        kinds,
        [(LoopKind::Reinforcing, 2), (LoopKind::Balancing, 2), (LoopKind::Balancing, 4)]
    );
    assert!(graph.loop_lines()[0].starts_with("R1: population → births"));
}

#[test]
fn the_search_for_loops_can_be_bounded() {
    let graph = compile(&file(0.0, 9.0, 1.0, &variables(BODY))).causal_graph(1).expect("a graph");
    assert_eq!(graph.loops.len(), 1);
    assert!(!graph.loops_complete);
}

#[test]
fn graphml_names_every_node_and_edge() {
    let graph = graph();
    let text = graph.to_graphml();
    assert_eq!(text.matches("<node ").count(), graph.nodes.len());
    assert_eq!(text.matches("<edge ").count(), graph.edges.len());
    assert!(text.contains("<data key=\"polarity\">-</data>"));
}
