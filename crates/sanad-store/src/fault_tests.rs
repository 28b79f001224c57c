//! Every call that changes the disk fails in turn: what was published stays whole.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use crate::disk::faults::{CallFault, read_only, read_only_on_threads, with_fault};
use crate::error::{Error, Result};
use crate::import::ImportFile;
use crate::observatory::Observatory;
use crate::{PanelRequest, ScratchFolder, Unit, doctor};

const FAULTS: [CallFault; 3] = [CallFault::Once, CallFault::Done, CallFault::Forever];

/// A temporary folder, in memory where there is such a place: these tests flush ten thousand times.
fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 31).unwrap()
}

/// A release of a source with `events` events of one death each, in the year of its version.
fn write_release(folder: &Path, version: u32, events: u32) -> PathBuf {
    write_release_of_years(folder, version, events, &[version])
}

/// A release whose events are in these years of the century in turns.
fn write_release_of_years(folder: &Path, version: u32, events: u32, years: &[u32]) -> PathBuf {
    let mut text = "id,type_of_violence,conflict_new_id,dyad_new_id,side_a_new_id,side_a,\
        side_b_new_id,side_b,where_prec,adm_1,adm_2,latitude,longitude,country,country_id,\
        date_prec,date_start,date_end,deaths_a,deaths_b,deaths_civilians,deaths_unknown,best,\
        high,low\n"
        .to_owned();
    for (id, year) in (1..=events).zip(years.iter().cycle()) {
        text.push_str(&format!(
            "{id},1,1,1,1,A,2,B,1,North,Hill,30.5,70.5,X,770,1,20{year}-03-04,20{year}-03-04,\
             1,0,0,0,1,1,1\n"
        ));
    }
    let path = folder.join(format!("GEDEvent_v{}_1.csv", version + 1));
    fs::write(&path, text).unwrap();
    path
}

fn import(folder: &Path, file: &Path) -> Result<()> {
    import_into(Observatory::open_or_new(folder)?, file)
}

fn import_into(mut observatory: Observatory, file: &Path) -> Result<()> {
    let file = ImportFile {
        path: file,
        card: None,
        strict: false,
        today: today(),
        progress: &sanad_core::Silent,
    };
    observatory.import_ged(&file).map(drop)
}

/// Every file of a folder, with those that lie deeper.
fn files_of(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let deeper = |path: PathBuf| if path.is_dir() { files_of(&path) } else { vec![path] };
    let mut found: Vec<PathBuf> = entries.flat_map(deeper).collect();
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// What an observatory holds: every snapshot with the number of its events, each file of which is as
/// it was written. Nothing where there is no observatory.
fn holds(folder: &Path) -> Vec<(String, usize)> {
    let observatory = match Observatory::open(folder) {
        Ok(observatory) => observatory,
        Err(Error::NotAnObservatory { .. }) => return Vec::new(),
        Err(e) => panic!("the observatory does not open: {e}"),
    };
    let all = observatory.snapshots().iter().map(|snapshot| {
        for file in snapshot.files.values().flatten() {
            observatory.sound_file(file).unwrap();
        }
        let (_, events) = observatory.record_table(snapshot, "event").unwrap();
        (snapshot.id.clone(), events.num_rows())
    });
    all.collect()
}

/// Lets each call of `change` on a copy of `before` fail in turn. Afterwards the observatory must
/// hold what it held, or what `change` makes of it; and `change` must work when it is left alone.
fn fail_each_call(name: &str, before: &Path, change: impl Fn(&Path) -> Result<()>) {
    let folder = scratch();
    let whole = folder.path().join("whole");
    copy(before, &whole);
    let old = holds(&whole);
    change(&whole).unwrap();
    let new = holds(&whole);
    for fault in FAULTS {
        for first in 0.. {
            let tried = folder.path().join(format!("{fault:?}-{first}"));
            copy(before, &tried);
            let (result, failed) = with_fault(fault, first, || change(&tried));
            let Some(failed) = failed else {
                assert!(first > 20, "{name}: only {first} calls were seen");
                break;
            };
            let place = format!("{name}, {fault:?}, call {first}: {failed}");
            let after = holds(&tried);
            assert!(after == old || after == new, "{place}: neither old nor new: {after:?}");
            assert!(result.is_err() || after == new, "{place}: done, and nothing changed");
            change(&tried).unwrap_or_else(|e| panic!("{place}: again: {e}"));
            assert_eq!(holds(&tried), new, "{place}: again");
            let examined = doctor::examine(&tried).unwrap();
            assert!(!examined.is_damaged(), "{place}: {:?}", examined.findings);
            fs::remove_dir_all(&tried).unwrap();
        }
    }
}

#[test]
fn a_first_import_of_which_any_call_fails_leaves_nothing_or_all() {
    let folder = scratch();
    let file = write_release(folder.path(), 20, 2);
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    fail_each_call("first import", &empty, |observatory| import(observatory, &file));
}

#[test]
fn every_folder_above_a_new_observatory_is_flushed() {
    let folder = scratch();
    let file = write_release(folder.path(), 20, 2);
    let mut reported = Vec::new();
    for first in 0.. {
        let base = folder.path().join(format!("{first}"));
        fs::create_dir(&base).unwrap();
        let observatory = base.join("a/b");
        let (result, failed) = with_fault(CallFault::Once, first, || import(&observatory, &file));
        let Some(failed) = failed else { break };
        if result.is_err() {
            reported.push(failed.replace(&base.display().to_string(), "BASE"));
        }
    }
    for above in ["Flush BASE", "Flush BASE/a", "Flush BASE/a/b"] {
        assert!(reported.iter().any(|call| call == above), "{above} is not among {reported:?}");
    }
}

#[test]
fn nothing_in_a_scratch_folder_is_flushed_and_all_is_written() {
    let folder = scratch();
    let file = write_release(folder.path(), 20, 2);
    let mut calls = Vec::new();
    for first in 0.. {
        let observatory = ScratchFolder::new().unwrap();
        let work = || import(observatory.path(), &file);
        let (_, failed) = with_fault(CallFault::Once, first, work);
        let Some(failed) = failed else {
            assert_eq!(holds(observatory.path()).len(), 1);
            break;
        };
        calls.push(failed);
    }
    assert!(calls.iter().any(|call| call.starts_with("Rename")), "{calls:?}");
    assert!(!calls.iter().any(|call| call.starts_with("Flush")), "{calls:?}");
}

#[test]
fn an_import_of_which_any_call_fails_leaves_the_old_state_or_the_new() {
    let folder = scratch();
    let observatory = folder.path().join("o");
    import(&observatory, &write_release(folder.path(), 20, 2)).unwrap();
    let next = write_release(folder.path(), 21, 3);
    fail_each_call("next import", &observatory, |observatory| import(observatory, &next));
}

#[test]
fn an_import_in_parts_of_which_any_call_fails_leaves_the_old_state_or_the_new() {
    let folder = scratch();
    let observatory = folder.path().join("o");
    import(&observatory, &write_release(folder.path(), 20, 2)).unwrap();
    let next = write_release(folder.path(), 21, 3);
    // The last row comes again: the file is read and written twice.
    let text = fs::read_to_string(&next).unwrap();
    let last = text.lines().last().unwrap();
    fs::write(&next, format!("{text}{last}\n")).unwrap();
    fail_each_call("import in parts", &observatory, |folder| {
        import_into(Observatory::open_or_new(folder)?.with_parts_above(0), &next)
    });
}

#[test]
fn a_year_whose_file_cannot_be_written_leaves_nothing_of_the_other_years() {
    let folder = scratch();
    let observatory = folder.path().join("o");
    import(&observatory, &write_release(folder.path(), 20, 2)).unwrap();
    // More than go into one file.
    let many = write_release_of_years(folder.path(), 21, 140_000, &[16, 17, 18]);
    let (before, files) = (holds(&observatory), files_of(&observatory));
    for bytes in [u64::MAX, 0] {
        let opened = Observatory::open(&observatory).unwrap().with_parts_above(bytes);
        let tried = read_only_on_threads(&["years=2017"], || import_into(opened, &many));
        assert!(matches!(&tried, Err(Error::Io { .. })), "{tried:?}");
        assert_eq!((holds(&observatory), files_of(&observatory)), (before.clone(), files.clone()));
    }
    import(&observatory, &many).unwrap();
    assert_eq!(holds(&observatory).last().unwrap().1, 140_000);
}

#[test]
fn a_compaction_of_which_any_call_fails_loses_nothing() {
    let folder = scratch();
    let observatory = folder.path().join("o");
    for version in 20..23 {
        import(&observatory, &write_release(folder.path(), version, 2)).unwrap();
    }
    fail_each_call("compaction", &observatory, |observatory| {
        Observatory::open(observatory)?.compact().map(drop)
    });
}

#[test]
fn a_repair_of_which_any_call_fails_loses_nothing() {
    let folder = scratch();
    let observatory = folder.path().join("o");
    for version in 20..23 {
        import(&observatory, &write_release(folder.path(), version, 2)).unwrap();
    }
    let whole = holds(&observatory);
    fs::write(observatory.join("CURRENT"), "1\n").unwrap();
    for fault in FAULTS {
        for first in 0.. {
            let tried = folder.path().join("tried");
            copy(&observatory, &tried);
            let (_, failed) = with_fault(fault, first, || doctor::repair(&tried));
            let Some(failed) = failed else { break };
            doctor::repair(&tried).unwrap();
            assert_eq!(holds(&tried), whole, "{fault:?}, call {first}: {failed}");
            fs::remove_dir_all(&tried).unwrap();
        }
    }
}

#[test]
fn a_restoring_import_of_which_any_call_fails_can_be_done_again() {
    let folder = scratch();
    let observatory = folder.path().join("o");
    let file = write_release(folder.path(), 20, 2);
    import(&observatory, &file).unwrap();
    let whole = holds(&observatory);
    let opened = Observatory::open(&observatory).unwrap();
    let event = opened.path(&opened.snapshots()[0].files["event"][0].path);
    fs::write(event, "gone").unwrap();
    for fault in FAULTS {
        for first in 0.. {
            let tried = folder.path().join("tried");
            copy(&observatory, &tried);
            let (_, failed) = with_fault(fault, first, || import(&tried, &file));
            let Some(failed) = failed else { break };
            import(&tried, &file).unwrap();
            assert_eq!(holds(&tried), whole, "{fault:?}, call {first}: {failed}");
            fs::remove_dir_all(&tried).unwrap();
        }
    }
}

#[test]
fn a_pointer_whose_folder_is_not_flushed_is_reported_and_its_files_stay() {
    let folder = scratch();
    let observatory = folder.path().join("o");
    import(&observatory, &write_release(folder.path(), 20, 2)).unwrap();
    let next = write_release(folder.path(), 21, 3);
    let unconfirmed = (0..).map_while(|first| {
        let tried = folder.path().join(format!("{first}"));
        copy(&observatory, &tried);
        let (result, failed) = with_fault(CallFault::Once, first, || import(&tried, &next));
        failed.map(|_| (result, tried))
    });
    let found: Vec<_> = unconfirmed
        .filter(|(result, _)| matches!(result, Err(Error::Unconfirmed { .. })))
        .collect();
    assert!(!found.is_empty(), "the flush after the pointer's rename is among the calls");
    for (_, tried) in found {
        assert_eq!(holds(&tried).len(), 2);
    }
}

#[test]
fn a_panel_of_an_observatory_that_cannot_be_written_to_is_kept_elsewhere() {
    let folder = scratch();
    let observatory = folder.path().join("o");
    import(&observatory, &write_release(folder.path(), 20, 2)).unwrap();
    let month = |text: &str| text.parse().unwrap();
    let request = PanelRequest::new(Unit::Country, month("2020-01"), month("2020-12"));
    let files = || {
        let mut found = Vec::new();
        for name in ["derived", "results"] {
            found.extend(fs::read_dir(observatory.join(name)).into_iter().flatten().flatten());
        }
        found.len()
    };
    let opened = Observatory::open(&observatory).unwrap();
    let panel = read_only(&["o", "sanad"], || opened.panel(&request, 1)).unwrap();
    assert_eq!(panel.num_rows(), 12);
    assert_eq!(files(), 0, "the observatory was written to");
    let again = opened.panel(&request, 1).unwrap();
    assert_eq!(again.columns(), panel.columns(), "it is found where it was kept");
    assert_eq!(files(), 0, "it is computed once");
}
