//! Which places stand for a place on a day: its predecessors before it came into force, its successors
//! after it ended, the composite of which it is a part, and the place of a coarser level above it.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Level, Place, PlaceBook, Shares, WHOLE_PPM, apportion, next_day};

impl PlaceBook {
    /// Carries a place to the places in force on `day`.
    ///
    /// A place not yet in force becomes what it was before: its predecessor, or the place it was
    /// carved out of. A place that has ended becomes its successors, shared out where there are
    /// several. A part of a composite becomes the composite, because sources do not tell its
    /// parts apart.
    #[must_use]
    pub fn on_day(&self, id: &str, day: NaiveDate) -> Shares {
        self.carry(id, day, true)
    }

    /// Carries a place to today's places ([`current_on`](Self::current_on)), sharing out
    /// composites and places that were split.
    #[must_use]
    pub fn today(&self, id: &str) -> Shares {
        self.carry(id, self.current_on, false)
    }

    /// The places of `level` in which a place counts on `day`: the one that it lies in, or what stands
    /// for that one on the day, as in [`on_day`](Self::on_day). Parts of a whole that lie in no place
    /// in force are left out, so that shares can add up to less than [`WHOLE_PPM`].
    #[must_use]
    pub fn above_on_day(&self, id: &str, level: Level, day: NaiveDate) -> Shares {
        self.above(id, level, day, true)
    }

    /// As [`above_on_day`](Self::above_on_day), by today's places.
    #[must_use]
    pub fn above_today(&self, id: &str, level: Level) -> Shares {
        self.above(id, level, self.current_on, false)
    }

    fn above(&self, id: &str, level: Level, day: NaiveDate, keep_composites: bool) -> Shares {
        let counts = |place: &Place| {
            let stands = if keep_composites {
                !self.whole.contains_key(&place.id)
            } else {
                !place.composite
            };
            stands && place.level == level && place.is_valid_on(day)
        };
        let Some(above) = self.at_level(id, level) else { return Shares::new() };
        if counts(above) {
            return vec![(above.id.clone(), WHOLE_PPM)];
        }
        let mut carried = self.carry(&above.id, day, keep_composites);
        carried.retain(|(id, _)| self.get(id).is_some_and(counts));
        carried
    }

    fn carry(&self, id: &str, day: NaiveDate, keep_composites: bool) -> Shares {
        let mut parts: BTreeMap<String, f64> = BTreeMap::new();
        self.carry_part(id, day, keep_composites, 1.0, self.places.len() + 1, &mut parts);
        let ids: Vec<String> = parts.keys().cloned().collect();
        let weights: Vec<f64> = parts.into_values().collect();
        ids.into_iter().zip(apportion(&weights)).collect()
    }

    fn carry_part(
        &self,
        id: &str,
        day: NaiveDate,
        keep_composites: bool,
        share: f64,
        steps: usize,
        parts: &mut BTreeMap<String, f64>,
    ) {
        let Some(place) = self.get(id).filter(|_| steps > 0) else {
            *parts.entry(id.to_owned()).or_default() += share;
            return;
        };
        let mut step = |next: &str, part: f64| {
            self.carry_part(next, day, keep_composites, part, steps - 1, parts);
        };
        let too_early = place.valid_from.is_some_and(|from| day < from);
        let ended = place.valid_to.is_some_and(|to| to < day);
        let whole = self.whole.get(id).filter(|_| keep_composites);
        if too_early && let Some(before) = self.before(place, day) {
            step(before, share);
        } else if let Some(whole) = whole {
            step(whole, share);
        } else if ended || (place.composite && !keep_composites) {
            for next in &place.successors {
                step(&next.place, share * next.share);
            }
        } else {
            *parts.entry(id.to_owned()).or_default() += share;
        }
    }

    /// What `place` was before it came into force: the predecessor in force on `day`, else the
    /// place it was carved from, else the first predecessor listed.
    fn before<'a>(&'a self, place: &'a Place, day: NaiveDate) -> Option<&'a str> {
        let before = self.predecessors.get(&place.id);
        let in_force = before
            .into_iter()
            .flatten()
            .find(|id| self.get(id).is_some_and(|place| place.is_valid_on(day)));
        in_force
            .or(place.carved_from.as_ref())
            .or_else(|| before.and_then(|ids| ids.first()))
            .map(String::as_str)
    }

    /// The days on which [`on_day`](Self::on_day) can change for any place of the book.
    #[must_use]
    pub fn cuts(&self) -> Vec<NaiveDate> {
        let mut cuts: Vec<NaiveDate> = self
            .places
            .values()
            .flat_map(|place| [place.valid_from, place.valid_to.map(next_day)])
            .flatten()
            .collect();
        cuts.sort_unstable();
        cuts.dedup();
        cuts
    }

    /// The places of `level` that a panel of the places of their day lists on `day`: those in
    /// force, with a composite in place of its parts.
    pub fn in_force(&self, level: Level, day: NaiveDate) -> impl Iterator<Item = &Place> {
        self.places.values().filter(move |place| {
            place.level == level && place.is_valid_on(day) && !self.whole.contains_key(&place.id)
        })
    }

    /// The places of `level` that a panel of today's places lists.
    pub fn current(&self, level: Level) -> impl Iterator<Item = &Place> {
        self.places.values().filter(move |place| {
            place.level == level && place.is_valid_on(self.current_on) && !place.composite
        })
    }
}
