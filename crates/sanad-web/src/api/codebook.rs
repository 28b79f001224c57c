//! What each column means.
//!
//! A column has one meaning in all tables, or one of its own where a table means something else by
//! the word. A test of every table holds each column to having exactly one, so that a new column
//! cannot go without.

use std::sync::Arc;

use sanad_store::{Columns, Table};

use crate::fault::Fault;
use crate::scene::Scene;

/// A column's meaning. An entry for all tables holds where a table has none of its own. Units are
/// written out in words; a share is a pure number.
pub(crate) struct Meaning {
    /// The table, by the last part of its address; a star for all. For `/api/v1/panel` that is
    /// panel.
    pub(crate) table: &'static str,
    /// The column.
    pub(crate) column: &'static str,
    /// The unit; empty for texts and pure numbers.
    pub(crate) unit: &'static str,
    /// What it means. One sentence, which ends in a full stop.
    pub(crate) means: &'static str,
}

/// The meaning of a column in every table that has it and no meaning of its own.
const fn all(column: &'static str, unit: &'static str, means: &'static str) -> Meaning {
    Meaning { table: "*", column, unit, means }
}

/// The meaning of a column in one table.
const fn own(
    table: &'static str,
    column: &'static str,
    unit: &'static str,
    means: &'static str,
) -> Meaning {
    Meaning { table, column, unit, means }
}

/// The meaning of every column. They stand by what they are about, in the order in which a reader
/// meets the tables.
pub(crate) static MEANINGS: &[Meaning] = &[
    // Places and months.
    all("month_id", "", "VIEWS number of the month: (year − 1980) · 12 + month."),
    all("month", "", "The month, as 2021-05."),
    own("scenario", "month", "months", "Months after the start of the scenarios."),
    all("unit", "", "What the row stands for: country, adm1, adm2 or priogrid."),
    own("benchmarks", "unit", "", "Unit of the readings; yes for what is either so or not."),
    own("codebook", "unit", "", "Unit of the column; empty for texts and pure numbers."),
    all(
        "place_id",
        "",
        "Identifier of the place; begins with unplaced for what cannot be placed at the unit.",
    ),
    all("place", "", "Name of the place."),
    all("within", "", "Identifier of the place that it lies in."),
    all("country_id", "", "Gleditsch–Ward number of the country."),
    all("level", "", "How fine the place is; of the fronts: overall, front, pillar or indicator."),
    all("valid_from", "", "First day on which the place was in force; null when open."),
    all("valid_to", "", "Last day on which it was; null when open."),
    all("latitude", "degrees north", "Latitude of the centroid."),
    all("longitude", "degrees east", "Longitude of the centroid."),
    // Measures.
    all(
        "events",
        "events",
        "Events, or parts of them that were shared out between places or months.",
    ),
    all("deaths_best", "persons", "Deaths, best estimate."),
    all("deaths_low", "persons", "Deaths, low estimate."),
    all("deaths_high", "persons", "Deaths, high estimate."),
    all("deaths_civilians", "persons", "Deaths of civilians."),
    all(
        "state_based_events",
        "events",
        "Events in which a state is a side against an organisation or a state (UCDP type 1).",
    ),
    all("state_based_deaths_best", "persons", "Deaths in them, best estimate."),
    all("state_based_deaths_low", "persons", "Deaths in them, low estimate."),
    all("state_based_deaths_high", "persons", "Deaths in them, high estimate."),
    all(
        "non_state_events",
        "events",
        "Events between organisations none of which is a state (type 2).",
    ),
    all("non_state_deaths_best", "persons", "Deaths in them, best estimate."),
    all("non_state_deaths_low", "persons", "Deaths in them, low estimate."),
    all("non_state_deaths_high", "persons", "Deaths in them, high estimate."),
    all("one_sided_events", "events", "Events in which civilians were attacked (type 3)."),
    all("one_sided_deaths_best", "persons", "Deaths in them, best estimate."),
    all("one_sided_deaths_low", "persons", "Deaths in them, low estimate."),
    all("one_sided_deaths_high", "persons", "Deaths in them, high estimate."),
    all(
        "shared_deaths_best",
        "persons",
        "The part of deaths_best that was shared out between places that the source does not tell apart.",
    ),
    own(
        "panel",
        "source",
        "",
        "The version of the source in effect for the month; null where none covers it, and then every measure is null.",
    ),
    all("organisation_id", "", "Number of the organisation at the source, or its id in the case."),
    all("organisation", "", "Name of the organisation."),
    // Records.
    all("source", "", "Series of the source."),
    all("version", "", "Version of the source."),
    all("licence", "", "Licence of the source."),
    all("file", "", "Name of the file that was read."),
    all("source_row", "", "Row in that file, the header being row 1."),
    all("event_id", "", "The source's number of the event; null for counts."),
    all("date_start", "", "First day on which it may have happened."),
    all("date_end", "", "Last day on which it may have happened."),
    all("type_of_violence", "", "UCDP's type: 1 state-based, 2 non-state, 3 one-sided."),
    all("side_a", "", "One side: the case's name of the organisation, or its number."),
    all("side_b", "", "The other side."),
    all("adm1", "", "The source's own words for the place at its first level below the country."),
    all("adm2", "", "The source's own words for the place at its second level."),
    all("where_prec", "", "UCDP's precision of the place: 1 exact to 7 unknown."),
    all("method", "", "What the placing rests on; of the cycle: how the number was estimated."),
    all("share", "", "The part of the record that counts here, 0 to 1."),
    all("contribution", "", "What the record adds to the number; the column adds up to it."),
    // Fronts.
    all("node", "", "The front, pillar or indicator; overall for all fronts."),
    all("composition", "", "Fronts that the overall index is the mean of."),
    all(
        "index",
        "0 to 100",
        "Index of strain; null where the evidence is too thin. Of an indicator, its score.",
    ),
    all("low_90", "", "Low end of the 90 % interval."),
    all("high_90", "", "High end of the 90 % interval."),
    all(
        "declared_weight",
        "",
        "Declared share of a front in the whole, of a pillar or an indicator in its front, 0 to 1.",
    ),
    all("evidence_share", "", "Share of the weight that has data, 0 to 1."),
    all("fresh_share", "", "Share of the weight whose data are of the month itself, 0 to 1."),
    all("age_months", "months", "Age of the value behind the score."),
    all("value", "", "The value, in the unit of the indicator or measure."),
    all("front", "", "The front: narrative, governance or regional."),
    all("front_index", "0 to 100", "Index of the front in the month."),
    all("pillar", "", "Pillar of the front."),
    all("indicator", "", "What is measured."),
    all("title", "", "Title for people."),
    all("score", "0 to 100", "The indicator on the scale of the index."),
    all("weight", "", "Its weight in the index, 0 to 1."),
    all("amount", "points", "Score times weight: what it adds to the index."),
    all(
        "by_score_12_months",
        "points",
        "Change of the index in twelve months that goes with the score.",
    ),
    all("by_coverage_12_months", "points", "Change that goes with what is known."),
    all("reason", "", "Why the indicator speaks for the front."),
    all("citation", "", "How the source is cited."),
    all("unit_of_place", "", "Level at which the indicator is measured."),
    all("release_lag_months", "months", "Months after which a value is published."),
    all("max_age_months", "months", "Months for which a value is carried forward."),
    all("values_from", "", "First month with a value."),
    all("values_to", "", "Last month with a value."),
    all("places_with_values", "places", "Places that have a value in some month."),
    all("factor", "", "An uncertain choice."),
    all(
        "value_first_order",
        "",
        "Share of the variance of the index that goes with the choice alone (Sobol, first order).",
    ),
    all("value_total", "", "The same with its interactions (total)."),
    all("rank_first_order", "", "Share of the variance of the place's rank, first order."),
    all("rank_total", "", "The same with its interactions."),
    // Forecast.
    all("mean", "persons", "Mean of the draws."),
    all("probability_1", "", "Share of draws with at least one death."),
    all("probability_25", "", "Share of draws with at least 25 deaths."),
    all("quantile_05", "persons", "5 % of draws are at most this."),
    all("quantile_25", "persons", "25 % of draws are at most this."),
    all("quantile_50", "persons", "Half of the draws are at most this."),
    all("quantile_75", "persons", "75 % of draws are at most this."),
    all("quantile_95", "persons", "95 % of draws are at most this."),
    // Claims.
    all("claim", "", "Id of the claim."),
    all("verdict", "", "supported, contradicted, inconclusive or not testable."),
    all("procedure", "", "Procedure of the test."),
    all("effect", "", "Effect in the unit of the procedure, positive as the claim says."),
    all("effect_low", "", "Low end of its 95 % interval."),
    all("effect_high", "", "High end of its 95 % interval."),
    all(
        "last_at_most",
        "",
        "The last value if every event that is not told apart counted as well.",
    ),
    all(
        "not_told_apart",
        "",
        "How events that are not told apart are read: left out, all attacks, or all operations.",
    ),
    all("share_told", "", "Share of the events that are told apart, 0 to 1."),
    all("share_told_cause", "", "Share of the cause's events that are told apart, 0 to 1."),
    all("share_told_effect", "", "Share of the effect's events that are told apart, 0 to 1."),
    all("verdict_left_out", "", "The verdict with events that are not told apart left out."),
    all("verdict_all_attacks", "", "The verdict with all of them taken for attacks."),
    all("verdict_all_operations", "", "The verdict with all of them taken for operations."),
    all(
        "later",
        "",
        "What later months say of the claim: agrees, disagrees, does not tell; null where no test on them is declared.",
    ),
    all("withheld", "", "What keeps a stronger verdict from being printed."),
    all("declared_from_month", "", "The start month that the case declares."),
    all("release", "", "The release that the row comes from."),
    all("size_that_matters", "", "Smallest effect that matters, in the same unit."),
    all("p_value", "", "p-value of no effect or no link."),
    all("p_adjusted", "", "The same, adjusted for all claims tested."),
    all("power", "", "Chance that the test finds an effect of the size that matters, 0 to 1."),
    all("from", "", "First month or day; of a claim or link, the cause."),
    all("to", "", "Last month or day; of a claim or link, the effect."),
    all("sign", "", "Whether more of the cause gives more or less of the effect."),
    all("wording", "", "The claim in one sentence of ours."),
    all("needs", "", "Data that would make it testable or measurable."),
    // Cycle.
    all(
        "model",
        "",
        "The model: the case's kinds together, or one kind beside them; of models, which links it has.",
    ),
    all("events_from", "events", "Events of the first kind."),
    all("events_to", "events", "Events of the second kind."),
    all("branching", "events", "Events of the second kind that one of the first brings."),
    all("branching_low", "events", "Low end of its 95 % interval."),
    all("branching_high", "events", "High end of its 95 % interval."),
    all("half_life_days", "days", "Days after which half of them have happened."),
    all("half_life_days_low", "days", "Low end of its range."),
    all("half_life_days_high", "days", "High end of its range."),
    all(
        "smallest_found",
        "events",
        "Smallest link that would have been found with a power of 80 %.",
    ),
    all(
        "information_kept",
        "",
        "Share of the information about the link that the other links leave, 0 to 1.",
    ),
    all(
        "confounded_with",
        "",
        "Kinds whose effect can hardly be told from this one's, joined by commas: what the two would add to the days correlates at 0.7 or more in size.",
    ),
    all(
        "profile_low",
        "events",
        "Low end by the profile of the likelihood, where it was asked for.",
    ),
    all("profile_branching", "events", "Estimate by the profile."),
    all("profile_high", "events", "High end by the profile."),
    all("posterior_low", "events", "Low end of the posterior, where it was asked for."),
    all("posterior_median", "events", "Median of the posterior."),
    all("posterior_high", "events", "High end of the posterior."),
    own("cycle", "kind", "", "Kind of event."),
    all("kind", "", "Kind of record; of an organisation, what it is."),
    all("events_of_uncertain_day", "events", "Events whose day is not known exactly."),
    all("endogenous_share", "", "Share of events that earlier ones brought, 0 to 1."),
    all("count_size", "", "Size parameter of the counts' negative binomial."),
    all(
        "ks_statistic",
        "",
        "Kolmogorov–Smirnov statistic: how far the counts' PIT values are from uniform ones, 0 to 1.",
    ),
    all("ks_p_value", "", "Its p-value: small where the model tells the days badly."),
    all("log_likelihood", "", "Log-likelihood of the model."),
    all("parameters", "parameters", "Parameters of the model."),
    all("aic", "", "Akaike's information criterion."),
    all("bic", "", "Bayesian information criterion."),
    all("likelihood_ratio", "", "Likelihood-ratio statistic against the model before."),
    all(
        "spectral_radius",
        "",
        "Spectral radius of the branching matrix; above 1 nothing would end by itself.",
    ),
    all("spectral_radius_low", "", "Low end of its interval."),
    all("spectral_radius_high", "", "High end of its interval."),
    all("p_above_one", "", "Share of draws in which it is above 1."),
    all("largest_r_hat", "", "Largest R-hat of the chains, where there are chains."),
    all("effective_draws", "draws", "Fewest effective draws of a parameter."),
    all("tail_draws", "draws", "Fewest effective draws in a tail."),
    all("divergences", "", "Divergent steps of the sampler."),
    // Capability.
    own(
        "capability",
        "organisation",
        "",
        "Id of the organisation; null where the source does not say who attacked, or the case does not list it.",
    ),
    own("capability", "name", "", "Its name in the case."),
    own("capability", "kind", "", "Kind of the tie: alliance, member, merger or split."),
    all(
        "attacks",
        "attacks",
        "Attacks on the state and on civilians that the source tells to be attacks.",
    ),
    all("attacks_low", "attacks", "Low end of the 95 % interval of their Poisson mean."),
    all("attacks_high", "attacks", "High end of that interval."),
    own(
        "capability",
        "not_told_apart",
        "events",
        "Events that are not told apart and may be attacks.",
    ),
    own(
        "capability",
        "share_told",
        "",
        "Share of what may be attacks that can be told to be, 0 to 1.",
    ),
    own(
        "capability",
        "districts",
        "districts",
        "Districts in which attacks were; those without a known district count in none.",
    ),
    all("days_in_several_districts", "days", "Days with attacks in two or more districts."),
    all(
        "such_days_by_chance",
        "days",
        "Such days by chance, had each attack's day fallen anywhere in the month: mean.",
    ),
    all("such_days_by_chance_high", "days", "The number that chance exceeds one time in forty."),
    all("deaths_per_attack", "persons", "Deaths per attack, best estimate."),
    all("deaths_per_attack_low", "persons", "Low end of its 95 % interval, from resampled days."),
    all("deaths_per_attack_high", "persons", "High end of that interval."),
    all("share_on_state", "", "Share of attacks that were on the state, 0 to 1."),
    all("share_on_state_low", "", "Low end of its 95 % interval (Wilson)."),
    all("share_on_state_high", "", "High end of that interval."),
    all("share_on_civilians", "", "Share of attacks that were on civilians, 0 to 1."),
    all("first", "", "One organisation, by id."),
    all("second", "", "The other, by id."),
    own(
        "capability",
        "means",
        "",
        "Means of attack as the source codes it; null where none is coded for any of the events. None is inferred.",
    ),
    all("with_means", "events", "Events with this means; an event with several counts for each."),
    own(
        "capability",
        "events",
        "events",
        "All events of the organisation that the source has for these months.",
    ),
    all("not_coded", "events", "Those of them for which no means is coded."),
    // Interventions.
    all("intervention", "", "Id of the intervention."),
    all("from_month", "", "The first month after it."),
    all("region", "", "Id of the region."),
    all("measure", "", "What is counted, or which measure of statements."),
    all("level_ratio", "", "Rate just after over just before."),
    all("level_ratio_low", "", "Low end of its 95 % interval."),
    all("level_ratio_high", "", "High end of its 95 % interval."),
    all("growth_ratio", "", "Factor of the growth a month after over before."),
    all("growth_ratio_low", "", "Low end of its 95 % interval."),
    all("growth_ratio_high", "", "High end of its 95 % interval."),
    all("ratio_after_year", "", "Rate a year in over what the earlier course would have given."),
    all("ratio_after_year_low", "", "Low end of its 95 % interval."),
    all("ratio_after_year_high", "", "High end of its 95 % interval."),
    all("placebo_dates_as_large", "dates", "Placebo dates with as large a change."),
    all("placebo_dates", "dates", "Placebo dates that could be tried."),
    all("autoregression", "", "Correlation of neighbouring months' errors."),
    all("mean_before", "events a month", "Mean before."),
    all("mean_after", "events a month", "Mean after."),
    all("ratio", "", "Mean after over mean before."),
    all("districts", "", "Names of the places aimed at."),
    all("compared_with", "", "Which other places they are compared with."),
    all(
        "p_value_in_place",
        "",
        "Share of the places, those aimed at among them, whose ratio of gaps (after over before) is at least theirs.",
    ),
    all("placebo_effect_low", "", "Least effect of the placebos in place."),
    all("placebo_effect_high", "", "Greatest effect of the placebos in place."),
    all("gap_before", "", "Root mean squared gap before, in means before."),
    all("gap_after", "", "The same after."),
    all("other_districts", "places", "Other places that the mix could draw on."),
    all("quarters_before", "quarters", "Quarters before."),
    all("quarters_after", "quarters", "Quarters after."),
    all("weights", "", "The heaviest places of the mix with their weights."),
    all("left_out", "", "Places left out, with the reasons."),
    // Scenarios.
    all("outcome", "", "The model's variable that is compared."),
    all(
        "scenario",
        "",
        "Id of the scenario; own, or own-2 and so on where the case has that name, for the levers of the address.",
    ),
    all("median", "", "Median of the members."),
    all("low_50", "", "Half of the members lie between this and high_50."),
    all("high_50", "", "Upper end of the band of 50 %."),
    all("low_80", "", "Lower end of the band of 80 %."),
    all("high_80", "", "Upper end of the band of 80 %."),
    all("low_95", "", "Lower end of the band of 95 %."),
    all("high_95", "", "Upper end of the band of 95 %."),
    all("difference", "", "Median difference from the baseline in the same member."),
    all("difference_low_95", "", "Lower end of its band of 95 %."),
    all("difference_high_95", "", "Upper end of its band of 95 %."),
    all("probability_better", "", "Share of members in which it is better than the baseline."),
    all(
        "better_least_seed",
        "",
        "The least of the same share among the members of one seed; an order counts as supported only where it differs by at most five points between at least three seeds.",
    ),
    all("better_most_seed", "", "The greatest of the same share among the members of one seed."),
    all("seeds", "", "Seeds that the members come from."),
    all("probability_best", "", "Share of members in which no other scenario is better."),
    all("regret", "", "Mean of what the member's best scenario would have spared."),
    all(
        "order",
        "",
        "better, worse, not supported by the assumptions, not supported because it is not shown to be the same from seed to seed, or baseline.",
    ),
    all("width_95", "", "Width of the band of 95 %."),
    all("judgement_share", "", "Share of parameters whose prior is judgement alone, 0 to 1."),
    all("ensemble", "", "Whether the members were fitted to the record or are draws from priors."),
    all("parameter", "", "Parameter of the model."),
    all("first_order", "", "Share of the variance of the difference that goes with the parameter."),
    // Benchmarks.
    all("benchmark", "", "Id of the commitment or step."),
    all(
        "status",
        "",
        "met, open, overdue, not measured lately, unmeasurable, or overdue, unmeasurable: its date has passed and no data at hand measure it.",
    ),
    all("baseline_month", "", "Month of the first reading."),
    all("baseline", "", "First reading."),
    all("last_month", "", "Month of the last reading."),
    all("last", "", "Last reading."),
    all("target", "", "What is to be reached."),
    all("due", "", "The month by which it is due; null where there is none."),
    all("due_set_by", "", "Who set the date."),
    all("on_track", "", "Chance that it is met when due, if the readings go on as they did."),
    all("records", "", "Records of the chronicle that bear on it."),
    // Chronicle and statements.
    all("id", "", "Identifier of the record."),
    all("date", "", "When, as exactly as the text says (ISO 8601)."),
    all("fronts", "", "Fronts it bears on, joined by semicolons."),
    all("summary", "", "One neutral line of ours."),
    all("places", "", "Places by id, joined by semicolons."),
    all("actors", "", "Organisations and states by id, joined by semicolons."),
    all("paragraph", "", "Paragraph of the text; 0 for records from elsewhere."),
    all("cite", "", "Where it comes from, when not from the text alone."),
    all("note", "", "What to keep in mind, or why there is no number."),
    all("about", "", "What the measure is about: a rival, a frame, another organisation."),
    all("by_chance", "", "What chance alone would give."),
    all("number", "", "Statements, events or months behind the measure."),
    // Network.
    all("binding_ties", "ties", "Ties in force that bind."),
    all("rivalries_and_splits", "ties", "Ties in force that divide."),
    all("connected_groups", "groups", "Groups of two or more that binding ties connect."),
    all("largest_group", "organisations", "Organisations in the largest group."),
    all(
        "fragmentation",
        "",
        "Chance that two organisations, drawn with replacement, lie in different groups, 0 to 1; an organisation without ties is a group.",
    ),
    all("most_between", "", "The organisation that lies most between others."),
    all("bridge_families", "", "Organisations whose ties bridge families."),
    all("family", "", "Family that the organisation is counted with."),
    all("component", "", "Number of its connected group."),
    all("component_size", "organisations", "Organisations in that group."),
    all("betweenness", "", "How far it lies between others, 0 to 1."),
    all(
        "share_of_ties_to_other_families",
        "",
        "Share of its ties that lead to other families, 0 to 1.",
    ),
    // Sources, organisations, results.
    all("format", "", "Format that the file was read as."),
    all("url", "", "Where it was obtained."),
    all("accessed", "", "The day it was obtained."),
    all("known_from", "", "The day from which the version counts as known."),
    all("covers_from", "", "First month covered."),
    all("covers_to", "", "Last month covered."),
    all("rows_read", "rows", "Rows read."),
    all("records_kept", "records", "Records kept."),
    all("deaths_in", "persons", "Deaths (best estimate) in the rows read."),
    all("deaths_kept", "persons", "Deaths in the records kept."),
    all("sha256", "", "SHA-256 of the file."),
    all("snapshot", "", "Name of the import."),
    all("short", "", "Abbreviation."),
    all("ucdp_ids", "", "Numbers at UCDP, joined by semicolons."),
    all("key", "", "Key of the result: the hash of all it follows from."),
    all("name", "", "What was computed."),
    all("settings", "", "Settings, as word=value."),
    all("inputs", "", "Imports that it follows from."),
    all("program", "", "Program and version that made it."),
    all("table", "", "The table, by the last part of its address; a star for all."),
    all("column", "", "The column."),
    all("means", "", "What it means."),
];

/// The codebook as a table. The same for every case.
pub(crate) fn codebook(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    scene.edition.table("codebook", || {
        let rows = || MEANINGS.iter();
        Ok(Columns::default()
            .text("table", rows().map(|one| Some(one.table)))
            .text("column", rows().map(|one| Some(one.column)))
            .text("unit", rows().map(|one| Some(one.unit).filter(|unit| !unit.is_empty())))
            .text("means", rows().map(|one| Some(one.means)))
            .finish()?)
    })
}

#[cfg(test)]
mod tests {
    use sanad_study::benchmarks::Status;

    use super::MEANINGS;

    #[test]
    fn a_column_has_one_meaning_in_a_table() {
        let mut keys: Vec<(&str, &str)> =
            MEANINGS.iter().map(|one| (one.column, one.table)).collect();
        keys.sort_unstable();
        let twice = keys.windows(2).find(|pair| pair[0] == pair[1]);
        assert_eq!(twice, None);
        assert!(MEANINGS.iter().all(|one| one.means.ends_with('.')));
    }

    #[test]
    fn the_meaning_of_a_status_names_every_status_there_is() {
        let status = MEANINGS.iter().find(|one| one.column == "status").unwrap();
        let open = [Status::Met, Status::Open, Status::Overdue, Status::Stale];
        let without_data = [Status::Unmeasurable, Status::OverdueUnmeasurable];
        for one in open.into_iter().chain(without_data) {
            assert!(status.means.contains(one.as_str()), "{}", one.as_str());
        }
    }

    #[test]
    fn every_measure_of_the_panel_has_a_meaning() {
        for measure in sanad_store::measures() {
            assert!(MEANINGS.iter().any(|one| one.column == measure), "{measure}");
        }
    }
}
