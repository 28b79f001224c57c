//! What a route is: an address, what it is for, its parameters, and what answers it.
//!
//! Nothing is answered that is not a route, but for the style sheet.

use std::sync::Arc;

use sanad_store::Table;

use crate::answer::OutputFormat;
use crate::fault::Fault;
use crate::page::PageContent;
use crate::query::{Parameter, Query, encoded};
use crate::scene::Scene;

/// What answers a route. Each is a plain function: it can be called with a scene of another query,
/// as pages call the tables that they show.
#[derive(Clone, Copy)]
pub(crate) enum Answers {
    /// A page for people.
    Page(fn(&Scene<'_>) -> Result<PageContent, Fault>),
    /// A page about the routes themselves, which reads their titles and parameters.
    Guide(fn(&Scene<'_>, &'static [Route]) -> Result<PageContent, Fault>),
    /// A table for programs, shared with the edition that keeps it; its form is made from it
    /// afterwards.
    Table(fn(&Scene<'_>) -> Result<Arc<Table>, Fault>),
    /// A document in JSON, which has no other form.
    Document(fn(&Scene<'_>, &'static [Route]) -> Result<String, Fault>),
}

/// An address that is answered. All of them stand in one list, from which the router, the
/// description of the interface, the catalogue and the tests are made. A test holds every route and
/// parameter to saying what it is.
pub(crate) struct Route {
    /// The path; a part in braces is a parameter of that name. Tables lie under `/api/v1/`.
    pub(crate) path: &'static str,
    /// What it gives, in a few words.
    pub(crate) title: &'static str,
    /// The same in a sentence or two. It stands on the pages Data and API, in OpenAPI and in the
    /// catalogue.
    pub(crate) about: &'static str,
    /// The command that gives the same, where there is one. Empty where there is none.
    pub(crate) command: &'static str,
    /// Its parameters. Their order is that of addresses.
    pub(crate) parameters: &'static [Parameter],
    /// What answers it.
    pub(crate) answers: Answers,
}

impl Route {
    /// Whether it gives a table.
    pub(crate) const fn is_table(&self) -> bool {
        matches!(self.answers, Answers::Table(_))
    }

    /// Whether it gives a page.
    pub(crate) const fn is_page(&self) -> bool {
        matches!(self.answers, Answers::Page(_) | Answers::Guide(_))
    }

    /// The forms that an address may ask for by its ending: those of a table, or those of a page's
    /// figures. A document has its ending in its path.
    pub(crate) const fn forms(&self) -> &'static [OutputFormat] {
        match self.answers {
            Answers::Table(_) => &OutputFormat::OF_TABLES,
            Answers::Page(_) | Answers::Guide(_) => &OutputFormat::OF_FIGURES,
            Answers::Document(_) => &[],
        }
    }

    /// The names of parameters that are part of the path. In the order of the path.
    pub(crate) fn names_in_path(&self) -> Vec<&'static str> {
        let parts = self.path.split('/');
        parts.filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect()
    }

    /// The one address of what a query asks of it. Without the ending of a form.
    pub(crate) fn address(&self, query: &Query) -> String {
        let in_path = self.names_in_path();
        let mut path = self.path.to_owned();
        for name in &in_path {
            path = path.replace(&format!("{{{name}}}"), &encoded(query.word(name)));
        }
        let rest: Vec<(&str, &str)> =
            query.pairs().into_iter().filter(|(name, _)| !in_path.contains(name)).collect();
        crate::query::address(&path, &rest)
    }
}

/// The path under which the figures of the overview lie, whose own path is `/`.
const OVERVIEW: &str = "/overview";

/// A path with the ending of a form.
pub(crate) fn with_ending(path: &str, form: OutputFormat) -> String {
    let path = if path == "/" { OVERVIEW } else { path };
    format!("{path}.{}", form.ending())
}

/// A path without the ending of a form; `None` where it has another, or none.
pub(crate) fn without_ending(path: &str, form: OutputFormat) -> Option<&str> {
    let bare = path.strip_suffix(form.ending())?.strip_suffix('.')?;
    Some(if bare == OVERVIEW { "/" } else { bare })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_can_be_put_to_a_path_and_taken_off_again() {
        for (path, ended) in [("/", "/overview.svg"), ("/map", "/map.svg"), ("/a.b", "/a.b.svg")] {
            assert_eq!(with_ending(path, OutputFormat::Svg), ended);
            assert_eq!(without_ending(ended, OutputFormat::Svg), Some(path));
            assert_eq!(without_ending(ended, OutputFormat::Csv), None);
        }
        assert_eq!(without_ending("/mapsvg", OutputFormat::Svg), None);
    }
}
