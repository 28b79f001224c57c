//! Borders from a file, and which of them a source's name means.

use std::collections::{BTreeMap, BTreeSet};

use sanad_core::place::Level;
use sanad_source::boundaries::{Boundaries, Boundary, Reading};

use super::names::{Named, Point};
use super::spelling::plain;

/// The share of a name's points that one area must hold to be meant by it.
const ONE_AREA: f64 = 0.8;

/// The share from which an area is a part of what a name means.
const A_PART: f64 = 0.05;

/// What a source's name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The area with this identifier, which has the same name.
    Same(String),
    /// The area with this identifier, which holds so many of so many points.
    ByPoints(String, [usize; 2]),
    /// Several areas, that no name of the source tells apart or that came of one.
    Several(Vec<String>),
    /// None that can be told.
    Unknown,
}

impl Meaning {
    /// The one area that is meant.
    pub(super) fn one(&self) -> Option<&str> {
        match self {
            Self::Same(id) | Self::ByPoints(id, _) => Some(id),
            Self::Several(_) | Self::Unknown => None,
        }
    }
}

/// The finest areas of a file.
pub(super) struct Borders {
    areas: Boundaries,
    by_name: BTreeMap<String, Vec<String>>,
    /// Names of the places that the areas lie in, by code.
    pub(super) parent_names: BTreeMap<String, String>,
}

impl Borders {
    /// The areas of the finest level that a file holds; nothing where that is the country itself.
    pub(super) fn finest(reading: &Reading) -> Option<Self> {
        let finest = reading.boundaries.iter().map(|area| area.level).max()?;
        if finest == Level::Country {
            return None;
        }
        let areas = reading.boundaries.iter().filter(|area| area.level == finest).cloned();
        let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut areas: Vec<Boundary> =
            areas.map(|area| Boundary { level: Level::Adm2, ..area }).collect();
        tell_parents_apart(&mut areas);
        for area in &areas {
            by_name.entry(plain(&area.name)).or_default().push(area.id.clone());
        }
        let mut parent_names: BTreeMap<String, String> = reading
            .parent_names
            .iter()
            .flat_map(|(code, name)| {
                [(code.clone(), name.clone()), (region_code(code), name.clone())]
            })
            .collect();
        // A file of all levels holds the parents' own areas, too.
        let coarser = reading.boundaries.iter().filter(|area| area.level == Level::Adm1);
        parent_names.extend(coarser.map(|area| (area.id.clone(), area.name.clone())));
        Some(Self { areas: Boundaries::new(areas), by_name, parent_names })
    }

    /// All areas in order of their identifiers.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Boundary> {
        self.areas.iter()
    }

    pub(super) fn get(&self, id: &str) -> Option<&Boundary> {
        self.areas.get(Level::Adm2, id)
    }

    /// The area in which a point lies.
    pub(super) fn locate(&self, [latitude, longitude]: Point) -> Option<&str> {
        self.areas.locate(latitude, longitude, Level::Adm2)
    }

    /// Whether every area says in which region it lies. One code for all of them is the country's.
    pub(super) fn have_parents(&self) -> bool {
        let parents: BTreeSet<Option<&str>> =
            self.iter().map(|area| area.parent.as_deref()).collect();
        parents.len() > 1 && !parents.contains(&None)
    }

    /// How many areas have one of these names.
    pub(super) fn count_named<'n>(&self, names: impl Iterator<Item = &'n str>) -> usize {
        names.filter_map(|name| self.by_name.get(name)).flatten().collect::<BTreeSet<_>>().len()
    }

    /// The share of points that lie in one of the areas, 0 to 1; nothing without points.
    pub(super) fn share_inside(&self, points: &[Point]) -> Option<f64> {
        let inside = points.iter().filter(|point| self.locate(**point).is_some()).count();
        (!points.is_empty()).then(|| inside as f64 / points.len() as f64)
    }

    /// What each name means. A name that is spelt like an area's is that area, and one that joins the
    /// names of several is these; another is where its points lie.
    pub(super) fn meanings<'n, K: Ord + Clone>(
        &self,
        names: impl Iterator<Item = (K, &'n str, &'n Named)> + Clone,
    ) -> BTreeMap<K, Meaning> {
        let mut meanings: BTreeMap<K, Meaning> = BTreeMap::new();
        let mut named: BTreeSet<String> = BTreeSet::new();
        for (key, name, of_name) in names.clone() {
            if let Some(id) = self.of_name(name, of_name) {
                named.insert(id.clone());
                meanings.insert(key, Meaning::Same(id));
            }
        }
        for (key, name, of_name) in names {
            meanings.entry(key).or_insert_with(|| match self.joined(name) {
                Some(parts) => Meaning::Several(parts),
                None => self.by_points(of_name, &named),
            });
        }
        meanings
    }

    /// The area with this name; of several the one that holds most of the points.
    fn of_name(&self, name: &str, of_name: &Named) -> Option<String> {
        let ids = self.by_name.get(name)?;
        let held = |id: &&String| {
            of_name.all_points().filter(|point| self.locate(**point) == Some(id.as_str())).count()
        };
        ids.iter().rev().max_by_key(held).cloned()
    }

    /// The areas whose names a name joins: Kalinga-Apayao, Dadra and Nagar Haveli.
    fn joined(&self, name: &str) -> Option<Vec<String>> {
        let words: Vec<&str> =
            name.split([' ', '-', '/', ',', '&']).filter(|w| !w.is_empty()).collect();
        let mut parts = Vec::new();
        let mut rest = words.as_slice();
        while !rest.is_empty() {
            if rest[0] == "and" {
                rest = &rest[1..];
                continue;
            }
            // The longest beginning that is an area's name.
            let longest = (1..=rest.len()).rev().find_map(|length| {
                let ids = self.by_name.get(&rest[..length].join(" "))?;
                Some((length, ids.first()?.clone()))
            });
            let (length, id) = longest?;
            parts.push(id);
            rest = &rest[length..];
        }
        parts.sort_unstable();
        parts.dedup();
        (parts.len() > 1).then_some(parts)
    }

    fn by_points(&self, of_name: &Named, named: &BTreeSet<String>) -> Meaning {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        // A point that many events share says once where the place is: it is often the source's own
        // for the whole of it.
        let points = of_name.distinct_points();
        let total = points.len();
        for point in points {
            if let Some(id) = self.locate(point) {
                *counts.entry(id).or_default() += 1;
            }
        }
        let share = |count: usize| count as f64 / total.max(1) as f64;
        let top = counts.iter().rev().max_by_key(|(_, count)| **count);
        if let Some((id, count)) = top
            && share(*count) >= ONE_AREA
        {
            return Meaning::ByPoints((*id).to_owned(), [*count, total]);
        }
        let parts: Vec<(&str, usize)> =
            counts.into_iter().filter(|(_, count)| share(*count) >= A_PART).collect();
        // A neighbour that the source calls by its own name is no part, unless the others hold no more
        // than half of the points: then the name is an older one that they all came of.
        let unnamed: Vec<(&str, usize)> =
            parts.iter().filter(|(id, _)| !named.contains(*id)).copied().collect();
        let held_by_unnamed = unnamed.iter().map(|(_, count)| count).sum();
        let parts = if share(held_by_unnamed) > 0.5 { unnamed } else { parts };
        match parts[..] {
            [] => Meaning::Unknown,
            [(id, count)] if share(count) >= 0.5 => {
                Meaning::ByPoints(id.to_owned(), [count, total])
            }
            [_] => Meaning::Unknown,
            _ => Meaning::Several(parts.into_iter().map(|(id, _)| id.to_owned()).collect()),
        }
    }
}

/// Numbers that count areas and regions alike name two places each: the region's get a letter.
fn tell_parents_apart(areas: &mut [Boundary]) {
    let ids: BTreeSet<String> = areas.iter().map(|area| area.id.clone()).collect();
    if areas.iter().filter_map(|area| area.parent.as_ref()).any(|parent| ids.contains(parent)) {
        for parent in areas.iter_mut().filter_map(|area| area.parent.as_mut()) {
            *parent = region_code(parent);
        }
    }
}

fn region_code(code: &str) -> String {
    format!("R{code}")
}
