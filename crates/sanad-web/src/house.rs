//! What all requests share: the newest edition, the pool, and the settings.
//!
//! The house outlives its editions. A thread of its own opens the observatory and then looks every
//! second whether its folder has a newer state; requests that are under way keep the edition that
//! they began with.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use chrono::NaiveDate;
use sanad_store::StatementLimits;

use crate::edition::{Edition, OpenObservatory};
use crate::error::{Error, Result};
use crate::fault::{Fault, FaultKind};
use crate::jobs::{Bounds, Jobs};
use crate::memo::lock;

/// How a workbench is served. What is bounded is refused with a reason, never cut in silence.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address that is listened on. Port 0 lets the system choose one.
    pub listen: SocketAddr,
    /// Names of hosts that requests may give besides those of the address, such as that of a proxy.
    /// Without a port a name is allowed with any.
    pub hosts: Vec<String>,
    /// Threads of the query engine; 0 for as many as the machine has. Numbers do not depend on it.
    pub threads: usize,
    /// Computations at a time; 0 for twice as many as the machine has processors, and at least
    /// four. Each has a thread; the query engine has its own beside them.
    pub at_once: usize,
    /// Computations that may wait for their turn. Beyond them a request is refused as `Busy`.
    pub queued: usize,
    /// Connections at a time. Further ones wait to be accepted.
    pub connections: usize,
    /// Bytes of answers that are kept. Those go first that were not asked for longest.
    pub kept_bytes: usize,
    /// What a statement of SQL may use. Memory in MiB and seconds.
    pub statement: StatementLimits,
    /// Rows of an answer to a statement of SQL. More are refused and not cut, because a part would
    /// look like the whole.
    pub statement_rows: usize,
    /// How long a program waits for an answer before it is told to come again. The work goes on
    /// meanwhile.
    pub patience: Duration,
    /// Whether answers are also made in compressed form, for clients that accept it.
    pub are_answers_compressed: bool,
    /// Today, for benchmarks and their dates. The crate itself reads no clock for it.
    pub today: Today,
}

/// What day it is.
#[derive(Debug, Clone, Copy)]
pub enum Today {
    /// This day, for all that is asked.
    Fixed(NaiveDate),
    /// What the function says. It is asked once for each request, so that a server that runs on
    /// past midnight knows the next day.
    ByClock(fn() -> NaiveDate),
}

impl Today {
    /// The day. An answer asks once and keeps to it.
    pub(crate) fn day(self) -> NaiveDate {
        match self {
            Self::Fixed(day) => day,
            Self::ByClock(today) => today(),
        }
    }
}

impl Settings {
    /// Settings for one machine: loopback, port 8700, and bounds that suit two processors and 2 GB.
    ///
    /// At most 64 computations wait, 512 connections are open, answers take 128 MiB, a statement
    /// has 10 seconds, 256 MiB and 10,000 rows, and a program waits 30 seconds.
    #[must_use]
    pub fn new(today: Today) -> Self {
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
            are_answers_compressed: true,
            today,
        }
    }

    /// The bounds of the pool, with the number of threads that suits this machine where none was
    /// given.
    fn bounds(&self) -> Bounds {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        // Some of them wait for what another computes, and then need no processor.
        let at_once = if self.at_once == 0 { (2 * processors).max(4) } else { self.at_once };
        Bounds { at_once, queued: self.queued, kept_bytes: self.kept_bytes }
    }
}

/// Whether the observatory is open.
enum Door {
    /// It is still being opened; every request is `NotReady`.
    Opening,
    /// It is open in this edition.
    Open(Arc<Edition>),
    /// It could not be opened, and the server says why until it ends.
    Failed(Fault),
}

/// What all requests share. Dropping it ends the thread that watches and, with the pool, those that
/// compute.
pub(crate) struct House {
    /// How the workbench is served.
    pub(crate) settings: Settings,
    /// The pool with the answers that are kept.
    pub(crate) jobs: Jobs,
    /// The address that is listened on, with the port that the system chose where none was named.
    pub(crate) address: SocketAddr,
    /// The newest edition, or why there is none.
    door: Mutex<Door>,
}

/// How often to look whether the observatory has a newer state. One small file is read for it.
const WATCH: Duration = Duration::from_secs(1);

impl House {
    /// A house whose observatory is opened on a thread of its own, and watched from then on.
    ///
    /// Returns at once. The thread holds the house weakly, so that it ends with it.
    ///
    /// # Errors
    ///
    /// `Error::Threads` where the pool or the watching thread cannot be started. What goes wrong in
    /// `open` is no error here: requests are told.
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

    /// A house over one state of an observatory that is open already, which is not watched: what is
    /// made of it is of this state alone.
    ///
    /// # Errors
    ///
    /// `Error::Threads` where the pool cannot be started.
    pub(crate) fn of_one_state(settings: Settings, opened: OpenObservatory) -> Result<Arc<Self>> {
        let jobs = Jobs::start(settings.bounds())?;
        let OpenObservatory { observatory, keep } = opened;
        let edition = Edition::new(observatory, settings.threads, keep.map(Arc::from));
        let door = Mutex::new(Door::Open(Arc::new(edition)));
        let address = settings.listen;
        Ok(Arc::new(Self { settings, jobs, address, door }))
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

    /// Takes up a newer state, where there is one. A state that cannot be read leaves the one in
    /// use. Kept answers are forgotten then: their keys are of the state before.
    fn look(&self) {
        let Ok(edition) = self.edition() else { return };
        if !edition.observatory.has_newer_state() {
            return;
        }
        let Ok(newer) = edition.observatory.reopen() else { return };
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
