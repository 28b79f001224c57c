//! The network of organisations by month, from dated ties.
//!
//! Nodes are organisations, never persons. The graphs are small (tens of nodes), so the measures are
//! written here in a few lines each rather than taken from a graph library; networkx is the outside
//! check (`bench/cycle/network.py`).

mod coordination;
mod export;
mod measures;

pub use coordination::{
    Attack, CoordinationSettings, CoordinationTest, coordination_test, days_of_family,
};
pub use export::{gexf, graphml};
pub use measures::{Snapshot, snapshot};

use crate::error::Error;

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Name, unique in the network.
    pub name: String,
    /// Family it belongs to (Islamist, Baloch, …).
    pub family: String,
}

/// What a tie between two organisations is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TieKind {
    /// Pledge or announced cooperation.
    Alliance,
    /// One joined the other.
    Merger,
    /// One came out of the other.
    Split,
    /// They fought or denounced each other.
    Rivalry,
}

impl TieKind {
    /// Whether the tie binds its two ends; a split or a rivalry does not.
    #[must_use]
    pub fn binds(self) -> bool {
        matches!(self, Self::Alliance | Self::Merger)
    }

    /// The word of files.
    fn label(self) -> &'static str {
        match self {
            Self::Alliance => "alliance",
            Self::Merger => "merger",
            Self::Split => "split",
            Self::Rivalry => "rivalry",
        }
    }
}

/// A dated tie between two organisations, by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tie {
    /// One end.
    pub first: usize,
    /// The other end.
    pub second: usize,
    /// Kind.
    pub kind: TieKind,
    /// First month, as a month_id: (year − 1980) · 12 + month.
    pub from_month: i32,
    /// Last month; `None` if it lasts.
    pub to_month: Option<i32>,
}

impl Tie {
    /// Whether the tie holds in a month.
    #[must_use]
    pub fn holds(&self, month: i32) -> bool {
        self.from_month <= month && self.to_month.is_none_or(|last| month <= last)
    }
}

/// Organisations and their dated ties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    organisations: Vec<Organisation>,
    ties: Vec<Tie>,
}

impl Network {
    /// A network of organisations with unique names and ties between two different ones.
    ///
    /// # Errors
    /// If a name is repeated, or a tie names an unknown organisation, joins one to itself or ends
    /// before it begins.
    pub fn new(organisations: Vec<Organisation>, ties: Vec<Tie>) -> Result<Self, Error> {
        let count = organisations.len();
        for (k, one) in organisations.iter().enumerate() {
            if organisations[..k].iter().any(|other| other.name == one.name) {
                return Err(Error::value("organisations", k, k as f64, "of a name not yet used"));
            }
        }
        for (k, tie) in ties.iter().enumerate() {
            let known = tie.first < count && tie.second < count && tie.first != tie.second;
            if !known {
                return Err(Error::value("ties", k, k as f64, "between two known organisations"));
            }
            if tie.to_month.is_some_and(|last| last < tie.from_month) {
                return Err(Error::value("ties", k, k as f64, "ended no earlier than begun"));
            }
        }
        Ok(Self { organisations, ties })
    }

    /// Organisations.
    #[must_use]
    pub fn organisations(&self) -> &[Organisation] {
        &self.organisations
    }

    /// Ties.
    #[must_use]
    pub fn ties(&self) -> &[Tie] {
        &self.ties
    }

    /// Neighbours of every organisation over the binding ties of a month, sorted, each once.
    pub(super) fn neighbours(&self, month: i32) -> Vec<Vec<usize>> {
        let mut out = vec![Vec::new(); self.organisations.len()];
        for tie in self.ties.iter().filter(|tie| tie.kind.binds() && tie.holds(month)) {
            out[tie.first].push(tie.second);
            out[tie.second].push(tie.first);
        }
        for list in &mut out {
            list.sort_unstable();
            list.dedup();
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_networks_are_refused() {
        let one = |name: &str| Organisation { name: name.into(), family: "f".into() };
        let tie =
            Tie { first: 0, second: 1, kind: TieKind::Alliance, from_month: 5, to_month: Some(9) };
        let with = |ties| Network::new(vec![one("a"), one("b")], ties);
        assert!(with(vec![tie]).is_ok());
        assert!(with(vec![Tie { second: 0, ..tie }]).unwrap_err().is_invalid_input());
        assert!(with(vec![Tie { second: 2, ..tie }]).unwrap_err().is_invalid_input());
        assert!(with(vec![Tie { to_month: Some(4), ..tie }]).unwrap_err().is_invalid_input());
        assert!(Network::new(vec![one("a"), one("a")], vec![]).unwrap_err().is_invalid_input());
    }
}
