//! The listener: connections with bounds, the daily duties, and an end in good order.
//!
//! Plain HTTP/1.1 on loopback. TLS ends before the desk, in a proxy or an onion service on the same
//! machine, whose logs of requests have to be switched off: the desk cannot see that they are.
//!
//! Bounds keep slow and greedy senders from taking the desk with them: a number of connections, a
//! time and a size for heads, a time and a size for forms, and a few derivations of keys at a time.
//! Whoever opens as many connections as there are and keeps each alive can still keep others out for
//! as long as that goes on; the proxy has to see to that.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sanad_listen::{ConnectionBounds, serve};
use tokio::net::TcpListener;

use super::house::{DeskHouse, DeskServerSettings, OpenedDesk, ServeError};
use super::route::router;

/// How long a connection may take to say what it asks for: one that opens and says nothing is
/// closed. At 50 kbit/s a head of 2 KiB takes a third of a second.
const HEADER_PATIENCE: Duration = Duration::from_secs(20);
/// How long open answers are waited for at the end.
const LAST_ANSWERS: Duration = Duration::from_secs(10);
/// Bytes of a request's head.
const HEAD_BYTES: usize = 16 << 10;
/// Between two looks at the calendar.
const CALENDAR_PERIOD: Duration = Duration::from_secs(30);

/// A server that listens and does not answer yet.
pub struct DeskServer {
    /// What listens; nobody is answered before [`DeskServer::run`].
    listener: std::net::TcpListener,
    /// Where it listens.
    address: SocketAddr,
    /// How it was started.
    settings: DeskServerSettings,
}

impl DeskServer {
    /// Listens.
    ///
    /// # Errors
    ///
    /// [`ServeError::Reachable`] where other machines could reach the desk without TLS, and
    /// [`ServeError::Listen`] where the address cannot be listened on.
    pub fn bind(settings: DeskServerSettings) -> Result<DeskServer, ServeError> {
        let address = settings.listen;
        if !address.ip().is_loopback() && !settings.is_behind_proxy {
            return Err(ServeError::Reachable(address));
        }
        let failed = |source| ServeError::Listen { address, source };
        let listener = std::net::TcpListener::bind(address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(DeskServer { listener, address, settings })
    }

    /// The address that is listened on, with the port that the system chose where none was named.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Brings the desk up to the present day and answers until `stop` ends.
    ///
    /// # Errors
    ///
    /// [`ServeError`] where the desk cannot deliver, its store does not hold, or threads cannot be
    /// started.
    pub fn run(
        self,
        opened: OpenedDesk,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServeError> {
        let house = DeskHouse::open(opened, &self.settings, self.address)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("sanad-desk")
            .enable_all()
            .build()
            .map_err(ServeError::Threads)?;
        let address = self.address;
        let done = runtime.block_on(async move {
            let listener = TcpListener::from_std(self.listener)
                .map_err(|source| ServeError::Listen { address, source })?;
            let duties = tokio::spawn(keep_calendar(Arc::clone(&house)));
            let bounds = ConnectionBounds {
                connections: self.settings.connections,
                head_patience: HEADER_PATIENCE,
                head_bytes: HEAD_BYTES,
                last_answers: LAST_ANSWERS,
            };
            serve(&listener, router(&house), bounds, stop).await;
            duties.abort();
            Ok(())
        });
        runtime.shutdown_timeout(Duration::from_secs(1));
        done
    }
}

/// Does what each new day brings, also when nobody asks for anything, and ends sessions whose time
/// is over. What fails here fails again at the next request, which then says so.
async fn keep_calendar(house: Arc<DeskHouse>) {
    loop {
        tokio::time::sleep(CALENDAR_PERIOD).await;
        house.sessions().sweep(house.clock.now());
        let _ = house.work(|house| house.office(house.today()).map(drop)).await;
    }
}
