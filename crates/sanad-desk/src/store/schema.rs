//! The tables of the database, and how an older one becomes a newer one.

use super::StoreError;
use super::engine::{Engine, SqlAccess, SqlCell, SqlRow, cells};

/// The statements that lead from one format to the next, in the words of each database.
pub(super) struct Migration {
    /// For SQLite.
    pub(super) sqlite: &'static str,
    /// For PostgreSQL.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(dead_code, reason = "this build has SQLite alone")
    )]
    pub(super) postgres: &'static str,
}

/// The way from each format to the next. What was ever released is not changed; a change is a
/// further entry.
///
/// No table has a row number: it would keep the order in which people filed within a day. (In
/// PostgreSQL the places of rows keep it all the same: see `docs/desk.md`.)
pub(super) const MIGRATIONS: &[Migration] = &[
    Migration {
        sqlite: "
    CREATE TABLE desk (only INTEGER PRIMARY KEY CHECK (only = 1), name TEXT NOT NULL) STRICT;
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
",
        postgres: "
    CREATE TABLE desk (only_row BIGINT PRIMARY KEY CHECK (only_row = 1), name TEXT NOT NULL);
    CREATE TABLE file (
        id BYTEA PRIMARY KEY, lookup BYTEA NOT NULL UNIQUE, channel TEXT NOT NULL,
        district TEXT NOT NULL, filed_on TEXT NOT NULL, has_missed BIGINT NOT NULL,
        kind TEXT NOT NULL, stage TEXT NOT NULL, rung BIGINT NOT NULL, rungs BIGINT NOT NULL,
        day TEXT NOT NULL, due TEXT, remind_on TEXT, is_reminded BIGINT, is_missed BIGINT
    );
    CREATE TABLE wrap (
        file BYTEA NOT NULL REFERENCES file ON DELETE CASCADE, holder TEXT NOT NULL,
        sealed BYTEA NOT NULL, PRIMARY KEY (file, holder)
    );
    CREATE TABLE entry (
        file BYTEA NOT NULL REFERENCES file ON DELETE CASCADE, number BIGINT NOT NULL,
        author TEXT NOT NULL, deed TEXT NOT NULL, stage TEXT NOT NULL, day TEXT NOT NULL,
        sealed BYTEA NOT NULL, PRIMARY KEY (file, number)
    );
    CREATE TABLE step (
        number BIGINT PRIMARY KEY, day TEXT NOT NULL, commitment BYTEA NOT NULL,
        hash BYTEA NOT NULL, published TEXT
    );
    CREATE INDEX step_waiting ON step (number) WHERE published IS NULL;
    CREATE TABLE day (day TEXT PRIMARY KEY, root BYTEA NOT NULL, leaves BYTEA NOT NULL);
",
    },
    // Who works at the desk, attachments, releases, and what was drawn when the desk began. The
    // table `desk` of the first format had a name alone; no program began a desk with it, so what
    // it lacks is drawn here, and such a desk counts as invented.
    Migration {
        sqlite: "
    CREATE TABLE founding (
        number INTEGER PRIMARY KEY CHECK (number = 1), name TEXT NOT NULL, is_invented INTEGER NOT NULL,
        receipt_salt BLOB NOT NULL, receipt_memory_kib INTEGER NOT NULL, receipt_passes INTEGER NOT NULL
    ) STRICT;
    INSERT INTO founding SELECT 1, name, 1, randomblob(16), 8192, 1 FROM desk;
    DROP TABLE desk;
    CREATE TABLE custodian (name TEXT PRIMARY KEY, public BLOB NOT NULL) STRICT, WITHOUT ROWID;
    ALTER TABLE file ADD COLUMN assignee TEXT;
    ALTER TABLE file ADD COLUMN closed_on TEXT;
    ALTER TABLE file ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE attachment (
        file BLOB NOT NULL REFERENCES file ON DELETE CASCADE, number INTEGER NOT NULL,
        entry INTEGER NOT NULL, form TEXT NOT NULL, sealed BLOB NOT NULL,
        PRIMARY KEY (file, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE opening (
        file BLOB NOT NULL REFERENCES file ON DELETE CASCADE, member TEXT NOT NULL,
        day TEXT NOT NULL, PRIMARY KEY (file, member, day)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE seat (
        body TEXT NOT NULL, role TEXT NOT NULL, public BLOB NOT NULL, PRIMARY KEY (body, role)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE member (
        name TEXT PRIMARY KEY, salt BLOB NOT NULL, memory_kib INTEGER NOT NULL,
        passes INTEGER NOT NULL, password_check BLOB NOT NULL, public BLOB NOT NULL,
        sealed BLOB NOT NULL, last_step INTEGER, failures INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE member_seat (
        member TEXT NOT NULL REFERENCES member ON DELETE CASCADE, body TEXT NOT NULL,
        role TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (member, body, role),
        FOREIGN KEY (body, role) REFERENCES seat
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE release (
        quarter TEXT PRIMARY KEY, day TEXT NOT NULL, table_text TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
",
        postgres: "
    CREATE TABLE founding (
        number BIGINT PRIMARY KEY CHECK (number = 1), name TEXT NOT NULL, is_invented BIGINT NOT NULL,
        receipt_salt BYTEA NOT NULL, receipt_memory_kib BIGINT NOT NULL, receipt_passes BIGINT NOT NULL
    );
    DROP TABLE desk;
    CREATE TABLE custodian (name TEXT PRIMARY KEY, public BYTEA NOT NULL);
    ALTER TABLE file ADD COLUMN assignee TEXT;
    ALTER TABLE file ADD COLUMN closed_on TEXT;
    ALTER TABLE file ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
    CREATE TABLE attachment (
        file BYTEA NOT NULL REFERENCES file ON DELETE CASCADE, number BIGINT NOT NULL,
        entry BIGINT NOT NULL, form TEXT NOT NULL, sealed BYTEA NOT NULL,
        PRIMARY KEY (file, number)
    );
    CREATE TABLE opening (
        file BYTEA NOT NULL REFERENCES file ON DELETE CASCADE, member TEXT NOT NULL,
        day TEXT NOT NULL, PRIMARY KEY (file, member, day)
    );
    CREATE TABLE seat (
        body TEXT NOT NULL, role TEXT NOT NULL, public BYTEA NOT NULL, PRIMARY KEY (body, role)
    );
    CREATE TABLE member (
        name TEXT PRIMARY KEY, salt BYTEA NOT NULL, memory_kib BIGINT NOT NULL,
        passes BIGINT NOT NULL, password_check BYTEA NOT NULL, public BYTEA NOT NULL,
        sealed BYTEA NOT NULL, last_step BIGINT, failures BIGINT NOT NULL
    );
    CREATE TABLE member_seat (
        member TEXT NOT NULL REFERENCES member ON DELETE CASCADE, body TEXT NOT NULL,
        role TEXT NOT NULL, sealed BYTEA NOT NULL, PRIMARY KEY (member, body, role),
        FOREIGN KEY (body, role) REFERENCES seat
    );
    CREATE TABLE release (quarter TEXT PRIMARY KEY, day TEXT NOT NULL, table_text TEXT NOT NULL);
",
    },
];

/// A table of the newest format.
pub(super) struct DeskTable {
    /// Its name.
    pub(super) name: &'static str,
    /// The columns of its key: the order in which its rows are copied. It is never the order of
    /// filing.
    pub(super) key: &'static str,
    /// The other columns.
    pub(super) columns: &'static str,
}

const fn table(name: &'static str, key: &'static str, columns: &'static str) -> DeskTable {
    DeskTable { name, key, columns }
}

/// Every table, in an order in which rows can be inserted.
pub(super) const TABLES: &[DeskTable] = &[
    table(
        "founding",
        "number",
        "name, is_invented, receipt_salt, receipt_memory_kib, receipt_passes",
    ),
    table("custodian", "name", "public"),
    table("seat", "body, role", "public"),
    table(
        "member",
        "name",
        "salt, memory_kib, passes, password_check, public, sealed, last_step, failures",
    ),
    table("member_seat", "member, body, role", "sealed"),
    table(
        "file",
        "id",
        "lookup, channel, district, filed_on, has_missed, kind, stage, rung, rungs, day, due, remind_on, is_reminded, is_missed, assignee, closed_on, revision",
    ),
    table("wrap", "file, holder", "sealed"),
    table("entry", "file, number", "author, deed, stage, day, sealed"),
    table("attachment", "file, number", "entry, form, sealed"),
    table("opening", "file, member, day", ""),
    table("step", "number", "day, commitment, hash, published"),
    table("day", "day", "root, leaves"),
    table("release", "quarter", "day, table_text"),
];

/// The format that this program writes.
pub(super) fn newest() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

/// Copies every row of every table into an empty database of the same format, both in one
/// transaction.
pub(super) fn copy_rows(from: &mut dyn Engine, to: &mut dyn Engine) -> Result<(), StoreError> {
    from.begin(SqlAccess::Reading)?;
    to.begin(SqlAccess::Writing)?;
    let copied = copy_tables(from, to);
    from.roll_back()?;
    match copied {
        Ok(()) => to.commit(),
        Err(error) => {
            to.roll_back()?;
            Err(error)
        }
    }
}

/// How many rows are in memory at once while they are copied; an attachment is at most some
/// megabytes.
const ROWS_AT_ONCE: i64 = 32;

fn copy_tables(from: &mut dyn Engine, to: &mut dyn Engine) -> Result<(), StoreError> {
    for DeskTable { name, key, columns } in TABLES {
        let all = if columns.is_empty() { (*key).to_owned() } else { format!("{key}, {columns}") };
        let places: Vec<String> =
            (1..=all.split(',').count()).map(|place| format!("?{place}")).collect();
        let insert = format!("INSERT INTO {name} ({all}) VALUES ({})", places.join(", "));
        let select =
            format!("SELECT {all} FROM {name} ORDER BY {key} LIMIT {ROWS_AT_ONCE} OFFSET ?1");
        let mut offset = 0;
        loop {
            let rows = from.query(&select, cells![offset])?;
            if rows.is_empty() {
                break;
            }
            for cells in rows.into_iter().map(SqlRow::rest) {
                to.execute(&insert, &cells)?;
            }
            offset += ROWS_AT_ONCE;
        }
    }
    Ok(())
}

/// The format that was found, unless it is of a later program.
pub(super) fn no_later_than_newest(found: u32) -> Result<u32, StoreError> {
    if found > newest() { Err(StoreError::Newer { found, newest: newest() }) } else { Ok(found) }
}

/// A cell that holds a number that has to fit.
pub(super) fn number_cell<T: TryInto<i64>>(number: T) -> Result<SqlCell, StoreError> {
    let number = number.try_into().map_err(|_| StoreError::Foreign("a number out of its range"))?;
    Ok(SqlCell::Number(number))
}
