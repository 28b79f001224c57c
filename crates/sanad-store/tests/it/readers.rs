//! Readers beside a writer, and results that do not depend on threads.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use sanad_core::event::DateRule;
use sanad_store::{Observatory, PanelRequest, Unit, export};

use crate::support::{
    Row, contents, csv_bytes, day, empty, import_ged, import_pakistan_without_figures, incoming,
    month, sum, write_ged,
};

fn version(folder: &Path, year: i64, deaths: i32) -> std::path::PathBuf {
    let file = folder.join(format!("GEDEvent_v{year}_1.csv"));
    let rows: Vec<Row> = (1..200).map(|id| Row::new(id, "2019-03-04", deaths)).collect();
    write_ged(&file, &rows);
    file
}

fn request() -> PanelRequest {
    PanelRequest::new(Unit::Country, month("2019-01"), month("2019-12"))
}

#[test]
fn readers_see_one_state_or_another_while_a_writer_writes() {
    let (folder, mut writer) = empty();
    import_ged(&mut writer, &version(folder.path(), 20, 1));
    let path = writer.folder().to_owned();
    let first = Observatory::open(&path).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut last = 0.0;
                while !done.load(Ordering::Relaxed) {
                    let panel = Observatory::open(&path).unwrap().panel(&request(), 1).unwrap();
                    let deaths = sum(&panel, "deaths_best");
                    // Every version has 199 events, each with one death more than before.
                    assert_eq!(deaths % 199.0, 0.0);
                    assert!(deaths >= last, "a newer state was seen before an older one");
                    last = deaths;
                }
            });
        }
        for year in 21..27 {
            import_ged(&mut writer, &version(folder.path(), year, year as i32 - 19));
        }
        done.store(true, Ordering::Relaxed);
    });
    let of_first = first.panel(&request(), 1).unwrap();
    assert_eq!(sum(&of_first, "deaths_best"), 199.0, "an open observatory does not change");
    let leftovers: Vec<_> = contents(&path)
        .into_keys()
        .filter(|path| path.to_string_lossy().contains("unfinished"))
        .collect();
    assert!(leftovers.is_empty(), "{leftovers:?}");
}

#[test]
fn a_second_writer_is_told_to_wait() {
    let (folder, mut observatory) = empty();
    let file = version(folder.path(), 20, 1);
    import_ged(&mut observatory, &file);
    let lock = fs::File::create(observatory.folder().join(".lock")).unwrap();
    lock.try_lock().unwrap();
    let before = contents(observatory.folder());
    let next = version(folder.path(), 21, 2);
    let error = observatory.import_ged(&incoming(&next)).unwrap_err();
    assert!(error.to_string().contains("another process is writing"), "{error}");
    assert_eq!(contents(observatory.folder()), before);
    drop(lock);
    import_ged(&mut observatory, &next);
}

#[test]
fn panels_have_the_same_bits_on_one_thread_and_on_two() {
    let (folder, mut observatory) = empty();
    let file = folder.path().join("GEDEvent_v22_1.csv");
    let districts = ["Karachi", "Bajaur agency", "Chitral district", "Nowhere", ""];
    let rows: Vec<Row> = (0..400_i32)
        .map(|id| Row {
            where_prec: (id % 6 + 1) as u8,
            adm2: districts[id as usize % 5].to_owned(),
            adm1: ["Sindh province", "FATA"][id as usize % 2].to_owned(),
            violence: (id % 3 + 1) as u8,
            start: day("2018-05-01") + chrono::Days::new(id as u64 % 90),
            end: day("2018-05-01") + chrono::Days::new(id as u64 % 90 + id as u64 % 40),
            civilians: id % 3,
            ..Row::new(i64::from(id), "2018-05-01", id % 7)
        })
        .collect();
    write_ged(&file, &rows);
    import_pakistan_without_figures(&mut observatory);
    import_ged(&mut observatory, &file);
    for (unit, rule) in [
        (Unit::Adm2, DateRule::Spread),
        (Unit::Adm1, DateRule::Start),
        (Unit::Priogrid, DateRule::End),
    ] {
        let request = PanelRequest {
            date_rule: rule,
            ..PanelRequest::new(unit, month("2018-03"), month("2018-12"))
        };
        let bytes = |threads: usize| {
            for kept in ["results", "derived"] {
                let _ = fs::remove_dir_all(observatory.folder().join(kept));
            }
            let panel = observatory.panel(&request, threads).unwrap();
            let parquet = folder.path().join("panel.parquet");
            export::write_file(&panel, None, &parquet).unwrap();
            let kept: Vec<Vec<u8>> =
                contents(&observatory.folder().join("results")).into_values().collect();
            (csv_bytes(&panel), fs::read(&parquet).unwrap(), kept)
        };
        assert!(bytes(1) == bytes(2), "{} by {rule}", unit.as_str());
    }
}

#[test]
fn a_kept_table_that_was_damaged_is_computed_again() {
    let (folder, mut observatory) = empty();
    import_ged(&mut observatory, &version(folder.path(), 20, 3));
    let before = csv_bytes(&observatory.panel(&request(), 1).unwrap());
    for (path, bytes) in contents(observatory.folder()) {
        if path.to_string_lossy().contains("derived") || path.ends_with("table.parquet") {
            fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        }
    }
    assert_eq!(csv_bytes(&observatory.panel(&request(), 1).unwrap()), before);
    observatory.sql("SELECT COUNT(*) FROM events", 1).unwrap();
}
