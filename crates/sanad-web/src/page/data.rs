//! Statements of SQL over the observatory, and one page of any table.
//!
//! The form sends the statement in the address, so that a question with its answer can be shared as
//! a link.

use maud::html;
use sanad_store::View;

use super::PageContent;
use crate::api::records;
use crate::fault::Fault;
use crate::query::{Kind, Parameter, address};
use crate::scene::Scene;

/// The statement; without one the page lists the tables.
pub(crate) static SQL: [Parameter; 1] =
    [Parameter::optional("q", Kind::Statement, "One SELECT over the observatory's tables.")];

/// What is asked where nothing is: the tables and how many columns each has.
const TABLES: &str = "SELECT table_name, COUNT(*) AS columns FROM information_schema.columns \
                      WHERE table_schema = 'public' GROUP BY table_name ORDER BY table_name";

/// Rows of an answer that a page shows; its data hold all. The number of all rows stands above
/// them.
const SHOWN_ROWS: usize = 200;

/// A statement and its answer.
///
/// It answers any question that one SELECT can ask of the records. What is wrong with a statement
/// stands where the answer would, so that it can be mended in the form.
///
/// # Errors
///
/// A fault for a statement that is too long.
pub(crate) fn sql(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let given = scene.query.text("q");
    let statement = given.unwrap_or(TABLES);
    let pairs = [("q".to_owned(), statement.to_owned())];
    let request = crate::query::Query::check(&records::SQL, &pairs)?;
    let answer = records::sql(&Scene { query: &request, ..*scene });
    let limits = &scene.statement;
    let shown = match &answer {
        Ok(table) => {
            let view = View::new(table);
            let columns = view.columns();
            let cells = view.cells(0, SHOWN_ROWS)?;
            html! {
                p.note { (view.rows()) " rows" @if view.rows() > SHOWN_ROWS { ", the first " (SHOWN_ROWS) " shown" } "." }
                div.scroll tabindex="0" role="region" aria-label="Answer" { table {
                    thead { tr { @for one in &columns { th.n[one.is_number] scope="col" { (one.name) } } } }
                    tbody { @for row in &cells { tr { @for (one, cell) in columns.iter().zip(row) {
                        td.n[one.is_number] { @match cell { Some(text) => { (text) } None => { span.missing { "null" } } } }
                    } } } }
                } }
            }
        }
        Err(fault) => super::layout::fault(fault),
    };
    let link = |ending: &str| address(&format!("/api/v1/sql.{ending}"), &[("q", statement)]);
    let body = html! {
        p { "One SELECT, for reading only, over every version of every record: " code { "events" } ", " code { "counts" } ", "
            code { "places" } ", " code { "sources" } ", the chronicle's " code { "statements" } ", " code { "acts" } ", "
            code { "relations" } " and " code { "ties" } ", and what else the first answer lists." }
        form.ask method="get" action="/sql" {
            label.whole { span { "Statement" } textarea name="q" rows="5" { (statement) } }
            button type="submit" { "Ask" }
        }
        (shown)
        @if answer.is_ok() { p.made { "Data: " a href=(link("csv")) { "CSV" } ", " a href=(link("json")) { "JSON" } ", " a href=(link("parquet")) { "Parquet" } ", " a href=(link("arrow")) { "Arrow" } "." } }
        p.note { "Bounds: " (limits.seconds) " s, " (limits.memory_mib) " MiB, " (scene.statement_rows) " rows. The command " code { "sanad sql" } " has bounds of your own." }
    };
    Ok(PageContent::new("SQL", body))
}
