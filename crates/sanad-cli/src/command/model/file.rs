//! Files of models and distributions, and names as a user spells them.

use std::fs;
use std::path::{Path, PathBuf};

use sanad_scenario::{Document, Limits, Model, Vary, canonical_name, read_xmile};

use sanad_study::Error as StudyError;

use crate::error::{Error, Result};

/// A model's file, read.
pub(crate) struct ModelFile {
    pub(crate) path: PathBuf,
    pub(crate) document: Document,
}

impl ModelFile {
    /// Reads a file as XMILE.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bytes = read(path)?;
        let document = read_xmile(&bytes, &Limits::default()).map_err(|source| {
            Error::from(StudyError::Scenario { path: path.to_owned(), source: Box::new(source) })
        })?;
        Ok(Self { path: path.to_owned(), document })
    }

    /// Compiles what was read.
    pub(crate) fn compile(&self) -> Result<Model> {
        Model::compile(&self.document).map_err(|source| self.fault(source))
    }

    /// An error of this model.
    pub(crate) fn fault(&self, source: sanad_scenario::Error) -> Error {
        Error::from(StudyError::Scenario { path: self.path.clone(), source: Box::new(source) })
    }

    /// A name that the model does not have, with those like it.
    pub(crate) fn unknown<'n>(
        &self,
        name: &str,
        known: impl IntoIterator<Item = &'n String>,
    ) -> Error {
        const SHOWN: usize = 3;
        let wanted = canonical_name(name);
        let mut near: Vec<(usize, &String)> = known
            .into_iter()
            .map(|known| (strsim::levenshtein(&wanted, &canonical_name(known)), known))
            .filter(|(distance, _)| *distance <= 2.max(wanted.chars().count() / 3))
            .collect();
        near.sort();
        let nearest = near.into_iter().take(SHOWN).map(|(_, known)| known.clone()).collect();
        Error::NoVariable { name: name.to_owned(), path: self.path.clone(), nearest }
    }
}

/// Reads a table of distributions.
pub(crate) fn read_vary(path: &Path) -> Result<Vary> {
    let bytes = read(path)?;
    toml::from_slice(&bytes).map_err(|source| {
        Error::from(StudyError::Vary { path: path.to_owned(), source: Box::new(source) })
    })
}

/// Reads the whole of a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|source| Error::from(StudyError::Read { path: path.to_owned(), source }))
}

/// Names joined by commas, in one argument or several; commas in brackets or quotation marks
/// belong to a name.
pub(crate) fn names(arguments: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for argument in arguments {
        let (mut name, mut depth, mut quoted) = (String::new(), 0_usize, false);
        for character in argument.chars() {
            match character {
                '"' => quoted = !quoted,
                '[' if !quoted => depth += 1,
                ']' if !quoted => depth = depth.saturating_sub(1),
                ',' if depth == 0 && !quoted => {
                    found.push(std::mem::take(&mut name));
                    continue;
                }
                _ => {}
            }
            name.push(character);
        }
        found.push(name);
    }
    let trimmed = found.iter().map(|name| name.trim().to_owned());
    trimmed.filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn commas_in_brackets_and_quotation_marks_belong_to_names() {
        let given = ["a, b[x, y] ,\"c, d\"".to_owned(), "e".to_owned(), ",".to_owned()];
        assert_eq!(names(&given), ["a", "b[x, y]", "\"c, d\"", "e"]);
    }
}
