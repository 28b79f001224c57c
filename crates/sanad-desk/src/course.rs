//! The course of one file: its stage, its deadline, and what the passing of days does to it.
//!
//! Everything here is a function of days. Days pass by the calendar whether or not the server
//! runs: [`FileCourse::advance`] over ten days at once gives what ten calls over one day each give,
//! so a server that was down over midnight neither misses nor doubles a deadline.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::process::{Expiry, FileKind, Role, Stage, Step, StepRefused, stage_after, stage_time};
use crate::working_days::WorkingDays;

/// The times of a desk: working days, and how many of them each stage may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    /// Which days count.
    pub days: WorkingDays,
    /// Working days before a deadline on which the reminder goes out.
    pub remind_before: u16,
    /// Working days of a stage where they differ from [`STAGE_TIMES`](crate::STAGE_TIMES).
    pub changed: BTreeMap<(FileKind, Stage), u16>,
}

impl Times {
    /// The working days that a stage may take; nothing where it has no deadline.
    pub fn working_days(&self, kind: FileKind, stage: Stage) -> Option<u16> {
        let time = stage_time(kind, stage)?;
        Some(self.changed.get(&(kind, stage)).copied().unwrap_or(time.working_days))
    }

    fn deadline(&self, kind: FileKind, stage: Stage, from: Date) -> Option<Deadline> {
        let due = self.days.after(from, self.working_days(kind, stage)?);
        // A reminder before the stage began would remind of nothing.
        let remind_on = self.days.before(due, self.remind_before).max(from);
        Some(Deadline { due, remind_on, is_reminded: false, is_missed: false })
    }
}

/// A day by which somebody has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// The last day on which acting is in time.
    pub due: Date,
    /// The day of the reminder.
    pub remind_on: Date,
    /// Whether the reminder has gone out.
    pub is_reminded: bool,
    /// Whether the day has passed.
    pub is_missed: bool,
}

/// What a day brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// The day by the calendar, even where the server was down on it.
    pub day: Date,
    /// The stage in which it happened.
    pub stage: Stage,
    /// The body that had the file: its place on the ladder of bodies, 0 being the first.
    pub rung: usize,
    /// What happened.
    pub event: DayEvent,
}

/// The kinds of thing that a day can bring about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DayEvent {
    /// A deadline is near.
    Reminder,
    /// A deadline passed. This is in public.
    Missed,
    /// The file went to the next body.
    Escalated,
    /// The filer's time ran out.
    Lapsed,
}

/// Where a file stands and what falls due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileCourse {
    /// The kind of file.
    pub kind: FileKind,
    /// The stage.
    pub stage: Stage,
    /// The body that has the file, as a place on the ladder.
    pub rung: usize,
    /// How many bodies the ladder has; at least 1.
    pub rungs: usize,
    /// The last day that was taken into account.
    pub day: Date,
    /// What falls due, if anything.
    pub deadline: Option<Deadline>,
}

impl FileCourse {
    /// A file that is received on a day, by the first of `rungs` bodies.
    pub fn begin(kind: FileKind, day: Date, rungs: usize, times: &Times) -> FileCourse {
        let deadline = times.deadline(kind, Stage::Filed, day);
        FileCourse { kind, stage: Stage::Filed, rung: 0, rungs: rungs.max(1), day, deadline }
    }

    /// Lets days pass up to `today` and says what they brought about, in order. A day that was
    /// taken into account before brings nothing again; a clock that goes backwards brings nothing.
    pub fn advance(&mut self, today: Date, times: &Times) -> Vec<Notice> {
        let mut notices = Vec::new();
        while let Some(notice) = self.next_notice(today, times) {
            notices.push(notice);
            if notice.event == DayEvent::Missed && self.rung + 1 < self.rungs {
                notices.push(Notice { event: DayEvent::Escalated, ..notice });
                self.rung += 1;
                self.deadline = times.deadline(self.kind, self.stage, notice.day);
            }
        }
        self.day = self.day.max(today);
        notices
    }

    /// The next thing that happens up to a day, done to the course.
    fn next_notice(&mut self, today: Date, times: &Times) -> Option<Notice> {
        let (stage, rung) = (self.stage, self.rung);
        let deadline = self.deadline.as_mut()?;
        let notice = |day, event| Some(Notice { day, stage, rung, event });
        if !deadline.is_reminded && deadline.remind_on <= today {
            deadline.is_reminded = true;
            return notice(deadline.remind_on, DayEvent::Reminder);
        }
        // The due day itself is still in time.
        if deadline.is_missed || deadline.due >= today {
            return None;
        }
        let day = deadline.due.tomorrow().ok()?;
        deadline.is_missed = true;
        match stage_time(self.kind, self.stage)?.expiry {
            Expiry::Escalate => notice(day, DayEvent::Missed),
            Expiry::Lapse => {
                self.enter(Stage::Closed, day, times);
                notice(day, DayEvent::Lapsed)
            }
        }
    }

    /// Takes a step on a day, after letting the days up to it pass. What they brought about is
    /// returned. A step that the tables refuse changes nothing but the days.
    ///
    /// # Errors
    ///
    /// [`StepRefused`] when the table has no such step for the role from the stage that the file
    /// is in on that day.
    pub fn take(
        &mut self,
        step: Step,
        role: Role,
        day: Date,
        times: &Times,
    ) -> (Vec<Notice>, Result<Stage, StepRefused>) {
        let day = day.max(self.day);
        let notices = self.advance(day, times);
        let reached = stage_after(self.kind, self.stage, step, role);
        if let Ok(stage) = reached {
            if step == Step::Appeal && self.rung + 1 < self.rungs {
                self.rung += 1;
            }
            self.enter(stage, day, times);
        }
        (notices, reached)
    }

    /// Whether the deadline has passed and nobody has acted since.
    pub fn is_overdue(&self) -> bool {
        self.deadline.is_some_and(|deadline| deadline.is_missed)
    }

    fn enter(&mut self, stage: Stage, day: Date, times: &Times) {
        self.stage = stage;
        self.deadline = times.deadline(self.kind, stage, day);
    }
}
