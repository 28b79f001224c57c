//! The text on trial: the map of its claims, and a page for each.
//!
//! The verdicts are computed once for an edition and then kept; nothing here rules on a claim.

use maud::{Markup, html};
use sanad_brief::parts;
use sanad_brief::section::claims::{Finding, Trial, TriedClaim, causal_map};
use sanad_core::Verdict;

use super::PageContent;
use super::part::{data, figure, fixed};
use crate::fault::Fault;
use crate::query::{Kind, Parameter, address};
use crate::scene::Scene;

/// Which verdict is listed.
pub(crate) static CLAIMS: [Parameter; 1] = [Parameter::with_default(
    "verdict",
    Kind::Choice(&["all", "supported", "contradicted", "inconclusive", "not-testable"]),
    "all",
    "Claims with one verdict, or all.",
)];

/// How the figures on trial are made.
const MADE: &str = "Each claim has one test, written down with the size that matters before it was run; p-values are adjusted \
                    for all claims that are tested together.";

/// The fault of a case without `claims.toml`, with the way to have it.
fn missing_claims() -> Fault {
    sanad_study::Error::CaseLacks { missing: "claims" }.into()
}

/// All claims with their verdicts.
///
/// It answers which of the text's claims the record supports, contradicts or cannot tell: the map
/// of concepts, the branching matrix where kinds are counted by day, and the claims by verdict.
///
/// # Errors
///
/// `NotFound` where the case has no claims.
pub(crate) fn claims(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let trial = scene.edition.trial(scene.steps)?;
    let trial = trial.as_ref().as_ref().ok_or_else(missing_claims)?;
    let chosen = scene.query.word("verdict").replace('-', " ");
    let is_asked = |verdict: &Verdict| chosen == "all" || verdict.as_str() == chosen;
    let figures: Vec<_> =
        [Some(causal_map(trial)?), parts::branching(trial)?].into_iter().flatten().collect();
    let filter = |word: &str| match word {
        "all" => "/claims".to_owned(),
        word => format!("/claims?verdict={}", word.replace(' ', "-")),
    };
    let body = html! {
        p { "Each causal claim of the text has one test. A verdict may be supported, contradicted, inconclusive, or not testable with the data at hand." }
        p.pager {
            a href=(filter("all")) { "all " (trial.claims.len()) }
            @for verdict in Verdict::ALL { a href=(filter(verdict.as_str())) { (verdict.as_str()) " " (trial.count(verdict)) } }
        }
        @for drawn in &figures { (figure(scene, drawn, MADE)) }
        @for verdict in Verdict::ALL.into_iter().filter(is_asked) {
            @if trial.count(verdict) > 0 {
                h2 { (super::map::capital(verdict.as_str())) }
                ul.limits { @for claim in trial.claims.iter().filter(|claim| claim.verdict == verdict) { li {
                    a href=(format!("/claims/{}", claim.id)) { (claim.wording) } " " (parts::verdict(claim))
                } } }
            }
        }
        (data("/api/v1/claims", &[], "sanad claims CASE"))
    };
    Ok(PageContent::new("The text on trial", body).with_figures(figures))
}

/// One claim: the test, its data, what it found, its limits, what others found.
///
/// A claim that is not testable shows what would make it so in place of numbers.
///
/// # Errors
///
/// `NotFound` where the case has no claims, or none with this identifier.
pub(crate) fn claim(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let trial = scene.edition.trial(scene.steps)?;
    let trial = trial.as_ref().as_ref().ok_or_else(missing_claims)?;
    let id = scene.query.word("id");
    let found = trial.claims.iter().find(|claim| claim.id == id);
    let claim = found.ok_or_else(|| Fault::not_found("claim", id, "/claims"))?;
    let figures: Vec<_> = parts::claim_figure(claim)?.into_iter().collect();
    let body = html! {
        p.lead { (parts::verdict(claim)) }
        p { (arrow(trial, claim)) }
        p { "Mechanism, as the text has it: " (claim.mechanism) " Delay: " (claim.delay) "." }
        @for drawn in &figures { (figure(scene, drawn, MADE)) }
        h2 { "The test" }
        p { (claim.test) }
        @if let Some(finding) = &claim.finding {
            (numbers(finding))
            p.note { a href=(address("/why/claim", &[("id", &*claim.id)])) { "What these numbers follow from" } ". Counts: " (trial.source) "." }
        }
        @if let Some(needs) = claim.needs.as_ref().filter(|_| claim.finding.is_none()) { h2 { "What would make it testable" } p { (needs) } }
        h2 { "Limits" }
        p { @if claim.finding.is_some() { (claim.limits) " Before and after a date, or one thing following another, is not yet a cause." }
            @else { "Without a test there is no verdict on the claim, for it or against it." } }
        @if !claim.prior.is_empty() { h2 { "What others found" } ul.limits { @for (cite, found) in &claim.prior { li { (found) " " span.missing { (cite) } } } } }
        (data(&format!("/api/v1/claims/{}", claim.id), &[], &format!("sanad claims CASE --claim {}", claim.id)))
        p { a href="/claims" { "All claims" } }
    };
    Ok(PageContent::new(claim.wording.clone(), body).with_figures(figures))
}

/// From which concept to which, with which sign, and where the text says it.
fn arrow(trial: &Trial, claim: &TriedClaim) -> String {
    let concept = |at: usize| trial.concepts.get(at).map_or("", String::as_str);
    let sign = if claim.positive { "more gives more" } else { "more gives less" };
    let numbers: Vec<String> = claim.paragraphs.iter().map(u32::to_string).collect();
    format!(
        "{} → {}, {sign}. Claimed in paragraph {} of {}. The wording is ours.",
        concept(claim.from),
        concept(claim.to),
        numbers.join(", "),
        trial.text
    )
}

/// The numbers behind a verdict: effect with interval, size that matters, p-values, power, and the
/// test's own details.
fn numbers(finding: &Finding) -> Markup {
    let effect = &finding.effect;
    let three = |value: f64| fixed(Some(value), 3);
    html! { div.scroll tabindex="0" role="region" aria-label="Test" { table { tbody {
        tr { td { "Effect" } td { (parts::effect(finding)) } }
        tr { td { "In the unit of the rules, positive as the claim says" } td { (three(effect.value)) " (" (three(effect.low)) " to " (three(effect.high)) ")" } }
        tr { td { "Size that matters" } td { (parts::size_that_matters(finding)) } }
        tr { td { "p" } td { (three(finding.p_value)) } }
        tr { td { "p, adjusted for all claims tested" } td { (three(finding.adjusted_p)) } }
        tr { td { "Power against the size that matters" } td { (fixed(Some(100.0 * finding.power), 0)) " %" } }
        @for (name, value) in &finding.details { tr { td { (name) } td { (value) } } }
    } } } }
}
