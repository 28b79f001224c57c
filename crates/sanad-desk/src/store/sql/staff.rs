//! Seats, and the staff that sit in them.

use std::collections::BTreeMap;

use super::super::StoreError;
use super::super::engine::{Engine, SqlRow, cells};
use super::super::schema::number_cell;
use crate::staff::{Member, Seat, SeatKey};
use crate::vault::{PasswordCost, PasswordRecord, PublicKey};

const COLUMNS: &str =
    "name, salt, memory_kib, passes, password_check, public, sealed, last_step, failures";

pub(super) fn seats(engine: &mut dyn Engine) -> Result<Vec<SeatKey>, StoreError> {
    let rows = engine.query("SELECT body, role, public FROM seat ORDER BY body, role", &[])?;
    rows.into_iter()
        .map(|mut row| {
            let seat = Seat { body: row.text()?, role: row.role()? };
            Ok(SeatKey { seat, public: PublicKey(row.array()?) })
        })
        .collect()
}

pub(super) fn keep_seat(engine: &mut dyn Engine, seat: &SeatKey) -> Result<(), StoreError> {
    let sql = "INSERT INTO seat (body, role, public) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    let SeatKey { seat: Seat { body, role }, public } = seat;
    engine.execute(sql, cells![body, role.as_str(), public.0]).map(drop)
}

pub(super) fn members(engine: &mut dyn Engine) -> Result<Vec<Member>, StoreError> {
    let rows = engine.query(&format!("SELECT {COLUMNS} FROM member ORDER BY name"), &[])?;
    rows.into_iter().map(|row| complete(engine, row)).collect()
}

pub(super) fn member(engine: &mut dyn Engine, name: &str) -> Result<Option<Member>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM member WHERE name = ?1");
    let row = engine.query(&sql, cells![name])?.pop();
    row.map(|row| complete(engine, row)).transpose()
}

fn complete(engine: &mut dyn Engine, mut row: SqlRow) -> Result<Member, StoreError> {
    let mut member = Member {
        name: row.text()?,
        password: PasswordRecord {
            salt: row.array()?,
            cost: PasswordCost { memory_kib: row.number()?, passes: row.number()? },
            check: row.array()?,
        },
        public: PublicKey(row.array()?),
        sealed: row.bytes()?,
        seats: BTreeMap::new(),
        last_step: row.optional_number()?,
        failures: row.number()?,
    };
    let sql = "SELECT body, role, sealed FROM member_seat WHERE member = ?1";
    for mut row in engine.query(sql, cells![&member.name])? {
        let seat = Seat { body: row.text()?, role: row.role()? };
        member.seats.insert(seat, row.bytes()?);
    }
    Ok(member)
}

pub(super) fn keep_member(engine: &mut dyn Engine, member: &Member) -> Result<(), StoreError> {
    engine.execute("DELETE FROM member WHERE name = ?1", cells![&member.name])?;
    let Member { name, password, public, sealed, seats, last_step, failures } = member;
    let PasswordRecord { salt, cost, check } = password;
    let last_step = last_step.map(number_cell).transpose()?;
    engine.execute(
        &format!("INSERT INTO member ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
        cells![
            name,
            *salt,
            cost.memory_kib,
            cost.passes,
            *check,
            public.0,
            sealed,
            last_step,
            *failures
        ],
    )?;
    for (Seat { body, role }, sealed) in seats {
        let sql = "INSERT INTO member_seat (member, body, role, sealed) VALUES (?1, ?2, ?3, ?4)";
        engine.execute(sql, cells![name, body, role.as_str(), sealed])?;
    }
    Ok(())
}

pub(super) fn remove_member(engine: &mut dyn Engine, name: &str) -> Result<(), StoreError> {
    let removed = engine.execute("DELETE FROM member WHERE name = ?1", cells![name])?;
    if removed == 1 { Ok(()) } else { Err(StoreError::NoMember) }
}

pub(super) fn withdraw_seat(
    engine: &mut dyn Engine,
    name: &str,
    seat: &Seat,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM member_seat WHERE member = ?1 AND body = ?2 AND role = ?3";
    let removed = engine.execute(sql, cells![name, &seat.body, seat.role.as_str()])?;
    if removed == 1 { Ok(()) } else { Err(StoreError::NoMember) }
}

pub(super) fn note_login(
    engine: &mut dyn Engine,
    name: &str,
    step: u64,
) -> Result<bool, StoreError> {
    let changed = engine.execute(
        "UPDATE member SET last_step = ?2, failures = 0
         WHERE name = ?1 AND (last_step IS NULL OR last_step < ?2)",
        cells![name, number_cell(step)?],
    )?;
    Ok(changed == 1)
}

pub(super) fn note_failure(engine: &mut dyn Engine, name: &str) -> Result<u32, StoreError> {
    let sql = "UPDATE member SET failures = failures + 1 WHERE name = ?1";
    engine.execute(sql, cells![name])?;
    let sql = "SELECT failures FROM member WHERE name = ?1";
    engine.query(sql, cells![name])?.pop().ok_or(StoreError::NoMember)?.number()
}
