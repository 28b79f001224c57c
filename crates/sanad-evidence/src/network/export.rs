//! The network in the forms Gephi and networkx open: GEXF 1.3 with dates, GraphML for one month.

use core::fmt::Write;

use sanad_core::escape::markup as escaped;

use super::{Network, Tie};

/// The whole network with the months each tie holds, as dynamic GEXF 1.3 (time format date, spells
/// at the first day of the first month to the last day of the last).
#[must_use]
pub fn gexf(network: &Network) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <gexf xmlns=\"http://gexf.net/1.3\" version=\"1.3\">\n\
         \x20 <graph mode=\"dynamic\" defaultedgetype=\"undirected\" timeformat=\"date\">\n\
         \x20   <attributes class=\"node\">\n\
         \x20     <attribute id=\"0\" title=\"family\" type=\"string\"/>\n\
         \x20   </attributes>\n\
         \x20   <attributes class=\"edge\">\n\
         \x20     <attribute id=\"0\" title=\"tie\" type=\"string\"/>\n\
         \x20   </attributes>\n\
         \x20   <nodes>\n",
    );
    for (k, one) in network.organisations().iter().enumerate() {
        let (name, family) = (escaped(&one.name), escaped(&one.family));
        line(
            &mut out,
            &format!(
                "      <node id=\"{k}\" label=\"{name}\"><attvalues><attvalue for=\"0\" value=\"{family}\"/></attvalues></node>"
            ),
        );
    }
    out.push_str("    </nodes>\n    <edges>\n");
    for (k, tie) in network.ties().iter().enumerate() {
        line(&mut out, &gexf_edge(k, tie));
    }
    out.push_str("    </edges>\n  </graph>\n</gexf>\n");
    out
}

fn gexf_edge(k: usize, tie: &Tie) -> String {
    let start = first_day(tie.from_month);
    let end = tie.to_month.map_or(String::new(), |month| format!(" end=\"{}\"", last_day(month)));
    format!(
        "      <edge id=\"{k}\" source=\"{}\" target=\"{}\" start=\"{start}\"{end}><attvalues><attvalue for=\"0\" value=\"{}\"/></attvalues></edge>",
        tie.first,
        tie.second,
        tie.kind.label()
    )
}

/// The ties that hold in one month, as GraphML.
#[must_use]
pub fn graphml(network: &Network, month: i32) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n\
         \x20 <key id=\"label\" for=\"node\" attr.name=\"label\" attr.type=\"string\"/>\n\
         \x20 <key id=\"family\" for=\"node\" attr.name=\"family\" attr.type=\"string\"/>\n\
         \x20 <key id=\"tie\" for=\"edge\" attr.name=\"tie\" attr.type=\"string\"/>\n\
         \x20 <graph edgedefault=\"undirected\">\n",
    );
    for (k, one) in network.organisations().iter().enumerate() {
        let (name, family) = (escaped(&one.name), escaped(&one.family));
        line(
            &mut out,
            &format!(
                "    <node id=\"n{k}\"><data key=\"label\">{name}</data><data key=\"family\">{family}</data></node>"
            ),
        );
    }
    for (k, tie) in network.ties().iter().enumerate().filter(|(_, tie)| tie.holds(month)) {
        line(
            &mut out,
            &format!(
                "    <edge id=\"e{k}\" source=\"n{}\" target=\"n{}\"><data key=\"tie\">{}</data></edge>",
                tie.first,
                tie.second,
                tie.kind.label()
            ),
        );
    }
    out.push_str("  </graph>\n</graphml>\n");
    out
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("writing to a string does not fail");
}

fn year_month(month_id: i32) -> (i32, i32) {
    let months = month_id - 1;
    (1980 + months.div_euclid(12), months.rem_euclid(12) + 1)
}

fn first_day(month_id: i32) -> String {
    let (year, month) = year_month(month_id);
    format!("{year:04}-{month:02}-01")
}

fn last_day(month_id: i32) -> String {
    let (year, month) = year_month(month_id);
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    format!("{year:04}-{month:02}-{days:02}")
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
            assert!(text.contains("x\u{fffd}\u{fffd}[31m\u{fffd} y&quot;'"), "{text}");
            let hidden = |letter: &char| sanad_core::escape::is_hidden(*letter) && *letter != '\n';
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
        assert_eq!(last_day(386), "2012-02-29");
    }
}
