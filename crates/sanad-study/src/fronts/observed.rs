//! Indicators that an observatory holds: series of observations, events between states, and what
//! a statement gives. A value stands in the last month of its period; how late it is known and how
//! long it may be carried is the framework's to say.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sanad_case::{DeclaredIndicator, DyadMeasure, DyadOf, Indicators, SeriesOf, SqlOf};
use sanad_core::Month;
use sanad_core::observation::DyadEvent;
use sanad_core::place::Level;
use sanad_store::{DyadRequest, Dyadic, ObservationRequest, Observatory, Observed};

use super::grid::{Grid, Values};
use super::scale::scale_of;
use crate::Study;
use crate::error::Result;

/// A value of a place, or of every place, in a month.
#[derive(Debug, Clone, Copy)]
struct PlaceValue {
    /// Position of the place; `None` for every place of the grid.
    place: Option<usize>,
    /// Position of the month in which the period ends.
    month: usize,
    /// The value, in the indicator's unit.
    value: f64,
    /// Standard error, where the source states one.
    standard_error: Option<f64>,
    /// Low and high, where the source states them.
    bounds: Option<[f64; 2]>,
}

/// Where values are read from, and as of when.
pub(super) struct ObservationReader<'a> {
    pub(super) observatory: &'a Observatory,
    pub(super) as_of: Option<NaiveDate>,
    pub(super) threads: usize,
    /// Events between states, read once for all indicators: of one day, pair of states and code
    /// only one.
    pub(super) events: Vec<Dyadic>,
}

impl<'a> ObservationReader<'a> {
    /// Observations and events between states as they were known on a day.
    pub(super) fn read(
        observatory: &'a Observatory,
        as_of: Option<NaiveDate>,
        threads: usize,
    ) -> Result<Self> {
        let request = DyadRequest { as_of, one_a_day: true, ..DyadRequest::default() };
        let events = observatory.dyad_events(&request)?;
        Ok(Self { observatory, as_of, threads, events })
    }
}

/// A series of observations on the grid. Values are of the case's country unless the indicator
/// names another, and of no partner unless it names one. Values to be added up need to know which
/// months are covered; without that there are none.
pub(crate) fn series(
    study: &Study,
    indicator: &DeclaredIndicator,
    of: &SeriesOf,
    declared: &Indicators,
    (grid, reader): (&Grid, &ObservationReader<'_>),
) -> Result<Values> {
    let country = of.country.as_ref().unwrap_or(&study.case.iso3);
    let request = ObservationRequest {
        countries: vec![country.clone()],
        level: Some(indicator.unit_of_place),
        as_of: reader.as_of,
        ..ObservationRequest::of_indicator(&indicator.source, &of.indicator)
    };
    let partner = of.partner.as_deref().unwrap_or_default();
    let is_in_span = |row: &Observed| {
        let row = &row.observation;
        row.partner_iso3 == partner && (of.items.is_empty() || of.items.contains(&row.item))
    };
    let rows = reader.observatory.observations(&request)?;
    let rows: Vec<Observed> = rows.into_iter().filter(is_in_span).collect();
    let covers = covers(indicator, of, reader);
    let stated = if of.added_up {
        added_up(&rows, indicator.window_months, covers, grid)
    } else {
        let mut stated = rows.iter().flat_map(|row| stated(study, row, grid)).collect::<Vec<_>>();
        if let (Some(absent), Some(covers)) = (of.absent, covers) {
            fill_absent(&mut stated, absent, covers, grid);
        }
        stated
    };
    Ok(gathered(&stated, indicator, declared, grid))
}

/// The months in which a series may have values: those of the imports that it is read from. The
/// case's own statement goes before that of the sources; `None` where no import of the source is
/// known.
fn covers(
    indicator: &DeclaredIndicator,
    of: &SeriesOf,
    reader: &ObservationReader<'_>,
) -> Option<[Month; 2]> {
    let all = reader.observatory.snapshots().iter();
    let known = |snapshot: &&sanad_store::Snapshot| {
        snapshot.source.id == indicator.source
            && reader.as_of.is_none_or(|day| snapshot.source.known_from() <= day)
    };
    let known: Vec<_> = all.filter(known).map(|it| &it.source.coverage).collect();
    let stated =
        of.covers.map(|span| [Month::from_date(span.start()), Month::from_date(span.end())]);
    let first = known.iter().filter_map(|known| known.from).min();
    let last = known.iter().filter_map(|known| known.to).max();
    let own = first.zip(last).map(|(first, last)| [first, last]);
    (!known.is_empty()).then(|| stated.or(own)).flatten()
}

/// An observation on the places of the grid: one, several where a district was divided, or all.
/// Empty for a period that ends outside of the grid and for a place that the case does not list.
fn stated(study: &Study, row: &Observed, grid: &Grid) -> Vec<PlaceValue> {
    let seen = &row.observation;
    let Some(month) = grid.position(Month::from_date(seen.period.end())) else {
        return Vec::new();
    };
    let stated = |place| PlaceValue {
        place,
        month,
        value: seen.value,
        standard_error: seen.standard_error,
        bounds: seen.low.zip(seen.high).map(|(l, h)| [l.min(seen.value), h.max(seen.value)]),
    };
    if seen.place.level == Level::Country {
        return vec![stated(None)];
    }
    row.place_id.as_deref().map_or_else(Vec::new, |id| {
        places_of(study, id, grid).into_iter().map(|at| stated(Some(at))).collect()
    })
}

/// The places of the grid that a place lies in or is made of.
fn places_of(study: &Study, id: &str, grid: &Grid) -> Vec<usize> {
    let today = study.book.today(id);
    let mut places: Vec<usize> = today
        .iter()
        .filter_map(|part| study.book.at_level(&part.0, grid.level))
        .filter_map(|place| grid.place(&place.id))
        .collect();
    // A province stands for its districts.
    if places.is_empty() {
        let within = |at: &usize| {
            let parents = [Level::Adm1, Level::Country].into_iter();
            parents
                .filter_map(|level| study.book.at_level(&grid.places[*at], level))
                .any(|parent| parent.id == id)
        };
        places = (0..grid.places.len()).filter(within).collect();
    }
    places.sort_unstable();
    places.dedup();
    places
}

/// What a statement gives on the grid. Several rows of one place and month are averaged, or summed
/// over the window where it is longer than a month.
pub(crate) fn values_by_sql(
    study: &Study,
    indicator: &DeclaredIndicator,
    of: &SqlOf,
    declared: &Indicators,
    (grid, reader): (&Grid, &ObservationReader<'_>),
) -> Result<Values> {
    // A statement reads every version; what was known on a day is not its to say.
    if reader.as_of.is_some() {
        return Ok(Values::unknown(grid));
    }
    let rows = reader.observatory.stated_values(&of.statement, &of.tables, reader.threads)?;
    let mut stated = Vec::new();
    for row in &rows {
        let Some(month) = grid.position(Month::from_date(row.period.end())) else { continue };
        let one = |place| PlaceValue {
            place,
            month,
            value: row.value,
            standard_error: row.standard_error,
            bounds: row.bounds,
        };
        match &row.place_id {
            None => stated.push(one(None)),
            Some(id) => {
                stated.extend(places_of(study, id, grid).into_iter().map(|at| one(Some(at))));
            }
        }
    }
    let stated = summed(&stated, indicator.window_months, grid);
    Ok(gathered(&stated, indicator, declared, grid))
}

/// A measure of the events between the case's state and another, over a window of months. The value
/// is the country's. There is none in a month whose window has fewer events than the case asks for.
pub(crate) fn between_states(
    study: &Study,
    indicator: &DeclaredIndicator,
    of: &DyadOf,
    declared: &Indicators,
    (grid, reader): (&Grid, &ObservationReader<'_>),
) -> Values {
    let own = &study.case.iso3;
    let mut by_month: BTreeMap<Month, Vec<&DyadEvent>> = BTreeMap::new();
    for event in reader.events.iter().filter(|event| event.series == indicator.source) {
        let event = &event.event;
        let ends = [&event.source_iso3, &event.target_iso3];
        if ends.contains(&own) && ends.contains(&&of.partner) {
            by_month.entry(Month::from_date(event.day)).or_default().push(event);
        }
    }
    let mut stated = Vec::new();
    for at in 0..grid.months {
        let month = grid.month(at);
        let first = month.plus(1 - indicator.window_months as i32);
        let window: Vec<&DyadEvent> =
            by_month.range(first..=month).flat_map(|range| range.1.iter().copied()).collect();
        if window.len() >= of.min_events.max(1)
            && let Some((value, error)) = measure(&window, of.measure)
        {
            let (place, standard_error) = (None, Some(error));
            stated.push(PlaceValue { place, month: at, value, standard_error, bounds: None });
        }
    }
    gathered(&stated, indicator, declared, grid)
}

/// A measure with its sampling error. Of a share p of n events the error is √(p (1 − p) / n),
/// classes 3 and 4 being conflict; of a mean it is s / √n, and `None` with fewer than two scores.
fn measure(events: &[&DyadEvent], measure: DyadMeasure) -> Option<(f64, f64)> {
    let number = events.len() as f64;
    match measure {
        DyadMeasure::ConflictShare => {
            let conflict = events.iter().filter(|event| event.quad_class >= 3).count() as f64;
            let share = conflict / number;
            Some((share, (share * (1.0 - share) / number).sqrt()))
        }
        DyadMeasure::MeanGoldstein => {
            let scores: Vec<f64> = events.iter().filter_map(|event| event.goldstein).collect();
            let number = scores.len() as f64;
            let mean = scores.iter().sum::<f64>() / number;
            let squares = scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>();
            (number > 1.0).then(|| (mean, (squares / (number - 1.0) / number).sqrt()))
        }
    }
}

/// Values by the month in which their period begins, summed over windows inside `covers`. A covered
/// month without a row adds nothing; it is known to be zero.
fn added_up(
    rows: &[Observed],
    window: usize,
    covers: Option<[Month; 2]>,
    grid: &Grid,
) -> Vec<PlaceValue> {
    let Some([first, last]) = covers else { return Vec::new() };
    let mut by_month: BTreeMap<Month, f64> = BTreeMap::new();
    for row in rows {
        let month = Month::from_date(row.observation.period.start());
        *by_month.entry(month).or_default() += row.observation.value;
    }
    let months = Month::range(first.plus(window as i32 - 1), last);
    let one = |month: Month| {
        let value =
            by_month.range(month.plus(1 - window as i32)..=month).map(|range| range.1).sum();
        let at = grid.position(month)?;
        Some(PlaceValue { place: None, month: at, value, standard_error: None, bounds: None })
    };
    months.filter_map(one).collect()
}

/// Adds the value of whole years inside `covers` that have none. A year counts as listed where any
/// place has a value in its December.
fn fill_absent(stated: &mut Vec<PlaceValue>, absent: f64, [first, last]: [Month; 2], grid: &Grid) {
    for month in Month::range(first, last).filter(|month| month.month() == 12) {
        let Some(at) = grid.position(month) else { continue };
        if !stated.iter().any(|stated| stated.month == at) {
            let (place, value) = (None, absent);
            stated.push(PlaceValue { place, month: at, value, standard_error: None, bounds: None });
        }
    }
}

/// Monthly values summed over windows from the first month of each place to its last. A month
/// without a row inside them adds nothing. Errors and bounds are not summed: they are dropped.
fn summed(stated: &[PlaceValue], window: usize, grid: &Grid) -> Vec<PlaceValue> {
    if window < 2 {
        return stated.to_vec();
    }
    let mut by_place: BTreeMap<Option<usize>, BTreeMap<usize, f64>> = BTreeMap::new();
    for it in stated {
        *by_place.entry(it.place).or_default().entry(it.month).or_default() += it.value;
    }
    let mut sums = Vec::new();
    for (place, months) in by_place {
        let (Some((&first, _)), Some((&last, _))) =
            (months.first_key_value(), months.last_key_value())
        else {
            continue;
        };
        for month in (first + window - 1)..=last.min(grid.months - 1) {
            let value = months.range(month + 1 - window..=month).map(|range| range.1).sum();
            sums.push(PlaceValue { place, month, value, standard_error: None, bounds: None });
        }
    }
    sums
}

/// Several values of a cell averaged, with the declared errors where a value brings none, and
/// wider where a country or province stands for the places in it.
///
/// The error of a cell with n values is √(Σ eᵢ² / n² + s² / n + w²): the values' own errors eᵢ,
/// their scatter s around the mean, and w for a coarser place that stands for a finer one. Bounds
/// survive only where a single value makes the cell.
fn gathered(
    stated: &[PlaceValue],
    indicator: &DeclaredIndicator,
    declared: &Indicators,
    grid: &Grid,
) -> Values {
    let mut cells: BTreeMap<usize, Vec<&PlaceValue>> = BTreeMap::new();
    for it in stated {
        match it.place {
            Some(place) => cells.entry(grid.cell(place, it.month)).or_default().push(it),
            None => (0..grid.places.len())
                .for_each(|place| cells.entry(grid.cell(place, it.month)).or_default().push(it)),
        }
    }
    let stands_for = grid.level > indicator.unit_of_place;
    let mut values = Values::unknown(grid);
    let mut errors = vec![0.0; grid.cells()];
    let [mut low, mut high] = [(); 2].map(|()| vec![f64::NAN; grid.cells()]);
    let mut has_bounds = false;
    for (at, members) in cells {
        let number = members.len() as f64;
        let mean = members.iter().map(|member| member.value).sum::<f64>() / number;
        let own: f64 = members.iter().map(|member| error_of(member, indicator).powi(2)).sum();
        let apart: f64 = members.iter().map(|member| (member.value - mean).powi(2)).sum();
        // How well the mean of those that are known stands for all that lie in the place.
        let between = if members.len() > 1 { apart / (number - 1.0) / number } else { 0.0 };
        let within = if stands_for {
            scale_of(indicator).step_at(mean) * declared.spread_within
        } else {
            0.0
        };
        values.best[at] = mean;
        errors[at] = (own / number.powi(2) + between + within.powi(2)).sqrt();
        if let [PlaceValue { bounds: Some([least, most]), .. }] = members[..] {
            (low[at], high[at], has_bounds) = (*least, *most, true);
        } else {
            (low[at], high[at]) = (mean, mean);
        }
    }
    values.standard_error = Some(errors);
    values.bounds = has_bounds.then_some([low, high]);
    values
}

/// The standard error of a value: what the source states, the case's assumption where it states
/// none. The assumption is √(a² + (r·|x|)²) with the absolute error a and the relative error r.
/// Stated bounds take its place, so that it is then 0.
fn error_of(stated: &PlaceValue, indicator: &DeclaredIndicator) -> f64 {
    let assumed = indicator.assumed_error.hypot(indicator.relative_error * stated.value.abs());
    match (stated.standard_error, stated.bounds) {
        // A sampling error says nothing of what the coding gets wrong: the two add up.
        (Some(error), _) if indicator.dyad.is_some() => error.hypot(assumed),
        (Some(error), _) => error,
        (None, Some(_)) => 0.0,
        (None, None) => assumed,
    }
}
