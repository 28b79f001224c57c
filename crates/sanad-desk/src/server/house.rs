//! What every answer needs: the desk's rules, its store, its clock, and who is logged in.
//!
//! The office is behind one lock, because the store does one thing at a time. What takes long, the
//! derivation of keys from receipts and passwords, is done before the lock is taken, on threads of
//! its own and a few at a time, so that a flood of receipts cannot use up the machine's memory.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::civil::Date;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::office::Office;
use super::proof_of_work::PuzzleKey;
use super::session::StaffSessions;
use crate::attachment::{AttachmentRefused, CleanedPicture, clean};
use crate::clock::Clock;
use crate::config::DeskConfig;
use crate::process::Role;
use crate::staff::Seat;
use crate::store::{DeskStore, Founding, StoreError};
use crate::upkeep::UpkeepError;
use crate::vault::{PublicKey, Receipt, ReceiptKeys, VaultError};

/// Key derivations at the same time. Each takes the memory that the desk's cost says.
const DERIVATIONS: usize = 4;

/// Pictures that are received at the same time. Each takes up to some twenty megabytes.
const UPLOADS: usize = 8;

/// How long a request waits for its turn before the desk says that it has too much to do.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a server is started.
#[derive(Debug, Clone)]
pub struct DeskServerSettings {
    /// The address to listen on; port 0 lets the system choose one.
    pub listen: SocketAddr,
    /// Names under which a proxy or an onion service brings requests.
    pub hosts: Vec<String>,
    /// Whether something before the desk brings TLS, so that listening elsewhere than on loopback
    /// is meant.
    pub is_behind_proxy: bool,
    /// Connections at the same time. What comes beyond them waits.
    pub connections: usize,
}

/// A desk that was opened: its rules, what keeps it, and its clock.
pub struct OpenedDesk {
    /// The rules of `desk.toml`.
    pub config: DeskConfig,
    /// The store.
    pub store: Box<dyn DeskStore>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// Why a server cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The address can be reached from elsewhere, and the desk speaks no TLS.
    #[error(
        "{0} can be reached from other machines, and the desk speaks no TLS: listen on 127.0.0.1 and put a proxy with TLS or an onion service before it, or say --behind-proxy where the network between the two is yours alone"
    )]
    Reachable(SocketAddr),
    /// Threads cannot be started.
    #[error("threads for the connections cannot be started: {0}")]
    Threads(std::io::Error),
    /// The store does not open or does not hold.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the days brought while the desk was down cannot be done.
    #[error(transparent)]
    Upkeep(#[from] UpkeepError),
    /// There is no randomness.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// An open channel cannot deliver.
    #[error(
        "channel {channel:?} is open and nobody holds {}: give the seats with `sanad-desk user`, or set open = false",
        listed(seats)
    )]
    Lacks {
        /// The channel.
        channel: String,
        /// The seats that nobody holds.
        seats: Vec<Seat>,
    },
}

/// Seats in a message, as `sanad-desk user` takes them.
fn listed(seats: &[Seat]) -> String {
    seats.iter().map(Seat::to_string).collect::<Vec<_>>().join(", ")
}

/// What every answer needs.
pub(crate) struct DeskHouse {
    /// The rules of `desk.toml`, as they were when the server started.
    pub(super) config: DeskConfig,
    /// What was drawn when the desk began: the salt of receipts, the custodians' keys.
    pub(super) founding: Founding,
    /// The public keys of all seats. A seat that is new needs a new start.
    pub(super) seats: BTreeMap<Seat, PublicKey>,
    /// What day it is, and for sessions and codes what moment.
    pub(super) clock: Arc<dyn Clock>,
    /// The address that is listened on.
    pub(super) address: SocketAddr,
    /// Further names of hosts for which requests are answered.
    pub(super) hosts: Vec<String>,
    /// What the puzzles of forms are made of.
    pub(super) puzzles: PuzzleKey,
    /// The desk at work, one at a time.
    office: Mutex<Office>,
    /// Who of the staff is logged in.
    sessions: Mutex<StaffSessions>,
    /// Turns for what takes long.
    derivations: Semaphore,
    /// Room for pictures that arrive. Who finds none is told at once, and files all the same.
    pub(super) uploads: Semaphore,
    /// The one turn for reading a picture to its pixels, which takes hundreds of megabytes.
    pictures: Semaphore,
}

impl DeskHouse {
    /// Checks that the desk can deliver, and brings it up to the present day.
    pub(super) fn open(
        opened: OpenedDesk,
        settings: &DeskServerSettings,
        address: SocketAddr,
    ) -> Result<Arc<DeskHouse>, ServeError> {
        let OpenedDesk { config, mut store, clock } = opened;
        let founding = store.founding()?;
        let seats = store.seats()?.into_iter().map(|key| (key.seat, key.public)).collect();
        check_seats(&config, store.as_mut())?;
        let today = clock.today(&config.zone);
        let house = DeskHouse {
            office: Mutex::new(Office::open(store)?),
            sessions: Mutex::new(StaffSessions::begin(clock.now())),
            derivations: Semaphore::new(DERIVATIONS),
            uploads: Semaphore::new(UPLOADS),
            pictures: Semaphore::new(1),
            puzzles: PuzzleKey::random()?,
            hosts: settings.hosts.clone(),
            config,
            founding,
            seats,
            clock,
            address,
        };
        drop(house.office(today)?);
        Ok(Arc::new(house))
    }

    /// The present day in the desk's zone.
    pub(super) fn today(&self) -> Date {
        self.clock.today(&self.config.zone)
    }

    /// The office, after everything was done that the days up to this one bring.
    pub(super) fn office(&self, today: Date) -> Result<MutexGuard<'_, Office>, UpkeepError> {
        let mut office = self.office.lock().unwrap_or_else(PoisonError::into_inner);
        office.begin_day(&self.config, today)?;
        Ok(office)
    }

    /// Who is logged in. The lock is held for as long as the guard lives, so do not hold it over the
    /// derivation of a key.
    pub(super) fn sessions(&self) -> MutexGuard<'_, StaffSessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a receipt opens.
    pub(super) fn receipt_keys(&self, receipt: &Receipt) -> Result<ReceiptKeys, VaultError> {
        receipt.keys(&self.founding.receipt_salt, self.founding.receipt_cost)
    }

    /// Runs something that blocks on a thread of its own, a few at a time. Nothing comes back when
    /// it did not get its turn in time, and then nothing was done.
    pub(super) async fn work<T: Send + 'static>(
        self: &Arc<DeskHouse>,
        job: impl FnOnce(&DeskHouse) -> T + Send + 'static,
    ) -> Option<T> {
        let permit = tokio::time::timeout(PATIENCE, self.derivations.acquire()).await;
        let _permit = permit.ok()?.ok()?;
        let house = Arc::clone(self);
        tokio::task::spawn_blocking(move || job(&house)).await.ok()
    }

    /// Makes the copy of a picture, one picture at a time. Nothing comes back when it did not get its
    /// turn in time.
    pub(super) async fn look_at(&self, bytes: Zeroizing<Vec<u8>>) -> Option<LookedAt> {
        let permit = tokio::time::timeout(PATIENCE, self.pictures.acquire()).await;
        let _permit = permit.ok()?.ok()?;
        let look = move || {
            let copy = clean(&bytes);
            LookedAt { bytes, copy }
        };
        tokio::task::spawn_blocking(look).await.ok()
    }
}

/// A file that was sent, and the copy that was made of it or why there is none.
pub(super) struct LookedAt {
    /// What was sent.
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// The copy.
    pub(super) copy: Result<CleanedPicture, AttachmentRefused>,
}

/// A channel that cannot deliver must not take anything.
fn check_seats(config: &DeskConfig, store: &mut dyn DeskStore) -> Result<(), ServeError> {
    let held: BTreeSet<(String, Role)> = store
        .members()?
        .into_iter()
        .flat_map(|member| member.seats.into_keys())
        .map(|seat| (seat.body, seat.role))
        .collect();
    for channel in config.channels.iter().filter(|channel| channel.is_open) {
        let lacks = config.lacks(channel, &held);
        if !lacks.is_empty() {
            let seats = lacks.into_iter().map(|(body, role)| Seat { body, role }).collect();
            return Err(ServeError::Lacks { channel: channel.id.clone(), seats });
        }
    }
    Ok(())
}
