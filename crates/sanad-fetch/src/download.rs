//! One file: asked for from where it stopped, checked, and put in place at once.
//!
//! # States of a file
//!
//! | on the disk | means | the next run |
//! | --- | --- | --- |
//! | nothing | never begun | asks for all of it |
//! | `NAME.part`, `NAME.part.toml` | begun, and `flushed_bytes` of it are safe | asks for the rest, with `If-Range` |
//! | `NAME.part`, all of it | killed before its checks | asks whether it changed, then checks it |
//! | `NAME.part` alone | killed before the first byte was safe | asks for all of it |
//! | `NAME`, `NAME.fetched.toml` | whole and checked | asks whether it changed |
//! | `NAME` alone | not ours | asks for all of it |
//! | `NAME` and a part | killed while a new version came | goes on with the part; `NAME` stays until then |
//!
//! # Order of writing
//!
//! Bytes reach the disk before the state says so, and the state before the rename. So a state never
//! promises a byte that a power failure could take away, and what has the file's name is whole. The receipt
//! is written before the rename: until then it is that of no file, because its SHA-256 is another.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};

use sanad_core::Progress;
use url::Url;

use crate::attempt::{Again, Attempt, Server};
use crate::client::Answer;
use crate::error::{Error, Result};
use crate::expected::Expectation;
use crate::inspect::{LfsPointer, START_BYTES, Start, look_at_file, look_at_start};
use crate::place::{FilePlace, FileSums, PartState, Receipt, read_toml, sums, write_toml};

/// Bytes after which what came is flushed to the disk, so that a power failure or a kill costs no more: a
/// quarter of what is there, between these bounds.
const FLUSH_BYTES: [u64; 2] = [64 << 10, 4 << 20];
/// The longest time that what came stays unflushed while bytes go on coming, in milliseconds.
const FLUSH_MILLISECONDS: i64 = 1000;

/// A file to fetch and all that is known of it before.
pub(crate) struct WantedFile<'a> {
    pub(crate) url: &'a Url,
    pub(crate) expected: &'a Expectation,
    pub(crate) checks: &'a Checks,
    /// Whether the server's validators mean anything.
    pub(crate) has_validators: bool,
    pub(crate) limit_bytes: u64,
    pub(crate) version: Option<&'a str>,
}

/// What the publisher or the catalogue says of a file's bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Checks {
    pub(crate) bytes: Option<u64>,
    pub(crate) sha256: Option<String>,
    pub(crate) md5: Option<String>,
}

/// What came of a download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Download {
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
    pub(crate) how: How,
    pub(crate) notes: Vec<String>,
}

/// How a file came to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Whole,
    Resumed,
    Unchanged,
}

/// What one attempt brought.
enum TransferEnd {
    /// The part holds everything that was sent.
    Complete { is_length_known: bool },
    /// The server says that the file at hand is still the newest.
    Unchanged,
    /// A pointer came in place of the file.
    Pointer(LfsPointer),
}

/// Fetches a file into its place.
pub(crate) fn download(
    server: &Server<'_>,
    wanted: &WantedFile<'_>,
    place: &FilePlace,
    progress: &dyn Progress,
) -> Result<Download> {
    let _lock = place.lock()?;
    let before = finished_before(place);
    if let Some(receipt) = before.as_ref().filter(|before| is_what_is_wanted(before, wanted.checks))
    {
        return Ok(unchanged(receipt));
    }
    match transfer(server, wanted, place, before.as_ref(), progress) {
        Err(TransferError::Pointer(pointer)) => {
            let (url, checks) = behind_pointer(server, wanted, &pointer)?;
            let wanted = WantedFile { url: &url, checks: &checks, ..*wanted };
            match transfer(server, &wanted, place, before.as_ref(), progress) {
                Err(TransferError::Pointer(_)) => Err(pointer_error(server, &wanted)),
                Err(TransferError::Other(error)) => Err(error),
                Ok(done) => Ok(done),
            }
        }
        Err(TransferError::Other(error)) => Err(error),
        Ok(done) => Ok(done),
    }
}

/// Why a transfer ended without a file.
enum TransferError {
    Pointer(LfsPointer),
    Other(Error),
}

impl From<Error> for TransferError {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// Brings a file in over as many attempts as it takes, and holds it against its checks.
///
/// A file that was put together from parts and fails its checks is fetched once more as a whole: the
/// server may have joined parts of two versions in spite of `If-Range`.
fn transfer(
    server: &Server<'_>,
    wanted: &WantedFile<'_>,
    place: &FilePlace,
    before: Option<&Receipt>,
    progress: &dyn Progress,
) -> core::result::Result<Download, TransferError> {
    let mut is_second = false;
    loop {
        let mut transfer = Transfer { server, wanted, place, before, progress, was_resumed: false };
        let outcome = server.until_done(wanted.url, || transfer.attempt())?;
        let was_resumed = transfer.was_resumed;
        let is_length_known = match outcome {
            TransferEnd::Pointer(pointer) => return Err(TransferError::Pointer(pointer)),
            TransferEnd::Unchanged => {
                let receipt = before.cloned().unwrap_or_default();
                return Ok(unchanged(&receipt));
            }
            TransferEnd::Complete { is_length_known } => is_length_known,
        };
        match verified(server, wanted, place, is_length_known) {
            Ok((sums, notes)) => {
                return Ok(published(wanted, place, before, sums, notes, was_resumed)?);
            }
            Err(error) => {
                place.discard();
                // Parts of two versions may have met; the whole file, once, decides.
                if !was_resumed || is_second {
                    return Err(error.into());
                }
                is_second = true;
            }
        }
    }
}

/// The receipt of a file that is there, as it was fetched.
fn finished_before(place: &FilePlace) -> Option<Receipt> {
    let receipt: Receipt = read_toml(&place.receipt())?;
    let now = sums(&place.file()).ok()?;
    (now.sha256 == receipt.sha256).then_some(receipt)
}

/// Whether a file is known to be the one that is wanted, without asking anybody.
fn is_what_is_wanted(receipt: &Receipt, checks: &Checks) -> bool {
    checks.sha256.as_ref().is_some_and(|sha256| sha256.eq_ignore_ascii_case(&receipt.sha256))
}

fn unchanged(receipt: &Receipt) -> Download {
    Download {
        bytes: receipt.bytes,
        sha256: receipt.sha256.clone(),
        how: How::Unchanged,
        notes: Vec::new(),
    }
}

/// Where the file behind a pointer is, and what it must be.
fn behind_pointer(
    server: &Server<'_>,
    wanted: &WantedFile<'_>,
    pointer: &LfsPointer,
) -> Result<(Url, Checks)> {
    let rule = server.publisher.large_files.as_ref();
    let moved = rule.and_then(|rule| {
        let rest = wanted.url.as_str().strip_prefix(&rule.from)?;
        Url::parse(&format!("{}{rest}", rule.to)).ok()
    });
    let url = moved.ok_or_else(|| pointer_error(server, wanted))?;
    let checks =
        Checks { bytes: Some(pointer.bytes), sha256: Some(pointer.sha256.clone()), md5: None };
    Ok((url, checks))
}

fn pointer_error(server: &Server<'_>, wanted: &WantedFile<'_>) -> Error {
    server.content(wanted.url, "a pointer of Git LFS".to_owned(), wanted.expected)
}

/// Holds a complete part against what is known and expected of it.
fn verified(
    server: &Server<'_>,
    wanted: &WantedFile<'_>,
    place: &FilePlace,
    is_length_known: bool,
) -> Result<(FileSums, Vec<String>)> {
    let part = place.part();
    let found = sums(&part).map_err(|e| Error::file("read", &part, e))?;
    let checks = wanted.checks;
    let wrong = |kind: &'static str, found: &str, expected: &str| Error::Checksum {
        address: server.shown(wanted.url),
        kind,
        found: found.to_owned(),
        expected: expected.to_owned(),
    };
    if let Some(bytes) = checks.bytes.filter(|&bytes| bytes != found.bytes) {
        return Err(wrong("size in bytes", &found.bytes.to_string(), &bytes.to_string()));
    }
    for (kind, stated, found) in
        [("SHA-256", &checks.sha256, &found.sha256), ("MD5", &checks.md5, &found.md5)]
    {
        if let Some(stated) = stated.as_ref().filter(|stated| !stated.eq_ignore_ascii_case(found)) {
            return Err(wrong(kind, found, stated));
        }
    }
    let looked = look_at_file(&part, wanted.expected, is_length_known);
    let notes = looked.map_err(|e| Error::file("read", &part, e))?;
    notes
        .map(|notes| (found, notes))
        .map_err(|found| server.content(wanted.url, found, wanted.expected))
}

/// Puts a verified part in place and writes its receipt.
fn published(
    wanted: &WantedFile<'_>,
    place: &FilePlace,
    before: Option<&Receipt>,
    sums: FileSums,
    mut notes: Vec<String>,
    was_resumed: bool,
) -> Result<Download> {
    let state: PartState = read_toml(&place.state()).unwrap_or_default();
    let is_same = before.is_some_and(|before| before.sha256 == sums.sha256);
    let is_same_version = before.is_some_and(|before| before.version.as_deref() == wanted.version);
    if is_same_version && !is_same && wanted.version.is_some() {
        notes.push("the publisher changed the file under the same version".to_owned());
    }
    let receipt = Receipt {
        address: state.address,
        version: wanted.version.map(str::to_owned),
        etag: state.etag,
        last_modified: state.last_modified,
        bytes: sums.bytes,
        sha256: sums.sha256.clone(),
    };
    // Before the rename: with the part still there a kill in between costs a question, after it the file.
    write_toml(&place.receipt(), &receipt)?;
    place.publish()?;
    let how = match (is_same, was_resumed) {
        (true, _) => How::Unchanged,
        (false, true) => How::Resumed,
        (false, false) => How::Whole,
    };
    Ok(Download { bytes: sums.bytes, sha256: sums.sha256, how, notes })
}

/// One file on its way, over as many attempts as it takes.
struct Transfer<'a> {
    server: &'a Server<'a>,
    wanted: &'a WantedFile<'a>,
    place: &'a FilePlace,
    before: Option<&'a Receipt>,
    progress: &'a dyn Progress,
    was_resumed: bool,
}

/// What the part holds when an attempt begins.
struct OpenPart {
    file: File,
    state: PartState,
}

impl Transfer<'_> {
    /// One attempt; what the disk refuses ends them all.
    fn attempt(&mut self) -> Attempt<TransferEnd> {
        match self.try_once() {
            Ok(attempt) => attempt,
            Err(error) => Attempt::Failed(error),
        }
    }

    /// Asks once, and takes what the status promises.
    fn try_once(&mut self) -> Result<Attempt<TransferEnd>> {
        let mut part = self.open_part()?;
        let headers = self.headers(&part.state);
        let is_conditional = headers
            .iter()
            .any(|(name, _)| name.starts_with("if-none") || name.starts_with("if-modified"));
        let answer = match self.server.client.get(&self.server.request(self.wanted.url, &headers)) {
            Ok(answer) => answer,
            Err(failure) => return Ok(failure.into()),
        };
        match answer.status {
            304 if part.state.is_complete() => {
                self.was_resumed = true;
                Ok(Attempt::Done(TransferEnd::Complete { is_length_known: true }))
            }
            304 if is_conditional => {
                self.place.discard();
                Ok(Attempt::Done(TransferEnd::Unchanged))
            }
            200 => {
                self.restart(&mut part, &answer)?;
                self.receive(part, answer)
            }
            206 if part.state.flushed_bytes > 0 => match continues(&part.state, &answer) {
                true => self.receive(part, answer),
                false => self.start_over("another part came than was asked for"),
            },
            412 | 416 if part.state.flushed_bytes > 0 => {
                self.start_over("the server does not know the part that is there")
            }
            _ => Ok(self.server.refused(self.wanted.url, answer)),
        }
    }

    /// Opens the part at what is known to be on the disk; a part of something else is emptied.
    fn open_part(&self) -> Result<OpenPart> {
        let path = self.place.part();
        let file =
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path);
        let mut file = file.map_err(|e| Error::file("open", &path, e))?;
        let length = file.metadata().map_err(|e| Error::file("read", &path, e))?.len();
        let address = self.server.shown(self.wanted.url);
        let known: Option<PartState> = read_toml(&self.place.state());
        let usable = known.filter(|state| {
            let has_validator = state.strong_etag().is_some() || state.last_modified.is_some();
            state.address == address && state.flushed_bytes <= length && has_validator
        });
        let usable = usable.filter(|_| self.wanted.has_validators);
        let state = usable.unwrap_or_else(|| PartState { address, ..PartState::default() });
        cut(&mut file, state.flushed_bytes).map_err(|e| Error::file("write", &path, e))?;
        Ok(OpenPart { file, state })
    }

    /// What an attempt asks: the rest of a part, whether the file at hand or a part that came whole changed, or
    /// all of it.
    fn headers(&self, state: &PartState) -> Vec<(&'static str, String)> {
        if state.is_complete() {
            return condition(state.strong_etag(), state.last_modified.as_deref());
        }
        if state.flushed_bytes > 0 {
            let validator = state.strong_etag().or(state.last_modified.as_deref());
            let range = format!("bytes={}-", state.flushed_bytes);
            return vec![("range", range), ("if-range", validator.unwrap_or_default().to_owned())];
        }
        let Some(before) = self.before.filter(|_| self.wanted.has_validators) else {
            return Vec::new();
        };
        condition(before.etag.as_deref(), before.last_modified.as_deref())
    }

    /// Empties the part, because the whole file is coming.
    fn restart(&self, part: &mut OpenPart, answer: &Answer) -> Result<()> {
        let path = self.place.part();
        cut(&mut part.file, 0).map_err(|e| Error::file("write", &path, e))?;
        part.state = PartState {
            address: self.server.shown(self.wanted.url),
            etag: answer.header("etag").map(str::to_owned),
            last_modified: answer.header("last-modified").map(str::to_owned),
            total_bytes: answer.length(),
            ..PartState::default()
        };
        write_toml(&self.place.state(), &part.state)
    }

    /// Throws the part away, and asks again for the whole.
    fn start_over(&self, reason: &str) -> Result<Attempt<TransferEnd>> {
        self.place.discard();
        Ok(Attempt::Again(self.again(reason.to_owned(), false)))
    }

    fn again(&self, reason: String, has_progressed: bool) -> Again {
        let error = Error::Connection { address: String::new(), attempts: 0, reason };
        Again { error, wait: None, is_too_fast: false, has_progressed }
    }

    /// The error for a file beyond its bound, of which nothing is kept.
    fn too_large(&self) -> Error {
        self.place.discard();
        let address = self.server.shown(self.wanted.url);
        Error::TooLarge { address, limit_bytes: self.wanted.limit_bytes }
    }

    /// Writes what comes behind what is there.
    fn receive(&mut self, mut part: OpenPart, answer: Answer) -> Result<Attempt<TransferEnd>> {
        let encoding = answer.header("content-encoding").unwrap_or("identity");
        if !encoding.eq_ignore_ascii_case("identity") {
            let found = format!("an answer packed as {encoding:?}, which was not asked for");
            return Err(self.server.content(self.wanted.url, found, self.wanted.expected));
        }
        if part.state.total_bytes.is_some_and(|total| total > self.wanted.limit_bytes) {
            return Err(self.too_large());
        }
        let before_bytes = part.state.flushed_bytes;
        let mut body = answer.body;
        let mut start = Vec::new();
        if before_bytes == 0 {
            let mut first = body.by_ref().take(START_BYTES as u64);
            let error = first.read_to_end(&mut start).err();
            match look_at_start(&start, self.wanted.expected) {
                Start::Pointer(pointer) => {
                    self.place.discard();
                    return Ok(Attempt::Done(TransferEnd::Pointer(pointer)));
                }
                Start::Strange(found) if error.is_none() => {
                    self.place.discard();
                    return Err(self.server.content(self.wanted.url, found, self.wanted.expected));
                }
                _ => {}
            }
            self.append(&mut part, &start)?;
            if let Some(error) = error {
                return self.interrupted(part, &error.to_string(), before_bytes);
            }
        } else {
            self.was_resumed = true;
        }
        if let Err(reason) = self.copy(&mut part, &mut body)? {
            return self.interrupted(part, &reason, before_bytes);
        }
        self.flush(&mut part)?;
        let is_whole = |total| part.state.flushed_bytes == total;
        match part.state.total_bytes {
            Some(total) if !is_whole(total) => {
                self.interrupted(part, "the connection was cut", before_bytes)
            }
            total => Ok(Attempt::Done(TransferEnd::Complete { is_length_known: total.is_some() })),
        }
    }

    /// Copies the rest of a body; the inner error is the server's, the outer one the disk's.
    fn copy(
        &self,
        part: &mut OpenPart,
        body: &mut dyn Read,
    ) -> Result<core::result::Result<(), String>> {
        let mut buffer = vec![0; 1 << 16];
        let (mut written, mut flushed_at) = (0, self.server.clock.now());
        loop {
            let count = match body.read(&mut buffer) {
                Ok(0) => return Ok(Ok(())),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Ok(Err(error.to_string())),
            };
            self.append(part, &buffer[..count])?;
            written += count as u64;
            let now = self.server.clock.now();
            let is_old = (now - flushed_at).num_milliseconds().abs() >= FLUSH_MILLISECONDS;
            let [least, most] = FLUSH_BYTES;
            if is_old || written >= (part.state.flushed_bytes / 4).clamp(least, most) {
                self.flush(part)?;
                (written, flushed_at) = (0, now);
            }
        }
    }

    /// Adds bytes to the part, up to the bound: what a server states beforehand is not relied on.
    fn append(&self, part: &mut OpenPart, bytes: &[u8]) -> Result<()> {
        let path = self.place.part();
        part.file.write_all(bytes).map_err(|e| Error::file("write", &path, e))?;
        let length = part.file.stream_position().map_err(|e| Error::file("write", &path, e))?;
        if length > self.wanted.limit_bytes {
            return Err(self.too_large());
        }
        let kibibytes = |bytes: u64| usize::try_from(bytes >> 10).unwrap_or(usize::MAX);
        if let Some(total) = part.state.total_bytes {
            self.progress.advance(kibibytes(length), kibibytes(total));
        }
        Ok(())
    }

    /// Brings what came onto the disk, then says so in the state: never the other way round.
    fn flush(&self, part: &mut OpenPart) -> Result<()> {
        let path = self.place.part();
        part.file.sync_data().map_err(|e| Error::file("flush", &path, e))?;
        let length = part.file.stream_position().map_err(|e| Error::file("flush", &path, e))?;
        part.state.flushed_bytes = length;
        write_toml(&self.place.state(), &part.state)
    }

    /// Saves what came before a cut, and says whether that was anything.
    fn interrupted(
        &self,
        mut part: OpenPart,
        reason: &str,
        before_bytes: u64,
    ) -> Result<Attempt<TransferEnd>> {
        self.flush(&mut part)?;
        let has_progressed = part.state.flushed_bytes > before_bytes;
        let reason = crate::secret::redacted(self.server.secret, reason);
        Ok(Attempt::Again(self.again(reason, has_progressed)))
    }
}

/// Asks for a file only if it is another one than that with these validators.
fn condition(etag: Option<&str>, last_modified: Option<&str>) -> Vec<(&'static str, String)> {
    match (etag, last_modified) {
        (Some(etag), _) => vec![("if-none-match", etag.to_owned())],
        (None, Some(day)) => vec![("if-modified-since", day.to_owned())],
        (None, None) => Vec::new(),
    }
}

impl PartState {
    /// Whether everything came, and only the checks and the name are missing.
    fn is_complete(&self) -> bool {
        self.flushed_bytes > 0 && self.total_bytes == Some(self.flushed_bytes)
    }

    /// The entity tag, where it stands for bytes and not for meaning (RFC 9110, 8.8.1).
    fn strong_etag(&self) -> Option<&str> {
        self.etag.as_deref().filter(|etag| !etag.starts_with("W/"))
    }
}

/// Cuts a file to its first bytes and goes to its end.
fn cut(file: &mut File, bytes: u64) -> io::Result<()> {
    file.set_len(bytes)?;
    file.seek(SeekFrom::Start(bytes)).map(drop)
}

/// Whether a partial answer begins where the part ends, of a file of the same size.
fn continues(state: &PartState, answer: &Answer) -> bool {
    let Some((range, total)) = answer.header("content-range").and_then(content_range) else {
        return false;
    };
    let is_same_size =
        state.total_bytes.is_none_or(|known| total.is_none_or(|total| total == known));
    range == state.flushed_bytes && is_same_size
}

/// First byte and size of the whole from `bytes 10-99/100`, where the size may be `*`.
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let first = range.split_once('-')?.0.trim().parse().ok()?;
    Some((first, total.trim().parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_says_where_it_begins_and_how_long_the_whole_is() {
        assert_eq!(content_range("bytes 10-99/100"), Some((10, Some(100))));
        assert_eq!(content_range("bytes 10-99/*"), Some((10, None)));
        for nonsense in ["", "bytes */100", "items 1-2/3", "bytes x-2/3"] {
            assert_eq!(content_range(nonsense), None, "{nonsense}");
        }
    }
}
