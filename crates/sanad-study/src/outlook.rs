//! A forecast of the places of an observatory, at every level at once.
//!
//! Forecasts are made for the finest places and joined by adding up draws: a province's draw is the
//! sum of its districts' draws of the same number. For that the draws of a place must move with
//! those of others as the record did, which the Schaake shuffle (`reconcile::shuffle_by_history`)
//! brings about. So all levels agree in every draw, and no interval is made by adding intervals.

use chrono::NaiveDate;
use sanad_core::place::{Level, PlaceBook};
use sanad_core::{Month, Progress};
use sanad_forecast::{Benchmark, Draws, Model, Request, mean_logs, reconcile};
use sanad_store::{Columns, Observatory, Table, Unit};

use crate::error::Result;
use crate::outcome::{DrawPlaces, Outcomes, Place, Target, finest_unit, of_observatory};
use crate::tables::forecast_table;

/// What explanations compare with. It is what a reader would expect who knows nothing but the last
/// year.
const REFERENCE: Benchmark = Benchmark::OwnLast { months: 12 };

/// How to forecast. The first step need not be 1.
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    /// The model.
    pub model: &'a dyn Model,
    /// Steps, draws and seed.
    pub request: &'a Request,
}

/// Which forecast of an observatory to make.
#[derive(Clone, Copy)]
pub struct OutlookRequest<'a> {
    /// The unit that will be asked for.
    pub unit: Unit,
    /// What is counted.
    pub target: Target,
    /// What was known at the end of this day; all that is known where there is none.
    pub as_of: Option<NaiveDate>,
    /// The model, with steps, draws and seed.
    pub settings: Settings<'a>,
}

/// The unit whose places are forecast where `unit` is asked for: provinces and the country are sums of the
/// finest places that the case lists, so that all levels agree in every draw.
#[must_use]
pub fn modelled_unit(unit: Unit, book: &PlaceBook) -> Unit {
    match unit {
        Unit::Priogrid | Unit::Adm2 => unit,
        Unit::Adm1 | Unit::Country => finest_unit(book),
    }
}

/// A forecast of the places of one unit.
pub struct UnitOutlook {
    unit: Unit,
    places: Vec<Place>,
    draws: Draws,
    first_month: Month,
    /// The country's number in the fields of the VIEWS challenge, where the case gives it.
    views_country_id: Option<i32>,
}

impl UnitOutlook {
    /// The summary: a row per place and month, with the mean, intervals and chances of a death.
    ///
    /// # Errors
    ///
    /// If the table cannot be built.
    pub fn summary(&self) -> Result<Table> {
        forecast_table(&self.places, self.first_month, &self.draws)
    }

    /// The draws, a row per place, month and draw, with the columns of the VIEWS challenge.
    ///
    /// # Errors
    ///
    /// If the table cannot be built.
    pub fn draw_table(&self) -> Result<Table> {
        let named = DrawPlaces::new(self.unit, self.places.clone(), self.views_country_id);
        named.table(self.first_month.id(), &self.draws)
    }
}

/// Draws of places that move together, so that sums of them can be taken draw by draw. Draws are
/// whole deaths: places × steps × draws.
pub struct Outlook {
    /// The series behind it.
    pub outcomes: Outcomes,
    /// Draws of the places modelled. In the order of `outcomes.places`.
    pub draws: Draws,
    /// Months from the last one of the panel to the first forecast.
    first_step: usize,
}

impl Outlook {
    /// Counts deaths by place and forecasts them from the last month known.
    ///
    /// A province or the country is modelled by the finest places that the case lists and summed from
    /// them, so that all levels agree in every draw. `progress` is told of months that are not covered.
    ///
    /// # Errors
    ///
    /// Those of counting; `Error::Forecast` where the draws would be more than can be kept, and those of
    /// [`Outlook::from_outcomes`].
    pub fn of_observatory(
        observatory: &Observatory,
        request: &OutlookRequest<'_>,
        threads: usize,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let OutlookRequest { unit, target, as_of, settings } = *request;
        let modelled = modelled_unit(unit, &observatory.places()?);
        progress.begin("count deaths by place");
        let outcomes = of_observatory(observatory, modelled, target, as_of, threads)?;
        let last = Month::from_id(outcomes.panel.month_id(outcomes.panel.months() - 1));
        progress.end(&format!("{} places, up to {last}", outcomes.places.len()));
        settings.request.check_size(outcomes.places.len(), 1)?;
        progress.begin(&format!("forecast with {}", settings.model.name()));
        let outlook = Self::from_outcomes(outcomes, settings)?;
        progress.end(&format!("{} draws", settings.request.draws()));
        let gaps = outlook.recent_gaps();
        if gaps > 0 {
            progress.note(&format!(
                "{gaps} of the last 12 months are covered by no version of the source"
            ));
        }
        Ok(outlook)
    }

    /// The forecast of the places of `unit`, which is the unit that was modelled or a coarser one.
    ///
    /// # Errors
    ///
    /// Those of reading the case, and of [`Outlook::at`].
    pub fn by_unit(&self, unit: Unit, observatory: &Observatory) -> Result<UnitOutlook> {
        let case = observatory.case()?;
        let (places, draws) = self.at(unit, &case.country, &observatory.places()?)?;
        let (first_month, views_country_id) = (self.first_month(), case.views_country_id);
        Ok(UnitOutlook { unit, places, draws, first_month, views_country_id })
    }

    /// Forecasts from the last month of the panel.
    ///
    /// # Errors
    ///
    /// `Error::Forecast` where the model cannot forecast from the end of the panel, or the history
    /// is too short to take the order of draws from.
    pub fn from_outcomes(outcomes: Outcomes, settings: Settings<'_>) -> Result<Self> {
        let past = outcomes.panel.up_to(outcomes.panel.months() - 1)?;
        let each = settings.model.forecast(&past, settings.request)?;
        let draws = reconcile::shuffle_by_history(&past, &each, settings.request)?;
        let first_step = *settings.request.steps().start();
        Ok(Self::from_draws(outcomes, draws, first_step))
    }

    /// From draws that already move together, the first of them `first_step` months ahead.
    pub fn from_draws(outcomes: Outcomes, draws: Draws, first_step: usize) -> Self {
        Self { outcomes, draws, first_step }
    }

    /// The first month forecast.
    pub fn first_month(&self) -> Month {
        let panel = &self.outcomes.panel;
        Month::from_id(panel.month_id(panel.months() - 1) + self.first_step as i32)
    }

    /// How many of the last twelve months nothing covers; zero where all twelve are covered. A month counts as
    /// not covered where no place has a value.
    pub fn recent_gaps(&self) -> usize {
        let panel = &self.outcomes.panel;
        let missing =
            |month: &usize| (0..panel.places()).all(|place| panel.value(place, *month).is_none());
        (panel.months().saturating_sub(12)..panel.months()).filter(missing).count()
    }

    /// Whether the places modelled are of this level.
    fn is_of(&self, level: Level, book: &PlaceBook) -> bool {
        let places = self.outcomes.places.iter();
        places.filter_map(|place| book.get(&place.id)).any(|known| known.level == level)
    }

    /// Places and draws at a unit: those modelled, or their sums by province or country.
    ///
    /// Districts and grid cells are given as they were modelled, so that the outlook has to be one
    /// of the unit asked for. Of provinces the last place is what lies in none of them, where there
    /// is such.
    ///
    /// # Errors
    ///
    /// `Error::Forecast` where draws cannot be summed; none that a caller could cause.
    pub fn at(&self, unit: Unit, country: &str, book: &PlaceBook) -> Result<(Vec<Place>, Draws)> {
        let wholes: Vec<Place> = match unit {
            Unit::Adm2 | Unit::Priogrid => {
                return Ok((self.outcomes.places.clone(), self.draws.clone()));
            }
            Unit::Adm1 if self.is_of(Level::Adm1, book) => {
                return Ok((self.outcomes.places.clone(), self.draws.clone()));
            }
            Unit::Adm1 => {
                let provinces = book.current(Level::Adm1);
                provinces.map(|place| listed(&place.id, &place.name, country)).collect()
            }
            Unit::Country => {
                let name = book.get(country).map_or(country, |place| place.name.as_str());
                vec![Place { id: country.to_owned(), name: name.to_owned(), within: None }]
            }
        };
        let rest = Place {
            id: format!("unplaced:{country}"),
            name: unknown(&book.level_names().adm1.one),
            within: Some(country.to_owned()),
        };
        let wholes: Vec<Place> = match unit {
            Unit::Country => wholes,
            _ => wholes.into_iter().chain([rest]).collect(),
        };
        // What lies in no province falls to the last: the country, or what is not placed.
        let group = |place: &Place| {
            let own = wholes.iter().position(|whole| Some(&whole.id) == place.within.as_ref());
            own.unwrap_or(wholes.len() - 1) as u32
        };
        let groups: Vec<u32> = self.outcomes.places.iter().map(group).collect();
        let sums = reconcile::totals(&self.draws, &groups)?;
        let known = sums.places();
        Ok((wholes.into_iter().take(known).collect(), sums))
    }

    /// What moved each place's forecast away from its own last 12 months, as a table: one row per
    /// place and input, greatest first. `log_change` is a change of the mean of ln(1 + deaths);
    /// its parts and `reference_log` add up to `forecast_log`.
    ///
    /// `factor` is exp(log_change). A model that does not tell its inputs apart has one row per
    /// place, under its own name.
    ///
    /// # Errors
    ///
    /// As `from_outcomes`.
    pub fn explanations(&self, settings: Settings<'_>) -> Result<Table> {
        let panel = &self.outcomes.panel;
        let past = panel.up_to(panel.months() - 1)?;
        let reference = mean_logs(&REFERENCE.forecast(&past, settings.request)?);
        let all = settings.model.explain(&past, settings.request, &reference)?;
        let rows = || {
            let places = self.outcomes.places.iter().zip(&all);
            places.flat_map(|(place, why)| why.inputs.iter().map(move |input| (place, why, input)))
        };
        Ok(Columns::default()
            .text("place_id", rows().map(|row| Some(&row.0.id)))
            .text("place", rows().map(|row| Some(&row.0.name)))
            .text("within", rows().map(|row| row.0.within.as_ref()))
            .text("input", rows().map(|row| Some(&row.2.input)))
            .float64("log_change", rows().map(|row| row.2.log_change).collect::<Vec<_>>())
            .float64("factor", rows().map(|row| row.2.log_change.exp()).collect::<Vec<_>>())
            .float64("reference_log", rows().map(|row| row.1.reference).collect::<Vec<_>>())
            .float64("forecast_log", rows().map(|row| row.1.forecast()).collect::<Vec<_>>())
            .finish()?)
    }
}

/// The name of what lies in no place of a level: "Province not known".
fn unknown(one: &str) -> String {
    let mut letters = one.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{} not known", letters.as_str())
}

/// A province as a place that lies in the country.
fn listed(id: &str, name: &str, country: &str) -> Place {
    Place { id: id.to_owned(), name: name.to_owned(), within: Some(country.to_owned()) }
}
