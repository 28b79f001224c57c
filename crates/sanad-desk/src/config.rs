//! `desk.toml`: who receives what, in which districts and languages, and by when.
//!
//! A file is read whole and every fault in it is reported, each with its place, what was found,
//! what was expected and what to do. A channel that cannot deliver is a fault: a filer would write
//! into nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::course::Times;
use crate::ledger::{FEWEST_LEAVES, MOST_LEAVES, is_leaf_count};
use crate::process::{FileKind, Matter, Role, STAGE_TIMES, Stage, stage_time};
use crate::working_days::WorkingDays;

/// The languages whose texts the desk has.
pub const LANGUAGES: [&str; 3] = ["en", "ur", "ps"];

/// The smallest count that may be released. A desk may ask for more, never for less.
pub const LEAST_RELEASED: u64 = 10;

/// A body that receives files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicBody {
    /// Its word in files and addresses.
    pub id: String,
    /// Its name on pages.
    pub name: String,
    /// The bodies that have a file, from this one upwards: this one, the one that it escalates to,
    /// and so on.
    pub ladder: Vec<String>,
}

/// A way into the desk: one kind of file, to one body, for some districts, in some languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Its word in files and addresses.
    pub id: String,
    /// The kind of file that it takes.
    pub kind: FileKind,
    /// What its grievances are about; nothing where it takes grievances of every matter, and for other
    /// kinds.
    pub matter: Option<Matter>,
    /// The first body that receives.
    pub body: String,
    /// The districts that a filer can choose.
    pub districts: Vec<String>,
    /// The languages that the body reads.
    pub languages: Vec<String>,
    /// Whether it takes files.
    pub is_open: bool,
    /// How many filings it takes in a day, against floods. Others keep working when it is full.
    pub filings_a_day: u32,
    /// How many of them it takes without a proof of work, from people in whose browsers no script
    /// runs: see [`Channel::has_work_share`]. At most `filings_a_day`.
    pub plain_a_day: u32,
}

impl Channel {
    /// Whether a share of the day's filings is for those that bring a proof of work. Where there is
    /// none, all share one number, and the page has no puzzle.
    pub const fn has_work_share(&self) -> bool {
        self.plain_a_day < self.filings_a_day
    }

    /// How many filings a day are for those that bring a proof of work.
    pub const fn worked_a_day(&self) -> u32 {
        self.filings_a_day.saturating_sub(self.plain_a_day)
    }
}

/// How long things are kept, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionDays {
    /// Days after its end on which a closed file loses its key.
    pub closed_days: u16,
    /// Days after which the operator has promised to destroy a backup.
    pub backup_days: u16,
}

/// How counts are released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseRules {
    /// The smallest count that is shown; at least [`LEAST_RELEASED`].
    pub smallest_count: u64,
    /// Days between the end of a quarter and the release of its counts.
    pub delay_days: u16,
}

/// A desk as `desk.toml` declares it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeskConfig {
    /// The desk's name on pages and in the ledger.
    pub name: String,
    /// Whether the desk and everything in it is invented, for demonstration.
    pub is_invented: bool,
    /// The zone in which days begin.
    pub zone: TimeZone,
    /// The zone's name.
    pub zone_name: String,
    /// The districts by id, with their names.
    pub districts: BTreeMap<String, String>,
    /// The bodies by id.
    pub bodies: BTreeMap<String, PublicBody>,
    /// The channels in the file's order.
    pub channels: Vec<Channel>,
    /// Working days and the time of each stage.
    pub times: Times,
    /// Names of the custodians; any two of them together recover.
    pub custodians: Vec<String>,
    /// How long things are kept.
    pub retention: RetentionDays,
    /// How counts are released.
    pub release: ReleaseRules,
    /// The leaves of every day of the ledger: see [`is_leaf_count`]. [`FEWEST_LEAVES`] where the file
    /// says nothing.
    pub ledger_leaves: usize,
}

/// One thing that is wrong with `desk.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFault {
    /// Where in the file: the table and the field.
    pub place: String,
    /// What stands there.
    pub found: String,
    /// What has to stand there.
    pub expected: String,
    /// What to do.
    pub remedy: String,
}

impl std::fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ConfigFault { place, found, expected, remedy } = self;
        write!(f, "{place}: found {found}, expected {expected}. To mend it: {remedy}.")
    }
}

/// Why a `desk.toml` cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file is not TOML of the expected shape. The message of the parser has line and column.
    #[error("{file} cannot be read: {message}")]
    Syntax {
        /// The file's name.
        file: String,
        /// What the parser says.
        message: String,
    },
    /// The file can be read, and what it says cannot be done.
    #[error("{file} has {} fault(s):{}", faults.len(), listed(faults))]
    Faults {
        /// The file's name.
        file: String,
        /// All of them, in the order in which they were found.
        faults: Vec<ConfigFault>,
    },
}

/// Faults in a message, each on a line of its own.
fn listed(faults: &[ConfigFault]) -> String {
    faults.iter().map(|fault| format!("\n  {fault}")).collect()
}

/// The whole file as TOML gives it, before anything is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    desk: RawDesk,
    calendar: RawCalendar,
    #[serde(default)]
    district: Vec<RawNamed>,
    #[serde(default)]
    body: Vec<RawBody>,
    #[serde(default)]
    channel: Vec<RawChannel>,
    #[serde(default)]
    working_days: BTreeMap<String, BTreeMap<String, u16>>,
    retention: RetentionDays,
    release: ReleaseRules,
    ledger: Option<RawLedger>,
}

/// `[ledger]`: how much a day of the ledger holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLedger {
    leaves: usize,
}

/// `[desk]`: what the desk is called, where its days begin, who recovers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDesk {
    name: String,
    #[serde(default)]
    invented: bool,
    zone: String,
    custodians: Vec<String>,
}

/// `[calendar]`: days as words, which may be misspelt.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCalendar {
    weekdays: Vec<String>,
    holidays: Vec<String>,
    remind_before: u16,
}

/// `[[district]]`: an id and a name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNamed {
    id: String,
    name: String,
}

/// `[[body]]`: an id, a name, and the body above, which may not exist.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBody {
    id: String,
    name: String,
    escalates_to: Option<String>,
}

/// `[[channel]]`: words that have to name what is declared elsewhere.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawChannel {
    id: String,
    kind: String,
    matter: Option<String>,
    body: String,
    districts: Vec<String>,
    languages: Vec<String>,
    open: bool,
    filings_a_day: u32,
    plain_a_day: Option<u32>,
}

/// The faults found so far.
#[derive(Default)]
struct Faults(Vec<ConfigFault>);

impl Faults {
    /// Notes a fault. The file is read on, so that all faults are said at once.
    fn add(&mut self, place: &str, found: &str, expected: &str, remedy: &str) {
        let own = |text: &str| text.to_owned();
        self.0.push(ConfigFault {
            place: own(place),
            found: format!("{found:?}"),
            expected: own(expected),
            remedy: own(remedy),
        });
    }
}

impl DeskConfig {
    /// Reads the text of a `desk.toml`; `file` is its name in messages.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Syntax`] where the text is no such file, [`ConfigError::Faults`] with all
    /// faults where what it says cannot be done.
    pub fn read(text: &str, file: &str) -> Result<DeskConfig, ConfigError> {
        let raw: RawFile = toml::from_str(text).map_err(|error| ConfigError::Syntax {
            file: file.to_owned(),
            message: error.to_string(),
        })?;
        let mut faults = Faults::default();
        let config = raw.check(&mut faults);
        match config {
            Some(config) if faults.0.is_empty() => Ok(config),
            _ => Err(ConfigError::Faults { file: file.to_owned(), faults: faults.0 }),
        }
    }

    /// The channel of an id.
    pub fn channel(&self, id: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.id == id)
    }

    /// The ladder of bodies that a channel's files climb; empty when there is no such body.
    pub fn ladder(&self, channel: &Channel) -> &[String] {
        self.bodies.get(&channel.body).map_or(&[], |body| &body.ladder)
    }

    /// What a channel lacks to deliver, given the seats (body and role) that somebody holds.
    /// An open channel with a lack must not be served.
    pub fn lacks(
        &self,
        channel: &Channel,
        seats: &BTreeSet<(String, Role)>,
    ) -> Vec<(String, Role)> {
        let roles: BTreeSet<Role> = STAGE_TIMES
            .iter()
            .filter(|time| time.kind == channel.kind && time.duty != Role::Filer)
            .map(|time| time.duty)
            .collect();
        let bodies = self.ladder(channel).iter();
        let needed = bodies.flat_map(|body| roles.iter().map(move |role| (body.clone(), *role)));
        needed.filter(|seat| !seats.contains(seat)).collect()
    }
}

impl RawFile {
    /// The desk that the file declares; nothing where a part of it cannot even be built.
    fn check(self, faults: &mut Faults) -> Option<DeskConfig> {
        check_custodians(&self.desk.custodians, faults);
        check_line("desk.name", &self.desk.name, faults);
        let zone = check_zone(&self.desk.zone, faults);
        let days = check_calendar(&self.calendar, faults);
        let changed = check_times(&self.working_days, faults);
        let districts = check_districts(self.district, faults);
        let bodies = check_bodies(self.body, faults);
        let channels = check_channels(self.channel, &bodies, &districts, faults);
        if self.release.smallest_count < LEAST_RELEASED {
            let found = self.release.smallest_count.to_string();
            faults.add("release.smallest_count", &found, "10 or more", "set it to 10");
        }
        if self.retention.closed_days == 0 {
            faults.add("retention.closed_days", "0", "1 or more", "give the days to keep a file");
        }
        let ledger_leaves = self.ledger.map_or(FEWEST_LEAVES, |ledger| ledger.leaves);
        check_leaves(ledger_leaves, &channels, faults);
        let remind_before = self.calendar.remind_before;
        Some(DeskConfig {
            name: self.desk.name,
            is_invented: self.desk.invented,
            zone: zone?,
            zone_name: self.desk.zone,
            districts,
            bodies,
            channels,
            times: Times { days: days?, remind_before, changed },
            custodians: self.desk.custodians,
            retention: self.retention,
            release: self.release,
            ledger_leaves,
        })
    }
}

/// A number of leaves that a ledger can have, and at least one for every file that the open channels
/// take in a day: a ledger with fewer falls behind for good.
fn check_leaves(leaves: usize, channels: &[Channel], faults: &mut Faults) {
    let open = channels.iter().filter(|channel| channel.is_open);
    let filings: u64 = open.map(|channel| u64::from(channel.filings_a_day)).sum();
    if !is_leaf_count(leaves) {
        let expected = format!("a power of two from {FEWEST_LEAVES} to {MOST_LEAVES}");
        faults.add("ledger.leaves", &leaves.to_string(), &expected, "choose one of these");
    } else if (leaves as u64) < filings {
        let expected = format!("{filings} or more, as many as the open channels take in a day");
        let remedy = "raise it, or lower filings_a_day; a file takes some six steps in its life";
        faults.add("ledger.leaves", &leaves.to_string(), &expected, remedy);
    }
}

/// Two custodians or more, each once: one alone could recover nothing, and twice the same is one.
fn check_custodians(names: &[String], faults: &mut Faults) {
    let distinct: BTreeSet<&String> = names.iter().collect();
    if distinct.len() < 2 || distinct.len() < names.len() {
        let remedy = "name at least two persons in different places, each once";
        faults.add("desk.custodians", &names.join(", "), "two or more different names", remedy);
    }
    for name in names {
        check_id("desk.custodians", name, faults);
    }
}

/// The zone by its name in the IANA database. Days of deadlines and of the ledger begin in it.
fn check_zone(name: &str, faults: &mut Faults) -> Option<TimeZone> {
    let zone = TimeZone::get(name).ok();
    if zone.is_none() {
        let expected = "a zone of the IANA database, such as \"Asia/Karachi\"";
        faults.add("desk.zone", name, expected, "write the zone as the database spells it");
    }
    zone
}

/// The weekday of a word in small letters.
fn weekday_named(word: &str) -> Option<Weekday> {
    Some(match word {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

/// Weekdays and holidays. Without any working day no deadline could fall.
fn check_calendar(calendar: &RawCalendar, faults: &mut Faults) -> Option<WorkingDays> {
    let mut weekdays = Vec::new();
    for word in &calendar.weekdays {
        match weekday_named(word) {
            Some(weekday) => weekdays.push(weekday),
            None => {
                let expected = "an English weekday in small letters";
                faults.add("calendar.weekdays", word, expected, "write it as \"monday\"");
            }
        }
    }
    let mut holidays = BTreeSet::new();
    for text in &calendar.holidays {
        match text.parse::<Date>() {
            Ok(day) => drop(holidays.insert(day)),
            Err(_) => {
                let expected = "a day as YYYY-MM-DD that exists";
                faults.add("calendar.holidays", text, expected, "write it as \"2026-03-23\"");
            }
        }
    }
    if weekdays.is_empty() {
        let expected = "at least one working weekday";
        faults.add("calendar.weekdays", "", expected, "name the weekdays on which bodies work");
    }
    WorkingDays::new(&weekdays, holidays)
}

/// Working days of stages that differ from the table. Only stages with a deadline have some, and no
/// stage may take longer than about a year.
fn check_times(
    tables: &BTreeMap<String, BTreeMap<String, u16>>,
    faults: &mut Faults,
) -> BTreeMap<(FileKind, Stage), u16> {
    let mut changed = BTreeMap::new();
    for (kind_word, stages) in tables {
        let place = format!("working_days.{kind_word}");
        let Some(kind) = FileKind::from_word(kind_word) else {
            let expected = "grievance, harm or warning";
            faults.add(&place, kind_word, expected, "rename the table or strike it out");
            continue;
        };
        for (stage_word, &days) in stages {
            let place = format!("{place}.{stage_word}");
            match Stage::from_word(stage_word).filter(|&stage| stage_time(kind, stage).is_some()) {
                Some(stage) if (1..=260).contains(&days) => {
                    changed.insert((kind, stage), days);
                }
                Some(_) => {
                    let remedy = "give the working days that the stage may take";
                    faults.add(&place, &days.to_string(), "a number from 1 to 260", remedy);
                }
                None => {
                    let expected = "a stage of this kind that has a deadline";
                    faults.add(&place, stage_word, expected, "see docs/desk-states.md");
                }
            }
        }
    }
    changed
}

/// Whether a word can stand in an address and in the ledger.
pub(crate) fn is_id(word: &str) -> bool {
    let is_good = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    !word.is_empty()
        && word.len() <= 40
        && word.chars().all(|letter| is_good(letter) || letter == '-')
}

/// Notes a fault where a word cannot stand in an address.
fn check_id(place: &str, id: &str, faults: &mut Faults) {
    if !is_id(id) {
        let expected = "1 to 40 of a to z, 0 to 9 and -";
        faults.add(place, id, expected, "choose a short word; the name may be longer");
    }
}

/// Names stand in the ledger's header, one line each.
fn check_line(place: &str, name: &str, faults: &mut Faults) {
    if name.trim().is_empty() || name.trim() != name || name.chars().any(char::is_control) {
        let expected = "one line of text without blanks at its ends";
        faults.add(place, name, expected, "write the name on one line");
    }
}

/// The districts by id, each id once.
fn check_districts(raw: Vec<RawNamed>, faults: &mut Faults) -> BTreeMap<String, String> {
    let mut districts = BTreeMap::new();
    for entry in raw {
        let place = format!("district {:?}", entry.id);
        check_id(&place, &entry.id, faults);
        check_line(&place, &entry.name, faults);
        if districts.insert(entry.id.clone(), entry.name).is_some() {
            faults.add(&place, &entry.id, "each id once", "rename one of the two");
        }
    }
    districts
}

/// The bodies by id, each with the ladder that its files can climb.
fn check_bodies(raw: Vec<RawBody>, faults: &mut Faults) -> BTreeMap<String, PublicBody> {
    let above: BTreeMap<String, Option<String>> =
        raw.iter().map(|body| (body.id.clone(), body.escalates_to.clone())).collect();
    let mut bodies = BTreeMap::new();
    for body in raw {
        let place = format!("body {:?}", body.id);
        check_id(&place, &body.id, faults);
        check_line(&place, &body.name, faults);
        let ladder = ladder_from(&body.id, &above, &place, faults);
        let entry = PublicBody { id: body.id.clone(), name: body.name, ladder };
        if bodies.insert(body.id.clone(), entry).is_some() {
            faults.add(&place, &body.id, "each id once", "rename one of the two");
        }
    }
    bodies
}

/// The bodies from one upwards. It ends before a body that is not declared and before a circle, each
/// of which is a fault.
fn ladder_from(
    start: &str,
    above: &BTreeMap<String, Option<String>>,
    place: &str,
    faults: &mut Faults,
) -> Vec<String> {
    let place = format!("{place}.escalates_to");
    let mut ladder = vec![start.to_owned()];
    let mut next = above.get(start).and_then(Option::as_ref);
    while let Some(body) = next {
        if !above.contains_key(body) {
            let remedy = "declare the body or strike the line out";
            faults.add(&place, body, "the id of a declared body", remedy);
            break;
        }
        if ladder.contains(body) {
            let remedy = "let the ladder end at a body that escalates to none";
            faults.add(&place, body, "a ladder without a circle", remedy);
            break;
        }
        ladder.push(body.clone());
        next = above.get(body).and_then(Option::as_ref);
    }
    ladder
}

/// The channels in the order of the file, each id once. A desk without a channel takes nothing.
fn check_channels(
    raw: Vec<RawChannel>,
    bodies: &BTreeMap<String, PublicBody>,
    districts: &BTreeMap<String, String>,
    faults: &mut Faults,
) -> Vec<Channel> {
    let mut channels: Vec<Channel> = Vec::new();
    if raw.is_empty() {
        faults.add("channel", "", "at least one channel", "declare a [[channel]]");
    }
    for channel in raw {
        let place = format!("channel {:?}", channel.id);
        check_id(&place, &channel.id, faults);
        if channels.iter().any(|other| other.id == channel.id) {
            faults.add(&place, &channel.id, "each id once", "rename one of the two");
        }
        channels.extend(check_channel(channel, &place, bodies, districts, faults));
    }
    channels
}

/// One channel, held to the bodies, districts and languages that exist; nothing where its kind is
/// unknown, because nothing can be said about its stages then.
fn check_channel(
    raw: RawChannel,
    place: &str,
    bodies: &BTreeMap<String, PublicBody>,
    districts: &BTreeMap<String, String>,
    faults: &mut Faults,
) -> Option<Channel> {
    if !bodies.contains_key(&raw.body) {
        let expected = "the id of a declared body, or nobody would receive";
        faults.add(&format!("{place}.body"), &raw.body, expected, "declare it as a [[body]]");
    }
    check_each(&raw.districts, &format!("{place}.districts"), faults, |district| {
        (!districts.contains_key(district)).then_some("the id of a declared district")
    });
    check_each(&raw.languages, &format!("{place}.languages"), faults, |language| {
        (!LANGUAGES.contains(&language)).then_some("en, ur or ps, whose texts the desk has")
    });
    if raw.filings_a_day == 0 {
        let (place, remedy) =
            (format!("{place}.filings_a_day"), "give a number, or set open = false");
        faults.add(&place, "0", "1 or more", remedy);
    }
    let plain_a_day = check_plain_share(&raw, place, faults);
    let kind = FileKind::from_word(&raw.kind);
    if kind.is_none() {
        let (place, expected) = (format!("{place}.kind"), "grievance, harm or warning");
        faults.add(&place, &raw.kind, expected, "choose one of the three");
    }
    let matter = check_matter(raw.matter.as_deref(), kind, place, faults);
    Some(Channel {
        id: raw.id,
        kind: kind?,
        matter,
        body: raw.body,
        districts: raw.districts,
        languages: raw.languages,
        is_open: raw.open,
        filings_a_day: raw.filings_a_day,
        plain_a_day,
    })
}

/// The matter of a channel, which grievances alone have.
fn check_matter(
    word: Option<&str>,
    kind: Option<FileKind>,
    place: &str,
    faults: &mut Faults,
) -> Option<Matter> {
    let word = word?;
    let place = format!("{place}.matter");
    let matter = Matter::from_word(word);
    if matter.is_none() {
        let words: Vec<&str> = Matter::ALL.iter().map(|matter| matter.as_str()).collect();
        let expected = format!("one of {}", words.join(", "));
        faults.add(&place, word, &expected, "choose one, or strike it out for every matter");
    } else if kind.is_some_and(|kind| kind != FileKind::Grievance) {
        faults.add(&place, word, "no matter: grievances alone have one", "strike it out");
    }
    matter
}

/// The number of filings without a proof of work: what the file says, and where it says nothing a
/// quarter of all, as `docs/desk.md` has it. With none, nobody without scripts could file.
fn check_plain_share(raw: &RawChannel, place: &str, faults: &mut Faults) -> u32 {
    let Some(plain) = raw.plain_a_day else { return raw.filings_a_day.div_ceil(4) };
    if plain == 0 || plain > raw.filings_a_day {
        let expected = format!("a number from 1 to filings_a_day, {}", raw.filings_a_day);
        let remedy = "give a number, or strike it out: then it is a quarter of filings_a_day";
        faults.add(&format!("{place}.plain_a_day"), &plain.to_string(), &expected, remedy);
    }
    plain
}

/// A list that must not be empty, whose entries are known and stand there once.
fn check_each(
    entries: &[String],
    place: &str,
    faults: &mut Faults,
    wrong: impl Fn(&str) -> Option<&'static str>,
) {
    if entries.is_empty() {
        faults.add(place, "", "at least one entry", "name what the channel serves");
    }
    let mut seen = BTreeSet::new();
    for entry in entries {
        if let Some(expected) = wrong(entry) {
            faults.add(place, entry, expected, "correct the word or strike it out");
        }
        if !seen.insert(entry) {
            faults.add(place, entry, "each entry once", "strike one of them out");
        }
    }
}
