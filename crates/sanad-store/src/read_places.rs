//! The places of a case, read once for all questions.

use std::sync::{Arc, Mutex, PoisonError};

use sanad_core::place::PlaceBook;

use crate::error::Result;

/// The places that were read last, with the texts that they were read from: the case's card and its
/// list of places. Every question asks for them, and reading them takes longer than most questions.
/// The texts themselves are compared, so that no change is missed.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReadPlaces(Arc<Mutex<Option<ReadBook>>>);

#[derive(Debug)]
struct ReadBook {
    /// The case's card and its list of places.
    texts: [String; 2],
    book: PlaceBook,
}

impl ReadPlaces {
    /// The places of these texts; `read` is given the list where they are not those that were read last.
    pub(crate) fn book(
        &self,
        texts: [String; 2],
        read: impl FnOnce(&str) -> Result<PlaceBook>,
    ) -> Result<PlaceBook> {
        // A thread that failed with the lock in its hand left what was there before.
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = last.as_ref().filter(|known| known.texts == texts) {
            return Ok(known.book.clone());
        }
        let book = read(&texts[1])?;
        *last = Some(ReadBook { texts, book: book.clone() });
        Ok(book)
    }
}
