//! Claims with their verdicts.

use sanad_brief::section::claims::{Finding, Trial, TriedClaim};
use sanad_store::{Columns, Table};

use crate::error::Result;

/// One row per claim: its verdict, the procedure, and what its test found. Columns of the finding
/// are null where the claim is not testable; `needs` then says what it would take. Effects are in
/// the unit of the procedure and in the claim's own direction, with 95 % intervals. Verdicts by
/// reading are null where no reading changes the result.
///
/// # Errors
///
/// None that a caller could cause.
pub fn claim_table(trial: &Trial, shown: &[&TriedClaim]) -> Result<Table> {
    let text =
        |of: fn(&TriedClaim) -> &str| shown.iter().map(move |shown| Some(of(shown).to_owned()));
    let number = |of: fn(&Finding) -> f64| {
        shown.iter().map(|shown| shown.finding.as_ref().map(of)).collect::<Vec<Option<f64>>>()
    };
    let concept = |at: usize| Some(trial.concepts[at].clone());
    Ok(Columns::default()
        .text("claim", text(|row| &row.id))
        .text("verdict", text(|row| row.verdict.as_str()))
        .text("procedure", text(|row| row.procedure))
        .float64("effect", number(|row| row.effect.value))
        .float64("effect_low", number(|row| row.effect.low))
        .float64("effect_high", number(|row| row.effect.high))
        .float64("size_that_matters", number(|row| row.size_that_matters))
        .float64("p_value", number(|row| row.p_value))
        .float64("p_adjusted", number(|row| row.adjusted_p))
        .float64("power", number(|row| row.power))
        .text("from", shown.iter().map(|shown| concept(shown.from)))
        .text("to", shown.iter().map(|shown| concept(shown.to)))
        .text("sign", text(|row| if row.positive { "more" } else { "less" }))
        .text("wording", text(|row| &row.wording))
        .text("needs", shown.iter().map(|shown| shown.needs.clone()))
        .float64("share_told_cause", share_told(shown, 0))
        .float64("share_told_effect", share_told(shown, 1))
        .text("verdict_left_out", verdicts_under(shown, "left-out"))
        .text("verdict_all_attacks", verdicts_under(shown, "all-attacks"))
        .text("verdict_all_operations", verdicts_under(shown, "all-operations"))
        .text("later", shown.iter().map(|claim| Some(claim.later.as_ref()?.agreement.as_str())))
        .text("withheld", shown.iter().map(|claim| joined(&claim.withheld)))
        .finish()?)
}

/// The share of the cause, or of the effect, that can be told apart; of the cause alone where both are
/// one.
fn share_told(shown: &[&TriedClaim], which: usize) -> Vec<Option<f64>> {
    shown.iter().map(|claim| claim.told_apart.get(which).map(|(_, share)| *share)).collect()
}

/// Verdicts under one reading of events that are not told apart, where it changes the counts.
fn verdicts_under<'a>(
    shown: &'a [&TriedClaim],
    reading: &'a str,
) -> impl Iterator<Item = Option<&'static str>> + 'a {
    shown.iter().map(move |claim| {
        claim.readings.iter().find(|one| one.reading == reading).map(|one| one.verdict.as_str())
    })
}

/// Sentences in a row; `None` where there are none.
fn joined(sentences: &[String]) -> Option<String> {
    (!sentences.is_empty()).then(|| sentences.join(" "))
}
