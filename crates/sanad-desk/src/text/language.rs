//! The three languages: their direction, their digits, and who has read their texts.

use super::phrases::{ENGLISH, PASHTO, Phrases, URDU};

/// A language in which the desk has texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// English.
    English,
    /// Urdu.
    Urdu,
    /// Pashto.
    Pashto,
}

/// The direction in which a language is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WritingDirection {
    /// From left to right.
    LeftToRight,
    /// From right to left.
    RightToLeft,
}

impl WritingDirection {
    /// The value of HTML's `dir`.
    pub fn as_str(self) -> &'static str {
        match self {
            WritingDirection::LeftToRight => "ltr",
            WritingDirection::RightToLeft => "rtl",
        }
    }
}

impl Language {
    /// All languages, in the order in which they are offered.
    pub const ALL: [Language; 3] = [Language::English, Language::Urdu, Language::Pashto];

    /// The tag of BCP 47, which is also the first part of addresses.
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Urdu => "ur",
            Language::Pashto => "ps",
        }
    }

    /// The language of a tag.
    ///
    /// ```
    /// use sanad_desk::text::Language;
    ///
    /// assert_eq!(Language::from_tag("ur"), Some(Language::Urdu));
    /// assert_eq!(Language::from_tag("UR"), None);
    /// ```
    pub fn from_tag(tag: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// The direction of its script.
    pub fn direction(self) -> WritingDirection {
        match self {
            Language::English => WritingDirection::LeftToRight,
            Language::Urdu | Language::Pashto => WritingDirection::RightToLeft,
        }
    }

    /// Whether somebody who reads the language has reviewed the desk's texts in it. English is the
    /// language in which they were written.
    pub fn is_reviewed(self) -> bool {
        self == Language::English
    }

    /// The sentences of the desk.
    pub fn phrases(self) -> &'static Phrases {
        match self {
            Language::English => &ENGLISH,
            Language::Urdu => &URDU,
            Language::Pashto => &PASHTO,
        }
    }

    /// The place of the language in tables of three.
    pub(super) fn place(self) -> usize {
        self as usize
    }

    /// Western digits of a text as readers of the language write them. Unicode's CLDR gives
    /// western digits for Urdu and eastern ones for Pashto.
    ///
    /// ```
    /// use sanad_desk::text::Language;
    ///
    /// assert_eq!(Language::Pashto.digits("2026-03-02"), "۲۰۲۶-۰۳-۰۲");
    /// assert_eq!(Language::Urdu.digits("2026-03-02"), "2026-03-02");
    /// ```
    pub fn digits(self, text: &str) -> String {
        if self != Language::Pashto {
            return text.to_owned();
        }
        let eastern = |letter: char| match letter.to_digit(10) {
            Some(digit) if letter.is_ascii() => char::from_u32(0x6f0 + digit).unwrap_or(letter),
            _ => letter,
        };
        text.chars().map(eastern).collect()
    }
}
