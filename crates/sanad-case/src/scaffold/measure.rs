//! How much of a file a new case places.

use chrono::NaiveDate;
use sanad_core::event::{Events, number_day};
use sanad_core::missing::is_missing_name;
use sanad_core::place::{Level, Location, PlaceBook, Reach, WHOLE_PPM};
use sanad_source::boundaries::Boundaries;

/// Events and deaths of the country, and how many of them have a known place and found one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Placed {
    /// Events in the country.
    pub events: i64,
    /// Deaths in them.
    pub deaths: i64,
    /// Deaths whose province the source names, or whose point it gives at the province or better:
    /// UCDP's `where_prec` 1 to 4, and 5 with a province.
    pub known_deaths: i64,
    /// Of these, deaths that a place of the case has.
    pub placed_deaths: i64,
}

impl Placed {
    /// Deaths placed among those with a known place, 0 to 1; nothing without any.
    ///
    /// ```
    /// let placed = sanad_case::Placed { known_deaths: 4, placed_deaths: 3, ..Default::default() };
    /// assert_eq!(placed.share(), Some(0.75));
    /// ```
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        (self.known_deaths > 0).then(|| self.placed_deaths as f64 / self.known_deaths as f64)
    }
}

/// Puts the events of a country into the places of `book`.
pub(super) fn measure(
    events: &Events,
    gwno: i32,
    book: &PlaceBook,
    borders: Option<(&Boundaries, Level)>,
) -> Placed {
    let mut placed = Placed::default();
    for index in (0..events.len()).filter(|index| events.country_id[*index] == gwno) {
        let deaths = i64::from(events.deaths_best[index]);
        placed.events += 1;
        placed.deaths += deaths;
        let reach = Reach::of_where_prec(events.where_prec[index]).unwrap_or(Reach::Country);
        let name = |name: &'_ str| (!is_missing_name(name)).then(|| name.to_owned());
        let (adm1, adm2) = (name(events.adm1.get(index)), name(events.adm2.get(index)));
        let (latitude, longitude) = (events.latitude[index], events.longitude[index]);
        let is_named = adm1.is_some() || adm2.is_some();
        let has_point = reach >= Reach::Province && latitude.is_finite();
        if reach == Reach::Country || !(is_named || has_point) {
            continue;
        }
        placed.known_deaths += deaths;
        let polygon = borders.and_then(|(borders, level)| {
            let needed = if level == Level::Adm2 { Reach::District } else { Reach::Province };
            (reach >= needed).then(|| borders.locate(latitude, longitude, level)).flatten()
        });
        let location = Location {
            source: "ucdp-ged",
            adm1: adm1.as_deref(),
            adm2: adm2.as_deref(),
            reach,
            polygon,
        };
        if is_placed(book, &location, number_day(events.end_day[index])) {
            placed.placed_deaths += deaths;
        }
    }
    placed
}

/// Whether a panel of the first level counts the place in one of its rows on that day.
fn is_placed(book: &PlaceBook, location: &Location<'_>, day: NaiveDate) -> bool {
    let placing = book.resolve(location, day);
    let Some(named) = placing.adm2.or(placing.adm1) else { return false };
    let counted = book.on_day(named, day).into_iter().map(|(id, share)| {
        let above = book.above_on_day(&id, Level::Adm1, day);
        above.iter().map(|(_, part)| share * part / WHOLE_PPM).sum::<i64>()
    });
    // All of it, but for what the parts lose to whole millionths.
    counted.sum::<i64>() > WHOLE_PPM - 1_000
}
