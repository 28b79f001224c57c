//! Observatories, processes of a cluster, and questions to both.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The program.
pub(crate) const SANAD: &str = env!("CARGO_BIN_EXE_sanad-cluster");

/// No question may take longer, whatever happens to the processes.
pub(crate) const BOUND: Duration = Duration::from_secs(60);

/// Into how many parts plans are cut: few, since the files are small.
const PARTS: [&str; 2] = ["--threads", "3"];

/// One test at a time: each has processes of its own, and the machine may have few cores.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A program of another day gives the same answers on this one.
fn dated(mut command: Command) -> Command {
    command.env("SOURCE_DATE_EPOCH", "1790000000").stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub(crate) fn sanad(arguments: &[&str]) -> Output {
    let mut command = Command::new(SANAD);
    command.args(arguments);
    dated(command).output().expect("the program runs")
}

/// An observatory that all tests of this binary share. Only what is computed changes in it.
pub(crate) struct Lab {
    _folder: TempDir,
    observatory: PathBuf,
}

/// The case of Pakistan with events: those of the publisher where SANAD_DATA names a folder that has
/// them, else the few that come with the tests of the store.
pub(crate) fn lab() -> &'static Lab {
    static LAB: OnceLock<Lab> = OnceLock::new();
    LAB.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let observatory = folder.path().join("observatory");
        let at = observatory.to_str().expect("UTF-8").to_owned();
        let import = |format: &str, path: &Path| {
            let path = path.to_str().expect("UTF-8");
            let done = sanad(&["import", format, path, "--observatory", &at]);
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        };
        import("case", &repository().join("cases/pakistan"));
        let few = repository().join("crates/sanad-store/tests/data/GEDEvent_v22_1.csv");
        let data = std::env::var_os("SANAD_DATA")
            .map_or_else(|| repository().join("../shared/data"), PathBuf::from);
        let many = data.join("ucdp/GEDEvent_v22_1_pakistan.csv");
        let has_more = many.is_file();
        if !has_more {
            eprintln!(
                "skipped: the publisher's events: {} is not here; SANAD_DATA names the folder; the \
                 few that come with the tests are used",
                many.display()
            );
        }
        import("ucdp-ged", if has_more { &many } else { &few });
        Lab { _folder: folder, observatory }
    })
}

impl Lab {
    /// Its folder.
    pub(crate) fn observatory(&self) -> &str {
        self.observatory.to_str().expect("UTF-8")
    }

    /// Forgets what was computed, so that the next question is answered anew.
    pub(crate) fn forget(&self) {
        for kept in ["results", "answers"] {
            let _ = fs::remove_dir_all(self.observatory.join(kept));
        }
    }

    /// A question, answered here or by the cluster at an address.
    pub(crate) fn ask(&self, arguments: &[&str], cluster: Option<&str>) -> Output {
        self.forget();
        let mut all = arguments.to_vec();
        all.extend(["--observatory", self.observatory()]);
        if !arguments.contains(&"--threads") {
            all.extend(PARTS);
        }
        all.extend(cluster.into_iter().flat_map(|address| ["--cluster", address]));
        sanad(&all)
    }

    /// A statement to the cluster, under way.
    pub(crate) fn begin(&self, statement: &str, cluster: &Cluster, more: &[&str]) -> Asked {
        let mut command = Command::new(SANAD);
        command.args(["sql", statement, "--observatory", self.observatory()]);
        command.args(["--cluster", &cluster.address()]).args(PARTS).args(more);
        let mut command = dated(command);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
        Asked { child, begun: Instant::now() }
    }
}

/// A question that is under way.
pub(crate) struct Asked {
    pub(crate) child: Child,
    begun: Instant,
}

impl Asked {
    /// Its answer, which has to come within a minute.
    pub(crate) fn answer(mut self) -> Output {
        while self.child.try_wait().expect("a process of ours").is_none() {
            if self.begun.elapsed() > BOUND {
                let _ = self.child.kill();
                panic!("no answer and no error within {BOUND:?}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let took = self.begun.elapsed();
        let output = self.child.wait_with_output().expect("a process of ours");
        eprintln!("answered after {:.1} s with {}", took.as_secs_f64(), output.status);
        output
    }
}

/// A port that is free, and the one after it.
pub(crate) fn free_port() -> u16 {
    loop {
        let first = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = first.local_addr().expect("an address").port();
        if port < u16::MAX && TcpListener::bind(("127.0.0.1", port + 1)).is_ok() {
            return port;
        }
    }
}

/// A scheduler and workers as processes of this test.
pub(crate) struct Cluster {
    folder: TempDir,
    port: u16,
    scheduler: Option<Child>,
    workers: Vec<Option<Child>>,
}

impl Cluster {
    /// Starts a scheduler and so many workers, and waits until they are ready.
    pub(crate) fn start(workers: usize) -> Self {
        let mut cluster = Self::without_workers();
        for _ in 0..workers {
            cluster.add_worker(None);
        }
        cluster.wait_for(workers);
        cluster
    }

    /// Starts a scheduler alone.
    pub(crate) fn without_workers() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut cluster = Self { folder, port: free_port(), scheduler: None, workers: Vec::new() };
        cluster.start_scheduler();
        cluster
    }

    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn spawn(&self, arguments: &[&str], log: &str) -> Child {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join(log))
            .expect("a log");
        let mut command = Command::new(SANAD);
        command.arg("cluster").args(arguments).args(["--verbose", "--until-stdin-ends"]);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
        command.spawn().expect("it runs")
    }

    /// Starts the scheduler, again if it was killed.
    pub(crate) fn start_scheduler(&mut self) {
        let port = self.port.to_string();
        let child = self.spawn(&["scheduler", "--port", &port], "scheduler.log");
        self.scheduler = Some(child);
    }

    /// Starts one more worker, with a folder of its own or this one.
    pub(crate) fn add_worker(&mut self, work: Option<&Path>) {
        let (scheduler, port) = (format!("127.0.0.1:{}", self.port), free_port().to_string());
        let own = self.folder.path().join(format!("work-{}", self.workers.len()));
        let work = work.unwrap_or(&own).to_str().expect("UTF-8").to_owned();
        let arguments = [
            ["worker", "--scheduler", &scheduler, "--port", &port].as_slice(),
            ["--cores", "1", "--memory", "1024", "--work", &work].as_slice(),
        ]
        .concat();
        let log = format!("worker-{}.log", self.workers.len());
        let child = self.spawn(&arguments, &log);
        self.workers.push(Some(child));
    }

    /// Waits until the scheduler knows so many workers.
    pub(crate) fn wait_for(&self, workers: usize) {
        let until = Instant::now() + BOUND;
        let ready = format!("ready: {workers} executors");
        while !self.readiness().contains(&ready) {
            assert!(Instant::now() < until, "not ready: {}\n{}", self.readiness(), self.log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// What the scheduler says of its workers.
    fn readiness(&self) -> String {
        use std::io::{Read as _, Write as _};
        let mut answer = String::new();
        if let Ok(mut stream) = std::net::TcpStream::connect(("127.0.0.1", self.port)) {
            let asked = stream
                .write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            let _ = asked.and_then(|()| stream.read_to_string(&mut answer));
        }
        answer
    }

    /// Kills the scheduler at once.
    pub(crate) fn kill_scheduler(&mut self) {
        end(&mut self.scheduler);
    }

    /// Kills a worker at once.
    pub(crate) fn kill_worker(&mut self, number: usize) {
        end(&mut self.workers[number]);
    }

    /// The process of a worker.
    pub(crate) fn worker_process(&self, number: usize) -> u32 {
        self.workers[number].as_ref().expect("it runs").id()
    }

    /// What the scheduler logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("scheduler.log")).unwrap_or_default()
    }

    /// How often the scheduler logged some words.
    pub(crate) fn logged(&self, words: &str) -> usize {
        self.log().matches(words).count()
    }

    /// Waits until the scheduler has logged some words so often.
    pub(crate) fn wait_for_log(&self, words: &str, times: usize) {
        let until = Instant::now() + BOUND;
        while self.logged(words) < times {
            assert!(Instant::now() < until, "{words} was not logged:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!(
                "the scheduler's log ends:\n{}",
                lines[lines.len().saturating_sub(25)..].join("\n")
            );
        }
        self.workers.iter_mut().for_each(end);
        end(&mut self.scheduler);
    }
}

/// Kills a process at once, where it still runs.
fn end(process: &mut Option<Child>) {
    if let Some(mut child) = process.take() {
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// Sends a signal to a process.
pub(crate) fn signal(name: &str, process: u32) {
    let sent = Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "the signal {name} was not sent");
}
