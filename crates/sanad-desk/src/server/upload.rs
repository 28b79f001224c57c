//! A form with a file, as browsers send it: `multipart/form-data` (RFC 7578), read strictly.
//!
//! The name that the file had on the filer's device comes with it. It is looked at only to know that
//! the part is a file, and kept nowhere. What the browser says of the kind is not looked at at all.

use zeroize::Zeroizing;

use super::form::{FormFault, MOST_LINE_BYTES};
use crate::attachment::MOST_BYTES;

/// The most bytes of a form with a file: the file, and some for the parts around it.
pub const MOST_UPLOAD_BYTES: usize = MOST_BYTES + (8 << 10);
/// The most bytes of the head of a part. Names of files can be long.
const MOST_HEAD_BYTES: usize = 2 << 10;
/// The most parts of a form.
const MOST_PARTS: usize = 8;
/// The most characters of a boundary (RFC 2046, 5.1.1).
const MOST_BOUNDARY: usize = 70;

/// A form with lines and one file, wiped from memory when it is dropped.
#[derive(Debug)]
pub struct UploadedForm {
    /// The lines, no name twice.
    lines: Vec<(&'static str, Zeroizing<String>)>,
    /// The bytes of the file; empty where none was chosen.
    pub file: Zeroizing<Vec<u8>>,
}

/// The fields of a page's form.
#[derive(Debug, Clone, Copy)]
pub struct UploadFields<'a> {
    /// Names of lines.
    pub lines: &'a [&'static str],
    /// The name of the file.
    pub file: &'static str,
}

impl UploadedForm {
    /// Reads the body of a form that has some of the given fields and no others.
    ///
    /// ```
    /// use sanad_desk::server::upload::{UploadFields, UploadedForm};
    ///
    /// let body = b"--x\r\nContent-Disposition: form-data; name=\"keep\"\r\n\r\nyes\r\n--x\r\n\
    ///     Content-Disposition: form-data; name=\"picture\"; filename=\"a.png\"\r\n\
    ///     Content-Type: image/png\r\n\r\n\x89PNG\r\n--x--\r\n";
    /// let fields = UploadFields { lines: &["keep"], file: "picture" };
    /// let form = UploadedForm::read("multipart/form-data; boundary=x", body, fields)?;
    /// assert_eq!((form.get("keep"), form.file.as_slice()), ("yes", b"\x89PNG".as_slice()));
    /// # Ok::<(), sanad_desk::server::form::FormFault>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FormFault`], the first that is found.
    pub fn read(
        content_type: &str,
        body: &[u8],
        fields: UploadFields<'_>,
    ) -> Result<UploadedForm, FormFault> {
        if body.len() > MOST_UPLOAD_BYTES {
            return Err(FormFault::TooLarge);
        }
        let boundary = boundary_of(content_type).ok_or(FormFault::Encoding)?;
        let between = format!("\r\n--{boundary}").into_bytes();
        let mut rest = body.strip_prefix(&between[2..]).ok_or(FormFault::Encoding)?;
        let mut form = UploadedForm { lines: Vec::new(), file: Zeroizing::new(Vec::new()) };
        let mut has_file = false;
        for _ in 0..=MOST_PARTS {
            if let Some(end) = rest.strip_prefix(b"--") {
                let is_end = end.is_empty() || end == b"\r\n";
                return if is_end { Ok(form) } else { Err(FormFault::Encoding) };
            }
            let part = rest.strip_prefix(b"\r\n").ok_or(FormFault::Encoding)?;
            let (head, content) = split_at(part, b"\r\n\r\n").ok_or(FormFault::Encoding)?;
            let (content, after) = split_at(content, &between).ok_or(FormFault::Encoding)?;
            rest = after;
            let PartHead { name, is_file } = PartHead::read(head)?;
            if is_file && name == fields.file && !has_file {
                (form.file, has_file) = (Zeroizing::new(content.to_vec()), true);
            } else {
                form.keep_line(name, is_file, content, fields)?;
            }
        }
        Err(FormFault::TooManyFields)
    }

    /// Keeps a line, if the page has it and it did not come before.
    fn keep_line(
        &mut self,
        name: &str,
        is_file: bool,
        content: &[u8],
        fields: UploadFields<'_>,
    ) -> Result<(), FormFault> {
        if name == fields.file && is_file {
            return Err(FormFault::DoubledField);
        }
        let known = fields.lines.iter().find(|known| **known == name && !is_file);
        let known = *known.ok_or(FormFault::UnknownField)?;
        if self.lines.iter().any(|(before, _)| *before == known) {
            return Err(FormFault::DoubledField);
        }
        if content.len() > MOST_LINE_BYTES {
            return Err(FormFault::LongLine);
        }
        let text = std::str::from_utf8(content).map_err(|_| FormFault::NotUtf8)?;
        if text.chars().any(char::is_control) {
            return Err(FormFault::Control);
        }
        self.lines.push((known, Zeroizing::new(text.to_owned())));
        Ok(())
    }

    /// The value of a line; an empty text where the form does not have it, as an unticked box has none.
    pub fn get(&self, name: &str) -> &str {
        let found = self.lines.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// Whether a box is ticked.
    pub fn is_ticked(&self, name: &str) -> bool {
        self.get(name) == "yes"
    }
}

/// The boundary that a type names.
fn boundary_of(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameters.trim().strip_prefix("boundary=")?;
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&byte);
    let is_boundary = (1..=MOST_BOUNDARY).contains(&boundary.len());
    (is_boundary && boundary.bytes().all(is_good)).then_some(boundary)
}

/// What stands before the first place of some bytes, and what after it.
fn split_at<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let place = bytes.windows(mark.len()).position(|window| window == mark)?;
    Some((&bytes[..place], &bytes[place + mark.len()..]))
}

/// What the head of a part says.
struct PartHead<'a> {
    /// The name of the field.
    name: &'a str,
    /// Whether it is a file.
    is_file: bool,
}

impl PartHead<'_> {
    /// Reads the lines of a head. A file's name is passed over.
    fn read(head: &[u8]) -> Result<PartHead<'_>, FormFault> {
        if head.len() > MOST_HEAD_BYTES {
            return Err(FormFault::LongLine);
        }
        let text = std::str::from_utf8(head).map_err(|_| FormFault::NotUtf8)?;
        let mut found = None;
        for line in text.split("\r\n") {
            let (name, value) = line.split_once(':').ok_or(FormFault::Encoding)?;
            if name.eq_ignore_ascii_case("content-disposition") && found.is_none() {
                found = Some(PartHead::of_disposition(value.trim())?);
            } else if !name.eq_ignore_ascii_case("content-type") {
                return Err(FormFault::Encoding);
            }
        }
        found.ok_or(FormFault::Encoding)
    }

    /// `form-data; name="NAME"`, and `; filename="…"` for a file. Browsers write quotation marks in a
    /// name as `%22`, so none stands between the outer ones.
    fn of_disposition(value: &str) -> Result<PartHead<'_>, FormFault> {
        let rest = value.strip_prefix("form-data; name=\"").ok_or(FormFault::Encoding)?;
        let (name, rest) = rest.split_once('"').ok_or(FormFault::Encoding)?;
        if rest.is_empty() {
            return Ok(PartHead { name, is_file: false });
        }
        let file_name = rest.strip_prefix("; filename=\"").and_then(|rest| rest.strip_suffix('"'));
        match file_name {
            Some(file_name) if !file_name.contains('"') => Ok(PartHead { name, is_file: true }),
            _ => Err(FormFault::Encoding),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FIELDS: UploadFields<'_> = UploadFields { lines: &["receipt", "keep"], file: "picture" };
    const TYPE: &str = "multipart/form-data; boundary=----edge";

    fn line(name: &str, value: &str) -> Vec<u8> {
        let head = format!("------edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        format!("{head}{value}\r\n").into_bytes()
    }

    fn file(name: &str, bytes: &[u8]) -> Vec<u8> {
        let head = format!(
            "------edge\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"IMG; 1.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
        );
        [head.as_bytes(), bytes, b"\r\n"].concat()
    }

    fn read(parts: &[Vec<u8>]) -> Result<UploadedForm, FormFault> {
        let body = [parts.concat(), b"------edge--\r\n".to_vec()].concat();
        UploadedForm::read(TYPE, &body, FIELDS)
    }

    #[test]
    fn what_a_browser_sends_is_read_and_the_name_of_the_file_is_nowhere() {
        let form = read(&[line("receipt", "1234 ۱"), file("picture", b"\r\n--x\0\xff")]).unwrap();
        assert_eq!((form.get("receipt"), form.is_ticked("keep")), ("1234 ۱", false));
        assert_eq!(form.file.as_slice(), b"\r\n--x\0\xff");
        assert!(!format!("{form:?}").contains("IMG"));
        assert!(read(&[line("receipt", "1")]).unwrap().file.is_empty());
    }

    #[test]
    fn a_form_that_is_not_that_of_the_page_is_refused_with_its_fault() {
        for (parts, fault) in [
            (vec![line("name", "x")], FormFault::UnknownField),
            (vec![line("picture", "x")], FormFault::UnknownField),
            (vec![file("receipt", b"x")], FormFault::UnknownField),
            (vec![line("keep", "yes"), line("keep", "yes")], FormFault::DoubledField),
            (vec![file("picture", b"x"), file("picture", b"y")], FormFault::DoubledField),
            (vec![line("receipt", &"1".repeat(201))], FormFault::LongLine),
            (vec![line("receipt", "1\n2")], FormFault::Control),
            (vec![line("a\r\nX: 1", "1")], FormFault::Encoding),
            (vec![b"text\r\n".to_vec()], FormFault::Encoding),
            (vec![line("receipt", "1"), b"more".to_vec()], FormFault::Encoding),
        ] {
            assert_eq!(read(&parts).unwrap_err(), fault, "{parts:?}");
        }
        for kind in [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=a b",
            "multipart/mixed; boundary=x",
            "text/plain; boundary=x",
        ] {
            let read = UploadedForm::read(kind, b"--x--", FIELDS);
            assert_eq!(read.unwrap_err(), FormFault::Encoding, "{kind}");
        }
        let large = vec![b'x'; MOST_UPLOAD_BYTES + 1];
        assert_eq!(UploadedForm::read(TYPE, &large, FIELDS).unwrap_err(), FormFault::TooLarge);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_fall_and_a_file_comes_through_as_it_was(
            bytes in proptest::collection::vec(any::<u8>(), 0..300), cut in 0_usize..600
        ) {
            let body = [line("receipt", "1"), file("picture", &bytes), b"------edge--".to_vec()];
            let body = body.concat();
            let form = UploadedForm::read(TYPE, &body, FIELDS).unwrap();
            prop_assert_eq!(form.file.as_slice(), bytes.as_slice());
            let _ = UploadedForm::read(TYPE, &body[..cut.min(body.len())], FIELDS);
            let _ = UploadedForm::read(TYPE, &bytes, FIELDS);
        }
    }
}
