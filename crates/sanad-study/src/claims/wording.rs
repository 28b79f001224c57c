//! A declared test as sentences.
//!
//! The sentences stand on the page before any number, so that a reader can judge the test without
//! its result. Identifiers of kinds and series are replaced by their titles; one that is not
//! declared stays as it is.

use sanad_case::month_series::MonthSeries;
use sanad_case::{Claims, Cycle, Expects, SeriesSource, Test};
use sanad_core::Month;

/// What the words of a test are made of.
pub(super) struct TestWording<'a> {
    /// The claims, with the series that tests name.
    pub(super) claims: &'a Claims,
    /// The kinds of event, if the case counts any.
    pub(super) cycle: Option<&'a Cycle>,
    /// What counts by place are called.
    pub(super) places: &'a str,
    /// What the national series is called.
    pub(super) national: &'a str,
    /// What counts by pair of sides are called.
    pub(super) pairs: &'a str,
    /// Series that the case ships, each with its source.
    pub(super) shipped: &'a [(MonthSeries, String)],
}

impl TestWording<'_> {
    /// A kind of event by its title.
    fn kind(&self, id: &str) -> String {
        let declared = self.cycle.and_then(|cycle| Some(&cycle.kinds[cycle.kind(id)?]));
        declared.map_or_else(|| id.to_owned(), |kind| kind.title.clone())
    }

    /// A series by its title, with where it is from.
    fn series(&self, id: &str) -> String {
        let Some(series) = self.claims.series(id) else { return id.to_owned() };
        let source = match series.source {
            SeriesSource::Places => self.places,
            SeriesSource::National => self.national,
            SeriesSource::Pairs => self.pairs,
            SeriesSource::Shipped => {
                let source = self.shipped.iter().find(|(shipped, _)| shipped.id == series.id);
                source.map_or("not shipped", |(_, source)| source.as_str())
            }
        };
        format!("{} ({source})", series.title)
    }

    /// What was asked of the data, with every parameter. One arm per procedure.
    pub(super) fn test(&self, test: &Test) -> String {
        match test {
            Test::Excitation { source, target, .. } => format!(
                "Excitation by day: whether {} come more often in the four weeks after {} than trend, \
                 season, weekday and the other kinds explain ({}).",
                self.kind(target),
                self.kind(source),
                self.places
            ),
            Test::Intervention { .. } => self.intervention(test),
            Test::Association { .. } => self.association(test),
            Test::Comparison { series: id, before, after, expects, .. } => format!(
                "Comparison of monthly means, {} against {}: {}. The claim expects that it {}.",
                span(*before),
                span(*after),
                self.series(id),
                way(expects)
            ),
            Test::NetworkPermutation {
                family,
                alliances,
                from,
                to,
                districts,
                window_days,
                ..
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

    /// What an interrupted series asks; empty for a test of another procedure.
    fn intervention(&self, test: &Test) -> String {
        let Test::Intervention { series: id, start, from, to, horizon_months, expects, .. } = test
        else {
            return String::new();
        };
        format!(
            "Interrupted series, {from} to {to}: {}. Level and slope may change from {start} on \
             (negative binomial, autoregression, season); read {horizon_months} months later against \
             what the earlier course would have given. The claim expects that it {}.",
            self.series(id),
            way(expects)
        )
    }

    /// What an association asks; empty for a test of another procedure.
    fn association(&self, test: &Test) -> String {
        let Test::Association { cause, outcome, from, to, lags, controls, expects, .. } = test
        else {
            return String::new();
        };
        format!(
            "Association, {from} to {to}: {} on the mean of the months {} to {} before of {}{}, with \
             trend, season and the outcome's own last two months. The claim expects that it {}.",
            self.series(outcome),
            lags[0],
            lags[1],
            self.series(cause),
            controls
                .iter()
                .map(|id| format!("; held constant: {}", self.series(id)))
                .collect::<String>(),
            way(expects)
        )
    }
}

/// The verb of what a claim expects of a series.
const fn way(expects: &Expects) -> &'static str {
    match expects {
        Expects::Rise => "rises",
        Expects::Fall => "falls",
    }
}

/// From the first to the last month.
fn span([from, to]: [Month; 2]) -> String {
    format!("{from} to {to}")
}
