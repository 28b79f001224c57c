//! XML elements as a tree, and the one writer of XML: models in XMILE, networks in GraphML and GEXF.

use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::name::QName;

/// An XML element: its qualified name, attributes, text and children in order.
///
/// A reader that keeps what it does not understand in this form loses nothing of it when it writes
/// the file again, except comments and processing instructions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct XmlElement {
    /// Qualified name, prefix included.
    pub name: String,
    /// Attributes in file order.
    pub attributes: Vec<(String, String)>,
    /// All text directly inside, joined and trimmed.
    pub text: String,
    /// Children in file order.
    pub children: Vec<XmlElement>,
    /// Line of the opening tag, from one; zero for an element that was not read from a file.
    pub line: usize,
}

impl XmlElement {
    /// An empty element.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// An element that holds only text.
    #[must_use]
    pub fn with_text(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), text: text.to_owned(), ..Self::default() }
    }

    /// This element with one more attribute.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: &str) -> Self {
        self.attributes.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The value of an attribute.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first child of that name.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&XmlElement> {
        self.children.iter().find(|child| child.name == name)
    }
}

/// `root` and what is in it as indented UTF-8 text with a declaration; characters that XML 1.0
/// does not allow become U+FFFD.
///
/// ```
/// use sanad_core::xml::{XmlElement, write};
///
/// let element = XmlElement::with_text("name", "A & B").attribute("kind", "\"party\"");
/// let text = write(&element);
/// assert!(text.ends_with("<name kind=\"&quot;party&quot;\">A &amp; B</name>\n"), "{text}");
/// ```
#[must_use]
pub fn write(root: &XmlElement) -> String {
    let mut writer = quick_xml::Writer::new_with_indent(Vec::new(), b'\t', 1);
    emit(root, &mut writer);
    let body = String::from_utf8_lossy(&writer.into_inner()).into_owned();
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{body}\n")
}

/// Writing to a `Vec` cannot fail, so results are dropped.
fn emit(element: &XmlElement, writer: &mut quick_xml::Writer<Vec<u8>>) {
    let mut tag = BytesStart::new(element.name.as_str());
    for (key, value) in &element.attributes {
        let value = escape_attribute(&allowed(value)).into();
        tag.push_attribute(Attribute { key: QName(key), value });
    }
    if element.children.is_empty() && element.text.is_empty() {
        let _ = writer.write_event(Event::Empty(tag));
        return;
    }
    let _ = writer.write_event(Event::Start(tag));
    if !element.text.is_empty() {
        let _ = writer.write_event(Event::Text(BytesText::new(&allowed(&element.text))));
    }
    for child in &element.children {
        emit(child, writer);
    }
    let _ = writer.write_event(Event::End(BytesEnd::new(element.name.as_str())));
}

/// The characters that XML 1.0 allows (section 2.2); a reader refuses a file with any other.
fn allowed(text: &str) -> String {
    let is_allowed =
        |letter: &char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    text.chars().map(|letter| if is_allowed(&letter) { letter } else { '\u{fffd}' }).collect()
}

/// Escapes markup and the white space that a reader would otherwise turn into spaces.
fn escape_attribute(value: &str) -> String {
    quick_xml::escape::escape(value)
        .replace('\n', "&#10;")
        .replace('\t', "&#9;")
        .replace('\r', "&#13;")
}
