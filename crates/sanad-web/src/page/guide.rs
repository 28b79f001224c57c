//! Pages about the pages: the interface for programs, the tables, and how all of it was made.
//!
//! Tables and parameters are read from the one list of routes, so that these pages cannot fall
//! behind.

use maud::{Markup, html};

use super::PageContent;
use crate::answer::OutputFormat;
use crate::fault::{Fault, FaultKind};
use crate::query::Kind;
use crate::route::Route;
use crate::scene::Scene;

/// The routes that give tables, in the order of the list.
fn tables(routes: &'static [Route]) -> impl Iterator<Item = &'static Route> {
    routes.iter().filter(|route| route.is_table())
}

/// Every table with its forms.
///
/// It answers which tables there are. Tables that need a parameter are on the interface's page
/// alone.
///
/// # Errors
///
/// None.
pub(crate) fn data(_scene: &Scene<'_>, routes: &'static [Route]) -> Result<PageContent, Fault> {
    let body = html! {
        p { "Every number of these pages is in one of these tables. An address that ends in .csv, .json, .parquet or .arrow gives that form; "
            "parameters narrow it down, and the " a href="/api" { "interface's page" } " lists them. " a href="/sql" { "SQL" } " asks anything else." }
        div.scroll tabindex="0" role="region" aria-label="Tables" { table {
            thead { tr { th { "Table" } th { "What it holds" } th { "Forms" } th { "Command" } } }
            tbody { @for route in tables(routes).filter(|route| !route.path.contains('{') && route.parameters.iter().all(|one| !one.is_required)) { tr {
                td { a href=(format!("/api#{}", anchor(route))) { (route.title) } } td { (route.about) }
                td.nowrap { @for form in OutputFormat::OF_TABLES { a href=(format!("{}.{}", route.path, form.ending())) { (form.ending()) } " " } }
                td { @if !route.command.is_empty() { code { (route.command) } } }
            } } }
        } }
        p { a href="/api/v1/codebook.csv" { "The codebook" } " says what each column means; " a href="/catalogue.json" { "the catalogue" } " lists the tables for machines (DCAT)." }
    };
    Ok(PageContent::new("Data", body))
}

/// The name of a route's entry on the interface's page.
fn anchor(route: &Route) -> String {
    route.path.trim_start_matches('/').replace(['/', '{', '}'], "-")
}

/// The interface for programs.
///
/// It answers how a program asks: forms, parts of tables, days of knowledge, tags, waiting, faults,
/// and each address with its parameters.
///
/// # Errors
///
/// None.
pub(crate) fn api(scene: &Scene<'_>, routes: &'static [Route]) -> Result<PageContent, Fault> {
    let body = html! {
        p.lead { "Tables over HTTP, read-only, without an account. " a href="/api/v1/openapi.json" { "The same as OpenAPI 3.1" } "." }
        h2 { "In short" }
        pre { "curl 'http://127.0.0.1:8700/api/v1/panel.csv?unit=adm1&from=2021-01&to=2021-12'\ncurl -H 'Accept: application/vnd.apache.parquet' -o fronts.parquet 'http://127.0.0.1:8700/api/v1/fronts'" }
        ul.limits {
            li { b { "Form. " } "By ending (.json, .csv, .parquet, .arrow) or by " code { "Accept" } "; JSON where neither says. JSON is an array of objects, the same bytes as the command with " code { "--format json" } "; a null is left out." }
            li { b { "Parts. " } code { "limit" } " gives the first rows and a " code { "Link" } " header with rel=\"next\"; follow it as it stands. Without a limit the answer is whole. " code { "Sanad-Rows" } " is the number of rows of the whole table." }
            li { b { "As of. " } code { "as_of" } " answers from what was known on a day." }
            li { b { "Kept. " } "Every answer has an " code { "ETag" } " made of its address and of all that it follows from: send it back as " code { "If-None-Match" } ", and 304 says that nothing has changed. A result under its key (" code { "/api/v1/results/KEY" } ") never changes." }
            li { b { "Time. " } "An answer is computed once however many ask. One that takes longer than " (scene.patience.as_secs_f64()) " seconds is answered with 503 and " code { "Retry-After" } "; it goes on being computed, and asking again gets it." }
            li { b { "State. " } "One answer comes from one state of the observatory. A cursor of an earlier state is refused with 410." }
        }
        h2 { "Addresses" }
        @for route in tables(routes) { (one(route)) }
        h2 { "What can go wrong" }
        p { "Errors are problem documents (RFC 9457, " code { "application/problem+json" } ") with " code { "type" } ", " code { "title" } ", "
            code { "status" } ", " code { "detail" } ", and ours: " code { "where" } " and " code { "do" } "." }
        dl { @for problem in FaultKind::ALL { dt #(format!("problem-{}", problem.name())) { (problem.status()) " " (problem.name()) } dd { (problem.title()) "." } } }
    };
    Ok(PageContent::new("The interface for programs", body))
}

/// One address with what it gives, its command and its parameters.
fn one(route: &Route) -> Markup {
    html! {
        h3 #(anchor(route)) { code { "GET " (route.path) } }
        p { (route.about) @if !route.command.is_empty() { " Command: " code { (route.command) } "." } }
        @if !route.parameters.is_empty() { dl { @for parameter in route.parameters {
            dt { code { (parameter.name) @if parameter.kind == Kind::Named { "-…" } } @if parameter.is_required { ", required" } }
            dd { (parameter.about) " " span.missing { (parameter.expected()) @if !parameter.default.is_empty() { "; " (parameter.default) " when absent" } "." } }
        } } }
    }
}

/// How all of it was made, and its limits.
///
/// It answers how a record becomes a number, what the numbers cannot say, and which case and state
/// this server answers from.
///
/// # Errors
///
/// A fault where the case cannot be read.
pub(crate) fn about(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let facts = scene.facts()?;
    let body = html! {
        p.lead { "Sanad keeps public records of violence, statements, state acts and relations with the chain of their sources, and counts them by place and month." }
        h2 { "From records to numbers" }
        ul.limits {
            li { "A count is a sum over records: record, place, month and the part that counts there. " a href="/why" { "Why" } " lists them, by the same plan that made the number." }
            li { "Of several versions of a source, one is in effect for each country and month; " a href="/sources" { "the sources" } " say which. A month that none covers is unknown and never zero." }
            li { "An index of a front joins indicators that the case declares; its interval comes from a Monte Carlo over the uncertain choices, and its evidence share says how much of its weight has data." }
            li { "A forecast is a distribution, made from the record of deaths alone; its record on past years stands beside it." }
            li { "A claim's verdict follows from rules that were written down before its test was run." }
            li { "A scenario's difference is taken within members of an ensemble, and says which share of the model is judgement." }
        }
        h2 { "Limits" }
        ul.limits {
            li { "A count is what a source recorded, not what happened: violence where no reporter goes is missed, and counts are revised for years." }
            li { "Places and organisations only. No text of propaganda is kept or shown." }
            li { "An association in time is not a cause." }
        }
        h2 { "This server" }
        dl {
            dt { "Case" } dd { (facts.case.title) }
            dt { "State" } dd { code { (scene.edition.key) } ", number " (scene.edition.observatory.generation()) }
            dt { "Program" } dd { "sanad " (env!("CARGO_PKG_VERSION")) }
            dt { "Keeps of you" } dd { "nothing: no cookie, no account, no log of questions" }
        }
    };
    Ok(PageContent::new("How this was made", body))
}
