//! `sanad import`.

use std::path::Path;

use sanad_store::{DyadFormat, ImportReport, Incoming, Observatory, SeriesFormat, SeriesOptions};

use crate::args::{Import, ImportFormat};
use crate::command::today;
use crate::error::{Error, Result};
use crate::progress::Step;
use crate::report;

pub(crate) fn run(import: &Import) -> Result<()> {
    if import.card.is_some() && import.files.len() > 1 {
        return Err(Error::Option {
            option: "--card",
            found: format!("one card for {} files", import.files.len()),
            expected: "one file, because a card describes one version of one source",
        });
    }
    let mut observatory = Observatory::open_or_new(&import.folder.observatory)?;
    for path in &import.files {
        let step = Step::begin(format!("import {}", path.display()));
        let reports = one(&mut observatory, import, path)?;
        step.end("done");
        for done in &reports {
            report::import(done, import.show);
        }
        let held = observatory.snapshots();
        let (new, is_case) = (&reports, import.format == ImportFormat::Case);
        let concerned = held.iter().filter(|snapshot| {
            is_case || new.iter().any(|report| report.snapshot.id == snapshot.id)
        });
        for snapshot in concerned {
            if let Some(placing) = observatory.placing_report(snapshot)? {
                report::placing(&snapshot.file, &placing);
            }
        }
    }
    Ok(())
}

fn one(observatory: &mut Observatory, import: &Import, path: &Path) -> Result<Vec<ImportReport>> {
    let file =
        Incoming { path, card: import.card.as_deref(), strict: import.strict, today: today()? };
    let mut series = |format| {
        let options = SeriesOptions { columns: import.columns.clone() };
        observatory.import_series(&file, format, &options).map(|report| vec![report])
    };
    Ok(match import.format {
        ImportFormat::Wgi => series(SeriesFormat::Wgi)?,
        ImportFormat::Vdem => series(SeriesFormat::Vdem)?,
        ImportFormat::Wdi => series(SeriesFormat::Wdi)?,
        ImportFormat::Keepiton => series(SeriesFormat::Keepiton)?,
        ImportFormat::DistrictIndicators => series(SeriesFormat::DistrictIndicators)?,
        ImportFormat::Idmc => series(SeriesFormat::Idmc)?,
        ImportFormat::Unhcr => series(SeriesFormat::Unhcr)?,
        ImportFormat::UcdpDyadic => series(SeriesFormat::UcdpDyadic)?,
        ImportFormat::GdeltMonths => series(SeriesFormat::GdeltMonths)?,
        ImportFormat::Observations => series(SeriesFormat::Plain)?,
        ImportFormat::Statements => vec![observatory.import_statements(&file)?],
        ImportFormat::Table => {
            let map = import.map.as_deref().unwrap_or_else(|| Path::new(""));
            vec![observatory.import_table(&file, map, import.deletions.as_deref())?]
        }
        ImportFormat::CountryMonths => vec![observatory.import_country_months(&file)?],
        ImportFormat::Gdelt => vec![observatory.import_dyads(&file, DyadFormat::Gdelt)?],
        ImportFormat::DyadEvents => vec![observatory.import_dyads(&file, DyadFormat::Plain)?],
        ImportFormat::UcdpGed => vec![observatory.import_ged(&file)?],
        ImportFormat::Boundaries => vec![observatory.import_boundaries(&file)?],
        ImportFormat::Chronicle => vec![observatory.import_chronicle(&file)?],
        ImportFormat::Case => observatory.import_case(path, import.strict, today()?)?,
    })
}
