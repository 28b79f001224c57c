//! `sanad claims`.

use std::path::Path;

use sanad_brief::section::claims::{Trial, TriedClaim, causal_map, claim_page, index_page};
use sanad_core::Verdict;
use sanad_store::{Answer, export};

use crate::args::ClaimsArgs;
use crate::command::kept::{self, Asked};
use crate::command::print;
use crate::command::subject::{self, Opened};
use sanad_study::Error as StudyError;
use sanad_study::claims;

use crate::error::{Error, Result};
use crate::progress::{Step, Terminal};
use sanad_study::tables::claim_table;
use sanad_study::{Progress, Study};

pub(crate) fn run(claims: &ClaimsArgs, threads: usize) -> Result<()> {
    // Pages are drawn from the whole trial, of which the table is a part.
    if let Some(folder) = &claims.out {
        let opened = subject::open(&claims.subject)?;
        let trial = tried(&opened, threads)?;
        let shown = shown(claims, &trial)?;
        write(&trial, &shown, folder)?;
        return print(&claim_table(&trial, &shown)?, claims.format);
    }
    let options = format!("{:?}", claims.claim);
    let asked = Asked { command: "claims", rules: "claims 1", options };
    let answer = kept::answer(&claims.subject, &asked, |opened| {
        let trial = tried(opened, threads)?;
        let table = claim_table(&trial, &shown(claims, &trial)?)?;
        Ok(Answer { table, notes: Vec::new() })
    })?;
    print(&answer.table, claims.format)
}

/// The trial of all claims of the case.
fn tried(opened: &Opened, threads: usize) -> Result<Trial> {
    let study = Study::read(&opened.observatory, threads, &Terminal::default())?;
    let progress = Terminal::default();
    progress.begin("try the claims");
    let trial = claims::trial(&study, &progress);
    let trial = trial.ok_or(Error::from(StudyError::CaseLacks { missing: "claims" }))?;
    progress.end(&counted(&trial));
    Ok(trial)
}

/// The claims that the options ask for.
fn shown<'a>(claims: &ClaimsArgs, trial: &'a Trial) -> Result<Vec<&'a TriedClaim>> {
    match &claims.claim {
        None => Ok(trial.claims.iter().collect()),
        Some(id) => Ok(vec![find(trial, id)?]),
    }
}

fn counted(trial: &Trial) -> String {
    let of = |verdict: Verdict| format!("{} {}", trial.count(verdict), verdict.as_str());
    Verdict::ALL.map(of).join(", ")
}

fn find<'a>(trial: &'a Trial, id: &str) -> Result<&'a TriedClaim> {
    trial.claims.iter().find(|claim| claim.id == id).ok_or_else(|| Error::Option {
        option: "--claim",
        found: id.to_owned(),
        expected: "the id of a claim; without --claim all are listed",
    })
}

fn write(trial: &Trial, shown: &[&TriedClaim], folder: &Path) -> Result<()> {
    let step = Step::begin("write the pages");
    let program = format!("sanad {}", env!("CARGO_PKG_VERSION"));
    std::fs::create_dir_all(folder).map_err(|source| {
        Error::from(StudyError::Write { what: folder.display().to_string(), source })
    })?;
    export::write_text(&folder.join("index.html"), &index_page(trial, &program)?)?;
    export::write_text(&folder.join("causal-map.svg"), causal_map(trial)?.standalone_svg())?;
    export::write_file(&claim_table(trial, shown)?, None, &folder.join("claims.csv"))?;
    for claim in shown {
        let page = claim_page(trial, claim, &program)?;
        export::write_text(&folder.join(format!("{}.html", claim.id)), &page)?;
    }
    step.end(&format!("{} pages in {}", shown.len() + 1, folder.display()));
    Ok(())
}
