//! The graph as GraphML (Brandes and others, "GraphML progress report", Graph Drawing 2001).

use sanad_core::escape::lines;

use crate::document::Kind;
use crate::graph::{CausalGraph, LoopKind};
use crate::xmile::XmlElement;

const NAMESPACE: &str = "http://graphml.graphdrawing.org/xmlns";
const KEYS: [(&str, &str, &str); 8] = [
    ("name", "node", "string"),
    ("kind", "node", "string"),
    ("elements", "node", "int"),
    ("constant", "node", "boolean"),
    ("units", "node", "string"),
    ("polarity", "edge", "string"),
    ("delayed", "edge", "boolean"),
    ("loops", "graph", "string"),
];

impl CausalGraph {
    /// GraphML text: nodes with name, kind, elements and units; edges with polarity and delay; the
    /// loops as text of the graph.
    #[must_use]
    pub fn to_graphml(&self) -> String {
        let mut root = XmlElement::new("graphml").attribute("xmlns", NAMESPACE);
        for (name, place, kind) in KEYS {
            root.children.push(
                XmlElement::new("key")
                    .attribute("id", name)
                    .attribute("for", place)
                    .attribute("attr.name", name)
                    .attribute("attr.type", kind),
            );
        }
        let mut graph =
            XmlElement::new("graph").attribute("id", "model").attribute("edgedefault", "directed");
        graph.children.push(data("loops", &self.loop_lines().join("\n")));
        graph.children.extend(self.node_elements());
        graph.children.extend(self.edge_elements());
        root.children.push(graph);
        crate::xmile::write_tree(&root)
    }

    /// One line per loop: R, B or ?, its variables, and its delays.
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

    fn node_elements(&self) -> Vec<XmlElement> {
        let nodes = self.nodes.iter().enumerate();
        nodes
            .map(|(place, node)| {
                let mut element = XmlElement::new("node").attribute("id", &format!("n{place}"));
                let kind = match node.kind {
                    Kind::Stock => "stock",
                    Kind::Flow => "flow",
                    _ => "auxiliary",
                };
                element.children.push(data("name", &node.name));
                element.children.push(data("kind", kind));
                element.children.push(data("elements", &node.elements.to_string()));
                element.children.push(data("constant", &node.is_constant.to_string()));
                element.children.extend(node.units.iter().map(|units| data("units", units)));
                element
            })
            .collect()
    }

    fn edge_elements(&self) -> Vec<XmlElement> {
        let edges = self.edges.iter();
        edges
            .map(|edge| {
                let mut element = XmlElement::new("edge")
                    .attribute("source", &format!("n{}", edge.from))
                    .attribute("target", &format!("n{}", edge.to));
                element.children.push(data("polarity", edge.polarity.sign()));
                element.children.push(data("delayed", &edge.delayed.to_string()));
                element
            })
            .collect()
    }
}

fn data(key: &str, text: &str) -> XmlElement {
    XmlElement::with_text("data", &lines(text)).attribute("key", key)
}
