//! The server, over real connections on loopback, with a clock that tests set.

mod attaching;
pub(crate) mod browser;
mod calendar;
mod filing;
mod flood;
mod hostile;
mod matrix;
mod partner;
mod staff;
mod texts;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use jiff::tz::TimeZone;
use sanad_desk::ledger::FEWEST_LEAVES;
use sanad_desk::server::proof_of_work::NO_ANSWER;
use sanad_desk::server::{DeskServer, DeskServerSettings, OpenedDesk};
use sanad_desk::staff::{Member, Seat, SeatKey};
use sanad_desk::store::{DeskStore, Founding, SqliteStore};
use sanad_desk::vault::{KeyPair, PasswordCost, SecretKey, TotpSecret, code_at};
use sanad_desk::{Clock, DeskConfig, SetClock};

use browser::{Browser, Reply};

/// A Monday at ten in the morning in the desk's zone.
const MONDAY: &str = "2026-03-02T05:00:00Z";

/// Somebody of the staff with what only this person has.
struct Person {
    password: String,
    totp: TotpSecret,
}

/// An invented desk that serves until it is dropped.
struct TestDesk {
    folder: tempfile::TempDir,
    config: DeskConfig,
    clock: Arc<SetClock>,
    people: BTreeMap<String, Person>,
    serving: Option<Serving>,
}

struct Serving {
    address: SocketAddr,
    stop: tokio::sync::oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

fn demo_config() -> DeskConfig {
    DeskConfig::read(include_str!("../../../demo/desk.toml"), "demo/desk.toml").unwrap()
}

/// The people of every test desk: a name and the seats.
const PEOPLE: [(&str, &[&str]); 13] = [
    ("intake", &["complaints-office/intake"]),
    ("investigator", &["complaints-office/investigator"]),
    (
        "second-investigator",
        &[
            "complaints-office/investigator",
            "harm-board/investigator",
            "ombuds-office/investigator",
        ],
    ),
    ("remedy", &["complaints-office/remedy"]),
    ("harm-intake", &["harm-board/intake"]),
    ("harm-investigator", &["harm-board/investigator"]),
    ("harm-remedy", &["harm-board/remedy"]),
    ("ombuds-intake", &["ombuds-office/intake"]),
    ("ombuds-investigator", &["ombuds-office/investigator"]),
    ("ombuds-remedy", &["ombuds-office/remedy"]),
    ("auditor", &["desk/auditor"]),
    ("partner", &["desk/partner"]),
    ("custodian", &["desk/custodian"]),
];

impl TestDesk {
    /// The invented desk of the demonstration, on a Monday.
    fn start() -> TestDesk {
        TestDesk::with(demo_config())
    }

    fn with(config: DeskConfig) -> TestDesk {
        let folder = tempfile::tempdir().unwrap();
        let custodians = config.custodians.iter();
        let custodians =
            custodians.map(|name| (name.clone(), KeyPair::random().unwrap().public)).collect();
        let mut founding =
            Founding::draw(&config.name, config.is_invented, FEWEST_LEAVES, custodians).unwrap();
        founding.receipt_cost = PasswordCost::FOR_TESTS;
        let mut store = SqliteStore::create(&folder.path().join("desk.sqlite"), &founding).unwrap();
        let mut people = BTreeMap::new();
        let mut seats: BTreeMap<Seat, SecretKey> = BTreeMap::new();
        for (name, held) in PEOPLE {
            let (mut member, secrets) = Member::enrol(name, PasswordCost::FOR_TESTS).unwrap();
            for seat in held {
                let seat: Seat = seat.parse().unwrap();
                let secret = seats.entry(seat.clone()).or_insert_with(|| {
                    let pair = KeyPair::random().unwrap();
                    let key = SeatKey { seat: seat.clone(), public: pair.public };
                    store.keep_seat(&key).unwrap();
                    pair.secret
                });
                member.give_seat(&seat, secret).unwrap();
            }
            store.keep_member(&member).unwrap();
            let password = secrets.password.to_string();
            people.insert(name.to_owned(), Person { password, totp: secrets.totp });
        }
        drop(store);
        let clock = Arc::new(SetClock::new(MONDAY.parse().unwrap()));
        let mut desk = TestDesk { folder, config, clock, people, serving: None };
        desk.serve();
        desk
    }

    fn serve(&mut self) {
        let settings = DeskServerSettings {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            hosts: vec!["desk.example".to_owned()],
            is_behind_proxy: false,
            connections: 64,
        };
        let server = DeskServer::bind(settings).unwrap();
        let address = server.address();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let opened = OpenedDesk {
            config: self.config.clone(),
            store: Box::new(self.store()),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
        };
        let thread = std::thread::spawn(move || {
            server.run(opened, async { drop(stopped.await) }).unwrap();
        });
        self.serving = Some(Serving { address, stop, thread });
    }

    /// Ends the server; what it kept stays.
    fn end(&mut self) {
        if let Some(Serving { stop, thread, .. }) = self.serving.take() {
            let _ = stop.send(());
            thread.join().unwrap();
        }
    }

    /// A connection to the database of its own.
    fn store(&self) -> SqliteStore {
        SqliteStore::open(&self.database()).unwrap()
    }

    fn database(&self) -> std::path::PathBuf {
        Path::new(self.folder.path()).join("desk.sqlite")
    }

    fn browser(&self) -> Browser {
        Browser::new(self.serving.as_ref().unwrap().address)
    }

    fn zone(&self) -> TimeZone {
        self.config.zone.clone()
    }

    /// Sets the clock to ten in the morning of a day.
    fn set_day(&self, day: &str) {
        self.clock.set(format!("{day}T05:00:00Z").parse().unwrap());
        assert_eq!(self.clock.today(&self.zone()).to_string(), day);
    }

    fn code(&self, name: &str) -> String {
        let seconds = u64::try_from(self.clock.now().as_second()).unwrap();
        code_at(&self.people[name].totp, seconds)
    }

    /// A browser in which somebody is logged in. The clock goes a minute on, so that the next
    /// code is another one.
    fn logged_in(&self, name: &str) -> Browser {
        let mut browser = self.browser();
        let reply = self.log_in(&mut browser, name, &self.people[name].password, &self.code(name));
        assert_eq!(reply.status, 303, "{}", reply.body);
        let minute = jiff::SignedDuration::from_mins(1);
        self.clock.set(self.clock.now().checked_add(minute).unwrap());
        browser
    }

    fn log_in(&self, browser: &mut Browser, name: &str, password: &str, code: &str) -> Reply {
        let token = browser.get("/staff").hidden("form");
        let fields =
            [("form", token.as_str()), ("name", name), ("password", password), ("code", code)];
        browser.post("/staff/login", &fields)
    }

    /// Files something and gives the receipt.
    fn file(&self, channel: &str, text: &str) -> String {
        let mut browser = self.browser();
        let address = format!("/en/file/{channel}");
        let receipt = browser.get(&address).hidden("receipt");
        let reply = browser.post(&address, &filing(&receipt, text));
        assert_eq!(reply.status, 200, "{}", reply.body);
        receipt
    }

    /// The addresses of the files that somebody sees in the list.
    fn listed(&self, browser: &mut Browser) -> Vec<String> {
        let page = browser.get("/staff").body;
        let parts = page.split("href=\"/staff/file/").skip(1);
        parts.map(|part| format!("/staff/file/{}", &part[..32])).collect()
    }
}

impl Drop for TestDesk {
    fn drop(&mut self) {
        if let Some(Serving { stop, .. }) = self.serving.take() {
            let _ = stop.send(());
        }
    }
}

/// The fields of a filing.
pub(crate) fn filing<'a>(receipt: &'a str, text: &'a str) -> [(&'static str, &'a str); 8] {
    [
        ("receipt", receipt),
        ("noted", "yes"),
        ("district", "upper-valley"),
        ("year", "2026"),
        ("month", ""),
        ("day", ""),
        ("text", text),
        // What a page sends in which no script ran.
        ("work", NO_ANSWER),
    ]
}
