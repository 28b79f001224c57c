//! Which organisation, state or family a number of a source stands for, and which sides an event has.
//!
//! Sources give sides as numbers and a case gives actors their numbers. A number that no actor has
//! is an organisation of an unknown family: to call it a state or nobody would hide violence.

use std::collections::BTreeMap;

use sanad_case::{Case, Sides};
use sanad_core::actor::{Actor, ActorKind, Family};
use sanad_store::Tally;

/// UCDP's number for civilians, who are no organisation. Source: UCDP GED, `side_b_new_id`.
const CIVILIANS: i64 = 1;

/// UCDP's word for one-sided violence, of an organisation against civilians. Source: UCDP GED,
/// `type_of_violence`.
const ONE_SIDED: u8 = 3;

/// The family of a side that is no actor of the case.
static UNKNOWN_FAMILY: Family = Family::UNKNOWN;

/// The actors of a case by the numbers that its sources give them.
pub(crate) struct Parties {
    /// Numbers of the actor that the case names as its own state; none where it names none.
    own_state: Vec<i64>,
    /// What each number stands for.
    kinds: BTreeMap<i64, (ActorKind, Family)>,
    /// Numbers of each actor, by its identifier in the case.
    numbers: BTreeMap<String, Vec<i64>>,
}

impl Parties {
    /// The actors of a case by their numbers. Of two actors with one number the later counts.
    pub(crate) fn new(case: &Case, actors: &[Actor]) -> Self {
        let state = actors.iter().find(|actor| Some(&actor.id) == case.state.as_ref());
        let kinds = actors.iter().flat_map(|actor| {
            actor.ucdp_ids.iter().map(move |&id| (id, (actor.kind, actor.family.clone())))
        });
        let numbers = actors.iter().map(|actor| (actor.id.clone(), actor.ucdp_ids.clone()));
        Self {
            own_state: state.map_or_else(Vec::new, |actor| actor.ucdp_ids.clone()),
            kinds: kinds.collect(),
            numbers: numbers.collect(),
        }
    }

    /// The sides of a tally that are organisations or states: all but civilians.
    pub(crate) fn sides(&self, tally: &Tally) -> impl Iterator<Item = i64> {
        let b = (tally.violence != ONE_SIDED && tally.side_b_id != CIVILIANS)
            .then_some(tally.side_b_id);
        [Some(tally.side_a_id), b].into_iter().flatten()
    }

    /// The family of a side; unknown for one that is no actor of the case.
    pub(crate) fn family(&self, side: i64) -> &Family {
        self.kinds.get(&side).map_or(&UNKNOWN_FAMILY, |(_, family)| family)
    }

    /// Whether a side is a state or one of its institutions. A number that no actor has is none.
    pub(crate) fn is_state(&self, side: i64) -> bool {
        let kind = self.kinds.get(&side).map(|(kind, _)| *kind);
        matches!(kind, Some(ActorKind::State | ActorKind::Institution))
    }

    /// Whether the wanted side takes part; any when none is wanted.
    ///
    /// In one-sided violence the own state takes part as the side that kills: civilians are side B.
    pub(crate) fn has_sides(&self, wanted: Option<Sides>, tally: &Tally) -> bool {
        let own = |side: i64| self.own_state.contains(&side);
        match wanted {
            None => true,
            Some(Sides::Organisation) => self.has_organisation(tally),
            Some(Sides::OwnState) if tally.violence == ONE_SIDED => own(tally.side_a_id),
            Some(Sides::OwnState) => self.sides(tally).any(own),
            Some(Sides::OtherState) => {
                self.sides(tally).any(|side| self.is_state(side) && !own(side))
            }
            Some(Sides::NoState) => self.sides(tally).all(|side| !self.is_state(side)),
        }
    }

    /// Whether one of these actors, by id, is a side. False where none is named.
    pub(crate) fn has_actor(&self, ids: &[String], tally: &Tally) -> bool {
        let named = |side: i64| {
            ids.iter().any(|id| self.numbers.get(id).is_some_and(|own| own.contains(&side)))
        };
        self.sides(tally).any(named)
    }

    /// Whether a side is of one of these families; true when there are none.
    pub(crate) fn has_family(&self, families: &[Family], tally: &Tally) -> bool {
        families.is_empty() || self.sides(tally).any(|side| families.contains(self.family(side)))
    }

    /// Whether a side is neither a state nor civilians. A side without a number counts as one.
    pub(crate) fn has_organisation(&self, tally: &Tally) -> bool {
        self.sides(tally).any(|side| !self.is_state(side))
    }
}
