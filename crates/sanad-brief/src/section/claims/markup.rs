//! The section of the briefing.

use maud::{Markup, PreEscaped, html};

use super::{Trial, TriedClaim, causal_map, map, words};
use crate::Result;
use crate::text::{annex, capital};
use crate::words::fixed;
use sanad_core::Verdict;

/// The text on trial: map, table of what was tested, list of what was not.
pub(crate) fn section(trial: &Trial) -> Result<Markup> {
    let drawn = causal_map(trial)?;
    let branching = trial.branching.as_ref().map(map::branching_matrix).transpose()?;
    let of = |verdict| trial.claims.iter().filter(move |claim| claim.verdict == verdict);
    Ok(html! {
        (annex("claims", "The text on trial", &html! {
                        p { "Each causal claim of the text has one test, written down with the size that matters before it was run. "
                "Rules: the whole 95 % interval on the claim's side, an adjusted p of at most 0.05 (Benjamini and Yekutieli, over all tested claims) and a size that may matter make it supported; "
                "an interval on the other side, or one that rules out the size that matters in a test with a power of 80 % or more, makes it contradicted. "
                "Neither is printed where it hangs on how events that the source does not tell apart are read, on the first month used, or on a date that other dates match." }
            (PreEscaped(drawn.to_html()))
            @for verdict in [Verdict::Supported, Verdict::Contradicted] {
                @if of(verdict).next().is_some() {
                    h3 { (capital(verdict.as_str())) }
                    ul.findings { @for claim in of(verdict) { li { b { (claim.wording) } " " (words::verdict(claim)) } } }
                }
            }
            @if trial.claims.iter().any(|claim| !claim.withheld.is_empty()) {
                h3 { "Verdicts that do not survive their own assumptions" }
                ul.findings { @for claim in trial.claims.iter().filter(|claim| !claim.withheld.is_empty()) {
                    li { b { (claim.wording) } " " (claim.withheld.join(" ")) }
                } }
            }
            @if let Some(branching) = &branching { (PreEscaped(branching.to_html())) }
            @if trial.claims.iter().any(|claim| claim.finding.is_some()) { (tested(trial)) }
            details { summary { (trial.count(Verdict::NotTestable)) " claims that cannot be tested with the data at hand, and what it would take" }
                ul.limits { @for claim in of(Verdict::NotTestable) { li {
                    b { (claim.wording) } " " (claim.needs.as_deref().unwrap_or(""))
                } } }
            }
            p.note { "A page for each claim: " code { "sanad claims CASE --out DIR" } ". Before and after a date is before and after a date: whatever else changed then is in the effect." }
        }))
    })
}

/// Every claim with its verdict, in the order of the text.
fn tested(trial: &Trial) -> Markup {
    html! {
        h3 { "What was tested" }
        div.scroll { table {
            thead { tr { th { "Claim" } th { "Paragraph" } th { "Procedure" } th { "Effect (95 % interval)" } th { "Size that matters" } th.n { "Adjusted p" } th.n { "Power" } th { "Verdict" } } }
            tbody { @for claim in &trial.claims { @if let Some(found) = &claim.finding { tr {
                td { (claim.wording) } td { (paragraphs(claim)) } td { (claim.procedure) }
                td { (words::effect(found)) } td { (words::size(found)) }
                td.n { (words::p_value(found.adjusted_p)) } td.n { (fixed(100.0 * found.power, 0)) " %" }
                td { (claim.verdict.as_str()) }
            } } } }
        } }
    }
}

/// The paragraphs of the text that make a claim.
fn paragraphs(claim: &TriedClaim) -> String {
    claim.paragraphs.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}
