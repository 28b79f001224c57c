//! `sanad panel`.

use sanad_store::{Organisations, PanelRequest};

use crate::args::PanelArgs;
use crate::command::{check_ending, open, print, request, save};
use crate::error::{Error, Result};
use crate::progress::Step;

pub(crate) fn run(panel: &PanelArgs, threads: usize) -> Result<()> {
    if panel.to < panel.from {
        return Err(Error::Option {
            option: "--to",
            found: panel.to.to_string(),
            expected: "a month that is not before --from",
        });
    }
    panel.out.as_deref().map_or(Ok(()), check_ending)?;
    let request = PanelRequest {
        organisations: organisations(panel.organisation.as_deref())?,
        ..request(&panel.selection, panel.from, panel.to)
    };
    let observatory = open(&panel.folder.observatory)?;
    let step = Step::begin("panel");
    let table = observatory.panel(&request, threads)?;
    step.end(&format!("{} rows, {}", table.num_rows(), request.describe()));
    match &panel.out {
        Some(path) => save(&table, panel.format, path),
        None => print(&table, panel.format),
    }
}

fn organisations(text: Option<&str>) -> Result<Organisations> {
    match text {
        None => Ok(Organisations::Together),
        Some("each") => Ok(Organisations::Each),
        Some(list) => list
            .split(',')
            .map(|number| number.trim().parse())
            .collect::<core::result::Result<_, _>>()
            .map(Organisations::Only)
            .map_err(|_| Error::Option {
                option: "--organisation",
                found: list.to_owned(),
                expected: "each, or actor numbers joined by commas",
            }),
    }
}
