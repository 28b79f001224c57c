//! `sanad-desk backup`, `restore` and `retention`.

use std::path::PathBuf;

use jiff::civil::Date;

use super::{DeskPlace, day_at, in_words};
use crate::backup::{self, BackupSummary};
use crate::upkeep::{RetentionVerdict, destroy_past_retention};

/// What is to be copied, and where.
#[derive(clap::Args)]
pub(super) struct BackupArguments {
    #[command(flatten)]
    place: DeskPlace,
    /// A folder that is not there yet.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

/// Which backup is to become a desk, and where.
#[derive(clap::Args)]
pub(super) struct RestoreArguments {
    /// The folder of the backup.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    #[command(flatten)]
    place: DeskPlace,
}

/// What is to be looked through.
#[derive(clap::Args)]
pub(super) struct RetentionArguments {
    #[command(flatten)]
    place: DeskPlace,
    /// Say what would be destroyed, and destroy nothing.
    #[arg(long)]
    trial: bool,
    /// The day, at an invented desk.
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<Date>,
}

pub(super) fn back_up(arguments: &BackupArguments) -> Result<String, String> {
    let BackupArguments { place, to } = arguments;
    let summary = backup::back_up(&place.folder(), to).map_err(in_words)?;
    let days = place.folder().config().map_err(in_words)?.retention.backup_days;
    Ok(format!(
        "{}\nIt holds the keys of what is deleted from now on. You promised to destroy it within {days} days.",
        said(&summary, &to.display().to_string()),
    ))
}

pub(super) fn restore(arguments: &RestoreArguments) -> Result<String, String> {
    let RestoreArguments { from, place } = arguments;
    let summary = backup::restore(from, &place.folder()).map_err(in_words)?;
    Ok(format!(
        "{}\nWhat was deleted after the backup was made is here again: delete it anew.",
        said(&summary, &place.data.display().to_string()),
    ))
}

fn said(summary: &BackupSummary, place: &str) -> String {
    let BackupSummary { head, days, files } = summary;
    format!("{place}: {files} files, {days} days of the ledger, head {}", head.to_hex())
}

pub(super) fn retention(arguments: &RetentionArguments) -> Result<String, String> {
    let RetentionArguments { place, trial, today } = arguments;
    let (config, mut store) = place.open()?;
    let today = day_at(&config, *today)?;
    let closed_days = config.retention.closed_days;
    let verdicts = destroy_past_retention(store.as_mut(), closed_days, today, *trial);
    let verdicts = verdicts.map_err(in_words)?;
    let count = |verdict| verdicts.get(&verdict).copied().unwrap_or_default();
    let destroyed = if *trial { "would be destroyed" } else { "destroyed" };
    let before =
        today.saturating_sub(jiff::Span::new().days(i64::from(config.retention.backup_days)));
    Ok(format!(
        "{} {destroyed}: closed for more than {closed_days} days\n\
         {} stay: open\n\
         {} stay: closed, and their time is not over\n\
         {} stay: their time is over, and the counts of their quarter are not released yet\n\
         Backups made before {before} hold keys of what was destroyed: destroy them too.",
        count(RetentionVerdict::Destroyed),
        count(RetentionVerdict::Open),
        count(RetentionVerdict::InTime),
        count(RetentionVerdict::NotCounted),
    ))
}
