//! What may come: forecasts by province and district, with how well such forecasts did before.

use maud::{Markup, PreEscaped, html};
use sanad_figure::{Classes, FanPanel, Figure, Format, Heading};

use crate::Result;
use crate::content::{DistrictMap, PlaceKind};
use crate::drawing::{DistrictValues, districts};
use crate::fans;
use crate::text::{annex, capital};
use crate::words;

pub use crate::content::forecast::*;

/// Districts listed in the table.
const LISTED: usize = 12;

/// The section with its figures.
pub(crate) fn section(outlook: &Outlook, map: &DistrictMap) -> Result<Markup> {
    let figures = figures(outlook, map)?;
    Ok(html! {
        (annex("forecast", &title(map), &html! {
                        p {
                "A forecast of " (outlook.target) " for " (words::months(outlook.months)) ", made from what "
                (outlook.source) " recorded and from nothing else: " (outlook.draws)
                " draws per " (map.kind.one(&map.names)) " and month by the model “" (outlook.model) "”. It knows no plans, talks or "
                "orders, and it does not say why. Places that move together do so in the draws, and larger ones "
                "are their sums."
            }
            @if outlook.recent_gaps > 0 {
                p.note {
                    (outlook.recent_gaps) " of the twelve months before the forecast are covered by no version of the "
                    "source. The model takes them for unknown, and its intervals rest on older months."
                }
            }
            @for figure in &figures { (PreEscaped(figure.to_html())) }
            (tables(outlook, map))
        }))
    })
}

/// The section's title: what places the forecast is by.
fn title(map: &DistrictMap) -> String {
    let first = &map.names.adm1.one;
    match map.kind {
        PlaceKind::District => format!("What may come, by {first} and {}", map.names.adm2.one),
        _ => format!("What may come, by {first}"),
    }
}

/// Fans by province, then maps of chances and of expected deaths where there is a map.
pub(crate) fn figures(outlook: &Outlook, map: &DistrictMap) -> Result<Vec<Figure>> {
    let mut figures = vec![province_fans(outlook, &map.names.adm1.one)?];
    if !map.districts.is_empty() {
        figures.extend([chances(outlook, map)?, expected(outlook, map)?]);
    }
    Ok(figures)
}

/// Where the forecast rose most, and how such forecasts did before.
pub(crate) fn tables(outlook: &Outlook, map: &DistrictMap) -> Markup {
    html! { (risen(outlook, map)) (record(outlook, map.kind.several(&map.names))) }
}

/// Past months and the forecast's central 50 % and 90 % by province.
fn province_fans(outlook: &Outlook, province: &str) -> Result<Figure> {
    let panels: Vec<FanPanel> = outlook
        .provinces
        .iter()
        .map(|province| {
            fans::panel(&province.name, &province.observed, &province.median, &province.bands)
        })
        .collect();
    let target = capital(&outlook.target);
    let title = format!("{target} by {province} and month, with what may come");
    let caption = format!(
        "Line: recorded, best estimate. Bands hold 50 and 90 % of the draws; in nine of ten months \
         the record should fall inside the outer one. A gap in the line is a month that nothing covers. Source: {}.",
        outlook.source
    );
    let heading = Heading::new(
        "forecast-provinces",
        &title,
        &caption,
        &format!(
            "One panel per {province}: recorded deaths, then the median and two bands of the forecast."
        ),
    );
    fans::figure(&heading, [outlook.drawn_from, outlook.months[1]], &panels)
}

/// The chance of at least one death by district.
fn chances(outlook: &Outlook, map: &DistrictMap) -> Result<Figure> {
    let values: Vec<Option<f64>> =
        outlook.districts.iter().map(|district| district.map(|d| d.chance)).collect();
    let likely = values.iter().flatten().filter(|&&chance| chance >= 0.5).count();
    let title = format!(
        "Chance of at least one death in {}: even or better in {likely} of {} {}",
        words::months(outlook.months),
        values.iter().flatten().count(),
        map.kind.several(&map.names)
    );
    let caption = format!(
        "Share of draws in which a {} has any {} in these months. Source: {}.",
        map.kind.one(&map.names),
        outlook.target,
        outlook.source
    );
    let heading = Heading::new(
        "forecast-chance",
        &title,
        &caption,
        &format!(
            "A map of {}, darker where a death is more likely; the likeliest are listed.",
            map.kind.several(&map.names)
        ),
    );
    let classes = Classes::new(vec![0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9], Format::Percent)?;
    districts(&heading, map, &DistrictValues { values: &values, classes, unit: "chance" })
}

/// Mean deaths by district over all months of the forecast.
fn expected(outlook: &Outlook, map: &DistrictMap) -> Result<Figure> {
    let values: Vec<Option<f64>> =
        outlook.districts.iter().map(|district| district.map(|d| d.deaths.value)).collect();
    let total: f64 = values.iter().flatten().sum();
    let title = format!(
        "Expected deaths in {}: {} over all {}",
        words::months(outlook.months),
        words::whole(total),
        map.kind.several(&map.names)
    );
    let caption = format!(
        "Mean of the draws, {}. A mean is pulled up by rare, large outcomes: most draws lie below \
         it. Source: {}.",
        outlook.target, outlook.source
    );
    let heading = Heading::new(
        "forecast-expected",
        &title,
        &caption,
        &format!(
            "A map of {}, darker where more deaths are expected; the greatest are listed.",
            map.kind.several(&map.names)
        ),
    );
    let classes = Classes::new(vec![0.0, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0], Format::Measure)?;
    districts(&heading, map, &DistrictValues { values: &values, classes, unit: "expected deaths" })
}

/// Districts by how far their forecast lies above their own last months.
fn risen(outlook: &Outlook, map: &DistrictMap) -> Markup {
    let mut rows: Vec<(&str, &str, DistrictOutlook, f64)> = outlook
        .districts
        .iter()
        .zip(&map.districts)
        .filter_map(|(outlook, district)| {
            let province = map.provinces.get(district.province).map_or("", String::as_str);
            let outlook = (*outlook)?;
            let rise = outlook.deaths.value - outlook.before?;
            (rise > 0.0).then_some((district.name.as_str(), province, outlook, rise))
        })
        .collect();
    rows.sort_by(|a, b| b.3.total_cmp(&a.3));
    rows.truncate(LISTED);
    if outlook.districts.iter().flatten().all(|district| district.before.is_none()) {
        return not_comparable();
    }
    let unit = map.kind.one(&map.names);
    html! {
        h3 { "Where the forecast rose most" }
        p.note {
            "Expected deaths minus the deaths of as many months before. The last column says how far "
            "such forecasts can be trusted for the " (unit) ": the share of the error of redrawing the "
            (unit) "’s own last 12 months that the model saved in " (words::months(outlook.tried_on)) ", one window a year."
        }
        div.scroll { table {
            thead { tr {
                th { (capital(unit)) } th { (capital(&map.names.adm1.one)) } th.n { "Months before" } th.n { "Expected (90 % of draws)" }
                th.n { "Chance of a death" } th { "Forecasts before" }
            } }
            tbody { @for (name, province, d, _) in &rows { tr {
                td { (name) } td { (province) } td.n { @match d.before { Some(deaths) => (words::whole(deaths)), None => { span.missing { "no data" } } } }
                td.n.nowrap { (words::fixed(d.deaths.value, 1)) " " span.interval { "(" (words::whole(d.deaths.low)) "–" (words::whole(d.deaths.high)) ")" } }
                td.n.nowrap { (words::chance(d.chance)) }
                td { (skill(d.skill)) }
            } } }
        } }
    }
}

/// In place of a comparison that would take unknown months for quiet ones.
fn not_comparable() -> Markup {
    html! {
        h3 { "Where the forecast rose most" }
        p.note {
            "There is no comparison: some of the months before the forecast are covered by no version of the source, "
            "and a sum over them would take what is unknown for quiet."
        }
    }
}

/// What a district's past forecasts saved against redrawing its own last twelve months, in words.
fn skill(skill: Skill) -> String {
    match skill {
        Skill::NothingToScore => "nothing happened that could be scored".to_owned(),
        Skill::Saved { share, windows: [better, all] } => {
            let said = if skill.is_better() { "better" } else { "no better" };
            let share = 100.0 * share;
            let sign = if share < 0.0 { "−" } else { "" };
            format!(
                "{said} than its own last 12 months ({sign}{} %, {better} of {all} years)",
                words::whole(share.abs())
            )
        }
    }
}

/// How the model did before over all places, score by score.
fn record(outlook: &Outlook, units: &str) -> Markup {
    html! {
        h3 { "How such forecasts did before" }
        div.scroll { table {
            thead { tr { th { "Score" } th.n { "Model" } th { "Against" } th.n { "Difference (90 % interval)" } } }
            tbody { @for row in &outlook.record { tr {
                td { (row.score) } td.n { (words::fixed(row.mean, 3)) } td { (row.against) }
                td.n.nowrap { (words::fixed(row.difference.value, 4)) " " span.interval {
                    "(" (words::fixed(row.difference.low, 4)) " to " (words::fixed(row.difference.high, 4)) ")"
                } }
            } } }
        } }
        p.note {
            "All " (units) ", " (words::months(outlook.tried_on)) ", each year forecast from the "
            "month before it. Below zero the model did better; where the interval holds zero, that is not "
            "established. The model was chosen on country-months to 2017; these places were not used for choosing it."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_district_is_called_better_only_when_most_years_agree() {
        let saved = |share, better| Skill::Saved { share, windows: [better, 5] };
        assert!(saved(0.1, 4).is_better() && saved(0.1, 5).is_better());
        assert!(!saved(0.1, 3).is_better() && !saved(-0.1, 5).is_better());
        assert!(!Skill::NothingToScore.is_better());
        assert_eq!(
            skill(saved(-0.081, 1)),
            "no better than its own last 12 months (−8 %, 1 of 5 years)"
        );
    }
}
