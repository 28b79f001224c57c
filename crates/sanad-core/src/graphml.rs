//! Graphs as GraphML (U. Brandes and others, "GraphML progress report: structural layer proposal",
//! Graph Drawing 2001), which networkx, igraph and yEd read.

use crate::escape::lines;
use crate::xml::{self, XmlElement};

/// What a key describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOf {
    /// The graph as a whole.
    Graph,
    /// Its nodes.
    Node,
    /// Its edges.
    Edge,
}

/// Whether edges have a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EdgeDirection {
    /// From source to target.
    Directed,
    /// Source and target are the same to the graph.
    Undirected,
}

/// A graph that is being written; every value names a key that was declared.
///
/// ```
/// use sanad_core::graphml::{EdgeDirection, GraphMl, KeyOf};
///
/// let mut graph = GraphMl::new("alliances", EdgeDirection::Undirected);
/// graph.key("name", KeyOf::Node, "string");
/// graph.node(0, &[("name", "one")]);
/// graph.node(1, &[("name", "other")]);
/// graph.edge(0, 1, &[]);
/// assert!(graph.text().contains("<edge id=\"e0\" source=\"n0\" target=\"n1\"/>"));
/// ```
#[derive(Debug, Clone)]
pub struct GraphMl {
    keys: Vec<XmlElement>,
    graph: XmlElement,
    edges: usize,
}

impl GraphMl {
    /// A graph without nodes, with its identifier.
    #[must_use]
    pub fn new(id: &str, direction: EdgeDirection) -> Self {
        let direction = match direction {
            EdgeDirection::Directed => "directed",
            EdgeDirection::Undirected => "undirected",
        };
        let graph =
            XmlElement::new("graph").attribute("id", id).attribute("edgedefault", direction);
        Self { keys: Vec::new(), graph, edges: 0 }
    }

    /// Declares a key, with its type in GraphML's words: `string`, `int`, `boolean`, `double`.
    pub fn key(&mut self, name: &str, of: KeyOf, kind: &str) {
        let of = match of {
            KeyOf::Graph => "graph",
            KeyOf::Node => "node",
            KeyOf::Edge => "edge",
        };
        self.keys.push(
            XmlElement::new("key")
                .attribute("id", name)
                .attribute("for", of)
                .attribute("attr.name", name)
                .attribute("attr.type", kind),
        );
    }

    /// A value of the graph itself.
    pub fn value(&mut self, key: &str, text: &str) {
        self.graph.children.push(data(key, text));
    }

    /// A node by its number, with its values by key.
    pub fn node(&mut self, number: usize, values: &[(&str, &str)]) {
        let node = XmlElement::new("node").attribute("id", &format!("n{number}"));
        self.push(node, values);
    }

    /// An edge between two nodes, by their numbers, with its values by key.
    pub fn edge(&mut self, source: usize, target: usize, values: &[(&str, &str)]) {
        let edge = XmlElement::new("edge")
            .attribute("id", &format!("e{}", self.edges))
            .attribute("source", &format!("n{source}"))
            .attribute("target", &format!("n{target}"));
        self.edges += 1;
        self.push(edge, values);
    }

    fn push(&mut self, mut element: XmlElement, values: &[(&str, &str)]) {
        element.children.extend(values.iter().map(|(key, text)| data(key, text)));
        self.graph.children.push(element);
    }

    /// The whole document.
    #[must_use]
    pub fn text(self) -> String {
        let mut root =
            XmlElement::new("graphml").attribute("xmlns", "http://graphml.graphdrawing.org/xmlns");
        root.children = self.keys;
        root.children.push(self.graph);
        xml::write(&root)
    }
}

/// A value, with what cannot be seen taken out of its text.
fn data(key: &str, text: &str) -> XmlElement {
    XmlElement::with_text("data", &lines(text)).attribute("key", key)
}
