//! What each new day brings: closed days of the ledger, deadlines, and releases.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{Change, Office, drop_wraps};
use crate::config::DeskConfig;
use crate::course::DayEvent;
use crate::ledger::{BATCH_LEAVES, Hash256};
use crate::release::{CountedFile, Quarter, publish, release_day, to_csv};
use crate::store::{KeptRelease, StoreError, StoredFile};
use crate::vault::random_bytes;

impl Office {
    /// Does what every day up to today brings, once. A desk that was down for ten days does then
    /// what one that was up did on each of them. Doing it again does nothing; a clock that goes
    /// backwards brings nothing.
    ///
    /// The ledger's days are closed first, so that no step of today is in yesterday's line.
    pub(crate) fn begin_day(&mut self, config: &DeskConfig, today: Date) -> Result<(), StoreError> {
        if self.begun.is_some_and(|begun| begun >= today) {
            return Ok(());
        }
        self.close_days(today)?;
        for file in self.store.files()? {
            self.let_days_pass(config, file, today)?;
        }
        self.release_counts(config, today)?;
        self.taken.clear();
        self.begun = Some(today);
        Ok(())
    }

    /// Closes every day up to yesterday. A desk that has no day yet begins with yesterday.
    fn close_days(&mut self, today: Date) -> Result<(), StoreError> {
        let Ok(yesterday) = today.yesterday() else { return Ok(()) };
        let mut day = self.ledger.next_day().unwrap_or(yesterday);
        while day <= yesterday {
            let mut padding = padding()?;
            // As many as a day can need were drawn.
            self.store.close_day(day, &mut || padding.pop().unwrap_or(Hash256([0; 32])))?;
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        self.read_ledger()
    }

    /// Lets days pass over one file and keeps what they brought about.
    fn let_days_pass(
        &mut self,
        config: &DeskConfig,
        mut file: StoredFile,
        today: Date,
    ) -> Result<(), StoreError> {
        let before = file.course.clone();
        let notices = file.course.advance(today, &config.times);
        let is_same = notices.is_empty() && before.deadline == file.course.deadline;
        if is_same {
            return Ok(());
        }
        let number = self.store.entries(file.id)?.last().map_or(0, |entry| entry.head.number);
        let ladder =
            config.channel(&file.channel).map_or(&[][..], |channel| config.ladder(channel));
        file.has_missed |= notices.iter().any(|notice| notice.event == DayEvent::Missed);
        if file.course.rung != before.rung {
            file.assignee = None;
        }
        drop_wraps(&mut file, ladder);
        let mut change = Change::begin(file, number, today);
        for notice in &notices {
            let deed = match notice.event {
                DayEvent::Missed => "missed",
                DayEvent::Lapsed => "lapse",
                DayEvent::Reminder | DayEvent::Escalated => continue,
            };
            change
                .write_event(deed, notice.day)
                .map_err(|_| StoreError::Foreign("no randomness"))?;
        }
        match self.store.change(&change.change) {
            // Another process was at the file; the next look at the calendar finds it again.
            Err(StoreError::ChangedMeanwhile | StoreError::NoFile) => Ok(()),
            done => done,
        }
    }

    /// Releases the counts of every quarter that is due, once.
    fn release_counts(&mut self, config: &DeskConfig, today: Date) -> Result<(), StoreError> {
        let known: BTreeSet<String> =
            self.store.releases()?.into_iter().map(|release| release.quarter).collect();
        let Some(first) = self.ledger.days().first().map(|line| line.day) else { return Ok(()) };
        let mut quarter = Quarter::holding(first);
        loop {
            let day = release_day(quarter, config.release.delay_days);
            if day > today {
                return Ok(());
            }
            if !known.contains(&quarter.to_string()) {
                let table = self.counted(config, quarter)?;
                let quarter = quarter.to_string();
                self.store.keep_release(&KeptRelease { quarter, day, table })?;
            }
            let Ok(next) = quarter.last_day().tomorrow() else { return Ok(()) };
            quarter = Quarter::holding(next);
        }
    }

    fn counted(&mut self, config: &DeskConfig, quarter: Quarter) -> Result<String, StoreError> {
        let files = self.store.files()?;
        let is_in = |file: &&StoredFile| Quarter::holding(file.filed_on) == quarter;
        let counted: Vec<CountedFile> =
            files.iter().filter(is_in).filter_map(|file| counted_file(config, file)).collect();
        let mut units: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for channel in &config.channels {
            units
                .entry(channel.body.clone())
                .or_default()
                .extend(channel.districts.iter().cloned());
        }
        let parts = publish(&counted, &units, config.release.smallest_count);
        Ok(to_csv(quarter, &parts, config.is_invented))
    }
}

fn counted_file(config: &DeskConfig, file: &StoredFile) -> Option<CountedFile> {
    Some(CountedFile {
        body: config.channel(&file.channel)?.body.clone(),
        district: file.district.clone(),
        kind: file.course.kind,
        stage: file.course.stage,
        has_missed: file.has_missed,
    })
}

/// As many random leaves as a day can need.
fn padding() -> Result<Vec<Hash256>, StoreError> {
    (0..BATCH_LEAVES)
        .map(|_| random_bytes().map(Hash256).map_err(|_| StoreError::Foreign("no randomness")))
        .collect()
}
