//! From a page as it is served to one that works from a folder: forms become lists of links, and
//! links lead to files.
//!
//! The pages are our own and written by one template, so that they are read here as text: every
//! attribute stands in double quotes and every quote of a text is escaped.

use std::borrow::Cow;

use maud::{Markup, html};
use sanad_core::escape::markup;

use super::target::{PublishTarget, changed, way};

/// A link of a page.
pub(super) struct PageLink {
    /// The address, without escapes of HTML.
    pub(super) address: String,
    /// What the link says, without the tags in it.
    pub(super) text: String,
}

/// A text between two others, with what stands before and after it. The two are in neither.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<[&'a str; 3]> {
    let (before, rest) = text.split_once(start)?;
    let (inner, after) = rest.split_once(end)?;
    Some([before, inner, after])
}

/// A text of HTML as it was before it was escaped.
fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// A text without the tags in it.
fn without_tags(html: &str) -> String {
    let mut out = String::new();
    for part in html.split('<') {
        out.push_str(part.split_once('>').map_or(part, |(_, text)| text));
    }
    unescaped(out.trim())
}

/// Every link of a page, in its order. Style sheets and pictures are none.
pub(super) fn links(page: &str) -> Vec<PageLink> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some([_, tag, after]) = between(rest, "<a ", ">") {
        if let Some([_, address, _]) = between(tag, "href=\"", "\"") {
            let text = after.split_once("</a>").map_or("", |(text, _)| text);
            found.push(PageLink { address: unescaped(address), text: without_tags(text) });
        }
        rest = after;
    }
    found
}

/// A page without forms, scripts and what the server alone draws, its links still those of the server.
///
/// A form's lists of words become links to the pages of those words; what a reader would have to
/// write is said to need the program. Figures as PNG are drawn when they are asked for: to draw them
/// all would take longer than all else of a run. `is_published` is asked of every page that a list offers.
pub(super) fn without_questions(
    page: &str,
    target: &PublishTarget,
    is_published: &dyn Fn(&PublishTarget) -> bool,
) -> String {
    let mut out = String::with_capacity(page.len());
    let mut rest = page;
    while let Some([before, form, after]) = between(rest, "<form ", "</form>") {
        out.push_str(before);
        let is_own = form.contains("method=\"get\"");
        let lists = if is_own { lists(form, target, is_published) } else { Vec::new() };
        out.push_str(&choices(&lists).into_string());
        rest = after;
    }
    out.push_str(rest);
    without_served(&out)
}

/// Starts and ends of what a page has from the server alone: scripts, and links to what is drawn when it is
/// asked for.
const SERVED: [[&str; 2]; 2] = [["<script ", "</script>"], ["<span class=\"served\">", "</span>"]];

/// A page without what works from the server alone.
fn without_served(page: &str) -> String {
    let mut page = page.to_owned();
    for [start, end] in SERVED {
        let mut kept = String::with_capacity(page.len());
        let mut rest = page.as_str();
        while let Some([before, _, after]) = between(rest, start, end) {
            kept.push_str(before);
            rest = after;
        }
        kept.push_str(rest);
        page = kept;
    }
    page
}

/// One list of words of a form.
struct WordList {
    /// What is chosen.
    title: String,
    /// The words for people, each with its address; without one, the word is the one in force.
    words: Vec<(String, Option<String>)>,
}

/// The lists of words of a form whose pages are published.
fn lists(
    form: &str,
    target: &PublishTarget,
    is_published: &dyn Fn(&PublishTarget) -> bool,
) -> Vec<WordList> {
    let mut found = Vec::new();
    for label in form.split("<label").skip(1) {
        let Some([_, title, select]) = between(label, "<span>", "</span>") else { continue };
        let Some([_, name, options]) = between(select, "<select name=\"", "\"") else { continue };
        let mut words = Vec::new();
        for option in options.split("<option ").skip(1) {
            let Some([tag, text, _]) = between(option, ">", "</option>") else { continue };
            let Some([_, value, _]) = between(tag, "value=\"", "\"") else { continue };
            let text = unescaped(text);
            if tag.ends_with(" selected") {
                words.push((text, None));
                continue;
            }
            let page = target.asked_otherwise(&changed(target, name, &unescaped(value)));
            let published = page.filter(|page| is_published(page));
            words.extend(published.map(|page| (text, Some(page.address))));
        }
        if words.iter().any(|(_, address)| address.is_some()) {
            found.push(WordList { title: unescaped(title), words });
        }
    }
    found
}

/// What stands in the place of a form.
fn choices(lists: &[WordList]) -> Markup {
    html! {
        div.choices {
            @for list in lists { p.pager {
                span { (list.title) }
                @for (text, address) in &list.words {
                    @match address { Some(address) => { a href=(address) { (text) } } None => { b { (text) } } }
                }
            } }
            p.note { "Other questions need the program, " code { "sanad serve CASE" } ": this page was published as a file." }
        }
    }
}

/// Where files of a published run are, for [`relinked`].
pub(super) struct FileMap<'a> {
    /// The file of an address, from the folder in which `from` lies; `None` for what is not
    /// published.
    pub(super) file_of: &'a dyn Fn(&str) -> Option<String>,
    /// The file that the page is written to.
    pub(super) from: &'a str,
    /// The folder of the run, for addresses that a reader copies.
    pub(super) run: &'a str,
}

/// A page whose links lead to files. A link to what is not published becomes plain text.
pub(super) fn relinked(page: &str, map: &FileMap<'_>) -> String {
    let mut out = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((before, from)) = rest.split_once('<') {
        out.push_str(&embedded(before, map));
        let (tag, after) = from.split_once('>').unwrap_or((from, ""));
        rest = after;
        let Some([start, address, end]) = between(tag, "href=\"", "\"") else {
            push_all(&mut out, &["<", tag, ">"]);
            continue;
        };
        if let Some(place) = file_with_place(&unescaped(address), map) {
            push_all(&mut out, &["<", start, "href=\"", &markup(&place), "\"", end, ">"]);
        } else if let (true, Some((text, after))) = (tag.starts_with("a "), rest.split_once("</a>"))
        {
            push_all(&mut out, &["<span class=\"elsewhere\">", text, "</span>"]);
            rest = after;
        } else {
            push_all(&mut out, &["<", tag, ">"]);
        }
    }
    out.push_str(&embedded(rest, map));
    out
}

/// Puts texts behind one another at the end of another.
fn push_all(out: &mut String, texts: &[&str]) {
    texts.iter().for_each(|text| out.push_str(text));
}

/// The file of an address with its place on the page, seen from the page that is written; the
/// address itself where it is a place on this page.
fn file_with_place(address: &str, map: &FileMap<'_>) -> Option<String> {
    if address.starts_with('#') {
        return Some(address.to_owned());
    }
    let (bare, place) =
        address.split_once('#').map_or((address, ""), |(bare, place)| (bare, place));
    let file = way(map.from, &(map.file_of)(bare)?);
    Some(if place.is_empty() { file } else { format!("{file}#{place}") })
}

/// A text in which the address of a picture that a reader copies is that of its file.
fn embedded<'t>(text: &'t str, map: &FileMap<'_>) -> Cow<'t, str> {
    let Some([before, address, after]) = between(text, "src=&quot;", "&quot;") else {
        return Cow::Borrowed(text);
    };
    let file = (map.file_of)(&unescaped(address));
    let shown =
        file.map_or_else(|| address.to_owned(), |file| markup(&format!("/{}/{file}", map.run)));
    Cow::Owned(format!("{before}src=&quot;{shown}&quot;{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<head><link rel=\"stylesheet\" href=\"/assets/s.css\"></head>\
        <a class=\"x\" href=\"/map?unit=adm1&amp;measure=events\">The <b>map</b></a>\
        <form class=\"ask\" method=\"get\" action=\"/map\">\
        <label><span>Level</span><select name=\"unit\"><option value=\"adm2\" selected>districts</option>\
        <option value=\"adm1\">provinces</option></select></label>\
        <label><span>First month</span><input type=\"text\" name=\"from\" value=\"\"></label>\
        <button type=\"submit\">Show</button></form>\
        <a href=\"/sql?q=1\">a <i>question</i></a><a href=\"#here\">here</a><a href=\"/api#x\">x</a>\
        <code>&lt;img src=&quot;/map.svg?figure=map&quot; alt=&quot;A&quot;&gt;</code>\
        <a href=\"/map.svg\">SVG</a><span class=\"served\">, <a href=\"/map.png\">PNG</a></span>\
        <script src=\"/a.js\"></script>";

    #[test]
    fn a_list_of_words_becomes_links_and_what_the_server_alone_gives_goes() {
        let target = PublishTarget::of_address("/map?measure=events").unwrap();
        let page = without_questions(PAGE, &target, &|_| true);
        assert!(page.contains("<span>Level</span><b>districts</b>"), "{page}");
        assert!(
            page.contains("<a href=\"/map?unit=adm1&amp;measure=events\">provinces</a>"),
            "{page}"
        );
        assert!(page.contains(">SVG</a>"), "{page}");
        for gone in ["<form", "<input", "<button", "<script", "First month", "PNG"] {
            assert!(!page.contains(gone), "{gone}");
        }
        assert!(!without_questions(PAGE, &target, &|_| false).contains("provinces"));
    }

    #[test]
    fn a_link_leads_to_a_file_and_what_has_none_is_plain_text() {
        let file_of = |address: &str| match address {
            "/map?unit=adm1&measure=events" => Some("map,unit=adm1.html".to_owned()),
            "/api" => Some("api.html".to_owned()),
            "/assets/s.css" => Some("assets/s.css".to_owned()),
            "/map.svg?figure=map" => Some("map,figure=map.svg".to_owned()),
            _ => None,
        };
        let map = FileMap { file_of: &file_of, from: "place/A.html", run: "2026-01-31" };
        let page = relinked(PAGE, &map);
        for there in [
            "<link rel=\"stylesheet\" href=\"../assets/s.css\">",
            "<a class=\"x\" href=\"../map,unit=adm1.html\">The <b>map</b></a>",
            "<span class=\"elsewhere\">a <i>question</i></span>",
            "<a href=\"#here\">",
            "<a href=\"../api.html#x\">",
            "src=&quot;/2026-01-31/map,figure=map.svg&quot;",
        ] {
            assert!(page.contains(there), "{there}: {page}");
        }
    }

    #[test]
    fn links_come_with_their_words() {
        let found = links(PAGE);
        let shown: Vec<(&str, &str)> =
            found.iter().map(|link| (link.address.as_str(), link.text.as_str())).collect();
        assert_eq!(shown[0], ("/map?unit=adm1&measure=events", "The map"));
        assert_eq!(shown.len(), 6);
    }
}
