//! The inner ledger, which an auditor sees: every commitment in the order of entry.

use jiff::civil::Date;

use super::batch::DayBatch;
use super::chain::Ledger;
use super::hash::Hash256;

/// One step of one file in the inner ledger. Neither the file nor the step can be read from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Its number, from 1, without gap.
    pub number: u64,
    /// The day on which it was made.
    pub day: Date,
    /// What it commits to.
    pub commitment: Hash256,
    /// The hash over the entry before and this one.
    pub hash: Hash256,
    /// The day of the public ledger that holds it; nothing while it waits.
    pub published: Option<Date>,
}

/// What is wrong with an inner ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    /// A number is missing or doubled.
    #[error("entry {expected} is missing: found {found}")]
    Number {
        /// The number that had to come.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// The hash of an entry does not follow.
    #[error("entry {0} or one before it was changed: its hash does not follow")]
    Hash(u64),
    /// An entry says that it is published on a day whose batch does not hold it.
    #[error("entry {0} is not in the batch of the day that it names")]
    NotInBatch(u64),
    /// The leaves of a day do not give the root that is public.
    #[error("the leaves of {0} do not give the public root of that day")]
    Root(Date),
}

/// The rule of the inner chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryChain {
    /// The number of the last entry, 0 before the first.
    pub number: u64,
    /// Its hash.
    pub hash: Hash256,
}

impl EntryChain {
    /// The chain before its first entry.
    pub fn start() -> EntryChain {
        EntryChain { number: 0, hash: Hash256::over("sanad-desk entries 1", &[]) }
    }

    /// The next entry, and the chain after it.
    pub fn push(&mut self, day: Date, commitment: Hash256) -> LedgerEntry {
        self.number += 1;
        let (number, day_text) = (self.number.to_be_bytes(), day.to_string());
        let parts: [&[u8]; 4] = [&self.hash.0, &number, day_text.as_bytes(), &commitment.0];
        self.hash = Hash256::over("sanad-desk entry 1", &parts);
        LedgerEntry { number: self.number, day, commitment, hash: self.hash, published: None }
    }

    /// Checks all entries, and that each that is published is in the batch of its day and each
    /// batch gives the public root. Returns the chain's end.
    ///
    /// # Errors
    ///
    /// The first [`EntryFault`].
    pub fn check(
        entries: &[LedgerEntry],
        batches: &[(Date, DayBatch)],
        ledger: &Ledger,
    ) -> Result<EntryChain, EntryFault> {
        for (day, batch) in batches {
            if ledger.day(*day).map(|line| line.root) != Some(batch.root()) {
                return Err(EntryFault::Root(*day));
            }
        }
        let mut chain = EntryChain::start();
        for entry in entries {
            let expected = chain.number + 1;
            if entry.number != expected {
                return Err(EntryFault::Number { expected, found: entry.number });
            }
            if chain.push(entry.day, entry.commitment).hash != entry.hash {
                return Err(EntryFault::Hash(entry.number));
            }
            let Some(day) = entry.published else { continue };
            let batch = batches.iter().find(|(of_batch, _)| *of_batch == day);
            let leaves = batch.map_or(&[][..], |(_, batch)| batch.leaves());
            if leaves.binary_search(&entry.commitment).is_err() {
                return Err(EntryFault::NotInBatch(entry.number));
            }
        }
        Ok(chain)
    }
}
