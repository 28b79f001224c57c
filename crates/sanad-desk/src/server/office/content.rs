//! What a filer writes, as one text that is sealed.

use jiff::civil::Date;
use zeroize::Zeroizing;

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

#[cfg(test)]
mod tests {
    use super::*;

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
