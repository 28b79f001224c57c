//! The organisations' network by month.

use sanad_core::Month;
use sanad_evidence::network::{Network, Snapshot, snapshot};
use sanad_store::{Columns, Table};

use crate::error::Result;
use crate::network::months_of_change;

/// A row for each organisation in one month: its component, and how far it lies between others.
/// Components are numbered from 1, the largest first; an organisation without a tie in the month is
/// a component by itself.
///
/// # Errors
///
/// None that a caller could cause.
pub fn organisation_table(network: &Network, month: Month) -> Result<Table> {
    let found = snapshot(network, month.id());
    let all = network.organisations();
    let component = |k: usize| found.components.iter().position(|part| part.contains(&k));
    let numbers: Vec<i64> =
        (0..all.len()).map(|k| component(k).map_or(0, |at| at as i64 + 1)).collect();
    let sizes: Vec<i64> = (0..all.len())
        .map(|k| component(k).map_or(0, |at| found.components[at].len() as i64))
        .collect();
    Ok(Columns::default()
        .text("organisation", all.iter().map(|one| Some(&one.name)))
        .text("family", all.iter().map(|one| Some(&one.family)))
        .int64("component", numbers)
        .int64("component_size", sizes)
        .float64("betweenness", found.betweenness.clone())
        .float64("share_of_ties_to_other_families", found.bridging.clone())
        .finish()?)
}

/// A row for each month in which a tie begins or has ended. `fragmentation` is the chance that two
/// organisations, drawn with replacement, lie in different components.
///
/// # Errors
///
/// None that a caller could cause.
pub fn tie_month_table(network: &Network) -> Result<Table> {
    let months = months_of_change(network);
    let found: Vec<Snapshot> = months.iter().map(|&month| snapshot(network, month)).collect();
    let holding = |snapshot: &Snapshot, binds: bool| {
        let ties = network.ties().iter();
        ties.filter(|tie| tie.holds(snapshot.month) && tie.kind.binds() == binds).count() as i64
    };
    let connected = |snapshot: &Snapshot| {
        snapshot.components.iter().filter(|part| part.len() > 1).count() as i64
    };
    let largest = |snapshot: &Snapshot| snapshot.components.first().map_or(0, Vec::len) as i64;
    let central = |snapshot: &Snapshot| {
        let most = (0..snapshot.betweenness.len()).max_by(|&a, &b| {
            snapshot.betweenness[a].total_cmp(&snapshot.betweenness[b]).then(b.cmp(&a))
        });
        most.filter(|&at| snapshot.betweenness[at] > 0.0)
            .map(|at| network.organisations()[at].name.clone())
    };
    let bridges = |snapshot: &Snapshot| {
        let names = snapshot.bridges();
        let names: Vec<&str> =
            names.iter().map(|&at| network.organisations()[at].name.as_str()).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let whole = |of: &dyn Fn(&Snapshot) -> i64| found.iter().map(of).collect::<Vec<i64>>();
    Ok(Columns::default()
        .text("month", months.iter().map(|&month| Some(Month::from_id(month).to_string())))
        .int64("binding_ties", whole(&|row| holding(row, true)))
        .int64("rivalries_and_splits", whole(&|row| holding(row, false)))
        .int64("connected_groups", whole(&connected))
        .int64("largest_group", whole(&largest))
        .float64(
            "fragmentation",
            found.iter().map(|found| found.fragmentation).collect::<Vec<f64>>(),
        )
        .text("most_between", found.iter().map(central))
        .text("bridge_families", found.iter().map(bridges))
        .finish()?)
}
