//! Whether the families that a case's files name are known.

use sanad_core::actor::Family;
use sanad_core::chronicle::KnownIds;

use super::position;
use crate::error::{Contradiction, Error, Result};

/// What is wrong when an entry names a family that is neither general nor that of an actor: nothing
/// would ever be counted with it.
pub(crate) fn check(
    entry: &str,
    families: &[Family],
    known: &KnownIds,
) -> core::result::Result<(), Contradiction> {
    match families.iter().find(|family| !known.has_family(family)) {
        None => Ok(()),
        Some(family) => {
            let (entry, family) = (entry.to_owned(), family.as_str().to_owned());
            Err(Contradiction::Family { entry, family })
        }
    }
}

/// Checks the families of a document's entries, each with its id, and finds the line of the first
/// that names an unknown one.
pub(crate) fn check_all<'a>(
    document: &'static str,
    text: &str,
    entries: impl IntoIterator<Item = (&'a str, &'a [Family])>,
    known: &KnownIds,
) -> Result<()> {
    for (entry, families) in entries {
        check(entry, families, known).map_err(|problem| {
            let start = text.find(&format!("id = \"{entry}\""));
            let line = start.map_or(1, |start| position::line(text, start));
            Error::Contradiction { document, line, problem }
        })?;
    }
    Ok(())
}
