//! XML text as a plain tree, bounded in depth and size.
//!
//! Comments, processing instructions and the document type are passed over. Entities are those of
//! XML itself and numbers of characters; none can be defined, so that a small file cannot unfold
//! into a large one.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use sanad_core::xml::XmlElement;

use crate::error::{Error, ErrorKind};
use crate::limits::Limits;

/// Reads the root element of `bytes`.
///
/// A closing tag that is missing is supplied, and reported in `notes`: files in circulation leave
/// one out and are still understood by other programs.
///
/// # Errors
///
/// If the bytes exceed the limit or are not UTF-8, the text is not well formed beyond that, there
/// is text or a second element outside the root, or elements are too many or too deep.
pub(crate) fn parse(
    bytes: &[u8],
    limits: &Limits,
    notes: &mut Vec<String>,
) -> Result<XmlElement, Error> {
    if bytes.len() > limits.file_bytes {
        return Err(Error::too_large("file", bytes.len(), limits.file_bytes));
    }
    let text = decoded(bytes)?;
    let mut builder = TreeBuilder::new(text.as_bytes(), limits);
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    loop {
        let place = reader.buffer_position() as usize;
        let event = reader.read_event().map_err(|source| {
            Error::from(ErrorKind::Xml { line: builder.line_of(place), source })
        })?;
        match event {
            Event::Start(tag) => builder.open(&tag, place)?,
            Event::Empty(tag) => {
                builder.open(&tag, place)?;
                builder.close_top();
            }
            Event::End(tag) => builder.close(tag.name().as_ref(), place, notes)?,
            Event::Text(text) => builder.text(&text, place)?,
            Event::CData(text) => builder.text(&text, place)?,
            Event::GeneralRef(entity) => builder.entity(&entity, place)?,
            Event::Eof => return builder.finish(),
            _ => {}
        }
    }
}

/// XMILE files are UTF-8 (section 2). A byte order mark falls away. The error names the line of the
/// first byte that is not UTF-8.
fn decoded(bytes: &[u8]) -> Result<&str, Error> {
    let text = std::str::from_utf8(bytes).map_err(|fault| {
        let before = &bytes[..fault.valid_up_to()];
        let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
        Error::malformed(line, "the file is not UTF-8 text")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Whether a text can name an element or attribute (XML 1.0, section 2.3, its ASCII part).
fn is_name(text: &str) -> bool {
    let starts = |c: char| c.is_ascii_alphabetic() || c == '_' || c == ':' || !c.is_ascii();
    let goes_on = |c: char| starts(c) || c.is_ascii_digit() || c == '-' || c == '.';
    text.starts_with(starts) && text.chars().all(goes_on)
}

/// Elements that are open, and the limits that they are held to.
struct TreeBuilder<'a> {
    bytes: &'a [u8],
    limits: &'a Limits,
    /// From the root to the innermost.
    stack: Vec<XmlElement>,
    /// The root once it is closed.
    root: Option<XmlElement>,
    /// Elements opened so far.
    elements: usize,
    /// Bytes that lines were counted in, and the line reached.
    counted: (usize, usize),
}

impl<'a> TreeBuilder<'a> {
    /// Nothing read yet.
    fn new(bytes: &'a [u8], limits: &'a Limits) -> Self {
        Self { bytes, limits, stack: Vec::new(), root: None, elements: 0, counted: (0, 1) }
    }

    /// The line of a byte offset; offsets are asked for in increasing order. Each byte is counted
    /// once for the whole file.
    fn line_of(&mut self, place: usize) -> usize {
        let place = place.min(self.bytes.len());
        if place > self.counted.0 {
            let newlines =
                self.bytes[self.counted.0..place].iter().filter(|&&byte| byte == b'\n').count();
            self.counted = (place, self.counted.1 + newlines);
        }
        self.counted.1
    }

    /// An opening tag. Names are checked here, because the reader lets anything through that has
    /// the form of a tag.
    fn open(&mut self, tag: &BytesStart<'_>, place: usize) -> Result<(), Error> {
        let line = self.line_of(place);
        self.elements += 1;
        if self.elements > self.limits.xml_elements {
            let limit = self.limits.xml_elements;
            return Err(Error::too_large("number of XML elements", self.elements, limit));
        }
        if self.stack.len() >= self.limits.xml_depth {
            let limit = self.limits.xml_depth;
            return Err(Error::too_large("nesting of XML elements", self.stack.len() + 1, limit));
        }
        if self.root.is_some() {
            return Err(Error::malformed(line, "a second root element"));
        }
        let name = tag.name().as_ref().to_owned();
        if !is_name(&name) {
            return Err(Error::malformed(line, format!("<{name}> is no name of an element")));
        }
        let mut element = XmlElement { name, line, ..XmlElement::default() };
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|fault| Error::malformed(line, fault.to_string()))?;
            let value = quick_xml::escape::unescape(&attribute.value)
                .map_err(|fault| Error::malformed(line, fault.to_string()))?;
            let key = attribute.key.as_ref().to_owned();
            if !is_name(&key) {
                return Err(Error::malformed(line, format!("{key} is no name of an attribute")));
            }
            element.attributes.push((key, value.into_owned()));
        }
        self.stack.push(element);
        Ok(())
    }

    /// Text within an element; line ends become one newline.
    fn text(&mut self, text: &str, place: usize) -> Result<(), Error> {
        match self.stack.last_mut() {
            Some(element) => {
                // Line ends are one newline to the application (XML 1.0, section 2.11).
                if text.contains('\r') {
                    element.text.push_str(&text.replace("\r\n", "\n").replace('\r', "\n"));
                } else {
                    element.text.push_str(text);
                }
                Ok(())
            }
            None if text.trim().is_empty() => Ok(()),
            None => Err(Error::malformed(self.line_of(place), "text outside the root element")),
        }
    }

    /// An entity such as `&lt;`.
    fn entity(&mut self, name: &str, place: usize) -> Result<(), Error> {
        let line = self.line_of(place);
        let text = quick_xml::escape::unescape(&format!("&{name};"))
            .map_err(|fault| Error::malformed(line, fault.to_string()))?
            .into_owned();
        self.text(&text, place)
    }

    /// A closing tag; elements left open within it are closed and noted.
    ///
    /// # Errors
    ///
    /// If no open element has that name.
    fn close(&mut self, name: &str, place: usize, notes: &mut Vec<String>) -> Result<(), Error> {
        let line = self.line_of(place);
        let Some(depth) = self.stack.iter().rposition(|element| element.name == name) else {
            return Err(Error::malformed(line, format!("</{name}> closes nothing")));
        };
        while self.stack.len() > depth + 1 {
            if let Some(open) = self.stack.last() {
                notes.push(format!(
                    "line {}: <{}> is never closed; closed before </{name}> on line {line}",
                    open.line, open.name
                ));
            }
            self.close_top();
        }
        self.close_top();
        Ok(())
    }

    /// Closes the element opened last. White space at either end of its text falls away.
    fn close_top(&mut self) {
        let Some(mut element) = self.stack.pop() else { return };
        let trimmed = element.text.trim();
        if trimmed.len() != element.text.len() {
            element.text = trimmed.to_owned();
        }
        match self.stack.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }

    /// The root, if everything was closed.
    fn finish(mut self) -> Result<XmlElement, Error> {
        let line = self.line_of(self.bytes.len());
        if let Some(open) = self.stack.last() {
            let message = format!("the file ends inside <{}> (line {})", open.name, open.line);
            return Err(Error::malformed(line, message));
        }
        self.root.ok_or_else(|| Error::malformed(line, "there is no element"))
    }
}
