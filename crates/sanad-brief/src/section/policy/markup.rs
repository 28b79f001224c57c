//! The section's words and tables.

use maud::{Markup, PreEscaped, html};
use sanad_figure::Figure;

use super::{BenchmarkLine, HorizonCell, Policy, ScenarioLine, Status, years};
use crate::text::{annex, capital};
use crate::words;

/// The section: what the model is and rests on, its figures, the scenarios and the commitments.
pub(super) fn section(policy: &Policy, figures: &[Figure]) -> Markup {
    html! {
        (annex("policy", "What policies might change", &html! {
            (what_it_is(policy))
            p { strong { (policy.standing.sentence()) } }
            @for figure in figures { (PreEscaped(figure.to_html())) }
            h3 { "Scenarios by horizon" }
            (scenarios(policy))
            @if !policy.benchmarks.is_empty() {
                h3 { "Commitments and steps" }
                (benchmarks(&policy.benchmarks))
            }
        }))
    }
}

/// How many of the model's parameters are estimated, taken from studies or judged.
fn what_it_is(policy: &Policy) -> Markup {
    let rests = &policy.rests_on;
    html! {
        p {
            "An account of the conflict as stocks, flows and delays, run ahead from "
            (words::month(policy.start)) " with levers put where each scenario puts them. " strong { (rests.sentence()) } " "
            @if let Some(factor) = rests.error_factor {
                "A member typically misses a recorded year by a factor of " (words::fixed(factor, 1)) ". "
                @if rests.seeds == 1 { "The members come from one search of many that fit as well, and another gives other shares of members: " }
                @else { "The members come from searches with " (rests.seeds) " seeds, whose shares of members differ: " }
                "how far apart, docs/model-calibration.md says. "
            }
            "The scenarios say what follows if that account is right in its signs; where a lever can only help "
            "by construction, a share of members near 100 % repeats the assumption. "
            @if rests.fitted.is_some() { "What the model cannot reproduce, docs/model-calibration.md says." }
        }
    }
}

/// Every scenario at every horizon, with its chance to be better than the baseline; levels only
/// where the model's standing allows.
fn scenarios(policy: &Policy) -> Markup {
    let outcome = policy.outcomes.first();
    let title = outcome.map_or_else(String::new, |outcome| capital(&outcome.title));
    let better = outcome.map_or("", super::Outcome::better);
    let shows_levels = policy.standing.shows_levels();
    html! {
        p {
            (title) ": "
            @if shows_levels { "median with the band of 95 %, whose width is that of the ensemble. Regret: by how much the member's best scenario would have been better, on average, in the same unit. " }
            @else { "the share of members in which a scenario is better, and the share in which no other is. " }
            "Differences too small to matter count as ties. An order that fewer than nine in ten members share is marked as not supported"
            @if policy.rests_on.seeds < 3 { ", and so is every order here: the members come from " @if policy.rests_on.seeds == 1 { "one seed" } @else { "two seeds" } ", and an order has to hold for three, within five points" }
            @else { ", and so is one whose share differs by more than five points between " (policy.rests_on.seeds) " seeds" }
            ". " (policy.rests_on.sentence())
        }
        div.scroll { table {
            thead { tr {
                th { "Scenario" } th { "After" }
                @if shows_levels { th.n { (title) } th.n { "Width" } }
                th.n { (capital(better)) " than “" (policy.baseline()) "”" } th.n { "Best of all" }
                @if shows_levels { th.n { "Regret" } }
                th { "Order" }
            } }
            tbody {
                @for line in &policy.scenarios {
                    @for (at, cell) in line.outcomes.first().into_iter().flatten().enumerate() { (row(policy, line, at, cell)) }
                }
            }
        } }
    }
}

/// One scenario at one horizon.
fn row(policy: &Policy, line: &ScenarioLine, at: usize, cell: &HorizonCell) -> Markup {
    let [low, middle, high] = cell.level;
    let shows_levels = policy.standing.shows_levels();
    html! {
        tr {
            td { @if at == 0 { span title=(line.note) { (line.title) } } }
            td.nowrap { (years(policy.horizons[at])) }
            @if shows_levels {
                td.n { (small(middle)) " " span.interval { "(" (small(low)) " to " (small(high)) ")" } }
                td.n { (small(high - low)) }
            }
            td.n { @if let Some(share) = cell.better { (percent(share)) } }
            td.n { (percent(cell.best)) }
            @if shows_levels { td.n { (small(cell.regret)) } }
            td { (cell.order) }
        }
    }
}

/// A level, finer where it is small.
fn small(value: f64) -> String {
    match value.abs() {
        size if size < 1.0 => words::fixed(value, 2),
        size if size < 10.0 => words::fixed(value, 1),
        _ => words::whole(value),
    }
}

/// A share as a whole percentage.
fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// Commitments with their status, and how many have each.
fn benchmarks(lines: &[BenchmarkLine]) -> Markup {
    let count = |status: Status| lines.iter().filter(|line| line.status == status).count();
    html! {
        p {
            (lines.len()) " commitments and steps: " (count(Status::Met)) " met, " (count(Status::Open)) " open, "
            (count(Status::Stale)) " not measured lately, " (count(Status::Overdue)) " overdue, "
            (count(Status::OverdueUnmeasurable)) " overdue that no data at hand measure, "
            (count(Status::Unmeasurable)) " without a date passed that no data at hand measure. The chance of being on "
            "track lets the readings go on as they did, step by step, and knows of no plan."
        }
        div.scroll { table {
            thead { tr { th { "Status" } th { "Commitment or step" } th { "First known" } th { "Last known" } th { "Target" } th.n { "On track" } th { "Records, or data that it needs" } } }
            tbody { @for line in lines { tr {
                td { (line.status.as_str()) }
                td { strong { (line.title) } br; (line.indicator) }
                td { (line.known[0]) } td { (line.known[1]) } td { (line.aim) }
                td.n { @match line.on_track { Some(share) => (percent(share)), None => { span.missing { "no trend" } } } }
                td { (line.records) }
            } } }
        } }
    }
}
