//! The procedures that claims are tested by, from declared parameters to an effect.
//!
//! Each procedure gives an effect with its 95 % interval, a standard error and a two-sided p-value,
//! all in the claim's own direction: positive is what the claim says. Their table stands in
//! `docs/verdict-rules.md`, and the models with their sources in `sanad_evidence` and
//! `sanad_cycle`. Where a procedure cannot run, the reason is a phrase that names the data it would
//! take.

use chrono::NaiveDate;
use rayon::prelude::*;
use sanad_brief::section::claims::{EffectUnit, TrialChart};
use sanad_case::ablation::AblationRow;
use sanad_case::{Claims, DeclaredKind, Expects, KindReading, Months, Test};
use sanad_core::Month;
use sanad_core::chronicle::Front;
use sanad_core::random::Streams;
use sanad_evidence::association::{AssociationSettings, LogRatio, association, compare_means};
use sanad_evidence::intervention::{InterruptedSettings, RateRatio, interrupted_series};
use sanad_evidence::network::{Attack, CoordinationSettings, coordination_test, days_of_family};
use sanad_evidence::saving;
use sanad_numbers::NORMAL_95;

use super::series::ClaimMonths;
use crate::Study;
use crate::ablation::{WITHOUT_COUNTS, told_note};
use crate::excitation::Excitation;
use crate::interventions::{StartMonth, placebo_dates, start_months};
use crate::kinds::Daily;

/// Months between the knots of an association's trend. A trend that bends every three years takes
/// up slow change and leaves what happens within months.
const KNOT_EVERY: usize = 36;
/// Lags of the outcome that an association holds constant. Violence that lasts is then not ascribed
/// to the cause.
const OWN_LAGS: usize = 2;

/// Months before the declared start from which on another start month tells against the date.
/// Nearer months share most of their data with the declared start.
const EARLY_MONTHS: i32 = 6;

/// Shifted sets of dates of a permutation test. With the observed one they are 5,000.
const PERMUTATIONS: u32 = 4999;

/// What a test gave, in the claim's own direction, before multiplicity is reckoned with.
///
/// It is compared between readings by equality, to see whether a reading changes the result.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TestEvidence {
    /// The estimate, in `unit`.
    pub(super) effect: f64,
    /// Its 95 % interval.
    pub(super) interval: (f64, f64),
    /// Two-sided, of no effect; not adjusted.
    pub(super) p_value: f64,
    /// Standard error, or the procedure's stand-in for it. Of a permutation it is the standard
    /// deviation over shifted dates.
    pub(super) error: f64,
    /// The procedure's own power against the size that matters, where it has one. From 0 to 1;
    /// where it is `None`, the power follows from the error.
    pub(super) power: Option<f64>,
    /// What the effect is counted in.
    pub(super) unit: EffectUnit,
    /// Whether the claim says that the outcome falls, so that the sign was turned.
    pub(super) falls: bool,
    /// Rows of the claim's page: name and value in words.
    pub(super) details: Vec<(String, String)>,
    /// The months behind it, where the procedure is about months.
    pub(super) chart: Option<TrialChart>,
    /// What is asked of the result before a verdict on it is printed.
    pub(super) checks: Checks,
}

/// What is asked of a result before *supported* or *contradicted* is printed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Checks {
    /// Share of cause and effect that can be told, each with its name; empty where no kinds are
    /// counted. From 0 to 1. Of an ablation it is the share of the front's evidence that is at
    /// hand.
    pub(super) told_apart: Vec<(String, f64)>,
    /// Months, half a year or more before the declared start, from which on the series shows at
    /// least as much in the claim's direction. In order of time.
    pub(super) earlier_starts: Vec<Month>,
    /// Placebo dates with as large a change in the same direction, of all. `None` for procedures
    /// without dates.
    pub(super) placebos: Option<[usize; 2]>,
    /// The same test on the months that the case gives the same event elsewhere. `None` where no
    /// intervention of the case begins in the same month, or on the same window.
    pub(super) other_window: Option<Box<(Months, TestEvidence)>>,
}

/// Days read one way, with the model of all kinds fitted to them.
pub(super) struct ReadDays {
    pub(super) reading: KindReading,
    pub(super) daily: Daily,
    /// The model of the base's kinds, or why it could not be fitted.
    pub(super) fitted: Result<Excitation, Reason>,
}

/// Why a test could not run, as a sentence.
pub(super) type Reason = String;

/// Runs a test; nothing at hand is told as a sentence.
///
/// `days` are those of one reading; `None` where no kinds are counted by day.
pub(crate) fn try_test(
    study: &Study,
    claims: &Claims,
    days: Option<&ReadDays>,
    test: &Test,
) -> Result<TestEvidence, Reason> {
    match test {
        Test::None { needs } => Err(needs.clone()),
        Test::Intervention { series, start, from, to, horizon_months, expects, .. } => {
            let request = Break { start: *start, horizon: *horizon_months, expects: *expects };
            let series = named(study, claims, series)?;
            let found = interrupted(&series, [*from, *to], request)?;
            Ok(with_other_window(study, found, &series, [*from, *to], request))
        }
        Test::Association { .. } => associated(study, claims, test),
        Test::Comparison { series, before, after, expects, .. } => {
            compared(&named(study, claims, series)?, *before, *after, *expects)
        }
        Test::Excitation { source, target, .. } => excited(study, days, source, target),
        Test::NetworkPermutation { .. } => permuted(study, days, test),
        Test::ForecastAblation { front, size_that_matters, .. } => {
            saved(study, *front, *size_that_matters)
        }
    }
}

/// The series that a test names, counted or shipped. A series that is declared and empty names
/// itself as what is needed.
fn named(study: &Study, claims: &Claims, id: &str) -> Result<ClaimMonths, Reason> {
    let declared = claims.series(id).ok_or_else(|| format!("The series {id}."))?;
    let counted = crate::claims::series::counted_series(study, declared);
    if counted.values.is_empty() {
        return Err(format!("Monthly counts: {}.", declared.title));
    }
    Ok(counted)
}

/// An interrupted series: the log ratio of the rate after the start to what the earlier course
/// would have given.
///
/// The effect is ln of the ratio of rates `horizon` months after the start. Counts are rounded to
/// whole events. Beside it the same test is made at placebo dates before the start and at every
/// other start within two years; both are checks and no part of the effect.
fn interrupted(
    series: &ClaimMonths,
    [from, to]: Months,
    Break { start, horizon, expects }: Break,
) -> Result<TestEvidence, Reason> {
    let values = covered(series, from, to)?;
    let counts: Vec<u32> = values.iter().map(|value| value.round() as u32).collect();
    let settings = InterruptedSettings {
        start: usize::try_from(start.id() - from.id()).unwrap_or(0),
        periods_per_year: 12.0,
        harmonics: 1,
    };
    let fit = interrupted_series(&counts, settings).map_err(|e| did_not_run(&e))?;
    let change = fit.change_at(horizon);
    let at_level = format!(
        "{:.2} ({:.2} to {:.2})",
        fit.level.ratio.value, fit.level.ratio.low, fit.level.ratio.high
    );
    let slope = format!(
        "{:.3} ({:.3} to {:.3})",
        fit.slope.ratio.value, fit.slope.ratio.low, fit.slope.ratio.high
    );
    let found = LogRatio {
        log: change.ratio.value.ln(),
        error: change.log_error,
        p_value: change.p_value,
        periods: counts.len(),
    };
    let lines = vec![
        ("counted".to_owned(), values.iter().copied().map(Some).collect()),
        ("fitted".to_owned(), fit.with.iter().copied().map(Some).collect()),
        ("had nothing changed".to_owned(), after(&fit.without, settings.start)),
    ];
    let starts = start_months(&counts, settings, from, horizon);
    let falls = expects == Expects::Fall;
    let size = |ratio: &RateRatio| {
        if falls { -ratio.ratio.value.ln() } else { ratio.ratio.value.ln() }
    };
    let early = |start_month: &&StartMonth| start.id() - start_month.start.id() >= EARLY_MONTHS;
    let as_large = |start_month: &&StartMonth| size(&start_month.after_horizon) >= size(&change);
    let earlier_starts: Vec<Month> =
        starts.iter().filter(early).filter(as_large).map(|it| it.start).collect();
    let dates = placebo_dates(&counts, settings, horizon, &change);
    let mut details = vec![
        ("Months used".to_owned(), format!("{from} to {to}, changed from {start} on")),
        ("Read after".to_owned(), format!("{horizon} months")),
        ("Rate just after over rate just before".to_owned(), at_level),
        ("Factor on the growth per month".to_owned(), slope),
        ("Autoregression".to_owned(), format!("{:.2}", fit.autoregression)),
        ("Placebo dates".to_owned(), placebos(dates)),
    ];
    details.extend(starts_in_words(&starts, &earlier_starts));
    let checks = Checks { earlier_starts, placebos: Some(dates), ..Checks::default() };
    let found = ratio(&found, EffectUnit::LogRatio, expects, details, from, lines);
    Ok(TestEvidence { checks, ..found })
}

/// The same test on the months of an intervention of the case that begins in the same month. The
/// case gives interventions months of their own; a verdict that only one of two windows supports
/// hangs on the choice of months. The first intervention of the same month that gives a result
/// counts.
fn with_other_window(
    study: &Study,
    found: TestEvidence,
    series: &ClaimMonths,
    window: Months,
    request: Break,
) -> TestEvidence {
    let declared = study.declared_interventions().iter();
    let mut same = declared.filter(|declared| declared.start() == request.start);
    let last = series.last();
    let other = same.find_map(|same| {
        let other = [same.from.max(series.from), same.to.min(last)];
        let differs = other != window;
        let found = differs.then(|| interrupted(series, other, request).ok()).flatten()?;
        Some((same.id.clone(), other, found))
    });
    let Some((id, other, second)) = other else { return found };
    let words = format!(
        "{:.2} ({:.2} to {:.2}) in place of {:.2} ({:.2} to {:.2}), log ratio as the claim says",
        second.effect,
        second.interval.0,
        second.interval.1,
        found.effect,
        found.interval.0,
        found.interval.1
    );
    let mut details = found.details.clone();
    details.push((format!("On the months of {id}, {} to {}", other[0], other[1]), words));
    let other_window = Some(Box::new((other, second)));
    TestEvidence { checks: Checks { other_window, ..found.checks.clone() }, details, ..found }
}

/// An outcome on the earlier months of a cause, with trend, season and its own past.
///
/// The effect is β of `sanad_evidence::association`: ln of the factor on the expected outcome when
/// one plus the mean of the cause over the lags doubles. Controls enter at the same lags.
fn associated(study: &Study, claims: &Claims, test: &Test) -> Result<TestEvidence, Reason> {
    let Test::Association { cause, outcome, from, to, lags, controls, expects, .. } = test else {
        return Err("An association.".to_owned());
    };
    let back = usize::max(lags[1] as usize, OWN_LAGS);
    let start = from.plus(-(back as i32));
    let series = |id: &str| Ok(covered(&named(study, claims, id)?, start, *to)?.to_vec());
    let (cause, outcome): (Vec<f64>, Vec<f64>) = (series(cause)?, series(outcome)?);
    let controls = controls.iter().map(|id| series(id)).collect::<Result<Vec<_>, Reason>>()?;
    // The first period that is explained has all lags of cause and outcome before it.
    let settings = AssociationSettings {
        first: back,
        lags: (lags[0] as usize, lags[1] as usize),
        own_lags: OWN_LAGS,
        periods_per_year: 12,
        knot_every: KNOT_EVERY,
    };
    let found = association(&outcome, &cause, &controls, settings).map_err(|e| did_not_run(&e))?;
    let months_with = cause.iter().filter(|value| **value > 0.0).count();
    let details = vec![
        ("Months used".to_owned(), format!("{} ({from} to {to})", found.periods)),
        ("Months in which the cause was above zero".to_owned(), months_with.to_string()),
        ("Sum of the cause".to_owned(), format!("{:.0}", cause.iter().sum::<f64>())),
        ("Sum of the outcome".to_owned(), format!("{:.0}", outcome.iter().sum::<f64>())),
        ("Controls at the same lags".to_owned(), controls.len().to_string()),
    ];
    let line = |values: &[f64]| values.iter().copied().map(Some).collect();
    let lines = vec![("outcome".to_owned(), line(&outcome)), ("cause".to_owned(), line(&cause))];
    Ok(ratio(&found, EffectUnit::LogRatioPerDoubling, *expects, details, start, lines))
}

/// Monthly means of two spans.
///
/// The effect is ln of the ratio of the means. The months between the spans have to be covered,
/// because they are drawn.
fn compared(
    series: &ClaimMonths,
    before: Months,
    later: Months,
    expects: Expects,
) -> Result<TestEvidence, Reason> {
    let all = covered(series, before[0], later[1])?;
    let (first, last) =
        (covered(series, before[0], before[1])?, covered(series, later[0], later[1])?);
    let found = compare_means(first, last).map_err(|e| did_not_run(&e))?;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let level = |months: Months, value: f64| -> Vec<Option<f64>> {
        let at = |t: usize| before[0].plus(t as i32);
        let inside = |t: usize| months[0] <= at(t) && at(t) <= months[1];
        (0..all.len()).map(|t| inside(t).then_some(value)).collect()
    };
    let lines = vec![
        ("counted".to_owned(), all.iter().copied().map(Some).collect()),
        ("mean before".to_owned(), level(before, mean(first))),
        ("mean after".to_owned(), level(later, mean(last))),
    ];
    let told_apart = |months: Months, values: &[f64]| {
        format!("{:.1} a month ({} to {})", mean(values), months[0], months[1])
    };
    let details = vec![
        ("Before".to_owned(), told_apart(before, first)),
        ("After".to_owned(), told_apart(later, last)),
    ];
    Ok(ratio(&found, EffectUnit::LogRatio, expects, details, before[0], lines))
}

/// Whether one kind of event brings another, by day.
///
/// The interval is the estimate ± 1.96 errors and not cut at zero, so that the rule can tell an
/// absent link from one that is not known.
fn excited(
    study: &Study,
    days: Option<&ReadDays>,
    source: &str,
    target: &str,
) -> Result<TestEvidence, Reason> {
    let lacking = || format!("Daily counts of {source} and {target}.");
    let days = days.ok_or_else(lacking)?;
    let cycle = &days.daily.cycle;
    let fitted = days.fitted.as_ref().map_err(Clone::clone)?;
    let (Some(from), Some(to)) = (cycle.kind(source), cycle.kind(target)) else {
        return Err(lacking());
    };
    let link = fitted.link(from, to).map_err(|e| stopped(&e))?;
    let effect = link.branching;
    let half_life =
        link.half_life_days.map_or("none: no link".to_owned(), |days| format!("{days:.1} days"));
    let details = vec![
        ("Days used".to_owned(), format!("{} to {}", cycle.from, cycle.to)),
        (
            "Events of the first and of the second kind".to_owned(),
            format!("{} and {}", link.events[0], link.events[1]),
        ),
        ("Half-life".to_owned(), half_life),
        (
            "Share of the second kind that any kind brought".to_owned(),
            format!("{:.0} %", 100.0 * link.endogenous_share),
        ),
        (
            "Spectral radius of all kinds together".to_owned(),
            format!("{:.2}", link.spectral_radius),
        ),
        (
            "First kind".to_owned(),
            format!("{}. {}", cycle.kinds[from].title, cycle.kinds[from].note),
        ),
        ("Second kind".to_owned(), format!("{}. {}", cycle.kinds[to].title, cycle.kinds[to].note)),
    ];
    Ok(TestEvidence {
        effect,
        interval: (effect - NORMAL_95 * link.error, effect + NORMAL_95 * link.error),
        p_value: link.p_value,
        error: link.error,
        power: None,
        unit: EffectUnit::Branching,
        falls: false,
        details,
        chart: None,
        checks: told_of(study, &[from, to].map(|kind| &cycle.kinds[kind]), [cycle.from, cycle.to]),
    })
}

/// The share of each kind that can be told between two days.
///
/// Kinds that nothing not told apart may be of are left out, and one kind is named once.
fn told_of(study: &Study, kinds: &[&DeclaredKind], days: [NaiveDate; 2]) -> Checks {
    let mut told_apart: Vec<(String, f64)> = Vec::new();
    for kind in kinds.iter().filter(|kind| kind.may_hold_rest()) {
        let share = study.daily.as_ref().and_then(|daily| daily.told_share(&kind.id, days).share());
        if let Some(share) =
            share.filter(|_| told_apart.iter().all(|told_apart| told_apart.0 != kind.title))
        {
            told_apart.push((kind.title.clone(), share));
        }
    }
    Checks { told_apart, ..Checks::default() }
}

/// Coordinated days after alliances against dates shifted together at random.
///
/// The first kind of the cycle that holds the family stands for it. A day is coordinated where as
/// many districts as declared were hit; events of an uncertain day are on none. The effect is in
/// days per hundred.
fn permuted(study: &Study, days: Option<&ReadDays>, test: &Test) -> Result<TestEvidence, Reason> {
    let lacking = || "Days with the number of districts hit by each family.".to_owned();
    let daily = &days.ok_or_else(lacking)?.daily;
    let Test::NetworkPermutation { family, alliances, from, to, districts, window_days, .. } = test
    else {
        return Err(lacking());
    };
    let kind = daily.cycle.kinds.iter().find(|kind| kind.families.contains(family));
    let kind = kind.ok_or_else(lacking)?;
    let day = |day: NaiveDate| u32::try_from((day - *from).num_days()).ok();
    let attacks: Vec<Attack> = daily
        .districts_by_day(&kind.id)
        .into_iter()
        .filter(|(when, _)| when <= to)
        .filter_map(|(when, hit)| Some((day(when)?, u32::try_from(hit).ok()?)))
        .flat_map(|(day, hit)| (0..hit).map(move |place| Attack { day, place, family: 0 }))
        .collect();
    let days = day(*to).map_or(0, |last| last + 1);
    let dates: Vec<u32> = alliances.iter().filter_map(|&date| day(date)).collect();
    let settings = CoordinationSettings {
        days,
        places: *districts,
        window_days: *window_days,
        permutations: PERMUTATIONS,
    };
    let streams = Streams::new(1, "coordination");
    let found =
        coordination_test(&attacks, 0, &dates, settings, streams).map_err(|e| did_not_run(&e))?;
    let effect = 100.0 * (found.rate_after - found.rate_before);
    let error = 100.0 * found.spread;
    let all = days_of_family(&attacks, 0, *districts).len();
    let details = vec![
        ("Kind".to_owned(), format!("{}; {}", kind.title, kind.note)),
        ("Coordinated days in all".to_owned(), format!("{all} of {days}")),
        ("Per 100 days before".to_owned(), format!("{:.1}", 100.0 * found.rate_before)),
        ("Per 100 days after".to_owned(), format!("{:.1}", 100.0 * found.rate_after)),
        ("Shifted dates".to_owned(), PERMUTATIONS.to_string()),
    ];
    Ok(TestEvidence {
        effect,
        interval: (effect - NORMAL_95 * error, effect + NORMAL_95 * error),
        p_value: found.p_two_sided,
        error,
        power: None,
        unit: EffectUnit::DaysPerHundred,
        falls: false,
        details,
        chart: None,
        checks: told_of(study, &[kind], [*from, *to]),
    })
}

/// What a front's series save of the forecast's error, by the ablation that the case ships.
///
/// The effect is a share of the mean CRPS from the history alone: 0.1 is a tenth of the error
/// saved. Only an ablation without indicators that count violence is taken.
fn saved(study: &Study, front: Front, size_that_matters: f64) -> Result<TestEvidence, Reason> {
    let shipped = study.ablation.as_ref().map_err(Clone::clone)?;
    if shipped.note("indicators") != WITHOUT_COUNTS {
        return Err(
            "A back-test with series that do not count the violence that is forecast: run \
                    `sanad ablation --without-counts`."
                .to_owned(),
        );
    }
    let rows = shipped.of_front(front.as_str());
    if rows.is_empty() {
        return Err(format!(
            "A series of the {} front before {}, by month or year, that does not count violence.",
            front.as_str(),
            study.months[1]
        ));
    }
    let score = |of: fn(&AblationRow) -> f64| rows.iter().map(|row| of(row)).collect();
    let (alone, with): (Vec<f64>, Vec<f64>) = (score(|it| it.crps_alone), score(|it| it.crps_with));
    let found = saving(&alone, &with).map_err(|e| did_not_run(&e))?;
    // The cause is the front; an index that rests on little of its evidence tells little of it.
    let told = shipped.note(&told_note(front.as_str())).parse::<f64>().ok();
    let evidence = told.map(|share| {
        (format!("{} front's evidence that does not count violence", front.as_str()), share)
    });
    let mean = |scores: &[f64]| scores.iter().sum::<f64>() / scores.len() as f64;
    let better = alone.iter().zip(&with).filter(|(alone, with)| with < alone).count();
    let (first, last) = (rows[0].origin, rows[rows.len() - 1].origin);
    let details = [
        ("Origins", format!("{} ({first} to {last}), better in {better}", found.origins)),
        ("Places × months scored", rows.iter().map(|row| row.cells).sum::<u32>().to_string()),
        ("CRPS from violence's own past", format!("{:.3}", mean(&alone))),
        ("CRPS with the front's series", format!("{:.3}", mean(&with))),
        ("Model, months ahead, draws", {
            let notes = ["model", "steps", "draws"].map(|name| shipped.note(name));
            notes.join(", ")
        }),
        ("Forecast", shipped.note("target").to_owned()),
        ("Indicators", shipped.note("indicators").to_owned()),
        ("Made from", shipped.note("sources").to_owned()),
    ];
    Ok(TestEvidence {
        effect: found.share,
        interval: found.interval,
        p_value: found.p_value,
        error: found.error,
        power: Some(found.power_at(size_that_matters)),
        unit: EffectUnit::ShareOfError,
        falls: false,
        details: details.map(|(name, value)| (name.to_owned(), value)).into(),
        chart: None,
        checks: Checks { told_apart: evidence.into_iter().collect(), ..Checks::default() },
    })
}

/// The days under every reading that changes them, the excitation model fitted once for each;
/// nothing without daily counts. `after_each` is called after every reading. Readings are fitted in
/// parallel and stand in their order, what is left out first.
pub(crate) fn read_days(study: &Study, after_each: &(dyn Fn() + Sync)) -> Vec<ReadDays> {
    let Some(daily) = &study.daily else { return Vec::new() };
    let readings = day_readings(study);
    let read = |reading: KindReading| {
        let daily = daily.under(reading);
        let fitted = Excitation::fit(&daily).map_err(|e| stopped(&e));
        after_each();
        ReadDays { reading, daily, fitted }
    };
    readings.into_par_iter().map(read).collect()
}

/// The readings of events that are not told apart under which the days differ; none without days.
pub(crate) fn day_readings(study: &Study) -> Vec<KindReading> {
    let Some(daily) = &study.daily else { return Vec::new() };
    let kinds: Vec<&str> = daily.cycle.kinds.iter().map(|kind| kind.id.as_str()).collect();
    daily.readings(&kinds, [daily.cycle.from, daily.cycle.to])
}

/// A change of level and slope that a test asks for.
#[derive(Debug, Clone, Copy)]
struct Break {
    /// The first month after.
    start: Month,
    /// Months after the start at which it is read.
    horizon: u32,
    /// What the claim says of the series.
    expects: Expects,
}

/// Other start months as rows of a page. None where no other start could be tried.
fn starts_in_words(starts: &[StartMonth], earlier: &[Month]) -> Vec<(String, String)> {
    let ratios = || starts.iter().map(|start| start.after_horizon.ratio.value);
    let (low, high) = (ratios().fold(f64::INFINITY, f64::min), ratios().fold(0.0, f64::max));
    let (Some(first), Some(last)) = (starts.first(), starts.last()) else { return Vec::new() };
    let earlier = match earlier {
        [] => "none half a year or more before shows as much".to_owned(),
        [one] => format!("{one} shows as much"),
        [first, .., last] => format!("{} from {first} to {last} show as much", earlier.len()),
    };
    let words = format!(
        "{} from {} to {}: ratio {low:.2} to {high:.2}; {earlier}",
        starts.len(),
        first.start,
        last.start
    );
    vec![("Other start months".to_owned(), words)]
}

/// Why a test could not run.
fn stopped(error: &crate::error::Error) -> Reason {
    format!("A record that the test can run on: {error}.")
}

/// The values of these months; what is missing is said.
fn covered(series: &ClaimMonths, from: Month, to: Month) -> Result<&[f64], Reason> {
    series.between(from, to).ok_or_else(|| {
        format!(
            "Counts for {from} to {to}; those at hand cover {} to {}.",
            series.from,
            series.last()
        )
    })
}

/// The same test at other dates, on the months before the date only, as a sentence.
fn placebos(dates: [usize; 2]) -> String {
    match dates {
        [_, 0] => "none: too few months before the date".to_owned(),
        [as_large, all] => format!("{as_large} of {all} as large in the same direction"),
    }
}

/// Why a procedure could not run.
fn did_not_run(error: &sanad_evidence::Error) -> Reason {
    format!("A record that the test can run on: {error}.")
}

/// The values from a position on; missing before.
fn after(values: &[f64], start: usize) -> Vec<Option<f64>> {
    values.iter().enumerate().map(|(t, value)| (t >= start).then_some(*value)).collect()
}

/// A log ratio turned into the claim's own direction. The interval is turned with the estimate: its
/// ends change places where the claim says that something falls.
fn ratio(
    found: &LogRatio,
    unit: EffectUnit,
    expects: Expects,
    details: Vec<(String, String)>,
    from: Month,
    lines: Vec<(String, Vec<Option<f64>>)>,
) -> TestEvidence {
    let (low, high) = found.interval();
    let falls = expects == Expects::Fall;
    let (effect, interval) =
        if falls { (-found.log, (-high, -low)) } else { (found.log, (low, high)) };
    TestEvidence {
        effect,
        interval,
        p_value: found.p_value,
        error: found.error,
        power: None,
        unit,
        falls,
        details,
        checks: Checks::default(),
        chart: Some(TrialChart { from, unit: "per month".to_owned(), lines }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_that_something_falls_has_a_positive_effect_when_it_does() {
        let found = LogRatio { log: -0.5, error: 0.1, p_value: 0.0, periods: 9 };
        let of = |expects| {
            ratio(&found, EffectUnit::LogRatio, expects, Vec::new(), Month::from_id(1), Vec::new())
        };
        let fall = of(Expects::Fall);
        assert!(fall.falls && (fall.effect - 0.5).abs() < 1e-12 && fall.interval.0 > 0.0);
        assert!(fall.interval.0 < fall.effect && fall.effect < fall.interval.1);
        let rise = of(Expects::Rise);
        assert!(!rise.falls && rise.effect < 0.0 && rise.interval.1 < 0.0);
    }
}
