//! Violence over time: by province, by family, and what the headline says of it.

use std::collections::BTreeMap;

use sanad_brief::latest::Most;
use sanad_brief::{
    FrontBlock, FrontPeak, Headline, Measured, Monthly, National, NationalYear, Newest,
};
use sanad_core::Month;
use sanad_core::actor::Family;
use sanad_front::rates::BlockBootstrap;
use sanad_store::{NationalMonth, Tally, Unit};

use super::fronts::MeasuredFronts;
use super::geography::kind_of;
use super::newest::NewestMonths;
use super::{Study, coverage};

/// Groups drawn one by one; the others are drawn together.
const GROUPS_SHOWN: usize = 7;

pub(crate) fn measured(interval: sanad_front::Interval) -> Measured {
    Measured { low: interval.low, value: interval.median, high: interval.high }
}

fn sum(tallies: &[&Tally], of: fn(&Tally) -> f64) -> f64 {
    tallies.iter().map(|tally| of(tally)).sum()
}

impl Study {
    /// Deaths per month by province of its day, greatest first.
    pub(super) fn by_province(&self) -> Monthly {
        self.grouped(&self.provinces_then, |study, tally| study.place_name(&tally.place_id))
    }

    /// Deaths per month by family of the organisations that are sides.
    pub(super) fn by_family(&self) -> Monthly {
        self.grouped(&self.provinces_now, |study, tally| study.family_label(tally).to_owned())
    }

    fn grouped(&self, tallies: &[Tally], label: fn(&Self, &Tally) -> String) -> Monthly {
        let mut groups: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for tally in tallies {
            let values =
                groups.entry(label(self, tally)).or_insert_with(|| vec![0.0; self.length()]);
            values[self.at(tally.month)] += tally.deaths_best;
        }
        let mut series: Vec<(String, Vec<f64>)> = groups.into_iter().collect();
        let total = |values: &[f64]| values.iter().sum::<f64>();
        series.sort_by(|a, b| total(&b.1).total_cmp(&total(&a.1)));
        if series.len() > GROUPS_SHOWN + 1 {
            let rest = series.split_off(GROUPS_SHOWN);
            let mut others = vec![0.0; self.length()];
            for (_, values) in &rest {
                others.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            }
            series.push(("All others".to_owned(), others));
        }
        Monthly { from: self.months[0], series }
    }

    pub(super) fn place_name(&self, id: &str) -> String {
        match self.book.get(id) {
            Some(place) => place.name.clone(),
            None => "Not placed".to_owned(),
        }
    }

    /// The family an event counts with: that of its organisations, if they share one.
    fn family_label(&self, tally: &Tally) -> &str {
        let families = self.sides(tally).filter(|&side| !self.is_state(side));
        let mut families: Vec<&Family> = families.map(|side| self.family(side)).collect();
        families.sort_unstable();
        families.dedup();
        match &families[..] {
            [] => "States only",
            &[family] => self.family_title(family),
            _ => "Two families",
        }
    }

    /// The title that the case gives a family; its word when it gives none.
    pub(super) fn family_title<'a>(&'a self, family: &'a Family) -> &'a str {
        let declared = self.families.iter().find(|declared| declared.id == *family);
        declared.map_or(family.as_str(), |declared| declared.title.as_str())
    }

    pub(super) fn headline(&self, fronts: Option<&MeasuredFronts>) -> Headline {
        let [first, _] = self.last_year();
        let last_year: Vec<&Tally> =
            self.provinces_now.iter().filter(|tally| tally.month >= first).collect();
        let deaths = Measured {
            low: sum(&last_year, |tally| tally.deaths_low),
            value: sum(&last_year, |tally| tally.deaths_best),
            high: sum(&last_year, |tally| tally.deaths_high),
        };
        let province = self.greatest(last_year.iter().copied());
        let share = |(name, most): (String, f64)| (name, most / deaths.value.max(1.0));
        Headline {
            source: self.source.clone(),
            finest: kind_of(self.finest_unit()),
            names: self.book.level_names().clone(),
            newest: self.newest.as_ref().map(|counted| self.newest_of(counted)),
            months: self.last_year(),
            events: sum(&last_year, |tally| tally.events),
            deaths,
            change: self.change_of_year(),
            province: province.map(share),
            district: self.greatest(self.districts_now.iter()),
            national: self.national_year(),
            front: fronts.and_then(MeasuredFronts::peak),
        }
    }

    fn newest_of(&self, counted: &NewestMonths) -> Newest {
        let all: Vec<&Tally> = counted.provinces.iter().collect();
        let deaths = Measured {
            low: sum(&all, |tally| tally.deaths_low),
            value: sum(&all, |tally| tally.deaths_best),
            high: sum(&all, |tally| tally.deaths_high),
        };
        let nowhere: Vec<&Tally> =
            all.iter().copied().filter(|tally| self.book.get(&tally.place_id).is_none()).collect();
        let province = self.greatest(all.iter().copied());
        let district = self.greatest(counted.finest.iter());
        Newest {
            months: counted.months.clone(),
            missing: counted.missing.clone(),
            source: counted.source.clone(),
            is_preliminary: counted.is_preliminary,
            events: sum(&all, |tally| tally.events),
            deaths,
            province: province.map(|(name, most)| (name, most / deaths.value.max(1.0))),
            district: district.filter(|_| self.finest_unit() == Unit::Adm2),
            deaths_unplaced: sum(&nowhere, |tally| tally.deaths_best),
        }
    }

    /// The place with most deaths.
    fn greatest<'a>(&self, tallies: impl Iterator<Item = &'a Tally>) -> Option<(String, f64)> {
        let mut places: BTreeMap<&str, f64> = BTreeMap::new();
        for tally in tallies.filter(|tally| self.book.get(&tally.place_id).is_some()) {
            *places.entry(&tally.place_id).or_default() += tally.deaths_best;
        }
        let most = places.into_iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
        (most.1 > 0.0).then(|| (self.place_name(most.0), most.1))
    }

    /// Deaths in the last twelve months against the twelve before.
    fn change_of_year(&self) -> Option<Measured> {
        let mut deaths = vec![0.0; self.length()];
        for tally in &self.provinces_now {
            deaths[self.at(tally.month)] += tally.deaths_best;
        }
        let end = deaths.len();
        let (before, after) = (deaths.get(end.checked_sub(24)?..end - 12)?, &deaths[end - 12..]);
        BlockBootstrap::default().ratio(before, after).map(measured)
    }

    fn national_year(&self) -> Option<NationalYear> {
        let mut years: BTreeMap<i32, Vec<&NationalMonth>> = BTreeMap::new();
        for row in &self.national.months {
            years.entry(row.month.year()).or_default().push(row);
        }
        let deaths =
            |months: &[&NationalMonth]| months.iter().map(|row| row.deaths_best).sum::<i64>();
        let (&year, months) = years.iter().rev().find(|(_, months)| months.len() == 12)?;
        let deaths_best = deaths(months);
        let deaths_high: Option<i64> = months.iter().map(|row| row.deaths_high).sum();
        let events = months.iter().map(|row| row.events).sum();
        // What lies before a gap cannot be compared: years in it may have had more.
        let covered: Vec<Month> = self.national.months.iter().map(|row| row.month).collect();
        let run = coverage::last_run(&covered);
        let in_run = |year: i32| covered.get(run).is_some_and(|first| first.year() <= year);
        let mut earlier = years.range(..year).rev();
        let earlier = earlier.find(|(_, months)| deaths(months) >= deaths_best);
        let most = match earlier {
            Some((&earlier, _)) if in_run(earlier) => Most::Since(earlier),
            None if run == 0 => Most::OfSeries,
            _ => Most::NotKnown,
        };
        (year > self.months[1].year()).then(|| NationalYear {
            source: self.national_source.clone(),
            year,
            events,
            deaths_best,
            deaths_high,
            most,
        })
    }

    pub(super) fn national(&self) -> Option<National> {
        let (from, to) = (self.national.months.first()?.month, self.national.months.last()?.month);
        let months: BTreeMap<Month, f64> =
            self.national.months.iter().map(|row| (row.month, row.deaths_best as f64)).collect();
        let mut by_place: BTreeMap<Month, f64> = BTreeMap::new();
        for tally in &self.provinces_now {
            *by_place.entry(tally.month).or_default() += tally.deaths_best;
        }
        let counted = |month: Month| {
            let covered = self.months[0] <= month && month <= self.months[1];
            covered.then(|| by_place.get(&month).copied().unwrap_or(0.0))
        };
        Some(National {
            source: self.national_source.clone(),
            from,
            deaths_best: Month::range(from, to).map(|month| months.get(&month).copied()).collect(),
            deaths_by_place: Month::range(from, to).map(counted).collect(),
        })
    }
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
    /// The greatest index of the last month that has one.
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
