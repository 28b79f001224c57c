//! The section's words and tables.

use maud::{Markup, PreEscaped, html};
use sanad_figure::Figure;

use super::{BenchmarkLine, HorizonCell, Policy, ScenarioLine, years};
use crate::words;

pub(super) fn section(policy: &Policy, figures: &[Figure]) -> Markup {
    html! {
        section #policy {
            h2 { "What policies might change" }
            (what_it_is(policy))
            @for figure in figures { (PreEscaped(figure.to_html())) }
            h3 { "Scenarios by horizon" }
            (scenarios(policy))
            @if !policy.benchmarks.is_empty() {
                h3 { "Commitments and steps" }
                (benchmarks(&policy.benchmarks))
            }
        }
    }
}

fn what_it_is(policy: &Policy) -> Markup {
    let rests = &policy.rests_on;
    html! {
        p {
            "The text's account as stocks, flows and delays, run ahead from the end of the record ("
            (words::month(policy.paths.last_recorded())) ") with levers put where each scenario puts them. " strong { (rests.sentence()) } " "
            @if let Some(factor) = rests.error_factor {
                "A member typically misses a recorded year by a factor of " (words::fixed(factor, 1)) ". "
                "The members come from one search of many that fit as well, and another gives other shares of members: "
                "how far apart, docs/model-calibration.md says. "
            }
            "The scenarios say what follows if the text's account is right in its signs; where a lever can only help "
            "by construction, a share of members near 100 % repeats the assumption. What the model cannot reproduce "
            "is told in docs/model-calibration.md."
        }
    }
}

fn scenarios(policy: &Policy) -> Markup {
    html! {
        p { "Deaths a month: median with the band of 95 %, whose width is that of the ensemble. Regret: how many deaths a month the member's best scenario would have spared, on average. Differences too small to matter count as ties. An order that fewer than nine in ten members share is marked as not supported. " (policy.rests_on.sentence()) }
        div.scroll { table {
            thead { tr { th { "Scenario" } th { "After" } th.n { "Deaths a month" } th.n { "Width" } th.n { "Fewer deaths than today's course" } th.n { "Best of all" } th.n { "Regret" } th { "Order" } } }
            tbody {
                @for line in &policy.scenarios {
                    @for (at, cell) in line.outcomes[0].iter().enumerate() { (row(policy, line, at, cell)) }
                }
            }
        } }
    }
}

fn row(policy: &Policy, line: &ScenarioLine, at: usize, cell: &HorizonCell) -> Markup {
    let [low, middle, high] = cell.level;
    html! {
        tr {
            td { @if at == 0 { span title=(line.note) { (line.title) } } }
            td.nowrap { (years(policy.horizons[at])) }
            td.n { (small(middle)) " " span.interval { "(" (small(low)) " to " (small(high)) ")" } }
            td.n { (small(high - low)) }
            td.n { @if let Some(share) = cell.better { (percent(share)) } }
            td.n { (percent(cell.best)) }
            td.n { (small(cell.regret)) }
            td { (cell.order) }
        }
    }
}

/// Deaths a month, finer where there are few.
fn small(value: f64) -> String {
    if value.abs() < 10.0 { words::fixed(value, 1) } else { words::whole(value) }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

fn benchmarks(lines: &[BenchmarkLine]) -> Markup {
    let count = |status: &str| lines.iter().filter(|line| line.status.contains(status)).count();
    html! {
        p {
            (lines.len()) " commitments and steps that the text names: " (count("met")) " met, " (count("open")) " open, "
            (count("lately")) " not measured lately, " (count("overdue")) " overdue, " (count("unmeasurable")) " that no data at hand measure. The chance of being on "
            "track lets the readings go on as they did, step by step, and knows of no plan."
        }
        div.scroll { table {
            thead { tr { th { "Status" } th { "Commitment or step" } th { "First known" } th { "Last known" } th { "Target" } th.n { "On track" } th { "Records, or data that it needs" } } }
            tbody { @for line in lines { tr {
                td { (line.status) }
                td { strong { (line.title) } br; (line.indicator) }
                td { (line.known[0]) } td { (line.known[1]) } td { (line.aim) }
                td.n { @match line.on_track { Some(share) => (percent(share)), None => { span.missing { "no trend" } } } }
                td { (line.records) }
            } } }
        } }
    }
}
