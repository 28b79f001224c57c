//! Pages of JSON, joined into one table that grows page by page and can go on where it stopped.
//!
//! - The first request names no page: publishers count from 0 or from 1, and clients that guessed have
//!   lost a page. Then the publisher's own next page is followed, and nobody asks past the end.
//! - A next page on another server is not followed, because the token would go there.
//! - Rows have no promised order, so that one can come on two pages: identifiers are remembered, and in
//!   the end the number of rows must be the one that the publisher states.
//! - The state names the next page once the last one is on the disk.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::time::Duration;

use sanad_core::Progress;
use url::Url;

use crate::attempt::Server;
use crate::download::{Download, How, WantedFile};
use crate::envelope::{Envelope, JsonPage, MAX_PAGES, Next, PageRow};
use crate::error::{Error, Result};
use crate::place::{FilePlace, PartState, Receipt, read_toml, sums, write_toml};

/// Fetches all pages into one CSV file.
pub(crate) fn download_pages(
    server: &Server<'_>,
    wanted: &WantedFile<'_>,
    envelope: Envelope,
    place: &FilePlace,
    progress: &dyn Progress,
) -> Result<Download> {
    let _lock = place.lock()?;
    let mut pages = Pages::open(server, wanted, envelope, place)?;
    let was_resumed = pages.state.pages > 0;
    while let Some(url) = pages.next_url()? {
        if pages.state.pages > 0 {
            let seconds = server.publisher.pause_seconds.unwrap_or(0.0).clamp(0.0, 60.0);
            server.clock.wait(Duration::from_secs_f64(seconds));
        }
        let bytes = server.document(&url, wanted.expected)?;
        let page = envelope
            .read(&bytes, pages.state.number)
            .map_err(|problem| server.content(&url, problem.to_string(), wanted.expected))?;
        pages.take(&url, page)?;
        let done = usize::try_from(pages.rows).unwrap_or(usize::MAX);
        let total = pages.state.total_bytes.and_then(|total| usize::try_from(total).ok());
        progress.advance(done, total.unwrap_or(done));
    }
    pages.finish(was_resumed)
}

/// A table on its way.
struct Pages<'a> {
    server: &'a Server<'a>,
    wanted: &'a WantedFile<'a>,
    place: &'a FilePlace,
    file: File,
    /// `total_bytes` holds the number of rows that the publisher states, and `flushed_bytes` how
    /// much of the table is on the disk.
    state: PartState,
    columns: Vec<String>,
    seen: BTreeSet<String>,
    rows: u64,
    repeated: u64,
    is_at_end: bool,
    notes: BTreeSet<String>,
}

impl<'a> Pages<'a> {
    /// Opens what an earlier run left, or an empty table.
    fn open(
        server: &'a Server<'a>,
        wanted: &'a WantedFile<'a>,
        envelope: Envelope,
        place: &'a FilePlace,
    ) -> Result<Self> {
        let path = place.part();
        let file =
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path);
        let mut file = file.map_err(|e| Error::file("open", &path, e))?;
        let address = server.shown(wanted.url);
        let length = file.metadata().map_err(|e| Error::file("read", &path, e))?.len();
        let known: Option<PartState> = read_toml(&place.state());
        let known = known.filter(|state| state.address == address && state.flushed_bytes <= length);
        let state = known.unwrap_or_else(|| PartState {
            address,
            number: envelope.first_number(),
            ..PartState::default()
        });
        file.set_len(state.flushed_bytes)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .map_err(|e| Error::file("write", &path, e))?;
        let mut pages = Self {
            server,
            wanted,
            place,
            file,
            state,
            columns: Vec::new(),
            seen: BTreeSet::new(),
            rows: 0,
            repeated: 0,
            is_at_end: false,
            notes: BTreeSet::new(),
        };
        pages.recall().map_err(|e| Error::file("read", &path, e))?;
        Ok(pages)
    }

    /// Reads what is there again: columns, identifiers, number of rows.
    fn recall(&mut self) -> io::Result<()> {
        let file = self.file.try_clone()?;
        let mut reader = csv::Reader::from_reader(file);
        self.columns = reader.headers()?.iter().map(str::to_owned).collect();
        let unique = self.unique_column();
        for record in reader.records() {
            let record = record?;
            self.rows += 1;
            if let Some(id) = unique.and_then(|column| record.get(column)) {
                self.seen.insert(id.to_owned());
            }
        }
        self.file.seek(SeekFrom::End(0)).map(drop)
    }

    /// Where the identifier stands among the columns.
    fn unique_column(&self) -> Option<usize> {
        let name = self.wanted.expected.unique.as_ref()?;
        self.columns.iter().position(|column| column == name)
    }

    /// The next page's address; nothing at the end.
    fn next_url(&self) -> Result<Option<Url>> {
        if self.is_at_end {
            return Ok(None);
        }
        if self.state.pages == 0 {
            return Ok(Some(self.wanted.url.clone()));
        }
        if self.state.pages >= MAX_PAGES {
            let found = format!("more than {MAX_PAGES} pages");
            return Err(self.server.content(self.wanted.url, found, self.wanted.expected));
        }
        match &self.state.next {
            None => Ok(Some(with_page(self.wanted.url, self.state.number))),
            Some(next) => self.next_address(next).map(Some),
        }
    }

    /// The address that a page names for the next one. It must be on the same server, because the
    /// token goes there; some servers behind a gateway write http where they mean https.
    fn next_address(&self, next: &str) -> Result<Url> {
        let strange = |found: &str| {
            self.server.content(self.wanted.url, found.to_owned(), self.wanted.expected)
        };
        let mut url =
            self.wanted.url.join(next).map_err(|_| strange("a next page that is no address"))?;
        if url.scheme() == "http" && self.wanted.url.scheme() == "https" && url.port().is_none() {
            // Only fails between kinds of scheme that these are not.
            let _ = url.set_scheme("https");
        }
        if url.origin() != self.wanted.url.origin() {
            return Err(strange("a next page on another server"));
        }
        Ok(self.server.secret.map_or_else(|| url.clone(), |secret| secret.without(&url)))
    }

    /// Adds a page and brings it onto the disk.
    fn take(&mut self, url: &Url, page: JsonPage) -> Result<()> {
        let JsonPage { rows, next, total } = page;
        self.check_columns(url, &rows)?;
        let path = self.place.part();
        self.append(rows).map_err(|e| Error::file("write", &path, e))?;
        let length = self.file.stream_position().map_err(|e| Error::file("write", &path, e))?;
        if length > self.wanted.limit_bytes {
            self.place.discard();
            let address = self.server.shown(self.wanted.url);
            return Err(Error::TooLarge { address, limit_bytes: self.wanted.limit_bytes });
        }
        if self.state.pages > 0 && self.state.total_bytes != total {
            self.notes
                .insert("the publisher changed its number of rows while pages came".to_owned());
        }
        match next {
            Next::End => self.is_at_end = true,
            Next::Address(address) if self.state.next.as_deref() == Some(&address) => {
                let found = "a page that names itself as the next".to_owned();
                return Err(self.server.content(url, found, self.wanted.expected));
            }
            Next::Address(address) => self.state.next = Some(address),
            Next::Number(number) => self.state.number = number,
        }
        self.state.pages += 1;
        self.state.total_bytes = total;
        self.state.flushed_bytes = length;
        if self.is_at_end {
            return Ok(());
        }
        self.file.sync_data().map_err(|e| Error::file("flush", &path, e))?;
        write_toml(&self.place.state(), &self.state)
    }

    /// Columns are those of the first row; a row must have what the catalogue says.
    fn check_columns(&mut self, url: &Url, rows: &[PageRow]) -> Result<()> {
        let Some(first) = rows.first() else { return Ok(()) };
        let missing =
            self.wanted.expected.columns.iter().find(|column| !first.contains_key(*column));
        if let Some(column) = missing {
            let found = format!("rows without {column}");
            return Err(self.server.content(url, found, self.wanted.expected));
        }
        if self.columns.is_empty() {
            self.columns = first.keys().cloned().collect();
        }
        let is_new = |name: &&String| self.columns.binary_search(name).is_err();
        let more: BTreeSet<&String> = rows.iter().flat_map(PageRow::keys).filter(is_new).collect();
        self.notes.extend(
            more.into_iter()
                .map(|name| format!("{name} is no column of the first row and was left out")),
        );
        Ok(())
    }

    /// Writes rows whose identifier has not come before, and the header above the first.
    fn append(&mut self, rows: Vec<PageRow>) -> io::Result<()> {
        let is_first = self.state.flushed_bytes == 0 && !self.columns.is_empty();
        let unique = self.wanted.expected.unique.clone();
        let mut writer = csv::Writer::from_writer(Vec::new());
        if is_first {
            writer.write_record(&self.columns)?;
        }
        for row in rows {
            let id = unique.as_ref().and_then(|name| row.get(name));
            if id.is_some_and(|id| !self.seen.insert(id.clone())) {
                self.repeated += 1;
                continue;
            }
            self.rows += 1;
            let value = |column: &String| row.get(column).map_or("", String::as_str);
            writer.write_record(self.columns.iter().map(value))?;
        }
        let bytes = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        self.file.write_all(&bytes)
    }

    /// Compares the rows with the publisher's number and puts the table in place.
    fn finish(mut self, was_resumed: bool) -> Result<Download> {
        if let Some(total) = self.state.total_bytes.filter(|&total| total != self.rows) {
            self.place.discard();
            let found = format!("{} different rows where it states {total}", self.rows);
            return Err(self.server.content(self.wanted.url, found, self.wanted.expected));
        }
        if self.rows == 0 {
            self.place.discard();
            let found = "no rows".to_owned();
            return Err(self.server.content(self.wanted.url, found, self.wanted.expected));
        }
        if self.repeated > 0 {
            self.notes.insert(format!("{} rows came on two pages and stand once", self.repeated));
        }
        let part = self.place.part();
        let sums = sums(&part).map_err(|e| Error::file("read", &part, e))?;
        let before: Option<Receipt> = read_toml(&self.place.receipt());
        let is_same = before.is_some_and(|before| before.sha256 == sums.sha256);
        self.place.publish()?;
        let receipt = Receipt {
            address: self.state.address,
            version: self.wanted.version.map(str::to_owned),
            bytes: sums.bytes,
            sha256: sums.sha256.clone(),
            ..Receipt::default()
        };
        write_toml(&self.place.receipt(), &receipt)?;
        let how = match (is_same, was_resumed) {
            (true, _) => How::Unchanged,
            (false, true) => How::Resumed,
            (false, false) => How::Whole,
        };
        let notes = self.notes.into_iter().collect();
        Ok(Download { bytes: sums.bytes, sha256: sums.sha256, how, notes })
    }
}

/// The address of a page by number.
fn with_page(url: &Url, number: u64) -> Url {
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| name != "page")
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(kept).append_pair("page", &number.to_string());
    url
}
