//! Bytes in blocks, blocks in stretches read side by side, stretches checked and put in order.
//!
//! Where a record begins cannot be known in the middle of a file: a line end may stand inside a
//! quotation. So a stretch begins where a record seems to begin, and after reading, every stretch
//! whose beginning is not the end of the one before it is read again from the right place. The
//! result is therefore that of a sequential reading, whatever the bytes.

use std::io::Read;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use sanad_core::diagnostic::{Diagnostic, Issue};

use super::header::HeaderColumns;
use super::merge::Whole;
use super::parts::{EventPart, Foreknowledge, PART_ROWS, PartTotals};
use super::rows::{Stretch, StretchRows};
use super::scan::{Scan, Scanner, skip_line_ends};
use super::{Ged, Options, separated};
use crate::error::{Error, Result};
use crate::form;

/// How the bytes are cut up. No part of a result depends on it.
#[derive(Debug, Clone, Copy)]
pub(super) struct StretchLayout {
    /// Bytes read at a time.
    pub(super) block_bytes: usize,
    /// Bytes read by one task.
    pub(super) stretch_bytes: usize,
    /// The longest record; longer ones are an error.
    pub(super) row_limit_bytes: usize,
    /// Events and remarks after which a part is handed on, where a block ends.
    pub(super) part_rows: usize,
}

impl Default for StretchLayout {
    fn default() -> Self {
        Self {
            block_bytes: 8 << 20,
            stretch_bytes: 1 << 20,
            row_limit_bytes: 16 << 20,
            part_rows: PART_ROWS,
        }
    }
}

/// What a file of this format is, for messages.
const EXPECTED: &str = "a UCDP GED table as comma-separated text in UTF-8";

/// The widest table that can be meant.
const COLUMNS_LIMIT: usize = 4096;

/// Bytes of an input, with room in front for what the block before left over.
struct ByteBlock {
    bytes: Vec<u8>,
    start: usize,
    last: bool,
}

/// Room for what a block leaves over; more is copied.
const ROOM_BYTES: usize = 1 << 16;

impl ByteBlock {
    /// A block without bytes.
    const fn empty() -> Self {
        Self { bytes: Vec::new(), start: 0, last: false }
    }

    /// The bytes read.
    fn data(&self) -> &[u8] {
        &self.bytes
    }

    /// Replaces the content by the next bytes of `input`.
    fn fill(&mut self, input: &mut impl Read, block_bytes: usize, total: &mut u64) -> Result<()> {
        self.bytes.clear();
        self.bytes.resize(ROOM_BYTES, 0);
        self.start = ROOM_BYTES;
        let outcome = input.take(block_bytes as u64).read_to_end(&mut self.bytes);
        let count = self.bytes.len() - ROOM_BYTES;
        *total += count as u64;
        self.last = count < block_bytes;
        outcome.map(|_| ()).map_err(|cause| Error::Read { read_bytes: *total, cause })
    }

    /// Puts `left` in front.
    fn prepend(&mut self, left: &[u8]) {
        if left.len() > self.start {
            let missing = left.len() - self.start;
            self.bytes.splice(..0, core::iter::repeat_n(0, missing));
            self.start += missing;
        }
        let end = self.start;
        self.start -= left.len();
        self.bytes[self.start..end].copy_from_slice(left);
    }
}

/// Reads everything.
pub(super) fn read(input: impl Read, options: &Options, layout: StretchLayout) -> Result<Ged> {
    walk(input, layout, &mut |_| Ok::<(), Error>(()))?.finish(options.release())
}

/// Reads everything and hands it on in parts.
pub(super) fn read_parts<E: From<Error>>(
    input: impl Read,
    options: &Options,
    layout: StretchLayout,
    known: &mut Foreknowledge,
    mut each: impl FnMut(EventPart) -> core::result::Result<(), E>,
) -> core::result::Result<Option<PartTotals>, E> {
    known.restart();
    let mut whole = walk(input, layout, &mut |whole| match whole.held() >= layout.part_rows {
        true => whole.take_part(known).map_or(Ok(()), &mut each),
        false => Ok(()),
    })?;
    whole.take_part(known).map_or(Ok(()), each)?;
    Ok(whole.totals(known, options.release())?)
}

/// Reads everything; `after_block` may take what was read so far.
pub(super) fn walk<E: From<Error>>(
    mut input: impl Read,
    layout: StretchLayout,
    after_block: &mut dyn FnMut(&mut Whole) -> core::result::Result<(), E>,
) -> core::result::Result<Whole, E> {
    let mut beginning = Beginning::read(&mut input, layout)?;
    let head = match beginning.head.take() {
        Some(head) => *head,
        None => {
            let table = read_whole(&beginning.block, input, beginning.read_bytes)?;
            let commas = separated::with_commas(&table, EXPECTED)?;
            return walk(commas.as_slice(), layout, after_block);
        }
    };
    let Beginning { mut block, read_bytes: mut total, .. } = beginning;
    block.start = head.stop;
    let mut whole = Whole::new(head.first_row, head.diagnostics);
    let mut next = ByteBlock::empty();
    loop {
        let mut parts = Vec::new();
        let last = block.last;
        // The pool reads one block while this thread fetches the next.
        let fetched = rayon::in_place_scope(|scope| {
            let (block, parts, columns) = (&block, &mut parts, &head.columns);
            scope.spawn(move |_| *parts = read_block(block, columns, layout));
            if last { Ok(()) } else { next.fill(&mut input, layout.block_bytes, &mut total) }
        });
        let stop = add_parts(&mut whole, parts, &block, &head.columns, layout)?;
        fetched?;
        after_block(&mut whole)?;
        if last {
            break;
        }
        next.prepend(&block.data()[stop..]);
        core::mem::swap(&mut block, &mut next);
    }
    if whole.next_row() == head.first_row {
        return Err(Error::HeaderOnly { columns: head.columns.width() }.into());
    }
    Ok(whole)
}

/// Refuses a file whose beginning is none of this format.
pub(super) fn check(mut input: impl Read, layout: StretchLayout) -> Result<()> {
    Beginning::read(&mut input, layout).map(drop)
}

/// The first bytes of a file, and what stands before its first row.
struct Beginning {
    block: ByteBlock,
    /// Bytes read so far.
    read_bytes: u64,
    /// Nothing where its fields are separated by other marks than commas.
    head: Option<Box<Head>>,
}

impl Beginning {
    fn read(input: &mut impl Read, layout: StretchLayout) -> Result<Self> {
        let mut read_bytes = 0;
        let mut block = ByteBlock::empty();
        block.fill(input, layout.block_bytes, &mut read_bytes)?;
        check_form(&block.data()[block.start..])?;
        loop {
            let head = match read_head(&block, layout)? {
                Top::Head(head) => Some(head),
                Top::Separated => None,
                Top::Cut => {
                    grow(&mut block, input, layout, &mut read_bytes)?;
                    continue;
                }
            };
            return Ok(Self { block, read_bytes, head });
        }
    }
}

/// Fetches more for a block whose first records do not fit in it.
fn grow(
    block: &mut ByteBlock,
    input: &mut impl Read,
    layout: StretchLayout,
    total: &mut u64,
) -> Result<()> {
    let mut next = ByteBlock::empty();
    next.fill(input, layout.block_bytes, total)?;
    next.prepend(&block.data()[block.start..]);
    *block = next;
    Ok(())
}

/// Refuses what is plainly another kind of file.
fn check_form(data: &[u8]) -> Result<()> {
    form::check_text(data, EXPECTED)?;
    if matches!(data.trim_ascii_start()[0], b'{' | b'[') {
        return Err(Error::Form {
            found: "JSON",
            expected: EXPECTED,
            advice: "download the CSV instead, or export the answers of the API as CSV",
        });
    }
    Ok(())
}

/// What the beginning of a file turned out to be.
enum Top {
    /// A header of columns that are known.
    Head(Box<Head>),
    /// Too little of it to tell.
    Cut,
    /// A header with another separator than the comma.
    Separated,
}

/// The largest table with another separator than the comma, which is taken into memory as a whole.
const SEPARATED_LIMIT_BYTES: u64 = 1 << 30;

/// All bytes of an input of which a block has been read.
fn read_whole(block: &ByteBlock, input: impl Read, read_bytes: u64) -> Result<Vec<u8>> {
    let mut table = block.data()[block.start..].to_vec();
    let mut rest = input.take(SEPARATED_LIMIT_BYTES);
    rest.read_to_end(&mut table).map_err(|cause| Error::Read { read_bytes, cause })?;
    if table.len() as u64 > SEPARATED_LIMIT_BYTES {
        return Err(Error::TooLarge { limit_bytes: SEPARATED_LIMIT_BYTES });
    }
    Ok(table)
}

/// What stands before the first row.
struct Head {
    columns: HeaderColumns,
    stop: usize,
    first_row: u64,
    diagnostics: Vec<Diagnostic>,
}

/// Reads header and rows of tags.
fn read_head(block: &ByteBlock, layout: StretchLayout) -> Result<Top> {
    let data = block.data();
    let mark = if data[block.start..].starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let start = skip_line_ends(data, block.start + mark);
    let mut scanner = Scanner::new();
    let too_long = |row, length| {
        (length > layout.row_limit_bytes)
            .then_some(Error::RowTooLong { row, limit_bytes: layout.row_limit_bytes })
            .map_or(Ok(()), Err)
    };
    let next = match scanner.next(data, start, block.last) {
        Scan::Record { length, next, .. } => too_long(1, length).map(|()| next)?,
        Scan::Incomplete => return too_long(1, data.len() - start).map(|()| Top::Cut),
        Scan::End => return Err(Error::Empty { expected: EXPECTED }),
    };
    if scanner.len() > COLUMNS_LIMIT {
        let found = "a table of thousands of columns";
        return Err(Error::Form { found, expected: EXPECTED, advice: "check its first row" });
    }
    let names = fields(&scanner);
    if is_row_of_official_layout(&names) {
        let columns = HeaderColumns::official();
        let diagnostics = vec![no_header(&names)];
        return Ok(Top::Head(Box::new(Head { columns, stop: start, first_row: 1, diagnostics })));
    }
    if has_other_separator(&names)? {
        return Ok(Top::Separated);
    }
    let columns = HeaderColumns::of_header(&names)?;
    let (mut stop, mut first_row) = (next, 2);
    loop {
        match scanner.next(data, stop, block.last) {
            Scan::Record { next, .. } if is_tag_row(&scanner) => {
                stop = next;
                first_row += 1;
            }
            Scan::Incomplete if data.len() - stop <= layout.row_limit_bytes => return Ok(Top::Cut),
            _ => break,
        }
    }
    let diagnostics = columns.diagnostics(1);
    Ok(Top::Head(Box::new(Head { columns, stop, first_row, diagnostics })))
}

/// The fields of the record scanned last.
fn fields(scanner: &Scanner) -> Vec<String> {
    (0..scanner.len())
        .map(|column| String::from_utf8_lossy(scanner.field(column)).into_owned())
        .collect()
}

/// Some monthly candidate files were published without a header row.
fn is_row_of_official_layout(names: &[String]) -> bool {
    names.len() == super::header::OFFICIAL_COLUMNS.len() && names[0].parse::<u32>().is_ok()
}

/// Notes that the file has no header and was read in the official order.
fn no_header(names: &[String]) -> Diagnostic {
    let expected = "a header row; the official order of the 49 columns was taken";
    Diagnostic::noted(1, "id", Issue::Missing, &names[0], expected)
}

/// Whether a header without a comma has what a spreadsheet puts in its place.
fn has_other_separator(names: &[String]) -> Result<bool> {
    let [only] = names else { return Ok(false) };
    match only.chars().find(|letter| matches!(letter, ';' | '\t' | '|')) {
        Some(';' | '\t') => Ok(true),
        Some(_) => Err(Error::Form {
            found: "a table with bars between its columns",
            expected: EXPECTED,
            advice: "save it with commas as separators",
        }),
        None => Ok(false),
    }
}

/// Whether a row holds HXL tags (`#event+id` and so on) and nothing else.
fn is_tag_row(scanner: &Scanner) -> bool {
    form::are_tags((0..scanner.len()).map(|at| scanner.field(at)))
}

/// Reads a block in stretches side by side.
fn read_block(
    block: &ByteBlock,
    columns: &HeaderColumns,
    layout: StretchLayout,
) -> Vec<StretchRows> {
    let data = block.data();
    let mut starts = vec![skip_line_ends(data, block.start)];
    let mut at = block.start + layout.stretch_bytes;
    while at < data.len() {
        if let Some(start) = likely_start(data, at, layout.stretch_bytes, columns) {
            starts.push(start);
            at = start;
        }
        at += layout.stretch_bytes;
    }
    let ends = starts.iter().skip(1).copied().chain([data.len()]);
    let stretches: Vec<Stretch<'_>> =
        starts.iter().zip(ends).map(|(start, end)| stretch(block, *start, end, layout)).collect();
    stretches.into_par_iter().map(|stretch| StretchRows::read(columns, stretch)).collect()
}

/// A part of a block for one thread.
fn stretch(block: &ByteBlock, start: usize, end: usize, layout: StretchLayout) -> Stretch<'_> {
    let row_limit_bytes = layout.row_limit_bytes;
    Stretch { data: block.data(), start, end, last: block.last, row_limit_bytes }
}

/// The first place from `from` on, within `span` bytes, where a record seems to begin: after a
/// line end, as many fields as the header, the first of the needed ones a number.
fn likely_start(data: &[u8], from: usize, span: usize, columns: &HeaderColumns) -> Option<usize> {
    /// Line ends tried for the start of a record.
    const TRIES: usize = 64;
    /// Bytes that a try may look at.
    const LOOK_BYTES: usize = 1 << 16;
    let window = &data[from..data.len().min(from + span)];
    let mut scanner = Scanner::new();
    memchr::memchr_iter(b'\n', window).map(|at| skip_line_ends(data, from + at)).take(TRIES).find(
        |start| {
            let look = &data[..data.len().min(start + LOOK_BYTES)];
            *start < data.len()
                && matches!(scanner.next(look, *start, false), Scan::Record { .. })
                && scanner.len() == columns.width()
                && columns
                    .position(super::header::Field::Id)
                    .and_then(|column| scanner.field(column).first())
                    .is_some_and(u8::is_ascii_digit)
        },
    )
}

/// Adds the parts that begin where the one before ended, and reads the others again. Returns
/// where the first record that is not yet read begins.
fn add_parts(
    whole: &mut Whole,
    parts: Vec<StretchRows>,
    block: &ByteBlock,
    columns: &HeaderColumns,
    layout: StretchLayout,
) -> Result<usize> {
    let too_long = |row| Error::RowTooLong { row, limit_bytes: layout.row_limit_bytes };
    let end = block.data().len();
    let ends: Vec<usize> = parts.iter().skip(1).map(|part| part.start).chain([end]).collect();
    let mut at = skip_line_ends(block.data(), block.start);
    for (mut part, end) in parts.into_iter().zip(ends) {
        if part.start != at {
            if at >= end {
                continue;
            }
            part = StretchRows::read(columns, stretch(block, at, end, layout));
        }
        at = part.stop;
        let (row, cut) = (part.too_long, part.cut);
        let first = whole.next_row();
        whole.add(part);
        if let Some(row) = row {
            return Err(too_long(first + row));
        }
        if cut {
            break;
        }
    }
    if end - at > layout.row_limit_bytes {
        return Err(too_long(whole.next_row()));
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use sanad_core::event::Events;

    use super::super::header::OFFICIAL_COLUMNS;
    use super::*;

    const WHOLE: StretchLayout = StretchLayout {
        block_bytes: 1 << 16,
        stretch_bytes: 1 << 16,
        row_limit_bytes: 600,
        part_rows: 1 << 16,
    };

    /// A table whose texts hold what makes tables hard: quoted commas, line ends and quotation
    /// marks, some of them stray.
    fn table() -> impl Strategy<Value = String> {
        let text = prop_oneof![
            4 => Just("plain".to_owned()),
            1 => Just("\"one, two\"".to_owned()),
            1 => Just("\"first\nsecond\r\n\nthird\"".to_owned()),
            1 => Just("\"said \"\"no\"\"\"".to_owned()),
            1 => Just("a \"stray\" mark".to_owned()),
            1 => Just("\"7,1\n8,1\n\"".to_owned()),
            // A whole row inside a quotation: the likeliest wrong beginning.
            1 => Just(format!("\"see\n{}\nend\"", ["1"; OFFICIAL_COLUMNS.len()].join(","))),
            1 => Just("\"closed\" then on".to_owned()),
            1 => Just("é ü \u{feff}".to_owned()),
            1 => Just(String::new()),
        ];
        let row = (0_u32..40, text.clone(), text.clone(), text, 0_i32..9, 0_usize..12);
        let line_end = prop_oneof![Just("\n"), Just("\r\n"), Just("\n\n")];
        (prop::collection::vec(row, 1..30), line_end).prop_map(|(rows, line_end)| {
            let rows = rows.into_iter().map(|(id, first, second, third, best, odd)| {
                let mut row: Vec<String> = OFFICIAL_COLUMNS
                    .iter()
                    .map(|column| match *column {
                        "id" => id.to_string(),
                        "source_article" => first.clone(),
                        "side_b" => second.clone(),
                        "adm_2" => third.clone(),
                        "date_start" | "date_end" => "2020-02-03".to_owned(),
                        "best" | "deaths_b" => best.to_string(),
                        "latitude" | "longitude" => "1.5".to_owned(),
                        _ => "1".to_owned(),
                    })
                    .collect();
                if odd == 0 {
                    row.truncate(7);
                }
                row.join(",")
            });
            let header = OFFICIAL_COLUMNS.join(",");
            core::iter::once(header).chain(rows).collect::<Vec<_>>().join(line_end)
        })
    }

    fn described(bytes: &[u8], layout: StretchLayout) -> String {
        match read(bytes, &Options::default(), layout) {
            Ok(ged) => format!("{ged:#?}"),
            Err(error) => error.to_string(),
        }
    }

    fn layout() -> impl Strategy<Value = StretchLayout> {
        (64_usize..2000, 8_usize..500, 1_usize..9).prop_map(
            |(block_bytes, stretch_bytes, part_rows)| StretchLayout {
                block_bytes,
                stretch_bytes,
                part_rows,
                ..WHOLE
            },
        )
    }

    /// Events of parts as those of one file: texts by what they say, because codes are each part's own.
    fn plainly(events: &Events) -> Vec<String> {
        let texts = [&events.side_a, &events.side_b, &events.country, &events.adm1, &events.adm2];
        let text = |at: usize| texts.map(|words| words.get(at).to_owned());
        (0..events.len())
            .map(|at| {
                let days = (events.start_day[at], events.end_day[at]);
                let numbers = (events.id[at], events.row[at], days, events.deaths_best[at]);
                format!("{numbers:?} {} {:?}", events.latitude[at], text(at))
            })
            .collect()
    }

    /// A file read as a whole.
    fn whole(bytes: &[u8]) -> String {
        match read(bytes, &Options::default(), WHOLE) {
            Ok(ged) => {
                let sums = (ged.rows_read, ged.deaths_in, ged.deaths_kept, &ged.coverage);
                format!("{:#?} {:#?} {sums:?}", plainly(&ged.events), ged.diagnostics)
            }
            Err(error) => error.to_string(),
        }
    }

    /// The same file read in parts, again and again with what was learnt, as a caller does.
    fn in_parts(bytes: &[u8], layout: StretchLayout) -> String {
        let mut known = Foreknowledge::default();
        for _ in 0..3 {
            let (mut events, mut diagnostics, mut ids) = (Vec::new(), Vec::new(), Vec::new());
            let each = |part: EventPart| {
                ids.extend(&part.events.id);
                events.extend(plainly(&part.events));
                diagnostics.extend(part.diagnostics);
                Ok::<(), Error>(())
            };
            let totals = match read_parts(bytes, &Options::default(), layout, &mut known, each) {
                Ok(Some(totals)) => totals,
                Ok(None) => continue,
                Err(error) => return error.to_string(),
            };
            ids.sort_unstable();
            let repeated = ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
            let repeated: Vec<i64> = repeated.collect();
            if !repeated.is_empty() && !known.has_repeated() {
                known.set_repeated(repeated);
                continue;
            }
            assert_eq!(totals.records_kept, events.len() as u64);
            let sums = (totals.rows_read, totals.deaths_in, totals.deaths_kept, &totals.coverage);
            return format!("{events:#?} {diagnostics:#?} {sums:?}");
        }
        "read three times, and not done".to_owned()
    }

    proptest! {
        #[test]
        fn stretches_side_by_side_give_what_one_after_the_other_gives(
            text in table(),
            layout in layout(),
        ) {
            prop_assert_eq!(described(text.as_bytes(), layout), described(text.as_bytes(), WHOLE));
        }

        #[test]
        fn damaged_bytes_are_read_the_same_in_any_cut_and_never_panic(
            text in table(),
            layout in layout(),
            damage in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![
                Just(b'"'), Just(b'\n'), Just(b'\r'), Just(b','), any::<u8>()
            ]), 0..8),
            end in any::<prop::sample::Index>(),
            cut in any::<bool>(),
        ) {
            // The header stays, so that rows are read at all; it is damaged elsewhere.
            let head = OFFICIAL_COLUMNS.join(",").len() + 1;
            let mut bytes = text.into_bytes();
            if bytes.len() > head {
                let tail = bytes.len() - head;
                for (at, byte) in damage {
                    bytes[head + at.index(tail)] = byte;
                }
                if cut {
                    bytes.truncate(head + end.index(tail));
                }
            }
            prop_assert_eq!(described(&bytes, layout), described(&bytes, WHOLE));
        }

        #[test]
        fn parts_together_are_what_reading_as_a_whole_gives(
            text in table(),
            layout in layout(),
            days in prop::sample::select(vec!["", "2/13/2020", "3/2/2020", "13/2/2020"]),
        ) {
            // Some of the days as a spreadsheet saves them, which only the whole column settles.
            let text = match days {
                "" => text,
                days => text.replacen("2020-02-03", days, 5),
            };
            prop_assert_eq!(in_parts(text.as_bytes(), layout), whole(text.as_bytes()));
        }

        #[test]
        fn bytes_of_no_table_are_an_error_and_never_a_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..400),
        ) {
            prop_assert!(read(&bytes[..], &Options::default(), WHOLE).is_err());
        }
    }

    #[test]
    fn a_record_longer_than_the_limit_is_an_error_however_the_bytes_are_cut() {
        let row = |text: &str| {
            let mut row = vec!["1"; OFFICIAL_COLUMNS.len()];
            row[19] = text;
            row.join(",")
        };
        let text = [OFFICIAL_COLUMNS.join(","), row("x"), row(&"y".repeat(900))].join("\n");
        for (block_bytes, stretch_bytes) in [(64, 16), (500, 100), (1 << 20, 1 << 20)] {
            let layout = StretchLayout { block_bytes, stretch_bytes, ..WHOLE };
            let error = read(text.as_bytes(), &Options::default(), layout).unwrap_err();
            assert!(error.is_limit());
            assert!(error.to_string().starts_with("row 3 is longer than 600 bytes"), "{error}");
        }
    }
}
