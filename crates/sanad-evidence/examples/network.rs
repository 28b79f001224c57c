//! Prints a made-up network as GEXF and GraphML with its measures, for `bench/cycle/network.py`.

#![allow(clippy::print_stdout, reason = "an example prints its results")]

use sanad_evidence::network::{Network, Organisation, Tie, TieKind, gexf, graphml, snapshot};

fn main() {
    let organisations = (0..14)
        .map(|k| Organisation {
            name: format!("Group {k} <&>"),
            family: format!("family {}", k % 3),
        })
        .collect();
    let kinds =
        [TieKind::Alliance, TieKind::Merger, TieKind::Alliance, TieKind::Split, TieKind::Rivalry];
    let ties = (0..22_usize)
        .map(|k| Tie {
            first: k % 11,
            second: (k * 5 + 1 + k / 11) % 12 + usize::from((k * 5 + 1 + k / 11) % 12 == k % 11),
            kind: kinds[k % kinds.len()],
            from_month: 400 + k as i32,
            to_month: (k % 3 == 0).then_some(430 + k as i32),
        })
        .collect();
    let network = Network::new(organisations, ties).expect("a valid network");
    let found = snapshot(&network, 425);
    println!("== gexf\n{}", gexf(&network));
    println!("== graphml\n{}", graphml(&network, 425));
    println!("== betweenness");
    for (k, value) in found.betweenness.iter().enumerate() {
        println!("{k},{value}");
    }
    let sizes: Vec<String> = found.components.iter().map(|c| c.len().to_string()).collect();
    println!("== components\n{}", sizes.join(","));
}
