//! What a filer writes, as one text that is sealed.

use jiff::civil::Date;
use zeroize::Zeroizing;

use crate::entry::EntryHead;
use crate::ledger::Hash256;

/// When something happened, as precisely as the filer wants to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Not said.
    Unsaid,
    /// A year.
    Year(i16),
    /// A month of a year.
    Month(i16, i8),
    /// A day.
    Day(Date),
}

impl When {
    /// The date of three fields that may be empty; nothing where they are no date, or where a part
    /// stands without the larger one.
    pub(crate) fn typed(year: Option<u16>, month: Option<u16>, day: Option<u16>) -> Option<When> {
        let year = match year {
            None => return (month.is_none() && day.is_none()).then_some(When::Unsaid),
            Some(year) => i16::try_from(year).ok().filter(|year| (1900..=2200).contains(year))?,
        };
        let small = |part: u16| i8::try_from(part).ok();
        match (month, day) {
            (None, None) => Some(When::Year(year)),
            (None, Some(_)) => None,
            (Some(month), None) => {
                let month = small(month).filter(|month| (1..=12).contains(month))?;
                Some(When::Month(year, month))
            }
            (Some(month), Some(day)) => {
                Date::new(year, small(month)?, small(day)?).ok().map(When::Day)
            }
        }
    }

    /// The date as ISO 8601 shortens it; nothing where it was not said.
    pub(crate) fn to_text(self) -> Option<String> {
        match self {
            When::Unsaid => None,
            When::Year(year) => Some(format!("{year}")),
            When::Month(year, month) => Some(format!("{year}-{month:02}")),
            When::Day(day) => Some(day.to_string()),
        }
    }
}

/// What is sealed of a filing: a line with the date, and the text.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct FiledContent {
    /// The date as it was said; nothing where it was not.
    pub(crate) when: Option<String>,
    /// The text.
    pub(crate) text: Zeroizing<String>,
}

/// Before the date in the first line.
const WHEN: &str = "when ";

impl FiledContent {
    /// What was written, with the date as precisely as it was said.
    pub(crate) fn new(when: When, text: &str) -> FiledContent {
        FiledContent { when: when.to_text(), text: Zeroizing::new(text.to_owned()) }
    }

    /// The text that is sealed.
    pub(crate) fn to_sealed_text(&self) -> Zeroizing<String> {
        let when = self.when.as_deref().unwrap_or("-");
        Zeroizing::new(format!("{WHEN}{when}\n{}", self.text.as_str()))
    }

    /// What was sealed. A text without the line of the date is all text.
    pub(crate) fn read(sealed: &str) -> FiledContent {
        let parts = sealed.strip_prefix(WHEN).and_then(|rest| rest.split_once('\n'));
        let (when, text) = parts.unwrap_or(("-", sealed));
        let when = (when != "-").then(|| when.to_owned());
        FiledContent { when, text: Zeroizing::new(text.to_owned()) }
    }
}

/// What an entry with the deed `attach` says: what was kept, and under which numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AttachedParts {
    /// The copy that was made anew; nothing where the file is no picture that the desk reads.
    pub(crate) copy: Option<AttachedCopy>,
    /// The number of the sealed original; nothing where the filer did not want it kept.
    pub(crate) original: Option<u32>,
    /// By what the filer's receipt knows the file that was sent: see
    /// [`picture_mark`](super::picture_mark).
    pub(crate) mark: Hash256,
}

/// A copy that was made anew from pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AttachedCopy {
    /// Its number among the file's attachments.
    pub(crate) number: u32,
    /// Pixels across.
    pub(crate) width: u32,
    /// Pixels down.
    pub(crate) height: u32,
    /// The SHA-256 of its bytes. It stands in the entry so that the ledger holds the picture too.
    pub(crate) digest: Hash256,
}

/// The deed of entries that attach something.
pub(crate) const ATTACH: &str = "attach";

impl AttachedParts {
    /// The text that is sealed.
    pub(crate) fn to_sealed_text(&self) -> String {
        let mut text = String::new();
        if let Some(AttachedCopy { number, width, height, digest }) = self.copy {
            text += &format!("copy {number} {width} {height} {}\n", digest.to_hex());
        }
        if let Some(number) = self.original {
            text += &format!("original {number}\n");
        }
        text + &format!("mark {}\n", self.mark.to_hex())
    }

    /// What an entry attached; nothing where it did something else.
    pub(crate) fn read(head: &EntryHead, text: &str) -> Option<AttachedParts> {
        if head.deed != ATTACH {
            return None;
        }
        let (mut copy, mut original, mut mark) = (None, None, None);
        for line in text.lines() {
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["copy", number, width, height, digest] => {
                    copy = Some(AttachedCopy {
                        number: number.parse().ok()?,
                        width: width.parse().ok()?,
                        height: height.parse().ok()?,
                        digest: Hash256::from_hex(digest).ok()?,
                    });
                }
                ["original", number] => original = Some(number.parse().ok()?),
                ["mark", hex] => mark = Some(Hash256::from_hex(hex).ok()?),
                _ => return None,
            }
        }
        Some(AttachedParts { copy, original, mark: mark? })
    }

    /// How many attachments the entry has: one or two.
    pub(crate) fn count(&self) -> u32 {
        u32::from(self.copy.is_some()) + u32::from(self.original.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Role, Stage};

    #[test]
    fn what_was_attached_is_read_from_what_was_sealed_and_from_entries_that_attach_alone() {
        let head = |deed: &str| EntryHead {
            number: 2,
            author: Role::Filer,
            deed: deed.to_owned(),
            stage: Stage::Filed,
            day: jiff::civil::date(2026, 3, 2),
        };
        let digest = Hash256([7; 32]);
        let copy = AttachedCopy { number: 1, width: 640, height: 480, digest };
        for (copy, original) in [(Some(copy), Some(2)), (Some(copy), None), (None, Some(1))] {
            let parts = AttachedParts { copy, original, mark: Hash256([9; 32]) };
            let text = parts.to_sealed_text();
            assert_eq!(AttachedParts::read(&head(ATTACH), &text), Some(parts.clone()));
            assert_eq!(AttachedParts::read(&head("add"), &text), None);
            assert_eq!(AttachedParts::read(&head(ATTACH), &format!("{text}more")), None);
        }
    }

    #[test]
    fn a_date_is_kept_as_precisely_as_it_was_said_and_no_more() {
        let said = |year, month, day| When::typed(year, month, day).map(When::to_text);
        assert_eq!(said(None, None, None), Some(None));
        assert_eq!(said(Some(2026), None, None), Some(Some("2026".to_owned())));
        assert_eq!(said(Some(2026), Some(3), None), Some(Some("2026-03".to_owned())));
        assert_eq!(said(Some(2026), Some(2), Some(28)), Some(Some("2026-02-28".to_owned())));
        for (year, month, day) in [
            (None, Some(3), None),
            (None, None, Some(3)),
            (Some(2026), None, Some(3)),
            (Some(2026), Some(13), None),
            (Some(2026), Some(2), Some(30)),
            (Some(26), None, None),
            (Some(60_000), None, None),
        ] {
            assert_eq!(When::typed(year, month, day), None, "{year:?} {month:?} {day:?}");
        }
    }

    #[test]
    fn what_is_sealed_is_what_was_written_also_where_it_looks_like_a_date() {
        for (when, text) in
            [(When::Unsaid, "when 1999\nx"), (When::Year(2026), ""), (When::Month(2026, 3), "a\nb")]
        {
            let content = FiledContent::new(when, text);
            assert!(FiledContent::read(&content.to_sealed_text()) == content);
        }
    }
}
