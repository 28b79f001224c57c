//! The desk: a room, and a program of its own, where people file grievances against public
//! bodies, report harm to civilians, and warn of what they see.
//!
//! **No independent audit yet: do not use for real filings before one.**
//!
//! From the inside out:
//!
//! - rules without files, network or clock: [`TRANSITIONS`] and [`STAGE_TIMES`] (the three kinds
//!   of file), [`FileCourse`] (what days do to a file), [`WorkingDays`], [`DeskConfig`];
//! - [`ledger`]: the public ledger, its proofs and its verifier;
//! - [`release`]: counts that are released, and the attacker that they have to withstand;
//! - [`score`]: how good warnings were, from released counts and a record;
//! - [`vault`]: keys, and who can read a file with them;
//! - [`staff`]: seats at the desk, and who holds them;
//! - [`attachment`]: pictures without metadata, and sealed originals;
//! - [`partner`]: tables that partners took down on paper;
//! - [`custodian`]: how a custodian keeps a key;
//! - [`store`]: where all of it is kept; [`DeskFolder`]: the folder of a desk;
//! - [`backup`]: copies of a desk, and a desk from a copy;
//! - [`upkeep`]: what falls due without anybody asking;
//! - [`text`]: what pages say, in three languages; [`server`]: the pages, and what is behind them;
//! - [`program`]: the commands.
//!
//! What is deliberately absent: any other crate of this workspace. No analysis uses the desk, and
//! the desk uses none.

pub mod attachment;
pub mod backup;
mod clock;
mod config;
mod course;
pub mod custodian;
mod entry;
mod folder;
mod hardening;
pub mod ledger;
pub mod partner;
mod process;
pub mod program;
pub mod release;
pub mod score;
pub mod server;
pub mod staff;
pub mod store;
pub mod text;
pub mod upkeep;
pub mod vault;
mod working_days;

pub use clock::{Clock, MachineClock, SetClock};
pub use config::{
    Channel, ConfigError, ConfigFault, DeskConfig, LANGUAGES, LEAST_RELEASED, PublicBody,
    ReleaseRules, RetentionDays,
};
pub use course::{DayEvent, Deadline, FileCourse, Notice, Times};
pub use entry::{EntryHead, FileId, OpenedEntry, SealedEntry};
pub use folder::{Database, DeskFolder, FolderError};
pub use hardening::forbid_dumps;
pub use process::{
    Expiry, FileKind, Matter, Role, STAGE_TIMES, Stage, StageTime, Step, StepRefused, TRANSITIONS,
    Transition, stage_after, stage_time, steps_open_to, tables_as_markdown,
};
pub use working_days::WorkingDays;

/// What is said wherever the desk is met, until somebody independent has looked at it.
pub const NO_AUDIT: &str = "no independent audit yet: do not use for real filings before one";
