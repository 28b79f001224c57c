//! The public test models of the system-dynamics community, where their folder is at hand.

use std::path::{Path, PathBuf};

use sanad_scenario::{Inputs, Limits, Method, Model, RunSettings, canonical_name, read_xmile};

/// Models whose file and expected output contradict each other under the standard, and why. The
/// end of the path is compared.
const EXCEPTIONS: [(&str, &str); 9] = [
    (
        "active_initial/",
        "the expected start, 45, is nowhere in the file; section 4.2 starts a stock \
      from its equation, here Value_A = TIME = 0",
    ),
    ("macro_expression/", "the macro that is called is not in the file (4.8)"),
    ("macro_multi_expression/", "the macro that is called is not in the file (4.8)"),
    ("macro_stock/", "the macro that is called is not in the file (4.8)"),
    ("rounding/", "expects truncation towards zero; INT and MOD are floored (3.3.1, 3.5.1)"),
    ("subscript_1d_arrays/", "` ??? ` is no expression (3.3)"),
    ("subscript_constant_call/", "` ??? ` is no expression (3.3)"),
    ("subscript_m", "` ??? ` is no expression (3.3)"),
    (
        "zeroled_decimals/",
        "the file asks for RK4, the expected numbers are Euler's; with Euler it \
      passes (3.4.1)",
    ),
];

const MORE: [(&str, &str); 2] = [
    ("subscript_subranges/", "` ??? ` is no expression (3.3), and a dimension is not defined"),
    ("subscript_updimensioning/", "` ??? ` is no expression (3.3)"),
];

fn exception(name: &str) -> Option<&'static str> {
    EXCEPTIONS.iter().chain(&MORE).find(|(part, _)| name.contains(part)).map(|(_, why)| *why)
}

fn data() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("SANAD_DATA").map_or(root, PathBuf::from).join("sd-models");
    folder.is_dir().then_some(folder)
}

#[test]
fn public_models_give_their_expected_output() {
    let Some(folder) = data() else {
        eprintln!("skipped: no folder sd-models under SANAD_DATA");
        return;
    };
    let mut files = Vec::new();
    collect(&folder, &mut files);
    files.sort();
    let (mut passed, mut excepted, mut wrong) = (0, 0, Vec::new());
    for file in &files {
        let name = file.strip_prefix(&folder).unwrap_or(file).display().to_string();
        match (check(file), exception(&name)) {
            (Ok(note), None) => {
                passed += 1;
                println!("pass       {name:78} {note}");
            }
            (Ok(_), Some(_)) => wrong.push(format!("{name} passes and is listed as an exception")),
            (Err(_), Some(why)) => {
                excepted += 1;
                println!("exception  {name:78} {why}");
            }
            (Err(fault), None) => wrong.push(format!("{name}: {fault}")),
        }
    }
    println!("{passed} pass, {excepted} exceptions, {} fail, of {}", wrong.len(), files.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(passed >= 70, "only {passed} models were found and pass");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
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

/// Columns of numbers by canonical name; empty cells are none.
type Columns = Vec<(String, Vec<Option<f64>>)>;

fn expected(model: &Path) -> Option<Columns> {
    for (name, separator) in [("output.csv", ','), ("output.tab", '\t')] {
        if let Ok(bytes) = std::fs::read(model.with_file_name(name)) {
            let text = String::from_utf8_lossy(&bytes);
            // One comma-separated file holds tabs.
            let first = text.lines().next().unwrap_or_default();
            let separator = if first.contains('\t') { '\t' } else { separator };
            return Some(columns(&text, separator));
        }
    }
    None
}

fn columns(text: &str, separator: char) -> Columns {
    let lines = text.split(['\r', '\n']).filter(|line| !line.trim().is_empty());
    let mut rows = lines.map(|line| split(line, separator));
    let names = rows.next().unwrap_or_default();
    let mut columns: Columns = names.iter().map(|name| (spelled(name), Vec::new())).collect();
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

fn spelled(name: &str) -> String {
    canonical_name(name).replace(",_", ",")
}

#[test]
fn the_model_that_names_the_wrong_method_passes_with_the_right_one() {
    let Some(folder) = data() else {
        eprintln!("skipped: no folder sd-models under SANAD_DATA");
        return;
    };
    let file = folder.join("tests/zeroled_decimals/test_zeroled_decimals.xmile");
    assert!(check_with(&file, None).is_err());
    check_with(&file, Some(Method::Euler)).expect("Euler gives the expected numbers");
}

/// A column's worst difference relative to the larger of the two values, or to a twentieth of the
/// column's largest for values near zero: the outputs were printed with six digits, most of them
/// by programs that count in single precision.
fn check(file: &Path) -> Result<String, String> {
    check_with(file, None)
}

fn check_with(file: &Path, method: Option<Method>) -> Result<String, String> {
    let columns = expected(file).ok_or("no expected output")?;
    let bytes = std::fs::read(file).map_err(|fault| fault.to_string())?;
    let document = read_xmile(&bytes, &Limits::default()).map_err(|fault| fault.to_string())?;
    let model = Model::compile(&document).map_err(|fault| fault.to_string())?;
    let simulation = model
        .simulation(&[], &RunSettings { method, ..RunSettings::default() })
        .map_err(|fault| fault.to_string())?;
    let results = simulation.run(1, &Inputs::new()).map_err(|fault| fault.to_string())?;
    let Some(((_, times), rest)) = columns.split_first() else { return Err("empty".into()) };
    let names: Vec<String> = results.outputs().iter().map(|name| spelled(name)).collect();
    let mut compared = 0;
    let mut worst = (0.0, String::new());
    for (name, values) in rest {
        let Some(output) = names.iter().position(|found| found == name) else {
            if !["initial_time", "final_time", "time_step", "saveper"].contains(&name.as_str()) {
                return Err(format!("no variable {name}"));
            }
            continue;
        };
        compared += 1;
        let largest = values.iter().flatten().fold(0.0_f64, |most, value| most.max(value.abs()));
        for (time, value) in times.iter().zip(values) {
            let (Some(time), Some(value)) = (time, value) else { continue };
            let saved = nearest(results.times(), *time).ok_or(format!("no row at {time}"))?;
            let found = results.value(0, output, saved);
            let scale = value.abs().max(found.abs()).max(largest / 20.0).max(1e-6);
            let error = if found == *value { 0.0 } else { (found - value).abs() / scale };
            if error > worst.0 || error.is_nan() {
                worst = (error, format!("{name} at {time}: {found}, expected {value}"));
            }
        }
    }
    if worst.0.is_nan() || worst.0 > 1e-4 {
        return Err(worst.1);
    }
    if compared == 0 {
        return Err("nothing to compare".into());
    }
    Ok(format!("{compared} columns, {} rows, worst {:.0e}", times.len(), worst.0))
}

/// The row of a time printed with six digits.
fn nearest(times: &[f64], time: f64) -> Option<usize> {
    let place = times.partition_point(|&found| found < time - 1e-5 * time.abs().max(1.0) * 1.01);
    times.get(place).filter(|&&found| (found - time).abs() <= 1e-5 * time.abs().max(1.0) * 1.01)?;
    Some(place)
}
