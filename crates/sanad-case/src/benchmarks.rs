//! `benchmarks.toml`: commitments and steps, each with what would show that it was kept.

use std::collections::BTreeSet;

use sanad_core::Month;
use sanad_core::chronicle::Front;
use serde::Deserialize;

use super::position;
use super::scenarios::Better;
use crate::error::{Contradiction, Error, Result};

/// The benchmarks of a case.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Benchmarks {
    /// The benchmarks.
    #[serde(rename = "benchmark")]
    pub benchmarks: Vec<DeclaredBenchmark>,
}

/// Who set the date of a benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SetBy {
    /// Those who made the commitment.
    Commitment,
    /// The text that the case follows.
    Text,
    /// This case, so that there is something to measure against.
    Case,
}

impl SetBy {
    /// The word for it in a table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Commitment => "commitment",
            Self::Text => "text",
            Self::Case => "case",
        }
    }
}

/// One commitment or step.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredBenchmark {
    /// Short name.
    pub id: String,
    /// What was committed to or asked for.
    pub title: String,
    /// The front that it belongs to.
    pub front: Front,
    /// Paragraph of the text that names it.
    pub paragraph: u32,
    /// What is measured.
    pub indicator: String,
    /// Unit of the indicator; `yes` for one that is 1 when in place and 0 when not.
    pub unit: String,
    /// Its better direction.
    pub better: Better,
    /// Where it stood.
    pub baseline: Option<Reading>,
    /// Where it is to stand.
    pub target: f64,
    /// By the end of which month.
    pub due: Option<Month>,
    /// Who set that date.
    pub due_set_by: Option<SetBy>,
    /// Kind of `cycle.toml` whose events a year are the indicator.
    pub events_of_kind: Option<String>,
    /// The series of observations that is the indicator.
    pub series: Option<BenchmarkSeries>,
    /// What is known of the indicator, in the order of time.
    #[serde(default, rename = "reading")]
    pub readings: Vec<Reading>,
    /// Records of the chronicle that bear on it.
    #[serde(default)]
    pub records: Vec<String>,
    /// The data that would measure it, where none is at hand.
    pub needs: Option<String>,
}

/// A series of observations about the whole of the case's country, without a partner. Its readings
/// stand in the last months of their periods.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BenchmarkSeries {
    /// Series of the source, such as `desk`.
    pub source: String,
    /// Code of the indicator, such as `desk_answered_share`.
    pub indicator: String,
    /// What the rows are about, such as a body that receives files; rows about nothing in particular
    /// where it is left out.
    pub item: Option<String>,
}

/// A value of an indicator.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// The month.
    pub when: Month,
    /// The value.
    pub value: f64,
    /// Where it is found.
    pub cite: String,
}

impl DeclaredBenchmark {
    /// Whether something says where the indicator's readings come from.
    #[must_use]
    pub fn is_measured(&self) -> bool {
        self.events_of_kind.is_some() || self.series.is_some() || !self.readings.is_empty()
    }

    fn fault(&self) -> Option<&'static str> {
        let sorted = self.readings.windows(2).all(|pair| pair[0].when < pair[1].when);
        let ways =
            [self.events_of_kind.is_some(), self.series.is_some(), !self.readings.is_empty()];
        if self.due.is_some() != self.due_set_by.is_some() {
            return Some("has a date and does not say who set it, or the other way round");
        }
        if ways.iter().filter(|is_used| **is_used).count() > 1 {
            return Some("is measured by two of events, a series and readings; one is wanted");
        }
        if self.is_measured() == self.needs.is_some() {
            return Some("needs readings, or else a word on the data that would measure it");
        }
        if !sorted {
            return Some("has readings that are not in the order of time");
        }
        let values = self.baseline.iter().chain(&self.readings).map(|reading| reading.value);
        let finite = core::iter::once(self.target).chain(values).all(f64::is_finite);
        (!finite).then_some("has a value that is no finite number")
    }
}

/// Reads `benchmarks.toml`.
///
/// # Errors
///
/// [`Error::Toml`] with line and field; [`Error::Empty`]; [`Error::Contradiction`] for a benchmark
/// listed twice, a date that nobody set, one that is neither measured nor said to need data, or
/// readings that are out of order or no finite numbers.
pub fn read_benchmarks(text: &str) -> Result<Benchmarks> {
    const DOCUMENT: &str = "benchmarks.toml";
    let read: Benchmarks = position::parse(DOCUMENT, text)?;
    let mut seen = BTreeSet::new();
    let wrong = read.benchmarks.iter().find_map(|benchmark| {
        let twice = !seen.insert(benchmark.id.as_str());
        let fault = twice.then_some("is listed twice").or_else(|| benchmark.fault())?;
        Some((benchmark.id.clone(), fault))
    });
    let Some((entry, wrong)) = wrong else { return Ok(read) };
    let at = text.rfind(&format!("id = \"{entry}\""));
    let line = at.map_or(1, |at| position::line(text, at));
    let problem = Contradiction::Untestable { entry, wrong };
    Err(Error::Contradiction { document: DOCUMENT, line, problem })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "[[benchmark]]\nid = \"a\"\ntitle = \"A\"\nfront = \"regional\"\nparagraph = 1\nindicator = \"x\"\nunit = \"yes\"\nbetter = \"more\"\ntarget = 1\n";
    const READ: &str = "[[benchmark.reading]]\nwhen = \"2020-01\"\nvalue = 0\ncite = \"C\"\n";

    #[test]
    fn a_benchmark_is_measured_or_says_what_it_needs() {
        assert!(read_benchmarks(&format!("{ONE}{READ}")).is_ok());
        assert!(read_benchmarks(&format!("{ONE}needs = \"a count\"\n")).is_ok());
        let series =
            "series = { source = \"desk\", indicator = \"desk_answered_share\", item = \"a\" }\n";
        assert!(read_benchmarks(&format!("{ONE}{series}")).is_ok());
        assert!(read_benchmarks(&format!("{ONE}{series}needs = \"a count\"\n")).is_err());
        assert!(read_benchmarks(&format!("{ONE}{series}{READ}")).is_err(), "two ways");
        assert!(read_benchmarks(&format!("{ONE}{series}events_of_kind = \"x\"\n")).is_err());
        let neither = read_benchmarks(ONE).unwrap_err().to_string();
        assert!(neither.starts_with("benchmarks.toml line 2: \"a\""), "{neither}");
        assert!(read_benchmarks(&format!("{ONE}needs = \"a count\"\n{READ}")).is_err());
    }

    #[test]
    fn dates_readings_and_names_are_checked() {
        assert!(read_benchmarks(&format!("{ONE}due = \"2020-12\"\n{READ}")).is_err());
        let set = "due = \"2020-12\"\ndue_set_by = \"case\"\n";
        assert!(read_benchmarks(&format!("{ONE}{set}{READ}")).is_ok());
        assert!(read_benchmarks(&format!("{ONE}{READ}{READ}")).is_err());
        let endless = ONE.replace("target = 1", "target = inf");
        assert!(read_benchmarks(&format!("{endless}{READ}")).is_err());
        assert!(read_benchmarks(&format!("{ONE}{READ}{ONE}{READ}")).is_err());
        assert!(read_benchmarks(&format!("{ONE}colour = 1\n")).is_err());
    }
}
