//! Forecasts with and without the fronts' series: what they were made of, and whether those that a
//! case ships still belong to it.

use std::collections::BTreeMap;

use sanad_case::ablation::Ablation;
use sanad_core::Month;
use sanad_store::Observatory;

use super::fronts::{FrontIndex, FrontIndices};
use super::kinds::events_are_in_effect;
use crate::error::Result;

/// The command that writes what a case ships.
const RENEW: &str =
    "`sanad ablation --observatory DIR --without-counts --windows FIRST..LAST --out ablation.csv`";

/// What an ablation says of its indicators when those that count violent events were left out.
pub const WITHOUT_COUNTS: &str = "without counts of violence";

/// Notes by which it is told whether an ablation belongs to the files at hand.
const HASHES: [&str; 2] = ["indicators_sha256", "record_sha256"];

/// The name of the note on how much of a front's evidence its index rests on.
#[must_use]
pub fn told_note(front: &str) -> String {
    format!("told_{front}")
}

/// The mean share of each front's evidence at hand in these months, 0 to 1, over places and months, by name of
/// its note; none for a front that is measured in none of them.
#[must_use]
pub fn evidence_notes(indices: &FrontIndices, months: &[Month]) -> BTreeMap<String, String> {
    let mean = |by_place: &BTreeMap<String, FrontIndex>| {
        let shares: Vec<f64> = by_place
            .values()
            .flat_map(|index| months.iter().filter_map(|&month| index.evidence_in(month)))
            .collect();
        (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
    };
    let note = |(front, by_place): (&String, &BTreeMap<String, FrontIndex>)| {
        Some((told_note(front), format!("{:.3}", mean(by_place)?)))
    };
    indices.iter().filter_map(note).collect()
}

/// What forecasts and fronts of an observatory are made of.
pub fn notes(observatory: &Observatory) -> Result<BTreeMap<String, String>> {
    let record = if events_are_in_effect(observatory)? { "ucdp-ged" } else { "counts" };
    let hash = |format| observatory.newest_hash(format).unwrap_or_default().to_owned();
    let hashes = HASHES.into_iter().zip([hash("indicators"), hash(record)]);
    let sources = ("sources", observatory.foreign_sources().join("; "));
    Ok(hashes.chain([sources]).map(|(name, note)| (name.to_owned(), note)).collect())
}

/// The ablation that a case ships, or a sentence on why there is none that counts.
pub fn shipped(observatory: &Observatory) -> Result<core::result::Result<Ablation, String>> {
    let Some(ablation) = observatory.ablation()? else {
        return Ok(Err(format!(
            "A back-test of forecasts with and without the front's series: run {RENEW} and ship it \
             with the case."
        )));
    };
    let now = notes(observatory)?;
    let differs =
        HASHES.iter().find(|&&name| now.get(name).is_none_or(|now| now != ablation.note(name)));
    Ok(match differs {
        None => Ok(ablation),
        Some(&name) => {
            let what = if name == HASHES[0] { "indicators" } else { "counts of violence" };
            Err(format!(
                "A back-test with the {what} at hand: the shipped one was made with others. Run {RENEW} \
                 and ship it with the case."
            ))
        }
    })
}
