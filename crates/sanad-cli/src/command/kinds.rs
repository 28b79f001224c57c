//! `sanad kinds`.

use std::path::Path;

use clap::ValueEnum;
use sanad_store::{Columns, Table, export};
use sanad_study::Error as StudyError;
use sanad_study::kind_years::{KindYears, KindYearsRequest, kind_years};
use sanad_study::kinds::Daily;

use crate::args::{KindYearTable, KindYearsArgs};
use crate::command::{print, subject};
use crate::error::{Error, Result};
use crate::progress::Step;

pub(crate) fn run(options: &KindYearsArgs, threads: usize) -> Result<()> {
    let opened = subject::open(&options.subject)?;
    let step = Step::begin("count kinds by year");
    let daily = Daily::read(&opened.observatory, threads)?;
    let daily = daily.ok_or(Error::from(StudyError::CaseLacks { missing: "daily counts" }))?;
    let request = KindYearsRequest { from: options.from, to: options.to };
    let years = kind_years(&daily, request)?;
    step.end(&format!("{} rows", years.events.len()));
    if let Some(folder) = &options.out {
        write(&years, folder)?;
    }
    print(&table(&years, options.show)?, options.format)
}

fn write(years: &KindYears, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|source| {
        Error::from(StudyError::Write { what: folder.display().to_string(), source })
    })?;
    for &which in KindYearTable::value_variants() {
        let path = folder.join(format!("{}.csv", which.name()));
        export::write_file(&table(years, which)?, None, &path)?;
    }
    Ok(())
}

/// The column of years; a row over all of them says so.
fn by_year(years: impl Iterator<Item = Option<i32>>) -> Columns {
    let name = |year: Option<i32>| year.map_or("all".to_owned(), |year| year.to_string());
    Columns::default().text("year", years.map(|year| Some(name(year))))
}

fn table(years: &KindYears, which: KindYearTable) -> Result<Table> {
    Ok(match which {
        KindYearTable::Events => {
            let rows = &years.events;
            by_year(rows.iter().map(|row| row.year))
                .text("kind", rows.iter().map(|row| Some(row.kind.as_str())))
                .int64("events", rows.iter().map(|row| row.events).collect::<Vec<_>>())
                .int64("remainders", rows.iter().map(|row| row.remainders).collect::<Vec<_>>())
                .int64("deaths_best", rows.iter().map(|row| row.deaths_best).collect::<Vec<_>>())
                .float64(
                    "share_of_events",
                    rows.iter().map(|row| row.share_of_events).collect::<Vec<_>>(),
                )
        }
        KindYearTable::Told => {
            let rows = &years.told;
            by_year(rows.iter().map(|row| row.year))
                .text("kind", rows.iter().map(|row| Some(&row.kind)))
                .int64("told", rows.iter().map(|row| row.told).collect::<Vec<_>>())
                .int64(
                    "not_told_apart",
                    rows.iter().map(|row| row.not_told_apart).collect::<Vec<_>>(),
                )
                .float64("share_told", rows.iter().map(|row| row.share_told).collect::<Vec<_>>())
        }
        KindYearTable::Harm => {
            let rows = &years.harm;
            by_year(rows.iter().map(|row| row.year))
                .int64("ascribed", rows.iter().map(|row| row.ascribed).collect::<Vec<_>>())
                .int64(
                    "in_operations",
                    rows.iter().map(|row| row.in_operations).collect::<Vec<_>>(),
                )
                .int64(
                    "in_any_fighting",
                    rows.iter().map(|row| row.in_any_fighting).collect::<Vec<_>>(),
                )
                .int64(
                    "deaths_in_any_fighting",
                    rows.iter().map(|row| row.deaths_in_any_fighting).collect::<Vec<_>>(),
                )
        }
    }
    .finish()?)
}
