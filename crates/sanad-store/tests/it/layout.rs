//! The observatory on disk: pointer, states, hashes, repair, compaction and the first layout.

use std::fs;
use std::path::{Path, PathBuf};

use sanad_store::doctor::{self, Severity};
use sanad_store::{Observatory, PanelRequest, Unit};

use crate::support::{
    Row, contents, csv_bytes, day, import_ged, incoming, month, numbers, sum, write_ged,
};

/// An empty observatory, in memory where there is such a place: these tests flush often.
fn empty() -> (tempfile::TempDir, Observatory) {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let observatory = Observatory::open_or_new(folder.path().join("o")).unwrap();
    (folder, observatory)
}

/// A release of two events.
fn release(folder: &Path, version: u32) -> PathBuf {
    let file = folder.join(format!("GEDEvent_v{version}_1.csv"));
    let on = format!("20{:02}-03-04", version - 1);
    let deaths = version as i32;
    write_ged(&file, &[Row::new(1, &on, deaths), Row::new(2, &on, deaths)]);
    file
}

/// An observatory of three releases, with their files.
fn three() -> (tempfile::TempDir, Observatory, Vec<PathBuf>) {
    let (folder, mut observatory) = empty();
    let files: Vec<PathBuf> = (20..23).map(|version| release(folder.path(), version)).collect();
    for file in &files {
        import_ged(&mut observatory, file);
    }
    (folder, observatory, files)
}

const COUNTED: &str = "SELECT version, COUNT(*) AS n, SUM(deaths_best) AS deaths FROM events_all \
                       GROUP BY version ORDER BY version";

fn counted(observatory: &Observatory) -> Vec<u8> {
    csv_bytes(&observatory.sql(COUNTED, 1).unwrap())
}

fn states(folder: &Path) -> Vec<PathBuf> {
    let all = contents(&folder.join("states")).into_keys();
    all.filter(|path| path.extension().is_some_and(|ending| ending == "toml")).collect()
}

#[test]
fn no_bit_of_the_pointer_can_flip_to_an_older_state() {
    let (folder, observatory, files) = three();
    let root = observatory.folder().to_owned();
    let whole = counted(&observatory);
    let pointer = root.join("CURRENT");
    let sound = fs::read(&pointer).unwrap();
    for byte in 0..sound.len() - 1 {
        for bit in [0, 1, 4] {
            let mut broken = sound.clone();
            broken[byte] ^= 1 << bit;
            fs::write(&pointer, &broken).unwrap();
            let error = Observatory::open(&root).unwrap_err();
            assert!(error.hint().unwrap().contains("sanad doctor"), "{error}");
        }
    }
    // A writer stops as well, and takes nothing away.
    let before = contents(&root);
    let next = release(folder.path(), 24);
    assert!(Observatory::open_or_new(&root).is_err());
    let mut open = observatory.clone();
    open.import_ged(&incoming(&next)).unwrap_err();
    assert_eq!(contents(&root), before);
    doctor::repair(&root).unwrap();
    let mut repaired = Observatory::open(&root).unwrap();
    assert_eq!(counted(&repaired), whole);
    assert!(import_ged(&mut repaired, &files[0]).already);
}

#[test]
fn an_older_pointer_put_back_is_an_error_with_a_way_out() {
    let (folder, mut observatory) = empty();
    let root = observatory.folder().to_owned();
    import_ged(&mut observatory, &release(folder.path(), 20));
    let older = fs::read(root.join("CURRENT")).unwrap();
    import_ged(&mut observatory, &release(folder.path(), 21));
    let whole = counted(&observatory);
    fs::write(root.join("CURRENT"), older).unwrap();
    let error = Observatory::open(&root).unwrap_err().to_string();
    assert!(error.contains("names state 1, and there is state 2"), "{error}");
    assert!(doctor::examine(&root).unwrap().is_damaged());
    assert!(!doctor::repair(&root).unwrap().is_damaged());
    assert_eq!(counted(&Observatory::open(&root).unwrap()), whole);
}

#[test]
fn a_pointer_lost_after_the_first_import_is_an_error_and_nothing_is_removed() {
    let (folder, mut observatory) = empty();
    let root = observatory.folder().to_owned();
    import_ged(&mut observatory, &release(folder.path(), 20));
    let whole = counted(&observatory);
    fs::remove_file(root.join("CURRENT")).unwrap();
    let before = contents(&root);
    assert!(Observatory::open(&root).is_err());
    assert!(Observatory::open_or_new(&root).is_err());
    assert_eq!(contents(&root), before);
    doctor::repair(&root).unwrap();
    assert_eq!(counted(&Observatory::open(&root).unwrap()), whole);
}

#[test]
fn a_damaged_state_is_made_again_from_an_earlier_one_and_the_cards() {
    let (_folder, observatory, _) = three();
    let root = observatory.folder().to_owned();
    let whole = counted(&observatory);
    let newest = states(&root).pop().unwrap();
    let text = fs::read_to_string(&newest).unwrap();
    fs::write(&newest, text.replacen("ucdp-ged", "ucdp-gef", 1)).unwrap();
    let error = Observatory::open(&root).unwrap_err().to_string();
    assert!(error.contains(newest.file_name().unwrap().to_str().unwrap()), "{error}");
    assert!(!doctor::repair(&root).unwrap().is_damaged());
    assert_eq!(counted(&Observatory::open(&root).unwrap()), whole);
}

#[test]
fn states_that_are_all_lost_are_made_again_from_the_cards() {
    let (_folder, observatory, _) = three();
    let root = observatory.folder().to_owned();
    let whole = counted(&observatory);
    for path in states(&root) {
        fs::remove_file(path).unwrap();
    }
    assert!(Observatory::open(&root).is_err());
    doctor::repair(&root).unwrap();
    assert_eq!(counted(&Observatory::open(&root).unwrap()), whole);
}

#[test]
fn every_flipped_bit_of_a_record_file_is_noticed_and_the_file_named() {
    let (_folder, observatory, _) = three();
    let root = observatory.folder().to_owned();
    let request = PanelRequest::new(Unit::Country, month("2019-01"), month("2021-12"));
    observatory.panel(&request, 1).unwrap();
    let file = observatory.snapshots()[2].files["event"][0].path.clone();
    let sound = fs::read(root.join(&file)).unwrap();
    for number in 0..16 {
        let byte = number * (sound.len() - 1) / 15;
        let mut broken = sound.clone();
        broken[byte] ^= 1 << (number % 8);
        fs::write(root.join(&file), broken).unwrap();
        let opened = Observatory::open(&root).unwrap();
        for error in [opened.sql(COUNTED, 1).map(drop), opened.panel(&request, 1).map(drop)] {
            let error = error.expect_err("a damaged file has no answer").to_string();
            assert!(error.contains(file.to_str().unwrap()), "byte {byte}: {error}");
        }
        let examined = doctor::examine(&root).unwrap();
        let found = examined.findings.iter().find(|one| one.path == file).unwrap();
        assert_eq!(found.severity, Severity::Damage);
        assert!(found.remedy.contains("GEDEvent_v22_1.csv"), "{}", found.remedy);
    }
}

#[test]
fn importing_the_same_source_again_restores_a_missing_or_damaged_file() {
    let (_folder, observatory, files) = three();
    let root = observatory.folder().to_owned();
    let whole = counted(&observatory);
    let order: Vec<String> =
        observatory.snapshots().iter().map(|snapshot| snapshot.id.clone()).collect();
    for (position, kind) in [(0, "event"), (1, "location"), (2, "diagnostic")] {
        let path = root.join(&observatory.snapshots()[position].files[kind][0].path);
        for damage in [None, Some("not a table")] {
            match damage {
                None => fs::remove_file(&path).unwrap(),
                Some(text) => fs::write(&path, text).unwrap(),
            }
            assert!(doctor::repair(&root).unwrap().is_damaged(), "only the source has it");
            let mut again = Observatory::open(&root).unwrap();
            let report = import_ged(&mut again, &files[position]);
            assert_eq!(report.restored.len(), 1, "{:?}", report.restored);
            assert!(!report.already);
            let opened = Observatory::open(&root).unwrap();
            assert_eq!(counted(&opened), whole);
            let now: Vec<String> =
                opened.snapshots().iter().map(|snapshot| snapshot.id.clone()).collect();
            assert_eq!(now, order, "a restored import keeps its place");
            assert!(!doctor::examine(&root).unwrap().is_damaged());
        }
    }
}

#[test]
fn kept_results_and_derived_tables_with_a_flipped_bit_are_computed_again() {
    let (_folder, observatory, _) = three();
    let root = observatory.folder().to_owned();
    let request = PanelRequest::new(Unit::Country, month("2019-01"), month("2021-12"));
    let whole = csv_bytes(&observatory.panel(&request, 1).unwrap());
    let kept: Vec<_> = ["derived", "results"]
        .iter()
        .flat_map(|name| contents(&root.join(name)))
        .filter(|(path, _)| path.extension().is_some_and(|ending| ending == "parquet"))
        .collect();
    assert!(kept.len() > 3, "{kept:?}");
    for (path, bytes) in kept {
        for number in 0..2 {
            let mut broken = bytes.clone();
            broken[(number + 1) * (bytes.len() - 1) / 3] ^= 1 << number;
            fs::write(&path, broken).unwrap();
            let panel = Observatory::open(&root).unwrap().panel(&request, 1).unwrap();
            assert_eq!(csv_bytes(&panel), whole, "{}", path.display());
        }
    }
}

#[test]
fn what_no_state_names_is_moved_aside_and_not_deleted() {
    let (folder, mut observatory, _) = three();
    let root = observatory.folder().to_owned();
    let lost = root.join("records/event/a-file-of-somebody.parquet");
    fs::write(&lost, "a record of some kind").unwrap();
    import_ged(&mut observatory, &release(folder.path(), 23));
    assert!(!lost.exists());
    let aside = contents(&root.join("aside"));
    assert!(aside.values().any(|bytes| bytes == b"a record of some kind"), "{aside:?}");
}

#[test]
fn states_stay_small_however_many_imports_there_are() {
    let (folder, mut observatory) = empty();
    let root = observatory.folder().to_owned();
    for number in 0..72 {
        let file =
            folder.path().join(format!("GEDEvent_v{}_0_{}.csv", 20 + number / 12, number % 12 + 1));
        let on = format!("{}-{:02}-04", 2020 + number / 12, number % 12 + 1);
        write_ged(&file, &[Row::new(i64::from(number), &on, 1)]);
        import_ged(&mut observatory, &file);
    }
    let bytes: usize = contents(&root.join("states")).values().map(Vec::len).sum();
    let cards: usize = contents(&root.join("sources")).values().map(Vec::len).sum();
    assert!(bytes < 4 * cards, "states have {bytes} bytes, cards {cards}");
    let rows =
        observatory.sql("SELECT COUNT(*) AS n, COUNT(DISTINCT snapshot) AS s FROM events_all", 1);
    let rows = rows.unwrap();
    assert_eq!((numbers(&rows, "n"), numbers(&rows, "s")), (vec![Some(72.0)], vec![Some(72.0)]));
    let files = contents(&root.join("records/event")).len();
    assert!(files < 72, "imports merge small files when they are many: {files} files");
}

#[test]
fn compaction_leaves_every_vintage_as_it_was() {
    let (_folder, mut observatory, files) = three();
    let root = observatory.folder().to_owned();
    let panels = |observatory: &Observatory| {
        let request = PanelRequest::new(Unit::Country, month("2019-01"), month("2021-12"));
        let dated = ["2026-01-30", "2026-01-31"]
            .map(|text| PanelRequest { as_of: Some(day(text)), ..request.clone() });
        let why = observatory.why(&request, "GW770", month("2021-03"), "deaths_best", 1);
        let all = [&request, &dated[1]].map(|it| csv_bytes(&observatory.panel(it, 1).unwrap()));
        (all, csv_bytes(&why.unwrap()), observatory.panel(&dated[0], 1).is_err())
    };
    let (counts, before) = (counted(&observatory), panels(&observatory));
    let done = observatory.compact().unwrap();
    assert!(done.files_after < done.files_before, "{done:?}");
    for kept in ["results", "derived"] {
        fs::remove_dir_all(root.join(kept)).unwrap();
    }
    let mut opened = Observatory::open(&root).unwrap();
    assert_eq!(contents(&root.join("records/event")).len(), 1);
    assert_eq!((counted(&opened), panels(&opened)), (counts.clone(), before));
    assert!(import_ged(&mut opened, &files[1]).already);
    assert!(!doctor::examine(&root).unwrap().is_damaged());
    // A merged file that is damaged is restored import by import.
    let merged = contents(&root.join("records/event")).into_keys().next().unwrap();
    fs::write(&merged, "gone").unwrap();
    for file in &files {
        import_ged(&mut opened, file);
    }
    assert_eq!(counted(&Observatory::open(&root).unwrap()), counts);
}

#[test]
fn many_events_go_into_a_file_per_year_and_count_the_same() {
    let (folder, mut observatory) = empty();
    let file = folder.path().join("GEDEvent_v22_1.csv");
    let rows: Vec<Row> =
        (0..140_000_i64).map(|id| Row::new(id, &format!("{}-05-06", 2015 + id % 3), 1)).collect();
    write_ged(&file, &rows);
    let report = import_ged(&mut observatory, &file);
    let files = &report.snapshot.files["event"];
    let years: Vec<_> = files.iter().map(|file| file.years).collect();
    assert_eq!(years, [Some([2015, 2015]), Some([2016, 2016]), Some([2017, 2017])]);
    assert!(files[1].path.to_string_lossy().contains("series=ucdp-ged/years=2016/"));
    let request = PanelRequest::new(Unit::Country, month("2015-01"), month("2017-12"));
    assert_eq!(sum(&observatory.panel(&request, 1).unwrap(), "deaths_best"), 140_000.0);
}

/// A copy of a small observatory that a program of the first layout made.
fn first_layout() -> (tempfile::TempDir, PathBuf) {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            let target = to.join(path.file_name().unwrap());
            if path.is_dir() {
                copy(&path, &target)
            } else {
                fs::copy(&path, &target).unwrap();
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("o");
    copy(&data("layout-1"), &root);
    (folder, root)
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn panel_of_districts(observatory: &Observatory) -> String {
    let request = PanelRequest::new(Unit::Adm2, month("2020-01"), month("2021-12"));
    String::from_utf8(csv_bytes(&observatory.panel(&request, 1).unwrap())).unwrap()
}

#[test]
fn an_observatory_of_the_first_layout_opens_with_the_numbers_it_had() {
    let (_folder, root) = first_layout();
    let before = contents(&root.join("records"));
    let observatory = Observatory::open(&root).unwrap();
    let expected = fs::read_to_string(data("layout-1-panel.csv")).unwrap();
    assert_eq!(panel_of_districts(&observatory), expected);
    assert_eq!(counted(&observatory), b"version,n,deaths\n21.1,1,3\n22.1,4,13\n");
    assert_eq!(contents(&root.join("records")), before);
}

#[test]
fn compaction_brings_the_first_layout_to_the_present_one() {
    let (_folder, root) = first_layout();
    let whole = counted(&Observatory::open(&root).unwrap());
    Observatory::open(&root).unwrap().compact().unwrap();
    let observatory = Observatory::open(&root).unwrap();
    assert_eq!(counted(&observatory), whole);
    let expected = fs::read_to_string(data("layout-1-panel.csv")).unwrap();
    assert_eq!(panel_of_districts(&observatory), expected);
    let files = observatory.snapshots().iter().flat_map(|one| one.files.values().flatten());
    assert!(files.clone().all(|file| file.digest.is_some()));
    let examined = doctor::examine(&root).unwrap();
    assert!(examined.findings.is_empty(), "{:?}", examined.findings);
}

#[test]
fn an_import_brings_the_first_layout_to_hashes_and_keeps_what_was_there() {
    let (folder, root) = first_layout();
    let mut observatory = Observatory::open_or_new(&root).unwrap();
    assert!(import_ged(&mut observatory, &data("GEDEvent_v22_1.csv")).already);
    import_ged(&mut observatory, &release(folder.path(), 23));
    let observatory = Observatory::open(&root).unwrap();
    assert_eq!(counted(&observatory), b"version,n,deaths\n21.1,1,3\n22.1,4,13\n23.1,2,46\n");
    let mut files = observatory.snapshots().iter().flat_map(|one| one.files.values().flatten());
    assert!(files.all(|file| file.digest.is_some()));
}

#[test]
fn a_first_layout_with_an_older_or_missing_pointer_is_repaired() {
    for pointer in [Some("1\n"), Some("2\n"), Some(""), None] {
        let (_folder, root) = first_layout();
        let whole = counted(&Observatory::open(&root).unwrap());
        match pointer {
            Some(text) => fs::write(root.join("CURRENT"), text).unwrap(),
            None => fs::remove_file(root.join("CURRENT")).unwrap(),
        }
        assert!(Observatory::open(&root).is_err(), "{pointer:?}");
        doctor::repair(&root).unwrap();
        assert_eq!(counted(&Observatory::open(&root).unwrap()), whole, "{pointer:?}");
    }
}

#[test]
fn paths_with_letters_that_mean_something_to_patterns_are_taken_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["[a]", "a*b", "who?", "100%", "%20", "a b#c", "é", "~", "{a}|`^<>\"", "a\\b"] {
        let mut observatory = Observatory::open_or_new(folder.path().join(name)).unwrap();
        import_ged(&mut observatory, &release(folder.path(), 20));
        assert_eq!(counted(&observatory), b"version,n,deaths\n20.1,2,40\n", "{name:?}");
    }
}

#[test]
fn a_folder_that_the_query_engine_cannot_name_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut names = vec![std::ffi::OsString::from("two\nlines")];
    #[cfg(unix)]
    names.push(std::os::unix::ffi::OsStringExt::from_vec(vec![b'a', 0xff]));
    for name in names {
        let error = Observatory::open_or_new(folder.path().join(name)).unwrap_err();
        assert!(error.to_string().contains("control character or is not UTF-8"), "{error}");
    }
}
