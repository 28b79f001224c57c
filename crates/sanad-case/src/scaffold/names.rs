//! The places that a file of events names, with what it tells of each.

use std::collections::BTreeMap;

use chrono::Datelike;
use sanad_core::event::{Events, number_day};
use sanad_core::missing::is_missing_name;
use sanad_core::place::Reach;

use super::spelling::plain;

/// Degrees north and east.
pub(super) type Point = [f64; 2];

/// How many events and deaths there are, and when.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) events: i64,
    pub(super) deaths: i64,
    /// First and last day, in days since 1970-01-01.
    pub(super) days: Option<[i32; 2]>,
}

impl Tally {
    pub(super) fn add(&mut self, events: &Events, index: usize) {
        self.events += 1;
        self.deaths += i64::from(events.deaths_best[index]);
        let (start, end) = (events.start_day[index], events.end_day[index]);
        let [first, last] = self.days.unwrap_or([start, end]);
        self.days = Some([first.min(start), last.max(end)]);
    }

    /// First and last year.
    pub(super) fn years(&self) -> Option<[i32; 2]> {
        self.days.map(|days| days.map(|day| number_day(day).year()))
    }
}

/// A place as the source calls it.
#[derive(Debug, Clone, Default)]
pub(super) struct Named {
    /// Spellings that are the same name, with the events that have each.
    pub(super) spellings: BTreeMap<String, i64>,
    pub(super) tally: Tally,
    /// Points of events whose own place is known better than this one.
    pub(super) points: Vec<Point>,
    /// Points that stand for the place itself.
    own_points: Vec<Point>,
}

impl Named {
    /// The spelling that most events have; of equals the first in the alphabet.
    pub(super) fn spelling(&self) -> &str {
        let most = self.spellings.iter().rev().max_by_key(|(_, events)| **events);
        most.map_or("", |(name, _)| name.as_str())
    }

    /// A point that stands for the place: the source's own where it gives one, else the mean of what
    /// happened there.
    pub(super) fn point(&self) -> Option<Point> {
        most_frequent(&self.own_points).or_else(|| mean_point(&self.points))
    }

    /// Every point that says where the place is.
    pub(super) fn all_points(&self) -> impl Iterator<Item = &Point> {
        self.points.iter().chain(&self.own_points)
    }

    /// The same, each point once.
    pub(super) fn distinct_points(&self) -> Vec<Point> {
        let by_bits: BTreeMap<[u64; 2], Point> =
            self.all_points().map(|point| (point.map(f64::to_bits), *point)).collect();
        by_bits.into_values().collect()
    }
}

/// Names of provinces and districts, by their [`plain`] spelling.
#[derive(Debug, Clone, Default)]
pub(super) struct SourceNames {
    /// The first level.
    pub(super) provinces: BTreeMap<String, Named>,
    /// The second level, by province (empty where none is named) and district: districts of two
    /// provinces may have one name.
    pub(super) districts: BTreeMap<[String; 2], Named>,
    /// Everything in the country.
    pub(super) all: Tally,
    /// Points that stand for the country.
    country_points: Vec<Point>,
    /// Points of events that are known to the province or better.
    pub(super) known_points: Vec<Point>,
}

impl SourceNames {
    /// The names in the events of a country, which has this Gleditsch–Ward number.
    pub(super) fn of_country(events: &Events, gwno: i32) -> Self {
        let mut names = Self::default();
        for index in (0..events.len()).filter(|index| events.country_id[*index] == gwno) {
            names.add(events, index);
        }
        names
    }

    fn add(&mut self, events: &Events, index: usize) {
        self.all.add(events, index);
        let point = [events.latitude[index], events.longitude[index]];
        let point = Some(point).filter(|point| point.iter().all(|degrees| degrees.is_finite()));
        let precision = events.where_prec[index];
        let reach = Reach::of_where_prec(precision).unwrap_or(Reach::Country);
        if reach == Reach::Country {
            self.country_points.extend(point);
        } else if reach >= Reach::Province {
            self.known_points.extend(point);
        }
        let (first, second) = (events.adm1.get(index).trim(), events.adm2.get(index).trim());
        let first_key = if is_missing_name(first) { String::new() } else { plain(first) };
        if !first_key.is_empty() {
            let named = self.provinces.entry(first_key.clone()).or_default();
            named.add(events, index, first);
            match reach {
                Reach::District => named.points.extend(point),
                Reach::Province => named.own_points.extend(point),
                _ => {}
            }
        }
        let second_key = if is_missing_name(second) { String::new() } else { plain(second) };
        if !second_key.is_empty() {
            let named = self.districts.entry([first_key, second_key]).or_default();
            named.add(events, index, second);
            match precision {
                1 | 2 => named.points.extend(point),
                3 => named.own_points.extend(point),
                _ => {}
            }
        }
    }

    /// A point that stands for the country.
    pub(super) fn country_point(&self) -> Option<Point> {
        let provinces = self.provinces.values().filter_map(Named::point);
        most_frequent(&self.country_points).or_else(|| mean_point(&provinces.collect::<Vec<_>>()))
    }
}

impl Named {
    fn add(&mut self, events: &Events, index: usize, spelling: &str) {
        *self.spellings.entry(spelling.to_owned()).or_default() += 1;
        self.tally.add(events, index);
    }
}

/// The point that occurs most often; of equals the first.
fn most_frequent(points: &[Point]) -> Option<Point> {
    let mut counts: BTreeMap<[i64; 2], (usize, Point)> = BTreeMap::new();
    for point in points {
        let key = point.map(|degrees| (degrees * 1e6).round() as i64);
        counts.entry(key).or_insert((0, *point)).0 += 1;
    }
    let most = counts.values().rev().max_by_key(|(count, _)| *count);
    most.map(|(_, point)| *point)
}

/// The mean of points on the globe: of the vectors from its centre, so that it is right on both sides
/// of the antimeridian.
pub(super) fn mean_point(points: &[Point]) -> Option<Point> {
    let mut sum = [0.0; 3];
    for [latitude, longitude] in points.iter().map(|point| point.map(f64::to_radians)) {
        sum[0] += latitude.cos() * longitude.cos();
        sum[1] += latitude.cos() * longitude.sin();
        sum[2] += latitude.sin();
    }
    let length = sum.iter().map(|part| part * part).sum::<f64>().sqrt();
    (length > 1e-9).then(|| {
        let flat = sum[0].hypot(sum[1]);
        [sum[2].atan2(flat).to_degrees(), sum[1].atan2(sum[0]).to_degrees()]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_two_points_on_both_sides_of_the_antimeridian_lies_between_them() {
        let [latitude, longitude] = mean_point(&[[-16.0, 179.0], [-16.0, -179.0]]).unwrap();
        assert!((latitude + 16.0).abs() < 0.1 && longitude.abs() > 179.9, "{latitude} {longitude}");
        assert_eq!(mean_point(&[]), None);
    }
}
