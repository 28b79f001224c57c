//! A server on loopback that answers as publishers have been seen to.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: String,
    /// By name in small letters.
    pub(crate) headers: BTreeMap<String, String>,
    /// How many requests came before.
    pub(crate) before: usize,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// What to answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Bytes of the body after which the connection is cut.
    pub(crate) cut_after: Option<usize>,
    /// Whether the length is stated.
    pub(crate) has_length: bool,
    /// A pause after so many bytes of the body.
    pub(crate) pause: Option<(usize, Duration)>,
    /// Bytes that are sent at a time, with a pause after each.
    pub(crate) pace: Option<(usize, Duration)>,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self {
            status,
            headers: vec![],
            body,
            cut_after: None,
            has_length: true,
            pause: None,
            pace: None,
        }
    }

    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, body)
    }

    pub(crate) fn redirect(status: u16, to: &str) -> Self {
        Self::new(status, "").with("location", to)
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn cut(mut self, bytes: usize) -> Self {
        self.cut_after = Some(bytes);
        self
    }

    pub(crate) fn without_length(mut self) -> Self {
        self.has_length = false;
        self
    }

    pub(crate) fn slowly(mut self, bytes: usize, pause: Duration) -> Self {
        self.pace = Some((bytes, pause));
        self
    }

    pub(crate) fn pausing(mut self, after: usize, time: Duration) -> Self {
        self.pause = Some((after, time));
        self
    }
}

/// A server that runs until the process ends.
pub(crate) struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Starts a server whose answers `answer` gives.
    pub(crate) fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &log, &*answer));
            }
        });
        Self { port, asked }
    }

    /// Starts a server whose answers know its own address.
    pub(crate) fn start_knowing(
        answer: impl Fn(&Asked, &str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let base = Arc::new(Mutex::new(String::new()));
        let known = Arc::clone(&base);
        let server = Self::start(move |asked| {
            let base = known.lock().expect("a lock").clone();
            answer(asked, &base)
        });
        *base.lock().expect("a lock") = server.base();
        server
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base())
    }

    /// The requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("a lock").clone()
    }
}

fn serve(stream: TcpStream, log: &Mutex<Vec<Asked>>, answer: &dyn Fn(&Asked) -> Reply) {
    let Some(mut asked) = read(&stream) else { return };
    {
        let mut log = log.lock().expect("a lock");
        asked.before = log.len();
        log.push(asked.clone());
    }
    let reply = answer(&asked);
    // A client that has seen enough hangs up, which is no failure of the server.
    let _ = write(stream, &reply);
}

/// Reads a request up to its body.
pub(crate) fn read(stream: impl Read) -> Option<Asked> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    for line in lines {
        let line = line.ok()?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    Some(Asked { method, path, headers, before: 0 })
}

/// Writes an answer as the reply has it.
pub(crate) fn write(mut stream: impl Write, reply: &Reply) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {} X\r\nconnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if reply.has_length && reply.status != 304 {
        head.push_str(&format!("content-length: {}\r\n", reply.body.len()));
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    let end = reply.cut_after.unwrap_or(reply.body.len()).min(reply.body.len());
    if let Some((bytes, pause)) = reply.pace {
        for piece in reply.body[..end].chunks(bytes) {
            stream.write_all(piece)?;
            stream.flush()?;
            std::thread::sleep(pause);
        }
        return Ok(());
    }
    let (pause_at, time) = reply.pause.unwrap_or((end, Duration::ZERO));
    stream.write_all(&reply.body[..pause_at.min(end)])?;
    stream.flush()?;
    std::thread::sleep(time);
    stream.write_all(&reply.body[pause_at.min(end)..end])?;
    stream.flush()
}

/// A file served with its validators: ranges, conditions, all of it.
pub(crate) fn file(asked: &Asked, bytes: &[u8], etag: &str) -> Reply {
    let tagged = |reply: Reply| reply.with("etag", etag);
    if asked.header("if-none-match") == Some(etag) {
        return tagged(Reply::new(304, ""));
    }
    let range =
        asked.header("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-'));
    let from = range.and_then(|from| from.parse::<usize>().ok());
    match from.filter(|_| asked.header("if-range") == Some(etag)) {
        Some(from) if from < bytes.len() => {
            let range = format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len());
            tagged(Reply::new(206, &bytes[from..]).with("content-range", &range))
        }
        Some(_) => Reply::new(416, "").with("content-range", &format!("bytes */{}", bytes.len())),
        None => tagged(Reply::ok(bytes)),
    }
}
