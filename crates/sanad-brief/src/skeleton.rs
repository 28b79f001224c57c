//! What every page has: doctype, head and the one style. The pages differ in their bodies.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use sanad_figure::{page_variables, stylesheet};

/// The rules of a page around its figures. Its colours come from `sanad_figure`.
const RULES: &str = include_str!("page.css");

/// A whole HTML file that needs nothing else. `program` is the name and version of what made it.
pub(crate) fn page(title: &str, program: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content=(program);
                title { (title) }
                style { (PreEscaped(stylesheet())) (PreEscaped(page_variables())) "\n" (PreEscaped(RULES)) }
            }
            body { (body) }
        }
    };
    // Texts are escaped where they are put in; what cannot be seen is taken out here, once for all.
    sanad_core::escape::lines(&page.into_string()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_fetches_nothing_and_escapes_its_title() {
        let page = page("North & <South>", "sanad 0", &html! { p { "text" } });
        assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{page}");
        assert!(page.contains("<title>North &amp; &lt;South&gt;</title>"), "{page}");
        assert!(page.contains("<body><p>text</p></body>"), "{page}");
        for request in ["<script", "<link", "@import", "url("] {
            assert!(!page.contains(request), "{request}");
        }
    }

    #[test]
    fn a_page_holds_no_character_that_cannot_be_seen() {
        let name = "North\u{202e}\u{1b}[2J\u{0}";
        let page = page(name, "sanad 0", &html! { p title=(name) { (name) "\n" } });
        let hidden = |letter: &char| sanad_core::escape::is_hidden(*letter) && *letter != '\n';
        assert_eq!(page.chars().find(hidden), None, "{page:?}");
        assert!(page.contains("North\u{fffd}\u{fffd}[2J\u{fffd}"), "{page}");
    }

    #[test]
    fn the_style_defines_every_colour_that_its_rules_name() {
        let variables = page_variables();
        for name in RULES.split("var(").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert!(variables.contains(&format!("{name}:#")), "{name}");
        }
        assert!(!RULES.contains("--ink:") && !RULES.contains("#0b5a8f"));
    }
}
