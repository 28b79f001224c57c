//! Filing: a file is kept once for each receipt, whatever the line to the filer does.
//!
//! # The quota
//!
//! A channel takes a number of files a day, so that a flood closes one channel for one day and no
//! more: other channels go on, and whoever has a receipt still comes back. Deleting a file gives no
//! place back while the process runs; after a restart only the files that are left are counted.
//!
//! Of the number, a share is for filings that bring nothing, and the rest for those that bring a proof
//! of work and for partners' ([`Backing`]). A flood without work closes the first share alone, and one
//! with work the second alone. There is no captcha. Which share a filing was taken from is counted in
//! memory, and is kept neither with the file nor elsewhere, because it would tell filers' browsers
//! apart. So after a restart every file of the day counts among the second; the channel's whole number
//! holds all the same. A flood is still possible, and the page says so.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::case::read_entries;
use super::{CaseChange, FiledContent, Office, OfficeFault, seats_from};
use crate::config::{Channel, DeskConfig};
use crate::course::FileCourse;
use crate::entry::FileId;
use crate::process::Role;
use crate::server::proof_of_work::Puzzle;
use crate::staff::Seat;
use crate::store::{Filing, Founding, StoredFile};
use crate::vault::{PublicKey, ReceiptKeys, SecretKey, Wraps, random_bytes};

/// What a filer sends.
pub(crate) struct FilingDraft<'a> {
    /// The channel.
    pub(crate) channel: &'a Channel,
    /// A district of the channel.
    pub(crate) district: &'a str,
    /// What was written.
    pub(crate) content: FiledContent,
    /// What the receipt opens.
    pub(crate) keys: &'a ReceiptKeys,
    /// Who writes: the filer, or a partner for somebody who agreed.
    pub(crate) author: Role,
    /// What stands against its being part of a flood.
    pub(crate) backing: Backing,
}

/// What stands against a filing's being part of a flood. It is looked at once, and not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backing {
    /// Nothing: no script ran, or the answer was none.
    Nothing,
    /// The answer to a puzzle, which is good once.
    Work(Puzzle),
    /// A partner, who is logged in.
    Partner,
}

/// How many filings a channel took today.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TakenToday {
    /// Without anything behind them.
    plain: u64,
    /// With work or a partner behind them; after a restart, all that came before it.
    backed: u64,
}

impl TakenToday {
    /// Whether a channel has room for one more.
    fn has_room(self, channel: &Channel, backing: Backing) -> bool {
        let is_below = |taken: u64, most: u32| taken < u64::from(most);
        let has_share = match backing {
            _ if !channel.has_work_share() => true,
            Backing::Nothing => is_below(self.plain, channel.plain_a_day),
            Backing::Work(_) | Backing::Partner => is_below(self.backed, channel.worked_a_day()),
        };
        has_share && is_below(self.plain + self.backed, channel.filings_a_day)
    }

    /// The count with one more.
    const fn with(self, backing: Backing) -> TakenToday {
        match backing {
            Backing::Nothing => TakenToday { plain: self.plain + 1, ..self },
            Backing::Work(_) | Backing::Partner => TakenToday { backed: self.backed + 1, ..self },
        }
    }
}

/// What became of a filing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Received {
    /// It is kept.
    Kept,
    /// The same was kept before, and nothing was done.
    KeptBefore,
    /// Another text was kept before under this receipt, and this one was added to it.
    Added,
}

/// What a file needs to be kept: the rules, the custodians' keys and those of the seats.
pub(crate) struct Rules<'a> {
    /// The rules: ladders of bodies, working days, quotas.
    pub(crate) config: &'a DeskConfig,
    /// The custodians' public keys.
    pub(crate) founding: &'a Founding,
    /// The seats' public keys.
    pub(crate) seats: &'a BTreeMap<Seat, PublicKey>,
}

impl Office {
    /// Keeps a filing. The same receipt is kept once: the same text again does nothing, and another
    /// text is added, so that a line that breaks neither loses nor doubles anything.
    ///
    /// # Errors
    ///
    /// [`OfficeFault::Full`] where the channel took its number for today, and what the store and
    /// the vault say.
    pub(crate) fn receive(
        &mut self,
        rules: &Rules<'_>,
        draft: &FilingDraft<'_>,
        today: Date,
    ) -> Result<Received, OfficeFault> {
        if let Some(file) = self.store.find(&draft.keys.lookup)? {
            return self.receive_again(file, draft, today);
        }
        let backing = self.unspent(draft.backing);
        let taken = self.taken(draft.channel, today)?;
        if !taken.has_room(draft.channel, backing) {
            return Err(OfficeFault::Full);
        }
        let filing = filing(rules, draft, today)?;
        let received = match self.store.file(&filing.change)? {
            Filing::Kept => Received::Kept,
            Filing::KeptBefore => Received::KeptBefore,
        };
        self.taken.insert(draft.channel.id.clone(), taken.with(backing));
        if let Backing::Work(puzzle) = backing {
            self.solved.insert(puzzle);
        }
        Ok(received)
    }

    /// What stands behind a filing, without an answer that was used before.
    fn unspent(&self, backing: Backing) -> Backing {
        match backing {
            Backing::Work(puzzle) if self.solved.contains(&puzzle) => Backing::Nothing,
            backing => backing,
        }
    }

    /// How many filings a channel took today.
    fn taken(&mut self, channel: &Channel, today: Date) -> Result<TakenToday, OfficeFault> {
        match self.taken.get(&channel.id) {
            Some(taken) => Ok(*taken),
            None => {
                let backed = self.store.filings_on(&channel.id, today)?;
                Ok(TakenToday { plain: 0, backed })
            }
        }
    }

    /// Keeps what a partner took down, all of it or nothing. What was kept before under its receipt is
    /// not kept again, so that sending twice is right here too.
    ///
    /// # Errors
    ///
    /// [`OfficeFault::Full`] where one of the channels cannot take all that is for it.
    pub(crate) fn receive_all(
        &mut self,
        rules: &Rules<'_>,
        drafts: &[FilingDraft<'_>],
        today: Date,
    ) -> Result<Vec<Filing>, OfficeFault> {
        let mut taken: BTreeMap<String, TakenToday> = BTreeMap::new();
        for draft in drafts {
            if self.store.find(&draft.keys.lookup)?.is_some() {
                continue;
            }
            let before = match taken.get(&draft.channel.id) {
                Some(before) => *before,
                None => self.taken(draft.channel, today)?,
            };
            if !before.has_room(draft.channel, draft.backing) {
                return Err(OfficeFault::Full);
            }
            taken.insert(draft.channel.id.clone(), before.with(draft.backing));
        }
        let mut filings = Vec::with_capacity(drafts.len());
        for draft in drafts {
            filings.push(filing(rules, draft, today)?.change);
        }
        let kept = self.store.file_all(&filings)?;
        self.taken.append(&mut taken);
        Ok(kept)
    }

    /// What is done with a filing whose receipt is known. Only the holder of the receipt comes here, and
    /// so nothing is told to anybody else.
    fn receive_again(
        &mut self,
        file: StoredFile,
        draft: &FilingDraft<'_>,
        today: Date,
    ) -> Result<Received, OfficeFault> {
        let key = file.wraps.open_for_filer(&file.id.0, draft.keys)?;
        let entries = self.store.entries(file.id)?;
        let sent = draft.content.to_sealed_text();
        let by_filer = |entry: &&super::ReadEntry| entry.head.author == Role::Filer;
        let read = read_entries(&entries, &file, &key)?;
        if read.iter().filter(by_filer).any(|entry| entry.text.as_str() == sent.as_str()) {
            return Ok(Received::KeptBefore);
        }
        if file.course.stage == crate::process::Stage::Closed {
            return Err(OfficeFault::NotNow);
        }
        let number = entries.last().map_or(0, |entry| entry.head.number);
        let mut change = CaseChange::begin(file, number, today);
        change.write(&key, Role::Filer, "add", &sent)?;
        self.store.change(&change.change)?;
        Ok(Received::Added)
    }
}

/// A new file with a key of its own, wrapped to the filer, to the custodians, and to the seats of
/// every body that it can come to.
fn filing(
    rules: &Rules<'_>,
    draft: &FilingDraft<'_>,
    today: Date,
) -> Result<CaseChange, OfficeFault> {
    let (key, id) = (SecretKey::random()?, FileId(random_bytes()?));
    let ladder = rules.config.ladder(draft.channel);
    let mut wraps = Wraps::begin(&key, &id.0, draft.keys, &rules.founding.custodians)?;
    for (seat, public) in seats_from(ladder, 0, rules.seats) {
        wraps.add_seat(&key, &id.0, (&seat.body, seat.role), public)?;
    }
    let kind = draft.channel.kind;
    let file = StoredFile {
        id,
        lookup: draft.keys.lookup,
        channel: draft.channel.id.clone(),
        district: draft.district.to_owned(),
        filed_on: today,
        has_missed: false,
        course: FileCourse::begin(kind, today, ladder.len(), &rules.config.times),
        assignee: None,
        closed_on: None,
        revision: 0,
        wraps,
    };
    let mut change = CaseChange::begin(file, 0, today);
    change.write(&key, draft.author, "file", &draft.content.to_sealed_text())?;
    Ok(change)
}
