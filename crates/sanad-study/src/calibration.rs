//! A case's model fitted to the case's record, and what the fit reproduces.
//!
//! Model and record are compared by years: the logarithm of one more than the events, and of one more
//! than the deaths, of each place. The distance is the root of the mean squared difference.
//!
//! With xₚᵧ the record's sum of place and series p in year y and mₚᵧ the model's, the distance of a
//! member is √(mean over p and y of (ln(1 + mₚᵧ) − ln(1 + xₚᵧ))²): a factor on large sums counts as
//! much whatever their size, and a year without an event is no infinity. A tolerance t thus stands
//! for a factor of about eᵗ. The search is that of `sanad_scenario::calibrate` (approximate
//! Bayesian computation with particles); this module counts the record, runs the model and checks
//! what a fit reproduces.

use sanad_numbers::{nearest_rank, normal_of_two};
use std::collections::BTreeMap;

use sanad_case::{Calibration, KindReading, Target};
use sanad_core::Month;
use sanad_core::random::Streams;
use sanad_scenario::{
    CalibrationSettings, Evidence, Inputs, Posterior, Results, Round, RunSettings, calibrate,
};
use sanad_store::{Ensemble, Observatory};

use super::kinds::{Daily, events_are_in_effect};
use super::model::{DISTANCE, HASHES, MEMBER_SEED, ModelCase, run, simulation};
use crate::error::{Error, Result};

/// What is counted.
///
/// Each target of `[calibration]` has a row of both, so that both weigh the same in the distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Events of all kinds counted.
    Events,
    /// Deaths, best estimate.
    Deaths,
}

impl Counted {
    /// Its name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Deaths => "deaths",
        }
    }
}

/// A place's yearly sums of one kind in the record. The years are those of the calibration, from
/// that of `from` to that of the origin.
#[derive(Debug, Clone)]
struct YearSum {
    /// Position of the target among those of the calibration.
    target: usize,
    /// Events or deaths.
    counted: Counted,
    /// From the first year on. One sum per year, up to the year of the origin.
    sums: Vec<f64>,
}

/// The record that a model is compared with.
///
/// It is counted from the kinds by day. Events that are not told apart count as attacks, once.
#[derive(Debug, Clone)]
pub struct Record {
    /// What the case declares: span, kinds and targets.
    fit: Calibration,
    /// Two rows per target, events before deaths, in the order of the targets.
    rows: Vec<YearSum>,
    /// In all places together, from the first month on. Best estimates; twelve for each year of the
    /// calibration.
    monthly_deaths: Vec<f64>,
}

/// One year of one place: what was recorded, and what members give. Bands and shares are over the
/// members of one fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Title of the target's place, as the calibration names it; no identifier.
    pub place: String,
    /// What was counted.
    pub counted: Counted,
    /// The calendar year, of which all twelve months are summed.
    pub year: i32,
    /// The count of the record.
    pub recorded: f64,
    /// Quantiles at 2.5, 10, 50, 90 and 97.5 %, with the error that the tolerance stands for. The
    /// error is a normal draw on the scale of ln(1 + sum) with the tolerance as its standard
    /// deviation, one per member, place and year; bands are never below 0.
    pub bands: [f64; 5],
    /// Share of members with less than in the last year fitted, for the years after it. `None` for
    /// years that the fit saw. Here the model's own sums are compared, without an error.
    pub below_fitted: Option<f64>,
    /// Share of members with more than in the year before, but for the first year. That is how
    /// often the model goes up where the record can be seen to go up or down.
    pub above_before: Option<f64>,
    /// Whether the members were fitted to the year. Years after the last fitted month are a test of
    /// the model; years before are not.
    pub fitted: bool,
    /// What the members rest on.
    pub evidence: Evidence,
}

impl Check {
    /// Whether the record lies within the band of 95 %.
    ///
    /// Both ends count as inside.
    pub fn inside_95(&self) -> bool {
        (self.bands[0]..=self.bands[4]).contains(&self.recorded)
    }

    /// Whether the record lies within the band of 80 %.
    pub fn inside_80(&self) -> bool {
        (self.bands[1]..=self.bands[3]).contains(&self.recorded)
    }
}

impl Record {
    /// Counts the record of a case.
    ///
    /// Counts are by province of the day. A province that went into a target whole counts there;
    /// one that was shared out between several does not.
    ///
    /// # Errors
    ///
    /// `Error::CaseLacks` where no kinds of event are counted by day; `Error::Uncovered` where a
    /// month from the first compared to the origin is covered by no release, because a year with
    /// such a month has no sum.
    pub fn read(observatory: &Observatory, fit: &Calibration, threads: usize) -> Result<Self> {
        let missing = Error::CaseLacks { missing: "counts by day" };
        let daily = Daily::read(observatory, threads)?.ok_or(missing)?;
        daily.check_coverage([fit.from, fit.origin])?;
        // Attacks and operations are added up, so that what is not told apart counts once: as attacks.
        let daily = daily.under(KindReading::AllAttacks);
        // Counts are by province of the day; one that went into a target whole is a part of it.
        let book = observatory.places()?;
        let within = |place: &str, target: &str| {
            let whole =
                |next: &sanad_core::place::Successor| next.place == target && next.share >= 1.0;
            place == target || book.get(place).is_some_and(|book| book.successors.iter().any(whole))
        };
        let first = fit.from.year();
        let years = usize::try_from(fit.origin.year() - first + 1).unwrap_or(0);
        let mut rows = Vec::new();
        for (target, declared) in fit.targets.iter().enumerate() {
            for counted in [Counted::Events, Counted::Deaths] {
                let mut sums = vec![0.0; years];
                let own = daily.counts.iter().filter(|count| {
                    within(&count.place_id, &declared.place) && fit.kinds.contains(&count.kind)
                });
                for count in own {
                    let year = usize::try_from(Month::from_date(count.to).year() - first);
                    let Some(sum) = year.ok().and_then(|at| sums.get_mut(at)) else { continue };
                    *sum += match counted {
                        Counted::Events => count.events as f64,
                        Counted::Deaths => count.deaths_best as f64,
                    };
                }
                rows.push(YearSum { target, counted, sums });
            }
        }
        let mut monthly_deaths = vec![0.0; 12 * years];
        let places = |place: &str| fit.targets.iter().any(|target| within(place, &target.place));
        for count in daily
            .counts
            .iter()
            .filter(|count| places(&count.place_id) && fit.kinds.contains(&count.kind))
        {
            let month = usize::try_from(Month::from_date(count.to).id() - fit.from.id());
            if let Some(sum) = month.ok().and_then(|at| monthly_deaths.get_mut(at)) {
                *sum += count.deaths_best as f64;
            }
        }
        Ok(Self { fit: fit.clone(), rows, monthly_deaths })
    }

    /// The last month of the record. It is the month that the model's time 0 stands for.
    pub const fn last_month(&self) -> Month {
        self.fit.origin
    }

    /// Deaths in all places together in each of the last months. Fewer where the record is shorter;
    /// the last entry is December of the origin's year.
    pub fn deaths_by_month(&self, months: i32) -> Vec<f64> {
        let first = self.monthly_deaths.len().saturating_sub(usize::try_from(months).unwrap_or(0));
        self.monthly_deaths[first..].to_vec()
    }

    /// The model's variable that a row of the record is compared with.
    fn variable(&self, row: &YearSum) -> &str {
        let target: &Target = &self.fit.targets[row.target];
        match row.counted {
            Counted::Events => &target.events,
            Counted::Deaths => &target.deaths,
        }
    }

    /// The variables of all rows, in their order.
    fn outputs(&self) -> Vec<&str> {
        self.rows.iter().map(|row| self.variable(row)).collect()
    }

    /// Years from the first to that of `month`. The year of `month` counts whole, whichever month
    /// of it is meant.
    fn years_to(&self, month: Month) -> usize {
        usize::try_from(month.year() - self.fit.from.year() + 1).unwrap_or(0)
    }

    /// A member's sum over a year. Runs save each month, the first being the start. `year` counts
    /// from 0 at the first year compared. Runs begin before it, so that the model has settled.
    fn sum(&self, results: &Results, (member, output, year): (usize, usize, usize)) -> f64 {
        let first = usize::try_from(self.fit.from.id() - self.fit.start.id()).unwrap_or(0);
        let months = first + 12 * year..first + 12 * (year + 1);
        months.map(|saved| results.value(member, output, saved)).sum()
    }

    /// The distance of each member's run from the record: the root of the mean squared difference
    /// of ln(1 + yearly sum) over rows and years.
    ///
    /// `years` are those from the first that are fitted. A run with a value that is no number is
    /// infinitely far for the search.
    fn distances(&self, results: &Results, years: usize) -> Vec<f64> {
        let one = |member: usize| {
            let squares = self.rows.iter().enumerate().flat_map(|(output, row)| {
                (0..years).map(move |year| {
                    let model = self.sum(results, (member, output, year));
                    (model.ln_1p() - row.sums[year].ln_1p()).powi(2)
                })
            });
            (squares.sum::<f64>() / (years * self.rows.len()) as f64).sqrt()
        };
        (0..results.members()).map(one).collect()
    }
}

/// How a fit is run, and up to which month.
///
/// The result depends on these fields, the record and the files alone.
pub struct Fit {
    /// How the searches are run.
    pub settings: CalibrationSettings,
    /// The last month of the record that is fitted to. It is the last month of a year, because
    /// whole years are compared.
    pub last: Month,
    /// Constants of the model that the checks hold at a value in every member: what it would give
    /// without a measure or an event. The fit does not know of them.
    pub fixed: Vec<(String, f64)>,
    /// Fits, each with a seed of its own from that of the settings on, among which the particles are
    /// shared out; at least one.
    pub seeds: usize,
}

/// Members fitted to a record, with what they were fitted to.
///
/// Members that a case ships are written with their notes; `ModelCase::read` holds the hashes among
/// these against the files at hand.
pub struct Fitted {
    /// The particles kept, with their distances.
    pub posterior: Posterior,
    /// The same as members that a case can ship. One column per constant and one for the distance,
    /// one row per member, three significant digits.
    pub ensemble: Ensemble,
    /// Years that the fit did and did not see. By place, series and year, with `fixed` applied.
    pub checks: Vec<Check>,
}

impl ModelCase {
    /// Fits the model to the record up to a month.
    ///
    /// Members are rounded to three digits before the checks, so that what is shipped gives the
    /// numbers that were printed. `report` hears of each round of each search.
    ///
    /// # Errors
    ///
    /// `Error::Scenario` where the model does not compile or a search does not come as near as the
    /// tolerance; the settings' own faults (too few particles, a distribution that cannot be moved)
    /// likewise.
    pub fn fit(
        &self,
        observatory: &Observatory,
        record: &Record,
        request: &Fit,
        report: impl FnMut(&Round),
    ) -> Result<Fitted> {
        let model = self.past()?;
        let simulation = simulation(&model, &record.outputs(), &RunSettings::default())?;
        let years = record.years_to(request.last);
        let distances = |inputs: &Inputs, members: usize| -> Result<Vec<f64>> {
            Ok(record.distances(&run(&simulation, members, inputs)?, years))
        };
        let (mut posterior, seeds) = self.fit_seeds(request, distances, report)?;
        // What is kept is what was run: members are rounded first.
        posterior.values.iter_mut().flatten().for_each(|value| *value = rounded(*value));
        let members = posterior.distances.len();
        let found = run(&simulation, members, &posterior.inputs())?;
        posterior.distances = record.distances(&found, years).into_iter().map(rounded).collect();
        let evidence = Evidence { calibrated: true, ..self.evidence() };
        let error = posterior.tolerance;
        let fixed = request.fixed.iter();
        let fixed =
            fixed.fold(posterior.inputs(), |inputs, (name, value)| inputs.set(name, *value));
        let found = run(&simulation, members, &fixed)?;
        let checks = checks(record, &found, (error, request), evidence);
        let notes = notes(observatory, request, &posterior)?;
        let columns = posterior.parameters.iter().cloned().zip(posterior.values.iter().cloned());
        let distance = (DISTANCE.to_owned(), posterior.distances.clone());
        let seeds = (request.seeds > 1).then(|| (MEMBER_SEED.to_owned(), seeds));
        let columns = columns.chain([distance]).chain(seeds).collect();
        Ok(Fitted { posterior, ensemble: Ensemble { columns, notes }, checks })
    }

    /// The members of one fit for each seed, and the seed of each member. Members of the seeds take
    /// turns, so that the first of them are a fair sample of all.
    fn fit_seeds(
        &self,
        request: &Fit,
        distances: impl Fn(&Inputs, usize) -> Result<Vec<f64>>,
        mut report: impl FnMut(&Round),
    ) -> Result<(Posterior, Vec<f64>)> {
        let count = request.seeds.max(1);
        let particles = request.settings.particles / count;
        let fits: Vec<Posterior> = (0..count as u64)
            .map(|fit| {
                let seed = request.settings.seed + fit;
                let settings = CalibrationSettings { particles, seed, ..request.settings };
                calibrate(&self.vary, &settings, &distances, &mut report)
            })
            .collect::<Result<_>>()?;
        let most = fits.iter().map(|fit| fit.distances.len()).max().unwrap_or(0);
        let places = (0..most).flat_map(|member| (0..count).map(move |fit| (fit, member)));
        let places: Vec<(usize, usize)> =
            places.filter(|&(fit, member)| member < fits[fit].distances.len()).collect();
        let mut all = fits[0].clone();
        for (parameter, values) in all.values.iter_mut().enumerate() {
            *values = places.iter().map(|&(fit, at)| fits[fit].values[parameter][at]).collect();
        }
        all.distances = places.iter().map(|&(fit, at)| fits[fit].distances[at]).collect();
        for fit in &fits[1..] {
            all.tolerance = all.tolerance.max(fit.tolerance);
            all.rounds = all.rounds.max(fit.rounds);
            all.islands += fit.islands;
            all.runs += fit.runs;
            all.settled += fit.settled;
        }
        all.settled /= count as f64;
        let seed = |fit: usize| (request.settings.seed + fit as u64) as f64;
        Ok((all, places.iter().map(|&(fit, _)| seed(fit)).collect()))
    }
}

/// Three significant digits: finer than any posterior here, and small in a file.
fn rounded(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}

/// What the fit was made from and how, by name; the hashes among it tell whether members still
/// belong to the files. The record's hash is that of the events where these are in effect, and else
/// of the shipped day counts.
fn notes(
    observatory: &Observatory,
    request: &Fit,
    posterior: &Posterior,
) -> Result<BTreeMap<String, String>> {
    let record = if events_are_in_effect(observatory)? { "ucdp-ged" } else { "day-counts" };
    let hashes = HASHES.into_iter().chain([("record_sha256", record)]);
    let hashes = hashes.map(|(note, format)| {
        (note.to_owned(), observatory.newest_hash(format).unwrap_or_default().to_owned())
    });
    let settings = [
        ("seed", request.settings.seed.to_string()),
        ("seeds", request.seeds.to_string()),
        ("fitted_to", request.last.to_string()),
        ("tolerance", format!("{:.4}", posterior.tolerance)),
        ("searches", posterior.islands.to_string()),
        ("settling", request.settings.settling.to_string()),
        ("rounds", posterior.rounds.to_string()),
        ("runs", posterior.runs.to_string()),
    ];
    let settings = settings.into_iter().map(|(name, value)| (name.to_owned(), value));
    Ok(settings.chain(hashes).collect())
}

/// The record beside the members, year by year. `error` is the tolerance of the fit. The stream of
/// a draw is keyed by row, year and member.
fn checks(
    record: &Record,
    results: &Results,
    (error, request): (f64, &Fit),
    evidence: Evidence,
) -> Vec<Check> {
    let streams = Streams::new(request.settings.seed, "calibration: error");
    let mut checks = Vec::new();
    for (output, row) in record.rows.iter().enumerate() {
        let fitted = record.years_to(request.last);
        let share = |year: usize, other: usize, than: fn(&f64, &f64) -> bool| {
            let members = results.members();
            let sum = |member, year| record.sum(results, (member, output, year));
            let counted = (0..members).filter(|&it| than(&sum(it, year), &sum(it, other))).count();
            counted as f64 / members as f64
        };
        for (year, recorded) in row.sums.iter().enumerate() {
            let one = |member: usize| {
                let model = record.sum(results, (member, output, year)).ln_1p();
                let mut stream = streams.at(output as u32, year as u32, member as u32);
                (model + error * normal_of_two(&mut stream)).exp_m1().max(0.0)
            };
            let mut values: Vec<f64> = (0..results.members()).map(one).collect();
            values.sort_by(f64::total_cmp);
            let band = |share: f64| nearest_rank(&values, share).unwrap_or(f64::NAN);
            checks.push(Check {
                place: record.fit.targets[row.target].title.clone(),
                counted: row.counted,
                year: record.fit.from.year() + year as i32,
                recorded: *recorded,
                bands: [0.025, 0.1, 0.5, 0.9, 0.975].map(band),
                below_fitted: (year >= fitted).then(|| share(year, fitted - 1, f64::lt)),
                above_before: (year > 0).then(|| share(year, year - 1, f64::gt)),
                fitted: year < fitted,
                evidence,
            });
        }
    }
    checks
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// The case that is shipped, with its model and the record that it is fitted to.
    fn shipped() -> (tempfile::TempDir, Observatory, ModelCase, Record) {
        let folder = tempfile::tempdir().unwrap();
        let mut observatory = Observatory::open_or_new(folder.path()).unwrap();
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan");
        let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 27).unwrap();
        observatory.import_case(&path, true, day).unwrap();
        let case = ModelCase::read(&observatory).unwrap();
        let record = Record::read(&observatory, case.calibration().unwrap(), 1).unwrap();
        (folder, observatory, case, record)
    }

    #[test]
    fn members_of_several_seeds_take_turns_and_say_theirs() {
        let (_folder, observatory, case, record) = shipped();
        let fit = |seed, seeds, particles| {
            let settings = CalibrationSettings {
                particles,
                seed,
                rounds: 2,
                settling: 1,
                ..CalibrationSettings::default()
            };
            let last = Month::new(2013, 12).unwrap();
            let request = Fit { settings, last, fixed: Vec::new(), seeds };
            case.fit(&observatory, &record, &request, |_| ()).unwrap().ensemble
        };
        let all = fit(4, 3, 96);
        let (name, seeds) = all.columns.last().unwrap();
        assert_eq!((name.as_str(), &seeds[..4]), (MEMBER_SEED, &[4.0, 5.0, 6.0, 4.0][..]));
        let own = fit(5, 1, 32);
        assert!(own.columns.iter().all(|(name, _)| name != MEMBER_SEED));
        for ((_, all), (_, own)) in all.columns.iter().zip(&own.columns) {
            let of_the_seed: Vec<f64> = all.iter().copied().skip(1).step_by(3).collect();
            assert_eq!(&of_the_seed, own);
        }
    }

    #[test]
    fn a_fit_is_the_same_on_any_number_of_threads_and_holds_what_it_is_told() {
        let (_folder, observatory, case, record) = shipped();
        let settings = CalibrationSettings {
            particles: 96,
            rounds: 3,
            settling: 3,
            ..CalibrationSettings::default()
        };
        let fit = |threads: usize, fixed: &[(&str, f64)]| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let fixed = fixed.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
            let last = Month::new(2013, 12).unwrap();
            let request = Fit { settings, last, fixed, seeds: 1 };
            pool.install(|| case.fit(&observatory, &record, &request, |_| ()).unwrap())
        };
        let (one, two, without) = (fit(1, &[]), fit(2, &[]), fit(2, &[("surge", 1.0)]));
        assert_eq!(one.ensemble, two.ensemble);
        assert_eq!(one.checks, two.checks);
        assert_eq!(one.ensemble, without.ensemble);
        let events = |fitted: &Fitted, year: i32| {
            let found = fitted.checks.iter().find(|check| check.year == year).unwrap();
            (found.recorded, found.bands[2])
        };
        assert_eq!(events(&one, 2013), events(&without, 2013));
        assert!(events(&one, 2016).1 < events(&without, 2016).1);
        // Attacks, operations and what is not told apart in Khyber Pakhtunkhwa in 2010, as the shipped
        // counts have them; 106 strikes by another state are not among them.
        assert_eq!(events(&one, 2010).0, 735.0);
    }
}
