//! Deadlines over many days: none missed, none doubled, also over a server that was down.

use jiff::civil::{Date, Weekday, date};
use proptest::prelude::*;
use sanad_desk::{
    DayEvent, FileCourse, FileKind, Notice, Role, Stage, Step, TRANSITIONS, Times, Transition,
    WorkingDays, stage_time,
};

use crate::numbers::Numbers;

fn times() -> Times {
    use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
    let holidays = [date(2026, 3, 23), date(2026, 5, 1), date(2026, 8, 14)].into();
    let weekdays = [Monday, Tuesday, Wednesday, Thursday, Friday];
    let days = WorkingDays::new(&weekdays, holidays).unwrap();
    Times { days, remind_before: 1, changed: [].into() }
}

/// The same rules told in another way: working days left are counted down day by day.
struct Countdown {
    kind: FileKind,
    stage: Stage,
    rung: usize,
    rungs: usize,
    left: Option<i32>,
    is_missed: bool,
}

impl Countdown {
    fn enter(&mut self, stage: Stage, times: &Times) {
        self.stage = stage;
        self.left = times.working_days(self.kind, stage).map(i32::from);
        self.is_missed = false;
    }

    /// A new day begins: what is missed or lapses on it, without reminders.
    fn new_day(&mut self, day: Date, times: &Times) -> Vec<Notice> {
        let mut notices = Vec::new();
        if self.left == Some(0) && !self.is_missed {
            let notice = |event| Notice { day, stage: self.stage, rung: self.rung, event };
            if self.stage == Stage::Answered && self.kind == FileKind::Grievance {
                notices.push(notice(DayEvent::Lapsed));
                self.enter(Stage::Closed, times);
            } else if self.rung + 1 < self.rungs {
                notices.extend([notice(DayEvent::Missed), notice(DayEvent::Escalated)]);
                self.rung += 1;
                self.enter(self.stage, times);
            } else {
                notices.push(notice(DayEvent::Missed));
                self.is_missed = true;
            }
        } else if times.days.is_working(day) && !self.is_missed {
            self.left = self.left.map(|left| left - 1);
        }
        notices
    }
}

fn arrows_from(kind: FileKind, stage: Stage) -> Vec<&'static Transition> {
    let usable = |arrow: &&Transition| {
        arrow.kind == kind && arrow.from == stage && arrow.actor != Role::Clock
    };
    TRANSITIONS.iter().filter(usable).collect()
}

/// A file over some days: what the course says, what the countdown says, and how often the course
/// was looked at.
fn follow(seed: u64, days: u32, looks_one_in: u64) {
    let times = times();
    let mut numbers = Numbers(seed);
    let kind = FileKind::ALL[numbers.below(3) as usize];
    let rungs = 1 + numbers.below(3) as usize;
    let mut day =
        date(2026, 1, 1).saturating_add(jiff::Span::new().days(numbers.below(300) as i64));
    let mut course = FileCourse::begin(kind, day, rungs, &times);
    let mut countdown =
        Countdown { kind, stage: Stage::Filed, rung: 0, rungs, left: None, is_missed: false };
    countdown.enter(Stage::Filed, &times);
    let (mut noticed, mut expected) = (Vec::new(), Vec::new());
    for _ in 0..days {
        day = day.tomorrow().unwrap();
        expected.extend(countdown.new_day(day, &times));
        // Days on which the server is up; on others nothing asks the course.
        if numbers.below(looks_one_in) == 0 {
            noticed.extend(course.advance(day, &times));
            assert_eq!(course.advance(day, &times), [], "a second look at a day brings nothing");
        }
        let arrows = arrows_from(countdown.kind, countdown.stage);
        if !arrows.is_empty() && numbers.below(20) == 0 {
            let arrow = arrows[numbers.below(arrows.len() as u64) as usize];
            let (notices, reached) = course.take(arrow.step, arrow.actor, day, &times);
            noticed.extend(notices);
            assert_eq!(reached, Ok(arrow.to), "seed {seed}");
            if arrow.step == Step::Appeal && countdown.rung + 1 < rungs {
                countdown.rung += 1;
            }
            countdown.enter(arrow.to, &times);
        }
    }
    noticed.extend(course.advance(day, &times));
    check_reminders(&noticed, seed);
    noticed.retain(|notice| notice.event != DayEvent::Reminder);
    assert_eq!(noticed, expected, "seed {seed}");
}

/// Every missed deadline was reminded of once before, and no deadline twice.
fn check_reminders(noticed: &[Notice], seed: u64) {
    let mut open: Option<&Notice> = None;
    for notice in noticed {
        match notice.event {
            DayEvent::Reminder => {
                let doubled = open.is_some_and(|last| {
                    last.stage == notice.stage && last.rung == notice.rung && last.day == notice.day
                });
                assert!(!doubled, "seed {seed}: reminded twice: {notice:?}");
                open = Some(notice);
            }
            DayEvent::Missed | DayEvent::Lapsed => {
                let reminder = open.take().unwrap_or_else(|| panic!("seed {seed}: {notice:?}"));
                assert!(reminder.day < notice.day, "seed {seed}");
            }
            DayEvent::Escalated => {}
        }
    }
}

#[test]
fn no_deadline_is_missed_or_doubled_in_a_million_file_days() {
    for seed in 0..2_500 {
        // Looked at every day, or only one day in thirty: a server that is mostly down.
        follow(seed, 400, 1 + seed % 30);
    }
}

proptest! {
    #[test]
    fn ten_days_at_once_bring_what_each_of_them_brings(
        kind in 0_usize..3, rungs in 1_usize..4, gaps in proptest::collection::vec(1_i64..60, 1..12)
    ) {
        let times = times();
        let start = date(2026, 2, 27);
        let begin = || FileCourse::begin(FileKind::ALL[kind], start, rungs, &times);
        let (mut daily, mut seldom) = (begin(), begin());
        let (mut by_day, mut by_gap) = (Vec::new(), Vec::new());
        let mut day = start;
        for gap in gaps {
            for _ in 0..gap {
                day = day.tomorrow().unwrap();
                by_day.extend(daily.advance(day, &times));
            }
            by_gap.extend(seldom.advance(day, &times));
        }
        prop_assert_eq!(by_day, by_gap);
        prop_assert_eq!(daily, seldom);
    }
}

#[test]
fn the_due_day_is_in_time_and_the_day_after_is_not() {
    let times = times();
    // Filed on Friday 20 March 2026; Monday the 23rd is a holiday; five working days end on the 30th.
    let mut course = FileCourse::begin(FileKind::Grievance, date(2026, 3, 20), 2, &times);
    assert_eq!(course.deadline.unwrap().due, date(2026, 3, 30));
    let mut late = course.clone();
    let (notices, reached) =
        course.take(Step::Acknowledge, Role::Intake, date(2026, 3, 30), &times);
    assert_eq!(reached, Ok(Stage::Acknowledged));
    assert_eq!(notices.iter().map(|notice| notice.event).collect::<Vec<_>>(), [DayEvent::Reminder]);
    let (notices, _) = late.take(Step::Acknowledge, Role::Intake, date(2026, 3, 31), &times);
    let events: Vec<_> = notices.iter().map(|notice| notice.event).collect();
    assert_eq!(events, [DayEvent::Reminder, DayEvent::Missed, DayEvent::Escalated]);
    assert_eq!(late.rung, 1);
}

#[test]
fn the_last_body_of_the_ladder_stays_overdue_in_public() {
    let times = times();
    let mut course = FileCourse::begin(FileKind::Warning, date(2026, 1, 5), 1, &times);
    let notices = course.advance(date(2026, 12, 31), &times);
    assert_eq!(notices.iter().filter(|notice| notice.event == DayEvent::Missed).count(), 1);
    assert!(course.is_overdue());
}

#[test]
fn a_filer_who_says_nothing_ends_the_file_and_nobody_missed_a_duty() {
    let times = times();
    let mut course = FileCourse::begin(FileKind::Grievance, date(2026, 1, 5), 1, &times);
    let day = date(2026, 1, 6);
    for (step, role) in [
        (Step::Acknowledge, Role::Intake),
        (Step::Assign, Role::Intake),
        (Step::BeginInquiry, Role::Investigator),
        (Step::Answer, Role::Remedy),
    ] {
        course.take(step, role, day, &times).1.unwrap();
    }
    let notices = course.advance(date(2026, 12, 31), &times);
    assert!(notices.iter().all(|notice| notice.event != DayEvent::Missed));
    assert_eq!(course.stage, Stage::Closed);
    let (_, late) = course.take(Step::Appeal, Role::Filer, date(2027, 1, 1), &times);
    assert!(late.is_err());
}

#[test]
fn a_clock_that_goes_backwards_brings_nothing() {
    let times = times();
    let mut course = FileCourse::begin(FileKind::Harm, date(2026, 1, 5), 2, &times);
    course.advance(date(2026, 3, 5), &times);
    let before = course.clone();
    assert_eq!(course.advance(date(2026, 1, 6), &times), []);
    assert_eq!(course, before);
    assert!(stage_time(FileKind::Harm, Stage::Filed).is_some());
}
