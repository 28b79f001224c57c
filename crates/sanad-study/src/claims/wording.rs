//! A declared test as sentences.

use sanad_case::month_series::MonthSeries;
use sanad_case::{Claims, Cycle, Expects, SeriesSource, Test};
use sanad_core::Month;

/// What was asked of the data, with every parameter.
pub(super) fn test(
    claims: &Claims,
    cycle: Option<&Cycle>,
    test: &Test,
    [places, national, pairs]: [&str; 3],
    shipped: &[(MonthSeries, String)],
) -> String {
    let kind = |id: &str| {
        let at = cycle.and_then(|cycle| Some(&cycle.kinds[cycle.kind(id)?]));
        at.map_or_else(|| id.to_owned(), |kind| kind.title.clone())
    };
    let series = |id: &str| {
        claims.series(id).map_or_else(
            || id.to_owned(),
            |it| match it.source {
                SeriesSource::Places => format!("{} ({places})", it.title),
                SeriesSource::Shipped => {
                    let source = shipped.iter().find(|(series, _)| series.id == it.id);
                    let source = source.map_or("not shipped", |(_, source)| source.as_str());
                    format!("{} ({source})", it.title)
                }
                SeriesSource::National => format!("{} ({national})", it.title),
                SeriesSource::Pairs => format!("{} ({pairs})", it.title),
            },
        )
    };
    let way = |expects: &Expects| match expects {
        Expects::Rise => "rises",
        Expects::Fall => "falls",
    };
    match test {
        Test::Excitation { source, target, .. } => format!(
            "Excitation by day: whether {} come more often in the four weeks after {} than trend, \
             season, weekday and the other kinds explain ({places}).",
            kind(target),
            kind(source)
        ),
        Test::Intervention { series: id, start, from, to, horizon_months, expects, .. } => format!(
            "Interrupted series, {from} to {to}: {}. Level and slope may change from {start} on \
             (negative binomial, autoregression, season); read {horizon_months} months later against \
             what the earlier course would have given. The claim expects that it {}.",
            series(id),
            way(expects)
        ),
        Test::Association { cause, outcome, from, to, lags, controls, expects, .. } => format!(
            "Association, {from} to {to}: {} on the mean of the months {} to {} before of {}{}, with \
             trend, season and the outcome's own last two months. The claim expects that it {}.",
            series(outcome),
            lags[0],
            lags[1],
            series(cause),
            controls
                .iter()
                .map(|id| format!("; held constant: {}", series(id)))
                .collect::<String>(),
            way(expects)
        ),
        Test::Comparison { series: id, before, after, expects, .. } => format!(
            "Comparison of monthly means, {} against {}: {}. The claim expects that it {}.",
            span(*before),
            span(*after),
            series(id),
            way(expects)
        ),
        Test::NetworkPermutation {
            family, alliances, from, to, districts, window_days, ..
        } => format!(
            "Days from {from} to {to} on which {} organisations hit {districts} or more districts: \
             those within {window_days} days after {}, less those as long before, against dates \
             shifted together at random.",
            family.as_str(),
            alliances.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
        ),
        Test::ForecastAblation { front, .. } => format!(
            "Forecasts of deaths by province and month, made from violence's own past alone and with \
             the index of the {} front as well: what share of the error (CRPS) the index saves. \
             Indicators that count violent events are left out of the index.",
            front.as_str()
        ),
        Test::None { .. } => "There is no test: nothing at hand bears on the claim.".to_owned(),
    }
}

fn span([from, to]: [Month; 2]) -> String {
    format!("{from} to {to}")
}
