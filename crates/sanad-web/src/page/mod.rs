//! Pages for people. Each is useful without scripts, has its whole state in its address, and says of every
//! figure where its data are and how it was made.
//!
//! A page is a function of a scene. It reads its numbers from the tables that programs get, by a
//! scene with another query, so that page and table cannot differ; figures come from `sanad-figure`
//! and from the briefing's parts. Where the case or its record cannot fill a page, the page is a
//! fault that says what is missing and how the case would come to have it; where only a part is
//! missing, the page says so in its place.

pub(crate) mod claims;
pub(crate) mod compare;
pub(crate) mod data;
pub(crate) mod fronts;
pub(crate) mod guide;
pub(crate) mod layout;
pub(crate) mod map;
pub(crate) mod organisations;
pub(crate) mod outlook;
pub(crate) mod overview;
mod part;
pub(crate) mod places;
pub(crate) mod record;
pub(crate) mod scenarios;
pub(crate) mod style;
pub(crate) mod why;

use maud::Markup;
use sanad_figure::Figure;

/// A page before it is put into its frame. `layout::page` puts it into the frame that all pages
/// share.
pub(crate) struct PageContent {
    /// The title. It is the heading of the page and, with the case's title, that of the browser's
    /// window.
    pub(crate) title: String,
    /// What stands below it.
    pub(crate) body: Markup,
    /// The figures on it, for addresses of their own. The page's address with the ending `.svg` or
    /// `.csv` and `figure=ID` gives one of them.
    pub(crate) figures: Vec<Figure>,
}

impl PageContent {
    /// A page without figures.
    pub(crate) fn new(title: impl Into<String>, body: Markup) -> Self {
        Self { title: title.into(), body, figures: Vec::new() }
    }

    /// The page with the figures that stand in its body, in their order.
    pub(crate) fn with_figures(self, figures: Vec<Figure>) -> Self {
        Self { figures, ..self }
    }
}
