//! What an address of this server leads to, and the name of the file that holds the same.
//!
//! A name is the address in letters that every file system and every server takes: parameters stand
//! behind commas, the ending last. An address without parameters keeps its path, so that
//! `/api/v1/claims.csv` is the file `api/v1/claims.csv`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::answer::OutputFormat;
use crate::memo::lock;
use crate::page::style::style_address;
use crate::query::{Query, address, decoded, decoded_pairs, encoded};
use crate::route::{Route, with_ending, without_ending};
use crate::routes::ROUTES;

/// Letters of a file's name without its ending. Longer ones are cut and made distinct by a hash;
/// the bound leaves room for folders where a whole path has 260 letters.
const NAME_LETTERS: usize = 110;

/// What an address leads to: a page, a figure, a table or a document.
#[derive(Clone)]
pub(super) struct PublishTarget {
    /// The route that answers.
    pub(super) route: &'static Route,
    /// The form that the ending asks for. `None` for a page, and for a document.
    pub(super) form: Option<OutputFormat>,
    /// The parameters, checked.
    pub(super) query: Query,
    /// The one address on the server.
    pub(super) address: String,
}

impl PublishTarget {
    /// What an address of this server leads to, its place on the page left out. `None` for
    /// addresses elsewhere, and for those that no route has or whose parameters do not fit.
    pub(super) fn of_address(address: &str) -> Option<Self> {
        let address = without_place(address);
        if !address.starts_with('/') || address.starts_with("//") {
            return None;
        }
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let found = ROUTES.iter().find_map(|route| in_path(route, path));
        let (route, form, mut pairs) = found?;
        pairs.extend(decoded_pairs(query).ok()?);
        let mut figure = None;
        if let Some(position) = pairs.iter().position(|(name, _)| name == "figure")
            && route.is_page()
            && form.is_some()
        {
            figure = Some(pairs.remove(position).1);
        }
        let query = Query::check(route.parameters, &pairs).ok()?;
        let address = one_address(route, form, &query, figure.as_deref());
        Some(Self { route, form, query, address })
    }

    /// The page of the same route with other parameters; `None` where they do not fit.
    pub(super) fn asked_otherwise(&self, pairs: &[(String, String)]) -> Option<Self> {
        let query = Query::check(self.route.parameters, pairs).ok()?;
        let address = one_address(self.route, None, &query, None);
        Some(Self { route: self.route, form: None, query, address })
    }

    /// Whether it is a page for people.
    pub(super) const fn is_page(&self) -> bool {
        self.route.is_page() && self.form.is_none()
    }

    /// Whether it is a figure of a page, as a file.
    pub(super) const fn is_figure(&self) -> bool {
        self.route.is_page() && self.form.is_some()
    }

    /// The names of parameters that are given behind the question mark.
    pub(super) fn asked(&self) -> Vec<&str> {
        let in_path = self.route.names_in_path();
        let pairs = self.query.pairs().into_iter();
        pairs.map(|(name, _)| name).filter(|name| !in_path.contains(name)).collect()
    }

    /// The path of the file, from the folder of the run, with slashes.
    pub(super) fn file(&self) -> String {
        let (path, query) = self.address.split_once('?').unwrap_or((self.address.as_str(), ""));
        let ending = match self.form {
            Some(form) => form.ending(),
            None if self.is_page() => "html",
            // The path of a document has its ending.
            None => return path.trim_start_matches('/').to_owned(),
        };
        let path = path.strip_suffix(&format!(".{ending}")).unwrap_or(path);
        let path = if path == "/" { "index" } else { path.trim_start_matches('/') };
        let mut name = path.to_owned();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            name.push(',');
            name.push_str(pair);
        }
        format!("{}.{ending}", plain(&name))
    }
}

/// An address without its place on the page.
pub(super) fn without_place(address: &str) -> &str {
    address.split_once('#').map_or(address, |(address, _)| address)
}

/// The one address of what is asked of a route, in a form, of a figure of a page.
fn one_address(
    route: &Route,
    form: Option<OutputFormat>,
    query: &Query,
    figure: Option<&str>,
) -> String {
    let own = route.address(query);
    let Some(form) = form else { return own };
    let (path, query) = own.split_once('?').unwrap_or((own.as_str(), ""));
    let figure = figure.map(|figure| format!("figure={}", encoded(figure)));
    let rest = [(!query.is_empty()).then(|| query.to_owned()), figure];
    let rest: Vec<String> = rest.into_iter().flatten().collect();
    let mark = if rest.is_empty() { "" } else { "?" };
    format!("{}{mark}{}", with_ending(path, form), rest.join("&"))
}

/// What addresses lead to. Each is read once: the same stand on many pages.
#[derive(Default)]
pub(super) struct KnownAddresses(Mutex<BTreeMap<String, Option<Arc<PublishTarget>>>>);

impl KnownAddresses {
    /// What an address leads to, as [`PublishTarget::of_address`] has it.
    pub(super) fn target(&self, address: &str) -> Option<Arc<PublishTarget>> {
        let address = without_place(address);
        if let Some(known) = lock(&self.0).get(address) {
            return known.clone();
        }
        let target = PublishTarget::of_address(address).map(Arc::new);
        lock(&self.0).insert(address.to_owned(), target.clone());
        target
    }
}

/// A name in letters that every file system takes. What is cut or written otherwise is made
/// distinct by a hash of the whole.
fn plain(name: &str) -> String {
    let is_kept = |letter: char| letter.is_ascii_alphanumeric() || "-._,=/".contains(letter);
    let mut out: String =
        name.chars().map(|letter| if is_kept(letter) { letter } else { '_' }).collect();
    if out != name || out.len() > NAME_LETTERS {
        out.truncate(NAME_LETTERS);
        out.push_str(&format!("-{:016x}", crate::page::style::hash(name.as_bytes())));
    }
    out
}

/// What is known of a path of a route: its form, and the values that stand in it.
type FoundPath = (&'static Route, Option<OutputFormat>, Vec<(String, String)>);

/// A path as one of a route; `None` where the route has another.
fn in_path(route: &'static Route, path: &str) -> Option<FoundPath> {
    let fixed = route.path.split_once('{').map_or(route.path, |(fixed, _)| fixed);
    if !path.starts_with(fixed) {
        return None;
    }
    let ended = |form: &OutputFormat| Some((*form, without_ending(path, *form)?));
    let (form, bare) = match route.forms().iter().find_map(ended) {
        Some((form, bare)) => (Some(form), bare),
        None => (None, path),
    };
    let known: Vec<&str> = route.path.split('/').collect();
    let given: Vec<&str> = bare.split('/').collect();
    if known.len() != given.len() {
        return None;
    }
    let mut values = Vec::new();
    for (known, given) in known.into_iter().zip(given) {
        match known.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => values.push((name.to_owned(), decoded(given).ok()?)),
            None if known == given => {}
            None => return None,
        }
    }
    Some((route, form, values))
}

/// The file that an address leads to where it is no route: the style sheet.
pub(super) fn file_of_asset(address: &str) -> Option<String> {
    (address == style_address()).then(|| address.trim_start_matches('/').to_owned())
}

/// The way from one file to another, both from the same folder, with slashes.
pub(super) fn way(from: &str, to: &str) -> String {
    let from: Vec<&str> = from.split('/').collect();
    let to: Vec<&str> = to.split('/').collect();
    let folders = from.len().min(to.len()).saturating_sub(1);
    let shared = (0..folders).take_while(|&at| from[at] == to[at]).count();
    let up = "../".repeat(from.len() - 1 - shared);
    format!("{up}{}", to[shared..].join("/"))
}

/// The pairs of a page's query with one of them changed, for [`PublishTarget::asked_otherwise`].
pub(super) fn changed(target: &PublishTarget, name: &str, value: &str) -> Vec<(String, String)> {
    let pairs = target.query.pairs().into_iter().filter(|(known, _)| *known != name);
    let mut pairs: Vec<(String, String)> =
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    pairs.push((name.to_owned(), value.to_owned()));
    pairs
}

/// An address of a table in JSON, for what a run tells of itself.
pub(super) fn table(path: &str, pairs: &[(&str, &str)]) -> String {
    address(&format!("{path}.json"), pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(address: &str) -> (String, String) {
        let target = PublishTarget::of_address(address).unwrap();
        (target.address.clone(), target.file())
    }

    #[test]
    fn an_address_has_one_form_and_one_file() {
        for (address, one, file) in [
            ("/", "/", "index.html"),
            ("/overview.svg?figure=map", "/overview.svg?figure=map", "overview,figure=map.svg"),
            ("/map", "/map", "map.html"),
            ("/map?unit=adm2#map", "/map", "map.html"),
            ("/map?unit=adm1", "/map?unit=adm1", "map,unit=adm1.html"),
            (
                "/map.svg?figure=map&unit=adm1",
                "/map.svg?unit=adm1&figure=map",
                "map,unit=adm1,figure=map.svg",
            ),
            ("/place/PK2", "/place/PK2", "place/PK2.html"),
            ("/claims/one.svg?figure=a", "/claims/one.svg?figure=a", "claims/one,figure=a.svg"),
            ("/api/v1/claims/one.csv", "/api/v1/claims/one.csv", "api/v1/claims/one.csv"),
            ("/api/v1/cycle.csv?show=links", "/api/v1/cycle.csv", "api/v1/cycle.csv"),
            ("/api/v1/openapi.json", "/api/v1/openapi.json", "api/v1/openapi.json"),
            ("/catalogue.json", "/catalogue.json", "catalogue.json"),
        ] {
            assert_eq!(both(address), (one.to_owned(), file.to_owned()), "{address}");
        }
        for none in ["http://example.org/", "//example.org/", "/nothing", "/map?unit=x", "#a", ""] {
            assert!(PublishTarget::of_address(none).is_none(), "{none}");
        }
    }

    #[test]
    fn a_name_has_no_letter_that_a_stick_cannot_hold_and_no_two_are_one() {
        let one = both("/sql?q=SELECT%20%2A%20FROM%20diagnostics%20LIMIT%20100").1;
        let other = both("/sql?q=SELECT%20%2A%20FROM_diagnostics%20LIMIT%20100").1;
        assert_ne!(one, other);
        for name in [one, other] {
            assert!(name.starts_with("sql,q=SELECT_20") && name.ends_with(".html"), "{name}");
            assert!(name.bytes().all(|byte| byte.is_ascii() && !b":*?\"<>|\\%".contains(&byte)));
        }
        let long = both(&format!("/why?place={}&month=2021-01", "a".repeat(190))).1;
        assert!(long.len() < NAME_LETTERS + 30, "{long}");
    }

    #[test]
    fn a_way_leads_from_any_folder_to_any_other() {
        for (from, to, found) in [
            ("index.html", "map.html", "map.html"),
            ("place/A.html", "map.html", "../map.html"),
            ("place/A.html", "place/B.html", "B.html"),
            ("place/A.html", "api/v1/panel.csv", "../api/v1/panel.csv"),
            ("index.html", "place/A.html", "place/A.html"),
            ("api/v1/a.html", "api/b.html", "../b.html"),
        ] {
            assert_eq!(way(from, to), found, "{from} {to}");
        }
    }
}
