//! Columns of texts that repeat, while they are being read.

use foldhash::fast::FixedState;
use indexmap::IndexSet;
use sanad_core::event::Words;

/// Distinct texts in order of first appearance, the empty text first.
#[derive(Debug, Clone)]
pub(super) struct Dictionary(IndexSet<String, FixedState>);

impl Default for Dictionary {
    fn default() -> Self {
        Self::new()
    }
}

impl Dictionary {
    pub(super) fn new() -> Self {
        let mut texts = IndexSet::with_hasher(FixedState::default());
        texts.insert(String::new());
        Self(texts)
    }

    /// The code of `text`, which is added if it is new.
    pub(super) fn code(&mut self, text: &str) -> u32 {
        let at = match self.0.get_index_of(text) {
            Some(at) => at,
            None => self.0.insert_full(text.to_owned()).0,
        };
        at as u32
    }

    /// The distinct texts in the order of their codes.
    pub(super) fn into_values(self) -> Vec<String> {
        self.0.into_iter().collect()
    }
}

/// A column of texts of one part of a file.
#[derive(Debug)]
pub(super) struct Texts {
    dictionary: Dictionary,
    codes: Vec<u32>,
    last: (Vec<u8>, u32),
}

impl Texts {
    pub(super) fn new() -> Self {
        Self { dictionary: Dictionary::new(), codes: Vec::new(), last: (Vec::new(), 0) }
    }

    /// Adds a row. Rows of one conflict stand together, so that the last text comes again often.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.last.0 != bytes {
            let code = self.dictionary.code(&String::from_utf8_lossy(bytes));
            self.last.0.clear();
            self.last.0.extend_from_slice(bytes);
            self.last.1 = code;
        }
        self.codes.push(self.last.1);
    }

    /// Adds all rows to `words`, whose distinct texts `whole` holds.
    pub(super) fn append_to(self, words: &mut Words, whole: &mut Dictionary) {
        let mapped: Vec<u32> = self.dictionary.0.iter().map(|text| whole.code(text)).collect();
        words.codes.extend(self.codes.iter().map(|code| mapped[*code as usize]));
    }
}
