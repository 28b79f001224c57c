//! What has to be done from time to time, whoever is at the desk: counts are released when they
//! fall due, and what is past its time loses its keys.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::config::DeskConfig;
use crate::ledger::Hash256;
use crate::process::Stage;
use crate::release::{CountedFile, Quarter, publish, release_day, to_csv};
use crate::store::{DeskStore, KeptRelease, StoreError, StoredFile};
use crate::vault::{VaultError, random_bytes};

/// Why upkeep could not be done.
#[derive(Debug, thiserror::Error)]
pub enum UpkeepError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There are no random numbers.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A file names a channel that `desk.toml` does not have.
    #[error(
        "files came by the channel {0:?}, which desk.toml does not have: put it back with open = false"
    )]
    NoChannel(String),
}

/// Closes a day of the ledger, filled up with random hashes. Does nothing when it is closed already or
/// is not the next.
///
/// # Errors
///
/// [`UpkeepError::Vault`] where there is no randomness, and then the day stays open.
pub(crate) fn close_day(
    store: &mut dyn DeskStore,
    day: Date,
    leaves: usize,
) -> Result<(), UpkeepError> {
    let padding: Result<Vec<Hash256>, VaultError> =
        (0..leaves).map(|_| random_bytes().map(Hash256)).collect();
    store.close_day(day, &padding?)?;
    Ok(())
}

/// Releases the counts of every quarter that is due and was not released, from the quarter of
/// `begin` on. A quarter without a file is released like any other, as an empty table, so that
/// neither the time nor the number of releases tells anything.
///
/// # Errors
///
/// [`UpkeepError`]; what was released before the error stays released.
pub fn release_due(
    store: &mut dyn DeskStore,
    config: &DeskConfig,
    begin: Date,
    today: Date,
) -> Result<Vec<KeptRelease>, UpkeepError> {
    let is_invented = store.founding()?.is_invented;
    let done: BTreeSet<String> =
        store.releases()?.into_iter().map(|release| release.quarter).collect();
    let (files, mut released) = (store.files()?, Vec::new());
    let mut quarter = Quarter::holding(begin);
    loop {
        let due = release_day(quarter, config.release.delay_days);
        if due > today {
            return Ok(released);
        }
        if !done.contains(&quarter.to_string()) {
            let table = table_of(&files, quarter, config, is_invented)?;
            let release = KeptRelease { quarter: quarter.to_string(), day: due, table };
            if store.keep_release(&release)? {
                released.push(release);
            }
        }
        let Ok(next) = quarter.last_day().tomorrow() else { return Ok(released) };
        quarter = Quarter::holding(next);
    }
}

fn table_of(
    files: &[StoredFile],
    quarter: Quarter,
    config: &DeskConfig,
    is_invented: bool,
) -> Result<String, UpkeepError> {
    let of_quarter = files.iter().filter(|file| Quarter::holding(file.filed_on) == quarter);
    let counted: Result<Vec<CountedFile>, UpkeepError> = of_quarter
        .map(|file| {
            let channel = config.channel(&file.channel);
            let channel = channel.ok_or_else(|| UpkeepError::NoChannel(file.channel.clone()))?;
            Ok(CountedFile {
                body: channel.body.clone(),
                district: file.district.clone(),
                kind: file.course.kind,
                stage: file.course.stage,
                has_missed: file.has_missed,
            })
        })
        .collect();
    let parts = publish(&counted?, &units(config), config.release.smallest_count);
    Ok(to_csv(quarter, &parts, is_invented))
}

/// Every body with the districts of its channels, also where nobody filed.
fn units(config: &DeskConfig) -> BTreeMap<String, BTreeSet<String>> {
    let mut units: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for channel in &config.channels {
        units.entry(channel.body.clone()).or_default().extend(channel.districts.iter().cloned());
    }
    units
}

/// What retention does with a file, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RetentionVerdict {
    /// It is closed for long enough: it loses its keys and its content.
    Destroyed,
    /// It is still open. Nothing that somebody waits for is destroyed.
    Open,
    /// It is closed, and its time is not over.
    InTime,
    /// Its time is over, but its quarter was not counted yet; it goes after that.
    NotCounted,
}

impl RetentionVerdict {
    /// The verdict on a file on a day. `released` are the quarters whose counts are released.
    pub fn on(
        file: &StoredFile,
        closed_days: u16,
        released: &BTreeSet<String>,
        today: Date,
    ) -> RetentionVerdict {
        let Some(closed_on) = file.closed_on.filter(|_| file.course.stage == Stage::Closed) else {
            return RetentionVerdict::Open;
        };
        // The last day of the time is kept whole.
        let last = closed_on.saturating_add(jiff::Span::new().days(i64::from(closed_days)));
        if today <= last {
            return RetentionVerdict::InTime;
        }
        match released.contains(&Quarter::holding(file.filed_on).to_string()) {
            true => RetentionVerdict::Destroyed,
            false => RetentionVerdict::NotCounted,
        }
    }
}

/// Destroys every file that is past its time, unless `is_trial`, and says how many files had which
/// verdict. Each leaves one entry in the ledger, which cannot be told from another.
///
/// # Errors
///
/// [`UpkeepError`]; what was destroyed before the error stays destroyed.
pub fn destroy_past_retention(
    store: &mut dyn DeskStore,
    closed_days: u16,
    today: Date,
    is_trial: bool,
) -> Result<BTreeMap<RetentionVerdict, u64>, UpkeepError> {
    let released: BTreeSet<String> =
        store.releases()?.into_iter().map(|release| release.quarter).collect();
    let mut verdicts = BTreeMap::new();
    for file in store.files()? {
        let verdict = RetentionVerdict::on(&file, closed_days, &released, today);
        *verdicts.entry(verdict).or_insert(0) += 1;
        if verdict == RetentionVerdict::Destroyed && !is_trial {
            store.delete(file.id, today, Hash256(random_bytes()?))?;
        }
    }
    if !is_trial {
        store.scrub()?;
    }
    Ok(verdicts)
}
