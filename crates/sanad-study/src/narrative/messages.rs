//! The statements that are measured: a coded corpus where the observatory holds one, and otherwise
//! what the chronicle tells of.

use std::collections::BTreeSet;

use sanad_case::{Codebook, Measured};
use sanad_core::actor::ActorKind;
use sanad_core::chronicle::Detail;
use sanad_core::{Month, Period};
use sanad_store::Observatory;

use crate::Study;
use crate::error::Result;

/// A period longer than this is no month. A record that spans two months is put into the month of
/// its last day.
const LONGEST_MONTH_DAYS: i64 = 62;

/// A statement of an armed organisation as it is measured.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Message {
    /// Identifier of the message or the record.
    pub(super) id: String,
    /// Identifier of the organisation that speaks.
    pub(super) organisation: String,
    /// Its month, where it is known well enough.
    pub(super) month: Option<Month>,
    /// Positions in the codebook. Ascending, each once.
    pub(super) frames: Vec<usize>,
    /// Identifiers of audiences in the codebook; words that it does not have are left out.
    pub(super) audiences: Vec<String>,
    /// Languages as the record names them.
    pub(super) languages: Vec<String>,
    /// What the codebook measures by the message's frames and audiences; one measure may stand here
    /// several times.
    pub(super) measures: Vec<Measured>,
    /// The number of events that it claims, if it claims one.
    pub(super) claim: Option<MessageClaim>,
}

/// How many events a statement claims, and for when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct MessageClaim {
    /// Events claimed.
    pub(super) events: u32,
    /// When they are claimed to have been.
    pub(super) period: Option<Period>,
    /// Length in months, where only that is told.
    pub(super) months: Option<u32>,
}

/// Frames and audiences of one statement as words.
struct MessageWords<'a> {
    frames: &'a [String],
    audiences: &'a [String],
}

/// The statements, where they come from, and the frames that the codebook does not know. The
/// chronicle is read only where no coded statement of an armed organisation is at hand.
///
/// # Errors
///
/// Those of reading the observatory.
pub(crate) fn messages(
    study: &Study,
    observatory: &Observatory,
    codebook: &Codebook,
) -> Result<(Vec<Message>, String, Vec<String>)> {
    let mut unknown = BTreeSet::new();
    let coded = observatory.coded_statements(None)?;
    let mut found: Vec<Message> = Vec::new();
    let mut seen = BTreeSet::new();
    // Rows come in order of date, message and coder: the first coder's row stands for a message.
    for row in &coded {
        let it = &row.statement;
        if !is_armed(study, &it.organisation) || !seen.insert(&it.id) {
            continue;
        }
        let words = MessageWords { frames: &it.frames, audiences: &it.audiences };
        let claim = it.claimed_events.map(|events| MessageClaim {
            events,
            period: it.claimed_period,
            months: None,
        });
        let head = (it.id.clone(), it.organisation.clone(), month_of(it.date));
        found.push(message(head, &words, it.languages.clone(), claim, codebook, &mut unknown));
    }
    let basis = if found.is_empty() { "chronicle" } else { "coded statements" };
    for record in &study.chronicle {
        let Detail::Statement(it) = &record.detail else { continue };
        if !is_armed(study, &it.organisation) || basis != "chronicle" {
            continue;
        }
        let words = MessageWords { frames: &it.frames, audiences: &it.audiences };
        let period = it.claimed_from.zip(it.claimed_to);
        let period = period.and_then(|(from, to)| Period::between(from.start(), to.end()));
        let claim = it.claimed_events.map(|events| MessageClaim {
            events,
            period,
            months: it.claimed_months,
        });
        let head = (record.entry.id.clone(), it.organisation.clone(), month_of(record.entry.when));
        found.push(message(head, &words, it.languages.clone(), claim, codebook, &mut unknown));
    }
    Ok((found, basis.to_owned(), unknown.into_iter().collect()))
}

/// Whether an actor is an armed organisation or an alliance of such; an actor that is not listed is
/// none.
pub(crate) fn is_armed(study: &Study, id: &str) -> bool {
    let actor = study.actors.iter().find(|actor| actor.id == id);
    actor.is_some_and(|actor| {
        matches!(actor.kind, ActorKind::ArmedOrganisation | ActorKind::Alliance)
    })
}

/// A message in the codebook's terms. Words of frames that the codebook does not have are added to
/// `unknown`.
fn message(
    (id, organisation, month): (String, String, Option<Month>),
    words: &MessageWords<'_>,
    languages: Vec<String>,
    claim: Option<MessageClaim>,
    codebook: &Codebook,
    unknown: &mut BTreeSet<String>,
) -> Message {
    let mut frames = BTreeSet::new();
    for word in words.frames {
        match codebook.frame(word) {
            Some(frame) => drop(frames.insert(frame)),
            None => drop(unknown.insert(word.clone())),
        }
    }
    let audiences: BTreeSet<usize> =
        words.audiences.iter().filter_map(|word| codebook.audience(word)).collect();
    let measures = frames.iter().filter_map(|&at| codebook.frames[at].measures);
    let measures = measures
        .chain(audiences.iter().filter_map(|&at| codebook.audiences[at].measures))
        .collect();
    let audiences = audiences.into_iter().map(|at| codebook.audiences[at].id.clone()).collect();
    let frames = frames.into_iter().collect();
    Message { id, organisation, month, frames, audiences, languages, measures, claim }
}

/// The month of a period's last day; `None` where the period is too long to be in one.
fn month_of(when: Period) -> Option<Month> {
    let is_month = (when.end() - when.start()).num_days() < LONGEST_MONTH_DAYS;
    is_month.then(|| Month::from_date(when.end()))
}
