//! The narrative front from coded statements: how much is said, in which mix, how much in step
//! with others, and how claims compare with the record.
//!
//! Statements are known as metadata: who, when, in which frames, to whom, in which languages, and
//! how many events they claim. No text is kept. An index of narrative strain is not made here;
//! these are measures that the front's indicators and the briefing take up.

mod messages;
mod record;

pub(crate) use record::{COORDINATED_DAYS, reached};

use std::collections::BTreeMap;

use sanad_case::{Codebook, Document, Measured, read_codebook};
use sanad_core::Month;
use sanad_evidence::statements::claims::proportion;
use sanad_evidence::statements::mix::effective_number;
use sanad_evidence::statements::synchrony::{Settings, synchrony};
use sanad_store::Observatory;

use self::messages::Message;
use super::Study;
use crate::error::{Error, Result};

/// Statements from which on shares and diversity are given. Of two, every share is 0, one half or
/// 1.
const FEWEST_STATEMENTS: usize = 3;

/// One number of the narrative front.
///
/// Rows of all measures have the same fields; what a measure does not have is `None` or empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NarrativeMeasure {
    /// What is measured. A phrase such as "statements" or "frame mixes apart, bits"; where it names
    /// places, in the case's word for them.
    pub measure: String,
    /// The organisation. By its short name, where the case gives one.
    pub organisation: String,
    /// The other organisation, the frame or the statement it is about. Empty where it is about
    /// nothing else.
    pub about: String,
    /// First and last month.
    pub months: Option<[Month; 2]>,
    /// The value; `None` where nothing can be measured. Shares are 0 to 1, divergences bits, and
    /// counts whole numbers.
    pub value: Option<f64>,
    /// The 90 % interval.
    pub interval: Option<[f64; 2]>,
    /// What chance gives. In the unit of `value`.
    pub by_chance: Option<f64>,
    /// Of the test against chance. From 0 to 1, not adjusted for the number of measures.
    pub p_value: Option<f64>,
    /// Statements or events it rests on.
    pub number: usize,
    /// What else must be known to read it.
    pub note: String,
}

/// The measures, and what they rest on.
#[derive(Debug, Clone, PartialEq)]
pub struct Narrative {
    /// A row for each measure and organisation.
    pub rows: Vec<NarrativeMeasure>,
    /// Where the statements come from. Either "coded statements" or "chronicle"; never both, which
    /// would count a message twice.
    pub basis: String,
    /// Statements of armed organisations.
    pub statements: usize,
    /// Frames of records that the codebook does not have, each once. They are counted in no share.
    pub unknown_frames: Vec<String>,
}

/// Measures the narrative front.
///
/// # Errors
///
/// `Error::CaseLacks` where the case has no codebook, and as `measure_if_coded`.
pub fn measure(study: &Study, observatory: &Observatory, threads: usize) -> Result<Narrative> {
    let found = measure_if_coded(study, observatory, threads)?;
    found.ok_or(Error::CaseLacks { missing: "codebook" })
}

/// Measures the narrative front; nothing when the case has no codebook.
///
/// # Errors
///
/// Those of reading the observatory; `Error::Case` where the codebook is wrong; `Error::Evidence`
/// where a measure cannot be computed.
pub fn measure_if_coded(
    study: &Study,
    observatory: &Observatory,
    threads: usize,
) -> Result<Option<Narrative>> {
    let Some(text) = observatory.document(Document::Codebook)? else { return Ok(None) };
    let codebook = read_codebook(&text)?;
    let (messages, basis, unknown_frames) =
        crate::narrative::messages::messages(study, observatory, &codebook)?;
    let mut by_organisation: BTreeMap<&str, Vec<&Message>> = BTreeMap::new();
    for message in &messages {
        by_organisation.entry(&message.organisation).or_default().push(message);
    }
    let mut rows = Vec::new();
    for (organisation, messages) in &by_organisation {
        rows.extend(volume_and_mix(actor_label(study, organisation), messages, &codebook)?);
    }
    rows.extend(in_step(study, &by_organisation, &codebook)?);
    rows.extend(crate::narrative::record::claims_against_record(study, &messages)?);
    rows.extend(crate::narrative::record::operations(study, observatory, threads)?);
    Ok(Some(Narrative { rows, basis, statements: messages.len(), unknown_frames }))
}

/// The case's label of an actor; the identifier of one that it does not list.
fn actor_label(study: &Study, id: &str) -> String {
    let actor = study.actors.iter().find(|actor| actor.id == id);
    actor.map_or_else(|| id.to_owned(), |actor| actor.label().to_owned())
}

/// Synchrony of the frame mixes of every two organisations that spoke in common months. A month
/// counts where each has a statement in it. A statement adds one to each of its frames.
fn in_step(
    study: &Study,
    by_organisation: &BTreeMap<&str, Vec<&Message>>,
    codebook: &Codebook,
) -> Result<Vec<NarrativeMeasure>> {
    let dated = by_organisation.values().flatten().filter_map(|message| message.month);
    let (Some(first), Some(last)) = (dated.clone().min(), dated.max()) else {
        return Ok(Vec::new());
    };
    let frames = codebook.frames.len();
    let length = usize::try_from(last.id() - first.id() + 1).unwrap_or(0);
    let series = |messages: &[&Message]| {
        let mut counts = vec![0.0; length * frames];
        for message in messages {
            let Some(month) = message.month else { continue };
            let at = usize::try_from(month.id() - first.id()).unwrap_or(0);
            message.frames.iter().for_each(|&frame| counts[at * frames + frame] += 1.0);
        }
        counts
    };
    let all: Vec<(&str, Vec<f64>)> =
        by_organisation.iter().map(|(id, messages)| (*id, series(messages))).collect();
    let mut rows = Vec::new();
    for (at, (one, first_series)) in all.iter().enumerate() {
        for (other, second) in &all[at + 1..] {
            let settings = Settings { min_statements: 1.0, ..Settings::default() };
            let Some(found) = synchrony(first_series, second, frames, &settings)? else {
                continue;
            };
            rows.push(NarrativeMeasure {
                measure: "frame mixes apart, bits".to_owned(),
                organisation: actor_label(study, one),
                about: actor_label(study, other),
                months: Some([first, last]),
                value: Some(found.divergence_bits),
                by_chance: Some(found.chance_bits),
                p_value: Some(found.p_value),
                number: found.months,
                note: "number: months in which both spoke; 0 is the same mix, 1 nothing in \
                       common; the p-value is of being this close in time by chance"
                    .to_owned(),
                ..NarrativeMeasure::default()
            });
        }
    }
    Ok(rows)
}

/// How many statements an organisation made, and in which mix: shares of frames with exact 90 %
/// intervals, and effective numbers (exp of Shannon's entropy) of frames, languages and audiences.
/// With fewer than three statements only their number is given.
fn volume_and_mix(
    organisation: String,
    messages: &[&Message],
    codebook: &Codebook,
) -> Result<Vec<NarrativeMeasure>> {
    let months = messages.iter().filter_map(|message| message.month);
    let months = months.clone().min().zip(months.max()).map(|(from, to)| [from, to]);
    let number = messages.len();
    let base = NarrativeMeasure { organisation, months, number, ..NarrativeMeasure::default() };
    let mut rows = vec![NarrativeMeasure {
        measure: "statements".to_owned(),
        value: Some(number as f64),
        ..base.clone()
    }];
    if number < FEWEST_STATEMENTS {
        rows[0].note = "too few for a mix".to_owned();
        return Ok(rows);
    }
    let share = |measure, about: &str, hits: usize| -> Result<NarrativeMeasure> {
        let found = proportion(hits as u64, number as u64, 0.9)?;
        Ok(NarrativeMeasure {
            measure: str::to_owned(measure),
            about: about.to_owned(),
            value: Some(found.value),
            interval: Some([found.low, found.high]),
            ..base.clone()
        })
    };
    let mut frames = vec![0.0; codebook.frames.len()];
    messages.iter().flat_map(|message| &message.frames).for_each(|&frame| frames[frame] += 1.0);
    for (frame, code) in codebook.frames.iter().enumerate().filter(|it| frames[it.0] > 0.0) {
        rows.push(share("share with the frame", &code.title, frames[frame] as usize)?);
    }
    let counts = |of: fn(&Message) -> Vec<String>| {
        let mut counts: BTreeMap<String, f64> = BTreeMap::new();
        messages
            .iter()
            .flat_map(|message| of(message))
            .for_each(|it| *counts.entry(it).or_default() += 1.0);
        counts.into_values().collect::<Vec<f64>>()
    };
    let diversities = [
        ("effective number of frames", frames.clone()),
        ("effective number of languages", counts(|it| it.languages.clone())),
        ("effective number of audiences", counts(|it| it.audiences.clone())),
    ];
    for (measure, counts) in diversities {
        if let Some(value) = effective_number(&counts, 1.0) {
            rows.push(NarrativeMeasure {
                measure: measure.to_owned(),
                value: Some(value),
                ..base.clone()
            });
        }
    }
    let hits =
        |of: Measured| messages.iter().filter(|message| message.measures.contains(&of)).count();
    rows.push(share("share that delegitimises rivals", "", hits(Measured::Rivals))?);
    rows.push(share("share that reaches out to women", "", hits(Measured::Women))?);
    Ok(rows)
}
