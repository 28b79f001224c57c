//! `sanad fronts`.

use sanad_core::Month;
use sanad_core::place::Level;

use crate::args::{FrontUnit, FrontsArgs};
use crate::codebook;
use crate::command::kept::{self, Asked};
use crate::command::print_defined;
use crate::command::subject::Opened;
use sanad_store::Answer;
use sanad_study::Error as StudyError;
use sanad_study::fronts;

use crate::error::{Error, Result};
use crate::progress::{Step, Terminal};
use sanad_study::Study;
use sanad_study::fronts::{FrontsRequest, Reading};

pub(crate) fn run(fronts: &FrontsArgs, threads: usize) -> Result<()> {
    let why = fronts.why.as_deref().map(place_and_month).transpose()?;
    let FrontsArgs { unit, from, to, as_of, sensitivity, indicators, .. } = fronts;
    let options =
        format!("{unit:?} {from:?} {to:?} {as_of:?} {why:?} {sensitivity:?} {indicators}");
    let asked = Asked { command: "fronts", rules: "fronts 1", options };
    let answer =
        kept::answer(&fronts.subject, &asked, |opened| measure(fronts, why, opened, threads))?;
    print_defined(&answer.table, fronts.format, &codebook::FRONTS)
}

/// Measures the fronts, and makes the table that the options ask for.
fn measure(
    fronts: &FrontsArgs,
    why: Option<(&str, Month)>,
    opened: &Opened,
    threads: usize,
) -> Result<Answer> {
    let study = Study::read(&opened.observatory, threads, &Terminal::default())?;
    let declared =
        study.declared().ok_or(Error::from(StudyError::CaseLacks { missing: "indicators" }))?;
    let level = match fronts.unit {
        FrontUnit::Adm1 => Level::Adm1,
        FrontUnit::Adm2 => Level::Adm2,
    };
    let reading = Reading::new(declared, level);
    let notes = check_months(fronts, why.map(|(_, month)| month), fronts::span(&study, &reading))?;
    let request = FrontsRequest { level, as_of: fronts.as_of, threads };
    let step = Step::begin("measure the fronts");
    let joined = fronts::join(&study, &reading, &opened.observatory, request)?;
    let known =
        joined.values.iter().filter(|joined| joined.best.iter().any(|v| !v.is_nan())).count();
    step.end(&format!(
        "{} places, {known} of {} indicators with data",
        joined.grid.places.len(),
        reading.used.len()
    ));
    let table = if let Some((place, month)) = why {
        fronts::contributions(&study, &reading, &joined, place, month)?
    } else if let Some(month) = fronts.sensitivity {
        fronts::sensitivity_table(&study, &reading, &joined, month)?
    } else if fronts.indicators {
        fronts::indicator_table(&reading, &joined)?
    } else {
        let first = fronts.from.unwrap_or(joined.grid.from);
        let last = fronts.to.unwrap_or_else(|| joined.grid.month(joined.grid.months - 1));
        fronts::front_table(&study, &reading, &joined, [first, last])?
    };
    Ok(Answer { table, notes })
}

/// Refuses a month that the fronts are not measured for before anything is measured, and notes where a table
/// ends that was asked for longer.
fn check_months(
    fronts: &FrontsArgs,
    why: Option<Month>,
    [first, last]: [Month; 2],
) -> Result<Vec<String>> {
    let measured = |month: Month| (first..=last).contains(&month);
    let single = [("--why", why), ("--sensitivity", fronts.sensitivity)];
    let outside = single.into_iter().find_map(|(option, month)| {
        month.filter(|month| !measured(*month)).map(|month| (option, month))
    });
    let outside = outside.or(fronts.from.filter(|from| *from > last).map(|from| ("--from", from)));
    let outside = outside.or(fronts.to.filter(|to| *to < first).map(|to| ("--to", to)));
    if let Some((option, month)) = outside {
        return Err(Error::Months { option, found: month, first, last });
    }
    let beyond = fronts.to.filter(|to| *to > last);
    let note = |to| format!("the fronts end in {last}; nothing is measured from then to {to}");
    Ok(beyond.map(note).into_iter().collect())
}

fn place_and_month(given: &[String]) -> Result<(&str, Month)> {
    let month = given[1].parse().map_err(|_| Error::Option {
        option: "--why",
        found: given[1].clone(),
        expected: "a place and a month, such as \"Sindh\" 2019-05",
    })?;
    Ok((&given[0], month))
}
