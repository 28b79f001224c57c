//! What policies might change: levers as a form, and members of an ensemble that say what follows.
//!
//! A reader's own scenario is a set of levels in the address. It runs over the same members as the
//! case's scenarios, and its differences are shown with what share of the model is judgement.

use maud::{Markup, html};
use sanad_case::Lever;
use sanad_core::Estimate;
use sanad_figure::{DotPanel, Figure, Heading, IntervalDots, interval_dots};
use sanad_scenario::ScenarioRow;
use sanad_store::View;
use sanad_study::model::ModelCase;
use sanad_study::scenarios::{Compared, own_id};

use super::PageContent;
use super::part::{How, Shown, choice, data, figure, listing};
use crate::api::analyses::{ModelWithLevers, horizons, model_with_levers, scenario, scenario_run};
use crate::column::every_text;
use crate::fault::Fault;
use crate::query::{Query, address};
use crate::scene::Scene;

/// Levers, the scenarios of the case beside one of the reader's own, and what they rest on.
///
/// It answers what a policy would change in the model, and whether the members agree on it.
/// Parameters are those of the table: scenarios, what they are compared with, a shock, members,
/// horizons, and a level for any lever.
///
/// # Errors
///
/// `NotFound` where the case has no model with priors, levers and scenarios; a fault for a level
/// outside of its lever's range.
pub(crate) fn scenarios(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let ModelWithLevers { case, own } = model_with_levers(scene)?;
    let table = scenario(scene)?;
    let view = View::new(&table);
    let run = scenario_run(scene, &case)?;
    let standing = case.standing();
    let figures = differences(scene, &run.compared(), standing.shows_levels())?;
    let evidence = case.evidence();
    let outcomes = titles(&view, "outcome", &case)?;
    let names = titles(&view, "scenario", &case)?;
    let outcome = |row: usize| html! { (outcomes[row]) };
    let name = |row: usize| html! { (names[row]) };
    let mut shown = vec![
        Shown::new("outcome", "Outcome", How::Row(&outcome)),
        Shown::fixed("month", "Months after", 0),
        Shown::new("scenario", "Scenario", How::Row(&name)),
    ];
    if standing.shows_levels() {
        shown.push(Shown::new(
            "median",
            "Median (95 % of members)",
            How::Interval("low_95", "high_95", 1),
        ));
        shown.push(Shown::new(
            "difference",
            "Difference from the baseline (95 %)",
            How::Interval("difference_low_95", "difference_high_95", 1),
        ));
    }
    shown.extend([
        Shown::new("probability_better", "Members in which it is better", How::Percent),
        Shown::text("order", "So it is"),
        Shown::text("ensemble", "Members"),
    ]);
    let pairs = scene.query.pairs();
    let made = "Every scenario runs over the same members, so that what members disagree on cancels in the difference.";
    let body = html! {
        p.lead {
            (sanad_figure::number(100.0 * evidence.judgement_share, 0)) " % of the model's parameters rest on judgement alone; "
            @if evidence.calibrated { "its members were fitted to the record." } @else { "its members are draws from priors that no record has narrowed." }
            " A difference that the members do not agree on is called not supported by the assumptions, and so is one on which members of three seeds do not agree within five points."
        }
        p { (standing.sentence()) }
        @if let Some(note) = case.note(scene.query.count("members")?) { p.note { (note) "." } }
        (levers(scene.query, &case, own.as_deref()))
        p.note #said role="status" {}
        div #result {
            @for drawn in &figures { (figure(scene, drawn, made)) }
            h2 { "Outcomes" }
            p { a href=(address("/why/scenario", &pairs)) { "What decides these differences, and what each parameter rests on" } "." }
            (listing(&view, &shown, 0..view.rows())?)
            (what_they_are(&case))
            (data("/api/v1/scenario", &pairs, "sanad scenario CASE"))
        }
    };
    Ok(PageContent::new("What policies might change", body).with_figures(figures).with_levers())
}

/// The titles of a column's outcomes or scenarios, row by row; what the case does not title keeps its
/// identifier.
///
/// `column` is `outcome`, whose cells are variables of the model, or `scenario`. A reader's own scenario has
/// the title that it was added with.
///
/// # Errors
///
/// A fault where the table has no such column, or a row nothing in it.
pub(super) fn titles(
    view: &View<'_>,
    column: &str,
    case: &ModelCase,
) -> Result<Vec<String>, Fault> {
    let outcomes = case.scenarios.outcomes.iter().map(|one| (&one.variable, &one.title));
    let scenarios = case.scenarios.scenarios.iter().map(|one| (&one.id, &one.title));
    let known: Vec<(&String, &String)> = outcomes.chain(scenarios).collect();
    let title = |id: String| {
        let found = known.iter().find(|(known, _)| **known == id);
        found.map_or(id.clone(), |(_, title)| super::map::capital(title))
    };
    Ok(every_text(view, column)?.into_iter().map(title).collect())
}

/// The levers in a form. The script puts a slider to each and asks while they move; without it the
/// button asks, and either way the address holds what was asked. Each stands with its range, where
/// it is today, and how long it takes to act.
fn levers(query: &Query, case: &ModelCase, own: Option<&str>) -> Markup {
    let given = query.named("lever");
    let asked = |name: &str| given.iter().find(|(id, _)| *id == name).map(|(_, level)| *level);
    let level = |lever: &Lever| asked(&lever.id).unwrap_or(lever.today);
    let shocks = case.scenarios.shocks.iter().map(|one| (one.id.as_str(), one.title.as_str()));
    let shocks: Vec<(&str, &str)> = std::iter::once(("", "none")).chain(shocks).collect();
    let against: Vec<(&str, &str)> = std::iter::once(("", "the case's own baseline"))
        .chain(
            case.scenarios
                .scenarios
                .iter()
                .filter(|one| Some(one.id.as_str()) != own)
                .map(|one| (one.id.as_str(), one.title.as_str())),
        )
        .collect();
    let name = own.map_or_else(|| own_id(&case.scenarios.scenarios), str::to_owned);
    html! {
        h2 { "Your own scenario" }
        form.ask.levers method="get" action="/scenarios" {
            @for lever in &case.levers.levers { label.lever title=(lever.note) {
                span { (lever.title) ": " (lever.lowest) " to " (lever.highest) ", today " (lever.today) ", delay " (lever.delay_months) " months" }
                input type="number" name=(format!("lever-{}", lever.id)) min=(lever.lowest) max=(lever.highest) step="0.05" value=(level(lever)) data-today=(lever.today);
            } }
            (levers_by_element(case, &asked))
            (choice(query, "shock", "A shock laid over all", &shocks))
            (choice(query, "against", "Compared with", &against))
            label { span { "Members" } input type="number" name="members" min="1" max="2000" value=(query.word("members")); }
            button type="submit" { "Show" }
        }
        p.note { "The scenario called " (name) " has the levels above. Where scripts run, the page answers while a lever moves; else press Show." }
    }
}

/// Fields for levers in one element of their constants, such as one theatre, folded away until one is used; empty
/// ones follow the lever as a whole.
fn levers_by_element(case: &ModelCase, asked: &impl Fn(&str) -> Option<f64>) -> Markup {
    let of_lever = |lever| case.lever_elements(lever).iter().map(move |element| (lever, element));
    let parts: Vec<(&Lever, &String)> = case.levers.levers.iter().flat_map(of_lever).collect();
    let name = |lever: &Lever, element: &str| format!("{}[{element}]", lever.id);
    let is_used = parts.iter().any(|(lever, element)| asked(&name(lever, element)).is_some());
    html! {
        @if !parts.is_empty() { details.parts open[is_used] {
            summary { "Levers in one place alone" }
            p.note { "A level here stands above that of the lever as a whole; an empty field follows it." }
            @for (lever, element) in parts { label {
                span { (lever.title) ": " (words(element)) }
                input type="number" name=(format!("lever-{}", name(lever, element))) min=(lever.lowest) max=(lever.highest) step="0.05" value=[asked(&name(lever, element))];
            } }
        } }
    }
}

/// An element of the model as a name: each word of it with a capital.
fn words(element: &str) -> String {
    element.split('_').map(super::map::capital).collect::<Vec<String>>().join(" ")
}

/// Periods that a chart of dots tells apart.
const MOST_PERIODS: usize = 4;

/// A chart per outcome, at up to four horizons: the share of members in which each scenario is better
/// than the baseline, and where levels are shown the difference with 95 % of the members. None where
/// only the baseline ran.
fn differences(
    scene: &Scene<'_>,
    found: &Compared<'_>,
    shows_levels: bool,
) -> Result<Vec<Figure>, Fault> {
    let horizons: Vec<u16> = horizons(scene)?.into_iter().take(MOST_PERIODS).collect();
    let periods: Vec<String> = horizons.iter().map(|months| format!("{months} months")).collect();
    let regions: Vec<String> =
        found.scenarios.iter().skip(1).map(|one| one.title.clone()).collect();
    if regions.is_empty() || periods.is_empty() {
        return Ok(Vec::new());
    }
    let baseline = found.scenarios.first().map_or("", |one| one.title.as_str());
    let drawn = found.outcomes.iter().map(|(outcome, comparison)| {
        let row = |scenario: usize, months: u16| -> ScenarioRow {
            comparison.row(scenario, usize::from(months))
        };
        let estimate = |row: ScenarioRow| {
            let [low, middle, high] = row.difference;
            (low.is_finite() && high.is_finite()).then_some(Estimate::new(low, middle, high))
        };
        let share = |row: ScenarioRow| {
            let share = 100.0 * row.probability_better;
            share.is_finite().then_some(Estimate::new(share, share, share))
        };
        let estimates = |one: &dyn Fn(ScenarioRow) -> Option<Estimate>| {
            (1..found.scenarios.len())
                .map(|scenario| {
                    horizons.iter().map(|months| one(row(scenario, *months))).collect()
                })
                .collect()
        };
        let mut panels = Vec::new();
        if shows_levels {
            let label = format!("{}, difference", outcome.title);
            panels.push(DotPanel { label, estimates: estimates(&estimate) });
        }
        let label = format!("members in which it is better by {}, %", outcome.title);
        panels.push(DotPanel { label, estimates: estimates(&share) });
        let id = format!("difference-{}", outcome.variable.to_lowercase().replace([' ', '_'], "-"));
        let title = format!(
            "{}: each scenario against “{baseline}”, member by member",
            super::map::capital(&outcome.title)
        );
        let heading = Heading::new(
            &id,
            &title,
            if shows_levels { "Lines hold 95 % of the members." } else { "Half of the members is a coin's toss." },
            "Per scenario and horizon: the share of members in which it is better than the baseline, and \
             where levels are shown the difference with its interval.",
        );
        let chart = IntervalDots {
            regions: &regions,
            periods: &periods,
            panels: &panels,
            // A share has no interval, so that without levels no line is drawn.
            interval: if shows_levels { "95 % of members" } else { "" },
        };
        Ok(interval_dots(&heading, &chart)?)
    });
    drawn.collect()
}

/// The scenarios with their notes and the levels that they set.
fn what_they_are(case: &ModelCase) -> Markup {
    html! {
        h2 { "What the scenarios are" }
        dl { @for one in &case.scenarios.scenarios {
            dt { (one.title) } dd { (one.note) @if !one.levels.is_empty() { " (" @for (at, (lever, level)) in one.levels.iter().enumerate() { @if at > 0 { ", " } (lever) " " (level) } ")" } @for period in &one.schedule { " " (period.to_string()) } }
        } }
    }
}
