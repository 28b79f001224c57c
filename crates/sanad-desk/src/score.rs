//! How good warnings were, from what is public alone: the released counts of a desk and a record of
//! what happened, by month and district.
//!
//! Scores are of a body's channel of warnings, never of a person: what goes in are counts of ten and
//! more, and nothing that a release does not say can come out. So a score is coarse. It says whether
//! districts and quarters with many warnings were followed by violence more often than others, and
//! how long before.
//!
//! # What counts
//!
//! A *warned quarter* is a district and a quarter for which a body released a count of warnings. An
//! *onset* is a month with [`ScoreRules::least_deaths`] or more after [`QUIET_MONTHS`] months with
//! fewer. A warned quarter is
//!
//! - *borne out* if an onset falls into the [`ScoreRules::horizon_months`] after its end; the lead is
//!   the number of months from its end to the onset's month, 1 for the next one;
//! - *undecided* if an onset falls into the quarter itself: whether warnings came before it, the
//!   counts do not say;
//! - *not covered* if the record does not know every month from the quiet ones before the quarter to the
//!   end of the horizon: a month that it does not list is unknown, and never one without deaths;
//! - else *not borne out*. That it was prevented is not told apart from that it was never to come.
//!
//! The same share over the record's other quarters of the same districts is what it has to be
//! compared with: warnings from a place where violence is frequent are easily right. So is what a
//! [forecast](ForecastAlarms) said at the end of the same quarters, where one is given.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::RangeInclusive;

use crate::release::Quarter;

/// Quiet months before an onset.
pub const QUIET_MONTHS: i32 = 3;

/// What an onset is, and how long a warning stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScoreRules {
    /// Deaths of a month from which on it counts.
    pub least_deaths: u64,
    /// Months after a quarter in which an onset bears its warnings out.
    pub horizon_months: i32,
}

/// A month, counted from year 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MonthNumber(pub i32);

impl MonthNumber {
    /// The month of a text such as `2026-03`.
    pub fn read(text: &str) -> Option<MonthNumber> {
        let (year, month) = text.split_once('-')?;
        let (year, month): (i32, i32) = (year.parse().ok()?, month.parse().ok()?);
        let is_month = (1..=12).contains(&month) && (1900..=2200).contains(&year);
        is_month.then_some(MonthNumber(12 * year + month - 1))
    }

    /// Whether it is the last of a quarter: months 2, 5, 8 and 11 of the twelve counted from zero.
    const fn ends_a_quarter(self) -> bool {
        self.0.rem_euclid(3) == 2
    }

    /// The last month of a quarter.
    fn ending(quarter: Quarter) -> MonthNumber {
        MonthNumber(12 * i32::from(quarter.year) + 3 * i32::from(quarter.number) - 1)
    }
}

/// Why a table cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScoreError {
    /// A column is missing.
    #[error("{table} has no column {column:?}")]
    NoColumn {
        /// Which table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// A cell is not what its column holds.
    #[error("{table}, row {row}: expected {expected}")]
    Cell {
        /// Which table.
        table: &'static str,
        /// The row, the header being row 1.
        row: usize,
        /// What had to stand there.
        expected: &'static str,
    },
}

/// Quarters of districts for which a body released warnings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReleasedWarnings {
    /// By body: the district, and the last month of the quarter.
    warned: BTreeMap<String, Quarters>,
    /// Whether a row says that it is invented.
    pub is_invented: bool,
}

/// Deaths by district and month. A month that is not listed is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeathRecord(BTreeMap<String, BTreeMap<MonthNumber, Option<u64>>>);

/// The rows of a table with the cells of some columns.
fn rows<const N: usize>(
    text: &str,
    table: &'static str,
    columns: [&'static str; N],
) -> Result<Vec<(usize, [String; N])>, ScoreError> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let mut records = reader.records().enumerate();
    let unreadable = ScoreError::Cell { table, row: 1, expected: "a header of names" };
    let header = records.next().and_then(|(_, record)| record.ok()).ok_or(unreadable)?;
    let mut places = [0; N];
    for (place, column) in places.iter_mut().zip(columns) {
        let found = header.iter().position(|name| name.trim() == column);
        *place = found.ok_or(ScoreError::NoColumn { table, column })?;
    }
    let mut rows = Vec::new();
    for (row, record) in records {
        let row = row + 1;
        let expected = "as many cells as the header has";
        let record = record.map_err(|_| ScoreError::Cell { table, row, expected })?;
        rows.push((row, places.map(|place| record[place].trim().to_owned())));
    }
    Ok(rows)
}

impl ReleasedWarnings {
    /// Reads what a desk released (`counts.csv`, of the server or of an export). Rows about several
    /// districts together have no place, and are passed over. Of the bodies in `receiving` all files
    /// are warnings: a breakdown by kind is never shown of a body that receives one kind alone.
    ///
    /// # Errors
    ///
    /// [`ScoreError`], the first.
    pub fn read(text: &str, receiving: &BTreeSet<String>) -> Result<ReleasedWarnings, ScoreError> {
        let table = "the table of counts";
        let columns = ["quarter", "body", "district", "breakdown", "class", "status"];
        let mut warnings = ReleasedWarnings::default();
        for (row, [quarter, body, district, breakdown, class, status]) in
            rows(text, table, columns)?
        {
            warnings.is_invented |= status == "invented";
            let is_warning = match breakdown.as_str() {
                "kind" => class == "warning",
                breakdown => breakdown == "all" && receiving.contains(&body),
            };
            // Ids have no blanks; what is about several districts has.
            if !is_warning || district.contains(' ') {
                continue;
            }
            let expected = "a quarter such as 2026-Q1";
            let quarter: Option<Quarter> = quarter.parse().ok();
            let quarter = quarter.ok_or(ScoreError::Cell { table, row, expected })?;
            let warned = (district, MonthNumber::ending(quarter));
            warnings.warned.entry(body).or_default().insert(warned);
        }
        Ok(warnings)
    }
}

/// Quarters at whose end a forecast was made, and those of them in which it raised an alarm.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForecastAlarms {
    made: Quarters,
    alarmed: Quarters,
}

impl ForecastAlarms {
    /// Reads a table with the columns `district`, `made` (the last month that the forecast knew, such as
    /// `2026-03`), `month` (the month that it is about) and `chance` (0 to 1, of as many deaths as an
    /// onset has). An alarm is a chance of `alarm` or more for any month within the horizon. Forecasts
    /// that were made within a quarter are passed over: warnings are known by quarter alone.
    ///
    /// # Errors
    ///
    /// [`ScoreError`], the first.
    pub fn read(text: &str, rules: ScoreRules, alarm: f64) -> Result<ForecastAlarms, ScoreError> {
        let table = "the forecast";
        let mut alarms = ForecastAlarms::default();
        for (row, [district, made, month, chance]) in
            rows(text, table, ["district", "made", "month", "chance"])?
        {
            let wrong = |expected| ScoreError::Cell { table, row, expected };
            let month_of =
                |text: &str| MonthNumber::read(text).ok_or(wrong("a month such as 2026-03"));
            let (made, month) = (month_of(&made)?, month_of(&month)?);
            let chance: Option<f64> = chance.parse().ok();
            let chance = chance.filter(|chance| (0.0..=1.0).contains(chance));
            let chance = chance.ok_or(wrong("a chance from 0 to 1"))?;
            let is_ahead = (1..=rules.horizon_months).contains(&(month.0 - made.0));
            if !made.ends_a_quarter() || !is_ahead {
                continue;
            }
            if chance >= alarm {
                alarms.alarmed.insert((district.clone(), made));
            }
            alarms.made.insert((district, made));
        }
        Ok(alarms)
    }
}

impl DeathRecord {
    /// Reads a table with the columns `district`, `month` (`2026-03`) and `deaths`. Several rows of one
    /// district and month add up. An empty cell of deaths is a month that nothing covers.
    ///
    /// # Errors
    ///
    /// [`ScoreError`], the first.
    pub fn read(text: &str) -> Result<DeathRecord, ScoreError> {
        let table = "the record";
        let mut record = DeathRecord::default();
        for (row, [district, month, deaths]) in rows(text, table, ["district", "month", "deaths"])?
        {
            let wrong = |expected| ScoreError::Cell { table, row, expected };
            let month = MonthNumber::read(&month).ok_or(wrong("a month such as 2026-03"))?;
            let deaths = match deaths.as_str() {
                "" => None,
                deaths => Some(deaths.parse().map_err(|_| wrong("a whole number of deaths"))?),
            };
            // A sum of which a part is unknown is unknown.
            let sum = record.0.entry(district).or_default().entry(month).or_insert(Some(0));
            *sum = sum.zip(deaths).map(|(sum, deaths): (u64, u64)| sum + deaths);
        }
        Ok(record)
    }

    /// The last months of all quarters between the first and the last month of a district.
    fn quarters(&self, district: &str) -> Vec<MonthNumber> {
        let known = self.0.get(district);
        let span = known.and_then(|known| known.keys().next().zip(known.keys().last()));
        let Some((first, last)) = span else { return Vec::new() };
        (first.0..=last.0).map(MonthNumber).filter(|month| month.ends_a_quarter()).collect()
    }

    /// What became of a quarter of a district, warned or not.
    fn outcome(&self, district: &str, end: MonthNumber, rules: ScoreRules) -> QuarterOutcome {
        let months = end.0 - 2 - QUIET_MONTHS..=end.0 + rules.horizon_months;
        let Some(deaths) = self.known(district, months.clone()) else {
            return QuarterOutcome::NotCovered;
        };
        let is_quiet = |month: i32| deaths[(month - months.start()) as usize] < rules.least_deaths;
        let is_onset =
            |month: &i32| !is_quiet(*month) && (month - QUIET_MONTHS..*month).all(is_quiet);
        if (end.0 - 2..=end.0).any(|month| is_onset(&month)) {
            return QuarterOutcome::Undecided;
        }
        match (end.0 + 1..=end.0 + rules.horizon_months).find(is_onset) {
            Some(onset) => QuarterOutcome::BorneOut(onset - end.0),
            None => QuarterOutcome::NotBorneOut,
        }
    }

    /// Deaths of a district in months in a row; nothing where one of them is not known.
    fn known(&self, district: &str, mut months: RangeInclusive<i32>) -> Option<Vec<u64>> {
        let known = self.0.get(district)?;
        months.try_fold(Vec::new(), |mut deaths, month| {
            deaths.push(known.get(&MonthNumber(month)).copied().flatten()?);
            Some(deaths)
        })
    }
}

/// What became of a quarter.
enum QuarterOutcome {
    /// An onset came so many months after its end.
    BorneOut(i32),
    /// No onset came.
    NotBorneOut,
    /// An onset fell into the quarter.
    Undecided,
    /// The record does not cover it.
    NotCovered,
}

/// How good the warnings of one body were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WarningTally {
    /// Months from the end of the quarter to the onset, of each warned quarter that was borne out, in
    /// order.
    pub leads: Vec<i32>,
    /// Warned quarters that were not borne out.
    pub not_borne_out: usize,
    /// Warned quarters with an onset in them.
    pub undecided: usize,
    /// Warned quarters of which the record does not say what came.
    pub not_covered: usize,
    /// Other quarters of the same districts that were followed by an onset.
    pub others_followed: usize,
    /// Other quarters of the same districts in all, without undecided ones.
    pub others: usize,
}

impl WarningTally {
    /// The share of decided warned quarters that were borne out; nothing without any.
    pub fn truth(&self) -> Option<f64> {
        share(self.leads.len(), self.leads.len() + self.not_borne_out)
    }

    /// The same share of the other quarters.
    pub fn base(&self) -> Option<f64> {
        share(self.others_followed, self.others)
    }

    /// The tally in one line.
    fn in_words(&self) -> String {
        let shown =
            |share: Option<f64>| share.map_or("-".to_owned(), |share| format!("{share:.2}"));
        let lead = self.median_lead().map_or("-".to_owned(), |lead| lead.to_string());
        format!(
            "{} warned quarters decided, share borne out {}, of other quarters {} ({}), median lead {lead} months; {} undecided, {} not covered by the record",
            self.leads.len() + self.not_borne_out,
            shown(self.truth()),
            shown(self.base()),
            self.others,
            self.undecided,
            self.not_covered,
        )
    }

    /// The middle lead in months; the lower one of two.
    pub fn median_lead(&self) -> Option<i32> {
        self.leads.get(self.leads.len().checked_sub(1)? / 2).copied()
    }
}

/// A share, 0 to 1.
fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Quarters of a district, by the district and the last month.
type Quarters = BTreeSet<(String, MonthNumber)>;

/// What became of warned quarters and of others.
fn tally<'a>(
    warned: &Quarters,
    others: impl Iterator<Item = (&'a str, MonthNumber)>,
    record: &DeathRecord,
    rules: ScoreRules,
) -> WarningTally {
    let mut score = WarningTally::default();
    for (district, end) in warned {
        match record.outcome(district, *end, rules) {
            QuarterOutcome::BorneOut(lead) => score.leads.push(lead),
            QuarterOutcome::NotBorneOut => score.not_borne_out += 1,
            QuarterOutcome::Undecided => score.undecided += 1,
            QuarterOutcome::NotCovered => score.not_covered += 1,
        }
    }
    score.leads.sort_unstable();
    for (district, end) in others {
        match record.outcome(district, end, rules) {
            QuarterOutcome::BorneOut(_) => score.others_followed += 1,
            QuarterOutcome::NotBorneOut => {}
            QuarterOutcome::Undecided | QuarterOutcome::NotCovered => continue,
        }
        score.others += 1;
    }
    score
}

/// Scores every body's warnings against a record.
pub fn score(
    warnings: &ReleasedWarnings,
    record: &DeathRecord,
    rules: ScoreRules,
) -> BTreeMap<String, WarningTally> {
    let score_of = |warned: &Quarters| {
        let districts: BTreeSet<&str> =
            warned.iter().map(|(district, _)| district.as_str()).collect();
        let quarters = districts.into_iter().flat_map(|district| {
            let ends = record.quarters(district).into_iter();
            ends.map(move |end| (district, end))
        });
        let others =
            quarters.filter(|(district, end)| !warned.contains(&((*district).to_owned(), *end)));
        tally(warned, others, record, rules)
    };
    warnings.warned.iter().map(|(body, warned)| (body.clone(), score_of(warned))).collect()
}

/// Scores a forecast's alarms against the same record, in the districts for which a body warned, so
/// that the two can be compared.
pub fn score_forecast(
    alarms: &ForecastAlarms,
    warnings: &ReleasedWarnings,
    record: &DeathRecord,
    rules: ScoreRules,
) -> WarningTally {
    let districts: BTreeSet<&String> =
        warnings.warned.values().flatten().map(|(district, _)| district).collect();
    let is_compared = |quarter: &&(String, MonthNumber)| districts.contains(&quarter.0);
    let alarmed: Quarters = alarms.alarmed.iter().filter(is_compared).cloned().collect();
    let others =
        alarms.made.iter().filter(is_compared).filter(|quarter| !alarmed.contains(*quarter));
    tally(&alarmed, others.map(|(district, end)| (district.as_str(), *end)), record, rules)
}

/// The scores in words, with what they do not say. `forecast` is the score of a forecast's alarms.
pub fn scores_in_words(
    scores: &BTreeMap<String, WarningTally>,
    forecast: Option<&WarningTally>,
    rules: ScoreRules,
    is_invented: bool,
) -> String {
    let mut text = String::new();
    if is_invented {
        text.push_str("INVENTED, for demonstration: nothing here is about real warnings.\n");
    }
    let ScoreRules { least_deaths, horizon_months } = rules;
    let _ = writeln!(
        text,
        "An onset is a month of {least_deaths} deaths or more after {QUIET_MONTHS} with fewer; warnings stand for {horizon_months} months after their quarter."
    );
    if scores.is_empty() {
        text.push_str(
            "No count of warnings by district was released: there is nothing to score.\n",
        );
    }
    for (body, score) in scores {
        let _ = writeln!(text, "{body}: {}", score.in_words());
    }
    if let Some(forecast) = forecast {
        let _ = writeln!(text, "the forecast, in the same districts: {}", forecast.in_words());
    }
    text.push_str(
        "What was prevented counts as not borne out. Counts below ten are not released, so few warnings are not scored.",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: ScoreRules = ScoreRules { least_deaths: 5, horizon_months: 6 };

    fn counts(rows: &[(&str, &str, &str)]) -> ReleasedWarnings {
        let mut text = "quarter,body,district,breakdown,class,files,status\n".to_owned();
        for (quarter, body, district) in rows {
            text += &format!("{quarter},{body},{district},kind,warning,12,invented\n");
        }
        ReleasedWarnings::read(&text, &BTreeSet::new()).unwrap()
    }

    /// Two quiet years from 2025 on in each district, but for the given months.
    fn record(events: &[(&str, &str, u64)]) -> DeathRecord {
        let mut text = "district,month,deaths\n".to_owned();
        for district in ["d1", "d2"] {
            for (year, months) in [(2024, 6..=12), (2025, 1..=12), (2026, 1..=12)] {
                for month in months {
                    text += &format!("{district},{year}-{month:02},0\n");
                }
            }
        }
        for (district, month, deaths) in events {
            text += &format!("{district},{month},{deaths}\n");
        }
        DeathRecord::read(&text).unwrap()
    }

    #[test]
    fn a_warned_quarter_is_borne_out_undecided_not_covered_or_not_borne_out() {
        let warnings = counts(&[
            ("2025-Q1", "office", "d1"),
            ("2025-Q4", "office", "d1"),
            ("2025-Q1", "office", "d2"),
            ("2026-Q4", "office", "d2"),
            ("2026-Q1", "office", "other districts together"),
            ("2026-Q1", "office", "nowhere"),
        ]);
        let record = record(&[("d1", "2025-05", 7), ("d1", "2025-11", 5), ("d1", "2025-12", 9)]);
        let scores = score(&warnings, &record, RULES);
        let found = &scores["office"];
        assert_eq!(found.leads, [2], "two months after March");
        assert_eq!((found.not_borne_out, found.undecided, found.not_covered), (1, 1, 2));
        assert_eq!((found.truth(), found.median_lead()), (Some(0.5), Some(2)));
        assert!(warnings.is_invented);
        let words = scores_in_words(&scores, None, RULES, true);
        assert!(words.starts_with("INVENTED") && words.contains("share borne out 0.50"), "{words}");
    }

    #[test]
    fn a_month_that_the_record_does_not_know_is_not_taken_for_a_quiet_one() {
        let warnings = counts(&[("2025-Q1", "office", "d1")]);
        let whole = record(&[("d1", "2025-05", 7)]);
        assert_eq!(score(&warnings, &whole, RULES)["office"].leads, [2]);
        // A quiet month before the onset, the onset itself, and one at the end of the horizon.
        for month in ["2025-04", "2025-05", "2025-09"] {
            let mut text = "district,month,deaths\n".to_owned();
            for (district, months) in &whole.0 {
                for (MonthNumber(number), deaths) in months {
                    let known = format!("{}-{:02}", number / 12, number % 12 + 1);
                    text += &format!("{district},{known},{}\n", deaths.unwrap());
                    if known == month {
                        text += &format!("{district},{known},\n");
                    }
                }
            }
            let found = &score(&warnings, &DeathRecord::read(&text).unwrap(), RULES)["office"];
            assert_eq!(
                (found.leads.len(), found.not_borne_out, found.not_covered),
                (0, 0, 1),
                "{month}"
            );
        }
    }

    #[test]
    fn violence_that_goes_on_is_no_onset_and_other_quarters_are_what_to_compare_with() {
        let warnings = counts(&[("2025-Q1", "office", "d1")]);
        let going_on: Vec<String> = (1..=12).map(|month| format!("2025-{month:02}")).collect();
        let events: Vec<(&str, &str, u64)> =
            going_on.iter().map(|month| ("d1", month.as_str(), 9)).collect();
        let found = &score(&warnings, &record(&events), RULES)["office"];
        // January 2025 is the one onset, and it falls into the warned quarter.
        assert_eq!((found.leads.len(), found.undecided), (0, 1));
        // The quarter that ends in December 2024 is followed by it. The others up to June 2026, after
        // which the record ends too soon, are not; before it the record begins too late.
        assert_eq!((found.others_followed, found.others), (1, 6));
    }

    #[test]
    fn of_a_body_that_receives_warnings_alone_the_whole_count_is_one_of_warnings() {
        let text = "quarter,body,district,breakdown,class,files,status\n\
             2025-Q1,office,d1,all,all,12,reported\n2025-Q1,other,d1,all,all,12,reported\n";
        let receiving = BTreeSet::from(["office".to_owned()]);
        let warnings = ReleasedWarnings::read(text, &receiving).unwrap();
        let scores = score(&warnings, &record(&[("d1", "2025-06", 8)]), RULES);
        assert_eq!(scores.keys().collect::<Vec<_>>(), ["office"]);
        assert_eq!(
            (scores["office"].leads.as_slice(), warnings.is_invented),
            ([3].as_slice(), false)
        );
    }

    #[test]
    fn a_forecast_is_scored_over_its_quarters_in_the_districts_that_were_warned_of() {
        let warnings = counts(&[("2025-Q1", "office", "d1")]);
        let record = record(&[("d1", "2025-05", 7), ("d2", "2025-05", 7)]);
        let forecast = "district,made,month,chance\n\
             d1,2025-03,2025-04,0.1\nd1,2025-03,2025-05,0.6\n\
             d1,2025-06,2025-07,0.5\n\
             d1,2025-09,2025-10,0.2\n\
             d1,2025-10,2025-11,0.9\nd1,2025-12,2027-01,0.9\n\
             d2,2025-03,2025-05,0.9\n";
        let alarms = ForecastAlarms::read(forecast, RULES, 0.5).unwrap();
        let found = score_forecast(&alarms, &warnings, &record, RULES);
        // March is borne out two months later; in June the onset lies in the quarter; September is
        // another quarter; October ends none, 13 months are beyond the horizon, and of d2 nobody warned.
        assert_eq!((found.leads.as_slice(), found.undecided), ([2].as_slice(), 1));
        assert_eq!((found.others, found.others_followed, found.not_borne_out), (1, 0, 0));
        let scores = score(&warnings, &record, RULES);
        let words = scores_in_words(&scores, Some(&found), RULES, false);
        assert!(
            words.contains("the forecast, in the same districts: 1 warned quarters"),
            "{words}"
        );
        for (row, expected) in [
            ("d1,2025-03,2025-05,1.5", "the forecast, row 2: expected a chance from 0 to 1"),
            ("d1,2025-03,2025-05,NaN", "the forecast, row 2: expected a chance from 0 to 1"),
            ("d1,2025-03,soon,0.5", "the forecast, row 2: expected a month such as 2026-03"),
        ] {
            let text = format!("district,made,month,chance\n{row}\n");
            let refused = ForecastAlarms::read(&text, RULES, 0.5).unwrap_err();
            assert_eq!(refused.to_string(), expected);
        }
    }

    #[test]
    fn what_is_no_such_table_is_refused_with_its_place() {
        let none = ReleasedWarnings::read("a,b\n", &BTreeSet::new()).unwrap_err();
        assert_eq!(none.to_string(), "the table of counts has no column \"quarter\"");
        let wrong = DeathRecord::read("district,month,deaths\nd1,2026-13,1\n").unwrap_err();
        assert_eq!(wrong.to_string(), "the record, row 2: expected a month such as 2026-03");
        let wrong = DeathRecord::read("district,month,deaths\nd1,2026-12,-1\n").unwrap_err();
        assert_eq!(wrong.to_string(), "the record, row 2: expected a whole number of deaths");
        let short = DeathRecord::read("district,month,deaths\nd1,2026-12\n").unwrap_err();
        assert_eq!(
            short.to_string(),
            "the record, row 2: expected as many cells as the header has"
        );
        let empty = DeathRecord::read("").unwrap_err();
        assert_eq!(empty.to_string(), "the record, row 1: expected a header of names");
        assert_eq!(score(&ReleasedWarnings::default(), &record(&[]), RULES), BTreeMap::new());
    }
}
