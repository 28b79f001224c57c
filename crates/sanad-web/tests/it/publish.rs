//! A published folder: every link leads to something, every file is what the server gives, and a second
//! run says what changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use sanad_store::Observatory;
use sanad_web::{OpenObservatory, PublishSettings, Published, publish};

use crate::small;
use crate::support::{Workbench, copy, day};

/// Publishes with the records of so many months: the more, the longer it takes.
fn published(observatory: &Observatory, out: &Path, months_of_records: u16) -> Published {
    let opened = OpenObservatory { observatory: observatory.clone(), keep: None };
    let settings = PublishSettings { months_of_records, ..PublishSettings::new(day()) };
    publish(&settings, opened, out, &sanad_core::Silent).unwrap()
}

/// A run of the small country that tests share and leave as it is.
struct SharedRun {
    observatory: Observatory,
    home: tempfile::TempDir,
    run: Published,
    _folder: tempfile::TempDir,
}

static SHARED_RUN: LazyLock<SharedRun> = LazyLock::new(|| {
    let (observatory, folder) = small::observatory();
    let home = tempfile::tempdir().unwrap();
    let run = published(&observatory, &home.path().join("site"), 6);
    SharedRun { observatory, home, run, _folder: folder }
});

/// All files under a folder, by their path from there with slashes.
fn files(folder: &Path) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
                found.insert(name, path);
            }
        }
    }
    found
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// What the attributes `href` and `src` of a page lead to.
fn led(page: &str) -> Vec<String> {
    let found = [" href=\"", " src=\""].iter().flat_map(|start| page.split(start).skip(1));
    let led = found.filter_map(|rest| rest.split('"').next());
    led.map(|link| link.replace("&amp;", "&")).collect()
}

/// A path without its steps up.
fn stepped(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop().expect("a link leads out of the folder")),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Follows every link of every page of the folder. Gives how many there were.
fn every_link_holds(out: &Path) -> usize {
    let all = files(out);
    let mut count = 0;
    for (name, path) in all.iter().filter(|(name, _)| name.ends_with(".html")) {
        let page = text(path);
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        for link in led(&page) {
            count += 1;
            assert!(!link.starts_with('/') && !link.contains(':'), "{name} leads to {link}");
            let (file, place) = link.split_once('#').unwrap_or((&link, ""));
            let target = match (file, folder) {
                ("", _) => name.clone(),
                (file, "") => stepped(file),
                (file, folder) => stepped(&format!("{folder}/{file}")),
            };
            let found = all.get(&target);
            let found =
                found.unwrap_or_else(|| panic!("{name} leads to {link}, which is not there"));
            if !place.is_empty() {
                let there = format!("id=\"{place}\"");
                assert!(text(found).contains(&there), "{name} leads to {link}: no such place");
            }
        }
    }
    count
}

/// The address on a server of what a file holds; nothing for names that were cut, and for what has no
/// address there.
fn address(name: &str) -> Option<String> {
    if name == "changes.html" || name == "run.json" {
        return None;
    }
    let (stem, ending) = name.rsplit_once('.')?;
    let is_cut = stem.rsplit_once('-').is_some_and(|(_, hash)| {
        hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    if is_cut && !name.starts_with("assets/") {
        return None;
    }
    let mut parts = stem.split(',');
    let path = parts.next()?;
    let pairs: Vec<&str> = parts.collect();
    let path = match (path, ending) {
        ("index", "html") => "/".to_owned(),
        (path, "html") => format!("/{path}"),
        (path, ending) => format!("/{path}.{ending}"),
    };
    let mark = if pairs.is_empty() { "" } else { "?" };
    Some(format!("{path}{mark}{}", pairs.join("&")))
}

/// The cells of all tables of a page, without tags.
fn cells(page: &str) -> Vec<String> {
    let cells =
        page.split("<td").skip(1).filter_map(|rest| rest.split_once('>')?.1.split("</td>").next());
    let bare = |cell: &str| -> String {
        cell.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect()
    };
    cells.map(bare).collect()
}

#[test]
fn a_published_folder_has_no_broken_link_and_holds_what_the_server_gives() {
    let SharedRun { observatory, home, run, .. } = &*SHARED_RUN;
    let out = home.path().join("site");
    assert!(run.is_new && run.changes.is_empty() && run.folder == out.join("2026-01-31"));
    let links = every_link_holds(&out);
    assert!(links > 500, "{links}");
    // From another folder, as from a memory stick.
    let stick = tempfile::tempdir().unwrap();
    let moved = stick.path().join("a stick");
    copy(&out, &moved);
    assert_eq!(every_link_holds(&moved), links);
    let latest = text(&moved.join("latest/index.html"));
    assert!(latest.contains("url=../2026-01-31/index.html"), "{latest}");

    let workbench = Workbench::serve(observatory.clone(), stick);
    let mut compared = BTreeMap::<&str, usize>::new();
    for (name, path) in files(&moved.join("2026-01-31")) {
        let Some(address) = address(&name) else { continue };
        let reply = workbench.get(&address);
        let bytes = fs::read(&path).unwrap();
        let ending = name.rsplit_once('.').unwrap().1;
        if ending == "html" {
            assert!(matches!(reply.status, 200 | 404), "{address}: {}", reply.status);
            let page = String::from_utf8(bytes).unwrap();
            assert_eq!(cells(&page), cells(&reply.text()), "{address}");
            for absent in ["<form", "<script", "href=\"/", ".png"] {
                assert!(!page.contains(absent), "{address}: {absent}");
            }
        } else {
            assert_eq!(reply.status, 200, "{address}");
            assert!(bytes == reply.body, "{address} is not what is served");
        }
        let endings = ["html", "svg", "csv", "parquet", "json", "arrow", "css"];
        let ending = endings.iter().find(|one| **one == ending).expect("a known ending");
        *compared.entry(ending).or_default() += 1;
    }
    assert!(compared.len() == 7 && compared["svg"] > 10 && compared["html"] > 50, "{compared:?}");
}

#[test]
fn a_number_of_a_published_place_leads_to_its_records_and_a_zero_does_not() {
    let run = &SHARED_RUN.run;
    let place = text(&run.folder.join("place/X11.html"));
    let links = led(&place);
    let why: Vec<&String> = links.iter().filter(|link| link.contains("why,place=X11")).collect();
    assert!(why.len() > 5, "{links:?}");
    let page = text(&run.folder.join("place").join(why[0]));
    assert!(page.contains("Counts here") && page.contains("GEDEvent_v22_1.csv"), "{page}");
    assert!(place.contains("<span class=\"elsewhere\">0</span>"));
    assert!(text(&run.folder.join("why.html")).contains("sanad serve CASE"));
}

#[test]
fn a_second_run_says_what_changed_and_the_first_stays() {
    let (mut observatory, folder) = small::observatory();
    let home = tempfile::tempdir().unwrap();
    let first = published(&observatory, home.path(), 1);
    let again = published(&observatory, home.path(), 1);
    assert!(!again.is_new && again.folder == first.folder);
    let before = files(&first.folder);
    let bytes: BTreeMap<&String, Vec<u8>> =
        before.iter().map(|(name, path)| (name, fs::read(path).unwrap())).collect();

    // Another release: each month has one death more, and the record goes on for a year.
    small::import(&mut observatory, folder.path(), "GEDEvent_v23_1.csv", &small::events(48, 1));
    let second = published(&observatory, home.path(), 1);
    assert!(second.is_new && second.folder == home.path().join("2026-01-31-2"));
    let said = second.changes.join(" ");
    assert!(said.contains("12 new months: 2022-01 to 2022-12."), "{said}");
    assert!(said.contains("36 months were revised."), "{said}");
    let page = text(&second.folder.join("changes.html"));
    let row = "<td class=\"nowrap\">2019-03</td><td class=\"n\">2</td><td class=\"n\">3</td>";
    assert!(page.contains(row), "{page}");
    every_link_holds(home.path());
    for (name, bytes) in bytes {
        assert!(fs::read(&before[name]).unwrap() == bytes, "{name} of the first run changed");
    }

    let latest = text(&home.path().join("latest/index.html"));
    assert!(latest.contains("url=../2026-01-31-2/index.html"));
    let feed = text(&home.path().join("feed.atom"));
    assert_eq!(feed.matches("<entry>").count(), 2);
    let newest = feed.find("href=\"2026-01-31-2/changes.html\"").unwrap();
    assert!(newest < feed.find("href=\"2026-01-31/changes.html\"").unwrap());
    assert!(feed.contains("12 new months"), "{feed}");
}

#[test]
fn a_feed_tells_how_much_changed_and_names_no_place_and_no_event() {
    let feed = text(&SHARED_RUN.home.path().join("site/feed.atom"));
    for finer in ["2021-12-0", "Some organisation", "Hill", "30.5", "event_id"] {
        assert!(!feed.contains(finer), "{finer}");
    }
}

#[test]
fn a_folder_of_other_things_is_refused_and_left_as_it_is() {
    let (observatory, folder) = small::observatory();
    let opened = OpenObservatory { observatory, keep: None };
    let refused = publish(&PublishSettings::new(day()), opened, folder.path(), &sanad_core::Silent)
        .unwrap_err();
    assert!(refused.to_string().contains("which is no published run"), "{refused}");
    assert!(refused.hint().unwrap().contains("empty folder"));
    let names = files(folder.path());
    assert!(names.keys().all(|name| !name.ends_with(".html") && name != ".lock"), "{names:?}");
}
