//! What the network looks like in one month.

use std::collections::VecDeque;

use super::Network;

/// Measures of one month's network over its binding ties.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The month, as a month_id.
    pub month: i32,
    /// Connected components, each sorted, largest first (ties by their first member).
    pub components: Vec<Vec<usize>>,
    /// 1 − Σ (share of organisations in a component)²: 0 if all are connected, near 1 if all stand
    /// alone. The chance that two organisations drawn with replacement are in different components.
    pub fragmentation: f64,
    /// Betweenness of every organisation, normalised to 0..=1.
    pub betweenness: Vec<f64>,
    /// Share of each organisation's ties that lead to another family; 0 without ties.
    pub bridging: Vec<f64>,
}

impl Snapshot {
    /// Organisations with a tie to another family, those that lie on most shortest paths first.
    #[must_use]
    pub fn bridges(&self) -> Vec<usize> {
        let mut out: Vec<usize> =
            (0..self.bridging.len()).filter(|&k| self.bridging[k] > 0.0).collect();
        out.sort_by(|&a, &b| self.betweenness[b].total_cmp(&self.betweenness[a]).then(a.cmp(&b)));
        out
    }
}

/// Measures the network of one month.
#[must_use]
pub fn snapshot(network: &Network, month: i32) -> Snapshot {
    let neighbours = network.neighbours(month);
    let components = components(&neighbours);
    let count = neighbours.len().max(1) as f64;
    let together: f64 = components.iter().map(|c| (c.len() as f64 / count).powi(2)).sum();
    let family = |k: usize| &network.organisations()[k].family;
    let bridging = neighbours
        .iter()
        .enumerate()
        .map(|(k, list)| {
            let other = list.iter().filter(|&&l| family(l) != family(k)).count();
            other as f64 / list.len().max(1) as f64
        })
        .collect();
    Snapshot {
        month,
        fragmentation: if neighbours.is_empty() { 0.0 } else { 1.0 - together },
        betweenness: betweenness(&neighbours),
        components,
        bridging,
    }
}

/// The sets of nodes that reach one another.
fn components(neighbours: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut seen = vec![false; neighbours.len()];
    let mut out: Vec<Vec<usize>> = Vec::new();
    for start in 0..neighbours.len() {
        if seen[start] {
            continue;
        }
        seen[start] = true;
        let mut members = vec![start];
        let mut at = 0;
        while at < members.len() {
            for &next in &neighbours[members[at]] {
                if !seen[next] {
                    seen[next] = true;
                    members.push(next);
                }
            }
            at += 1;
        }
        members.sort_unstable();
        out.push(members);
    }
    out.sort_by(|a, b| b.len().cmp(&a.len()).then(a[0].cmp(&b[0])));
    out
}

/// U. Brandes, "A faster algorithm for betweenness centrality", J. Math. Sociol. 25 (2001), for
/// undirected graphs without weights.
fn betweenness(neighbours: &[Vec<usize>]) -> Vec<f64> {
    let n = neighbours.len();
    let mut out = vec![0.0; n];
    for source in 0..n {
        add_dependencies(neighbours, source, &mut out);
    }
    // Every pair was counted from both ends; (n − 1)(n − 2) ordered pairs pass a node at most.
    let pairs = (n.saturating_sub(1) * n.saturating_sub(2)) as f64;
    out.iter_mut().for_each(|b| *b = if pairs > 0.0 { *b / pairs } else { 0.0 });
    out
}

/// Adds the dependencies of one source on every node, δ(v) = Σ_w σ(v)/σ(w) (1 + δ(w)) over the
/// nodes w behind v on shortest paths (U. Brandes, "A faster algorithm for betweenness
/// centrality", Journal of Mathematical Sociology 25, 2001).
fn add_dependencies(neighbours: &[Vec<usize>], source: usize, out: &mut [f64]) {
    let n = neighbours.len();
    let (mut paths, mut distance) = (vec![0.0; n], vec![usize::MAX; n]);
    (paths[source], distance[source]) = (1.0, 0);
    let mut queue = VecDeque::from([source]);
    let mut order = Vec::new();
    while let Some(here) = queue.pop_front() {
        order.push(here);
        for &next in &neighbours[here] {
            if distance[next] == usize::MAX {
                distance[next] = distance[here] + 1;
                queue.push_back(next);
            }
            if distance[next] == distance[here] + 1 {
                paths[next] += paths[here];
            }
        }
    }
    let mut dependency = vec![0.0; n];
    for &here in order.iter().rev() {
        for &next in &neighbours[here] {
            if distance[next] == distance[here] + 1 {
                dependency[here] += paths[here] / paths[next] * (1.0 + dependency[next]);
            }
        }
        if here != source {
            out[here] += dependency[here];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Organisation, Tie, TieKind};
    use super::*;

    fn path() -> Network {
        let one =
            |name: &str, family: &str| Organisation { name: name.into(), family: family.into() };
        let tie =
            |first, second, kind, to_month| Tie { first, second, kind, from_month: 10, to_month };
        Network::new(
            vec![one("a", "x"), one("b", "x"), one("c", "y"), one("d", "y"), one("e", "y")],
            vec![
                tie(0, 1, TieKind::Alliance, None),
                tie(1, 2, TieKind::Merger, Some(20)),
                tie(2, 3, TieKind::Alliance, None),
                tie(3, 4, TieKind::Rivalry, None),
            ],
        )
        .unwrap()
    }

    #[test]
    fn a_path_has_the_betweenness_counted_by_hand() {
        let found = snapshot(&path(), 15);
        // a–b–c–d and e alone: b lies on a–c and a–d, c on a–d and b–d; six pairs without each.
        for (k, expected) in [0.0, 2.0 / 6.0, 2.0 / 6.0, 0.0, 0.0].into_iter().enumerate() {
            assert!((found.betweenness[k] - expected).abs() < 1e-12, "{k}");
        }
        assert_eq!(found.components, [vec![0, 1, 2, 3], vec![4]]);
        assert!((found.fragmentation - (1.0 - 0.64 - 0.04)).abs() < 1e-12);
        assert_eq!(found.bridging, [0.0, 0.5, 0.5, 0.0, 0.0]);
        assert_eq!(found.bridges(), [1, 2]);
    }

    #[test]
    fn ties_count_only_while_they_hold() {
        assert_eq!(snapshot(&path(), 9).components.len(), 5);
        assert_eq!(snapshot(&path(), 21).components, [vec![0, 1], vec![2, 3], vec![4]]);
    }
}
