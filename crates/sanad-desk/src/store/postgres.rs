//! PostgreSQL behind the store: for desks with many officers.
//!
//! What it does not do as well as SQLite: destroyed rows live on in its log, and the places of rows
//! keep the order of filing. See `docs/desk.md`.

use std::path::Path;

use postgres::config::Host;
use postgres::error::SqlState;
use postgres::types::private::BytesMut;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Config, NoTls, Row};

use super::engine::{Engine, SqlAccess, SqlCell, SqlRow};
use super::schema::{MIGRATIONS, copy_rows, no_later_than_newest};
use super::sql::SqlStore;
use super::sqlite::SqliteEngine;
use super::{Founding, StoreError};

/// A desk in a PostgreSQL database.
pub type PostgresStore = SqlStore<PostgresEngine>;

/// A connection to a PostgreSQL database.
pub struct PostgresEngine {
    /// There until the engine is dropped.
    client: Option<Client>,
}

impl Drop for PostgresEngine {
    /// Ends the connection on a thread of its own, because ending it blocks, and a server drops its
    /// store where nothing may block.
    fn drop(&mut self) {
        let client = self.client.take();
        let _ = std::thread::spawn(move || drop(client)).join();
    }
}

/// Held while a database is brought to a newer format ("desk" in ASCII).
const FORMAT_LOCK: i64 = 0x6465_736b;

impl PostgresStore {
    /// Begins a desk in an empty database.
    ///
    /// # Errors
    ///
    /// [`StoreError::DeskExists`] where there is one.
    pub fn create(url: &str, founding: &Founding) -> Result<PostgresStore, StoreError> {
        let mut store = SqlStore::new(PostgresEngine::open(url)?);
        store.found(founding)?;
        Ok(store)
    }

    /// Opens a desk's database. One of an older format becomes one of the newest.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoDesk`], [`StoreError::Newer`], and [`StoreError::Unsafe`] where the server
    /// is elsewhere or does not wait for its disk.
    pub fn open(url: &str) -> Result<PostgresStore, StoreError> {
        let mut store = SqlStore::new(PostgresEngine::open(url)?);
        store.founded()?;
        Ok(store)
    }

    /// Fills an empty database with the desk of a SQLite file, such as that of a backup.
    ///
    /// # Errors
    ///
    /// [`StoreError::DeskExists`] where there is one.
    pub fn fill(url: &str, from: &Path) -> Result<PostgresStore, StoreError> {
        let mut store = SqlStore::new(PostgresEngine::open(url)?);
        match store.founded() {
            Err(StoreError::NoDesk) => {}
            Ok(()) => return Err(StoreError::DeskExists),
            Err(error) => return Err(error),
        }
        let mut engine = store.into_engine();
        copy_rows(&mut SqliteEngine::existing(from)?, &mut engine)?;
        Ok(SqlStore::new(engine))
    }
}

impl PostgresEngine {
    fn open(url: &str) -> Result<PostgresEngine, StoreError> {
        let config: Config = url.parse().map_err(refused)?;
        // Without encryption between here and there, the server has to be on this machine.
        let is_here = |host: &Host| match host {
            Host::Unix(_) => true,
            Host::Tcp(name) => ["localhost", "127.0.0.1", "::1"].contains(&name.as_str()),
        };
        if config.get_hosts().is_empty() || !config.get_hosts().iter().all(is_here) {
            return Err(StoreError::Unsafe(
                "it is on another machine, and this program does not encrypt the way to it: use a server on this machine, or a tunnel",
            ));
        }
        let client = config.connect(NoTls).map_err(refused)?;
        let mut engine = PostgresEngine { client: Some(client) };
        engine.settle()?;
        engine.migrate()?;
        Ok(engine)
    }

    /// Makes sure that what is acknowledged is on the disk.
    fn settle(&mut self) -> Result<(), StoreError> {
        for setting in ["fsync", "full_page_writes"] {
            let row = self.client()?.query_one(&format!("SHOW {setting}"), &[]).map_err(refused)?;
            if row.get::<_, &str>(0) != "on" {
                return Err(StoreError::Unsafe(
                    "the server does not wait for its disk: set fsync and full_page_writes to on",
                ));
            }
        }
        self.run("SET synchronous_commit = on")?;
        // What a failing statement was given does not go into an error's text.
        self.run("SET client_min_messages = warning")
    }

    fn client(&mut self) -> Result<&mut Client, StoreError> {
        self.client.as_mut().ok_or_else(|| StoreError::Database("no connection".to_owned()))
    }

    fn run(&mut self, statement: &str) -> Result<(), StoreError> {
        self.client()?.batch_execute(statement).map_err(refused)
    }

    /// Brings a database to the newest format. Tables change in transactions like rows.
    fn migrate(&mut self) -> Result<(), StoreError> {
        self.run("BEGIN")?;
        let migrated = self.migrate_within();
        self.run(if migrated.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        migrated
    }

    fn migrate_within(&mut self) -> Result<(), StoreError> {
        self.run(&format!("SELECT pg_advisory_xact_lock({FORMAT_LOCK})"))?;
        self.run("CREATE TABLE IF NOT EXISTS desk_format (format BIGINT NOT NULL)")?;
        let found =
            self.client()?.query_opt("SELECT format FROM desk_format", &[]).map_err(refused)?;
        let found = match found {
            Some(row) => {
                u32::try_from(row.get::<_, i64>(0)).map_err(|_| StoreError::Foreign("a format"))?
            }
            None => {
                self.run("INSERT INTO desk_format VALUES (0)")?;
                0
            }
        };
        for migration in MIGRATIONS.iter().skip(no_later_than_newest(found)? as usize) {
            self.run(migration.postgres)?;
            self.run("UPDATE desk_format SET format = format + 1")?;
        }
        Ok(())
    }
}

/// An error without the values of a row, which PostgreSQL puts into its details.
fn refused(error: postgres::Error) -> StoreError {
    match error.as_db_error() {
        Some(said) => StoreError::Database(format!("{} ({})", said.message(), said.code().code())),
        None => StoreError::Database(error.to_string()),
    }
}

impl Engine for PostgresEngine {
    fn begin(&mut self, access: SqlAccess) -> Result<(), StoreError> {
        match access {
            SqlAccess::Reading => self.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
            SqlAccess::Writing => {
                self.run("BEGIN")?;
                // One writer at a time, as in SQLite: steps of the ledger follow one another.
                self.run("LOCK TABLE founding IN EXCLUSIVE MODE")
            }
        }
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.run("COMMIT")
    }

    fn roll_back(&mut self) -> Result<(), StoreError> {
        self.run("ROLLBACK")
    }

    fn execute(&mut self, sql: &str, cells: &[SqlCell]) -> Result<u64, StoreError> {
        let cells = parameters(cells);
        self.client()?.execute(&numbered(sql), &cells).map_err(refused)
    }

    fn query(&mut self, sql: &str, cells: &[SqlCell]) -> Result<Vec<SqlRow>, StoreError> {
        let cells = parameters(cells);
        let rows = self.client()?.query(&numbered(sql), &cells).map_err(refused)?;
        rows.iter().map(row_from).collect()
    }

    /// Rewrites the tables that hold keys. Entries and attachments stay as sealed bytes whose key is
    /// gone. The server's log keeps all of it until it is written over.
    fn scrub(&mut self) -> Result<(), StoreError> {
        for table in ["wrap", "file", "member_seat", "member"] {
            self.run(&format!("VACUUM FULL {table}"))?;
        }
        match self.client()?.batch_execute("CHECKPOINT") {
            // A user without the right to it has to wait for the server's own.
            Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => Ok(()),
            done => done.map_err(refused),
        }
    }

    /// Reads every row: what cannot be read is damaged.
    fn check_pages(&mut self) -> Result<(), StoreError> {
        for table in super::schema::TABLES {
            let sql = format!("SELECT count(t::text) FROM {} t", table.name);
            self.client()?.query(&sql, &[]).map_err(|error| match refused(error) {
                StoreError::Database(said) => StoreError::Damaged(said),
                other => other,
            })?;
        }
        Ok(())
    }

    fn back_up(&mut self, to: &Path) -> Result<(), StoreError> {
        let mut copy = SqliteEngine::empty(to)?;
        copy_rows(self, &mut copy)?;
        copy.settle_into_one_file()
    }
}

/// A statement with its places as PostgreSQL writes them. No statement has another question mark.
fn numbered(sql: &str) -> String {
    sql.replace('?', "$")
}

fn parameters(cells: &[SqlCell]) -> Vec<&(dyn ToSql + Sync)> {
    cells.iter().map(|cell| cell as _).collect()
}

impl ToSql for SqlCell {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            SqlCell::Null => Ok(IsNull::Yes),
            SqlCell::Number(number) if *kind == Type::INT4 => {
                i32::try_from(*number)?.to_sql(kind, out)
            }
            SqlCell::Number(number) => number.to_sql(kind, out),
            SqlCell::Text(text) => text.to_sql(kind, out),
            SqlCell::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT4, Type::INT8, Type::TEXT, Type::BYTEA].contains(kind)
    }

    to_sql_checked!();
}

fn row_from(row: &Row) -> Result<SqlRow, StoreError> {
    let cells: Result<Vec<SqlCell>, StoreError> =
        (0..row.len()).map(|column| cell_from(row, column)).collect();
    Ok(SqlRow::new(cells?))
}

fn cell_from(row: &Row, column: usize) -> Result<SqlCell, StoreError> {
    let kind = row.columns()[column].type_();
    if *kind == Type::INT8 {
        row.try_get::<_, Option<i64>>(column).map(SqlCell::from).map_err(refused)
    } else if *kind == Type::INT4 {
        let number = row.try_get::<_, Option<i32>>(column).map_err(refused)?;
        Ok(SqlCell::from(number.map(i64::from)))
    } else if *kind == Type::TEXT {
        row.try_get::<_, Option<String>>(column).map(SqlCell::from).map_err(refused)
    } else if *kind == Type::BYTEA {
        let bytes = row.try_get::<_, Option<Vec<u8>>>(column).map_err(refused)?;
        Ok(bytes.map_or(SqlCell::Null, SqlCell::Bytes))
    } else {
        Err(StoreError::Foreign("a column of another kind"))
    }
}
