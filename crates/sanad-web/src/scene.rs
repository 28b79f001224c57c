//! What a page or a table is made from: one edition, one checked query, and the steps that say how far
//! it has come.

use std::sync::Arc;

use chrono::NaiveDate;
use sanad_core::Month;
use sanad_core::event::DateRule;
use sanad_core::place::Level;
use sanad_store::{Organisations, PanelRequest, PlacesOf, StatementLimits, Unit};

use crate::edition::{Edition, Facts};
use crate::fault::Fault;
use crate::jobs::JobSteps;
use crate::query::{Kind, Parameter, Query};

/// What an answer is made from.
pub(crate) struct Scene<'a> {
    pub(crate) edition: &'a Edition,
    pub(crate) query: &'a Query,
    /// The address asked for, without its ending.
    pub(crate) path: &'a str,
    /// Parameters that are part of the path.
    pub(crate) in_path: &'a [&'static str],
    pub(crate) steps: &'a JobSteps,
    pub(crate) today: NaiveDate,
    /// What a statement of SQL may use.
    pub(crate) statement: StatementLimits,
    /// Rows of its answer.
    pub(crate) statement_rows: usize,
}

/// The units of a panel.
pub(crate) const UNITS: [&str; 4] = ["country", "adm1", "adm2", "priogrid"];

pub(crate) const UNIT: Parameter = Parameter::with_default(
    "unit",
    Kind::Choice(&UNITS),
    "adm2",
    "What the rows stand for: the country, provinces (adm1), districts (adm2) or PRIO-GRID cells.",
);
pub(crate) const FROM: Parameter = Parameter::optional(
    "from",
    Kind::Month,
    "First month; without it the twelfth from the last month covered.",
);
pub(crate) const TO: Parameter =
    Parameter::optional("to", Kind::Month, "Last month; without it the last month covered.");
pub(crate) const AS_OF: Parameter = Parameter::optional(
    "as_of",
    Kind::Day,
    "What was known on this day: only versions of sources released by then count.",
);
pub(crate) const DATE_RULE: Parameter = Parameter::with_default(
    "date_rule",
    Kind::Choice(&["end", "start", "spread"]),
    "end",
    "Which month an event of several days counts in: that of its last day, of its first, or every \
     month in proportion to its days.",
);
pub(crate) const PLACES: Parameter = Parameter::with_default(
    "places",
    Kind::Choice(&["contemporary", "current"]),
    "contemporary",
    "The places of their day, or today's, through successors.",
);
pub(crate) const SOURCE: Parameter = Parameter::optional(
    "source",
    Kind::Text,
    "The series of the source; without it that of the case.",
);

/// The unit of a word; districts for any other.
pub(crate) fn unit_of(word: &str) -> Unit {
    match word {
        "country" => Unit::Country,
        "adm1" => Unit::Adm1,
        "priogrid" => Unit::Priogrid,
        _ => Unit::Adm2,
    }
}

/// The level of a word; provinces for any other.
pub(crate) fn level_of(word: &str) -> Level {
    match word {
        "adm2" => Level::Adm2,
        _ => Level::Adm1,
    }
}

impl Scene<'_> {
    pub(crate) fn facts(&self) -> Result<Arc<Facts>, Fault> {
        self.edition.facts()
    }

    /// First and last month of the query; the last twelve covered where it names none.
    ///
    /// # Errors
    ///
    /// A fault where the last month is before the first, or more than a hundred years lie between.
    pub(crate) fn months(&self) -> Result<[Month; 2], Fault> {
        const LONGEST: i32 = 1200;
        let facts = self.facts()?;
        let to = self.query.month("to").unwrap_or_else(|| facts.last());
        let from = self.query.month("from").unwrap_or_else(|| to.plus(-11).max(facts.first()));
        if to < from {
            let expected = format!("a month that is not before {from}");
            return Err(Fault::parameter("to", &to.to_string(), &expected));
        }
        if to.id() - from.id() >= LONGEST {
            let expected = format!("a month at most {LONGEST} months before {to}");
            return Err(Fault::parameter("from", &from.to_string(), &expected));
        }
        Ok([from, to])
    }

    /// The panel that the query asks for.
    pub(crate) fn panel_request(&self, [from, to]: [Month; 2]) -> Result<PanelRequest, Fault> {
        let query = self.query;
        let series = match query.text("source") {
            Some(series) => series.to_owned(),
            None => self.facts()?.case.series(),
        };
        Ok(PanelRequest {
            date_rule: match query.word("date_rule") {
                "start" => DateRule::Start,
                "spread" => DateRule::Spread,
                _ => DateRule::End,
            },
            places_of: match query.word("places") {
                "current" => PlacesOf::Current,
                _ => PlacesOf::Contemporary,
            },
            as_of: query.day("as_of"),
            series,
            organisations: organisations(query.text("organisation"))?,
            ..PanelRequest::new(unit_of(query.word("unit")), from, to)
        })
    }
}

/// Organisations as the command line takes them: "each", or numbers joined by commas.
fn organisations(text: Option<&str>) -> Result<Organisations, Fault> {
    match text {
        None => Ok(Organisations::Together),
        Some("each") => Ok(Organisations::Each),
        Some(list) => {
            let numbers: Option<Vec<i64>> =
                list.split(',').map(|number| number.trim().parse().ok()).collect();
            let expected = "each, or actor numbers joined by commas";
            let numbers =
                numbers.ok_or_else(|| Fault::parameter("organisation", list, expected))?;
            Ok(Organisations::Only(numbers))
        }
    }
}
