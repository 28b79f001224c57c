//! What a page is before it is put into its frame, with the figures that have addresses of their own.

use std::sync::Arc;

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
    /// The figures on it, for addresses of their own. The page's address with the ending of a form
    /// and `figure=ID` gives one of them. Pages that show the same figures share them.
    pub(crate) figures: Arc<Vec<Figure>>,
    /// Whether it has levers, which the script lets answer while they move.
    pub(crate) has_levers: bool,
}

impl PageContent {
    /// A page without figures.
    pub(crate) fn new(title: impl Into<String>, body: Markup) -> Self {
        Self { title: title.into(), body, figures: Arc::default(), has_levers: false }
    }

    /// The page with the figures that stand in its body, in their order.
    pub(crate) fn with_figures(self, figures: impl Into<Arc<Vec<Figure>>>) -> Self {
        Self { figures: figures.into(), ..self }
    }

    /// The page with levers in its body.
    pub(crate) fn with_levers(self) -> Self {
        Self { has_levers: true, ..self }
    }

    /// Bytes that it holds.
    pub(crate) fn bytes(&self) -> usize {
        self.title.len() + self.body.0.len() + bytes_of(&self.figures)
    }
}

/// Bytes that figures hold.
pub(crate) fn bytes_of(figures: &[Figure]) -> usize {
    let of_one = |figure: &Figure| {
        figure.svg.len() + figure.csv.len() + figure.standalone_svg().len() + figure.caption.len()
    };
    figures.iter().map(of_one).sum()
}
