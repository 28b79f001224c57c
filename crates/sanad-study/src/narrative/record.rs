//! Claims against the record, and what operations say of themselves: tempo, reach, coordination.
//!
//! A claim above the record may be boast, and it may be that the record misses events: the two
//! counts cannot tell. So the ratio is given with its interval and without a verdict.

use std::collections::BTreeMap;

use sanad_core::Month;
use sanad_core::actor::Actor;
use sanad_core::place::LevelName;
use sanad_evidence::statements::claims::rate_ratio;
use sanad_evidence::statements::coordination::{Settings, coincidence_test};
use sanad_store::{Observatory, Tally};

use super::NarrativeMeasure;
use super::messages::{Message, MessageClaim};
use crate::Study;
use crate::error::Result;

/// Events of an organisation in the last year from which on its operations are described. With
/// fewer there is no tempo to speak of.
const FEWEST_EVENTS: f64 = 5.0;
/// Years over which coordinated days are counted. They end with the organisation's last event.
const COORDINATION_YEARS: i64 = 5;

/// Events claimed over events recorded, for every statement that claims a number.
///
/// # Errors
///
/// `Error::Evidence` where a statement claims no event for months in which none was recorded:
/// nothing over nothing is no ratio.
pub(crate) fn claims_against_record(
    study: &Study,
    messages: &[Message],
) -> Result<Vec<NarrativeMeasure>> {
    let covered: Vec<Month> = Month::range(study.months[0], study.months[1]).collect();
    let mut rows = Vec::new();
    for message in messages {
        if let Some(claim) = &message.claim {
            rows.push(claim_against_record(study, message, claim, &covered)?);
        }
    }
    Ok(rows)
}

/// One claim: the ratio with its 90 % interval where the record covers the months claimed. Where it
/// does not, or where no months are named, the note says what was most in any stretch as long, and
/// there is no value.
fn claim_against_record(
    study: &Study,
    message: &Message,
    claim: &MessageClaim,
    covered: &[Month],
) -> Result<NarrativeMeasure> {
    let by_month = events_by_month(study, &message.organisation);
    let months = claim
        .period
        .map(|period| [Month::from_date(period.start()), Month::from_date(period.end())]);
    let base = NarrativeMeasure {
        measure: "events claimed over recorded".to_owned(),
        organisation: crate::narrative::actor_label(study, &message.organisation),
        about: message.id.clone(),
        months,
        number: claim.events as usize,
        ..NarrativeMeasure::default()
    };
    let is_covered = |[from, to]: [Month; 2]| {
        Month::range(from, to).all(|month| covered.binary_search(&month).is_ok())
    };
    let record_ends = covered.last().copied().unwrap_or(study.months[1]);
    if let Some([from, to]) = months.filter(|months| is_covered(*months)) {
        let recorded = by_month.range(from..=to).map(|range| range.1).sum::<f64>().round();
        if claim.events == 0 && recorded == 0.0 {
            let note = "0 claimed, 0 recorded: there is no ratio".to_owned();
            return Ok(NarrativeMeasure { note, ..base });
        }
        let ratio = rate_ratio(u64::from(claim.events), recorded as u64, 0.9)?;
        return Ok(NarrativeMeasure {
            value: Some(ratio.value).filter(|value| value.is_finite()),
            interval: Some([ratio.low, ratio.high]).filter(|it| it[1].is_finite()),
            note: format!("{} claimed, {recorded} recorded", claim.events),
            ..base
        });
    }
    let window = months.map(|[from, to]| (to.id() - from.id() + 1) as u32).or(claim.months);
    let Some(length) = window else {
        let note = format!("{} claimed; for which months is not told", claim.events);
        return Ok(NarrativeMeasure { note, ..base });
    };
    let (most, end) = busiest(&by_month, covered, length);
    let why = match months {
        Some(_) => "the record does not cover the months",
        None => "which months is not told",
    };
    let note = format!(
        "{} claimed; {why} (it ends in {record_ends}). The most recorded in any {length} \
         months is {most}{}: against that, not the claimed months, the ratio is {}",
        claim.events,
        end.map_or_else(String::new, |end| format!(", to {end}")),
        against(claim.events, most)?,
    );
    Ok(NarrativeMeasure { note, ..base })
}

/// Events with the organisation as a side, by month. Over the months of the study, in today's
/// provinces and what could not be placed.
fn events_by_month(study: &Study, id: &str) -> BTreeMap<Month, f64> {
    let numbers = numbers_of(study, id);
    let mut months = BTreeMap::new();
    for tally in study.provinces_now.iter().filter(|tally| is_of(tally, &numbers)) {
        *months.entry(tally.month).or_default() += tally.events;
    }
    months
}

/// The source's numbers of an actor; none for one that is not listed.
fn numbers_of(study: &Study, id: &str) -> Vec<i64> {
    let actor = study.actors.iter().find(|actor| actor.id == id);
    actor.map_or_else(Vec::new, |actor| actor.ucdp_ids.clone())
}

/// The measure of days on which an organisation attacked in several places. Places are those of the
/// source's second level, which the case's own words need not fit.
pub(crate) const COORDINATED_DAYS: &str = "days with attacks in two places or more";

/// The measure of places that an organisation reached in the last year, in the case's word for them.
pub(crate) fn reached(places: &LevelName) -> String {
    format!("{} reached in that year", places.several)
}

/// Tempo, reach and coordinated days of every organisation that was active in the last year of
/// the record.
pub(crate) fn operations(
    study: &Study,
    observatory: &Observatory,
    threads: usize,
) -> Result<Vec<NarrativeMeasure>> {
    let covered: Vec<Month> = Month::range(study.months[0], study.months[1]).collect();
    let Some(last) = last_year(&covered) else { return Ok(Vec::new()) };
    let before_is_covered = is_year(&covered, last.plus(-12));
    let months = Some([last.plus(-11), last]);
    let within = |it: &&Tally, end: Month| it.month > end.plus(-12) && it.month <= end;
    let mut rows = Vec::new();
    let armed = study.actors.iter().filter(|actor| {
        crate::narrative::messages::is_armed(study, &actor.id)
            && actor.ucdp_ids.iter().any(|&side| !study.parties.is_state(side))
    });
    for actor in armed {
        let of = |tally: &&Tally| is_of(tally, &actor.ucdp_ids);
        let in_year = |end: Month| {
            let here = study
                .provinces_now
                .iter()
                .filter(of)
                .filter(|provinces_now| within(provinces_now, end));
            here.map(|here| here.events).sum::<f64>().round()
        };
        let events = in_year(last);
        if events < FEWEST_EVENTS {
            continue;
        }
        let before = if before_is_covered {
            format!("{} in the year before", in_year(last.plus(-12)) as u64)
        } else {
            "the year before is not covered".to_owned()
        };
        let districts = study
            .districts_then
            .iter()
            .filter(of)
            .filter(|districts_then| within(districts_then, last));
        let mut districts: Vec<&str> =
            districts.map(|district| district.place_id.as_str()).collect();
        districts.retain(|id| study.book.get(id).is_some());
        districts.sort_unstable();
        districts.dedup();
        let organisation = actor.label().to_owned();
        let base = NarrativeMeasure { organisation, months, ..NarrativeMeasure::default() };
        rows.push(NarrativeMeasure {
            measure: "events in the last full year of the record".to_owned(),
            value: Some(events),
            number: events as usize,
            note: before,
            ..base.clone()
        });
        rows.push(NarrativeMeasure {
            measure: reached(study.finest_name()),
            value: Some(districts.len() as f64),
            number: events as usize,
            ..base.clone()
        });
        rows.extend(coordination(actor, observatory, threads, &base)?);
    }
    Ok(rows)
}

/// Whether the twelve months to `end` are all covered.
fn is_year(covered: &[Month], end: Month) -> bool {
    Month::range(end.plus(-11), end).all(|month| covered.binary_search(&month).is_ok())
}

/// The last month that ends twelve covered ones. `None` where no twelve months in a row are
/// covered.
fn last_year(covered: &[Month]) -> Option<Month> {
    covered.iter().rev().copied().find(|&end| is_year(covered, end))
}

/// Days on which an organisation hit several districts, over its last years. Chance deals the days
/// of each district anew within thirty days, so that busy months stay busy. `None` where no event
/// of the organisation is at hand one by one.
fn coordination(
    actor: &Actor,
    observatory: &Observatory,
    threads: usize,
    base: &NarrativeMeasure,
) -> Result<Option<NarrativeMeasure>> {
    let events = observatory.event_days(&actor.ucdp_ids, threads)?;
    let Some(&(last, _)) = events.last() else { return Ok(None) };
    let days = COORDINATION_YEARS * 365;
    let first = last - chrono::Days::new(days.unsigned_abs() - 1);
    let mut places: BTreeMap<&str, u32> = BTreeMap::new();
    let mut pairs = Vec::new();
    for (day, district) in events.iter().filter(|(day, _)| *day >= first) {
        let next = places.len() as u32;
        let place = *places.entry(district).or_insert(next);
        pairs.push((u32::try_from((*day - first).num_days()).unwrap_or(0), place));
    }
    let settings = Settings { min_places: 2, ..Settings::default() };
    let found = coincidence_test(&pairs, days as u32, &settings)?;
    Ok(Some(NarrativeMeasure {
        measure: COORDINATED_DAYS.to_owned(),
        months: Some([Month::from_date(first), Month::from_date(last)]),
        value: Some(found.days as f64),
        by_chance: Some(found.chance_days),
        p_value: Some(found.p_value),
        number: pairs.len(),
        note: format!(
            "chance gives {} to {} (90 %) when the days of each place are dealt anew within thirty \
             days; places are those of the source's second level below the country",
            found.chance_low_days, found.chance_high_days
        ),
        ..base.clone()
    }))
}

/// Whether one of the numbers is a side.
fn is_of(tally: &Tally, numbers: &[i64]) -> bool {
    numbers.contains(&tally.side_a_id) || numbers.contains(&tally.side_b_id)
}

/// The most events in `length` months that are all covered, and the last of them. Zero without a
/// month where no stretch of that length is covered, or none had an event.
fn busiest(
    by_month: &BTreeMap<Month, f64>,
    covered: &[Month],
    length: u32,
) -> (u64, Option<Month>) {
    let mut best = (0, None);
    for &end in covered {
        let begin = end.plus(1 - length as i32);
        let inside = covered.partition_point(|month| *month <= end)
            - covered.partition_point(|month| *month < begin);
        if inside < length as usize {
            continue;
        }
        let events = by_month.range(begin..=end).map(|range| range.1).sum::<f64>().round() as u64;
        if events > best.0 {
            best = (events, Some(end));
        }
    }
    best
}

/// The ratio with its 90 % interval in words; "none" where nothing was recorded.
fn against(claimed: u32, recorded: u64) -> Result<String> {
    if recorded == 0 {
        return Ok("none".to_owned());
    }
    let ratio = rate_ratio(u64::from(claimed), recorded, 0.9)?;
    Ok(format!("{:.1} ({:.1} to {:.1})", ratio.value, ratio.low, ratio.high))
}
