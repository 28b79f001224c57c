//! `sanad-desk demo`: a desk of invented files that goes the whole way, from filing to released
//! counts, with an invented staff, so that `serve` starts over it and a stranger gets in.
//!
//! What the staff has is written into `people.txt` in the desk's folder. At a real desk it is shown
//! once and kept nowhere; here nobody is who it is for.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};

use super::export::write_export;
use super::{DeskPlace, in_words, read};
use crate::attachment::{clean, seal_cleaned, striped_png};
use crate::backup::{make_private_file, make_private_folder, write_durably};
use crate::clock::{Clock as _, MachineClock};
use crate::course::{DayEvent, FileCourse};
use crate::entry::{EntryHead, FileId, SealedEntry};
use crate::process::{Role, Stage, TRANSITIONS};
use crate::staff::{Member, Seat, SeatKey};
use crate::store::{DeskStore as _, FileChange, Founding, SqliteStore, StoredFile};
use crate::upkeep::{UpkeepError, close_day};
use crate::vault::{
    KeyPair, PasswordCost, PublicKey, Receipt, SecretKey, TotpSecret, VaultError, Wraps, code_at,
    random_bytes,
};
use crate::{Channel, DeskConfig};

/// The desk.toml of the demonstration.
const CONFIG: &str = include_str!("../../demo/desk.toml");
/// What every text of the demonstration begins with.
const MARK: &str = "INVENTED, for demonstration: ";
/// The first day and the number of days that are played.
const FIRST_DAY: Date = date(2026, 1, 1);
const DAYS: u32 = 181;
/// The day on which the demonstration looks back: both quarters are due by then.
const LAST_DAY: Date = date(2026, 9, 1);

/// Where the demonstration goes, and which one.
#[derive(clap::Args)]
pub(super) struct DemoArguments {
    #[command(flatten)]
    place: DeskPlace,
    /// Another seed gives other files. Keys and receipts are new each time.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Whose code is asked for.
#[derive(clap::Args)]
pub(super) struct CodeArguments {
    #[command(flatten)]
    place: DeskPlace,
    /// The name, as in the demonstration's people.txt.
    name: String,
}

/// The file with what the invented staff has.
const PEOPLE: &str = "people.txt";
/// Its first line.
const PEOPLE_HEAD: &str =
    "INVENTED, for demonstration: name, password, secret of the second factor, seats";

/// `sanad-desk code`: the code of an invented member of the staff, which a real one's telephone shows.
pub(super) fn code(arguments: &CodeArguments) -> Result<String, String> {
    let CodeArguments { place, name } = arguments;
    let folder = place.folder();
    if !folder.config().map_err(in_words)?.is_invented {
        return Err("codes of a real desk come from another device".to_owned());
    }
    let text = read(&folder.path().join(PEOPLE))?;
    let mut people = text.lines().skip(1).map(|line| line.split(' ').collect::<Vec<_>>());
    let found = people.find(|person| person.first() == Some(&name.as_str()));
    let secret = found.and_then(|person| TotpSecret::from_base32(person.get(2)?));
    let secret = secret.ok_or_else(|| format!("{PEOPLE} has nobody called {name}"))?;
    let seconds = u64::try_from(MachineClock.now().as_second()).map_err(in_words)?;
    Ok(code_at(&secret, seconds))
}

pub(super) fn demo(arguments: &DemoArguments) -> Result<String, String> {
    let folder = arguments.place.folder();
    if folder.path().exists() {
        return Err(format!("{} is there already: name a new folder", folder.path().display()));
    }
    let config = DeskConfig::read(CONFIG, "demo/desk.toml").map_err(in_words)?;
    make_private_folder(folder.path()).map_err(in_words)?;
    make_private_file(&folder.database_path()).map_err(in_words)?;
    write_durably(&folder.config_path(), CONFIG.as_bytes()).map_err(in_words)?;
    let mut play = Play::begin(&folder.database_path(), &config, arguments.seed)?;
    let mut day = FIRST_DAY;
    for _ in 0..DAYS {
        play.one_day(day).map_err(in_words)?;
        day = day.tomorrow().map_err(in_words)?;
    }
    let to = folder.path().join("export");
    let exported = write_export(&config, &mut play.store, &to, LAST_DAY)?;
    let receipts: Vec<String> = play
        .receipts
        .iter()
        .map(|receipt| format!("    {}", receipt.to_groups().as_str()))
        .collect();
    let people = folder.path().join(PEOPLE);
    let people_text = format!("{PEOPLE_HEAD}\n{}", play.people);
    write_durably(&people, people_text.as_bytes()).map_err(in_words)?;
    Ok(format!(
        "{files} invented files over {DAYS} days.\n{exported}\n\
         Invented filers come back with these receipts:\n{receipts}\n\
         The invented staff is in {people}. To see the desk:\n    \
         sanad-desk serve --data {data}\n    \
         sanad-desk code --data {data} intake     # the code for a login\n\
         Into an observatory, for a case of invented places:\n    \
         sanad import desk {to}/counts.csv --card {to}/card.toml --observatory OBSERVATORY",
        files = play.files.len(),
        receipts = receipts.join("\n"),
        people = people.display(),
        data = folder.path().display(),
        to = to.display(),
    ))
}

/// PlayedNumbers from a seed (splitmix64: Steele, Lea and Flood 2014).
struct PlayedNumbers(u64);

impl PlayedNumbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        // The remainder of a 64-bit number: the difference between likelihoods is below 2^-50.
        ((mixed ^ (mixed >> 31)) % limit.max(1) as u64) as usize
    }
}

/// An invented file with its key, which nobody but a demonstration keeps.
struct PlayedFile {
    file: StoredFile,
    key: SecretKey,
    entries: u32,
    ladder: Vec<String>,
}

/// A demonstration while it is made.
struct Play<'a> {
    config: &'a DeskConfig,
    store: SqliteStore,
    founding: Founding,
    seats: BTreeMap<Seat, PublicKey>,
    numbers: PlayedNumbers,
    files: Vec<PlayedFile>,
    receipts: Vec<Receipt>,
    /// What the invented staff has, a line for each.
    people: String,
}

impl<'a> Play<'a> {
    fn begin(
        path: &std::path::Path,
        config: &'a DeskConfig,
        seed: u64,
    ) -> Result<Play<'a>, String> {
        let mut custodians = BTreeMap::new();
        for name in &config.custodians {
            custodians.insert(name.clone(), KeyPair::random().map_err(in_words)?.public);
        }
        // A demonstration is invented whatever its desk.toml says.
        let founding = Founding::draw(&config.name, true, config.ledger_leaves, custodians);
        let founding = founding.map_err(in_words)?;
        let mut store = SqliteStore::create(path, &founding).map_err(in_words)?;
        let (seats, people) = hire(config, &mut store).map_err(in_words)?;
        let numbers = PlayedNumbers(seed);
        let (files, receipts) = (Vec::new(), Vec::new());
        Ok(Play { config, store, founding, seats, numbers, files, receipts, people })
    }

    /// Some files come, some take a step, deadlines pass, and the day is closed.
    fn one_day(&mut self, day: Date) -> Result<(), UpkeepError> {
        for _ in 0..self.numbers.below(8) {
            let place = self.numbers.below(self.config.channels.len());
            let channel = &self.config.channels[place];
            // The lower of two draws: some districts get many files and some too few to be shown.
            let districts = channel.districts.len();
            let draws = [districts, districts + 2].map(|limit| self.numbers.below(limit));
            let district = draws[0].min(draws[1]);
            self.file(channel, &channel.districts[district], day)?;
        }
        for place in 0..self.files.len() {
            self.pass_day(place, day)?;
        }
        close_day(&mut self.store, day, self.founding.leaves)
    }

    fn file(&mut self, channel: &Channel, district: &str, day: Date) -> Result<(), UpkeepError> {
        let (receipt, key) = (Receipt::random()?, SecretKey::random()?);
        let keys = receipt.keys(&self.founding.receipt_salt, self.founding.receipt_cost)?;
        let id = FileId(random_bytes()?);
        let mut wraps = Wraps::begin(&key, &id.0, &keys, &self.founding.custodians)?;
        let ladder = self.config.ladder(channel);
        for (Seat { body, role }, public) in &self.seats {
            if ladder.contains(body) {
                wraps.add_seat(&key, &id.0, (body, *role), public)?;
            }
        }
        let rungs = ladder.len();
        let file = StoredFile {
            id,
            lookup: keys.lookup,
            channel: channel.id.clone(),
            district: district.to_owned(),
            filed_on: day,
            has_missed: false,
            course: FileCourse::begin(channel.kind, day, rungs, &self.config.times),
            assignee: None,
            closed_on: None,
            revision: 0,
            wraps,
        };
        let mut played = PlayedFile { file, key, entries: 0, ladder: ladder.to_vec() };
        let change = played.change("file", Role::Filer, day, "what an invented person wrote")?;
        self.store.file(&change)?;
        if self.receipts.len() < 2 {
            self.receipts.push(receipt);
        }
        // Some have a picture.
        if self.files.len().is_multiple_of(40) {
            let change = played.picture(day)?;
            self.store.change(&change)?;
            played.file.revision += 1;
        }
        self.files.push(played);
        Ok(())
    }

    /// What a day does to one file: what falls due, and now and then a step.
    fn pass_day(&mut self, place: usize, day: Date) -> Result<(), UpkeepError> {
        let played = &mut self.files[place];
        if played.file.course.stage == Stage::Closed {
            return Ok(());
        }
        let notices = played.file.course.advance(day, &self.config.times);
        for notice in notices {
            let deed = match notice.event {
                DayEvent::Missed => "missed",
                DayEvent::Lapsed => "lapse",
                DayEvent::Reminder | DayEvent::Escalated => continue,
            };
            played.file.has_missed |= notice.event == DayEvent::Missed;
            played.act(&mut self.store, deed, Role::Clock, day)?;
        }
        let course = &mut played.file.course;
        let steps: Vec<_> = TRANSITIONS
            .iter()
            .filter(|arrow| arrow.kind == course.kind && arrow.from == course.stage)
            .filter(|arrow| arrow.actor != Role::Clock)
            .collect();
        // A step about every eleventh day, so that some deadlines are kept and some are not.
        if steps.is_empty() || self.numbers.below(11) > 0 {
            return Ok(());
        }
        let arrow = steps[self.numbers.below(steps.len())];
        match course.take(arrow.step, arrow.actor, day, &self.config.times) {
            (_, Ok(_)) => played.act(&mut self.store, arrow.step.as_str(), arrow.actor, day),
            (_, Err(_)) => Ok(()),
        }
    }
}

impl PlayedFile {
    /// Writes what was done into the file.
    fn act(
        &mut self,
        store: &mut SqliteStore,
        deed: &str,
        author: Role,
        day: Date,
    ) -> Result<(), UpkeepError> {
        let change = self.change(deed, author, day, "what an invented officer wrote")?;
        store.change(&change)?;
        self.file.revision += 1;
        Ok(())
    }

    /// A change that attaches an invented picture. Its text is that of a filer's.
    fn picture(&mut self, day: Date) -> Result<FileChange, VaultError> {
        let copy = striped_png(160, 100).and_then(|picture| clean(&picture).ok());
        let copy = copy.ok_or(VaultError::NotDerived)?;
        let parts = crate::server::attached_text(1, &copy);
        let mut change = self.change_saying("attach", Role::Filer, day, &parts)?;
        let entry = self.entries;
        change.attachments = vec![seal_cleaned(&self.key, self.file.id, 1, entry, &copy)?];
        Ok(change)
    }

    /// A change with one marked entry.
    fn change(
        &mut self,
        deed: &str,
        author: Role,
        day: Date,
        text: &str,
    ) -> Result<FileChange, VaultError> {
        self.change_saying(deed, author, day, &format!("{MARK}{text}"))
    }

    /// A change with one entry.
    fn change_saying(
        &mut self,
        deed: &str,
        author: Role,
        day: Date,
        text: &str,
    ) -> Result<FileChange, VaultError> {
        self.entries += 1;
        if self.file.course.stage == Stage::Closed {
            self.file.wraps.close();
        }
        self.file.wraps.drop_below(&self.ladder, self.file.course.rung);
        let head = EntryHead {
            number: self.entries,
            author,
            deed: deed.to_owned(),
            stage: self.file.course.stage,
            day,
        };
        let (id, kind) = (self.file.id, self.file.course.kind);
        let (entry, commitment) = SealedEntry::seal(&self.key, id, kind, head, text)?;
        Ok(FileChange {
            file: self.file.clone(),
            entries: vec![entry],
            attachments: Vec::new(),
            commitments: vec![commitment],
            day,
        })
    }
}

/// A member for each role of each body, and one of each role of the whole desk, with the public keys
/// of their seats and a line for each with what only they would have.
fn hire(
    config: &DeskConfig,
    store: &mut SqliteStore,
) -> Result<(BTreeMap<Seat, PublicKey>, String), UpkeepError> {
    let (mut keys, mut text) = (BTreeMap::new(), String::new());
    let mut seats: BTreeMap<String, Vec<Seat>> = BTreeMap::new();
    for (body, place) in config.bodies.keys().zip(0..) {
        for role in [Role::Intake, Role::Investigator, Role::Remedy] {
            // The first body's people have the short names.
            let name = match place {
                0 => role.as_str().to_owned(),
                _ => format!("{body}-{}", role.as_str()),
            };
            seats.insert(name, vec![Seat { body: body.clone(), role }]);
        }
    }
    for role in [Role::Auditor, Role::Partner, Role::Custodian] {
        let seat = Seat { body: Seat::WHOLE_DESK.to_owned(), role };
        seats.insert(role.as_str().to_owned(), vec![seat]);
    }
    for (name, seats) in seats {
        let (mut member, first) = Member::enrol(&name, PasswordCost::STANDARD)?;
        for seat in &seats {
            let pair = KeyPair::random()?;
            store.keep_seat(&SeatKey { seat: seat.clone(), public: pair.public })?;
            member.give_seat(seat, &pair.secret)?;
            keys.insert(seat.clone(), pair.public);
        }
        store.keep_member(&member)?;
        let seats: Vec<String> = seats.iter().map(Seat::to_string).collect();
        let (password, secret) = (first.password.as_str(), first.totp.to_base32());
        text += &format!("{name} {password} {} {}\n", secret.as_str(), seats.join(","));
    }
    Ok((keys, text))
}
