//! Output that cannot be written, sizes beyond their bounds, and the commands that look after an
//! observatory.

use std::fs::File;
use std::process::Stdio;

use crate::support::{Lab, OBSERVATORY, events, row};

const COUNT: [&str; 5] =
    ["sql", "SELECT COUNT(*) AS n FROM events_all", "--format", "csv", "--observatory"];

fn count(lab: &Lab) -> String {
    let outcome = lab.run(&[&COUNT[..], &[OBSERVATORY]].concat());
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    outcome.stdout
}

/// A pipe that nobody reads any more.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    Stdio::from(writer)
}

fn full() -> Option<Stdio> {
    File::options().write(true).open("/dev/full").ok().map(Stdio::from)
}

#[test]
fn talk_that_cannot_be_written_is_dropped_and_the_work_is_done() {
    for stderr in [Some(closed_pipe()), full()].into_iter().flatten() {
        let lab = Lab::new();
        lab.write("GEDEvent_v23_1.csv", events(&[row(&[("id", "7")]), row(&[("id", "8")])]));
        let import = ["import", "ucdp-ged", "GEDEvent_v23_1.csv", "--observatory", OBSERVATORY];
        let status = lab.command(&import).stderr(stderr).stdout(Stdio::null()).status().unwrap();
        assert_eq!(status.code(), Some(0));
        assert_eq!(count(&lab), "n\n4\n");
    }
    for stderr in [Some(closed_pipe()), full()].into_iter().flatten() {
        let lab = Lab::new();
        let wrong = ["import", "ucdp-ged", "nothing.csv", "--observatory", OBSERVATORY];
        let status = lab.command(&wrong).stderr(stderr).stdout(Stdio::null()).status().unwrap();
        assert_eq!(status.code(), Some(1), "an error stays an error when nobody reads it");
    }
}

#[test]
fn data_that_cannot_be_written_is_an_error() {
    let lab = Lab::new();
    let commands: [&[&str]; 4] = [
        &["sources", "--observatory", OBSERVATORY],
        &["sources", "--format", "parquet", "--observatory", OBSERVATORY],
        &["--help"],
        &["--version"],
    ];
    for command in commands {
        let Some(stdout) = full() else { return eprintln!("skipped: there is no /dev/full") };
        let output = lab.command(command).stdout(stdout).output().unwrap();
        let talk = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{command:?}: {talk}");
        assert!(talk.contains("cannot write stdout"), "{command:?}: {talk}");
        assert!(!talk.contains("panicked"), "{command:?}: {talk}");
        // A reader that has seen enough is no failure.
        let piped = lab.command(command).stdout(closed_pipe()).output().unwrap();
        assert_eq!(piped.status.code(), Some(0), "{command:?}");
    }
}

#[test]
fn sizes_beyond_their_bounds_are_wrong_use_that_says_the_bound() {
    let lab = Lab::new();
    let huge = "18446744073709551615";
    let months = ["--unit", "country", "--from", "0001-01", "--to", "9999-12"];
    let backtest = ["backtest", "--observatory", OBSERVATORY, "--windows", "2021", "--out", "o"];
    let ablation = ["ablation", "--observatory", OBSERVATORY, "--windows", "2021"];
    let forecast = ["forecast", "--observatory", OBSERVATORY];
    let panel = ["panel", "--observatory", OBSERVATORY];
    let agreement = ["agreement", "codings.csv"];
    let scenario = ["scenario", "case"];
    let cases: [(&[&str], &[&str], &str); 16] = [
        (&forecast, &["--draws", huge], "from 1 to 100000"),
        (&forecast, &["--steps", "1..1000000000"], "at most 600"),
        (&backtest, &["--draws", huge], "from 1 to 100000"),
        (&backtest, &["--steps", "1..1000000000"], "at most 600"),
        (&ablation, &["--draws", "100001"], "from 1 to 100000"),
        (&ablation, &["--steps", "1..1000000000"], "at most 600"),
        (&panel, &months, "the bound is 12000"),
        (&agreement, &["--resamples", huge], "from 20 to 1000000"),
        (&agreement, &["--threads", huge], "from 0 to 512"),
        (&scenario, &["--members", huge], "from 1 to 65535"),
        (&["calibrate", "case"], &["--searches", huge], "from 1 to 65535"),
        (&["serve", "case"], &["--sql-memory", huge], "from 16 to 65536"),
        (&["publish", "case", "--out", "o"], &["--records", "25"], "from 0 to 24"),
        (&["sql", "SELECT 1"], &["--time", huge], "from 1 to 86400"),
        (&["simulate", "model.xmile"], &["--members", huge], "from 1 to 1000000"),
        (&["model", "check", "model.xmile"], &["--loops", huge], "from 1 to 100000"),
    ];
    for (command, options, bound) in cases {
        let arguments = [command, options].concat();
        let outcome = lab.run(&arguments);
        assert!(matches!(outcome.code, Some(1 | 2)), "{arguments:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(bound), "{arguments:?}: {}", outcome.stderr);
        assert!(!outcome.stderr.contains("panicked"), "{arguments:?}: {}", outcome.stderr);
    }
}

#[test]
fn the_doctor_finds_damage_says_what_to_do_and_is_right() {
    let lab = Lab::new();
    let doctor = ["doctor", "--format", "csv", "--observatory", OBSERVATORY];
    let sound = lab.run(&doctor);
    assert_eq!(sound.code, Some(0), "{}", sound.stderr);
    assert_eq!(sound.stdout, "what,file,problem,remedy,repaired\n");
    let whole = count(&lab);

    let event = lab
        .contents()
        .into_iter()
        .find(|(path, _)| path.to_string_lossy().contains("records/event"));
    let (path, mut bytes) = event.unwrap();
    bytes[20] ^= 4;
    lab.write(path.to_str().unwrap(), &bytes);
    lab.write("observatory/CURRENT", "1\n");
    let before = lab.contents();
    let found = lab.run(&doctor);
    assert_eq!(found.code, Some(1));
    assert!(found.stdout.contains("damage,CURRENT,"), "{}", found.stdout);
    assert!(
        found.stdout.contains("import GEDEvent_v22_1.csv (ucdp-ged) again"),
        "{}",
        found.stdout
    );
    assert_eq!(lab.contents(), before, "an examination changes nothing");

    lab.write("GEDEvent_v22_1.csv", events(&[]));
    // The hint of the failing command, and then the remedy of the finding.
    let repair = lab.run(&["doctor", "--repair", "--observatory", OBSERVATORY]);
    assert_eq!(repair.code, Some(1), "a damaged record needs its source: {}", repair.stderr);
    let again =
        lab.run(&["import", "ucdp-ged", "GEDEvent_v22_1.csv", "--observatory", OBSERVATORY]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(again.stderr.contains("again, which was missing or damaged"), "{}", again.stderr);
    assert_eq!(lab.run(&doctor).code, Some(0));
    assert_eq!(count(&lab), whole);
}

#[test]
fn compaction_makes_less_of_many_imports_and_changes_no_number() {
    let lab = Lab::new();
    for number in 0..6 {
        let (name, id) = (format!("GEDEvent_v23_0_{}.csv", number + 1), number.to_string());
        let day = format!("2022-0{}-04", number + 1);
        let changes = [("id", id.as_str()), ("date_start", &day), ("date_end", &day)];
        let text = events(&[row(&changes)]);
        // Without the row that every file of events has.
        let lines: Vec<&str> =
            text.lines().enumerate().filter(|one| one.0 != 1).map(|one| one.1).collect();
        lab.write(&name, lines.join("\n") + "\n");
        lab.done(&["import", "ucdp-ged", &name]);
    }
    // But for the tables that the question itself made, which are kept beside the records.
    let kept = |lab: &Lab| {
        let derived = std::path::Path::new(OBSERVATORY).join("derived");
        lab.contents().keys().filter(|path| !path.starts_with(&derived)).count()
    };
    let (whole, files) = (count(&lab), kept(&lab));
    let compact = lab.run(&["compact", "--observatory", OBSERVATORY]);
    assert_eq!(compact.code, Some(0), "{}", compact.stderr);
    assert_eq!(count(&lab), whole);
    assert!(kept(&lab) < files / 2, "{files} files, now {}", kept(&lab));
}
