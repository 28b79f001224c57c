//! The tables that put records into places: which place a location means on which days, and
//! which places a panel lists in which months.
//!
//! A location is what a source says of where: its words for province and district, a precision, a
//! point. What it means can change with the day, because districts are made and provinces merged,
//! so that a location has stretches of days, each with the places it means and the share of each.
//! Shares are whole millionths and add up to [`WHOLE_PPM`], so that nothing is lost or counted
//! twice; what has no place within its country goes to a row of that country's own,
//! `unplaced:<country>`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use datafusion::arrow::array::RecordBatch;
use sanad_core::event::{day_number, number_day};
use sanad_core::place::{
    Level, Location, Method, Place, PlaceBook, Reach, Shares, WHOLE_PPM, priogrid_gid,
};
use sanad_source::boundaries::Boundaries;

use crate::error::Result;
use crate::table::{Columns, LocationRow, filled};

/// What a panel's rows stand for. In order of fineness, but for cells, which follow no border.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// Countries.
    Country,
    /// Provinces and territories.
    Adm1,
    /// Districts, or what else the second level holds.
    Adm2,
    /// PRIO-GRID cells of half a degree. By the number that PRIO gives them; a cell on a border has
    /// a row for each country with records in it.
    Priogrid,
}

impl Unit {
    /// The word that commands and files use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Adm1 => "adm1",
            Self::Adm2 => "adm2",
            Self::Priogrid => "priogrid",
        }
    }

    /// Many of them, in prose.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Country => "countries",
            Self::Adm1 => "provinces",
            Self::Adm2 => "districts",
            Self::Priogrid => "grid cells",
        }
    }

    const fn level(self) -> Option<Level> {
        match self {
            Self::Adm1 => Some(Level::Adm1),
            Self::Adm2 => Some(Level::Adm2),
            Self::Country | Self::Priogrid => None,
        }
    }
}

/// On which places a series is asked for. A record from before a district was split lies in the
/// district of its day, and by today's places in its successors, shared out among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlacesOf {
    /// The places of their day. A place is then listed only in months in which it was in force.
    Contemporary,
    /// Today's places, through successors.
    Current,
    /// The finest place that the source names, whatever the day; for counts, not for panels.
    Named,
}

impl PlacesOf {
    /// The word that commands and files use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contemporary => "contemporary",
            Self::Current => "current",
            Self::Named => "named",
        }
    }
}

/// A place that a panel lists. By its position in the list, which plans join by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedPlace {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) within: Option<String>,
    /// Gleditsch–Ward number; `None` for what lies in no country of the case.
    pub(crate) country: Option<i32>,
    /// First day on which it is listed; from the beginning when `None`.
    pub(crate) from: Option<NaiveDate>,
    /// Last such day; to the end when `None`.
    pub(crate) to: Option<NaiveDate>,
}

/// Days, a place's number, and the parts in millionths. First and last day, both included, in days
/// since 1970-01-01.
#[derive(Debug, Clone, PartialEq, Eq)]
struct CoordinateSpan {
    from_day: i32,
    to_day: i32,
    parts: Vec<(i32, i64)>,
    method: Method,
}

/// Puts locations into the places of a unit. Give it all locations, then take the list: countries
/// and cells join the list as they are met.
pub(crate) struct Placer<'a> {
    book: &'a PlaceBook,
    boundaries: Option<&'a Boundaries>,
    unit: Unit,
    places_of: PlacesOf,
    listed: Vec<ListedPlace>,
    /// Numbers of listed places by identifier; cells are in `cells`.
    numbers: BTreeMap<String, i32>,
    /// Cells by number and country: a cell on a border is listed once for each country in it.
    cells: BTreeMap<(i32, i32), i32>,
    /// By place as named: first and last day, and the places that it means between them. Kept
    /// because many locations name one place.
    carried: BTreeMap<String, Vec<(i32, i32, Shares)>>,
}

/// What begins the identifier of what is not placed within a country.
const UNPLACED: &str = "unplaced:";

/// The identifier of what is not placed within a country; under `elsewhere` where no country is known.
fn unplaced_id(country: Option<&Place>) -> String {
    format!("{UNPLACED}{}", country.map_or("elsewhere", |place| &place.id))
}

/// The identifier of a country that no case lists.
fn country_code(gwno: i32) -> String {
    format!("GW{gwno}")
}

impl<'a> Placer<'a> {
    pub(crate) fn new(
        book: &'a PlaceBook,
        boundaries: Option<&'a Boundaries>,
        unit: Unit,
        places_of: PlacesOf,
    ) -> Self {
        let mut placer = Self {
            book,
            boundaries,
            unit,
            places_of,
            listed: Vec::new(),
            numbers: BTreeMap::new(),
            cells: BTreeMap::new(),
            carried: BTreeMap::new(),
        };
        placer.list_places();
        placer
    }

    /// Lists what is known before any location: places of the level in force, the countries, and
    /// for each country what is not placed in it.
    fn list_places(&mut self) {
        if let Some(level) = self.unit.level() {
            let all: Vec<&Place> = match self.places_of {
                PlacesOf::Current => self.book.current(level).collect(),
                PlacesOf::Named => self.book.iter().collect(),
                PlacesOf::Contemporary => {
                    let parts = |place: &&Place| self.book.whole_of(&place.id).is_none();
                    self.book.iter().filter(|place| place.level == level).filter(parts).collect()
                }
            };
            for place in all {
                let dated = self.places_of == PlacesOf::Contemporary;
                let country = self.book.at_level(&place.id, Level::Country);
                self.list(ListedPlace {
                    id: place.id.clone(),
                    name: place.name.clone(),
                    within: place.within.clone(),
                    country: country.and_then(|place| place.gwno),
                    from: place.valid_from.filter(|_| dated),
                    to: place.valid_to.filter(|_| dated),
                });
            }
        }
        for (place, gwno) in self.book.countries() {
            if self.unit == Unit::Country {
                self.list(ListedPlace {
                    id: place.id.clone(),
                    name: place.name.clone(),
                    within: None,
                    country: Some(gwno),
                    from: None,
                    to: None,
                });
            } else {
                self.list(ListedPlace {
                    id: unplaced_id(Some(place)),
                    name: format!("not placed in {}", place.name),
                    within: Some(place.id.clone()),
                    country: Some(gwno),
                    from: None,
                    to: None,
                });
            }
        }
    }

    /// Lists a place unless it is there, and gives its number.
    fn list(&mut self, place: ListedPlace) -> i32 {
        if let Some(&number) = self.numbers.get(&place.id) {
            return number;
        }
        self.numbers.insert(place.id.clone(), self.listed.len() as i32);
        self.push(place)
    }

    /// Lists a place without a look at those of the same identifier.
    fn push(&mut self, place: ListedPlace) -> i32 {
        let number = self.listed.len() as i32;
        self.listed.push(place);
        number
    }

    /// The case's place for a country's number.
    fn country_of(&self, gwno: i32) -> Option<&'a Place> {
        self.book.countries().find(|&(_, number)| number == gwno).map(|(place, _)| place)
    }

    /// The number of what is not placed within a country, listed when it is first needed.
    fn unplaced(&mut self, gwno: i32) -> i32 {
        let country = self.country_of(gwno);
        let code = country_code(gwno);
        let (id, name) = country.map_or((&code, &code), |place| (&place.id, &place.name));
        self.list(ListedPlace {
            id: format!("{UNPLACED}{id}"),
            name: format!("not placed in {name}"),
            within: country.map(|place| place.id.clone()),
            country: Some(gwno),
            from: None,
            to: None,
        })
    }

    /// The placing table of a snapshot: one row per location, stretch of days and place. `shared`
    /// says that the location's record is shared out between several places on those days; `method`
    /// on what the placing rests.
    pub(crate) fn place(
        &mut self,
        snapshot_no: i32,
        series: &str,
        locations: &[LocationRow],
    ) -> Result<RecordBatch> {
        let mut rows: Vec<(i64, i32, i32, i32, i64, bool, &str)> = Vec::new();
        for location in locations {
            for span in self.spans(series, location) {
                let shared = span.parts.len() > 1;
                for (place, share_ppm) in span.parts {
                    rows.push((
                        location.id,
                        span.from_day,
                        span.to_day,
                        place,
                        share_ppm,
                        shared,
                        span.method.as_str(),
                    ));
                }
            }
        }
        Columns::default()
            .int32("snapshot_no", vec![snapshot_no; rows.len()])
            .int64("location_id", rows.iter().map(|row| row.0).collect::<Vec<_>>())
            .int32("from_day", rows.iter().map(|row| row.1).collect::<Vec<_>>())
            .int32("to_day", rows.iter().map(|row| row.2).collect::<Vec<_>>())
            .int32("place_no", rows.iter().map(|row| row.3).collect::<Vec<_>>())
            .int64("share_ppm", rows.iter().map(|row| row.4).collect::<Vec<_>>())
            .flag("shared", rows.iter().map(|row| row.5).collect::<Vec<_>>())
            .text("method", rows.iter().map(|row| Some(row.6)))
            .finish()
    }

    /// The stretches of days of a location, the first and the last of them open.
    fn spans(&mut self, series: &str, location: &LocationRow) -> Vec<CoordinateSpan> {
        let always = |place, method| CoordinateSpan {
            from_day: i32::MIN,
            to_day: i32::MAX,
            parts: vec![(place, WHOLE_PPM)],
            method,
        };
        match self.unit {
            Unit::Country => {
                let place = self.country(location.country_id);
                vec![always(place, Method::ProvinceName)]
            }
            Unit::Priogrid => {
                let place = self.cell(location);
                let method = if self.listed[place as usize].id.starts_with("unplaced") {
                    Method::Unplaced
                } else {
                    Method::Geometry
                };
                vec![always(place, method)]
            }
            Unit::Adm1 | Unit::Adm2 if self.country_of(location.country_id).is_none() => {
                vec![always(self.unplaced(location.country_id), Method::Unplaced)]
            }
            Unit::Adm1 | Unit::Adm2 => self.dated_spans(series, location),
        }
    }

    /// The number of a country; one that no case lists goes by its Gleditsch–Ward number.
    fn country(&mut self, gwno: i32) -> i32 {
        let known = self.country_of(gwno);
        self.list(ListedPlace {
            id: known.map_or_else(|| country_code(gwno), |place| place.id.clone()),
            name: known.map_or_else(|| country_code(gwno), |place| place.name.clone()),
            within: None,
            country: Some(gwno),
            from: None,
            to: None,
        })
    }

    /// The number of the cell of a location's point, if the point is known to the district; else
    /// what is not placed in the country.
    fn cell(&mut self, location: &LocationRow) -> i32 {
        let gid = Reach::of_where_prec(location.where_prec)
            .filter(|&reach| reach == Reach::District)
            .and_then(|_| priogrid_gid(location.latitude, location.longitude));
        let Some(gid) = gid else { return self.unplaced(location.country_id) };
        let key = (gid, location.country_id);
        if let Some(&number) = self.cells.get(&key) {
            return number;
        }
        let number = self.push(ListedPlace {
            id: gid.to_string(),
            name: gid.to_string(),
            within: self.country_of(location.country_id).map(|place| place.id.clone()),
            country: Some(location.country_id),
            from: None,
            to: None,
        });
        self.cells.insert(key, number);
        number
    }

    /// The place in whose borders a location's point lies, of the finest level that has borders: a
    /// point outside every district is in none, though it may lie in a province.
    fn polygon(&self, row: &LocationRow, reach: Reach) -> Option<&'a str> {
        let boundaries = self.boundaries?;
        let districts = boundaries.iter_level(Level::Adm2).next().is_some();
        let (level, needed) =
            if districts { (Level::Adm2, Reach::District) } else { (Level::Adm1, Reach::Province) };
        (reach >= needed).then(|| boundaries.locate(row.latitude, row.longitude, level)).flatten()
    }

    /// The stretches of days on which a location means the same place, carried to the places
    /// of each stretch.
    fn dated_spans(&mut self, series: &str, row: &LocationRow) -> Vec<CoordinateSpan> {
        let book = self.book;
        let reach = Reach::of_where_prec(row.where_prec).unwrap_or(Reach::Country);
        let polygon = self.polygon(row, reach);
        let location = Location {
            source: series,
            adm1: filled(&row.adm1),
            adm2: filled(&row.adm2),
            reach,
            polygon,
        };
        let cuts: Vec<i32> = book.resolve_cuts(&location).into_iter().map(day_number).collect();
        let mut spans = Vec::new();
        for (from_day, to_day) in stretches(&cuts) {
            let day = number_day(from_day.max(FIRST_DAY));
            let (named, method) = match &row.place_id {
                Some(id) => (self.of_level(id), Method::DistrictName),
                None => {
                    let placing = book.resolve(&location, day);
                    let country = self.country_of(row.country_id).map(|place| place.id.as_str());
                    let named = match (self.places_of, self.unit) {
                        (PlacesOf::Named, _) => placing.adm2.or(placing.adm1).or(country),
                        (_, Unit::Adm2) => placing.adm2,
                        _ => placing.adm2.or(placing.adm1),
                    };
                    (named.map(str::to_owned), placing.method)
                }
            };
            match named {
                None => {
                    let parts = vec![(self.unplaced(row.country_id), WHOLE_PPM)];
                    spans.push(CoordinateSpan {
                        from_day,
                        to_day,
                        parts,
                        method: Method::Unplaced,
                    });
                }
                Some(named) => spans.extend(self.carry(&named, from_day, to_day, method)),
            }
        }
        if self.places_of == PlacesOf::Named { spans } else { merge(spans) }
    }

    /// A place that a record names itself, if it is fine enough for the unit. Records of counts do,
    /// which a case ships.
    fn of_level(&self, id: &str) -> Option<String> {
        let level = self.book.get(id)?.level;
        (Some(level) >= self.unit.level()).then(|| id.to_owned())
    }

    /// The places that a named place means between two days, in the stretches in which that is the
    /// same.
    fn carry(
        &mut self,
        named: &str,
        from_day: i32,
        to_day: i32,
        method: Method,
    ) -> Vec<CoordinateSpan> {
        if !self.carried.contains_key(named) {
            let stretches = self.carried_stretches(named);
            self.carried.insert(named.to_owned(), stretches);
        }
        let carried = self.carried[named].clone();
        let within = carried.into_iter().filter(|&(from, to, _)| from <= to_day && from_day <= to);
        within
            .map(|(from, to, shares)| CoordinateSpan {
                from_day: from.max(from_day),
                to_day: to.min(to_day),
                parts: shares.iter().map(|(id, ppm)| (self.numbers[id], *ppm)).collect(),
                method,
            })
            .collect()
    }

    /// The same over all days: as named, as today's successors, or as what was in force on each
    /// stretch.
    fn carried_stretches(&self, named: &str) -> Vec<(i32, i32, Shares)> {
        if self.places_of == PlacesOf::Named {
            // Cut at every change of the map, so that a count never mixes two eras.
            let cuts: Vec<i32> = self.book.cuts().into_iter().map(day_number).collect();
            let whole = vec![(named.to_owned(), WHOLE_PPM)];
            return stretches(&cuts).map(|(from, to)| (from, to, whole.clone())).collect();
        }
        if self.places_of == PlacesOf::Current {
            let shares = self.lift(self.book.today(named), self.book.current_on());
            return vec![(i32::MIN, i32::MAX, shares)];
        }
        let cuts: Vec<i32> = self.book.cuts().into_iter().map(day_number).collect();
        stretches(&cuts)
            .map(|(from, to)| {
                let day = number_day(from.max(FIRST_DAY));
                (from, to, self.lift(self.book.on_day(named, day), day))
            })
            .collect()
    }

    /// Adds the shares of districts up to their provinces where the unit asks for provinces. A
    /// place that was not in force on the day, and of which no predecessor is known, counts as
    /// not placed.
    fn lift(&self, shares: Shares, day: NaiveDate) -> Shares {
        let Some(level) = self.unit.level() else { return shares };
        let mut lifted: BTreeMap<String, i64> = BTreeMap::new();
        for (id, ppm) in shares {
            let above = match self.places_of {
                PlacesOf::Current => self.book.above_today(&id, level),
                _ => self.book.above_on_day(&id, level, day),
            };
            // A part of a part, in whole millionths; the last place has what rounding leaves.
            let mut left = ppm;
            let is_whole = above.iter().map(|(_, part)| part).sum::<i64>() == WHOLE_PPM;
            for (number, (place, part)) in above.iter().enumerate() {
                let is_last = is_whole && number + 1 == above.len();
                let here = if is_last { left } else { ppm * part / WHOLE_PPM };
                left -= here;
                *lifted.entry(place.clone()).or_default() += here;
            }
            if left > 0 {
                let country = self.book.at_level(&id, Level::Country);
                *lifted.entry(unplaced_id(country)).or_default() += left;
            }
        }
        lifted.into_iter().collect()
    }

    /// The listed places by number.
    ///
    /// Call it after the last [`place`](Self::place): countries and cells are listed as they
    /// are met.
    pub(crate) fn listed_table(&self) -> Result<RecordBatch> {
        let all = &self.listed;
        let days = |of: fn(&ListedPlace) -> Option<NaiveDate>| {
            all.iter().map(|place| of(place).map(day_number)).collect::<Vec<_>>()
        };
        Columns::default()
            .int32("place_no", (0..all.len() as i32).collect::<Vec<_>>())
            .text("place_id", all.iter().map(|place| Some(&place.id)))
            .text("place", all.iter().map(|place| Some(&place.name)))
            .text("within", all.iter().map(|place| place.within.as_ref()))
            .int32("country_id", all.iter().map(|place| place.country).collect::<Vec<_>>())
            .int32("from_day", days(|place| place.from))
            .int32("to_day", days(|place| place.to))
            .finish()
    }
}

/// Days are asked about from 1800 on; anything before counts as that day. 1800-01-01, in days since
/// 1970-01-01.
const FIRST_DAY: i32 = -62_091;

/// The stretches between cuts, the first and the last of them open. A cut is the first day of what
/// follows it.
fn stretches(cuts: &[i32]) -> impl Iterator<Item = (i32, i32)> {
    let starts = std::iter::once(i32::MIN).chain(cuts.iter().copied());
    let ends = cuts.iter().map(|cut| cut - 1).chain(std::iter::once(i32::MAX));
    starts.zip(ends).collect::<Vec<_>>().into_iter()
}

/// Joins neighbouring stretches that say the same.
fn merge(spans: Vec<CoordinateSpan>) -> Vec<CoordinateSpan> {
    let mut merged: Vec<CoordinateSpan> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if last.parts == span.parts && last.method == span.method => {
                last.to_day = span.to_day;
            }
            _ => merged.push(span),
        }
    }
    merged
}
