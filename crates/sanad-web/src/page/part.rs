//! What several pages are made of: figures with their uses, tables, forms, numbers.
//!
//! Numbers are written as in the briefing: grouped by thousands, with a dash for what is missing
//! and never a zero in its place.

use maud::{Markup, PreEscaped, html};
use sanad_core::{Month, Period};
use sanad_figure::Figure;
use sanad_store::View;

use crate::answer::OutputFormat;
use crate::column::{numbers, texts};
use crate::fault::Fault;
use crate::query::{Query, address};
use crate::route::with_ending;
use crate::scene::Scene;

/// A whole number with grouping, or a dash where there is none.
pub(crate) fn whole(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| sanad_figure::number(value, 0))
}

/// A number with so many decimals, or a dash where there is none. What is not finite is a dash too.
pub(crate) fn fixed(value: Option<f64>, decimals: usize) -> String {
    value
        .filter(|number| number.is_finite())
        .map_or_else(|| "–".to_owned(), |value| sanad_figure::number(value, decimals))
}

/// A share as percent. The share is 0 to 1; it is shown without decimals.
pub(super) fn percent(value: Option<f64>) -> String {
    value.map_or_else(
        || "–".to_owned(),
        |value| format!("{} %", sanad_figure::number(100.0 * value, 0)),
    )
}

/// A forecast's chance as percent, in the briefing's words; a dash where there is none.
pub(crate) fn chance(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), sanad_brief::parts::chance)
}

/// A value with the bounds of its interval behind it. Without both bounds the value stands alone.
pub(super) fn with_interval(
    value: Option<f64>,
    bounds: [Option<f64>; 2],
    decimals: usize,
) -> Markup {
    html! {
        (fixed(value, decimals))
        @if let [Some(low), Some(high)] = bounds {
            " " span.interval { "(" (fixed(Some(low), decimals)) " to " (fixed(Some(high), decimals)) ")" }
        }
    }
}

/// A stretch of months. One month is written once.
pub(super) fn months([from, to]: [Month; 2]) -> String {
    if from == to { from.to_string() } else { format!("{from} to {to}") }
}

/// A date or a stretch of days as a sentence has it, such as 2021-01-01 to 2025-12-31.
///
/// The record's own writing has a slash, which is for programs. A day, a month or a year that is known
/// no closer stays as it is.
pub(super) fn dated(period: Period) -> String {
    period.to_string().replace('/', " to ")
}

/// A figure with where its data are, how to cite and embed it, and how it was made. `made` says in
/// a sentence or two how the numbers came about. The links to data and picture hold the page's own
/// query, so that they give this very figure; the citation holds the key of the state.
pub(super) fn figure(scene: &Scene<'_>, figure: &Figure, made: &str) -> Markup {
    let pairs = scene.query.pairs();
    let link = |form: OutputFormat| {
        let mut all: Vec<(&str, &str)> =
            pairs.iter().copied().filter(|(name, _)| !scene.in_path.contains(name)).collect();
        all.push(("figure", &figure.id));
        address(&with_ending(scene.path, form), &all)
    };
    let [svg, png, csv, parquet] = OutputFormat::OF_FIGURES.map(link);
    html! {
        figure.sanad-frame id=(figure.id) {
            h2.sanad-title { (figure.title) }
            div.picture { (PreEscaped(without_inline_style(&figure.svg))) }
            figcaption.sanad-caption { (figure.caption) }
            div.uses {
                a href=(csv) download=(format!("{}.csv", figure.id)) { "Data (CSV)" } ", "
                a href=(parquet) download=(format!("{}.parquet", figure.id)) { "Parquet" } " · "
                a href=(svg) { "Picture (SVG)" }
                span.served { ", " a href=(png) download=(format!("{}.png", figure.id)) { "PNG" } }
                details { summary { "Cite, embed, how this was made" }
                    p.note { "Cite as: “" (figure.title) "”, Sanad " (env!("CARGO_PKG_VERSION")) ", state " (scene.edition.key) "." }
                    p.note { "Embed: " code { "<img src=\"" (svg) "\" alt=\"" (figure.title) "\">" } " with this server's address before it." }
                    p.note { (made) }
                }
            }
        }
    }
}

/// A drawing without its inline styles, which the policy of these pages forbids. What they say of
/// widths becomes an attribute that the style sheet knows. Other inline styles are dropped.
fn without_inline_style(svg: &str) -> String {
    let mut out = String::with_capacity(svg.len());
    let mut rest = svg;
    while let Some(start) = rest.find(" style=\"") {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let style = &from[" style=\"".len()..];
        let Some(end) = style.find('"') else { break };
        if let Some(width) =
            style[..end].strip_prefix("flex:").and_then(|flex| flex.strip_suffix(" 1 0"))
        {
            out.push_str(&format!(" data-flex=\"{width}\""));
        }
        rest = &style[end + 1..];
    }
    out.push_str(rest);
    out
}

/// Pairs of a link with the day of knowledge that the query names behind them, so that the link
/// leads to what the page shows. Without a day they are the pairs alone.
pub(super) fn as_known<'q>(
    query: &'q Query,
    pairs: &[(&'q str, &'q str)],
) -> Vec<(&'q str, &'q str)> {
    let mut all = pairs.to_vec();
    all.extend(query.text("as_of").map(|day| ("as_of", day)));
    all
}

/// A command with the day of knowledge that the query names, as [`as_known`] has it for a link.
pub(super) fn command_as_known(query: &Query, command: &str) -> String {
    query.text("as_of").map_or_else(|| command.to_owned(), |day| format!("{command} --as-of {day}"))
}

/// The address of the page of a place, as known on the day that the query names.
pub(super) fn place_address(query: &Query, place: &str) -> String {
    address(&format!("/place/{place}"), &as_known(query, &[]))
}

/// The address of the records behind a number of today's places, as known on the day that the query
/// names; what is the default is left out, so that it is the one address. `unit` and `measure` are
/// words of the panel's parameters.
pub(super) fn why_address(
    query: &Query,
    place: &str,
    month: Month,
    measure: &str,
    unit: &str,
) -> String {
    let month = month.to_string();
    let all = [
        ("place", place, ""),
        ("month", &month, ""),
        ("measure", measure, "deaths_best"),
        ("unit", unit, "adm2"),
        ("places", "current", "contemporary"),
    ];
    let pairs: Vec<(&str, &str)> = all
        .into_iter()
        .filter(|(_, value, default)| value != default)
        .map(|(name, value, _)| (name, value))
        .collect();
    address("/why", &as_known(query, &pairs))
}

/// How a column of a table is shown. Columns that are numbers are set to the right.
pub(super) enum How<'a> {
    /// As it is.
    Text,
    /// A number with so many decimals.
    Fixed(usize),
    /// A share as percent.
    Percent,
    /// A forecast's chance as percent, never as certain or impossible.
    Chance,
    /// A number with the names of the columns of its bounds, low and high, and decimals.
    Interval(&'a str, &'a str, usize),
    /// As markup made from the number of the row, such as a link.
    Row(&'a dyn Fn(usize) -> Markup),
}

/// A column as a page shows it. A page shows some columns of a table; its data link gives all of
/// them.
pub(super) struct Shown<'a> {
    /// Its name in the table.
    pub(super) name: &'a str,
    /// Its title for people.
    pub(super) title: &'a str,
    /// How it is shown.
    pub(super) how: How<'a>,
}

impl<'a> Shown<'a> {
    /// A column of texts as they are.
    pub(super) const fn text(name: &'a str, title: &'a str) -> Self {
        Self { name, title, how: How::Text }
    }

    /// A column of numbers with so many decimals.
    pub(super) const fn fixed(name: &'a str, title: &'a str, decimals: usize) -> Self {
        Self { name, title, how: How::Fixed(decimals) }
    }

    /// A column that is shown in another way.
    pub(super) const fn new(name: &'a str, title: &'a str, how: How<'a>) -> Self {
        Self { name, title, how }
    }

    /// Whether the column is set to the right.
    const fn is_number(&self) -> bool {
        !matches!(self.how, How::Text | How::Row(_))
    }
}

/// Letters up to which a column's texts are never broken over lines: a day has ten, and the longest
/// word for a kind of event sixteen.
const SHORT_TEXT: usize = 16;

/// Columns of a table, with the values that each row needs. They are read once for all rows.
enum CellValues<'a> {
    /// Texts; a missing one is an empty cell.
    Texts(Vec<Option<String>>),
    /// Numbers with their decimals.
    Numbers(Vec<Option<f64>>, usize),
    /// Shares from 0 to 1.
    Shares(Vec<Option<f64>>),
    /// Chances from 0 to 1.
    Chances(Vec<Option<f64>>),
    /// Value, low and high, with their decimals.
    Intervals([Vec<Option<f64>>; 3], usize),
    Rows(&'a dyn Fn(usize) -> Markup),
}

impl CellValues<'_> {
    /// Whether its texts are short enough to stand on one line each: days, versions, words.
    fn is_short(&self) -> bool {
        match self {
            Self::Texts(texts) => {
                texts.iter().flatten().all(|text| text.chars().count() <= SHORT_TEXT)
            }
            _ => false,
        }
    }

    /// The cell of a row; what the column does not have there is missing, and a missing text is an
    /// empty cell.
    fn cell(&self, row: usize) -> Markup {
        let at = |values: &[Option<f64>]| values.get(row).copied().flatten();
        match self {
            Self::Texts(texts) => {
                html! { @if let Some(Some(text)) = texts.get(row) { (text) } }
            }
            Self::Numbers(values, decimals) => html! { (fixed(at(values), *decimals)) },
            Self::Shares(values) => html! { (percent(at(values))) },
            Self::Chances(values) => html! { (chance(at(values))) },
            Self::Intervals([value, low, high], decimals) => {
                with_interval(at(value), [at(low), at(high)], *decimals)
            }
            Self::Rows(row_of) => row_of(row),
        }
    }
}

/// The values of a column of the table.
///
/// # Errors
///
/// Those of [`texts`] and [`numbers`].
fn values<'a>(view: &View<'_>, shown: &Shown<'a>) -> Result<CellValues<'a>, Fault> {
    let own = || numbers(view, shown.name);
    Ok(match shown.how {
        How::Text => CellValues::Texts(texts(view, shown.name)?),
        How::Fixed(decimals) => CellValues::Numbers(own()?, decimals),
        How::Percent => CellValues::Shares(own()?),
        How::Chance => CellValues::Chances(own()?),
        How::Interval(low, high, decimals) => {
            let [low, high] = [numbers(view, low)?, numbers(view, high)?];
            CellValues::Intervals([own()?, low, high], decimals)
        }
        How::Row(row) => CellValues::Rows(row),
    })
}

/// Rows of a table, in this order. A wide table scrolls by itself and can be reached with the
/// keyboard.
///
/// # Errors
///
/// A fault for a column that the table does not have.
pub(super) fn listing(
    view: &View<'_>,
    shown: &[Shown<'_>],
    rows: impl IntoIterator<Item = usize>,
) -> Result<Markup, Fault> {
    let columns: Result<Vec<CellValues<'_>>, Fault> =
        shown.iter().map(|one| values(view, one)).collect();
    let columns = columns?;
    Ok(html! {
        div.scroll tabindex="0" role="region" aria-label="Table" { table.wide {
            thead { tr { @for one in shown { th.n[one.is_number()] scope="col" { (one.title) } } } }
            tbody { @for row in rows { tr {
                @for (one, values) in shown.iter().zip(&columns) { td.n[one.is_number()].nowrap[values.is_short()] { (values.cell(row)) } }
            } } }
        } }
    })
}

/// A choice of words in a form. Options are pairs of the value and of its text for people; the one
/// in force is chosen.
pub(super) fn choice(query: &Query, name: &str, title: &str, options: &[(&str, &str)]) -> Markup {
    let chosen = query.word(name);
    html! {
        label { span { (title) } select name=(name) {
            @for (value, text) in options { option value=(value) selected[*value == chosen] { (text) } }
        } }
    }
}

/// A field for a month, a day or a text in a form. The example shows the form while the field is
/// empty.
pub(super) fn field(query: &Query, name: &str, title: &str, example: &str) -> Markup {
    html! {
        label { span { (title) } input type="text" name=(name) value=(query.word(name)) placeholder=(example) size="12"; }
    }
}

/// A form that asks by its address, with a button. Empty fields are sent too; the server then moves
/// the reader to the address without them.
pub(super) fn form(action: &str, fields: &Markup) -> Markup {
    html! { form.ask method="get" action=(action) { (fields) button type="submit" { "Show" } } }
}

/// Where the data of a page are, and the command that gives the same. `api` is the table's path
/// without an ending. Without a command only the links stand.
pub(super) fn data(api: &str, pairs: &[(&str, &str)], command: &str) -> Markup {
    let link = |ending: &str| address(&format!("{api}.{ending}"), pairs);
    html! {
        p.made {
            "Data: " a href=(link("csv")) { "CSV" } ", " a href=(link("json")) { "JSON" } ", "
            a href=(link("parquet")) { "Parquet" } ", " a href=(link("arrow")) { "Arrow" } "."
            @if !command.is_empty() { " The same numbers: " code { (command) } "." }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Parameter;
    use crate::scene::AS_OF;

    #[test]
    fn inline_styles_become_attributes_or_go() {
        let svg = "<svg class=\"a\" style=\"flex:520 1 0\" x=\"1\"><svg style=\"max-width:9px\">";
        let clean = without_inline_style(svg);
        assert_eq!(clean, "<svg class=\"a\" data-flex=\"520\" x=\"1\"><svg>");
    }

    static DAY: [Parameter; 1] = [AS_OF];

    #[test]
    fn a_link_keeps_the_day_of_knowledge_of_its_page() {
        let month: Month = "2021-05".parse().unwrap();
        let links = |pairs: &[(String, String)]| {
            let query = Query::check(&DAY, pairs).unwrap();
            let data = address("/api/v1/panel", &as_known(&query, &[("unit", "adm1")]));
            let why = why_address(&query, "P1", month, "events", "adm1");
            [data, why, place_address(&query, "P1"), command_as_known(&query, "sanad panel")]
        };
        let now = [
            "/api/v1/panel?unit=adm1",
            "/why?place=P1&month=2021-05&measure=events&unit=adm1&places=current",
            "/place/P1",
            "sanad panel",
        ];
        assert_eq!(links(&[]), now);
        let then = links(&[("as_of".to_owned(), "2022-01-31".to_owned())]);
        for (link, bare) in then.iter().zip(now) {
            let day = link.strip_prefix(bare).unwrap();
            assert!(
                ["&as_of=2022-01-31", "?as_of=2022-01-31", " --as-of 2022-01-31"].contains(&day)
            );
        }
    }

    #[test]
    fn what_is_missing_is_a_dash_and_not_a_zero() {
        assert_eq!([whole(None), whole(Some(1885.0))], ["–", "1,885"]);
        assert_eq!([fixed(None, 2), percent(Some(0.254))], ["–", "25 %"]);
    }
}
