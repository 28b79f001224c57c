//! The store in one SQLite database.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};

use super::schema::{migrate, settle};
use super::{DeskStore, FileChange, Filing, InnerLedger, StoreError, StoredFile};
use crate::course::{Deadline, FileCourse};
use crate::entry::{EntryHead, FileId, SealedEntry};
use crate::ledger::{DayBatch, DayLine, EntryChain, Hash256, Ledger, LedgerEntry};
use crate::process::{FileKind, Role, Stage};
use crate::vault::{Holder, Wraps};

/// A desk in one SQLite database with a write-ahead log beside it.
pub struct SqliteStore {
    connection: Connection,
}

impl SqliteStore {
    /// Opens a desk's database, or begins one for a desk of a name. A database of an older format
    /// becomes one of the newest.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the file cannot be opened or is of a later program.
    pub fn open(path: &Path, desk: &str) -> Result<SqliteStore, StoreError> {
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        settle(&connection)?;
        migrate(&mut connection)?;
        connection.execute("INSERT OR IGNORE INTO desk VALUES (1, ?1)", [desk])?;
        Ok(SqliteStore { connection })
    }

    /// Writes what is in the write-ahead log into the database and empties the log, so that what
    /// was deleted is in neither.
    fn empty_log(&self) -> Result<(), StoreError> {
        let is_busy: bool =
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if is_busy { Err(StoreError::LogInUse) } else { Ok(()) }
    }

    fn begin(&mut self) -> Result<Transaction<'_>, StoreError> {
        Ok(self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    fn wraps(&self, file: FileId) -> Result<Wraps, StoreError> {
        let mut query =
            self.connection.prepare("SELECT holder, sealed FROM wrap WHERE file = ?1")?;
        let rows = query.query_map([file.0], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
        let mut wraps = BTreeMap::new();
        for row in rows {
            let (holder, sealed) = row?;
            wraps.insert(holder_from(&holder)?, sealed);
        }
        Ok(Wraps(wraps))
    }

    fn complete(&self, row: StoredRow) -> Result<StoredFile, StoreError> {
        let mut file = row?;
        file.wraps = self.wraps(file.id)?;
        Ok(file)
    }
}

/// A file without its wraps, or what is wrong with its row.
type StoredRow = Result<StoredFile, StoreError>;

impl DeskStore for SqliteStore {
    fn file(&mut self, filing: &FileChange) -> Result<Filing, StoreError> {
        let change = self.begin()?;
        let known: Option<i64> = change
            .query_row("SELECT 1 FROM file WHERE lookup = ?1", [filing.file.lookup], |row| {
                row.get(0)
            })
            .optional()?;
        if known.is_some() {
            return Ok(Filing::KeptBefore);
        }
        insert_file(&change, &filing.file)?;
        write_parts(&change, filing)?;
        change.commit()?;
        Ok(Filing::Kept)
    }

    fn find(&self, lookup: &[u8; 32]) -> Result<Option<StoredFile>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM file WHERE lookup = ?1");
        let mut query = self.connection.prepare(&sql)?;
        let row = query.query_row([lookup], |row| Ok(stored_file(row))).optional()?;
        row.map(|row| self.complete(row)).transpose()
    }

    fn files(&self) -> Result<Vec<StoredFile>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM file ORDER BY id");
        let mut query = self.connection.prepare(&sql)?;
        let rows: Vec<StoredRow> =
            query.query_map([], |row| Ok(stored_file(row)))?.collect::<Result<_, _>>()?;
        rows.into_iter().map(|row| self.complete(row)).collect()
    }

    fn entries(&self, file: FileId) -> Result<Vec<SealedEntry>, StoreError> {
        let mut query = self.connection.prepare(
            "SELECT number, author, deed, stage, day, sealed FROM entry WHERE file = ?1 ORDER BY number",
        )?;
        let rows: Vec<Result<SealedEntry, StoreError>> =
            query.query_map([file.0], |row| Ok(sealed_entry(row)))?.collect::<Result<_, _>>()?;
        rows.into_iter().collect()
    }

    fn change(&mut self, change: &FileChange) -> Result<(), StoreError> {
        let transaction = self.begin()?;
        update_file(&transaction, &change.file)?;
        transaction.execute("DELETE FROM wrap WHERE file = ?1", [change.file.id.0])?;
        write_parts(&transaction, change)?;
        transaction.commit()?;
        // A wrap that was dropped must not survive in the log.
        self.empty_log()
    }

    fn delete(&mut self, file: FileId, day: Date, tombstone: Hash256) -> Result<(), StoreError> {
        let change = self.begin()?;
        if change.execute("DELETE FROM file WHERE id = ?1", [file.0])? != 1 {
            return Err(StoreError::NoFile);
        }
        push_steps(&change, day, &[tombstone])?;
        change.commit()?;
        self.empty_log()
    }

    fn close_day(
        &mut self,
        day: Date,
        padding: &mut dyn FnMut() -> Hash256,
    ) -> Result<Option<DayLine>, StoreError> {
        let mut ledger = self.ledger()?;
        let change = self.begin()?;
        let mut query = change.prepare(
            "SELECT number, commitment FROM step WHERE published IS NULL ORDER BY number LIMIT 256",
        )?;
        let waiting: Vec<(i64, [u8; 32])> =
            query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        drop(query);
        let commitments: Vec<Hash256> = waiting.iter().map(|(_, bytes)| Hash256(*bytes)).collect();
        let batch = DayBatch::fill(&commitments, padding);
        let Some(line) = ledger.append(day, batch.root()) else { return Ok(None) };
        let leaves: Vec<u8> = batch.leaves().iter().flat_map(|leaf| leaf.0).collect();
        change.execute(
            "INSERT INTO day VALUES (?1, ?2, ?3)",
            params![day.to_string(), line.root.0, leaves],
        )?;
        for (number, _) in &waiting {
            change.execute(
                "UPDATE step SET published = ?1 WHERE number = ?2",
                params![day.to_string(), number],
            )?;
        }
        change.commit()?;
        Ok(Some(line))
    }

    fn ledger(&self) -> Result<Ledger, StoreError> {
        let name: String =
            self.connection.query_row("SELECT name FROM desk", [], |row| row.get(0))?;
        let mut ledger = Ledger::new(&name);
        let mut query = self.connection.prepare("SELECT day, root FROM day ORDER BY day")?;
        let rows = query.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
        for row in rows {
            let (day, root) = row?;
            let line = ledger.append(day_from(&day)?, Hash256(root));
            line.ok_or(StoreError::Foreign("days of the ledger with a gap"))?;
        }
        Ok(ledger)
    }

    fn inner_ledger(&self) -> Result<InnerLedger, StoreError> {
        let mut entries = Vec::new();
        let mut query = self
            .connection
            .prepare("SELECT number, day, commitment, hash, published FROM step ORDER BY number")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            entries.push(ledger_entry(row)?);
        }
        let mut batches = Vec::new();
        let mut query = self.connection.prepare("SELECT day, leaves FROM day ORDER BY day")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let leaves: Vec<u8> = row.get(1)?;
            let (chunks, rest) = leaves.as_chunks::<32>();
            let leaves = chunks.iter().map(|chunk| Hash256(*chunk)).collect();
            let batch = DayBatch::from_leaves(leaves).filter(|_| rest.is_empty());
            let batch = batch.ok_or(StoreError::Foreign("leaves of a day"))?;
            batches.push((day_from(&row.get::<_, String>(0)?)?, batch));
        }
        Ok(InnerLedger { entries, batches })
    }

    fn back_up(&self, to: &Path) -> Result<(), StoreError> {
        self.connection.backup("main", to, None::<fn(rusqlite::backup::Progress)>)?;
        Ok(())
    }
}

/// The columns of a file in the order in which [`stored_file`] reads them.
const COLUMNS: &str = "id, lookup, channel, district, filed_on, has_missed, kind, stage, rung, rungs, day, due, remind_on, is_reminded, is_missed";

fn stored_file(row: &Row<'_>) -> StoredRow {
    let kind: String = row.get(6)?;
    let rung = |place| -> Result<usize, StoreError> {
        usize::try_from(row.get::<_, i64>(place)?).map_err(|_| StoreError::Foreign("a rung"))
    };
    let deadline = match row.get::<_, Option<String>>(11)? {
        None => None,
        Some(due) => Some(Deadline {
            due: day_from(&due)?,
            remind_on: day_from(&row.get::<_, String>(12)?)?,
            is_reminded: row.get(13)?,
            is_missed: row.get(14)?,
        }),
    };
    Ok(StoredFile {
        id: FileId(row.get(0)?),
        lookup: row.get(1)?,
        channel: row.get(2)?,
        district: row.get(3)?,
        filed_on: day_from(&row.get::<_, String>(4)?)?,
        has_missed: row.get(5)?,
        course: FileCourse {
            kind: FileKind::from_word(&kind).ok_or(StoreError::Foreign("a kind of file"))?,
            stage: stage_from(&row.get::<_, String>(7)?)?,
            rung: rung(8)?,
            rungs: rung(9)?,
            day: day_from(&row.get::<_, String>(10)?)?,
            deadline,
        },
        wraps: Wraps::default(),
    })
}

fn insert_file(change: &Transaction<'_>, file: &StoredFile) -> Result<(), StoreError> {
    change.execute(
        "INSERT INTO file (id, lookup, channel, district, filed_on, has_missed, kind, stage, rung, rungs, day)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, '', 0, 0, '')",
        params![
            file.id.0,
            file.lookup,
            file.channel,
            file.district,
            file.filed_on.to_string(),
            file.has_missed,
            file.course.kind.as_str(),
        ],
    )?;
    update_file(change, file)
}

/// Writes what can change in a file: its course, and whether a deadline was missed.
fn update_file(change: &Transaction<'_>, file: &StoredFile) -> Result<(), StoreError> {
    let FileCourse { stage, rung, rungs, day, deadline, .. } = &file.course;
    let number = |rung: usize| i64::try_from(rung).map_err(|_| StoreError::Foreign("a rung"));
    let changed = change.execute(
        "UPDATE file SET has_missed = ?2, stage = ?3, rung = ?4, rungs = ?5, day = ?6, due = ?7,
         remind_on = ?8, is_reminded = ?9, is_missed = ?10 WHERE id = ?1",
        params![
            file.id.0,
            file.has_missed,
            stage.as_str(),
            number(*rung)?,
            number(*rungs)?,
            day.to_string(),
            deadline.map(|deadline| deadline.due.to_string()),
            deadline.map(|deadline| deadline.remind_on.to_string()),
            deadline.map(|deadline| deadline.is_reminded),
            deadline.map(|deadline| deadline.is_missed),
        ],
    )?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NoFile) }
}

/// Wraps, entries and steps of the ledger.
fn write_parts(change: &Transaction<'_>, parts: &FileChange) -> Result<(), StoreError> {
    let id = parts.file.id.0;
    for (holder, sealed) in &parts.file.wraps.0 {
        change.execute(
            "INSERT INTO wrap VALUES (?1, ?2, ?3)",
            params![id, holder_text(holder), sealed],
        )?;
    }
    for SealedEntry { head, sealed } in &parts.entries {
        let EntryHead { number, author, deed, stage, day } = head;
        change.execute(
            "INSERT INTO entry VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![id, number, author.as_str(), deed, stage.as_str(), day.to_string(), sealed],
        )?;
    }
    push_steps(change, parts.day, &parts.commitments)
}

fn push_steps(
    change: &Transaction<'_>,
    day: Date,
    commitments: &[Hash256],
) -> Result<(), StoreError> {
    let last: Option<(i64, [u8; 32])> = change
        .query_row("SELECT number, hash FROM step ORDER BY number DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let mut chain = match last {
        None => EntryChain::start(),
        Some((number, hash)) => {
            let number = u64::try_from(number).map_err(|_| StoreError::Foreign("a step"))?;
            EntryChain { number, hash: Hash256(hash) }
        }
    };
    for &commitment in commitments {
        let step = chain.push(day, commitment);
        let number = i64::try_from(step.number).map_err(|_| StoreError::Foreign("a step"))?;
        change.execute(
            "INSERT INTO step VALUES (?1, ?2, ?3, ?4, NULL)",
            params![number, day.to_string(), commitment.0, step.hash.0],
        )?;
    }
    Ok(())
}

fn ledger_entry(row: &Row<'_>) -> Result<LedgerEntry, StoreError> {
    let published = row.get::<_, Option<String>>(4)?;
    Ok(LedgerEntry {
        number: u64::try_from(row.get::<_, i64>(0)?).map_err(|_| StoreError::Foreign("a step"))?,
        day: day_from(&row.get::<_, String>(1)?)?,
        commitment: Hash256(row.get(2)?),
        hash: Hash256(row.get(3)?),
        published: published.map(|day| day_from(&day)).transpose()?,
    })
}

fn sealed_entry(row: &Row<'_>) -> Result<SealedEntry, StoreError> {
    let author = Role::from_word(&row.get::<_, String>(1)?);
    let head = EntryHead {
        number: row.get(0)?,
        author: author.ok_or(StoreError::Foreign("an author"))?,
        deed: row.get(2)?,
        stage: stage_from(&row.get::<_, String>(3)?)?,
        day: day_from(&row.get::<_, String>(4)?)?,
    };
    Ok(SealedEntry { head, sealed: row.get(5)? })
}

fn day_from(text: &str) -> Result<Date, StoreError> {
    text.parse().map_err(|_| StoreError::Foreign("a day"))
}

fn stage_from(word: &str) -> Result<Stage, StoreError> {
    Stage::from_word(word).ok_or(StoreError::Foreign("a stage"))
}

/// A holder as a word. Ids of bodies and names of custodians have no slash.
fn holder_text(holder: &Holder) -> String {
    match holder {
        Holder::Seat { body, role } => format!("seat/{body}/{}", role.as_str()),
        Holder::Custodians { first, second } => format!("custodians/{first}/{second}"),
        Holder::Filer => "filer".to_owned(),
    }
}

fn holder_from(text: &str) -> Result<Holder, StoreError> {
    let fields: Vec<&str> = text.split('/').collect();
    let own = |text: &str| text.to_owned();
    match fields[..] {
        ["filer"] => Ok(Holder::Filer),
        ["custodians", first, second] => {
            Ok(Holder::Custodians { first: own(first), second: own(second) })
        }
        ["seat", body, role] => {
            let role = Role::from_word(role).ok_or(StoreError::Foreign("a role"))?;
            Ok(Holder::Seat { body: own(body), role })
        }
        _ => Err(StoreError::Foreign("a holder")),
    }
}
