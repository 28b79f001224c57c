//! The frame of every page, and the parts that several pages share.
//!
//! Every page says three things first: that there was no audit, that the desk is invented where it
//! is, and that nobody reviewed the language where nobody did. They stand in the frame, so that no
//! page can leave them out.

use jiff::civil::Date;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::style::STYLE;
use crate::config::{Channel, DeskConfig};
use crate::text::{Language, Phrases, words};

/// What every page of a language needs.
#[derive(Clone, Copy)]
pub(crate) struct DeskFrame<'a> {
    /// The desk's names and rules.
    pub(crate) config: &'a DeskConfig,
    /// The language of the page.
    pub(crate) language: Language,
}

impl DeskFrame<'_> {
    /// The sentences.
    pub(crate) fn says(&self) -> &'static Phrases {
        self.language.phrases()
    }

    /// The address of a page in this language.
    pub(crate) fn address(&self, rest: &str) -> String {
        let tag = self.language.tag();
        if rest.is_empty() { format!("/{tag}") } else { format!("/{tag}/{rest}") }
    }

    /// A day or a number as readers of the language write it. It keeps its own direction.
    pub(crate) fn digits(&self, text: &str) -> Markup {
        html! { bdi dir="ltr" { (self.language.digits(text)) } }
    }

    /// A day.
    pub(crate) fn day(&self, day: Date) -> Markup {
        html! { time datetime=(day) { (self.digits(&day.to_string())) } }
    }

    /// A whole page. `here` is the rest of the page's address after the language, where it has one
    /// that can be asked for in another language; a page that came of a form has none.
    pub(crate) fn page(&self, title: &str, here: Option<&str>, main: &Markup) -> Markup {
        let says = self.says();
        let (tag, direction) = (self.language.tag(), self.language.direction().as_str());
        html! {
            (DOCTYPE)
            html lang=(tag) dir=(direction) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    header {
                        p { bdi lang="en" { (self.config.name) } }
                        (self.warnings())
                        nav aria-label=(says.home_title) { ul {
                            li { a href=(self.address("")) { (says.home) } }
                            li { a href=(self.address("file")) { (says.to_file) } }
                            li { a href=(self.address("receipt")) { (says.to_return) } }
                            li { a href=(self.address("record")) { (says.to_record) } }
                        } }
                    }
                    main { h1 { (title) } (main) }
                    footer { (languages(here.unwrap_or_default())) }
                }
            }
        }
    }

    /// What has to be said on every page.
    fn warnings(&self) -> Markup {
        let says = self.says();
        html! {
            div.warn {
                p { strong { (says.no_audit) } }
                @if self.config.is_invented { p { (says.invented) } }
                @if !self.language.is_reviewed() {
                    p { (says.not_reviewed) }
                    p lang="en" dir="ltr" { (Language::English.phrases().not_reviewed) }
                }
            }
        }
    }

    /// The name of a body or a district, which the operator wrote in one language.
    pub(crate) fn name(&self, name: &str) -> Markup {
        html! { bdi lang="en" { (name) } }
    }

    /// What a channel takes: the kind of file, and the matter where it has one.
    pub(crate) fn channel_title(&self, channel: &Channel) -> String {
        let kind = words::kind(channel.kind, self.language);
        match channel.matter {
            None => kind.to_owned(),
            Some(matter) => format!("{kind}: {}", words::matter(matter, self.language)),
        }
    }

    /// The name of a body by its id.
    pub(crate) fn body_name(&self, id: &str) -> Markup {
        self.name(self.config.bodies.get(id).map_or(id, |body| &body.name))
    }
}

/// Links to a page in every language.
pub(crate) fn languages(here: &str) -> Markup {
    html! {
        nav aria-label="Languages" lang="en" { ul {
            @for language in Language::ALL {
                @let tag = language.tag();
                @let address = if here.is_empty() { format!("/{tag}") } else { format!("/{tag}/{here}") };
                li { a href=(address) lang=(tag) hreflang=(tag) { (language.phrases().language) } }
            }
        } }
    }
}
