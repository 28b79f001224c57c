//! What a run tells of itself, and what changed from one to the next.
//!
//! A run keeps the numbers by which the next one sees what changed: the counts of each month by
//! place of the first level, the verdicts, where benchmarks stand, and each place's chance of a
//! death. They are read from the tables that programs are served.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};

/// Chances of a death, as shares, whose crossing is told. They cut the chances into few, possible,
/// as likely as not, and likely.
pub(super) const THRESHOLDS: [f64; 3] = [0.25, 0.5, 0.75];

/// The counts of one place in one month.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct MonthCount {
    /// Events.
    events: f64,
    /// Deaths, best estimate.
    deaths: f64,
}

impl MonthCount {
    /// Whether two are the same number; a table of text may lose the last bit.
    fn is_like(self, other: Self) -> bool {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
        near(self.events, other.events) && near(self.deaths, other.deaths)
    }
}

/// A thing with a standing that may change: a claim with its verdict, a benchmark with its status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TitledStanding {
    /// What it is called.
    title: String,
    /// Where it stands.
    standing: String,
}

/// A place's chance of a death in the first month that is forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct PlaceChance {
    /// Name of the place.
    place: String,
    /// The chance, from 0 to 1.
    chance: f64,
}

/// A published run. Months are texts such as 2021-05, places and claims are named by their ids.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct RunRecord {
    /// The day on which it was published.
    pub(super) day: NaiveDate,
    /// The key of the observatory's state.
    pub(super) state: String,
    /// The program with its version.
    pub(super) program: String,
    /// Title of the case.
    pub(super) case: String,
    /// How many of its last months have their records.
    #[serde(default)]
    pub(super) months_of_records: u16,
    /// What changed since the run before, in a sentence each. Empty for a first run.
    pub(super) changes: Vec<String>,
    /// The name of the run before; `None` for a first run.
    pub(super) before: Option<String>,
    /// Counts by month and place of the first level. A month that nothing covers has none.
    pub(super) months: BTreeMap<String, BTreeMap<String, MonthCount>>,
    /// Verdicts by claim.
    pub(super) verdicts: BTreeMap<String, TitledStanding>,
    /// Where benchmarks stand.
    pub(super) benchmarks: BTreeMap<String, TitledStanding>,
    /// The first month that is forecast; empty where there is no forecast.
    pub(super) forecast_month: String,
    /// Chances of a death in that month, by place.
    pub(super) chances: BTreeMap<String, PlaceChance>,
}

/// A table in JSON as rows; none where it is no table.
fn rows(table: &Value) -> impl Iterator<Item = &Value> {
    table.as_array().into_iter().flatten()
}

/// A text of a row.
///
/// # Errors
///
/// [`Error::Row`] for a row without it.
fn text(row: &Value, name: &'static str) -> Result<String> {
    row[name].as_str().map(str::to_owned).ok_or(Error::Row { column: name })
}

impl RunRecord {
    /// Takes up the panel by places of the first level.
    ///
    /// # Errors
    ///
    /// [`Error::Row`], as of all that takes up a table.
    pub(super) fn with_panel(mut self, panel: &Value) -> Result<Self> {
        for row in rows(panel) {
            // A month that nothing covers has neither number.
            let (Some(events), Some(deaths)) =
                (row["events"].as_f64(), row["deaths_best"].as_f64())
            else {
                continue;
            };
            let month = self.months.entry(text(row, "month")?).or_default();
            month.insert(text(row, "place_id")?, MonthCount { events, deaths });
        }
        Ok(self)
    }

    /// Takes up the claims.
    pub(super) fn with_claims(mut self, claims: &Value) -> Result<Self> {
        let read = rows(claims).map(|row| standing(row, "claim", "wording", "verdict"));
        self.verdicts = read.collect::<Result<_>>()?;
        Ok(self)
    }

    /// Takes up the benchmarks.
    pub(super) fn with_benchmarks(mut self, benchmarks: &Value) -> Result<Self> {
        let read = rows(benchmarks).map(|row| standing(row, "benchmark", "title", "status"));
        self.benchmarks = read.collect::<Result<_>>()?;
        Ok(self)
    }

    /// Takes up the first month of the forecast. What is not placed has no chance of its own.
    pub(super) fn with_forecast(mut self, forecast: &Value) -> Result<Self> {
        let months: Vec<String> =
            rows(forecast).map(|row| text(row, "month")).collect::<Result<_>>()?;
        let Some(first) = months.iter().min() else { return Ok(self) };
        for (row, _) in rows(forecast).zip(&months).filter(|(_, month)| *month == first) {
            let (id, place) = (text(row, "place_id")?, text(row, "place")?);
            if let Some(chance) = row["probability_1"].as_f64()
                && !id.starts_with("unplaced")
            {
                self.chances.insert(id, PlaceChance { place, chance });
            }
        }
        self.forecast_month.clone_from(first);
        Ok(self)
    }

    /// Whether another run would tell the same of the same day, with records of as many months.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let facts = |run: &Self| {
            let texts = [&run.state, &run.program, &run.case].map(Clone::clone);
            (run.day, texts, run.months_of_records)
        };
        facts(self) == facts(other)
    }
}

/// A row's id with its title and standing.
fn standing(
    row: &Value,
    id: &'static str,
    title: &'static str,
    standing: &'static str,
) -> Result<(String, TitledStanding)> {
    let stands = TitledStanding { title: text(row, title)?, standing: text(row, standing)? };
    Ok((text(row, id)?, stands))
}

/// A month whose counts are not what they were.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RevisedMonth {
    /// The month.
    pub(super) month: String,
    /// Events of the country before and after.
    pub(super) events: [f64; 2],
    /// Deaths, best estimate, of the country before and after.
    pub(super) deaths: [f64; 2],
    /// Places of the first level whose counts changed.
    pub(super) places: usize,
}

/// A thing whose standing is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MovedStanding {
    /// Its id.
    pub(super) id: String,
    /// Its title.
    pub(super) title: String,
    /// Where it stood and stands.
    pub(super) standing: [String; 2],
}

/// A place whose chance of a death crossed a threshold.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CrossedChance {
    /// Its id.
    pub(super) id: String,
    /// Its name.
    pub(super) place: String,
    /// The chance before and after, from 0 to 1.
    pub(super) chance: [f64; 2],
    /// The threshold; the one farthest from where it was where it crossed several.
    pub(super) threshold: f64,
}

/// What changed from one run to the next.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Changes {
    /// Months that are covered now and were not.
    pub(super) new_months: Vec<String>,
    /// Months that were covered and are not any more.
    pub(super) lost_months: Vec<String>,
    /// Months whose counts were revised.
    pub(super) revised: Vec<RevisedMonth>,
    /// Verdicts that moved.
    pub(super) verdicts: Vec<MovedStanding>,
    /// Benchmarks that stand elsewhere; those that became overdue come first.
    pub(super) benchmarks: Vec<MovedStanding>,
    /// Places whose chance of a death crossed a threshold.
    pub(super) chances: Vec<CrossedChance>,
    /// Programs before and after, where they differ.
    pub(super) programs: Option<[String; 2]>,
}

/// The sum of a month over the places.
fn sum(places: &BTreeMap<String, MonthCount>) -> MonthCount {
    let add = |a: MonthCount, b: &MonthCount| MonthCount {
        events: a.events + b.events,
        deaths: a.deaths + b.deaths,
    };
    places.values().fold(MonthCount { events: 0.0, deaths: 0.0 }, add)
}

/// The month as revised; `None` where no place's counts changed.
fn revised(
    month: &str,
    before: &BTreeMap<String, MonthCount>,
    after: &BTreeMap<String, MonthCount>,
) -> Option<RevisedMonth> {
    let nothing = MonthCount { events: 0.0, deaths: 0.0 };
    let ids: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let of = |all: &BTreeMap<String, MonthCount>, id: &str| all.get(id).copied().unwrap_or(nothing);
    let places = ids.iter().filter(|id| !of(before, id).is_like(of(after, id))).count();
    let sums = [sum(before), sum(after)];
    (places > 0).then(|| RevisedMonth {
        month: month.to_owned(),
        events: sums.map(|sum| sum.events),
        deaths: sums.map(|sum| sum.deaths),
        places,
    })
}

/// What stands elsewhere in the later of two lists. What is in one of them alone has not moved.
fn moved(
    before: &BTreeMap<String, TitledStanding>,
    after: &BTreeMap<String, TitledStanding>,
) -> Vec<MovedStanding> {
    let both = after.iter().filter_map(|(id, now)| Some((id, before.get(id)?, now)));
    both.filter(|(_, then, now)| then.standing != now.standing)
        .map(|(id, then, now)| MovedStanding {
            id: id.clone(),
            title: now.title.clone(),
            standing: [then.standing.clone(), now.standing.clone()],
        })
        .collect()
}

/// The threshold that lies between two chances, the farthest from the first; `None` where none
/// does. A chance that is a threshold has reached it.
fn crossed(before: f64, after: f64) -> Option<f64> {
    let between = |one: &f64| (before < *one) != (after < *one);
    let mut all = THRESHOLDS.into_iter().filter(between);
    if after > before { all.next_back() } else { all.next() }
}

impl MovedStanding {
    /// Whether it is a benchmark that became overdue.
    pub(super) fn is_late(&self) -> bool {
        let [before, after] = self.standing.each_ref().map(|word| word.contains("overdue"));
        after && !before
    }
}

impl Changes {
    /// What changed from an earlier run to a later one.
    pub(super) fn between(before: &RunRecord, after: &RunRecord) -> Self {
        let only = |one: &RunRecord, other: &RunRecord| -> Vec<String> {
            let months = one.months.keys().filter(|month| !other.months.contains_key(*month));
            months.cloned().collect()
        };
        let both = after
            .months
            .iter()
            .filter_map(|(month, now)| revised(month, before.months.get(month)?, now));
        let mut benchmarks = moved(&before.benchmarks, &after.benchmarks);
        benchmarks.sort_by_key(|one| (!one.is_late(), one.id.clone()));
        let chances = after.chances.iter().filter_map(|(id, now)| {
            let then = before.chances.get(id)?;
            let threshold = crossed(then.chance, now.chance)?;
            let chance = [then.chance, now.chance];
            Some(CrossedChance { id: id.clone(), place: now.place.clone(), chance, threshold })
        });
        let programs = [before.program.clone(), after.program.clone()];
        Self {
            new_months: only(after, before),
            lost_months: only(before, after),
            revised: both.collect(),
            verdicts: moved(&before.verdicts, &after.verdicts),
            benchmarks,
            chances: chances.collect(),
            programs: (programs[0] != programs[1]).then_some(programs),
        }
    }

    /// Benchmarks that became overdue.
    pub(super) fn overdue(&self) -> usize {
        self.benchmarks.iter().filter(|one| one.is_late()).count()
    }

    /// What changed, in a sentence each; one that says so where nothing did.
    pub(super) fn sentences(&self) -> Vec<String> {
        let mut said = Vec::new();
        let mut say = |count: usize, one: &str, several: &str, rest: String| match count {
            0 => {}
            1 => said.push(format!("1 {one}{rest}.")),
            count => said.push(format!("{count} {several}{rest}.")),
        };
        let span = |months: &[String]| match (months.first(), months.last()) {
            (Some(first), Some(last)) if first != last => format!(": {first} to {last}"),
            (Some(first), _) => format!(": {first}"),
            _ => String::new(),
        };
        let none = String::new;
        say(self.new_months.len(), "new month", "new months", span(&self.new_months));
        say(
            self.lost_months.len(),
            "month is not covered any more",
            "months are not covered any more",
            span(&self.lost_months),
        );
        say(self.revised.len(), "month was revised", "months were revised", none());
        say(self.verdicts.len(), "verdict moved", "verdicts moved", none());
        say(self.overdue(), "benchmark became overdue", "benchmarks became overdue", none());
        let others = self.benchmarks.len() - self.overdue();
        say(others, "benchmark moved otherwise", "benchmarks moved otherwise", none());
        say(
            self.chances.len(),
            "place's chance of a death crossed a threshold",
            "places' chances of a death crossed a threshold",
            none(),
        );
        if let Some([before, after]) = &self.programs {
            said.push(format!("Numbers may differ because {after} took the place of {before}."));
        }
        if said.is_empty() {
            said.push("Nothing changed.".to_owned());
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn before() -> RunRecord {
        let panel = json!([
            {"month": "2021-01", "place_id": "A", "events": 1, "deaths_best": 3},
            {"month": "2021-01", "place_id": "B", "events": 0, "deaths_best": 0},
            {"month": "2021-02", "place_id": "A"},
        ]);
        let forecast = json!([
            {"month": "2021-02", "place_id": "A1", "place": "Hill", "probability_1": 0.2},
            {"month": "2021-02", "place_id": "A2", "place": "Vale", "probability_1": 0.6},
            {"month": "2021-03", "place_id": "A1", "place": "Hill", "probability_1": 0.9},
            {"month": "2021-02", "place_id": "unplaced:A", "place": "?", "probability_1": 0.1},
        ]);
        RunRecord { program: "sanad 1".to_owned(), ..RunRecord::default() }
            .with_panel(&panel)
            .and_then(|run| run.with_forecast(&forecast))
            .and_then(|run| {
                run.with_claims(
                    &json!([{"claim": "c", "wording": "More of it.", "verdict": "inconclusive"}]),
                )
            })
            .and_then(|run| {
                run.with_benchmarks(&json!([
                    {"benchmark": "b", "title": "A law", "status": "open"},
                    {"benchmark": "a", "title": "A court", "status": "open"},
                ]))
            })
            .unwrap()
    }

    #[test]
    fn a_run_that_tells_the_same_has_no_changes() {
        let changes = Changes::between(&before(), &before());
        assert_eq!(changes, Changes::default());
        assert_eq!(changes.sentences(), ["Nothing changed."]);
        let text = serde_json::to_string(&before()).unwrap();
        assert_eq!(serde_json::from_str::<RunRecord>(&text).unwrap(), before());
    }

    #[test]
    fn new_and_revised_months_verdicts_benchmarks_and_chances_are_told_with_before_and_after() {
        let after = before()
            .with_panel(&json!([
                {"month": "2021-01", "place_id": "B", "events": 1, "deaths_best": 2},
                {"month": "2021-02", "place_id": "A", "events": 0, "deaths_best": 0},
            ]))
            .unwrap()
            .with_forecast(&json!([
                {"month": "2021-03", "place_id": "A1", "place": "Hill", "probability_1": 0.8},
                {"month": "2021-03", "place_id": "A2", "place": "Vale", "probability_1": 0.55},
            ]))
            .unwrap()
            .with_claims(&json!([{"claim": "c", "wording": "More of it.", "verdict": "supported"}]))
            .unwrap()
            .with_benchmarks(&json!([
                {"benchmark": "b", "title": "A law", "status": "overdue"},
                {"benchmark": "a", "title": "A court", "status": "met"},
            ]))
            .unwrap();
        let changes = Changes::between(&before(), &after);
        assert_eq!(changes.new_months, ["2021-02"]);
        let revised = RevisedMonth {
            month: "2021-01".to_owned(),
            events: [1.0, 2.0],
            deaths: [3.0, 5.0],
            places: 1,
        };
        assert_eq!(changes.revised, [revised]);
        assert_eq!(changes.verdicts[0].standing, ["inconclusive", "supported"]);
        assert_eq!([&changes.benchmarks[0].id, &changes.benchmarks[1].id], ["b", "a"]);
        let [hill] = &changes.chances[..] else { panic!("{:?}", changes.chances) };
        assert_eq!((hill.place.as_str(), hill.threshold), ("Hill", 0.75));
        assert_eq!(
            changes.sentences(),
            [
                "1 new month: 2021-02.",
                "1 month was revised.",
                "1 verdict moved.",
                "1 benchmark became overdue.",
                "1 benchmark moved otherwise.",
                "1 place's chance of a death crossed a threshold.",
            ]
        );
    }

    #[test]
    fn a_chance_that_reaches_a_threshold_has_crossed_it_and_one_that_moves_below_has_not() {
        for (before, after, threshold) in [
            (0.2, 0.25, Some(0.25)),
            (0.25, 0.2, Some(0.25)),
            (0.2, 0.9, Some(0.75)),
            (0.9, 0.1, Some(0.25)),
            (0.3, 0.49, None),
        ] {
            assert_eq!(crossed(before, after), threshold, "{before} {after}");
        }
    }

    #[test]
    fn a_row_without_what_it_tells_is_said_and_a_table_without_rows_tells_nothing() {
        let run = RunRecord::default();
        let panel = json!([{"place_id": "A", "events": 1, "deaths_best": 3}]);
        for (taken, column) in [
            (run.clone().with_panel(&panel), "month"),
            (run.clone().with_claims(&json!([{"claim": "c", "wording": "?"}])), "verdict"),
            (run.clone().with_benchmarks(&json!([{"title": "?", "status": "met"}])), "benchmark"),
            (run.clone().with_forecast(&json!([{"month": "2021-02", "place_id": "A"}])), "place"),
        ] {
            let Err(Error::Row { column: found }) = taken else {
                panic!("{column} is passed over")
            };
            assert_eq!(found, column);
        }
        assert_eq!(run.clone().with_forecast(&Value::Null).unwrap(), run);
    }

    #[test]
    fn a_month_that_is_taken_back_and_another_program_are_told() {
        let mut after = before();
        after.months.clear();
        after.program = "sanad 2".to_owned();
        let said = Changes::between(&before(), &after).sentences();
        assert_eq!(said[0], "1 month is not covered any more: 2021-01.");
        assert!(said[1].contains("sanad 2 took the place of sanad 1"));
    }
}
