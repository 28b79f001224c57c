//! The records of a chronicle.

use sanad_core::chronicle::ChronicleRecord;
use sanad_store::{Columns, Table};

use crate::error::Result;

/// One row per record: kind, date as exactly as it is known, first and last day, what it is about,
/// and where it comes from. Lists are joined by semicolons. Lists that are empty are null.
///
/// # Errors
///
/// None that a caller could cause.
pub fn chronicle_table(records: &[&ChronicleRecord]) -> Result<Table> {
    let all = || records.iter().map(|record| &record.entry);
    let joined = |items: &[String]| Some(items.join(";")).filter(|text| !text.is_empty());
    let fronts = all().map(|entry| {
        let words: Vec<String> =
            entry.fronts.iter().map(|front| front.as_str().to_owned()).collect();
        joined(&words)
    });
    Ok(Columns::default()
        .text("id", all().map(|entry| Some(&entry.id)))
        .text("kind", records.iter().map(|record| Some(record.detail.kind())))
        .text("date", all().map(|entry| Some(entry.when.to_string())))
        .text("date_start", all().map(|entry| Some(entry.when.start().to_string())))
        .text("date_end", all().map(|entry| Some(entry.when.end().to_string())))
        .text("fronts", fronts)
        .text("summary", all().map(|entry| Some(&entry.summary)))
        .text("places", all().map(|entry| joined(&entry.places)))
        .text("actors", all().map(|entry| joined(&entry.actors)))
        .int64("paragraph", all().map(|entry| i64::from(entry.paragraph)).collect::<Vec<_>>())
        .text("cite", all().map(|entry| entry.cite.as_ref()))
        .text("note", all().map(|entry| entry.note.as_ref()))
        .finish()?)
}
