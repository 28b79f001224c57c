//! What an answer must look like. A status says little: errors come with 200 and with pages of HTML.

use serde::Deserialize;

use crate::envelope::Envelope;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// Anything but a page of HTML, a pointer or nothing.
    #[default]
    Any,
    /// A table with a separator.
    Csv,
    /// A ZIP archive with the file of data inside.
    Zip,
    /// One JSON document.
    Json,
    /// Pages of JSON, joined into one table.
    Pages,
    /// A page of HTML with links.
    Page,
}

/// What an answer must look like.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// What it is.
    #[serde(default)]
    pub kind: FileKind,
    /// The name of the file of data in an archive, with `*` for what varies.
    #[serde(default)]
    pub member: Option<String>,
    /// Columns that its header has, in any order, without regard to case.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Its separator; a comma when absent.
    #[serde(default)]
    pub separator: Option<char>,
    /// The number of fields of a row, for tables that may come without a header.
    #[serde(default)]
    pub fields: Option<usize>,
    /// Lines among which the header stands; 1 when absent.
    #[serde(default)]
    pub header_within: Option<usize>,
    /// How pages are wrapped and follow each other.
    #[serde(default)]
    pub envelope: Option<Envelope>,
    /// The column of pages whose values occur once.
    #[serde(default)]
    pub unique: Option<String>,
}

impl Expectation {
    /// The separator as a byte.
    pub(crate) fn separator(&self) -> u8 {
        self.separator.and_then(|separator| u8::try_from(separator).ok()).unwrap_or(b',')
    }

    /// What it is, for a message.
    pub(crate) fn described(&self) -> String {
        let columns = || match self.columns.is_empty() {
            true => String::new(),
            false => format!(" with the columns {}", self.columns.join(", ")),
        };
        match self.kind {
            FileKind::Any => "a file of data".to_owned(),
            FileKind::Csv => format!("a table{}", columns()),
            FileKind::Zip => {
                let member = self.member.as_deref().unwrap_or("one file of data");
                format!("a ZIP archive with {member}{}", columns())
            }
            FileKind::Json => "a JSON document".to_owned(),
            FileKind::Page => "a page of links".to_owned(),
            FileKind::Pages => "pages of rows in JSON".to_owned(),
        }
    }
}
