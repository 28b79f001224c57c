//! What may come by district, after years in which only theatres are known.

use maud::{Markup, html};
use sanad_core::place::LevelNames;

use crate::content::{DistrictAhead, DistrictsAhead, GapOutlook};
use crate::text::annex;
use crate::words::{chance, fixed, month, months};

/// Districts listed at once; the others are folded.
const LISTED: usize = 12;

/// The section of the briefing.
///
/// `names` are what the case calls its levels.
pub(crate) fn section(ahead: &DistrictsAhead, names: &LevelNames) -> Markup {
    let body = match ahead {
        DistrictsAhead::Forecast(outlook) => forecast(outlook, names),
        DistrictsAhead::Missing(why) => html! {
            p { "Across years without " (names.adm2.several) ", " (names.adm2.several) " can be forecast from their theatres. " (why) }
        },
    };
    annex("districts-ahead", &title(names), &body)
}

/// The section's title.
pub(crate) fn title(names: &LevelNames) -> String {
    format!("What may come, by {}", names.adm2.one)
}

fn forecast(outlook: &GapOutlook, names: &LevelNames) -> Markup {
    let trial = &outlook.trial;
    let [first, last] = trial.years;
    let (listed, others) = outlook.districts.split_at(LISTED.min(outlook.districts.len()));
    let one = &names.adm2.one;
    html! {
        p {
            "Deaths in state-based violence for " (months(outlook.months)) ". " (crate::text::capital(&names.adm2.several))
            " are known in a row to " (month(outlook.known_by_district)) ", the sums of their theatres to "
            (month(outlook.known_by_theatre)) " (" (outlook.source) "): each theatre's deaths are forecast, and dealt out to its "
            (names.adm2.several) " by their shares before the gap. " (outlook.draws) " draws."
        }
        (table(listed, names))
        @if !others.is_empty() { details {
            summary { (others.len()) " more " (names.adm2.several) ", with fewer expected deaths" }
            (table(others, names))
        } }
        p.note {
            "Tried on " (first) " to " (last) " with " (trial.gap_months) " months hidden before each year, over "
            (trial.places) " " (names.adm2.several) ": mean CRPS " (fixed(trial.own, 2)) " deaths, against "
            (fixed(trial.reference, 2)) " for each " (one) "'s own last twelve known months (difference "
            (fixed(trial.difference.value, 2)) ", 90 % interval " (fixed(trial.difference.low, 2)) " to "
            (fixed(trial.difference.high, 2)) "). The rule that decides whether it is shown was written down before. By month: "
            code { "sanad levels CASE --table gap-forecast" } "."
        }
    }
}

fn table(districts: &[DistrictAhead], names: &LevelNames) -> Markup {
    html! { div.scroll { table {
        thead { tr { th { (crate::text::capital(&names.adm2.one)) } th { "Theatre" } th.n { "Chance of a death" } th.n { "Expected deaths (90 % of draws)" } } }
        tbody { @for district in districts { tr {
            td { (district.name) } td { (district.theatre) }
            td.n.nowrap { (chance(district.chance_any)) }
            td.n { (fixed(district.deaths.value, 1)) " (" (fixed(district.deaths.low, 0)) "–" (fixed(district.deaths.high, 0)) ")" }
        } } }
    } } }
}
