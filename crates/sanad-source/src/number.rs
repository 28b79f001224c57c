//! The form in which a column writes its numbers: what stands before the decimals, and what between
//! groups of three digits.
//!
//! `1,234` is 1234 in one spelling and 1.234 in the other. Which of the two a column means is
//! decided by the column as a whole, never cell by cell: a cell that can be read in one way only
//! settles it for the others.
//!
//! | cell | with a decimal point | with a decimal comma |
//! | --- | --- | --- |
//! | `1.5`, `1,234.5` | a number | none |
//! | `1,5`, `1.234,5`, `0,123` | none | a number |
//! | `1,234`, `1.234` | one number | another |
//! | `1234`, `-7`, `1e5` | the same | the same |
//!
//! Two users: a map declares the form and [`check`](NumberEvidence::check) holds it against the cells;
//! a publisher's table that a spreadsheet saved again has the form that its cells
//! [tell](NumberEvidence::form).

use crate::error::{Error, Result};
use crate::value::{self, Value};

/// What stands before the decimals and between groups of three digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NumberForm {
    pub(crate) decimal: char,
    pub(crate) thousands: Option<char>,
}

impl NumberForm {
    /// A decimal point and no mark between thousands.
    pub(crate) const PLAIN: Self = Self { decimal: '.', thousands: None };
    /// As publishers write in English: a decimal point, and commas between thousands or none.
    pub(crate) const ENGLISH: Self = Self { decimal: '.', thousands: Some(',') };
    /// As spreadsheets save it in much of Europe: a decimal comma, and points between thousands or
    /// none.
    pub(crate) const CONTINENTAL: Self = Self { decimal: ',', thousands: Some('.') };

    /// The number that a field holds, an exponent and either sign included. Marks between thousands must stand between groups of exactly
    /// three digits.
    pub(crate) fn read(self, bytes: &[u8]) -> Value<f64> {
        let marked = |byte: &u8| !byte.is_ascii_digit() && *byte != b'-' && *byte != b'.';
        if self.decimal == '.' && !bytes.iter().any(marked) {
            return value::decimal(bytes);
        }
        if value::is_missing(bytes) {
            return Value::Missing;
        }
        match core::str::from_utf8(bytes).ok().and_then(|text| self.plain(text)) {
            Some(text) => value::decimal(text.as_bytes()),
            None => Value::Wrong,
        }
    }

    /// The number with a decimal point and nothing between thousands; nothing for another text.
    fn plain(self, text: &str) -> Option<String> {
        let text = text.trim();
        let (sign, rest) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => ("-", rest),
            None => ("", text.strip_prefix('+').unwrap_or(text)),
        };
        let (rest, exponent) = match rest.find(['e', 'E']) {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let (whole, decimals) = match rest.split_once(self.decimal) {
            Some((whole, decimals)) => (whole, Some(decimals)),
            None => (rest, None),
        };
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if decimals.is_some_and(|text| !digits(text)) {
            return None;
        }
        let whole = if digits(whole) { whole.to_owned() } else { self.ungrouped(whole)? };
        if whole.is_empty() && decimals.is_none_or(str::is_empty) {
            return None;
        }
        let point = decimals.map_or_else(String::new, |decimals| format!(".{decimals}"));
        Some(format!("{sign}{whole}{point}{exponent}"))
    }

    /// Digits without the marks between their groups.
    fn ungrouped(self, whole: &str) -> Option<String> {
        let mark = self.thousands?;
        let same = |letter: char| letter == mark || (is_blank(mark) && is_blank(letter));
        let groups: Vec<&str> = whole.split(same).collect();
        let (first, rest) = groups.split_first()?;
        let sound = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
        let leads = (1..=3).contains(&first.len()) && sound(first) && !first.starts_with('0');
        let follows = |group: &&str| group.len() == 3 && sound(group);
        (leads && rest.iter().all(follows)).then(|| groups.concat())
    }
}

/// Blanks that stand between thousands: a blank, one that does not break, a narrow one.
fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}')
}

/// A cell and its row, for a message.
type SeenCell = (u64, String);

/// What the cells of a column say about its form, the first of each kind.
#[derive(Debug, Clone, Default)]
pub(crate) struct NumberEvidence {
    /// A cell that is a number with a decimal point and none with a decimal comma.
    point: Option<SeenCell>,
    /// A cell that is a number with a decimal comma and none with a decimal point.
    comma: Option<SeenCell>,
    /// Cells that are one number in one spelling and another in the other: one with points, one with
    /// commas.
    either: [Option<SeenCell>; 2],
}

impl NumberEvidence {
    /// Takes a cell into account. One that is a number in neither spelling, or the same in both, says
    /// nothing.
    pub(crate) fn add(&mut self, row: u64, bytes: &[u8]) {
        if !bytes.iter().any(|byte| matches!(byte, b',' | b'.')) {
            return;
        }
        let readings = [NumberForm::ENGLISH, NumberForm::CONTINENTAL].map(|form| form.read(bytes));
        let slot = match readings {
            [Value::Is(point), Value::Is(comma)] if point != comma => {
                &mut self.either[usize::from(bytes.contains(&b','))]
            }
            [Value::Is(_), Value::Wrong] => &mut self.point,
            [Value::Wrong, Value::Is(_)] => &mut self.comma,
            _ => return,
        };
        slot.get_or_insert_with(|| (row, String::from_utf8_lossy(bytes).into_owned()));
    }

    /// Whether a cell can be read in one way only, and in which; nothing where cells contradict
    /// each other or none can.
    pub(crate) const fn settled(&self) -> Option<NumberForm> {
        match (&self.point, &self.comma) {
            (Some(_), None) => Some(NumberForm::ENGLISH),
            (None, Some(_)) => Some(NumberForm::CONTINENTAL),
            _ => None,
        }
    }

    /// The form of a column whose file does not say it: what its cells settle, else `usual`.
    ///
    /// # Errors
    ///
    /// [`Error::NumberForm`] when cells contradict each other, or could be read both ways and
    /// nothing settles how.
    pub(crate) fn form(&self, column: &str, usual: Option<NumberForm>) -> Result<NumberForm> {
        let either = self.either.iter().flatten().next();
        match (&self.point, &self.comma, either) {
            (Some(point), Some(comma), _) => Err(unsettled(column, point, Some(comma))),
            (None, None, Some(either)) => usual.ok_or_else(|| unsettled(column, either, None)),
            (Some(_), None, _) => Ok(NumberForm::ENGLISH),
            (None, Some(_), _) => Ok(NumberForm::CONTINENTAL),
            (None, None, None) => Ok(usual.unwrap_or(NumberForm::ENGLISH)),
        }
    }

    /// Holds a form that somebody declares against the cells.
    ///
    /// # Errors
    ///
    /// [`Error::NumberForm`] when a cell can only be read in the other spelling, none only in this
    /// one, and a third would mean another number: the column is likely not of this form.
    pub(crate) fn check(&self, column: &str, declared: NumberForm) -> Result<()> {
        let (own, other) = match declared.decimal {
            ',' => (&self.comma, &self.point),
            _ => (&self.point, &self.comma),
        };
        let is_read = |seen: &&SeenCell| matches!(declared.read(seen.1.as_bytes()), Value::Is(_));
        match (own, other, self.either.iter().flatten().find(is_read)) {
            (None, Some(other), Some(either)) => Err(unsettled(column, either, Some(other))),
            _ => Ok(()),
        }
    }
}

/// The error for a column whose numbers can be read in two ways: it shows a cell for each.
fn unsettled(column: &str, first: &SeenCell, second: Option<&SeenCell>) -> Error {
    Error::NumberForm {
        column: column.to_owned(),
        row: first.0,
        found: first.1.clone(),
        against: second.cloned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: NumberForm, text: &str) -> Option<f64> {
        match form.read(text.as_bytes()) {
            Value::Is(number) => Some(number),
            _ => None,
        }
    }

    #[test]
    fn a_number_is_read_in_the_form_that_is_declared_and_in_no_other() {
        let swiss = NumberForm { decimal: '.', thousands: Some('\'') };
        let french = NumberForm { decimal: ',', thousands: Some(' ') };
        for (form, text, number) in [
            (NumberForm::PLAIN, "1234.5", Some(1234.5)),
            (NumberForm::PLAIN, "1,234", None),
            (NumberForm::PLAIN, "-1.5e3", Some(-1500.0)),
            (NumberForm::ENGLISH, "4,187,000", Some(4_187_000.0)),
            (NumberForm::ENGLISH, "1,234.5", Some(1234.5)),
            (NumberForm::ENGLISH, "1,5", None),
            (NumberForm::ENGLISH, "12,34,567", None),
            (NumberForm::ENGLISH, "0,123", None),
            (NumberForm::ENGLISH, ",123", None),
            (NumberForm::CONTINENTAL, "62,61988125", Some(62.619_881_25)),
            (NumberForm::CONTINENTAL, "1.234,5", Some(1234.5)),
            (NumberForm::CONTINENTAL, "1.5", None),
            (NumberForm::CONTINENTAL, "\u{2212}0,69", Some(-0.69)),
            (NumberForm::CONTINENTAL, "1,2,3", None),
            (swiss, "1'234.5", Some(1234.5)),
            (french, "1 234,5", Some(1234.5)),
            (french, "1\u{202f}234\u{a0}567,5", Some(1_234_567.5)),
            (french, "12 34", None),
            (NumberForm::ENGLISH, "", None),
            (NumberForm::ENGLISH, ".", None),
            (NumberForm::ENGLISH, "inf", None),
        ] {
            assert_eq!(read(form, text), number, "{text:?} as {form:?}");
        }
    }

    #[test]
    fn a_column_is_settled_by_a_cell_that_can_be_read_in_one_way_only() {
        let form = |cells: &[&str], usual| {
            let mut evidence = NumberEvidence::default();
            (2..).zip(cells).for_each(|(row, cell)| evidence.add(row, cell.as_bytes()));
            evidence.form("value", usual).ok()
        };
        let usual = Some(NumberForm::ENGLISH);
        assert_eq!(form(&["34,008", "1,5"], usual), Some(NumberForm::CONTINENTAL));
        assert_eq!(form(&["34,008", "1.5"], None), Some(NumberForm::ENGLISH));
        assert_eq!(form(&["34,008", "12"], usual), usual);
        assert_eq!(form(&["34,008", "12"], None), None);
        assert_eq!(form(&["1.5", "1,5"], usual), None);
        assert_eq!(form(&["12", "words, and more"], None), usual);
    }
}
