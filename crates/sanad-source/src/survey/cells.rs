//! Estimates by place and period, with the cells that may not be published taken out.

use std::collections::BTreeMap;

use sanad_core::Period;
use sanad_core::country::Country;
use sanad_core::diagnostic::{Diagnostic, Issue};
use sanad_core::observation::{GivenPlace, Observation};
use sanad_core::place::Level;
use sanad_survey::SampleDesign;

use super::map::SurveyMap;
use super::measures::{CellMeasure, CellScope, NamedEstimate, measures};
use super::rows::Respondents;

/// Cells, and indicators in them, that rest on too few respondents.
const UNDER_TEN: &str = "cells under ten";
/// Cells that would have given a smaller one away.
const DROPPED_BESIDE: &str = "cells dropped beside them";

/// Measurement models whose chains have not mixed.
const UNMIXED: &str = "models that did not mix";

/// What the respondents say.
#[derive(Debug, Default)]
pub(super) struct Estimates {
    /// By period, measure and place; each is followed by the number of its respondents.
    pub(super) observations: Vec<Observation>,
    /// Cells that were not published, by why.
    pub(super) set_aside: BTreeMap<&'static str, u64>,
    /// Remarks about the survey as a whole.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Estimates of everything that the map asks, by period and place.
pub(super) fn estimates(respondents: &Respondents, map: &SurveyMap) -> Estimates {
    let mut all = Estimates::default();
    // Nobody, or nobody with a weight: nothing to estimate, and the rows' own remarks say why.
    let Ok(design) = respondents.design(map) else { return all };
    if design.lonely_strata() > 0 {
        let found = format!("{} strata with one sampling unit", design.lonely_strata());
        let expected = "two sampling units or more in every stratum; such a unit is set against the mean of all";
        let column = map.sample.strata.join(", ");
        all.diagnostics.push(Diagnostic::noted(0, &column, Issue::Missing, &found, expected));
    }
    let measures = measures(respondents, map);
    for (number, period) in respondents.periods.iter().enumerate() {
        for measure in &measures {
            let wave = Wave { respondents, map, design: &design, number, period: *period };
            wave.estimate(measure.as_ref(), &mut all);
        }
    }
    all
}

/// Respondents of one period.
struct Wave<'a> {
    respondents: &'a Respondents,
    map: &'a SurveyMap,
    /// The design of the whole sample, of which the period is a domain.
    design: &'a SampleDesign,
    /// The number of the period among those of the respondents.
    number: usize,
    period: Period,
}

/// A place with its respondents and what they say.
struct PlaceCell {
    place: usize,
    members: Vec<usize>,
    estimates: Vec<NamedEstimate>,
}

impl Wave<'_> {
    /// Estimates a measure for the country and its places, and keeps what may be published.
    fn estimate(&self, measure: &dyn CellMeasure, all: &mut Estimates) {
        let respondents = self.respondents;
        let members: Vec<usize> = (0..respondents.len())
            .filter(|&i| respondents.period[i] == self.number && respondents.has_weight(i))
            .filter(|&i| measure.is_answered(i))
            .collect();
        if members.is_empty() {
            return;
        }
        let mut places: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for &i in &members {
            if let Some(place) = respondents.place[i] {
                places.entry(place).or_default().push(i);
            }
        }
        if !measure.is_publishable(&members) {
            *all.set_aside.entry(UNDER_TEN).or_insert(0) += 1 + places.len() as u64;
            return;
        }
        let Some(country) = self.cell(measure, &members, CellScope::Country, all) else { return };
        let mut cells = Vec::new();
        for (place, inside) in places {
            if !measure.is_publishable(&inside) {
                *all.set_aside.entry(UNDER_TEN).or_insert(0) += 1;
            } else if let Some(estimates) = self.cell(measure, &inside, CellScope::Place, all) {
                cells.push(PlaceCell { place, members: inside, estimates });
            }
        }
        let dropped = drop_beside(measure, &members, &mut cells);
        if dropped > 0 {
            *all.set_aside.entry(DROPPED_BESIDE).or_insert(0) += dropped;
        }
        let iso3 = self.map.place.iso3.as_str();
        let name = Country::of_code(iso3).map_or("", |country| country.name);
        let whole = GivenPlace::country(iso3, iso3, name);
        country.into_iter().for_each(|one| self.keep(one, &whole, all));
        for cell in cells {
            let place = self.place(cell.place);
            cell.estimates.into_iter().for_each(|one| self.keep(one, &place, all));
        }
    }

    /// The estimates of a cell; nothing, with a remark, where its design gives no error.
    fn cell(
        &self,
        measure: &dyn CellMeasure,
        members: &[usize],
        scope: CellScope,
        all: &mut Estimates,
    ) -> Option<Vec<NamedEstimate>> {
        let mut inside = vec![false; self.respondents.len()];
        members.iter().for_each(|&i| inside[i] = true);
        let found = measure.estimates(self.design, &inside, scope);
        let Some(found) = found.ok().filter(|cell| cell.estimates.iter().all(is_finite)) else {
            let expected = "answers from two sampling units or more, that differ";
            let (column, found) = (measure.column(), "1 sampling unit");
            all.diagnostics.push(Diagnostic::rejected(0, column, Issue::Missing, found, expected));
            return None;
        };
        if found.unmixed_models > 0 {
            *all.set_aside.entry(UNMIXED).or_insert(0) += found.unmixed_models;
        }
        Some(found.estimates)
    }

    /// A place as the map names it.
    fn place(&self, place: usize) -> GivenPlace {
        let name = self.respondents.places[place].clone();
        let level = self.map.place.level.unwrap_or(Level::Adm1);
        let iso3 = self.map.place.iso3.clone();
        GivenPlace { level, iso3, code: String::new(), name, within: String::new() }
    }

    /// Adds an estimate, and how many respondents it rests on.
    fn keep(&self, one: NamedEstimate, place: &GivenPlace, all: &mut Estimates) {
        let observation = Observation {
            indicator: one.id.clone(),
            indicator_name: one.title.clone(),
            unit: one.unit.to_owned(),
            place: place.clone(),
            partner_iso3: String::new(),
            item: String::new(),
            period: self.period,
            value: one.value,
            standard_error: Some(one.standard_error),
            low: Some(one.low),
            high: Some(one.high),
            source_row: 0,
        };
        let respondents = Observation {
            indicator: format!("{}.respondents", one.id),
            indicator_name: format!("respondents: {}", one.title),
            unit: "respondents".to_owned(),
            value: one.respondents as f64,
            standard_error: None,
            low: None,
            high: None,
            ..observation.clone()
        };
        all.observations.extend([observation, respondents]);
    }
}

/// Drops cells, those with the fewest respondents first, until the respondents of no cell together could be
/// published or are nobody: the country's figure less the cells' gives away theirs. Returns how many.
fn drop_beside(measure: &dyn CellMeasure, members: &[usize], cells: &mut Vec<PlaceCell>) -> u64 {
    let mut dropped = 0;
    loop {
        let mut is_shown: BTreeMap<usize, bool> = members.iter().map(|&i| (i, false)).collect();
        for &i in cells.iter().flat_map(|cell| &cell.members) {
            is_shown.insert(i, true);
        }
        let hidden: Vec<usize> =
            is_shown.into_iter().filter(|(_, shown)| !shown).map(|(i, _)| i).collect();
        if hidden.is_empty() || measure.is_publishable(&hidden) {
            return dropped;
        }
        let smallest =
            (0..cells.len()).min_by_key(|&at| (cells[at].members.len(), cells[at].place));
        let Some(smallest) = smallest else { return dropped };
        cells.remove(smallest);
        dropped += 1;
    }
}

/// Whether every number of an estimate is one.
fn is_finite(one: &NamedEstimate) -> bool {
    [one.value, one.standard_error, one.low, one.high].iter().all(|number| number.is_finite())
}
