//! Who may do what with a file: one table, from which the server refuses and from which
//! `docs/desk-matrix.md` is printed.
//!
//! The rules in words:
//!
//! - A filer is whoever has the receipt. The receipt opens its own file and nothing else.
//! - Intake, investigators and those who decide work on the open files of their own body. A file that
//!   is given to one investigator is closed to the others.
//! - A step is taken by the role that the tables of the three kinds name, and by nobody else.
//! - An auditor sees who opened what and the inner ledger, and no content. A custodian and a partner
//!   see no content either: custodians recover on machines of their own.
//! - Nobody at the desk opens a closed file.

use std::fmt::Write as _;

use crate::process::{FileKind, Role, Stage, Step, TRANSITIONS, stage_after};

/// What can be done with a file, or at the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Read the own file, with its receipt.
    ReadOwn,
    /// Add to the own file.
    Add,
    /// Download proofs of the own file.
    Prove,
    /// Delete the own file.
    Delete,
    /// Open a file and read it.
    Open,
    /// Write to the filer without a step.
    Note,
    /// Take a step.
    Take(Step),
    /// See who opened a file.
    ReadOpenings,
}

/// How a file stands to somebody of the staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// It is with the own body and given to nobody.
    Unassigned,
    /// It is with the own body and given to this person.
    OwnAssignment,
    /// It is with the own body and given to somebody else.
    OthersAssignment,
    /// It is with another body.
    OtherBody,
}

impl Relation {
    /// All relations, in the order of the tables.
    pub const ALL: [Relation; 4] = [
        Relation::Unassigned,
        Relation::OwnAssignment,
        Relation::OthersAssignment,
        Relation::OtherBody,
    ];

    /// The words in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Relation::Unassigned => "own body, given to nobody",
            Relation::OwnAssignment => "own body, given to me",
            Relation::OthersAssignment => "own body, given to another",
            Relation::OtherBody => "another body",
        }
    }
}

/// Whether a role may do something with a file of a kind in a stage. What is not allowed here is
/// refused. [`Role::Filer`] stands for whoever has the file's receipt.
///
/// ```
/// use sanad_desk::server::access::{Action, Relation, is_allowed};
/// use sanad_desk::{FileKind, Role, Stage};
///
/// let may_open = |role, stage, relation| {
///     is_allowed(role, Action::Open, FileKind::Grievance, stage, relation)
/// };
/// assert!(may_open(Role::Intake, Stage::Filed, Relation::Unassigned));
/// assert!(!may_open(Role::Intake, Stage::Closed, Relation::Unassigned));
/// assert!(!may_open(Role::Investigator, Stage::Inquiry, Relation::OthersAssignment));
/// assert!(!may_open(Role::Auditor, Stage::Inquiry, Relation::Unassigned));
/// ```
pub fn is_allowed(
    role: Role,
    action: Action,
    kind: FileKind,
    stage: Stage,
    relation: Relation,
) -> bool {
    match action {
        Action::ReadOwn | Action::Prove | Action::Delete => role == Role::Filer,
        // Nobody at the desk could read what is added to a closed file.
        Action::Add => role == Role::Filer && stage != Stage::Closed,
        Action::Open | Action::Note => works_on(role, stage, relation),
        Action::Take(step) => {
            let is_own = role == Role::Filer || works_on(role, stage, relation);
            is_own && stage_after(kind, stage, step, role).is_ok()
        }
        Action::ReadOpenings => role == Role::Auditor,
    }
}

/// Whether somebody in a role works on a file: it is open and with the own body, and an
/// investigator's file is that of one investigator once it is given to one.
fn works_on(role: Role, stage: Stage, relation: Relation) -> bool {
    let is_worker = matches!(role, Role::Intake | Role::Investigator | Role::Remedy);
    let is_near = match relation {
        Relation::OtherBody => false,
        Relation::OthersAssignment => role != Role::Investigator,
        Relation::Unassigned | Relation::OwnAssignment => true,
    };
    is_worker && is_near && stage != Stage::Closed
}

/// Every action of the matrix, with the address that asks for it. `LANG` stands for a language and
/// `ID` for the id of a file.
pub fn actions() -> Vec<(String, Action)> {
    let mut actions = vec![
        ("POST /LANG/receipt".to_owned(), Action::ReadOwn),
        ("POST /LANG/receipt/add".to_owned(), Action::Add),
        ("POST /LANG/receipt/accept".to_owned(), Action::Take(Step::Accept)),
        ("POST /LANG/receipt/appeal".to_owned(), Action::Take(Step::Appeal)),
        ("POST /LANG/receipt/proof".to_owned(), Action::Prove),
        ("POST /LANG/receipt/delete".to_owned(), Action::Delete),
        ("GET /staff/file/ID".to_owned(), Action::Open),
        ("POST /staff/file/ID/note".to_owned(), Action::Note),
    ];
    for &step in Step::ALL {
        let address = format!("POST /staff/file/ID/step/{}", step.as_str());
        // The two steps of a filer have their own addresses; at the desk nobody may take them.
        actions.push((address, Action::Take(step)));
    }
    actions.extend([("GET /staff/file/ID/openings".to_owned(), Action::ReadOpenings)]);
    actions
}

/// The stages of a kind, in the order of [`Stage::ALL`].
///
/// ```
/// use sanad_desk::server::access::stages_of;
/// use sanad_desk::{FileKind, Stage};
///
/// let stages = stages_of(FileKind::Warning);
/// assert_eq!(stages, [Stage::Filed, Stage::Checked, Stage::Shared, Stage::Closed]);
/// ```
pub fn stages_of(kind: FileKind) -> Vec<Stage> {
    let is_of_kind = |stage: &&Stage| {
        TRANSITIONS
            .iter()
            .any(|arrow| arrow.kind == kind && (arrow.from == **stage || arrow.to == **stage))
    };
    Stage::ALL.iter().filter(is_of_kind).copied().collect()
}

/// Whether an address is one of those that filers use, with a receipt and no login.
///
/// ```
/// use sanad_desk::server::access::is_for_filers;
///
/// assert!(is_for_filers("POST /LANG/receipt/add"));
/// assert!(!is_for_filers("GET /staff/file/ID"));
/// ```
pub fn is_for_filers(address: &str) -> bool {
    address.contains("/LANG/")
}

/// Whether a role may use an address for an action at all: a filer's addresses take a receipt and
/// no login, the others a login and no receipt.
pub fn is_open_to(
    address: &str,
    role: Role,
    action: Action,
    kind: FileKind,
    stage: Stage,
    relation: Relation,
) -> bool {
    is_for_filers(address) == (role == Role::Filer)
        && is_allowed(role, action, kind, stage, relation)
}

/// The matrix as Markdown: what `docs/desk-matrix.md` holds after its head. A cell names the roles
/// that may; an empty cell is a refusal for everybody. Relations whose rows are alike are one row.
pub fn matrix_as_markdown() -> String {
    let mut text = String::new();
    for &kind in FileKind::ALL {
        let stages = stages_of(kind);
        let names: Vec<&str> = stages.iter().map(|stage| stage.as_str()).collect();
        let _ = writeln!(text, "## {}\n", kind.as_str());
        let _ = writeln!(text, "| address | the file is with | {} |", names.join(" | "));
        let _ = writeln!(text, "| --- | --- |{}", " --- |".repeat(stages.len()));
        for (address, action) in actions() {
            let row = |relation| row_of(&address, action, kind, &stages, relation);
            let mut rows: Vec<(String, Vec<&str>)> = Vec::new();
            for relation in Relation::ALL {
                match rows.iter_mut().find(|(cells, _)| *cells == row(relation)) {
                    Some((_, relations)) => relations.push(relation.as_str()),
                    None => rows.push((row(relation), vec![relation.as_str()])),
                }
            }
            for (cells, relations) in rows {
                let any = relations.len() == Relation::ALL.len();
                let relations = if any { "anybody".to_owned() } else { relations.join("; ") };
                let _ = writeln!(text, "| {address} | {relations} | {cells} |");
            }
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// The cells of a row: the roles that may, by stage.
fn row_of(
    address: &str,
    action: Action,
    kind: FileKind,
    stages: &[Stage],
    relation: Relation,
) -> String {
    let cell = |stage: &Stage| {
        let may = |role: &&Role| is_open_to(address, **role, action, kind, *stage, relation);
        let roles = Role::ALL.iter().filter(may).map(|role| role.as_str());
        roles.collect::<Vec<_>>().join(", ")
    };
    stages.iter().map(cell).collect::<Vec<_>>().join(" | ")
}
