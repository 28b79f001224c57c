//! Numbers as sentences.

use sanad_core::Month;
use sanad_core::actor::Family;
use sanad_core::chronicle::Front;

use crate::content::{Headline, Measured};

/// A whole number with thin grouping: 1,885.
pub(crate) fn whole(value: f64) -> String {
    sanad_figure::number(value, 0)
}

/// A month for people: December 2021.
pub(crate) fn month(month: Month) -> String {
    const NAMES: [&str; 12] = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ];
    format!("{} {}", NAMES[month.month() as usize - 1], month.year())
}

/// A stretch of months: "2021" for a full year, else "January 2020 to May 2021".
pub(crate) fn months([from, to]: [Month; 2]) -> String {
    if from.month() == 1 && to == from.plus(11) {
        from.year().to_string()
    } else {
        format!("{} to {}", month(from), month(to))
    }
}

/// The name of a front.
pub(crate) const fn front(front: Front) -> &'static str {
    match front {
        Front::Narrative => "Narrative",
        Front::Governance => "Governance",
        Front::Regional => "Regional",
    }
}

/// The name of a family.
pub(crate) const fn family(family: Family) -> &'static str {
    match family {
        Family::State => "States",
        Family::Islamist => "Islamist",
        Family::EthnoNationalist => "Ethno-nationalist",
        Family::Transnational => "Transnational",
        Family::Sectarian => "Sectarian",
        Family::KashmirOriented => "Kashmir-oriented",
        Family::Political => "Political",
        Family::CivilSociety => "Civil society",
        Family::Communal => "Communal",
        Family::Unknown => "Not known",
    }
}

/// The sentences at the top of a briefing, made from numbers alone.
pub(crate) fn headline(headline: &Headline) -> Vec<String> {
    [Some(violence(headline)), change(headline), front_peak(headline)]
        .into_iter()
        .flatten()
        .collect()
}

fn violence(headline: &Headline) -> String {
    let mut text = format!(
        "In {}, the last twelve months that are counted by district, {} recorded {} events of \
         organised violence and {} deaths (low and high estimate {} and {})",
        months(headline.months),
        headline.source,
        whole(headline.events),
        whole(headline.deaths.value),
        whole(headline.deaths.low),
        whole(headline.deaths.high),
    );
    if let Some((province, share)) = &headline.province {
        text.push_str(&format!("; {} % of the deaths were in {province}", whole(share * 100.0)));
    }
    if let Some((district, deaths)) = &headline.district {
        text.push_str(&format!("; the district with most was {district} ({})", whole(*deaths)));
    }
    text.push('.');
    text
}

fn change(headline: &Headline) -> Option<String> {
    let later = headline.national.as_ref().map(|year| {
        let since = year.most_since.map_or_else(
            || "the most in the whole series".to_owned(),
            |since| format!("the most since {since}"),
        );
        format!(
            "a later version of the source, national only ({}), counts {} events and {} deaths \
             (high estimate {}) in {}, {since}",
            year.source, whole(year.events as f64), whole(year.deaths_best as f64),
            whole(year.deaths_high as f64), year.year,
        )
    });
    let ratio = headline.change.map(|ratio| {
        format!(
            "Deaths per month were {} times those of the twelve months before (95 % interval {} \
             to {}{})",
            sanad_figure::number(ratio.value, 1),
            sanad_figure::number(ratio.low, 1),
            sanad_figure::number(ratio.high, 1),
            if ratio.low <= 1.0 && 1.0 <= ratio.high { ", so no change is excluded" } else { "" },
        )
    });
    match (ratio, later) {
        (Some(ratio), Some(later)) => Some(format!("{ratio}; {later}.")),
        (Some(ratio), None) => Some(format!("{ratio}.")),
        (None, Some(later)) => Some(format!("A{}.", &later[1..])),
        (None, None) => None,
    }
}

fn front_peak(headline: &Headline) -> Option<String> {
    let peak = headline.front.as_ref()?;
    Some(format!(
        "Of the three fronts, the most strained in {} was the {} front in {}: {} on a scale of 0 \
         to 100 (90 % interval {}), with {} % of its evidence at hand{}.",
        month(peak.month),
        front(peak.front).to_lowercase(),
        peak.place,
        whole(peak.index.value),
        interval(peak.index, 0),
        whole(peak.evidence_share * 100.0),
        if peak.until > peak.month {
            "; after that month no front has enough evidence for an index"
        } else {
            ""
        },
    ))
}

/// An interval: "62 to 79".
pub(crate) fn interval(measured: Measured, decimals: usize) -> String {
    format!(
        "{} to {}",
        sanad_figure::number(measured.low, decimals),
        sanad_figure::number(measured.high, decimals)
    )
}
