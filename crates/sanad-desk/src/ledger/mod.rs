//! The public ledger: one line a day, whatever happened, to which every step of every file is
//! bound without being told.
//!
//! Each step is a [`Statement`]. Its salted [`commitment`] says nothing to who does not know the
//! salt. The commitments of a day are filled up with random ones to a fixed number, sorted, and
//! hashed into a tree, so that neither the number of leaves, nor a leaf's place, nor the length of
//! a proof tells how much happened ([`DayBatch`]). Its root is the day's line in the public
//! [`Ledger`], which is a hash chain. What does not fit waits for the next day.
//!
//! A filer holds the statement, the salt and the path of hashes ([`Proof`]) and shows with them
//! that the step is in the ledger and unchanged. `docs/desk-verify.py` is a second verifier of the
//! same formats.

mod batch;
mod chain;
mod entries;
mod hash;
mod proof;

pub use batch::{DayBatch, FEWEST_LEAVES, MOST_LEAVES, is_leaf_count};
pub use chain::{DayLine, Ledger, LedgerFault};
pub use entries::{EntryChain, EntryFault, LedgerEntry};
pub use hash::{Hash256, HexError};
pub use proof::{Proof, ProofFault, Statement, commitment, content_digest};
