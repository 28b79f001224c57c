//! The pages for everybody.
//!
//! They show nothing of single files. Missed deadlines are among the released counts, like everything
//! that is counted, because a list of them would name single files where few filed.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::layout::{DeskFrame, languages};
use super::style::STYLE;
use crate::config::{Channel, DeskConfig};
use crate::ledger::DayLine;
use crate::process::{Role, STAGE_TIMES};
use crate::store::KeptRelease;
use crate::text::{Language, words};

/// Days of the ledger that the page of the record shows.
pub(crate) const LAST_DAYS: usize = 7;

/// The first page: the languages.
pub(crate) fn start(config: &DeskConfig) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" dir="ltr" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (config.name) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (config.name) }
                    @for language in Language::ALL {
                        @let says = language.phrases();
                        section.box lang=(language.tag()) dir=(language.direction().as_str()) {
                            h2 { a href=(format!("/{}", language.tag())) { (says.language) ": " (says.home_title) } }
                            p { strong { (says.no_audit) } }
                            @if config.is_invented { p { (says.invented) } }
                            @if !language.is_reviewed() { p { (says.not_reviewed) } }
                        }
                    }
                }
                footer { (languages("")) }
            }
        }
    }
}

/// Channels, deadlines, counts and the ledger.
pub(crate) fn record(frame: &DeskFrame<'_>, releases: &[KeptRelease], days: &[DayLine]) -> Markup {
    let says = frame.says();
    let main = html! {
        h2 { (says.record_channels) }
        @for channel in &frame.config.channels { (channel_times(frame, channel)) }
        h2 { (says.record_counts) }
        p { (says.counts_hint) }
        @if releases.is_empty() { p { (says.no_counts) } }
        @else {
            ul { @for release in releases { li {
                (frame.digits(&release.quarter)) " · " (frame.day(release.day))
            } } }
            p { a href="/counts.csv" { "counts.csv" } }
        }
        h2 { (says.record_ledger) }
        p { (says.ledger_hint) }
        div.scroll tabindex="0" role="region" aria-label=(says.record_ledger) dir="ltr" lang="en" {
            pre { @for line in days { (line.day) " " (line.head.to_hex()) "\n" } }
        }
        p { a href="/ledger.txt" { (says.whole_ledger) } }
        p { a href=(frame.address("verify")) { (says.to_verify) } }
    };
    frame.page(says.record_title, Some("record"), &main)
}

/// One channel with its ladder of bodies, its number of files a day, and the working days of every
/// stage.
fn channel_times(frame: &DeskFrame<'_>, channel: &Channel) -> Markup {
    let says = frame.says();
    let times = STAGE_TIMES.iter().filter(|time| time.kind == channel.kind);
    let body = frame.config.bodies.get(&channel.body);
    html! {
        h3 { (frame.channel_title(channel)) }
        @if let Some(body) = body {
            p { (says.goes_to) ":" }
            ol.ladder { @for id in &body.ladder { li { (frame.body_name(id)) } } }
        }
        p { (says.a_day) ": " (frame.digits(&channel.filings_a_day.to_string())) }
        @if channel.has_work_share() {
            p { (says.plain_a_day) ": " (frame.digits(&channel.plain_a_day.to_string())) }
        }
        div.scroll tabindex="0" role="region" aria-label=(frame.channel_title(channel)) { table {
            thead { tr {
                th scope="col" { (says.stage) } th scope="col" { (says.has_to_act) }
                th scope="col" { (says.working_days) }
            } }
            tbody { @for time in times {
                @let days = frame.config.times.working_days(time.kind, time.stage);
                tr {
                    td { (words::stage(time.stage, frame.language)) }
                    td { @if time.duty == Role::Filer { (words::role(Role::Filer, frame.language)) } @else { (words::role(time.duty, frame.language)) } }
                    td { @if let Some(days) = days { (frame.digits(&days.to_string())) } }
                }
            } }
        } }
    }
}

/// How to check the ledger without an account.
pub(crate) fn verify(frame: &DeskFrame<'_>) -> Markup {
    let says = frame.says();
    let main = html! {
        p { (says.verify_lead) }
        pre dir="ltr" lang="en" {
            "sanad-desk verify ledger.txt proof-1.txt --head HEAD --reaches YYYY-MM-DD\n"
            "python3 desk-verify.py ledger.txt proof-1.txt\n"
        }
        p { (says.verify_head) }
        p { (says.proof_hint) }
        p { a href="/ledger.txt" { (says.whole_ledger) } }
    };
    frame.page(says.to_verify, Some("verify"), &main)
}

/// Every released table under one head.
pub(crate) fn counts_as_csv(releases: &[KeptRelease]) -> String {
    let mut text = String::new();
    for release in releases {
        let rows = match text.is_empty() {
            true => release.table.as_str(),
            false => release.table.split_once('\n').map_or("", |(_, rows)| rows),
        };
        text.push_str(rows);
    }
    text
}
