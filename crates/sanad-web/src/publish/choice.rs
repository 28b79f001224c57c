//! What is published: every page that another one leads to, with its figures and tables, but for free
//! questions.
//!
//! A page is free where its parameters are for the reader to choose: any day of knowledge, any span
//! of months, any levels of levers, any statement. What a form offers as a list of words is published
//! word by word.

use sanad_core::Month;

use super::target::PublishTarget;

/// The parameters with which a page is published. A page that is not named is published without any.
const WITH: [(&str, &[&str]); 11] = [
    ("/map", &["unit", "measure"]),
    ("/fronts", &["unit", "front"]),
    ("/fronts/parts", &["place", "month", "unit"]),
    ("/fronts/indicators", &["unit"]),
    ("/forecast", &["unit", "month"]),
    ("/cycle", &["show"]),
    ("/interventions", &["id", "show"]),
    ("/claims", &["verdict"]),
    ("/chronicle", &["kind", "front"]),
    ("/why/forecast", &["place"]),
    ("/why/claim", &["id"]),
];

/// What of the links that pages hold is followed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice {
    /// The first month whose numbers lead to the records behind them.
    pub(super) records_from: Month,
}

impl Choice {
    /// Whether what a link leads to is published. `from` is the page that the link stands on, and
    /// `text` is what the link says.
    ///
    /// Whether a thing is published does not hang on the order in which links are found: what one
    /// page leads to is published for all.
    pub(super) fn is_published(
        self,
        target: &PublishTarget,
        from: &PublishTarget,
        text: &str,
    ) -> bool {
        if target.route.is_table() {
            // What is kept changes with what was asked before, and its keys lead nowhere here.
            return !target.route.path.starts_with("/api/v1/results");
        }
        if !target.is_page() {
            return true;
        }
        let asked = target.asked();
        let with = |allowed: &[&str]| asked.iter().all(|name| allowed.contains(name));
        match target.route.path {
            "/why" => asked.is_empty() || self.is_of_records(target, from, text),
            // Where a month's parts are read, the months around it are free.
            "/fronts/parts" => from.route.path == "/fronts" && with(known("/fronts/parts")),
            "/sql" => asked.is_empty() || from.route.path != "/sql",
            "/scenarios" | "/why/scenario" => asked.len() <= 1 && with(&["shock", "against"]),
            path => with(known(path)),
        }
    }

    /// Whether a link leads to the records behind a number of a place that is not zero, in one of
    /// the months whose records are published.
    fn is_of_records(self, target: &PublishTarget, from: &PublishTarget, text: &str) -> bool {
        let month = target.query.month("month");
        from.route.path == "/place/{id}"
            && text != "0"
            && month.is_some_and(|month| month >= self.records_from)
    }
}

/// The parameters with which a page is published.
fn known(path: &str) -> &'static [&'static str] {
    WITH.iter().find(|(known, _)| *known == path).map_or(&[], |(_, names)| names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::ROUTES;

    fn is_published(address: &str, from: &str, text: &str) -> bool {
        let choice = Choice { records_from: Month::new(2025, 1).unwrap() };
        let target = |address: &str| PublishTarget::of_address(address).unwrap();
        choice.is_published(&target(address), &target(from), text)
    }

    #[test]
    fn what_a_list_offers_is_published_and_free_questions_are_not() {
        for (address, from) in [
            ("/map?unit=adm1&measure=events", "/map"),
            ("/map.svg?figure=map&unit=adm1", "/map?unit=adm1"),
            ("/why", "/"),
            ("/why?place=A&month=2025-02", "/place/A"),
            ("/fronts/parts?place=A&month=2021-10", "/fronts"),
            ("/sql?q=SELECT%201", "/sources"),
            ("/api/v1/sql.csv?q=SELECT%201", "/sql?q=SELECT%201"),
            ("/scenarios?shock=a", "/scenarios"),
            ("/why/scenario?shock=a", "/scenarios?shock=a"),
            ("/why/forecast?place=A", "/forecast"),
            ("/api/v1/openapi.json", "/api"),
        ] {
            assert!(is_published(address, from, "7"), "{address}");
        }
        for (address, from) in [
            ("/map?from=2021-01", "/map"),
            ("/map?as_of=2021-01-01", "/map"),
            ("/place/A?as_of=2021-01-01", "/place/A"),
            ("/why?place=A&month=2024-12", "/place/A"),
            ("/why?place=A&month=2025-02", "/map"),
            ("/fronts/parts?place=A&month=2021-10", "/fronts/parts?place=A&month=2021-11"),
            ("/sql?q=SELECT%201", "/sql"),
            ("/scenarios?lever-a=1", "/scenarios"),
            ("/scenarios?shock=a&against=b", "/scenarios"),
            ("/compare?place_a=A", "/why"),
            ("/api/v1/results.csv", "/data"),
        ] {
            assert!(!is_published(address, from, "7"), "{address}");
        }
        assert!(!is_published("/why?place=A&month=2025-02", "/place/A", "0"));
    }

    #[test]
    fn pages_and_parameters_that_are_named_are_those_of_routes() {
        for (path, names) in WITH {
            let route = ROUTES.iter().find(|route| route.path == path).unwrap();
            for name in names {
                assert!(route.parameters.iter().any(|one| one.name == *name), "{path} {name}");
            }
        }
    }
}
