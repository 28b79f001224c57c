//! Surveys: rows of respondents become estimates, and are forgotten.
//!
//! A [`SurveyMap`] says which columns hold weights, strata, clusters, place and day, what the codes of the
//! questions mean, and which questions belong to an endorsement or a list experiment. What comes out are
//! observations: shares, means and differences with standard errors and 90 % intervals, by place and period, and
//! beside each, as the indicator `….respondents`, how many people it rests on. The estimators are those of
//! [`sanad_survey`].
//!
//! **What never comes out.** No row. No diagnostic repeats a cell: it says row, column and what kind of thing
//! stood there. No error names what a header held, because in a file without one a respondent stands there.
//! **No cell under ten:** an estimate appears only where ten respondents or more stand behind every number that
//! could be worked out from it ([`FEWEST_RESPONDENTS`]). For a share that is those who count and those who do
//! not; for several shares of one column every group of answers that they tell apart; for an experiment every
//! arm of every question. Where the country's figure less those of its places would give a smaller cell away,
//! further places are dropped, those with the fewest respondents first, until what is not published is itself
//! large enough.
//!
//! Counted and neither record nor remark: `rows left out`, `respondents without a known place`, `cells under
//! ten`, `cells dropped beside them`, `models that did not mix`.

mod cells;
mod map;
mod measures;
mod rows;

use std::collections::BTreeMap;

use sanad_core::diagnostic::Diagnostic;

use crate::error::Result;
use crate::format::{Content, Publication, SourceFormat};
use crate::series::Series;

pub use map::{
    EndorsedPolicy, EndorsementDesign, ListDesign, MeanQuestion, ShareQuestion, SurveyMap,
    SurveyPlace, SurveySample, SurveyTime, SurveyUnit,
};

/// The fewest respondents that may stand behind a number, after the rule of many statistical offices
/// (A. Hundepool et al., *Statistical Disclosure Control*, 2012, chapter 4).
pub const FEWEST_RESPONDENTS: usize = 10;

/// The format. What a file belongs to is said by its map.
pub const FORMAT: SourceFormat = SourceFormat::new(
    "survey",
    "Respondents of a survey (CSV) by a map, given with --map; only estimates are kept",
    Publication {
        id: "survey",
        title: "A survey by a map",
        citation: "as the map says",
        licence: "as the map says",
        url: "",
    },
    Content::Survey,
);

/// Reads a file of respondents into observations. Their source row is 0: each rests on many rows.
///
/// # Errors
///
/// [`Error::MissingMapped`](crate::Error::MissingMapped) and
/// [`Error::DuplicateColumns`](crate::Error::DuplicateColumns) for the columns of the map;
/// [`Error::Empty`](crate::Error::Empty), [`Error::HeaderOnly`](crate::Error::HeaderOnly),
/// [`Error::Form`](crate::Error::Form), [`Error::RowTooLong`](crate::Error::RowTooLong). A bad row is a
/// diagnostic.
///
/// ```
/// use sanad_source::survey::{SurveyMap, read};
///
/// let map = SurveyMap::parse(
///     "source = { id = \"x\", title = \"X\", citation = \"X\", licence = \"CC0-1.0\", url = \"\" }\n\
///      place = { iso3 = \"PAK\" }\n\
///      time = { period = \"2018\" }\n\
///      [[share]]\n\
///      id = \"trusts_courts\"\n\
///      title = \"trusts the courts\"\n\
///      column = \"courts\"\n\
///      answers = [\"1\", \"2\"]\n\
///      counts = [\"1\"]\n",
/// )?;
/// let file = format!("courts\n{}{}", "1\n".repeat(30), "2\n".repeat(10));
/// let series = read(file.as_bytes(), &map)?;
/// assert_eq!(series.observations[0].value, 0.75);
/// assert_eq!(series.observations[1].indicator, "trusts_courts.respondents");
/// // Nine who do not trust them would be a cell under ten.
/// let file = format!("courts\n{}{}", "1\n".repeat(30), "2\n".repeat(9));
/// assert!(read(file.as_bytes(), &map)?.observations.is_empty());
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn read(data: &[u8], map: &SurveyMap) -> Result<Series> {
    let file = rows::read_respondents(data, map)?;
    let estimates = cells::estimates(&file.respondents, map);
    let mut diagnostics = file.diagnostics;
    // Remarks about the survey as a whole have row 0, and stand first.
    diagnostics.splice(0..0, estimates.diagnostics);
    let mut set_aside: BTreeMap<&'static str, u64> = file.set_aside;
    for (what, count) in estimates.set_aside {
        *set_aside.entry(what).or_insert(0) += count;
    }
    Ok(Series {
        observations: estimates.observations,
        rows_read: file.rows_read,
        set_aside,
        diagnostics: diagnostics.into_iter().map(without_excerpt).collect(),
    })
}

/// Remarks of the table's own reader count fields; those of this one name kinds. Whatever else should ever come
/// in stays out.
fn without_excerpt(diagnostic: Diagnostic) -> Diagnostic {
    const KINDS: [&str; 4] =
        ["an empty cell", "a number", "a text", "a quotation that is left open"];
    let is_count = diagnostic.found.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ')
        || diagnostic.found.split_once(' ').is_some_and(|(number, words)| {
            number.bytes().all(|byte| byte.is_ascii_digit())
                && ["fields", "sampling unit", "strata with one sampling unit"].contains(&words)
        });
    if is_count || KINDS.contains(&diagnostic.found.as_str()) {
        return diagnostic;
    }
    Diagnostic { found: "a value".to_owned(), ..diagnostic }
}

#[cfg(test)]
mod tests;
