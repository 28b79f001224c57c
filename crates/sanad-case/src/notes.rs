//! Columns of a table that say the same in every row: how the table was made, and of what.

use std::collections::BTreeMap;

use sanad_source::sheet::{Row, Sheet};

/// The columns of a table beside those of its format.
pub(crate) struct NoteColumns(Vec<(usize, String)>);

impl NoteColumns {
    /// The columns beside `known`.
    pub(crate) fn beside(sheet: &Sheet<'_>, known: &[usize]) -> Self {
        let header = sheet.header().iter().cloned().enumerate();
        Self(header.filter(|(column, _)| !known.contains(column)).collect())
    }

    /// Takes the notes of a row to those of the rows before; `false` where one differs.
    pub(crate) fn take(&self, row: &Row, notes: &mut BTreeMap<String, String>) -> bool {
        self.0.iter().all(|(column, name)| {
            let note = row.text(*column).into_owned();
            *notes.entry(name.clone()).or_insert_with(|| note.clone()) == note
        })
    }
}
