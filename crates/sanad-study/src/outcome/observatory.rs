//! Series of an observatory: deaths by place and month.

use sanad_numbers::PlaceMonthGrid;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use geo::{Distance, Haversine, Point};
use sanad_core::Month;
use sanad_core::place::{Level, LevelName, PlaceBook};
use sanad_forecast::Panel;
use sanad_store::{Observatory, PanelRequest, PlacesOf, Tally, Unit};

use super::{Outcomes, Place};
use crate::error::{Error, Result};

/// Which deaths are counted.
///
/// Names are those of the VIEWS challenge: `ged_sb`, `ged_ns`, `ged_os`; `deaths` takes all three
/// together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The name in files.
    pub name: &'static str,
    /// UCDP's type of violence; all of them when `None`.
    violence: Option<u8>,
}

impl Target {
    /// Deaths in state-based violence, UCDP's type 1.
    pub const STATE_BASED: Self = Self { name: "ged_sb", violence: Some(1) };
    /// Every target, in the order of messages.
    const ALL: [Self; 4] = [
        Self::STATE_BASED,
        Self { name: "ged_ns", violence: Some(2) },
        Self { name: "ged_os", violence: Some(3) },
        Self { name: "deaths", violence: None },
    ];

    /// The target with this name. Hyphens may stand for underscores.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for a name that is none.
    pub fn by_name(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|target| target.name == name.replace('-', "_"));
        found.ok_or_else(|| Error::Request {
            field: "target",
            found: name.to_owned(),
            expected: "ged_sb, ged_ns, ged_os or deaths",
        })
    }

    /// Whether an event counts for the target.
    fn counts(self, tally: &Tally) -> bool {
        self.violence.is_none_or(|violence| violence == tally.violence)
    }
}

/// Deaths (best estimate) by today's place and month, over the months that the case's series
/// covers; places that never had any are zero throughout.
///
/// Months that no version of the source covers are missing, not zero. What cannot be placed at the
/// unit is a place of its own, so that the places add up to the country.
///
/// Deaths count in the month of an event's last day. Places carry the groups that they lie in and
/// their nearest neighbours, for models that use them. With `as_of` only releases known on that day
/// count.
///
/// # Errors
///
/// `Error::NoMonths` where nothing was covered; `Error::NoCells` and `Error::NoPlaces` where
/// nothing can be put into a place of the unit; those of counting in the store.
pub fn of_observatory(
    observatory: &Observatory,
    unit: Unit,
    target: Target,
    as_of: Option<NaiveDate>,
    threads: usize,
) -> Result<Outcomes> {
    let case = observatory.case()?;
    let series = case.series();
    let covered = observatory.months_covered(&series, case.gwno, as_of)?;
    let (Some(&from), Some(&to)) = (covered.first(), covered.last()) else {
        return Err(Error::NoMonths);
    };
    let request = PanelRequest {
        places_of: PlacesOf::Current,
        as_of,
        series,
        ..PanelRequest::new(unit, from, to)
    };
    let tallies = at_home(observatory, &request, threads)?;
    let places = places(unit, &observatory.places()?, &tallies);
    if places.iter().all(|place| place.id.starts_with("unplaced")) {
        return Err(match unit {
            Unit::Priogrid => Error::NoCells,
            _ => Error::NoPlaces { unit: unit.as_str() },
        });
    }
    let book = observatory.places()?;
    let panel =
        panel(&places, &tallies, target, &covered)?.with_neighbours(neighbours(&places, &book))?;
    Ok(Outcomes { column: column(unit).to_owned(), places, panel })
}

/// The finest unit of which the case lists places of today.
#[must_use]
pub fn finest_unit(book: &PlaceBook) -> Unit {
    let lists = |level| book.current(level).next().is_some();
    if lists(Level::Adm2) {
        Unit::Adm2
    } else if lists(Level::Adm1) {
        Unit::Adm1
    } else {
        Unit::Country
    }
}

/// What the case calls the places of that unit; those of its first level where it lists no places.
#[must_use]
pub fn finest_name(book: &PlaceBook) -> &LevelName {
    match finest_unit(book) {
        Unit::Adm2 => &book.level_names().adm2,
        _ => &book.level_names().adm1,
    }
}

/// Violence by place, month, type and sides in the case's countries: a source of the whole world
/// holds other countries as well.
///
/// # Errors
///
/// Those of counting in the store.
pub fn at_home(
    observatory: &Observatory,
    request: &PanelRequest,
    threads: usize,
) -> Result<Vec<Tally>> {
    let countries = observatory.places()?.countries().map(|(_, gwno)| gwno).collect();
    Ok(observatory.tallies(&PanelRequest { countries, ..request.clone() }, threads)?)
}

/// The column that names places of a unit in files.
fn column(unit: Unit) -> &'static str {
    match unit {
        Unit::Priogrid => "priogrid_gid",
        _ => "place_id",
    }
}

/// Today's places of the unit, and every other that the tallies name. In the order of identifiers.
/// What cannot be placed is among them, once per country.
fn places(unit: Unit, book: &PlaceBook, tallies: &[Tally]) -> Vec<Place> {
    let level = match unit {
        Unit::Country => Some(Level::Country),
        Unit::Adm1 => Some(Level::Adm1),
        Unit::Adm2 => Some(Level::Adm2),
        Unit::Priogrid => None,
    };
    let mut all: BTreeMap<String, Place> = BTreeMap::new();
    for place in level.into_iter().flat_map(|level| book.current(level)) {
        let (id, name) = (place.id.clone(), place.name.clone());
        all.insert(id.clone(), Place { id, name, within: place.within.clone() });
    }
    for tally in tallies {
        let id = &tally.place_id;
        if !all.contains_key(id) {
            all.insert(id.clone(), unlisted(id, book));
        }
    }
    all.into_values().collect()
}

/// A place that the book does not list at this unit: a grid cell, or what is not placed.
fn unlisted(id: &str, book: &PlaceBook) -> Place {
    let within = id.strip_prefix("unplaced:").filter(|rest| book.get(rest).is_some());
    let name = match within.and_then(|id| book.get(id)) {
        Some(whole) => format!("{}, place not known", whole.name),
        None => id.to_owned(),
    };
    Place { id: id.to_owned(), name, within: within.map(str::to_owned) }
}

/// The places nearest to each by their points: at most [`NEIGHBOURS`], none farther than
/// [`FARTHEST_KM`]. They stand in for places that touch, which needs no file of boundaries.
/// Distances are along great circles; equal ones stand in the order of places. A place without a
/// point has no neighbour and is none.
fn neighbours(places: &[Place], book: &PlaceBook) -> Vec<Vec<u32>> {
    let point = |place: &Place| {
        let known = book.get(&place.id)?;
        Some(Point::new(known.longitude?, known.latitude?))
    };
    let points: Vec<Option<Point>> = places.iter().map(point).collect();
    let near = |at: usize| {
        let Some(here) = points[at] else { return Vec::new() };
        let mut others: Vec<(f64, u32)> = (0..points.len())
            .filter(|&other| other != at)
            .filter_map(|other| {
                Some((Haversine.distance(here, points[other]?) / 1000.0, other as u32))
            })
            .filter(|&(distance, _)| distance <= FARTHEST_KM)
            .collect();
        others.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        others.into_iter().take(NEIGHBOURS).map(|(_, other)| other).collect()
    };
    (0..places.len()).map(near).collect()
}

/// Most places that count as near. Areas that tile a plane touch about six others on average.
const NEIGHBOURS: usize = 6;
/// Distance beyond which a place is not near. Otherwise a remote place would have neighbours at any
/// distance.
const FARTHEST_KM: f64 = 250.0;

/// Deaths by place and month; what nothing covers is missing. A covered month without a tally is 0.
fn panel(places: &[Place], tallies: &[Tally], target: Target, covered: &[Month]) -> Result<Panel> {
    let (from, to) = (covered[0], covered[covered.len() - 1]);
    let months = usize::try_from(to.id() - from.id() + 1).unwrap_or(0);
    let position = |month: Month| usize::try_from(month.id() - from.id()).unwrap_or(usize::MAX);
    let at: BTreeMap<&str, usize> =
        places.iter().enumerate().map(|(at, place)| (place.id.as_str(), at)).collect();
    let grid = PlaceMonthGrid { places: places.len(), months };
    let mut values = vec![f64::NAN; grid.cells()];
    for place in 0..places.len() {
        covered.iter().for_each(|&month| values[grid.cell(place, position(month))] = 0.0);
    }
    for tally in tallies.iter().filter(|tally| target.counts(tally)) {
        // A month that no version covers stays missing, whatever a neighbouring one spilt into it.
        if let Some(&place) = at.get(tally.place_id.as_str())
            && position(tally.month) < months
        {
            values[grid.cell(place, position(tally.month))] += tally.deaths_best;
        }
    }
    let mut groups: Vec<&str> = places.iter().filter_map(|place| place.within.as_deref()).collect();
    groups.sort_unstable();
    groups.dedup();
    // Places that lie in nothing listed form a last group of their own.
    let group = |place: &Place| {
        let within = place.within.as_deref();
        within.and_then(|id| groups.binary_search(&id).ok()).unwrap_or(groups.len()) as u32
    };
    let groups = places.iter().map(group).collect();
    Ok(Panel::new(from.id(), places.len(), months, values)?.with_groups(groups)?)
}
