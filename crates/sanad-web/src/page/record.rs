//! The cycle, interventions, benchmarks, the chronicle and the sources.
//!
//! Each page shows one analysis of the study as it is, with the address of its table beside it.

use maud::html;
use sanad_store::View;
use sanad_study::pictures::{change_figure, chronicle_figure, control_figures};

use super::PageContent;
use super::part::{How, Shown, choice, data, field, figure, form, listing};
use crate::api::{analyses, records};
use crate::column::every_text;
use crate::fault::Fault;
use crate::query::{Parameter, Query};
use crate::scene::Scene;

/// Whether one kind of event brings another.
///
/// It answers how many events of one kind an event of another brings within four weeks. `show`
/// picks links, kinds, models with fewer links, or the whole; the latter three are shown with the
/// names of their columns.
///
/// # Errors
///
/// `NotFound` where the case counts no kinds of event by day.
pub(crate) fn cycle(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let table = analyses::cycle(scene)?;
    let view = View::new(&table);
    let show = scene.query.word("show");
    let columns = view.columns();
    let shown: Vec<Shown<'_>> = match show {
        "links" => vec![
            Shown::text("model", "Model"),
            Shown::text("from", "One of"),
            Shown::text("to", "brings"),
            Shown::new(
                "branching",
                "Events (95 % interval)",
                How::Interval("branching_low", "branching_high", 2),
            ),
            Shown::fixed("p_value", "p", 3),
            Shown::fixed("half_life_days", "Half-life, days", 1),
            Shown::fixed("power", "Power", 2),
            Shown::fixed("events_from", "Events of the first", 0),
            Shown::fixed("events_to", "Of the second", 0),
            Shown::text("note", "Note"),
        ],
        _ => columns.iter().map(generic).collect(),
    };
    let body = html! {
        p.lead { "How many events of one kind one event of another brings, by day. Above one, a kind would never end by itself." }
        (form("/cycle", &choice(scene.query, "show", "Table", &[("links", "links"), ("kinds", "kinds"), ("models", "models with fewer links"), ("whole", "the cycle as a whole")])))
        (listing(&view, &shown, 0..view.rows())?)
        p.note { "Mutual excitation in daily counts, fitted together; an interval that holds zero does not exclude that there is no link. One thing following another is not yet a cause." }
        (data("/api/v1/cycle", &[("show", show)], &format!("sanad cycle CASE --show {show}")))
    };
    Ok(PageContent::new("The cycle", body))
}

/// Columns of what changed at an intervention, each ratio with its 95 % interval.
///
/// A ratio of 1 is no change. Just after is the level at the start over the level just before it; growth is
/// the factor by which each later month differs from the earlier trend; a year in is the fitted course over
/// what the earlier course would have been. `p` is of the last. Placebo dates are earlier starts at which
/// nothing is known to have begun; those that show as large a change are counted.
fn of_changes<'a>() -> Vec<Shown<'a>> {
    vec![
        Shown::text("from_month", "From"),
        Shown::text("region", "Region"),
        Shown::text("measure", "What is counted"),
        Shown::text("not_told_apart", "Events not told apart"),
        Shown::new(
            "level_ratio",
            "Just after, to just before (95 %)",
            How::Interval("level_ratio_low", "level_ratio_high", 2),
        ),
        Shown::new(
            "growth_ratio",
            "Growth a month, times (95 %)",
            How::Interval("growth_ratio_low", "growth_ratio_high", 3),
        ),
        Shown::new(
            "ratio_after_year",
            "A year in, to the earlier course (95 %)",
            How::Interval("ratio_after_year_low", "ratio_after_year_high", 2),
        ),
        Shown::fixed("p_value", "p, a year in", 3),
        Shown::fixed("placebo_dates_as_large", "Placebo dates as large", 0),
        Shown::fixed("placebo_dates", "Placebo dates", 0),
        Shown::text("note", "Note"),
    ]
}

/// Columns of plain means before and after an intervention.
///
/// Means are counts a month over the two years on either side, without trend and season. A ratio is missing
/// where there were none before; the note says so.
fn of_means<'a>() -> Vec<Shown<'a>> {
    vec![
        Shown::text("from_month", "From"),
        Shown::text("region", "Region"),
        Shown::text("measure", "What is counted"),
        Shown::text("not_told_apart", "Events not told apart"),
        Shown::fixed("mean_before", "A month before, mean", 2),
        Shown::fixed("mean_after", "A month after, mean", 2),
        Shown::fixed("ratio", "After to before", 3),
        Shown::text("note", "Note"),
    ]
}

/// Columns of places that were aimed at against a mix of others.
///
/// Effects and gaps are in means before: −0.5 is half of what was usual before. The gap before says how well
/// the mix tracked the places, and effects elsewhere are what the same comparison finds for places that
/// nobody aimed at, so that `p` is the share of those that are as large.
fn of_controls<'a>() -> Vec<Shown<'a>> {
    vec![
        Shown::text("districts", "Places"),
        Shown::text("compared_with", "Compared with"),
        Shown::fixed("effect", "Effect, in means before", 3),
        Shown::fixed("p_value_in_place", "p, among other places", 3),
        Shown::fixed("placebo_effect_low", "Effects elsewhere, least", 3),
        Shown::fixed("placebo_effect_high", "Effects elsewhere, greatest", 3),
        Shown::fixed("gap_before", "Gap before", 3),
        Shown::fixed("gap_after", "Gap after", 3),
        Shown::fixed("other_districts", "Other places", 0),
        Shown::fixed("quarters_before", "Quarters before", 0),
        Shown::fixed("quarters_after", "Quarters after", 0),
        Shown::fixed("placebo_dates_as_large", "Placebo dates as large", 0),
        Shown::fixed("placebo_dates", "Placebo dates", 0),
        Shown::text("weights", "The mix"),
        Shown::text("left_out", "Left out"),
        Shown::text("note", "Note"),
    ]
}

/// A column under its own name.
fn generic(column: &sanad_store::ColumnInfo) -> Shown<'_> {
    match column.is_number {
        true => Shown::fixed(&column.name, &column.name, 3),
        false => Shown::text(&column.name, &column.name),
    }
}

/// What changed at dated interventions.
///
/// It answers what changed at one intervention, the first of the case unless `id` names another:
/// interrupted series, plain means, or places against others, with a figure of each series and
/// comparison.
///
/// # Errors
///
/// `NotFound` where the case declares none, or none with this identifier.
pub(crate) fn interventions(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let all = scene.edition.interventions(scene.steps)?;
    let study = scene.edition.study(scene.steps)?;
    let declared = study.declared_interventions();
    let first = declared.first().map_or("", |one| one.id.as_str());
    let id = scene.query.text("id").unwrap_or(first);
    let chosen = declared.iter().find(|one| one.id == id);
    let chosen = chosen.ok_or_else(|| Fault::not_found("intervention", id, "/interventions"))?;
    let pairs = [
        ("id".to_owned(), id.to_owned()),
        ("show".to_owned(), scene.query.word("show").to_owned()),
    ];
    let request = Query::check(&analyses::INTERVENTIONS, &pairs)?;
    let table = analyses::interventions(&Scene { query: &request, ..*scene })?;
    let view = View::new(&table);
    let shown = match scene.query.word("show") {
        "means" => of_means(),
        "controls" => of_controls(),
        _ => of_changes(),
    };
    let places = study.finest_name();
    // The same whichever table is listed.
    let figures = scene.edition.figures(&format!("intervention {id}"), || {
        let mut figures = Vec::new();
        for row in all.changes.iter().filter(|row| row.intervention == id) {
            figures.extend(change_figure(row, &chosen.title)?.map(|(_, figure)| figure));
        }
        for row in all.controls.iter().filter(|row| row.intervention == id) {
            let drawn = control_figures(row, &chosen.title, places)?;
            figures.extend(drawn.into_iter().map(|(_, figure)| figure));
        }
        Ok(figures)
    })?;
    let options: Vec<(&str, &str)> =
        declared.iter().map(|one| (one.id.as_str(), one.title.as_str())).collect();
    let made = format!(
        "Interrupted series (negative binomial, with trend, season and autoregression), with placebo dates; {} \
         against a mix of others that tracked them before.",
        places.several
    );
    let others = format!("against other {}", places.several);
    let tables = [("changes", "changes"), ("means", "means"), ("controls", &*others)];
    let body = html! {
        (form("/interventions", &html! {
            label { span { "Intervention" } select name="id" { @for (value, text) in &options { option value=(value) selected[*value == id] { (text) } } } }
            (choice(scene.query, "show", "Table", &tables))
        }))
        p.note { "Before and after a date is before and after a date: whatever else changed then is in the effect." }
        (listing(&view, &shown, 0..view.rows())?)
        @for drawn in figures.iter() { (figure(scene, drawn, &made)) }
        (data("/api/v1/interventions", &[("id", id), ("show", scene.query.word("show"))], &format!("sanad interventions CASE --id {id} --show {}", scene.query.word("show"))))
    };
    Ok(PageContent::new(chosen.title.clone(), body).with_figures(figures))
}

/// Where commitments and steps stand.
///
/// It answers which commitments are met, open or overdue at the end of a month, today's unless
/// `as_of` names another.
///
/// # Errors
///
/// `NotFound` where the case has no `benchmarks.toml`.
pub(crate) fn benchmarks(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let table = analyses::benchmarks(scene)?;
    let view = View::new(&table);
    let statuses = every_text(&view, "status")?;
    let status = |row: usize| html! { span.status { (statuses[row]) } };
    let shown = [
        Shown::new("status", "Status", How::Row(&status)),
        Shown::text("title", "Commitment or step"),
        Shown::text("indicator", "Measured by"),
        Shown::text("baseline_month", "First"),
        Shown::fixed("baseline", "Value", 2),
        Shown::text("last_month", "Last"),
        Shown::fixed("last", "Value", 2),
        Shown::fixed("target", "Target", 2),
        Shown::text("due", "Due"),
        Shown::new("on_track", "Chance, if it goes on", How::Percent),
        Shown::text("needs", "What is missing"),
    ];
    let as_of = scene
        .query
        .text("as_of")
        .map_or_else(|| sanad_core::Month::from_date(scene.today).to_string(), str::to_owned);
    let body = html! {
        p.lead { "What was committed to or asked for, what is known of it, and whether its date has passed. " (view.rows()) " in all." }
        (form("/benchmarks", &field(scene.query, "as_of", "At the end of", &as_of)))
        (listing(&view, &shown, 0..view.rows())?)
        (data("/api/v1/benchmarks", &[("as_of", &as_of)], &format!("sanad benchmarks CASE --as-of {as_of}")))
    };
    Ok(PageContent::new(format!("Benchmarks at the end of {as_of}"), body))
}

/// Parameters of the page, which are those of the table.
pub(crate) static CHRONICLE: &[Parameter] = &records::CHRONICLE;

/// The chronicle.
///
/// It answers what the case records by date, filtered by kind, front, place and organisation. The
/// chart stands on the page without a filter only, because it shows all records.
///
/// # Errors
///
/// Those of reading the case. A record of violence is not needed.
pub(crate) fn chronicle(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let table = records::chronicle(scene)?;
    let view = View::new(&table);
    let figures: Vec<_> = match scene.query.pairs().is_empty() {
        true => {
            let facts = scene.facts()?;
            chronicle_figure(&facts.case, &facts.chronicle)?.into_iter().collect()
        }
        false => Vec::new(),
    };
    let shown = [
        Shown::text("date", "When"),
        Shown::text("kind", "Kind"),
        Shown::text("fronts", "Fronts"),
        Shown::text("summary", "Record"),
        Shown::fixed("paragraph", "Paragraph", 0),
        Shown::text("cite", "From"),
    ];
    let query = scene.query;
    let made =
        "Records of the case's chronicle, dated as exactly as the text says, in our own words.";
    let pairs = query.pairs();
    let body = html! {
        p { "A selection that follows one text: what it does not record is not evidence of absence." }
        (form("/chronicle", &html! {
            (choice(query, "kind", "Kind", &[("", "all"), ("event", "events"), ("statement", "statements"), ("act", "acts"), ("relation", "relations"), ("tie", "ties"), ("observation", "numbers")]))
            (choice(query, "front", "Front", &[("", "all"), ("narrative", "narrative"), ("governance", "governance"), ("regional", "regional")]))
            (field(query, "place", "Place, by id", ""))
            (field(query, "organisation", "Organisation, by id", ""))
        }))
        @for drawn in &figures { (figure(scene, drawn, made)) }
        p.note { (view.rows()) " records." }
        (listing(&view, &shown, 0..view.rows())?)
        (data("/api/v1/chronicle", &pairs, ""))
    };
    Ok(PageContent::new("Chronicle", body).with_figures(figures))
}

/// The sources with their versions, licences, coverage and diagnostics.
///
/// It answers where the numbers come from: which version counts for which months, and every import
/// with what was read, kept and noticed. It takes no parameters.
///
/// # Errors
///
/// Those of reading the observatory.
pub(crate) fn sources(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let table = records::sources(scene)?;
    let snapshots = scene.edition.observatory.snapshots();
    let facts = scene.facts()?;
    let effect = match (facts.covered.first(), facts.covered.last()) {
        (Some(first), Some(last)) => scene.edition.observatory.in_effect(
            &facts.case.series(),
            facts.case.gwno,
            [*first, *last],
            None,
        )?,
        _ => Vec::new(),
    };
    let body = html! {
        h2 { "In effect for the counts" }
        @if effect.is_empty() { p { "No version of the case's source covers any month." } }
        ul.limits { @for stretch in &effect { li { (stretch.months[0]) " to " (stretch.months[1]) ": " (stretch.label) } } }
        p.note { "A month in no stretch is covered by no version: unknown, not quiet." }
        h2 { "All imports" }
        div.scroll tabindex="0" role="region" aria-label="Imports" { table.wide {
            thead { tr { th { "Source" } th { "Covers" } th.n { "Rows read" } th.n { "Kept" } th { "Diagnostics" } th { "Licence" } th { "Citation" } } }
            tbody { @for one in snapshots { tr {
                td { b { (one.source.label()) } br; (one.source.title) br; span.hash { "sha256 " (one.sha256.chars().take(12).collect::<String>()) "…" } }
                td.nowrap { @match (one.source.coverage.from, one.source.coverage.to) { (Some(from), Some(to)) => { (from) " to " (to) } _ => { "–" } } }
                td.n { (sanad_figure::number(one.rows_read as f64, 0)) }
                td.n { (sanad_figure::number(one.records_kept as f64, 0)) }
                td { @if one.diagnostics.is_empty() { "none" } @else { @for (at, (issue, count)) in one.diagnostics.iter().enumerate() { @if at > 0 { ", " } (issue) " " (count) } } }
                td { (one.source.licence) }
                td { (one.source.citation.trim_end_matches('.')) ". Accessed " (one.source.accessed) "." }
            } } }
        } }
        p.note { (table.num_rows()) " imports. Diagnostics row by row: "
            a href="/sql?q=SELECT%20%2A%20FROM%20diagnostics%20LIMIT%20100" { "SELECT * FROM diagnostics" } "." }
        (data("/api/v1/sources", &[], "sanad sources --observatory DIR"))
    };
    Ok(PageContent::new("Sources", body))
}
