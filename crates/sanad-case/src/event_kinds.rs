//! Kinds of event, declared by who is on each side and who died.
//!
//! A case declares a rule for each kind. An event that meets the rules of exactly one kind is of
//! that kind. One that meets none, or those of several, is *not told apart*: the source does not
//! say enough, and no rule of thumb takes the place of what it does not say. What depends on such
//! events is computed under three [`KindReading`]s that bound it.

use serde::{Deserialize, Serialize};

use super::{NOT_A_TYPE, are_types_of_violence};
use crate::error::Contradiction;

/// What an event is, by its sides and its dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// An organisation against the case's own state.
    Attack,
    /// The case's own state against an organisation.
    Operation,
    /// Another state inside the country.
    StrikeByOtherState,
    /// An organisation against civilians.
    OneSidedViolence,
    /// The case's own state against civilians.
    HarmByState,
    /// Between organisations or communities.
    ClashOfOrganisations,
    /// Between states.
    ClashOfStates,
    /// What the source does not tell apart.
    NotToldApart,
}

impl EventKind {
    /// Every kind, what is not told apart last.
    pub const ALL: [Self; 8] = [
        Self::Attack,
        Self::Operation,
        Self::StrikeByOtherState,
        Self::OneSidedViolence,
        Self::HarmByState,
        Self::ClashOfOrganisations,
        Self::ClashOfStates,
        Self::NotToldApart,
    ];

    /// The word for it in files and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Attack => "attack",
            Self::Operation => "operation",
            Self::StrikeByOtherState => "strike-by-other-state",
            Self::OneSidedViolence => "one-sided-violence",
            Self::HarmByState => "harm-by-state",
            Self::ClashOfOrganisations => "clash-of-organisations",
            Self::ClashOfStates => "clash-of-states",
            Self::NotToldApart => "not-told-apart",
        }
    }

    /// What it is, for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Attack => "attacks on the state",
            Self::Operation => "operations of the state",
            Self::StrikeByOtherState => "strikes by another state",
            Self::OneSidedViolence => "one-sided violence by organisations",
            Self::HarmByState => "one-sided violence by the state",
            Self::ClashOfOrganisations => "clashes between organisations",
            Self::ClashOfStates => "clashes between states",
            Self::NotToldApart => "not told apart",
        }
    }
}

/// What a side of an event is to the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The case's own state.
    OwnState,
    /// Another state.
    OtherState,
    /// An armed organisation, a party or a community.
    Organisation,
    /// Civilians.
    Civilians,
}

impl Side {
    /// Every side.
    pub const ALL: [Self; 4] =
        [Self::OwnState, Self::OtherState, Self::Organisation, Self::Civilians];
}

/// The dead of an event by side, as UCDP's best estimate parts them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeadBySide {
    /// Of side A.
    pub a: i64,
    /// Of side B.
    pub b: i64,
    /// Civilians.
    pub civilians: i64,
    /// Of a side that is not known.
    pub unknown: i64,
    /// All of them, best estimate.
    pub best: i64,
}

impl DeadBySide {
    /// Share of side B in the best estimate, 0 where nobody died.
    #[must_use]
    pub fn share_of_b(&self) -> f64 {
        self.b as f64 / self.best.max(1) as f64
    }
}

/// What an event's kind is decided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventSides {
    /// UCDP's type of violence: 1 state-based, 2 between organisations, 3 one-sided.
    pub violence: u8,
    /// Side A.
    pub a: Side,
    /// Side B.
    pub b: Side,
    /// Who died.
    pub dead: DeadBySide,
}

/// The rule of one kind. What is empty or absent asks nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindRule {
    /// The kind whose rule it is; a kind may have several.
    pub kind: EventKind,
    /// What the rule takes, and what it can get wrong.
    pub note: String,
    /// UCDP's types of violence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub violence: Vec<u8>,
    /// What side A must be, one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub side_a: Vec<Side>,
    /// What side B must be, one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub side_b: Vec<Side>,
    /// Whether somebody of side A must have died, or nobody may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side_a_died: Option<bool>,
    /// Smallest share of side B in the best estimate of deaths, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side_b_share_from: Option<f64>,
    /// Share of side B in the best estimate of deaths from which the rule no longer holds, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side_b_share_below: Option<f64>,
}

impl KindRule {
    /// Whether an event meets the rule.
    #[must_use]
    pub fn takes(&self, event: &EventSides) -> bool {
        let share = event.dead.share_of_b();
        (self.violence.is_empty() || self.violence.contains(&event.violence))
            && (self.side_a.is_empty() || self.side_a.contains(&event.a))
            && (self.side_b.is_empty() || self.side_b.contains(&event.b))
            && self.side_a_died.is_none_or(|died| died == (event.dead.a > 0))
            && self.side_b_share_from.is_none_or(|from| share >= from)
            && self.side_b_share_below.is_none_or(|below| share < below)
    }

    const fn has_share(&self) -> bool {
        self.side_b_share_from.is_some() || self.side_b_share_below.is_some()
    }
}

/// The kinds that a case declares.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventKinds {
    /// The rules, in the order of the case, which decides nothing.
    pub rules: Vec<KindRule>,
}

impl EventKinds {
    /// Whether the case declares none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The kind of an event: that whose rules it meets, if it meets those of exactly one kind.
    ///
    /// ```
    /// use sanad_case::{DeadBySide, EventKind, EventKinds, EventSides, KindRule, Side};
    ///
    /// let case = sanad_case::read_case(
    ///     "id = \"x\"\ntitle = \"X\"\ncountry = \"XX\"\niso3 = \"XXX\"\ngwno = 1\n\
    ///      current_on = \"2022-09-09\"\n\
    ///      [[kind]]\nkind = \"attack\"\nnote = \"Soldiers died.\"\nside_a = [\"own-state\"]\n\
    ///      side_a_died = true\n\
    ///      [[kind]]\nkind = \"operation\"\nnote = \"Fighters died.\"\nside_a = [\"own-state\"]\n\
    ///      side_b_share_from = 1.0",
    /// )?;
    /// let event = |a, b| EventSides {
    ///     violence: 1,
    ///     a: Side::OwnState,
    ///     b: Side::Organisation,
    ///     dead: DeadBySide { a, b, best: a + b, ..DeadBySide::default() },
    /// };
    /// assert_eq!(case.kinds.kind_of(&event(2, 1)), EventKind::Attack);
    /// assert_eq!(case.kinds.kind_of(&event(0, 3)), EventKind::Operation);
    /// assert_eq!(case.kinds.kind_of(&event(0, 0)), EventKind::NotToldApart);
    /// # Ok::<(), sanad_case::Error>(())
    /// ```
    #[must_use]
    pub fn kind_of(&self, event: &EventSides) -> EventKind {
        let mut met = self.rules.iter().filter(|rule| rule.takes(event)).map(|rule| rule.kind);
        match met.next() {
            Some(kind) if met.all(|other| other == kind) => kind,
            _ => EventKind::NotToldApart,
        }
    }

    /// The kinds with another share of side B wherever a rule has one.
    #[must_use]
    pub fn at_share(&self, share: f64) -> Self {
        let rules = self.rules.iter().map(|rule| KindRule {
            side_b_share_from: rule.side_b_share_from.map(|_| share),
            side_b_share_below: rule.side_b_share_below.map(|_| share),
            ..rule.clone()
        });
        Self { rules: rules.collect() }
    }

    /// Whether a rule of one of these kinds parts events by side B's share of the deaths.
    #[must_use]
    pub fn have_share(&self, kinds: &[EventKind]) -> bool {
        self.rules.iter().any(|rule| kinds.contains(&rule.kind) && rule.has_share())
    }

    /// What is wrong with the rules, with the word of the kind concerned.
    pub(crate) fn fault(&self) -> Option<(EventKind, Contradiction)> {
        self.rules.iter().find_map(|rule| {
            let shares = [rule.side_b_share_from, rule.side_b_share_below];
            let wrong = if rule.kind == EventKind::NotToldApart {
                "what is not told apart is the rest and has no rule"
            } else if shares.into_iter().flatten().any(|share| !(0.0..=1.0).contains(&share)) {
                "a share lies outside 0 to 1"
            } else if !are_types_of_violence(&rule.violence) {
                NOT_A_TYPE
            } else {
                return None;
            };
            let entry = rule.kind.as_str().to_owned();
            Some((rule.kind, Contradiction::Untestable { entry, wrong }))
        })
    }
}

/// How events that are not told apart are read. Together the readings bound what they may be.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum KindReading {
    /// They count nowhere.
    #[default]
    LeftOut,
    /// All of them are attacks.
    AllAttacks,
    /// All of them are operations of the state.
    AllOperations,
}

impl KindReading {
    /// Every reading, the one that is printed first at the head.
    pub const ALL: [Self; 3] = [Self::LeftOut, Self::AllAttacks, Self::AllOperations];

    /// The word for it in files and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LeftOut => "left-out",
            Self::AllAttacks => "all-attacks",
            Self::AllOperations => "all-operations",
        }
    }

    /// What it does with events that are not told apart, for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::LeftOut => "left out",
            Self::AllAttacks => "all of them attacks",
            Self::AllOperations => "all of them operations",
        }
    }

    /// The kind that it takes them for, if any.
    #[must_use]
    pub const fn taken_for(self) -> Option<EventKind> {
        match self {
            Self::LeftOut => None,
            Self::AllAttacks => Some(EventKind::Attack),
            Self::AllOperations => Some(EventKind::Operation),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(kind: EventKind, from: f64) -> KindRule {
        KindRule {
            kind,
            note: String::new(),
            violence: vec![1],
            side_a: vec![Side::OwnState],
            side_b: Vec::new(),
            side_a_died: None,
            side_b_share_from: Some(from),
            side_b_share_below: None,
        }
    }

    fn event(b: i64, best: i64) -> EventSides {
        let dead = DeadBySide { b, best, ..DeadBySide::default() };
        EventSides { violence: 1, a: Side::OwnState, b: Side::Organisation, dead }
    }

    #[test]
    fn what_meets_the_rules_of_two_kinds_is_not_told_apart_whatever_their_order() {
        let two = vec![rule(EventKind::Attack, 0.2), rule(EventKind::Operation, 0.6)];
        let kinds = EventKinds { rules: two.clone() };
        let turned = EventKinds { rules: two.into_iter().rev().collect() };
        for (b, kind) in
            [(1, EventKind::NotToldApart), (4, EventKind::Attack), (9, EventKind::NotToldApart)]
        {
            assert_eq!(kinds.kind_of(&event(b, 10)), kind);
            assert_eq!(turned.kind_of(&event(b, 10)), kind);
        }
        let same =
            EventKinds { rules: vec![rule(EventKind::Attack, 0.2), rule(EventKind::Attack, 0.6)] };
        assert_eq!(same.kind_of(&event(9, 10)), EventKind::Attack);
    }

    #[test]
    fn another_share_moves_every_rule_that_has_one() {
        let kinds = EventKinds { rules: vec![rule(EventKind::Operation, 0.5)] };
        assert!(kinds.have_share(&[EventKind::Operation]));
        assert!(!kinds.have_share(&[EventKind::Attack]));
        assert_eq!(kinds.kind_of(&event(5, 10)), EventKind::Operation);
        assert_eq!(kinds.at_share(0.6).kind_of(&event(5, 10)), EventKind::NotToldApart);
    }

    #[test]
    fn the_rest_has_no_rule_and_shares_lie_between_nothing_and_all() {
        let wrong = |rule: KindRule| EventKinds { rules: vec![rule] }.fault().is_some();
        assert!(wrong(rule(EventKind::NotToldApart, 0.5)));
        assert!(wrong(rule(EventKind::Attack, 1.5)));
        assert!(wrong(KindRule { violence: vec![4], ..rule(EventKind::Attack, 0.5) }));
        assert!(!wrong(rule(EventKind::Attack, 0.5)));
    }
}
