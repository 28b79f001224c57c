//! The three fronts in detail: where each stands, what moved, what the numbers hang on, and the
//! narrative front's statements.

use sanad_core::Estimate;
use std::collections::BTreeMap;

use maud::{Markup, PreEscaped, html};
use sanad_figure::{DotPanel, Figure, Heading, IntervalDots, interval_dots};

use crate::Result;
use crate::content::{Fronts, PeopleSurveyed, SurveyLine};
use crate::text::{annex, capital};
use crate::words;

pub use crate::content::fronts::*;

/// The provinces' indices with their intervals.
pub(crate) fn standing(fronts: &Fronts) -> Result<Option<Figure>> {
    if fronts.standing.is_empty() {
        return Ok(None);
    }
    let places: Vec<String> = fronts
        .blocks
        .first()
        .map_or_else(Vec::new, |block| block.rows.iter().map(|row| row.place.clone()).collect());
    let bands: Vec<Option<IndexPair>> =
        fronts.standing.iter().map(|standing| band(&standing.index)).collect();
    let has_bands = bands.iter().any(Option::is_some);
    let mut places = places;
    if has_bands {
        places.push(format!("all {}, not told apart", places.len()));
    }
    let panel = |(standing, band): (&Standing, &Option<IndexPair>)| {
        // A place whose front is drawn as one band has no row of its own there, and the other way round.
        let mut rows: Vec<Vec<_>> = match band {
            None => standing.index.iter().map(|pair| pair.to_vec()).collect(),
            Some(_) => vec![Vec::new(); standing.index.len()],
        };
        if has_bands {
            rows.push(band.map_or_else(Vec::new, |pair| pair.to_vec()));
        }
        DotPanel {
            label: format!("{} front, {}", words::front(standing.front), standing.month),
            estimates: rows,
        }
    };
    let panels: Vec<DotPanel> = fronts.standing.iter().zip(&bands).map(panel).collect();
    let heading = Heading::new(
        "fronts-standing",
        "Where the fronts stand, and how sure that is",
        &format!(
            "Index of strain, 0 to 100, with its 90 % interval, in the last month that has an index and \
             a year earlier. Where intervals overlap, the record does not tell the places or the years \
             apart; where all places of a front overlap, they are one band from the lowest to the highest end.{}",
            without_earlier(fronts)
        ),
        &format!(
            "For each {}, or for all of them as one band, two marks per front with their intervals.",
            fronts.places.one
        ),
    );
    Ok(Some(interval_dots(
        &heading,
        &IntervalDots {
            regions: &places,
            periods: &["a year earlier".to_owned(), "last month".to_owned()],
            panels: &panels,
            interval: "90 % interval",
        },
    )?))
}

/// Which fronts have no index a year earlier, and why; begins with a blank, and is empty where all have one.
fn without_earlier(fronts: &Fronts) -> String {
    let lacks = |standing: &&Standing| standing.index.iter().all(|[before, _]| before.is_none());
    let one = |standing: &Standing| {
        let front = words::front(standing.front).to_lowercase();
        let known = &standing.evidence_before;
        let share = known.iter().sum::<f64>() / known.len() as f64;
        if known.is_empty() {
            format!(" The {front} front is not measured a year earlier.")
        } else {
            format!(
                " The {front} front has no index a year earlier: {} % of its weight had data then, and an index takes {} %.",
                words::whole(share * 100.0),
                words::whole(fronts.evidence_floor * 100.0)
            )
        }
    };
    fronts.standing.iter().filter(lacks).map(one).collect()
}

/// An index a year earlier and in the last month.
type IndexPair = [Option<Estimate>; 2];

/// All places as one: from the lowest to the highest end, with the mean of their values in the middle;
/// nothing where the intervals of some two places in the last month do not overlap.
fn band(places: &[IndexPair]) -> Option<IndexPair> {
    let together = |period: usize| {
        let known: Vec<Estimate> = places.iter().filter_map(|pair| pair[period]).collect();
        let value = known.iter().map(|it| it.value).sum::<f64>() / known.len() as f64;
        let low = known.iter().map(|it| it.low).reduce(f64::min)?;
        let high = known.iter().map(|it| it.high).reduce(f64::max)?;
        Some(Estimate { low, value, high })
    };
    let last: Vec<Estimate> = places.iter().filter_map(|pair| pair[1]).collect();
    let highest_low = last.iter().map(|it| it.low).reduce(f64::max)?;
    let lowest_high = last.iter().map(|it| it.high).reduce(f64::min)?;
    (last.len() > 1 && highest_low <= lowest_high).then(|| [together(0), together(1)])
}

/// The fronts by province: how they are measured, the strips, where each stands, what moved, how
/// much evidence there is.
pub(crate) fn section(fronts: &Fronts, strips: &Figure, standing: Option<&Figure>) -> Markup {
    html! {
        (annex("three-fronts", "Three fronts", &html! {
                        p { (fronts.method) }
            (PreEscaped(strips.to_html()))
            @if let Some(drawn) = standing { (PreEscaped(drawn.to_html())) }
            @if !fronts.standing.is_empty() { (evidence(fronts)) (parts(fronts)) }
            (what_imports_would_add(fronts))
            @if !fronts.moves.is_empty() { (moves(fronts)) }
            @if fronts.standing.iter().any(|standing| !standing.swings.is_empty()) { (swings(fronts)) }
            @if let Some(panels) = &fronts.narrative { (narrative(panels)) }
            @if let Some(people) = &fronts.surveyed { (surveyed(people)) }
            (made_of(fronts))
        }))
    }
}

/// The share of the indicators' weight that had data, by front and province.
fn evidence(fronts: &Fronts) -> Markup {
    let rows = fronts.blocks.first().map(|block| &block.rows);
    html! {
        h3 { "How much of the evidence there is" }
        p { "Share of a front's declared weight that has data in its last month. The rest is not zero; it is not known." }
        div.scroll { table {
            thead { tr { th { (capital(&fronts.places.one)) }
                @for it in &fronts.standing { th.n { (words::front(it.front)) ", " (it.month) } }
            } }
            tbody { @for (place, row) in rows.into_iter().flatten().enumerate() { tr {
                td { (row.place) }
                @for it in &fronts.standing { td.n { (words::whole(it.evidence_share[place] * 100.0)) " %" } }
            } } }
        } }
    }
}

/// What each front measures, part by part: how much it weighs, and how much of it has data.
fn parts(fronts: &Fronts) -> Markup {
    let percent = |share: f64| format!("{} %", words::whole(share * 100.0));
    html! {
        h3 { "What each front measures, part by part" }
        p { "A front is the mean of its parts that have data, by their weight. A part without data says nothing, and the front is then about its other parts alone. Shares are means over " (fronts.places.several) "." }
        div.scroll { table {
            thead { tr { th { "Front" } th { "Part" } th.n { "Share of the front's weight" } th.n { "Share with data, in the month of the index" } th.n { "In the newest month measured" } th.n { "Index, lowest to highest" } } }
            tbody { @for standing in &fronts.standing { @for part in &standing.parts { tr {
                td.nowrap { (words::front(standing.front)) ", " (standing.month) } td { (part.title) }
                td.n { (percent(part.weight)) } td.n { (percent(part.evidence_share)) } td.n { (percent(part.evidence_newest)) }
                td.n { @match part.index {
                    Some([low, high]) => { (words::fixed(low, 0)) @if words::fixed(low, 0) != words::fixed(high, 0) { " to " (words::fixed(high, 0)) } }
                    None => { span.missing { "no data" } }
                } }
            } } } }
        } }
    }
}

/// The sources of indicators that have no data here, with what each would add.
fn what_imports_would_add(fronts: &Fronts) -> Markup {
    let mut missing: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for line in fronts.indicators.iter().filter(|line| line.covered.is_none()) {
        let of_source = missing.entry(&line.source).or_default();
        *of_source.entry(words::front(line.front)).or_default() += 1;
    }
    let one = |(source, by_front): (&&str, &BTreeMap<&str, usize>)| {
        let parts: Vec<String> = by_front
            .iter()
            .map(|(front, number)| format!("{number} of the {} front", front.to_lowercase()))
            .collect();
        format!("{source}: {}", parts.join(" and "))
    };
    let listed: Vec<String> = missing.iter().map(one).collect();
    html! {
        @if !listed.is_empty() {
            p.note { "Indicators that have no data here, by the source that an import would bring (" code { "sanad import" } "): " (listed.join("; ")) "." }
        }
    }
}

/// The changes over twelve months whose intervals do not overlap, with the indicators behind
/// them.
fn moves(fronts: &Fronts) -> Markup {
    html! {
        h3 { "What moved most in twelve months, beyond its intervals, and why" }
        div.scroll { table {
            thead { tr { th { "Front" } th { (capital(&fronts.places.one)) } th { "Month" } th.n { "A year earlier" } th.n { "Index (90 % interval)" } th { "Moved by (index points)" } } }
            tbody { @for m in &fronts.moves { tr {
                td.nowrap { (words::front(m.front)) } td { (m.place) } td.nowrap { (m.month) }
                td.n { (number(m.before, 0)) } td.n { (number(m.after, 0)) }
                td { @for (at, (name, points)) in m.by.iter().enumerate() { @if at > 0 { "; " } (name) " " (words::signed(*points)) } }
            } } }
        } }
    }
}

/// Which uncertain choice of the method matters most for each front (total Sobol index).
fn swings(fronts: &Fronts) -> Markup {
    html! {
        h3 { "What the numbers hang on" }
        p { "Total Sobol index of each uncertain choice, mean over " (fronts.places.several) ": the share of an index's uncertainty that would go if the choice were settled. Shares overlap where choices work together." }
        div.scroll { table {
            thead { tr { th { "Front" } th { "Choice" } th.n { "Of the value" } th.n { "Of the rank" } } }
            tbody { @for it in &fronts.standing { @for swing in &it.swings { tr {
                td.nowrap { (words::front(it.front)) } td { (swing.choice) }
                td.n { (words::whole(swing.of_value * 100.0)) " %" }
                td.n { @match swing.of_rank { Some(share) => { (words::whole(share * 100.0)) " %" } None => { span.missing { "no rank changes" } } } }
            } } } }
        } }
    }
}

/// What coded statements show: frames, synchrony, claims against the record.
fn narrative(panels: &NarrativePanels) -> Markup {
    html! {
        h3 { "The narrative front's statements" }
        p { (panels.statements) " statements of armed organisations, from the " (panels.basis) ". "
            @if panels.basis == "chronicle" {
                "They are those that one text tells of, not a sample: the intervals say how little so few statements could show even if they were one."
            } }
        div.scroll { table {
            thead { tr { th { "Organisation" } th.n { "Statements" } th.n { "Denies rivals legitimacy, share (90 % interval)" } th.n { "Reaches out to women, share (90 % interval)" } } }
            tbody { @for (name, number, rivals, women) in &panels.organisations { tr {
                td { (name) } td.n { (number) } td.n { (share(*rivals)) } td.n { (share(*women)) }
            } } }
        } }
        h4 { "In step with each other" }
        @if panels.in_step.is_empty() {
            p.missing { "No two organisations have dated statements in three common months: whether they speak in step cannot be told. A coded corpus would tell (sanad import statements)." }
        } @else { div.scroll { table {
            thead { tr { th { "Organisations" } th.n { "Common months" } th.n { "Mixes apart, bits" } th.n { "By chance" } th.n { "p" } } }
            tbody { @for it in &panels.in_step { tr {
                td { (it.organisations[0]) " and " (it.organisations[1]) } td.n { (it.months) }
                td.n { (words::fixed(it.apart_bits, 2)) } td.n { (words::fixed(it.by_chance_bits, 2)) } td.n { (words::fixed(it.p_value, 3)) }
            } } }
        } } }
        @if !panels.claims.is_empty() {
            h4 { "Claims against the record" }
            p { "Events claimed over events recorded. A ratio above one may be a claim that exaggerates or a record that misses; the two counts cannot tell which." }
            div.scroll { table {
                thead { tr { th { "Organisation" } th { "Months" } th.n { "Ratio (90 % interval)" } th { "What was claimed and recorded" } } }
                tbody { @for it in &panels.claims { tr {
                    td { (it.organisation) }
                    td.nowrap { @match it.months { Some([from, to]) => { (from) " to " (to) } None => { span.missing { "not told" } } } }
                    td.n { @match it.ratio { Some(ratio) => { (number(ratio, 1)) } None => { span.missing { "not covered" } } } }
                    td { (it.note) }
                } } }
            } }
        }
        @if !panels.operations.is_empty() {
            h4 { "What operations lend to the message" }
            ul.limits { @for (name, text) in &panels.operations { li { b { (name) } ": " (text) } } }
        }
    }
}

/// When people were last asked, and where never.
fn surveyed(people: &PeopleSurveyed) -> Markup {
    let newest = people
        .questions
        .iter()
        .filter_map(|line| line.last)
        .max_by_key(|(_, age)| core::cmp::Reverse(*age));
    html! {
        h3 #when-people-were-asked { "When people were last asked" }
        @match newest {
            None => p { "Never, in the data at hand: no survey is imported, and nothing in these indices is what people said." },
            Some((period, _)) => {
                p { "People were last asked in " (period) ". " (never_in(people)) }
                div.scroll { table {
                    thead { tr { th { "What they were asked" } th { "Last answers" } th { "Counts in the indices" } } }
                    tbody { @for line in &people.questions { tr {
                        td { (line.title) } td.nowrap { (last_answers(line)) } td { (is_counted(line)) }
                    } } }
                } }
            }
        }
    }
}

/// When people were last asked a question, or that they never were.
fn last_answers(line: &SurveyLine) -> Markup {
    html! { @match line.last {
        Some((period, _)) => { (period) br; (line.source) }
        None => { span.missing { "never" } }
    } }
}

/// Whether the last answers still count, with their age.
fn is_counted(line: &SurveyLine) -> String {
    match line.last {
        Some((_, age)) if age <= line.max_age_months => format!("yes, {age} months old"),
        Some((_, age)) => format!("no: {age} months old, and the limit is {}", line.max_age_months),
        None => "no".to_owned(),
    }
}

/// The provinces that no survey at hand covers, in one sentence; nothing where all are covered.
fn never_in(people: &PeopleSurveyed) -> String {
    match people.never_in.len() {
        0 => String::new(),
        all if all == people.provinces => {
            format!(
                "The answers are known for the whole country alone; of no {} is it known what its people said.",
                people.places.one
            )
        }
        _ => format!("No answer is known of {}.", people.never_in.join(", ")),
    }
}

/// Every indicator with its source, its reason and the months that it covers.
fn made_of(fronts: &Fronts) -> Markup {
    html! {
        details { summary { "What the fronts are made of: " (fronts.indicators.len()) " indicators, " (fronts.indicators.iter().filter(|indicator| indicator.covered.is_some()).count()) " with data here" }
            div.scroll { table {
                thead { tr { th.nowrap { "Front" } th { "Pillar" } th { "Indicator" } th { "Why it belongs to the front" } th { "Data" } th { "Source, and what is known of its errors" } } }
                tbody { @for line in &fronts.indicators { tr {
                    td.nowrap { (words::front(line.front)) } td { (line.pillar) } td { (line.title) } td { (line.reason) }
                    td.nowrap { (line.source) br; @match line.covered {
                        Some([from, to]) => { (from) " to " (to) }
                        None => { span.missing { "no data" } }
                    } }
                    td { (line.citation) }
                } } }
            } }
        }
    }
}

/// A share with its interval as percentages.
fn share(measured: Option<Estimate>) -> Markup {
    html! {
        @match measured {
            Some(m) => {
                (words::whole(m.value * 100.0)) " % "
                span.interval { "(" (words::whole(m.low * 100.0)) " to " (words::whole(m.high * 100.0)) ")" }
            }
            None => { span.missing { "too few" } }
        }
    }
}

/// A number with its interval.
fn number(m: Estimate, decimals: usize) -> Markup {
    html! { (words::fixed(m.value, decimals)) " " span.interval { "(" (words::interval(m, decimals)) ")" } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(low: f64, high: f64) -> Option<Estimate> {
        Some(Estimate { low, value: f64::midpoint(low, high), high })
    }

    #[test]
    fn places_whose_intervals_all_overlap_are_one_band() {
        let places = [[index(10.0, 30.0), index(20.0, 40.0)], [None, index(30.0, 60.0)]];
        let [before, now] = band(&places).unwrap();
        assert_eq!(before, index(10.0, 30.0));
        assert_eq!(now.map(|it| [it.low, it.value, it.high]), Some([20.0, 37.5, 60.0]));
    }

    #[test]
    fn places_that_can_be_told_apart_stay_apart() {
        let places = [[None, index(20.0, 40.0)], [None, index(41.0, 60.0)]];
        assert_eq!(band(&places), None);
        assert_eq!(band(&places[..1]), None);
    }
}
