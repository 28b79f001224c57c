//! What can be wrong with indicators that parse.

use std::collections::BTreeSet;

use sanad_core::place::Level;

use super::super::{NOT_A_TYPE, are_types_of_violence};
use super::{
    CountOf, DeclaredIndicator, Indicators, JoinRule, Origin, Quantity, ScaleOf, UnitOfTime, wrong,
};
use crate::error::Contradiction;

/// No window, lag or age is longer, in months.
const MOST_MONTHS: usize = 1200;

type IndicatorFault = Option<(String, Contradiction)>;

impl Indicators {
    /// The first thing that is wrong, with the entry it is wrong in.
    pub(super) fn fault(&self) -> IndicatorFault {
        self.settings_fault()
            .or_else(|| self.method_fault())
            .or_else(|| twice("pillar", self.pillars.iter().map(|pillar| &pillar.id)))
            .or_else(|| twice("indicator", self.indicators.iter().map(|one| &one.id)))
            .or_else(|| {
                let bad = self.pillars.iter().find(|pillar| !is_positive(pillar.weight));
                bad.map(|pillar| wrong(&pillar.id, "weight must be above 0"))
            })
            .or_else(|| self.indicators.iter().find_map(|one| self.indicator_fault(one)))
    }

    fn settings_fault(&self) -> IndicatorFault {
        let share = |value: f64| (0.0..=1.0).contains(&value);
        let faults = [
            (!share(self.evidence_floor), "evidence_floor must lie in 0 to 1"),
            (!share(self.spread_within), "spread_within must lie in 0 to 1"),
            (!(0.0..1.0).contains(&self.weight_spread), "weight_spread must lie in 0 to 1"),
            (!(20..=1_000_000).contains(&self.draws), "draws must be 20 to 1000000"),
            (self.pillars.is_empty() || self.indicators.is_empty(), "there is no indicator"),
        ];
        first(&faults).map(|what| wrong("indicators", what))
    }

    fn method_fault(&self) -> IndicatorFault {
        let (method, alternatives) = (&self.method, &self.alternatives);
        let needs_points = alternatives.need_points_per_sd(method);
        let of_method = [
            (
                method.aggregation == JoinRule::Outranking,
                "outranking has no interval; name it under aggregation of [alternatives]",
            ),
            (
                needs_points && !method.points_per_sd.is_some_and(is_positive),
                "points_per_sd must be above 0 where z-score is named",
            ),
            (
                !needs_points && method.points_per_sd.is_some(),
                "points_per_sd is for z-score, which is not named",
            ),
        ];
        let of_alternatives = (
            !alternatives.hold(method),
            "each list must hold what [method] says, or what stands for it when absent",
        );
        first(&of_method)
            .map(|what| wrong("method", what))
            .or_else(|| first(&[of_alternatives]).map(|what| wrong("alternatives", what)))
    }

    fn indicator_fault(&self, one: &DeclaredIndicator) -> IndicatorFault {
        if !self.pillars.iter().any(|pillar| pillar.id == one.pillar) {
            let (entry, id) = (one.id.clone(), one.pillar.clone());
            return Some((entry.clone(), Contradiction::Unknown { entry, kind: "pillar", id }));
        }
        let Some(origin) = one.origin() else {
            return Some(wrong(&one.id, "expected one table of count, told, series, dyad, sql"));
        };
        let rising = one.goalposts.is_none_or(|[low, high]| low < high && (high - low).is_finite());
        let error = |value: f64| value >= 0.0 && value.is_finite();
        let faults = [
            (!is_positive(one.weight), "weight must be above 0"),
            (!rising, "goalposts must be finite and rising"),
            (!(1..=MOST_MONTHS).contains(&one.window_months), "window_months must be 1 to 1200"),
            (
                one.release_lag_months.max(one.max_age_months) as usize > MOST_MONTHS,
                "release_lag_months and max_age_months must be 1200 or less",
            ),
            (
                one.scale == ScaleOf::Log && one.goalposts.is_some_and(|[low, _]| low < 0.0),
                "goalposts of a log scale must not lie below 0",
            ),
            (has_other_violence(origin), NOT_A_TYPE),
            (one.goalposts.is_none(), "goalposts are needed, because values have errors"),
            (
                !(error(one.assumed_error) && error(one.relative_error)),
                "an error must be 0 or more",
            ),
            (
                one.unit_of_time == UnitOfTime::Year && one.max_age_months < 12,
                "a yearly value must be carried for 12 months or more",
            ),
            (
                one.max_age_months > 0 && one.max_age_months < one.release_lag_months,
                "max_age_months must not lie below release_lag_months",
            ),
            (
                matches!(origin, Origin::ChronicleSelection(_))
                    && one.unit_of_place != Level::Country,
                "what the chronicle tells is counted for the country",
            ),
            (
                one.is_survey && !matches!(origin, Origin::Series(_)),
                "what people said in a survey is a series",
            ),
            (
                is_of_districts(origin) && one.is_used_at(Level::Adm2),
                "districts reached are counted for provinces: levels = [\"adm1\"]",
            ),
            (
                matches!(origin, Origin::Count(count) if count.mixes_kinds()),
                "a count of kinds is of events or deaths, and takes no violence, sides, families or actors",
            ),
            (
                is_of_kinds(origin) && one.is_used_at(Level::Adm2),
                "kinds of event are counted for provinces: levels = [\"adm1\"]",
            ),
        ];
        first(&faults).map(|what| wrong(&one.id, what))
    }
}

fn has_other_violence(origin: Origin<'_>) -> bool {
    matches!(origin, Origin::Count(count) if !are_types_of_violence(&count.violence))
}

fn is_of_districts(origin: Origin<'_>) -> bool {
    matches!(origin, Origin::Count(CountOf { quantity: Quantity::Districts, .. }))
}

fn is_of_kinds(origin: Origin<'_>) -> bool {
    matches!(origin, Origin::Count(count) if !count.kinds.is_empty())
}

fn is_positive(weight: f64) -> bool {
    weight > 0.0 && weight.is_finite()
}

fn first(faults: &[(bool, &'static str)]) -> Option<&'static str> {
    faults.iter().find(|(is_wrong, _)| *is_wrong).map(|(_, what)| *what)
}

fn twice<'a>(kind: &'static str, ids: impl Iterator<Item = &'a String>) -> IndicatorFault {
    let mut seen = BTreeSet::new();
    let mut ids = ids;
    let id = ids.find(|id| !seen.insert(*id))?.clone();
    Some((id.clone(), Contradiction::Twice { kind, id }))
}

#[cfg(test)]
mod tests {
    use super::super::read_indicators;

    const TEXT: &str = r#"
evidence_floor = 0.25
reference = "1990-01/2021-12"
chronicle_covers = "2024-01/2025-09"
spread_within = 0.1
weight_spread = 0.5
draws = 400
seed = 1

[[pillar]]
id = "p"
front = "governance"
title = "P"

[[indicator]]
id = "law"
pillar = "p"
title = "rule of law"
strain = "lowers"
unit_of_place = "country"
unit_of_time = "year"
release_lag_months = 9
max_age_months = 36
scale = "linear"
goalposts = [-2.5, 2.5]
reason = "R."
source = "wgi"
citation = "C."
series = { indicator = "RL.EST" }
"#;

    fn refused(from: &str, to: &str) -> String {
        read_indicators(&TEXT.replacen(from, to, 1)).unwrap_err().to_string()
    }

    #[test]
    fn faults_are_told_with_the_line_of_their_entry() {
        let read = read_indicators(TEXT).unwrap();
        assert_eq!(read.indicators[0].window_months, 1);
        let two = refused(
            "series = { indicator = \"RL.EST\" }",
            "series = { indicator = \"RL.EST\" }\nfrom_chronicle = { records = \"statements\" }",
        );
        assert_eq!(
            two,
            "indicators.toml line 16: \"law\": expected one table of count, told, series, dyad, sql"
        );
        assert!(refused("pillar = \"p\"", "pillar = \"q\"").contains("names the pillar \"q\""));
        assert!(refused("= 36", "= 3").contains("carried for 12 months"));
        assert!(refused("[-2.5, 2.5]", "[2.5, -2.5]").contains("rising"));
        assert!(refused("goalposts = [-2.5, 2.5]\n", "").contains("goalposts are needed"));
        assert!(refused("evidence_floor = 0.25", "evidence_floor = 25").contains("0 to 1"));
        assert!(refused("= 36", "= 36000").contains("1200 or less"));
        assert!(refused("= \"linear\"", "= \"log\"").contains("not lie below 0"));
        let long = "scale = \"linear\"\nwindow_months = 9000000000";
        assert!(refused("scale = \"linear\"", long).contains("1 to 1200"));
        assert!(refused("reason", "reasons").contains("unknown field"));
        assert!(refused("seed = 1", "seed = 1\nsalt = 1").contains("unknown field"));
    }

    #[test]
    fn a_field_that_is_misspelt_inside_an_indicator_is_refused() {
        assert!(refused("reason = \"R.\"", "reason = \"R.\"\ncolour = 1").contains("colour"));
    }

    #[test]
    fn a_method_that_cannot_be_followed_is_refused_with_the_line_of_its_table() {
        let with = |tables: &str| TEXT.replacen("[[pillar]]", &format!("{tables}\n[[pillar]]"), 1);
        let refused = |tables: &str| read_indicators(&with(tables)).unwrap_err().to_string();
        let fine = "[method]\nweights = \"pca\"\n[alternatives]\nweights = [\"pca\", \"equal\"]\n\
                    aggregation = [\"arithmetic\", \"outranking\"]";
        assert!(read_indicators(&with(fine)).is_ok());
        let outranked = refused("[method]\naggregation = \"outranking\"");
        assert!(outranked.starts_with("indicators.toml line 10: \"method\": outranking has no"));
        assert!(refused("[method]\nnormalisation = \"z-score\"").contains("points_per_sd must"));
        assert!(refused("[method]\npoints_per_sd = 15.0").contains("which is not named"));
        let foreign = refused("[alternatives]\nweights = [\"pca\"]");
        assert!(foreign.contains("line 10: \"alternatives\": each list must hold"), "{foreign}");
        assert!(refused("[method]\nmissing = \"guess\"").contains("guess"));
    }
}
