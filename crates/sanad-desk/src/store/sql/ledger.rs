//! The public and the inner ledger.

use jiff::civil::Date;

use super::super::engine::{Engine, SqlRow, cells};
use super::super::schema::number_cell;
use super::super::{InnerLedger, StoreError};
use crate::ledger::{DayBatch, DayLine, EntryChain, Hash256, Ledger, LedgerEntry};

/// Appends steps to the inner ledger. They wait there for the day to be closed.
pub(super) fn push_steps(
    engine: &mut dyn Engine,
    day: Date,
    commitments: &[Hash256],
) -> Result<(), StoreError> {
    let sql = "SELECT number, hash FROM step ORDER BY number DESC LIMIT 1";
    let mut chain = match engine.query(sql, &[])?.pop() {
        None => EntryChain::start(),
        Some(mut row) => EntryChain { number: row.number()?, hash: row.hash()? },
    };
    for &commitment in commitments {
        let step = chain.push(day, commitment);
        engine.execute(
            "INSERT INTO step (number, day, commitment, hash) VALUES (?1, ?2, ?3, ?4)",
            cells![number_cell(step.number)?, day, commitment, step.hash],
        )?;
    }
    Ok(())
}

pub(super) fn close_day(
    engine: &mut dyn Engine,
    day: Date,
    padding: &[Hash256],
) -> Result<Option<DayLine>, StoreError> {
    let mut ledger = public(engine)?;
    if padding.len() != ledger.leaves() {
        return Err(StoreError::Padding { found: padding.len(), expected: ledger.leaves() });
    }
    let sql =
        "SELECT number, commitment FROM step WHERE published IS NULL ORDER BY number LIMIT ?1";
    let mut waiting: Vec<(i64, Hash256)> = Vec::new();
    for mut row in engine.query(sql, &[number_cell(ledger.leaves())?])? {
        waiting.push((row.number()?, row.hash()?));
    }
    let commitments: Vec<Hash256> = waiting.iter().map(|(_, commitment)| *commitment).collect();
    let batch = DayBatch::fill(&commitments, padding);
    let Some(line) = ledger.append(day, batch.root()) else { return Ok(None) };
    let leaves: Vec<u8> = batch.leaves().iter().flat_map(|leaf| leaf.0).collect();
    let sql = "INSERT INTO day (day, root, leaves) VALUES (?1, ?2, ?3)";
    engine.execute(sql, cells![day, line.root, &leaves])?;
    for (number, _) in waiting {
        let sql = "UPDATE step SET published = ?1 WHERE number = ?2";
        engine.execute(sql, cells![day, number])?;
    }
    Ok(Some(line))
}

pub(super) fn public(engine: &mut dyn Engine) -> Result<Ledger, StoreError> {
    let sql = "SELECT name, leaves FROM founding";
    let mut row = engine.query(sql, &[])?.pop().ok_or(StoreError::NoDesk)?;
    let mut ledger = Ledger::new(&row.text()?, row.number()?);
    for mut row in engine.query("SELECT day, root FROM day ORDER BY day", &[])? {
        let line = ledger.append(row.day()?, row.hash()?);
        line.ok_or(StoreError::Foreign("days of the ledger with a gap"))?;
    }
    Ok(ledger)
}

pub(super) fn inner(engine: &mut dyn Engine) -> Result<InnerLedger, StoreError> {
    let sql = "SELECT number, day, commitment, hash, published FROM step ORDER BY number";
    let rows = engine.query(sql, &[])?.into_iter();
    let entries = rows.map(ledger_entry).collect::<Result<_, _>>()?;
    let mut batches = Vec::new();
    let mut row =
        engine.query("SELECT leaves FROM founding", &[])?.pop().ok_or(StoreError::NoDesk)?;
    let expected: usize = row.number()?;
    for mut row in engine.query("SELECT day, leaves FROM day ORDER BY day", &[])? {
        let (day, leaves) = (row.day()?, row.bytes()?);
        let (chunks, rest) = leaves.as_chunks::<32>();
        let leaves = chunks.iter().map(|chunk| Hash256(*chunk)).collect();
        let batch = DayBatch::from_leaves(leaves, expected).filter(|_| rest.is_empty());
        batches.push((day, batch.ok_or(StoreError::Foreign("leaves of a day"))?));
    }
    Ok(InnerLedger { entries, batches })
}

fn ledger_entry(mut row: SqlRow) -> Result<LedgerEntry, StoreError> {
    Ok(LedgerEntry {
        number: row.number()?,
        day: row.day()?,
        commitment: row.hash()?,
        hash: row.hash()?,
        published: row.optional_day()?,
    })
}
