//! The listener: connections with bounds, the router, and an end in good order.
//!
//! Two threads answer connections and never compute; the pool of `jobs` computes. HTTP/1.1 is
//! spoken, without TLS: a proxy that has it stands before the server where it is to be reached from
//! elsewhere.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request};
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use sanad_listen::{ConnectionBounds, serve};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::answer::OutputFormat;
use crate::edition::OpenObservatory;
use crate::error::{Error, Result};
use crate::fault::{Fault, FaultKind};
use crate::guard::guard;
use crate::handler::{answer, refuse};
use crate::house::{House, Settings};
use crate::page::script::{SCRIPT, script_address};
use crate::page::style::{style, style_address};
use crate::route::{Route, with_ending};
use crate::routes::ROUTES;

/// How long a connection may take to say what it asks for: one that opens and says nothing is
/// closed. It would keep one of the bounded number of connections.
const HEADER_PATIENCE: Duration = Duration::from_secs(15);
/// How long open answers are waited for at the end. What is not sent by then is broken off.
const LAST_ANSWERS: Duration = Duration::from_secs(10);
/// Bytes of a request's head. The longest address that is answered fits in with room for headers.
const HEAD_BYTES: usize = 128 << 10;

/// A server that listens and does not answer yet. Binding and answering are two steps, so that a
/// caller can print the address in between.
pub struct Server {
    /// The socket, which does not block.
    listener: std::net::TcpListener,
    /// Its address.
    address: SocketAddr,
    /// How requests are answered once it runs.
    settings: Settings,
}

impl Server {
    /// Listens. Clients that connect wait until the server runs.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] when the address cannot be listened on.
    pub fn bind(settings: Settings) -> Result<Self> {
        let address = settings.listen;
        let failed = |source| Error::Listen { address, source };
        let listener = std::net::TcpListener::bind(address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, settings })
    }

    /// The address that is listened on, with the port that the system chose where none was named.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` says so or the process is asked to end. `open` runs on a thread of its
    /// own, so that the first request is answered at once, if only with how far opening has come.
    /// `stop` is a future that ends when the server should, such as `asked_to_end`. Requests while
    /// the observatory is being opened are told so; where it cannot be opened, every request is
    /// told why, and the server runs on. At the end answers under way are waited for, for ten
    /// seconds at most.
    ///
    /// # Errors
    ///
    /// [`Error::Threads`] when threads cannot be started, [`Error::Listen`] when the listener fails.
    pub fn run(
        self,
        open: impl FnOnce() -> core::result::Result<OpenObservatory, sanad_study::Error>
        + Send
        + 'static,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()> {
        let runtime = runtime()?;
        let connections = self.settings.connections;
        let house = House::open(self.settings, self.address, open)?;
        let address = self.address;
        let done = runtime.block_on(async move {
            let listener = TcpListener::from_std(self.listener)
                .map_err(|source| Error::Listen { address, source })?;
            let bounds = ConnectionBounds {
                connections,
                head_patience: HEADER_PATIENCE,
                head_bytes: HEAD_BYTES,
                last_answers: LAST_ANSWERS,
            };
            serve(&listener, router(&house), bounds, stop).await;
            Ok(())
        });
        runtime.shutdown_timeout(Duration::from_secs(1));
        done
    }
}

/// The threads that answer connections.
///
/// # Errors
///
/// `Error::Threads` where they cannot be started.
pub(crate) fn runtime() -> Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("sanad-web")
        .enable_all()
        .build()
        .map_err(|source| Error::Threads { what: "the connections", source })
}

/// The router of the one list of routes. A table has an address for each of its forms beside its
/// own, a page one for each form of its figures.
pub(crate) fn router(house: &Arc<House>) -> Router {
    let mut router = Router::new()
        .route(style_address(), get(|| asset("text/css; charset=utf-8", style())))
        .route(script_address(), get(|| asset("text/javascript; charset=utf-8", SCRIPT)));
    for route in ROUTES {
        router = mount(router, house, route.path.to_owned(), route, None);
        // A part of a path in braces takes the whole part; its ending is read from the value.
        if route.path.ends_with('}') {
            continue;
        }
        for form in route.forms() {
            router = mount(router, house, with_ending(route.path, *form), route, Some(*form));
        }
    }
    let (own, guarded) = (Arc::clone(house), Arc::clone(house));
    router
        .fallback(move |request: Request| {
            let house = Arc::clone(&own);
            async move { nothing(&house, &request) }
        })
        .layer(from_fn(move |request: Request, next: Next| {
            guard(Arc::clone(&guarded), request, next)
        }))
}

/// Puts a route under one of its addresses. `form` is that of the address's ending, `None` where it
/// has none.
fn mount(
    router: Router,
    house: &Arc<House>,
    path: String,
    route: &'static Route,
    form: Option<OutputFormat>,
) -> Router {
    let house = Arc::clone(house);
    let handler = move |values: core::result::Result<RawPathParams, RawPathParamsRejection>,
                        request: Request| {
        let house = Arc::clone(&house);
        async move {
            let Ok(values) = values else { return nothing(&house, &request) };
            let values = values.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
            answer(house, route, form, values.collect(), request.into_parts().0).await
        }
    };
    router.route(&path, get(handler))
}

/// The answer to an address that no route has: a page, or a problem document under `/api/v1/`.
fn nothing(house: &House, request: &Request) -> Response {
    let path = request.uri().path();
    let shown: String = path.chars().take(200).collect();
    let fault = Fault::new(FaultKind::NotFound, format!("no address {shown:?}"))
        .with_hint("/ lists the pages, /api the tables");
    refuse(house, &fault, path, !path.starts_with("/api/v1/"))
}

/// The style sheet or the script. Its address changes with its bytes, so that a browser may keep it for
/// a year.
async fn asset(media: &'static str, bytes: &'static str) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    let cache = HeaderValue::from_static("public, max-age=31536000, immutable");
    headers.insert(header::CACHE_CONTROL, cache);
    response
}
