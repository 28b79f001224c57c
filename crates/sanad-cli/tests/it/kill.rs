//! `kill -9` at random moments of an import and of a panel.
//!
//! The program is started on an observatory, killed after a random time, and the observatory is
//! looked at: it must open, hold the state from before or the one from after, and answer; then the
//! same import, left alone, must succeed. `scripts/kill-test` does it two hundred times.
//!
//! `SANAD_KILL_ROUNDS` sets the number of rounds (12), `SANAD_KILL_SEED` the moments (1).

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use sanad_core::random::{Stream, Streams};

use crate::support::{Lab, OBSERVATORY, events, row};

const ROWS: usize = 4_000;
/// Ids of the rows begin here, above that of the row that every file of events has.
const FIRST_ID: usize = 2_000;

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// A file of events of which each has `deaths` deaths, as an annual release of `year`.
fn write_version(lab: &Lab, year: usize, deaths: usize) -> String {
    let deaths = deaths.to_string();
    let rows: Vec<String> = (1..ROWS)
        .map(|at| {
            let id = (FIRST_ID + at).to_string();
            let zero = ("deaths_b", "0");
            row(&[
                ("id", &id),
                ("deaths_a", &deaths),
                zero,
                ("best", &deaths),
                ("low", "0"),
                ("high", "99"),
            ])
        })
        .collect();
    let name = format!("GEDEvent_v{year:02}_1.csv");
    lab.write(&name, events(&rows));
    name
}

/// What an observatory answers: its sources, and its events if it has any; nothing where there is
/// no observatory.
fn answer(lab: &Lab) -> Option<String> {
    if !lab.path(&format!("{OBSERVATORY}/CURRENT")).exists() {
        return None;
    }
    let ask = |arguments: &[&str]| {
        let all = [arguments, &["--format", "csv", "--observatory", OBSERVATORY]].concat();
        let outcome = lab.run(&all);
        assert_eq!(outcome.code, Some(0), "the observatory does not open: {}", outcome.stderr);
        outcome.stdout
    };
    let sources = ask(&["sources"]);
    if !sources.contains("ucdp-ged") {
        return Some(sources);
    }
    let sql = "SELECT version, COUNT(*) AS events, SUM(deaths_best) AS deaths FROM events_all \
               GROUP BY version ORDER BY version";
    Some(sources + &ask(&["sql", sql]))
}

/// How long a command takes when it is left alone.
fn time(lab: &Lab, arguments: &[&str]) -> Duration {
    let started = Instant::now();
    let outcome = lab.run(arguments);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    started.elapsed()
}

/// Starts a command and kills it after `wait`; whether it was still running.
fn kill_after(lab: &Lab, arguments: &[&str], wait: Duration) -> bool {
    let mut command = lab.command(arguments);
    let mut child: Child =
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
    std::thread::sleep(wait);
    let running = child.try_wait().expect("a child of this process").is_none();
    // On Unix this is SIGKILL, which no program can catch.
    child.kill().expect("a child of this process");
    child.wait().expect("a child of this process");
    running
}

fn moment(stream: &mut Stream, longest: Duration) -> Duration {
    longest.mul_f64(1.1 * stream.open01())
}

#[test]
fn a_command_killed_anywhere_leaves_the_old_state_or_the_new() {
    let rounds = number("SANAD_KILL_ROUNDS", 12);
    let seed = number("SANAD_KILL_SEED", 1);
    let mut stream = Streams::new(seed, "kill-test").at(0, 0, 0);

    let mut lab = Lab::bare();
    let measure = Lab::bare();
    measure.write_case("case", &[]);
    let file = write_version(&measure, 10, 1);
    time(&measure, &["import", "case", "case", "--observatory", OBSERVATORY]);
    let import_time = time(&measure, &["import", "ucdp-ged", &file, "--observatory", OBSERVATORY]);
    let panel = |rule: &'static str| {
        let months = ["panel", "--from", "2021-01", "--to", "2021-12", "--format", "csv"];
        [&months[..], &["--unit", "adm2", "--date-rule", rule, "--observatory", OBSERVATORY]]
            .concat()
    };
    let panel_time = time(&measure, &panel("end"));

    let (mut interrupted, mut kept_old, mut had_new, mut version) = (0, 0, 0, 10);
    for round in 0..rounds {
        // A new observatory now and then, so that the very first import is killed as well.
        if version == 10 || version > 30 {
            lab = Lab::bare();
            lab.write_case("case", &[]);
            version = 10;
        }
        let import_case = ["import", "case", "case", "--observatory", OBSERVATORY];
        let old = answer(&lab);
        if round % 3 == 2 && old.is_some() {
            let command = panel(["end", "start", "spread"][(round / 3 % 3) as usize]);
            interrupted += u32::from(kill_after(&lab, &command, moment(&mut stream, panel_time)));
            assert_eq!(answer(&lab), old, "a panel changed the records");
            let panel = lab.run(&command);
            assert_eq!(panel.code, Some(0), "round {round}: {}", panel.stderr);
            let fresh = lab.run(&[&command[..], &["--threads", "1"]].concat());
            assert_eq!(panel.stdout, fresh.stdout, "round {round}");
            continue;
        }
        if version == 10 {
            kill_after(&lab, &import_case, moment(&mut stream, import_time / 2));
            answer(&lab);
            time(&lab, &import_case);
        }
        let old = answer(&lab);
        let file = write_version(&lab, version, version - 9);
        let import = ["import", "ucdp-ged", &file, "--observatory", OBSERVATORY];
        interrupted += u32::from(kill_after(&lab, &import, moment(&mut stream, import_time)));
        let after = answer(&lab);
        let expected = format!("{version}.1,{ROWS},");
        let is_new = after.as_ref().is_some_and(|text| text.contains(&expected));
        assert!(is_new || after == old, "round {round}: neither old nor new: {after:?}");
        kept_old += u32::from(!is_new);
        had_new += u32::from(is_new);
        let next = lab.run(&import);
        assert_eq!(next.code, Some(0), "round {round}: {}", next.stderr);
        let whole = answer(&lab).unwrap_or_default();
        assert!(whole.contains(&expected), "round {round}: {whole}");
        let left: Vec<_> = lab
            .contents()
            .into_keys()
            .filter(|path| !path.to_string_lossy().contains("derived"))
            .filter(|path| !path.to_string_lossy().contains("results"))
            .filter(|path| path.to_string_lossy().contains(".unfinished"))
            .collect();
        assert!(left.is_empty(), "round {round}: not swept: {left:?}");
        version += 1;
    }
    eprintln!(
        "{rounds} rounds, seed {seed}: killed while running {interrupted}; imports that left the \
         old state {kept_old}, the new {had_new}"
    );
}
