//! The network in the forms Gephi and networkx open: GEXF 1.3 with dates, GraphML for one month.

use sanad_core::Month;
use sanad_core::escape;
use sanad_core::graphml::{EdgeDirection, GraphMl, KeyOf};
use sanad_core::xml::{self, XmlElement};

use super::{Network, Organisation, Tie};

/// The whole network with the months each tie holds, as dynamic GEXF 1.3 (time format date, spells
/// at the first day of the first month to the last day of the last).
#[must_use]
pub fn gexf(network: &Network) -> String {
    let organisations = network.organisations().iter().enumerate();
    let mut nodes = XmlElement::new("nodes");
    nodes.children = organisations.map(|(k, one)| gexf_node(k, one)).collect();
    let mut edges = XmlElement::new("edges");
    edges.children = network.ties().iter().enumerate().map(|(k, tie)| gexf_edge(k, tie)).collect();
    let mut graph = XmlElement::new("graph")
        .attribute("mode", "dynamic")
        .attribute("defaultedgetype", "undirected")
        .attribute("timeformat", "date");
    graph.children =
        vec![gexf_attribute("node", "family"), gexf_attribute("edge", "tie"), nodes, edges];
    let mut root = XmlElement::new("gexf")
        .attribute("xmlns", "http://gexf.net/1.3")
        .attribute("version", "1.3");
    root.children.push(graph);
    xml::write(&root)
}

/// The declaration of the one attribute that nodes or edges have, under the number 0.
fn gexf_attribute(class: &str, title: &str) -> XmlElement {
    let mut attributes = XmlElement::new("attributes").attribute("class", class);
    attributes.children.push(
        XmlElement::new("attribute")
            .attribute("id", "0")
            .attribute("title", title)
            .attribute("type", "string"),
    );
    attributes
}

/// The value of that attribute.
fn gexf_value(value: &str) -> XmlElement {
    let mut values = XmlElement::new("attvalues");
    let value = XmlElement::new("attvalue").attribute("for", "0").attribute("value", value);
    values.children.push(value);
    values
}

/// An organisation.
fn gexf_node(k: usize, one: &Organisation) -> XmlElement {
    let mut node = XmlElement::new("node")
        .attribute("id", &k.to_string())
        .attribute("label", &escape::line(&one.name));
    node.children.push(gexf_value(&escape::line(&one.family)));
    node
}

/// A tie with the days on which it begins and ends.
fn gexf_edge(k: usize, tie: &Tie) -> XmlElement {
    let start = Month::from_id(tie.from_month).first_day();
    let mut edge = XmlElement::new("edge")
        .attribute("id", &k.to_string())
        .attribute("source", &tie.first.to_string())
        .attribute("target", &tie.second.to_string())
        .attribute("start", &start.to_string());
    if let Some(month) = tie.to_month {
        edge = edge.attribute("end", &Month::from_id(month).last_day().to_string());
    }
    edge.children.push(gexf_value(tie.kind.label()));
    edge
}

/// The ties that hold in one month, as GraphML.
#[must_use]
pub fn graphml(network: &Network, month: i32) -> String {
    let mut graph = GraphMl::new("organisations", EdgeDirection::Undirected);
    graph.key("label", KeyOf::Node, "string");
    graph.key("family", KeyOf::Node, "string");
    graph.key("tie", KeyOf::Edge, "string");
    for (k, one) in network.organisations().iter().enumerate() {
        let (name, family) = (escape::line(&one.name), escape::line(&one.family));
        graph.node(k, &[("label", &name), ("family", &family)]);
    }
    for tie in network.ties().iter().filter(|tie| tie.holds(month)) {
        graph.edge(tie.first, tie.second, &[("tie", tie.kind.label())]);
    }
    graph.text()
}

#[cfg(test)]
mod tests {
    use super::super::{Organisation, TieKind};
    use super::*;

    #[test]
    fn names_hold_no_character_that_cannot_be_seen() {
        let name = "x\u{202e}\u{1b}[31m\u{0}\ny\"'";
        let one = Organisation { name: name.into(), family: name.into() };
        let network = Network::new(vec![one], Vec::new()).unwrap();
        for text in [gexf(&network), graphml(&network, 409)] {
            assert!(text.contains("x\u{fffd}\u{fffd}[31m\u{fffd} y&quot;&apos;"), "{text}");
            // Lines and their indentation are the writer's own.
            let hidden = |letter: &char| {
                sanad_core::escape::is_hidden(*letter) && !matches!(letter, '\n' | '\t')
            };
            assert_eq!(text.chars().find(hidden), None);
        }
    }

    #[test]
    fn months_are_dated_and_names_escaped() {
        let one = |name: &str| Organisation { name: name.into(), family: "A & B".into() };
        let tie =
            Tie { first: 0, second: 1, kind: TieKind::Split, from_month: 409, to_month: Some(410) };
        let network = Network::new(vec![one("x<y"), one("z")], vec![tie]).unwrap();
        let text = gexf(&network);
        // month_id 409 is January 2014.
        assert!(text.contains("start=\"2014-01-01\" end=\"2014-02-28\""), "{text}");
        assert!(text.contains("label=\"x&lt;y\"") && text.contains("value=\"A &amp; B\""));
        assert!(graphml(&network, 409).contains("source=\"n0\" target=\"n1\""));
        assert!(!graphml(&network, 411).contains("<edge"));
    }
}
