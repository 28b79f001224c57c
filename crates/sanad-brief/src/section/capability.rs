//! What organisations did over the last months that are counted by day, and how much cannot be told.

use maud::{Markup, html};
use sanad_core::Month;

use crate::content::Measured;
use crate::words::fixed;

/// Organisations over a span of months, with the kinds of event in it.
#[derive(Debug, Clone, PartialEq)]
pub struct CapabilityPanel {
    /// First and last month.
    pub months: [Month; 2],
    /// Events of each kind: title, events and their share, 0 to 1; what is not told apart among them.
    pub kinds: Vec<(String, i64, f64)>,
    /// Organisations with attacks, the most first.
    pub organisations: Vec<OrganisationLine>,
    /// Organisations with fewer attacks than are listed.
    pub others: usize,
    /// Alliances, mergers and splits: month, and what happened between whom.
    pub ties: Vec<(Month, String)>,
    /// The source of the counts, with its version.
    pub source: String,
}

/// One organisation over the span.
#[derive(Debug, Clone, PartialEq)]
pub struct OrganisationLine {
    /// Its name.
    pub name: String,
    /// Attacks on the state and on civilians that can be told, with the interval of their Poisson mean.
    pub attacks: Measured,
    /// Events that are not told apart and may be attacks.
    pub not_told_apart: i64,
    /// Districts attacked in the month with the most.
    pub districts_of_a_month: i64,
    /// Days with attacks in two or more districts, and how many chance would give.
    pub days_in_several: (i64, f64),
    /// Deaths per attack, with its interval.
    pub deaths_per_attack: Option<Measured>,
    /// Share of attacks that were on the state, with its interval.
    pub share_on_state: Option<Measured>,
}

/// The section of the briefing.
pub(crate) fn section(panel: &CapabilityPanel) -> Markup {
    let [from, to] = panel.months;
    html! {
        section #capability {
            h2 { "What organisations did" }
            p { "Attacks that the source tells to be attacks, " (from) " to " (to) ": fighting in which somebody of the state died and fewer than half of the dead were the organisation's, and violence against civilians. In brackets 95 % intervals." }
            div.scroll { table {
                thead { tr { th { "Organisation" } th.n { "Attacks" } th.n { "Not told apart" } th.n { "Most districts in a month" } th.n { "Days in several districts (by chance)" } th.n { "Deaths per attack" } th.n { "Share on the state" } } }
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
            p.note { "The source codes no means of attack, and none is inferred. By month: " code { "sanad capability CASE" } ", kinds by year: " code { "sanad kinds CASE" } ". Source: " (panel.source) "." }
        }
    }
}

fn ranged(measured: Measured, decimals: usize) -> String {
    format!(
        "{} ({}–{})",
        fixed(measured.value, decimals),
        fixed(measured.low, decimals),
        fixed(measured.high, decimals)
    )
}

fn optional(measured: Option<Measured>, decimals: usize) -> String {
    measured.map_or_else(|| "–".to_owned(), |measured| ranged(measured, decimals))
}
