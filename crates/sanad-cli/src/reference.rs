//! Holds `docs/reference.md` to the commands: the page is written from their definitions.
//!
//! `INSTA_UPDATE=always cargo test -p sanad-cli reference` writes it anew.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use clap::{Arg, Command, CommandFactory};

use crate::args::Arguments;

const HEAD: &str = "# Commands\n\nWritten from the program's own definitions; a test keeps the two \
    alike. `sanad help COMMAND` says the same.\n\nstdout is data, stderr is talk. Exit codes: 0 \
    done, 1 failed, 2 wrong use.\n\nWhere a command needs today's date it asks the machine's clock. \
    When the environment variable\n`SOURCE_DATE_EPOCH` is set (seconds since 1970-01-01, UTC), today \
    is the day that it names.\n";

/// The page.
fn page(mut program: Command) -> String {
    program.build();
    let mut page = HEAD.to_owned();
    section(&mut page, "Options of every command", &options(&program, true));
    for command in commands(&program) {
        match commands(command).next() {
            None => page.push_str(&of_command(command.clone(), command.get_name())),
            Some(_) => commands(command).for_each(|inner| {
                let name = format!("{} {}", command.get_name(), inner.get_name());
                page.push_str(&of_command(inner.clone(), &name));
            }),
        }
    }
    page
}

fn commands(program: &Command) -> impl Iterator<Item = &Command> {
    program.get_subcommands().filter(|command| command.get_name() != "help")
}

fn of_command(mut command: Command, name: &str) -> String {
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string);
    let about = in_sentences(&about.unwrap_or_default());
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").split_whitespace().collect::<Vec<_>>();
    let mut page = format!("\n## `sanad {name}`\n\n{about}\n\n```text\n{}\n```\n", usage.join(" "));
    let arguments: Vec<&Arg> = command.get_positionals().collect();
    section(&mut page, "", &arguments);
    section(&mut page, "", &options(&command, false));
    page
}

/// What a command does, with the full stop that its first line has in no help; what follows that line
/// has its own.
fn in_sentences(about: &str) -> String {
    match about.split_once("\n\n") {
        None => format!("{about}."),
        Some((first, rest)) => format!("{first}.\n\n{rest}"),
    }
}

/// Options, those of every command or the command's own.
fn options(command: &Command, global: bool) -> Vec<&Arg> {
    let built_in = ["help", "version"];
    command
        .get_arguments()
        .filter(|arg| !arg.is_positional() && arg.is_global_set() == global)
        .filter(|arg| !built_in.contains(&arg.get_id().as_str()))
        .collect()
}

fn section(page: &mut String, title: &str, list: &[&Arg]) {
    if list.is_empty() {
        return;
    }
    if !title.is_empty() {
        let _ = writeln!(page, "\n## {title}");
    }
    let kind = if list[0].is_positional() { "argument" } else { "option" };
    let _ = writeln!(page, "\n| {kind} | meaning | default |\n| --- | --- | --- |");
    for arg in list {
        let _ = writeln!(page, "| `{}` | {} | {} |", spelt(arg), meaning(arg), default(arg));
    }
}

fn spelt(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    let value = names.iter().map(|name| format!("<{name}>")).collect::<Vec<_>>().join(" ");
    match arg.get_long() {
        None => value,
        Some(long) if arg.get_action().takes_values() => format!("--{long} {value}"),
        Some(long) => format!("--{long}"),
    }
}

fn meaning(arg: &Arg) -> String {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let values: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|_| arg.get_action().takes_values())
        .map(|value| {
            let help = value.get_help().map(ToString::to_string).unwrap_or_default();
            format!("`{}`: {help}", value.get_name())
        })
        .collect();
    let needed = if arg.is_required_set() && !arg.is_positional() { " (required)" } else { "" };
    let text = format!("{help}{needed}");
    if values.is_empty() { text } else { format!("{text}. {}", values.join("; ")) }
}

fn default(arg: &Arg) -> String {
    let values: Vec<String> =
        arg.get_default_values().iter().map(|v| format!("`{}`", v.to_string_lossy())).collect();
    values.join(" ")
}

#[test]
fn the_reference_says_what_the_program_does() {
    let expected = page(Arguments::command());
    crate::generated::hold("docs/reference.md", &expected, "reference");
}

#[test]
fn every_command_and_option_has_a_meaning() {
    let mut program = Arguments::command();
    program.build();
    for command in program.get_subcommands() {
        assert!(command.get_about().is_some(), "{}", command.get_name());
        for arg in command.get_arguments() {
            assert!(arg.get_help().is_some(), "{} {}", command.get_name(), arg.get_id());
        }
    }
}

#[test]
fn the_reader_of_the_readme_finds_commands_that_exist() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    for name in [
        "README.md",
        "docs/places.md",
        "docs/panel.md",
        "docs/sources.md",
        "docs/scenario-engine.md",
    ] {
        let text = fs::read_to_string(root.join(name)).unwrap();
        for line in text.lines().filter_map(|line| line.strip_prefix("sanad ")) {
            let line = line.split(" #").next().unwrap_or_default();
            let words = split(line);
            let parsed = Arguments::command()
                .try_get_matches_from(std::iter::once("sanad".to_owned()).chain(words));
            assert!(parsed.is_ok(), "{name}: sanad {line}: {}", parsed.unwrap_err());
        }
    }
}

/// Splits a line as a shell would, as far as the pages need it: spaces, and double quotation marks.
fn split(line: &str) -> Vec<String> {
    let pieces = line.split('"').enumerate();
    let words = pieces.flat_map(|(at, piece)| {
        let inside = at % 2 == 1;
        let parts = if inside { vec![piece] } else { piece.split_whitespace().collect() };
        parts.into_iter().map(str::to_owned).collect::<Vec<_>>()
    });
    words.collect()
}
