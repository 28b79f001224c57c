//! One record after another out of bytes, as `csv-core` sees them.

use csv_core::{ReadRecordResult, Reader};

/// What was found at a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scan {
    /// A record; its fields are in the scanner.
    Record {
        /// How many bytes it takes, its line end included.
        length: usize,
        /// Where the next record begins, blank lines skipped.
        next: usize,
        /// Whether the bytes ended inside a quotation.
        open: bool,
    },
    /// The bytes end inside a record, and more are to come.
    Incomplete,
    /// Nothing but blank lines.
    End,
}

/// A record scanner with its own buffers.
pub(super) struct Scanner {
    core: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    fields: usize,
}

impl Scanner {
    pub(super) fn new() -> Self {
        let mut scanner =
            Self { core: Reader::new(), text: vec![0; 1 << 14], ends: vec![0; 64], fields: 0 };
        scanner.restart();
        scanner
    }

    /// Back to the start of a record. A first blank line keeps the parser from taking a byte
    /// order mark in the middle of a file for one at its beginning.
    fn restart(&mut self) {
        self.core.reset();
        let _ = self.core.read_record(b"\n", &mut self.text, &mut self.ends);
    }

    /// Reads the record at `at`. `last` says that no bytes follow `data`.
    pub(super) fn next(&mut self, data: &[u8], at: usize, last: bool) -> Scan {
        let (mut written, mut open) = (0, false);
        let (mut input, mut read) = (&data[at..], at);
        let mut closing = [&b"\n"[..], &b""[..]].into_iter();
        self.fields = 0;
        loop {
            let (result, used, wrote, ended) = self.core.read_record(
                input,
                &mut self.text[written..],
                &mut self.ends[self.fields..],
            );
            input = &input[used..];
            read += used;
            written += wrote;
            self.fields += ended;
            match result {
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => {
                    let end = read.min(data.len());
                    let next = skip_line_ends(data, end);
                    return Scan::Record { length: end - at, next, open };
                }
                ReadRecordResult::End => return Scan::End,
                ReadRecordResult::InputEmpty if !last => {
                    self.restart();
                    return Scan::Incomplete;
                }
                ReadRecordResult::InputEmpty => {
                    // A line end closes any record but one inside a quotation; what needs the
                    // end of all input as well was left open.
                    let more = closing.next().unwrap_or_default();
                    open = more.is_empty();
                    input = more;
                }
            }
        }
    }

    /// How many fields the last record has.
    pub(super) const fn len(&self) -> usize {
        self.fields
    }

    /// A field of the last record, without its quotation marks and outer blanks.
    pub(super) fn field(&self, column: usize) -> &[u8] {
        let start = if column == 0 { 0 } else { self.ends[column - 1] };
        self.text[start..self.ends[column]].trim_ascii()
    }
}

/// The first position from `at` on that is not a line end.
pub(super) fn skip_line_ends(data: &[u8], at: usize) -> usize {
    let blank = data[at..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    at + blank
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(data: &str) -> Vec<(Vec<String>, bool)> {
        let (mut scanner, mut at, mut rows) = (Scanner::new(), 0, Vec::new());
        while let Scan::Record { next, open, .. } = scanner.next(data.as_bytes(), at, true) {
            let fields = (0..scanner.len())
                .map(|column| String::from_utf8_lossy(scanner.field(column)).into_owned());
            rows.push((fields.collect(), open));
            at = next;
        }
        rows
    }

    #[test]
    fn a_quotation_left_open_is_told_from_a_missing_last_line_end() {
        assert_eq!(all("a,b"), [(vec!["a".into(), "b".into()], false)]);
        assert_eq!(all("a,\"b"), [(vec!["a".into(), "b".into()], true)]);
        assert_eq!(all("a,\"b\""), [(vec!["a".into(), "b".into()], false)]);
        assert!(all("\n\r\n").is_empty());
    }

    #[test]
    fn a_record_cut_by_the_end_of_the_bytes_is_read_again_in_full() {
        let mut scanner = Scanner::new();
        assert_eq!(scanner.next(b"a,\"b\nc", 0, false), Scan::Incomplete);
        assert_eq!(
            scanner.next(b"a,\"b\nc\"\nd", 0, false),
            Scan::Record { length: 8, next: 8, open: false }
        );
        assert_eq!((scanner.len(), scanner.field(1)), (2, &b"b\nc"[..]));
    }
}
