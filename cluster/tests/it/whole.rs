//! The commands that start a cluster, and what the ordinary commands say of it.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::support::{SANAD, alone, lab, sanad, signal};

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
    signal("INT", started.id());
    assert!(started.wait().unwrap().success());
    let port = address.rsplit_once(':').unwrap().1;
    let taken = std::net::TcpStream::connect(format!("127.0.0.1:{port}"));
    assert!(taken.is_err(), "the scheduler still listens");
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
