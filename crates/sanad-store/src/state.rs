//! What an observatory holds, as one small immutable file per state and a pointer to the newest.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use sanad_core::source::Source;
use serde::{Deserialize, Serialize};

use crate::durable;
use crate::error::{Error, Result};
use crate::inside::is_below;

/// Version of the folder's layout.
const LAYOUT: u32 = 1;

/// One import: a source version, the files it became, and what was counted on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Name of the snapshot: series, version and the beginning of the hash.
    pub id: String,
    /// The format it was read as.
    pub format: String,
    /// Name of the file it was read from.
    pub file: String,
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub sha256: String,
    /// The day of the import.
    pub imported: NaiveDate,
    /// Rows or entries read.
    pub rows_read: u64,
    /// Records kept.
    pub records_kept: u64,
    /// Deaths (best estimate) in the rows read.
    pub deaths_in: i64,
    /// Deaths (best estimate) in the records kept.
    pub deaths_kept: i64,
    /// What decided how the file was read, beside its bytes: columns, a map, a country.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub settings: String,
    /// Diagnostics by reason.
    #[serde(default)]
    pub diagnostics: BTreeMap<String, u64>,
    /// What the file holds beside records and faults, by what it is: empty cells, rows of notes,
    /// rows about other countries.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set_aside: BTreeMap<String, u64>,
    /// Files of the observatory by kind of record, relative to its folder.
    pub files: BTreeMap<String, PathBuf>,
    /// The source's card.
    pub source: Source,
}

/// All that an observatory holds at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    layout: u32,
    /// Counts up with every change.
    pub generation: u64,
    /// All imports, oldest first.
    #[serde(default, rename = "snapshot")]
    pub snapshots: Vec<Snapshot>,
}

impl Default for State {
    fn default() -> Self {
        Self { layout: LAYOUT, generation: 0, snapshots: Vec::new() }
    }
}

impl State {
    pub(crate) fn pointer(folder: &Path) -> PathBuf {
        folder.join("CURRENT")
    }

    fn file(folder: &Path, generation: u64) -> PathBuf {
        folder.join("states").join(format!("{generation:08}.toml"))
    }

    /// Reads the newest state of `folder`, or nothing when there is no observatory.
    pub(crate) fn load(folder: &Path) -> Result<Option<Self>> {
        let pointer = Self::pointer(folder);
        let text = match fs::read_to_string(&pointer) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Self::none_in(folder),
            Err(e) => return Err(Error::io("read", &pointer, e)),
        };
        let generation = text
            .trim()
            .parse()
            .map_err(|_| Error::damaged(&pointer, "expected the number of a state"))?;
        let path = Self::file(folder, generation);
        let text = fs::read_to_string(&path).map_err(|e| Error::kept(&path, e))?;
        let state: Self = toml::from_str(&text).map_err(|e| Error::damaged(&path, e.message()))?;
        if state.layout != LAYOUT {
            let problem = format!("layout {}, and this program reads {LAYOUT}", state.layout);
            return Err(Error::damaged(&path, problem));
        }
        state.check_paths(folder)?;
        Ok(Some(state))
    }

    /// A state is a file that anybody may have written: it names files of its own folder alone.
    fn check_paths(&self, folder: &Path) -> Result<()> {
        let names = self.snapshots.iter().map(|snapshot| Path::new(&snapshot.id));
        let files = self.snapshots.iter().flat_map(|it| it.files.values().map(PathBuf::as_path));
        match names.chain(files).find(|path| !is_below(path)) {
            Some(path) => Err(Error::Outside { path: folder.join(path), target: path.to_owned() }),
            None => Ok(()),
        }
    }

    /// No pointer: no observatory, unless there is a state that only follows on an earlier one.
    fn none_in(folder: &Path) -> Result<Option<Self>> {
        let second = Self::file(folder, 2);
        if second.exists() {
            let problem = "it is missing, and there are states to point to";
            return Err(Error::damaged(&Self::pointer(folder), problem));
        }
        Ok(None)
    }

    /// Makes this state the newest one: first the state's own file, then the pointer.
    pub(crate) fn publish(&self, folder: &Path) -> Result<()> {
        let path = Self::file(folder, self.generation);
        let text = toml::to_string(self).map_err(|e| Error::damaged(&path, e))?;
        durable::replace_bytes(&path, text.as_bytes())?;
        let pointer = format!("{}\n", self.generation);
        durable::replace_bytes(&Self::pointer(folder), pointer.as_bytes())
    }
}
