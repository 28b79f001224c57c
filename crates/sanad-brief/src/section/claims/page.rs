//! A page for each claim, and the page that lists them: HTML files that need nothing else.

use maud::{Markup, PreEscaped, html};
use sanad_core::chronicle::Front;

use super::{Finding, LaterFinding, Trial, TriedClaim, causal_map, map, words};
use crate::Result;
use crate::skeleton;
use crate::words::{fixed, front};
use sanad_core::Verdict;

/// The page of one claim: analysis, data, limits, what others found, and how to redo it.
///
/// # Errors
///
/// [`Error::Figure`](crate::Error::Figure) when a chart's data do not fit its form.
pub fn claim_page(trial: &Trial, claim: &TriedClaim, program: &str) -> Result<String> {
    let chart = claim.finding.as_ref().and_then(|found| found.chart.as_ref());
    let drawn = chart.map(|chart| map::chart(claim, chart)).transpose()?;
    let arrow = format!(
        "{} → {}, {}",
        trial.concepts[claim.from],
        trial.concepts[claim.to],
        if claim.positive { "more gives more" } else { "more gives less" }
    );
    Ok(frame(
        &claim.wording,
        program,
        &html! {
            section.lead {
                p { b { (words::verdict(claim)) } }
                p { (arrow) ". " (summary(trial, claim)) }
                p { "Mechanism, as the text has it: " (claim.mechanism) " Delay: " (claim.delay) "." }
            }
            @if let Some(drawn) = &drawn { (PreEscaped(drawn.to_html())) }
            section { h2 { "The test" } p { (claim.test) } @if let Some(found) = &claim.finding { (numbers(found)) p { "Counts: " (trial.source) "." } } }
            @if !claim.told_apart.is_empty() || !claim.readings.is_empty() { (readings(claim)) }
            @if let Some(found) = &claim.later { (later(found)) }
            @if let Some(needs) = claim.needs.as_ref().filter(|_| claim.finding.is_none()) {
                section { h2 { "What would make it testable" } p { (needs) } }
            }
            section { h2 { "Limits" } p { (limits(claim)) } }
            @if !claim.prior.is_empty() { section { h2 { "What others found" } ul.limits {
                @for (cite, found) in &claim.prior { li { (found) " " span.url { (cite) } } }
            } } }
            section { h2 { "How to redo it" }
                p { code { "sanad claims CASE --claim " (claim.id) } }
                @if let Some((what, command)) = more(claim) { p { (what) ": " code { (command) } } }
                p { "The test, its parameters and the size that matters stand in the case's " code { "claims.toml" }
                    ", the rules in " code { "docs/verdict-rules.md" } ". The adjusted p depends on all claims that are tested together." }
            }
        },
    ))
}

/// The list of all claims with their verdicts and the causal map.
///
/// # Errors
///
/// [`Error::Figure`](crate::Error::Figure) when the map's data do not fit its form.
pub fn index_page(trial: &Trial, program: &str) -> Result<String> {
    let drawn = causal_map(trial)?;
    let branching = trial.branching.as_ref().map(map::branching_matrix).transpose()?;
    Ok(frame(
        "The text on trial",
        program,
        &html! {
            (PreEscaped(drawn.to_html()))
            @if let Some(branching) = &branching { (PreEscaped(branching.to_html())) }
            section { div.scroll { table {
                thead { tr { th { "Claim" } th { "Verdict" } th { "Why" } } }
                tbody { @for verdict in Verdict::ALL { @for claim in trial.claims.iter().filter(|claim| claim.verdict == verdict) { tr {
                    td { a href=(format!("{}.html", claim.id)) { (claim.wording) } }
                    td.nowrap { (verdict.as_str()) } td { (words::verdict(claim)) }
                } } } }
            } } }
        },
    ))
}

/// A page of its own around a claim or the list of claims.
fn frame(title: &str, program: &str, body: &Markup) -> String {
    let page = html! {
                header { p.kicker { "Sanad · claims on trial" } h1 { (title) } p.made { "Made with " (program) "." } }
                main { (body) }
                footer { p { "Places and organisations only, no persons. An association in time is not a cause." } }
    };
    skeleton::page(title, program, &page)
}

/// The command that shows more of what the test rests on.
fn more(claim: &TriedClaim) -> Option<(&'static str, &'static str)> {
    match claim.procedure {
        "excitation" => Some(("All links of the model", "sanad cycle CASE")),
        "network-permutation" => Some(("The ties and their dates", "sanad network CASE")),
        "forecast-ablation" => Some((
            "The forecasts, with the sources that the case does not ship",
            "sanad ablation --observatory DIR --without-counts --windows FIRST..LAST --out ablation.csv",
        )),
        _ => None,
    }
}

/// A number with a true minus sign.
fn signed(value: f64) -> String {
    fixed(value, 3).replace('-', "−")
}

/// Where the text makes the claim and of which fronts it speaks.
fn summary(trial: &Trial, claim: &TriedClaim) -> String {
    let list = |numbers: &[u32]| numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let several = |numbers: &[u32]| if numbers.len() == 1 { "" } else { "s" };
    let mut said = format!(
        "Claimed in paragraph{} {} of {}",
        several(&claim.paragraphs),
        list(&claim.paragraphs),
        trial.text
    );
    if !claim.footnotes.is_empty() {
        said += &format!(", footnote{} {}", several(&claim.footnotes), list(&claim.footnotes));
    }
    let fronts: Vec<&str> = claim.fronts.iter().map(|&it: &Front| front(it)).collect();
    if !fronts.is_empty() {
        said += &format!("; front: {}", fronts.join(", ").to_lowercase());
    }
    said + ". The wording is ours."
}

/// What the test cannot show.
fn limits(claim: &TriedClaim) -> String {
    if claim.finding.is_none() {
        return "Without a test there is no verdict on the claim, for it or against it.".to_owned();
    }
    format!(
        "{} Before and after a date, or one thing following another, is not yet a cause: whatever else changed is in the effect.",
        claim.limits
    )
}

/// What can be told of cause and effect, and the verdict under each reading of the rest.
fn readings(claim: &TriedClaim) -> Markup {
    let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), signed);
    html! { section { h2 { "What is not told apart" }
        @for (title, share) in &claim.told_apart { p { (fixed(100.0 * share, 0)) " % of the " (title) " can be told" @if claim.procedure == "forecast-ablation" { "; the rest has no data at hand." } @else { "; the source does not say of the rest who attacked." } } }
        @if !claim.readings.is_empty() { div.scroll { table {
            thead { tr { th { "Events that are not told apart" } th { "Verdict" } th.n { "Effect" } th.n { "Low" } th.n { "High" } th.n { "Adjusted p" } } }
            tbody { @for it in &claim.readings { tr {
                td { (it.title) } td { (it.verdict.as_str()) }
                td.n { (number(it.effect.map(|effect| effect.value))) }
                td.n { (number(it.effect.map(|effect| effect.low))) }
                td.n { (number(it.effect.map(|effect| effect.high))) }
                td.n { (it.adjusted_p.map_or_else(|| "–".to_owned(), words::p_value)) }
            } } }
        } } }
    } }
}

/// Tests on months after those that the verdict rests on.
fn later(found: &LaterFinding) -> Markup {
    html! { section { h2 { "Later months" }
        p { b { (words::agreement(found.agreement)) } " These tests were declared before their months were looked at; p is adjusted for all of them (Holm). They can take a verdict away and give none." }
        @for test in &found.tests {
            p { (test.test) }
            @match (test.effect, test.adjusted_p) {
                (Some(effect), Some(p)) => { div.scroll { table { tbody {
                    tr { td { "Effect, positive as the claim says" } td { (signed(effect.value)) " (" (signed(effect.low)) " to " (signed(effect.high)) ")" } }
                    tr { td { "p, adjusted" } td { (words::p_value(p)) } }
                    @for (name, value) in &test.details { tr { td { (name) } td { (value) } } }
                } } } }
                _ => { @if let Some(needs) = &test.needs { p { "It could not run. Needed: " (needs) } } }
            }
        }
    } }
}

/// What the test found, number by number.
fn numbers(found: &Finding) -> Markup {
    html! { div.scroll { table { tbody {
        tr { td { "Effect" } td { (words::effect(found)) } }
        tr { td { "In the unit of the rules, positive as the claim says" } td { (signed(found.effect.value)) " (" (signed(found.effect.low)) " to " (signed(found.effect.high)) ")" } }
        tr { td { "Size that matters" } td { (words::size(found)) " (" (fixed(found.size_that_matters, 3)) ")" } }
        tr { td { "p" } td { (words::p_value(found.p_value)) } }
        tr { td { "p, adjusted for all claims tested" } td { (words::p_value(found.adjusted_p)) } }
        tr { td { "Power against the size that matters" } td { (fixed(100.0 * found.power, 0)) " %" } }
        @for (name, value) in &found.details { tr { td { (name) } td { (value) } } }
    } } } }
}
