//! Which places a new case has, under which names, and what a person must decide about them.

use std::collections::{BTreeMap, BTreeSet};

use sanad_core::country::Country;
use sanad_core::event::number_day;
use sanad_core::place::{Alias, Level, Place, SourceLevels, Successor};

use super::borders::{Borders, Meaning};
use super::names::{Named, Point, SourceNames, mean_point};
use super::spelling::{is_found, plain, shown, slug, tile_letters};

/// More tiles than these have no room for letters.
const MOST_TILES: usize = 200;

/// The area of a place with this province's key and point.
type AreaOf<'a> = &'a dyn Fn(&str, Point) -> Option<String>;

/// Districts by the keys of their province and their own.
type NamedDistricts<'a> = Vec<(&'a [String; 2], &'a Named)>;

/// A place with what a person must decide about it, a line each.
pub(super) struct PlaceDraft {
    pub(super) place: Place,
    pub(super) decisions: Vec<String>,
}

/// Another name of a place, with what it rests on.
pub(super) struct AliasDraft {
    pub(super) alias: Alias,
    pub(super) basis: Option<String>,
}

/// The places of a new case.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) places: Vec<PlaceDraft>,
    pub(super) aliases: Vec<AliasDraft>,
    /// What the source's levels are in the case, where they are not the case's own.
    pub(super) levels: Option<SourceLevels>,
    /// What concerns no place of the case: names without one.
    pub(super) undecided: Vec<String>,
    ids: BTreeSet<String>,
    /// The level of the places that are areas of the borders.
    pub(super) area_level: Option<Level>,
    /// Areas that a name of the source means alone.
    named_areas: BTreeSet<String>,
}

/// Provinces by their name in the source.
type Provinces = BTreeMap<String, String>;

impl Draft {
    /// The places that the source names, in the file's borders where there are any.
    pub(super) fn new(country: Country, names: &SourceNames, borders: Option<&Borders>) -> Self {
        let mut draft = Self::default();
        let id = if country.iso2.is_empty() { country.iso3 } else { country.iso2 };
        let root = Place {
            gwno: country.gwno,
            ..place(id, country.name, Level::Country, None, names.country_point())
        };
        draft.add(root, Vec::new());
        match borders {
            None => draft.add_named(id, names),
            Some(borders) => draft.add_bordered(id, names, borders),
        }
        draft.name_tiles();
        draft
    }

    /// Gives places the letters that tiles of a map show. A place with successors has no tile, and so
    /// many places that letters tell nothing have none.
    fn name_tiles(&mut self) {
        for level in [Level::Adm1, Level::Adm2] {
            let has_tile = |place: &Place| place.level == level && place.successors.is_empty();
            let drafts = self.places.iter().map(|draft| &draft.place);
            let names: Vec<&str> =
                drafts.filter(|place| has_tile(place)).map(|place| place.name.as_str()).collect();
            if names.len() > MOST_TILES {
                continue;
            }
            let mut letters = tile_letters(&names).into_iter();
            for draft in self.places.iter_mut().filter(|draft| has_tile(&draft.place)) {
                draft.place.short = letters.next().flatten();
            }
        }
    }

    fn add(&mut self, place: Place, decisions: Vec<String>) {
        self.ids.insert(place.id.clone());
        self.places.push(PlaceDraft { place, decisions });
    }

    /// An identifier that no place has yet.
    fn free_id(&self, wanted: &str) -> String {
        let (mut id, mut number) = (wanted.to_owned(), 2);
        while self.ids.contains(&id) {
            id = format!("{wanted}-{number}");
            number += 1;
        }
        id
    }

    /// Provinces and districts as the source names them. Where it has one level only, that is the
    /// case's first, whichever column it stands in.
    fn add_named(&mut self, country: &str, names: &SourceNames) {
        if names.provinces.is_empty() && !names.districts.is_empty() {
            self.levels = Some(SourceLevels { adm1: Level::Adm1, adm2: Level::Adm1 });
            for ([_, key], named) in &names.districts {
                self.province_from_name(country, key, named);
            }
            return;
        }
        let provinces = names
            .provinces
            .iter()
            .map(|(key, named)| (key.clone(), self.province_from_name(country, key, named)))
            .collect();
        self.districts_from_names(country, names, &provinces, None);
    }

    fn province_from_name(&mut self, country: &str, key: &str, named: &Named) -> String {
        let id = self.free_id(&format!("{country}-{}", slug(key)));
        let name = shown(named.spelling());
        self.add(place(&id, &name, Level::Adm1, Some(country), named.point()), Vec::new());
        self.alias_all(named, &id, &name, None);
        id
    }

    /// Districts as the source names them, in the provinces given.
    fn districts_from_names(
        &mut self,
        country: &str,
        names: &SourceNames,
        provinces: &Provinces,
        area_of: Option<AreaOf<'_>>,
    ) {
        let mut by_province: BTreeMap<String, NamedDistricts<'_>> = BTreeMap::new();
        for (key, named) in &names.districts {
            let point = named.point();
            let refined = point.zip(area_of).and_then(|(point, area_of)| area_of(&key[0], point));
            match refined.or_else(|| provinces.get(&key[0]).cloned()) {
                Some(province) => by_province.entry(province).or_default().push((key, named)),
                None => self.undecided.push(without_place(named, "which province it lies in")),
            }
        }
        for (province, districts) in by_province {
            // A province with one district gives it every event that is known to the district, and the
            // source names only the districts that had one.
            if let [(_, only)] = districts[..] {
                let why = "is the only district named in its province; add it with the others";
                self.undecided.push(without_place(only, why));
                continue;
            }
            for (key, named) in districts {
                let id = format!("{country}-{}-{}", slug(&key[0]), slug(&key[1]));
                let id = self.free_id(&id);
                let name = shown(named.spelling());
                self.add(
                    place(&id, &name, Level::Adm2, Some(&province), named.point()),
                    Vec::new(),
                );
                self.alias_all(named, &id, &name, None);
            }
        }
    }

    /// An alias for each spelling that does not find the place by itself.
    fn alias_all(&mut self, named: &Named, id: &str, name: &str, basis: Option<&str>) {
        let mut seen: Vec<&String> = Vec::new();
        for spelling in named.spellings.keys() {
            if is_found(spelling, name) || seen.iter().any(|earlier| is_found(earlier, spelling)) {
                continue;
            }
            seen.push(spelling);
            let (name, place) = (spelling.clone(), id.to_owned());
            let alias = Alias { name, place, source: None, from: None, to: None, note: None };
            self.aliases.push(AliasDraft { alias, basis: basis.map(str::to_owned) });
        }
    }

    /// Places of a file of borders, on the level of the source whose names they have.
    fn add_bordered(&mut self, country: &str, names: &SourceNames, borders: &Borders) {
        let first = borders.count_named(names.provinces.keys().map(String::as_str));
        let second = borders.count_named(names.districts.keys().map(|key| key[1].as_str()));
        if second > first {
            self.districts_of_borders(country, names, borders);
        } else if borders.have_parents() && !names.provinces.is_empty() {
            self.regions_above_provinces(country, names, borders);
        } else {
            self.provinces_of_borders(country, names, borders);
        }
    }

    /// The areas are the source's provinces and the case's: its districts are those that it names.
    fn provinces_of_borders(&mut self, country: &str, names: &SourceNames, borders: &Borders) {
        for area in borders.iter() {
            self.area(&area.id, &area.name, Level::Adm1, country, borders);
        }
        let meanings = borders.meanings(of_provinces(names));
        let provinces =
            self.names_of_areas(names, borders, &meanings, Level::Adm1, &|_| country.to_owned());
        let area_of = |key: &str, point: Point| {
            let parts = match meanings.get(key) {
                Some(Meaning::Several(parts)) => parts,
                _ => return None,
            };
            let located = borders.locate(point).filter(|id| parts.iter().any(|part| part == id));
            located.map(str::to_owned).or_else(|| parts.first().cloned())
        };
        self.districts_from_names(country, names, &provinces, Some(&area_of));
    }

    /// The areas are the source's provinces, and lie in regions: regions are the case's first level and
    /// provinces its second.
    fn regions_above_provinces(&mut self, country: &str, names: &SourceNames, borders: &Borders) {
        self.levels = Some(SourceLevels { adm1: Level::Adm2, adm2: Level::Adm2 });
        self.regions(country, borders, &BTreeMap::new());
        for area in borders.iter() {
            let parent = area.parent.as_deref().unwrap_or(country);
            self.area(&area.id, &area.name, Level::Adm2, parent, borders);
        }
        let meanings = borders.meanings(of_provinces(names));
        let parent_of = |parts: &[String]| most_common_parent(parts, borders, country);
        self.names_of_areas(names, borders, &meanings, Level::Adm2, &parent_of);
    }

    /// The areas are the source's districts; its provinces are the places that they lie in.
    fn districts_of_borders(&mut self, country: &str, names: &SourceNames, borders: &Borders) {
        let districts = names.districts.iter().map(|(key, named)| (key, key[1].as_str(), named));
        let meanings = borders.meanings(districts);
        let votes = province_votes(names, &meanings);
        let mut within: BTreeMap<String, String> = BTreeMap::new();
        if borders.have_parents() {
            let parents = parent_provinces(names, borders, &votes);
            let spelt = parents.iter().filter_map(|(code, key)| {
                Some((code.clone(), shown(names.provinces.get(key)?.spelling())))
            });
            self.regions(country, borders, &spelt.collect());
            for (key, named) in &names.provinces {
                if let Some((parent, _)) = parents.iter().find(|(_, province)| *province == key) {
                    let name = self.name_of(parent);
                    self.alias_all(named, parent, &name, None);
                } else {
                    self.undecided.push(without_place(named, "which province of the case it is"));
                }
            }
            within.extend(
                borders.iter().filter_map(|area| Some((area.id.clone(), area.parent.clone()?))),
            );
        } else {
            let provinces: Provinces = names
                .provinces
                .iter()
                .map(|(key, named)| (key.clone(), self.province_from_name(country, key, named)))
                .collect();
            within = nearest_provinces(borders, &votes, &provinces);
        }
        for area in borders.iter() {
            let parent = within.get(&area.id).map_or(country, String::as_str);
            let voted = votes.contains_key(&area.id) || borders.have_parents();
            self.area(&area.id, &area.name, Level::Adm2, parent, borders);
            if let Some(draft) = self.places.last_mut().filter(|_| !voted) {
                let say = "no event names its province; it stands in that of its nearest neighbour";
                draft.decisions.push(format!("within: {say}"));
            }
        }
        self.named_areas = meanings.values().filter_map(Meaning::one).map(str::to_owned).collect();
        for (key, meaning) in &meanings {
            self.name_of_area(&names.districts[*key], meaning, borders, Level::Adm2, &|parts| {
                parts
                    .first()
                    .and_then(|part| within.get(part))
                    .map_or(country, String::as_str)
                    .to_owned()
            });
        }
    }

    /// The places that areas lie in, under the names of the file, else of the source, else their codes.
    fn regions(&mut self, country: &str, borders: &Borders, named: &BTreeMap<String, String>) {
        let codes: BTreeSet<&String> =
            borders.iter().filter_map(|area| area.parent.as_ref()).collect();
        for code in codes {
            let children: Vec<_> =
                borders.iter().filter(|area| area.parent.as_ref() == Some(code)).collect();
            let points: Vec<Point> = children
                .iter()
                .filter_map(|area| area.point_inside())
                .map(|[longitude, latitude]| [latitude, longitude])
                .collect();
            let known = borders.parent_names.get(code).cloned();
            let known = known.or_else(|| named.get(code).cloned());
            let mut decisions = Vec::new();
            if known.is_none() {
                let some: Vec<&str> =
                    children.iter().take(4).map(|area| area.name.as_str()).collect();
                let more = if children.len() > some.len() { " and others" } else { "" };
                decisions.push(format!(
                    "name: the file has this region's code alone; it holds {}{more}",
                    some.join(", ")
                ));
            }
            let name = known.unwrap_or_else(|| format!("Region {code}"));
            self.add(
                place(code, &name, Level::Adm1, Some(country), mean_point(&points)),
                decisions,
            );
        }
    }

    fn area(&mut self, id: &str, name: &str, level: Level, within: &str, borders: &Borders) {
        self.area_level = Some(level);
        let point = borders.get(id).and_then(sanad_source::boundaries::Boundary::point_inside);
        let point = point.map(|[longitude, latitude]| [latitude, longitude]);
        let nameless = (name == id).then(|| "name: the file gives this place none".to_owned());
        let decisions = nameless.into_iter().collect();
        self.add(place(id, name, level, Some(within), point), decisions);
    }

    fn name_of(&self, id: &str) -> String {
        let found = self.places.iter().find(|draft| draft.place.id == id);
        found.map_or_else(String::new, |draft| draft.place.name.clone())
    }

    /// Gives areas the source's names of provinces; says which place each name is.
    fn names_of_areas(
        &mut self,
        names: &SourceNames,
        borders: &Borders,
        meanings: &BTreeMap<String, Meaning>,
        level: Level,
        parent_of: &dyn Fn(&[String]) -> String,
    ) -> Provinces {
        self.named_areas = meanings.values().filter_map(Meaning::one).map(str::to_owned).collect();
        let mut provinces = Provinces::new();
        for (key, meaning) in meanings {
            let named = &names.provinces[key];
            if let Some(id) = self.name_of_area(named, meaning, borders, level, parent_of) {
                provinces.insert(key.clone(), id);
            }
        }
        provinces
    }

    /// The place that a name means: an area, or a new place of several.
    fn name_of_area(
        &mut self,
        named: &Named,
        meaning: &Meaning,
        borders: &Borders,
        level: Level,
        parent_of: &dyn Fn(&[String]) -> String,
    ) -> Option<String> {
        match meaning {
            Meaning::Same(id) => {
                let name = self.name_of(id);
                self.alias_all(named, id, &name, None);
                Some(id.clone())
            }
            Meaning::ByPoints(id, [held, all]) => {
                let name = self.name_of(id);
                let basis = format!(
                    "place: {name} holds {held} of the {all} points that events give under this name"
                );
                self.alias_all(named, id, &name, Some(&basis));
                Some(id.clone())
            }
            Meaning::Several(parts) => {
                Some(self.several(named, parts, borders, level, &parent_of(parts)))
            }
            Meaning::Unknown => {
                self.undecided.push(without_place(named, "which place it is"));
                None
            }
        }
    }

    /// A place for a name that several areas share: one that no source tells apart, or, where the
    /// source names the areas too, one that ended with its last event.
    fn several(
        &mut self,
        named: &Named,
        parts: &[String],
        borders: &Borders,
        level: Level,
        within: &str,
    ) -> String {
        let name = shown(named.spelling());
        let country = self.places.first().map_or("", |root| root.place.id.as_str());
        let id = self.free_id(&format!("{country}-{}", slug(&name)));
        let mut whole = place(&id, &name, level, Some(within), named.point());
        whole.successors = shares(parts, borders);
        whole.share_basis = Some("areas of the borders".to_owned());
        let taken = self.places.iter().any(|draft| {
            draft.place.composite
                && draft.place.successors.iter().any(|next| parts.contains(&next.place))
        });
        let list: Vec<String> = parts.iter().map(|part| self.name_of(part)).collect();
        let list = list.join(", ");
        let mut decisions = vec!["share_basis: population says more than area".to_owned()];
        if taken || self.are_named(parts) {
            whole.valid_to = named.tally.days.map(|[_, last]| number_day(last));
            decisions.push(format!(
                "valid_to: the day on which {name} became {list}; here the last day on which an event has the name"
            ));
        } else {
            whole.composite = true;
            decisions.push(format!(
                "composite: events have this name and none has that of {list}; if {name} was divided, write \
                 valid_to in place of composite, and valid_from on its successors"
            ));
        }
        self.add(whole, decisions);
        self.alias_all(named, &id, &name, None);
        id
    }

    /// Whether the source has a name for one of these areas.
    fn are_named(&self, areas: &[String]) -> bool {
        areas.iter().any(|area| self.named_areas.contains(area))
    }
}

/// Provinces with their names, for [`Borders::meanings`].
fn of_provinces(names: &SourceNames) -> impl Iterator<Item = (String, &str, &Named)> + Clone {
    names.provinces.iter().map(|(key, named)| (key.clone(), key.as_str(), named))
}

/// A place without dates and successors.
fn place(id: &str, name: &str, level: Level, within: Option<&str>, point: Option<Point>) -> Place {
    let rounded = |degrees: f64| (degrees * 1e4).round() / 1e4;
    Place {
        id: id.to_owned(),
        name: name.to_owned(),
        level,
        within: within.map(str::to_owned),
        gwno: None,
        longitude: point.map(|[_, longitude]| rounded(longitude)),
        latitude: point.map(|[latitude, _]| rounded(latitude)),
        valid_from: None,
        valid_to: None,
        successors: Vec::new(),
        share_basis: None,
        composite: false,
        carved_from: None,
        disputed: false,
        short: None,
        cite: None,
        note: None,
    }
}

/// What is left to a person where a name has no place.
fn without_place(named: &Named, what: &str) -> String {
    let Named { tally, .. } = named;
    format!("{:?} ({} events, {} deaths): {what}", named.spelling(), tally.events, tally.deaths)
}

/// Parts of a whole by area, four decimals that add up to one.
fn shares(parts: &[String], borders: &Borders) -> Vec<Successor> {
    let area = |id: &String| borders.get(id).map_or(0.0, |area| area.relative_area());
    let areas: Vec<f64> = parts.iter().map(area).collect();
    let total: f64 = areas.iter().sum();
    let mut left = 10_000_i32;
    let mut next = Vec::with_capacity(parts.len());
    for (number, (id, area)) in parts.iter().zip(areas).enumerate() {
        let part = if total > 0.0 { area / total } else { 1.0 / parts.len() as f64 };
        let is_last = number + 1 == parts.len();
        let tenths = if is_last { left } else { ((part * 1e4).round() as i32).min(left) };
        left -= tenths;
        next.push(Successor { place: id.clone(), share: f64::from(tenths) / 1e4 });
    }
    next
}

/// The place in which most of the areas lie.
fn most_common_parent(parts: &[String], borders: &Borders, country: &str) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for parent in parts.iter().filter_map(|id| borders.get(id)?.parent.as_deref()) {
        *counts.entry(parent).or_default() += 1;
    }
    let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    most.map_or(country, |(parent, _)| parent).to_owned()
}

/// Events by area and by the province that the source says it lies in.
type Votes = BTreeMap<String, BTreeMap<String, i64>>;

fn province_votes(names: &SourceNames, meanings: &BTreeMap<&[String; 2], Meaning>) -> Votes {
    let mut votes = Votes::new();
    for (key, meaning) in meanings {
        if let Some(id) = meaning.one().filter(|_| !key[0].is_empty()) {
            let events = names.districts[*key].tally.events;
            *votes.entry(id.to_owned()).or_default().entry(key[0].clone()).or_default() += events;
        }
    }
    votes
}

fn most_voted(votes: &BTreeMap<String, i64>) -> Option<String> {
    votes.iter().rev().max_by_key(|(_, events)| **events).map(|(province, _)| province.clone())
}

/// For each place that areas lie in, the source's province that its events name; one of the same name
/// before any other.
fn parent_provinces(
    names: &SourceNames,
    borders: &Borders,
    votes: &Votes,
) -> BTreeMap<String, String> {
    let mut by_parent: Votes = Votes::new();
    for area in borders.iter() {
        let Some(parent) = &area.parent else { continue };
        let sums = by_parent.entry(parent.clone()).or_default();
        for (province, events) in votes.get(&area.id).into_iter().flatten() {
            *sums.entry(province.clone()).or_default() += events;
        }
    }
    let named = |parent: &str| {
        let name = plain(borders.parent_names.get(parent)?);
        names.provinces.contains_key(&name).then_some(name)
    };
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for (parent, sums) in &by_parent {
        if let Some(province) = named(parent).or_else(|| most_voted(sums)) {
            found.insert(parent.clone(), province);
        }
    }
    found
}

/// For each area the province that its events name, or that of the nearest area whose events do.
fn nearest_provinces(
    borders: &Borders,
    votes: &Votes,
    provinces: &Provinces,
) -> BTreeMap<String, String> {
    let voted: Vec<([f64; 2], String)> = borders
        .iter()
        .filter_map(|area| {
            let province = provinces.get(&most_voted(votes.get(&area.id)?)?)?;
            Some((area.point_inside()?, province.clone()))
        })
        .collect();
    let mut within = BTreeMap::new();
    for area in borders.iter() {
        let own = votes.get(&area.id).and_then(most_voted);
        let own = own.and_then(|province| provinces.get(&province).cloned());
        let near = || {
            let point = area.point_inside()?;
            let distance = |other: &[f64; 2]| {
                // Degrees of longitude shrink towards the poles, and go on beyond the antimeridian.
                let east = (point[0] - other[0] + 540.0).rem_euclid(360.0) - 180.0;
                (east * point[1].to_radians().cos()).hypot(point[1] - other[1])
            };
            let nearest = voted.iter().min_by(|a, b| distance(&a.0).total_cmp(&distance(&b.0)))?;
            Some(nearest.1.clone())
        };
        if let Some(province) = own.or_else(near) {
            within.insert(area.id.clone(), province);
        }
    }
    within
}
