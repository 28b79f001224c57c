//! Files with their wraps, entries and attachments.

use std::collections::BTreeMap;

use super::super::engine::{Engine, SqlCell, SqlRow, cells};
use super::super::schema::number_cell;
use super::super::{AttachmentForm, FileChange, Filing, SealedAttachment, StoreError, StoredFile};
use super::ledger::push_steps;
use crate::course::{Deadline, FileCourse};
use crate::entry::{EntryHead, FileId, SealedEntry};
use crate::process::{FileKind, Stage};
use crate::vault::{Holder, Wraps};

/// The columns of a file in the order in which [`file_from`] takes them.
const COLUMNS: &str = "id, lookup, channel, district, filed_on, has_missed, kind, stage, rung, rungs, day, due, remind_on, is_reminded, is_missed, assignee, closed_on, revision";

pub(super) fn file(engine: &mut dyn Engine, filing: &FileChange) -> Result<Filing, StoreError> {
    let StoredFile { id, lookup, channel, district, filed_on, has_missed, course, .. } =
        &filing.file;
    let inserted = engine.execute(
        "INSERT INTO file (id, lookup, channel, district, filed_on, has_missed, kind, stage, rung, rungs, day, revision)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, '', 0, 0, '', 0) ON CONFLICT (lookup) DO NOTHING",
        cells![id.0, *lookup, channel, district, *filed_on, *has_missed, course.kind.as_str()],
    )?;
    if inserted == 0 {
        return Ok(Filing::KeptBefore);
    }
    update(engine, &filing.file, 0)?;
    write_parts(engine, filing)?;
    Ok(Filing::Kept)
}

/// Changes a file and says whether a wrap was destroyed.
pub(super) fn change(engine: &mut dyn Engine, change: &FileChange) -> Result<bool, StoreError> {
    let file = &change.file;
    let next = file.revision.checked_add(1).ok_or(StoreError::Foreign("a revision"))?;
    update(engine, file, next)?;
    let before = wraps(engine, file.id)?;
    let destroys = before.0.iter().any(|(holder, sealed)| file.wraps.0.get(holder) != Some(sealed));
    engine.execute("DELETE FROM wrap WHERE file = ?1", cells![file.id.0])?;
    write_parts(engine, change)?;
    Ok(destroys)
}

pub(super) fn find(
    engine: &mut dyn Engine,
    column: &'static str,
    value: SqlCell,
) -> Result<Option<StoredFile>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM file WHERE {column} = ?1");
    let row = engine.query(&sql, &[value])?.pop();
    row.map(|row| complete(engine, row)).transpose()
}

pub(super) fn all(engine: &mut dyn Engine) -> Result<Vec<StoredFile>, StoreError> {
    let rows = engine.query(&format!("SELECT {COLUMNS} FROM file ORDER BY id"), &[])?;
    rows.into_iter().map(|row| complete(engine, row)).collect()
}

pub(super) fn entries(
    engine: &mut dyn Engine,
    file: FileId,
) -> Result<Vec<SealedEntry>, StoreError> {
    let sql = "SELECT number, author, deed, stage, day, sealed FROM entry WHERE file = ?1 ORDER BY number";
    let rows = engine.query(sql, cells![file.0])?.into_iter();
    rows.map(|mut row| {
        let head = EntryHead {
            number: row.number()?,
            author: row.role()?,
            deed: row.text()?,
            stage: row.stage()?,
            day: row.day()?,
        };
        Ok(SealedEntry { head, sealed: row.bytes()? })
    })
    .collect()
}

pub(super) fn attachments(
    engine: &mut dyn Engine,
    file: FileId,
) -> Result<Vec<SealedAttachment>, StoreError> {
    let sql = "SELECT number, entry, form, sealed FROM attachment WHERE file = ?1 ORDER BY number";
    let rows = engine.query(sql, cells![file.0])?.into_iter();
    rows.map(|mut row| {
        Ok(SealedAttachment {
            number: row.number()?,
            entry: row.number()?,
            form: AttachmentForm::from_word(&row.text()?)
                .ok_or(StoreError::Foreign("a form of attachment"))?,
            sealed: row.bytes()?,
        })
    })
    .collect()
}

fn complete(engine: &mut dyn Engine, row: SqlRow) -> Result<StoredFile, StoreError> {
    let mut file = file_from(row)?;
    file.wraps = wraps(engine, file.id)?;
    Ok(file)
}

fn wraps(engine: &mut dyn Engine, file: FileId) -> Result<Wraps, StoreError> {
    let mut wraps = BTreeMap::new();
    for mut row in
        engine.query("SELECT holder, sealed FROM wrap WHERE file = ?1", cells![file.0])?
    {
        let holder = Holder::from_word(&row.text()?).ok_or(StoreError::Foreign("a holder"))?;
        wraps.insert(holder, row.bytes()?);
    }
    Ok(Wraps(wraps))
}

/// A file without its wraps.
fn file_from(mut row: SqlRow) -> Result<StoredFile, StoreError> {
    Ok(StoredFile {
        id: FileId(row.array()?),
        lookup: row.array()?,
        channel: row.text()?,
        district: row.text()?,
        filed_on: row.day()?,
        has_missed: row.flag()?,
        course: course_from(&mut row)?,
        assignee: row.optional_text()?,
        closed_on: row.optional_day()?,
        revision: row.number()?,
        wraps: Wraps::default(),
    })
}

fn course_from(row: &mut SqlRow) -> Result<FileCourse, StoreError> {
    Ok(FileCourse {
        kind: FileKind::from_word(&row.text()?).ok_or(StoreError::Foreign("a kind of file"))?,
        stage: row.stage()?,
        rung: row.number()?,
        rungs: row.number()?,
        day: row.day()?,
        deadline: match (row.optional_day()?, row.optional_day()?) {
            (None, None) => {
                row.cell()?;
                row.cell()?;
                None
            }
            (Some(due), Some(remind_on)) => {
                let (is_reminded, is_missed) = (row.flag()?, row.flag()?);
                Some(Deadline { due, remind_on, is_reminded, is_missed })
            }
            _ => return Err(StoreError::Foreign("half a deadline")),
        },
    })
}

/// Writes what can change in a file, if it still has the revision that it was read with.
fn update(engine: &mut dyn Engine, file: &StoredFile, next: u32) -> Result<(), StoreError> {
    let FileCourse { stage, rung, rungs, day, deadline, .. } = &file.course;
    let changed = engine.execute(
        "UPDATE file SET has_missed = ?2, stage = ?3, rung = ?4, rungs = ?5, day = ?6, due = ?7,
         remind_on = ?8, is_reminded = ?9, is_missed = ?10, assignee = ?11, revision = ?12,
         closed_on = CASE WHEN ?14 = 1 THEN coalesce(closed_on, ?6) END
         WHERE id = ?1 AND revision = ?13",
        cells![
            file.id.0,
            file.has_missed,
            stage.as_str(),
            number_cell(*rung)?,
            number_cell(*rungs)?,
            *day,
            deadline.map(|deadline| deadline.due),
            deadline.map(|deadline| deadline.remind_on),
            deadline.map(|deadline| deadline.is_reminded),
            deadline.map(|deadline| deadline.is_missed),
            file.assignee.as_ref(),
            next,
            file.revision,
            *stage == Stage::Closed,
        ],
    )?;
    if changed == 1 {
        return Ok(());
    }
    let known = engine.query("SELECT 1 FROM file WHERE id = ?1", cells![file.id.0])?;
    Err(if known.is_empty() { StoreError::NoFile } else { StoreError::ChangedMeanwhile })
}

/// Wraps, entries, attachments and steps of the ledger.
fn write_parts(engine: &mut dyn Engine, parts: &FileChange) -> Result<(), StoreError> {
    let id = parts.file.id.0;
    for (holder, sealed) in &parts.file.wraps.0 {
        let sql = "INSERT INTO wrap (file, holder, sealed) VALUES (?1, ?2, ?3)";
        engine.execute(sql, cells![id, holder.to_word(), sealed])?;
    }
    for SealedEntry { head, sealed } in &parts.entries {
        let EntryHead { number, author, deed, stage, day } = head;
        engine.execute(
            "INSERT INTO entry (file, number, author, deed, stage, day, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            cells![id, *number, author.as_str(), deed, stage.as_str(), *day, sealed],
        )?;
    }
    for SealedAttachment { number, entry, form, sealed } in &parts.attachments {
        engine.execute(
            "INSERT INTO attachment (file, number, entry, form, sealed) VALUES (?1, ?2, ?3, ?4, ?5)",
            cells![id, *number, *entry, form.as_str(), sealed],
        )?;
    }
    push_steps(engine, parts.day, &parts.commitments)
}
