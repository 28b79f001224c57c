//! Connections over HTTP/1.1 with bounds, and an end in good order.
//!
//! The workbench and the desk both listen this way, so that what keeps slow and greedy senders from
//! taking a server with them stands in one place.
//!
//! **What is deliberately absent.** No TLS: a proxy that has it stands before the server where it is
//! to be reached from elsewhere. No routes, no headers, no bound on a request's body: those are the
//! router's. Nothing is written down of any connection.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// What a connection may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionBounds {
    /// Connections at a time. Those beyond wait in the system's queue.
    pub connections: usize,
    /// How long a connection may take to say what it asks for: one that opens and says nothing is
    /// closed, because it would keep one of the bounded number of connections.
    pub head_patience: Duration,
    /// Bytes of a request's head.
    pub head_bytes: usize,
    /// How long open answers are waited for at the end. What is not sent by then is broken off.
    pub last_answers: Duration,
}

/// Takes connections until `stop` ends, then waits for the answers that are under way. Room for a
/// connection is waited for before it is accepted.
///
/// ```
/// use std::time::Duration;
/// use sanad_listen::{ConnectionBounds, serve};
///
/// let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
/// runtime.block_on(async {
///     let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
///     let bounds = ConnectionBounds {
///         connections: 8,
///         head_patience: Duration::from_secs(15),
///         head_bytes: 16 << 10,
///         last_answers: Duration::from_secs(10),
///     };
///     serve(&listener, axum::Router::new(), bounds, async {}).await;
///     Ok::<(), std::io::Error>(())
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub async fn serve(
    listener: &TcpListener,
    router: Router,
    bounds: ConnectionBounds,
    stop: impl Future<Output = ()> + Send,
) {
    let room = Arc::new(Semaphore::new(bounds.connections));
    let (ending, ends) = watch::channel(false);
    let mut stop = std::pin::pin!(stop);
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&room).acquire_owned() => permit,
            () = &mut stop => break,
        };
        let Ok(permit) = permit else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        // A connection that is gone before it was taken is no reason to end.
        let Ok((stream, _)) = accepted else { continue };
        let (router, ends) = (router.clone(), ends.clone());
        tokio::spawn(async move {
            connection(stream, router, bounds, ends).await;
            drop(permit);
        });
    }
    ending.send_replace(true);
    let all = u32::try_from(bounds.connections).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(bounds.last_answers, room.acquire_many(all)).await;
}

/// Answers the requests of one connection until the client ends it or the server does. At the end
/// the answer that is under way is finished and no further request is read.
async fn connection(
    stream: TcpStream,
    router: Router,
    bounds: ConnectionBounds,
    mut ends: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head_patience)
        .max_buf_size(bounds.head_bytes)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let is_ending = tokio::select! {
        // What a client breaks off is its own affair.
        _ = connection.as_mut() => false,
        _ = ends.wait_for(|ends| *ends) => true,
    };
    if is_ending {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}

/// Ends when the process is asked to: by Ctrl-C, or by the service manager. On Unix that is
/// SIGTERM.
pub async fn asked_to_end() {
    let interrupt = async {
        // Without a handler nobody can ask, and the server runs on.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let terminate = async {
            match signal(SignalKind::terminate()) {
                Ok(mut asked) => drop(asked.recv().await),
                Err(_) => std::future::pending::<()>().await,
            }
        };
        tokio::select! { () = interrupt => {}, () = terminate => {} }
    }
    #[cfg(not(unix))]
    interrupt.await;
}
