//! The words for nothing that spreadsheets, statistical programs and databases leave in a field.

/// Words for nothing, in small letters.
const WORDS: [&str; 14] =
    ["na", "n/a", "n.a.", "#n/a", "#na", "<na>", "nan", "null", "none", "nil", "-", "--", "–", "—"];

/// How many bytes the longest of the words has, blanks aside.
pub const LONGEST_WORD_BYTES: usize = 4;

/// Whether a field holds nothing, or a word for nothing, whatever its case and the blanks around it.
///
/// For numbers, and for codes that a list defines. A *name* needs [`is_missing_name`]: Nan is a
/// province of Thailand.
///
/// ```
/// use sanad_core::missing::is_missing;
///
/// assert!(["", "  ", "NA", "n/a", "NaN", "None", "-", "<NA>"].iter().all(|text| is_missing(text)));
/// assert!(!["0", "naval", "unknown", "NA1"].iter().any(|text| is_missing(text)));
/// ```
#[must_use]
pub fn is_missing(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether a field of names holds nothing: as [`is_missing`], but only as programs write the words,
/// so that a name that is spelt like one of them stays a name.
///
/// ```
/// use sanad_core::missing::is_missing_name;
///
/// assert!(["", "NA", "N/A", "nan", "NaN", "None", "null"].iter().all(|text| is_missing_name(text)));
/// assert!(!["Nan", "Na", "Null"].iter().any(|text| is_missing_name(text)));
/// ```
#[must_use]
pub fn is_missing_name(text: &str) -> bool {
    let text = text.trim();
    let is_written_so = |word: &str| {
        // `NaN` and `None` are what pandas writes; the other words come in small or capital letters.
        text == word
            || text == word.to_ascii_uppercase()
            || (text == "NaN" && word == "nan")
            || (text == "None" && word == "none")
    };
    text.is_empty() || WORDS.iter().any(|word| is_written_so(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_longer_than_said() {
        assert_eq!(WORDS.iter().map(|word| word.len()).max(), Some(LONGEST_WORD_BYTES));
    }
}
