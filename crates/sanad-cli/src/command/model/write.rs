//! `sanad model write`.

use std::path::Path;

use sanad_scenario::write_xmile;
use sanad_store::export;

use super::file::ModelFile;
use crate::args::ModelWrite;
use crate::command::numbered;
use crate::error::{Error, Result};

/// Writes the model as XMILE 1.0, with the constants that were set.
pub(crate) fn run(request: &ModelWrite) -> Result<()> {
    check_ending(&request.out)?;
    let constants = numbered("--set", &request.set)?;
    let file = ModelFile::read(&request.model)?;
    let model = file.compile()?;
    for (name, _) in &constants {
        if model.elements(name).is_empty() {
            return Err(file.unknown(name, &model.variables()));
        }
    }
    let changed = file.document.with_constants(&constants).map_err(|source| file.fault(source))?;
    Ok(export::write_text(&request.out, &write_xmile(&changed))?)
}

fn check_ending(path: &Path) -> Result<()> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("xmile" | "stmx") => Ok(()),
        _ => Err(Error::Option {
            option: "--out",
            found: path.display().to_string(),
            expected: "a name that ends in .xmile or .stmx",
        }),
    }
}
