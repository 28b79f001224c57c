//! What a filer shows: a statement, its salt, and the way from it to a day's root.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::batch::{FEWEST_LEAVES, MOST_LEAVES, leaf_hash, node_hash};
use super::chain::Ledger;
use super::hash::Hash256;
use crate::process::{FileKind, Stage};

/// The first line of every proof.
const FORMAT: &str = "sanad-desk proof 1";

/// What one step of one file was. Nothing of it can be read from the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The kind of file.
    pub kind: FileKind,
    /// The stage that the file was in after the step.
    pub stage: Stage,
    /// What was done: a step's word, `file`, `add`, `attach`, `note`, `missed`, `recover` or `delete`.
    pub deed: String,
    /// The day on which it was done.
    pub day: Date,
    /// The [`content_digest`] of the text that belongs to it.
    pub content: Hash256,
}

impl Statement {
    /// The bytes that are committed to.
    pub fn to_text(&self) -> String {
        let (kind, stage) = (self.kind.as_str(), self.stage.as_str());
        let content = self.content.to_hex();
        format!(
            "kind {kind}\nstage {stage}\ndeed {}\nday {}\ncontent {content}\n",
            self.deed, self.day
        )
    }
}

/// The digest of a text under a salt of its own, so that a proof that is shown does not let others
/// try out what a short text may have been.
pub fn content_digest(salt: &[u8; 32], text: &str) -> Hash256 {
    Hash256::over("sanad-desk content 1", &[salt, text.as_bytes()])
}

/// The commitment to a statement under a salt: what goes into the day's tree.
pub fn commitment(salt: &[u8; 32], statement: &Statement) -> Hash256 {
    Hash256::over("sanad-desk commitment 1", &[salt, statement.to_text().as_bytes()])
}

/// A proof that a statement is in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// What is proven, line by line as [`Statement::to_text`] writes it.
    pub statement: String,
    /// The salt of its commitment.
    pub salt: Hash256,
    /// The day of the ledger whose root it leads to.
    pub ledger_day: Date,
    /// The leaf's place, from 0.
    pub place: usize,
    /// The neighbours' hashes from the leaf upwards: as many as the tree is high, whatever happened on
    /// the day.
    pub path: Vec<Hash256>,
}

/// What is wrong with a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofFault {
    /// It is not written as proofs are written.
    #[error("line {line} is not a line of a proof")]
    Form {
        /// The number of the line, from 1.
        line: usize,
    },
    /// The ledger has no such day.
    #[error("the ledger has no line for {0}")]
    NoDay(Date),
    /// The hashes lead to another root.
    #[error("the proof does not lead to the root of its day: it or the ledger was changed")]
    OtherRoot,
}

impl Proof {
    /// The proof as text.
    pub fn to_text(&self) -> String {
        let mut text = format!("{FORMAT}\n{}", self.statement);
        let _ = writeln!(text, "salt {}", self.salt.to_hex());
        let _ = writeln!(text, "ledger {} {}", self.ledger_day, self.place);
        for hash in &self.path {
            let _ = writeln!(text, "hash {}", hash.to_hex());
        }
        text
    }

    /// Reads a proof. Only the form is checked.
    ///
    /// # Errors
    ///
    /// [`ProofFault::Form`] with the line that does not fit.
    pub fn read(text: &str) -> Result<Proof, ProofFault> {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let form = |line: usize| ProofFault::Form { line };
        let rest = |line: usize, word: &str| {
            let text = lines.get(line - 1).and_then(|text| text.strip_suffix('\n'));
            text.and_then(|text| text.strip_prefix(word)).ok_or(form(line))
        };
        let digest = |line, word| Hash256::from_hex(rest(line, word)?).map_err(|_| form(line));
        let heights = FEWEST_LEAVES.ilog2() as usize..=MOST_LEAVES.ilog2() as usize;
        let height = lines.len().saturating_sub(8);
        if !rest(1, FORMAT)?.is_empty() || !heights.contains(&height) {
            return Err(form(1));
        }
        for (place, word) in ["kind ", "stage ", "deed ", "day ", "content "].iter().enumerate() {
            rest(place + 2, word)?;
        }
        let (day, place) = rest(8, "ledger ")?.split_once(' ').ok_or(form(8))?;
        let ledger_day: Date = day.parse().map_err(|_| form(8))?;
        let place_number: usize = place.parse().map_err(|_| form(8))?;
        let proof = Proof {
            statement: lines[1..6].concat(),
            salt: digest(7, "salt ")?,
            ledger_day,
            place: place_number,
            path: (9..9 + height).map(|line| digest(line, "hash ")).collect::<Result<_, _>>()?,
        };
        // One way to be written: days and numbers can be read in more ways.
        if proof.to_text() == text && proof.place < 1 << height { Ok(proof) } else { Err(form(8)) }
    }

    /// Checks the proof against a ledger.
    ///
    /// # Errors
    ///
    /// [`ProofFault::NoDay`] or [`ProofFault::OtherRoot`].
    pub fn check(&self, ledger: &Ledger) -> Result<(), ProofFault> {
        let line = ledger.day(self.ledger_day).ok_or(ProofFault::NoDay(self.ledger_day))?;
        let parts: [&[u8]; 2] = [&self.salt.0, self.statement.as_bytes()];
        let mut hash = leaf_hash(Hash256::over("sanad-desk commitment 1", &parts));
        let mut place = self.place;
        for neighbour in &self.path {
            hash = match place % 2 {
                0 => node_hash(hash, *neighbour),
                _ => node_hash(*neighbour, hash),
            };
            place /= 2;
        }
        let is_whole = self.path.len() == ledger.leaves().ilog2() as usize && place == 0;
        if is_whole && hash == line.root { Ok(()) } else { Err(ProofFault::OtherRoot) }
    }
}
