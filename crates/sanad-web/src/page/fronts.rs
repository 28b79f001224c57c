//! The three fronts: where each stands, and what moved it.
//!
//! Indices are points from 0 to 100, more being more strain. An index that is missing is a dash and
//! stands beside the share of evidence that would have to be higher.

use std::sync::Arc;

use maud::{Markup, html};
use sanad_brief::parts;
use sanad_core::Month;
use sanad_store::{Table, View};

use super::PageContent;
use super::part::{
    How, Shown, as_known, choice, command_as_known, data, field, figure, form, listing,
};
use crate::api::analyses;
use crate::column;
use crate::fault::{Fault, FaultKind};
use crate::query::{Kind, Parameter, Query, address};
use crate::scene::{AS_OF, Scene};

/// Level, month, front and day of knowledge.
pub(crate) static FRONTS: [Parameter; 4] = [
    Parameter::with_default(
        "unit",
        Kind::Choice(&["adm1", "adm2"]),
        "adm1",
        "The first level below the country (adm1) or the second (adm2).",
    ),
    Parameter::optional("month", Kind::Month, "The month; without it the last with an index."),
    Parameter::with_default(
        "front",
        Kind::Choice(&["all", "narrative", "governance", "regional"]),
        "all",
        "One front, or all.",
    ),
    AS_OF,
];

/// The place and month whose indices are taken apart.
pub(crate) static PARTS: [Parameter; 4] = [
    Parameter::required("place", Kind::Text, "The place, by id or name."),
    Parameter::required("month", Kind::Month, "The month."),
    Parameter::with_default("unit", Kind::Choice(&["adm1", "adm2"]), "adm1", "The level."),
    AS_OF,
];

/// The level whose indicators are listed.
pub(crate) static INDICATORS: [Parameter; 1] =
    [Parameter::with_default("unit", Kind::Choice(&["adm1", "adm2"]), "adm1", "The level.")];

/// A scene that asks another table, from the same edition.
fn with_query<'a>(scene: &Scene<'a>, query: &'a Query) -> Scene<'a> {
    Scene { query, ..*scene }
}

/// A parameter of another table.
fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// The rows of one month in the fronts' table. Rows are numbers of rows in the table.
struct MonthOfFronts {
    month: String,
    rows: Vec<usize>,
}

impl MonthOfFronts {
    /// The month asked for, or the last one in which a front has an index.
    fn read(view: &View<'_>, query: &Query) -> Result<Self, Fault> {
        let levels = column::every_text(view, "level")?;
        let months = column::every_text(view, "month")?;
        let nodes = column::every_text(view, "node")?;
        let index = column::numbers(view, "index")?;
        let is_front = |row: &usize| levels[*row] == "front";
        let with_index = (0..view.rows()).filter(|row| is_front(row) && index[*row].is_some());
        let last = with_index.map(|row| months[row].clone()).max();
        let none = || Fault::new(FaultKind::NotFound, "no front has an index in any month");
        let month = query.text("month").map(str::to_owned).or(last).ok_or_else(none)?;
        let front = query.word("front");
        let rows: Vec<usize> = (0..view.rows())
            .filter(|row| is_front(row) && months[*row] == month)
            .filter(|row| front == "all" || nodes[*row] == front)
            .collect();
        if rows.is_empty() {
            let what = format!("the fronts are not measured in {month}");
            return Err(Fault::new(FaultKind::NotFound, what).in_place("parameter month"));
        }
        Ok(Self { month, rows })
    }
}

/// Index, interval and evidence of every place and front in the month, each with a link to what it
/// is made of.
fn month_table(view: &View<'_>, shown: &MonthOfFronts, query: &Query) -> Result<Markup, Fault> {
    let ids = column::every_text(view, "place_id")?;
    let parts_link = |row: usize| {
        let pairs =
            [("place", ids[row].as_str()), ("month", &shown.month), ("unit", query.word("unit"))];
        html! { a href=(address("/fronts/parts", &as_known(query, &pairs))) { "what it is made of" } }
    };
    let index = How::Interval("low_90", "high_90", 0);
    let columns = [
        Shown::text("place", "Place"),
        Shown::text("node", "Front"),
        Shown::new("index", "Index, 0 to 100 (90 % interval)", index),
        Shown::new("evidence_share", "Evidence at hand", How::Percent),
        Shown::new("fresh_share", "Of this month", How::Percent),
        Shown::new("place_id", "Parts", How::Row(&parts_link)),
    ];
    listing(view, &columns, shown.rows.iter().copied())
}

/// Choices of the form: the parameter's words and the text for people.
const FRONT_WORDS: [(&str, &str); 4] = [
    ("all", "all"),
    ("narrative", "narrative"),
    ("governance", "governance"),
    ("regional", "regional"),
];

/// How the indices are made, in a sentence.
const MADE: &str = "Indicators scored, weighted and joined as the case declares, with a Monte Carlo over \
                    the uncertain choices; 90 % intervals are in the table and the data.";

/// Months before the last one counted in which the last index is looked for first. It is nearly always
/// there, and a table of all places of the second level in all months has millions of rows.
const LOOKED_BACK: i32 = 24;

/// The table of the fronts with the month that the page shows.
///
/// # Errors
///
/// Those of [`analyses::fronts`].
fn table_with_month(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    let query = scene.query;
    let asked = |from: Option<Month>, to: Option<Month>| {
        let mut request = vec![pair("unit", query.word("unit"))];
        request.extend(query.text("as_of").map(|day| pair("as_of", day)));
        request.extend(from.map(|month| pair("from", &month.to_string())));
        request.extend(to.map(|month| pair("to", &month.to_string())));
        let all = Query::check(&analyses::FRONTS, &request)?;
        analyses::fronts(&with_query(scene, &all))
    };
    if let Some(month) = query.month("month") {
        return asked(Some(month), Some(month));
    }
    let recent = asked(Some(scene.facts()?.last().plus(-LOOKED_BACK)), None)?;
    match MonthOfFronts::read(&View::new(&recent), query) {
        Ok(_) => Ok(recent),
        Err(_) => asked(None, None),
    }
}

/// The indices of a month.
///
/// It answers how strained legitimacy was on each front, by place, in one month, as known on a day.
/// The chart over time is drawn for the first level as known now.
///
/// # Errors
///
/// `NotFound` where the case has no indicators, no front has an index in any month, or the month is
/// not measured.
pub(crate) fn fronts(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let query = scene.query;
    let unit = query.word("unit");
    let table = table_with_month(scene)?;
    let view = View::new(&table);
    let shown = MonthOfFronts::read(&view, query)?;
    let month = shown.month.as_str();
    let figures = match (unit, query.text("as_of")) {
        // The same for all fronts and months.
        ("adm1", None) => scene.edition.figures(&format!("fronts {}", scene.today), || {
            let briefing = scene.edition.briefing(scene.today, scene.steps)?;
            Ok(parts::fronts(&briefing)?.into_iter().collect())
        })?,
        _ => Arc::default(),
    };
    let hang_on = [("unit", unit), ("show", "sensitivity"), ("month", month)];
    let facts = scene.facts()?;
    let names = facts.book.level_names();
    let levels = [("adm1", names.adm1.several.as_str()), ("adm2", &names.adm2.several)];
    let mut command = command_as_known(query, &format!("sanad fronts CASE --unit {unit}"));
    let mut asked = vec![("unit", unit)];
    if unit == "adm2" {
        // All months are more than one answer holds.
        asked.extend([("from", month), ("to", month)]);
        command.push_str(&format!(" --from {month} --to {month}"));
    }
    let body = html! {
        (form("/fronts", &html! {
            (choice(query, "unit", "Level", &levels))
            (choice(query, "front", "Front", &FRONT_WORDS))
            (field(query, "month", "Month", month))
            (field(query, "as_of", "As known on", "YYYY-MM-DD"))
        }))
        @for drawn in figures.iter() { (figure(scene, drawn, MADE)) }
        h2 { "In " (month) }
        p.note { "Higher is more strained. A dash: too little evidence for an index; it is not zero." }
        (month_table(&view, &shown, query)?)
        p {
            a href=(address("/fronts/indicators", &[("unit", unit)])) { "The indicators, with their sources" } " · "
            a href=(address("/api/v1/fronts.csv", &as_known(query, &hang_on))) { "What the indices hang on (CSV)" }
        }
        (data("/api/v1/fronts", &as_known(query, &asked), &command))
    };
    Ok(PageContent::new(format!("Three fronts, {month}"), body).with_figures(figures))
}

/// What the indices of one place in one month are made of, and what moved them in twelve months.
///
/// It answers which indicators an index is the sum of, how old their values are, and which of them
/// moved it.
///
/// # Errors
///
/// `NotFound` where the case has no indicators; `WrongRequest` for a place or month that is not
/// measured.
pub(crate) fn made_of(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let query = scene.query;
    let (place, month, unit) = (query.word("place"), query.word("month"), query.word("unit"));
    let mut request =
        vec![pair("show", "parts"), pair("place", place), pair("month", month), pair("unit", unit)];
    request.extend(query.text("as_of").map(|day| pair("as_of", day)));
    let all = Query::check(&analyses::FRONTS, &request)?;
    let table = analyses::fronts(&with_query(scene, &all))?;
    let view = View::new(&table);
    let shown = [
        Shown::text("front", "Front"),
        Shown::text("title", "Indicator"),
        Shown::fixed("value", "Value", 2),
        Shown::fixed("age_months", "Months old", 0),
        Shown::fixed("score", "Score", 1),
        Shown::fixed("weight", "Weight", 3),
        Shown::fixed("amount", "Index points", 1),
        Shown::fixed("by_score_12_months", "Moved in 12 months by its score", 1),
        Shown::fixed("by_coverage_12_months", "By what is known", 1),
        Shown::text("source", "Source"),
    ];
    let facts = scene.facts()?;
    let of = query.month("month").ok_or_else(|| Fault::parameter("month", month, "a month"))?;
    let step = |by: i32| -> String {
        let pairs = [("place", place), ("month", &*of.plus(by).to_string()), ("unit", unit)];
        address("/fronts/parts", &as_known(query, &pairs))
    };
    let asked = [("unit", unit), ("show", "parts"), ("place", place), ("month", month)];
    let command = command_as_known(
        query,
        &format!("sanad fronts CASE --unit {unit} --why \"{place}\" {month}"),
    );
    let all_places = as_known(query, &[("unit", unit), ("month", month)]);
    let body = html! {
        p { "What each index is the sum of, and what moved it since " (of.plus(-12)) ". The values come from the records of the source named." }
        div.pager {
            a href=(step(-1)) { "the month before" }
            a href=(step(1)) { "the month after" }
            a href=(address("/fronts", &all_places)) { "all places" }
        }
        (listing(&view, &shown, 0..view.rows())?)
        (data("/api/v1/fronts", &as_known(query, &asked), &command))
    };
    Ok(PageContent::new(format!("{}: the fronts in {month}", facts.place_name(place)), body))
}

/// The indicators with what is declared of them.
///
/// It answers what each front is measured by at a level, from which source and why, and for which
/// months there are values.
///
/// # Errors
///
/// `NotFound` where the case has no indicators.
pub(crate) fn indicators(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let unit = scene.query.word("unit");
    let all = Query::check(&analyses::FRONTS, &[pair("show", "indicators"), pair("unit", unit)])?;
    let table = analyses::fronts(&with_query(scene, &all))?;
    let view = View::new(&table);
    let shown = [
        Shown::text("front", "Front"),
        Shown::text("pillar", "Pillar"),
        Shown::text("title", "Indicator"),
        Shown::text("source", "Source"),
        Shown::text("values_from", "From"),
        Shown::text("values_to", "To"),
        Shown::fixed("places_with_values", "Places", 0),
        Shown::text("reason", "Why it belongs to the front"),
        Shown::text("citation", "Citation"),
    ];
    let body = html! {
        p { "An indicator without months has no data in this observatory; the index says so by its evidence share." }
        (listing(&view, &shown, 0..view.rows())?)
        (data("/api/v1/fronts", &[("unit", unit), ("show", "indicators")], "sanad fronts CASE --indicators"))
    };
    Ok(PageContent::new("The fronts' indicators", body))
}
