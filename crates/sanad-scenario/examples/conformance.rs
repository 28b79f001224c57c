//! Runs every XMILE model under a folder that has an expected output beside it, and prints a table.
//!
//! `cargo run --release -p sanad-scenario --example conformance -- FOLDER`
#![allow(clippy::disallowed_methods, clippy::print_stdout, missing_docs)]

use std::path::{Path, PathBuf};

use sanad_scenario::{Limits, Model, RunSettings, canonical_name, read_xmile};

fn main() {
    let folder = std::env::args().nth(1).expect("a folder");
    let mut files = Vec::new();
    collect(Path::new(&folder), &mut files);
    files.sort();
    let mut passed = 0;
    for file in &files {
        let name = file.strip_prefix(&folder).unwrap_or(file).display().to_string();
        match check(file) {
            Ok(note) => {
                passed += 1;
                println!("pass  {name:75} {note}");
            }
            Err(why) => println!("FAIL  {name:75} {}", why.replace('\n', "\n      ")),
        }
    }
    println!("{passed} of {} pass", files.len());
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|kind| kind == "xmile" || kind == "stmx")
            && expected(&path).is_some()
        {
            files.push(path);
        }
    }
}

/// Columns of numbers by canonical name; missing cells are None.
type Columns = Vec<(String, Vec<Option<f64>>)>;

fn expected(model: &Path) -> Option<Columns> {
    for name in ["output.csv", "output.tab"] {
        if let Ok(text) = std::fs::read(model.with_file_name(name)) {
            let separator = if name.ends_with("csv") { ',' } else { '\t' };
            return Some(columns(&String::from_utf8_lossy(&text), separator));
        }
    }
    None
}

fn columns(text: &str, separator: char) -> Columns {
    let lines = text.split(['\r', '\n']).filter(|line| !line.trim().is_empty());
    let mut rows = lines.map(|line| split(line, separator));
    let names = rows.next().unwrap_or_default();
    let mut columns: Columns =
        names.iter().map(|name| (canonical_name(name), Vec::new())).collect();
    for row in rows {
        for (place, column) in columns.iter_mut().enumerate() {
            column.1.push(row.get(place).and_then(|cell| cell.trim().parse().ok()));
        }
    }
    columns
}

/// Fields of a line; separators inside brackets or quotes do not count.
fn split(line: &str, separator: char) -> Vec<String> {
    let mut fields = vec![String::new()];
    let (mut depth, mut quoted) = (0, false);
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        if character == separator && depth <= 0 && !quoted {
            fields.push(String::new());
        } else if let Some(field) = fields.last_mut() {
            field.push(character);
        }
    }
    fields
}

fn check(file: &Path) -> Result<String, String> {
    let columns = expected(file).ok_or("no expected output")?;
    let bytes = std::fs::read(file).map_err(|fault| fault.to_string())?;
    let document = read_xmile(&bytes, &Limits::default()).map_err(|fault| fault.to_string())?;
    let model = Model::compile(&document).map_err(|fault| fault.to_string())?;
    let simulation =
        model.simulation(&[], &RunSettings::default()).map_err(|fault| fault.to_string())?;
    let results =
        simulation.run(1, &Default::default()).map_err(|fault| fault.to_string())?;
    let Some(((_, times), rest)) = columns.split_first() else { return Err("empty".into()) };
    let spelled = |name: &str| name.replace(", ", ",").replace("_,_", ",").replace(",_", ",");
    let names: Vec<String> =
        results.outputs().iter().map(|name| spelled(&canonical_name(name))).collect();
    let (mut compared, mut absent) = (0, Vec::new());
    let mut worst = (0.0, String::new());
    for (name, values) in rest {
        let Some(output) = names.iter().position(|found| *found == spelled(name)) else {
            if !["initial_time", "final_time", "time_step", "saveper"].contains(&name.as_str()) {
                absent.push(name.clone());
            }
            continue;
        };
        compared += 1;
        for (time, value) in times.iter().zip(values) {
            let (Some(time), Some(value)) = (time, value) else { continue };
            let near = |found: &&f64| (**found - time).abs() < 1e-6 + 1e-6 * time.abs();
            let saved = results.times().iter().position(|found| near(&found));
            let Some(saved) = saved else { return Err(format!("no row at {time}")) };
            let found = results.value(0, output, saved);
            // Printed values have six digits; below 0.01 that is their own rounding.
            let error = (found - value).abs() / value.abs().max(found.abs()).max(0.01);
            if !(error <= worst.0) {
                worst = (error, format!("{name} at {time}: {found}, expected {value}"));
            }
        }
    }
    if !(worst.0 <= 1e-4) {
        return Err(worst.1);
    }
    if compared == 0 || !absent.is_empty() {
        return Err(format!("not in the model: {}", absent.join("; ")));
    }
    Ok(format!("{compared} columns, worst {:.0e}", worst.0))
}
