//! The workbench gives the numbers of the command line: the same bytes, from the same observatory.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::SANAD;

/// A served observatory of the shipped case; the program ends with the value.
struct Served {
    child: Child,
    address: String,
    folder: tempfile::TempDir,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A date for what depends on the day.
const EPOCH: (&str, &str) = ("SOURCE_DATE_EPOCH", "1767225600");

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(SANAD);
    command.args(arguments).env(EPOCH.0, EPOCH.1).stdin(Stdio::null());
    command
}

impl Served {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let observatory = folder.path().display().to_string();
        let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan");
        let import = ["import", "case", &case.display().to_string(), "--observatory", &observatory];
        assert!(program(&import).stderr(Stdio::null()).status().unwrap().success());
        let serve = ["serve", "--observatory", &observatory, "--listen", "127.0.0.1:0"];
        let mut child = program(&serve).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut said).unwrap();
        let address = said.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        let address = address.unwrap_or_else(|| panic!("no address in {said:?}")).to_owned();
        Self { child, address, folder }
    }

    fn get(&self, path: &str) -> (u16, Vec<u8>) {
        let begun = Instant::now();
        loop {
            let mut stream = TcpStream::connect(&self.address).unwrap();
            let head = format!(
                "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
                self.address
            );
            stream.write_all(head.as_bytes()).unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).unwrap();
            let end = answer.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
            let status = String::from_utf8_lossy(&answer[9..12]).parse().unwrap();
            if status != 503 || begun.elapsed() > Duration::from_secs(120) {
                return (status, answer.split_off(end + 4));
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

#[test]
fn what_is_served_is_what_the_commands_print_to_the_byte() {
    let served = Served::start();
    let observatory = served.folder.path().display().to_string();
    for (path, command) in [
        (
            "/api/v1/panel?unit=adm1&from=2021-01&to=2021-12&places=current",
            "panel --unit adm1 --from 2021-01 --to 2021-12 --places current",
        ),
        (
            "/api/v1/why?place=PK2&month=2021-10&unit=adm1",
            "why --unit adm1 --place PK2 --month 2021-10",
        ),
        ("/api/v1/fronts?from=2021-06&to=2021-12", "fronts --from 2021-06 --to 2021-12"),
        ("/api/v1/claims", "claims"),
        ("/api/v1/interventions", "interventions"),
        (
            "/api/v1/scenario?members=100&horizon=12,60&scenario=repression",
            "scenario --members 100 --horizon 12,60 --scenario repression --seed 1",
        ),
        ("/api/v1/benchmarks", "benchmarks"),
        ("/api/v1/network", "network"),
        ("/api/v1/sources", "sources"),
        ("/api/v1/forecast?model=own-last-12", "forecast --model own-last-12"),
    ] {
        let arguments: Vec<&str> = command.split(' ').collect();
        let rest = ["--observatory", &observatory, "--format", "json"];
        let printed = program(&[&arguments[..], &rest].concat()).output().unwrap();
        assert!(
            printed.status.success(),
            "{command}: {}",
            String::from_utf8_lossy(&printed.stderr)
        );
        let (status, body) = served.get(path);
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
        let [body, printed] = [body, printed.stdout].map(|it| String::from_utf8(it).unwrap());
        assert!(
            body == printed,
            "{path} differs from {command}: {body:.400} against {printed:.400}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_server_that_is_asked_to_end_ends_in_good_order_and_a_taken_address_is_refused() {
    let mut served = Served::start();
    let observatory = served.folder.path().display().to_string();
    let again = program(&["serve", "--observatory", &observatory, "--listen", &served.address])
        .output()
        .unwrap();
    assert_eq!(again.status.code(), Some(1));
    let said = String::from_utf8(again.stderr).unwrap();
    assert!(said.contains("cannot listen on") && said.contains("hint: another program"), "{said}");
    let id = served.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_folder_that_is_no_case_is_refused_before_anything_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let output = program(&["serve", &folder.path().display().to_string()]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is not a case"));
}
