//! The public ledger: a text file with one line a day.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::batch::is_leaf_count;
use super::hash::Hash256;

/// The first line of every ledger.
const FORMAT: &str = "sanad-desk ledger 1";

/// One day of the public ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayLine {
    /// The day.
    pub day: Date,
    /// The root over the day's padded commitments.
    pub root: Hash256,
    /// The hash over the line before, the day and the root.
    pub head: Hash256,
}

/// What is wrong with a ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerFault {
    /// A line is not written as a ledger writes it.
    #[error("line {line} is not a line of a ledger: expected {expected}")]
    Form {
        /// The number of the line, from 1.
        line: usize,
        /// What it had to be.
        expected: &'static str,
    },
    /// A day does not follow the one before.
    #[error(
        "line {line} has the day {found} and has to have {expected}: days are missing or out of order"
    )]
    Day {
        /// The number of the line, from 1.
        line: usize,
        /// The day that stands there.
        found: Date,
        /// The day after the one before.
        expected: Date,
    },
    /// The hash of a line does not follow from the lines before and what the line says.
    #[error("line {line} was changed, or a line before it: its hash does not follow")]
    Hash {
        /// The number of the line, from 1.
        line: usize,
    },
    /// The ledger is sound but does not pass through a head that is known from elsewhere.
    #[error("the ledger does not hold the head {head:?}: it was cut off or written anew")]
    Head {
        /// The head that is known.
        head: Hash256,
    },
    /// The last line is older than it may be.
    #[error(
        "the ledger ends on {found} and has to reach {expected}: it was cut off or stands still"
    )]
    EndsEarly {
        /// The last day; nothing in a ledger without days.
        found: String,
        /// The day that it has to reach.
        expected: Date,
    },
}

/// A public ledger whose chain holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    desk: String,
    leaves: usize,
    days: Vec<DayLine>,
}

impl Ledger {
    /// An empty ledger of a desk, every day of which has a number of leaves (see [`is_leaf_count`]).
    /// Both stand in its header and are part of the chain; control characters in the name become
    /// blanks.
    pub fn new(desk: &str, leaves: usize) -> Ledger {
        let desk = desk.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
        Ledger { desk: desk.collect(), leaves, days: Vec::new() }
    }

    fn header(&self) -> String {
        format!("{FORMAT}\ndesk {}\nleaves {}\n", self.desk, self.leaves)
    }

    /// The leaves of every day.
    pub fn leaves(&self) -> usize {
        self.leaves
    }

    /// The days in order.
    pub fn days(&self) -> &[DayLine] {
        &self.days
    }

    /// The head of the chain: that of the last day, or the hash of the header.
    pub fn head(&self) -> Hash256 {
        match self.days.last() {
            Some(line) => line.head,
            None => Hash256::over("sanad-desk header 1", &[self.header().as_bytes()]),
        }
    }

    /// The line of a day.
    pub fn day(&self, day: Date) -> Option<&DayLine> {
        let place = self.days.binary_search_by_key(&day, |line| line.day).ok()?;
        self.days.get(place)
    }

    /// The day that has to be appended next; any day while there is none.
    pub fn next_day(&self) -> Option<Date> {
        self.days.last().and_then(|line| line.day.tomorrow().ok())
    }

    /// Appends a day. Nothing is appended, and `None` returned, when it does not follow the last.
    pub fn append(&mut self, day: Date, root: Hash256) -> Option<DayLine> {
        if self.next_day().is_some_and(|next| next != day) {
            return None;
        }
        let line = DayLine { day, root, head: head_after(self.head(), day, root) };
        self.days.push(line);
        Some(line)
    }

    /// The ledger as it is published.
    pub fn to_text(&self) -> String {
        let mut text = self.header();
        for line in &self.days {
            let (root, head) = (line.root.to_hex(), line.head.to_hex());
            let _ = writeln!(text, "{} {root} {head}", line.day);
        }
        text
    }

    /// Reads and checks a published ledger: form, days without gap, and every hash. The text has
    /// one form only, so that any change of any byte is found, except a whole change of everything
    /// from some line to the end: against that, see [`Ledger::check_end`].
    ///
    /// # Errors
    ///
    /// The first [`LedgerFault`].
    pub fn read(text: &str) -> Result<Ledger, LedgerFault> {
        let form = |line, expected| LedgerFault::Form { line, expected };
        let mut lines = text.split_inclusive('\n').enumerate();
        let mut next = |expected: &'static str| {
            let (place, line) = lines.next().ok_or(form(1, expected))?;
            line.strip_suffix('\n').ok_or(form(place + 1, expected))
        };
        if next("the name of the format")? != FORMAT {
            return Err(form(1, "\"sanad-desk ledger 1\""));
        }
        let desk = next("the desk")?.strip_prefix("desk ").ok_or(form(2, "\"desk NAME\""))?;
        let said = next("the leaves")?.strip_prefix("leaves ");
        let leaves =
            said.and_then(|said| said.parse().ok()).filter(|leaves| is_leaf_count(*leaves));
        // A number has one way to be written.
        let leaves = leaves.filter(|leaves| Some(leaves.to_string().as_str()) == said);
        let leaves = leaves.ok_or(form(3, "\"leaves N\", a power of two from 256 to 16384"))?;
        let mut ledger = Ledger { desk: desk.to_owned(), leaves, days: Vec::new() };
        for (place, line) in lines {
            ledger.read_day(place + 1, line)?;
        }
        Ok(ledger)
    }

    fn read_day(&mut self, number: usize, line: &str) -> Result<(), LedgerFault> {
        let expected = "\"YYYY-MM-DD ROOT HEAD\" and a line's end";
        let form = || LedgerFault::Form { line: number, expected };
        let body = line.strip_suffix('\n').ok_or_else(form)?;
        let mut fields = body.split(' ');
        let mut field = || fields.next().ok_or_else(form);
        let (day, root, head) = (field()?, field()?, field()?);
        if fields.next().is_some() {
            return Err(form());
        }
        let parsed: Date = day.parse().map_err(|_| form())?;
        // jiff reads more forms of a day than the one that a ledger writes.
        if parsed.to_string() != day {
            return Err(form());
        }
        let root = Hash256::from_hex(root).map_err(|_| form())?;
        let head = Hash256::from_hex(head).map_err(|_| form())?;
        match self.next_day() {
            Some(next) if next != parsed => {
                return Err(LedgerFault::Day { line: number, found: parsed, expected: next });
            }
            _ => {}
        }
        match self.append(parsed, root) {
            Some(line) if line.head == head => Ok(()),
            _ => Err(LedgerFault::Hash { line: number }),
        }
    }

    /// Checks what the chain alone cannot show: that it was not cut off and not written anew.
    /// `known` is a head that was noted earlier, `reaches` a day that has to be in it.
    ///
    /// # Errors
    ///
    /// [`LedgerFault::Head`] or [`LedgerFault::EndsEarly`].
    pub fn check_end(
        &self,
        known: Option<Hash256>,
        reaches: Option<Date>,
    ) -> Result<(), LedgerFault> {
        if let Some(head) = known
            && self.days.iter().all(|line| line.head != head)
            && Ledger::new(&self.desk, self.leaves).head() != head
        {
            return Err(LedgerFault::Head { head });
        }
        let last = self.days.last().map(|line| line.day);
        match reaches {
            Some(expected) if last.is_none_or(|last| last < expected) => {
                let found = last.map_or_else(|| "no day".to_owned(), |last| last.to_string());
                Err(LedgerFault::EndsEarly { found, expected })
            }
            _ => Ok(()),
        }
    }
}

fn head_after(before: Hash256, day: Date, root: Hash256) -> Hash256 {
    Hash256::over("sanad-desk day 1", &[&before.0, day.to_string().as_bytes(), &root.0])
}
