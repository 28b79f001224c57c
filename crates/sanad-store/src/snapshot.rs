//! One import, as a state lists it. What is here is written to disk: a field that is added has to
//! have a default, so that states of earlier programs can be read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use sanad_core::source::Source;
use serde::{Deserialize, Deserializer, Serialize};

use crate::hash::Digest;

/// Files by kind of record.
pub(crate) type Files = BTreeMap<String, Vec<RecordFile>>;

/// One import: a source version, the files it became, and what was counted on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Name of the snapshot: series, version and the beginning of the hash. Unique within an
    /// observatory.
    pub id: String,
    /// The format it was read as.
    pub format: String,
    /// Name of the file it was read from. Without its folder.
    pub file: String,
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub sha256: String,
    /// The day of the import. As the caller gave it.
    pub imported: NaiveDate,
    /// Rows or entries read.
    pub rows_read: u64,
    /// Records kept.
    pub records_kept: u64,
    /// Deaths (best estimate) in the rows read. Zero for formats without deaths.
    pub deaths_in: i64,
    /// Deaths (best estimate) in the records kept.
    pub deaths_kept: i64,
    /// What decided how the file was read, beside its bytes: columns, a map, a country.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub settings: String,
    /// Diagnostics by reason. How many of each; the diagnostics themselves are records of the kind
    /// `diagnostic`.
    #[serde(default)]
    pub diagnostics: BTreeMap<String, u64>,
    /// What the file holds beside records and faults, by what it is: empty cells, rows of notes,
    /// rows about other countries.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set_aside: BTreeMap<String, u64>,
    /// Files of the observatory by kind of record. A kind may have several files, one for each
    /// year.
    #[serde(deserialize_with = "files_of_any_layout")]
    pub files: Files,
    /// The source's card.
    pub source: Source,
}

impl Snapshot {
    /// Where its files are, relative to the observatory's folder.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.values().flatten().map(|file| file.path.as_path())
    }
}

/// A file of records. Never written to once a state names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordFile {
    /// Where it is, relative to the observatory's folder.
    pub path: PathBuf,
    /// What its bytes must be. Not known in an observatory of the first layout.
    #[serde(flatten)]
    pub digest: Option<Digest>,
    /// First and last year of the records, where they were put into files by year. Both included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub years: Option<[i32; 2]>,
    /// Whether its rows begin with `source`, `version` and `snapshot`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub stamped: bool,
    /// Whether it holds records of other snapshots as well.
    #[serde(default, skip_serializing_if = "is_false")]
    pub shared: bool,
}

// Serde hands over a reference.
/// Whether a flag need not be written.
#[expect(clippy::trivially_copy_pass_by_ref)]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl RecordFile {
    /// A file as the first layout names it: by its path alone.
    pub(crate) const fn of_first_layout(path: PathBuf) -> Self {
        Self { path, digest: None, years: None, stamped: false, shared: false }
    }

    /// Whether it is a table, as opposed to a text as it came.
    pub(crate) fn is_table(&self) -> bool {
        self.path.extension().is_some_and(|ending| ending == "parquet")
    }
}

/// One file by its path, or a list of files with their digests.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    Path(PathBuf),
    Files(Vec<RecordFile>),
}

/// Reads the files of a snapshot as the first or the present layout lists them.
fn files_of_any_layout<'de, D: Deserializer<'de>>(from: D) -> Result<Files, D::Error> {
    let all = BTreeMap::<String, OneOrMore>::deserialize(from)?;
    let files = |listed| match listed {
        OneOrMore::Path(path) => vec![RecordFile::of_first_layout(path)],
        OneOrMore::Files(files) => files,
    };
    Ok(all.into_iter().map(|(kind, listed)| (kind, files(listed))).collect())
}
