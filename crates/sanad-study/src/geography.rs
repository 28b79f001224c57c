//! The map of districts.

use std::collections::BTreeMap;

use sanad_brief::{District, DistrictMap, PlaceKind};
use sanad_core::place::{Level, Place};
use sanad_source::boundaries::{Boundaries, Boundary};

use sanad_store::Unit;

use super::Study;

/// Deaths by district over the last twelve months, with shapes where they were imported.
///
/// Places are today's of the finest level that the case lists. A place without a point or without a
/// province is left out. Shapes are drawn only where every place has one, so that a map is never
/// half shapes and half tiles; a missing abbreviation is the first three letters of the name. A
/// place without a tally had no death recorded: the months are covered.
pub(crate) fn district_map(study: &Study, boundaries: Option<&Boundaries>) -> DistrictMap {
    let provinces: Vec<&Place> = study.book.current(Level::Adm1).collect();
    let mut deaths: BTreeMap<&str, f64> = BTreeMap::new();
    for tally in &study.districts_now {
        *deaths.entry(&tally.place_id).or_default() += tally.deaths_best;
    }
    // Of a country that lists neither, nothing is drawn.
    let unit = study.finest_unit();
    let level = if unit == Unit::Adm2 { Level::Adm2 } else { Level::Adm1 };
    let placed: Vec<&Place> = study.book.current(level).collect();
    let shape = |place: &Place| boundaries?.get(level, &place.id);
    let all_shapes = placed.iter().all(|place| shape(place).is_some());
    let district = |place: &&Place| {
        let province = study.book.at_level(&place.id, Level::Adm1)?;
        Some(District {
            name: place.name.clone(),
            short: place.short.clone().unwrap_or_else(|| place.name.chars().take(3).collect()),
            province: provinces.iter().position(|other| other.id == province.id)?,
            longitude: place.longitude?,
            latitude: place.latitude?,
            polygons: shape(place).filter(|_| all_shapes).map(polygons).unwrap_or_default(),
            deaths: Some(deaths.get(place.id.as_str()).copied().unwrap_or(0.0)),
        })
    };
    let unplaced = deaths.iter().filter(|(id, _)| study.book.get(id).is_none());
    let disputed = |(at, place): (usize, &&Place)| place.disputed.then_some(at);
    DistrictMap {
        kind: kind_of(unit),
        names: study.book.level_names().clone(),
        months: study.last_year(),
        districts: placed.iter().filter_map(district).collect(),
        provinces: provinces.iter().map(|place| place.name.clone()).collect(),
        disputed: provinces.iter().enumerate().filter_map(disputed).collect(),
        unplaced_deaths: unplaced.map(|(_, deaths)| deaths).sum(),
        shared_deaths: study.districts_now.iter().map(|tally| tally.shared_deaths_best).sum(),
        shapes_from: all_shapes.then(|| "the boundaries in the observatory".to_owned()),
    }
}

/// The name of a place; of one that the case does not list, that it is not placed.
pub(crate) fn place_name(study: &Study, id: &str) -> String {
    match study.book.get(id) {
        Some(place) => place.name.clone(),
        None => "Not placed".to_owned(),
    }
}

/// What the places of a unit are. A case's own places are never grid cells; theirs would be the
/// country. The briefing takes from it the case's own word for such a place.
pub(super) const fn kind_of(unit: Unit) -> PlaceKind {
    match unit {
        Unit::Adm2 => PlaceKind::District,
        Unit::Adm1 => PlaceKind::Province,
        Unit::Country | Unit::Priogrid => PlaceKind::Country,
    }
}

/// The polygons of a boundary, each as its outer ring and its holes; points are longitude and
/// latitude in degrees. A hole belongs to the outer ring before it.
#[must_use]
pub fn polygons(boundary: &Boundary) -> Vec<Vec<Vec<[f64; 2]>>> {
    let mut polygons: Vec<Vec<Vec<[f64; 2]>>> = Vec::new();
    for (is_hole, ring) in boundary.rings() {
        let ring: Vec<[f64; 2]> = ring.iter().map(|point| [point.x, point.y]).collect();
        match polygons.last_mut().filter(|_| is_hole) {
            Some(polygon) => polygon.push(ring),
            None => polygons.push(vec![ring]),
        }
    }
    polygons
}
