//! Places with dates of validity, predecessors and successors, and how a source's words for a
//! place become one.

mod carry;
mod levels;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::actor::words;
use crate::error::{Error, PlaceProblem, Result};

pub use levels::{LevelName, LevelNames, SourceLevels};

words! {
    /// How fine a place is.
    Level {
        /// A country.
        Country = "country",
        /// A province or territory.
        Adm1 = "adm1",
        /// A district, or what else the second level holds.
        Adm2 = "adm2",
    }
}

/// A part of one place that became, or belongs to, another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Successor {
    /// The other place.
    pub place: String,
    /// The part of the whole, 0 to 1.
    pub share: f64,
}

/// A place as a case lists it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// OCHA P-code, or an identifier of the case's own.
    pub id: String,
    /// Name in English.
    pub name: String,
    /// How fine it is.
    pub level: Level,
    /// The place it lies in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// Gleditsch–Ward number, for a country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gwno: Option<i32>,
    /// Longitude of the centroid, degrees east.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    /// Latitude of the centroid, degrees north.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// First day in force; open when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<NaiveDate>,
    /// Last day in force; open when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<NaiveDate>,
    /// What it became, or for a composite its parts; shares add up to one.
    #[serde(default)]
    pub successors: Vec<Successor>,
    /// What the shares rest on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_basis: Option<String>,
    /// Whether the place stands for parts that no source tells apart.
    #[serde(default)]
    pub composite: bool,
    /// The place it was cut out of, which went on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carved_from: Option<String>,
    /// Whether its borders are disputed between states; maps draw them dashed.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub disputed: bool,
    /// Two to four letters for a map tile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short: Option<String>,
    /// Where the dates come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cite: Option<String>,
    /// A neutral remark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Place {
    /// Whether the place is in force on `day`.
    #[must_use]
    pub fn is_valid_on(&self, day: NaiveDate) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day <= to)
    }
}

/// A name by which a source calls a place, for a source and a time if need be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// The name as the source spells it.
    pub name: String,
    /// The place meant.
    pub place: String,
    /// The only source (series id) in which the name means this place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// First day on which it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// Last day on which it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
    /// Why, if it needs saying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How far down a record's place is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// The country only.
    Country,
    /// A region that need not follow borders of provinces.
    Region,
    /// The province.
    Province,
    /// The district or better.
    District,
}

impl Reach {
    /// The reach of UCDP's `where_prec`: 1 to 3 know the district, 4 the province, 5 a linear or
    /// fuzzy region, 6 the country; 7 (international waters or air space) knows no place on land
    /// and counts as the country. Source: UCDP GED codebook, variable `where_prec`.
    #[must_use]
    pub const fn of_where_prec(where_prec: u8) -> Option<Self> {
        match where_prec {
            1..=3 => Some(Self::District),
            4 => Some(Self::Province),
            5 => Some(Self::Region),
            6 | 7 => Some(Self::Country),
            _ => None,
        }
    }
}

words! {
    /// What a placing rests on.
    Method {
        /// The source's own name of the district.
        DistrictName = "district-name",
        /// The source's own name of a province that is a single district.
        OnlyDistrict = "only-district",
        /// The point lies in the polygon of the district, and the province agrees; or in that of the
        /// province, and the source names no place.
        Geometry = "geometry",
        /// The source's own name of the province.
        ProvinceName = "province-name",
        /// Nothing finer than the country is known.
        Unplaced = "unplaced",
    }
}

/// What a source says about where something happened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Location<'a> {
    /// Series id of the source, for aliases that hold for one source only.
    pub source: &'a str,
    /// Province as the source spells it.
    pub adm1: Option<&'a str>,
    /// District as the source spells it.
    pub adm2: Option<&'a str>,
    /// How far down the place is known.
    pub reach: Reach,
    /// The district of today in whose polygon the point lies, or the province where no boundaries
    /// of districts are at hand; nothing without boundaries.
    pub polygon: Option<&'a str>,
}

/// The places that a [`Location`] names: the places the source means, whatever the day. Use
/// [`PlaceBook::on_day`] or [`PlaceBook::today`] to carry them to a day's own places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placing<'a> {
    /// District, or what else the second level holds.
    pub adm2: Option<&'a str>,
    /// Province or territory.
    pub adm1: Option<&'a str>,
    /// What the finest of the two rests on.
    pub method: Method,
}

/// Parts of a place, in whole millionths that add up to [`WHOLE_PPM`].
pub type Shares = Vec<(String, i64)>;

/// One, in millionths: the unit in which sums are shared out, so that they add up exactly.
pub const WHOLE_PPM: i64 = 1_000_000;

/// Splits [`WHOLE_PPM`] in proportion to `weights` by largest remainder, so that the parts add up
/// exactly. Weights that are all zero are taken as equal.
///
/// ```
/// use sanad_core::place::apportion;
///
/// assert_eq!(apportion(&[1.0, 1.0, 1.0]), [333_334, 333_333, 333_333]);
/// ```
#[must_use]
pub fn apportion(weights: &[f64]) -> Vec<i64> {
    let usable: Vec<f64> =
        weights.iter().map(|w| if w.is_finite() && *w > 0.0 { *w } else { 0.0 }).collect();
    let total: f64 = usable.iter().sum();
    let exact: Vec<f64> = if total > 0.0 {
        usable.iter().map(|weight| weight / total * WHOLE_PPM as f64).collect()
    } else {
        vec![WHOLE_PPM as f64 / weights.len().max(1) as f64; weights.len()]
    };
    let mut parts: Vec<i64> = exact.iter().map(|part| part.floor() as i64).collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|&a, &b| {
        (exact[b] - exact[b].floor()).total_cmp(&(exact[a] - exact[a].floor())).then(a.cmp(&b))
    });
    let missing = (WHOLE_PPM - parts.iter().sum::<i64>()).max(0) as usize;
    for &at in order.iter().cycle().take(if parts.is_empty() { 0 } else { missing }) {
        parts[at] += 1;
    }
    parts
}

/// Words that say what sort of place a name belongs to and that sources add or leave out at its end:
/// "Borno state" is "Borno". A case may declare others.
pub const CLOSING_WORDS: [&str; 14] = [
    "agency",
    "county",
    "department",
    "district",
    "division",
    "governorate",
    "municipality",
    "oblast",
    "parish",
    "prefecture",
    "province",
    "region",
    "state",
    "territory",
];

/// Lower case, without punctuation, doubled spaces and a closing word such as "district".
///
/// ```
/// use sanad_core::place::fold_name;
///
/// assert_eq!(fold_name("North-East  District", &["district"]), "north east");
/// assert_eq!(fold_name("District", &["district"]), "district");
/// ```
#[must_use]
pub fn fold_name(name: &str, closing_words: &[impl AsRef<str>]) -> String {
    let spaced: String = name
        .chars()
        .flat_map(char::to_lowercase)
        .map(|letter| if letter.is_alphanumeric() { letter } else { ' ' })
        .collect();
    let mut words: Vec<&str> = spaced.split_whitespace().collect();
    let closes = |word: &str| closing_words.iter().any(|closing| closing.as_ref() == word);
    if words.len() > 1 && closes(words[words.len() - 1]) {
        words.pop();
    }
    words.join(" ")
}

/// The places of a case: which exist when, what they were before and became after, and by which
/// names sources call them.
#[derive(Debug, Clone, Default)]
pub struct PlaceBook {
    places: BTreeMap<String, Place>,
    names: BTreeMap<(Level, String), Vec<Alias>>,
    predecessors: BTreeMap<String, Vec<String>>,
    whole: BTreeMap<String, String>,
    closing_words: Vec<String>,
    source_levels: BTreeMap<String, SourceLevels>,
    level_names: LevelNames,
    /// See [`with_finest_level`](Self::with_finest_level).
    finest_level: Option<Level>,
    current_on: NaiveDate,
}

impl PlaceBook {
    /// Builds a book. `current_on` is the day whose places count as today's.
    ///
    /// # Errors
    ///
    /// [`Error::Place`] when an id is listed twice, a reference leads nowhere or in a circle,
    /// shares do not add up to one, or a place ended without successors.
    pub fn new(places: Vec<Place>, aliases: Vec<Alias>, current_on: NaiveDate) -> Result<Self> {
        let closing_words = CLOSING_WORDS.map(str::to_owned).to_vec();
        Self::with_closing_words(places, aliases, closing_words, current_on)
    }

    /// As [`PlaceBook::new`], with other words than [`CLOSING_WORDS`] that a name may end with and
    /// mean the same; lower case.
    ///
    /// # Errors
    ///
    /// As [`PlaceBook::new`].
    pub fn with_closing_words(
        places: Vec<Place>,
        aliases: Vec<Alias>,
        closing_words: Vec<String>,
        current_on: NaiveDate,
    ) -> Result<Self> {
        let mut book = Self { current_on, closing_words, ..Self::default() };
        for place in places {
            if let Some(twice) = book.places.insert(place.id.clone(), place) {
                return Err(problem(&twice.id, PlaceProblem::Duplicate));
            }
        }
        book.check_references(&aliases)?;
        book.check_circles()?;
        book.index(aliases);
        Ok(book)
    }

    fn check_references(&self, aliases: &[Alias]) -> Result<()> {
        let known = |of: &str, field: &'static str, id: &str| {
            if self.places.contains_key(id) {
                return Ok(());
            }
            Err(problem(of, PlaceProblem::Unknown { field, found: id.to_owned() }))
        };
        for place in self.places.values() {
            let references = [("within", &place.within), ("carved_from", &place.carved_from)];
            for (field, id) in references.iter().filter_map(|(f, id)| Some((f, id.as_ref()?))) {
                known(&place.id, field, id)?;
            }
            for successor in &place.successors {
                known(&place.id, "successors", &successor.place)?;
            }
            let sum: f64 = place.successors.iter().map(|successor| successor.share).sum();
            if !place.successors.is_empty() && (sum - 1.0).abs() > 1e-6 {
                let found = format!("{sum:.6}");
                return Err(problem(&place.id, PlaceProblem::Shares { found }));
            }
            if place.valid_to.is_some() && place.successors.is_empty() {
                return Err(problem(&place.id, PlaceProblem::NoSuccessor));
            }
            self.check_gaps(place)?;
        }
        aliases.iter().try_for_each(|alias| known(&alias.name, "alias.place", &alias.place))
    }

    /// A day on which neither a place nor its successor is in force would send whoever carries
    /// the place to that day back and forth between the two, unless the successor was carved out
    /// of a third place.
    fn check_gaps(&self, place: &Place) -> Result<()> {
        let Some(ended) = place.valid_to else { return Ok(()) };
        let late = place.successors.iter().find_map(|next| {
            let successor = self.get(&next.place)?;
            let begins = successor.valid_from.filter(|_| successor.carved_from.is_none())?;
            (begins > next_day(ended)).then(|| (next.place.clone(), begins))
        });
        match late {
            None => Ok(()),
            Some((successor, begins)) => {
                let (ended, begins) = (ended.to_string(), begins.to_string());
                Err(problem(&place.id, PlaceProblem::Gap { ended, successor, begins }))
            }
        }
    }

    fn check_circles(&self) -> Result<()> {
        for place in self.places.values() {
            let limit = self.places.len();
            let mut at = Some(place);
            for _ in 0..=limit {
                at = at.and_then(|place| self.parent(&place.id));
            }
            if at.is_some() {
                return Err(problem(&place.id, PlaceProblem::Circular { field: "within" }));
            }
            let mut at = Some(place);
            for _ in 0..=limit {
                at = at.and_then(|place| self.get(place.carved_from.as_deref()?));
            }
            if at.is_some() {
                return Err(problem(&place.id, PlaceProblem::Circular { field: "carved_from" }));
            }
            let mut front = BTreeSet::from([place.id.as_str()]);
            for _ in 0..=limit {
                front = front
                    .iter()
                    .filter_map(|id| self.get(id))
                    .flat_map(|place| place.successors.iter().map(|next| next.place.as_str()))
                    .collect();
            }
            if !front.is_empty() {
                return Err(problem(&place.id, PlaceProblem::Circular { field: "successors" }));
            }
        }
        Ok(())
    }

    fn index(&mut self, aliases: Vec<Alias>) {
        let own = self.places.values().map(|place| Alias {
            name: place.name.clone(),
            place: place.id.clone(),
            source: None,
            from: None,
            to: None,
            note: None,
        });
        // Listed aliases first, so that they win over a place's own name.
        for alias in aliases.into_iter().chain(own.collect::<Vec<_>>()) {
            let level = self.places[&alias.place].level;
            let folded = fold_name(&alias.name, &self.closing_words);
            self.names.entry((level, folded)).or_default().push(alias);
        }
        for place in self.places.values() {
            for next in &place.successors {
                if place.composite {
                    self.whole.insert(next.place.clone(), place.id.clone());
                } else {
                    self.predecessors.entry(next.place.clone()).or_default().push(place.id.clone());
                }
            }
        }
    }

    /// Says, by series id, what the levels of sources are in the case; a source that is not named has
    /// the case's own levels.
    #[must_use]
    pub fn with_source_levels(mut self, levels: BTreeMap<String, SourceLevels>) -> Self {
        self.source_levels = levels;
        self
    }

    /// Says what the places of the two levels are called.
    #[must_use]
    pub fn with_level_names(mut self, names: LevelNames) -> Self {
        self.level_names = names;
        self
    }

    /// Says which level is the finest that is mapped and forecast. A case may know places, such as
    /// the municipalities that its source names, that are too many and too rarely named for that.
    #[must_use]
    pub const fn with_finest_level(mut self, level: Option<Level>) -> Self {
        self.finest_level = level;
        self
    }

    /// The finest level that is mapped and forecast: that of the case, where it says one and has
    /// places of it today, else the finest that has any.
    #[must_use]
    pub fn finest_level(&self) -> Level {
        let finest = self.finest_level.unwrap_or(Level::Adm2);
        let levels = [Level::Adm2, Level::Adm1].into_iter().filter(|level| *level <= finest);
        let has_places = |level: &Level| self.current(*level).next().is_some();
        levels.into_iter().find(has_places).unwrap_or(Level::Country)
    }

    /// What the places of the two levels are called.
    #[must_use]
    pub const fn level_names(&self) -> &LevelNames {
        &self.level_names
    }

    /// The source's name for a place of `level`, with how far down a record must be known for the name
    /// to hold.
    fn source_name<'a>(&self, location: &Location<'a>, level: Level) -> Option<(&'a str, Reach)> {
        let levels = self.source_levels.get(location.source).copied().unwrap_or_default();
        let first =
            location.adm1.filter(|_| levels.adm1 == level).map(|name| (name, Reach::Region));
        let second =
            location.adm2.filter(|_| levels.adm2 == level).map(|name| (name, Reach::District));
        // Where the source's first level is the case's districts, its second is finer than anything
        // that the case has: a municipality may be called as another province is.
        if levels.adm1 == levels.adm2 { first.or(second) } else { second.or(first) }
    }

    /// The day whose places count as today's.
    #[must_use]
    pub const fn current_on(&self) -> NaiveDate {
        self.current_on
    }

    /// All places in order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Place> {
        self.places.values()
    }

    /// Whether the book is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The place with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Place> {
        self.places.get(id)
    }

    /// The place in which the place with this id lies.
    #[must_use]
    pub fn parent(&self, id: &str) -> Option<&Place> {
        self.get(self.get(id)?.within.as_deref()?)
    }

    /// The place of `level` that is, or contains, the place with this id.
    #[must_use]
    pub fn at_level(&self, id: &str, level: Level) -> Option<&Place> {
        let mut at = self.get(id)?;
        while at.level > level {
            at = self.parent(&at.id)?;
        }
        (at.level == level).then_some(at)
    }

    /// The composite that stands for the place with this id, if it is a part of one.
    #[must_use]
    pub fn whole_of(&self, id: &str) -> Option<&Place> {
        self.get(self.whole.get(id)?)
    }

    /// The countries of the book by their Gleditsch–Ward numbers.
    pub fn countries(&self) -> impl Iterator<Item = (&Place, i32)> {
        self.places.values().filter_map(|place| Some((place, place.gwno?)))
    }

    /// Finds a place by a name of `level`, as `source` uses it on `day`.
    #[must_use]
    pub fn find(&self, level: Level, name: &str, source: &str, day: NaiveDate) -> Option<&Place> {
        self.find_in(level, name, source, day, None)
    }

    /// As [`find`](Self::find); of several places with the name the one in `province`, where that is
    /// known.
    fn find_in(
        &self,
        level: Level,
        name: &str,
        source: &str,
        day: NaiveDate,
        province: Option<&Place>,
    ) -> Option<&Place> {
        let entries = self.names.get(&(level, fold_name(name, &self.closing_words)))?;
        let holds = |alias: &&Alias| {
            alias.source.as_deref().is_none_or(|only| only == source)
                && alias.from.is_none_or(|from| from <= day)
                && alias.to.is_none_or(|to| day <= to)
        };
        let mut found: Vec<&Alias> = entries.iter().filter(holds).collect();
        // An alias for this source alone says more than a general one; a place in force on the
        // day more than one that is not. The sort is stable: the case's order decides the rest.
        found.sort_by_key(|alias| {
            let place = &self.places[&alias.place];
            let elsewhere = province.is_some_and(|adm1| !self.may_lie_in(place, adm1));
            (alias.source.is_none(), !place.is_valid_on(day), elsewhere)
        });
        self.get(&found.first()?.place)
    }

    /// The days on which the meaning of some name changes, for `name` at `level`.
    fn name_cuts(&self, level: Level, name: &str) -> impl Iterator<Item = NaiveDate> {
        let entries = self.names.get(&(level, fold_name(name, &self.closing_words)));
        entries.into_iter().flatten().flat_map(|alias| {
            let place = &self.places[&alias.place];
            [alias.from, alias.to.map(next_day), place.valid_from, place.valid_to.map(next_day)]
                .into_iter()
                .flatten()
        })
    }

    /// Resolves a location on `day`: first the source's own name of the district, then that of
    /// the province (which is enough where the province is a single district), then the polygon;
    /// never finer than the location's reach.
    ///
    /// A polygon places a record in a district only where the source's province agrees with it
    /// or says nothing, and in a province only where the source names no place at all. A region (UCDP `where_prec` 5) gets the province that the source names,
    /// never one from its representative point.
    #[must_use]
    pub fn resolve(&self, location: &Location<'_>, day: NaiveDate) -> Placing<'_> {
        let source = location.source;
        let known = |reach: Reach| location.reach >= reach;
        let named = |level, province| {
            let (name, reach) = self.source_name(location, level)?;
            self.find_in(level, name, source, day, province).filter(|_| known(reach))
        };
        let polygon = location.polygon.and_then(|id| self.get(id));
        let adm1_by_name = named(Level::Adm1, None);
        let by_name = named(Level::Adm2, adm1_by_name);
        let around = polygon.filter(|place| {
            let says_nothing = location.adm1.is_none() && location.adm2.is_none();
            place.level == Level::Adm1 && known(Reach::Province) && says_nothing
        });
        let adm1 = adm1_by_name.or(around);
        let by_polygon = || {
            let place = polygon.filter(|place| place.level == Level::Adm2)?;
            let agrees = adm1.is_none_or(|adm1| self.may_lie_in(place, adm1));
            (known(Reach::District) && agrees).then_some(place)
        };
        let only =
            adm1.filter(|_| known(Reach::District)).and_then(|adm1| self.only_district(adm1));
        let (adm2, method) = if let Some(place) = by_name {
            (Some(place), Method::DistrictName)
        } else if let Some(place) = only {
            (Some(place), Method::OnlyDistrict)
        } else if let Some(place) = by_polygon() {
            (Some(place), Method::Geometry)
        } else if adm1_by_name.is_some() {
            (None, Method::ProvinceName)
        } else if around.is_some() {
            (None, Method::Geometry)
        } else {
            (None, Method::Unplaced)
        };
        let province = adm2.and_then(|place| self.at_level(&place.id, Level::Adm1)).or(adm1);
        Placing { adm2: adm2.map(|p| p.id.as_str()), adm1: province.map(|p| p.id.as_str()), method }
    }

    /// The days on which the answer of [`resolve`](Self::resolve) for this location can change.
    #[must_use]
    pub fn resolve_cuts(&self, location: &Location<'_>) -> Vec<NaiveDate> {
        let cuts_of = |level| {
            let name = self.source_name(location, level).map(|(name, _)| name);
            name.into_iter().flat_map(move |name| self.name_cuts(level, name))
        };
        let mut cuts: Vec<NaiveDate> = cuts_of(Level::Adm1).chain(cuts_of(Level::Adm2)).collect();
        cuts.sort_unstable();
        cuts.dedup();
        cuts
    }

    /// The district of a province that has only one.
    fn only_district(&self, adm1: &Place) -> Option<&Place> {
        let mut districts = self.places.values().filter(|place| {
            place.level == Level::Adm2 && place.within.as_deref() == Some(&adm1.id)
        });
        let first = districts.next()?;
        districts.next().is_none().then_some(first)
    }

    fn may_lie_in(&self, place: &Place, adm1: &Place) -> bool {
        let same = |id: &str| {
            self.at_level(id, Level::Adm1).is_some_and(|found| {
                found.id == adm1.id || adm1.successors.iter().any(|next| next.place == found.id)
            })
        };
        same(&place.id)
    }
}

fn next_day(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX)
}

fn problem(place: &str, problem: PlaceProblem) -> Error {
    Error::Place { place: place.to_owned(), problem }
}

/// The PRIO-GRID cell (0.5°) of a point, or nothing outside the grid: the row counted from the
/// south times 720, plus the column counted from the west, plus 1.
///
/// Source: Tollefsen, Strand and Buhaug, "PRIO-GRID: a unified spatial data structure", Journal
/// of Peace Research 49 (2012). The cell's lower and left edge belong to it; the north pole and
/// the 180th meridian count with the last row and column.
///
/// ```
/// use sanad_core::place::priogrid_gid;
///
/// assert_eq!(priogrid_gid(34.821865, 74.355544), Some(179_789));
/// assert_eq!(priogrid_gid(-90.0, -180.0), Some(1));
/// assert_eq!(priogrid_gid(90.0, 180.0), Some(259_200));
/// assert_eq!(priogrid_gid(f64::NAN, 0.0), None);
/// ```
#[must_use]
pub fn priogrid_gid(latitude: f64, longitude: f64) -> Option<i32> {
    if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
        return None;
    }
    let row = (((latitude + 90.0) * 2.0).floor() as i32).min(359);
    let column = (((longitude + 180.0) * 2.0).floor() as i32).min(719);
    Some(row * 720 + column + 1)
}

#[cfg(test)]
mod tests;
