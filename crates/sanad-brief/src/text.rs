//! Texts as such: what needs no content.

/// A text with a capital letter at its beginning.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A part of the page that follows the first pages: folded on a screen, open on paper. `id` is that of
/// the section inside, so that a link to it opens the fold.
pub(crate) fn annex(id: &str, title: &str, body: &maud::Markup) -> maud::Markup {
    maud::html! {
        details.annex {
            summary { h2 { (title) } }
            section id=(id) { (body) }
        }
    }
}
