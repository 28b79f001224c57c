//! Violence over time: by province, by family, and what the headline says of it.
//!
//! Charts run over the months in a row by place. The headline is of their last twelve months; where
//! newer months are known for the country alone, or by place beyond a gap, these are given beside
//! it and never added.

use sanad_core::Estimate;
use std::collections::BTreeMap;

use sanad_brief::latest::Most;
use sanad_brief::{FrontBlock, FrontPeak, Headline, Monthly, National, NationalYear, Newest};
use sanad_core::Month;
use sanad_core::actor::Family;
use sanad_front::rates::BlockBootstrap;
use sanad_store::{NationalMonth, Tally, Unit};

use super::fronts::MeasuredFronts;
use super::geography::{kind_of, place_name};
use super::newest::NewestMonths;
use super::{Study, coverage};

/// Groups drawn one by one; the others are drawn together. As many colours can be told apart.
const GROUPS_SHOWN: usize = 7;

/// A number of the tallies, summed in their order.
fn sum(tallies: &[&Tally], of: fn(&Tally) -> f64) -> f64 {
    tallies.iter().map(|tally| of(tally)).sum()
}

/// Deaths per month by province of its day, greatest first. What is not placed in a province is a
/// group of its own.
pub(crate) fn by_province(study: &Study) -> Monthly {
    grouped(study, &study.provinces_then, |study, tally| place_name(study, &tally.place_id))
}

/// Deaths per month by family of the organisations that are sides. An event between two families is
/// counted with neither.
pub(crate) fn by_family(study: &Study) -> Monthly {
    grouped(study, &study.provinces_now, |study, tally| family_label(study, tally).to_owned())
}

/// Deaths per month by a label, the greatest sums first; what is beyond the shown groups is added
/// up last.
fn grouped(study: &Study, tallies: &[Tally], label: fn(&Study, &Tally) -> String) -> Monthly {
    let mut groups: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for tally in tallies {
        let values = groups.entry(label(study, tally)).or_insert_with(|| vec![0.0; study.length()]);
        values[study.month_index(tally.month)] += tally.deaths_best;
    }
    let mut series: Vec<(String, Vec<f64>)> = groups.into_iter().collect();
    let total = |values: &[f64]| values.iter().sum::<f64>();
    series.sort_by(|a, b| total(&b.1).total_cmp(&total(&a.1)));
    if series.len() > GROUPS_SHOWN + 1 {
        let rest = series.split_off(GROUPS_SHOWN);
        let mut others = vec![0.0; study.length()];
        for (_, values) in &rest {
            others.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
        series.push(("All others".to_owned(), others));
    }
    Monthly { from: study.months[0], series }
}

/// The family an event counts with: that of its organisations, if they share one.
fn family_label<'a>(study: &'a Study, tally: &Tally) -> &'a str {
    let families = study.parties.sides(tally).filter(|&side| !study.parties.is_state(side));
    let mut families: Vec<&Family> = families.map(|side| study.parties.family(side)).collect();
    families.sort_unstable();
    families.dedup();
    match &families[..] {
        [] => "States only",
        &[family] => family_title(study, family),
        _ => "Two families",
    }
}

/// The title that the case gives a family; its word when it gives none. Families are what
/// `case.toml` tells apart.
pub(crate) fn family_title<'a>(study: &'a Study, family: &'a Family) -> &'a str {
    let declared = study.families.iter().find(|declared| declared.id == *family);
    declared.map_or(family.as_str(), |declared| declared.title.as_str())
}

/// The last twelve months in a row by place in numbers: events, deaths with their low and high
/// estimates, the change against the twelve before, and the province and district with most deaths,
/// each as `None` where there was no death. The bounds of deaths are sums of the source's bounds.
pub(crate) fn headline(study: &Study, fronts: Option<&MeasuredFronts>) -> Headline {
    let [first, _] = study.last_year();
    let last_year: Vec<&Tally> =
        study.provinces_now.iter().filter(|tally| tally.month >= first).collect();
    let deaths = Estimate {
        low: sum(&last_year, |tally| tally.deaths_low),
        value: sum(&last_year, |tally| tally.deaths_best),
        high: sum(&last_year, |tally| tally.deaths_high),
    };
    let province = greatest(study, last_year.iter().copied());
    let share = |(name, most): (String, f64)| (name, most / deaths.value.max(1.0));
    Headline {
        source: study.source.clone(),
        finest: kind_of(study.finest_unit()),
        names: study.book.level_names().clone(),
        newest: study.newest.as_ref().map(|counted| newest_of(study, counted)),
        months: study.last_year(),
        events: sum(&last_year, |tally| tally.events),
        deaths,
        change: change_of_year(study),
        province: province.map(share),
        district: greatest(study, study.districts_now.iter()),
        national: national_year(study),
        front: fronts.and_then(MeasuredFronts::peak),
    }
}

/// The covered months among the newest twelve, in the same numbers. A place is named only where it
/// is placed, a district only where the case lists districts.
fn newest_of(study: &Study, counted: &NewestMonths) -> Newest {
    let all: Vec<&Tally> = counted.provinces.iter().collect();
    let deaths = Estimate {
        low: sum(&all, |tally| tally.deaths_low),
        value: sum(&all, |tally| tally.deaths_best),
        high: sum(&all, |tally| tally.deaths_high),
    };
    let nowhere: Vec<&Tally> =
        all.iter().copied().filter(|tally| study.book.get(&tally.place_id).is_none()).collect();
    let province = greatest(study, all.iter().copied());
    let district = greatest(study, counted.finest.iter());
    Newest {
        months: counted.months.clone(),
        missing: counted.missing.clone(),
        source: counted.source.clone(),
        is_preliminary: counted.is_preliminary,
        events: sum(&all, |tally| tally.events),
        deaths,
        province: province.map(|(name, most)| (name, most / deaths.value.max(1.0))),
        district: district.filter(|_| study.finest_unit() == Unit::Adm2),
        deaths_unplaced: sum(&nowhere, |tally| tally.deaths_best),
    }
}

/// The place with most deaths. `None` where nothing placed had a death.
fn greatest<'a>(study: &Study, tallies: impl Iterator<Item = &'a Tally>) -> Option<(String, f64)> {
    let mut places: BTreeMap<&str, f64> = BTreeMap::new();
    for tally in tallies.filter(|tally| study.book.get(&tally.place_id).is_some()) {
        *places.entry(&tally.place_id).or_default() += tally.deaths_best;
    }
    let most = places.into_iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    (most.1 > 0.0).then(|| (place_name(study, most.0), most.1))
}

/// Deaths in the last twelve months against the twelve before. A ratio with its 95 % interval by
/// blocks of months; `None` with fewer than twenty-four months.
fn change_of_year(study: &Study) -> Option<Estimate> {
    let mut deaths = vec![0.0; study.length()];
    for tally in &study.provinces_now {
        deaths[study.month_index(tally.month)] += tally.deaths_best;
    }
    let end = deaths.len();
    let (before, after) = (deaths.get(end.checked_sub(24)?..end - 12)?, &deaths[end - 12..]);
    BlockBootstrap::default().ratio(before, after)
}

/// The national months in a row that series are made of: the latest run of two years or more, or else
/// the longest. A month beyond a gap would stand in the place of one that nothing covers.
pub(crate) fn national_run(study: &Study) -> &[NationalMonth] {
    let months: Vec<Month> = study.national.months.iter().map(|row| row.month).collect();
    let Some([from, to]) = coverage::unbroken(&months) else { return &[] };
    let first = months.partition_point(|month| *month < from);
    let end = months.partition_point(|month| *month <= to);
    &study.national.months[first..end]
}

/// The newest calendar year of which all twelve national months are known, and since when no year
/// had as many deaths; `None` where it is not later than the counts by place.
fn national_year(study: &Study) -> Option<NationalYear> {
    let mut years: BTreeMap<i32, Vec<&NationalMonth>> = BTreeMap::new();
    for row in &study.national.months {
        years.entry(row.month.year()).or_default().push(row);
    }
    let deaths = |months: &[&NationalMonth]| months.iter().map(|row| row.deaths_best).sum::<i64>();
    let (&year, months) = years.iter().rev().find(|(_, months)| months.len() == 12)?;
    let deaths_best = deaths(months);
    let deaths_high: Option<i64> = months.iter().map(|row| row.deaths_high).sum();
    let events = months.iter().map(|row| row.events).sum();
    // What lies before a gap cannot be compared: years in it may have had more.
    let covered: Vec<Month> = study.national.months.iter().map(|row| row.month).collect();
    let run = coverage::last_run(&covered);
    let in_run = |year: i32| covered.get(run).is_some_and(|first| first.year() <= year);
    let mut earlier = years.range(..year).rev();
    let earlier = earlier.find(|(_, months)| deaths(months) >= deaths_best);
    let most = match earlier {
        Some((&earlier, _)) if in_run(earlier) => Most::Since(earlier),
        None if run == 0 => Most::OfSeries,
        _ => Most::NotKnown,
    };
    (year > study.months[1].year()).then(|| NationalYear {
        source: study.national_source.clone(),
        year,
        events,
        deaths_best,
        deaths_high,
        most,
    })
}

/// Deaths by month of the whole country from national releases, beside those by place; `None` in a
/// month that the one or the other does not cover.
pub(crate) fn national(study: &Study) -> Option<National> {
    let (from, to) = (study.national.months.first()?.month, study.national.months.last()?.month);
    let months: BTreeMap<Month, f64> =
        study.national.months.iter().map(|row| (row.month, row.deaths_best as f64)).collect();
    let mut by_place: BTreeMap<Month, f64> = BTreeMap::new();
    for tally in &study.provinces_now {
        *by_place.entry(tally.month).or_default() += tally.deaths_best;
    }
    let counted = |month: Month| {
        let covered = study.months[0] <= month && month <= study.months[1];
        covered.then(|| by_place.get(&month).copied().unwrap_or(0.0))
    };
    Some(National {
        source: study.national_source.clone(),
        from,
        deaths_best: Month::range(from, to).map(|month| months.get(&month).copied()).collect(),
        deaths_by_place: Month::range(from, to).map(counted).collect(),
    })
}

/// Position of the last month in which every front that ever has an index has one: the fronts of
/// different months cannot be compared.
fn common_last(blocks: &[FrontBlock]) -> Option<usize> {
    blocks.iter().filter_map(last_of).min()
}

/// Position of the last month in which some place of a front has an index.
fn last_of(block: &FrontBlock) -> Option<usize> {
    block.rows.iter().filter_map(|row| row.index.iter().rposition(Option::is_some)).max()
}

impl MeasuredFronts {
    /// The greatest index of the last month that has one. Fronts that reach further are listed with
    /// their own last month.
    fn peak(&self) -> Option<FrontPeak> {
        let content = self.content();
        let last = common_last(&content.blocks).or_else(|| self.last_month_with_index())?;
        let candidates = content.blocks.iter().flat_map(|block| {
            block.rows.iter().filter_map(move |row| {
                Some((block.front, row, row.index[last]?, row.evidence_share[last]))
            })
        });
        let best = candidates.max_by(|a, b| a.2.value.total_cmp(&b.2.value))?;
        let length = best.1.index.len();
        Some(FrontPeak {
            front: best.0,
            place: best.1.place.clone(),
            month: content.from.plus(last as i32),
            index: best.2,
            evidence_share: best.3,
            until: content.from.plus(length as i32 - 1),
            later: content
                .blocks
                .iter()
                .filter_map(|block| Some((block.front, last_of(block).filter(|at| *at > last)?)))
                .map(|(front, at)| (front, content.from.plus(at as i32)))
                .collect(),
        })
    }
}
