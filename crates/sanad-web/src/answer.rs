//! Answers in their forms, as bytes that can be sent to many.
//!
//! A body is made once, in full and compressed, and shared by reference between all who are sent
//! it.

use axum::body::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sanad_store::Table;
use sanad_store::export::{self, Format};
use std::io::Write as _;

use crate::fault::{Fault, FaultKind};

/// The form of an answer. Pages come as HTML, their figures as SVG, PNG, CSV or Parquet, tables as JSON, CSV,
/// Parquet or Arrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OutputFormat {
    /// A page.
    Html,
    /// An array of objects with one object per row, in which a null is left out; or a document.
    Json,
    /// Comma-separated values with a header, in UTF-8.
    Csv,
    /// One Parquet file.
    Parquet,
    /// One Arrow IPC file.
    Arrow,
    /// A picture that stands by itself, with its colours in it.
    Svg,
    /// The same as pixels.
    Png,
}

impl OutputFormat {
    /// The forms of a table. Each has an address of its own, which ends in the form's ending.
    pub(crate) const OF_TABLES: [Self; 4] = [Self::Json, Self::Csv, Self::Parquet, Self::Arrow];
    /// The forms of a page's figure. A page with several figures is asked for one of them by
    /// `figure`.
    pub(crate) const OF_FIGURES: [Self; 4] = [Self::Svg, Self::Png, Self::Csv, Self::Parquet];

    /// The ending of an address that asks for it. It comes without its dot.
    pub(crate) const fn ending(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Svg => "svg",
            Self::Png => "png",
        }
    }

    /// Its media type. Texts name UTF-8; JSON is UTF-8 by its own definition.
    pub(crate) const fn media(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Parquet => "application/vnd.apache.parquet",
            Self::Arrow => "application/vnd.apache.arrow.file",
            Self::Svg => "image/svg+xml",
            Self::Png => "image/png",
        }
    }

    /// The form of a table that an `Accept` header asks for; nothing when it accepts none of them.
    ///
    /// The first media range with the greatest weight that names a form counts (RFC 9110, 12.5.1).
    /// Without a header, and for a browser, it is JSON. A range of weight 0 is refused by whoever
    /// sent it.
    pub(crate) fn of_accept(accept: Option<&str>) -> Option<Self> {
        let Some(accept) = accept.filter(|text| !text.trim().is_empty()) else {
            return Some(Self::Json);
        };
        let mut best: Option<(f32, Self)> = None;
        for range in accept.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let form = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
                "application/json" | "application/*" | "*/*" | "text/html" => Self::Json,
                "text/csv" | "text/*" => Self::Csv,
                "application/vnd.apache.parquet" => Self::Parquet,
                "application/vnd.apache.arrow.file" => Self::Arrow,
                _ => continue,
            };
            let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok());
            let weight: f32 = weight.unwrap_or(1.0);
            if weight > 0.0 && best.is_none_or(|(greatest, _)| weight > greatest) {
                best = Some((weight, form));
            }
        }
        best.map(|(_, form)| form)
    }
}

/// An answer that is finished: what is sent, in full and, where the server has it so, compressed. It
/// says nothing of who asked, so that it can be given to anybody under its key.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The status. 200 for all that is computed: faults are no answers.
    pub(crate) status: u16,
    /// The media type.
    pub(crate) media: &'static str,
    /// The bytes.
    pub(crate) body: Bytes,
    /// The same under gzip, where that is smaller. `None` before [`Answer::compressed`], for PNG,
    /// Parquet and Arrow, and for bodies below a kilobyte.
    pub(crate) gzip: Option<Bytes>,
    /// The address of the next part of a table, where there is one. It holds a cursor of the state
    /// that the part is of.
    pub(crate) next: Option<String>,
    /// Rows of the whole table. `None` for pages and documents.
    pub(crate) rows: Option<usize>,
}

/// Bytes below which compressing saves nothing.
const LEAST_TO_COMPRESS: usize = 1024;

impl Answer {
    /// A finished answer of this form, not compressed.
    pub(crate) fn new(form: OutputFormat, bytes: Vec<u8>) -> Self {
        let (media, body) = (form.media(), bytes.into());
        Self { status: 200, media, body, gzip: None, next: None, rows: None }
    }

    /// The same with its compressed form, where it has one.
    pub(crate) fn compressed(self) -> Self {
        // Deflate or Snappy inside, or numbers for programs on the same machine.
        let dense = [OutputFormat::Png, OutputFormat::Parquet, OutputFormat::Arrow];
        let is_dense = dense.iter().any(|form| form.media() == self.media);
        let gzip = if is_dense { None } else { compressed(&self.body) };
        Self { gzip, ..self }
    }

    /// Bytes that it holds. It is what the answer takes of the room for kept answers.
    pub(crate) fn size(&self) -> usize {
        self.body.len() + self.gzip.as_ref().map_or(0, Bytes::len)
    }
}

/// The bytes under gzip at its usual level, 6; `None` where that is not smaller.
fn compressed(bytes: &[u8]) -> Option<Bytes> {
    if bytes.len() < LEAST_TO_COMPRESS {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes).ok()?;
    let small = encoder.finish().ok()?;
    (small.len() < bytes.len()).then(|| small.into())
}

/// Bytes of one answer of a table. What is larger is asked for in parts. It is measured on the
/// table in memory, before any form is made of it.
const MOST_BYTES: usize = 256 << 20;

/// A table, or a part of it, in a form. The bytes are those that the command line writes of the
/// same table.
///
/// # Errors
///
/// [`FaultKind::TooLarge`] beyond [`MOST_BYTES`], before the bytes are made.
pub(crate) fn table_answer(table: &Table, form: OutputFormat) -> Result<Answer, Fault> {
    if table.get_array_memory_size() > MOST_BYTES {
        let what = format!("{} rows are more than one answer holds", table.num_rows());
        return Err(Fault::new(FaultKind::TooLarge, what)
            .in_place("parameter limit")
            .with_hint("ask in parts, with limit and cursor, or for fewer months or places"));
    }
    let format = match form {
        OutputFormat::Csv => Format::Csv,
        OutputFormat::Parquet => Format::Parquet,
        OutputFormat::Arrow => Format::Arrow,
        _ => Format::Json,
    };
    let mut bytes = Vec::new();
    export::write(table, format, &mut bytes)?;
    Ok(Answer::new(form, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_with_the_greatest_weight_is_taken_and_json_where_nothing_is_said() {
        for (accept, form) in [
            (None, Some(OutputFormat::Json)),
            (Some(""), Some(OutputFormat::Json)),
            (Some("text/html,application/xhtml+xml,*/*;q=0.8"), Some(OutputFormat::Json)),
            (Some("text/csv"), Some(OutputFormat::Csv)),
            (
                Some("application/json;q=0.2, application/vnd.apache.parquet"),
                Some(OutputFormat::Parquet),
            ),
            (Some("image/png"), None),
            (Some("text/csv;q=0"), None),
        ] {
            assert_eq!(OutputFormat::of_accept(accept), form, "{accept:?}");
        }
    }

    #[test]
    fn what_is_compressed_is_smaller_and_what_is_small_is_not_compressed() {
        let gzip = |form, length| Answer::new(form, vec![b'a'; length]).compressed().gzip;
        assert!(gzip(OutputFormat::Csv, 100).is_none());
        assert!(gzip(OutputFormat::Csv, 10_000).is_some_and(|gzip| gzip.len() < 1000));
        assert!(gzip(OutputFormat::Parquet, 10_000).is_none());
        assert!(gzip(OutputFormat::Png, 10_000).is_none());
        assert!(Answer::new(OutputFormat::Csv, vec![b'a'; 10_000]).gzip.is_none());
    }
}
