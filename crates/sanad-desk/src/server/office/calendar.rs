//! What each new day brings: closed days of the ledger, deadlines, releases, and the end of
//! what is past its time.
//!
//! Nobody has to be there at midnight. The first request of a day, or the look at the calendar every
//! half minute, does what the day brings before anything else is done, and the same after ten days
//! in which the server was down. What was done is in the store, file by file, so a process that is
//! killed in between goes on where it was.
//!
//! A day of the ledger that is closed late holds what waited for it. A deadline that passed while
//! the server was down is dated by the calendar, and stands in the line of the day on which the
//! server was back.

use jiff::civil::Date;

use super::{CaseChange, Office, drop_wraps};
use crate::config::DeskConfig;
use crate::course::DayEvent;
use crate::store::{StoreError, StoredFile};
use crate::upkeep::{UpkeepError, close_day, destroy_past_retention, release_due};

impl Office {
    /// Does what every day up to today brings, once. A desk that was down for ten days does then
    /// what one that was up did on each of them. Doing it again does nothing; a clock that goes
    /// backwards brings nothing.
    ///
    /// The ledger's days are closed first, so that no step of today is in yesterday's line.
    pub(crate) fn begin_day(
        &mut self,
        config: &DeskConfig,
        today: Date,
    ) -> Result<(), UpkeepError> {
        if self.begun.is_some_and(|begun| begun >= today) {
            return Ok(());
        }
        self.close_days(today)?;
        for file in self.store.files()? {
            self.let_days_pass(config, file, today)?;
        }
        if let Some(first) = self.ledger.days().first().map(|line| line.day) {
            release_due(self.store.as_mut(), config, first, today)?;
        }
        let closed_days = config.retention.closed_days;
        destroy_past_retention(self.store.as_mut(), closed_days, today, false)?;
        self.taken.clear();
        self.solved.clear();
        self.attached.clear();
        self.begun = Some(today);
        Ok(())
    }

    /// Closes every day up to yesterday. A desk that has no day yet begins with yesterday.
    fn close_days(&mut self, today: Date) -> Result<(), UpkeepError> {
        let Ok(yesterday) = today.yesterday() else { return Ok(()) };
        let mut day = self.ledger.next_day().unwrap_or(yesterday);
        while day <= yesterday {
            close_day(self.store.as_mut(), day, self.ledger.leaves())?;
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        Ok(self.read_ledger()?)
    }

    /// Lets days pass over one file and keeps what they brought about.
    fn let_days_pass(
        &mut self,
        config: &DeskConfig,
        mut file: StoredFile,
        today: Date,
    ) -> Result<(), UpkeepError> {
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
        let mut change = CaseChange::begin(file, number, today);
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
            done => Ok(done?),
        }
    }
}
