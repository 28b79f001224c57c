//! `sanad calibrate`.

use sanad_scenario::CalibrationSettings;
use sanad_store::{ensemble_table, export};

use crate::args::Calibrate;
use crate::command::{check_ending, numbered, print, subject};
use crate::error::{Error, Result};
use crate::progress::Terminal;
use crate::report::say;
use sanad_study::Progress;
use sanad_study::calibration::{Check, Fit, Fitted, Record};
use sanad_study::model::ModelCase;
use sanad_study::tables::check_table;

pub(crate) fn run(request: &Calibrate, threads: usize) -> Result<()> {
    request.out.as_deref().map_or(Ok(()), check_ending)?;
    let opened = subject::open(&request.subject)?;
    let case = ModelCase::read(&opened.observatory)?;
    let declared = case.calibration()?;
    let record = Record::read(&opened.observatory, declared, threads)?;
    let last = request.fit_to.unwrap_or(declared.origin);
    if last.month() != 12 || last <= declared.from || declared.origin < last {
        return Err(Error::Option {
            option: "--fit-to",
            found: last.to_string(),
            expected: "the last month of a year within the record",
        });
    }
    let settings = CalibrationSettings {
        particles: usize::from(request.members),
        seed: request.seed,
        islands: usize::from(request.searches),
        tolerance: request.tolerance,
        least_gain: 0.0,
        rounds: usize::from(request.rounds),
        settling: usize::from(request.settling),
        ..CalibrationSettings::default()
    };
    let fixed = numbered("--hold", &request.hold)?;
    let progress = Terminal::default();
    progress.begin("fit the model, rounds at most");
    let seeds = usize::from(request.seeds);
    let (mut rounds, most) = (0, seeds * settings.islands * settings.rounds);
    let fit = Fit { settings, last, fixed, seeds };
    let fitted = case.fit(&opened.observatory, &record, &fit, |_| {
        rounds += 1;
        progress.advance(rounds, most);
    })?;
    progress.end(&format!(
        "{} members of {} searches from {} runs, tolerance {:.3}, {:.0} % of last moves accepted",
        fitted.posterior.distances.len(),
        fitted.posterior.islands,
        fitted.posterior.runs,
        fitted.posterior.tolerance,
        100.0 * fitted.posterior.settled
    ));
    if let Some(path) = &request.out {
        export::write_file(&ensemble_table(&fitted.ensemble)?, None, path)?;
    }
    tell(&fitted);
    print(&check_table(&fitted.checks)?, request.format)
}

/// How often the bands hold the record, in the years fitted and in those after.
fn tell(fitted: &Fitted) {
    for (years, of) in [("fitted", true), ("not fitted", false)] {
        let own: Vec<&Check> = fitted.checks.iter().filter(|check| check.fitted == of).collect();
        if own.is_empty() {
            continue;
        }
        let share = |inside: fn(&Check) -> bool| {
            100.0 * own.iter().filter(|check| inside(check)).count() as f64 / own.len() as f64
        };
        say!(
            "years {years}: {:.0} % within the bands of 80 %, {:.0} % within those of 95 %",
            share(Check::inside_80),
            share(Check::inside_95)
        );
    }
}
