//! What is counted of a file.

use crate::process::{FileKind, Stage};

/// What a release knows of a file. Nothing else of it is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedFile {
    /// The first body that received it.
    pub body: String,
    /// The district that was chosen.
    pub district: String,
    /// The kind of file.
    pub kind: FileKind,
    /// The stage on the day of the release.
    pub stage: Stage,
    /// Whether a body missed a deadline up to that day.
    pub has_missed: bool,
}

/// Stages in three classes, because a breakdown by every stage would hardly ever be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StageClass {
    /// Received, and no answer, finding or check yet.
    Open,
    /// Answered, found, checked, or in a step after that.
    Answered,
    /// Closed.
    Closed,
}

impl StageClass {
    /// The class of a stage.
    pub fn containing(stage: Stage) -> StageClass {
        use Stage::{Acknowledged, Appealed, Assigned, Filed, Inquiry};
        match stage {
            Filed | Acknowledged | Assigned | Inquiry | Appealed => StageClass::Open,
            Stage::Closed => StageClass::Closed,
            _ => StageClass::Answered,
        }
    }
}

/// A way in which a part is broken down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breakdown {
    /// By the three kinds of file.
    Kind,
    /// By [`StageClass`].
    Stage,
    /// By whether every deadline was kept.
    Promptness,
    /// By what became of compensation for harm.
    Compensation,
}

impl Breakdown {
    /// All breakdowns, in the order of the tables.
    pub const ALL: [Breakdown; 4] =
        [Breakdown::Kind, Breakdown::Stage, Breakdown::Promptness, Breakdown::Compensation];

    /// The word in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Breakdown::Kind => "kind",
            Breakdown::Stage => "stage",
            Breakdown::Promptness => "promptness",
            Breakdown::Compensation => "compensation",
        }
    }

    /// The classes, in the order of the tables.
    pub fn classes(self) -> &'static [&'static str] {
        match self {
            Breakdown::Kind => &["grievance", "harm", "warning"],
            Breakdown::Stage => &["open", "answered", "closed"],
            Breakdown::Promptness => &["all deadlines kept", "a deadline missed"],
            Breakdown::Compensation => {
                &["no compensation decided", "compensation decided", "compensation paid"]
            }
        }
    }

    /// The class of a file, as a place in [`Breakdown::classes`].
    pub fn class(self, file: &CountedFile) -> usize {
        match self {
            Breakdown::Kind => file.kind as usize,
            Breakdown::Stage => StageClass::containing(file.stage) as usize,
            Breakdown::Promptness => usize::from(file.has_missed),
            Breakdown::Compensation => compensation_class(file),
        }
    }
}

/// What became of compensation. Files of other kinds have none; harm closes only after it was paid.
fn compensation_class(file: &CountedFile) -> usize {
    match (file.kind, file.stage) {
        (FileKind::Harm, Stage::CompensationDecided) => 1,
        (FileKind::Harm, Stage::Paid | Stage::AccountabilityTaken | Stage::Closed) => 2,
        _ => 0,
    }
}
