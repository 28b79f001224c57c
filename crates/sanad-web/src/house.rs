//! What all requests share: the newest edition, the pool, and the settings.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use chrono::NaiveDate;
use sanad_store::{Observatory, StatementLimits};

use crate::edition::{Edition, OpenObservatory};
use crate::error::{Error, Result};
use crate::fault::{Fault, FaultKind};
use crate::jobs::{Bounds, Jobs};
use crate::memo::lock;

/// How a workbench is served.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address that is listened on.
    pub listen: SocketAddr,
    /// Names of hosts that requests may give besides those of the address, such as that of a proxy.
    pub hosts: Vec<String>,
    /// Threads of the query engine; 0 for as many as the machine has. Numbers do not depend on it.
    pub threads: usize,
    /// Computations at a time; 0 for twice as many as the machine has processors, and at least four.
    pub at_once: usize,
    /// Computations that may wait for their turn.
    pub queued: usize,
    /// Connections at a time.
    pub connections: usize,
    /// Bytes of answers that are kept.
    pub kept_bytes: usize,
    /// What a statement of SQL may use.
    pub statement: StatementLimits,
    /// Rows of an answer to a statement of SQL.
    pub statement_rows: usize,
    /// How long a program waits for an answer before it is told to come again.
    pub patience: Duration,
    /// Today, for benchmarks and their dates. The crate itself reads no clock for it.
    pub today: fn() -> NaiveDate,
}

impl Settings {
    /// Settings for one machine: loopback, port 8700, and bounds that suit two processors and 2 GB.
    #[must_use]
    pub fn new(today: fn() -> NaiveDate) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8700)),
            hosts: Vec::new(),
            threads: 0,
            at_once: 0,
            queued: 64,
            connections: 512,
            kept_bytes: 128 << 20,
            statement: StatementLimits { memory_mib: 256, seconds: 10 },
            statement_rows: 10_000,
            patience: Duration::from_secs(30),
            today,
        }
    }

    fn bounds(&self) -> Bounds {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        // Some of them wait for what another computes, and then need no processor.
        let at_once = if self.at_once == 0 { (2 * processors).max(4) } else { self.at_once };
        Bounds { at_once, queued: self.queued, kept_bytes: self.kept_bytes }
    }
}

/// Whether the observatory is open.
enum Door {
    Opening,
    Open(Arc<Edition>),
    Failed(Fault),
}

/// What all requests share.
pub(crate) struct House {
    pub(crate) settings: Settings,
    pub(crate) jobs: Jobs,
    /// The address that is listened on, with the port that the system chose where none was named.
    pub(crate) address: SocketAddr,
    door: Mutex<Door>,
}

/// How often to look whether the observatory has a newer state.
const WATCH: Duration = Duration::from_secs(1);

impl House {
    /// A house whose observatory is opened on a thread of its own, and watched from then on.
    pub(crate) fn open(
        settings: Settings,
        address: SocketAddr,
        open: impl FnOnce() -> core::result::Result<OpenObservatory, sanad_study::Error>
        + Send
        + 'static,
    ) -> Result<Arc<Self>> {
        let jobs = Jobs::start(settings.bounds())?;
        let house = Arc::new(Self { settings, jobs, address, door: Mutex::new(Door::Opening) });
        let watched = Arc::downgrade(&house);
        let thread = std::thread::Builder::new().name("sanad-watch".to_owned()).spawn(move || {
            enter(&watched, open());
            while let Some(house) = watched.upgrade() {
                house.look();
                drop(house);
                std::thread::sleep(WATCH);
            }
        });
        thread.map_err(|source| Error::Threads { what: "watching the observatory", source })?;
        Ok(house)
    }

    /// The newest edition.
    ///
    /// # Errors
    ///
    /// [`FaultKind::NotReady`] while the observatory is being opened; what went wrong where it could not be.
    pub(crate) fn edition(&self) -> core::result::Result<Arc<Edition>, Fault> {
        match &*lock(&self.door) {
            Door::Open(edition) => Ok(Arc::clone(edition)),
            Door::Failed(fault) => Err(fault.clone()),
            Door::Opening => {
                Err(Fault::new(FaultKind::NotReady, "the observatory is being opened")
                    .with_hint("ask again in a second"))
            }
        }
    }

    /// Takes up a newer state, where there is one. A state that cannot be read leaves the one in use.
    fn look(&self) {
        let Ok(edition) = self.edition() else { return };
        if !edition.observatory.has_newer_state() {
            return;
        }
        let Ok(newer) = Observatory::open(edition.observatory.folder()) else { return };
        let next = Edition::new(newer, self.settings.threads, edition.keep());
        if next.facts().is_ok() {
            *lock(&self.door) = Door::Open(Arc::new(next));
            self.jobs.forget();
        }
    }
}

/// Lets the opened observatory in, or says why there is none.
fn enter(house: &Weak<House>, opened: core::result::Result<OpenObservatory, sanad_study::Error>) {
    let Some(house) = house.upgrade() else { return };
    let door = match opened {
        Ok(OpenObservatory { observatory, keep }) => {
            let edition = Edition::new(observatory, house.settings.threads, keep.map(Arc::from));
            match edition.facts() {
                Ok(_) => Door::Open(Arc::new(edition)),
                Err(fault) => Door::Failed(fault),
            }
        }
        Err(error) => Door::Failed(Fault { problem: FaultKind::Failed, ..error.into() }),
    };
    *lock(&house.door) = door;
}
