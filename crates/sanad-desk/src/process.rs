//! The three kinds of file as tables: stages, steps, who may take them, and what falls due.
//!
//! The tables of this module are the rules. `docs/desk-states.md` is printed from them, and a test
//! compares the two.

use std::fmt::Write as _;

/// What a file is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// A complaint about an act or an omission of a public body.
    Grievance,
    /// Harm to civilians.
    Harm,
    /// Something seen that may come before violence.
    Warning,
}

/// What a channel's grievances are about, where a desk gives a matter a channel of its own. It changes no
/// stage and no step: who receives it, and by when, is the channel's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Matter {
    /// Acts of the police.
    Police,
    /// Courts and their decisions.
    Courts,
    /// Land and houses.
    Land,
    /// Somebody is held.
    Detention,
    /// Somebody is gone.
    Disappearance,
    /// What a public body has to provide.
    Services,
    /// People who had to leave.
    Displacement,
    /// A loss that has to be made good.
    Compensation,
}

/// Where a file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Received, and not yet read by anybody.
    Filed,
    /// Read, and taken on.
    Acknowledged,
    /// Given to somebody by name.
    Assigned,
    /// Looked into.
    Inquiry,
    /// The body has answered.
    Answered,
    /// The filer is content with the answer.
    Accepted,
    /// The filer is not, and the next body has to look.
    Appealed,
    /// What an inquiry into harm found is published.
    FindingsPublished,
    /// Whether and how much is paid is decided.
    CompensationDecided,
    /// The compensation has arrived.
    Paid,
    /// A step against those who answer for the harm was taken.
    AccountabilityTaken,
    /// A warning was compared with what others see.
    Checked,
    /// A warning was passed on.
    Shared,
    /// Nothing more is to come.
    Closed,
}

/// What moves a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Say that the file was received.
    Acknowledge,
    /// Give the file to somebody.
    Assign,
    /// Begin to look into it.
    BeginInquiry,
    /// Answer the filer.
    Answer,
    /// Be content with what was answered.
    Accept,
    /// Ask the next body to look again.
    Appeal,
    /// Publish what was found.
    PublishFindings,
    /// Decide on compensation.
    DecideCompensation,
    /// Say that the compensation was paid.
    RecordPayment,
    /// Say what was done against those who answer for the harm.
    RecordAccountability,
    /// Compare a warning with what others see.
    Check,
    /// Pass a warning on.
    Share,
    /// Say what came of a warning.
    RecordOutcome,
    /// End the file.
    Close,
    /// The filer's time to accept or appeal ran out.
    Lapse,
}

/// Who acts on a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The person who filed, known by the receipt alone.
    Filer,
    /// An organisation that files for others.
    Partner,
    /// Receives files, acknowledges and assigns them.
    Intake,
    /// Looks into files.
    Investigator,
    /// Decides, answers and pays for the body.
    Remedy,
    /// Holds a part of the recovery key. Reads nothing alone.
    Custodian,
    /// Sees every entry of the ledger and no content.
    Auditor,
    /// The desk's own clock.
    Clock,
}

/// One arrow of a state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// The kind of file.
    pub kind: FileKind,
    /// The stage that the arrow leaves.
    pub from: Stage,
    /// What is done.
    pub step: Step,
    /// The stage that it reaches.
    pub to: Stage,
    /// Who may do it.
    pub actor: Role,
}

/// What happens when the time of a stage runs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// The deadline counts as missed, and the file goes to the next body.
    Escalate,
    /// The clock takes [`Step::Lapse`]. Nobody missed a duty.
    Lapse,
}

/// The time that a stage may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageTime {
    /// The kind of file.
    pub kind: FileKind,
    /// The stage.
    pub stage: Stage,
    /// Who has to act in it.
    pub duty: Role,
    /// Working days, unless `desk.toml` says otherwise.
    pub working_days: u16,
    /// What happens afterwards.
    pub expiry: Expiry,
}

/// A step that the tables do not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a {kind} in stage {stage} has no step {step} for the role {role}", kind = kind.as_str(), stage = stage.as_str(), step = step.as_str(), role = role.as_str())]
pub struct StepRefused {
    /// The kind of file.
    pub kind: FileKind,
    /// Where the file stands.
    pub stage: Stage,
    /// What was to be done.
    pub step: Step,
    /// Who wanted to do it.
    pub role: Role,
}

const fn arrow(kind: FileKind, from: Stage, step: Step, to: Stage, actor: Role) -> Transition {
    Transition { kind, from, step, to, actor }
}

const fn duty(kind: FileKind, stage: Stage, duty: Role, working_days: u16) -> StageTime {
    StageTime { kind, stage, duty, working_days, expiry: Expiry::Escalate }
}

use FileKind::{Grievance, Harm, Warning};

/// Every step that is allowed. What is not in this table is refused.
pub const TRANSITIONS: &[Transition] = &[
    arrow(Grievance, Stage::Filed, Step::Acknowledge, Stage::Acknowledged, Role::Intake),
    arrow(Grievance, Stage::Acknowledged, Step::Assign, Stage::Assigned, Role::Intake),
    arrow(Grievance, Stage::Assigned, Step::BeginInquiry, Stage::Inquiry, Role::Investigator),
    arrow(Grievance, Stage::Inquiry, Step::Answer, Stage::Answered, Role::Remedy),
    arrow(Grievance, Stage::Answered, Step::Accept, Stage::Accepted, Role::Filer),
    arrow(Grievance, Stage::Answered, Step::Appeal, Stage::Appealed, Role::Filer),
    arrow(Grievance, Stage::Answered, Step::Lapse, Stage::Closed, Role::Clock),
    arrow(Grievance, Stage::Appealed, Step::Assign, Stage::Assigned, Role::Intake),
    arrow(Grievance, Stage::Accepted, Step::Close, Stage::Closed, Role::Intake),
    arrow(Harm, Stage::Filed, Step::Acknowledge, Stage::Acknowledged, Role::Intake),
    arrow(Harm, Stage::Acknowledged, Step::BeginInquiry, Stage::Inquiry, Role::Investigator),
    arrow(Harm, Stage::Inquiry, Step::PublishFindings, Stage::FindingsPublished, Role::Remedy),
    arrow(Harm, Stage::FindingsPublished, Step::Appeal, Stage::Acknowledged, Role::Filer),
    arrow(
        Harm,
        Stage::FindingsPublished,
        Step::DecideCompensation,
        Stage::CompensationDecided,
        Role::Remedy,
    ),
    arrow(Harm, Stage::CompensationDecided, Step::Appeal, Stage::Acknowledged, Role::Filer),
    arrow(Harm, Stage::CompensationDecided, Step::RecordPayment, Stage::Paid, Role::Remedy),
    arrow(
        Harm,
        Stage::Paid,
        Step::RecordAccountability,
        Stage::AccountabilityTaken,
        Role::Investigator,
    ),
    arrow(Harm, Stage::AccountabilityTaken, Step::Close, Stage::Closed, Role::Intake),
    arrow(Warning, Stage::Filed, Step::Check, Stage::Checked, Role::Intake),
    arrow(Warning, Stage::Checked, Step::Share, Stage::Shared, Role::Investigator),
    arrow(Warning, Stage::Checked, Step::Close, Stage::Closed, Role::Investigator),
    arrow(Warning, Stage::Shared, Step::RecordOutcome, Stage::Closed, Role::Investigator),
];

/// The time of every stage that has one. [`Stage::Closed`] has none.
pub const STAGE_TIMES: &[StageTime] = &[
    duty(Grievance, Stage::Filed, Role::Intake, 5),
    duty(Grievance, Stage::Acknowledged, Role::Intake, 5),
    duty(Grievance, Stage::Assigned, Role::Investigator, 10),
    duty(Grievance, Stage::Inquiry, Role::Remedy, 45),
    StageTime {
        kind: Grievance,
        stage: Stage::Answered,
        duty: Role::Filer,
        working_days: 60,
        expiry: Expiry::Lapse,
    },
    duty(Grievance, Stage::Accepted, Role::Intake, 5),
    duty(Grievance, Stage::Appealed, Role::Intake, 5),
    duty(Harm, Stage::Filed, Role::Intake, 2),
    duty(Harm, Stage::Acknowledged, Role::Investigator, 5),
    duty(Harm, Stage::Inquiry, Role::Remedy, 45),
    duty(Harm, Stage::FindingsPublished, Role::Remedy, 20),
    duty(Harm, Stage::CompensationDecided, Role::Remedy, 20),
    duty(Harm, Stage::Paid, Role::Investigator, 60),
    duty(Harm, Stage::AccountabilityTaken, Role::Intake, 5),
    duty(Warning, Stage::Filed, Role::Intake, 1),
    duty(Warning, Stage::Checked, Role::Investigator, 1),
    duty(Warning, Stage::Shared, Role::Investigator, 60),
];

/// The stage that a step leads to, or why it does not.
///
/// ```
/// use sanad_desk::{FileKind, Role, Stage, Step, stage_after};
///
/// let next = stage_after(FileKind::Grievance, Stage::Filed, Step::Acknowledge, Role::Intake)?;
/// assert_eq!(next, Stage::Acknowledged);
/// // Only the filer accepts an answer.
/// assert!(stage_after(FileKind::Grievance, Stage::Answered, Step::Accept, Role::Remedy).is_err());
/// # Ok::<(), sanad_desk::StepRefused>(())
/// ```
pub fn stage_after(
    kind: FileKind,
    stage: Stage,
    step: Step,
    role: Role,
) -> Result<Stage, StepRefused> {
    let matches = |arrow: &&Transition| {
        arrow.kind == kind && arrow.from == stage && arrow.step == step && arrow.actor == role
    };
    let arrow = TRANSITIONS.iter().find(matches);
    arrow.map(|arrow| arrow.to).ok_or(StepRefused { kind, stage, step, role })
}

/// The steps that a role may take on a file, in the order of the table.
pub fn steps_open_to(kind: FileKind, stage: Stage, role: Role) -> Vec<Step> {
    let matches =
        |arrow: &&Transition| arrow.kind == kind && arrow.from == stage && arrow.actor == role;
    TRANSITIONS.iter().filter(matches).map(|arrow| arrow.step).collect()
}

/// The time that a stage may take, or nothing for [`Stage::Closed`] and stages of other kinds.
pub fn stage_time(kind: FileKind, stage: Stage) -> Option<&'static StageTime> {
    STAGE_TIMES.iter().find(|time| time.kind == kind && time.stage == stage)
}

/// Both tables of every kind as Markdown: what `docs/desk-states.md` holds.
pub fn tables_as_markdown() -> String {
    let mut text = String::new();
    for &kind in FileKind::ALL {
        let _ = writeln!(text, "## {}\n", kind.as_str());
        text.push_str("| from | step | to | who |\n| --- | --- | --- | --- |\n");
        for arrow in TRANSITIONS.iter().filter(|arrow| arrow.kind == kind) {
            let cells =
                [arrow.from.as_str(), arrow.step.as_str(), arrow.to.as_str(), arrow.actor.as_str()];
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        text.push_str("\n| stage | who has to act | working days | then |\n");
        text.push_str("| --- | --- | ---: | --- |\n");
        for time in STAGE_TIMES.iter().filter(|time| time.kind == kind) {
            let then = match time.expiry {
                Expiry::Escalate => "missed; to the next body",
                Expiry::Lapse => "closed; nobody missed a duty",
            };
            let (stage, who) = (time.stage.as_str(), time.duty.as_str());
            let _ = writeln!(text, "| {stage} | {who} | {} | {then} |", time.working_days);
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// Gives an enum its list of values, a word for each, and the way back from the word.
macro_rules! words {
    ($name:ident { $($value:ident => $word:literal),+ $(,)? }) => {
        impl $name {
            /// Every value, in the order of the declaration.
            pub const ALL: &'static [$name] = &[$($name::$value),+];

            /// The word in files, tables and addresses.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$value => $word),+ }
            }

            /// The value that a word stands for.
            pub fn from_word(word: &str) -> Option<$name> {
                match word { $($word => Some($name::$value),)+ _ => None }
            }
        }
    };
}
words!(FileKind { Grievance => "grievance", Harm => "harm", Warning => "warning" });
words!(Matter {
    Police => "police",
    Courts => "courts",
    Land => "land",
    Detention => "detention",
    Disappearance => "disappearance",
    Services => "services",
    Displacement => "displacement",
    Compensation => "compensation",
});
words!(Stage {
    Filed => "filed", Acknowledged => "acknowledged", Assigned => "assigned", Inquiry => "inquiry",
    Answered => "answered", Accepted => "accepted", Appealed => "appealed",
    FindingsPublished => "findings-published", CompensationDecided => "compensation-decided",
    Paid => "paid", AccountabilityTaken => "accountability-taken", Checked => "checked",
    Shared => "shared", Closed => "closed",
});
words!(Step {
    Acknowledge => "acknowledge", Assign => "assign", BeginInquiry => "begin-inquiry",
    Answer => "answer", Accept => "accept", Appeal => "appeal",
    PublishFindings => "publish-findings", DecideCompensation => "decide-compensation",
    RecordPayment => "record-payment", RecordAccountability => "record-accountability",
    Check => "check", Share => "share", RecordOutcome => "record-outcome", Close => "close",
    Lapse => "lapse",
});
words!(Role {
    Filer => "filer", Partner => "partner", Intake => "intake", Investigator => "investigator",
    Remedy => "remedy", Custodian => "custodian", Auditor => "auditor", Clock => "clock",
});

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn stages(kind: FileKind) -> BTreeSet<Stage> {
        let arrows = TRANSITIONS.iter().filter(|arrow| arrow.kind == kind);
        arrows.flat_map(|arrow| [arrow.from, arrow.to]).collect()
    }

    #[test]
    fn every_file_can_reach_its_end_from_every_stage() {
        for &kind in FileKind::ALL {
            for start in stages(kind) {
                let mut reached = BTreeSet::from([start]);
                loop {
                    let further: BTreeSet<Stage> = TRANSITIONS
                        .iter()
                        .filter(|arrow| arrow.kind == kind && reached.contains(&arrow.from))
                        .map(|arrow| arrow.to)
                        .collect();
                    if further.is_subset(&reached) {
                        break;
                    }
                    reached.extend(further);
                }
                assert!(reached.contains(&Stage::Closed), "{kind:?} from {start:?}");
            }
        }
    }

    #[test]
    fn every_stage_but_the_end_has_a_time_and_whoever_has_to_act_can_act() {
        for &kind in FileKind::ALL {
            for stage in stages(kind) {
                let time = stage_time(kind, stage);
                assert_eq!(time.is_none(), stage == Stage::Closed, "{kind:?} {stage:?}");
                if let Some(time) = time {
                    assert!(!steps_open_to(kind, stage, time.duty).is_empty(), "{time:?}");
                    assert!(time.working_days > 0);
                }
            }
        }
    }

    #[test]
    fn a_stage_that_lapses_has_the_clocks_step_and_no_other_stage_has_it() {
        for time in STAGE_TIMES {
            let steps = steps_open_to(time.kind, time.stage, Role::Clock);
            let expected = if time.expiry == Expiry::Lapse { vec![Step::Lapse] } else { vec![] };
            assert_eq!(steps, expected, "{time:?}");
        }
    }

    #[test]
    fn one_step_of_one_role_leads_to_one_stage() {
        let keys: BTreeSet<_> = TRANSITIONS
            .iter()
            .map(|arrow| (arrow.kind, arrow.from, arrow.step, arrow.actor))
            .collect();
        assert_eq!(keys.len(), TRANSITIONS.len());
    }

    #[test]
    fn what_is_not_in_the_table_is_refused_in_every_cell() {
        let mut allowed = 0;
        for &kind in FileKind::ALL {
            for &stage in Stage::ALL {
                for &step in Step::ALL {
                    for &role in Role::ALL {
                        allowed += usize::from(stage_after(kind, stage, step, role).is_ok());
                    }
                }
            }
        }
        assert_eq!(allowed, TRANSITIONS.len());
    }

    #[test]
    fn every_word_leads_back_to_its_value() {
        for &stage in Stage::ALL {
            assert_eq!(Stage::from_word(stage.as_str()), Some(stage));
        }
        for &step in Step::ALL {
            assert_eq!(Step::from_word(step.as_str()), Some(step));
        }
    }
}
