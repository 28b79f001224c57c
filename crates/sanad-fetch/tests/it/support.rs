//! A folder, a clock that does not make anybody wait, and a catalogue of one source.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use sanad_core::Silent;
use sanad_fetch::{Catalogue, ClientOptions, Clock, Error, FetchRequest, FileRow, Wish, fetch};
use sha2::{Digest as _, Sha256};

/// The moment of [`TestClock`].
pub(crate) const NOW: &str = "2026-11-29T12:00:00Z";

/// A clock that stands still and remembers how long it was to wait.
#[derive(Default)]
pub(crate) struct TestClock {
    waits: Mutex<Vec<Duration>>,
}

impl TestClock {
    pub(crate) fn waits(&self) -> Vec<Duration> {
        self.waits.lock().expect("a lock").clone()
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(NOW).expect("a moment").with_timezone(&Utc)
    }

    fn wait(&self, time: Duration) {
        self.waits.lock().expect("a lock").push(time);
    }
}

/// A folder to fetch into.
pub(crate) struct Lab {
    folder: tempfile::TempDir,
    pub(crate) clock: TestClock,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) proxy: Option<String>,
    pub(crate) is_dry_run: bool,
    pub(crate) max_bytes: Option<u64>,
}

impl Lab {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            clock: TestClock::default(),
            environment: BTreeMap::new(),
            proxy: None,
            is_dry_run: false,
            max_bytes: None,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn try_fetch(
        &self,
        catalogue: &str,
        wishes: &[&str],
    ) -> Result<Vec<FileRow>, Error> {
        let catalogue = Catalogue::parse(catalogue).expect("a catalogue");
        let wishes: Vec<Wish> = wishes.iter().map(|wish| wish.parse().expect("a wish")).collect();
        let request = FetchRequest {
            catalogue: &catalogue,
            wishes: &wishes,
            into: self.path(),
            values: BTreeMap::from([("iso3".to_owned(), "exl".to_owned())]),
            variable: &|name| self.environment.get(name).cloned(),
            today: NaiveDate::from_ymd_opt(2026, 11, 29).expect("a day"),
            seed: 1,
            is_dry_run: self.is_dry_run,
            max_bytes: self.max_bytes,
            client: ClientOptions { proxy: self.proxy.clone() },
        };
        fetch(&request, &self.clock, &Silent)
    }

    /// Fetches the source `s` of a catalogue.
    pub(crate) fn rows(&self, catalogue: &str) -> Vec<FileRow> {
        self.try_fetch(catalogue, &["s"]).expect("right use")
    }

    /// The only file of the source `s`.
    pub(crate) fn row(&self, catalogue: &str) -> FileRow {
        let mut rows = self.rows(catalogue);
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows.remove(0)
    }

    /// The bytes of a source that must be had.
    pub(crate) fn had(&self, catalogue: &str) -> (FileRow, Vec<u8>) {
        let row = self.row(catalogue);
        let file = row.file.clone().unwrap_or_else(|| panic!("{row:?}"));
        let bytes = fs::read(file).expect("the file of the row");
        assert_eq!(row.sha256.as_deref(), Some(&*sha256(&bytes)), "{row:?}");
        assert_eq!(row.bytes, Some(bytes.len() as u64));
        (row, bytes)
    }

    /// The message of a source that must not be had; nothing of it may be there under its own name.
    pub(crate) fn refused(&self, catalogue: &str) -> String {
        let row = self.row(catalogue);
        let error = row.error.as_ref().unwrap_or_else(|| panic!("it was had: {row:?}"));
        assert!(row.file.is_none());
        assert_eq!(self.finished(), Vec::<PathBuf>::new());
        assert!(row.page.starts_with("https://"), "no page for a person: {row:?}");
        error.to_string()
    }

    /// Files that an importer could take for data.
    pub(crate) fn finished(&self) -> Vec<PathBuf> {
        let all = fs::read_dir(self.path().join("s")).into_iter().flatten().flatten();
        let ours = [".part", ".toml", ".lock", ".unfinished"];
        let is_data =
            |path: &PathBuf| !ours.iter().any(|end| path.to_string_lossy().ends_with(end));
        all.map(|entry| entry.path()).filter(is_data).collect()
    }

    /// Everything that is on the disk, as text.
    pub(crate) fn everything(&self) -> String {
        let all = fs::read_dir(self.path().join("s")).into_iter().flatten().flatten();
        let read = |path: PathBuf| {
            String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
        };
        all.map(|entry| read(entry.path())).collect()
    }
}

/// A catalogue of one publisher and one source `s`; `source` and `publisher` are further fields.
pub(crate) fn catalogue(url: &str, source: &str, publisher: &str) -> String {
    format!(
        "[[publisher]]\nid = \"p\"\nname = \"P\"\npage = \"https://example.org/get\"\n\
         timeout_seconds = 2\n{publisher}\n\
         [[source]]\nid = \"s\"\npublisher = \"p\"\ntitle = \"S\"\ncitation = \"P (2099)\"\n\
         licence = \"CC-BY-4.0\"\nredistribution = \"with-attribution\"\nurl = \"{url}\"\n{source}\n"
    )
}

/// A catalogue whose source `s` has a lookup or releases and no address of its own.
pub(crate) fn listed(source: &str) -> String {
    catalogue("X", source, "").replace("url = \"X\"\n", "")
}

pub(crate) fn md5(bytes: &[u8]) -> String {
    md5::Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An archive of named members.
pub(crate) fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a member");
        writer.write_all(bytes).expect("a member");
    }
    writer.finish().expect("an archive").into_inner()
}

/// A table of many rows that do not pack well.
pub(crate) fn table(rows: usize) -> Vec<u8> {
    let mut text = "id,date_start,best\n".to_owned();
    for id in 0..rows {
        text.push_str(&format!("{id},2099-01-{:02},{}\n", id % 28 + 1, id * id % 97));
    }
    text.into_bytes()
}

/// What a table must look like.
pub(crate) const TABLE: &str =
    "[source.expected]\nkind = \"csv\"\ncolumns = [\"id\", \"date_start\", \"best\"]\nfields = 3\n";
