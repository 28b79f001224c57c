//! A working folder with a small observatory in it, and the program run there.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The program.
pub(crate) const SANAD: &str = env!("CARGO_BIN_EXE_sanad");

/// The folder of the observatory in every [`Lab`].
pub(crate) const OBSERVATORY: &str = "observatory";

const HEADER: [(&str, &str); 25] = [
    ("id", "1"),
    ("type_of_violence", "1"),
    ("conflict_new_id", "404"),
    ("dyad_new_id", "854"),
    ("side_a_new_id", "141"),
    ("side_a", "Government of X"),
    ("side_b_new_id", "325"),
    ("side_b", "Some organisation"),
    ("where_prec", "1"),
    ("adm_1", "North province"),
    ("adm_2", "Hill district"),
    ("latitude", "30.5"),
    ("longitude", "70.5"),
    ("country", "X"),
    ("country_id", "770"),
    ("date_prec", "1"),
    ("date_start", "2021-03-04"),
    ("date_end", "2021-03-05"),
    ("deaths_a", "1"),
    ("deaths_b", "2"),
    ("deaths_civilians", "0"),
    ("deaths_unknown", "0"),
    ("best", "3"),
    ("high", "5"),
    ("low", "2"),
];

/// Names of the columns of an event file.
pub(crate) fn header() -> String {
    let names: Vec<&str> = HEADER.iter().map(|(name, _)| *name).collect();
    names.join(",")
}

/// A row of an event file that is sound but for `changes`.
pub(crate) fn row(changes: &[(&str, &str)]) -> String {
    let value = |(name, usual): &(&str, &str)| {
        let change = changes.iter().find(|(changed, _)| changed == name);
        change.map_or(*usual, |(_, value)| *value).to_owned()
    };
    HEADER.iter().map(value).collect::<Vec<_>>().join(",")
}

/// An event file of one sound row and the rows given.
pub(crate) fn events(rows: &[String]) -> String {
    let mut lines = vec![header(), row(&[("id", "1000")])];
    lines.extend_from_slice(rows);
    lines.join("\n") + "\n"
}

/// A small country of one province and two districts, which tests of the workbench share.
pub(crate) const CASE: &str = include_str!("../data/small/case.toml");
pub(crate) const PLACES: &str = include_str!("../data/small/places.toml");
pub(crate) const ACTORS: &str = include_str!("../data/small/actors.toml");

/// What a run of the program gave.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A temporary folder in which the program runs, so that all paths in its messages are relative.
pub(crate) struct Lab {
    folder: tempfile::TempDir,
}

/// The day of the first imports, 2026-11-29, in seconds since 1970: it is in the state, so that the state's
/// name, which messages give, would be another every day.
const DAY_OF_IMPORT: &str = "1795910400";

impl Lab {
    /// A folder without an observatory.
    pub(crate) fn bare() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// A folder with an observatory of a small case and one event.
    pub(crate) fn new() -> Self {
        static FIRST: OnceLock<Lab> = OnceLock::new();
        let first = FIRST.get_or_init(|| {
            let lab = Self::bare();
            lab.write_case("case", &[]);
            lab.write("GEDEvent_v22_1.csv", events(&[]));
            for (format, file) in [("case", "case"), ("ucdp-ged", "GEDEvent_v22_1.csv")] {
                let mut command =
                    lab.command(&["import", format, file, "--observatory", OBSERVATORY]);
                let output = command.env("SOURCE_DATE_EPOCH", DAY_OF_IMPORT).output();
                assert!(output.expect("the program starts").status.success(), "import {format}");
            }
            lab
        });
        let lab = Self::bare();
        for (path, bytes) in first.contents() {
            lab.write(path.to_str().expect("a plain name"), bytes);
        }
        lab
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a temporary folder");
        fs::write(path, bytes).expect("a temporary file");
    }

    /// Writes a small case with some of its files changed or added.
    pub(crate) fn write_case(&self, name: &str, changes: &[(&str, &str)]) {
        for (file, text) in [("case.toml", CASE), ("places.toml", PLACES), ("actors.toml", ACTORS)]
        {
            self.write(&format!("{name}/{file}"), text);
        }
        for (file, text) in changes {
            self.write(&format!("{name}/{file}"), text);
        }
    }

    /// Runs the program in the folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        let output = self.command(arguments).output().expect("the program starts");
        Outcome {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs a command on the observatory, which must succeed, and gives what it printed as data.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let outcome = self.run(&[arguments, &["--observatory", OBSERVATORY]].concat());
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        outcome.stdout
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(SANAD);
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env_remove("RUST_BACKTRACE").env("COLUMNS", "100");
        // What is kept of a case's answers goes with the folder.
        command.env("XDG_CACHE_HOME", self.path("cache"));
        command
    }

    /// All files of the observatory with their bytes, but for the lock.
    pub(crate) fn contents(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        gather(self.folder.path(), &self.path(OBSERVATORY), &mut found);
        found
    }

    /// The files that no refused command may change: all but tables that follow from the others
    /// and are made again when they are missed.
    fn kept(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut kept = self.contents();
        kept.retain(|path, _| !path.starts_with(Path::new(OBSERVATORY).join("derived")));
        kept
    }

    /// Runs a command that must be refused: it says so on stderr alone, does not panic, and
    /// leaves the observatory as it was.
    pub(crate) fn refused(&self, name: &str, arguments: &[&str]) {
        let before = self.kept();
        let outcome = self.run(arguments);
        let report = report(arguments, &outcome);
        assert!(matches!(outcome.code, Some(1 | 2)), "{name}: {report}");
        assert!(!outcome.stderr.contains("panicked"), "{name}: {report}");
        assert_eq!(outcome.stdout, "", "{name}: an error is no data");
        assert!(self.kept() == before, "{name}: the observatory changed; {report}");
        snapshot(name, &report);
    }

    /// Imports a file that is refused when strict, and otherwise kept with remarks.
    pub(crate) fn noted(&self, name: &str, format: &str, file: &str) {
        self.noted_with(name, format, file, &[]);
    }

    /// As [`noted`](Self::remarked), with further options.
    pub(crate) fn noted_with(&self, name: &str, format: &str, file: &str, options: &[&str]) {
        let before = self.kept();
        let usual = ["import", format, file, "--observatory", OBSERVATORY];
        let arguments = [&usual[..], options].concat();
        let strict = [&arguments[..], &["--strict"]].concat();
        let refused = self.run(&strict);
        assert_eq!(refused.code, Some(1), "{name}: {}", refused.stderr);
        assert!(self.kept() == before, "{name}: a strict import changed something");
        let kept = self.run(&arguments);
        assert_eq!(kept.code, Some(0), "{name}: {}", kept.stderr);
        assert_eq!(kept.stdout, "", "{name}: talk is for stderr");
        let both = format!("{}\n{}", report(&strict, &refused), report(&arguments, &kept));
        assert!(!both.contains("panicked"), "{name}: {both}");
        snapshot(name, &both);
    }

    /// Imports a file that is unusual and sound.
    pub(crate) fn accepted(&self, name: &str, format: &str, file: &str) {
        let arguments = ["import", format, file, "--observatory", OBSERVATORY, "--strict"];
        let outcome = self.run(&arguments);
        let report = report(&arguments, &outcome);
        assert_eq!(outcome.code, Some(0), "{name}: {report}");
        snapshot(name, &report);
    }
}

impl Lab {
    /// Every file of the folder, with its bytes.
    pub(crate) fn everything(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        gather(self.folder.path(), self.folder.path(), &mut found);
        found
    }
}

fn gather(root: &Path, folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(root, &path, found);
        } else if path.file_name().is_some_and(|name| name != ".lock") {
            let bytes = fs::read(&path).expect("a file of the observatory");
            let name = path.strip_prefix(root).expect("a path below the folder");
            found.insert(name.to_owned(), bytes);
        }
    }
}

fn snapshot(name: &str, report: &str) {
    insta::with_settings!({
        snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true
    }, {
        insta::assert_snapshot!(name, report);
    });
}

fn report(arguments: &[&str], outcome: &Outcome) -> String {
    let shown: Vec<String> = arguments.iter().map(|word| in_quotes(word)).collect();
    let code = outcome.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
    let mut text = format!("$ sanad {}\nexit code: {code}\n", shown.join(" "));
    for (name, talk) in [("stdout", &outcome.stdout), ("stderr", &outcome.stderr)] {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "--- {name}");
        for line in talk.lines() {
            let _ = writeln!(text, "{}", without_time(line));
        }
    }
    text
}

fn in_quotes(word: &str) -> String {
    if word.contains(' ') { format!("'{word}'") } else { word.to_owned() }
}

/// A line with seconds replaced, so that it reads the same every time.
fn without_time(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let timed = words.windows(2).position(|pair| pair[1] == "s" && pair[0].parse::<f64>().is_ok());
    match timed {
        Some(at) => [&words[..at], &["TIME"], &words[at + 1..]].concat().join(" "),
        None => line.trim_end().to_owned(),
    }
}

/// The texts in quotes in a source file without its tests and comments.
pub(crate) fn quoted(code: &str) -> Vec<String> {
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let code: String = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect();
    let mut found = Vec::new();
    let mut letters = code.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            // A quotation mark as a letter opens no text.
            '\'' if letters.peek() == Some(&'"') => {
                letters.next();
            }
            '"' => found.push(text_to_its_end(&mut letters)),
            _ => {}
        }
    }
    found
}

fn text_to_its_end(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' => match letters.next() {
                Some('\n') => while letters.next_if(|next| next.is_whitespace()).is_some() {},
                Some(other) => text.push(other),
                None => {}
            },
            other => text.push(other),
        }
    }
    text
}
