//! By what means organisations attacked, as sources code it: the chronicle, and imported tables of
//! events.
//!
//! Nothing is inferred. A source that codes no means for an event says nothing about it, so that each row
//! carries how many of the organisation's events have none coded, and a source that codes means for no event
//! has no row.

use std::collections::{BTreeMap, BTreeSet};

use sanad_core::Month;
use sanad_core::actor::{Actor, ActorKind};
use sanad_core::chronicle::{ChronicleRecord, Detail, EventDetail};
use sanad_core::event::Means;
use sanad_core::side::is_impersonal;
use sanad_store::{MeansCount, Observatory};
use serde::{Deserialize, Serialize};

use crate::capability::CapabilityRequest;
use crate::error::Result;

/// What the chronicle is called among the sources.
pub const CHRONICLE: &str = "chronicle";
/// How sources name a side of which they do not know who it is.
const UNIDENTIFIED: &str = "Unidentified";
/// Kinds of a chronicle's events that are no violence in themselves (`cases/README.md`): they count only
/// where means are coded.
const NOT_VIOLENCE: [&str; 7] = [
    "weapons-innovation",
    "arms-acquisition",
    "recruitment",
    "finance",
    "formation",
    "parallel-governance",
    "change-of-government",
];

/// Events of one organisation in one span with one means of attack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeansRow {
    /// Identifier of the organisation; nothing where the source does not say who acted, or the case does
    /// not list it.
    pub organisation: Option<String>,
    /// Its name in the case.
    pub name: Option<String>,
    /// First and last month: of a source of events the same, of the chronicle the span of the record.
    pub months: [Month; 2],
    /// The source: the series of a table of events, or [`CHRONICLE`].
    pub source: String,
    /// The means; nothing where none is coded for any of the events.
    pub means: Option<Means>,
    /// Events with this means. An event with several counts in a row for each.
    pub with_means: i64,
    /// All events of the organisation that the source has for these months.
    pub events: i64,
    /// Those of them for which no means is coded.
    pub not_coded: i64,
}

/// By what means an organisation attacked as one source codes it, over all months asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeansSummary {
    /// Its name in the case; nothing as in [`MeansRow::organisation`].
    pub name: Option<String>,
    /// The source.
    pub source: String,
    /// First and last month of its events.
    pub months: [Month; 2],
    /// Events with each means.
    pub by_means: BTreeMap<Means, i64>,
    /// All its events.
    pub events: i64,
    /// Those for which no means is coded.
    pub not_coded: i64,
}

/// Rows of [`from_records`] added up by organisation and source, ordered by both.
#[must_use]
pub fn summary(rows: &[MeansRow]) -> Vec<MeansSummary> {
    let mut found: BTreeMap<(&Option<String>, &str), MeansSummary> = BTreeMap::new();
    let mut counted = BTreeSet::new();
    for row in rows {
        let key = (&row.organisation, row.source.as_str());
        let sum = found.entry(key).or_insert_with(|| MeansSummary {
            name: row.name.clone(),
            source: row.source.clone(),
            months: row.months,
            by_means: BTreeMap::new(),
            events: 0,
            not_coded: 0,
        });
        sum.months = [sum.months[0].min(row.months[0]), sum.months[1].max(row.months[1])];
        // A span has a row for each of its means: its events count once.
        if counted.insert((key, row.months)) {
            sum.events += row.events;
            sum.not_coded += row.not_coded;
        }
        if let Some(means) = row.means {
            *sum.by_means.entry(means).or_default() += row.with_means;
        }
    }
    found.into_values().collect()
}

/// What the events of one organisation, span and source are coded with.
#[derive(Debug, Default)]
struct SpanCounts {
    by_means: BTreeMap<Means, i64>,
    events: i64,
    not_coded: i64,
}

impl SpanCounts {
    fn add<'m>(&mut self, means: impl IntoIterator<Item = &'m Means>, events: i64) {
        let mut is_coded = false;
        for &one in means {
            *self.by_means.entry(one).or_default() += events;
            is_coded = true;
        }
        self.events += events;
        self.not_coded += if is_coded { 0 } else { events };
    }
}

/// By organisation, span of months and source.
type CountsBySpan = BTreeMap<(Option<String>, [Month; 2], String), SpanCounts>;

/// By what means organisations attacked, with what is not coded. States are left out.
///
/// # Errors
///
/// Those of reading the observatory.
pub fn means(
    observatory: &Observatory,
    request: &CapabilityRequest,
    threads: usize,
) -> Result<Vec<MeansRow>> {
    let counts = observatory.coded_means(observatory.case()?.gwno, threads)?;
    Ok(from_records(&observatory.chronicle()?, &counts, &observatory.actors()?, request))
}

/// The rows of a chronicle and of counts of coded events, ordered by organisation, months, source and means.
#[must_use]
pub fn from_records(
    chronicle: &[ChronicleRecord],
    counts: &[MeansCount],
    actors: &[Actor],
    request: &CapabilityRequest,
) -> Vec<MeansRow> {
    let mut groups = CountsBySpan::new();
    let is_asked_for = |organisation: &Option<String>| {
        request.organisations.is_empty()
            || organisation.as_ref().is_some_and(|id| request.organisations.contains(id))
    };
    let is_within = |[first, last]: [Month; 2]| {
        request.from.is_none_or(|from| from <= last) && request.to.is_none_or(|to| first <= to)
    };
    for record in chronicle {
        let Detail::Event(event) = &record.detail else { continue };
        let when = record.entry.when;
        let months = [Month::from_date(when.start()), Month::from_date(when.end())];
        let Some(side) = side_of_event(event, actors).map(ActingSide::into_id) else { continue };
        if is_asked_for(&side) && is_within(months) {
            let group = groups.entry((side, months, CHRONICLE.to_owned())).or_default();
            group.add(&event.means, 1);
        }
    }
    for count in counts {
        let months = [count.month; 2];
        let Some(side) = side_of_count(count, actors).map(ActingSide::into_id) else { continue };
        if is_asked_for(&side) && is_within(months) {
            groups
                .entry((side, months, count.series.clone()))
                .or_default()
                .add(&count.means, count.events);
        }
    }
    let codes: BTreeSet<String> = groups
        .iter()
        .filter(|(_, group)| !group.by_means.is_empty())
        .map(|((_, _, source), _)| source.clone())
        .collect();
    groups.retain(|(_, _, source), _| codes.contains(source));
    groups.into_iter().flat_map(|(key, group)| rows_of(key, &group, actors)).collect()
}

fn rows_of(
    (organisation, months, source): (Option<String>, [Month; 2], String),
    group: &SpanCounts,
    actors: &[Actor],
) -> Vec<MeansRow> {
    let actor = actors.iter().find(|actor| Some(&actor.id) == organisation.as_ref());
    let row = |means: Option<Means>, with_means: i64| MeansRow {
        organisation: organisation.clone(),
        name: actor.map(|actor| actor.label().to_owned()),
        months,
        source: source.clone(),
        means,
        with_means,
        events: group.events,
        not_coded: group.not_coded,
    };
    match group.by_means.is_empty() {
        true => vec![row(None, 0)],
        false => group.by_means.iter().map(|(&means, &events)| row(Some(means), events)).collect(),
    }
}

/// Who acted in an event, where it was no state.
enum ActingSide {
    /// An organisation of the case, by id.
    Listed(String),
    /// Somebody whom the source does not name, or the case does not list.
    Unknown,
}

impl ActingSide {
    fn into_id(self) -> Option<String> {
        match self {
            Self::Listed(id) => Some(id),
            Self::Unknown => None,
        }
    }
}

/// Who acted in an event of the chronicle; nothing where a state did, or the record tells of no attack and of
/// no means.
fn side_of_event(event: &EventDetail, actors: &[Actor]) -> Option<ActingSide> {
    if event.means.is_empty() && NOT_VIOLENCE.contains(&event.event_kind.as_str()) {
        return None;
    }
    let Some(id) = &event.side_a else { return Some(ActingSide::Unknown) };
    let actor = actors.iter().find(|actor| actor.id == *id);
    (!actor.is_some_and(is_of_a_state)).then(|| ActingSide::Listed(id.clone()))
}

/// Who acted in counted events; nothing where a state did.
fn side_of_count(count: &MeansCount, actors: &[Actor]) -> Option<ActingSide> {
    let of_id = |actor: &&Actor| count.side_a_id.is_some_and(|id| actor.ucdp_ids.contains(&id));
    if let Some(actor) = actors.iter().find(of_id) {
        return (!is_of_a_state(actor)).then(|| ActingSide::Listed(actor.id.clone()));
    }
    // Names that are kept and are nobody's own: organs of a state, civilians, or armed men of no name.
    let is_no_organisation =
        is_impersonal(&count.side_a) && !count.side_a.starts_with(UNIDENTIFIED);
    (!is_no_organisation).then_some(ActingSide::Unknown)
}

const fn is_of_a_state(actor: &Actor) -> bool {
    matches!(actor.kind, ActorKind::State | ActorKind::Institution)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanad_case::read_actors;
    use sanad_core::chronicle::KnownIds;

    const ACTORS: &str = "[[actor]]\nid = \"x\"\nname = \"Group X\"\nkind = \"armed-organisation\"\n\
        family = \"islamist\"\nucdp_ids = [7]\n[[actor]]\nid = \"gov\"\nname = \"A state\"\nkind = \"state\"\n\
        family = \"state\"\nucdp_ids = [1]\n";

    fn chronicle() -> Vec<ChronicleRecord> {
        let entry = |id: &str, rest: &str| {
            format!(
                "[[event]]\nid = \"{id}\"\nwhen = \"2024-03\"\nparagraph = 1\nsummary = \"An event.\"\n{rest}\n"
            )
        };
        let text = entry(
            "a",
            "event_kind = \"attack\"\nside_a = \"x\"\nmeans = [\"drone\", \"explosive\"]",
        ) + &entry("b", "event_kind = \"attack\"\nside_a = \"x\"")
            + &entry("c", "event_kind = \"recruitment\"\nside_a = \"x\"")
            + &entry("d", "event_kind = \"strike\"\nside_a = \"gov\"\nmeans = [\"air-strike\"]")
            + &entry("e", "event_kind = \"attack\"\nmeans = [\"suicide\"]");
        let known =
            KnownIds { actors: ["x".to_owned(), "gov".to_owned()].into(), ..KnownIds::default() };
        let read = sanad_case::read_chronicle(&text, &known).unwrap();
        assert_eq!(read.diagnostics, []);
        read.records
    }

    fn count(side: Option<i64>, name: &str, means: &str, events: i64) -> MeansCount {
        MeansCount {
            series: "acled".to_owned(),
            side_a_id: side,
            side_a: name.to_owned(),
            month: "2024-05".parse().unwrap(),
            means: Means::parse_list(means).unwrap(),
            events,
        }
    }

    /// Organisation, source, means, events with it, all events, events without.
    fn shown(rows: &[MeansRow]) -> Vec<(&str, &str, &str, i64, i64, i64)> {
        rows.iter()
            .map(|row| {
                let organisation = row.organisation.as_deref().unwrap_or("-");
                let means = row.means.map_or("-", Means::as_str);
                let source = row.source.as_str();
                (organisation, source, means, row.with_means, row.events, row.not_coded)
            })
            .collect()
    }

    #[test]
    fn means_count_for_the_side_that_acted_with_what_is_not_coded_beside_them() {
        let actors = read_actors(ACTORS).unwrap();
        let counts = [
            count(Some(7), "UCDP actor 7", "explosive;suicide", 2),
            count(Some(7), "UCDP actor 7", "", 5),
            count(Some(1), "Military Forces of Pakistan", "air-strike", 9),
            count(None, "Military Forces of Pakistan", "air-strike", 9),
            count(None, "unlisted side 3", "grenade", 1),
        ];
        let all = CapabilityRequest::default();
        let rows = from_records(&chronicle(), &counts, &actors, &all);
        assert_eq!(
            shown(&rows),
            [
                ("-", "chronicle", "suicide", 1, 1, 0),
                ("-", "acled", "grenade", 1, 1, 0),
                ("x", "chronicle", "explosive", 1, 2, 1),
                ("x", "chronicle", "drone", 1, 2, 1),
                ("x", "acled", "explosive", 2, 7, 5),
                ("x", "acled", "suicide", 2, 7, 5),
            ]
        );
        let sums: Vec<_> = summary(&rows)
            .into_iter()
            .map(|sum| (sum.name, sum.source, sum.by_means.len(), sum.events, sum.not_coded))
            .collect();
        let name = || Some("Group X".to_owned());
        assert_eq!(
            sums,
            [
                (None, "acled".to_owned(), 1, 1, 0),
                (None, "chronicle".to_owned(), 1, 1, 0),
                (name(), "acled".to_owned(), 2, 7, 5),
                (name(), "chronicle".to_owned(), 2, 2, 1),
            ]
        );
        let own = CapabilityRequest {
            organisations: vec!["x".to_owned()],
            from: "2024-04".parse().ok(),
            ..all
        };
        assert_eq!(shown(&from_records(&chronicle(), &counts, &actors, &own)).len(), 2);
    }

    #[test]
    fn a_source_that_codes_no_means_has_no_row() {
        let actors = read_actors(ACTORS).unwrap();
        let counts = [count(Some(7), "UCDP actor 7", "", 5)];
        assert_eq!(from_records(&[], &counts, &actors, &CapabilityRequest::default()), []);
    }
}
