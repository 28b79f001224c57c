//! The forecast: fans, chances, and how such forecasts did before.
//!
//! The forecast stands beside how such forecasts did before, so that nobody sees the one without
//! the other while it is a forecast of what is known now.

use std::sync::Arc;

use maud::{Markup, html};
use sanad_brief::parts;
use sanad_core::place::LevelNames;
use sanad_store::View;

use super::PageContent;
use super::behind::forecast_address;
use super::part::{
    How, Shown, as_known, choice, command_as_known, data, field, figure, form, listing,
    place_address,
};
use crate::api::analyses;
use crate::column::{every_number, every_text};
use crate::fault::{Fault, FaultKind};
use crate::query::{Kind, Parameter, Query};
use crate::scene::{AS_OF, Scene};

/// Level, month of the table and day of knowledge.
pub(crate) static FORECAST: [Parameter; 3] = [
    Parameter::with_default(
        "unit",
        Kind::Choice(&["country", "adm1", "adm2"]),
        "adm1",
        "The country, the first level below it (adm1) or the second (adm2).",
    ),
    Parameter::optional(
        "month",
        Kind::Month,
        "The month of the table; without it the first forecast.",
    ),
    AS_OF,
];

/// The forecast's table at one month, as a page shows it.
struct MonthOfForecast {
    /// The months of the forecast.
    months: Vec<String>,
    /// The month shown.
    month: String,
    /// Its rows, most expected deaths first.
    rows: Vec<usize>,
}

impl MonthOfForecast {
    /// The rows of the month asked for, or of the first that is forecast.
    ///
    /// # Errors
    ///
    /// A fault that names the months of the forecast; `NotFound` where it has none.
    fn read(view: &View<'_>, request: Option<&str>) -> Result<Self, Fault> {
        let of_rows = every_text(view, "month")?;
        let mut months = of_rows.clone();
        months.sort();
        months.dedup();
        let (Some(first), Some(last)) = (months.first(), months.last()) else {
            return Err(Fault::new(FaultKind::NotFound, "no place is forecast"));
        };
        let month = request.unwrap_or(first).to_owned();
        if !months.contains(&month) {
            let expected = format!("a month from {first} to {last}");
            return Err(Fault::parameter("month", &month, &expected));
        }
        let mut rows: Vec<usize> = (0..view.rows()).filter(|row| of_rows[*row] == month).collect();
        let mean = every_number(view, "mean")?;
        rows.sort_by(|&a, &b| mean[b].total_cmp(&mean[a]).then(a.cmp(&b)));
        Ok(Self { months, month, rows })
    }
}

/// Chances, expected deaths with the middle 90 % of draws, and the median, by place.
fn month_table(view: &View<'_>, shown: &MonthOfForecast, query: &Query) -> Result<Markup, Fault> {
    let ids = every_text(view, "place_id")?;
    let names = every_text(view, "place")?;
    let is_placed = |row: usize| !ids[row].starts_with("unplaced");
    let place = |row: usize| match is_placed(row) {
        true => html! { a href=(place_address(query, &ids[row])) { (names[row]) } },
        false => html! { (names[row]) },
    };
    let why = |row: usize| match is_placed(row) {
        true => html! { a href=(forecast_address(query, &ids[row])) { "what it is drawn from" } },
        false => html! {},
    };
    let bounds = How::Interval("quantile_05", "quantile_95", 1);
    let columns = [
        Shown::new("place", "Place", How::Row(&place)),
        Shown::new("probability_1", "Chance of a death", How::Chance),
        Shown::new("probability_25", "Of 25 or more", How::Chance),
        Shown::new("mean", "Expected deaths (90 % of draws)", bounds),
        Shown::fixed("quantile_50", "Median", 0),
        Shown::new("place_id", "Why", How::Row(&why)),
    ];
    listing(view, &columns, shown.rows.iter().copied())
}

/// The form: level, one of the months forecast, and the day of knowledge. The first month is that of
/// the address without a month, so that it has one page.
fn questions(query: &Query, names: &LevelNames, shown: &MonthOfForecast) -> Markup {
    let levels = [
        ("adm1", names.adm1.several.as_str()),
        ("adm2", &names.adm2.several),
        ("country", "the country"),
    ];
    form(
        "/forecast",
        &html! {
            (choice(query, "unit", "Level", &levels))
            label { span { "Month" } select name="month" { @for (number, month) in shown.months.iter().enumerate() {
                option value=(if number == 0 { "" } else { month }) selected[*month == shown.month] { (month) }
            } } }
            (field(query, "as_of", "As known on", "YYYY-MM-DD"))
        },
    )
}

/// How the forecast is made, in a sentence.
const MADE: &str = "1,000 draws for each place and month from the record of deaths alone; places that \
                    move together do so in the draws, and larger ones are their sums.";

/// Why the record of past forecasts is not shown.
fn without_record(query: &Query) -> &'static str {
    match query.text("as_of") {
        Some(_) => {
            "The record of past forecasts is shown for what is known now: leave the day empty."
        }
        None => {
            "The record is too short for forecasts of past years, so that nothing tells how far this one can be trusted."
        }
    }
}

/// The forecast, with its record on past years.
///
/// It answers how many may die in state-based violence in each of the next twelve months, by place,
/// and how far such a forecast can be trusted. With `as_of` it is made from what was known on a
/// day, and figures and record are left out.
///
/// # Errors
///
/// `NotFound` where nothing is counted by place; a fault for a month that is not forecast.
pub(crate) fn forecast(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let (query, edition) = (scene.query, scene.edition);
    let unit = query.word("unit");
    let mut request = vec![("unit".to_owned(), unit.to_owned())];
    request.extend(query.text("as_of").map(|day| ("as_of".to_owned(), day.to_owned())));
    let all = Query::check(&analyses::FORECAST, &request)?;
    let table = analyses::forecast(&Scene { query: &all, ..*scene })?;
    let view = View::new(&table);
    let shown = MonthOfForecast::read(&view, query.text("month"))?;
    // The record on past years takes its time and is that of what is known now.
    let prospect = match query.text("as_of") {
        None => Some(edition.prospect(scene.today, scene.steps)?),
        Some(_) => None,
    };
    let prospect = prospect.as_ref().and_then(|found| found.as_ref().as_ref());
    let briefing = prospect.map(|_| edition.briefing(scene.today, scene.steps)).transpose()?;
    let both = prospect.zip(briefing.as_deref());
    let figures = match both {
        // The same for all levels and months.
        Some((outlook, briefing)) => edition
            .figures(&format!("forecast {}", scene.today), || {
                Ok(parts::forecast_figures(outlook, &briefing.map)?)
            })?,
        None => Arc::default(),
    };
    let command = command_as_known(query, &format!("sanad forecast CASE --unit {unit}"));
    let facts = scene.facts()?;
    let body = html! {
        p.lead { "Deaths in state-based violence. The model knows no plans, talks or orders, and does not say why." }
        (questions(query, facts.book.level_names(), &shown))
        @for drawn in figures.iter() { (figure(scene, drawn, MADE)) }
        h2 { "In " (shown.month) }
        (month_table(&view, &shown, query)?)
        @if let Some((outlook, briefing)) = both {
            h2 { "How far it can be trusted" }
            (parts::forecast_tables(outlook, &briefing.map))
        } @else {
            p.note { (without_record(query)) }
        }
        (data("/api/v1/forecast", &as_known(query, &[("unit", unit)]), &command))
    };
    Ok(PageContent::new("What may come", body).with_figures(figures))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_is_too_short_is_not_blamed_on_a_day_that_nobody_named() {
        let query = |pairs: &[(String, String)]| Query::check(&FORECAST, pairs).unwrap();
        assert!(without_record(&query(&[])).contains("too short"));
        let then = query(&[("as_of".to_owned(), "2022-01-31".to_owned())]);
        assert!(without_record(&then).contains("leave the day empty"));
    }
}
