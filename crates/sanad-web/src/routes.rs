//! The one list of addresses.
//!
//! The router, the description for programs (OpenAPI) and the page that explains it are all made from
//! this list, so that an address without a description cannot be served.

use crate::api::{analyses, codebook, records, violence};
use crate::documents;
use crate::page::{
    claims, compare, data, fronts, guide, map, organisations, outlook, overview, places, record,
    scenarios, why,
};
use crate::query::Parameter;
use crate::route::{Answers, Route};

/// The parameters of an address that takes none.
const NONE: &[Parameter] = &[];

/// A page for people; the command that prints the same stands on the page itself.
const fn page(
    path: &'static str,
    title: &'static str,
    about: &'static str,
    parameters: &'static [Parameter],
    answers: Answers,
) -> Route {
    Route { path, title, about, command: "", parameters, answers }
}

/// A table or document for programs, with the command that gives the same; empty where no command
/// does.
const fn table(
    path: &'static str,
    title: &'static str,
    about: &'static str,
    command: &'static str,
    parameters: &'static [Parameter],
    answers: Answers,
) -> Route {
    Route { path, title, about, command, parameters, answers }
}

/// Every address that is answered, but for the style sheet. Pages come first, then tables under
/// `/api/v1/`, then documents; within them the order is that in which they are listed to readers.
pub(crate) static ROUTES: &[Route] = &[
    page(
        "/",
        "Overview",
        "What the record says in a few sentences, with the map.",
        NONE,
        Answers::Page(overview::overview),
    ),
    page(
        "/map",
        "Map",
        "One measure over a span of months, by place.",
        &map::MAP,
        Answers::Page(map::map),
    ),
    page("/places", "Places", "Today's places of the case.", NONE, Answers::Page(places::places)),
    page(
        "/place/{id}",
        "Place",
        "A place's record, forecast, neighbours and chronicle.",
        &places::PLACE,
        Answers::Page(places::place),
    ),
    page(
        "/organisations",
        "Organisations",
        "Organisations and states of the case, with their ties.",
        NONE,
        Answers::Page(organisations::organisations),
    ),
    page(
        "/organisation/{id}",
        "Organisation",
        "An organisation's record, ties and statements.",
        &organisations::ORGANISATION,
        Answers::Page(organisations::organisation),
    ),
    page(
        "/fronts",
        "Fronts",
        "Where each front stands in a month, with intervals and evidence.",
        &fronts::FRONTS,
        Answers::Page(fronts::fronts),
    ),
    page(
        "/fronts/parts",
        "Parts of the fronts",
        "What the indices of a place are made of, and what moved them.",
        &fronts::PARTS,
        Answers::Page(fronts::made_of),
    ),
    page(
        "/fronts/indicators",
        "Indicators",
        "The fronts' indicators with their sources.",
        &fronts::INDICATORS,
        Answers::Page(fronts::indicators),
    ),
    page(
        "/forecast",
        "Forecast",
        "What may come by place, and how such forecasts did before.",
        &outlook::FORECAST,
        Answers::Page(outlook::forecast),
    ),
    page(
        "/cycle",
        "Cycle",
        "Whether one kind of event brings another.",
        &analyses::CYCLE,
        Answers::Page(record::cycle),
    ),
    page(
        "/interventions",
        "Interventions",
        "What changed at dated interventions.",
        &analyses::INTERVENTIONS,
        Answers::Page(record::interventions),
    ),
    page(
        "/claims",
        "Claims",
        "The text's causal claims with their verdicts.",
        &claims::CLAIMS,
        Answers::Page(claims::claims),
    ),
    page(
        "/claims/{id}",
        "Claim",
        "One claim with its test, data and limits.",
        &analyses::CLAIM,
        Answers::Page(claims::claim),
    ),
    page(
        "/scenarios",
        "Scenarios",
        "What policies might change, with levers of your own.",
        &analyses::SCENARIO,
        Answers::Page(scenarios::scenarios),
    ),
    page(
        "/benchmarks",
        "Benchmarks",
        "Where commitments and steps stand.",
        &analyses::BENCHMARKS,
        Answers::Page(record::benchmarks),
    ),
    page(
        "/chronicle",
        "Chronicle",
        "The dated records of the case.",
        record::CHRONICLE,
        Answers::Page(record::chronicle),
    ),
    page(
        "/sources",
        "Sources",
        "Versions, licences, coverage and diagnostics.",
        NONE,
        Answers::Page(record::sources),
    ),
    page(
        "/compare",
        "Compare",
        "Two places, two spans of months, or two days of knowledge.",
        &compare::COMPARE,
        Answers::Page(compare::compare),
    ),
    page("/why", "Why", "The records behind a number.", &why::WHY, Answers::Page(why::why)),
    page(
        "/sql",
        "SQL",
        "One SELECT over the observatory's tables.",
        &data::SQL,
        Answers::Page(data::sql),
    ),
    page("/data", "Data", "Every table with its forms.", NONE, Answers::Guide(guide::data)),
    page("/api", "API", "The interface for programs.", NONE, Answers::Guide(guide::api)),
    page(
        "/about",
        "How this was made",
        "How the numbers are made, and their limits.",
        NONE,
        Answers::Page(guide::about),
    ),
    table(
        "/api/v1/panel",
        "Panel",
        "Events and deaths by place and month; null where no version of the source covers the month.",
        "sanad panel",
        &violence::PANEL,
        Answers::Table(violence::panel),
    ),
    table(
        "/api/v1/why",
        "Why",
        "The records behind one number of the panel; the column contribution adds up to it.",
        "sanad why",
        &violence::WHY,
        Answers::Table(violence::why),
    ),
    table(
        "/api/v1/fronts",
        "Fronts",
        "Indices of the three fronts by place and month, with 90 % intervals and evidence shares; or their indicators, parts or sensitivity.",
        "sanad fronts",
        &analyses::FRONTS,
        Answers::Table(analyses::fronts),
    ),
    table(
        "/api/v1/forecast",
        "Forecast",
        "Mean, chances and quantiles of 1,000 draws of deaths for each of the next twelve months by place.",
        "sanad forecast",
        &analyses::FORECAST,
        Answers::Table(analyses::forecast),
    ),
    table(
        "/api/v1/claims",
        "Claims",
        "The causal claims of the text with verdict, effect, interval and power.",
        "sanad claims",
        NONE,
        Answers::Table(analyses::claims),
    ),
    table(
        "/api/v1/claims/{id}",
        "Claim",
        "One claim; its adjusted p depends on all that are tested.",
        "sanad claims --claim",
        &analyses::CLAIM,
        Answers::Table(analyses::claim),
    ),
    table(
        "/api/v1/cycle",
        "Cycle",
        "How many events of one kind one event of another brings, by day.",
        "sanad cycle",
        &analyses::CYCLE,
        Answers::Table(analyses::cycle),
    ),
    table(
        "/api/v1/capability",
        "Capability",
        "What each organisation did by month with intervals and the share that is told apart; coded means of attack; dated ties.",
        "sanad capability",
        &analyses::CAPABILITY,
        Answers::Table(analyses::capability),
    ),
    table(
        "/api/v1/interventions",
        "Interventions",
        "What changed at dated interventions, by region and against other places.",
        "sanad interventions",
        &analyses::INTERVENTIONS,
        Answers::Table(analyses::interventions),
    ),
    table(
        "/api/v1/scenario",
        "Scenario",
        "Outcomes of scenarios over the same members of an ensemble, and their differences from the baseline.",
        "sanad scenario",
        &analyses::SCENARIO,
        Answers::Table(analyses::scenario),
    ),
    table(
        "/api/v1/benchmarks",
        "Benchmarks",
        "Commitments and steps with their readings, targets and status.",
        "sanad benchmarks",
        &analyses::BENCHMARKS,
        Answers::Table(analyses::benchmarks),
    ),
    table(
        "/api/v1/chronicle",
        "Chronicle",
        "The dated records of the case's chronicle, as metadata in our own words.",
        "",
        &records::CHRONICLE,
        Answers::Table(records::chronicle),
    ),
    table(
        "/api/v1/sources",
        "Sources",
        "Every import with version, licence, citation, coverage and hash.",
        "sanad sources",
        NONE,
        Answers::Table(records::sources),
    ),
    table(
        "/api/v1/narrative",
        "Narrative",
        "Measures of organisations' statements: mixes of frames, synchrony, claims against the record.",
        "sanad narrative",
        NONE,
        Answers::Table(analyses::narrative),
    ),
    table(
        "/api/v1/network",
        "Network",
        "The organisations' network by month of change, or by organisation in one month.",
        "sanad network",
        &analyses::NETWORK,
        Answers::Table(analyses::network),
    ),
    table(
        "/api/v1/places",
        "Places",
        "Places of the case with their levels and dates.",
        "",
        NONE,
        Answers::Table(records::places),
    ),
    table(
        "/api/v1/organisations",
        "Organisations",
        "Organisations and states of the case.",
        "",
        NONE,
        Answers::Table(records::organisations),
    ),
    table(
        "/api/v1/sql",
        "SQL",
        "The answer to one SELECT, within bounds of time, memory and rows.",
        "sanad sql",
        &records::SQL,
        Answers::Table(records::sql),
    ),
    table(
        "/api/v1/results",
        "Results",
        "Results that are kept under their key, with all that each follows from.",
        "",
        NONE,
        Answers::Table(records::results),
    ),
    table(
        "/api/v1/results/{key}",
        "Result",
        "One kept result; its bytes never change.",
        "",
        &records::RESULT,
        Answers::Table(records::result),
    ),
    table(
        "/api/v1/codebook",
        "Codebook",
        "What each column of each table means, with its unit.",
        "",
        NONE,
        Answers::Table(codebook::codebook),
    ),
    table(
        "/api/v1/openapi.json",
        "OpenAPI",
        "This interface as OpenAPI 3.1.",
        "",
        NONE,
        Answers::Document(documents::openapi),
    ),
    table(
        "/catalogue.json",
        "Catalogue",
        "The tables and their sources as a DCAT catalogue in JSON-LD.",
        "",
        NONE,
        Answers::Document(documents::catalogue),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::layout::MAIN;

    #[test]
    fn every_route_and_every_parameter_says_what_it_is() {
        for route in ROUTES {
            assert!(route.path.starts_with('/') && !route.title.is_empty(), "{}", route.path);
            assert!(route.about.ends_with('.'), "{}", route.path);
            for parameter in route.parameters {
                assert!(parameter.about.ends_with('.'), "{} {}", route.path, parameter.name);
            }
            for name in route.names_in_path() {
                let own = route.parameters.iter().find(|one| one.name == name);
                assert!(own.is_some_and(|one| one.is_required), "{} {name}", route.path);
            }
        }
    }

    #[test]
    fn no_path_is_listed_twice_and_the_navigation_leads_to_routes() {
        let mut paths: Vec<&str> = ROUTES.iter().map(|route| route.path).collect();
        paths.sort_unstable();
        assert!(paths.windows(2).all(|pair| pair[0] != pair[1]));
        for (address, _) in MAIN {
            assert!(paths.contains(&address), "{address}");
        }
    }
}
