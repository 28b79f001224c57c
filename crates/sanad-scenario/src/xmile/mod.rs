//! XMILE 1.0 text: reading it into a [`Document`](crate::Document) and writing it back.

mod format;
mod read;
mod read_variable;
mod tree;
mod write;

pub use sanad_core::xml::XmlElement;
pub(crate) use write::number as write_number;

use crate::document::Document;
use crate::error::Error;
use crate::limits::Limits;

/// Reads the bytes of an `.xmile` or `.stmx` file.
///
/// Understands XMILE 1.0 and the drafts before it (variables directly under `<model>`). Vendors'
/// elements are kept but have no effect. Repairs are listed in [`Document::notes`].
///
/// # Errors
///
/// If the text is not XML, is not XMILE, holds a number that is not one, or exceeds a limit. A file
/// of another program that is known (Vensim's `.mdl`, a package, JSON) is said to be that.
///
/// ```
/// let text = r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
///   <sim_specs><start>0</start><stop>10</stop><dt>1</dt></sim_specs>
///   <model><variables>
///     <stock name="tank"><eqn>5</eqn><outflow>drain</outflow></stock>
///     <flow name="drain"><eqn>tank / 4</eqn></flow>
///   </variables></model></xmile>"#;
/// let document = sanad_scenario::read_xmile(text.as_bytes(), &Default::default())?;
/// assert_eq!(document.models[0].variables.len(), 2);
/// # Ok::<(), sanad_scenario::Error>(())
/// ```
pub fn read_xmile(bytes: &[u8], limits: &Limits) -> Result<Document, Error> {
    format::check(&bytes[..bytes.len().min(limits.file_bytes)])?;
    let mut notes = Vec::new();
    let root = tree::parse(bytes, limits, &mut notes)?;
    let mut document = read::document(root, limits)?;
    notes.append(&mut document.notes);
    document.notes = notes;
    Ok(document)
}

/// Writes a document as XMILE 1.0.
///
/// Reading the text again gives the same document, up to the notes and line numbers.
#[must_use]
pub fn write_xmile(document: &Document) -> String {
    sanad_core::xml::write(&write::document(document))
}
