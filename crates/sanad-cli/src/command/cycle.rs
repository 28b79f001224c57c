//! `sanad cycle`.

use std::path::Path;

use chrono::NaiveDate;
use clap::ValueEnum;
use sanad_store::{Answer, Table, export};

use crate::args::{CycleArgs, CycleTable};
use crate::command::kept::{self, Asked};
use crate::command::print;
use crate::command::subject::{self, Opened};
use sanad_study::Error as StudyError;

use crate::error::{Error, Result};
use crate::progress::{Step, Terminal};
use sanad_study::cycle::{CycleRequest, CycleStudy};
use sanad_study::kinds::Daily;
use sanad_study::tables;

pub(crate) fn run(cycle: &CycleArgs, threads: usize) -> Result<()> {
    // All tables are written from one study, of which the table on stdout is a part.
    if let Some(folder) = &cycle.out {
        let study = estimated(cycle, &subject::open(&cycle.subject)?, threads)?;
        write(&study, folder)?;
        return print(&table(&study, cycle.show)?, cycle.format);
    }
    let CycleArgs { from, to, kinds, profile, bayes, explore, show, .. } = cycle;
    let options = format!("{from:?} {to:?} {kinds:?} {profile} {bayes} {explore} {show:?}");
    let asked = Asked { command: "cycle", rules: "cycle 1", options };
    let answer = kept::answer(&cycle.subject, &asked, |opened| {
        let study = estimated(cycle, opened, threads)?;
        Ok(Answer { table: table(&study, *show)?, notes: Vec::new() })
    })?;
    print(&answer.table, cycle.format)
}

fn estimated(cycle: &CycleArgs, opened: &Opened, threads: usize) -> Result<CycleStudy> {
    let step = Step::begin("count kinds by day");
    let daily = Daily::read(&opened.observatory, threads)?;
    let mut daily = daily.ok_or(Error::from(StudyError::CaseLacks { missing: "daily counts" }))?;
    step.end(&format!("{} kinds", daily.cycle.kinds.len()));
    narrow(&mut daily, cycle)?;
    let explore = cycle.explore || cycle.show == CycleTable::Explored;
    let request =
        CycleRequest { kinds: &cycle.kinds, bayes: cycle.bayes, profile: cycle.profile, explore };
    Ok(CycleStudy::estimate(&daily, &request, &Terminal::default())?)
}

/// Days and kinds that were asked for in place of the case's.
fn narrow(daily: &mut Daily, cycle: &CycleArgs) -> Result<()> {
    let wrong = |option, found: &dyn ToString, expected| Error::Option {
        option,
        found: found.to_string(),
        expected,
    };
    let within = "a day within those of the case's cycle";
    let days = [daily.cycle.from, daily.cycle.to];
    let inside = |day: &NaiveDate| days[0] <= *day && *day <= days[1];
    if let Some(from) = cycle.from.filter(|day| !inside(day)) {
        return Err(wrong("--from", &from, within));
    }
    if let Some(to) = cycle.to.filter(|day| !inside(day)) {
        return Err(wrong("--to", &to, within));
    }
    daily.cycle.from = cycle.from.unwrap_or(days[0]);
    daily.cycle.to = cycle.to.unwrap_or(days[1]);
    if daily.cycle.to <= daily.cycle.from {
        return Err(wrong("--to", &daily.cycle.to, "a day after --from"));
    }
    match cycle.kinds.iter().find(|id| daily.cycle.kind(id).is_none()) {
        Some(id) => Err(wrong("--kinds", id, "kinds of the case's cycle, joined by commas")),
        None => Ok(()),
    }
}

fn write(study: &CycleStudy, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|source| {
        Error::from(StudyError::Write { what: folder.display().to_string(), source })
    })?;
    for &which in CycleTable::value_variants() {
        let path = folder.join(format!("{}.csv", which.name()));
        export::write_file(&table(study, which)?, None, &path)?;
    }
    Ok(())
}

fn table(study: &CycleStudy, which: CycleTable) -> Result<Table> {
    Ok(match which {
        CycleTable::Links => tables::link_table(study)?,
        CycleTable::Explored => tables::explored_table(study)?,
        CycleTable::Kinds => tables::kind_table(study)?,
        CycleTable::Models => tables::model_table(study)?,
        CycleTable::Whole => tables::whole_table(study)?,
    })
}
