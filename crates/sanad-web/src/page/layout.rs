//! The frame of every page.
//!
//! The frame has no script, no style of its own and no address elsewhere; a test holds it to that.
//! Every page ends with what its numbers are not, and with the key of the state that they are of.

use maud::{DOCTYPE, Markup, html};

use super::style::style_address;
use crate::fault::Fault;
use crate::jobs::Step;

/// The main parts, as the navigation lists them: address and name. A test holds each to being a
/// route.
pub(crate) const MAIN: [(&str, &str); 16] = [
    ("/", "Overview"),
    ("/map", "Map"),
    ("/places", "Places"),
    ("/organisations", "Organisations"),
    ("/fronts", "Fronts"),
    ("/forecast", "Forecast"),
    ("/cycle", "Cycle"),
    ("/interventions", "Interventions"),
    ("/claims", "Claims"),
    ("/scenarios", "Scenarios"),
    ("/benchmarks", "Benchmarks"),
    ("/chronicle", "Chronicle"),
    ("/compare", "Compare"),
    ("/sources", "Sources"),
    ("/data", "Data"),
    ("/api", "API"),
];

/// What a frame says of what it shows. A page of waiting or of a fault has one too.
pub(crate) struct PageFrame<'a> {
    /// The page's title.
    pub(crate) title: &'a str,
    /// The case's title; empty before it is known.
    pub(crate) case: &'a str,
    /// The path, for the navigation. The part that it belongs to is marked as the current one.
    pub(crate) path: &'a str,
    /// The key of the state that is shown; empty before it is known.
    pub(crate) state: &'a str,
    /// Seconds after which a browser asks again by itself. `None` for a page that is finished.
    pub(crate) again: Option<u32>,
}

/// A whole page. `again` makes a browser ask once more by itself, without a script.
pub(crate) fn page(frame: &PageFrame<'_>, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" dir="ltr" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                @if let Some(seconds) = frame.again { meta http-equiv="refresh" content=(seconds); }
                title { (frame.title) @if !frame.case.is_empty() { " · " (frame.case) } " · Sanad" }
                link rel="stylesheet" href=(style_address());
            }
            body {
                a.skip href="#content" { "To the content" }
                header.top {
                    p.brand { a href="/" { "Sanad" } @if !frame.case.is_empty() { span { " · " (frame.case) } } }
                    nav.main aria-label="Parts" { ul {
                        @for (address, name) in MAIN { li {
                            a href=(address) aria-current=[is_here(frame.path, address).then_some("page")] { (name) }
                        } }
                    } }
                }
                main #content tabindex="-1" { h1 { (frame.title) } (body) }
                footer.foot {
                    p { "Places and organisations only, no persons; no text of propaganda. A count is what a source recorded, not what happened. An index is a summary of chosen indicators, not a verdict; a difference in time is not a cause. "
                        a href="/about" { "How this was made" } "." }
                    @if !frame.state.is_empty() { p.hash { "State of the observatory: " (frame.state) " · sanad " (env!("CARGO_PKG_VERSION")) } }
                }
            }
        }
    };
    // Texts are escaped where they are put in; what cannot be seen is taken out here, once for all.
    sanad_core::escape::lines(&page.into_string()).into_owned()
}

/// Whether a path belongs to a main part: it is the part's address, lies under it, or is the page
/// of one of the part's things, such as `/place/ID` of `/places`.
fn is_here(path: &str, address: &str) -> bool {
    let singular = match address {
        "/places" => "/place/",
        "/organisations" => "/organisation/",
        "/data" => "/sql",
        other => other,
    };
    path == address
        || (address != "/"
            && (path.starts_with(&format!("{address}/")) || path.starts_with(singular)))
}

/// What is said while an answer is computed. It asks again by itself, without a script. A step
/// shows its result, or how many of its parts are done. Without a step the work waits in the queue.
pub(crate) fn waiting(steps: &[Step]) -> Markup {
    html! {
        p.lead role="status" { "The answer is being computed. This page asks again every two seconds; what is computed is kept for whoever asks next." }
        @if !steps.is_empty() {
            ol.findings { @for step in steps { li {
                (step.name)
                @match (&step.result, step.parts) {
                    (Some(result), _) => { ": " (result) }
                    (None, Some([done, total])) => { ": " (done) " of " (total) }
                    (None, None) => { " …" }
                }
            } } }
        } @else { p { "It waits for its turn." } }
    }
}

/// What went wrong, where, and what to do. It stands in the frame of a page, so that the reader can
/// go on from there.
pub(crate) fn fault(fault: &Fault) -> Markup {
    html! {
        p.lead { (fault.what) "." }
        dl {
            @if !fault.place.is_empty() { dt { "Where" } dd { (fault.place) } }
            @if !fault.hint.is_empty() { dt { "What to do" } dd { (fault.hint) } }
            dt { "Kind" } dd { (fault.problem.status()) " " (fault.problem.name()) }
        }
        p { a href="/" { "To the overview" } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_no_script_no_inline_style_and_no_address_elsewhere() {
        let frame = PageFrame {
            title: "<North>",
            case: "A & B",
            path: "/place/PK1",
            state: "state-1",
            again: Some(2),
        };
        let page = page(&frame, &waiting(&[]));
        for absent in ["<script", "style=", "<style", "http://", "https://", "javascript:"] {
            assert!(!page.contains(absent), "{absent}");
        }
        assert!(page.contains("&lt;North&gt;") && page.contains("http-equiv=\"refresh\""));
        assert!(page.contains("href=\"/places\" aria-current=\"page\""), "{page}");
    }
}
