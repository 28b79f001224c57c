//! The graph as GraphML. For programs that draw and measure networks, such as Gephi, yEd or igraph.

use sanad_core::graphml::{EdgeDirection, GraphMl, KeyOf};

use crate::document::Kind;
use crate::graph::{CausalGraph, LoopKind};

/// What the file says of nodes, edges and the graph. Name of the key, what it belongs to, and its
/// type in GraphML.
const KEYS: [(&str, KeyOf, &str); 8] = [
    ("name", KeyOf::Node, "string"),
    ("kind", KeyOf::Node, "string"),
    ("elements", KeyOf::Node, "int"),
    ("constant", KeyOf::Node, "boolean"),
    ("units", KeyOf::Node, "string"),
    ("polarity", KeyOf::Edge, "string"),
    ("delayed", KeyOf::Edge, "boolean"),
    ("loops", KeyOf::Graph, "string"),
];

impl CausalGraph {
    /// GraphML text: nodes with name, kind, elements and units; edges with polarity and delay; the
    /// loops as text of the graph. Polarity is `+`, `-`, `±` or `?`. A node without units has no
    /// value for them.
    #[must_use]
    pub fn to_graphml(&self) -> String {
        let mut graph = GraphMl::new("model", EdgeDirection::Directed);
        KEYS.iter().for_each(|(name, of, kind)| graph.key(name, *of, kind));
        graph.value("loops", &self.loop_lines().join("\n"));
        for (number, node) in self.nodes.iter().enumerate() {
            let kind = match node.kind {
                Kind::Stock => "stock",
                Kind::Flow => "flow",
                _ => "auxiliary",
            };
            let (elements, constant) = (node.elements.to_string(), node.is_constant.to_string());
            let mut values = vec![
                ("name", node.name.as_str()),
                ("kind", kind),
                ("elements", &elements),
                ("constant", &constant),
            ];
            values.extend(node.units.iter().map(|units| ("units", units.as_str())));
            graph.node(number, &values);
        }
        for edge in &self.edges {
            let delayed = edge.delayed.to_string();
            let values = [("polarity", edge.polarity.sign()), ("delayed", delayed.as_str())];
            graph.edge(edge.from, edge.to, &values);
        }
        graph.text()
    }

    /// One line per loop: R, B or ?, its variables, and its delays. Loops are numbered within their
    /// kind, in the order of [`loops`](Self::loops): R1, R2, B1.
    #[must_use]
    pub fn loop_lines(&self) -> Vec<String> {
        let mut counts = [0; 3];
        self.loops
            .iter()
            .map(|found| {
                let (place, letter) = match found.kind {
                    LoopKind::Reinforcing => (0, "R"),
                    LoopKind::Balancing => (1, "B"),
                    LoopKind::Unclear => (2, "?"),
                };
                counts[place] += 1;
                let names: Vec<&str> =
                    found.nodes.iter().map(|&node| self.nodes[node].name.as_str()).collect();
                let number = counts[place];
                format!("{letter}{number}: {} (delays: {})", names.join(" → "), found.delays)
            })
            .collect()
    }
}
