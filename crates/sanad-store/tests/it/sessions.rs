//! One observatory asked by many: threads at once, and programs with a runtime of their own.

use std::fs;
use std::path::{Path, PathBuf};

use sanad_store::{Observatory, PanelRequest, Unit, count_days, day_table};

use crate::support::{
    Row, csv_bytes, day, empty, import_ged, import_pakistan_without_figures, month, write_ged,
};

/// Events in districts of Pakistan, a few hundred days long.
pub(crate) fn observatory() -> (tempfile::TempDir, Observatory) {
    let (folder, mut observatory) = empty();
    let file = folder.path().join("GEDEvent_v22_1.csv");
    let districts = ["Karachi", "Bajaur agency", "Quetta district", ""];
    let rows: Vec<Row> = (0..300_i32)
        .map(|id| Row {
            where_prec: (id % 4 + 1) as u8,
            adm1: "Sindh province".to_owned(),
            adm2: districts[id as usize % 4].to_owned(),
            start: day("2018-01-01") + chrono::Days::new(id as u64),
            end: day("2018-01-01") + chrono::Days::new(id as u64 + id as u64 % 3),
            ..Row::new(i64::from(id), "2018-01-01", id % 7)
        })
        .collect();
    write_ged(&file, &rows);
    import_pakistan_without_figures(&mut observatory);
    import_ged(&mut observatory, &file);
    (folder, observatory)
}

fn request(unit: Unit) -> PanelRequest {
    PanelRequest::new(unit, month("2018-01"), month("2018-12"))
}

/// The answers to one question of each kind, as bytes.
pub(crate) fn answers(observatory: &Observatory) -> Vec<Vec<u8>> {
    let panel = |unit| csv_bytes(&observatory.panel(&request(unit), 2).unwrap());
    let why =
        observatory.why(&request(Unit::Country), "Pakistan", month("2018-03"), "deaths_best", 2);
    let events = observatory.country_events("ucdp-ged", 770, 2).unwrap();
    let all = events.iter().map(|event| ("all".to_owned(), event));
    let days = count_days(all, &observatory.places().unwrap());
    let statement =
        "SELECT place_id, COUNT(*) AS n FROM places GROUP BY place_id ORDER BY place_id";
    let tallies = observatory.tallies(&request(Unit::Adm1), 2).unwrap();
    vec![
        panel(Unit::Adm2),
        panel(Unit::Priogrid),
        csv_bytes(&why.unwrap()),
        csv_bytes(&observatory.counts("ucdp-ged", 770, None, 2).unwrap()),
        csv_bytes(&day_table(&days).unwrap()),
        csv_bytes(&observatory.sql(statement, 2).unwrap()),
        format!("{tallies:?}").into_bytes(),
    ]
}

/// Makes the next answers computed ones.
pub(crate) fn forget(observatory: &Observatory) {
    for kept in ["results", "derived"] {
        let _ = fs::remove_dir_all(observatory.folder().join(kept));
    }
}

#[test]
fn two_threads_that_ask_at_once_get_the_answers_that_one_gets() {
    let (_folder, observatory) = observatory();
    let alone = answers(&observatory);
    for _ in 0..2 {
        forget(&observatory);
        let (first, second) = std::thread::scope(|scope| {
            let ask = || scope.spawn(|| answers(&observatory));
            let (first, second) = (ask(), ask());
            (first.join().unwrap(), second.join().unwrap())
        });
        assert!(first == alone && second == alone);
    }
}

#[test]
fn a_program_with_a_runtime_of_its_own_gets_the_same_answers() {
    let (_folder, observatory) = observatory();
    let alone = answers(&observatory);
    let runtimes = [
        tokio::runtime::Builder::new_current_thread().build().unwrap(),
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap(),
    ];
    for runtime in runtimes {
        forget(&observatory);
        // Blocking inside a task, on a thread for blocking work, and without blocking at all.
        assert!(runtime.block_on(async { answers(&observatory) }) == alone);
        let (blocking, awaited) = (observatory.clone(), observatory.clone());
        forget(&observatory);
        let pair = runtime.block_on(async {
            let blocking = tokio::task::spawn_blocking(move || answers(&blocking));
            let awaited = tokio::spawn(awaited.run(|o| Ok::<_, sanad_store::Error>(answers(o))));
            (blocking.await.unwrap(), awaited.await.unwrap().unwrap())
        });
        assert!(pair.0 == alone && pair.1 == alone);
    }
}

#[test]
fn an_observatory_may_be_opened_asked_and_dropped_inside_a_task() {
    let (_folder, observatory) = observatory();
    let path = observatory.folder().to_owned();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let rows = runtime.block_on(async {
        let opened = Observatory::open(&path).unwrap();
        opened.sql("SELECT COUNT(*) AS n FROM events", 1).unwrap()
    });
    assert_eq!(csv_bytes(&rows), b"n\n300\n");
}

#[test]
fn a_question_that_panics_is_an_error_to_the_one_who_awaits_it() {
    let (_folder, observatory) = observatory();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let request = observatory.run(|_| -> Result<(), sanad_store::Error> { panic!("as it must") });
    let error = runtime.block_on(request).unwrap_err();
    assert!(format!("{error:?}").contains("without an answer"), "{error:?}");
    assert!(observatory.sql("SELECT 1", 1).is_ok());
}

/// Source files of this crate.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn plans_name_parquet_files_and_no_table_in_memory() {
    let all = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(all.len() > 20, "{all:?}");
    for path in all {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for word in ["register_batch", "read_batch", "MemTable", "register_udf", "register_udaf"] {
            assert!(!code.contains(word), "{} has {word}", path.display());
        }
    }
}

#[test]
fn a_kept_panel_does_not_answer_for_records_that_are_gone() {
    let (_folder, observatory) = observatory();
    observatory.panel(&request(Unit::Adm1), 1).unwrap();
    let snapshot = observatory.newest("ucdp-ged", None).unwrap();
    let file = observatory.path(&snapshot.files["event"][0].path);
    fs::remove_file(&file).unwrap();
    let error = observatory.panel(&request(Unit::Adm1), 1).unwrap_err().to_string();
    assert!(error.contains(&file.display().to_string()), "{error}");
    assert!(error.contains("it is missing"), "{error}");
}
