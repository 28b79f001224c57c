//! Files that a partner took down on paper, as CSV: read whole, and kept whole or not at all.
//!
//! The first row names the columns, in any order, each once:
//!
//! | column | what |
//! | --- | --- |
//! | `channel` | the id of an open channel |
//! | `district` | the id of a district of that channel |
//! | `consent` | `yes`, and nothing else: the person was asked, and agreed to this filing |
//! | `text` | what the person says; 1 to 20,000 characters |
//!
//! There is no column for a name, an address or a number: what is not asked for cannot leak. A
//! column that is not known stops the file, so that nobody believes that it was kept.
//!
//! Every fault is reported, with row, column, what was found and what was expected. What somebody
//! wrote into `text` is never shown in a fault, only how long it is.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use crate::config::{Channel, DeskConfig};

/// The most bytes of a file.
pub const MOST_FILE_BYTES: usize = 4 * 1024 * 1024;
/// The most rows of a file below its header.
pub const MOST_ROWS: usize = 500;
/// The most characters of a text.
pub const MOST_TEXT: usize = 20_000;

/// The columns, in the order of the example in the documents.
const COLUMNS: [&str; 4] = ["channel", "district", "consent", "text"];

/// A filing that a partner took down.
#[derive(Clone, PartialEq, Eq)]
pub struct PaperFiling {
    /// The row of the file, the header being row 1.
    pub row: usize,
    /// The channel's id.
    pub channel: String,
    /// The district's id.
    pub district: String,
    /// What the person says. Wiped from memory when it is dropped.
    pub text: Zeroizing<String>,
}

impl std::fmt::Debug for PaperFiling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let PaperFiling { row, channel, district, .. } = self;
        write!(f, "PaperFiling(row {row}, {channel}, {district}, text not shown)")
    }
}

/// Something that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperFault {
    /// The row, the header being row 1; 0 for the file as a whole.
    pub row: usize,
    /// The column; empty for the row as a whole.
    pub column: &'static str,
    /// What stands there. Of a text, only its length.
    pub found: String,
    /// What has to stand there.
    pub expected: String,
}

impl std::fmt::Display for PaperFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let PaperFault { row, column, found, expected } = self;
        match (row, column.is_empty()) {
            (0, _) => write!(f, "the file: found {found}, expected {expected}"),
            (row, true) => write!(f, "row {row}: found {found}, expected {expected}"),
            (row, false) => {
                write!(f, "row {row}, column {column}: found {found}, expected {expected}")
            }
        }
    }
}

/// A file that cannot be filed, with all its faults. Nothing of it was kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing was filed; {} fault(s):{}", .0.len(), listed(.0))]
pub struct PaperRefused(pub Vec<PaperFault>);

fn listed(faults: &[PaperFault]) -> String {
    faults.iter().map(|fault| format!("\n  {fault}")).collect()
}

/// Reads a partner's file against the desk's channels.
///
/// # Errors
///
/// [`PaperRefused`] with every fault. One fault in one row refuses the whole file.
pub fn read_paper(bytes: &[u8], config: &DeskConfig) -> Result<Vec<PaperFiling>, PaperRefused> {
    let mut faults = PaperFaults(Vec::new());
    let rows = faults.rows(bytes);
    let Some((places, rows)) = rows.and_then(|rows| faults.header(rows)) else {
        return Err(PaperRefused(faults.0));
    };
    let mut filings = Vec::new();
    for (row, cells) in rows {
        filings.extend(faults.filing(row, &cells, places, config));
    }
    if faults.0.is_empty() && filings.is_empty() {
        faults.add(1, "", "a header and nothing below it", "at least one row");
    }
    if faults.0.is_empty() { Ok(filings) } else { Err(PaperRefused(faults.0)) }
}

/// A row's number and its cells.
type NumberedRow = (usize, Vec<Zeroizing<String>>);

struct PaperFaults(Vec<PaperFault>);

impl PaperFaults {
    fn add(&mut self, row: usize, column: &'static str, found: &str, expected: &str) {
        let (found, expected) = (found.to_owned(), expected.to_owned());
        self.0.push(PaperFault { row, column, found, expected });
    }

    /// The rows of a file, or nothing where it is no table at all.
    fn rows(&mut self, bytes: &[u8]) -> Option<Vec<NumberedRow>> {
        if bytes.len() > MOST_FILE_BYTES {
            let expected = format!("at most {MOST_FILE_BYTES}; cut it into several");
            self.add(0, "", &format!("{} bytes", bytes.len()), &expected);
            return None;
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            self.add(0, "", "bytes that are not UTF-8", "a table saved as CSV in UTF-8");
            return None;
        };
        // Programs that save a table twice mark it twice as UTF-8.
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let (mut rows, mut record) = (Vec::new(), csv::StringRecord::new());
        while reader.read_record(&mut record).is_ok_and(|is_there| is_there) {
            if rows.len() > MOST_ROWS {
                let expected = format!("at most {MOST_ROWS} rows below the header");
                self.add(0, "", "more rows", &format!("{expected}; cut it into several"));
                return None;
            }
            let cells = record.iter().map(|cell| Zeroizing::new(cell.to_owned())).collect();
            rows.push((rows.len() + 1, cells));
        }
        if rows.is_empty() || text.trim().is_empty() {
            self.add(0, "", "nothing", "a header and at least one row");
            return None;
        }
        Some(rows)
    }

    /// The places of the columns, and the rows below the header.
    fn header(&mut self, rows: Vec<NumberedRow>) -> Option<([usize; 4], Vec<NumberedRow>)> {
        let mut rows = rows.into_iter();
        let (_, names) = rows.next()?;
        let names: Vec<&str> = names.iter().map(|name| name.trim()).collect();
        let before = self.0.len();
        for name in names.iter().filter(|name| !COLUMNS.contains(name)) {
            let found = format!("the column {:?}", cut(name));
            self.add(1, "", &found, "channel, district, consent and text alone: take it out");
        }
        let distinct: BTreeSet<&&str> = names.iter().collect();
        if distinct.len() < names.len() {
            self.add(1, "", "a column twice", "each column once");
        }
        let mut places = [0; 4];
        for (place, column) in places.iter_mut().zip(COLUMNS) {
            match names.iter().position(|name| *name == column) {
                Some(found) => *place = found,
                None => self.add(1, column, "no such column", "the column, by this name"),
            }
        }
        (self.0.len() == before).then(|| (places, rows.collect()))
    }

    /// The filing of a row, or nothing with a fault for each thing that is wrong.
    fn filing(
        &mut self,
        row: usize,
        cells: &[Zeroizing<String>],
        places: [usize; 4],
        config: &DeskConfig,
    ) -> Option<PaperFiling> {
        if cells.len() != places.len() {
            let found = format!("{} cells", cells.len());
            let expected =
                "4 cells, as in the header; a text with commas stands in quotation marks";
            self.add(row, "", &found, expected);
            return None;
        }
        let before = self.0.len();
        let [channel, district, consent, text] = places.map(|place| cells[place].trim());
        match config.channel(channel) {
            Some(known) if known.is_open => self.check_district(row, district, known),
            Some(_) => self.add(row, "channel", &shown(channel), "a channel that is open"),
            None => self.add(row, "channel", &shown(channel), "the id of a channel of this desk"),
        }
        if consent != "yes" {
            let expected = "yes: without the person's consent nothing may be filed";
            self.add(row, "consent", &shown(consent), expected);
        }
        let length = text.chars().count();
        if !(1..=MOST_TEXT).contains(&length) {
            let expected = format!("1 to {MOST_TEXT} characters");
            self.add(row, "text", &format!("{length} characters"), &expected);
        }
        (self.0.len() == before).then(|| PaperFiling {
            row,
            channel: channel.to_owned(),
            district: district.to_owned(),
            text: Zeroizing::new(text.to_owned()),
        })
    }

    fn check_district(&mut self, row: usize, district: &str, channel: &Channel) {
        if !channel.districts.iter().any(|known| known == district) {
            let expected = format!("one of {}", channel.districts.join(", "));
            self.add(row, "district", &shown(district), &expected);
        }
    }
}

fn shown(cell: &str) -> String {
    if cell.is_empty() { "nothing".to_owned() } else { format!("{:?}", cut(cell)) }
}

/// The first characters of what stands where a word has to stand. Somebody may have put a name
/// there, so it is not much.
fn cut(cell: &str) -> String {
    let mut text: String = cell.chars().take(24).collect();
    if text.len() < cell.len() {
        text.push('…');
    }
    text
}
