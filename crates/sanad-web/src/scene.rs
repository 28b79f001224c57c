//! What a page or a table is made from: one edition, one checked query, and the steps that say how far
//! it has come.
//!
//! A page or table is a function of a scene and of nothing else: it reads no clock and no other
//! state. A scene with another query, from the same edition, gives a page the tables that it shows.

use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use sanad_core::Month;
use sanad_core::event::DateRule;
use sanad_core::place::Level;
use sanad_store::{Organisations, PanelRequest, PlacesOf, StatementLimits, Unit};

use crate::edition::{Edition, Facts};
use crate::fault::Fault;
use crate::jobs::JobSteps;
use crate::query::{Kind, Parameter, Query};

/// What an answer is made from. It lives for one computation, on a thread of the pool.
pub(crate) struct Scene<'a> {
    /// The state that is answered from.
    pub(crate) edition: &'a Edition,
    /// What is asked for, checked.
    pub(crate) query: &'a Query,
    /// The address asked for, without its ending.
    pub(crate) path: &'a str,
    /// Parameters that are part of the path.
    pub(crate) in_path: &'a [&'static str],
    /// Who hears how far the work has come.
    pub(crate) steps: &'a JobSteps,
    /// Today, as the server was told.
    pub(crate) today: NaiveDate,
    /// What a statement of SQL may use. Its time and its memory.
    pub(crate) statement: StatementLimits,
    /// Rows of its answer.
    pub(crate) statement_rows: usize,
    /// How long a program waits for an answer before it is told to come again.
    pub(crate) patience: Duration,
}

/// The units of a panel. The words are those of the command line.
pub(crate) const UNITS: [&str; 4] = ["country", "adm1", "adm2", "priogrid"];

/// What rows of a panel stand for; the second level where nothing is said.
pub(crate) const UNIT: Parameter = Parameter::with_default(
    "unit",
    Kind::Choice(&UNITS),
    "adm2",
    "What the rows stand for: the country, the first level below it (adm1), the second (adm2) or PRIO-GRID cells.",
);
/// First month of a span.
pub(crate) const FROM: Parameter = Parameter::optional(
    "from",
    Kind::Month,
    "First month; without it the twelfth from the last month covered.",
);
/// Last month of a span.
pub(crate) const TO: Parameter =
    Parameter::optional("to", Kind::Month, "Last month; without it the last month covered.");
/// The day of knowledge: what was released later does not count.
pub(crate) const AS_OF: Parameter = Parameter::optional(
    "as_of",
    Kind::Day,
    "What was known on this day: only versions of sources released by then count.",
);
/// The month in which an event of several days counts; that of its last day, as UCDP's own series
/// have it.
pub(crate) const DATE_RULE: Parameter = Parameter::with_default(
    "date_rule",
    Kind::Choice(&["end", "start", "spread"]),
    "end",
    "Which month an event of several days counts in: that of its last day, of its first, or every \
     month in proportion to its days.",
);
/// Whether the places of a count are those of its day or today's.
pub(crate) const PLACES: Parameter = Parameter::with_default(
    "places",
    Kind::Choice(&["contemporary", "current"]),
    "contemporary",
    "The places of their day, or today's, through successors.",
);
/// The series that is counted.
pub(crate) const SOURCE: Parameter = Parameter::optional(
    "source",
    Kind::Text,
    "The series of the source; without it that of the case.",
);

/// The unit of a word; the second level for any other. Words come from a checked query, so that no other
/// is met.
pub(crate) fn unit_of(word: &str) -> Unit {
    match word {
        "country" => Unit::Country,
        "adm1" => Unit::Adm1,
        "priogrid" => Unit::Priogrid,
        _ => Unit::Adm2,
    }
}

/// The level of a word; the first for any other. As for `unit_of`.
pub(crate) fn level_of(word: &str) -> Level {
    match word {
        "adm2" => Level::Adm2,
        _ => Level::Adm1,
    }
}

impl Scene<'_> {
    /// The case with its places, actors and chronicle.
    ///
    /// # Errors
    ///
    /// A fault where a file of the case cannot be read.
    pub(crate) fn facts(&self) -> Result<Arc<Facts>, Fault> {
        self.edition.facts()
    }

    /// First and last month of the query; the last twelve covered where it names none. With a last
    /// month alone, the span is the twelve months that end with it.
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
    ///
    /// Where the route has no such parameter, events count by their last day, on the places of
    /// their day, by district.
    ///
    /// # Errors
    ///
    /// A fault for organisations that are no numbers, and where the case cannot be read.
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

/// Organisations as the command line takes them: "each", or numbers joined by commas. Absent, all
/// organisations are counted together.
///
/// # Errors
///
/// A fault with what was found.
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
