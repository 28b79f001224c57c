//! Pages for people. Each is useful without scripts, has its whole state in its address, and says of every
//! figure where its data are and how it was made.

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

/// A page before it is put into its frame.
pub(crate) struct PageContent {
    /// The title.
    pub(crate) title: String,
    /// What stands below it.
    pub(crate) body: Markup,
    /// The figures on it, for addresses of their own.
    pub(crate) figures: Vec<Figure>,
}

impl PageContent {
    pub(crate) fn new(title: impl Into<String>, body: Markup) -> Self {
        Self { title: title.into(), body, figures: Vec::new() }
    }

    pub(crate) fn with_figures(self, figures: Vec<Figure>) -> Self {
        Self { figures, ..self }
    }
}
