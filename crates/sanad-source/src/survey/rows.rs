//! Rows of respondents, read into numbers and forgotten when the estimates are made.

use std::collections::{BTreeMap, BTreeSet};

use sanad_core::diagnostic::{Diagnostic, Issue};
use sanad_core::{Month, Period};
use sanad_survey::SampleDesign;

use super::map::{SurveyMap, SurveyUnit};
use crate::error::{Error, MissingColumn, Result};
use crate::sheet::{Row, Sheet};
use crate::value::{self, Value};

/// What a file of a survey is.
const EXPECTED: &str = "a table with a row for each respondent";

/// Respondents as numbers. It has no `Debug`, so that no message can show one, and nothing outside this module
/// tree can hold it.
pub(super) struct Respondents {
    /// By respondent, 0 or more.
    weights: Vec<f64>,
    /// By respondent, the number of the stratum.
    strata: Vec<u32>,
    /// By respondent, the number of the cluster; of the respondent where there are no clusters.
    clusters: Vec<u32>,
    /// By respondent, the number of the place in `places`, where it is told.
    pub(super) place: Vec<Option<usize>>,
    /// Names of places.
    pub(super) places: Vec<String>,
    /// By respondent, the number of the period in `periods`.
    pub(super) period: Vec<usize>,
    /// Periods, in the order in which they were found.
    pub(super) periods: Vec<Period>,
    /// By column and respondent, the code of an answer.
    answers: BTreeMap<String, Vec<Option<u32>>>,
    /// Code to its number, of the codes that some respondent gave.
    codes: BTreeMap<String, u32>,
}

/// A file, read.
pub(super) struct RespondentFile {
    /// Those who are in the sample.
    pub(super) respondents: Respondents,
    /// Rows of the file without the header.
    pub(super) rows_read: u64,
    /// What is neither a respondent nor a fault, by what it is.
    pub(super) set_aside: BTreeMap<&'static str, u64>,
    /// Remarks, in the order of the file.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Reads all respondents that the map wants.
pub(super) fn read_respondents(data: &[u8], map: &SurveyMap) -> Result<RespondentFile> {
    let columns = map.columns();
    let names: Vec<&str> = columns.iter().copied().collect();
    let mut sheet = Sheet::open_below(data, EXPECTED, map.separator(), &names)?;
    let at = positions(&sheet, &columns)?;
    let mut gathering = Gathering::new(map, at);
    while let Some(row) = sheet.row()? {
        gathering.take(&row);
    }
    let Gathering { respondents, set_aside, diagnostics, .. } = gathering;
    let (rows_read, diagnostics) = sheet.finish(diagnostics)?;
    Ok(RespondentFile { respondents, rows_read, set_aside, diagnostics })
}

/// Where the columns stand. What the header holds instead is not said: a file without a header has a
/// respondent there.
fn positions<'a>(
    sheet: &Sheet<'_>,
    columns: &BTreeSet<&'a str>,
) -> Result<BTreeMap<&'a str, usize>> {
    let mut at = BTreeMap::new();
    let mut missing = Vec::new();
    for &name in columns {
        match sheet.find(name) {
            Some(position) => {
                at.insert(name, position);
            }
            None => missing.push(MissingColumn { name: name.to_owned().into(), nearest: None }),
        }
    }
    if !missing.is_empty() {
        return Err(Error::MissingMapped { missing });
    }
    let doubled = sheet.doubled(columns.iter().copied());
    if doubled.is_empty() { Ok(at) } else { Err(Error::DuplicateColumns { names: doubled }) }
}

/// Which codes of a column mean what.
struct ColumnCodes<'a> {
    /// The column's name in the map.
    name: &'a str,
    /// Where it stands in a row.
    position: usize,
    /// Codes that some question takes for an answer or an arm.
    known: BTreeSet<String>,
    /// Codes that mean no answer.
    missing: BTreeSet<&'a str>,
}

/// The respondents so far.
struct Gathering<'a> {
    map: &'a SurveyMap,
    at: BTreeMap<&'a str, usize>,
    columns: Vec<ColumnCodes<'a>>,
    respondents: Respondents,
    /// Names of strata to their numbers; forgotten with the reading.
    strata: BTreeMap<Vec<String>, u32>,
    /// Names of clusters to their numbers; forgotten with the reading.
    clusters: BTreeMap<String, u32>,
    set_aside: BTreeMap<&'static str, u64>,
    diagnostics: Vec<Diagnostic>,
}

/// What a row says of its respondent beside the answers.
struct RowFrame {
    weight: f64,
    stratum: u32,
    cluster: u32,
    place: Option<usize>,
    period: Period,
}

impl<'a> Gathering<'a> {
    /// A reader of respondents, with where each column of the map stands.
    fn new(map: &'a SurveyMap, at: BTreeMap<&'a str, usize>) -> Self {
        let columns = answer_columns(map, &at);
        let places: BTreeSet<&String> = map.place.names.values().collect();
        let respondents = Respondents {
            weights: Vec::new(),
            strata: Vec::new(),
            clusters: Vec::new(),
            place: Vec::new(),
            places: places.into_iter().cloned().collect(),
            period: Vec::new(),
            periods: Vec::new(),
            answers: columns.iter().map(|column| (column.name.to_owned(), Vec::new())).collect(),
            codes: BTreeMap::new(),
        };
        Self {
            map,
            at,
            columns,
            respondents,
            strata: BTreeMap::new(),
            clusters: BTreeMap::new(),
            set_aside: BTreeMap::new(),
            diagnostics: Vec::new(),
        }
    }

    /// Adds the respondent of a row, unless the row is about something else or lacks what the design needs.
    fn take(&mut self, row: &Row) {
        if row.is_blank() {
            return self.aside("rows left out");
        }
        let is_wanted = |(column, wanted): (&String, &Vec<String>)| {
            let code = code(row.bytes(self.at[column.as_str()]));
            wanted.contains(&code)
        };
        if !self.map.keep.iter().all(is_wanted) {
            return self.aside("rows left out");
        }
        let Some(frame) = self.frame(row) else { return };
        let answers: Vec<Option<String>> =
            (0..self.columns.len()).map(|column| self.answer(row, column)).collect();
        let respondents = &mut self.respondents;
        let known = respondents.periods.iter().position(|period| *period == frame.period);
        let period = known.unwrap_or(respondents.periods.len());
        if known.is_none() {
            respondents.periods.push(frame.period);
        }
        respondents.weights.push(frame.weight);
        respondents.strata.push(frame.stratum);
        respondents.clusters.push(frame.cluster);
        respondents.place.push(frame.place);
        respondents.period.push(period);
        for (column, answer) in self.columns.iter().zip(answers) {
            let number = answer.map(|answer| {
                let next = respondents.codes.len() as u32;
                *respondents.codes.entry(answer).or_insert(next)
            });
            respondents.answers.entry(column.name.to_owned()).or_default().push(number);
        }
    }

    /// Weight, stratum, cluster, place and period of a row; nothing, with a remark, where one is lacking.
    fn frame(&mut self, row: &Row) -> Option<RowFrame> {
        let map = self.map;
        let weight = match &map.sample.weight {
            Some(column) => self.weight(row, column)?,
            None => 1.0,
        };
        let mut names = Vec::new();
        for column in &map.sample.strata {
            names.push(self.label(row, column, "the code of a stratum")?);
        }
        let next = self.strata.len() as u32;
        let stratum = *self.strata.entry(names).or_insert(next);
        let cluster = match &map.sample.cluster {
            Some(column) => {
                let label = self.label(row, column, "the code of a cluster")?;
                let next = self.clusters.len() as u32;
                *self.clusters.entry(label).or_insert(next)
            }
            None => self.respondents.weights.len() as u32,
        };
        let period = self.period(row)?;
        let place = map.place.column.as_ref().and_then(|column| {
            let name = map.place.names.get(&code(row.bytes(self.at[column.as_str()])))?;
            self.respondents.places.binary_search(name).ok()
        });
        if map.place.column.is_some() && place.is_none() {
            self.aside("respondents without a known place");
        }
        Some(RowFrame { weight, stratum, cluster, place, period })
    }

    /// A weight; nothing, with a remark, where there is none.
    fn weight(&mut self, row: &Row, column: &str) -> Option<f64> {
        let bytes = row.bytes(self.at[column]);
        match value::decimal(bytes) {
            Value::Is(weight) if weight >= 0.0 => Some(weight),
            other => {
                let issue = match other {
                    Value::Missing => Issue::Missing,
                    Value::Is(_) => Issue::OutOfRange,
                    Value::Wrong => Issue::WrongType,
                };
                self.reject(row, column, issue, "a weight, 0 or more");
                None
            }
        }
    }

    /// The name of a stratum or cluster; nothing, with a remark, where there is none.
    fn label(&mut self, row: &Row, column: &str, expected: &str) -> Option<String> {
        let label = code(row.bytes(self.at[column]));
        if label.is_empty() {
            self.reject(row, column, Issue::Missing, expected);
            return None;
        }
        Some(label)
    }

    /// What the estimates are made for that the row belongs to: a month or year of its day, or the map's period.
    fn period(&mut self, row: &Row) -> Option<Period> {
        if let Some(period) = self.map.time.period {
            return Some(period);
        }
        let column = self.map.time.column.as_deref()?;
        let text = code(row.bytes(self.at[column]));
        let found = text.parse::<Period>().ok().and_then(|period| match self.map.time.unit {
            SurveyUnit::Year => Period::year(chrono::Datelike::year(&period.start())),
            // A whole year tells no month; it stays what it is.
            SurveyUnit::Month
                if Month::from_date(period.start()) == Month::from_date(period.end()) =>
            {
                Some(Period::month(Month::from_date(period.start())))
            }
            SurveyUnit::Month => Some(period),
        });
        if found.is_none() {
            let issue = if text.is_empty() { Issue::Missing } else { Issue::BadDate };
            self.reject(row, column, issue, "a day, month or year in ISO 8601");
        }
        found
    }

    /// The code of an answer; nothing where there is none, with a remark where something else stands there.
    fn answer(&mut self, row: &Row, column: usize) -> Option<String> {
        let codes = &self.columns[column];
        let bytes = row.bytes(codes.position);
        let found = code(bytes);
        if found.is_empty() || codes.missing.contains(found.as_str()) {
            return None;
        }
        if codes.known.contains(&found) {
            return Some(found);
        }
        let mut diagnostic = Diagnostic::rejected(
            row.number,
            codes.name,
            Issue::UnknownCode,
            kind_of(bytes),
            "a code that the map lists",
        );
        diagnostic.of_cell = true;
        self.diagnostics.push(diagnostic);
        None
    }

    /// Remarks that a row was left out, by the kind of what stood there.
    fn reject(&mut self, row: &Row, column: &str, issue: Issue, expected: &str) {
        let found = kind_of(row.bytes(self.at[column]));
        self.diagnostics.push(Diagnostic::rejected(row.number, column, issue, found, expected));
    }

    /// Counts something that is neither a respondent nor a fault.
    fn aside(&mut self, what: &'static str) {
        *self.set_aside.entry(what).or_insert(0) += 1;
    }
}

/// The columns of answers and arms, with the codes that any question knows in them.
fn answer_columns<'a>(map: &'a SurveyMap, at: &BTreeMap<&'a str, usize>) -> Vec<ColumnCodes<'a>> {
    let mut columns: BTreeMap<&'a str, (BTreeSet<String>, BTreeSet<&'a str>)> = BTreeMap::new();
    let mut add = |column: &'a String, known: Vec<String>, missing: &'a [String]| {
        let codes = columns.entry(column).or_default();
        codes.0.extend(known);
        codes.1.extend(map.missing.iter().chain(missing).map(String::as_str));
    };
    for share in &map.shares {
        add(&share.column, share.answers.clone(), &share.missing);
    }
    for mean in &map.means {
        add(&mean.column, mean.answers.keys().cloned().collect(), &mean.missing);
    }
    for design in &map.endorsements {
        for question in &design.questions {
            if let (Some(column), Some(treatment)) = (&question.column, &question.treatment) {
                add(column, design.answers.clone(), &design.missing);
                let arms = question.arms.values().chain(Some(&question.control));
                add(treatment, arms.cloned().collect(), &design.missing);
            } else {
                for column in question.arms.values().chain(Some(&question.control)) {
                    add(column, design.answers.clone(), &design.missing);
                }
            }
        }
    }
    for list in &map.lists {
        let counts = (0..=list.control_items + 1).map(|count| count.to_string()).collect();
        add(&list.column, counts, &list.missing);
        add(&list.treatment, vec![list.control.clone(), list.treated.clone()], &list.missing);
    }
    let one = |(name, (known, missing)): (&'a str, (BTreeSet<String>, BTreeSet<&'a str>))| {
        ColumnCodes { name, position: at[name], known, missing }
    };
    columns.into_iter().map(one).collect()
}

impl Respondents {
    /// How many respondents there are.
    pub(super) fn len(&self) -> usize {
        self.weights.len()
    }

    /// Whether a respondent counts in a weighted estimate.
    pub(super) fn has_weight(&self, respondent: usize) -> bool {
        self.weights[respondent] > 0.0
    }

    /// By respondent, the code of the answer in a column.
    pub(super) fn column(&self, name: &str) -> &[Option<u32>] {
        self.answers.get(name).map_or(&[], Vec::as_slice)
    }

    /// The number of a code; nothing where nobody gave it.
    pub(super) fn number(&self, code: &str) -> Option<u32> {
        self.codes.get(code).copied()
    }

    /// The design of the sample.
    pub(super) fn design(&self, map: &SurveyMap) -> sanad_survey::Result<SampleDesign> {
        let strata = (!map.sample.strata.is_empty()).then(|| self.strata.clone());
        let clusters = map.sample.cluster.as_ref().map(|_| self.clusters.clone());
        SampleDesign::new(self.weights.clone(), strata, clusters)
    }
}

/// A cell as a code: a whole number in plain digits, else the text.
fn code(bytes: &[u8]) -> String {
    match value::whole(bytes) {
        Value::Is(number) => number.to_string(),
        Value::Missing => String::new(),
        Value::Wrong => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// What stands in a cell, without saying it.
fn kind_of(bytes: &[u8]) -> &'static str {
    match value::decimal(bytes) {
        Value::Missing => "an empty cell",
        Value::Is(_) => "a number",
        Value::Wrong => "a text",
    }
}
