//! Where each front stands in its last month, and what that hangs on.

use sanad_brief::section::fronts::{
    ClaimedNumber, FrontPart, InStep, NarrativePanels, Standing, Swing,
};
use sanad_brief::{FrontBlock, FrontRow};
use sanad_core::Estimate;
use sanad_core::place::LevelName;
use sanad_front::{Factor, Node, Quantity};

use super::joined::{FrontsResult, Reading};
use super::table::{factor_name, front_sensitivity};
use crate::error::Result;
use crate::narrative::{COORDINATED_DAYS, Narrative, NarrativeMeasure, reached};

/// Points of the design behind the briefing's Sobol indices. Half of the table's, because the
/// briefing lists only what matters.
const POINTS: usize = 256;
/// A choice that moves less than this is not listed.
const LEAST_SHARE: f64 = 0.02;

/// The standing of every front that has an index somewhere. It is the last month in which any
/// province has an index; others may then have none. Twelve months earlier is given beside it.
pub(super) fn standings(
    reading: &Reading<'_>,
    joined: &FrontsResult,
    blocks: &[FrontBlock],
) -> Result<Vec<Standing>> {
    let mut standings = Vec::new();
    for (at, block) in blocks.iter().enumerate() {
        let last = |row: &FrontRow| row.index.iter().rposition(Option::is_some);
        let Some(month) = block.rows.iter().filter_map(last).max() else { continue };
        let before = month.checked_sub(12);
        let earlier = |row: &FrontRow| row.index[before?];
        let evidence_before = |row: &FrontRow| Some(row.evidence_share[before?]);
        standings.push(Standing {
            front: block.front,
            month: joined.grid.month(month),
            index: block.rows.iter().map(|row| [earlier(row), row.index[month]]).collect(),
            evidence_share: block.rows.iter().map(|row| row.evidence_share[month]).collect(),
            evidence_before: block.rows.iter().filter_map(evidence_before).collect(),
            parts: parts(reading, joined, at, month),
            swings: swings(reading, joined, at, month)?,
        });
    }
    Ok(standings)
}

/// What a front measures, pillar by pillar, in its last month.
fn parts(
    reading: &Reading<'_>,
    joined: &FrontsResult,
    front: usize,
    month: usize,
) -> Vec<FrontPart> {
    let (framework, index) = (&joined.framework, joined.result.index());
    let pillars = &framework.fronts()[front].members;
    let weights: f64 = pillars.iter().map(|&pillar| framework.pillars()[pillar].weight).sum();
    let places = joined.grid.places.len();
    let newest = joined.grid.months - 1;
    let one = |&pillar: &usize| {
        let group = &framework.pillars()[pillar];
        let declared = reading.declared.pillars.iter().find(|one| one.id == group.name);
        let node = Node::Pillar(pillar);
        let evidence = |month: usize| {
            let sum: f64 = (0..places).map(|place| index.evidence_share(node, place, month)).sum();
            sum / places.max(1) as f64
        };
        let values = || (0..places).filter_map(|place| index.value(node, place, month));
        FrontPart {
            title: declared.map_or_else(|| group.name.clone(), |one| one.title.clone()),
            weight: group.weight / weights,
            evidence_share: evidence(month),
            evidence_newest: evidence(newest),
            index: values().reduce(f64::min).zip(values().reduce(f64::max)).map(Into::into),
        }
    };
    pillars.iter().map(one).collect()
}

/// Which uncertain choices move a front's index most, mean over provinces. The shares are total
/// Sobol indices, cut to 0 to 1: with interactions they may add up to more than 1. Errors of
/// another front's pillars are left out.
fn swings(
    reading: &Reading<'_>,
    joined: &FrontsResult,
    front: usize,
    month: usize,
) -> Result<Vec<Swing>> {
    let found = front_sensitivity(reading, joined, Node::Front(front), month, POINTS)?;
    let pillars = &joined.framework.fronts()[front].members;
    let is_its_own = |factor: &Factor| !matches!(factor, Factor::Errors { pillar: Some(at) } if !pillars.contains(at));
    let factors = found.factors().iter().enumerate().filter(|(_, factor)| is_its_own(factor));
    let mut swings: Vec<Swing> = factors
        .filter_map(|(at, factor)| {
            // Estimates scatter beyond what a share can be.
            let of_value = found.mean_total(at, Quantity::Value)?.clamp(0.0, 1.0);
            (of_value >= LEAST_SHARE).then(|| Swing {
                choice: factor_name(joined, *factor),
                of_value,
                of_rank: found.mean_total(at, Quantity::Rank).map(|share| share.clamp(0.0, 1.0)),
            })
        })
        .collect();
    swings.sort_by(|a, b| b.of_value.total_cmp(&a.of_value));
    Ok(swings)
}

/// The narrative front's statements as the briefing shows them. Rows are found by the words of
/// their measure; a row that the narrative does not have is no entry here.
pub(super) fn panels(narrative: &Narrative, places: &LevelName) -> NarrativePanels {
    let of =
        |measure: &'static str| narrative.rows.iter().filter(move |row| row.measure == measure);
    let share = |measure, organisation: &str| -> Option<Estimate> {
        of(measure).find(|row| row.organisation == organisation).and_then(interval)
    };
    let organisations = of("statements").map(|row| {
        let name = &row.organisation;
        let rivals = share("share that delegitimises rivals", name);
        let women = share("share that reaches out to women", name);
        (name.clone(), row.number, rivals, women)
    });
    let in_step = of("frame mixes apart, bits").filter_map(|row| {
        Some(InStep {
            organisations: [row.organisation.clone(), row.about.clone()],
            months: row.number,
            apart_bits: row.value?,
            by_chance_bits: row.by_chance?,
            p_value: row.p_value?,
        })
    });
    let claims = of("events claimed over recorded").map(|row| ClaimedNumber {
        organisation: row.organisation.clone(),
        months: row.months,
        ratio: interval(row),
        note: row.note.clone(),
    });
    NarrativePanels {
        basis: narrative.basis.clone(),
        statements: narrative.statements,
        organisations: organisations.collect(),
        in_step: in_step.collect(),
        claims: claims.collect(),
        operations: operations(narrative, places),
    }
}

/// A measure with its interval as one number; nothing where either is missing.
fn interval(row: &NarrativeMeasure) -> Option<Estimate> {
    let ([low, high], value) = (row.interval?, row.value?);
    Some(Estimate { low, value, high })
}

/// Tempo and reach of the organisations' operations, in words. One line per organisation that has a
/// tempo.
fn operations(narrative: &Narrative, places: &LevelName) -> Vec<(String, String)> {
    let tempo = narrative
        .rows
        .iter()
        .filter(|row| row.measure == "events in the last full year of the record");
    let of = |measure: &str, organisation: &str| {
        narrative.rows.iter().find(|row| row.measure == measure && row.organisation == organisation)
    };
    let told = |value: Option<f64>, decimals: usize| {
        value.map_or_else(|| "an unknown number".to_owned(), |value| format!("{value:.decimals$}"))
    };
    let text = |row: &NarrativeMeasure| {
        let name = &row.organisation;
        let districts = of(&reached(places), name).and_then(|row| row.value);
        let days = of(COORDINATED_DAYS, name);
        let months = row.months.map_or_else(String::new, |[from, to]| format!("{from} to {to}"));
        let mut text = format!(
            "{} events, {months} ({}), in {} {}",
            row.number,
            row.note,
            told(districts, 0),
            places.several
        );
        if let Some(days) = days {
            text.push_str(&format!(
                "; {} days with events in two places or more in its last five years, by chance \
                 {} (p {})",
                told(days.value, 0),
                told(days.by_chance, 0),
                told(days.p_value, 3)
            ));
        }
        (name.clone(), text)
    };
    tempo.map(text).collect()
}
