//! Public messages of organisations as a coder noted them: metadata and coded frames, never words.

use crate::time::Period;

/// One coder's coding of one message.
///
/// A message that several coders coded stands once per coder under the same
/// [`id`](Self::id): that is what agreement between coders is computed from.
///
/// Every text but the link is a slug (small letters, digits and hyphens) or an actor's
/// identifier, so that no word of a message can come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodedStatement {
    /// Identifier of the message.
    pub id: String,
    /// When it was made public.
    pub date: Period,
    /// The organisation that speaks, an actor of the case.
    pub organisation: String,
    /// The outlet it speaks through, an actor of the case.
    pub outlet: Option<String>,
    /// Languages, ISO 639 codes.
    pub languages: Vec<String>,
    /// Audiences addressed, slugs of the codebook.
    pub audiences: Vec<String>,
    /// Medium: video, audio, magazine, booklet, online.
    pub medium: Option<String>,
    /// Whom the message is about, an actor of the case.
    pub target: Option<String>,
    /// Coded frames, slugs of the codebook; may be empty.
    pub frames: Vec<String>,
    /// How many events the organisation claims.
    pub claimed_events: Option<u32>,
    /// First and last day of what it claims.
    pub claimed_period: Option<Period>,
    /// Where news or an analysis tells of the message; never the message itself.
    pub link: Option<String>,
    /// The coder, as a short code; never a name.
    pub coder: String,
    /// Row in the file: the header is row 1 of a table; in a list of JSON objects the line.
    pub source_row: u64,
}
