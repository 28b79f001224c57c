//! Which file of a crate uses which, read from `use` declarations and from paths that begin with
//! `crate`, `super` or `self`.
//!
//! This reads text as rustfmt lays it out and does not parse Rust. A name that a module passes on
//! (`pub use`) is followed to the file that it comes from. Passing on what a child holds is no use,
//! and neither is declaring the child. Code under `#[cfg(test)]` is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A module's place in its crate, from the root down. The root has none.
type ModulePath = Vec<String>;

/// One name of a `use` declaration, or a path in the code.
#[derive(Debug, Clone, PartialEq)]
struct Use {
    path: Vec<String>,
    /// The name under which it is known in the module, `*` for all; empty for a path in the code.
    name: String,
    is_passed_on: bool,
}

/// A file of a crate.
struct Module {
    file: String,
    code: String,
    uses: Vec<Use>,
}

type Modules = BTreeMap<ModulePath, Module>;

/// The Rust files under a crate's `src`, by path from there, with their text.
pub(super) fn files(src: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![src.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let shown = path.strip_prefix(src).unwrap().to_str().unwrap().replace('\\', "/");
                found.insert(shown, fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

/// The sets of two or more files that use one another in a circle.
pub(super) fn circles(files: &BTreeMap<String, String>) -> Vec<BTreeSet<String>> {
    let edges = edges(&modules(files));
    let reach: BTreeMap<&String, BTreeSet<&String>> =
        edges.keys().map(|file| (file, reachable(file, &edges))).collect();
    let mut circles = BTreeSet::new();
    for (file, others) in &reach {
        let circle: BTreeSet<String> = others
            .iter()
            .filter(|other| reach[*other].contains(*file))
            .map(|&other| other.clone())
            .collect();
        if circle.len() > 1 {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

/// What is reached from a file by one step or more.
fn reachable<'a>(
    from: &String,
    edges: &'a BTreeMap<String, BTreeSet<String>>,
) -> BTreeSet<&'a String> {
    let mut found = BTreeSet::new();
    let mut next: Vec<&String> = edges[from].iter().collect();
    while let Some(file) = next.pop() {
        if found.insert(file) {
            next.extend(&edges[file]);
        }
    }
    found
}

fn module_path(file: &str) -> ModulePath {
    let mut path: ModulePath = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    let is_root = path.len() == 1 && (path[0] == "lib" || path[0] == "main");
    if is_root || path.last().is_some_and(|name| name == "mod") {
        path.pop();
    }
    path
}

/// The modules of a crate without those that only tests see.
fn modules(files: &BTreeMap<String, String>) -> Modules {
    let mut modules = Modules::new();
    let mut of_tests: Vec<ModulePath> = Vec::new();
    for (file, text) in files {
        let path = module_path(file);
        let (code, test_modules) = without_tests(text);
        of_tests.extend(test_modules.into_iter().map(|name| joined(&path, &[name])));
        let (uses, code) = split_uses(&code);
        modules.insert(path, Module { file: file.clone(), code, uses });
    }
    modules.retain(|path, _| !of_tests.iter().any(|test| path.starts_with(test)));
    modules
}

fn joined(path: &[String], more: &[String]) -> ModulePath {
    path.iter().chain(more).cloned().collect()
}

/// The text without comments that fill a line and without items under `#[cfg(test)]`, and the
/// names of the modules in other files among those items.
fn without_tests(text: &str) -> (String, Vec<String>) {
    let (mut code, mut test_modules) = (String::new(), Vec::new());
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            code.push_str(line);
            code.push('\n');
            continue;
        }
        let indent = indentation(line);
        // The item ends on the first line that is not set in further and closes something.
        let item = lines.by_ref().skip_while(|line| indentation(line) > indent || !closes(line));
        let last = item.map(str::trim).next().unwrap_or_default();
        let name = last.strip_suffix(';').and_then(|item| item.split_once("mod "));
        test_modules.extend(name.map(|(_, name)| name.to_owned()));
    }
    (code, test_modules)
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn closes(line: &str) -> bool {
    line.trim_end().ends_with([';', '}'])
}

/// The names that `use` declarations bring in, and the code without these declarations.
fn split_uses(code: &str) -> (Vec<Use>, String) {
    let (mut uses, mut rest) = (Vec::new(), String::new());
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        let Some((visibility, tree)) = use_declaration(line.trim_start()) else {
            rest.push_str(line);
            rest.push('\n');
            continue;
        };
        let mut declaration = tree.to_owned();
        while !declaration.contains(';') {
            let Some(more) = lines.next() else { break };
            declaration.push_str(more);
        }
        let tree = declaration.split(';').next().unwrap_or_default();
        leaves(tree, &[], !visibility.is_empty(), &mut uses);
    }
    (uses, rest)
}

/// Visibility and tree of a line that begins a `use` declaration.
fn use_declaration(line: &str) -> Option<(&str, &str)> {
    if let Some(tree) = line.strip_prefix("use ") {
        return Some(("", tree));
    }
    let (visibility, tree) = line.split_once(" use ")?;
    let is_visibility = visibility == "pub" || visibility.starts_with("pub(");
    is_visibility.then_some((visibility, tree))
}

/// Adds the names of a tree such as `a::{b, c::{self, d as e}}`.
fn leaves(tree: &str, prefix: &[String], is_passed_on: bool, uses: &mut Vec<Use>) {
    let tree = tree.trim();
    if let Some((path, group)) = tree.split_once('{') {
        let path = joined(prefix, &segments(path));
        let group = group.trim_end().strip_suffix('}').unwrap_or(group);
        for part in parts(group) {
            leaves(part, &path, is_passed_on, uses);
        }
    } else if !tree.is_empty() {
        let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(p, a)| (p, Some(a)));
        let mut path = joined(prefix, &segments(path));
        if !prefix.is_empty() && path.last().is_some_and(|name| name == "self") {
            path.pop();
        }
        let name = alias.map(str::trim).or(path.last().map(String::as_str)).unwrap_or_default();
        uses.push(Use { name: name.to_owned(), path, is_passed_on });
    }
}

fn segments(path: &str) -> Vec<String> {
    path.split("::").map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The parts of a group between commas that stand in no further group.
fn parts(group: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    group
        .split(|character| {
            match character {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            character == ',' && depth == 0
        })
        .collect()
}

/// The paths in code that begin with `crate`, `super` or `self`.
fn paths_in_code(code: &str) -> Vec<Use> {
    let mut found = Vec::new();
    for start in ["crate::", "super::", "self::"] {
        for (offset, _) in code.match_indices(start) {
            let before = &code[..offset];
            let goes_on = before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
            // `pub(in crate::a)` says who may see, and uses nothing.
            if goes_on || before.ends_with("(in ") {
                continue;
            }
            let rest = &code[offset..];
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
            let path = segments(&rest[..end.unwrap_or(rest.len())]);
            found.push(Use { path, name: String::new(), is_passed_on: false });
        }
    }
    found
}

fn edges(modules: &Modules) -> BTreeMap<String, BTreeSet<String>> {
    let mut edges = BTreeMap::new();
    for (path, module) in modules {
        let mut targets = BTreeSet::new();
        for used in module.uses.iter().chain(&paths_in_code(&module.code)) {
            let Some(target) = absolute(modules, path, &used.path) else { continue };
            let target = resolve(modules, target, 0);
            let passes_on_a_child = used.is_passed_on && target.starts_with(path);
            if target != *path && !passes_on_a_child {
                targets.insert(modules[&target].file.clone());
            }
        }
        edges.insert(module.file.clone(), targets);
    }
    edges
}

/// The path from the crate's root, or none where another crate is meant.
fn absolute(modules: &Modules, from: &[String], path: &[String]) -> Option<ModulePath> {
    let first = path.first()?.as_str();
    if first == "crate" {
        return Some(path[1..].to_vec());
    }
    if first == "super" || first == "self" {
        let steps = path.iter().take_while(|name| matches!(name.as_str(), "super" | "self"));
        let up = steps.clone().filter(|name| *name == "super").count();
        return Some(joined(&from[..from.len().saturating_sub(up)], &path[steps.count()..]));
    }
    let child = joined(from, &path[..1]);
    modules.contains_key(&child).then(|| joined(from, path))
}

/// The module of the file that a path leads to; what a module passes on is followed.
fn resolve(modules: &Modules, path: ModulePath, steps: usize) -> ModulePath {
    let known = (0..=path.len()).rev().find(|&length| modules.contains_key(&path[..length]));
    let module = path[..known.unwrap_or(0)].to_vec();
    let Some(name) = path.get(module.len()) else { return module };
    let Some(found) = modules.get(&module) else { return module };
    // Names go through a handful of modules; more would be a circle of `use` alone.
    if steps < 16 {
        for used in found.uses.iter().filter(|used| used.name == *name) {
            let target = absolute(modules, &module, &used.path).filter(|target| *target != path);
            if let Some(target) = target {
                let further = &path[module.len() + 1..];
                return resolve(modules, joined(&target, further), steps + 1);
            }
        }
    }
    everything_from(modules, &module, name).unwrap_or(module)
}

/// The module that defines a name which another has by `use module::*`.
fn everything_from(modules: &Modules, module: &[String], name: &str) -> Option<ModulePath> {
    let globs = modules[module].uses.iter().filter(|used| used.name == "*");
    let sources =
        globs.filter_map(|glob| absolute(modules, module, &glob.path[..glob.path.len() - 1]));
    sources
        .into_iter()
        .find(|source| modules.get(source).is_some_and(|source| defines(&source.code, name)))
}

fn defines(code: &str, name: &str) -> bool {
    let kinds = ["struct", "enum", "trait", "type", "fn", "const", "static"];
    kinds.iter().any(|kind| {
        let definition = format!("{kind} {name}");
        code.match_indices(&definition).any(|(offset, _)| {
            let after = code[offset + definition.len()..].chars().next();
            !after.is_some_and(|c| c.is_alphanumeric() || c == '_')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crate_of(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        files.iter().map(|&(file, text)| (file.to_owned(), text.to_owned())).collect()
    }

    fn names(files: &[&str]) -> BTreeSet<String> {
        files.iter().map(|&file| file.to_owned()).collect()
    }

    #[test]
    fn files_that_use_one_another_are_a_circle() {
        let files = crate_of(&[
            ("lib.rs", "mod a;\nmod b;\nmod c;\npub use a::A;\n"),
            ("a.rs", "use crate::{\n    b::{self, B as Other},\n};\n"),
            ("b/mod.rs", "pub(crate) fn f() -> super::c::C {}\n"),
            ("c.rs", "use crate::A;\n"),
        ]);
        assert_eq!(circles(&files), [names(&["a.rs", "b/mod.rs", "c.rs"])]);
    }

    #[test]
    fn declaring_or_passing_on_a_child_is_no_use() {
        let files = crate_of(&[
            ("lib.rs", "mod a;\npub use a::*;\npub struct Error;\n"),
            ("a.rs", "use super::Error;\npub(in crate::b) struct A;\n"),
            ("b.rs", "use crate::a::A;\n"),
        ]);
        assert!(circles(&files).is_empty());
    }

    #[test]
    fn a_name_that_the_root_has_from_everything_of_a_child_leads_to_the_child() {
        let files = crate_of(&[
            ("lib.rs", "mod a;\nmod b;\npub use a::*;\n"),
            ("a.rs", "use crate::b;\npub struct A;\n"),
            ("b.rs", "use crate::A;\n"),
        ]);
        assert_eq!(circles(&files), [names(&["a.rs", "b.rs"])]);
    }

    #[test]
    fn what_only_tests_and_comments_name_is_left_out() {
        let files = crate_of(&[
            ("main.rs", "mod a;\n#[cfg(test)]\nmod t;\n"),
            ("a.rs", "/// See `crate::b`.\n#[cfg(test)]\nmod tests {\n    use crate::b;\n}\n"),
            ("b.rs", "use crate::a;\n"),
            ("t.rs", "use crate::u;\n"),
            ("u.rs", "use crate::t;\n"),
        ]);
        assert!(circles(&files).is_empty());
        let after = crate_of(&[
            ("a.rs", "#[cfg(test)]\nuse std::fs;\nuse crate::b;\n"),
            ("b.rs", "use crate::a;\n"),
        ]);
        assert_eq!(circles(&after), [names(&["a.rs", "b.rs"])]);
    }
}
