//! The store over any database that runs its statements: one implementation for all of them.

mod files;
mod ledger;
mod staff;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;

use super::engine::{Engine, SqlAccess, SqlCell, cells};
use super::schema::number_cell;
use super::{
    AttachmentForm, DeskStore, FileChange, Filing, Founding, InnerLedger, KeptRelease, Opening,
    SealedAttachment, StoreError, StoredFile,
};
use crate::entry::{FileId, SealedEntry};
use crate::ledger::{DayLine, Hash256, Ledger};
use crate::staff::{Member, Seat, SeatKey};
use crate::vault::{PasswordCost, PublicKey};

/// A desk in a database.
#[allow(private_bounds, reason = "what a database has to do is no interface for others")]
pub struct SqlStore<E: Engine> {
    engine: E,
}

#[allow(private_bounds, reason = "what a database has to do is no interface for others")]
impl<E: Engine> SqlStore<E> {
    pub(super) fn new(engine: E) -> SqlStore<E> {
        SqlStore { engine }
    }

    /// Begins a desk in a database without one.
    pub(super) fn found(&mut self, founding: &Founding) -> Result<(), StoreError> {
        self.within(SqlAccess::Writing, |engine| insert_founding(engine, founding))
    }

    /// Whether there is a desk.
    pub(super) fn founded(&mut self) -> Result<(), StoreError> {
        self.founding().map(drop)
    }

    /// Does some work in one transaction. When the work fails, nothing of it is kept.
    fn within<T>(
        &mut self,
        access: SqlAccess,
        work: impl FnOnce(&mut E) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.engine.begin(access)?;
        match work(&mut self.engine) {
            Ok(result) => {
                self.engine.commit()?;
                Ok(result)
            }
            Err(error) => {
                // The work's error says more than that of taking it back.
                let _ = self.engine.roll_back();
                Err(error)
            }
        }
    }

    /// The connection, for what only one kind of database does.
    pub(super) fn into_engine(self) -> E {
        self.engine
    }

    fn read<T>(
        &mut self,
        work: impl FnOnce(&mut E) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.within(SqlAccess::Reading, work)
    }

    fn write<T>(
        &mut self,
        work: impl FnOnce(&mut E) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.within(SqlAccess::Writing, work)
    }
}

impl<E: Engine> DeskStore for SqlStore<E> {
    fn founding(&mut self) -> Result<Founding, StoreError> {
        self.read(|engine| read_founding(engine))
    }

    fn file(&mut self, filing: &FileChange) -> Result<Filing, StoreError> {
        self.write(|engine| files::file(engine, filing))
    }

    fn file_all(&mut self, filings: &[FileChange]) -> Result<Vec<Filing>, StoreError> {
        self.write(|engine| filings.iter().map(|filing| files::file(engine, filing)).collect())
    }

    fn find(&mut self, lookup: &[u8; 32]) -> Result<Option<StoredFile>, StoreError> {
        self.read(|engine| files::find(engine, "lookup", SqlCell::from(*lookup)))
    }

    fn find_by_id(&mut self, file: FileId) -> Result<Option<StoredFile>, StoreError> {
        self.read(|engine| files::find(engine, "id", SqlCell::from(file.0)))
    }

    fn files(&mut self) -> Result<Vec<StoredFile>, StoreError> {
        self.read(|engine| files::all(engine))
    }

    fn filings_on(&mut self, channel: &str, day: Date) -> Result<u64, StoreError> {
        self.read(|engine| {
            let sql = "SELECT count(*) FROM file WHERE channel = ?1 AND filed_on = ?2";
            let row = engine.query(sql, cells![channel, day])?.pop();
            row.ok_or(StoreError::Foreign("a count without a row"))?.number()
        })
    }

    fn deeds_on(&mut self, channel: &str, deed: &str, day: Date) -> Result<u64, StoreError> {
        self.read(|engine| {
            let sql = "SELECT count(*) FROM entry JOIN file ON file.id = entry.file
                       WHERE file.channel = ?1 AND entry.deed = ?2 AND entry.day = ?3";
            let row = engine.query(sql, cells![channel, deed, day])?.pop();
            row.ok_or(StoreError::Foreign("a count without a row"))?.number()
        })
    }

    fn entries(&mut self, file: FileId) -> Result<Vec<SealedEntry>, StoreError> {
        self.read(|engine| files::entries(engine, file))
    }

    fn attachments(&mut self, file: FileId) -> Result<Vec<SealedAttachment>, StoreError> {
        self.read(|engine| files::attachments(engine, file))
    }

    fn attachment(
        &mut self,
        file: FileId,
        number: u32,
    ) -> Result<Option<SealedAttachment>, StoreError> {
        self.read(|engine| files::attachment(engine, file, number))
    }

    fn originals(&mut self, file: FileId) -> Result<Vec<u32>, StoreError> {
        self.read(|engine| {
            let sql = "SELECT number FROM attachment WHERE file = ?1 AND form = ?2 ORDER BY number";
            let form = AttachmentForm::SealedOriginal.as_str();
            let rows = engine.query(sql, cells![file.0, form])?.into_iter();
            rows.map(|mut row| row.number()).collect()
        })
    }

    fn change(&mut self, change: &FileChange) -> Result<(), StoreError> {
        let destroys = self.write(|engine| files::change(engine, change))?;
        // A wrap that was dropped must not survive in the log.
        if destroys { self.engine.scrub() } else { Ok(()) }
    }

    fn delete(&mut self, file: FileId, day: Date, tombstone: Hash256) -> Result<(), StoreError> {
        self.write(|engine| {
            if engine.execute("DELETE FROM file WHERE id = ?1", cells![file.0])? != 1 {
                return Err(StoreError::NoFile);
            }
            ledger::push_steps(engine, day, &[tombstone])
        })?;
        self.engine.scrub()
    }

    fn note_opening(&mut self, opening: &Opening) -> Result<(), StoreError> {
        self.write(|engine| {
            let sql = "INSERT INTO opening VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
            let Opening { file, member, day } = opening;
            engine.execute(sql, cells![file.0, member, *day]).map(drop)
        })
    }

    fn openings(&mut self, file: FileId) -> Result<Vec<Opening>, StoreError> {
        self.read(|engine| {
            let sql = "SELECT member, day FROM opening WHERE file = ?1 ORDER BY day, member";
            let rows = engine.query(sql, cells![file.0])?.into_iter();
            rows.map(|mut row| Ok(Opening { file, member: row.text()?, day: row.day()? })).collect()
        })
    }

    fn close_day(&mut self, day: Date, padding: &[Hash256]) -> Result<Option<DayLine>, StoreError> {
        self.write(|engine| ledger::close_day(engine, day, padding))
    }

    fn ledger(&mut self) -> Result<Ledger, StoreError> {
        self.read(|engine| ledger::public(engine))
    }

    fn inner_ledger(&mut self) -> Result<InnerLedger, StoreError> {
        self.read(|engine| ledger::inner(engine))
    }

    fn seats(&mut self) -> Result<Vec<SeatKey>, StoreError> {
        self.read(|engine| staff::seats(engine))
    }

    fn keep_seat(&mut self, seat: &SeatKey) -> Result<(), StoreError> {
        self.write(|engine| staff::keep_seat(engine, seat))
    }

    fn members(&mut self) -> Result<Vec<Member>, StoreError> {
        self.read(|engine| staff::members(engine))
    }

    fn member(&mut self, name: &str) -> Result<Option<Member>, StoreError> {
        self.read(|engine| staff::member(engine, name))
    }

    fn keep_member(&mut self, member: &Member) -> Result<(), StoreError> {
        self.write(|engine| staff::keep_member(engine, member))?;
        // An old password's record must not survive in the log.
        self.engine.scrub()
    }

    fn remove_member(&mut self, name: &str) -> Result<(), StoreError> {
        self.write(|engine| staff::remove_member(engine, name))?;
        self.engine.scrub()
    }

    fn withdraw_seat(&mut self, name: &str, seat: &Seat) -> Result<(), StoreError> {
        self.write(|engine| staff::withdraw_seat(engine, name, seat))?;
        self.engine.scrub()
    }

    fn note_login(&mut self, name: &str, step: u64) -> Result<bool, StoreError> {
        self.write(|engine| staff::note_login(engine, name, step))
    }

    fn note_failure(&mut self, name: &str) -> Result<u32, StoreError> {
        self.write(|engine| staff::note_failure(engine, name))
    }

    fn releases(&mut self) -> Result<Vec<KeptRelease>, StoreError> {
        self.read(|engine| {
            let sql = "SELECT quarter, day, table_text FROM release ORDER BY quarter";
            let rows = engine.query(sql, &[])?.into_iter();
            let release = |quarter, day, table| KeptRelease { quarter, day, table };
            rows.map(|mut row| Ok(release(row.text()?, row.day()?, row.text()?))).collect()
        })
    }

    fn keep_release(&mut self, release: &KeptRelease) -> Result<bool, StoreError> {
        self.write(|engine| {
            let sql = "INSERT INTO release VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
            let KeptRelease { quarter, day, table } = release;
            Ok(engine.execute(sql, cells![quarter, *day, table])? == 1)
        })
    }

    fn scrub(&mut self) -> Result<(), StoreError> {
        self.engine.scrub()
    }

    fn check_pages(&mut self) -> Result<(), StoreError> {
        self.engine.check_pages()
    }

    fn back_up(&mut self, to: &Path) -> Result<(), StoreError> {
        self.engine.back_up(to)
    }
}

fn insert_founding(engine: &mut dyn Engine, founding: &Founding) -> Result<(), StoreError> {
    let Founding { name, is_invented, receipt_salt, receipt_cost, leaves, custodians } = founding;
    let inserted = engine.execute(
        "INSERT INTO founding VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        cells![
            name,
            *is_invented,
            *receipt_salt,
            receipt_cost.memory_kib,
            receipt_cost.passes,
            number_cell(*leaves)?,
        ],
    )?;
    if inserted == 0 {
        return Err(StoreError::DeskExists);
    }
    for (name, public) in custodians {
        engine.execute("INSERT INTO custodian VALUES (?1, ?2)", cells![name, public.0])?;
    }
    Ok(())
}

fn read_founding(engine: &mut dyn Engine) -> Result<Founding, StoreError> {
    let mut custodians = BTreeMap::new();
    for mut row in engine.query("SELECT name, public FROM custodian ORDER BY name", &[])? {
        custodians.insert(row.text()?, PublicKey(row.array()?));
    }
    let sql = "SELECT name, is_invented, receipt_salt, receipt_memory_kib, receipt_passes, leaves FROM founding";
    let mut row = engine.query(sql, &[])?.pop().ok_or(StoreError::NoDesk)?;
    Ok(Founding {
        name: row.text()?,
        is_invented: row.flag()?,
        receipt_salt: row.array()?,
        receipt_cost: PasswordCost { memory_kib: row.number()?, passes: row.number()? },
        leaves: row.number()?,
        custodians,
    })
}
