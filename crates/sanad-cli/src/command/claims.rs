//! `sanad claims`.

use std::path::Path;

use sanad_brief::section::claims::{Trial, TriedClaim, causal_map, claim_page, index_page};
use sanad_core::Verdict;
use sanad_store::export;

use crate::args::ClaimsArgs;
use crate::command::{print, subject};
use sanad_study::Error as StudyError;
use sanad_study::claims;

use crate::error::{Error, Result};
use crate::progress::{Step, Terminal};
use sanad_study::tables::claim_table;
use sanad_study::{Progress, Study};

pub(crate) fn run(claims: &ClaimsArgs, threads: usize) -> Result<()> {
    let opened = subject::open(&claims.subject)?;
    let study = Study::read(&opened.observatory, threads, &Terminal::default())?;
    let progress = Terminal::default();
    progress.begin("try the claims");
    let trial = claims::trial(&study, &progress);
    let trial = trial.ok_or(Error::from(StudyError::CaseLacks { missing: "claims" }))?;
    progress.end(&counted(&trial));
    let shown: Vec<&TriedClaim> = match &claims.claim {
        None => trial.claims.iter().collect(),
        Some(id) => vec![find(&trial, id)?],
    };
    if let Some(folder) = &claims.out {
        write(&trial, &shown, folder)?;
    }
    print(&claim_table(&trial, &shown)?, claims.format)
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
