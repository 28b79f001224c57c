//! XMILE 1.0 text: reading it into a [`Document`](crate::Document) and writing it back.
//!
//! Reading is in three steps: [`tree`] makes elements of bytes and mends what can only be meant in
//! one way, [`read`] makes a document of elements, and [`read_variable`] makes variables. Writing
//! goes back through a tree. Nothing here looks into an equation.

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
/// elements are kept but have no effect. Repairs are listed in [`Document::notes`]. A model's own
/// `<behavior>` inherits from the file's only if that stands before the model.
///
/// # Errors
///
/// If the text is not XML, is not XMILE, holds a number that is not one, or exceeds a limit. A file
/// of another program that is known (Vensim's `.mdl`, a package, JSON) is said to be that. A model
/// that is encrypted or lies in another file is an error, too, and so is an oven. Equations are not
/// read yet: their faults come from [`Model::compile`](crate::Model::compile).
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
/// Reading the text again gives the same document, up to the notes and line numbers. Vendors'
/// elements and diagrams are written back; comments of the XML file are not kept.
///
/// ```
/// use sanad_scenario::{Limits, read_xmile, write_xmile};
///
/// let text = r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
///   <model><aux name="memory"><eqn>4</eqn><units>Months</units></aux></model></xmile>"#;
/// let document = read_xmile(text.as_bytes(), &Limits::default())?;
/// let again = read_xmile(write_xmile(&document).as_bytes(), &Limits::default())?;
/// assert_eq!(again.models[0].variables, document.models[0].variables);
/// # Ok::<(), sanad_scenario::Error>(())
/// ```
#[must_use]
pub fn write_xmile(document: &Document) -> String {
    sanad_core::xml::write(&write::document(document))
}
