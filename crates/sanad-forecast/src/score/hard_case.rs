//! Quiet places by themselves: what a warning is worth where there was no death for a year.
//!
//! Over all places a forecast of violence is mostly right by saying that it goes on. Whether it sees
//! violence begin is asked here, as ConflictForecast does, who call these the hard cases (H. Mueller
//! and C. Rauh, "The hard problem of prediction for conflict prevention", JEEA 20, 2022).

use sanad_core::Estimate;
use sanad_core::random::{Stream, Streams};
use sanad_numbers::{median, sorted_quantile};

use super::compare::{BootstrapSettings, index_below};
use super::table::{Row, ScoreTable};
use crate::error::Error;
use crate::panel::Panel;

/// Months without a death that make a place a hard case.
pub const QUIET_MONTHS: usize = 12;

/// What is warned of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WarnedEvent {
    /// One death or more in a month.
    Any,
    /// Twenty-five deaths or more in a month.
    AtLeast25,
}

impl WarnedEvent {
    /// Both events.
    pub const ALL: [Self; 2] = [Self::Any, Self::AtLeast25];

    /// The deaths that make the event.
    #[must_use]
    pub const fn deaths(self) -> u32 {
        match self {
            Self::Any => 1,
            Self::AtLeast25 => 25,
        }
    }

    /// The chances at which warnings are looked at, ascending.
    #[must_use]
    pub const fn thresholds(self) -> [f64; 6] {
        match self {
            Self::Any => [0.02, 0.05, 0.1, 0.2, 0.3, 0.5],
            Self::AtLeast25 => [0.005, 0.01, 0.02, 0.05, 0.1, 0.2],
        }
    }

    /// The chance that a forecast gave to the event.
    fn chance(self, row: &Row) -> f64 {
        match self {
            Self::Any => row.scores.probability_1,
            Self::AtLeast25 => row.scores.probability_25,
        }
    }

    /// Whether a month is warned. The chance is one minus a share of draws, so that 0.2 may come as a
    /// little less; no two shares of at most a hundred thousand draws are as near as the slack.
    fn is_warned(self, row: &Row, threshold: f64) -> bool {
        self.chance(row) >= threshold - 1e-9
    }

    /// Whether the event came.
    fn came(self, row: &Row) -> bool {
        row.observed >= f64::from(self.deaths())
    }
}

/// Warnings given where the chance of an event is at least a threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WarningScore {
    /// The chance from which a month is warned, in 0 to 1.
    pub threshold: f64,
    /// Months warned.
    pub warned: usize,
    /// Months warned in which the event came.
    pub right: usize,
    /// Share of the months warned in which the event came, with its interval over places; `None`
    /// where no month was warned.
    pub precision: Option<Estimate>,
    /// Share of the months of the event that were warned; `None` where the event never came.
    pub recall: Option<Estimate>,
    /// Onsets whose month was warned.
    pub onsets_seen: usize,
    /// Median over these of the months from the origin to the onset.
    pub lead_months: Option<f64>,
}

impl WarningScore {
    /// Months warned in vain for each month warned rightly; `None` where none was.
    #[must_use]
    pub fn false_per_true(&self) -> Option<f64> {
        (self.right > 0).then(|| (self.warned - self.right) as f64 / self.right as f64)
    }
}

/// What warnings of an event are worth in quiet places.
#[derive(Debug, Clone, PartialEq)]
pub struct HardCases {
    /// The event.
    pub event: WarnedEvent,
    /// Hard cases: pairs of a place and an origin.
    pub cases: usize,
    /// Months forecast for them.
    pub months: usize,
    /// Months in which the event came.
    pub came: usize,
    /// Cases in which the event came in any month forecast; its first one is the onset.
    pub onsets: usize,
    /// Warnings by threshold, ascending.
    pub warnings: Vec<WarningScore>,
}

impl HardCases {
    /// Share of the months in which the event came: the precision of a warning given at random.
    #[must_use]
    pub fn base_rate(&self) -> f64 {
        self.came as f64 / self.months as f64
    }
}

/// Whether a place had no death in the [`QUIET_MONTHS`] to the origin, all of them known.
///
/// ```
/// use sanad_forecast::{Panel, score::is_hard_case};
///
/// let mut deaths = vec![0.0; 20];
/// deaths[3] = 1.0;
/// let panel = Panel::new(1, 1, 20, deaths)?;
/// assert!(!is_hard_case(&panel, 0, 14));
/// assert!(is_hard_case(&panel, 0, 15));
/// # Ok::<(), sanad_forecast::Error>(())
/// ```
#[must_use]
pub fn is_hard_case(panel: &Panel, place: usize, origin: usize) -> bool {
    let first = (origin + 1).checked_sub(QUIET_MONTHS);
    first.is_some_and(|first| (first..=origin).all(|m| panel.value(place, m) == Some(0.0)))
}

/// The worth of warnings of `event` at each of its thresholds, over the hard cases of a table whose
/// places and origins are those of `panel`; `None` if it has none. Intervals come from resampling
/// whole places.
///
/// # Errors
/// If a bootstrap setting is out of range.
pub fn hard_cases(
    table: &ScoreTable,
    panel: &Panel,
    event: WarnedEvent,
    settings: BootstrapSettings,
) -> Result<Option<HardCases>, Error> {
    settings.check()?;
    let mut rows = table.filter(|row| is_hard_case(panel, row.place as usize, row.origin));
    rows.sort_by_place();
    let rows = rows.rows();
    if rows.is_empty() {
        return Ok(None);
    }
    let cases: Vec<&[Row]> =
        rows.chunk_by(|a, b| (a.place, a.origin) == (b.place, b.origin)).collect();
    let onsets: Vec<&Row> =
        cases.iter().filter_map(|case| case.iter().find(|row| event.came(row))).collect();
    let warnings = event
        .thresholds()
        .map(|threshold| warning_score(rows, &onsets, event, threshold, settings))
        .to_vec();
    Ok(Some(HardCases {
        event,
        cases: cases.len(),
        months: rows.len(),
        came: rows.iter().filter(|row| event.came(row)).count(),
        onsets: onsets.len(),
        warnings,
    }))
}

/// Counts of months: those of the event, those warned, and those that are both.
#[derive(Debug, Clone, Copy, Default)]
struct MonthCounts {
    came: usize,
    warned: usize,
    right: usize,
}

impl MonthCounts {
    /// The counts of some months.
    fn count(rows: &[Row], event: WarnedEvent, threshold: f64) -> Self {
        let mut counts = Self::default();
        for row in rows {
            let (came, warned) = (event.came(row), event.is_warned(row, threshold));
            counts.came += usize::from(came);
            counts.warned += usize::from(warned);
            counts.right += usize::from(came && warned);
        }
        counts
    }

    /// The sum of both.
    fn plus(self, other: Self) -> Self {
        Self {
            came: self.came + other.came,
            warned: self.warned + other.warned,
            right: self.right + other.right,
        }
    }

    /// Right among warned.
    fn precision(self) -> Option<f64> {
        (self.warned > 0).then(|| self.right as f64 / self.warned as f64)
    }

    /// Right among those of the event.
    fn recall(self) -> Option<f64> {
        (self.came > 0).then(|| self.right as f64 / self.came as f64)
    }
}

/// The score of warnings at one threshold; `rows` are sorted by place.
fn warning_score(
    rows: &[Row],
    onsets: &[&Row],
    event: WarnedEvent,
    threshold: f64,
    settings: BootstrapSettings,
) -> WarningScore {
    let places: Vec<MonthCounts> = rows
        .chunk_by(|a, b| a.place == b.place)
        .map(|own| MonthCounts::count(own, event, threshold))
        .collect();
    let sum = |all: &mut dyn Iterator<Item = MonthCounts>| {
        all.fold(MonthCounts::default(), MonthCounts::plus)
    };
    let whole = sum(&mut places.iter().copied());
    let streams = Streams::new(settings.seed, "hard cases");
    let resampled: Vec<MonthCounts> = (0..settings.resamples)
        .map(|resample| {
            let mut stream: Stream = streams.at(0, resample, 0);
            sum(&mut (0..places.len()).map(|_| places[index_below(&mut stream, places.len())]))
        })
        .collect();
    let estimate = |share: fn(MonthCounts) -> Option<f64>| {
        let mut shares: Vec<f64> = resampled.iter().copied().filter_map(share).collect();
        shares.sort_unstable_by(f64::total_cmp);
        let tail = (1.0 - settings.level) / 2.0;
        let bound = |at| if shares.is_empty() { f64::NAN } else { sorted_quantile(&shares, at) };
        share(whole).map(|value| Estimate::new(bound(tail), value, bound(1.0 - tail)))
    };
    let seen: Vec<f64> = onsets
        .iter()
        .filter(|row| event.is_warned(row, threshold))
        .map(|row| f64::from(row.step))
        .collect();
    WarningScore {
        threshold,
        warned: whole.warned,
        right: whole.right,
        precision: estimate(MonthCounts::precision),
        recall: estimate(MonthCounts::recall),
        onsets_seen: seen.len(),
        lead_months: (!seen.is_empty()).then(|| median(&seen)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Draws;

    /// Ten draws, `violent` of which are one death.
    fn chance(violent: usize) -> Vec<u32> {
        (0..10).map(|draw| u32::from(draw < violent)).collect()
    }

    /// Three places at the origin 11, steps 3 to 5: the first two quiet, the third with deaths.
    fn quiet_and_not() -> (Panel, ScoreTable) {
        let months = 17;
        let mut deaths = vec![0.0; 3 * months];
        deaths[2 * months + 5] = 4.0;
        let panel = Panel::new(1, 3, months, deaths).unwrap();
        let tenths = [[1, 3, 6], [0, 2, 2], [10, 10, 10]];
        let draws = tenths.into_iter().flatten().flat_map(chance).collect();
        let draws = Draws::from_values(3, 3, 10, draws).unwrap();
        // A death in the first place at steps 4 and 5, a great one in the second at step 5.
        let observed = [0.0, 1.0, 2.0, 0.0, 0.0, 30.0, 5.0, 5.0, 5.0];
        (panel, ScoreTable::of_window(11, 3, &draws, &observed).unwrap())
    }

    #[test]
    fn warnings_count_as_by_hand() {
        let (panel, table) = quiet_and_not();
        let settings = BootstrapSettings::default();
        let scored = hard_cases(&table, &panel, WarnedEvent::Any, settings).unwrap().unwrap();
        assert_eq!((scored.cases, scored.months, scored.came, scored.onsets), (2, 6, 3, 2));
        assert_eq!(scored.base_rate(), 0.5);
        let at = |threshold| scored.warnings.iter().find(|w| w.threshold == threshold).unwrap();
        // At a tenth all months but one are warned; at 0.2 four, of which three are right.
        assert_eq!((at(0.1).warned, at(0.1).right), (5, 3));
        assert_eq!((at(0.2).warned, at(0.2).right), (4, 3));
        assert_eq!(at(0.2).precision.unwrap().value, 0.75);
        assert_eq!(at(0.2).recall.unwrap().value, 1.0);
        assert_eq!(at(0.2).false_per_true(), Some(1.0 / 3.0));
        // Onsets at steps 4 and 5, both seen at 0.2; at 0.3 the second one's chance of 0.2 is too low.
        assert_eq!((at(0.2).onsets_seen, at(0.2).lead_months), (2, Some(4.5)));
        assert_eq!((at(0.3).onsets_seen, at(0.3).lead_months), (1, Some(4.0)));
        assert_eq!((at(0.5).warned, at(0.5).recall.unwrap().value), (1, 1.0 / 3.0));
    }

    #[test]
    fn an_event_that_was_never_warned_has_recall_nought_and_no_precision() {
        let (panel, table) = quiet_and_not();
        let settings = BootstrapSettings::default();
        let scored = hard_cases(&table, &panel, WarnedEvent::AtLeast25, settings).unwrap().unwrap();
        assert_eq!((scored.came, scored.onsets), (1, 1));
        let warning = &scored.warnings[0];
        assert_eq!((warning.warned, warning.precision), (0, None));
        assert_eq!(warning.recall.unwrap().value, 0.0);
        assert_eq!((warning.false_per_true(), warning.lead_months), (None, None));
    }

    #[test]
    fn a_place_with_a_death_or_a_gap_in_the_year_is_no_hard_case() {
        let mut deaths = vec![0.0; 30];
        deaths[10] = f64::NAN;
        let panel = Panel::new(1, 1, 30, deaths).unwrap();
        assert!(!is_hard_case(&panel, 0, 9), "the year is not on record");
        assert!(!is_hard_case(&panel, 0, 21));
        assert!(is_hard_case(&panel, 0, 22));
        let (panel, table) = quiet_and_not();
        let violent = table.filter(|row| row.place == 2);
        let settings = BootstrapSettings::default();
        assert_eq!(hard_cases(&violent, &panel, WarnedEvent::Any, settings).unwrap(), None);
    }

    #[test]
    fn intervals_hold_the_share_and_are_the_same_each_time() {
        let (panel, table) = quiet_and_not();
        let settings = BootstrapSettings::default();
        let scored = || hard_cases(&table, &panel, WarnedEvent::Any, settings).unwrap().unwrap();
        let once = scored();
        assert_eq!(once, scored());
        let precision = once.warnings[3].precision.unwrap();
        // The first place alone is right in two months of two, the second in one of two.
        assert_eq!(precision.triple(), [0.5, 0.75, 1.0]);
    }
}
