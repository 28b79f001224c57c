//! Answers about a case or an observatory, kept so that the same question need not be computed twice.
//!
//! An answer is found by a key of everything that it follows from: the question with its settings,
//! the version of its rules, the program that computed it, the bytes of every file of the case and
//! the imports of the observatory. What is kept of a case lies in the user's cache folder, because
//! a case is only read. A kept file that is not as it was written does not count. Keeping an answer
//! is only ever a matter of time: without it the question is computed again.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};

use crate::cache::{KeptKind, MANIFEST_NOTE, Manifest, find_kept, keep, table_path};
use crate::engine::{read_parquet, texts};
use crate::error::{Error, Result};
use crate::hash::{Digest, sha256};
use crate::observatory::Observatory;
use crate::shelf::Shelf;
use crate::verify::VerifiedFiles;

/// The two tables of an answer.
const ANSWER: &str = "answer";
const NOTES: &str = "notes";
/// Answers about one case or observatory that are kept; of more, those that were written first go.
const KEPT_ANSWERS: usize = 64;
/// The most files that a case folder may have for its answers to be kept: beyond, it is no case folder alone.
const MOST_FILES: usize = 10_000;

/// A question about a case or an observatory. All three parts are in the key. Two questions of one
/// name differ by their settings.
#[derive(Debug, Clone, Copy)]
pub struct KeptQuestion<'a> {
    /// What is asked, as the folder of its answer is called. It begins the folder's name, so keep
    /// it to letters, digits and hyphens.
    pub name: &'a str,
    /// Version of the rules by which it is answered, to be counted up when they change.
    pub rules: &'a str,
    /// Everything else that the answer depends on, the day included if it does.
    pub settings: &'a str,
}

/// What a question gives. What it is about is the asker's to know: a table has no title.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The table.
    pub table: RecordBatch,
    /// Sentences that go with it.
    pub notes: Vec<String>,
}

/// Where the answers about a case, an observatory or both are kept. Made for one state of the two:
/// after an import or an edit, make another.
#[derive(Debug)]
pub struct AnswerShelf {
    shelf: Shelf,
    verified: VerifiedFiles,
    /// Ids of the observatory's imports, and the hash of the case's files.
    inputs: Vec<String>,
}

impl AnswerShelf {
    /// The answers about what is in these folders now; nothing when neither is given. Every record
    /// file of the observatory is checked for this, once in a session, so that no answer outlives
    /// the records it came from.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when a file of the case cannot be read; [`Error::Damaged`] when a record of the
    /// observatory is gone or is not as it was written.
    pub fn about(case: Option<&Path>, observatory: Option<&Observatory>) -> Result<Option<Self>> {
        let mut inputs = Vec::new();
        if let Some(observatory) = observatory {
            let snapshots = observatory.snapshots().iter().map(|snapshot| snapshot.id.clone());
            inputs.extend(snapshots);
            observatory.check_records(&inputs)?;
        }
        if let Some(case) = case {
            inputs.push(format!("case {}", case_hash(case)?));
        }
        let (shelf, verified) = match (observatory, case) {
            (Some(observatory), _) => (observatory.shelf().clone(), observatory.verified().clone()),
            (None, Some(case)) => (Shelf::outside(case), VerifiedFiles::default()),
            (None, None) => return Ok(None),
        };
        Ok(Some(Self { shelf, verified, inputs }))
    }

    /// The answer that is kept, if there is one and it is as it was written. What cannot be read
    /// counts as missing.
    #[must_use]
    pub fn find(&self, question: &KeptQuestion<'_>) -> Option<Answer> {
        let names = [ANSWER.to_owned(), NOTES.to_owned()];
        let manifest = self.manifest(question);
        let (shelf, verified) = (&self.shelf, &self.verified);
        let folder = find_kept(shelf, verified, KeptKind::Answers, &manifest, &names)?;
        let table = read_parquet(&table_path(&folder, ANSWER)).ok()?;
        let notes = read_parquet(&table_path(&folder, NOTES)).ok()?;
        Some(Answer { table: without_manifest(&table).ok()?, notes: texts(&notes, 0) })
    }

    /// Keeps an answer. Of more than 64 about one subject, those written first are removed.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when it cannot be written.
    pub fn keep(&self, question: &KeptQuestion<'_>, answer: &Answer) -> Result<()> {
        let tables =
            [(ANSWER.to_owned(), answer.table.clone()), (NOTES.to_owned(), notes(&answer.notes)?)];
        let folder = keep(&self.shelf, KeptKind::Answers, &self.manifest(question), &tables)?;
        folder.parent().map_or(Ok(()), remove_oldest)
    }

    /// The key of a question: its parts, this build of the program, and the inputs.
    fn manifest(&self, question: &KeptQuestion<'_>) -> Manifest {
        let plan = format!("{}\n{}", question.rules, program());
        Manifest::new(question.name, &plan, question.settings.to_owned(), self.inputs.clone())
    }
}

/// What tells one build of the program from another: the size of its file and when it was written.
/// A formula that changed without a new version of its rules would else be answered from before the
/// change. Empty where the program's own file cannot be looked at.
fn program() -> String {
    let file = std::env::current_exe().and_then(fs::metadata);
    let Ok(file) = file else { return String::new() };
    let written =
        file.modified().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    format!("{} {}", file.len(), written.map_or(0, |since| since.as_nanos()))
}

/// A hash over the names and bytes of all files of a case. In order of their names, folders within
/// it included.
///
/// # Errors
///
/// [`Error::Io`] when a file cannot be read, or there are more than ten thousand.
fn case_hash(folder: &Path) -> Result<String> {
    let mut files = BTreeMap::new();
    add_files(folder, folder, &mut files)?;
    let lines =
        files.iter().map(|(name, digest)| format!("{} {} {name}\n", digest.sha256, digest.bytes));
    Ok(sha256(lines.collect::<String>().as_bytes()))
}

/// Adds the files below `folder`, named relative to `root`, with the digest of each.
fn add_files(root: &Path, folder: &Path, files: &mut BTreeMap<String, Digest>) -> Result<()> {
    let failed = |path: &Path, e| Error::io("read", path, e);
    for entry in fs::read_dir(folder).map_err(|e| failed(folder, e))? {
        let path = entry.map_err(|e| failed(folder, e))?.path();
        // A link may lead anywhere; its target counts, as it does when the case is read.
        if path.is_dir() && !path.is_symlink() {
            add_files(root, &path, files)?;
            continue;
        }
        if !path.is_file() {
            continue;
        }
        let file = File::open(&path).map_err(|e| failed(&path, e))?;
        let digest = Digest::from_reader(file).map_err(|e| failed(&path, e))?;
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
        files.insert(name, digest);
        if files.len() > MOST_FILES {
            let many = std::io::Error::other(format!("it holds more than {MOST_FILES} files"));
            return Err(failed(root, many));
        }
    }
    Ok(())
}

/// Notes as a table of one column, so that they are kept and checked like the answer itself.
fn notes(notes: &[String]) -> Result<RecordBatch> {
    let schema = Arc::new(Schema::new(vec![Field::new("note", DataType::Utf8, false)]));
    let column: ArrayRef = Arc::new(StringArray::from(notes.to_vec()));
    Ok(RecordBatch::try_new(schema, vec![column])?)
}

/// The table without what the file says of its own making.
fn without_manifest(table: &RecordBatch) -> Result<RecordBatch> {
    let schema = table.schema();
    let mut metadata = schema.metadata().clone();
    metadata.remove(MANIFEST_NOTE);
    let schema = Schema::new_with_metadata(schema.fields().clone(), metadata);
    Ok(RecordBatch::try_new(Arc::new(schema), table.columns().to_vec())?)
}

/// Removes the answers that were written first, of more than are kept. By the time of change of
/// their folders.
fn remove_oldest(folder: &Path) -> Result<()> {
    let failed = |e| Error::io("read", folder, e);
    let mut known: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        // What another process removed meanwhile is not there to be removed.
        let Ok(found) = fs::metadata(&path) else { continue };
        known.push((found.modified().map_err(failed)?, path));
    }
    known.sort();
    for (_, path) in known.iter().rev().skip(KEPT_ANSWERS) {
        match fs::remove_dir_all(path) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(Error::io("remove", path, e)),
            _ => {}
        }
    }
    Ok(())
}
