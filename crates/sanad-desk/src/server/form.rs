//! Forms as browsers send them: `application/x-www-form-urlencoded`, read strictly.
//!
//! Nothing is guessed. A body that is not such a form, names a field twice, or a field that the
//! page does not have, is refused whole, so that nothing that a filer wrote is dropped unseen.

use zeroize::Zeroizing;

/// The most bytes of a form. A text of [`MOST_LETTERS`] letters of three bytes, each of them
/// written as `%XX`, fits.
pub const MOST_FORM_BYTES: usize = 160 << 10;
/// The most bytes of a form with a partner's table: some hundred filings at a time.
pub const MOST_TABLE_FORM_BYTES: usize = 1 << 20;
/// The most letters of a text.
pub const MOST_LETTERS: usize = 12_000;
/// The most fields of a form.
const MOST_FIELDS: usize = 16;
/// The most bytes of any field but a text.
const MOST_LINE_BYTES: usize = 200;

/// Why a body is no form of the page that it was sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormFault {
    /// More bytes than any form has.
    #[error("the form is larger than any form of this desk")]
    TooLarge,
    /// A percent sign without two hexadecimal digits after it, or bytes that a form cannot have.
    #[error("the form is not written as forms are written")]
    Encoding,
    /// Bytes that are not UTF-8.
    #[error("the form is not in UTF-8")]
    NotUtf8,
    /// A control character other than a line's end or a tab.
    #[error("the form holds control characters")]
    Control,
    /// More fields than any form has.
    #[error("the form has too many fields")]
    TooManyFields,
    /// A field that the page does not have.
    #[error("the form has a field that the page does not have")]
    UnknownField,
    /// A field that stands there twice.
    #[error("the form has a field twice")]
    DoubledField,
    /// A field of one line that is too long or has several lines.
    #[error("a field of one line is too long, or has several lines")]
    LongLine,
}

/// The fields of a form, wiped from memory when they are dropped.
#[derive(Debug)]
pub struct TypedForm {
    /// In the order in which they came; no name twice.
    fields: Vec<(&'static str, Zeroizing<String>)>,
}

/// A field that a page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormField {
    /// One line.
    Line(&'static str),
    /// A text of several lines. Line ends become `\n`.
    Text(&'static str),
}

impl FormField {
    /// The name under which browsers send the field.
    fn name(self) -> &'static str {
        match self {
            FormField::Line(name) | FormField::Text(name) => name,
        }
    }
}

impl TypedForm {
    /// Reads the body of a form that has some of the given fields and no others.
    ///
    /// ```
    /// use sanad_desk::server::form::{FormField, TypedForm, FormFault};
    ///
    /// let fields = [FormField::Line("district"), FormField::Text("text")];
    /// let form = TypedForm::read(b"text=two+words%0D%0Aand+more&district=north", &fields)?;
    /// assert_eq!(form.get("text"), "two words\nand more");
    /// assert_eq!(TypedForm::read(b"name=x", &fields).unwrap_err(), FormFault::UnknownField);
    /// # Ok::<(), FormFault>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FormFault`], the first that is found.
    pub fn read(body: &[u8], fields: &[FormField]) -> Result<TypedForm, FormFault> {
        TypedForm::read_up_to(MOST_FORM_BYTES, body, fields)
    }

    /// As [`TypedForm::read`], with another bound of bytes.
    ///
    /// # Errors
    ///
    /// [`FormFault`], the first that is found.
    pub fn read_up_to(
        most_bytes: usize,
        body: &[u8],
        fields: &[FormField],
    ) -> Result<TypedForm, FormFault> {
        if body.len() > most_bytes {
            return Err(FormFault::TooLarge);
        }
        let mut form = TypedForm { fields: Vec::new() };
        if body.is_empty() {
            return Ok(form);
        }
        for (place, pair) in body.split(|&byte| byte == b'&').enumerate() {
            if place >= MOST_FIELDS {
                return Err(FormFault::TooManyFields);
            }
            let cut = pair.iter().position(|&byte| byte == b'=').ok_or(FormFault::Encoding)?;
            let name = decode(&pair[..cut])?;
            let field = fields.iter().find(|field| field.name() == name.as_str());
            let field = *field.ok_or(FormFault::UnknownField)?;
            if form.fields.iter().any(|(known, _)| *known == field.name()) {
                return Err(FormFault::DoubledField);
            }
            form.fields.push((field.name(), value_of(field, &pair[cut + 1..])?));
        }
        Ok(form)
    }

    /// The value of a field; an empty text where the form does not have it, as an unticked box has
    /// none.
    pub fn get(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// Whether a box is ticked.
    pub fn is_ticked(&self, name: &str) -> bool {
        self.get(name) == "yes"
    }
}

/// The value of a field, held to what the field may be: one line, or a text of many.
fn value_of(field: FormField, bytes: &[u8]) -> Result<Zeroizing<String>, FormFault> {
    let value = decode(bytes)?;
    let is_line = matches!(field, FormField::Line(_));
    if is_line && (value.len() > MOST_LINE_BYTES || value.contains(['\r', '\n'])) {
        return Err(FormFault::LongLine);
    }
    // Browsers send line ends as two characters, whatever was typed.
    Ok(Zeroizing::new(value.replace("\r\n", "\n").replace('\r', "\n")))
}

/// A name or a value without its percent signs.
fn decode(bytes: &[u8]) -> Result<Zeroizing<String>, FormFault> {
    let mut plain = Zeroizing::new(Vec::with_capacity(bytes.len()));
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'+' => plain.push(b' '),
            b'%' => {
                let (pair, after) = rest.split_first_chunk::<2>().ok_or(FormFault::Encoding)?;
                plain.push((hex_digit(pair[0])? << 4) | hex_digit(pair[1])?);
                rest = after;
            }
            // Everything else that is no letter comes as a percent sign and two digits.
            0x21..=0x7e => plain.push(byte),
            _ => return Err(FormFault::Encoding),
        }
    }
    let text = std::str::from_utf8(&plain).map_err(|_| FormFault::NotUtf8)?;
    let is_bad = |letter: char| letter.is_control() && !matches!(letter, '\r' | '\n' | '\t');
    if text.chars().any(is_bad) {
        return Err(FormFault::Control);
    }
    Ok(Zeroizing::new(text.to_owned()))
}

/// The value of a hexadecimal digit in either case: browsers write capitals, programs both.
fn hex_digit(digit: u8) -> Result<u8, FormFault> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(FormFault::Encoding),
    }
}

/// A whole number as it was typed, in western, Arabic-Indic or eastern digits; nothing where the
/// field is empty.
///
/// ```
/// use sanad_desk::server::form::typed_number;
///
/// assert_eq!(typed_number(" ۲۰۲۶ "), Ok(Some(2026)));
/// assert_eq!(typed_number("٣"), Ok(Some(3)));
/// assert_eq!(typed_number(""), Ok(None));
/// assert!(typed_number("3rd").is_err());
/// ```
///
/// # Errors
///
/// [`FormFault::Encoding`] for anything else than up to four digits.
pub fn typed_number(text: &str) -> Result<Option<u16>, FormFault> {
    let is_mark =
        |letter: char| matches!(letter, '\u{200e}' | '\u{200f}') || letter.is_whitespace();
    let text = text.trim_matches(is_mark);
    if text.is_empty() {
        return Ok(None);
    }
    let western = western_digits(text);
    if western.len() > 4 || !western.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(FormFault::Encoding);
    }
    western.parse().map(Some).map_err(|_| FormFault::Encoding)
}

/// A text with western digits in place of Arabic-Indic and eastern ones.
pub fn western_digits(text: &str) -> String {
    let western = |letter: char| match letter {
        '\u{660}'..='\u{669}' => char::from_digit(u32::from(letter) - 0x660, 10),
        '\u{6f0}'..='\u{6f9}' => char::from_digit(u32::from(letter) - 0x6f0, 10),
        _ => None,
    };
    text.chars().map(|letter| western(letter).unwrap_or(letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FIELDS: [FormField; 2] = [FormField::Line("a"), FormField::Text("b")];

    #[test]
    fn a_form_that_is_not_that_of_the_page_is_refused_with_its_fault() {
        for (body, fault) in [
            (&b"a"[..], FormFault::Encoding),
            (b"a=1&", FormFault::Encoding),
            (b"a=%", FormFault::Encoding),
            (b"a=%4", FormFault::Encoding),
            (b"a=%zz", FormFault::Encoding),
            (b"a=1 2", FormFault::Encoding),
            (b"a=\xff", FormFault::Encoding),
            (b"a=%ff", FormFault::NotUtf8),
            (b"a=%ed%a0%80", FormFault::NotUtf8),
            (b"a=%00", FormFault::Control),
            (b"a=%1b%5b0m", FormFault::Control),
            (b"a=1&a=2", FormFault::DoubledField),
            (b"a=1&%61=2", FormFault::DoubledField),
            (b"c=1", FormFault::UnknownField),
            (b"=1", FormFault::UnknownField),
            (b"a=1%0a2", FormFault::LongLine),
        ] {
            assert_eq!(TypedForm::read(body, &FIELDS).unwrap_err(), fault, "{body:?}");
        }
        let long = [b"a=".as_slice(), &[b'x'; MOST_LINE_BYTES + 1]].concat();
        assert_eq!(TypedForm::read(&long, &FIELDS).unwrap_err(), FormFault::LongLine);
        let large = vec![b'x'; MOST_FORM_BYTES + 1];
        assert_eq!(TypedForm::read(&large, &FIELDS).unwrap_err(), FormFault::TooLarge);
    }

    #[test]
    fn the_longest_text_in_three_bytes_a_letter_fits_into_a_form() {
        let body = format!("b={}", "%e2%82%ac".repeat(MOST_LETTERS));
        let form = TypedForm::read(body.as_bytes(), &FIELDS).unwrap();
        assert_eq!(form.get("b").chars().count(), MOST_LETTERS);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_break_the_reader(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = TypedForm::read(&body, &FIELDS);
        }

        #[test]
        fn what_a_browser_sends_is_what_was_typed(typed in "[\\PC\n]{0,200}") {
            let encoded: String = typed.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let form = TypedForm::read(format!("b={encoded}&a=x").as_bytes(), &FIELDS).unwrap();
            prop_assert_eq!(form.get("b"), typed.as_str());
        }
    }
}
