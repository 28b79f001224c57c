//! What tells of runs: the page of changes, the list of runs, the page that leads to the newest, and
//! the feed.
//!
//! A feed tells that a run was published and what changed in words; it holds no record of an event.

use maud::{DOCTYPE, Markup, html};
use sanad_core::xml::{XmlElement, write};

use super::run::{Changes, CrossedChance, MovedStanding, RevisedMonth, RunRecord, THRESHOLDS};
use crate::page::part::{chance, fixed, whole};

/// A run with the name of its folder.
pub(super) struct NamedRun {
    /// The name of its folder.
    pub(super) name: String,
    /// What it tells of itself.
    pub(super) run: RunRecord,
}

/// Runs that the feed holds, newest first.
const FEED_RUNS: usize = 60;

/// The page of what changed since the run before; for a first run it says that there is none.
pub(super) fn changes(run: &RunRecord, changes: Option<&Changes>) -> Markup {
    let Some(changes) = changes else {
        return html! { p.lead { "This is the first run in this folder: there is none to compare it with." } (about(run)) };
    };
    html! {
        p.lead { "Compared with the run of " (run.before.as_deref().unwrap_or("before")) "." }
        ol.findings { @for said in &run.changes { li { (said) } } }
        @if !changes.new_months.is_empty() { h2 { "New months" } p { (changes.new_months.join(", ")) } }
        @if !changes.lost_months.is_empty() { h2 { "Months that nothing covers any more" } p { (changes.lost_months.join(", ")) } }
        (revisions(&changes.revised))
        (standings("Verdicts that moved", "Claim", "/claims/", &changes.verdicts))
        (standings("Benchmarks that stand elsewhere", "Commitment or step", "", &changes.benchmarks))
        (chances(run, &changes.chances))
        (about(run))
    }
}

/// Months with their counts before and after. Counts of the country are sums over places of the first
/// level, with what could not be placed.
fn revisions(revised: &[RevisedMonth]) -> Markup {
    let number = |value: f64| match value.fract() == 0.0 {
        true => whole(Some(value)),
        false => fixed(Some(value), 2),
    };
    html! { @if !revised.is_empty() {
        h2 { "Revised months" }
        div.scroll tabindex="0" role="region" aria-label="Revised months" { table {
            thead { tr {
                th scope="col" { "Month" }
                @for title in ["Deaths, best estimate, before", "After", "Events before", "After", "Places that changed"] { th.n scope="col" { (title) } }
            } }
            tbody { @for one in revised { tr {
                td.nowrap { (one.month) }
                @for value in one.deaths.into_iter().chain(one.events) { td.n { (number(value)) } }
                td.n { (one.places) }
            } } }
        } }
        p.note { "The whole country, by the month of an event's last day; places are of the first level below it." }
    } }
}

/// Things with where they stood and stand. `page` is the start of a thing's address; without one it
/// has no page.
fn standings(title: &str, what: &str, page: &str, moved: &[MovedStanding]) -> Markup {
    html! { @if !moved.is_empty() {
        h2 { (title) }
        div.scroll tabindex="0" role="region" aria-label=(title) { table {
            thead { tr { th scope="col" { (what) } th scope="col" { "Before" } th scope="col" { "Now" } } }
            tbody { @for one in moved { tr {
                td { @if page.is_empty() { (one.title) } @else { a href=(format!("{page}{}", one.id)) { (one.title) } } }
                td { (one.standing[0]) } td { b { (one.standing[1]) } }
            } } }
        } }
    } }
}

/// Places whose chance crossed a threshold.
fn chances(run: &RunRecord, crossed: &[CrossedChance]) -> Markup {
    html! { @if !crossed.is_empty() {
        h2 { "Places whose chance of a death crossed a threshold" }
        div.scroll tabindex="0" role="region" aria-label="Chances" { table {
            thead { tr { th scope="col" { "Place" } th.n scope="col" { "Before" } th.n scope="col" { "Now" } th.n scope="col" { "Threshold" } } }
            tbody { @for one in crossed { tr {
                td { a href=(format!("/place/{}", one.id)) { (one.place) } }
                @for value in one.chance.into_iter().chain([one.threshold]) { td.n { (chance(Some(value))) } }
            } } }
        } }
        p.note {
            "The chance of at least one death in state-based violence in the first month of the forecast, now " (run.forecast_month) ". Thresholds: "
            @for (at, one) in THRESHOLDS.into_iter().enumerate() { @if at > 0 { ", " } (chance(Some(one))) } "."
        }
    } }
}

/// What the run is of.
fn about(run: &RunRecord) -> Markup {
    html! { dl {
        dt { "Published on" } dd { (run.day) }
        dt { "State of the observatory" } dd { code { (run.state) } }
        dt { "Program" } dd { (run.program) }
    } }
}

/// The list of runs, newest first.
pub(super) fn list(runs: &[NamedRun]) -> Markup {
    html! {
        @if let Some(newest) = runs.first() {
            p.lead { a href=(format!("/runs/{}", newest.name)) { "The newest run, of " (newest.run.day) } "." }
        }
        ul.cards { @for one in runs { li {
            b { a href=(format!("/runs/{}", one.name)) { (one.name) } }
            a href=(format!("/runs/{}/changes", one.name)) { "What changed" } ": "
            @for (at, said) in one.run.changes.iter().enumerate() { @if at > 0 { " " } (said) }
            @if one.run.changes.is_empty() { "the first run." }
        } } }
        p.note { "A run never changes: link to its folder to show others what you saw. " a href="/runs/feed" { "A feed (Atom)" } " says when there is a new one." }
    }
}

/// The page that leads to the newest run. It is a page and no link of the file system, which a
/// memory stick cannot hold.
pub(super) fn latest(name: &str) -> String {
    let target = format!("../{name}/index.html");
    let page = html! {
        (DOCTYPE)
        html lang="en" dir="ltr" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="refresh" content=(format!("0; url={target}"));
                title { "The newest run · Sanad" }
            }
            body { main { h1 { "The newest run" } p { a href=(target) { (name) } } } }
        }
    };
    page.into_string()
}

/// The feed of runs, newest first, as Atom (RFC 4287). Its links are relative to where it lies, so
/// that it holds on any host; identifiers are made of the run's name and state.
pub(super) fn feed(runs: &[NamedRun]) -> String {
    let title = runs.first().map_or("", |newest| newest.run.case.as_str());
    let updated = runs.first().map_or_else(String::new, |newest| moment(&newest.run));
    let first = runs.last().map_or("", |oldest| oldest.run.state.as_str());
    let author = XmlElement {
        children: vec![XmlElement::with_text("name", "Sanad")],
        ..XmlElement::new("author")
    };
    let head = [
        XmlElement::with_text("title", &format!("{title} · Sanad")),
        XmlElement::with_text("id", &identifier(&["feed", title, first])),
        XmlElement::with_text("updated", &updated),
        author,
        link("self", "application/atom+xml", "feed.atom"),
        link("alternate", "text/html", "index.html"),
    ];
    let entries = runs.iter().take(FEED_RUNS).map(entry);
    let feed = XmlElement::new("feed")
        .attribute("xmlns", "http://www.w3.org/2005/Atom")
        .attribute("xml:lang", "en");
    write(&XmlElement { children: head.into_iter().chain(entries).collect(), ..feed })
}

/// One run in the feed.
fn entry(one: &NamedRun) -> XmlElement {
    let run = &one.run;
    let said = match run.changes.is_empty() {
        true => "The first run.".to_owned(),
        false => run.changes.join(" "),
    };
    let title = format!("{}: what changed by {}", run.case, run.day);
    let children = vec![
        XmlElement::with_text("title", &title),
        XmlElement::with_text("id", &identifier(&[&one.name, &run.case, &run.state])),
        XmlElement::with_text("updated", &moment(run)),
        link("alternate", "text/html", &format!("{}/changes.html", one.name)),
        XmlElement::with_text("summary", &said),
    ];
    XmlElement { children, ..XmlElement::new("entry") }
}

/// A link of the feed.
fn link(relation: &str, media: &str, address: &str) -> XmlElement {
    let link = XmlElement::new("link").attribute("rel", relation).attribute("type", media);
    link.attribute("href", address)
}

/// The day of a run as a moment of RFC 3339. Runs know no time of day.
fn moment(run: &RunRecord) -> String {
    format!("{}T00:00:00Z", run.day)
}

/// An identifier that texts always give, as a UUID of version 8 (RFC 9562).
fn identifier(texts: &[&str]) -> String {
    let joined = texts.join("\n");
    let high = crate::page::style::hash(joined.as_bytes());
    let low = crate::page::style::hash(format!("{joined}\n").as_bytes());
    let high = (high & 0xffff_ffff_ffff_0fff) | 0x8000;
    let low = (low & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
    let digits = format!("{high:016x}{low:016x}");
    let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
    let parts: Vec<&str> = parts.iter().map(|&(from, to)| &digits[from..to]).collect();
    format!("urn:uuid:{}", parts.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &str, changes: &[&str]) -> NamedRun {
        let changes = changes.iter().map(|&said| said.to_owned()).collect();
        let day = name.get(..10).unwrap().parse().unwrap();
        let run =
            RunRecord { day, case: "North & South".to_owned(), changes, ..RunRecord::default() };
        NamedRun { name: name.to_owned(), run }
    }

    #[test]
    fn a_feed_has_an_entry_for_each_run_with_what_changed() {
        let runs = [
            run("2026-01-31-2", &["1 new month: 2025-12.", "Other <words>."]),
            run("2025-12-31", &[]),
        ];
        let feed = feed(&runs);
        for there in [
            "<title>North &amp; South · Sanad</title>",
            "<updated>2026-01-31T00:00:00Z</updated>",
            "href=\"2026-01-31-2/changes.html\"",
            "href=\"2025-12-31/changes.html\"",
            "<summary>1 new month: 2025-12. Other &lt;words&gt;.</summary>",
            "<summary>The first run.</summary>",
        ] {
            assert!(feed.contains(there), "{there}: {feed}");
        }
        let ids: std::collections::BTreeSet<&str> =
            feed.split("<id>").skip(1).filter_map(|rest| rest.split('<').next()).collect();
        assert_eq!(ids.len(), 3);
        for id in ids {
            let uuid = id.strip_prefix("urn:uuid:").unwrap();
            assert!(uuid.len() == 36 && uuid.as_bytes()[14] == b'8', "{id}");
            assert!(b"89ab".contains(&uuid.as_bytes()[19]), "{id}");
        }
    }

    #[test]
    fn the_newest_run_is_led_to_by_a_page() {
        let page = latest("2026-01-31");
        assert!(page.contains("content=\"0; url=../2026-01-31/index.html\""));
        assert!(page.contains("<a href=\"../2026-01-31/index.html\">2026-01-31</a>"));
    }
}
