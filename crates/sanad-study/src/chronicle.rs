//! The chronicle and the ties as the briefing shows them.

use std::collections::BTreeMap;

use sanad_brief::{Entry, Network, Organisation, Tie};
use sanad_case::{Case, DeclaredFamily};
use sanad_core::actor::Actor;
use sanad_core::chronicle::{ActEffect, ChronicleRecord, Detail, RelationEffect};

/// Every record that the text describes, in order of time; every record where the case follows no
/// text.
pub(crate) fn entries(case: &Case, records: &[ChronicleRecord]) -> Vec<Entry> {
    let follows_a_text = case.text.is_some();
    let described = records.iter().filter(|record| record.entry.paragraph > 0 || !follows_a_text);
    let mut entries: Vec<Entry> = described
        .map(|record| Entry {
            id: record.entry.id.clone(),
            kind: record.detail.kind(),
            when: record.entry.when,
            paragraph: record.entry.paragraph,
            fronts: record.entry.fronts.clone(),
            summary: record.entry.summary.clone(),
            sign: sign(&record.detail),
        })
        .collect();
    entries.sort_by(|a, b| (a.when.start(), &a.id).cmp(&(b.when.start(), &b.id)));
    entries
}

/// Organisations and families as a case lists them.
#[derive(Clone, Copy)]
pub(crate) struct Listed<'a> {
    /// Organisations and states.
    pub(crate) actors: &'a [Actor],
    /// Their families, in the order of charts.
    pub(crate) families: &'a [DeclaredFamily],
}

/// The organisations that have a tie, and their ties.
pub(crate) fn network(listed: Listed<'_>, records: &[ChronicleRecord]) -> Network {
    let families = listed.families.iter().map(|family| family.title.clone()).collect();
    let mut network = Network { families, ..Network::default() };
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for record in records {
        let Detail::Tie(tie) = &record.detail else { continue };
        let mut position = |id| organisation(listed, id, &mut known, &mut network.organisations);
        let (Some(a), Some(b)) = (position(&tie.a), position(&tie.b)) else { continue };
        network.ties.push(Tie {
            a,
            b,
            kind: tie.tie_kind,
            when: record.entry.when,
            until: tie.until,
            alleged_by: tie.alleged_by.clone(),
            summary: record.entry.summary.clone(),
        });
    }
    network
}

/// Position of an organisation in the list, which it joins when it is first named; nothing for
/// one that the case does not have.
fn organisation<'a>(
    listed: Listed<'a>,
    id: &'a str,
    known: &mut BTreeMap<&'a str, usize>,
    organisations: &mut Vec<Organisation>,
) -> Option<usize> {
    if let Some(&at) = known.get(id) {
        return Some(at);
    }
    let actor = listed.actors.iter().find(|actor| actor.id == id)?;
    organisations.push(Organisation {
        label: actor.label().to_owned(),
        family: listed.families.iter().position(|one| one.id == actor.family)?,
        from: actor.from,
        to: actor.to,
    });
    known.insert(id, organisations.len() - 1);
    Some(organisations.len() - 1)
}

/// Whether a record strains (−1), eases (1) or neither (0).
fn sign(detail: &Detail) -> i8 {
    match detail {
        Detail::Event(_) => -1,
        Detail::Act(act) => match act.effect {
            ActEffect::Tightens => -1,
            ActEffect::Eases => 1,
            ActEffect::Neutral => 0,
        },
        Detail::Relation(relation) => match relation.effect {
            RelationEffect::Conflict => -1,
            RelationEffect::Cooperation => 1,
            RelationEffect::Neutral => 0,
        },
        _ => 0,
    }
}
