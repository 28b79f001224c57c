//! The tables of the database, and how an older one becomes a newer one.

use rusqlite::Connection;

use super::StoreError;

/// Marks a database as a desk's ("desk" in ASCII).
const APPLICATION_ID: i64 = 0x6465_736b;

/// The statements that lead from each format to the next. A statement that was ever released is
/// not changed; a change is a further one.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE desk (only INTEGER PRIMARY KEY CHECK (only = 1), name TEXT NOT NULL) STRICT;
    -- No row number: it would keep the order in which people filed within a day.
    CREATE TABLE file (
        id BLOB PRIMARY KEY, lookup BLOB NOT NULL UNIQUE, channel TEXT NOT NULL,
        district TEXT NOT NULL, filed_on TEXT NOT NULL, has_missed INTEGER NOT NULL,
        kind TEXT NOT NULL, stage TEXT NOT NULL, rung INTEGER NOT NULL, rungs INTEGER NOT NULL,
        day TEXT NOT NULL, due TEXT, remind_on TEXT, is_reminded INTEGER, is_missed INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE wrap (
        file BLOB NOT NULL REFERENCES file ON DELETE CASCADE, holder TEXT NOT NULL,
        sealed BLOB NOT NULL, PRIMARY KEY (file, holder)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE entry (
        file BLOB NOT NULL REFERENCES file ON DELETE CASCADE, number INTEGER NOT NULL,
        author TEXT NOT NULL, deed TEXT NOT NULL, stage TEXT NOT NULL, day TEXT NOT NULL,
        sealed BLOB NOT NULL, PRIMARY KEY (file, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE step (
        number INTEGER PRIMARY KEY, day TEXT NOT NULL, commitment BLOB NOT NULL,
        hash BLOB NOT NULL, published TEXT
    ) STRICT;
    CREATE INDEX step_waiting ON step (number) WHERE published IS NULL;
    CREATE TABLE day (
        day TEXT PRIMARY KEY, root BLOB NOT NULL, leaves BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
"];

/// The format that this program writes.
pub(super) fn newest() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

/// Settings that SQLite does not keep in the file and that have to be made on every opening.
///
/// `secure_delete` overwrites what is deleted. `synchronous = FULL` waits for the disk at every
/// commit: an acknowledged filing survives a loss of power. Temporary tables stay in memory.
pub(super) fn settle(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    for (name, value) in [
        ("synchronous", "FULL"),
        ("secure_delete", "ON"),
        ("foreign_keys", "ON"),
        ("trusted_schema", "OFF"),
        ("temp_store", "MEMORY"),
    ] {
        connection.pragma_update(None, name, value)?;
    }
    Ok(())
}

/// Brings a database to the newest format. Each step is one transaction with its number, so that a
/// process that is killed leaves one format or the next.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > newest() {
        return Err(StoreError::Newer { found, newest: newest() });
    }
    for (place, statements) in MIGRATIONS.iter().enumerate().skip(found as usize) {
        let change =
            connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        // Another process may have migrated while this one waited for the lock.
        let now: u32 = change.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if now as usize == place {
            change.execute_batch(statements)?;
            change.pragma_update(None, "user_version", now + 1)?;
            change.pragma_update(None, "application_id", APPLICATION_ID)?;
        }
        change.commit()?;
    }
    Ok(())
}
