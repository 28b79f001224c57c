//! What policies might change: the case's model, its scenarios and its benchmarks.

mod markup;

use maud::Markup;
use sanad_core::Estimate;
use sanad_figure::{
    Band, Bar, BarsWithIntervals, CausalDiagram, DotPanel, Fan, FanPanel, Figure, Heading,
    IntervalDots, Link, LinkState, Months, PanelScale, Polarity, bars_with_intervals,
    causal_diagram, fan, interval_dots,
};

use crate::Result;
use crate::text::capital;

pub use crate::content::policy::*;

/// The section with its figures.
pub(crate) fn section(policy: &Policy) -> Result<Markup> {
    let mut figures: Vec<Figure> = Vec::new();
    figures.extend(policy.model.as_ref().map(|model| diagram(policy, model)).transpose()?);
    if policy.standing.shows_levels() {
        figures.push(fans(policy)?);
    }
    if policy.scenarios.len() > 1 {
        for (position, outcome) in policy.outcomes.iter().enumerate() {
            figures.push(differences(policy, position, outcome)?);
        }
    }
    figures.extend(policy.deciding.as_ref().map(|pair| deciding(policy, pair)).transpose()?);
    Ok(markup::section(policy, &figures))
}

/// The model's main variables with what acts on what, loops marked.
fn diagram(policy: &Policy, model: &ModelDiagram) -> Result<Figure> {
    let link = |&(from, to, more, delayed): &(usize, usize, Option<bool>, bool)| Link {
        from,
        to,
        polarity: more.map_or(Polarity::Mixed, Polarity::from_sign),
        delayed,
        state: LinkState::Modelled,
        note: if delayed { "over time" } else { "at once" }.to_owned(),
    };
    let links: Vec<Link> = model.effects.iter().map(link).collect();
    let title = format!("The model in {} of its {} variables", model.variables.len(), model.size);
    let caption = format!(
        "Effects follow from the equations, through variables that are not drawn; a sign in the model \
         is an assumption, not a finding. {}",
        policy.rests_on.sentence()
    );
    let heading = Heading::new(
        "policy-model",
        &title,
        &caption,
        "Variables on an oval joined by arrows with the sign of the effect beside the head; two \
         strokes cross an arrow whose effect builds up over time.",
    );
    Ok(causal_diagram(&heading, &CausalDiagram { concepts: &model.variables, links: &links })?)
}

/// The first outcome as recorded and by scenario, with bands of the members.
fn fans(policy: &Policy) -> Result<Figure> {
    let paths = &policy.paths;
    let past = paths.recorded.len();
    let ahead = paths.scenarios.iter().map(|(_, path)| path.len()).max().unwrap_or(0);
    let panel = |(title, path): &(String, Vec<[f64; 7]>)| {
        let later = |of: &dyn Fn(&[f64; 7]) -> [f64; 2]| -> Vec<Option<[f64; 2]>> {
            let values = (0..ahead).map(|at| path.get(at).map(of));
            std::iter::repeat_n(None, past).chain(values).collect()
        };
        let band = |percent, low: usize, high: usize| Band {
            percent,
            bounds: later(&|row: &[f64; 7]| [row[low], row[high]]),
        };
        let observed = paths.recorded.iter().map(|value| Some(*value));
        FanPanel {
            label: title.clone(),
            observed: observed.chain(std::iter::repeat_n(None, ahead)).collect(),
            median: later(&|row: &[f64; 7]| [row[3]; 2])
                .iter()
                .map(|later| later.map(|later| later[0]))
                .collect(),
            bands: vec![band(50, 2, 4), band(80, 1, 5), band(95, 0, 6)],
        }
    };
    let panels: Vec<FanPanel> = paths.scenarios.iter().map(panel).collect();
    let first = policy.outcomes.first().map_or("", |outcome| outcome.title.as_str());
    let drawn = match panels.len() {
        1 => "one scenario".to_owned(),
        number => format!("{number} of {} scenarios", policy.scenarios.len()),
    };
    let recorded = if past == 0 { "" } else { "what was recorded, and " };
    let title = format!("{}: {recorded}{drawn} of the model", capital(first));
    let caption = format!(
        "Line: recorded. Then the median and the bands that hold 50, 80 and 95 % of the members. A band is \
         what the model and its priors allow, not what is likely to be recorded: months scatter around a \
         path, and what the model leaves out is not in it. {}",
        policy.rests_on.sentence()
    );
    let heading = Heading::new(
        "policy-fans",
        &title,
        &caption,
        "One panel per scenario: what was recorded, then the median and three bands of the members.",
    );
    let months = Months { first: paths.from.id(), len: past + ahead };
    let chart = Fan { months, panels: &panels, unit: first, scale: PanelScale::Shared };
    Ok(fan(&heading, &chart)?)
}

/// Years in words, for a horizon in months.
fn years(months: u16) -> String {
    match (months / 12, months % 12) {
        (1, 0) => "1 year".to_owned(),
        (years, 0) => format!("{years} years"),
        _ => format!("{months} months"),
    }
}

/// How many members have each scenario better than the baseline, by horizon, and by how much where
/// levels are shown.
fn differences(policy: &Policy, position: usize, outcome: &Outcome) -> Result<Figure> {
    let others = policy.scenarios.get(1..).unwrap_or(&[]);
    let regions: Vec<String> = others.iter().map(|line| line.title.clone()).collect();
    let periods: Vec<String> = policy.horizons.iter().map(|months| years(*months)).collect();
    let panel = |label: &str, value: &dyn Fn(&HorizonCell) -> Option<[f64; 3]>| {
        let cells = |line: &ScenarioLine| {
            let cells = line.outcomes.get(position).map_or(&[][..], Vec::as_slice);
            cells
                .iter()
                .map(|cell| value(cell).map(|[low, middle, high]| Estimate::new(low, middle, high)))
                .collect()
        };
        DotPanel { label: label.to_owned(), estimates: others.iter().map(cells).collect() }
    };
    let baseline = policy.baseline();
    let shows_levels = policy.standing.shows_levels();
    let mut panels = Vec::new();
    if shows_levels {
        panels.push(panel(&format!("{}, difference", outcome.title), &|cell| cell.difference));
    }
    panels.push(panel(&format!("members with {} of it, %", outcome.better()), &|cell| {
        cell.better.map(|share| [100.0 * share; 3])
    }));
    let caption = format!(
        "Each scenario against “{baseline}” in the same member, so that what members disagree on cancels. \
         {}Half of the members is a coin's toss. {}",
        if shows_levels { "Lines hold 95 % of the members. " } else { "" },
        policy.rests_on.sentence()
    );
    let id = format!("policy-{}", outcome.variable.to_lowercase().replace([' ', '_'], "-"));
    let title = format!("{} against “{baseline}”, member by member", capital(&outcome.title));
    let heading = Heading::new(
        &id,
        &title,
        &caption,
        if shows_levels {
            "Per scenario and horizon: the difference from the baseline with its interval, and the \
             share of members in which the scenario is better."
        } else {
            "Per scenario and horizon: the share of members in which the scenario is better."
        },
    );
    let chart = IntervalDots {
        regions: &regions,
        periods: &periods,
        panels: &panels,
        interval: if shows_levels { "95 % of members" } else { "" },
    };
    Ok(interval_dots(&heading, &chart)?)
}

/// A parameter's name for people.
fn plain(parameter: &str) -> String {
    parameter
        .replace("_at_start", " at start")
        .replace('_', " ")
        .replace('[', " (")
        .replace(']', ")")
}

/// Which parameters decide between two scenarios.
fn deciding(policy: &Policy, deciding: &Deciding) -> Result<Figure> {
    let bars: Vec<Bar> = deciding
        .parameters
        .iter()
        .enumerate()
        .map(|(at, (parameter, share))| Bar {
            label: plain(parameter),
            estimate: Some(Estimate::from([*share; 3])),
            highlighted: at == 0,
        })
        .collect();
    let [one, other] = &deciding.between;
    let order =
        if deciding.is_supported { "" } else { ", an order that the assumptions do not support" };
    let title = format!(
        "{}: “{one}” is better than “{other}” after {} in {:.0} % of members{order}; what decides \
         by how much",
        capital(policy.outcomes.first().map_or("", |outcome| outcome.title.as_str())),
        years(deciding.months),
        100.0 * deciding.chance
    );
    let caption = format!(
        "Share of the variance of the difference that each assumption accounts for on its own, with what \
         hangs together with it among the members; below a few per cent is noise. {}",
        policy.rests_on.sentence()
    );
    let heading = Heading::new(
        "policy-deciding",
        &title,
        &caption,
        "Bars, longest first: assumptions and the share of the variance of the difference.",
    );
    let chart = BarsWithIntervals { bars: &bars, unit: "share of variance", percent: true };
    Ok(bars_with_intervals(&heading, &chart)?)
}

#[cfg(test)]
mod tests;
