//! What the columns of measures mean: one place for the page, for `--format md` and for a test.

use std::fmt::Write as _;

use sanad_store::Table;

/// A column with its definition.
pub(crate) type Definition = (&'static str, &'static str);

/// Columns of `sanad fronts`, in every form that it prints.
pub(crate) const FRONTS: [Definition; 38] = [
    ("place_id", "the place's code, as in the case"),
    ("place", "its name"),
    ("month", "the month that is measured"),
    ("level", "what the row is about: overall, front, pillar or indicator"),
    ("node", "its name among the indicators of the case"),
    (
        "composition",
        "overall only: the fronts that have an index there and then, joined by +; where it changes, the series has a break",
    ),
    ("index", "0 to 100, more being more strain; of an indicator its score"),
    (
        "low_90",
        "lower end of the interval that holds 90 % of the draws; docs/front-method.md says what enters them",
    ),
    ("high_90", "upper end of that interval"),
    (
        "declared_weight",
        "declared share of a front in the whole, of a pillar or an indicator in its front, 0 to 1; empty of the whole",
    ),
    (
        "evidence_share",
        "declared weight of the indicators with a value of their own, observed in the month or carried within its age limit, over all declared weight; 0 to 1",
    ),
    ("fresh_share", "as evidence_share, with values observed in that very month alone"),
    (
        "age_months",
        "months since the value was observed; 0 for one of the month itself, empty where there is none",
    ),
    ("value", "the indicator's value before scaling, in its own unit"),
    ("front", "the front"),
    ("front_index", "the front's index at the place and month, 0 to 100"),
    ("pillar", "the pillar of the front that the indicator belongs to"),
    ("indicator", "the indicator's name in indicators.toml"),
    ("title", "its title"),
    ("score", "the value on the scale 0 to 100, more being more strain"),
    ("weight", "weight in the front once gaps are left out; the weights of a front sum to 1"),
    ("amount", "index points that it adds; the amounts of a front sum to its index"),
    (
        "by_score_12_months",
        "index points by which it moved the front in twelve months because its score moved",
    ),
    ("by_coverage_12_months", "index points by which it did because data appeared or vanished"),
    ("source", "the series or tables that it is made from"),
    ("reason", "why it is in the front, as the case says"),
    ("citation", "the work that the reason rests on"),
    ("factor", "an uncertain choice: a step of the method, or the errors of a pillar's values"),
    (
        "value_first_order",
        "Sobol index of the first order: share of the index's variance that the factor alone explains, 0 to 1",
    ),
    ("value_total", "total Sobol index: the share with all its interactions"),
    ("rank_first_order", "as value_first_order, of the place's rank among all places"),
    ("rank_total", "as value_total, of the rank"),
    ("unit_of_place", "the level of place at which its values are known"),
    ("release_lag_months", "months from the end of a period to the publication of its value"),
    ("max_age_months", "months for which a value is carried on"),
    ("values_from", "first month with a value anywhere"),
    ("values_to", "last such month"),
    ("places_with_values", "places that have a value in some month"),
];

/// Columns of `sanad network`.
pub(crate) const NETWORK: [Definition; 14] = [
    ("month", "a month in which a tie begins, or before which one ended"),
    (
        "binding_ties",
        "ties that hold in the month and bind: alliances, memberships, cooperation and mergers",
    ),
    ("rivalries_and_splits", "ties that hold and do not bind"),
    ("connected_groups", "groups of two or more organisations that binding ties connect"),
    ("largest_group", "organisations of the largest group"),
    (
        "fragmentation",
        "1 − Σ (share of the organisations in a group)²: the chance that two organisations drawn with replacement are not connected; 0 when all are, near 1 when each stands alone",
    ),
    (
        "most_between",
        "the organisation with the highest betweenness, where it is above 0; the first listed of equals",
    ),
    (
        "bridge_families",
        "organisations with a binding tie to another family, those with the highest betweenness first",
    ),
    ("organisation", "the organisation, by the case's name"),
    ("family", "the family that it is counted with"),
    (
        "component",
        "number of its group, the largest being 1; organisations without a binding tie are groups of one",
    ),
    ("component_size", "organisations in its group"),
    (
        "betweenness",
        "share of the shortest paths between pairs of other organisations that lead over it, 0 to 1 (Freeman 1977)",
    ),
    (
        "share_of_ties_to_other_families",
        "share of its binding ties that lead to another family; 0 without ties",
    ),
];

/// The definitions of a table's columns as a list in Markdown.
pub(crate) fn list(table: &Table, definitions: &[Definition]) -> String {
    let mut text = String::from("\nColumns:\n\n");
    for field in table.schema().fields() {
        if let Some((name, meaning)) =
            definitions.iter().find(|definition| definition.0 == field.name())
        {
            // Writing into a String cannot fail.
            let _ = writeln!(text, "- `{name}`: {meaning}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_columns_has_every_definition() {
        let page = include_str!("../../../docs/columns.md");
        for (heading, definitions) in [("fronts", &FRONTS[..]), ("network", &NETWORK[..])] {
            let section = page.split(&format!("## `sanad {heading}`")).nth(1).expect("a section");
            let section = section.split("\n## ").next().expect("its text");
            for (name, meaning) in definitions {
                let row = format!("| `{name}` | {meaning} |");
                assert!(section.contains(&row), "docs/columns.md lacks: {row}");
            }
        }
    }
}
