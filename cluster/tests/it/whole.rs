//! The commands that start a cluster, and what the ordinary commands say of it.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{BOUND, SANAD, alone, lab, sanad, signal};

#[test]
fn one_command_starts_a_cluster_and_stops_all_of_it() {
    let _alone = alone();
    let mut command = Command::new(SANAD);
    command.args(["cluster", "start", "--workers", "2", "--port", "0"]);
    let mut started = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(started.stdout.take().unwrap()).lines();
    let address = lines.next().expect("an address").unwrap();
    assert!(address.starts_with("http://127.0.0.1:"), "{address}");
    let answer = lab().ask(&["sql", "SELECT COUNT(*) AS n FROM places"], Some(&address));
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let processes = children(started.id());
    assert_eq!(processes.len(), 3, "a scheduler and two workers");
    signal("KILL", processes[2]);
    let until = Instant::now() + BOUND;
    while children(started.id()).len() < 3 || children(started.id()).contains(&processes[2]) {
        assert!(Instant::now() < until, "a worker that ended is not started again");
        std::thread::sleep(Duration::from_millis(100));
    }
    let answer = lab().ask(&["sql", "SELECT COUNT(*) AS n FROM places"], Some(&address));
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    signal("INT", started.id());
    assert!(started.wait().unwrap().success());
    let port = address.rsplit_once(':').unwrap().1;
    let taken = std::net::TcpStream::connect(format!("127.0.0.1:{port}"));
    assert!(taken.is_err(), "the scheduler still listens");
    for process in processes {
        let running = std::path::Path::new(&format!("/proc/{process}")).exists();
        assert!(!running, "process {process} goes on");
    }
}

/// The processes that a process started, in the order of their numbers.
fn children(process: u32) -> Vec<u32> {
    let listed = Command::new("pgrep").args(["-P", &process.to_string()]).output().expect("pgrep");
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    text.lines().filter_map(|line| line.trim().parse().ok()).collect()
}

#[test]
fn the_program_is_sanad_with_one_more_option_and_command() {
    let help = sanad(&["--help"]);
    let text = String::from_utf8_lossy(&help.stdout).into_owned();
    for word in ["--cluster <URL>", "cluster ", "panel ", "why ", "sanad-cluster"] {
        assert!(text.contains(word), "{word} in {text}");
    }
    let wrong = sanad(&["sources", "--observatory", "none", "--cluster", "https://x"]);
    let words = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(words.contains("expected http://HOST:PORT"), "{words}");
    let none = sanad(&["cluster"]);
    assert_eq!(none.status.code(), Some(2));
}
