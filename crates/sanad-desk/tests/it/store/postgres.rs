//! The suite over PostgreSQL, on a server that the tests start themselves.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use postgres::NoTls;
use sanad_desk::ledger::FEWEST_LEAVES;
use sanad_desk::store::{DeskStore, PostgresStore, SqliteStore, StoreError};

use super::suite::suite_over;
use super::{Filer, Place, check_ledgers, founding, padding};

/// The user and group `nobody`: PostgreSQL refuses to run for the administrator.
const NOBODY: u32 = 65_534;

/// A server that ends with the test process.
pub(crate) struct Server {
    folder: PathBuf,
    /// Runs the server as long as its input is open.
    keeper: Child,
}

/// The one server of a test process, or nothing where PostgreSQL is not installed.
pub(crate) static SERVER: LazyLock<Option<Server>> = LazyLock::new(Server::start);

/// Starts the server again whenever it ends, until the other end of its input, which the test
/// process holds, is closed: also when that process is killed. Then it removes the folder.
const KEEPER: &str = "exec 3<&0; \
    (cat <&3 >/dev/null; touch \"$2/stop\"; kill -QUIT $(head -n 1 \"$2/data/postmaster.pid\")) & \
    while [ ! -e \"$2/stop\" ]; do \
        \"$1\" -D \"$2/data\" -k \"$2\" -c listen_addresses= -c max_connections=60 >/dev/null 2>&1; \
    done; rm -rf \"$2\"";

fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) == 0
}

fn user() -> Option<u32> {
    is_root().then_some(NOBODY)
}

fn as_user(program: &Path) -> Command {
    let mut command = Command::new(program);
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.current_dir("/");
    command
}

/// The folder of the newest PostgreSQL that is installed.
fn programs() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path().join("bin"))
        .collect();
    folders.sort();
    let paths: OsString = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&paths));
    folders
        .into_iter()
        .rev()
        .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

impl Server {
    /// A new server, or nothing where PostgreSQL is not installed.
    pub(crate) fn start() -> Option<Server> {
        let programs = programs()?;
        let folder = tempfile::Builder::new().prefix("sanad-desk-pg").tempdir().unwrap().keep();
        std::os::unix::fs::chown(&folder, user(), user()).unwrap();
        let made = as_user(&programs.join("initdb"))
            .args([
                "--username=desk",
                "--auth=trust",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync",
            ])
            .arg("-D")
            .arg(folder.join("data"))
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let keeper = as_user(Path::new("/bin/sh"))
            .args(["-c", KEEPER, "sh"])
            .arg(programs.join("postgres"))
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Server { folder, keeper };
        server.wait();
        Some(server)
    }

    fn wait(&self) {
        for _ in 0..1_200 {
            if postgres::Client::connect(&self.url("postgres"), NoTls).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("the server of the tests does not answer");
    }

    /// Kills the server as a whole and waits until it has recovered.
    pub(crate) fn crash(&self) {
        let file = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap();
        let number = file.lines().next().unwrap().parse().unwrap();
        let pid = nix::unistd::Pid::from_raw(number);
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).unwrap();
        // The workers of the killed server end by themselves; until then no other one starts.
        std::thread::sleep(Duration::from_millis(200));
        self.wait();
    }

    fn url(&self, database: &str) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://desk@{folder}/{database}")
    }

    /// The address of a new empty database.
    pub(crate) fn database(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("desk_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let mut client = postgres::Client::connect(&self.url("postgres"), NoTls).unwrap();
        client.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        self.url(&name)
    }
}

/// A desk in a database of the server.
pub(crate) struct PostgresPlace(pub(crate) String);

impl Place for PostgresPlace {
    fn open(&self) -> Box<dyn DeskStore> {
        Box::new(open(&self.0))
    }

    /// A server goes on with what a killed client asked of it: a commit may come after the kill.
    fn wait_for_the_killed(&self) {
        let mut client = postgres::Client::connect(&self.0, NoTls).unwrap();
        let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                      AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
        for _ in 0..600 {
            if client.query_one(others, &[]).unwrap().get::<_, i64>(0) == 0 {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the server still works for a killed client");
    }
}

/// The desk of a database, begun where there is none.
pub(crate) fn open(url: &str) -> PostgresStore {
    match PostgresStore::open(url) {
        Ok(store) => store,
        Err(StoreError::NoDesk) => PostgresStore::create(url, &founding()).unwrap(),
        Err(error) => panic!("{error}"),
    }
}

/// Runs a test over a new database, or says why not.
fn in_a_database(test: impl FnOnce(&dyn Place)) {
    match &*SERVER {
        Some(server) => test(&PostgresPlace(server.database())),
        None => println!("skipped: PostgreSQL (initdb, postgres) is not installed"),
    }
}

suite_over!(in_a_database);

#[test]
fn a_desk_moves_from_sqlite_to_postgres_and_back_with_the_same_head() {
    let Some(server) = &*SERVER else {
        println!("skipped: PostgreSQL (initdb, postgres) is not installed");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut first = super::open(folder.path());
    for _ in 0..40 {
        first.file(&Filer::new("moves").filing).unwrap();
    }
    first.close_day(super::TODAY, &padding(FEWEST_LEAVES)).unwrap();
    let (there, back) = (folder.path().join("there.sqlite"), folder.path().join("back.sqlite"));
    first.back_up(&there).unwrap();
    let url = server.database();
    let mut moved = PostgresStore::fill(&url, &there).unwrap();
    assert!(matches!(PostgresStore::fill(&url, &there), Err(StoreError::DeskExists)));
    moved.check_pages().unwrap();
    moved.back_up(&back).unwrap();
    let mut last = SqliteStore::open(&back).unwrap();
    assert_eq!(last.files().unwrap(), first.files().unwrap());
    assert_eq!(moved.files().unwrap(), first.files().unwrap());
    assert_eq!(check_ledgers(&mut last), check_ledgers(&mut first));
}

#[test]
fn a_server_that_is_elsewhere_is_refused_and_so_is_a_later_format() {
    for url in ["postgres://desk@db.example/desk", "postgres://desk@10.0.0.7/desk"] {
        assert!(matches!(PostgresStore::open(url), Err(StoreError::Unsafe(_))), "{url}");
    }
    let Some(server) = &*SERVER else {
        println!("skipped: PostgreSQL (initdb, postgres) is not installed");
        return;
    };
    let url = server.database();
    open(&url);
    let mut client = postgres::Client::connect(&url, NoTls).unwrap();
    client.batch_execute("UPDATE desk_format SET format = 99").unwrap();
    let newer = PostgresStore::open(&url);
    assert!(matches!(newer, Err(StoreError::Newer { found: 99, newest: 3 })));
}

#[test]
fn an_error_of_the_database_tells_nothing_of_a_row() {
    let Some(server) = &*SERVER else {
        println!("skipped: PostgreSQL (initdb, postgres) is not installed");
        return;
    };
    let mut store = open(&server.database());
    let filer = Filer::new("filed");
    store.file(&filer.filing).unwrap();
    // The same entry once more: its key is there already.
    let read = store.find(&filer.keys.lookup).unwrap().unwrap();
    let change = super::change_of(read, filer.filing.entries.clone(), vec![]);
    let error = store.change(&change).unwrap_err().to_string();
    assert!(error.contains("duplicate key") && error.contains("23505"), "{error}");
    assert!(!error.contains("\\x") && !error.contains('='), "{error}");
}

#[test]
fn a_store_can_be_dropped_where_nothing_may_block() {
    let Some(server) = &*SERVER else {
        println!("skipped: PostgreSQL (initdb, postgres) is not installed");
        return;
    };
    let mut store = open(&server.database());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async move {
        let work = tokio::task::spawn_blocking(move || {
            store.founding().unwrap();
            store
        });
        drop(work.await.unwrap());
    });
}
