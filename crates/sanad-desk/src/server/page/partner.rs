//! The pages of partners, in English alone.
//!
//! The table and the receipts travel in the page between checking and filing, hidden, as a filer's
//! receipt travels in a filer's form. Nothing of them is on the server in between.

use maud::{Markup, html};

use super::staff::{form_token, page};
use crate::config::DeskConfig;
use crate::partner::{PaperFiling, PaperRefused};
use crate::server::session::StaffSession;
use crate::vault::Receipt;

/// The form for a table, with what was wrong with the one before.
pub(crate) fn table_form(
    config: &DeskConfig,
    session: &StaffSession,
    table: &str,
    refusal: Option<&PaperRefused>,
) -> Markup {
    let main = html! {
        @if let Some(PaperRefused(faults)) = refusal {
            div.warn role="alert" {
                p { strong { "Nothing was kept. Correct this and check again:" } }
                ul { @for fault in faults { li { bdi { (fault) } } } }
            }
        }
        p { "File only for people who were asked and agreed. There is no column for a name: leave names out." }
        form method="post" action="/staff/partner" autocomplete="off" {
            (form_token(session))
            label for="table" { "Table as CSV: channel,district,consent,text" }
            p #table-hint .hint { "At most a megabyte, about a hundred people at a time. Nothing is kept yet." }
            textarea #table name="table" required dir="auto" aria-describedby="table-hint" { "\n" (table) }
            button type="submit" { "Check" }
        }
    };
    page(config, "File for others", Some(session), &main)
}

/// A receipt for every row, before anything is kept.
pub(crate) fn receipts(
    config: &DeskConfig,
    session: &StaffSession,
    table: &str,
    filings: &[PaperFiling],
    receipts: &[Receipt],
) -> Markup {
    let rows = filings.iter().zip(receipts);
    let lines: Vec<String> =
        receipts.iter().map(|receipt| receipt.to_groups().to_string()).collect();
    let main = html! {
        p { strong { "Nothing is kept yet." } " Copy each receipt on paper for its person first. The desk cannot show them again. If the line breaks while you file, send this page again: nothing is doubled." }
        div.scroll tabindex="0" role="region" aria-label="Receipts" { table {
            thead { tr {
                th scope="col" { "Row" } th scope="col" { "Receipt" } th scope="col" { "Channel" }
            } }
            tbody { @for (filing, receipt) in rows { tr {
                td { (filing.row) }
                td { code { (receipt.to_groups().as_str()) } }
                td { (filing.channel) }
            } } }
        } }
        form method="post" action="/staff/partner/send" autocomplete="off" {
            (form_token(session))
            textarea name="table" hidden { "\n" (table) }
            textarea name="receipts" hidden { "\n" (lines.join("\n")) }
            button type="submit" { "File all of them" }
        }
    };
    page(config, "Receipts", Some(session), &main)
}

/// What is said after filing.
pub(crate) fn kept(
    config: &DeskConfig,
    session: &StaffSession,
    filings: usize,
    before: usize,
) -> Markup {
    let main = html! {
        p role="status" { (filings) " files are kept." }
        @if before > 0 { p { (before) " of them were kept before; nothing was doubled." } }
        p { a href="/staff/partner" { "File more" } }
    };
    page(config, "Filed", Some(session), &main)
}
