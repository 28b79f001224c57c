//! SQLite behind the store: one file with a write-ahead log beside it.

use std::path::Path;

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql, TransactionBehavior, params_from_iter};

use super::engine::{Engine, SqlAccess, SqlCell, SqlRow};
use super::schema::{MIGRATIONS, copy_rows, no_later_than_newest};
use super::sql::SqlStore;
use super::{Founding, StoreError};

/// A desk in one SQLite database.
pub type SqliteStore = SqlStore<SqliteEngine>;

/// Marks a database as a desk's ("desk" in ASCII).
const APPLICATION_ID: i64 = 0x6465_736b;

/// A connection to a SQLite database.
pub struct SqliteEngine {
    connection: Connection,
}

impl SqliteStore {
    /// Begins a desk in a new database.
    ///
    /// # Errors
    ///
    /// [`StoreError::DeskExists`] where there is one, and [`StoreError`] where the file cannot be
    /// written.
    pub fn create(path: &Path, founding: &Founding) -> Result<SqliteStore, StoreError> {
        let mut store = SqlStore::new(SqliteEngine::open(path, OpenFlags::default())?);
        store.found(founding)?;
        Ok(store)
    }

    /// Opens a desk's database. One of an older format becomes one of the newest.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoDesk`] where there is none, [`StoreError::Newer`] where it is of a later
    /// program.
    pub fn open(path: &Path) -> Result<SqliteStore, StoreError> {
        if !path.exists() {
            return Err(StoreError::NoDesk);
        }
        let mut store = SqlStore::new(SqliteEngine::existing(path)?);
        store.founded()?;
        Ok(store)
    }

    /// Closes the database so that it is one file without a log.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`] where somebody else has it open.
    pub fn close(self) -> Result<(), StoreError> {
        self.into_engine().settle_into_one_file()
    }
}

impl SqliteEngine {
    fn open(path: &Path, flags: OpenFlags) -> Result<SqliteEngine, StoreError> {
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        settle(&connection)?;
        migrate(&mut connection)?;
        Ok(SqliteEngine { connection })
    }

    /// A database that is there.
    pub(super) fn existing(path: &Path) -> Result<SqliteEngine, StoreError> {
        SqliteEngine::open(path, OpenFlags::default() & !OpenFlags::SQLITE_OPEN_CREATE)
    }

    /// A new database with all tables and no rows.
    pub(super) fn empty(path: &Path) -> Result<SqliteEngine, StoreError> {
        SqliteEngine::open(path, OpenFlags::default() | OpenFlags::SQLITE_OPEN_CREATE)
    }

    /// Puts everything that the database holds into its one file, so that nothing of it is in the
    /// log when the file is moved.
    pub(super) fn settle_into_one_file(self) -> Result<(), StoreError> {
        self.connection.pragma_update(None, "journal_mode", "DELETE")?;
        self.connection.close().map_err(|(_, error)| error.into())
    }
}

/// Settings that SQLite does not keep in the file and that have to be made on every opening.
///
/// `secure_delete` overwrites what is deleted. `synchronous = FULL` waits for the disk at every
/// commit: an acknowledged filing survives a loss of power. Temporary tables stay in memory.
fn settle(connection: &Connection) -> Result<(), StoreError> {
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
fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let found = no_later_than_newest(found)?;
    for (place, migration) in MIGRATIONS.iter().enumerate().skip(found as usize) {
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have migrated while this one waited for the lock.
        let now: u32 = change.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if now as usize == place {
            change.execute_batch(migration.sqlite)?;
            change.pragma_update(None, "user_version", now + 1)?;
            change.pragma_update(None, "application_id", APPLICATION_ID)?;
        }
        change.commit()?;
    }
    Ok(())
}

impl Engine for SqliteEngine {
    fn begin(&mut self, access: SqlAccess) -> Result<(), StoreError> {
        let statement = match access {
            SqlAccess::Reading => "BEGIN",
            SqlAccess::Writing => "BEGIN IMMEDIATE",
        };
        Ok(self.connection.execute_batch(statement)?)
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        Ok(self.connection.execute_batch("COMMIT")?)
    }

    fn roll_back(&mut self) -> Result<(), StoreError> {
        // Some errors end the transaction by themselves.
        if self.connection.is_autocommit() {
            return Ok(());
        }
        Ok(self.connection.execute_batch("ROLLBACK")?)
    }

    fn execute(&mut self, sql: &str, cells: &[SqlCell]) -> Result<u64, StoreError> {
        let changed = self.connection.execute(sql, params_from_iter(cells))?;
        Ok(changed as u64)
    }

    fn query(&mut self, sql: &str, cells: &[SqlCell]) -> Result<Vec<SqlRow>, StoreError> {
        let mut query = self.connection.prepare(sql)?;
        let columns = query.column_count();
        let mut rows = query.query(params_from_iter(cells))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let cells: Result<Vec<SqlCell>, StoreError> =
                (0..columns).map(|column| cell_from(row.get_ref(column)?)).collect();
            found.push(SqlRow::new(cells?));
        }
        Ok(found)
    }

    /// Writes what is in the write-ahead log into the database and empties the log, so that what
    /// was deleted is in neither.
    fn scrub(&mut self) -> Result<(), StoreError> {
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        let is_busy: bool = self.connection.query_row(checkpoint, [], |row| row.get(0))?;
        if is_busy { Err(StoreError::LogInUse) } else { Ok(()) }
    }

    fn check_pages(&mut self) -> Result<(), StoreError> {
        let check = "PRAGMA integrity_check(1)";
        let said: String = self.connection.query_row(check, [], |row| row.get(0))?;
        if said == "ok" { Ok(()) } else { Err(StoreError::Damaged(said)) }
    }

    fn back_up(&mut self, to: &Path) -> Result<(), StoreError> {
        let mut copy = SqliteEngine::empty(to)?;
        copy_rows(self, &mut copy)?;
        copy.settle_into_one_file()
    }
}

fn cell_from(value: ValueRef<'_>) -> Result<SqlCell, StoreError> {
    match value {
        ValueRef::Null => Ok(SqlCell::Null),
        ValueRef::Integer(number) => Ok(SqlCell::Number(number)),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Ok(SqlCell::Text(text.to_owned())),
            Err(_) => Err(StoreError::Foreign("text that is not UTF-8")),
        },
        ValueRef::Blob(bytes) => Ok(SqlCell::Bytes(bytes.to_vec())),
        ValueRef::Real(_) => Err(StoreError::Foreign("a number that is not whole")),
    }
}

impl ToSql for SqlCell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            SqlCell::Null => ToSqlOutput::Owned(Value::Null),
            SqlCell::Number(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            SqlCell::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            SqlCell::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}
