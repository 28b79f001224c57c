//! What organisations did over the last months that are counted by day, and how much cannot be told.

use maud::{Markup, html};
use sanad_core::Estimate;

use crate::content::{CapabilityPanel, MeansLine};
use crate::text::annex;
use crate::words::fixed;

/// The section of the briefing.
///
/// `places` is what the case calls several places of its second level.
pub(crate) fn section(panel: &CapabilityPanel, places: &str) -> Markup {
    let [from, to] = panel.months;
    annex(
        "capability",
        "What organisations did",
        &html! {
            p { "Attacks that the source tells to be attacks, " (from) " to " (to) ": fighting in which somebody of the state died and fewer than half of the dead were the organisation's, and violence against civilians. In brackets 95 % intervals." }
            div.scroll { table {
                thead { tr { th { "Organisation" } th.n { "Attacks" } th.n { "Not told apart" } th.n { "Most " (places) " in a month" } th.n { "Days in several " (places) " (by chance)" } th.n { "Deaths per attack" } th.n { "Share on the state" } } }
                tbody { @for line in &panel.organisations { tr {
                    td { (line.name) } td.n { (ranged(line.attacks, 0)) } td.n { (line.not_told_apart) }
                    td.n { (line.districts_of_a_month) }
                    td.n { (line.days_in_several.0) " (" (fixed(line.days_in_several.1, 1)) ")" }
                    td.n { (optional(line.deaths_per_attack, 1)) } td.n { (optional(line.share_on_state, 2)) }
                } } }
            } }
            @if panel.others > 0 { p.note { (panel.others) " more organisations had events in these months and no attack that can be told." } }
            details { summary { "Kinds of event in these months, and alliances" }
                ul.limits { @for (title, events, share) in &panel.kinds { li { (title) ": " (events) " (" (fixed(100.0 * share, 0)) " %)" } } }
                @if !panel.ties.is_empty() { ul.limits { @for (month, tie) in &panel.ties { li { (month) ": " (tie) } } } }
            }
            (means(&panel.means))
            p.note { "The source of these counts codes no means of attack, and none is inferred. By month: " code { "sanad capability CASE" } ", kinds by year: " code { "sanad kinds CASE" } ". Source: " (panel.source) "." }
        },
    )
}

/// Means of attack, where a source codes them.
fn means(lines: &[MeansLine]) -> Markup {
    html! { @if !lines.is_empty() {
        p { "By what means, where the chronicle or an imported table codes it. An event may have several; whether the others had none or nobody wrote them down is not known." }
        div.scroll { table {
            thead { tr { th { "Organisation" } th { "Means (events)" } th.n { "Events" } th.n { "No means coded" } th { "Months" } th { "Source" } } }
            tbody { @for line in lines { tr {
                td { (line.name.as_deref().unwrap_or("not named")) }
                td { (listed(&line.means)) } td.n { (line.events) } td.n { (line.not_coded) }
                td.nowrap { (line.months[0]) @if line.months[1] != line.months[0] { " to " (line.months[1]) } } td { (line.source) }
            } } }
        } }
        p.note { "Record by record: " code { "sanad capability CASE --show means" } "." }
    } }
}

/// Means with their events; a dash where none is coded.
fn listed(means: &[(String, i64)]) -> String {
    let each: Vec<String> =
        means.iter().map(|(name, events)| format!("{name} ({events})")).collect();
    if each.is_empty() { "–".to_owned() } else { each.join(", ") }
}

/// A number with the ends of its interval in brackets.
fn ranged(measured: Estimate, decimals: usize) -> String {
    format!(
        "{} ({}–{})",
        fixed(measured.value, decimals),
        fixed(measured.low, decimals),
        fixed(measured.high, decimals)
    )
}

/// The same, or a dash where the number is not known.
fn optional(measured: Option<Estimate>, decimals: usize) -> String {
    measured.map_or_else(|| "–".to_owned(), |measured| ranged(measured, decimals))
}
