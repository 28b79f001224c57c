//! Claims with their verdicts.

use sanad_brief::section::claims::{Finding, Trial, TriedClaim};
use sanad_store::{Columns, Table};

use crate::error::Result;

/// One row per claim: its verdict, the procedure, and what its test found. Columns of the finding are
/// null where the claim is not testable; `needs` then says what it would take.
///
/// # Errors
///
/// None that a caller could cause.
pub fn claim_table(trial: &Trial, shown: &[&TriedClaim]) -> Result<Table> {
    let text = |of: fn(&TriedClaim) -> &str| shown.iter().map(move |it| Some(of(it).to_owned()));
    let number = |of: fn(&Finding) -> f64| {
        shown.iter().map(|it| it.finding.as_ref().map(of)).collect::<Vec<Option<f64>>>()
    };
    let concept = |at: usize| Some(trial.concepts[at].clone());
    Ok(Columns::default()
        .text("claim", text(|it| &it.id))
        .text("verdict", text(|it| it.verdict.word()))
        .text("procedure", text(|it| it.procedure))
        .float64("effect", number(|it| it.effect.value))
        .float64("effect_low", number(|it| it.effect.low))
        .float64("effect_high", number(|it| it.effect.high))
        .float64("size_that_matters", number(|it| it.size_that_matters))
        .float64("p_value", number(|it| it.p_value))
        .float64("p_adjusted", number(|it| it.adjusted_p))
        .float64("power", number(|it| it.power))
        .text("from", shown.iter().map(|it| concept(it.from)))
        .text("to", shown.iter().map(|it| concept(it.to)))
        .text("sign", text(|it| if it.positive { "more" } else { "less" }))
        .text("wording", text(|it| &it.wording))
        .text("needs", shown.iter().map(|it| it.needs.clone()))
        .float64("share_told_cause", share_told(shown, 0))
        .float64("share_told_effect", share_told(shown, 1))
        .text("verdict_left_out", verdicts_under(shown, "left-out"))
        .text("verdict_all_attacks", verdicts_under(shown, "all-attacks"))
        .text("verdict_all_operations", verdicts_under(shown, "all-operations"))
        .text("withheld", shown.iter().map(|claim| joined(&claim.withheld)))
        .finish()?)
}

/// The share of the cause, or of the effect, that can be told apart; of the cause alone where both are
/// one.
fn share_told(shown: &[&TriedClaim], which: usize) -> Vec<Option<f64>> {
    shown.iter().map(|claim| claim.told.get(which).map(|(_, share)| *share)).collect()
}

/// Verdicts under one reading of events that are not told apart, where it changes the counts.
fn verdicts_under<'a>(
    shown: &'a [&TriedClaim],
    reading: &'a str,
) -> impl Iterator<Item = Option<&'static str>> + 'a {
    shown.iter().map(move |claim| {
        claim.readings.iter().find(|one| one.reading == reading).map(|one| one.verdict.word())
    })
}

fn joined(sentences: &[String]) -> Option<String> {
    (!sentences.is_empty()).then(|| sentences.join(" "))
}
