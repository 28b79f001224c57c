//! Asks a scheduler how many workers it has.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long the scheduler has for an answer.
const WITHIN: Duration = Duration::from_secs(2);

/// The workers of the scheduler at an address; nothing while it does not answer or has none.
pub(crate) fn workers_at(scheduler: SocketAddr) -> Option<usize> {
    let mut stream = TcpStream::connect_timeout(&scheduler, WITHIN).ok()?;
    stream.set_read_timeout(Some(WITHIN)).ok()?;
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {scheduler}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    workers_in(&answer)
}

/// The number in Ballista's words "ready: 2 executors registered".
fn workers_in(answer: &str) -> Option<usize> {
    let (_, rest) = answer.split_once("\r\n\r\n")?;
    let words = rest.lines().find_map(|line| line.strip_prefix("ready: "))?;
    words.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_scheduler_that_is_ready_names_its_workers() {
        let ready = "HTTP/1.1 200 OK\r\ncontent-length: 31\r\n\r\nready: 3 executors registered\n";
        assert_eq!(workers_in(ready), Some(3));
        let alone = "HTTP/1.1 503 Unavailable\r\n\r\nnot ready: 0/1 executors registered\n";
        assert_eq!(workers_in(alone), None);
        assert_eq!(workers_in("HTTP/1.1 200 OK\r\n\r\n"), None);
    }
}
