//! Sections that a briefing does not have, and what each would need.
//!
//! A section is never left out in silence: a reader who misses it learns which file or record would
//! bring it. Each sentence is the end of "this section needs …".

use sanad_brief::{Absent, Briefing};

/// What a quick briefing says of a section that takes more than a moment.
const LEFT_OUT: &str = "left out of a quick briefing";

/// The sections that are not on the page, in the order in which they would stand there. In a quick
/// briefing the sections that take more than a moment are named as left out, whether or not the
/// case could fill them.
pub(super) fn sections(briefing: &Briefing, is_quick: bool) -> Vec<Absent> {
    let slow = |needs: &'static str| if is_quick { LEFT_OUT } else { needs };
    let checked = [
        (
            !briefing.map.districts.is_empty(),
            "Map",
            "places below the country in places.toml with the longitude and latitude of a point",
        ),
        (
            briefing.fronts.is_some(),
            "Three fronts",
            "indicators.toml, which says what each front is measured by",
        ),
        (
            briefing.forecast.is_some() || briefing.districts_ahead.is_some(),
            "What may come, by place",
            slow(match briefing.lead.outlook {
                Some(_) => {
                    "twelve months in a row counted by place before the forecast: across years \
                     without places none is made"
                }
                None => {
                    "fifteen years of counts by month, and places below the country in places.toml"
                }
            }),
        ),
        (
            !briefing.comparisons.is_empty(),
            "Comparison of periods",
            "[[comparison]] in brief.toml, with periods and regions",
        ),
        (
            briefing.capability.is_some(),
            "What organisations did",
            "events, or counts by day made from them by `sanad counts --days`",
        ),
        (
            briefing.claims.is_some(),
            "The text on trial",
            slow("claims.toml, which states causal claims and how each is tested"),
        ),
        (
            briefing.policy.is_some(),
            "What policies might change",
            slow("a model in XMILE with priors.toml, levers.toml and scenarios.toml"),
        ),
        (
            !briefing.chronicle.is_empty(),
            "Chronicle",
            "files of dated records, named under chronicle in case.toml",
        ),
        (
            !briefing.network.ties.is_empty(),
            "Organisations and their ties",
            "[[tie]] records in the chronicle",
        ),
    ];
    let absent = checked.into_iter().filter(|(is_there, ..)| !is_there);
    absent.map(|(_, section, needs)| Absent { section, needs }).collect()
}
