//! The first pages: what is new, where, how sure, what may come, what changed, what is overdue.
//!
//! They suffice for a reader who stops there; everything else follows as annexes.

use maud::{Markup, PreEscaped, html};
use sanad_core::Month;
use sanad_core::place::LevelNames;
use sanad_figure::{FanPanel, Figure, Heading};

use super::policy::{BenchmarkLine, Status};
use crate::Result;
use crate::content::{Briefing, DistrictsAhead, Move};
use crate::fans;
use crate::latest::{LatestOutlook, LatestTheatre, LatestYear, LevelLine, Most};
use crate::text::capital;
use crate::words;

/// Moves of fronts listed on the first pages.
const MOVES: usize = 5;
/// Commitments listed by name.
const OVERDUE: usize = 8;

/// The sentences at the top of a briefing and those about earlier months, made from numbers alone.
///
/// Where the country's newest twelve months are known, they lead, and what was counted by place before
/// them stands with the figures by place.
pub(crate) fn sentences(briefing: &Briefing) -> (Vec<String>, Vec<String>) {
    let headline = &briefing.headline;
    let Some(latest) = &briefing.lead.latest else {
        return (words::headline(headline), Vec::new());
    };
    let first = [
        Some(what_is_new(latest)),
        by_theatre(latest, &briefing.headline.names),
        words::newest_by_place(headline),
        briefing.lead.outlook.as_ref().and_then(forecast_sentence),
        words::front_peak(headline),
    ];
    (first.into_iter().flatten().collect(), words::last_year_by_place(headline))
}

/// The newest twelve months of any source, at the level at which they are known.
fn what_is_new(year: &LatestYear) -> String {
    let mut text = format!(
        "In {}, the newest twelve months, {} events of organised violence and {} deaths are recorded in {}",
        words::months(year.months),
        words::whole(year.events as f64),
        words::whole(year.deaths as f64),
        year.country,
    );
    let mut notes = vec![year.source.clone()];
    if let Some(from) = year.preliminary_from {
        notes.push(format!("{} preliminary", words::stretches(&[[from, year.months[1]]])));
    }
    if let Some(day) = year.counts_by {
        notes.push(format!("an event counts in the month of its {day} day"));
    }
    text.push_str(&format!(" ({})", notes.join("; ")));
    if let Some([low, ratio, high]) = year.change {
        text.push_str(&format!(
            ": {} times the deaths of the twelve months before (95 % interval {} to {}{})",
            sanad_figure::number(ratio, 1),
            words::fixed(low, 1),
            words::fixed(high, 1),
            if low <= 1.0 && 1.0 <= high {
                ", which does not exclude that nothing changed"
            } else {
                ""
            }
        ));
    }
    match year.most {
        Most::Since(month) => text.push_str(&format!(
            ", and no twelve months that ended before these began had as many deaths since those that ended in {}.",
            words::month(month)
        )),
        Most::OfSeries => text.push_str(
            ", and no twelve months of the series that ended before these began had as many deaths.",
        ),
        Most::NotKnown => text.push('.'),
    }
    text
}

/// Where, as far as the conflicts' names tell, and where nothing tells.
fn by_theatre(year: &LatestYear, names: &LevelNames) -> Option<String> {
    if year.theatres.is_empty() {
        return None;
    }
    let one = |latest_theatre: &LatestTheatre| {
        format!("{} in {}", words::whole(latest_theatre.deaths), latest_theatre.title)
    };
    let state_based = year.by_type.map_or_else(
        || "Of the deaths in state-based violence".to_owned(),
        |deaths| format!("Of {} deaths in state-based violence", words::whole(deaths[0] as f64)),
    );
    let listed: Vec<String> = year.theatres.iter().map(one).collect();
    let mut text = format!(
        "{state_based}, at most {} go with conflicts whose names imply the theatre: {}",
        words::whole(year.theatres.iter().map(|theatre| theatre.deaths).sum()),
        listed.join(", "),
    );
    let mut right: Vec<([Month; 2], Vec<String>)> = Vec::new();
    for ([hits, all], months) in year.theatres.iter().filter_map(|theatre| theatre.right) {
        let share = format!("{} of {}", words::whole(hits), words::whole(all));
        match right.iter_mut().find(|(known, _)| *known == months) {
            Some((_, shares)) => shares.push(share),
            None => right.push((months, vec![share])),
        }
    }
    let right: Vec<String> = right
        .iter()
        .map(|(months, shares)| {
            format!("{} events in {}", shares.join(" and "), words::stretches(&[*months]))
        })
        .collect();
    if !right.is_empty() {
        text.push_str(&format!(" (such a name was right for {})", right.join("; ")));
    }
    let known = match (year.by_place.is_empty(), year.by_place_before) {
        (false, before) => format!(
            ". {} and {} are known for {} only{}",
            capital(&names.adm1.several),
            names.adm2.several,
            words::stretches(&year.by_place),
            before.map_or_else(String::new, |month| format!(
                ", and before that up to {}",
                words::month(month)
            ))
        ),
        (true, Some(month)) => {
            format!(
                ". No {} and no {} is known after {}",
                names.adm1.one,
                names.adm2.one,
                words::month(month)
            )
        }
        (true, None) => {
            format!(". No {} and no {} is known", names.adm1.one, names.adm2.one)
        }
    };
    text.push_str(&known);
    text.push('.');
    Some(text)
}

/// The sentence about what may come.
fn forecast_sentence(outlook: &LatestOutlook) -> Option<String> {
    let country = outlook.places.first()?;
    let [low, _, middle, _, high] = country.total;
    Some(format!(
        "For {} the forecast of {} has a median of {} (nine draws in ten from {} to {}{}), from “{}”{}.",
        words::months(outlook.months),
        outlook.target,
        words::whole(middle),
        words::whole(low),
        words::whole(high),
        country.before.map_or_else(String::new, |deaths| {
            format!("; the twelve months before had {}", words::whole(deaths))
        }),
        outlook.shown,
        if outlook.shown == outlook.own {
            String::new()
        } else {
            format!(
                ", because “{}” was not better than both benchmarks by the rule set beforehand, on {} to {}",
                outlook.own, outlook.tried_on[0], outlook.tried_on[1]
            )
        }
    ))
}

/// The figure of what may come at the levels at which the newest months are known.
pub(crate) fn outlook_figure(outlook: &LatestOutlook) -> Result<Figure> {
    let panels: Vec<FanPanel> = outlook
        .places
        .iter()
        .map(|place| fans::panel(&place.name, &place.observed, &place.median, &place.bands))
        .collect();
    let title = format!("What may come: {} to {}", outlook.target, words::month(outlook.months[1]));
    let caption = format!(
        "Line: recorded, best estimate. Bands hold 50 and 90 % of the draws of “{}”. A theatre's line follows \
         its conflicts wherever they are fought. Source: {}.",
        outlook.shown, outlook.source
    );
    let heading = Heading::new(
        "forecast-newest",
        &title,
        &caption,
        "One panel for the country and one per theatre: recorded deaths, then the median and two bands.",
    );
    fans::figure(&heading, [outlook.drawn_from, outlook.months[1]], &panels)
}

/// The first pages below the sentences.
pub(crate) fn section(briefing: &Briefing, drawn: Option<&Figure>) -> Markup {
    let lead = &briefing.lead;
    html! {
        @if let Some(outlook) = &lead.outlook {
            section #newest-forecast {
                h2 { "What may come" }
                @if let Some(figure) = drawn { (PreEscaped(figure.to_html())) }
                (totals(outlook, briefing.districts_ahead.as_ref(), &briefing.headline.names))
            }
        }
        (changed(briefing))
        (overdue(briefing))
        @if !lead.levels.is_empty() { (levels(&lead.levels)) }
    }
}

/// Deaths forecast for the country, by model, with what each model missed before.
fn totals(outlook: &LatestOutlook, ahead: Option<&DistrictsAhead>, names: &LevelNames) -> Markup {
    let is_other = outlook.shown != outlook.own;
    html! {
        div.scroll.short { table {
            thead { tr {
                th { "Where" } th { "Level" } th.n { "Twelve months before" } th.n { "Median (90 % of draws)" }
                @if is_other { th.n { "By “" (outlook.own) "”" } }
            } }
            tbody { @for place in &outlook.places { tr {
                td { (place.name) } td { (place.level) } td.n { @match place.before { Some(deaths) => (words::whole(deaths)), None => { span.missing { "no data" } } } }
                td.n { (quantiles(place.total)) }
                @if is_other { td.n { @if let Some(total) = place.own_total { (quantiles(total)) } } }
            } } }
        } }
        p.note {
            "On " (outlook.tried_on[0]) " to " (outlook.tried_on[1]) ", forecast each October for the year after, on today's version of the record: "
            @for (at, score) in outlook.scores.iter().enumerate() {
                @if at > 0 { "; " }
                "“" (score.model) "” CRPS " (words::fixed(score.crps, 1)) ", of logarithms " (words::fixed(score.log_crps, 2))
                ", " (score.inside[0]) " of " (score.inside[1]) " months inside 90 %"
            }
            ". " @if outlook.is_better { "The own model was better than both benchmarks in most years, and is shown." }
            @else { "The own model was not better than both benchmarks by the rule set down beforehand (docs/holdout-2026.md), so the better benchmark is shown first." }
            @if let Some(why) = &outlook.retried { " " (why) }
            @match ahead {
                Some(DistrictsAhead::Forecast(_)) => { " By " (names.adm2.one) ": " a href="#districts-ahead" { (super::gap::title(names)) } ", an annex." }
                _ => {
                    " This page has no forecast by " (names.adm1.one) " or " (names.adm2.one) " across the years without places; "
                    code { "sanad levels CASE --table gap-forecast" } " makes one by " (names.adm2.one) " where such forecasts have proved better than the last known months."
                }
            }
        }
    }
}

/// The median with the outer of five quantiles.
fn quantiles([low, _, middle, _, high]: [f64; 5]) -> Markup {
    html! { (words::whole(middle)) " " span.interval { "(" (words::whole(low)) " to " (words::whole(high)) ")" } }
}

/// What moved most, in the words of the fronts.
fn changed(briefing: &Briefing) -> Markup {
    let moves: &[Move] = briefing.fronts.as_ref().map_or(&[], |fronts| &fronts.moves);
    let moves = alike(moves);
    let beyond = moves.iter().take(MOVES);
    html! {
        @if let Some(fronts) = &briefing.fronts {
            section #newest-fronts {
                h2 { "What changed on the fronts" }
                p.note {
                    @for (at, standing) in fronts.standing.iter().enumerate() {
                        @let share = standing.evidence_share.iter().copied().fold(0.0, f64::max);
                        @if at > 0 { "; " } @else { "Last month with an index, and most of its evidence at hand: " }
                        (words::front(standing.front)) " " (standing.month) ", " (words::whole(100.0 * share)) " %"
                    }
                    "."
                }
                @if moves.is_empty() { p { "No index moved beyond its interval in the twelve months to its last month." } }
                @else { ul.limits { @for it in beyond { li {
                    b { (words::front(it.front)) ", " (it.place) } ", to " (it.month) ": " (words::fixed(it.before.value, 0)) " → "
                    (words::fixed(it.after.value, 0)) " of 100 " span.interval { "(" (words::interval(it.after, 0)) ")" }
                    @for (at, (name, points)) in it.by.iter().take(2).enumerate() { @if at == 0 { "; moved by " } @else { ", " } (name) " " (words::signed(*points)) }
                    "."
                } } } }
            }
        }
    }
}

/// Moves of which those that are the same in several places are one.
fn alike(moves: &[Move]) -> Vec<Move> {
    let mut grouped: Vec<(Move, usize)> = Vec::new();
    for one in moves {
        let same = |it: &&mut (Move, usize)| {
            let it = &it.0;
            (it.front, it.month, it.before, it.after)
                == (one.front, one.month, one.before, one.after)
        };
        match grouped.iter_mut().find(same) {
            Some(known) => known.1 += 1,
            None => grouped.push((one.clone(), 1)),
        }
    }
    let named = |(one, places): (Move, usize)| match places {
        1 => one,
        _ => Move { place: format!("{places} places that cannot be told apart"), ..one },
    };
    grouped.into_iter().map(named).collect()
}

/// Commitments whose date has passed, and how many.
fn overdue(briefing: &Briefing) -> Markup {
    let lines: &[BenchmarkLine] = briefing.policy.as_ref().map_or(&[], |policy| &policy.benchmarks);
    let late = |line: &&BenchmarkLine| {
        matches!(line.status, Status::Overdue | Status::OverdueUnmeasurable)
    };
    let all: Vec<&BenchmarkLine> = lines.iter().filter(late).collect();
    html! {
        @if !lines.is_empty() {
            section #newest-commitments {
                h2 { "Commitments that are overdue: " (all.len()) " of " (lines.len()) }
                ul.limits { @for line in all.iter().take(OVERDUE) { li {
                    b { (line.title) } ": " (line.aim) ". "
                    @if line.status == Status::Overdue { "Last known: " (line.known[1]) "." } @else { "No data at hand tell whether it was met." }
                } } }
                p.note { (count(lines, &[Status::Met])) " are met, " (count(lines, &[Status::Open])) " open, " (count(lines, &[Status::Stale])) " not measured lately; of " (count(lines, &[Status::Unmeasurable, Status::OverdueUnmeasurable])) " no data at hand tell." }
                @if all.len() > OVERDUE { p.note { (all.len() - OVERDUE) " more are listed under “What policies might change”." } }
            }
        }
    }
}

/// How many commitments have one of these statuses.
fn count(lines: &[BenchmarkLine], statuses: &[Status]) -> usize {
    lines.iter().filter(|line| statuses.contains(&line.status)).count()
}

/// Since when each level, from country to district, is known by which source.
fn levels(lines: &[LevelLine]) -> Markup {
    html! {
        section #newest-levels {
            h2 { "What is known at which level, and since when" }
            div.scroll { table {
                thead { tr { th { "Level" } th { "Months" } th { "What" } th { "Source" } th { "Day that counts" } th.n { "Deaths" } } }
                tbody { @for line in lines { tr {
                    td { (line.level) } td.nowrap { (line.months[0]) " to " (line.months[1]) } td { (line.what) }
                    td { (line.source) @if line.is_preliminary { " (preliminary)" } }
                    td { @match line.counts_by { Some(day) => (day), None => { span.missing { "not told" } } } }
                    td.n { (words::whole(line.deaths)) }
                } } }
            } }
            p.note { "Rows overlap and are never added: they come from different releases and count by different days. Below the level at which a month is known, nothing is computed." }
        }
    }
}
