//! Connections from a worker to others, kept for a while. A plan of many parts fetches rows from each of
//! the parts before, and a connection for every fetch would use up the machine's ports.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ballista_core::client::BallistaClient;
use ballista_core::client_pool::{BallistaClientPool, PooledClient};
use ballista_core::error::Result;
use ballista_core::extension::BallistaConfigGrpcEndpoint;
use ballista_core::utils::GrpcClientConfig;

/// How long a connection is kept that nobody uses.
const KEPT: Duration = Duration::from_secs(20);

/// Whom a connection leads to, and how.
type To = (String, u16, GrpcClientConfig);

/// A value that nobody uses, and since when.
struct Idle<T>(T, Instant);

/// Values that can be used again, by what they are for.
struct Shelf<T>(Mutex<HashMap<To, Vec<Idle<T>>>>);

impl<T> Shelf<T> {
    fn kept<R>(&self, work: impl FnOnce(&mut HashMap<To, Vec<Idle<T>>>) -> R) -> R {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The one used last, if it was used lately.
    fn take(&self, to: &To) -> Option<T> {
        let idle = self.kept(|kept| kept.get_mut(to)?.pop())?;
        (idle.1.elapsed() < KEPT).then_some(idle.0)
    }

    fn put(&self, to: To, value: T) {
        self.kept(|kept| kept.entry(to).or_default().push(Idle(value, Instant::now())));
    }

    /// Lets go of what nobody used for `longest`.
    fn clear(&self, longest: Duration) {
        self.kept(|kept| {
            kept.retain(|_, all| {
                all.retain(|idle| idle.1.elapsed() < longest);
                !all.is_empty()
            });
        });
    }
}

/// Connections of one worker.
#[derive(Clone)]
pub(crate) struct Connections(Arc<Shelf<BallistaClient>>);

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connections")
    }
}

impl Connections {
    /// No connections yet.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Shelf(Mutex::default())))
    }
}

#[async_trait::async_trait]
impl BallistaClientPool for Connections {
    async fn acquire(
        &self,
        host: &str,
        port: u16,
        config: &GrpcClientConfig,
        customize_endpoint: Option<Arc<BallistaConfigGrpcEndpoint>>,
    ) -> Result<PooledClient> {
        let to = (host.to_owned(), port, config.clone());
        let client = match self.0.take(&to) {
            Some(client) => client,
            None => {
                // Few are made compared with how often they are used.
                self.0.clear(KEPT);
                BallistaClient::try_new(
                    host,
                    port,
                    config.max_message_size,
                    config.use_tls,
                    customize_endpoint,
                    config.io_retries_times,
                    config.io_retry_wait_time_ms,
                    config.initial_connection_window_size,
                    config.initial_stream_window_size,
                )
                .await?
            }
        };
        let shelf = Arc::clone(&self.0);
        Ok(PooledClient::new(client, Box::new(move |client| shelf.put(to, client))))
    }

    async fn evict_idle(&self) {
        self.0.clear(KEPT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_back_is_taken_again_by_who_wants_the_same() {
        let shelf = Shelf(Mutex::default());
        let to = |port| ("host".to_owned(), port, GrpcClientConfig::default());
        shelf.put(to(1), "first");
        shelf.put(to(1), "second");
        assert_eq!(shelf.take(&to(2)), None);
        assert_eq!(shelf.take(&to(1)), Some("second"));
        shelf.clear(KEPT);
        assert_eq!(shelf.take(&to(1)), Some("first"));
        assert_eq!(shelf.take(&to(1)), None);
        shelf.put(to(1), "third");
        shelf.clear(Duration::ZERO);
        assert_eq!(shelf.take(&to(1)), None);
    }
}
