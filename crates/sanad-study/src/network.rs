//! The organisations' network from the dated ties of a case.
//!
//! The measures (components, betweenness, fragmentation) are those of `sanad_evidence::network`;
//! here the ties of the chronicle become its input. An organisation without a tie is not in the
//! network.

use std::collections::BTreeMap;

use sanad_core::actor::{Actor, TieKind};
use sanad_core::chronicle::{ChronicleRecord, Detail, TieDetail};
use sanad_core::{Month, Precision};
use sanad_evidence::network::{Network, Organisation, Tie};

use crate::error::Result;

/// Organisations that have a tie, and their ties by month.
///
/// Membership of an umbrella and cooperation bind like an alliance. Left out are ties that somebody
/// alleges, support, and parts of an organisation: an outlet or a unit is no organisation of its
/// own. A tie dated by a span of months or years holds in that span; any other holds from its
/// first month until its end, where one is given.
///
/// Organisations stand in the order in which ties first name them; a tie to an actor that the case
/// does not list is left out.
///
/// # Errors
///
/// `Error::Evidence` where a tie ends before it begins, or two organisations have one label.
pub fn network(actors: &[Actor], chronicle: &[ChronicleRecord]) -> Result<Network> {
    let mut organisations: Vec<Organisation> = Vec::new();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    let mut ties = Vec::new();
    for record in chronicle {
        let Detail::Tie(tie) = &record.detail else { continue };
        let Some(kind) = kind(tie) else { continue };
        let mut at = |id| position(actors, id, &mut known, &mut organisations);
        let (Some(first), Some(second)) = (at(tie.a.as_str()), at(tie.b.as_str())) else {
            continue;
        };
        let when = record.entry.when;
        let span = when.precision() == Precision::Interval;
        let last = tie.until.map(|until| until.end()).or_else(|| span.then(|| when.end()));
        ties.push(Tie {
            first,
            second,
            kind,
            from_month: Month::from_date(when.start()).id(),
            to_month: last.map(|day| Month::from_date(day).id()),
        });
    }
    Ok(Network::new(organisations, ties)?)
}

/// What a tie is to the network; `None` for ties that are left out.
fn kind(tie: &TieDetail) -> Option<sanad_evidence::network::TieKind> {
    use sanad_evidence::network::TieKind as Kind;
    if tie.alleged_by.is_some() || tie.a == tie.b {
        return None;
    }
    match tie.tie_kind {
        TieKind::Alliance | TieKind::Member | TieKind::Cooperation => Some(Kind::Alliance),
        TieKind::Merger => Some(Kind::Merger),
        TieKind::Split => Some(Kind::Split),
        TieKind::Rivalry => Some(Kind::Rivalry),
        TieKind::Parent | TieKind::Support => None,
    }
}

/// Position of an organisation, which joins the list when a tie first names it; `None` for an actor
/// that the case does not list.
fn position<'a>(
    actors: &[Actor],
    id: &'a str,
    known: &mut BTreeMap<&'a str, usize>,
    organisations: &mut Vec<Organisation>,
) -> Option<usize> {
    if let Some(&at) = known.get(id) {
        return Some(at);
    }
    let actor = actors.iter().find(|actor| actor.id == id)?;
    organisations.push(Organisation {
        name: actor.label().to_owned(),
        family: actor.family.as_str().to_owned(),
    });
    known.insert(id, organisations.len() - 1);
    Some(organisations.len() - 1)
}

/// The months in which some tie begins, or in which the one before was the last of some tie. They
/// are `month_id`s, ascending, each once.
pub fn months_of_change(network: &Network) -> Vec<i32> {
    let begun = network.ties().iter().map(|tie| tie.from_month);
    let ended = network.ties().iter().filter_map(|tie| tie.to_month.map(|last| last + 1));
    let mut months: Vec<i32> = begun.chain(ended).collect();
    months.sort_unstable();
    months.dedup();
    months
}
