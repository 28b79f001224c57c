//! A server over the shipped case, and a client that knows no more of HTTP than the tests need.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use chrono::NaiveDate;
use sanad_store::Observatory;
use sanad_web::{OpenObservatory, Server, Settings, Today};

/// The day of every test.
pub(crate) fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 31).unwrap()
}

pub(crate) fn case_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan")
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }
}

/// Sends bytes and reads what comes until the server closes.
pub(crate) fn send(address: SocketAddr, bytes: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    // A server that refuses early may close before it has read all.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    parse(&answer)
}

fn parse(answer: &[u8]) -> Reply {
    let end = answer.windows(4).position(|it| it == b"\r\n\r\n").unwrap_or(answer.len());
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    Reply { status, headers, body: answer.get(end + 4..).unwrap_or_default().to_vec() }
}

/// A server that runs for as long as the test program.
pub(crate) struct Workbench {
    pub(crate) address: SocketAddr,
    /// Where its observatory is.
    pub(crate) folder: tempfile::TempDir,
}

impl Workbench {
    /// A server over the shipped case.
    pub(crate) fn start() -> Self {
        Self::over(&case_folder())
    }

    /// A server over the case in a folder.
    pub(crate) fn over(case: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut observatory = Observatory::open_or_new(folder.path()).unwrap();
        observatory.import_case(case, false, day()).unwrap();
        Self::serve(observatory, folder)
    }

    /// A server over an observatory, which lies in the folder.
    pub(crate) fn serve(observatory: Observatory, folder: tempfile::TempDir) -> Self {
        let settings =
            Settings { listen: ([127, 0, 0, 1], 0).into(), ..Settings::new(Today::ByClock(day)) };
        let server = Server::bind(settings).unwrap();
        let address = server.address();
        std::thread::spawn(move || {
            server.run(
                move || Ok(OpenObservatory { observatory, keep: None }),
                std::future::pending(),
            )
        });
        Self { address, folder }
    }

    /// Asks once, whatever comes.
    pub(crate) fn once(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        let mut head =
            format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        send(self.address, format!("{head}\r\n").as_bytes())
    }

    /// Asks again while the answer is computed, as the server says to.
    pub(crate) fn ask(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        for _ in 0..MOST_TRIES {
            let reply = self.once(path, headers);
            match reply.status {
                202 | 503 => std::thread::sleep(Duration::from_millis(200)),
                _ => return reply,
            }
        }
        panic!("{path} is never ready");
    }

    /// Asks as a browser does: follows to the one address.
    pub(crate) fn get(&self, path: &str) -> Reply {
        let reply = self.ask(path, &[]);
        match reply.status {
            303 => self.ask(reply.header("location"), &[]),
            _ => reply,
        }
    }
}

/// How often an answer is asked for that is not ready, five times a second on an idle machine.
const MOST_TRIES: usize = 1000;

/// The server that tests share, so that what takes time is computed once.
pub(crate) static SHARED: LazyLock<Workbench> = LazyLock::new(Workbench::start);
